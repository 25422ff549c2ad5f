"""One group measured twice: mean change, raw and standardised, and differences of changes.

References
----------
Gibbons RD, Hedeker DR, Davis JM (1993). Estimation of effect size from a series of
experiments involving paired comparisons. Journal of Educational Statistics 18:271-279.
Becker BJ (1988). Synthesizing standardized mean-change measures. British Journal of
Mathematical and Statistical Psychology 41:257-278.
Morris SB, DeShon RP (2002). Combining effect size estimates in meta-analysis with repeated
measures and independent-groups designs. Psychological Methods 7:105-125.
Bonett DG (2008). Confidence intervals for standardized linear contrasts of means.
Psychological Methods 13:99-109.
Borenstein M (2009). Effect sizes for continuous data. In: Cooper H, Hedges LV, Valentine JC
(editors), The handbook of research synthesis and meta-analysis, 2nd edition. Russell Sage.
Cochrane Handbook for Systematic Reviews of Interventions, sections 6.5.2.8 (changes from
baseline) and 23.2 (crossover trials).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np

from evidence.effects.arguments import Floats, check_level, checked_views
from evidence.effects.measures.choices import (
    Standardising,
    check_correlation,
    first_study,
    read_standardising,
    refuse_where,
)
from evidence.effects.measures.hedges import hedges_correction
from evidence.effects.measures.odd_spread import odd_spread_cautions
from evidence.effects.measures.plausibility import smd_cautions
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "correlation_from_sds",
    "difference_of_changes",
    "mean_change",
    "sd_of_difference",
    "standardised_mean_change",
    "standardised_mean_change_from_t",
]

#: The variance formulas of each standardiser, the default first.
STANDARDISERS = {
    "before": ("large-sample", "borenstein", "unequal-variances"),
    "change": ("large-sample", "borenstein"),
}
_FORMULAS = {
    ("before", "large-sample"): "Becker 1988",
    ("before", "borenstein"): "borenstein",
    ("before", "unequal-variances"): "Bonett 2008, unequal variances",
    ("change", "large-sample"): "Gibbons, Hedeker and Davis 1993",
    ("change", "borenstein"): "borenstein",
}
_CHANGE = "standardised mean change, SD of the change"


def sd_of_difference(
    *, sd_first: ArrayLike, sd_second: ArrayLike, correlation: ArrayLike
) -> Floats:
    """Return the standard deviation of the difference of two measurements of one person.

    √(SD₁² + SD₂² - 2 r SD₁ SD₂), Handbook 6.5.2.8.

    Parameters
    ----------
    sd_first, sd_second
        Standard deviations of the two measurements, each a number or shape (k,).
    correlation
        Their correlation r between people.

    Returns
    -------
    array, shape (k,)
    """
    check_correlation(correlation)
    given = checked_views(
        {"sd_first": 0, "sd_second": 0},
        sd_first=sd_first,
        sd_second=sd_second,
        correlation=correlation,
    )
    s1, s2, r = given.values()
    # The same as the square root of s1² + s2² - 2 r s1 s2, without losing digits near r = 1.
    return np.sqrt((s1 - s2) ** 2 + 2 * (1 - r) * s1 * s2)


def correlation_from_sds(
    *, sd_first: ArrayLike, sd_second: ArrayLike, sd_difference: ArrayLike
) -> Floats:
    """Return the correlation that follows from the SDs of both measurements and of the change.

    r = (SD₁² + SD₂² - SD_change²) / (2 SD₁ SD₂), Handbook 6.5.2.8.

    Parameters
    ----------
    sd_first, sd_second, sd_difference
        Standard deviations, each a number or shape (k,); the first two above 0.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Where no correlation between -1 and 1 gives these three SDs.
    """
    given = checked_views(
        {"sd_difference": 0},
        {"sd_first": 0, "sd_second": 0},
        sd_first=sd_first,
        sd_second=sd_second,
        sd_difference=sd_difference,
    )
    s1, s2, change = given.values()
    r = np.asarray((s1**2 + s2**2 - change**2) / (2 * s1 * s2))
    outside = np.abs(r) > 1 + 1e-12
    if outside.any():
        place = first_study(outside)
        raise InvalidArgumentError(
            f"sd_difference of study {place + 1} is {change[place]:g}; with SDs of {s1[place]:g} "
            f"and {s2[place]:g} it must lie between {abs(s1[place] - s2[place]):g} and "
            f"{s1[place] + s2[place]:g}. Is one of them a standard error?"
        )
    return np.clip(r, -1.0, 1.0)


def _pairs(
    mean_before: ArrayLike,
    sd_before: ArrayLike,
    mean_after: ArrayLike,
    sd_after: ArrayLike,
    n: ArrayLike,
    correlation: ArrayLike,
    fewest: int,
) -> dict[str, Floats]:
    check_correlation(correlation)
    return checked_views(
        {"sd_before": 0, "sd_after": 0, "n": fewest},
        mean_before=mean_before,
        sd_before=sd_before,
        mean_after=mean_after,
        sd_after=sd_after,
        n=n,
        correlation=correlation,
    )


def _sd_change(pairs: dict[str, Floats]) -> Floats:
    sd = sd_of_difference(
        sd_first=pairs["sd_before"],
        sd_second=pairs["sd_after"],
        correlation=pairs["correlation"],
    )
    refuse_where(
        sd == 0,
        "The SD of the change of {study} is 0, so the effect has no standard error. A "
        "correlation of 1 with equal SDs, or an SD of 0, cannot be right.",
    )
    return sd


def mean_change(
    *,
    mean_before: ArrayLike,
    sd_before: ArrayLike,
    mean_after: ArrayLike,
    sd_after: ArrayLike,
    n: ArrayLike,
    correlation: ArrayLike,
    level: float = 0.95,
) -> EffectSizes:
    """Return after minus before in one group, in the outcome's unit.

    The variance is (SD_before² + SD_after² - 2 r SD_before SD_after) / n. Where the SD of the
    change itself is reported, use `single_mean` with it; `correlation_from_sds` gives r.

    Parameters
    ----------
    mean_before, sd_before, mean_after, sd_after
        Summaries of the same people twice, each a number or shape (k,).
    n
        People with both measurements, at least two.
    correlation
        Correlation r of the two measurements between people; see `over_correlations` where
        it is not known.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    pairs = _pairs(mean_before, sd_before, mean_after, sd_after, n, correlation, fewest=2)
    sd = _sd_change(pairs)
    change = pairs["mean_after"] - pairs["mean_before"]
    return EffectSizes(
        "mean change",
        "paired, with the correlation of the two measurements",
        change,
        sd**2 / pairs["n"],
        check_level(level),
        odd_spread_cautions(mean=change, sd=sd, n=pairs["n"]),
    )


