"""Influence of each study: one row a study, one small plot a diagnostic.

References
----------
Viechtbauer W, Cheung MWL (2010). Outlier and influence diagnostics for meta-analysis. Research
Synthesis Methods 1:112-125.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import capital, join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.axis import Axis, axis_between
from evidence.plots.chart import ends_of
from evidence.plots.lettering import BOX, drawable, one_line, width, wrap
from evidence.plots.numbers import effect_text
from evidence.plots.picture import describe
from evidence.plots.sheet import MARGIN, Sheet, open_sheet
from evidence.plots.style import BLUE, FONT, GREY, INK, ORANGE, RULE, SMALL, plain
from evidence.plots.wording import within
from evidence.synthesis.sensitivity.influence import INFLUENCE_RULES, InfluenceResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["influence_panel"]

#: With more studies than this, the most telling ones are shown and the others as one row.
_MOST_ROWS = 25
#: So many studies are named in the title.
_NAMED = 3
_ROW, _LINE, _SMALL_LINE, _GAP = 0.235, 0.155, 0.145, 0.24
#: Rows of tall axes are spread to this many times their height at most.
_SPREAD = 1.6
_TITLE, _TICK, _HEAD = FONT + 2, SMALL, SMALL + 0.5
#: Widths of labels and of one plot, inches: the usual ones, and those for narrow axes.
_WIDTHS = ((2.2, 0.98), (1.8, 0.8), (1.5, 0.66))
#: Diagnostics in reading order: field of the result, and what stands above its plot.
_PANELS = (
    ("standardised_residual", "Standardised residual"),
    ("dffits", "DFFITS"),
    ("dfbetas", "DFBETAS"),
    ("cooks_distance", "Cook's distance"),
    ("covariance_ratio", "Covariance ratio"),
    ("tau2_without", "tau² without it"),
    ("q_without", "Q without it"),
    ("weight", "Weight (%)"),
)


@dataclass(frozen=True)
class _Panel:
    """One diagnostic of every study."""

    name: str
    head: str
    values: Floats
    #: Where it is when all studies are alike, or with all of them; and the cut-offs.
    solid: tuple[float, ...] = ()
    dashed: tuple[float, ...] = ()
    #: What the axis holds at least, so that it does not enlarge differences that are none.
    span: float = 0.0

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Which values can be drawn."""
        return np.isfinite(self.values)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Ends of the axis: it holds every study, and the lines."""
        shown = np.array([*self.values[self.finite], *self.solid, *self.dashed])
        low, high = float(shown.min()), float(shown.max())
        more = max(self.span - (high - low), 0.0) / 2
        return ends_of([low - more, high + more], 0.09)


def _panels(result: InfluenceResult) -> tuple[_Panel, ...]:
    cutoffs = {rule.name: rule.cutoff(result.k) for rule in INFLUENCE_RULES}
    solid = {
        "standardised_residual": (0.0,),
        "dffits": (0.0,),
        "dfbetas": (0.0,),
        "covariance_ratio": (1.0,),
        "tau2_without": (result.tau2,) if np.isfinite(result.tau2) else (),
    }
    signed = {
        name: (-cutoffs[name], cutoffs[name])
        for name in ("standardised_residual", "dffits", "dfbetas")
    }
    dashed = {**signed, "cooks_distance": (cutoffs["cooks_distance"],)}
    if cutoffs["hat"] < 1:  # no share is larger than 1
        dashed["weight"] = (100 * cutoffs["hat"],)
    # Weights are seen beside what each study would have if all had the same.
    spans = {"weight": 100 / result.k}
    return tuple(
        _Panel(
            name, head, getattr(result, name), solid.get(name, ()), dashed.get(name, ()),
            spans.get(name, 0.0),
        )
        for name, head in _PANELS
    )  # fmt: skip


@dataclass(frozen=True)
class _Content:
    """What the figure shows."""

    result: InfluenceResult
    asked: str

    @cached_property
    def panels(self) -> tuple[_Panel, ...]:
        """The diagnostics that are known of at least one study."""
        return tuple(panel for panel in _panels(self.result) if panel.finite.any())

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """What cannot be told of any study."""
        return tuple(p.head for p in _panels(self.result) if not p.finite.any())

    @cached_property
    def marked(self) -> NDArray[np.bool_]:
        """Which studies are influential, shape (k,)."""
        return self.result.influential

    @cached_property
    def shown(self) -> NDArray[np.int64]:
        """Places of the studies that have a row, in the order of the result."""
        result = self.result
        if result.k <= _MOST_ROWS:
            return np.arange(result.k)
        share = np.zeros(result.k)
        for rule in INFLUENCE_RULES:
            sizes = np.abs(getattr(result, rule.name)) / rule.cutoff(result.k)
            share = np.fmax(share, sizes)
        # The influential ones first, then the outliers, then who comes nearest.
        order = np.lexsort((-share, ~result.outlier, ~self.marked))
        return np.sort(order[:_MOST_ROWS])

    @cached_property
    def rest(self) -> NDArray[np.int64]:
        """Places of all others."""
        return np.setdiff1d(np.arange(self.result.k), self.shown)

    @cached_property
    def title(self) -> str:
        """Which studies are influential."""
        if self.asked:
            return self.asked
        result = self.result
        names = [one_line(result.labels[i]) for i in np.flatnonzero(self.marked)]
        if not names:
            return f"None of {plural(result.k, 'study', 'studies')} is influential{self._outliers}"
        verb = "is" if len(names) == 1 else "are"
        told = f": {join_words(names)}" if len(names) <= _NAMED else ""
        return f"{len(names)} of {result.k} studies {verb} influential{told}"

    @property
    def _outliers(self) -> str:
        """Which studies lie far from the others, where none is influential."""
        names = [one_line(self.result.labels[i]) for i in np.flatnonzero(self.result.outlier)]
        if not names:
            return ""
        if len(names) > _NAMED:
            return f"; {len(names)} have a residual beyond the cut-off"
        verb = "has" if len(names) == 1 else "have"
        return f"; {join_words(names)} {verb} a residual beyond the cut-off"

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the marks mean, and what is not shown."""
        result = self.result
        rules = join_words([r.in_words for r in INFLUENCE_RULES if not r.outlier], last="or")
        found = [
            (
                "Dashed: cut-offs, which say where to look and not what to leave out (Viechtbauer "
                "and Cheung 2010)."
            )
        ]
        solid = {panel.name for panel in self.panels if panel.solid}
        if solid:
            all_studies = ", or tau² of all studies" if "tau2_without" in solid else ""
            found[0] += f" Solid: no influence{all_studies}."
        if self.marked.any():
            found.append(f"Orange diamonds: influential by {rules}.")
        if self.rest.size:
            found.append(
                f"Shown: the {self.shown.size} of {result.k} studies that cross a cut-off or come "
                f"nearest to one; of the other {self.rest.size}, {self._crossing} a cut-off. "
                "Grey: from their lowest to their highest value."
            )
        if self.unknown:
            found.append(f"Not known for any study, so not drawn: {join_words(self.unknown)}.")
        if any(np.isnan(panel.values).any() for panel in self.panels):
            found.append("Grey dash: not known for this study.")
        if any(np.isinf(panel.values).any() for panel in self.panels):
            found.append("Arrow: without bounds.")
        return (*found, *(caution.message for caution in result.cautions))

    @property
    def _crossing(self) -> str:
        beyond = self.marked | self.result.outlier
        count = int(beyond[self.rest].sum())
        return f"{count or 'none'} cross{'es' if count < 2 else ''}"

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """Labels of the rows."""
        labels = [self.result.labels[i] for i in self.shown]
        if self.rest.size:
            labels.append(f"The other {self.rest.size} studies, from lowest to highest")
        return tuple(labels)


