"""The likelihood of the multivariate random-effects model and where it is highest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.dependence.arrange import Arranged
from evidence.synthesis.dependence.maximise import Maximum, climb
from evidence.synthesis.dependence.multilevel_model import Optimum
from evidence.synthesis.dependence.standard import Standardised, standardise
from evidence.synthesis.dependence.structures import Structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MultivariateModel"]

#: Points of the scan before the climbs, for each free parameter, and how many climbs.
_SCAN = 60
_CLIMBS = 6


@dataclass(frozen=True, eq=False)
class MultivariateModel:
    """Random effects of each study on each of its outcomes, correlated between outcomes.

    Attributes
    ----------
    data
        The rows; clusters are studies.
    kind
        The outcome of each row, shape (k,), integers from 0.
    structure
        Of the covariance between outcomes.
    restricted
        Restricted (REML) or full (ML) likelihood.
    """

    data: Arranged
    kind: NDArray[np.intp]
    structure: Structure
    restricted: bool

    @cached_property
    def units(self) -> Floats:
        """A typical standard error of each outcome, or of all where they share a variance."""
        variances = self.data.variances
        if self.structure.one_variance:
            return np.full(self.structure.size, math.sqrt(float(np.median(variances))))
        return np.array(
            [
                math.sqrt(float(np.median(variances[self.kind == j])))
                for j in range(self.structure.size)
            ]
        )

    @cached_property
    def standard(self) -> Standardised:
        """The rows in units of their outcome."""
        data = self.data
        return standardise(
            data.effects,
            data.design,
            data.rows,
            self.units[self.kind],
            data.variances,
            restricted=self.restricted,
        )

    @cached_property
    def _arrays(self) -> tuple[Floats, NDArray[np.intp], Floats, NDArray[np.intp], object]:
        standard = self.standard
        parts, offsets = [], [0]
        for c, block in enumerate(self.data.known_blocks()):
            unit = standard.unit[standard.starts[c] : standard.starts[c + 1]]
            parts.append((block / np.outer(unit, unit)).ravel())
            offsets.append(offsets[-1] + block.size)
        return (
            standard.columns,
            self.kind[standard.order],
            np.concatenate(parts),
            np.array(offsets, dtype=np.intp),
            standard.starts,
        )

    def _at(self, parameters: Floats) -> tuple[float, Floats]:
        from evidence.synthesis.dependence.kernels import block_likelihood

        matrix = np.ascontiguousarray(self.structure.matrix(parameters))
        found = block_likelihood(*self._arrays, matrix, self.restricted)
        return float(found[0]), self.structure.gradient(parameters, found[1])

    @cached_property
    def _largest(self) -> Floats:
        """A standard deviation of each outcome, in its unit, beyond which it only gets worse."""
        rest = self.standard.columns[:, -1]
        kind = self._arrays[1]
        found = []
        for j in range(self.structure.size):
            mine = rest if self.structure.one_variance else rest[kind == j]
            found.append(math.sqrt(4 * float(np.mean(mine**2)) + 1))
        return np.array(found[: self.structure.deviations])

    def _scan(self, fixed: dict[int, float]) -> list[Floats]:
        """Return the best of evenly spread places, to climb from."""
        n, spread = self.structure.parameters, self.structure.deviations
        # The additive recurrence with the generalised golden ratio fills n dimensions evenly.
        golden = 2.0
        for _ in range(60):
            golden = (1 + golden) ** (1 / (n + 1))
        steps = golden ** -np.arange(1, n + 1)
        cloud = (0.5 + np.outer(np.arange(1, _SCAN * n + 1), steps)) % 1
        places = np.empty_like(cloud)
        to = self.structure.deviation_parameters
        places[:, :spread] = to(0.03 * (self._largest / 0.03) ** cloud[:, :spread])
        low, high = (0.0, math.pi) if self.structure.pattern == "free" else (-1.5, 1.5)
        places[:, spread:] = low + (high - low) * cloud[:, spread:]
        middle = np.full(self.structure.angles, (low + high) / 2)
        plain = [np.concatenate([to(share * self._largest), middle]) for share in (0.02, 0.15, 0.5)]
        places = np.vstack([*plain, places])
        for which, value in fixed.items():
            places[:, which] = value
        values = np.array([self._at(place)[0] for place in places])
        chosen: list[Floats] = []
        for place in places[np.argsort(-values)]:
            apart = [float(np.abs(place - other).max()) for other in chosen]
            if not apart or min(apart) > 0.3:
                chosen.append(place)
            if len(chosen) == _CLIMBS:
                break
        return chosen

    def _climb(self, start: Floats, fixed: dict[int, float]) -> Maximum:
        free = np.array([i for i in range(start.size) if i not in fixed], dtype=np.intp)
        base = start.copy()

        def function(values: Floats) -> tuple[float, Floats]:
            place = base.copy()
            place[free] = values
            value, slope = self._at(place)
            return value, slope[free]

        found = climb(function, start[free])
        base[free] = found.place
        return replace(found, place=base)

    def _highest(self, fixed: dict[int, float], near: Floats | None = None) -> Maximum:
        starts = self._scan(fixed) if near is None else [near, *self._scan(fixed)[:2]]
        tops = [self._climb(start, fixed) for start in starts]
        best = max(tops, key=lambda top: top.value)
        return self._snap(best, fixed)

    def _snap(self, top: Maximum, fixed: dict[int, float]) -> Maximum:
        """Put a standard deviation that is 0 but for rounding at 0."""
        near_zero = float(self.structure.deviation_parameters(np.array([1e-3]))[0])
        for i in range(self.structure.deviations):
            if i in fixed or abs(float(top.place[i])) > near_zero:
                continue
            there = top.place.copy()
            there[i] = 0.0
            held = self._climb(there, {**fixed, i: 0.0})
            if held.value >= top.value - 1e-11 * max(1.0, abs(top.value)):
                top = held
        return top

    @cached_property
    def top(self) -> Maximum:
        """The global maximum, in standard units."""
        return self._highest({})

    def random(self) -> Floats:
        """Return the covariance matrix of the true effects at the maximum."""
        return self.structure.matrix(self.top.place) * np.outer(self.units, self.units)

    def fit(self) -> Optimum:
        """Return the model at the global maximum; components are variances, then correlations."""
        from evidence.synthesis.dependence.kernels import block_likelihood

        place = self.top.place
        matrix = np.ascontiguousarray(self.structure.matrix(place))
        value, _, gamma, inverse, rss = block_likelihood(*self._arrays, matrix, self.restricted)
        beta, covariance = self.standard.coefficients(gamma, inverse)
        return Optimum(
            self.components(place), value + self.standard.constant, beta, covariance, float(rss)
        )

    def components(self, place: Floats) -> Floats:
        """Return the variances in their units, then the correlations."""
        spread, size = self.structure.deviations, self.structure.size
        sd = self.structure.standard_deviations(place)
        variances = ((sd * self.units) ** 2)[:spread]
        if self.structure.pattern == "none":
            return variances
        r = self.structure.correlations(place[spread:])[0]
        if self.structure.pattern == "free":
            # Where a variance is 0 the correlation says nothing.
            rows, columns = np.triu_indices(size, 1)
            known = (sd[rows] != 0) & (sd[columns] != 0)
            return np.concatenate([variances, np.where(known, r[rows, columns], np.nan)])
        return np.concatenate([variances, [r[0, 1] if (sd != 0).sum() > 1 else np.nan]])

    def profile_function(self, which: int) -> Callable[[float], float]:
        """Return the highest log-likelihood as a function of one component.

        A correlation other than the first of an unstructured matrix is brought to the first
        place by renumbering the outcomes. Each search also starts where the last one ended.
        """
        spread, p = self.structure.deviations, self.structure.size
        model, place = self, which
        if which > spread and self.structure.pattern == "free":
            rows, columns = np.triu_indices(p, 1)
            model = self._renumbered((int(rows[which - spread]), int(columns[which - spread])))
            place = spread
        last = [model.top.place]
        to = model.structure.deviation_parameters

        def profile(value: float) -> float:
            if place < spread:
                held = float(to(np.array([math.sqrt(value) / float(model.units[place])]))[0])
            else:
                held = model.structure.angle(value)
            near = last[0].copy()
            near[place] = held
            found = model._highest({place: held}, near)  # noqa: SLF001
            last[0] = found.place
            return found.value + model.standard.constant

        return profile

    def _renumbered(self, pair: tuple[int, int]) -> MultivariateModel:
        order = [*pair, *(j for j in range(self.structure.size) if j not in pair)]
        number = np.argsort(order)
        return replace(self, kind=np.asarray(number[self.kind], dtype=np.intp))

    def residual_q(self) -> float:
        """Return the residual sum of squares without random effects (Q)."""
        from evidence.synthesis.dependence.kernels import block_likelihood

        nothing = np.zeros((self.structure.size, self.structure.size))
        return float(block_likelihood(*self._arrays, nothing, self.restricted)[4])

    def scale(self, which: int) -> float:
        """Return a size on which a component is resolved, in its own units."""
        spread = self.structure.deviations
        return 1e-3 * float(self.units[which]) ** 2 if which < spread else 1e-3

    def blocks(self) -> tuple[Floats, ...]:
        """Return the covariance of each study's rows at the maximum."""
        random = self.random()
        return tuple(
            block + random[np.ix_(self.kind[rows], self.kind[rows])]
            for rows, block in zip(self.data.rows, self.data.known_blocks(), strict=True)
        )
