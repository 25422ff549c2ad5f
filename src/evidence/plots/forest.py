"""The forest plot: every study with its interval, and what they come to.

Text columns are measured before anything is placed, so that they neither overlap nor are
cut, from 1 to 60 rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import format_number, plural
from evidence.effects.readings import Comparison
from evidence.plots.picture import describe
from evidence.plots.rows import ForestRow, ForestRows, rows_of
from evidence.plots.style import BAND, BLUE, FONT, GREY, INK, ORANGE, inches, write
from evidence.synthesis.body import Synthesis
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["forest"]

_ROW = 0.26  # height of a line of text, inches
_GAP = 0.16  # between columns, inches
_PLOT = 3.4  # width of the plotting area, inches
_LABEL = 40  # characters in a line of a label
#: An interval that reaches further than this many times the typical one is cut with an
#: arrow, so that one imprecise study does not squeeze all others into a line.
_CUT = 4.0


def forest(
    result: Synthesis | PooledResult | Comparison | pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
    threshold: float | None = None,
    threshold_label: str = "smaller than what matters",
) -> Axes:
    """Draw a forest plot.

    Parameters
    ----------
    result
        See `evidence.plots.rows.rows_of`.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        Title above the columns.
    xlabel
        What the axis shows, with its unit.
    favours
        Words under the left and the right side of no effect.
    threshold
        Size of the smallest difference that matters: the band of smaller ones is shaded.
    threshold_label
        Words for that band.

    Returns
    -------
    Axes
        The axes that hold columns and plot; `evidence.plots.alt_text` has their text.
    """
    import matplotlib.pyplot as plt

    content = rows_of(result)
    own = ax is None
    if ax is None:
        ax = plt.subplots(figsize=(8, 4), dpi=100)[1]
    ax.set_axis_off()
    labels = [wrap(row.label, _LABEL) or [""] for row in content.rows]
    columns = _columns(content, labels)
    foot = _foot(content, threshold, threshold_label)
    below = 0.48 + (0.16 if any(favours) else 0) + 0.2 * len(foot)
    above = _ROW * (1.3 + (1.2 if title else 0))
    layout = _Layout.measure(ax, columns, labels, above, below, own=own)
    box = layout.box
    plot = ax.inset_axes(
        (layout.left / box.width, below / box.height, layout.share, layout.height / box.height)
    )
    _draw(plot, content, layout, threshold)
    _decorate(plot, content, xlabel, favours)
    _text(ax, content, columns, layout)
    if title:
        write(ax, 0.008, 1 - 0.5 * _ROW / box.height, title, transform=ax.transAxes,
              fontsize=FONT + 2, fontweight="bold", va="center")  # fmt: skip
    for number, sentence in enumerate(reversed(foot)):
        write(ax, 0.008, (0.12 + 0.2 * number) / box.height, sentence, transform=ax.transAxes,
              fontsize=FONT - 1.5, color=GREY, va="center")  # fmt: skip
    describe(ax, _alternative(content, title, xlabel, favours, threshold))
    return ax


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where everything stands, in inches from the lower left of the axes."""

    box: Any
    widths: list[float]
    left: float
    share: float
    below: float
    height: float
    lines: float
    places: list[float]

    @property
    def unit(self) -> float:
        return self.height / max(self.lines, 1)

    @classmethod
    def measure(
        cls,
        ax: Axes,
        columns: list[tuple[str, list[list[str]]]],
        labels: Sequence[list[str]],
        above: float,
        below: float,
        *,
        own: bool,
    ) -> _Layout:
        """Measure the columns; give the figure its size where it is our own."""
        figure: Any = ax.figure
        widths = []
        for head, cells in columns:
            found = [inches(ax, head, fontweight="bold")] if head else []
            found += [
                inches(ax, line, fontweight="bold") for cell in cells for line in cell if line
            ]
            widths.append(max(found, default=0.0))
        left = sum(w + _GAP for w in widths[:2] if w) + 0.12
        right = sum(w + _GAP for w in widths[2:] if w) + 0.15
        lines = sum(_lines(label) for label in labels)
        if own:
            figure.set_size_inches(left + _PLOT + right, above + lines * _ROW + below)
            ax.set_position((0.0, 0.0, 1.0, 1.0))
        box: Any = ax.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
        share = max(box.width - left - right, 0.5) / box.width
        height = max(box.height - above - below, 0.3)
        return cls(box, widths, left, share, below, height, lines, _places(labels))


