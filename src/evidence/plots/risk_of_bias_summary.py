"""Summary of risk of bias: which share of the studies, or of the weight, has each judgement.

Reference
---------
McGuinness LA, Higgins JPT (2021). Risk-of-bias VISualization (robvis): an R package and
Shiny web app for visualizing risk-of-bias assessments. Research Synthesis Methods 12:55-61.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from evidence.appraisal.risk_of_bias import RiskOfBias
from evidence.data.bias_tools import BiasTool
from evidence.display import join_words, plural
from evidence.errors import InvalidArgumentError
from evidence.plots.bias_layout import BiasKey
from evidence.plots.bias_marks import HATCHES, BiasMark, draw_mark, mark_of, marks_of_words
from evidence.plots.lettering import drawable, width, wrap
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import FONT, GREY, INK, SMALL, plain

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["risk_of_bias_summary"]

#: Widths of the domains' names and of the bars, inches.
_WIDTHS = ((2.5, 4.2), (1.9, 3.0), (1.4, 2.2))
_ROW, _LINE, _BAR, _GAP = 0.31, 0.155, 0.22, 0.14
_HEAD, _BETWEEN, _KEY_ROW = 0.27, 0.14, 0.24
#: A share narrower than its text has none, inches.
_TEXT_MARGIN = 0.06


@dataclass(frozen=True, slots=True)
class _Bar:
    """One domain's bar: its name and the parts it consists of."""

    label: str
    parts: tuple[tuple[BiasMark, float], ...]


@dataclass(frozen=True)
class _Layout:
    """The bars laid out for names and bars of certain widths, in inches."""

    appraisal: RiskOfBias
    weighted: bool
    label_width: float
    bar_width: float

    @cached_property
    def blocks(self) -> tuple[tuple[BiasTool, str, tuple[_Bar, ...]], ...]:
        """For each tool: its heading and its bars."""
        table = self.appraisal.shares()
        column = "weight" if self.weighted else "share"
        found = []
        for tool in self.appraisal.tools:
            mine = table[table["tool"] == tool.name]
            studies = [s for s in self.appraisal.studies if s.tool.name == tool.name]
            bars = tuple(
                _bar(tool, judged.domain.name, mine, column) for judged in studies[0].columns
            )
            count = plural(len(studies), "study", "studies")
            found.append((tool, f"{tool.name}, {count}", bars))
        return tuple(found)

    @cached_property
    def left(self) -> float:
        """Where the bars begin."""
        labels = [self.label(bar) for _, _, bars in self.blocks for bar in bars]
        return MARGIN + max([0.5, *map(width, labels)]) + _GAP

    def label(self, bar: _Bar) -> str:
        """Return a bar's name, broken into lines."""
        return wrap(drawable(bar.label), self.label_width)

    def height_of(self, bar: _Bar) -> float:
        """Return the height of a row."""
        return _ROW + _LINE * self.label(bar).count("\n")

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return self.left + self.bar_width + 0.2 + MARGIN

    @cached_property
    def title(self) -> str:
        """The title, broken into lines."""
        what = "share of the weight" if self.weighted else "share of the studies"
        about = f": {self.appraisal.analysis}" if self.appraisal.analysis else ""
        words = drawable(f"Risk of bias, {what}{about}")
        return wrap(words, 0.86 * (self.width - 2 * MARGIN), FONT + 1)

    @cached_property
    def above(self) -> float:
        """Room for the title."""
        return MARGIN + 0.19 * (1 + self.title.count("\n")) + 0.08

    def key(self, tool: BiasTool, bars: tuple[_Bar, ...]) -> tuple[BiasKey, ...]:
        """Return what the marks mean, set line by line."""
        words = [mark.word for bar in bars for mark, _ in bar.parts]
        found, x, y = [], MARGIN, _KEY_ROW / 2
        for mark in marks_of_words(tool, words):
            text = drawable(mark.word)
            wide = 0.27 + 1.05 * width(text, SMALL + 0.5)
            if x > MARGIN and x + wide > self.width - MARGIN:
                x, y = MARGIN, y + _KEY_ROW
            found.append(BiasKey(mark, text, x, y))
            x += wide + 0.2
        return tuple(found)

    def block_height(self, tool: BiasTool, bars: tuple[_Bar, ...]) -> float:
        """Return the height of a tool's block."""
        key = self.key(tool, bars)
        rows = math.fsum(self.height_of(bar) for bar in bars)
        return _HEAD + rows + 0.25 + (key[-1].y + _KEY_ROW / 2 if key else 0.0) + _BETWEEN

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        blocks = math.fsum(self.block_height(tool, bars) for tool, _, bars in self.blocks)
        return self.above + (blocks or 0.25) + MARGIN


