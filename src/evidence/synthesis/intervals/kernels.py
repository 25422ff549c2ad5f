"""Compiled kernels of the intervals: a quadratic form's tails, likelihood curves, predictions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.compiled import compiled_strictly
from evidence.synthesis.kernels.sums import log_likelihood, sums_of_mean

__all__ = ["curves", "means_and_errors", "tails"]


#: The hyperbola's asymptotes lie at this angle beyond the vertical.
_ANGLE = 0.55
_SINE, _COSINE = math.sin(_ANGLE), math.cos(_ANGLE)
#: First step of the trapezoidal rule, over the distance to the nearest pole and over the width
#: of the peak at the saddle point; its error is exp(-2π / 0.28) and exp(-2π²) at best.
_STEP_TO_POLE = 0.28
_STEP_TO_WIDTH = 1.0
#: How near two steps must come, the second one being half of the first.
_AGREED = 1e-8
_HALVINGS = 12
_NEGLIGIBLE = 1e-18
_MOST_NODES = 100_000


@compiled_strictly
def _bound_of_eigenvalues(sizes: Any, shares: Any, first: int) -> float:
    """Return an upper bound, close for our use, of the form's largest eigenvalue.

    The eigenvalues solve Σ wⱼ / (λ - dⱼ) = 0, so the largest lies between the two largest d.
    """
    second = 0.0
    for j in range(sizes.size):
        if j != first and sizes[j] > second:
            second = sizes[j]
    low, high = second, sizes[first]
    for _ in range(30):
        if high <= 1.01 * low:
            break
        middle = math.sqrt(low * high)
        total = 0.0
        for j in range(sizes.size):
            total += shares[j] / (middle - sizes[j])
        # From +infinity just above the second largest d, the sum falls to -infinity.
        if total > 0.0:
            low = middle
        else:
            high = middle
    return float(high)


@compiled_strictly
def _slope(at: float, q: float, sizes: Any, shares: Any, first: int) -> tuple[float, float]:
    """Return the derivative of the exponent q s + log φ(s) - log |s|, and its width's square."""
    slope, bend = q - 1.0 / at, 1.0 / (at * at)
    rest = rest_slope = 0.0
    for j in range(sizes.size):
        if j == first:
            continue
        factor = 1.0 + 2.0 * at * sizes[j]
        ratio = sizes[j] / factor
        slope -= ratio
        bend += 2.0 * ratio * ratio
        rest += shares[j] / factor
        rest_slope -= 2.0 * shares[j] * ratio / factor
    factor = 1.0 + 2.0 * at * sizes[first]
    last = shares[first] + factor * rest
    slope -= 0.5 * (2.0 * sizes[first] * rest + factor * rest_slope) / last
    return slope, bend


@compiled_strictly
def _log_transform(s: complex, sizes: Any, shares: Any, first: int) -> complex:
    """Return log E exp(-s Q) on the branch that is real for real s, for Im s >= 0."""
    product = complex(1.0, 0.0)
    logs = 0.0
    turns = 0
    rest = complex(0.0, 0.0)
    for j in range(sizes.size):
        if j == first:
            continue
        real = 1.0 + 2.0 * s.real * sizes[j]
        imaginary = 2.0 * s.imag * sizes[j]
        square = real * real + imaginary * imaginary
        share = shares[j] / square
        rest += complex(share * real, -share * imaginary)
        above = product.imag >= 0.0
        product *= complex(real, imaginary)
        # Every factor turns the product by less than half a circle, so it has passed the
        # negative axis exactly when it goes from the upper half-plane to the lower one.
        if above and product.imag < 0.0:
            turns += 1
        size = abs(product.real) + abs(product.imag)
        if size > 1e100 or size < 1e-100:
            logs += math.log(size)
            product /= size
    last = shares[first] + (1.0 + 2.0 * s * sizes[first]) * rest
    angle = math.atan2(product.imag, product.real) + 2.0 * math.pi * turns
    logs += math.log(abs(product)) + math.log(abs(last))
    return complex(-0.5 * logs, -0.5 * (angle + math.atan2(last.imag, last.real)))


@compiled_strictly
def _saddle(q: float, edge: float, sizes: Any, shares: Any, first: int, lower: bool) -> float:
    """Return, roughly, the real point where the contour for one tail has its saddle."""
    if lower:
        low = 0.0
        high = 1.0 / q
        while _slope(high, q, sizes, shares, first)[0] < 0.0:
            low = high
            high *= 4.0
        for _ in range(8):
            middle = 0.5 * (low + high) if low > 0.0 else 0.25 * high
            if _slope(middle, q, sizes, shares, first)[0] < 0.0:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)
    # As the share of the way from the edge of the transform's range to 0.
    low, high = 1e-9, 1.0 - 1e-9
    for _ in range(14):
        middle = math.sqrt(low * high) if low < 0.1 else 0.5 * (low + high)
        if _slope(-edge * (1.0 - middle), q, sizes, shares, first)[0] < 0.0:
            low = middle
        else:
            high = middle
    middle = math.sqrt(low * high) if low < 0.1 else 0.5 * (low + high)
    return -edge * (1.0 - middle)


