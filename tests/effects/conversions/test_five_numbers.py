"""Mean and SD from medians, and the test of skewness: printed results, levels, invariants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import beta, gamma, lognorm, weibull_min
from scipy.stats import norm as normal

from evidence.effects.conversions.five_numbers import (
    METHODS,
    FiveNumberSummary,
    MeanAndSd,
    mean_and_sd_from_median,
)
from evidence.effects.conversions.quantile_fit import DISTRIBUTIONS, fit_quantiles
from evidence.effects.conversions.skewness import skewness_test
from evidence.errors import InvalidArgumentError

P5 = np.array([0.02, 0.25, 0.5, 0.75, 0.98])


def estimate(method: str = "Luo-Wan-Shi", **values: object) -> MeanAndSd:
    return mean_and_sd_from_median(FiveNumberSummary(**values), method=method)


def test_quantile_estimation_as_the_authors_print_it() -> None:
    # The README of the authors' R package: 4.347284 and 1.502171 for 2, 4, 9 of 100 people. It
    # stops at optim's default tolerance; the distance at ours is the smaller one.
    found = estimate("quantile estimation", n=100, minimum=2, median=4, maximum=9)
    assert_allclose((found.mean[0], found.sd[0]), (4.347284, 1.502171), rtol=1e-5)
    assert found.distribution == ("log-normal",)

    def distance(mean: float, sd: float) -> float:
        sigma = math.sqrt(math.log1p((sd / mean) ** 2))
        fitted = lognorm(sigma, scale=mean / math.exp(sigma**2 / 2)).ppf([0.01, 0.5, 0.99])
        return float(np.sum((fitted - [2, 4, 9]) ** 2))

    assert_allclose(distance(found.mean[0], found.sd[0]), found.fits[0][0].distance, rtol=1e-9)
    assert distance(found.mean[0], found.sd[0]) < distance(4.347284, 1.502171)


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("normal", normal(50, 4)),
        ("log-normal", lognorm(0.8, scale=20)),
        ("log-normal", lognorm(3.0, scale=20)),
        ("gamma", gamma(0.3, scale=5)),
        ("gamma", gamma(400, scale=1e6)),
        ("Weibull", weibull_min(0.7, scale=1e-7)),
        ("Weibull", weibull_min(9, scale=3)),
        ("beta", beta(0.6, 3)),
        ("beta", beta(40, 10)),
    ],
)
def test_the_quantiles_of_a_distribution_give_it_back(name: str, truth: object) -> None:
    q = truth.ppf(P5)
    first = fit_quantiles(P5, q, DISTRIBUTIONS)[0]
    assert first.distribution == name
    assert_allclose(first.mean, truth.mean(), rtol=1e-6)
    assert_allclose(first.sd, truth.std(), rtol=1e-6)


@pytest.mark.parametrize("n", [25, 101])
def test_the_skewness_tests_keep_their_level(n: int) -> None:
    rng = np.random.default_rng(7)
    values = np.sort(rng.standard_normal((4000, n)), axis=1)
    low, high = values[:, 0], values[:, -1]
    q1, middle, q3 = np.quantile(values, [0.25, 0.5, 0.75], axis=1)
    known = {
        "S1": {"minimum": low, "maximum": high},
        "S2": {"q1": q1, "q3": q3},
        "S3": {"minimum": low, "maximum": high, "q1": q1, "q3": q3},
    }
    for arguments in known.values():
        share = float(skewness_test(n=n, median=middle, **arguments).skewed.mean())
        assert 0.035 < share < 0.065


def test_luo_and_shi_are_nearest_to_the_sample() -> None:
    """With normal values their weights beat Wan's and each part alone (the papers' claim)."""
    rng = np.random.default_rng(8)
    values = rng.standard_normal((3000, 60))
    low, q1, middle, q3, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1], axis=1)
    mean, sd = values.mean(axis=1), values.std(axis=1, ddof=1)
    five = {"minimum": low, "q1": q1, "median": middle, "q3": q3, "maximum": high}
    best, older = (estimate(method, n=60, **five) for method in METHODS[:2])
    assert np.mean((best.mean - mean) ** 2) < np.mean((older.mean - mean) ** 2)
    assert np.mean((best.sd - sd) ** 2) < np.mean((older.sd - sd) ** 2)
    assert_allclose(best.sd.mean(), 1, atol=0.02)


def test_each_group_by_what_it_reports() -> None:
    nan = math.nan
    found = estimate(
        n=[30, 40, 50],
        median=5,
        minimum=[1, nan, 1],
        q1=[nan, 3, 3],
        q3=[nan, 6, 6],
        maximum=[9, nan, 9],
        labels=["A", "B", "C"],
    )
    assert found.skewness.scenario == ("S1", "S2", "S3")
    alone = [
        estimate(n=30, median=5, minimum=1, maximum=9),
        estimate(n=40, median=5, q1=3, q3=6),
        estimate(n=50, median=5, minimum=1, q1=3, q3=6, maximum=9),
    ]
    assert_allclose(found.mean, [float(each.mean[0]) for each in alone])
    assert_allclose(found.sd, [float(each.sd[0]) for each in alone])


summaries = st.tuples(st.floats(-100, 100), *[st.floats(0.1, 50)] * 4, st.integers(5, 3000)).map(
    lambda v: (np.cumsum(v[:5]), v[5])
)


@given(summaries, st.floats(-1e3, 1e3), st.floats(1e-6, 1e6), st.sampled_from(METHODS[:2]))
def test_units_and_origin_do_not_matter(
    summary: tuple[np.ndarray, int], shift: float, scale: float, method: str
) -> None:
    names = ("minimum", "q1", "median", "q3", "maximum")
    values, n = summary
    first = estimate(method, n=n, **dict(zip(names, values, strict=True)))
    moved = (values + shift) * scale
    again = estimate(method, n=n, **dict(zip(names, moved, strict=True)))
    size = scale * (np.abs(values).max() + abs(shift))
    assert_allclose(again.mean, (first.mean + shift) * scale, rtol=1e-9, atol=1e-12 * size)
    assert_allclose(again.sd, first.sd * scale, rtol=1e-8)
    mirrored = estimate(method, n=n, **dict(zip(names, -values[::-1], strict=True)))
    assert_allclose(mirrored.mean, -first.mean, rtol=1e-9, atol=1e-10)
    assert_allclose(mirrored.skewness.statistic, first.skewness.statistic, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_quantile_estimation_in_any_unit(scale: float) -> None:
    values = {"minimum": 1.0, "q1": 2.0, "median": 3.0, "q3": 5.0, "maximum": 11.0}
    first = estimate("quantile estimation", n=40, **values)
    again = estimate("quantile estimation", n=40, **{k: v * scale for k, v in values.items()})
    assert again.distribution == first.distribution
    assert_allclose(again.mean, first.mean * scale, rtol=1e-8)
    assert_allclose(again.sd, first.sd * scale, rtol=1e-8)


def test_values_of_0_or_below_leave_the_normal_only() -> None:
    for minimum in (0.0, -2.0):
        found = estimate("quantile estimation", n=40, minimum=minimum, median=3, maximum=11)
        assert [fit.distribution for fit in found.fits[0]] == ["normal"]


def test_the_beta_only_between_0_and_1_and_only_if_asked() -> None:
    summary = FiveNumberSummary(n=40, q1=0.1, median=0.3, q3=0.5)
    assert "beta" not in [
        fit.distribution
        for fit in mean_and_sd_from_median(summary, method="quantile estimation").fits[0]
    ]
    asked = mean_and_sd_from_median(summary, method="quantile estimation", distributions=["beta"])
    assert asked.distribution == ("beta",)
    with pytest.raises(InvalidArgumentError, match="Add 'normal'"):
        mean_and_sd_from_median(
            FiveNumberSummary(n=40, q1=10, median=30, q3=50),
            method="quantile estimation",
            distributions="beta",
        )


def test_a_skewed_summary_is_a_caution_that_names_it() -> None:
    found = estimate(n=100, median=[10, 2], q1=[8, 1], q3=[12, 30], labels=["even", "lopsided"])
    skewed, estimated = found.cautions
    assert skewed.code == "skewed"
    assert "lopsided (right)" in skewed.message
    assert "even" not in skewed.message
    assert estimated.code == "sd-from-quantiles"
    assert found.skewness.direction == ("none", "right")
    assert "lopsided: mean" in found.summary()
    assert "Note: " in found.summary()
    assert list(found.to_frame()["skewed"]) == [False, True]
    assert found.to_dict()["method"] == "Luo-Wan-Shi"
    assert "lopsided" in found._repr_html_()
    assert "no skewness detected" in found.skewness.summary()
    assert "lopsided (right)" in str(found.skewness.to_dict()["cautions"])


def test_too_few_people_for_a_critical_value_are_never_skewed() -> None:
    test = skewness_test(n=2, median=2, minimum=1, q1=1, q3=9, maximum=9)
    assert test.critical_value[0] == math.inf
    assert not test.skewed[0]


def test_equal_quartiles_within_a_range_are_accepted() -> None:
    found = estimate(n=30, minimum=0, q1=5, median=5, q3=5, maximum=10)
    assert_allclose(found.mean, 5)
    assert found.sd[0] > 0


FIVE = {"minimum": 1, "q1": 2, "median": 3, "q3": 4, "maximum": 5}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"q1": None}, "q1 of study 1 is missing"),
        ({"maximum": math.nan}, "maximum of study 1 is missing"),
        ({"minimum": None, "maximum": None, "q1": None, "q3": None}, "neither range nor quartiles"),
        ({"median": 9}, "median must be at most q3"),
        ({"q1": 0}, "minimum must be at most q1"),
        ({"q1": None, "q3": None, "median": 7}, "median must be at most maximum"),
        ({"minimum": None, "maximum": None, "q1": 3, "q3": 3}, "no spread"),
        ({"median": math.nan}, "median must be a finite number"),
        ({"median": "3"}, "median holds something that is not a number"),
        ({"n": 1}, "n must be at least 2"),
        ({"n": [10, 20, 30], "median": [3, 3]}, "different lengths"),
        ({"labels": ["a", "b"]}, "labels has 2 names for 1 studies"),
        ({"minimum": math.inf, "maximum": math.inf}, "minimum must be a finite"),
    ],
)
def test_refusals(changed: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        estimate(**{"n": 20, **FIVE, **changed})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "Luo"}, "method is 'Luo'; known are"),
        ({"distributions": ["log normal"]}, "Did you mean 'log-normal'"),
        ({"distributions": []}, "distributions is empty"),
    ],
)
def test_unknown_methods(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        mean_and_sd_from_median(FiveNumberSummary(n=20, **FIVE), **arguments)


def test_a_range_of_four_people_is_no_quantile() -> None:
    with pytest.raises(InvalidArgumentError, match="study 1 has 4 people"):
        estimate("quantile estimation", n=4, minimum=1, median=2, maximum=3)
