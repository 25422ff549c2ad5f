"""Climbing to a maximum of a likelihood whose gradient is exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evidence.effects.arguments import Floats

__all__ = ["Maximum", "climb"]

#: Step of the differences that give the curvature from exact gradients. The place of the
#: maximum does not depend on it: there the gradient is zero.
_DIFFERENCE = 1e-4
_LONGEST = 2.0
_STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where a climb ended.

    Attributes
    ----------
    place
        The parameters, shape (n,).
    value
        The log-likelihood there.
    settled
        Whether the gradient vanishes there, to rounding.
    curvature
        Second derivatives, shape (n, n).
    """

    place: Floats
    value: float
    settled: bool
    curvature: Floats


def _curvature(slope: Callable[[Floats], Floats], place: Floats) -> Floats:
    n = place.size
    rows = np.empty((n, n))
    for i in range(n):
        step = _DIFFERENCE * max(1e-2, min(abs(float(place[i])), 1.0))
        ahead, behind = place.copy(), place.copy()
        ahead[i] += step
        behind[i] -= step
        rows[i] = (slope(ahead) - slope(behind)) / (2 * step)
    return np.asarray((rows + rows.T) / 2)


def climb(function: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Maximum:
    """Climb from `start` by Newton steps, away from saddles, to a maximum.

    Every direction goes uphill whatever the sign of its curvature, so that a saddle or a
    stationary ridge is no trap; near the top steps are accepted by the gradient, whose
    digits last longer than those of the likelihood.

    Parameters
    ----------
    function
        Returns the log-likelihood and its gradient, shape (n,).
    start
        Shape (n,); n may be 0.

    Returns
    -------
    Maximum
    """
    place = np.array(start, dtype=np.float64)
    value, gradient = function(place)
    if place.size == 0 or not np.isfinite(value):
        return Maximum(place, value, place.size == 0, np.zeros((place.size, place.size)))
    curvature = np.zeros((place.size, place.size))
    settled, shaken = False, 0
    for _ in range(_STEPS):
        curvature = _curvature(lambda x: function(x)[1], place)
        if not np.isfinite(curvature).all():
            break
        bends, axes = np.linalg.eigh(curvature)
        size = np.maximum(np.abs(bends), 1e-9 * max(1.0, float(np.abs(bends).max())))
        along = axes.T @ gradient
        if float(along @ (along / size)) < 1e-22 * max(1.0, abs(value)):
            steepest = int(bends.argmax())
            if bends[steepest] <= 1e-6 * max(1.0, float(np.abs(bends).max())) or shaken > 5:
                settled = True
                break
            # A saddle, or the symmetric point between two equal ways up.
            shaken += 1
            place = place + 0.05 * axes[:, steepest]
            value, gradient = function(place)
            continue
        step = axes @ (along / size)
        length = float(np.linalg.norm(step))
        step *= min(1.0, _LONGEST / length)
        moved = _accept(function, place, value, gradient, step)
        if moved is None:
            settled = float(along @ (along / size)) < 1e-12 * max(1.0, abs(value))
            break
        place, value, gradient = moved
    return Maximum(place, value, settled, curvature)


def _accept(
    function: Callable[[Floats], tuple[float, Floats]],
    place: Floats,
    value: float,
    gradient: Floats,
    step: Floats,
) -> tuple[Floats, float, Floats] | None:
    """Return the first point along the step that is higher, or as high and flatter."""
    rounding = 1e-13 * max(1.0, abs(value))
    for halvings in range(40):
        there = place + step * 0.5**halvings
        new, slope = function(there)
        if new > value + rounding:
            return there, new, slope
        flatter = float(np.abs(slope).max()) < 0.9 * float(np.abs(gradient).max())
        if new >= value - rounding and flatter:
            return there, new, slope
    return None
