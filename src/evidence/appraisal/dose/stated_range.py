"""What a stated range of doses can mean: weights of the compound, or of the element.

References
----------
Prohaska T, Irrgeher J, Benefield J, et al. (2022). Standard atomic weights of the elements 2021
(IUPAC Technical Report). Pure and Applied Chemistry 94:573-600.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from evidence.appraisal.dose.amounts import Amount
from evidence.appraisal.dose.compounds import (
    Compound,
    active_element,
    compounds_in,
    compounds_required,
    list_compounds,
)
from evidence.appraisal.dose.limits import Limit, upper_limits
from evidence.appraisal.dose.trial_doses import amount_text, elemental_doses
from evidence.data import Review
from evidence.data.formula import element_name
from evidence.data.frames import each_row
from evidence.display import Display, Table, format_number, join_words
from evidence.errors import InvalidArgumentError

__all__ = ["StatedRange", "ranges_in_claims", "stated_range"]

AS_COMPOUND, AS_ELEMENT = "as the compound", "as the element"
_RANGE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:mg)?\s*(?:-|\N{EN DASH}|to)\s*(\d+(?:\.\d+)?)\s*mg", re.IGNORECASE
)
_ELEMENT_SAID = re.compile(r"\belement(?:al)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class StatedRange(Display):
    """A range in milligrams a day, read in the two ways that it can be.

    Attributes
    ----------
    low, high
        The range as stated.
    form
        The compound that is spoken of.
    element
        Symbol of the element.
    compounds
        What the form's name stands for.
    said
        Which reading the words give: ``"as the compound"``, ``"as the element"``, or empty
        where they do not say.
    limits
        Upper limits, lowest first.
    tested
        Doses of the element that trials gave in this form.
    quote, claim_id
        Where it is stated; empty for a range that was typed in.
    """

    low: float
    high: float
    form: str
    element: str
    compounds: tuple[Compound, ...]
    said: str
    limits: tuple[Limit, ...]
    tested: tuple[Amount, ...]
    quote: str = ""
    claim_id: str = ""

    @property
    def as_element(self) -> Amount:
        """The element in it, if the range is one of the element."""
        return Amount(self.low, self.high, self.low, self.high)

    @cached_property
    def as_compound(self) -> Amount:
        """The element in it, if the range is one of the compound."""
        shares = [compound.share for compound in self.compounds]
        return self.as_element.times(min(shares), max(shares))

    @property
    def factor(self) -> float:
        """How many times more of the element the second reading gives (of several, the most)."""
        return 1 / min(compound.share for compound in self.compounds)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each reading, unrounded."""
        rows = []
        for reading, amount in (
            (AS_COMPOUND, self.as_compound),
            (AS_ELEMENT, self.as_element),
        ):
            weight = (self.low, self.high)
            if reading == AS_ELEMENT:
                weights = [each.weighs(1.0) for each in self.compounds]
                weight = (self.low * min(weights), self.high * max(weights))
            places = [_place(amount, limit.value) for limit in self.limits]
            rows.append([reading, amount.low, amount.high, *weight, *places])
        names = ["reading", "element_low", "element_high", "compound_low", "compound_high"]
        return pd.DataFrame(rows, columns=[*names, *(limit.fact_id for limit in self.limits)])

    def read(self) -> Table:
        """Return both readings as a table to be read."""
        frame = pd.DataFrame(
            {
                "read": self.table["reading"],
                f"mg of {element_name(self.element)} a day": [
                    amount_text(self.as_compound),
                    amount_text(self.as_element),
                ],
                f"mg of {self.form} a day": [
                    amount_text(Amount(row.compound_low, row.compound_high, 0, 0))
                    for row in each_row(self.table)
                ],
                **{
                    f"{limit.value:g} mg, {limit.subject}": self.table[limit.fact_id]
                    for limit in self.limits
                },
            }
        )
        return Table(frame, caption=f"{self._stated} mg: two readings")

    @property
    def _stated(self) -> str:
        return amount_text(self.as_element)

    def summary(self) -> str:
        """Return both readings, the factor between them, the limits and what was tested."""
        name = element_name(self.element)
        meant = {
            "": f"whether of the compound or of {name} itself is not said",
            AS_ELEMENT: f"said to be of {name} itself",
            AS_COMPOUND: "said to be of the compound",
        }[self.said]
        sentences = [
            (
                f"{self._stated} mg a day, {meant}. As a weight of {self.form} it holds "
                f"{amount_text(self.as_compound)} mg of {name}; as {name} it is "
                f"{amount_text(self.as_element)} mg, {format_number(self.factor, 1)} times as "
                "much."
            )
        ]
        for reading, amount in ((AS_COMPOUND, self.as_compound), (AS_ELEMENT, self.as_element)):
            if self.said in ("", reading) and self.limits:
                sentences.append(f"Read {reading}, it is {_places(amount, self.limits)}.")
        if self.tested:
            doses = join_words(f"{amount_text(each)} mg" for each in self.tested)
            who = "The one trial" if len(self.tested) == 1 else "The trials"
            sentences.append(f"{who} of this form here gave {doses} of {name} a day.")
        else:
            sentences.append("No trial of this form in this review gives a dose of it.")
        return " ".join(sentences)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each reading, unrounded."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "low": self.low,
            "high": self.high,
            "form": self.form,
            "element": self.element,
            "said": self.said,
            "factor": self.factor,
            "readings": self.table.to_dict("records"),
            "tested": [[each.low, each.high] for each in self.tested],
            "claim_id": self.claim_id,
        }

    def _repr_html_(self) -> str:
        return super()._repr_html_() + self.read()._repr_html_()


