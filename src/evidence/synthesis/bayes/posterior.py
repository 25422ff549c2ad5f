"""Posterior distributions of the normal-normal model by quadrature: tau, and what follows.

Given tau, the mean effect is normal, and so is each study's own effect and that of a further
setting. The posterior of log tau is written as polynomials on panels, split until every one
fits; the rest are mixtures of normals over the nodes of those panels. Nothing is drawn at
random.

References
----------
Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal
of Statistical Software 93(6) (the model and its conditional posteriors).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from evidence.effects.arguments import Floats, check_level, is_number
from evidence.errors import InvalidArgumentError
from evidence.synthesis.bayes.panels import PanelDensity, clipped

__all__ = ["Distribution", "NormalMixture", "TauPosterior", "mixture_quantiles"]

#: Mixture components below this share change no probability.
_NO_MASS = 1e-17
#: A mixture of so many normals stands in for the full one where a start is looked for.
_ROUGH = 24


class Distribution(ABC):
    """A posterior distribution of one quantity."""

    @abstractmethod
    def density(self, value: Any) -> Floats:
        """Return the density at `value`."""

    @abstractmethod
    def cdf(self, value: Any) -> Floats:
        """Return the probability below `value`."""

    @abstractmethod
    def quantile(self, probability: Any) -> Floats:
        """Return the value below which the quantity lies with this probability."""

    @abstractmethod
    def _slope(self, value: Floats) -> Floats: ...

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean; infinite or NaN where there is none."""

    @property
    @abstractmethod
    def sd(self) -> float:
        """The standard deviation; infinite where there is none."""

    @property
    @abstractmethod
    def mode(self) -> float:
        """Where the density is highest."""

    @property
    def _support(self) -> tuple[float, float]:
        return -math.inf, math.inf

    @abstractmethod
    def _rough_cdf(self, value: Floats) -> Floats: ...

    @cached_property
    def median(self) -> float:
        """The median."""
        return float(self.quantile(0.5))

    def below(self, threshold: float) -> float:
        """Return the probability that the quantity is below a threshold."""
        return float(self.cdf(_threshold(threshold)))

    def above(self, threshold: float) -> float:
        """Return the probability that the quantity is above a threshold."""
        return 1 - self.below(threshold)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the equal-tailed interval with this probability."""
        tail = (1 - check_level(level)) / 2
        low, _, high = self.tails(tail)
        return float(low), float(high)

    def tails(self, tail: float) -> Floats:
        """Return the quantiles at `tail`, a half and 1 - `tail`, shape (3,), computed once.

        Parameters
        ----------
        tail
            Between 0 and a half.
        """
        known: dict[float, Floats] = self.__dict__.setdefault("_known_tails", {})
        if tail not in known:
            known[tail] = np.asarray(self.quantile(np.array([tail, 0.5, 1 - tail])))
        return known[tail]

    def shortest_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the shortest single interval with this probability."""
        level = check_level(level)
        low, high = self._shortest_start(level)
        bottom, top = self._support
        if low <= bottom:
            return bottom, float(self.quantile(level))
        if high >= top:
            return float(self.quantile(1 - level)), top
        return self._polish_shortest(low, high, level)

    def _shortest_start(self, level: float) -> tuple[float, float]:
        bottom, top = self._support
        # The shortest interval cannot lie a whole width away from the equal-tailed one.
        tail = (1 - max(level, 0.5)) / 2
        left, _, right = (float(each) for each in self.tails(tail))
        width = right - left
        points = np.linspace(max(left - width, bottom), min(right + width, top), 257)
        below = self._rough_cdf(points)
        strict = np.concatenate([[True], np.diff(below) > 0])
        points, below = points[strict], below[strict]
        starts = points[below <= below[-1] - level]
        if starts.size == 0:
            return left, right
        ends = np.interp(np.interp(starts, points, below) + level, below, points)
        best = int((ends - starts).argmin())
        if starts.size > 1 and starts[-1] == starts[best] and ends[best] >= points[-2]:
            ends[best] = points[-1]
        return float(starts[best]), float(ends[best])

    def _polish_shortest(self, low: float, high: float, level: float) -> tuple[float, float]:
        bottom, top = self._support
        start = ends = np.array([low, high])
        for _ in range(50):
            below, height, slope = self.cdf(ends), self.density(ends), self._slope(ends)
            missing = level - (below[1] - below[0])
            uneven = height[1] - height[0]
            # Two equations: the content is the level, and both ends are equally high.
            determinant = height[0] * slope[1] - height[1] * slope[0]
            if determinant == 0 or not np.isfinite(determinant):
                break
            step = np.array(
                [
                    -(slope[1] * missing + height[1] * uneven) / determinant,
                    -(slope[0] * missing + height[0] * uneven) / determinant,
                ]
            )
            width = ends[1] - ends[0]
            step *= min(1.0, 0.25 * width / max(float(np.abs(step).max()), 1e-300))
            ends = ends + step
            if ends[0] < bottom:
                return bottom, float(self.quantile(level))
            if ends[1] > top:
                return float(self.quantile(1 - level)), top
            if np.abs(step).max() <= 1e-11 * width:
                break
        if not ends[1] - ends[0] <= 1.1 * (high - low):
            ends = start.copy()
        left, right = self.cdf(ends)
        if abs(right - left - level) > 1e-12:
            # Where the search did not settle, the content is still the level.
            ends[1] = self.quantile(min(float(left) + level, 1.0))
        return float(ends[0]), float(ends[1])


