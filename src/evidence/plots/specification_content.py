"""What a specification curve shows: the analyses in order, and the options behind each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import join_words, plural
from evidence.effects.arguments import Floats
from evidence.plots.axis import stretched
from evidence.plots.chart import ends_of
from evidence.plots.lettering import one_line
from evidence.plots.numbers import column_decimals, effect_text
from evidence.synthesis.model_words import is_ratio
from evidence.synthesis.specifications.result import Multiverse, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CurveContent", "StripGroup", "StripRow"]

#: An interval that reaches further than this many times the typical one is cut.
_CUT = 2.0
#: How many times longer the axis may become for no effect, and for the band.
_FOR_NO_EFFECT, _FOR_BAND = 5.0, 2.0


@dataclass(frozen=True, slots=True)
class StripRow:
    """One option of the strip.

    Attributes
    ----------
    name
        Of the option.
    planned
        Whether the plan decides so.
    used
        Which of the analyses take it, in the order of the curve, shape (n,).
    share
        Of the analyses that take it, how many exclude no effect, as text.
    """

    name: str
    planned: bool
    used: NDArray[np.bool_]
    share: str


@dataclass(frozen=True, slots=True)
class StripGroup:
    """One decision of the strip with its options."""

    title: str
    rows: tuple[StripRow, ...]


@dataclass(frozen=True)
class CurveContent:
    """What a specification curve shows.

    Attributes
    ----------
    result
        The analyses.
    most
        How many of them are drawn at most.
    """

    result: Multiverse
    most: int

    @cached_property
    def measure(self) -> str:
        """The measure that is shown: the planned one, or the most frequent without a plan."""
        if self.result.has_plan:
            return self.result.planned_measure
        names, counts = np.unique(self.result.measure.astype(str), return_counts=True)
        return str(names[int(np.argmax(counts))])

    @property
    def log(self) -> bool:
        """Whether the estimates are logarithms of ratios."""
        return is_ratio(self.measure)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Places of the analyses on that measure, from the lowest estimate to the highest."""
        estimate = self.result.numbers["estimate"]
        mine = np.flatnonzero((self.result.measure == self.measure) & np.isfinite(estimate))
        width = self.result.numbers["ci_high"][mine] - self.result.numbers["ci_low"][mine]
        found: NDArray[np.intp] = mine[np.lexsort((width, estimate[mine]))]
        return found

    @property
    def count(self) -> int:
        """How many analyses the curve is of."""
        return int(self.order.size)

    @cached_property
    def planned(self) -> NDArray[np.intp]:
        """Ranks of the planned analyses."""
        return np.flatnonzero(self.result.planned[self.order])

    @cached_property
    def step(self) -> int:
        """Every how manieth analysis is drawn."""
        return max(1, -(-self.count // self.most))

    @cached_property
    def drawn(self) -> NDArray[np.intp]:
        """Ranks of the analyses that are drawn: an even sample, both ends and the planned."""
        even = np.arange(0, self.count, self.step)
        return np.unique(np.concatenate([even, [self.count - 1], self.planned]))

    @cached_property
    def estimate(self) -> Floats:
        """Estimates in their order, shape (n,)."""
        return np.asarray(self.result.numbers["estimate"][self.order], dtype=np.float64)

    @cached_property
    def intervals(self) -> Floats:
        """Their intervals, shape (n, 2); an unknown end is the estimate itself."""
        ends = np.column_stack([self.result.numbers[name] for name in ("ci_low", "ci_high")])
        ends = ends[self.order]
        return np.where(np.isnan(ends), self.estimate[:, None], ends)

    @cached_property
    def excludes(self) -> NDArray[np.bool_]:
        """Which intervals exclude no effect, shape (n,)."""
        return np.asarray(self.result.side[self.order] != 1)

    @cached_property
    def threshold(self) -> float:
        """The smallest important difference of the plan; NaN where there is none."""
        places = self.order[self.planned] if self.planned.size else self.order
        known = self.result.threshold[places]
        known = known[np.isfinite(known) & (known > 0)]
        return float(known[0]) if known.size else math.nan

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Ends of the axis of estimates."""
        low, high = float(self.estimate[0]), float(self.estimate[-1])
        centre = float(np.median(self.estimate))
        reach = np.abs(self.intervals - centre).max(axis=1)
        usual = reach[np.isfinite(reach)]
        limit = _CUT * float(np.median(usual)) if usual.size else math.inf
        shown = self.intervals[reach <= limit] if limit > 0 else self.intervals[:0]
        if shown.size:
            low, high = min(low, float(shown.min())), max(high, float(shown.max()))
        if low == high:
            low, high = ends_of([low], 0.0) if low == 0 else (low, high)
        low, high = stretched(low, high, (0.0,), _FOR_NO_EFFECT)
        if math.isfinite(self.threshold) and low <= 0 <= high:
            low, high = stretched(low, high, (-self.threshold, self.threshold), _FOR_BAND)
        return ends_of([low, high], 0.04)

    @cached_property
    def cut(self) -> int:
        """How many intervals reach beyond the axis."""
        low, high = self.ends
        return int(((self.intervals[:, 0] < low) | (self.intervals[:, 1] > high)).sum())

    @cached_property
    def groups(self) -> tuple[StripGroup, ...]:
        """The decisions, the most consequential first, without what no analysis here takes."""
        result = self.result
        places = {decision.id: place for place, decision in enumerate(result.decisions)}
        # Without a plan nothing says which decision moves the answer most.
        names = list(result.moves["decision"]) if result.has_plan else list(places)
        found = []
        for name in names:
            decision = result.decisions[places[name]]
            takes = result.takes(name)[self.order]
            rows = []
            for option, each in enumerate(decision.options):
                used = takes[:, option]
                if used.any():
                    share = _short(float(self.excludes[used].mean()))
                    rows.append(StripRow(each.name, each.planned, used, share))
            if len(rows) > 1:
                found.append(StripGroup(decision.title, tuple(rows)))
        return tuple(found)

    def number(self, value: float) -> str:
        """Write an estimate on the scale people read."""
        ends = self.intervals[np.isfinite(self.intervals).all(axis=1)]
        low, high = np.median(ends, axis=0) if ends.size else (value, value)
        reach = float(high - low) / 2
        decimals = column_decimals([(value, value - reach, value + reach)])
        return effect_text(value, value - reach, value + reach, decimals=decimals, log=self.log)[0]

    @cached_property
    def share(self) -> float:
        """Share of the intervals that exclude no effect."""
        return float(self.excludes.mean())

    @cached_property
    def title(self) -> str:
        """What is to be seen."""
        name = one_line(self.result.title)
        if self.count == 1:
            verb = "excludes" if self.share else "includes"
            return f"{name}: the interval of the only analysis {verb} no effect"
        return (
            f"{name}: the interval excludes no effect in {percent(self.share)} of "
            f"{self.count:,} analyses"
        )

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is drawn, what is not, and how to read the strip."""
        found = []
        if self.groups:
            found.append(
                "Below the curve: a mark where an analysis takes the option. Bold: as planned. At "
                "the right: in what share of the analyses with this option the interval excludes "
                "no effect. The decision on which most hangs comes first."
            )
        if self.step > 1:
            found.append(
                f"Every {_ordinal(self.step)} of {self.count:,} analyses is drawn, with the lowest,"
                " the highest and the planned; shares are of all."
            )
        others = len(self.result) - self.count
        if others:
            verb = "is" if others == 1 else "are"
            found.append(
                f"Of {len(self.result):,} different analyses, {others:,} on another measure or "
                f"without an estimate {verb} not drawn."
            )
        if self.cut:
            intervals = plural(self.cut, "interval")
            found.append(
                f"{intervals.capitalize()} {'reaches' if self.cut == 1 else 'reach'} beyond the "
                "axis."
            )
        if not self.ends[0] <= 0 <= self.ends[1]:
            side = "top" if self.ends[1] < 0 else "bottom"
            found.append(f"No effect ({int(self.log)}) lies beyond the {side} of the axis.")
        if not self.result.has_plan:
            found.append("The planned analysis itself leaves no trial.")
        found.append("Analyses share their trials: shares of them are no probabilities.")
        return tuple(found)

    @cached_property
    def planned_in_words(self) -> str:
        """The planned estimates."""
        values = [self.number(float(value)) for value in self.estimate[self.planned]]
        if len(values) > 3:
            return f"{values[0]} to {values[-1]} ({len(values)} analyses)"
        return join_words(dict.fromkeys(values), "or")


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in {11, 12, 13} else ending}"


def _short(share: float) -> str:
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}%"
    if share < 0.01:
        return "<1%"
    return ">99%" if share > 0.99 else f"{100 * share:.0f}%"
