"""Tests of amounts: worked out from formulas, or looked up among the facts."""

from __future__ import annotations

import pandas as pd

from evidence.appraisal.dose.compounds import compounds_required
from evidence.appraisal.dose.stated_range import AS_COMPOUND, AS_ELEMENT
from evidence.appraisal.dose.trial_doses import amount_text
from evidence.data.claim_tests import Call
from evidence.data.formula import element_name
from evidence.data.reported import ReportedNumber
from evidence.display import format_number, join_words
from evidence.errors import UnknownNameError
from evidence.judgement.claims import rules
from evidence.judgement.claims.finding import Bench, Finding, Place, silent
from evidence.judgement.claims.source_tests import range_of

__all__ = ["element_in", "fact_is", "fact_within", "mean_within", "range_within_limits"]

_AT_OR_BELOW = "at or below"


class _Fact:
    """A row of `facts.csv`: its ends, as printed, and where it stands."""

    def __init__(self, bench: Bench, fact_id: str) -> None:
        facts = bench.review.facts
        row = facts[facts["fact_id"] == fact_id].iloc[0]
        self.line = int(str(row.name))
        self.subject = f"{row['quantity']} of {row['subject']}"
        self.unit = str(row["unit"])
        ends = ("low", "high") if pd.isna(row["value"]) else ("value", "value")
        numbers = [bench.review.number("facts", self.line, end) for end in ends]
        self.numbers: tuple[ReportedNumber, ...] = tuple(one for one in numbers if one is not None)

    @property
    def place(self) -> tuple[Place, ...]:
        """Where it stands."""
        return (("facts", self.line),)

    @property
    def low(self) -> float:
        """Its lower end."""
        return self.numbers[0].value

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.numbers[-1].value

    @property
    def text(self) -> str:
        """Its number with its unit."""
        return f"{' to '.join(dict.fromkeys(map(str, self.numbers)))} {self.unit}"


def fact_is(bench: Bench, call: Call) -> Finding:
    """Return whether a fact's value is what is claimed, as far as its printed digits go.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    fact = _Fact(bench, call["fact"])
    same = fact.numbers[0].low <= call.number("value") <= fact.numbers[-1].high
    number = f"{fact.subject}: {fact.text}; claimed is {call['value']}"
    values = {"value": fact.high, "claimed": call.number("value")}
    return Finding(rules.HOLDS if same else rules.FAILS, number, fact.place, values)


def fact_within(bench: Bench, call: Call) -> Finding:
    """Return whether a fact's value is at or below another one's.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    fact, limit = _Fact(bench, call["fact"]), _Fact(bench, call["limit"])
    rows = (*fact.place, *limit.place)
    number = f"{fact.subject}: {fact.text}; {limit.subject}: {limit.text}"
    if fact.unit != limit.unit:
        return silent(f"{number}; not in one unit", rows)
    values = {"value": fact.high, "limit": limit.low}
    return Finding(_below(fact.low, fact.high, limit), number, rows, values)


def mean_within(bench: Bench, call: Call) -> Finding:
    """Return whether the mean of an arm is at or below a fact's value.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    review, limit = bench.review, _Fact(bench, call["limit"])
    outcome = review.outcome(call["outcome"])
    arms = review.rows_of("arms", call["study"], outcome.id)
    arms = arms[
        (arms["timepoint"] == call["timepoint"])
        & (arms["arm"] == call["arm"])
        & arms["mean"].notna()
    ]
    rows = (*bench.places("arms", arms), *limit.place)
    label = review.label(call["study"])
    if arms.empty or limit.unit != outcome.unit:
        return silent(f"{label}, {call['arm']}: no mean in the unit of {limit.subject}", rows)
    mean = review.number("arms", int(arms.index[0]), "mean")
    assert mean is not None
    number = f"{label}, {call['arm']}: {mean} {outcome.unit}; {limit.subject}: {limit.text}"
    values = {"value": mean.value, "limit": limit.low}
    return Finding(_below(mean.value, mean.value, limit), number, rows, values)


def _below(low: float, high: float, limit: _Fact) -> str:
    """Return whether an amount is below a limit that may itself be a range."""
    if high <= limit.low:
        return rules.HOLDS
    return rules.FAILS if low > limit.low else rules.DEPENDS


def range_within_limits(bench: Bench, call: Call) -> Finding:
    """Return whether a range of doses is within every upper limit, in each of its readings.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    stated = range_of(bench, call)
    if isinstance(stated, Finding):
        return stated
    if not stated.limits:
        return silent("no upper limit is known")
    name = element_name(stated.element)
    readings = {AS_COMPOUND: stated.as_compound, AS_ELEMENT: stated.as_element}
    readings = {one: each for one, each in readings.items() if stated.said in ("", one)}
    within = {
        str(row["reading"]): all(row[each.fact_id] == _AT_OR_BELOW for each in stated.limits)
        for _, row in stated.table.iterrows()
        if str(row["reading"]) in readings
    }
    told = join_words(
        (f"{amount_text(each)} mg read {one}" for one, each in readings.items()), "or"
    )
    apart = f", {format_number(stated.factor, 1)} times apart" if len(readings) > 1 else ""
    limits = join_words(f"{each.value:g} mg ({each.subject})" for each in stated.limits)
    number = f"of {name} a day {told}{apart}; upper limits: {limits}"
    if all(within.values()):
        state = rules.HOLDS
    else:
        state = rules.DEPENDS if any(within.values()) else rules.FAILS
    facts, compounds = bench.review.facts, bench.review.compounds
    known = [each.compound_id for each in stated.compounds]
    rows = (
        *bench.places(
            "facts", facts[facts["fact_id"].isin([each.fact_id for each in stated.limits])]
        ),
        *bench.places("compounds", compounds[compounds["compound_id"].isin(known)]),
    )
    values = {
        "factor": stated.factor,
        "as_compound_high": stated.as_compound.high,
        "as_element_high": stated.as_element.high,
        "lowest_limit": stated.limits[0].value,
    }
    return Finding(state, number, rows, values)


def element_in(bench: Bench, call: Call) -> Finding:
    """Return whether an amount of a compound holds less of the element than is claimed.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    form = call.text("form") or bench.review.plan.target.form
    try:
        found = compounds_required(bench.review, form)
    except UnknownNameError as error:
        return silent(str(error).rstrip("."))
    amount, below = call.number("amount"), call.number("below")
    most = max(each.holds(amount) for each in found)
    least = min(each.holds(amount) for each in found)
    states = {True: rules.HOLDS, False: rules.DEPENDS if least < below else rules.FAILS}
    state = states[most < below]
    name = element_name(found[0].element)
    number = f"{call['amount']} mg of {form} hold {format_number(most, 1)} mg of {name}"
    compounds = bench.review.compounds
    known = [each.compound_id for each in found]
    mine = compounds[compounds["compound_id"].isin(known)]
    return Finding(state, number, bench.places("compounds", mine), {"element": most})