def _threshold(value: object) -> float:
    if not is_number(value) or math.isnan(float(value)):  # type: ignore[arg-type]
        raise InvalidArgumentError(
            f"threshold is {value!r}; it must be a number in the unit of the effects."
        )
    return float(value)  # type: ignore[arg-type]


@dataclass(frozen=True)
class TauPosterior(Distribution):
    """The posterior of tau, from a density of the logarithm of tau / `unit`.

    Parameters
    ----------
    panels
        Density of log(tau / unit).
    unit, exact_density, upper
        In the unit of the effects: its own unit, the density at any tau, the largest tau.
    finite
        Whether mean and standard deviation exist.
    """

    panels: PanelDensity
    unit: float
    exact_density: Callable[[Floats], Floats]
    upper: float
    finite: tuple[bool, bool]

    @property
    def _support(self) -> tuple[float, float]:
        return 0.0, self.upper

    def _log(self, value: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(value, 0) / self.unit)

    def density(self, value: Any) -> Floats:
        """Return the density at `value`."""
        return self.exact_density(np.asarray(value, dtype=np.float64))

    def cdf(self, value: Any) -> Floats:
        """Return the probability below `value`."""
        return self.panels.cdf(self._log(np.asarray(value, dtype=np.float64)))

    def quantile(self, probability: Any) -> Floats:
        """Return the value below which tau lies with this probability."""
        p = _checked_probability(probability)
        with np.errstate(over="ignore"):
            inside = self.unit * np.exp(self.panels.quantile(np.atleast_1d(p))).reshape(p.shape)
        return np.where(p <= 0, 0.0, np.where(p >= 1, self.upper, np.minimum(inside, self.upper)))

    def _rough_cdf(self, value: Floats) -> Floats:
        panels = self.panels
        return np.interp(self._log(value), panels.nodes, panels.cdf_at_nodes, left=0, right=1)

    def _slope(self, value: Floats) -> Floats:
        z = self._log(value)
        return (self.panels.slope(z) - self.panels.density(z)) / value**2

    def _moment(self, order: int) -> float:
        places = np.minimum(self.panels.nodes, 300.0)
        return float(self.panels.mass @ np.exp(order * places))

    @cached_property
    def mean(self) -> float:
        """The mean; infinite where the posterior's tail is too heavy for one."""
        return self.unit * self._moment(1) if self.finite[0] else math.inf

    @cached_property
    def sd(self) -> float:
        """The standard deviation; infinite where the posterior's tail is too heavy for one."""
        if not self.finite[1]:
            return math.inf
        tau = np.exp(np.minimum(self.panels.nodes, 300.0))
        return self.unit * math.sqrt(float(self.panels.mass @ (tau - self._moment(1)) ** 2))

    @cached_property
    def mode(self) -> float:
        """Where the density is highest, leaving out a spike at 0 that holds no mass."""
        middle = self.panels.quantile(np.array([1e-6, 1 - 1e-6]))
        inside = (self.panels.nodes > middle[0]) & (self.panels.nodes < middle[1])
        z = self.panels.nodes[inside]
        heights = self.panels.heights[inside] * np.exp(z[0] - z)
        best = int(heights.argmax())
        if best == 0:
            # A density that falls from 0 on, or the spike of a log-t prior with a hill beyond it.
            hills = np.flatnonzero((heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:]))
            if hills.size == 0 or self.density(0.0) > 0:
                return 0.0
            best = int(hills[heights[hills + 1].argmax()]) + 1
        if best == z.size - 1:
            return min(self.upper, self.unit * math.exp(z[-1]))

        def rise(place: float) -> float:
            at = np.array([place])
            return float((self.panels.slope(at) - self.panels.density(at))[0])

        return self.unit * math.exp(_peak(rise, float(z[best - 1]), float(z[best + 1]), z[best]))


