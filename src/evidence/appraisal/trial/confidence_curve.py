"""Which true effects a trial's result is compatible with, and how surprising none would be.

References
----------
Rafi Z, Greenland S (2020). Semantic and cognitive tools to aid statistical science: replace
confidence and significance by compatibility and surprise. BMC Medical Research Methodology
20:244.
Birnbaum A (1961). Confidence curves: an omnibus technique for estimation and testing
statistical hypotheses. Journal of the American Statistical Association 56:246-249.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import check_estimate
from evidence.appraisal.trial.words import PLAIN, Words
from evidence.display import format_number, format_p, plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import quantile
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["ConfidenceCurve", "compatibility", "confidence_curve", "s_value"]

_REFERENCE = "Rafi and Greenland 2020, BMC Medical Research Methodology 20:244"
#: The curve goes as far as p = 0.001 on either side.
_SMALLEST_P = 0.001


def s_value(p: float) -> float:
    """Return the surprise in a p value: bits of information against the hypothesis tested.

    -log2 p: as surprising as that many heads in a row from a coin that is fair.

    Parameters
    ----------
    p
        A p value, above 0 and at most 1.

    Returns
    -------
    float

    References
    ----------
    Rafi and Greenland (2020).
    """
    if not 0 < p <= 1:
        raise InvalidArgumentError(f"p is {p!r}; it must be above 0 and at most 1.")
    return 0.0 - math.log2(p)


def compatibility(
    values: ArrayLike, estimate: float, standard_error: float, *, df: float | None = None
) -> Floats:
    """Return how well a result fits with true effects: the two-sided p value of each.

    Parameters
    ----------
    values
        True effects; a number or any shape.
    estimate, standard_error
        The result.
    df
        Degrees of freedom of t; None for the normal distribution.

    Returns
    -------
    array
        Of the shape of `values`.

    References
    ----------
    Birnbaum (1961).
    """
    away = np.abs(np.asarray(values, dtype=np.float64) - estimate) / standard_error
    tail = ndtr(-away) if df is None else stdtr(df, -away)
    return np.asarray(2 * tail, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class ConfidenceCurve(TrialFinding):
    """The p value of every true effect, and what can be read from it.

    Attributes
    ----------
    estimate, standard_error, df
        The result; `df` is None for the normal distribution.
    level, ci_low, ci_high
        Level and ends of the interval.
    values, p_values
        The curve, shape (m,).
    p_none, s_none
        p and S-value of no effect.
    thresholds, p_thresholds
        The differences that matter, on the side they are looked for, and how well the result
        fits with each.
    words
        How numbers are written.
    """

    estimate: float
    standard_error: float
    df: float | None
    level: float
    ci_low: float
    ci_high: float
    values: Floats
    p_values: Floats
    p_none: float
    s_none: float
    thresholds: tuple[float, ...]
    p_thresholds: tuple[float, ...]
    words: Words = PLAIN

    @property
    def median_unbiased(self) -> float:
        """The effect at the top of the curve: as likely too high as too low."""
        return self.estimate

    def sentence(self) -> str:
        """Return the estimate, what fits with it, and how surprising no effect would be."""
        return f"{self.estimate_in_words()} {self.surprise_in_words()}"

    def estimate_in_words(self) -> str:
        """Return the median-unbiased estimate with its interval."""
        within = self.words.interval(self.ci_low, self.ci_high)
        return (
            f"The result fits best with {self.words.effect(self.estimate)}, an estimate as likely "
            f"too high as too low; everything within {within} fits with p above "
            f"{1 - self.level:.3g}."
        )

    def surprise_in_words(self) -> str:
        """Return how surprising the result would be without any effect."""
        return (
            f"If there were {self.words.none}, a result this far from it would have "
            f"{format_p(self.p_none)}: {format_number(self.s_none, 1)} bits of information "
            f"against it, {coins(self.s_none)}."
        )

    def threshold_in_words(self, place: int) -> str:
        """Return how the result fits with a difference that matters.

        Parameters
        ----------
        place
            Which of the thresholds, counted from 0.
        """
        p, value = self.p_thresholds[place], self.thresholds[place]
        if math.isclose(p, self.p_none, rel_tol=1e-9):
            than = "as well as with"
        else:
            than = "better than with" if p > self.p_none else "less well than with"
        return (
            f"The result fits with {self.words.effect(value)} ({format_p(p)}) {than} "
            f"{self.words.none} ({format_p(self.p_none)})."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return _REFERENCE

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        told = "normal" if self.df is None else f"t with {self.df:g} degrees of freedom"
        return (f"The estimate over its standard error is {told}; nothing else biased the result.",)

    def to_frame(self) -> pd.DataFrame:
        """Return the curve, one row per true effect, unrounded."""
        return pd.DataFrame({"effect": self.values, "p_value": self.p_values})


def coins(bits: float) -> str:
    """Return a number of bits as heads in a row."""
    heads = round(bits)
    if heads == 0:
        return "no surprise at all"
    return f"about as surprising as {plural(heads, 'head', 'heads')} in a row from a fair coin"


def confidence_curve(
    estimate: float,
    standard_error: float,
    *,
    df: float | None = None,
    thresholds: tuple[float, ...] = (),
    level: float = 0.95,
    points: int = 401,
    words: Words = PLAIN,
) -> ConfidenceCurve:
    """Return the p value of every true effect: the confidence curve of one result.

    Parameters
    ----------
    estimate, standard_error
        The result; a logarithm for a ratio.
    df
        Degrees of freedom of t; None for the normal distribution.
    thresholds
        Differences that matter, with the sign of the side they are looked for.
    level
        Of the interval.
    points
        How many true effects the curve has.
    words
        How numbers are written.

    Returns
    -------
    ConfidenceCurve

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    References
    ----------
    Rafi and Greenland (2020); Birnbaum (1961).
    """
    check_estimate(estimate, standard_error, df)
    check_level(level)
    # With few degrees of freedom the far tail would take all the room.
    reach = min(quantile(1 - _SMALLEST_P, df), 3 * quantile(0.95, df)) * standard_error
    values = np.linspace(estimate - reach, estimate + reach, points)
    half = quantile(level, df) * standard_error
    at = compatibility([0.0, *thresholds], estimate, standard_error, df=df)
    return ConfidenceCurve(
        estimate=float(estimate),
        standard_error=float(standard_error),
        df=df,
        level=level,
        ci_low=estimate - half,
        ci_high=estimate + half,
        values=values,
        p_values=compatibility(values, estimate, standard_error, df=df),
        p_none=float(at[0]),
        s_none=s_value(float(at[0])) if at[0] > 0 else math.inf,
        thresholds=tuple(map(float, thresholds)),
        p_thresholds=tuple(map(float, at[1:])),
        words=words,
    )
