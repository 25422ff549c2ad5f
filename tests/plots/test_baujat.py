"""The Baujat plot: every study where its numbers say, names for those that stand out."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.papers import bcg
from tests.plots import boxes, charts

from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.baujat import baujat as draw
from evidence.plots.wording import LONGEST
from evidence.synthesis import pool
from evidence.synthesis.sensitivity.baujat import baujat

EXTREMES = {
    "three": lambda: charts.studies(3),
    "two, common effect": lambda: pool([0.1, 0.7], [0.02, 0.05], model="common", ci_method="Wald"),
    "13": lambda: charts.studies(13),
    "200": lambda: charts.studies(200),
    "tiny": lambda: charts.studies(5, scale=1e-8),
    "huge": lambda: charts.studies(30, scale=1e8),
    "one dominates": lambda: pool([3, -4, 40.0, 2, 1], [1, 4000, 1e-6, 1, 1]),
    "long labels": lambda: charts.studies(13, labels=charts.long_labels(13)),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_overlaps_or_is_cut_and_every_study_is_there(name: str) -> None:
    result = baujat(EXTREMES[name]())
    axes = draw(result)
    charts.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    found = charts.marks_of(boxes.plot_of(axes))
    wanted = np.column_stack([result.contribution, result.influence])
    assert sorted(map(tuple, found)) == sorted(map(tuple, wanted))
    assert len(alt_text(axes)) <= LONGEST


def test_orange_diamonds_lie_beyond_twice_an_average_and_have_names() -> None:
    result = baujat(pool(bcg.log_risk_ratios(), labels=bcg.LABELS))
    axes = draw(result)
    both = np.column_stack([result.contribution, result.influence])
    beyond = (both > 2 * both.mean(axis=0)).any(axis=1)
    assert 0 < beyond.sum() < 13
    plot = boxes.plot_of(axes)
    diamonds = charts.marks_with(plot, "D")
    assert sorted(map(tuple, diamonds)) == sorted(map(tuple, both[beyond]))
    texts = {one.text for one in boxes.texts(axes)}
    above = (both > both.mean(axis=0)).any(axis=1)
    assert texts & set(result.labels) == {result.labels[i] for i in np.flatnonzero(above)}


def test_the_title_says_who_adds_most_and_who_moves_most() -> None:
    result = baujat(pool(bcg.log_risk_ratios(), labels=bcg.LABELS))
    axes = draw(result)
    adds, moves = (int(values.argmax()) for values in (result.contribution, result.influence))
    share = 100 * result.contribution[adds] / result.contribution.sum()
    title = f"{result.labels[adds]} adds most to the heterogeneity ({share:.0f}% of Q)"
    assert f"{title}; {result.labels[moves]} moves the mean most" in charts.joined(
        boxes.texts(axes)
    )
    assert title in alt_text(axes)
    assert "generalised Q at tau²" in charts.joined(boxes.texts(axes))
    common = baujat(pool(bcg.log_risk_ratios(), model="common", ci_method="Wald"))
    assert "part of Cochran's Q" in charts.joined(boxes.texts(draw(common)))


def test_of_200_studies_ten_have_names_and_the_figure_says_so() -> None:
    result = baujat(charts.studies(200))
    seen = boxes.texts(draw(result))
    assert sum(one.text in result.labels for one in seen) == 10
    assert "the 10 farthest out" in charts.joined(seen)


def test_where_nothing_is_known_a_sentence_stands_in_its_place() -> None:
    result = baujat(charts.studies(2))
    assert np.isnan(result.influence).all()
    axes = draw(result)
    text = charts.joined(boxes.assert_tidy(axes))
    assert "Not drawn, as the influence is not known" in text
    assert alt_text(axes).startswith("No figure")


def test_identical_effects_add_nothing() -> None:
    axes = draw(baujat(pool([0.5] * 6, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])))
    charts.assert_tidy(axes)
    assert "No study adds to the heterogeneity" in charts.joined(boxes.texts(axes))


def test_only_a_result_of_baujat_is_drawn() -> None:
    with pytest.raises(InvalidArgumentError, match="result is PooledResult; this figure takes"):
        draw(charts.studies(3))  # type: ignore[arg-type]


def test_given_axes_and_equal_bytes() -> None:
    result = baujat(charts.studies(13, labels=charts.long_labels(13)))
    _, axes = plt.subplots(figsize=(5, 4))
    assert draw(result, axes) is axes
    charts.assert_tidy(axes)
    assert Picture(draw(result)).png() == Picture(draw(result)).png()
