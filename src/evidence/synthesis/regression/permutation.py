"""Permutation tests of a meta-regression.

References
----------
Higgins JPT, Thompson SG (2004). Controlling the risk of spurious findings from
meta-regression. Statistics in Medicine 23:1663-1682.
Phipson B, Smyth GK (2010). Permutation p-values should never be zero. Statistical
Applications in Genetics and Molecular Biology 9:39.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, format_p
from evidence.effects.arguments import Floats, is_number
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.tau2 import method_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evidence.synthesis.regression.result import RegressionResult

__all__ = ["PermutationResult", "permutation_test"]

_FEWEST = 99
#: Statistics this close count as equal: what a permutation of like studies gives.
_TIED = 1e-8
_ENTRIES_AT_ONCE = 2_000_000
_INTERVALS = {"Wald": 0, "t": 0, "HKSJ": 1, "HKSJ-adhoc": 2}


@dataclass(frozen=True, slots=True, eq=False)
class PermutationResult(Display):
    """P values from permuting the moderators over the studies.

    Attributes
    ----------
    names
        Of the coefficients.
    p_values
        Shape (p,), two-sided; NaN for the intercept, which permuting does not test.
    monte_carlo_errors
        Standard errors of the p values from the number of permutations; 0 where all were used.
    omnibus_p_value, omnibus_monte_carlo_error
        Of the test that no moderator matters.
    permutations
        How many were used.
    exact
        Whether these are all there are.
    seed
        Of the random ones; None for an exact test.
    """

    names: tuple[str, ...]
    p_values: Floats
    monte_carlo_errors: Floats
    omnibus_p_value: float
    omnibus_monte_carlo_error: float
    permutations: int
    exact: bool
    seed: int | None

    def summary(self) -> str:
        """Return the p values in words."""
        how = "all different" if self.exact else "random"
        lines = [f"Permutation test, {self.permutations:,} {how} permutations of the moderators"]
        rows = [
            *zip(self.names, self.p_values, self.monte_carlo_errors, strict=True),
            (
                "All moderators together",
                self.omnibus_p_value,
                self.omnibus_monte_carlo_error,
            ),
        ]
        for name, p, error in rows:
            if not math.isnan(p):
                give = "" if self.exact else f" (give or take {format_number(2 * error, 3)})"
                lines.append(f"{name}: {format_p(float(p))}{give}")
        if self.exact and 1 / self.permutations > 0.05:
            lines.append(
                f"Note: With {self.permutations} permutations no p value can be below "
                f"{format_number(1 / self.permutations, 3)}."
            )
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient and one for the omnibus test."""
        return pd.DataFrame(
            {
                "term": [*self.names, "omnibus"],
                "p_value": [*self.p_values, self.omnibus_p_value],
                "monte_carlo_error": [*self.monte_carlo_errors, self.omnibus_monte_carlo_error],
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "p_values": {
                name: None if math.isnan(p) else float(p)
                for name, p in zip(self.names, self.p_values, strict=True)
            },
            "omnibus_p_value": self.omnibus_p_value,
            "monte_carlo_errors": {
                name: None if math.isnan(error) else float(error)
                for name, error in zip(self.names, self.monte_carlo_errors, strict=True)
            },
            "permutations": self.permutations,
            "exact": self.exact,
            "seed": self.seed,
        }


def permutation_test(
    result: RegressionResult, permutations: int = 10_000, seed: int = 0
) -> PermutationResult:
    """Return p values of a regression from permuting its moderators over the studies.

    Parameters
    ----------
    result
        Of `regress`; its estimator and its test statistics are used.
    permutations
        How many at most. Where there are fewer different ones, all are used; otherwise they
        are drawn at random, and the studies as they are count as one more.
    seed
        Of the random ones.

    Returns
    -------
    PermutationResult

    Raises
    ------
    InvalidArgumentError
        Below 99 permutations; a seed that is not a whole number.
    InsufficientEvidenceError
        Without moderators.

    Notes
    -----
    The rows of the design move together, so every p value is under the hypothesis that no
    moderator matters at all. The intercept is not tested: it means the same in any order.
    """
    from evidence.synthesis.regression.permutation_kernel import count_extremes, statistics

    _check(permutations, seed)
    design = result.design
    if not result.omnibus.df:
        raise InsufficientEvidenceError(
            "There is no moderator to permute; the model is a mean alone."
        )
    basis = np.ascontiguousarray(design.basis)
    back = np.ascontiguousarray(design.back)
    contrasts = np.ascontiguousarray(design.moderator_contrasts @ back)
    chosen = result.method.tau2_method if result.method.model == "random" else 0.0
    code, fixed = (method_code(chosen), 0.0) if isinstance(chosen, str) else (-1, chosen)
    settings = (code, fixed, _INTERVALS[result.method.ci_method])
    # A common shift moves no moderator's coefficient, and costs large effects their digits.
    shift = float(result.effects.mean()) if design.constant is not None else 0.0
    data = np.array([result.effects - shift, result.variances])
    observed = np.empty(design.p + 1)
    statistics(data[0], data[1], basis, back, contrasts, settings, observed)
    orders, exact = _orders(design.matrix, permutations, seed)
    counts = np.zeros(design.p + 1, dtype=np.int64)
    total = 0
    for chunk in orders:
        total += len(chunk)
        bounds = observed * (1 - _TIED)
        counts += count_extremes(data, basis, back, contrasts, chunk, settings, bounds)
    p_values = counts / total if exact else (counts + 1) / (total + 1)
    errors = np.zeros(design.p + 1) if exact else np.sqrt(p_values * (1 - p_values) / total)
    if design.intercept is not None:
        p_values[design.intercept] = errors[design.intercept] = math.nan
    return PermutationResult(
        names=design.names,
        p_values=p_values[:-1],
        monte_carlo_errors=errors[:-1],
        omnibus_p_value=float(p_values[-1]),
        omnibus_monte_carlo_error=float(errors[-1]),
        permutations=total,
        exact=exact,
        seed=None if exact else seed,
    )


def _check(permutations: int, seed: int) -> None:
    whole = is_number(permutations) and permutations == int(permutations)
    if not whole or permutations < _FEWEST:
        raise InvalidArgumentError(
            f"permutations is {permutations!r}; give a whole number of at least {_FEWEST}, for "
            "example 10_000."
        )
    if not is_number(seed) or seed != int(seed) or seed < 0:
        raise InvalidArgumentError(f"seed is {seed!r}; give a whole number of at least 0.")


def _orders(
    matrix: Floats, permutations: int, seed: int
) -> tuple[Iterable[NDArray[np.int64]], bool]:
    """Return orders of the studies, in chunks, and whether they are all there are."""
    from evidence.synthesis.regression.permutation_kernel import arrangements

    k = matrix.shape[0]
    groups = np.unique(matrix, axis=0, return_inverse=True)[1].reshape(-1)
    sizes = np.bincount(groups)
    different = math.factorial(k)
    for size in sizes:
        different //= math.factorial(int(size))
    if different > permutations:
        return _random_orders(k, int(permutations), seed), False
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    sorted_orders = np.empty((different, k), dtype=np.int64)
    arrangements(np.sort(groups).astype(np.int64), starts, sorted_orders)
    # The kernel takes the rows of the design group by group; here they stand as given.
    orders = np.empty_like(sorted_orders)
    orders[:, np.argsort(groups, kind="stable")] = sorted_orders
    return [orders], True


def _random_orders(k: int, permutations: int, seed: int) -> Iterator[NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    at_once = max(1, _ENTRIES_AT_ONCE // k)
    for first in range(0, permutations, at_once):
        count = min(at_once, permutations - first)
        yield generator.permuted(np.tile(np.arange(k), (count, 1)), axis=1)
