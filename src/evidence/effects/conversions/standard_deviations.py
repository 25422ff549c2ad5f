"""The standard deviation of people, from whatever a report gives instead of it.

One group: its standard error, the confidence interval of its mean, its range. Two groups: the
standard error, interval, t, F or p of their difference, which give one SD for both.

References
----------
Cochrane Handbook for Systematic Reviews of Interventions, sections 6.5.2.2 (one group), 6.5.2.3
(differences of means) and 6.5.2.6 (ranges).
Hozo SP, Djulbegovic B, Hozo I (2005). Estimating the mean and variance from the median, range,
and the size of a sample. BMC Medical Research Methodology 5:13.
Tippett LHC (1925). On the extreme individuals and the range of samples taken from a normal
population. Biometrika 17:364-387.
Wan X, Wang W, Liu J, Tong T (2014). Estimating the sample mean and standard deviation from the
sample size, median, range and/or interquartile range. BMC Medical Research Methodology 14:135.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr, ndtri

from evidence.effects.arguments import Floats, check_level, checked
from evidence.effects.conversions.spread import upper_quantiles
from evidence.effects.measures.choices import check_choice, first_study, refuse_where
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "check_below",
    "expected_range_of_wan",
    "sd_from_difference_interval",
    "sd_from_difference_standard_error",
    "sd_from_f",
    "sd_from_interval",
    "sd_from_p",
    "sd_from_range",
    "sd_from_standard_error",
    "sd_from_t",
    "t_from_p_value",
]

QUANTILES = ("t", "normal")
RANGE_METHODS = ("Wan", "Hozo", "expected range")


def check_below(given: dict[str, Floats], low: str, high: str, *, equal: bool = False) -> None:
    """Refuse a lower number above the higher one, naming the study and both.

    Parameters
    ----------
    given
        Arrays of shape (k,) by name.
    low, high
        The names of the two.
    equal
        Whether they may be equal.
    """
    wrong = given[low] > given[high] if equal else given[low] >= given[high]
    if wrong.any():
        place = first_study(wrong)
        raise InvalidArgumentError(
            f"{low} must be {'at most' if equal else 'below'} {high}; found study {place + 1}: "
            f"{given[low][place]:g} and {given[high][place]:g}."
        )


def sd_from_standard_error(*, standard_error: ArrayLike, n: ArrayLike) -> Floats:
    """Return the standard deviation of a group from the standard error of its mean: SE √n.

    Parameters
    ----------
    standard_error
        Of the mean of one group (not of a difference), at least 0, a number or shape (k,).
    n
        People in the group, at least one.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked({"standard_error": 0, "n": 1}, standard_error=standard_error, n=n)
    return given["standard_error"] * np.sqrt(given["n"])


def _half_width(given: dict[str, Floats], df: Floats, ci_level: float, quantile: str) -> Floats:
    check_choice("quantile", quantile, QUANTILES)
    check_below(given, "ci_low", "ci_high")
    tail = (1 - check_level(ci_level)) / 2
    multiplier = upper_quantiles(tail, df if quantile == "t" else None)
    return np.asarray((given["ci_high"] - given["ci_low"]) / (2 * multiplier))


def sd_from_interval(
    *,
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    n: ArrayLike,
    ci_level: float = 0.95,
    quantile: str = "t",
) -> Floats:
    """Return the standard deviation of a group from the confidence interval of its mean.

    √n times the width over twice the quantile. Packages compute the interval with t on n - 1
    degrees of freedom; taking 1.96 instead makes the SD 5% too large for 25 people and 42%
    for five.

    Parameters
    ----------
    ci_low, ci_high
        Ends of the interval of the mean, each a number or shape (k,).
    n
        People in the group, at least two.
    ci_level
        Level of the interval that was reported.
    quantile
        ``"t"`` on n - 1 degrees of freedom, or ``"normal"`` where the report used 1.96.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked({"n": 2}, ci_low=ci_low, ci_high=ci_high, n=n)
    error = _half_width(given, given["n"] - 1, ci_level, quantile)
    return error * np.sqrt(given["n"])


def sd_from_difference_standard_error(
    *, standard_error: ArrayLike, n_treatment: ArrayLike, n_control: ArrayLike
) -> Floats:
    """Return the SD of both groups from the standard error of their difference.

    SE / √(1/n₁ + 1/n₂), Handbook 6.5.2.3: the pooled SD, if the report compared two groups
    without adjusting for anything; adjusted for baseline, the SD comes out too small.

    Parameters
    ----------
    standard_error
        Of the difference of the two means, at least 0, a number or shape (k,).
    n_treatment, n_control
        People in each group, at least one.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"standard_error": 0, "n_treatment": 1, "n_control": 1},
        standard_error=standard_error,
        n_treatment=n_treatment,
        n_control=n_control,
    )
    return np.asarray(
        given["standard_error"] / np.sqrt(1 / given["n_treatment"] + 1 / given["n_control"])
    )


