"""Two groups, a continuous outcome, compared by ratios: of means, SDs, coefficients of variation.

References
----------
Hedges LV, Gurevitch J, Curtis PS (1999). The meta-analysis of response ratios in experimental
ecology. Ecology 80:1150-1156.
Nakagawa S, Poulin R, Mengersen K, Reinhold K, Engqvist L, Lagisz M, Senior AM (2015).
Meta-analysis of variation: ecological and evolutionary applications and beyond. Methods in
Ecology and Evolution 6:143-152.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats, check_level, checked_views
from evidence.effects.measures.choices import check_choice, count_studies, first_study
from evidence.effects.measures.inputs import pooled_variance, read_arms
from evidence.effects.measures.plausibility import ratio_cautions
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "log_coefficient_of_variation_ratio",
    "log_ratio_of_means",
    "log_variability_ratio",
    "logarithm_caution",
]

ROM_FORMULAS = ("unpooled", "pooled")
#: A mean closer to 0 than three of its standard errors makes its logarithm far from normal
#: (Geary's rule, as used by Hedges, Gurevitch and Curtis 1999).
GEARY_LIMIT = 3.0


def _check_means(mean_treatment: ArrayLike, mean_control: ArrayLike) -> None:
    means = checked_views(mean_treatment=mean_treatment, mean_control=mean_control)
    for name, mean in means.items():
        low = mean <= 0
        if low.any():
            place = first_study(low)
            raise InvalidArgumentError(
                f"{name} must be above 0 for its logarithm; found study {place + 1}: "
                f"{mean[place]:g}. A ratio needs a scale with a true zero (not changes from "
                "baseline, not z scores); use mean_difference or "
                "standardised_mean_difference instead."
            )


def logarithm_caution(*standardised_means: Floats) -> tuple[Caution, ...]:
    """Return a caution where a mean lies too near to 0 for its logarithm to be normal.

    Parameters
    ----------
    standardised_means
        Arrays of √n · mean / SD, shape (k,), one an arm; infinite where the SD is 0.
    """
    near = np.logical_or.reduce([means < GEARY_LIMIT for means in standardised_means])
    if not near.any():
        return ()
    return (
        Caution(
            "logarithm-of-mean",
            f"In {count_studies(near)} a mean lies less than "
            f"{GEARY_LIMIT:g} of its standard errors above 0: its logarithm is biased and not "
            "normal, and the variance too small.",
            "Hedges, Gurevitch and Curtis 1999, Ecology 80:1150-1156",
        ),
    )


def _standardised(mean: Floats, sd: Floats, n: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.sqrt(n) * mean / sd)


def log_ratio_of_means(
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
    """Return the logarithm of the ratio of means, treatment over control.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control
        Arm summaries, each a number or shape (k,); means above 0, at least two people an
        arm.
    variance_formula
        ``"unpooled"``: SD₁²/(n₁ mean₁²) + SD₂²/(n₂ mean₂²), Hedges, Gurevitch and Curtis
        1999; ``"pooled"``: the same with one common SD.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,), on the log scale.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("variance_formula", variance_formula, ROM_FORMULAS)
    _check_means(mean_treatment, mean_control)
    m1, s1, n1, m2, s2, n2 = read_arms(
        mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control
    )
    cautions = logarithm_caution(_standardised(m1, s1, n1), _standardised(m2, s2, n2))
    if variance_formula == "pooled":
        s1 = s2 = np.sqrt(pooled_variance(s1, n1, s2, n2))
    variance = (s1 / m1) ** 2 / n1 + (s2 / m2) ** 2 / n2
    estimate = np.log(m1 / m2)
    cautions += ratio_cautions(log_ratio=estimate, variance=variance, name="ratio of means")
    return EffectSizes(
        "log ratio of means", variance_formula, estimate, variance, check_level(level), cautions
    )


def log_variability_ratio(
    *,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
    level: float = 0.95,
) -> EffectSizes:
    """Return the logarithm of the ratio of standard deviations, corrected for small samples.

    ln(SD₁/SD₂) + 1/(2(n₁-1)) - 1/(2(n₂-1)), variance 1/(2(n₁-1)) + 1/(2(n₂-1)): Nakagawa et
    al. 2015. Above 0, the treatment made people more different from each
    other.

    Parameters
    ----------
    sd_treatment, n_treatment, sd_control, n_control
        Arm summaries, each a number or shape (k,); SDs above 0, at least two people an arm.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,), on the log scale.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    arms = checked_views(
        {"n_treatment": 2, "n_control": 2},
        {"sd_treatment": 0, "sd_control": 0},
        sd_treatment=sd_treatment,
        n_treatment=n_treatment,
        sd_control=sd_control,
        n_control=n_control,
    )
    s1, n1, s2, n2 = arms.values()
    first, second = 1 / (2 * (n1 - 1)), 1 / (2 * (n2 - 1))
    return EffectSizes(
        "log variability ratio",
        "normal outcomes, small-sample correction",
        np.log(s1 / s2) + first - second,
        first + second,
        check_level(level),
    )


def log_coefficient_of_variation_ratio(
    *,
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
    level: float = 0.95,
) -> EffectSizes:
    """Return the logarithm of the ratio of coefficients of variation (SD over mean).

    ln(CV₁/CV₂) + 1/(2(n₁-1)) - 1/(2(n₂-1)); the variance adds those of the log SDs and of the
    log means, with mean and SD independent as they are in normal outcomes (Nakagawa et al.
    2015, without their correlation of means and SDs across studies).

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control
        Arm summaries, each a number or shape (k,); means and SDs above 0, at least two
        people an arm.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,), on the log scale.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    spread = log_variability_ratio(
        sd_treatment=sd_treatment,
        n_treatment=n_treatment,
        sd_control=sd_control,
        n_control=n_control,
        level=level,
    )
    means = log_ratio_of_means(
        mean_treatment=mean_treatment,
        sd_treatment=sd_treatment,
        n_treatment=n_treatment,
        mean_control=mean_control,
        sd_control=sd_control,
        n_control=n_control,
    )
    return EffectSizes(
        "log coefficient-of-variation ratio",
        "normal outcomes, small-sample correction",
        spread.estimate - means.estimate,
        spread.variance + means.variance,
        spread.level,
        means.cautions,
    )
