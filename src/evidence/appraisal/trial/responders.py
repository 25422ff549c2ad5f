"""What a difference of means implies for the share of people who improve.

References
----------
Furukawa TA, Leucht S (2011). How to obtain NNT from Cohen's d: comparison of two methods. PLoS
ONE 6:e19070.
Thorlund K, Walter SD, Johnston BC, Furukawa TA, Guyatt GH (2011). Pooling health-related
quality of life outcomes in meta-analysis: a tutorial and review of methods for enhancing
interpretability. Research Synthesis Methods 2:188-203.
Suissa S (1991). Binary methods for continuous outcomes: a parametric alternative. Journal of
Clinical Epidemiology 44:241-248.
Zou GY, Donner A (2008). Construction of confidence limits about effect measures: a general
approach. Statistics in Medicine 27:1693-1702 (the interval of the difference).
Altman DG (1998). Confidence intervals for the number needed to treat. BMJ 317:1309-1312.
Senn S (2004). Individual response to treatment: is it a valid assumption? BMJ 329:966-968.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from scipy.special import ndtr, ndtri

from evidence.display import Display, format_interval, format_number, join_words
from evidence.effects.arguments import check_level, checked, is_number
from evidence.effects.conversions.spread import quantile
from evidence.effects.measures.absolute import NumberNeeded, number_needed_to_treat
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError

__all__ = ["ArmChange", "Responders", "responders", "responders_from_smd"]

BETTER = ("lower", "higher")
_NUMBERS = ("share_treatment", "share_control", "difference", "difference_low", "difference_high")


@dataclass(frozen=True, slots=True)
class ArmChange:
    """By how much people of one group changed from baseline.

    Attributes
    ----------
    mean, sd
        In the outcome's unit; the SD is that between people.
    n
        People, at least two.
    """

    mean: float
    sd: float
    n: float

    def __post_init__(self) -> None:
        checked({"n": 2}, {"sd": 0}, mean=self.mean, sd=self.sd, n=self.n)


@dataclass(frozen=True, slots=True)
class Responders(Display):
    """Shares of people who improve by a threshold, as normal distributions imply them.

    Attributes
    ----------
    share_treatment, share_control
        Shares of the groups, proportions.
    difference, difference_low, difference_high
        Treatment minus control, with its interval.
    level
        Confidence level of the interval.
    basis
        What the shares are computed from, in words.
    uncertainty
        How the interval is made, in words.
    cautions
        What a reader should know.
    """

    share_treatment: float
    share_control: float
    difference: float
    difference_low: float
    difference_high: float
    level: float
    basis: str
    uncertainty: str
    cautions: tuple[Caution, ...] = ()

    reference: ClassVar[str] = (
        "Furukawa and Leucht 2011, PLoS ONE 6:e19070; Suissa 1991, J Clin Epidemiol 44:241-248; "
        "Altman 1998, BMJ 317:1309-1312"
    )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the shares take for granted."""
        return ("Values are normally distributed in both groups.", self.basis, self.uncertainty)

    @property
    def number_needed(self) -> NumberNeeded:
        """The number needed to treat for one more person to improve by the threshold."""
        return number_needed_to_treat(
            risk_difference=self.difference,
            ci_low=self.difference_low,
            ci_high=self.difference_high,
            event="beneficial",
        )

    def sentence(self) -> str:
        """Return shares, difference and number needed to treat in words."""
        return (
            f"If values are normally distributed, {_percent(self.share_treatment)}% improve by "
            f"the threshold with the treatment and {_percent(self.share_control)}% with the "
            f"control: {_more(self.difference)} in 100 ({100 * self.level:g}% CI "
            f"{_interval(self.difference_low, self.difference_high)}); "
            f"{self.number_needed.summary()}."
        )

    def summary(self) -> str:
        """Return the sentence and the cautions."""
        return "\n".join([self.sentence(), *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row, unrounded."""
        return pd.DataFrame([{name: getattr(self, name) for name in _NUMBERS}])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            **{name: getattr(self, name) for name in _NUMBERS},
            "level": self.level,
            "basis": self.basis,
            "uncertainty": self.uncertainty,
            "number_needed": self.number_needed.to_dict(),
            "cautions": [caution.message for caution in self.cautions],
        }


def _percent(share: float) -> str:
    return format_number(100 * share, 0)


def _more(difference: float) -> str:
    text = format_number(100 * abs(difference), 0)
    return f"{text} {'fewer' if difference < 0 and text != '0' else 'more'}"


def _interval(low: float, high: float) -> str:
    if low >= 0 or high <= 0:
        first, last = sorted((abs(low), abs(high)))
        side = "more" if low >= 0 else "fewer"
        return f"{_percent(first)} to {_percent(last)} {side}"
    return f"{_more(low)} to {_more(high)}"


def responders(
    treatment: ArmChange,
    control: ArmChange,
    *,
    threshold: float,
    better: str = "lower",
    scale: tuple[float, float] | None = None,
    level: float = 0.95,
) -> Responders:
    """Return the shares of two groups that improve by a threshold, and the number needed.

    With m the mean improvement, T the threshold and z = (m - T) / SD, a share is Φ(z) and the
    variance of z 1/n + z² / (2 (n - 1)) (delta method, with mean and SD estimated). The
    intervals of the two shares are joined by the method of Zou and Donner (2008), which stays
    between -1 and 1 and needs no symmetry.

    Parameters
    ----------
    treatment, control
        Changes from baseline of the two groups.
    threshold
        The smallest improvement within a person that counts, in the unit of the changes.
    better
        ``"lower"`` where a fall is an improvement, ``"higher"`` where a rise is.
    scale
        Lowest and highest change that can be, for a caution where the normal model leaves it.
    level
        Confidence level.

    Returns
    -------
    Responders

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    Furukawa and Leucht (2011), Thorlund and others (2011), Suissa (1991), Zou and Donner
    (2008), Altman (1998): see the module.
    """
    for name, arm in (("treatment", treatment), ("control", control)):
        if not isinstance(arm, ArmChange):
            raise InvalidArgumentError(
                f"{name} is {type(arm).__name__}; give ArmChange(mean=..., sd=..., n=...)."
            )
    checked(None, {"threshold": 0}, threshold=threshold)
    check_choice("better", better, BETTER)
    sign = -1.0 if better == "lower" else 1.0
    reach = quantile(check_level(level))
    ends = [_share(sign * arm.mean - threshold, arm, reach) for arm in (treatment, control)]
    (p1, low1, high1), (p2, low2, high2) = ends
    cautions = [_NOT_PEOPLE]
    if scale is not None:
        cautions += _leaves_scale((treatment, control), scale)
    return Responders(
        p1,
        p2,
        p1 - p2,
        p1 - p2 - math.hypot(p1 - low1, high2 - p2),
        p1 - p2 + math.hypot(high1 - p1, p2 - low2),
        level,
        f"Improvement is a {'fall' if better == 'lower' else 'rise'} by at least {threshold:g}.",
        "The interval is by the delta method on the normal scale, joined as Zou and Donner (2008).",
        tuple(cautions),
    )


def _share(distance: float, arm: ArmChange, reach: float) -> tuple[float, float, float]:
    """Return the share beyond the threshold and the ends of its interval."""
    z = distance / arm.sd
    error = math.sqrt(1 / arm.n + z**2 / (2 * (arm.n - 1)))
    return float(ndtr(z)), float(ndtr(z - reach * error)), float(ndtr(z + reach * error))


def responders_from_smd(
    *,
    smd: float,
    ci_low: float,
    ci_high: float,
    control_share: float,
    level: float = 0.95,
) -> Responders:
    """Return the share that improves with treatment from a standardised difference.

    Φ(d + Φ⁻¹(control share)) (Furukawa and Leucht 2011), for two normal groups of one SD. The
    ends of the interval of d go the same way; the control share is taken as known.

    Parameters
    ----------
    smd, ci_low, ci_high
        Standardised mean difference, positive where the treatment is better, and its interval.
    control_share
        Share of the control group that improves by the threshold, above 0 and below 1.
    level
        Confidence level of the interval given.

    Returns
    -------
    Responders

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    Furukawa and Leucht (2011), Altman (1998): see the module.
    """
    checked(smd=smd, ci_low=ci_low, ci_high=ci_high)
    if not (is_number(control_share) and 0 < control_share < 1):
        raise InvalidArgumentError(
            f"control_share is {control_share!r}; give a proportion between 0 and 1, for example "
            "0.3 for 30 in 100."
        )
    if not ci_low <= smd <= ci_high:
        raise InvalidArgumentError(
            f"smd {smd:g} lies outside its interval {ci_low:g} to {ci_high:g}."
        )
    base = float(ndtri(control_share))
    share, low, high = (float(ndtr(base + d)) for d in (smd, ci_low, ci_high))
    share_control = float(control_share)
    return Responders(
        share,
        share_control,
        share - share_control,
        low - share_control,
        high - share_control,
        check_level(level),
        f"{_percent(share_control)}% of the control group improve by the threshold.",
        "The interval is that of the standardised difference; the control share is as known.",
        (_NOT_PEOPLE,),
    )


_NOT_PEOPLE = Caution(
    "shares-not-people",
    "A difference of shares is one of groups: it does not say that these people were helped and "
    "the others not, and it depends on where the threshold is set.",
    "Senn 2004, BMJ 329:966-968",
)


def _leaves_scale(arms: tuple[ArmChange, ArmChange], scale: tuple[float, float]) -> list[Caution]:
    """Return a caution where mean plus or minus one SD runs off the scale."""
    low, high = (float(end) for end in scale)
    if not low < high:
        raise InvalidArgumentError(
            f"scale is {scale!r}; give its lowest and its highest value, for example (0, 28)."
        )
    off = [
        name
        for name, arm in zip(("treatment", "control"), arms, strict=True)
        if arm.mean - arm.sd < low or arm.mean + arm.sd > high
    ]
    if not off:
        return []
    named = join_words(f"the {name} group" for name in off)
    return [
        Caution(
            "normal-leaves-scale",
            f"In {named} a mean plus or minus one SD runs off the scale "
            f"({format_interval(low, high, 0)}): values cannot be normal there, and the shares are "
            "rough.",
            "Altman and Bland 1996, BMJ 313:1200",
        )
    ]
