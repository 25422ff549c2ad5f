"""The axis of a forest plot: how far it reaches, and where its ticks stand.

It shows the studies well before anything else. No effect, the band of differences too
small to matter and the prediction interval are inside where that costs the studies
little; an interval far wider than the others is cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evidence.plots.lettering import width
from evidence.plots.numbers import effect_text, power_of_ten, ratio_text, scaled
from evidence.plots.rows import ForestRow, ForestRows
from evidence.plots.style import SMALL

__all__ = ["Axis", "axis_between", "axis_of", "stretched"]

#: An interval that reaches further than this many times the typical one is cut with an
#: arrow, so that one imprecise study does not squeeze all others into a line.
_CUT = 5.0
#: How many times longer the axis may become to show what is not a study.
_FOR_NO_EFFECT, _FOR_BAND, _FOR_PREDICTION = 5.0, 2.0, 1.6
_MARGIN = 0.06
#: Below this, floating-point numbers cannot tell two ends of an axis apart.
_FINEST = 1e-9
_SMALLEST = 1e-300
_MOST_TICKS = 6
#: Steps of which the tick at no effect is a whole number, at a ratio of 1 as well.
_STEPS = (1, 2, 2.5, 5, 10)
#: Ticks with more digits than this share a power of ten.
_PLAIN_TICKS = (-4, 6)


@dataclass(frozen=True, slots=True)
class Axis:
    """What a forest plot's axis covers.

    Attributes
    ----------
    low, high
        Its ends; logarithms for ratios.
    ticks
        Position and text of each tick.
    factor
        ``×10⁻⁸`` where the ticks are to be multiplied by it.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    factor: str = ""

    def holds(self, value: float) -> bool:
        """Return whether a value lies on the axis."""
        return self.low <= value <= self.high

    def place(self, value: float) -> float:
        """Return where a value lies: 0 at the left end, 1 at the right end."""
        return (value - self.low) / (self.high - self.low)


def axis_of(content: ForestRows, threshold: float | None, room: float) -> Axis:
    """Return the axis that suits the rows.

    Parameters
    ----------
    content
        What is shown.
    threshold
        Half the width of the band, if there is one.
    room
        Width of the axis in inches: the ticks' texts have to fit.
    """
    low, high = _ends(content, threshold)
    return axis_between(low, high, log=content.log, room=room)


def axis_between(low: float, high: float, *, log: bool, room: float) -> Axis:
    """Return the axis from one end to the other, with ticks at round numbers.

    Parameters
    ----------
    low, high
        Its ends, which differ; logarithms where `log` is set.
    log
        Whether the values are logarithms of ratios.
    room
        Length of the axis in inches: the ticks' texts have to fit.
    """
    if log:
        ticks = [(value, text) for value, text in _ratio_ticks(low, high) if low <= value <= high]
        factor = ""
    else:
        ticks, factor = _plain_ticks(low, high)
    if len(ticks) < 2:
        # No round number in reach: two places, with the numbers that stand there.
        values = (0.75 * low + 0.25 * high, 0.25 * low + 0.75 * high)
        ticks = [(value, _any_number(value, high - low, log)) for value in values]
        factor = ""
    return Axis(low, high, _shortest(_thinned(ticks, room / (high - low))), factor)


def _ends(content: ForestRows, threshold: float | None) -> tuple[float, float]:
    rows = [row for row in content.rows if math.isfinite(row.estimate)]
    low, high = _core(rows) if rows else (0.0, 0.0)
    if max(abs(low), abs(high)) < _SMALLEST:
        low, high = -1.0, 1.0
    low, high = stretched(low, high, (0.0,), _FOR_NO_EFFECT)
    if threshold is not None and low <= 0 <= high:
        low, high = stretched(low, high, (-threshold, threshold), _FOR_BAND)
    for row in content.predictions:
        low, high = stretched(low, high, (row.low, row.high), _FOR_PREDICTION)
    span = max(high - low, _FINEST * max(abs(low), abs(high)))
    return low - _MARGIN * span, high + _MARGIN * span


def _core(rows: Sequence[ForestRow]) -> tuple[float, float]:
    """Return what the studies need: from end to end, but for the far too wide ones."""
    centre = _middle([row.estimate for row in rows])
    if len(rows) == 2:
        centre = min(rows, key=_reach).estimate
    reach = [max(abs(row.low - centre), abs(row.high - centre)) for row in rows]
    typical = _middle([r for r in reach if math.isfinite(r)] or [0.0])
    if len(rows) == 2:
        typical = min(reach)
    limit = _CUT * typical if typical > 0 else math.inf
    ends = [centre]
    for row, r in zip(rows, reach, strict=True):
        if r <= limit and math.isfinite(r):
            ends += (row.low, row.high)
        if abs(row.estimate - centre) <= limit:
            ends.append(row.estimate)
    return min(ends), max(ends)


