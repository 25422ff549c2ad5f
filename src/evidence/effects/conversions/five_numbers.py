"""Mean and standard deviation of a group that reports a median with quartiles, range or both.

References
----------
Luo D, Wan X, Liu J, Tong T (2018). Optimally estimating the sample mean from the sample size,
median, mid-range, and/or mid-quartile range. Statistical Methods in Medical Research
27:1785-1805.
McGrath S, Zhao X, Steele R, Thombs BD, Benedetti A, DEPRESSD Collaboration (2020). Estimating
the sample mean and standard deviation from commonly reported quantiles in meta-analysis.
Statistical Methods in Medical Research 29:2520-2537.
Shi J, Luo D, Weng H, Zeng XT, Lin L, Chu H, Tong T (2020). Optimally estimating the sample
standard deviation from the five-number summary. Research Synthesis Methods 11:641-654.
Wan X, Wang W, Liu J, Tong T (2014). Estimating the sample mean and standard deviation from the
sample size, median, range and/or interquartile range. BMC Medical Research Methodology 14:135.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from evidence.display import Display, format_number
from evidence.effects.arguments import Floats
from evidence.effects.conversions.quantile_fit import DISTRIBUTIONS, QuantileFit, fit_quantiles
from evidence.effects.conversions.skewness import (
    SkewnessTest,
    five_number_test,
    five_numbers,
    named_labels,
)
from evidence.effects.conversions.standard_deviations import expected_range_of_wan
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "FiveNumberSummary",
    "MeanAndSd",
    "mean_and_sd_from_median",
]

METHODS = ("Luo-Wan-Shi", "Wan", "quantile estimation")
#: What is fitted unless asked otherwise: the candidates of McGrath et al. but for the beta, whose
#: fit depends on the unit.
CANDIDATES = DISTRIBUTIONS[:4]


@dataclass(frozen=True, slots=True)
class FiveNumberSummary:
    """A median with range or quartiles of k groups, as they were reported.

    Attributes
    ----------
    n, median
        Each a number or shape (k,).
    minimum, q1, q3, maximum
        None, or NaN for a group that does not report it. Range or quartiles are needed.
    labels
        What the groups are called.
    """

    n: ArrayLike
    median: ArrayLike
    minimum: ArrayLike | None = None
    q1: ArrayLike | None = None
    q3: ArrayLike | None = None
    maximum: ArrayLike | None = None
    labels: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class MeanAndSd(Display):
    """Means and standard deviations that were estimated from medians.

    Attributes
    ----------
    method
        How.
    labels
        What the groups are called.
    n, mean, sd
        Shape (k,).
    skewness
        The test of each summary.
    fits
        For the quantile estimation method, the fits of each group, best first; else empty.
    cautions
        What a reader should know.
    """

    method: str
    labels: tuple[str, ...]
    n: Floats
    mean: Floats
    sd: Floats
    skewness: SkewnessTest
    fits: tuple[tuple[QuantileFit, ...], ...] = ()
    cautions: tuple[Caution, ...] = ()

    @property
    def distribution(self) -> tuple[str, ...]:
        """The distribution each group was taken to have."""
        if not self.fits:
            return ("normal",) * len(self.labels)
        return tuple(fits[0].distribution for fits in self.fits)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group, unrounded."""
        frame = self.skewness.to_frame().drop(columns="label")
        frame.insert(0, "distribution", list(self.distribution))
        for name, values in (("sd", self.sd), ("mean", self.mean), ("n", self.n)):
            frame.insert(0, name, values)
        frame.insert(0, "label", list(self.labels))
        return frame

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "method": self.method,
            "groups": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a line per group and the cautions."""
        lines = [f"Mean and SD from the median: {self.method}"]
        for place, label in enumerate(self.labels):
            shape = "" if not self.fits else f", {self.distribution[place]}"
            lines.append(
                f"{label}: mean {format_number(self.mean[place])}, SD "
                f"{format_number(self.sd[place])} ({self.skewness.scenario[place]}{shape})"
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


_BY_FITTING = Caution(
    "sd-from-quantiles",
    "Means and SDs were estimated from medians: their own uncertainty is larger than that of a "
    "reported mean, and the standard errors worked out from them do not show it.",
    "McGrath et al. 2023, Statistical Methods in Medical Research 32:373-388",
)


def mean_and_sd_from_median(
    reported: FiveNumberSummary,
    *,
    method: str = "Luo-Wan-Shi",
    distributions: Sequence[str] = CANDIDATES,
) -> MeanAndSd:
    """Estimate mean and standard deviation of groups that report medians.

    Scenario S1 is median and range, S2 median and quartiles, S3 all five; each group is treated
    by what it reports. Skewness is tested for every group (`skewness_test`), and found or not,
    every group is estimated: leaving skewed ones out is the reader's decision.

    Parameters
    ----------
    reported
        The summaries.
    method
        ``"Luo-Wan-Shi"``: for normal values, the mean with the weights of Luo et al. 2018, the
        SD of Wan et al. 2014 (S1, S2) and Shi et al. 2020 (S3); ``"Wan"``: mean and SD of Wan
        et al. 2014 throughout, to reproduce older reviews; ``"quantile estimation"``: mean and
        SD of the distribution whose quantiles lie nearest to the reported ones (McGrath et
        al. 2020), the smallest and largest value standing for the quantiles 1/n and 1 - 1/n.
    distributions
        What the quantile estimation method chooses from. The normal is the only one where a
        value is 0 or below. ``"beta"`` can be added for values between 0 and 1; it is left
        out unless asked for, because it would make percentages and proportions differ.

    Returns
    -------
    MeanAndSd

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("method", method, METHODS)
    candidates = _checked_distributions(distributions)
    n, values, scenario = five_numbers(
        n=reported.n,
        median=reported.median,
        minimum=reported.minimum,
        q1=reported.q1,
        q3=reported.q3,
        maximum=reported.maximum,
    )
    labels = named_labels(reported.labels, n.size)
    test = five_number_test(n, values, scenario, labels)
    cautions = (*test.cautions, _BY_FITTING)
    kinds = np.array(scenario, dtype=np.str_)
    if method == "quantile estimation":
        fits = tuple(_fit(*group, candidates, labels) for group in _groups(n, values))
        mean = np.array([group[0].mean for group in fits])
        sd = np.array([group[0].sd for group in fits])
        return MeanAndSd(method, labels, n, mean, sd, test, fits, cautions)
    mean = _luo(n, values, kinds) if method == "Luo-Wan-Shi" else _wan_mean(values, kinds)
    sd = _sd(n, values, kinds, shi=method == "Luo-Wan-Shi")
    return MeanAndSd(method, labels, n, mean, sd, test, (), cautions)


