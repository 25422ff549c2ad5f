"""What borrowing from indirect trials does: the estimate and its interval over the dial.

References
----------
Ibrahim JG, Chen MH (2000). Power prior distributions for regression models. Statistical
Science 15:46-60.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.appraisal.borrowed import BorrowedEvidence
from evidence.display import capital, format_number, join_words
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.axis import axis_between
from evidence.plots.chart import Chart, Points, ends_of, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.notice import notice
from evidence.plots.numbers import column_decimals, effect_text, ratio_text
from evidence.plots.picture import describe
from evidence.plots.signs import Sign
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import within
from evidence.synthesis.borrowing.result import Borrowing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["borrowing"]

#: Colour and dashes of each reading's lines; the dashes alone tell them apart.
_STYLES: tuple[tuple[str, Any], ...] = (
    (BLUE, "-"),
    (ORANGE, (0, (5, 2))),
    (INK, (0, (1, 1.5))),
    (GREY, (0, (6, 2, 1, 2))),
)
_MOST = len(_STYLES)
_SHADE = 0.14


@dataclass(frozen=True)
class _Content:
    """What the figure shows."""

    borrowed: BorrowedEvidence

    @cached_property
    def scenarios(self) -> tuple[tuple[str, Borrowing], ...]:
        """The readings that are drawn."""
        return self.borrowed.scenarios[:_MOST]

    @cached_property
    def threshold(self) -> float | None:
        """The smallest difference that matters."""
        return self.scenarios[0][1].threshold

    @cached_property
    def values(self) -> Floats:
        """All heights that are drawn."""
        curves = [
            curve[np.isfinite(curve)]
            for _, found in self.scenarios
            for curve in (found.ci_low[1:], found.ci_high[1:], found.ci_low[:1], found.ci_high[:1])
        ]
        return np.concatenate([*curves, [0.0]])

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Ends of the upright axis: with no direct trial the intervals near 0 leave it."""
        values = self.values
        halves = [
            curve[np.isfinite(curve)]
            for _, found in self.scenarios
            for curve in (found.ci_low[found.dial >= 0.2], found.ci_high[found.dial >= 0.2])
        ]
        if any(not found.k_direct for _, found in self.scenarios):
            values = np.concatenate([*halves, [0.0]])
        edges = self.edges
        span = float(np.ptp(values)) or 1.0
        near = [e for e in edges if values.min() - 0.3 * span <= e <= values.max() + 0.3 * span]
        return ends_of(np.concatenate([values, near]))

    @cached_property
    def edges(self) -> tuple[float, ...]:
        """Where a difference begins to matter."""
        return () if self.threshold is None else (-self.threshold, self.threshold)

    @cached_property
    def crossings(self) -> tuple[tuple[int, float, float], ...]:
        """Reading, dial and boundary of each change that lies in view."""
        low, high = self.ends
        return tuple(
            (number, change.dial, change.boundary)
            for number, (_, found) in enumerate(self.scenarios)
            for change in found.changes
            if low <= change.boundary <= high
        )

    def text(self, values: tuple[float, float, float]) -> str:
        """Return an effect with its interval."""
        decimals = column_decimals([values])
        estimate, interval = effect_text(*values, decimals=decimals, log=self.borrowed.log)
        return f"{estimate} ({interval})"

    @cached_property
    def title(self) -> str:
        """What changes on the way, or that nothing does."""
        head = f"{self.borrowed.title}: "
        dials = [c.dial for _, found in self.borrowed.scenarios for c in found.changes]
        if not dials:
            return f"{head}no setting of the dial changes what the interval leaves open"
        named = list(dict.fromkeys(format_number(dial) for dial in sorted(dials)))
        where = join_words(named) if len(named) <= _MOST else f"{named[0]} to {named[-1]}"
        several = ", depending on the reading" if len(self.borrowed.scenarios) > 1 else ""
        return f"{head}what can be concluded changes at {where}{several}"


