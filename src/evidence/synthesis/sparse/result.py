"""The result of pooling counts by a method for sparse data, and how it reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

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
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ChiSquareTest", "Fit", "SparseResult", "chi_square", "finish", "plain"]


def plain(value: float) -> float | None:
    """Return a number as JSON can hold it: None for what is not finite."""
    return float(value) if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class ChiSquareTest(Display):
    """A chi-square test over the studies.

    Attributes
    ----------
    name
        What is tested, and by whom.
    statistic, df, p_value
        NaN for a test without degrees of freedom.
    reference
        The paper behind it.
    """

    name: str
    statistic: float
    df: int
    p_value: float
    reference: str

    def summary(self) -> str:
        """Return the test in one line."""
        if self.df < 1:
            return f"{self.name}: cannot be tested with one informative study"
        return (
            f"{self.name}: \N{GREEK SMALL LETTER CHI}² {format_number(self.statistic)} "
            f"on {self.df} df, {format_p(self.p_value)}"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame(
            {
                "test": [self.name],
                "statistic": [self.statistic],
                "df": [self.df],
                "p_value": [self.p_value],
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "name": self.name,
            "statistic": plain(self.statistic),
            "df": self.df,
            "p_value": plain(self.p_value),
            "reference": self.reference,
        }


def chi_square(name: str, statistic: float, df: int, reference: str) -> ChiSquareTest:
    """Return a test with its p value; not a number where nothing is left to test."""
    if df < 1:
        return ChiSquareTest(name, math.nan, 0, math.nan, reference)
    return ChiSquareTest(name, statistic, df, float(chdtrc(df, statistic)), reference)


@dataclass(frozen=True, slots=True, eq=False)
class SparseResult(Display):
    """Counts of several studies and the common effect they come to.

    Attributes
    ----------
    method
        ``"Mantel-Haenszel"``, ``"Peto"`` or ``"exact conditional"``.
    measure
        For example ``"odds ratio"``.
    formula
        Name of the variance formula (or of the interval).
    level
        Confidence level.
    studies
        One row a study: its counts, own `estimate` and `variance`, `weight` in percent and
        `role` (``"pooled"``, or why it carries no information).
    estimate, standard_error, ci_low, ci_high, p_value
        The common effect; logarithms for ratios.
    heterogeneity
        Cochran's Q over the studies with an effect of their own.
    tests
        Further tests, of association and of homogeneity.
    cautions
        What a reader should know.
    """

    method: str
    measure: str
    formula: str
    level: float
    studies: pd.DataFrame
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float
    heterogeneity: ChiSquareTest
    tests: tuple[ChiSquareTest, ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def is_ratio(self) -> bool:
        """Whether estimate and interval are logarithms."""
        return self.measure.endswith("ratio")

    @property
    def labels(self) -> tuple[str, ...]:
        """Every study given, also those without information."""
        return tuple(self.studies["label"])

    @property
    def excluded(self) -> tuple[str, ...]:
        """The studies that carry no information about this measure."""
        return tuple(self.studies.loc[self.studies["role"] != "pooled", "label"])

    @property
    def k(self) -> int:
        """How many studies carry information."""
        return len(self.studies) - len(self.excluded)

    @property
    def pooled(self) -> bool:
        """Whether there was anything to pool."""
        return self.k > 1

    @property
    def i2(self) -> float:
        """Share of the spread that is more than chance, in percent (Q - df over Q)."""
        q, df = self.heterogeneity.statistic, self.heterogeneity.df
        if df < 1:
            return math.nan
        return max(0.0, 100 * (q - df) / q) if q > 0 else 0.0

    def on_scale(self, value: float) -> float:
        """Return a value as it is shown: the ratio itself for a logarithm."""
        if not self.is_ratio:
            return value
        return math.exp(value) if value < 700 else math.inf

    def test(self, name: str) -> ChiSquareTest:
        """Return the first of `tests` whose name contains `name`."""
        for each in self.tests:
            if name.casefold() in each.name.casefold():
                return each
        known = "; ".join(each.name for each in self.tests)
        raise KeyError(f"No test is called {name!r}. Known are: {known}.")

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        head = (
            f"{capital(plural(self.k, 'informative study', 'informative studies'))}, "
            f"{self.measure} by the {self.method} method ({self.formula})"
        )
        if not self.pooled:
            head += ", nothing to pool"
        decimals = 2 if self.is_ratio else 4
        ends = (self.on_scale(self.ci_low), self.on_scale(self.ci_high))
        line = (
            f"{self.measure} {format_number(self.on_scale(self.estimate), decimals)} "
            f"({100 * self.level:g}% CI {format_interval(*ends, decimals)}), "
            f"{format_p(self.p_value)}"
        )
        if self.is_ratio:
            line += f"; logarithm {format_number(self.estimate, 3)}"
            if math.isfinite(self.standard_error):
                line += f", standard error {format_number(self.standard_error, 3)}"
        lines = [head, line]
        if self.heterogeneity.df > 0:
            lines.append(f"{self.heterogeneity.summary()}; I² {format_number(self.i2, 0)}%")
        lines += [test.summary() for test in self.tests]
        return "\n".join([*lines, *(f"Note: {caution.message}" for caution in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study and one for the common effect, unrounded."""
        row: dict[str, object] = {
            "label": "pooled",
            "estimate": self.estimate,
            "variance": self.standard_error**2,
            "weight": 100.0,
            "role": "result",
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
        }
        studies = self.studies.copy()
        reach = quantile(self.level) * np.sqrt(studies["variance"])
        studies["ci_low"] = studies["estimate"] - reach
        studies["ci_high"] = studies["estimate"] + reach
        for column in studies.columns:
            if column.startswith(("events_", "total_", "time_")):
                row[column] = float(studies[column].sum())
        last = pd.DataFrame([row])[list(studies.columns)]
        return pd.concat([studies, last], ignore_index=True)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite or not known."""
        names = ("estimate", "standard_error", "ci_low", "ci_high", "p_value", "i2")
        table = self.to_frame().iloc[: len(self.studies)].to_dict("records")
        return {
            "method": self.method,
            "measure": self.measure,
            "formula": self.formula,
            "level": self.level,
            "k": self.k,
            "log_scale": self.is_ratio,
            **{name: plain(getattr(self, name)) for name in names},
            "heterogeneity": self.heterogeneity.to_dict(),
            "tests": [test.to_dict() for test in self.tests],
            "studies": [
                {k: plain(v) if isinstance(v, float) else v for k, v in row.items()}
                for row in table
            ],
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.to_frame()
        arms = [
            name
            for name in map(str, self.studies)
            if name.startswith(("events_", "total_", "time_"))
        ]
        decimals = 2 if self.is_ratio else 4
        shown = [
            (
                format_number(self.on_scale(estimate), decimals),
                format_interval(self.on_scale(low), self.on_scale(high), decimals)
                if not math.isnan(estimate)
                else "",
            )
            for estimate, low, high in zip(
                table["estimate"], table["ci_low"], table["ci_high"], strict=True
            )
        ]
        rounded = pd.DataFrame(
            {
                "study": table["label"],
                **{name.replace("_", " "): [f"{v:g}" for v in table[name]] for name in arms},
                self.measure: [each[0] for each in shown],
                f"{100 * self.level:g}% CI": [each[1] for each in shown],
                "weight %": [format_number(v, 1) for v in table["weight"]],
                "role": table["role"],
            }
        )
        head, *rest = self.summary().splitlines()
        right = [*(name.replace("_", " ") for name in arms), self.measure, "weight %"]
        return html_table(rounded, caption=head, align_right=right) + "".join(
            f"<p>{escape(line)}</p>" for line in rest
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What a method computed, before it becomes a result.

    Attributes
    ----------
    estimate, variance
        The common effect.
    weights
        Of the studies, in any unit, shape (k,).
    effects, variances
        Of the studies themselves, shape (k,); NaN where a study has none.
    exact
        Interval and p value of a method that does not use the normal distribution.
    """

    estimate: float
    variance: float
    weights: Floats
    effects: Floats
    variances: Floats
    exact: tuple[float, float, float] | None = None

    def interval(self, level: float) -> tuple[float, float, float]:
        """Return lower end, upper end and p value."""
        if self.exact is not None:
            return self.exact
        se = math.sqrt(self.variance)
        reach = quantile(level) * se
        return (
            self.estimate - reach,
            self.estimate + reach,
            p_from_t(self.estimate / se, None),
        )


