"""How results look: text, HTML tables and rounding, in one place.

This is the bottom of the house: it knows no statistics. Numbers are rounded here
and nowhere else, and everything that reaches HTML is escaped here.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MINUS",
    "Display",
    "Prose",
    "Table",
    "capital",
    "few_names",
    "format_interval",
    "format_number",
    "format_p",
    "format_p_range",
    "html_table",
    "join_words",
    "plural",
]

MINUS = "\N{MINUS SIGN}"
#: What pandas and Python write where nothing is known.
_BLANKS = frozenset({"nan", "<NA>", "NaT", "None"})
#: Characters of a caption that fit above any table.
_LONG_CAPTION = 40
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Display(ABC):
    """What every result can do: `summary`, `to_frame`, `to_dict` and HTML."""

    __slots__ = ()

    @abstractmethod
    def summary(self) -> str:
        """Return the result in words and rounded numbers, as plain text."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return the result as a table with unrounded numbers."""

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """Return the result as plain values, fit for JSON."""

    def _repr_html_(self) -> str:
        lines = (line for line in self.summary().splitlines() if line.strip())
        return "".join(f"<p>{escape(line)}</p>" for line in lines)


def format_number(value: float | None, decimals: int = 2) -> str:
    """Round `value` for display; a typographic minus, no negative zero.

    Parameters
    ----------
    value
        The number; None and NaN give an en dash.
    decimals
        How many decimals to show.
    """
    if value is None or math.isnan(value):
        return "\N{EN DASH}"
    if math.isinf(value):
        return f"{MINUS if value < 0 else ''}\N{INFINITY}"
    text = f"{value:.{decimals}f}"
    if text.startswith("-"):
        text = text[1:] if float(text) == 0 else MINUS + text[1:]
    return text


def format_interval(low: float, high: float, decimals: int = 2) -> str:
    """Write an interval as ``low to high``, unambiguous with negative numbers."""
    return f"{format_number(low, decimals)} to {format_number(high, decimals)}"


def format_p(p: float) -> str:
    """Write a p value with its relation: ``p = 0.049`` or ``p < 0.001``.

    Three decimals below 0.10 and two from there; never ``p = 0.000``, never ``p = 1.00``.
    """
    if math.isnan(p):
        return "p not known"
    if p < 0.001:
        return "p < 0.001"
    if p > 0.99:
        return "p > 0.99"
    text = f"{p:.3f}"
    return f"p = {text}" if float(text) < 0.1 else f"p = {p:.2f}"


def format_p_range(low: float, high: float) -> str:
    """Write a range of p values: ``p = 0.098 to 0.17``, or one where both read alike."""
    first, last = format_p(low), format_p(high)
    if first == last:
        return first
    first = first.replace("p < ", "p from below ")
    last = last.removeprefix("p ").removeprefix("= ").replace("> ", "above ")
    return f"{first} to {last}"


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """Write a count with its noun: ``one trial``, ``two trials``, ``12 trials``."""
    word = _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"
    return f"{word} {noun if count == 1 else (plural_noun or noun + 's')}"


