"""The funnel plot: whether small studies have other effects than large ones.

References
----------
Sterne JAC, Egger M (2001). Funnel plots for detecting bias in meta-analysis: guidelines on
choice of axis. Journal of Clinical Epidemiology 54:1046-1055 (the axes and the limits).
Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L (2008). Contour-enhanced meta-analysis
funnel plots help distinguish publication bias from other causes of asymmetry. Journal of
Clinical Epidemiology 61:991-996 (the contours).
Sterne JAC, Sutton AJ, Ioannidis JPA, et al. (2011). Recommendations for examining and
interpreting funnel plot asymmetry in meta-analyses of randomised controlled trials. BMJ
343:d4002 (from how many studies on it can be read).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.appraisal.small_study.guard import RULE, objections
from evidence.appraisal.small_study.trim_and_fill import TrimAndFill
from evidence.display import capital, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import InvalidArgumentError
from evidence.plots.axis import stretched
from evidence.plots.chart import Chart, Points, ends_of, measure_name, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.numbers import column_decimals, effect_text
from evidence.plots.picture import describe
from evidence.plots.signs import Sign
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import within
from evidence.synthesis.model_words import is_ratio
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CONTOURS", "funnel"]

#: P values at the edges of the shaded regions (Peters et al. 2008), and the grey beyond each:
#: the smaller the p value, the darker, and never too dark for a mark.
CONTOURS = ((0.10, "#f0f0f0"), (0.05, "#e2e2e2"), (0.01, "#d2d2d2"))
#: The regions from the middle outwards, in words.
P_BANDS = ("p ≥ 0.10", "0.05 to 0.10", "0.01 to 0.05", "p < 0.01")
#: Up to so many studies, all have their names; of more, so many that stand out.
_ALL_NAMED, _MOST_NAMED = 15, 6
#: Marks of more studies than this are small and let others shine through.
_MANY = 50
#: How many times longer the axis may become for no effect, and for the contours.
_FOR_NO_EFFECT, _FOR_CONTOURS = 5.0, 2.0


@dataclass(frozen=True)
class _Funnel:
    """What a funnel plot shows."""

    result: PooledResult
    fill: TrimAndFill | None
    contours: bool
    log: bool

    @cached_property
    def errors(self) -> Floats:
        """Standard errors, shape (k,)."""
        return np.sqrt(self.result.variances)

    @cached_property
    def made_up(self) -> Floats:
        """Effects and standard errors of the studies that were filled in, shape (n, 2)."""
        if self.fill is None or self.fill.filled is None or not self.fill.missing:
            return np.empty((0, 2))
        filled = self.fill.filled
        last = slice(filled.k - self.fill.missing, None)
        return np.column_stack([filled.effects[last], np.sqrt(filled.variances[last])])

    @cached_property
    def places(self) -> Floats:
        """Effects and standard errors of all marks, the studies first."""
        own = np.column_stack([self.result.effects, self.errors])
        return np.vstack([own, self.made_up])

    @cached_property
    def bottom(self) -> float:
        """The largest standard error on the axis."""
        return 1.06 * float(self.places[:, 1].max())

    @property
    def critical(self) -> float:
        """Standard errors from the mean to the limits."""
        return quantile(self.result.method.level)

    @cached_property
    def beyond(self) -> Floats:
        """Distance of each study from the mean in its standard errors, shape (k,)."""
        return np.asarray((self.result.effects - self.result.estimate) / self.errors)

    @cached_property
    def outside(self) -> int:
        """How many studies lie outside the limits."""
        return int((np.abs(self.beyond) > self.critical).sum())

    @cached_property
    def x_ends(self) -> tuple[float, float]:
        """Ends of the axis of effects."""
        centre, reach = self.result.estimate, self.critical * self.bottom
        low, high = ends_of([*self.places[:, 0], centre - reach, centre + reach], 0.0)
        low, high = stretched(low, high, (0.0,), _FOR_NO_EFFECT)
        if self.contours and low <= 0 <= high:
            edge = 1.1 * quantile(1 - CONTOURS[-1][0]) * self.bottom
            low, high = stretched(low, high, (-edge, edge), _FOR_CONTOURS)
        return ends_of([low, high])

    @cached_property
    def objections(self) -> tuple[str, ...]:
        """Why nothing can be read off it by eye."""
        return objections("judging asymmetry by eye", self.result.variances)

    @cached_property
    def named(self) -> tuple[int, ...]:
        """The studies that have their names: all of a few, of many those that stand out."""
        k = self.result.k
        if k <= _ALL_NAMED:
            return tuple(range(k))
        far = np.argsort(-np.abs(self.beyond), kind="stable")[:_MOST_NAMED]
        return tuple(int(i) for i in far if abs(self.beyond[i]) > self.critical)

    @property
    def level(self) -> str:
        """Level of the limits."""
        return f"{100 * self.result.method.level:g}%"

    @cached_property
    def title(self) -> str:
        """What is to be seen."""
        k = self.result.k
        studies = plural(k, "study", "studies")
        if self.objections:
            if k < RULE.studies:
                return f"Funnel plot of {studies}: too few to judge asymmetry by eye"
            return f"Funnel plot of {studies} too alike in size to judge asymmetry by eye"
        verb = "lies" if self.outside == 1 else "lie"
        chance = f"; chance alone puts about {self._expected} there" if self._expected > 1 else ""
        return (
            f"Funnel plot: {_none(self.outside)} of {k} studies {verb} outside the limits of "
            f"chance{chance}"
        )

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the lines and the shading are."""
        found = [
            (
                f"Orange line: the mean, {self.number(self.result.estimate)}. Dotted: "
                f"{self.level} of studies would lie between these lines if chance "
                "alone moved them away from it; more lie outside where true effects differ."
            )
        ]
        if self.x_ends[0] <= 0 <= self.x_ends[1]:
            found[0] += " Black: no effect."
        else:
            side = "right" if self.x_ends[1] < 0 else "left"
            found.append(f"No effect ({int(self.log)}) lies beyond the {side} end of the axis.")
        found.append(self.filled_in_words)
        if self.result.k > _ALL_NAMED and self.named:
            found.append(
                "Named: the studies farthest from the mean in standard errors, of those outside "
                "the limits."
            )
        return tuple(found)

    @property
    def _expected(self) -> int:
        """How many of them chance alone would put outside."""
        return round(self.result.k * (1 - self.result.method.level))

    @cached_property
    def signs(self) -> tuple[Sign, ...]:
        """What the shades mean, from the middle outwards."""
        if not self.contours:
            return ()
        shades = [PAPER, *(color for _, color in CONTOURS)]
        return (
            Sign("Shade: a study's own p value"),
            *(Sign(name, shade, GREY) for name, shade in zip(P_BANDS, shades, strict=True)),
        )

    @cached_property
    def filled_in_words(self) -> str:
        """What trim and fill adds."""
        if self.fill is None:
            return ""
        if self.fill.filled is None:
            return self.fill.sentence
        if not self.fill.missing:
            return "Trim and fill makes up no study."
        mean = self.number(self.fill.filled.estimate)
        studies = plural(self.fill.missing, "study", "studies")
        return (
            f"Hollow: {studies} made up by trim and fill for a symmetric funnel; dashed: the mean "
            f"with {'it' if self.fill.missing == 1 else 'them'}, {mean}. They are not evidence."
        )

    def number(self, effect: float) -> str:
        """Write an effect on the scale people read."""
        pairs = zip(self.result.effects, self.errors, strict=True)
        decimals = column_decimals([(e, e - 2 * s, e + 2 * s) for e, s in pairs])
        reach = float(np.median(self.errors))
        return effect_text(effect, effect - reach, effect + reach, decimals=decimals, log=self.log)[
            0
        ]

    def line(self, centre: float, critical: float, side: int) -> tuple[Floats, Floats]:
        """Return where a limit runs: from its apex down to where it leaves the axes."""
        end = centre + side * critical * self.bottom
        end = min(max(end, self.x_ends[0]), self.x_ends[1])
        return np.array([centre, end]), np.array([0.0, abs(end - centre) / critical])


