"""A check of one place of a review: which study, which file, which lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, Check
from evidence.appraisal.integrity.printed import untestable
from evidence.data import Outcome, ReportedNumber, Review
from evidence.data.frames import each_row
from evidence.effects.derivation.derive import derive
from evidence.effects.derivation.readings import Comparison
from evidence.errors import InsufficientEvidenceError

__all__ = [
    "DOCUMENTS",
    "GROUPS",
    "NUMBERS",
    "TRIALS",
    "UNUSUAL",
    "Lines",
    "Place",
    "Placed",
    "Row",
    "comparisons_of",
    "derived",
    "facts_of",
    "numbers_of",
    "several_pairs",
    "stage_of",
    "study_of",
    "told_otherwise",
]

#: Table name and CSV line of rows.
Lines = tuple[tuple[str, int], ...]
#: What a check compares: reports of one thing, two documents, or a number with others' numbers.
NUMBERS, DOCUMENTS, UNUSUAL = "numbers", "documents", "unusual"
GROUPS = (NUMBERS, DOCUMENTS, UNUSUAL)
#: Designs in which people are compared, so that counts are counts of people.
TRIALS = ("parallel trial", "crossover trial", "trial, design not known")
#: Words beside a number that tell of more than plain means, or of a corrected p value.
_OTHERWISE = re.compile(
    r"\badjust|\bleast.squares|\bLS mean|marginal mean|imput|\bcovariate|ANCOVA|mixed model|"
    r"transform|geometric|\bcluster|bonferroni|holm\b|\bcorrect(?:ed|ion)|false discovery",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Memory:
    """What is asked of a review again and again."""

    studies: dict[str, Any]
    rows: dict[str, list[Any]]
    facts: dict[str, list[Any]]
    comparisons: dict[tuple[str, ...], Comparison | InsufficientEvidenceError]


_MEMORY: WeakKeyDictionary[Review, _Memory] = WeakKeyDictionary()


def _memory(review: Review) -> _Memory:
    found = _MEMORY.get(review)
    if found is None:
        rows = {str(row.study_id): row for row in each_row(review.tables["studies"])}
        facts: dict[str, list[Any]] = {}
        for fact in each_row(review.tables["study_facts"]):
            facts.setdefault(fact.study_id, []).append(fact)
        both = {table: list(each_row(review.tables[table])) for table in ("arms", "contrasts")}
        found = _MEMORY[review] = _Memory(rows, both, facts, {})
    return found


def facts_of(review: Review, study_id: str) -> list[Any]:
    """Return the further facts of a study from all its documents, as named tuples.

    Parameters
    ----------
    review, study_id
        Which study.
    """
    return _memory(review).facts.get(study_id, [])


def stage_of(fact: Any) -> str:
    """Return which document tells a fact: an empty cell is the published report.

    Parameters
    ----------
    fact
        As `facts_of` returns it.
    """
    return "published" if pd.isna(fact.stage) else str(fact.stage)


def study_of(review: Review, study_id: str) -> Any:
    """Return the row of a study as a named tuple, with `Index` for its line.

    Parameters
    ----------
    review, study_id
        Which study.
    """
    return _memory(review).studies[study_id]


def derived(review: Review, key: tuple[str, str, str], measure: str) -> Comparison:
    """Return a comparison as `derive` reads it, derived once.

    Parameters
    ----------
    review
        The review.
    key
        Study, outcome and timepoint.
    measure
        As `derive` takes it.

    Raises
    ------
    InsufficientEvidenceError
        As `derive` does.
    """
    known = _memory(review).comparisons
    if (*key, measure) not in known:
        try:
            known[*key, measure] = derive(review, key[0], key[1], timepoint=key[2], measure=measure)
        except InsufficientEvidenceError as error:
            known[*key, measure] = error
    found = known[*key, measure]
    if isinstance(found, InsufficientEvidenceError):
        raise found
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A check with where it was made.

    Attributes
    ----------
    check
        The check.
    group
        What it compares: one of `GROUPS`.
    study_id, label
        The study, and how it is named.
    lines
        Table name and CSV line of every row that takes part.
    reason
        Of a check that cannot be made, why in few words, the same for all of a kind.
    about
        What of the study it is about, for a sentence.
    """

    check: Check
    group: str
    study_id: str
    label: str
    lines: Lines
    reason: str = ""
    about: str = ""

    @property
    def where(self) -> str:
        """The files and lines, in words."""
        by_table: dict[str, list[int]] = {}
        for table, line in self.lines:
            by_table.setdefault(table, []).append(line)
        parts = []
        for table, found in by_table.items():
            shown = sorted(set(found))
            told = ", ".join(map(str, shown[:6])) + (" and more" if len(shown) > 6 else "")
            parts.append(f"{table}.csv, line{'s' if len(shown) > 1 else ''} {told}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a review checks are being made.

    Attributes
    ----------
    review
        The review.
    study_id
        The study.
    lines
        Rows that take part.
    group
        Of the checks made here.
    about
        What they are about.
    """

    review: Review
    study_id: str
    lines: Lines
    group: str = NUMBERS
    about: str = ""

    def put(self, check: Check, reason: str = "") -> Placed:
        """Return a check with this place."""
        why = reason if check.status == CANNOT_BE_TESTED else ""
        return Placed(
            check,
            self.group,
            self.study_id,
            str(study_of(self.review, self.study_id).label),
            self.lines,
            (why or check.sentence.rstrip(".")) if check.status == CANNOT_BE_TESTED else "",
            self.about,
        )

    def skip(self, name: str, reason: str, reference: str, more: str = "") -> Placed:
        """Return a check that cannot be made here, with the reason."""
        sentence = f"{reason[:1].upper()}{reason[1:]}{more}."
        return self.put(untestable(name, sentence, reference), reason)


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its numbers as printed and its cells as typed."""

    review: Review
    table: str
    line: int
    cells: Any

    def __getitem__(self, column: str) -> ReportedNumber | None:
        return self.review.number(self.table, self.line, column)

    def count(self, column: str) -> int | None:
        """Return a count, or None where the cell is empty."""
        value = getattr(self.cells, column)
        return None if pd.isna(value) else int(value)

    def word(self, column: str) -> str:
        """Return a text or a choice; empty where the cell is."""
        value = getattr(self.cells, column)
        return "" if pd.isna(value) else str(value)

    @property
    def outcome(self) -> Outcome:
        """The row's outcome."""
        return self.review.outcome(self.word("outcome_id"))

    @property
    def design(self) -> str:
        """The design of the row's study."""
        return str(study_of(self.review, self.word("study_id")).design)

    @property
    def place(self) -> Place:
        """Where it stands."""
        about = self.outcome.short + (f", {self.word('timepoint')}" * bool(self.word("timepoint")))
        if self.table == "arms":
            about += f", {self.word('arm')}"
        return Place(self.review, self.word("study_id"), ((self.table, self.line),), about=about)


def numbers_of(review: Review, table: str) -> Iterator[Row]:
    """Yield the rows of a table, with their numbers as printed.

    Parameters
    ----------
    review
        The review.
    table
        ``"arms"`` or ``"contrasts"``.
    """
    for cells in _memory(review).rows[table]:
        yield Row(review, table, int(cells.Index), cells)


def told_otherwise(row: Row, *columns: str) -> str:
    """Return the word that says that a number is no plain one; empty where none does.

    Parameters
    ----------
    row
        The row.
    columns
        Where to look.
    """
    for column in columns:
        found = _OTHERWISE.search(row.word(column))
        if found:
            return found.group()
    return ""


def comparisons_of(review: Review) -> dict[tuple[str, str, str], Lines]:
    """Return the rows of each comparison in a trial, by study, outcome and time.

    Parameters
    ----------
    review
        The review.
    """
    found: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for table in ("contrasts", "arms"):
        for row in numbers_of(review, table):
            if row.design not in TRIALS:
                continue
            if table == "arms" and (row.word("kind") == "baseline" or row.word("role") == "all"):
                continue
            key = row.word("study_id"), row.word("outcome_id"), row.word("timepoint")
            found.setdefault(key, []).append((table, row.line))
    return {key: tuple(lines) for key, lines in found.items()}


def several_pairs(review: Review, lines: Lines) -> bool:
    """Whether one source compares several pairs of groups in these rows.

    Parameters
    ----------
    review
        The review.
    lines
        Table name and CSV line of the rows.
    """
    mine = {line for table, line in lines if table == "contrasts"}
    pairs: dict[str, set[tuple[str, str]]] = {}
    for row in _memory(review).rows["contrasts"]:
        if row.Index in mine:
            pairs.setdefault(row.source_id, set()).add((row.treatment, row.comparator))
    return any(len(found) > 1 for found in pairs.values())
