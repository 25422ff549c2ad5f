"""Fragility of one trial that counts people: published examples, brute force, symmetry."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc
from scipy.stats import fisher_exact

from evidence.appraisal import TrialFragility, fragility_over_splits, trial_fragility
from evidence.errors import InvalidArgumentError
from evidence.synthesis.sensitivity.fragility import fragility_index


def of(a: int, n1: int, c: int, n2: int, **how: object) -> TrialFragility:
    return trial_fragility(
        events_treatment=a, total_treatment=n1, events_control=c, total_control=n2, **how
    )


# ---------------------------------------------------------------- published numbers


def test_the_example_of_the_package_fragilityindex() -> None:
    """Its README: 15 and 6 of 40, p 0.04060921; one event more, p 0.07836101; index 1."""
    found = of(15, 40, 6, 40)
    assert found.p_value == pytest.approx(0.04060921, abs=5e-9)
    assert found.p_changed == pytest.approx(0.07836101, abs=5e-9)
    assert (found.index, found.change_treatment, found.change_control) == (1, 0, 1)
    assert found.turns == "loses"
    assert found.quotient == 1 / 80


def test_one_against_nine_of_a_hundred() -> None:
    """The example that accounts of Walsh 2014 tell: p 0.02, with one event more 0.06."""
    found = of(1, 100, 9, 100)
    assert (round(found.p_value, 2), round(found.p_changed, 2), found.index) == (0.02, 0.06, 1)


@pytest.mark.parametrize(
    ("counts", "turns", "index"),
    [
        ((10, 100, 20, 100), "gains", 1),
        ((5, 80, 15, 80), "loses", 1),
        ((30, 200, 30, 200), "gains", 14),
    ],
)
def test_the_tables_of_a_published_vignette(
    counts: tuple[int, int, int, int], turns: str, index: int
) -> None:
    """FragiliTidy has 1, 1 and 8: its eight steps change one person in each group, so 16."""
    found = of(*counts)
    assert (found.turns, found.index) == (turns, index)


def test_sixteen_people_in_two_groups_where_fourteen_in_one_do() -> None:
    assert p_of(22, 200, 38, 200, "Fisher") < 0.05 <= p_of(23, 200, 37, 200, "Fisher")
    assert p_of(16, 200, 30, 200, "Fisher") < 0.05 <= p_of(17, 200, 30, 200, "Fisher")
    assert of(30, 200, 30, 200, directions="any").index == 14


def test_a_table_in_which_the_group_with_fewer_events_has_no_one_to_change() -> None:
    """3 of 3 against 4 of 15 (Heston): fewest events, but the larger risk; the other changes."""
    found = of(3, 3, 4, 15)
    assert round(found.p_value, 4) == 0.0429
    assert (found.index, found.change_control) == (1, 1)


# ---------------------------------------------------------------- brute force and symmetry


def p_of(a: int, n1: int, c: int, n2: int, test: str) -> float:
    table = [[a, n1 - a], [c, n2 - c]]
    if test == "Fisher":
        return float(fisher_exact(table)[1])
    if a + c in (0, n1 + n2):
        return 1.0
    # Sum of (observed - expected)² / expected, by hand; Yates takes up to a half off.
    people, events = n1 + n2, a + c
    expected = n1 * events / people
    off = abs(a - expected)
    if test == "chi-square, Yates":
        off -= min(0.5, off)
    cells = [n * m / people for n in (n1, n2) for m in (events, people - events)]
    return float(chdtrc(1, sum(off**2 / cell for cell in cells)))


TABLES = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
TESTS = st.sampled_from(["Fisher", "chi-square", "chi-square, Yates"])


@given(TABLES, TESTS)
@settings(max_examples=40)
def test_the_fewest_changes_are_those_of_a_search_over_all_tables(
    counts: tuple[int, int, int, int], test: str
) -> None:
    a, n1, c, n2 = counts
    start = p_of(a, n1, c, n2, test) < 0.05
    away = [
        abs(i - a) + abs(j - c)
        for i in range(n1 + 1)
        for j in range(n2 + 1)
        if (p_of(i, n1, j, n2, test) < 0.05) != start
    ]
    found = of(*counts, test=test, directions="any")
    assert found.index == min(away, default=None)
    one = of(*counts, test=test)
    assert found.p_value == pytest.approx(p_of(*counts, test), rel=1e-9)
    if found.index is not None:
        now = a + found.change_treatment, n1, c + found.change_control, n2
        assert found.p_changed == pytest.approx(p_of(*now, test), rel=1e-9)
        assert (found.p_changed < 0.05) != start
        assert one.index is None or one.index >= found.index


@given(TABLES, TESTS, st.sampled_from(["one group", "any"]))
@settings(max_examples=40)
def test_neither_the_order_of_the_groups_nor_the_name_of_the_outcome_matters(
    counts: tuple[int, int, int, int], test: str, directions: str
) -> None:
    a, n1, c, n2 = counts
    found = of(*counts, test=test, directions=directions)
    swapped = of(c, n2, a, n1, test=test, directions=directions)
    if directions == "any" or a * n2 != c * n1:
        # With one risk in groups of unlike size, the first is changed.
        assert swapped.index == found.index
    if directions == "any":
        assert of(n1 - a, n1, n2 - c, n2, test=test, directions="any").index == found.index


@given(TABLES)
@settings(max_examples=40)
def test_the_index_of_a_pooled_result_of_one_trial_is_the_same(
    counts: tuple[int, int, int, int],
) -> None:
    a, n1, c, n2 = counts
    if a + c in (0, n1 + n2):
        return
    other = fragility_index(
        events_treatment=a, total_treatment=n1, events_control=c, total_control=n2
    )
    assert of(*counts).index == other.index
    assert of(*counts).turns == other.turns


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize("test", ["Fisher", "chi-square", "chi-square, Yates"])
@pytest.mark.parametrize("events", [0, 30])
def test_nobody_and_everybody(events: int, test: str) -> None:
    found = of(events, 30, events, 30, test=test)
    assert found.p_value == 1.0
    assert found.turns == "gains"
    # With all events in one group of 30: 4 of 30 against none, and so on.
    assert found.index == {"Fisher": 6, "chi-square": 4, "chi-square, Yates": 6}[test]


def test_one_person_a_group_can_never_be_significant() -> None:
    found = of(0, 1, 1, 1, directions="any")
    assert found.index is None
    assert math.isnan(found.quotient)
    assert found.lost_suffice is None
    assert "no number of changed outcomes" in found.sentence()
    assert found.to_dict()["quotient"] is None


def test_the_lost_stand_beside_the_index() -> None:
    assert of(1, 100, 9, 100, lost=1).lost_suffice is True
    assert of(1, 100, 9, 100, lost=0).lost_suffice is False
    assert "21 people were lost, at least as many" in of(1, 100, 9, 100, lost=21).sentence()
    assert "no people were lost, fewer than that" in of(1, 100, 9, 100, lost=0).sentence()
    assert of(1, 100, 9, 100).lost_suffice is None


def test_the_curve_goes_through_the_index() -> None:
    found = of(1, 100, 9, 100)
    curve = found.to_frame().set_index("change")
    assert curve.loc[0, "p_value"] == found.p_value
    assert curve.loc[found.index, "p_value"] == found.p_changed
    assert curve.index.min() == -1  # there is one event to take away
    reverse = of(8, 77, 13, 78)
    assert reverse.curve.set_index("change").loc[-reverse.index, "p_value"] < 0.05


def test_a_large_trial_is_quick_and_right() -> None:
    found = of(100, 1000, 300, 1000)
    assert found.index == 160
    assert p_of(260, 1000, 300, 1000, "Fisher") >= 0.05 > p_of(259, 1000, 300, 1000, "Fisher")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"events_treatment": 101}, "events_treatment is 101, more than the 100 people"),
        ({"events_treatment": 1.5}, r"events_treatment is 1\.5; give a whole number"),
        ({"events_control": -1}, "events_control is -1"),
        ({"total_control": 0}, "total_control is 0"),
        ({"events_control": math.nan}, "events_control is nan"),
        ({"total_treatment": math.inf}, "total_treatment is inf"),
        ({"test": "fisher"}, "test is 'fisher'.*Did you mean 'Fisher'"),
        ({"directions": "both"}, "directions is 'both'"),
        ({"significance": 5}, "significance is 5"),
        ({"significance": math.nan}, "significance is nan"),
        ({"lost": -2}, "lost is -2"),
    ],
)
def test_refusals_name_what_was_found(wrong: dict[str, object], words: str) -> None:
    given_right = {
        "events_treatment": 1,
        "total_treatment": 100,
        "events_control": 9,
        "total_control": 100,
    }
    with pytest.raises(InvalidArgumentError, match=words):
        trial_fragility(**{**given_right, **wrong})


# ---------------------------------------------------------------- unknown splits, faces


def test_over_splits_holds_every_table() -> None:
    found = fragility_over_splits(
        events_treatment=2, events_control=7, total=20, most_treatment=11, most_control=12
    )
    assert [one.total_treatment for one in found.each] == [8, 9, 10, 11]
    for one in found.each:
        assert one.index == of(2, one.total_treatment, 7, 20 - one.total_treatment).index
    assert found.p_low == min(one.p_value for one in found.each)
    assert (found.index_low, found.index_high) == (
        min(one.index for one in found.each),
        max(one.index for one in found.each),
    )


def test_over_splits_says_so_where_the_side_depends_on_the_split() -> None:
    found = fragility_over_splits(
        events_treatment=2, events_control=9, total=40, most_treatment=30, most_control=30
    )
    assert found.turns == "depends"
    assert "depends on how they were divided" in found.sentence()
    none = fragility_over_splits(
        events_treatment=0, events_control=1, total=2, most_treatment=1, most_control=1
    )
    assert (none.index_low, none.index_high) == (None, None)
    assert "no number of changed outcomes" in none.sentence()


@pytest.mark.parametrize(
    "found",
    [
        of(1, 100, 9, 100, lost=3),
        of(0, 1, 1, 1),
        fragility_over_splits(
            events_treatment=2,
            events_control=7,
            total=20,
            most_treatment=11,
            most_control=12,
            lost=1,
        ),
    ],
    ids=["index", "none", "splits"],
)
def test_faces(found: TrialFragility) -> None:
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert found.sentence() in found.summary()
    assert found.sentence().endswith(".")
    assert len(found.to_frame()) > 0
    assert found.reference
    assert all(text.endswith(".") for text in found.assumptions)
    assert any(caution.code == "fragility-restates-p" for caution in found.cautions)
    assert "<p>" in found._repr_html_()
