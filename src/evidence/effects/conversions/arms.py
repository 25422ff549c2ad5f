"""Several groups to one, one group shared by several comparisons, one group taken out of all.

References
----------
Cochrane Handbook for Systematic Reviews of Interventions, sections 6.5.2.10 (combining groups)
and 23.3.4 (several comparisons with one group).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, plural
from evidence.effects.arguments import Floats, checked
from evidence.effects.measures.choices import check_events, first_study
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

__all__ = [
    "Groups",
    "combine_counts",
    "combine_groups",
    "remove_group",
    "split_shared_group",
]


@dataclass(frozen=True, slots=True)
class Groups(Display):
    """Summaries of groups that were combined, split or taken apart.

    Attributes
    ----------
    how
        What was done, in words.
    n
        People, shape (k,).
    mean, sd
        Shape (k,); empty for counts.
    events
        Shape (k,); empty for means.
    cautions
        What a reader should know.
    """

    how: str
    n: Floats
    mean: Floats = field(default_factory=lambda: np.empty(0))
    sd: Floats = field(default_factory=lambda: np.empty(0))
    events: Floats = field(default_factory=lambda: np.empty(0))
    cautions: tuple[Caution, ...] = ()

    def __len__(self) -> int:
        return int(self.n.size)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group, unrounded."""
        columns = {"n": self.n, "mean": self.mean, "sd": self.sd, "events": self.events}
        return pd.DataFrame({name: values for name, values in columns.items() if values.size})

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "how": self.how,
            "groups": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a line per group and the cautions."""
        lines = [f"{self.how}"]
        for place, row in enumerate(self.to_frame().to_dict("records"), start=1):
            parts = [f"{name} {_plain(float(value))}" for name, value in row.items()]
            lines.append(f"{place}: {', '.join(parts)}")
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def _plain(value: float) -> str:
    return format_number(value, 0 if value == int(value) else 2)


def _stacked(name: str, groups: Sequence[ArrayLike]) -> list[ArrayLike]:
    try:
        listed = list(groups)
    except TypeError:
        listed = []
    if len(listed) < 2 or isinstance(groups, str):
        raise InvalidArgumentError(
            f"{name} holds {plural(len(listed), 'group')}; give a sequence of at least two, each "
            "a number or one value a study, for example n=[40, 38]."
        )
    return listed


def _by_group(
    minimum: dict[str, float], **arguments: Sequence[ArrayLike]
) -> dict[str, list[Floats]]:
    """Check what is given for each group; messages name the argument and the group."""
    stacked = {name: _stacked(name, groups) for name, groups in arguments.items()}
    sizes = {name: len(groups) for name, groups in stacked.items()}
    if len(set(sizes.values())) > 1:
        counts = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise InvalidArgumentError(f"The arguments hold different numbers of groups: {counts}.")
    flat: dict[str, Any] = {
        f"{name} of group {place + 1}": values
        for name, groups in stacked.items()
        for place, values in enumerate(groups)
    }
    lowest = {key: minimum[key.split(" of ")[0]] for key in flat if key.split(" of ")[0] in minimum}
    checks = checked(lowest, **flat)
    return {
        name: [checks[f"{name} of group {place + 1}"] for place in range(size)]
        for name, size in sizes.items()
    }


def combine_groups(
    *, n: Sequence[ArrayLike], mean: Sequence[ArrayLike], sd: Sequence[ArrayLike]
) -> Groups:
    """Return n, mean and SD of two or more groups as if they had been one.

    Exact: the squares within the groups and those of the means around the mean of all add up
    (Handbook 6.5.2.10, table 6.5.a, for any number of groups at once). The SD is that of all
    people together, so it is larger than the pooled SD where the means differ.

    Parameters
    ----------
    n, mean, sd
        For each group a number or shape (k,): ``n=[40, 38]`` combines two groups of one study,
        ``n=[[40, 21], [38, 20]]`` two groups of each of two studies. At least one person a group;
        the SD of one person is 0.

    Returns
    -------
    Groups
        With `n`, `mean` and `sd` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the group, the study and the value.
    """
    given = _by_group({"n": 1, "sd": 0}, n=n, mean=mean, sd=sd)
    people, means, sds = (np.vstack(given[name]) for name in ("n", "mean", "sd"))
    total = people.sum(axis=0)
    # Around the first group's mean: means far from 0 keep their digits.
    centre = means[0] + (people * (means - means[0])).sum(axis=0) / total
    squares = ((people - 1) * sds**2 + people * (means - centre) ** 2).sum(axis=0)
    how = f"{plural(len(people), 'group')} combined (Handbook 6.5.2.10)"
    return Groups(how, total, centre, np.sqrt(squares / (total - 1)))


def combine_counts(*, events: Sequence[ArrayLike], total: Sequence[ArrayLike]) -> Groups:
    """Return events and people of two or more groups as if they had been one: their sums.

    Parameters
    ----------
    events, total
        For each group a number or shape (k,), as in `combine_groups`. For rates give the
        person-time as `total`.

    Returns
    -------
    Groups
        With `n` and `events` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the group, the study and the value.
    """
    given = _by_group({"events": 0, "total": 0}, events=events, total=total)
    for place, (some, people) in enumerate(zip(given["events"], given["total"], strict=True), 1):
        check_events(some, people, f"events of group {place}", f"total of group {place}")
    how = f"{plural(len(given['total']), 'group')} combined (Handbook 6.5.2.10)"
    return Groups(how, np.sum(given["total"], axis=0), events=np.sum(given["events"], axis=0))


def remove_group(
    *,
    n_all: ArrayLike,
    mean_all: ArrayLike,
    sd_all: ArrayLike,
    n_part: ArrayLike,
    mean_part: ArrayLike,
    sd_part: ArrayLike,
) -> Groups:
    """Return n, mean and SD of the rest, when all people and one group of them are reported.

    The inverse of `combine_groups`. Rounded summaries of nearly everybody leave little of the
    rest: carry the digits through with an envelope.

    Parameters
    ----------
    n_all, mean_all, sd_all
        Everybody, each a number or shape (k,).
    n_part, mean_part, sd_part
        The group to take out, smaller than all.

    Returns
    -------
    Groups
        With `n`, `mean` and `sd` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; also where no rest has such summaries.
    """
    given = checked(
        {"n_all": 2, "sd_all": 0, "n_part": 1, "sd_part": 0},
        n_all=n_all,
        mean_all=mean_all,
        sd_all=sd_all,
        n_part=n_part,
        mean_part=mean_part,
        sd_part=sd_part,
    )
    rest = given["n_all"] - given["n_part"]
    if (rest < 1).any():
        place = first_study(rest < 1)
        raise InvalidArgumentError(
            f"n_part must be below n_all; found study {place + 1}: {given['n_part'][place]:g} "
            f"and {given['n_all'][place]:g}."
        )
    shift = given["n_part"] * (given["mean_all"] - given["mean_part"]) / rest
    mean = given["mean_all"] + shift
    whole = (given["n_all"] - 1) * given["sd_all"] ** 2
    within = (given["n_part"] - 1) * given["sd_part"] ** 2
    between = given["n_part"] * (given["mean_part"] - given["mean_all"]) ** 2 + rest * shift**2
    squares = whole - within - between
    impossible = squares < -1e-9 * whole
    if impossible.any():
        place = first_study(impossible)
        raise InvalidArgumentError(
            f"The part of study {place + 1} varies more than everybody together: no rest can "
            "have such summaries. Is one of the SDs a standard error, or of other people?"
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.where(rest > 1, np.sqrt(np.maximum(squares, 0.0) / (rest - 1)), 0.0)
    return Groups("the rest after one group is taken out (Handbook 6.5.2.10)", rest, mean, sd)


def split_shared_group(
    *,
    n: float,
    parts: int | Sequence[float],
    mean: float | None = None,
    sd: float | None = None,
    events: float | None = None,
) -> Groups:
    """Divide a group among several comparisons, so that nobody is counted twice.

    People and events are divided, mean and SD stay (Handbook 23.3.4). Parts need not be whole;
    they are not rounded, and a caution says so. The comparisons stay correlated, for the parts
    have one mean; a model that knows their covariance is the better remedy.

    Parameters
    ----------
    n
        People in the shared group, at least one.
    parts
        How many comparisons share it, in equal parts; or a weight for each, for example the
        sizes of the groups it is compared with.
    mean, sd
        Summaries of the shared group, for a continuous outcome.
    events
        Events in it, for a count.

    Returns
    -------
    Groups
        One entry per comparison.

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    """
    weights: ArrayLike
    if isinstance(parts, int | np.integer):
        if parts is True or parts < 2:
            raise InvalidArgumentError(
                f"parts is {parts!r}; give the number of comparisons, at least 2, or a weight for "
                "each."
            )
        weights = np.ones(int(parts))
    else:
        weights = parts
    share = checked({"parts": 0}, strict=True, parts=weights)["parts"]
    if share.size < 2:
        raise InvalidArgumentError("parts holds one weight; give at least two.")
    share = share / share.sum()
    people = _one({"n": 1}, n=n) * share
    optional = {"mean": mean, "sd": sd}
    summaries = {
        name: np.full(share.size, _one({"sd": 0}, **{name: value}))
        for name, value in optional.items()
        if value is not None
    }
    counted = np.empty(0)
    if events is not None:
        happened = _one({"events": 0}, events=events)
        check_events(np.array([happened]), np.array([float(n)]), "events", "n")
        counted = happened * share
    fractions = np.concatenate([people, counted]) % 1 != 0
    cautions = []
    if fractions.any():
        cautions.append(
            Caution(
                "split-group",
                "Dividing the shared group gives numbers of people or events that are not whole; "
                "they are used as they are, not rounded.",
                "Cochrane Handbook, section 23.3.4",
            )
        )
    if (people < 2).any():
        cautions.append(
            Caution(
                "split-too-small",
                "A part of the shared group is below two people, which has no standard deviation "
                "of its own; combine the groups it is compared with instead.",
                "Cochrane Handbook, section 23.3.4",
            )
        )
    how = f"a shared group of {n:g} in {plural(share.size, 'part')} (Handbook 23.3.4)"
    return Groups(how, people, events=counted, cautions=tuple(cautions), **summaries)


def _one(minimum: dict[str, float], **argument: Any) -> float:
    (name,) = argument
    values = checked(minimum, **argument)[name]
    if values.size > 1:
        raise InvalidArgumentError(f"{name} holds {values.size} values; it is that of one group.")
    return float(values[0])
