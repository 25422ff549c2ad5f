"""What one would have to believe for a trial to convince, or to fail to.

References
----------
Matthews RAJ (2001). Why should clinicians care about Bayesian methods? Journal of Statistical
Planning and Inference 94:43-58.
Matthews RAJ (2018). Beyond 'significance': principles and practice of the analysis of
credibility. Royal Society Open Science 5:171047.
Held L (2019). The assessment of intrinsic credibility and a new argument for p < 0.005. Royal
Society Open Science 6:181534.
Held L (2020). A new standard for the analysis and design of replication studies. Journal of the
Royal Statistical Society A 183:431-448.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import check_estimate, normal_equivalent
from evidence.appraisal.trial.words import PLAIN, Words
from evidence.display import format_p
from evidence.effects.arguments import check_level
from evidence.effects.conversions.spread import quantile

__all__ = ["Credibility", "ScepticalP", "analyse_credibility", "sceptical_p_value"]


@dataclass(frozen=True)
class Credibility(TrialFinding):
    """The priors at which a result turns.

    Attributes
    ----------
    level
        Of the intervals.
    ci_low, ci_high
        The trial's own interval.
    excludes_none
        Whether that excludes no effect.
    sceptical_limit
        Where it does: a sceptic who expects effects up to this size, in either direction, is
        just not convinced. NaN otherwise.
    advocacy_limit
        Where it does not: an advocate who expects an effect between none and this size is just
        convinced. NaN otherwise.
    intrinsically_credible
        Whether the estimate lies beyond the sceptical limit, so that the result convinces
        those sceptics whom it contradicts (Matthews 2018).
    p_intrinsic
        p value of intrinsic credibility (Held 2019).
    words
        How numbers are written.
    """

    level: float
    ci_low: float
    ci_high: float
    excludes_none: bool
    sceptical_limit: float
    advocacy_limit: float
    intrinsically_credible: bool
    p_intrinsic: float
    words: Words = PLAIN

    def sentence(self) -> str:
        """Return what one has to believe."""
        return f"{self.limit_in_words()} {self.intrinsic_in_words()}"

    def limit_in_words(self) -> str:
        """Return the sceptical or the advocacy limit in words."""
        zero, level = self.words.zero, f"{100 * self.level:g}%"
        if self.excludes_none:
            size = self.words.size(self.sceptical_limit)
            kept = "lies beyond" if self.intrinsically_credible else "lies within"
            return (
                f"The {level} interval leaves out {zero}. Together with the belief of a sceptic "
                f"who expects effects of at most {size} in either direction it would hold it; "
                f"the estimate itself {kept} that range."
            )
        if math.isnan(self.advocacy_limit):
            return (
                f"The {level} interval holds {zero}, and the estimate is on neither side, so no "
                "prior belief in one side makes the result credible."
            )
        told = (
            f"The {level} interval holds {zero}. Together with a prior belief in an effect between "
            f"{zero} and {self.words.effect(self.advocacy_limit)} it would leave it out"
        )
        if abs(self.advocacy_limit) > self.words.span:
            return f"{told}; the scale ends before, so any belief in that side would do."
        return f"{told}. Who had reason to expect effects in that range may take it as support."

    def intrinsic_in_words(self) -> str:
        """Return the p value of intrinsic credibility in words."""
        told = format_p(self.p_intrinsic).removeprefix("p ").removeprefix("= ")
        return (
            "Whether the result convinces those whose doubt it contradicts is asked by the p value "
            f"of intrinsic credibility: {told}."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return "Matthews 2018, Royal Society Open Science 5:171047; Held 2019, 6:181534"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return (
            "Estimate and prior are normal.",
            "The prior's central range has the interval's level.",
        )


def analyse_credibility(
    estimate: float,
    standard_error: float,
    *,
    df: float | None = None,
    level: float = 0.95,
    words: Words = PLAIN,
) -> Credibility:
    """Ask which prior beliefs would turn a result.

    Parameters
    ----------
    estimate, standard_error
        The result; a logarithm for a ratio.
    df
        Degrees of freedom of t; None for the normal distribution.
    level
        Of the interval.
    words
        How numbers are written.

    Returns
    -------
    Credibility

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    From the ends L and U of the interval: the sceptical limit is (U - L)² / (4 √(U L)), and the
    advocacy limit -(U + L)(U - L)² / (2 U L) (Matthews 2018, in logarithms for a ratio). The p
    value of intrinsic credibility is 2 Φ(-|z|/√2) (Held 2019), with the z that has the
    result's p.

    References
    ----------
    Matthews (2018); Held (2019).
    """
    check_estimate(estimate, standard_error, df)
    check_level(level)
    half = quantile(level, df) * standard_error
    low, high = estimate - half, estimate + half
    product = low * high
    z, _ = normal_equivalent(estimate, standard_error, df)
    excludes = product > 0
    sceptical = (high - low) ** 2 / (4 * math.sqrt(product)) if excludes else math.nan
    advocacy = math.nan
    if product < 0 and estimate != 0:
        advocacy = -(high + low) * (high - low) ** 2 / (2 * product)
    return Credibility(
        level=level,
        ci_low=low,
        ci_high=high,
        excludes_none=excludes,
        sceptical_limit=sceptical,
        advocacy_limit=advocacy,
        intrinsically_credible=excludes and abs(estimate) > sceptical,
        p_intrinsic=2 * float(ndtr(-abs(z) / math.sqrt(2))),
        words=words,
    )


@dataclass(frozen=True)
class ScepticalP(TrialFinding):
    """How far a replication convinces those whom the first trial did not.

    Attributes
    ----------
    z_first, z_replication
        z values of the two.
    variance_ratio
        Variance of the first over that of the replication.
    z_value
        The sceptical z value.
    p_value
        The sceptical p value, one-sided, in the direction of the first trial.
    """

    z_first: float
    z_replication: float
    variance_ratio: float
    z_value: float
    p_value: float

    def sentence(self) -> str:
        """Return the sceptical p value in words."""
        same = self.z_first * self.z_replication > 0
        told = "the same" if same else "the other"
        return (
            f"The replication points to {told} side; the sceptical p value of both together is "
            f"{format_p(self.p_value).removeprefix('p ').removeprefix('= ')} (one-sided)."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return "Held 2020, Journal of the Royal Statistical Society A 183:431-448"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return ("Both estimates are normal, and of one true effect.",)


def sceptical_p_value(
    estimate: float,
    standard_error: float,
    replication_estimate: float,
    replication_standard_error: float,
) -> ScepticalP:
    """Return the sceptical p value of a trial and its replication.

    Parameters
    ----------
    estimate, standard_error
        The first trial.
    replication_estimate, replication_standard_error
        The replication.

    Returns
    -------
    ScepticalP

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    The square of the sceptical z value is the root, below both squares, of
    (z₁²/z² - 1)(z₂²/z² - 1) = c with c the variance of the first trial over that of the
    replication (Held 2020); it is never larger than either z.

    References
    ----------
    Held (2020).
    """
    check_estimate(estimate, standard_error)
    check_estimate(replication_estimate, replication_standard_error)
    first, second = estimate / standard_error, replication_estimate / replication_standard_error
    c = (standard_error / replication_standard_error) ** 2
    a, b = first**2, second**2
    # In x = 1/z²: a b x² - (a + b) x + 1 - c = 0, of which the larger root is meant.
    z2 = 0.0
    if a > 0 and b > 0:
        total = a + b
        z2 = 2 * a * b / (total + math.sqrt(max(total**2 - 4 * a * b * (1 - c), 0.0)))
    z = math.sqrt(z2)
    same = first * second > 0
    return ScepticalP(first, second, c, z, float(ndtr(-z if same else z)))