@dataclass(frozen=True)
class _Layout:
    """Where everything stands, in inches."""

    content: _Content
    label_width: float
    panel_width: float

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return tuple(
            # Bold runs wider than it is measured.
            wrap(drawable(label or " "), 0.88 * self.label_width)
            for label in self.content.rows
        )

    @cached_property
    def heights(self) -> tuple[float, ...]:
        return tuple(_ROW + _LINE * label.count("\n") for label in self.labels)

    @cached_property
    def left(self) -> float:
        wide = max(width(label, bold=True) for label in ("Study", *self.labels))
        return MARGIN + wide + 0.2

    @cached_property
    def width(self) -> float:
        count = len(self.content.panels)
        return self.left + count * self.panel_width + (count - 1) * _GAP + 0.16 + MARGIN

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        found = []
        for panel in self.content.panels:
            axis = axis_between(*panel.ends, log=False, room=self.panel_width)
            fitting = tuple(
                (value, text)
                for value, text in axis.ticks
                # Not so far out that it meets a number of the next plot.
                if width(text, _TICK) / 2 - _GAP / 2 + 0.04
                <= min(axis.place(value), 1 - axis.place(value)) * self.panel_width
            )
            found.append(replace(axis, ticks=fitting))
        return tuple(found)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        return tuple(
            # Bold runs wider than it is measured, and may reach into the gap beside it.
            wrap(
                " ".join(filter(None, (panel.head, axis.factor))),
                0.88 * (self.panel_width + 0.85 * _GAP),
                _HEAD,
            )
            for panel, axis in zip(self.content.panels, self.axes, strict=True)
        )

    @cached_property
    def title(self) -> str:
        return wrap(drawable(self.content.title), 0.88 * (self.width - 2 * MARGIN), _TITLE)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        found = [drawable(note) for note in self.content.notes]
        if any(BOX in text for text in (self.title, *self.labels, *found)):
            found.append(f"{BOX}: a sign that no font on this computer has.")
        limit = 0.94 * (self.width - 2 * MARGIN)
        return tuple(wrap(note, limit, SMALL, lines=12) for note in found)

    @cached_property
    def above(self) -> float:
        title = 0.12 + 0.2 * (1 + self.title.count("\n"))
        lines = 1 + max((head.count("\n") for head in self.heads), default=0)
        return MARGIN + title + 0.08 + _SMALL_LINE * lines

    @cached_property
    def below(self) -> float:
        notes = sum(0.03 + _SMALL_LINE * (1 + note.count("\n")) for note in self.notes)
        return 0.3 + notes + MARGIN + 0.04

    @cached_property
    def height(self) -> float:
        return self.above + sum(self.heights) + self.below