def _columns(content: ForestRows, labels: Sequence[list[str]]) -> list[tuple[str, list[list[str]]]]:
    marks = [" †" if row.second_hand else "" for row in content.rows]
    pads = ["   " if row.indented else "" for row in content.rows]
    names = [
        [pad + line + (mark if i == len(label) - 1 else "") for i, line in enumerate(label)]
        for label, mark, pad in zip(labels, marks, pads, strict=True)
    ]
    weights = [
        f"{row.weight:.1f}%" if math.isfinite(row.weight) and row.kind == "study" else ""
        for row in content.rows
    ]
    people = [row.people for row in content.rows]
    return [
        ("Study", names),
        ("People" if any(people) else "", [[p] for p in people]),
        ("Effect (95% CI)", [[content.number(row)] for row in content.rows]),
        ("Weight" if any(weights) else "", [[w] for w in weights]),
    ]


def _foot(content: ForestRows, threshold: float | None, label: str) -> list[str]:
    foot = list(content.notes)
    if any(row.second_hand for row in content.rows):
        foot.append("† second-hand: someone else's account of the study; hollow mark.")
    if threshold is not None:
        foot.append(f"Shaded: {label} ({format_number(threshold, 2).rstrip('0').rstrip('.')}).")
    if any(math.isfinite(row.prediction[0]) for row in content.rows):
        foot.append("Thin line through a diamond: prediction interval for a further setting.")
    return foot


#: A further line of a label takes less room than a row of its own.
_FURTHER = 0.62


def _lines(label: list[str]) -> float:
    """Return the height of a row, in rows of one line."""
    return 1 + _FURTHER * (len(label) - 1)


def _places(labels: Sequence[list[str]]) -> list[float]:
    """Return the middle of each row, in rows from the top."""
    places, line = [], 0.0
    for label in labels:
        places.append(line + _lines(label) / 2)
        line += _lines(label)
    return places


def _limits(content: ForestRows) -> tuple[float, float]:
    rows = [row for row in content.rows if math.isfinite(row.estimate)]
    if not rows:
        return -1.0, 1.0
    reach = np.array([max(abs(row.low), abs(row.high)) for row in rows])
    typical = float(np.median(reach))
    kept = [row for row, r in zip(rows, reach, strict=True) if r <= _CUT * typical]
    ends = [0.0, *(e for row in kept for e in (row.low, row.high))]
    ends += [e for row in rows for e in (row.estimate,) if abs(e) <= _CUT * typical]
    low, high = min(ends), max(ends)
    pad = 0.06 * (high - low) or 1.0
    return low - pad, high + pad


def _draw(plot: Any, content: ForestRows, layout: _Layout, threshold: float | None) -> None:
    low, high = _limits(content)
    plot.set_xlim(low, high)
    plot.set_ylim(layout.lines, 0)
    if threshold is not None:
        plot.axvspan(max(-threshold, low), min(threshold, high), color=BAND, lw=0, zorder=0)
        for edge in (-threshold, threshold):
            if low < edge < high:
                plot.axvline(edge, color=GREY, lw=0.6, ls=(0, (2, 2)), zorder=0.5)
    plot.axvline(0, color=INK, lw=0.8, zorder=1)
    weights = [row.weight for row in content.rows if row.kind == "study"]
    heaviest = max((w for w in weights if math.isfinite(w)), default=math.nan)
    for row, y in zip(content.rows, layout.places, strict=True):
        if row.kind == "pooled":
            _diamond(plot, row, y, (low, high))
        elif math.isfinite(row.estimate):
            share = row.weight / heaviest if math.isfinite(row.weight) else 0.4
            _interval(plot, row, y, (low, high), 3.5 + 5.0 * math.sqrt(max(share, 0.0)))


def _line(
    plot: Any, ends: tuple[float, float], y: float, limits: tuple[float, float], **style: Any
) -> None:
    low, high = max(ends[0], limits[0]), min(ends[1], limits[1])
    if low <= high:
        plot.plot([low, high], [y, y], solid_capstyle="butt", **style)
    for end, limit, marker in ((ends[0], limits[0], "<"), (-ends[1], -limits[1], ">")):
        if end < limit:
            x = limits[0] if marker == "<" else limits[1]
            plot.plot([x], [y], marker=marker, ms=5, color=style["color"], clip_on=False, zorder=4)


def _interval(
    plot: Any, row: ForestRow, y: float, limits: tuple[float, float], size: float
) -> None:
    _line(plot, (row.low, row.high), y, limits, color=BLUE, lw=1.3, zorder=2)
    if limits[0] <= row.estimate <= limits[1]:
        fill = "white" if row.second_hand else BLUE
        plot.plot([row.estimate], [y], "s", ms=size, mfc=fill, mec=BLUE, mew=1.2, zorder=3)


