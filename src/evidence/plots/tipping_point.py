"""The tipping point as a figure: where a further study would have to lie to change the answer.

References
----------
Langan D, Higgins JPT, Gregory W, Sutton AJ (2012). Graphical augmentations to the funnel plot
assess the impact of additional evidence on a meta-analysis. Journal of Clinical Epidemiology
65:511-519.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import format_number, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.axis import stretched
from evidence.plots.chart import Chart, Points, ends_of, open_chart
from evidence.plots.lettering import one_line, width
from evidence.plots.numbers import column_decimals, effect_text
from evidence.plots.picture import describe
from evidence.plots.region_labels import free_spot
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, SMALL, plain
from evidence.plots.wording import within
from evidence.synthesis.sensitivity.tipping_point import TippingPoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["tipping_point"]

_STATES = ("below", "above")
#: Fills of the two sides; the one below is hatched as well, and both have their words.
_FILLS = {"below": "#f8e2d3", "above": "#d5e7f4"}
_EDGES = {"below": ORANGE, "above": BLUE}
#: How many times longer the axis may become to show where a typical study tips the answer.
_FOR_ENDS = 2.5
#: The largest standard error seen times this ends the upright axis.
_BELOW = 1.15


@dataclass(frozen=True)
class _Tipping:
    """What the figure shows."""

    result: TippingPoint
    log: bool

    @cached_property
    def typical(self) -> int:
        """Which size is the typical one."""
        sizes = self.result.standard_errors
        return int(np.argmin(np.abs(np.log(sizes / self.result.typical_standard_error))))

    def piece(self, state: str) -> tuple[Floats, Floats]:
        """Return where a conclusion begins and ends for each size."""
        return getattr(self.result, f"{state}_from"), getattr(self.result, f"{state}_to")

    @cached_property
    def possible(self) -> dict[str, bool]:
        """Which sides some further study could bring the interval to."""
        return {state: bool(np.isfinite(self.sizes(state)).any()) for state in _STATES}

    def sizes(self, state: str) -> Floats:
        """Return the sizes at which a side can be reached, NaN elsewhere."""
        return np.where(np.isnan(self.piece(state)[0]), np.nan, self.result.standard_errors)

    @cached_property
    def x_ends(self) -> tuple[float, float]:
        """Ends of the axis across: the studies, and what tips the answer where that is near."""
        result = self.result
        # A typical standard error to both sides: room for a study that says otherwise.
        room = np.array([-1.0, 1.0]) * result.typical_standard_error
        shown = np.append(result.effects, (result.estimate, result.threshold))
        low, high = ends_of(np.add.outer(shown, room).ravel(), 0.02)
        low, high = stretched(low, high, (result.ci_low, result.ci_high), 1.5)
        ends = [float(end[self.typical]) for state in _STATES for end in self.piece(state)]
        for end in sorted(filter(math.isfinite, ends), key=lambda x: abs(x - result.estimate)):
            if not low <= end <= high:
                beyond = end + 0.15 * (end - (low if end > high else high))
                low, high = stretched(low, high, (beyond,), _FOR_ENDS)
        return low, high

    @cached_property
    def y_ends(self) -> tuple[float, float]:
        """Ends of the upright axis, the largest standard error at the bottom."""
        sizes, errors = self.result.standard_errors, self.result.study_standard_errors
        largest, smallest = float(errors.max()), float(errors.min())
        bottom = max(min(float(sizes[-1]), _BELOW * largest), 1.001 * largest)
        return bottom, min(float(sizes[0]), 0.9 * smallest)

    def visible(self, state: str) -> bool:
        """Return whether a side is reached within the figure."""
        starts, ends = self.piece(state)
        low, high = self.x_ends
        there = (self.result.standard_errors <= self.y_ends[0]) & (starts < high) & (ends > low)
        return bool(there.any())

    def state_at(self, effects: Floats, sizes: Floats) -> Floats:
        """Return -1, 0 or 1 for an interval below, around or above the threshold, shape (m,)."""
        found = np.zeros(effects.size)
        far = 1e3 * (self.x_ends[1] - self.x_ends[0])
        for state, number in zip(_STATES, (-1.0, 1.0), strict=True):
            starts, ends = (
                np.interp(sizes, self.result.standard_errors, np.clip(each, -far, far))
                for each in self.piece(state)
            )
            found[(effects > starts) & (effects < ends)] = number
        return found

    @cached_property
    def threshold_name(self) -> str:
        """What the interval shall leave out."""
        if self.result.threshold == 0:
            return "no effect"
        return self.number(self.result.threshold)

    def number(self, value: float) -> str:
        """Return an effect as text."""
        size = [(value, self.result.ci_low, self.result.ci_high)]
        decimals = column_decimals(size)
        low, high = sorted((value, value + self.result.typical_standard_error))
        return effect_text(value, low, high, decimals=decimals, log=self.log)[0]

    def between(self, low: float, high: float) -> str:
        """Return a range of effects in words."""
        if math.isinf(low) and math.isinf(high):
            return "anything"
        if math.isinf(low):
            return f"{self.number(high)} or less"
        if math.isinf(high):
            return f"{self.number(low)} or more"
        return f"{self.number(low)} to {self.number(high)}"

    @cached_property
    def told(self) -> str:
        """What one more study of typical size does."""
        result = self.result
        if result.conclusive:
            starts, ends = self.piece(result.conclusion)
            low, high = float(starts[self.typical]), float(ends[self.typical])
            if math.isnan(low):
                return "One more typical study takes the conclusion away, whatever it shows"
            return self._undone_by(low, high)
        found = []
        for state in _STATES:
            starts, ends = self.piece(state)
            low, high = float(starts[self.typical]), float(ends[self.typical])
            if not math.isnan(low):
                found.append(self.between(low, high))
        if found:
            return f"To settle it, one more typical study must show {', or '.join(found)}"
        if any(self.possible.values()):
            return "No further study of typical size can settle it, whatever it shows"
        return "No single further study can settle it, whatever it shows"

    def _undone_by(self, low: float, high: float) -> str:
        """Tell which results take the conclusion away; those beyond the axis after the others."""
        left, right = self.x_ends
        near: list[str] = []
        far: list[str] = []
        for text, end, seen in (("less", low, low >= left), ("more", high, high <= right)):
            if math.isfinite(end):
                (near if seen else far).append(f"{text} than {self.number(end)}")
        if not near and not far:
            return "No further study of typical size can take the conclusion away"
        if not near:
            return (
                "Only a typical study far from all so far would undo the conclusion: "
                f"{' or '.join(far)}"
            )
        told = f"To undo the conclusion, one more typical study must show {' or '.join(near)}"
        return f"{told} (or, far from all so far, {far[0]})" if far else told

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the marks mean."""
        result = self.result
        level = f"{100 * result.method.level:g}%"
        name = self.threshold_name
        looks = {"below": "Orange, hatched", "above": "Blue"}
        found = [
            f"{looks[state]}: with one more study here, the {level} interval of the mean lies "
            f"{state} {name}."
            for state in _STATES
            if self.visible(state)
        ]
        white = "White: it then includes" if found else f"Everywhere, the {level} interval includes"
        found.append(
            f"{white} {name}. Dots: the studies so far. Dashed: their mean; thin line: {name}."
        )
        size = result.standard_errors[self.typical]
        text = f"Typical: a standard error of {effect_text(size, 0.0, size)[0]}"
        if math.isfinite(result.people[self.typical]):
            text += f", about {result.people[self.typical]:,.0f} people"
        found.append(f"{text}.")
        found += [each.message for each in result.cautions if each.code != "no-scatter"]
        return tuple(found)


