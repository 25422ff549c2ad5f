"""The curve of p over changed outcomes: nothing overlaps, marks stand where the numbers are."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import pytest
from tests.plots import boxes

from evidence.appraisal import fragility_over_splits, trial_fragility
from evidence.errors import InvalidArgumentError
from evidence.plots import alt_text, fragility_curve
from evidence.plots.wording import LONGEST

COUNTS = {
    "lost by one": (1, 100, 9, 100),
    "gained by one": (2, 77, 7, 76),
    "gained by four": (8, 77, 13, 78),
    "160 people": (100, 1000, 300, 1000),
    "no index": (0, 1, 1, 1),
    "nobody": (0, 30, 0, 30),
    "everybody": (30, 30, 30, 30),
    "the control group changes": (15, 40, 6, 40),
    "by the other group": (1, 200, 2, 200),
}


def of(name: str, **how: object):
    a, n1, c, n2 = COUNTS[name]
    return trial_fragility(
        events_treatment=a, total_treatment=n1, events_control=c, total_control=n2, **how
    )


def lines_of(axes):
    return [line for each in axes.child_axes for line in each.lines]


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("lost", [None, 21])
def test_nothing_overlaps_or_is_cut(name: str, lost: int | None) -> None:
    axes = fragility_curve(of(name, lost=lost), names=("magnesium", "placebo"))
    seen = boxes.texts(axes)
    assert not boxes.meetings(seen)
    assert not boxes.outside(seen, axes.get_window_extent())
    texts = " ".join(" ".join(one.text.split()) for one in seen)
    assert ("21 people were lost" in texts) == (lost is not None)
    assert 50 < len(alt_text(axes)) <= LONGEST
    plt.close("all")


def test_marks_stand_where_the_numbers_are() -> None:
    found = of("lost by one")
    axes = fragility_curve(found)
    lines = lines_of(axes)
    (diamond,) = [line for line in lines if line.get_marker() == "D"]
    assert list(diamond.get_xdata()) == [1]
    assert list(diamond.get_ydata()) == [found.p_value]
    turned = [line for line in lines if line.get_marker() == "o" and len(line.get_xdata()) == 1]
    assert list(turned[0].get_xdata()) == [2]
    assert turned[0].get_ydata()[0] == found.p_changed
    assert any(set(line.get_ydata()) == {0.05} for line in lines)


def test_title_and_words_say_the_index() -> None:
    text = alt_text(fragility_curve(of("gained by four"), names=("magnesium", "placebo")))
    assert "Four people with another outcome take p below 0.05" in text
    assert "magnesium group, of 77" in text
    assert "As the trial was: 8 with the event, p = 0.35." in text
    assert "The first across the line: 4 with the event, p = 0.037." in text
    control = alt_text(fragility_curve(of("the control group changes"), names=("drug", "placebo")))
    assert "placebo group, of 40" in control
    none = alt_text(fragility_curve(of("no index")))
    assert "No change of outcomes in the treatment group alone takes p across 0.05" in none


def test_the_curve_is_that_of_the_result() -> None:
    found = of("160 people")
    axes = fragility_curve(found)
    curves = [line for line in lines_of(axes) if len(line.get_xdata()) > 99]
    assert list(curves[0].get_ydata()) == list(found.curve["p_value"])
    assert not math.isnan(found.p_changed)


def test_something_else_is_refused() -> None:
    splits = fragility_over_splits(
        events_treatment=2, events_control=7, total=20, most_treatment=11, most_control=12
    )
    with pytest.raises(InvalidArgumentError, match=r"take one of `\.each`"):
        fragility_curve(splits)
    assert fragility_curve(splits.each[0])
