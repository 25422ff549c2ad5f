"""A chart of points with their names, laid out in inches before it is drawn.

From top to bottom: title, a sentence to read first, a key, the name of the upright axis, the
points, the axis with its words, notes. Names stand beside their points; where there is no
room for them, numbers do, and a list at the right says what each stands for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats
from evidence.plots.axis import Axis, axis_between
from evidence.plots.labels import Placement, place_beside
from evidence.plots.lettering import BOX, drawable, width, wrap
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.signs import PlacedSign, Sign, draw_signs, rows_height, rows_of
from evidence.plots.style import FONT, GREY, INK, PAPER, SMALL, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Chart", "ChartLayout", "Points", "ends_of", "measure_name", "open_chart"]

_TITLE = FONT + 2
_TICK = SMALL + 0.5
_LINE, _SMALL_LINE = 0.155, 0.145
#: Height of a line of small text, inches.
_NAME_HEIGHT = 0.125
#: A name wider than this stands in the list.
_WIDEST_NAME = 1.75
_KEY_WIDTH, _KEY_GAP = 2.1, 0.25
_SMALLEST = 1e-300
#: Width and height of the plot: the usual ones, and those for narrow axes.
_SIZES = ((5.4, 3.7), (4.2, 3.0), (3.2, 2.5))


@dataclass(frozen=True)
class Points:
    """What a chart shows.

    Attributes
    ----------
    places
        Where the points are, shape (n, 2).
    names
        Which of them have a name, and the name.
    x_ends, y_ends
        Ends of the axes; logarithms across where `log` is set. The lower end stands at the
        bottom, so that an axis upside down has the larger number first.
    radius
        Of a mark, inches.
    lines
        Points along lines that names keep away from, shape (p, 2).
    title, lead, notes
        Above the plot, and below it.
    signs
        Key of the shades and marks, above the plot.
    x_label, y_label, favours
        Words of the axes, and of both sides of no effect.
    x_ticks, y_ticks
        Position and text of each tick, where round numbers of the axis would not do.
    """

    places: Floats
    names: tuple[tuple[int, str], ...]
    x_ends: tuple[float, float]
    y_ends: tuple[float, float]
    radius: float = 0.05
    log: bool = False
    lines: Floats = field(default_factory=lambda: np.empty((0, 2)))
    title: str = ""
    lead: str = ""
    notes: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()
    x_label: str = ""
    y_label: str = ""
    favours: tuple[str, str] = ("", "")
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = ()


def ends_of(values: Sequence[float] | Floats, margin: float = 0.06) -> tuple[float, float]:
    """Return ends of an axis that hold some values with a little room around them.

    Parameters
    ----------
    values
        Finite numbers.
    margin
        Room at each end as a share of the axis.
    """
    low, high = float(np.min(values)), float(np.max(values))
    size = max(abs(low), abs(high))
    if size < _SMALLEST:
        return -1.0, 1.0
    # Ends that floating-point numbers cannot tell apart are none.
    span = max(high - low, 1e-9 * size) if high > low else 0.2 * size
    return low - margin * span, high + margin * span


def measure_name(measure: str) -> str:
    """Return what an axis of a measure shows: of the logarithm of a ratio, the ratio."""
    return measure.removeprefix("log ")


@dataclass(frozen=True)
class ChartLayout:
    """A chart laid out for a plot of a certain size, in inches.

    Attributes
    ----------
    points
        What is shown.
    plot_width, plot_height
        Size of the plot.
    listed
        Whether the names stand in the list, even where there is room beside the points.
    """

    points: Points
    plot_width: float
    plot_height: float
    listed: bool = False

    @cached_property
    def x_axis(self) -> Axis:
        """The axis across."""
        if self.points.x_ticks:
            return Axis(*self.points.x_ends, self.points.x_ticks)
        return axis_between(*self.points.x_ends, log=self.points.log, room=self.plot_width)

    @cached_property
    def y_axis(self) -> Axis:
        """The upright axis, its lower number first."""
        if self.points.y_ticks:
            low, high = sorted(self.points.y_ends)
            return Axis(low, high, self.points.y_ticks)
        # Upright, the texts of ticks need height rather than width: they always fit.
        return axis_between(*sorted(self.points.y_ends), log=False, room=math.inf)

    def inches(self, places: Floats) -> Floats:
        """Return where points of the data lie, from the lower left corner of the plot."""
        (left, right), (bottom, top) = self.points.x_ends, self.points.y_ends
        return np.column_stack(
            [
                (places[:, 0] - left) / (right - left) * self.plot_width,
                (places[:, 1] - bottom) / (top - bottom) * self.plot_height,
            ]
        )

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(drawable(name or " ") for _, name in self.points.names)

    def _placed(self, texts: Sequence[str], *, numbers: bool) -> list[Placement | None]:
        marks = self.inches(self.points.places)
        return place_beside(
            marks[[place for place, _ in self.points.names]],
            [(width(text, SMALL), _NAME_HEIGHT) for text in texts],
            marks,
            self.points.radius,
            (self.plot_width, self.plot_height),
            self.inches(self.points.lines),
            over_marks=numbers,
        )

    @cached_property
    def placed(self) -> tuple[tuple[str, int, Placement], ...]:
        """The texts beside points: text, which point, where."""
        texts: Sequence[str] = self._names
        if not texts:
            return ()
        found: list[Placement | None] = [None]
        if not self.listed and max(width(text, SMALL) for text in texts) <= _WIDEST_NAME:
            found = self._placed(texts, numbers=False)
        if None in found:
            texts = [str(number) for number in range(1, len(texts) + 1)]
            found = self._placed(texts, numbers=True)
        return tuple(
            (text, place, where)
            for text, (place, _), where in zip(texts, self.points.names, found, strict=True)
            if where is not None
        )

    @cached_property
    def key(self) -> tuple[tuple[str, str], ...]:
        """Numbers with the names that they stand for; empty where names are in the plot."""
        names = self._names
        if (
            not self.listed
            and len(self.placed) == len(names)
            and all(text == name for (text, _, _), name in zip(self.placed, names, strict=True))
        ):
            return ()
        return tuple(
            (str(number), wrap(name, _KEY_WIDTH, SMALL)) for number, name in enumerate(names, 1)
        )

    @cached_property
    def key_height(self) -> float:
        """Height of the list."""
        return sum(0.035 + _SMALL_LINE * (1 + name.count("\n")) for _, name in self.key)

    @cached_property
    def key_indent(self) -> float:
        """Room for the numbers of the list."""
        return max((width(number, SMALL) for number, _ in self.key), default=0.0) + 0.08

    @cached_property
    def left(self) -> float:
        """Where the plot begins."""
        wide = max(width(text, _TICK) for _, text in self.y_axis.ticks)
        return max(MARGIN + wide + 0.1, MARGIN + width(self.x_axis.ticks[0][1], _TICK) / 2)

    @cached_property
    def right(self) -> float:
        """Room at the right of the plot."""
        if not self.key:
            return MARGIN + max(0.1, width(self.x_axis.ticks[-1][1], _TICK) / 2)
        names = max(width(name, SMALL) for _, name in self.key)
        return _KEY_GAP + self.key_indent + names * 1.03 + MARGIN

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return self.left + self.plot_width + self.right

    @cached_property
    def title(self) -> str:
        """The title, broken into lines."""
        return wrap(drawable(self.points.title), 0.88 * (self.width - 2 * MARGIN), _TITLE)

    @cached_property
    def lead(self) -> str:
        """The sentence to read first, broken into lines."""
        return wrap(drawable(self.points.lead), 0.94 * (self.width - 2 * MARGIN), lines=9)

    @cached_property
    def signs(self) -> tuple[tuple[PlacedSign, ...], ...]:
        """The key in rows."""
        return rows_of(self.points.signs, 0.94 * (self.width - 2 * MARGIN))

    @cached_property
    def y_label(self) -> str:
        """Words of the upright axis; they stand above it, where they can be read."""
        text = " ".join(filter(None, (self.points.y_label, self.y_axis.factor)))
        return wrap(drawable(text), 0.94 * (self.width - 2 * MARGIN), FONT - 0.5)

    @cached_property
    def x_label(self) -> str:
        """Words of the axis across."""
        text = " ".join(filter(None, (self.points.x_label, self.x_axis.factor)))
        return wrap(drawable(text), self.plot_width, FONT - 0.5)

    @cached_property
    def favours(self) -> tuple[tuple[str, float, str, int], ...]:
        """Words of each side of no effect: text, place in the plot in inches, alignment, line."""
        words = [drawable(text) for text in self.points.favours]
        if not any(words):
            return ()
        if not self.x_axis.holds(0.0):
            text = words[0] if self.x_axis.high < 0 else words[1]
            return ((wrap(text, self.plot_width, _TICK), self.plot_width / 2, "center", 0),)
        zero = self.x_axis.place(0.0) * self.plot_width
        ends = (MARGIN - self.left, self.width - MARGIN - self.left)
        found = []
        for text, end, gap, align in zip(
            words, ends, (-0.06, 0.06), ("right", "left"), strict=True
        ):
            room = abs(end - zero) - 0.06
            if not text:
                continue
            if width(text, _TICK) <= room or width(text, _TICK) > self.width - 2 * MARGIN:
                found.append((wrap(text, room, _TICK), zero + gap, align, 0))
            else:
                # Too little room beside no effect: below, and from the edge inwards.
                found.append((text, end, "left" if align == "right" else "right", 1))
        return tuple(found)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """The sentences at the bottom, broken into lines."""
        found = [drawable(note) for note in self.points.notes if note]
        shown = [self.title, self.lead, self.x_label, *self._names, *found]
        shown += [each.text for row in self.signs for each in row]
        if any(BOX in text for text in shown):
            found.append(f"{BOX}: a sign that no font on this computer has.")
        limit = 0.94 * (self.width - 2 * MARGIN)
        return tuple(wrap(text, limit, SMALL, lines=12) for text in found)

    @cached_property
    def head(self) -> tuple[float, float, float, float]:
        """Heights of title, lead, key, and words of the upright axis."""
        title = 0.09 + 0.2 * (1 + self.title.count("\n")) if self.title else 0.0
        lead = 0.07 + _LINE * (1 + self.lead.count("\n")) if self.lead else 0.0
        label = 0.06 + _LINE * (1 + self.y_label.count("\n")) if self.y_label else 0.0
        key = 0.05 + rows_height(self.signs) if self.signs else 0.0
        return title, lead, key, label

    @cached_property
    def above(self) -> float:
        """Room above the plot."""
        return MARGIN + sum(self.head)

    @cached_property
    def foot(self) -> tuple[float, float, float]:
        """Heights of the words of both sides, of the axis's name, and of the notes."""
        lines = [1 + line + text.count("\n") for text, _, _, line in self.favours]
        favours = 0.04 + _SMALL_LINE * max(lines) if lines else 0.0
        label = 0.02 + _LINE * (1 + self.x_label.count("\n")) if self.x_label else 0.0
        notes = sum(0.03 + _SMALL_LINE * (1 + text.count("\n")) for text in self.notes)
        return favours, label, notes

    @cached_property
    def below(self) -> float:
        """Room below the plot."""
        return 0.28 + sum(self.foot) + MARGIN + 0.04

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        return self.above + max(self.plot_height, self.key_height) + self.below


