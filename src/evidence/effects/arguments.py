"""Checking array arguments: one message that names argument, study and value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evidence.errors import InvalidArgumentError

__all__ = ["Floats", "as_floats", "check_level", "checked", "checked_views", "is_number"]

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
        A number or a sequence of numbers; None, pandas' NA and what is masked count as
        missing.

    Returns
    -------
    array, shape (k,)
        A new one: what is done to it does not touch `values`.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    return np.array(_as_floats(name, values))


def _as_floats(name: str, values: Any) -> Floats:
    """Do what `as_floats` does, but share memory with an array of floats."""
    if isinstance(values, np.ma.MaskedArray) and values.dtype.kind in "biuf":
        values = np.ma.filled(values.astype(np.float64), math.nan)
    listed = _listed(values)
    _one_dimension(name, listed)
    if listed.dtype.kind in "biuf":
        return np.asarray(listed, dtype=np.float64)
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


def _listed(values: Any) -> NDArray[Any]:
    """Return numbers as an array of numbers, and anything else as one of objects."""
    try:
        array = np.atleast_1d(np.asarray(values))
    except (TypeError, ValueError, OverflowError):  # rows of several lengths, among others
        array = np.empty(0, dtype=object)
    else:
        # numpy reads the numbers beside a text as texts, and None as an object.
        if array.dtype.kind in "biuf":
            return array
    return np.atleast_1d(np.asarray(values, dtype=object))


def _one_dimension(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim > 1:
        raise InvalidArgumentError(f"{name} has {array.ndim} dimensions; give one value a study.")
    return array


def checked(
    minimum: Mapping[str, float] | None = None,
    above: Mapping[str, float] | None = None,
    /,
    *,
    strict: bool = False,
    **arrays: ArrayLike,
) -> dict[str, Floats]:
    """Turn arguments into one-dimensional float arrays of one length.

    Parameters
    ----------
    minimum
        The lowest accepted value of some of them, by name.
    above
        What some of them must be above, by name.
    strict
        Whether the minimum itself is refused for all that have one.
    arrays
        The arguments by name; a single number is used for every study.

    Returns
    -------
    dict of str to array, shape (k,)
        New arrays: what is done to them does not touch the arguments.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the place in it (counted from 1) and the value.
    """
    views = checked_views({} if strict else minimum, minimum if strict else above, **arrays)
    return {name: array.copy() for name, array in views.items()}


def checked_views(
    minimum: Mapping[str, float] | None = None,
    above: Mapping[str, float] | None = None,
    /,
    **arrays: ArrayLike,
) -> dict[str, Floats]:
    """Check as `checked` does, without copying: for what is only read, and not handed on.

    Parameters
    ----------
    minimum, above, arrays
        As in `checked`.

    Returns
    -------
    dict of str to array, shape (k,)
        Not writeable, and possibly the memory of the arguments.

    Raises
    ------
    InvalidArgumentError
        As in `checked`.
    """
    result: dict[str, Floats] = {}
    for name, values in arrays.items():
        array = _as_floats(name, values)
        if array.size == 0:
            raise InvalidArgumentError(f"{name} is empty; give at least one study.")
        # NaN and infinities show in the two ends, so that no array of flags is needed.
        low, high = float(array.min()), float(array.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            accepted = "a finite number; leave studies with missing values out"
            _refuse(name, array, ~np.isfinite(array), accepted)
        if minimum and name in minimum and low < minimum[name]:
            _refuse(name, array, array < minimum[name], f"at least {minimum[name]:g}")
        if above and name in above and low <= above[name]:
            _refuse(name, array, array <= above[name], f"above {above[name]:g}")
        result[name] = array
    sizes = {name: array.size for name, array in result.items() if array.size > 1}
    if len(set(sizes.values())) > 1:
        lengths = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise InvalidArgumentError(f"The arguments have different lengths: {lengths}.")
    length = max(array.size for array in result.values())
    return {name: np.broadcast_to(array, (length,)) for name, array in result.items()}


def _refuse(name: str, array: Floats, bad: NDArray[np.bool_], accepted: str) -> None:
    places = np.flatnonzero(bad)
    shown = ", ".join(f"study {i + 1}: {array[i]:g}" for i in places[:5])
    more = "" if places.size <= 5 else f" and {places.size - 5} more"
    raise InvalidArgumentError(f"{name} must be {accepted}; found {shown}{more}.")
