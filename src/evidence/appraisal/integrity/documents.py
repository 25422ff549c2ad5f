"""Registry against paper: where two documents of one trial say two things.

A difference between two documents is no contradiction of numbers: plans change for good reasons,
entries are updated late, and not both documents may have been read in full. It is said as what
it is: one document says this, another that.

References
----------
Chan AW, Hróbjartsson A, Haahr MT, Gøtzsche PC, Altman DG (2004). Empirical evidence for
selective reporting of outcomes in randomized trials. JAMA 291:2457-2465.
Mathieu S, Boutron I, Moher D, Altman DG, Ravaud P (2009). Comparison of registered and published
primary outcomes in randomized controlled trials. JAMA 302:977-984.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from evidence.appraisal.check import CONTRADICTION, OK, Check
from evidence.appraisal.integrity.found import (
    DOCUMENTS,
    Place,
    Placed,
    facts_of,
    numbers_of,
    stage_of,
    study_of,
)
from evidence.appraisal.integrity.printed import contradicted
from evidence.appraisal.reporting_tables import facts_by_study, registration_table
from evidence.data import ReportedNumber, Review
from evidence.data.registration import date_range
from evidence.display import capital, join_words

__all__ = ["check_documents", "check_plans", "check_timing"]

_MATHIEU = "Mathieu et al. 2009, JAMA 302:977-984"
_CHAN = "Chan et al. 2004, JAMA 291:2457-2465"
_STAGES = {
    "published": "the report",
    "registered": "the registry entry",
    "preprint": "the preprint or meeting abstract",
}
#: Items that two documents can differ in, with how a sentence names them.
_ITEMS = {
    "n_randomised": "people taken in",
    "dose_elemental": "daily dose as the element",
    "dose_compound": "daily dose as the compound or product",
    "duration": "duration",
    "washout": "washout",
    "age": "mean age",
}
#: Days of a unit; a month is taken as anything from 28 to 31.
_DAYS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "year": (365, 366)}
_TIME = re.compile(r"(?:(day|week|month|year)s? (\d+)|(\d+) (day|week|month|year)s?)", re.ASCII)
_PARTIAL = ("abstract", "account", "web page")


@dataclass(frozen=True, slots=True)
class _Said:
    """What one document says of one item."""

    stage: str
    text: str
    number: ReportedNumber | None
    unit: str
    line: tuple[str, int]

    @property
    def size(self) -> tuple[float, float] | None:
        """The number as a range: durations in days, for their units differ."""
        if self.number is None:
            return None
        days = _DAYS.get(self.unit.rstrip("s"))
        low = high = self.number.value
        return (low, high) if days is None else (low * days[0], high * days[1])

    @property
    def scale(self) -> str:
        """What its numbers can be compared with."""
        return "days" if self.unit.rstrip("s") in _DAYS else self.unit

    @property
    def shown(self) -> str:
        """The fact as a sentence has it."""
        if self.number is None:
            return self.text
        unit = self.unit.removesuffix("s") if self.number.value == 1 else self.unit
        return f"{self.number} {unit}".strip()


def check_documents(review: Review) -> Iterator[Placed]:
    """Yield the check of each item that a registry entry or preprint of a study tells.

    Parameters
    ----------
    review
        The review.
    """
    for study_id in review.tables["studies"]["study_id"]:
        said = _said(review, str(study_id))
        for item, words in _ITEMS.items():
            found = said.get(item, [])
            if any(each.stage != "published" for each in found):
                yield _compared(review, str(study_id), words, found)


def _said(review: Review, study_id: str) -> dict[str, list[_Said]]:
    found: dict[str, list[_Said]] = {}
    for fact in facts_of(review, study_id):
        if str(fact.item) in _ITEMS:
            line = int(fact.Index)
            unit = "" if pd.isna(fact.unit) else str(fact.unit)
            number = review.number("study_facts", line, "number")
            found.setdefault(str(fact.item), []).append(
                _Said(stage_of(fact), str(fact.value), number, unit, ("study_facts", line))
            )
    study = study_of(review, study_id)
    place = int(study.Index)
    randomised = review.number("studies", place, "n_randomised")
    if randomised is not None and study.status != "registered":
        found.setdefault("n_randomised", []).append(
            _Said("published", randomised.text, randomised, "people", ("studies", place))
        )
    durations = found.get("duration", [])
    if durations and all(each.stage != "published" for each in durations):
        durations.extend(_last_time(review, study_id))
    return found


def _last_time(review: Review, study_id: str) -> Iterator[_Said]:
    """Yield the last time at which a result was reported, where no duration was."""
    latest: tuple[float, _Said] | None = None
    for table in ("contrasts", "arms"):
        for row in numbers_of(review, table):
            mine, text, line = row.word("study_id") == study_id, row.word("timepoint"), row.line
            found = _TIME.fullmatch(text.strip()) if mine else None
            if found is None:
                continue
            unit, number = found[1] or found[4], found[2] or found[3]
            days = float(number) * _DAYS[unit][0]
            if latest is None or days > latest[0]:
                told = _Said(
                    "published",
                    f"its last result is of {text}",
                    ReportedNumber(number),
                    f"{unit}s",
                    (table, line),
                )
                latest = days, told
    if latest is not None:
        yield latest[1]


def _compared(review: Review, study_id: str, words: str, said: list[_Said]) -> Placed:
    lines = tuple(each.line for each in said)
    place = Place(review, study_id, lines, DOCUMENTS, words)
    name = "two documents of one study"
    stages = dict.fromkeys(each.stage for each in said)
    if len(stages) < 2:
        reason = f"only {_STAGES[next(iter(stages))]} tells it"
        return place.skip(name, reason, _MATHIEU)
    comparable = [each for each in said if each.size is not None]
    scales = {each.scale for each in comparable}
    if len(comparable) < len(said) or len(scales) > 1:
        reason = "the documents tell it in words or units that cannot be compared by rule"
        return place.skip(name, reason, _MATHIEU)
    published = [each for each in comparable if each.stage == "published"]
    by_stage = [[each for each in comparable if each.stage == stage] for stage in stages]
    by_time = [each for each in published if each.line[0] in ("arms", "contrasts")]
    if by_time and _ends_later(by_time[0], comparable):
        reason = "no duration is printed in what was read, and a later result may be a follow-up"
        return place.skip(name, reason, _MATHIEU)
    differ = any(
        not any(_same(one, other) for one in first for other in second)
        for first, second in combinations(by_stage, 2)
    )
    told = "; ".join(f"{_STAGES[stage]} says {_once(said, stage)}" for stage in stages)
    if by_time:
        told += f" (no duration is printed in what was read; {by_time[0].text})"
    table = pd.DataFrame([(_STAGES[e.stage], e.shown) for e in said], columns=["document", "says"])
    check = contradicted(
        name,
        differ,
        fine=(f"{capital(words)}: {told}."),
        wrong=(f"{capital(words)}: {told}. The documents differ."),
        table=table,
        reference=_MATHIEU,
    )
    return place.put(check)


def _ends_later(last: _Said, said: list[_Said]) -> bool:
    """Whether a last result is of a time after every duration that another document tells."""
    others = [each.size for each in said if each.stage != "published" and each.size is not None]
    return last.size is not None and all(last.size[0] > size[1] for size in others)


def _once(said: list[_Said], stage: str) -> str:
    return join_words(dict.fromkeys(each.shown for each in said if each.stage == stage))


def _same(first: _Said, second: _Said) -> bool:
    one, other = first.size, second.size
    if one is None or other is None:
        return True
    if first.number is not None and second.number is not None and first.scale != "days":
        # 46.0 and 46.01 are the same age.
        coarse = max(first.number.half_unit, second.number.half_unit)
        whole = first.number.decimals == second.number.decimals
        return abs(one[0] - other[0]) <= (1e-9 if whole else coarse * (1 + 1e-9))
    return one[0] <= other[1] and other[0] <= one[1]


# ------------------------------------------------------------------ dates


def check_timing(review: Review) -> Iterator[Placed]:
    """Yield the check of when each study was registered against when it was done.

    Parameters
    ----------
    review
        The review.
    """
    facts = facts_by_study(review)
    studies = review.tables["studies"]
    trials = studies[studies["design"].isin(("parallel trial", "crossover trial"))]
    table = registration_table(trials, facts)
    timing = dict(zip(table["study_id"], table["timing"], strict=True))
    for study_id in trials["study_id"]:
        yield _timing(review, str(study_id), str(timing[study_id]))


def _timing(review: Review, study_id: str, timing: str) -> Placed:
    dates: dict[str, str] = {}
    lines: list[tuple[str, int]] = []
    for fact in facts_of(review, study_id):
        item, line = str(fact.item), int(fact.Index)
        if item in ("registered_on", "started_on", "completed_on", "registration_timing"):
            lines.append(("study_facts", line))
            dates.setdefault(item, str(fact.value))
    if not lines:
        lines = [("studies", int(study_of(review, study_id).Index))]
    place = Place(review, study_id, tuple(lines), DOCUMENTS, "registration")
    name = "registered before it began"
    if timing not in ("prospective", "retrospective", "contradictory"):
        return place.skip(name, "when it was registered, or began, is not known", _CHAN)
    sentence = {
        "prospective": "It was registered before it began",
        "retrospective": "It was registered after it had begun",
        "contradictory": "It is said to be registered before and after it began",
    }[timing]
    registered, completed = (
        date_range(dates[item]) if item in dates else None
        for item in ("registered_on", "completed_on")
    )
    if registered and completed and registered[0] > completed[1]:
        sentence = "It was registered after it was completed"
    words = {
        "registered_on": "registered",
        "started_on": "started",
        "completed_on": "completed",
    }
    told = join_words(f"{words[i]} on {dates[i]}" for i in words if i in dates)
    sentence += f" ({told})." if told else "."
    late = timing != "prospective"
    if late:
        sentence += " What was planned before the first result cannot be told from the entry."
    table = pd.DataFrame(list(dates.items()), columns=["item", "value"])
    check = Check(
        name=name,
        status=CONTRADICTION if late else OK,
        sentence=sentence,
        table=table,
        reference=_CHAN,
    )
    return place.put(check)


# ------------------------------------------------------------------ outcomes


def check_plans(review: Review) -> Iterator[Placed]:
    """Yield the check of each planned outcome against the report.

    Parameters
    ----------
    review
        The review.
    """
    planned = review.tables["registered_outcomes"]
    kinds = dict(
        zip(review.tables["sources"]["source_id"], review.tables["sources"]["kind"], strict=True)
    )
    name = "planned outcome against report"
    for row in planned.itertuples():
        line: Any = row.Index
        about = f"{row.planned} ({row.rank})"
        place = Place(
            review, str(row.study_id), (("registered_outcomes", int(line)),), DOCUMENTS, about
        )
        fate, rank = str(row.reported), str(row.rank)
        partial = str(kinds.get(row.report_source_id, "")) in _PARTIAL
        if fate in ("results not public", "not known"):
            reason = {
                "results not public": "the study has no public results",
                "not known": "the part of the report that would tell was not read",
            }[fate]
            yield place.skip(name, reason, _CHAN)
        elif fate != "as planned" and partial:
            where = "an abstract or an account was read only, and the full report may hold more"
            yield place.skip(name, where, _CHAN, f": {fate}")
        else:
            table = pd.DataFrame({"planned": [row.planned], "rank": [rank], "reported": [fate]})
            yield place.put(
                contradicted(
                    name,
                    fate != "as planned",
                    fine=(f"Planned (rank: {rank}): {row.planned}. In the report: as planned."),
                    wrong=(
                        f"Planned (rank: {rank}): {row.planned}. In the report: {fate}. The "
                        "documents differ."
                    ),
                    table=table,
                    reference=_CHAN,
                )
            )
