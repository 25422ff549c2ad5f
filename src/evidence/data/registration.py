"""What must hold between a study's plan, its dates and what was reported of it.

Only what cannot be meant is a problem: two sources that give two dates are both kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from evidence.data.problems import Problem

if TYPE_CHECKING:
    from evidence.data.csv_file import CsvFile, Row

__all__ = ["NOT_PUBLIC", "TIMINGS", "check_registration", "date_range", "timing_of", "whole_months"]

Files = Mapping[str, "CsvFile"]

#: What `registration_timing` may say.
TIMINGS = ("prospective", "retrospective")
#: The fate of an outcome of a study without public results.
NOT_PUBLIC = "results not public"
_DATES = ("registered_on", "started_on", "completed_on", "completion_planned", "entry_updated")
_WHEN = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
#: Fates that say nothing about a report.
_SILENT = (NOT_PUBLIC, "not known")
_STATISTICS = ("estimate", "t", "f")


def whole_months(start: date, end: date) -> int:
    """Return the whole months from one day to another, below 0 where the other is earlier.

    Parameters
    ----------
    start, end
        The days.
    """
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def date_range(text: str) -> tuple[date, date] | None:
    """Return the first and the last day that a date like 2025-08-31, 2025-08 or 2025 can mean.

    Parameters
    ----------
    text
        The date, as reported.

    Returns
    -------
    tuple of date, or None
        None where the text is no such date.
    """
    found = _WHEN.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    after = (
        date(first.year + 1, 1, 1) if not month or month == 12 else first.replace(month=month + 1)
    )
    return first, after - timedelta(days=1)


def check_registration(files: Files) -> list[Problem]:
    """Check dates of registration, and planned outcomes against the reports.

    Parameters
    ----------
    files
        What was read from the CSV files, by table name.

    Returns
    -------
    list of Problem
    """
    problems: list[Problem] = []
    if files["study_facts"].unread.isdisjoint({"item", "value", "study_id"}):
        problems += _check_facts(files["study_facts"])
    # Where columns are missing, a row cannot be said to lack anything.
    if not any(files[name].unread for name in ("registered_outcomes", "studies")):
        problems += _check_outcomes(files)
    return problems


def _check_facts(file: CsvFile) -> Iterator[Problem]:
    known: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in file.rows:
        item, value = row["item"], row["value"]
        if not value or not row.sound("item", "value"):
            continue
        if item in _DATES and date_range(value) is None:
            yield Problem(
                "study_facts.csv",
                row.line,
                "value",
                f"the item {item} is a date, and this is not one.",
                value,
                "a date like 2025-08-31, or 2025-08 or 2025 where no more is known",
                "Write the date this way, and how it was printed into the note.",
            )
        elif item == "registration_timing" and value not in TIMINGS:
            yield Problem(
                "study_facts.csv",
                row.line,
                "value",
                "this does not say when the study was registered.",
                value,
                ", ".join(TIMINGS),
                "Write one of the two, and anything else into the note.",
            )
        else:
            known[row["study_id"]][item].append(row)
    for facts in known.values():
        yield from _check_order(facts)


def _check_order(facts: Mapping[str, list[Row]]) -> Iterator[Problem]:
    """Compare dates that stand alone: of two that differ, nobody knows which is right."""
    only = {item: rows[0] for item, rows in facts.items() if len({r["value"] for r in rows}) == 1}
    days = {item: date_range(only[item]["value"]) for item in _DATES if item in only}
    started, completed = days.get("started_on"), days.get("completed_on")
    if started and completed and completed[1] < started[0]:
        yield Problem(
            "study_facts.csv",
            only["completed_on"].line,
            "value",
            "the study was completed before it started.",
            f"{only['completed_on']['value']}, started {only['started_on']['value']}",
            f"from {only['started_on']['value']} on",
            "Compare both dates with their sources.",
        )
    registered, timing = days.get("registered_on"), only.get("registration_timing")
    if not started or not registered or timing is None:
        return
    early, late = registered[1] <= started[0], registered[0] > started[1]
    if (timing["value"] == "prospective" and late) or (
        timing["value"] == "retrospective" and early
    ):
        yield Problem(
            "study_facts.csv",
            timing.line,
            "value",
            f"the dates say otherwise: registered {only['registered_on']['value']}, "
            f"started {only['started_on']['value']}.",
            timing["value"],
            TIMINGS[1] if late else TIMINGS[0],
            "Compare the dates with their sources, or correct the word.",
        )


def _check_outcomes(files: Files) -> Iterator[Problem]:
    studies = {r["study_id"]: r["status"] for r in files["studies"].rows if r.sound("status")}
    for row in files["registered_outcomes"].rows:
        if not row["reported"] or not row.sound("study_id", "reported"):
            continue
        problem = (
            _against_status(row, studies.get(row["study_id"], ""))
            or _against_source(row)
            or _against_numbers(row, files)
        )
        if problem is not None:
            yield problem


def _problem(
    row: Row, message: str, found: str, accepted: str, advice: str, column: str = "reported"
) -> Problem:
    return Problem("registered_outcomes.csv", row.line, column, message, found, accepted, advice)


def _against_status(row: Row, status: str) -> Problem | None:
    fate = row["reported"]
    if not status or (fate == NOT_PUBLIC) == (status == "registered") or fate == "not known":
        return None
    if fate == NOT_PUBLIC:
        return _problem(
            row,
            "this says that the study has no public results, and studies.csv says that it has.",
            f"{fate}, study {status}",
            "what became of the outcome",
            "Say what the report tells of the outcome, or correct the status in studies.csv.",
        )
    return _problem(
        row,
        "this says what was reported, and studies.csv says that no results were found.",
        f"{fate}, study {status}",
        NOT_PUBLIC,
        "Write it, or correct the status in studies.csv.",
    )


def _against_source(row: Row) -> Problem | None:
    fate, source = row["reported"], row["report_source_id"]
    if source and fate == NOT_PUBLIC:
        return _problem(
            row,
            "this names a report of a study that has no public results.",
            source,
            "an empty cell",
            "Leave it empty.",
            "report_source_id",
        )
    if source or fate in _SILENT:
        return None
    return _problem(
        row,
        f"this says {fate!r}, and not in which report.",
        "",
        "an entry of sources.csv",
        "Name the report that was held against the plan, or write 'not known'.",
        "report_source_id",
    )


def _against_numbers(row: Row, files: Files) -> Problem | None:
    """Hold an outcome without numbers, or without any report, against the tables of results."""
    fate, key = row["reported"], (row["study_id"], row["outcome_id"])
    if not row["outcome_id"] or fate not in ("without numbers", "not reported"):
        return None
    where = _where_reported(files, key, numbers=fate == "without numbers")
    if not where:
        return None
    what = "a number that compares the groups" if fate == "without numbers" else "a result"
    return _problem(
        row,
        f"this says {fate!r}, and {where} holds {what}.",
        " / ".join((*key, fate)),
        "another fate, or no outcome_id",
        "Say what became of it; leave outcome_id empty where another outcome was planned.",
    )


def _where_reported(files: Files, key: tuple[str, str], *, numbers: bool) -> str:
    for row in files["contrasts"].rows:
        if (row["study_id"], row["outcome_id"]) == key and (not numbers or _compares(row)):
            return f"contrasts.csv, line {row.line},"
    roles: dict[str, int] = {}
    for row in files["arms"].rows:
        mine = (row["study_id"], row["outcome_id"]) == key and row["kind"] != "baseline"
        telling = not numbers or any(row[name] for name in ("mean", "median", "events"))
        if mine and telling and row["role"] in ("treatment", "control"):
            roles.setdefault(row["role"], row.line)
    if len(roles) == 2 or (roles and not numbers):
        return f"arms.csv, line {min(roles.values())},"
    return ""


def _compares(row: Row) -> bool:
    """Whether a comparison holds more than words and bounds, of two groups."""
    if row["p_test"] == "several groups":
        return False
    exact = bool(row["p"]) and row["p_relation"] in ("", "=")
    return exact or any(row[name] for name in _STATISTICS)


def timing_of(
    said: Sequence[str], registered_on: Sequence[str], started_on: Sequence[str], number: str
) -> str:
    """Return when a study was registered, by what is said of it or else by its dates.

    Parameters
    ----------
    said, registered_on, started_on
        The facts of these items, each different value once.
    number
        Its registry number; empty where none was found, or ``"not registered"``.

    Returns
    -------
    str
        ``"prospective"``, ``"retrospective"``, ``"contradictory"`` (said to be both),
        ``"timing not known"``, ``"not registered"`` or ``"not known"``.
    """
    if said:
        return said[0] if len(said) == 1 else "contradictory"
    if number == "not registered":
        return number
    if len(registered_on) == len(started_on) == 1:
        registered, started = date_range(registered_on[0]), date_range(started_on[0])
        if registered and started and registered[1] <= started[0]:
            return "prospective"
        if registered and started and registered[0] > started[1]:
            return "retrospective"
    return "timing not known" if number else "not known"
