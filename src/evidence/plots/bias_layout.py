"""Where everything of a traffic-light plot stands, measured before anything is drawn.

One block for each tool: its name and the short names of its domains, a row for each study,
and below what the short names and the marks stand for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from evidence.appraisal.risk_of_bias import RiskOfBias, StudyBias
from evidence.data.bias_tools import BiasTool, Judged
from evidence.display import plural
from evidence.plots.bias_marks import BiasMark, flags_of, marks_of_words
from evidence.plots.lettering import BOX, drawable, width, wrap
from evidence.plots.sheet import MARGIN
from evidence.plots.style import FONT, SMALL

__all__ = ["BiasBlock", "BiasKey", "BiasLayout"]

_ROW, _LINE, _SMALL_LINE, _GAP = 0.3, 0.155, 0.145, 0.17
_SPACING = 0.46
_HEAD = 0.27
_BETWEEN = 0.12
_KEY_ROW = 0.24
#: Room for a mark in the key, and between two entries, inches.
_MARK_ROOM, _KEY_GAP = 0.27, 0.2
_LEAST_WIDTH = 4.6


@dataclass(frozen=True, slots=True)
class BiasKey:
    """What a mark means, and where it stands: from the left, and down from the key's top."""

    mark: BiasMark
    text: str
    x: float
    y: float


@dataclass(frozen=True)
class BiasBlock:
    """The studies that one tool is used for, laid out."""

    tool: BiasTool
    studies: tuple[StudyBias, ...]
    label_width: float
    total_width: float

    @cached_property
    def columns(self) -> tuple[Judged, ...]:
        """A column for each domain, and one for the study as a whole."""
        return self.studies[0].columns

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Heads of the columns."""
        return (*(drawable(judged.domain.short) for judged in self.columns[:-1]), "All")

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the studies, broken into lines."""
        return tuple(wrap(drawable(s.label or " "), self.label_width) for s in self.studies)

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Height of each row."""
        return tuple(_ROW + _LINE * label.count("\n") for label in self.labels)

    @cached_property
    def marks(self) -> tuple[BiasMark, ...]:
        """The marks that are there, mildest first."""
        words = [judged.word for study in self.studies for judged in study.columns]
        return marks_of_words(self.tool, words)

    @cached_property
    def names(self) -> str:
        """What the heads stand for, broken into lines."""
        told = [f"{j.domain.short}: {j.domain.name}" for j in self.columns[:-1]]
        text = drawable("; ".join([*told, "All: the study as a whole"]) + ".")
        return wrap(text, 0.95 * (self.total_width - 2 * MARGIN), SMALL, lines=9)

    @cached_property
    def key(self) -> tuple[BiasKey, ...]:
        """What the marks mean, set line by line."""
        found, x, y = [], MARGIN, _KEY_ROW / 2
        for mark in self.marks:
            room = self.total_width - 2 * MARGIN - _MARK_ROOM
            text = wrap(drawable(mark.word), room, SMALL + 0.5, lines=1)
            wide = _MARK_ROOM + 1.05 * width(text, SMALL + 0.5)
            if x > MARGIN and x + wide > self.total_width - MARGIN:
                x, y = MARGIN, y + _KEY_ROW
            found.append(BiasKey(mark, text, x, y))
            x += wide + _KEY_GAP
        return tuple(found)

    @cached_property
    def names_height(self) -> float:
        """Room for what the heads stand for."""
        return 0.08 + _SMALL_LINE * (1 + self.names.count("\n"))

    @cached_property
    def height(self) -> float:
        """Height of the whole block."""
        key = self.key[-1].y + _KEY_ROW / 2 if self.key else 0.0
        return _HEAD + sum(self.heights) + self.names_height + key + _BETWEEN


@dataclass(frozen=True)
class BiasLayout:
    """A traffic-light plot laid out for names of a certain width, in inches."""

    appraisal: RiskOfBias
    label_width: float
    title_words: str = ""

    @cached_property
    def _names(self) -> float:
        labels = [
            wrap(drawable(study.label or " "), self.label_width) for study in self.appraisal.studies
        ]
        heads = [drawable(tool.name) for tool in self.appraisal.tools]
        return max(
            [0.5, *(width(label) for label in labels), *(width(h, bold=True) for h in heads)]
        )

    @cached_property
    def left(self) -> float:
        """Where the marks begin."""
        return MARGIN + self._names + _GAP

    def column(self, block: BiasBlock, place: int) -> float:
        """Return the middle of a column; the last one stands a little apart."""
        last = place == len(block.columns) - 1
        return self.left + _SPACING * (place + 0.5) + (0.12 if last else 0.0)

    @cached_property
    def weight_edge(self) -> float:
        """Right edge of the weights; where the marks end without them."""
        most = max((len(tool.domains) + 1 for tool in self.appraisal.tools), default=1)
        edge = self.left + _SPACING * most + 0.12 + 0.12
        return edge + width("Weight", bold=True) if self.appraisal.weighted else edge

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return max(self.weight_edge + MARGIN, _LEAST_WIDTH)

    @cached_property
    def title(self) -> str:
        """The title, broken into lines."""
        many = len({study.study_id for study in self.appraisal.studies})
        told = f"Risk of bias of {plural(many, 'study', 'studies')}"
        about = f": {self.appraisal.analysis}" if self.appraisal.analysis else ""
        words = self.title_words or told + about
        return wrap(drawable(words), 0.86 * (self.width - 2 * MARGIN), FONT + 1)

    @cached_property
    def above(self) -> float:
        """Room for the title."""
        return MARGIN + 0.19 * (1 + self.title.count("\n")) + 0.1

    @cached_property
    def blocks(self) -> tuple[BiasBlock, ...]:
        """One for each tool."""
        return tuple(
            BiasBlock(
                tool,
                tuple(s for s in self.appraisal.studies if s.tool.name == tool.name),
                self.label_width,
                self.width,
            )
            for tool in self.appraisal.tools
        )

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the small signs mean, where they are there."""
        flags = {flag for s in self.appraisal.studies for j in s.columns for flag in flags_of(s, j)}
        told = {
            "*": "*: computed from answers by the rules of the tool.",
            "≠": "≠: the rules of the tool give another judgement.",
            "†": "†: second-hand.",
            "•": "•: not judged, but facts that bear on it are known.",
        }
        found = [" ".join(text for flag, text in told.items() if flag in flags)]
        labels = [label for block in self.blocks for label in block.labels]
        if any(BOX in label for label in labels):
            found.append(f"{BOX}: a sign that no font on this computer has.")
        if not self.appraisal.studies:
            found.append("No study was appraised.")
        limit = 0.95 * (self.width - 2 * MARGIN)
        return tuple(wrap(text, limit, SMALL) for text in found if text)

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        notes = sum(0.03 + _SMALL_LINE * (1 + text.count("\n")) for text in self.notes)
        return self.above + math.fsum(block.height for block in self.blocks) + notes + MARGIN
