"""A pooled result with one more study, refitted: where the interval crosses a threshold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.batch import pool_many
from evidence.synthesis.batch_result import BatchResult
from evidence.synthesis.result import PooledResult

__all__ = ["MOST_STUDIES", "STATES", "Refits", "find_ends"]

#: Offsets of the scan over the new study's effect, over the smallest and the largest scale there
#: is: what lies beyond is as good as infinitely far.
_NEAR, _FAR = 1e-2, 1e6
#: The square of an effect larger than this may not fit a floating-point number.
_LARGEST = 1e140
_PER_DECADE = 24
#: From so many times the largest scale on, a few steps a decade suffice.
_WIDE, _PER_WIDE_DECADE = 10.0, 4
_HALVINGS = 60
_ZOOMS = 8
#: An end of the interval is at the threshold where it is within so much of its width.
_TOUCHING = 1e-5
#: More further studies than this are not counted.
MOST_STUDIES = 1000
#: Where an interval lies that leaves the threshold out.
STATES = ("below", "above")


class Refits:
    """A result with studies added, by its own method, about its own mean.

    Parameters
    ----------
    result
        Of at least two studies.
    threshold
        What the interval shall leave out, less the result's mean.
    """

    def __init__(self, result: PooledResult, threshold: float) -> None:
        self._effects = result.effects - result.estimate
        self._variances = result.variances
        self._method = result.method
        self._origin = result.estimate
        self.threshold = threshold
        self._low, self._high = result.ci_low - result.estimate, result.ci_high - result.estimate

    def _pool(self, effects: Floats, variances: Floats) -> BatchResult:
        method = self._method
        return pool_many(
            effects,
            variances,
            model=method.model,
            tau2_method=method.tau2_method,
            ci_method=method.ci_method,
            level=method.level,
        )

    def margins(self, new: Floats, errors: Floats, count: int = 1) -> tuple[Floats, Floats, Floats]:
        """Return how far the interval lies below and above the threshold, and the mean from it.

        Parameters
        ----------
        new, errors
            Effects and standard errors of what is added, each of shape (m,).
        count
            How many studies like that are added at once.
        """
        rows, k = new.size, self._effects.size
        effects, variances = np.empty((2, rows, k + count))
        effects[:, :k], variances[:, :k] = self._effects, self._variances
        effects[:, k:], variances[:, k:] = new[:, np.newaxis], errors[:, np.newaxis] ** 2
        found = self._pool(effects, variances)
        return (
            self.threshold - found.ci_high,
            found.ci_low - self.threshold,
            found.estimate - self.threshold,
        )

    def place(self, effect: Floats) -> Floats:
        """Return effects on the scale that was given.

        Parameters
        ----------
        effect
            About the result's mean.
        """
        return self._origin + effect

    def scan(self, error: float) -> Floats:
        """Return effects of a new study of some standard error, from far below to far above.

        Parameters
        ----------
        error
            Its standard error.
        """
        spread = float(np.abs(self._effects).max())
        widest = max(error, float(np.sqrt(self._variances.max())), abs(self.threshold), spread)
        finest = min(error, float(np.sqrt(self._variances.min())))
        if self.threshold:
            finest = min(finest, abs(self.threshold))
        # Where the threshold is as good as on the mean, that is no scale to search on.
        finest = max(finest, 1e-6 * widest)
        decades = math.log10(_WIDE * widest / (_NEAR * finest))
        steps = np.append(
            np.geomspace(_NEAR * finest, _WIDE * widest, math.ceil(_PER_DECADE * decades)),
            np.geomspace(
                _WIDE * widest,
                _FAR * widest,
                math.ceil(_PER_WIDE_DECADE * math.log10(_FAR / _WIDE)),
            ),
        )
        even = np.linspace(-4 * widest, 4 * widest, 161)
        around = np.array([0.0, self.threshold])
        far = [place + sign * steps for place in around for sign in (-1.0, 1.0)]
        return np.unique(np.concatenate([even, around, *far]))

    def further_studies(self, error: float) -> int | None:
        """Return how many studies at the mean, or at the threshold, change the conclusion.

        Parameters
        ----------
        error
            Standard error of each of them.
        """
        conclusive = self._high < self.threshold or self._low > self.threshold
        new = self.threshold if conclusive else 0.0
        k = self._effects.size
        for first, last in ((1, 50), (51, MOST_STUDIES)):
            counts = np.arange(first, last + 1)
            effects = np.full((counts.size, k + last), np.nan)
            effects[:, :k] = self._effects
            effects[:, k:] = np.where(np.arange(1, last + 1) <= counts[:, np.newaxis], new, np.nan)
            variances = np.r_[self._variances, np.full(last, error**2)][np.newaxis]
            found = self._pool(effects, variances)
            outside = (found.ci_high < self.threshold) | (found.ci_low > self.threshold)
            changed = np.flatnonzero(outside != conclusive)
            if changed.size:
                return int(counts[changed[0]])
        return None

    def mean_to_threshold(self, error: float, count: int) -> float:
        """Return the effect of `count` missing studies that brings the mean to the threshold.

        NaN where no number is large enough.

        Parameters
        ----------
        error
            Standard error of each of them.
        count
            How many they are.
        """

        def gap(new: Floats) -> Floats:
            return self.margins(new, np.full(new.size, error), count)[2]

        places = self.scan(error)
        values = gap(places)
        crossed = np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))
        while not crossed.size:
            # Beside a study that has nearly all the weight it may be as far away as this.
            if np.abs(places).max() > _LARGEST:
                return math.nan
            places = places * _FAR
            values = gap(places)
            crossed = np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))
        roots = _bisect(gap, places[crossed], places[crossed + 1])
        return float(roots[np.abs(roots - self.threshold).argmin()])


def _bisect(value: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return the roots in all brackets at once: above 0 at one end of each and not at the other."""
    low, high = low.copy(), high.copy()
    positive = value(low) > 0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        same = (value(middle) > 0) == positive
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return (low + high) / 2


