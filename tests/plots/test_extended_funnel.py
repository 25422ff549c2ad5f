"""The extended funnel: every part where it belongs, nothing cut, said in words."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.plots import boxes

from evidence.errors import InvalidArgumentError
from evidence.plots import alt_text
from evidence.plots.extended_funnel import extended_funnel
from evidence.plots.wording import LONGEST
from evidence.synthesis.further.conclusions import REGIONS
from evidence.synthesis.further.next_trial import next_trial
from evidence.synthesis.pool import pool


def made_up(k: int, scale: float = 1.0, **method: object):
    random = np.random.default_rng(k)
    return pool(
        random.normal(0.3, 0.5, k) * scale, random.uniform(0.02, 0.3, k) * scale**2, **method
    )


RESULTS = {
    "one study": lambda: pool([0.3], [0.03]),
    "two studies": lambda: made_up(2),
    "three studies": lambda: made_up(3),
    "13 studies": lambda: pool(log_risk_ratios(), labels=LABELS),
    "200 studies": lambda: made_up(200),
    "common effect": lambda: made_up(5, model="common", ci_method="Wald"),
    "tau2 at zero": lambda: pool([0.3, 0.31, 0.29], [0.05, 0.1, 0.02]),
    "tiny": lambda: made_up(5, scale=1e-8),
    "huge": lambda: made_up(5, scale=1e8),
    "one far more precise": lambda: pool([0.2, 0.9, -0.4], [1e-4, 0.4, 0.5], ci_method="Wald"),
}


def foreseen(name: str, **options: object):
    result = RESULTS[name]()
    scale = {"tiny": 1e-8, "huge": 1e8}.get(name, 1.0)
    arguments = {"better": "higher", "threshold": 0.2 * scale, "sizes": [100]} | options
    return next_trial(result, people=4 * scale**2 / result.variances, **arguments)


@pytest.mark.parametrize("name", RESULTS)
def test_nothing_overlaps_or_is_cut(name) -> None:
    axes = extended_funnel(foreseen(name), favours=("favours this", "favours that"))
    seen = boxes.texts(axes)
    assert not boxes.meetings(seen)
    assert not boxes.outside(seen, axes.get_window_extent())
    assert len(alt_text(axes)) <= LONGEST
    plt.close(axes.figure)


def test_each_part_is_drawn_and_named() -> None:
    trial = foreseen("common effect")
    axes = extended_funnel(trial)
    shown = " ".join(" ".join(one.text.split()) for one in boxes.texts(axes))
    text = alt_text(axes)
    present = [REGIONS[place] for place in np.unique(trial.regions)]
    assert len(present) > 2
    for name in present:
        # Slivers at the very edge of the grid may lie outside the figure.
        if f"ground: {name}" in text:
            continue
        share = (trial.regions == REGIONS.index(name)).mean()
        assert share < 0.02
    assert "the people it takes" in shown
    assert trial.now_in_words in text
    plt.close(axes.figure)


def test_without_a_threshold_and_with_ratios() -> None:
    trial = foreseen("13 studies", better="lower", threshold=None)
    axes = extended_funnel(trial, log=True, xlabel="risk ratio", title="What one more would do")
    shown = " ".join(" ".join(one.text.split()) for one in boxes.texts(axes))
    assert "Dotted" not in shown
    assert "What one more would do" in shown
    assert "risk ratio" in shown
    assert math.isnan(trial.threshold)
    plt.close(axes.figure)


def test_the_title_says_what_one_more_trial_could_do() -> None:
    stuck = next_trial(
        pool([-3.0, 3.0], [0.02, 0.02]), people=[200, 200], better="lower", sizes=[100]
    )
    axes = extended_funnel(stuck)
    shown = " ".join(" ".join(one.text.split()) for one in boxes.texts(axes))
    assert "So far open; no single trial here changes that" in shown
    plt.close(axes.figure)


def test_something_else_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"evidence\.next_trial"):
        extended_funnel(RESULTS["two studies"]())
