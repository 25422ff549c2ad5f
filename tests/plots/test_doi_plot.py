"""The Doi plot: every study where its ranks say, the tip, and the warning under it."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.papers import bcg
from tests.plots import boxes, charts

from evidence.appraisal.small_study.doi_plot import doi_plot
from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.doi_plot import doi_figure
from evidence.plots.style import ORANGE
from evidence.plots.wording import LONGEST
from evidence.synthesis import pool

CASES: dict[str, Any] = {
    "three": lambda: charts.studies(3),
    "13": lambda: charts.studies(13),
    "200": lambda: charts.studies(200),
    "tiny": lambda: charts.studies(5, scale=1e-8),
    "huge": lambda: charts.studies(30, scale=1e8),
    "one dominates": lambda: pool([3, -4, 40.0, 2, 1], [1, 4000, 1e-6, 1, 1]),
    "equally precise": lambda: pool(np.arange(12.0), np.ones(12)),
    "long labels": lambda: charts.studies(13, labels=charts.long_labels(13)),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_overlaps_or_is_cut_and_every_study_is_there(name: str) -> None:
    result = doi_plot(CASES[name]())
    axes = doi_figure(result)
    charts.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    plot = boxes.plot_of(axes)
    wanted = result.table[["effect", "height"]].to_numpy()
    assert sorted(map(tuple, charts.marks_of(plot))) == sorted(map(tuple, wanted))
    (tip,) = [line for line in plot.lines if line.get_color() == ORANGE]
    assert list(tip.get_xdata()) == [result.tip, result.tip]
    low, high = plot.get_ylim()
    assert low > high, "the middle stands at the top"
    assert len(alt_text(axes)) <= LONGEST


def test_the_warning_stands_under_the_figure_and_in_its_text() -> None:
    result = doi_plot(charts.studies(13))
    axes = doi_figure(result)
    text = charts.joined(boxes.texts(axes))
    assert "a picture, and no test of asymmetry" in text
    assert boxes.squeezed(result.sentence) in boxes.squeezed(text)
    spoken = alt_text(axes)
    assert "It is a picture and no test. The LFK index that is usually read off it" in spoken
    assert "it should not be used" in spoken
    assert f"with {result.lower} below and {result.higher} above" in spoken


def test_names_of_a_few_and_of_the_farthest_of_many() -> None:
    few = doi_plot(charts.studies(13))
    assert {one.text for one in boxes.texts(doi_figure(few))} >= set(few.table["label"])
    many = doi_plot(charts.studies(200))
    seen = boxes.texts(doi_figure(many))
    farthest = many.table.nlargest(6, "height")["label"]
    assert {one.text for one in seen} & set(many.table["label"]) == set(farthest)
    assert "Named: the 6 studies farthest from the middle." in charts.joined(seen)


def test_ratios_get_an_axis_of_ratios() -> None:
    result = doi_plot(pool(bcg.log_risk_ratios(), labels=bcg.LABELS))
    axes = doi_figure(result, measure="log risk ratio", favours=("fewer cases", "more cases"))
    charts.assert_tidy(axes)
    texts = [one.text for one in boxes.texts(axes)]
    assert "risk ratio" in texts
    assert "fewer cases" in texts
    assert f"At the tip: {np.exp(result.tip):.2f}" in alt_text(axes)


def test_cautions_of_the_studies_stand_below() -> None:
    result = doi_plot([1.0, 2.0, 3.0, np.nan], [0.1] * 4, labels=["a", "b", "c", "left out"])
    text = boxes.squeezed(charts.joined(boxes.texts(doi_figure(result, title="Mine"))))
    assert boxes.squeezed(result.cautions[0].message) in text
    assert text.startswith("Mine")


@pytest.mark.parametrize("effects", [[0.1], [0.1, 0.5], [0.1] * 5])
def test_where_it_shows_nothing_a_sentence_stands_in_its_place(effects: list[float]) -> None:
    result = doi_plot(effects, [0.1] * len(effects))
    axes = doi_figure(result)
    assert result.sentence in charts.joined(boxes.assert_tidy(axes))
    assert alt_text(axes).startswith("No figure: Doi plot.")


def test_only_a_doi_plot_is_drawn() -> None:
    with pytest.raises(InvalidArgumentError, match=r"result is PooledResult; .*doi_plot\(\)"):
        doi_figure(charts.studies(3))  # type: ignore[arg-type]


def test_given_axes_and_equal_bytes() -> None:
    result = doi_plot(charts.studies(13))
    _, axes = plt.subplots(figsize=(5, 4))
    assert doi_figure(result, axes) is axes
    charts.assert_tidy(axes)
    assert Picture(doi_figure(result)).png() == Picture(doi_figure(result)).png()
