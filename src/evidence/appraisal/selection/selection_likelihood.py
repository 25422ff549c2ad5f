"""The likelihood of effects that were reported according to their p values, and its maximum.

For a fixed tau² the studies are an exponential family in the mean and the parameters of the weight
function together, so that the log-likelihood is concave in them and Newton's method finds its one
maximum, which may lie at an edge of what the parameters can be. What is left is a search along
tau² alone, whose derivative is known.

References
----------
Hedges LV (1992). Modeling publication selection effects in meta-analysis. Statistical Science
7:246-255.
Vevea JL, Hedges LV (1995). A general linear model for estimating effect size in the presence
of publication bias. Psychometrika 60:419-435.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from evidence.appraisal.selection.weight_functions import BetaDensity, StepFunction
from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Maximum", "SelectionLikelihood"]

#: Parameters, and the log-likelihood, its gradient and its Hessian (without tau²) there.
_Fit = tuple[Floats, float, Floats, Floats]

_ROOT = math.sqrt(2 * math.pi)
#: Newton's method ends where a further step would gain less than half of this.
_GAIN = 1e-20
_ROUGH_GAIN = 1e-9
_STEPS = 50
#: The furthest that parameters of the weight function, which are logarithms, go in one step: from
#: where nearly no weight is left a whole step would leap to where nothing tells the way back.
_REACH = 5.0
#: A parameter this near to its edge is there.
_AT_EDGE = 1e-9
#: What is added to a diagonal of 1 until a matrix is positive definite.
_LEANS = tuple(10.0**power for power in range(-12, 3))
#: Below this a normalising constant has lost its digits.
_TINY = 1e-200
#: Where a further step promises more than this, the climb did not arrive.
_SHORT = 1e-6
#: A mean further from the effects' centre than this many times their range and largest standard
#: error is on a ridge of the likelihood, and no estimate.
_FAR = 10.0
#: An information matrix of unit diagonal with an eigenvalue below this one is singular.
_SINGULAR = 1e-10
#: tau² is looked at on a grid from the smallest variance times the first of these to the largest
#: conceivable times the second.
_GRID = (1e-3, 30.0)
_GRID_POINTS = 14
#: Between two of them it is looked at once more where its mean slope there is less than this share
#: of the slopes at both.
_FLATTER = 0.8


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where a likelihood is largest.

    Attributes
    ----------
    mean, tau2
        In units of the effects given.
    parameters
        Of the weight function, shape (d,).
    log_likelihood
        Its value there.
    hessian
        Second derivatives by mean, tau² and the parameters, shape (2 + d, 2 + d).
    log_likelihood_at_zero
        The largest value with tau² at 0.
    found
        False where it grows up to the largest tau² that was looked at.
    """

    mean: float
    tau2: float
    parameters: Floats
    log_likelihood: float
    hessian: Floats
    log_likelihood_at_zero: float
    found: bool = True

    def covariance(self, free: NDArray[np.intp]) -> Floats:
        """Return the inverse of the observed information; NaN where it is singular.

        Parameters
        ----------
        free
            Which of mean, tau² and the parameters were estimated, by their place.
        """
        information = -self.hessian[np.ix_(free, free)]
        size = np.sqrt(np.abs(np.diag(information)))
        found = np.full(self.hessian.shape, math.nan)
        if not (size > 0).all():
            return found
        scaled = information / np.outer(size, size)
        if float(np.linalg.eigvalsh(scaled)[0]) < _SINGULAR:
            return found
        found[np.ix_(free, free)] = np.linalg.inv(scaled) / np.outer(size, size)
        return found


