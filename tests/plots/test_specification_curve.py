"""The specification curve: every analysis in its place, above the options that it takes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from tests.plots import boxes, charts
from tests.plots.specifications import LONG, universe
from tests.plots.test_palette import SIGHT, contrast
from tests.synthesis.specifications.made_up_review import made_up_review

from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.specification_curve import PALE, specification_curve
from evidence.plots.style import BLUE, INK, ORANGE
from evidence.plots.wording import LONGEST
from evidence.synthesis.specifications.multiverse import multiverse

WORDS = {"ylabel": "difference in points", "favours": ("← favours one", "favours the other →")}

EXTREMES: dict[str, Any] = {
    "two": lambda: universe((2,)),
    "20": lambda: universe((5, 4)),
    "20, five planned": lambda: universe((5, 4), planned=5),
    "1,536": lambda: universe((4, 4, 4, 3, 2, 2, 2), planned=2),
    "100,000": lambda: universe((10,) * 5),
    "ratios": lambda: universe((4, 3), measure="risk ratio", shift=-0.6),
    "tiny": lambda: universe((5, 4), scale=1e-8),
    "huge": lambda: universe((5, 4), scale=1e8),
    "far from no effect": lambda: universe((5, 4), shift=500),
    "long words": lambda: universe((4, 3, 2), names=LONG, planned=4, title=LONG[0] * 2),
    "no threshold": lambda: universe((3, 2), threshold=np.full(6, np.nan)),
}


def parts(axes: Any) -> tuple[Any, Any]:
    curve, strip = axes.child_axes
    return curve, strip


def intervals(plot: Any, color: str) -> np.ndarray:
    """Return rank, lower and upper end of the intervals of one colour."""
    found = [
        [line[0][0], line[0][1], line[1][1]]
        for each in plot.collections
        if isinstance(each, LineCollection) and to_hex(each.get_color()[0]) == color.lower()
        for line in each.get_segments()
    ]
    return np.array(found).reshape(-1, 3)


def lines(plot: Any, marker: str) -> np.ndarray:
    found = [np.column_stack(one.get_data()) for one in plot.lines if one.get_marker() == marker]
    return np.vstack([np.empty((0, 2)), *found])


@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_overlaps_or_is_cut(name: str) -> None:
    axes = specification_curve(EXTREMES[name](), **WORDS)
    boxes.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    assert len(alt_text(axes)) <= LONGEST


def test_every_analysis_stands_at_its_rank_and_blue_excludes_no_effect() -> None:
    result = universe((5, 4), planned=2)
    curve, _ = parts(specification_curve(result))
    order = np.argsort(result.numbers["estimate"])
    low, high = result.numbers["ci_low"][order], result.numbers["ci_high"][order]
    excludes = (low > 0) | (high < 0)
    assert 0 < excludes.sum() < 20
    for color, chosen in ((BLUE, excludes), (PALE, ~excludes)):
        found = intervals(curve, color)
        assert list(found[:, 0]) == list(np.flatnonzero(chosen))
        assert found[:, 1] == pytest.approx(low[chosen])
        assert found[:, 2] == pytest.approx(high[chosen])
    dots = lines(curve, "o")
    assert dots[:, 1] == pytest.approx(result.numbers["estimate"][order])
    diamonds = lines(curve, "D")
    ranks = np.flatnonzero(result.planned[order])
    assert list(diamonds[:, 0]) == list(ranks)
    assert diamonds[:, 1] == pytest.approx(result.numbers["estimate"][order][ranks])


@pytest.mark.parametrize("shape", [(5, 4), (6, 5, 4)])
def test_the_strip_marks_each_option_of_each_analysis(shape: tuple[int, ...]) -> None:
    result = universe(shape)
    axes = specification_curve(result)
    _, strip = parts(axes)
    order = np.argsort(result.numbers["estimate"])
    at = list(result.moves["decision"])
    rows = [(int(name[1:]), option) for name in at for option in range(shape[int(name[1:])])]
    bars = [each for each in strip.collections if to_hex(each.get_facecolor()[0]) == INK]
    assert len(bars) == len(rows)
    heights = []
    for (place, option), each in zip(rows, bars, strict=True):
        covered = np.zeros(len(result), dtype=bool)
        for path in each.get_paths():
            box = path.get_extents()
            covered[int(np.ceil(box.x0)) : int(np.floor(box.x1)) + 1] = True
            heights.append(box.y0)
        assert list(covered) == list(result.chosen[order, place] == option)
    assert heights == sorted(heights, reverse=True), "rows stand from top to bottom"


def test_decisions_stand_in_the_order_of_consequence_and_planned_options_are_bold() -> None:
    result = universe((3, 3, 2))
    seen = boxes.texts(specification_curve(result))
    titles = {d.title: d for d in result.decisions}
    places = {boxes.squeezed(one.text): one.y[1] for one in seen}
    heights = [places[boxes.squeezed(title)] for title in result.moves["title"]]
    assert set(result.moves["title"]) == set(titles)
    assert heights == sorted(heights, reverse=True)
    for one in seen:
        if one.text.startswith("option"):
            assert (one.artist.get_fontweight() == "bold") == (one.text == "option 0")


def test_beside_each_option_stands_how_often_no_effect_is_excluded() -> None:
    result = universe((4, 3))
    seen = boxes.texts(specification_curve(result))
    name = str(result.moves["decision"][0])
    place = int(name[1:])
    first = max((one for one in seen if one.text == "option 0"), key=lambda one: one.y[0])
    (share,) = [one for one in seen if one.text.endswith("%") and abs(one.y[0] - first.y[0]) < 4]
    taken = result.chosen[:, place] == 0
    assert share.text == f"{100 * (result.side[taken] != 1).mean():.0f}%"


def test_of_more_analyses_an_even_sample_is_drawn_with_the_planned_and_said() -> None:
    result = universe((10,) * 4)
    axes = specification_curve(result, most=100)
    curve, _ = parts(axes)
    ranks = np.concatenate([intervals(curve, color)[:, 0] for color in (BLUE, PALE)])
    order = np.argsort(result.numbers["estimate"])
    planned = np.flatnonzero(result.planned[order])
    assert set(ranks) == {*range(0, 10_000, 100), 9_999, *planned}
    assert list(lines(curve, "D")[:, 0]) == list(planned)
    text = charts.joined(boxes.texts(axes))
    assert "Every 100th of 10,000 analyses is drawn" in text
    assert "Every 100th of 10,000" in alt_text(axes)
    side = result.side != 1
    assert f"interval excludes no effect ({side.sum():,})" in text, "counts are of all"
    assert "is drawn" not in charts.joined(boxes.texts(specification_curve(universe((5, 4)))))


def test_a_hundred_thousand_analyses_are_drawn_at_once() -> None:
    result = universe((10,) * 5)
    assert len(result.moves) == 5
    start = time.perf_counter()
    specification_curve(result)
    assert time.perf_counter() - start < 5


def test_the_text_is_made_from_the_numbers() -> None:
    result = universe((5, 4))
    axes = specification_curve(result, **WORDS)
    text = alt_text(axes)
    estimates = result.numbers["estimate"]
    low, middle, high = (
        f"{value:.2f}".replace("-", "−")
        for value in (estimates.min(), float(np.median(estimates)), estimates.max())
    )
    assert f"run from {low} to {high}, with a median of {middle}" in text
    share = 100 * (result.side != 1).mean()
    assert f"excludes no effect in {share:.0f}% of 20 analyses" in text
    planned = f"{estimates[result.planned][0]:.2f}".replace("-", "−")
    assert f"As planned: {planned}." in text
    assert "low: favours one, high: favours the other" in text
    first = result.moves.iloc[0]
    assert f"{first['title']} ({100 * first['share_changed']:.0f}%)" in text


def test_sides_of_no_effect_follow_the_direction_of_benefit() -> None:
    for sign, low in ((-1, "better"), (1, "worse")):
        text = charts.joined(boxes.texts(specification_curve(universe((3, 2), benefit_sign=sign))))
        assert f"↓ {low} with the treatment" in text
    given = charts.joined(boxes.texts(specification_curve(universe((3, 2)), **WORDS)))
    assert "↓ favours one" in given
    assert "↑ favours the other" in given


def test_the_band_is_the_smallest_important_difference_and_ratios_have_their_axis() -> None:
    result = universe((4, 3), measure="risk ratio")
    axes = specification_curve(result)
    text = charts.joined(boxes.texts(axes))
    assert "smaller than what matters (0.74 to 1.35)" in text
    curve, _ = parts(axes)
    levels = {float(line.get_ydata()[0]) for line in curve.lines if line.get_marker() == "None"}
    assert {-0.3, 0.0, 0.3} <= levels
    seen = {one.text: one for one in boxes.texts(axes)}
    one = curve.transData.transform((0, 0))[1]
    assert np.mean(seen["1"].y) == pytest.approx(one, abs=2)


def test_analyses_on_another_measure_are_counted_and_not_drawn() -> None:
    names = np.array(["mean difference"] * 15 + ["standardised mean difference"] * 5, dtype=object)
    result = replace(universe((5, 4)), measure=names)
    axes = specification_curve(result)
    text = charts.joined(boxes.texts(axes))
    assert "Of 20 different analyses, five on another measure" in text or "5 on another" in text
    assert len(lines(parts(axes)[0], "o")) == 15


def test_wide_and_unbounded_intervals_are_cut_and_counted() -> None:
    result = universe((5, 4))
    high = result.numbers["ci_high"].copy()
    high[3], high[4] = np.inf, 500.0
    axes = specification_curve(replace(result, numbers={**result.numbers, "ci_high": high}))
    boxes.assert_tidy(axes)
    assert "Two intervals reach beyond the axis." in charts.joined(boxes.texts(axes))
    assert parts(axes)[0].get_ylim()[1] < 10


def test_planned_analyses_side_by_side_share_a_name_that_leads_to_both() -> None:
    result = universe((30, 4), planned=2)
    order = np.argsort(result.numbers["estimate"])
    estimate = result.numbers["estimate"].copy()
    estimate[result.planned] = estimate[order[59]] + np.array([1e-3, 6e-2])
    result = replace(result, numbers={**result.numbers, "estimate": estimate})
    axes = specification_curve(result)
    (name,) = [one for one in boxes.assert_tidy(axes) if one.text.startswith("planned: ")]
    low, high = (f"{each:.2f}".replace("-", "−") for each in sorted(estimate[result.planned]))
    assert name.text == f"planned: {low} or {high}"
    dotted = [line for line in axes.lines if to_hex(line.get_color()).upper() == ORANGE
              and line.get_linestyle() != "-"]  # fmt: skip
    assert len(dotted) == 2


def test_a_log_ratio_on_an_axis_of_ratios_is_called_a_ratio() -> None:
    axes = specification_curve(universe((5, 4), measure="log odds ratio"))
    assert "odds ratio" in {one.text for one in boxes.texts(axes)}
    assert "Estimates (odds ratio) run" in alt_text(axes)


def test_the_only_analysis_includes_or_excludes_no_effect() -> None:
    axes = specification_curve(universe((1,)))
    assert "of the only analysis includes no effect" in charts.joined(boxes.texts(axes))


def test_without_a_planned_analysis_the_figure_says_so() -> None:
    given = universe((3, 2))
    arrays = ("k", "measure", "threshold", "combinations", "entering")
    result = replace(
        given,
        of_combination=np.arange(-1, 5),
        numbers={name: values[1:] for name, values in given.numbers.items()},
        **{name: getattr(given, name)[1:] for name in arrays},
    )
    axes = specification_curve(result)
    boxes.assert_tidy(axes)
    assert "The planned analysis itself leaves no trial." in charts.joined(boxes.texts(axes))
    assert not lines(parts(axes)[0], "D").size


def test_without_any_estimate_a_sentence_stands_in_its_place() -> None:
    given = universe((2,))
    nothing = {name: np.full(2, np.nan) for name in given.numbers}
    axes = specification_curve(replace(given, numbers=nothing))
    assert alt_text(axes) == "No figure: Trouble. No analysis gives an estimate."


def test_a_whole_review_is_drawn(tmp_path: Any) -> None:
    result = multiverse(made_up_review(tmp_path), most=3000)
    axes = specification_curve(result)
    boxes.assert_tidy(axes)
    curve, _ = parts(axes)
    assert len(lines(curve, "D")) == result.planned.sum()


@pytest.mark.parametrize("sight", SIGHT)
def test_intervals_are_told_apart_by_how_dark_they_are(sight: str) -> None:
    assert contrast(BLUE, PALE, sight) > 2.5
    assert contrast(INK, PALE, sight) > 4.5


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"result is int; .*multiverse\(\)"):
        specification_curve(3)  # type: ignore[arg-type]
    for most in (5, 10.5, True, "many", float("inf")):
        with pytest.raises(InvalidArgumentError, match="whole number from 10"):
            specification_curve(universe((2,)), most=most)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(16, 12), (7, 6), (4, 3)])
def test_given_axes_of_any_size(size: tuple[int, int]) -> None:
    figure, axes = plt.subplots(figsize=size)
    assert specification_curve(universe((5, 4)), axes, **WORDS) is axes
    boxes.assert_tidy(axes)
    assert len(figure.axes) == 1


def test_equal_numbers_give_equal_bytes() -> None:
    first, second = (Picture(specification_curve(universe((6, 5, 4)))) for _ in range(2))
    assert first.png() == second.png()
    assert first.svg() == second.svg()
