"""How results are put into phrases: GRADE's statements, and differences with their unit.

The words themselves stand in `evidence.judgement.language`.

Reference
---------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135, table 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from evidence.data import Outcome
from evidence.display import capital, format_number, join_words
from evidence.errors import UnknownNameError, did_you_mean
from evidence.judgement.language import english as words

__all__ = ["NOT_RATED", "Scale", "clause", "inside", "is_ratio", "outcome_in_words", "statement"]

#: How an outcome is counted, how large an effect can be, and which way it can go.
COUNTED = tuple(dict.fromkeys(counted for counted, _ in words.VERBS))
SIZES = ("trivial", "below what matters", "important", "large", "unknown")
DIRECTIONS = ("benefit", "harm")

_LITTLE = ("trivial", "below what matters")
#: In place of a level of certainty, where nobody rated it.
NOT_RATED = "not rated"


def clause(
    certainty: str,
    size: str,
    direction: str,
    treatment: str,
    outcome: str,
    *,
    counted: str = "value",
    open_direction: bool = False,
) -> str:
    """Return GRADE's statement as it stands inside a sentence: no capital, no full stop.

    Parameters
    ----------
    certainty
        GRADE's level, or ``"not rated"``.
    size
        ``"trivial"``, ``"below what matters"``, ``"important"``, ``"large"`` or ``"unknown"``.
    direction
        ``"benefit"`` or ``"harm"``.
    treatment, outcome
        Names as they stand inside a sentence.
    counted
        ``"value"`` where the outcome is measured, ``"unwanted events"`` or
        ``"wanted events"`` where it is counted.
    open_direction
        Whether the interval holds no effect. With very low certainty the statement then
        names no direction; GRADE's table offers both forms. Neither does one that nobody rated.

    Raises
    ------
    UnknownNameError
        When a word is not one of these; the message suggests the nearest.
    """
    _check("certainty", certainty, tuple(words.LEVELS))
    _check("size", size, SIZES)
    _check("direction", direction, DIRECTIONS)
    _check("counted", counted, COUNTED)
    very_low = certainty == "very low"
    if very_low and open_direction:
        return words.OPEN.format(treatment=treatment, outcome=outcome)
    if certainty == NOT_RATED and open_direction:
        return words.NOT_RATED_OPEN.format(treatment=treatment, outcome=outcome)
    plain, infinitive, noun, past = words.VERBS[counted, direction]
    if size in _LITTLE:
        plain, past = words.LITTLE_PLAIN, words.LITTLE_PAST
        infinitive = words.LITTLE_EFFECT if very_low else words.LITTLE
    elif size == "large" and not very_low:
        # With very low certainty GRADE's table has no size.
        forms = (words.LARGE_PLAIN, words.LARGE, words.LARGE_PAST)
        plain, infinitive, past = (form.format(noun=noun) for form in forms)
    return words.LEVELS[certainty].format(
        treatment=treatment, plain=plain, infinitive=infinitive, past=past, outcome=outcome
    )


def _check(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise UnknownNameError(f"The {name} {word!r} is not known. {did_you_mean(word, known)}")


def statement(
    certainty: str,
    size: str,
    direction: str,
    treatment: str,
    outcome: str,
    *,
    counted: str = "value",
    open_direction: bool = False,
) -> str:
    """Return GRADE's statement for one cell of its table, as a sentence.

    Parameters
    ----------
    certainty, size, direction, treatment, outcome, counted, open_direction
        As for `clause`.
    """
    text = clause(
        certainty,
        size,
        direction,
        treatment,
        outcome,
        counted=counted,
        open_direction=open_direction,
    )
    return f"{capital(text)}."


def inside(title: str) -> str:
    """Return a title as it stands inside a sentence: small, unless it starts with an acronym."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def outcome_in_words(outcome: Outcome) -> str:
    """Return how a sentence names an outcome: an instrument's proper name takes an article."""
    return f"the {outcome.name}" if outcome.name[:1].isupper() else outcome.name