def find_ends(fits: Refits, sizes: Floats) -> tuple[dict[str, Floats], int, bool]:
    """Return where each conclusion begins and ends for each size, and what is odd about it.

    The number is that of the most pieces of one conclusion; the last says whether the interval
    leaps over the threshold anywhere instead of touching it: where a likelihood has two maxima,
    tau² goes from one to the other at once.

    Parameters
    ----------
    fits
        The result.
    sizes
        Standard errors of the further study, shape (m,).
    """
    names = [f"{state}_{end}" for state in STATES for end in ("from", "to")]
    ends = {name: np.full(sizes.size, np.nan) for name in names}
    brackets: list[tuple[int, str, float, float, float]] = []
    most, leaps = 1, False
    for place, error in enumerate(sizes):
        effects = fits.scan(float(error))
        margins = fits.margins(effects, np.full(effects.size, error))
        for side, state in enumerate(STATES):
            at, margin = _with_top(fits, side, float(error), effects, margins[side])
            inside = np.flatnonzero(margin > 0)
            if not inside.size:
                continue
            most = max(most, 1 + int(np.sum(np.diff(inside) > 1)))
            first, last = int(inside[0]), int(inside[-1])
            ends[f"{state}_from"][place], ends[f"{state}_to"][place] = -math.inf, math.inf
            if first > 0:
                brackets.append((place, f"{state}_from", error, at[first - 1], at[first]))
            if last < at.size - 1:
                brackets.append((place, f"{state}_to", error, at[last], at[last + 1]))
    for side, state in enumerate(STATES):
        own = [each for each in brackets if each[1].startswith(state)]
        if not own:
            continue
        errors, low, high = np.array([each[2:] for each in own], dtype=float).T

        def value(new: Floats, side: int = side, errors: Floats = errors) -> Floats:
            return fits.margins(new, errors)[side]

        roots = _bisect(value, low, high)
        margins = fits.margins(roots, errors)
        width = -(margins[0] + margins[1])
        leaps = leaps or bool((np.abs(margins[side]) > _TOUCHING * width).any())
        for each, root in zip(own, roots, strict=True):
            ends[each[1]][each[0]] = root
    return ends, most, leaps


def _with_top(
    fits: Refits, side: int, error: float, effects: Floats, margin: Floats
) -> tuple[Floats, Floats]:
    """Add the place where a conclusion is nearest, should the scan have stepped over it."""
    best = int(margin.argmax())
    if margin[best] > 0 or best in (0, effects.size - 1):
        return effects, margin
    low, high = float(effects[best - 1]), float(effects[best + 1])
    for _ in range(_ZOOMS):
        fine = np.linspace(low, high, 17)
        values = fits.margins(fine, np.full(17, error))[side]
        top = int(values.argmax())
        if values[top] > 0:
            order = np.argsort(np.r_[effects, fine[top]])
            return np.r_[effects, fine[top]][order], np.r_[margin, values[top]][order]
        low, high = float(fine[max(top - 1, 0)]), float(fine[min(top + 1, 16)])
    return effects, margin
