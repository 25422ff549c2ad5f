"""The exact small-sample correction of a standardised mean difference.

References
----------
Hedges LV (1981). Distribution theory for Glass's estimator of effect size and related
estimators. Journal of Educational Statistics 6:107-128.
Tricomi FG, Erdélyi A (1951). The asymptotic expansion of a ratio of gamma functions. Pacific
Journal of Mathematics 1:133-142.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from evidence.effects.arguments import Floats, checked_views

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["exact_correction", "hedges_correction"]

#: Beyond these degrees of freedom the asymptotic series is exact to rounding, and the
#: logarithms of the gamma functions lose digits to each other.
_SERIES_FROM = 200.0
#: Degrees of freedom are mostly whole: up to here each correction is computed once.
_TABLE = 10_000
#: As many values as make it worth a look whether the table holds them all.
_MANY = 256


def hedges_correction(df: ArrayLike) -> Floats:
    """Return the exact small-sample correction J of a standardised mean difference.

    J = Γ(df/2) / (√(df/2) Γ((df-1)/2)), Hedges 1981, equation 6e. Beyond 200 degrees of
    freedom the logarithms of the gamma functions lose digits to each other, and the
    ratio's asymptotic series (Tricomi and Erdélyi 1951) is exact to rounding.

    Parameters
    ----------
    df
        Degrees of freedom of the standard deviation, above 1; a number or shape (k,).

    Returns
    -------
    array, shape (k,)
    """
    return exact_correction(checked_views(None, {"df": 1}, df=df)["df"])


def exact_correction(df: Floats) -> Floats:
    """Return what `hedges_correction` does, of checked degrees of freedom above 1."""
    if df.size >= _MANY:
        place = df.astype(np.intp)
        if int(place.max()) <= _TABLE and bool((place == df).all()):
            return _table()[place]
    return _correction(df)


@cache
def _table() -> Floats:
    values = np.full(_TABLE + 1, np.nan)
    values[2:] = _correction(np.arange(2.0, _TABLE + 1))
    return values


def _correction(df: Floats) -> Floats:
    series = df > _SERIES_FROM
    result = np.empty(df.shape)
    m = df[~series]
    result[~series] = np.exp(gammaln(m / 2) - gammaln((m - 1) / 2)) / np.sqrt(m / 2)
    m = df[series]
    x = (m - 1) / 2
    y = 1 / x
    terms = 5 / 1024 + y * (-21 / 32768 - y * (399 / 262144))
    result[series] = np.sqrt(x / (m / 2)) * (1 + y * (-1 / 8 + y * (1 / 128 + y * terms)))
    return result