def _peak(rise: Callable[[float], float], low: float, high: float, best: float) -> float:
    """Return where a slope turns from up to down, or the best place known."""
    from scipy.optimize import brentq

    if rise(low) > 0 > rise(high):
        return float(brentq(rise, low, high, xtol=1e-300, rtol=1e-13))
    return float(best)


def _checked_probability(probability: Any) -> Floats:
    p = np.asarray(probability, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise InvalidArgumentError(f"probability is {probability!r}; it must lie between 0 and 1.")
    return p


def _rough(means: Floats, sds: Floats, mass: Floats) -> tuple[Floats, Floats, Floats]:
    """Return a mixture of few normals that stands in for one of many, row by row."""
    group = np.minimum((np.cumsum(mass) - mass / 2) * _ROUGH, _ROUGH - 1).astype(int)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    share = np.add.reduceat(mass, first)
    mean = np.add.reduceat(means * mass, first, axis=-1) / share
    spread = np.sqrt(np.add.reduceat(sds * sds * mass, first, axis=-1) / share)
    return mean, spread, share


def mixture_quantiles(means: Floats, sds: Floats, mass: Floats, p: Floats) -> Floats:
    """Return quantiles, shape (r, q), of r mixtures of n normals with the same shares.

    Parameters
    ----------
    means, sds
        Shape (r, n).
    mass
        Shape (n,); shares that add up to 1.
    p
        Shape (q,); probabilities inside 0 to 1.
    """
    rough = _rough(means, sds, mass)
    guess = np.repeat(rough[0] @ rough[2], p.size).reshape(means.shape[0], p.size)
    guess = guess + ndtri(p) * np.sqrt(sds**2 @ mass)[:, None]
    return _invert(means, sds, mass, p, _invert(*rough, p, guess))


def _invert(means: Floats, sds: Floats, mass: Floats, p: Floats, x: Floats) -> Floats:
    """Return quantiles by Halley's method, kept between bounds that close in."""
    z = ndtri(p)
    low = np.stack([(means + sds * q).min(axis=1) for q in z], axis=1)
    high = np.stack([(means + sds * q).max(axis=1) for q in z], axis=1)
    x = clipped(x, low, high)
    precision = 1 / sds
    shares = mass * precision
    edge = np.minimum(p, 1 - p)
    for _ in range(200):
        u = (x[:, :, None] - means[:, None, :]) * precision[:, None, :]
        excess = ndtr(u) @ mass - p
        curve = np.exp(-0.5 * u * u) * shares[:, None, :]
        height = curve.sum(axis=2) / math.sqrt(2 * math.pi)
        bend = -np.einsum("rqn,rqn,rn->rq", curve, u, precision) / math.sqrt(2 * math.pi)
        low, high = np.where(excess <= 0, x, low), np.where(excess >= 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = excess / height
            step = x - newton / np.maximum(1 - 0.5 * newton * bend / height, 0.5)
        inside = (step >= low) & (step <= high)
        # Halved on a scale that crosses many powers of ten as quickly as one.
        middle = np.sinh((np.arcsinh(low) + np.arcsinh(high)) / 2)
        new = np.where(inside, step, clipped(middle, low, high))
        near = (np.abs(newton * height) <= 1e-6 * edge) & inside
        x = new
        if (near | (high - low <= 4e-16 * np.abs(x))).all():
            break
    return x


class NormalMixture(Distribution):
    """A mixture of normal distributions.

    Parameters
    ----------
    means, sds, mass
        Shape (n,), in a convenient unit and origin.
    origin, unit
        Those, in the unit of the effects.
    finite
        Whether mean and standard deviation exist.
    """

    def __init__(
        self,
        means: Floats,
        sds: Floats,
        mass: Floats,
        *,
        origin: float = 0.0,
        unit: float = 1.0,
        finite: tuple[bool, bool] = (True, True),
    ) -> None:
        self._origin, self._unit, self._finite = origin, unit, finite
        self._all = (means, sds, mass)
        kept = mass > _NO_MASS
        self._means, self._sds = means[kept], sds[kept]
        self._mass = mass[kept] / mass[kept].sum()

    def widened(self, sd: float) -> NormalMixture:
        """Return the distribution with an independent normal error added: what a study shows.

        Parameters
        ----------
        sd
            Standard deviation of the error, in the unit of the effects.
        """
        means, sds, mass = self._all
        return NormalMixture(
            means,
            np.hypot(sds, sd / self._unit),
            mass,
            origin=self._origin,
            unit=self._unit,
            finite=self._finite,
        )

    def _units(self, value: Any) -> Floats:
        x = (np.asarray(value, dtype=np.float64) - self._origin) / self._unit
        return (x[..., None] - self._means) / self._sds

    def density(self, value: Any) -> Floats:
        """Return the density at `value`."""
        u = self._units(value)
        height = np.exp(-0.5 * u * u) @ (self._mass / self._sds)
        return np.asarray(height / (math.sqrt(2 * math.pi) * self._unit))

    def _slope(self, value: Floats) -> Floats:
        u = self._units(value)
        slope = -(u * np.exp(-0.5 * u * u)) @ (self._mass / self._sds**2)
        return np.asarray(slope / (math.sqrt(2 * math.pi) * self._unit**2))

    def cdf(self, value: Any) -> Floats:
        """Return the probability below `value`."""
        return np.asarray(ndtr(self._units(value)) @ self._mass)

    def above(self, threshold: float) -> float:
        """Return the probability that the quantity is above a threshold."""
        return float(ndtr(-self._units(_threshold(threshold))) @ self._mass)

    def _rough_cdf(self, value: Floats) -> Floats:
        means, sds, mass = self._few
        x = (value - self._origin) / self._unit
        return np.asarray(ndtr((x[:, None] - means) / sds) @ mass)

    @cached_property
    def _few(self) -> tuple[Floats, Floats, Floats]:
        return _rough(self._means, self._sds, self._mass)

    def quantile(self, probability: Any) -> Floats:
        """Return the value below which the quantity lies with this probability."""
        p = _checked_probability(probability)
        flat = p.ravel()
        values = np.where(flat <= 0, -np.inf, np.inf)
        inside = (flat > 0) & (flat < 1)
        if inside.any():
            found = mixture_quantiles(self._means[None], self._sds[None], self._mass, flat[inside])
            values[inside] = self._origin + self._unit * found[0]
        return values.reshape(p.shape)

    @cached_property
    def mean(self) -> float:
        """The mean; NaN where the tails are too heavy for one."""
        means, _, mass = self._all
        return self._origin + self._unit * float(mass @ means) if self._finite[0] else math.nan

    @cached_property
    def sd(self) -> float:
        """The standard deviation; infinite where the tails are too heavy for one."""
        if not self._finite[1]:
            return math.inf
        means, sds, mass = self._all
        return self._unit * math.sqrt(float(mass @ (sds**2 + (means - mass @ means) ** 2)))

    @cached_property
    def mode(self) -> float:
        """Where the density is highest."""
        low, high = float(self._means.min()), float(self._means.max())
        spread = max(high - low, 1e-9 * float(self._sds.min()))
        some = self._means[:: max(1, self._means.size // 64)]
        points = np.concatenate([np.linspace(low - 1e-3 * spread, high + 1e-3 * spread, 33), some])
        points = self._origin + self._unit * np.unique(points)
        best = int(self.density(points).argmax())

        def rise(place: float) -> float:
            return float(self._slope(np.array([place]))[0])

        left, right = points[max(best - 1, 0)], points[min(best + 1, points.size - 1)]
        return _peak(rise, float(left), float(right), float(points[best]))
