"""Numbers of two sides: whether they differ, and how to show that they do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from evidence.display import format_interval, format_number

__all__ = ["differ", "effect_texts"]

#: Numbers nearer to each other than this, relative to their size, are the same number:
#: machines differ from about the eighth digit on, and no conclusion rests on the sixth.
SAME = 1e-6
_RATIOS = ("risk ratio", "odds ratio")
_UNITS = {"standardised mean difference": "SD", "risk difference": ""}
_DECIMALS = (2, 3, 4, 6)


def differ(old: object, new: object) -> bool:
    """Return whether two values differ by more than machines do.

    Parameters
    ----------
    old, new
        Numbers or other plain values.
    """
    numbers = [v for v in (old, new) if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) == 2:
        return not math.isclose(numbers[0], numbers[1], rel_tol=SAME, abs_tol=SAME * SAME)
    return old != new


def effect_texts(
    old: Mapping[str, Any], new: Mapping[str, Any], *, measure: str, outcome: Mapping[str, Any]
) -> tuple[str, str]:
    """Write two effects as benefits, with as many decimals as tell them apart.

    Parameters
    ----------
    old, new
        With ``estimate``, ``ci_low`` and ``ci_high``, treatment minus control; empty where
        there is none.
    measure
        What they are; ratios are held as logarithms and shown as ratios.
    outcome
        With ``better`` and ``unit``.
    """
    for decimals in _DECIMALS:
        texts = tuple(_effect(side, measure, outcome, decimals) for side in (old, new))
        if texts[0] != texts[1]:
            break
    return texts[0], texts[1]


def _effect(
    effect: Mapping[str, Any], measure: str, outcome: Mapping[str, Any], decimals: int
) -> str:
    if not effect:
        return ""
    numbers = [effect.get(key) for key in ("estimate", "ci_low", "ci_high")]
    if any(number is None for number in numbers):
        return str(effect.get("path") or "not known")
    estimate, low, high = (float(number) for number in numbers if number is not None)
    if measure in _RATIOS:
        ends = format_interval(math.exp(low), math.exp(high), decimals)
        return f"ratio {format_number(math.exp(estimate), decimals)} ({ends})"
    if outcome.get("better") != "higher":
        estimate, low, high = -estimate, -high, -low
    unit = _UNITS.get(measure, str(outcome.get("unit", "")))
    return f"{format_number(estimate, decimals)} {unit}".rstrip() + (
        f" ({format_interval(low, high, decimals)})"
    )
