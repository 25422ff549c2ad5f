"""The specification curve: every defensible analysis, and the decisions behind each.

References
----------
Simonsohn U, Simmons JP, Nelson LD (2020). Specification curve analysis. Nature Human Behaviour
4:1208-1214 (the figure).
Voracek M, Kossmeier M, Tran US (2019). Which data to meta-analyze, and how? A
specification-curve and multiverse-analysis approach to meta-analysis. Zeitschrift für
Psychologie 227:64-82.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.data.frames import each_row
from evidence.display import format_number, join_words
from evidence.effects.arguments import Floats, is_number
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import measure_name
from evidence.plots.lettering import one_line
from evidence.plots.notice import notice
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.specification_content import CurveContent
from evidence.plots.specification_layout import (
    BETWEEN,
    GAP,
    LINE,
    SIGN,
    TICK,
    TITLE,
    CurveLayout,
    CurveWords,
)
from evidence.plots.style import BAND, BLUE, FONT, GREY, INK, ORANGE, RULE, SMALL, plain
from evidence.plots.wording import within
from evidence.synthesis.specifications.result import Multiverse, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["PALE", "specification_curve"]

#: Intervals that include no effect.
PALE = "#c4c4c4"
#: Widths of decisions, options and curve, inches: the usual ones, and those for narrow axes.
_WIDTHS = ((1.6, 1.75, 4.9), (1.25, 1.35, 3.3), (1.0, 1.1, 2.2))
#: Up to so many analyses, each is a mark of its own; of more, the estimates are a line.
_FEW = 80
#: More lines than this are pictures of points in files made of shapes.
_SHAPES = 2000
#: Height of a mark of the strip, inches.
_BAR = 0.106
#: Decisions that the alternative text tells of.
_TOLD = 3


def specification_curve(
    result: Multiverse,
    ax: Axes | None = None,
    *,
    most: int = 600,
    title: str = "",
    ylabel: str = "",
    favours: tuple[str, str] = ("", ""),
) -> Axes:
    """Draw all analyses on the planned measure in order, and below which options each takes.

    Parameters
    ----------
    result
        What `evidence.synthesis.specifications.multiverse.multiverse` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    most
        About how many analyses are drawn at most, from 10. Of more than that an even sample is
        drawn, with the lowest, the highest and the planned ones; the figure says so.
    title
        In place of the one computed from the numbers.
    ylabel
        What the axis shows, with its unit; the measure by default.
    favours
        Words for the low and for the high side of no effect; from the direction of benefit by
        default.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `result` is something else, or `most` is no whole number from 10.

    References
    ----------
    Simonsohn, Simmons and Nelson 2020.
    """
    if not isinstance(result, Multiverse):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.synthesis.specifications.multiverse.multiverse() returns."
        )
    if isinstance(most, bool) or not is_number(most) or not 10 <= most < math.inf or most % 1:
        raise InvalidArgumentError(f"most is {most!r}; it must be a whole number from 10.")
    content = CurveContent(result, int(most))
    if not content.count:
        return notice("No analysis gives an estimate.", ax, title=title or result.title)
    sides = ("better with the treatment", "worse with the treatment")
    own = sides if result.benefit_sign < 0 else sides[::-1]
    words = CurveWords(title, ylabel, favours if any(favours) else own)
    plans = [partial(CurveLayout, content, words, *widths) for widths in _WIDTHS]
    sheet, layout = open_sheet(ax, plans)
    with plain():
        _Drawing(sheet, layout).draw()
    axes: Axes = sheet.axes
    describe(axes, _in_words(content, words))
    return axes


class _Drawing:
    """Puts a layout on a sheet, which may be larger than the layout needs."""

    def __init__(self, sheet: Sheet, layout: CurveLayout) -> None:
        self.sheet, self.layout, self.content = sheet, layout, layout.content
        self.top = sheet.height - layout.above
        spare = max(0.0, sheet.height - layout.height)
        self.bottom = self.top - layout.curve_height - spare
        self.strip_top = self.bottom - layout.head
        self.strip_bottom = self.strip_top - layout.strip_height
        step = self.content.step
        #: Width of one analysis, in points; a little more than it has where they touch.
        self.line = max(72 * layout.plot_width * step / self.content.count, 0.5)

    def draw(self) -> None:
        layout, sheet = self.layout, self.sheet
        sheet.write(MARGIN, sheet.height - MARGIN, layout.title, size=TITLE, bold=True, va="top")
        plot = self._axes(self.bottom, self.top)
        self._ground(plot)
        self._curve(plot)
        self._planned()
        self._side()
        if self.content.groups:
            self._strip()
        y = min(self.strip_bottom, self.bottom) - 0.1
        for note in layout.notes:
            sheet.write(MARGIN, y - 0.04, note, size=SMALL, color=GREY, va="top")
            y -= 0.04 + LINE * (1 + note.count("\n"))

    def _axes(self, bottom: float, top: float) -> Any:
        layout = self.layout
        plot = self.sheet.inset(layout.left, bottom, layout.plot_width, top - bottom)
        plot.set_xlim(-0.5, self.content.count - 0.5)
        plot.patch.set_visible(False)
        for side in ("left", "bottom", "right", "top"):
            plot.spines[side].set_visible(False)
        plot.set_xticks([])
        plot.set_yticks([])
        return plot

    def _ground(self, plot: Any) -> None:
        axis, scale, half = self.layout.axis, self.sheet.scale, self.content.threshold
        plot.set_ylim(axis.low, axis.high)
        plot.spines["left"].set_visible(True)
        plot.spines["left"].set_linewidth(0.8 * scale)
        if math.isfinite(half) and axis.holds(0.0):
            edges = max(-half, axis.low), min(half, axis.high)
            plot.axhspan(*edges, color=BAND, lw=0, zorder=0)
            for edge in (-half, half):
                if axis.holds(edge):
                    plot.axhline(edge, color=GREY, lw=0.7 * scale, ls=(0, (2, 2)), zorder=2.5)
        if axis.holds(0.0):
            plot.axhline(0, color=INK, lw=0.9 * scale, zorder=2.6)
        plot.set_yticks([value for value, _ in axis.ticks], [])
        plot.tick_params(axis="y", length=3 * scale, width=0.8 * scale, color=INK)
        for value, text in axis.ticks:
            y = self.bottom + axis.place(value) * (self.top - self.bottom)
            x = self.layout.left - 0.07
            self.sheet.write(x, y, text, size=TICK, ha="right")

    def _curve(self, plot: Any) -> None:
        content, axis, scale = self.content, self.layout.axis, self.sheet.scale
        drawn = content.drawn
        few = drawn.size <= _FEW
        ends = np.clip(content.intervals, axis.low, axis.high)
        excludes = content.excludes
        wide = min(self.line * (0.45 if few else 1.05), 2.2 if few else math.inf)
        for chosen, color, order in ((~excludes, PALE, 1.0), (excludes, BLUE, 1.1)):
            ranks = drawn[chosen[drawn]]
            self._lines(plot, ranks, ends[ranks], color, wide, order)
        if few:
            size = min(5.0, max(2.2, 0.6 * self.line)) * scale
            plot.plot(
                drawn, content.estimate[drawn], "o",
                ms=size, color=INK, mew=0, ls="none", zorder=3, clip_on=False,
            )  # fmt: skip
        else:
            plot.plot(drawn, content.estimate[drawn], color=INK, lw=1.3 * scale, zorder=3)
        plot.plot(
            content.planned, content.estimate[content.planned], "D",
            ms=6.5 * scale, mfc=ORANGE, mec=INK, mew=0.7 * scale,
            ls="none", zorder=5, clip_on=False,
        )  # fmt: skip

    def _lines(
        self,
        plot: Any,
        ranks: NDArray[np.intp],
        ends: Floats,
        color: str,
        wide: float,
        order: float,
    ) -> None:
        """Draw upright lines as one object."""
        from matplotlib.collections import LineCollection

        if not ranks.size:
            return
        segments = np.stack([np.column_stack([ranks, end]) for end in ends.T], axis=1)
        plot.add_collection(
            LineCollection(
                list(segments),
                colors=color,
                linewidths=wide * self.sheet.scale,
                capstyle="butt",
                snap=False,
                zorder=order,
                rasterized=len(ranks) > _SHAPES,
            ),
            autolim=False,
        )

    def _planned(self) -> None:
        """Name the planned analyses, and lead from each name down through curve and strip."""
        layout, sheet = self.layout, self.sheet
        line: dict[str, Any] = {"color": ORANGE, "lw": 0.9 * sheet.scale, "zorder": 1.5}
        for name in layout.planned:
            x = layout.left + name.x
            sheet.write(x, self.top + 0.2, name.text, size=SMALL, bold=True, color=INK, ha="center")
            bottom = self.strip_bottom if self.content.groups else self.bottom
            for rank in name.ranks:
                at = layout.left + layout.place(rank)
                sheet.axes.plot([x, at], [self.top + 0.12, self.top + 0.02], **line)
                sheet.axes.plot([at, at], [self.top + 0.02, bottom], ls=(0, (1, 2)), **line)

    def _side(self) -> None:
        """Write what the axis shows, both sides of no effect, and what the marks mean."""
        layout, sheet = self.layout, self.sheet
        x = MARGIN
        y = self.top
        sheet.write(x, y, layout.label, size=FONT - 0.5, bold=False, va="top")
        y -= 0.16 * (1 + layout.label.count("\n"))
        low, high = layout.favours
        if high:
            sheet.write(x, y - 0.02, high, size=TICK, color=GREY, va="top")
            y -= 0.16 * (1 + high.count("\n"))
        end = self.bottom
        if low:
            sheet.write(x, end, low, size=TICK, color=GREY, va="bottom")
            end += 0.16 * (1 + low.count("\n"))
        y = (y + end + layout.key_height) / 2
        for each in layout.key:
            self._sign(each.sign, x + SIGN / 2 - 0.05, y - 0.09)
            sheet.write(x + SIGN, y - 0.025, each.text, size=SMALL, va="top")
            y -= 0.05 + LINE * (1 + each.text.count("\n"))

    def _sign(self, sign: str, x: float, y: float) -> None:
        from matplotlib.patches import Rectangle

        axes, scale = self.sheet.axes, self.sheet.scale
        if sign == "planned":
            axes.plot([x], [y], "D", ms=6.5 * scale, mfc=ORANGE, mec=INK, mew=0.7 * scale, zorder=3)
        elif sign == "band":
            axes.add_patch(Rectangle((x - 0.08, y - 0.05), 0.16, 0.1, fc=BAND, ec="none"))
            for edge in (-0.05, 0.05):
                axes.plot(
                    [x - 0.08, x + 0.08], [y + edge] * 2, color=GREY, lw=0.7 * scale, ls=(0, (2, 2))
                )
        else:
            color = BLUE if sign == "excludes" else PALE
            for place in (-0.05, 0.0, 0.05):
                axes.plot(
                    [x + place] * 2, [y - 0.06, y + 0.06],
                    color=color, lw=2.2 * scale, solid_capstyle="butt",
                )  # fmt: skip

    def _strip(self) -> None:
        layout, sheet, content = self.layout, self.sheet, self.content
        strip = self._axes(self.strip_bottom, self.strip_top)
        strip.set_ylim(self.strip_bottom, self.strip_top)
        right = layout.left + layout.plot_width + layout.right - MARGIN
        sheet.write(
            right, self.strip_top + 0.03, "excludes\nno effect",
            size=SMALL, color=GREY, ha="right", va="bottom",
        )  # fmt: skip
        y = self.strip_top
        groups = zip(
            content.groups, layout.decisions, layout.options, layout.row_heights, strict=True
        )
        for group, title, names, heights in groups:
            sheet.rule((MARGIN, right), y, RULE)
            y -= BETWEEN / 2
            sheet.write(MARGIN, y - 0.015, title, size=SMALL, va="top")
            for row, name, height in zip(group.rows, names, heights, strict=True):
                middle = y - height / 2
                x = MARGIN + layout.title_width + GAP
                sheet.write(x, middle, name, size=SMALL, bold=row.planned)
                sheet.write(right, middle, row.share, size=SMALL, ha="right")
                self._bars(strip, row.used, middle)
                y -= height
            y -= BETWEEN / 2
        sheet.rule((MARGIN, right), y, RULE)

    def _bars(self, strip: Any, used: NDArray[np.bool_], middle: float) -> None:
        """Draw where the analyses take an option: neighbours that do are one bar."""
        drawn = self.content.drawn
        taken = used[drawn]
        if drawn.size <= _FEW:
            half = min(0.3, 0.04 / self.layout.plot_width * self.content.count)
            starts = drawn[taken] - half
            lengths = np.full(starts.size, 2 * half)
        else:
            edges = np.append(drawn, self.content.count) - 0.5
            change = np.flatnonzero(np.diff(np.concatenate([[False], taken, [False]])))
            starts = edges[change[::2]]
            lengths = edges[change[1::2]] - starts
        bars = list(zip(starts.tolist(), lengths.tolist(), strict=True))
        strip.broken_barh(bars, (middle - _BAR / 2, _BAR), fc=INK, lw=0, snap=False, zorder=2)


def _in_words(content: CurveContent, words: CurveWords) -> str:
    """Return the alternative text."""
    low, high = (content.number(float(content.estimate[end])) for end in (0, -1))
    below, above = (text.strip("←→↑↓ ") for text in words.favours)
    label = one_line(words.label or measure_name(content.measure))
    first = [
        f"Specification curve. {one_line(words.title or content.title)}.",
        (
            f"Estimates ({label}) run from {low} to {high}, "
            f"with a median of {content.number(float(np.median(content.estimate)))}"
            + (f"; low: {below}, high: {above}." if below and above else ".")
        ),
        f"As planned: {content.planned_in_words}." if content.planned.size else "",
        f"{percent(float((content.estimate < 0).mean())).capitalize()} lie below no effect.",
    ]
    if content.groups and content.result.has_plan:
        told = [
            f"{one_line(row.title)} ({format_number(100 * float(row.share_changed), 0)}%)"
            for row in each_row(content.result.moves.head(_TOLD))
        ]
        first.append(
            "How often a decision alone changes whether the interval excludes no effect: "
            f"{join_words(told)}."
        )
    last = [note for note in content.notes if note.startswith(("Every", "The planned"))]
    return within(first, [], "", last)
