"""Why something changed: the rows it rests on, what it was worked out from, or the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evidence.data.sections import FILE
from evidence.living.diff.changes import Change
from evidence.living.diff.rows import RowChange, compare_files, compare_recorded
from evidence.living.diff.sides import Side

__all__ = ["CODE_CAUSE", "Causes", "code_changes"]

CODE_CAUSE = "the code of evidence or a package it computes with changed"
_UNKNOWN = "what it rests on is not recorded on one of the two sides"
_NOT_FOUND = "of something that neither the data nor the recorded code and versions explain"
#: Columns that say where a number comes from: no number changes with them.
_WORDS_ONLY = frozenset({"quote", "locator", "note", "tier"})


class Causes:
    """Everything that changed under the results of two sides.

    Parameters
    ----------
    old, new
        The sides.
    """

    def __init__(self, old: Side, new: Side) -> None:
        self.code = bool(code_changes(old.content, new.content))
        self.complete = bool(old.content.get("data")) and bool(new.content.get("data"))
        self.notes: list[str] = []
        self.rows: list[RowChange] = []
        self.files: tuple[str, ...] = ()
        if old.content.get("older") or new.content.get("older"):
            pass  # one side names no rows
        elif old.files is not None and new.files is not None:
            self.rows = compare_files(old.files, new.files)
        else:
            self.rows, self.files = self._recorded(old, new)
        numbers = [row for row in self.rows if not _only_words(row)]
        self._numbers = numbers
        self._by_name = {f"{row.file}: {name}": row for row in numbers for name in row.names}

    def _recorded(self, old: Side, new: Side) -> tuple[list[RowChange], tuple[str, ...]]:
        """Tell rows by what the conclusions files hold by themselves."""
        before, after = (side.content.get("data", {}).get("files", {}) for side in (old, new))
        files = tuple(f for f in {**before, **after} if before.get(f) != after.get(f))
        rows = compare_recorded(old.content.get("rows", {}), new.content.get("rows", {}))
        if files:
            self.notes.append(
                f"Which rows of {', '.join(files)} changed can be told only of those that "
                "effects rest on, and not what stood in them: the tables are not beside both "
                "conclusions files. Compare two reports, two review folders or two revisions."
            )
        return rows, files

    def of_rows(self, names: Iterable[str]) -> tuple[RowChange, ...]:
        """Return the changes of rows by their names, as recorded in a reading."""
        found = (self._by_name[name] for name in names if name in self._by_name)
        return tuple({row.place + row.kind: row for row in found}.values())

    def about(self, files: Sequence[str], column: str, *names: str) -> tuple[RowChange, ...]:
        """Return the changes in some files of rows that name one of these."""
        return tuple(r for r in self._numbers if r.file in files and r.about(column, *names))

    def entries(self, *names: str) -> tuple[RowChange, ...]:
        """Return the changes of entries of `review.toml` by section, or section and id."""
        return tuple(
            row
            for row in self._numbers
            if row.file == FILE and any(_is_entry(n, w) for n in row.names for w in names)
        )

    def otherwise(self, files: Sequence[str]) -> tuple[str, ...]:
        """Say why something changed under which no row is known to have changed."""
        unread = [name for name in self.files if name in files]
        if unread:
            return tuple(f"{name} changed" for name in unread)
        if self.code:
            return (CODE_CAUSE,)
        if not self.complete:
            return (_UNKNOWN,)
        return (_NOT_FOUND,)


def code_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what changed in the code and the packages; nothing where one side tells none.

    Parameters
    ----------
    old, new
        Conclusions as plain values.
    """
    before, after = old.get("code"), new.get("code")
    if not before or not after:
        return []
    found = []
    parts = {"version": "evidence", "python": "Python"}
    for key, name in parts.items():
        if before.get(key) != after.get(key):
            found.append(Change("code", "changed", name, str(before.get(key)), str(after.get(key))))
    packages = before.get("packages", {}), after.get("packages", {})
    for name in {**packages[0], **packages[1]}:
        versions = [side.get(name) for side in packages]
        if versions[0] != versions[1]:
            told = [str(each or "absent") for each in versions]
            found.append(Change("code", "changed", name, told[0], told[1]))
    if before.get("fingerprint") != after.get("fingerprint"):
        prints = [str(side.get("fingerprint"))[:8] for side in (before, after)]
        what = "the code of evidence, by its hash"
        found.append(Change("code", "changed", what, prints[0], prints[1]))
    return found


def _is_entry(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted} ")


def _only_words(row: RowChange) -> bool:
    """Whether a row changed only in what says where its numbers come from."""
    columns = {column for column, _, _ in row.cells}
    return row.kind == "changed" and bool(columns) and columns <= _WORDS_ONLY
