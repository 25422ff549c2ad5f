"""From one reported statistic to another: standard errors, t statistics, p values.

References
----------
Higgins JPT, Li T, Deeks JJ (editors). Choosing effect measures and computing estimates of
effect. Cochrane Handbook for Systematic Reviews of Interventions, sections 6.3 and 6.5.2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "p_from_t",
    "quantile",
    "same_p",
    "se_from_interval",
    "t_from_f",
    "t_from_p",
    "upper_quantiles",
]


def upper_quantiles(tail: ArrayLike, df: ArrayLike | None) -> Floats:
    """Return the values that t (or z) exceeds with probability `tail`, unchecked.

    Parameters
    ----------
    tail
        Probabilities above the values, at most one half; a number or any shape.
    df
        Degrees of freedom; None for the normal distribution.
    """
    # From the lower tail, where small probabilities keep their digits.
    p = np.asarray(tail, dtype=np.float64)
    if df is None:
        return np.asarray(0.0 - ndtri(p), dtype=np.float64)
    return np.asarray(0.0 - stdtrit(np.asarray(df, dtype=np.float64), p), dtype=np.float64)


def quantile(level: float, df: float | None = None) -> float:
    """Return the two-sided quantile of t with `df` degrees of freedom, or of the normal.

    Parameters
    ----------
    level
        Confidence level, for example 0.95.
    df
        Degrees of freedom; None for the normal distribution.
    """
    if not 0 < level < 1:
        raise InvalidArgumentError(f"level is {level!r}; it must lie between 0 and 1.")
    tail = 0.5 + level / 2
    return float(ndtri(tail)) if df is None else float(stdtrit(df, tail))


def se_from_interval(
    low: float, high: float, level: float = 0.95, df: float | None = None
) -> float:
    """Return the standard error behind a symmetric confidence interval.

    Handbook 6.5.2.2 and 6.5.2.3: the width over twice the quantile, of t where the groups
    are small.

    Parameters
    ----------
    low, high
        Ends of the interval.
    level
        Its level.
    df
        Degrees of freedom of the t quantile; None for the normal one.
    """
    if not low < high:
        raise InvalidArgumentError(f"The interval {low:g} to {high:g} has no width.")
    return (high - low) / (2 * quantile(level, df))


def t_from_p(p: float, df: float | None = None) -> float:
    """Return the absolute t (or z) whose two-sided p value is `p`; Handbook 6.5.2.3."""
    if not 0 < p <= 1:
        raise InvalidArgumentError(f"p is {p!r}; it must be above 0 and at most 1.")
    return float(upper_quantiles(p / 2, df))


def p_from_t(t: float, df: float | None) -> float:
    """Return the two-sided p value of t with `df` degrees of freedom (None: of z)."""
    return 2 * float(ndtr(-abs(t)) if df is None else stdtr(df, -abs(t)))


def same_p(t: float, df: float | None, reference: float | None) -> float:
    """Return the size of t on other degrees of freedom that has the same p value.

    Parameters
    ----------
    t
        A statistic; its sign does not matter.
    df, reference
        Its degrees of freedom, and those of the result; None for the normal distribution.
    """
    if df == reference or math.isinf(t):
        return abs(t)
    p = p_from_t(t, df)
    return t_from_p(p, reference) if p > 0 else math.inf


def t_from_f(f: float) -> float:
    """Return the absolute t of an F statistic with one numerator degree of freedom."""
    if not f >= 0:
        raise InvalidArgumentError(f"F is {f!r}; it must be at least 0.")
    return math.sqrt(f)
