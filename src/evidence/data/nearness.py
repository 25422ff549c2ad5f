"""How far one study is from the question, aspect by aspect, by the rules of `review.toml`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evidence.data.frames import each_row
from evidence.data.plan import DirectnessRule
from evidence.data.reported import ReportedNumber
from evidence.data.review import Review
from evidence.data.sections import DISTANCES, RULED_ASPECTS, UNITS

__all__ = [
    "ASPECTS",
    "Nearness",
    "aspects_of",
    "domains_of",
    "match_text",
    "nearness_of",
    "nearness_of_amounts",
]

#: The aspects compared without any rule: each a column of `studies.csv` and a key of `[target]`.
ASPECTS = ("form", "comparator", "population")

_SILENT = ("", "not stated", "not reported")


@dataclass(frozen=True, slots=True)
class Nearness:
    """What a study tells of one aspect, how far that is from the question, and why.

    Attributes
    ----------
    aspect
        Which aspect.
    entry
        What the study tells, as reported; empty where it tells nothing.
    distance
        0 direct, 1 near, 2 far; None where it is not stated.
    reason
        That of the rule, or what no rule was needed for.
    """

    aspect: str
    entry: str
    distance: int | None
    reason: str

    @property
    def word(self) -> str:
        """``"direct"``, ``"near"``, ``"far"`` or ``"not stated"``."""
        return "not stated" if self.distance is None else DISTANCES[self.distance]

    @property
    def match(self) -> str:
        """``"same"``, ``"other"`` or ``"not stated"``."""
        if self.distance is None:
            return "not stated"
        return "other" if self.distance else "same"


def aspects_of(review: Review) -> tuple[str, ...]:
    """Return the aspects that a review compares: form, comparator, population, and those ruled.

    Parameters
    ----------
    review
        The review.
    """
    ruled = {rule.aspect for rule in review.plan.directness}
    return tuple(each for each in RULED_ASPECTS if each in ASPECTS or each in ruled)


def match_text(found: str, wanted: str) -> str:
    """Return ``"same"``, ``"other"`` or ``"not stated"`` for an entry and what is asked for.

    An entry is the same when it starts with the target's words; an empty one or ``not stated``
    is not stated. Nothing is guessed from similar words.

    Parameters
    ----------
    found
        The study's entry.
    wanted
        The target's.
    """
    text = found.strip().lower()
    if text in _SILENT:
        return "not stated"
    return "same" if text.startswith(wanted.lower()) else "other"


def nearness_of(
    review: Review, study_id: str, aspect: str, *, outcome_id: str = "", asked: str = ""
) -> Nearness:
    """Return how far a study is from the question in one aspect.

    Parameters
    ----------
    review
        The review with its rules.
    study_id
        The study.
    aspect
        One of `aspects_of`.
    outcome_id
        The outcome that the study is used for; without it the nearest of those it reports.
    asked
        The domain that is asked about; without it the rules alone decide.
    """
    rules = [rule for rule in review.plan.directness if rule.aspect == aspect]
    if aspect == "outcome":
        return _of_outcome(review, study_id, rules, outcome_id, asked)
    if aspect in UNITS:
        return _of_range(review, study_id, aspect, rules)
    entry = str(review.study(study_id)[aspect])
    if entry.strip().lower() in _SILENT:
        return Nearness(aspect, entry.strip(), None, f"The {aspect} is not stated.")
    for rule in rules:
        if not rule.words or any(_holds(entry, word) for word in rule.words):
            return _by(rule, entry)
    wanted = getattr(review.plan.target, aspect)
    if match_text(entry, wanted) == "same":
        return Nearness(aspect, entry, 0, f"As asked about: {wanted}.")
    return _unruled(aspect, entry)


def _holds(entry: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word.strip())}(?!\w)", entry, re.IGNORECASE) is not None


def _by(rule: DirectnessRule, entry: str) -> Nearness:
    return Nearness(rule.aspect, entry, DISTANCES.index(rule.distance), rule.reason)


def _unruled(aspect: str, entry: str) -> Nearness:
    reason = f"Another {aspect} than asked about; no rule says how far."
    return Nearness(aspect, entry, 1, reason)


# ---------------------------------------------------------------- outcome


def domains_of(review: Review, study_id: str) -> dict[str, str]:
    """Return the outcomes that a study reports with what each measures, in the order of its rows.

    Parameters
    ----------
    review
        The review.
    study_id
        The study.
    """
    found: dict[str, str] = {}
    for name in ("contrasts", "arms"):
        table = review.tables[name]
        for outcome_id in table.loc[table["study_id"] == study_id, "outcome_id"]:
            found[str(outcome_id)] = review.outcome(str(outcome_id)).domain
    return found


def _of_outcome(
    review: Review, study_id: str, rules: Sequence[DirectnessRule], outcome_id: str, asked: str
) -> Nearness:
    if outcome_id:
        outcome = review.outcome(outcome_id)
        return _one_outcome(outcome_id, outcome.domain, outcome.name, rules, asked)
    reported = domains_of(review, study_id)
    entry = ", ".join(dict.fromkeys(reported.values()))
    if not reported:
        return Nearness("outcome", "", None, "No result of it is in the tables.")
    found = [_one_outcome(one, domain, entry, rules, asked) for one, domain in reported.items()]
    return min(found, key=lambda each: each.distance or 0)


def _one_outcome(
    outcome_id: str, domain: str, entry: str, rules: Sequence[DirectnessRule], asked: str
) -> Nearness:
    if asked and domain == asked:
        return Nearness("outcome", entry, 0, f"As asked about: {asked}.")
    for rule in rules:
        everything = not rule.outcomes and not rule.domains
        if everything or outcome_id in rule.outcomes or domain in rule.domains:
            return _by(rule, entry)
    return _unruled("outcome", entry)


# ---------------------------------------------------------------- dose and duration


@dataclass(frozen=True, slots=True)
class _Amounts:
    """What is told of a dose or duration: as reported, and in the first unit of its aspect."""

    entry: str
    values: tuple[float, ...]
    path: str = ""


def _of_range(
    review: Review, study_id: str, aspect: str, rules: Sequence[DirectnessRule]
) -> Nearness:
    told = _duration(review, study_id) if aspect == "duration" else _dose(review, study_id)
    if not told.values:
        return Nearness(aspect, told.entry, None, told.path or f"The {aspect} is not stated.")
    return _farthest(aspect, told.entry, told.values, rules)


def nearness_of_amounts(
    review: Review, aspect: str, entry: str, values: Sequence[float]
) -> Nearness:
    """Return how far a dose or duration is from the question that was worked out elsewhere.

    Parameters
    ----------
    review
        The review with its rules.
    aspect
        ``"dose"`` or ``"duration"``.
    entry
        What the study tells, as reported.
    values
        What it amounts to, in the first unit of the aspect (mg/day, days); where there are
        several, the farthest counts.
    """
    rules = [rule for rule in review.plan.directness if rule.aspect == aspect]
    return _farthest(aspect, entry, values, rules)


def _farthest(
    aspect: str, entry: str, values: Sequence[float], rules: Sequence[DirectnessRule]
) -> Nearness:
    found = [_in_range(value, aspect, entry, rules) for value in values]
    # Where reports differ, the farther one counts: what is not sure is not called direct.
    farthest = max(found, key=lambda each: each.distance or 0)
    if len({each.distance for each in found}) == 1:
        return farthest
    reason = f"{farthest.reason} Its reports differ, and the farther one counts."
    return replace(farthest, reason=reason)


def _in_range(value: float, aspect: str, entry: str, rules: Sequence[DirectnessRule]) -> Nearness:
    for rule in rules:
        size = UNITS[aspect].get(rule.unit, 1.0)
        low = -math.inf if rule.at_least is None else rule.at_least * size
        high = math.inf if rule.at_most is None else rule.at_most * size
        # Ends that are reached by converting a unit are in.
        slack = 1e-9 * max(abs(value), 1.0)
        if low - slack <= value <= high + slack:
            return _by(rule, entry)
    return _unruled(aspect, entry)


def _duration(review: Review, study_id: str) -> _Amounts:
    rows = review.facts_of(study_id, "duration")
    return _Amounts(_as_reported(rows), _amounts(rows, "duration"))


def _dose(review: Review, study_id: str) -> _Amounts:
    """Return the element's dose as reported; that of the compound is no dose of the element."""
    rows = review.facts_of(study_id, "dose_elemental")
    values = _amounts(rows, "dose")
    if values:
        return _Amounts(_as_reported(rows), values)
    compound = review.facts_of(study_id, "dose_compound")
    if not rows.empty:
        told = f"The dose is not stated in {' or '.join(UNITS['dose'])}."
        return _Amounts(_as_reported(rows), (), told)
    if not compound.empty:
        told = "The dose of the compound is stated, that of the element not."
        return _Amounts(_as_reported(compound), (), told)
    return _Amounts("", ())


def _amounts(rows: pd.DataFrame, aspect: str) -> tuple[float, ...]:
    """Return the numbers of facts in the first unit of their aspect; none in another unit."""
    found: dict[float, None] = {}
    for row in each_row(rows):
        size = UNITS[aspect].get(str(row.unit).strip())
        if size is not None:
            ends = (row.number,) if pd.notna(row.number) else (row.low, row.high)
            found.update({float(each) * size: None for each in ends if pd.notna(each)})
    return tuple(found)


def _as_reported(rows: pd.DataFrame) -> str:
    """Return the first entry as it stands, with its unit."""
    if rows.empty:
        return ""
    value, unit = str(rows.iloc[0]["value"]), str(rows.iloc[0]["unit"])
    return f"{value} {unit}".strip() if ReportedNumber.is_number(value) else value