def tipping_point(
    result: TippingPoint,
    ax: Axes | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
    log: bool = False,
) -> Axes:
    """Draw where one more study would have to lie to change, or keep, the conclusion.

    A funnel plot of the studies, the ground behind it shaded by what the interval of the mean
    would come to with one more study there.

    Parameters
    ----------
    result
        What `evidence.synthesis.sensitivity.tipping_point.tipping_point` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        In place of the one computed from the numbers.
    xlabel
        What the axis shows, with its unit.
    favours
        Words under the left and the right side of no effect.
    log
        Whether the effects are logarithms of ratios: the axis then shows ratios.

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
    Langan, Higgins, Gregory and Sutton (2012): see the module.
    """
    if not isinstance(result, TippingPoint):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what tipping_point(...) of "
            "evidence.synthesis.sensitivity.tipping_point returns."
        )
    content = _Tipping(result, log)
    points = _points(content, title, xlabel, favours)
    chart = open_chart(ax, points)
    with plain():
        _marks(chart, content)
        chart.write()
        _regions(chart, content)
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _points(content: _Tipping, title: str, xlabel: str, favours: tuple[str, str]) -> Points:
    result = content.result
    return Points(
        np.column_stack([result.effects, result.study_standard_errors]),
        (),
        content.x_ends,
        content.y_ends,
        radius=0.03 if len(result.labels) > 50 else 0.045,
        log=content.log,
        title=title or content.told,
        notes=content.notes,
        x_label=xlabel or "what a study shows",
        y_label="Standard error (precise studies at the top)",
        favours=favours,
    )


