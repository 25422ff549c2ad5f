"""Lines about people and counts: who improves, who left, how few decide, what confounds."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from evidence.appraisal.placebo import placebo_share
from evidence.appraisal.trial.e_value import E_VALUE_MEASURES, e_value
from evidence.appraisal.trial.effect import TrialEffect
from evidence.appraisal.trial.fragility_counts import TrialFragility, trial_fragility
from evidence.appraisal.trial.fragility_means import continuous_fragility
from evidence.appraisal.trial.fragility_splits import FragilityOverSplits, fragility_over_splits
from evidence.appraisal.trial.line import Answer, TrialLine, line_of
from evidence.appraisal.trial.lost_counts import lost_counts
from evidence.appraisal.trial.lost_means import SeenMeans, lost_means
from evidence.appraisal.trial.responders import ArmChange, Responders, responders
from evidence.appraisal.trial.seam import TrialContext
from evidence.appraisal.trial.single_person import single_person_report
from evidence.data import Outcome, Review
from evidence.data.frames import each_row
from evidence.display import format_number
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.errors import InsufficientEvidenceError

__all__ = [
    "STAYING",
    "WITHIN",
    "arm_changes",
    "fragility_of_counts",
    "people_lines",
    "people_lost",
    "responders_of",
    "within_person_sizes",
]

PEOPLE = "People: who improves, who left, how few decide"
#: The domain of an outcome that counts who stayed in a trial to its end.
STAYING = "staying in the trial"
#: The only kind of threshold that the change of one person may be held against.
WITHIN = "change within a person"

_FURUKAWA = "Furukawa and Leucht 2011, PLoS ONE 6:e19070"
_WHITE = "White et al. 2011, BMJ 342:d40"
_WALSH = "Walsh et al. 2014, Journal of Clinical Epidemiology 67:622-628"
_CALDWELL = "Caldwell, Youssefzadeh and Limpisvasti 2021, JCE 136:20-25"
_AKL = "Akl et al. 2012, BMJ 344:e2809"
_VANDERWEELE = "VanderWeele and Ding 2017, Ann Intern Med 167:268-274"


def people_lines(context: TrialContext) -> Iterator[TrialLine]:
    """Yield the lines about people that go with a comparison of a review.

    Parameters
    ----------
    context
        The comparison and its readings.
    """
    review, comparison = context.review, context.comparison
    if review is None or comparison is None:
        return
    study = review.study(comparison.study_id)
    outcome = review.outcome(comparison.outcome_id)
    if str(study["role"]) == "single person":
        what = "What can one person show?"
        yield line_of(
            PEOPLE,
            what,
            lambda: Answer(single_person_report(review, comparison.study_id), "one person only"),
            "Tang and Landes 2020, PLoS ONE 15:e0228077",
        )
        return
    if outcome.kind == "continuous":
        yield from _of_means(context, review, outcome)
    else:
        yield from _of_counts(review, comparison.study_id, outcome, comparison.timepoint)
    if str(study["role"]) == "observational" or str(study["design"]) == "cohort":
        yield from _confounding(context)


# ---------------------------------------------------------------- a measured outcome


def _of_means(context: TrialContext, review: Review, outcome: Outcome) -> Iterator[TrialLine]:
    comparison = context.comparison
    assert comparison is not None
    where = (comparison.study_id, outcome.id, comparison.timepoint)

    def placebo() -> Answer:
        share = placebo_share(review, *where)
        return Answer(share, f"{format_number(100 * share.share, 0)}%", share.share)

    what = "How much of the change came without the treatment?"
    yield line_of(PEOPLE, what, placebo, "Hróbjartsson and Gøtzsche 2010, Cochrane CD003974")
    sizes = within_person_sizes(review, outcome.id)
    for name, effect in zip(context.names, context.effects, strict=True):
        for size in dict.fromkeys((*sizes[:1], *sizes[-1:])):

            def improve(effect: TrialEffect = effect, size: float = size) -> Answer:
                found = responders_of(review, where, effect, size)
                shown = (
                    f"{format_number(100 * found.share_treatment, 0)}% against "
                    f"{format_number(100 * found.share_control, 0)}%"
                )
                return Answer(found, shown, found.difference)

            what = f"How many improve by {size:g} {outcome.unit}?"
            yield line_of(PEOPLE, what, improve, _FURUKAWA, reading=name)
    for name, effect in zip(context.names, context.effects, strict=True):

        def lost(effect: TrialEffect = effect) -> Answer:
            return _lost_means(review, where, effect)

        def few(effect: TrialEffect = effect) -> Answer:
            return _few_means(review, where, effect)

        what = "Could those who left turn the result?"
        yield line_of(PEOPLE, what, lost, _WHITE, reading=name)
        what = "How few people decide it? (continuous fragility)"
        yield line_of(PEOPLE, what, few, _CALDWELL, reading=name)


def within_person_sizes(review: Review, outcome_id: str) -> list[float]:
    """Return the changes of one person that somebody called important, smallest first.

    Parameters
    ----------
    review, outcome_id
        Where they stand.
    """
    found = review.thresholds(outcome_id, WITHIN)
    return sorted({one.value for one in found if one.scale == "outcome unit"})


def arm_changes(
    review: Review, where: tuple[str, str, str], effect: TrialEffect
) -> tuple[ArmChange, ArmChange]:
    """Return the changes of both groups, with the spread between people of one reading.

    Parameters
    ----------
    review, where
        The comparison: study, outcome and timepoint.
    effect
        The reading.
    """
    if math.isnan(effect.sd) or effect.measure != "mean difference":
        raise InsufficientEvidenceError(
            "How far people differ does not follow from this effect, so the share that improves "
            "cannot be worked out; a mean difference with the people in each group would do."
        )
    means = {role: _mean(review, where, role, "change") for role in ("treatment", "control")}
    if None in means.values():
        raise InsufficientEvidenceError(
            f"{review.label(where[0])} does not report the mean change of both groups, so the "
            "share of people who improve cannot be worked out."
        )
    return (
        ArmChange(float(means["treatment"] or 0.0), effect.sd, effect.n_treatment),
        ArmChange(float(means["control"] or 0.0), effect.sd, effect.n_control),
    )


def responders_of(
    review: Review, where: tuple[str, str, str], effect: TrialEffect, size: float
) -> Responders:
    """Return what a reading implies for the share of people who improve by a size.

    Parameters
    ----------
    review, where, effect
        As for `arm_changes`.
    size
        A change within one person that matters.
    """
    outcome = review.outcome(where[1])
    span = effect.words.span
    return responders(
        *arm_changes(review, where, effect),
        threshold=size,
        better=outcome.better,
        scale=(-span, span) if math.isfinite(span) else None,
    )


def _mean(review: Review, where: tuple[str, str, str], role: str, kind: str) -> float | None:
    arms = review.rows_of("arms", where[0], where[1])
    mine: Any = arms[
        (arms["timepoint"] == where[2])
        & (arms["role"] == role)
        & (arms["kind"] == kind)
        & arms["mean"].notna()
    ]
    return None if mine.empty else float(mine["mean"].iloc[0])


def people_lost(review: Review, study_id: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the people of each group who stayed and who left, treatment first.

    Parameters
    ----------
    review, study_id
        The trial; who stayed is an outcome of the domain `STAYING`.

    Raises
    ------
    InsufficientEvidenceError
        When that is not reported by group.
    """
    arms = review.arms
    arms = arms[(arms["study_id"] == study_id) & arms["events"].notna() & arms["total"].notna()]
    found: dict[str, tuple[int, int]] = {}
    for row in each_row(arms):
        outcome = review.outcome(str(row.outcome_id))
        if outcome.domain != STAYING or str(row.role) not in ("treatment", "control"):
            continue
        counted, total = int(row.events), int(row.total)
        stayed = counted if outcome.better == "higher" else total - counted
        found[str(row.role)] = (stayed, total - stayed)
    if set(found) != {"treatment", "control"}:
        raise InsufficientEvidenceError(
            f"How many people left each group of {review.label(study_id)} is not reported, so what "
            "they could change cannot be worked out."
        )
    (first, gone), (second, away) = found["treatment"], found["control"]
    return (first, second), (gone, away)


