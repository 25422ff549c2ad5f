"""Reading one CSV file as text, with the line of every row and every problem found.

Nothing is coerced: a cell is text until its column's kind has been checked. White space
around a cell carries no data and is not kept.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from evidence.data.cells import check_cell
from evidence.data.problems import Problem
from evidence.data.reported import ReportedNumber
from evidence.data.text_file import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence.data.schema import Table

__all__ = ["CsvFile", "Row", "read_csv"]

Record = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row as text, by column name.

    Parameters
    ----------
    line
        The line it starts on.
    cells
        Its cells by column.
    bad
        The columns whose cells have a problem, so that nothing is concluded from them.
    """

    line: int
    cells: dict[str, str]
    bad: frozenset[str] = frozenset()

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def number(self, column: str) -> float | None:
        """Return the cell as a float, or None when it is empty or has a problem."""
        text = self[column]
        return float(text) if column not in self.bad and ReportedNumber.is_number(text) else None

    def sound(self, *columns: str) -> bool:
        """Whether none of these cells has a problem of its own."""
        return self.bad.isdisjoint(columns)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """What was read from one CSV file, and how much of it could not be.

    Parameters
    ----------
    rows
        The rows that could be read, also those with problems in single cells.
    problems
        Everything that is wrong with the file by itself.
    unread
        Columns that the header lacks, misspells or has twice.
    lost
        All cells of lines that could not be read as rows.
    readable
        Whether the file could be read at all.
    """

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    readable: bool = True

    @property
    def whole(self) -> bool:
        """Whether every row and column of the file could be read."""
        return self.readable and not self.unread and not self.lost


def read_csv(raw: bytes, table: Table) -> CsvFile:
    """Read and check one file by itself.

    Parameters
    ----------
    raw
        The content of the file.
    table
        Its schema.

    Returns
    -------
    CsvFile
    """
    text, problems = decode(raw, table.file, holds="a header and one line per row")
    if not problems:
        problems = _wrong_separator(text, table.file)
    if problems:
        return CsvFile(problems=problems, readable=False)
    records, problems = _parse(text, table.file)
    if not problems and not records:
        message = "the file has no header: all its cells are empty."
        problems = [Problem(table.file, 1, "", message, accepted=", ".join(table.names))]
    if not problems:
        problems = _no_header(records[0], table)
    if problems:
        return CsvFile(problems=problems, readable=False)
    header, problems = _check_header(records[0], table)
    rows: list[Row] = []
    lost: set[str] = set()
    for line, cells in records[1:]:
        if len(cells) != len(header):
            problems.append(_wrong_width(table.file, line, len(cells), len(header)))
            lost.update(cells)
            continue
        by_name = {name: cell for name, cell in zip(header, cells, strict=True) if name}
        found = [
            problem
            for column in table.columns
            if column.name in by_name
            and (problem := check_cell(table.file, line, column, by_name[column.name]))
        ]
        problems += found
        rows.append(Row(line, by_name, frozenset(problem.column for problem in found)))
    if table.required and not rows and not lost:
        message = "the file has a header but no rows."
        problems.append(Problem(table.file, 0, "", message, accepted=f"a row is {table.row}"))
    unread = frozenset(table.names) - frozenset(header)
    return CsvFile(rows, problems, unread, frozenset(lost))


def _wrong_separator(text: str, file: str) -> list[Problem]:
    line, header = next((n, t) for n, t in enumerate(text.split("\n"), start=1) if t.strip())
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if mark in header and "," not in header:
            message = f"the cells are separated by {name}."
            advice = "In a spreadsheet: save as 'CSV (comma delimited)'."
            return [Problem(file, line, "", message, header, "commas between cells", advice)]
    return []


def _parse(text: str, file: str) -> tuple[list[Record], list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[Record] = []
    start = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            # A spreadsheet leaves lines of empty cells behind; they hold no data.
            if any(stripped):
                records.append((start, stripped))
            start = reader.line_num + 1
    except csv.Error as error:
        return [], [
            Problem(
                file,
                start,
                "",
                f"the line cannot be read as CSV: {error}.",
                text.split("\n")[start - 1],
                'cells separated by commas; a cell with a comma or a " in it stands in "..."',
                "Look for a quotation mark that is not closed, or is not doubled inside a cell.",
            )
        ]
    return records, []


def _wrong_width(file: str, line: int, found: int, expected: int) -> Problem:
    few, many = (
        "the line has fewer cells than the header.",
        "the line has more cells than the header.",
    )
    return Problem(
        file,
        line,
        "",
        few if found < expected else many,
        found=f"{found} cells",
        accepted=f"{expected} cells",
        advice="Empty cells at the end of a line need their commas, too."
        if found < expected
        else 'Put a cell that holds a comma into quotation marks: "a, b".',
    )


def _no_header(record: Record, table: Table) -> list[Problem]:
    line, names = record
    if any(name in table.names for name in names):
        return []
    slips = [n for n in names if get_close_matches(_plain(n), table.names, n=1, cutoff=0.8)]
    if slips:
        return []
    message = "the first line is not the header of this table."
    accepted = ", ".join(table.names)
    return [Problem(table.file, line, "", message, ",".join(names), accepted)]


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def _check_header(record: Record, table: Table) -> tuple[list[str], list[Problem]]:
    """Return the name of each column that can be used ("" for the others), and the problems."""
    line, names = record
    file = table.file
    problems: list[Problem] = []
    missing = [name for name in table.names if name not in names]
    for number, name in enumerate(names, start=1):
        if name in table.names:
            continue
        if not name:
            message = f"column {number} has no name."
            advice = "Name it, or take it out."
            problems.append(Problem(file, line, "", message, advice=advice))
            continue
        message = "there is no such column."
        near = get_close_matches(_plain(name), missing, n=1, cutoff=0.6)
        if near:
            # One slip is one problem: the right column is not also reported as missing.
            missing.remove(near[0])
            advice, accepted = f"Did you mean {near[0]!r}?", ""
        else:
            advice, accepted = "Take the column out.", ", ".join(table.names)
        problems.append(Problem(file, line, name, message, name, accepted, advice))
    for name in missing:
        advice = f"Add {name!r} to the header" + (
            " and fill it in every row."
            if table[name].required
            else "; its cells may stay empty where nothing is known."
        )
        message = "the column is missing."
        problems.append(Problem(file, line, name, message, "", table[name].accepted, advice))
    twice = _twice(names)
    for name in table.names:
        if name in twice:
            where = ", ".join(str(i) for i, n in enumerate(names, start=1) if n == name)
            message = "the header has this column more than once."
            found = f"columns {where}"
            advice = "Keep one of them."
            problems.append(Problem(file, line, name, message, found, "one column", advice))
    return [n if n in table.names and n not in twice else "" for n in names], problems


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}
