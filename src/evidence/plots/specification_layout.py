"""Where everything of a specification curve stands, measured before anything is drawn.

From top to bottom: title, the names of the planned analyses, the curve, the strip, notes.
At the left of the curve stand its axis and what its marks mean; at the left of the strip the
decisions and their options.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from evidence.display import join_words
from evidence.plots.axis import Axis, axis_between
from evidence.plots.chart import measure_name
from evidence.plots.lettering import BOX, drawable, width, wrap
from evidence.plots.numbers import band_text
from evidence.plots.sheet import MARGIN
from evidence.plots.specification_content import CurveContent
from evidence.plots.style import FONT, SMALL

__all__ = ["LINE", "TICK", "CurveLayout", "CurveWords", "KeyLine", "PlannedName"]

LINE, TICK = 0.14, SMALL + 0.5
TITLE = FONT + 2
#: Between columns, and between decisions, inches.
GAP, BETWEEN = 0.14, 0.075
#: Height of an option of one line, and of the curve at least.
ROW, CURVE = 0.15, 2.3
#: Room for a sign of the key.
SIGN = 0.3
#: Between the curve and the strip.
HEAD = 0.36
#: Between the names of two planned analyses at least.
APART = 0.2


@dataclass(frozen=True, slots=True)
class CurveWords:
    """The words of a specification curve that its result does not know.

    Attributes
    ----------
    title
        In place of the computed one.
    label
        What the axis shows.
    favours
        Words for the low and for the high side of no effect.
    """

    title: str = ""
    label: str = ""
    favours: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """What one kind of mark means."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class PlannedName:
    """The name of planned analyses above the curve: text, middle in inches, their ranks."""

    text: str
    x: float
    ranks: tuple[int, ...]


