"""The result of a meta-regression, and how it reads."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
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
    join_words,
    plural,
)
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution
from evidence.synthesis.regression.design import Design
from evidence.synthesis.regression.heterogeneity import residual_q_profile
from evidence.synthesis.regression.joint import (
    ContrastResult,
    JointTest,
    estimate_contrasts,
    joint_test,
    read_contrasts,
)
from evidence.synthesis.regression.method import RegressionMethod
from evidence.synthesis.regression.prediction import Prediction
from evidence.synthesis.regression.rounding import digits, interval

if TYPE_CHECKING:
    from evidence.synthesis.regression.permutation import PermutationResult

__all__ = ["RegressionResult"]


@dataclass(frozen=True, eq=False)
class RegressionResult(Display):
    """How effects go with moderators.

    Attributes
    ----------
    method
        Model, estimator of tau², intervals and level.
    labels, effects, variances
        The studies used, shape (k,).
    design
        Their moderators as columns, with names and factors.
    coefficients, standard_errors
        Shape (p,); in units of the effects by unit of the moderator.
    covariance
        Of the coefficients, with the factor of Knapp and Hartung where chosen, shape (p, p).
    ci_low, ci_high, p_values
        Shape (p,).
    df
        Degrees of freedom of t and F, k - p; None: normal and chi-square.
    fitted, leverage
        Of the studies, shape (k,).
    tau2
        Residual variance between studies: what the moderators leave unexplained.
    tau2_without
        Variance between studies without moderators.
    qe, qe_df, qe_p_value
        Test of residual heterogeneity.
    i2, h2
        Residual inconsistency: I² in percent, and H².
    r2
        Share of tau² that the moderators explain, in percent, cut at 0; NaN where there is
        none to explain, or the model has no constant.
    omnibus
        Test that no moderator matters.
    cautions
        What a reader should know.
    """

    method: RegressionMethod
    labels: tuple[str, ...]
    effects: Floats
    variances: Floats
    design: Design
    coefficients: Floats
    standard_errors: Floats
    covariance: Floats
    ci_low: Floats
    ci_high: Floats
    p_values: Floats
    df: float | None
    fitted: Floats
    leverage: Floats
    tau2: float
    tau2_without: float
    qe: float
    qe_p_value: float
    i2: float
    h2: float
    r2: float
    omnibus: JointTest
    cautions: tuple[Caution, ...] = ()

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.labels)

    @property
    def p(self) -> int:
        """How many coefficients."""
        return self.design.p

    @property
    def names(self) -> tuple[str, ...]:
        """Of the coefficients."""
        return self.design.names

    @property
    def qe_df(self) -> int:
        """Degrees of freedom of the test of residual heterogeneity."""
        return self.k - self.p

    @cached_property
    def _tau2_interval(self) -> tuple[float, float]:
        return residual_q_profile(self.effects, self.variances, self.design, self.method.level)

    @property
    def tau2_ci_low(self) -> float:
        """Lower end of the Q-profile interval of the residual tau²."""
        return self._tau2_interval[0]

    @property
    def tau2_ci_high(self) -> float:
        """Upper end of it."""
        return self._tau2_interval[1]

    @property
    def term_tests(self) -> tuple[JointTest, ...]:
        """One test for each term of the formula; a factor's coefficients are tested together."""
        return tuple(
            self._test(name, np.eye(self.p)[list(places)])
            for name, places in self.design.terms
            if name != "intercept"
        )

    def _test(self, name: str, matrix: Floats) -> JointTest:
        return joint_test(
            name, matrix @ self.coefficients, matrix @ self.covariance @ matrix.T, self.df
        )

    def contrast(self, weights: Any) -> ContrastResult:
        """Estimate and test combinations of coefficients.

        Parameters
        ----------
        weights
            For example ``{"allocation[random]": 1, "allocation[systematic]": -1}``; a list of
            such mappings; or a matrix with one column a coefficient, shape (m, p).

        Returns
        -------
        ContrastResult
            Each combination with its interval, and the test that all are zero.

        Raises
        ------
        InvalidArgumentError
            For names that are not known, and combinations that depend on each other.
        """
        matrix, names = read_contrasts(weights, self.names)
        return estimate_contrasts(
            matrix, names, (self.coefficients, self.covariance), self.df, self.method.level
        )

    def predict(self, new: Any = None) -> Prediction:
        """Return mean effects at given moderators, with confidence and prediction intervals.

        Parameters
        ----------
        new
            A table or mapping with the columns of the formula, ``{"year": [1950, 1980]}``;
            for a design matrix, rows of as many numbers; None for the studies themselves.

        Returns
        -------
        Prediction

        Raises
        ------
        InvalidArgumentError
            For missing columns, and levels that no study has.

        Notes
        -----
        The prediction interval has t on k - p - 1 degrees of freedom (Higgins, Thompson and
        Spiegelhalter 2009, Journal of the Royal Statistical Society A 172:137-159, for p = 1),
        and is given from one degree on.
        """
        cautions: tuple[Caution, ...] = ()
        if new is None:
            rows, labels = self.design.matrix, list(self.labels)
        else:
            rows, labels, beyond = self.design.rows(new)
            if beyond:
                cautions = (
                    Caution(
                        "extrapolation",
                        f"Beyond what the studies cover: {join_words(beyond)}.",
                        "Thompson and Higgins 2002, Statistics in Medicine 21:1559-1573",
                    ),
                )
        found = estimate_contrasts(
            rows, tuple(labels), (self.coefficients, self.covariance), self.df, self.method.level
        )
        left = self.k - self.p - 1
        half = np.full(len(labels), math.nan)
        if self.method.model == "random" and left >= 1:
            spread = np.sqrt(self.tau2 + found.standard_error**2)
            half = quantile(self.method.level, left) * spread
        return Prediction(
            labels=found.names,
            estimate=found.estimate,
            standard_error=found.standard_error,
            ci_low=found.ci_low,
            ci_high=found.ci_high,
            prediction_low=found.estimate - half,
            prediction_high=found.estimate + half,
            level=self.method.level,
            cautions=cautions,
        )

    def permutation_test(self, permutations: int = 10_000, *, seed: int = 0) -> PermutationResult:
        """Return p values from permuting the moderators over the studies.

        Parameters
        ----------
        permutations
            How many at most; where there are fewer different ones, all are used.
        seed
            Of the random ones.

        Returns
        -------
        PermutationResult

        Raises
        ------
        InvalidArgumentError
            Below 99 permutations.
        InsufficientEvidenceError
            Without moderators.
        """
        from evidence.synthesis.regression.permutation import permutation_test

        return permutation_test(self, permutations, seed)

    # ------------------------------------------------------------------------------- reading

    def _head(self) -> str:
        what = f" on {self.design.formula}" if self.design.formula else ""
        count = plural(self.k, "study", "studies")
        return f"{capital(count)}, meta-regression{what}: {self.method.in_words()}"

    def _heterogeneity(self) -> Iterable[str]:
        level = f"{100 * self.method.level:g}%"
        if self.method.model == "random":
            reach = format_interval(self.tau2_ci_low, self.tau2_ci_high, 3)
            yield (
                f"Residual tau² {format_number(self.tau2, 3)} ({level} CI {reach}), "
                f"residual I² {format_number(self.i2, 0)}%"
            )
        yield (
            f"Residual heterogeneity: Q {format_number(self.qe)} on {self.qe_df} df, "
            f"{format_p(self.qe_p_value)}"
        )
        if self.omnibus.df and self.method.model == "random":
            if not math.isnan(self.r2):
                cut = ", cut at 0" if self.tau2 > self.tau2_without else ""
                yield (
                    f"R² {format_number(self.r2, 0)}%{cut}: tau² is "
                    f"{format_number(self.tau2_without, 3)} without moderators and "
                    f"{format_number(self.tau2, 3)} with them"
                )
            elif self.tau2_without == 0:
                yield "R² is not known: tau² is 0 without moderators, so nothing is left to explain"

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        level = f"{100 * self.method.level:g}%"
        lines = [self._head()]
        lines += [
            f"{name}: {digits(self.coefficients[j], self.standard_errors[j])} ({level} CI "
            f"{interval(self.ci_low[j], self.ci_high[j], self.standard_errors[j])}), "
            f"{format_p(self.p_values[j])}"
            for j, name in enumerate(self.names)
        ]
        lines += [
            f"{capital(factor.name)} is compared with its level {factor.reference!r}"
            for factor in self.design.factors
            if f"{factor.name}[{factor.reference}]" not in self.names
        ]
        if self.omnibus.df:
            lines.append(self.omnibus.summary())
        if len(self.term_tests) > 1:
            lines += [test.summary() for test in self.term_tests if test.df > 1]
        lines += self._heterogeneity()
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient, unrounded."""
        return pd.DataFrame(
            {
                "term": self.names,
                "estimate": self.coefficients,
                "standard_error": self.standard_errors,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "p_value": self.p_values,
            }
        )

    def studies(self) -> pd.DataFrame:
        """Return one row a study: effect, what is fitted, what is left, and its leverage."""
        return pd.DataFrame(
            {
                "label": self.labels,
                "estimate": self.effects,
                "variance": self.variances,
                "fitted": self.fitted,
                "residual": self.effects - self.fitted,
                "leverage": self.leverage,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = ("tau2", "tau2_ci_low", "tau2_ci_high", "tau2_without", "qe", "qe_df")
        numbers = {
            name: getattr(self, name) for name in (*names, "qe_p_value", "i2", "h2", "r2", "df")
        }
        return {
            "k": self.k,
            "formula": self.design.formula,
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            "coefficients": self.to_frame().to_dict("records"),
            "factors": {
                factor.name: dict(zip(factor.levels, factor.counts, strict=True))
                for factor in self.design.factors
            },
            **{
                name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in numbers.items()
            },
            "omnibus": self.omnibus.to_dict(),
            "terms": [test.to_dict() for test in self.term_tests],
            "studies": self.studies().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.to_frame()
        spread = table["standard_error"]
        rounded = pd.DataFrame(
            {
                "term": table["term"],
                "estimate": [digits(v, s) for v, s in zip(table["estimate"], spread, strict=True)],
                f"{100 * self.method.level:g}% CI": [
                    interval(low, high, s)
                    for low, high, s in zip(table["ci_low"], table["ci_high"], spread, strict=True)
                ],
                "p": [format_p(p).removeprefix("p = ").removeprefix("p ") for p in self.p_values],
            }
        )
        rest = self.summary().splitlines()[1 + self.p :]
        shown = html_table(rounded, caption=self._head(), align_right=("estimate", "p"))
        return shown + "".join(f"<p>{escape(line)}</p>" for line in rest)
