"""The likelihood of the three-level model and where it is highest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.dependence.arrange import Arranged
from evidence.synthesis.dependence.maximise import climb
from evidence.synthesis.dependence.standard import Standardised, standardise

__all__ = ["MultilevelModel", "Optimum"]

#: Ratio of neighbouring points of the grid that brackets the maxima, and at most how many.
_RATIO = 3.0
_POINTS = 26
#: Of how many maxima of the grid the tops are found and compared.
_CANDIDATES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """The model at its highest likelihood.

    Attributes
    ----------
    components
        Variances of the random effects, in squared units of the effects.
    log_likelihood
        With every constant.
    coefficients, covariance
        Shapes (q,) and (q, q).
    rss
        Residual sum of squares in the metric of the model.
    """

    components: Floats
    log_likelihood: float
    coefficients: Floats
    covariance: Floats
    rss: float


@dataclass(frozen=True, eq=False)
class MultilevelModel:
    """Random effects of clusters and of the rows within them.

    With the errors of a cluster rotated to their principal axes its covariance is diagonal
    plus one outer product, whatever the known covariances are, so that a likelihood costs
    no more than with independent errors.

    Attributes
    ----------
    data
        The rows.
    free
        Whether the variance between clusters and that within them are estimated.
    restricted
        Restricted (REML) or full (ML) likelihood.
    """

    data: Arranged
    free: tuple[bool, bool]
    restricted: bool

    @cached_property
    def unit(self) -> float:
        """A typical standard error."""
        return math.sqrt(float(np.median(self.data.variances)))

    @cached_property
    def standard(self) -> Standardised:
        """The rows in units of `unit`."""
        data = self.data
        unit = np.full(data.k, self.unit)
        return standardise(
            data.effects, data.design, data.rows, unit, data.variances, restricted=self.restricted
        )

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats, np.ndarray[tuple[int], np.dtype[np.intp]]]:
        standard = self.standard
        columns = standard.columns
        direction = np.ones(self.data.k)
        spread = self.data.variances[standard.order] / self.unit**2
        if self.data.covariance is not None:
            columns = columns.copy()
            for c, block in enumerate(self.data.known_blocks()):
                rows = slice(standard.starts[c], standard.starts[c + 1])
                if (block - np.diag(np.diagonal(block))).any():
                    values, axes = np.linalg.eigh(block / self.unit**2)
                    spread[rows] = np.maximum(values, 1e-14 * values[-1])
                    direction[rows] = axes.T @ direction[rows]
                    columns[rows] = axes.T @ columns[rows]
        return columns, direction, spread, standard.starts

    def _at(self, between: float, within: float) -> tuple[float, Floats]:
        from evidence.synthesis.dependence.kernels import rank_one_likelihood

        found = rank_one_likelihood(*self._arrays, float(between), float(within), self.restricted)
        return float(found[0]), np.array(found[1:3])

    @cached_property
    def _axes(self) -> tuple[Floats, Floats]:
        """Values of the two components that reach from nothing to beyond any maximum."""
        columns, _, spread, starts = self._arrays
        squares = float(self.standard.columns[:, -1] @ self.standard.columns[:, -1])
        clusters, q = starts.size - 1, columns.shape[1] - 1
        top = 4 * squares / max(clusters - q, 1) + 10 * float(spread.max())
        bottom = 1e-3 * float(spread.min())
        count = min(_POINTS, 2 + math.ceil(math.log(top / bottom, _RATIO)))
        points = np.concatenate([[0.0], np.geomspace(bottom, top, count)])
        return points, points

    def _starts(self, fixed: tuple[float | None, float | None]) -> list[tuple[float, float]]:
        """Return the maxima of the grid, highest first."""
        from evidence.synthesis.dependence.kernels import rank_one_grid

        axes = [
            np.array([0.0 if value is None else value]) if value is not None or not free else points
            for value, free, points in zip(fixed, self.free, self._axes, strict=True)
        ]
        values = rank_one_grid(*self._arrays, *axes, self.restricted)
        padded = np.pad(values, 1, constant_values=-np.inf)
        a, b = values.shape
        highest = np.ones(values.shape, dtype=bool)
        for i, j in product((0, 1, 2), (0, 1, 2)):
            highest &= values >= padded[i : i + a, j : j + b]
        places = np.argwhere(highest)
        places = places[np.argsort([-values[tuple(place)] for place in places])]
        return [(float(axes[0][i]), float(axes[1][j])) for i, j in places[:_CANDIDATES]]

    def _climb(
        self, start: tuple[float, float], fixed: tuple[float | None, float | None]
    ) -> tuple[float, float, float]:
        """Return value and components of the top above one start.

        The search is over logarithms of what is above 0 at the start: a variance at 0 stays
        there, and one that sinks towards 0 is compared with 0 itself.
        """
        moving = [i for i in (0, 1) if fixed[i] is None and start[i] > 0]

        def spread_out(logs: Floats) -> list[float]:
            place = list(start)
            for i, value in zip(moving, logs, strict=True):
                place[i] = math.exp(min(max(float(value), -80.0), 80.0))
            return place

        def function(logs: Floats) -> tuple[float, Floats]:
            place = spread_out(logs)
            value, slope = self._at(*place)
            return value, np.array([slope[i] * place[i] for i in moving])

        found = climb(function, np.log([start[i] for i in moving]))
        place = spread_out(found.place)
        return found.value, place[0], place[1]

    def _highest(self, fixed: tuple[float | None, float | None]) -> tuple[float, float, float]:
        """Return value and components of the highest top, in standard units."""
        best: list[tuple[float, float, float]] = []
        bottom = float(self._axes[0][1])
        for start in self._starts(fixed):
            # Between 0 and a small variance the tops themselves decide, not the grid.
            options = [
                (start[i],)
                if fixed[i] is not None or not self.free[i] or start[i] > 2 * bottom
                else (0.0, bottom)
                for i in (0, 1)
            ]
            for each in product(*options):
                found = self._climb((each[0], each[1]), fixed)
                best.append(found)
                held = [
                    0.0 if fixed[i] is None and found[i + 1] < bottom else found[i + 1]
                    for i in (0, 1)
                ]
                if held != list(found[1:]):
                    best.append(self._climb((held[0], held[1]), fixed))
        top = max(value for value, _, _ in best)
        # Of tops that are equal to rounding the one with more zeros is the boundary itself.
        level = [each for each in best if each[0] >= top - 1e-11 * max(1.0, abs(top))]
        return max(level, key=lambda each: ((each[1] == 0) + (each[2] == 0), each[0]))

    def fit(self) -> Optimum:
        """Return the model at the global maximum of its likelihood."""
        from evidence.synthesis.dependence.kernels import rank_one_likelihood

        _, between, within = self._highest((None, None))
        value, _, _, gamma, inverse, rss = rank_one_likelihood(
            *self._arrays, between, within, self.restricted
        )
        beta, covariance = self.standard.coefficients(gamma, inverse)
        components = np.array([between, within]) * self.unit**2
        return Optimum(
            components, float(value) + self.standard.constant, beta, covariance, float(rss)
        )

    def profile_function(self, which: int) -> Callable[[float], float]:
        """Return the highest log-likelihood as a function of one component."""

        def profile(value: float) -> float:
            held = value / self.unit**2
            fixed = (held, None) if which == 0 else (None, held)
            return self._highest(fixed)[0] + self.standard.constant

        return profile

    def residual_q(self) -> float:
        """Return the residual sum of squares without random effects (Q)."""
        from evidence.synthesis.dependence.kernels import rank_one_likelihood

        return float(rank_one_likelihood(*self._arrays, 0.0, 0.0, self.restricted)[5])

    def scale(self, which: int) -> float:
        """Return a size on which a component is resolved, in its own units."""
        return float(self._axes[which][1]) * self.unit**2

    def blocks_at(self, components: Floats) -> tuple[Floats, ...]:
        """Return the covariance of each cluster's rows at given components."""
        between, within = (float(value) for value in components)
        return tuple(
            block + between + within * np.eye(block.shape[0]) for block in self.data.known_blocks()
        )