def standardised_mean_change(
    *,
    mean_before: ArrayLike,
    sd_before: ArrayLike,
    mean_after: ArrayLike,
    sd_after: ArrayLike,
    n: ArrayLike,
    correlation: ArrayLike,
    level: float = 0.95,
    **choices: Unpack[Standardising],
) -> EffectSizes:
    """Return after minus before in one group, in standard deviations, corrected.

    The two standardisers are two different measures: never pool them together, and only
    ``"before"`` is on the scale of a standardised mean difference of two groups (Morris and
    DeShon 2002).

    Parameters
    ----------
    mean_before, sd_before, mean_after, sd_after
        Summaries of the same people twice, each a number or shape (k,).
    n
        People with both measurements, at least three.
    correlation
        Correlation r of the two measurements between people.
    level
        Confidence level of the intervals.
    **choices
        ``standardiser``: ``"before"`` (default), the SD before treatment, or ``"change"``,
        the SD of the change; both with the exact correction on n - 1 degrees of freedom.

        ``variance_formula``: ``"large-sample"`` (default), for ``"before"`` 2(1-r)/n +
        g²/(2n) (Becker 1988; it supposes equal SDs before and after), for ``"change"`` 1/n +
        g²/(2n) (Gibbons, Hedeker and Davis 1993); ``"borenstein"``, J² times the same with
        the uncorrected d (Borenstein 2009); ``"unequal-variances"``, for ``"before"`` only,
        J²(SD_change²/(SD_before² (n-1)) + g²/(2(n-1))), which supposes nothing of the SD
        after (Bonett 2008, with the corrected g).

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    standardiser, formula = read_standardising(choices, STANDARDISERS)
    pairs = _pairs(mean_before, sd_before, mean_after, sd_after, n, correlation, fewest=3)
    people, r = pairs["n"], pairs["correlation"]
    difference = pairs["mean_after"] - pairs["mean_before"]
    if standardiser == "change":
        return _in_change_sds(difference / _sd_change(pairs), people, level, formula)
    before = pairs["sd_before"]
    refuse_where(
        before == 0,
        "sd_before of {study} is 0: there is nothing to standardise by. Is it missing?",
    )
    correction = hedges_correction(people - 1)
    g = correction * (difference / before)
    if formula == "unequal-variances":
        ratio = (_sd_change(pairs) / before) ** 2
        variance = correction**2 * (ratio + g**2 / 2) / (people - 1)
    else:
        raw = 2 * (1 - r) / people
        variance = (correction**2 * raw if formula == "borenstein" else raw) + g**2 / (2 * people)
    refuse_where(
        variance == 0, "correlation of {study} is 1 and its change 0: no variance is left."
    )
    return _standardised(
        "standardised mean change, SD before", _FORMULAS["before", formula], g, variance, level
    )


def _in_change_sds(
    d: Floats, n: Floats, level: float, formula: str = "large-sample"
) -> EffectSizes:
    correction = hedges_correction(n - 1)
    g = correction * d
    raw = correction**2 / n if formula == "borenstein" else 1 / n
    return _standardised(_CHANGE, _FORMULAS["change", formula], g, raw + g**2 / (2 * n), level)


def _standardised(
    measure: str, formula: str, g: Floats, variance: Floats, level: float
) -> EffectSizes:
    return EffectSizes(
        measure,
        f"{formula}, exact correction",
        g,
        variance,
        check_level(level),
        smd_cautions(smd=g, variance=variance),
    )


def standardised_mean_change_from_t(
    *, t: ArrayLike, n: ArrayLike, level: float = 0.95
) -> EffectSizes:
    """Return the change in SDs of the change, from a paired t statistic: t/√n, corrected.

    Parameters
    ----------
    t
        The paired t statistic with the sign of after minus before (in a crossover trial:
        treatment minus control), a number or shape (k,).
    n
        People with both measurements, at least three.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        As `standardised_mean_change` with the standardiser ``"change"``.
    """
    given = checked_views({"n": 3}, t=t, n=n)
    return _in_change_sds(given["t"] / np.sqrt(given["n"]), given["n"], level)


def difference_of_changes(treatment: EffectSizes, control: EffectSizes) -> EffectSizes:
    """Return the change under treatment minus the change under control.

    For two groups that were each measured before and after. The groups are independent, so
    the variances add; with standardised changes this is Becker's (1988) difference.

    Parameters
    ----------
    treatment, control
        The groups' changes, from `mean_change` or `standardised_mean_change`, the studies in
        the same order.

    Returns
    -------
    EffectSizes

    Raises
    ------
    InvalidArgumentError
        When the two are not the same measure, level and number of studies.
    """
    for what in ("measure", "formula", "level"):
        first, second = getattr(treatment, what), getattr(control, what)
        if first != second:
            raise InvalidArgumentError(
                f"treatment and control differ in their {what}: {first!r} and {second!r}. "
                "Compute both groups' changes in the same way."
            )
    if len(treatment) != len(control):
        raise InvalidArgumentError(
            f"treatment has {len(treatment)} studies and control {len(control)}; give one "
            "change a study and group."
        )
    cautions = dict.fromkeys((*treatment.cautions, *control.cautions))
    return EffectSizes(
        f"difference of changes ({treatment.measure})",
        f"sum of the two groups' variances; {treatment.formula}",
        treatment.estimate - control.estimate,
        treatment.variance + control.variance,
        treatment.level,
        tuple(cautions),
    )
