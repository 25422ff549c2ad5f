"""The marks of a forest plot lie where the numbers say, and look as they mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon
from tests.plots import boxes, make

from evidence.plots import forest
from evidence.plots.rows import ForestRow, ForestRows
from evidence.plots.style import BAND, BLUE, ORANGE


def squares(plot: Any) -> list[Any]:
    return [line for line in plot.lines if line.get_marker() == "s"]


def intervals(plot: Any, color: str = BLUE) -> list[Any]:
    return [
        line
        for line in plot.lines
        if len(line.get_xdata()) == 2 and to_hex(line.get_color()).upper() == color.upper()
    ]


def arrows(plot: Any) -> list[tuple[str, float, float]]:
    return [
        (line.get_marker(), float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in plot.lines
        if line.get_marker() in {"<", ">"}
    ]


def diamonds(plot: Any) -> list[np.ndarray]:
    return [patch.get_xy() for patch in plot.patches if type(patch) is Polygon]


def heights(axes: Any) -> dict[str, float]:
    """Return where each text stands, on the upright axis of the plot."""
    to_data = boxes.plot_of(axes).transData.inverted().transform
    return {
        one.text.removesuffix(" †"): float(to_data((0, sum(one.y) / 2))[1])
        for one in boxes.texts(axes)
    }


def height_of(axes: Any, label: str) -> float:
    return heights(axes)[label]


@pytest.mark.parametrize("k", [1, 3, 30])
def test_marks_and_lines_lie_at_the_numbers_of_their_row(k: int) -> None:
    table = make.table(k)
    axes = forest(table, **make.WORDS)
    plot = boxes.plot_of(axes)
    places = heights(axes)
    assert len(squares(plot)) == len(intervals(plot)) == k
    for row, square, line in zip(table.itertuples(), squares(plot), intervals(plot), strict=True):
        assert square.get_xdata() == [row.estimate]
        assert list(line.get_xdata()) == [row.ci_low, row.ci_high]
        assert square.get_ydata()[0] == line.get_ydata()[0]
        assert square.get_ydata()[0] == pytest.approx(places[row.label], abs=0.03)


def test_hollow_for_second_hand_and_filled_for_first_hand() -> None:
    table = make.table(6)
    axes = forest(table)
    plot, image = boxes.plot_of(axes), boxes.pixels(axes)
    for row, square in zip(table.itertuples(), squares(plot), strict=True):
        middle = boxes.colour_at(plot, image, row.estimate, square.get_ydata()[0])
        assert middle == ("#ffffff" if row.tier == "secondary" else BLUE.lower())


def test_heavier_studies_have_larger_squares() -> None:
    table = make.table(3).assign(weight=[60.0, 30.0, 10.0])
    sizes = [square.get_markersize() for square in squares(boxes.plot_of(forest(table)))]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_weights_without_a_number_leave_a_usual_square() -> None:
    table = make.table(3).assign(weight=[60.0, np.nan, 40.0])
    axes = forest(table)
    assert len(squares(boxes.plot_of(axes))) == 3
    assert [one.text for one in boxes.texts(axes) if one.text.endswith("%")] == ["60.0%", "40.0%"]


def test_the_diamond_ends_at_the_interval_and_is_highest_at_the_estimate() -> None:
    result = make.pooled(6)
    axes = forest(result, **make.WORDS)
    plot = boxes.plot_of(axes)
    (corners,) = diamonds(plot)
    assert corners[:, 0].min() == result.ci_low
    assert corners[:, 0].max() == result.ci_high
    top = corners[corners[:, 1].argmax()]
    assert top[0] == result.estimate
    assert corners[0, 1] == pytest.approx(height_of(axes, "Pooled, random effects"), abs=0.03)
    image = boxes.pixels(axes)
    inside = boxes.colour_at(plot, image, result.estimate, corners[0, 1] + 0.03)
    assert inside == ORANGE.lower()


def test_no_diamond_for_one_study() -> None:
    axes = forest(make.pooled(1))
    assert diamonds(boxes.plot_of(axes)) == []
    assert not any("Pooled" in one.text for one in boxes.texts(axes))


def test_the_prediction_interval_has_its_own_row_numbers_and_caps() -> None:
    result = make.pooled(6)
    axes = forest(result)
    plot = boxes.plot_of(axes)
    (line,) = intervals(plot, ORANGE)
    assert list(line.get_xdata()) == [result.prediction_low, result.prediction_high]
    caps = [cap for cap in plot.lines if cap.get_marker() == "|"]
    assert sorted(cap.get_xdata()[0] for cap in caps) == list(line.get_xdata())
    assert line.get_ydata()[0] == pytest.approx(height_of(axes, "Prediction interval"), abs=0.03)
    low, high = (f"{v:.2f}".replace("-", "−") for v in line.get_xdata())
    assert f"{low} to {high}" in [one.text for one in boxes.texts(axes)]


def test_a_prediction_interval_wider_than_the_axis_has_arrows() -> None:
    studies = [ForestRow("study", f"s{i}", 0.1 * i, 0.1 * i - 0.3, 0.1 * i + 0.3) for i in range(4)]
    pooled = ForestRow("pooled", "Pooled", 0.15, 0.0, 0.3)
    wide = ForestRow("prediction", "Prediction interval", low=-8.0, high=9.0)
    axes = forest(ForestRows((*studies, pooled, wide)))
    plot = boxes.plot_of(axes)
    low, high = plot.get_xlim()
    assert {(marker, x) for marker, x, _ in arrows(plot)} == {("<", low), (">", high)}
    assert "−8.00 to 9.00" in [one.text for one in boxes.texts(axes)]
    assert high - low < 3


def test_the_band_lies_at_the_threshold_with_dashed_edges() -> None:
    axes = forest(make.table(5), **make.WORDS)
    plot, image = boxes.plot_of(axes), boxes.pixels(axes)
    (band,) = [patch for patch in plot.patches if to_hex(patch.get_facecolor()) == BAND]
    assert sorted({x for x, _ in band.get_path().vertices * [[band.get_width() or 1, 1]]})
    assert (band.get_x(), band.get_x() + band.get_width()) == (-0.5, 0.5)
    floor = plot.get_ylim()[0] + 0.02
    assert boxes.colour_at(plot, image, 0.25, floor) == BAND
    assert boxes.colour_at(plot, image, 0.75, floor) == "#ffffff"
    dashed = [line.get_xdata()[0] for line in plot.lines if line.get_linestyle() == "--"]
    assert sorted(dashed) == [-0.5, 0.5]
    assert any("(−0.5 to 0.5)" in one.text for one in boxes.texts(axes))


def test_the_words_for_the_band_stand_above_it_without_a_gap() -> None:
    axes = forest(make.table(5), **make.WORDS)
    label = next(one for one in boxes.texts(axes) if one.text.startswith("shaded"))
    area = boxes.plot_of(axes).get_window_extent()
    assert area.y1 < label.y[0] < area.y1 + 12
    assert area.x0 - 1 <= label.x[0] < label.x[1] <= area.x1 + 1


def test_no_effect_is_an_upright_line_at_zero() -> None:
    axes = forest(make.table(5))
    zero = [line for line in boxes.plot_of(axes).lines if list(line.get_xdata()) == [0, 0]]
    assert len(zero) == 1
    assert zero[0].get_linestyle() == "-"


def test_ratios_have_a_log_axis_with_a_line_at_one() -> None:
    axes = forest(make.ratios(6), threshold=math.log(1.25))
    plot, seen = boxes.plot_of(axes), boxes.texts(axes)
    assert any(list(line.get_xdata()) == [0, 0] for line in plot.lines)
    ticks = {
        one.text: plot.transData.inverted().transform((sum(one.x) / 2, 0))[0]
        for one in seen
        if one.y[1] < plot.get_window_extent().y0 and one.text.replace(".", "").isdigit()
    }
    assert "1" in ticks
    assert len(ticks) >= 3
    for text, place in ticks.items():
        assert place == pytest.approx(math.log(float(text)), abs=0.1)
    # Equal ratios are equally far from 1.
    dashed = sorted(line.get_xdata()[0] for line in plot.lines if line.get_linestyle() == "--")
    assert dashed[0] == pytest.approx(-dashed[1])
    assert any("(0.80 to 1.25)" in one.text for one in seen)
    assert not any("0.22" in one.text for one in seen if "shaded" in one.text)


@pytest.mark.parametrize(("span", "wanted"), [(0.004, "1.00"), (0.1, "1.0"), (2, "1"), (9, "1")])
def test_a_tick_stands_at_no_effect_of_a_ratio(span: float, wanted: str) -> None:
    rows = [ForestRow("study", f"s{i}", 0.1 * span * i, -span, span) for i in range(3)]
    axes = forest(ForestRows(tuple(rows), log=True))
    plot = boxes.plot_of(axes)
    zero = plot.transData.transform((0, 0))[0]
    below = [
        one
        for one in boxes.texts(axes)
        if one.y[1] < plot.get_window_extent().y0 and abs(sum(one.x) / 2 - zero) < 2
    ]
    assert [one.text.rstrip("0").rstrip(".") for one in below] == [wanted.rstrip("0").rstrip(".")]


def test_an_interval_far_wider_than_the_others_is_cut_with_arrows() -> None:
    extra = pd.DataFrame(
        {
            "label": ["both ways", "to the right", "all of it off"],
            "estimate": [0.2, 0.5, 90.0],
            "ci_low": [-40.0, 0.0, 60.0],
            "ci_high": [44.0, 50.0, 120.0],
        }
    )
    table = make.table(6)[["label", "estimate", "ci_low", "ci_high"]]
    axes = forest(pd.concat([table, extra]), **make.WORDS)
    boxes.assert_tidy(axes)
    plot = boxes.plot_of(axes)
    low, high = plot.get_xlim()
    found = sorted(arrows(plot), key=lambda arrow: (-arrow[2], arrow[1]))
    assert [(marker, x) for marker, x, _ in found] == [
        ("<", low), (">", high), (">", high), (">", high),
    ]  # fmt: skip
    for label, (_, _, y) in zip(
        ["both ways", "both ways", "to the right", "all of it off"], found, strict=True
    ):
        assert y == pytest.approx(height_of(axes, label), abs=0.03)
    # The others stay readable, and the cut numbers are told in full.
    core = table["ci_high"].max() - table["ci_low"].min()
    assert core > 0.5 * (high - low)
    told = [one.text for one in boxes.texts(axes)]
    assert {"−40.00 to 44.00", "60.00 to 120.00"} <= set(told)
    assert len(squares(plot)) == 8


def test_a_diamond_wider_than_the_axis_has_arrows() -> None:
    studies = [ForestRow("study", f"s{i}", 0.1 * i, 0.1 * i - 0.3, 0.1 * i + 0.3) for i in range(5)]
    pooled = ForestRow("pooled", "Pooled", 0.2, -90.0, 1e12)
    plot = boxes.plot_of(forest(ForestRows((*studies, pooled))))
    low, high = plot.get_xlim()
    assert {(marker, x) for marker, x, _ in arrows(plot)} == {("<", low), (">", high)}


def test_effects_far_from_zero_are_not_squeezed() -> None:
    table = make.table(5, shift=200)
    low, high = boxes.plot_of(forest(table)).get_xlim()
    assert low > 190
    near = make.table(5, shift=3)
    low, high = boxes.plot_of(forest(near)).get_xlim()
    assert low < 0 < high


def test_ticks_are_evenly_spread_and_told_at_their_places() -> None:
    for scale in (1e-8, 1.0, 1e8):
        axes = forest(make.table(5, scale=scale), xlabel="points")
        plot = boxes.plot_of(axes)
        area = plot.get_window_extent()
        ticks = [
            (sum(one.x) / 2, float(one.text.replace("−", "-")))
            for one in boxes.texts(axes)
            if area.y0 - 30 < one.y[0] and one.y[1] < area.y0
        ]
        assert len(ticks) >= 3
        factor = {1e-8: 1e-8, 1.0: 1.0, 1e8: 1e8}[scale]
        for x, value in ticks:
            place = plot.transData.inverted().transform((x, 0))[0]
            assert place == pytest.approx(value * factor, abs=0.05 * scale)
        told = {1e-8: "points ×10⁻⁸", 1.0: "points", 1e8: "points ×10⁸"}[scale]
        assert told in [one.text for one in boxes.texts(axes)]
