"""Trials that randomised groups of people: the design effect and what follows from it.

References
----------
Donner A, Klar N (2000). Design and analysis of cluster randomization trials in health
research. Arnold.
Eldridge SM, Ashby D, Kerry S (2006). Sample size for cluster randomized trials: effect of
coefficient of variation of cluster size and analysis method. International Journal of
Epidemiology 35:1292-1300.
Cochrane Handbook for Systematic Reviews of Interventions, section 23.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import format_number
from evidence.effects.arguments import Floats, checked
from evidence.effects.measures.choices import refuse_where
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["design_effect", "effective_sample_size", "inflate_for_clustering"]


def design_effect(
    *,
    cluster_size: ArrayLike,
    intracluster_correlation: ArrayLike,
    cluster_size_cv: ArrayLike = 0.0,
) -> Floats:
    """Return by how much clustering multiplies the variance: 1 + ((1 + CV²) m - 1) ICC.

    With clusters of one size it is the well-known 1 + (m - 1) ICC (Handbook 23.1.4); unequal
    sizes make it larger (Eldridge, Ashby and Kerry 2006).

    Parameters
    ----------
    cluster_size
        Mean number m of people in a cluster, at least one, a number or shape (k,).
    intracluster_correlation
        ICC, between 0 and 1; from the trial, or from similar ones.
    cluster_size_cv
        Coefficient of variation of the sizes (SD over mean); 0 for equal ones.

    Returns
    -------
    array, shape (k,)
        At least 1.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"cluster_size": 1, "intracluster_correlation": 0, "cluster_size_cv": 0},
        cluster_size=cluster_size,
        intracluster_correlation=intracluster_correlation,
        cluster_size_cv=cluster_size_cv,
    )
    size, icc, cv = given.values()
    refuse_where(icc > 1, "intracluster_correlation of {study} is above 1.")
    return np.asarray(1 + ((1 + cv**2) * size - 1) * icc)


def effective_sample_size(*, count: ArrayLike, design_effect: ArrayLike) -> Floats:
    """Return the number of people, or of events, that independent people would have to be.

    Divide the people and the events of both arms; means and SDs stay as they are (Handbook
    23.1.4). The result is not rounded.

    Parameters
    ----------
    count
        People or events, a number or shape (k,).
    design_effect
        From `design_effect`, at least 1.

    Returns
    -------
    array, shape (k,)
    """
    given = checked({"count": 0, "design_effect": 1}, count=count, design_effect=design_effect)
    return np.asarray(given["count"] / given["design_effect"])


def inflate_for_clustering(effects: EffectSizes, *, design_effect: ArrayLike) -> EffectSizes:
    """Return the effects of analyses that ignored the clusters, with their variance mended.

    The variance is multiplied by the design effect, the estimate stays (Handbook 23.1.5).

    Parameters
    ----------
    effects
        Effects computed as if people had been randomised one by one.
    design_effect
        From `design_effect`, at least 1, a number or one a study; 1 for a trial that
        randomised people.

    Returns
    -------
    EffectSizes
        With a caution that tells the design effects.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    factor = checked({"design_effect": 1}, design_effect=design_effect)["design_effect"]
    if factor.size not in {1, len(effects)}:
        raise InvalidArgumentError(
            f"design_effect has {factor.size} values for {len(effects)} studies; give one, or "
            "one a study."
        )
    if (factor == 1).all():
        return effects
    low, high = format_number(float(factor.min())), format_number(float(factor.max()))
    told = low if low == high else f"{low} to {high}"
    caution = Caution(
        "clustering",
        f"Groups, not people, were randomised: variances were multiplied by a design effect of "
        f"{told}, which depends on the intracluster correlation assumed.",
        "Cochrane Handbook, section 23.1",
    )
    return replace(
        effects,
        formula=f"{effects.formula}, times the design effect",
        variance=np.asarray(effects.variance * factor),
        cautions=(*effects.cautions, caution),
    )