def _lost_means(review: Review, where: tuple[str, str, str], effect: TrialEffect) -> Answer:
    if effect.paired:
        raise InsufficientEvidenceError(
            "Everybody was in both groups, so who left did not leave one of them."
        )
    stayed, gone = people_lost(review, where[0])
    means = [_mean(review, where, role, "change") for role in ("treatment", "control")]
    span = effect.words.span
    seen = None
    if effect.measure == "mean difference" and None not in means and math.isfinite(span):
        seen = SeenMeans(float(means[0] or 0.0), float(means[1] or 0.0), -span, span)
    found = lost_means(
        estimate=effect.estimate,
        standard_error=effect.standard_error,
        seen=stayed,
        lost=gone,
        means=seen,
    )
    answers = {True: "they could", False: "they could not", None: "depends on them"}
    return Answer(found, answers[found.can_turn], found.tipping_opposite)


def _few_means(review: Review, where: tuple[str, str, str], effect: TrialEffect) -> Answer:
    treatment, control = arm_changes(review, where, effect)
    found = continuous_fragility(
        mean_treatment=treatment.mean,
        sd_treatment=treatment.sd,
        n_treatment=math.floor(treatment.n),
        mean_control=control.mean,
        sd_control=control.sd,
        n_control=math.floor(control.n),
    )
    return Answer(found, f"about {format_number(found.index, 0)}", found.index)


# ---------------------------------------------------------------- a counted outcome


