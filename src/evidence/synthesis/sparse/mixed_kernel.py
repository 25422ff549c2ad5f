"""Compiled kernel: log-likelihoods of studies with normal random effects, and derivatives.

A study has one or two records (arms, or one count given a total) whose linear predictor is
linear in the parameters once the standard normal effects u are known,

    eta_j = offset_j + sum_r parameter_r * design_jr * m_r,    m_r = 1, u1 or u2,

so the first two derivatives of the log-likelihood are moments over the distribution of u given
the data (Louis 1982, Journal of the Royal Statistical Society B 44:226-233).

The integral over u is a trapezoidal rule on a lattice through the mode, marched outwards until
what is left is negligible. All integrands are log-concave in u and analytic up to an imaginary
part of eta of at least pi / 2, so its error falls exponentially with the step (Trefethen and
Weideman 2014, SIAM Review 56:385-458): about 1e-12 of the likelihood in one dimension and 1e-9
in two, for wide and skewed integrands as for nearly normal ones.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.compiled import compiled_strictly

__all__ = ["BINOMIAL", "HYPERGEOMETRIC", "POISSON", "likelihoods"]

BINOMIAL, POISSON, HYPERGEOMETRIC = range(3)

_STEP_1, _ETA_1, _CUT_1 = 0.6, 0.35, 38.0
_STEP_2, _ETA_2, _CUT_2 = 0.72, 0.42, 31.0
_NEGLIGIBLE = 1e-18


@compiled_strictly
def _hypergeometric(y: float, eta: float, logs: Any, steps: Any) -> Any:
    """Noncentral hypergeometric: place `y` in a support with log weights and their ratios."""
    low, high = 0, logs.size - 1
    while low < high:  # the mode: the ratio of neighbours falls along the support
        middle = (low + high) // 2
        if logs[middle + 1] - logs[middle] + eta > 0:
            low = middle + 1
        else:
            high = middle
    mode = low
    odds = math.exp(min(eta, 700.0))
    s0, s1, s2 = 1.0, 0.0, 0.0
    term = 1.0
    for j in range(mode, logs.size - 1):
        term *= steps[j] * odds
        off = j + 1.0 - mode
        s0 += term
        s1 += term * off
        s2 += term * off * off
        if term * off * off < _NEGLIGIBLE * s0:
            break
    term = 1.0
    for j in range(mode - 1, -1, -1):
        term /= steps[j] * odds
        off = j + 0.0 - mode
        s0 += term
        s1 += term * off
        s2 += term * off * off
        if term * off * off < _NEGLIGIBLE * s0:
            break
    mean = s1 / s0
    value = (y - mode) * eta + logs[int(y)] - logs[mode] - math.log(s0)
    return value, y - mode - mean, -(s2 / s0 - mean * mean)


@compiled_strictly
def _record(family: int, y: float, n: float, eta: float, logs: Any, steps: Any) -> Any:
    """Log-likelihood of one record and its derivatives with respect to eta."""
    if family == BINOMIAL:
        small = math.exp(-abs(eta))
        p = 1 / (1 + small) if eta > 0 else small / (1 + small)
        value = y * eta - n * (max(eta, 0.0) + math.log1p(small))
        return value, y - n * p, -n * small / (1 + small) ** 2
    if family == POISSON:
        mean = math.exp(min(eta, 700.0))
        return y * eta - mean, y - mean, -mean
    return _hypergeometric(y, eta, logs, steps)


@compiled_strictly
def _density(study: Any, u1: float, u2: float, slopes: Any) -> Any:
    """Log integrand at u; its records' derivatives go into `slopes`."""
    family, y, n, base, load, logs, steps = study
    total = -0.5 * (u1 * u1 + u2 * u2)
    for j in range(y.size):
        eta = base[j] + load[j, 0] * u1 + load[j, 1] * u2
        value, first, second = _record(family, y[j], n[j], eta, logs, steps)
        total += value
        slopes[j, 0] = first
        slopes[j, 1] = second
    return total


@compiled_strictly
def _find_mode(study: Any, slopes: Any) -> Any:
    """Find the mode of a log-concave integrand by guarded Newton steps from 0.

    Return it, the value there, and the negative Hessian.
    """
    load = study[4]
    u1 = u2 = d1 = d2 = v1 = v2 = 0.0
    a11 = a22 = 1.0
    a12 = share = gain = 0.0
    value = -math.inf
    for _ in range(500):
        now = _density(study, v1, v2, slopes)
        if now >= value + 1e-4 * share * gain:
            u1, u2, value = v1, v2, now
            g1, g2 = -u1, -u2
            a11, a12, a22 = 1.0, 0.0, 1.0
            for j in range(load.shape[0]):
                g1 += slopes[j, 0] * load[j, 0]
                g2 += slopes[j, 0] * load[j, 1]
                a11 -= slopes[j, 1] * load[j, 0] * load[j, 0]
                a12 -= slopes[j, 1] * load[j, 0] * load[j, 1]
                a22 -= slopes[j, 1] * load[j, 1] * load[j, 1]
            det = a11 * a22 - a12 * a12
            d1 = (a22 * g1 - a12 * g2) / det
            d2 = (a11 * g2 - a12 * g1) / det
            gain = g1 * d1 + g2 * d2
            share = 1.0
            if not gain > 1e-8:  # the mode only places the lattice
                break
        else:
            share *= 0.5
            if share < 1e-15:
                break
        v1 = u1 + share * d1
        v2 = u2 + share * d2
    return u1, u2, value, a11, a12, a22


