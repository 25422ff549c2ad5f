"""Which conclusion an interval brings, and which one a further study would bring it to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats
from evidence.synthesis.places import SIZES, side_of, size_of
from evidence.synthesis.result import PooledResult
from evidence.synthesis.sensitivity.tipping_search import Refits

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["REGIONS", "SAID", "Updates", "region_of"]

#: What an interval says of the effect, from worst to best.
REGIONS = (
    "harm",
    "no important benefit",
    "open",
    "benefit too small to matter",
    "benefit, size open",
    "important benefit",
)
#: The same as what a synthesis says.
SAID = (
    "shows a harm",
    "rules out an important benefit",
    "leaves it open whether there is an effect",
    "shows a benefit that is too small to matter",
    "shows a benefit and leaves open whether it matters",
    "shows an important benefit",
)


def region_of(low: Any, high: Any, threshold: float) -> NDArray[np.intp]:
    """Return which of `REGIONS` each interval says, by place.

    Parameters
    ----------
    low, high
        Its ends, positive where the treatment is better.
    threshold
        The smallest difference that matters, without sign; NaN where none is known.
    """
    side, size = side_of(low, high), size_of(low, high, threshold)
    small, large = SIZES.index("no important benefit"), SIZES.index("important benefit")
    better = np.where(size == large, 5, np.where(size == small, 3, 4))
    either = np.where(size == small, 1, 2)
    return np.where(side == 0, 0, np.where(side == 2, better, either))


class Updates:
    """A pooled result with one more study, or several alike, by its own method.

    Parameters
    ----------
    result
        What `pool` returned, also of one study.
    sign
        +1 where higher effects are better, -1 where lower ones are.
    threshold
        The smallest difference that matters, without sign; NaN where none is known.
    """

    def __init__(self, result: PooledResult, sign: int, threshold: float) -> None:
        self._fits = Refits(result, -result.estimate)
        self._origin, self._sign, self._threshold = result.estimate, sign, threshold

    def region(self, effects: Floats, errors: Floats, count: int = 1) -> NDArray[np.intp]:
        """Return which of `REGIONS` the synthesis says after the study, of any one shape.

        Parameters
        ----------
        effects, errors
            What the study shows and its standard error; they are broadcast together.
        count
            How many studies like it are added at once.
        """
        effects, errors = np.broadcast_arrays(effects, errors)
        over, under, _ = self._fits.margins(effects.ravel() - self._origin, errors.ravel(), count)
        # The refits are about the estimate: their margins from no effect are the ends themselves.
        low, high = (under, -over) if self._sign > 0 else (over, -under)
        return region_of(low, high, self._threshold).reshape(effects.shape)
