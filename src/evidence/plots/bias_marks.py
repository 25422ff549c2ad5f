"""Marks of judgements of risk of bias: a shape, a fill and letters, each of which suffices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evidence.appraisal.risk_of_bias import StudyBias
from evidence.data.bias_tools import OVERALL, BiasTool, Judged
from evidence.plots.sheet import Sheet
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, SMALL, YELLOW

__all__ = ["HATCHES", "BiasMark", "draw_mark", "flags_of", "mark_of", "marks_of_words"]

#: Shape, fill and ink of what a judgement amounts to: shape and letters alone suffice.
_LOOKS = {
    "low": ("o", BLUE, PAPER),
    "some": ("D", YELLOW, INK),
    "high": ("s", ORANGE, PAPER),
    "none": ("o", PAPER, GREY),
}
#: Lines that a bar is filled with, so that shares are told apart without colour.
HATCHES = {"low": "", "some": "///", "high": "xxx", "none": "..."}
#: Points; a diamond stands on its corner, and is wider than its side.
_SIZES = {"o": 15.0, "D": 11.8, "s": 13.6}
#: Size of the letters by how many there are.
_LETTERS = {1: SMALL + 0.5, 2: SMALL - 1.0, 3: SMALL - 2.2}


@dataclass(frozen=True, slots=True)
class BiasMark:
    """How one judgement is shown.

    Attributes
    ----------
    word
        The judgement.
    concern
        What it amounts to: ``"low"``, ``"some"``, ``"high"`` or ``"none"``.
    sign
        Its letters.
    """

    word: str
    concern: str
    sign: str

    @property
    def fill(self) -> str:
        """Its colour."""
        return _LOOKS[self.concern][1]

    @property
    def ink(self) -> str:
        """The colour of its letters."""
        return _LOOKS[self.concern][2]


def mark_of(tool: BiasTool, word: str) -> BiasMark:
    """Return how a word of a tool is shown."""
    return BiasMark(word, tool.concern(word), tool.sign(word))


def marks_of_words(tool: BiasTool, words: Iterable[str]) -> tuple[BiasMark, ...]:
    """Return the marks of the words that are there, mildest first."""
    present = set(words)
    return tuple(mark_of(tool, word) for word in tool.words if word in present)


def flags_of(study: StudyBias, judged: Judged) -> str:
    """Return what stands beside a mark: computed, differing, second-hand, or facts known.

    Parameters
    ----------
    study, judged
        The study, and one of its columns.
    """
    if judged.origin == "not judged":
        known = judged.domain.id != OVERALL and study.facts.get(judged.domain.id)
        return "•" if known else ""
    computed = "*" if judged.origin == "computed" else ""
    differs = "≠" if judged.differs else ""
    return computed + differs + ("†" if judged.tier == "secondary" else "")


def draw_mark(sheet: Sheet, x: float, y: float, mark: BiasMark) -> None:
    """Draw a mark with its letters at a place of a sheet."""
    shape, fill, ink = _LOOKS[mark.concern]
    sheet.axes.plot(
        [x], [y], shape,
        ms=_SIZES[shape] * sheet.scale, mfc=fill, mec=GREY if mark.concern == "none" else INK,
        mew=(0.9 if mark.concern == "none" else 0.7) * sheet.scale, ls="none", zorder=3,
    )  # fmt: skip
    sheet.write(
        x, y - 0.005, mark.sign, size=_LETTERS[min(len(mark.sign), 3)], bold=True, color=ink,
        ha="center", va="center_baseline", zorder=4,
    )  # fmt: skip
