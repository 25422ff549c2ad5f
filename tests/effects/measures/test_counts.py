"""Arcsine difference, Peto's odds ratio, rates: hand algebra, invariants, bad input."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence.effects.measures.arcsine import arcsine_difference, peto_log_odds_ratio
from evidence.effects.measures.binary import log_odds_ratio
from evidence.effects.measures.rates import log_rate_ratio, rate_difference
from evidence.errors import InvalidArgumentError

TABLE = {"events_treatment": 4, "total_treatment": 123, "events_control": 11, "total_control": 139}
RATES = {"events_treatment": 4, "time_treatment": 20, "events_control": 3, "time_control": 33}


@st.composite
def tables(draw):
    n1, n2 = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    a, c = draw(st.integers(0, n1)), draw(st.integers(0, n2))
    return {"events_treatment": a, "total_treatment": n1, "events_control": c, "total_control": n2}


def swapped(values):
    other = {"treatment": "control", "control": "treatment"}
    return {f"{n.rsplit('_', 1)[0]}_{other[n.rsplit('_', 1)[1]]}": v for n, v in values.items()}


def other_outcome(values):
    return {
        **values,
        **{
            f"events_{arm}": values[f"total_{arm}"] - values[f"events_{arm}"]
            for arm in ("treatment", "control")
        },
    }


def informs_peto(values):
    events = values["events_treatment"] + values["events_control"]
    return 0 < events < values["total_treatment"] + values["total_control"]


def test_arcsine_by_hand():
    result = arcsine_difference(
        events_treatment=[30, 0], total_treatment=40, events_control=[10, 0], total_control=20
    )
    # arcsin √(3/4) = π/3, arcsin √(1/2) = π/4
    assert result.estimate.tolist() == pytest.approx([math.pi / 12, 0], abs=1e-15)
    assert result.variance.tolist() == pytest.approx([3 / 160, 3 / 160], rel=1e-15)
    assert result.cautions == ()


def test_peto_by_hand():
    """Of 20 and 30 people 0 and 3 had the event: E = 1.2, V = 20·30·3·47/(50²·49)."""
    result = peto_log_odds_ratio(
        events_treatment=0, total_treatment=20, events_control=3, total_control=30
    )
    v = 20 * 30 * 3 * 47 / (50**2 * 49)
    assert result.estimate[0] == pytest.approx(-1.2 / v, rel=1e-14)
    assert result.variance[0] == pytest.approx(1 / v, rel=1e-14)


@given(values=tables())
def test_arcsine_invariants(values):
    one = arcsine_difference(**values)
    for turned in (swapped(values), other_outcome(values)):
        result = arcsine_difference(**turned)
        assert result.estimate[0] == pytest.approx(-one.estimate[0], abs=1e-14)
        assert result.variance[0] == pytest.approx(one.variance[0], rel=1e-14)


@given(values=tables().filter(informs_peto))
def test_peto_invariants(values):
    one = peto_log_odds_ratio(**values)
    for turned in (swapped(values), other_outcome(values)):
        result = peto_log_odds_ratio(**turned)
        assert result.estimate[0] == pytest.approx(-one.estimate[0], rel=1e-12)
        assert result.variance[0] == pytest.approx(one.variance[0], rel=1e-12)


def test_peto_is_near_the_odds_ratio_for_small_effects_in_equal_arms():
    table = {"events_treatment": 505, "total_treatment": 88391, "total_control": 88391}
    peto = peto_log_odds_ratio(**table, events_control=499)
    woolf = log_odds_ratio(**table, events_control=499)
    assert peto.estimate[0] == pytest.approx(woolf.estimate[0], rel=1e-4)
    assert peto.cautions == ()


def test_peto_warns_where_one_step_is_not_enough():
    """21 of 30 against 150 of 3,000: the odds ratio is 44, Peto's far from it."""
    values = {"events_treatment": [4, 21], "total_treatment": [123, 30]}
    values |= {"events_control": [11, 150], "total_control": [139, 3000]}
    (caution,) = peto_log_odds_ratio(**values).cautions
    assert caution.code == "peto-one-step"
    assert "one study (study 2)" in caution.message


@given(values=tables().filter(informs_peto))
@example(values=dict(zip(TABLE, (0, 30, 150, 3000), strict=True)))
@example(values=dict(zip(TABLE, (30, 30, 150, 3000), strict=True)))
@example(values=dict(zip(TABLE, (21, 30, 0, 3000), strict=True)))
@example(values=dict(zip(TABLE, (21, 30, 3000, 3000), strict=True)))
@example(values=dict(zip(TABLE, (21, 30, 150, 3000), strict=True)))
@example(values=dict(zip(TABLE, (3, 40, 12, 400), strict=True)))
def test_peto_warns_exactly_where_it_leaves_the_odds_ratio_of_four_full_cells(values):
    peto, woolf = peto_log_odds_ratio(**values), log_odds_ratio(**values)
    gap = abs(peto.estimate[0] - woolf.estimate[0])
    full = "continuity" not in {caution.code for caution in woolf.cautions}
    expected = full and gap > 0.5 * peto.standard_error[0]
    assert bool(peto.cautions) == expected