class SelectionLikelihood:
    """The log-likelihood of studies for one weight function.

    Parameters
    ----------
    effects, variances
        Shape (k,).
    weight
        The weight function.
    """

    def __init__(
        self, effects: Floats, variances: Floats, weight: StepFunction | BetaDensity
    ) -> None:
        # One unit and sign for all: the rules below then know of neither.
        self.unit = float(np.sqrt(np.median(variances)))
        if weight.alternative == "less":
            self.unit = -self.unit
        self.effects = effects / self.unit
        self.variances = variances / self.unit**2
        self.errors = np.sqrt(self.variances)
        self.weight = weight
        cells = weight.cells
        self.statistics = cells.statistics
        self.observed = weight.of_studies(weight.p_values(effects / np.sqrt(variances)))
        self.total = self.observed.sum(axis=0)
        self.centre = float(self.effects @ (1 / self.variances) / np.sum(1 / self.variances))
        self.far = _FAR * float(np.ptp(self.effects) + self.errors.max())
        #: Ends of ranges and nodes in units of the effects, shape (k, r) and (k, n).
        self.lower = self.errors[:, np.newaxis] * cells.lower
        self.upper = self.errors[:, np.newaxis] * cells.upper
        self.nodes = self.errors[:, np.newaxis] * cells.nodes
        self.shares = self.errors[:, np.newaxis] * cells.shares / _ROOT

    def _probabilities(self, mean: float, tau2: float, highest: int) -> Floats:
        """Return each cell's probability and its derivatives by the mean: (1 + highest, k, cells).

        `highest` is 2 or 4.
        """
        sigma = np.sqrt(self.variances + tau2)[:, np.newaxis]
        ranges, count = self.lower.shape[1], self.statistics.shape[0]
        found = np.empty((1 + highest, self.effects.size, count))
        inside = found[:, :, :ranges]
        low, high = (self.lower - mean) / sigma, (self.upper - mean) / sigma
        # Differences of the smaller tails, so that nothing cancels.
        flip = low > 0
        first, second = np.where(flip, -high, low), np.where(flip, -low, high)
        inside[0] = ndtr(second) - ndtr(first)
        inside[1:] = _edges(low, highest) - _edges(high, highest)
        scale = sigma
        for order in range(1, 1 + highest):
            inside[order] /= scale
            scale = scale * sigma
        if ranges < count:
            r = (self.nodes - mean) / sigma
            density = self.shares * np.exp(-0.5 * r * r) / sigma
            nodes = found[:, :, ranges:]
            square = r * r
            nodes[0] = density
            nodes[1] = density * r / sigma
            nodes[2] = density * (square - 1) / sigma**2
            if highest > 2:
                nodes[3] = density * r * (square - 3) / sigma**3
                nodes[4] = density * (square * square - 6 * square + 3) / sigma**4
        return found

    def evaluate(
        self, mean: float, tau2: float, theta: Floats, *, full: bool = True
    ) -> tuple[float, Floats, Floats]:
        """Return the log-likelihood, its gradient and its Hessian, in the object's own units.

        Parameters
        ----------
        mean, tau2, theta
            The parameters; derivatives are in this order.
        full
            Whether the Hessian is wanted by tau² too; it is NaN there otherwise.
        """
        total = self.variances + tau2
        e = self.effects - mean
        t = self.statistics
        exponent = t @ theta
        shift = float(exponent.max())
        weights = np.exp(exponent - shift)
        tilted = np.column_stack([weights, weights[:, np.newaxis] * t])
        # By the heat equation a derivative by a variance is half the second by the mean.
        p = self._probabilities(mean, tau2, 4 if full else 2)
        sums = p @ tilted
        a = sums[0, :, 0]
        d = theta.size
        if not (a > _TINY).all():
            # So far off that nothing of the densities is left; a step here is taken back.
            return -math.inf, np.full(2 + d, math.nan), np.full((2 + d, 2 + d), math.nan)
        a1, a2 = sums[1, :, 0] / a, sums[2, :, 0] / a
        b = sums[0, :, 1:] / a[:, np.newaxis]
        b1 = sums[1, :, 1:] / a[:, np.newaxis]
        value = float(
            self.total @ theta
            - 0.5 * np.sum(np.log(total) + e * e / total)
            - self.effects.size * (math.log(_ROOT) + shift)
            - np.sum(np.log(a))
        )
        gradient = np.empty(2 + d)
        gradient[0] = np.sum(e / total - a1)
        gradient[1] = 0.5 * np.sum(e * e / total**2 - 1 / total - a2)
        gradient[2:] = self.total - b.sum(axis=0)
        hessian = np.empty((2 + d, 2 + d))
        hessian[0, 0] = np.sum(a1 * a1 - a2 - 1 / total)
        hessian[0, 2:] = a1 @ b - b1.sum(axis=0)
        hessian[1] = math.nan
        hessian[0, 1] = math.nan
        if full:
            a3, a4 = sums[3, :, 0] / a, sums[4, :, 0] / a
            b2 = sums[2, :, 1:] / a[:, np.newaxis]
            hessian[0, 1] = np.sum(0.5 * (a1 * a2 - a3) - e / total**2)
            hessian[1, 1] = np.sum(0.5 / total**2 - e * e / total**3 - 0.25 * (a4 - a2 * a2))
            hessian[1, 2:] = 0.5 * (a2 @ b - b2.sum(axis=0))
        mean_weight = p[0].T @ (1 / a) * weights
        hessian[2:, 2:] = b.T @ b - (t.T * mean_weight) @ t
        hessian[1:, 0] = hessian[0, 1:]
        hessian[2:, 1] = hessian[1, 2:]
        return value, gradient, hessian

    def _climb(self, start: Floats, free: NDArray[np.intp], gain: float) -> _Fit:
        """Return the maximum over the free ones of the parameters, the others as they are."""
        at = start.copy()
        value, gradient, hessian = self.evaluate(at[0], at[1], at[2:], full=False)
        if not math.isfinite(value):
            at[free] = np.r_[self.centre, np.zeros(self.total.size)][free - (free > 1)]
            value, gradient, hessian = self.evaluate(at[0], at[1], at[2:], full=False)
        for _ in range(_STEPS):
            moving, step = self._step(at, gradient, hessian, free)
            promised = float(step @ gradient[moving])
            if not promised > gain:
                break
            furthest = float(np.abs(step[moving > 1]).max(initial=0.0))
            length = min(1.0, _REACH / furthest) if furthest > 0 else 1.0
            down = (moving > 1) & (step < 0)
            room = (self.weight.lowest - at[moving[down]]) / step[down]
            length = min(length, float(room.min(initial=math.inf)))
            while True:
                trial = at.copy()
                trial[moving] += length * step
                trial[2:][trial[2:] < self.weight.lowest + _AT_EDGE] = self.weight.lowest
                new = self.evaluate(trial[0], trial[1], trial[2:], full=False)
                if new[0] >= value + 0.1 * length * promised or length < 1e-10:
                    break
                # Near the top the gain is lost in rounding; the gradient is not.
                if promised < 1e-7 and _slope(new[1][moving]) < _slope(gradient[moving]):
                    break
                length /= 2
            if length < 1e-10:
                break
            at, (value, gradient, hessian) = trial, new
            if abs(float(at[0]) - self.centre) > 2 * self.far and free[0] == 0:
                break
        return at, value, gradient, hessian

    def _moving(self, at: Floats, gradient: Floats, free: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the free ones of the parameters without those that press against their edge."""
        pressed = (free > 1) & (at[free] <= self.weight.lowest) & (gradient[free] <= 0)
        return free[~pressed]

    def _step(
        self, at: Floats, gradient: Floats, hessian: Floats, free: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], Floats]:
        """Return which parameters Newton's method moves, and how far; none over its edge."""
        moving = self._moving(at, gradient, free)
        while moving.size:
            step = _solve(-hessian[np.ix_(moving, moving)], gradient[moving])
            over = (moving > 1) & (at[moving] <= self.weight.lowest) & (step < 0)
            if not over.any():
                return moving, step
            moving = moving[~over]
        return moving, np.empty(0)

    def without_selection(self, mean: float, tau2: float) -> float:
        """Return the log-likelihood of a mean and tau² where every result is reported.

        Parameters
        ----------
        mean, tau2
            In units of the effects given.
        """
        at = self.evaluate(mean / self.unit, tau2 / self.unit**2, np.zeros(self.total.size))
        return at[0] - self.effects.size * math.log(abs(self.unit))

    def maximise(
        self, *, random: bool = True, given: Floats | None = None, mean: float | None = None
    ) -> Maximum:
        """Find the largest value over all tau².

        Parameters
        ----------
        random
            Whether tau² is estimated; it is 0 otherwise.
        given
            Parameters of the weight function that are set; None to estimate them.
        mean
            The mean, where it is set.
        """
        d = self.total.size
        free = np.array(
            [*([0] if mean is None else []), *(range(2, 2 + d) if given is None else [])],
            dtype=np.intp,
        )
        start = np.zeros(2 + d)
        start[0] = self.centre if mean is None else mean / self.unit
        if given is not None:
            start[2:] = given
        at_zero = self._climb(start, free, _GAIN)
        if not random:
            return self._finish(at_zero, at_zero, free)
        grid = self._grid()
        fits = [at_zero]
        for tau2 in grid[1:]:
            begin = fits[-1][0].copy()
            begin[1] = tau2
            fits.append(self._climb(begin, free, _ROUGH_GAIN))
        fits = self._refined(fits, free)
        slopes = [float(fit[2][1]) for fit in fits]
        best = [at_zero] if slopes[0] <= 0 else []
        best += [
            self._between(fits[place], fits[place + 1], free)
            for place in range(len(fits) - 1)
            if slopes[place] > 0 >= slopes[place + 1]
        ]
        if slopes[-1] > 0:
            best.append(fits[-1])
        top = max(best, key=lambda fit: fit[1])
        # A ridge that was left on the way may lie higher.
        highest = max(fit[1] for fit in fits)
        found = top is not fits[-1] and top[1] >= highest - _SHORT
        return self._finish(top, at_zero, free, found=found)

    def _refined(self, fits: list[_Fit], free: NDArray[np.intp]) -> list[_Fit]:
        """Add a fit wherever the profile between two may turn twice."""
        found = fits[:1]
        for low, high in pairwise(fits):
            slopes = float(low[2][1]), float(high[2][1])
            width = float(high[0][1] - low[0][1])
            mean = (high[1] - low[1]) / width
            # Flatter between them than at both: it flattens out, and may rise.
            if slopes[0] * slopes[1] > 0 and abs(mean) < _FLATTER * min(map(abs, slopes)):
                begin = low[0].copy()
                begin[1] = math.sqrt(low[0][1] * high[0][1]) if low[0][1] > 0 else width / 2
                found.append(self._climb(begin, free, _ROUGH_GAIN))
            found.append(high)
        return found

    def _grid(self) -> list[float]:
        high = float(np.ptp(self.effects)) ** 2 + float(self.variances.max())
        low = _GRID[0] * float(self.variances.min())
        return [0.0, *np.geomspace(low, _GRID[1] * high, _GRID_POINTS).tolist()]

    def _between(
        self,
        low: _Fit,
        high: _Fit,
        free: NDArray[np.intp],
    ) -> _Fit:
        """Return the maximum between two tau² where the profile rises and falls."""
        ends = [float(low[0][1]), float(high[0][1])]
        # Newton's method along the ridge of the others, and a bisection where that would leave
        # the bracket.
        fit = low if abs(low[2][1]) * (ends[1] - ends[0]) < abs(high[2][1]) else high
        for _ in range(_STEPS):
            at = fit[0]
            _value, gradient, hessian = self.evaluate(at[0], at[1], at[2:])
            moving = self._moving(at, gradient, free)
            ends[0 if gradient[1] > 0 else 1] = float(at[1])
            cross = hessian[moving, 1]
            ridge = _solve(-hessian[np.ix_(moving, moving)], cross) if moving.size else cross
            curvature = float(hessian[1, 1] + cross @ ridge)
            slope = float(gradient[1] + gradient[moving] @ ridge)
            if curvature < 0 and -(slope**2) / curvature < _GAIN:
                break
            target = float(at[1]) - slope / curvature if curvature < 0 else math.nan
            along = ends[0] < target < ends[1]
            if not along:
                target = math.sqrt(ends[0] * ends[1]) if ends[0] > 0 else 0.5 * ends[1]
            if abs(target - at[1]) <= 1e-15 * ends[1]:
                break
            begin = at.copy()
            begin[1] = target
            if along:
                begin[moving] += ridge * (target - at[1])
                begin[2:] = np.maximum(begin[2:], self.weight.lowest)
            fit = self._climb(begin, free, _GAIN)
        return fit

    def _finish(
        self, fit: _Fit, at_zero: _Fit, free: NDArray[np.intp], *, found: bool = True
    ) -> Maximum:
        at, value, _, _ = fit
        _, gradient, hessian = self.evaluate(at[0], at[1], at[2:])
        moving, step = self._step(at, gradient, hessian, free)
        found = found and float(step @ gradient[moving]) < _SHORT
        unit = self.effects.size * math.log(abs(self.unit))
        found = found and abs(float(at[0]) - self.centre) < self.far
        scale = np.ones(at.size)
        scale[:2] = self.unit, self.unit**2
        return Maximum(
            mean=float(at[0] * self.unit),
            tau2=float(at[1] * self.unit**2),
            parameters=at[2:],
            log_likelihood=value - unit,
            log_likelihood_at_zero=at_zero[1] - unit,
            hessian=hessian / np.outer(scale, scale),
            found=found,
        )


def _edges(u: Floats, count: int) -> Floats:
    """Return the normal density times Hermite's polynomials from 0 on; 0 at infinity."""
    finite = np.isfinite(u)
    x = np.where(finite, u, 0.0)
    density = np.where(finite, np.exp(-0.5 * x * x) / _ROOT, 0.0)
    found = np.empty((count, *u.shape))
    found[0], found[1] = density, density * x
    if count > 2:
        square = x * x
        found[2], found[3] = density * (square - 1), density * x * (square - 3)
    return found


def _slope(gradient: Floats) -> float:
    return float(np.abs(gradient).max())


def _solve(matrix: Floats, vector: Floats) -> Floats:
    """Solve, leaning on the diagonal where the matrix is hardly positive definite."""
    size = np.sqrt(np.maximum(np.abs(np.diag(matrix)), 1e-300))
    scaled = matrix / np.outer(size, size)
    for lean in (0.0, *_LEANS):
        try:
            np.linalg.cholesky(scaled + lean * np.eye(size.size))
            break
        except np.linalg.LinAlgError:
            continue
    return np.asarray(np.linalg.solve(scaled + lean * np.eye(size.size), vector / size) / size)
