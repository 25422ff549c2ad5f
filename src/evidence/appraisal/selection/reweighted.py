"""A mean in which the studies that were hard to publish count more.

References
----------
Mathur MB, VanderWeele TJ (2020). Sensitivity analysis for publication bias in meta-analyses.
Journal of the Royal Statistical Society, Series C 69:1091-1119.
Tipton E (2015). Small sample adjustments for robust variance estimation with meta-regression.
Psychological Methods 20:375-393 (CR2 and its degrees of freedom).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Reweighted", "robust_variance"]

#: Where the limit of a robust interval is looked at on its way to the worst case; between two
#: of these a crossing is solved for.
_SHARES = (*np.geomspace(1.0, 1e-6, 49).tolist(), 0.0)


@dataclass(frozen=True, eq=False)
class Reweighted:
    """Effects, less a target and with the favoured sign, for any selection ratio.

    Attributes
    ----------
    effects, variances
        Shape (k,); of the model, with tau².
    chosen
        Which studies were easy to publish, shape (k,).
    robust
        Whether intervals are robust.
    """

    effects: Floats
    variances: Floats
    chosen: NDArray[np.bool_]
    robust: bool

    def _weights(self, share: float) -> Floats:
        if self.chosen.all():
            share = 1.0
        return np.where(self.chosen, share, 1.0) / self.variances

    def at(self, share: float, level: float) -> tuple[float, float]:
        """Return the corrected mean and the half-width of its interval.

        Parameters
        ----------
        share
            The weight of an affirmative study beside a nonaffirmative one: 1 over the
            selection ratio, 0 for the worst case.
        level
            Of the interval; the half-width is NaN where a robust one cannot be had.
        """
        weights = self._weights(share)
        total = float(weights.sum())
        mean = float(weights @ self.effects) / total
        if not self.robust:
            # The ratio is known, so that only the effects vary.
            return mean, quantile(level) * math.sqrt(float(weights**2 @ self.variances)) / total
        if np.count_nonzero(weights) < 2:
            return mean, math.nan
        variance, df = robust_variance(self.effects, self.variances, weights)
        return mean, quantile(level, df) * math.sqrt(variance)

    def _sums(self) -> tuple[float, float]:
        terms = self.effects / self.variances
        return math.fsum(terms[self.chosen].tolist()), math.fsum(terms[~self.chosen].tolist())

    def ratio_of_estimate(self) -> float:
        """Return the selection ratio at which the corrected mean is 0; 1 where it is already."""
        easy, hard = self._sums()
        if easy + hard <= 0:
            return 1.0
        return math.inf if hard >= 0 else easy / -hard

    def ratio_of_limit(self, level: float) -> float:
        """Return the least selection ratio at which the interval's lower limit is 0.

        Parameters
        ----------
        level
            Of the interval.

        Returns
        -------
        float
            1 where the limit is there already, infinity where no ratio suffices, NaN where the
            worst case has no interval and no ratio short of it suffices.
        """
        mean, reach = self.at(1.0, level)
        if mean - reach <= 0:
            return 1.0
        return self._search(level) if self.robust else self._closed(level)

    def _closed(self, level: float) -> float:
        """Solve ``a + ηb = c √(W_A + η² W_N)``, a and b sums of weighted effects, for η."""
        c2 = quantile(level) ** 2
        easy, hard = self._sums()
        precision = 1 / self.variances
        w_easy, w_hard = float(precision[self.chosen].sum()), float(precision[~self.chosen].sum())
        square, half, rest = hard**2 - c2 * w_hard, easy * hard, easy**2 - c2 * w_easy
        root = math.sqrt(max(0.0, half**2 - square * rest))
        turn = -(half + math.copysign(root, half))
        found = [turn / square if square else math.inf, rest / turn if turn else math.inf]
        # The mean less its half-width is concave in η and above 0 at 1: one crossing at most.
        fit = [ratio for ratio in found if 1 < ratio < math.inf and easy + ratio * hard >= 0]
        return min(fit, default=math.inf)

    def _search(self, level: float) -> float:
        from scipy.optimize import brentq

        def limit(share: float) -> float:
            mean, reach = self.at(share, level)
            return mean - reach

        last = 1.0
        for share in _SHARES[1:]:
            value = limit(share)
            if math.isnan(value):
                return math.nan
            if value <= 0:
                return 1 / float(brentq(limit, share, last, xtol=1e-300, rtol=1e-13))
            last = share
        return math.inf


def robust_variance(effects: Floats, variances: Floats, weights: Floats) -> tuple[float, float]:
    """Return the CR2 variance of a weighted mean, and its degrees of freedom.

    Equal to `evidence.synthesis.dependence.sandwich` for a mean of independent effects, but right
    too where one study has nearly all the weight: its residual, and the variance of that, are
    then what is left of nearly equal numbers, and here sums over the others.

    Parameters
    ----------
    effects, variances
        Of the working model, shape (k,).
    weights
        At least 0 and two of them above it, shape (k,).

    Returns
    -------
    variance
        The sum of h² A² e² with h a study's share of the weights, e its residual and A² its
        variance over that of its residual.
    df
        Satterthwaite's: the squared mean of that sum over half its variance.

    References
    ----------
    Tipton 2015.
    """
    first = int(weights.argmax())
    share = weights / float(weights.sum())
    own, moment = share * variances, share**2 * variances
    others = np.delete(np.arange(effects.size), first)
    far = effects - effects[first]
    residual = far - float(share[others] @ far[others])
    residual[first] = -float(share[others] @ far[others])
    left, rest = 1 - share, float(moment.sum()) - moment
    left[first], rest[first] = float(share[others].sum()), float(moment[others].sum())
    spread = variances * left**2 + rest
    factor = moment / spread
    # The residuals' covariances are `total` less own of the one and of the other.
    total = float(moment.sum())
    with_first = rest[first] - own[first] * left[first] - own[others]
    among = total / 2 - own[others]
    a = factor[others]
    pairs = 2 * (a.sum() * (a @ among**2) + (a @ among) ** 2) - 4 * (a**2 @ among**2)
    squares = float(moment @ moment + 2 * factor[first] * (a @ with_first**2) + pairs)
    return float(factor @ residual**2), total**2 / squares