def _none(count: int) -> str:
    return "none" if count == 0 else f"{count}"


def funnel(
    result: PooledResult,
    ax: Axes | None = None,
    *,
    contours: bool = False,
    filled: TrimAndFill | None = None,
    measure: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
    title: str = "",
) -> Axes:
    """Draw every study's effect over its standard error, precise studies at the top.

    Below ten studies, or with studies of nearly one size, the figure says that asymmetry
    cannot be judged by eye.

    Parameters
    ----------
    result
        What `pool` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    contours
        Whether to shade the regions of p < 0.01, 0.05 and 0.10, around no effect.
    filled
        What `trim_and_fill` made of the same studies: those that it made up are hollow.
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
        Where `result` is no pooled result, or `filled` is of other studies.

    References
    ----------
    Sterne and Egger 2001; Peters et al. 2008; Sterne et al. 2011.
    """
    _check(result, filled)
    content = _Funnel(result, filled, bool(contours), is_ratio(measure))
    points = replace(
        _points(content, measure, title),
        x_label=xlabel or measure_name(measure) or "effect",
        favours=favours,
    )
    chart = open_chart(ax, points)
    with plain():
        _ground(chart, content)
        _lines(chart, content)
        _marks(chart, content)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _check(result: Any, filled: Any) -> None:
    if not isinstance(result, PooledResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; a funnel plot takes what pool() returns."
        )
    if filled is None:
        return
    if not isinstance(filled, TrimAndFill):
        raise InvalidArgumentError(
            f"filled is {type(filled).__name__}; give what trim_and_fill() returns, or None."
        )
    own = filled.observed
    if own is not None and not (
        own.labels == result.labels and np.array_equal(own.effects, result.effects)
    ):
        raise InvalidArgumentError(
            "filled is of other studies than result; give both the same studies."
        )


