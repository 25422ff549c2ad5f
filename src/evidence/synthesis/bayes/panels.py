"""A density as polynomials on panels, split until every one fits.

The quadrature behind the posterior of tau: Gauss-Legendre nodes on panels of the logarithm,
each accepted when the last terms of its Chebyshev series no longer matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, legendre

from evidence.effects.arguments import Floats

__all__ = ["PanelDensity", "clipped"]

_POINTS = 16
_NODES, _WEIGHTS = (np.asarray(a, dtype=np.float64) for a in legendre.leggauss(_POINTS))
#: From the values at the nodes of a panel to the coefficients of their Chebyshev series, and
#: from those to the series of the integral from the left end and of the derivative.
_TO_SERIES: Floats = np.asarray(
    np.linalg.inv(chebyshev.chebvander(_NODES, _POINTS - 1)).T, dtype=np.float64
)
_TO_INTEGRAL: Floats = np.asarray(chebyshev.chebint(np.eye(_POINTS), lbnd=-1, axis=1))
_TO_SLOPE: Floats = np.asarray(chebyshev.chebder(np.eye(_POINTS), axis=1))
_INTEGRAL_AT_NODES: Floats = _TO_INTEGRAL @ chebyshev.chebvander(_NODES, _POINTS).T
#: A panel is fine enough when the last terms of its series are below this share of the total.
_TOLERANCE = 1e-13
_ROUNDS = 60


class PanelDensity:
    """A density on the real line as polynomials on panels, normalised, with its integral.

    Parameters
    ----------
    log_density
        The logarithm of the density, up to a constant.
    edges
        Ends of the first panels.
    widest
        The widest panel allowed around each place that matters.
    orders
        The moments of the exponential that shall come out exact as well.

    Attributes
    ----------
    log_total
        Logarithm of what the density integrated to.
    nodes, heights, mass
        Where it was evaluated, the density and how much of the probability is there.
    """

    def __init__(
        self,
        log_density: Callable[[Floats], Floats],
        edges: Floats,
        widest: Callable[[Floats], Floats],
        orders: tuple[int, ...] = (),
    ) -> None:
        self._log_density = log_density
        low, high, logs = self._split(edges, widest, orders)
        half = (high - low) / 2
        peak = float(logs.max())
        heights = np.exp(logs - peak)
        total = float(half @ (heights @ _WEIGHTS))
        self.log_total = peak + math.log(total)
        self._low, self._half = low, half
        self._series = heights @ _TO_SERIES / total
        sums = half * (heights @ _WEIGHTS) / total
        self._before = np.concatenate([[0.0], np.cumsum(sums)])
        self.edges = np.append(low, high[-1])
        self.nodes: Floats = (low[:, None] + half[:, None] * (1 + _NODES)).ravel()
        self.heights: Floats = (heights / total).ravel()
        self.mass: Floats = (half[:, None] * _WEIGHTS * heights / total).ravel()

    def _split(
        self, edges: Floats, widest: Callable[[Floats], Floats], orders: tuple[int, ...]
    ) -> tuple[Floats, Floats, Floats]:
        powers = np.array([0, *orders], dtype=np.float64)[:, None, None]
        low, high = edges[:-1], edges[1:]
        logs = self._values(low, high)
        fine = np.zeros(low.size, dtype=bool)
        for _ in range(_ROUNDS):
            half = (high - low) / 2
            places = low[:, None] + half[:, None] * (1 + _NODES)
            curves = logs + powers * places
            curves -= curves.max(axis=(1, 2), keepdims=True)
            heights = np.exp(curves)
            mass = half * (heights @ _WEIGHTS)
            share = mass / mass.sum(axis=1, keepdims=True)
            rest = half * np.abs((heights @ _TO_SERIES)[:, :, -3:]).max(axis=2)
            rough = (rest > _TOLERANCE * mass.sum(axis=1, keepdims=True)).any(axis=0)
            wide = (share > _TOLERANCE).any(axis=0) & (2 * half > widest((low + high) / 2))
            fine |= 2 * half < 1e-9 * (1 + np.abs(low))
            split = (rough | wide) & ~fine
            if not split.any():
                break
            middle = (low[split] + high[split]) / 2
            new_low = np.concatenate([low[split], middle])
            new_high = np.concatenate([middle, high[split]])
            kept = ~split
            low, high = np.concatenate([low[kept], new_low]), np.concatenate([high[kept], new_high])
            logs = np.concatenate([logs[kept], self._values(new_low, new_high)])
            fine = np.concatenate([fine[kept], np.zeros(new_low.size, dtype=bool)])
        order = np.argsort(low)
        return low[order], high[order], logs[order]

    def _values(self, low: Floats, high: Floats) -> Floats:
        half = (high - low)[:, None] / 2
        places = low[:, None] + half * (1 + _NODES)
        return self._log_density(places.ravel()).reshape(places.shape)

    def _locate(self, z: Floats) -> tuple[Floats, Any]:
        panel = clipped(np.searchsorted(self._low, z, side="right") - 1, 0, self._low.size - 1)
        return (z - self._low[panel]) / self._half[panel] - 1, panel

    @cached_property
    def _integrals(self) -> Floats:
        return np.asarray(self._series @ _TO_INTEGRAL)

    @cached_property
    def _slopes(self) -> Floats:
        return np.asarray(self._series @ _TO_SLOPE)

    @cached_property
    def cdf_at_nodes(self) -> Floats:
        """The probability below each of `nodes`."""
        parts = self._half[:, None] * (self._series @ _INTEGRAL_AT_NODES)
        return np.asarray((self._before[:-1, None] + parts).ravel())

    def rough_quantile(self, probability: Floats) -> Floats:
        """Return a quantile by straight lines between the nodes."""
        return np.interp(probability, self.cdf_at_nodes, self.nodes)

    def cdf(self, z: Floats) -> Floats:
        """Return the probability below `z`."""
        inside = clipped(z, self.edges[0], self.edges[-1])
        t, panel = self._locate(inside)
        part = _value(t, self._integrals[panel])
        return np.asarray(clipped(self._before[panel] + self._half[panel] * part, 0, 1))

    def density(self, z: Floats) -> Floats:
        """Return the density at `z` inside the panels."""
        t, panel = self._locate(z)
        return _value(t, self._series[panel])

    def slope(self, z: Floats) -> Floats:
        """Return the derivative of the density at `z` inside the panels."""
        t, panel = self._locate(z)
        value = _value(t, self._slopes[panel])
        return np.asarray(value / self._half[panel])

    def quantile(self, probability: Floats) -> Floats:
        """Return where the probability below is the one given."""
        p = probability * self._before[-1]
        panel = clipped(np.searchsorted(self._before, p, side="right") - 1, 0, self._low.size - 1)
        low, high = self._low[panel], self._low[panel] + 2 * self._half[panel]
        z = clipped(self.rough_quantile(p), low, high)
        for _ in range(100):
            excess = self.cdf(z) - p
            low, high = np.where(excess <= 0, z, low), np.where(excess >= 0, z, high)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                step = z - excess / self.density(z)
            inside = (step >= low) & (step <= high)
            new = np.where(inside, step, (low + high) / 2)
            done = np.abs(new - z) <= 4e-16 * np.maximum(np.abs(z), 1)
            z = new
            if done.all():
                break
        return np.asarray(z)


def clipped(values: Any, low: Any, high: Any) -> Any:
    """Return values kept between two bounds, as `numpy.clip` does, at half its cost when small.

    Parameters
    ----------
    values, low, high
        Of shapes that go together.
    """
    return np.minimum(np.maximum(values, low), high)


def _value(t: Floats, series: Floats) -> Floats:
    """Return one Chebyshev series at each place inside -1 to 1."""
    angles = np.arccos(clipped(t, -1, 1))
    basis = np.cos(angles[..., None] * np.arange(series.shape[-1]))
    return np.asarray((basis * series).sum(axis=-1))
