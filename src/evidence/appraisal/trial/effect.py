"""One trial's effect as the methods for one trial take it, from whatever it is given as."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypedDict

from evidence.appraisal.trial.inputs import check_above_zero, check_estimate
from evidence.appraisal.trial.words import PLAIN, Words
from evidence.data import Outcome
from evidence.display import format_interval, format_number
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.effects.derivation.readings import LOG_MEASURES, Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError, did_you_mean
from evidence.synthesis.result import PooledResult

__all__ = ["TrialEffect", "TrialNumbers", "effect_of", "effect_of_numbers", "effect_of_reading"]

_MEAN, _SMD = "mean difference", "standardised mean difference"


class TrialNumbers(TypedDict, total=False):
    """One trial's effect in numbers; `estimate` and `standard_error` are needed.

    Attributes
    ----------
    estimate, standard_error
        The effect, treatment minus control; logarithms of a ratio.
    df
        Degrees of freedom of t. Without them those of two groups are taken for a
        ``"mean difference"`` whose group sizes are given, and the normal distribution for
        everything else.
    n_treatment, n_control
        People in each group.
    log
        Whether the estimate is the logarithm of a ratio.
    better
        ``"higher"`` or ``"lower"``.
    unit
        As it stands after a number.
    label
        How the trial is named.
    """

    estimate: float
    standard_error: float
    df: float
    n_treatment: float
    n_control: float
    log: bool
    better: str
    unit: str
    label: str


@dataclass(frozen=True)
class TrialEffect:
    """One reading of one trial's effect.

    Attributes
    ----------
    label, measure
        The trial and the kind of effect.
    estimate, standard_error
        Treatment minus control; logarithms of a ratio.
    df
        Degrees of freedom of t; None for the normal distribution.
    n_treatment, n_control
        People in each group; NaN where that is not known.
    paired
        Whether everybody is in both groups; `n_treatment` is then everybody.
    words
        How its numbers are written.
    reading
        What it was worked out from; empty where there is only one reading.
    printed_p
        The p value that goes with it, as printed; empty where none is.
    no_trial
        Why it is not the result of one randomised trial, as a clause; empty where it is.
    cautions
        What a reader should know.
    """

    label: str
    measure: str
    estimate: float
    standard_error: float
    df: float | None = None
    n_treatment: float = math.nan
    n_control: float = math.nan
    paired: bool = False
    words: Words = PLAIN
    reading: str = ""
    printed_p: str = ""
    no_trial: str = ""
    cautions: tuple[Caution, ...] = field(default=())

    @property
    def statistic(self) -> float:
        """The estimate over its standard error."""
        return self.estimate / self.standard_error

    @property
    def p_value(self) -> float:
        """Two-sided p value of no effect."""
        return p_from_t(self.statistic, self.df)

    @property
    def side(self) -> int:
        """The side on which an effect is looked for: the better one, or else the estimate's."""
        if self.words.better:
            return self.words.better
        return -1 if self.estimate < 0 else 1

    @property
    def distribution(self) -> str:
        """What the estimate over its standard error is taken to be, in words."""
        return "normal" if self.df is None else f"t with {self.df:g} degrees of freedom"

    @property
    def people(self) -> float:
        """Everybody; NaN where that is not known."""
        return self.n_treatment if self.paired else self.n_treatment + self.n_control

    @property
    def sd(self) -> float:
        """Standard deviation between people that the error implies; NaN where it does not."""
        if self.paired or math.isnan(self.people):
            return math.nan
        if self.measure == _SMD:
            return 1.0
        if self.measure != _MEAN:
            return math.nan
        return self.standard_error / math.sqrt(1 / self.n_treatment + 1 / self.n_control)

    def interval(self, level: float) -> tuple[float, float]:
        """Return the confidence interval."""
        reach = quantile(level, self.df) * self.standard_error
        return self.estimate - reach, self.estimate + reach

    def groups(self) -> tuple[float, float | None]:
        """Return the group sizes as tests take them, or say that they are not known."""
        if math.isnan(self.people):
            raise InsufficientEvidenceError(
                "How many people are in each group is not known; give n_treatment and n_control."
            )
        return (self.n_treatment, None) if self.paired else (self.n_treatment, self.n_control)

    def to_dict(self) -> dict[str, object]:
        """Return the effect as plain values; None for what is not known."""
        low, high = self.interval(0.95)
        numbers = {
            "estimate": self.estimate,
            "standard_error": self.standard_error,
            "df": self.df,
            "ci_low": low,
            "ci_high": high,
            "p_value": self.p_value,
            "n_treatment": self.n_treatment,
            "n_control": self.n_control,
        }
        plain = {
            name: None if value is None or math.isnan(value) else value
            for name, value in numbers.items()
        }
        return {"label": self.label, "measure": self.measure, "reading": self.reading, **plain}


def words_of(outcome: Outcome, measure: str) -> Words:
    """Return how differences of an outcome are written.

    Parameters
    ----------
    outcome
        The outcome.
    measure
        One of those that `evidence.derive` takes.
    """
    sign = outcome.benefit_sign
    if measure in LOG_MEASURES:
        return Words(better=sign, log=True)
    if measure == "risk difference":
        return Words("in 100 people", sign, decimals=1, factor=100.0)
    if measure == _SMD:
        return Words("standard deviations", sign)
    span = math.inf
    if outcome.minimum is not None and outcome.maximum is not None:
        span = outcome.maximum - outcome.minimum
    unit = "" if outcome.unit == "as reported" else outcome.unit
    return Words(unit, sign, decimals=1, span=span)


