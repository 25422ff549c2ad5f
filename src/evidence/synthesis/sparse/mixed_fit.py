"""Maximum likelihood for counts with normal random effects: one climb serves every model.

With the scales of the random effects fixed, the likelihood is log-concave in everything else
(Prékopa 1973, Acta Scientiarum Mathematicarum 34:335-343), so Newton steps find its one
maximum. Over a scale it can have two: it is scanned from 0 upwards, every maximum found is
climbed together with the rest, and the highest wins. Study effects that only one study has are
eliminated study by study, so the cost is linear in the number of studies.

References
----------
Stijnen T, Hamza TH, Özdemir P (2010). Random effects meta-analysis of event outcome in the
framework of the generalized linear mixed model with applications in sparse data.
Statistics in Medicine 29:3046-3067.
Jackson D, Law M, Stijnen T, Viechtbauer W, White IR (2018). A comparison of seven
random-effects models for meta-analyses that estimate the summary odds ratio. Statistics in
Medicine 37:1059-1085.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats
from evidence.errors import InsufficientEvidenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CountModel",
    "Peak",
    "climb",
    "covariance",
    "maximise",
    "profile_end",
    "profile_fall",
    "settle",
]

#: Standard deviations at which the likelihood is scanned, on a log scale of odds or rates.
_SCAN = tuple(0.1 * 2.0**step for step in range(9))
#: Of the likelihood: what a scan leaves undecided, and what counts as a tie.
_ROUGH, _TIE = 1e-3, 1e-11
#: A Newton step whose expected gain is below this is the last one.
_LAST = 1e-11
#: Beyond this many units of a log odds or rate there is no end to an interval.
_FAR = 60.0


def _empty() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class CountModel:
    """Counts of k studies and how parameters and random effects enter their predictors.

    Attributes
    ----------
    family
        Of the kernel: binomial, Poisson or noncentral hypergeometric.
    events, totals, offsets
        Of the records (arms) of every study, shape (k, records).
    design, dim
        Factors of the parameters, shape (records, p); and what each is multiplied with: 1, the
        first or the second standard normal effect (0, 1, 2), shape (p,).
    own
        Whether the last parameter is a study's own, to be eliminated.
    constants
        Terms of the log-likelihoods that hold no parameter, shape (k,).
    logs, steps, starts
        Supports of the hypergeometric distributions (see the kernel).
    """

    family: int
    events: Floats
    totals: Floats
    offsets: Floats
    design: Floats
    dim: NDArray[np.int64]
    own: bool
    constants: Floats
    logs: Floats = field(default_factory=_empty)
    steps: Floats = field(default_factory=_empty)
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.events)

    @property
    def shared(self) -> int:
        """How many parameters the studies share."""
        return self.dim.size - self.own

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Which shared parameters are no scales of random effects."""
        return np.asarray(self.dim[: self.shared] == 0)

    def parameters(self, shared: Floats, own: Floats) -> Floats:
        """Return the parameters of every study, shape (k, p)."""
        table = np.empty((self.k, self.dim.size))
        table[:, : self.shared] = shared
        if self.own:
            table[:, -1] = own
        return table

    def evaluate(self, shared: Floats, own: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log-likelihood, gradient and Hessian of every study."""
        from evidence.synthesis.sparse.mixed_kernel import likelihoods

        starts = self.starts if self.starts.size else np.zeros(self.k + 1, dtype=np.int64)
        value, gradient, hessian = likelihoods(
            (self.family, self.events, self.totals, self.offsets),
            (self.design, self.dim),
            self.parameters(shared, own),
            (self.logs, self.steps, starts),
        )
        return value + self.constants, gradient, hessian

    def keep(self, parameters: Sequence[int]) -> CountModel:
        """Return the model with some of its shared parameters (and the studies' own)."""
        chosen = [*parameters, *range(self.shared, self.dim.size)]
        return replace(
            self, design=np.ascontiguousarray(self.design[:, chosen]), dim=self.dim[chosen]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """Where the likelihood is highest.

    Attributes
    ----------
    shared, own
        The parameters.
    value
        The log-likelihood.
    information
        Of the studies about the shared parameters, their own eliminated; shape (k, p, p).
    """

    shared: Floats
    own: Floats
    value: float
    information: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Slope:
    value: float
    score: Floats
    information: Floats
    own_score: Floats
    own_bend: Floats
    cross: Floats


def _slope(model: CountModel, shared: Floats, own: Floats) -> _Slope:
    values, gradient, hessian = model.evaluate(shared, own)
    if not model.own:
        nothing = np.zeros(model.k)
        return _Slope(
            float(values.sum()),
            gradient.sum(axis=0),
            -hessian,
            nothing,
            np.full(model.k, -1.0),
            np.zeros((model.k, model.shared)),
        )
    bend = hessian[:, -1, -1]
    # A study whose own parameter changes nothing any more (all its counts are certain).
    bend = np.where(bend < 0, bend, -1.0)
    cross, own_score = hessian[:, :-1, -1], gradient[:, -1]
    reduced = hessian[:, :-1, :-1] - cross[:, :, None] * (cross / bend[:, None])[:, None, :]
    score = gradient[:, :-1] - cross * (own_score / bend)[:, None]
    return _Slope(float(values.sum()), score.sum(axis=0), -reduced, own_score, bend, cross)


def climb(
    model: CountModel,
    shared: Floats,
    own: Floats,
    free: NDArray[np.bool_],
    enough: float = 0.0,
) -> Peak:
    """Climb to a maximum by Newton steps that are turned uphill where the surface is not concave.

    Parameters
    ----------
    model, shared, own
        The model and where to start.
    free
        Which of the shared parameters move.
    enough
        Expected gain below which to stop early; 0 for full precision.

    Returns
    -------
    Peak
    """
    shared, own = shared.copy(), own.copy()
    here = _slope(model, shared, own)
    for _ in range(200):
        own_step = -here.own_score / here.own_bend
        step = np.zeros(shared.size)
        gain = float(here.own_score @ own_step)
        if free.any():
            whole = here.information.sum(axis=0)[np.ix_(free, free)]
            bends, axes = np.linalg.eigh(whole)
            bends = np.maximum(np.abs(bends), 1e-10 * max(float(np.abs(bends).max()), 1e-10))
            along = axes.T @ here.score[free]
            step[free] = axes @ (along / bends)
            gain += float(along @ (along / bends))
        own_step -= (here.cross @ step) / here.own_bend
        last = gain < max(_LAST, enough)
        most = max(float(np.abs(step).max(initial=0)), float(np.abs(own_step).max(initial=0)))
        share = min(1.0, 3.0 / most) if most > 0 else 1.0
        if last and enough:
            break
        found = _line(model, (shared, own), (step, own_step), here, (share, gain))
        if found is None:
            break
        shared, own, here = found
        if last:
            break
    return Peak(shared, own, here.value, here.information)


def _line(
    model: CountModel,
    place: tuple[Floats, Floats],
    step: tuple[Floats, Floats],
    here: _Slope,
    size: tuple[float, float],
) -> tuple[Floats, Floats, _Slope] | None:
    share, gain = size
    noise = 1e-12 * (1 + abs(here.value))
    for _ in range(40):
        shared, own = place[0] + share * step[0], place[1] + share * step[1]
        there = _slope(model, shared, own)
        if there.value >= here.value + min(1e-4 * share * gain, 0.1) - noise:
            return shared, own, there
        share *= 0.5
    return None


def maximise(model: CountModel, start: Floats, own: Floats, scale: int, name: str) -> Peak:
    """Return the highest maximum over one scale (others, if any, move with it).

    Parameters
    ----------
    model
        The model.
    start, own
        Where to start; the scale itself is scanned.
    scale
        Place of the scale among the shared parameters.
    name
        What the scale is the standard deviation of, for the refusal.

    Returns
    -------
    Peak
        With a scale of exactly 0 where that is the maximum.

    Raises
    ------
    InsufficientEvidenceError
        When the likelihood still rises at the largest scale.
    """
    every = np.ones(model.shared, dtype=bool)
    others = every.copy()
    others[scale] = False
    start = start.copy()
    start[scale] = 0.0
    zero = climb(model, start, own, others)
    trail = [zero]
    at = zero
    best = zero.value
    for size in _SCAN:
        moved = np.where(model.fixed, at.shared, np.maximum(np.abs(at.shared), 0.05))
        moved[scale] = size
        at = climb(model, moved, at.own, others, enough=_ROUGH)
        trail.append(at)
        best = max(best, at.value)
        if at.value < best - 8 and size > 1:
            break
    values = [each.value for each in trail]
    if len(trail) == len(_SCAN) + 1 and values[-1] >= max(values) - _TIE * (1 + abs(best)):
        at_zero = values[0] >= max(values) - _ROUGH
        if not at_zero:
            raise InsufficientEvidenceError(
                f"The likelihood rises without end with the variance of {name}: nearly every "
                "study lies at one extreme or the other, and too few lie between. Fit one value "
                'for all with MixedOptions(effects="common"); or, for two groups, use '
                "pool_exact_odds_ratio, pool_mantel_haenszel or, for rates, "
                "pool_mantel_haenszel_rates."
            )
    starts = [
        trail[i]
        for i in range(1, len(trail))
        if values[i] >= values[i - 1] and (i + 1 == len(trail) or values[i] >= values[i + 1])
    ]
    curvature = -float(_reduced(zero.information.sum(axis=0), scale))
    if curvature > 0 and values[1] < values[0]:  # a maximum between 0 and the first step
        near = zero.shared.copy()
        near[scale] = 0.03
        starts.append(replace(zero, shared=near))
    peaks = [climb(model, each.shared, each.own, every) for each in starts]
    highest = max(peaks, key=lambda peak: peak.value, default=zero)
    if highest.value <= zero.value + _TIE * (1 + abs(zero.value)):
        highest = zero
    return settle(model, highest)


def settle(model: CountModel, peak: Peak) -> Peak:
    """Set scales that are 0 but for rounding to 0, where nothing is lost by it."""
    for place in np.flatnonzero(~model.fixed & (np.abs(peak.shared) < 1e-3) & (peak.shared != 0)):
        shared = peak.shared.copy()
        shared[place] = 0.0
        free = model.fixed | (shared != 0)
        there = climb(model, shared, peak.own, free)
        if there.value >= peak.value - _TIE * (1 + abs(peak.value)):
            peak = there
    return peak


def _reduced(information: Floats, place: int) -> float:
    """Information about one parameter, the others eliminated."""
    others = [i for i in range(len(information)) if i != place]
    if not others:
        return float(information[place, place])
    block = information[np.ix_(others, others)]
    cross = information[place, others]
    # scales at 0 carry no information of their own and none in common with the rest
    return float(information[place, place] - cross @ np.linalg.pinv(block, hermitian=True) @ cross)


def covariance(model: CountModel, peak: Peak) -> Floats:
    """Return the covariance of the shared parameters: the observed information inverted.

    A scale at 0 is on the boundary: it is taken as known, and its row and column are 0.
    """
    inside = model.fixed | (peak.shared != 0)
    whole = peak.information.sum(axis=0)[np.ix_(inside, inside)]
    result = np.zeros((model.shared, model.shared))
    result[np.ix_(inside, inside)] = np.linalg.inv(whole)
    return result


def profile_fall(
    model: CountModel, peak: Peak, place: int, value: float, near: Peak | None = None
) -> tuple[float, Peak]:
    """Return how far the profile likelihood lies below its maximum, at one parameter's value.

    Parameters
    ----------
    model, peak
        The model and its maximum.
    place, value
        Of the parameter among the shared ones (no scale), and what it is held at.
    near
        Where to start; the maximum when left out.

    Returns
    -------
    fall, peak
        In units of log-likelihood; and the maximum under the constraint.
    """
    near = near or peak
    free = np.ones(model.shared, dtype=bool)
    free[place] = False
    scales = np.flatnonzero(~model.fixed)
    shared = near.shared.copy()
    shared[place] = value
    found = [climb(model, shared, near.own, free)]
    for least in (0.1, 1.0) if scales.size else ():
        start = shared.copy()
        start[scales] = np.maximum(np.abs(start[scales]), least)
        if not np.array_equal(start, shared):
            found.append(climb(model, start, near.own, free))
    highest = max(found, key=lambda each: each.value)
    return peak.value - highest.value, highest


def profile_end(model: CountModel, peak: Peak, place: int, drop: float, side: int) -> float:
    """Return where the profile likelihood of one parameter has fallen by `drop`.

    Parameters
    ----------
    model, peak, place
        As in `profile_fall`.
    drop
        In units of log-likelihood.
    side
        -1 for the lower end, 1 for the upper.

    Returns
    -------
    float
        Infinite where the likelihood never falls that far.
    """
    from scipy.optimize import brentq

    centre = float(peak.shared[place])
    last = [peak]

    def fall(off: float) -> float:
        down, last[0] = profile_fall(model, peak, place, centre + side * off, last[0])
        return down - drop

    near, far = 0.0, math.sqrt(float(covariance(model, peak)[place, place]) * 2 * drop)
    while fall(far) < 0:
        near, far = far, 1.5 * far
        if far > _FAR:
            return side * math.inf
    return centre + side * float(brentq(fall, near, far, xtol=1e-12, rtol=1e-12))
