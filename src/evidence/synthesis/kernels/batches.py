"""Many fits at once: rows of effects, and chosen studies of one body of evidence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.synthesis.kernels.compiled import compiled
from evidence.synthesis.kernels.estimators import DL, estimate_prepared, prepare
from evidence.synthesis.kernels.sums import sums_of_mean

__all__ = ["fit_chosen", "fit_rows"]


@compiled
def fit_rows(effects: Any, variances: Any, method: int, fixed: float, out: Any) -> None:
    """Fit a mean to each row, leaving out what is NaN; fill `out`, shape (rows, 7).

    Columns: studies, tau², mean, its Wald variance, the generalised Q at tau², Cochran's Q, and
    tr P at tau² = 0, which is k - 1 over the typical sampling variance.
    `method` below 0 takes tau² as `fixed`. A single row of effects or of variances serves all.
    """
    k = effects.shape[1]
    y_row = np.empty(k)
    v_row = np.empty(k)
    for row in range(out.shape[0]):
        y_from = row if effects.shape[0] > 1 else 0
        v_from = row if variances.shape[0] > 1 else 0
        used = 0
        for i in range(k):
            effect, variance = effects[y_from, i], variances[v_from, i]
            y_row[used], v_row[used] = effect, variance
            if not (math.isnan(effect) or math.isnan(variance)):
                used += 1
        out[row, 0] = used
        if used == 0:
            out[row, 1:] = math.nan
            continue
        y, v = y_row[:used], v_row[:used]
        origin, scale = prepare(y, v)
        mean, cochran, _, _, trace, _, total = sums_of_mean(y, v, 0.0)
        q, tau2 = cochran, math.nan
        if method < 0:
            tau2 = fixed / scale
        elif used > 1:
            # DerSimonian and Laird's needs nothing but what is there already.
            excess = max(0.0, (cochran - (used - 1)) / trace)
            tau2 = excess if method == DL else estimate_prepared(y, v, None, method)
        if used > 1 and tau2 > 0.0:
            mean, q, _, _, _, _, total = sums_of_mean(y, v, tau2)
        out[row, 1] = tau2 * scale
        out[row, 2] = origin + mean * math.sqrt(scale)
        out[row, 3] = scale / total
        out[row, 4] = q
        out[row, 5] = cochran
        out[row, 6] = trace / scale


@compiled
def fit_chosen(
    effects: Any, variances: Any, chosen: Any, method: int, fixed: float, out: Any
) -> None:
    """Fit a mean to each row of places in `effects`; a place below 0 is empty. As `fit_rows`."""
    k = chosen.shape[1]
    y = np.empty((1, k))
    v = np.empty((1, k))
    for row in range(chosen.shape[0]):
        for i in range(k):
            place = chosen[row, i]
            y[0, i] = effects[place] if place >= 0 else math.nan
            v[0, i] = variances[place] if place >= 0 else math.nan
        fit_rows(y, v, method, fixed, out[row : row + 1])
