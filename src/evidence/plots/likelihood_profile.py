"""The profile likelihood as a figure: the curve, its top, and what fits nearly as well.

References
----------
Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects.
Statistics in Medicine 15:619-629.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import format_number, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Chart, Points, ends_of, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.numbers import column_decimals, effect_text
from evidence.plots.picture import describe
from evidence.plots.style import BAND, BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import within
from evidence.synthesis.sensitivity.likelihood_profile import LikelihoodProfile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["likelihood_profile"]

#: Room above the curve for its top, as a share of its depth.
_ABOVE = 0.16


@dataclass(frozen=True)
class _Curve:
    """What the figure shows: tau in place of tau², so that it is in the units of the effects."""

    profile: LikelihoodProfile
    log: bool

    def place(self, value: float) -> float:
        """Return where a value of the parameter stands on the axis."""
        return math.sqrt(max(value, 0.0)) if self.profile.parameter == "tau2" else value

    @cached_property
    def name(self) -> str:
        """What a title begins with."""
        return "A tau of" if self.profile.parameter == "tau2" else "A mean of"

    @cached_property
    def curve(self) -> Floats:
        """Places and heights, shape (m, 2)."""
        profile = self.profile
        across = np.array([self.place(float(value)) for value in profile.values])
        return np.column_stack([across, profile.log_likelihood])

    @cached_property
    def ends(self) -> tuple[float, float, float]:
        """The top of the curve and the ends of the interval, on the axis."""
        profile = self.profile
        top, low, high = map(self.place, (profile.estimate, profile.ci_low, profile.ci_high))
        return top, low, high

    @cached_property
    def texts(self) -> tuple[str, str, str]:
        """The same as texts."""
        ratios = self.log and self.profile.parameter == "mean"
        decimals = column_decimals([self.ends])
        top, interval = effect_text(*self.ends, decimals=decimals, log=ratios)
        low, _, high = interval.partition(" to ")
        if self.profile.parameter == "tau2":
            top, low = (
                "0" if end == 0 else text for end, text in zip(self.ends, (top, low), strict=False)
            )
        return top, low, high

    @cached_property
    def title(self) -> str:
        """Where the likelihood is highest, and what fits nearly as well."""
        top, low, high = self.texts
        told = f"{self.name} {top} fits best, anything from {low} to {high} nearly as well"
        if not self.profile.unimodal:
            told += f"; there are {plural(len(self.profile.maxima), 'maximum', 'maxima')}"
        return told

    @cached_property
    def depth(self) -> float:
        """How far down the figure goes."""
        return -max(float(self.profile.log_likelihood.min()), -2.2 * self.profile.drop)

    @cached_property
    def used(self) -> float | None:
        """What the pooled result takes, where that is another value that the figure reaches."""
        used, curve = self.place(self.profile.used), self.curve[:, 0]
        wide = float(curve[-1] - curve[0])
        apart = abs(used - self.ends[0]) > 0.004 * wide
        return used if apart and curve[0] <= used <= curve[-1] else None

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the marks mean, and what a reader should know."""
        profile = self.profile
        kind = "restricted log-likelihood" if profile.likelihood == "REML" else "log-likelihood"
        found = [
            (
                f"Shaded: the {100 * profile.method.level:g}% likelihood-ratio interval, where the "
                f"{kind} is at most {format_number(profile.drop)} below its highest (dashed)."
            )
        ]
        if self.used is not None:
            how = profile.method.tau2_method
            how = how if isinstance(how, str) else "given"
            found.append(f"Dotted: what the pooled result takes ({how}).")
        if profile.parameter == "mean" and self.shows_none:
            found.append("Thin line: no effect.")
        found += [
            caution.message for caution in profile.cautions if caution.code != "other-estimator"
        ]
        return tuple(found)

    @cached_property
    def shows_none(self) -> bool:
        """Whether no effect is within reach."""
        return bool(self.curve[0, 0] <= 0 <= self.curve[-1, 0])


