"""Reported contents held against formulas: what a source, a label or a trial material says.

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

import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.dose.amounts import daily_amount
from evidence.appraisal.dose.compounds import (
    Compound,
    compounds_in,
    compounds_named,
    list_compounds,
)
from evidence.appraisal.dose.trial_doses import amount_text, elemental_doses, share_text
from evidence.data import ReportedNumber, Review
from evidence.data.frames import each_row
from evidence.display import Display, Table, capital, format_number, join_words, plural

__all__ = ["ContentChecks", "check_carried", "check_contents", "mixture_share"]

_REFERENCE = "The share is the atoms' weight over the molar mass; atomic weights by molmass."
#: `90 mg per 500 mg`: the element in a weight of the product.
_LABEL = re.compile(r"(mg|g) per ([0-9]+(?:\.[0-9]+)?) (mg|g)")
_COLUMNS = ["compound", "formula", "computed", "reported", "reported_low", "reported_high", "tier"]
_SCALES = {"mg": 1.0, "g": 1000.0}


@dataclass(frozen=True)
class ContentChecks(Display):
    """Several reported contents, each held against formulas.

    Attributes
    ----------
    checks
        One for each reported content.
    """

    checks: tuple[Check, ...]

    @property
    def contradictions(self) -> tuple[Check, ...]:
        """Those that cannot be as printed."""
        return tuple(check for check in self.checks if check.status == CONTRADICTION)

    def summary(self) -> str:
        """Return how many agree, and each that does not."""
        tested = [check for check in self.checks if check.tested]
        agree = sum(check.status == OK for check in tested)
        lines = [
            (
                f"{capital(plural(len(tested), 'reported content'))} can be held against a "
                f"formula; {plural(agree, 'agrees', 'agree')}."
            )
        ]
        lines += [check.sentence for check in self.contradictions]
        rest = [check for check in self.checks if not check.tested]
        if rest:
            lines.append(f"Without a formula here: {join_words(check.name for check in rest)}.")
        return "\n".join(lines)

    def read(self) -> Table:
        """Return the checks as a table to be read."""
        frame = pd.DataFrame(
            {
                "what was said of": [check.name for check in self.checks],
                "status": [check.status for check in self.checks],
                "in words": [check.sentence for check in self.checks],
            }
        )
        return Table(frame, caption=self.summary().splitlines()[0])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each reported content and compound, unrounded."""
        parts = [
            check.table.assign(said_of=check.name, status=check.status) for check in self.checks
        ]
        rows = [row for part in parts for row in part.to_dict("records")]
        return pd.DataFrame(rows, columns=["said_of", "status", *_COLUMNS])

    def to_dict(self) -> dict[str, object]:
        """Return every check as plain values."""
        return {"checks": [check.to_dict() for check in self.checks]}

    def _repr_html_(self) -> str:
        return self.read()._repr_html_()


def check_contents(review: Review) -> ContentChecks:
    """Hold every reported content of the element against what a formula says.

    Parameters
    ----------
    review
        The review. A content is a fact in percent by weight whose quantity says
        `elemental fraction`, or one in a weight per weight of a product that names a compound.

    Returns
    -------
    ContentChecks
        A content that rounds to the formula's is `ok`, and so is a smaller one, since
        material may hold water or anything else; a larger one is a contradiction.
    """
    compounds = list_compounds(review)
    checks = []
    for row in each_row(review.facts):
        number = review.number("facts", int(row.Index), "value")
        if number is None:
            continue
        if "fraction" in str(row.quantity) and str(row.unit) == "percent by weight":
            named = compounds_named(compounds, str(row.subject))
            checks.append(_content(str(row.subject), number, 100.0, named, str(row.tier)))
        elif label := _LABEL.fullmatch(str(row.unit)):
            whole = float(label[2]) * _SCALES[label[3]] / _SCALES[label[1]]
            named = compounds_in(compounds, str(row.subject))
            checks.append(_content(str(row.subject), number, whole, named, str(row.tier)))
    return ContentChecks(tuple(checks))


