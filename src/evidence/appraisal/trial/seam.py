"""Where further methods join the appraisal of a trial: each gives lines for what it can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evidence.appraisal.trial.effect import TrialEffect
from evidence.appraisal.trial.line import TrialLine
from evidence.data import Review
from evidence.effects.derivation.readings import Comparison

__all__ = ["FURTHER", "TrialContext", "further_lines"]


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


#: The further methods, in reading order. Each gives no line where its question does not arise,
#: and a refused one where it does but cannot be answered.
FURTHER: tuple[Callable[[TrialContext], Iterable[TrialLine]], ...] = ()


def further_lines(context: TrialContext) -> tuple[TrialLine, ...]:
    """Return the lines of every further method.

    Parameters
    ----------
    context
        What they may look at.
    """
    return tuple(line for method in FURTHER for line in method(context))