def likelihood_profile(
    profile: LikelihoodProfile,
    ax: Axes | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    log: bool = False,
) -> Axes:
    """Draw a profile likelihood: the curve, its top, and the values that fit nearly as well.

    Parameters
    ----------
    profile
        What `evidence.synthesis.sensitivity.likelihood_profile.likelihood_profile` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        In place of the one computed from the numbers.
    xlabel
        What the axis shows, with its unit.
    log
        Whether the effects are logarithms of ratios: an axis of means then shows ratios.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `profile` is something else.

    References
    ----------
    Hardy and Thompson (1996): see the module.
    """
    if not isinstance(profile, LikelihoodProfile):
        raise InvalidArgumentError(
            f"profile is {type(profile).__name__}; this figure takes what likelihood_profile(...) "
            "of evidence.synthesis.sensitivity.likelihood_profile returns."
        )
    content = _Curve(profile, log)
    points = _points(content, title, xlabel)
    chart = open_chart(ax, points)
    with plain():
        _marks(chart, content)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _points(content: _Curve, title: str, xlabel: str) -> Points:
    profile = content.profile
    top, low, high = content.ends
    cut = -profile.drop
    names = [(0, f"best: {content.texts[0]}"), (2, content.texts[2])]
    if profile.parameter == "mean" or low > 0:
        names.insert(1, (1, content.texts[1]))
    axis = (
        "tau, the standard deviation of the true effects between studies"
        if profile.parameter == "tau2"
        else "mean effect"
    )
    curve = content.curve
    seen = curve[curve[:, 1] >= -content.depth]
    ends = ends_of(seen[:, 0], 0.03)
    return Points(
        np.array([(top, 0.0), (low, cut), (high, cut)]),
        tuple(names),
        ends,
        (-1.03 * content.depth, _ABOVE * content.depth),
        log=content.log and profile.parameter == "mean",
        lines=np.vstack(
            [
                seen,
                np.column_stack([np.linspace(*ends, 60), np.full(60, cut)]),
                *(
                    np.column_stack([np.full(30, end), np.linspace(-1.03 * content.depth, cut, 30)])
                    for end in (low, high)
                ),
            ]
        ),
        title=title or content.title,
        notes=content.notes,
        x_label=xlabel or axis,
        y_label="Log-likelihood, from its highest value down",
    )


def _marks(chart: Chart, content: _Curve) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    top, low, high = content.ends
    cut = -content.profile.drop
    bottom = chart.layout.points.y_ends[0]
    curve = content.curve
    inside = curve[(curve[:, 0] >= low) & (curve[:, 0] <= high) & (curve[:, 1] >= cut - 1e-9)]
    plot.fill_between(inside[:, 0], bottom, inside[:, 1], color=BAND, lw=0, zorder=0)
    for end in {low, high}:
        plot.plot([end, end], [bottom, cut], color=GREY, lw=0.7 * scale, ls=(0, (2, 2)), zorder=1)
    plot.axhline(cut, color=GREY, lw=0.9 * scale, ls=(0, (4, 3)), zorder=1)
    if content.profile.parameter == "mean" and content.shows_none:
        plot.axvline(0.0, color=INK, lw=0.9 * scale, zorder=1)
    if content.used is not None:
        plot.axvline(content.used, color=ORANGE, lw=1.2 * scale, ls=(0, (1, 2)), zorder=1)
    plot.plot(*curve.T, color=BLUE, lw=1.8 * scale, zorder=2)
    others = [content.place(place) for place, _ in content.profile.maxima[1:]]
    heights = [height for _, height in content.profile.maxima[1:]]
    marks = {"mec": PAPER, "mew": 0.6 * scale, "ls": "none", "zorder": 4, "clip_on": False}
    seen = [(x, y) for x, y in zip(others, heights, strict=True) if y >= bottom]
    if seen:
        plot.plot(*np.array(seen).T, "D", ms=6 * scale, mfc=GREY, **marks)
    plot.plot([top], [0.0], "D", ms=7.5 * scale, mfc=ORANGE, **marks)


def _in_words(content: _Curve, points: Points) -> str:
    """Return the alternative text."""
    profile = content.profile
    top, low, high = content.texts
    of = "tau" if profile.parameter == "tau2" else "the mean"
    listed = []
    if profile.parameter == "tau2":
        i2 = [format_number(each, 0) for each in profile.i2_range]
        listed.append(f"Over the interval I² goes from {i2[0]}% to {i2[1]}%.")
    first = [
        (
            f"Profile likelihood of {of} from {plural(profile.k, 'study', 'studies')}: "
            f"{one_line(points.title)}."
        ),
        f"Across: {one_line(points.x_label)}.",
        (
            f"The curve is highest at {top}; from {low} to {high} it lies within "
            f"{format_number(profile.drop)} of that."
        ),
    ]
    return within(first, listed, "", list(content.notes[1:]))
