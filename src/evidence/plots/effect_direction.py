"""The effect-direction plot: which way each trial points in each domain.

Reference
---------
Boon MH, Thomson H (2021). The effect direction plot revisited. Research Synthesis Methods
12:29-33.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from evidence.plots.direction_layout import DirectionLayout, Key
from evidence.plots.direction_rows import DirectionCell, directions_of
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import BLUE, FONT, GREY, INK, ORANGE, PAPER, RULE, SMALL, plain
from evidence.plots.wording import directions_in_words
from evidence.synthesis.direction import DirectionSynthesis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["effect_direction"]

#: Shape and colour of each direction: shape alone suffices.
_MARKS = {
    "treatment": ("^", BLUE),
    "control": ("v", ORANGE),
    "none": ("o", GREY),
    "mixed": ("D", GREY),
    "not reported": ("s", GREY),
    "example": ("^", INK),
}
#: How much of a mark is filled, by what is said of significance.
_FILLS = {"yes": "full", "some": "left"}
#: Widths of the trials' names, inches.
_WIDTHS = (2.4, 1.8, 1.3)


def effect_direction(result: DirectionSynthesis, ax: Axes | None = None) -> Axes:
    """Draw the direction of effect by trial and domain.

    Parameters
    ----------
    result
        Directions by trial and domain.
    ax
        Axes to draw on; a figure of the right size is made without it. Where they are
        small, everything becomes smaller.

    Returns
    -------
    Axes
        The axes; `evidence.plots.alt_text` has their text.
    """
    content = directions_of(result)
    plans = [partial(DirectionLayout, content, width) for width in _WIDTHS]
    sheet, layout = open_sheet(ax, plans)
    with plain():
        _draw(sheet, layout)
    axes: Axes = sheet.axes
    describe(axes, directions_in_words(content))
    return axes


def _draw(sheet: Sheet, layout: DirectionLayout) -> None:
    content = layout.content
    top = sheet.height - layout.above
    sheet.write(MARGIN, sheet.height - MARGIN, layout.title, size=FONT + 1, bold=True, va="top")
    if content.trials:
        _headings(sheet, layout, top)
    edge = top
    for trial, label, height in zip(content.trials, layout.labels, layout.heights, strict=True):
        sheet.rule((MARGIN, layout.left + layout.plot_width), edge, RULE)
        y = edge - height / 2
        sheet.write(MARGIN, y, label)
        if trial.people:
            sheet.write(layout.people_edge, y, trial.people, ha="right")
        for cell in trial.cells:
            _mark(sheet, layout.column(cell.domain), y, cell)
            _notes(sheet, layout.column(cell.domain), y, cell)
        edge -= height
    if content.trials:
        sheet.rule((MARGIN, layout.left + layout.plot_width), edge, RULE)
    _legend(sheet, layout, edge - 0.1)


def _headings(sheet: Sheet, layout: DirectionLayout, top: float) -> None:
    y = top + 0.1
    sheet.write(MARGIN, y, "Trial", bold=True, va="bottom")
    if layout.has_people:
        sheet.write(layout.people_edge, y, "People", bold=True, ha="right", va="bottom")
    for domain, head in zip(layout.content.domains, layout.heads, strict=True):
        x = layout.column(domain)
        if layout.level_heads:
            sheet.write(x, y, head, ha="center", va="bottom")
            continue
        # Its lowest corner stands above the first row, its left edge above the column.
        rise = layout.slant * layout.thickness(head) / 2
        sheet.write(x, top + 0.06 + rise, head, rotation=layout.angle, rotation_mode="anchor")


def _mark(sheet: Sheet, x: float, y: float, cell: DirectionCell) -> None:
    """Draw a direction: its shape says which way, its fill what is said of significance."""
    marker, color = _MARKS[cell.direction]
    fill = _FILLS.get(cell.significant, "none")
    silent = cell.direction == "not reported"
    if not silent or fill != "none":
        sheet.axes.plot(
            [x], [y], marker,
            ms=(8.5 if marker in "Ds" else 10) * sheet.scale,
            mew=1.4 * sheet.scale,
            mec=color,
            mfc=PAPER if fill == "none" else color,
            mfcalt=PAPER,
            fillstyle="left" if fill == "left" and not silent else "full",
            zorder=3,
        )  # fmt: skip
    if silent:
        strong = fill != "none"
        sheet.write(
            x, y - 0.005, "?", ha="center", size=FONT if strong else FONT + 1,
            bold=strong, color=PAPER if strong else GREY, va="center_baseline", zorder=4,
        )  # fmt: skip


def _notes(sheet: Sheet, x: float, y: float, cell: DirectionCell) -> None:
    """Write what stands beside a mark: second-hand above, the number of results below."""
    if cell.second_hand:
        sheet.write(x + 0.1, y + 0.06, "†", size=SMALL, ha="left")
    if cell.comparisons > 1:
        sheet.write(x + 0.1, y - 0.07, f"{cell.comparisons}", size=SMALL - 0.5, ha="left")


def _legend(sheet: Sheet, layout: DirectionLayout, top: float) -> None:
    for key in layout.legend:
        y = top - key.y
        if isinstance(key.sign, str):
            if key.sign:
                sheet.write(key.x + Key.ROOM / 2, y, key.sign, size=SMALL + 0.5, ha="center")
        else:
            _mark(sheet, key.x + Key.ROOM / 2, y, key.sign)
        sheet.write(key.x + (Key.ROOM if key.sign else 0), y, key.text, size=SMALL + 0.5)