@compiled_strictly
def _integrand(node: float, line: Any, sizes: Any, shares: Any, first: int) -> float:
    """Return the real part of what is integrated along the hyperbola, at one place on it."""
    reach, edge, q = line
    along = math.sinh(node)
    across = math.sqrt(1.0 + along * along)
    s = complex(reach * (1.0 - _SINE * across) - edge, reach * _COSINE * along)
    turn = complex(_COSINE * across, _SINE * along)
    value = np.exp(s * q + _log_transform(s, sizes, shares, first)) * turn / s
    return float(value.real)


@compiled_strictly
def _trapezoid(start: float, step: float, line: Any, sizes: Any, shares: Any, first: int) -> float:
    """Return the sum of the integrand from `start` in steps, until nothing more is added."""
    found = 0.0
    small = 0
    for node in range(_MOST_NODES):
        value = _integrand(start + node * step, line, sizes, shares, first)
        found += value
        small = small + 1 if abs(value) <= _NEGLIGIBLE * abs(found) else 0
        if small == 3:
            break
    return found


@compiled_strictly
def tails(q: float, weights: Any, totals: Any) -> tuple[float, float]:
    """Return P(Q <= q) and P(Q >= q) for Q = Σ aᵢ(yᵢ - ȳₐ)², the yᵢ normal with one mean.

    With dᵢ = aᵢσᵢ², E exp(-sQ) = [Π(1 + 2 s dᵢ) · Σ (aᵢ/Σa) / (1 + 2 s dᵢ)]^(-1/2): a
    sum over the studies, without eigenvalues. The smaller tail is the inverse Laplace
    transform along a hyperbola through the saddle point, by the trapezoidal rule, with a
    relative error of about 1e-12; the other is its complement.
    """
    total = 0.0
    for a in weights:
        total += a
    shares = weights / total
    sizes = weights * totals
    first = int(np.argmax(sizes))
    unit = sizes[first]
    sizes = sizes / unit
    q = q / unit
    if q <= 0.0:
        return 0.0, 1.0
    expected = 0.0
    others = total - weights[first]
    for j in range(sizes.size):
        left = others / total if j == first else 1.0 - shares[j]
        expected += sizes[j] * left
    lower = q <= expected
    edge = 0.5 / _bound_of_eigenvalues(sizes, shares, first)
    saddle = _saddle(q, edge, sizes, shares, first, lower)
    bend = _slope(saddle, q, sizes, shares, first)[1]
    reach = (saddle + edge) / (1.0 - _SINE)
    at_pole = 1.0 - edge / reach
    to_pole = abs(math.asin(at_pole) - _ANGLE) if at_pole > -1.0 else 0.5 * math.pi
    step = min(_STEP_TO_POLE * to_pole, _STEP_TO_WIDTH / (reach * _COSINE * math.sqrt(bend)))
    line = (reach, edge, q)
    half = 0.5 * _integrand(0.0, line, sizes, shares, first)
    found = step * (half + _trapezoid(step, step, line, sizes, shares, first))
    for _ in range(_HALVINGS):
        between = step * _trapezoid(0.5 * step, step, line, sizes, shares, first)
        rough, found = found, 0.5 * (found + between)
        step *= 0.5
        # Halving the step squares the error, so the last one was far below the difference.
        if abs(found - rough) <= _AGREED * abs(found):
            break
    found = min(abs(found * reach / math.pi), 1.0)
    return (found, 1.0 - found) if lower else (1.0 - found, found)


@compiled_strictly
def curves(effects: Any, variances: Any, tau2: Any, restricted: bool, out: Any) -> None:
    """Fill `out`, shape (3, m): the (restricted) log-likelihood, the mean, the sum of weights.

    The most precise study stands first, with the effect 0.
    """
    for place in range(tau2.size):
        found = sums_of_mean(effects, variances, tau2[place])
        out[0, place] = log_likelihood(effects, variances, None, tau2[place], restricted)
        out[1, place] = found[0]
        out[2, place] = found[6]


@compiled_strictly
def means_and_errors(effects: Any, variances: Any, tau2: Any, out: Any) -> None:
    """Fill `out`, shape (2, m): the mean at each tau² and its Hartung-Knapp standard error.

    The most precise study stands first, with the effect 0.
    """
    for place in range(tau2.size):
        found = sums_of_mean(effects, variances, tau2[place])
        out[0, place] = found[0]
        out[1, place] = math.sqrt(max(found[1], 0.0) / found[6] / (effects.size - 1))
