"""The stories of the headline trial's appraisal: what it is worth, who improves, who left."""

from __future__ import annotations

import pandas as pd

from evidence.appraisal.trial.appraise import appraise_trial
from evidence.appraisal.trial.people_lines import (
    fragility_of_counts,
    people_lost,
    responders_of,
    within_person_sizes,
)
from evidence.appraisal.trial.result import TrialAppraisal
from evidence.display import Display, Prose, Table, capital, format_interval, format_number
from evidence.errors import EvidenceError
from evidence.judgement.conclusions import Conclusions

__all__ = [
    "appraisal_in_words",
    "appraisal_table",
    "few_decide",
    "headline_appraisal",
    "improvers",
    "who_left",
]


def headline_appraisal(conclusions: Conclusions) -> TrialAppraisal | None:
    """Return the appraisal of the trial behind the claim; None where it has no effect.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    review, wanted = conclusions.review, conclusions.review.plan.headline
    try:
        return appraise_trial(
            review, wanted.study_id, wanted.outcome_id, timepoint=wanted.timepoint
        )
    except EvidenceError:
        return None


def _no_effect(conclusions: Conclusions) -> str:
    review = conclusions.review
    label = review.label(review.plan.headline.study_id)
    return f"From what is reported of {label}, no effect can be worked out, so it is not appraised."


def appraisal_in_words(conclusions: Conclusions) -> Prose:
    """Tell what the headline trial is worth, reading by reading."""
    found = headline_appraisal(conclusions)
    return Prose(_no_effect(conclusions)) if found is None else found.paragraph()


def appraisal_table(conclusions: Conclusions) -> Display:
    """Return every question that was put to the headline trial, with its answer."""
    found = headline_appraisal(conclusions)
    if found is None:
        return Table(pd.DataFrame(), caption=_no_effect(conclusions))
    return found.table


def improvers(conclusions: Conclusions) -> Display:
    """Return how many people of each group improve, by every size that one person may notice."""
    found = headline_appraisal(conclusions)
    review, wanted = conclusions.review, conclusions.review.plan.headline
    outcome = review.outcome(wanted.outcome_id)
    sizes = within_person_sizes(review, outcome.id)
    if found is None or not sizes:
        why = _no_effect(conclusions) if found is None else "No change is known that one notices."
        return Table(pd.DataFrame(), caption=why)
    rows = []
    for name, battery in zip(found.names, found.readings, strict=True):
        for size in sizes:
            where = (wanted.study_id, outcome.id, wanted.timepoint)
            try:
                share = responders_of(review, where, battery.effect, size)
            except EvidenceError as error:
                return Table(pd.DataFrame(), caption=str(error))
            ends = format_interval(100 * share.difference_low, 100 * share.difference_high, 0)
            rows.append(
                {
                    **({"reading": name} if name else {}),
                    f"improves by ({outcome.unit})": f"{size:g}",
                    "with the treatment": f"{format_number(100 * share.share_treatment, 0)}%",
                    "with the control": f"{format_number(100 * share.share_control, 0)}%",
                    "more in 100 (95% CI)": (
                        f"{format_number(100 * share.difference, 0)} ({ends})"
                    ),
                    "number needed to treat": share.number_needed.summary(),
                }
            )
    spreads = " ".join(
        f"Reading {name}: {format_number(one.effect.sd, 1)}." if name else ""
        for name, one in zip(found.names, found.readings, strict=True)
    ).strip()
    told = (
        "If changes are normally distributed with the means reported and the spread between "
        f"people that the reading implies (standard deviation). {spreads}"
    ).strip()
    return Table(
        pd.DataFrame(rows),
        caption="Who would notice: people who improve by what one person may notice",
        note=f"{told} Nobody was counted; that some improve more than others need not be an "
        "effect on them. NNTB: so many have to be treated for one more to improve; NNTH: for one "
        "fewer; from one to the other the number goes through ∞, no difference.",
    )


def who_left(conclusions: Conclusions) -> Prose:
    """Tell how many left the headline trial, and whether they could turn its result."""
    review, wanted = conclusions.review, conclusions.review.plan.headline
    try:
        stayed, gone = people_lost(review, wanted.study_id)
    except EvidenceError as error:
        return Prose(str(error))
    people = (stayed[0] + gone[0], stayed[1] + gone[1])
    head = (
        f"{gone[0]} of {people[0]} people left with the treatment and {gone[1]} of {people[1]} "
        "with the control."
    )
    found = headline_appraisal(conclusions)
    if found is None:
        return Prose(head)
    lines = [line for line in found.further if line.what.startswith("Could those who left")]
    told = [(f"Reading {line.reading}: " if line.reading else "") + line.sentence for line in lines]
    return Prose(head, *told)


def few_decide(conclusions: Conclusions) -> Prose:
    """Tell of each harm counted in the headline trial how few people decide its comparison."""
    review, wanted = conclusions.review, conclusions.review.plan.headline
    arms = review.arms
    mine = arms[(arms["study_id"] == wanted.study_id) & arms["events"].notna()]
    told = []
    for outcome_id in dict.fromkeys(mine["outcome_id"]):
        outcome = review.outcome(str(outcome_id))
        if outcome.about != "harm":
            continue
        try:
            found = fragility_of_counts(review, wanted.study_id, outcome.id)
        except EvidenceError:
            continue
        told.append(f"{capital(outcome.name)}: {found.sentence()}")
    if not told:
        return Prose("No harm is counted in both groups, so how few people decide cannot be told.")
    return Prose(
        *told,
        "Such counts mostly restate how few events there were; few events say little in either "
        "direction.",
    )
