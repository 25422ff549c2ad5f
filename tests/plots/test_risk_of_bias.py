"""Figures of risk of bias: every judgement in its place, nothing overlaps or is cut."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import Rectangle
from tests.plots import biases, boxes, make
from tests.plots.test_palette import SIGHT, contrast

from evidence.appraisal.risk_of_bias import RiskOfBias
from evidence.data.bias_tools import builtin_tools
from evidence.errors import InvalidArgumentError
from evidence.plots import alt_text, forest, risk_of_bias_summary, traffic_light
from evidence.plots.bias_marks import BiasMark, mark_of

TOOLS = tuple(builtin_tools())
LONG = (biases.LONG, biases.LONG + " II", "Łukasiewicz & Ñandú 2020", "氷 2021", "$x_1$ 2022", " ")


def edge_is_empty(axes: Any) -> bool:
    image = boxes.pixels(axes)
    sides = (image[:2], image[-2:], image[:, :2], image[:, -2:])
    return all((side == 255).all() for side in sides)


def marks(axes: Any) -> list[tuple[str, float, float]]:
    return [
        (line.get_marker(), float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in axes.lines
        if len(line.get_xdata()) == 1
    ]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [1, 2, 13, 60])
def test_every_judgement_stands_at_its_study_and_domain(k: int, weighted: bool) -> None:
    appraisal = biases.appraisal(k, weighted=weighted)
    axes = traffic_light(appraisal)
    seen = boxes.assert_tidy(axes)
    assert edge_is_empty(axes)
    to_data = axes.transData.inverted().transform
    heads = {
        one.text: to_data((sum(one.x) / 2, 0))[0]
        for one in seen
        if one.text in ("D1", "D2", "D3", "D4", "D5", "All")
    }
    rows = {one.text: to_data((0, sum(one.y) / 2))[1] for one in seen}
    letters = {
        (
            round(float(one.artist.get_position()[0]), 3),
            round(float(one.artist.get_position()[1]), 2),
        ): one.text
        for one in seen
    }
    for study in appraisal.studies:
        y = rows[study.label]
        for judged, head in zip(study.columns, ("D1", "D2", "D3", "D4", "D5", "All"), strict=True):
            here = [
                text
                for (x, at), text in letters.items()
                if abs(x - heads[head]) < 0.02 and abs(at - y) < 0.04
            ]
            assert here == [study.tool.sign(judged.word)]
        if weighted:
            assert f"{100 * study.share:.1f}%" in {one.text for one in seen}


@pytest.mark.parametrize("k", [3, 14])
def test_several_tools_stand_in_blocks(k: int) -> None:
    axes = traffic_light(biases.appraisal(k, TOOLS, weighted=True))
    seen = {one.text for one in boxes.assert_tidy(axes)}
    assert edge_is_empty(axes)
    assert set(TOOLS[: min(k, len(TOOLS))]) <= seen


def test_labels_of_every_kind_stay_whole() -> None:
    axes = traffic_light(biases.appraisal(len(LONG), labels=LONG))
    seen = {boxes.squeezed(one.text) for one in boxes.assert_tidy(axes)}
    assert boxes.squeezed(biases.LONG) in seen
    assert edge_is_empty(axes)


@pytest.mark.parametrize("size", [(3, 2), (8, 3), (4, 12)])
@pytest.mark.parametrize("draw", [traffic_light, risk_of_bias_summary])
def test_axes_that_are_given_are_filled_and_not_left(draw: Any, size: tuple[int, int]) -> None:
    _, ax = plt.subplots(figsize=size)
    boxes.assert_tidy(draw(biases.appraisal(9, ("RoB 2", "ROBINS-I"), weighted=True), ax))


def test_small_signs_are_explained_where_they_are() -> None:
    axes = traffic_light(biases.appraisal(20))
    notes = " ".join(one.text.replace("\n", " ") for one in boxes.texts(axes))
    for note in ("*: computed", "≠: the rules", "†: second-hand", "•: not judged"):
        assert note in notes


def test_the_text_of_a_large_figure_counts_and_of_a_small_one_names() -> None:
    large = alt_text(traffic_light(biases.appraisal(60)))
    assert "Author 1 2000" not in large
    assert "60 studies by RoB 2" in large
    small = alt_text(traffic_light(biases.appraisal(2)))
    assert "Author 1 2000: " in small
    assert len(large) < 1500


def test_an_appraisal_of_nothing_is_said_to_be_one() -> None:
    for draw in (traffic_light, risk_of_bias_summary):
        axes = draw(RiskOfBias(()))
        assert "No study was appraised." in {one.text for one in boxes.assert_tidy(axes)}
        assert alt_text(axes)


# ---------------------------------------------------------------- summary


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [1, 2, 13, 60])
def test_bars_are_as_long_as_their_shares(k: int, weighted: bool) -> None:
    appraisal = biases.appraisal(k, ("RoB 2", "ROBINS-I")[: min(k, 2)], weighted=weighted)
    axes = risk_of_bias_summary(appraisal)
    boxes.assert_tidy(axes)
    assert edge_is_empty(axes)
    parts = [
        patch
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_linewidth() > 0.5 and patch.zorder == 2
    ]
    table = appraisal.shares()
    assert len(parts) == len(table)
    column = "weight" if weighted else "share"
    for (_, _), rows in table.groupby(["tool", "domain"], sort=False):
        here = parts[: len(rows)]
        del parts[: len(rows)]
        total = sum(patch.get_width() for patch in here)
        whole = rows[column].sum()
        for patch, share in zip(here, rows[column], strict=True):
            assert patch.get_width() / total == pytest.approx(share / whole)
    assert not parts


def test_weights_that_are_not_there_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="Give appraise_risk_of_bias an analysis"):
        risk_of_bias_summary(biases.appraisal(3), weighted=True)
    text = alt_text(risk_of_bias_summary(biases.appraisal(3, weighted=True), weighted=False))
    assert "share of the studies" in text


# ---------------------------------------------------------------- beside a forest plot


@pytest.mark.parametrize("k", [2, 13, 60])
@pytest.mark.parametrize("tools", [("RoB 2",), ("RoB 2", "RoB 2 crossover"), ("RoB 2", "ROBINS-I")])
def test_marks_stand_beside_their_rows(k: int, tools: tuple[str, ...]) -> None:
    result = make.pooled(k)
    appraisal = biases.appraisal(k, tools, weighted=True, labels=tuple(result.labels))
    bare, axes = forest(result, **make.WORDS), forest(result, **make.WORDS, risk_of_bias=appraisal)
    before, after = boxes.assert_tidy(bare), boxes.assert_tidy(axes)
    assert edge_is_empty(axes)
    kept = [boxes.squeezed(one.text) for one in after]
    assert all(boxes.squeezed(one.text) in kept for one in before)
    # Columns whose heads mean two things give way to that of the whole.
    columns = {("RoB 2",): 6, ("RoB 2", "RoB 2 crossover"): 7}.get(tools, 1)
    expected = sum(
        1
        for study in appraisal.studies
        for judged in study.columns
        if columns > 1 or judged.domain.id == "overall"
    )
    assert len(marks(axes)) == expected
    to_data = axes.transData.inverted().transform
    rows = {one.text: to_data((0, sum(one.y) / 2))[1] for one in after}
    heights = {round(y, 2) for _, _, y in marks(axes)}
    for label in result.labels:
        if label in rows:
            assert any(abs(rows[label] - y) < 0.04 for y in heights)


def test_a_trial_read_in_two_ways_has_its_marks_once() -> None:
    synthesis = make.synthesis(make.twofold("alpha", 0.3), make.plain("beta", 0.1))
    axes = forest(synthesis, risk_of_bias=biases.appraisal(2, labels=("Alpha 2020", "Beta 2020")))
    boxes.assert_tidy(axes)
    assert len(marks(axes)) == 12
    assert "Risk of bias beside it, overall: Alpha 2020" in alt_text(axes)


def test_a_study_that_was_not_appraised_keeps_its_row() -> None:
    result = make.pooled(3)
    axes = forest(result, risk_of_bias=biases.appraisal(1, labels=(result.labels[0],)))
    seen = {one.text.replace("\n", " ") for one in boxes.assert_tidy(axes)}
    assert set(result.labels) <= seen
    assert any(text.startswith("Without a mark") for text in seen)
    assert len(marks(axes)) == 6


def test_an_appraisal_of_other_studies_leaves_the_forest_plot_whole() -> None:
    result = make.pooled(3)
    axes = forest(result, risk_of_bias=biases.appraisal(2, labels=("Nobody 1900", "Nobody 1901")))
    seen = {one.text.replace("\n", " ") for one in boxes.assert_tidy(axes)}
    assert set(result.labels) <= seen
    assert "Risk of bias: no study of the appraisal has a row here." in seen


# ---------------------------------------------------------------- colours


def test_letters_can_be_read_to_every_eye() -> None:
    for concern in ("low", "some", "high", "none"):
        mark = BiasMark("", concern, "")
        for sight in SIGHT:
            # What WCAG 2.2 (1.4.11) asks of signs; the shape tells the same.
            assert contrast(mark.fill, mark.ink, sight) >= 3.0


def test_letters_alone_tell_the_judgements_of_a_tool_apart() -> None:
    for tool in builtin_tools().values():
        signs = [mark_of(tool, word).sign for word in tool.words]
        assert all(first != second for first, second in combinations(signs, 2))
