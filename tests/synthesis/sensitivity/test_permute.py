"""Turning the signs of effects: every arrangement by hand, random ones, edges, refusals."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.papers.bcg import log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.display import format_interval, format_p
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PoolingMethod
from evidence.synthesis.sensitivity.permute import permute_mean
from evidence.synthesis.tau2 import TAU2_METHODS

EFFECTS = [0.2, 0.9, 1.1, -0.3, 0.6]
VARIANCES = [0.05, 0.1, 0.02, 0.4, 0.2]


def many(k, mean=0.25, seed=4):
    rng = np.random.default_rng(seed)
    variances = rng.uniform(0.05, 0.5, k)
    return pool(rng.normal(mean, np.sqrt(variances + 0.1)), variances)


@pytest.mark.parametrize("ci_method", ["Wald", "t", "HKSJ", "HKSJ-adhoc"])
@pytest.mark.parametrize("tau2_method", [*TAU2_METHODS, 0.1])
def test_every_arrangement_by_pool(tau2_method, ci_method) -> None:
    options = {"tau2_method": tau2_method, "ci_method": ci_method}
    result = pool(EFFECTS, VARIANCES, **options)
    found = permute_mean(result)
    size = abs(result.estimate / result.standard_error)
    extreme = 0
    for signs in itertools.product((1, -1), repeat=5):
        turned = pool(np.array(signs) * EFFECTS, VARIANCES, **options)
        extreme += abs(turned.estimate / turned.standard_error) >= size * (1 - 1e-8)
    assert found.p_value == extreme / 32
    assert_allclose(found.statistic, result.estimate / result.standard_error, rtol=1e-12)
    assert found.arrangements == 32
    assert found.exact
    assert found.monte_carlo_error == 0
    assert found.p_value_by_method == result.p_value


def test_common_effect_by_hand() -> None:
    # |sum| of 1, 2, 3 with signs is 6, 4, 2 or 0; of the eight, two reach 6 and four reach 4.
    effects = np.array([1.0, 2.0, 3.0])
    for signs, expected in (((1, 1, 1), 2 / 8), ((-1, 1, 1), 4 / 8), ((1, -1, 1), 6 / 8)):
        result = pool(signs * effects, [1, 1, 1], model="common", ci_method="Wald")
        assert permute_mean(result).p_value == expected
    assert permute_mean(pool([1, 2, -3], [1] * 3, model="common", ci_method="Wald")).p_value == 1


def test_smallest_p_value_is_reached_and_said() -> None:
    for k in range(2, 6):
        found = permute_mean(pool(np.arange(5, 5 + k), np.full(k, 0.1)))
        assert found.p_value == found.smallest_p_value == 2 / 2**k
        assert f"no p value can be below {2 / 2**k:.3g}" in found.summary()
        assert "cannot reach 5% whatever the data; it needs six studies" in found.summary()
    found = permute_mean(pool(np.arange(5, 11), np.full(6, 0.1)))
    assert found.p_value == found.smallest_p_value == 2 / 64
    assert found.cautions == ()
    strict = permute_mean(pool(np.arange(5, 11), np.full(6, 0.1), level=0.99))
    assert "cannot reach 1% whatever the data; it needs eight studies" in strict.summary()
    # One over 16, and a level that it just reaches.
    assert permute_mean(pool(np.arange(5, 10), np.full(5, 0.1), level=1 - 1 / 16)).cautions == ()


def test_effects_of_zero_have_no_sign() -> None:
    found = permute_mean(pool([0, 0, 0, 0.5, 0.4, 0.7], [0.1] * 6))
    assert found.p_value >= 2 / 2**3
    assert "three effects of 0 have no sign to turn" in found.summary()
    for ci_method in ("Wald", "HKSJ", "HKSJ-adhoc"):
        assert permute_mean(pool([0] * 4, [0.1] * 4, ci_method=ci_method)).p_value == 1


def test_identical_effects() -> None:
    # Without the guard the statistic of identical effects is infinite, and the mirror's is.
    for ci_method in ("Wald", "HKSJ", "HKSJ-adhoc"):
        found = permute_mean(pool([0.4] * 7, [0.1] * 7, ci_method=ci_method))
        assert found.p_value == 2 / 2**7


def test_random_arrangements_come_close_to_all() -> None:
    result = many(14, mean=0.6)
    exact = permute_mean(result)
    drawn = permute_mean(result, draws=16_000, seed=3)
    assert exact.exact
    assert exact.seed is None
    assert not drawn.exact
    assert drawn.arrangements == 16_000
    assert 0.001 < exact.p_value < 0.5
    assert abs(drawn.p_value - exact.p_value) < 5 * drawn.monte_carlo_error
    assert permute_mean(result, draws=2**14).exact
    assert "give or take" in drawn.summary()
    assert "random 16,000 arrangements" in drawn.summary()


def test_random_arrangements_come_from_the_seed_alone(monkeypatch) -> None:
    result = many(30)
    first = permute_mean(result, draws=25_000, seed=8)
    assert permute_mean(result, draws=25_000, seed=8) == first
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert permute_mean(result, draws=25_000, seed=8) == first
    assert permute_mean(result, draws=25_000, seed=9).p_value != first.p_value


def test_random_p_values_are_never_zero() -> None:
    rng = np.random.default_rng(2)
    found = permute_mean(pool(rng.normal(5, 0.1, 40), np.full(40, 0.01)), draws=199)
    assert found.p_value == found.smallest_p_value == 1 / 200
    strict = pool(rng.normal(5, 0.1, 40), np.full(40, 0.01), level=0.999)
    assert "With so few draws" in permute_mean(strict, draws=199).summary()


def test_above_twenty_studies_arrangements_are_drawn() -> None:
    assert permute_mean(many(21)).arrangements == 100_000


def test_the_words() -> None:
    result = pool(log_risk_ratios())
    found = permute_mean(result)
    lines = found.summary().splitlines()
    assert lines[0].startswith(
        "Permutation test of the mean of 13 studies, all 8,192 arrangements of signs, random"
    )
    assert lines[1] == (
        f"estimate −0.71, {format_p(found.p_value)}; by the method itself "
        f"{format_p(result.p_value)}"
    )
    assert len(lines) == 2
    row = found.to_frame().iloc[0]
    assert row["p_value"] == found.p_value
    assert found.to_dict()["arrangements"] == 8192


def test_rows_of_one_study_are_named() -> None:
    found = permute_mean(pool([0.1, 0.2, 0.9], [0.1] * 3, labels=["a", "a", "b"]))
    assert "rows-permuted" in {caution.code for caution in found.cautions}


def test_what_is_refused() -> None:
    result = many(6)
    for wrong in (98, -5, 150.5, "many", float("nan"), float("inf"), True):
        with pytest.raises(InvalidArgumentError, match=r"draws is .* whole number of at least 99"):
            permute_mean(result, draws=wrong)
    for wrong in (-1, 0.5, "x", None):
        with pytest.raises(InvalidArgumentError, match=r"seed is .* whole number of at least 0"):
            permute_mean(result, seed=wrong)
    with pytest.raises(InvalidArgumentError, match=r"permute_mean takes what pool\(\.\.\.\)"):
        permute_mean([0.1, 0.2])
    with pytest.raises(InsufficientEvidenceError, match="one study"):
        permute_mean(pool([0.1], [0.1]))
    with pytest.raises(InvalidArgumentError, match="profile-likelihood"):
        permute_mean(pool(EFFECTS, VARIANCES, ci_method="profile-likelihood"))


@pytest.mark.parametrize("ci_method", ["Wald", "HKSJ", "HKSJ-adhoc"])
@pytest.mark.parametrize("tau2_method", ["REML", "DL", 0.1])
def test_the_interval_holds_what_is_not_rejected(tau2_method, ci_method) -> None:
    sizes = log_risk_ratios()
    options = {"tau2_method": tau2_method, "ci_method": ci_method}
    effects, variances = sizes.estimate[:9], sizes.variance[:9]
    result = pool(effects, variances, **options)
    found = permute_mean(result, interval=True)
    assert found.ci_low < result.estimate < found.ci_high
    away = 1e-5 * result.standard_error
    for end, outward in ((found.ci_low, -away), (found.ci_high, away)):
        inside, outside = (
            permute_mean(pool(effects - mean, variances, **options)).p_value
            for mean in (end - outward, end + outward)
        )
        assert inside > 0.05 >= outside
    assert f"95% permutation interval {format_interval(found.ci_low, found.ci_high)}" in (
        found.summary()
    )
    assert np.isnan(permute_mean(result).ci_low)
    assert "interval −" not in permute_mean(result).summary()


def test_the_interval_of_a_common_effect_by_hand() -> None:
    # Six equal studies at the 90% level: three of the 32 pairs may be as extreme.
    effects = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    options = {"model": "common", "ci_method": "Wald", "level": 0.9}
    found = permute_mean(pool(effects, np.ones(6), **options), interval=True)

    # A mean is rejected while no more than two arrangements beside the observed one reach its
    # sum, that is while at most two sums over subsets of the effects less it are 0 or below.
    def others(mean):
        signs = np.array(list(itertools.product((0, 1), repeat=6)))[1:]
        return int((signs @ (effects - mean) <= 1e-9).sum())

    assert others(found.ci_low - 1e-6) <= 2 < others(found.ci_low + 1e-6)


def test_too_few_studies_have_no_interval() -> None:
    found = permute_mean(pool(EFFECTS, VARIANCES), interval=True)
    assert (found.ci_low, found.ci_high) == (-np.inf, np.inf)
    assert "permutation interval −∞ to ∞" in found.summary()


def test_an_interval_by_random_arrangements() -> None:
    result = many(12)
    exact = permute_mean(result, interval=True)
    drawn = permute_mean(result, draws=3000, interval=True)
    assert not drawn.exact
    reach = exact.ci_high - exact.ci_low
    assert_allclose([drawn.ci_low, drawn.ci_high], [exact.ci_low, exact.ci_high], atol=reach / 10)


def test_few_random_arrangements_may_find_no_end() -> None:
    result = replace(many(7), method=PoolingMethod(tau2_method="DL", level=0.96))
    ends = np.array(
        [
            (found.ci_low, found.ci_high)
            for found in (
                permute_mean(result, draws=99, seed=seed, interval=True) for seed in range(30)
            )
        ]
    )
    # The extreme arrangement has 1/64: by chance it is drawn four times of 99 now and then.
    endless = np.isinf(ends).any(axis=1)
    assert 0 < endless.sum() < 15
    assert (ends[~endless, 0] < result.estimate).all()
    assert (ends[~endless, 1] > result.estimate).all()


def test_units_and_origin_of_an_interval() -> None:
    result = many(8)
    plain = permute_mean(result, interval=True)
    for unit in (1e-8, 1e8):
        scaled = pool(unit * result.effects, unit**2 * result.variances)
        found = permute_mean(scaled, interval=True)
        assert_allclose(found.ci_low, unit * plain.ci_low, rtol=1e-6)
        assert_allclose(found.ci_high, unit * plain.ci_high, rtol=1e-6)
    moved = permute_mean(pool(result.effects + 7, result.variances), interval=True)
    assert_allclose([moved.ci_low - 7, moved.ci_high - 7], [plain.ci_low, plain.ci_high], atol=1e-6)


@settings(max_examples=40)
@given(studies=syntheses(most=7), order=st.randoms(use_true_random=False))
def test_order_units_and_sign_do_not_matter(studies, order) -> None:
    effects, variances = (np.array(each) for each in studies)
    # A closed form, so that equal statistics are equal to far more digits than count as a tie.
    options = {"tau2_method": "DL", "ci_method": "Wald"}
    p_value = permute_mean(pool(effects, variances, **options)).p_value
    assert (p_value * 2 ** (effects.size - 1)) % 1 == 0
    assert 2 / 2**effects.size <= p_value <= 1
    places = list(range(effects.size))
    order.shuffle(places)
    for other in (
        pool(effects[places], variances[places], **options),
        pool(-effects, variances, **options),
        pool(1024 * effects, 1024**2 * variances, **options),
    ):
        assert permute_mean(other).p_value == p_value


def test_it_keeps_its_error_rate() -> None:
    rng = np.random.default_rng(12)
    variances = np.geomspace(0.02, 0.5, 7)
    rejected = 0
    runs = 1500
    for _ in range(runs):
        effects = rng.normal(0, np.sqrt(variances + 0.2))
        rejected += permute_mean(pool(effects, variances)).p_value <= 0.05
    # The test is exact: at most 3 of 64 pairs, within four standard errors.
    nominal = 3 / 64
    assert abs(rejected / runs - nominal) < 4 * np.sqrt(nominal * (1 - nominal) / runs)
