"""Whether an effect is smaller, or larger, than the smallest difference that matters.

References
----------
Lakens D (2017). Equivalence tests: a practical primer for t tests, correlations, and
meta-analyses. Social Psychological and Personality Science 8:355-362.
Schuirmann DJ (1987). A comparison of the two one-sided tests procedure and the power approach
for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and
Biopharmaceutics 15:657-680.
Murphy KR, Myors B (1999). Testing the hypothesis that treatments have negligible effects:
minimum-effect tests in the general linear model. Journal of Applied Psychology 84:234-248.
Hodges JL, Lehmann EL (1954). Testing the approximate validity of statistical hypotheses.
Journal of the Royal Statistical Society B 16:261-268.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import ndtr, stdtr

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import check_above_zero, check_estimate
from evidence.appraisal.trial.words import PLAIN, Words
from evidence.display import format_p

__all__ = ["EquivalenceTest", "MinimalEffectTest", "equivalence_test", "minimal_effect_test"]

#: The line that the sentences hold p against; Fisher 1925, as reports do.
ALPHA = 0.05


def _below(t: float, df: float | None) -> float:
    return float(ndtr(t) if df is None else stdtr(df, t))


@dataclass(frozen=True)
class EquivalenceTest(TrialFinding):
    """Two one-sided tests of whether the effect is too small to matter.

    Attributes
    ----------
    threshold
        The smallest difference that matters, without sign.
    statistic_low, statistic_high
        t or z against the lower and the upper bound.
    p_low, p_high
        Their one-sided p values.
    p_value
        The larger of the two: of the hypothesis that the effect matters.
    words
        How numbers are written.
    """

    threshold: float
    statistic_low: float
    statistic_high: float
    p_low: float
    p_high: float
    p_value: float
    words: Words = PLAIN

    def sentence(self) -> str:
        """Return whether effects that matter are ruled out."""
        size = self.words.size(self.threshold)
        if self.p_value < ALPHA:
            return (
                f"Effects of {size} or more, in either direction, fit badly with the result "
                f"({format_p(self.p_value)} for the nearer of them): what effect there is, is "
                "probably smaller than that."
            )
        return (
            f"The result does not rule out effects of {size} or more "
            f"({format_p(self.p_value)} for the nearer of them)."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return "Lakens 2017, Social Psychological and Personality Science 8:355-362"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return ("The threshold was chosen without looking at the result.",)


@dataclass(frozen=True)
class MinimalEffectTest(TrialFinding):
    """A test of whether the effect is large enough to matter.

    Attributes
    ----------
    threshold
        The smallest difference that matters, without sign.
    p_value
        Of the hypothesis that the effect is at most as large as the threshold.
    words
        How numbers are written.
    """

    threshold: float
    p_value: float
    words: Words = PLAIN

    def sentence(self) -> str:
        """Return whether effects too small to matter are ruled out."""
        size = self.words.size(self.threshold)
        if self.p_value < ALPHA:
            return (
                f"Effects smaller than {size} fit badly with the result "
                f"({format_p(self.p_value)}): the effect probably is that large."
            )
        return (
            f"The result does not show that the effect reaches {size}: smaller ones fit with it "
            f"({format_p(self.p_value)})."
        )

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return "Murphy and Myors 1999, Journal of Applied Psychology 84:234-248"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return ("The threshold was chosen without looking at the result.",)


def equivalence_test(
    estimate: float,
    standard_error: float,
    threshold: float,
    *,
    df: float | None = None,
    words: Words = PLAIN,
) -> EquivalenceTest:
    """Test whether an effect is too small to matter: two one-sided tests.

    Parameters
    ----------
    estimate, standard_error
        The result; a logarithm for a ratio.
    threshold
        The smallest difference that matters, above 0; the bounds are at both sides of no effect.
    df
        Degrees of freedom of t; None for the normal distribution.
    words
        How numbers are written.

    Returns
    -------
    EquivalenceTest

    References
    ----------
    Lakens (2017); Schuirmann (1987).
    """
    check_estimate(estimate, standard_error, df)
    check_above_zero("threshold", threshold)
    low = (estimate + threshold) / standard_error
    high = (estimate - threshold) / standard_error
    p_low, p_high = _below(-low, df), _below(high, df)
    return EquivalenceTest(threshold, low, high, p_low, p_high, max(p_low, p_high), words)


def minimal_effect_test(
    estimate: float,
    standard_error: float,
    threshold: float,
    *,
    df: float | None = None,
    words: Words = PLAIN,
) -> MinimalEffectTest:
    """Test whether an effect is large enough to matter.

    Parameters
    ----------
    estimate, standard_error
        The result; a logarithm for a ratio.
    threshold
        The smallest difference that matters, above 0.
    df
        Degrees of freedom of t; None for the normal distribution.
    words
        How numbers are written.

    Returns
    -------
    MinimalEffectTest

    Notes
    -----
    The p value is the probability of an estimate at least as far from no effect, in either
    direction, where the true effect is at the threshold: the least favourable of those too
    small to matter (Hodges and Lehmann 1954). At a threshold of 0 it is the usual p value.
    With t the threshold counts in estimated standard errors.

    References
    ----------
    Murphy and Myors (1999); Hodges and Lehmann (1954).
    """
    check_estimate(estimate, standard_error, df)
    check_above_zero("threshold", threshold)
    size = abs(estimate)
    near, far = (threshold - size) / standard_error, -(threshold + size) / standard_error
    return MinimalEffectTest(threshold, _below(near, df) + _below(far, df), words)
