"""A standardised mean difference as a probability and as an odds ratio."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects.measures.smd_scales import (
    log_odds_ratio_from_smd,
    probability_of_superiority,
    smd_from_log_odds_ratio,
)
from evidence.errors import InvalidArgumentError

smds = st.floats(-4, 4)
variances = st.floats(1e-4, 4)
distributions = st.sampled_from(["logistic", "Cox"])


def test_probability_of_superiority_by_hand():
    result = probability_of_superiority(smd=[0.0, 0.5], variance=[0.04, 0.09])
    expected = (1 + math.erf(0.25)) / 2  # Φ(x) = (1 + erf(x/√2))/2 at x = 0.5/√2
    assert result.estimate.tolist() == pytest.approx([0.5, expected], rel=1e-14)
    density = math.exp(-0.125 / 2) / math.sqrt(2 * math.pi)
    assert result.variance.tolist() == pytest.approx(
        [0.04 / (4 * math.pi), density**2 * 0.09 / 2], rel=1e-14
    )
    assert "Φ(d/√2)" in result.formula


@given(smd=smds, variance=variances)
def test_the_variance_is_that_of_the_delta_method(smd, variance):
    step = 1e-4
    up = probability_of_superiority(smd=smd + step, variance=variance).estimate[0]
    down = probability_of_superiority(smd=smd - step, variance=variance).estimate[0]
    slope = (up - down) / (2 * step)
    result = probability_of_superiority(smd=smd, variance=variance)
    assert result.variance[0] == pytest.approx(slope**2 * variance, rel=1e-5)


@given(smd=smds, variance=variances)
def test_swapping_the_groups_gives_the_other_probability(smd, variance):
    one = probability_of_superiority(smd=smd, variance=variance)
    other = probability_of_superiority(smd=-smd, variance=variance)
    assert one.estimate[0] + other.estimate[0] == pytest.approx(1, abs=1e-14)
    assert one.variance[0] == other.variance[0]


def test_odds_ratio_by_hand():
    result = log_odds_ratio_from_smd(smd=0.5, variance=0.04)
    assert result.estimate[0] == pytest.approx(0.5 * 1.8137993642342178, rel=1e-14)
    assert result.variance[0] == pytest.approx(0.04 * math.pi**2 / 3, rel=1e-14)
    result = log_odds_ratio_from_smd(smd=0.5, variance=0.04, distribution="Cox")
    assert result.estimate[0] == pytest.approx(0.825, rel=1e-14)
    assert result.variance[0] == pytest.approx(0.1089, rel=1e-14)
    assert result.measure == "log odds ratio"


@given(smd=smds, variance=variances, distribution=distributions)
def test_there_and_back(smd, variance, distribution):
    odds = log_odds_ratio_from_smd(smd=smd, variance=variance, distribution=distribution)
    back = smd_from_log_odds_ratio(
        log_odds_ratio=odds.estimate, variance=odds.variance, distribution=distribution
    )
    assert back.estimate[0] == pytest.approx(smd, rel=1e-14, abs=1e-300)
    assert back.variance[0] == pytest.approx(variance, rel=1e-14)
    if abs(smd) > 1e-3:  # of a subnormal number nothing is left after squaring
        assert back.p_value[0] == pytest.approx(odds.p_value[0], rel=1e-9)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (probability_of_superiority, {"smd": 1, "variance": 0}, "variance must be above 0"),
        (log_odds_ratio_from_smd, {"smd": "1", "variance": 1}, "smd holds something"),
        (
            smd_from_log_odds_ratio,
            {"log_odds_ratio": [1, math.inf], "variance": 1},
            "log_odds_ratio must be a finite number.*study 2",
        ),
        (
            log_odds_ratio_from_smd,
            {"smd": 1, "variance": 1, "distribution": "cox"},
            "known are logistic, Cox. Did you mean 'Cox'",
        ),
    ],
)
def test_bad_input_is_named(function, arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        function(**arguments)