def mixture_share(total: float, first: float, second: float) -> float:
    """Return how much of a mixture of two compounds is the second one.

    From ``total = (1 - x) first + x second``.

    Parameters
    ----------
    total
        Share of the element in the mixture.
    first, second
        Share of the element in each compound.

    Returns
    -------
    float
        From 0 to 1; not a number where no mixture of the two holds that much.
    """
    if first == second:
        return math.nan
    share = (total - first) / (second - first)
    return share if 0 <= share <= 1 else math.nan


def check_carried(review: Review, study_id: str) -> Check:
    """Hold what a trial says came along with its dose against the rest of the compound.

    Parameters
    ----------
    review
        The review; the compound's row says what the rest is called (`carries`).
    study_id
        The trial.

    Returns
    -------
    Check
    """
    label = review.label(study_id)
    name = f"what came along with the dose, {label}"
    form = str(review.study(study_id)["form"])
    role = str(review.study(study_id)["role"])
    named = [each for each in compounds_named(list_compounds(review), form) if each.carries]
    columns = ["compound", "carries", "element", "computed", "lowest", "highest", "reported"]
    dose = elemental_doses(review, roles=(role,)).study(study_id) if named else None
    rows = []
    agree = False
    if dose is not None and dose.amount is not None:
        for each in named:
            rest = dose.amount.times(each.rest(1.0))
            for fact in each_row(review.facts_of(study_id, "dose_other")):
                amount = daily_amount(review, int(fact.Index))
                if amount is not None and each.carries in str(fact.value):
                    agree = agree or amount.meets(rest)
                    rows.append(
                        [
                            each.full_name,
                            each.carries,
                            dose.amount.high,
                            rest.high,
                            rest.lowest,
                            rest.highest,
                            amount.high,
                        ]
                    )
    table = pd.DataFrame(rows, columns=columns)
    if table.empty or dose is None:
        sentence = f"{label} does not say what else came with its dose, or its form has no formula."
        status = CANNOT_BE_TESTED
    else:
        row = table.iloc[0]
        status = OK if agree else CONTRADICTION
        sentence = (
            f"{amount_text(dose.amount)} mg of the element as {form} come with "
            f"{row['computed']:,.0f} mg of {row['carries']} by the formula; {label} reports "
            f"{row['reported']:,.0f} mg: {'they agree' if agree else 'these differ'}."
        )
    return Check(name=name, status=status, sentence=sentence, table=table, reference=_REFERENCE)


def _content(
    subject: str, number: ReportedNumber, whole: float, named: Sequence[Compound], tier: str
) -> Check:
    low, value, high = (end / whole for end in (number.low, number.value, number.high))
    if not named:
        return Check(
            name=subject,
            status=CANNOT_BE_TESTED,
            sentence=f"{_percent(number, whole)} is said of {subject}, which has no formula here.",
            table=pd.DataFrame(columns=_COLUMNS),
            reference=_REFERENCE,
        )
    rows = [[c.full_name, c.formula, c.share, value, low, high, tier] for c in named]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    agreeing = [each for each in named if low <= each.share <= high]
    most = max(named, key=lambda each: each.share)
    shares = join_words((f"{share_text(each.share)} ({each.formula})" for each in named), "or")
    said = f"{_percent(number, whole)} is said of {subject}; by its formula it is {shares}"
    status = OK
    if agreeing:
        said += ": they agree"
        if len(named) > 1:
            said += f", if {join_words(each.formula for each in agreeing)} is meant"
    elif low > most.share:
        status = CONTRADICTION
        said += ": more than the pure compound can hold, so something else must be in it"
    else:
        said += ": less than the pure compound holds, as where water or anything else is in it"
    return Check(
        name=subject, status=status, sentence=f"{said}.", table=table, reference=_REFERENCE
    )


def _percent(number: ReportedNumber, whole: float) -> str:
    if whole == 100:
        return f"{number}%"
    return f"{number} in {whole:g} ({format_number(100 * number.value / whole, 1)}%)"
