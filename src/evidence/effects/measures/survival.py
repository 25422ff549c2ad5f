"""Time to an event: the log hazard ratio from whatever of it was reported.

References
----------
Parmar MKB, Torri V, Stewart L (1998). Extracting summary statistics to perform meta-analyses
of the published literature for survival endpoints. Statistics in Medicine 17:2815-2834.
Tierney JF, Stewart LA, Ghersi D, Burdett S, Sydes MR (2007). Practical methods for
incorporating summary time-to-event data into meta-analysis. Trials 8:16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from evidence.effects.arguments import Floats, check_level, checked_views
from evidence.effects.measures.choices import count_studies, name_studies, refuse_where
from evidence.effects.measures.plausibility import ratio_cautions
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "log_hazard_ratio",
    "log_hazard_ratio_from_events",
    "log_hazard_ratio_from_log_rank",
    "log_hazard_ratio_from_p",
    "log_hazard_ratio_from_ratio_and_p",
    "log_rank_variance",
    "log_rank_variance_from_events",
]

_MEASURE = "log hazard ratio"
#: A hazard ratio this share of the half-width away from the middle of its interval (on the
#: log scale) is more than rounding usually does; a convention of this package.
OFF_CENTRE = 0.2


def log_hazard_ratio(
    *,
    hazard_ratio: ArrayLike,
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    ci_level: float = 0.95,
    level: float = 0.95,
) -> EffectSizes:
    """Return the log hazard ratio from a hazard ratio and its confidence interval.

    The standard error is the width of the interval on the log scale over twice the normal
    quantile (Parmar, Torri and Stewart 1998; Tierney et al. 2007).

    Parameters
    ----------
    hazard_ratio
        Treatment over control, a number or shape (k,).
    ci_low, ci_high
        Ends of its confidence interval, above 0.
    ci_level
        Level of that interval.
    level
        Confidence level of the intervals of the result.

    Returns
    -------
    EffectSizes
        On the log scale, with `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; also where the hazard ratio lies
        outside its interval.
    """
    given = checked_views(
        None,
        {"hazard_ratio": 0, "ci_low": 0, "ci_high": 0},
        hazard_ratio=hazard_ratio,
        ci_low=ci_low,
        ci_high=ci_high,
    )
    ratio, low, high = given.values()
    refuse_where(low >= high, "ci_low of {study} is not below its ci_high.")
    refuse_where(
        (ratio < low) | (ratio > high),
        "hazard_ratio of {study} lies outside ci_low to ci_high. Is one of them a log hazard "
        "ratio, or of another comparison?",
    )
    estimate = np.log(ratio)
    half = (np.log(high) - np.log(low)) / 2
    middle = (np.log(high) + np.log(low)) / 2
    variance = (half / float(ndtri(0.5 + check_level(ci_level) / 2))) ** 2
    return _hazard_ratio(
        f"from the {100 * ci_level:g}% confidence interval",
        estimate,
        variance,
        level,
        _off_centre(np.abs(estimate - middle) > OFF_CENTRE * half),
    )


def _hazard_ratio(
    formula: str,
    estimate: Floats,
    variance: Floats,
    level: float,
    cautions: tuple[Caution, ...] = (),
) -> EffectSizes:
    cautions += ratio_cautions(log_ratio=estimate, variance=variance, name="hazard ratio")
    return EffectSizes(_MEASURE, formula, estimate, variance, check_level(level), cautions)


def _off_centre(far: np.ndarray) -> tuple[Caution, ...]:
    if not far.any():
        return ()
    return (
        Caution(
            "interval-off-centre",
            f"In {count_studies(far)} ({name_studies(far)}) the hazard ratio is not near the "
            "middle of its interval on the log scale: coarse rounding, a typing error, or an "
            "interval made in another way.",
            "Tierney et al. 2007, Trials 8:16",
        ),
    )


def log_hazard_ratio_from_log_rank(
    *, observed_minus_expected: ArrayLike, variance: ArrayLike, level: float = 0.95
) -> EffectSizes:
    """Return the log hazard ratio (O - E) / V, with variance 1/V.

    Parameters
    ----------
    observed_minus_expected
        Events observed minus expected under treatment, from the log-rank test, a number or
        shape (k,).
    variance
        V, the log-rank variance, above 0 (not the variance of the log hazard ratio).
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale, with `estimate` and `variance` of shape (k,); close to Cox's
        estimate where the effect is not large.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked_views(
        None,
        {"variance": 0},
        observed_minus_expected=observed_minus_expected,
        variance=variance,
    )
    v = given["variance"]
    return _hazard_ratio("log-rank (O - E)/V", given["observed_minus_expected"] / v, 1 / v, level)


def log_rank_variance(*, events: ArrayLike, n_treatment: ArrayLike, n_control: ArrayLike) -> Floats:
    """Return V from all events and the numbers randomised: events · n₁n₂/(n₁+n₂)².

    Events divide as people do where the effect is small: a quarter of the events in arms of
    one size (Parmar, Torri and Stewart 1998; Tierney et al. 2007).

    Parameters
    ----------
    events
        Events in both arms together, above 0, a number or shape (k,).
    n_treatment, n_control
        People randomised, at least one an arm.

    Returns
    -------
    array, shape (k,)
    """
    given = checked_views(
        {"n_treatment": 1, "n_control": 1},
        {"events": 0},
        events=events,
        n_treatment=n_treatment,
        n_control=n_control,
    )
    x, n1, n2 = given.values()
    refuse_where(x > n1 + n2, "events of {study} are more than its people.")
    return np.asarray(x * (n1 / (n1 + n2)) * (n2 / (n1 + n2)))


def log_rank_variance_from_events(
    *, events_treatment: ArrayLike, events_control: ArrayLike
) -> Floats:
    """Return V from the events of each arm: x₁x₂/(x₁+x₂).

    Parmar, Torri and Stewart 1998; Tierney et al. 2007.

    Parameters
    ----------
    events_treatment, events_control
        Events in each arm, above 0, each a number or shape (k,).

    Returns
    -------
    array, shape (k,)
    """
    given = checked_views(
        None,
        {"events_treatment": 0, "events_control": 0},
        events_treatment=events_treatment,
        events_control=events_control,
    )
    x1, x2 = given.values()
    return np.asarray(x1 * x2 / (x1 + x2))


def log_hazard_ratio_from_p(
    *,
    p_value: ArrayLike,
    log_rank_variance: ArrayLike,
    direction: ArrayLike,
    level: float = 0.95,
) -> EffectSizes:
    """Return the log hazard ratio from a log-rank p value and V.

    z√V is O - E, so the log hazard ratio is z/√V, with variance 1/V (Parmar, Torri and
    Stewart 1998).

    Parameters
    ----------
    p_value
        Exact two-sided p value of the log-rank test, above 0 and at most 1, a number or
        shape (k,).
    log_rank_variance
        V, from `log_rank_variance` or `log_rank_variance_from_events`.
    direction
        -1 where the hazard was lower under treatment, 1 where it was higher: p does not say.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale, with `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked_views(
        None,
        {"p_value": 0, "log_rank_variance": 0},
        p_value=p_value,
        log_rank_variance=log_rank_variance,
        direction=direction,
    )
    p, v, sign = given.values()
    refuse_where(p > 1, "p_value of {study} is above 1.")
    refuse_where(np.abs(sign) != 1, "direction of {study} is neither -1 nor 1.")
    return _hazard_ratio(
        "from the p value and the log-rank variance of the events",
        # 0 - x: no negative zero at p = 1.
        sign * (0.0 - ndtri(p / 2)) / np.sqrt(v),
        1 / v,
        level,
        (
            Caution(
                "p-and-events",
                "The hazard ratio was computed from a p value and the number of events; it is "
                "as rough as the p value's rounding.",
                "Tierney et al. 2007, Trials 8:16",
            ),
        ),
    )


