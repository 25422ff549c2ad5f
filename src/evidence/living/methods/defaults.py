"""Every statistical default: its value as the code has it, its reason and its reference."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any

import pandas as pd

from evidence.display import Display, capital, html_table, plural
from evidence.errors import InvalidArgumentError, UnknownNameError, did_you_mean

__all__ = ["OWN", "STAGES", "Default", "DefaultsTable", "list_defaults", "read_source"]

#: The stages in the order that data go through them, and what each is about.
STAGES = {
    "data": "What was reported",
    "effects": "From a report to an effect",
    "synthesis": "From effects to what they come to together",
    "appraisal": "How far to trust it",
    "judgement": "What it means",
}
#: What stands before, or in place of, the reference of a figure that no source gives.
OWN = "own convention"
#: ``module:function(argument)``, ``module:CONSTANT`` or ``module:INSTANCE.field``.
_SOURCE = re.compile(r"([\w.]+):([\w.]+)(?:\((\w+)\))?")
#: Where a long name may go on in the next line.
_BREAK = re.compile(r"[_.(]")


@dataclass(frozen=True, slots=True)
class Default:
    """One default of the package.

    Attributes
    ----------
    stage
        One of `STAGES`.
    concerns
        What it decides, in a few words.
    source
        Where its value stands in the code: ``module:function(argument)``,
        ``module:CONSTANT``, ``module:INSTANCE.field``; or a function that finds the value by
        running the code.
    reason
        Why, in a short sentence.
    reference
        The paper or guideline it is from.
    own
        Whether the figure is this package's own convention; a reference then says what the
        guideline has instead.
    unit
        What stands after the value.
    """

    stage: str
    concerns: str
    source: str | Callable[[], Any]
    reason: str
    reference: str = ""
    own: bool = False
    unit: str = ""

    @property
    def value(self) -> Any:
        """The value, read from the code."""
        return read_source(self.source) if isinstance(self.source, str) else self.source()

    @property
    def where(self) -> str:
        """Where the value stands: what a reader can look up or set."""
        if isinstance(self.source, str):
            return self.source.partition(":")[2]
        return "found by running it"

    @property
    def shown(self) -> str:
        """The value as a reader sees it."""
        return " ".join(filter(None, (_text(self.value), self.unit)))

    @property
    def basis(self) -> str:
        """The reference; an own convention is marked as one."""
        if not self.own:
            return self.reference
        return f"{OWN}; {self.reference}" if self.reference else OWN


@dataclass(frozen=True, slots=True)
class DefaultsTable(Display):
    """The defaults of the package, in the order that data go through it.

    Attributes
    ----------
    defaults
        One for each row.
    """

    defaults: tuple[Default, ...]

    def __getitem__(self, concerns: str) -> Default:
        for default in self.defaults:
            if default.concerns == concerns:
                return default
        known = [default.concerns for default in self.defaults]
        raise UnknownNameError(
            f"There is no default for {concerns!r}. {did_you_mean(concerns, known)}"
        )

    @property
    def own_conventions(self) -> tuple[Default, ...]:
        """The defaults whose figure no source gives."""
        return tuple(default for default in self.defaults if default.own)

    def verdict(self) -> str:
        """Return how many there are, and how many are this package's own, in a sentence."""
        own, total = len(self.own_conventions), len(self.defaults)
        return (
            f"{capital(plural(total, 'default'))}, each read from the code; {own} of them "
            f"{'are' if own != 1 else 'is'} this package's own convention, because the source "
            "leaves the figure open or there is none, and marked as such."
        )

    def summary(self) -> str:
        """Return the defaults as plain text, one a line."""
        lines = [
            f"{one.stage}, {one.concerns}: {one.shown}. {one.reason} ({one.basis})"
            for one in self.defaults
        ]
        return "\n".join([self.verdict(), *lines])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per default, with the value as the code has it."""
        return pd.DataFrame(
            [
                {
                    "stage": one.stage,
                    "concerns": one.concerns,
                    "value": one.value,
                    "unit": one.unit,
                    "where": one.where,
                    "reason": one.reason,
                    "reference": one.reference,
                    "own_convention": one.own,
                }
                for one in self.defaults
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return the rows as plain values; objects by their names."""
        rows = self.to_frame().to_dict("records")
        return {"defaults": [{**row, "value": _plain(row["value"])} for row in rows]}

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.verdict())}</p>"]
        for stage, about in STAGES.items():
            mine = [one for one in self.defaults if one.stage == stage]
            if mine:
                shown = pd.DataFrame(
                    {
                        "what it decides": [one.concerns for one in mine],
                        "default": [one.shown for one in mine],
                        "why": [one.reason for one in mine],
                        "reference": [one.basis for one in mine],
                        "in the code": [_BREAK.sub("\\g<0>\u200b", one.where) for one in mine],
                    }
                )
                table = html_table(shown, caption=about)
                parts.append(f'<div style="margin-top:1.5em">{table}</div>')
        return "".join(parts)


def list_defaults(stage: str = "") -> DefaultsTable:
    """Return every statistical default of the package, each value read from its code.

    Parameters
    ----------
    stage
        One of ``"data"``, ``"effects"``, ``"synthesis"``, ``"appraisal"`` and
        ``"judgement"``; all of them when empty.

    Returns
    -------
    DefaultsTable

    Raises
    ------
    InvalidArgumentError
        When there is no such stage.
    """
    from evidence.living.methods.entries import ENTRIES

    if stage and stage not in STAGES:
        raise InvalidArgumentError(
            f"stage is {stage!r}; known are {', '.join(STAGES)}. {did_you_mean(stage, STAGES)}"
        )
    order = tuple(STAGES)
    ordered = sorted(ENTRIES, key=lambda one: order.index(one.stage))
    return DefaultsTable(tuple(one for one in ordered if stage in ("", one.stage)))


def read_source(source: str) -> Any:
    """Return the value that stands in the code at a place.

    Parameters
    ----------
    source
        ``module:function(argument)``, ``module:CONSTANT`` or ``module:INSTANCE.field``.

    Raises
    ------
    UnknownNameError
        When there is no such place, or the argument has no default.
    """
    parts = _SOURCE.fullmatch(source)
    if parts is None:
        raise UnknownNameError(f"{source!r} names no place in the code.")
    module, path, argument = parts.groups()
    found: Any = import_module(module)
    for name in path.split("."):
        if not hasattr(found, name):
            raise UnknownNameError(f"{module} has no {path!r}.")
        found = getattr(found, name)
    if argument is None:
        return found
    parameter = inspect.signature(found).parameters.get(argument)
    if parameter is None or parameter.default is parameter.empty:
        raise UnknownNameError(f"{module}: {path} has no argument {argument!r} with a default.")
    return parameter.default


def _text(value: Any) -> str:
    """Write a value: numbers short, names as they are, several joined."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return f"{value:,.3g}" if isinstance(value, float) else f"{value:,}"
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        return ", ".join(map(_text, value))
    return str(getattr(value, "name", value))


def _plain(value: Any) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else _text(value)