def _reach(row: ForestRow) -> float:
    reach = row.high - row.low
    return reach if math.isfinite(reach) else math.inf


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else ordered[half - 1] / 2 + ordered[half] / 2


def stretched(low: float, high: float, wanted: Sequence[float], most: float) -> tuple[float, float]:
    """Stretch an axis to what is wanted, unless it becomes more than `most` times as long.

    Parameters
    ----------
    low, high
        Its ends.
    wanted
        What it is to hold; what is not finite is passed over.
    most
        How many times as long it may become.
    """
    found = [value for value in wanted if math.isfinite(value)]
    new_low, new_high = min([low, *found]), max([high, *found])
    if high == low or new_high - new_low <= most * (high - low):
        return new_low, new_high
    return low, high


def _plain_ticks(low: float, high: float) -> tuple[list[tuple[float, str]], str]:
    from matplotlib.ticker import MaxNLocator

    locator = MaxNLocator(_MOST_TICKS, steps=_STEPS)
    values = [float(v) for v in locator.tick_values(low, high) if low <= v <= high]
    largest = max(abs(low), abs(high))
    power = math.floor(math.log10(largest))
    if _PLAIN_TICKS[0] <= power < _PLAIN_TICKS[1]:
        power = 0
    step = scaled(min((b - a for a, b in pairwise(values)), default=1), power)
    decimals = next((d for d in range(10) if _is_whole(step * 10**d)), 10)
    texts = [f"{scaled(value, power):.{decimals}f}" for value in values]
    ticks = {
        text.replace("-", "\N{MINUS SIGN}") if float(text) else "0": value
        for value, text in zip(values, texts, strict=True)
    }
    return [(value, text) for text, value in ticks.items()], power_of_ten(power)


def _any_number(value: float, span: float, log: bool) -> str:
    return effect_text(value, value, value + span, log=log)[0]


def _is_whole(value: float) -> bool:
    return math.isclose(value, round(value), rel_tol=1e-6)


def _ratio_ticks(low: float, high: float) -> Iterator[tuple[float, str]]:
    """Yield ticks at round ratios, 1 among them."""
    from matplotlib.ticker import MaxNLocator

    decades = (high - low) / math.log(10)
    if decades < 0.5 and max(abs(low), abs(high)) < 10:
        # Nearly even: equal steps of the ratio itself.
        locator = MaxNLocator(_MOST_TICKS, steps=_STEPS)
        values = locator.tick_values(math.exp(low), math.exp(high))
        step = float(values[1] - values[0])
        decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
        decimals += not _is_whole(step * 10**decimals)
        for value in values:
            if value > 0:
                yield math.log(value), f"{value:.{decimals}f}"
        return
    first, last = math.floor(low / math.log(10)), math.ceil(high / math.log(10))
    digits = (1, 2, 5) if decades < 3.5 else (1,)
    step = max(1, round((last - first) / _MOST_TICKS)) if digits == (1,) else 1
    for power in range(step * (first // step), last + 1, step):
        for digit in digits:
            yield power * math.log(10) + math.log(digit), _ratio_tick(digit, power)


def _ratio_tick(digit: int, power: int) -> str:
    if -4 <= power <= 4:
        return f"{digit * 10**power}" if power >= 0 else f"{digit * 10.0**power:.{-power}f}"
    text = ratio_text(power * math.log(10) + math.log(digit)).replace(".0×", "×")
    return text.removeprefix("1×")


def _thinned(
    ticks: Sequence[tuple[float, str]], inches_per_unit: float
) -> tuple[tuple[float, str], ...]:
    """Leave out ticks, evenly and never that of no effect, until their texts fit."""
    anchor = next((i for i, (value, _) in enumerate(ticks) if abs(value) < 1e-12), 0)
    for step in range(1, len(ticks) + 1):
        kept = [tick for i, tick in enumerate(ticks) if (i - anchor) % step == 0]
        if all(
            (b - a) * inches_per_unit > (width(s, SMALL + 0.5) + width(t, SMALL + 0.5)) / 2 + 0.1
            for (a, s), (b, t) in pairwise(kept)
        ):
            return tuple(kept)
    return tuple(ticks[:1])


def _shortest(ticks: tuple[tuple[float, str], ...]) -> tuple[tuple[float, str], ...]:
    """Drop decimals that are 0 in every tick."""
    texts = [text for _, text in ticks if text != "0"]
    while texts and all("." in text and text.endswith("0") for text in texts):
        texts = [text[:-1].removesuffix(".") for text in texts]
        ticks = tuple(
            (v, text if text == "0" else text[:-1].removesuffix(".")) for v, text in ticks
        )
    return ticks