def _bar(tool: BiasTool, name: str, table: pd.DataFrame, column: str) -> _Bar:
    rows = table[table["domain"] == name]
    shares = dict(zip(rows["judgement"], rows[column], strict=True))
    whole = math.fsum(shares.values())
    parts = [(mark_of(tool, word), shares[word] / whole) for word in tool.words if word in shares]
    return _Bar(name, tuple(parts))


def risk_of_bias_summary(
    appraisal: RiskOfBias, ax: Axes | None = None, *, weighted: bool | None = None
) -> Axes:
    """Draw which share has each judgement, domain by domain.

    Parameters
    ----------
    appraisal
        From `evidence.appraise_risk_of_bias`.
    ax
        Axes to draw on; a figure of the right size is made without it. Where they are
        small, everything becomes smaller.
    weighted
        Whether shares are those of the weight in the analysis, or else of the studies; of
        the weight where there is one by default. Of several tools each has its own bars.

    Returns
    -------
    Axes
        The axes; `evidence.plots.alt_text` has their text.

    Raises
    ------
    InvalidArgumentError
        When weights are asked for that the appraisal does not have.
    """
    if weighted and not appraisal.weighted:
        raise InvalidArgumentError(
            "weighted is True, but the appraisal is of a whole review, whose studies have no "
            "weight. Give appraise_risk_of_bias an analysis."
        )
    by_weight = appraisal.weighted if weighted is None else weighted
    plans = [partial(_Layout, appraisal, by_weight, *widths) for widths in _WIDTHS]
    sheet, layout = open_sheet(ax, plans)
    with plain():
        _draw(sheet, layout)
    axes: Axes = sheet.axes
    describe(axes, " ".join(_in_words(layout)))
    return axes


def _draw(sheet: Sheet, layout: _Layout) -> None:
    sheet.write(MARGIN, sheet.height - MARGIN, layout.title, size=FONT + 1, bold=True, va="top")
    top = sheet.height - layout.above
    if not layout.blocks:
        sheet.write(MARGIN, top, "No study was appraised.", color=GREY, va="top")
    for tool, head, bars in layout.blocks:
        sheet.write(MARGIN, top - 0.12, drawable(head), bold=True)
        edge = top - _HEAD
        for bar in bars:
            height = layout.height_of(bar)
            y = edge - height / 2
            sheet.write(MARGIN, y, layout.label(bar), bold=bar is bars[-1])
            _parts(sheet, layout, bar, y)
            edge -= height
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = layout.left + share * layout.bar_width
            sheet.axes.plot((x, x), (edge, edge - 0.05), color=GREY, lw=0.7 * sheet.scale)
            sheet.write(x, edge - 0.13, f"{100 * share:.0f}%", size=SMALL, ha="center")
        for key in layout.key(tool, bars):
            y = edge - 0.25 - key.y
            draw_mark(sheet, key.x + 0.11, y, key.mark)
            sheet.write(key.x + 0.27, y, key.text, size=SMALL + 0.5)
        top -= layout.block_height(tool, bars)


def _parts(sheet: Sheet, layout: _Layout, bar: _Bar, y: float) -> None:
    from matplotlib.patches import Rectangle

    x = layout.left
    for mark, share in bar.parts:
        wide = share * layout.bar_width
        box = Rectangle(
            (x, y - _BAR / 2), wide, _BAR, fc=mark.fill, ec=INK, lw=0.6 * sheet.scale, zorder=2
        )
        sheet.axes.add_patch(box)
        if HATCHES[mark.concern]:
            lines = Rectangle(
                (x, y - _BAR / 2), wide, _BAR, fc="none", ec=GREY, lw=0.0,
                hatch=HATCHES[mark.concern], zorder=2.5,
            )  # fmt: skip
            sheet.axes.add_patch(lines)
        text = f"{mark.sign} {100 * share:.0f}%"
        if width(text, SMALL + 0.5, bold=True) + 2 * _TEXT_MARGIN <= wide:
            sheet.write(
                x + wide / 2, y, text, size=SMALL + 0.5, bold=True, color=mark.ink, ha="center",
                bbox={"fc": mark.fill, "ec": "none", "pad": 1.2 * sheet.scale}, zorder=4,
            )  # fmt: skip
        x += wide


def _in_words(layout: _Layout) -> Iterator[str]:
    what = "the weight" if layout.weighted else "the studies"
    yield f"Bars of the share of {what} by judgement of risk of bias."
    for _, head, bars in layout.blocks:
        yield f"{head}."
        for bar in bars:
            told = [f"{100 * share:.0f}% {mark.word}" for mark, share in bar.parts]
            yield f"{bar.label}: {join_words(told)}."
