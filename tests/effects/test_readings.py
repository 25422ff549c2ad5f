"""Readings of one comparison: sets that agree, what contradicts, what only differs."""

from __future__ import annotations

import math
import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.effects.made_up import (
    EIGHT,
    MD,
    MINUTES,
    SMD,
    SPILLS,
    STUDY,
    arms,
    codes,
    contrast,
    load,
    reading,
    spilled,
)

from evidence.effects import derive
from evidence.effects.derivation.readings import PREFERENCE, Comparison, Reading, agreeing_sets

EXACT = 1e-12  # relative


def grouped(*readings: Reading) -> set[frozenset[str]]:
    return {frozenset(r.path for r in group) for group in agreeing_sets(readings)}


# ------------------------------------------------------------------ sets that agree


def test_sets_by_hand() -> None:
    # 1 to 2 and 1.5 to 3 share 1.5 to 2; 2.5 to 4 meets only the second; 5 to 6 meets none.
    a, b, c, d = reading(1, 2), reading(1.5, 3), reading(2.5, 4), reading(5, 6)
    assert grouped(a, b) == {frozenset({a.path, b.path})}
    assert grouped(a, b, c) == {frozenset({a.path, b.path}), frozenset({c.path})}
    assert grouped(a, c, d) == {frozenset({a.path}), frozenset({c.path}), frozenset({d.path})}


def test_ranges_that_touch_agree() -> None:
    assert len(agreeing_sets((reading(1, 2), reading(2, 3)))) == 1


def test_nothing_and_bounds_make_no_set() -> None:
    bound = reading(math.nan, math.nan, bound="at least", bound_size=0.5)
    assert agreeing_sets(()) == ()
    assert agreeing_sets((bound,)) == ()
    assert len(agreeing_sets((bound, reading(1, 2)))) == 1


def test_the_reading_nearest_to_the_groups_comes_first() -> None:
    readings = [reading(1, 2, kind) for kind in PREFERENCE]
    random.Random(4).shuffle(readings)
    (found,) = agreeing_sets(tuple(readings))
    assert tuple(r.kind for r in found) == PREFERENCE
    apart = agreeing_sets((reading(1, 2, "p"), reading(3, 4, "interval"), reading(5, 6, "arms")))
    assert [group[0].kind for group in apart] == ["arms", "interval", "p"]


ranges = st.tuples(st.integers(1, 40), st.integers(0, 10)).map(
    lambda pair: (pair[0] / 4, (pair[0] + pair[1]) / 4)
)


@st.composite
def several(draw: st.DrawFn, most: int = 7) -> tuple[Reading, ...]:
    """Readings on one side, on the other, without side, and on both sides of 0."""
    found = []
    for place, (low, high) in enumerate(draw(st.lists(ranges, min_size=1, max_size=most))):
        found.append(
            reading(
                draw(st.sampled_from([0, low, low, low])),
                high,
                draw(st.sampled_from(PREFERENCE)),
                estimate=draw(st.sampled_from([1.0, 1.0, -1.0])),
                signed=draw(st.sampled_from([True, True, True, False])),
                path=str(place),
            )
        )
    return tuple(found)


def contains(r: Reading, point: float) -> bool:
    """Whether the true signed statistic can be `point`."""
    if not r.statistic_low <= abs(point) <= r.statistic_high:
        return False
    return r.side == 0 or r.side * point > 0


def common_point(group: tuple[Reading, ...]) -> bool:
    candidates = [sign * r.statistic_low for r in group for sign in (1, -1)]
    return any(all(contains(r, point) for r in group) for point in candidates)


@given(several())
def test_every_set_has_a_common_point(readings: tuple[Reading, ...]) -> None:
    sets = agreeing_sets(readings)
    assert all(common_point(group) for group in sets)
    assert sorted(r.path for group in sets for r in group) == sorted(r.path for r in readings)


@given(several(most=6))
def test_no_fewer_sets_would_do(readings: tuple[Reading, ...]) -> None:
    # Points on the ends of the ranges suffice to pierce them all with as few as possible.
    ends = {sign * r.statistic_high for r in readings for sign in (1, -1)}
    fewer = len(agreeing_sets(readings)) - 1
    for points in combinations(sorted(ends), fewer):
        assert not all(any(contains(r, point) for point in points) for r in readings)


