"""Text in a figure: which signs can be drawn, how wide they are, where a line ends.

Labels come from data files, so they may hold anything. Nothing is read as mathematics;
a sign that the usual font lacks is taken from another installed font, and where no font
has it, a box stands in its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from evidence.plots.style import FONT

__all__ = ["BOX", "drawable", "families", "one_line", "shorten", "width", "wrap"]

#: Stands for a sign that no installed font has.
BOX = "\N{WHITE SQUARE}"
_FONT_NAME = "DejaVu Sans"
_UNNAMED = "(unnamed)"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
#: Control signs, and marks that change how other signs look or run; none has a shape.
_SHAPELESS = {"Cc", "Cf", "Cs", "Cn", "Co"}
_JOINERS = {"\u200c", "\u200d"}  # they carry meaning in Persian and in Indic scripts
_VARIATIONS = re.compile("[\ufe00-\ufe0f]")
#: Fonts of boxes, coloured pictures and symbols are no help to a reader of words.
_UNFIT = re.compile("last ?resort|colou?r|awesome|glyphicons|dingbats|mathjax", re.IGNORECASE)
#: ``p = 0.049`` and ``I² 81%`` stay on one line.
_TOKEN = re.compile(r"(?:[A-Z]: )?(?:I²|tau²) \S+|\S+(?: [=<>≤≥] \S+)?")


def one_line(text: object) -> str:
    """Return a text as one line of signs that have a shape; never empty.

    Parameters
    ----------
    text
        Anything; white space of every kind becomes a space, signs without a shape go.
    """
    kept = (
        sign
        for sign in " ".join(str(text).split())
        if sign in _JOINERS or unicodedata.category(sign) not in _SHAPELESS
    )
    return " ".join("".join(kept).split()) or _UNNAMED


def drawable(text: object) -> str:
    """Return a text as one line of signs that a font here has; empty text stays empty.

    Parameters
    ----------
    text
        Anything; a box stands for a sign that no font has.
    """
    if not str(text):
        return ""
    line = _VARIATIONS.sub("", one_line(text))
    return "".join(sign if sign.isspace() or _family(sign) else BOX for sign in line)


def families(text: str) -> list[str]:
    """Return the fonts that a drawable text needs, the usual one first."""
    found = dict.fromkeys([_FONT_NAME])
    found.update(dict.fromkeys(_family(sign) for sign in set(text) if not sign.isspace()))
    return [_FONT_NAME, *sorted(name for name in found if name not in {"", _FONT_NAME})]


def width(text: str, size: float = FONT, *, bold: bool = False) -> float:
    """Return how wide a drawable text becomes, in inches; the widest line of several."""
    return max(_width(line, bold) for line in text.split("\n")) * size / FONT


def wrap(text: str, limit: float, size: float = FONT, *, lines: int = 6) -> str:
    """Break a drawable text into lines no wider than `limit` inches.

    Parameters
    ----------
    text
        One line; a word wider than the limit is broken.
    limit
        Width in inches.
    size
        Size of the text in points.
    lines
        At most so many; what is left over becomes an ellipsis.
    """
    space = width("n n", size) - width("nn", size)
    found: list[str] = []
    taken = 0.0
    for token in _TOKEN.findall(text):
        for piece in _pieces(token, limit, size):
            wide = width(piece, size)
            if found and taken + space + wide <= limit:
                found[-1] += f" {piece}"
                taken += space + wide
            else:
                found.append(piece)
                taken = wide
    if len(found) > lines:
        found = [*found[: lines - 1], shorten(" ".join(found[lines - 1 :]), limit, size)]
    return "\n".join(found)


def shorten(text: str, limit: float, size: float = FONT) -> str:
    """Cut a drawable text to `limit` inches, with an ellipsis where something is left out."""
    if width(text, size) <= limit:
        return text
    room = limit - width(_ELLIPSIS, size)
    return next(_pieces(text, max(room, 0.0), size)).rstrip() + _ELLIPSIS


def _pieces(token: str, limit: float, size: float) -> Iterator[str]:
    """Break one word where it is wider than a line, never before a combining mark."""
    if width(token, size) <= limit:
        yield token
        return
    piece, taken = "", 0.0
    for sign in token:
        wide = width(sign, size)
        if piece and taken + wide > limit and not unicodedata.category(sign).startswith("M"):
            yield piece
            piece, taken = "", 0.0
        piece += sign
        taken += wide
    yield piece


@lru_cache(maxsize=16384)
def _width(line: str, bold: bool) -> float:
    if not line:
        return 0.0
    figure = _scratch()
    text = figure.text(
        0,
        0,
        line,
        fontsize=FONT,
        fontweight="bold" if bold else "normal",
        family=families(line),
        parse_math=False,
    )
    found: float = text.get_window_extent().width / figure.dpi
    text.remove()
    return found


@cache
def _scratch() -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Fine enough that letters are not moved to whole pixels.
    figure = Figure(dpi=400)
    FigureCanvasAgg(figure)
    return figure


@lru_cache(maxsize=16384)
def _family(sign: str) -> str:
    """Return the first font that has a sign; empty where none has."""
    code = ord(sign)
    if all(code in signs for signs in _usual()):
        return _FONT_NAME
    return next((name for name, signs in _others() if code in signs), "")


@cache
def _usual() -> tuple[frozenset[int], ...]:
    """Return the signs of the usual font, plain and bold: one has to be in both."""
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    paths = (
        findfont(FontProperties(family=_FONT_NAME, weight=weight)) for weight in ("normal", "bold")
    )
    return tuple(frozenset(FT2Font(path).get_charmap()) for path in paths)


@cache
def _others() -> tuple[tuple[str, frozenset[int]], ...]:
    """Return the other installed fonts that letters could come from, always in one order."""
    from matplotlib.font_manager import fontManager
    from matplotlib.ft2font import FT2Font

    paths: dict[str, str] = {}
    for entry in sorted(fontManager.ttflist, key=lambda e: (e.weight != 400, str(e.fname))):
        if entry.style == "normal" and not _UNFIT.search(entry.name):
            paths.setdefault(entry.name, str(entry.fname))
    found = []
    for name in sorted(paths, key=lambda n: (not n.startswith("Noto Sans"), n)):
        try:
            font = FT2Font(paths[name])
        except (OSError, RuntimeError):
            continue  # listed once, and gone or unreadable since
        if font.scalable:
            found.append((name, frozenset(font.get_charmap())))
    return tuple(found)
