"""A review: a folder of CSV files and one TOML, read whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pandas as pd

from evidence.data.bias_tools.checks import check_bias
from evidence.data.bias_tools.library import read_own_tools
from evidence.data.bias_tools.tool import BiasTool
from evidence.data.checks import check_rows
from evidence.data.csv_file import CsvFile, read_csv
from evidence.data.folder import FILES, Folder, read_folder
from evidence.data.notice import EVERYTHING, READ, Fingerprint, Noticed, reading
from evidence.data.plan import Analysis, Outcome, Plan, Threshold
from evidence.data.problems import Problems
from evidence.data.reported import ReportedNumber
from evidence.data.review_file import ReviewFile, read_review_file
from evidence.data.schema import DTYPES, Column, Kind, Table
from evidence.data.sections import APPLIES_TO, FILE
from evidence.data.tables import TABLES
from evidence.display import Display, plural
from evidence.errors import (
    InvalidArgumentError,
    InvalidReviewError,
    ReviewNotFoundError,
    UnknownNameError,
    did_you_mean,
)
from evidence.finding import find_folder, holds_any

__all__ = ["Review", "check_review", "find_review", "load_review"]

#: So many problems stand in the message of an error; `check_review` returns all of them.
_IN_MESSAGE = 30

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False, repr=False)
class Review(Display):
    """The tables of a review as DataFrames, and its plan.

    Every table is an attribute: ``review.studies``, ``review.arms``,
    ``review.contrasts`` and so on (see `data/README.md` for the columns). The index
    of each, ``line``, is the line of the row in its CSV file. Numbers are typed; the
    digits as reported are kept beside them (`number`, `reported`). What is handed out is
    a copy: changing it changes nothing in the review.

    Attributes
    ----------
    folder
        Where it was read from.
    plan
        Question, outcomes, thresholds and planned analyses from `review.toml`.
    reported
        The cells as text, by table name; same rows and columns as the typed tables.
    bias_tools
        The tools for risk of bias that its tables can name, by name: those of the package,
        and any in its folder `tools`.
    fingerprint
        SHA-256 over the files as they were when the review was loaded: equal exactly when
        every byte of them is equal.
    files
        The bytes of its files by name, as they were when the review was loaded.
    """

    folder: Path
    plan: Plan
    reported: Mapping[str, pd.DataFrame]
    bias_tools: Mapping[str, BiasTool]
    fingerprint: str = cast("str", Fingerprint())  # a field that tells when it is used
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The folder's name, by which the review can be loaded."""
        return self.folder.name

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The typed tables by name."""
        told = self.reported
        text = told.untold if isinstance(told, Noticed) else told
        return Noticed(self.folder, {name: _typed(text[name], TABLES[name]) for name in TABLES})

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return self.tables[name].copy(deep=False)
        raise AttributeError(f"a review has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *TABLES]

    def number(self, table: str, line: int, column: str) -> ReportedNumber | None:
        """Return a number with its digits as reported, or None where the cell is empty.

        Parameters
        ----------
        table
            Table name, for example ``"contrasts"``.
        line
            Line in the CSV file.
        column
            Column name.
        """
        schema = _named(TABLES, table, "table", self.name)
        columns = {known.name: known for known in schema.columns}
        if not _named(columns, column, "column", schema.file).numeric:
            numeric = ", ".join(known.name for known in schema.columns if known.numeric)
            raise InvalidArgumentError(
                f"{schema.file}, {column} holds no numbers. Columns with numbers are: {numeric}."
            )
        cells = self.reported[table][column]
        if line not in cells.index:
            rows = f"lines {cells.index.min()} to {cells.index.max()}" if len(cells) else "no line"
            raise UnknownNameError(f"{schema.file} has no row in line {line}; it has {rows}.")
        text = str(cells.loc[line])
        return ReportedNumber(text) if text else None

    def outcome(self, outcome_id: str) -> Outcome:
        """Return one outcome by its id."""
        return _named(self.plan.outcomes, outcome_id, "outcome", self.name)

    def analysis(self, analysis_id: str) -> Analysis:
        """Return one planned analysis by its id."""
        return _named(self.plan.analyses, analysis_id, "analysis", self.name)

    def study(self, study_id: str) -> pd.Series:
        """Return the row of one study."""
        studies = self.tables["studies"]
        place = self._study_places.get(study_id)
        if place is None:
            hint = did_you_mean(study_id, studies["study_id"])
            raise UnknownNameError(f"{self.name} has no study {study_id!r}. {hint}")
        return studies.iloc[place]

    def rows_of(self, table: str, study_id: str, outcome_id: str) -> pd.DataFrame:
        """Return what one study reports of one outcome.

        Parameters
        ----------
        table
            ``"arms"`` or ``"contrasts"``.
        study_id, outcome_id
            Which rows; none where there are none.
        """
        return self.tables[table].iloc[self._row_places[table].get((study_id, outcome_id), [])]

    def records(self, table: str, study_id: str) -> list[Any]:
        """Return a study's rows of a table, each with its cells by name.

        Parameters
        ----------
        table
            A table with the column `study_id`.
        study_id
            The study; none where there are no rows of it.
        """
        if table not in self._records:
            found: dict[str, list[Any]] = {}
            # Named tuples made at run time could not be handed to other processes.
            for cells in self.tables[table].to_dict("records"):
                row = SimpleNamespace(**{str(name): cell for name, cell in cells.items()})
                found.setdefault(str(row.study_id), []).append(row)
            self._records[table] = found
        return self._records[table].get(study_id, [])

    @cached_property
    def _records(self) -> dict[str, dict[str, list[Any]]]:
        return {}

    @cached_property
    def _study_places(self) -> dict[str, int]:
        return {str(name): i for i, name in enumerate(self.tables["studies"]["study_id"])}

    @cached_property
    def _row_places(self) -> dict[str, dict[tuple[str, str], list[int]]]:
        found: dict[str, dict[tuple[str, str], list[int]]] = {"arms": {}, "contrasts": {}}
        for name, places in found.items():
            rows = self.tables[name]
            for i, key in enumerate(zip(rows["study_id"], rows["outcome_id"], strict=True)):
                places.setdefault(key, []).append(i)
        return found

    def label(self, study_id: str) -> str:
        """Return how sentences and figures name a study."""
        return str(self.study(study_id)["label"])

    def thresholds(self, outcome_id: str, applies_to: str = "") -> tuple[Threshold, ...]:
        """Return the thresholds of an outcome, smallest first.

        Parameters
        ----------
        outcome_id
            The outcome.
        applies_to
            Only thresholds for this use, for example ``"difference between groups"``.
        """
        self.outcome(outcome_id)
        if applies_to:
            _among(APPLIES_TO, applies_to, "use of a threshold")
        found = (
            threshold
            for threshold in self.plan.thresholds
            if threshold.outcome_id == outcome_id and applies_to in ("", threshold.applies_to)
        )
        return tuple(sorted(found, key=lambda t: (t.scale, t.value)))

    def facts_of(self, study_id: str, item: str = "", stage: str = "published") -> pd.DataFrame:
        """Return the further facts of a study, optionally of one item.

        Parameters
        ----------
        study_id
            The study.
        item
            Only this item, for example ``"dose_elemental"``.
        stage
            Only this stage (an empty cell counts as ``"published"``); ``""`` for all.
        """
        self.study(study_id)
        facts = self.study_facts
        mask = facts["study_id"] == study_id
        if item:
            mask &= facts["item"] == _among(TABLES["study_facts"]["item"].choices, item, "item")
        if stage:
            _among(TABLES["study_facts"]["stage"].choices, stage, "stage")
            mask &= facts["stage"].fillna("published") == stage
        return facts[mask]

    def summary(self) -> str:
        """Return what the review holds, in a few lines."""
        trials = int((self.studies["role"] == "trial").sum())
        numbers = len(self.arms) + len(self.contrasts) + len(self.study_facts) + len(self.facts)
        second_hand = sum(
            int((self.tables[name]["tier"] == "secondary").sum())
            for name in ("arms", "contrasts", "study_facts", "facts")
        )
        return "\n".join(
            [
                (
                    f"{self.plan.title}: {plural(len(self.studies), 'study', 'studies')}, "
                    f"of which {plural(trials, 'is a trial', 'are trials')} of the question."
                ),
                self.plan.question,
                (
                    f"{plural(numbers, 'row')} of numbers from "
                    f"{plural(len(self.sources), 'source')}; "
                    f"{plural(second_hand, 'is', 'are')} second-hand."
                ),
            ]
        )

    def __repr__(self) -> str:
        return f"<Review {self.name}: {plural(len(self.studies), 'study', 'studies')}>"

    def to_frame(self) -> pd.DataFrame:
        """Return the number of rows of each table."""
        rows = [(name, TABLES[name].row, len(self.tables[name])) for name in TABLES]
        return pd.DataFrame(rows, columns=["table", "a row is", "rows"])

    def to_dict(self) -> dict[str, object]:
        """Return what identifies the review."""
        return {
            "name": self.name,
            "title": self.plan.title,
            "question": self.plan.question,
            "fingerprint": self.fingerprint,
            "rows": dict(zip(self.to_frame()["table"], self.to_frame()["rows"], strict=True)),
        }


def _named(known: Mapping[str, _T], name: str, what: str, review: str) -> _T:
    if name not in known:
        raise UnknownNameError(f"{review} has no {what} {name!r}. {did_you_mean(name, known)}")
    return known[name]


def _among(known: Iterable[str], name: str, what: str) -> str:
    if name not in known:
        raise UnknownNameError(f"There is no {what} {name!r}. {did_you_mean(name, known)}")
    return name


def _typed(text: pd.DataFrame, table: Table) -> pd.DataFrame:
    columns = {column.name: _typed_column(text[column.name], column) for column in table.columns}
    return pd.DataFrame(columns, index=text.index)


def _typed_column(cells: pd.Series, column: Column) -> pd.Series:
    dtype = DTYPES[column.kind]
    values: list[object]
    match column.kind:
        case Kind.CHOICE:
            category = pd.CategoricalDtype(list(column.choices))
            return pd.Series([cell or None for cell in cells], cells.index, category)
        case Kind.COUNT:
            values = [int(cell) if cell else None for cell in cells]
        case Kind.NUMBER:
            values = [float(cell) if cell else None for cell in cells]
        case Kind.DATE:
            values = [date.fromisoformat(cell) if cell else None for cell in cells]
        case _:
            values = list(cells)
    return pd.Series(values, cells.index, dtype)


def find_review(name: str | Path) -> Path:
    """Find a review's folder by path or by name.

    A folder that holds files of a review is taken as it is; so is whatever starts with
    ``/`` or ``.``. Any other name is looked for in this folder and every folder above it,
    also in their `data/` folder, so that notebooks, command line and tests mean the same
    review by the same name.

    Parameters
    ----------
    name
        ``"magnesium-sleep"``, ``"data/magnesium-sleep"`` or any path.

    Raises
    ------
    ReviewNotFoundError
        With the reviews that were seen instead.
    """
    return find_folder(name, FILES)


def _find(name: str | Path) -> Path:
    folder = find_review(name)
    if not holds_any(folder, FILES):
        raise ReviewNotFoundError(
            f"{str(folder)!r} is not a review: it holds none of the files {', '.join(FILES)}. "
            "Start from a copy of data/magnesium-sleep, or name another folder."
        )
    return folder


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything that was read from a folder, checked."""

    folder: Folder
    files: dict[str, CsvFile]
    review: ReviewFile
    tools: Mapping[str, BiasTool]
    problems: Problems


