"""Combined p values of Fisher, Stouffer and Edgington, exact in both tails.

References
----------
Fisher RA (1932). Statistical Methods for Research Workers, 4th edition, section 21.1.
Stouffer SA, Suchman EA, DeVinney LC, Star SA, Williams RM (1949). The American Soldier,
volume 1, 45.
Liptak T (1958). On the combination of independent tests. Magyar Tudományos Akadémia
Matematikai Kutató Intézetének Közleményei 3:171-197 (weights).
Edgington ES (1972). An additive method for combining probability values from independent
experiments. Journal of Psychology 80:351-363.
de Boor C (1972). On calculating with B-splines. Journal of Approximation Theory 6:50-62 (the
recurrence for the sum of uniform variables, without subtraction).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import chdtrc, ndtr

from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import upper_quantiles

__all__ = ["METHODS", "combined", "sum_of_uniforms"]

#: How each method is called, and its paper.
METHODS = {
    "fisher": ("Fisher's method", "Fisher 1932, Statistical Methods for Research Workers"),
    "stouffer": ("Stouffer's method", "Stouffer et al. 1949; Liptak 1958 (weights)"),
    "edgington": ("Edgington's method", "Edgington 1972, Journal of Psychology 80:351-363"),
}


def combined(
    method: str, lower: Floats, upper: Floats, weights: Floats
) -> tuple[float, float, float]:
    """Combine independent one-tailed p values.

    Parameters
    ----------
    method
        One of `METHODS`.
    lower, upper
        Each p value, and what it lacks of 1, shape (k,): both, since near 1 only the second
        keeps its digits.
    weights
        For Stouffer's method, shape (k,); above 0.

    Returns
    -------
    statistic, df, p_value
        df is NaN where the statistic has none.
    """
    k = lower.size
    if method == "fisher":
        with np.errstate(divide="ignore"):
            logs = np.where(lower < 0.5, np.log(lower), np.log1p(-upper))
        statistic = max(0.0, -2 * math.fsum(logs.tolist()))
        return statistic, 2.0 * k, float(chdtrc(2 * k, statistic))
    if method == "stouffer":
        # From the smaller of the two tails, where a quantile keeps its digits.
        sizes = upper_quantiles(np.minimum(lower, upper), None)
        z = np.where(lower <= upper, sizes, -sizes)
        if np.isneginf(z).any():  # a p value of 1 outweighs any other
            return -math.inf, math.nan, 1.0
        shares = weights / weights.max()
        statistic = float(shares @ z) / math.sqrt(float(shares @ shares))
        return statistic, math.nan, float(ndtr(-statistic))
    total, lacking = math.fsum(lower.tolist()), math.fsum(upper.tolist())
    if total <= lacking:
        return total, math.nan, sum_of_uniforms(total, k)
    return total, math.nan, 1 - sum_of_uniforms(lacking, k)


def sum_of_uniforms(x: float, k: int) -> float:
    """Return the probability that the sum of k uniform variables is at most `x`.

    The density of the sum of n is ``(x f(x; n-1) + (n - x) f(x - 1; n-1)) / (n - 1)``, and the
    probability up to x for k the sum of the densities for k + 1 at x, x - 1, x - 2 and so on:
    everything is added and nothing subtracted, so that small probabilities keep their digits
    for any k, which the alternating sum of Edgington's paper does not allow.

    Parameters
    ----------
    x
        From 0 to k.
    k
        At least 1.
    """
    if x <= 0:
        return 0.0
    if x >= k:
        return 1.0
    points = x - np.arange(math.floor(x) + 1)
    density = ((points >= 0) & (points < 1)).astype(np.float64)
    for n in range(2, k + 2):
        before = np.append(density[1:], 0.0)
        density = (np.clip(points, 0, n) * density + np.clip(n - points, 0, n) * before) / (n - 1)
        density[points >= n] = 0.0
    return min(1.0, float(density.sum()))
