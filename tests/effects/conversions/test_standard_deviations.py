"""SDs from standard errors, intervals, tests and ranges: printed tables, round trips, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import norm
from scipy.stats import t as t_distribution

from evidence.effects.conversions.standard_deviations import (
    sd_from_difference_interval,
    sd_from_difference_standard_error,
    sd_from_f,
    sd_from_interval,
    sd_from_p,
    sd_from_range,
    sd_from_standard_error,
    sd_from_t,
    t_from_p_value,
)
from evidence.errors import InvalidArgumentError

EXACT = 1e-13
TWO = {"n_treatment": 25, "n_control": 22}

#: Wan et al. 2014, table 1: the expected range of n normal values in SDs.
WAN_TABLE_1 = {
    2: 1.128,
    3: 1.693,
    5: 2.326,
    10: 3.078,
    15: 3.472,
    20: 3.735,
    25: 3.931,
    30: 4.086,
    40: 4.322,
    50: 4.498,
}


def test_handbook_example_of_a_standard_error() -> None:
    # 4 √25 = 20
    assert_allclose(sd_from_standard_error(standard_error=4, n=25), 20)


def test_handbook_example_of_a_large_interval() -> None:
    # Handbook 6.5.2.2: 95% CI of a mean in a large group: √n (high - low)/3.92
    found = sd_from_interval(ci_low=30.0, ci_high=34.2, n=140, quantile="normal")
    assert_allclose(found, math.sqrt(140) * 4.2 / 3.92, rtol=2e-5)


def test_handbook_example_of_a_small_interval() -> None:
    # Handbook 6.5.2.2: 25 people, divide by 2 x 2.0639
    found = sd_from_interval(ci_low=0.0, ci_high=10.0, n=25)
    assert_allclose(found, 5 * 10 / (2 * 2.0639), rtol=2e-5)


def test_handbook_example_of_a_difference() -> None:
    # Handbook 6.5.2.3: MD 3.8, p 0.008, 25 and 22 people: t 2.78, SE 1.37, SD 4.69
    assert_allclose(t_from_p_value(p_value=0.008, df=45), 2.78, atol=0.005)
    found = sd_from_p(mean_difference=3.8, p_value=0.008, **TWO)
    assert_allclose(found, 4.69, atol=0.02)
    assert_allclose(sd_from_t(mean_difference=3.8, t=-2.78, **TWO), 4.69, atol=0.02)


@pytest.mark.parametrize(("n", "printed"), WAN_TABLE_1.items())
def test_expected_range_of_wan_table_1(n: int, printed: float) -> None:
    sd = sd_from_range(minimum=0, maximum=1, n=n, method="expected range")
    assert_allclose(1 / sd, printed, atol=5.1e-4)


def test_wan_example_of_another_implementation() -> None:
    # printed in the manual of the R package metaBLUE: 1, 4, 10 of 30 people
    assert_allclose(sd_from_range(minimum=1, maximum=10, n=30), 2.205578, atol=5e-7)


def test_the_approximation_is_near_the_expectation() -> None:
    n = np.array([5, 10, 30, 100, 1000])
    by_wan = sd_from_range(minimum=0, maximum=1, n=n)
    expected = sd_from_range(minimum=0, maximum=1, n=n, method="expected range")
    # 1.4% off with five people, 0.5% with ten
    assert (np.abs(by_wan / expected - 1) < [0.015, 0.006, 0.005, 0.005, 0.005]).all()


@pytest.mark.parametrize(("n", "divisor"), [(16, 4), (70, 4), (71, 6), (1000, 6)])
def test_hozo_divides_by_whole_numbers(n: int, divisor: int) -> None:
    assert_allclose(sd_from_range(minimum=-6, maximum=6, n=n, method="Hozo"), 12 / divisor)


def test_hozo_of_few_people() -> None:
    # 1, 4, 10: √((9 + ... )): ((1 - 8 + 10)²/4 + 81)/12
    found = sd_from_range(minimum=1, median=4, maximum=10, n=15, method="Hozo")
    assert_allclose(found, math.sqrt((9 / 4 + 81) / 12), rtol=EXACT)


positive = st.floats(1e-6, 1e6)
people = st.integers(2, 5000)


@given(positive, people, st.floats(-1e3, 1e3), st.sampled_from((0.8, 0.9, 0.95, 0.99)))
def test_interval_round_trip(sd: float, n: int, centre: float, level: float) -> None:
    half = t_distribution.ppf(0.5 + level / 2, n - 1) * sd / math.sqrt(n)
    low, high = centre * sd - half, centre * sd + half
    found = sd_from_interval(ci_low=low, ci_high=high, n=n, ci_level=level)
    assert_allclose(found, sd, rtol=1e-8)


@given(positive, people, people, st.floats(0.01, 40))
def test_the_tests_of_a_difference_agree(sd: float, n1: int, n2: int, t: float) -> None:
    n = {"n_treatment": n1, "n_control": n2}
    error = sd * math.sqrt(1 / n1 + 1 / n2)
    difference, df = t * error, n1 + n2 - 2
    half = t_distribution.ppf(0.975, df) * error
    assert_allclose(sd_from_difference_standard_error(standard_error=error, **n), sd, rtol=EXACT)
    assert_allclose(sd_from_t(mean_difference=-difference, t=t, **n), sd, rtol=EXACT)
    assert_allclose(sd_from_f(mean_difference=difference, f=t * t, **n), sd, rtol=EXACT)
    found = sd_from_difference_interval(ci_low=difference - half, ci_high=difference + half, **n)
    assert_allclose(found, sd, rtol=1e-10)
    p = 2 * t_distribution.sf(t, df)
    if p > 1e-290:
        assert_allclose(sd_from_p(mean_difference=difference, p_value=p, **n), sd, rtol=1e-8)


def test_normal_quantiles_where_the_report_used_them() -> None:
    z = norm.ppf(0.975)
    low, high = -z, z
    found = sd_from_difference_interval(ci_low=low, ci_high=high, **TWO, quantile="normal")
    assert_allclose(found, sd_from_difference_standard_error(standard_error=1, **TWO), rtol=EXACT)
    assert_allclose(t_from_p_value(p_value=[0.05, 1e-300], df=None), norm.isf([0.025, 5e-301]))


def test_several_studies_at_once() -> None:
    found = sd_from_interval(ci_low=[0, 1], ci_high=[1, 3], n=[10, 20])
    alone = [
        float(sd_from_interval(ci_low=a, ci_high=b, n=n)[0]) for a, b, n in ((0, 1, 10), (1, 3, 20))
    ]
    assert_allclose(found, alone)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: sd_from_standard_error(standard_error=-1, n=5),
            "standard_error must be at least 0",
        ),
        (lambda: sd_from_standard_error(standard_error="1", n=5), "standard_error holds something"),
        (lambda: sd_from_standard_error(standard_error=[], n=5), "standard_error is empty"),
        (lambda: sd_from_standard_error(standard_error=[1, 2], n=[1, 2, 3]), "different lengths"),
        (lambda: sd_from_interval(ci_low=2, ci_high=1, n=5), "ci_low must be below ci_high"),
        (lambda: sd_from_interval(ci_low=[0, 3], ci_high=[1, 3], n=5), "study 2: 3 and 3"),
        (lambda: sd_from_interval(ci_low=0, ci_high=1, n=1), "n must be at least 2"),
        (lambda: sd_from_interval(ci_low=0, ci_high=1, n=5, ci_level=95), "level is 95"),
        (lambda: sd_from_interval(ci_low=0, ci_high=1, n=5, quantile="norm"), "Did you mean"),
        (lambda: sd_from_interval(ci_low=math.nan, ci_high=1, n=5), "ci_low must be a finite"),
        (lambda: sd_from_t(mean_difference=0, t=1, **TWO), "mean_difference of study 1 is 0"),
        (lambda: sd_from_t(mean_difference=1, t=[1, 0], **TWO), "t of study 2 is 0"),
        (lambda: sd_from_f(mean_difference=1, f=0, **TWO), "f must be above 0"),
        (lambda: sd_from_p(mean_difference=1, p_value=0, **TWO), "p_value must be above 0"),
        (lambda: sd_from_p(mean_difference=1, p_value=[0.1, 1], **TWO), "study 2 has one of 1"),
        (lambda: t_from_p_value(p_value=0.1, df=0), "df must be above 0"),
        (lambda: sd_from_range(minimum=3, maximum=1, n=5), "minimum must be at most maximum"),
        (lambda: sd_from_range(minimum=1, maximum=3, n=5, method="Hozo"), "median is needed"),
        (
            lambda: sd_from_range(minimum=1, maximum=3, n=5, median=9, method="Hozo"),
            "median must be at most maximum",
        ),
        (lambda: sd_from_range(minimum=1, maximum=3, n=5, method="Hoso"), "Did you mean 'Hozo'"),
    ],
)
def test_refusals(call: object, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()
