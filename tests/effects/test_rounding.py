"""What the printed digits of several numbers allow together."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from evidence.data import ReportedNumber
from evidence.effects.derivation.rounding import envelope, magnitude

EXACT = 1e-14


def printed(text: str) -> ReportedNumber:
    return ReportedNumber(text)


def test_one_number_by_hand() -> None:
    # 5.10 stands for 5.095 to 5.105
    low, high = envelope(lambda x: 2 * x, {"x": printed("5.10")})
    assert_allclose((low, high), (10.19, 10.21), rtol=EXACT)


def test_a_falling_formula_by_hand() -> None:
    # 0.5 stands for 0.45 to 0.55
    assert_allclose(
        envelope(lambda x: 1 / x, {"x": printed("0.5")}), (1 / 0.55, 1 / 0.45), rtol=EXACT
    )


def test_two_numbers_by_hand() -> None:
    # 3.0 over 2: 2.95 to 3.05 over 1.5 to 2.5
    numbers = {"a": printed("3.0"), "b": printed("2")}
    assert_allclose(envelope(lambda a, b: a / b, numbers), (2.95 / 2.5, 3.05 / 1.5), rtol=EXACT)


def test_what_was_not_reported_is_handed_on() -> None:
    def formula(a: float, b: float | None) -> float:
        return a if b is None else math.nan

    assert_allclose(envelope(formula, {"a": printed("1"), "b": None}), (0.5, 1.5), rtol=EXACT)


def test_impossible_corners_are_left_out() -> None:
    def root(x: float) -> float:
        return math.sqrt(x) if x >= 0 else math.nan

    assert_allclose(envelope(root, {"x": printed("0")}), (math.sqrt(0.5),) * 2, rtol=EXACT)
    assert all(math.isnan(end) for end in envelope(lambda x: math.nan, {"x": printed("1")}))


def test_an_infinite_corner_is_an_end() -> None:
    def inverse(x: float) -> float:
        return 1 / x if x > 0.06 else math.inf

    low, high = envelope(inverse, {"x": printed("0.1")})
    assert_allclose(low, 1 / 0.15, rtol=EXACT)
    assert high == math.inf


decimals = st.tuples(st.integers(-5000, 5000), st.integers(0, 3)).map(
    lambda pair: f"{pair[0] / 10 ** pair[1]:.{pair[1]}f}"
)


@given(decimals, decimals, decimals, st.data())
def test_no_unrounded_value_falls_outside(a: str, b: str, c: str, data: st.DataObject) -> None:
    numbers = {"a": printed(a), "b": printed(b), "c": printed(c)}

    def formula(a: float, b: float, c: float) -> float:
        return a - 2 * b + c * a  # monotone in each, whatever the others

    low, high = envelope(formula, numbers)
    true = {name: data.draw(st.floats(number.low, number.high)) for name, number in numbers.items()}
    slack = 1e-9 * (1 + abs(low) + abs(high))
    assert low - slack <= formula(**true) <= high + slack


@pytest.mark.parametrize(
    ("ends", "sizes"),
    [
        ((1, 2), (1, 2)),
        ((-2, -1), (1, 2)),
        ((-1, 3), (0, 3)),
        ((-3, 1), (0, 3)),
        ((0, 2), (0, 2)),
        ((-2, 0), (0, 2)),
        ((-math.inf, 1), (0, math.inf)),
    ],
)
def test_sizes_between_two_ends(ends: tuple[float, float], sizes: tuple[float, float]) -> None:
    assert magnitude(*ends) == sizes


def test_the_size_of_a_difference_that_may_have_either_sign() -> None:
    # 1.0 less 1.03: 0.95 to 1.05 less 1.025 to 1.035 is -0.085 to 0.025, so the size starts at
    # 0, which no corner of the sizes themselves shows (the smallest there is 0.015).
    numbers = {"a": printed("1.0"), "b": printed("1.03")}
    low, high = magnitude(*envelope(lambda a, b: a - b, numbers))
    assert low == 0
    assert_allclose(high, 0.085, rtol=1e-12)
    assert envelope(lambda a, b: abs(a - b), numbers)[0] > 0.01
