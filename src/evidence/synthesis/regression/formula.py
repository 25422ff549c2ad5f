"""Formulas: what a formula may say, and the columns that come of it.

A formula is checked word by word before anything is done with it: names of columns, numbers,
``+ - : * ( )``, and the functions of `FUNCTIONS`. The columns are then coded by formulaic under
plain names of our own (v0, v1, ...), so that neither the formula nor any text in the data is
ever run as code.

References
----------
Wilkinson GN, Rogers CE (1973). Symbolic description of factorial models for analysis of
variance. Applied Statistics 22:392-399.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError, did_you_mean
from evidence.synthesis.inputs import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FUNCTIONS", "Formula", "Variable", "parse_formula"]

#: The functions a formula may use, and what they do.
FUNCTIONS = {
    "C": "a factor, C(allocation) or C(allocation, 'random') to name its reference level",
    "log": "the natural logarithm, log(dose)",
    "poly": "an orthogonal polynomial, poly(year, 2)",
}

_ACCEPTED = (
    "A formula may hold names of columns (in backticks where they have spaces), 0 and 1, "
    "+ - : * and parentheses, C(column), log(column) and poly(column, degree); for example "
    "'~ year + C(allocation)'."
)
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<factor>C\(\s*(?P<fname>`[^`]+`|[^\W\d]\w*)\s*
            (?:,\s*(?:(?:Treatment\(\s*(?:reference\s*=\s*)?)(?P<treatment>'[^']*'|"[^"]*"|[-\d.]+)\s*\)
               |(?P<reference>'[^']*'|"[^"]*"|[-\d.]+))\s*)?\))
      | (?P<log>log\(\s*(?P<lname>`[^`]+`|[^\W\d]\w*)\s*\))
      | (?P<poly>poly\(\s*(?P<pname>`[^`]+`|[^\W\d]\w*)\s*,\s*(?P<degree>[1-9])\s*\))
      | (?P<call>[^\W\d][\w.]*\s*\()
      | (?P<name>`[^`]+`|[^\W\d]\w*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<sign>[-+:*()])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the data as a formula uses it.

    Attributes
    ----------
    column
        Its name in the data.
    kind
        ``"number"``, ``"log"``, ``"factor"`` or ``"bare"`` (a number or a factor, as the data
        say).
    reference
        The level of reference that was asked for, as text.
    """

    column: str
    kind: str
    reference: str | None = None

    @property
    def shown(self) -> str:
        """How it is called in names of coefficients."""
        return f"log({self.column})" if self.kind == "log" else self.column


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula.

    Attributes
    ----------
    text
        As it was given.
    safe
        The same with plain names (v0, v1, ...) for the variables.
    variables
        What the plain names stand for, in their order.
    """

    text: str
    safe: str
    variables: tuple[Variable, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the data that are used."""
        return tuple(dict.fromkeys(variable.column for variable in self.variables))


def _unquote(text: str | None) -> str | None:
    return text.strip("'\"") if text is not None else None


@dataclass(slots=True)
class _Reader:
    """Turns tokens into plain names, and remembers what they stand for."""

    text: str
    variables: list[Variable] = field(default_factory=list)

    def name(self, variable: Variable) -> str:
        """Return the plain name of a variable; a factor keeps one reference level."""
        for place, known in enumerate(self.variables):
            if (known.column, known.kind) != (variable.column, variable.kind):
                continue
            if known.reference != variable.reference and variable.reference is not None:
                if known.reference is not None:
                    raise InvalidArgumentError(
                        f"The formula {self.text!r} gives {variable.column!r} two reference "
                        f"levels: {known.reference!r} and {variable.reference!r}. Name one."
                    )
                self.variables[place] = variable
            return f"v{place}"
        self.variables.append(variable)
        return f"v{len(self.variables) - 1}"

    def token(self, found: re.Match[str]) -> str:
        """Return what one token becomes."""
        if found["factor"]:
            reference = _unquote(found["treatment"] or found["reference"])
            return self.name(Variable(found["fname"].strip("`"), "factor", reference))
        if found["log"]:
            return self.name(Variable(found["lname"].strip("`"), "log"))
        if found["poly"]:
            name = self.name(Variable(found["pname"].strip("`"), "number"))
            return f"poly({name}, {found['degree']})"
        if found["call"]:
            called = found["call"].rstrip("( \t")
            raise InvalidArgumentError(
                f"The formula {self.text!r} calls {called}(...) in a way that is not "
                f"known. {_ACCEPTED}"
            )
        if found["name"]:
            return self.name(Variable(found["name"].strip("`"), "bare"))
        if found["number"] and float(found["number"]) not in {0.0, 1.0}:
            raise InvalidArgumentError(
                f"The formula {self.text!r} holds the number {found['number']}; only 0 and 1 "
                f"(without or with an intercept) mean something there. {_ACCEPTED}"
            )
        return str(found["number"] or found["sign"])


