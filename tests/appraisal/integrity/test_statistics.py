"""Test statistics, p values, intervals and standard errors of one comparison."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as t_distribution
from tests.appraisal.integrity.honest import printed, spreads, ways

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import (
    estimate_against_t,
    f_against_t,
    interval_against_p,
    se_against_interval,
    t_against_p,
)
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import EvidenceError


def test_t_and_p_by_hand() -> None:
    # t(38) = 2.10 has p = 0.0424.
    assert t_against_p("2.10", "0.042", "38").status == OK
    assert t_against_p("-2.10", "0.04", "38").status == OK
    assert t_against_p("2.10", "0.05", "38", relation="<").status == OK
    assert t_against_p("2.10", "0.05", "38", relation=">").status == CONTRADICTION
    wrong = t_against_p("2.10", "0.004", "38")
    assert wrong.status == CONTRADICTION
    assert "p = 0.041 to 0.043" in wrong.sentence
    # One-sided: half of it.
    half = t_against_p("2.10", "0.021", "38")
    assert half.status == OK
    assert "one-sided" in half.sentence
    # F(1, 38) = 4.41 is its square.
    assert t_against_p("4.41", "0.042", "38", squared=True).status == OK
    assert f_against_t("4.41", "2.10").status == OK
    assert f_against_t("5.41", "2.10").status == CONTRADICTION
    # A normal statistic.
    assert t_against_p("1.96", "0.05").status == OK
    assert t_against_p("12.7", "0.05", "1").status == OK


def test_estimate_over_standard_error() -> None:
    assert estimate_against_t("1.6", "0.8", "2.0").status == OK
    assert estimate_against_t("1.6", "0.8", "-2.1").status == OK
    assert estimate_against_t("1.6", "0.8", "3.0").status == CONTRADICTION
    assert estimate_against_t("1.6", "0.0", "3.0").status == CANNOT_BE_TESTED


def test_the_example_of_the_paper() -> None:
    # Altman and Bland 2011: a difference of -1.7 with a 95% interval of -2.9 to -0.5 ... the
    # standard error is 2.4 / 3.92 = 0.612, z = 2.78 and p = 0.0055; a ratio of 0.81 (0.70 to
    # 0.94) has z = 2.80 and p = 0.005.
    assert interval_against_p(("-1.7", "-2.9", "-0.5"), "0.005", least_df=None).status == OK
    assert interval_against_p(("-1.7", "-2.9", "-0.5"), "0.05", least_df=None).status == (
        CONTRADICTION
    )
    ratio = ("0.81", "0.70", "0.94")
    assert interval_against_p(ratio, "0.005", ratio=True, least_df=None).status == OK
    assert interval_against_p(ratio, "0.5", ratio=True, least_df=None).status == CONTRADICTION


def test_what_an_interval_says_hangs_on_its_degrees_of_freedom() -> None:
    # Half width 2.8: z = 3.01 and p = 0.003, on 3 degrees of freedom t = 4.89 and p = 0.016.
    numbers = ("-4.3", "-7.1", "-1.5")
    assert interval_against_p(numbers, "0.017").status == OK
    assert interval_against_p(numbers, "0.017", least_df=30).status == CONTRADICTION
    # At the edge of significance every number of them gives the same p value.
    assert interval_against_p(("2.0", "0.0", "4.0"), "0.2").status == CONTRADICTION


def test_what_an_interval_cannot_say() -> None:
    assert interval_against_p(("2.0", "1.0", "4.0"), "0.2").status == CANNOT_BE_TESTED
    assert interval_against_p(("2", "2", "2"), "0.2").status == CANNOT_BE_TESTED
    assert interval_against_p(("0.2", "0.0001", "0.5"), "0.2", ratio=True).status == (
        CANNOT_BE_TESTED
    )


def test_standard_error_and_interval() -> None:
    assert se_against_interval("1.00", ("-1.96", "1.96"), least_df=None).status == OK
    assert se_against_interval("1.00", ("-2.23", "2.23"), least_df=10).status == OK
    assert se_against_interval("1.00", ("-2.50", "2.50"), least_df=10).status == CONTRADICTION
    assert se_against_interval("1.00", ("-1.50", "1.50")).status == CONTRADICTION


def test_p_is_monotone_in_the_degrees_of_freedom() -> None:
    # So the ends of a range of them give the ends of the range of p.
    for ratio in np.geomspace(0.05, 20, 40):
        found = [
            p_from_t(ratio * quantile(0.95, df), df) for df in (*np.geomspace(1, 1e5, 60), None)
        ]
        steps = np.diff(found)
        assert (steps <= 1e-14).all() or (steps >= -1e-14).all()


@pytest.mark.parametrize("call", [
    lambda: t_against_p(2.1, "0.04", "38"),
    lambda: t_against_p("2.1", "1.04", "38"),
    lambda: t_against_p("2.1", "0.04", "38", relation="~"),
    lambda: t_against_p("-2.1", "0.04", "38", squared=True),
    lambda: t_against_p("2.1", "0.04", -1),
    lambda: interval_against_p(("0.8", "-0.1", "1.2"), "0.04", ratio=True),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(call) -> None:
    with pytest.raises(EvidenceError, match=r"\d|~"):
        call()


@given(
    st.floats(-20, 20),
    spreads,
    st.one_of(st.none(), st.integers(2, 200)),
    st.integers(0, 3),
    ways,
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_honest_comparisons_are_not_accused(
    estimate: float, se: float, df: int | None, decimals: int, how: str, level: float
) -> None:
    chance = norm() if df is None else t_distribution(df)
    reach = chance.ppf(0.5 + level / 2) * se
    t = estimate / se
    p = 2 * chance.sf(abs(t))
    texts = [
        printed(x, decimals, how) for x in (estimate, estimate - reach, estimate + reach, se, t)
    ]
    told = printed(p, 3, how)
    numbers = texts[0], texts[1], texts[2]
    for least in {1, df, None} if df is None else {1, df}:
        found = interval_against_p(numbers, told, level=level, least_df=least)
        assert found.status != CONTRADICTION, found.sentence
        found = se_against_interval(texts[3], numbers[1:], level=level, least_df=least)
        assert found.status != CONTRADICTION, found.sentence
    found = t_against_p(texts[4], told, df)
    assert found.status != CONTRADICTION, found.sentence
    assert estimate_against_t(texts[0], texts[3], texts[4]).status != CONTRADICTION
    f = printed(t * t, decimals, how)
    assert f_against_t(f, texts[4]).status != CONTRADICTION
    assert t_against_p(f, told, df, squared=True).status != CONTRADICTION
    for relation, bound in (("<", "0.05"), (">", "0.05")):
        if (p < 0.05) == (relation == "<"):
            assert t_against_p(texts[4], bound, df, relation=relation).status == OK


@given(st.floats(-2, 2), st.floats(0.05, 1), st.integers(1, 3), ways)
def test_honest_ratios_are_not_accused(log_ratio: float, se: float, decimals: int, how: str):
    ends = [log_ratio, log_ratio - 1.959964 * se, log_ratio + 1.959964 * se]
    texts = [printed(math.exp(x), decimals, how) for x in ends]
    if all(float(text) > 0 for text in texts):
        p = printed(2 * norm.sf(abs(log_ratio) / se), 3, how)
        numbers = texts[0], texts[1], texts[2]
        found = interval_against_p(numbers, p, ratio=True, least_df=None)
        assert found.status != CONTRADICTION, found.sentence
