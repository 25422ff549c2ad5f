"""Checks that several measures share: a named choice, events within a total, a first study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats, is_number
from evidence.errors import InvalidArgumentError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_choice", "check_continuity", "check_events", "first_study", "refuse_where"]


def check_choice(name: str, value: str, accepted: tuple[str, ...]) -> str:
    """Return `value`, refusing what is not among the accepted names.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        What was given.
    accepted
        The names that are known.
    """
    if value not in accepted:
        known = ", ".join(accepted)
        hint = did_you_mean(str(value), accepted)
        raise InvalidArgumentError(
            f"{name} is {value!r}; known are {known}."
            + (f" {hint}" if hint.startswith("Did") else "")
        )
    return value


def check_continuity(continuity: float) -> float:
    """Return the number that is added to empty cells, refusing a negative or infinite one."""
    if not (is_number(continuity) and 0 <= continuity < np.inf):
        raise InvalidArgumentError(
            f"continuity is {continuity!r}; give 0.5, or another number >= 0."
        )
    return float(continuity)


def first_study(where: NDArray[np.bool_]) -> int:
    """Return the place, counted from 0, of the first study where something holds."""
    return int(np.flatnonzero(where)[0])


def refuse_where(bad: NDArray[np.bool_], message: str) -> None:
    """Raise with `message`, its ``{study}`` filled in, when anything is bad.

    Parameters
    ----------
    bad
        Shape (k,).
    message
        What to tell; ``{study}`` stands for "study 3" and the like.
    """
    if bad.any():
        raise InvalidArgumentError(message.format(study=f"study {first_study(bad) + 1}"))


def check_events(events: Floats, total: Floats, events_name: str, total_name: str) -> None:
    """Refuse more events than people, naming the study and both numbers.

    Parameters
    ----------
    events, total
        Shape (k,).
    events_name, total_name
        The names of the two arguments, for the message.
    """
    excess = events > total
    if excess.any():
        place = first_study(excess)
        raise InvalidArgumentError(
            f"{events_name} must be at most {total_name}; found study {place + 1}: "
            f"{events[place]:g} of {total[place]:g}."
        )
