"""What a column and a table are: the pieces the tables of a review are declared with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "DTYPES",
    "IDENTIFIER",
    "QUOTE_WORDS",
    "TIERS",
    "Column",
    "Kind",
    "Reference",
    "Table",
]

#: What an identifier may look like, and how to say so.
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]*")
IDENTIFIER_ACCEPTED = (
    "lower-case letters, digits, '-', '_' and '.', starting with a letter or digit"
)
#: Quotes are evidence, not copies: short enough to be fair use.
QUOTE_WORDS = 25


class Kind(StrEnum):
    """What the text in a cell stands for, and so the dtype of its column."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    CHOICE = "choice"
    COUNT = "count"
    NUMBER = "number"
    DATE = "date"
    QUOTE = "quote"
    URL = "url"


#: The pandas dtype of each kind of column.
DTYPES: dict[Kind, str] = {
    Kind.TEXT: "str",
    Kind.IDENTIFIER: "str",
    Kind.CHOICE: "category",
    Kind.COUNT: "Int64",
    Kind.NUMBER: "float64",
    Kind.DATE: "datetime64[s]",
    Kind.QUOTE: "str",
    Kind.URL: "str",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values must exist in another table (or in a section of `review.toml`)."""

    table: str
    column: str

    @property
    def file(self) -> str:
        """The file that must hold the value."""
        return self.table if self.table.endswith(".toml") else f"{self.table}.csv"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        The header, as it stands in the file.
    kind
        What its text stands for.
    description
        What it means, for the codebook; one sentence.
    required
        Whether every row must fill it.
    choices
        The accepted words of a ``CHOICE`` column, each with its meaning.
    minimum, maximum
        The range of a number, ends included unless `above_minimum`.
    above_minimum
        Whether the minimum itself is excluded.
    reference
        Where the value must exist.
    unit
        The unit of a number, for the codebook.
    """

    name: str
    kind: Kind
    description: str
    required: bool = False
    choices: dict[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    above_minimum: bool = False
    reference: Reference | None = None
    unit: str = ""

    @property
    def numeric(self) -> bool:
        """Whether the column holds numbers."""
        return self.kind in (Kind.COUNT, Kind.NUMBER)

    @property
    def accepted(self) -> str:
        """What a cell may hold, in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind is Kind.DATE:
            return "a date like 2025-08-31"
        if self.kind is Kind.IDENTIFIER:
            return IDENTIFIER_ACCEPTED
        if self.kind is Kind.QUOTE:
            return f"at most {QUOTE_WORDS} words"
        if self.kind is Kind.URL:
            return "an address starting with https:// or http://"
        if not self.numeric:
            return "any text"
        what = "a whole number" if self.kind is Kind.COUNT else "a number, decimals after a point"
        low = "" if self.minimum is None else f"{self.minimum:g}"
        high = "" if self.maximum is None else f"{self.maximum:g}"
        if low and high:
            return f"{what}, from {low} to {high}"
        if low:
            return f"{what}, {'above' if self.above_minimum else 'at least'} {low}"
        return what


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file of a review.

    Parameters
    ----------
    name
        The file's name without ``.csv``.
    row
        What a row is.
    columns
        Its columns, in the order the file shows them.
    key
        The columns that together must be unique.
    required
        Whether a review must have the file; an optional table that is absent is empty.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False

    @property
    def file(self) -> str:
        """The file name."""
        return f"{self.name}.csv"

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


TIERS = {
    "primary": "read in the study's own report, table or registry entry",
    "secondary": "someone else's account of the study; shown as second-hand",
}
