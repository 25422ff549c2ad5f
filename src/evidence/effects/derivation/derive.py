"""From the rows of a review to comparisons: every reading of every trial."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from evidence.data import Analysis, Review
from evidence.display import Display, join_words, plural
from evidence.effects.arguments import is_number
from evidence.effects.derivation.context import Context
from evidence.effects.derivation.from_arms import from_arms
from evidence.effects.derivation.from_contrasts import from_contrasts
from evidence.effects.derivation.odd_arms import odd_arms
from evidence.effects.derivation.readings import Comparison, Reading
from evidence.errors import (
    Caution,
    InsufficientEvidenceError,
    InvalidArgumentError,
    UnknownNameError,
    did_you_mean,
)

__all__ = ["Derivation", "LeftOut", "context_of", "derive", "derive_analysis"]


def context_of(
    review: Review,
    study_id: str,
    outcome_id: str,
    *,
    timepoint: str,
    measure: str,
    correlation: float | None = None,
) -> Context:
    """Return what is reported of one comparison at one time, as derivations take it.

    Parameters
    ----------
    review, study_id, outcome_id, timepoint, measure, correlation
        As `derive` takes them, and known to be there.
    """
    contrasts, arms = _rows(review, study_id, outcome_id)
    return Context(
        review,
        study_id,
        review.outcome(outcome_id),
        timepoint,
        measure,
        contrasts[contrasts["timepoint"] == timepoint],
        arms[arms["timepoint"] == timepoint],
        crossover=str(review.study(study_id)["design"]) == "crossover trial",
        correlation=correlation,
    )


def _default_measure(kind: str) -> str:
    return "risk ratio" if kind == "dichotomous" else "standardised mean difference"


def _rows(review: Review, study_id: str, outcome_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return (
        review.rows_of("contrasts", study_id, outcome_id),
        review.rows_of("arms", study_id, outcome_id),
    )


def _timepoints(contrasts: pd.DataFrame, arms: pd.DataFrame) -> list[str]:
    if arms.empty:
        return list(dict.fromkeys(contrasts["timepoint"]))
    compared = arms[(arms["kind"].astype("str") != "baseline") & (arms["role"] != "all")]
    return list(dict.fromkeys([*contrasts["timepoint"], *compared["timepoint"]]))


def _merged(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Merge retellings: same kind of derivation, statistics that agree within rounding."""
    kept: list[Reading] = []
    # The report with the most digits stands for its retellings; one without direction does not.
    ordered = sorted(
        enumerate(readings),
        key=lambda item: (
            not item[1].signed,
            item[1].tier != "primary",
            item[1].statistic_high - item[1].statistic_low,
            item[0],
        ),
    )
    for _, reading in ordered:
        for place, other in enumerate(kept):
            if _retells(reading, other):
                sources = (*other.also_reported_by, *reading.source_ids)
                extra = tuple(s for s in dict.fromkeys(sources) if s not in other.source_ids)
                kept[place] = replace(other, also_reported_by=extra)
                break
        else:
            kept.append(reading)
    return tuple(sorted(kept, key=lambda r: r.rows[0]))


def _retells(reading: Reading, other: Reading) -> bool:
    if (reading.kind, reading.bound, reading.basis) != (other.kind, other.bound, other.basis):
        return False
    if reading.bound:
        return reading.bound_size == other.bound_size
    overlap = (
        reading.statistic_low <= other.statistic_high
        and other.statistic_low <= reading.statistic_high
    )
    return overlap and reading.side * other.side >= 0


_VALUES_AND_CHANGES = Caution(
    "values-and-changes",
    "Values at the end and changes from baseline are both reported; they are two comparisons, "
    "which need not agree, and one of them is used.",
    "Cochrane Handbook, section 10.5.2",
)


