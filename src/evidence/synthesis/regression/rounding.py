"""How many decimals a coefficient shows: slopes can be small."""

from __future__ import annotations

import math

from evidence.display import format_interval, format_number

__all__ = ["digits", "interval"]


def _decimals(spread: float) -> int:
    """Return how many decimals show two digits of a standard error, at least two."""
    if not (math.isfinite(spread) and spread > 0):
        return 2
    return min(12, max(2, 1 - math.floor(math.log10(spread))))


def digits(value: float, spread: float) -> str:
    """Write a number with two digits of its standard error."""
    return format_number(float(value), _decimals(float(spread)))


def interval(low: float, high: float, spread: float) -> str:
    """Write an interval likewise."""
    return format_interval(float(low), float(high), _decimals(float(spread)))
