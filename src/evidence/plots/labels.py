"""Where the names of points stand: beside their point, over no mark and no other name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Placement", "free_of", "place_beside"]

#: Gaps between a point and its name, inches; beyond the first two a line leads there.
_GAPS = (0.06, 0.13, 0.24, 0.38, 0.55, 0.75)
_WITHOUT_LEADER = 0.15
#: Right, left, above, below, and the four corners: the preferred first.
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
#: White space around a name, inches.
_PAD = 0.025
#: What it costs to stand on a line, in inches of distance.
_ON_A_LINE = 0.3
#: What it costs to stand nearly as near to another mark, whose name it would seem to be.
_BESIDE_ANOTHER, _AS_NEAR = 0.35, 1.4


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one name stands, in inches.

    Attributes
    ----------
    x, y
        Middle of the text.
    leader
        Where a line from the point to the text ends; None where the text is near enough.
    """

    x: float
    y: float
    leader: tuple[float, float] | None = None


def place_beside(
    points: Floats,
    sizes: Sequence[tuple[float, float]],
    marks: Floats,
    radius: float,
    area: tuple[float, float],
    lines: Floats | None = None,
    *,
    over_marks: bool = False,
) -> list[Placement | None]:
    """Find a place for the name of each point.

    Parameters
    ----------
    points
        The points, inches from the lower left corner of the area, shape (m, 2).
    sizes
        Width and height of each name.
    marks
        Middles of all marks, which no name covers, shape (n, 2).
    radius
        Of a mark.
    area
        Width and height of what the names stay within.
    lines
        Points along lines that names had better not stand on, shape (p, 2).
    over_marks
        Whether a name may cover marks where there is no other room.

    Returns
    -------
    list of Placement or None
        None where there is no room.
    """
    choices = []
    for point, size in zip(points, sizes, strict=True):
        own = _choices(point, size, marks, radius, area, lines)
        if over_marks:
            own += _choices(point, size, point[None, :], radius, area, None)
        choices.append(own)
    found: list[Placement | None] = [None] * len(sizes)
    taken: list[Floats] = []
    led: list[Floats] = [np.empty((0, 2))]
    # Who has the fewest choices chooses first.
    for i in sorted(range(len(sizes)), key=lambda i: len(choices[i])):
        for _, placement in choices[i]:
            box = _box(placement.x, placement.y, *sizes[i])
            trail = _trail(points[i], placement)
            if any(_meet(box, other) for other in taken) or _inside(np.vstack(led), box).any():
                continue
            if any(_inside(trail, other).any() for other in taken):
                continue
            found[i] = placement
            taken.append(box)
            led.append(trail)
            break
    return found


def free_of(
    box: tuple[float, float, float, float],
    marks: Floats,
    radius: float,
    others: Sequence[tuple[float, float, float, float]],
) -> bool:
    """Return whether a text covers no mark and no other text.

    Parameters
    ----------
    box
        Middle, width and height of the text, inches.
    marks
        Middles of the marks, shape (n, 2).
    radius
        Of a mark.
    others
        The other texts.
    """
    own = _box(*box)
    return not (
        _near(marks, own, radius).any() or any(_meet(own, _box(*other)) for other in others)
    )


def _choices(
    point: Floats,
    size: tuple[float, float],
    marks: Floats,
    radius: float,
    area: tuple[float, float],
    lines: Floats | None,
) -> list[tuple[float, Placement]]:
    found = []
    for gap in _GAPS:
        for rank, (right, up) in enumerate(_SIDES):
            share = gap + radius if not (right and up) else 0.7 * (gap + radius)
            x = float(point[0]) + right * (share + size[0] / 2)
            y = float(point[1]) + up * (share + size[1] / 2)
            box = _box(x, y, *size)
            if box[0] < 0 or box[1] < 0 or box[2] > area[0] or box[3] > area[1]:
                continue
            if _near(marks, box, radius).any():
                continue
            leader = None
            if gap > _WITHOUT_LEADER:
                leader = (x - right * size[0] / 2, y - up * size[1] / 2)
            placement = Placement(x, y, leader)
            cost = gap + 0.004 * rank
            if lines is not None and _inside(lines, box).any():
                cost += _ON_A_LINE
            own, other = _distances(point, box, marks)
            if leader is None and other < own:
                continue  # everyone would read it as the other's name
            if other < (_AS_NEAR * own if leader is None else _GAPS[0]):
                cost += _BESIDE_ANOTHER
            if leader is not None:
                trail = _trail(point, placement)[3:]
                crossed = np.abs(trail[:, None, :] - marks[None, :, :]).max(axis=2) < radius
                cost += _ON_A_LINE * bool(crossed[:, (marks != point).any(axis=1)].any())
            found.append((cost, placement))
    return sorted(found, key=lambda choice: choice[0])


def _distances(point: Floats, box: Floats, marks: Floats) -> tuple[float, float]:
    """Return how far a text is from its own mark, and from the nearest other."""
    away = np.hypot(*(marks - np.clip(marks, box[:2], box[2:])).T)
    other = (marks != point).any(axis=1)
    own = float(np.hypot(*(point - np.clip(point, box[:2], box[2:]))))
    return own, float(away[other].min(initial=np.inf))


def _trail(point: Floats, placement: Placement) -> Floats:
    """Return points along the line that leads to a name; none without a line."""
    if placement.leader is None:
        return np.empty((0, 2))
    steps = np.linspace(0, 1, 25)[:, None]
    return point + steps * (np.array(placement.leader) - point)


def _box(x: float, y: float, wide: float, high: float) -> Floats:
    half = wide / 2 + _PAD, high / 2 + _PAD
    return np.array([x - half[0], y - half[1], x + half[0], y + half[1]])


def _meet(box: Floats, other: Floats) -> bool:
    return bool((box[:2] < other[2:]).all() and (other[:2] < box[2:]).all())


def _inside(points: Floats, box: Floats) -> NDArray[np.bool_]:
    return np.asarray(((points > box[:2]) & (points < box[2:])).all(axis=1))


def _near(marks: Floats, box: Floats, radius: float) -> NDArray[np.bool_]:
    """Return which marks a box covers in part."""
    nearest = np.clip(marks, box[:2], box[2:])
    return np.asarray(np.hypot(*(marks - nearest).T) < radius)