def sd_from_difference_interval(
    *,
    ci_low: ArrayLike,
    ci_high: ArrayLike,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    ci_level: float = 0.95,
    quantile: str = "t",
) -> Floats:
    """Return the SD of both groups from the confidence interval of their difference.

    Parameters
    ----------
    ci_low, ci_high
        Ends of the interval of the difference of means, each a number or shape (k,).
    n_treatment, n_control
        People in each group, at least two.
    ci_level
        Level of the interval that was reported.
    quantile
        ``"t"`` on n₁ + n₂ - 2 degrees of freedom, or ``"normal"``.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"n_treatment": 2, "n_control": 2},
        ci_low=ci_low,
        ci_high=ci_high,
        n_treatment=n_treatment,
        n_control=n_control,
    )
    df = given["n_treatment"] + given["n_control"] - 2
    return sd_from_difference_standard_error(
        standard_error=_half_width(given, df, ci_level, quantile),
        n_treatment=given["n_treatment"],
        n_control=given["n_control"],
    )


def sd_from_t(
    *, mean_difference: ArrayLike, t: ArrayLike, n_treatment: ArrayLike, n_control: ArrayLike
) -> Floats:
    """Return the SD of both groups from their difference and its t statistic.

    Parameters
    ----------
    mean_difference
        Difference of the two means, not 0, a number or shape (k,).
    t
        Its t statistic, not 0; signs do not matter, papers differ in which way round they
        subtract.
    n_treatment, n_control
        People in each group.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"n_treatment": 2, "n_control": 2},
        mean_difference=mean_difference,
        t=t,
        n_treatment=n_treatment,
        n_control=n_control,
    )
    for name in ("mean_difference", "t"):
        refuse_where(
            given[name] == 0,
            f"{name} of {{study}} is 0: the standard error is the difference over t, which says "
            "nothing there. Take the SDs of the groups, or an interval.",
        )
    return sd_from_difference_standard_error(
        standard_error=np.abs(given["mean_difference"] / given["t"]),
        n_treatment=given["n_treatment"],
        n_control=given["n_control"],
    )


def sd_from_f(
    *, mean_difference: ArrayLike, f: ArrayLike, n_treatment: ArrayLike, n_control: ArrayLike
) -> Floats:
    """Return the SD of both groups from their difference and the F of a comparison of two.

    With one numerator degree of freedom F is t².

    Parameters
    ----------
    mean_difference
        Difference of the two means, not 0, a number or shape (k,).
    f
        F statistic on 1 and n₁ + n₂ - 2 degrees of freedom, above 0.
    n_treatment, n_control
        People in each group.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    t = np.sqrt(checked({"f": 0}, strict=True, f=f)["f"])
    return sd_from_t(
        mean_difference=mean_difference, t=t, n_treatment=n_treatment, n_control=n_control
    )


def t_from_p_value(*, p_value: ArrayLike, df: ArrayLike | None) -> Floats:
    """Return the absolute t (or z) whose two-sided p value is `p_value`, for arrays.

    Parameters
    ----------
    p_value
        Two-sided, above 0 and below 1, a number or shape (k,).
    df
        Degrees of freedom, above 0; None for the normal distribution.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    p = checked({"p_value": 0}, strict=True, p_value=p_value)["p_value"]
    refuse_where(p >= 1, "p_value must lie between 0 and 1; {study} has one of 1 or above.")
    if df is None:
        return upper_quantiles(p / 2, None)
    given = checked({"df": 0}, strict=True, p_value=p, df=df)
    return upper_quantiles(given["p_value"] / 2, given["df"])


