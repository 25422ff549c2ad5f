"""The extended funnel: what one more trial would make of the answer, by effect and size.

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
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Chart, Points, open_chart
from evidence.plots.lettering import one_line, width
from evidence.plots.numbers import effect_text
from evidence.plots.picture import describe
from evidence.plots.region_labels import free_spot
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, SMALL, plain
from evidence.plots.wording import within
from evidence.synthesis.further.conclusions import REGIONS
from evidence.synthesis.further.result import NextTrial

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["extended_funnel"]

#: Fill, hatch and colour of the words of each part, in the order of `REGIONS`; no part is told by
#: colour alone.
_LOOKS = (
    ("#f8e2d3", "////", ORANGE),
    ("#f0eddb", "....", "#6a6020"),
    (PAPER, "", GREY),
    ("#e6eaee", "----", "#45525e"),
    ("#d5e7f4", "", BLUE),
    ("#a8cde6", "\\\\\\\\", "#004f80"),
)
#: What stands in a part, long and short.
_NAMES = MappingProxyType(
    {
        "harm": ("one more trial here:\nshows a harm", "harm"),
        "no important benefit": (
            "one more trial here:\nrules out an important benefit",
            "no important\nbenefit",
        ),
        "open": ("one more trial here:\nleaves it open", "open"),
        "benefit too small to matter": (
            "one more trial here: shows a\nbenefit too small to matter",
            "too small\nto matter",
        ),
        "benefit, size open": (
            "one more trial here: shows a\nbenefit, its size open",
            "benefit,\nsize open",
        ),
        "important benefit": (
            "one more trial here:\nshows an important benefit",
            "important\nbenefit",
        ),
    }
)
#: The answer in each part, in the order of `REGIONS`.
_ANSWERS = (
    "a harm",
    "no important benefit",
    "open",
    "a benefit too small to matter",
    "a benefit of open size",
    "an important benefit",
)
#: What one more trial could do, in the same order.
_COULD = (
    "show a harm",
    "rule out an important benefit",
    "leave it open",
    "show a benefit too small to matter",
    "show a benefit of open size",
    "show an important benefit",
)
#: How each part looks, in words.
_SHADES = (
    "Orange, slanted",
    "Yellow, dotted",
    "White",
    "Grey, dashed",
    "Light blue",
    "Dark blue, slanted",
)
_OPEN = REGIONS.index("open")
#: People that the upright axis may name.
_PEOPLE = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000)
#: Room between two of its numbers, as a share of the axis.
_ROOM = 0.06


@dataclass(frozen=True)
class _Funnel:
    """What the figure shows."""

    trial: NextTrial
    log: bool

    @cached_property
    def errors(self) -> Floats:
        """Standard errors of the studies so far."""
        return np.asarray(np.sqrt(self.trial.result.variances))

    @cached_property
    def y_ends(self) -> tuple[float, float]:
        """Ends of the upright axis, the largest standard error at the bottom."""
        grid = self.trial.standard_errors
        return min(float(grid[-1]), 1.25 * float(self.errors.max())), float(grid[0])

    @cached_property
    def seen(self) -> NDArray[np.intp]:
        """The parts of the grid that the figure shows."""
        return self.trial.regions[self.trial.standard_errors <= self.y_ends[0]]

    @cached_property
    def present(self) -> tuple[int, ...]:
        """Which of `REGIONS` are seen, by place."""
        return tuple(int(place) for place in np.unique(self.seen))

    @cached_property
    def title(self) -> str:
        """What one more trial could do."""
        now = _ANSWERS[self.trial.now]
        others = [_COULD[place] for place in self.present if place != self.trial.now]
        if not others:
            return f"So far {now}; no single trial here changes that"
        return f"So far {now}; one more trial could {join_words(others, 'or')}"

    def region_at(self, effects: Floats, sizes: Floats) -> NDArray[np.intp]:
        """Return the part that each place belongs to, by the nearest point of the grid."""
        x, y = self.trial.effects, np.log(self.trial.standard_errors)
        across = np.rint((effects - x[0]) / (x[1] - x[0])).astype(int)
        upright = np.rint((np.log(np.maximum(sizes, 1e-300)) - y[0]) / (y[1] - y[0])).astype(int)
        rows = np.clip(upright, 0, y.size - 1)
        return np.asarray(self.trial.regions[rows, np.clip(across, 0, x.size - 1)])

    @cached_property
    def people(self) -> tuple[tuple[float, str], ...]:
        """Where the upright axis names people."""
        bottom, top = self.y_ends
        found: list[tuple[float, str]] = []
        for count in _PEOPLE:
            place = math.sqrt(self.trial.variance_of_one / count)
            apart = not found or abs(found[-1][0] - place) > _ROOM * (bottom - top)
            if top <= place <= bottom and apart:
                found.append((place, f"{count:,}"))
        return tuple(found)

    @cached_property
    def lines(self) -> tuple[float, ...]:
        """Where the upright lines stand: no effect, the mean, what matters."""
        trial = self.trial
        matters = () if math.isnan(trial.threshold) else (trial.sign * trial.threshold,)
        return (0.0, trial.result.estimate, *matters)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the marks mean."""
        trial = self.trial
        level = f"{100 * trial.result.method.level:g}%"
        told = (
            f"Ground: what the {level} interval of the mean says once a trial there is added. "
            "Dots: the trials so far. Thin line: no effect. Dashed: the mean so far."
        )
        if not math.isnan(trial.threshold):
            text = effect_text(trial.sign * trial.threshold, 0.0, trial.threshold, log=self.log)[0]
            told += f" Dotted: the smallest difference that matters ({text})."
        shades = [f"{_SHADES[place]}: {REGIONS[place]}" for place in self.present if place != _OPEN]
        if shades:
            told += f" {'; '.join(shades)}."
        return (told, *(caution.message for caution in trial.cautions))


