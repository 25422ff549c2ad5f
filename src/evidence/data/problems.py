"""What is wrong with a review folder: every problem with its place and its mend."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from evidence.display import Display, html_table, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Problem", "Problems"]

_FOUND_LENGTH = 80
_NAME_LENGTH = 120
#: The width of a plain terminal.
_WIDTH = 88


def _visible(text: str, length: int) -> str:
    """Cut a long text; write what cannot be seen (control characters and the like) as escapes."""
    cut = text if len(text) <= length else text[: length - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, where it stands, and what to do about it.

    Parameters
    ----------
    file
        File name inside the review folder.
    line
        Line in that file, counted from 1 (the header is line 1); 0 for the whole file.
    column
        Column or key name; empty for a whole row.
    message
        What is wrong, in one sentence.
    found
        What stands there now; a long text is cut, and what cannot be seen is written
        as an escape.
    accepted
        What is accepted.
    advice
        What to try.
    """

    file: str
    line: int
    column: str
    message: str
    found: str = ""
    accepted: str = ""
    advice: str = ""

    def __post_init__(self) -> None:
        for name, length in (
            ("file", _NAME_LENGTH),
            ("column", _NAME_LENGTH),
            ("found", _FOUND_LENGTH),
        ):
            object.__setattr__(self, name, _visible(getattr(self, name), length))

    @property
    def place(self) -> str:
        """File, line and column as a person would say them."""
        return ", ".join(part for part in (self.file, self._inside) if part)

    @property
    def _inside(self) -> str:
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (line, self.column) if part)

    def __str__(self) -> str:
        sentence = f"{self.place}: {self.message}"
        if self.found:
            sentence += f" Found '{self.found}'."
        if self.accepted:
            sentence += f" Accepted: {self.accepted.rstrip('.')}."
        if self.advice:
            sentence += f" {self.advice}"
        return sentence

    def in_file(self) -> str:
        """Return the problem as lines to stand under the name of its file."""
        head = f"{self._inside}: {self.message}" if self._inside else self.message
        found = f"'{self.found}'" if self.found else ""
        labelled = (("found", found), ("accepted", self.accepted), ("try", self.advice))
        lines = [textwrap.fill(head, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
        lines += [
            textwrap.fill(
                text,
                _WIDTH,
                initial_indent=f"      {label:<10}",
                subsequent_indent=" " * 16,
                break_long_words=False,
                break_on_hyphens=False,
            )
            for label, text in labelled
            if text
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Problems(Display):
    """All problems of one review folder, in the order of files and lines."""

    folder: Path
    items: tuple[Problem, ...] = ()

    @classmethod
    def collect(cls, folder: Path, items: Iterable[Problem]) -> Problems:
        """Sort `items` and drop exact repetitions."""
        return cls(folder, tuple(sorted(set(items))))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def summary(self, limit: int | None = None) -> str:
        """Return the count, then the problems below the name of their file.

        Parameters
        ----------
        limit
            Show this many at most and say how many more there are; None shows all.
        """
        if not self.items:
            return f"{self.folder.name}: no problems found."
        parts = [self._headline]
        for file, items in groupby(self.items[:limit], key=lambda item: item.file):
            parts += ["", file, *(item.in_file() for item in items)]
        if limit is not None and len(self.items) > limit:
            parts += ["", f"... and {plural(len(self.items) - limit, 'more', 'more')}."]
        return "\n".join(parts)

    @property
    def _headline(self) -> str:
        return f"{self.folder.name}: {plural(len(self.items), 'problem')} found."

    def to_frame(self) -> pd.DataFrame:
        """Return one row per problem."""
        columns = ["file", "line", "column", "message", "found", "accepted", "advice"]
        rows = [[getattr(item, name) for name in columns] for item in self.items]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """Return the problems as plain values."""
        return {"folder": self.folder.name, "problems": self.to_frame().to_dict("records")}

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        if not self.items:
            return Display._repr_html_(self)
        shown = self.to_frame()
        # Line 0 means the whole file, which a reader need not learn.
        shown["line"] = [str(item.line or "") for item in self.items]
        shown.columns = pd.Index(
            ["file", "line", "column", "what is wrong", "found", "accepted", "what to do"]
        )
        return html_table(shown, caption=self._headline, align_right=["line"])