def stated_range(
    review: Review, low: float, high: float, *, form: str = "", said: str = ""
) -> StatedRange:
    """Read a range of doses as weights of a compound and as weights of the element.

    Parameters
    ----------
    review
        The review, with formulas in `compounds.csv`.
    low, high
        The range in milligrams a day; equal for one dose.
    form
        The compound; the one that the review asks about when empty.
    said
        ``"as the compound"`` or ``"as the element"`` where the words say which is meant.

    Returns
    -------
    StatedRange

    Raises
    ------
    InvalidArgumentError
        When the range is not one of positive numbers, low before high.
    UnknownNameError
        When no compound has the name.
    """
    first, last = _positive("low", low), _positive("high", high)
    if first > last:
        raise InvalidArgumentError(
            f"low and high: {low:g} and {high:g} are no range; give the smaller number first."
        )
    if said not in ("", AS_COMPOUND, AS_ELEMENT):
        raise InvalidArgumentError(
            f"said: {said!r} is not accepted; give {AS_COMPOUND!r}, {AS_ELEMENT!r}, or nothing "
            "where it is not said."
        )
    wanted = form or review.plan.target.form
    compounds = compounds_required(review, wanted)
    doses = elemental_doses(review, element=compounds[0].element)
    tested = tuple(
        dose.amount
        for dose in doses.known
        if dose.amount and any(each.called(dose.form) for each in compounds)
    )
    return StatedRange(
        first,
        last,
        wanted,
        compounds[0].element,
        compounds,
        said,
        upper_limits(review),
        tested,
    )


def ranges_in_claims(review: Review) -> tuple[StatedRange, ...]:
    """Read every range of doses that a claim states, in both ways.

    Parameters
    ----------
    review
        The review. A claim is of the element where its words say so; its form is the compound
        that it names, else the one that the review asks about.

    Returns
    -------
    tuple of StatedRange
        One for each range, in the order of `claims.csv`.
    """
    active_element(review)
    compounds = list_compounds(review)
    claims = review.claims
    found = []
    for row in each_row(claims[claims["kind"].astype(str) == "dose"]):
        quote = str(row.quote)
        named = compounds_in(compounds, quote)
        form = named[0].name if named else review.plan.target.form
        said = AS_ELEMENT if _ELEMENT_SAID.search(quote) else ""
        for each in _RANGE.finditer(quote):
            ends = sorted((float(each[1]), float(each[2])))
            if ends[0] <= 0:
                continue
            stated = stated_range(review, ends[0], ends[1], form=form, said=said)
            found.append(
                StatedRange(
                    stated.low,
                    stated.high,
                    stated.form,
                    stated.element,
                    stated.compounds,
                    stated.said,
                    stated.limits,
                    stated.tested,
                    quote,
                    str(row.claim_id),
                )
            )
    return tuple(found)


def _places(amount: Amount, limits: Sequence[Limit]) -> str:
    """Return where an amount lies to the limits, those alike together."""
    found: dict[str, list[str]] = {}
    for limit in limits:
        found.setdefault(_place(amount, limit.value), []).append(f"{limit.value:g} mg")
    return join_words(f"{place} {join_words(values)}" for place, values in found.items())


def _positive(name: str, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number < math.inf:
        raise InvalidArgumentError(
            f"{name}: {value!r} is not accepted; give a number of milligrams a day above 0."
        )
    return number


def _place(amount: Amount, limit: float) -> str:
    """Return where an amount lies to a limit."""
    if amount.low > limit:
        return "wholly above"
    return "at or below" if amount.high <= limit else "partly above"
