"""The tables that notebooks show: facts, readings, trials, comparators, with their tier."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from evidence.appraisal.contradiction import exact_interval
from evidence.data import TABLES, Outcome, ReportedNumber, Review
from evidence.data.frames import each_row
from evidence.display import (
    Table,
    capital,
    format_interval,
    format_number,
    format_p_range,
    plural,
)
from evidence.effects.derivation.derive import derive
from evidence.effects.derivation.readings import LOG_MEASURES, Comparison, Reading
from evidence.errors import EvidenceError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.model_choice import model_choice_table
from evidence.judgement.phrases import Scale, outcome_in_words
from evidence.synthesis.direction import DIRECTIONS

__all__ = [
    "headline_readings",
    "model_choice",
    "other_treatments",
    "published_pools",
    "readings_table",
    "trial_facts",
    "trial_outcomes",
    "trials_in_use",
]

SECOND_HAND = "second-hand"
_SMD = "standardised mean difference"


def _tier(tier: object) -> str:
    return SECOND_HAND if str(tier) == "secondary" else "first-hand"


def _citations(review: Review) -> dict[str, str]:
    return dict(zip(review.sources["source_id"], review.sources["citation"], strict=True))


def trial_facts(review: Review, study_id: str) -> Table:
    """Return what is known of one study: each fact with its source and tier.

    Parameters
    ----------
    review
        The review.
    study_id
        The study.
    """
    meanings = TABLES["study_facts"]["item"].choices
    citations = _citations(review)
    facts = review.facts_of(study_id, stage="")
    order = {item: place for place, item in enumerate(meanings)}
    facts = facts.sort_values("item", key=lambda items: items.map(order), kind="stable")
    sources = list(dict.fromkeys(facts["source_id"]))
    rows = [
        (
            meanings[str(row.item)],
            _with_unit(str(row.value), str(row.unit)),
            _tier(row.tier),
            f"[{sources.index(row.source_id) + 1}]",
        )
        for row in each_row(facts)
    ]
    notes = [f"[{i}] {citations.get(source, '')}." for i, source in enumerate(sources, start=1)]
    columns = ["about", "what is known", "known from", "source"]
    caption = f"What is known of {review.label(study_id)}"
    return Table(pd.DataFrame(rows, columns=columns), caption=caption, note=" ".join(notes))


def _with_unit(value: str, unit: str) -> str:
    """Return a value with its unit, unless it is told in words that name it."""
    return f"{value} {unit}".strip() if ReportedNumber.is_number(value) else value


def trial_outcomes(review: Review, study_id: str) -> Table:
    """Return every comparison that a study reports, as it reports it.

    Parameters
    ----------
    review
        The review.
    study_id
        The study.
    """
    rows = []
    mine = review.contrasts[review.contrasts["study_id"] == study_id]
    for line, row in mine.iterrows():
        outcome = review.outcome(str(row["outcome_id"]))
        relation = "=" if pd.isna(row["p_relation"]) else str(row["p_relation"])
        p = review.number("contrasts", int(str(line)), "p")
        estimate, low, high = (
            review.number("contrasts", int(str(line)), name)
            for name in ("estimate", "ci_low", "ci_high")
        )
        interval = "" if low is None or high is None else f" ({low} to {high})"
        said = "" if pd.isna(row["significance"]) else str(row["significance"])
        rows.append(
            (
                outcome.name,
                str(row["timepoint"]),
                "" if estimate is None else f"{row['measure']} {estimate}{interval}",
                said if p is None else f"p {relation} {p}",
                DIRECTIONS[str(row["direction"])],
                _tier(row["tier"]),
            )
        )
    columns = [
        "outcome",
        "when",
        "estimate as printed",
        "test as printed",
        "direction",
        "known from",
    ]
    table = pd.DataFrame(rows, columns=columns).drop_duplicates()
    again = len(rows) - len(table)
    retold = "repeats one of these" if again == 1 else "repeat one of these each"
    return Table(
        table,
        caption=f"What {review.label(study_id)} reports",
        note=f"{capital(plural(again, 'more row'))} of the data {retold}." if again else "",
    )


def readings_table(review: Review, comparison: Comparison) -> Table:
    """Return every reading of a comparison: path, effect, implied p value, set.

    A single trial's standardised mean difference is shown with its exact noncentral-t
    interval, other measures with the interval they were read with.

    Parameters
    ----------
    review
        The review.
    comparison
        The readings.
    """
    rows = [
        (chr(ord("A") + number), reading.path, *_as_read(review, reading), _tier(reading.tier))
        for number, group in enumerate(comparison.sets)
        for reading in group
    ]
    rows += [
        (
            "",
            reading.path,
            f"{reading.bound} {format_number(reading.bound_size)} in size",
            "",
            "",
            _tier(reading.tier),
        )
        for reading in comparison.readings
        if reading.bound
    ]
    columns = [
        "set",
        "worked out from",
        "benefit",
        "95% CI",
        "p that the digits allow",
        "known from",
    ]
    unit = _unit(review.outcome(comparison.outcome_id), comparison.measure)
    note = ""
    if comparison.contradiction:
        note = (
            "Reports in the same set agree within rounding and the choice of a plain test; "
            "different sets cannot both be right "
            "as printed."
        )
    elif comparison.values_and_changes:
        note = "Values and changes from baseline are two comparisons and need not agree."
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption=f"{comparison.label}: one comparison, read in every way its reports allow ({unit})",
        note=note,
    )


def _unit(outcome: Outcome, measure: str) -> str:
    if measure in LOG_MEASURES:
        return f"{measure}, treatment over comparator"
    return Scale.of(outcome, measure).unit or "people in 100"


def _as_read(review: Review, reading: Reading) -> tuple[str, str, str]:
    """Return a reading's benefit, interval and p value, as shown."""
    outcome = review.outcome(reading.outcome_id)
    p_value = format_p_range(*reading.p_range)
    if reading.measure in LOG_MEASURES:
        low, high = math.exp(reading.ci_low), math.exp(reading.ci_high)
        return format_number(math.exp(reading.estimate)), format_interval(low, high), p_value
    factor = outcome.benefit_sign * Scale.of(outcome, reading.measure).factor
    if not reading.signed:
        size = format_number(abs(factor * reading.estimate))
        return f"{size}, which way is not said", "", p_value
    exact = reading.measure == _SMD and reading.usable
    ends = exact_interval(reading) if exact else (reading.ci_low, reading.ci_high)
    low, high = sorted(factor * end for end in ends)
    return format_number(factor * reading.estimate), format_interval(low, high), p_value


