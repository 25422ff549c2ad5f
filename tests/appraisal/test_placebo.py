"""How much of the treated group's change came without the treatment."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.data.small import copy_row, set_cell, set_cells

from evidence.appraisal import PlaceboShare, placebo_share
from evidence.data import Review, load_review
from evidence.display import MINUS
from evidence.errors import InsufficientEvidenceError


def test_the_worked_case(review: Review) -> None:
    found = placebo_share(review, "schuster2025", "isi", "week 4")
    assert found.share == pytest.approx(2.3 / 3.9)
    assert found.summary() == (
        f"Insomnia Severity Index changed by {MINUS}3.9 points with the treatment and by "
        f"{MINUS}2.3 with the control: 59% of the change came without the treatment."
    )
    assert found.to_dict()["share"] == found.share
    assert found.to_frame().loc[0, "label"] == "Schuster 2025"


@pytest.mark.parametrize(
    ("treated", "control", "tail"),
    [
        (-4.0, -1.0, ": 25% of the change came without the treatment."),
        (-4.0, 0.0, ": 0% of the change came without the treatment."),
        (-4.0, -4.0, ": 100% of the change came without the treatment."),
        (-4.0, -5.0, ": the whole change, and more, came without the treatment."),
        (-4.0, 1.0, "by 1.0 with the control."),
        (0.0, -1.0, f"by {MINUS}1.0 with the control."),
    ],
)
def test_in_words(treated: float, control: float, tail: str) -> None:
    found = PlaceboShare("Alpha 2020", "nap trouble", "points", treated, control)
    assert found.summary().endswith(tail)
    assert found.summary().startswith("Nap trouble changed by ")


def test_no_change_has_no_share() -> None:
    assert math.isnan(PlaceboShare("Alpha 2020", "x", "points", 0.0, -1.0).share)


def test_changes_are_needed_and_of_both_groups(small: Path) -> None:
    review = load_review(small)
    assert placebo_share(review, "gamma2022", "nap-trouble").share == pytest.approx(2.6 / 4.1)
    # Final values are no changes.
    with pytest.raises(InsufficientEvidenceError, match="Alpha 2020 does not report the change"):
        placebo_share(review, "alpha2020", "nap-trouble")
    with pytest.raises(InsufficientEvidenceError, match="of both groups"):
        placebo_share(review, "gamma2022", "nap-trouble", "week 8")
    set_cell(small, "arms", 8, "role", "all")
    with pytest.raises(InsufficientEvidenceError, match="of both groups"):
        placebo_share(load_review(small), "gamma2022", "nap-trouble")


def test_two_times_are_not_mixed(small: Path) -> None:
    copy_row(small, "arms", 8, timepoint="week 2", mean="-1.0", ci_low="-2.0", ci_high="0.0")
    # The control group's first row is now of another week than the treated group's.
    set_cells(small, "arms", 8, timepoint="week 8")
    review = load_review(small)
    with pytest.raises(InsufficientEvidenceError):
        placebo_share(review, "gamma2022", "nap-trouble")
    copy_row(small, "arms", 7, timepoint="week 2", mean="-2.0", ci_low="-3.0", ci_high="-1.0")
    found = placebo_share(load_review(small), "gamma2022", "nap-trouble", "week 2")
    assert (found.change_treatment, found.change_control) == (-2.0, -1.0)