def effect_of_reading(
    reading: Reading,
    *,
    label: str = "",
    words: Words | None = None,
    told: str = "",
    printed_p: str = "",
    no_trial: str = "",
) -> TrialEffect:
    """Return the effect of one reading of a report.

    Parameters
    ----------
    reading
        One that has an estimate, its error and a direction.
    label
        How the trial is named; its id when empty.
    words
        How its numbers are written.
    told
        What it was worked out from, in words.
    printed_p
        The p value that goes with it, as printed.
    no_trial
        Why it is not the result of one randomised trial, as a clause.
    """
    if not reading.usable:
        raise InsufficientEvidenceError(
            f"This reading of {label or reading.study_id} has "
            + ("no direction" if not reading.signed else "only a bound")
            + ", so a trial cannot be appraised by it; take one whose `usable` is true."
        )
    paired = any(caution.code == "crossover" for caution in reading.cautions)
    people = reading.n_treatment + reading.n_control
    df: float | None = None
    if reading.measure == _MEAN:
        df = reading.df if math.isfinite(reading.df) else people - (1 if paired else 2)
    return TrialEffect(
        label=label or reading.study_id,
        measure=reading.measure,
        estimate=reading.estimate,
        standard_error=reading.standard_error,
        df=df if df is not None and df > 0 else None,
        n_treatment=people if paired else reading.n_treatment,
        n_control=math.nan if paired else reading.n_control,
        paired=paired,
        words=words or Words(log=reading.measure in LOG_MEASURES),
        reading=told,
        printed_p=printed_p,
        no_trial=no_trial,
        cautions=reading.cautions,
    )


def effect_of(effect: Reading | EffectSizes | PooledResult) -> TrialEffect:
    """Return the effect of one study, from a result that holds one.

    Parameters
    ----------
    effect
        A reading, effect sizes of one study, or a pooled result of one study.
    """
    if isinstance(effect, Reading):
        return effect_of_reading(effect)
    if isinstance(effect, PooledResult):
        if effect.k != 1:
            raise InvalidArgumentError(
                f"effect pools {effect.k} studies; one trial is appraised at a time. The pooled "
                "result has its own appraisal: missing_evidence(...) and rate_certainty(...)."
            )
        error = math.sqrt(float(effect.variances[0]))
        return TrialEffect(effect.labels[0], "", float(effect.effects[0]), error)
    if len(effect) != 1:
        raise InvalidArgumentError(
            f"effect holds {len(effect)} studies; give the effect of one, for example by giving "
            "its own numbers to the effect function."
        )
    measure = effect.measure
    return TrialEffect(
        "this study",
        measure,
        float(effect.estimate[0]),
        float(effect.standard_error[0]),
        words=Words(
            "standard deviations" if measure.startswith("standardised") else "",
            log="log " in measure or "(log)" in measure,
        ),
        cautions=effect.cautions,
    )


def effect_of_numbers(numbers: TrialNumbers, measure: str = "") -> TrialEffect:
    """Return the effect that is given in numbers.

    Parameters
    ----------
    numbers
        As `TrialNumbers` names them.
    measure
        What the estimate is.
    """
    known = tuple(TrialNumbers.__annotations__)
    for name in numbers:
        if name not in known:
            raise InvalidArgumentError(f"{name} is no argument here. {did_you_mean(name, known)}")
    missing = [name for name in ("estimate", "standard_error") if name not in numbers]
    if missing:
        raise InvalidArgumentError(
            f"{missing[0]} is missing. Give an effect, a review with study_id and outcome_id, or "
            "estimate and standard_error as numbers."
        )
    estimate, error, df = numbers["estimate"], numbers["standard_error"], numbers.get("df")
    check_estimate(estimate, error, df)
    better = numbers.get("better", "")
    if better not in ("", "higher", "lower"):
        raise InvalidArgumentError(f"better is {better!r}; give 'higher' or 'lower'.")
    n_treatment = numbers.get("n_treatment", math.nan)
    n_control = numbers.get("n_control", math.nan)
    for name, n in (("n_treatment", n_treatment), ("n_control", n_control)):
        if name in numbers:
            check_above_zero(name, n)
    if df is None and measure == _MEAN and n_treatment + n_control > 2:
        df = n_treatment + n_control - 2
    unit = numbers.get("unit", "standard deviations" if measure == _SMD else "")
    words = Words(
        unit,
        {"higher": 1, "lower": -1, "": 0}[better],
        log=numbers.get("log", False) or measure in LOG_MEASURES or measure.startswith("log "),
    )
    return TrialEffect(
        numbers.get("label", "this trial"),
        measure,
        float(estimate),
        float(error),
        df,
        n_treatment,
        n_control,
        words=words,
    )


def described(effect: TrialEffect) -> str:
    """Return an effect with its interval in digits, as a table shows it."""
    low, high = effect.interval(0.95)
    scale = effect.words
    if scale.log:
        low, high, top = (math.exp(min(x, 700.0)) for x in (low, high, effect.estimate))
    else:
        low, high, top = (scale.factor * x for x in (low, high, effect.estimate))
    text = f"{format_number(top)} ({format_interval(low, high)})"
    return text if scale.log else f"{text} {scale.unit}".rstrip()
