"""Profile likelihoods: hand algebra, edges, maxima, words, refusals."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar
from tests.papers.bcg import log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.intervals.mean_intervals import profile_likelihood_mean
from evidence.synthesis.intervals.tau2_intervals import tau2_profile_likelihood
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.likelihood_profile import likelihood_profile


def by_definition(y, v, tau2, mean=None, *, restricted):
    """Return the log-likelihood, the mean at its best unless it is given."""
    w = 1 / (np.asarray(v) + tau2)
    m = w @ y / w.sum() if mean is None else mean
    height = -0.5 * (np.log(np.asarray(v) + tau2).sum() + w @ (np.asarray(y) - m) ** 2)
    return height - 0.5 * math.log(w.sum()) if restricted else height


@pytest.fixture(scope="module")
def bcg():
    return pool(log_risk_ratios())


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_tau2_by_definition(bcg, method) -> None:
    found = likelihood_profile(pool(bcg, tau2_method=method))
    heights = [
        by_definition(bcg.effects, bcg.variances, t, restricted=method == "REML")
        for t in found.values
    ]
    assert_allclose(found.log_likelihood, np.array(heights) - max(heights), atol=1e-10)
    weights = 1 / (bcg.variances + found.values[:, np.newaxis])
    assert_allclose(found.other, weights @ bcg.effects / weights.sum(axis=1), rtol=1e-10)
    assert found.likelihood == method
    assert_allclose(found.estimate, pool(bcg, tau2_method=method).tau2, rtol=1e-9)


def test_the_mean_by_definition(bcg) -> None:
    found = likelihood_profile(bcg, parameter="mean", points=21)
    tops = []
    for mean, tau2 in zip(found.values, found.other, strict=True):
        best = minimize_scalar(
            lambda t, m=mean: -by_definition(bcg.effects, bcg.variances, t, m, restricted=False),
            bounds=(0, 10),
            method="bounded",
            options={"xatol": 1e-10},
        )
        tops.append(-best.fun)
        assert_allclose(tau2, best.x, rtol=1e-4)
    assert_allclose(found.log_likelihood, np.array(tops) - max(tops), atol=1e-9)
    assert [c.code for c in found.cautions] == ["plain-likelihood"]


def test_two_equal_studies_by_hand() -> None:
    # y = -d, d and equal variances: REML of tau² is 2d² - v, its curve -log(t + v)/2 - d²/(t + v).
    d, v = 1.0, 0.5
    found = likelihood_profile(pool([-d, d], [v, v]))
    assert_allclose(found.estimate, 2 * d**2 - v, rtol=1e-9)
    t = found.values + v
    expected = -0.5 * np.log(t) - d**2 / t + 0.5 * math.log(2 * d**2) + 0.5
    assert_allclose(found.log_likelihood, expected, atol=1e-10)
    assert_allclose(found.other, 0, atol=1e-12)


def test_a_common_effect_has_a_parabola() -> None:
    y, v = [0.1, 0.5, 0.3], [0.02, 0.05, 0.03]
    common = pool(y, v, model="common", ci_method="Wald")
    given_zero = pool(y, v, tau2_method=0.0, ci_method="Wald")
    for result in (common, given_zero):
        found = likelihood_profile(result, parameter="mean")
        z = (found.values - result.estimate) / result.standard_error
        assert_allclose(found.log_likelihood, -(z**2) / 2, atol=1e-10)
        assert_allclose((found.ci_low, found.ci_high), (result.ci_low, result.ci_high), rtol=1e-10)
        assert found.cautions == ()
        assert_allclose(found.other, 0, atol=0)


@pytest.mark.parametrize("parameter", ["tau2", "mean"])
@pytest.mark.parametrize("k", [2, 3, 8])
def test_the_grid_holds_what_matters(parameter, k) -> None:
    random = np.random.default_rng(k)
    y, v = random.normal(0.3, 0.7, k), random.uniform(0.02, 0.4, k)
    result = pool(y, v)
    found = likelihood_profile(result, parameter=parameter, points=51)
    assert (np.diff(found.values) > 0).all()
    assert 40 <= found.values.size <= 56
    for special in (found.estimate, found.ci_low, found.ci_high):
        assert np.abs(found.values - special).min() <= 1e-12 * (1 + abs(special))
    assert found.log_likelihood.max() == pytest.approx(0, abs=1e-12)
    at = [
        np.interp(end, found.values, found.log_likelihood) for end in (found.ci_low, found.ci_high)
    ]
    edge = -found.drop if found.ci_low > 0 or parameter == "mean" else found.zero
    assert_allclose(at, [edge, -found.drop], atol=1e-6)
    interval = (
        tau2_profile_likelihood(y, v) if parameter == "tau2" else profile_likelihood_mean(y, v)
    )
    assert_allclose((found.ci_low, found.ci_high), (interval.ci_low, interval.ci_high))


def test_tau2_at_zero() -> None:
    found = likelihood_profile(pool([0.3, 0.31, 0.29], [0.05, 0.1, 0.02]))
    assert found.estimate == 0
    assert found.zero == 0
    assert found.maxima == ((0.0, 0.0),)
    words = found.summary()
    assert "There is one maximum, at tau² = 0." in words
    assert "no tau² fits better than 0." in words


def test_two_maxima_are_found_and_said() -> None:
    # A likelihood with one summit at 0, and one far from it.
    y = np.array([0.0, 0.0, 0.0, 0.0, 6.0, -6.0, 6.5])
    v = np.array([1e-4, 1e-4, 1e-4, 1e-4, 3.0, 3.0, 3.0])
    for scale in (1.0, 1e-8, 1e8):
        for factor in np.linspace(0.4, 1.6, 25):
            found = likelihood_profile(
                pool(scale * y * factor, scale**2 * v, tau2_method="ML"), points=21
            )
            if not found.unimodal:
                break
        else:
            pytest.fail("no set with two maxima")
        assert len(found.maxima) == 2
        first, second = found.maxima
        assert first[1] == 0 > second[1]
        for place, height in found.maxima:
            around = np.array([max(place * 0.98, 0), place, place * 1.02 + 1e-7 * scale**2])
            heights = [
                by_definition(scale * y * factor, scale**2 * v, t, restricted=False) for t in around
            ]
            assert heights[1] >= max(heights) - 1e-9
            top = by_definition(scale * y * factor, scale**2 * v, first[0], restricted=False)
            assert_allclose(heights[1] - top, height, atol=1e-8)
        assert "two maxima" in found.summary()
        assert {"several-maxima", "likelihood-in-pieces"} & {c.code for c in found.cautions}


def test_a_flat_likelihood_is_said() -> None:
    flat = likelihood_profile(pool([0.1, 0.9], [0.04, 0.09]))
    assert flat.flat
    assert flat.i2_range[0] == 0
    assert flat.i2_range[1] > 75
    assert "flat-likelihood" in {c.code for c in flat.cautions}
    random = np.random.default_rng(3)
    sharp = likelihood_profile(pool(random.normal(0, 1, 80), np.full(80, 0.3)))
    assert not sharp.flat
    assert math.isnan(
        likelihood_profile(pool([0.1, 0.9], [0.04, 0.09]), parameter="mean").i2_range[0]
    )


def test_another_estimator_is_said(bcg) -> None:
    found = likelihood_profile(pool(bcg, tau2_method="DL"))
    assert found.likelihood == "REML"
    assert found.used == pool(bcg, tau2_method="DL").tau2
    assert "The result's tau² is by DL" in found.summary()
    assert "given as 0.2" in likelihood_profile(pool(bcg, tau2_method=0.2)).summary()


def test_one_study_with_nearly_all_the_weight() -> None:
    found = likelihood_profile(pool([0.2, 0.9, -0.4], [1e-6, 0.4, 0.5]))
    assert (np.diff(found.values) > 0).all()
    assert np.isfinite(found.log_likelihood).all()
    assert found.unimodal


@settings(max_examples=25, deadline=None)
@given(
    syntheses(),
    st.floats(-1e3, 1e3),
    st.sampled_from([1e-8, 1e-2, 3.0, 1e8]),
    st.sampled_from(["tau2", "mean"]),
    st.randoms(use_true_random=False),
)
def test_units_origin_sign_and_order_do_not_matter(studies, shift, unit, parameter, random) -> None:
    y, v = (np.array(each) for each in studies)
    order = list(range(y.size))
    random.shuffle(order)
    first = likelihood_profile(pool(y, v), parameter=parameter, points=21)
    moved = unit * (-y[order] + round(shift))
    second = likelihood_profile(pool(moved, unit**2 * v[order]), parameter=parameter, points=21)
    if parameter == "tau2":
        ends = np.array([first.estimate, first.ci_low, first.ci_high]) * unit**2
    else:
        ends = (round(shift) - np.array([first.estimate, first.ci_high, first.ci_low])) * unit
    found = np.array([second.estimate, second.ci_low, second.ci_high])
    size = unit**2 * v.min() if parameter == "tau2" else unit * (1 + abs(round(shift)))
    assert_allclose(found, ends, rtol=1e-5, atol=1e-6 * size)
    assert len(first.maxima) == len(second.maxima)
    assert first.log_likelihood.max() == pytest.approx(0, abs=1e-9)


def test_what_it_shows(bcg) -> None:
    found = likelihood_profile(bcg, points=31)
    words = found.summary()
    assert words.startswith("Profile restricted likelihood of tau², 13 studies")
    assert "fit within 1.92 units of log-likelihood of the best (95% likelihood-ratio" in words
    assert "no variation at all fits 59.03 units worse" in words
    assert list(found.to_frame()) == ["tau2", "log_likelihood", "mean"]
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["unimodal"] is True
    assert len(plain["curve"]) == found.values.size
    assert "<p>Profile restricted" in found._repr_html_()
    mean = likelihood_profile(bcg, parameter="mean")
    assert "a mean of 0 fits" in mean.summary()
    assert "so is outside" in mean.summary()
    assert list(mean.to_frame()) == ["mean", "log_likelihood", "tau2"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameter": "tau"}, "Did you mean 'tau2'"),
        ({"points": 3}, "points is 3; give a whole number of at least 11"),
        ({"points": 20.5}, "points is 20.5"),
        ({"points": "many"}, "points is 'many'"),
    ],
)
def test_bad_arguments(bcg, change, message) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        likelihood_profile(bcg, **change)


def test_refusals(bcg) -> None:
    with pytest.raises(InvalidArgumentError, match="takes what pool"):
        likelihood_profile([1.0, 2.0])
    with pytest.raises(InsufficientEvidenceError, match="one study"):
        likelihood_profile(pool([0.1], [0.2], labels=["only"]))
    with pytest.raises(InvalidArgumentError, match="tau² is 0 by assumption"):
        likelihood_profile(pool(bcg, model="common", ci_method="Wald"))
