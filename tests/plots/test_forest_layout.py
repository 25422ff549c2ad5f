"""Nothing of a forest plot overlaps, is cut or is missing, whatever it holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.plots import boxes, make

from evidence.errors import InvalidArgumentError
from evidence.plots import alt_text, forest
from evidence.plots.lettering import BOX, drawable
from evidence.plots.rows import ForestRow, ForestRows

RATIO = {**make.WORDS, "threshold": float(np.log(1.25)), "xlabel": "risk ratio"}


def names(rows: list[str]) -> Counter[str]:
    return Counter(boxes.squeezed(drawable(row or " ")) for row in rows)


def drawn(seen: list[boxes.Seen]) -> Counter[str]:
    return Counter(boxes.squeezed(one.text).removesuffix("†") for one in seen)


def edge_is_empty(axes: object) -> bool:
    image = boxes.pixels(axes)
    border = np.concatenate([image[:2].ravel(), image[-2:].ravel(), image[:, :2].ravel(),
                             image[:, -2:].ravel()])  # fmt: skip
    return bool((border == 255).all())


@pytest.mark.parametrize("k", [1, 2, 3, 13, 30, 60])
def test_every_row_stands_alone_and_once(k: int) -> None:
    result = make.pooled(k)
    axes = forest(result, **make.WORDS)
    seen = boxes.assert_tidy(axes)
    assert edge_is_empty(axes)
    found = drawn(seen)
    for label in result.labels:
        assert found[boxes.squeezed(label)] == 1
    assert found["Pooled,randomeffects"] == (k > 1)
    assert sum(one.text.endswith("%") for one in seen) == (k if k > 1 else 0)


@pytest.mark.parametrize("k", [1, 13])
def test_a_table_has_the_same_columns(k: int) -> None:
    table = make.table(k)
    axes = forest(table, **make.WORDS)
    seen = boxes.assert_tidy(axes)
    found = drawn(seen)
    for row in table.itertuples():
        assert found[boxes.squeezed(row.label)] == 1
        assert found[str(row.people)] >= 1
        assert found[f"{row.weight:.1f}%"] == k
    second_hand = [one.text for one in seen if one.text.endswith("†")]
    assert len(second_hand) == (table["tier"] == "secondary").sum()


def test_nasty_labels_are_drawn_as_they_are() -> None:
    axes = forest(make.pooled(len(make.NASTY), make.NASTY), **make.WORDS)
    seen = boxes.assert_tidy(axes)
    assert edge_is_empty(axes)
    found = drawn(seen)
    for label, count in names(list(make.NASTY)).items():
        assert found[label] == count
    assert any(one.text.startswith(f"{BOX}: a sign") for one in seen)


@pytest.mark.parametrize("number", range(len(make.NASTY)))
def test_nasty_words_around_it(number: int) -> None:
    word = make.NASTY[number]
    axes = forest(
        make.table(2),
        title=word,
        xlabel=word,
        favours=(f"← favours {word}", f"favours {word} →"),
        threshold=0.5,
        threshold_label=word,
    )
    boxes.assert_tidy(axes)
    assert edge_is_empty(axes)


def test_an_endless_label_ends_with_an_ellipsis() -> None:
    table = make.table(2).assign(label=["word " * 400, "w" * 3000])
    seen = boxes.assert_tidy(forest(table))
    labels = [one.text.removesuffix(" †") for one in seen if one.text.startswith("w")]
    assert len(labels) == 2
    assert all(label.endswith("…") for label in labels)
    assert len(alt_text(forest(table))) < 1000


@pytest.mark.parametrize(
    ("scale", "shift"),
    [(1e-8, 0), (1e-8, -200), (1e-4, 3), (1, 3), (1, -200), (1e3, 0), (1e8, 3), (1e8, -200)],
)
def test_any_size_of_effect(scale: float, shift: float) -> None:
    words = {**make.WORDS, "threshold": 0.5 * scale}
    axes = forest(make.table(5, scale=scale, shift=shift), **words)
    boxes.assert_tidy(axes)
    assert edge_is_empty(axes)


@pytest.mark.parametrize(
    ("scale", "shift"),
    [(1e-3, 0), (1e-3, 40), (0.1, 4), (1, 0), (1, -40), (5, 4), (100, 0), (1e8, 0), (1e8, -40)],
)
def test_any_size_of_ratio(scale: float, shift: float) -> None:
    axes = forest(make.ratios(5, scale=scale, shift=shift), **RATIO)
    boxes.assert_tidy(axes)
    assert edge_is_empty(axes)


@pytest.mark.parametrize("value", [0.0, 0.3, -1e-9, 1e300, 5e-324])
def test_all_effects_equal_and_without_width(value: float) -> None:
    table = make.table(3).assign(estimate=value, ci_low=value, ci_high=value)
    boxes.assert_tidy(forest(table, **make.WORDS))


def test_what_is_not_known_is_said_so() -> None:
    table = make.table(4).assign(
        estimate=[0.3, np.nan, 0.2, 0.1],
        ci_low=[np.nan, np.nan, -np.inf, -0.2],
        ci_high=[np.nan, np.nan, np.inf, 0.5],
        people=[np.nan, 12, 13, 14],
        weight=[np.nan] * 4,
    )
    seen = boxes.assert_tidy(forest(table, **make.WORDS))
    found = Counter(one.text for one in seen)
    assert found["not known"] == 2
    assert found["−∞ to ∞"] == 1
    assert found["Weight"] == 0
    assert found["nan"] == 0


def test_nothing_known_at_all() -> None:
    table = make.table(2).assign(estimate=np.nan, ci_low=np.nan, ci_high=np.nan)
    boxes.assert_tidy(forest(table, **make.WORDS))


@pytest.mark.parametrize(
    ("size", "engine"),
    [
        ((16, 10), "none"),
        ((16, 10), "constrained"),
        ((10, 6), "none"),
        ((10, 6), "tight"),
        ((5, 4), "none"),
        ((5, 4), "constrained"),
    ],
)
def test_a_grid_of_given_axes(size: tuple[int, int], engine: str) -> None:
    figure, grid = plt.subplots(2, 2, figsize=size, layout=engine)
    for number, axes in enumerate(grid.flat):
        assert forest(make.pooled(number * 3 + 1), axes, **make.WORDS) is axes
    if size[0] >= 10:
        # As a notebook draws what is not in a `Picture`: letters a little wider.
        figure.canvas.draw()
    for axes in grid.flat:
        boxes.assert_tidy(axes)
    assert len(figure.axes) == 4


def test_given_axes_that_are_larger_than_needed() -> None:
    axes = plt.figure(figsize=(20, 12)).add_axes((0, 0, 1, 1))
    forest(make.pooled(4), axes, **make.WORDS)
    seen = boxes.assert_tidy(axes)
    label = next(one for one in seen if one.text.startswith("Author"))
    assert label.artist.get_fontsize() == 9
    assert boxes.plot_of(axes).get_window_extent().width > 1200


def test_a_readers_own_style_does_not_change_the_figure() -> None:
    plain = boxes.pixels(forest(make.pooled(3), **make.WORDS))
    wild = {"font.size": 30, "axes.facecolor": "black", "text.color": "white", "lines.linewidth": 9}
    with plt.style.context("dark_background"), plt.rc_context(wild):
        own = boxes.pixels(forest(make.pooled(3), **make.WORDS))
        assert plt.rcParams["font.size"] == 30
    assert (plain == own).all()


def test_no_window_into_a_table_that_is_empty_or_wrong() -> None:
    with pytest.raises(InvalidArgumentError, match="no rows"):
        forest(make.table(0))
    with pytest.raises(InvalidArgumentError, match="estimate, ci_low"):
        forest(make.table(2).drop(columns=["estimate", "ci_low"]))
    with pytest.raises(InvalidArgumentError, match="Author 0 1960"):
        forest(make.table(1).rename(columns={"ci_low": "ci_high", "ci_high": "ci_low"}))


@pytest.mark.parametrize("threshold", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_no_band_without_a_threshold(threshold: float | None) -> None:
    axes = forest(make.table(3), threshold=threshold)
    assert not any("shaded" in one.text for one in boxes.texts(axes))
    assert len(boxes.plot_of(axes).patches) == 0
    assert "shaded" not in alt_text(axes)


def test_words_beside_no_effect_wherever_it_lies() -> None:
    for shift in (-3.0, -1.0, 0.0, 1.0, 3.0):
        axes = forest(make.table(4, shift=shift), **make.WORDS)
        seen = boxes.assert_tidy(axes)
        plot = boxes.plot_of(axes)
        zero = plot.transData.transform((0, 0))[0]
        left = next(one for one in seen if one.text.startswith("←"))
        right = next(one for one in seen if one.text.endswith("→"))
        assert left.x[1] < zero < right.x[0]
        assert right.x[0] - left.x[1] < 20


def test_one_side_only_where_no_effect_is_off_the_axis() -> None:
    for shift, words in ((-300, "← favours magnesium"), (300, "favours placebo →")):
        axes = forest(make.table(4, shift=shift), **make.WORDS)
        found = [one.text for one in boxes.assert_tidy(axes)]
        assert [text for text in found if "favours" in text] == [words]
        side = "right" if shift < 0 else "left"
        assert any(f"No effect (0) lies beyond the {side} end" in text for text in found)


def test_headings_and_letters_stand_before_their_readings() -> None:
    rows = (
        ForestRow("heading", "Author 2020, read in two ways"),
        ForestRow("study", "the first", 0.1, -0.2, 0.4, tag="A", indented=True),
        ForestRow("study", "the second", 0.2, -0.2, 0.6, tag="B", indented=True),
    )
    seen = {one.text: one for one in boxes.assert_tidy(forest(ForestRows(rows)))}
    for letter, label in (("A", "the first"), ("B", "the second")):
        assert seen[letter].x[1] < seen[label].x[0]
        assert np.mean(seen[letter].y) == pytest.approx(np.mean(seen[label].y), abs=2)
    assert seen["Author 2020, read in two ways"].x[0] < seen["A"].x[0]
    more = replace(rows[1], tag="ABCD")
    boxes.assert_tidy(forest(ForestRows((rows[0], more, rows[2]))))