def _read(path: Path) -> _Read:
    with reading(path):
        folder = read_folder(path)
    tools, broken = read_own_tools(folder.tools)
    review = read_review_file(folder.files[FILE]) if FILE in folder.files else ReviewFile()
    files = {
        name: read_csv(folder.files[table.file], table)
        if table.file in folder.files
        else CsvFile(readable=(path / table.file).exists() or not table.required)
        for name, table in TABLES.items()
    }
    problems = [*folder.problems, *broken, *review.problems, *check_rows(files, review)]
    problems += check_bias(files, tools, whole=not broken)
    for file in files.values():
        problems += file.problems
    return _Read(folder, files, review, tools, Problems.collect(path, problems))


def check_review(name: str | Path) -> Problems:
    """Check a review folder and return every problem in it.

    Parameters
    ----------
    name
        Path or name of the review.

    Returns
    -------
    Problems
        Empty when the review can be used.

    Raises
    ------
    ReviewNotFoundError
        When there is no such folder or it is not a review.
    """
    folder = _find(name)
    problems = _read(folder).problems
    sys.audit(READ, str(folder), EVERYTHING)
    return problems


def load_review(name: str | Path) -> Review:
    """Load a review, refusing it as a whole where anything in it is wrong.

    Parameters
    ----------
    name
        Path or name, for example ``"magnesium-sleep"``; see `find_review`.

    Returns
    -------
    Review

    Raises
    ------
    ReviewNotFoundError
        When there is no such folder.
    InvalidReviewError
        With all problems, each with file, line and column.
    """
    path = _find(name)
    read = _read(path)
    if read.problems:
        raise InvalidReviewError(read.problems.summary(_IN_MESSAGE), read.problems)
    reported = {
        name: pd.DataFrame(
            [[row[column] for column in table.names] for row in read.files[name].rows],
            columns=list(table.names),
            index=pd.Index([row.line for row in read.files[name].rows], name="line", dtype="int64"),
            dtype="str",
        )
        for name, table in TABLES.items()
    }
    return Review(
        folder=path,
        plan=Plan.from_content(read.review.content),
        reported=Noticed(path, reported),
        fingerprint=read.folder.fingerprint,
        bias_tools=read.tools,
        files={**read.folder.files, **read.folder.tools},
    )
