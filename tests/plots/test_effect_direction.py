"""The effect-direction plot: every mark at its trial and domain, nothing overlaps or is cut."""

from __future__ import annotations

from collections import Counter
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from tests.plots import boxes, make

from evidence.plots import alt_text, effect_direction
from evidence.plots.lettering import drawable
from evidence.plots.style import BLUE, GREY, ORANGE, PAPER
from evidence.synthesis.direction import DirectionSynthesis

SHAPES = {"treatment": "^", "control": "v", "none": "o", "mixed": "D", "not reported": "s"}
COLOURS = {"treatment": BLUE, "control": ORANGE}


def cells_of(*rows: tuple[str, str, str, str], **more: Any) -> DirectionSynthesis:
    """Return trials from (label, domain, direction, significant)."""
    frame = pd.DataFrame(rows, columns=["label", "domain", "direction", "significant"])
    frame = frame.assign(study_id=frame["label"], comparisons=1, n=20, tier="primary")
    return DirectionSynthesis(frame.assign(**more), 1, 0, frame["label"].nunique() - 1, 1.0)


def marks(axes: Any) -> list[Any]:
    """Return the marks between the headings and the legend."""
    rules = [line.get_ydata()[0] for line in axes.lines if len(line.get_xdata()) == 2]
    found = [line for line in axes.lines if len(line.get_xdata()) == 1]
    return [mark for mark in found if min(rules) < mark.get_ydata()[0] < max(rules)]


def legend_top(axes: Any) -> float:
    rules = [line.get_ydata()[0] for line in axes.lines if len(line.get_xdata()) == 2]
    return float(axes.transData.transform((0, min(rules)))[1])


def assert_tidy(axes: Any) -> list[boxes.Seen]:
    seen = boxes.assert_tidy(axes)
    # A mark is overlapped by no text but its own question mark.
    scale = axes.get_figure(root=True).dpi / 72
    middles = np.array([(sum(one.x) / 2, sum(one.y) / 2) for one in seen])
    reach = np.array([max(one.x[1] - one.x[0], one.y[1] - one.y[0]) for one in seen])
    for line in axes.lines:
        if len(line.get_xdata()) != 1:
            continue
        x, y = axes.transData.transform((line.get_xdata()[0], line.get_ydata()[0]))
        half = line.get_markersize() * scale / 2 - 1
        mark = np.array([(x - half, y - half), (x + half, y - half), (x + half, y + half),
                         (x - half, y + half)])  # fmt: skip
        near = np.flatnonzero(np.abs(middles - (x, y)).max(axis=1) < reach + 20)
        met = [seen[i].text for i in near if boxes.overlaps(seen[i].corners, mark, 1.5)]
        assert met in ([], ["?"])
    image = boxes.pixels(axes)
    for border in (image[:2], image[-2:], image[:, :2], image[:, -2:]):
        assert (border == 255).all()
    return seen


@pytest.mark.parametrize(
    ("trials", "domains"), [(1, 1), (1, 20), (2, 3), (3, 6), (11, 10), (30, 1), (30, 20)]
)
def test_every_mark_lies_at_its_trial_and_its_domain(trials: int, domains: int) -> None:
    result = make.directions(trials, domains)
    axes = effect_direction(result)
    everything = assert_tidy(axes)
    seen = {one.text.removesuffix(" †"): one for one in everything}
    drawn = {
        (mark.get_marker(), *(round(float(v[0]), 3) for v in (mark.get_xdata(), mark.get_ydata())))
        for mark in marks(axes)
    }
    to_data = axes.transData.inverted().transform
    places = [one for one in everything if one.text == "?"]
    for row in result.cells.itertuples():
        label, head = seen[row.label], seen[row.domain]
        y = to_data((0, sum(label.y) / 2))[1]
        if head.artist.get_rotation():
            x = head.artist.get_position()[0]
        else:
            x = to_data((sum(head.x) / 2, 0))[0]
        silent = row.direction == "not reported"
        if silent:
            assert any(
                np.allclose(to_data((sum(p.x) / 2, sum(p.y) / 2)), (x, y), atol=0.04)
                for p in places
            )
        if not silent or row.significant in {"yes", "some"}:
            assert any(
                marker == SHAPES[row.direction]
                and abs(found_x - x) < 0.02
                and abs(found_y - y) < 0.03
                for marker, found_x, found_y in drawn
            )
    filled = result.cells["significant"].isin(["yes", "some"])
    silent = result.cells["direction"] == "not reported"
    assert len(marks(axes)) == int((~silent | filled).sum())


@pytest.mark.parametrize("count", [3, 8, len(make.NASTY)])
def test_nasty_names_of_trials_and_domains(count: int) -> None:
    names = make.NASTY[:count]
    axes = effect_direction(make.directions(count, count, names, names))
    found = Counter(boxes.squeezed(one.text).removesuffix("†") for one in assert_tidy(axes))
    for name in names:
        text = boxes.squeezed(drawable(name or " "))
        assert found[text] + sum(
            n for t, n in found.items() if t.endswith("…") and text.startswith(t[:-1])
        ) in (2, 3), name


def test_long_names_of_few_domains() -> None:
    heads = (
        "patient-reported cognitive functioning and concentration during the day",
        "polysomnographically determined slow-wave sleep",
        "mood",
    )
    axes = effect_direction(make.directions(4, 3, heads=heads))
    found = [boxes.squeezed(one.text) for one in assert_tidy(axes)]
    assert all(found.count(boxes.squeezed(head)) == 1 for head in heads)


