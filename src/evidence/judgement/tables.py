"""The tables that notebooks show: facts, readings, trials, comparators, with their tier."""

from __future__ import annotations

import pandas as pd

from evidence.appraisal.contradiction import exact_interval
from evidence.data import TABLES, ReportedNumber, Review
from evidence.data.frames import each_row
from evidence.display import Table, format_interval, format_number, format_p_range
from evidence.effects.derivation import derive
from evidence.effects.readings import LOG_MEASURES, Comparison
from evidence.errors import EvidenceError
from evidence.judgement.conclusions import Conclusions
from evidence.synthesis.direction import DIRECTIONS

__all__ = [
    "other_treatments",
    "published_pools",
    "readings_table",
    "trial_facts",
    "trial_outcomes",
    "trials_in_use",
]

SECOND_HAND = "second-hand"


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
        estimate = review.number("contrasts", int(str(line)), "estimate")
        said = "" if pd.isna(row["significance"]) else str(row["significance"])
        rows.append(
            (
                outcome.name,
                str(row["timepoint"]),
                "" if estimate is None else f"{row['measure']} {estimate}",
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
    return Table(table, caption=f"What {review.label(study_id)} reports")


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
    smd = comparison.measure == "standardised mean difference"
    sign = review.outcome(comparison.outcome_id).benefit_sign
    rows = []
    for number, group in enumerate(comparison.sets, start=1):
        for reading in group:
            low, high = exact_interval(reading) if smd and reading.usable else (
                reading.ci_low,
                reading.ci_high,
            )  # fmt: skip
            low, high = sorted((sign * low, sign * high))
            p_low, p_high = reading.p_range
            span = format_p_range(p_low, p_high)
            rows.append(
                (
                    chr(64 + number),
                    reading.path,
                    format_number(sign * reading.estimate),
                    format_interval(low, high),
                    span,
                    _tier(reading.tier),
                )
            )
    columns = [
        "set",
        "worked out from",
        "benefit",
        "95% CI",
        "p that the digits allow",
        "known from",
    ]
    unit = "standard deviations" if smd else review.outcome(comparison.outcome_id).unit
    note = (
        "Reports in the same set agree within rounding; different sets cannot both be right "
        "as printed."
    )
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption=f"{comparison.label}: one comparison, read in every way its reports allow ({unit})",
        note=note if comparison.contradiction else "",
    )


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
    rows = []
    for row in each_row(review.contrasts[review.contrasts["outcome_id"] == outcome_id]):
        if roles.get(str(row.study_id)) != "comparator" or pd.isna(row.estimate):
            continue
        sign = {
            "treatment higher": outcome.benefit_sign,
            "treatment lower": -outcome.benefit_sign,
            "treatment better": 1,
        }[str(row.positive_means)]
        decimals = 1 if row.measure == "mean difference" else 2
        interval = ""
        if not pd.isna(row.ci_low):
            ends = sorted((sign * float(row.ci_low), sign * float(row.ci_high)))
            interval = f" ({format_interval(ends[0], ends[1], decimals)})"
        unit = outcome.unit if row.measure == "mean difference" else "SD"
        rows.append(
            (
                f"{row.treatment}, against {row.comparator}",
                f"{format_number(sign * float(row.estimate), decimals)} {unit}{interval}",
                review.label(str(row.study_id)),
                _tier(row.tier),
            )
        )
    columns = ["treatment", "benefit (95% CI)", "study", "known from"]
    return Table(
        pd.DataFrame(rows, columns=columns),
        caption=f"What other treatments do to the {outcome.name}, for scale",
    )


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
    table = review.contrasts
    for (study_id, outcome_id), group in table.groupby(["study_id", "outcome_id"], sort=False):
        reported = group[(group["measure"] != "none") & group["ci_low"].notna()]
        if roles.get(str(study_id)) != "review" or reported.empty:
            continue
        outcome = review.outcome(str(outcome_id))
        row = reported.iloc[0]
        measure = str(row["measure"])
        log = measure in LOG_MEASURES
        try:
            found = derive(review, str(study_id), str(outcome_id),
                           timepoint=str(row["timepoint"]), measure=measure)  # fmt: skip
            kinds = {reading.kind for reading in found.readings}
            agree = "contradict each other" if found.contradiction else "agree"
            check = f"interval and p value {agree}" if "p" in kinds else "no p value to compare"
        except EvidenceError:
            check = "not checked"
        unit = "" if log else f" {outcome.unit}"
        decimals = 2 if log or abs(float(row["estimate"])) < 10 else 1
        rows.append(
            (
                review.label(str(study_id)),
                outcome.name,
                (
                    f"{format_number(float(row['estimate']), decimals)}{unit} "
                    f"({format_interval(float(row['ci_low']), float(row['ci_high']), decimals)})"
                ),
                "" if pd.isna(row["n_total"]) else str(int(row["n_total"])),
                check,
                _tier(row["tier"]),
            )
        )
    columns = [
        "published review",
        "outcome",
        "difference (95% CI)",
        "people",
        "check",
        "known from",
    ]
    return Table(pd.DataFrame(rows, columns=columns), caption="What a published review pooled")
