"""Limit meta-analysis: algebra, recovery in simulations, its guard, and its edges."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.appraisal.selection.pet_peese import pet_peese
from evidence.appraisal.small_study.limit_meta_analysis import limit_meta_analysis
from evidence.errors import InvalidArgumentError
from evidence.synthesis.pool import pool


def simulated(random, k=30, tau2=0.05, alpha=0.0, beta=0.2):
    errors = np.exp(random.uniform(np.log(0.05), np.log(0.6), size=k))
    effects = beta + np.sqrt(errors**2 + tau2) * (random.normal(size=k) + alpha)
    return effects, errors**2


EFFECTS, VARIANCES = simulated(np.random.default_rng(1), alpha=0.8)


def test_by_hand():
    found = limit_meta_analysis(EFFECTS, VARIANCES, tau2_method=0.05)
    spread = np.sqrt(VARIANCES + 0.05)
    design = np.column_stack([1 / spread, np.ones(30)])
    inverse = np.linalg.inv(design.T @ design)
    beta, alpha = inverse @ design.T @ (EFFECTS / spread)
    at = np.array([1, math.sqrt(0.05)])
    assert found.estimate == pytest.approx(alpha, rel=1e-10)
    assert found.adjusted == pytest.approx(beta + math.sqrt(0.05) * alpha, rel=1e-10)
    assert found.adjusted_standard_error == pytest.approx(math.sqrt(at @ inverse @ at), rel=1e-10)
    limits = beta + math.sqrt(0.05) * (EFFECTS - beta) / spread
    assert found.studies["limit_estimate"].to_numpy() == pytest.approx(limits, rel=1e-10)
    # The limits of the studies scatter around the adjusted mean.
    assert limits.mean() == pytest.approx(found.adjusted, rel=1e-9)
    assert found.q == pytest.approx(found.q_small + found.q_residual)


def test_without_heterogeneity_it_is_pet():
    found = limit_meta_analysis(EFFECTS, VARIANCES, tau2_method=0.0)
    assert found.adjusted == pytest.approx(pet_peese(EFFECTS, VARIANCES, method="PET").estimate)
    assert any(caution.code == "no-heterogeneity" for caution in found.cautions)
    assert found.studies["limit_estimate"].to_numpy() == pytest.approx(
        np.full(30, found.adjusted), rel=1e-12
    )


def test_the_adjusted_mean_is_recovered():
    random = np.random.default_rng(2)
    truth = 0.2 + math.sqrt(0.05) * 1.0
    errors, inside, crude = [], [], []
    for _ in range(300):
        found = limit_meta_analysis(*simulated(random, k=60, alpha=1.0), tau2_method=0.05)
        errors.append(found.adjusted - truth)
        inside.append(found.ci_low <= truth <= found.ci_high)
        crude.append(found.unadjusted - truth)
    assert np.mean(errors) == pytest.approx(0, abs=0.02)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.035)
    assert np.mean(crude) > 0.05


def test_level_and_power():
    random = np.random.default_rng(3)
    null = [limit_meta_analysis(*simulated(random)).status for _ in range(300)]
    assert np.mean(np.array(null) == "contradiction") == pytest.approx(0.10, abs=0.05)
    shifted = [limit_meta_analysis(*simulated(random, alpha=2.0)).status for _ in range(60)]
    assert np.mean(np.array(shifted) == "contradiction") > 0.6


def test_the_guard():
    few = limit_meta_analysis(EFFECTS[:9], VARIANCES[:9])
    assert few.status == "cannot be tested"
    assert "limit meta-analysis can say nothing here" in few.sentence
    assert math.isnan(few.adjusted)
    json.dumps(few.to_dict(), allow_nan=False)
    equal = limit_meta_analysis(EFFECTS, np.full(30, 0.04))
    assert equal.status == "cannot be tested"
    same = limit_meta_analysis(EFFECTS, np.full(30, 0.04), force=True)
    assert "nothing to compare" in same.sentence


@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_studies_are_no_accident(k):
    found = limit_meta_analysis(EFFECTS[:k], VARIANCES[:k], force=True)
    assert found.tested == (k == 3)
    assert found.forced == (k == 3)


def test_shape():
    found = limit_meta_analysis(EFFECTS, VARIANCES)
    assert found.sentence.startswith("Limit meta-analysis (30 studies")
    assert found.table["term"].tolist() == ["limit effect", "beta", "alpha"]
    assert "<table" in found._repr_html_()
    json.dumps(found.to_dict(), allow_nan=False)
    assert limit_meta_analysis(pool(EFFECTS, VARIANCES)).sentence == found.sentence


def test_missing_studies_are_named():
    effects = EFFECTS.copy()
    effects[4] = math.nan
    found = limit_meta_analysis(effects, VARIANCES)
    assert found.k == 29
    assert any(c.code == "missing" and "study 5" in c.message for c in found.cautions)


@pytest.mark.parametrize("scale", [1e8, -1e-8])
def test_units_and_sign(scale):
    first = limit_meta_analysis(EFFECTS, VARIANCES)
    second = limit_meta_analysis(scale * EFFECTS, scale**2 * VARIANCES)
    assert second.adjusted == pytest.approx(scale * first.adjusted, rel=1e-6)
    assert second.estimate == pytest.approx(math.copysign(1, scale) * first.estimate, rel=1e-6)
    assert second.q_small == pytest.approx(first.q_small, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.floats(-5, 5), st.permutations(range(30)))
def test_order_and_zero_do_not_matter(shift, order):
    first = limit_meta_analysis(EFFECTS, VARIANCES)
    second = limit_meta_analysis(EFFECTS[order] + shift, VARIANCES[order])
    assert second.adjusted == pytest.approx(first.adjusted + shift, abs=1e-6)
    assert second.estimate == pytest.approx(first.estimate, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.1, 0.2], [0.1, -1]), "variances must be above 0"),
        (([0.1, math.inf], [0.1, 0.1]), "effects must be finite"),
        (([], []), "no study"),
        ((["a"], [1]), "not a number"),
    ],
)
def test_bad_studies_are_refused(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        limit_meta_analysis(*arguments)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"level": 0}, "level is 0"),
        ({"force": 2}, "force is 2"),
        ({"tau2_method": "REM"}, "Did you mean 'REML'"),
        ({"tau2_method": -1.0}, "tau2"),
    ],
)
def test_refusals(choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        limit_meta_analysis(EFFECTS, VARIANCES, **choices)
