"""What the size of the next trial does: the chance of an answer, and the worth of the trial.

References
----------
Sutton AJ, Cooper NJ, Jones DR, et al. (2007). Evidence-based sample size calculations based
upon updated meta-analysis. Statistics in Medicine 26:2479-2500 (power over size).
Claxton K, Posnett J (1996). An economic approach to clinical trial design and research
priority-setting. Health Economics 5:513-524 (value over size).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import format_number
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Points, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.picture import describe
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import within
from evidence.synthesis.further.chances import POWER
from evidence.synthesis.further.result import NextTrial
from evidence.synthesis.further.value import TrialValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["chances_over_size", "value_over_size"]

#: Colour, dashes and mark of each curve; no curve is told by colour alone.
_LOOKS = (
    (ORANGE, (0, (1, 1)), "s"),
    (GREY, (0, (4, 2)), "^"),
    (BLUE, "-", "o"),
    (INK, (0, (6, 2, 1, 2)), "D"),
)


@dataclass(frozen=True)
class _Curve:
    """One curve over the sizes, with its name and its look."""

    name: str
    values: Floats
    look: int


def chances_over_size(
    trial: NextTrial, ax: Axes | None = None, *, title: str = "", xlabel: str = ""
) -> Axes:
    """Draw how likely the next trial is to bring the right answer, by its size.

    One curve for each effect that may be true, and one for what the trials so far foretell: how
    likely it is that the conclusion changes at all.

    Parameters
    ----------
    trial
        What `evidence.next_trial` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        In place of the one computed from the numbers.
    xlabel
        What the axis shows.

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
    Sutton and others (2007): see the module.
    """
    if not isinstance(trial, NextTrial):
        raise InvalidArgumentError(
            f"trial is {type(trial).__name__}; this figure takes what evidence.next_trial(...) "
            "returns."
        )
    curves = []
    for place, truth in enumerate(trial.truths):
        if truth.foretold is not None:
            curves.append(_Curve("as foretold: it changes", 100 * trial.changes, 3))
        elif truth.right:
            right = trial.chances[place][:, list(truth.right)].sum(axis=1)
            curves.append(_Curve(f"if it is {_short(truth.name)}", 100 * right, place))
    most = float(trial.changes.max())
    told = (
        f"As foretold, one more trial changes the answer with a chance of {100 * most:.0f}% at most"
    )
    notes = (
        (
            "Curves of an effect: the chance of the right answer if that is true. As foretold: "
            "the chance that the answer changes, with all that the trials so far leave open. "
            f"Dashed: {100 * POWER:.0f}%."
        ),
    )
    points = _points(
        trial.people, curves, (0.0, 100.0), (title or told, "Chance, in percent", xlabel, notes)
    )
    return _drawn(points, trial.people, curves, 100 * POWER, ax)


def value_over_size(
    value: TrialValue, ax: Axes | None = None, *, title: str = "", xlabel: str = ""
) -> Axes:
    """Draw what the next trial would be worth per person who has to decide, by its size.

    Parameters
    ----------
    value
        What `evidence.value_of_another_trial` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        In place of the one computed from the numbers.
    xlabel
        What the axis shows.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `value` is something else.

    References
    ----------
    Claxton and Posnett (1996): see the module.
    """
    if not isinstance(value, TrialValue):
        raise InvalidArgumentError(
            f"value is {type(value).__name__}; this figure takes what "
            "evidence.value_of_another_trial(...) returns."
        )
    unit, per_unit = value.units[-1]
    curves = [_Curve("one more trial", value.sample * per_unit, 2)]
    best = float(value.sample.max())
    share = f"{100 * best / value.perfect:.0f}%" if value.perfect > 0 else "nothing"
    told = f"One more trial brings at most {share} of what knowing for certain would be worth"
    certain = f"{format_number(value.perfect * per_unit, 3)} {unit}".rstrip()
    notes = (f"Dashed: knowing the mean effect for certain, {certain} per person.",)
    top = 1.15 * max(value.perfect * per_unit, 1e-12)
    label = f"Worth per person who decides{f' ({unit})' if unit else ''}"
    points = _points(value.people, curves, (0.0, top), (title or told, label, xlabel, notes))
    return _drawn(points, value.people, curves, value.perfect * per_unit, ax)


def _short(name: str) -> str:
    return name.replace("the smallest difference that matters", "what just matters")


def _points(
    people: Floats,
    curves: Sequence[_Curve],
    y_ends: tuple[float, float],
    words: tuple[str, str, str, tuple[str, ...]],
) -> Points:
    places = np.concatenate([np.column_stack([np.log10(people), c.values]) for c in curves])
    size = people.size
    # A name stands beside the middle of its curve, where curves are apart.
    named = tuple((number * size + size // 2, curve.name) for number, curve in enumerate(curves))
    low, high = float(np.log10(people.min())), float(np.log10(people.max()))
    room = 0.06 * (high - low) + 0.05
    return Points(
        places,
        named,
        (low - room, high + room),
        y_ends,
        radius=0.05,
        lines=np.concatenate([_along(np.log10(people), c.values) for c in curves]),
        title=words[0],
        notes=words[3],
        x_label=words[2] or "People in the next trial",
        y_label=words[1],
        x_ticks=tuple((float(math.log10(n)), f"{n:,.0f}") for n in people),
    )


def _along(x: Floats, y: Floats) -> Floats:
    fine = np.linspace(x.min(), x.max(), 40)
    order = np.argsort(x)
    return np.column_stack([fine, np.interp(fine, x[order], y[order])])


def _drawn(
    points: Points, people: Floats, curves: Sequence[_Curve], line: float, ax: Axes | None
) -> Axes:
    chart = open_chart(ax, points)
    with plain():
        plot, scale = chart.plot, chart.sheet.scale
        plot.axhline(line, color=GREY, lw=0.9 * scale, ls=(0, (4, 3)), zorder=1)
        for curve in curves:
            color, dashes, mark = _LOOKS[curve.look]
            plot.plot(
                np.log10(people), curve.values, mark, ls=dashes, color=color, lw=1.3 * scale,
                ms=5.5 * scale, mec=PAPER, mew=0.5 * scale, zorder=3, clip_on=False,
            )  # fmt: skip
        chart.write()
    axes: Axes = chart.sheet.axes
    first = [f"{one_line(points.title)}.", f"{one_line(points.y_label)}, by people in it."]
    listed = [
        f"{curve.name}: "
        + "; ".join(
            f"{count:,.0f} people {format_number(float(value), 0 if line > 1 else 3)}"
            for count, value in zip(people, curve.values, strict=True)
        )
        + "."
        for curve in curves
    ]
    describe(axes, within(first, listed, "", []))
    return axes
