"""The three-level model: effects within clusters, with known covariances of their errors.

References
----------
Konstantopoulos S (2011). Fixed effects and variance components estimation in three-level
meta-analysis. Research Synthesis Methods 2:61-76.
Van den Noortgate W, López-López JA, Marín-Martínez F, Sánchez-Meca J (2013). Three-level
meta-analysis of dependent effect sizes. Behavior Research Methods 45:576-594.
Gleser LJ, Olkin I (2009). Stochastically dependent effect sizes. In: The handbook of
research synthesis and meta-analysis, 2nd edition, 357-376 (the common-effect model).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats
from evidence.effects.derivation.readings import Reading
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution
from evidence.synthesis.dependence.arrange import Arranged, arrange
from evidence.synthesis.dependence.covariance import SamplingCovariance
from evidence.synthesis.dependence.finish import (
    coefficient_table,
    few_clusters,
    known_model,
    working_model,
    zero_components,
)
from evidence.synthesis.dependence.multilevel_model import MultilevelModel
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.result import Component, DependentResult

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["COMPONENTS", "pool_multilevel"]

#: Which variances are estimated: (between clusters, within clusters), and the model's name.
COMPONENTS = {
    "cluster and row": ((True, True), "three-level random effects"),
    "cluster": ((True, False), "random effects of clusters, rows of one cluster alike"),
    "row": ((False, True), "random effects of rows"),
    "none": ((False, False), "common effect, generalised least squares"),
}


def pool_multilevel(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | SamplingCovariance | None = None,
    *,
    cluster: Sequence[Any] | str | None = None,
    design: ArrayLike | pd.DataFrame | None = None,
    labels: Sequence[str] | None = None,
    components: str = "cluster and row",
    options: DependenceOptions = DependenceOptions(),  # noqa: B008 (frozen)
) -> DependentResult:
    """Pool effects of which several may come from one study.

    The true effect of a row is the mean (or what the design says), plus an effect of its
    cluster, plus an effect of its own; both have a variance, estimated at the global maximum
    of the likelihood.

    Parameters
    ----------
    effects
        Shape (k,); or an `EffectSizes`; or a table with `estimate` and `variance` (or
        `standard_error`), and optionally `label`; or readings. Ratios enter as logarithms.
    variances
        Shape (k,), for independent sampling errors; or a `SamplingCovariance`; unless
        `effects` carries them.
    cluster
        The study of each row, shape (k,), or the name of a column of the table. By default
        the column `cluster`, `study_id` or `study`, or the readings' study.
    design
        The design matrix itself, shape (k, q), with a column of 1 for an intercept; a table
        names the coefficients. By default one mean effect.
    labels
        Names of the rows.
    components
        Which variances are estimated: ``"cluster and row"``, ``"cluster"``, ``"row"``, or
        ``"none"`` for the common-effect model.
    options
        Estimator, interval and level.

    Returns
    -------
    DependentResult

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the row or cluster, and the value.
    InsufficientEvidenceError
        For a single cluster, or as many coefficients as clusters.

    Notes
    -----
    With `variances` alone the errors of rows of one study count as independent. Where rows
    share people or a control group they are not: give their covariance, or use
    `pool_dependent`.
    """
    check_choice("components", components, tuple(COMPONENTS))
    data = arrange(effects, variances, cluster=cluster, design=design, labels=labels)
    free, name = COMPONENTS[components]
    cautions = list(data.cautions)
    if all(free) and len(data.clusters) == data.k:
        free, name = COMPONENTS["cluster"]
        cautions.append(
            Caution(
                "one-row-each",
                "Every cluster has one row, so variation within clusters cannot be told from "
                "variation between them: one variance is estimated for both.",
            )
        )
    return fit_multilevel(data, free, name, options, cautions)


def fit_multilevel(
    data: Arranged,
    free: tuple[bool, bool],
    name: str,
    options: DependenceOptions,
    cautions: list[Caution],
) -> DependentResult:
    """Fit the model to rows already arranged.

    Parameters
    ----------
    data
        The rows.
    free, name
        As in `COMPONENTS`.
    options, cautions
        Of the result.
    """
    model = MultilevelModel(data, free, options.tau2_method == "REML")
    optimum = model.fit()
    components = tuple(
        Component(words, "variance", float(value), place)
        for place, (words, value, on) in enumerate(
            zip(("between clusters", "within clusters"), optimum.components, free, strict=True)
        )
        if on
    )
    working = working_model(data, model.blocks_at(optimum.components), optimum)
    count, q = len(data.clusters), data.design.shape[1]
    spread = float(optimum.components.sum()) if any(free) else math.nan
    mean = data.terms == ("mean effect",)
    table = coefficient_table(
        optimum,
        data.terms,
        _degrees_of_freedom(data, free, options),
        np.full(q, spread if mean else math.nan),
        np.full(q, count - q - 1.0),
        options,
    )
    result = DependentResult(
        model=name,
        options=options,
        coefficients=table,
        covariance=optimum.covariance,
        components=components,
        heterogeneity=None,
        log_likelihood=optimum.log_likelihood,
        parameters=q + sum(free),
        q=model.residual_q(),
        q_df=data.k - q,
        working=working,
        known=known_model(data),
        likelihood=model,
    )
    shares = result.weights.iloc[:, 2:].to_numpy(dtype=np.float64)
    cautions += few_clusters(count, shares, data.clusters) + zero_components(components)
    return replace(result, cautions=tuple(cautions))


def _degrees_of_freedom(
    data: Arranged, free: tuple[bool, bool], options: DependenceOptions
) -> list[float | None]:
    q = data.design.shape[1]
    if options.ci_method == "Wald" or (options.ci_method == "t-contained" and not any(free)):
        return [None] * q
    if options.ci_method == "t-residual" or not free[0]:
        return [float(data.k - q)] * q
    found: list[float | None] = []
    for column in data.design.T:
        constant = all(_same(column[rows]) for rows in data.rows)
        found.append(float((len(data.clusters) if constant else data.k) - q))
    return found


def _same(values: Floats) -> bool:
    return bool((values == values[0]).all())
