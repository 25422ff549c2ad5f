"""The figures of the notebook on certainty, with evidence and without."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import set_cell, small_review

from evidence.data import load_review
from evidence.judgement import certainty_stories, conclude
from evidence.plots import alt_text, certain

DRAWN = (certain.judged_forest_of, certain.directness_of, certain.borrowing_of)


@pytest.mark.parametrize("draw", DRAWN)
def test_the_worked_case_is_drawn(draw: object) -> None:
    axes = draw(conclude(load_review("magnesium-sleep")))
    told = alt_text(axes)
    assert "Schuster 2025" in told or "indirect" in told
    assert "cannot" not in told.split(".")[0]


@pytest.mark.parametrize("draw", DRAWN)
def test_one_trial_is_drawn_or_told(draw: object, tmp_path: Path) -> None:
    assert alt_text(draw(conclude(load_review(small_review(tmp_path)))))


@pytest.mark.parametrize("draw", DRAWN)
def test_without_a_trial_a_sentence_stands_in_place(draw: object, tmp_path: Path) -> None:
    small = small_review(tmp_path)
    set_cell(small, "exclusions", 2, "study_id", "alpha2020")
    (small / "arms.csv").unlink()
    conclusions = conclude(load_review(small))
    assert "no trial gives an effect" in alt_text(draw(conclusions))
    assert "no trial gives an effect" in str(certainty_stories.borrowed(conclusions))
