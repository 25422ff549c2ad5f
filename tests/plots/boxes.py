"""What is to be seen of a figure: where each text and each mark lies, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.transforms import Affine2D

from evidence.plots.style import plain

if TYPE_CHECKING:
    from matplotlib.text import Text


@dataclass(frozen=True)
class Seen:
    """One text that is drawn, and the four corners of its box."""

    text: str
    corners: np.ndarray
    artist: Text

    @property
    def x(self) -> tuple[float, float]:
        return float(self.corners[:, 0].min()), float(self.corners[:, 0].max())

    @property
    def y(self) -> tuple[float, float]:
        return float(self.corners[:, 1].min()), float(self.corners[:, 1].max())


def squeezed(text: str) -> str:
    """Return a text without white space: a label is broken into lines."""
    return "".join(text.split())


def plot_of(axes: Any) -> Any:
    """Return the part of a forest plot that has the marks."""
    (plot,) = axes.child_axes
    return plot


def texts(axes: Any) -> list[Seen]:
    """Return every text that is drawn on some axes."""
    _draw_once(axes)
    with plain():
        return _texts(axes)


_drawn: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


def _draw_once(axes: Any) -> Any:
    """Draw a figure, once at each resolution: nothing here changes it afterwards."""
    figure = axes.get_figure(root=True)
    if _drawn.get(figure) != figure.dpi:
        with plain():
            figure.canvas.draw()
        _drawn[figure] = figure.dpi
    return figure


def _texts(axes: Any) -> list[Seen]:
    found = list(axes.texts)
    for child in axes.child_axes:
        found += [*child.texts, child.title, child.xaxis.label, child.yaxis.label]
        found += [*child.get_xticklabels(), *child.get_yticklabels()]
    return [
        Seen(one.get_text(), _corners(one), one)
        for one in found
        if one.get_visible() and one.get_text().strip()
    ]


def _corners(text: Text) -> np.ndarray:
    angle = text.get_rotation()
    # A turned text is turned about its anchor, after it was aligned to it.
    text.set_rotation(0)
    box = text.get_window_extent()
    text.set_rotation(angle)
    corners = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])
    if not angle:
        return corners
    assert text.get_rotation_mode() == "anchor"
    anchor = text.get_transform().transform(text.get_position())
    return Affine2D().rotate_deg_around(*anchor, angle).transform(corners)


def overlaps(first: np.ndarray, second: np.ndarray, slack: float = 0.5) -> bool:
    """Return whether two convex shapes share more than `slack` pixels in every direction."""
    low = np.maximum(first.min(axis=0), second.min(axis=0))
    if (low + slack >= np.minimum(first.max(axis=0), second.max(axis=0))).any():
        return False
    for shape in (first, second):
        edges = np.roll(shape, -1, axis=0) - shape
        for edge in edges:
            length = np.hypot(*edge)
            if length == 0:
                continue
            normal = np.array([-edge[1], edge[0]]) / length
            a, b = first @ normal, second @ normal
            if a.max() <= b.min() + slack or b.max() <= a.min() + slack:
                return False
    return True


def meetings(seen: list[Seen]) -> list[tuple[str, str]]:
    """Return every pair of texts that overlap."""
    x = np.array([one.x for one in seen])
    y = np.array([one.y for one in seen])
    near = (
        (x[:, None, 0] < x[None, :, 1])
        & (x[None, :, 0] < x[:, None, 1])
        & (y[:, None, 0] < y[None, :, 1])
        & (y[None, :, 0] < y[:, None, 1])
    )
    pairs = np.argwhere(np.triu(near, 1))
    return [
        (seen[i].text, seen[j].text) for i, j in pairs if overlaps(seen[i].corners, seen[j].corners)
    ]


def outside(seen: list[Seen], box: Any, slack: float = 0.5) -> list[str]:
    """Return the texts that leave a box."""
    return [
        f"{one.text} {one.x} {one.y} not in {box.extents}"
        for one in seen
        if one.x[0] < box.x0 - slack
        or one.x[1] > box.x1 + slack
        or one.y[0] < box.y0 - slack
        or one.y[1] > box.y1 + slack
    ]


def rectangle(box: Any) -> np.ndarray:
    return np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])


def pixels(axes: Any) -> np.ndarray:
    """Return the drawn figure as RGB, first row at the bottom."""
    figure = _draw_once(axes)
    return np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3].astype(int)


def colour_at(axes: Any, image: np.ndarray, x: float, y: float) -> str:
    """Return the colour where a point of the data is drawn."""
    column, row = axes.transData.transform((x, y))
    red, green, blue = image[int(row), int(column)]
    return f"#{red:02x}{green:02x}{blue:02x}"


def assert_tidy(axes: Any) -> list[Seen]:
    """Check that no text overlaps another, leaves its axes, or runs into the plot."""
    seen = texts(axes)
    met = meetings(seen)
    assert not met, f"these overlap: {met}"
    cut = outside(seen, axes.get_window_extent())
    assert not cut, f"these leave their axes: {cut}"
    for plot in axes.child_axes:
        area = rectangle(plot.get_window_extent())
        inside = [one.text for one in seen if overlaps(one.corners, area)]
        assert not inside, f"these run into the plot: {inside}"
    return seen
