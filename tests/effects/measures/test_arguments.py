"""What counts as a number, and what a copy is."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from evidence.effects.arguments import as_floats, checked, checked_views
from evidence.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1, [1]),
        (np.float32(0.5), [0.5]),
        (np.array(3), [3]),
        ([1, 2.5], [1, 2.5]),
        ((True, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        ([None, 1], [math.nan, 1]),
        ([Decimal("2.5"), Fraction(1, 4)], [2.5, 0.25]),
        (pd.Series([1, 2]), [1, 2]),
        (pd.Series([1.5, np.nan]), [1.5, math.nan]),
        (pd.Series([1, None], dtype="Int64"), [1, math.nan]),
        (pd.NA, [math.nan]),
        (np.ma.array([1.0, 2.0], mask=[False, True]), [1, math.nan]),
        ([], []),
    ],
)
def test_numbers(given, expected):
    found = as_floats("x", given)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.array(expected, dtype=float))


@pytest.mark.parametrize(
    "given",
    ["1", ["1", 2], b"1", 1j, [1, 10**400], {1, 2}, {1: 2}, object(), [[1], [2, 3]], [[1, 2]]],
)
def test_no_numbers(given):
    with pytest.raises(InvalidArgumentError, match=r"^x h"):
        as_floats("x", given)


def test_what_is_returned_is_a_copy():
    values = np.array([1.0, 2.0])
    as_floats("x", values)[0] = 9
    checked(x=values)["x"][0] = 9
    series = pd.Series([1.0, 2.0])
    as_floats("x", series)[0] = 9
    assert values.tolist() == series.tolist() == [1.0, 2.0]


def test_views_are_not_written_to():
    view = checked_views(x=np.array([1.0, 2.0]), y=3)
    for array in view.values():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9


def test_two_kinds_of_bounds():
    assert checked({"x": 0}, {"y": 0}, x=0, y=1)["x"].tolist() == [0]
    with pytest.raises(InvalidArgumentError, match="x must be at least 0; found study 1: -1"):
        checked({"x": 0}, {"y": 0}, x=-1, y=1)
    with pytest.raises(InvalidArgumentError, match="y must be above 0; found study 2: 0"):
        checked({"x": 0}, {"y": 0}, x=0, y=[1, 0])
    with pytest.raises(InvalidArgumentError, match="x must be above 0; found study 1: 0"):
        checked({"x": 0}, strict=True, x=0)
