"""The longer stories of the notebooks: one trial, all the trials. Every sentence computed."""

from __future__ import annotations

import contextlib

import pandas as pd

from evidence.appraisal.contradiction import reconcile
from evidence.appraisal.placebo import placebo_share
from evidence.data.frames import each_row
from evidence.display import (
    Display,
    Prose,
    Table,
    capital,
    format_interval,
    format_number,
    join_words,
    plural,
)
from evidence.errors import EvidenceError, InsufficientEvidenceError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.narration import describe_harms, describe_headline
from evidence.judgement.thresholds import compare_with_thresholds

__all__ = [
    "all_trials",
    "contradiction",
    "directions",
    "harms",
    "headline_found",
    "headline_thresholds",
    "placebo_alone",
    "pooled_in_words",
    "published_against_thresholds",
    "trial_in_brief",
    "trial_silences",
]


def trial_in_brief(conclusions: Conclusions) -> Prose:
    """Tell who took part in the headline trial, what they got, and how that is known."""
    review = conclusions.review
    study_id = review.plan.headline.study_id
    study = review.study(study_id)
    facts = review.facts_of(study_id)
    second_hand = int((facts["tier"] == "secondary").sum())
    people = "" if pd.isna(study["n_randomised"]) else f"{int(study['n_randomised'])} "
    sentences = [
        (
            f"{study['label']}: {people}{study['population'] or 'people'} were given "
            f"{study['intervention'] or review.plan.target.treatment} or "
            f"{study['comparator'] or review.plan.target.comparator} ({study['design']})."
        ),
        f"Of {plural(len(facts), 'fact')} known of it, {second_hand} are second-hand.",
    ]
    return Prose(*sentences)


def headline_thresholds(conclusions: Conclusions) -> Display:
    """Return the headline's first reading against every threshold of its outcome."""
    headline = conclusions.headline
    if headline is None:
        return Table(pd.DataFrame(), caption="No effect can be worked out, so nothing is compared.")
    return headline.thresholds[0]


def trial_silences(conclusions: Conclusions) -> Prose:
    """Tell what the headline trial does not say, from the review's list of gaps."""
    review = conclusions.review
    label = review.label(review.plan.headline.study_id)
    mine = conclusions.gaps.table
    mine = mine[mine["study"] == label]
    if mine.empty:
        return Prose(f"Nothing is listed as missing of {label}.")
    lines = [f"{capital(str(row.what))}. {row.why}. Where: {row.where}." for row in each_row(mine)]
    return Prose(*lines, style="list")


def directions(conclusions: Conclusions) -> Prose:
    """Tell which way the trials point, with the sign test and its limits."""
    return Prose(*conclusions.direction.summary().splitlines())


def pooled_in_words(conclusions: Conclusions) -> Prose:
    """Tell each analysis's result under each reading, with certainty and reasons."""
    lines = []
    for analysis in conclusions.usable:
        if analysis.synthesis is None:
            continue
        for certainty, verdict in zip(analysis.certainties, analysis.verdicts, strict=True):
            reading = f" ({certainty.reading})" if certainty.reading else ""
            line = f"{analysis.title}{reading}: {verdict.sentence()} {certainty.summary()}"
            lines.append(line)
    return Prose(*lines, style="list")


def headline_found(conclusions: Conclusions) -> Prose:
    """Tell what the headline trial found and how it compares with what matters."""
    review = conclusions.review
    if conclusions.headline is None:
        label = review.label(review.plan.headline.study_id)
        return Prose(f"From what is reported of {label}, no effect can be worked out.")
    return Prose(*describe_headline(review, conclusions.headline))


def contradiction(conclusions: Conclusions) -> Prose:
    """Tell whether the headline trial's reports agree, and what it would take if not."""
    headline = conclusions.headline
    if headline is None:
        return Prose("There is nothing to compare.")
    comparison = headline.standardised or headline.comparison
    if not comparison.contradiction:
        count = plural(len(comparison.readings), "reading")
        return Prose(f"{capital(count)} of {comparison.label} can be worked out, all in agreement.")
    sentences = [comparison.contradiction_in_words()]
    unit = conclusions.review.outcome(headline.comparison.outcome_id).unit
    with contextlib.suppress(InsufficientEvidenceError):
        sentences.append(reconcile(headline.comparison, unit).summary())
    sentences.append(
        "Adjustment in the authors' model, intervals of another kind than stated, or a slip in "
        "one of the retellings could each explain it; nothing read so far says which. Both "
        "readings are carried through everything that follows."
    )
    return Prose(*sentences)