def finish(
    *,
    named: tuple[str, str, str, float],
    names: tuple[str, ...],
    counts: Mapping[str, Floats],
    idle: Mapping[str, NDArray[np.bool_]],
    fit: Fit,
    tests: tuple[ChiSquareTest, ...] = (),
    cautions: tuple[Caution, ...] = (),
) -> SparseResult:
    """Put a result together from what a method computed.

    Parameters
    ----------
    named
        Method, measure, variance formula and level.
    names, counts
        The studies and their counts.
    idle
        Why a study carries no information, and which do not.
    fit
        The numbers.
    tests, cautions
        As in `SparseResult`.

    Returns
    -------
    SparseResult
    """
    method, measure, formula, level = named
    role = np.full(len(names), "pooled", dtype=object)
    for reason, which in idle.items():
        role[which] = reason
    left_out = [name for name, each in zip(names, role, strict=True) if each != "pooled"]
    if left_out:
        cautions += (
            Caution(
                "no-information",
                f"{capital(plural(len(left_out), 'study', 'studies'))} carried no information "
                f"about the {measure} and took no part: {join_words(left_out)} "
                f"({join_words([reason for reason, which in idle.items() if which.any()], 'or')}).",
                "Cochrane Handbook, section 10.4.4",
            ),
        )
    if int((role == "pooled").sum()) == 1:
        cautions += (
            Caution(
                "one-study",
                "One study carries information, so nothing is pooled: this is its own result, "
                "and an exact interval serves it better.",
            ),
        )
    used = (role == "pooled") & np.isfinite(fit.effects) & (fit.variances > 0)
    off = fit.effects[used] - fit.estimate
    testable = int(used.sum()) if math.isfinite(fit.estimate) else 0
    q = float(np.sum(off**2 / fit.variances[used]))
    low, high, p_value = fit.interval(level)
    share = fit.weights / fit.weights.sum()
    studies = pd.DataFrame(
        {
            "label": list(names),
            **counts,
            "estimate": fit.effects,
            "variance": fit.variances,
            "weight": 100 * share,
            "role": role,
        }
    )
    return SparseResult(
        method=method,
        measure=measure,
        formula=formula,
        level=level,
        studies=studies,
        estimate=fit.estimate,
        standard_error=math.sqrt(fit.variance),
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        heterogeneity=chi_square(
            "Heterogeneity, Cochran's Q", q, testable - 1, "Cochran 1954, Biometrics 10:101"
        ),
        tests=tests,
        cautions=cautions,
    )
