"""Reported numbers: the digits stand for an interval, and the interval for the digits."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evidence.data import ReportedNumber
from evidence.errors import InvalidArgumentError

integers = st.integers(-(10**12), 10**12)
decimals = st.builds(
    lambda number, places: f"{Decimal(number).scaleb(-places):f}", integers, st.integers(1, 9)
)
printed = st.one_of(integers.map(str), decimals)
any_number = st.from_regex(
    r"\A-?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?\Z"
)


@pytest.mark.parametrize(
    ("text", "value", "places", "low", "high"),
    [
        ("5.10", 5.1, 2, 5.095, 5.105),
        ("5.1", 5.1, 1, 5.05, 5.15),
        ("5", 5.0, 0, 4.5, 5.5),
        ("5.", 5.0, 0, 4.5, 5.5),
        ("0", 0.0, 0, -0.5, 0.5),
        ("-0.00", 0.0, 2, -0.005, 0.005),
        ("-4.34", -4.34, 2, -4.345, -4.335),
        (".5", 0.5, 1, 0.45, 0.55),
        ("-.05", -0.05, 2, -0.055, -0.045),
        ("007", 7.0, 0, 6.5, 7.5),
        ("155", 155.0, 0, 154.5, 155.5),
        ("1e-3", 0.001, 3, 0.0005, 0.0015),
        ("1.50E-3", 0.0015, 5, 0.001495, 0.001505),
        ("1.5e3", 1500.0, 0, 1450.0, 1550.0),
        ("1.500e3", 1500.0, 0, 1499.5, 1500.5),
        ("2e+2", 200.0, 0, 150.0, 250.0),
    ],
)
def test_examples(text: str, value: float, places: int, low: float, high: float) -> None:
    number = ReportedNumber(text)
    assert (number.value, number.decimals) == (value, places)
    assert (number.low, number.high) == (low, high)
    assert number.half_unit == pytest.approx((high - low) / 2)
    assert (float(number), str(number)) == (value, text)


@given(any_number)
def test_the_value_lies_in_its_interval(text: str) -> None:
    number = ReportedNumber(text)
    assert number.low <= number.value <= number.high
    assert number.value == float(text)
    assert number.half_unit > 0
    assert number.decimals >= 0


@given(printed, st.fractions(-1, 1))
def test_whatever_lies_in_the_interval_prints_as_the_digits(text: str, share: Fraction) -> None:
    """The interval is not too wide: rounding anything inside gives the digits back."""
    assume(abs(share) < 1)
    number = ReportedNumber(text)
    half = Fraction(1, 2 * 10**number.decimals)
    value = float(Fraction(text) + share * half)
    assert number.low <= value <= number.high
    # A float can fall on the very end, where rounding may go either way.
    assume(abs(Fraction(value) - Fraction(text)) < half)
    back = f"{value:.{number.decimals}f}"
    assert back.removeprefix("-") == text.removeprefix("-")
    assert Fraction(back) == Fraction(text)


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_the_interval_of_rounded_digits_holds_the_unrounded(value: float, places: int) -> None:
    """The interval is not too narrow: it holds whatever was rounded to these digits."""
    number = ReportedNumber(f"{value:.{places}f}")
    assert number.decimals == places
    assert number.low <= value <= number.high


@given(st.integers(0, 10**40), st.integers(0, 60))
def test_long_numbers_lose_no_digits_before_the_float(number: int, places: int) -> None:
    text = f"{number}." + "3" * places
    reported = ReportedNumber(text)
    half = Fraction(1, 2 * 10**places)
    assert reported.low == float(Fraction(text) - half)
    assert reported.high == float(Fraction(text) + half)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "5,10", "1,000", "5.1 mg", " 5.1", "5.1\n", "5.1.0", "--5", "+5", "5-", "."),
        *("-", "e5", "1e", "1e1.5", "nan", "inf", "-inf", "0x10", "1_000", "½", "٣", "５", "五"),
        *("\N{MINUS SIGN}5", "5%", "<5", "1e1000"),
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert not ReportedNumber.is_number(text)
    with pytest.raises(InvalidArgumentError, match="not a number with a decimal point") as error:
        ReportedNumber(text)
    assert isinstance(error.value, ValueError)
    assert repr(text) in str(error.value)


@given(st.text())
def test_whatever_is_accepted_is_a_float(text: str) -> None:
    if ReportedNumber.is_number(text):
        assert not math.isnan(float(text))
        assert text.isascii()


def test_digits_are_part_of_what_makes_two_numbers_equal() -> None:
    assert ReportedNumber("5.10") != ReportedNumber("5.1")
    assert ReportedNumber("5.10") == ReportedNumber("5.10")
    assert len({ReportedNumber("5.10"), ReportedNumber("5.1"), ReportedNumber("5.10")}) == 2