@given(several(), st.randoms(use_true_random=False))
def test_the_order_of_reports_changes_nothing(
    readings: tuple[Reading, ...], chance: random.Random
) -> None:
    shuffled = list(readings)
    chance.shuffle(shuffled)
    there, back = agreeing_sets(readings), agreeing_sets(tuple(shuffled))
    assert len(there) == len(back)
    sides = {r.side for r in readings}
    if sides != {1, -1, 0}:
        # What has no side may fit with either, and then either is as good.
        assert {frozenset(r.path for r in group) for group in there} == {
            frozenset(r.path for r in group) for group in back
        }


# ------------------------------------------------------------------ sides


def test_the_same_size_on_two_sides_is_two_sets() -> None:
    up, down = reading(1, 2), reading(1, 2, "arms", estimate=-1.0)
    assert len(agreeing_sets((up, down))) == 2


def test_what_reaches_zero_may_be_on_either_side() -> None:
    up, near = reading(0.1, 2), reading(0, 0.5, "arms", estimate=-1.0)
    assert near.side == 0
    assert len(agreeing_sets((up, near))) == 1


def test_what_has_no_side_joins_the_set_it_fits() -> None:
    up, down = reading(1, 2, path="up"), reading(3, 4, path="down", estimate=-1.0)
    unsigned = reading(3.5, 5, path="unsigned", signed=False)
    assert grouped(up, down, unsigned) == {frozenset({"up"}), frozenset({"down", "unsigned"})}


def test_opposite_sides_are_told_apart_in_words(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast("Cohen d", estimate="1.75", **EIGHT),
        contrast(p="0.004", direction="control", **EIGHT),
    )
    words = derive(review, STUDY, MINUTES).contradiction_in_words()
    assert "the reported standardised effect implies p = 0.003" in words
    assert "with higher values under treatment" in words
    assert "the p value implies p = 0.004 with lower values under treatment" in words


# ------------------------------------------------------------------ one reading


def test_flipping_turns_everything_that_has_a_sign() -> None:
    there = reading(1, 2, "interval", estimate=1.6, reported_interval=(0.0, 3.3))
    back = there.flipped()
    assert (back.estimate, back.ci_low, back.ci_high) == (-1.6, -3.3, -0.0)
    assert back.p_range == there.p_range
    assert back.flipped() == there


def test_the_interval_by_hand() -> None:
    # on 14 degrees of freedom 1 ± 2.144787; as g, 1 ± 1.959964
    assert_allclose((reading(1, 1).ci_low, reading(1, 1).ci_high), (-1.144787, 3.144787), rtol=1e-6)
    g = reading(1, 1, measure=SMD)
    assert_allclose((g.ci_low, g.ci_high), (-0.959964, 2.959964), rtol=1e-6)


def test_the_p_value_goes_with_the_interval() -> None:
    # An interval that ends at 0 has p = 0.05, by t for a difference of means, else by z.
    for measure, error in (
        (MD, 1 / 2.1447867),
        (SMD, 1 / 1.9599640),
        ("odds ratio", 1 / 1.9599640),
    ):
        found = reading(1, 1, measure=measure, standard_error=error)
        assert_allclose(found.p_value, 0.05, rtol=1e-6)
        assert_allclose(found.ci_low, 0, atol=1e-7)


def test_a_wider_range_decides_and_the_digits_are_shown() -> None:
    narrow = reading(2, 2.1)
    wide = narrow.widened(1, 4)
    assert (wide.statistic_low, wide.statistic_high) == (1, 4)
    assert wide.p_range == narrow.p_range
    assert len(agreeing_sets((narrow, reading(3, 3.5, "arms")))) == 2
    assert len(agreeing_sets((wide, reading(3, 3.5, "arms")))) == 1


# ------------------------------------------------------------------ a comparison


def test_one_usable_reading_for_each_set() -> None:
    unsigned = reading(1, 2, "arms", signed=False)
    plain, other = reading(1.5, 2, "p"), reading(5, 6, "t")
    comparison = Comparison(STUDY, MINUTES, "week 4", MD, "Delta", (unsigned, plain, other))
    assert comparison.contradiction
    assert comparison.usable == (plain, other)
    assert "two sets that contradict each other" in comparison.summary()


def test_agreement_in_words() -> None:
    both = Comparison(STUDY, MINUTES, "week 4", MD, "Delta", (reading(1, 2), reading(1, 3, "t")))
    assert not both.contradiction
    assert both.contradiction_in_words() == ""
    assert both.summary().splitlines()[0].endswith("two readings, all in agreement.")


