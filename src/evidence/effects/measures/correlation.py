"""Correlation coefficients, raw and as Fisher's z.

References
----------
Fisher RA (1921). On the "probable error" of a coefficient of correlation deduced from a small
sample. Metron 1:3-32.
Hedges LV, Olkin I (1985). Statistical methods for meta-analysis, chapter 11. Academic Press.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats, check_level, checked
from evidence.effects.measures.choices import refuse_where
from evidence.effects.sizes import EffectSizes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["correlation_from_fisher_z", "fisher_z", "raw_correlation"]


def _pairs(correlation: ArrayLike, n: ArrayLike, fewest: int) -> tuple[Floats, Floats]:
    given = checked({"n": fewest}, correlation=correlation, n=n)
    r, people = given.values()
    refuse_where(
        np.abs(r) >= 1,
        "correlation of {study} does not lie between -1 and 1 (both excluded: a perfect one "
        "leaves no variance).",
    )
    return r, people


def raw_correlation(*, correlation: ArrayLike, n: ArrayLike, level: float = 0.95) -> EffectSizes:
    """Return correlations with the large-sample variance (1 - r²)²/(n - 1).

    The variance depends on r itself, so pooling prefers large correlations; `fisher_z` does
    not have that bias (Hedges and Olkin 1985).

    Parameters
    ----------
    correlation
        Pearson's r, between -1 and 1, a number or shape (k,).
    n
        Pairs, at least two.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    r, people = _pairs(correlation, n, fewest=2)
    variance = ((1 - r) * (1 + r)) ** 2 / (people - 1)
    return EffectSizes("correlation", "(1 - r²)²/(n - 1)", r, variance, check_level(level))


def fisher_z(*, correlation: ArrayLike, n: ArrayLike, level: float = 0.95) -> EffectSizes:
    """Return Fisher's z, artanh(r), with variance 1/(n - 3).

    Parameters
    ----------
    correlation
        Pearson's r, between -1 and 1, a number or shape (k,).
    n
        Pairs, at least four.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        On the scale of z; `correlation_from_fisher_z` leads back.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    r, people = _pairs(correlation, n, fewest=4)
    return EffectSizes(
        "Fisher's z", "1/(n - 3)", np.arctanh(r), 1 / (people - 3), check_level(level)
    )


def correlation_from_fisher_z(z: ArrayLike) -> Floats:
    """Return correlations, tanh(z), of estimates or ends of intervals; shape (k,)."""
    return np.tanh(checked(z=z)["z"])