def headline_readings(conclusions: Conclusions) -> Table:
    """Return the readings of the headline trial, or the reason why there are none.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    headline = conclusions.headline
    if headline is None:
        return Table(
            pd.DataFrame(), caption="No effect can be worked out, so there are no readings."
        )
    return readings_table(conclusions.review, headline.standardised or headline.comparison)


def model_choice(conclusions: Conclusions) -> Table:
    """Return the main analysis under every reasonable model, or why there is none.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    return model_choice_table(conclusions)


def trials_in_use(conclusions: Conclusions) -> Table:
    """Return for each analysis which trials it uses, how, and which not and why.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    rows = []
    for analysis in conclusions.analyses:
        if analysis.synthesis is None:
            rows.append((analysis.title, "none", "no", analysis.refusal, ""))
            continue
        derivation = analysis.synthesis.derivation
        for comparison in derivation.comparisons:
            readings = comparison.usable
            path = "; or ".join(reading.path for reading in readings)
            tier = _tier(next((r.tier for r in readings if r.tier == "secondary"), "primary"))
            rows.append((analysis.title, comparison.label, "yes", path, tier))
        for out in derivation.left_out:
            why = f"by decision: {out.reason}" if out.by_decision else out.reason
            rows.append((analysis.title, out.label, "no", why, ""))
    columns = ["analysis", "trial", "used", "how, or why not", "known from"]
    return Table(pd.DataFrame(rows, columns=columns), caption="What can be pooled, and what cannot")


def other_treatments(review: Review, outcome_id: str) -> Table:
    """Return what other treatments do to the same outcome, as benefits.

    Parameters
    ----------
    review
        The review; other treatments are the studies with the role ``comparator``.
    outcome_id
        The outcome.
    """
    outcome = review.outcome(outcome_id)
    roles = dict(zip(review.studies["study_id"], review.studies["role"].astype(str), strict=True))
    rows = [
        (
            f"{row.treatment}, against {row.comparator}",
            _benefit(outcome, row),
            review.label(str(row.study_id)),
            _tier(row.tier),
        )
        for row in each_row(review.contrasts[review.contrasts["outcome_id"] == outcome_id])
        if roles.get(str(row.study_id)) == "comparator" and not pd.isna(row.estimate)
    ]
    columns = ["treatment", "benefit (95% CI)", "study", "known from"]
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption=f"What other treatments do to {outcome_in_words(outcome)}, for scale",
    )


def _benefit(outcome: Outcome, row: Any) -> str:
    """Return a reported difference with its interval, positive where the treatment is better.

    Ratios stay ratios: treatment over comparator.
    """
    numbers = [float(row.estimate)]
    if not pd.isna(row.ci_low):
        numbers += [float(row.ci_low), float(row.ci_high)]
    sign = {
        "treatment higher": outcome.benefit_sign,
        "treatment lower": -outcome.benefit_sign,
        "treatment better": 1,
    }[str(row.positive_means)]
    decimals = 2
    if row.measure in LOG_MEASURES:
        higher = sign * outcome.benefit_sign
        estimate, *ends = (number**higher for number in numbers)
        text = f"{row.measure} {format_number(estimate)}"
    else:
        units = {"mean difference": Scale.of(outcome, "mean difference").unit}
        units["risk difference"] = "people in 100"
        factor = 100 if row.measure == "risk difference" else 1
        decimals = 1 if row.measure in units else 2
        estimate, *ends = (sign * number * factor for number in numbers)
        text = f"{format_number(estimate, decimals)} {units.get(row.measure, 'SD')}".rstrip()
    if ends:
        text += f" ({format_interval(min(ends), max(ends), decimals)})"
    return text


def published_pools(review: Review) -> Table:
    """Return what published reviews of the question pooled, as they report it.

    The interval and the p value of each are checked against each other.

    Parameters
    ----------
    review
        The review; published reviews are the studies with the role ``review``.
    """
    roles = dict(zip(review.studies["study_id"], review.studies["role"].astype(str), strict=True))
    rows = []
    for row in each_row(review.contrasts):
        if roles.get(str(row.study_id)) != "review" or pd.isna(row.ci_low):
            continue
        outcome = review.outcome(str(row.outcome_id))
        rows.append(
            (
                review.label(str(row.study_id)),
                outcome.name,
                _benefit(outcome, row),
                "" if pd.isna(row.n_total) else str(int(row.n_total)),
                _check(review, row),
                _tier(row.tier),
            )
        )
    columns = [
        "published review",
        "outcome",
        "benefit (95% CI)",
        "people",
        "check",
        "known from",
    ]
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption="What published reviews pooled, as benefits of the treatment",
    )


def _check(review: Review, row: Any) -> str:
    measure = _SMD if row.measure in ("Hedges g", "Cohen d") else str(row.measure)
    try:
        found = derive(
            review,
            str(row.study_id),
            str(row.outcome_id),
            timepoint=str(row.timepoint),
            measure=measure,
        )
    except EvidenceError:
        return "not checked"
    if "p" not in {reading.kind for reading in found.readings}:
        return "no p value to compare"
    agree = "contradict each other" if found.contradiction else "agree"
    return f"interval and p value {agree}"
