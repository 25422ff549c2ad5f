"""The p-curve: algebra, level and power in simulations, where it refuses, and what it says."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from evidence.appraisal.selection.p_curve import FEWEST_SIGNIFICANT, p_curve
from evidence.errors import InvalidArgumentError
from evidence.synthesis.pool import pool

CRITICAL = norm.isf(0.025)


def significant(random, many, noncentrality, below=math.inf):
    """Absolute z values of studies with one noncentrality that came out significant."""
    found = np.empty(0)
    while found.size < many:
        z = np.abs(random.normal(noncentrality, 1, size=20 * many + 100))
        found = np.append(found, z[(z > CRITICAL) & (z < below)])
    return found[:many]


def noncentrality(power):
    return brentq(
        lambda d: norm.sf(CRITICAL - d) + norm.cdf(-CRITICAL - d) - power, 0, 8, xtol=1e-13
    )


def of_z(z, **choices):
    return p_curve(z, np.ones(len(z)), **choices)


def test_by_hand():
    p = np.array([0.001, 0.004, 0.012, 0.03, 0.049])
    found = p_curve(p_values=p, force=True)
    whole = norm.ppf(p / 0.05).sum() / math.sqrt(5)
    half = norm.ppf(p[:3] / 0.025).sum() / math.sqrt(3)
    assert found.skew_full == pytest.approx(whole, rel=1e-12)
    assert found.skew_half == pytest.approx(half, rel=1e-12)
    assert found.skew_full_p_value == pytest.approx(norm.cdf(whole), rel=1e-12)
    assert found.binomial_p_value == pytest.approx(16 / 32, rel=1e-13)  # 3 or more of 5
    assert found.curve["results"].tolist() == [2, 1, 1, 0, 1]
    assert found.curve["share"].tolist() == [40, 20, 20, 0, 20]
    assert found.curve["share_without_effect"].tolist() == pytest.approx([20] * 5)


def test_a_low_power_by_hand():
    delta = noncentrality(1 / 3)
    z = np.array([2.0, 2.5, 3.0, 4.0])
    chances = 3 * (norm.sf(z - delta) + norm.cdf(-z - delta))
    found = of_z(z, force=True)
    assert found.flat_full == pytest.approx(norm.isf(chances).sum() / 2, rel=1e-10)
    assert found.curve["share_low_power"].sum() == pytest.approx(100)
    assert found.curve["share_low_power"].is_monotonic_decreasing


@pytest.mark.parametrize(("power", "low", "high"), [(0.3, 0.24, 0.36), (0.6, 0.55, 0.65)])
def test_power_is_recovered(power, low, high):
    z = significant(np.random.default_rng(1), 1500, noncentrality(power))
    found = of_z(z)
    assert low < found.power < high
    assert found.power_low < found.power < found.power_high


def test_level_and_power():
    """What the threshold on the number of significant results rests on."""
    random = np.random.default_rng(2)
    half_power = noncentrality(0.5)
    skewed, flat, found, whole = [], [], [], []
    for _ in range(300):
        null = of_z(significant(random, FEWEST_SIGNIFICANT, 0.0))
        whole.append(null.skew_full_p_value < 0.05)
        skewed.append(null.status == "ok")
        flat.append(null.flat_full_p_value < 0.05)
        found.append(of_z(significant(random, FEWEST_SIGNIFICANT, half_power)).status == "ok")
    assert np.mean(whole) == pytest.approx(0.05, abs=0.035)
    assert np.mean(skewed) < 0.10
    assert 0.48 < np.mean(flat) < 0.68
    assert 0.72 < np.mean(found) < 0.88


def test_intervals_of_power_cover():
    random = np.random.default_rng(3)
    truth = noncentrality(0.5)
    inside = [
        found.power_low <= 0.5 <= found.power_high
        for found in (of_z(significant(random, 20, truth)) for _ in range(200))
    ]
    assert np.mean(inside) == pytest.approx(0.90, abs=0.06)


def test_the_words():
    random = np.random.default_rng(4)
    strong = of_z(significant(random, 20, 3.5))
    assert strong.status == "ok"
    assert "comes from a study without an effect" in strong.sentence
    weak = p_curve(p_values=np.linspace(0.03, 0.0499, 15))
    assert weak.status == "contradiction"
    assert weak.power == 0.05
    assert "flatter" in weak.sentence
    between = p_curve(
        p_values=[0.001, 0.004, 0.008, 0.013, 0.019, 0.025, 0.03, 0.036, 0.042, 0.047]
    )
    assert between.status == "cannot be tested"
    assert "cannot tell" in between.sentence


@pytest.mark.parametrize("z", [[1.0, 0.2], [1.0, 2.5, 3.0], [3.0] * 9])
def test_few_significant_results_are_refused(z):
    found = of_z(z)
    assert found.status == "cannot be tested"
    assert "needs about 10" in found.sentence
    assert "p =" not in found.sentence
    assert math.isnan(found.power)
    json.dumps(found.to_dict(), allow_nan=False)


def test_forced_is_marked_and_nothing_stays_nothing():
    found = of_z([2.5, 3.0, 4.0], force=True)
    assert found.forced
    assert found.sentence.startswith("Computed although")
    assert found.cautions[-1].code == "forced"
    nothing = of_z([1.0], force=True)
    assert nothing.status == "cannot be tested"
    assert nothing.sentence.startswith("No significant result among 1")


def test_without_small_p_values_the_half_curve_is_empty():
    found = p_curve(p_values=[0.03] * 12)
    assert math.isnan(found.skew_half)
    assert "no result below 0.025" in found.sentence
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("z", [1e8, 300.0, 1.9599639846])
def test_extreme_results(z):
    found = of_z([z] * 12)
    assert np.isfinite(found.skew_full)
    assert 0.05 <= found.power <= 0.99
    assert found.sentence
    assert p_curve(p_values=[5e-324] * 12).status == "ok"


def test_shape():
    effects, variances = [0.5] * 12, np.linspace(0.01, 0.04, 12)
    found = p_curve(effects, variances)
    assert found.summary().splitlines()[0] == found.sentence
    assert "<table" in found._repr_html_()
    assert len(found.to_frame()) == 6
    json.dumps(found.to_dict(), allow_nan=False)
    assert p_curve(pool(effects, variances)).sentence == found.sentence


def test_what_is_missing_is_named():
    found = p_curve(p_values=[0.01, None, 0.2], labels=["a", "b", "c"])
    assert found.k == 2
    assert "b" in found.cautions[0].message


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(1.97, 8), min_size=10, max_size=25), st.randoms())
def test_order_sign_and_units_do_not_matter(z, random):
    first = of_z(z)
    shuffled = random.sample(z, len(z))
    second = p_curve(-1e6 * np.array(shuffled), np.full(len(z), 1e12))
    for name in ("skew_full", "flat_full", "power"):
        assert getattr(second, name) == pytest.approx(getattr(first, name), rel=1e-7, abs=1e-7)
    assert first.power_low <= first.power <= first.power_high


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Give effects with their variances"),
        ({"p_values": [0.1], "effects": [1.0]}, "leave one of the two out"),
        ({"p_values": []}, "p_values is empty"),
        ({"p_values": [0.0]}, "a p printed as 0.000 is a bound"),
        ({"p_values": [0.1, 1.5]}, "study 2: 1.5"),
        ({"p_values": [math.nan]}, "all are missing"),
        ({"p_values": ["0.1"]}, "not a number"),
        ({"p_values": [0.1], "labels": ["a", "b"]}, "1 p values and 2 labels"),
        ({"effects": [1.0], "variances": [-1]}, "variances must be above 0"),
        ({"p_values": [0.1], "level": 1}, "level is 1"),
        ({"p_values": [0.1], "force": "yes"}, "force is 'yes'"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        p_curve(**arguments)
