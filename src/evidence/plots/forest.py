"""The forest plot: every study with its interval, and what they come to."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from evidence.appraisal.risk_of_bias import RiskOfBias
from evidence.effects.derivation.readings import Comparison
from evidence.plots.bias_columns import bias_columns
from evidence.plots.bias_marks import draw_mark
from evidence.plots.layout import GAP, SMALL_LINE, ForestLayout, ForestWords
from evidence.plots.lettering import width
from evidence.plots.picture import describe
from evidence.plots.rows import ForestRow, rows_of
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import BAND, BLUE, FONT, GREY, INK, ORANGE, RULE, SMALL, plain
from evidence.plots.wording import forest_in_words
from evidence.synthesis.body import Synthesis
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["forest"]

#: Widths of labels and of the plotting area, inches: the usual ones, and those for
#: narrow axes.
_WIDTHS = ((2.45, 3.2), (2.0, 2.4), (1.6, 1.9), (1.3, 1.5))
#: Rows of tall axes are spread to this many times their height at most.
_SPREAD = 1.6
#: Half the height of a diamond, inches.
_DIAMOND = 0.085


def forest(
    result: Synthesis | PooledResult | Comparison | pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
    threshold: float | None = None,
    threshold_label: str = "smaller than what matters",
    risk_of_bias: RiskOfBias | None = None,
) -> Axes:
    """Draw a forest plot.

    Parameters
    ----------
    result
        See `evidence.plots.rows.rows_of`.
    ax
        Axes to fill; a figure of the right size is made without it. Where they are small,
        the text becomes smaller; about 8 inches in width keep it at its usual size.
    title
        Title above the columns.
    xlabel
        What the axis shows, with its unit.
    favours
        Words under the left and the right side of no effect.
    threshold
        Size of the smallest difference that matters, on the scale of the estimates (a
        logarithm for ratios): the band of smaller ones is shaded.
    threshold_label
        Words for that band.
    risk_of_bias
        From `evidence.appraise_risk_of_bias`: the judgements of the studies, by their labels,
        stand at the right.

    Returns
    -------
    Axes
        The axes that hold columns and plot; `evidence.plots.alt_text` has their text.
    """
    content = rows_of(result)
    usable = threshold is not None and math.isfinite(threshold) and threshold > 0
    words = ForestWords(title, xlabel, favours, threshold if usable else None, threshold_label)
    bias = None if risk_of_bias is None else bias_columns(content, risk_of_bias)
    plans = [partial(ForestLayout, content, words, *widths, bias) for widths in _WIDTHS]
    sheet, layout = open_sheet(ax, plans)
    with plain():
        _Drawing(sheet, layout).draw()
    axes: Axes = sheet.axes
    text = forest_in_words(content, words)
    describe(axes, f"{text} {bias.in_words()}".rstrip() if bias else text)
    return axes


class _Drawing:
    """Puts a layout on a sheet, which may be larger than the layout needs."""

    def __init__(self, sheet: Sheet, layout: ForestLayout) -> None:
        self.sheet, self.layout = sheet, layout
        heights = layout.heights
        spare = sheet.height - layout.height
        spread = min(_SPREAD, 1 + max(spare, 0.0) / sum(heights))
        self.plot_width = sheet.width - layout.left - layout.right
        self.top = sheet.height - layout.above
        self.bottom = self.top - spread * sum(heights)
        self.places: list[float] = []
        edge = self.top
        for height in heights:
            self.places.append(edge - spread * height / 2)
            edge -= spread * height

    def draw(self) -> None:
        sheet, layout = self.sheet, self.layout
        plot = sheet.inset(layout.left, self.bottom, self.plot_width, self.top - self.bottom)
        self._ground(plot)
        self._marks(plot)
        self._columns()
        self._below(plot)
        if layout.title:
            y = sheet.height - MARGIN / 2 - 0.02
            sheet.write(MARGIN, y, layout.title, size=FONT + 2, bold=True, va="top")

    def _ground(self, plot: Any) -> None:
        """Draw the axis, the band, no effect, and the line above the pooled results."""
        axis, scale = self.layout.axis, self.sheet.scale
        plot.set_xlim(axis.low, axis.high)
        plot.set_ylim(self.bottom, self.top)
        plot.patch.set_visible(False)
        for side in ("left", "right", "top"):
            plot.spines[side].set_visible(False)
        plot.spines["bottom"].set_linewidth(0.8 * scale)
        plot.set_yticks([])
        threshold = self.layout.words.threshold
        if threshold is not None:
            edges = (max(-threshold, axis.low), min(threshold, axis.high))
            if edges[0] < edges[1]:
                plot.axvspan(*edges, color=BAND, lw=0, zorder=0)
            for edge in (-threshold, threshold):
                if axis.holds(edge):
                    plot.axvline(edge, color=GREY, lw=0.7 * scale, ls=(0, (2, 2)), zorder=0.5)
        if axis.holds(0.0):
            plot.axvline(0, color=INK, lw=0.9 * scale, zorder=1)

    def _marks(self, plot: Any) -> None:
        rows = self.layout.content.rows
        heaviest = max((r.weight for r in rows if math.isfinite(r.weight)), default=math.nan)
        for row, y in zip(rows, self.places, strict=True):
            if row.kind == "pooled":
                self._diamond(plot, row, y)
            elif row.kind == "prediction":
                self._line(plot, row, y, ORANGE, caps=True)
            elif row.kind == "study" and math.isfinite(row.estimate):
                share = row.weight / heaviest if math.isfinite(row.weight) else 0.35
                self._study(plot, row, y, 3.5 + 5.0 * math.sqrt(min(max(share, 0.0), 1.0)))

    def _study(self, plot: Any, row: ForestRow, y: float, size: float) -> None:
        self._line(plot, row, y, BLUE)
        if self.layout.axis.holds(row.estimate):
            fill = "white" if row.second_hand else BLUE
            scale = self.sheet.scale
            plot.plot(
                [row.estimate], [y], "s",
                ms=size * scale, mfc=fill, mec=BLUE, mew=1.2 * scale, zorder=3,
            )  # fmt: skip

    def _line(self, plot: Any, row: ForestRow, y: float, color: str, *, caps: bool = False) -> None:
        """Draw an interval; an arrow where it goes on beyond the axis."""
        axis, scale = self.layout.axis, self.sheet.scale
        # Without an interval there is still an estimate, which may be off the axis.
        ends = [row.estimate if math.isnan(end) else end for end in (row.low, row.high)]
        low, high = max(ends[0], axis.low), min(ends[1], axis.high)
        if low < high:
            plot.plot(
                [low, high], [y, y],
                color=color, lw=1.3 * scale, solid_capstyle="butt", zorder=2,
            )  # fmt: skip
        if ends[0] < axis.low:
            self._arrow(plot, -1, y, color)
        if ends[1] > axis.high:
            self._arrow(plot, 1, y, color)
        for end in ends if caps else ():
            if axis.holds(end):
                plot.plot([end], [y], "|", ms=7 * scale, mew=1.3 * scale, color=color, zorder=2)

    def _arrow(self, plot: Any, side: int, y: float, color: str) -> None:
        axis = self.layout.axis
        x, marker = (axis.low, "<") if side < 0 else (axis.high, ">")
        plot.plot(
            [x], [y], marker,
            ms=5.5 * self.sheet.scale, mew=0, color=color, clip_on=False, zorder=4,
        )  # fmt: skip

    def _diamond(self, plot: Any, row: ForestRow, y: float) -> None:
        axis = self.layout.axis
        if math.isnan(row.low) or math.isnan(row.high) or math.isnan(row.estimate):
            return
        # Beyond many lengths of the axis nothing changes to the eye, but to the renderer.
        far = 50 * (axis.high - axis.low)
        low, high = max(row.low, axis.low - far), min(row.high, axis.high + far)
        middle = min(max(row.estimate, low), high)
        half = _DIAMOND
        plot.fill(
            [low, middle, high, middle], [y, y - half, y, y + half],
            fc=ORANGE, ec=INK, lw=0.6 * self.sheet.scale, zorder=3,
        )  # fmt: skip
        for cut, side in ((row.low < axis.low, -1), (row.high > axis.high, 1)):
            if cut:
                self._arrow(plot, side, y, INK)

    def _columns(self) -> None:
        """Write headings and cells."""
        sheet, layout = self.sheet, self.layout
        labels, people, effect, interval, weights = layout.columns
        head = self.top + 0.15
        sheet.write(MARGIN, head, labels.head, bold=True)
        self._labels()
        x = layout.left - GAP
        for column in (people, effect, interval, *weights):
            if column is not people:
                if not column.width:
                    continue
                x += GAP + column.width
            if column.head:
                sheet.write(x, head, column.head, bold=True, ha="right")
            for row, cell, y in zip(layout.content.rows, column.cells, self.places, strict=True):
                if cell:
                    sheet.write(x, y, cell, bold=row.kind == "pooled", ha="right")
            if column is people:
                x = layout.left + self.plot_width
        self._bias(x, head)
        sheet.rule((MARGIN, sheet.width - MARGIN), self.top + 0.02, GREY)
        self._rule_above_pooled()
        if layout.band_label:
            self._band_label()

    def _bias(self, left: float, head: float) -> None:
        """Draw the judgements of risk of bias at the right of everything else."""
        bias = self.layout.bias
        if bias is None:
            return
        for place, text in enumerate(bias.heads):
            self.sheet.write(left + bias.place(place), head, text, bold=True, ha="center")
        for marks, y in zip(bias.rows, self.places, strict=True):
            for place, mark in enumerate(marks):
                if mark is not None:
                    draw_mark(self.sheet, left + bias.place(place), y, mark)

    def _labels(self) -> None:
        sheet, layout = self.sheet, self.layout
        for row, label, y in zip(layout.content.rows, layout.labels, self.places, strict=True):
            x = MARGIN + layout.indent(row)
            bold = row.kind in {"pooled", "heading"}
            sheet.write(x, y, label, bold=bold)
            if row.tag and row.kind == "study":
                sheet.write(x - layout.tag_width, y, row.tag, bold=True)

    def _rule_above_pooled(self) -> None:
        rows = self.layout.content.rows
        first = next((i for i, row in enumerate(rows) if row.kind == "pooled"), 0)
        if first:
            y = (self.places[first] + self.places[first - 1]) / 2
            heights = self.layout.heights
            y += (heights[first] - heights[first - 1]) / 4
            self.sheet.rule((MARGIN, self.sheet.width - MARGIN), y, RULE)

    def _band_label(self) -> None:
        layout, axis = self.layout, self.layout.axis
        half = width(layout.band_label, SMALL) / 2
        edges = (layout.left + half, layout.left + self.plot_width - half)
        x = layout.left + axis.place(0.0) * self.plot_width
        self.sheet.write(
            min(max(x, edges[0]), edges[1]), self.top + 0.07, layout.band_label,
            size=SMALL, color=GREY, ha="center", va="bottom",
        )  # fmt: skip

    def _below(self, plot: Any) -> None:
        """Write ticks, the words of both sides, the axis's name and the notes."""
        sheet, layout, axis = self.sheet, self.layout, self.layout.axis
        scale = sheet.scale
        plot.set_xticks([value for value, _ in axis.ticks], [])
        plot.tick_params(axis="x", length=3 * scale, width=0.8 * scale, color=INK)
        for value, text in axis.ticks:
            x = layout.left + axis.place(value) * self.plot_width
            sheet.write(x, self.bottom - 0.14, text, size=SMALL + 0.5, ha="center")
        y = self.bottom - 0.24
        for text, place, align in layout.favours:
            if text:
                x = layout.left + place * self.plot_width
                sheet.write(x, y - 0.02, text, size=SMALL + 0.5, color=GREY, ha=align, va="top")
        y -= layout.favours_height
        if layout.xlabel:
            x = layout.left + self.plot_width / 2
            sheet.write(x, y - 0.02, layout.xlabel, size=FONT - 0.5, ha="center", va="top")
        y -= layout.xlabel_height + 0.04
        for note in layout.notes:
            sheet.write(MARGIN, y - 0.03, note, size=SMALL, color=GREY, va="top")
            y -= 0.03 + SMALL_LINE * (1 + note.count("\n"))
