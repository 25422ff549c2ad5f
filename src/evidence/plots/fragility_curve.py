"""The fragility of one trial as a figure: p over the events of one group.

References
----------
Walsh M, Srinathan SK, McAuley DF, et al. (2014). The statistical significance of randomized
controlled trial results is frequently fragile: a case for a Fragility Index. Journal of
Clinical Epidemiology 67:622-628.
Lin L (2021). Factors that impact fragility index and their visualizations. Journal of
Evaluation in Clinical Practice 27:356-364.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from evidence.appraisal.trial.fragility_counts import TrialFragility
from evidence.appraisal.trial.two_by_two import TESTS
from evidence.display import format_p, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Chart, Points, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.picture import describe
from evidence.plots.style import BAND, BLUE, GREY, INK, ORANGE, PAPER, plain
from evidence.plots.wording import within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["fragility_curve"]

#: How far above the line that p has to cross the figure goes at least.
_ABOVE = 3.0
#: With more numbers of events than this, not every one has its mark.
_MANY = 60
#: With more than this, not every one is named.
_FEW = 14


@dataclass(frozen=True)
class _Curve:
    """What the figure shows."""

    result: TrialFragility
    group: str
    words: str

    @cached_property
    def places(self) -> Floats:
        """Events and p values, shape (m, 2)."""
        curve = self.result.curve
        return curve[[f"events_{self.group}", "p_value"]].to_numpy(dtype=np.float64)

    @cached_property
    def start(self) -> int:
        """Which of the points is the trial as it was."""
        return int(np.flatnonzero(self.result.curve["change"].to_numpy() == 0)[0])

    @cached_property
    def turn(self) -> int | None:
        """Which of them is the first across the line, where the curve reaches it."""
        result = self.result
        across = (self.places[:, 1] < result.significance) != (result.turns == "loses")
        found = np.flatnonzero(across)
        if not found.size:
            return None
        return int(found[np.argmin(np.abs(found - self.start))])

    @cached_property
    def steps(self) -> int | None:
        """How many people lie between the two."""
        return None if self.turn is None else abs(self.turn - self.start)

    @cached_property
    def title(self) -> str:
        """How many people it takes."""
        line = f"{self.result.significance:g}"
        if self.steps is None:
            return f"No change of outcomes in the {self.words} group alone takes p across {line}"
        verb = "takes" if self.steps == 1 else "take"
        people = plural(self.steps, "person", "people")
        way = "above" if self.result.turns == "loses" else "below"
        return f"{people[0].upper()}{people[1:]} with another outcome {verb} p {way} {line}"

    @cached_property
    def top(self) -> float:
        """The upper end of the axis of p."""
        return min(
            1.05, 1.1 * max(float(self.places[:, 1].max()), _ABOVE * self.result.significance)
        )

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the marks mean."""
        result = self.result
        other = "control" if self.group == "treatment" else "treatment"
        events = getattr(result, f"events_{other}")
        total = getattr(result, f"total_{other}")
        found = [
            (
                f"Diamond: the trial as it was. The other group stays at {events:,} of {total:,}. "
                f"Dashed: p = {result.significance:g}; p is that of {TESTS[result.test]}."
            )
        ]
        if result.lost is not None:
            found.append(f"{plural(result.lost, 'person was', 'people were').capitalize()} lost.")
        return (*found, *(caution.message for caution in result.cautions))


def fragility_curve(
    result: TrialFragility,
    ax: Axes | None = None,
    *,
    title: str = "",
    names: tuple[str, str] = ("treatment", "control"),
) -> Axes:
    """Draw p over the events of the group whose outcomes are changed.

    Parameters
    ----------
    result
        What `evidence.appraisal.trial.fragility_counts.trial_fragility` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        In place of the one computed from the numbers.
    names
        What the two groups are called, treatment first.

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
    Walsh and others (2014), Lin L (2021): see the module.
    """
    if not isinstance(result, TrialFragility):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what trial_fragility(...) of "
            "evidence.appraisal returns. For counts with an unknown split, take one of `.each`."
        )
    moved = result.curve["events_treatment"].nunique() > 1
    group = "treatment" if moved or len(result.curve) == 1 else "control"
    content = _Curve(result, group, names[0] if group == "treatment" else names[1])
    points = _points(content, title)
    chart = open_chart(ax, points)
    with plain():
        _marks(chart, content)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _points(content: _Curve, title: str) -> Points:
    result, places = content.result, content.places
    marked = [content.start] if content.turn is None else [content.start, content.turn]
    named = tuple(
        (place, f"{told}{format_p(float(places[which, 1]))}")
        for place, (which, told) in enumerate(zip(marked, ("as it was: ", ""), strict=False))
    )
    events = places[:, 0]
    ends = float(events.min()) - 0.6, float(events.max()) + 0.6
    total = getattr(result, f"total_{content.group}")
    # Every number of events where they are few; round ones of the axis otherwise.
    ticks = tuple((event, f"{event:.0f}") for event in events) if len(events) <= _FEW else ()
    return Points(
        places[marked],
        named,
        ends,
        (0.0, content.top),
        radius=0.06,
        lines=np.vstack(
            [
                np.column_stack([np.linspace(*ends, 60), np.full(60, result.significance)]),
                *(np.linspace(one, other, 12) for one, other in pairwise(places)),
            ]
        ),
        title=title or content.title,
        notes=content.notes,
        x_label=f"People with the event in the {content.words} group, of {total:,}",
        y_label="p value",
        x_ticks=ticks,
    )


def _marks(chart: Chart, content: _Curve) -> None:
    plot, scale, places = chart.plot, chart.sheet.scale, content.places
    line = content.result.significance
    plot.axhspan(0.0, line, color=BAND, lw=0, zorder=0)
    plot.axhline(line, color=GREY, lw=0.9 * scale, ls=(0, (4, 3)), zorder=1)
    plot.plot(*places.T, color=BLUE, lw=1.2 * scale, zorder=2)
    marks = {"mec": PAPER, "mew": 0.6 * scale, "ls": "none", "clip_on": False}
    if len(places) <= _MANY:
        plot.plot(*places.T, "o", ms=5.5 * scale, mfc=BLUE, zorder=3, **marks)
    if content.turn is not None:
        plot.plot(*places[[content.turn]].T, "o", ms=8 * scale, mfc=INK, zorder=4, **marks)
    plot.plot(*places[[content.start]].T, "D", ms=8 * scale, mfc=ORANGE, zorder=4, **marks)


def _in_words(content: _Curve, points: Points) -> str:
    """Return the alternative text."""
    result, places = content.result, content.places
    first = [
        f"p value over the people with the event in one group: {one_line(points.title)}.",
        f"Across: {one_line(points.x_label)}.",
        f"As the trial was: {_p(places, content.start)}.",
    ]
    if content.turn is not None:
        first.append(f"The first across the line: {_p(places, content.turn)}.")
    every = max(1, len(places) // _FEW)
    listed = [f"{_p(places, place)}." for place in range(0, len(places), every)]
    last = [content.notes[1]] if result.lost is not None else []
    return within(first, ["All along the curve:", *listed], "", last)


def _p(places: Floats, place: int) -> str:
    events = int(places[place, 0])
    return f"{events:,} with the event, {format_p(float(places[place, 1]))}"
