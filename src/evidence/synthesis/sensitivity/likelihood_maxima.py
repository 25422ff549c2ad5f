"""The maxima of a likelihood: all of them, in tau² and in the mean."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.intervals.profile import Profile
from evidence.synthesis.intervals.studies import Studies

__all__ = ["best_tau2", "maxima_of_mean", "maxima_of_tau2"]

#: Step, in log(tau² + the smallest variance), of the search for maxima.
_STEP = 0.05
_ZOOMS = 10
#: A hump lower than this above the valley before it is rounding and not a maximum.
_RIPPLE = 1e-9


def maxima_of_tau2(profile: Profile) -> list[tuple[float, float]]:
    """Return every local maximum with its height below the highest, the highest first.

    Parameters
    ----------
    profile
        Its units are those of what is returned.
    """
    # The score is below 0 from here on whatever the mean is.
    last = math.log1p(profile.far(float(profile.curves(np.array([profile.tau2]))[1][0])))
    count = max(65, math.ceil(last / _STEP))
    places = np.union1d(np.linspace(0.0, last, count), [math.log1p(profile.tau2)])

    def height(at: Floats) -> Floats:
        found: Floats = profile.curves(np.expm1(at))[0] - profile.top
        return found

    found = _local_maxima(places, height(places))
    peaks = [(profile.tau2, 0.0)]
    own = int(np.searchsorted(places, math.log1p(profile.tau2)))
    for place in found:
        if abs(place - own) <= 1:
            continue
        around = places[max(place - 1, 0)], places[min(place + 1, places.size - 1)]
        at = _top(height, *map(float, around)) if place > 0 else 0.0
        peaks.append((math.expm1(at), min(float(height(np.array([at]))[0]), 0.0)))
    return sorted(peaks, key=lambda peak: -peak[1])


def _local_maxima(places: Floats, heights: Floats) -> list[int]:
    """Return where heights are above what lies on both sides, ripples left out."""
    found: list[int] = []
    valley = -math.inf
    best = 0
    for place in range(1, places.size):
        if heights[place] > heights[best]:
            best = place
        # Far below the top a likelihood has fewer digits.
        ripple = _RIPPLE + 1e-12 * abs(float(heights[best]))
        if min(heights[best] - heights[place], heights[best] - valley) > ripple:
            found.append(best)
            valley = heights[place]
            best = place
        elif heights[place] < valley:
            valley = heights[place]
            best = place
    return found


def _top(height: Callable[[Floats], Floats], low: float, high: float) -> float:
    for _ in range(_ZOOMS):
        fine = np.linspace(low, high, 17)
        best = int(height(fine).argmax())
        low, high = float(fine[max(best - 1, 0)]), float(fine[min(best + 1, 16)])
    return (low + high) / 2


def best_tau2(profile: Profile, means: Floats, given: float | None) -> tuple[Floats, Floats]:
    """Return the highest log-likelihood of each mean, shape (m,), and the tau² it is reached at.

    Parameters
    ----------
    profile
        Of the plain likelihood.
    means
        Shape (m,), in its units.
    given
        The tau² to stay at; None to take the best for each mean.
    """
    if given is not None:
        height, mean, total = profile.curves(np.array([given]))
        return height - total * (means - mean) ** 2 / 2, np.full(means.size, given)
    far = max(profile.far(float(means.min())), profile.far(float(means.max())))
    grid = np.linspace(0.0, math.log1p(far), max(65, math.ceil(math.log1p(far) / _STEP)))
    rows = np.arange(means.size)
    low = np.zeros(means.size)
    high = np.full(means.size, grid[-1])
    places = np.broadcast_to(grid, (means.size, grid.size))
    best = np.zeros(means.size, dtype=np.intp)
    curves = profile.curves(np.expm1(grid))
    for _ in range(_ZOOMS + 1):
        # Each mean costs the likelihood of tau² what it lies off the best mean for that tau².
        heights = curves[0] - curves[2] * (means[:, np.newaxis] - curves[1]) ** 2 / 2
        best = heights.argmax(axis=1)
        last = places.shape[1] - 1
        low = places[rows, np.maximum(best - 1, 0)]
        high = places[rows, np.minimum(best + 1, last)]
        top, at = heights[rows, best], places[rows, best]
        places = np.linspace(low, high, 17, axis=1)
        found = profile.curves(np.ascontiguousarray(np.expm1(places).ravel()))
        curves = tuple(each.reshape(places.shape) for each in found)  # type: ignore[assignment]
    return top, np.expm1(at)


def maxima_of_mean(
    profile: Profile, studies: Studies, given: float | None, best: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """Return the local maxima of the mean's profile: one for each of tau²'s at the most.

    Where the profile of the mean is highest around, so is the whole likelihood: in both
    parameters, at the same tau². So the profile of tau² has all of them, and perhaps more.

    Parameters
    ----------
    profile
        Of the plain likelihood.
    studies
        Turns its units into those of the effects.
    given
        A tau² that is known: then there is one maximum.
    best
        The mean with the highest likelihood, and its height, in the profile's units.
    """
    own = [(studies.place(best[0]), 0.0)]
    if given is not None:
        return tuple(own)
    tau2 = np.array([place for place, _ in maxima_of_tau2(profile)[1:]])
    if not tau2.size:
        return tuple(own)
    means = profile.curves(tau2)[1]
    width = 1e-3 * abs(float(np.ptp(studies.effects))) + 1e-6
    for mean in means:
        beside = np.array([mean - width, mean, mean + width])
        heights = best_tau2(profile, beside, None)[0]
        if heights[1] >= heights[0] and heights[1] >= heights[2]:
            own.append((studies.place(float(mean)), min(float(heights[1]) - best[1], 0.0)))
    return tuple(sorted(own, key=lambda peak: -peak[1]))
