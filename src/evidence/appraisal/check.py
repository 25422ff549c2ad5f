"""The one shape of every check: whether it found something, in words, with the table behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from html import escape
from typing import Any

import pandas as pd

from evidence.display import Display, format_number, format_p, html_table
from evidence.errors import Caution
from evidence.synthesis.result import PooledResult

__all__ = ["CANNOT_BE_TESTED", "CONTRADICTION", "OK", "Check"]

OK = "ok"
CONTRADICTION = "contradiction"
CANNOT_BE_TESTED = "cannot be tested"


@dataclass(frozen=True, eq=False, kw_only=True)
class Check(Display):
    """What a check came to.

    Attributes
    ----------
    name
        Of the check, as it stands in a sentence.
    status
        ``"ok"`` (nothing found), ``"contradiction"`` (what it looks for is there) or
        ``"cannot be tested"``.
    sentence
        What came of it, in words; of a check that cannot be made, why not.
    table
        The numbers behind it, unrounded.
    reference
        The paper of the method; of a refusal, the one behind the refusal.
    cautions
        What a reader should know.
    """

    name: str
    status: str
    sentence: str
    table: pd.DataFrame
    reference: str
    cautions: tuple[Caution, ...] = ()

    @property
    def tested(self) -> bool:
        """Whether the check said anything."""
        return self.status != CANNOT_BE_TESTED

    def summary(self) -> str:
        """Return the sentence, what to know beside it, and where the method is from."""
        notes = (f"Note: {caution.message}" for caution in self.cautions)
        return "\n".join([self.sentence, *notes, f"Reference: {self.reference}"])

    def to_frame(self) -> pd.DataFrame:
        """Return the table, unrounded."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        found: dict[str, object] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, float):
                found[each.name] = value if math.isfinite(value) else None
            elif isinstance(value, PooledResult):
                found[each.name] = _plain(value.to_dict())
            elif isinstance(value, pd.DataFrame):
                found[each.name] = _plain(value.to_dict("records"))
            elif each.name == "cautions":
                found[each.name] = [caution.message for caution in value]
            else:
                found[each.name] = value
        return found

    def _repr_html_(self) -> str:
        numbers = [name for name in self.table.columns if self.table[name].dtype.kind == "f"]
        shown = self.table.astype(dict.fromkeys(numbers, object))
        for name in numbers:
            shown[name] = [_cell(name, value) for value in self.table[name]]
        notes = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines()[1:])
        right = [_heading(name) for name in numbers]
        shown = shown.rename(columns=_heading)
        return html_table(shown, caption=self.sentence, align_right=right) + notes


def _heading(name: object) -> str:
    return str(name).replace("_", " ")


def _cell(name: object, value: float) -> str:
    """Return a number as it is read: a p value by its rules, small ones with more digits."""
    if name == "p_value":
        return format_p(value).removeprefix("p ").removeprefix("= ")
    return format_number(value, 3 if 0 < abs(value) < 0.1 else 2)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(cell) for name, cell in value.items()}
    if isinstance(value, list):
        return [_plain(cell) for cell in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