def _diamond(plot: Any, row: ForestRow, y: float, limits: tuple[float, float]) -> None:
    if math.isfinite(row.prediction[0]):
        _line(plot, row.prediction, y, limits, color=ORANGE, lw=1.0, zorder=2)
    half = 0.28
    xs = [row.low, row.estimate, row.high, row.estimate]
    plot.fill(xs, [y, y - half, y, y + half], fc=ORANGE, ec=INK, lw=0.6, zorder=3)
    for end, x, marker in (
        (row.low < limits[0], limits[0], "<"),
        (row.high > limits[1], limits[1], ">"),
    ):
        if end:
            plot.plot([x], [y], marker=marker, ms=5, color=INK, clip_on=False, zorder=4)


def _decorate(plot: Any, content: ForestRows, xlabel: str, favours: tuple[str, str]) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    for side in ("left", "right", "top"):
        plot.spines[side].set_visible(False)
    plot.set_yticks([])
    if content.log:
        low, high = (math.exp(v) for v in plot.get_xlim())
        nice = [a * 10**b for b in range(-6, 7) for a in (1, 2, 5)]
        ticks = [t for t in nice if low <= t <= high]
        step = max(1, math.ceil(len(ticks) / 6))
        plot.xaxis.set_major_locator(FixedLocator([math.log(t) for t in ticks[::step]]))
        plot.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{math.exp(x):g}"))
    else:
        plot.xaxis.set_major_locator(MaxNLocator(6))
        plot.xaxis.set_major_formatter(
            FuncFormatter(lambda x, _: f"{x:g}".replace("-", "\N{MINUS SIGN}"))
        )
    plot.tick_params(axis="x", labelsize=FONT - 1, color=GREY)
    if xlabel:
        plot.set_xlabel(xlabel, fontsize=FONT - 0.5, color=INK, labelpad=3, parse_math=False)
    if any(favours):
        # Both stand at the outer ends, so that they cannot meet however the zero lies.
        for text, x, align in ((favours[0], 0.0, "left"), (favours[1], 1.0, "right")):
            plot.annotate(text, (x, 0), (0, -33), xycoords="axes fraction", parse_math=False,
                          textcoords="offset points", ha=align, va="top", fontsize=FONT - 1,
                          color=GREY, annotation_clip=False)  # fmt: skip


def _text(
    ax: Axes,
    content: ForestRows,
    columns: list[tuple[str, list[list[str]]]],
    layout: _Layout,
) -> None:
    box, widths, unit, below = layout.box, layout.widths, layout.unit, layout.below
    after = layout.left + layout.share * box.width + _GAP
    end = after + widths[2] + (_GAP + widths[3] if widths[3] else 0)
    starts = [0.12, layout.left - _GAP, after, end]
    aligns = ["left", "right", "left", "right"]
    top = below + layout.height + 0.6 * _ROW
    for (head, cells), x, align in zip(columns, starts, aligns, strict=True):
        if head:
            write(ax, x / box.width, top / box.height, head, transform=ax.transAxes,
                  ha=align, va="center", fontweight="bold")  # fmt: skip
        for row, cell, place in zip(content.rows, cells, layout.places, strict=True):
            for number, line in enumerate(cell):
                if not line:
                    continue
                y = (
                    below
                    + (layout.lines - place + _FURTHER * ((len(cell) - 1) / 2 - number)) * unit
                )
                bold = "bold" if row.kind != "study" else "normal"
                write(ax, x / box.width, y / box.height, line, transform=ax.transAxes,
                      ha=align, va="center", fontweight=bold)  # fmt: skip
    rule = (below + layout.height + 0.12 * _ROW) / box.height
    ax.plot([0.008, 0.992], [rule, rule], transform=ax.transAxes, color=GREY, lw=0.6, clip_on=False)


def _alternative(
    content: ForestRows,
    title: str,
    xlabel: str,
    favours: tuple[str, str],
    threshold: float | None,
) -> str:
    studies = [row for row in content.rows if row.kind == "study"]
    parts = [f"Forest plot{': ' + title if title else ''}, {plural(len(studies), 'row')}."]
    if xlabel:
        parts.append(f"{xlabel}; left: {favours[0] or 'lower'}, right: {favours[1] or 'higher'}.")
    shown = studies if len(studies) <= 12 else studies[:12]
    parts += [f"{row.label}: {content.number(row)}." for row in shown]
    if len(studies) > len(shown):
        parts.append(f"And {len(studies) - len(shown)} more.")
    parts += [
        f"{row.label}: {content.number(row)}." for row in content.rows if row.kind == "pooled"
    ]
    if threshold is not None:
        parts.append(f"Differences below {threshold:g} are shaded as smaller than what matters.")
    return " ".join(parts)
