"""What is to be seen of a chart of points, whose names stand among the marks."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.plots import boxes

from evidence.plots.style import plain
from evidence.synthesis import pool
from evidence.synthesis.result import PooledResult

LONG = (
    "<b>A very long label</b> of a trial & of what it was about 19",
    "Author et al. with a name of sixty letters, and a year, 2020",
    "镁与睡眠的随机对照试验 2021 年 在北京进行 的 大型 研究",
    "W" * 60,
)


def studies(k: int, *, scale: float = 1.0, shift: float = -0.3, labels: Any = None) -> PooledResult:
    """Return k studies of many sizes, pooled."""
    random = np.random.default_rng(k)
    errors = random.uniform(0.05, 0.6, k)
    effects = random.normal(shift, 0.1, k) + random.normal(0, 1, k) * errors
    names = labels or [f"Author {i} {1960 + i % 60}" for i in range(k)]
    return pool(effects * scale, standard_errors=errors * scale, labels=names)


def long_labels(k: int) -> list[str]:
    return [f"{LONG[i % len(LONG)]} {i}" for i in range(k)]


def marks_of(plot: Any, kinds: str = "oD") -> np.ndarray:
    """Return the middles of all marks in units of the data, shape (n, 2)."""
    found = [np.column_stack(line.get_data()) for line in plot.lines if line.get_marker() in kinds]
    return np.vstack([np.empty((0, 2)), *found])


def marks_with(plot: Any, marker: str) -> np.ndarray:
    return marks_of(plot, marker)


def edge_is_empty(axes: Any) -> bool:
    image = boxes.pixels(axes)
    border = [image[:2], image[-2:], image[:, :2], image[:, -2:]]
    return all(bool((part == 255).all()) for part in border)


def assert_tidy(axes: Any, *, marks: bool = True) -> list[boxes.Seen]:
    """Check that no text overlaps another, covers a mark, or is cut."""
    seen = boxes.texts(axes)
    met = boxes.meetings(seen)
    assert not met, f"these overlap: {met}"
    cut = boxes.outside(seen, axes.get_window_extent())
    assert not cut, f"these leave their axes: {cut}"
    if marks:
        plot = boxes.plot_of(axes)
        with plain():
            middles = plot.transData.transform(marks_of(plot))
        for one in seen:
            low, high = one.corners.min(axis=0), one.corners.max(axis=0)
            inside = ((middles > low) & (middles < high)).all(axis=1)
            assert not inside.any(), f"{one.text} covers a mark"
    return seen


def joined(seen: list[boxes.Seen]) -> str:
    return " ".join(" ".join(one.text.split()) for one in seen)
