"""Tests of several coefficients at once, and of combinations of them.

References
----------
Viechtbauer W, López-López JA, Sánchez-Meca J, Marín-Martínez F (2015). A comparison of
procedures to test for moderators in mixed-effects meta-regression models. Psychological
Methods 20:360-374.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from evidence.display import (
    Display,
    capital,
    format_interval,
    format_number,
    format_p,
    join_words,
    plural,
)
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import InvalidArgumentError, did_you_mean

__all__ = [
    "ContrastResult",
    "JointTest",
    "estimate_contrasts",
    "joint_test",
    "p_of",
    "read_contrasts",
]


#: A direction with less than this share of the largest variance is rounding noise.
_DEPENDENT = 1e-12


@dataclass(frozen=True, slots=True)
class JointTest(Display):
    """A test that several combinations of coefficients are all zero.

    Attributes
    ----------
    name
        What is tested.
    statistic
        F, or chi-square where `denominator_df` is None.
    df, denominator_df
        Degrees of freedom.
    p_value
        NaN where nothing is tested.
    """

    name: str
    statistic: float
    df: int
    denominator_df: float | None
    p_value: float

    def summary(self) -> str:
        """Return the test in one line."""
        if self.df < 1:
            return f"{self.name}: nothing to test"
        if math.isnan(self.statistic):
            return f"{self.name}: cannot be tested"
        if self.denominator_df is None:
            head = f"χ² {format_number(self.statistic)} on {self.df} df"
        else:
            df = f"{round(self.denominator_df, 1):g}"
            head = f"F {format_number(self.statistic)} on {self.df} and {df} df"
        return f"{self.name}: {head}, {format_p(self.p_value)}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        known = math.isfinite(self.statistic)
        return {
            "name": self.name,
            "statistic": self.statistic if known else None,
            "df": self.df,
            "denominator_df": self.denominator_df,
            "p_value": self.p_value if known else None,
        }


def joint_test(name: str, estimates: Floats, covariance: Floats, df: float | None) -> JointTest:
    """Test whether all of some combinations are zero.

    Parameters
    ----------
    name
        What is tested.
    estimates, covariance
        Of the combinations, shape (m,) and (m, m).
    df
        Degrees of freedom of the denominator: F; None: chi-square.

    Returns
    -------
    JointTest
        Its `df` are the combinations that do not follow from others.
    """
    m = estimates.size
    if m == 0:
        return JointTest(name, math.nan, 0, df, math.nan)
    scale = np.sqrt(np.diag(covariance))
    if not np.all(scale > 0):
        # Identical effects without the guard: the method claims certainty.
        statistic = math.inf if np.any(estimates != 0) else 0.0
    else:
        relative = covariance / np.outer(scale, scale)
        unit = estimates / scale
        values, vectors = np.linalg.eigh(relative)
        kept = values > _DEPENDENT * values[-1]
        if kept.all():
            statistic = float(unit @ np.linalg.solve(relative, unit))
        else:
            # Some combinations follow from the others, and are zero where those are.
            m = int(kept.sum())
            statistic = float(((vectors.T @ unit)[kept] ** 2 / values[kept]).sum())
    if df is None:
        return JointTest(name, statistic, m, None, float(chdtrc(m, statistic)))
    p_value = float(fdtrc(m, df, statistic / m)) if math.isfinite(statistic) else 0.0
    return JointTest(name, statistic / m, m, df, p_value)


def p_of(estimate: float, standard_error: float, df: float | None) -> float:
    """Return the two-sided p value; a standard error of 0 claims certainty."""
    if standard_error == 0:
        return 0.0 if estimate else 1.0
    return p_from_t(estimate / standard_error, df)


def read_contrasts(weights: Any, names: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
    """Return a matrix of combinations and what each is called.

    Parameters
    ----------
    weights
        A matrix with one column a coefficient; a mapping from names of coefficients to
        numbers; or a list of such mappings.
    names
        Of the coefficients.
    """
    if isinstance(weights, Mapping):
        weights = [weights]
    if isinstance(weights, Sequence) and weights and all(isinstance(w, Mapping) for w in weights):
        matrix = np.zeros((len(weights), len(names)))
        for row, mapping in enumerate(weights):
            for name, value in mapping.items():
                if name not in names:
                    raise InvalidArgumentError(
                        f"There is no coefficient {name!r}. {did_you_mean(str(name), names)}"
                    )
                matrix[row, list(names).index(name)] = _number(name, value)
    else:
        try:
            matrix = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        except (TypeError, ValueError):
            raise InvalidArgumentError(
                "A contrast is a mapping from names of coefficients to numbers, or a matrix with "
                f"one column for each of {join_words(names)}."
            ) from None
    if matrix.ndim != 2 or matrix.shape[1] != len(names) or matrix.shape[0] == 0:
        raise InvalidArgumentError(
            f"A contrast needs {plural(len(names), 'column')} in the order {join_words(names)}; "
            f"found shape {matrix.shape}."
        )
    if not np.isfinite(matrix).all():
        raise InvalidArgumentError("A contrast holds a value that is not a finite number.")
    if np.any(np.all(matrix == 0, axis=1)):
        raise InvalidArgumentError("A contrast of zeros alone compares nothing.")
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if np.linalg.matrix_rank(matrix / lengths) < matrix.shape[0]:
        raise InvalidArgumentError(
            "The contrasts depend on each other: one follows from the rest. Leave it out."
        )
    return matrix, tuple(_label(row, names) for row in matrix)


def _number(name: object, value: Any) -> float:
    if isinstance(value, str):
        raise InvalidArgumentError(f"The contrast of {name!r} is {value!r}; give a number.")
    return float(value)


def _label(row: Floats, names: Sequence[str]) -> str:
    words = []
    for value, name in zip(row, names, strict=True):
        if value:
            size = "" if abs(value) == 1 else f"{abs(value):g} × "
            words.append(f"{'− ' if value < 0 else '+ '}{size}{name}")
    return " ".join(words).removeprefix("+ ")


@dataclass(frozen=True, slots=True, eq=False)
class ContrastResult(Display):
    """Combinations of coefficients with their intervals, and a test of all at once.

    Attributes
    ----------
    names
        What each is.
    estimate, standard_error, ci_low, ci_high, p_value
        Shape (m,).
    df
        Degrees of freedom of t; None: normal.
    level
        Of the intervals.
    joint
        The test that all are zero.
    """

    names: tuple[str, ...]
    estimate: Floats
    standard_error: Floats
    ci_low: Floats
    ci_high: Floats
    p_value: Floats
    df: float | None
    level: float
    joint: JointTest

    def summary(self) -> str:
        """Return one line a combination, and the joint test where there are several."""
        lines = [
            f"{capital(name)}: {format_number(e)} ({100 * self.level:g}% CI "
            f"{format_interval(low, high)}), {format_p(p)}"
            for name, e, low, high, p in zip(
                self.names, self.estimate, self.ci_low, self.ci_high, self.p_value, strict=True
            )
        ]
        return "\n".join([*lines, self.joint.summary()] if len(lines) > 1 else lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a combination, unrounded."""
        return pd.DataFrame(
            {
                "contrast": self.names,
                "estimate": self.estimate,
                "standard_error": self.standard_error,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "p_value": self.p_value,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "contrasts": self.to_frame().to_dict("records"),
            "df": self.df,
            "level": self.level,
            "joint": self.joint.to_dict(),
        }


def estimate_contrasts(
    matrix: Floats,
    names: tuple[str, ...],
    coefficients: tuple[Floats, Floats],
    df: float | None,
    level: float,
) -> ContrastResult:
    """Estimate and test combinations of coefficients.

    Parameters
    ----------
    matrix
        Shape (m, p).
    names
        What each row is.
    coefficients
        Estimates (p,) and covariance (p, p).
    df
        Degrees of freedom of t and F; None: normal and chi-square.
    level
        Of the intervals.
    """
    estimates = matrix @ coefficients[0]
    covariance = matrix @ coefficients[1] @ matrix.T
    errors = np.sqrt(np.diag(covariance))
    reach = quantile(level, df) * errors
    p_values = [p_of(float(e), float(s), df) for e, s in zip(estimates, errors, strict=True)]
    return ContrastResult(
        names=names,
        estimate=estimates,
        standard_error=errors,
        ci_low=estimates - reach,
        ci_high=estimates + reach,
        p_value=np.array(p_values),
        df=df,
        level=level,
        joint=joint_test("All contrasts are zero", estimates, covariance, df),
    )