def parse_formula(text: str) -> Formula:
    """Check a formula and return it with plain names.

    Parameters
    ----------
    text
        For example ``"~ year + C(allocation)"``; the ``~`` may be left out.

    Returns
    -------
    Formula

    Raises
    ------
    InvalidArgumentError
        When it holds anything but what `FUNCTIONS` and the module's docstring list.
    """
    if not str(text).strip().lstrip("~").strip():
        raise InvalidArgumentError(f"formula is {text!r}, which says nothing. {_ACCEPTED}")
    left, tilde, right = text.partition("~")
    if tilde and left.strip():
        raise InvalidArgumentError(
            f"The formula {text!r} has {left.strip()!r} left of the ~; the effects are given by "
            "themselves, so begin with ~."
        )
    body = right if tilde else text
    reader = _Reader(text)
    place, parts = 0, []
    while body[place:].strip():
        found = _TOKEN.match(body, place)
        if found is None:
            rest = body[place:].strip()
            raise InvalidArgumentError(
                f"The formula {text!r} cannot be read from {rest[:20]!r} on. {_ACCEPTED}"
            )
        parts.append(reader.token(found))
        place = found.end()
    return Formula(text.strip(), "~ " + " ".join(parts), tuple(reader.variables))


# ------------------------------------------------------------------------------- columns of data


@dataclass(frozen=True, slots=True, eq=False)
class Coding:
    """How the variables of a formula become columns, kept to code new rows alike.

    Attributes
    ----------
    formula
        The checked formula.
    levels
        Levels of each factor by plain name, the reference first.
    ranges
        Lowest and highest value of each number, by plain name.
    spec
        formulaic's own record.
    """

    formula: Formula
    levels: dict[str, tuple[Any, ...]]
    ranges: dict[str, tuple[float, float]]
    spec: Any


def check_columns(formula: Formula, table: pd.DataFrame, argument: str = "moderators") -> None:
    """Refuse a formula that names columns the table does not have, or has twice."""
    names = [str(name) for name in table.columns]
    for column in formula.columns:
        if column not in names:
            raise InvalidArgumentError(
                f"The formula {formula.text!r} names {column!r}, which {argument} does not have. "
                f"{did_you_mean(column, names)}"
            )
        if names.count(column) > 1:
            raise InvalidArgumentError(f"{argument} has more than one column {column!r}.")


