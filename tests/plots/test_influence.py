"""The influence panel: one row a study, one plot a diagnostic, nothing silently dropped."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from tests.papers import bcg
from tests.plots import boxes, charts

from evidence.errors import InvalidArgumentError
from evidence.plots import Picture, alt_text
from evidence.plots.influence import influence_panel
from evidence.plots.style import BLUE, GREY, ORANGE
from evidence.plots.wording import LONGEST
from evidence.synthesis import pool
from evidence.synthesis.sensitivity.influence import (
    INFLUENCE_RULES,
    InfluenceResult,
    influence,
)

FIELDS = (
    "standardised_residual",
    "dffits",
    "dfbetas",
    "cooks_distance",
    "covariance_ratio",
    "tau2_without",
    "q_without",
    "weight",
)


def outlying() -> InfluenceResult:
    return influence(pool([0.1, 0.2, 0.15, 0.12, 0.18, 3.0], [0.01, 0.02, 0.01, 0.03, 0.02, 0.02]))


EXTREMES = {
    "two": lambda: influence(charts.studies(2)),
    "three": lambda: influence(charts.studies(3)),
    "13": lambda: influence(charts.studies(13)),
    "25": lambda: influence(charts.studies(25)),
    "26": lambda: influence(charts.studies(26)),
    "200": lambda: influence(charts.studies(200)),
    "tiny": lambda: influence(charts.studies(5, scale=1e-8)),
    "huge": lambda: influence(charts.studies(12, scale=1e8)),
    "one outlier": outlying,
    "one dominates": lambda: influence(pool([3, -4, 40.0, 2], [1, 4000, 1e-6, 1])),
    "identical effects": lambda: influence(pool([0.5] * 4, [0.1, 0.2, 0.3, 0.4])),
    "common effect": lambda: influence(
        pool([0.1, 0.7, 0.4], [0.02, 0.05, 0.1], model="common", ci_method="Wald")
    ),
    "long labels": lambda: influence(charts.studies(13, labels=charts.long_labels(13))),
}


def rows_of(plot: Any) -> list[tuple[float, str, str]]:
    """Return value, marker and colour of each row, from the top."""
    marks = [line for line in plot.lines if line.get_marker() in {"o", "D"}]
    marks.sort(key=lambda line: -line.get_ydata()[0])
    return [
        (float(m.get_xdata()[0]), str(m.get_marker()), to_hex(m.get_markerfacecolor()).upper())
        for m in marks
    ]


@pytest.mark.parametrize("name", EXTREMES)
def test_nothing_overlaps_or_is_cut(name: str) -> None:
    result = EXTREMES[name]()
    axes = influence_panel(result)
    boxes.assert_tidy(axes)
    assert charts.edge_is_empty(axes)
    assert len(alt_text(axes)) <= LONGEST
    for plot in axes.child_axes:
        low, high = plot.get_xlim()
        for value, _, _ in rows_of(plot):
            assert low < value < high


@pytest.mark.parametrize("k", [3, 13, 25])
def test_every_study_has_its_row_and_its_values(k: int) -> None:
    result = influence(charts.studies(k))
    axes = influence_panel(result)
    texts = [one.text for one in boxes.texts(axes)]
    for label in result.labels:
        assert texts.count(label) == 1
    assert len(axes.child_axes) == len(FIELDS)
    for field, plot in zip(FIELDS, axes.child_axes, strict=True):
        assert [value for value, _, _ in rows_of(plot)] == list(getattr(result, field))


def test_influential_studies_have_another_colour_and_another_marker() -> None:
    result = outlying()
    assert 0 < result.influential.sum() < result.k
    axes = influence_panel(result)
    for plot in axes.child_axes:
        found = [(marker, color) for _, marker, color in rows_of(plot)]
        wanted = [("D", ORANGE) if one else ("o", BLUE) for one in result.influential]
        assert found == wanted
    for one in boxes.texts(axes):
        if one.text in result.labels:
            bold = bool(result.influential[result.labels.index(one.text)])
            assert (one.artist.get_fontweight() == "bold") == bold
    names = [result.labels[i] for i in np.flatnonzero(result.influential)]
    assert names[0] in alt_text(axes).split(".")[0]
    assert "Orange diamonds: influential by DFFITS" in charts.joined(boxes.texts(axes))


def test_no_influential_study_is_said_so() -> None:
    result = influence(pool(bcg.log_risk_ratios(), labels=bcg.LABELS))
    assert not result.influential.any()
    assert alt_text(influence_panel(result)).startswith("None of 13 studies is influential.")


def test_an_outlier_without_influence_is_named_in_the_title() -> None:
    effects, errors = np.linspace(-0.15, 0.15, 37), np.full(37, 0.1)
    effects[4], errors[4] = 2.4, 0.9
    found = influence(pool(effects, standard_errors=errors, labels=[f"S{i}" for i in range(37)]))
    assert list(np.flatnonzero(found.outlier & ~found.influential)) == [4]
    assert not found.influential.any()
    text = charts.joined(boxes.texts(influence_panel(found)))
    assert "None of 37 studies is influential; S4 has a residual beyond the cut-off" in text


@pytest.mark.parametrize("size", [(10, 5), (6, 4)])
def test_no_word_of_a_head_is_broken(size: tuple[int, int]) -> None:
    _, grid = plt.subplots(1, 2, figsize=size)
    influence_panel(influence(charts.studies(13)), grid[0])
    words = {word for one in boxes.texts(grid[0]) for word in one.text.split()}
    assert {"Standardised", "residual", "Covariance", "without", "distance"} <= words


def test_cut_offs_are_those_of_the_rules() -> None:
    result = influence(charts.studies(13))
    plots = dict(zip(FIELDS, influence_panel(result).child_axes, strict=True))

    def dashed(plot: Any) -> list[float]:
        return sorted(
            float(line.get_xdata()[0])
            for line in plot.lines
            if line.get_linestyle() == "--" and to_hex(line.get_color()) == GREY
        )

    cutoffs = {rule.name: rule.cutoff(13) for rule in INFLUENCE_RULES}
    for name in ("standardised_residual", "dffits", "dfbetas"):
        assert dashed(plots[name]) == [-cutoffs[name], cutoffs[name]]
    assert dashed(plots["cooks_distance"]) == [cutoffs["cooks_distance"]]
    assert dashed(plots["weight"]) == [100 * cutoffs["hat"]]
    assert dashed(plots["q_without"]) == dashed(plots["covariance_ratio"]) == []


@pytest.mark.parametrize("k", [2, 3, 13])
def test_weights_that_hardly_differ_are_not_pulled_apart(k: int) -> None:
    variances = 0.04 * (1 + 1e-3 * np.arange(k))
    result = influence(pool(np.linspace(0.1, 0.5, k), variances))
    plot = influence_panel(result).child_axes[-1]
    low, high = plot.get_xlim()
    assert high - low >= 100 / k
    assert np.ptp(result.weight) < 0.01 * (high - low)
    assert low < 100 / k < high


def test_of_200_studies_the_most_telling_are_shown_and_the_rest_is_counted() -> None:
    result = influence(charts.studies(200))
    axes = influence_panel(result)
    seen = boxes.texts(axes)
    shown = [label for label in result.labels if any(one.text == label for one in seen)]
    assert len(shown) == 25
    flagged = {
        label
        for label, one, other in zip(result.labels, result.influential, result.outlier, strict=True)
        if one or other
    }
    assert flagged <= set(shown)
    text = charts.joined(seen)
    assert "The other 175 studies, from lowest to highest" in text
    assert "the 25 of 200 studies" in text
    assert "of the other 175, none crosses a cut-off" in text
    assert "of the other 175, none crosses a cut-off" in alt_text(axes)
    rest = [i for i, label in enumerate(result.labels) if label not in shown]
    for field, plot in zip(FIELDS, axes.child_axes, strict=True):
        (line,) = [one for one in plot.lines if one.get_linewidth() == 3]
        values = getattr(result, field)[rest]
        assert list(line.get_xdata()) == [values.min(), values.max()]


def test_what_is_not_known_of_two_studies_is_said() -> None:
    result = influence(charts.studies(2))
    axes = influence_panel(result)
    text = charts.joined(boxes.texts(axes))
    unknown = [field for field in FIELDS if not np.isfinite(getattr(result, field)).any()]
    assert unknown
    assert len(axes.child_axes) == len(FIELDS) - len(unknown)
    assert "Not known for any study, so not drawn: Standardised residual" in text
    assert "Not known: Standardised residual" in alt_text(axes)


def test_only_a_result_of_influence_is_drawn() -> None:
    with pytest.raises(InvalidArgumentError, match="result is PooledResult; this figure takes"):
        influence_panel(charts.studies(3))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(20, 12), (9, 5), (5, 3)])
def test_given_axes(size: tuple[int, int]) -> None:
    _, axes = plt.subplots(figsize=size)
    assert influence_panel(influence(charts.studies(13)), axes, title="Mine") is axes
    seen = boxes.assert_tidy(axes)
    assert any(one.text == "Mine" for one in seen)
    assert alt_text(axes).startswith("Mine.")


def test_equal_numbers_give_equal_bytes() -> None:
    first, second = (Picture(influence_panel(outlying())) for _ in range(2))
    assert first.png() == second.png()
    assert first.svg() == second.svg()
