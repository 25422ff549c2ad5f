"""Names stand beside their points, over no mark and no other name, or nowhere."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.plots.labels import Placement, free_of, place_beside

AREA = (4.0, 3.0)
RADIUS = 0.045
NONE = np.empty((0, 2))


def boxes_of(
    found: list[Placement | None], sizes: list[tuple[float, float]]
) -> list[tuple[float, float, float, float]]:
    return [(p.x, p.y, *size) for p, size in zip(found, sizes, strict=True) if p is not None]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 4), st.floats(0, 3)), min_size=1, max_size=25),
    st.floats(0.1, 2.0),
)
def test_no_name_covers_a_mark_a_name_or_leaves_the_area(
    places: list[tuple[float, float]], wide: float
) -> None:
    points = np.array(places)
    sizes = [(wide, 0.12)] * len(points)
    found = boxes_of(place_beside(points, sizes, points, RADIUS, AREA), sizes)
    for box in found:
        assert free_of(box, points, RADIUS, [])
        assert box[2] / 2 <= box[0] <= AREA[0] - box[2] / 2
        assert box[3] / 2 <= box[1] <= AREA[1] - box[3] / 2
    for one, other in combinations(found, 2):
        assert free_of(one, NONE, RADIUS, [other])


def test_a_lone_point_has_its_name_at_its_right_and_no_line() -> None:
    point = np.array([[1.0, 1.0]])
    (found,) = place_beside(point, [(0.8, 0.12)], point, RADIUS, AREA)
    assert found is not None
    assert found.leader is None
    assert found.x > 1.4
    assert found.y == 1.0


def test_at_the_right_end_it_stands_at_the_left() -> None:
    point = np.array([[3.9, 1.0]])
    (found,) = place_beside(point, [(0.8, 0.12)], point, RADIUS, AREA)
    assert found is not None
    assert found.x < 3.5


def test_without_room_there_is_none_unless_marks_may_be_covered() -> None:
    x, y = np.meshgrid(np.linspace(0, 4, 60), np.linspace(0, 3, 45))
    marks = np.column_stack([x.ravel(), y.ravel()])
    point = marks[[1350]]
    assert place_beside(point, [(0.8, 0.12)], marks, RADIUS, AREA) == [None]
    (found,) = place_beside(point, [(0.2, 0.12)], marks, RADIUS, AREA, over_marks=True)
    assert found is not None


def test_a_name_keeps_off_a_line_where_it_can() -> None:
    point = np.array([[2.0, 1.5]])
    line = np.column_stack([np.full(200, 2.4), np.linspace(0, 3, 200)])
    (found,) = place_beside(point, [(0.8, 0.12)], point, RADIUS, AREA, line)
    assert found is not None
    assert found.x + 0.4 < 2.4


def test_a_name_stands_nearer_to_its_own_mark_than_to_another() -> None:
    # At the right of the first point its name would end beside the second.
    points = np.array([[1.0, 1.5], [2.0, 1.5]])
    (found,) = place_beside(points[:1], [(0.8, 0.12)], points, RADIUS, AREA)
    assert found is not None
    half = np.array([0.4, 0.06])
    middle = np.array([found.x, found.y])
    own, other = (
        float(np.hypot(*(point - np.clip(point, middle - half, middle + half)))) for point in points
    )
    assert other > 1.4 * own