def borrowing(borrowed: BorrowedEvidence, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw the result of an analysis over the dial that lets indirect trials count.

    Parameters
    ----------
    borrowed
        What `evidence.borrow_from_indirect` returned.
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
        Where `borrowed` is something else.

    References
    ----------
    Ibrahim and Chen (2000): see the module.
    """
    if not isinstance(borrowed, BorrowedEvidence):
        raise InvalidArgumentError(
            f"borrowed is {type(borrowed).__name__}; this figure takes what "
            "evidence.borrow_from_indirect(...) returns."
        )
    found = borrowed.scenarios[0][1]
    if found.k_direct == found.k:
        return notice(borrowed.paragraph().paragraphs[0], ax, title=title or borrowed.title)
    content = _Content(borrowed)
    points = _points(content, title)
    chart = open_chart(ax, points)
    with plain():
        _marks(chart, content)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _points(content: _Content, title: str) -> Points:
    borrowed = content.borrowed
    curves = [
        np.column_stack([found.dial, curve])
        for _, found in content.scenarios
        for curve in (found.estimate, found.ci_low, found.ci_high)
    ]
    lines = np.vstack(curves)
    low, high = content.ends
    inside = np.isfinite(lines).all(axis=1) & (lines[:, 1] >= low) & (lines[:, 1] <= high)
    grid = np.linspace(0, 1, 60)
    levels = [edge for edge in (0.0, *content.edges) if low <= edge <= high]
    lines = np.vstack(
        [lines[inside], *(np.column_stack([grid, np.full(60, level)]) for level in levels)]
    )
    places = [(dial, edge) for _, dial, edge in content.crossings]
    names = tuple((i, format_number(dial)) for i, (dial, _) in enumerate(places))
    ticks: tuple[tuple[float, str], ...] = ()
    if borrowed.log:
        ticks = tuple(
            (each, text) for each, text in axis_between(low, high, log=True, room=9).ticks
        )
    return Points(
        np.array(places) if places else np.empty((0, 2)),
        names,
        (-0.02, 1.02),
        content.ends,
        lines=lines,
        title=title or content.title,
        notes=_notes(content),
        signs=_signs(content),
        x_label="How much indirect trials count: 0 not at all, 1 in full",
        y_label=f"{capital(borrowed.measure)}; {borrowed.better} is better",
        x_ticks=tuple((each / 5, f"{each / 5:g}") for each in range(6)),
        y_ticks=ticks,
    )


def _signs(content: _Content) -> tuple[Sign, ...]:
    found = []
    for (name, _), (color, dashes) in zip(content.scenarios, _STYLES, strict=False):
        text = capital(name) if name else "estimate and its interval"
        found.append(Sign(text, (color, _SHADE), color, dashes))
    return tuple(found)


def _notes(content: _Content) -> tuple[str, ...]:
    borrowed = content.borrowed
    found = content.scenarios[0][1]
    level = f"{100 * found.method.level:g}%"
    notes = [
        (
            f"Thick line: the estimate; shaded: its {level} interval; {found.method.in_words()}. "
            "A trial two steps away from the question counts by the square of the dial."
        )
    ]
    bottom, top = content.ends
    if any(bottom <= edge <= top for edge in content.edges):
        threshold = found.threshold or 0.0
        shown = ratio_text(threshold) if borrowed.log else format_number(threshold)
        notes.append(f"Dashed across: the smallest difference that matters ({shown}).")
    if content.crossings:
        notes.append("Diamonds: where the estimate or an end of its interval crosses a line.")
    people = found.indirect_people
    weight = f"{format_number(float(found.indirect_weight[-1]), 0)}%"
    carried = f"At 1 the indirect trials carry {weight} of the weight"
    if people is not None:
        carried += f", with {format_number(float(people[-1]), 0)} people"
    notes.append(f"{carried}{' under the first reading' if len(borrowed.scenarios) > 1 else ''}.")
    if len(borrowed.scenarios) > _MOST:
        notes.append(f"Drawn are the first {_MOST} of {len(borrowed.scenarios)} readings.")
    notes += [caution.message for caution in found.cautions if caution.code != "one-direct-study"]
    return tuple(notes)


def _marks(chart: Chart, content: _Content) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    plot.axhline(0.0, color=INK, lw=0.9 * scale, zorder=1)
    for edge in content.edges:
        plot.axhline(edge, color=GREY, lw=0.9 * scale, ls=(0, (4, 3)), zorder=1)
    for (_, found), (color, dashes) in zip(content.scenarios, _STYLES, strict=False):
        dial = found.dial
        plot.fill_between(dial, found.ci_low, found.ci_high, color=color, alpha=_SHADE, lw=0)
        for curve, wide in ((found.estimate, 2.0), (found.ci_low, 0.9), (found.ci_high, 0.9)):
            plot.plot(dial, curve, color=color, lw=wide * scale, ls=dashes, zorder=3)
    for number, at, edge in content.crossings:
        color = _STYLES[number][0]
        plot.plot(
            [at], [edge], "D", ms=6 * scale, mfc=color, mec=PAPER, mew=0.6 * scale, zorder=5
        )  # fmt: skip


def _in_words(content: _Content, points: Points) -> str:
    """Return the alternative text."""
    borrowed = content.borrowed
    first = [
        f"Borrowing from indirect trials. {one_line(points.title)}.",
        f"Across: {points.x_label[:1].lower()}{points.x_label[1:]}.",
    ]
    listed = []
    for name, found in borrowed.scenarios:
        head = f"{capital(one_line(name))}: " if name else ""
        ends = [
            f"at {dial:g} {content.text(found.at(dial))}"
            for dial in (0.0, 0.5, 1.0)
            if math.isfinite(found.at(dial)[0])
        ]
        changes = [change.in_words() for change in found.changes]
        listed.append(f"{head}{'; '.join([*ends, *changes])}.")
    carried = [note for note in points.notes if note.startswith("At 1 ")]
    return within(first, listed, "Readings not listed here: {}.", carried)
