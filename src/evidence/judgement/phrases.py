"""The phrases that results are put into, in one place: GRADE's statements, and differences.

Reference
---------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135, table 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.data import Outcome
from evidence.display import capital, format_number
from evidence.errors import UnknownNameError, did_you_mean

__all__ = ["Scale", "clause", "inside", "outcome_in_words", "statement"]

#: For each way an outcome can move: third person after a name, infinitive after "may", and
#: the noun of a large effect.
_VERBS = {
    ("value", "benefit"): ("improves", "improve", "improvement in"),
    ("value", "harm"): ("worsens", "worsen", "worsening of"),
    ("unwanted events", "benefit"): ("reduces", "reduce", "reduction in"),
    ("unwanted events", "harm"): ("increases", "increase", "increase in"),
    ("wanted events", "benefit"): ("increases", "increase", "increase in"),
    ("wanted events", "harm"): ("reduces", "reduce", "reduction in"),
}
COUNTED = tuple(dict.fromkeys(counted for counted, _ in _VERBS))
SIZES = ("trivial", "important", "large", "unknown")
DIRECTIONS = ("benefit", "harm")

_LEVELS = {
    "high": "{treatment} {plain} {outcome}",
    "moderate": "{treatment} probably {plain} {outcome}",
    "low": "{treatment} may {infinitive} {outcome}",
    "very low": "{treatment} may {infinitive} {outcome}, but the evidence is very uncertain",
}
_OPEN = "the evidence is very uncertain about the effect of {treatment} on {outcome}"


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
        GRADE's level.
    size
        ``"trivial"``, ``"important"``, ``"large"`` or ``"unknown"``.
    direction
        ``"benefit"`` or ``"harm"``.
    treatment, outcome
        Names as they stand inside a sentence.
    counted
        ``"value"`` where the outcome is measured, ``"unwanted events"`` or
        ``"wanted events"`` where it is counted.
    open_direction
        Whether the interval holds no effect. With very low certainty the statement then
        names no direction; GRADE's table offers both forms.

    Raises
    ------
    UnknownNameError
        When a word is not one of these; the message suggests the nearest.
    """
    _check("certainty", certainty, tuple(_LEVELS))
    _check("size", size, SIZES)
    _check("direction", direction, DIRECTIONS)
    _check("counted", counted, COUNTED)
    very_low = certainty == "very low"
    if very_low and open_direction:
        return _OPEN.format(treatment=treatment, outcome=outcome)
    plain, infinitive, noun = _VERBS[counted, direction]
    if size == "trivial" and very_low:
        infinitive = "have little to no effect on"
    elif size == "trivial":
        plain, infinitive = (f"{verb} in little to no difference in" for verb in _RESULTS)
    elif size == "large" and not very_low:
        # With very low certainty GRADE's table has no size.
        plain, infinitive = (f"{verb} in a large {noun}" for verb in _RESULTS)
    return _LEVELS[certainty].format(
        treatment=treatment, plain=plain, infinitive=infinitive, outcome=outcome
    )


_RESULTS = ("results", "result")


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
    """

    unit: str
    better: str = "better"
    worse: str = "worse"
    factor: float = 1.0
    decimals: int = 1

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
        if measure == "standardised mean difference":
            return cls("standard deviations", decimals=2)
        if measure == "risk difference":
            words = ("more people in 100", "fewer people in 100")
            better, worse = words if outcome.better == "higher" else reversed(words)
            return cls("", better, worse, factor=100.0)
        return cls("" if outcome.unit == "as reported" else outcome.unit)

    def number(self, size: float) -> str:
        """Return a size with its unit; with more decimals where it would round to nothing."""
        value, decimals = abs(size) * self.factor, self.decimals
        while value and decimals < 4 and float(f"{value:.{decimals}f}") == 0:
            decimals += 1
        return f"{format_number(value, decimals)} {self.unit}".rstrip()

    def difference(self, benefit: float) -> str:
        """Return a difference in words: ``1.6 points better``."""
        return f"{self.number(benefit)} {self.better if benefit >= 0 else self.worse}"

    def span(self, low: float, high: float) -> str:
        """Return an interval in words: ``1.0 points worse to 4.2 points better``.

        Parameters
        ----------
        low, high
            Its ends, positive where the treatment is better.
        """
        if low >= 0 or high <= 0:
            near, far = sorted((abs(low), abs(high)))
            start = format_number(near * self.factor, self.decimals)
            end = f"{format_number(far * self.factor, self.decimals)} {self.unit}".rstrip()
            return f"{start} to {end} {self.better if low >= 0 else self.worse}"
        ends = (
            f"{format_number(abs(end) * self.factor, self.decimals)} {self.unit}".rstrip()
            for end in (low, high)
        )
        return " to ".join(
            f"{end} {word}" for end, word in zip(ends, (self.worse, self.better), strict=True)
        )
