"""The p-curve: three curves where the numbers say, and refusals as sentences."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.plots import boxes, charts

from evidence.appraisal.selection.p_curve import PCurve, p_curve
from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.p_curve import p_curve_plot
from evidence.plots.style import BLUE, GREY, ORANGE
from evidence.plots.wording import LONGEST


def results(k: int, shift: float = 2.4) -> PCurve:
    random = np.random.default_rng(k)
    return p_curve(np.abs(random.normal(shift, 1, k)), np.ones(k), force=True)


def flat(k: int = 15) -> PCurve:
    return p_curve(p_values=np.linspace(0.008, 0.049, k))


CASES: dict[str, Any] = {
    "two": lambda: p_curve(p_values=[0.001, 0.04], force=True),
    "one": lambda: p_curve(p_values=[0.02], force=True),
    "30": lambda: results(30),
    "200": lambda: results(200),
    "flat": flat,
    "all tiny": lambda: p_curve(p_values=[1e-300] * 12),
    "all near 0.05": lambda: p_curve(p_values=[0.049] * 12),
}


@pytest.mark.parametrize("name", CASES)
def test_nothing_overlaps_or_is_cut_and_all_curves_are_there(name: str) -> None:
    result = CASES[name]()
    axes = p_curve_plot(result)
    charts.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    assert len(alt_text(axes)) <= LONGEST
    lines = {line.get_color(): line for line in boxes.plot_of(axes).lines}
    wanted = {BLUE: "share", GREY: "share_without_effect", ORANGE: "share_low_power"}
    for color, column in wanted.items():
        assert list(lines[color].get_ydata()) == pytest.approx(list(result.curve[column]))
    styles = {lines[color].get_linestyle() for color in wanted}
    assert len(styles) >= 2, "curves are told apart by their dashes as well"
    assert lines[BLUE].get_linestyle() == "-"
    assert lines[BLUE].get_marker() == "o"


def test_counts_stand_beside_the_points_and_the_lines_have_names() -> None:
    result = results(30)
    texts = [one.text for one in boxes.texts(p_curve_plot(result))]
    for row in result.curve.itertuples():
        assert f"{row.results} ({row.share:.0f}%)" in texts
        assert f"{row.p_low:g} to {row.p_high:g}" in texts
    assert "no effect: 20% each" in texts
    assert "power of 33%" in texts


def test_the_title_says_what_came_of_it() -> None:
    assert "small p values prevail" in alt_text(p_curve_plot(results(200)))
    assert "flatter than of studies with a power of 33%" in alt_text(p_curve_plot(flat()))
    unsure = p_curve(p_values=np.linspace(0.002, 0.046, 10))
    assert unsure.status == "cannot be tested"
    assert "it cannot be told from" in alt_text(p_curve_plot(unsure))
    few = p_curve(p_values=[0.001, 0.04], force=True)
    assert "two significant results: too few to decide much" in alt_text(p_curve_plot(few))
    assert "Mine" in charts.joined(boxes.texts(p_curve_plot(results(30), title="Mine")))


def test_the_result_s_own_sentence_and_cautions_stand_below() -> None:
    result = p_curve(p_values=[0.001, 0.004, 0.03, 0.02, 0.01], force=True)
    text = boxes.squeezed(charts.joined(boxes.texts(p_curve_plot(result))))
    assert boxes.squeezed(result.sentence) in text
    for caution in result.cautions:
        assert boxes.squeezed(caution.message) in text
    assert "Computed although so few results decide little." in alt_text(p_curve_plot(result))


def test_the_text_has_the_numbers() -> None:
    result = results(30)
    text = alt_text(p_curve_plot(result))
    assert f"{100 * result.power:.0f}%" in text.split("Estimated power ")[1]
    assert "without an effect each bin would have 20%" in text


def test_a_refusal_is_a_sentence() -> None:
    result = p_curve(p_values=[0.01, 0.2, 0.03])
    axes = p_curve_plot(result)
    text = charts.joined(boxes.assert_tidy(axes))
    assert result.sentence in text
    assert alt_text(axes).startswith("No figure: The p-curve.")


def test_only_a_p_curve_is_drawn() -> None:
    with pytest.raises(InvalidArgumentError, match=r"result is list; .*p_curve\(\)"):
        p_curve_plot([0.01])  # type: ignore[arg-type]


def test_given_axes_and_equal_bytes() -> None:
    _, axes = plt.subplots(figsize=(4, 3))
    assert p_curve_plot(results(30), axes) is axes
    charts.assert_tidy(axes)
    assert Picture(p_curve_plot(flat())).svg() == Picture(p_curve_plot(flat())).svg()
