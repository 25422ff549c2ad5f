"""Risk ratio, odds ratio and risk difference: hand algebra, invariants, empty cells."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.errors import InvalidArgumentError

EXACT = 1e-14  # relative: a handful of roundings
ALGEBRA = 1e-9  # relative: two ways through a formula

MEASURES = [log_risk_ratio, log_odds_ratio, risk_difference]
every_measure = pytest.mark.parametrize("measure", MEASURES)

# 10 of 50 against 20 of 40: cells 10, 40, 20, 20.
BY_HAND = {
    "events_treatment": 10,
    "total_treatment": 50,
    "events_control": 20,
    "total_control": 40,
}


# ------------------------------------------------------------------ by hand


def test_risk_ratio_by_hand() -> None:
    # 0.2 / 0.5 = 2/5; 1/10 - 1/50 + 1/20 - 1/40 = (20 - 4 + 10 - 5) / 200 = 21/200
    effect = log_risk_ratio(**BY_HAND)
    assert_allclose(effect.estimate, math.log(2 / 5), rtol=EXACT)
    assert_allclose(effect.variance, 21 / 200, rtol=EXACT)
    assert (effect.measure, effect.formula) == ("log risk ratio", "from the four cells")
    assert effect.cautions == ()


def test_odds_ratio_by_hand() -> None:
    # (10 * 20) / (40 * 20) = 1/4; 1/10 + 1/40 + 1/20 + 1/20 = 9/40
    effect = log_odds_ratio(**BY_HAND)
    assert_allclose(effect.estimate, math.log(1 / 4), rtol=EXACT)
    assert_allclose(effect.variance, 9 / 40, rtol=EXACT)


def test_risk_difference_by_hand() -> None:
    # 1/5 - 1/2 = -3/10; (1/5)(4/5)/50 + (1/2)(1/2)/40 = 0.0032 + 0.00625
    effect = risk_difference(**BY_HAND)
    assert_allclose(effect.estimate, -3 / 10, rtol=EXACT)
    assert_allclose(effect.variance, 0.00945, rtol=EXACT)


def test_an_empty_cell_by_hand() -> None:
    # 0 of 4 against 2 of 4, a half to each cell: 0.5, 4.5, 2.5, 2.5 with 5 in each group.
    rare = {"events_treatment": 0, "total_treatment": 4, "events_control": 2, "total_control": 4}
    ratio = log_risk_ratio(**rare)
    assert_allclose(ratio.estimate, math.log(0.5 / 2.5), rtol=EXACT)
    # 2 - 1/5 + 2/5 - 1/5 = 2
    assert_allclose(ratio.variance, 2, rtol=EXACT)
    odds = log_odds_ratio(**rare)
    assert_allclose(odds.estimate, math.log(0.5 / 4.5), rtol=EXACT)
    # 2 + 2/9 + 2/5 + 2/5 = 136/45
    assert_allclose(odds.variance, 136 / 45, rtol=EXACT)
    gap = risk_difference(**rare)
    assert_allclose(gap.estimate, -2 / 5, rtol=EXACT)
    # (0.5 * 4.5 + 2.5 * 2.5) / 125 = 8.5 / 125
    assert_allclose(gap.variance, 8.5 / 125, rtol=EXACT)


@pytest.mark.parametrize("continuity", [0.1, 0.5, 1])
def test_the_continuity_that_is_given_is_added_and_told(continuity: float) -> None:
    # 0 + c over 4 + 2c, against 2 + c over 4 + 2c
    effect = log_risk_ratio(
        events_treatment=0,
        total_treatment=4,
        events_control=2,
        total_control=4,
        continuity=continuity,
    )
    assert_allclose(effect.estimate, math.log(continuity / (2 + continuity)), rtol=EXACT)
    assert f"{continuity:g} added" in effect.formula
    assert [caution.code for caution in effect.cautions] == ["continuity"]
    assert effect.cautions[0].message.startswith(f"{continuity:g} was added to every cell")


@every_measure
def test_only_studies_with_an_empty_cell_are_corrected(measure) -> None:
    both = {name: [value, value] for name, value in BY_HAND.items()}
    both["events_treatment"] = [10, 0]
    found = measure(**both)
    assert found.estimate[0] == measure(**BY_HAND).estimate[0]
    assert found.variance[0] == measure(**BY_HAND).variance[0]
    assert "one study with an empty cell" in found.cautions[0].message


@every_measure
@pytest.mark.parametrize("events", [(0, 0), (50, 40)])
def test_nobody_or_everybody_is_a_caution(measure, events: tuple[int, int]) -> None:
    effect = measure(**{**BY_HAND, "events_treatment": events[0], "events_control": events[1]})
    assert [caution.code for caution in effect.cautions] == ["continuity", "double-zero"]
    assert "says nothing of a ratio" in effect.cautions[1].message


# ------------------------------------------------------------------ invariants


@st.composite
def tables(draw: st.DrawFn, *, empty: bool = False) -> dict[str, list[int]]:
    k = draw(st.integers(1, 5))
    edge = 0 if empty else 1
    table: dict[str, list[int]] = {name: [] for name in BY_HAND}
    for _ in range(k):
        for group in ("treatment", "control"):
            total = draw(st.integers(2, 500))
            table[f"total_{group}"].append(total)
            table[f"events_{group}"].append(draw(st.integers(edge, total - edge)))
    return table


def swapped(table: dict) -> dict:
    return {
        "events_treatment": table["events_control"],
        "total_treatment": table["total_control"],
        "events_control": table["events_treatment"],
        "total_control": table["total_treatment"],
    }


def without_the_event(table: dict) -> dict:
    return {
        **table,
        **{
            f"events_{group}": np.subtract(table[f"total_{group}"], table[f"events_{group}"])
            for group in ("treatment", "control")
        },
    }


@every_measure
@given(table=tables(empty=True))
def test_swapping_the_groups_turns_the_sign(measure, table: dict) -> None:
    there, back = measure(**table), measure(**swapped(table))
    assert_allclose(back.estimate, -there.estimate, rtol=ALGEBRA, atol=1e-12)
    assert_allclose(back.variance, there.variance, rtol=ALGEBRA)


@pytest.mark.parametrize("measure", [log_odds_ratio, risk_difference])
@given(table=tables(empty=True))
def test_counting_those_without_the_event_turns_the_sign(measure, table: dict) -> None:
    there, back = measure(**table), measure(**without_the_event(table))
    assert_allclose(back.estimate, -there.estimate, rtol=ALGEBRA, atol=1e-12)
    assert_allclose(back.variance, there.variance, rtol=ALGEBRA)


def test_the_risk_ratio_of_the_other_event_is_another_number() -> None:
    # 4/5 against 1/2: the ratio is 8/5, not 5/2
    other = log_risk_ratio(**without_the_event(BY_HAND))
    assert_allclose(other.estimate, math.log(8 / 5), rtol=EXACT)


@given(table=tables(empty=True))
def test_risk_differences_stay_within_bounds(table: dict) -> None:
    gap = risk_difference(**table)
    assert (np.abs(gap.estimate) < 1).all()
    # p (1 - p) is at most a quarter, in each group
    widest = 0.25 / np.array(table["total_treatment"]) + 0.25 / np.array(table["total_control"])
    assert (gap.variance <= widest * (1 + 1e-12)).all()
    assert (gap.variance > 0).all()


@given(table=tables())
def test_the_measures_point_the_same_way(table: dict) -> None:
    signs = [np.sign(np.round(measure(**table).estimate, 12)) for measure in MEASURES]
    assert (signs[0] == signs[1]).all()
    assert (signs[0] == signs[2]).all()
    # and the odds ratio is the further from 1
    assert (
        np.abs(log_odds_ratio(**table).estimate) >= np.abs(log_risk_ratio(**table).estimate) - 1e-12
    ).all()


@every_measure
@given(table=tables(empty=True))
def test_studies_do_not_touch_each_other(measure, table: dict) -> None:
    together = measure(**table)
    k = len(table["total_control"])
    for place in range(k):
        one = measure(**{name: values[place] for name, values in table.items()})
        assert together.estimate[place] == one.estimate[0]
        assert together.variance[place] == one.variance[0]
    twice = measure(**{name: [*values, *values] for name, values in table.items()})
    assert twice.estimate.tolist() == together.estimate.tolist() * 2


@every_measure
@given(table=tables(), factor=st.integers(2, 50))
def test_a_larger_study_of_the_same_is_as_much_more_precise(
    measure, table: dict, factor: int
) -> None:
    old, new = (
        measure(**table),
        measure(**{name: np.multiply(values, factor) for name, values in table.items()}),
    )
    assert_allclose(new.estimate, old.estimate, rtol=ALGEBRA, atol=1e-12)
    assert_allclose(new.variance, old.variance / factor, rtol=ALGEBRA)


# ------------------------------------------------------------------ bad input

TWO = {
    "events_treatment": [1, 2],
    "total_treatment": [10, 10],
    "events_control": [3, 4],
    "total_control": [10, 10],
}

REFUSALS = [
    ({"events_treatment": [11, 2]}, "events_treatment must be at most total_treatment"),
    ({"events_treatment": [11, 2]}, "found study 1: 11 of 10."),
    ({"events_control": [3, 40]}, "events_control must be at most total_control"),
    ({"events_control": [3, 40]}, "found study 2: 40 of 10."),
    ({"events_control": [3, -1]}, "events_control must be at least 0; found study 2: -1."),
    ({"total_control": [10, 0]}, "total_control must be at least 1; found study 2: 0."),
    ({"total_treatment": [10, math.nan]}, "found study 2: nan."),
    ({"total_treatment": [math.inf, 10]}, "found study 1: inf."),
    ({"events_treatment": ["1", "2"]}, "found study 1: '1'."),
    ({"events_treatment": []}, "events_treatment is empty"),
    ({"events_treatment": [1, 2, 3]}, "events_treatment 3, total_treatment 2"),
    ({"level": 1.5}, "level is 1.5"),
    ({"continuity": -0.5}, "continuity is -0.5"),
    ({"continuity": math.nan}, "continuity is nan"),
    ({"continuity": math.inf}, "continuity is inf"),
    ({"continuity": "half"}, "continuity is 'half'"),
    ({"events_control": [3, 0], "continuity": 0}, "one study with an empty cell (study 2)"),
]


@every_measure
@pytest.mark.parametrize(("change", "words"), REFUSALS, ids=[words for _, words in REFUSALS])
def test_what_cannot_be_used_is_named(measure, change: dict, words: str) -> None:
    with pytest.raises(InvalidArgumentError) as refusal:
        measure(**{**TWO, **change})
    assert words in str(refusal.value)


def test_without_correction_where_none_is_needed() -> None:
    assert log_risk_ratio(**TWO, continuity=0).estimate.tolist() == [
        math.log(0.1) - math.log(0.3),
        math.log(0.2) - math.log(0.4),
    ]
