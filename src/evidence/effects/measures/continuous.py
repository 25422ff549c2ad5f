"""Two groups, a continuous outcome: mean difference and standardised mean difference.

References
----------
Hedges LV (1981). Distribution theory for Glass's estimator of effect size and related
estimators. Journal of Educational Statistics 6:107-128.
Hedges LV (1982). Estimation of effect size from a series of independent experiments.
Psychological Bulletin 92:490-499.
Hedges LV (1983). A random effects model for effect sizes. Psychological Bulletin
93:388-395.
Hedges LV, Olkin I (1985). Statistical methods for meta-analysis. Academic Press.
Bonett DG (2008). Confidence intervals for standardized linear contrasts of means.
Psychological Methods 13:99-109.
Bonett DG (2009). Meta-analytic interval estimation for standardized and unstandardized mean
differences. Psychological Methods 14:225-238.
Borenstein M (2009). Effect sizes for continuous data. In: Cooper H, Hedges LV, Valentine JC
(editors), The handbook of research synthesis and meta-analysis, 2nd edition. Russell Sage.
Lin L, Aloe AM (2021). Evaluation of various estimators for standardized mean difference in
meta-analysis. Statistics in Medicine 40:403-426.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Unpack

import numpy as np

from evidence.effects.arguments import Floats, check_level, checked_views
from evidence.effects.measures.choices import (
    Standardising,
    check_choice,
    read_standardising,
    refuse_where,
)
from evidence.effects.measures.hedges import exact_correction, hedges_correction
from evidence.effects.measures.inputs import TwoArms, by_blocks, pooled_variance, read_arms
from evidence.effects.measures.noncentral import noncentral_t_interval
from evidence.effects.measures.odd_spread import arm_cautions, unlike_arms_cautions
from evidence.effects.measures.plausibility import PLAUSIBILITY_LIMITS, smd_cautions
from evidence.effects.sizes import EffectSizes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from evidence.errors import Caution

__all__ = [
    "hedges_correction",
    "mean_difference",
    "noncentral_t_interval",
    "smd_variance",
    "standardised_mean_difference",
]

MD_FORMULAS = ("unpooled", "pooled")
#: Those of a single study's g; the mean difference standardised has more.
SMD_FORMULAS = ("large-sample", "unbiased")
#: The variance formulas of each standardiser, the default first.
STANDARDISERS = {
    "pooled": (*SMD_FORMULAS, "borenstein", "averaged"),
    "control": (*SMD_FORMULAS, "borenstein", "averaged", "unequal-variances", "bonett"),
    "average": ("unequal-variances", "bonett"),
}
_NAMES = {
    "pooled": ("standardised mean difference", "Hedges' g"),
    "control": ("standardised mean difference, SD of the control group", "Glass's delta"),
    "average": ("standardised mean difference, average SD", "root of the average variance"),
}


def mean_difference(
    *,
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
    variance_formula: str = "unpooled",
    level: float = 0.95,
) -> EffectSizes:
    """Return treatment minus control, in the outcome's unit.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control
        Arm summaries, each a number or shape (k,), of all studies in one unit; at least two
        people an arm.
    variance_formula
        ``"unpooled"``: the sum of the two squared standard errors (each arm its own
        SD); ``"pooled"``: one common SD.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,), and a caution for each number that
        looks like a slip (see `PlausibilityLimits`).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("variance_formula", variance_formula, MD_FORMULAS)
    arms = read_arms(mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control)
    m1, s1, n1, m2, s2, n2 = arms
    if variance_formula == "unpooled":
        variance = s1**2 / n1 + s2**2 / n2
    else:
        variance = pooled_variance(s1, n1, s2, n2) * (1 / n1 + 1 / n2)
    d, g_variance = by_blocks(partial(_equal, "pooled", "large-sample"), arms, 2)
    return EffectSizes(
        "mean difference",
        variance_formula,
        m1 - m2,
        variance,
        check_level(level),
        (*_too_large(arms, d, g_variance, "pooled"), *arm_cautions(arms)),
    )


def smd_variance(
    g: ArrayLike,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    variance_formula: str = "large-sample",
) -> Floats:
    """Return the sampling variance of Hedges' g.

    Parameters
    ----------
    g
        The corrected standardised mean difference, a number or shape (k,).
    n_treatment, n_control
        People in each arm.
    variance_formula
        ``"large-sample"``: 1/n₁ + 1/n₂ + g²/(2(n₁+n₂)), Hedges 1982 and Hedges and Olkin
        1985; ``"unbiased"``: Hedges 1983.

    Returns
    -------
    array, shape (k,)
    """
    check_choice("variance_formula", variance_formula, SMD_FORMULAS)
    given = checked_views(
        {"n_treatment": 1, "n_control": 1}, g=g, n_treatment=n_treatment, n_control=n_control
    )
    value, n1, n2 = given.values()
    df = n1 + n2 - 2
    correction = hedges_correction(df) if variance_formula == "unbiased" else df
    return _variance(variance_formula, value, correction, (1 / n1 + 1 / n2, n1 + n2, df))


def _variance(
    formula: str, g: Floats, correction: Floats, sizes: tuple[Floats, Floats, Floats]
) -> Floats:
    """Return the variance of g in groups of one SD.

    `sizes` are 1/n₁ + 1/n₂, the people whose SD it is, and the degrees of freedom of that.
    """
    base, people, df = sizes
    if formula == "unbiased":
        return np.asarray(base + (1 - (df - 2) / (df * correction**2)) * g**2)
    if formula == "borenstein":
        base = base * correction**2
    return np.asarray(base + g**2 / (2 * people))