def log_hazard_ratio_from_ratio_and_p(
    *, hazard_ratio: ArrayLike, p_value: ArrayLike, level: float = 0.95
) -> EffectSizes:
    """Return the log hazard ratio from a hazard ratio and its p value.

    SE = |ln HR| / z, with z the normal quantile of the two-sided p value (Parmar, Torri and
    Stewart 1998; Tierney et al. 2007); the sign is the hazard ratio's own. The nearer p is to
    1, the more the SE hangs on the rounding of both numbers: prefer a confidence interval.

    Parameters
    ----------
    hazard_ratio
        Treatment over control, above 0 and not 1, a number or shape (k,).
    p_value
        Exact two-sided p value, above 0 and below 1, of the log-rank or Cox's test.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale, with `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; also for a hazard ratio of 1, which
        leaves the standard error unknown.
    """
    given = checked_views(
        None, {"hazard_ratio": 0, "p_value": 0}, hazard_ratio=hazard_ratio, p_value=p_value
    )
    ratio, p = given.values()
    refuse_where(
        p >= 1, "p_value of {study} is not below 1, so it says nothing of the standard error."
    )
    refuse_where(
        ratio == 1,
        "hazard_ratio of {study} is 1, which leaves its standard error unknown: look for a "
        "confidence interval, or use log_hazard_ratio_from_p with the events.",
    )
    estimate = np.log(ratio)
    return _hazard_ratio(
        "from the hazard ratio and its p value",
        estimate,
        (estimate / ndtri(p / 2)) ** 2,
        level,
        (
            Caution(
                "ratio-and-p",
                "The standard error was computed from a hazard ratio and a p value; it is as "
                "rough as their rounding, and most so where the ratio is near 1.",
                "Tierney et al. 2007, Trials 8:16",
            ),
        ),
    )


def log_hazard_ratio_from_events(
    *, hazard_ratio: ArrayLike, log_rank_variance: ArrayLike, level: float = 0.95
) -> EffectSizes:
    """Return the log hazard ratio with the variance that the events imply, 1/V.

    For a hazard ratio that was reported with numbers of events but neither interval nor p
    value (Parmar, Torri and Stewart 1998).

    Parameters
    ----------
    hazard_ratio
        Treatment over control, above 0, a number or shape (k,).
    log_rank_variance
        V, from `log_rank_variance` or `log_rank_variance_from_events`, above 0.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the log scale, with `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked_views(
        None,
        {"hazard_ratio": 0, "log_rank_variance": 0},
        hazard_ratio=hazard_ratio,
        log_rank_variance=log_rank_variance,
    )
    return _hazard_ratio(
        "from the hazard ratio and the log-rank variance of the events",
        np.log(given["hazard_ratio"]),
        1 / given["log_rank_variance"],
        level,
        (
            Caution(
                "ratio-and-events",
                "The standard error was computed from the numbers of events alone, which "
                "supposes that they divide as people do.",
                "Tierney et al. 2007, Trials 8:16",
            ),
        ),
    )