@pytest.mark.parametrize("events", [(0, 0), (20, 25)])
def test_peto_does_not_exist_without_events_or_without_others(events):
    with pytest.raises(InvalidArgumentError, match=r"study 2 had the event in nobody"):
        peto_log_odds_ratio(
            events_treatment=[1, events[0]],
            total_treatment=20,
            events_control=[2, events[1]],
            total_control=25,
        )


@pytest.mark.parametrize("function", [arcsine_difference, peto_log_odds_ratio])
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"events_treatment": 124},
            r"events_treatment must be at most total_treatment.*124 of 123",
        ),
        ({"events_control": 140}, r"events_control must be at most total_control.*140 of 139"),
        ({"events_control": -1}, "events_control must be at least 0"),
        ({"total_control": 0, "events_control": 0}, "total_control must be at least 1"),
        ({"events_treatment": "4"}, "events_treatment holds something"),
    ],
)
def test_bad_counts_are_named(function, changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        function(**{**TABLE, **changed})


def test_rates_by_hand():
    ratio, difference = log_rate_ratio(**RATES), rate_difference(**RATES)
    assert ratio.estimate[0] == pytest.approx(math.log((4 / 20) / (3 / 33)), rel=1e-14)
    assert ratio.variance[0] == pytest.approx(1 / 4 + 1 / 3, rel=1e-14)
    assert difference.estimate[0] == pytest.approx(4 / 20 - 3 / 33, rel=1e-14)
    assert difference.variance[0] == pytest.approx(4 / 400 + 3 / 33**2, rel=1e-14)
    assert ratio.cautions == difference.cautions == ()


times = st.floats(0.01, 1e5)
rates = st.fixed_dictionaries(
    {
        "events_treatment": st.integers(0, 500),
        "time_treatment": times,
        "events_control": st.integers(0, 500),
        "time_control": times,
    }
)


@pytest.mark.parametrize("function", [log_rate_ratio, rate_difference])
@given(values=rates)
def test_swapping_the_arms_turns_the_sign(function, values):
    one, other = function(**values), function(**swapped(values))
    assert other.estimate[0] == pytest.approx(-one.estimate[0], rel=1e-12, abs=1e-13)
    assert other.variance[0] == pytest.approx(one.variance[0], rel=1e-12)


@given(values=rates, unit=st.floats(1e-4, 1e4))
def test_the_unit_of_time_is_the_differences_and_not_the_ratios(values, unit):
    in_unit = {n: v * unit if n.startswith("time") else v for n, v in values.items()}
    one, other = log_rate_ratio(**values), log_rate_ratio(**in_unit)
    assert other.estimate[0] == pytest.approx(one.estimate[0], rel=1e-10, abs=1e-12)
    assert other.variance[0] == one.variance[0]
    one, other = rate_difference(**values), rate_difference(**in_unit)
    assert other.standard_error[0] == pytest.approx(one.standard_error[0] / unit, rel=1e-10)
    assert other.estimate[0] == pytest.approx(
        one.estimate[0] / unit, rel=1e-9, abs=1e-12 * one.standard_error[0] / unit
    )


def test_an_arm_without_events_is_mended_said_and_only_there():
    values = {**RATES, "events_treatment": [0, 4, 0], "events_control": [3, 3, 0]}
    ratio = log_rate_ratio(**values, continuity=0.25)
    expected = [1 / 0.25 + 1 / 3.25, 1 / 4 + 1 / 3, 8]
    assert ratio.variance.tolist() == pytest.approx(expected, rel=1e-14)
    assert ratio.estimate[2] == pytest.approx(math.log(33 / 20), rel=1e-14)
    assert [caution.code for caution in ratio.cautions] == ["continuity", "double-zero"]
    assert "two studies" in ratio.cautions[0].message
    assert "one study" in ratio.cautions[1].message
    # a difference of two rates of 0 is 0, and says so
    assert [c.code for c in rate_difference(**values).cautions] == ["continuity"]


@pytest.mark.parametrize("function", [log_rate_ratio, rate_difference])
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"time_treatment": 0}, "time_treatment must be above 0"),
        ({"time_control": [1, -1]}, "time_control must be above 0; found study 2"),
        ({"events_control": -1}, "events_control must be at least 0"),
        ({"continuity": -1}, "continuity is -1"),
        ({"continuity": "half"}, "continuity is 'half'"),
        ({"events_control": 0, "continuity": 0}, r"one study without events in an arm \(study 1\)"),
    ],
)
def test_bad_rates_are_named(function, changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        function(**{**RATES, **changed})


def test_continuity_0_is_fine_where_nothing_is_empty():
    assert np.array_equal(
        log_rate_ratio(**RATES, continuity=0).estimate, log_rate_ratio(**RATES).estimate
    )
