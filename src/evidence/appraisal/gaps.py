"""What is not known, ordered by how much it would sharpen the answer."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evidence.data import TABLES, Review
from evidence.data.frames import each_row
from evidence.display import Display, Table, capital, html_table, plural

__all__ = ["Gaps", "list_gaps"]


@dataclass(frozen=True, slots=True)
class Gaps(Display):
    """The entries of `missing.csv` in order of priority.

    Attributes
    ----------
    table
        `priority`, `study`, `outcome`, `what`, `why`, `where`.
    """

    table: pd.DataFrame

    @property
    def first(self) -> pd.DataFrame:
        """The gaps that could change the answer by themselves."""
        return self.table[self.table["priority"] == "first"]

    def foremost(self, count: int = 6) -> Table:
        """Return the most telling gaps as a table to be read, and how many more there are.

        Parameters
        ----------
        count
            How many to show.
        """
        shown = self.table.head(max(count, 0))[["study", "what", "why", "where"]]
        left = len(self.table) - len(shown)
        more = ""
        if left > 0:
            more = f"{capital(plural(left, 'more stands', 'more stand'))} in missing.csv."
        return Table(shown, caption=self.summary().splitlines()[0], note=more)

    def summary(self) -> str:
        """Return how many there are, and each in a line."""
        if self.table.empty:
            return "Nothing is listed as missing."
        count = capital(plural(len(self.table), "thing that is", "things that are"))
        lines = [f"{count} not known would sharpen the answer."]
        lines += [
            f"- {row.study + ': ' if row.study else ''}{row.what}. {row.why}. "
            f"Where it would be found: {row.where}."
            for row in each_row(self.table)
        ]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return the gaps, first priority first."""
        return self.table

    def to_dict(self) -> dict[str, object]:
        """Return the gaps as plain values."""
        return {"gaps": self.table.to_dict("records")}

    def _repr_html_(self) -> str:
        return html_table(self.table, caption=self.summary().splitlines()[0])


def list_gaps(review: Review) -> Gaps:
    """List what a review says is not known.

    Parameters
    ----------
    review
        The review with its table `missing`.
    """
    order = list(TABLES["missing"]["priority"].choices)
    rows = [
        {
            "priority": str(row.priority),
            "study": review.label(str(row.study_id)) if row.study_id else "",
            "outcome": review.outcome(str(row.outcome_id)).short if row.outcome_id else "",
            "what": str(row.what).rstrip("."),
            "why": str(row.why).rstrip("."),
            "where": str(row.where).rstrip("."),
        }
        for row in each_row(review.missing)
    ]
    columns = ["priority", "study", "outcome", "what", "why", "where"]
    table = pd.DataFrame(rows, columns=columns)
    ranked = table.sort_values("priority", key=lambda p: p.map(order.index), kind="stable")
    return Gaps(ranked.reset_index(drop=True))
