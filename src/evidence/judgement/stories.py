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
    join_words,
    plural,
)
from evidence.errors import EvidenceError, InsufficientEvidenceError, InvalidArgumentError
from evidence.judgement.conclusions import AnalysisConclusion, Conclusions
from evidence.judgement.model_choice import (
    further_setting_told,
    model_choice_told,
    readings_told,
)
from evidence.judgement.narration import describe_harms, describe_headline, said
from evidence.judgement.thresholds import compare_with_thresholds

__all__ = [
    "all_trials",
    "contradiction",
    "directions",
    "further_setting",
    "harms",
    "headline_found",
    "headline_thresholds",
    "model_choice",
    "placebo_alone",
    "pooled_in_words",
    "published_against_thresholds",
    "readings",
    "trial_in_brief",
    "trial_silences",
]


def trial_in_brief(conclusions: Conclusions) -> Prose:
    """Tell who took part in the headline trial, what they got, and how that is known."""
    review = conclusions.review
    study_id = review.plan.headline.study_id
    study = review.study(study_id)
    facts = review.facts_of(study_id)
    target = review.plan.target
    people = "" if pd.isna(study["n_randomised"]) else f"{int(study['n_randomised'])} "
    design = "" if pd.isna(study["design"]) else f" ({study['design']})"
    sentences = [
        (
            f"{study['label']}: {people}{said(study['population'], 'people')} were given "
            f"{said(study['intervention'], target.treatment)} or "
            f"{said(study['comparator'], target.comparator)}{design}."
        )
    ]
    second_hand = int((facts["tier"] == "secondary").sum())
    if len(facts) == 1:
        told = "is second-hand" if second_hand else "is first-hand"
        sentences.append(f"The one further fact known of it {told}.")
    elif len(facts):
        count = f"{second_hand} are" if second_hand != 1 else "1 is"
        sentences.append(f"Of {len(facts)} further facts known of it, {count} second-hand.")
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
    if not lines:
        return Prose("No trial could be used in any of the planned analyses.")
    return Prose(*lines, style="list")


def model_choice(conclusions: Conclusions) -> Prose:
    """Tell what hangs on the choice of model in the main analysis, for each reading."""
    return model_choice_told(conclusions)


def further_setting(conclusions: Conclusions) -> Prose:
    """Tell what the main analysis says of the true effect in one further setting."""
    return further_setting_told(conclusions)


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
    if comparison.values_and_changes:
        return Prose(
            f"{comparison.label} reports values and changes from baseline. They are two "
            "comparisons and need not agree, so that they differ is no contradiction."
        )
    if not comparison.contradiction:
        count = len(comparison.readings)
        if count == 1:
            return Prose(
                f"{comparison.label} reports its result in one way only, so there is nothing that "
                "it could contradict."
            )
        readings = capital(plural(count, "reading"))
        return Prose(f"{readings} of {comparison.label} can be worked out, all in agreement.")
    sentences = [comparison.contradiction_in_words()]
    unit = conclusions.review.outcome(headline.comparison.outcome_id).unit
    with contextlib.suppress(InsufficientEvidenceError, InvalidArgumentError):
        sentences.append(reconcile(headline.comparison, unit).summary())
    retold = any(reading.tier == "secondary" for reading in comparison.readings)
    slip = "one of the retellings" if retold else "print"
    both = "Both readings are" if len(comparison.usable) == 2 else "Every usable reading is"
    sentences.append(
        "Adjustment in the authors' model, intervals of another kind than stated, or a slip in "
        f"{slip} could each explain it; nothing read so far says which. {both} carried through "
        "everything that follows."
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
            counts = join_words(
                f"{int(row.events)} of {int(row.total)} people "
                f"{'in all' if row.role == 'all' else f'with {row.arm}'}"
                for row in each_row(mine)
            )
            sentences.append(f"{capital(outcome.name)}: {counts}.")
    if not sentences:
        return Prose("How many people had harms, or left, is not reported.")
    return Prose(*sentences, style="list")


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
        span = found.scale.span(found.benefit_low, found.benefit_high)
        sentences.append(
            f"{review.label(str(row.study_id))}, {outcome.name} (95% CI {span}): {found.summary()}"
        )
    return (
        Prose(*sentences, style="list")
        if sentences
        else Prose("No published review pooled anything.")
    )


def all_trials(conclusions: Conclusions) -> Prose:
    """Tell how many trials there are, of what, and what can be pooled."""
    table = conclusions.directness.table
    sentences = []
    if not table.empty:
        forms = table["form"].where(table["form"] != "", "not stated").value_counts()
        people = f"{int(table['n'].dropna().astype(int).sum()):,} people in all"
        silent = int(table["n"].isna().sum())
        if silent:
            people = f"at least {people} ({plural(silent, 'does', 'do')} not say how many)"
        parts = join_words(
            f"{count} whose form is not stated" if form == "not stated" else f"{count} of {form}"
            for form, count in forms.items()
        )
        sentences.append(f"{capital(plural(len(table), 'trial'))} with {people}: {parts}.")
    sentences.append(conclusions.directness.summary())
    for analysis in conclusions.analyses:
        if analysis.synthesis is None:
            sentences.append(f"{analysis.title}: no trial could be used.")
            continue
        out = len(analysis.synthesis.derivation.left_out)
        left = f", {plural(out, 'more', 'more')} cannot" if out else ""
        sentences.append(
            f"{analysis.title}: {plural(analysis.synthesis.k, 'trial')} can be used{left}. "
            + _statements(analysis)
        )
    return Prose(*sentences, style="list")


def _statements(analysis: AnalysisConclusion) -> str:
    """Return GRADE's statement, or each reading's where they differ."""
    clauses = dict.fromkeys(verdict.clause() for verdict in analysis.verdicts)
    if len(clauses) == 1:
        return analysis.verdicts[0].sentence()
    return f"On one reading, {'; on another, '.join(clauses)}."


def readings(conclusions: Conclusions) -> Prose:
    """Tell what the main result is under each way of reading contradictory reports."""
    return readings_told(conclusions)
