"""Two groups, a continuous outcome: mean difference and standardised mean difference.

References
----------
Hedges LV (1981). Distribution theory for Glass's estimator of effect size and related
estimators. Journal of Educational Statistics 6:107-128.
Hedges LV, Olkin I (1985). Statistical methods for meta-analysis. Academic Press.
Hedges LV (1983). A random effects model for effect sizes. Psychological Bulletin
93:388-395.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln, ndtr

from evidence.effects.arguments import Floats, check_level, checked
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "hedges_correction",
    "mean_difference",
    "noncentral_t_interval",
    "smd_variance",
    "standardised_mean_difference",
]

MD_FORMULAS = ("unpooled", "pooled")
SMD_FORMULAS = ("large-sample", "unbiased")


def _arms(
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
    fewest: int,
) -> dict[str, Floats]:
    arms = checked(
        {"sd_treatment": 0, "sd_control": 0, "n_treatment": fewest, "n_control": fewest},
        mean_treatment=mean_treatment,
        sd_treatment=sd_treatment,
        n_treatment=n_treatment,
        mean_control=mean_control,
        sd_control=sd_control,
        n_control=n_control,
    )
    still = (arms["sd_treatment"] == 0) & (arms["sd_control"] == 0)
    if still.any():
        raise InvalidArgumentError(
            f"Both standard deviations of study {int(np.flatnonzero(still)[0]) + 1} are 0, so "
            "the effect has no standard error. Is an SD missing, or rounded to 0?"
        )
    return arms


def _known(name: str, value: str, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise InvalidArgumentError(f"{name} is {value!r}; known are {', '.join(accepted)}.")


def _pooled_variance(arms: dict[str, Floats]) -> Floats:
    df_treatment, df_control = arms["n_treatment"] - 1, arms["n_control"] - 1
    squares = df_treatment * arms["sd_treatment"] ** 2 + df_control * arms["sd_control"] ** 2
    return np.asarray(squares / (df_treatment + df_control))


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
        Arm summaries, each a number or shape (k,); at least two people an arm.
    variance_formula
        ``"unpooled"``: the sum of the two squared standard errors (each arm its own
        SD); ``"pooled"``: one common SD.
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
    _known("variance_formula", variance_formula, MD_FORMULAS)
    arms = _arms(
        mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control, fewest=2
    )
    estimate = arms["mean_treatment"] - arms["mean_control"]
    if variance_formula == "unpooled":
        variance = (
            arms["sd_treatment"] ** 2 / arms["n_treatment"]
            + arms["sd_control"] ** 2 / arms["n_control"]
        )
    else:
        variance = _pooled_variance(arms) * (1 / arms["n_treatment"] + 1 / arms["n_control"])
    return EffectSizes("mean difference", variance_formula, estimate, variance, check_level(level))


def hedges_correction(df: ArrayLike) -> Floats:
    """Return the exact small-sample correction J of a standardised mean difference.

    J = Γ(df/2) / (√(df/2) Γ((df-1)/2)), Hedges 1981, equation 6e. Beyond 200 degrees of
    freedom the logarithms of the gamma functions lose digits to each other, and the
    ratio's asymptotic series (Tricomi and Erdélyi 1951) is exact to rounding.

    Parameters
    ----------
    df
        Degrees of freedom of the standard deviation, above 1; a number or shape (k,).

    Returns
    -------
    array, shape (k,)
    """
    m = checked({"df": 1}, strict=True, df=df)["df"]
    x = (m - 1) / 2
    series = np.sqrt(x / (m / 2)) * (
        1
        - 1 / (8 * x)
        + 1 / (128 * x**2)
        + 5 / (1024 * x**3)
        - 21 / (32768 * x**4)
        - 399 / (262144 * x**5)
    )
    small = np.minimum(m, 200.0)
    exact = np.exp(gammaln(small / 2) - gammaln((small - 1) / 2)) / np.sqrt(small / 2)
    return np.where(m > 200, series, exact)


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
    """
    _known("variance_formula", variance_formula, SMD_FORMULAS)
    value = np.atleast_1d(np.asarray(g, dtype=np.float64))
    n1, n2 = np.asarray(n_treatment, np.float64), np.asarray(n_control, np.float64)
    base = 1 / n1 + 1 / n2
    if variance_formula == "large-sample":
        return np.asarray(base + value**2 / (2 * (n1 + n2)))
    m = n1 + n2 - 2
    return np.asarray(base + (1 - (m - 2) / (m * hedges_correction(m) ** 2)) * value**2)