def placebo_alone(conclusions: Conclusions) -> Prose:
    """Tell how much of the change came without the treatment."""
    review = conclusions.review
    wanted = review.plan.headline
    try:
        share = placebo_share(review, wanted.study_id, wanted.outcome_id, wanted.timepoint)
    except InsufficientEvidenceError as error:
        return Prose(str(error))
    return Prose(
        share.summary(),
        "That share is not an effect of the placebo alone: time, chance swings back to the "
        "average, and the care of being in a trial are in it.",
    )


def harms(conclusions: Conclusions, study_id: str = "") -> Prose:
    """Tell of a trial's harms and of who left it, each with an exact test.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    study_id
        The trial; the headline trial when empty.
    """
    review = conclusions.review
    study_id = study_id or review.plan.headline.study_id
    arms = review.arms
    counted = arms[(arms["study_id"] == study_id) & arms["events"].notna()]
    sentences = []
    for outcome_id in dict.fromkeys(counted["outcome_id"]):
        mine = counted[counted["outcome_id"] == outcome_id]
        outcome = review.outcome(str(outcome_id))
        if set(mine["role"]) >= {"treatment", "control"}:
            sentences.append(describe_harms(conclusions, study_id, str(outcome_id)))
        else:
            row = mine.iloc[0]
            counts = f"{int(row['events'])} of {int(row['total'])} people in all"
            sentences.append(f"{capital(outcome.name)}: {counts}.")
    return Prose(*sentences, style="list") if sentences else Prose("No harms are reported.")


def published_against_thresholds(conclusions: Conclusions) -> Prose:
    """Tell how the pooled results of published reviews compare with the thresholds."""
    review = conclusions.review
    reviews = set(review.studies.loc[review.studies["role"] == "review", "study_id"])
    table = review.contrasts
    mine = table[
        table["study_id"].isin(reviews)
        & (table["measure"] == "mean difference")
        & table["ci_low"].notna()
    ]
    sentences = []
    for row in each_row(mine):
        outcome = review.outcome(str(row.outcome_id))
        sign = {
            "treatment higher": 1,
            "treatment lower": -1,
            "treatment better": outcome.benefit_sign,
        }[str(row.positive_means)]
        try:
            found = compare_with_thresholds(
                review,
                outcome.id,
                estimate=sign * float(row.estimate),
                ci_low=sign * float(row.ci_low),
                ci_high=sign * float(row.ci_high),
            )
        except EvidenceError:
            continue
        interval = format_interval(found.benefit_low, found.benefit_high, 1)
        sentences.append(
            f"{review.label(str(row.study_id))}, {outcome.name}: a benefit of "
            f"{format_number(found.benefit, 1)} {outcome.unit} ({interval}). {found.summary()}"
        )
    return (
        Prose(*sentences, style="list")
        if sentences
        else Prose("No published review pooled anything.")
    )


def all_trials(conclusions: Conclusions) -> Prose:
    """Tell how many trials there are, of what, and what can be pooled."""
    table = conclusions.directness.table
    forms = table["form"].where(table["form"] != "", "not stated").value_counts()
    people = int(table["n"].dropna().astype(int).sum())
    parts = join_words(
        f"{count} whose form is not stated" if form == "not stated" else f"{count} of {form}"
        for form, count in forms.items()
    )
    sentences = [
        f"{capital(plural(len(table), 'trial'))} with {people:,} people in all: {parts}.",
        conclusions.directness.summary(),
    ]
    for analysis in conclusions.analyses:
        if analysis.synthesis is None:
            sentences.append(f"{analysis.title}: no trial can be used.")
            continue
        out = len(analysis.synthesis.derivation.left_out)
        left = f", {plural(out, 'more', 'more')} cannot" if out else ""
        sentences.append(
            f"{analysis.title}: {plural(analysis.synthesis.k, 'trial')} can be used{left}. "
            + " / ".join(dict.fromkeys(v.sentence() for v in analysis.verdicts))
        )
    return Prose(*sentences, style="list")
