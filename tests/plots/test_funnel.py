"""The funnel plot: every study once, nothing cut, and what cannot be judged is said."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba
from scipy import stats
from tests.papers import bcg
from tests.plots import boxes, charts
from tests.plots.test_palette import SIGHT, contrast

from evidence.appraisal.small_study.trim_and_fill import trim_and_fill
from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.funnel import CONTOURS, P_BANDS, funnel
from evidence.plots.lettering import drawable
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import LONGEST
from evidence.synthesis import pool

WORDS = {"xlabel": "difference in points", "favours": ("← favours one", "favours the other →")}

EXTREMES = {
    "two": lambda: charts.studies(2),
    "three": lambda: charts.studies(3),
    "13": lambda: charts.studies(13),
    "15": lambda: charts.studies(15),
    "16": lambda: charts.studies(16),
    "200": lambda: charts.studies(200),
    "tiny": lambda: charts.studies(5, scale=1e-8),
    "huge": lambda: charts.studies(12, scale=1e8),
    "far from no effect": lambda: charts.studies(12, shift=900),
    "equal effects": lambda: pool([0.5] * 4, [0.1, 0.2, 0.3, 0.4]),
    "equal everything": lambda: pool([0.0] * 12, [0.1] * 12),
    "one far more precise": lambda: pool([3, -4, 40.0], [1, 4000, 1e-6]),
    "long labels": lambda: charts.studies(15, labels=charts.long_labels(15)),
    "long labels of many": lambda: charts.studies(60, labels=charts.long_labels(60)),
    "one study": lambda: charts.studies(1),
}


@pytest.mark.parametrize("contours", [False, True])
@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_overlaps_or_is_cut_and_every_study_is_there(name: str, contours: bool) -> None:
    result = EXTREMES[name]()
    axes = funnel(result, contours=contours, **WORDS)
    charts.assert_tidy(axes, marks=name != "equal everything")
    assert charts.edge_is_empty(axes)
    plot = boxes.plot_of(axes)
    wanted = np.column_stack([result.effects, np.sqrt(result.variances)])
    assert charts.marks_of(plot) == pytest.approx(wanted, abs=0)
    low, high = plot.get_xlim()
    assert low < result.effects.min()
    assert result.effects.max() < high
    assert len(alt_text(axes)) <= LONGEST


@pytest.mark.parametrize("k", [2, 13, 15])
def test_few_studies_all_have_their_names(k: int) -> None:
    result = charts.studies(k)
    seen = boxes.texts(funnel(result))
    texts = [one.text for one in seen]
    for label in result.labels:
        assert texts.count(label) == 1


def test_long_labels_stand_in_a_list_by_number_and_lose_nothing() -> None:
    result = charts.studies(15, labels=charts.long_labels(15))
    texts = [boxes.squeezed(one.text) for one in boxes.texts(funnel(result))]
    for number, label in enumerate(result.labels, 1):
        assert texts.count(boxes.squeezed(drawable(label))) == 1
        # Once beside its mark, and once in the list.
        assert texts.count(str(number)) >= 2


def test_of_many_studies_those_that_stand_out_have_names() -> None:
    result = charts.studies(200)
    axes = funnel(result)
    beyond = np.abs(result.effects - result.estimate) / np.sqrt(result.variances)
    far = {result.labels[i] for i in np.argsort(-beyond)[:6]}
    named = {one.text for one in boxes.texts(axes)} & set(result.labels)
    assert named == far
    (dots,) = [line for line in boxes.plot_of(axes).lines if line.get_marker() == "o"]
    assert to_rgba(dots.get_markerfacecolor())[3] < 1
    assert to_hex(dots.get_markeredgecolor()).upper() == BLUE


def test_limits_run_from_the_mean_at_the_result_s_level() -> None:
    result = charts.studies(13)
    plot = boxes.plot_of(funnel(result))
    sloping = [
        np.column_stack(line.get_data())
        for line in plot.lines
        if line.get_linestyle() != "-" and len(set(line.get_xdata())) == 2
    ]
    assert len(sloping) == 2
    for ends in sloping:
        assert ends[0] == pytest.approx([result.estimate, 0])
        assert abs(ends[1, 0] - result.estimate) / ends[1, 1] == pytest.approx(
            stats.norm.ppf(0.975)
        )
    bottom, top = plot.get_ylim()
    assert bottom > top == 0, "precise studies stand at the top"


def test_the_title_and_the_text_count_what_lies_outside() -> None:
    result = charts.studies(13)
    away = np.abs(result.effects - result.estimate) / np.sqrt(result.variances)
    outside = int((away > stats.norm.ppf(0.975)).sum())
    axes = funnel(result)
    title = f"{outside or 'none'} of 13"
    assert title in charts.joined(boxes.texts(axes)).split("limits of chance")[0]
    left = int((result.effects < result.estimate).sum())
    assert f"Left of it: {left}; right of it: {13 - left}; outside the 95% limits: " in alt_text(
        axes
    )
    told = f"{result.estimate:.2f}".replace("-", "−")
    assert f"The mean is {told} (95% CI" in alt_text(axes)


def test_the_title_says_how_many_chance_alone_puts_outside() -> None:
    text = charts.joined(boxes.texts(funnel(charts.studies(200))))
    assert "limits of chance; chance alone puts about 10 there" in text
    assert "chance alone puts" not in charts.joined(boxes.texts(funnel(charts.studies(13))))


def test_an_axis_of_ratios_is_not_called_an_axis_of_logarithms() -> None:
    axes = funnel(charts.studies(13), measure="log risk ratio")
    texts = [one.text for one in boxes.texts(axes)]
    assert "risk ratio" in texts
    assert "effects across (risk ratio)" in alt_text(axes)


@pytest.mark.parametrize("k", [2, 3, 9])
def test_below_ten_studies_the_figure_says_that_nothing_can_be_judged(k: int) -> None:
    axes = funnel(charts.studies(k), title="Mine")
    assert "judging asymmetry by eye can say nothing here; it needs about 10" in charts.joined(
        boxes.texts(axes)
    )
    assert "can say nothing here" in alt_text(axes)
    assert "too few to judge" in charts.joined(boxes.texts(funnel(charts.studies(k))))


def test_ten_studies_of_many_sizes_carry_no_such_note_and_equal_sizes_do() -> None:
    assert "can say nothing" not in charts.joined(boxes.texts(funnel(charts.studies(13))))
    alike = pool(np.linspace(-1, 1, 12), [0.1] * 12)
    text = charts.joined(boxes.texts(funnel(alike)))
    assert "12 studies of nearly one size" in text
    assert "too alike in size" in text


def test_ratios_stand_on_an_axis_of_ratios() -> None:
    result = pool(bcg.log_risk_ratios(), labels=bcg.LABELS)
    axes = funnel(result, measure="risk ratio")
    seen = charts.assert_tidy(axes)
    texts = [one.text for one in seen]
    assert {"0.2", "0.5", "1", "2"} <= set(texts)
    assert "Standard error of the log risk ratio (precise studies at the top)" in texts
    one = next(one for one in seen if one.text == "1")
    place = boxes.plot_of(axes).transData.transform((0, 0))[0]
    assert np.mean(one.x) == pytest.approx(place, abs=1.5)
    assert "The mean is 0.49 (95% CI 0.33 to 0.73)." in alt_text(axes)


def test_contours_are_the_p_values_of_the_studies_alone() -> None:
    result = pool(bcg.log_risk_ratios(), labels=bcg.LABELS)
    axes = funnel(result, contours=True, measure="risk ratio")
    seen = charts.assert_tidy(axes)
    plot, image = boxes.plot_of(axes), boxes.pixels(axes)
    greys = [PAPER, *(color for _, color in CONTOURS)]
    edges = [0.0, *(stats.norm.isf(p / 2) for p, _ in CONTOURS), 2.9]
    for (a, b), grey in zip(pairwise(edges), greys, strict=True):
        # To the right of no effect, at a height without marks.
        x = 0.66 * (a + b) / 2
        assert boxes.colour_at(plot, image, x, 0.66) == grey
    swatches = [
        (patch.get_x(), to_hex(patch.get_facecolor()))
        for patch in axes.patches
        if 0 < patch.get_width() < 0.5
    ]
    assert [shade for _, shade in sorted(swatches)] == greys, "from the middle outwards"
    for (x, _), name in zip(sorted(swatches), P_BANDS, strict=True):
        (one,) = [one for one in seen if one.text == name]
        with plain():
            left = float(axes.transData.inverted().transform(one.corners.min(axis=0))[0])
        assert 0 < left - x < 0.35, "each shade stands beside its words"
    p_values = 2 * stats.norm.sf(np.abs(result.effects) / np.sqrt(result.variances))
    assert f"{(p_values < 0.01).sum()} with p < 0.01" in alt_text(axes)
    assert f"{(p_values >= 0.10).sum()} with p ≥ 0.10" in alt_text(axes)


@pytest.mark.parametrize("sight", SIGHT)
def test_marks_lines_and_words_stand_out_from_every_grey(sight: str) -> None:
    for _, grey in CONTOURS:
        assert contrast(BLUE, grey, sight) >= 3
        assert contrast(INK, grey, sight) >= 4.5
        assert contrast(GREY, grey, sight) >= 3
    # The orange line is a line among others; hollow marks have white within.
    assert contrast(ORANGE, PAPER, sight) >= 3


def test_the_darker_the_smaller_the_p_value() -> None:
    order = [contrast(PAPER, color) for _, color in CONTOURS]
    assert order == sorted(order)
    assert order[0] > 1.1


def test_made_up_studies_are_hollow_and_said_to_be_no_evidence() -> None:
    effects = bcg.log_risk_ratios()
    filled = trim_and_fill(effects, labels=bcg.LABELS)
    assert filled.missing
    assert filled.filled is not None
    axes = funnel(pool(effects, labels=bcg.LABELS), filled=filled, measure="risk ratio")
    seen = charts.assert_tidy(axes)
    plot = boxes.plot_of(axes)
    hollow = [
        line
        for line in plot.lines
        if line.get_marker() == "o" and to_hex(line.get_markerfacecolor()) == PAPER
    ]
    assert len(hollow) == 1
    last = slice(-filled.missing, None)
    assert list(hollow[0].get_xdata()) == pytest.approx(list(filled.filled.effects[last]))
    assert to_hex(hollow[0].get_markeredgecolor()).upper() == ORANGE
    assert "made up by trim and fill" in charts.joined(seen)
    assert "They are not evidence." in alt_text(axes)


def test_what_trim_and_fill_refuses_is_said() -> None:
    result = charts.studies(4)
    refused = trim_and_fill(result.effects, result.variances, labels=result.labels)
    assert refused.filled is None
    axes = funnel(result, filled=refused)
    charts.assert_tidy(axes)
    assert refused.sentence in charts.joined(boxes.texts(axes))


def test_bad_arguments_are_refused() -> None:
    result = charts.studies(12)
    with pytest.raises(InvalidArgumentError, match=r"result is list; .*pool\(\)"):
        funnel([1, 2])  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="filled is int"):
        funnel(result, filled=3)  # type: ignore[arg-type]
    other = trim_and_fill(charts.studies(11).effects, charts.studies(11).variances)
    with pytest.raises(InvalidArgumentError, match="other studies"):
        funnel(result, filled=other)


@pytest.mark.parametrize("size", [(16, 10), (10, 7), (4, 3)])
def test_given_axes_of_any_size(size: tuple[int, int]) -> None:
    figure, grid = plt.subplots(1, 2, figsize=size)
    assert funnel(charts.studies(13), grid[0], contours=True, **WORDS) is grid[0]
    funnel(charts.studies(9, labels=charts.long_labels(9)), grid[1], **WORDS)
    for axes in grid:
        charts.assert_tidy(axes)
    assert len(figure.axes) == 2


def test_equal_numbers_give_equal_bytes() -> None:
    first, second = (Picture(funnel(charts.studies(13), contours=True)) for _ in range(2))
    assert first.png() == second.png()
    assert first.svg() == second.svg()
    assert first.alt != Picture(funnel(charts.studies(12))).alt
