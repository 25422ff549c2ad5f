"""How probable it is that there is no effect although the trial suggests one.

References
----------
Colquhoun D (2017). The reproducibility of research and the misinterpretation of p-values.
Royal Society Open Science 4:171085.
Colquhoun D (2019). The false positive risk: a proposal concerning what to do about p-values.
The American Statistician 73:192-201.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import check_above_zero, check_probability
from evidence.appraisal.trial.noncentral_density import noncentral_t_log_density
from evidence.appraisal.trial.retrodesign import power_of
from evidence.display import format_number, join_words
from evidence.effects.arguments import is_number
from evidence.effects.conversions.spread import p_from_t, t_from_p
from evidence.errors import InvalidArgumentError

__all__ = ["PRIORS", "FalsePositiveRisk", "false_positive_risk"]

#: Prior probabilities of an effect: a long shot, and as likely as not (Colquhoun 2019 takes
#: these two), with one between them.
PRIORS = (0.1, 0.25, 0.5)
#: The risk that Colquhoun 2019 asks the prior for.
_WANTED = 0.05


@dataclass(frozen=True)
class FalsePositiveRisk(TrialFinding):
    """The probability of no effect after the trial, for several probabilities before it.

    Attributes
    ----------
    p_value
        Of the trial, two-sided.
    alternative
        The effect that is compared with none, in words.
    power
        Of a test at the trial's own p value, under that effect.
    likelihood_ratio
        How many times as likely this very result is with that effect as without any.
    priors
        Probabilities of that effect before the trial.
    p_equals
        Risk for each prior, given this very p value.
    p_less_than
        Risk for each prior, given only that p is this value or less.
    prior_needed
        The probability before the trial that leaves a risk of 5% (p-equals).
    """

    p_value: float
    alternative: str
    power: float
    likelihood_ratio: float
    priors: tuple[float, ...]
    p_equals: tuple[float, ...]
    p_less_than: tuple[float, ...]
    prior_needed: float

    def sentence(self) -> str:
        """Return the risks, and the prior that a low one would need."""
        parts = [
            f"{_percent(risk)} if the effect was {_percent(prior)} probable before the trial"
            for prior, risk in zip(self.priors, self.p_equals, strict=True)
        ]
        needed = _percent(self.prior_needed)
        return (
            f"Given this very result (p-equals), and {self.alternative} as the one alternative, "
            f"the probability that there is no effect is {'; '.join(parts)}. For 5%, the effect "
            f"would have had to be {needed} probable beforehand. Given only that p is this small "
            f"or smaller (p-less-than), it would be {join_words(map(_percent, self.p_less_than))}."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return "Colquhoun 2017, Royal Society Open Science 4:171085"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return (
            "The effect is either none or exactly the alternative.",
            "One test was made, and it was reported whatever came of it.",
        )


def _percent(share: float) -> str:
    if 0.999 < share < 1:
        return "more than 99.9%"
    if 0 < share < 0.001:
        return "less than 0.1%"
    decimals = 1 if min(share, 1 - share) < 0.01 else 0
    return f"{format_number(100 * share, decimals)}%"


def false_positive_risk(
    statistic: float,
    *,
    noncentrality: float,
    df: float | None = None,
    priors: tuple[float, ...] = PRIORS,
    alternative: str = "",
) -> FalsePositiveRisk:
    """Return the probability of no effect after a trial, for a range of those before it.

    Parameters
    ----------
    statistic
        t or z of the trial.
    noncentrality
        The effect that is compared with none, over the standard error of the estimate.
    df
        Degrees of freedom of t; None for the normal distribution.
    priors
        Probabilities of that effect before the trial.
    alternative
        That effect in words.

    Returns
    -------
    FalsePositiveRisk
        With both readings of the question: given p of this very size (p-equals, what a reader
        of one trial asks), and given p of this size or less (p-less-than).

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    p-equals weighs the densities of the statistic with and without the effect, of both signs
    (Colquhoun 2017, section 3 takes one sign under the effect; the other adds nothing that
    counts unless the trial is hopelessly small). p-less-than weighs the power at the observed p
    against p.

    References
    ----------
    Colquhoun (2017); Colquhoun (2019).
    """
    if not is_number(statistic) or not math.isfinite(statistic):
        raise InvalidArgumentError(f"statistic is {statistic!r}; give one finite t or z value.")
    check_above_zero("noncentrality", noncentrality)
    for prior in priors:
        check_probability("priors", prior)
    size = abs(statistic)
    signs = np.array([size, -size])
    with_effect = np.logaddexp.reduce(_log_density(signs, noncentrality, df))
    without = np.logaddexp.reduce(_log_density(signs, 0.0, df))
    ratio = math.exp(min(float(with_effect - without), 700.0))
    p = p_from_t(size, df)
    power = power_of(noncentrality, df=df, critical=size)
    less = math.inf if p == 0 else power / p
    wanted = (1 - _WANTED) / _WANTED / ratio if ratio > 0 else math.inf
    return FalsePositiveRisk(
        p_value=p,
        alternative=alternative or f"an effect of {noncentrality:.3g} standard errors",
        power=power,
        likelihood_ratio=ratio,
        priors=tuple(priors),
        p_equals=tuple(_risk(prior, ratio) for prior in priors),
        p_less_than=tuple(_risk(prior, less) for prior in priors),
        prior_needed=1.0 if math.isinf(wanted) else wanted / (1 + wanted),
    )


def _risk(prior: float, ratio: float) -> float:
    return 1 / (1 + ratio * prior / (1 - prior))


def _log_density(t: np.ndarray, noncentrality: float, df: float | None) -> np.ndarray:
    if df is None:
        return np.asarray(-((t - noncentrality) ** 2) / 2)
    return noncentral_t_log_density(t, df, np.full(t.shape, noncentrality))


def noncentrality_of_power(power: float, df: float | None, alpha: float = 0.05) -> float:
    """Return the effect, in standard errors, that a test detects with some power.

    Parameters
    ----------
    power
        Above `alpha`, below 1.
    df
        Degrees of freedom of t; None for the normal distribution.
    alpha
        Two-sided level of the test.
    """
    from scipy.optimize import brentq

    critical = t_from_p(alpha, df)
    return float(
        brentq(lambda x: power_of(x, df=df, critical=critical) - power, 1e-9, critical + 60)
    )
