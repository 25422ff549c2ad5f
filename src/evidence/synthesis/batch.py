"""Pooling many bodies of evidence at once: analyses, subsets, bootstrap samples.

The same compiled estimators as in `pool` run over rows, in as many threads as there are
processors; a row's numbers are those that `pool` gives for it.

References
----------
Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. Chapman & Hall (resampling of
studies, percentile intervals).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.batch_result import BatchResult, LeaveOneOut, StudyBootstrap
from evidence.synthesis.checked import check_result
from evidence.synthesis.pool import CI_METHODS, MODELS, check_choice, read_tau2_method
from evidence.synthesis.result import OWN_TAU2, PooledResult, PoolingMethod

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BATCH_CI_METHODS",
    "bootstrap_pool",
    "leave_one_out",
    "pool_many",
    "pool_subsets",
]

#: The others need a search of their own for each interval.
BATCH_CI_METHODS = tuple(name for name in CI_METHODS if name not in OWN_TAU2)
#: Below so many studies the samples of a bootstrap are few and alike.
_FEW_STUDIES = 10
#: With fewer samples the ends of a 95% interval are the outermost ones.
_FEW_DRAWS = 100
#: Below so many numbers, threads cost more than they save.
_WORTH_THREADS = 20_000


def pool_many(
    effects: ArrayLike,
    variances: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    model: str = "random",
    tau2_method: str | float = "REML",
    ci_method: str = "HKSJ-adhoc",
    level: float = 0.95,
) -> BatchResult:
    """Pool many bodies of evidence at once.

    Parameters
    ----------
    effects, variances
        Shape (m, k): one body of evidence a row. NaN means that a row has fewer studies. One of
        the two may have a single row (or one dimension), which then serves all.
    labels
        What each row is.
    model, tau2_method, ci_method, level
        As `pool` takes them; `ci_method` is one of `BATCH_CI_METHODS`.

    Returns
    -------
    BatchResult

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the row and the value.
    """
    method = _read_method(model, tau2_method, ci_method, level)
    y, v = _matrix("effects", effects), _matrix("variances", variances)
    if y.shape[1] != v.shape[1] or (y.shape[0] != v.shape[0] and 1 not in (y.shape[0], v.shape[0])):
        raise InvalidArgumentError(
            f"effects are {y.shape[0]} rows of {y.shape[1]}, variances {v.shape[0]} rows of "
            f"{v.shape[1]}; they must be alike, or one of them a single row."
        )
    _refuse(v, v <= 0, "variances", "above 0")
    from evidence.synthesis.kernels.batches import fit_rows

    rows = max(y.shape[0], v.shape[0])

    def run(part: slice, code: int, given: float, out: Floats) -> None:
        fit_rows(
            y[part] if y.shape[0] > 1 else y,
            v[part] if v.shape[0] > 1 else v,
            code,
            given,
            out[part],
        )

    found = _run_in_threads(run, rows, y.shape[1], method)
    return _result(found, method, _row_labels(labels, rows))


def pool_subsets(
    effects: ArrayLike,
    variances: ArrayLike,
    subsets: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    model: str = "random",
    tau2_method: str | float = "REML",
    ci_method: str = "HKSJ-adhoc",
    level: float = 0.95,
) -> BatchResult:
    """Pool many choices of studies out of one body of evidence.

    Parameters
    ----------
    effects, variances
        Shape (k,), without missing values.
    subsets
        Shape (m, k), true where a study belongs; or shape (m, j) of whole numbers, the places of
        the studies counted from 0, with repeats as in a bootstrap and -1 for an empty place.
    labels, model, tau2_method, ci_method, level
        As `pool_many` takes them.

    Returns
    -------
    BatchResult

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    """
    method = _read_method(model, tau2_method, ci_method, level)
    y, v = _matrix("effects", effects), _matrix("variances", variances)
    if y.shape[0] != 1 or y.shape != v.shape:
        raise InvalidArgumentError(
            f"effects and variances must be one row of as many; found {y.shape} and {v.shape}."
        )
    _refuse(y, ~np.isfinite(y), "effects", "finite")
    _refuse(v, ~(np.isfinite(v) & (v > 0)), "variances", "above 0")
    chosen = _places(subsets, y.shape[1])
    return _pool_places((y[0], v[0]), chosen, method, _row_labels(labels, chosen.shape[0]))


def leave_one_out(result: PooledResult) -> LeaveOneOut:
    """Pool again with each study left out in turn, by the result's own method.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.

    Returns
    -------
    LeaveOneOut
        One row per study, labelled by the study that was left out; its summary says whether the
        sign and what the interval says of no effect survive.

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, and one whose interval has no standard error.
    InsufficientEvidenceError
        For one study.
    """
    check_result(result, "leave_one_out")
    k = result.k
    places = np.broadcast_to(np.arange(k), (k, k))
    found = _pool_places(
        (result.effects, result.variances),
        np.where(np.eye(k, dtype=bool), -1, places).astype(np.int64),
        result.method,
        result.labels,
    )
    return LeaveOneOut(**_parts(found), full=result)


def bootstrap_pool(result: PooledResult, *, draws: int = 10_000, seed: int = 0) -> StudyBootstrap:
    """Pool samples of the studies, drawn with replacement, by the result's own method.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.
    draws
        How many samples.
    seed
        Start of the random numbers; the same seed gives the same samples.

    Returns
    -------
    StudyBootstrap
        One row per sample, and the percentile interval. With few studies the samples are few and
        alike: see the caution.

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, one whose interval has no standard error, and
        `draws` below 1.
    InsufficientEvidenceError
        For one study.
    """
    check_result(result, "bootstrap_pool")
    if draws < 1:
        raise InvalidArgumentError(f"draws is {draws!r}; it must be at least 1.")
    k = result.k
    chosen = np.random.default_rng(seed).integers(0, k, (draws, k))
    cautions: list[Caution] = []
    if k < _FEW_STUDIES:
        cautions.append(
            Caution(
                "bootstrap-few",
                f"Samples drawn from {k} studies repeat the same few, so their spread says too "
                "little of what other studies might show.",
                "Efron and Tibshirani 1993",
            )
        )
    if draws < _FEW_DRAWS:
        cautions.append(
            Caution(
                "few-draws",
                f"With {plural(draws, 'sample')} the ends of an interval are the outermost ones, "
                f"or nearly; draw {_FEW_DRAWS} at least.",
            )
        )
    studies = result.effects, result.variances
    found = _pool_places(studies, chosen, result.method, "sample", tuple(cautions))
    return StudyBootstrap(**_parts(found), full=result)


def _parts(found: BatchResult) -> dict[str, Any]:
    return {each.name: getattr(found, each.name) for each in fields(found)}


def _pool_places(
    studies: tuple[Floats, Floats],
    chosen: NDArray[np.int64],
    method: PoolingMethod,
    labels: tuple[str, ...] | str,
    cautions: tuple[Caution, ...] = (),
) -> BatchResult:
    from evidence.synthesis.kernels.batches import fit_chosen

    y, v = (np.ascontiguousarray(each) for each in studies)

    def run(part: slice, code: int, given: float, out: Floats) -> None:
        fit_chosen(y, v, chosen[part], code, given, out[part])

    found = _run_in_threads(run, chosen.shape[0], chosen.shape[1], method)
    return _result(found, method, labels, cautions)


def _read_method(
    model: str, tau2_method: str | float, ci_method: str, level: float
) -> PoolingMethod:
    check_choice("model", model, MODELS)
    check_choice("ci_method", ci_method, BATCH_CI_METHODS)
    return PoolingMethod(model, read_tau2_method(tau2_method), ci_method, check_level(level))


def _matrix(name: str, values: Any) -> Floats:
    try:
        found = np.atleast_2d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"{name} must be a table of numbers, one body of evidence a row."
        ) from None
    if found.ndim != 2 or found.size == 0:
        raise InvalidArgumentError(f"{name} must have two dimensions; found {found.shape}.")
    _refuse(found, np.isinf(found), name, "finite, or NaN where there is no study")
    return np.ascontiguousarray(found)


def _refuse(values: Floats, bad: NDArray[np.bool_], name: str, accepted: str) -> None:
    if bad.any():
        row, place = np.argwhere(bad)[0]
        raise InvalidArgumentError(
            f"{name} must be {accepted}; found {values[row, place]:g} in row {row + 1}, "
            f"study {place + 1}."
        )


def _places(subsets: Any, k: int) -> NDArray[np.int64]:
    given = np.atleast_2d(np.asarray(subsets))
    if given.ndim != 2 or given.size == 0 or given.dtype.kind not in "biu":
        raise InvalidArgumentError(
            "subsets must be rows of true and false, or rows of places counted from 0."
        )
    if given.dtype.kind == "b":
        if given.shape[1] != k:
            raise InvalidArgumentError(
                f"subsets have {given.shape[1]} columns for {plural(k, 'study', 'studies')}."
            )
        return np.where(given, np.arange(k), -1).astype(np.int64)
    if given.min() < -1 or given.max() >= k:
        raise InvalidArgumentError(
            f"subsets must hold places from 0 to {k - 1}, or -1; found from {given.min()} to "
            f"{given.max()}."
        )
    return np.ascontiguousarray(given, dtype=np.int64)


def _row_labels(labels: Sequence[str] | None, rows: int) -> tuple[str, ...] | str:
    if labels is None:
        return "analysis"
    if len(labels) != rows:
        raise InvalidArgumentError(f"There are {rows} rows and {len(labels)} labels.")
    return tuple(str(label) for label in labels)


def _run_in_threads(
    run: Callable[[slice, int, float, Floats], None], rows: int, k: int, method: PoolingMethod
) -> Floats:
    code, given = method.kernel_choice
    found = np.empty((rows, 7))
    threads = min(os.cpu_count() or 1, 1 + rows * k // _WORTH_THREADS)
    ends = np.linspace(0, rows, threads + 1).astype(int)
    parts = [slice(int(a), int(b)) for a, b in pairwise(ends)]
    if threads == 1:
        run(parts[0], code, given, found)
        return found
    from concurrent.futures import ThreadPoolExecutor

    # The kernels let go of the interpreter's lock, so threads run side by side.
    with ThreadPoolExecutor(threads) as executor:
        for done in [executor.submit(run, part, code, given, found) for part in parts]:
            done.result()
    return found


def _result(
    found: Floats,
    method: PoolingMethod,
    labels: tuple[str, ...] | str,
    cautions: tuple[Caution, ...] = (),
) -> BatchResult:
    k, tau2, estimate, square, q_at_tau2, q, trace = np.ascontiguousarray(found.T)
    se = np.sqrt(square)
    several = k > 1
    df = np.maximum(k - 1, 1)
    if method.ci_method.startswith("HKSJ"):
        least = 1.0 if method.ci_method == "HKSJ-adhoc" else 0.0
        se *= np.sqrt(np.where(several, np.maximum(q_at_tau2 / df, least), 1.0))
    by_size = np.array(
        [
            quantile(method.level, n - 1 if n > 1 and method.ci_method != "Wald" else None)
            for n in range(int(k.max()) + 1)
        ]
    )
    reach = by_size[k.astype(np.int64)] * se
    if not several.all():
        tau2, q, trace = (np.where(several, each, np.nan) for each in (tau2, q, trace))
    return BatchResult(
        method=method,
        k=k.astype(np.int64),
        estimate=estimate,
        standard_error=se,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        tau2=tau2,
        q=q,
        typical_variance=df / trace,
        names=labels,
        cautions=cautions,
    )
