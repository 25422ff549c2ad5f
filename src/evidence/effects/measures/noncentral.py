"""The exact confidence interval of one trial's standardised mean difference.

References
----------
Steiger JH, Fouladi RT (1997). Noncentrality interval estimation and the evaluation of
statistical models. In: Harlow LL, Mulaik SA, Steiger JH (editors), What if there were no
significance tests? Erlbaum.
Wilson EB, Hilferty MM (1931). The distribution of chi-square. Proceedings of the National
Academy of Sciences 17:684-688.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.special import gammainc, gammaincc, ndtr

from evidence.effects.arguments import Floats, check_level, checked
from evidence.errors import InvalidArgumentError

__all__ = ["noncentral_t_interval"]


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
