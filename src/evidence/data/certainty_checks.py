"""What must hold in the rows of reviewers' decisions on certainty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from evidence.data.certainty_facts import fingerprint_of, read_facts
from evidence.data.certainty_tables import CERTAINTY_DECISIONS, CERTAINTY_LEVELS, WHOLE
from evidence.data.problems import Problem

if TYPE_CHECKING:
    from evidence.data.csv_file import CsvFile, Row

__all__ = ["check_decisions"]

_FILE = CERTAINTY_DECISIONS.file
_AGAIN = "Write the row anew with certainty.decision_row(...)."


def check_decisions(files: Mapping[str, CsvFile]) -> list[Problem]:
    """Check that each decision says as much as its domain needs, and that its facts are whole.

    Parameters
    ----------
    files
        What was read from the CSV files, by table name.

    Returns
    -------
    list of Problem
    """
    file = files[CERTAINTY_DECISIONS.name]
    # Where columns are missing, a row cannot be said to lack anything.
    if file.unread:
        return []
    return [problem for row in file.rows for problem in _check(row)]


def _check(row: Row) -> Iterator[Problem]:
    if row["domain"] and row.sound("domain", "levels", "level"):
        yield from _check_levels(row)
    if row["facts"] and row.sound("facts", "fingerprint"):
        yield from _check_facts(row)


def _check_levels(row: Row) -> Iterator[Problem]:
    domain, levels, level = row["domain"], row["levels"], row["level"]
    whole = domain in WHOLE
    wanted, unwanted = ("level", "levels") if whole else ("levels", "level")
    accepted = ", ".join(CERTAINTY_LEVELS) if whole else "0, 1, 2 or 3"
    if not row[wanted]:
        message = f"a decision on {domain} needs a {'level' if whole else 'number of levels'}."
        yield Problem(_FILE, row.line, wanted, message, "", accepted, _AGAIN)
    if row[unwanted]:
        message = (
            f"a decision on {domain} gives {'a level' if whole else 'a number of levels'}, "
            f"not {'a number of levels' if whole else 'a level'}."
        )
        found = levels if whole else level
        yield Problem(_FILE, row.line, unwanted, message, found, "nothing", "Empty the cell.")


def _check_facts(row: Row) -> Iterator[Problem]:
    facts, found = row["facts"], row["fingerprint"]
    if "" in read_facts(facts).values() or not read_facts(facts):
        message = "these are no facts that a decision could rest on."
        accepted = "name = value; name = value"
        yield Problem(_FILE, row.line, "facts", message, facts, accepted, _AGAIN)
    elif found and found != fingerprint_of(facts):
        message = "the fingerprint does not belong to the facts beside it."
        yield Problem(_FILE, row.line, "fingerprint", message, found, fingerprint_of(facts), _AGAIN)
