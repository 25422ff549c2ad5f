"""Hazard ratios from what was reported, and trials that randomised groups of people."""

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects.measures.cluster import (
    design_effect,
    effective_sample_size,
    inflate_for_clustering,
)
from evidence.effects.measures.continuous import mean_difference
from evidence.effects.measures.survival import (
    log_hazard_ratio,
    log_hazard_ratio_from_events,
    log_hazard_ratio_from_log_rank,
    log_hazard_ratio_from_p,
    log_hazard_ratio_from_ratio_and_p,
    log_rank_variance,
    log_rank_variance_from_events,
)
from evidence.errors import InvalidArgumentError

Z95 = NormalDist().inv_cdf(0.975)
Z90 = NormalDist().inv_cdf(0.95)


def test_hazard_ratio_with_its_interval_comes_back():
    result = log_hazard_ratio(hazard_ratio=0.8, ci_low=0.64, ci_high=1.0)
    assert result.estimate[0] == pytest.approx(math.log(0.8), rel=1e-14)
    assert result.standard_error[0] == pytest.approx(math.log(1.25) / Z95, rel=1e-9)
    assert math.exp(result.ci_low[0]) == pytest.approx(0.64, rel=1e-12)
    assert result.cautions == ()


def test_the_intervals_own_level_counts():
    result = log_hazard_ratio(hazard_ratio=0.8, ci_low=0.64, ci_high=1.0, ci_level=0.9)
    assert result.standard_error[0] == pytest.approx(math.log(1.25) / Z90, rel=1e-9)
    assert result.level == 0.95
    assert result.formula == "from the 90% confidence interval"


@given(ratio=st.floats(0.05, 20), factor=st.floats(1.01, 10))
def test_turning_the_hazard_ratio_over_turns_the_sign(ratio, factor):
    one = log_hazard_ratio(hazard_ratio=ratio, ci_low=ratio / factor, ci_high=ratio * factor)
    other = log_hazard_ratio(
        hazard_ratio=1 / ratio, ci_low=1 / (ratio * factor), ci_high=factor / ratio
    )
    assert other.estimate[0] == pytest.approx(-one.estimate[0], rel=1e-12, abs=1e-14)
    assert other.variance[0] == pytest.approx(one.variance[0], rel=1e-9)


def test_an_interval_that_is_not_centred_is_said():
    assert log_hazard_ratio(hazard_ratio=0.82, ci_low=0.64, ci_high=1.0).cautions == ()
    far = log_hazard_ratio(
        hazard_ratio=[0.8, 0.95, 0.67], ci_low=[0.64, 0.64, 0.64], ci_high=[1.0, 1.0, 1.0]
    )
    (caution,) = far.cautions
    assert caution.code == "interval-off-centre"
    assert "(study 2 and study 3)" in caution.message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hazard_ratio": 1.2}, "hazard_ratio of study 1 lies outside"),
        ({"hazard_ratio": 0.5}, "hazard_ratio of study 1 lies outside"),
        ({"ci_low": -0.4}, "ci_low must be above 0"),
        ({"hazard_ratio": 0}, "hazard_ratio must be above 0"),
        ({"ci_low": 1.0}, "ci_low of study 1 is not below"),
        ({"ci_level": 95}, "level is 95"),
        ({"level": 0}, "level is 0"),
    ],
)
def test_bad_hazard_ratios_are_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        log_hazard_ratio(**{"hazard_ratio": 0.8, "ci_low": 0.64, "ci_high": 1.0, **changed})


def test_log_rank_by_hand():
    result = log_hazard_ratio_from_log_rank(observed_minus_expected=[-5.0, 3.0], variance=[20, 12])
    assert result.estimate.tolist() == [-0.25, 0.25]
    assert result.variance.tolist() == [0.05, 1 / 12]
    with pytest.raises(InvalidArgumentError, match="variance must be above 0"):
        log_hazard_ratio_from_log_rank(observed_minus_expected=1, variance=0)