@dataclass(frozen=True)
class CurveLayout:
    """A specification curve laid out for columns of certain widths, in inches.

    Attributes
    ----------
    content, words
        What is shown.
    title_width, option_width
        Where decisions and options are broken into lines.
    plot_width
        Width of the curve.
    """

    content: CurveContent
    words: CurveWords
    title_width: float
    option_width: float
    plot_width: float

    @cached_property
    def decisions(self) -> tuple[str, ...]:
        """Titles of the decisions, broken into lines."""
        return tuple(
            wrap(drawable(group.title or " "), self.title_width, SMALL, lines=4)
            for group in self.content.groups
        )

    @cached_property
    def options(self) -> tuple[tuple[str, ...], ...]:
        """Names of the options of each decision, broken into lines."""
        # Bold runs wider than what the words are measured in.
        return tuple(
            tuple(
                wrap(
                    drawable(row.name or " "),
                    self.option_width * (0.87 if row.planned else 1.0),
                    SMALL,
                    lines=4,
                )
                for row in group.rows
            )
            for group in self.content.groups
        )

    @cached_property
    def row_heights(self) -> tuple[tuple[float, ...], ...]:
        """Height of each option."""
        found = []
        for title, names in zip(self.decisions, self.options, strict=True):
            heights = [ROW + 0.115 * name.count("\n") for name in names]
            # A long title needs the height of several options.
            missing = ROW + 0.125 * title.count("\n") - sum(heights)
            found.append(tuple(h + max(0.0, missing) / len(heights) for h in heights))
        return tuple(found)

    @cached_property
    def strip_height(self) -> float:
        """Height of the strip."""
        rows = sum(sum(heights) for heights in self.row_heights)
        return rows + BETWEEN * len(self.row_heights)

    @cached_property
    def left(self) -> float:
        """Where the curve begins."""
        return MARGIN + self.title_width + GAP + self.option_width + GAP

    @cached_property
    def right(self) -> float:
        """Room at the right of the curve: the shares."""
        shares = [row.share for group in self.content.groups for row in group.rows]
        wide = max((width(text, SMALL) for text in shares), default=0.0)
        return GAP * 0.7 + max(wide, width("no effect", SMALL)) + MARGIN

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return self.left + self.plot_width + self.right

    @cached_property
    def axis(self) -> Axis:
        """The axis of estimates; upright, so that the texts of ticks always fit."""
        return axis_between(*self.content.ends, log=self.content.log, room=math.inf)

    @cached_property
    def tick_width(self) -> float:
        """Room for the ticks at the left of the curve."""
        return max(width(text, TICK) for _, text in self.axis.ticks) + 0.1

    @property
    def side_width(self) -> float:
        """Room for words at the left of the axis."""
        return self.left - self.tick_width - 0.12 - MARGIN

    @cached_property
    def title(self) -> str:
        """The title, broken into lines."""
        text = drawable(self.words.title or self.content.title)
        return wrap(text, 0.88 * (self.width - 2 * MARGIN), TITLE)

    @cached_property
    def label(self) -> str:
        """What the axis shows, broken into lines."""
        parts = [self.words.label or measure_name(self.content.measure), self.axis.factor]
        return wrap(drawable(" ".join(filter(None, parts))), self.side_width, FONT - 0.5, lines=3)

    @cached_property
    def favours(self) -> tuple[str, str]:
        """Words of the low and the high side, broken into lines."""
        low, high = (text.strip("←→↑↓ ") for text in self.words.favours)
        texts = (f"↓ {low}" if low else "", f"↑ {high}" if high else "")
        found = [wrap(drawable(text), self.side_width, TICK, lines=3) for text in texts]
        return found[0], found[1]

    @cached_property
    def key(self) -> tuple[KeyLine, ...]:
        """What the marks mean, broken into lines."""
        content = self.content
        excluding = int(content.excludes.sum())
        including = content.count - excluding
        found = []
        if content.planned.size:
            found.append(("planned", f"as planned: {content.planned_in_words}"))
        if excluding:
            found.append(("excludes", f"interval excludes no effect ({excluding:,})"))
        if including:
            found.append(("includes", f"interval includes no effect ({including:,})"))
        if math.isfinite(content.threshold) and self.axis.holds(0.0):
            edges = band_text(content.threshold, log=content.log)
            found.append(("band", f"smaller than what matters ({edges})"))
        limit = self.side_width - SIGN
        return tuple(KeyLine(sign, wrap(drawable(text), limit, SMALL)) for sign, text in found)

    @cached_property
    def key_height(self) -> float:
        """Height of the key."""
        return sum(0.05 + LINE * (1 + line.text.count("\n")) for line in self.key)

    @cached_property
    def curve_height(self) -> float:
        """Height of the curve: the words beside it have to fit."""
        lines = 2 + self.label.count("\n") + sum(t.count("\n") + bool(t) for t in self.favours)
        return max(CURVE, self.key_height + 0.16 * lines + 0.3)

    def place(self, rank: float) -> float:
        """Return where an analysis lies, inches from the left end of the curve."""
        return (rank + 0.5) / self.content.count * self.plot_width

    @cached_property
    def planned(self) -> tuple[PlannedName, ...]:
        """Names of the planned analyses above the curve, none over another."""
        content = self.content
        ranks = [int(rank) for rank in content.planned]
        if not ranks:
            return ()
        found = [self._named([rank]) for rank in ranks]
        while True:
            found = self._spread(found)
            close = next((i for i, (a, b) in enumerate(pairwise(found)) if self._meet(a, b)), None)
            if close is None:
                return tuple(found)
            both = [*found[close].ranks, *found[close + 1].ranks]
            found[close : close + 2] = [self._named(both)]

    def _named(self, ranks: list[int]) -> PlannedName:
        """Return one name for analyses whose own names would meet."""
        numbers = [self.content.number(float(self.content.estimate[rank])) for rank in ranks]
        texts = list(dict.fromkeys(numbers))
        told = join_words(texts, "or") if len(texts) < 3 else f"{texts[0]} to {texts[-1]}"
        text = f"planned: {told}"
        if width(text, SMALL, bold=True) > self.plot_width:
            text = "planned"
        middle = (self.place(ranks[0]) + self.place(ranks[-1])) / 2
        return PlannedName(text, middle, tuple(ranks))

    def _spread(self, names: list[PlannedName]) -> list[PlannedName]:
        """Move names that would leave the plot back into it."""
        found = []
        for name in names:
            half = min(width(name.text, SMALL, bold=True), self.plot_width) / 2
            found.append(replace(name, x=min(max(name.x, half), self.plot_width - half)))
        return found

    @staticmethod
    def _meet(one: PlannedName, other: PlannedName) -> bool:
        halves = (width(one.text, SMALL, bold=True) + width(other.text, SMALL, bold=True)) / 2
        return other.x - one.x < halves + APART

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """The sentences at the bottom, broken into lines."""
        found = [drawable(note) for note in self.content.notes]
        written = [self.title, self.label, *self.favours, *self.decisions, *found]
        written += [name for names in self.options for name in names]
        if any(BOX in text for text in written):
            found.append(f"{BOX}: a sign that no font on this computer has.")
        limit = 0.94 * (self.width - 2 * MARGIN)
        return tuple(wrap(text, limit, SMALL, lines=12) for text in found)

    @cached_property
    def title_height(self) -> float:
        """Room for the title."""
        return 0.12 + 0.2 * (1 + self.title.count("\n"))

    @cached_property
    def above(self) -> float:
        """Room above the curve."""
        return MARGIN + self.title_height + (0.32 if self.planned else 0.05)

    @cached_property
    def notes_height(self) -> float:
        """Room for the notes."""
        return sum(0.04 + LINE * (1 + note.count("\n")) for note in self.notes)

    @cached_property
    def head(self) -> float:
        """Room between curve and strip."""
        return HEAD if self.content.groups else 0.1

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        body = self.curve_height + self.head + self.strip_height
        return self.above + body + 0.1 + self.notes_height + MARGIN
