"""The albatross plot: every study by p value, direction and size; bounds as arrows."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Annotation
from scipy import stats
from tests.plots import boxes, charts

from evidence.appraisal.selection.albatross import Albatross, albatross
from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.albatross import CONTOURS, albatross_plot
from evidence.plots.style import ORANGE, PAPER
from evidence.plots.wording import LONGEST


def flight(k: int, *, labels: Any = None, bounds: bool = True) -> Albatross:
    random = np.random.default_rng(k)
    n = np.round(np.exp(random.uniform(3, 7, k)))
    z = random.normal(0.12 * np.sqrt(n), 1)
    p = np.maximum(2 * stats.norm.sf(np.abs(z)), 1e-12)
    directions = ["for" if each > 0 else "against" for each in z]
    relations = ["="] * k
    if bounds and k > 4:
        directions[2], relations[3], relations[4] = "unknown", "<", ">"
        p[3] = p[4] = 0.05
    names = labels or [f"Author {i} {1960 + i % 60}" for i in range(k)]
    return albatross(p, n, directions=directions, relations=relations, labels=names)


CASES: dict[str, Any] = {
    "one": lambda: flight(1),
    "two": lambda: flight(2),
    "12": lambda: flight(12),
    "15": lambda: flight(15, bounds=False),
    "200": lambda: flight(200),
    "long labels": lambda: flight(12, labels=charts.long_labels(12)),
    "p of 1": lambda: albatross([1.0, 1.0, 0.5], [10, 20, 1e6], directions="for"),
    "tiny": lambda: albatross([1e-290, 0.01, 0.2], [50, 60, 70], directions="against"),
    "bounds at both ends": lambda: albatross(
        [0.001, 0.001, 0.9],
        [40, 41, 2000],
        directions=["for", "against", "for"],
        relations=["<", "<", ">"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_overlaps_or_is_cut(name: str) -> None:
    axes = albatross_plot(CASES[name](), favours=("← worse", "better →"))
    charts.assert_tidy(axes, marks=name != "200")
    assert charts.edge_is_empty(axes)
    assert len(alt_text(axes)) <= LONGEST


def test_studies_stand_where_the_result_places_them() -> None:
    result = flight(12)
    plot = boxes.plot_of(albatross_plot(result))
    wanted = result.placed[["x", "y"]].to_numpy()
    inside = np.abs(wanted[:, 0]) < 4
    found = charts.marks_of(plot, "o")
    assert len(found) == len(wanted) == 11
    for place in wanted[inside]:
        assert (np.abs(found - place) < 1e-12).all(axis=1).any()


def test_axes_are_written_as_p_values_and_people() -> None:
    axes = albatross_plot(flight(12))
    plot = boxes.plot_of(axes)
    seen = boxes.texts(axes)
    (one,) = [each for each in seen if each.text == "1"]
    assert np.mean(one.x) == pytest.approx(plot.transData.transform((0, 0))[0], abs=1.5)
    tenths = [each for each in seen if each.text == "0.1"]
    right = max(tenths, key=lambda each: each.x[0])
    assert np.mean(right.x) == pytest.approx(plot.transData.transform((1, 0))[0], abs=1.5)
    (hundred,) = [each for each in seen if each.text == "100"]
    place = plot.transData.transform((0, np.log10(100) ** 2))[1]
    assert np.mean(hundred.y) == pytest.approx(place, abs=1.5)


def test_bounds_are_hollow_with_arrows_towards_where_p_may_lie() -> None:
    result = albatross(
        [0.05, 0.05, 0.05, 0.02],
        [100, 120, 140, 160],
        directions=["for", "against", "for", "for"],
        relations=["<", "<", ">", "="],
    )
    plot = boxes.plot_of(albatross_plot(result))
    arrows = {
        each.xyann[1]: each.xy[0] - each.xyann[0]
        for each in plot.texts
        if isinstance(each, Annotation)
    }
    y = result.studies["y"].to_numpy()
    assert {place: np.sign(way) for place, way in arrows.items()} == {y[0]: 1, y[1]: -1, y[2]: -1}
    hollow = [line for line in plot.lines if line.get_markerfacecolor() == PAPER]
    assert sorted(hollow[0].get_ydata()) == sorted(y[:3])


def test_a_study_far_beyond_the_others_stands_at_the_end_with_an_arrow() -> None:
    axes = albatross_plot(albatross([1e-290, 0.01, 0.2], [50, 60, 70], directions="for"))
    plot = boxes.plot_of(axes)
    assert plot.get_xlim()[1] < 10
    assert sum(isinstance(each, Annotation) for each in plot.texts) == 1
    assert "it lies beyond the axis" in charts.joined(boxes.texts(axes))


@pytest.mark.parametrize(
    ("measure", "sign", "more"),
    [
        ("standardised mean difference", "d =", {}),
        ("correlation", "r =", {}),
        ("odds ratio", "OR", {"baseline_risk": 0.3}),
    ],
)
def test_lines_are_the_contours_of_the_result_and_have_their_effect(
    measure: str, sign: str, more: dict[str, float]
) -> None:
    result = flight(12)
    axes = albatross_plot(result, measure=measure, **more)
    plot = boxes.plot_of(axes)
    lines = [line for line in plot.lines if line.get_color() == ORANGE]
    sizes = CONTOURS[measure]
    assert len(lines) == 2 * len(sizes)
    assert len({str(line.get_linestyle()) for line in lines}) >= 2
    y = np.array(lines[0].get_ydata())
    people = 10 ** np.sqrt(y)
    effects = [1 / s for s in sizes] if measure == "odds ratio" else [-s for s in sizes]
    wanted = result.contours([*effects, *sizes], measure=measure, sizes=people, **more)
    drawn = sorted(tuple(np.round(line.get_xdata(), 9)) for line in lines)
    told = sorted(tuple(np.round(each["x"], 9)) for _, each in wanted.groupby("effect"))
    assert drawn == told
    named = [one for one in boxes.texts(axes) if one.text.startswith(sign)]
    assert len(named) >= len(sizes)
    to_data = plot.transData.inverted().transform
    for one in named:
        effect = float(one.text.removeprefix(sign).replace("−", "-"))
        x, height = to_data(one.corners.mean(axis=0))
        if measure == "standardised mean difference":
            n = 10 ** np.sqrt(height)
            p = 2 * stats.t.sf(abs(effect) * np.sqrt(n) / 2, n - 2)
            assert x == pytest.approx(-np.sign(effect) * np.log10(p), abs=0.1)


def test_effects_can_be_given() -> None:
    axes = albatross_plot(flight(12), effects=[0.35])
    assert {"d = 0.35", "d = −0.35"} & {one.text for one in boxes.texts(axes)}
    assert "Lines of one standardised mean difference: 0.35." in alt_text(axes)


def test_unknown_directions_are_named_in_a_note() -> None:
    axes = albatross_plot(flight(12))
    told = "Without a place, as their direction is not known: Author 2 1962."
    assert told in charts.joined(boxes.texts(axes))
    assert told in alt_text(axes)
    nobody = albatross([0.01, 0.2], [10, 20], directions="unknown")
    axes = albatross_plot(nobody)
    assert "No study says which way it points" in charts.joined(boxes.assert_tidy(axes))


def test_the_title_counts_directions() -> None:
    result = flight(12)
    counts = result.studies["direction"].value_counts()
    text = alt_text(albatross_plot(result))
    names = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    shown = [str(c) if c > 9 else names[c] for c in (counts["for"], counts["against"])]
    assert f"{shown[0].capitalize()} studies point in the direction asked about, {shown[1]}" in text
    assert "of one it is not known" in text


def test_of_many_studies_those_with_the_smallest_p_values_have_names() -> None:
    random = np.random.default_rng(3)
    p = random.uniform(0.001, 1, 200)
    result = albatross(p, random.integers(20, 900, 200), directions="for")
    seen = boxes.texts(albatross_plot(result))
    smallest = result.studies["label"][np.argsort(p)[:6]]
    named = {one.text for one in seen} & set(result.studies["label"])
    assert named == set(smallest)


def test_of_many_studies_at_the_end_of_the_axis_marks_point_and_names_are_below() -> None:
    random = np.random.default_rng(3)
    p = np.where(np.arange(200) < 40, 10.0 ** -random.uniform(20, 30, 200), random.random(200))
    result = albatross(p, random.integers(20, 900, 200), directions="for")
    axes = albatross_plot(result)
    plot = boxes.plot_of(axes)
    assert not [text for text in plot.texts if getattr(text, "arrow_patch", None)]
    (right,) = [line for line in plot.lines if line.get_marker() == ">" and len(line.get_xdata())]
    assert len(right.get_xdata()) >= 20
    labels = set(result.studies["label"])
    seen = boxes.texts(axes)
    assert not labels & {one.text for one in seen}
    first = result.studies["label"][int(np.argmin(p))]
    assert f"The smallest p values are those of {first}," in charts.joined(seen)
    assert "Triangle: only a bound" in charts.joined(seen)
    assert f"{first}: " in alt_text(axes)
    charts.assert_tidy(axes)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"result is list; .*albatross\(\)"):
        albatross_plot([0.1])  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="measure"):
        albatross_plot(flight(5), measure="risk of rain")
    with pytest.raises(InvalidArgumentError, match="baseline_risk"):
        albatross_plot(flight(5), measure="odds ratio")


@pytest.mark.parametrize("size", [(8, 6), (4, 3)])
def test_given_axes_and_equal_bytes(size: tuple[int, int]) -> None:
    _, axes = plt.subplots(figsize=size)
    assert albatross_plot(flight(12), axes) is axes
    charts.assert_tidy(axes)
    assert Picture(albatross_plot(flight(12))).svg() == Picture(albatross_plot(flight(12))).svg()


def test_bounds_are_written_with_their_sign() -> None:
    found = albatross([0.05, 0.2], [40, 50], directions="for", relations=["<=", ">="])
    assert "p ≤ 0.05" in alt_text(albatross_plot(found))
    assert "p ≥ 0.2" in alt_text(albatross_plot(found))