def standardised_mean_difference(
    *,
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    n_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n_control: ArrayLike,
    variance_formula: str = "large-sample",
    level: float = 0.95,
) -> EffectSizes:
    """Return Hedges' g: treatment minus control in pooled standard deviations, corrected.

    Parameters
    ----------
    mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control
        Arm summaries, each a number or shape (k,); at least two people an arm.
    variance_formula
        See `smd_variance`.
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
    arms = _arms(
        mean_treatment, sd_treatment, n_treatment, mean_control, sd_control, n_control, fewest=2
    )
    n1, n2 = arms["n_treatment"], arms["n_control"]
    d = (arms["mean_treatment"] - arms["mean_control"]) / np.sqrt(_pooled_variance(arms))
    g = hedges_correction(n1 + n2 - 2) * d
    variance = smd_variance(g, n1, n2, variance_formula)
    return EffectSizes(
        "standardised mean difference",
        f"Hedges' g, exact correction, {variance_formula} variance",
        g,
        variance,
        check_level(level),
    )


def noncentral_t_interval(
    t: float, n_treatment: float, n_control: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the exact confidence interval of one trial's standardised mean difference.

    The t statistic of two normal groups follows a noncentral t distribution with
    noncentrality δ√(n₁n₂/(n₁+n₂)); the interval holds every δ under which the observed t
    is not in either tail. Steiger JH, Fouladi RT (1997), in: What if there were no
    significance tests?, Erlbaum.

    Parameters
    ----------
    t
        The t statistic, treatment minus control.
    n_treatment, n_control
        People in each arm, at least two.
    level
        Confidence level.

    Returns
    -------
    low, high : float
        Ends of the interval for δ.
    """
    tail = (1 - check_level(level)) / 2
    given = checked(
        {"n_treatment": 2, "n_control": 2}, t=t, n_treatment=n_treatment, n_control=n_control
    )
    if given["t"].size > 1:
        raise InvalidArgumentError("t, n_treatment and n_control are those of one trial.")
    t, n_treatment, n_control = (float(values[0]) for values in given.values())
    df = n_treatment + n_control - 2

    scale = math.sqrt(1 / n_treatment + 1 / n_control)
    return -_upper_limit(-t, df, tail) * scale, _upper_limit(t, df, tail) * scale


def _upper_limit(t: float, df: float, tail: float) -> float:
    """Return the noncentrality under which a statistic as low as `t` has probability `tail`."""
    from scipy.optimize import brentq

    def gap(noncentrality: float) -> float:
        return _noncentral_t_cdf(t, df, noncentrality) - tail

    # The noncentrality lies about normally around t, wider with few degrees of freedom; the
    # bracket grows until it holds the root.
    reach = 6.0 * math.sqrt(1 + t * t / (2 * df))
    low, high = t - reach, t + reach
    while gap(low) < 0:
        low -= reach
    while gap(high) > 0:
        high += reach
    return float(brentq(gap, low, high, xtol=1e-12, rtol=1e-12))


#: Nodes of the quadrature of the noncentral t distribution, and how far out it goes in
#: standard deviations: what lies beyond is below 1e-22.
_NODES = 160
_REACH = 10.0


@cache
def _nodes() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(_NODES)


def _noncentral_t_cdf(t: float, df: float, noncentrality: float) -> float:
    """Return P(T <= t) for T = (Z + noncentrality) / S, S² a mean square on `df`.

    By Gauss-Legendre quadrature over whichever of Z and S leaves the smoother integrand;
    scipy's function gives NaN for some large t with few degrees of freedom. A lower tail
    of a negative t is the upper tail of its mirror image and keeps its digits.
    """
    places, weights = _nodes()
    upper = t < 0
    t, delta = (-t, -noncentrality) if upper else (t, noncentrality)
    if t * t > 2 * df:
        # Where Z + delta < 0 the event is certain; the integral starts beyond.
        low = min(max(-delta, -_REACH), _REACH)
        z = (low + _REACH) / 2 + (_REACH - low) / 2 * places
        squares = df * ((z + delta) / t) ** 2 / 2
        rest = gammainc(df / 2, squares) if upper else gammaincc(df / 2, squares)
        area = (_REACH - low) / 2 * float(weights @ (np.exp(-(z**2) / 2) * rest))
        certain = 0.0 if upper else float(ndtr(-delta))
        return certain + area / math.sqrt(2 * math.pi)
    # The cube root of a mean square is close to normal (Wilson and Hilferty 1931).
    centre, width = 1 - 2 / (9 * df), math.sqrt(2 / (9 * df))
    low, high = max(centre - _REACH * width, 0.0), centre + _REACH * width
    root = (low + high) / 2 + (high - low) / 2 * places
    log_density = (1.5 * df - 1) * np.log(root) - df * root**3 / 2
    # Its constant would lose digits with many degrees of freedom: the sum stands in for it.
    density = weights * np.exp(log_density - log_density.max())
    distance = t * root**1.5 - delta
    return float(density @ ndtr(-distance if upper else distance) / density.sum())
