"""Telling whoever listens what is read, so that a rerun can skip what did not change.

The telling is `sys.audit`, Python's own way: where nobody listens, as in JupyterLab,
nothing happens. `evidence run` listens in the kernels it starts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from evidence.data.review import Review

__all__ = [
    "DAY",
    "EVERYTHING",
    "LOADED",
    "LOADING",
    "READ",
    "Fingerprint",
    "Noticed",
    "days_asked",
    "reading",
    "today",
]

#: Names of the events: a folder is being read, it has been read, a table of it is used,
#: the date was asked for.
LOADING, LOADED = "evidence.loading", "evidence.loaded"
READ, DAY = "evidence.read", "evidence.day"
#: Stands for all tables of a review.
EVERYTHING = "*"

_T = TypeVar("_T")


class Noticed(Mapping[str, _T]):
    """Something for each table of a review; each use of one is told.

    Parameters
    ----------
    folder
        The review's folder.
    tables
        What there is for each table.
    """

    def __init__(self, folder: Path, tables: Mapping[str, _T]) -> None:
        self._folder = folder
        self._tables = tables

    @property
    def untold(self) -> Mapping[str, _T]:
        """The same, without telling."""
        return self._tables

    def __getitem__(self, name: str) -> _T:
        found = self._tables[name]
        sys.audit(READ, str(self._folder), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process will read it, and nobody listens there.
        sys.audit(READ, str(self._folder), EVERYTHING)
        return Noticed, (self._folder, self._tables)


class Fingerprint:
    """The field of a review that depends on all of its tables."""

    def __get__(self, review: Review | None, owner: type) -> str:
        if review is None:
            raise AttributeError("fingerprint")  # so the field has no default
        sys.audit(READ, str(review.folder), EVERYTHING)
        return str(review.__dict__["fingerprint"])

    def __set__(self, review: Review, value: str) -> None:
        review.__dict__["fingerprint"] = value


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Tell that the files of a folder are read now, and used only later."""
    sys.audit(LOADING, str(folder))
    try:
        yield
    finally:
        sys.audit(LOADED, str(folder))


_asked: set[date] = set()


def today() -> date:
    """Return the day, here and now.

    Whatever depends on the day asks here and nowhere else: then a report that says
    how old its search is does not stay as it is while the search grows older.
    """
    sys.audit(DAY)
    day = datetime.now().astimezone().date()
    _asked.add(day)
    return day


def days_asked() -> frozenset[date]:
    """Return the days that this process was told by `today`."""
    return frozenset(_asked)