@dataclass(frozen=True, slots=True)
class Scale:
    """How a difference between two groups reads, positive where the treatment is better.

    Attributes
    ----------
    unit
        Unit as it stands after a number; empty where the number needs none.
    better, worse
        What a positive and a negative difference are called.
    factor
        What a difference is multiplied with before it is shown.
    decimals
        How many to show.
    ratio
        Name of the ratio whose logarithm a difference is; empty for a difference.
    sign
        Of a ratio: +1 where more of it is better, -1 where less is.
    """

    unit: str
    better: str = words.BETTER
    worse: str = words.WORSE
    factor: float = 1.0
    decimals: int = 1
    ratio: str = ""
    sign: int = 1

    @classmethod
    def of(cls, outcome: Outcome, measure: str) -> Scale:
        """Return the scale of a measure of differences.

        Parameters
        ----------
        outcome
            The outcome.
        measure
            ``"mean difference"``, ``"standardised mean difference"`` or
            ``"risk difference"``.
        """
        unit = "" if outcome.unit == "as reported" else outcome.unit
        return cls.on("mean difference" if is_ratio(measure) else measure, outcome.better, unit)

    @classmethod
    def on(cls, measure: str, better: str, unit: str = "") -> Scale:
        """Return the scale of a measure, ratios included.

        Parameters
        ----------
        measure
            The measure; what ends in "ratio" is a ratio.
        better
            ``"higher"`` or ``"lower"``.
        unit
            Of a mean difference.
        """
        if is_ratio(measure):
            return cls("", decimals=2, ratio=measure, sign=1 if better == "higher" else -1)
        if measure == "standardised mean difference":
            return cls(words.STANDARD_DEVIATIONS, decimals=2)
        if measure == "risk difference":
            ends = (words.MORE, words.FEWER)
            good, bad = ends if better == "higher" else reversed(ends)
            return cls("", good, bad, factor=100.0)
        return cls(unit)

    def number(self, size: float) -> str:
        """Return a size with its unit; with more decimals where it would round to nothing."""
        value = abs(size) * self.factor
        return f"{format_number(value, self._decimals(size))} {self.unit}".rstrip()

    def _decimals(self, size: float) -> int:
        """Return how many decimals keep a size from rounding to nothing."""
        value, decimals = abs(size) * self.factor, self.decimals
        while value and decimals < 4 and float(f"{value:.{decimals}f}") == 0:
            decimals += 1
        return decimals

    def bare(self, value: float) -> str:
        """Return a threshold without its unit: ``2.8``, ``1.25 (or 0.80)``."""
        if self.ratio:
            return f"{_ratio(abs(value))} (or {_ratio(-abs(value))})"
        return f"{abs(value) * self.factor:.6g}"

    @property
    def unit_of_size(self) -> str:
        """Unit of a threshold."""
        return self.unit or (words.PEOPLE if self.factor == 100.0 else "")

    def size(self, *values: float) -> str:
        """Return sizes with their unit: ``2.8 and 4 points``, ``a ratio of 1.25 (or 0.80)``."""
        texts = join_words(map(self.bare, values))
        if self.ratio:
            return words.SIZE_RATIO.format(ratio=texts)
        return f"{texts} {self.unit_of_size}".rstrip()

    def difference(self, benefit: float) -> str:
        """Return a difference in words: ``1.6 points better``, ``a risk ratio of 0.29``."""
        if self.ratio:
            return words.RATIO.format(measure=self.ratio, ratio=_ratio(self.sign * benefit))
        return f"{self.number(benefit)} {self.better if benefit >= 0 else self.worse}"

    def span(self, low: float, high: float) -> str:
        """Return an interval in words: ``1.0 points worse to 4.2 points better``.

        Parameters
        ----------
        low, high
            Its ends, positive where the treatment is better.
        """
        if self.ratio:
            return " to ".join(map(_ratio, sorted((self.sign * low, self.sign * high))))
        if low >= 0 or high <= 0:
            near, far = sorted((abs(low), abs(high)))
            start = format_number(near * self.factor, self._decimals(near))
            end = f"{format_number(far * self.factor, self.decimals)} {self.unit}".rstrip()
            return f"{start} to {end} {self.better if low >= 0 else self.worse}"
        ends = (
            f"{format_number(abs(end) * self.factor, self.decimals)} {self.unit}".rstrip()
            for end in (low, high)
        )
        return " to ".join(
            f"{end} {word}" for end, word in zip(ends, (self.worse, self.better), strict=True)
        )


def is_ratio(measure: str) -> bool:
    """Return whether a measure is a ratio, whose effects are logarithms."""
    return measure.endswith("ratio")


def _ratio(log: float) -> str:
    """Write the ratio behind a logarithm; a small one with more decimals."""
    ratio = math.exp(min(max(log, -700.0), 700.0))
    return format_number(ratio, 3 if ratio < 0.1 else 2)
