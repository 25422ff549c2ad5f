"""What estimators of tau² are made of: weighted sums, quadratic forms, likelihoods.

With W = diag(1 / (v + tau²)) and P = W - WX(X'WX)⁻¹X'W, the generalised Q is y'Py; it falls with
tau² at the rate y'PPy. The score of the restricted likelihood is (y'PPy - tr P) / 2, its
derivative (tr PP - 2 y'PPPy) / 2. No design (None) stands for a mean alone, whose sums are
written out; compiled for it, a kernel holds nothing of the other case.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.compiled import compiled

__all__ = ["factorise", "log_likelihood", "moments", "solve_factored", "sums_of_mean"]


@compiled
def sums_of_mean(effects: Any, variances: Any, tau2: float) -> tuple[float, ...]:
    """Return mean, Q, y'PPy, y'PPPy, tr P, tr PP and the sum of weights, for a mean alone.

    The most precise study stands first and its effect is 0, so that neither the residuals nor
    tr P cancel where it carries nearly all the weight.
    """
    s1 = s2 = s3 = t1 = t2 = t3 = u1 = u2 = u3 = 0.0
    for i in range(1, effects.size):
        y = effects[i]
        w = 1.0 / (variances[i] + tau2)
        wy = w * y
        s1 += w
        t1 += wy
        u1 += wy * y
        w2 = w * w
        s2 += w2
        t2 += w2 * y
        u2 += w2 * y * y
        w3 = w2 * w
        s3 += w3
        t3 += w3 * y
        u3 += w3 * y * y
    first = 1.0 / (variances[0] + tau2)
    total = s1 + first
    mean = t1 / total
    m2 = mean * mean
    first2 = first * first
    squares = s2 + first2
    cubes = s3 + first2 * first
    q = u1 - t1 * mean
    ypp = u2 - 2.0 * mean * t2 + m2 * squares
    across = t2 - mean * squares
    yppp = u3 - 2.0 * mean * t3 + m2 * cubes - across * across / total
    trace = (2.0 * first * s1 + (s1 * s1 - s2)) / total
    trace2 = squares - 2.0 * cubes / total + (squares / total) ** 2
    return mean, q, ypp, yppp, trace, trace2, total


@compiled
def factorise(matrix: Any) -> float:
    """Replace a positive definite matrix by its lower factor; return the log of its determinant."""
    p = matrix.shape[0]
    log_determinant = 0.0
    for j in range(p):
        for i in range(j, p):
            total = matrix[i, j]
            for m in range(j):
                total -= matrix[i, m] * matrix[j, m]
            if i == j:
                log_determinant += math.log(total)
                matrix[j, j] = math.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    return log_determinant


@compiled
def solve_factored(factor: Any, right: Any) -> None:
    """Solve in place for one vector, given the lower factor."""
    p = factor.shape[0]
    for i in range(p):
        total = right[i]
        for m in range(i):
            total -= factor[i, m] * right[m]
        right[i] = total / factor[i, i]
    for i in range(p - 1, -1, -1):
        total = right[i]
        for m in range(i + 1, p):
            total -= factor[m, i] * right[m]
        right[i] = total / factor[i, i]


@compiled
def cross_products_of_design(design: Any, weights: Any, power: int) -> Any:
    """Return X'WᵖX for a diagonal W, shape (p, p)."""
    k, p = design.shape
    found = np.zeros((p, p))
    for i in range(k):
        w = 1.0
        for _ in range(power):
            w *= weights[i]
        for r in range(p):
            for s in range(p):
                found[r, s] += w * design[i, r] * design[i, s]
    return found


@compiled
def _sums_of_design(effects: Any, variances: Any, design: Any, tau2: float) -> tuple[float, ...]:
    """Return 0, Q, y'PPy, y'PPPy, tr P, tr PP and log |X'WX|, for a design of p columns."""
    k, p = design.shape
    weights = np.empty(k)
    for i in range(k):
        weights[i] = 1.0 / (variances[i] + tau2)
    a = cross_products_of_design(design, weights, 1)
    log_determinant = factorise(a)
    beta = np.zeros(p)
    trace = trace2 = 0.0
    for i in range(k):
        trace += weights[i]
        trace2 += weights[i] * weights[i]
        for s in range(p):
            beta[s] += weights[i] * design[i, s] * effects[i]
    solve_factored(a, beta)
    q = ypp = yppp = 0.0
    across = np.zeros(p)
    kept = np.empty(p)
    for i in range(k):
        r = effects[i]
        for s in range(p):
            r -= design[i, s] * beta[s]
        u = weights[i] * r
        q += u * r
        ypp += u * u
        yppp += weights[i] * u * u
        for s in range(p):
            across[s] += design[i, s] * weights[i] * u
    for s in range(p):
        kept[s] = across[s]
    solve_factored(a, across)
    # Rows of B A⁻¹ and C A⁻¹, where A, B and C are X'WX, X'W²X and X'W³X.
    b = cross_products_of_design(design, weights, 2)
    c = cross_products_of_design(design, weights, 3)
    for s in range(p):
        yppp -= kept[s] * across[s]
        solve_factored(a, b[s])
        solve_factored(a, c[s])
        trace -= b[s, s]
        trace2 -= 2.0 * c[s, s]
    for r in range(p):
        for s in range(p):
            trace2 += b[r, s] * b[s, r]
    return 0.0, q, ypp, yppp, trace, trace2, log_determinant


@compiled
def moments(effects: Any, variances: Any, design: Any, tau2: float) -> tuple[float, ...]:
    """Return mean, Q, y'PPy, y'PPPy, tr P, tr PP at tau² (and what the likelihood needs)."""
    if design is None:
        return sums_of_mean(effects, variances, tau2)
    return _sums_of_design(effects, variances, design, tau2)


@compiled
def log_likelihood(
    effects: Any, variances: Any, design: Any, tau2: float, restricted: bool
) -> float:
    """Return the (restricted) log-likelihood of tau², up to a constant."""
    found = moments(effects, variances, design, tau2)
    logs = 0.0
    for v in variances:
        logs += math.log(v + tau2)
    if restricted:
        logs += math.log(found[6]) if design is None else found[6]
    return -0.5 * (logs + found[1])
