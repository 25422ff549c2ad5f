"""Treated events given every margin of a table: the exact distribution behind an odds ratio.

References
----------
Gart JJ (1970). Point and interval estimation of the common odds ratio in the combination
of 2x2 tables with fixed marginals. Biometrika 57:471-475.
Mehta CR, Patel NR, Gray R (1985). Computing an exact confidence interval for the common
odds ratio in several 2x2 contingency tables. Journal of the American Statistical
Association 80:969-973.
Lancaster HO (1961). Significance tests in discrete distributions. Journal of the American
Statistical Association 56:223-234 (mid-p).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from evidence.effects.arguments import Floats

__all__ = ["ConditionalDistribution"]


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalDistribution:
    """Treated events given every margin, for one table or the sum over several.

    Attributes
    ----------
    lowest
        The fewest treated events that the margins allow.
    log_weights
        Logarithms of the weights of `lowest`, `lowest` + 1, ... at an odds ratio of 1.
    """

    lowest: int
    log_weights: Floats

    @classmethod
    def of_table(cls, n1: int, n2: int, events: int) -> ConditionalDistribution:
        """Return the distribution of one table: the noncentral hypergeometric."""
        low, high = max(0, events - n2), min(n1, events)
        x = np.arange(low, high, dtype=np.float64)
        steps = np.log((n1 - x) * (events - x)) - np.log((x + 1) * (n2 - events + x + 1))
        weights = np.concatenate([[0.0], np.cumsum(steps)])
        return cls(low, weights - weights.max())

    @classmethod
    def of_tables(cls, margins: Sequence[tuple[int, int, int]]) -> ConditionalDistribution:
        """Return the distribution of the sum over tables ``(n1, n2, events)``."""
        whole = cls(0, np.zeros(1))
        for n1, n2, events in margins:
            part = cls.of_table(n1, n2, events)
            short, long = sorted((whole.log_weights, part.log_weights), key=len)
            sums = np.full(short.size + long.size - 1, -np.inf)
            for place, weight in enumerate(short):
                window = sums[place : place + long.size]
                np.logaddexp(window, long + weight, out=window)
            whole = cls(whole.lowest + part.lowest, sums - sums.max())
        return whole

    @property
    def highest(self) -> int:
        """The most treated events that the margins allow."""
        return self.lowest + self.log_weights.size - 1

    def log_tails(self, observed: int, log_odds: float) -> tuple[float, float, float]:
        """Return log P(X < observed), log P(X = observed) and log P(X > observed)."""
        place = observed - self.lowest
        tilted = self.log_weights + log_odds * (np.arange(self.log_weights.size) - place)
        whole = float(logsumexp(tilted))
        below = float(logsumexp(tilted[:place])) if place else -math.inf
        above = float(logsumexp(tilted[place + 1 :])) if observed < self.highest else -math.inf
        return below - whole, float(tilted[place]) - whole, above - whole

    def p_value(self, observed: int, *, mid_p: bool) -> float:
        """Return twice the smaller tail at an odds ratio of 1, at most 1."""
        below, at, above = (math.exp(part) for part in self.log_tails(observed, 0.0))
        return min(1.0, 2 * (min(below, above) + (0.5 if mid_p else 1.0) * at))

    def estimate(self, observed: int) -> float:
        """Return the conditional maximum likelihood estimate, a log odds ratio."""
        if observed == self.lowest:
            return -math.inf
        if observed == self.highest:
            return math.inf
        x = np.arange(self.lowest, self.highest + 1) - observed

        def excess(log_odds: float) -> float:
            tilted = self.log_weights + log_odds * x
            weights = np.exp(tilted - tilted.max())
            return float(x @ weights) / float(weights.sum())

        return _root(excess)

    def interval(self, observed: int, level: float, *, mid_p: bool) -> tuple[float, float]:
        """Return the limits of the log odds ratio; infinite where there is none."""
        target = math.log((1 - level) / 2)
        share = math.log(0.5) if mid_p else 0.0
        low, high = -math.inf, math.inf
        if observed > self.lowest:

            def upper_tail(log_odds: float) -> float:
                _, at, above = self.log_tails(observed, log_odds)
                return float(np.logaddexp(above, at + share)) - target

            low = _root(upper_tail)
        if observed < self.highest:

            def lower_tail(log_odds: float) -> float:
                below, at, _ = self.log_tails(observed, log_odds)
                return target - float(np.logaddexp(below, at + share))

            high = _root(lower_tail)
        return low, high


def _root(rising: Callable[[float], float]) -> float:
    """Return the root of a rising function, wherever it is."""
    from scipy.optimize import brentq

    low, high = -1.0, 1.0
    while rising(low) > 0:
        low *= 2
    while rising(high) < 0:
        high *= 2
    return float(brentq(rising, low, high, xtol=1e-14, rtol=1e-15, maxiter=500))
