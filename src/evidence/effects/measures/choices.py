"""Checks that several measures share: a named choice, events within a total, a first study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from evidence.display import join_words, plural
from evidence.effects.arguments import Floats, checked_views, is_number
from evidence.errors import InvalidArgumentError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Standardising",
    "check_choice",
    "check_continuity",
    "check_correlation",
    "check_events",
    "count_studies",
    "first_study",
    "name_studies",
    "read_standardising",
    "refuse_where",
]


class Standardising(TypedDict, total=False):
    """How a difference of means is standardised; either may be left out.

    Attributes
    ----------
    standardiser
        By which standard deviation it is divided.
    variance_formula
        How the sampling variance is estimated; which are known depends on the standardiser.
    """

    standardiser: str
    variance_formula: str


def read_standardising(
    given: Mapping[str, object], formulas: Mapping[str, tuple[str, ...]]
) -> tuple[str, str]:
    """Return the standardiser and the variance formula, refusing unknown ones.

    Parameters
    ----------
    given
        What was given of `Standardising`.
    formulas
        The variance formulas of each standardiser; the first of each is the default.

    Returns
    -------
    standardiser, variance_formula : str
    """
    names = tuple(Standardising.__annotations__)
    for name in given:
        if name not in names:
            raise InvalidArgumentError(f"{name} is no argument here. {did_you_mean(name, names)}")
    standardiser = check_choice(
        "standardiser", given.get("standardiser", next(iter(formulas))), tuple(formulas)
    )
    known = formulas[standardiser]
    formula = given.get("variance_formula", known[0])
    if formula not in known and any(formula in others for others in formulas.values()):
        raise InvalidArgumentError(
            f"variance_formula {formula!r} does not go with the standardiser {standardiser!r}; "
            f"its own are {', '.join(known)}."
        )
    return standardiser, check_choice("variance_formula", formula, known)


def check_choice(name: str, value: object, accepted: tuple[str, ...]) -> str:
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
    if not isinstance(value, str) or value not in accepted:
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


def check_correlation(correlation: ArrayLike) -> None:
    """Refuse a correlation of two measurements that lies outside -1 to 1.

    Parameters
    ----------
    correlation
        A number or shape (k,).
    """
    r = checked_views({"correlation": -1}, correlation=correlation)["correlation"]
    refuse_where(r > 1, "correlation must lie between -1 and 1; {study} has one above 1.")


def first_study(where: NDArray[np.bool_]) -> int:
    """Return the place, counted from 0, of the first study where something holds."""
    return int(np.flatnonzero(where)[0])


def count_studies(where: NDArray[np.bool_]) -> str:
    """Say in how many studies something holds: "one study", "three studies"."""
    return plural(int(where.sum()), "study", "studies")


def name_studies(where: NDArray[np.bool_]) -> str:
    """Name the first five studies, counted from 1, where something holds."""
    return join_words(f"study {place + 1}" for place in np.flatnonzero(where)[:5])


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
