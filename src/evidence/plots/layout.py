"""Where everything of a forest plot stands, measured before anything is drawn.

From top to bottom: title, headings, rows, axis, notes. From left to right: studies,
people, the plot, effect, interval, weights. Every column is as wide as its widest cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from evidence.plots.axis import Axis, axis_of
from evidence.plots.bias_columns import BiasColumns
from evidence.plots.lettering import BOX, drawable, width, wrap
from evidence.plots.numbers import band_text
from evidence.plots.rows import ForestRow, ForestRows
from evidence.plots.sheet import MARGIN
from evidence.plots.style import FONT, SMALL

__all__ = ["GAP", "LINE", "Column", "ForestLayout", "ForestWords"]

#: Heights in inches: a row of one line, a further line of text, a line of small text.
ROW, LINE, SMALL_LINE = 0.255, 0.155, 0.145
#: Between columns, and before what belongs to the row above, inches.
GAP, INDENT = 0.17, 0.14
_TITLE = FONT + 2


@dataclass(frozen=True, slots=True)
class ForestWords:
    """The words of a forest plot that its result does not know.

    Attributes
    ----------
    title, xlabel
        Above everything, and below the axis.
    favours
        Under the left and the right side of no effect.
    threshold, threshold_label
        Half the width of the band of small differences, and words for it.
    """

    title: str = ""
    xlabel: str = ""
    favours: tuple[str, str] = ("", "")
    threshold: float | None = None
    threshold_label: str = ""

    def edges(self, *, log: bool) -> str:
        """Return the two edges of the band as text; empty without a band."""
        return "" if self.threshold is None else band_text(self.threshold, log=log)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of text: its heading, a cell for each row, and how wide it is."""

    head: str
    cells: tuple[str, ...]
    width: float
    align: str


def _column(head: str, cells: tuple[str, ...], align: str = "right") -> Column:
    if not any(cells):
        return Column("", cells, 0.0, align)
    wide = max(width(text, bold=True) for text in (head, *cells))
    return Column(head, cells, wide, align)


