"""Tests of effects: what a study, or a pooled analysis, found of one outcome.

References
----------
Bucher HC, Guyatt GH, Griffith LE, Walter SD (1997). The results of direct and indirect treatment
comparisons in meta-analysis of randomized controlled trials. Journal of Clinical Epidemiology
50:683-691.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import pandas as pd

from evidence.appraisal.harms import SIGNIFICANT, compare_harms
from evidence.data.claim_tests import Call
from evidence.display import format_interval, format_number, format_p_range, join_words
from evidence.effects.conversions.spread import quantile
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.errors import InsufficientEvidenceError
from evidence.judgement.claims import rules
from evidence.judgement.claims.finding import Bench, Finding, rating_of, silent
from evidence.judgement.claims.told import Told, amounts_to, joint_state, told_of
from evidence.judgement.verdict import Verdict

__all__ = ["benefit", "compare_arms", "fewer_events", "more_effective", "pooled_benefit"]


def benefit(bench: Bench, call: Call) -> Finding:
    """Return whether a study found its treatment better, by an amount that matters.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    study, outcome = call["study"], call["outcome"]
    found = told_of(
        bench.review,
        study,
        outcome,
        timepoint=call.text("timepoint"),
        treatment=call.text("treatment"),
        threshold=call.text("threshold"),
    )
    if not found:
        label = bench.review.label(study)
        return silent(f"{label} reports no comparison of {bench.review.outcome(outcome).name}")
    finding = _finding(bench, study, outcome, found)
    if "threshold" in call and finding.state == rules.UNJUDGED:
        number = f"{finding.number}; not on the scale of {call['threshold']}"
        return replace(finding, state=rules.UNTOLD, number=number)
    return finding


def _finding(bench: Bench, study: str, outcome: str, found: tuple[Told, ...]) -> Finding:
    certainty, rated = bench.certainty_of(study, outcome)
    label = bench.review.label(study)
    texts = list(dict.fromkeys(each.text for each in found))
    number = f"{label}: {'; or '.join(texts)}"
    limits = sorted({each for one in found for each in one.thresholds})
    if limits and found[0].measure == "mean difference":
        named = join_words(format_number(each, 1) for each in limits)
        unit = bench.review.outcome(outcome).unit
        number += f"; a difference matters from {named} {unit}"
    return Finding(
        joint_state(found),
        number,
        tuple(dict.fromkeys(place for each in found for place in each.rows)),
        _values(found),
        certainty,
        rated,
    )


def _values(found: tuple[Told, ...]) -> dict[str, float]:
    values = {}
    for number, each in enumerate(found):
        suffix = f"_{number + 1}" if number else ""
        for name in ("benefit", "low", "high"):
            values[name + suffix] = float(getattr(each, name))
    return values


def fewer_events(bench: Bench, call: Call) -> Finding:
    """Return whether fewer people had an event with the treatment than chance would give.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    study, outcome = call["study"], call["outcome"]
    arms = bench.review.rows_of("arms", study, outcome)
    places = bench.places("arms", arms[arms["events"].notna()])
    try:
        found = compare_harms(bench.review, study, outcome)
    except InsufficientEvidenceError as error:
        return silent(str(error).rstrip("."), places)
    exact = found.exact
    certainty, rated = bench.certainty_of(study, outcome)
    split = exact.splits
    shares = (
        exact.events_treatment / split["total_treatment"]
        - exact.events_control / split["total_control"]
    )
    state = rules.NOT_SHOWN
    if found.may_show_difference:
        state = rules.DISAGREE
    if found.shows_difference:
        state = rules.UNJUDGED if bool((shares < 0).all()) else rules.WORSE
    p_values = format_p_range(exact.p_low, exact.p_high)
    ways = "" if found.split_known else ", over every way the people can have been divided"
    number = (
        f"{found.label}: {exact.events_treatment} against {exact.events_control} events, exact "
        f"test {p_values}{ways}"
    )
    values = {
        "events_treatment": float(exact.events_treatment),
        "events_control": float(exact.events_control),
        "p_low": exact.p_low,
        "p_high": exact.p_high,
        "line": SIGNIFICANT,
    }
    return Finding(state, number, places, values, certainty, rated)


def compare_arms(bench: Bench, call: Call) -> Finding:
    """Return whether the mean of the treatment's arm is the better one, by more than chance.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    study, outcome = call["study"], bench.review.outcome(call["outcome"])
    found = told_of(bench.review, study, outcome.id, timepoint=call["timepoint"])
    if found and not math.isnan(found[0].benefit):
        return _finding(bench, study, outcome.id, found)
    arms = bench.review.rows_of("arms", study, outcome.id)
    arms = arms[
        (arms["timepoint"] == call["timepoint"])
        & (arms["kind"].astype(str) != "baseline")
        & arms["mean"].notna()
    ]
    pair = [arms[arms["role"].astype(str) == role] for role in ("treatment", "control")]
    label = bench.review.label(study)
    if any(len(each) != 1 for each in pair):
        return silent(f"{label} does not give one mean of {outcome.name} for each of two arms")
    treated, control = (each.iloc[0] for each in pair)
    difference = outcome.benefit_sign * (float(treated["mean"]) - float(control["mean"]))
    people = "" if pd.isna(treated["n"]) else f" ({int(treated['n'])} people)"
    texts = [
        f"{bench.review.number('arms', int(str(each.name)), 'mean')} {outcome.unit} with "
        f"{each['arm']}"
        for each in (treated, control)
    ]
    number = f"{label}: {texts[0]} against {texts[1]}{people}, no measure of chance told"
    certainty, rated = bench.certainty_of(study, outcome.id)
    values = {
        "treatment": float(treated["mean"]),
        "control": float(control["mean"]),
        "benefit": difference,
    }
    places = bench.places("arms", pd.concat(pair))
    return Finding(rules.NO_SPREAD, number, places, values, certainty, rated)