def standardised_mean_difference(
    *,
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
    level: float = 0.95,
    **choices: Unpack[Standardising],
) -> EffectSizes:
    """Return treatment minus control in standard deviations, with the exact correction.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control
        Arm summaries, each a number or shape (k,); at least two people an arm, and three in
        the control group where its SD is the standardiser.
    level
        Confidence level of the intervals.
    **choices
        ``standardiser``, by which SD the difference is divided: ``"pooled"`` (default;
        Hedges' g, supposes one SD), ``"control"`` (Glass's delta, for treatments that change
        the spread) or ``"average"``, the root of the mean of both variances (Bonett 2008).
        They are different measures wherever the SDs differ: do not pool them together.

        ``variance_formula``: for ``"pooled"`` and ``"control"`` ``"large-sample"`` (default),
        1/n₁ + 1/n₂ + g²/(2N) (Hedges 1982, Hedges and Olkin 1985; N is n₁ + n₂, or n₂ for
        ``"control"``); ``"unbiased"`` (Hedges 1983); ``"borenstein"``, J²(1/n₁ + 1/n₂ +
        d²/(2N)) (Borenstein 2009); ``"averaged"``, large-sample with the mean g of all
        studies, weighted by people, so that a study's weight does not depend on its own
        effect (Lin and Aloe 2021). For ``"control"`` and ``"average"``, without supposing
        one SD: ``"bonett"`` (Bonett 2008, times J²), and ``"unequal-variances"`` (default
        for ``"average"``), the same with the corrected g in it and, for ``"control"``, n in
        the place of n - 1 and without J².

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,), and a caution for each effect or SD
        that looks like a slip (see `PlausibilityLimits`).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    standardiser, formula = read_standardising(choices, STANDARDISERS)
    arms = read_arms(
        mean_treatment,
        sd_treatment,
        n_treatment,
        mean_control,
        sd_control,
        n_control,
        fewest_control=3 if standardiser == "control" else 2,
    )
    if standardiser == "control":
        refuse_where(
            arms.s2 == 0,
            "sd_control of {study} is 0: there is nothing to standardise by. Is it missing?",
        )
    compute = _unequal if formula in {"unequal-variances", "bonett"} else _equal
    g, variance = by_blocks(partial(compute, standardiser, formula), arms, 2)
    if formula == "averaged":
        variance = _averaged(standardiser, arms, g)
    measure, name = _NAMES[standardiser]
    return EffectSizes(
        measure,
        f"{name}, exact correction, {formula} variance",
        g,
        variance,
        check_level(level),
        (
            *_too_large(arms, g, variance, standardiser),
            *unlike_arms_cautions(arms),
        ),
    )


def _equal(standardiser: str, formula: str, *summaries: Floats) -> tuple[Floats, Floats]:
    """Return g and its variance, for two groups of one SD."""
    m1, s1, n1, m2, s2, n2 = summaries
    if standardiser == "pooled":
        sd, people = np.sqrt(pooled_variance(s1, n1, s2, n2)), n1 + n2
        df = people - 2
    else:
        sd, people, df = s2, n2, n2 - 1
    correction = exact_correction(df)
    g = correction * ((m1 - m2) / sd)
    return g, _variance(formula, g, correction, (1 / n1 + 1 / n2, people, df))


def _unequal(standardiser: str, formula: str, *summaries: Floats) -> tuple[Floats, Floats]:
    """Return g and its variance, for two groups each with its own SD."""
    m1, s1, n1, m2, s2, n2 = summaries
    df1, df2 = n1 - 1, n2 - 1
    if standardiser == "average":
        square = (s1**2 + s2**2) / 2
        share1, share2 = s1**2 / square, s2**2 / square
        correction = exact_correction(df1 + df2)
        spread = (share1**2 / df1 + share2**2 / df2) / 8
    else:
        square, share1, share2 = s2**2, (s1 / s2) ** 2, np.ones(s2.shape)
        correction = exact_correction(df2)
        spread = 1 / (2 * df2)
    d = (m1 - m2) / np.sqrt(square)
    g = correction * d
    if formula == "bonett":
        return g, correction**2 * (d**2 * spread + share1 / df1 + share2 / df2)
    if standardiser == "control":
        return g, g**2 / (2 * n2) + share1 / n1 + share2 / n2
    return g, correction**2 * (g**2 * spread + share1 / df1 + share2 / df2)


def _averaged(standardiser: str, arms: TwoArms, g: Floats) -> Floats:
    people = arms.n1 + arms.n2
    mean = np.array([people @ g / people.sum()])

    def compute(n1: Floats, n2: Floats) -> tuple[Floats]:
        whose = n1 + n2 if standardiser == "pooled" else n2
        return (_variance("large-sample", mean, mean, (1 / n1 + 1 / n2, whose, whose)),)

    return by_blocks(compute, (arms.n1, arms.n2), 1)[0]


def _too_large(
    arms: TwoArms, g: Floats, variance: Floats, standardiser: str
) -> tuple[Caution, ...]:
    """Return the caution for effects beyond belief, with what standard errors would make them."""
    most = PLAUSIBILITY_LIMITS.largest_smd
    if max(float(g.max()), -float(g.min())) <= most:
        return ()
    far = np.flatnonzero(np.abs(g) > most)
    m1, s1, n1, m2, s2, n2 = (column[far] for column in arms)
    compute = _unequal if standardiser == "average" else _equal
    formula = STANDARDISERS[standardiser][0]
    mended = np.full(g.shape, np.nan)
    mended[far], _ = compute(
        standardiser, formula, m1, s1 * np.sqrt(n1), n1, m2, s2 * np.sqrt(n2), n2
    )
    return smd_cautions(smd=g, variance=variance, smd_of_standard_errors=mended)
