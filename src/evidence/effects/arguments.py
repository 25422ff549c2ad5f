"""Checking array arguments: one message that names argument, study and value."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evidence.errors import InvalidArgumentError

__all__ = ["Floats", "as_floats", "check_level", "checked", "is_number"]

Floats = NDArray[np.float64]


def is_number(value: object) -> bool:
    """Whether `value` is one real number, also one of numpy's."""
    return isinstance(value, Real)


def check_level(level: float) -> float:
    """Return a confidence level, refusing anything outside (0, 1)."""
    if not is_number(level) or not 0 < level < 1:
        raise InvalidArgumentError(
            f"level is {level!r}; it must lie between 0 and 1, for example 0.95 for 95%."
        )
    return float(level)


def as_floats(name: str, values: Any) -> Floats:
    """Turn one argument into a one-dimensional array; what is missing becomes NaN.

    Text is refused even where it reads like a number: it comes from a column that was
    not read as numbers, and what else stands in there is not known.

    Parameters
    ----------
    name
        The argument's name, for the message.
    values
        A number or a sequence of numbers; None and pandas' NA count as missing.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    numeric = isinstance(values, np.ndarray) and values.dtype.kind in "iuf"
    listed = np.atleast_1d(values if numeric else np.asarray(values, dtype=object))
    if listed.ndim != 1:
        raise InvalidArgumentError(f"{name} has {listed.ndim} dimensions; give one value a study.")
    if numeric:
        return listed.astype(np.float64)
    array = np.empty(listed.size)
    for place, value in enumerate(listed):
        try:
            missing = value is None or type(value).__name__ in {"NAType", "NaTType"}
            if isinstance(value, str | bytes):
                raise TypeError
            array[place] = math.nan if missing else float(value)
        except (TypeError, ValueError, OverflowError):
            where = f"study {place + 1}: " if listed.size > 1 else ""
            raise InvalidArgumentError(
                f"{name} holds something that is not a number; found {where}{value!r}. "
                "Give a number or a sequence of numbers."
            ) from None
    return array


def checked(
    minimum: dict[str, float] | None = None, /, *, strict: bool = False, **arrays: ArrayLike
) -> dict[str, Floats]:
    """Turn arguments into one-dimensional float arrays of one length.

    Parameters
    ----------
    minimum
        The lowest accepted value of some of them, by name.
    strict
        Whether the minimum itself is refused.
    arrays
        The arguments by name; a single number is used for every study.

    Returns
    -------
    dict of str to array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the place in it (counted from 1) and the value.
    """
    result: dict[str, Floats] = {}
    for name, values in arrays.items():
        array = as_floats(name, values)
        if array.size == 0:
            raise InvalidArgumentError(f"{name} is empty; give at least one study.")
        bad = ~np.isfinite(array)
        if bad.any():
            _refuse(name, array, bad, "a finite number; leave studies with missing values out")
        if minimum and name in minimum:
            low = minimum[name]
            bad = array <= low if strict else array < low
            if bad.any():
                _refuse(name, array, bad, f"{'above' if strict else 'at least'} {low:g}")
        result[name] = array
    sizes = {name: array.size for name, array in result.items() if array.size > 1}
    if len(set(sizes.values())) > 1:
        lengths = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise InvalidArgumentError(f"The arguments have different lengths: {lengths}.")
    length = max(array.size for array in result.values())
    return {name: np.broadcast_to(array, (length,)).copy() for name, array in result.items()}


def _refuse(name: str, array: Floats, bad: NDArray[np.bool_], accepted: str) -> None:
    places = np.flatnonzero(bad)
    shown = ", ".join(f"study {i + 1}: {array[i]:g}" for i in places[:5])
    more = "" if places.size <= 5 else f" and {places.size - 5} more"
    raise InvalidArgumentError(f"{name} must be {accepted}; found {shown}{more}.")
