"""What the next trial could change: the result, and how it reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from evidence.display import Display, capital, html_table, join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import Caution
from evidence.synthesis.further.chances import MOST_PEOPLE, POWER, Truth
from evidence.synthesis.further.conclusions import REGIONS, SAID
from evidence.synthesis.model_words import EffectWords
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NextTrial", "Planned", "Showing"]


@dataclass(frozen=True, slots=True)
class Showing:
    """The smallest study that changes the conclusion by showing just one effect.

    Attributes
    ----------
    name, effect
        What it shows, in words and as a number.
    people
        In the smallest such study; None where none up to the largest tried does it.
    then
        What the synthesis says with it, one of `REGIONS` by place; None without one.
    """

    name: str
    effect: float
    people: int | None
    then: int | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What a study of a known size, already planned or under way, would have to show.

    Attributes
    ----------
    name
        Which study.
    people
        It plans, or took in.
    studies
        How many they are; several are taken as alike in size and in what they show.
    standard_error
        Of each of them.
    ranges
        For each of `REGIONS` that it can bring: its place, and the lowest and highest effect that
        do; infinite where there is no limit.
    chance
        That it changes the conclusion, as the studies so far foretell it; NaN for several.
    """

    name: str
    people: float
    studies: int
    standard_error: float
    ranges: tuple[tuple[int, float, float], ...]
    chance: float