def _marks(chart: Chart, content: _Tipping) -> None:
    plot, scale, result = chart.plot, chart.sheet.scale, content.result
    points = chart.layout.points
    low, high = points.x_ends
    sizes, span = result.standard_errors, 20 * (high - low)
    for state in _STATES:
        starts, ends = content.piece(state)
        there = ~np.isnan(starts)
        if not there.any():
            continue
        # Well beyond the axis nothing changes to the eye, but to the renderer.
        left, right = (np.clip(each, low - span, high + span) for each in (starts, ends))
        look: dict[str, Any] = {"fc": _FILLS[state], "lw": 0.0, "zorder": 0}
        if state == "below":
            look |= {"hatch": "////", "ec": "#e3b795"}
        plot.fill_betweenx(sizes, left, right, where=there, **look)
        for each in (left, right):
            plot.plot(each, sizes, color=_EDGES[state], lw=1.1 * scale, zorder=1)
    plot.axvline(result.threshold, color=INK, lw=0.9 * scale, zorder=1.5)
    plot.axvline(result.estimate, color=GREY, lw=1.0 * scale, ls=(0, (4, 3)), zorder=1.5)
    many = len(result.labels) > 50
    plot.plot(
        *points.places.T, "o",
        ms=144 * points.radius * scale, mfc=INK, mec=PAPER, mew=0.5 * scale,
        alpha=0.6 if many else 1.0, ls="none", zorder=3, clip_on=False,
    )  # fmt: skip


def _regions(chart: Chart, content: _Tipping) -> None:
    """Write into each part of the ground what it means, where no study is in the way."""
    from matplotlib.patheffects import withStroke

    sheet = chart.sheet
    corner = np.array([chart.layout.left, chart.bottom])
    taken: list[tuple[float, float, float, float]] = []
    for number, state in ((-1.0, "below"), (1.0, "above"), (0.0, "")):
        verb = f"lies {state}" if state else "includes"
        for text in (
            f"one more study here:\nthe interval {verb}\n{content.threshold_name}",
            f"{verb}\n{content.threshold_name}",
        ):
            size = width(text, SMALL), 0.135 * (1 + text.count("\n"))
            lines = content.result.threshold, content.result.estimate
            spot = free_spot(chart, _within(content, number), size, taken, lines)
            if spot is None:
                continue
            rim = [withStroke(linewidth=3 * sheet.scale, foreground=_FILLS.get(state, PAPER))]
            x, y = spot + corner
            sheet.write(
                x, y, text, size=SMALL, color=_EDGES.get(state, GREY), ha="center", zorder=9,
                path_effects=rim,
            )  # fmt: skip
            taken.append((*spot, *size))
            break


def _within(content: _Tipping, number: float) -> Callable[[Floats, Floats], NDArray[np.bool_]]:
    def inside(effects: Floats, sizes: Floats) -> NDArray[np.bool_]:
        return np.asarray(content.state_at(effects, sizes) == number)

    return inside


def _in_words(content: _Tipping, points: Points) -> str:
    """Return the alternative text."""
    result = content.result
    first = [
        (
            f"Funnel plot of {plural(len(result.labels), 'study', 'studies')}, shaded by what one "
            f"more study there would make of the interval: {one_line(points.title)}."
        ),
        (
            f"The mean is {content.number(result.estimate)} ({100 * result.method.level:g}% CI "
            f"{content.number(result.ci_low)} to {content.number(result.ci_high)})."
        ),
    ]
    listed = []
    for place in _chosen(content):
        size = result.standard_errors[place]
        parts = []
        for state in _STATES:
            low, high = (float(end[place]) for end in content.piece(state))
            if not math.isnan(low):
                parts.append(f"{state} {content.threshold_name} with {content.between(low, high)}")
        told = "; ".join(parts) or "nothing it could show leaves the threshold out"
        listed.append(f"With a standard error of {format_number(size)}: {told}.")
    return within(first, list(dict.fromkeys(listed)), "", [])


def _chosen(content: _Tipping) -> list[int]:
    """Return the sizes that are told of: the most precise study's, the typical, the least."""
    result = content.result
    errors = result.study_standard_errors
    wanted = (float(errors.min()), result.typical_standard_error, float(errors.max()))
    found = [int(np.argmin(np.abs(np.log(result.standard_errors / size)))) for size in wanted]
    return sorted(set(found))
