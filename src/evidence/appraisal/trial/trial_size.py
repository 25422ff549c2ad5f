"""The trial one would need: people for a power, and people for an interval of some width.

References
----------
Cohen J (1988). Statistical power analysis for the behavioral sciences, 2nd edition. Erlbaum.
Kelley K, Rausch JR (2006). Sample size planning for the standardized mean difference: accuracy
in parameter estimation via narrow confidence intervals. Psychological Methods 11:363-385.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from evidence.appraisal.trial.finding import TrialFinding
from evidence.appraisal.trial.inputs import check_above_zero, check_probability
from evidence.appraisal.trial.retrodesign import ALPHA, power_of
from evidence.appraisal.trial.words import PLAIN, Words
from evidence.display import format_number
from evidence.effects.arguments import check_level
from evidence.effects.conversions.spread import quantile, t_from_p
from evidence.errors import InvalidArgumentError

__all__ = ["TrialSize", "size_for_power", "size_for_width", "times_as_large"]

_COHEN = "Cohen 1988, Statistical power analysis for the behavioral sciences"
_KELLEY = "Kelley and Rausch 2006, Psychological Methods 11:363-385"
_MOST = 10**9


@dataclass(frozen=True)
class TrialSize(TrialFinding):
    """How many people in each of two groups of one size.

    Attributes
    ----------
    per_arm
        People in each group who are analysed.
    aim
        What for, in words.
    sd
        Standard deviation between people that is taken as known.
    source
        The paper of the method.
    words
        How numbers are written.
    """

    per_arm: int
    aim: str
    sd: float
    source: str
    words: Words = PLAIN

    @property
    def people(self) -> int:
        """People in both groups."""
        return 2 * self.per_arm

    def sentence(self) -> str:
        """Return how many people are needed, and for what."""
        spread = f"a standard deviation between people of {self.words.size(self.sd)}"
        return f"{self.aim} takes {self.per_arm:,} people in each group analysed, with {spread}."

    @property
    def reference(self) -> str:
        """The paper of the method."""
        return self.source

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""
        return (
            "Two groups of one size, values about normal with that standard deviation in both.",
            "Nobody is lost.",
        )


def _smallest(enough: Callable[[int], bool], start: float) -> int:
    """Return the smallest n, at least 2, that is enough; `enough` never turns false again."""
    high = max(2, math.ceil(start))
    if high > _MOST:
        raise InvalidArgumentError(
            f"More than {_MOST:,} people would be needed in each group; look whether the "
            "difference and the standard deviation are in one unit."
        )
    while not enough(high):
        high *= 2
    low = 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def size_for_power(
    difference: float,
    sd: float,
    *,
    power: float = 0.8,
    alpha: float = ALPHA,
    words: Words = PLAIN,
) -> TrialSize:
    """Return the people that a t test of two groups needs to find a difference.

    Parameters
    ----------
    difference
        The difference of means to be found, above 0.
    sd
        Standard deviation between people; 1 for a standardised difference.
    power
        Probability of finding it.
    alpha
        Two-sided level of the test.
    words
        How numbers are written.

    Returns
    -------
    TrialSize

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    References
    ----------
    Cohen (1988).
    """
    check_above_zero("difference", difference)
    check_above_zero("sd", sd)
    check_probability("power", power)
    check_probability("alpha", alpha)
    if power <= alpha:
        raise InvalidArgumentError(f"power is {power:g}; it must be above alpha, {alpha:g}.")
    d = difference / sd

    def enough(n: int) -> bool:
        df = 2.0 * n - 2
        return power_of(d * math.sqrt(n / 2), df=df, critical=t_from_p(alpha, df)) >= power

    start = 2 * ((quantile(1 - alpha) + quantile(max(2 * power - 1, 1e-9))) / d) ** 2
    aim = (
        f"To find a difference of {words.size(difference)} with probability {power:g} "
        f"(p < {alpha:g})"
    )
    return TrialSize(_smallest(enough, start), aim, float(sd), _COHEN, words)


def size_for_width(
    width: float, sd: float, *, level: float = 0.95, words: Words = PLAIN
) -> TrialSize:
    """Return the people that an interval of a difference needs to be narrow enough.

    Parameters
    ----------
    width
        Of the whole interval, above 0.
    sd
        Standard deviation between people; 1 for a standardised difference.
    level
        Of the interval.
    words
        How numbers are written.

    Returns
    -------
    TrialSize

    Raises
    ------
    InvalidArgumentError
        When a number cannot be used.

    Notes
    -----
    The smallest n with 2 t sd √(2/n) at most the width: the width that is expected where the
    groups differ as much as was supposed.

    References
    ----------
    Kelley and Rausch (2006).
    """
    check_above_zero("width", width)
    check_above_zero("sd", sd)
    check_level(level)

    def enough(n: int) -> bool:
        return 2 * quantile(level, 2.0 * n - 2) * sd * math.sqrt(2 / n) <= width

    start = 8 * (quantile(level) * sd / width) ** 2
    aim = f"A {100 * level:g}% interval {words.size(width)} wide"
    return TrialSize(_smallest(enough, start), aim, float(sd), _KELLEY, words)


def times_as_large(
    difference: float, standard_error: float, *, power: float = 0.8, alpha: float = ALPHA
) -> float:
    """Return how many times as many people a trial would need to find an effect.

    Parameters
    ----------
    difference
        The effect to be found, above 0; a logarithm for a ratio.
    standard_error
        Of the trial there is.
    power
        Probability of finding it.
    alpha
        Two-sided level of the test.

    Returns
    -------
    float
        Below 1 where fewer would do.

    Notes
    -----
    The standard error that is needed is the difference over the sum of two normal quantiles; the
    number of people goes with the inverse square of it.

    References
    ----------
    Cohen (1988).
    """
    check_above_zero("difference", difference)
    check_above_zero("standard_error", standard_error)
    check_probability("power", power)
    reach = quantile(1 - alpha) + quantile(max(2 * power - 1, 1e-9))
    return (standard_error * reach / difference) ** 2


def size_in_words(factor: float, people: float, aim: str) -> str:
    """Return a factor of size as a sentence.

    Parameters
    ----------
    factor
        What `times_as_large` returned.
    people
        People in the trial there is; NaN where that is not known.
    aim
        What for, as a sentence begins.
    """
    told = f"{aim} takes a trial {format_number(factor, 1)} times as large as this one"
    if math.isnan(people):
        return f"{told}."
    return f"{told}: about {math.ceil(factor * people):,} people in all."
