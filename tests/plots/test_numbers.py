"""Effects as text: enough decimals at any scale, never a negative zero."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.plots.numbers import band_text, column_decimals, effect_text, ratio_text


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((-0.19, -0.51, 0.12), ("−0.19", "−0.51 to 0.12")),
        ((-1.6, -3.3, 0.0), ("−1.60", "−3.30 to 0.00")),
        ((-0.001, -0.5, 0.5), ("0.00", "−0.50 to 0.50")),
        ((0.0012, 0.0008, 0.0016), ("0.0012", "0.0008 to 0.0016")),
        ((0.3, 0.3, 0.3), ("0.30", "0.30 to 0.30")),
        ((0.0, 0.0, 0.0), ("0.00", "0.00 to 0.00")),
        ((1.2e-8, -3.4e-9, 2.74e-8), ("1.20×10⁻⁸", "−0.34×10⁻⁸ to 2.74×10⁻⁸")),
        ((1.2e8, 0.0, 2.4e8), ("1.20×10⁸", "0 to 2.40×10⁸")),
        ((0.2, -math.inf, math.inf), ("0.20", "−∞ to ∞")),
        ((0.2, math.nan, math.nan), ("0.20", "not known")),
        ((math.nan, 0.1, 0.2), ("not known", "")),
    ],
)
def test_differences(values: tuple[float, float, float], wanted: tuple[str, str]) -> None:
    assert effect_text(*values) == wanted


@pytest.mark.parametrize(
    ("ratios", "wanted"),
    [
        ((0.29, 0.062, 1.35), ("0.29", "0.06 to 1.35")),
        ((3.2, 0.004, 812.4), ("3.20", "0.004 to 812")),
        ((0.992, 0.9901, 0.9939), ("0.9920", "0.9901 to 0.9939")),
        ((1e5, 2e4, 5e5), ("1.0×10⁵", "2.0×10⁴ to 5.0×10⁵")),
    ],
)
def test_ratios(ratios: tuple[float, float, float], wanted: tuple[str, str]) -> None:
    assert effect_text(*map(math.log, ratios), log=True) == wanted


def test_a_ratio_that_no_float_can_hold() -> None:
    assert re.fullmatch(r"\d\.\d×10⁴³⁴²⁹⁴⁴⁸", ratio_text(1e8))
    assert re.fullmatch(r"\d\.\d×10⁻⁴³⁴²⁹⁴⁴⁹", ratio_text(-1e8))
    assert (ratio_text(math.inf), ratio_text(-math.inf)) == ("∞", "0")


@pytest.mark.parametrize(
    ("threshold", "log", "wanted"),
    [
        (0.5, False, "−0.5 to 0.5"),
        (2.8, False, "−2.8 to 2.8"),
        (6.0, False, "−6 to 6"),
        (1 / 3, False, "−0.33 to 0.33"),
        (5e-9, False, "−5.00×10⁻⁹ to 5.00×10⁻⁹"),
        (math.log(1.25), True, "0.80 to 1.25"),
        (math.log(2), True, "0.50 to 2.00"),
    ],
)
def test_bands(threshold: float, log: bool, wanted: str) -> None:
    assert band_text(threshold, log=log) == wanted


def test_a_column_has_the_decimals_of_its_middle_row() -> None:
    assert column_decimals([(0.1, -0.2, 0.4)] * 5) == 2
    assert column_decimals([(-11.0, -13.0, -9.0)] * 5) == 1
    assert column_decimals([(-1100.0, -1300.0, -900.0)] * 5) == 0
    assert column_decimals([(0.001, 0.0005, 0.0015)] * 5) == 4
    assert column_decimals([(math.nan, math.nan, math.nan)]) == 2
    assert column_decimals([]) == 2


reach = st.floats(1e-12, 1e12)


@given(st.floats(-1e12, 1e12), reach, reach, st.booleans())
def test_no_negative_zero_and_ends_that_differ(
    estimate: float, down: float, up: float, log: bool
) -> None:
    values = (estimate, estimate - down, estimate + up)
    first, interval = effect_text(*values, log=log)
    low, high = interval.split(" to ")
    assert "nan" not in first + interval
    for text in (first, low, high):
        assert not re.match(r"−0(\.0+)?(×|$)", text)
        assert len(text) < 30
    if not log and down + up > 1e-4 * abs(estimate) and down + up < 1e4 * abs(estimate):
        assert low != high