def test_the_reported_p_value_is_given_as_reported(tmp_path: Path) -> None:
    # g over its standard error has another p value than the t it came from.
    review = load(tmp_path, contrast(p="0.049", **EIGHT))
    comparison = derive(review, STUDY, MINUTES)
    assert comparison.p_in_words(comparison.readings[0]) == "reported p = 0.049"
    assert round(comparison.readings[0].p_value, 3) != 0.049


def test_the_table_holds_every_reading_with_its_set(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast(p="0.37", p_of="between groups", **EIGHT),
        contrast(p="0.002", p_of="in the abstract", **EIGHT),
        contrast(p="0.05", p_relation="<", p_of="in the text", **EIGHT),
    )
    comparison = derive(review, STUDY, MINUTES)
    frame = comparison.to_frame()
    assert sorted(frame["set"]) == [0, 1, 2]
    assert frame.loc[frame["set"] == 0, "bound"].tolist() == ["at least"]
    plain = comparison.to_dict()
    assert plain["contradiction"] is True
    assert len(plain["readings"]) == 3
    # Two reports of one kind are told apart by their path.
    assert [comparison.reading_in_words(r) for r in comparison.usable] == [
        "p = 0.37 and the group sizes, as a comparison of two groups",
        "p = 0.002 and the group sizes, as a comparison of two groups",
    ]


# ------------------------------------------------------------------ values and changes

# Eight in each group: t = 3 / 2 of the values, and 3 / 0.5 of the changes, whose SD is 1.
VALUES = arms({"mean": "303"}, {"mean": "300"}, n="8", sd="4.0")
CHANGES = arms({"mean": "10.0"}, {"mean": "7.0"}, n="8", sd="1.0", kind="change")


@pytest.mark.parametrize(("measure", "kept"), [(MD, "change"), (SMD, "final")])
def test_values_and_changes_do_not_contradict(measure: str, kept: str, tmp_path: Path) -> None:
    review = load(tmp_path, VALUES, CHANGES)
    comparison = derive(review, STUDY, MINUTES, measure=measure)
    assert len(comparison.sets) == 2
    assert comparison.values_and_changes
    assert not comparison.contradiction
    assert [r.basis for r in comparison.usable] == [kept]
    assert "values-and-changes" in codes(comparison.usable[0])
    assert "need not agree" in comparison.summary()


@pytest.mark.parametrize("p", ["0.156", "0.00003"])
def test_a_p_value_may_belong_to_either(p: str, tmp_path: Path) -> None:
    # 2 P(T > 1.5) = 0.1558 and 2 P(T > 6) = 0.0000326 on 14 degrees of freedom
    comparison = derive(load(tmp_path, VALUES, CHANGES, contrast(p=p, **EIGHT)), STUDY, MINUTES)
    assert not comparison.contradiction
    assert len(comparison.usable) == 1


def test_a_p_value_of_neither_contradicts(tmp_path: Path) -> None:
    rows = (VALUES, CHANGES, contrast(p="0.80", **EIGHT))
    comparison = derive(load(tmp_path, *rows), STUDY, MINUTES)
    assert comparison.contradiction
    assert len(comparison.usable) == 3


# ------------------------------------------------------------------ counts


@pytest.mark.parametrize(
    "cells",
    [
        # Of 2 of 77 against 7 of 78: Fisher's test, the chi-squared test with and without
        # Yates's correction, and Wald's test of the log risk ratio (-1.2404, SE 0.7857).
        {"p": "0.167"},
        {"p": "0.174"},
        {"p": "0.090"},
        {"p": "0.114"},
    ],
)
def test_any_of_the_usual_tests_of_two_counts_agrees(cells: dict, tmp_path: Path) -> None:
    counts = arms({"events": "2", "total": "77"}, {"events": "7", "total": "78"}, outcome_id=SPILLS)
    row = spilled("risk ratio", estimate="0.29", **cells)
    comparison = derive(load(tmp_path, counts, row), STUDY, SPILLS)
    assert len(comparison.readings) == 2
    assert not comparison.contradiction


def test_a_p_value_that_no_test_of_two_counts_gives(tmp_path: Path) -> None:
    counts = arms({"events": "2", "total": "77"}, {"events": "7", "total": "78"}, outcome_id=SPILLS)
    row = spilled("risk ratio", estimate="0.29", p="0.01")
    assert derive(load(tmp_path, counts, row), STUDY, SPILLS).contradiction
