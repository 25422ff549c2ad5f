"""The key of a chart: what its shades and marks mean, in rows above the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evidence.plots.lettering import drawable, width, wrap
from evidence.plots.sheet import MARGIN, Sheet
from evidence.plots.style import INK, SMALL

__all__ = ["PlacedSign", "Sign", "draw_signs", "rows_height", "rows_of"]

#: Sizes of a shade, and the room between it and its text and between two entries, inches.
_WIDE, _HIGH, _BESIDE, _BETWEEN = 0.2, 0.11, 0.06, 0.17
_LINE, _AROUND = 0.145, 0.05
#: The middle of letters stands so much above the middle of their line.
_RAISED = 0.015


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of a key.

    Attributes
    ----------
    text
        What it means.
    fill, edge
        Colours of a shade or a mark; with neither, the entry is words alone.
    dashes
        How the edge of a shade is drawn.
    marker
        Shape of a mark; a shade without.
    """

    text: str
    fill: Any = ""
    edge: str = ""
    dashes: Any = "-"
    marker: str = ""

    @property
    def wide(self) -> float:
        """Room for the sign itself."""
        if not self.fill and not self.edge:
            return 0.0
        return (_HIGH if self.marker else _WIDE) + _BESIDE


@dataclass(frozen=True, slots=True)
class PlacedSign:
    """An entry, its text broken into lines, and where it begins, inches from the left."""

    sign: Sign
    text: str
    x: float


def rows_of(signs: Sequence[Sign], limit: float) -> tuple[tuple[PlacedSign, ...], ...]:
    """Return the entries in rows no wider than a limit in inches.

    Parameters
    ----------
    signs
        The entries.
    limit
        Width of a row.
    """
    rows: list[list[PlacedSign]] = []
    end = 0.0
    for sign in signs:
        text = wrap(drawable(sign.text or " "), limit - sign.wide, SMALL)
        wide = sign.wide + width(text, SMALL)
        if rows and end + _BETWEEN + wide <= limit:
            end += _BETWEEN
        else:
            rows.append([])
            end = 0.0
        rows[-1].append(PlacedSign(sign, text, end))
        end += wide
    return tuple(map(tuple, rows))


def rows_height(rows: Sequence[Sequence[PlacedSign]]) -> float:
    """Return how high the rows are, inches."""
    return sum(_AROUND + _LINE * _lines(row) for row in rows)


def _lines(row: Sequence[PlacedSign]) -> int:
    return max(1 + each.text.count("\n") for each in row)


def draw_signs(sheet: Sheet, rows: Sequence[Sequence[PlacedSign]], top: float) -> None:
    """Draw the rows from the left edge of a sheet, the first one's top at a height in inches."""
    from matplotlib.patches import Rectangle

    axes, scale = sheet.axes, sheet.scale
    for row in rows:
        y = top - _AROUND / 2 - _LINE / 2
        middle = y + _RAISED
        for each in row:
            sign, x = each.sign, MARGIN + each.x
            if sign.marker:
                axes.plot(
                    [x + _HIGH / 2], [middle], sign.marker,
                    ms=5.5 * scale, mfc=sign.fill or "none", mec=sign.edge or INK,
                    mew=0.7 * scale, ls="none", zorder=3,
                )  # fmt: skip
            elif sign.wide:
                corner = x, middle - _HIGH / 2
                box = Rectangle(
                    corner, _WIDE, _HIGH,
                    fc=sign.fill or "none", ec=sign.edge, lw=1.0 * scale, ls=sign.dashes,
                )  # fmt: skip
                axes.add_patch(box)
            sheet.write(x + sign.wide, y + _LINE / 2, each.text, size=SMALL, va="top")
        top -= _AROUND + _LINE * _lines(row)
