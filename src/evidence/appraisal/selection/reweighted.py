"""A mean in which the studies that were hard to publish count more.

References
----------
Mathur MB, VanderWeele TJ (2020). Sensitivity analysis for publication bias in meta-analyses.
Journal of the Royal Statistical Society, Series C 69:1091-1119.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.synthesis.dependence.sandwich import sandwich
from evidence.synthesis.dependence.stacks import WorkingModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Reweighted", "reweighted"]

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
    working
        For robust intervals; None for a common effect.
    """

    effects: Floats
    variances: Floats
    chosen: NDArray[np.bool_]
    working: WorkingModel | None

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
        if self.working is None:
            # The ratio is known, so that only the effects vary.
            return mean, quantile(level) * math.sqrt(float(weights**2 @ self.variances)) / total
        if np.count_nonzero(weights) < 2:
            return mean, math.nan
        fit = replace(
            self.working,
            weights=tuple(weights[:, np.newaxis, np.newaxis]),
            coefficients=np.array([mean]),
            bread=np.array([[1 / total]]),
        )
        found = sandwich(fit, "CR2")
        df = float(found.degrees_of_freedom()[0])
        error = math.sqrt(max(0.0, float(found.covariance[0, 0])))
        return mean, quantile(level, df) * error if df > 0 else math.nan

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
        return self._closed(level) if self.working is None else self._search(level)

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


def reweighted(
    effects: Floats, variances: Floats, chosen: NDArray[np.bool_], *, robust: bool
) -> Reweighted:
    """Prepare studies for any selection ratio.

    Parameters
    ----------
    effects, variances, chosen
        As `Reweighted` has them.
    robust
        Whether intervals are robust.
    """
    if not robust:
        return Reweighted(effects, variances, chosen, None)
    k = effects.size
    names = tuple(str(i) for i in range(k))
    working = WorkingModel(
        effects=effects,
        design=np.ones((k, 1)),
        terms=("mean effect",),
        clusters=names,
        rows=tuple(np.arange(k)[:, np.newaxis]),
        covariance=tuple(variances[:, np.newaxis, np.newaxis]),
        weights=None,
        coefficients=np.zeros(1),
        bread=np.ones((1, 1)),
        labels=names,
    )
    return Reweighted(effects, variances, chosen, working)
