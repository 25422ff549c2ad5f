"""Sums over 0, 1, ..., n - 1 of smooth functions, at a cost that grows with log n only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Sums", "long_sum"]

_DIRECT = 64
_NODES = 12


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over r of functions of x + phi r, for several groups at once.

    Attributes
    ----------
    places, weights
        Where the function is taken, and how often it counts for all groups together.
    of_groups
        For the groups one by one: row of `places`, weight and group.
    """

    places: Floats
    weights: Floats
    of_groups: tuple[NDArray[np.int64], Floats, NDArray[np.int64]]

    def logs(self, x: float, phi: float) -> float:
        """Return the sum of log(x + phi r)."""
        return float(self.weights @ np.log(x + phi * self.places))

    def powers(self, x: float, phi: float) -> tuple[float, float]:
        """Return the sums of 1 / (x + phi r) and of its square."""
        inverse = 1 / (x + phi * self.places)
        return float(self.weights @ inverse), float(self.weights @ inverse**2)

    def slopes(self, x: float, phi: float) -> tuple[float, float, float]:
        """Return the sums of r / (x + phi r), r / (x + phi r)² and r² / (x + phi r)²."""
        inverse = 1 / (x + phi * self.places)
        share = self.places * inverse
        return (
            float(self.weights @ share),
            float(self.weights @ (share * inverse)),
            float(self.weights @ share**2),
        )

    def each(self, x: float, phi: float, groups: int) -> Floats:
        """Return the sum of 1 / (x + phi r)² of every group, shape (groups,)."""
        row, weights, group = self.of_groups
        terms = weights / (x + phi * self.places[row]) ** 2
        return np.asarray(np.bincount(group, weights=terms, minlength=groups), dtype=np.float64)


def long_sum(counts: Floats) -> Sums:
    """Return where and how often to take a function of r for its sum over r < n.

    The first 64 terms stand for themselves. From there blocks of doubling length are summed by
    the Gauss rule of the discrete uniform distribution (discrete Chebyshev polynomials; Gautschi
    2004, Orthogonal Polynomials: Computation and Approximation) with 12 nodes: a function whose
    singularities lie at r <= 0 is summed to about 1e-17 of its size.

    Parameters
    ----------
    counts
        The whole numbers n, shape (groups,).
    """
    places, weights, group = [], [], []
    for place, count in enumerate(counts):
        r, w = _rule(int(count))
        places.append(r)
        weights.append(w)
        group.append(np.full(r.size, place, dtype=np.int64))
    each = np.concatenate(weights)
    unique, row = np.unique(np.concatenate(places), return_inverse=True)
    whole = np.asarray(np.bincount(row, weights=each, minlength=unique.size), dtype=np.float64)
    return Sums(unique, whole, (row, each, np.concatenate(group)))


@lru_cache(maxsize=1024)
def _rule(count: int) -> tuple[Floats, Floats]:
    start = min(count, _DIRECT)
    places, weights = [np.arange(start, dtype=np.float64)], [np.ones(start)]
    while start < count:
        size = min(start, count - start)
        r, w = _block(size)
        places.append(start + r)
        weights.append(w)
        start += size
    return np.concatenate(places), np.concatenate(weights)


@lru_cache(maxsize=1024)
def _block(size: int) -> tuple[Floats, Floats]:
    """Return nodes and weights for the sum over 0, ..., size - 1 (Golub and Welsch 1969)."""
    if size <= 2 * _NODES:
        return np.arange(size, dtype=np.float64), np.ones(size)
    j = np.arange(1, _NODES, dtype=np.float64)
    beside = np.sqrt(j**2 / 4 * (float(size) ** 2 - j**2) / (4 * j**2 - 1))
    nodes, vectors = np.linalg.eigh(np.diag(beside, 1) + np.diag(beside, -1))
    return (size - 1) / 2 + nodes, size * vectors[0] ** 2
