"""Tests of what a source did or says: its form, its design, its words, times and doses."""

from __future__ import annotations

import math

import pandas as pd

from evidence.appraisal.dose.stated_range import AS_COMPOUND, AS_ELEMENT, StatedRange, stated_range
from evidence.appraisal.dose.timing import appraise_timing
from evidence.appraisal.dose.trial_doses import amount_text
from evidence.data.claim_tests import Call
from evidence.data.formula import element_name
from evidence.data.frames import each_row
from evidence.display import format_number, join_words
from evidence.errors import EvidenceError
from evidence.judgement.claims import rules
from evidence.judgement.claims.evidence_tests import is_form
from evidence.judgement.claims.finding import Bench, Finding, silent, where

__all__ = ["described_as", "dose_tested", "range_of", "same_form", "says", "time_tested"]

_UNTOLD = ("", "not stated", "not reported", "nan", "<NA>")
#: Designs whose subject is what studies found.
_OF_STUDIES = ("meta-analysis", "systematic review", "guideline")
_MEANT = {"element": AS_ELEMENT, "compound": AS_COMPOUND, "": ""}


def same_form(bench: Bench, call: Call) -> Finding:
    """Return whether a study gave a form, by any of its names.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    review, study = bench.review, call["study"]
    form = call.text("form") or review.plan.target.form
    told = str(review.study(study)["form"])
    facts = review.facts_of(study, "form", stage="")
    rows = (*bench.study_place(study), *bench.places("study_facts", facts))
    label = review.label(study)
    others = [
        f"{row.value} ({'second-hand' if str(row.tier) == 'secondary' else 'at first hand'})"
        for row in each_row(facts)
    ]
    beside = f"; what is told of its product: {join_words(others)}" if others else ""
    if told in _UNTOLD:
        return Finding(rules.UNNAMED, f"{label} names no form; asked for is {form}{beside}", rows)
    state = rules.HOLDS if is_form(bench, told, form) else rules.FAILS
    return Finding(state, f"{label} gave {told}; asked for is {form}{beside}", rows)


def described_as(bench: Bench, call: Call) -> Finding:
    """Return whether a study is what it is said to be, as far as that is told.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    study = bench.review.study(call["study"])
    right: list[str] = []
    wrong: list[str] = []
    untold: list[str] = []
    columns = {"people": "n_randomised"}
    for name, _ in call.arguments:
        if name == "study":
            continue
        cell = study[columns.get(name, name)]
        if pd.isna(cell) or str(cell) in _UNTOLD:
            untold.append(name)
            continue
        if name in ("people", "year"):
            same, shown = float(cell) == call.number(name), f"{int(cell)}"
        else:
            same, shown = str(cell).casefold() == call[name].casefold(), str(cell)
        told = f"{shown} people" if name == "people" else f"{name} {shown}"
        (right if same else wrong).append(told)
    label = bench.review.label(call["study"])
    place = bench.study_place(call["study"])
    if wrong:
        return Finding(rules.FAILS, f"{label}: {join_words(wrong)}", place)
    if not right:
        return silent(f"{label}: {join_words(untold)} not told in what was read", place)
    beside = f"; {join_words(untold)} not told in what was read" if untold else ""
    return Finding(rules.HOLDS, f"{label}: {join_words(right)}{beside}", place)


def says(bench: Bench, call: Call) -> Finding:
    """Return whether a study's facts hold some words, and what these can show.

    What a review says of its studies is what such a claim is about; what one study tells in words
    is no result that could be judged.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    review, study, words = bench.review, call["study"], call["words"]
    facts = review.facts_of(study, call["item"], stage="")
    found = where(facts, lambda row: words.casefold() in f"{row.value} {row.quote}".casefold())
    label = review.label(study)
    if found.empty:
        told = join_words(f"“{row.value}”" for row in each_row(facts))
        rows = bench.places("study_facts", facts)
        return Finding(rules.FAILS, f"{label} does not say “{words}”; it says {told}", rows)
    value = str(found["value"].iloc[0])
    own = str(review.study(study)["design"]) in _OF_STUDIES
    state = rules.HOLDS if own else rules.IN_WORDS
    form = str(review.study(study)["form"])
    given = "" if own or form in _UNTOLD else f" (one study, of {form})"
    return Finding(state, f"{label}: {value}{given}", bench.places("study_facts", found))


def time_tested(bench: Bench, call: Call) -> Finding:
    """Return whether a study took it at the time that is claimed.

    The two spans must have more than one end in common.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    study = call["study"]
    timed = appraise_timing(bench.review).timed
    mine = timed[timed["study_id"] == study]
    facts = bench.review.facts_of(study, "schedule", stage="")
    rows = bench.places("study_facts", facts)
    label = bench.review.label(study)
    low, high = call.number("low"), call.number("high")
    if mine.empty:
        return silent(f"{label} does not tell, in minutes, when it was taken", rows)
    spans = [(float(row.low), float(row.high)) for row in each_row(mine)]
    meets = any(
        min(high, last) > max(low, first) or (first == last and low <= first <= high)
        for first, last in spans
    )
    shown = join_words(_span(*span) for span in spans)
    number = f"{label}: {shown} minutes before; claimed are {_span(low, high)} minutes"
    values = {"low": spans[0][0], "high": spans[0][1]}
    return Finding(rules.HOLDS if meets else rules.FAILS, number, rows, values)


def _span(low: float, high: float) -> str:
    ends = [format_number(end, 0) for end in (low, high)]
    return ends[0] if low == high else f"{ends[0]} to {ends[1]}"


def range_of(bench: Bench, call: Call) -> StatedRange | Finding:
    """Return the two readings of a range of doses, or why it cannot be read.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    try:
        return stated_range(
            bench.review,
            call.number("low"),
            call.number("high"),
            form=call.text("form"),
            said=_MEANT[call.text("meant")],
        )
    except EvidenceError as error:
        return silent(str(error).rstrip("."))


def dose_tested(bench: Bench, call: Call) -> Finding:
    """Return whether a trial of the form gave a dose in a range, in each of its readings.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    stated = range_of(bench, call)
    if isinstance(stated, Finding):
        return stated
    readings = {AS_ELEMENT: stated.as_element, AS_COMPOUND: stated.as_compound}
    within = {
        name: any(one.low <= each.high and each.low <= one.high for each in stated.tested)
        for name, one in readings.items()
        if stated.said in ("", name)
    }
    name = element_name(stated.element)
    told = join_words(f"{amount_text(each)} mg" for each in stated.tested)
    number = (
        f"{stated.form}: trials gave {told or 'no known dose'} of {name} a day; claimed is "
        f"{join_words((f'{amount_text(readings[one])} mg read {one}' for one in within), 'or')}"
    )
    studies = bench.review.studies
    mine = [
        str(row.study_id)
        for row in each_row(studies)
        if str(row.role) == "trial" and is_form(bench, str(row.form), stated.form)
    ]
    facts = bench.review.study_facts
    facts = facts[
        facts["study_id"].isin(mine) & facts["item"].isin(["dose_elemental", "dose_compound"])
    ]
    rows = bench.places("study_facts", facts)
    values = {"tested": stated.tested[0].low if stated.tested else math.nan}
    if all(within.values()):
        state = rules.HOLDS
    else:
        state = rules.DEPENDS if any(within.values()) else rules.FAILS
    return Finding(state, number, rows, values)
