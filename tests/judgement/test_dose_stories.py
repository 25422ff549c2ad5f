"""The story of dose, form and safety: its numbers are the results', and it holds without data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import small_review

import evidence
from evidence.data import find_review, load_review
from evidence.display import Display, Prose, Table
from evidence.judgement import Conclusions, dose_stories
from evidence.plots import alt_text, dose_axis_of

Altered = Callable[[str], Conclusions]

pytestmark = pytest.mark.xdist_group("as_it_is")


@pytest.fixture(scope="module")
def conclusions(altered: Altered) -> Conclusions:
    return altered("as_it_is")


def told(conclusions: Conclusions, name: str) -> str:
    story = getattr(dose_stories, name)
    given = conclusions if name == "harms_over_all" else conclusions.review
    found = story(given)
    return found.summary() if isinstance(found, Display) else str(found)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("what_a_dose_is", "which is 14.10%"),
        ("what_a_dose_is", "500 mg of magnesium bisglycinate hold about 70 mg of magnesium"),
        ("compounds_table", "60.30%"),
        ("contents_told", "90 in 500 (18.0%)"),
        ("contents_told", "a mixture with 8% of that by weight"),
        ("doses_told", "23 to 729 mg"),
        ("limits_told", "350 mg a day"),
        ("limits_told", "250 mg a day"),
        ("limits_told", "310 to 420 mg a day"),
        ("ranges_told", "28 to 56 mg of magnesium"),
        ("ranges_told", "7.1 times as much"),
        ("ranges_told", "Read as the element, it is partly above 250 mg and 350 mg"),
        ("ranges_table", "1,419 to 2,838"),
        ("carried_along", "1,523 mg: they agree"),
        ("carried_along", "3,000 mg"),
        ("carried_along", "609 to 1,219 mg"),
        ("absorbed", "28.3% with magnesium oxide in the other 8: the other way round"),
        ("harms_over_all", "p = 0.098 to 0.17"),
        ("harms_over_all", "One trial is nothing to pool"),
        ("timing_told", "30 to 60 minutes before bedtime"),
        ("never_tested", "above 350 mg"),
        ("never_tested", "No trial compares two forms"),
    ],
)
def test_what_must_come_out_comes_out(conclusions: Conclusions, name: str, words: str) -> None:
    assert words in told(conclusions, name)


@pytest.mark.parametrize("name", dose_stories.__all__)
def test_every_story_is_sentences_or_a_table(conclusions: Conclusions, name: str) -> None:
    text = told(conclusions, name)
    assert text.strip()
    assert not any(word in text.split() for word in ("nan", "None", "<NA>"))
    story = getattr(dose_stories, name)
    found = story(conclusions if name == "harms_over_all" else conclusions.review)
    if isinstance(found, Prose):
        assert all(paragraph[-1] in ".:?)" for paragraph in found.paragraphs)


@pytest.mark.parametrize("name", dose_stories.__all__)
def test_every_story_holds_for_another_review(tmp_path: Path, name: str) -> None:
    review = load_review(small_review(tmp_path))
    given = evidence.conclude(review) if name == "harms_over_all" else review
    found = getattr(dose_stories, name)(given)
    assert isinstance(found, Prose | Display)


@pytest.mark.parametrize("name", dose_stories.__all__)
def test_every_story_holds_without_a_formula(tmp_path: Path, name: str) -> None:
    folder = small_review(tmp_path)
    (folder / "compounds.csv").unlink()
    review = load_review(folder)
    given = evidence.conclude(review) if name == "harms_over_all" else review
    found = getattr(dose_stories, name)(given)
    assert isinstance(found, Prose | Table)
    assert "No figure" in alt_text(dose_axis_of(review))


def test_the_sentences_follow_the_data(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(find_review("magnesium-sleep"), folder)
    facts = folder / "facts.csv"
    facts.write_text(facts.read_text("utf-8").replace(",350,,,mg/day", ",500,,,mg/day"), "utf-8")
    review = load_review(folder)
    assert "Above 500 mg a day" in str(dose_stories.doses_told(review))
    assert "at or below" in str(dose_stories.ranges_told(review))
