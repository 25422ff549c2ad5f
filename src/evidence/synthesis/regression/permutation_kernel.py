"""Compiled: the statistics of a regression under many permutations of its studies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.compiled import compiled_strictly
from evidence.synthesis.kernels.estimators import estimate
from evidence.synthesis.kernels.sums import cross_products_of_design, factorise, solve_factored

__all__ = ["arrangements", "count_extremes", "statistics"]


@compiled_strictly
def arrangements(groups: Any, starts: Any, out: Any) -> None:
    """Fill `out`, shape (n, k), with the different ways to deal studies out to groups of rows.

    `groups` is sorted and is used up; the rows of a group are alike, so which of them a study
    gets does not matter. Each row of `out` names the study that goes to each row of the design,
    whose groups begin at `starts`.
    """
    k = groups.size
    place = starts.copy()
    for row in range(out.shape[0]):
        place[:] = starts
        for study in range(k):
            out[row, place[groups[study]]] = study
            place[groups[study]] += 1
        # The next arrangement in the order of a dictionary.
        i = k - 2
        while i >= 0 and groups[i] >= groups[i + 1]:
            i -= 1
        if i < 0:
            return
        j = k - 1
        while groups[j] <= groups[i]:
            j -= 1
        groups[i], groups[j] = groups[j], groups[i]
        left, right = i + 1, k - 1
        while left < right:
            groups[left], groups[right] = groups[right], groups[left]
            left += 1
            right -= 1


@compiled_strictly
def _quadratic(rows: Any, fitted: Any, inverse: Any) -> float:
    """Return the test statistic, before any factor, that all combinations `rows` are zero."""
    m, p = rows.shape
    spread = np.zeros((m, m))
    right = np.zeros(m)
    for a in range(m):
        for r in range(p):
            right[a] += rows[a, r] * fitted[r]
            for s in range(p):
                for b in range(a + 1):
                    spread[a, b] += rows[a, r] * inverse[r, s] * rows[b, s]
    factorise(spread)
    solved = right.copy()
    solve_factored(spread, solved)
    total = 0.0
    for a in range(m):
        total += right[a] * solved[a]
    return total


@compiled_strictly
def statistics(
    y: Any, v: Any, basis: Any, back: Any, contrasts: Any, settings: Any, out: Any
) -> None:
    """Fill `out`, shape (p + 1,): squared t of each coefficient, and the omnibus statistic.

    `basis` has orthonormal columns; `back` leads from its coefficients to those of interest,
    `contrasts` to what the omnibus test compares. `settings` are the estimator of tau² (below 0:
    tau² is given), the given tau², and the variance of the coefficients: 0 for Wald's, 1 for
    Knapp and Hartung's, 2 for that with the guard.
    """
    method, fixed, interval = settings
    k, p = basis.shape
    tau2 = estimate(y, v, basis, method) if method >= 0 else fixed
    weights = 1.0 / (v + tau2)
    factor = cross_products_of_design(basis, weights, 1)
    factorise(factor)
    fitted = np.zeros(p)
    inverse = np.zeros((p, p))
    for i in range(k):
        for s in range(p):
            fitted[s] += weights[i] * basis[i, s] * y[i]
    solve_factored(factor, fitted)
    for s in range(p):
        inverse[s, s] = 1.0
        solve_factored(factor, inverse[s])
    scale = 1.0
    if interval > 0:
        q = 0.0
        for i in range(k):
            r = y[i]
            for s in range(p):
                r -= basis[i, s] * fitted[s]
            q += weights[i] * r * r
        scale = q / (k - p)
        if interval == 2:
            scale = max(1.0, scale)
    for j in range(p):
        out[j] = _quadratic(back[j : j + 1], fitted, inverse) / scale
    out[p] = _quadratic(contrasts, fitted, inverse) / scale


@compiled_strictly
def count_extremes(
    data: Any,
    basis: Any,
    back: Any,
    contrasts: Any,
    orders: Any,
    settings: Any,
    bounds: Any,
) -> Any:
    """Return how often each statistic reaches its bound, over orders of the studies.

    `data` holds effects and variances, shape (2, k); `orders` the study of each row of the
    design, shape (n, k); `settings` as `statistics` takes them.
    """
    k = data.shape[1]
    found = np.empty(bounds.size)
    counts = np.zeros(bounds.size, dtype=np.int64)
    y = np.empty(k)
    v = np.empty(k)
    for row in range(orders.shape[0]):
        for i in range(k):
            y[i] = data[0, orders[row, i]]
            v[i] = data[1, orders[row, i]]
        statistics(y, v, basis, back, contrasts, settings, found)
        for j in range(bounds.size):
            if found[j] >= bounds[j] or math.isnan(found[j]):
                counts[j] += 1
    return counts
