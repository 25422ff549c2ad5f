"""The figures of a review: letters tie readings to pooled results, words come from the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.plots import boxes, make
from tests.plots.test_forest_marks import diamonds, heights

import evidence
from evidence.errors import InsufficientEvidenceError
from evidence.plots import alt_text, answer_figure, forest, forest_of, headline_figure
from evidence.plots.rows import rows_of

if TYPE_CHECKING:
    from evidence.judgement.conclusions import Conclusions


@pytest.fixture(scope="module")
def conclusions() -> Conclusions:
    return evidence.conclude(evidence.load_review("magnesium-sleep"))


def words(axes: Any) -> list[str]:
    return [" ".join(one.text.split()) for one in boxes.texts(axes)]


def test_two_readings_have_letters_and_a_diamond_each() -> None:
    body = make.synthesis(make.twofold("ahn", -0.4), make.plain("ba", 0.2), make.plain("cy", -0.5))
    axes = forest(body, **make.WORDS)
    boxes.assert_tidy(axes)
    found = words(axes)
    assert "Ahn 2020, read in two ways" in found
    assert [found.count(letter) for letter in "ABC"] == [1, 1, 0]
    at = heights(axes)
    drawn = diamonds(boxes.plot_of(axes))
    assert len(drawn) == 2
    for corners, letter, scenario in zip(drawn, "AB", body.scenarios, strict=True):
        assert corners[0, 1] == pytest.approx(at[f"Pooled, reading {letter}"], abs=0.03)
        assert (corners[:, 0].min(), corners[:, 0].max()) == (
            scenario.result.ci_low,
            scenario.result.ci_high,
        )
    assert found.count("Weight A") == found.count("Weight B") == 1
    assert found.count("Weight") == 0
    # One weight for each reading, two for a trial that is read in one way.
    assert sum(text.endswith("%") for text in found) == 2 + 2 * 2
    assert found.count("246") == 2
    assert any("A and B stand for" in text for text in found)


def test_weights_stand_under_the_result_they_belong_to() -> None:
    body = make.synthesis(make.twofold("ahn", -0.4), make.plain("ba", 0.2))
    content = rows_of(body)
    cells = {row.tag or row.label: content.weight_cells(row) for row in content.studies}
    first, second = (s.result.weights for s in body.scenarios)
    assert cells["A"] == (f"{first[0]:.1f}%", "")
    assert cells["B"] == ("", f"{second[0]:.1f}%")
    assert cells["Ba 2020"] == (f"{first[1]:.1f}%", f"{second[1]:.1f}%")


def test_two_contradictory_trials_give_four_letters() -> None:
    body = make.synthesis(make.twofold("ahn", -0.4), make.twofold("ba", 0.3), make.plain("cy", 0.1))
    axes = forest(body)
    boxes.assert_tidy(axes)
    found = words(axes)
    assert [text for text in found if text in {"AB", "CD", "AC", "BD"}] == ["AB", "CD", "AC", "BD"]
    assert len(diamonds(boxes.plot_of(axes))) == 4
    assert any("A to D stand for" in text for text in found)
    assert "Weight" in found


def test_many_readings_are_told_by_the_lowest_and_the_highest_result() -> None:
    body = make.synthesis(*(make.twofold(name, 0.2 + i) for i, name in enumerate("abcd")))
    axes = forest(body)
    boxes.assert_tidy(axes)
    found = words(axes)
    estimates = [scenario.result.estimate for scenario in body.scenarios]
    assert len(estimates) == 16
    assert "Pooled, lowest of 16 readings" in found
    assert "Pooled, highest of 16 readings" in found
    tops = [corners[corners[:, 1].argmax(), 0] for corners in diamonds(boxes.plot_of(axes))]
    assert tops == [min(estimates), max(estimates)]


def test_one_trial_has_neither_diamond_nor_letters_nor_weights() -> None:
    for body in (make.synthesis(make.plain("ahn", -0.4)), make.synthesis(make.twofold("ahn", 0.4))):
        axes = forest(body)
        boxes.assert_tidy(axes)
        found = words(axes)
        assert diamonds(boxes.plot_of(axes)) == []
        assert not {"A", "B", "Weight", "Weight A"} & set(found)
        assert "82" in found


def test_one_reading_needs_no_letters() -> None:
    axes = forest(make.synthesis(make.plain("ahn", -0.4), make.plain("ba", 0.1)))
    found = words(axes)
    assert "Pooled, random effects" in found
    assert not any("reading" in text for text in found)
    assert found.count("Weight") == 1


def test_readings_of_one_comparison_stand_in_their_sets() -> None:
    first = make.reading("ahn", -0.2, 0.2, "arms", path="means of two groups")
    second = make.reading("ahn", -0.6, 0.1, "interval", path="the 95% CI")
    third = make.reading("ahn", -0.6, 0.1, "p", path="p = 0.001", tier="secondary")
    axes = forest(make.comparison("ahn", first, second, third))
    boxes.assert_tidy(axes)
    found = words(axes)
    assert "Set 1: one report" in found
    assert "Set 2: reports that agree" in found
    assert "p = 0.001 †" in found
    assert "Worked out from" in found
    alone = words(forest(make.comparison("ahn", first)))
    assert not any(text.startswith("Set") for text in alone)


@pytest.mark.parametrize("seed", range(3))
def test_the_alternative_text_has_the_pooled_estimate_and_follows_the_data(seed: int) -> None:
    effects = np.random.default_rng(seed).normal(0, 1, 3)
    body = make.synthesis(
        make.twofold("ahn", effects[0]), make.plain("ba", effects[1]), make.plain("cy", effects[2])
    )
    text = alt_text(forest(body, **make.WORDS))
    for letter, scenario in zip("AB", body.scenarios, strict=True):
        told = f"{scenario.result.estimate:.2f} (95% CI".replace("-", "−").replace("−0.00", "0.00")
        assert f"Pooled, reading {letter}: {told}" in text
    assert "the left side favours magnesium, the right side favours placebo" in text
    assert text.startswith("Forest plot: Insomnia severity, three studies. ")
    assert "A, the summaries of the two groups, second-hand" in text
    other = make.synthesis(make.twofold("ahn", effects[0] + 0.5), make.plain("ba", effects[1]))
    assert alt_text(forest(other, **make.WORDS)) != text


@pytest.mark.parametrize("k", [1, 13, 60])
def test_the_alternative_text_is_never_endless(k: int) -> None:
    text = alt_text(forest(make.pooled(k), **make.WORDS))
    assert 100 < len(text) < 1000
    assert text.endswith(".")
    assert text.startswith("Forest plot: Insomnia severity, ")
    if k == 60:
        assert "more; all effects lie from" in text


def test_every_figure_of_the_worked_case(conclusions: Conclusions) -> None:
    figures = [answer_figure(conclusions), headline_figure(conclusions)]
    figures += [forest_of(conclusions, a.analysis_id) for a in conclusions.usable]
    for axes in figures:
        boxes.assert_tidy(axes)
        assert 100 < len(alt_text(axes)) < 1000


def test_the_answer_shows_the_main_analysis_with_its_words(conclusions: Conclusions) -> None:
    axes = answer_figure(conclusions)
    found = words(axes)
    main = conclusions.main
    assert main.synthesis is not None
    assert found.count(main.title) == 1
    target = conclusions.review.plan.target
    better = conclusions.review.outcome(main.synthesis.analysis.outcomes[0]).better
    sides = (target.treatment, target.comparator)
    left, right = sides if better == "lower" else reversed(sides)
    assert f"← favours {left}" in found
    assert f"favours {right} →" in found
    drawn = diamonds(boxes.plot_of(axes))
    results = [scenario.result for scenario in main.synthesis.scenarios]
    assert len(drawn) == len(results)
    for corners, result in zip(drawn, results, strict=True):
        assert corners[:, 0].min() == pytest.approx(result.ci_low)


def test_sides_change_with_the_direction_of_benefit(conclusions: Conclusions) -> None:
    from evidence.plots.answer import favours

    outcomes = conclusions.review.plan.outcomes
    lower = next(o.id for o in outcomes.values() if o.better == "lower")
    higher = next(o.id for o in outcomes.values() if o.better == "higher")
    treatment = conclusions.review.plan.target.treatment
    assert favours(conclusions.review, lower)[0] == f"← favours {treatment}"
    assert favours(conclusions.review, higher)[1] == f"favours {treatment} →"


def test_a_ratio_speaks_of_ratios(conclusions: Conclusions) -> None:
    ratios = [
        a
        for a in conclusions.usable
        if a.synthesis is not None and a.synthesis.analysis.measure == "risk ratio"
    ]
    for analysis in ratios:
        axes = forest_of(conclusions, analysis.analysis_id)
        assert any("(0.80 to 1.25)" in text for text in words(axes))
        assert "0.80 to 1.25" in alt_text(axes)
        assert "0.22" not in alt_text(axes)


def test_a_review_without_a_usable_trial_says_so(conclusions: Conclusions) -> None:
    main = replace(
        conclusions.main, synthesis=None, certainties=(), verdicts=(), refusal="No trial tells it."
    )
    bare = replace(conclusions, analyses=(main,), headline=None)
    axes = answer_figure(bare)
    boxes.assert_tidy(axes)
    assert "No trial tells it." in words(axes)
    assert alt_text(axes).endswith("No trial tells it.")
    headline = headline_figure(bare)
    boxes.assert_tidy(headline)
    assert "nothing to draw" in alt_text(headline)
    with pytest.raises(InsufficientEvidenceError, match="No trial tells it"):
        forest_of(bare, main.analysis_id)
