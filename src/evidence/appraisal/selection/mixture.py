"""Weights of a mixture of known distributions at their largest likelihood, for many samples.

References
----------
Lindsay BG (1983). The geometry of mixture likelihoods: a general theory. Annals of Statistics
11:86-94 (the condition of the maximum).
Wright SJ (1997). Primal-dual interior-point methods. SIAM.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evidence.effects.arguments import Floats

__all__ = ["fit_weights"]

#: Mean product of weights and slacks, and largest residual, at which a fit has ended: the log
#: likelihood of one result is then within so much of its maximum, times the components.
_CLOSE = 1e-13
_MOST_STEPS = 200
#: How much of the way to the edge a step may go, and by how much the target shrinks.
_TO_EDGE, _SHRINK = 0.99, 0.1


def fit_weights(densities: Floats, counts: Any) -> Floats:
    """Return the weights that maximise Σ cᵢ log Σ dᵢⱼwⱼ, for each row of counts.

    The maximum over weights that sum to 1 is that of the same sum less Σc·Σw over weights of at
    least 0, where no weight is 0 but in the limit: a primal-dual interior-point method, whose
    number of steps hardly depends on the data, for all rows at once.

    Parameters
    ----------
    densities
        Of each component at each result, shape (n, m).
    counts
        How often each result counts, shape (samples, n); a row without any gets equal weights.

    Returns
    -------
    array, shape (samples, m)
    """
    counted = np.asarray(counts, dtype=np.float64)
    samples, m = counted.shape[0], densities.shape[1]
    weights = np.full((samples, m), 1 / m)
    totals = counted.sum(axis=1)
    left = np.flatnonzero(totals > 0)
    shares = counted[left] / totals[left, None]
    slacks = np.ones((left.size, m))
    first, second = np.triu_indices(m)
    products = densities[:, first] * densities[:, second]
    for _ in range(_MOST_STEPS):
        if left.size == 0:
            break
        w = weights[left]
        heights = w @ densities.T
        ratios = shares / heights
        gradient = 1 - ratios @ densities
        gap = (w * slacks).mean(axis=1)
        done = (gap < _CLOSE) & (np.abs(gradient - slacks).max(axis=1) < 1e3 * _CLOSE)
        if done.any():
            left, shares, slacks = left[~done], shares[~done], slacks[~done]
            w, gradient, gap = w[~done], gradient[~done], gap[~done]
            ratios, heights = ratios[~done], heights[~done]
            if left.size == 0:
                break
        curvature = np.zeros((left.size, m, m))
        curvature[:, first, second] = (ratios / heights) @ products
        curvature[:, second, first] = curvature[:, first, second]
        places = np.arange(m)
        curvature[:, places, places] += slacks / w
        target = _SHRINK * gap[:, None]
        step = np.linalg.solve(curvature, (target / w - gradient)[..., None])[..., 0]
        slack_step = target / w - slacks - slacks / w * step
        reach = np.minimum(_reach(w, step), _reach(slacks, slack_step))[:, None]
        weights[left] = w + reach * step
        slacks = slacks + reach * slack_step
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _reach(values: Floats, steps: Floats) -> Floats:
    """Return how much of a step keeps every value above 0, at most 1."""
    with np.errstate(divide="ignore"):
        lengths = np.where(steps < 0, -values / np.where(steps < 0, steps, -1.0), np.inf)
    return np.asarray(np.minimum(1.0, _TO_EDGE * lengths.min(axis=1)))
