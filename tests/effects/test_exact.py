"""Fisher's exact test over every possible split of the total."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import fisher_exact, hypergeom

from evidence.effects.exact.fisher import fisher_over_splits
from evidence.errors import InvalidArgumentError

EXACT = 1e-12  # relative

# The adverse events of the headline trial: 2 against 7 in 153 people of 77 and 78 randomised.
SOURCED = {
    "events_treatment": 2,
    "events_control": 7,
    "total": 153,
    "most_treatment": 77,
    "most_control": 78,
}


def test_the_sourced_case() -> None:
    found = fisher_over_splits(**SOURCED)
    # At least 153 - 78 = 75 and at most 77 with treatment.
    assert found.splits["total_treatment"].tolist() == [75, 76, 77]
    assert found.splits["total_control"].tolist() == [78, 77, 76]
    assert round(found.p_low, 2) == 0.10
    assert round(found.p_high, 2) == 0.17
    assert found.summary() == (
        "2 against 7: Fisher's exact test gives p = 0.098 to 0.17 over three possible splits of "
        "the total."
    )


def test_by_hand() -> None:
    # 0 of 3 against 3 of 3: of the C(6, 3) = 20 ways to place three events, two are as extreme.
    found = fisher_over_splits(
        events_treatment=0, events_control=3, total=6, most_treatment=3, most_control=3
    )
    assert len(found.splits) == 1
    assert_allclose(found.p_low, 2 / 20, rtol=EXACT)
    assert found.p_low == found.p_high
    assert found.splits["odds_ratio"].tolist() == [0]


@st.composite
def cases(draw: st.DrawFn) -> dict[str, int]:
    events = draw(st.integers(0, 8)), draw(st.integers(0, 8))
    first, second = (max(draw(st.integers(1, 40)), count, 1) for count in events)
    spare = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return {
        "events_treatment": events[0],
        "events_control": events[1],
        "total": first + second,
        "most_treatment": first + spare[0],
        "most_control": second + spare[1],
    }


@settings(max_examples=50)
@given(cases())
def test_every_split_against_scipy_and_the_definition(case: dict[str, int]) -> None:
    found = fisher_over_splits(**case)
    a, c, total = case["events_treatment"], case["events_control"], case["total"]
    for row in found.splits.itertuples():
        n1, n2 = row.total_treatment, row.total_control
        assert n1 + n2 == total
        assert a <= n1 <= case["most_treatment"]
        assert c <= n2 <= case["most_control"]
        odds, p = fisher_exact(np.array([[a, n1 - a], [c, n2 - c]]))
        assert row.p_value == p
        assert row.odds_ratio == odds or math.isnan(odds)
        chances = hypergeom.pmf(np.arange(a + c + 1), total, a + c, n1)
        as_rare = chances[chances <= chances[a] * (1 + 1e-7)].sum()
        assert_allclose(row.p_value, min(as_rare, 1), rtol=1e-7)
    assert found.p_low == found.splits["p_value"].min()
    assert found.p_high == found.splits["p_value"].max()
    # None is left out that the numbers allow.
    allowed = [
        n1
        for n1 in range(1, total)
        if a <= n1 <= case["most_treatment"] and c <= total - n1 <= case["most_control"]
    ]
    assert found.splits["total_treatment"].tolist() == allowed


def test_swapping_the_groups_changes_no_p_value() -> None:
    there = fisher_over_splits(**SOURCED)
    back = fisher_over_splits(
        events_treatment=7, events_control=2, total=153, most_treatment=78, most_control=77
    )
    assert_allclose(sorted(back.splits["p_value"]), sorted(there.splits["p_value"]), rtol=EXACT)
    assert_allclose(
        sorted(back.splits["odds_ratio"]), sorted(1 / there.splits["odds_ratio"]), rtol=EXACT
    )


def test_an_empty_group_is_no_split() -> None:
    found = fisher_over_splits(
        events_treatment=0, events_control=1, total=3, most_treatment=3, most_control=3
    )
    assert found.splits["total_treatment"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"events_treatment": 78}, "No split of 153 people leaves room for 78 and 7 events"),
        ({"total": 8}, "No split of 8 people leaves room for 2 and 7 events"),
        ({"total": 156}, "No split of 156 people"),
        ({"most_treatment": 1}, "at most 1 and 78 people"),
        ({"events_control": -1}, "events_control is -1; give a whole number of people."),
        ({"total": 152.5}, "total is 152.5; give a whole number of people."),
        ({"total": "153"}, "total is '153'"),
        ({"most_control": math.nan}, "most_control is nan"),
        ({"most_control": None}, "most_control is None"),
    ],
)
def test_what_cannot_be_split(change: dict, words: str) -> None:
    with pytest.raises(InvalidArgumentError) as refusal:
        fisher_over_splits(**{**SOURCED, **change})
    assert words in str(refusal.value)


def test_the_plain_values_are_those_of_the_table() -> None:
    found = fisher_over_splits(**SOURCED)
    plain = found.to_dict()
    assert plain["p_low"] == found.p_low
    assert [row["p_value"] for row in plain["splits"]] == found.to_frame()["p_value"].tolist()
