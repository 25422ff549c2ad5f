"""Carrying the rounding of printed digits through a formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product

from evidence.data.reported import ReportedNumber

__all__ = ["envelope", "magnitude"]


def envelope(
    formula: Callable[..., float], numbers: Mapping[str, ReportedNumber | None]
) -> tuple[float, float]:
    """Return the smallest and the largest value of `formula` that rounding allows.

    The formulas of this package are monotone in each number over a rounding interval, so
    the extremes lie at its corners; 2^m evaluations for m numbers. A size without sign is
    not monotone where the sign can change: take the envelope of the signed value, then
    its `magnitude`.

    Parameters
    ----------
    formula
        Takes the numbers as keyword arguments and returns a float, also an infinite one; it
        may return NaN where a corner is impossible, and that corner is left out.
    numbers
        The numbers as reported; None ones are passed on as None.

    Returns
    -------
    low, high : float
    """
    names = list(numbers)
    ends = [(None,) if number is None else (number.low, number.high) for number in numbers.values()]
    values = [formula(**dict(zip(names, corner, strict=True))) for corner in product(*ends)]
    possible = [value for value in values if not math.isnan(value)]
    return (min(possible), max(possible)) if possible else (math.nan, math.nan)


def magnitude(low: float, high: float) -> tuple[float, float]:
    """Return the smallest and the largest absolute value between `low` and `high`."""
    sizes = sorted((abs(low), abs(high)))
    return (0.0 if low <= 0 <= high else sizes[0]), sizes[1]
