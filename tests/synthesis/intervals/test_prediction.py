"""Prediction intervals: by hand, against a slow reference, draws and seeds, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats
from tests.synthesis.intervals.dense import confidence_distribution_prediction as slowly
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.intervals.prediction import (
    PredictionInterval,
    confidence_distribution_prediction,
    t_prediction,
)
from evidence.synthesis.pool import pool

EFFECTS = np.array([0.42, -0.11, 0.65, 0.20, 0.93, -0.35])
VARIANCES = np.array([0.040, 0.055, 0.120, 0.031, 0.200, 0.085])
DRAWS = 25_000


@pytest.mark.parametrize("df", ["k-2", "k-1"])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_t_by_hand(df, level):
    effects, tau2 = np.array([0.1, 0.5, 0.9, 0.3]), 0.06
    spread = {
        "Wald": 0.1 / 4,
        "HKSJ": effects.var(ddof=1) / 4,
        "HKSJ-adhoc": max(0.1, effects.var(ddof=1)) / 4,
        # Each squared residual over 1 - 1/4.
        "SJ": effects.var() * 4 / (3 / 4) / 16,
    }
    for variance, square in spread.items():
        found = t_prediction(effects, [0.04] * 4, tau2=tau2, variance=variance, df=df, level=level)
        reach = stats.t.ppf((1 + level) / 2, 4 - int(df[-1])) * math.sqrt(tau2 + square)
        assert found.low == pytest.approx(0.45 - reach)
        assert found.high == pytest.approx(0.45 + reach)


@pytest.mark.parametrize("method", ["Wald", "HKSJ", "HKSJ-adhoc"])
def test_t_is_what_pool_gives(method):
    result = pool(EFFECTS, VARIANCES, ci_method=method)
    found = t_prediction(EFFECTS, VARIANCES, tau2=result.tau2, variance=method)
    assert found.low == pytest.approx(result.prediction_low)
    assert found.high == pytest.approx(result.prediction_high)


def test_without_tau2_and_on_k_minus_1_it_is_the_interval_of_the_mean():
    close = EFFECTS / 10
    result = pool(close, VARIANCES, ci_method="HKSJ-adhoc")
    assert result.tau2 == 0
    found = t_prediction(close, VARIANCES, tau2=0, variance="HKSJ-adhoc", df="k-1")
    assert (found.low, found.high) == pytest.approx((result.ci_low, result.ci_high))


@pytest.mark.parametrize(
    "studies",
    [
        (EFFECTS, VARIANCES),
        (EFFECTS * 3, VARIANCES),
        (EFFECTS[:3], VARIANCES[:3]),
        (EFFECTS / 4, VARIANCES),
    ],
    ids=["six", "six that differ", "three", "six that agree"],
)
def test_the_limit_against_a_slow_reference(studies):
    found = confidence_distribution_prediction(*studies, level=0.9)
    low, high = slowly(*studies, level=0.9, nodes=200)
    # The midpoint rule of the reference is cruder far out in tau².
    width = 0.004 * (high - low)
    assert (found.low, found.high) == pytest.approx((low, high), abs=width)


@pytest.mark.parametrize(
    "studies",
    [(EFFECTS, VARIANCES), (EFFECTS[:3] * 4, VARIANCES[:3]), (EFFECTS / 4, VARIANCES)],
    ids=["six", "three that differ", "six that agree"],
)
def test_many_draws_near_the_limit(studies):
    limit = confidence_distribution_prediction(*studies, level=0.9)
    ends = np.array(
        [
            (found.low, found.high)
            for seed in range(8)
            for found in [
                confidence_distribution_prediction(*studies, level=0.9, draws=DRAWS, seed=seed)
            ]
        ]
    )
    error = ends.std(axis=0, ddof=1)
    assert (error < 0.02 * (limit.high - limit.low)).all()
    apart = np.abs(ends.mean(axis=0) - [limit.low, limit.high])
    assert (apart < 5 * error / math.sqrt(len(ends))).all()


def test_one_seed_is_one_interval():
    first, again, other = (
        confidence_distribution_prediction(EFFECTS, VARIANCES, draws=2000, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first.low != other.low
    assert "2,000 draws" in first.summary()


def test_it_allows_for_not_knowing_tau2():
    known = t_prediction(EFFECTS, VARIANCES, tau2=pool(EFFECTS, VARIANCES).tau2)
    unknown = confidence_distribution_prediction(EFFECTS, VARIANCES)
    assert unknown.high - unknown.low > known.high - known.low


def test_many_studies_leave_the_normal_distribution_of_true_effects():
    rng = np.random.default_rng(5)
    variances = np.exp(rng.normal(-3, 0.5, 1500))
    found = confidence_distribution_prediction(rng.normal(1, np.sqrt(variances + 0.25)), variances)
    assert (found.low, found.high) == pytest.approx((1 - 0.98, 1 + 0.98), abs=0.08)


def test_close_agreement_is_cautioned():
    effects = 0.3 + EFFECTS / 100
    found = confidence_distribution_prediction(effects, VARIANCES)
    assert found.cautions[0].code == "agreement-beyond-chance"
    assert found.high - found.low < 0.1
    assert confidence_distribution_prediction(EFFECTS, VARIANCES).cautions == ()


@settings(max_examples=6, deadline=None)
@given(studies=syntheses(least=3, most=6))
def test_order_sign_shift_and_unit(studies):
    effects, variances = (np.array(part) for part in studies)
    if np.ptp(effects) == 0:
        return
    for predict in (
        confidence_distribution_prediction,
        lambda y, v: t_prediction(y, v, tau2=0.1 * float(np.min(v)), variance="SJ"),
    ):
        found = predict(effects, variances)
        size = 1e-6 * (found.high - found.low)
        for other, low, high, unit in (
            (predict(effects[::-1], variances[::-1]), found.low, found.high, 1.0),
            (predict(-effects, variances), -found.high, -found.low, 1.0),
            (predict(effects + 3, variances), found.low + 3, found.high + 3, 1.0),
            (predict(effects * 1e8, variances * 1e16), found.low * 1e8, found.high * 1e8, 1e8),
            (predict(effects * 1e-8, variances * 1e-16), found.low * 1e-8, found.high * 1e-8, 1e-8),
        ):
            assert other.low == pytest.approx(low, abs=size * unit + 1e-14)
            assert other.high == pytest.approx(high, abs=size * unit + 1e-14)


def test_a_higher_level_is_wider_also_far_out():
    widths = [
        found.high - found.low
        for level in (0.5, 0.9, 0.99, 0.999)
        for found in [confidence_distribution_prediction(EFFECTS, VARIANCES, level=level)]
    ]
    assert widths == sorted(widths)


@pytest.mark.parametrize(
    "predict",
    [confidence_distribution_prediction, lambda y, v: t_prediction(y, v, tau2=0.1)],
    ids=["confidence distribution", "t"],
)
def test_few_studies(predict):
    with pytest.raises(InsufficientEvidenceError, match="at least three studies; there are two"):
        predict([0.1, 0.4], [0.1, 0.1])
    with pytest.raises(InsufficientEvidenceError, match="there is one"):
        predict([0.1], [0.1])
    assert predict([0.1, 0.4, 0.9], [0.1] * 3).cautions[0].code == "prediction-few"
    with pytest.raises(InvalidArgumentError, match="variances must be above 0"):
        predict([0.1, 0.4, 0.9], [0.1, 0.1, 0])


def test_identical_effects_have_no_confidence_distribution():
    with pytest.raises(InsufficientEvidenceError, match=r"identical.*t_prediction"):
        confidence_distribution_prediction([0.2] * 4, [0.1, 0.2, 0.1, 0.3])


def test_unknown_choices_list_what_is_known():
    with pytest.raises(InvalidArgumentError, match="variance is 'HK'; known are Wald, HKSJ"):
        t_prediction(EFFECTS, VARIANCES, tau2=0.1, variance="HK")
    with pytest.raises(InvalidArgumentError, match="df is 'k'; known are k-2, k-1"):
        t_prediction(EFFECTS, VARIANCES, tau2=0.1, df="k")
    with pytest.raises(InvalidArgumentError, match="tau2 is -1"):
        t_prediction(EFFECTS, VARIANCES, tau2=-1)
    for draws in (10, 2.5, True, "1000"):
        with pytest.raises(
            InvalidArgumentError, match=r"draws is .*at least 80, so that some fall"
        ):
            confidence_distribution_prediction(EFFECTS, VARIANCES, draws=draws)
    for level in (0, 1, 95):
        with pytest.raises(InvalidArgumentError, match="level"):
            confidence_distribution_prediction(EFFECTS, VARIANCES, level=level)


def test_how_a_result_shows_itself():
    found = t_prediction(EFFECTS, VARIANCES, tau2=0.1)
    assert isinstance(found, PredictionInterval)
    assert found.summary().startswith("95% prediction interval ")
    assert "t on 4 df, Wald's standard error" in found.summary()
    assert found.to_frame().loc[0, "high"] == found.high
    assert found.to_dict()["low"] == found.low
    assert found._repr_html_().startswith("<p>95% prediction")
