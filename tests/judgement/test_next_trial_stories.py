"""The stories of the next trial: every number from its result, and something said at each edge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.judgement.altered import copy_review, drop

from evidence.data import load_review
from evidence.effects.importance import important_difference
from evidence.judgement import Conclusions, conclude
from evidence.judgement import next_trial_stories as stories
from evidence.judgement.next_trial_stories import FurtherTrial
from evidence.plots import alt_text, extended_funnels_of

pytestmark = pytest.mark.xdist_group("next_trial_stories")


@pytest.fixture(scope="module")
def conclusions() -> Conclusions:
    return conclude(load_review("magnesium-sleep"))


@pytest.fixture(scope="module")
def trials(conclusions: Conclusions) -> tuple[FurtherTrial, ...]:
    return stories.further_trials(conclusions)


def test_one_for_each_reading_by_the_plan(
    conclusions: Conclusions, trials: tuple[FurtherTrial, ...]
) -> None:
    synthesis = conclusions.main.synthesis
    assert synthesis is not None
    assert [each.trial.result for each in trials] == [s.result for s in synthesis.scenarios]
    analysis = synthesis.analysis
    expected = important_difference(conclusions.review, analysis.outcomes, analysis.measure)
    assert {each.trial.threshold for each in trials} == {expected}


def test_the_conclusion_so_far_is_that_of_the_interval(trials: tuple[FurtherTrial, ...]) -> None:
    for each in trials:
        result = each.trial.result
        crosses = result.ci_low <= 0 <= result.ci_high
        assert ("leaves it open" in each.trial.now_in_words) is crosses


def test_the_words_hold_the_numbers(
    conclusions: Conclusions, trials: tuple[FurtherTrial, ...]
) -> None:
    told = "\n".join(stories.further_told(conclusions, trials).paragraphs)
    for each in trials:
        assert each.meaning in told
        assert f"{100 * each.trial.changes[0]:.0f}% with 50 people" in told
    table = stories.smallest_table(trials).frame
    counts = [one.people for each in trials for one in each.trial.showing]
    column = "people for a trial that shows just that to change the conclusion"
    shown = ["no size is enough" if n is None else f"{n:,}" for n in counts]
    assert list(table[column]) == shown
    assert len(stories.chances_table(trials).frame) == sum(e.trial.people.size for e in trials)


def test_the_worth_is_in_points_too_and_no_advice(
    conclusions: Conclusions, trials: tuple[FurtherTrial, ...]
) -> None:
    told = stories.value_told(conclusions, trials).paragraphs
    for each, text in zip(trials, told, strict=False):
        assert each.value is not None
        unit, per_unit = each.value.units[1]
        assert f"{each.value.perfect * per_unit:.2f} {unit}" in text
    assert "no advice" in told[-1]
    assert conclusions.main.certainty in told[-1]
    columns = stories.value_table(trials).frame.columns
    assert sum(name.startswith("worth per person") for name in columns) == 2


def test_registered_trials_are_told_with_their_people(
    conclusions: Conclusions, trials: tuple[FurtherTrial, ...]
) -> None:
    head, *told = stories.planned_told(conclusions, trials).paragraphs
    assert "registered without results" in head
    for each, text in zip(trials, told, strict=True):
        for one in each.trial.planned[:-1]:
            assert f"{one.name} ({one.people:,.0f} people)" in text


def test_people_so_far(conclusions: Conclusions) -> None:
    told = stories.information_told(conclusions).paragraphs
    assert told[0].startswith(f"{conclusions.main.synthesis.participants} people took part")
    assert told[-1].startswith("Such a size is a yardstick")


def test_age_is_told(conclusions: Conclusions) -> None:
    assert stories.age_told(conclusions).paragraphs[0] == conclusions.age.told


def test_one_trial_and_none(tmp_path: Path) -> None:
    folder = copy_review(tmp_path)
    for study in ("abbasi2012", "saba2022"):
        for table in ("arms", "contrasts"):
            drop(folder, table, study_id=study)
    one = conclude(load_review(folder))
    trials = stories.further_trials(one)
    assert {each.trial.result.k for each in trials} == {1}
    notes = stories.further_told(one, trials).paragraphs
    assert any("one degree of freedom" in text for text in notes)
    assert "D²" not in " ".join(stories.information_told(one).paragraphs)
    assert all(alt_text(axes) for axes in extended_funnels_of(one, trials))


def test_no_trial_at_all(conclusions: Conclusions) -> None:
    empty = replace(conclusions.main, synthesis=None, certainties=(), verdicts=())
    none = replace(conclusions, analyses=(empty,))
    assert stories.further_trials(none) == ()
    for tell in (stories.further_told, stories.value_told):
        assert "no result can be worked out" in tell(none, ()).paragraphs[0]
    assert "no result" in stories.information_told(none).paragraphs[0]
    assert stories.planned_told(none, ()).paragraphs[0]
    assert stories.chances_table(()).frame.empty
    assert stories.smallest_table(()).frame.empty
    assert stories.value_table(()).frame.empty
    assert len(extended_funnels_of(none, ())) == 1
