"""The share of settings beyond a threshold: by hand, its bootstrap, its cautions and refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.intervals.share_beyond import (
    Bootstrap,
    ShareBeyond,
    calibrated_effects,
    share_beyond,
)
from evidence.synthesis.tau2 import estimate_tau2

RNG = np.random.default_rng(12)
VARIANCES = np.round(np.exp(RNG.normal(-3, 0.5, 14)), 4)
EFFECTS = np.round(RNG.normal(0.3, np.sqrt(VARIANCES + 0.2)), 3)
FEW = Bootstrap(draws=200)


def test_the_normal_share_by_hand():
    effects, variances = np.array([-0.4, 0.1, 0.6, 1.1]), np.full(4, 0.05)
    tau2 = effects.var(ddof=1) - 0.05
    found = share_beyond(effects, variances, 0.7, method="normal")
    z = (0.7 - 0.35) / math.sqrt(tau2)
    assert found.tau2 == pytest.approx(tau2)
    assert found.estimate == pytest.approx(stats.norm.sf(z))
    # var of the mean (tau² + v)/k, of tau² 2 (tau² + v)²/(k - 1)
    total = tau2 + 0.05
    inside = total / 4 / tau2 + 2 * total**2 / 3 * 0.35**2 / (4 * tau2**3)
    error = stats.norm.pdf(z) * math.sqrt(inside)
    assert found.standard_error == pytest.approx(error)
    assert found.ci_low == pytest.approx(max(0, found.estimate - stats.norm.ppf(0.975) * error))
    below = share_beyond(effects, variances, 0.7, method="normal", direction="below")
    assert below.estimate == pytest.approx(1 - found.estimate)
    assert below.standard_error == pytest.approx(found.standard_error)
    by_ml = share_beyond(effects, variances, 0.7, method="normal", tau2_method="ML")
    assert by_ml.tau2 == pytest.approx(effects.var() - 0.05)


def test_the_calibrated_share_by_hand():
    effects, variances = np.array([-0.4, 0.1, 0.6, 1.1]), np.full(4, 0.05)
    tau2 = effects.var(ddof=1) - 0.05
    calibrated = 0.35 + math.sqrt(tau2 / (tau2 + 0.05)) * (effects - 0.35)
    assert calibrated_effects(effects, variances) == pytest.approx(calibrated)
    assert calibrated.var(ddof=1) == pytest.approx(tau2)
    # 1.1 is drawn to 1.06: it lies above 1.08 as observed, not as calibrated.
    for threshold, share in ((1.05, 0.25), (1.08, 0.0), (0.0, 0.75)):
        found = share_beyond(effects, variances, threshold, bootstrap=FEW)
        assert found.estimate == pytest.approx(share)


@settings(max_examples=40)
@given(syntheses(least=3, most=8))
def test_calibration_moves_towards_the_mean_and_keeps_order_and_unit(studies):
    effects, variances = (np.array(part) for part in studies)
    found = calibrated_effects(effects, variances)
    tau2 = estimate_tau2(effects, variances, "REML")
    weights = 1 / (variances + tau2)
    mean = weights @ effects / weights.sum()
    size = 1e-9 * (1 + np.abs(effects).max())
    assert (np.abs(found - mean) <= np.abs(effects - mean) + size).all()
    assert ((found - mean) * (effects - mean) >= -size).all()
    again = calibrated_effects(effects[::-1] * 1e8, variances[::-1] * 1e16)
    assert again[::-1] / 1e8 == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("method", ["normal", "calibrated"])
def test_the_share_falls_as_the_threshold_rises(method):
    thresholds = np.linspace(-1.5, 2.0, 12)
    shares = [
        share_beyond(EFFECTS, VARIANCES, at, method=method, bootstrap=FEW).estimate
        for at in thresholds
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.95
    assert shares[-1] < 0.05


@pytest.mark.parametrize("method", ["normal", "calibrated"])
def test_above_minus_is_below_turned_round(method):
    above = share_beyond(EFFECTS, VARIANCES, 0.4, method=method, bootstrap=FEW)
    below = share_beyond(-EFFECTS, VARIANCES, -0.4, method=method, direction="below", bootstrap=FEW)
    assert above.estimate == pytest.approx(below.estimate)
    assert (above.ci_low, above.ci_high) == pytest.approx((below.ci_low, below.ci_high))
    assert above.ci_low < above.estimate < above.ci_high


def test_the_bootstrap_interval_is_bca_over_studies():
    def share(places, axis=-1):
        y, v = EFFECTS[places], VARIANCES[places]
        return float((calibrated_effects(y, v) > 0.4).mean())

    expected = stats.bootstrap(
        (np.arange(EFFECTS.size),),
        share,
        n_resamples=400,
        method="BCa",
        vectorized=False,
        rng=np.random.default_rng(7),
    ).confidence_interval
    found = share_beyond(EFFECTS, VARIANCES, 0.4, bootstrap=Bootstrap(draws=400, seed=7))
    assert (found.ci_low, found.ci_high) == pytest.approx((expected.low, expected.high))
    again = share_beyond(EFFECTS, VARIANCES, 0.4, bootstrap=Bootstrap(draws=400, seed=7))
    assert again == found


def test_a_tau2_of_0_has_one_true_effect_and_no_interval():
    for threshold, share in ((0.1, 1.0), (0.3, 0.0)):
        found = share_beyond([0.2] * 12, [0.1] * 12, threshold, method="normal")
        assert (found.estimate, found.tau2) == (share, 0.0)
        assert math.isnan(found.ci_low)
        assert [caution.code for caution in found.cautions] == ["share-without-spread"]
        assert found.to_dict()["ci_low"] is None


def test_a_share_that_no_resample_changes_has_no_interval():
    found = share_beyond(EFFECTS, VARIANCES, -9.0, bootstrap=FEW)
    assert found.estimate == 1
    assert math.isnan(found.ci_high)
    assert [caution.code for caution in found.cautions] == ["share-without-interval"]
    assert "CI" not in found.summary()


def test_cautions():
    few = share_beyond(EFFECTS[:9], VARIANCES[:9], 0.3, method="normal")
    assert few.cautions[0].code == "share-few-studies"
    assert "nine studies" in few.cautions[0].message
    assert share_beyond(EFFECTS, VARIANCES, 0.3, method="normal").cautions == ()
    edge = share_beyond(EFFECTS, VARIANCES, 1.2, method="normal")
    assert [caution.code for caution in edge.cautions] == ["share-near-the-edge"]
    assert (edge.ci_low, edge.ci_high >= edge.estimate) == (0.0, True)


def test_how_a_result_shows_itself():
    found = share_beyond(EFFECTS, VARIANCES, 0.4, bootstrap=FEW)
    assert isinstance(found, ShareBeyond)
    assert found.summary().startswith("In an estimated ")
    assert "above 0.40 (95% CI " in found.summary()
    assert "counted over 14 studies" in found.summary()
    assert found.to_frame().loc[0, "estimate"] == found.estimate
    assert found._repr_html_().startswith("<p>In an estimated")


def test_too_few_studies():
    with pytest.raises(InsufficientEvidenceError, match="at least three studies; there are two"):
        share_beyond([0.1, 0.4], [0.1, 0.1], 0.2)
    with pytest.raises(InsufficientEvidenceError, match="at least two studies; there is one"):
        calibrated_effects([0.1], [0.1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threshold": math.nan}, "threshold is nan"),
        ({"threshold": "0.2"}, "threshold is '0.2'"),
        ({"direction": "over"}, "direction is 'over'; known are above, below"),
        ({"method": "parametric"}, "method is 'parametric'; known are calibrated, normal"),
        ({"tau2_method": "reml"}, "tau2_method is 'reml'"),
        ({"method": "normal", "tau2_method": "DL"}, "needs a standard error of tau²"),
        ({"level": 95}, "level"),
        ({"variances": [0.1, 0.1, 0.0]}, "variances must be above 0; found study 3"),
        ({"effects": [0.1, 0.1, math.nan]}, "effects must be a finite number"),
        ({"effects": [0.1, 0.1]}, "different lengths"),
    ],
)
def test_bad_arguments_are_named(change, said):
    arguments = {"effects": [0.1, 0.4, 0.9], "variances": [0.1] * 3, "threshold": 0.2} | change
    with pytest.raises(InvalidArgumentError, match=said):
        share_beyond(**arguments)


@pytest.mark.parametrize("draws", [10, 0, 2.5, True, "1000"])
def test_bad_draws_are_named(draws):
    with pytest.raises(InvalidArgumentError, match=r"draws is .*at least 100"):
        Bootstrap(draws=draws)
