"""Cluster-robust inference for any of the fits, and for plain weights.

References
----------
See `evidence.synthesis.dependence.sandwich`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import (
    Display,
    capital,
    format_interval,
    format_number,
    format_p,
    html_table,
    join_words,
    plural,
)
from evidence.effects.arguments import Floats, check_level
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.dependence.coefficients import (
    OnlyCoefficient,
    contrast_matrix,
    f_p_value,
    inference,
    single_row,
)
from evidence.synthesis.dependence.covariance import group_rows
from evidence.synthesis.dependence.result import DependentResult, plain_rows
from evidence.synthesis.dependence.sandwich import KINDS, Sandwich, sandwich
from evidence.synthesis.dependence.stacks import WorkingModel
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RobustResult", "RobustTest", "cluster_robust", "robust_inference"]

#: Below this many degrees of freedom the t approximation itself is not to be trusted.
FEWEST_DF = 4.0


@dataclass(frozen=True, slots=True)
class RobustTest(Display):
    """A test that several contrasts are 0 together (approximate Hotelling's T²).

    Attributes
    ----------
    contrasts
        In words.
    f, df_numerator, df_denominator, p_value
        NaN where too few clusters leave no degrees of freedom.
    """

    contrasts: str
    f: float
    df_numerator: int
    df_denominator: float
    p_value: float

    def summary(self) -> str:
        """Return the test in one line."""
        if math.isnan(self.f):
            return f"{self.contrasts}: too few clusters for a joint test"
        return (
            f"{self.contrasts}: F {format_number(self.f)} on {self.df_numerator} and "
            f"{format_number(self.df_denominator, 1)} df, {format_p(self.p_value)}"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        return {
            "contrasts": self.contrasts,
            "f": self.f if math.isfinite(self.f) else None,
            "df_numerator": self.df_numerator,
            "df_denominator": self.df_denominator if math.isfinite(self.f) else None,
            "p_value": self.p_value if math.isfinite(self.f) else None,
        }


@dataclass(frozen=True, slots=True, eq=False)
class RobustResult(OnlyCoefficient, Display):
    """Coefficients with cluster-robust standard errors.

    Attributes
    ----------
    kind
        The correction: ``"CR2"`` and the like.
    level
        Of the intervals.
    model
        What was fitted, in words.
    coefficients
        One row a coefficient: `term`, `estimate`, `standard_error`, `statistic`, `df`
        (Satterthwaite's), `ci_low`, `ci_high`, `p_value`.
    clusters
        Names of the clusters that count as independent.
    cautions
        What a reader should know.
    """

    kind: str
    level: float
    model: str
    coefficients: pd.DataFrame
    clusters: tuple[str, ...]
    bread: Sandwich = field(repr=False)
    cautions: tuple[Caution, ...] = ()

    @property
    def covariance(self) -> Floats:
        """Robust covariance of the coefficients, shape (q, q)."""
        return self.bread.covariance

    @property
    def df(self) -> float:
        """Satterthwaite's degrees of freedom of the only coefficient."""
        return single_row(self.coefficients, "df")

    def test(self, contrasts: object = None) -> RobustTest:
        """Test that several coefficients, or contrasts of them, are 0 together.

        The approximate Hotelling's T² test with the degrees of freedom of Tipton and
        Pustejovsky (2015; there HTZ): F = (η - r + 1)/(η r) Q on r and η - r + 1.

        Parameters
        ----------
        contrasts
            Names of coefficients, or an array of shape (r, q); all of them by default.

        Returns
        -------
        RobustTest
        """
        terms = tuple(self.coefficients["term"])
        matrix = contrast_matrix(terms, contrasts)
        r = matrix.shape[0]
        used = [term for term, on in zip(terms, (matrix != 0).any(axis=0), strict=True) if on]
        words = f"{join_words(used)} ({plural(r, 'contrast')})"
        mean, _ = self.bread.moments(matrix)
        size = np.sqrt(np.maximum(np.diagonal(mean), 1e-300))
        matrix = matrix / size[:, None]
        values, axes = np.linalg.eigh(mean / np.outer(size, size))
        if not values[0] > 1e-12 * values[-1]:
            return RobustTest(words, math.nan, r, math.nan, math.nan)
        root = (axes / np.sqrt(values)) @ axes.T
        _, spread = self.bread.moments(root @ matrix)
        eta = r * (r + 1) / float(spread.sum())
        df = eta - r + 1
        estimates = matrix @ self.coefficients["estimate"].to_numpy()
        robust = matrix @ self.covariance @ matrix.T
        if df <= 0 or np.linalg.matrix_rank(robust, hermitian=True) < r:
            return RobustTest(words, math.nan, r, math.nan, math.nan)
        q = float(estimates @ np.linalg.solve(robust, estimates))
        f = (eta - r + 1) / (eta * r) * q
        return RobustTest(words, f, r, df, f_p_value(f, r, df))

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        head = (
            f"{capital(self.model)}; cluster-robust {self.kind} standard errors over "
            f"{plural(len(self.clusters), 'cluster')}, Satterthwaite's degrees of freedom"
        )
        lines = [head]
        lines += [
            f"{row['term']} {format_number(row['estimate'])} ({100 * self.level:g}% CI "
            f"{format_interval(row['ci_low'], row['ci_high'])}), "
            f"{format_number(row['df'], 1)} df, {format_p(row['p_value'])}"
            for row in self.coefficients.to_dict("records")
        ]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per coefficient, unrounded."""
        return self.coefficients.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        return {
            "model": self.model,
            "kind": self.kind,
            "level": self.level,
            "clusters": len(self.clusters),
            "coefficients": plain_rows(self.coefficients),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.coefficients
        shown = pd.DataFrame(
            {
                "coefficient": table["term"],
                "estimate": [format_number(v) for v in table["estimate"]],
                f"{100 * self.level:g}% CI": [
                    format_interval(low, high)
                    for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
                ],
                "df": [format_number(v, 1) for v in table["df"]],
                "p": [format_p(p) for p in table["p_value"]],
            }
        )
        head, *rest = self.summary().splitlines()
        notes = "".join(f"<p>{escape(line)}</p>" for line in rest[len(table) :])
        return html_table(shown, caption=head, align_right=["estimate", "df"]) + notes


def cluster_robust(
    fit: DependentResult | PooledResult,
    *,
    cluster: Sequence[Any] | None = None,
    kind: str = "CR2",
    level: float | None = None,
) -> RobustResult:
    """Return robust inference for a fit whose working covariance may be wrong.

    The variance comes from the spread of the clusters' residuals; what the model says about
    it serves as a first guess for the correction (CR2) and the degrees of freedom.

    Parameters
    ----------
    fit
        A result of `pool_multilevel`, `pool_multivariate` or `pool`.
    cluster
        What counts as independent: a label for each row that was pooled. Needed for a
        result of `pool`; otherwise the clusters of the fit by default, and never finer.
    kind
        ``"CR2"`` (the default: unbiased where the working model holds), ``"CR0"``,
        ``"CR1"``, ``"CR1p"`` or ``"CR1S"``.
    level
        Of the intervals; that of the fit by default.

    Returns
    -------
    RobustResult
        A caution names coefficients with fewer than 4 degrees of freedom.

    Raises
    ------
    InvalidArgumentError
        For another number of labels than rows, and clusters that split those of the fit.
    InsufficientEvidenceError
        For fewer than two clusters, or no more clusters than coefficients.
    """
    check_choice("kind", kind, tuple(KINDS))
    if isinstance(fit, PooledResult):
        if cluster is None:
            raise InvalidArgumentError(
                "cluster is needed: a label for each pooled row, so that rows of one study can "
                "be told from rows of different ones."
            )
        model, words = _of_pooled(fit, cluster), fit.method.in_words()
        level = fit.method.level if level is None else level
    elif isinstance(fit, DependentResult):
        model = fit.working if cluster is None else _merged(fit.working, cluster)
        words = fit.model
        level = fit.options.level if level is None else level
    else:
        raise InvalidArgumentError(
            f"fit is {type(fit).__name__}; give a result of pool, pool_multilevel or "
            "pool_multivariate."
        )
    return robust_inference(model, words, kind, check_level(level))


def robust_inference(
    model: WorkingModel,
    words: str,
    kind: str,
    level: float,
    cautions: tuple[Caution, ...] = (),
) -> RobustResult:
    """Return robust inference for a weighted fit.

    Parameters
    ----------
    model
        The fit.
    words
        What was fitted.
    kind, level
        As `cluster_robust` takes them.
    cautions
        To begin with.
    """
    m, q = len(model.clusters), model.design.shape[1]
    if m <= q:
        raise InsufficientEvidenceError(
            f"{capital(plural(m, 'cluster'))} cannot give robust standard errors of "
            f"{plural(q, 'coefficient')}: there must be more clusters than coefficients."
        )
    found = sandwich(model, kind)
    df = found.degrees_of_freedom()
    errors = np.sqrt(np.maximum(np.diagonal(found.covariance), 0.0))
    table = inference(model.terms, model.coefficients, errors, [float(v) for v in df], level)
    low = [
        f"{term} ({format_number(value, 1)})"
        for term, value in zip(model.terms, df, strict=True)
        if not value >= FEWEST_DF
    ]
    if low:
        cautions += (
            Caution(
                "few-df",
                f"Fewer than {FEWEST_DF:g} degrees of freedom for {join_words(low)}: with so few "
                "clusters that inform it, a robust interval and p value are not to be trusted. "
                "Take p values of 0.01 or lower for what 0.05 would otherwise be, or rest on the "
                "model.",
                "Tipton 2015, Psychological Methods 20:375-393",
            ),
        )
    return RobustResult(kind, level, words, table, model.clusters, found, cautions)


def _of_pooled(fit: PooledResult, cluster: Sequence[Any]) -> WorkingModel:
    names, codes = group_rows("cluster", cluster, fit.k)
    tau2 = fit.tau2 if fit.method.model == "random" and math.isfinite(fit.tau2) else 0.0
    total = fit.variances + tau2
    rows = _split(codes)
    return WorkingModel(
        effects=fit.effects,
        design=np.ones((fit.k, 1)),
        terms=("mean effect",),
        clusters=names,
        rows=rows,
        covariance=tuple(np.diag(total[each]) for each in rows),
        weights=None,
        coefficients=np.array([fit.estimate]),
        bread=np.array([[1 / float((1 / total).sum())]]),
        labels=fit.labels,
    )


def _merged(model: WorkingModel, cluster: Sequence[Any]) -> WorkingModel:
    """Return the fit with its clusters merged into coarser ones."""
    names, codes = group_rows("cluster", cluster, model.effects.size)
    rows = _split(codes)
    place = np.empty(codes.size, dtype=np.intp)
    for each in rows:
        place[each] = np.arange(each.size)
    blocks = [np.zeros((each.size, each.size)) for each in rows]
    for name, old, block in zip(model.clusters, model.rows, model.covariance, strict=True):
        homes = np.unique(codes[old])
        if homes.size > 1:
            across = join_words(names[home] for home in homes[:4])
            raise InvalidArgumentError(
                f"cluster splits {name}, one cluster of the fit, over {across}; robust clusters "
                "must be those of the fit, or hold several of them."
            )
        blocks[int(homes[0])][np.ix_(place[old], place[old])] = block
    return replace(model, clusters=names, rows=rows, covariance=tuple(blocks))


def _split(codes: NDArray[np.intp]) -> tuple[NDArray[np.intp], ...]:
    order = np.argsort(codes, kind="stable")
    return tuple(np.split(order, np.cumsum(np.bincount(codes))[:-1]))
