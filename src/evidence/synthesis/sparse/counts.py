"""Counts of several studies as the sparse-data methods take them: checked, nothing added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import plural
from evidence.effects.arguments import Floats, as_floats
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.inputs import dependent_rows, refuse

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Group", "PersonTime", "Tables", "read_group", "read_person_time", "read_tables"]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Two-by-two tables of k studies.

    Attributes
    ----------
    names
        The studies.
    a, b, c, d
        With and without the event, in the treatment and then in the control group;
        shape (k,).
    cautions
        Which studies were left out because a number is missing.
    """

    names: tuple[str, ...]
    a: Floats
    b: Floats
    c: Floats
    d: Floats
    cautions: tuple[Caution, ...] = ()

    @property
    def n1(self) -> Floats:
        """People treated."""
        return self.a + self.b

    @property
    def n2(self) -> Floats:
        """People in the control group."""
        return self.c + self.d

    @property
    def total(self) -> Floats:
        """People in both groups."""
        return self.n1 + self.n2

    @property
    def events(self) -> Floats:
        """Events in both groups."""
        return self.a + self.c

    @property
    def nobody(self) -> NDArray[np.bool_]:
        """Studies in which nobody had the event."""
        return np.asarray(self.events == 0)

    @property
    def everybody(self) -> NDArray[np.bool_]:
        """Studies in which everybody had the event."""
        return np.asarray(self.b + self.d == 0)

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Studies with at least one empty cell."""
        return np.asarray((self.a == 0) | (self.b == 0) | (self.c == 0) | (self.d == 0))

    def take(self, chosen: NDArray[np.bool_]) -> Tables:
        """Return some of the studies."""
        names = tuple(name for name, keep in zip(self.names, chosen, strict=True) if keep)
        a, b, c, d = (cell[chosen] for cell in (self.a, self.b, self.c, self.d))
        return Tables(names, a, b, c, d, self.cautions)

    def columns(self) -> dict[str, Floats]:
        """Return the counts under the names of the arguments."""
        return {
            "events_treatment": self.a,
            "total_treatment": self.n1,
            "events_control": self.c,
            "total_control": self.n2,
        }


@dataclass(frozen=True, slots=True, eq=False)
class PersonTime:
    """Events and person-time of k studies.

    Attributes
    ----------
    names
        The studies.
    x1, t1, x2, t2
        Events and person-time, in the treatment and then in the control group; shape (k,).
    cautions
        Which studies were left out because a number is missing.
    """

    names: tuple[str, ...]
    x1: Floats
    t1: Floats
    x2: Floats
    t2: Floats
    cautions: tuple[Caution, ...] = ()

    @property
    def nobody(self) -> NDArray[np.bool_]:
        """Studies without an event."""
        return np.asarray(self.x1 + self.x2 == 0)

    def columns(self) -> dict[str, Floats]:
        """Return the counts under the names of the arguments."""
        return {
            "events_treatment": self.x1,
            "time_treatment": self.t1,
            "events_control": self.x2,
            "time_control": self.t2,
        }


def read_tables(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    labels: Sequence[str] | None = None,
) -> Tables:
    """Check counts and return them as tables.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,). Fractions are accepted: effective sample sizes
        of cluster trials have them.
    labels
        Names of the studies.

    Returns
    -------
    Tables
        Without the studies in which a number is missing; a caution names those.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    names, arrays, cautions = _read(
        labels,
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
    )
    for arm in ("_treatment", "_control"):
        _check_people(names, arrays, arm)
    a, c = arrays["events_treatment"], arrays["events_control"]
    b, d = arrays["total_treatment"] - a, arrays["total_control"] - c
    return Tables(names, a, b, c, d, cautions)


def read_person_time(
    *,
    events_treatment: ArrayLike,
    time_treatment: ArrayLike,
    events_control: ArrayLike,
    time_control: ArrayLike,
    labels: Sequence[str] | None = None,
) -> PersonTime:
    """Check events and person-time.

    Parameters
    ----------
    events_treatment, time_treatment, events_control, time_control
        Events and person-time (in one unit for all studies), each a number or shape (k,).
    labels
        Names of the studies.

    Returns
    -------
    PersonTime
        Without the studies in which a number is missing; a caution names those.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    names, arrays, cautions = _read(
        labels,
        events_treatment=events_treatment,
        time_treatment=time_treatment,
        events_control=events_control,
        time_control=time_control,
    )
    for arm in ("_treatment", "_control"):
        _check_time(names, arrays, arm)
    return PersonTime(
        names,
        arrays["events_treatment"],
        arrays["time_treatment"],
        arrays["events_control"],
        arrays["time_control"],
        cautions,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Events of one group in several studies.

    Attributes
    ----------
    names
        The studies.
    events, size
        Events, and people or person-time; shape (k,).
    cautions
        Which studies were left out because a number is missing.
    """

    names: tuple[str, ...]
    events: Floats
    size: Floats
    cautions: tuple[Caution, ...] = ()


