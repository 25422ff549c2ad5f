"""What the standard deviation of a trial leaves to chance: mean squares and noncentral t.

References
----------
Wilson EB, Hilferty MM (1931). The distribution of chi-square. Proceedings of the National
Academy of Sciences 17:684-688.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from evidence.effects.arguments import Floats

__all__ = ["noncentral_t_log_density", "root_mean_squares"]

#: Nodes of the quadrature, and how many standard deviations out it goes.
_NODES, _REACH = 120, 9.0


@cache
def root_mean_squares(df: float) -> tuple[Floats, Floats]:
    """Return values of an estimated over the true standard error, with their probabilities.

    Gauss-Legendre over the cube root of a mean square, which is about normal (Wilson and
    Hilferty 1931).

    Parameters
    ----------
    df
        Degrees of freedom of the mean square.

    Returns
    -------
    values, weights : array
        The weights sum to 1.
    """
    places, weights = np.polynomial.legendre.leggauss(_NODES)
    centre, width = 1 - 2 / (9 * df), math.sqrt(2 / (9 * df))
    low, high = max(centre - _REACH * width, 0.0), centre + _REACH * width
    root = (low + high) / 2 + (high - low) / 2 * places
    log_density = (1.5 * df - 1) * np.log(root) - df * root**3 / 2
    density = weights * np.exp(log_density - log_density.max())
    return root**1.5, density / density.sum()


def noncentral_t_log_density(t: Floats, df: float, noncentrality: Floats) -> Floats:
    """Return the logarithm of the density of noncentral t.

    The density of (Z + noncentrality) / S at t is the mean of S φ(t S - noncentrality) over
    S; completing the square in S leaves a smooth integrand at every t.

    Parameters
    ----------
    t, noncentrality
        Numbers, or arrays of one shape.
    df
        Degrees of freedom.
    """
    t, delta = np.broadcast_arrays(
        np.asarray(t, dtype=np.float64), np.asarray(noncentrality, dtype=np.float64)
    )
    total = df + t**2
    # In w = S √(df + t²) the exponent is -(w - c)²/2 plus what does not depend on w.
    centre = t * delta / np.sqrt(total)
    constant = (
        0.5 * df * math.log(df / 2)
        + math.log(2)
        - math.lgamma(df / 2)
        - 0.5 * math.log(2 * math.pi)
    )
    outside = -(delta**2) * df / total / 2 - (df + 1) / 2 * np.log(total)
    return np.asarray(constant + outside + _log_moment(df, centre))


@cache
def _unit_nodes() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(200)


def _log_moment(df: float, centre: Floats) -> Floats:
    """Return log ∫ w^df exp(-(w - c)²/2) dw over w > 0."""
    # The integrand peaks where w (w - c) = df, with curvature 1 + df / w².
    peak = (centre + np.sqrt(centre**2 + 4 * df)) / 2
    width = 1 / np.sqrt(1 + df / peak**2)
    places, weights = _unit_nodes()
    low = np.maximum(peak - 12 * width, 0.0)
    high = peak + 14 * width
    half = (high - low) / 2
    w = (low + half)[..., None] + half[..., None] * places
    with np.errstate(divide="ignore"):
        logs = df * np.log(w) - (w - centre[..., None]) ** 2 / 2
    top = df * np.log(peak) - (peak - centre) ** 2 / 2
    area = (np.exp(logs - top[..., None]) * weights).sum(axis=-1) * half
    return np.asarray(top + np.log(area))
