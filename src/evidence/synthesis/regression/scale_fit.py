"""Fitting the heterogeneity of a location-scale model by (restricted) maximum likelihood.

With t = exp(Za), V = v + t, W = V⁻¹ and P = W - WX(X'WX)⁻¹X'W the restricted log-likelihood
with the location at its best is, up to a constant, -(Σ log V + log |X'WX| + y'Py) / 2. Its
derivatives in t are -(P_ii - (Py)_i²) / 2 and (P_ij² - 2 (Py)_i P_ij (Py)_j) / 2; for the full
likelihood w_i takes the place of P_ii, and w_i² on the diagonal that of P_ij². P is W less a
matrix of rank p, so that no k-by-k matrix is needed.

References
----------
Viechtbauer W, López-López JA (2022). Location-scale models for meta-analysis. Research
Synthesis Methods 13:697-715.
Harville DA (1977). Maximum likelihood approaches to variance component estimation and to
related problems. Journal of the American Statistical Association 72:320-338.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.regression.design import Design
from evidence.synthesis.tau2 import estimate_tau2

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ScaleFit", "fit_scale"]

_MOST_STEPS = 300
_LAST_STEPS = 5
#: What is left to gain in log-likelihood where the search runs away to tau² = 0 for some study.
_NOTHING_TO_GAIN = 1e-12
#: Longest step in log tau²: one beyond is cut.
_LONGEST = 3.0
#: Values of the likelihood (times two) this close count as one maximum.
_SAME = 1e-8
#: A next step in log tau² above this, where nothing is left to gain, leads to the edge.
_DRIFT = 1e-4
#: Smallest eigenvalue of the scaled information that still tells the coefficients apart.
_FLAT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class ScaleFit:
    """A fitted model of the heterogeneity.

    Attributes
    ----------
    coefficients
        Of log tau², shape (q,).
    covariance
        Inverse of the observed information; NaN for coefficients without a finite estimate.
    drifting
        Which coefficients the likelihood pushes beyond all bounds, shape (q,).
    tau2
        Of each study, shape (k,).
    log_likelihood
        With all its constants.
    """

    coefficients: Floats
    covariance: Floats
    drifting: NDArray[np.bool_]
    tau2: Floats
    log_likelihood: float


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """Effects in units of a typical sampling variance, with orthonormal designs."""

    effects: Floats
    variances: Floats
    location: Floats
    scale: Floats
    offset: float
    restricted: bool

    def value(self, at: Floats) -> float:
        """Return twice the negative log-likelihood, up to a constant."""
        return self._parts(at)[0]

    def _parts(self, at: Floats) -> tuple[float, Floats, Floats, Floats, Floats]:
        between = np.exp(np.clip(self.scale @ at - self.offset, -600.0, 600.0))
        weights = 1 / (self.variances + between)
        root = np.sqrt(weights)
        basis, upper = np.linalg.qr(self.location * root[:, np.newaxis])
        # Columns u with P = W - uu'.
        low_rank = basis * root[:, np.newaxis]
        scaled = self.effects * root
        left = (scaled - basis @ (basis.T @ scaled)) * root
        value = -float(np.log(weights).sum()) + float(self.effects @ left)
        if self.restricted:
            value += 2 * float(np.log(np.abs(np.diag(upper))).sum())
        return value, between, weights, low_rank, left

    def derivatives(self, at: Floats) -> tuple[float, Floats, Floats]:
        """Return `value`, its gradient and its matrix of second derivatives, by coefficient."""
        value, between, weights, u, left = self._parts(at)
        across = (u**2).sum(axis=1)
        first = weights - across if self.restricted else weights
        slope = between * (first - left**2)
        steps = self.scale * between[:, np.newaxis]
        diagonal = weights**2 - (2 * weights * across if self.restricted else 0.0)
        second = -(steps.T * diagonal) @ steps
        if self.restricted:
            for r in range(u.shape[1]):
                for s in range(u.shape[1]):
                    product = steps.T @ (u[:, r] * u[:, s])
                    second -= np.outer(product, product)
        pulled = steps * left[:, np.newaxis]
        low = u.T @ pulled
        second += 2 * ((pulled.T * weights) @ pulled - low.T @ low)
        second += (self.scale.T * slope) @ self.scale
        return value, self.scale.T @ slope, second


def fit_scale(
    effects: Floats, variances: Floats, location: Design, scale: Design, *, restricted: bool
) -> ScaleFit:
    """Fit log tau² as a linear function of moderators, at the highest maximum found.

    Parameters
    ----------
    effects, variances
        Shape (k,).
    location, scale
        Designs of the mean and of log tau², with k rows.
    restricted
        Whether the restricted likelihood is wanted.

    Returns
    -------
    ScaleFit
    """
    unit = float(np.exp(np.log(variances).mean()))
    left = effects - location.basis @ (location.basis.T @ effects)
    left -= location.basis @ (location.basis.T @ left)
    problem = _Problem(
        left / math.sqrt(unit),
        variances / unit,
        location.basis,
        scale.basis,
        math.log(unit),
        restricted,
    )
    found = [_climb(problem, start) for start in _starts(problem, scale)]
    lowest = min(value for value, _, _ in found)
    near = [each for each in found if each[0] <= lowest + _SAME]
    value, at, step = min(near, key=lambda each: float(np.abs(each[2]).max()))
    k, p = location.k, location.p if restricted else 0
    drifting, covariance = _spread(problem, at, step, scale)
    return ScaleFit(
        coefficients=np.linalg.solve(scale.upper, at).astype(np.float64),
        covariance=covariance,
        drifting=drifting,
        tau2=np.exp(scale.basis @ at),
        log_likelihood=-0.5 * (value + (k - p) * math.log(2 * math.pi * unit)),
    )


def _starts(problem: _Problem, scale: Design) -> list[Floats]:
    """Return where to begin: several sizes of tau², even and leaning with each moderator."""
    method = "REML" if problem.restricted else "ML"
    even = estimate_tau2(problem.effects, problem.variances, method, problem.location)
    sizes = [math.log(max(even, 1e-2)) + level for level in (0.0, -3.0, 3.0)]
    leans = [np.zeros(scale.k)]
    for j in range(scale.p):
        column = scale.matrix[:, j] - scale.matrix[:, j].mean()
        reach = float(np.abs(column).max())
        if reach > 1e-12 * float(np.abs(scale.matrix[:, j]).max()):
            leans += [2 * column / reach, -2 * column / reach]
    return [problem.scale.T @ (problem.offset + size + lean) for size in sizes for lean in leans]


def _newton(problem: _Problem, slope: Floats, bend: Floats) -> tuple[Floats, float]:
    """Return a step downhill, cut along each axis of the second derivatives, and its gain."""
    sizes, axes = np.linalg.eigh(bend)
    pull = axes.T @ slope
    lengths = -pull / np.maximum(np.abs(sizes), 1e-300)
    reach = np.abs(problem.scale @ axes).max(axis=0)
    lengths = np.clip(lengths, -_LONGEST / reach, _LONGEST / reach)
    return axes @ lengths, -float(pull @ lengths)


def _climb(problem: _Problem, at: Floats) -> tuple[float, Floats, Floats]:
    """Return the value reached, where, and the step (in log tau²) that would come next."""
    value, slope, bend = problem.derivatives(at)
    last = 0
    for _ in range(_MOST_STEPS):
        step, gain = _newton(problem, slope, bend)
        if gain < _NOTHING_TO_GAIN:
            # Differences in value are rounding by now; a maximum is a few full steps away.
            last += 1
            if last > _LAST_STEPS:
                break
            at = at + step
        else:
            size = 1.0
            while size > 1e-10 and not problem.value(at + size * step) < value - 1e-4 * size * gain:
                size /= 2
            if size <= 1e-10:
                break
            at = at + size * step
        value, slope, bend = problem.derivatives(at)
    return value, at, problem.scale @ _newton(problem, slope, bend)[0]


def _spread(
    problem: _Problem, at: Floats, step: Floats, scale: Design
) -> tuple[NDArray[np.bool_], Floats]:
    """Return which coefficients have no finite estimate, and the covariance of the others."""
    moved = np.linalg.solve(scale.upper, problem.scale.T @ step)
    drifting = np.abs(moved) * np.abs(scale.matrix).max(axis=0) > _DRIFT
    information = scale.upper.T @ problem.derivatives(at)[2] @ scale.upper / 2
    covariance = np.full((scale.p, scale.p), math.nan)
    stays = np.flatnonzero(~drifting)
    if stays.size:
        block = information[np.ix_(stays, stays)]
        lengths = np.sqrt(np.abs(np.diag(block)))
        unit = block / np.outer(lengths, lengths)
        if np.linalg.eigvalsh(unit).min() > _FLAT:
            covariance[np.ix_(stays, stays)] = np.linalg.inv(unit) / np.outer(lengths, lengths)
    return drifting, covariance
