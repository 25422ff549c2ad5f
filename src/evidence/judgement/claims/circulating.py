"""Numbers in circulation: what goes round, what the source says, and what the tables have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from evidence.appraisal.dose.compounds import compounds_required
from evidence.appraisal.dose.trial_doses import share_text
from evidence.data import Review
from evidence.data.claim_tests import Call, parse_test
from evidence.data.formula import element_name
from evidence.data.frames import each_row
from evidence.display import Display, Prose, Table, join_words, plural
from evidence.effects.derivation.readings import LOG_MEASURES

__all__ = ["CirculatingNumbers", "circulating_numbers"]

_SECOND_HAND = "second-hand"


@dataclass(frozen=True, slots=True)
class CirculatingNumbers(Display):
    """Figures in public circulation that their source does not give.

    Attributes
    ----------
    table
        One row per figure: `misreported_id`, `study`, `about`, `found`, `wrong`, `source_says`,
        `truth` (the true value, worked out from the tables; empty where they have none), `quote`,
        `source`, `second_hand` (of the source).
    """

    table: pd.DataFrame

    def paragraph(self) -> Prose:
        """Return how many there are, and in which ways they are wrong."""
        if self.table.empty:
            return Prose("No figure in circulation is recorded as misreported.")
        counts = self.table["wrong"].value_counts(sort=False)
        told = [f"{number} “{wrong}”" for wrong, number in counts.items() if number]
        count = plural(len(self.table), "figure")
        have = int((self.table["truth"] != "").sum())
        return Prose(
            f"Of what goes round in public, {count} "
            f"{'is' if len(self.table) == 1 else 'are'} not what the source gives: "
            f"{join_words(told)}.",
            f"The tables here have the true value of {have} of them. No such figure is used "
            "anywhere.",
        )

    def read(self) -> Table:
        """Return the figures beside what is true, as a table to be read."""
        frame = pd.DataFrame(
            {
                "told of": self.table["study"],
                "what": self.table["about"],
                "goes round as": self.table["found"],
                "what is wrong": self.table["wrong"],
                "the source says": self.table["source_says"],
                "in the tables here": self.table["truth"],
                "its words": [f"“{quote}”" if quote else "" for quote in self.table["quote"]],
                "source": [
                    f"{row.source} ({_SECOND_HAND})" if row.second_hand else row.source
                    for row in each_row(self.table)
                ],
            }
        )
        return Table(frame, caption="Numbers in circulation, and what is true")

    def summary(self) -> str:
        """Return the count, then each figure with what is true."""
        lines = list(self.paragraph().paragraphs)
        for row in each_row(self.table):
            true = f" In the tables: {row.truth}." if row.truth else ""
            of = f"{row.study}, " if row.study else ""
            lines.append(
                f"{of}{row.about}: goes round as “{row.found}” ({row.wrong}); {row.source_says}."
                f"{true}"
            )
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per figure."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return the figures as plain values."""
        return {"figures": self.table.to_dict("records")}

    def _repr_html_(self) -> str:
        return self.paragraph()._repr_html_() + self.read()._repr_html_()


def circulating_numbers(review: Review) -> CirculatingNumbers:
    """Put figures that go round in public beside what their sources and the tables have.

    Parameters
    ----------
    review
        The review with its table `misreported`.

    Returns
    -------
    CirculatingNumbers
        A true value that the tables have is looked up there, and so changes with them.
    """
    citations = dict(zip(review.sources["source_id"], review.sources["citation"], strict=True))
    tiers = dict(zip(review.sources["source_id"], review.sources["tier"].astype(str), strict=True))
    rows = []
    for row in each_row(review.misreported):
        truth = str(row.truth)
        source = str(row.source_id)
        rows.append(
            (
                str(row.misreported_id),
                review.label(str(row.study_id)) if row.study_id else "",
                str(row.about),
                str(row.found),
                str(row.wrong),
                str(row.source_says),
                _look_up(review, parse_test(truth)) if truth else "",
                str(row.quote),
                citations.get(source, ""),
                tiers.get(source) == "secondary",
            )
        )
    columns = ["misreported_id", "study", "about", "found", "wrong", "source_says", "truth",
               "quote", "source", "second_hand"]  # fmt: skip
    return CirculatingNumbers(pd.DataFrame(rows, columns=columns))


def _look_up(review: Review, call: Call) -> str:
    return LOOKED_UP[call.name](review, call)


def _contrast(review: Review, call: Call) -> str:
    """Return a comparison as printed: of several reports those with an interval, each once."""
    rows = review.rows_of("contrasts", call["study"], call["outcome"])
    rows = rows[rows["estimate"].notna()]
    for name in ("timepoint", "treatment"):
        if name in call:
            rows = rows[rows[name] == call[name]]
    if rows["ci_low"].notna().any():
        rows = rows[rows["ci_low"].notna()]
    unit = review.outcome(call["outcome"]).unit
    return "; ".join(dict.fromkeys(_printed(review, row, unit) for row in each_row(rows)))


def _printed(review: Review, row: object, unit: str) -> str:
    line, measure = int(getattr(row, "Index", 0)), str(getattr(row, "measure", ""))
    estimate, low, high = (
        review.number("contrasts", line, name) for name in ("estimate", "ci_low", "ci_high")
    )
    level = review.number("contrasts", line, "ci_level") or "95"
    interval = f" ({level}% CI {low} to {high})" if low and high else ""
    of = f" {unit}" if measure == "mean difference" else ""
    means = str(getattr(row, "positive_means", ""))
    larger = "above 1" if measure in LOG_MEASURES else "above 0"
    return f"{measure} {estimate}{interval}{of}; {larger} means {means}"


def _fact(review: Review, call: Call) -> str:
    facts = review.facts
    row = facts[facts["fact_id"] == call["fact"]].iloc[0]
    line = int(str(row.name))
    numbers = (review.number("facts", line, column) for column in ("value", "low", "high"))
    shown = " to ".join(str(number) for number in numbers if number is not None)
    return f"{row['quantity']} of {row['subject']}: {shown} {row['unit']}"


def _form_of(review: Review, call: Call) -> str:
    return str(review.study(call["study"])["form"])


def _design_of(review: Review, call: Call) -> str:
    return str(review.study(call["study"])["design"])


def _share_in(review: Review, call: Call) -> str:
    found = compounds_required(review, call["form"])
    shares = dict.fromkeys(share_text(each.share) for each in found)
    return f"{join_words(shares, 'or')} {element_name(found[0].element)} by weight"


#: The function behind each look-up, by its name.
LOOKED_UP: dict[str, Callable[[Review, Call], str]] = {
    "contrast": _contrast,
    "fact": _fact,
    "form_of": _form_of,
    "design_of": _design_of,
    "share_in": _share_in,
}
