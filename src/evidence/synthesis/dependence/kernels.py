"""Likelihoods of models with blocks, compiled: cost linear in the number of clusters.

Written from the model alone: e ~ N(0, Σ), Σ block-diagonal, effects = design β + e. Both
kernels take the design and the effects as the columns of one array, the effects last.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.compiled import compiled_strictly

__all__ = ["block_likelihood", "rank_one_grid", "rank_one_likelihood"]

Array = Any


@compiled_strictly
def _factor(matrix: Array, size: int) -> bool:
    """Cholesky factor in place (lower triangle); False where it is not positive definite."""
    for j in range(size):
        for i in range(j, size):
            total = matrix[i, j]
            for m in range(j):
                total -= matrix[i, m] * matrix[j, m]
            if i == j:
                if not total > 0.0:
                    return False
                matrix[j, j] = math.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    return True


@compiled_strictly
def _invert(factor: Array, size: int, inverse: Array) -> None:
    """Write the inverse of L Lᵀ into `inverse`."""
    for column in range(size):
        for i in range(size):
            total = 1.0 if i == column else 0.0
            for m in range(i):
                total -= factor[i, m] * inverse[m, column]
            inverse[i, column] = total / factor[i, i]
        for i in range(size - 1, -1, -1):
            total = inverse[i, column]
            for m in range(i + 1, size):
                total -= factor[m, i] * inverse[m, column]
            inverse[i, column] = total / factor[i, i]


@compiled_strictly
def _solve_mean(gram: Array, width: int, inverse: Array, beta: Array) -> tuple[float, float]:
    """Fill β and (X'WX)⁻¹; return the log-determinant of X'WX and the residual sum of squares."""
    q = width - 1
    factor = gram.copy()
    if not _factor(factor, q):
        return np.nan, np.nan
    log_det = 0.0
    for j in range(q):
        log_det += 2.0 * math.log(factor[j, j])
    _invert(factor, q, inverse)
    rss = gram[q, q]
    for i in range(q):
        total = 0.0
        for j in range(q):
            total += inverse[i, j] * gram[q, j]
        beta[i] = total
        rss -= total * gram[q, i]
    return log_det, rss


@compiled_strictly
def _mirror(matrix: Array, size: int) -> None:
    """Copy the lower triangle to the upper one."""
    for j in range(size):
        for m in range(j):
            matrix[m, j] = matrix[j, m]


@compiled_strictly
def _rank_one_sums(
    columns: Array,
    direction: Array,
    spread: Array,
    starts: Array,
    between: float,
    within: float,
    means: Array,
    gram: Array,
) -> float:
    """Fill the cross-products and each cluster's means, its weight last; return log|Σ|.

    Σ of a cluster is D + between·z z', D diagonal: the cross-products are those of the
    deviations from the cluster's weighted mean, and of the means with the weight they have
    left, which loses no digits to cancellation however large `between` is.
    """
    width = columns.shape[1]
    log_det = 0.0
    gram[:, :] = 0.0
    for c in range(starts.size - 1):
        total = 0.0
        for j in range(width):
            means[c, j] = 0.0
        for i in range(starts[c], starts[c + 1]):
            d = spread[i] + within
            log_det += math.log(d)
            w = direction[i] / d
            total += w * direction[i]
            for j in range(width):
                means[c, j] += w * columns[i, j]
        means[c, width] = total
        log_det += math.log1p(between * total)
        for j in range(width):
            means[c, j] /= total
        for i in range(starts[c], starts[c + 1]):
            w = 1.0 / (spread[i] + within)
            for j in range(width):
                a = (columns[i, j] - means[c, j] * direction[i]) * w
                for m in range(j + 1):
                    gram[j, m] += a * (columns[i, m] - means[c, m] * direction[i])
        share = total / (1.0 + between * total)
        for j in range(width):
            for m in range(j + 1):
                gram[j, m] += share * means[c, j] * means[c, m]
    _mirror(gram, width)
    return log_det


@compiled_strictly
def rank_one_grid(
    columns: Array,
    direction: Array,
    spread: Array,
    starts: Array,
    betweens: Array,
    withins: Array,
    restricted: bool,
) -> Array:
    """Return the log-likelihoods over a grid of both components, without their constant."""
    width = columns.shape[1]
    means = np.empty((starts.size - 1, width + 1))
    gram = np.empty((width, width))
    inverse = np.empty((width, width))
    beta = np.empty(width)
    values = np.empty((betweens.size, withins.size))
    for a in range(betweens.size):
        for b in range(withins.size):
            log_det = _rank_one_sums(
                columns, direction, spread, starts, betweens[a], withins[b], means, gram
            )
            log_mean, rss = _solve_mean(gram, width, inverse, beta)
            values[a, b] = -0.5 * (log_det + rss + (log_mean if restricted else 0.0))
    return values


@compiled_strictly
def rank_one_likelihood(
    columns: Array,
    direction: Array,
    spread: Array,
    starts: Array,
    between: float,
    within: float,
    restricted: bool,
) -> Any:
    """Return log-likelihood, its two derivatives, β, (X'WX)⁻¹ and the residual sum of squares."""
    width = columns.shape[1]
    q = width - 1
    means = np.empty((starts.size - 1, width + 1))
    gram = np.empty((width, width))
    inverse = np.zeros((q, q))
    beta = np.zeros(q)
    log_det = _rank_one_sums(columns, direction, spread, starts, between, within, means, gram)
    log_mean, rss = _solve_mean(gram, width, inverse, beta)
    squares_within = 0.0
    squares_between = 0.0
    trace_within = 0.0
    trace_between = 0.0
    weighted = np.empty(q)
    lean_within = np.zeros((q, q))
    lean_between = np.zeros((q, q))
    for c in range(starts.size - 1):
        left = 1.0 / (1.0 + between * means[c, width])
        residual_mean = means[c, q]
        for j in range(q):
            residual_mean -= means[c, j] * beta[j]
        share = means[c, width] * left
        squares_between += (residual_mean * share) ** 2
        trace_between += share
        for j in range(q):
            for m in range(q):
                lean_between[j, m] += share * means[c, j] * share * means[c, m]
        for i in range(starts[c], starts[c + 1]):
            w = 1.0 / (spread[i] + within)
            z = direction[i]
            others = means[c, width] - z * z * w
            trace_within += w * (1.0 + between * others) * left
            residual = columns[i, q]
            for j in range(q):
                residual -= columns[i, j] * beta[j]
                weighted[j] = w * (columns[i, j] - z * means[c, j] * (1.0 - left))
            squares_within += (w * (residual - z * residual_mean * (1.0 - left))) ** 2
            for j in range(q):
                for m in range(q):
                    lean_within[j, m] += weighted[j] * weighted[m]
    if restricted:
        for j in range(q):
            for m in range(q):
                trace_within -= inverse[j, m] * lean_within[m, j]
                trace_between -= inverse[j, m] * lean_between[m, j]
    value = -0.5 * (log_det + rss + (log_mean if restricted else 0.0))
    return (
        value,
        0.5 * (squares_between - trace_between),
        0.5 * (squares_within - trace_within),
        beta,
        inverse,
        rss,
    )


@compiled_strictly
def _block_weights(
    kind: Array, known: Array, offsets: Array, starts: Array, random: Array, weights: Array
) -> float:
    """Fill the inverse of each cluster's covariance; return log|Σ|, NaN where not definite."""
    largest = 0
    for c in range(starts.size - 1):
        largest = max(largest, starts[c + 1] - starts[c])
    sigma = np.empty((largest, largest))
    inverse = np.empty((largest, largest))
    log_det = 0.0
    for c in range(starts.size - 1):
        first = starts[c]
        size = starts[c + 1] - first
        at = offsets[c]
        for i in range(size):
            for j in range(size):
                sigma[i, j] = known[at + i * size + j] + random[kind[first + i], kind[first + j]]
        if not _factor(sigma, size):
            return np.nan
        _invert(sigma, size, inverse)
        for i in range(size):
            log_det += 2.0 * math.log(sigma[i, i])
            for j in range(size):
                weights[at + i * size + j] = inverse[i, j]
    return log_det


@compiled_strictly
def _block_sums(
    columns: Array, weights: Array, offsets: Array, starts: Array, weighted: Array, gram: Array
) -> None:
    """Fill the weighted columns and their cross-products."""
    width = columns.shape[1]
    gram[:, :] = 0.0
    for c in range(starts.size - 1):
        first = starts[c]
        size = starts[c + 1] - first
        at = offsets[c]
        for i in range(size):
            for a in range(width):
                total = 0.0
                for j in range(size):
                    total += weights[at + i * size + j] * columns[first + j, a]
                weighted[first + i, a] = total
            for a in range(width):
                for b in range(width):
                    gram[a, b] += columns[first + i, a] * weighted[first + i, b]


@compiled_strictly
def _block_slope(
    kind: Array, weights: Array, offsets: Array, starts: Array, scores: Array, slope: Array
) -> None:
    """Fill the derivative from the weights and the outer products of the scores.

    The first column of the scores is the weighted residual; with a restricted likelihood the
    others are a root of what the estimated mean takes up.
    """
    slope[:, :] = 0.0
    for c in range(starts.size - 1):
        first = starts[c]
        size = starts[c + 1] - first
        for i in range(size):
            for j in range(size):
                entry = -weights[offsets[c] + i * size + j]
                for a in range(scores.shape[1]):
                    entry += scores[first + i, a] * scores[first + j, a]
                slope[kind[first + i], kind[first + j]] += 0.5 * entry


@compiled_strictly
def block_likelihood(
    columns: Array,
    kind: Array,
    known: Array,
    offsets: Array,
    starts: Array,
    random: Array,
    restricted: bool,
) -> Any:
    """Return log-likelihood, its derivative to `random`, β, (X'WX)⁻¹ and the sum of squares.

    Σ of a cluster is its block of `known` (flat, from `offsets`) plus the entries of the
    matrix `random` for the kinds (outcomes) of its rows.
    """
    k, width = columns.shape
    q = width - 1
    weights = np.empty(known.size)
    weighted = np.empty(columns.shape)
    gram = np.empty((width, width))
    inverse = np.zeros((q, q))
    beta = np.zeros(q)
    slope = np.zeros(random.shape)
    log_det = _block_weights(kind, known, offsets, starts, random, weights)
    if not np.isfinite(log_det):
        return -np.inf, slope, beta, inverse, np.nan
    _block_sums(columns, weights, offsets, starts, weighted, gram)
    log_mean, rss = _solve_mean(gram, width, inverse, beta)
    if not np.isfinite(log_mean):
        return -np.inf, slope, beta, inverse, np.nan
    scores = np.zeros((k, width if restricted else 1))
    root = inverse.copy()
    if restricted and not _factor(root, q):
        return -np.inf, slope, beta, inverse, np.nan
    for i in range(k):
        scores[i, 0] = weighted[i, q]
        for j in range(q):
            scores[i, 0] -= weighted[i, j] * beta[j]
        for a in range(scores.shape[1] - 1):
            for j in range(a, q):
                scores[i, a + 1] += weighted[i, j] * root[j, a]
    _block_slope(kind, weights, offsets, starts, scores, slope)
    value = -0.5 * (log_det + rss + (log_mean if restricted else 0.0))
    return value, slope, beta, inverse, rss