def sd_from_p(
    *, mean_difference: ArrayLike, p_value: ArrayLike, n_treatment: ArrayLike, n_control: ArrayLike
) -> Floats:
    """Return the SD of both groups from their difference and its p value.

    The t with this two-sided p on n₁ + n₂ - 2 degrees of freedom (Handbook 6.5.2.3); right only
    for Student's t test of two groups. A p value given as "< 0.05" gives the largest possible
    SD when 0.05 is put in.

    Parameters
    ----------
    mean_difference
        Difference of the two means, not 0, a number or shape (k,).
    p_value
        Exact two-sided p value, above 0 and below 1.
    n_treatment, n_control
        People in each group, at least two.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"n_treatment": 2, "n_control": 2},
        p_value=p_value,
        n_treatment=n_treatment,
        n_control=n_control,
    )
    t = t_from_p_value(p_value=given["p_value"], df=given["n_treatment"] + given["n_control"] - 2)
    return sd_from_t(
        mean_difference=mean_difference,
        t=t,
        n_treatment=given["n_treatment"],
        n_control=given["n_control"],
    )


def sd_from_range(
    *,
    minimum: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
    median: ArrayLike | None = None,
    method: str = "Wan",
) -> Floats:
    """Return the standard deviation of a group from its smallest and largest value.

    The Handbook (6.5.2.6) advises against it where anything else is known: the range depends
    on two people and grows with the sample.

    Parameters
    ----------
    minimum, maximum
        Each a number or shape (k,).
    n
        People in the group, at least two.
    median
        For ``"Hozo"`` with up to 15 people only.
    method
        ``"Wan"``: the range over 2Φ⁻¹((n-0.375)/(n+0.25)) (Wan et al. 2014);
        ``"expected range"``: over the exact expectation of the range of n normal values in
        SDs (Tippett 1925; Wan's table 1), of which Wan's is an approximation; ``"Hozo"``:
        √(((a-2m+b)²/4 + (b-a)²)/12) for up to 15 people, a quarter of the range up to 70, a
        sixth beyond (Hozo et al. 2005; it jumps by a third there and is kept to reproduce
        older reviews).

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    check_choice("method", method, RANGE_METHODS)
    given = checked({"n": 2}, minimum=minimum, maximum=maximum, n=n)
    check_below(given, "minimum", "maximum", equal=True)
    width = given["maximum"] - given["minimum"]
    people = given["n"]
    if method == "Wan":
        return np.asarray(width / expected_range_of_wan(people))
    if method == "expected range":
        return np.asarray(width / np.array([_expected_range(float(size)) for size in people]))
    return _hozo(given, width, median)


def expected_range_of_wan(n: Floats) -> Floats:
    """Return Wan's approximation of the range of n normal values in SDs, shape (k,).

    Parameters
    ----------
    n
        People, shape (k,), at least two.
    """
    return np.asarray(2 * ndtri((n - 0.375) / (n + 0.25)))


def _hozo(given: dict[str, Floats], width: Floats, median: ArrayLike | None) -> Floats:
    small = given["n"] <= 15
    if not small.any():
        return np.where(given["n"] <= 70, width / 4, width / 6)
    if median is None:
        raise InvalidArgumentError(
            f"median is needed for study {first_study(small) + 1}: up to 15 people Hozo's SD "
            "depends on it. Give it, or take method 'Wan'."
        )
    ends = checked(median=median, minimum=given["minimum"], maximum=given["maximum"])
    check_below(ends, "minimum", "median", equal=True)
    check_below(ends, "median", "maximum", equal=True)
    bend = ends["minimum"] - 2 * ends["median"] + ends["maximum"]
    shaped = np.sqrt((bend**2 / 4 + width**2) / 12)
    return np.where(small, shaped, np.where(given["n"] <= 70, width / 4, width / 6))


@cache
def _expected_range(n: float) -> float:
    """Return ∫ 1 - Φ(x)ⁿ - (1 - Φ(x))ⁿ dx, Tippett 1925."""
    # The integrand is smooth and dies out at both ends, so equal steps converge like a
    # Gauss rule; beyond ±(√(2 ln n) + 9) it is below rounding.
    reach = math.sqrt(2 * math.log(n)) + 9.0
    places, step = np.linspace(-reach, reach, 2001, retstep=True)
    below, above = n * log_ndtr(places), n * log_ndtr(-places)
    # 1 - Φⁿ loses its digits where Φⁿ is near 1; there it is -expm1 of the logarithm.
    return float(step * np.sum(-np.expm1(below) - np.exp(above)))
