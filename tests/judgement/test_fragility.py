"""What is said of the answer under pressure follows the data, down to nothing pooled at all."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest

from evidence.appraisal import MissingEvidence, PValueEvidence
from evidence.display import Prose
from evidence.judgement import Conclusions, fragility
from evidence.plots import alt_text, pushed
from evidence.synthesis import leave_one_out, pool

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
