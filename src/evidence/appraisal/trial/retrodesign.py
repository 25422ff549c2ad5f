"""How wrong a trial of this size can be when it calls its result significant.

References
----------
Gelman A, Carlin J (2014). Beyond power calculations: assessing type S (sign) and type M
(magnitude) errors. Perspectives on Psychological Science 9:641-651.
Lu J, Qiu Y, Deng A (2019). A note on type S/M errors in hypothesis testing. British Journal of
Mathematical and Statistical Psychology 72:1-17.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import (
    check_estimate,
    check_probability,
)
from evidence.appraisal.trial.noncentral_density import root_mean_squares
from evidence.appraisal.trial.words import PLAIN, Words, probability
from evidence.display import format_number
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import t_from_p
from evidence.errors import InvalidArgumentError

__all__ = ["ALPHA", "DesignErrors", "design_errors", "power_of"]

#: Two-sided level of the tests that trials report; Fisher 1925.
ALPHA = 0.05


@dataclass(frozen=True)
class DesignErrors(TrialFinding):
    """Power, and the errors of sign and of size among results called significant.

    Attributes
    ----------
    true_effect, standard_error, df
        The effect that is taken as true, and the precision of the trial.
    alpha
        Two-sided level of the test.
    power
        Probability of a significant result.
    type_s
        Probability that a significant result has the wrong sign.
    type_m
        By what factor a significant result is too large, on average.
    words
        How numbers are written.
    """

    true_effect: float
    standard_error: float
    df: float | None
    alpha: float
    power: float
    type_s: float
    type_m: float
    words: Words = PLAIN

    def sentence(self) -> str:
        """Return power and errors in words."""
        return (
            f"If the true effect is {self.words.effect(self.true_effect)}, a trial this precise "
            f"reaches p < {self.alpha:g} with probability {probability(self.power)}; when it "
            f"does, it shows the effect {format_number(self.type_m, 1)} times too large on "
            f"average, and on the wrong side with probability {probability(self.type_s)}."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return "Gelman and Carlin 2014, Perspectives on Psychological Science 9:641-651"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return ("The trial's standard error is right; the true effect is supposed, not estimated.",)


def _cut(critical: float, df: float | None) -> tuple[Floats, Floats]:
    """Return what Z + effect is held against, with probabilities: one value for each spread."""
    if df is None:
        return np.array([critical]), np.array([1.0])
    spread, weights = root_mean_squares(df)
    return critical * spread, weights


def power_of(noncentrality: float, *, df: float | None = None, critical: float) -> float:
    """Return the probability that t (or z) lies beyond a critical value, on either side.

    Parameters
    ----------
    noncentrality
        The true effect over the standard error.
    df
        Degrees of freedom of t; None for the normal distribution.
    critical
        The critical value, above 0.

    Returns
    -------
    float

    References
    ----------
    Gelman and Carlin (2014).
    """
    beyond, weights = _cut(critical, df)
    tails = ndtr(noncentrality - beyond) + ndtr(-noncentrality - beyond)
    return float(weights @ tails)


def design_errors(
    true_effect: float,
    standard_error: float,
    *,
    df: float | None = None,
    alpha: float = ALPHA,
    words: Words = PLAIN,
) -> DesignErrors:
    """Return power, and the errors of sign and size, at a true effect that is supposed.

    Parameters
    ----------
    true_effect
        Any number but 0; a logarithm for a ratio.
    standard_error
        Of the trial's estimate.
    df
        Degrees of freedom of t; None for the normal distribution.
    alpha
        Two-sided level of the test.
    words
        How numbers are written.

    Returns
    -------
    DesignErrors

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    For the normal distribution in closed form (Lu, Qiu and Deng 2019): with the effect λ in
    standard errors and the critical value c, the power is Φ(λ - c) + Φ(-λ - c), the error of
    sign Φ(-λ - c) over the power, and the factor of size
    [φ(λ + c) + φ(λ - c) + λ (Φ(λ + c) + Φ(λ - c) - 1)] / (λ power). With t, c is multiplied by
    the estimated over the true standard error, and each part is its mean over that.

    References
    ----------
    Gelman and Carlin (2014); Lu, Qiu and Deng (2019).
    """
    check_estimate(true_effect, standard_error, df)
    check_probability("alpha", alpha)
    if true_effect == 0:
        raise InvalidArgumentError(
            "true_effect is 0, and an estimate of nothing has neither a right sign nor a right "
            "size; give the smallest difference that matters, or half of it."
        )
    effect = abs(true_effect) / standard_error
    critical = t_from_p(alpha, df)
    c, weights = _cut(critical, df)
    power = float(weights @ (ndtr(effect - c) + ndtr(-effect - c)))
    wrong = float(weights @ ndtr(-effect - c))
    size = float(
        weights
        @ (_phi(effect + c) + _phi(effect - c) + effect * (ndtr(effect - c) - ndtr(-effect - c)))
    )
    return DesignErrors(
        true_effect=float(true_effect),
        standard_error=float(standard_error),
        df=df,
        alpha=alpha,
        power=power,
        type_s=wrong / power,
        type_m=size / (effect * power),
        words=words,
    )


def _phi(x: Floats) -> Floats:
    return np.asarray(np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi))
