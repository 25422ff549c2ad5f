"""Robust variance estimation with approximate weights, without a likelihood.

References
----------
Hedges LV, Tipton E, Johnson MC (2010). Robust variance estimation in meta-regression with
dependent effect size estimates. Research Synthesis Methods 1:39-65.
Tipton E (2015). Small sample adjustments for robust variance estimation with
meta-regression. Psychological Methods 20:375-393.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats, is_number
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.dependence.arrange import Arranged, arrange
from evidence.synthesis.dependence.robust import RobustResult, robust_inference
from evidence.synthesis.dependence.sandwich import KINDS
from evidence.synthesis.dependence.stacks import WorkingModel

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["RobustWeights", "pool_robust", "robust_weights"]

WEIGHTS = ("correlated", "hierarchical")


@dataclass(frozen=True, slots=True, eq=False)
class RobustWeights:
    """Approximate weights and the moments they rest on.

    Attributes
    ----------
    weights
        Shape (k,).
    tau2, omega2
        Variance between clusters and (hierarchical weights only) within them.
    """

    weights: Floats
    tau2: float
    omega2: float


def _least_squares(design: Floats, effects: Floats, weights: Floats) -> tuple[Floats, Floats]:
    root = np.sqrt(weights)
    basis, triangle = np.linalg.qr(design * root[:, None])
    inverse = np.linalg.inv(triangle)
    return inverse @ (basis.T @ (effects * root)), inverse @ inverse.T


def _sums(values: Floats, data: Arranged) -> Floats:
    """Return the sum of rows of each cluster, shape (clusters, columns)."""
    total = np.zeros((len(data.clusters), values.shape[1]))
    np.add.at(total, data.codes, values)
    return total


def _correlated(data: Arranged, correlation: float) -> RobustWeights:
    size = np.bincount(data.codes)
    mean = np.bincount(data.codes, weights=data.variances) / size
    first = 1 / (size * mean)
    w = first[data.codes]
    beta, bread = _least_squares(data.design, data.effects, w)
    residual = data.effects - data.design @ beta
    q_e = float(w @ residual**2)
    sums = _sums(data.design, data)
    inside = bread @ ((data.design * (w / size[data.codes])[:, None]).T @ data.design)
    across = bread @ ((sums * (first / size)[:, None]).T @ sums)
    expected = len(data.clusters) - float(
        (1 - correlation) * np.trace(inside) + correlation * np.trace(across)
    )
    slope = float(w.sum()) - float(np.trace(bread @ ((sums * (first**2)[:, None]).T @ sums)))
    tau2 = max(0.0, (q_e - expected) / slope)
    return RobustWeights((1 / (size * (mean + tau2)))[data.codes], tau2, 0.0)


def _hierarchical(data: Arranged) -> RobustWeights:
    """Solve the expectations of two quadratic forms of the residuals for both variances.

    The forms are the weighted sum of squares, and the sum of squares of the clusters'
    sums, of the residuals e = M y of the fit with weights 1/v (Hedges, Tipton and Johnson
    2010, appendix); their expectations are traces of A M S M', linear in the variances.
    """
    w = 1 / data.variances
    beta, bread = _least_squares(data.design, data.effects, w)
    residual = data.effects - data.design @ beta
    design, v = data.design, data.variances
    size = np.bincount(data.codes).astype(np.float64)
    sums = _sums(design, data)
    weighted = design * w[:, None]
    by_cluster = _sums(weighted, data)
    squares = np.array([w @ residual**2, (_sums(residual[:, None], data) ** 2).sum()])
    total_w = np.bincount(data.codes, weights=w)
    # Form 1: M'WM = W - WXBX'W. Form 2: M'JM with J the clusters' blocks of 1.
    lean = bread @ sums.T @ sums @ bread
    one = [
        float(total_w.sum() - np.trace(bread @ by_cluster.T @ by_cluster)),
        float(w.sum() - np.trace(bread @ weighted.T @ weighted)),
        float(data.k - design.shape[1]),
    ]
    two = []
    for kind in range(3):
        if kind == 0:  # S = J
            plain = float((size**2).sum())
            cross = np.trace(bread @ (by_cluster * size[:, None]).T @ sums)
            twice = np.trace(lean @ by_cluster.T @ by_cluster)
        else:  # S = the identity, or the variances
            s = np.ones(data.k) if kind == 1 else v
            plain = float(s.sum())
            cross = np.trace(bread @ _sums(weighted * s[:, None], data).T @ sums)
            twice = np.trace(lean @ (weighted * s[:, None]).T @ weighted)
        two.append(float(plain - 2 * cross + twice))
    # With omega² at least 0, tau² is what the first equation leaves for it.
    excess = squares - np.array([one[2], two[2]])
    determinant = two[1] * one[0] - one[1] * two[0]
    if abs(determinant) <= 1e-10 * abs(one[1] * two[0]):
        raise InsufficientEvidenceError(
            "Hierarchical weights need clusters with several rows, to tell variation within "
            "clusters from variation between them. Use weights='correlated'."
        )
    omega2 = max(0.0, (excess[1] * one[0] - excess[0] * two[0]) / determinant)
    tau2 = max(0.0, (excess[0] - omega2 * one[1]) / one[0])
    return RobustWeights(1 / (v + tau2 + omega2), tau2, omega2)


def robust_weights(data: Arranged, weights: str, correlation: float) -> RobustWeights:
    """Return approximate weights of one of two working models.

    Parameters
    ----------
    data
        The rows.
    weights, correlation
        As `pool_robust` takes them.
    """
    return _correlated(data, correlation) if weights == "correlated" else _hierarchical(data)


def pool_robust(
    effects: ArrayLike | EffectSizes | pd.DataFrame,
    variances: ArrayLike | None = None,
    *,
    cluster: Sequence[Any] | str | None = None,
    design: ArrayLike | pd.DataFrame | None = None,
    weights: str = "correlated",
    correlation: float = 0.8,
    kind: str = "CR2",
    level: float = 0.95,
) -> RobustResult:
    """Pool dependent effects with approximate weights and robust standard errors.

    Parameters
    ----------
    effects, variances, cluster, design
        As `pool_multilevel` takes them.
    weights
        ``"correlated"``: one weight a cluster, shared by its rows; ``"hierarchical"``:
        1/(v + tau² + omega²).
    correlation
        Of the errors of rows of a cluster; it enters tau² of the correlated weights alone
        and matters little there.
    kind, level
        As `cluster_robust` takes them.

    Returns
    -------
    RobustResult

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the row and the value.
    InsufficientEvidenceError
        For a single cluster, and hierarchical weights with one row a cluster.

    Notes
    -----
    `pool_dependent` estimates the working model by likelihood, and is to be preferred
    (Pustejovsky and Tipton 2022).
    """
    check_choice("weights", weights, WEIGHTS)
    check_choice("kind", kind, tuple(KINDS))
    if not is_number(correlation) or not 0 <= correlation <= 1:
        raise InvalidArgumentError(
            f"correlation is {correlation!r}; it must lie between 0 and 1, for example 0.8."
        )
    data = arrange(effects, variances, cluster=cluster, design=design)
    found = robust_weights(data, weights, float(correlation))
    beta, bread = _least_squares(data.design, data.effects, found.weights)
    model = WorkingModel(
        effects=data.effects,
        design=data.design,
        terms=data.terms,
        clusters=data.clusters,
        rows=data.rows,
        covariance=tuple(np.diag(1 / found.weights[rows]) for rows in data.rows),
        weights=None,
        coefficients=beta,
        bread=bread,
        labels=data.names,
    )
    words = f"{weights} weights, tau² {found.tau2:.3g}"
    if weights == "hierarchical":
        words += f", omega² {found.omega2:.3g}"
    return robust_inference(model, words, kind, level, data.cautions)
