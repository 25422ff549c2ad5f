"""The tables of `evidence.appraisal.reporting`: plans, dates and payers by study."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from evidence.data import Review
from evidence.data.frames import each_row
from evidence.data.registration import date_range, timing_of, whole_months

__all__ = [
    "Facts",
    "facts_by_study",
    "funding_table",
    "planned_table",
    "registration_table",
    "unpublished_table",
]

_UNPUBLISHED = [
    "study_id",
    "label",
    "role",
    "people",
    "people_are",
    "ended_on",
    "end_is",
    "entry_updated",
    "read_on",
    "months",
    "recruitment",
]
_PLANNED = [
    "study_id",
    "label",
    "public",
    "rank",
    "planned",
    "outcome",
    "planned_in",
    "reported",
    "held_against",
    "tier",
    "note",
]
_REGISTRATION = ["study_id", "label", "people", "registration", "registered_on", "timing"]
_FUNDING = ["study_id", "label", "people", "paid_by", "interests"]

#: The facts of a study by item, as (value, number, source).
Facts = Mapping[str, list[tuple[str, float, str]]]


def facts_by_study(review: Review) -> dict[str, dict[str, list[tuple[str, float, str]]]]:
    """Return the facts of every study by item.

    Parameters
    ----------
    review
        The review.
    """
    found: dict[str, dict[str, list[tuple[str, float, str]]]] = {}
    for row in each_row(review.study_facts):
        items = found.setdefault(str(row.study_id), {})
        fact = (str(row.value), float(row.number), str(row.source_id))
        items.setdefault(str(row.item), []).append(fact)
    return found


def _values(facts: Facts, item: str) -> list[str]:
    """Return what is said of an item, each once."""
    return list(dict.fromkeys(value for value, _, _ in facts.get(item, [])))


def _people(study: object, facts: Facts) -> tuple[int | None, str]:
    """Return how many people a study has, and whether they are planned or taken in."""
    randomised = getattr(study, "n_randomised", None)
    if not pd.isna(randomised):
        return int(randomised), "taken in"
    for item, word in (("n_randomised", "taken in"), ("n_planned", "planned")):
        for _, number, _ in facts.get(item, []):
            if not pd.isna(number):
                return int(number), word
    return None, ""


def unpublished_table(review: Review, facts: Mapping[str, Facts]) -> pd.DataFrame:
    """Return one row per registered study without public results.

    Parameters
    ----------
    review
        The review.
    facts
        From `facts_by_study`.
    """
    accessed = {
        str(row.source_id): row.accessed.date().isoformat()
        for row in each_row(review.sources)
        if not pd.isna(row.accessed)
    }
    rows = []
    for study in each_row(review.studies[review.studies["status"] == "registered"]):
        mine = facts.get(str(study.study_id), {})
        people, people_are = _people(study, mine)
        ended, end_is, source = _ended(mine, str(study.source_id))
        read_on = accessed.get(source, "")
        rows.append(
            {
                "study_id": str(study.study_id),
                "label": str(study.label),
                "role": str(study.role),
                "people": people,
                "people_are": people_are,
                "ended_on": ended,
                "end_is": end_is,
                "entry_updated": max(_values(mine, "entry_updated"), default=""),
                "read_on": read_on,
                "months": _months(ended, read_on),
                "recruitment": "; ".join(_values(mine, "recruitment")),
            }
        )
    table = pd.DataFrame(rows, columns=_UNPUBLISHED)
    return table.astype({"people": "Int64", "months": "Int64"})


def _ended(facts: Facts, source: str) -> tuple[str, str, str]:
    """Return when a study ended, whether that is planned, and where it was read."""
    for item, word in (("completed_on", "completed"), ("completion_planned", "planned")):
        for value, _, where in facts.get(item, []):
            return value, word, where
    return "", "", source


def _months(ended: str, read_on: str) -> int | None:
    """Return the whole months from the last day that the end can mean; none if not over."""
    days = date_range(ended)
    if days is None or not read_on:
        return None
    return whole_months(days[1], date.fromisoformat(read_on))


def planned_table(review: Review, wanted: list[str] | None) -> pd.DataFrame:
    """Return one row per planned outcome, primary ones first.

    Parameters
    ----------
    review
        The review.
    wanted
        Only these outcomes of the review; None for all.
    """
    status = dict(zip(review.studies["study_id"], review.studies["status"], strict=True))
    role = dict(zip(review.studies["study_id"], review.studies["role"], strict=True))
    kind = dict(zip(review.sources["source_id"], review.sources["kind"], strict=True))
    table = review.registered_outcomes
    if wanted is not None:
        table = table[table["outcome_id"].isin(wanted)]
    rows = [
        {
            "study_id": str(row.study_id),
            "label": review.label(str(row.study_id)),
            "public": status[row.study_id] != "registered" and role[row.study_id] == "trial",
            "rank": str(row.rank),
            "planned": str(row.planned),
            "outcome": review.outcome(str(row.outcome_id)).short if row.outcome_id else "",
            "planned_in": str(row.planned_in),
            "reported": str(row.reported),
            "held_against": str(kind.get(row.report_source_id, "")),
            "tier": str(row.tier),
            "note": str(row.note),
        }
        for row in each_row(table.sort_values("rank", kind="stable"))
    ]
    return pd.DataFrame(rows, columns=_PLANNED).astype({"public": "bool"})


def registration_table(public: pd.DataFrame, facts: Mapping[str, Facts]) -> pd.DataFrame:
    """Return when each trial was registered.

    Parameters
    ----------
    public
        The rows of `studies.csv` of the trials with results.
    facts
        From `facts_by_study`.
    """
    rows = []
    for study in each_row(public):
        mine = facts.get(str(study.study_id), {})
        number = "; ".join(_values(mine, "registration"))
        registered_on = "; ".join(_values(mine, "registered_on"))
        timing = timing_of(
            _values(mine, "registration_timing"),
            _values(mine, "registered_on"),
            _values(mine, "started_on"),
            number,
        )
        people = _people(study, mine)[0]
        rows.append((study.study_id, study.label, people, number, registered_on, timing))
    return pd.DataFrame(rows, columns=_REGISTRATION).astype({"people": "Int64"})


def funding_table(public: pd.DataFrame, facts: Mapping[str, Facts]) -> pd.DataFrame:
    """Return who paid for each trial and which interests are told, as reported.

    Parameters
    ----------
    public
        The rows of `studies.csv` of the trials with results.
    facts
        From `facts_by_study`.
    """
    rows = []
    for study in each_row(public):
        mine = facts.get(str(study.study_id), {})
        told = ("; ".join(_values(mine, item)) for item in ("funding", "conflict_of_interest"))
        rows.append((study.study_id, study.label, _people(study, mine)[0], *told))
    return pd.DataFrame(rows, columns=_FUNDING).astype({"people": "Int64"})