@dataclass(frozen=True)
class Chart:
    """A chart on its sheet: `plot` takes the marks, `write` everything else.

    Attributes
    ----------
    sheet, layout
        Where it is drawn and how.
    plot
        Axes in the units of the data.
    """

    sheet: Sheet
    layout: ChartLayout
    plot: Any

    @property
    def bottom(self) -> float:
        """Where the plot ends, inches from the bottom."""
        return self.sheet.height - self.layout.above - self.layout.plot_height

    @property
    def texts(self) -> tuple[tuple[float, float, float, float], ...]:
        """Middle, width and height of each name, inches from the corner of the plot."""
        return tuple(
            (where.x, where.y, width(text, SMALL), _NAME_HEIGHT)
            for text, _, where in self.layout.placed
        )

    def write(self) -> None:
        """Write title, axes, names and notes."""
        self._above()
        self._names()
        self._key()
        self._below()

    def _above(self) -> None:
        layout, sheet = self.layout, self.sheet
        title, lead, *_ = layout.head
        y = sheet.height - MARGIN
        draw_signs(sheet, layout.signs, y - title - lead)
        if layout.title:
            sheet.write(MARGIN, y, layout.title, size=_TITLE, bold=True, va="top")
        if layout.lead:
            sheet.write(MARGIN, y - title, layout.lead, va="top")
        if layout.y_label:
            y = sheet.height - layout.above + 0.06
            sheet.write(MARGIN, y, layout.y_label, size=FONT - 0.5, va="bottom")
        bottom, top = layout.points.y_ends
        for value, text in layout.y_axis.ticks:
            place = (value - bottom) / (top - bottom) * layout.plot_height
            sheet.write(
                layout.left - 0.07, self.bottom + place, text, size=_TICK, ha="right"
            )  # fmt: skip

    def _names(self) -> None:
        from matplotlib.patheffects import withStroke

        layout, sheet = self.layout, self.sheet
        marks = layout.inches(layout.points.places)
        corner = np.array([layout.left, self.bottom])
        for text, place, where in layout.placed:
            if where.leader is not None:
                ends = np.array([marks[place], where.leader]) + corner
                sheet.axes.plot(*ends.T, color=GREY, lw=0.5 * sheet.scale, zorder=9)
            x, y = corner + np.array([where.x, where.y])
            # A light rim keeps a name readable where it crosses a line.
            rim = [withStroke(linewidth=2.2 * sheet.scale, foreground=PAPER, alpha=0.8)]
            sheet.write(x, y, text, size=SMALL, ha="center", zorder=10, path_effects=rim)

    def _key(self) -> None:
        layout, sheet = self.layout, self.sheet
        x = layout.left + layout.plot_width + _KEY_GAP
        y = sheet.height - layout.above
        for number, name in layout.key:
            sheet.write(x, y, number, size=SMALL, va="top")
            sheet.write(x + layout.key_indent, y, name, size=SMALL, va="top")
            y -= 0.035 + _SMALL_LINE * (1 + name.count("\n"))

    def _below(self) -> None:
        layout, sheet = self.layout, self.sheet
        axis = layout.x_axis
        favours, label, _ = layout.foot
        for value, text in axis.ticks:
            x = layout.left + axis.place(value) * layout.plot_width
            sheet.write(x, self.bottom - 0.15, text, size=_TICK, ha="center")
        y = self.bottom - 0.26
        for text, place, align, line in layout.favours:
            top = y - 0.02 - line * _SMALL_LINE
            sheet.write(layout.left + place, top, text, size=_TICK, color=GREY, ha=align, va="top")
        y -= favours
        if layout.x_label:
            x = layout.left + layout.plot_width / 2
            sheet.write(x, y - 0.02, layout.x_label, size=FONT - 0.5, ha="center", va="top")
        y -= label + 0.04
        for note in layout.notes:
            sheet.write(MARGIN, y - 0.03, note, size=SMALL, color=GREY, va="top")
            y -= 0.03 + _SMALL_LINE * (1 + note.count("\n"))


