"""Leave-one-out and cumulative forests: every row its result, the full one marked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon
from tests.papers import bcg
from tests.plots import boxes, charts

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.sensitivity_forests import cumulative_forest, leave_one_out_forest
from evidence.plots.style import ORANGE
from evidence.plots.wording import LONGEST
from evidence.synthesis import pool
from evidence.synthesis.batch import leave_one_out
from evidence.synthesis.sensitivity.cumulative import cumulate

YEARS = [int(label[-4:]) for label in bcg.LABELS]

EXTREMES = {
    "two": lambda: charts.studies(2),
    "three": lambda: charts.studies(3),
    "13": lambda: charts.studies(13),
    "30": lambda: charts.studies(30),
    "31": lambda: charts.studies(31),
    "200": lambda: charts.studies(200),
    "tiny": lambda: charts.studies(5, scale=1e-8),
    "huge": lambda: charts.studies(12, scale=1e8),
    "far from no effect": lambda: charts.studies(5, shift=900),
    "identical effects": lambda: pool([0.5] * 4, [0.1, 0.2, 0.3, 0.4]),
    "one dominates": lambda: pool([3, -4, 40.0], [1, 4000, 1e-6]),
    "long labels": lambda: charts.studies(13, labels=charts.long_labels(13)),
    "common effect": lambda: pool([0.1, 0.7], [0.02, 0.05], model="common", ci_method="Wald"),
}
WORDS: dict[str, Any] = {
    "xlabel": "difference in points",
    "favours": ("← favours one", "favours the other →"),
}


def bcg_result() -> Any:
    return pool(bcg.log_risk_ratios(), labels=bcg.LABELS)


def squares(axes: Any) -> list[float]:
    marks = [line for line in boxes.plot_of(axes).lines if line.get_marker() == "s"]
    return [float(m.get_xdata()[0]) for m in sorted(marks, key=lambda m: -m.get_ydata()[0])]


@pytest.mark.parametrize("measure", ["", "risk ratio"])
@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_overlaps_or_is_cut(name: str, measure: str) -> None:
    result = EXTREMES[name]()
    for axes in (
        leave_one_out_forest(result, measure=measure, **WORDS),
        cumulative_forest(cumulate(result), measure=measure, **WORDS),
    ):
        boxes.assert_tidy(axes)
        assert charts.edge_is_empty(axes)
        assert len(alt_text(axes)) <= LONGEST


@pytest.mark.parametrize("k", [2, 3, 13, 30])
def test_every_study_is_left_out_once(k: int) -> None:
    result = charts.studies(k)
    axes = leave_one_out_forest(result)
    texts = [boxes.squeezed(one.text) for one in boxes.texts(axes)]
    for label in result.labels:
        assert texts.count(boxes.squeezed(f"without {label}")) == 1
    without = leave_one_out(result).estimate
    low, high = boxes.plot_of(axes).get_xlim()
    assert squares(axes) == [value for value in without if low <= value <= high]
    assert texts.count(str(k - 1)) >= k
    assert "Studies" in texts
    assert "People" not in texts


@pytest.mark.parametrize("which", ["left out", "cumulative"])
def test_the_full_result_is_a_diamond_and_its_ends_are_dotted(which: str) -> None:
    result = bcg_result()
    axes = (
        leave_one_out_forest(result) if which == "left out" else cumulative_forest(cumulate(result))
    )
    plot = boxes.plot_of(axes)
    (diamond,) = [patch for patch in plot.patches if type(patch) is Polygon]
    corners = diamond.get_xy()[:, 0]
    ends = pytest.approx((result.ci_low, result.ci_high), rel=1e-7)
    assert (corners.min(), corners.max()) == ends
    dotted = sorted(
        line.get_xdata()[0] for line in plot.lines if to_hex(line.get_color()).upper() == ORANGE
    )
    assert tuple(dotted) == ends
    assert "All studies" in [one.text for one in boxes.texts(axes)]


def test_the_title_says_whether_one_study_decides() -> None:
    steady = alt_text(leave_one_out_forest(bcg_result()))
    assert steady.startswith(
        "Whichever of 13 studies is left out, the interval excludes no effect."
    )
    result = pool([0.5, 0.5, 0.6, 0.55, -0.4], [0.01, 0.02, 0.01, 0.02, 0.02], labels=list("abcde"))
    without = leave_one_out(result)
    excluding = (without.ci_low > 0) | (without.ci_high < 0)
    full = result.ci_low > 0
    changing = [label for label, one in zip("abcde", excluding, strict=True) if one != full]
    assert changing == ["e"]
    verb = "includes" if full else "excludes"
    assert alt_text(leave_one_out_forest(result)).startswith(
        f"Without e, the interval {verb} no effect."
    )


def test_of_200_those_that_move_the_mean_most_are_shown_and_the_rest_is_told() -> None:
    result = charts.studies(200)
    axes = leave_one_out_forest(result)
    text = charts.joined(boxes.texts(axes))
    moves = np.abs(leave_one_out(result).estimate - result.estimate)
    most = [f"without {result.labels[place]}" for place in np.argsort(-moves)[:15]]
    rows = [one for one in boxes.texts(axes) if one.text in most]
    rows.sort(key=lambda one: -float(np.mean(one.y)))
    assert [one.text for one in rows] == most
    assert len(squares(axes)) == 15
    assert "Shown: the 15 studies that move the mean most, the one that moves it most first." in (
        text
    )
    assert "Without one of the other 185" in text
    assert "other 185" in alt_text(axes)


def test_each_step_adds_a_study_and_counts_them() -> None:
    result = cumulate(bcg_result(), by=YEARS)
    axes = cumulative_forest(result, measure="risk ratio")
    seen = boxes.texts(axes)
    texts = [one.text for one in seen]
    assert result.added[0] in texts
    height = {one.text: np.mean(one.y) for one in seen}
    for count, label in enumerate(result.added[1:], 2):
        assert texts.count(f"+ {label}") == 1
        counts = [one for one in seen if one.text == str(count)]
        assert any(np.mean(one.y) == pytest.approx(height[f"+ {label}"], abs=3) for one in counts)
    assert squares(axes) == list(result.steps.estimate)
    start = result.excludes_zero_from
    assert start is not None
    assert result.added[start - 1] in texts[texts.index("Added") - 1] or any(
        f"(with {result.added[start - 1]})" in text for text in texts
    )
    assert "excludes no effect by chance more often" in charts.joined(seen)


def test_years_stand_behind_a_name_that_lacks_them() -> None:
    result = pool([0.1, 0.4, 0.2], [0.1, 0.2, 0.1], labels=["Ann 2001", "Bob", "Cy 20040"])
    by = [2001, 1999, 2004]
    texts = {one.text for one in boxes.texts(cumulative_forest(cumulate(result, by=by)))}
    assert {"Bob (1999)", "+ Ann 2001", "+ Cy 20040 (2004)"} <= texts
    dates = [dt.date(2001, 2, 3), dt.date(1999, 1, 1), dt.date(2004, 5, 6)]
    texts = {one.text for one in boxes.texts(cumulative_forest(cumulate(result, by=dates)))}
    assert "Bob (1999-01-01)" in texts
    texts = {one.text for one in boxes.texts(cumulative_forest(cumulate(result, by="precision")))}
    assert "+ Cy 20040" in texts, "a variance says nothing to a reader"


def test_of_200_steps_the_first_and_the_last_are_there() -> None:
    result = cumulate(charts.studies(200))
    axes = cumulative_forest(result)
    texts = [one.text for one in boxes.texts(axes)]
    assert sum(text.startswith("+ ") for text in texts) == 29
    for label in (*result.added[1:6], result.added[-1]):
        assert f"+ {label}" in texts
    assert "30 of 200 steps are shown" in charts.joined(boxes.texts(axes))
    assert "30 of 200 steps are shown" in alt_text(axes)


def test_the_alternative_text_is_made_of_the_numbers() -> None:
    result = bcg_result()
    for text in (
        alt_text(leave_one_out_forest(result, measure="risk ratio", title="Mine")),
        alt_text(cumulative_forest(cumulate(result), measure="risk ratio", title="Mine")),
    ):
        assert text.startswith("Mine. ")
        assert "All studies: 0.49 (95% CI 0.33 to 0.73)." in text
    without = np.exp(leave_one_out(result).estimate)
    text = alt_text(leave_one_out_forest(result, measure="risk ratio"))
    assert f"the mean runs from {without.min():.2f} to {without.max():.2f}." in text


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="result is LeaveOneOut; this figure takes"):
        leave_one_out_forest(leave_one_out(charts.studies(3)))  # type: ignore[arg-type]
    with pytest.raises(InsufficientEvidenceError, match="leaving it out leaves nothing"):
        leave_one_out_forest(charts.studies(1))
    with pytest.raises(InvalidArgumentError, match="result is PooledResult; this figure takes"):
        cumulative_forest(charts.studies(3))  # type: ignore[arg-type]


def test_given_axes_and_equal_bytes() -> None:
    _, grid = plt.subplots(1, 2, figsize=(14, 5))
    leave_one_out_forest(bcg_result(), grid[0], measure="risk ratio")
    cumulative_forest(cumulate(bcg_result()), grid[1], measure="risk ratio")
    for axes in grid:
        boxes.assert_tidy(axes)
    first, second = (Picture(leave_one_out_forest(bcg_result())) for _ in range(2))
    assert first.svg() == second.svg()
