"""Several outcomes a study: multivariate random effects, missing outcomes allowed.

References
----------
Berkey CS, Hoaglin DC, Antczak-Bouckoms A, Mosteller F, Colditz GA (1998). Meta-analysis of
multiple outcomes by regression with random effects. Statistics in Medicine 17:2537-2550.
Jackson D, Riley R, White IR (2011). Multivariate meta-analysis: potential and promise.
Statistics in Medicine 30:2481-2498.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InsufficientEvidenceError
from evidence.synthesis.dependence.arrange import Arranged, arrange, find_cluster
from evidence.synthesis.dependence.covariance import SamplingCovariance, group_rows
from evidence.synthesis.dependence.finish import (
    coefficient_table,
    few_clusters,
    known_model,
    working_model,
    zero_components,
)
from evidence.synthesis.dependence.multivariate_model import MultivariateModel
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.result import Component, DependentResult
from evidence.synthesis.dependence.structures import STRUCTURES, Structure

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["pool_multivariate"]

#: Correlations this near to the end of their range are said to be there.
_AT_THE_END = 1e-6


def pool_multivariate(
    effects: ArrayLike | EffectSizes | pd.DataFrame,
    variances: ArrayLike | SamplingCovariance | None = None,
    *,
    outcome: Sequence[Any] | str,
    cluster: Sequence[Any] | str | None = None,
    design: ArrayLike | pd.DataFrame | None = None,
    labels: Sequence[str] | None = None,
    structure: str = "UN",
    options: DependenceOptions = DependenceOptions(),  # noqa: B008 (frozen)
) -> DependentResult:
    """Pool several outcomes at once, each study with those it has.

    Parameters
    ----------
    effects, variances, cluster, labels
        As `pool_multilevel` takes them; a study is a cluster. Outcomes of the same people
        have correlated errors: give a `SamplingCovariance`.
    outcome
        The outcome (or time point) of each row, shape (k,), or the name of a column.
    design
        The design matrix itself, shape (k, q). By default one mean effect an outcome.
    structure
        Of the covariance between the true effects: ``"UN"`` (unstructured), ``"HCS"`` (a
        variance for each outcome, one correlation), ``"CS"`` (one variance, one
        correlation), ``"DIAG"`` (no correlation), ``"ID"`` (one variance, no correlation),
        ``"AR"`` and ``"HAR"`` (correlations that decay with the distance in the order in
        which the outcomes first appear, one variance or one for each).
    options
        Estimator, interval and level.

    Returns
    -------
    DependentResult
        With ``ci_method="t-contained"`` the degrees of freedom of a coefficient are the
        studies in which its column is not 0, less the coefficients those rows inform.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the row or study, and the value.
    InsufficientEvidenceError
        Where the studies cannot tell the variances or correlations of the structure.
    """
    check_choice("structure", structure, tuple(STRUCTURES))
    labelled = find_cluster(effects, outcome, "outcome")
    count = len(labelled)
    names, kind = group_rows("outcome", labelled, count)
    if design is None:
        design = pd.DataFrame(np.eye(len(names))[kind], columns=list(names))
        means = True
    else:
        means = False
    data = arrange(effects, variances, cluster=cluster, design=design, labels=labels)
    kind = kind[data.kept]
    shape = Structure(structure, len(names))
    _check_told(data, kind, names, shape)
    cautions = list(data.cautions)
    model = MultivariateModel(data, kind, shape, options.tau2_method == "REML")
    optimum = model.fit()
    random = model.random()
    components = _components(names, shape, optimum.components)
    table = coefficient_table(
        optimum,
        data.terms,
        _degrees_of_freedom(data, options),
        np.diagonal(random) if means else np.full(data.design.shape[1], np.nan),
        _contained(data) - 1 if means else np.zeros(data.design.shape[1]),
        options,
    )
    result = DependentResult(
        model=f"multivariate random effects, structure {structure}",
        options=options,
        coefficients=table,
        covariance=optimum.covariance,
        components=components,
        heterogeneity=pd.DataFrame(random, index=list(names), columns=list(names)),
        log_likelihood=optimum.log_likelihood,
        parameters=data.design.shape[1] + shape.parameters,
        q=model.residual_q(),
        q_df=data.k - data.design.shape[1],
        working=working_model(data, model.blocks(), optimum),
        known=known_model(data),
        likelihood=model,
    )
    shares = result.weights.iloc[:, 2:].to_numpy(dtype=np.float64)
    cautions += few_clusters(len(data.clusters), shares, data.clusters)
    cautions += zero_components(components) + _at_the_end(components)
    if not model.top.settled:
        cautions.append(
            Caution(
                "not-settled",
                "The search for the variances and correlations ended before the likelihood was "
                "flat: they are not told by these studies. Use a structure with fewer.",
            )
        )
    if data.covariance is None:
        cautions.append(
            Caution(
                "errors-uncorrelated",
                "The sampling errors of several outcomes of one study counted as independent; "
                "outcomes of the same people are not.",
                "Jackson, Riley and White 2011",
            )
        )
    return replace(result, cautions=tuple(cautions))


def _check_told(
    data: Arranged, kind: NDArray[np.intp], names: tuple[str, ...], shape: Structure
) -> None:
    present = np.zeros((len(data.clusters), len(names)), dtype=bool)
    present[data.codes, kind] = True
    together = present.T.astype(int) @ present
    seldom = [n for n, c in zip(names, np.diagonal(together), strict=True) if c < 2]
    if seldom and not shape.one_variance:
        raise InsufficientEvidenceError(
            f"{join_words(seldom)} {'was' if len(seldom) == 1 else 'were'} measured in fewer than "
            "two studies, so a variance between studies cannot be told. Use structure='CS' or "
            "'ID', or leave the outcome out."
        )
    if len(names) == 1:
        return
    apart = [
        f"{names[i]} and {names[j]}"
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if together[i, j] == 0
    ]
    if shape.pattern == "free" and apart:
        raise InsufficientEvidenceError(
            f"No study measured {apart[0]} together, so nothing tells how their effects are "
            "correlated. Use structure='HCS' or 'CS' (one correlation for all), or 'DIAG'."
        )
    if shape.pattern in {"one", "decay"} and len(apart) == len(names) * (len(names) - 1) // 2:
        raise InsufficientEvidenceError(
            "No study measured two outcomes, so nothing tells how they are correlated. Use "
            "structure='DIAG', or pool each outcome by itself."
        )
    if shape.parameters > len(data.clusters):
        fewer = [
            name
            for name in STRUCTURES
            if Structure(name, len(names)).parameters <= len(data.clusters)
        ]
        raise InsufficientEvidenceError(
            f"Structure {shape.name} has {shape.parameters} variances and correlations, more than "
            f"{plural(len(data.clusters), 'study', 'studies')} can tell. "
            + (f"Use one with fewer: {', '.join(fewer)}." if fewer else "Pool each by itself.")
        )


def _components(names: tuple[str, ...], shape: Structure, values: Floats) -> tuple[Component, ...]:
    spread = shape.deviations
    words = ["between studies"] if shape.one_variance else [f"of {name}" for name in names]
    found = [
        Component(word, "variance", float(value), place)
        for place, (word, value) in enumerate(zip(words, values[:spread], strict=True))
    ]
    if shape.pattern == "free":
        rows, columns = np.triu_indices(len(names), 1)
        pairs = [f"of {names[i]} and {names[j]}" for i, j in zip(rows, columns, strict=True)]
    elif shape.pattern == "decay":
        pairs = ["of neighbouring outcomes"]
    else:
        pairs = ["between outcomes"] if shape.pattern == "one" else []
    for place, (word, value) in enumerate(zip(pairs, values[spread:], strict=True)):
        found.append(
            Component(word, "correlation", float(value), spread + place, shape.lowest_correlation)
        )
    return tuple(found)


def _at_the_end(components: tuple[Component, ...]) -> list[Caution]:
    extreme = [
        f"{each.name} ({each.estimate:+.0f})" if each.lowest == -1 else each.name
        for each in components
        if each.kind == "correlation"
        and (each.estimate > 1 - _AT_THE_END or each.estimate < each.lowest + _AT_THE_END)
    ]
    if not extreme:
        return []
    return [
        Caution(
            "correlation-at-end",
            f"The correlation {join_words(extreme)} is at the end of its range: too few studies, "
            "or too little heterogeneity, tell it. It is no finding.",
            "Jackson, Riley and White 2011",
        )
    ]


def _contained(data: Arranged) -> Floats:
    """Return the studies that inform each coefficient less the coefficients they inform."""
    found = []
    for column in data.design.T:
        mine = column != 0
        studies = np.unique(data.codes[mine]).size
        scaled = data.design[mine] / np.linalg.norm(data.design, axis=0)
        found.append(studies - np.linalg.matrix_rank(scaled))
    return np.array(found, dtype=np.float64)


def _degrees_of_freedom(data: Arranged, options: DependenceOptions) -> list[float | None]:
    q = data.design.shape[1]
    if options.ci_method == "Wald":
        return [None] * q
    if options.ci_method == "t-residual":
        return [float(data.k - q)] * q
    return [float(value) if value > 0 else np.nan for value in _contained(data)]