def _points(content: _Funnel, measure: str, title: str) -> Points:
    result = content.result
    ratio = f" of the log {measure.removeprefix('log ')}" if content.log and measure else ""
    names = tuple((i, result.labels[i]) for i in content.named)
    return Points(
        content.places,
        names,
        content.x_ends,
        (content.bottom, 0.0),
        radius=0.032 if result.k > _MANY else 0.045,
        log=content.log,
        lines=_along(content),
        title=title or content.title,
        lead="\n".join(content.objections[:1]),
        notes=content.notes,
        signs=content.signs,
        y_label=f"Standard error{ratio} (precise studies at the top)",
    )


def _along(content: _Funnel) -> Floats:
    """Return points along the lines, for names to keep off them."""
    centre, steps = content.result.estimate, np.linspace(0, 1, 60)
    found = [np.column_stack([np.full(60, centre), steps * content.bottom])]
    if content.x_ends[0] <= 0 <= content.x_ends[1]:
        found.append(np.column_stack([np.zeros(60), steps * content.bottom]))
    for side in (-1, 1):
        (x0, x1), (y0, y1) = content.line(centre, content.critical, side)
        found.append(np.column_stack([x0 + steps * (x1 - x0), y0 + steps * (y1 - y0)]))
    return np.vstack(found)


