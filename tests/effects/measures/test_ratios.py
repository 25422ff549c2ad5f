"""Ratios of means, SDs and coefficients of variation: hand algebra, invariants, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects.measures.ratios import (
    log_coefficient_of_variation_ratio,
    log_ratio_of_means,
    log_variability_ratio,
)
from evidence.errors import InvalidArgumentError

ARMS = {
    "mean_treatment": 12.0,
    "sd_treatment": 3.0,
    "n_treatment": 20,
    "mean_control": 10.0,
    "sd_control": 4.0,
    "n_control": 30,
}
FUNCTIONS = [log_ratio_of_means, log_coefficient_of_variation_ratio]

scale = st.floats(0.01, 100)
people = st.integers(2, 500)
arms = st.fixed_dictionaries(
    {
        "mean_treatment": scale,
        "sd_treatment": scale,
        "n_treatment": people,
        "mean_control": scale,
        "sd_control": scale,
        "n_control": people,
    }
)


def swapped(values):
    other = {"treatment": "control", "control": "treatment"}
    return {f"{n.rsplit('_', 1)[0]}_{other[n.rsplit('_', 1)[1]]}": v for n, v in values.items()}


def test_ratio_of_means_by_hand():
    result = log_ratio_of_means(**ARMS)
    assert result.estimate[0] == pytest.approx(math.log(1.2), rel=1e-14)
    assert result.variance[0] == pytest.approx(9 / (20 * 144) + 16 / (30 * 100), rel=1e-14)
    pooled = (19 * 9 + 29 * 16) / 48
    result = log_ratio_of_means(**ARMS, variance_formula="pooled")
    assert result.variance[0] == pytest.approx(pooled / (20 * 144) + pooled / 3000, rel=1e-14)
    assert result.formula == "pooled"


def test_variability_ratio_by_hand():
    spread = {name: value for name, value in ARMS.items() if "mean" not in name}
    result = log_variability_ratio(**spread, level=0.9)
    assert result.estimate[0] == pytest.approx(math.log(0.75) + 1 / 38 - 1 / 58, rel=1e-14)
    assert result.variance[0] == pytest.approx(1 / 38 + 1 / 58, rel=1e-14)
    assert result.level == 0.9


@pytest.mark.parametrize("function", FUNCTIONS)
@given(values=arms)
def test_swapping_the_arms_turns_the_sign(function, values):
    one, other = function(**values), function(**swapped(values))
    assert other.estimate[0] == pytest.approx(-one.estimate[0], rel=1e-12, abs=1e-13)
    assert other.variance[0] == pytest.approx(one.variance[0], rel=1e-12)


@pytest.mark.parametrize("function", FUNCTIONS)
@given(values=arms, unit=st.floats(1e-6, 1e6))
def test_the_unit_does_not_matter(function, values, unit):
    in_unit = {n: v if n.startswith("n_") else v * unit for n, v in values.items()}
    one, other = function(**values), function(**in_unit)
    assert other.estimate[0] == pytest.approx(one.estimate[0], rel=1e-10, abs=1e-12)
    assert other.variance[0] == pytest.approx(one.variance[0], rel=1e-10)


@given(values=arms)
def test_the_ratio_of_sds_is_that_of_cvs_times_that_of_means(values):
    cv = log_coefficient_of_variation_ratio(**values).estimate[0]
    spread = {name: value for name, value in values.items() if "mean" not in name}
    total = cv + log_ratio_of_means(**values).estimate[0]
    assert log_variability_ratio(**spread).estimate[0] == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("mean", [0.0, -2.0])
def test_a_mean_that_has_no_logarithm_is_refused(function, mean):
    with pytest.raises(InvalidArgumentError, match=rf"mean_control .* study 2: {mean:g}\. A ratio"):
        function(**{**ARMS, "mean_control": [10.0, mean]})


def test_two_negative_means_are_refused_though_their_ratio_is_positive():
    with pytest.raises(InvalidArgumentError, match="true zero"):
        log_ratio_of_means(**{**ARMS, "mean_treatment": -12.0, "mean_control": -10.0})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sd_treatment": -1}, "sd_treatment must be at least 0"),
        ({"n_control": 1}, "n_control must be at least 2"),
        ({"mean_control": math.nan}, "mean_control must be a finite number"),
        ({"sd_treatment": 0, "sd_control": 0}, "Both standard deviations of study 1 are 0"),
        ({"n_treatment": [20, 20], "n_control": [20, 20, 20]}, "different lengths"),
        ({"variance_formula": "poled"}, "known are unpooled, pooled. Did you mean 'pooled'"),
        ({"level": 95}, "level is 95"),
    ],
)
def test_bad_input_is_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        log_ratio_of_means(**{**ARMS, **changed})


def test_an_sd_of_0_has_no_logarithm():
    spread = {name: value for name, value in ARMS.items() if "mean" not in name}
    with pytest.raises(InvalidArgumentError, match="sd_control must be above 0"):
        log_variability_ratio(**{**spread, "sd_control": 0})


def test_a_mean_near_0_is_a_caution_and_one_far_from_it_is_not():
    # √20 · mean/3 is 3 at a mean of 2.0125
    for function in FUNCTIONS:
        assert function(**{**ARMS, "mean_treatment": 2.02}).cautions == ()
        near = function(**{**ARMS, "mean_treatment": [2.0, 12.0]})
        assert [caution.code for caution in near.cautions] == ["logarithm-of-mean"]
        assert "one study" in near.cautions[0].message


def test_an_sd_of_0_in_one_arm_needs_no_warning():
    result = log_ratio_of_means(**{**ARMS, "sd_treatment": 0})
    assert result.variance[0] == pytest.approx(16 / 3000)
    assert np.isfinite(result.ci_low).all()