def more_effective(bench: Bench, call: Call) -> Finding:
    """Return whether what one study compared does more than what another one did.

    The difference of two differences, with the sum of their variances. Where their comparators
    are not the same, that is no comparison that anybody randomised.

    Parameters
    ----------
    bench, call
        What is tested, and the test.

    References
    ----------
    Bucher HC, Guyatt GH, Griffith LE, Walter SD (1997). The results of direct and indirect
    treatment comparisons in meta-analysis of randomized controlled trials. Journal of Clinical
    Epidemiology 50:683-691.
    """
    review, outcome = bench.review, bench.review.outcome(call["outcome"])
    one = told_of(review, call["study"], outcome.id, treatment=call.text("treatment"))
    other = told_of(review, call["than"], outcome.id)
    labels = [review.label(call["study"]), review.label(call["than"])]
    pairs = [
        (a, b)
        for a, b in product(one, other)
        if a.measure == b.measure != "" and math.isfinite(a.standard_error + b.standard_error)
    ]
    rows = tuple(dict.fromkeys(place for each in (*one, *other) for place in each.rows))
    if not pairs:
        why = (
            f"{labels[0]} and {labels[1]} do not report {outcome.name} on one scale with intervals"
        )
        return silent(why, rows)
    differences = [_difference(a, b) for a, b in pairs]
    texts = [
        f"{format_number(each.benefit, 1)} ({format_interval(each.low, each.high, 1)})"
        for each in differences
    ]
    first, second = pairs[0]
    ratio = first.benefit / second.benefit if second.benefit > 0 else math.nan
    times = "" if math.isnan(ratio) else f", {format_number(ratio, 1)} times as much"
    number = (
        f"{labels[0]}: {first.text}; {labels[1]}: {second.text}{times}; difference "
        f"{'; or '.join(dict.fromkeys(texts))}, each against its own comparator"
    )
    values = {"ratio": ratio, **_values(tuple(differences))}
    certainty, rated = bench.certainty_of(call["than"], outcome.id)
    return Finding(joint_state(differences), number, rows, values, certainty, rated)


def _difference(one: Told, other: Told) -> Told:
    benefit = one.benefit - other.benefit
    reach = quantile(0.95) * math.hypot(one.standard_error, other.standard_error)
    low, high = benefit - reach, benefit + reach
    return replace(
        one, benefit=benefit, low=low, high=high, beyond_chance=low * high > 0, thresholds=()
    )


def pooled_benefit(bench: Bench, call: Call) -> Finding:
    """Return what a planned analysis found, under every reading of its trials.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    concluded = bench.analysis(call["analysis"])
    if concluded.synthesis is None:
        return silent(f"{concluded.title}: {concluded.refusal}".rstrip("."))
    found = [_of_verdict(verdict) for verdict in concluded.verdicts]
    texts = [
        f"{format_number(each.benefit)} ({format_interval(each.low, each.high)})" for each in found
    ]
    rows = [
        place
        for scenario in concluded.synthesis.scenarios
        for reading in scenario.readings
        for place in reading.rows
    ]
    measure = concluded.synthesis.analysis.measure
    on_log = " as a logarithm" if measure in LOG_MEASURES else ""
    number = (
        f"{concluded.title}, {concluded.synthesis.k} trials: benefit "
        f"{'; or '.join(dict.fromkeys(texts))}, {measure}{on_log}"
    )
    states = {amounts_to(each) for each in found}
    return Finding(
        states.pop() if len(states) == 1 else rules.DISAGREE,
        number,
        tuple(dict.fromkeys(rows)),
        _values(tuple(found)),
        concluded.certainty,
        rating_of(concluded),
    )


def _of_verdict(verdict: Verdict) -> Told:
    return Told(
        verdict.benefit,
        verdict.benefit_low,
        verdict.benefit_high,
        "",
        verdict.excludes_no_effect,
        0,
        () if verdict.threshold is None else (verdict.threshold,),
        "",
        (),
    )