def influence_panel(result: InfluenceResult, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw what each study does to the pooled result, one small plot a diagnostic.

    From left to right: externally standardised residual, DFFITS, DFBETAS, Cook's distance,
    covariance ratio, tau² and Q without the study, and weight. With more than 25 studies the most
    telling ones have rows of their own, and all others one together.

    Parameters
    ----------
    result
        What `evidence.synthesis.sensitivity.influence.influence` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        In place of the one computed from the numbers.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `result` is something else.

    References
    ----------
    Viechtbauer and Cheung 2010.
    """
    if not isinstance(result, InfluenceResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.synthesis.sensitivity.influence.influence() returns."
        )
    content = _Content(result, title)
    plans: list[Callable[[], _Layout]] = [
        lambda widths=widths: _Layout(content, *widths)  # type: ignore[misc]
        for widths in _WIDTHS
    ]
    sheet, layout = open_sheet(ax, plans)
    with plain():
        _Drawing(sheet, layout).draw()
    axes: Axes = sheet.axes
    describe(axes, _in_words(content))
    return axes


class _Drawing:
    """Puts a layout on a sheet, which may be larger than the layout needs."""

    def __init__(self, sheet: Sheet, layout: _Layout) -> None:
        count = max(len(layout.content.panels), 1)
        spare = max(sheet.width - layout.width, 0.0)
        self.sheet = sheet
        self.layout = replace(layout, panel_width=layout.panel_width + spare / count)
        heights = self.layout.heights
        spread = min(_SPREAD, 1 + max(sheet.height - self.layout.height, 0.0) / sum(heights))
        self.top = sheet.height - self.layout.above
        self.bottom = self.top - spread * sum(heights)
        edges = self.top - spread * np.cumsum([0.0, *heights])
        self.places = (edges[:-1] + edges[1:]) / 2
        self.edges = edges

    def draw(self) -> None:
        sheet, layout, content = self.sheet, self.layout, self.layout.content
        y = sheet.height - MARGIN
        sheet.write(MARGIN, y, layout.title, size=_TITLE, bold=True, va="top")
        sheet.write(MARGIN, self.top + 0.06, "Study", size=_HEAD, bold=True, va="bottom")
        right = sheet.width - MARGIN
        sheet.rule((MARGIN, right), self.top, GREY)
        for edge in self.edges[1:-1]:
            sheet.rule((MARGIN, right), edge, RULE, 0.4)
        for row, (label, place) in enumerate(zip(layout.labels, self.places, strict=True)):
            own = row < content.shown.size
            bold = own and bool(content.marked[content.shown[row]])
            sheet.write(MARGIN, place, label, bold=bold, color=INK if own else GREY)
        x = layout.left
        for panel, axis, head in zip(content.panels, layout.axes, layout.heads, strict=True):
            self._panel(panel, axis, head, x)
            x += layout.panel_width + _GAP
        y = self.bottom - 0.3
        for note in layout.notes:
            sheet.write(MARGIN, y - 0.03, note, size=SMALL, color=GREY, va="top")
            y -= 0.03 + _SMALL_LINE * (1 + note.count("\n"))

    def _panel(self, panel: _Panel, axis: Axis, head: str, x: float) -> None:
        sheet, wide, scale = self.sheet, self.layout.panel_width, self.sheet.scale
        middle = x + wide / 2
        sheet.write(middle, self.top + 0.06, head, size=_HEAD, bold=True, ha="center", va="bottom")
        plot = sheet.inset(x, self.bottom, wide, self.top - self.bottom)
        plot.set_xlim(axis.low, axis.high)
        plot.set_ylim(self.bottom, self.top)
        plot.patch.set_visible(False)
        for side in ("left", "right", "top"):
            plot.spines[side].set_visible(False)
        plot.spines["bottom"].set_linewidth(0.8 * scale)
        plot.set_yticks([])
        plot.set_xticks([value for value, _ in axis.ticks], [])
        plot.tick_params(axis="x", length=3 * scale, width=0.8 * scale, color=INK)
        for value, text in axis.ticks:
            place = x + axis.place(value) * wide
            sheet.write(place, self.bottom - 0.14, text, size=_TICK, ha="center")
        for value in panel.solid:
            plot.axvline(value, color=INK, lw=0.8 * scale, zorder=1)
        for value in panel.dashed:
            plot.axvline(value, color=GREY, lw=0.8 * scale, ls=(0, (4, 3)), zorder=1)
        self._marks(plot, panel, axis)

    def _marks(self, plot: Any, panel: _Panel, axis: Axis) -> None:
        content, scale = self.layout.content, self.sheet.scale
        for study, y in zip(content.shown, self.places, strict=False):
            value = float(panel.values[study])
            color, marker, size = (ORANGE, "D", 5.5) if content.marked[study] else (BLUE, "o", 5.0)
            if np.isnan(value):
                value, color, marker = (axis.low + axis.high) / 2, GREY, "_"
            elif np.isinf(value):
                marker = ">" if value > 0 else "<"
                value = axis.high if value > 0 else axis.low
            plot.plot(
                [value], [y], marker,
                ms=size * scale, mfc=color, mec=color, mew=(marker == "_") * scale,
                clip_on=False, zorder=3,
            )  # fmt: skip
        if content.rest.size:
            values = panel.values[content.rest]
            values = values[np.isfinite(values)]
            if values.size:
                plot.plot(
                    [values.min(), values.max()], [self.places[-1]] * 2,
                    color=GREY, lw=3 * scale, solid_capstyle="butt", zorder=2,
                )  # fmt: skip


def _in_words(content: _Content) -> str:
    """Return the alternative text."""
    result = content.result
    heads = join_words([panel.head for panel in content.panels])
    first = [
        f"{one_line(content.title)}.",
        f"Influence of {plural(result.k, 'study', 'studies')}, one row each: {heads}.",
    ]
    if content.unknown:
        first.append(f"Not known: {join_words(content.unknown)}.")
    count = int(result.outlier.sum())
    far = INFLUENCE_RULES[0].cutoff(result.k)
    if np.isfinite(result.standardised_residual).any():
        text = plural(count, "study", "studies")
        verb = "has" if count == 1 else "have"
        first.append(f"{capital(text)} {verb} a standardised residual beyond {far:.2f}.")
    listed = []
    for i in sorted(content.shown, key=lambda i: (not content.marked[i], not result.outlier[i])):
        met = [rule.in_words for rule in INFLUENCE_RULES if result.crossed[rule.name][i]]
        beyond = f" (beyond the cut-off: {join_words(met)})" if met else ""
        values = ", ".join(
            f"{panel.head} {_value(float(panel.values[i]), panel)}" for panel in content.panels[:3]
        )
        listed.append(f"{one_line(result.labels[i])}{beyond}: {values}.")
    last = [note for note in content.notes if note.startswith("Shown")]
    return within(first, listed, "And {} more.", last)


def _value(value: float, panel: _Panel) -> str:
    if np.isnan(value):
        return "not known"
    reach = float(np.ptp(panel.values[panel.finite]))
    return effect_text(value, value - reach, value + reach)[0]
