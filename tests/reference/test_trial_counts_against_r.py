"""Counts, means and periods of one trial equal base R's (trial_counts.json; needs no R)."""

import json
from pathlib import Path

import pytest

from evidence.appraisal import (
    continuous_fragility_from_values,
    single_person_effect,
    trial_fragility,
)

WRITTEN = json.loads((Path(__file__).parent / "trial_counts.json").read_text(encoding="utf-8"))
CLOSED_FORM = 1e-10


def by_id(cases):
    return [pytest.param(case, id=case["id"]) for case in cases]


def test_the_fixture_is_whole():
    assert {case["test"] for case in WRITTEN["counts"]} == {
        "Fisher",
        "chi-square",
        "chi-square, Yates",
    }
    assert len(WRITTEN["counts"]) == 45
    assert len(WRITTEN["values"]) == 13
    assert len(WRITTEN["periods"]) == 3
    assert set(WRITTEN["versions"]) == {"R", "jsonlite"}
    # Both kinds of index, also where there is none, and where the two differ.
    assert any(case["one_group"] is None for case in WRITTEN["counts"])
    assert any(case["one_group"] != case["any"] for case in WRITTEN["counts"])
    assert any(case["p"] < 0.05 for case in WRITTEN["counts"])


@pytest.mark.parametrize("case", by_id(WRITTEN["counts"]))
@pytest.mark.parametrize(("directions", "key"), [("one group", "one_group"), ("any", "any")])
def test_fragility_as_base_r_counts_it(case, directions, key):
    found = trial_fragility(
        events_treatment=case["a"],
        total_treatment=case["n1"],
        events_control=case["c"],
        total_control=case["n2"],
        test=case["test"],
        directions=directions,
    )
    assert found.p_value == pytest.approx(case["p"], rel=CLOSED_FORM)
    assert found.index == case[key]


@pytest.mark.parametrize("case", by_id(WRITTEN["values"]))
def test_people_moved_as_base_r_moves_them(case):
    found = continuous_fragility_from_values(case["x"], case["y"])
    assert found.p_value == pytest.approx(case["p"], rel=CLOSED_FORM)
    assert found.index == case["moved"]


def test_the_index_that_a_published_package_prints():
    """The vignette of the R package FragiliTidy prints 33 for these 100 people (set.seed(1))."""
    first = WRITTEN["values"][0]
    assert first["moved"] == 33
    assert continuous_fragility_from_values(first["x"], first["y"]).index == 33


@pytest.mark.parametrize("case", by_id(WRITTEN["periods"]))
def test_one_person_as_the_paired_t_test(case):
    found = single_person_effect(case["x"], case["y"], level=0.9)
    for name, key in (
        ("estimate", "estimate"),
        ("standard_error", "se"),
        ("ci_low", "low"),
        ("ci_high", "high"),
        ("p_value", "p"),
    ):
        assert getattr(found, name) == pytest.approx(case[key], rel=CLOSED_FORM, abs=1e-12), name
