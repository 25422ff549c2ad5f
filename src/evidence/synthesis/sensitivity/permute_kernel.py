"""Compiled: the statistic of a pooled mean when the signs of effects are turned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.batches import fit_rows
from evidence.synthesis.kernels.compiled import compiled_strictly

__all__ = ["count_extremes", "mean_statistics"]

#: Arrangements written out at a time: few enough to stay in the processor's cache.
_AT_ONCE = 64


@compiled_strictly
def mean_statistics(
    effects: Any, variances: Any, method: int, fixed: float, interval: int, out: Any
) -> None:
    """Fill `out`, shape (rows,), with |mean| over its standard error, for each row of effects.

    `method` and `fixed` as `fit_rows` takes them; `interval` is 0 for Wald's standard error, 1
    for Hartung and Knapp's, 2 for that with the guard. NaN where both are 0.
    """
    found = np.empty((effects.shape[0], 7))
    df = effects.shape[1] - 1.0
    fit_rows(effects, variances, method, fixed, found)
    for row in range(effects.shape[0]):
        square = found[row, 3]
        if interval > 0:
            ratio = max(0.0, found[row, 4] / df)
            square *= max(1.0, ratio) if interval == 2 else ratio
        out[row] = abs(found[row, 2]) / math.sqrt(square)


@compiled_strictly
def count_extremes(
    effects: Any,
    variances: Any,
    first: int,
    turned: Any,
    settings: Any,
    bound: float,
) -> int:
    """Return how many arrangements of signs have a statistic that reaches `bound`.

    `turned`, shape (rows, k), says which effects change their sign. With no columns, the rows
    are the numbers from `first` on, whose bit i turns effect i. `settings` are `method`, `fixed`
    and `interval` of `mean_statistics`.
    """
    method, fixed, interval = settings
    k = effects.size
    y = np.empty((_AT_ONCE, k))
    found = np.empty(_AT_ONCE)
    rows = turned.shape[0]
    by_number = turned.shape[1] == 0
    extremes = 0
    for start in range(0, rows, _AT_ONCE):
        count = min(_AT_ONCE, rows - start)
        for row in range(count):
            number = first + start + row
            for i in range(k):
                turn = (number >> i) & 1 if by_number else turned[start + row, i]
                y[row, i] = -effects[i] if turn else effects[i]
        mean_statistics(y[:count], variances, method, fixed, interval, found[:count])
        for row in range(count):
            if found[row] >= bound or math.isnan(found[row]):
                extremes += 1
    return extremes
