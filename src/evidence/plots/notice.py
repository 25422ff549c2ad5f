"""A sentence where a figure would stand: why there is nothing to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.plots.lettering import drawable, one_line, wrap
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, open_sheet
from evidence.plots.style import FONT, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["notice"]

_LINE = 0.165


@dataclass(frozen=True, slots=True)
class _Lines:
    """The sentence and its title, broken into lines."""

    title: str
    text: str
    width: float

    @property
    def head(self) -> float:
        """Height of the title."""
        return 0.2 * (1 + self.title.count("\n")) + 0.1 if self.title else 0.0

    @property
    def height(self) -> float:
        """Height of the whole."""
        return 2 * MARGIN + self.head + _LINE * (1 + self.text.count("\n"))


def notice(text: str, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Write a sentence where a figure would stand.

    Parameters
    ----------
    text
        What to say.
    ax
        Axes to fill.
    title
        What the figure would have shown.
    """

    def lines(wide: float) -> _Lines:
        room = wide - 2 * MARGIN
        return _Lines(
            wrap(drawable(title), 0.86 * room, FONT + 2),
            # Some programs draw letters a little wider than they are measured.
            wrap(drawable(text), 0.94 * room, lines=30),
            wide,
        )

    sheet, plan = open_sheet(ax, [lambda: lines(7.0), lambda: lines(4.0)])
    with plain():
        top = sheet.height - MARGIN
        sheet.write(MARGIN, top, plan.title, size=FONT + 2, bold=True, va="top")
        sheet.write(MARGIN, top - plan.head, plan.text, va="top")
    axes: Axes = sheet.axes
    describe(axes, one_line(f"No figure{': ' + title if title else ''}. {text}"))
    return axes
