"""Rows of whole numbers that are alike, and what differs among them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["differs", "group_rows", "spread"]


def group_rows(rows: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each different row first stands, and which of them every row is.

    Parameters
    ----------
    rows
        Whole numbers from -1, shape (m, columns).

    Returns
    -------
    first, group
        Shape (different rows,) and (m,).
    """
    if rows.shape[1] == 0:
        return np.zeros(min(len(rows), 1), dtype=np.intp), np.zeros(len(rows), dtype=np.intp)
    radix = rows.max(axis=0).astype(np.int64) + 2
    if math.prod(int(each) for each in radix) < 2**62:
        # One number stands for the row, which sorts far faster than rows do.
        places = np.concatenate([np.cumprod(radix[::-1])[::-1][1:], [1]])
        _, first, group = np.unique((rows + 1) @ places, return_index=True, return_inverse=True)
    else:
        _, first, group = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return first, group.ravel()


def spread(group: NDArray[np.intp], values: Floats) -> Floats:
    """Return the range of the values in each group that has at least two.

    Parameters
    ----------
    group
        Which group each value is in, shape (m,).
    values
        Shape (m,).
    """
    size = int(group.max()) + 1 if group.size else 0
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    several = np.bincount(group, minlength=size) > 1
    found: Floats = (high - low)[several]
    return found


def differs(group: NDArray[np.intp], values: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return whether the values differ in each group that has at least two.

    Parameters
    ----------
    group, values
        As `spread` takes them.
    """
    found: NDArray[np.bool_] = spread(group, values.astype(float)) > 0
    return found
