"""What a change looks like: one row of a copy of the review altered by rule, and compared."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from evidence.data.reported import ReportedNumber
from evidence.data.tables import TABLES
from evidence.display import Display, Table, join_words
from evidence.effects.derivation.readings import LOG_MEASURES, Comparison
from evidence.judgement.conclusions import Conclusions, conclude
from evidence.living.diff.changes import ConclusionsComparison
from evidence.living.diff.compare import compare_conclusions
from evidence.living.diff.sides import conclude_files

if TYPE_CHECKING:
    from evidence.data import Review

__all__ = ["Demonstration", "demonstrate_change"]

#: By how much a number is changed where nothing in the data suggests another value.
_FACTOR = 2.0
#: What is doubled where there is no interval to replace, and why one would.
_SPREADS = (
    ("arms", "sd", "as if people had differed twice as much"),
    ("arms", "se", "as if the mean had been half as certain"),
    ("contrasts", "se", "as if the difference had been half as certain"),
    ("contrasts", "p", "as if the test had been less surprising"),
)


@dataclass(frozen=True, slots=True)
class _Alteration:
    table: str
    line: int
    cells: Mapping[str, str]
    why: str


@dataclass(frozen=True)
class Demonstration(Display):
    """A made-up change of a copy of a review, and what would follow from it.

    Attributes
    ----------
    said
        What was altered, and by which rule.
    comparison
        What would change; None where no row can be altered by the rule.
    """

    said: str
    comparison: ConclusionsComparison | None

    def summary(self) -> str:
        """Return what was altered and what would follow."""
        return self.said if self.comparison is None else f"{self.said}\n{self.comparison.summary()}"

    @property
    def table(self) -> Table:
        """The changes as a table, each with its causes."""
        frame = self.to_frame()
        if frame.empty:
            return Table(frame, caption=self.said)
        shown = frame[["level", "what", "before", "after", "causes"]]
        return Table(shown, caption="What would change in the altered copy")

    def to_frame(self) -> pd.DataFrame:
        """Return one row per change."""
        return pd.DataFrame() if self.comparison is None else self.comparison.to_frame()

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values."""
        found = self.comparison.to_dict() if self.comparison else None
        return {"said": self.said, "comparison": found}

    def _repr_html_(self) -> str:
        more = self.comparison._repr_html_() if self.comparison else ""
        return f"<p>{escape(self.said)}</p>{more}"


def demonstrate_change(review: Review | Conclusions) -> Demonstration:
    """Alter one row of a copy of a review by rule, and say what would change and why.

    The row is the first that the headline trial's effect rests on and that the rule fits: a
    difference with its interval, which becomes as wide as the trial's other numbers make it
    where these contradict it, and else twice as wide; or, where there is none, a spread or a
    p value, which is doubled. The review itself stays as it is.

    Parameters
    ----------
    review
        The review, or its conclusions.

    Returns
    -------
    Demonstration
    """
    conclusions = review if isinstance(review, Conclusions) else conclude(review)
    data = conclusions.review
    for one in _alterations(conclusions):
        altered = conclude_files(_altered(data, one), data.name)
        if altered is None:
            continue
        comparison = compare_conclusions(
            conclusions, altered, labels=("the review as it is", "the altered copy")
        )
        if comparison.of("effect"):
            cells = join_words(f"{column} becomes {text}" for column, text in one.cells.items())
            place = f"{TABLES[one.table].file} line {one.line}"
            said = f"In a copy of the review, in {place}, {cells}, {one.why}."
            return Demonstration(said, comparison)
    return Demonstration("No row of this review can be altered by the rule.", None)


def _comparisons(conclusions: Conclusions) -> Iterator[Comparison]:
    if conclusions.headline is not None:
        yield conclusions.headline.comparison
    for analysis in conclusions.usable:
        if analysis.synthesis is not None:
            yield from analysis.synthesis.derivation.comparisons


def _alterations(conclusions: Conclusions) -> Iterator[_Alteration]:
    review = conclusions.review
    for comparison in _comparisons(conclusions):
        rows = list(dict.fromkeys(row for reading in comparison.readings for row in reading.rows))
        for table, line in rows:
            if table == "contrasts":
                yield from _interval(review, comparison, line)
        for wanted, column, why in _SPREADS:
            for table, line in rows:
                number = review.number(table, line, column) if table == wanted else None
                value = number.value * _FACTOR if number is not None else math.nan
                if number is not None and value > 0 and not (column == "p" and value >= 1):
                    yield _Alteration(table, line, {column: _written(value, number)}, why)


def _interval(review: Review, comparison: Comparison, line: int) -> Iterator[_Alteration]:
    numbers = [review.number("contrasts", line, c) for c in ("estimate", "ci_low", "ci_high")]
    if any(number is None for number in numbers):
        return
    estimate, low, high = (number for number in numbers if number is not None)
    measure = str(review.contrasts.loc[line, "measure"])
    ratio = measure in LOG_MEASURES
    if ratio and min(estimate.value, low.value, high.value) <= 0:
        return
    middle, *ends = (math.log(n.value) if ratio else n.value for n in (estimate, low, high))
    half, why = _FACTOR * (ends[1] - ends[0]) / 2, "twice as far from the estimate as reported"
    if len(comparison.usable) > 1 and comparison.measure == measure:
        widest = max(comparison.usable, key=lambda reading: reading.ci_high - reading.ci_low)
        half = (widest.ci_high - widest.ci_low) / 2
        why = "the interval that the trial's other numbers imply"
    new = [middle - half, middle + half]
    values = [math.exp(end) for end in new] if ratio else new
    cells = {
        column: _written(value, number)
        for column, value, number in zip(("ci_low", "ci_high"), values, (low, high), strict=True)
    }
    yield _Alteration("contrasts", line, cells, why)


def _written(value: float, like: ReportedNumber) -> str:
    """Write a number with as many decimals as the one it replaces."""
    return f"{value:.{like.decimals}f}"


def _altered(review: Review, one: _Alteration) -> dict[str, bytes]:
    file = TABLES[one.table].file
    text = review.files[file].decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    head: list[str] = []
    line = 1
    for cells in reader:
        if not head:
            head = [name.strip() for name in cells]
        elif line == one.line:
            changed: dict[str, Any] = dict(zip(head, cells, strict=False)) | dict(one.cells)
            cells = [str(changed[name]) for name in head]  # noqa: PLW2901
        writer.writerow(cells)
        line = reader.line_num + 1
    return {**review.files, file: out.getvalue().encode()}
