"""Estimators of tau², each at its true, global optimum, free of the effects' unit.

A fit with a mean alone and a fit with moderators run through the same estimators; only the sums
they need differ. `design` is None for a mean alone, else of shape (k, p) with orthonormal
columns. Cost is linear in the number of studies. The formulas' papers stand in
`evidence.synthesis.tau2`.

Likelihoods of tau² can have two maxima, so the score is scanned from 0 to a bound beyond which
it is negative, in steps that grow with tau² plus the smallest variance: all that the score is
made of, 1 / (v + tau²), changes slowly on that scale. A step whose ends leave room for a hidden
pair of roots is halved. Each maximum found is polished, and the highest wins.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.compiled import compiled
from evidence.synthesis.kernels.sums import (
    cross_products_of_design,
    factorise,
    log_likelihood,
    moments,
    solve_factored,
)

__all__ = [
    "DL",
    "DL2",
    "HE",
    "HE2",
    "HS",
    "HSK",
    "ML",
    "PM",
    "REML",
    "SJ",
    "estimate",
    "estimate_prepared",
    "prepare",
    "q_bound",
]

DL, HE, DL2, HE2, PM, SJ, HS, HSK, ML, REML = range(10)

#: Ratio of neighbouring points of the scan, in tau² plus the smallest variance.
_RATIO = 2.0
#: Halvings of a step that may hide two roots.
_DEPTH = 12
_CONVERGED = 1e-8


@compiled
def _score(
    effects: Any, variances: Any, design: Any, tau2: float, restricted: bool
) -> tuple[float, float]:
    """Return twice the score of tau², and its derivative."""
    _, _, ypp, yppp, trace, trace2, _ = moments(effects, variances, design, tau2)
    if not restricted:
        trace = trace2 = 0.0
        for v in variances:
            w = 1.0 / (v + tau2)
            trace += w
            trace2 += w * w
    return ypp - trace, trace2 - 2.0 * yppp


@compiled
def _polish(
    effects: Any, variances: Any, design: Any, restricted: bool, low: float, high: float
) -> float:
    """Return the root of the score between two values of tau² where it falls from + to -."""
    smallest = variances[0]
    at = math.sqrt((low + smallest) * (high + smallest)) - smallest
    for _ in range(200):
        score, slope = _score(effects, variances, design, at, restricted)
        if score > 0.0:
            low = at
        elif score < 0.0:
            high = at
        else:
            return at
        step = -score / slope if slope < 0.0 else math.inf
        if abs(step) <= _CONVERGED * (at + smallest):
            # Newton's step squares the error: what is left is below the digits of a double.
            return min(max(at + step, low), high)
        ahead = at + step
        if not low < ahead < high:
            ahead = 0.5 * (low + high)
            if ahead in (low, high):
                return at
        at = ahead
    return at


@compiled
def _may_hide_roots(a: float, slope_a: float, b: float, slope_b: float, width: float) -> bool:
    """Whether two points of one sign leave room for the score to change sign and back between."""
    if a > 0.0 and b > 0.0:
        if slope_a >= 0.0 or slope_b <= 0.0:
            return False
    elif a < 0.0 and b < 0.0:
        if slope_a <= 0.0 or slope_b >= 0.0:
            return False
    else:
        return False
    # Where the two tangents meet; a smooth curve between them stays on the near side.
    meeting = (b - a - slope_b * width) / (slope_a - slope_b)
    value = a + slope_a * meeting
    return (value <= 0.0) if a > 0.0 else (value >= 0.0)


@compiled
def _most_likely(effects: Any, variances: Any, design: Any, restricted: bool, top: float) -> float:
    """Return the tau² with the highest (restricted) likelihood, from 0 to `top`."""
    smallest = variances[0]
    low = 0.0
    score_low, slope = _score(effects, variances, design, low, restricted)
    slope_low = slope * smallest
    best = 0.0
    candidates = 1 if score_low <= 0.0 else 0
    best_height = math.nan
    ends = np.empty((_DEPTH + 1, 3))
    while low < top:
        ends[0, 0] = min((low + smallest) * _RATIO - smallest, top)
        ends[0, 1], slope = _score(effects, variances, design, ends[0, 0], restricted)
        ends[0, 2] = slope * (ends[0, 0] + smallest)
        waiting = 1
        while waiting > 0:
            high, score_high, slope_high = ends[waiting - 1]
            width = math.log((high + smallest) / (low + smallest))
            if waiting <= _DEPTH and _may_hide_roots(
                score_low, slope_low, score_high, slope_high, width
            ):
                middle = math.sqrt((low + smallest) * (high + smallest)) - smallest
                ends[waiting, 0] = middle
                ends[waiting, 1], slope = _score(effects, variances, design, middle, restricted)
                ends[waiting, 2] = slope * (middle + smallest)
                waiting += 1
                continue
            if score_low > 0.0 and score_high <= 0.0:
                found = _polish(effects, variances, design, restricted, low, high)
                candidates += 1
                if candidates == 1:
                    best = found
                else:
                    if math.isnan(best_height):
                        best_height = log_likelihood(effects, variances, design, best, restricted)
                    height = log_likelihood(effects, variances, design, found, restricted)
                    if height > best_height:
                        best, best_height = found, height
            low, score_low, slope_low = high, score_high, slope_high
            waiting -= 1
    return best


@compiled
def solve_q(effects: Any, variances: Any, design: Any, target: float) -> float:
    """Return the tau² at which the generalised Q falls to `target`; 0 where it starts below."""
    _, q, ypp, _, _, _, _ = moments(effects, variances, design, 0.0)
    if q <= target:
        return 0.0
    smallest = variances[0]
    low, high, at = 0.0, math.inf, 0.0
    for _ in range(500):
        # 1/Q is nearly linear in tau², so Newton's method on it needs few steps.
        step = (q / target - 1.0) * q / ypp
        if abs(step) <= 1e-9 * (at + smallest):
            return min(max(at + step, low), high)
        ahead = at + step
        if not low < ahead < high:
            ahead = 0.5 * (low + high) if high < math.inf else 2.0 * (low + smallest)
            if ahead in (low, high):
                return at
        at = ahead
        _, q, ypp, _, _, _, _ = moments(effects, variances, design, at)
        if q > target:
            low = at
        elif q < target:
            high = at
        else:
            return at
    return at


@compiled
def _of_moments(y: Any, v: Any, added: float, design: Any) -> float:
    """Return the method-of-moments tau² with weights 1 / (v + added), before truncation.

    With P made of the weights, y'Py has the expectation tr(PV) + tau² tr(P). Equal weights are
    what infinite `added` stands for.
    """
    k = y.size
    weights = np.empty(k)
    spread = np.empty(k)
    inverse = np.empty(k)
    sampling = total = squares = 0.0
    for i in range(k):
        weights[i] = 1.0 / (v[i] + added) if added < math.inf else 1.0
        inverse[i] = 1.0 / weights[i]
        spread[i] = weights[i] * weights[i] * v[i]
        sampling += weights[i] * v[i]
        total += weights[i]
        squares += spread[i]
    _, q, _, _, trace, _, _ = moments(y, inverse, design, 0.0)
    if design is None:
        return (q - sampling + squares / total) / trace
    a = cross_products_of_design(design, weights, 1)
    b = cross_products_of_design(design, spread, 1)
    factorise(a)
    for s in range(a.shape[0]):
        solve_factored(a, b[s])
        sampling -= b[s, s]
    return (q - sampling) / trace


@compiled
def prepare(effects: Any, variances: Any) -> tuple[float, float]:
    """Put the most precise study first, at effect 0 and variance 1, in place.

    Returns its effect and its variance: the origin and the (squared) unit of what is left.
    """
    first = 0
    for i in range(1, effects.size):
        if variances[i] < variances[first]:
            first = i
    origin, scale = effects[first], variances[first]
    effects[first], variances[first] = effects[0], variances[0]
    effects[0], variances[0] = origin, scale
    root = math.sqrt(scale)
    for i in range(effects.size):
        effects[i] = (effects[i] - origin) / root
        variances[i] /= scale
    return origin, scale


@compiled
def _sum_of_squares(effects: Any, design: Any) -> float:
    """Return the residual sum of squares without weights."""
    k = effects.size
    fitted = np.zeros(k)
    total = 0.0
    if design is None:
        for i in range(k):
            total += effects[i]
        for i in range(k):
            fitted[i] = total / k
    else:
        for s in range(design.shape[1]):
            product = 0.0
            for i in range(k):
                product += effects[i] * design[i, s]
            for i in range(k):
                fitted[i] += product * design[i, s]
    total = 0.0
    for i in range(k):
        total += (effects[i] - fitted[i]) ** 2
    return total


@compiled
def _by_moments(y: Any, v: Any, design: Any, method: int) -> float:
    """Return tau² by one of the estimators in closed form."""
    k = y.size
    df = k - 1 if design is None else k - design.shape[1]
    if method == SJ:
        rough = _sum_of_squares(y, design) / k
        # The sum of squares over 1 + v / rough is the generalised Q at `rough`, times it.
        return rough * moments(y, v, design, rough)[1] / df if rough > 0.0 else 0.0
    if method in (HE, HE2):
        tau2 = max(0.0, _of_moments(y, v, math.inf, design))
    else:
        _, q, _, _, trace, _, _ = moments(y, v, design, 0.0)
        if method in (HS, HSK):
            total = 0.0
            for each in v:
                total += 1.0 / each
            return max(0.0, ((q * k / df if method == HSK else q) - k) / total)
        # With weights 1 / v, tr(PV) is the number of degrees of freedom.
        tau2 = max(0.0, (q - df) / trace)
    if method in (DL2, HE2):
        tau2 = max(0.0, _of_moments(y, v, tau2, design))
    return tau2


@compiled
def estimate_prepared(y: Any, v: Any, design: Any, method: int) -> float:
    """Return tau² of effects in units of the smallest variance, whose study comes first."""
    k = y.size
    df = k - 1 if design is None else k - design.shape[1]
    if method == PM:
        return solve_q(y, v, design, float(df))
    if method not in (ML, REML):
        return _by_moments(y, v, design, method)
    largest = v[0]
    for each in v:
        largest = max(largest, each)
    mean_square = _sum_of_squares(y, design) / (df if method == REML else k)
    # y'PPy <= RSS / (vmin + tau²)², and the trace >= df / (vmax + tau²): beyond this the
    # score is negative.
    reach = 0.5 * (mean_square + math.sqrt(mean_square**2 + 4.0 * mean_square * (largest - v[0])))
    # The bound is exact where all variances are equal, so a little is added.
    return _most_likely(y, v, design, method == REML, 1.01 * reach - v[0])


@compiled
def _prepared(effects: Any, variances: Any, design: Any) -> tuple[Any, Any, Any, float]:
    """Return copies in units of the smallest variance, whose study comes first, and that unit."""
    y, v = effects.copy(), variances.copy()
    if design is None:
        return y, v, None, prepare(y, v)[1]
    x = design.copy()
    first = 0
    for i in range(1, v.size):
        if v[i] < v[first]:
            first = i
    scale = v[first]
    y[first], y[0] = y[0], y[first]
    v[first], v[0] = v[0], v[first]
    for s in range(x.shape[1]):
        x[first, s], x[0, s] = x[0, s], x[first, s]
    for i in range(v.size):
        y[i] /= math.sqrt(scale)
        v[i] /= scale
    return y, v, x, scale


@compiled
def estimate(effects: Any, variances: Any, design: Any, method: int) -> float:
    """Return tau² by a method, for effects with a design (None: a mean alone)."""
    y, v, x, scale = _prepared(effects, variances, design)
    return scale * estimate_prepared(y, v, x, method)


@compiled
def q_bound(effects: Any, variances: Any, design: Any, target: float) -> float:
    """Return the tau² at which the generalised Q of any effects falls to `target`."""
    y, v, x, scale = _prepared(effects, variances, design)
    return scale * solve_q(y, v, x, target)