def join_words(words: Iterable[str], last: str = "and") -> str:
    """Join words as a sentence does: ``a, b and c``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def few_names(names: Sequence[str], noun: str, most: int = 4) -> str:
    """Return a few names as a sentence has them, and of many only how many there are.

    Parameters
    ----------
    names
        The names.
    noun
        What they are names of, in the singular.
    most
        Up to so many are named.
    """
    return join_words(names) if len(names) <= most else plural(len(names), noun)


def _text(value: object) -> str:
    """Return what a cell shows: nothing for what is not known, floats rounded."""
    if isinstance(value, float) and not math.isnan(value):
        return format_number(value)
    text = str(value)
    return "" if text in _BLANKS else text


#: What means something in the Markdown of a table's cell; an ampersand only where it
#: starts a character reference.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~]|&(?=#?\w+;)")


def _markdown(value: object) -> str:
    return _MARKDOWN.sub(r"\\\g<0>", " ".join(_text(value).split()))


def html_table(
    frame: pd.DataFrame,
    *,
    caption: str = "",
    align_right: Sequence[str] = (),
) -> str:
    """Write a table as HTML with every cell escaped.

    Parameters
    ----------
    frame
        The table; its index is not shown.
    caption
        A caption above the table.
    align_right
        Columns to align to the right (numeric columns are, by themselves).
    """
    right = {
        name
        for name, dtype in zip(frame.columns, frame.dtypes, strict=True)
        if name in align_right or getattr(dtype, "kind", "O") in "iuf"
    }

    def style(name: object) -> str:
        return f' style="text-align:{"right" if name in right else "left"}"'

    head = "".join(f"<th{style(n)} scope='col'>{escape(str(n))}</th>" for n in frame.columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{style(name)}>{escape(_text(value))}</td>"
            for name, value in zip(frame.columns, row, strict=True)
        )
        + "</tr>"
        for row in frame.itertuples(index=False, name=None)
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    # A caption is as wide as its table: a long one needs room that a narrow table has not.
    room = ' style="min-width:min(100%,36em)"' if len(caption) > _LONG_CAPTION else ""
    return (
        f'<table class="evidence"{room}>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


class Table(Display):
    """A table made to be read: rounded by its maker, escaped on its way to HTML.

    Parameters
    ----------
    frame
        The rows as they shall be shown.
    caption
        One line above the table.
    note
        One or more sentences below it.
    """

    __slots__ = ("caption", "frame", "note")

    def __init__(self, frame: pd.DataFrame, caption: str = "", note: str = "") -> None:
        self.frame = frame
        self.caption = caption
        self.note = note

    def summary(self) -> str:
        """Return the table as aligned plain text."""
        rows = "" if self.frame.empty else self.frame.to_string(index=False, na_rep="")
        parts = [self.caption, rows, self.note]
        return "\n".join(part for part in parts if part)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows."""
        return self.frame

    def to_dict(self) -> dict[str, object]:
        """Return caption, rows and note as plain values."""
        rows = self.frame.to_dict("records")
        return {"caption": self.caption, "rows": rows, "note": self.note}

    def to_markdown(self) -> str:
        """Return the table as GitHub-flavoured Markdown, without caption and note.

        Every cell is escaped: nothing in the data turns into markup or ends a cell.
        """

        def line(cells: Iterable[object]) -> str:
            return f"| {' | '.join(map(_markdown, cells))} |"

        head = [line(self.frame.columns), f"| {' | '.join('---' for _ in self.frame.columns)} |"]
        rows = self.frame.itertuples(index=False, name=None)
        return "\n".join([*head, *(line(row) for row in rows)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        note = f"<p><small>{escape(self.note)}</small></p>" if self.note else ""
        if not len(self.frame.columns):
            return (f"<p>{escape(self.caption)}</p>" if self.caption else "") + note
        return html_table(self.frame, caption=self.caption) + note


class Prose:
    """Sentences computed from results; shown as paragraphs in a notebook.

    Parameters
    ----------
    paragraphs
        Plain text, one string for each paragraph (or list item).
    style
        ``"paragraphs"``, ``"list"`` or ``"numbered"``.
    facts
        The numbers the sentences were computed from, for `conclusions.json`.
    """

    __slots__ = ("facts", "paragraphs", "style")

    def __init__(
        self,
        *paragraphs: str,
        style: str = "paragraphs",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        self.paragraphs = tuple(text for text in paragraphs if text)
        self.style = style
        self.facts = dict(facts or {})

    def __str__(self) -> str:
        return "\n\n".join(self.paragraphs)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        if not self.paragraphs:
            return ""
        if self.style == "paragraphs":
            return "".join(f"<p>{escape(text)}</p>" for text in self.paragraphs)
        tag = "ol" if self.style == "numbered" else "ul"
        items = "".join(f"<li>{escape(text)}</li>" for text in self.paragraphs)
        return f"<{tag}>{items}</{tag}>"
