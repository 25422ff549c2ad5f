"""Effects as text in a figure: enough decimals at any scale, ratios as ratios."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from evidence.display import format_interval, format_number

__all__ = ["band_text", "column_decimals", "effect_text", "power_of_ten", "ratio_text", "scaled"]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: More digits than these after or before the point are written with a power of ten.
_MOST_DECIMALS, _MOST_DIGITS = 6, 7
#: Beyond a ratio of ten thousand, or of one in a thousand, a power of ten reads better.
_RATIO_POWERS = (-3, 4)


def power_of_ten(power: int) -> str:
    """Write ``×10⁻⁸``; nothing for the power 0."""
    return f"×10{str(power).translate(_SUPERSCRIPT)}" if power else ""


def scaled(value: float, power: int) -> float:
    """Divide by a power of ten, also by one that no float can hold."""
    half = power // 2
    return value / 10.0**half / 10.0 ** (power - half)


def column_decimals(values: Iterable[Sequence[float]]) -> int:
    """Return how many decimals a column of effects has: what its middle row needs.

    Parameters
    ----------
    values
        Estimate and both ends of the interval of each row.
    """
    sized = [(size, row) for row in values if (size := _size(row)) > 0]
    if not sized:
        return 2
    middle = sorted(size for size, _ in sized)[len(sized) // 2]
    usual = 2 if middle < 10 else 1 if middle < 1000 else 0
    needs = sorted(_needed(row[2] - row[1], size) for size, row in sized)
    return max(usual, min(needs[len(needs) // 2], _MOST_DECIMALS))


def effect_text(
    estimate: float, low: float, high: float, *, decimals: int = 2, log: bool = False
) -> tuple[str, str]:
    """Return an effect and its interval as two texts, on the scale people read.

    Parameters
    ----------
    estimate, low, high
        The effect; logarithms where `log` is set.
    decimals
        Of the column it stands in. A narrow interval gets as many as it needs to have
        two different ends.
    log
        Whether the values are logarithms of ratios.
    """
    values = (estimate, low, high)
    if not math.isfinite(estimate):
        return "not known", ""
    if math.isnan(low) or math.isnan(high):
        return _plain(values, decimals, log)[0], "not known"
    texts = _plain(values, decimals, log)
    return texts[0], f"{texts[1]} to {texts[2]}"


def ratio_text(logarithm: float, decimals: int = 0) -> str:
    """Write the ratio behind a logarithm, however large or small.

    Parameters
    ----------
    logarithm
        Natural logarithm of the ratio.
    decimals
        At least so many.
    """
    if math.isinf(logarithm):
        return "\N{INFINITY}" if logarithm > 0 else "0"
    power = math.floor(logarithm / math.log(10) + 1e-12 * max(1.0, abs(logarithm)))
    lowest, highest = _RATIO_POWERS
    if not lowest <= power < highest:
        share = 10 ** (logarithm / math.log(10) - power)
        return f"{format_number(share, 1)}{power_of_ten(power)}"
    value = math.exp(logarithm)
    usual = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.01 else 3
    return format_number(value, max(usual, decimals))


def _plain(values: tuple[float, float, float], decimals: int, log: bool) -> tuple[str, ...]:
    if log:
        ratios = [math.exp(min(max(value, -700.0), 700.0)) for value in values[1:]]
        digits = min(_needed(ratios[1] - ratios[0], 0.0), _MOST_DECIMALS)
        return tuple(ratio_text(value, digits) for value in values)
    size = _size(values)
    needed = _needed(values[2] - values[1], size)
    power = math.floor(math.log10(size)) if size > 0 else 0
    if power >= _MOST_DIGITS or needed > _MOST_DECIMALS:
        digits = max(2, min(needed + power, 9))
        return tuple(_with_power(value, power, digits) for value in values)
    return tuple(format_number(value, max(decimals, needed)) for value in values)


def _with_power(value: float, power: int, digits: int) -> str:
    if not math.isfinite(value) or value == 0:
        return format_number(value, 0)
    return format_number(scaled(value, power), digits) + power_of_ten(power)


def _needed(reach: float, size: float) -> int:
    """Return the decimals with which an interval is at least five steps wide.

    Negative where even whole numbers say more than that. An interval without width needs
    the digits of its size.
    """
    wide = reach if 0 < reach < math.inf else size
    return math.ceil(math.log10(5) - math.log10(wide)) if wide > 0 else 0


def _size(values: Iterable[float]) -> float:
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0)


def band_text(threshold: float, *, log: bool) -> str:
    """Write the band of differences too small to matter: ``−0.5 to 0.5``, ``0.80 to 1.25``."""
    if log:
        return f"{ratio_text(-threshold)} to {ratio_text(threshold)}"
    decimals = next(
        (d for d in range(_MOST_DECIMALS + 1) if math.isclose(round(threshold, d), threshold)),
        column_decimals([(threshold, threshold, threshold)]),
    )
    if threshold >= 10**_MOST_DIGITS or round(threshold, decimals) == 0:
        return effect_text(threshold, -threshold, threshold)[1]
    return format_interval(-threshold, threshold, decimals)
