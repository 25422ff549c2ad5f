"""The plot of all subsets (GOSH): whether one study makes two answers out of one.

References
----------
Olkin I, Dahabreh IJ, Trikalinos TA (2012). GOSH - a graphical display of study heterogeneity.
Research Synthesis Methods 3:214-223.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import format_number, join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.axis import axis_between, stretched
from evidence.plots.chart import Chart, Points, ends_of, measure_name, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.notice import notice
from evidence.plots.numbers import effect_text
from evidence.plots.picture import describe
from evidence.plots.signs import Sign
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import within
from evidence.synthesis.model_words import is_ratio
from evidence.synthesis.sensitivity.subsets import SubsetResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["subsets_plot"]

#: With fewer studies one subset alone has an I².
_FEWEST = 3
#: Up to so many subsets, each is a mark of its own.
_FEW = 1500
#: Bins of the cloud across, the fewest and the most; upright there are fewer by this factor.
_BINS, _FEWER = (60, 150), 0.6
#: Bins of the distributions at the edges.
_EDGE_BINS = 60
#: The axis holds this share of subsets; all of them, where that makes it no longer than this.
_CORE, _FOR_ALL, _FOR_NO_EFFECT = 0.998, 1.8, 1.5
#: How the plot is shared out: I² ends here, its distribution stands between the next two.
_TOP, _GAP, _EDGE = 100.0, 0.045, 0.2
#: What part of the subsets the outlines of the cloud hold.
_HELD = 0.9
#: Fainter bins than the densest ones are lifted by this power, so that a thin cloud is seen.
_LIFT = 0.45
_DASHES = (0, (4, 1.6))
_TICKS = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class _Part:
    """The subsets with or without the study."""

    name: str
    inside: NDArray[np.bool_]
    color: str
    marker: str
    dashes: Any


@dataclass(frozen=True)
class _Cloud:
    """What a plot of all subsets shows."""

    result: SubsetResult
    study: int | None
    log: bool

    @cached_property
    def label(self) -> str:
        """The study that is told apart."""
        return "" if self.study is None else one_line(self.result.labels[self.study])

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which subsets have an I²: those of at least two studies."""
        return np.isfinite(self.result.i2)

    @cached_property
    def parts(self) -> tuple[_Part, ...]:
        """The subsets without the study and those with it; all of them without a study."""
        if self.study is None:
            return (_Part("", np.ones(len(self.result), dtype=bool), BLUE, "o", "-"),)
        inside = self.result.including(self.study)
        return (
            _Part(f"without {self.label}", ~inside, BLUE, "o", "-"),
            _Part(f"with {self.label}", inside, ORANGE, "D", _DASHES),
        )

    @cached_property
    def core(self) -> tuple[float, float]:
        """Ends of the axis of estimates."""
        values = self.result.estimate
        low, high = (float(each) for each in (values.min(), values.max()))
        if values.size > _FEW:
            tail = (1 - _CORE) / 2
            inner = tuple(float(each) for each in np.quantile(values, [tail, 1 - tail]))
            low, high = stretched(inner[0], inner[1], (low, high), _FOR_ALL)
        full = self.result.full_estimate
        low, high = min(low, full), max(high, full)
        return ends_of(stretched(low, high, (0.0,), _FOR_NO_EFFECT), 0.03)

    @cached_property
    def beyond(self) -> int:
        """How many subsets lie beyond the axis."""
        low, high = self.core
        return int(((self.result.estimate < low) | (self.result.estimate > high)).sum())

    @property
    def x_edge(self) -> tuple[float, float]:
        """Where the distribution of I² stands across."""
        low, high = self.core
        return high + _GAP * (high - low), high + (_GAP + _EDGE) * (high - low)

    @property
    def y_edge(self) -> tuple[float, float]:
        """Where the distribution of estimates stands upright."""
        return _TOP * (1 + _GAP), _TOP * (1 + _GAP + _EDGE)

    def places(self, part: _Part) -> Floats:
        """Return estimate and I² of the subsets of a part, shape (n, 2)."""
        chosen = part.inside & self.known
        return np.column_stack([self.result.estimate[chosen], self.result.i2[chosen]])

    def middle(self, part: _Part) -> Floats:
        """Return medians of estimate and I² of a part; NaN where it has no I²."""
        places = self.places(part)
        return np.median(places, axis=0) if places.size else np.full(2, np.nan)

    @cached_property
    def bins(self) -> tuple[int, int]:
        """Bins across and upright: the more subsets, the finer."""
        fewest, most = _BINS
        across = int(np.clip(0.8 * len(self.result) ** 0.5, fewest, most))
        return across, round(_FEWER * across)

    @cached_property
    def few(self) -> bool:
        """Whether each subset is a mark of its own."""
        return len(self.result) <= _FEW

    def number(self, value: float) -> str:
        """Write an estimate on the scale people read."""
        low, high = self.core
        reach = 0.1 * (high - low)
        return effect_text(value, value - reach, value + reach, log=self.log)[0]

    @cached_property
    def title(self) -> str:
        """What the study does."""
        if self.study is None:
            return "All subsets: no study separates the estimates"
        outside, inside = (self.middle(part) for part in self.parts)
        if not np.isfinite([*outside, *inside]).all():
            return f"Subsets with and without {self.label}"
        return (
            f"With {self.label} the median estimate is {self.number(inside[0])} and I² "
            f"{_percent(inside[1])}; without it {self.number(outside[0])} and "
            f"{_percent(outside[1])}"
        )

    @cached_property
    def signs(self) -> tuple[Sign, ...]:
        """What the colours mean."""
        all_studies = Sign("all studies", INK, INK, marker="D")
        if self.study is None:
            return (all_studies,)
        return (
            all_studies,
            *(
                Sign(
                    f"subsets {part.name}", (part.color, 0.35), part.color, part.dashes,
                    part.marker if self.few else "",
                )
                for part in reversed(self.parts)
            ),
        )  # fmt: skip

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is drawn."""
        result = self.result
        which = "All" if result.exact else "Random"
        studies = plural(len(result.labels), "study", "studies")
        found = [f"{which} {len(result):,} subsets of {studies}."]
        if not self.few:
            found[0] += " The deeper the colour, the more subsets."
            if self.study is not None:
                found[0] += f" Lines hold {100 * _HELD:.0f}% of either kind."
        equal = ", with equal areas" if self.study is not None else ""
        found.append(f"At the edges: how estimates and I² are distributed{equal}.")
        alone = int((~self.known).sum())
        if alone:
            found.append(
                f"{plural(alone, 'subset').capitalize()} of one study "
                f"{'has' if alone == 1 else 'have'} no I²: only in the upper distribution."
            )
        if self.beyond:
            verb = "lies" if self.beyond == 1 else "lie"
            found.append(
                f"{plural(self.beyond, 'subset').capitalize()} {verb} beyond the ends of the axis."
            )
        low, high = self.core
        if not low <= 0 <= high:
            side = "right" if high < 0 else "left"
            found.append(f"No effect ({int(self.log)}) lies beyond the {side} end of the axis.")
        found += [caution.message for caution in result.cautions]
        return tuple(found)


def _percent(i2: float) -> str:
    return f"{format_number(i2, 0)}%"


def subsets_plot(
    result: SubsetResult,
    ax: Axes | None = None,
    *,
    study: str | int | None = None,
    measure: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
    title: str = "",
) -> Axes:
    """Draw estimate against I² for every subset, with and without one study apart.

    Parameters
    ----------
    result
        What `evidence.synthesis.sensitivity.subsets.all_subsets` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    study
        Label or place of the study that is told apart; by default the one that separates
        estimates or I² most.
    measure
        Name of the effect measure; ratios, whose effects are logarithms, get an axis of
        ratios.
    xlabel
        What the axis shows, with its unit.
    favours
        Words under the left and the right side of no effect.
    title
        In place of the one computed from the numbers.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `result` is something else, or the study is not in it.

    References
    ----------
    Olkin, Dahabreh and Trikalinos 2012.
    """
    if not isinstance(result, SubsetResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.synthesis.sensitivity.subsets.all_subsets() returns."
        )
    content = _Cloud(result, _apart(result, study), is_ratio(measure))
    if not content.known.any():
        text = "No subset of at least two studies is known, so there is no I² to draw."
        return notice(text, ax, title=title or "All subsets")
    if len(result.labels) < _FEWEST:
        return notice(_of_two(content), ax, title=title or "All subsets")
    words = xlabel or measure_name(measure) or "pooled estimate"
    points = _points(content, words, favours, title)
    chart = open_chart(ax, points)
    with plain():
        _frame(chart, content)
        if content.few:
            _marks(chart, content)
        else:
            _density(chart, content)
        _edges(chart, content)
        chart.plot.plot(
            [result.full_estimate], [result.full_i2], "D",
            ms=8 * chart.sheet.scale, mfc=INK, mec=PAPER, mew=1.2 * chart.sheet.scale,
            zorder=6, clip_on=False,
        )  # fmt: skip
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _of_two(content: _Cloud) -> str:
    """Say what the three subsets of two studies are."""
    result = content.result
    alone = [
        float(result.estimate[result.including(place) & ~content.known][0]) for place in range(2)
    ]
    each = join_words(
        f"{content.number(value)} from {one_line(label)} alone"
        for value, label in zip(alone, result.labels, strict=True)
    )
    return (
        f"Two studies have three subsets, which make no cloud: {each}, and "
        f"{content.number(result.full_estimate)} from both together (I² "
        f"{_percent(result.full_i2)}). With three studies or more a figure shows whether one of "
        "them makes two answers out of one; of two, look at the forest plot."
    )


def _apart(result: SubsetResult, study: str | int | None) -> int | None:
    """Return the place of the study that is told apart; None where no study does anything."""
    if study is not None:
        inside = result.including(study)
        places = (i for i in range(len(result.labels)) if i == study or result.labels[i] == study)
        return next(places) if inside.any() and not inside.all() else None
    both = np.vstack([result.separation, result.separation_i2])
    most = np.nanmax(np.nan_to_num(both), axis=0)
    return int(np.argmax(most)) if most.max() > 0 else None


def _points(content: _Cloud, words: str, favours: tuple[str, str], title: str) -> Points:
    low, high = content.core
    axis = axis_between(low, high, log=content.log, room=3.0)
    kept = tuple((value, f"{text}{axis.factor}" if value else text) for value, text in axis.ticks)
    return Points(
        np.array([[content.result.full_estimate, content.result.full_i2]]),
        (),
        x_ends=(low, content.x_edge[1]),
        y_ends=(-0.03 * _TOP, content.y_edge[1]),
        radius=0.03,
        log=content.log,
        title=title or content.title,
        notes=content.notes,
        signs=content.signs,
        x_label=words,
        y_label="I²: share of the variation that is more than chance",
        favours=favours,
        x_ticks=kept,
        y_ticks=tuple((float(tick), f"{tick}%") for tick in _TICKS),
    )


def _frame(chart: Chart, content: _Cloud) -> None:
    """Let the axes end where the distributions begin, and draw no effect."""
    plot, scale = chart.plot, chart.sheet.scale
    low, high = content.core
    plot.spines["left"].set_bounds(chart.layout.points.y_ends[0], _TOP)
    plot.spines["bottom"].set_bounds(low, high)
    if low <= 0 <= high:
        plot.plot([0, 0], [chart.layout.points.y_ends[0], _TOP], color=INK, lw=0.9 * scale)


def _marks(chart: Chart, content: _Cloud) -> None:
    scale = chart.sheet.scale
    many = len(content.result) > 200
    for part in content.parts:
        chart.plot.plot(
            *content.places(part).T, part.marker,
            ms=(3.4 if many else 5.0) * scale, mfc=(part.color, 0.35), mec=part.color,
            mew=0.5 * scale, ls="none", zorder=3, clip_on=False,
        )  # fmt: skip


def _counted(places: Floats, ends: tuple[float, float], bins: tuple[int, int]) -> Floats:
    """Return how many subsets each bin has, shape (across, upright)."""
    low, high = ends
    across = _bins(places[:, 0], low, high, bins[0])
    upright = _bins(places[:, 1], 0.0, _TOP, bins[1])
    kept = (across >= 0) & (upright >= 0)
    found = np.bincount(across[kept] * bins[1] + upright[kept], minlength=bins[0] * bins[1])
    return found.reshape(bins).astype(np.float64)


def _bins(values: Floats, low: float, high: float, count: int) -> NDArray[np.intp]:
    """Return the bin of each value; -1 outside."""
    found = np.floor((values - low) * (count / (high - low))).astype(np.intp)
    found[values == high] = count - 1
    return np.where((found >= 0) & (found < count), found, -1)


def _density(chart: Chart, content: _Cloud) -> None:
    """Draw how many subsets lie where: the colours of both parts are laid over each other."""
    from matplotlib.colors import to_rgb

    plot = chart.plot
    low, high = content.core
    picture = np.ones((*content.bins[::-1], 3))
    counts = [_counted(content.places(part), content.core, content.bins) for part in content.parts]
    most = max(float(np.quantile(c[c > 0], 0.99)) for c in counts if c.any())
    for part, count in zip(content.parts, counts, strict=True):
        depth = np.minimum(count.T / most, 1.0) ** _LIFT
        picture *= 1 - 0.85 * depth[:, :, None] * (1 - np.array(to_rgb(part.color)))
    plot.imshow(
        picture, origin="lower", aspect="auto", extent=(low, high, 0, _TOP),
        interpolation="nearest", zorder=0.5,
    )  # fmt: skip
    if len(content.parts) > 1:
        for part, count in zip(content.parts, counts, strict=True):
            _outline(chart, part, count, content.core)
    # A picture sets the ends of the axes to its own.
    plot.set_xlim(chart.layout.points.x_ends)
    plot.set_ylim(chart.layout.points.y_ends)


def _outline(chart: Chart, part: _Part, count: Floats, ends: tuple[float, float]) -> None:
    """Draw a line around the densest bins that hold most of the subsets."""
    from matplotlib.patches import Rectangle

    smooth = np.pad(count, 3)
    kernel = np.exp(-0.5 * (np.arange(-3, 4) / 1.3) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        smooth = np.apply_along_axis(np.convolve, axis, smooth, kernel, mode="same")
    ordered = np.sort(smooth.ravel())[::-1]
    held = np.cumsum(ordered)
    if held[-1] == 0:
        return
    level = float(ordered[int(np.searchsorted(held, _HELD * held[-1]))])
    low, high = ends
    x = low + (np.arange(-3, count.shape[0] + 3) + 0.5) * (high - low) / count.shape[0]
    y = (np.arange(-3, count.shape[1] + 3) + 0.5) * _TOP / count.shape[1]
    outline = chart.plot.contour(
        x, y, smooth.T, levels=[level],
        colors=[part.color], linestyles=[part.dashes], linewidths=1.3 * chart.sheet.scale,
        zorder=2,
    )  # fmt: skip
    # What is smoothed spreads beyond the shares that there can be.
    outline.set_clip_path(Rectangle((low, 0), high - low, _TOP, transform=chart.plot.transData))


def _edges(chart: Chart, content: _Cloud) -> None:
    """Draw the distributions of estimates and of I² at the edges of the plot."""
    plot, scale = chart.plot, chart.sheet.scale
    low, high = content.core
    room_x, room_y = content.x_edge, content.y_edge
    estimates = [content.result.estimate[part.inside] for part in content.parts]
    i2 = [content.places(part)[:, 1] for part in content.parts]
    heights = _shares(estimates, low, high), _shares(i2, 0.0, _TOP)
    for place, part in enumerate(content.parts):
        steps = np.linspace(low, high, _EDGE_BINS + 1)
        tall = room_y[0] + heights[0][place] * (room_y[1] - room_y[0])
        wide = room_x[0] + heights[1][place] * (room_x[1] - room_x[0])
        look: dict[str, Any] = {"fc": (part.color, 0.25), "lw": 0, "zorder": 1}
        plot.stairs(tall, steps, baseline=room_y[0], fill=True, **look)
        line: dict[str, Any] = {"color": part.color, "lw": 1.2 * scale, "ls": part.dashes}
        plot.stairs(tall, steps, baseline=room_y[0], **line)
        steps = np.linspace(0, _TOP, _EDGE_BINS + 1)
        upright: dict[str, Any] = {"baseline": room_x[0], "orientation": "horizontal"}
        plot.stairs(wide, steps, fill=True, **upright, **look)
        plot.stairs(wide, steps, **upright, **line)
    for x, y in (((low, high), (room_y[0],) * 2), ((room_x[0],) * 2, (0, _TOP))):
        plot.plot(x, y, color=GREY, lw=0.6 * scale, zorder=2)
    plot.set_xlim(chart.layout.points.x_ends)
    plot.set_ylim(chart.layout.points.y_ends)


def _shares(groups: list[Floats], low: float, high: float) -> list[Floats]:
    """Return the distribution of each group over bins, the highest bin of all being 1."""
    found = []
    for values in groups:
        bins = _bins(values, low, high, _EDGE_BINS)
        counts = np.bincount(bins[bins >= 0], minlength=_EDGE_BINS).astype(np.float64)
        found.append(counts / max(values.size, 1))
    most = max(float(each.max()) for each in found)
    return [each / most if most > 0 else each for each in found]


def _in_words(content: _Cloud, points: Points) -> str:
    """Return the alternative text."""
    result = content.result
    low, middle, high = (content.number(float(each)) for each in result.quantiles())
    which = "all" if result.exact else "random"
    studies = plural(len(result.labels), "study", "studies")
    i2 = np.quantile(result.i2[content.known], [0.025, 0.5, 0.975])
    first = [
        (
            f"Plot of {which} {len(result):,} subsets of {studies}: estimates "
            f"({one_line(points.x_label)}) across, I² upright."
        ),
        f"{one_line(points.title)}.",
        (
            f"With all studies the estimate is {content.number(result.full_estimate)} and I² "
            f"{_percent(result.full_i2)}."
        ),
        f"Of the subsets, 95% have estimates from {low} to {high}, with a median of {middle}.",
        f"Their I² runs from {_percent(i2[0])} to {_percent(i2[2])}, median {_percent(i2[1])}.",
    ]
    return within(first, [], "", [])
