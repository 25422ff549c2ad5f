"""Intervals of tau²: their defining equations, closed forms, two peaks, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from scipy import stats
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.intervals.tau2_intervals import (
    Tau2Interval,
    generalised_q_tails,
    tau2_generalised_q,
    tau2_profile_likelihood,
)
from evidence.synthesis.tau2 import estimate_tau2

EFFECTS = np.array([0.42, -0.11, 0.65, 0.20, 0.93, -0.35])
VARIANCES = np.array([0.040, 0.055, 0.120, 0.031, 0.200, 0.085])
APART = np.array([-0.9, 0.8, 2.1, 0.1]), np.array([0.05, 0.06, 0.04, 0.1])

intervals = pytest.mark.parametrize(
    "interval",
    [
        tau2_generalised_q,
        lambda *a, **k: tau2_generalised_q(*a, weights="1/sqrt(v)", **k),
        tau2_profile_likelihood,
        lambda *a, **k: tau2_profile_likelihood(*a, method="ML", **k),
    ],
    ids=["1/v", "1/sqrt(v)", "REML", "ML"],
)


def log_likelihood(tau2, effects, variances, restricted):
    w = 1 / (variances + tau2)
    mean = w @ effects / w.sum()
    found = np.log(w).sum() - w @ (effects - mean) ** 2
    return 0.5 * (found - (math.log(w.sum()) if restricted else 0))


@pytest.mark.parametrize("weights", ["1/v", "1/sqrt(v)", [1, 2, 3, 4]])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_q_is_as_rare_at_the_ends_as_the_level_says(weights, level):
    found = tau2_generalised_q(*APART, weights=weights, level=level)
    tail = (1 - level) / 2
    assert found.ci_low > 0
    assert generalised_q_tails(*APART, found.ci_low, weights=weights)[1] == pytest.approx(tail)
    assert generalised_q_tails(*APART, found.ci_high, weights=weights)[0] == pytest.approx(tail)


@pytest.mark.parametrize("weights", ["1/v", "1/sqrt(v)", [5.0, 0.1]])
def test_two_studies_by_hand(weights):
    # Any weights give a multiple of (y1 - y2)², which is (v1 + v2 + 2 tau²) chi-square on 1 df.
    found = tau2_generalised_q([1.0, 4.0], [0.1, 0.2], weights=weights)
    low, high = ((9 / stats.chi2.ppf(p, 1) - 0.3) / 2 for p in (0.975, 0.025))
    assert found.ci_low == pytest.approx(low, rel=1e-12)
    assert found.ci_high == pytest.approx(high, rel=1e-12)


def test_equal_variances_give_the_interval_of_a_variance():
    effects = np.array([0.1, 1.5, -1.3, 0.9, 0.2])
    squares = ((effects - effects.mean()) ** 2).sum()
    for weights in ("1/v", "1/sqrt(v)"):
        found = tau2_generalised_q(effects, np.full(5, 0.04), weights=weights)
        assert found.ci_low == pytest.approx(squares / stats.chi2.ppf(0.975, 4) - 0.04)
        assert found.ci_high == pytest.approx(squares / stats.chi2.ppf(0.025, 4) - 0.04)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_the_likelihood_has_dropped_by_half_the_quantile_at_the_ends(method, level):
    found = tau2_profile_likelihood(*APART, method=method, level=level)
    top = log_likelihood(found.estimate, *APART, method == "REML")
    drop = stats.chi2.ppf(level, 1) / 2
    for end in (found.ci_low, found.ci_high):
        if end > 0:
            height = log_likelihood(end, *APART, method == "REML")
            assert top - height == pytest.approx(drop, rel=1e-9)
        else:
            assert top - log_likelihood(0.0, *APART, method == "REML") <= drop
    assert found.ci_low <= found.estimate <= found.ci_high
    assert found.estimate == pytest.approx(estimate_tau2(*APART, method))


def test_a_likelihood_with_two_peaks_gives_a_set_in_pieces():
    effects = np.array([0.91, 0.46, -0.05, 1.37, 26.69, 0.46])
    variances = np.array([0.24, 0.0051, 0.046, 0.0036, 31, 0.28])
    found = tau2_profile_likelihood(effects, variances)
    assert len(found.pieces) == 2
    assert (found.ci_low, found.ci_high) == (found.pieces[0][0], found.pieces[1][1])
    assert found.cautions[0].code == "likelihood-in-pieces"
    assert "two peaks" in found.summary()
    top = log_likelihood(found.estimate, effects, variances, True)
    cut = top - stats.chi2.ppf(0.95, 1) / 2
    valley = math.sqrt(found.pieces[0][1] * found.pieces[1][0])
    assert log_likelihood(valley, effects, variances, True) < cut
    for piece in found.pieces:
        middle = math.sqrt(piece[0] * piece[1])
        assert log_likelihood(middle, effects, variances, True) > cut
    # At a level where the valley is high enough, the pieces have grown together.
    assert len(tau2_profile_likelihood(effects, variances, level=0.99).pieces) == 1


def test_a_peak_far_narrower_than_the_scan_is_not_missed():
    # 4,000 studies: the likelihood within the cut spans about 5% of tau².
    rng = np.random.default_rng(8)
    variances = np.exp(rng.normal(0, 1, 4000))
    effects = rng.normal(0, np.sqrt(variances + 2.0))
    found = tau2_profile_likelihood(effects, variances)
    assert len(found.pieces) == 1
    assert 1.7 < found.ci_low < found.estimate < found.ci_high < 2.4


@pytest.mark.parametrize("weights", ["1/v", "1/sqrt(v)"])
def test_studies_that_agree_too_well_leave_no_tau2(weights):
    found = tau2_generalised_q(
        [0.30, 0.31, 0.29, 0.305], [0.04, 0.05, 0.06, 0.045], weights=weights
    )
    assert found.empty
    assert (found.ci_low, found.ci_high) == (0.0, 0.0)
    assert found.cautions[0].code == "tau2-interval-empty"
    assert tau2_generalised_q([0.2] * 4, [0.1] * 4).empty


def test_identical_effects_still_have_a_likelihood():
    found = tau2_profile_likelihood([0.2] * 4, [0.1] * 4)
    assert (found.estimate, found.ci_low) == (0.0, 0.0)
    # 3 log(1 + tau²/v) = chi-square
    assert found.ci_high == pytest.approx(0.1 * math.expm1(stats.chi2.ppf(0.95, 1) / 3))


@intervals
@given(studies=syntheses(least=2, most=6))
def test_a_higher_level_is_wider(interval, studies):
    narrow, wide = (interval(*studies, level=level) for level in (0.8, 0.95))
    scale = 1e-9 * min(studies[1])
    assert wide.ci_low <= narrow.ci_low + scale
    assert wide.ci_high >= narrow.ci_high - scale


@intervals
@given(studies=syntheses(least=2, most=6))
def test_order_sign_shift_and_unit(interval, studies):
    effects, variances = (np.array(part) for part in studies)
    found = interval(effects, variances)
    size = variances.min()
    for other, unit in (
        (interval(effects[::-1], variances[::-1]), 1.0),
        (interval(-effects, variances), 1.0),
        (interval(effects + 3, variances), 1.0),
        (interval(effects * 1e-8, variances * 1e-16), 1e-16),
        (interval(effects * 1e8, variances * 1e16), 1e16),
    ):
        assert other.ci_low / unit == pytest.approx(found.ci_low, rel=1e-7, abs=1e-7 * size)
        assert other.ci_high / unit == pytest.approx(found.ci_high, rel=1e-7, abs=1e-7 * size)


def test_how_a_result_shows_itself():
    found = tau2_profile_likelihood(EFFECTS, VARIANCES)
    assert isinstance(found, Tau2Interval)
    assert found.summary().startswith("tau² 0.077, 95% CI 0.000 to 0.782")
    assert "(profile likelihood (REML))" in found.summary()
    frame = found.to_frame()
    assert frame.loc[0, "ci_high"] == found.ci_high
    assert found.to_dict()["pieces"] == [[found.ci_low, found.ci_high]]
    assert found._repr_html_().startswith("<p>tau²")
    plain = tau2_generalised_q(EFFECTS, VARIANCES)
    assert plain.to_dict()["estimate"] is None
    assert math.isnan(plain.to_frame().loc[0, "estimate"])
    assert "weights 1/v" in plain.summary()


@intervals
def test_one_study_is_refused(interval):
    with pytest.raises(InsufficientEvidenceError, match="at least two studies; there is one"):
        interval([0.1], [0.2])


@intervals
@pytest.mark.parametrize(
    ("effects", "variances", "said"),
    [
        ([0.1, 0.2], [0.1, 0.0], "variances must be above 0; found study 2: 0"),
        ([0.1, 0.2], [0.1, -1], "variances must be above 0; found study 2: -1"),
        ([0.1, math.nan], [0.1, 0.1], "effects must be a finite number"),
        ([0.1, math.inf], [0.1, 0.1], "effects must be a finite number"),
        ([0.1, 0.2, 0.3], [0.1, 0.2], "different lengths"),
        ([0.1, "0.2"], [0.1, 0.1], "not a number"),
        ([], [], "empty"),
    ],
)
def test_bad_studies_are_named(interval, effects, variances, said):
    with pytest.raises(InvalidArgumentError, match=said):
        interval(effects, variances)


@intervals
@pytest.mark.parametrize("level", [0, 1, -0.5, 95, math.nan, "0.95"])
def test_a_bad_level_is_named(interval, level):
    with pytest.raises(InvalidArgumentError, match="level"):
        interval(EFFECTS, VARIANCES, level=level)


def test_unknown_choices_list_what_is_known():
    with pytest.raises(InvalidArgumentError, match=r"weights is '1/se'; known are 1/v, 1/sqrt"):
        tau2_generalised_q(EFFECTS, VARIANCES, weights="1/se")
    with pytest.raises(InvalidArgumentError, match="method is 'PM'; known are REML, ML"):
        tau2_profile_likelihood(EFFECTS, VARIANCES, method="PM")
    with pytest.raises(InvalidArgumentError, match="weights must be above 0; found study 2"):
        tau2_generalised_q([0.1, 0.4], [0.1, 0.2], weights=[1, 0])
    with pytest.raises(InvalidArgumentError, match="different lengths"):
        tau2_generalised_q([0.1, 0.4], [0.1, 0.2], weights=[1, 2, 3])
