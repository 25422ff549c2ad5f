"""From t, F, p and chi-square to an effect: against the effects from the data themselves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from evidence.effects.conversions.tables import Margins
from evidence.effects.conversions.tests_to_effects import (
    correlation_from_chi_square,
    correlation_from_f,
    correlation_from_p,
    correlation_from_t,
    log_odds_ratio_from_chi_square,
    smd_from_f,
    smd_from_p,
    smd_from_t,
)
from evidence.effects.conversions.two_by_two import table_statistic
from evidence.effects.measures.binary import log_odds_ratio
from evidence.effects.measures.continuous import standardised_mean_difference
from evidence.errors import InvalidArgumentError

N = {"n_treatment": 25, "n_control": 22}


@given(
    st.floats(-20, 20),
    st.floats(0.1, 10),
    st.integers(2, 300),
    st.integers(2, 300),
    st.sampled_from(("large-sample", "unbiased")),
)
def test_smd_from_t_is_the_smd_of_the_groups(
    difference: float, sd: float, n1: int, n2: int, formula: str
) -> None:
    n1 += 2
    direct = standardised_mean_difference(
        mean_treatment=difference,
        sd_treatment=sd,
        n_treatment=n1,
        mean_control=0,
        sd_control=sd,
        n_control=n2,
        variance_formula=formula,
    )
    t = difference / (sd * math.sqrt(1 / n1 + 1 / n2))
    found = smd_from_t(t=t, n_treatment=n1, n_control=n2, variance_formula=formula)
    assert_allclose(found.estimate, direct.estimate, rtol=1e-12)
    assert_allclose(found.variance, direct.variance, rtol=1e-12)
    assert found.measure == direct.measure
    sign = -1 if t < 0 else 1
    by_f = smd_from_f(f=t * t, n_treatment=n1, n_control=n2, direction=sign)
    assert_allclose(by_f.estimate, direct.estimate, rtol=1e-12, atol=1e-160)


def test_smd_from_p_says_what_it_supposes() -> None:
    found = smd_from_p(p_value=[0.04, 0.5], **N, direction=[1, -1])
    assert found.estimate[0] > 0 > found.estimate[1]
    assert [caution.code for caution in found.cautions] == ["p-only"]


@given(*[st.integers(1, 200)] * 4, st.booleans())
def test_log_odds_ratio_from_chi_square(a: int, b: int, c: int, d: int, yates: bool) -> None:
    table = {"events_treatment": a, "n_treatment": a + b, "events_control": c, "n_control": c + d}
    chi_square = table_statistic("chi-square, Yates" if yates else "chi-square", **table)
    if chi_square[0] == 0:
        return
    found = log_odds_ratio_from_chi_square(
        Margins(a + b, c + d, a + c),
        chi_square=chi_square,
        direction=1 if a * d > b * c else -1,
        yates=yates,
    )
    direct = log_odds_ratio(
        events_treatment=a, total_treatment=a + b, events_control=c, total_control=c + d
    )
    assert_allclose(found.estimate, direct.estimate, rtol=1e-6, atol=1e-9)
    assert_allclose(found.variance, direct.variance, rtol=1e-6)


@given(st.floats(-50, 50), st.floats(1, 1e4))
def test_correlations_by_every_way(t: float, df: float) -> None:
    r = correlation_from_t(t=t, df=df)
    assert -1 <= r[0] <= 1
    # r back to t
    assert_allclose(r * math.sqrt(df) / (1 - r**2) ** 0.5, t, rtol=1e-8, atol=1e-12)
    sign = -1 if t < 0 else 1
    assert_allclose(correlation_from_f(f=t * t, df=df, direction=sign), r, rtol=1e-9, atol=1e-150)


def test_correlation_from_p_and_chi_square_by_hand() -> None:
    # t 2.228 on 10 degrees of freedom has p 0.05
    expected = 2.2281388519649385 / math.sqrt(2.2281388519649385**2 + 10)
    assert_allclose(correlation_from_p(p_value=0.05, df=10, direction=-1), -expected, rtol=1e-10)
    assert_allclose(correlation_from_chi_square(chi_square=9, total=100, direction=1), 0.3)
    assert_allclose(correlation_from_chi_square(chi_square=100, total=100, direction=-1), -1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: smd_from_t(t=1, n_treatment=1, n_control=5), "n_treatment must be at least 2"),
        (lambda: smd_from_t(t=math.inf, **N), "t must be a finite number"),
        (lambda: smd_from_t(t=1, **N, level=2), "level is 2"),
        (lambda: smd_from_t(t=1, **N, variance_formula="x"), "variance_formula is 'x'"),
        (lambda: smd_from_f(f=-1, **N, direction=1), "f must be at least 0"),
        (lambda: smd_from_f(f=1, **N, direction=0), "direction of study 1 is neither"),
        (lambda: smd_from_p(p_value=1.2, **N, direction=1), "p_value must lie between 0 and 1"),
        (lambda: correlation_from_t(t=1, df=0), "df must be above 0"),
        (lambda: correlation_from_f(f=1, df=5, direction=2), "neither -1 nor 1"),
        (lambda: correlation_from_p(p_value=0, df=5, direction=1), "p_value must be above 0"),
        (
            lambda: correlation_from_chi_square(chi_square=101, total=100, direction=1),
            "chi_square of study 1 is above total",
        ),
        (
            lambda: log_odds_ratio_from_chi_square(Margins(20, 30, 14), chi_square=90, direction=1),
            "lies between",
        ),
    ],
)
def test_refusals(call: object, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()
