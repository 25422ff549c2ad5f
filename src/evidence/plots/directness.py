"""The directness table as a figure: how far each trial is from the question in each aspect.

Reference
---------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 8. Rating the quality of
evidence: indirectness. Journal of Clinical Epidemiology 64:1303-1310.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from evidence.appraisal.directness import Directness
from evidence.display import capital, join_words, plural
from evidence.errors import InvalidArgumentError
from evidence.plots.lettering import drawable, one_line, width, wrap
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import BLUE, FONT, GREY, INK, ORANGE, PAPER, RULE, SMALL, plain
from evidence.plots.wording import within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["directness_table"]

#: Widths of the trials' names, inches.
_WIDTHS = (2.4, 1.8, 1.3)
_ROW, _LINE, _GAP = 0.29, 0.165, 0.17
_LEAST_WIDTH = 4.6
_WHOLE = "as a whole"
#: What each mark says: the fuller it is, the nearer is the trial. Shape alone suffices.
_WORDS = {
    "direct": "direct: as asked about",
    "near": "near it",
    "far": "far from it",
    "not stated": "not stated",
}


@dataclass(frozen=True)
class _Layout:
    """The table laid out for names of a certain width, in inches."""

    directness: Directness
    label_width: float
    given: str

    @cached_property
    def studies(self) -> tuple[str, ...]:
        """The trials, in the order of the table."""
        return tuple(map(str, self.directness.table["study_id"]))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Their names, broken into lines."""
        names = self.directness.table["label"]
        return tuple(wrap(drawable(name or " "), self.label_width) for name in names)

    @cached_property
    def heights(self) -> tuple[float, ...]:
        """Height of each row."""
        return tuple(_ROW + _LINE * label.count("\n") for label in self.labels)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Headings of the columns of marks."""
        return (*map(capital, self.directness.aspects), capital(_WHOLE))

    @cached_property
    def spacing(self) -> float:
        """Width of a column of marks."""
        return max(width(head, bold=True) for head in self.heads) + 0.14

    @cached_property
    def left(self) -> float:
        """Where the marks begin."""
        names = max([width("Trial", bold=True), *map(width, self.labels)])
        return MARGIN + names + _GAP

    def column(self, place: int) -> float:
        """Return the middle of a column of marks."""
        return self.left + self.spacing * (place + 0.5)

    @cached_property
    def weights(self) -> tuple[str, ...]:
        """The weight of each trial, a range over several readings; empty without an analysis."""
        found = []
        for each in zip(*self.directness.weights.values(), strict=True):
            low, high = f"{min(each):.0f}", f"{max(each):.0f}"
            found.append(f"{low}%" if low == high else f"{low} to {high}%")
        return tuple(found)

    @cached_property
    def weight_edge(self) -> float:
        """Right edge of the weights."""
        edge = self.left + self.spacing * len(self.heads)
        if not self.weights:
            return edge
        return edge + _GAP + max([width("Weight", bold=True), *map(width, self.weights)])

    @cached_property
    def width(self) -> float:
        """Width of the whole."""
        return max(self.weight_edge + MARGIN, _LEAST_WIDTH)

    @cached_property
    def title(self) -> str:
        """The sentence at the top, broken into lines."""
        text = self.given or capital(_title(self.directness))
        return wrap(drawable(text), 0.86 * (self.width - 2 * MARGIN), FONT + 1)

    @cached_property
    def above(self) -> float:
        """Room above the first row."""
        heads = 0.3 if self.studies else 0.0
        return MARGIN + 0.19 * (1 + self.title.count("\n")) + 0.1 + heads

    @cached_property
    def key(self) -> tuple[tuple[str, float, int], ...]:
        """What the marks mean: word, place from the left, line."""
        found, x, line = [], MARGIN, 0
        for word, text in _WORDS.items():
            wide = 0.24 + width(text, SMALL + 0.5)
            if x > MARGIN and x + wide > self.width - MARGIN:
                x, line = MARGIN, line + 1
            found.append((word, x, line))
            x += wide + _GAP
        return tuple(found)

    @cached_property
    def height(self) -> float:
        """Height of the whole."""
        key = 0.19 * (1 + self.key[-1][2]) if self.studies else 0.0
        return self.above + sum(self.heights) + 0.08 + key + MARGIN


def _title(directness: Directness) -> str:
    k = len(directness.table)
    if not k:
        return directness.summary()
    where = f"{directness.analysis}: " if directness.analysis else ""
    direct = len(directness.direct)
    if k == 1:
        return f"{where}the one trial is {'' if direct else 'not '}direct in every aspect"
    found = "none" if not direct else plural(direct, "trial").split()[0]
    verb = "are" if direct > 1 else "is"
    return f"{where}{found} of {plural(k, 'trial')} {verb} direct in every aspect"


def directness_table(directness: Directness, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw how far each trial is from the question, aspect by aspect, with its weight.

    Parameters
    ----------
    directness
        What `evidence.appraise_directness` returned.
    ax
        Axes to draw on; a figure of the right size is made without it. Where they are
        small, everything becomes smaller.
    title
        In place of the one computed from the numbers.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has their text.

    Raises
    ------
    InvalidArgumentError
        Where `directness` is something else.

    References
    ----------
    Guyatt et al. (2011): see the module.
    """
    if not isinstance(directness, Directness):
        raise InvalidArgumentError(
            f"directness is {type(directness).__name__}; this figure takes what "
            "evidence.appraise_directness(...) returns."
        )
    plans = [partial(_Layout, directness, each, title) for each in _WIDTHS]
    sheet, layout = open_sheet(ax, plans)
    with plain():
        _draw(sheet, layout)
    axes: Axes = sheet.axes
    describe(axes, _in_words(directness, title))
    return axes


