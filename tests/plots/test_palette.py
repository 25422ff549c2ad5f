"""Told apart with every common form of colour blindness, and with none of the colours."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Polygon
from tests.plots import boxes, make

from evidence.plots import effect_direction, forest
from evidence.plots.rows import ForestRow
from evidence.plots.style import BAND, BLUE, GREY, INK, ORANGE, PAPER

#: Machado GM, Oliveira MM, Fernandes LAF (2009). A physiologically-based model for
#: simulation of color vision deficiency. IEEE Transactions on Visualization and Computer
#: Graphics 15:1291-1298; severity 1.0, for linear RGB.
SIGHT = {
    "all colours": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
    "no colours": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}


def linear(color: str) -> np.ndarray:
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(color: str, sight: str = "all colours") -> float:
    seen = np.clip(SIGHT[sight] @ linear(color), 0, 1)
    return float(seen @ [0.2126, 0.7152, 0.0722])


def contrast(first: str, second: str, sight: str = "all colours") -> float:
    light, dark = sorted((luminance(first, sight), luminance(second, sight)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(color: str, sight: str) -> np.ndarray:
    rgb = np.clip(SIGHT[sight] @ linear(color), 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    t = to_xyz @ rgb / (to_xyz @ np.ones(3))
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def encodings(axes: Any) -> set[tuple[str, str, str]]:
    """Return shape, outline and fill of every kind of mark on axes and on their plots."""
    found = set()
    for one in (axes, *axes.child_axes):
        for line in one.lines:
            # An arrow means that its line goes on, whatever its colour; marks in ink are
            # the legend's examples of a fill.
            plain = line.get_marker() in {"None", None, "", "<", ">"}
            if not plain and to_hex(line.get_markeredgecolor()) != INK:
                filled = f"{line.get_fillstyle()} {to_hex(line.get_markerfacecolor())}"
                found.add((line.get_marker(), to_hex(line.get_markeredgecolor()), filled))
        found |= {
            ("diamond", to_hex(p.get_edgecolor()), to_hex(p.get_facecolor()))
            for p in one.patches
            if type(p) is Polygon
        }
    return found


@pytest.fixture(scope="module")
def figures() -> list[Any]:
    synthesis = make.synthesis(
        make.twofold("ahn", -0.4), make.plain("ba", 0.2), make.plain("cy", 0.9)
    )
    return [
        forest(synthesis, **make.WORDS),
        forest(make.table(9), **make.WORDS),
        effect_direction(make.directions(12, 9)),
    ]


@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_marks_differ_by_colour_alone(figures: list[Any], sight: str) -> None:
    for axes in figures:
        for (shape, edge, fill), (other, other_edge, other_fill) in combinations(
            sorted(encodings(axes)), 2
        ):
            if shape != other:
                continue
            # One shape: filled, half filled and hollow. Those differ by their light.
            style, color = fill.split()
            other_style, other_color = other_fill.split()
            if style == other_style:
                assert contrast(color, other_color, sight) >= 3, (shape, edge, other_edge)


@pytest.mark.parametrize("sight", ["all colours", "protanopia", "deuteranopia", "tritanopia"])
def test_the_two_colours_are_far_apart(sight: str) -> None:
    for first, second in ((BLUE, ORANGE), (BLUE, GREY), (ORANGE, GREY)):
        # A difference of 10 is seen at a glance; 2.3 is the smallest that is seen at all.
        assert np.linalg.norm(lab(first, sight) - lab(second, sight)) > 10, (first, second)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("ground", [PAPER, BAND])
def test_marks_stand_out_from_what_is_behind_them(sight: str, ground: str) -> None:
    for color in (BLUE, ORANGE, GREY, INK):
        assert contrast(color, ground, sight) >= 3, color


def test_every_text_is_readable(figures: list[Any]) -> None:
    for axes in figures:
        for one in boxes.texts(axes):
            color = to_hex(one.artist.get_color())
            ground = GREY if color == PAPER else PAPER
            assert contrast(color, ground) >= 4.5, one.text


def test_the_band_is_seen_by_its_edges_where_its_fill_is_not() -> None:
    assert contrast(GREY, PAPER) >= 3
    assert contrast(GREY, BAND) >= 3
    assert contrast(BAND, PAPER) > 1.15


def test_second_hand_is_told_by_a_sign_as_well() -> None:
    row = {"label": "Author 2020", "estimate": 0.1, "ci_low": 0.0, "ci_high": 0.2}
    assert ForestRow("study", "x").second_hand is False
    table = make.table(1).assign(**row, tier="secondary")
    assert any(one.text == "Author 2020 †" for one in boxes.texts(forest(table)))
