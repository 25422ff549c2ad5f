"""One group's proportions, means, rates, correlations, and the way back to their own scale."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects.measures.correlation import (
    correlation_from_fisher_z,
    fisher_z,
    raw_correlation,
)
from evidence.effects.measures.one_group import (
    PROPORTION_SCALES,
    back_transform_proportion,
    back_transform_rate,
    incidence_rate,
    proportion,
    single_mean,
)
from evidence.errors import InvalidArgumentError

# 12 of 48 people: √(1/4) is the sine of π/6
BY_HAND = {
    "raw": (0.25, 0.25 * 0.75 / 48),
    "log": (math.log(0.25), 1 / 12 - 1 / 48),
    "logit": (math.log(1 / 3), 1 / 12 + 1 / 36),
    "arcsine": (math.pi / 6, 1 / 192),
    "freeman-tukey": (
        (math.asin(math.sqrt(12 / 49)) + math.asin(math.sqrt(13 / 49))) / 2,
        1 / 194,
    ),
}


@pytest.mark.parametrize("scale", PROPORTION_SCALES)
def test_proportion_by_hand(scale):
    result = proportion(events=12, total=48, transformation=scale)
    assert result.estimate[0] == pytest.approx(BY_HAND[scale][0], rel=1e-13)
    assert result.variance[0] == pytest.approx(BY_HAND[scale][1], rel=1e-13)
    assert result.measure == f"proportion ({scale})"
    assert result.cautions == ()


@st.composite
def counts(draw, fewest=0):
    total = draw(st.integers(1 + 2 * fewest, 10**6))
    return draw(st.integers(fewest, total - fewest)), total


@pytest.mark.parametrize("scale", PROPORTION_SCALES)
@given(data=counts(fewest=1))
def test_proportion_there_and_back(scale, data):
    events, total = data
    value = proportion(events=events, total=total, transformation=scale).estimate
    need = {"total": total} if scale == "freeman-tukey" else {}
    back = back_transform_proportion(value, transformation=scale, **need)
    assert back[0] == pytest.approx(events / total, rel=1e-9)


@given(data=counts())
def test_freeman_tukey_there_and_back_with_none_and_all(data):
    events, total = data
    value = proportion(events=events, total=total, transformation="freeman-tukey").estimate
    back = back_transform_proportion(value, transformation="freeman-tukey", total=total)
    assert back[0] == pytest.approx(events / total, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("total", [1, 20, 10**9])
def test_freeman_tukey_none_is_0_and_all_is_1(total):
    value = proportion(events=[0, total], total=total, transformation="freeman-tukey").estimate
    back = back_transform_proportion(value, transformation="freeman-tukey", total=total)
    assert back.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("scale", ["raw", "logit", "arcsine", "freeman-tukey"])
@given(data=counts())
def test_counting_the_others_mirrors_the_scale(scale, data):
    """p and 1 - p: symmetric around the value of a half (the logarithm is not)."""
    events, total = data
    centre = {"raw": 0.5, "logit": 0.0}.get(scale, math.pi / 4)
    one = proportion(events=events, total=total, transformation=scale)
    other = proportion(events=total - events, total=total, transformation=scale)
    assert one.estimate[0] - centre == pytest.approx(centre - other.estimate[0], abs=1e-12)
    assert other.variance[0] == pytest.approx(one.variance[0], rel=1e-9)


@pytest.mark.parametrize("scale", PROPORTION_SCALES)
def test_back_transform_cuts_what_no_proportion_gives(scale):
    need = {"total": 20} if scale == "freeman-tukey" else {}
    low, high = back_transform_proportion([-50.0, 50.0], transformation=scale, **need)
    assert low == pytest.approx(0, abs=1e-20)
    assert high == pytest.approx(1, abs=1e-20)


@pytest.mark.parametrize("scale", PROPORTION_SCALES)
@given(first=st.floats(0.2, 1.4), step=st.floats(0.001, 0.1))
def test_back_transform_rises(scale, first, step):
    need = {"total": [25, 25]} if scale == "freeman-tukey" else {}
    low, high = back_transform_proportion([first, first + step], transformation=scale, **need)
    assert low <= high
    if scale in {"logit", "arcsine", "freeman-tukey"}:
        assert low < high


@pytest.mark.parametrize(("scale", "corrected"), [("raw", 1), ("log", 1), ("logit", 1)])
def test_none_and_all_are_mended_and_said(scale, corrected):
    result = proportion(events=[0, 5, 20], total=20, transformation=scale)
    (caution,) = result.cautions
    assert caution.code == "continuity"
    assert "two studies" in caution.message
    assert np.isfinite(result.estimate).all()
    assert (result.variance > 0).all()
    plain = proportion(events=5, total=20, transformation=scale)
    assert result.estimate[1] == plain.estimate[0]
    with pytest.raises(InvalidArgumentError, match=r"two studies .*\(study 1 first\)"):
        proportion(events=[0, 5, 20], total=20, transformation=scale, continuity=0)


@pytest.mark.parametrize("scale", ["arcsine", "freeman-tukey"])
def test_the_angles_need_no_mending(scale):
    result = proportion(events=[0, 20], total=20, transformation=scale, continuity=0)
    assert result.cautions == ()
    assert (result.variance > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"events": 21, "total": 20}, r"events must be at most total.*21 of 20"),
        ({"events": -1, "total": 20}, "events must be at least 0"),
        ({"events": 0, "total": 0}, "total must be at least 1"),
        ({"events": 2, "total": 20, "transformation": "logits"}, "Did you mean 'logit'"),
        ({"events": 2, "total": 20, "continuity": math.inf}, "continuity is inf"),
    ],
)
def test_bad_proportions_are_named(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        proportion(**arguments)


def test_total_is_for_freeman_and_tukey_only():
    with pytest.raises(InvalidArgumentError, match="total is missing"):
        back_transform_proportion(0.5, transformation="freeman-tukey")
    with pytest.raises(InvalidArgumentError, match="total is given"):
        back_transform_proportion(0.5, transformation="logit", total=20)
    with pytest.raises(InvalidArgumentError, match="known are raw"):
        back_transform_proportion(0.5, transformation="probit")


def test_mean_by_hand():
    raw = single_mean(mean=[6.0, -6.0], sd=2, n=16)
    assert raw.estimate.tolist() == [6, -6]
    assert raw.variance.tolist() == [0.25, 0.25]
    logged = single_mean(mean=6.0, sd=2, n=16, transformation="log")
    assert logged.estimate[0] == pytest.approx(math.log(6), rel=1e-15)
    assert logged.variance[0] == pytest.approx(4 / (16 * 36), rel=1e-14)
    assert logged.cautions == ()
    near = single_mean(mean=1.0, sd=2, n=16, transformation="log")
    assert [caution.code for caution in near.cautions] == ["logarithm-of-mean"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sd": 0}, "sd must be above 0"),
        ({"n": 1}, "n must be at least 2"),
        ({"mean": [1, 0], "transformation": "log"}, "mean of study 2 is not above 0"),
        ({"transformation": "sqrt"}, "known are raw, log"),
    ],
)
def test_bad_means_are_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        single_mean(**{"mean": 6.0, "sd": 2, "n": 16, **changed})


def test_rate_by_hand():
    expected = {
        "raw": (0.25, 9 / 36**2),
        "log": (math.log(0.25), 1 / 9),
        "square-root": (0.5, 1 / 144),
    }
    for scale, (estimate, variance) in expected.items():
        result = incidence_rate(events=9, person_time=36, transformation=scale)
        assert result.estimate[0] == pytest.approx(estimate, rel=1e-14)
        assert result.variance[0] == pytest.approx(variance, rel=1e-14)
        back = back_transform_rate(result.estimate, transformation=scale)
        assert back[0] == pytest.approx(0.25, rel=1e-14)


def test_no_events_are_mended_and_said_but_for_the_square_root():
    for scale in ("raw", "log"):
        result = incidence_rate(events=[0, 9], person_time=36, transformation=scale)
        assert [caution.code for caution in result.cautions] == ["continuity"]
        mended = back_transform_rate(result.estimate, transformation=scale)
        assert mended.tolist() == pytest.approx([0.5 / 36, 0.25], rel=1e-14)
    assert incidence_rate(events=0, person_time=36, transformation="square-root").cautions == ()
    assert back_transform_rate(-1.0, transformation="square-root")[0] == 0
    assert back_transform_rate(-1.0, transformation="raw")[0] == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"person_time": 0}, "person_time must be above 0"),
        ({"events": -1}, "events must be at least 0"),
        ({"transformation": "logit"}, "known are raw, log, square-root"),
        ({"events": 0, "continuity": 0}, "cannot be computed with continuity 0"),
    ],
)
def test_bad_rates_are_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        incidence_rate(**{"events": 9, "person_time": 36, **changed})


def test_correlation_by_hand():
    raw, z = raw_correlation(correlation=0.5, n=19), fisher_z(correlation=0.5, n=19)
    assert raw.variance[0] == pytest.approx(0.75**2 / 18, rel=1e-14)
    assert z.estimate[0] == pytest.approx(math.log(3) / 2, rel=1e-14)
    assert z.variance[0] == pytest.approx(1 / 16, rel=1e-15)


@given(r=st.floats(-0.999, 0.999), n=st.integers(4, 10**6))
def test_correlation_invariants(r, n):
    for function in (raw_correlation, fisher_z):
        one, other = function(correlation=r, n=n), function(correlation=-r, n=n)
        assert other.estimate[0] == -one.estimate[0]
        assert other.variance[0] == one.variance[0]
    back = correlation_from_fisher_z(fisher_z(correlation=r, n=n).estimate)
    assert back[0] == pytest.approx(r, rel=1e-12)


@pytest.mark.parametrize("function", [raw_correlation, fisher_z])
@pytest.mark.parametrize("r", [1.0, -1.0, 1.5])
def test_perfect_and_impossible_correlations_are_refused(function, r):
    with pytest.raises(InvalidArgumentError, match="correlation of study 2 does not lie"):
        function(correlation=[0.5, r], n=20)


def test_too_few_pairs_are_refused():
    with pytest.raises(InvalidArgumentError, match="n must be at least 4"):
        fisher_z(correlation=0.5, n=3)
    with pytest.raises(InvalidArgumentError, match="n must be at least 2"):
        raw_correlation(correlation=0.5, n=1)
