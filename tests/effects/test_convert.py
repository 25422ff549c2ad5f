"""From one reported statistic to another: round trips, tables, limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import f as f_distribution
from scipy.stats import norm
from scipy.stats import t as t_distribution

from evidence.effects.conversions.spread import (
    p_from_t,
    quantile,
    same_p,
    se_from_interval,
    t_from_f,
    t_from_p,
)
from evidence.errors import InvalidArgumentError

ROUND_TRIP = 1e-9  # relative
TABLE = 5e-4  # absolute: half a unit of the third decimal, as tables print

freedoms = st.one_of(st.none(), st.floats(1, 1e5))


@pytest.mark.parametrize(
    ("level", "df", "printed"),
    [
        (0.95, 1, 12.706),
        (0.95, 2, 4.303),
        (0.95, 10, 2.228),
        (0.95, 151, 1.976),
        (0.90, 10, 1.812),
        (0.99, 10, 3.169),
        (0.95, None, 1.960),
        (0.99, None, 2.576),
    ],
)
def test_quantiles_as_tables_print_them(level: float, df: float | None, printed: float) -> None:
    assert_allclose(quantile(level, df), printed, atol=TABLE)


@given(st.floats(0.001, 0.9999), st.floats(1, 1e4))
def test_quantiles_of_t_are_wider_and_approach_the_normal(level: float, df: float) -> None:
    assert quantile(level, df) > quantile(level)
    assert_allclose(quantile(level, 1e9), quantile(level), rtol=1e-6)


def test_standard_error_by_hand() -> None:
    # 1.0 to 4.92 spans 3.92 = 2 * 1.96 standard errors
    assert_allclose(se_from_interval(1.0, 4.92), 1.0, rtol=2e-5)
    # on 1 degree of freedom the quantile is tan(0.475 π)
    assert_allclose(se_from_interval(-3, 3, df=1), 3 / math.tan(0.475 * math.pi), rtol=1e-12)


@given(st.floats(-100, 100), st.floats(0.01, 50), st.floats(0.5, 0.999), freedoms)
def test_an_interval_gives_back_its_standard_error(
    centre: float, se: float, level: float, df: float | None
) -> None:
    reach = quantile(level, df) * se
    assert_allclose(
        se_from_interval(centre - reach, centre + reach, level, df), se, rtol=1e-8, atol=1e-12
    )


@given(st.floats(1e-12, 1), freedoms)
def test_p_to_t_and_back(p: float, df: float | None) -> None:
    t = t_from_p(p, df)
    assert t >= 0
    assert_allclose(p_from_t(t, df), p, rtol=ROUND_TRIP)
    assert p_from_t(-t, df) == p_from_t(t, df)


@given(st.floats(0, 30), freedoms)
def test_p_values_are_those_of_scipy(t: float, df: float | None) -> None:
    tail = norm.sf(t) if df is None else t_distribution.sf(t, df)
    assert_allclose(p_from_t(t, df), 2 * tail, rtol=1e-8)


def test_p_values_by_hand() -> None:
    # on 1 degree of freedom P(|T| > 1) = 1/2; on 2, P(|T| > t) = 1 - t / √(2 + t²)
    assert_allclose(p_from_t(1, 1), 0.5, rtol=1e-14)
    assert_allclose(p_from_t(3, 2), 1 - 3 / math.sqrt(11), rtol=1e-13)
    assert_allclose(t_from_p(0.5, 1), 1, rtol=1e-14)
    assert t_from_p(1, 7) == 0
    assert t_from_p(1) == 0


@given(st.floats(0, 1e4), st.floats(2, 1e4))
def test_f_with_one_degree_of_freedom_is_the_square_of_t(f: float, df: float) -> None:
    assert_allclose(t_from_f(f) ** 2, f, rtol=1e-14)
    assert_allclose(p_from_t(t_from_f(f), df), f_distribution.sf(f, 1, df), rtol=1e-6, atol=1e-300)


@given(st.floats(0.001, 20), freedoms, freedoms)
def test_the_same_p_on_other_degrees_of_freedom(
    t: float, df: float | None, reference: float | None
) -> None:
    moved = same_p(t, df, reference)
    assert_allclose(p_from_t(moved, reference), p_from_t(t, df), rtol=1e-7)
    assert same_p(-t, df, reference) == moved


def test_the_same_p_at_the_ends() -> None:
    assert same_p(0, 5, None) == 0
    assert same_p(math.inf, 5, None) == math.inf
    assert same_p(2.5, 7, 7) == 2.5
    # Φ(-40) is below what a float can hold: no smaller t will do.
    assert same_p(40, None, 10) == math.inf
    # fewer degrees of freedom need a larger t for the same p
    assert same_p(2, None, 10) > 2 > same_p(2, 10, None)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quantile(0), "level is 0; it must lie between 0 and 1"),
        (lambda: quantile(1), "level is 1"),
        (lambda: quantile(95, 10), "level is 95"),
        (lambda: quantile(math.nan), "level is nan"),
        (lambda: se_from_interval(2, 2), "The interval 2 to 2 has no width"),
        (lambda: se_from_interval(3, 2), "The interval 3 to 2 has no width"),
        (lambda: se_from_interval(math.nan, 2), "The interval nan to 2 has no width"),
        (lambda: t_from_p(0), "p is 0; it must be above 0 and at most 1"),
        (lambda: t_from_p(-0.1), r"p is -0.1"),
        (lambda: t_from_p(1.0001), r"p is 1.0001"),
        (lambda: t_from_p(math.nan), "p is nan"),
        (lambda: t_from_f(-1), "F is -1; it must be at least 0"),
        (lambda: t_from_f(math.nan), "F is nan"),
    ],
)
def test_what_cannot_be_converted(call, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()
