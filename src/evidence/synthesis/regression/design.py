"""The design of a regression: its columns, their names, and whether they can be told apart.

What enters is a formula with a table, or a matrix; what leaves is a `Design` of full rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import capital, format_number, join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.inputs import refuse
from evidence.synthesis.regression.formula import (
    Coding,
    check_columns,
    encode,
    encode_new,
    missing_rows,
    parse_formula,
    shown_level,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Design", "Factor", "RawDesign", "read_design"]

#: A column counts as a combination of others when less than this share of it is left beside them.
_NOTHING_LEFT = 1e-10


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of a formula.

    Attributes
    ----------
    name
        The column of the data.
    levels
        Its levels, the reference first.
    counts
        How many studies have each.
    """

    name: str
    levels: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def reference(self) -> str:
        """The level that the others are compared with."""
        return self.levels[0]


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a regression, of full rank.

    Attributes
    ----------
    matrix
        Shape (k, p).
    names
        Of the columns.
    terms
        Parts of the formula with the places of their columns.
    factors
        With levels and counts.
    formula
        As given; empty for a matrix.
    coding
        How new rows are coded; None for a matrix.
    """

    matrix: Floats
    names: tuple[str, ...]
    terms: tuple[tuple[str, tuple[int, ...]], ...]
    factors: tuple[Factor, ...] = ()
    formula: str = ""
    coding: Coding | None = None

    @property
    def k(self) -> int:
        """How many studies."""
        return int(self.matrix.shape[0])

    @property
    def p(self) -> int:
        """How many coefficients."""
        return int(self.matrix.shape[1])

    @cached_property
    def _factorised(self) -> tuple[Floats, Floats]:
        # Column lengths first: units of the moderators must not matter.
        lengths = np.linalg.norm(self.matrix, axis=0)
        basis, upper = np.linalg.qr(self.matrix / lengths)
        return basis, upper * lengths

    @property
    def basis(self) -> Floats:
        """Orthonormal columns that span the same space, shape (k, p)."""
        return self._factorised[0]

    @property
    def upper(self) -> Floats:
        """Triangle that leads from coefficients to those of the basis, shape (p, p)."""
        return self._factorised[1]

    @cached_property
    def back(self) -> Floats:
        """Triangle that leads from coefficients of the basis to those of the columns, (p, p)."""
        return np.asarray(np.linalg.inv(self.upper))

    @cached_property
    def constant(self) -> Floats | None:
        """Coefficients whose fit is 1 in every study; None when there are none."""
        ones = np.ones(self.k)
        within = self.basis.T @ ones
        if np.abs(ones - self.basis @ within).max() > 1e-9:
            return None
        if self.intercept is not None:
            return np.asarray(np.eye(self.p)[self.intercept], dtype=np.float64)
        return np.asarray(self.back @ within, dtype=np.float64)

    @cached_property
    def intercept(self) -> int | None:
        """Place of the column of ones, if there is one."""
        ones = np.flatnonzero((self.matrix == 1).all(axis=0))
        return int(ones[0]) if ones.size else None

    @cached_property
    def moderator_contrasts(self) -> Floats:
        """Rows that are all zero exactly when no moderator matters, shape (m, p)."""
        if self.constant is None:
            return np.eye(self.p)
        if self.intercept is not None:
            return np.delete(np.eye(self.p), self.intercept, axis=0)
        # The coefficients that are no multiple of the constant's.
        left = np.linalg.svd(self.constant[np.newaxis, :])[2]
        return np.asarray(left[1:])

    def rows(self, new: Any) -> tuple[Floats, list[str], list[str]]:
        """Return the rows of new values, their labels, and which lie beyond the studies'.

        Parameters
        ----------
        new
            A table or mapping with the columns of the formula; for a design matrix, rows of
            as many numbers, or a table with its names.
        """
        if isinstance(new, Mapping):
            scalar = all(np.ndim(value) == 0 for value in new.values())
            new = pd.DataFrame(new, index=[0]) if scalar else pd.DataFrame(new)
        if self.coding is not None:
            if not isinstance(new, pd.DataFrame):
                raise InvalidArgumentError(
                    "New values must be a table or a mapping with the columns "
                    f"{join_words(self.coding.formula.columns)}; found {type(new).__name__}."
                )
            if new.empty and self.coding.formula.columns:
                raise InvalidArgumentError("The table of new values has no row.")
            matrix, beyond = encode_new(self.coding, new)
            used = self.coding.formula.columns
            return matrix, _labels_of_rows(new, used), beyond
        return self._matrix_rows(new)

    def _matrix_rows(self, new: Any) -> tuple[Floats, list[str], list[str]]:
        if isinstance(new, pd.DataFrame):
            lacking = [name for name in self.names if name not in new]
            if lacking:
                raise InvalidArgumentError(
                    f"The table of new values lacks the columns {join_words(lacking)}."
                )
            new = new[list(self.names)]
        matrix = _as_matrix("new values", new)
        if (
            matrix.ndim == 2
            and matrix.shape[1] != self.p
            and matrix.shape[0] == self.p == matrix.size
        ):
            matrix = matrix.T
        if matrix.shape[1] != self.p or matrix.shape[0] == 0:
            raise InvalidArgumentError(
                f"New values need {plural(self.p, 'column')} in the order "
                f"{join_words(self.names)}; found shape {matrix.shape}."
            )
        if not np.isfinite(matrix).all():
            raise InvalidArgumentError("New values must be finite numbers.")
        low, high = self.matrix.min(axis=0), self.matrix.max(axis=0)
        outside = ((matrix < low) | (matrix > high)).any(axis=0)
        beyond = [
            f"{self.names[j]} ({low[j]:g} to {high[j]:g} in the studies)"
            for j in np.flatnonzero(outside)
        ]
        return (
            matrix,
            _labels_of_rows(pd.DataFrame(matrix, columns=list(self.names)), self.names),
            beyond,
        )


def _labels_of_rows(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    shown = [
        ", ".join(f"{name} {shown_level(value)}" for name, value in zip(columns, row, strict=True))
        for row in table[list(columns)].itertuples(index=False, name=None)
    ]
    return [text or "mean" for text in shown] if columns else ["mean"] * len(table)


# -------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True, eq=False)
class RawDesign:
    """Moderators as given, before rows are left out.

    Attributes
    ----------
    missing
        Which rows lack a value, shape (k,).
    labels
        Names of the rows, where the table has any.
    """

    moderators: Any
    formula: str | None
    missing: NDArray[np.bool_]
    labels: tuple[str, ...] | None

    def finish(self, kept: NDArray[np.bool_], names: Sequence[str]) -> Design:
        """Return the design of the rows that are kept.

        Parameters
        ----------
        kept
            Shape (k,).
        names
            Of the kept studies.
        """
        if self.formula is not None:
            checked = parse_formula(self.formula)
            table = self.moderators.loc[kept]
            matrix, columns, terms, coding = encode(checked, table, names)
            design = Design(
                matrix,
                tuple(columns),
                tuple((name, tuple(places)) for name, places in terms),
                _factors(coding, table),
                checked.text,
                coding,
            )
        else:
            columns = _names_of(self.moderators)
            matrix = _as_matrix("moderators", self.moderators)[kept]
            for place, name in enumerate(columns):
                values = matrix[:, place]
                refuse(names, ~np.isfinite(values), values, f"The moderator {name!r}", "finite")
            columns = [
                "intercept" if name.startswith("x") and np.all(matrix[:, j] == 1) else name
                for j, name in enumerate(columns)
            ]
            terms_of_matrix = tuple((name, (place,)) for place, name in enumerate(columns))
            design = Design(matrix, tuple(columns), terms_of_matrix)
        _check_rank(design)
        return design


def _factors(coding: Coding, table: pd.DataFrame) -> tuple[Factor, ...]:
    found = []
    for name, levels in coding.levels.items():
        variable = coding.formula.variables[int(name[1:])]
        values = list(table.iloc[:, [str(c) for c in table.columns].index(variable.column)])
        counts = tuple(sum(value == level for value in values) for level in levels)
        found.append(Factor(variable.shown, tuple(map(shown_level, levels)), counts))
    return tuple(found)


def _names_of(moderators: Any) -> list[str]:
    if isinstance(moderators, pd.DataFrame):
        return [str(name) for name in moderators.columns]
    width = 1 if np.ndim(moderators) == 1 else np.shape(moderators)[1]
    return [f"x{place + 1}" for place in range(width)]


def _as_matrix(argument: str, values: Any) -> Floats:
    if isinstance(values, pd.DataFrame):
        for name, column in values.items():
            if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
                raise InvalidArgumentError(
                    f"{capital(argument)}: the column {str(name)!r} is not numeric. Give a "
                    f"formula, for example formula='~ C({name})', or leave the column out."
                )
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"{capital(argument)} must be a table with a formula, or a matrix of numbers with one "
            "row a study."
        ) from None
    if matrix.ndim == 1:
        matrix = matrix[:, np.newaxis]
    if matrix.ndim != 2 or np.asarray(values).dtype.kind in "US":
        raise InvalidArgumentError(
            f"{capital(argument)} must have one row a study and one column a moderator; found "
            f"shape {matrix.shape}."
        )
    return matrix


def read_design(moderators: Any, formula: str | None, k: int, argument: str) -> RawDesign:
    """Take moderators as a user gives them.

    Parameters
    ----------
    moderators
        A table (with a formula), or a design matrix of shape (k, p) used as it stands.
    formula
        See `parse_formula`.
    k
        How many studies there are.
    argument
        Name of `moderators`, for messages.

    Returns
    -------
    RawDesign
    """
    if formula is not None and not isinstance(moderators, pd.DataFrame):
        if isinstance(moderators, Mapping):
            moderators = pd.DataFrame(moderators)
        elif moderators is None and not parse_formula(formula).columns:
            moderators = pd.DataFrame(index=range(k))
        else:
            raise InvalidArgumentError(
                f"A formula needs {argument} as a table with the columns it names; found "
                f"{type(moderators).__name__}."
            )
    if moderators is None:
        raise InvalidArgumentError(
            f"{argument} is missing: give a table with formula='~ year + C(allocation)', or a "
            "design matrix with one row a study."
        )
    labels = None
    if isinstance(moderators, pd.DataFrame):
        if "label" in moderators:
            labels = tuple(str(label) for label in moderators["label"])
        elif not isinstance(moderators.index, pd.RangeIndex):
            labels = tuple(str(label) for label in moderators.index)
        moderators = moderators.reset_index(drop=True)
    if formula is not None:
        checked = parse_formula(formula)
        check_columns(checked, moderators, argument)
        rows, missing = len(moderators), missing_rows(checked, moderators)
    else:
        matrix = _as_matrix(argument, moderators)
        if matrix.shape[1] == 0:
            raise InvalidArgumentError(f"{argument} has no column.")
        rows, missing = matrix.shape[0], np.asarray(np.isnan(matrix).any(axis=1))
    if rows != k:
        raise InvalidArgumentError(
            f"There are {k} effects and {rows} rows of {argument}; they must be as many."
        )
    return RawDesign(moderators, formula, missing, labels)


# ----------------------------------------------------------------------------------------- rank


def _check_rank(design: Design) -> None:
    k, p = design.matrix.shape
    if p == 0:
        raise InvalidArgumentError("The formula leaves no coefficient; '~ 1' is a mean alone.")
    if k <= p:
        raise InsufficientEvidenceError(
            f"{capital(plural(k, 'study', 'studies'))} cannot carry "
            f"{plural(p, 'coefficient')} ({join_words(design.names)}): at least {p + 1} are "
            "needed for any estimate of its uncertainty, and about 10 a moderator for a "
            "trustworthy one. Use fewer moderators, or look at the studies one by one."
        )
    problems = _dependent(design.matrix, design.names)
    if problems:
        raise InvalidArgumentError(
            "The moderators cannot be told apart: " + "; ".join(problems) + ". Leave out one of "
            "the columns of each."
        )


def _dependent(matrix: Floats, names: Sequence[str]) -> list[str]:
    """Return, in words, each column that is a combination of columns before it."""
    # Ones first, then other constants: the rest is then described beside them.
    order = sorted(
        range(len(names)), key=lambda j: (np.ptp(matrix[:, j]) > 0, not np.all(matrix[:, j] == 1))
    )
    kept: list[int] = []
    orthonormal: list[Floats] = []
    problems: list[str] = []
    rounding = 64 * np.finfo(float).eps * np.sqrt(matrix.shape[0])
    for j in order:
        column = matrix[:, j]
        length = float(np.linalg.norm(column))
        if length == 0:
            problems.append(f"{names[j]!r} is 0 in every study")
            continue
        left = column / length
        centred = 1.0
        for _ in range(2):  # once more, for what rounding left of the earlier columns
            for place, direction in enumerate(orthonormal):
                left = left - (direction @ left) * direction
                if place == 0 and np.all(direction == direction[0]):
                    centred = max(float(np.linalg.norm(left)), rounding)
        rest = float(np.linalg.norm(left))
        if rest <= max(rounding, _NOTHING_LEFT * centred):
            problems.append(_in_words(matrix, names, j, kept))
            continue
        orthonormal.append(left / rest)
        kept.append(j)
    return problems


def _in_words(matrix: Floats, names: Sequence[str], j: int, kept: list[int]) -> str:
    column = matrix[:, j]
    if np.ptp(column) == 0:
        return f"{names[j]!r} is {format_number(float(column[0]))} in every study"
    lengths = np.linalg.norm(matrix[:, kept], axis=0)
    found = np.linalg.lstsq(matrix[:, kept] / lengths, column, rcond=None)[0]
    parts = [i for i in range(len(kept)) if abs(found[i]) > 1e-7 * float(np.linalg.norm(column))]
    words = [f"{found[i] / lengths[i]:.4g} × {names[kept[i]]!r}" for i in parts]
    return f"{names[j]!r} is {' + '.join(words)} in every study".replace("+ -", "− ")
