"""Which rows of a review's files changed: matched by what names them, not by line."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evidence.data.sections import FILE
from evidence.data.tables import TABLES
from evidence.data.toml_lines import TomlLines
from evidence.judgement.record import row_keys

__all__ = ["RowChange", "compare_files", "compare_recorded"]

#: A row whose name changed is still the same row when no more than this many cells differ:
#: a study's name corrected, and one number with it. More, and it is told as two rows.
_MOST_CELLS = 2


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row (or one entry of `review.toml`) that changed, came or went.

    Attributes
    ----------
    file
        The file it stands in.
    names
        What names the row, before and after; one of them for a row that came or went.
    line_before, line_after
        Where it stood and stands; 0 where it did not or does not, or nobody knows.
    cells
        Column, text before and text after, of each cell that differs. Empty where only
        the content's hash is known.
    identifiers
        The ids in the row by column, before and after: studies, outcomes, analyses.
    """

    file: str
    names: tuple[str, ...]
    line_before: int
    line_after: int
    cells: tuple[tuple[str, str, str], ...] = ()
    identifiers: frozenset[tuple[str, str]] = frozenset()

    @property
    def kind(self) -> str:
        """``"changed"``, ``"added"`` or ``"removed"``."""
        if not self.line_before:
            return "added"
        return "changed" if self.line_after else "removed"

    @property
    def place(self) -> str:
        """File and line, as a person would look it up."""
        line = self.line_after or self.line_before
        return f"{self.file} line {line}" if line else self.file

    @property
    def cause(self) -> str:
        """How a sentence names it as a cause."""
        if self.kind == "changed":
            return f"{self.place} changed"
        before = " of the old file" if self.kind == "removed" else ""
        return f"{self.place}{before} was {self.kind}"

    def about(self, column: str, *names: str) -> bool:
        """Whether the row names one of these in a column, before or after."""
        return any((column, name) in self.identifiers for name in names)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: dict[str, str]


def compare_files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[RowChange]:
    """Return every row that differs between the files of two reviews.

    Parameters
    ----------
    before, after
        The bytes of their files by name.
    """
    tables = {table.file: table for table in TABLES.values()}
    found: list[RowChange] = []
    for file in dict.fromkeys([FILE, *tables, *before, *after]):
        old, new = before.get(file, b""), after.get(file, b"")
        if old == new:
            continue
        if file == FILE:
            found += _compare_rows(file, _entries(old), _entries(new))
        elif file in tables:
            key = tables[file].key
            found += _compare_rows(file, _rows(old, key), _rows(new, key))
        else:
            found.append(RowChange(file, (file,), int(bool(old)), int(bool(new))))
    return found


def compare_recorded(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[RowChange]:
    """Return what two conclusions files tell of rows by themselves: those effects rest on.

    Parameters
    ----------
    before, after
        The sections ``rows``: by file and name, the line and a hash of the content.
    """
    found = []
    for file in {**before, **after}:
        old, new = before.get(file, {}), after.get(file, {})
        for name in old:
            if name in new and old[name]["content"] != new[name]["content"]:
                lines = int(old[name]["line"]), int(new[name]["line"])
                found.append(RowChange(file, (name,), *lines))
    return found


def _rows(raw: bytes, key: Iterable[str]) -> dict[str, _Row]:
    reader = csv.reader(io.StringIO(raw.decode("utf-8-sig", "replace"), newline=""))
    head: list[str] = []
    rows: list[_Row] = []
    line = 1
    for cells in reader:
        if not head:
            head = [name.strip() for name in cells]
        elif any(cell.strip() for cell in cells):
            named = dict(zip(head, (cell.strip() for cell in cells), strict=False))
            rows.append(_Row(line, named))
        line = reader.line_num + 1
    frame = pd.DataFrame(
        [[row.cells.get(name, "") for name in head] for row in rows],
        columns=head,
        index=[row.line for row in rows],
        dtype="str",
    )
    names = row_keys(frame.loc[:, ~frame.columns.duplicated()], key)
    return {names[row.line]: row for row in rows}


def _entries(raw: bytes) -> dict[str, _Row]:
    """Return the sections of `review.toml` as rows: what has an id goes by it."""
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    lines = TomlLines(text)
    found: dict[str, _Row] = {}
    for section, value in content.items():
        if isinstance(value, dict):
            found[section] = _Row(lines.of("", section) or 1, _flat(value))
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for index, one in enumerate(value):
                name = f"{section} {one.get('id', index + 1)}"
                found[name] = _Row(lines.of("", section, index) or 1, _flat(one))
        else:
            found[section] = _Row(lines.of(section) or 1, _flat({section: value}))
    return found


def _flat(entry: Mapping[str, Any]) -> dict[str, str]:
    def text(value: object) -> str:
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    return {str(key): text(value) for key, value in entry.items()}


def _compare_rows(
    file: str, before: Mapping[str, _Row], after: Mapping[str, _Row]
) -> list[RowChange]:
    gone = {name: row for name, row in before.items() if name not in after}
    new = {name: row for name, row in after.items() if name not in before}
    changes = [
        _change(file, (name,), before[name], after[name])
        for name in before
        if name in after and before[name].cells != after[name].cells
    ]
    for name, row in gone.items():
        twin = _twin(row, new)
        if twin is None:
            changes.append(_change(file, (name,), row, None))
        else:
            changes.append(_change(file, (name, twin), row, new.pop(twin)))
    changes += [_change(file, (name,), None, row) for name, row in new.items()]
    # A renamed, reordered or emptied column of nothing but empty cells says nothing.
    told = [one for one in changes if one.cells]
    return sorted(told, key=lambda one: (one.line_after or one.line_before, one.kind))


def _twin(row: _Row, others: Mapping[str, _Row]) -> str | None:
    """Return the one row that is the same but for a few cells, if there is one."""
    near = sorted((len(_differing(row, other)), name) for name, other in others.items())
    if not near or near[0][0] > _MOST_CELLS or 2 * near[0][0] >= len(_filled(row)):
        return None
    return near[0][1]


def _filled(row: _Row) -> list[str]:
    return [cell for cell in row.cells.values() if cell]


def _differing(old: _Row | None, new: _Row | None) -> tuple[tuple[str, str, str], ...]:
    before, after = (row.cells if row else {} for row in (old, new))
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in {**before, **after})
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def _change(file: str, names: tuple[str, ...], old: _Row | None, new: _Row | None) -> RowChange:
    identifiers = {
        (name, cell)
        for row in (old, new)
        if row is not None
        for name, cell in row.cells.items()
        if name.endswith("_id") or name == "id"
    }
    return RowChange(
        file,
        names,
        old.line if old else 0,
        new.line if new else 0,
        _differing(old, new),
        frozenset(identifiers),
    )
