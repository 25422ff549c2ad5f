"""Where further methods join the appraisal of a trial: each gives lines for what it can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from string import ascii_uppercase

from evidence.appraisal.trial.effect import TrialEffect
from evidence.appraisal.trial.line import TrialLine
from evidence.data import Review
from evidence.effects.derivation.readings import Comparison

__all__ = ["Further", "TrialContext", "further_lines", "reading_names"]


@dataclass(frozen=True)
class TrialContext:
    """What a further method may look at.

    Attributes
    ----------
    effects
        The readings of the trial's effect.
    review, comparison
        Where it is from; None where only an effect was given.
    """

    effects: tuple[TrialEffect, ...]
    review: Review | None = None
    comparison: Comparison | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The letter of each reading; empty where there is one."""
        return reading_names(len(self.effects))


def reading_names(count: int) -> tuple[str, ...]:
    """Return a letter for each of several readings, and nothing for one."""
    return ("",) if count == 1 else tuple(ascii_uppercase[:count])


#: A further method: no line where its question does not arise, and a refused one where it does
#: but cannot be answered.
Further = Callable[[TrialContext], Iterable[TrialLine]]


def further_lines(context: TrialContext, methods: tuple[Further, ...]) -> tuple[TrialLine, ...]:
    """Return the lines of further methods, in their order.

    Parameters
    ----------
    context
        What they may look at.
    methods
        The methods.
    """
    return tuple(line for method in methods for line in method(context))