@dataclass(frozen=True)
class ForestLayout:
    """A forest plot laid out for labels and a plotting area of certain widths, in inches.

    Attributes
    ----------
    content, words
        What is shown.
    label_width
        Where a label is broken into lines.
    plot_width
        Width of the plotting area, at least.
    bias
        Judgements of risk of bias to stand at the right; None without any.
    """

    content: ForestRows
    words: ForestWords
    label_width: float
    plot_width: float
    bias: BiasColumns | None = None

    @cached_property
    def tag_width(self) -> float:
        """Room for the letters before a reading."""
        tags = [row.tag for row in self.content.rows if row.kind == "study"]
        widest = max((width(tag, bold=True) for tag in tags), default=0.0)
        return widest + 0.07 if widest else 0.0

    def indent(self, row: ForestRow) -> float:
        """Return how far to the right a label starts."""
        if not row.indented:
            return 0.0
        return INDENT + (self.tag_width if row.kind == "study" else 0.0)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels, broken into lines."""
        found = []
        for row in self.content.rows:
            limit = self.label_width - self.indent(row)
            # Bold runs wider; a heading may use the empty cells to its right anyway.
            limit *= 1.0 if row.kind in {"study", "prediction"} else 0.88
            text = drawable(row.label or " ") + (" †" if row.second_hand else "")
            found.append(wrap(text, limit))
        return tuple(found)

    @cached_property
    def columns(self) -> tuple[Column, Column, Column, Column, tuple[Column, ...]]:
        """Labels, people, effect, interval and weights."""
        rows = self.content.rows
        wide = max(
            [width(self.content.head, bold=True)]
            + [
                self.indent(row) + width(label, bold=row.kind in {"pooled", "heading"})
                for row, label in zip(rows, self.labels, strict=True)
            ]
        )
        numbers = [self.content.numbers(row) for row in rows]
        weights = [self.content.weight_cells(row) for row in rows]
        return (
            Column(self.content.head, self.labels, wide, "left"),
            _column(self.content.people_head, tuple(drawable(row.people) for row in rows)),
            _column("Effect", tuple(estimate for estimate, _ in numbers)),
            _column(self.content.interval_head, tuple(interval for _, interval in numbers)),
            tuple(
                _column(head, tuple(cells))
                for head, cells in zip(
                    self.content.weight_heads, zip(*weights, strict=True), strict=True
                )
            ),
        )

    @cached_property
    def left(self) -> float:
        """Where the plotting area begins."""
        labels, people = self.columns[:2]
        return MARGIN + labels.width + (people.width + GAP if people.head else 0.0) + GAP

    @cached_property
    def right(self) -> float:
        """Room for the columns at the right of the plotting area."""
        _, _, effect, interval, weights = self.columns
        columns = (effect, interval, *weights)
        found = sum(column.width + GAP for column in columns if column.width) + MARGIN
        return found + (self.bias.width if self.bias else 0.0)

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return self.left + self.plot_width + self.right

    @cached_property
    def axis(self) -> Axis:
        """The axis, with ticks that fit the plotting area."""
        return axis_of(self.content, self.words.threshold, self.plot_width)

    @cached_property
    def title(self) -> str:
        """The title, broken into lines."""
        # A tenth less: bold letters run wider than those that the words are measured in.
        limit = 0.88 * (self.width - 2 * MARGIN)
        return wrap(drawable(self.words.title), limit, _TITLE)

    @cached_property
    def band_label(self) -> str:
        """The words above the band; empty where the band is not on the axis."""
        edges = self.words.edges(log=self.content.log)
        if not edges or not self.axis.holds(0.0):
            return ""
        label = drawable(f"shaded: {self.words.threshold_label}")
        one = f"{label} ({edges})"
        if width(one, SMALL) <= self.plot_width:
            return one
        return f"{wrap(label, self.plot_width, SMALL)}\n({edges})"

    @cached_property
    def xlabel(self) -> str:
        """The words below the axis, broken into lines."""
        text = " ".join(filter(None, (self.words.xlabel, self.axis.factor)))
        return wrap(drawable(text), 1.2 * self.plot_width, FONT - 0.5)

    @cached_property
    def favours(self) -> tuple[tuple[str, float, str], ...]:
        """The words of each side of no effect: text, place in the plot, alignment.

        They stand beside no effect. Where that is off the axis, only the side that is
        on it has words.
        """
        words = [drawable(text) for text in self.words.favours]
        if not self.axis.holds(0.0):
            text = words[0] if self.axis.high < 0 else words[1]
            return ((wrap(text, self.plot_width, SMALL + 0.5), 0.5, "center"),)
        zero = self.axis.place(0.0)
        reach = zero * self.plot_width
        sides = (
            (words[0], self.left + reach, -0.06, "right"),
            (words[1], self.width - self.left - reach, 0.06, "left"),
        )
        return tuple(
            (wrap(text, room - MARGIN - 0.06, SMALL + 0.5), zero + gap / self.plot_width, align)
            for text, room, gap, align in sides
        )

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """The sentences at the bottom, broken into lines."""
        content, words = self.content, self.words
        found = []
        if any(row.second_hand for row in content.rows):
            found.append("† and hollow: second-hand, from someone else's account of the study.")
        if content.predictions:
            found.append("Prediction interval: where the true effect of one more trial may lie.")
        if not self.axis.holds(0.0):
            side = "right" if self.axis.high < 0 else "left"
            text = f"No effect ({int(content.log)}) lies beyond the {side} end of the axis"
            edges = words.edges(log=content.log)
            band = f", and so does what is {words.threshold_label} ({edges})" if edges else ""
            found.append(f"{text}{band}.")
        found += content.notes
        found += self.bias.notes if self.bias else ()
        shown = [drawable(sentence) for sentence in found]
        if any(BOX in text for text in (*self.labels, self.title, self.xlabel, *shown)):
            shown.append(f"{BOX}: a sign that no font on this computer has.")
        # Some programs draw letters a little wider than they are measured.
        limit = 0.94 * (self.width - 2 * MARGIN)
        return tuple(wrap(text, limit, SMALL, lines=12) for text in shown)

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Height of each row."""
        return tuple(ROW + LINE * label.count("\n") for label in self.labels)

    @cached_property
    def title_height(self) -> float:
        """Room for the title."""
        return 0.07 + 0.2 * (1 + self.title.count("\n")) if self.title else 0.02

    @cached_property
    def head_height(self) -> float:
        """Room for the headings and the words above the band, down to the first row."""
        lines = 1 + self.band_label.count("\n") if self.band_label else 0
        return max(0.32, 0.14 + SMALL_LINE * lines)

    @cached_property
    def above(self) -> float:
        """Room above the first row."""
        return MARGIN / 2 + self.title_height + self.head_height

    @cached_property
    def favours_height(self) -> float:
        """Room for the words of the two sides."""
        lines = [1 + text.count("\n") for text, _, _ in self.favours if text]
        return 0.04 + SMALL_LINE * max(lines) if lines else 0.0

    @cached_property
    def xlabel_height(self) -> float:
        """Room for the words below the axis."""
        return 0.02 + LINE * (1 + self.xlabel.count("\n")) if self.xlabel else 0.0

    @cached_property
    def notes_height(self) -> float:
        """Room for the notes."""
        return sum(0.03 + SMALL_LINE * (1 + text.count("\n")) for text in self.notes)

    @cached_property
    def below(self) -> float:
        """Room below the last row."""
        ticks = 0.24
        return ticks + self.favours_height + self.xlabel_height + self.notes_height + MARGIN + 0.04

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        return self.above + sum(self.heights) + self.below
