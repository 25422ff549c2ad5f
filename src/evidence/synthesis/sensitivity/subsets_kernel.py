"""Compiled: the fits of many subsets of studies, and how those with a study differ from the rest.

A subset is a row of 32-bit words; study i belongs to it where bit i % 32 of word i // 32 is set.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.batches import fit_rows
from evidence.synthesis.kernels.compiled import compiled_strictly

__all__ = ["compare_members", "fit_subsets"]

#: Subsets written out at a time: few enough to stay in the processor's cache.
_AT_ONCE = 64


@compiled_strictly
def fit_subsets(
    effects: Any, variances: Any, masks: Any, method: int, fixed: float, common: bool, out: Any
) -> None:
    """Fit a mean to each subset; fill `out`, shape (4, rows): mean, tau², I² in percent, Q.

    `method` and `fixed` as `fit_rows` takes them. What one study cannot tell is NaN. Only the
    mean, tau² and Q of `fit_rows` are used, and tr P at tau² = 0, for the typical variance.
    """
    k = effects.size
    y = np.empty((_AT_ONCE, k))
    v = np.empty((_AT_ONCE, k))
    found = np.empty((_AT_ONCE, 7))
    rows = masks.shape[0]
    for start in range(0, rows, _AT_ONCE):
        count = min(_AT_ONCE, rows - start)
        for row in range(count):
            for i in range(k):
                inside = (masks[start + row, i >> 5] >> (i & 31)) & 1
                y[row, i] = effects[i] if inside else math.nan
                v[row, i] = variances[i]
        fit_rows(y[:count], v[:count], method, fixed, found[:count])
        for row in range(count):
            at = start + row
            df = found[row, 0] - 1.0
            tau2, q, trace = found[row, 1], found[row, 5], found[row, 6]
            out[0, at] = found[row, 2]
            if df < 1.0:
                out[1, at] = out[2, at] = out[3, at] = math.nan
                continue
            out[1, at] = tau2
            out[3, at] = q
            if common:
                out[2, at] = max(0.0, 100.0 * (q - df) / q) if q > 0.0 else 0.0
            else:
                out[2, at] = 100.0 * tau2 / (tau2 + df / trace)


@compiled_strictly
def compare_members(masks: Any, values: Any, order: Any, tied: float, out: Any) -> None:
    """Compare a value between the subsets with each study and those without it.

    `order` sorts the values that are known; those no further apart than `tied` are ties. Fills
    `out`, shape (k, 3): the median with the study, the median without it, and how often a subset
    with it lies above one without it, ties counted half (Mann and Whitney's statistic as a
    share); NaN where there is no subset of a kind.
    """
    k = out.shape[0]
    n = order.size
    members = np.zeros(k, dtype=np.int64)
    for place in range(n):
        for i in range(k):
            members[i] += (masks[order[place], i >> 5] >> (i & 31)) & 1
    seen = np.zeros((k, 2), dtype=np.int64)
    ranks = np.zeros(k)
    middle = np.zeros((k, 2))
    begin = 0
    while begin < n:
        end = begin + 1
        while end < n and values[order[end]] - values[order[begin]] <= tied:
            end += 1
        rank = 0.5 * (begin + 1 + end)
        for place in range(begin, end):
            value = values[order[place]]
            for i in range(k):
                inside = (masks[order[place], i >> 5] >> (i & 31)) & 1
                kind = 1 - inside
                total = members[i] if inside else n - members[i]
                # The two middle ones, which are one where their number is odd.
                if seen[i, kind] == (total - 1) // 2:
                    middle[i, kind] += 0.5 * value
                if seen[i, kind] == total // 2:
                    middle[i, kind] += 0.5 * value
                seen[i, kind] += 1
                ranks[i] += rank * inside
        begin = end
    for i in range(k):
        inside, outside = members[i], n - members[i]
        out[i, 0] = middle[i, 0] if inside else math.nan
        out[i, 1] = middle[i, 1] if outside else math.nan
        if inside and outside:
            below = ranks[i] - 0.5 * inside * (inside + 1.0)
            out[i, 2] = below / (float(inside) * float(outside))
        else:
            out[i, 2] = math.nan
