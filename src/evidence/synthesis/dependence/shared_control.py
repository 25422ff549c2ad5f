"""Covariances of the effects of several arms that share one control group.

Every effect here is a difference between a term of its own arm and a term of the control
arm; the covariance of two effects with the same control is the variance of that term.

References
----------
Gleser LJ, Olkin I (2009). Stochastically dependent effect sizes. In: Cooper H, Hedges LV,
Valentine JC (editors), The handbook of research synthesis and meta-analysis, 2nd edition,
357-376.
Lajeunesse MJ (2011). On the meta-analysis of response ratios for studies with correlated
and multi-group designs. Ecology 92:2049-2055.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats, checked
from evidence.effects.measures.choices import check_choice, check_continuity, check_events
from evidence.errors import InvalidArgumentError
from evidence.synthesis.dependence.covariance import SamplingCovariance, group_rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "shared_control_binary",
    "shared_control_mean_difference",
    "shared_control_smd",
]

#: How the standard deviation of an SMD was pooled.
STANDARDISERS = ("pair", "all arms")
BINARY_MEASURES = ("odds ratio", "risk ratio", "risk difference")


def _assemble(
    variances: Floats, cluster: Sequence[Any], shared: Floats, loading: Floats, origin: str
) -> SamplingCovariance:
    """Return blocks with covariances `shared + loadingᵢ loadingⱼ` off the diagonal."""
    names, codes = group_rows("cluster", cluster, variances.size)
    order = np.argsort(codes, kind="stable")
    rows = tuple(np.split(order, np.cumsum(np.bincount(codes))[:-1]))
    blocks = []
    for name, each in zip(names, rows, strict=True):
        if not np.allclose(shared[each], shared[each[0]], rtol=1e-9, atol=0):
            raise InvalidArgumentError(
                f"The rows of cluster {name} have different control groups. Rows of one cluster "
                "share one control group; give each control group a cluster of its own."
            )
        block = shared[each[0]] + np.outer(loading[each], loading[each])
        np.fill_diagonal(block, variances[each])
        blocks.append(block)
    return SamplingCovariance(names, rows, tuple(blocks), origin)


def shared_control_mean_difference(
    variances: ArrayLike, *, cluster: Sequence[Any], sd_control: ArrayLike, n_control: ArrayLike
) -> SamplingCovariance:
    """Return the covariances of mean differences from one control group.

    cov = sd²/n of the control group (Gleser and Olkin 2009).

    Parameters
    ----------
    variances
        Of the mean differences, shape (k,).
    cluster
        Names the control group of each row, shape (k,).
    sd_control, n_control
        SD (pooled over the arms, where the variances are) and people of the control group,
        shape (k,).

    Returns
    -------
    SamplingCovariance

    Raises
    ------
    InvalidArgumentError
        Naming the argument or the cluster.
    """
    given = checked(
        {"variances": 0, "sd_control": 0, "n_control": 1},
        variances=variances,
        sd_control=sd_control,
        n_control=n_control,
    )
    shared = given["sd_control"] ** 2 / given["n_control"]
    nothing = np.zeros(shared.size)
    return _assemble(given["variances"], cluster, shared, nothing, "of a shared control group")


def shared_control_smd(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    cluster: Sequence[Any],
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    standardiser: str = "pair",
) -> SamplingCovariance:
    """Return the covariances of standardised mean differences from one control group.

    cov = 1/n_C + dᵢdⱼ/(2N) where the SD is pooled over all arms with N people in them
    (Gleser and Olkin 2009, equation 19.19); where each SD is pooled over its own two arms,
    the two share the control group's part of it alone, and by the same delta method
    cov = 1/n_C + dᵢdⱼ n_C/(2NᵢNⱼ) with Nᵢ = nᵢ + n_C.

    Parameters
    ----------
    effects, variances
        The standardised mean differences and their variances, shape (k,).
    cluster
        Names the control group of each row, shape (k,).
    n_treatment, n_control
        People in the arms of each row, shape (k,).
    standardiser
        ``"pair"`` (the usual) or ``"all arms"``: over which arms the SD was pooled. For
        the latter every arm of the trial has to have a row.

    Returns
    -------
    SamplingCovariance

    Raises
    ------
    InvalidArgumentError
        Naming the argument or the cluster.
    """
    check_choice("standardiser", standardiser, STANDARDISERS)
    given = checked(
        {"variances": 0, "n_treatment": 1, "n_control": 1},
        effects=effects,
        variances=variances,
        n_treatment=n_treatment,
        n_control=n_control,
    )
    control = given["n_control"]
    if standardiser == "pair":
        loading = given["effects"] * np.sqrt(control / 2) / (given["n_treatment"] + control)
    else:
        _, codes = group_rows("cluster", cluster, control.size)
        everyone = np.bincount(codes, weights=given["n_treatment"])[codes] + control
        loading = given["effects"] / np.sqrt(2 * everyone)
    return _assemble(given["variances"], cluster, 1 / control, loading, "of a shared control group")


def shared_control_binary(
    variances: ArrayLike,
    *,
    cluster: Sequence[Any],
    measure: str,
    events_control: ArrayLike,
    total_control: ArrayLike,
    continuity: float = 0.5,
) -> SamplingCovariance:
    """Return the covariances of effects on an event from one control group.

    With c of n people with the event in the control group: 1/c + 1/(n-c) for log odds
    ratios, 1/c - 1/n for log risk ratios, c(n-c)/n³ for risk differences (Gleser and Olkin
    2009).

    Parameters
    ----------
    variances
        Of the effects (logarithms for ratios), shape (k,).
    cluster
        Names the control group of each row, shape (k,).
    measure
        ``"odds ratio"``, ``"risk ratio"`` or ``"risk difference"``.
    events_control, total_control
        Counts of the control group, shape (k,).
    continuity
        Added to both cells of a control group in which one is empty, as the effects were.

    Returns
    -------
    SamplingCovariance

    Raises
    ------
    InvalidArgumentError
        Naming the argument or the cluster.
    """
    check_choice("measure", measure, BINARY_MEASURES)
    given = checked(
        {"variances": 0, "events_control": 0, "total_control": 1},
        variances=variances,
        events_control=events_control,
        total_control=total_control,
    )
    check_events(given["events_control"], given["total_control"], "events_control", "total_control")
    c, d = given["events_control"], given["total_control"] - given["events_control"]
    empty = (c == 0) | (d == 0)
    if empty.any() and check_continuity(continuity) == 0:
        raise InvalidArgumentError(
            f"The control group of row {int(np.flatnonzero(empty)[0]) + 1} has an empty cell; "
            "give the continuity correction its effect was computed with, for example 0.5."
        )
    c, d = c + np.where(empty, continuity, 0.0), d + np.where(empty, continuity, 0.0)
    shared = {
        "odds ratio": 1 / c + 1 / d,
        "risk ratio": 1 / c - 1 / (c + d),
        "risk difference": c * d / (c + d) ** 3,
    }[measure]
    return _assemble(
        given["variances"], cluster, shared, np.zeros(c.size), "of a shared control group"
    )
