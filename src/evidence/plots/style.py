"""Colours and sizes that every figure shares, and the settings it is drawn under.

The colours are those of Okabe and Ito (Color Universal Design, 2008), told apart with
every common form of colour blindness; the orange is a little darker, so that it stands out
from the shaded band to every eye. No figure relies on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = [
    "BAND",
    "BLUE",
    "FONT",
    "GREY",
    "INK",
    "ORANGE",
    "PAPER",
    "RULE",
    "SMALL",
    "YELLOW",
    "plain",
]

BLUE = "#0072B2"
ORANGE = "#C85400"
YELLOW = "#F0E442"
INK = "#1a1a1a"
GREY = "#5f5f5f"
PAPER = "#ffffff"
#: Fill of the band of differences too small to matter; its edges are dashed as well.
BAND = "#e3e9f0"
#: Hairlines between rows.
RULE = "#d9d9d9"
#: Sizes of text in points: what is read, and what explains it.
FONT = 9.0
SMALL = 7.5


@contextmanager
def plain() -> Iterator[None]:
    """Draw under matplotlib's own settings, whatever a reader has set.

    So the same numbers give the same picture, and no dark style swallows dark text.
    """
    import matplotlib as mpl
    import matplotlib.style

    # Letters that are not moved to whole pixels are as wide as measured at every size.
    own: dict[Any, Any] = {"svg.hashsalt": "evidence", "text.hinting": "no_hinting"}
    with matplotlib.style.context("default"), mpl.rc_context(own):
        yield
