"""The figure of the choice of model: every model once, nothing cut, the plan marked."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon
from tests.plots import boxes

from evidence.data import load_review
from evidence.judgement import conclude
from evidence.judgement.model_choice import models_of_main
from evidence.plots import Picture, alt_text
from evidence.plots.model_choice import model_choice, model_choices_of
from evidence.plots.style import BLUE, ORANGE
from evidence.plots.wording import LONGEST
from evidence.synthesis import pool
from evidence.synthesis.model_choice import GROUPS, ModelComparison, compare_models

SMD = "standardised mean difference"


def made_up(k: int, scale: float = 1.0, measure: str = SMD, **method: object) -> ModelComparison:
    random = np.random.default_rng(k)
    effects = random.normal(-0.4, 0.6, k) * scale
    variances = random.uniform(0.01, 0.5, k) * scale**2
    return compare_models(pool(effects, variances, **method), measure=measure)


EXTREMES = {
    "two studies": lambda: made_up(2),
    "three studies": lambda: made_up(3),
    "13 studies": lambda: made_up(13),
    "no prior": lambda: made_up(5, measure="mean difference"),
    "ratios": lambda: made_up(6, measure="risk ratio"),
    "wild ratios": lambda: made_up(2, scale=20, measure="odds ratio"),
    "tiny": lambda: made_up(4, scale=1e-8, measure=""),
    "huge": lambda: made_up(4, scale=1e8, measure=""),
    "far from no effect": lambda: compare_models(pool([90.0, 91.0, 92.0], [0.1, 0.1, 0.2])),
    "one far more precise": lambda: compare_models(pool([3, -4, 40.0], [1, 400, 9.0])),
    "identical effects": lambda: compare_models(pool([0.5, 0.5], [0.04, 0.04]), measure=SMD),
    "common effect planned": lambda: made_up(4, model="common", ci_method="Wald"),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_every_model_stands_there_once_and_nothing_overlaps_or_is_cut(name: str) -> None:
    comparison = EXTREMES[name]()
    axes = model_choice(comparison, favours=("← favours one", "favours the other →"))
    seen = boxes.assert_tidy(axes)
    texts = [boxes.squeezed(one.text) for one in seen]
    for row in comparison.rows:
        assert texts.count(boxes.squeezed(row.name)) == 1, row.name
    for group in {row.group for row in comparison.rows} - {"planned"}:
        assert texts.count(boxes.squeezed(GROUPS[group])) == 1
    assert len(alt_text(axes)) <= LONGEST


def test_each_interval_is_where_its_numbers_are() -> None:
    comparison = made_up(5)
    plot = boxes.plot_of(model_choice(comparison))
    lines = [
        tuple(line.get_xdata())
        for line in plot.lines
        if to_hex(line.get_color()) == BLUE.lower() and len(line.get_xdata()) == 2
    ]
    low, high = plot.get_xlim()
    wanted = [
        (max(row.ci_low, low), min(row.ci_high, high)) for row in comparison.rows if not row.planned
    ]
    assert lines == [pytest.approx(ends) for ends in wanted]
    marks = [line.get_xdata()[0] for line in plot.lines if line.get_marker() == "s"]
    assert marks == pytest.approx([row.estimate for row in comparison.rows[1:]])


def test_the_planned_model_is_marked_and_its_ends_run_down() -> None:
    comparison = made_up(5)
    plot = boxes.plot_of(model_choice(comparison))
    (diamond,) = [patch for patch in plot.patches if type(patch) is Polygon]
    assert to_hex(diamond.get_facecolor()) == ORANGE.lower()
    planned = comparison.planned
    corners = diamond.get_xy()[:, 0]
    assert (corners.min(), corners.max()) == pytest.approx((planned.ci_low, planned.ci_high))
    # It is the first row, and told apart by its shape and its words as well as by its colour.
    heights = [line.get_ydata()[0] for line in plot.lines if line.get_marker() == "s"]
    assert diamond.get_xy()[:, 1].min() > max(heights)
    dotted = [
        line.get_xdata()[0] for line in plot.lines if to_hex(line.get_color()) == ORANGE.lower()
    ]
    assert sorted(dotted) == pytest.approx([planned.ci_low, planned.ci_high])
    black = [line for line in plot.lines if list(line.get_xdata()) == [0, 0]]
    assert len(black) == 1, "the line of no effect"


def test_ends_of_the_plan_beyond_the_axis_are_not_drawn() -> None:
    # The planned interval is far wider than all the others, so the axis cuts it.
    result = pool([0.1, 1.2], [0.01, 0.3], ci_method="t")
    comparison = compare_models(result, measure=SMD)
    axes = model_choice(comparison)
    boxes.assert_tidy(axes)
    low, high = boxes.plot_of(axes).get_xlim()
    for line in boxes.plot_of(axes).lines:
        if to_hex(line.get_color()) == ORANGE.lower():
            assert low < line.get_xdata()[0] < high


def test_the_notes_say_what_is_planned_and_what_is_left_out() -> None:
    comparison = made_up(5, measure="mean difference")
    texts = " ".join(" ".join(one.text.split()) for one in boxes.texts(model_choice(comparison)))
    assert f"Planned model: {comparison.result.method.in_words()}." in texts
    assert comparison.left_out[0] in texts


def test_the_alternative_text_is_made_of_the_numbers() -> None:
    comparison = made_up(5)
    text = alt_text(model_choice(comparison, title="Napping"))
    planned = comparison.planned
    assert text.startswith(f"Napping. Figure of {len(comparison.rows)} models of the same five")
    numbers = (planned.estimate, planned.ci_low, planned.ci_high)
    told = [f"{number:.2f}".replace("-", "−") for number in numbers]
    assert f"Planned model: {told[0]} (95% CI {told[1]} to {told[2]})." in text
    holding = sum(row.includes_no_effect for row in comparison.rows)
    assert f"includes no effect in {holding} of {len(comparison.rows)} models" in text
    assert text != alt_text(model_choice(made_up(6), title="Napping"))


@pytest.mark.parametrize(
    ("estimates", "measure"), [([-0.9, -0.4, -0.8], SMD), ([-0.9, -0.4, -0.8], "risk ratio")]
)
def test_an_end_beside_no_effect_does_not_read_as_no_effect(
    estimates: list[float], measure: str
) -> None:
    base = pool(estimates, [0.1, 0.1, 0.1])
    # Moved so that the planned interval ends just beside no effect.
    result = pool(np.array(estimates) - base.ci_high - 0.0021, [0.1, 0.1, 0.1])
    comparison = compare_models(result, measure=measure)
    assert not comparison.planned.includes_no_effect
    planned = alt_text(model_choice(comparison)).split("Planned model: ")[1].split(").")[0]
    end = planned.rsplit(" to ", 1)[1]
    assert float(end.replace("−", "-")) not in (0.0, 1.0)


def test_given_axes_are_filled_without_overlap() -> None:
    figure, axes = plt.subplots(figsize=(5, 5))
    assert model_choice(made_up(13), axes) is axes
    boxes.assert_tidy(axes)
    assert axes.get_figure() is figure


def test_equal_numbers_give_equal_bytes() -> None:
    first, second = (Picture(model_choice(made_up(4))) for _ in range(2))
    assert first.png() == second.png()
    assert first.svg() == second.svg()


def test_the_worked_case_has_a_figure_for_each_reading() -> None:
    conclusions = conclude(load_review("magnesium-sleep"))
    figures = model_choices_of(conclusions)
    readings = models_of_main(conclusions)
    assert len(figures) == len(readings) == 2
    for axes, one in zip(figures, readings, strict=True):
        seen = boxes.assert_tidy(axes)
        texts = " ".join(" ".join(text.text.split()) for text in seen)
        assert f"{conclusions.main.title}: the choice of model, {one.name}" in texts
        assert "← favours magnesium" in texts
        assert "standardised mean difference (SD)" in texts
