"""The plot of all subsets: every subset counted, with and without a study told apart."""

from __future__ import annotations

import time
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import QuadContourSet
from matplotlib.patches import StepPatch
from tests.papers import bcg
from tests.plots import boxes, charts
from tests.plots.test_palette import luminance

from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.style import BLUE, ORANGE
from evidence.plots.subsets import subsets_plot
from evidence.plots.wording import LONGEST
from evidence.synthesis import pool
from evidence.synthesis.sensitivity.subsets import SubsetResult, all_subsets

ODD = [0.1, 0.2, 0.15, 0.3, 0.05, 0.2, 0.12, 1.8, 0.2, 0.1]


def subsets(given: Any, **options: Any) -> SubsetResult:
    return all_subsets(given, progress=False, **options)


def one_apart() -> SubsetResult:
    return subsets(pool(ODD, [0.02] * 10, labels=[f"Author {i} 2000" for i in range(10)]))


EXTREMES: dict[str, Any] = {
    "three": lambda: charts.studies(3),
    "13": lambda: charts.studies(13),
    "200": lambda: charts.studies(200),
    "tiny": lambda: charts.studies(6, scale=1e-8),
    "huge": lambda: charts.studies(13, scale=1e8),
    "far from no effect": lambda: charts.studies(8, shift=900),
    "long labels": lambda: charts.studies(8, labels=charts.long_labels(8)),
    "equal effects": lambda: pool([0.5] * 6, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
    "common effect": lambda: pool(ODD, [0.02] * 10, model="common", ci_method="Wald"),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_overlaps_or_is_cut(name: str) -> None:
    result = subsets(EXTREMES[name](), subsets=10_000)
    axes = subsets_plot(result, xlabel="difference", favours=("← favours one", "favours two →"))
    charts.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    assert len(alt_text(axes)) <= LONGEST
    plot = boxes.plot_of(axes)
    low, high = plot.get_xlim()
    assert low < result.full_estimate < high


def test_two_studies_make_no_cloud() -> None:
    result = subsets(pool([0.1, 0.5], [0.04, 0.05], labels=["A", "B"]))
    axes = subsets_plot(result)
    text = charts.joined(boxes.texts(axes))
    assert "0.10 from A alone and 0.50 from B alone, and 0.2" in text
    assert "look at the forest plot" in text
    assert not axes.child_axes
    assert alt_text(axes).startswith("No figure: All subsets. Two studies have three subsets")


def test_few_subsets_are_marks_in_two_shapes_and_colours() -> None:
    result = one_apart()
    plot = boxes.plot_of(subsets_plot(result))
    inside, known = result.including(7), np.isfinite(result.i2)
    both = np.column_stack([result.estimate, result.i2])
    (blue,) = [line for line in plot.lines if line.get_markeredgecolor() == BLUE]
    (orange,) = [line for line in plot.lines if line.get_markeredgecolor() == ORANGE]
    for line, marker, chosen in ((blue, "o", ~inside), (orange, "D", inside)):
        assert line.get_marker() == marker
        assert np.column_stack(line.get_data()) == pytest.approx(both[chosen & known])
    middle = next(line for line in plot.lines if len(line.get_xdata()) == 1)
    assert middle.get_xdata()[0] == result.full_estimate
    assert middle.get_ydata()[0] == result.full_i2


def test_many_subsets_are_a_picture_with_two_kinds_of_outline() -> None:
    result = subsets(pool(bcg.log_risk_ratios(), labels=bcg.LABELS))
    plot = boxes.plot_of(subsets_plot(result, measure="risk ratio"))
    (picture,) = plot.images
    shade = np.asarray(picture.get_array())
    low, high, bottom, top = picture.get_extent()
    assert (bottom, top) == (0, 100)
    known = np.isfinite(result.i2)
    x = np.floor((result.estimate - low) / (high - low) * shade.shape[1]).astype(int)
    y = np.minimum((result.i2 / 100 * shade.shape[0]).astype(np.float64), shade.shape[0] - 1)
    inside = known & (x >= 0) & (x < shade.shape[1])
    filled = np.zeros(shade.shape[:2], dtype=bool)
    filled[y[inside].astype(int), x[inside]] = True
    assert np.array_equal((shade < 1).any(axis=2), filled)
    outlines = [each for each in plot.collections if isinstance(each, QuadContourSet)]
    dashes = [each.get_linestyle()[0][1] for each in outlines]
    assert [dash is None for dash in dashes] == [True, False]


def test_distributions_at_the_edges_count_all_subsets_with_equal_areas() -> None:
    result = one_apart()
    plot = boxes.plot_of(subsets_plot(result))
    steps = [p for p in plot.patches if isinstance(p, StepPatch) and not p.get_fill()]
    above = [p for p in steps if p.orientation == "vertical"]
    aside = [p for p in steps if p.orientation == "horizontal"]
    assert len(above) == len(aside) == 2
    for pair in (above, aside):
        areas = [float((p.get_data().values - p.get_data().baseline).sum()) for p in pair]
        assert areas[0] == pytest.approx(areas[1])
    inside = result.including(7)
    values, edges, base = above[1].get_data()
    counts, _ = np.histogram(result.estimate[inside], edges)
    assert (values - base) / (values - base).sum() == pytest.approx(counts / counts.sum())


def test_the_study_that_separates_most_is_told_apart_unless_another_is_asked_for() -> None:
    result = one_apart()
    axes = subsets_plot(result)
    text = charts.joined(boxes.texts(axes))
    assert "subsets with Author 7 2000 subsets without Author 7 2000" in text
    inside = result.including(7) & np.isfinite(result.i2)
    outside = ~result.including(7) & np.isfinite(result.i2)
    told = (
        f"With Author 7 2000 the median estimate is {np.median(result.estimate[inside]):.2f} and "
        f"I² {np.median(result.i2[inside]):.0f}%; without it "
        f"{np.median(result.estimate[outside]):.2f} and {np.median(result.i2[outside]):.0f}%"
    )
    assert told in text
    assert told in alt_text(axes)
    for study in (3, "Author 3 2000"):
        other = charts.joined(boxes.texts(subsets_plot(result, study=study)))
        assert "subsets with Author 3 2000" in other


@pytest.mark.parametrize("many", [False, True])
def test_no_word_stands_among_the_subsets(many: bool) -> None:
    given = pool(bcg.log_risk_ratios(), labels=bcg.LABELS) if many else None
    axes = subsets_plot(subsets(given) if many else one_apart())
    area = boxes.rectangle(boxes.plot_of(axes).get_window_extent())
    assert not [one.text for one in boxes.texts(axes) if boxes.overlaps(one.corners, area)]


def test_single_studies_have_no_i2_and_that_is_said() -> None:
    text = charts.joined(boxes.texts(subsets_plot(one_apart())))
    assert "10 subsets of one study have no I²" in text
    assert "All 1,023 subsets of 10 studies." in text


def test_where_no_study_does_anything_there_is_one_cloud() -> None:
    axes = subsets_plot(subsets(pool([0.5] * 6, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])))
    assert "no study separates the estimates" in charts.joined(boxes.texts(axes))
    assert "with" not in charts.joined(boxes.texts(axes))


def test_no_effect_off_the_axis_is_said() -> None:
    axes = subsets_plot(subsets(charts.studies(8, shift=900)))
    assert "No effect (0) lies beyond the left end of the axis." in charts.joined(boxes.texts(axes))


def test_ratios_stand_on_an_axis_of_ratios() -> None:
    result = subsets(pool(bcg.log_risk_ratios(), labels=bcg.LABELS))
    axes = subsets_plot(result, measure="risk ratio")
    texts = {one.text for one in boxes.texts(axes)}
    assert {"0.2", "0.5", "1"} <= texts
    assert "With all studies the estimate is 0.49 and I² 92%." in alt_text(axes)


def test_a_million_subsets_are_drawn_within_two_seconds() -> None:
    result = subsets(charts.studies(20))
    assert len(result) == 2**20 - 1
    assert np.isfinite(result.separation).all()
    assert np.isfinite(result.separation_i2).all()
    start = time.perf_counter()
    picture = Picture(subsets_plot(result))
    picture.png()
    assert time.perf_counter() - start < 4, "twice what it should take, on a busy computer"


def test_random_subsets_are_called_so() -> None:
    axes = subsets_plot(subsets(charts.studies(40), subsets=5000))
    assert "Random 5,000 subsets of 40 studies" in charts.joined(boxes.texts(axes))


def test_both_colours_are_alike_in_print_and_so_have_shapes_of_their_own() -> None:
    assert luminance(BLUE, "no colours") == pytest.approx(luminance(ORANGE, "no colours"), abs=0.1)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"result is PooledResult; .*all_subsets\(\)"):
        subsets_plot(charts.studies(3))  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="'Nobody' is not in the result"):
        subsets_plot(one_apart(), study="Nobody")


@pytest.mark.parametrize("size", [(8, 6), (4, 3)])
def test_given_axes_and_equal_bytes(size: tuple[int, int]) -> None:
    result = subsets(charts.studies(12))
    _, axes = plt.subplots(figsize=size)
    assert subsets_plot(result, axes) is axes
    charts.assert_tidy(axes)
    assert Picture(subsets_plot(result)).svg() == Picture(subsets_plot(result)).svg()
