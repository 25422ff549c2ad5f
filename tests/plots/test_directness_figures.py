"""Directness and borrowing as figures: every sign in its place, nothing overlaps or is cut."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from tests.plots import boxes, charts

from evidence.appraisal import Directness, appraise_directness, borrow_from_indirect
from evidence.data import Review, load_review
from evidence.data.nearness import Nearness
from evidence.data.sections import RULED_ASPECTS
from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text, borrowing, directness_table

MAIN = "insomnia-or-sleep-quality"


@pytest.fixture(scope="module")
def review() -> Review:
    return load_review("magnesium-sleep")


def made(k: int, *, weights: bool = True, labels: Any = None) -> Directness:
    """Return k trials with distances drawn at random; None is not stated."""
    random = np.random.default_rng(k)
    entries = {}
    for i in range(k):
        drawn = random.integers(0, 4, len(RULED_ASPECTS))
        entries[f"s{i}"] = tuple(
            Nearness(aspect, "entry", None if d == 3 else int(d), "Why.")
            for aspect, d in zip(RULED_ASPECTS, drawn, strict=True)
        )
    names = labels or [f"Author {i} {1980 + i}" for i in range(k)]
    base = Directness(pd.DataFrame(), "tea", RULED_ASPECTS, entries)
    words = [
        "not stated" if (o := base.overall(s)) is None else ("direct", "near", "far")[o]
        for s in entries
    ]
    table = pd.DataFrame({"study_id": list(entries), "label": names, "overall": words})
    shares = {"a": tuple([100 / k] * k), "b": tuple(np.linspace(1, 99, k))} if weights else {}
    return replace(base, table=table, weights=shares)


def tidy(axes: Any) -> None:
    """Names stand among the marks of a chart; a table and a notice have no plot."""
    (charts if axes.child_axes else boxes).assert_tidy(axes)


@pytest.mark.parametrize("k", [1, 2, 14, 40])
@pytest.mark.parametrize("weights", [True, False])
def test_every_sign_stands_in_its_row_and_column(k: int, weights: bool) -> None:
    found = made(k, weights=weights)
    axes = directness_table(found)
    boxes.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    discs = [line for line in axes.lines if line.get_marker() == "o"]
    asked = [each.distance for one in found.entries.values() for each in one]
    stated = [d for d in (*asked, *map(found.overall, found.entries)) if d is not None]
    # Three more stand in the key.
    assert len(discs) == len(stated) + 3
    assert sum(line.get_fillstyle() == "left" for line in discs) == stated.count(1) + 1
    texts = [one.get_text() for one in axes.texts]
    silent = len(asked) + k - len(stated)
    assert texts.count("?") == silent + 1
    assert ("Weight" in texts) == weights
    plt.close("all")


def test_far_and_direct_differ_without_colour(review: Review) -> None:
    axes = directness_table(appraise_directness(review, MAIN))
    faces: dict[str, set[Any]] = {}
    for line in axes.lines:
        if line.get_marker() == "o" and line.get_fillstyle() == "full":
            edge = line.get_markeredgecolor()
            faces.setdefault(edge, set()).add(line.get_markerfacecolor() == edge)
    assert sorted(map(tuple, faces.values())) == [(False,), (True,)]
    plt.close("all")


@pytest.mark.parametrize("size", [(3.0, 2.0), (5.0, 4.0), (12.0, 9.0)])
def test_given_axes_hold_everything(size: tuple[float, float], review: Review) -> None:
    for draw, result in (
        (directness_table, made(9, labels=charts.long_labels(9))),
        (borrowing, borrow_from_indirect(review)),
    ):
        _, ax = plt.subplots(figsize=size)
        axes = draw(result, ax)
        assert axes is ax
        tidy(axes)
        plt.close("all")


def test_the_texts_of_the_worked_case(review: Review) -> None:
    text = alt_text(directness_table(appraise_directness(review, MAIN)))
    assert "one of three trials is direct in every aspect" in text
    assert "Saba 2022" in text
    assert "far in population" in text
    assert "far in population" in text
    borrowed = borrow_from_indirect(review)
    told = alt_text(borrowing(borrowed))
    for name, found in borrowed.scenarios:
        assert name in told
        assert f"from {found.changes[0].dial:.2f} the interval no longer holds no effect" in told
    plt.close("all")


def test_no_trial_at_all() -> None:
    table = pd.DataFrame(columns=["study_id", "label", "overall", "form_match"])
    axes = directness_table(Directness(table, "tea"))
    assert "There is no trial" in alt_text(axes)
    boxes.assert_tidy(axes)
    plt.close("all")


@pytest.mark.parametrize("analysis", [MAIN, "sleep-duration", "falling-asleep", "adverse-events"])
def test_every_analysis_has_a_tidy_figure(review: Review, analysis: str) -> None:
    axes = borrowing(borrow_from_indirect(review, analysis))
    tidy(axes)
    assert charts.edge_is_empty(axes)
    assert "nan" not in alt_text(axes)
    Picture(axes)


def test_lines_and_diamonds_are_the_results(review: Review) -> None:
    borrowed = borrow_from_indirect(review)
    axes = borrowing(borrowed)
    plot = boxes.plot_of(axes)
    curves = [line for line in plot.lines if len(line.get_xdata()) == 101]
    assert len(curves) == 3 * len(borrowed.scenarios)
    for i, (_, found) in enumerate(borrowed.scenarios):
        for line, wanted in zip(
            curves[3 * i : 3 * i + 3], (found.estimate, found.ci_low, found.ci_high), strict=True
        ):
            np.testing.assert_array_equal(line.get_ydata(), wanted)
    dials = sorted(c.dial for _, found in borrowed.scenarios for c in found.changes)
    assert sorted(charts.marks_with(plot, "D")[:, 0]) == dials
    # Readings are told apart by their dashes too.
    assert len({str(curves[3 * i].get_linestyle()) for i in range(len(borrowed.scenarios))}) == 2
    plt.close("all")


@pytest.mark.parametrize("draw", [directness_table, borrowing])
def test_something_else_is_refused(draw: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="this figure takes what"):
        draw(3)