@pytest.mark.parametrize("direction", ["treatment", "control", "none", "mixed"])
def test_fill_tells_significance_and_shape_tells_direction(direction: str) -> None:
    rows = [(name, "sleep", direction, name) for name in ("yes", "some", "no", "not reported")]
    axes = effect_direction(cells_of(*rows))
    axes.figure.set_dpi(400)
    image = boxes.pixels(axes)
    colour = COLOURS.get(direction, GREY).lower()
    found = marks(axes)
    assert [mark.get_marker() for mark in found] == [SHAPES[direction]] * 4
    inside = []
    for mark in found:
        x, y = mark.get_xdata()[0], mark.get_ydata()[0]
        sides = (
            boxes.colour_at(axes, image, x - 0.02, y),
            boxes.colour_at(axes, image, x + 0.02, y),
        )
        inside.append(sides)
    assert inside == [(colour, colour), (colour, PAPER), (PAPER, PAPER), (PAPER, PAPER)]
    assert all(to_hex(mark.get_markeredgecolor()) == colour for mark in found)


def test_a_significant_result_without_direction_is_a_filled_question_mark() -> None:
    axes = effect_direction(
        cells_of(("a", "sleep", "not reported", "yes"), ("b", "sleep", "not reported", "no"))
    )
    (mark,) = marks(axes)
    assert to_hex(mark.get_markerfacecolor()) == GREY
    above = [one for one in boxes.texts(axes) if one.y[0] > legend_top(axes) and one.text == "?"]
    assert [to_hex(one.artist.get_color()) for one in above] == [PAPER, GREY]
    legend = [one.text for one in boxes.texts(axes) if one.y[1] < legend_top(axes)]
    assert "significant, direction not reported" in legend
    assert "direction not reported" in legend


def test_second_hand_is_marked_at_the_cell_or_once_at_the_trial() -> None:
    mixed = cells_of(
        ("a", "sleep", "treatment", "no"),
        ("a", "mood", "treatment", "no"),
        ("b", "sleep", "treatment", "no"),
        ("b", "mood", "treatment", "no"),
        tier=["secondary", "primary", "secondary", "secondary"],
    )
    axes = effect_direction(mixed)
    seen = assert_tidy(axes)
    above = [one for one in seen if one.y[0] > legend_top(axes)]
    assert [one.text for one in above if "†" in one.text] == ["†", "b †"] or [
        one.text for one in above if "†" in one.text
    ] == ["b †", "†"]
    (dagger,) = [one for one in above if one.text == "†"]
    first = marks(axes)[0]
    x, y = axes.transData.transform((first.get_xdata()[0], first.get_ydata()[0]))
    assert x < dagger.x[0] < x + 20
    assert y < sum(dagger.y) / 2 < y + 15
    assert "second-hand: someone else's account" in [one.text for one in seen]


def test_how_many_results_a_mark_stands_for() -> None:
    axes = effect_direction(
        cells_of(("a", "x", "mixed", "no"), ("a", "y", "none", "no"), comparisons=[7, 1])
    )
    above = [one.text for one in boxes.texts(axes) if one.y[0] > legend_top(axes)]
    assert above.count("7") == 1
    assert "1" not in above


def test_the_legend_explains_what_is_there_and_no_more() -> None:
    axes = effect_direction(cells_of(("a", "x", "treatment", "yes")))
    legend = [one.text for one in assert_tidy(axes) if one.y[1] < legend_top(axes)]
    assert legend == [
        "favours the treatment",
        "favours the comparator",
        "filled: said to be significant",
    ]
    full = make.directions(11, 10)
    assert len([o for o in assert_tidy(effect_direction(full)) if o.text]) > 40


def test_the_sentence_above_counts_the_trials() -> None:
    result = make.directions(11, 3)
    first = max(boxes.texts(effect_direction(result)), key=lambda one: one.y[1])
    assert first.text.startswith("Of 11 trials, five point towards the treatment, three towards")
    one = cells_of(("a", "x", "treatment", "yes"))
    assert "The one trial points towards the treatment." in alt_text(effect_direction(one))


def test_no_trial_at_all() -> None:
    empty = DirectionSynthesis(make.directions(1, 1).cells.iloc[:0], 0, 0, 0, float("nan"))
    axes = effect_direction(empty)
    (only,) = boxes.assert_tidy(axes)
    assert only.text == "No trial states a result that could point one way or the other."
    assert alt_text(axes) == only.text


@pytest.mark.parametrize("engine", ["none", "constrained"])
def test_given_axes(engine: str) -> None:
    _, grid = plt.subplots(1, 2, figsize=(9, 4), layout=engine)
    for axes, trials in zip(grid, (4, 12), strict=True):
        assert effect_direction(make.directions(trials, 9), axes) is axes
    for axes in grid:
        boxes.assert_tidy(axes)


def test_words_for_all_of_it() -> None:
    text = alt_text(
        effect_direction(
            cells_of(
                ("Ahn 2020", "sleep", "treatment", "yes"),
                ("Ba 2021", "sleep", "treatment", "yes"),
                ("Cy 2022", "sleep", "not reported", "no"),
                ("Cy 2022", "mood", "control", "no"),
            )
        )
    )
    assert text.startswith("Effect-direction plot of three trials in two domains. ")
    assert "Sleep: Ahn 2020 and Ba 2021 favour the treatment (significant), " in text
    assert "Cy 2022 states no direction." in text
    assert text.endswith("Mood: Cy 2022 favours the comparator.")


@pytest.mark.parametrize(("trials", "domains"), [(11, 10), (30, 20)])
def test_words_that_are_not_endless(trials: int, domains: int) -> None:
    text = alt_text(effect_direction(make.directions(trials, domains)))
    assert 200 < len(text) < 1000
    assert text.endswith(".")
