"""What was tested and what never was: trials by form and dose, form and outcome, and length.

References
----------
Snilstveit B, Vojtkova M, Bhavsar A, Stevenson J, Gaarder M (2016). Evidence & gap maps: a tool
for promoting evidence informed policy and strategic research agendas. Journal of Clinical
Epidemiology 79:120-129.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import pandas as pd

from evidence.appraisal.dose.compounds import compounds_in, list_compounds
from evidence.appraisal.dose.durations import days_in_words, longest_days
from evidence.appraisal.dose.trial_doses import (
    NOT_KNOWN,
    ElementalDose,
    ElementalDoses,
    amount_text,
    elemental_doses,
)
from evidence.data import Review
from evidence.data.formula import element_name
from evidence.display import Display, Table, capital, join_words, plural
from evidence.errors import InvalidArgumentError

__all__ = ["NO_TRIAL", "SEVERAL", "Tested", "what_was_tested"]

NO_TRIAL = "no trial"
#: The band of a dose that falls into two of them, or is read in two ways.
SEVERAL = "in two bands"


@dataclass(frozen=True)
class Tested(Display):
    """Which forms were tried at which dose, for how long, with which outcomes.

    Attributes
    ----------
    element
        Symbol of the element that doses are counted in.
    doses
        The trials' doses.
    edges
        Ends of the bands of dose, in milligrams of the element a day.
    rows
        One row for each trial: `study_id`, `study`, `form`, `band`, `days`, `published`, and
        `domains`, the sorts of outcome that bear on the question and of which anything is
        reported.
    domains
        Every sort of outcome that bears on the question, in the order of `review.toml`.
    forms
        Forms in the order of the grids: the one asked about first.
    compared
        Trials that gave two forms to two groups.
    """

    element: str
    doses: ElementalDoses
    edges: tuple[float, ...]
    rows: pd.DataFrame
    domains: tuple[str, ...]
    forms: tuple[str, ...]
    compared: tuple[str, ...]

    @property
    def _unit(self) -> str:
        return f"mg of {element_name(self.element)} a day"

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the bands of dose, lowest first."""
        return _bands(self.edges)

    @cached_property
    def by_dose(self) -> pd.DataFrame:
        """Number of trials for each form (rows) and band of dose (columns)."""
        names = [*self.bands, *(b for b in (SEVERAL, NOT_KNOWN) if (self.rows["band"] == b).any())]
        return self._count(names, [[band] for band in self.rows["band"]])

    @cached_property
    def by_outcome(self) -> pd.DataFrame:
        """Number of trials for each form (rows) and sort of outcome (columns)."""
        return self._count(list(self.domains), list(self.rows["domains"]))

    @cached_property
    def by_length(self) -> pd.DataFrame:
        """For each form: trials, doses, and the longest time it was taken, in days."""
        found = []
        for form in self.forms:
            mine = self.rows[self.rows["form"] == form]
            known = [d for d in self.doses.known if (d.form or "not stated") == form]
            days = mine["days"].dropna()
            found.append(
                [
                    form,
                    len(mine),
                    "; ".join(dict.fromkeys(amount_text(each.amount) for each in known)),
                    float(days.max()) if len(days) else math.nan,
                ]
            )
        return pd.DataFrame(found, columns=["form", "trials", "doses", "longest_days"])

    def _count(self, names: list[str], places: Sequence[Sequence[str]]) -> pd.DataFrame:
        table = pd.DataFrame(0, index=list(self.forms), columns=names)
        for form, each in zip(self.rows["form"], places, strict=True):
            for name in each:
                table.loc[form, name] += 1
        return table

    def read_doses(self) -> Table:
        """Return the grid of forms and doses, each empty cell said."""
        return Table(
            _said(self.by_dose),
            caption=f"Trials by form and {self._unit}",
        )

    def read_outcomes(self) -> Table:
        """Return the grid of forms and outcomes, each empty cell said."""
        return Table(_said(self.by_outcome), caption="Trials that report anything of an outcome")

    def read_lengths(self) -> Table:
        """Return for each form its doses and the longest time it was taken."""
        shown = self.by_length.assign(longest=self.by_length["longest_days"].map(days_in_words))
        frame = pd.DataFrame(
            {
                "form": shown["form"],
                "trials": shown["trials"],
                self._unit: shown["doses"].replace("", NOT_KNOWN),
                "longest taken": shown["longest"],
            }
        )
        return Table(frame, caption="How much and how long")

    def untested(self, form: str) -> str:
        """Return in words what no trial of one form has tested.

        Parameters
        ----------
        form
            One of `forms`, or any other: then nothing was.
        """
        if form not in self.forms:
            return f"No trial here gave {form}."
        doses = [str(n) for n in self.bands if self.by_dose.loc[form, n] == 0]
        outcomes = [str(n) for n in self.domains if self.by_outcome.loc[form, n] == 0]
        days = float(self.by_length["longest_days"].iloc[self.forms.index(form)])
        length = days_in_words(days)
        parts = []
        if doses:
            known = [each for each in self.doses.known if each.form == form]
            given = "; ".join(dict.fromkeys(amount_text(each.amount) for each in known))
            parts.append(
                f"no trial of {form} is known to have given {join_words(doses, 'or')} mg of "
                f"{element_name(self.element)} a day" + (f" (given: {given} mg)" if given else "")
            )
        if outcomes:
            parts.append(f"no result of it here is about {join_words(outcomes, 'or')}")
        parts.append(
            "how long it was taken is not known"
            if math.isnan(days)
            else f"none is known to have lasted longer than {length}"
        )
        return f"{capital('; '.join(parts))}."

    def summary(self) -> str:
        """Return how much of the grids is empty, and what compares forms or doses."""
        grids = [
            (self.by_dose[list(self.bands)], "form and dose"),
            (self.by_outcome, "form and outcome"),
        ]
        lines = []
        for grid, what in grids:
            cells, empty = grid.size, int((grid == 0).to_numpy().sum())
            lines.append(f"Of {cells} pairs of {what}, {empty} have no trial.")
        lines.append(
            f"{capital(plural(len(self.compared), 'trial compares', 'trials compare'))} two forms "
            f"with each other: {join_words(self.compared)}."
            if self.compared
            else "No trial compares two forms with each other."
        )
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each trial."""
        return self.rows.assign(domains=["; ".join(each) for each in self.rows["domains"]])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        rows = self.to_frame().astype(object)
        return {
            "element": self.element,
            "edges": list(self.edges),
            "trials": rows.where(rows.notna(), None).to_dict("records"),
            "by_dose": self.by_dose.to_dict("index"),
            "by_outcome": self.by_outcome.to_dict("index"),
            "compared": list(self.compared),
        }

    def _repr_html_(self) -> str:
        parts = (self.read_doses(), self.read_outcomes(), self.read_lengths())
        return super()._repr_html_() + "".join(part._repr_html_() for part in parts)


def what_was_tested(review: Review, *, edges: Sequence[float] = ()) -> Tested:
    """Count trials by form and dose, and by form and outcome, and say which cells are empty.

    Parameters
    ----------
    review
        The review, with formulas in `compounds.csv`.
    edges
        Ends of the bands of dose in milligrams of the element a day, rising; the upper limits
        that the review knows when empty.

    Returns
    -------
    Tested
    """
    doses = elemental_doses(review)
    ends = tuple(dict.fromkeys(edges or (limit.value for limit in doses.limits)))
    if any(not 0 < end < math.inf for end in ends) or list(ends) != sorted(ends):
        raise InvalidArgumentError(
            f"edges: {tuple(edges)} are no ends of bands; give positive numbers that rise."
        )
    outcomes = [o for o in review.plan.outcomes.values() if o.about == "benefit"]
    domains = tuple(dict.fromkeys(outcome.domain for outcome in outcomes))
    rows = []
    for dose in doses.doses:
        reported = _reported(review, dose.study_id)
        mine = {o.domain for o in outcomes if o.id in reported}
        rows.append(
            [
                dose.study_id,
                dose.label,
                dose.form or "not stated",
                _band(dose, ends),
                longest_days(review, dose.study_id),
                str(review.study(dose.study_id)["status"]) == "published",
                tuple(domain for domain in domains if domain in mine),
            ]
        )
    names = ["study_id", "study", "form", "band", "days", "published", "domains"]
    table = pd.DataFrame(rows, columns=names)
    asked = review.plan.target.form
    found = list(dict.fromkeys(table["form"]))
    order = sorted(found, key=lambda f: (f != asked, f == "not stated", found.index(f)))
    known = list_compounds(review)
    compared = tuple(
        dose.label
        for dose in doses.doses
        if compounds_in(known, str(review.study(dose.study_id)["comparator"]))
    )
    return Tested(doses.element, doses, ends, table, domains, tuple(order), compared)


def _reported(review: Review, study_id: str) -> set[str]:
    return {
        str(outcome)
        for table in (review.arms, review.contrasts)
        for outcome in table.loc[table["study_id"] == study_id, "outcome_id"]
    }


def _bands(edges: Sequence[float]) -> tuple[str, ...]:
    if not edges:
        return ("any dose",)
    inner = [f"above {low:g} to {high:g}" for low, high in pairwise(edges)]
    return (f"up to {edges[0]:g}", *inner, f"above {edges[-1]:g}")


def _band(dose: ElementalDose, edges: Sequence[float]) -> str:
    if dose.amount is None:
        return NOT_KNOWN
    low, high = (sum(end > edge for edge in edges) for end in (dose.amount.low, dose.amount.high))
    return _bands(edges)[low] if low == high else SEVERAL


def _said(grid: pd.DataFrame) -> pd.DataFrame:
    shown = grid.astype(object).where(grid > 0, NO_TRIAL).astype(str)
    return shown.rename_axis("form").reset_index()