@compiled_strictly
def _add(weight: float, u: Any, shape: Any, out: Any) -> None:
    """Add the weighted score and the second derivatives at one node; u is (1, u1, u2)."""
    design, dim = shape
    slopes, sums, squares = out
    for r in range(dim.size):
        by = u[dim[r]]
        score_r = 0.0
        for j in range(design.shape[0]):
            score_r += slopes[j, 0] * design[j, r]
        score_r *= by
        sums[r] += weight * score_r
        for t in range(r + 1):
            also = u[dim[t]]
            score_t = 0.0
            bend = 0.0
            for j in range(design.shape[0]):
                score_t += slopes[j, 0] * design[j, t]
                bend += slopes[j, 1] * design[j, r] * design[j, t]
            squares[r, t] += weight * also * (score_r * score_t + bend * by)


@compiled_strictly
def _march(study: Any, line: Any, limits: Any, shape: Any, out: Any) -> Any:
    """Sum along a line of the lattice, to both sides of its start.

    Return the sum, and how many steps from the start the line was highest.
    """
    s1, s2, along = line
    top, cut = limits
    total = 0.0
    highest = -math.inf
    peak = 0
    for side in (1, -1):
        i = 0 if side == 1 else -1
        before = -math.inf
        while True:
            u1 = s1 + i * along
            value = _density(study, u1, s2, out[0])
            if value > highest:
                highest = value
                peak = i
            if value - top > -cut:
                weight = math.exp(value - top)
                total += weight
                _add(weight, (1.0, u1, s2), shape, out)
            elif not value > before:
                break
            before = value
            i += side
    return total, peak


@compiled_strictly
def _reach(load: Any, d1: float, d2: float, step: float, most: float) -> Any:
    """Step of the lattice: neither the density nor eta may change much in one."""
    for j in range(load.shape[0]):
        change = abs(load[j, 0] * d1 + load[j, 1] * d2)
        if change * step > most:
            step = most / change
    return step


@compiled_strictly
def _lattice(study: Any, mode: Any, q: int, shape: Any, out: Any) -> Any:
    """Sum over a lattice through the mode; return the sum and the log area of a cell."""
    u1, u2, top, a11, a12, a22 = mode
    load = study[4]
    size, most, cut = (_STEP_1, _ETA_1, _CUT_1) if q == 1 else (_STEP_2, _ETA_2, _CUT_2)
    along = 1 / math.sqrt(a11)
    along *= _reach(load, along, 0.0, size, most)
    area = along / math.sqrt(2 * math.pi)
    if q == 1:
        total, _ = _march(study, (u1, 0.0, along), (top, cut), shape, out)
        return total, math.log(area)
    over2 = 1 / math.sqrt(a22 - a12 * a12 / a11)
    over1 = -over2 * a12 / a11
    step = _reach(load, over1, over2, size, most)
    over1 *= step
    over2 *= step
    area *= over2 / math.sqrt(2 * math.pi)
    total = 0.0
    for side in (1, -1):
        s1, s2 = u1, u2
        if side == -1:
            s1, s2 = u1 - over1, u2 - over2
        while True:
            part, place = _march(study, (s1, s2, along), (top, cut), shape, out)
            if part == 0.0:
                break
            total += part
            s1 += place * along + side * over1
            s2 += side * over2
    return total, math.log(area)


@compiled_strictly
def _integrate(study: Any, q: int, shape: Any, sums: Any, squares: Any) -> Any:
    """Log-likelihood of one study; its score goes into `sums`, its Hessian into `squares`."""
    slopes = np.zeros((study[4].shape[0], 2))
    out = (slopes, sums, squares)
    mode = _find_mode(study, slopes)
    total, log_area = 1.0, 0.0
    if q == 0:
        _add(1.0, (1.0, 0.0, 0.0), shape, out)
    else:
        total, log_area = _lattice(study, mode, q, shape, out)
    for r in range(sums.size):
        sums[r] /= total
        for t in range(r + 1):
            squares[r, t] = squares[r, t] / total - sums[r] * sums[t]
            squares[t, r] = squares[r, t]
    return mode[2] + math.log(total) + log_area


@compiled_strictly
def likelihoods(counts: Any, shape: Any, parameters: Any, supports: Any) -> Any:
    """Return the log-likelihood of every study with gradient and Hessian.

    Parameters
    ----------
    counts
        Family (`BINOMIAL`, `POISSON` or `HYPERGEOMETRIC`); and events, totals (binomial) and
        offsets of the linear predictor, shape (k, records).
    shape
        Factor of each parameter in each record, shape (records, p), and which of 1, u1 and
        u2 it multiplies (0, 1 or 2), shape (p,).
    parameters
        Of each study, shape (k, p).
    supports
        Log weights of the hypergeometric supports one after the other, the ratios of
        neighbours, and where each study's begin, shape (k + 1,); the events are then a place
        in the support.

    Returns
    -------
    value, gradient, hessian
        Shapes (k,), (k, p) and (k, p, p); without the terms that hold no parameter.
    """
    family, y, n, offset = counts
    design, dim = shape
    logs, steps, starts = supports
    k, m = y.shape
    p = dim.size
    q = 0
    for r in range(p):
        q = max(q, dim[r])
    value = np.empty(k)
    gradient = np.zeros((k, p))
    hessian = np.zeros((k, p, p))
    base = np.empty(m)
    load = np.zeros((m, 2))
    for i in range(k):
        for j in range(m):
            load[j, 0] = load[j, 1] = 0.0
            base[j] = offset[i, j]
            for r in range(p):
                part = parameters[i, r] * design[j, r]
                if dim[r] == 0:
                    base[j] += part
                else:
                    load[j, dim[r] - 1] += part
        first, last = starts[i], starts[i + 1]
        study = (family, y[i], n[i], base, load, logs[first:last], steps[first:last])
        value[i] = _integrate(study, q, shape, gradient[i], hessian[i])
    return value, gradient, hessian
