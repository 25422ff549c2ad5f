"""Chance and worth over the size of the next trial: the numbers drawn are the result's."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.plots import boxes

from evidence.errors import InvalidArgumentError
from evidence.plots import alt_text, chances_of_sizes, values_of_sizes
from evidence.plots.next_trial_sizes import chances_over_size, value_over_size
from evidence.plots.wording import LONGEST
from evidence.synthesis.further.next_trial import next_trial
from evidence.synthesis.further.value import value_of_another_trial
from evidence.synthesis.pool import pool


def foreseen(**options: object):
    arguments = {"better": "lower", "threshold": 0.5} | options
    return next_trial(
        pool([-0.19, -0.87, -0.96], [0.026, 0.102, 0.074]), people=[155, 43, 60], **arguments
    )


def assert_tidy(axes) -> str:
    seen = boxes.texts(axes)
    assert not boxes.meetings(seen)
    assert not boxes.outside(seen, axes.get_window_extent())
    assert 0 < len(alt_text(axes)) <= LONGEST
    return " ".join(" ".join(one.text.split()) for one in seen)


def curves(axes) -> list[np.ndarray]:
    plots = [axes, *axes.child_axes]
    found = [line.get_ydata() for plot in plots for line in plot.get_lines()]
    return [np.asarray(each, dtype=float) for each in found if len(each) > 2]


@pytest.mark.parametrize("options", [{}, {"threshold": None}, {"sizes": [100]}])
def test_chances(options) -> None:
    trial = foreseen(**options)
    axes = chances_over_size(trial)
    shown = assert_tidy(axes)
    assert f"{100 * trial.changes.max():.0f}% at most" in shown
    if trial.people.size > 2:
        assert any(np.allclose(each, 100 * trial.changes) for each in curves(axes))
    plt.close(axes.figure)


@pytest.mark.parametrize("mean", [0.5, 0.61, -3.0])
def test_worth(mean) -> None:
    value = value_of_another_trial(
        mean, 0.25, variance_of_one=4.0, threshold=0.5, between=0.05,
        units=(("SD", 1.0), ("points", 8.0)),
    )  # fmt: skip
    axes = value_over_size(value)
    shown = assert_tidy(axes)
    assert "points" in shown
    assert_allclose(curves(axes)[-1], 8 * value.sample)
    plt.close(axes.figure)


def test_nothing_to_draw_is_said() -> None:
    for axes in (*chances_of_sizes(()), *values_of_sizes(())):
        assert alt_text(axes)
        plt.close(axes.figure)


def test_something_else_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"evidence\.next_trial"):
        chances_over_size(3)
    with pytest.raises(InvalidArgumentError, match=r"evidence\.value_of_another_trial"):
        value_over_size(foreseen())
