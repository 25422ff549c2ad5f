"""Where an interval lies: beside no effect, and beside the smallest difference that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SIDES", "SIZES", "side_of", "size_of"]

#: Where an interval lies: beside no effect, and beside the smallest important difference.
SIDES = ("worse", "either way", "better")
SIZES = ("important harm", "no important benefit", "open", "important benefit", "not known")


def side_of(low: Any, high: Any) -> NDArray[np.intp]:
    """Return which of `SIDES` each interval is on, by place.

    Parameters
    ----------
    low, high
        Its ends, positive where the treatment is better.
    """
    return np.where(np.asarray(low) > 0, 2, np.where(np.asarray(high) < 0, 0, 1))


def size_of(low: Any, high: Any, threshold: Floats | float) -> NDArray[np.intp]:
    """Return which of `SIZES` each interval says of the effect, by place.

    Parameters
    ----------
    low, high
        Its ends, positive where the treatment is better.
    threshold
        The smallest difference that matters, without sign; NaN where none is known.
    """
    low, high = np.asarray(low), np.asarray(high)
    inner = np.where(high < threshold, 1, 2)
    found = np.where(low >= threshold, 3, np.where(high <= -np.asarray(threshold), 0, inner))
    return np.where(np.isnan(threshold), SIZES.index("not known"), found)
