"""Counts of people with an event: exact, over every split that the report allows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from scipy.stats import fisher_exact
from tests.data.small import add_row, copy_row, set_cell

from evidence.appraisal import compare_harms
from evidence.data import Review, load_review
from evidence.errors import InsufficientEvidenceError


def test_adverse_events_of_the_worked_case(review: Review) -> None:
    found = compare_harms(review, "schuster2025", "adverse-events")
    assert (found.exact.events_treatment, found.exact.events_control) == (2, 7)
    assert not found.split_known
    # 153 of the 155 were analysed: 75 to 77 of the one group, 76 to 78 of the other.
    splits = list(zip(found.exact.splits["total_treatment"], found.exact.splits["total_control"],
                      strict=True))  # fmt: skip
    assert splits == [(75, 78), (76, 77), (77, 76)]
    expected = [fisher_exact([[2, t - 2], [7, c - 7]])[1] for t, c in splits]
    assert found.exact.p_low == pytest.approx(min(expected), rel=1e-12)
    assert found.exact.p_high == pytest.approx(max(expected), rel=1e-12)
    # The sourced check: p 0.10 to 0.17.
    assert (round(found.exact.p_low, 2), round(found.exact.p_high, 2)) == (0.10, 0.17)
    assert not found.shows_difference
    assert not found.may_show_difference
    assert found.tier == "secondary"
    assert found.summary() == (
        "Schuster 2025, adverse events: 2 against 7 among 153 people; Fisher's exact test "
        "p = 0.098 to 0.17, over three ways they can have been divided."
    )


def test_drop_out_of_the_worked_case(review: Review) -> None:
    found = compare_harms(review, "schuster2025", "completed-trial")
    assert found.split_known
    assert found.exact.p_low == found.exact.p_high
    assert found.exact.p_low == pytest.approx(fisher_exact([[69, 8], [65, 13]])[1], rel=1e-12)
    assert round(found.exact.p_low, 2) == 0.35
    assert found.summary() == (
        "Schuster 2025, finished the trial: 69 of 77 against 65 of 78 people; Fisher's exact test "
        "p = 0.35."
    )


def spills(small: Path, treated: str, control: str) -> Review:
    """Set how many of 30 dragons in each group spilled."""
    set_cell(small, "arms", 5, "events", treated)
    set_cell(small, "arms", 6, "events", control)
    return load_review(small)


def test_a_known_split_is_one_test(small: Path) -> None:
    found = compare_harms(spills(small, "3", "0"), "alpha2020", "spills")
    assert found.split_known
    assert len(found.to_frame()) == 1
    assert found.exact.p_low == pytest.approx(fisher_exact([[3, 27], [0, 30]])[1])
    assert found.tier == "primary"
    assert found.to_dict()["label"] == "Alpha 2020"


def test_a_clear_difference_is_one(small: Path) -> None:
    found = compare_harms(spills(small, "20", "0"), "alpha2020", "spills")
    assert found.shows_difference
    assert found.may_show_difference


def randomised(small: Path, analysed: str) -> None:
    for line in (5, 6):
        set_cell(small, "arms", line, "n_basis", "randomised")
    add_row(
        small,
        "study_facts",
        study_id="alpha2020",
        item="n_analysed",
        value=f"{analysed} analysed",
        number=analysed,
        source_id="alpha-article",
        quote=f"{analysed} were analysed",
        tier="primary",
    )


def test_whether_it_shows_may_depend_on_the_split(small: Path) -> None:
    p_values = []
    for treated, control, analysed in itertools.product(range(4, 9), (0, 1), ("50",)):
        options = [
            fisher_exact([[treated, t - treated], [control, 50 - t - control]])[1]
            for t in range(20, 31)
        ]
        if min(options) < 0.05 <= max(options):
            p_values.append((treated, control, analysed))
    treated, control, analysed = p_values[0]
    randomised(small, analysed)
    found = compare_harms(spills(small, str(treated), str(control)), "alpha2020", "spills")
    assert found.may_show_difference
    assert not found.shows_difference
    assert len(found.to_frame()) == 11
    assert "11 ways they can have been divided" in found.summary()


@pytest.mark.parametrize("analysed", ["60", "61"])
def test_a_total_that_loses_nobody_keeps_the_split(small: Path, analysed: str) -> None:
    randomised(small, analysed)
    assert compare_harms(spills(small, "3", "0"), "alpha2020", "spills").split_known


@pytest.mark.parametrize(
    "change",
    [
        lambda small: set_cell(small, "arms", 6, "role", "all"),
        lambda small: copy_row(small, "arms", 5, arm="strong tea"),
        lambda small: copy_row(small, "arms", 5, timepoint="week 8"),
    ],
    ids=["one group", "three groups", "twice"],
)
def test_anything_but_two_groups_is_refused(
    changed: Callable[..., Review], change: Callable[[Path], object]
) -> None:
    review = changed(change)
    with pytest.raises(InsufficientEvidenceError) as error:
        compare_harms(review, "alpha2020", "spills")
    assert str(error.value) == (
        "Alpha 2020 does not report spilled tea once for each of exactly two groups."
    )


def test_the_nearer_tier_does_not_hide_the_other(small: Path) -> None:
    set_cell(small, "arms", 6, "tier", "secondary")
    assert compare_harms(load_review(small), "alpha2020", "spills").tier == "secondary"