def _ground(chart: Chart, content: _Funnel) -> None:
    """Shade the regions, the smallest p value first."""
    if not content.contours:
        return
    plot, (low, high), bottom = chart.plot, content.x_ends, content.bottom
    plot.set_facecolor(CONTOURS[-1][1])
    plot.patch.set_visible(True)
    fills = [*(color for _, color in CONTOURS[-2::-1]), PAPER]
    for (p_value, _), fill in zip(CONTOURS[::-1], fills, strict=True):
        critical = quantile(1 - p_value)
        corners = {low, high, 0.0, -critical * bottom, critical * bottom}
        x = np.array(sorted(value for value in corners if low <= value <= high))
        plot.fill_between(
            x, np.minimum(np.abs(x) / critical, bottom), bottom, color=fill, lw=0, zorder=0
        )
        if low <= 0 <= high:
            for side in (-1, 1):
                plot.plot(
                    *content.line(0.0, critical, side),
                    color=GREY, lw=0.5 * chart.sheet.scale, zorder=0.5,
                )  # fmt: skip


def _lines(chart: Chart, content: _Funnel) -> None:
    plot, scale, centre = chart.plot, chart.sheet.scale, content.result.estimate
    if content.x_ends[0] <= 0 <= content.x_ends[1]:
        plot.axvline(0, color=INK, lw=0.9 * scale, zorder=1)
    plot.axvline(centre, color=ORANGE, lw=1.2 * scale, zorder=1.5)
    for side in (-1, 1):
        plot.plot(
            *content.line(centre, content.critical, side),
            color=ORANGE, lw=1.1 * scale, ls=(0, (1, 2)), zorder=1.4,
        )  # fmt: skip
    if content.made_up.size and content.fill is not None and content.fill.filled is not None:
        mean = content.fill.filled.estimate
        plot.axvline(mean, color=ORANGE, lw=1.1 * scale, ls=(0, (5, 2)), zorder=1.5)


def _marks(chart: Chart, content: _Funnel) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    k = content.result.k
    size = 144 * chart.layout.points.radius * scale
    # Many marks lie on each other: their outlines show each, and depth how many there are.
    many = k > _MANY
    plot.plot(
        *content.places[:k].T, "o",
        ms=size, mfc=(BLUE, 0.35) if many else BLUE, mec=BLUE if many else PAPER,
        mew=0.6 * scale, zorder=3, clip_on=False,
    )  # fmt: skip
    if content.made_up.size:
        plot.plot(
            *content.made_up.T, "o",
            ms=size, mfc=PAPER, mec=ORANGE, mew=1.2 * scale, zorder=2.9, clip_on=False,
        )  # fmt: skip


def _in_words(content: _Funnel, points: Points) -> str:
    """Return the alternative text."""
    result = content.result
    estimate, interval = effect_text(
        result.estimate, result.ci_low, result.ci_high, log=content.log
    )
    left = int((content.beyond < 0).sum())
    right = int((content.beyond > 0).sum())
    smallest, largest = (_error(float(end)) for end in (content.errors.min(), content.errors.max()))
    first = [
        f"{one_line(points.title)}.",
        (
            f"{capital(plural(result.k, 'study', 'studies'))}, effects across "
            f"({one_line(points.x_label)}), standard errors from {smallest} at the top to "
            f"{largest} at the bottom."
        ),
        f"The mean is {estimate} ({content.level} CI {interval}).",
        (
            f"Left of it: {left}; right of it: {right}; outside the {content.level} limits: "
            f"{_none(content.outside)} of {result.k}."
        ),
    ]
    if content.contours:
        first.append(_by_p_value(content))
    first.append(content.filled_in_words)
    listed = [
        f"{one_line(result.labels[i])}: {content.number(float(result.effects[i]))}, standard "
        f"error {_error(float(content.errors[i]))}."
        for i in content.named
    ]
    return within(first, listed, "And {} more.", content.objections[:1])


def _error(value: float) -> str:
    return effect_text(value, 0.0, value)[0]


def _by_p_value(content: _Funnel) -> str:
    away = np.abs(content.result.effects) / content.errors
    edges = [0.0, *(quantile(1 - p) for p, _ in CONTOURS), math.inf]
    counts = [int(((away >= a) & (away < b)).sum()) for a, b in pairwise(edges)]
    told = ", ".join(f"{count} with {name}" for count, name in zip(counts, P_BANDS, strict=True))
    return f"By the p value of each study alone: {told}."