def extended_funnel(
    trial: NextTrial,
    ax: Axes | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
    log: bool = False,
) -> Axes:
    """Draw what one more trial would make of the answer, by what it shows and how large it is.

    Parameters
    ----------
    trial
        What `evidence.next_trial` returned.
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
        Where `trial` is something else.

    References
    ----------
    Langan, Higgins, Gregory and Sutton (2012): see the module.
    """
    if not isinstance(trial, NextTrial):
        raise InvalidArgumentError(
            f"trial is {type(trial).__name__}; this figure takes what evidence.next_trial(...) "
            "returns."
        )
    content = _Funnel(trial, log)
    points = Points(
        np.column_stack([trial.result.effects, content.errors]),
        (),
        (float(trial.effects[0]), float(trial.effects[-1])),
        content.y_ends,
        radius=0.03 if trial.result.k > 50 else 0.045,
        log=log,
        title=title or content.title,
        notes=content.notes,
        x_label=xlabel or "what a trial shows",
        y_label="Precision, as the people it takes (large trials at the top)",
        favours=favours,
        y_ticks=content.people,
    )
    chart = open_chart(ax, points)
    with plain():
        _ground(chart, content)
        chart.write()
        _labels(chart, content)
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _ground(chart: Chart, content: _Funnel) -> None:
    plot, scale, trial = chart.plot, chart.sheet.scale, content.trial
    for place in content.present:
        fill, hatch, _ = _LOOKS[place]
        there = (trial.regions == place).astype(float)
        look: dict[str, Any] = {"colors": [fill], "hatches": [hatch], "zorder": 0}
        drawn = plot.contourf(
            trial.effects, trial.standard_errors, there, levels=[0.5, 1.5], **look
        )
        drawn.set_edgecolor("#c3b9a6" if place < 2 else "#8fa9bd")
        drawn.set_linewidth(0.0)
        if there.any() and not there.all():
            plot.contour(
                trial.effects, trial.standard_errors, there, levels=[0.5],
                colors=[_LOOKS[place][2]], linewidths=0.8 * scale, zorder=1,
            )  # fmt: skip
    zero, mean, *matters = content.lines
    plot.axvline(zero, color=INK, lw=0.9 * scale, zorder=1.5)
    plot.axvline(mean, color=GREY, lw=1.0 * scale, ls=(0, (4, 3)), zorder=1.5)
    for line in matters:
        plot.axvline(line, color=INK, lw=1.1 * scale, ls=(0, (1, 2)), zorder=1.5)
    plot.plot(
        *chart.layout.points.places.T, "o",
        ms=144 * chart.layout.points.radius * scale, mfc=INK, mec=PAPER, mew=0.5 * scale,
        alpha=0.6 if trial.result.k > 50 else 1.0, ls="none", zorder=3, clip_on=False,
    )  # fmt: skip


def _labels(chart: Chart, content: _Funnel) -> None:
    """Write into each part what one more trial there would do."""
    from matplotlib.patheffects import withStroke

    sheet = chart.sheet
    corner = np.array([chart.layout.left, chart.bottom])
    taken: list[tuple[float, float, float, float]] = []
    for place in content.present:
        fill, _, color = _LOOKS[place]
        for text in _NAMES[REGIONS[place]]:
            lines = text.split("\n")
            size = max(width(line, SMALL) for line in lines), 0.135 * len(lines)
            spot = free_spot(chart, _part(content, place), size, taken, content.lines)
            if spot is None:
                continue
            rim = [withStroke(linewidth=3 * sheet.scale, foreground=fill)]
            x, y = spot + corner
            sheet.write(
                x, y, text, size=SMALL, color=color, ha="center", va="center", zorder=9,
                path_effects=rim,
            )  # fmt: skip
            taken.append((*spot, *size))
            break


def _part(content: _Funnel, place: int) -> Callable[[Floats, Floats], NDArray[np.bool_]]:
    def inside(effects: Floats, sizes: Floats) -> NDArray[np.bool_]:
        return np.asarray(content.region_at(effects, sizes) == place)

    return inside


def _in_words(content: _Funnel, points: Points) -> str:
    """Return the alternative text."""
    trial = content.trial
    first = [
        (
            f"Funnel plot of {plural(trial.result.k, 'trial')}, its ground told apart by what one "
            f"more trial there would make of the answer. {one_line(points.title)}."
        ),
        trial.now_in_words,
    ]
    shares = [
        f"{100 * float((content.seen == place).mean()):.0f}% of the ground: {REGIONS[place]}."
        for place in content.present
    ]
    return within([*first, *shares], trial.showing_in_words, "", [])
