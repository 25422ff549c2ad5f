"""One trial's confidence curve as a figure, with what matters and what trials usually show.

References
----------
Rafi Z, Greenland S (2020). Semantic and cognitive tools to aid statistical science. BMC
Medical Research Methodology 20:244.
van Zwet E, Schwab S, Senn S (2021). The statistical properties of RCTs and a proposal for
shrinkage. Statistics in Medicine 40:6107-6117.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.appraisal.trial.battery import Battery
from evidence.appraisal.trial.confidence_curve import compatibility
from evidence.appraisal.trial.result import TrialAppraisal
from evidence.appraisal.trial.words import Words
from evidence.display import capital, format_number, format_p, join_words
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.trial_stories import headline_appraisal
from evidence.plots.chart import Chart, Points, ends_of, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.notice import notice
from evidence.plots.picture import describe
from evidence.plots.signs import Sign
from evidence.plots.style import BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["headline_appraisal_figure", "trial_appraisal"]

#: How the curve of each reading is drawn: colour and dashes.
_LOOKS: tuple[tuple[str, Any], ...] = (
    (BLUE, "-"),
    (ORANGE, (0, (5, 2))),
    (INK, (0, (1, 1.5))),
    (GREY, (0, (6, 2, 1, 2))),
)
#: Height of the row of each reading's expected effect, and where the first one lies.
_ROW, _FIRST = 0.1, -0.1
_ABOVE = 1.13
_LINE = 0.05


@dataclass(frozen=True)
class _Content:
    """What the figure shows."""

    appraisal: TrialAppraisal

    @property
    def readings(self) -> tuple[Battery, ...]:
        return self.appraisal.readings

    @property
    def names(self) -> tuple[str, ...]:
        return self.appraisal.names

    @cached_property
    def words(self) -> Words:
        return self.readings[0].effect.words

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        return self.readings[0].curve.thresholds

    @cached_property
    def title(self) -> str:
        """How well no effect fits, and where the estimate is."""
        curves = [one.curve for one in self.readings]
        p = list(dict.fromkeys(format_p(one.p_none) for one in curves))
        best = list(dict.fromkeys(self.words.effect(one.estimate) for one in curves))
        told = f"The result of {self.appraisal.label} fits best with {join_words(best, 'or')}"
        return f"{told}; {self.words.none} fits with {join_words(p, 'or')}"

    @cached_property
    def places(self) -> list[tuple[float, float, str]]:
        """Points of the figure with their names: x, y, name."""
        found: list[tuple[float, float, str]] = [(0.0, _ABOVE - 0.06, self._none)]
        found += [(value, _ABOVE - 0.06, _bare(self.words, value)) for value in self.thresholds]
        for number, (name, one) in enumerate(zip(self.names, self.readings, strict=True)):
            y = _FIRST - _ROW * number
            found.append((one.curve.estimate, 1.0, ""))
            if one.shrunken is not None:
                found.append((one.shrunken.estimate, y, ""))
            if name:
                found.append((*self._flank(one, number), name))
        return found

    @property
    def _none(self) -> str:
        return "1: no effect" if self.words.log else "no difference"

    def _flank(self, one: Battery, number: int) -> tuple[float, float]:
        """Return a place on a curve, each reading's on another height and side."""
        wanted = 0.62 - 0.2 * (number // 2) - 0.12 * (number % 2)
        curve = one.curve
        half = curve.values.size // 2
        right = number % 2 == 0
        x = curve.values[half:] if right else curve.values[: half + 1]
        p = curve.p_values[half:] if right else curve.p_values[: half + 1]
        place = int(np.abs(p - wanted).argmin())
        return float(x[place]), float(p[place])

    @cached_property
    def x_ends(self) -> tuple[float, float]:
        """Ends of the axis: the curves, no effect, and what matters."""
        inside = [0.0, *self.thresholds]
        for one in self.readings:
            if one.shrunken is not None:
                inside += [one.shrunken.ci_low, one.shrunken.ci_high]
            seen = one.curve.values[one.curve.p_values >= 0.004]
            inside += [float(seen[0]), float(seen[-1])]
        return ends_of(inside, 0.04)

    @cached_property
    def bottom(self) -> float:
        return _FIRST - _ROW * len(self.readings) + 0.03 if self.expects else -0.03

    @property
    def expects(self) -> bool:
        """Whether anything is to be expected of the true effects."""
        return self.readings[0].shrunken is not None

    @cached_property
    def signs(self) -> tuple[Sign, ...]:
        """What the lines mean."""
        found = []
        for number, (name, one) in enumerate(zip(self.names, self.readings, strict=True)):
            colour, dashes = _LOOKS[number % len(_LOOKS)]
            if name:
                found.append(Sign(f"{name}: {one.effect.reading}", "", colour, dashes))
        return tuple(found)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """How to read it."""
        level = 100 * self.appraisal.options.level
        found = [
            (
                "The curve shows how well each true effect fits with the result; at its top is "
                "the estimate (diamond), as likely too high as too low. Above the dashed line lies "
                f"the {100 * (1 - _LINE):g}% interval."
            ),
        ]
        if self.expects:
            found.append(
                "Expected (dots): the true effect by what randomised trials usually show, "
                f"with its {level:g}% interval."
            )
        if self.thresholds:
            found.append("Dotted: differences between groups that somebody called important.")
        return tuple(found)


def _bare(words: Words, value: float) -> str:
    """Return a size as it is read in a figure whose axis shows the side."""
    if words.log:
        return words.effect(value).removeprefix("a ratio of ")
    return words.size(value).replace("standard deviations", "SD")


def trial_appraisal(
    appraisal: TrialAppraisal,
    ax: Axes | None = None,
    *,
    title: str = "",
    xlabel: str = "",
) -> Axes:
    """Draw the confidence curve of one trial, one for each reading of its reports.

    Parameters
    ----------
    appraisal
        What `evidence.appraise_trial` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        In place of the one computed from the numbers.
    xlabel
        What the axis shows, with its unit.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `appraisal` is something else, or holds no effect.

    References
    ----------
    Rafi and Greenland (2020); van Zwet, Schwab and Senn (2021): see the module.
    """
    if not isinstance(appraisal, TrialAppraisal):
        raise InvalidArgumentError(
            f"appraisal is {type(appraisal).__name__}; this figure takes what "
            "evidence.appraise_trial(...) returns."
        )
    if not appraisal.readings:
        raise InvalidArgumentError(
            f"The appraisal of {appraisal.label} holds no effect with an error, so there is no "
            "curve to draw."
        )
    content = _Content(appraisal)
    points = _points(content, title, xlabel)
    chart = open_chart(ax, points)
    with plain():
        _marks(chart, content)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def headline_appraisal_figure(conclusions: Conclusions, ax: Axes | None = None) -> Axes:
    """Draw the appraisal of the trial behind the claim, or say why there is nothing to draw.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    ax
        Axes to fill.

    Returns
    -------
    Axes
    """
    found = headline_appraisal(conclusions)
    if found is None or not found.readings:
        label = conclusions.review.label(conclusions.review.plan.headline.study_id)
        return notice(
            f"From what is reported of {label}, no effect can be worked out, so there is nothing "
            "to draw.",
            ax,
            title=label,
        )
    return trial_appraisal(found, ax)


def _points(content: _Content, title: str, xlabel: str) -> Points:
    words = content.words
    places = np.array([(x, y) for x, y, _ in content.places])
    names = tuple((i, name) for i, (_, _, name) in enumerate(content.places) if name)
    low, high = content.x_ends
    lines = []
    for number, one in enumerate(content.readings):
        lines.append(_curve(content, one)[::4])
        y = _FIRST - _ROW * number
        if one.shrunken is not None:
            ends = np.linspace(one.shrunken.ci_low, one.shrunken.ci_high, 40)
            lines.append(np.column_stack([ends, np.full(40, y)]))
    upright = np.linspace(content.bottom, 1.04, 60)
    lines += [np.column_stack([np.full(60, x), upright]) for x in (0.0, *content.thresholds)]
    lines.append(np.column_stack([np.linspace(low, high, 80), np.full(80, _LINE)]))
    unit = f", in {words.unit}" if words.unit else ""
    axis = "ratio" if words.log else f"difference between the groups{unit}"
    sides = ("← lower with the treatment", "higher with the treatment →")
    if words.better:
        sides = ("← better with the treatment", "worse with the treatment →")
        if words.better > 0:
            sides = ("← worse with the treatment", "better with the treatment →")
    rows = (
        (_FIRST - _ROW * number, f"expected {name}".rstrip())
        for number, name in enumerate(content.names if content.expects else ())
    )
    ticks = (
        *((value, format_number(value, 2 if value == _LINE else 1)) for value in _TICKS),
        *rows,
    )
    return Points(
        places,
        names,
        content.x_ends,
        (content.bottom, _ABOVE),
        radius=0.03,
        log=words.log,
        lines=np.vstack(lines),
        title=title or content.title,
        signs=content.signs,
        notes=content.notes,
        x_label=xlabel or capital(axis),
        y_label="How well it fits: p value of each true effect",
        favours=sides,
        y_ticks=ticks,
    )


_TICKS = (_LINE, 0.2, 0.4, 0.6, 0.8, 1.0)


def _curve(content: _Content, one: Battery) -> Floats:
    """Return the curve over the whole axis, its top included, shape (m, 2)."""
    low, high = content.x_ends
    values = np.union1d(np.linspace(low, high, 401), one.curve.values)
    values = values[(values >= low) & (values <= high)]
    effect = one.effect
    p = compatibility(values, effect.estimate, effect.standard_error, df=effect.df)
    return np.column_stack([values, p])


def _marks(chart: Chart, content: _Content) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    top = 1.04
    plot.plot([0.0, 0.0], [content.bottom, top], color=INK, lw=0.9 * scale, zorder=1)
    for value in content.thresholds:
        plot.plot(
            [value, value], [content.bottom, top], color=INK, lw=1.0 * scale, ls=(0, (1, 2)),
            zorder=1,
        )  # fmt: skip
    plot.axhline(_LINE, color=GREY, lw=0.8 * scale, ls=(0, (4, 3)), zorder=1)
    plot.axhline(0.0, color=GREY, lw=0.5 * scale, zorder=1)
    marks = {"mec": PAPER, "mew": 0.6 * scale, "ls": "none", "clip_on": False}
    for number, one in enumerate(content.readings):
        colour, dashes = _LOOKS[number % len(_LOOKS)]
        curve = _curve(content, one)
        plot.plot(*curve.T, color=colour, lw=1.8 * scale, ls=dashes, zorder=3)
        # The curves of several readings may share their top: the first mark lies around the others.
        size = 8 - 2 * number if content.names[number] else 7.5
        plot.plot(
            [one.curve.estimate], [1.0], "D", ms=max(size, 3.5) * scale, mfc=colour,
            zorder=5 + number, **marks,
        )  # fmt: skip
        if one.shrunken is None:
            continue
        y = _FIRST - _ROW * number
        ends = [one.shrunken.ci_low, one.shrunken.ci_high]
        plot.plot(ends, [y, y], color=colour, lw=1.6 * scale, ls=dashes, zorder=3)
        plot.plot(
            [one.shrunken.estimate], [y], "o", ms=6 * scale, mfc=colour, zorder=5, **marks
        )  # fmt: skip


def _in_words(content: _Content, points: Points) -> str:
    """Return the alternative text."""
    words = content.words
    listed = []
    for name, one in zip(content.names, content.readings, strict=True):
        told = f"Reading {name}, {one.effect.reading}: " if name else ""
        curve, shrunken = one.curve, one.shrunken
        sentence = (
            f"{told}the curve is highest at {words.effect(curve.estimate)}, its interval is "
            f"{words.interval(curve.ci_low, curve.ci_high)}, {words.none} fits with "
            f"{format_p(curve.p_none)}"
        )
        for value, p in zip(curve.thresholds, curve.p_thresholds, strict=True):
            sentence += f", {words.effect(value)} with {format_p(p)}"
        sentence += "."
        if shrunken is not None:
            sentence += (
                f" To be expected: {words.effect(shrunken.estimate)} "
                f"({words.interval(shrunken.ci_low, shrunken.ci_high)})."
            )
        listed.append(capital(sentence))
    first = [
        f"Confidence curve: {one_line(points.title)}.",
        f"Across: {one_line(points.x_label)}. Upright: the p value of each true effect.",
    ]
    return within(first, listed, "And {} more.", [])
