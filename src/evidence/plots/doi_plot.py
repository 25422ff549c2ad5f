"""The Doi plot: effects over how far each study lies from the middle of all, in ranks.

References
----------
Furuya-Kanamori L, Barendregt JJ, Doi SAR (2018). A new improved graphical and quantitative method
for detecting bias in meta-analysis. International Journal of Evidence-Based Healthcare
16:195-203.
Schwarzer G, Rücker G, Semaca C (2024). LFK index does not reliably detect small-study effects in
meta-analysis: a simulation study. Research Synthesis Methods 15:603-615 (the warning).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from evidence.appraisal.small_study.doi_plot import DoiPlot
from evidence.display import plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Chart, Points, ends_of, measure_name, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.notice import notice
from evidence.plots.numbers import column_decimals, effect_text
from evidence.plots.picture import describe
from evidence.plots.style import BLUE, GREY, ORANGE, PAPER, plain
from evidence.plots.wording import within
from evidence.synthesis.model_words import is_ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["doi_figure"]

#: Up to so many studies, all have their names; of more, so many at the ends of the limbs.
_ALL_NAMED, _MOST_NAMED = 15, 6
#: Marks of more studies than this are small and let others shine through.
_MANY = 50
#: Points along each stretch of the limbs that names keep off.
_ALONG = 12


@dataclass(frozen=True)
class _Doi:
    """What a Doi plot shows."""

    result: DoiPlot
    log: bool

    @cached_property
    def places(self) -> Floats:
        """Effects and heights, in the order of the effects, shape (k, 2)."""
        return self.result.table[["effect", "height"]].to_numpy(dtype=np.float64)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The studies' labels, in the same order."""
        return tuple(map(str, self.result.table["label"]))

    @cached_property
    def named(self) -> tuple[int, ...]:
        """The studies that have their names: all of a few, of many those farthest out."""
        k = self.result.k
        if k <= _ALL_NAMED:
            return tuple(range(k))
        return tuple(int(i) for i in np.argsort(-self.places[:, 1], kind="stable")[:_MOST_NAMED])

    @property
    def title(self) -> str:
        """What it is, and what it is not."""
        studies = plural(self.result.k, "study", "studies")
        return f"Doi plot of {studies}: a picture, and no test of asymmetry"

    @property
    def notes(self) -> tuple[str, ...]:
        """What is drawn, and the warning."""
        drawn = (
            "Each study at its effect; the farther it lies from the middle of all in ranks, the "
            "lower. A study takes up ranks in proportion to its precision. Orange, dashed: the "
            f"effect at the tip, {self.number(self.result.tip)}."
        )
        few = f"Named: the {_MOST_NAMED} studies farthest from the middle."
        return (
            drawn,
            few if len(self.named) < self.result.k else "",
            self.result.sentence,
            *(caution.message for caution in self.result.cautions),
        )

    def number(self, effect: float) -> str:
        """Write an effect on the scale people read."""
        errors = np.sqrt(self.result.table["variance"].to_numpy(dtype=np.float64))
        pairs = zip(self.places[:, 0], errors, strict=True)
        decimals = column_decimals([(e, e - 2 * s, e + 2 * s) for e, s in pairs])
        reach = float(np.median(errors))
        return effect_text(effect, effect - reach, effect + reach, decimals=decimals, log=self.log)[
            0
        ]


def doi_figure(
    result: DoiPlot,
    ax: Axes | None = None,
    *,
    measure: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
    title: str = "",
) -> Axes:
    """Draw every study's effect over its distance from the middle of all in ranks.

    Parameters
    ----------
    result
        What `evidence.appraisal.small_study.doi_plot.doi_plot` returned. Where it shows
        nothing, the figure is its sentence.
    ax
        Axes to fill; a figure of the right size is made without it.
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
        Where `result` is something else.

    Notes
    -----
    The LFK index is not written on it; the warning of Schwarzer, Rücker and Semaca 2024 is.

    References
    ----------
    Furuya-Kanamori, Barendregt and Doi 2018; Schwarzer, Rücker and Semaca 2024.
    """
    if not isinstance(result, DoiPlot):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.appraisal.small_study.doi_plot.doi_plot() returns."
        )
    if np.isnan(result.tip):
        return notice(result.sentence, ax, title=title or "Doi plot")
    content = _Doi(result, is_ratio(measure))
    highest = float(content.places[:, 1].max())
    points = Points(
        content.places,
        tuple((i, content.labels[i]) for i in content.named),
        ends_of(content.places[:, 0]),
        # Room above 0 for the mark at the tip.
        (1.06 * highest, -0.06 * highest),
        radius=0.032 if result.k > _MANY else 0.045,
        log=content.log,
        lines=np.vstack([_along(content.places), _tip_line(result.tip, highest)]),
        title=title or content.title,
        notes=content.notes,
        x_label=xlabel or measure_name(measure) or "effect",
        y_label="|z| of the percentile among the studies (the middle at the top)",
        favours=favours,
    )
    chart = open_chart(ax, points)
    with plain():
        _draw(chart, content)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _along(places: Floats) -> Floats:
    """Return points along the limbs, shape (p, 2)."""
    at = np.arange(len(places), dtype=np.float64)
    steps = np.linspace(0, at[-1], _ALONG * (at.size - 1) + 1)
    return np.column_stack([np.interp(steps, at, values) for values in places.T])


def _tip_line(tip: float, highest: float) -> Floats:
    """Return points along the line at the tip, shape (p, 2)."""
    heights = np.linspace(0, highest, 6 * _ALONG)
    return np.column_stack([np.full(heights.size, tip), heights])


def _draw(chart: Chart, content: _Doi) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    many = content.result.k > _MANY
    plot.axvline(content.result.tip, color=ORANGE, lw=1.1 * scale, ls=(0, (4, 3)), zorder=1)
    plot.plot(*content.places.T, color=GREY, lw=0.9 * scale, zorder=2)
    plot.plot(
        *content.places.T, "o",
        ms=144 * chart.layout.points.radius * scale, mfc=(BLUE, 0.35) if many else BLUE,
        mec=BLUE if many else PAPER, mew=0.6 * scale, ls="none", zorder=3, clip_on=False,
    )  # fmt: skip


def _in_words(content: _Doi, points: Points) -> str:
    """Return the alternative text."""
    result = content.result
    warning = result.sentence.partition(" Look at ")[0].partition(". ")[2]
    first = [
        f"{one_line(points.title)}.",
        f"Across: {one_line(points.x_label)}. Upright: distance from the middle in ranks.",
        (
            f"At the tip: {content.number(result.tip)}, with {result.lower} below and "
            f"{result.higher} above."
        ),
    ]
    listed = [
        f"{one_line(content.labels[i])}: {content.number(content.places[i, 0])}, at "
        f"{content.places[i, 1]:.1f}."
        for i in content.named
    ]
    return within(first, listed, "And {} more.", [warning])