def _draw(sheet: Sheet, layout: _Layout) -> None:
    directness = layout.directness
    sheet.write(MARGIN, sheet.height - MARGIN, layout.title, size=FONT + 1, bold=True, va="top")
    if not layout.studies:
        return
    edge = sheet.height - layout.above
    ends = (MARGIN, layout.weight_edge)
    sheet.write(MARGIN, edge + 0.08, "Trial", bold=True, va="bottom")
    for place, head in enumerate(layout.heads):
        sheet.write(layout.column(place), edge + 0.08, head, bold=True, ha="center", va="bottom")
    if layout.weights:
        sheet.write(layout.weight_edge, edge + 0.08, "Weight", bold=True, ha="right", va="bottom")
    for row, (study, label) in enumerate(zip(layout.studies, layout.labels, strict=True)):
        sheet.rule(ends, edge, RULE)
        y = edge - layout.heights[row] / 2
        sheet.write(MARGIN, y, label)
        words = [_word(directness, study, aspect) for aspect in directness.aspects]
        for place, word in enumerate([*words, directness.table["overall"].iloc[row]]):
            _mark(sheet, layout.column(place), y, word)
        if layout.weights:
            sheet.write(layout.weight_edge, y, layout.weights[row], ha="right")
        edge -= layout.heights[row]
    sheet.rule(ends, edge, RULE)
    # A hairline sets the trial as a whole apart.
    x = layout.left + layout.spacing * len(directness.aspects)
    top = sheet.height - layout.above
    sheet.axes.plot([x, x], [edge, top], color=GREY, lw=0.6 * sheet.scale, zorder=1)
    for word, x, line in layout.key:
        y = edge - 0.08 - 0.095 - 0.19 * line
        _mark(sheet, x + 0.08, y, word)
        sheet.write(x + 0.22, y, _WORDS[word], size=SMALL + 0.5)


def _mark(sheet: Sheet, x: float, y: float, word: str) -> None:
    """Draw a distance: a full, a half or an empty disc, or a question mark."""
    if word == "not stated":
        sheet.write(x, y - 0.005, "?", ha="center", size=FONT + 1, color=INK, va="center_baseline")
        return
    color = ORANGE if word == "far" else BLUE
    sheet.axes.plot(
        [x], [y], "o",
        ms=9.5 * sheet.scale,
        mew=1.4 * sheet.scale,
        mec=color,
        mfc=PAPER if word == "far" else color,
        mfcalt=PAPER,
        fillstyle="left" if word == "near" else "full",
        zorder=3,
    )  # fmt: skip


def _word(directness: Directness, study_id: str, aspect: str) -> str:
    found = directness.nearness(study_id, aspect)
    return "not stated" if found is None else found.word


def _in_words(directness: Directness, title: str) -> str:
    """Return the alternative text."""
    first = [f"Directness of trials. {one_line(capital(title or _title(directness))).rstrip('.')}."]
    listed = []
    weights = list(zip(*directness.weights.values(), strict=True))
    for row, (study, label) in enumerate(
        zip(directness.table["study_id"], directness.table["label"], strict=True)
    ):
        by_word: dict[str, list[str]] = {}
        for aspect in directness.aspects:
            by_word.setdefault(_word(directness, study, aspect), []).append(aspect)
        told = "; ".join(
            f"{word} in {join_words(by_word[word])}" for word in _WORDS if word in by_word
        )
        much = f" (weight {max(weights[row]):.0f}%)" if weights else ""
        listed.append(f"{one_line(label)}{much}: {told}.")
    counts = Counter(directness.table["overall"])
    last = join_words(f"{counts[word]} {word}" for word in _WORDS if counts[word])
    return within(
        first, listed, "Trials not listed here: {}.", [f"As a whole: {last}."] if last else []
    )
