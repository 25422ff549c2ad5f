"""Estimators of the variance between studies, tau², and its Q-profile interval.

Pure functions on arrays. Every search is bracketed and works on effects scaled by a
typical standard error, so that nothing depends on the unit of the effects.

References
----------
DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. Controlled Clinical
Trials 7:177-188.
Paule RC, Mandel J (1982). Consensus values and weighting factors. Journal of Research of
the National Bureau of Standards 87:377-385.
Viechtbauer W (2005). Bias and efficiency of meta-analytic variance estimators in the
random-effects model. Journal of Educational and Behavioral Statistics 30:261-293 (REML).
Viechtbauer W (2007). Confidence intervals for the amount of heterogeneity in
meta-analysis. Statistics in Medicine 26:37-52 (Q-profile).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import chdtri, gammaincinv

from evidence.effects.arguments import Floats

__all__ = [
    "TAU2_METHODS",
    "cross_products",
    "estimate_tau2",
    "generalised_q",
    "q_profile",
    "weighted_mean",
]

#: Points of the grid that brackets the highest maximum of the restricted likelihood. It
#: can have two, so a search that starts anywhere and climbs is not enough.
_GRID = 400


def weighted_mean(effects: Floats, variances: Floats, tau2: float) -> float:
    """Return the inverse-variance weighted mean at a given tau²."""
    weights = 1 / (variances + tau2)
    return float(weights @ effects / weights.sum())


def generalised_q(effects: Floats, variances: Floats, tau2: float) -> float:
    """Return Cochran's Q with weights 1/(v + tau²): the weighted sum of squared deviations."""
    weights = 1 / (variances + tau2)
    mean = weights @ effects / weights.sum()
    return float(weights @ (effects - mean) ** 2)


def cross_products(weights: Floats) -> float:
    """Return the sum of wᵢwⱼ over i ≠ j: (Σw)² - Σw², also where one weight dwarfs the others."""
    ordered = np.sort(weights)
    return 2 * float(ordered[1:] @ np.cumsum(ordered)[:-1])


def _scaled(effects: Floats, variances: Floats) -> tuple[Floats, Floats, float]:
    scale = float(np.median(variances))
    return (effects - effects.mean()) / math.sqrt(scale), variances / scale, scale


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))


def _solve_q(effects: Floats, variances: Floats, target: float) -> float:
    """Return the tau² at which Q falls to `target`, or 0 where it starts below."""
    if generalised_q(effects, variances, 0.0) <= target:
        return 0.0
    high = max(float(variances.max()), float(np.var(effects)), 1e-12)
    while generalised_q(effects, variances, high) > target:
        high *= 4
    return _root(lambda t: generalised_q(effects, variances, t) - target, 0.0, high)


def _dersimonian_laird(effects: Floats, variances: Floats) -> float:
    weights = 1 / variances
    excess = generalised_q(effects, variances, 0.0) - (effects.size - 1)
    return max(0.0, excess * float(weights.sum()) / cross_products(weights))


def _paule_mandel(effects: Floats, variances: Floats) -> float:
    return _solve_q(effects, variances, effects.size - 1)


def restricted_log_likelihood(effects: Floats, variances: Floats, tau2: float) -> float:
    """Return the restricted log-likelihood of tau², up to a constant."""
    return float(_restricted_log_likelihoods(effects, variances, np.array([tau2]))[0])


def _restricted_log_likelihoods(effects: Floats, variances: Floats, tau2: Floats) -> Floats:
    total = variances + tau2[:, np.newaxis]
    weights = 1 / total
    summed = weights.sum(axis=1)
    distance = effects - (weights @ effects / summed)[:, np.newaxis]
    squares = (weights * distance**2).sum(axis=1)
    return np.asarray(-0.5 * (np.log(total).sum(axis=1) + np.log(summed) + squares))


def _restricted_score(effects: Floats, variances: Floats, tau2: float) -> float:
    weights = 1 / (variances + tau2)
    mean = weights @ effects / weights.sum()
    squares = weights * weights
    return float(squares @ (effects - mean) ** 2) - cross_products(weights) / float(weights.sum())


def _reml(effects: Floats, variances: Floats) -> float:
    # Beyond a few times the raw sum of squares the restricted likelihood only falls.
    top = 4 * float(effects @ effects) + 10 * float(variances.max())
    bottom = 1e-6 * float(variances.min())
    grid = np.concatenate([[0.0], np.geomspace(bottom, top, _GRID)])
    best = int(_restricted_log_likelihoods(effects, variances, grid).argmax())
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]

    def score(tau2: float) -> float:
        return _restricted_score(effects, variances, tau2)

    if score(low) <= 0:
        return 0.0 if best <= 1 else float(grid[best])
    return _root(score, float(low), float(high)) if score(high) < 0 else float(grid[best])


#: The estimators by name.
TAU2_METHODS: dict[str, Callable[[Floats, Floats], float]] = {
    "REML": _reml,
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
}


def estimate_tau2(effects: Floats, variances: Floats, method: str = "REML") -> float:
    """Estimate tau² from at least two studies.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2; variances above 0.
    method
        ``"REML"`` (restricted maximum likelihood, at its global maximum), ``"DL"``
        (DerSimonian-Laird, truncated at 0) or ``"PM"`` (Paule-Mandel).

    Returns
    -------
    float
        At least 0, in squared units of the effects.
    """
    scaled, relative, scale = _scaled(effects, variances)
    return TAU2_METHODS[method](scaled, relative) * scale


def q_profile(effects: Floats, variances: Floats, level: float = 0.95) -> tuple[float, float]:
    """Return the Q-profile confidence interval of tau².

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    level
        Confidence level.

    Returns
    -------
    low, high : float
        Both 0 when the effects agree more closely than even tau² = 0 would explain.
    """
    scaled, relative, scale = _scaled(effects, variances)
    df = effects.size - 1
    tail = (1 - level) / 2
    low = _solve_q(scaled, relative, float(chdtri(df, tail)))
    # The lower quantile from its own tail: as the complement of the upper one it would be 0
    # at high levels, and no tau² fits a Q of 0.
    high = _solve_q(scaled, relative, 2 * float(gammaincinv(df / 2, tail)))
    return low * scale, high * scale