def _of_counts(
    review: Review, study_id: str, outcome: Outcome, timepoint: str
) -> Iterator[TrialLine]:
    arms = review.rows_of("arms", study_id, outcome.id)
    arms = arms[(arms["timepoint"] == timepoint) & arms["events"].notna() & arms["total"].notna()]

    def few() -> Answer:
        found = fragility_of_counts(review, study_id, outcome.id, timepoint)
        if isinstance(found, FragilityOverSplits):
            low, high = found.index_low, found.index_high
            if low is None:
                return Answer(found, "no number would", math.nan)
            shown = f"{low}" if high == low else f"{low} to {high}" if high else f"at least {low}"
            return Answer(found, shown, low)
        if found.index is None:
            return Answer(found, "no number would", math.nan)
        return Answer(found, f"{found.index}", found.index)

    def lost() -> Answer:
        analysed: Any = arms["n_basis"].astype("str") == "analysed"
        if outcome.domain == STAYING or not bool(analysed.all()) or arms.empty:
            raise InsufficientEvidenceError(
                "The people counted are those randomised, or their leaving is itself counted, so "
                "nobody is missing from these counts."
            )
        number = _counts(review, study_id, outcome, arms)
        _, gone = people_lost(review, study_id)
        found = lost_counts(
            events_treatment=number["events_treatment"],
            seen_treatment=number["total_treatment"],
            events_control=number["events_control"],
            seen_control=number["total_control"],
            lost=gone,
        )
        return Answer(found, "they could" if found.can_turn else "they could not")

    yield line_of(PEOPLE, "How few people decide it? (fragility index)", few, _WALSH)
    yield line_of(PEOPLE, "Could those who left turn the result?", lost, _AKL)


def _counts(review: Review, study_id: str, outcome: Outcome, arms: pd.DataFrame) -> dict[str, int]:
    found: dict[str, int] = {}
    for role in ("treatment", "control"):
        mine: Any = arms[(arms["role"] == role) & arms["events"].notna() & arms["total"].notna()]
        if len(mine) != 1:
            raise InsufficientEvidenceError(
                f"{review.label(study_id)} does not report once for each of exactly two groups how "
                f"many people had it ({outcome.name}), so nothing can be counted."
            )
        found[f"events_{role}"] = int(mine["events"].iloc[0])
        found[f"total_{role}"] = int(mine["total"].iloc[0])
    return found


def fragility_of_counts(
    review: Review, study_id: str, outcome_id: str, timepoint: str = ""
) -> TrialFragility | FragilityOverSplits:
    """Return how few people decide a comparison of counts.

    Parameters
    ----------
    review, study_id, outcome_id
        The comparison.
    timepoint
        As in the tables; may be left out where there is only one.

    Returns
    -------
    TrialFragility or FragilityOverSplits
        The latter where only the total of the people analysed is known.
    """
    arms = review.rows_of("arms", study_id, outcome_id)
    if timepoint:
        arms = arms[arms["timepoint"] == timepoint]
    number = _counts(review, study_id, review.outcome(outcome_id), arms)
    lost: int | None = None
    if review.outcome(outcome_id).domain != STAYING:
        with contextlib.suppress(InsufficientEvidenceError):
            lost = sum(people_lost(review, study_id)[1])
    analysed: Any = review.facts_of(study_id, "n_analysed")["number"].dropna()
    randomised: Any = arms["n_basis"].astype("str") == "randomised"
    everybody = number["total_treatment"] + number["total_control"]
    if bool(randomised.any()) and not analysed.empty and analysed.iloc[0] < everybody:
        return fragility_over_splits(
            events_treatment=number["events_treatment"],
            events_control=number["events_control"],
            total=int(analysed.iloc[0]),
            most_treatment=number["total_treatment"],
            most_control=number["total_control"],
            lost=lost,
        )
    return trial_fragility(
        events_treatment=number["events_treatment"],
        total_treatment=number["total_treatment"],
        events_control=number["events_control"],
        total_control=number["total_control"],
        lost=lost,
    )


# ---------------------------------------------------------------- people who chose


def _confounding(context: TrialContext) -> Iterator[TrialLine]:
    for name, effect in zip(context.names, context.effects, strict=True):

        def confounded(effect: TrialEffect = effect) -> Answer:
            measure = effect.measure
            if measure not in E_VALUE_MEASURES:
                raise InsufficientEvidenceError(
                    f"The E-value is one of ratios and of standardised differences, and this is a "
                    f"{measure}; appraise it with measure='standardised mean difference'."
                )
            low, high = effect.interval(0.95)
            value = effect.estimate
            if measure in LOG_MEASURES:
                value, low, high = (math.exp(x) for x in (value, low, high))
            found = e_value(
                measure=measure,
                estimate=value,
                ci_low=low,
                ci_high=high,
                # The wider reading of an odds ratio would need to know how common the outcome is.
                outcome="common" if measure == "odds ratio" else "",
            )
            shown = format_number(found.for_estimate)
            if not pd.isna(found.for_limit):
                shown += f", for the limit {format_number(found.for_limit)}"
            return Answer(found, shown, found.for_estimate)

        what = "How strong would confounding have to be? (E-value)"
        yield line_of(PEOPLE, what, confounded, _VANDERWEELE, reading=name)