def derive(
    review: Review,
    study_id: str,
    outcome_id: str,
    *,
    timepoint: str = "",
    measure: str = "",
    correlation: float | None = None,
) -> Comparison:
    """Derive one study's effect on one outcome in every way its reports allow.

    Parameters
    ----------
    review
        The review.
    study_id, outcome_id
        Which comparison.
    timepoint
        As in the tables; may be left out where there is only one.
    measure
        ``"mean difference"``, ``"standardised mean difference"``, ``"risk ratio"``,
        ``"odds ratio"`` or ``"risk difference"``. By default the standardised mean
        difference of a continuous outcome and the risk ratio of a dichotomous one.
    correlation
        What to assume of the two measurements of the same people in a crossover, from -1 to 1;
        without it the means of a crossover's periods cannot be compared.

    Returns
    -------
    Comparison
        With one reading for each way, sorted into sets that agree.

    Raises
    ------
    UnknownNameError
        When study, outcome, timepoint or measure is not known.
    InsufficientEvidenceError
        When nothing reported suffices; the message says what is there and what is not.
    """
    label = review.label(study_id)
    outcome = review.outcome(outcome_id)
    measure = measure or _default_measure(outcome.kind)
    known = (
        ("mean difference", "standardised mean difference")
        if outcome.kind == "continuous"
        else ("risk ratio", "odds ratio", "risk difference")
    )
    if measure not in known:
        raise UnknownNameError(
            f"{measure!r} is not a measure for {outcome.short}, which is {outcome.kind}. "
            f"Known are: {', '.join(known)}."
        )
    contrasts, arms = _rows(review, study_id, outcome_id)
    times = _timepoints(contrasts, arms)
    if not times:
        raise InsufficientEvidenceError(f"{label} reports no comparison of {outcome.name}.")
    if not timepoint:
        if len(times) > 1:
            raise UnknownNameError(
                f"{label} reports {outcome.short} at several timepoints; name one of: "
                f"{', '.join(times)}."
            )
        timepoint = times[0]
    if timepoint not in times:
        hint = did_you_mean(timepoint, times)
        raise UnknownNameError(f"{label} has no {outcome.short} at {timepoint!r}. {hint}")
    context = context_of(
        review,
        study_id,
        outcome_id,
        timepoint=timepoint,
        measure=measure,
        correlation=_checked(correlation),
    )
    refused: list[str] = []
    readings = _merged([*from_arms(context, refused), *from_contrasts(context, refused)])
    if not readings:
        raise InsufficientEvidenceError(_why(context, refused))
    comparison = Comparison(study_id, outcome_id, timepoint, measure, label, readings)
    if comparison.values_and_changes:
        cautioned = (replace(r, cautions=(*r.cautions, _VALUES_AND_CHANGES)) for r in readings)
        comparison = replace(comparison, readings=tuple(cautioned))
    return comparison


def _checked(correlation: float | None) -> float | None:
    if correlation is not None and not (is_number(correlation) and -1 <= correlation < 1):
        raise InvalidArgumentError(
            f"correlation is {correlation!r}; it must be a number from -1 to below 1, or None."
        )
    return correlation


