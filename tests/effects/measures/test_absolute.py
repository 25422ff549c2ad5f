"""Risks at a baseline, and numbers needed to treat with intervals that pass infinity."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects.measures.absolute import MEASURES, absolute_effects, number_needed_to_treat
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError


def effect(measure, estimate, variance=0.01):
    return EffectSizes(measure, "f", np.atleast_1d(estimate), np.full(np.size(estimate), variance))


BY_HAND = {
    "log risk ratio": (math.log(0.5), 0.1),
    "log odds ratio": (math.log(0.5), 1 / 9),  # odds 1/4 halved: 1/8, a risk of 1/9
    "Peto's log odds ratio": (math.log(0.5), 1 / 9),
    "log hazard ratio": (math.log(2.0), 1 - 0.8**2),
    "risk difference": (-0.05, 0.15),
}


@pytest.mark.parametrize("measure", MEASURES)
def test_risk_with_treatment_by_hand(measure):
    estimate, risk = BY_HAND[measure]
    result = absolute_effects(effect(measure, estimate, 1e-4), baseline_risk=0.2)
    assert result.risk[0] == pytest.approx(risk, rel=1e-12)
    assert result.difference[0] == pytest.approx(risk - 0.2, rel=1e-12)
    assert result.risk_low[0] < risk < result.risk_high[0]
    assert result.cautions == ()


def test_the_measures_of_one_table_agree_at_its_own_control_risk():
    table = {"events_treatment": 15, "total_treatment": 100}
    table |= {"events_control": 30, "total_control": 120}
    for function in (log_risk_ratio, log_odds_ratio, risk_difference):
        result = absolute_effects(function(**table), baseline_risk=0.25)
        assert result.risk[0] == pytest.approx(0.15, rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@given(base=st.floats(0.001, 0.999))
def test_no_effect_leaves_the_risk(measure, base):
    result = absolute_effects(effect(measure, 0.0, 1e-8), baseline_risk=base)
    assert result.risk[0] == pytest.approx(base, rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@given(base=st.floats(0.01, 0.99), estimate=st.floats(-1, 1), variance=st.floats(0.001, 4))
def test_risks_are_ordered_and_stay_between_0_and_1(measure, base, estimate, variance):
    result = absolute_effects(effect(measure, estimate, variance), baseline_risk=base)
    low, risk, high = result.risk_low[0], result.risk[0], result.risk_high[0]
    assert 0 <= low <= risk <= high <= 1


def test_a_ratio_beyond_every_number_is_a_certain_event():
    for measure in ("log odds ratio", "log hazard ratio", "log risk ratio"):
        result = absolute_effects(effect(measure, [800.0, -800.0]), baseline_risk=0.2)
        assert result.risk.tolist() == pytest.approx([1.0, 0.0])


def test_a_risk_that_had_to_be_cut_is_said():
    result = absolute_effects(effect("log risk ratio", [0.1, math.log(3)]), baseline_risk=0.5)
    (caution,) = result.cautions
    assert caution.code == "risk-cut"
    assert "(study 2)" in caution.message
    assert result.risk[1] == 1
    low = absolute_effects(effect("risk difference", -0.3), baseline_risk=0.2)
    assert low.risk[0] == 0
    assert [caution.code for caution in low.cautions] == ["risk-cut"]


def test_words_per_thousand():
    # RR 0.5 (0.411 to 0.608) of 200
    result = absolute_effects(effect("log risk ratio", math.log(0.5)), baseline_risk=0.2)
    assert result.summary() == (
        "200 in 1,000 without treatment and 100 with it: 100 fewer (95% CI 118 fewer to 78 fewer)"
    )
    none = absolute_effects(effect("log risk ratio", 0.0), baseline_risk=0.2)
    assert "0 fewer (95% CI 36 fewer to 43 more)" in none.summary()
    assert result.to_frame()["difference"].tolist() == pytest.approx([-0.1])
    json.dumps(result.to_dict())


@pytest.mark.parametrize("risk", [0, 1, -0.1, 20, math.nan, "0.2"])
def test_impossible_baseline_risks_are_refused(risk):
    with pytest.raises(InvalidArgumentError, match="baseline_risk is"):
        absolute_effects(effect("log risk ratio", 0.1), baseline_risk=risk)


def test_a_measure_without_a_risk_is_refused():
    with pytest.raises(InvalidArgumentError, match="mean difference gives no risk"):
        absolute_effects(effect("mean difference", 0.1), baseline_risk=0.2)


def nnt(difference, low, high, event="harmful"):
    return number_needed_to_treat(risk_difference=difference, ci_low=low, ci_high=high, event=event)


def test_benefit():
    result = nnt(-0.1, -0.2, -0.04)
    assert (result.kind, result.estimate) == ("NNTB", 10)
    assert result.intervals == (("NNTB", 5, 25),)
    assert not result.includes_no_effect
    assert result.summary() == "NNTB 10 (NNTB 5 to 25)"


def test_harm():
    result = nnt(0.1, 0.04, 0.2)
    assert result.kind == "NNTH"
    assert result.intervals == (("NNTH", 5, 25),)
    assert nnt(0.1, 0.04, 0.2, event="beneficial").summary() == "NNTB 10 (NNTB 5 to 25)"


def test_the_interval_passes_infinity_where_the_difference_may_be_0():
    """Altman (1998): a difference of 10 points, interval -5 to 25: NNTH 20 to ∞ to NNTB 4."""
    result = nnt(0.1, -0.05, 0.25, event="beneficial")
    assert result.estimate == 10
    assert result.includes_no_effect
    assert result.intervals == (("NNTH", 20, math.inf), ("NNTB", 4, math.inf))
    assert result.summary() == "NNTB 10 (NNTH 20 to \N{INFINITY} to NNTB 4)"
    assert result.to_frame()["interval_kind"].tolist() == ["NNTH", "NNTB"]
    json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((-0.1, -0.2, 0.0), "NNTB 10 (NNTB 5 to \N{INFINITY})"),
        ((0.0, -0.2, 0.25), "NNTB \N{INFINITY} (NNTH 4 to \N{INFINITY} to NNTB 5)"),
        ((0.0, 0.0, 0.25), "NNTB \N{INFINITY} (NNTH 4 to \N{INFINITY})"),
        ((0.0, 0.0, 0.0), "NNTB \N{INFINITY} (no effect)"),
        ((-0.03, -0.0999, -0.0101), "NNTB 34 (NNTB 11 to 100)"),
        ((-(0.3 - 0.2), -0.2, -0.04), "NNTB 10 (NNTB 5 to 25)"),
    ],
)
def test_edges_and_rounding_up(numbers, words):
    assert nnt(*numbers).summary() == words


@given(
    ends=st.lists(
        st.floats(-1, 1).filter(lambda x: x == 0 or abs(x) > 1e-6), min_size=3, max_size=3
    )
)
def test_the_interval_of_the_number_holds_it_and_turning_the_event_changes_the_kind(ends):
    low, middle, high = sorted(ends)
    one, other = nnt(middle, low, high), nnt(middle, low, high, event="beneficial")
    assert one.estimate == other.estimate
    if middle:
        assert one.kind != other.kind
        held = [a <= one.estimate <= b for kind, a, b in one.intervals if kind == one.kind]
        assert held == [True]
    kinds = {"NNTB": "NNTH", "NNTH": "NNTB"}
    turned = {(kinds[kind], a, b) for kind, a, b in other.intervals}
    assert set(one.intervals) == turned


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((-5, -10, -1), "risk_difference is -5"),
        ((0.1, 0.2, 0.3), r"risk_difference 0\.1 lies outside"),
        ((0.1, math.nan, 0.3), "ci_low is nan"),
    ],
)
def test_bad_numbers_are_named(numbers, message):
    with pytest.raises(InvalidArgumentError, match=message):
        nnt(*numbers)


def test_an_unknown_kind_of_event_is_refused():
    with pytest.raises(InvalidArgumentError, match="known are harmful, beneficial"):
        nnt(-0.1, -0.2, -0.04, event="good")
