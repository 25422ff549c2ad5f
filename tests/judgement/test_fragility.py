"""What is said of the answer under pressure follows the data, down to nothing pooled at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.judgement.altered import copy_review

from evidence.appraisal import MissingEvidence, PValueEvidence
from evidence.appraisal.reporting import appraise_reporting
from evidence.data import load_review
from evidence.display import Prose
from evidence.judgement import Conclusions, conclude, fragility, stories
from evidence.plots import alt_text, pushed
from evidence.synthesis import leave_one_out, pool
from evidence.synthesis.sensitivity.tipping_point import tipping_point
from evidence.synthesis.specifications.multiverse import multiverse

Altered = Callable[[str], Conclusions]
CASES = (
    "as_it_is",
    "clear_trial",
    "certain",
    "one_trial",
    "reversed_effect",
    "thresholds_removed",
    "nothing_to_pool",
    "nothing_at_all",
)

each_case = pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.xdist_group(case)) for case in CASES]
)


@each_case
def test_words_follow_the_analyses(altered: Altered, case: str) -> None:
    conclusions = altered(case)
    analyses = fragility.every_analysis(conclusions)
    text = str(fragility.what_holds(conclusions, analyses))
    if analyses is None:
        assert case == "nothing_at_all"
        assert "nothing pooled to push" in text
        return
    assert f"{len(analyses):,} different analyses" in text
    better = (analyses.direction > 0).mean()
    assert ("Whatever one decides" in text) == (better in (0, 1))
    if not analyses.has_plan:
        assert "leaves no trial" in text
        return
    planned = int(analyses.side[analyses.planned][0])
    said = {0: "excludes no effect, against", 1: "includes no effect", 2: "in favour of"}
    assert said[planned] in text.split("As planned")[1].split(";", maxsplit=1)[0]
    changing = analyses.departures[analyses.departures["changes"]]
    for title, option in set(zip(changing["title"], changing["option"], strict=True)):
        assert f"{title}, taken as “{option}”" in text
    assert ("No single choice changes that" in text) == changing.empty
    assert ("is not known on this scale" in text) == bool(np.isnan(analyses.threshold).all())


@each_case
def test_tables_have_a_row_for_each_option(altered: Altered, case: str) -> None:
    conclusions = altered(case)
    analyses = fragility.every_analysis(conclusions)
    departures, decisions = fragility.departures(analyses), fragility.decisions(analyses)
    if analyses is None or not analyses.has_plan:
        assert departures.frame.empty
        return
    options = sum(len(d.options) - len(d.planned) for d in analyses.decisions)
    assert len(departures.frame) == options + 1
    assert len(decisions.frame) == len(analyses.decisions)
    marked = departures.frame["changes the conclusion"] == "yes"
    found = analyses.departures
    changing = found[found["changes"]].drop_duplicates(["decision", "option"])
    assert int(marked.sum()) == len(changing)


@each_case
def test_one_trial_less(altered: Altered, case: str) -> None:
    conclusions = altered(case)
    text = str(fragility.one_trial_less(conclusions))
    readings = fragility.pooled_readings(conclusions)
    if not readings:
        assert "nothing pooled to push" in text
        return
    for _, result in readings:
        left = leave_one_out(result)
        stays = bool((np.sign(left.estimate) == np.sign(result.estimate)).all())
        assert ("stays on the same side" in text) == stays


def test_a_conclusion_that_hangs_on_one_trial_names_it() -> None:
    common = {"labels": ["a", "b", "c"], "model": "common", "ci_method": "Wald"}
    result = pool([0.0, 0.1, 1.0], [0.5, 0.5, 0.01], **common)
    assert result.ci_low > 0
    text = fragility._without_each(result, 1, "tea")
    assert "it hangs on c that the interval excludes no effect, in favour of tea" in text
    turned = fragility._without_each(pool([-2.0, -2.0, 3.0], [1.0, 1.0, 0.2], **common), 1, "tea")
    assert turned.startswith("Without c the estimate changes sides")


@each_case
def test_one_trial_more(altered: Altered, case: str) -> None:
    conclusions = altered(case)
    found = fragility.one_trial_more(conclusions)
    text = str(fragility.one_trial_more_told(conclusions))
    readings = fragility.pooled_readings(conclusions)
    assert len(found) == len(readings)
    if not readings:
        assert "nothing pooled to push" in text
    for each in found:
        assert each.point.summary().splitlines()[1] in text
        # Registered trials without results are asked what they would have to show.
        assert each.point.missing is not None
        assert "missing results" in text
    assert text.count("Note: ") == len({x for x in text.splitlines() if "Note: " in x})


@each_case
def test_what_is_missing(altered: Altered, case: str) -> None:
    conclusions = altered(case)
    found = fragility.missing_from(conclusions)
    if conclusions.main.synthesis is None:
        assert isinstance(found, Prose)
    else:
        assert isinstance(found, MissingEvidence)
        assert found.reporting is not None
    assert isinstance(fragility.p_values_alone(conclusions), PValueEvidence | Prose)


@each_case
def test_every_figure_has_words(altered: Altered, case: str) -> None:
    conclusions = altered(case)
    analyses = fragility.every_analysis(conclusions)
    figures = [
        pushed.specification_curve_of(conclusions, analyses),
        *pushed.leave_one_out_of(conclusions),
        *pushed.tipping_points_of(conclusions),
        *pushed.funnels_of(conclusions),
        pushed.albatross_of(conclusions),
    ]
    for axes in figures:
        assert len(alt_text(axes)) > 20
    readings = fragility.pooled_readings(conclusions)
    assert len(figures) == 2 + 3 * max(len(readings), 1)
    if len(readings) > 1:
        assert "reading B" in " ".join(
            child.get_text()
            for axes in figures[1:3]
            for child in axes.figure.findobj(lambda artist: hasattr(artist, "get_text"))
        )
    plt.close("all")


def test_a_share_is_no_number_where_a_decision_cannot_be_compared(altered: Altered) -> None:
    analyses = fragility.every_analysis(altered("nothing_to_pool"))
    assert analyses is not None
    assert analyses.moves["share_changed"].isna().any()
    column = fragility.decisions(analyses).frame["changes the side of the interval in"]
    assert not column.str.contains("nan").any()


def test_a_departure_under_some_readings_says_so(altered: Altered) -> None:
    analyses = fragility.every_analysis(altered("bigger_effect"))
    assert analyses is not None
    table = analyses.departures
    mine = table[(table["decision"] == "interval") & (table["option"] == "HKSJ")]
    assert mine["changes"].tolist() == [False, True]
    text = str(fragility.what_holds(altered("bigger_effect"), analyses))
    assert "(IntHout et al. 2014)): then, under one of two readings, the interval excludes" in text


def test_no_effect_at_all_is_on_neither_side(altered: Altered) -> None:
    analyses = fragility.every_analysis(altered("one_trial"))
    assert analyses is not None
    nothing = dict.fromkeys(analyses.numbers, np.zeros(len(analyses)))
    text = fragility._direction_told(replace(analyses, numbers=nothing), "tea")
    assert text.startswith("Whatever one decides, the estimate is just no effect: in all ")


@pytest.mark.parametrize("ci_method", ["profile-likelihood", "Henmi-Copas"])
def test_a_planned_interval_without_a_standard_error_is_said(
    tmp_path: Path, ci_method: str
) -> None:
    folder = copy_review(tmp_path)
    plan = folder / "review.toml"
    plan.write_text(plan.read_text().replace('"HKSJ-adhoc"', f'"{ci_method}"'))
    conclusions = conclude(load_review(folder))
    assert fragility.pooled_readings(conclusions)
    more = str(fragility.one_trial_more_told(conclusions))
    less = str(fragility.one_trial_less(conclusions))
    for text in (more, less):
        assert f"({ci_method}) is built without a standard error" in text
        assert "nothing pooled" not in text


def test_missing_trials_of_unknown_size_are_named(altered: Altered) -> None:
    conclusions = altered("as_it_is")
    silent = appraise_reporting(conclusions.review).silent
    unknown = silent.loc[silent["people"].isna(), "label"]
    text = str(fragility.one_trial_more_told(conclusions))
    assert len(unknown)
    assert f"Not counted as missing are those of unknown size: {', '.join(unknown)}" in text


def test_ratios_are_said_to_be_logarithms(small: Path) -> None:
    review = load_review(small)
    conclusions = conclude(review)
    analyses = multiverse(review, outcome="spills")
    assert fragility.decisions(analyses).caption.endswith("(logarithm of the risk ratio)")
    point = tipping_point(pool([0.1, 0.4, 0.3], [0.1, 0.2, 0.1]))
    more = (fragility.OneTrialMore("", point, "risk ratio"),)
    assert "those of the logarithm of the risk ratio" in str(
        fragility._one_trial_more_in_words(more, conclusions.review)
    )


@each_case
def test_the_readings_are_told(altered: Altered, case: str) -> None:
    conclusions = altered(case)
    text = str(stories.readings(conclusions))
    synthesis = conclusions.main.synthesis
    if synthesis is None:
        assert "could be used" in text
    elif len(synthesis.scenarios) == 1:
        assert "one way to read them" in text
    else:
        results = [scenario.result for scenario in synthesis.scenarios]
        for scenario in synthesis.scenarios:
            assert scenario.name in text
        includes = {result.ci_low <= 0 <= result.ci_high for result in results}
        signs = {result.estimate > 0 for result in results}
        assert ("hangs on the reading" in text) == (len(includes) > 1 or len(signs) > 1)
        assert ("includes no effect under every" in text) == (
            includes == {True} and len(signs) == 1
        )