def _checked_distributions(distributions: Sequence[str]) -> tuple[str, ...]:
    names = (distributions,) if isinstance(distributions, str) else tuple(distributions)
    for name in names:
        check_choice("distributions", name, DISTRIBUTIONS)
    if not names:
        raise InvalidArgumentError(
            f"distributions is empty; choose from {', '.join(DISTRIBUTIONS)}."
        )
    return names


def _groups(n: Floats, values: Floats) -> list[tuple[int, float, Floats]]:
    return [(place, float(n[place]), values[place]) for place in range(n.size)]


def _fit(
    place: int, n: float, values: Floats, distributions: tuple[str, ...], labels: tuple[str, ...]
) -> tuple[QuantileFit, ...]:
    p = np.array([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])
    known = ~np.isnan(values)
    if n <= 4 and known[0]:
        raise InvalidArgumentError(
            f"{labels[place]} has {n:g} people: the smallest and largest value of so few are no "
            "quantiles beyond the quartiles. Take method 'Luo-Wan-Shi'."
        )
    fits = fit_quantiles(p[known], values[known], distributions)
    if not fits:
        raise InvalidArgumentError(
            f"None of the distributions {', '.join(distributions)} can hold the values of "
            f"{labels[place]}, {values[known][0]:g} to {values[known][-1]:g}. Add 'normal'."
        )
    return fits


def _by_scenario(kinds: NDArray[np.str_], s1: Floats, s2: Floats, s3: Floats) -> Floats:
    return np.asarray(np.where(kinds == "S1", s1, np.where(kinds == "S2", s2, s3)))


def _luo(n: Floats, values: Floats, kinds: NDArray[np.str_]) -> Floats:
    """Return the means with the optimal weights of Luo et al. 2018."""
    low, q1, middle, q3, high = values.T
    midrange, midquartile = (low + high) / 2, (q1 + q3) / 2
    of_range = 4 / (4 + n**0.75)
    of_quartiles = 0.7 + 0.39 / n
    outer, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    # As a shift from the median, so that nothing is lost far from 0.
    by_range = middle + of_range * (midrange - middle)
    by_quartiles = middle + of_quartiles * (midquartile - middle)
    by_both = middle + outer * (midrange - middle) + inner * (midquartile - middle)
    return _by_scenario(kinds, by_range, by_quartiles, by_both)


def _wan_mean(values: Floats, kinds: NDArray[np.str_]) -> Floats:
    """Return the means of Wan et al. 2014: (a+2m+b)/4, (q₁+m+q₃)/3, (a+2q₁+2m+2q₃+b)/8."""
    low, q1, middle, q3, high = values.T
    by_range, by_quartiles = (low + 2 * middle + high) / 4, (q1 + middle + q3) / 3
    by_both = (low + 2 * q1 + 2 * middle + 2 * q3 + high) / 8
    return _by_scenario(kinds, by_range, by_quartiles, by_both)


def _sd(n: Floats, values: Floats, kinds: NDArray[np.str_], *, shi: bool) -> Floats:
    """Return the SDs of Wan et al. 2014; with all five numbers those of Shi et al. 2020."""
    low, q1, _, q3, high = values.T
    by_range = (high - low) / expected_range_of_wan(n)
    by_quartiles = (q3 - q1) / (2 * np.asarray(ndtri((0.75 * n - 0.125) / (n + 0.25))))
    # Shi's θ₁ and θ₂ are Wan's two divisors over the weights w and 1 - w.
    weight = 1 / (1 + 0.07 * n**0.6) if shi else 0.5
    by_both = weight * by_range + (1 - weight) * by_quartiles
    return _by_scenario(kinds, by_range, by_quartiles, by_both)
