"""What a study tells of one comparison, as benefits; and what each amounts to.

A trial's reports are derived and compared (`evidence.derive`), so that contradictory ones stay
apart. A review's pooled results are taken as printed: without the number of people nothing could
be derived, and nothing needs to be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.data import Outcome, Review
from evidence.data.frames import each_row
from evidence.display import format_interval, format_number, format_p
from evidence.effects.conversions.spread import quantile
from evidence.effects.derivation.derive import derive
from evidence.effects.derivation.readings import LOG_MEASURES, Comparison, Reading
from evidence.effects.importance import APPRECIABLE_LOG_RATIO
from evidence.errors import EvidenceError
from evidence.judgement.claims import rules
from evidence.judgement.claims.finding import Place
from evidence.judgement.thresholds import compare_with_thresholds
from evidence.synthesis.direction import significance_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Told", "amounts_to", "joint_state", "told_of"]

_MEASURES = {
    "continuous": ("mean difference", "standardised mean difference"),
    "dichotomous": ("risk ratio", "odds ratio", "risk difference"),
}
#: What printed estimates are taken first; standardised ones are one measure under three names.
_PRINTED = (
    "mean difference",
    "Hedges g",
    "standardised mean difference",
    "Cohen d",
    "risk ratio",
    "odds ratio",
    "risk difference",
)
_SIGNS = {"treatment higher": 1, "treatment lower": -1}


@dataclass(frozen=True, slots=True)
class Told:
    """One result, as a benefit: positive where the treatment is the better one.

    Attributes
    ----------
    benefit, low, high
        With its 95% interval; not a number where that is not told. Ratios are logarithms.
    measure
        The measure; empty where only words or a p value are told.
    beyond_chance
        Whether it is; None where that is not told.
    side
        1 or -1 where only the side is told, 0 where not even that.
    thresholds
        Differences between groups that count as important, on this measure.
    text
        The number in words.
    rows
        Where it stands.
    """

    benefit: float
    low: float
    high: float
    measure: str
    beyond_chance: bool | None
    side: int
    thresholds: tuple[float, ...]
    text: str
    rows: tuple[Place, ...]

    @property
    def standard_error(self) -> float:
        """Its standard error by the width of the interval."""
        return (self.high - self.low) / (2 * quantile(0.95))


def told_of(
    review: Review,
    study_id: str,
    outcome_id: str,
    *,
    timepoint: str = "",
    treatment: str = "",
    threshold: str = "",
) -> tuple[Told, ...]:
    """Return what a study tells of an outcome: one result for each set of reports that agree.

    Parameters
    ----------
    review
        The review.
    study_id, outcome_id
        Which comparison.
    timepoint, treatment
        As in the tables; may be left out where there is only one.
    threshold
        Judge by this threshold only.
    """
    outcome = review.outcome(outcome_id)
    trial = str(review.study(study_id)["role"]) == "trial"
    contrasts = _only(review.rows_of("contrasts", study_id, outcome_id), timepoint, treatment)
    derived = _derived(review, study_id, outcome, timepoint, threshold) if not treatment else ()
    printed = _printed(review, outcome, contrasts, threshold)
    if trial or not printed:
        return derived or printed or _in_words(review, contrasts)
    return printed


def _only(rows: pd.DataFrame, timepoint: str, treatment: str) -> pd.DataFrame:
    if timepoint:
        rows = rows[rows["timepoint"] == timepoint]
    return rows[rows["treatment"] == treatment] if treatment else rows


def _derived(
    review: Review, study_id: str, outcome: Outcome, timepoint: str, threshold: str
) -> tuple[Told, ...]:
    for measure in _MEASURES[outcome.kind]:
        try:
            found = derive(review, study_id, outcome.id, timepoint=timepoint, measure=measure)
        except EvidenceError:
            continue
        if found.usable:
            return tuple(
                _of_reading(review, outcome, found, reading, threshold) for reading in found.usable
            )
    return ()


def _of_reading(
    review: Review, outcome: Outcome, found: Comparison, reading: Reading, threshold: str
) -> Told:
    sign = outcome.benefit_sign
    agreeing = next(each for each in found.sets if reading in each)
    # What one of several reports that agree says of chance, as printed, holds for all of them.
    clear = [one for one in agreeing if one.usable and one.ci_low * one.ci_high > 0]
    return _told(
        review,
        outcome,
        measure=reading.measure,
        ends=tuple(sign * end for end in (reading.estimate, reading.ci_low, reading.ci_high)),
        beyond_chance=bool(clear),
        threshold=threshold,
        rows=tuple(dict.fromkeys(place for one in agreeing for place in one.rows)),
    )


def _printed(
    review: Review, outcome: Outcome, contrasts: pd.DataFrame, threshold: str
) -> tuple[Told, ...]:
    rows = contrasts[contrasts["estimate"].notna()]
    for measure in _PRINTED:
        mine = rows[rows["measure"].astype(str) == measure]
        if not mine.empty:
            return tuple(
                _of_row(review, outcome, row, measure, threshold) for row in each_row(mine)
            )
    return ()


def _of_row(review: Review, outcome: Outcome, row: object, measure: str, threshold: str) -> Told:
    means = str(getattr(row, "positive_means", ""))
    sign = outcome.benefit_sign * _SIGNS[means] if means in _SIGNS else 1
    numbers = [float(getattr(row, name)) for name in ("estimate", "ci_low", "ci_high")]
    if measure in LOG_MEASURES:
        numbers = [math.log(number) if number > 0 else math.nan for number in numbers]
    level = float(getattr(row, "ci_level", math.nan))
    if not math.isnan(level):
        # An interval of another level, widened or narrowed to the usual one.
        factor = quantile(0.95) / quantile(level / 100)
        numbers[1:] = [numbers[0] + factor * (end - numbers[0]) for end in numbers[1:]]
    ends = tuple(sign * number for number in numbers)
    beyond = None if math.isnan(ends[1]) else ends[1] * ends[2] > 0
    if beyond is None and significance_of(row) != "not reported":
        beyond = significance_of(row) == "yes"
    if measure not in (*LOG_MEASURES, "mean difference", "risk difference"):
        measure = "standardised mean difference"
    place = ("contrasts", int(getattr(row, "Index", 0)))
    return _told(
        review,
        outcome,
        measure=measure,
        ends=ends,
        beyond_chance=beyond,
        threshold=threshold,
        rows=(place,),
    )


def _told(
    review: Review,
    outcome: Outcome,
    *,
    measure: str,
    ends: tuple[float, ...],
    beyond_chance: bool | None,
    threshold: str,
    rows: tuple[Place, ...],
) -> Told:
    benefit, low, high = ends[0], min(ends[1:]), max(ends[1:])
    return Told(
        # Adding 0 takes the sign from a zero.
        benefit + 0.0,
        low + 0.0,
        high + 0.0,
        measure,
        beyond_chance,
        0,
        _thresholds(review, outcome, measure, threshold),
        _text(outcome, measure, benefit, low, high),
        rows,
    )


def _thresholds(
    review: Review, outcome: Outcome, measure: str, threshold: str
) -> tuple[float, ...]:
    if measure in LOG_MEASURES:
        # No threshold of an outcome is on the scale of a ratio.
        return () if threshold else (APPRECIABLE_LOG_RATIO,)
    scale = "SMD" if measure.startswith("standardised") else "outcome unit"
    rows = compare_with_thresholds(
        review, outcome.id, estimate=0.0, ci_low=0.0, ci_high=0.0, scale=scale
    ).applicable
    if threshold:
        rows = rows[rows["id"] == threshold]
    return tuple(sorted(float(value) for value in rows["value"]))


def _text(outcome: Outcome, measure: str, benefit: float, low: float, high: float) -> str:
    if measure in LOG_MEASURES:
        # As printed, whichever side is the better one.
        turned = outcome.benefit_sign
        ends = sorted((math.exp(turned * low), math.exp(turned * high)))
        # An end just beside 1 must not read as if it were 1.
        decimals = 3 if any(round(end, 2) == 1 != end for end in ends) else 2
        name = f"{outcome.short}: {measure}"
        return f"{name} {format_number(math.exp(turned * benefit))}{_interval(ends, decimals)}"
    unit, factor, decimals = outcome.unit, 1.0, 1
    if measure.startswith("standardised"):
        unit, decimals = "SD", 2
    elif measure == "risk difference":
        unit, factor = "people in 100", 100.0
    word = "better" if benefit >= 0 else "worse"
    side = 1.0 if benefit >= 0 else -1.0
    ends = sorted((side * factor * low, side * factor * high))
    size = format_number(abs(benefit) * factor, decimals)
    return f"{outcome.short} {size} {unit} {word}{_interval(ends, decimals)}"


def _interval(ends: list[float], decimals: int = 2) -> str:
    if any(map(math.isnan, ends)):
        return ", no interval told"
    return f" (95% CI {format_interval(ends[0], ends[1], decimals)})"


def _in_words(review: Review, contrasts: pd.DataFrame) -> tuple[Told, ...]:
    """Return what is told by a p value, a bound on it, or a word."""
    found = []
    for row in each_row(contrasts):
        significance = significance_of(row)
        place = ("contrasts", int(row.Index))
        found.append(
            Told(
                math.nan,
                math.nan,
                math.nan,
                "",
                None if significance == "not reported" else significance == "yes",
                {"treatment": 1, "control": -1}.get(str(row.direction), 0),
                (),
                f"{review.outcome(str(row.outcome_id)).short}: {_told_words(row)}",
                (place,),
            )
        )
    return tuple(found)


def _told_words(row: object) -> str:
    p, relation = float(getattr(row, "p", math.nan)), str(getattr(row, "p_relation", "="))
    if not math.isnan(p):
        shown = format_p(p)
        if relation in ("<", "<=", ">"):
            shown = f"p {relation} {p:g}"
        return f"{shown}, no size told"
    if str(getattr(row, "direction", "")) == "none":
        return "said to be the same in both groups, no numbers told"
    said = getattr(row, "significance", None)
    words = "nothing of chance" if said is None or said != said else str(said)
    return f"said to be {words}, no numbers told"


def amounts_to(told: Told) -> str:
    """Return what one result amounts to, one of the states in `rules`.

    Parameters
    ----------
    told
        The result.
    """
    if math.isnan(told.benefit):
        return _words_amount_to(told)
    if told.beyond_chance is None:
        return rules.NO_SPREAD
    if not told.beyond_chance:
        smallest = min(told.thresholds, default=math.inf)
        shut = told.high < smallest and bool(told.thresholds)
        return rules.NO_IMPORTANT if shut else rules.NOT_SHOWN
    if told.benefit < 0:
        return rules.WORSE
    if not told.thresholds:
        return rules.UNJUDGED
    return rules.MATTERS if told.benefit >= min(told.thresholds) else rules.SMALL


def _words_amount_to(told: Told) -> str:
    if told.beyond_chance is None:
        return rules.NO_DIRECTION
    if not told.beyond_chance:
        return rules.NOT_SHOWN
    return {1: rules.UNTOLD, -1: rules.WORSE, 0: rules.NO_DIRECTION}[told.side]


def joint_state(found: Iterable[Told]) -> str:
    """Return what several results of one comparison amount to together.

    Parameters
    ----------
    found
        The results; at least one.
    """
    states = set(map(amounts_to, found))
    return states.pop() if len(states) == 1 else rules.DISAGREE
