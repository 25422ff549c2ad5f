"""What every interval starts from: checked studies, and the units its search works in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import plural
from evidence.effects.arguments import Floats, checked
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Studies", "check_draws", "read_studies"]


@dataclass(frozen=True, slots=True, eq=False)
class Studies:
    """Effects in units of the smallest standard error, from the study that has it.

    The results of a search in these units do not depend on the unit of the effects, and no
    digits are lost where effects lie far from 0 or one study carries nearly all the weight.

    Attributes
    ----------
    effects, variances
        Shape (k,); the most precise study comes first, with the effect 0 and the variance 1.
    origin, scale
        That study's effect and variance, in the units that were given.
    """

    effects: Floats
    variances: Floats
    origin: float
    scale: float

    @property
    def k(self) -> int:
        """How many studies."""
        return self.effects.size

    @property
    def unit(self) -> float:
        """The unit of the effects."""
        return math.sqrt(self.scale)

    def place(self, effect: float) -> float:
        """Return an effect in the units that were given."""
        return self.origin + self.unit * effect


def read_studies(
    effects: ArrayLike, variances: ArrayLike, *, least: int, what: str, instead: str
) -> Studies:
    """Check effects and variances and bring them into the units of a search.

    Parameters
    ----------
    effects, variances
        Shape (k,); variances above 0.
    least
        How many studies it takes.
    what
        What is asked for, as the subject of a sentence.
    instead
        What to do with fewer studies, as a sentence.

    Returns
    -------
    Studies

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When there are fewer than `least` studies.
    """
    arrays = checked({"variances": 0.0}, strict=True, effects=effects, variances=variances)
    y, v = arrays["effects"], arrays["variances"]
    if y.size < least:
        have = f"there {'is' if y.size == 1 else 'are'} {plural(y.size, 'study', 'studies')}"
        raise InsufficientEvidenceError(
            f"{what} needs at least {plural(least, 'study', 'studies')}; {have}. {instead}"
        )
    first = int(v.argmin())
    order = np.r_[first, np.delete(np.arange(y.size), first)]
    origin, scale = float(y[first]), float(v[first])
    return Studies((y[order] - origin) / math.sqrt(scale), v[order] / scale, origin, scale)


def check_draws(draws: object, least: int, hint: str = "") -> None:
    """Refuse a number of draws that is no whole number, or too low.

    Parameters
    ----------
    draws
        What was given.
    least
        The lowest accepted number.
    hint
        What else is accepted, or why, to end the sentence with.
    """
    if not isinstance(draws, int | np.integer) or isinstance(draws, bool) or draws < least:
        raise InvalidArgumentError(
            f"draws is {draws!r}; give a whole number of at least {least:,}{hint}."
        )