def test_variance_of_the_log_rank_test_by_hand():
    assert log_rank_variance(events=80, n_treatment=100, n_control=100)[0] == 20
    assert log_rank_variance(events=80, n_treatment=150, n_control=50)[0] == 15
    assert log_rank_variance_from_events(events_treatment=30, events_control=50)[0] == 18.75
    with pytest.raises(InvalidArgumentError, match="events of study 1 are more than its people"):
        log_rank_variance(events=201, n_treatment=100, n_control=100)
    with pytest.raises(InvalidArgumentError, match="events must be above 0"):
        log_rank_variance(events=0, n_treatment=100, n_control=100)
    with pytest.raises(InvalidArgumentError, match="events_control must be above 0"):
        log_rank_variance_from_events(events_treatment=30, events_control=0)


@given(p=st.floats(1e-12, 0.999), v=st.floats(0.1, 1000), sign=st.sampled_from([-1, 1]))
def test_the_p_value_comes_back(p, v, sign):
    result = log_hazard_ratio_from_p(p_value=p, log_rank_variance=v, direction=sign)
    assert result.p_value[0] == pytest.approx(p, rel=1e-9)
    assert math.copysign(1, result.estimate[0]) == sign
    assert result.variance[0] == pytest.approx(1 / v, rel=1e-14)


def test_p_and_events_by_hand():
    result = log_hazard_ratio_from_p(p_value=[0.05, 1.0], log_rank_variance=25, direction=-1)
    assert result.estimate.tolist() == pytest.approx([-Z95 / 5, 0], rel=1e-9)
    assert [caution.code for caution in result.cautions] == ["p-and-events"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"p_value": 0}, "p_value must be above 0"),
        ({"p_value": 1.1}, "p_value of study 1 is above 1"),
        ({"direction": 0}, "direction of study 1 is neither"),
        ({"log_rank_variance": -1}, "log_rank_variance must be above 0"),
    ],
)
def test_bad_p_values_are_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        log_hazard_ratio_from_p(
            **{"p_value": 0.05, "log_rank_variance": 25, "direction": -1, **changed}
        )


def test_design_effect_by_hand():
    # 1 + 20·0.05 = 2; with sizes 15 ± 15, 1 + (2·15 - 1)·0.1 = 3.9
    assert design_effect(cluster_size=21, intracluster_correlation=0.05)[0] == 2
    unequal = design_effect(cluster_size=15, intracluster_correlation=0.1, cluster_size_cv=1)
    assert unequal[0] == pytest.approx(3.9, rel=1e-14)
    assert design_effect(cluster_size=1, intracluster_correlation=1)[0] == 1
    assert design_effect(cluster_size=30, intracluster_correlation=1)[0] == 30
    assert effective_sample_size(count=[100, 7], design_effect=2).tolist() == [50, 3.5]


@given(size=st.floats(1, 1000), icc=st.floats(0, 1), cv=st.floats(0, 3), more=st.floats(0, 1))
def test_the_design_effect_only_rises(size, icc, cv, more):
    def effect(size, icc, cv):
        return design_effect(cluster_size=size, intracluster_correlation=icc, cluster_size_cv=cv)[0]

    base = effect(size, icc, cv)
    assert base >= 1
    slack = 1e-12 * base
    assert effect(size + more, icc, cv) >= base - slack
    assert effect(size, min(icc + more, 1), cv) >= base - slack
    assert effect(size, icc, cv + more) >= base - slack


MD = mean_difference(
    mean_treatment=[3.0, 4.0],
    sd_treatment=2.0,
    n_treatment=40,
    mean_control=2.0,
    sd_control=2.5,
    n_control=60,
)


