"""What one trial is worth: one call, from an effect, from numbers, or from a review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from evidence.appraisal.trial.battery import (
    USUAL_OPTIONS,
    ImportantDifference,
    TrialOptions,
    run_battery,
)
from evidence.appraisal.trial.effect import (
    TrialEffect,
    TrialNumbers,
    effect_of,
    effect_of_numbers,
    effect_of_reading,
    words_of,
)
from evidence.appraisal.trial.inputs import check_above_zero
from evidence.appraisal.trial.people_lines import people_lines
from evidence.appraisal.trial.result import TrialAppraisal
from evidence.appraisal.trial.seam import Further, TrialContext, further_lines
from evidence.data import Review
from evidence.effects.arguments import is_number
from evidence.effects.derivation.derive import derive
from evidence.effects.derivation.readings import LOG_MEASURES, Comparison, Reading
from evidence.effects.importance import APPRECIABLE_LOG_RATIO, BETWEEN
from evidence.effects.sizes import EffectSizes
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from typing import Unpack

__all__ = ["appraise_trial"]

_SMD = "standardised mean difference"
#: The methods whose lines stand beside those of the readings, in reading order.
FURTHER: tuple[Further, ...] = (people_lines,)
#: What may be given beside a result that holds the effect itself.
_BESIDE = ("df", "n_treatment", "n_control", "log", "better", "unit", "label")


def appraise_trial(
    effect: Reading | EffectSizes | PooledResult | Review | None = None,
    study_id: str = "",
    outcome_id: str = "",
    *,
    timepoint: str = "",
    measure: str = "",
    threshold: float | Sequence[float] | None = None,
    options: TrialOptions = USUAL_OPTIONS,
    **numbers: Unpack[TrialNumbers],
) -> TrialAppraisal:
    """Say what one trial is worth: what its result fits with, and what it cannot show.

    Parameters
    ----------
    effect
        A reading, effect sizes or a pooled result of one study; a review, with the next two
        arguments; or nothing, with `estimate` and `standard_error`.
    study_id, outcome_id
        Which comparison of a review. Where its reports contradict each other, every reading is
        appraised.
    timepoint
        As in the tables of a review; may be left out where there is only one.
    measure
        What the effect is. Of a review by default the difference in the outcome's unit (in
        standard deviations where that cannot be worked out) or the risk ratio.
    threshold
        Smallest difference between groups that matters, or several: above 0, a logarithm for a
        ratio. Of a review by default its own thresholds for a difference between groups.
    options
        Choices of the methods.
    **numbers
        `estimate`, `standard_error` and what is known with them; see `TrialNumbers`.

    Returns
    -------
    TrialAppraisal
        A line for every question; where one cannot be answered, the line says why.

    Raises
    ------
    InvalidArgumentError
        When what is given cannot be used, or does not go together.
    InsufficientEvidenceError
        When no effect with its error can be worked out.

    References
    ----------
    Rafi Z, Greenland S (2020). Semantic and cognitive tools to aid statistical science. BMC
    Medical Research Methodology 20:244.
    van Zwet E, Schwab S, Senn S (2021). The statistical properties of RCTs and a proposal for
    shrinkage. Statistics in Medicine 40:6107-6117.
    Gelman A, Carlin J (2014). Beyond power calculations. Perspectives on Psychological Science
    9:641-651.
    Matthews RAJ (2018). Beyond 'significance': principles and practice of the analysis of
    credibility. Royal Society Open Science 5:171047.
    """
    if isinstance(effect, Review):
        if not study_id or not outcome_id:
            raise InvalidArgumentError(
                "Of a review one comparison is appraised: give study_id and outcome_id too."
            )
        if numbers:
            raise InvalidArgumentError(
                f"{next(iter(numbers))} does not go with a review, whose tables say it."
            )
        wanted = (study_id, outcome_id, timepoint, measure)
        return _of_review(effect, wanted, _given(threshold), options)
    if study_id or outcome_id or timepoint:
        raise InvalidArgumentError(
            "study_id, outcome_id and timepoint go with a review as the first argument."
        )
    found = _of_one(effect, measure, numbers)
    thresholds = tuple(ImportantDifference(value) for value in _given(threshold) or ())
    battery = run_battery(found, thresholds, options)
    return TrialAppraisal(
        found.label,
        found.measure,
        (battery,),
        further_lines(TrialContext((found,)), FURTHER),
        options,
    )


def _of_one(effect: object, measure: str, numbers: TrialNumbers) -> TrialEffect:
    if effect is None:
        return effect_of_numbers(numbers, measure)
    if not isinstance(effect, Reading | EffectSizes | PooledResult):
        raise InvalidArgumentError(
            f"effect is {type(effect).__name__}; give a Reading, EffectSizes or a PooledResult of "
            "one study, a Review, or estimate and standard_error as numbers."
        )
    for name in ("estimate", "standard_error"):
        if name in numbers:
            raise InvalidArgumentError(f"{name} is in the effect already; give one of the two.")
    found = effect_of(effect)
    if not numbers and not measure:
        return found
    merged = {
        "estimate": found.estimate,
        "standard_error": found.standard_error,
        "df": found.df,
        "n_treatment": found.n_treatment,
        "n_control": found.n_control,
        "log": found.words.log,
        "unit": found.words.unit,
        "label": found.label,
        **numbers,
    }
    known = {
        name: value
        for name, value in merged.items()
        # None and NaN stand for what is not known.
        if value is not None and not (is_number(value) and value != value)
    }
    read = effect_of_numbers(cast("TrialNumbers", known), measure or found.measure)
    return replace(read, paired=found.paired, cautions=found.cautions)


def _given(threshold: float | Sequence[float] | None) -> tuple[float, ...] | None:
    if threshold is None:
        return None
    values = (threshold,) if is_number(threshold) else tuple(cast("Sequence[float]", threshold))
    for value in values:
        check_above_zero("threshold", cast("float", value))
    return tuple(float(cast("float", value)) for value in values)


def _of_review(
    review: Review,
    wanted: tuple[str, str, str, str],
    given: tuple[float, ...] | None,
    options: TrialOptions,
) -> TrialAppraisal:
    if str(review.study(wanted[0])["role"]) == "single person":
        return _of_one_person(review, wanted, options)
    comparison = _comparison(review, *wanted)
    outcome = review.outcome(comparison.outcome_id)
    words = words_of(outcome, comparison.measure)
    usable = comparison.usable
    if not usable:
        raise InsufficientEvidenceError(
            f"{comparison.label}, {outcome.name}: no report gives an effect with its error and "
            "its direction, so the trial cannot be appraised by it."
        )
    no_trial = _no_trial(review, comparison.study_id)
    effects = tuple(
        effect_of_reading(
            reading,
            label=comparison.label,
            words=words,
            told=comparison.reading_in_words(reading),
            printed_p=_printed_p(comparison, reading),
            no_trial=no_trial,
        )
        for reading in usable
    )
    if given is None:
        thresholds = _thresholds(review, outcome.id, comparison.measure)
    else:
        thresholds = tuple(ImportantDifference(value) for value in given)
    return TrialAppraisal(
        comparison.label,
        f"{outcome.name}, {comparison.timepoint}",
        tuple(run_battery(effect, thresholds, options) for effect in effects),
        further_lines(TrialContext(effects, review, comparison), FURTHER),
        options,
    )


def _of_one_person(
    review: Review, wanted: tuple[str, str, str, str], options: TrialOptions
) -> TrialAppraisal:
    """Appraise a study of one person: nothing there is a spread between people."""
    study_id, outcome_id, timepoint, measure = wanted
    label = review.label(study_id)
    comparison = Comparison(study_id, outcome_id, timepoint, measure, label, ())
    further = further_lines(TrialContext((), review, comparison), FURTHER)
    return TrialAppraisal(label, review.outcome(outcome_id).name, (), further, options)


def _no_trial(review: Review, study_id: str) -> str:
    """Return why a study is not one randomised trial; empty where it is."""
    study = review.study(study_id)
    design = str(study["design"])
    if str(study["role"]) == "observational" or design == "cohort":
        return "nobody was allocated at random"
    if design == "uncontrolled trial":
        return "it has no second group to compare with"
    if design in ("meta-analysis", "systematic review"):
        return "it is several trials and not one"
    return ""


def _printed_p(comparison: Comparison, reading: Reading) -> str:
    told = comparison.p_in_words(reading)
    return told.removeprefix("reported ") if told.startswith("reported ") else ""


def _comparison(
    review: Review, study_id: str, outcome_id: str, timepoint: str, measure: str
) -> Comparison:
    kind = review.outcome(outcome_id).kind
    first = measure or ("mean difference" if kind == "continuous" else "")
    try:
        found = derive(review, study_id, outcome_id, timepoint=timepoint, measure=first)
    except InsufficientEvidenceError:
        if measure or kind != "continuous":
            raise
        return derive(review, study_id, outcome_id, timepoint=timepoint, measure=_SMD)
    if not found.usable and not measure and kind == "continuous":
        return derive(review, study_id, outcome_id, timepoint=timepoint, measure=_SMD)
    return found


def _thresholds(review: Review, outcome_id: str, measure: str) -> tuple[ImportantDifference, ...]:
    """Return the thresholds for a difference between groups on the scale of the measure."""
    if measure in LOG_MEASURES:
        label = "relative change of a quarter that GRADE takes where no threshold is known"
        return (ImportantDifference(APPRECIABLE_LOG_RATIO, label),)
    scale = "SMD" if measure == _SMD else "outcome unit"
    found: dict[float, str] = {}
    for one in review.thresholds(outcome_id, BETWEEN):
        if one.scale == scale:
            found.setdefault(one.value, one.label)
    return tuple(ImportantDifference(value, label) for value, label in found.items())