@dataclass(frozen=True, eq=False, kw_only=True)
class NextTrial(Display):
    """The conclusion after one further study, over what it shows and how large it is.

    Attributes
    ----------
    result
        The studies so far; the further one is added by the same method.
    sign
        +1 where higher effects are better, -1 where lower ones are.
    threshold
        The smallest difference that matters, without sign; NaN where none is known.
    now
        What the synthesis says so far, one of `REGIONS` by place.
    variance_of_one
        Variance of a study of one person: that of a study of n is this over n.
    effects, standard_errors
        Of the grid, shapes (p,) and (q,).
    regions
        What the synthesis would say, one of `REGIONS` by place, shape (q, p).
    truths
        What is taken as true of the further study in the chances.
    people
        Sizes of the further study in the chances, shape (m,).
    chances
        Of each conclusion, shape (truths, m, regions).
    enough
        For each truth the people for which the right answer has a chance of `POWER`; None where
        no study up to the largest tried has.
    showing
        The smallest studies that change the conclusion by showing just one effect.
    planned
        Studies that are known to be planned or under way.
    words
        How effects are written.
    cautions
        What a reader should know.
    """

    result: PooledResult
    sign: int
    threshold: float
    now: int
    variance_of_one: float
    effects: Floats
    standard_errors: Floats
    regions: NDArray[np.intp]
    truths: tuple[Truth, ...]
    people: Floats
    chances: Floats
    enough: tuple[int | None, ...]
    showing: tuple[Showing, ...]
    planned: tuple[Planned, ...] = ()
    words: EffectWords = field(default_factory=EffectWords.bare)
    cautions: tuple[Caution, ...] = ()

    @property
    def foretold(self) -> int:
        """Which of the truths is what the studies so far foretell, by place."""
        return next(i for i, truth in enumerate(self.truths) if truth.foretold is not None)

    @property
    def changes(self) -> Floats:
        """Chance that the conclusion changes, as foretold, shape (m,)."""
        return 1 - self.chances[self.foretold, :, self.now]

    def summary(self) -> str:
        """Return what the next study could change, in words."""
        result = self.result
        head = f"{plural(result.k, 'study', 'studies')}, {result.method.in_words()}"
        lines = [
            f"The next study, added to {head}",
            self.now_in_words,
            *self.showing_in_words,
            *filter(None, (self._enough(place) for place in range(len(self.truths)))),
            self.foretold_in_words,
            *self.planned_in_words,
        ]
        return "\n".join([*lines, *(f"Note: {caution.message}" for caution in self.cautions)])

    @property
    def now_in_words(self) -> str:
        """What the synthesis says so far."""
        return f"So far the synthesis {SAID[self.now]} ({self._interval()})."

    @property
    def showing_in_words(self) -> tuple[str, ...]:
        """The smallest studies that change it by showing just one effect, a sentence each."""
        return tuple(map(self._showing, self.showing))

    @property
    def planned_in_words(self) -> tuple[str, ...]:
        """What each planned study would have to show, a sentence each."""
        return tuple(map(self._planned, self.planned))

    def truth_in_words(self, truth: Truth) -> str:
        """Return what is taken as true, with its size.

        Parameters
        ----------
        truth
            One of `truths`.
        """
        return self._named(truth.name, truth.effect)

    def _named(self, name: str, effect: float) -> str:
        return name if not effect or math.isnan(effect) else f"{name} ({self.words.of(effect)})"

    def _interval(self) -> str:
        level = f"{100 * self.result.method.level:g}%"
        return f"{level} interval {self.words.between(self.result.ci_low, self.result.ci_high)}"

    def _showing(self, each: Showing) -> str:
        what = f"just {self._named(each.name, each.effect)}"
        if each.people is None or each.then is None:
            return (
                f"No single study of up to {MOST_PEOPLE:,} people changes that by showing {what}."
            )
        return (
            f"A study that shows {what} changes that from {each.people:,} people: the "
            f"synthesis then {SAID[each.then]}."
        )

    def right_in_words(self, truth: Truth) -> str:
        """Return what a synthesis says that is right where something is true; empty if unknown.

        Parameters
        ----------
        truth
            One of `truths`.
        """
        if not truth.right:
            return ""
        return SAID[truth.right[0]] if len(truth.right) == 1 else "shows a benefit"

    def _enough(self, place: int) -> str:
        truth = self.truths[place]
        if not truth.right:
            return ""
        aim = self.right_in_words(truth)
        if self.enough[place] is not None:
            return (
                f"If its true effect is {truth.name}, {self.enough[place]:,} people give a chance "
                f"of {100 * POWER:.0f}% that the synthesis {aim}."
            )
        best = float(self.chances[place][:, list(truth.right)].sum(axis=1).max())
        return (
            f"If its true effect is {truth.name}, no single study of up to {MOST_PEOPLE:,} people "
            f"gives a chance of {100 * POWER:.0f}% that the synthesis {aim}; of the sizes in the "
            f"table the best gives {100 * best:.0f}%."
        )

    @property
    def foretold_in_words(self) -> str:
        """How likely the next study is to change the conclusion, as those so far foretell it."""
        first, last = _percent(self.changes[0]), _percent(self.changes[-1])
        best = int(self.changes.argmax())
        most = _percent(self.changes[best])
        told = f"of {first} with {self.people[0]:,.0f} people"
        if self.people.size > 1:
            told += f" and of {last} with {self.people[-1]:,.0f}"
        if most not in (first, last):
            told += f" (at most {most}, with {self.people[best]:,.0f})"
        return (
            f"As the studies so far foretell the next one, it changes the conclusion with a chance "
            f"{told}."
        )

    def _planned(self, each: Planned) -> str:
        head = f"{capital(each.name)} ({each.people:,.0f} people)"
        one = each.studies == 1
        worse = [found for found in each.ranges if found[0] < self.now]
        better = [found for found in each.ranges if found[0] > self.now]
        told = []
        for group in filter(None, (worse, better)):
            # One answer may lie inside the range of another: they are told of together.
            ends = min(low for _, low, _ in group), max(high for _, _, high in group)
            then = join_words((SAID[place] for place, _, _ in group), "or")
            told.append(f"{self._between(*ends)} (then the synthesis {then})")
        show = "shows" if one else "show"
        if not told:
            return f"{head} could not change the conclusion, whatever {_it(one)} {show}."
        chance = f", with a foretold chance of {_percent(each.chance)}," if one else ""
        who = "it shows" if one else "they all show"
        return f"{head} would change the conclusion{chance} if {who} {'; or '.join(told)}."

    def _between(self, low: float, high: float) -> str:
        # Beyond the grid no study will lie: an end there is none to readers.
        low = -math.inf if low < self.effects[0] else low
        high = math.inf if high > self.effects[-1] else high
        if math.isinf(low) and math.isinf(high):
            return "anything"
        if math.isfinite(low) and math.isfinite(high):
            return f"something from {self.words.between(low, high)}"
        upwards = math.isinf(high)
        way = "better" if upwards == (self.sign > 0) else "worse"
        return f"{self.words.of(low if upwards else high)} or anything {way}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per truth and size: the chance of each conclusion, unrounded."""
        rows = [
            {
                "true effect of the study": truth.name,
                "people": float(people),
                **dict(zip(REGIONS, map(float, chances), strict=True)),
            }
            for truth, table in zip(self.truths, self.chances, strict=True)
            for people, chances in zip(self.people, table, strict=True)
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, object]:
        """Return everything but the grid as plain values."""
        return {
            "k": self.result.k,
            "now": REGIONS[self.now],
            "threshold": None if math.isnan(self.threshold) else self.threshold,
            "variance_of_one": self.variance_of_one,
            "showing": [
                {
                    "what": each.name,
                    "effect": each.effect,
                    "people": each.people,
                    "then": None if each.then is None else REGIONS[each.then],
                }
                for each in self.showing
            ],
            "enough": {
                truth.name: people for truth, people in zip(self.truths, self.enough, strict=True)
            },
            "planned": [
                {
                    "name": each.name,
                    "people": each.people,
                    "studies": each.studies,
                    "standard_error": each.standard_error,
                    "chance": each.chance,
                    "ranges": [
                        {"conclusion": REGIONS[place], "low": low, "high": high}
                        for place, low, high in each.ranges
                    ],
                }
                for each in self.planned
            ],
            "chances": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        words = super()._repr_html_()
        table = self.to_frame()
        shown = pd.DataFrame(
            {
                "if the true effect is": table["true effect of the study"],
                "people": [f"{people:,.0f}" for people in table["people"]],
                **{
                    name: [_percent(value) for value in table[name]]
                    for name in REGIONS
                    if (table[name] > 0).any()
                },
            }
        )
        # A name stands once, above its sizes.
        repeated = shown["if the true effect is"].duplicated()
        shown.loc[repeated, "if the true effect is"] = ""
        return words + html_table(shown, caption="What the synthesis would say, by chance")


def _it(one: bool) -> str:
    return "it" if one else "they"


def _percent(chance: float) -> str:
    if 0 < chance < 0.01:
        return "below 1%"
    if 0.99 < chance < 1:
        return "above 99%"
    return f"{100 * chance:.0f}%"
