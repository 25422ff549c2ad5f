"""Colours and sizes that every figure shares.

The colours are those of Okabe and Ito (Color Universal Design, 2008), told apart with
every common form of colour blindness; no figure relies on colour alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.text import Text

__all__ = ["BAND", "BLUE", "FONT", "GREY", "INK", "ORANGE", "inches", "write"]

BLUE = "#0072B2"
ORANGE = "#D55E00"
INK = "#1a1a1a"
GREY = "#6b6b6b"
#: Fill of the band of differences too small to matter; it is outlined as well.
BAND = "#e9edf2"
FONT = 9.0


def write(axes: Any, x: float, y: float, text: str, **options: Any) -> Text:
    """Put text on axes, never read as mathematics: labels come from data files."""
    options.setdefault("fontsize", FONT)
    options.setdefault("color", INK)
    found: Text = axes.text(x, y, text, parse_math=False, **options)
    return found


def inches(axes: Any, text: str, **options: Any) -> float:
    """Return how wide a text will be drawn, in inches."""
    probe = write(axes, 0, 0, text, **options)
    figure = axes.figure
    width = probe.get_window_extent(figure.canvas.get_renderer()).width / figure.dpi
    probe.remove()
    return float(width)