def read_group(
    *,
    events: ArrayLike,
    total: ArrayLike | None = None,
    time: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
) -> Group:
    """Check the events of one group, among people or over person-time.

    Parameters
    ----------
    events
        A number or shape (k,).
    total, time
        People, or person-time (in one unit for all studies); one of the two.
    labels
        Names of the studies.

    Returns
    -------
    Group
        Without the studies in which a number is missing; a caution names those.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    if total is not None:
        names, arrays, cautions = _read(labels, events=events, total=total)
        _check_people(names, arrays, "")
        return Group(names, arrays["events"], arrays["total"], cautions)
    if time is None:
        raise InvalidArgumentError("Give total (people) or time (person-time) with the events.")
    names, arrays, cautions = _read(labels, events=events, time=time)
    _check_time(names, arrays, "")
    return Group(names, arrays["events"], arrays["time"], cautions)


def _check_people(names: Sequence[str], arrays: dict[str, Floats], arm: str) -> None:
    events, totals = arrays[f"events{arm}"], arrays[f"total{arm}"]
    refuse(names, events < 0, events, f"events{arm}", "at least 0")
    refuse(names, totals < 1, totals, f"total{arm}", "at least 1")
    excess = np.flatnonzero(events > totals)
    if excess.size:
        shown = ", ".join(f"{names[i]}: {events[i]:g} of {totals[i]:g}" for i in excess[:5])
        raise InvalidArgumentError(
            f"events{arm} must be at most total{arm}; found {shown}. Count people, not "
            "episodes; for episodes use events and person-time."
        )


def _check_time(names: Sequence[str], arrays: dict[str, Floats], arm: str) -> None:
    events, time = arrays[f"events{arm}"], arrays[f"time{arm}"]
    refuse(names, events < 0, events, f"events{arm}", "at least 0")
    refuse(names, time <= 0, time, f"time{arm}", "above 0")


def _read(
    labels: Sequence[str] | None, **given: ArrayLike
) -> tuple[tuple[str, ...], dict[str, Floats], tuple[Caution, ...]]:
    arrays = {name: as_floats(name, values) for name, values in given.items()}
    for name, array in arrays.items():
        if array.size == 0:
            raise InvalidArgumentError(f"{name} is empty; give at least one study.")
    k = max(array.size for array in arrays.values())
    if any(array.size not in (1, k) for array in arrays.values()):
        lengths = ", ".join(f"{name} {array.size}" for name, array in arrays.items())
        raise InvalidArgumentError(f"The arguments have different lengths: {lengths}.")
    arrays = {name: np.broadcast_to(array, (k,)) for name, array in arrays.items()}
    if isinstance(labels, str):
        raise InvalidArgumentError(f"labels is the text {labels!r}; give one name a study.")
    names = tuple(f"study {i + 1}" for i in range(k)) if labels is None else tuple(map(str, labels))
    if len(names) != k:
        raise InvalidArgumentError(
            f"There are {plural(k, 'study', 'studies')} and {len(names)} "
            "labels; give one name a study."
        )
    for name, array in arrays.items():
        refuse(names, np.isinf(array), array, name, "finite")
    missing = np.any([np.isnan(array) for array in arrays.values()], axis=0)
    dependent = tuple(dependent_rows(None, labels, ~missing))
    if not missing.any():
        return names, arrays, dependent
    left_out = [name for name, gone in zip(names, missing, strict=True) if gone]
    if missing.all():
        raise InvalidArgumentError(
            f"No study has all of {', '.join(given)}; missing in: {', '.join(left_out)}."
        )
    caution = Caution(
        "missing",
        f"{plural(len(left_out), 'study', 'studies')} left out for want of a count: "
        f"{', '.join(left_out)}.",
    )
    kept = tuple(name for name, gone in zip(names, missing, strict=True) if not gone)
    return kept, {name: array[~missing] for name, array in arrays.items()}, (caution, *dependent)
