"""What trials usually show: an estimate seen against those of the Cochrane database.

References
----------
van Zwet E, Schwab S, Senn S (2021). The statistical properties of RCTs and a proposal for
shrinkage. Statistics in Medicine 40:6107-6117.
van Zwet EW, Goodman SN (2022). How large should the next study be? Predictive power and sample
size requirements for replication studies. Statistics in Medicine 41:3090-3101.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import check_estimate, normal_equivalent
from evidence.appraisal.trial.words import PLAIN, Words, probability
from evidence.display import format_number
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import quantile

__all__ = ["SNR_SDS", "SNR_WEIGHTS", "ShrunkenTrial", "shrink_trial"]

#: Signal-to-noise ratios (true effect over standard error) of the trials in the Cochrane
#: database: a mixture of normal distributions around 0 (van Zwet, Schwab and Senn 2021).
SNR_WEIGHTS = (0.32, 0.31, 0.30, 0.07)
SNR_SDS = (0.61, 1.42, 2.16, 5.64)


@dataclass(frozen=True)
class ShrunkenTrial(TrialFinding):
    """A trial's estimate, once it is seen as one of the Cochrane database.

    Attributes
    ----------
    observed
        The estimate as it is.
    z
        Its z value, or the one with the same p as its t.
    level
        Of the interval.
    estimate, ci_low, ci_high
        Mean and central interval of the true effect.
    right_sign
        Probability that the true effect is on the side of the estimate.
    exaggeration
        Median of the estimate over the true effect, in size.
    power_median, power_low, power_high
        Median and quartiles of the power that the trial had for its true effect.
    repeat
        Probability that an exact repeat reaches p < 0.05, in either direction.
    repeat_same_side
        Probability that it does so on the same side.
    words
        How numbers are written.
    """

    observed: float
    z: float
    level: float
    estimate: float
    ci_low: float
    ci_high: float
    right_sign: float
    exaggeration: float
    power_median: float
    power_low: float
    power_high: float
    repeat: float
    repeat_same_side: float
    words: Words = PLAIN

    def sentence(self) -> str:
        """Return what to expect of the true effect, in words."""
        return f"{self.effect_in_words()} {self.sign_in_words()} {self.power_in_words()}"

    def effect_in_words(self) -> str:
        """Return the shrunken estimate with its interval, and by how much it shrank."""
        shown = self.words.interval(self.ci_low, self.ci_high)
        told = (
            f"Among trials with such a result, the true effect is "
            f"{self.words.effect(self.estimate)} on average ({100 * self.level:g}% within {shown})"
        )
        if self.z == 0:
            return f"{told}."
        return (
            f"{told}; the estimate is typically {format_number(self.exaggeration, 1)} times as "
            "large as the truth."
        )

    def sign_in_words(self) -> str:
        """Return how probable it is that the estimate is on the right side."""
        return (
            "The probability that the true effect is on the side of the estimate is "
            f"{probability(self.right_sign)}."
        )

    def power_in_words(self) -> str:
        """Return the power that such trials had, and what a repeat would show."""
        return (
            f"Such trials had a power of {probability(self.power_median)} for their true effects "
            f"(half of them {probability(self.power_low)} to {probability(self.power_high)}), "
            "and an exact repeat reaches p < 0.05 with probability "
            f"{probability(self.repeat)}."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return "van Zwet, Schwab and Senn 2021, Statistics in Medicine 40:6107-6117"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return (
            "The trial is a randomised one like those of the Cochrane database.",
            "Nothing else is known of it, and it was not picked for its result.",
        )


def shrink_trial(
    estimate: float,
    standard_error: float,
    *,
    df: float | None = None,
    level: float = 0.95,
    words: Words = PLAIN,
) -> ShrunkenTrial:
    """Shrink one trial's estimate by what trials of the Cochrane database show.

    Parameters
    ----------
    estimate, standard_error
        The result; a logarithm for a ratio.
    df
        Degrees of freedom of t; None for the normal distribution. With t the z value of the same
        p is taken.
    level
        Of the interval.
    words
        How numbers are written.

    Returns
    -------
    ShrunkenTrial

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    With a prior for the signal-to-noise ratio that is a mixture of normal distributions around
    0, so is what is known of it after z: each part of standard deviation τ has weight
    proportional to the normal density of z with variance 1 + τ², mean z τ²/(1 + τ²) and variance
    τ²/(1 + τ²).

    References
    ----------
    van Zwet, Schwab and Senn (2021); van Zwet and Goodman (2022).
    """
    check_estimate(estimate, standard_error, df)
    check_level(level)
    z, error = normal_equivalent(estimate, standard_error, df)
    weights, means, sds = _posterior(abs(z))

    def below(x: float) -> float:
        return float(weights @ ndtr((x - means) / sds))

    def within(x: float) -> float:
        """Probability that the ratio is at most x in size."""
        return float(weights @ (ndtr((x - means) / sds) - ndtr((-x - means) / sds)))

    furthest = float(np.max(np.abs(means) + 12 * sds))
    tail = (1 - level) / 2
    mean = float(weights @ means)
    ends = [_root(below, share, -furthest, furthest) for share in (tail, 1 - tail)]
    sizes = [_root(within, share, 0.0, furthest) for share in (0.25, 0.5, 0.75)]
    critical = quantile(0.95)
    spread = np.sqrt(1 + sds**2)
    same = float(weights @ ndtr((means - critical) / spread))
    other = float(weights @ ndtr((-means - critical) / spread))
    side = -1.0 if z < 0 else 1.0
    low, high = sorted(side * end * error for end in ends)
    powers = [float(ndtr(size - critical) + ndtr(-size - critical)) for size in sizes]
    return ShrunkenTrial(
        observed=float(estimate),
        z=z,
        level=level,
        estimate=side * mean * error,
        ci_low=low,
        ci_high=high,
        right_sign=1 - below(0.0),
        exaggeration=abs(z) / sizes[1],
        power_median=powers[1],
        power_low=powers[0],
        power_high=powers[2],
        repeat=same + other,
        repeat_same_side=same,
        words=words,
    )


def _posterior(z: float) -> tuple[Floats, Floats, Floats]:
    tau2 = np.square(SNR_SDS)
    total = 1 + tau2
    logs = np.log(SNR_WEIGHTS) - np.log(total) / 2 - z**2 / (2 * total)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum(), z * tau2 / total, np.sqrt(tau2 / total)


def _root(function: Callable[[float], float], value: float, low: float, high: float) -> float:
    from scipy.optimize import brentq

    found = brentq(lambda x: function(x) - value, low, high, xtol=1e-12, rtol=1e-12)
    return float(found) if math.isfinite(found) else math.nan
