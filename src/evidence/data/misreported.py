"""Numbers in circulation: figures found in public that their source does not give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from evidence.data.columns import STUDY
from evidence.data.problems import Problem
from evidence.data.schema import Column, Kind, Reference, Table

if TYPE_CHECKING:
    from evidence.data.csv_file import CsvFile

__all__ = ["MISREPORTED", "check_misreported"]

MISREPORTED = Table(
    "misreported",
    "one figure in public circulation that its source does not give; never used as data",
    (
        Column("misreported_id", Kind.IDENTIFIER, "Short unique name.", required=True),
        Column(
            "study_id",
            Kind.IDENTIFIER,
            "The study that it is told of; empty where there is none.",
            reference=STUDY,
        ),
        Column("about", Kind.TEXT, "What the figure is said to be.", required=True),
        Column(
            "found",
            Kind.TEXT,
            "The figure as it goes round, without a word on who tells it.",
            required=True,
        ),
        Column(
            "wrong",
            Kind.CHOICE,
            "How it differs from its source.",
            required=True,
            choices={
                "wrong unit": "the number with another unit",
                "exchanged": "a number of something else in its place",
                "other comparison": "a change or a comparison told as another one",
                "other measure": "one measure told as another one",
                "other sign": "the sign turned round",
                "other product": "told of another product or form",
                "other design": "told of another design",
                "not in the source": "a number that its source does not have",
                "invented": "no such source was found",
            },
        ),
        Column("source_says", Kind.TEXT, "What the source says instead.", required=True),
        Column(
            "truth",
            Kind.TEXT,
            "Where the tables have the true value, as a look-up such as "
            "`contrast(study=..., outcome=...)`; empty where they have none.",
        ),
        Column(
            "source_id",
            Kind.IDENTIFIER,
            "The true source; empty where there is none.",
            reference=Reference("sources", "source_id"),
        ),
        Column("quote", Kind.QUOTE, "The true source's words, at most 25 of them."),
        Column("locator", Kind.TEXT, "Where in it: page, table, figure, section."),
        Column(
            "tier",
            Kind.CHOICE,
            "Always `misreported`: these figures stand in no other table.",
            required=True,
            choices={"misreported": "in public circulation, and wrong; never data"},
        ),
        Column("note", Kind.TEXT, "Anything a reader of the row should know."),
    ),
    key=("misreported_id",),
)

#: An address, or the name of a site.
_SITE = re.compile(
    r"https?://|\bwww\.|\b[\w-]+\.(?:com|org|net|info|ai|io|co|club|shop|blog|health|eu|uk|de)\b",
    re.IGNORECASE,
)
_TOLD = ("about", "found", "source_says", "note")


def check_misreported(files: Mapping[str, CsvFile]) -> list[Problem]:
    """Check that nobody is named, and that a true source comes with its words.

    Parameters
    ----------
    files
        What was read from the CSV files, by table name.

    Returns
    -------
    list of Problem
    """
    file = files[MISREPORTED.name]
    problems = []
    for row in file.rows:
        for column in _TOLD:
            found = _SITE.search(row[column])
            if found is not None and row.sound(column):
                message = "this names a place where the figure was found."
                advice = "Take it out: the figure is refuted, nobody is accused."
                accepted = "what goes round, in words"
                place = (MISREPORTED.file, row.line, column)
                problems.append(Problem(*place, message, found[0], accepted, advice))
        if row["source_id"] and not row["quote"] and "quote" not in file.unread:
            message = "a true source without its words cannot be checked."
            accepted = "its words, at most 25 of them"
            place = (MISREPORTED.file, row.line, "quote")
            problems.append(Problem(*place, message, "", accepted, "Quote what it says."))
    return problems
