"""The likelihood of tau² with the mean at its best for each: where it is near its highest.

References
----------
Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects.
Statistics in Medicine 15:619-629.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.intervals.studies import Studies
from evidence.synthesis.tau2 import estimate_tau2

__all__ = ["Profile"]

#: Step of the scan of a likelihood in log(tau² + the smallest variance): all that it is made
#: of, 1 / (v + tau²), changes slowly on that scale.
_STEP = 0.1
#: Rounds of a search that looks closer around the best of its places: each is 8 times finer.
_ZOOMS = 10


class Profile:
    """The (restricted) log-likelihood of tau², with the mean at its best for each tau².

    Parameters
    ----------
    studies
        In the units of the search, as is every tau² here.
    restricted
        Whether the likelihood is the restricted one.
    """

    def __init__(self, studies: Studies, *, restricted: bool) -> None:
        self._studies = studies
        self._restricted = restricted
        name = "REML" if restricted else "ML"
        self.tau2 = estimate_tau2(studies.effects, studies.variances, name)
        self.top = float(self.curves(np.array([self.tau2]))[0][0])

    def curves(self, tau2: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log-likelihood, mean and sum of weights at each tau², shape (m,)."""
        from evidence.synthesis.intervals.kernels import curves

        out = np.empty((3, tau2.size))
        curves(self._studies.effects, self._studies.variances, tau2, self._restricted, out)
        return out[0], out[1], out[2]

    def within(self, drop: float) -> tuple[tuple[float, float], ...]:
        """Return the parts of the set where the log-likelihood is within `drop` of its top.

        Parameters
        ----------
        drop
            Above 0.
        """
        places, heights = self._scan(drop)
        inside = heights >= 0
        ends: list[float] = [0.0] if inside[0] else []
        ends += [
            self._cross(float(places[left]), float(places[left + 1]), drop)
            for left in np.flatnonzero(inside[1:] != inside[:-1])
        ]
        return tuple(zip(ends[::2], ends[1::2], strict=True))

    def far(self, mean: float) -> float:
        """Return a tau² beyond which every likelihood falls, also with the mean held there."""
        distance = self._studies.effects - mean
        return 2 * (float(distance @ distance) + float(self._studies.variances.max()))

    def highest(self, of: Callable[[Floats], Floats], piece: tuple[float, float]) -> float:
        """Return the highest value of a function of tau² over a piece of its range.

        Parameters
        ----------
        of
            Takes tau², shape (m,), and returns as many values.
        piece
            Its ends.
        """
        low, high = math.log1p(piece[0]), math.log1p(piece[1])
        count = max(33, math.ceil((high - low) / _STEP) + 1)
        best = -math.inf
        for _ in range(_ZOOMS):
            places = np.linspace(low, high, count)
            values = of(np.expm1(places))
            top = int(values.argmax())
            best = max(best, float(values[top]))
            low, high = float(places[max(top - 1, 0)]), float(places[min(top + 1, count - 1)])
            count = 17
        return best

    def _heights(self, places: Floats, drop: float) -> Floats:
        return self.curves(np.expm1(places))[0] - self.top + drop

    def _scan(self, drop: float) -> tuple[Floats, Floats]:
        """Return places, as log(tau² + 1), and how far the likelihood lies above the cut there.

        Every place where it crosses the cut lies between two neighbours.
        """
        at = math.log1p(self.tau2)
        last = math.log1p(self.far(float(self._studies.effects.mean())))
        while self._heights(np.array([last]), drop)[0] >= 0:
            last += 2.0
        count = max(8, math.ceil(last / _STEP))
        places = np.union1d(np.linspace(0.0, last, count), [at])
        heights = self._heights(places, drop)
        # A summit that stays just below the cut between neighbours, or a valley just above it.
        turns = np.diff(np.sign(np.diff(heights)))
        for middle in np.flatnonzero(turns) + 1:
            sign = 1.0 if turns[middle - 1] < 0 else -1.0
            if sign * heights[middle] < 0:
                extra = self._extreme(places[middle - 1 : middle + 2], sign, drop)
                places = np.append(places, extra)
        places = np.unique(places)
        return places, self._heights(places, drop)

    def _extreme(self, around: Floats, sign: float, drop: float) -> float:
        low, high = float(around[0]), float(around[-1])
        for _ in range(_ZOOMS):
            fine = np.linspace(low, high, 17)
            best = int((sign * self._heights(fine, drop)).argmax())
            low, high = float(fine[max(best - 1, 0)]), float(fine[min(best + 1, 16)])
        return (low + high) / 2

    def _cross(self, low: float, high: float, drop: float) -> float:
        from scipy.optimize import brentq

        def height(place: float) -> float:
            return float(self._heights(np.array([place]), drop)[0])

        return math.expm1(float(brentq(height, low, high, xtol=1e-300, rtol=1e-15)))
