"""Facts of a review's tables that bear on a domain of bias, beside its judgement.

A fact is no judgement: that a trial was registered late does not say that its result was
picked, and that it is called double-blind does not say that the blinding held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evidence.data import Review
from evidence.data.bias_tools.tool import Domain
from evidence.data.registration import timing_of
from evidence.data.schema import TIERS
from evidence.display import capital, join_words, plural

__all__ = ["STAYING", "BearingFact", "bearing_facts", "facts_on_interests"]

#: The domain of an outcome (`review.toml`) that counts who stayed in a trial.
STAYING = "staying in the trial"
_BLINDING = {
    "double": "Called double-blind.",
    "single": "Called single-blind.",
    "none": "Nobody was blinded.",
}
_TIMING = {
    "prospective": "Registered before it started.",
    "retrospective": "Registered after it started.",
    "contradictory": "Said to be registered both before and after it started.",
    "timing not known": "Registered; whether before it started is not known.",
    "not registered": "Not registered.",
}
_FATES = {
    "as planned": "reported as planned",
    "without numbers": "reported without numbers that compare the groups",
    "other rank": "reported with another rank",
    "not reported": "not reported",
}
_NOT_STATED = ("", "not stated", "not reported")


@dataclass(frozen=True, slots=True)
class BearingFact:
    """One fact that bears on a domain.

    Attributes
    ----------
    kind
        What it is about, as the tools' files name it.
    sentence
        The fact.
    tier
        How near to the study it was read: ``"primary"`` or ``"secondary"``.
    """

    kind: str
    sentence: str
    tier: str


def bearing_facts(review: Review, study_id: str, domain: Domain) -> tuple[BearingFact, ...]:
    """Return what a review's tables say that bears on a domain of a study.

    Parameters
    ----------
    review
        The review.
    study_id
        The study.
    domain
        A domain; its file names the kinds of facts.
    """
    found = [
        BearingFact(kind, *said)
        for kind in domain.facts
        if kind in _KINDS
        for said in _KINDS[kind](review, study_id)
    ]
    return tuple(dict.fromkeys(found))


def facts_on_interests(review: Review, study_id: str) -> tuple[BearingFact, ...]:
    """Return who paid for a study and which interests are told.

    RoB 2 has no domain for them: they say where to look, and not that anything is biased
    (Cochrane Methods, frequently asked questions on RoB 2).

    Parameters
    ----------
    review
        The review.
    study_id
        The study.
    """
    return tuple(BearingFact("funding", *said) for said in _funding(review, study_id))


Said = tuple[str, str]


def _facts(review: Review, study_id: str, item: str, stage: str = "published") -> list[Any]:
    return [
        row
        for row in review.records("study_facts", study_id)
        if row.item == item and stage in ("", _stage(row))
    ]


def _stage(row: Any) -> str:
    return "published" if pd.isna(row.stage) else str(row.stage)


def _values(review: Review, study_id: str, item: str) -> list[str]:
    return list(dict.fromkeys(str(row.value) for row in _facts(review, study_id, item, "")))


def _farthest(rows: list[Any]) -> str:
    """Return the tier of what rests on several rows: as second-hand as the worst of them."""
    tiers = [str(row.tier) for row in rows]
    return max(tiers, key=list(TIERS).index, default="primary")


def _study(review: Review, study_id: str) -> Any:
    return review.records("studies", study_id)[0]


def _blinding(review: Review, study_id: str) -> Iterator[Said]:
    study = _study(review, study_id)
    if not pd.isna(study.blinding) and study.blinding in _BLINDING:
        yield _BLINDING[str(study.blinding)], str(study.tier)


def _comparator(review: Review, study_id: str) -> Iterator[Said]:
    study = _study(review, study_id)
    if study.comparator.lower() not in _NOT_STATED:
        yield f"Compared with {study.comparator}.", str(study.tier)


def _count(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _completed(review: Review, study_id: str) -> Iterator[Said]:
    groups = list(_stayed(review, study_id))
    if groups:
        yield from groups
    else:
        yield from _of_randomised(review, study_id, "n_completed", "finished")
    entered = [
        row
        for row in _facts(review, study_id, "n_randomised", "registered")
        if not pd.isna(row.number)
    ]
    randomised = _count(_study(review, study_id).n_randomised)
    for row in entered:
        if randomised is not None and int(row.number) != randomised:
            yield (
                f"The registry tells of {int(row.number)} people, the report of {randomised}.",
                _farthest([row, _study(review, study_id)]),
            )


def _stayed(review: Review, study_id: str) -> Iterator[Said]:
    """Yield how many of each group finished, where the groups are told."""
    rows = [
        row
        for row in review.records("arms", study_id)
        if review.outcome(row.outcome_id).domain == STAYING
        and not pd.isna(row.events)
        and not pd.isna(row.total)
    ]
    by_outcome: dict[str, list[Any]] = {}
    for row in rows:
        by_outcome.setdefault(row.outcome_id, []).append(row)
    for outcome_id, mine in by_outcome.items():
        counts = join_words(f"{int(row.events)} of {int(row.total)} ({row.arm})" for row in mine)
        lost = join_words(str(int(row.total) - int(row.events)) for row in mine)
        name = capital(review.outcome(outcome_id).name)
        yield f"{name}: {counts}; lost {lost}.", _farthest(mine)


def _of_randomised(review: Review, study_id: str, item: str, verb: str) -> Iterator[Said]:
    randomised = _count(_study(review, study_id).n_randomised)
    for row in _facts(review, study_id, item):
        if pd.isna(row.number):
            continue
        number = int(row.number)
        if randomised is None:
            yield f"{capital(plural(number, 'person', 'people'))} {verb}.", str(row.tier)
        else:
            tier = _farthest([row, _study(review, study_id)])
            yield f"{number} of {randomised} {verb}.", tier


def _analysed(review: Review, study_id: str) -> Iterator[Said]:
    yield from _of_randomised(review, study_id, "n_analysed", "were analysed")


def _measurement(review: Review, study_id: str) -> Iterator[Said]:
    for row in _facts(review, study_id, "measurement"):
        yield f"Measured: {str(row.value).rstrip('.')}.", str(row.tier)


def _registration(review: Review, study_id: str) -> Iterator[Said]:
    items = ("registration_timing", "registered_on", "started_on", "registration")
    said, registered, started, numbers = (_values(review, study_id, item) for item in items)
    timing = timing_of(said, registered, started, "; ".join(numbers))
    if timing in _TIMING:
        rows = [row for item in items for row in _facts(review, study_id, item, "")]
        yield _TIMING[timing], _farthest(rows)


def _outcomes_planned(review: Review, study_id: str) -> Iterator[Said]:
    rows = [
        row for row in review.records("registered_outcomes", study_id) if row.reported in _FATES
    ]
    if rows:
        counts = {
            words: sum(1 for row in rows if row.reported == fate) for fate, words in _FATES.items()
        }
        told = join_words(f"{count} {words}" for words, count in counts.items() if count)
        planned = capital(plural(len(rows), "planned outcome"))
        yield f"{planned} followed up: {told}.", _farthest(rows)


def _washout(review: Review, study_id: str) -> Iterator[Said]:
    names = {"published": "report", "registered": "registry", "preprint": "preprint"}
    rows = _facts(review, study_id, "washout", "")
    if rows:
        told = dict.fromkeys((names[_stage(row)], str(row.value)) for row in rows)
        words = join_words(f"{value} ({where})" for where, value in told)
        yield f"Time between the periods: {words}.", _farthest(rows)


def _funding(review: Review, study_id: str) -> Iterator[Said]:
    for item, head in (("funding", "Paid by"), ("conflict_of_interest", "Interests")):
        for row in _facts(review, study_id, item, ""):
            yield f"{head}: {str(row.value).rstrip('.')}.", str(row.tier)


_KINDS: dict[str, Callable[[Review, str], Iterator[Said]]] = {
    "analysed": _analysed,
    "blinding": _blinding,
    "comparator": _comparator,
    "completed": _completed,
    "funding": _funding,
    "measurement": _measurement,
    "outcomes_planned": _outcomes_planned,
    "registration": _registration,
    "washout": _washout,
}
