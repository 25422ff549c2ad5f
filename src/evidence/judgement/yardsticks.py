"""What an effect is held against: differences that matter, by value, by name or by the review."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.data import Review, Threshold
from evidence.display import join_words
from evidence.effects.arguments import is_number
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.effects.importance import (
    APPRECIABLE_LOG_RATIO,
    BETWEEN,
    thresholds_between,
)
from evidence.errors import InvalidArgumentError, UnknownNameError, did_you_mean

__all__ = ["MISUSE", "Yardstick", "named_thresholds", "yardsticks_of", "yardsticks_of_review"]

#: Why a threshold for another use is none for a difference between groups.
MISUSE = {
    "change within a person": "for the change of one person, not for a difference between groups",
    "state": "marks a state, not a difference",
}
_IS = {"change within a person": "is ", "state": ""}
_TEACH = {
    "change within a person": "A mean difference of {value} and a person who changes by {value} "
    "are different things: a small mean difference can hide many people who change by that much. "
    "It serves to count people instead: see "
    "evidence.appraisal.responders, and evidence.appraise_trial, which asks who would notice.",
    "state": "It says who is in that state at one time. Count the people on either side of it "
    "in each group, and compare these as a risk difference.",
}


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A difference that somebody called important, on the scale of the effect.

    Attributes
    ----------
    value
        Without sign; of a ratio its logarithm.
    label
        What it stands for; empty where nothing is known but its value.
    source
        Where it is from.
    id
        Its name in the review.
    """

    value: float
    label: str = ""
    source: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if not is_number(self.value) or not 0 < self.value < math.inf:
            raise InvalidArgumentError(
                f"threshold is {self.value!r}; it must be above 0: a size without sign, finite, "
                "and of a ratio its logarithm. Without one, pass None."
            )


def yardsticks_of(
    thresholds: float | Yardstick | Threshold | Iterable[float | Yardstick | Threshold] | None,
) -> tuple[Yardstick, ...]:
    """Return thresholds as yardsticks, the smallest first, each value once.

    Parameters
    ----------
    thresholds
        Numbers, yardsticks, or thresholds of a review; one or several, or None.

    Raises
    ------
    InvalidArgumentError
        When one is not above 0, or is not for a difference between groups.
    """
    if thresholds is None:
        return ()
    several = thresholds if isinstance(thresholds, Iterable) else (thresholds,)
    found: dict[float, Yardstick] = {}
    for stick in map(_as_yardstick, several):
        found.setdefault(stick.value, stick)
    return tuple(found[value] for value in sorted(found))


def _as_yardstick(one: float | Yardstick | Threshold) -> Yardstick:
    if isinstance(one, Threshold):
        _refuse_misuse(one)
        return Yardstick(one.value, one.label, one.source_id, one.id)
    return one if isinstance(one, Yardstick) else Yardstick(one)


def yardsticks_of_review(
    review: Review, outcome_ids: tuple[str, ...], measure: str, names: Iterable[str] = ()
) -> tuple[Yardstick, ...]:
    """Return what a review says matters of some outcomes, on the scale of a measure.

    Parameters
    ----------
    review
        The review.
    outcome_ids
        The outcomes.
    measure
        The measure of the effect. A ratio takes GRADE's appreciable ratio.
    names
        Only thresholds with these ids; all that apply when empty.

    Raises
    ------
    UnknownNameError
        When the outcomes have no threshold of that name.
    InvalidArgumentError
        When a threshold asked for by name is not for a difference between groups, or on
        another scale.
    """
    wanted = tuple(names)
    if wanted:
        return yardsticks_of(named_thresholds(review, outcome_ids, measure, wanted))
    if measure in LOG_MEASURES:
        label, source = "a relative change of a quarter", "GRADE guidelines 6 (Guyatt et al. 2011)"
        return (Yardstick(APPRECIABLE_LOG_RATIO, label, source),)
    return yardsticks_of(thresholds_between(review, outcome_ids, measure))


def named_thresholds(
    review: Review, outcome_ids: tuple[str, ...], measure: str, names: Iterable[str]
) -> tuple[Threshold, ...]:
    """Return the thresholds with these ids, or refuse one that may not be compared.

    Parameters
    ----------
    review, outcome_ids, measure, names
        As for `yardsticks_of_review`.
    """
    known = {t.id: t for name in outcome_ids for t in review.thresholds(name)}
    fitting = thresholds_between(review, outcome_ids, measure)
    found = []
    for name in names:
        if name not in known:
            raise UnknownNameError(
                f"{join_words(outcome_ids, 'or')} has no threshold {name!r}. "
                f"{did_you_mean(name, known)}"
            )
        threshold = known[name]
        _refuse_misuse(threshold, fitting)
        if threshold not in fitting:
            raise InvalidArgumentError(
                f"The threshold {name!r} ({threshold.value:g}) is on the scale "
                f"{threshold.scale!r}, and the effect is a {measure}. {_instead(fitting)}"
            )
        found.append(threshold)
    return tuple(found)


def _refuse_misuse(threshold: Threshold, fitting: tuple[Threshold, ...] = ()) -> None:
    if threshold.applies_to == BETWEEN:
        return
    teach = _TEACH[threshold.applies_to].format(value=f"{threshold.value:g}")
    raise InvalidArgumentError(
        f"The threshold {threshold.id!r} ({threshold.value:g}: {threshold.label}) "
        f"{_IS[threshold.applies_to]}{MISUSE[threshold.applies_to]}. {teach} {_instead(fitting)}"
    )


def _instead(fitting: tuple[Threshold, ...]) -> str:
    if not fitting:
        return "For a difference between groups on this scale the review names no threshold."
    named = join_words(f"{t.id!r} ({t.value:g})" for t in fitting)
    return f"For a difference between groups on this scale there is {named}."