def _column(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    return table.iloc[:, [str(each) for each in table.columns].index(name)]


def missing_rows(formula: Formula, table: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows lack a value of a column that the formula uses, shape (k,)."""
    gone = np.zeros(len(table), dtype=bool)
    for name in formula.columns:
        gone |= _column(table, name).isna().to_numpy(dtype=bool)
    return gone


def _is_factor(variable: Variable, values: pd.Series[Any]) -> bool:
    if variable.kind != "bare":
        return variable.kind == "factor"
    return isinstance(values.dtype, pd.CategoricalDtype) or not (
        pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)
    )


def _numbers(variable: Variable, values: pd.Series[Any], names: Sequence[str]) -> Floats:
    if not pd.api.types.is_numeric_dtype(values):
        raise InvalidArgumentError(
            f"The column {variable.column!r} holds {values.iloc[0]!r}, which is not a number. "
            f"Use C({variable.column}) for a factor."
        )
    numbers: Floats = values.to_numpy(dtype=np.float64)
    refuse(names, ~np.isfinite(numbers), numbers, f"The moderator {variable.column!r}", "finite")
    if variable.kind == "log":
        refuse(names, numbers <= 0, numbers, f"{variable.shown}: the moderator", "above 0")
        numbers = np.log(numbers)
    return numbers


def _levels(variable: Variable, values: pd.Series[Any]) -> tuple[Any, ...]:
    present = set(values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = [level for level in values.cat.categories if level in present]
    else:
        try:
            levels = sorted(present)
        except TypeError:
            levels = sorted(present, key=str)
    if variable.reference is None:
        return tuple(levels)
    first = [level for level in levels if shown_level(level) == variable.reference]
    if not first:
        raise InvalidArgumentError(
            f"The factor {variable.column!r} has no level {variable.reference!r}. "
            f"{did_you_mean(variable.reference, map(shown_level, levels))}"
        )
    return (first[0], *(level for level in levels if level != first[0]))


def shown_level(level: Any) -> str:
    """Return a level as text; whole numbers without a point."""
    return f"{level:.12g}" if isinstance(level, float) else str(level)


def _coded(levels: tuple[Any, ...], values: pd.Series[Any]) -> pd.Categorical[Any]:
    places = {level: place for place, level in enumerate(levels)}
    names = [f"L{places[value]}" for value in values]
    return pd.Categorical(names, categories=[f"L{i}" for i in range(len(levels))])


def encode(
    formula: Formula, table: pd.DataFrame, names: Sequence[str]
) -> tuple[Floats, list[str], list[tuple[str, list[int]]], Coding]:
    """Code complete rows by a formula.

    Parameters
    ----------
    formula
        Checked.
    table
        k rows without missing values in the used columns.
    names
        Of the studies, for messages.

    Returns
    -------
    matrix, columns, terms, coding
        The design, shape (k, p); its columns' names; the terms with the places of their
        columns; and what is needed to code new rows.
    """
    levels: dict[str, tuple[Any, ...]] = {}
    ranges: dict[str, tuple[float, float]] = {}
    frame: dict[str, Any] = {}
    for place, variable in enumerate(formula.variables):
        values, name = _column(table, variable.column), f"v{place}"
        if _is_factor(variable, values):
            levels[name] = _levels(variable, values)
            if len(levels[name]) < 2:
                raise InvalidArgumentError(
                    f"The factor {variable.column!r} has the same value in every study used: "
                    f"{shown_level(levels[name][0])}. It cannot explain any difference; leave it "
                    "out of the formula."
                )
            frame[name] = _coded(levels[name], values)
        else:
            frame[name] = _numbers(variable, values, names)
            ranges[name] = (float(frame[name].min()), float(frame[name].max()))
    _check_degrees(formula, frame)
    data = pd.DataFrame(frame, index=range(len(table)))
    matrix = _materialise(formula, data)
    coding = Coding(formula, levels, ranges, matrix.model_spec)
    shown = [_shown(str(column), coding) for column in matrix.columns]
    terms = [
        (_shown(str(term), coding), list(range(part.start, part.stop)))
        for term, part in matrix.model_spec.term_slices.items()
        if part.stop > part.start
    ]
    return np.asarray(matrix, dtype=np.float64).reshape(len(table), -1), shown, terms, coding


def _check_degrees(formula: Formula, frame: dict[str, Any]) -> None:
    for name, degree in re.findall(r"poly\((v\d+), (\d)\)", formula.safe):
        distinct = np.unique(frame[name]).size
        if distinct <= int(degree):
            column = formula.variables[int(name[1:])].column
            raise InvalidArgumentError(
                f"poly({column}, {degree}) needs more than {degree} different values of "
                f"{column!r}; there are {distinct}."
            )


def _materialise(formula: Formula, data: pd.DataFrame) -> Any:
    from formulaic import Formula as Wilkinson
    from formulaic.errors import FormulaicError

    try:
        return Wilkinson(formula.safe).get_model_matrix(data, output="pandas", context={})
    except (FormulaicError, SyntaxError, ValueError, TypeError, AttributeError) as error:
        raise InvalidArgumentError(
            f"The formula {formula.text!r} cannot be read: a sign or a parenthesis is out of "
            f"place. {_ACCEPTED}"
        ) from error


def _shown(column: str, coding: Coding) -> str:
    """Return the name of a column or term for readers."""

    def word(found: re.Match[str]) -> str:
        variable = coding.formula.variables[int(found[1])]
        if found[2] is None:
            return variable.shown
        return f"{variable.shown}[{shown_level(coding.levels[f'v{found[1]}'][int(found[2])])}]"

    if column in {"Intercept", "1"}:
        return "intercept"
    return re.sub(r"\bv(\d+)\b(?:\[(?:T\.)?L(\d+)\])?", word, column)


def encode_new(coding: Coding, table: pd.DataFrame) -> tuple[Floats, list[str]]:
    """Code new rows as the studies were.

    Parameters
    ----------
    coding
        Of the studies.
    table
        n rows with the columns that the formula names.

    Returns
    -------
    matrix, beyond
        Shape (n, p); and the numbers outside the range of the studies, in words.
    """
    check_columns(coding.formula, table, "the table of new values")
    names = [f"row {place + 1}" for place in range(len(table))]
    gone = missing_rows(coding.formula, table)
    if gone.any():
        raise InvalidArgumentError(
            f"New values must not be missing; row {int(np.flatnonzero(gone)[0]) + 1} lacks one."
        )
    frame: dict[str, Any] = {}
    beyond: list[str] = []
    for place, variable in enumerate(coding.formula.variables):
        name, values = f"v{place}", _column(table, variable.column)
        if name in coding.levels:
            frame[name] = _new_levels(variable, coding.levels[name], values)
            continue
        numbers = _numbers(variable, values, names)
        low, high = coding.ranges[name]
        if (numbers < low).any() or (numbers > high).any():
            beyond.append(f"{variable.shown} ({low:g} to {high:g} in the studies)")
        frame[name] = numbers
    data = pd.DataFrame(frame, index=range(len(table)))
    matrix = coding.spec.get_model_matrix(data)
    return np.asarray(matrix, dtype=np.float64).reshape(len(table), -1), beyond


def _new_levels(
    variable: Variable, levels: tuple[Any, ...], values: pd.Series[Any]
) -> pd.Categorical[Any]:
    for value in values:
        if value not in levels:
            known = [shown_level(level) for level in levels]
            raise InvalidArgumentError(
                f"{variable.column!r} has no level {shown_level(value)!r} among the studies; "
                f"known are {', '.join(known)}."
            )
    return _coded(levels, values)
