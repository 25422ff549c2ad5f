"""The optimal information size: the people that one well-powered trial would need.

GRADE asks whether a body of evidence is as large as a single trial that could show the
difference that matters. Here that size is worked out, not taken from a rule of thumb: the usual
calculation for two groups of equal size, two-sided α 0.05 and power 0.80.

References
----------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 6. Rating the quality of
evidence: imprecision. Journal of Clinical Epidemiology 64:1283-1293.
Guyatt G, Zeng L, Brignardello-Petersen R, et al. (2025). Core GRADE 2: choosing the target of
certainty rating and assessing imprecision. BMJ 389:e081904.
Fleiss JL, Levin B, Paik MC (2003). Statistical methods for rates and proportions, 3rd edition,
chapter 4 (two proportions, without continuity correction). Of two means:
`evidence.appraisal.trial.trial_size`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import ndtri

from evidence.appraisal.trial.trial_size import size_for_power
from evidence.data import Review
from evidence.effects.derivation.readings import LOG_MEASURES, Reading
from evidence.errors import InvalidArgumentError
from evidence.synthesis.body import Scenario

__all__ = [
    "ALPHA",
    "FALLBACK_PEOPLE",
    "POWER",
    "ControlRisk",
    "InformationSize",
    "control_risk",
    "information_size",
    "people_for_risks",
    "typical_sd",
]

#: Core GRADE 2 (Guyatt et al. 2025, BMJ 389:e081904): the usual error rates of a trial.
ALPHA = 0.05
#: Core GRADE 2 (Guyatt et al. 2025, BMJ 389:e081904).
POWER = 0.80
#: GRADE guidelines 6: the rule of thumb for a continuous outcome, used only where nothing is
#: known that a size could be worked out from.
FALLBACK_PEOPLE = 400


@dataclass(frozen=True, slots=True)
class ControlRisk:
    """The risk without treatment, as the control groups had it.

    Attributes
    ----------
    events, total
        People with the event, and people, in all control groups together.
    trials
        How many trials say so.
    """

    events: int
    total: int
    trials: int

    @property
    def risk(self) -> float:
        """Events over people."""
        return self.events / self.total


@dataclass(frozen=True, slots=True)
class InformationSize:
    """How many people are wanted, and what that rests on.

    Attributes
    ----------
    wanted
        In both groups together.
    basis
        What it was worked out from, in words.
    worked_out
        Whether it is the size for the difference that matters, and no rule of thumb.
    """

    wanted: int
    basis: str
    worked_out: bool = True


def _factor(alpha: float, power: float) -> tuple[float, float]:
    for name, value in (("alpha", alpha), ("power", power)):
        if not 0 < value < 1:
            raise InvalidArgumentError(
                f"{name} is {value!r}; give a proportion between 0 and 1, for example 0.05."
            )
    return float(ndtri(1 - alpha / 2)), float(ndtri(power))


def people_for_risks(
    control: float, treatment: float, *, alpha: float = ALPHA, power: float = POWER
) -> int:
    """Return the people, in two equal groups together, that show a difference of two risks.

    (z₁₋α⸝₂ √(2 p̄ (1 - p̄)) + z_power √(p₀ (1 - p₀) + p₁ (1 - p₁)))² / (p₁ - p₀)² in each group,
    with p̄ the mean of the two risks; rounded up.

    Parameters
    ----------
    control, treatment
        The risks, above 0 and below 1, and not the same.
    alpha, power
        Two-sided error and power.

    References
    ----------
    Fleiss JL, Levin B, Paik MC (2003). Statistical methods for rates and proportions, chapter 4.
    """
    for name, value in (("control", control), ("treatment", treatment)):
        if not 0 < value < 1:
            raise InvalidArgumentError(
                f"{name} is {value!r}; give a risk between 0 and 1, for example 0.12."
            )
    _check_positive("the difference of the two risks", abs(treatment - control))
    error, reach = _factor(alpha, power)
    mean = (control + treatment) / 2
    spread = math.sqrt(2 * mean * (1 - mean))
    apart = math.sqrt(control * (1 - control) + treatment * (1 - treatment))
    return 2 * math.ceil(((error * spread + reach * apart) / (treatment - control)) ** 2)


def _check_positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InvalidArgumentError(f"{name} is {value!r}; give a finite number above 0.")


def control_risk(review: Review, scenario: Scenario) -> ControlRisk | None:
    """Return the risk in the control groups behind a result, or None where none is reported.

    Parameters
    ----------
    review
        The review.
    scenario
        One reading of an analysis.
    """
    events = total = trials = 0
    for reading in scenario.readings:
        rows = review.rows_of("arms", reading.study_id, reading.outcome_id)
        mine = rows[
            (rows["role"] == "control")
            & (rows["timepoint"] == reading.timepoint)
            & rows["events"].notna()
            & rows["total"].notna()
        ]
        if len(mine):
            events += int(mine["events"].sum())
            total += int(mine["total"].sum())
            trials += 1
    return ControlRisk(events, total, trials) if total else None


def typical_sd(readings: Iterable[Reading]) -> float | None:
    """Return the SD between people that the standard errors imply, weighted by people.

    Parameters
    ----------
    readings
        Differences of means, one for each trial; None where none has people and an error.
    """
    squares = people = 0.0
    for reading in readings:
        if reading.n_treatment > 0 and reading.n_control > 0 and reading.standard_error > 0:
            n = reading.n_treatment + reading.n_control
            per_person = 1 / reading.n_treatment + 1 / reading.n_control
            squares += n * reading.standard_error**2 / per_person
            people += n
    return math.sqrt(squares / people) if people else None


def information_size(
    review: Review, scenario: Scenario, measure: str, threshold: float | None
) -> InformationSize:
    """Return the optimal information size for the smallest difference that matters.

    Parameters
    ----------
    review
        The review, for the risk in its control groups.
    scenario
        One reading of the analysis, for the spread between people.
    measure
        Its measure.
    threshold
        The smallest difference that matters, on the scale of the result; None where unknown.

    Returns
    -------
    InformationSize
        `FALLBACK_PEOPLE` where nothing is known to work a size out from.

    References
    ----------
    See `evidence.appraisal.certainty.information_size`.
    """
    if threshold is None:
        return _rule_of_thumb("no threshold is known")
    if measure in LOG_MEASURES or measure == "risk difference":
        return _of_risks(control_risk(review, scenario), measure, threshold)
    sd = 1.0 if measure.startswith("standardised") else typical_sd(scenario.readings)
    if sd is None:
        return _rule_of_thumb("no spread is known")
    spread = "" if sd == 1.0 else f" with a standard deviation of {sd:.3g}"
    try:
        per_arm = size_for_power(threshold, sd, power=POWER, alpha=ALPHA).per_arm
    except InvalidArgumentError:
        return _rule_of_thumb("no trial could be so large as to show the threshold")
    return InformationSize(2 * per_arm, f"to show a difference of {threshold:.3g}{spread}")


def _rule_of_thumb(why: str) -> InformationSize:
    return InformationSize(FALLBACK_PEOPLE, f"a rule of thumb, as {why}", worked_out=False)


def _of_risks(control: ControlRisk | None, measure: str, threshold: float) -> InformationSize:
    if control is None or not 0 < control.risk < 1:
        return _rule_of_thumb("no control risk is known")
    base = control.risk
    if measure == "risk difference":
        treated = base - threshold if base > threshold else base + threshold
    elif measure == "odds ratio":
        odds = base / (1 - base) * math.exp(-threshold)
        treated = odds / (1 + odds)
    else:
        treated = base * math.exp(-threshold)
    if not 0 < treated < 1:
        return _rule_of_thumb("the threshold is no risk")
    return InformationSize(
        people_for_risks(base, treated),
        f"to show {1000 * treated:.0f} against {1000 * base:.0f} events in 1,000 people",
    )
