"""Carrying the rounding of printed digits through a formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product

from evidence.data.reported import ReportedNumber

__all__ = ["envelope"]


def envelope(
    formula: Callable[..., float], numbers: Mapping[str, ReportedNumber | None]
) -> tuple[float, float]:
    """Return the smallest and the largest value of `formula` that rounding allows.

    The formulas of this package are monotone in each number over a rounding interval, so
    the extremes lie at its corners; 2^m evaluations for m numbers.

    Parameters
    ----------
    formula
        Takes the numbers as keyword arguments and returns a float; it may return NaN where
        a corner is impossible, and that corner is left out.
    numbers
        The numbers as reported; None ones are passed on as None.

    Returns
    -------
    low, high : float
    """
    names = list(numbers)
    ends = [
        (None,) if number is None else tuple({number.low, number.value, number.high})
        for number in numbers.values()
    ]
    values = [formula(**dict(zip(names, corner, strict=True))) for corner in product(*ends)]
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (math.nan, math.nan)
