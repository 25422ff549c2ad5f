"""The stories of the headline trial's appraisal: told of whatever the data say."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.judgement.altered import ALTERATIONS

from evidence.display import Table
from evidence.judgement import Conclusions, trial_stories
from evidence.plots import alt_text, headline_appraisal_figure

Altered = Callable[[str], Conclusions]
STORIES = {name: getattr(trial_stories, name) for name in trial_stories.__all__}
TOLD = [name for name in STORIES if name != "headline_appraisal"]


def text_of(story: object) -> str:
    return str(story.summary() if hasattr(story, "summary") else story)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.xdist_group(n)) for n in ALTERATIONS]
)
def test_every_story_of_every_alteration_reads_properly(altered: Altered, name: str) -> None:
    conclusions = altered(name)
    for story in TOLD:
        text = text_of(STORIES[story](conclusions))
        assert text.strip()
        for wrong in (r"\bnan\b", r"\bNone\b(?! of )", r"<NA>", r"\(\s*\)", r" \.", r": \."):
            assert not re.search(wrong, text), f"{story}: {wrong}: {text}"
    assert alt_text(headline_appraisal_figure(conclusions))


def test_the_headline_is_appraised_once_and_told_from_it(conclusions: Conclusions) -> None:
    found = trial_stories.headline_appraisal(conclusions)
    assert found is not None
    assert str(trial_stories.appraisal_in_words(conclusions)) == str(found.paragraph())
    shown = trial_stories.appraisal_table(conclusions)
    assert shown.to_frame().equals(found.to_frame())


def test_improvers_by_reading_and_size(conclusions: Conclusions) -> None:
    table = trial_stories.improvers(conclusions)
    assert isinstance(table, Table)
    frame = table.to_frame()
    within = conclusions.review.thresholds("isi", "change within a person")
    sizes = sorted({one.value for one in within})
    assert list(frame["improves by (points)"]) == [f"{size:g}" for size in sizes] * 2
    assert list(frame["reading"]) == ["A"] * len(sizes) + ["B"] * len(sizes)
    assert frame["with the treatment"][0] == "54%"
    assert "Nobody was counted" in table.note


def test_who_left_and_what_they_could_change(conclusions: Conclusions) -> None:
    text = str(trial_stories.who_left(conclusions))
    assert text.startswith("8 of 77 people left with the treatment and 13 of 78 with the control.")
    assert "Reading A: 21 of 155" in text


def test_few_decide_harms(conclusions: Conclusions) -> None:
    text = str(trial_stories.few_decide(conclusions))
    assert "2 against 7 among 153" in text
    assert "Finished" not in text
