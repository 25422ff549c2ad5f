"""How strong confounding would have to be to explain a result that nobody randomised.

References
----------
VanderWeele TJ, Ding P (2017). Sensitivity analysis in observational research: introducing the
E-value. Annals of Internal Medicine 167:268-274.
Ding P, VanderWeele TJ (2016). Sensitivity analysis without assumptions. Epidemiology
27:368-377 (the bound behind it).
Chinn S (2000). A simple method for converting an odds ratio to effect size for use in
meta-analysis. Statistics in Medicine 19:3127-3131 (standardised differences).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from evidence.display import Display, format_interval, format_number
from evidence.effects.arguments import is_number
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError

__all__ = ["E_VALUE_MEASURES", "EValue", "e_value"]

E_VALUE_MEASURES = (
    "risk ratio",
    "rate ratio",
    "odds ratio",
    "hazard ratio",
    "standardised mean difference",
)
_DIFFERENCE = "standardised mean difference"
#: For these the answer depends on how common the outcome is.
_BY_FREQUENCY = ("odds ratio", "hazard ratio")
FREQUENCIES = ("rare", "common")
#: One standard deviation as the logarithm of a risk ratio: half of Chinn's 1.81, rounded as
#: VanderWeele and Ding (2017) have it.
LOG_RATIO_OF_ONE_SD = 0.91


@dataclass(frozen=True, slots=True)
class EValue(Display):
    """The E-value of an estimate and of the limit nearest to the true effect supposed.

    Attributes
    ----------
    measure
        One of `E_VALUE_MEASURES`.
    estimate, ci_low, ci_high
        As given; NaN where there is no interval.
    outcome
        ``"rare"`` or ``"common"``; empty where that does not matter.
    true
        The true effect that confounding would have to leave, on the scale of the measure.
    ratio
        The estimate as a risk ratio.
    for_estimate
        The E-value of the estimate.
    for_limit
        That of the limit nearest to `true`: 1 where the interval holds it, NaN without one.
    cautions
        What a reader should know.
    """

    measure: str
    estimate: float
    ci_low: float
    ci_high: float
    outcome: str
    true: float
    ratio: float
    for_estimate: float
    for_limit: float
    cautions: tuple[Caution, ...] = ()

    reference: ClassVar[str] = "VanderWeele and Ding 2017, Ann Intern Med 167:268-274"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the number takes for granted."""
        found = [
            "The confounder stands for everything not adjusted for, taken together.",
            "It has the same strength with the exposure as with the outcome.",
            "There is no other bias: no selection, no error of measurement, no chance.",
        ]
        if self.measure == _DIFFERENCE:
            found.append(f"One SD is a risk ratio of exp({LOG_RATIO_OF_ONE_SD:g}) (Chinn 2000).")
        elif self.outcome == "common":
            found.append("The ratio is turned into a risk ratio by an approximation.")
        elif self.outcome == "rare":
            found.append("The outcome is rare, so the ratio is taken for a risk ratio.")
        return tuple(found)

    def sentence(self) -> str:
        """Return both E-values in words."""
        none = 0.0 if self.measure == _DIFFERENCE else 1.0
        left = "" if self.true == none else f" where {format_number(self.true)} is true"
        interval = (
            "" if math.isnan(self.ci_low) else f" ({format_interval(self.ci_low, self.ci_high)})"
        )
        if self.for_estimate == 1.0:
            return (
                f"{self.measure[0].upper()}{self.measure[1:]} "
                f"{format_number(self.estimate)}{interval}: there is nothing to explain{left}."
            )
        text = (
            f"To explain a {self.measure} of {format_number(self.estimate)}{interval}{left}, "
            "something not adjusted for would have to go with both the exposure and the outcome "
            f"by a risk ratio of {format_number(self.for_estimate)} each"
        )
        if math.isnan(self.for_limit):
            return f"{text}."
        if self.for_limit == 1.0:
            return f"{text}; the interval needs no confounding at all to hold that effect."
        return f"{text}; for the nearest limit {format_number(self.for_limit)} is enough."

    def summary(self) -> str:
        """Return the sentence and the cautions."""
        return "\n".join([self.sentence(), *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for the estimate and, where there is one, one for the limit."""
        rows = [("estimate", self.for_estimate)]
        if not math.isnan(self.for_limit):
            rows.append(("nearest limit", self.for_limit))
        return pd.DataFrame(rows, columns=["of", "e_value"])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not known."""
        names = (
            "measure", "estimate", "ci_low", "ci_high", "outcome", "true", "ratio",
            "for_estimate", "for_limit",
        )  # fmt: skip
        found = {name: getattr(self, name) for name in names}
        plain = {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in found.items()
        }
        return {**plain, "cautions": [caution.message for caution in self.cautions]}


def e_value(
    *,
    measure: str,
    estimate: float,
    ci_low: float | None = None,
    ci_high: float | None = None,
    outcome: str = "",
    true: float | None = None,
    randomised: bool = False,
) -> EValue:
    """Return how strong confounding has to be to explain an estimate, and its nearest limit.

    With the estimate as a risk ratio, divided by the true one and turned so that it is above
    1: RR + sqrt(RR (RR - 1)) (VanderWeele and Ding 2017). Odds and hazard ratios of a rare
    outcome are taken as risk ratios; of a common one OR becomes sqrt(OR) and HR becomes (1 -
    0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR)). A standardised difference d becomes exp(0.91 d).

    Parameters
    ----------
    measure
        One of `E_VALUE_MEASURES`.
    estimate
        A ratio (not its logarithm), or a difference in standard deviations.
    ci_low, ci_high
        Its confidence interval.
    outcome
        ``"rare"`` or ``"common"`` (more than about 15% by the end of follow-up), needed for
        odds and hazard ratios.
    true
        The true effect to be left, on the scale of the measure; no effect by default.
    randomised
        Whether chance decided who was exposed: then there is no E-value.

    Returns
    -------
    EValue

    Raises
    ------
    InsufficientEvidenceError
        For a randomised comparison, whose groups differ by chance, which p values and
        intervals already tell of.
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    VanderWeele and Ding (2017), Ding and VanderWeele (2016), Chinn (2000): see the module.
    """
    check_choice("measure", measure, E_VALUE_MEASURES)
    if randomised:
        raise InsufficientEvidenceError(
            "An E-value says how strong confounding would have to be. Here chance decided who got "
            "what, and the interval already tells of chance: look at loss to follow-up and "
            "blinding instead."
        )
    frequency = _frequency(measure, outcome)
    none = 0.0 if measure == _DIFFERENCE else 1.0
    supposed = _number("true", none if true is None else true, measure)
    value = _number("estimate", estimate, measure)
    low, high = _interval(ci_low, ci_high, value, measure)
    ratio = _as_risk_ratio(value, measure, frequency)
    base = _as_risk_ratio(supposed, measure, frequency)
    for_limit = math.nan
    if not math.isnan(low):
        nearest = low if value > supposed else high
        held = low <= supposed <= high
        for_limit = 1.0 if held else _bound(_as_risk_ratio(nearest, measure, frequency) / base)
    return EValue(
        measure,
        value,
        low,
        high,
        frequency,
        supposed,
        ratio,
        _bound(ratio / base),
        for_limit,
        _cautions(),
    )


def _frequency(measure: str, outcome: str) -> str:
    if measure not in _BY_FREQUENCY:
        if outcome:
            check_choice("outcome", outcome, FREQUENCIES)
        return ""
    if not outcome:
        raise InvalidArgumentError(
            f"outcome is not given; the E-value of an {measure} needs it. Give 'rare' or, where "
            "more than about 15% have the event by the end of follow-up, 'common'."
            if measure == "odds ratio"
            else "outcome is not given; the E-value of a hazard ratio needs it. Give 'rare' or, "
            "where more than about 15% have the event by the end of follow-up, 'common'."
        )
    return check_choice("outcome", outcome, FREQUENCIES)


def _number(name: str, value: object, measure: str) -> float:
    """Return a number that the measure can have."""
    if not is_number(value) or not math.isfinite(value):  # type: ignore[arg-type]
        raise InvalidArgumentError(f"{name} is {value!r}; give a finite number.")
    number = float(value)  # type: ignore[arg-type]
    if measure != _DIFFERENCE and number <= 0:
        raise InvalidArgumentError(
            f"{name} is {number:g}; a {measure} is above 0. Give the ratio, not its logarithm."
        )
    return number


def _interval(
    ci_low: float | None, ci_high: float | None, estimate: float, measure: str
) -> tuple[float, float]:
    if ci_low is None and ci_high is None:
        return math.nan, math.nan
    if ci_low is None or ci_high is None:
        raise InvalidArgumentError(
            "Only one end of the interval is given; give ci_low and ci_high, or neither."
        )
    low, high = _number("ci_low", ci_low, measure), _number("ci_high", ci_high, measure)
    if not low <= estimate <= high:
        raise InvalidArgumentError(
            f"estimate {estimate:g} lies outside its interval {low:g} to {high:g}."
        )
    return low, high


def _as_risk_ratio(value: float, measure: str, outcome: str) -> float:
    if measure == _DIFFERENCE:
        return math.exp(LOG_RATIO_OF_ONE_SD * value)
    if outcome != "common":
        return value
    root = math.sqrt(value)
    if measure == "odds ratio":
        return root
    # 1 - 0.5^x without the loss of digits near 0.
    half = math.log(0.5)
    return math.expm1(half * root) / math.expm1(half / root)


def _bound(ratio: float) -> float:
    """Return RR + sqrt(RR (RR - 1)) with the ratio turned so that it is above 1."""
    upwards = max(ratio, 1 / ratio)
    return upwards + math.sqrt(upwards * (upwards - 1))


def _cautions() -> tuple[Caution, ...]:
    return (
        Caution(
            "e-value-is-no-test",
            "An E-value says nothing of whether such a confounder exists: hold it against the "
            "strength of those that were measured.",
            "VanderWeele and Ding 2017",
        ),
    )
