"""Coefficients with their standard errors, degrees of freedom, intervals and p values."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import InvalidArgumentError

__all__ = ["OnlyCoefficient", "contrast_matrix", "f_p_value", "inference", "single_row"]


def inference(
    terms: tuple[str, ...],
    estimates: Floats,
    standard_errors: Floats,
    df: list[float | None],
    level: float,
) -> pd.DataFrame:
    """Return one row a coefficient.

    Parameters
    ----------
    terms, estimates, standard_errors
        Shape (q,).
    df
        Degrees of freedom; None for the normal distribution, NaN where there are none.
    level
        Confidence level.

    Returns
    -------
    DataFrame
        With `term`, `estimate`, `standard_error`, `statistic`, `df`, `ci_low`, `ci_high`
        and `p_value`.
    """
    rows = []
    for term, estimate, se, freedom in zip(terms, estimates, standard_errors, df, strict=True):
        usable = freedom is None or freedom > 0
        reach = quantile(level, freedom) * se if usable else math.nan
        # A standard error of 0: the rows agree entirely, and the method claims certainty.
        t = estimate / se if se > 0 else math.copysign(math.inf, estimate) if estimate else 0.0
        rows.append(
            {
                "term": term,
                "estimate": float(estimate),
                "standard_error": float(se),
                "statistic": float(t),
                "df": math.inf if freedom is None else float(freedom),
                "ci_low": float(estimate - reach),
                "ci_high": float(estimate + reach),
                "p_value": p_from_t(float(t), freedom) if usable else math.nan,
            }
        )
    return pd.DataFrame(rows)


def single_row(table: pd.DataFrame, name: str) -> float:
    """Return a number of the only coefficient, refusing where there are several."""
    if len(table) != 1:
        raise InvalidArgumentError(
            f"This model has {len(table)} coefficients ({', '.join(table['term'])}), so there is "
            f"no one {name}; see its coefficients."
        )
    return float(table[name].iloc[0])


def contrast_matrix(terms: tuple[str, ...], contrasts: object) -> Floats:
    """Return contrasts as a matrix: names of coefficients, or rows of numbers.

    Parameters
    ----------
    terms
        Names of the coefficients.
    contrasts
        Names of the coefficients that are to be 0 together; or an array of shape (r, q); or
        None for all.

    Raises
    ------
    InvalidArgumentError
        For an unknown name, another shape, and contrasts that say the same twice.
    """
    q = len(terms)
    if contrasts is None:
        return np.eye(q)
    named = [contrasts] if isinstance(contrasts, str) else contrasts
    if isinstance(named, list | tuple) and all(isinstance(name, str) for name in named) and named:
        unknown = [name for name in named if name not in terms]
        if unknown:
            raise InvalidArgumentError(
                f"There is no coefficient {unknown[0]!r}; known are {', '.join(terms)}."
            )
        return np.eye(q)[[terms.index(name) for name in named]]
    try:
        matrix = np.atleast_2d(np.asarray(named, dtype=np.float64))
    except (TypeError, ValueError):
        matrix = np.empty((0, 0))
    if matrix.ndim != 2 or matrix.shape[1] != q or not matrix.size or not np.isfinite(matrix).all():
        raise InvalidArgumentError(
            f"contrasts must be names of coefficients ({', '.join(terms)}), or rows of {q} "
            "finite numbers."
        )
    if np.linalg.matrix_rank(matrix) < matrix.shape[0]:
        raise InvalidArgumentError("contrasts say the same more than once; leave one out.")
    return matrix


def f_p_value(f: float, df_numerator: float, df_denominator: float) -> float:
    """Return the upper tail of F; of chi-square over its degrees of freedom for infinite df."""
    from scipy.special import chdtrc

    if math.isinf(df_denominator):
        return float(chdtrc(df_numerator, f * df_numerator))
    return float(fdtrc(df_numerator, df_denominator, f))


class OnlyCoefficient:
    """What a result says directly where its coefficients are one mean."""

    __slots__ = ()
    coefficients: pd.DataFrame

    @property
    def estimate(self) -> float:
        """The mean effect, where it is the only coefficient."""
        return single_row(self.coefficients, "estimate")

    @property
    def standard_error(self) -> float:
        """Standard error of the only coefficient."""
        return single_row(self.coefficients, "standard_error")

    @property
    def ci_low(self) -> float:
        """Lower end of the interval of the only coefficient."""
        return single_row(self.coefficients, "ci_low")

    @property
    def ci_high(self) -> float:
        """Upper end of the interval of the only coefficient."""
        return single_row(self.coefficients, "ci_high")

    @property
    def p_value(self) -> float:
        """Two-sided p value of the only coefficient against 0."""
        return single_row(self.coefficients, "p_value")
