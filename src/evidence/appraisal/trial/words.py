"""How an effect of one trial reads: its unit, which way is better, ratios as ratios."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evidence.display import MINUS, format_interval, format_number

__all__ = ["PLAIN", "Words", "probability"]

#: So many decimals at most, where fewer would round a number away.
_MOST_DECIMALS = 6
#: Ratios beyond this, or its inverse, are not told apart.
_SMALLEST_RATIO = 0.001


@dataclass(frozen=True, slots=True)
class Words:
    """How numbers of a measure are written.

    Attributes
    ----------
    unit
        Unit as it stands after a number; empty where there is none.
    better
        1 where higher values are better, -1 where lower ones are, 0 where that is not known.
    log
        Whether values are logarithms of ratios; they are then shown as ratios.
    decimals
        How many to show.
    factor
        What a value is multiplied with before it is shown.
    span
        The largest difference that the scale has room for.
    """

    unit: str = ""
    better: int = 0
    log: bool = False
    decimals: int = 2
    factor: float = 1.0
    span: float = math.inf

    def effect(self, value: float) -> str:
        """Return an effect with its direction: ``1.6 points better``, ``a ratio of 0.80``."""
        if self.log:
            return f"a ratio of {self._ratio(value)}"
        if value == 0:
            return "no difference"
        if self.better:
            return f"{self._with_unit(abs(value))} {self._side(value)}"
        return self._with_unit(value)

    def size(self, value: float) -> str:
        """Return a size without direction: ``2.8 points``, ``a ratio of 1.25 (or 0.80)``."""
        if self.log:
            ends = self._ratio(abs(value)), self._ratio(-abs(value))
            return f"a ratio of {ends[0]} (or {ends[1]})"
        return self._with_unit(abs(value), trim=True)

    def interval(self, low: float, high: float) -> str:
        """Return an interval in words: ``1.0 points worse to 4.2 points better``."""
        if self.log:
            return f"{self._ratio(low)} to {self._ratio(high)}"
        if not self.better:
            low, high = low * self.factor, high * self.factor
            text = format_interval(low, high, self._decimals(low, high))
            return f"{text} {self.unit}".rstrip()
        near, far = sorted((low * self.better, high * self.better))
        if near >= 0 or far <= 0:
            first, last = sorted((abs(near), abs(far)))
            decimals = self._decimals(first * self.factor, last * self.factor)
            start = format_number(first * self.factor, decimals)
            return f"{start} to {self._with_unit(last)} {'better' if near >= 0 else 'worse'}"
        return f"{self._with_unit(-near)} worse to {self._with_unit(far)} better"

    @property
    def none(self) -> str:
        """No effect, in words."""
        return "no effect (a ratio of 1)" if self.log else "no difference"

    @property
    def zero(self) -> str:
        """The value of no effect, in words."""
        return "a ratio of 1" if self.log else "zero"

    def _side(self, value: float) -> str:
        return "better" if value * self.better > 0 else "worse"

    def _with_unit(self, value: float, *, trim: bool = False) -> str:
        value *= self.factor
        if trim and math.isfinite(value) and float(f"{value:.6g}") == value:
            text = f"{value:.6g}".replace("-", MINUS)
        else:
            text = format_number(value, self._decimals(value))
        return f"{text} {self.unit}".rstrip()

    def _ratio(self, value: float) -> str:
        ratio = math.exp(min(max(value, -700.0), 700.0))
        if ratio < _SMALLEST_RATIO:
            return f"less than {_SMALLEST_RATIO:g}"
        if ratio > 1 / _SMALLEST_RATIO:
            return f"more than {1 / _SMALLEST_RATIO:,.0f}"
        return format_number(ratio, self.decimals if ratio >= 0.1 else self.decimals + 1)

    def _decimals(self, *values: float) -> int:
        decimals = self.decimals
        size = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        while size and decimals < _MOST_DECIMALS and size * 10**decimals < 1:
            decimals += 1
        return decimals


#: Numbers without a unit, of which nobody said which way is better.
PLAIN = Words()


def probability(p: float) -> str:
    """Return a probability in digits, without claiming that anything is certain."""
    if p > 0.995:
        return "above 0.99"
    return "below 0.01" if p < 0.005 else format_number(p)
