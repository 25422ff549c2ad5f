"""The p-curve: how often significant p values are very small, and how often nearly not so.

References
----------
Simonsohn U, Nelson LD, Simmons JP (2014). P-curve: a key to the file-drawer. Journal of
Experimental Psychology: General 143:534-547.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence.appraisal.check import CONTRADICTION, OK
from evidence.appraisal.selection.p_curve import LOW_POWER, PCurve
from evidence.display import format_number, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Chart, Points, open_chart
from evidence.plots.notice import notice
from evidence.plots.picture import describe
from evidence.plots.style import BLUE, GREY, ORANGE, PAPER, plain
from evidence.plots.wording import within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["p_curve_plot"]

_TICKS = (0, 20, 40, 60, 80, 100)
#: Points along each line that names keep off.
_ALONG = 25


def p_curve_plot(result: PCurve, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw the shares of significant p values, with those expected of two kinds of studies.

    Parameters
    ----------
    result
        What `evidence.appraisal.selection.p_curve.p_curve` returned. Where it refused, the
        figure is its sentence.
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
    Simonsohn, Nelson and Simmons 2014.
    """
    if not isinstance(result, PCurve):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.appraisal.selection.p_curve.p_curve() returns."
        )
    if result.curve.empty:
        return notice(result.sentence, ax, title=title or "The p-curve")
    points = _points(result, title or _title(result))
    chart = open_chart(ax, points)
    with plain():
        _lines(chart, result)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(result, points))
    return axes


def _title(result: PCurve) -> str:
    results = plural(result.significant, "significant result")
    if result.forced:
        return f"P-curve of {results}: too few to decide much"
    found = {
        OK: "small p values prevail, as of true effects",
        CONTRADICTION: "flatter than of studies with a power of 33%",
    }
    told = found.get(result.status, "it cannot be told from studies without an effect")
    return f"P-curve of {results}: {told}"


def _curves(result: PCurve) -> dict[str, Floats]:
    """Return the three curves in percent: observed, without an effect, at low power."""
    columns = {"observed": "share", "null": "share_without_effect", "low": "share_low_power"}
    return {
        name: result.curve[column].to_numpy(dtype=np.float64) for name, column in columns.items()
    }


def _points(result: PCurve, title: str) -> Points:
    curves = _curves(result)
    bins = np.arange(len(result.curve), dtype=np.float64)
    places = np.vstack([np.column_stack([bins, shares]) for shares in curves.values()])
    steps = np.linspace(0, bins[-1], _ALONG * (bins.size - 1))
    lines = np.vstack(
        [np.column_stack([steps, np.interp(steps, bins, shares)]) for shares in curves.values()]
    )
    last = bins.size - 1
    names = [(i, _count(result, i)) for i in range(bins.size)]
    names += [
        (bins.size + last, f"no effect: {curves['null'][last]:.0f}% each"),
        (2 * bins.size + last, f"power of {100 * LOW_POWER:.0f}%"),
    ]
    highest = max(float(shares.max()) for shares in curves.values())
    top = next(tick for tick in _TICKS if tick >= highest or tick == _TICKS[-1])
    ticks = tuple((float(tick), f"{tick}%") for tick in _TICKS if tick <= top)
    ends = zip(result.curve["p_low"], result.curve["p_high"], strict=True)
    return Points(
        places,
        tuple(names),
        x_ends=(-0.5, last + 1.2),
        y_ends=(0.0, top * 1.1),
        radius=0.05,
        lines=lines,
        title=title,
        notes=(
            (
                "Blue: the results, with their number. Grey, dashed: as often in each bin, if no "
                "study had an effect. Orange, dotted: studies that find their effect in one of "
                "three cases."
            ),
            result.sentence,
            *(caution.message for caution in result.cautions),
        ),
        x_label="Two-sided p value",
        y_label="Share of the significant results",
        x_ticks=tuple((float(i), f"{low:g} to {high:g}") for i, (low, high) in enumerate(ends)),
        y_ticks=ticks,
    )


def _count(result: PCurve, place: int) -> str:
    row = result.curve.iloc[place]
    return f"{int(row['results'])} ({format_number(float(row['share']), 0)}%)"


def _lines(chart: Chart, result: PCurve) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    curves = _curves(result)
    bins = np.arange(len(result.curve))
    looks = {"null": (GREY, (0, (5, 3)), 1.3), "low": (ORANGE, (0, (1, 1.6)), 1.8)}
    for name, (color, dashes, wide) in looks.items():
        plot.plot(bins, curves[name], color=color, ls=dashes, lw=wide * scale, zorder=2)
    plot.plot(
        bins, curves["observed"], "o-",
        color=BLUE, lw=1.8 * scale, ms=7 * scale, mec=PAPER, mew=0.8 * scale,
        zorder=3, clip_on=False,
    )  # fmt: skip


def _in_words(result: PCurve, points: Points) -> str:
    """Return the alternative text."""
    curves = _curves(result)
    bins = [
        f"{text}: {_count(result, i)}, {format_number(float(curves['low'][i]), 0)}% expected at a "
        "power of 33%."
        for i, (_, text) in enumerate(points.x_ticks)
    ]
    flat = format_number(float(curves["null"][0]), 0)
    first = [
        f"{points.title}.",
        f"Results by p value; without an effect each bin would have {flat}%.",
    ]
    power = [100 * value for value in (result.power, result.power_low, result.power_high)]
    texts = [format_number(value, 0) for value in power]
    last = [f"Estimated power {texts[0]}% (interval {texts[1]}% to {texts[2]}%)."]
    if result.forced:
        last.append("Computed although so few results decide little.")
    return within(first, bins, "And {} more.", last)
