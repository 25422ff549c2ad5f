"""What reviewers decided, beside what the rules suggest, and whether it still stands.

A decision is a row of `certainty_decisions.csv`. It keeps the facts that it was made on; where
those are no longer what the rule reads, the decision still counts, and is shown as stale.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from evidence.data import TABLES, Review
from evidence.data.certainty_facts import fingerprint_of, read_facts
from evidence.data.frames import each_row
from evidence.display import join_words

__all__ = ["Decision", "csv_row", "decisions_for", "unmatched_decisions"]

_TABLE = "certainty_decisions"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a reviewer.

    Attributes
    ----------
    domain
        What it is about: a domain, a reason to rate up, ``"starting level"`` or ``"overall"``.
    levels
        How many levels it rates down (or up, where the domain does); None for a whole level.
    level
        The level itself, for ``"starting level"`` and ``"overall"``; else empty.
    reason, who, when
        Why, by whom and on which day.
    facts
        The facts it was made on, as one line.
    facts_now
        The facts as they are now.
    """

    domain: str
    levels: int | None
    level: str
    reason: str
    who: str
    when: date
    facts: str
    facts_now: str

    @property
    def stale(self) -> bool:
        """Whether it was made on other facts than those of today."""
        return fingerprint_of(self.facts) != fingerprint_of(self.facts_now)

    @property
    def changes(self) -> tuple[str, ...]:
        """What changed since, a fact each: ``people was 258, now 301``."""
        before, now = read_facts(self.facts), read_facts(self.facts_now)
        names = dict.fromkeys([*before, *now])
        return tuple(
            f"{name} was {before.get(name, 'not looked at')}, "
            f"{'is ' + now[name] + ' now' if name in now else 'is not looked at now'}"
            for name in names
            if before.get(name) != now.get(name)
        )

    @property
    def note(self) -> str:
        """Who decided and when, and what makes it stale."""
        text = f"{self.who}, {self.when.isoformat()}"
        return f"{text}; stale: {join_words(self.changes)}" if self.stale else text


def decisions_for(
    review: Review, analysis_id: str, reading: str, facts_now: Mapping[str, str]
) -> tuple[Decision, ...]:
    """Return the decisions on one reading of an analysis, in the order of the file.

    A row without a reading is meant for all of them; one with this reading comes before it.

    Parameters
    ----------
    review
        The review.
    analysis_id, reading
        Which analysis, and which reading of it.
    facts_now
        The line of facts of each domain as it is now.
    """
    table = review.tables[_TABLE]
    mine = table[(table["analysis_id"] == analysis_id) & table["reading"].isin(["", reading])]
    found: dict[str, Decision] = {}
    for row in each_row(mine.sort_values("reading", kind="stable")):
        domain = str(row.domain)
        found[domain] = Decision(
            domain=domain,
            levels=None if pd.isna(row.levels) else int(row.levels),
            level="" if pd.isna(row.level) else str(row.level),
            reason=str(row.reason),
            who=str(row.who),
            when=row.when.date(),
            facts=str(row.facts),
            facts_now=facts_now[domain],
        )
    return tuple(found.values())


def unmatched_decisions(
    review: Review, analysis_id: str, readings: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the decisions on a reading that the analysis no longer has, each in words.

    Parameters
    ----------
    review
        The review.
    analysis_id
        The analysis.
    readings
        The readings it has.
    """
    table = review.tables[_TABLE]
    mine = table[table["analysis_id"] == analysis_id]
    gone = mine[~mine["reading"].isin(["", *readings])]
    return tuple(
        f"the decision of {row.who} on {row.domain} is about a reading that no longer exists "
        f"({row.reading})"
        for row in each_row(gone)
    )


def csv_row(cells: Mapping[str, object], *, header: bool = False) -> str:
    """Return a line of `certainty_decisions.csv`, quoted where it needs to be.

    Parameters
    ----------
    cells
        By column; what is left out is empty.
    header
        Whether the line of column names goes before it.
    """
    names = TABLES[_TABLE].names
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    if header:
        writer.writerow(names)
    writer.writerow(["" if cells.get(name) is None else cells[name] for name in names])
    return file.getvalue().rstrip("\n")