def _why(context: Context, refused: list[str]) -> str:
    reasons = list(dict.fromkeys(refused))
    if not reasons:
        said = context.contrasts["significance"].dropna()
        reasons = (
            [f"it is only said to be {said.iloc[0]}"]
            if not said.empty
            else ["no number that an effect could be worked out from is reported"]
        )
    return join_words(reasons, "and")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One study that an analysis cannot or shall not use, and why.

    Attributes
    ----------
    study_id, label, outcome_id, timepoint
        The comparison that would have been used; no timepoint where a decision left it out.
    reason
        In words.
    by_decision
        Whether `exclusions.csv` says so.
    comparison
        Where something is known of the effect but not enough: its size without its direction,
        or a bound.
    """

    study_id: str
    label: str
    outcome_id: str
    reason: str
    by_decision: bool
    timepoint: str = ""
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Derivation(Display):
    """The comparisons of one planned analysis, and what was left out.

    Attributes
    ----------
    analysis
        The plan.
    comparisons
        One for each study that can be used.
    left_out
        The other studies that report one of the outcomes, each with its reason.
    cautions
        What stands out when the trials are held beside each other.
    """

    analysis: Analysis
    comparisons: tuple[Comparison, ...]
    left_out: tuple[LeftOut, ...]
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return what is in and what is out, in words."""
        lines = [f"{self.analysis.title}: {plural(len(self.comparisons), 'trial')} with an effect."]
        lines += [f"- {reading.summary()}" for c in self.comparisons for reading in c.usable]
        lines += [f"- {out.label} left out: {out.reason}." for out in self.left_out]
        lines += [f"Note: {caution.message}" for caution in self.cautions]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per usable reading and one per study left out."""
        rows = [
            {**reading.to_dict(), "included": True, "reason": ""}
            for comparison in self.comparisons
            for reading in comparison.usable
        ]
        rows += [
            {
                "study_id": out.study_id,
                "outcome_id": out.outcome_id,
                "included": False,
                "reason": out.reason,
            }
            for out in self.left_out
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "analysis": self.analysis.id,
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "left_out": [
                {"study_id": out.study_id, "outcome_id": out.outcome_id, "reason": out.reason}
                for out in self.left_out
            ],
        }


def derive_analysis(
    review: Review,
    analysis: str | Analysis,
    *,
    correlation: float | None = None,
    exclusions: bool = True,
) -> Derivation:
    """Derive the effects of every trial that a planned analysis can use.

    A trial enters once, with the first of the analysis's outcomes that gives an effect.
    A trial that reports one of the outcomes but cannot be used is listed with the reason,
    as is one that `exclusions.csv` leaves out.

    Parameters
    ----------
    review
        The review.
    analysis
        The analysis, as named in `review.toml`, or one made from it.
    correlation
        As `derive` takes it, for every crossover.
    exclusions
        Whether what `exclusions.csv` decides counts.
    """
    if isinstance(analysis, str):
        analysis = review.analysis(analysis)
    decided = review.exclusions[review.exclusions["analysis_id"] == analysis.id]
    reasons = dict(zip(decided["study_id"], decided["reason"], strict=True)) if exclusions else {}
    comparisons: list[Comparison] = []
    left_out: list[LeftOut] = []
    trials = review.studies[review.studies["role"] == "trial"]
    for study_id in trials["study_id"]:
        label = review.label(study_id)
        first: LeftOut | None = None
        for outcome_id in analysis.outcomes:
            contrasts, arms = _rows(review, study_id, outcome_id)
            times = _timepoints(contrasts, arms)
            if not times:
                continue
            if study_id in reasons:
                reason = str(reasons[study_id]).rstrip(".")
                first = LeftOut(study_id, label, outcome_id, reason, by_decision=True)
                break
            found = _attempt(review, study_id, outcome_id, times, analysis.measure, correlation)
            if isinstance(found, Comparison):
                comparisons.append(found)
                first = None
                break
            first = first or replace(found, label=label)
        if first is not None:
            left_out.append(first)
    cautions = odd_arms(review, comparisons)
    return Derivation(analysis, tuple(comparisons), tuple(left_out), cautions)


def _attempt(
    review: Review,
    study_id: str,
    outcome_id: str,
    times: list[str],
    measure: str,
    correlation: float | None,
) -> Comparison | LeftOut:
    headline = review.plan.headline
    main = (study_id, outcome_id) == (headline.study_id, headline.outcome_id)
    timepoint = headline.timepoint if main and headline.timepoint in times else times[-1]
    out = LeftOut(study_id, "", outcome_id, "", by_decision=False, timepoint=timepoint)
    if str(review.study(study_id)["design"]) == "uncontrolled trial":
        return replace(out, reason="it has no control group")
    try:
        comparison = derive(
            review,
            study_id,
            outcome_id,
            timepoint=timepoint,
            measure=measure,
            correlation=correlation,
        )
    except InsufficientEvidenceError as error:
        return replace(out, reason=str(error))
    if not comparison.usable:
        return replace(out, reason=_unusable(comparison), comparison=comparison)
    if len(times) > 1 and not main:
        caution = Caution("last-timepoint", f"The last of its timepoints ({timepoint}) is used.")
        readings = tuple(replace(r, cautions=(*r.cautions, caution)) for r in comparison.readings)
        comparison = replace(comparison, readings=readings)
    return comparison


def _unusable(comparison: Comparison) -> str:
    unsigned = [r for r in comparison.readings if not r.signed and not r.bound]
    if unsigned:
        size = abs(unsigned[0].estimate)
        size_text = f"about {size:.2f}"
        return f"the size follows from what is reported ({size_text}), but not its direction"
    bounds = [r for r in comparison.readings if r.bound]
    return (
        f"{bounds[0].path} ({bounds[0].bound} {bounds[0].bound_size:.2f})" if bounds else "unclear"
    )
