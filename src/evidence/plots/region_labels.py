"""Where a text finds room inside one part of a chart's ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats
from evidence.plots.chart import Chart

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["free_spot"]


def free_spot(
    chart: Chart,
    inside: Callable[[Floats, Floats], NDArray[np.bool_]],
    size: tuple[float, float],
    taken: Sequence[tuple[float, float, float, float]],
    lines: Sequence[float],
) -> Floats | None:
    """Return the middle of a text in inches, inside one part, over no mark and no line.

    Parameters
    ----------
    chart
        The chart, its plot laid out.
    inside
        Whether places, given across and upright, belong to the part.
    size
        Of the text, inches.
    taken
        Texts that stand there already: middle across and upright, width, height.
    lines
        Upright lines to keep away from, where they stand across.
    """
    layout = chart.layout
    half = size[0] / 2 + 0.05, size[1] / 2 + 0.04
    if layout.plot_width <= 2 * half[0] or layout.plot_height <= 2 * half[1]:
        return None
    across = np.linspace(half[0], layout.plot_width - half[0], 61)
    upright = np.linspace(layout.plot_height - half[1], half[1], 31)
    x, y = (each.ravel() for each in np.meshgrid(across, upright))
    (left, right), (bottom, top) = layout.points.x_ends, layout.points.y_ends
    fits = np.ones(x.size, dtype=bool)
    for side in np.linspace(-1.0, 1.0, 7):
        for up in (-1.0, 0.0, 1.0):
            effects = left + (x + side * half[0]) / layout.plot_width * (right - left)
            sizes = bottom + (y + up * half[1]) / layout.plot_height * (top - bottom)
            fits &= inside(effects, sizes)
    marks = layout.inches(layout.points.places)
    for line in lines:
        place = (line - left) / (right - left) * layout.plot_width
        fits &= np.abs(x - place) > half[0]
    for other_x, other_y, wide, high in taken:
        fits &= (np.abs(x - other_x) > half[0] + wide / 2) | (
            np.abs(y - other_y) > half[1] + high / 2
        )
    if not fits.any():
        return None
    x, y = x[fits], y[fits]
    beside = np.abs(x[:, np.newaxis] - marks[:, 0]) - half[0]
    above = np.abs(y[:, np.newaxis] - marks[:, 1]) - half[1]
    room = np.maximum(beside, above).min(axis=1)
    best = int(np.argmax(np.minimum(room, 0.3)))
    return np.array([x[best], y[best]]) if room[best] > layout.points.radius else None