def test_mending_the_variance_is_the_same_as_shrinking_the_groups():
    mended = inflate_for_clustering(MD, design_effect=[2.0, 1.0])
    shrunk = mean_difference(
        mean_treatment=[3.0, 4.0],
        sd_treatment=2.0,
        n_treatment=effective_sample_size(count=40, design_effect=[2.0, 1.0]),
        mean_control=2.0,
        sd_control=2.5,
        n_control=effective_sample_size(count=60, design_effect=[2.0, 1.0]),
    )
    assert mended.variance.tolist() == pytest.approx(shrunk.variance.tolist(), rel=1e-14)
    assert mended.estimate.tolist() == MD.estimate.tolist()
    assert mended.formula == "unpooled, times the design effect"
    (caution,) = mended.cautions
    assert "design effect of 1.00 to 2.00" in caution.message


def test_a_design_effect_of_1_changes_nothing():
    assert inflate_for_clustering(MD, design_effect=1) is MD


@pytest.mark.parametrize("factors", [[1, 2, 3], []])
def test_design_effects_that_do_not_match_are_refused(factors):
    with pytest.raises(InvalidArgumentError, match="design_effect"):
        inflate_for_clustering(MD, design_effect=factors)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cluster_size": 0.5}, "cluster_size must be at least 1"),
        ({"intracluster_correlation": 1.1}, "intracluster_correlation of study 1 is above 1"),
        ({"intracluster_correlation": -0.1}, "intracluster_correlation must be at least 0"),
        ({"cluster_size_cv": -1}, "cluster_size_cv must be at least 0"),
    ],
)
def test_bad_clusters_are_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        design_effect(**{"cluster_size": 20, "intracluster_correlation": 0.05, **changed})


def test_a_design_effect_below_1_is_refused():
    with pytest.raises(InvalidArgumentError, match="design_effect must be at least 1"):
        inflate_for_clustering(MD, design_effect=0.9)
    with pytest.raises(InvalidArgumentError, match="design_effect must be at least 1"):
        effective_sample_size(count=10, design_effect=0.9)


def test_hazard_ratio_and_p_give_the_interval_back():
    whole = log_hazard_ratio(hazard_ratio=0.7, ci_low=0.7 / 1.4, ci_high=0.7 * 1.4)
    again = log_hazard_ratio_from_ratio_and_p(hazard_ratio=0.7, p_value=whole.p_value)
    assert again.estimate[0] == whole.estimate[0]
    assert again.variance[0] == pytest.approx(whole.variance[0], rel=1e-10)
    assert again.p_value[0] == pytest.approx(whole.p_value[0], rel=1e-10)
    assert [caution.code for caution in again.cautions] == ["ratio-and-p"]
    above = log_hazard_ratio_from_ratio_and_p(hazard_ratio=1 / 0.7, p_value=whole.p_value)
    assert above.estimate[0] == pytest.approx(-whole.estimate[0], rel=1e-14)


def test_hazard_ratio_and_p_by_hand():
    # p = 0.05 is z = 1.959964
    result = log_hazard_ratio_from_ratio_and_p(hazard_ratio=math.exp(-0.5), p_value=0.05)
    assert result.standard_error[0] == pytest.approx(0.5 / 1.959963984540054, rel=1e-12)


def test_hazard_ratio_and_events_by_hand():
    v = log_rank_variance_from_events(events_treatment=30, events_control=60)
    result = log_hazard_ratio_from_events(hazard_ratio=0.5, log_rank_variance=v)
    assert result.estimate[0] == math.log(0.5)
    assert result.variance[0] == pytest.approx(1 / 20, rel=1e-14)
    assert [caution.code for caution in result.cautions] == ["ratio-and-events"]


@pytest.mark.parametrize(
    ("ratio", "p", "words"),
    [
        (1.0, 0.5, "hazard_ratio of study 1 is 1, which leaves its standard error unknown"),
        (0.0, 0.5, "hazard_ratio must be above 0"),
        (0.7, 0.0, "p_value must be above 0"),
        (0.7, 1.0, "p_value of study 1 is not below 1"),
    ],
)
def test_a_hazard_ratio_and_p_that_say_nothing(ratio, p, words):
    with pytest.raises(InvalidArgumentError, match=words):
        log_hazard_ratio_from_ratio_and_p(hazard_ratio=ratio, p_value=p)
