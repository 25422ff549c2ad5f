"""Where everything of an effect-direction plot stands, measured before anything is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from evidence.plots.direction_rows import DirectionCell, DirectionRows
from evidence.plots.lettering import BOX, drawable, width, wrap
from evidence.plots.sheet import MARGIN
from evidence.plots.style import FONT, SMALL

__all__ = ["DirectionLayout", "Key"]

_ROW, _LINE, _GAP = 0.31, 0.165, 0.17
#: Headings stand level while their columns together need no more than this, inches.
_MOST_LEVEL = 6.6
_MOST_LEVEL_LINES = 4
#: Between the columns: with level headings from the narrowest to the widest.
_LEVEL = (0.72, 1.15)
_SLANTED = 0.56
_ANGLE = 45.0
_HEAD_LINE = 0.155
#: A slanted heading is broken where it becomes longer than this, inches.
_LONGEST_HEAD = 2.2
_LEAST_WIDTH = 5.6


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: a mark or a sign, what it means, and where it stands.

    `x` is from the left edge, `y` down from the top of the legend.
    """

    ROOM: ClassVar[float] = 0.26

    sign: DirectionCell | str
    text: str
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class DirectionLayout:
    """An effect-direction plot laid out for names of a certain width, in inches."""

    content: DirectionRows
    label_width: float

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the trials, broken into lines."""
        return tuple(
            wrap(
                drawable(trial.label or " ") + (" †" if trial.second_hand else ""), self.label_width
            )
            for trial in self.content.trials
        )

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Height of each row."""
        return tuple(_ROW + _LINE * label.count("\n") for label in self.labels)

    @cached_property
    def has_people(self) -> bool:
        """Whether the number of people is known of any trial."""
        return any(trial.people for trial in self.content.trials)

    @cached_property
    def people_edge(self) -> float:
        """Right edge of the numbers of people."""
        names = max([width("Trial", bold=True), *map(width, self.labels)])
        if not self.has_people:
            return MARGIN + names
        numbers = [width(trial.people) for trial in self.content.trials]
        return MARGIN + names + _GAP + max([width("People", bold=True), *numbers])

    @cached_property
    def left(self) -> float:
        """Where the marks begin."""
        return self.people_edge + _GAP

    @cached_property
    def _level_spacing(self) -> float:
        words = [
            word for domain in self.content.domains for word in drawable(domain or " ").split()
        ]
        longest = max((width(word) for word in words), default=0.0) + 0.12
        return min(max(longest, _LEVEL[0]), _LEVEL[1])

    @cached_property
    def _level(self) -> tuple[str, ...]:
        """The headings as they stand level; empty where they do not fit that way."""
        domains = [drawable(domain or " ") for domain in self.content.domains]
        limit = self._level_spacing - 0.1
        words = [word for domain in domains for word in domain.split()]
        heads = tuple(wrap(domain, limit) for domain in domains)
        fits = (
            self._level_spacing * len(domains) <= _MOST_LEVEL
            and all(width(word) <= limit for word in words)
            and all(head.count("\n") < _MOST_LEVEL_LINES for head in heads)
        )
        return heads if fits else ()

    @property
    def level_heads(self) -> bool:
        """Whether the headings stand level; slanted ones need less width."""
        return bool(self._level) or not self.content.domains

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Headings of the domains, broken into lines."""
        return self._level or tuple(
            wrap(drawable(domain or " "), _LONGEST_HEAD, lines=3) for domain in self.content.domains
        )

    @property
    def angle(self) -> float:
        """Slant of the headings in degrees."""
        return 0.0 if self.level_heads else _ANGLE

    def thickness(self, head: str) -> float:
        """Return how thick a heading is, across its lines."""
        return _HEAD_LINE * (1 + head.count("\n"))

    @cached_property
    def slant(self) -> float:
        """Sine of the angle of the headings, which is its cosine as well."""
        return math.sin(math.radians(_ANGLE))

    @cached_property
    def spacing(self) -> float:
        """Width of a domain's column."""
        if self.level_heads:
            return self._level_spacing
        thickest = max(map(self.thickness, self.heads))
        return max(_SLANTED, thickest / self.slant + 0.06)

    def column(self, domain: str) -> float:
        """Return the middle of a domain's column."""
        return self.left + self.spacing * (self.content.domains.index(domain) + 0.5)

    @cached_property
    def plot_width(self) -> float:
        """Width of all marks."""
        return self.spacing * len(self.content.domains)

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        over = 0.0
        if not self.level_heads:
            # The last headings reach beyond their columns.
            edge = self.left + self.plot_width
            over = max(
                self.column(domain) + self.slant * (width(head) + self.thickness(head)) - edge
                for domain, head in zip(self.content.domains, self.heads, strict=True)
            )
        needed = self.left + self.plot_width + max(over, 0.0) + MARGIN
        return max(needed, _LEAST_WIDTH)

    @cached_property
    def title(self) -> str:
        """The sentence at the top, broken into lines."""
        return wrap(drawable(self.content.summary), 0.86 * (self.width - 2 * MARGIN), FONT + 1)

    @cached_property
    def heads_height(self) -> float:
        """Room for the headings."""
        if not self.content.trials:
            return 0.0
        if self.level_heads:
            return 0.2 + max(map(self.thickness, self.heads))
        return 0.15 + self.slant * max(width(head) + self.thickness(head) for head in self.heads)

    @cached_property
    def above(self) -> float:
        """Room above the first row."""
        return MARGIN + 0.19 * (1 + self.title.count("\n")) + 0.1 + self.heads_height

    @cached_property
    def legend(self) -> tuple[Key, ...]:
        """What the marks mean: only of marks that are there, set line by line."""
        lines = [list(self._directions()), list(self._fills()), list(self._signs())]
        found, y = [], 0.1
        for keys in filter(None, lines):
            x = MARGIN
            for key in keys:
                text = wrap(key.text, self.width - 2 * MARGIN - Key.ROOM, SMALL + 0.5)
                wide = (Key.ROOM if key.sign else 0.0) + width(text, SMALL + 0.5)
                if x > MARGIN and x + 1.05 * wide > self.width - MARGIN:
                    x, y = MARGIN, y + 0.19
                found.append(Key(key.sign, text, x, y))
                x += wide + _GAP
            y += 0.19
        return tuple(found)

    def _directions(self) -> list[Key]:
        present = {cell.direction for cell in self.content.cells}
        texts = {
            "treatment": "favours the treatment",
            "control": "favours the comparator",
            "none": "no difference",
            "mixed": "points both ways",
            "not reported": "direction not reported",
        }
        # That nothing points the other way is seen only by who knows the mark for it.
        shown = present | {"treatment", "control"} if present else set()
        return [
            Key(DirectionCell("", name, "no"), text)
            for name, text in texts.items()
            if name in shown
        ]

    def _fills(self) -> list[Key]:
        cells = self.content.cells
        texts = {
            "yes": "filled: said to be significant",
            "some": "half: some of its results are",
            "no": "open: not significant, or not said",
        }
        said = {cell.significant for cell in cells if cell.direction != "not reported"}
        keys = [
            Key(DirectionCell("", "example", name), text)
            for name, text in texts.items()
            if name in said or (name == "no" and "not reported" in said)
        ]
        silent = {c.significant for c in cells if c.direction == "not reported"}
        if silent & {"yes", "some"}:
            how = "significant in part or whole" if "some" in silent else "significant"
            mark = DirectionCell("", "not reported", "yes")
            keys.append(Key(mark, f"{how}, direction not reported"))
        return keys

    def _signs(self) -> list[Key]:
        content, keys = self.content, []
        if any(trial.second_hand for trial in content.trials) or any(
            cell.second_hand for cell in content.cells
        ):
            keys.append(Key("†", "second-hand: someone else's account"))
        if any(cell.comparisons > 1 for cell in content.cells):
            keys.append(Key("2", "small number: how many results it stands for"))
        if any(BOX in text for text in (*self.labels, *self.heads)):
            keys.append(Key(BOX, "a sign that no font on this computer has"))
        if len(content.cells) < len(content.trials) * len(content.domains):
            keys.append(Key("", "Empty: no result told."))
        return keys

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        legend = self.legend[-1].y + 0.12 if self.legend else 0.0
        return self.above + sum(self.heights) + 0.1 + legend + MARGIN