def open_chart(ax: Axes | None, points: Points) -> Chart:
    """Return a chart with empty axes of the right size; it is to be drawn within `plain`.

    Parameters
    ----------
    ax
        Axes to fill; without them a figure is made.
    points
        What is to be shown.
    """
    plans: list[Callable[[], ChartLayout]] = [
        lambda size=size: ChartLayout(points, *size)  # type: ignore[misc]
        for size in _SIZES
    ]
    sheet, layout = open_sheet(ax, plans)
    layout = _filling(layout, sheet)
    with plain():
        bottom = sheet.height - layout.above - layout.plot_height
        plot = sheet.inset(layout.left, bottom, layout.plot_width, layout.plot_height)
        _prepare(plot, layout, sheet.scale)
    return Chart(sheet, layout, plot)


def _filling(layout: ChartLayout, sheet: Sheet) -> ChartLayout:
    """Return the layout with a plot as large as the sheet allows."""
    with plain():
        # A wider plot may need the list of names, or no longer; a second look settles it.
        for _ in range(4):
            if layout.key and not layout.listed:
                layout = replace(layout, listed=True)
            spare = sheet.width - layout.width
            if abs(spare) > 1e-6:
                layout = replace(layout, plot_width=layout.plot_width + spare)
            spare = sheet.height - layout.above - layout.below - layout.plot_height
            if abs(spare) > 1e-6:
                layout = replace(layout, plot_height=layout.plot_height + spare)
    return layout


def _prepare(plot: Any, layout: ChartLayout, scale: float) -> None:
    plot.set_xlim(layout.points.x_ends)
    plot.set_ylim(layout.points.y_ends)
    plot.patch.set_visible(False)
    for side in ("right", "top"):
        plot.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        plot.spines[side].set_linewidth(0.8 * scale)
    plot.set_xticks([value for value, _ in layout.x_axis.ticks], [])
    plot.set_yticks([value for value, _ in layout.y_axis.ticks], [])
    plot.tick_params(length=3 * scale, width=0.8 * scale, color=INK)
