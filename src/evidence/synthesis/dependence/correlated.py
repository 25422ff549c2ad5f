"""The correlated-and-hierarchical-effects working model with robust variances, in one call.

References
----------
Pustejovsky JE, Tipton E (2022). Meta-analysis with robust variance estimation: expanding
the range of working models. Prevention Science 23:425-438.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
    plural,
)
from evidence.effects.arguments import is_number
from evidence.effects.derivation.readings import Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.dependence.arrange import Arranged, arrange
from evidence.synthesis.dependence.covariance import covariance_from_correlation
from evidence.synthesis.dependence.multilevel import COMPONENTS, fit_multilevel
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.result import DependentResult, plain_rows
from evidence.synthesis.dependence.robust import RobustResult, cluster_robust

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["CORRELATIONS", "CorrelatedResult", "pool_dependent"]

#: What the sensitivity table tries beside the correlation assumed.
CORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.95)


@dataclass(frozen=True, eq=False)
class CorrelatedResult(Display):
    """Dependent effects pooled under an assumed correlation, with robust inference.

    Attributes
    ----------
    correlation
        Of the sampling errors of rows of one study, assumed.
    fit
        The working model: variances, weights, model-based intervals.
    robust
        Coefficients with robust intervals; these are the result.
    cautions
        What a reader should know.
    """

    correlation: float
    fit: DependentResult
    robust: RobustResult
    data: Arranged = field(repr=False)
    cautions: tuple[Caution, ...] = ()

    @property
    def coefficients(self) -> pd.DataFrame:
        """Coefficients with robust inference, one row each."""
        return self.robust.coefficients

    @property
    def estimate(self) -> float:
        """The mean effect, where it is the only coefficient."""
        return self.robust.estimate

    @property
    def standard_error(self) -> float:
        """Its robust standard error."""
        return self.robust.standard_error

    @property
    def ci_low(self) -> float:
        """Lower end of its robust interval."""
        return self.robust.ci_low

    @property
    def ci_high(self) -> float:
        """Upper end of its robust interval."""
        return self.robust.ci_high

    @property
    def p_value(self) -> float:
        """Its robust two-sided p value."""
        return self.robust.p_value

    @property
    def tau(self) -> float:
        """Standard deviation of the true effects between studies."""
        return float(np.sqrt(self.fit.variances["between clusters"]))

    @property
    def omega(self) -> float:
        """Standard deviation of the true effects within studies; NaN where it was not told."""
        return float(np.sqrt(self.fit.variances.get("within clusters", np.nan)))

    @cached_property
    def sensitivity(self) -> pd.DataFrame:
        """The result under several correlations, computed when asked for, once.

        One row per correlation and coefficient: `correlation`, `term`, `estimate`,
        `standard_error`, `df`, `ci_low`, `ci_high`, `p_value`, `tau`, `omega`.
        """
        frames = []
        for r in sorted({*CORRELATIONS, self.correlation}):
            if r == self.correlation:
                fit, robust = self.fit, self.robust
            else:
                fit = _fit(self.data, r, self.fit.options, [])
                robust = cluster_robust(fit, kind=self.robust.kind)
            frame = robust.coefficients.drop(columns="statistic")
            frame.insert(0, "correlation", r)
            frame["tau"] = np.sqrt(fit.variances["between clusters"])
            frame["omega"] = np.sqrt(fit.variances.get("within clusters", np.nan))
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        level = f"{100 * self.robust.level:g}%"
        data = self.data
        head = (
            f"{capital(plural(data.k, 'row'))} in {plural(len(data.clusters), 'cluster')}, "
            f"correlated and hierarchical effects with an assumed correlation of "
            f"{self.correlation:g}, robust {self.robust.kind} intervals"
        )
        lines = [head]
        lines += [
            f"{row['term']} {format_number(row['estimate'])} ({level} CI "
            f"{format_interval(row['ci_low'], row['ci_high'])}), {format_number(row['df'], 1)} "
            f"df, {format_p(row['p_value'])}"
            for row in self.coefficients.to_dict("records")
        ]
        spread = f"standard deviation between studies {format_number(self.tau)}"
        if np.isfinite(self.omega):
            spread += f", within them {format_number(self.omega)}"
        lines.append(spread)
        for term, part in self.sensitivity.groupby("term", sort=False):
            ends = format_interval(part["estimate"].min(), part["estimate"].max())
            widest = format_interval(part["ci_low"].min(), part["ci_high"].max())
            lines.append(
                f"{term} over correlations {part['correlation'].min():g} to "
                f"{part['correlation'].max():g}: estimates {ends}, intervals within {widest}"
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per coefficient, unrounded."""
        return self.robust.to_frame()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        return {
            "correlation": self.correlation,
            "robust": self.robust.to_dict(),
            "fit": self.fit.to_dict(),
            "sensitivity": plain_rows(self.sensitivity),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        head, *rest = self.summary().splitlines()
        table = self.sensitivity
        shown = pd.DataFrame(
            {
                "correlation": [f"{r:g}" for r in table["correlation"]],
                "coefficient": table["term"],
                "estimate": [format_number(v) for v in table["estimate"]],
                f"{100 * self.robust.level:g}% CI": [
                    format_interval(low, high)
                    for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
                ],
                "SD between": [format_number(v) for v in table["tau"]],
                "SD within": [format_number(v) for v in table["omega"]],
            }
        )
        right = ["correlation", "estimate", "SD between", "SD within"]
        lines = "".join(f"<p>{escape(line)}</p>" for line in rest)
        return html_table(shown, caption=head, align_right=right) + lines


def pool_dependent(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    correlation: float,
    cluster: Sequence[Any] | str | None = None,
    design: ArrayLike | pd.DataFrame | None = None,
    labels: Sequence[str] | None = None,
    kind: str = "CR2",
    options: DependenceOptions = DependenceOptions(),  # noqa: B008 (frozen)
) -> CorrelatedResult:
    """Pool effects of which several come from one study, with what is not known assumed.

    The errors of rows of one study get one assumed correlation, the true effects vary
    between and within studies (three-level, by likelihood), and robust variances guard the
    inference where these assumptions fail.

    Parameters
    ----------
    effects, variances, cluster, design, labels
        As `pool_multilevel` takes them.
    correlation
        Of the sampling errors of rows of one study. Required: no guideline names a value
        that fits all outcomes. Take one from a study that reports it; 0.6 and 0.8 are
        common; `sensitivity` says how much depends on it.
    kind
        Of robust variance, see `cluster_robust`.
    options
        Estimator and level of the working model.

    Returns
    -------
    CorrelatedResult
        With `sensitivity`, the table of results over correlations.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the row or cluster, and the value.
    InsufficientEvidenceError
        For a single cluster, or as many coefficients as clusters.
    """
    if not is_number(correlation) or not 0 <= correlation < 1:
        raise InvalidArgumentError(
            f"correlation is {correlation!r}; it must be at least 0 and below 1, for example 0.6. "
            "Errors of the same people are hardly ever negatively correlated; where they are, "
            "give pool_multilevel a SamplingCovariance."
        )
    data = arrange(effects, variances, cluster=cluster, design=design, labels=labels)
    if data.covariance is not None:
        raise InvalidArgumentError(
            "pool_dependent imputes the covariances itself; for known ones use pool_multilevel "
            "with the SamplingCovariance, then cluster_robust."
        )
    r = float(correlation)
    fit = _fit(data, r, options, list(data.cautions))
    robust = cluster_robust(fit, kind=kind)
    cautions = (*fit.cautions, *robust.cautions)
    return CorrelatedResult(r, fit, robust, data, cautions)


def _fit(
    data: Arranged, correlation: float, options: DependenceOptions, cautions: list[Caution]
) -> DependentResult:
    home = [data.clusters[code] for code in data.codes]
    covariance = covariance_from_correlation(data.variances, cluster=home, correlation=correlation)
    free, name = COMPONENTS["cluster and row"]
    if len(data.clusters) == data.k:
        free, _ = COMPONENTS["cluster"]
        cautions.append(
            Caution(
                "one-row-each",
                "Every cluster has one row, so nothing is dependent here: this is the ordinary "
                "random-effects model.",
            )
        )
    given = Arranged(
        names=data.names,
        effects=data.effects,
        variances=data.variances,
        covariance=covariance,
        clusters=data.clusters,
        codes=data.codes,
        design=data.design,
        terms=data.terms,
        kept=data.kept,
        cautions=data.cautions,
    )
    return fit_multilevel(given, free, name, options, cautions)
