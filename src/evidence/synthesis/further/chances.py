"""How likely one more study of some size is to bring each conclusion.

What the study will show is not drawn at random: the quantiles in the middle of equal parts of its
distribution stand for it. So the same numbers give the same chances, and they are exact up to half
a part for each end of a region.

References
----------
Sutton AJ, Cooper NJ, Jones DR, et al. (2007). Evidence-based sample size calculations based
upon updated meta-analysis. Statistics in Medicine 26:2479-2500 (power of the updated
synthesis, with the new study foretold by those there are).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from evidence.effects.arguments import Floats
from evidence.synthesis.bayes.posterior import NormalMixture
from evidence.synthesis.further.conclusions import REGIONS, Updates

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_PEOPLE", "PARTS", "POWER", "Truth", "chances_of", "first_size"]

#: Equal parts of the distribution of what a study shows.
PARTS = 500
#: No trial of one question is larger.
MOST_PEOPLE = 100_000
#: Chance of a right answer that a trial is planned for.
POWER = 0.80
#: Sizes between which the first that is enough is looked for.
_STEPS = 49
_SMALLEST = 8
_MIDDLES = (np.arange(PARTS) + 0.5) / PARTS
#: Where quantiles of a foretold effect are worked out; between them they are interpolated.
_KNOTS = np.linspace(-3.2, 3.2, 65)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is taken as true of the next study.

    Attributes
    ----------
    name
        In words.
    effect
        Its true effect, on the scale of the effects; NaN where it is foretold.
    foretold
        Distribution of its true effect, where it is not one number.
    right
        Which of `REGIONS`, by place, would be right answers; empty where none is known.
    """

    name: str
    effect: float
    foretold: NormalMixture | None
    right: tuple[int, ...]

    def shown(self, error: float) -> Floats:
        """Return what studies of this standard error show, in equal parts, shape (PARTS,).

        Parameters
        ----------
        error
            The standard error.
        """
        if self.foretold is not None:
            # A quantile is a smooth function of that of the normal distribution.
            exact = self.foretold.widened(error).quantile(ndtr(_KNOTS))
            return np.asarray(np.interp(ndtri(_MIDDLES), _KNOTS, exact))
        return self.effect + error * np.asarray(ndtri(_MIDDLES))


def chances_of(updates: Updates, truth: Truth, errors: Floats) -> Floats:
    """Return the chance of each of `REGIONS` after a study, shape (m, regions).

    Parameters
    ----------
    updates
        The result so far.
    truth
        What is true of the next study.
    errors
        Its standard error, shape (m,).
    """
    shown = np.stack([truth.shown(float(error)) for error in errors])
    found = updates.region(shown, errors[:, np.newaxis])
    return np.stack([(found == place).mean(axis=1) for place in range(len(REGIONS))], axis=1)


def first_size(enough: Callable[[Floats], NDArray[np.bool_]]) -> int | None:
    """Return the smallest number of people that is enough, or None up to `MOST_PEOPLE`.

    A few sizes are tried in steps of one ratio; between the first that is enough and the one
    before, the number is found by halving.

    Parameters
    ----------
    enough
        From numbers of people, shape (m,), to whether each is enough.
    """
    tried = np.unique(np.round(np.geomspace(_SMALLEST, MOST_PEOPLE, _STEPS)))
    good = np.flatnonzero(enough(tried))
    if not good.size:
        return None
    if good[0] == 0:
        return _SMALLEST
    low, high = int(tried[good[0] - 1]), int(tried[good[0]])
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(np.array([float(middle)]))[0] else (middle, high)
    return high
