"""What knowing more is worth: the value of perfect information and of one more study.

The decision is the plainest there is: use the treatment where its expected benefit is above what
it must at least bring, and else do not. The benefit per person is worth itself, above that line;
without the treatment nothing is gained or lost. What is known of the mean effect is a normal
distribution. A study measures the effect in its own setting, so settings that differ bound what
even a very large one can tell.

References
----------
Raiffa H, Schlaifer R (1961). Applied statistical decision theory. Harvard University, chapter 5
(the unit normal loss integral, and the value of a sample with a normal prior and linear values).
Claxton K, Posnett J (1996). An economic approach to clinical trial design and research
priority-setting. Health Economics 5:513-524.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from evidence.display import Display, format_number, join_words
from evidence.effects.arguments import Floats, checked, is_number
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["SIZES_VALUED", "TrialValue", "unit_normal_loss", "value_of_another_trial"]

#: People in the further study whose value is worked out.
SIZES_VALUED = (50, 100, 200, 500, 1000, 5000, 20_000)


def unit_normal_loss(distance: Any) -> Floats:
    """Return the unit normal loss integral: φ(u) - u (1 - Φ(u)).

    Parameters
    ----------
    distance
        u, in standard deviations.

    References
    ----------
    Raiffa and Schlaifer (1961): see the module.
    """
    u = np.asarray(distance, dtype=np.float64)
    density = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
    return np.asarray(np.maximum(density - u * ndtr(-u), 0.0))


@dataclass(frozen=True, eq=False, kw_only=True)
class TrialValue(Display):
    """The value of knowing the effect, and of one more study of each size, per person.

    Attributes
    ----------
    mean, sd
        What is known of the mean effect, positive where the treatment is better.
    threshold
        What the benefit must exceed for the treatment to be used.
    between
        Variance of true effects between settings.
    variance_of_one
        Variance of a study of one person.
    people
        Sizes of the further study, shape (m,).
    sample
        Expected value of a study of each size, shape (m,).
    perfect
        Expected value of knowing the mean effect for certain.
    one_setting
        What a study of one setting comes to as its size grows without end.
    units
        Names of the units that values are told in, and how many of each one of the effect is; the
        first is the main one.
    """

    mean: float
    sd: float
    threshold: float
    between: float
    variance_of_one: float
    people: Floats
    sample: Floats
    perfect: float
    one_setting: float
    units: tuple[tuple[str, float], ...] = (("", 1.0),)

    @property
    def use(self) -> bool:
        """Whether the treatment would be used on what is known today."""
        return self.mean > self.threshold

    @property
    def wrong(self) -> float:
        """Probability that today's decision is the wrong one."""
        return float(ndtr(-abs(self.mean - self.threshold) / self.sd))

    def summary(self) -> str:
        """Return what is decided today, and what knowing more is worth, in words."""
        choice = "for the treatment" if self.use else "against the treatment"
        side = "above" if self.use else "not above"
        best = int(self.sample.argmax())
        share = 100 * self.one_setting / self.perfect if self.perfect > 0 else math.nan
        lines = [
            (
                f"Taken at its word, the evidence puts the benefit at {self._said(self.mean)}, "
                f"{side} {self._said(self.threshold)}. By that rule alone the decision would be "
                f"{choice}, and wrong with a probability of {100 * self.wrong:.0f}%."
            ),
            (
                f"Knowing the mean effect for certain would be worth {self._worth(self.perfect)} "
                "for each person who is to decide."
            ),
            (
                f"One more study of {self.people[0]:,.0f} people would be worth "
                f"{self._worth(self.sample[0])}, one of {self.people[best]:,.0f} "
                f"{self._worth(self.sample[best])}."
            ),
        ]
        if self.between > 0 and math.isfinite(share):
            lines.append(
                f"However large, one study of one setting brings at most "
                f"{self._worth(self.one_setting)}; that is {share:.0f}% of knowing for certain, as "
                "settings differ."
            )
        return "\n".join(lines)

    def _said(self, value: float, place: int = 0) -> str:
        unit, per_unit = self.units[place]
        shown = value * per_unit
        # Small values keep digits that mean something.
        decimals = 2 if abs(shown) >= 0.1 or shown == 0 else 3
        return f"{format_number(shown, decimals)} {unit}".rstrip()

    def _worth(self, value: float) -> str:
        """Return a value in every unit."""
        first, *others = (self._said(value, place) for place in range(len(self.units)))
        return f"{first} ({join_words(others)})" if others else first

    def to_frame(self) -> pd.DataFrame:
        """Return one row per size, unrounded, in the unit of the effect and as shown."""
        return pd.DataFrame(
            {
                "people": self.people,
                "value": self.sample,
                "share_of_perfect": self.sample / self.perfect if self.perfect > 0 else math.nan,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = ("mean", "sd", "threshold", "between", "variance_of_one", "use", "wrong")
        more = ("perfect", "one_setting")
        return {
            **{name: getattr(self, name) for name in (*names, *more)},
            "units": dict(self.units),
            "sizes": self.to_frame().to_dict("records"),
        }


def value_of_another_trial(
    mean: float,
    sd: float,
    *,
    variance_of_one: float,
    threshold: float = 0.0,
    between: float = 0.0,
    people: ArrayLike = SIZES_VALUED,
    units: Sequence[tuple[str, float]] = (("", 1.0),),
) -> TrialValue:
    """Return what one more study is worth to those who have to decide, per person.

    Parameters
    ----------
    mean, sd
        What is known of the mean effect: a normal distribution, positive where the treatment is
        better.
    variance_of_one
        Variance of a study of one person: that of a study of n is this over n.
    threshold
        What the benefit must exceed for the treatment to be used: it stands for all that speaks
        against it.
    between
        Variance of true effects between settings, taken as known.
    people
        Sizes of the further study.
    units
        Names of the units that values are told in, and how many of each one of the effect is; the
        first is the main one.

    Returns
    -------
    TrialValue

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.

    Notes
    -----
    With m, s² for what is known and t for the threshold, the value of perfect information is
    s L(|m - t| / s), L being the unit normal loss integral. A study of variance v leaves a
    posterior mean of variance r² = s⁴ / (s² + v), here v = between + variance_of_one / n, and is
    worth r L(|m - t| / r). Costs, delays, and people in the study itself are not counted.

    References
    ----------
    Raiffa and Schlaifer (1961), Claxton and Posnett (1996): see the module.
    """
    for name, value, least in (
        ("mean", mean, -math.inf),
        ("sd", sd, 0.0),
        ("variance_of_one", variance_of_one, 0.0),
        ("threshold", threshold, -math.inf),
        ("between", between, -1e-300),
        *((f"the unit {unit!r}", number, 0.0) for unit, number in units),
    ):
        if not is_number(value) or not math.isfinite(value) or value <= least:
            accepted = "a finite number" + ("" if math.isinf(least) else " above 0")
            accepted += ", or 0" if name == "between" else ""
            raise InvalidArgumentError(f"{name} is {value!r}; give {accepted}.")
    sizes = checked({"people": 0.0}, strict=True, people=people)["people"]
    distance = abs(mean - threshold)

    def worth(variance: Floats | float) -> Floats:
        spread = sd * np.sqrt(sd**2 / (sd**2 + np.asarray(variance, dtype=np.float64)))
        return np.asarray(spread * unit_normal_loss(distance / spread))

    return TrialValue(
        mean=float(mean),
        sd=float(sd),
        threshold=float(threshold),
        between=float(between),
        variance_of_one=float(variance_of_one),
        people=sizes,
        sample=worth(between + variance_of_one / sizes),
        perfect=float(worth(0.0)),
        one_setting=float(worth(between)),
        units=tuple((str(unit), float(number)) for unit, number in units),
    )
