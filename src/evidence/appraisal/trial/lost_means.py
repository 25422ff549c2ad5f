"""How people lost to follow-up would have to have fared for a difference of means to turn.

References
----------
White IR, Horton NJ, Carpenter J, Pocock SJ (2011). Strategy for intention to treat analysis in
randomised trials with missing outcome data. BMJ 342:d40.
Ratitch B, O'Kelly M, Tosiello R (2013). Missing data in clinical trials: from clinical
assumptions to statistical analysis using pattern mixture models. Pharmaceutical Statistics
12:337-347 (delta adjustment, tipping point).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from evidence.appraisal.trial.lost_counts import check_pair
from evidence.display import Display, format_interval, format_number
from evidence.effects.arguments import check_level, checked
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution, InvalidArgumentError

__all__ = ["LostMeans", "SeenMeans", "lost_means"]

#: A shift that is less than this share of the interval is a rounding error.
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class SeenMeans:
    """Means of the people seen, and the ends of what a value can be.

    Attributes
    ----------
    treatment, control
        Means of the people seen in each group.
    low, high
        Lowest and highest value that can be.
    """

    treatment: float
    control: float
    low: float
    high: float

    def __post_init__(self) -> None:
        checked(treatment=self.treatment, control=self.control, low=self.low, high=self.high)
        if not (
            self.low <= self.treatment <= self.high
            and self.low <= self.control <= self.high
            and self.low < self.high
        ):
            raise InvalidArgumentError(
                f"The means {self.treatment:g} and {self.control:g} do not lie between low "
                f"{self.low:g} and high {self.high:g}; give the ends of the scale that the means "
                "are on."
            )


@dataclass(frozen=True, slots=True)
class LostMeans(Display):
    """The tipping values of a mean difference.

    Attributes
    ----------
    estimate, ci_low, ci_high, level
        Treatment minus control among the people seen, and its interval.
    seen, lost
        People of each group, treatment first.
    bound
        The value that the interval includes or not: no effect, or a threshold.
    shift
        By how much the difference of everybody would have to move for an end of its interval
        to reach the bound: the least that the scale allows, or simply the least.
    means
        Means of the people seen and ends of the scale; None where not given.
    cautions
        What a reader should know.
    """

    estimate: float
    ci_low: float
    ci_high: float
    level: float
    seen: tuple[int, int]
    lost: tuple[int, int]
    bound: float
    shift: float
    means: SeenMeans | None = None
    cautions: tuple[Caution, ...] = ()

    reference: ClassVar[str] = (
        "White et al. 2011, BMJ 342:d40; Ratitch, O'Kelly and Tosiello 2013, Pharm Stat 12:337-347"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "The standard error stays that of the people seen: imagined values add no certainty.",
        "The estimate is that of the people seen, without adjustment.",
    )

    @property
    def includes_bound(self) -> bool:
        """Whether the interval of the people seen includes the bound."""
        return self.ci_low <= self.bound <= self.ci_high

    @property
    def shares(self) -> tuple[float, float]:
        """Share of each group that was lost."""
        return (
            self.lost[0] / (self.lost[0] + self.seen[0]),
            self.lost[1] / (self.lost[1] + self.seen[1]),
        )

    @property
    def tipping_treatment(self) -> float:
        """Mean of the lost minus that of the seen, in the treatment group, that turns it.

        The people lost of the control group are as those seen; NaN where nobody was lost.
        """
        return self.shift / self.shares[0] if self.lost[0] else math.nan

    @property
    def tipping_control(self) -> float:
        """The same for the control group, with the lost of the treatment group as the seen."""
        return 0.0 - self.shift / self.shares[1] if self.lost[1] else math.nan

    @property
    def tipping_opposite(self) -> float:
        """How far the lost of both groups lie from the seen, in opposite ways, to turn it.

        The sign is that of the treatment group; NaN where nobody was lost.
        """
        total = sum(self.shares)
        return self.shift / total if total else math.nan

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest difference that the scale allows; None where no means are given."""
        return None if self.means is None else _reach(self.estimate, self.shares, self.means)

    @property
    def can_turn(self) -> bool | None:
        """Whether the scale allows values that turn it; None where no means are given."""
        if not any(self.lost):
            return False
        if self.range is None:
            return None
        low, high = self.range
        return low <= self.estimate + self.shift <= high

    def sentence(self) -> str:
        """Return the tipping values in words."""
        what = "zero" if self.bound == 0 else f"the threshold of {format_number(self.bound)}"
        interval = format_interval(self.ci_low, self.ci_high)
        verb = "includes" if self.includes_bound else "excludes"
        aim = "exclude" if self.includes_bound else "include"
        lost, people = sum(self.lost), sum(self.lost) + sum(self.seen)
        if lost == 0:
            return f"Nobody was lost; the interval {interval} {verb} {what}."
        head = (
            f"{lost} of {people:,} people were lost; the interval of the others, {interval}, "
            f"{verb} {what}"
        )
        if abs(self.shift) < _NOTHING * (self.ci_high - self.ci_low):
            return f"{head} and ends there: any difference of the lost from the seen would decide."
        ways = ("higher", "lower") if self.tipping_opposite > 0 else ("lower", "higher")
        who = " and ".join(
            f"{_size(self.tipping_opposite)} {way} than the seen with the {name}"
            for name, way, count in zip(("treatment", "control"), ways, self.lost, strict=True)
            if count
        )
        text = f"{head}. It would {aim} it if the lost had been {who}"
        if self.can_turn is False:
            text += ", which the scale does not allow"
        return f"{text}."

    def summary(self) -> str:
        """Return the sentence, the tipping value of each group alone, and the cautions."""
        lines = [self.sentence()]
        if all(self.lost):
            lines.append(
                "Had only the lost with the treatment differed from the seen, by "
                f"{format_number(self.tipping_treatment)}; only those with the control, by "
                f"{format_number(self.tipping_control)}."
            )
        if self.range is not None and any(self.lost):
            lines.append(
                "With the lost at the ends of the scale the difference lies between "
                f"{format_number(self.range[0])} and {format_number(self.range[1])}."
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each way the lost may differ from the seen, unrounded."""
        rows = [
            ("treatment alone", self.tipping_treatment, 0.0),
            ("control alone", 0.0, self.tipping_control),
            ("both, in opposite ways", self.tipping_opposite, 0.0 - self.tipping_opposite),
        ]
        columns = ["who", "lost_minus_seen_treatment", "lost_minus_seen_control"]
        return pd.DataFrame(rows, columns=columns)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not known."""
        tips = ("tipping_treatment", "tipping_control", "tipping_opposite")
        names = ("estimate", "ci_low", "ci_high", "level", "bound", "shift", "includes_bound")
        return {
            **{name: getattr(self, name) for name in names},
            "seen": list(self.seen),
            "lost": list(self.lost),
            **{name: None if math.isnan(v := getattr(self, name)) else v for name in tips},
            "range": None if self.range is None else list(self.range),
            "can_turn": self.can_turn,
            "cautions": [caution.message for caution in self.cautions],
        }


def lost_means(
    *,
    estimate: float,
    standard_error: float,
    seen: tuple[int, int],
    lost: tuple[int, int],
    bound: float = 0.0,
    level: float = 0.95,
    means: SeenMeans | None = None,
) -> LostMeans:
    """Return how the people lost would have to differ from those seen for a result to turn.

    If the lost of a group have a mean that differs by δ from that of the seen, the mean of all
    its people moves by δ times the share lost; so the difference moves by δ_t f_t - δ_c f_c,
    and its interval with it. The tipping values solve that for the nearest end and the bound.

    Parameters
    ----------
    estimate, standard_error
        Mean difference, treatment minus control, among the people seen, and its error.
    seen, lost
        People of the treatment group and of the control group.
    bound
        What the interval comes to include, or to exclude: 0, or a threshold with its sign.
    level
        Confidence level of the interval.
    means
        Means of the people seen and ends of the scale: they tell what the lost can have been.

    Returns
    -------
    LostMeans

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    White and others (2011), Ratitch, O'Kelly and Tosiello (2013): see the module.
    """
    checked({}, {"standard_error": 0}, estimate=estimate, standard_error=standard_error)
    checked(bound=bound)
    there, gone = check_pair("seen", seen, "(69, 65)"), check_pair("lost", lost, "(8, 13)")
    if min(there) < 1:
        raise InvalidArgumentError(f"seen is {seen!r}; both groups need somebody who was seen.")
    if means is not None and not isinstance(means, SeenMeans):
        raise InvalidArgumentError(
            f"means is {type(means).__name__}; give SeenMeans(treatment=..., control=..., "
            "low=..., high=...)."
        )
    value, error = float(estimate), float(standard_error)
    reach = quantile(check_level(level)) * error
    shifts = sorted((bound - (value - reach), bound - (value + reach)), key=abs)
    shares = gone[0] / (gone[0] + there[0]), gone[1] / (gone[1] + there[1])
    allowed = shifts
    if means is not None:
        low, high = _reach(value, shares, means)
        allowed = [shift for shift in shifts if low <= value + shift <= high]
    return LostMeans(
        value,
        value - reach,
        value + reach,
        level,
        there,
        gone,
        float(bound),
        float((allowed or shifts)[0]),
        means,
        (_NOT_KNOWN,),
    )


def _reach(estimate: float, shares: tuple[float, float], means: SeenMeans) -> tuple[float, float]:
    """Return the lowest and highest difference with the lost at the ends of the scale."""
    first, second = shares
    low = first * (means.low - means.treatment) - second * (means.high - means.control)
    high = first * (means.high - means.treatment) - second * (means.low - means.control)
    return estimate + low, estimate + high


def _size(shift: float) -> str:
    """Return the size of a shift; what rounds to nothing is not nothing."""
    text = format_number(abs(shift))
    return "less than 0.01" if shift != 0 and float(text) == 0 else text


_NOT_KNOWN = Caution(
    "missing-not-known",
    "Nobody can see how the lost fared; whether such values are plausible is for those to judge "
    "who know why people left.",
    "White et al. 2011, BMJ 342:d40",
)
