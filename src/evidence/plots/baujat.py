"""The Baujat plot: which studies make the heterogeneity, and which ones move the mean.

References
----------
Baujat B, Mahe C, Pignon JP, Hill C (2002). A graphical method for exploring heterogeneity in
meta-analyses: application to a meta-analysis of 65 trials. Statistics in Medicine 21:2641-2652.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import capital, format_number, join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Chart, Points, ends_of, open_chart
from evidence.plots.lettering import one_line
from evidence.plots.notice import notice
from evidence.plots.numbers import effect_text
from evidence.plots.picture import describe
from evidence.plots.style import BLUE, GREY, ORANGE, PAPER, plain
from evidence.plots.wording import within
from evidence.synthesis.sensitivity.baujat import BaujatResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["baujat"]

#: A study stands out with more than so many times the average of either axis.
_TIMES = 2.0
#: Up to so many studies all have their names; of more, so many at most that stand out.
_ALL_NAMED, _MOST_NAMED = 4, 10
#: Marks of more studies than this are small and let others shine through.
_MANY = 50
#: Of several studies that are left out of the plot, so many are named.
_NAMED_IN_NOTE = 5


@dataclass(frozen=True)
class _Baujat:
    """What a Baujat plot shows."""

    result: BaujatResult

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which studies can be drawn, shape (k,)."""
        result = self.result
        return np.isfinite(result.contribution) & np.isfinite(result.influence)

    @cached_property
    def places(self) -> Floats:
        """Contribution and influence of those studies, shape (n, 2)."""
        result = self.result
        return np.column_stack([result.contribution, result.influence])[self.known]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Their labels."""
        return tuple(
            label for label, known in zip(self.result.labels, self.known, strict=True) if known
        )

    @cached_property
    def cutoffs(self) -> tuple[float, float]:
        """Beyond what a study stands out on either axis; infinite where nothing differs."""
        means = self.places.mean(axis=0)
        x, y = (_TIMES * float(mean) if mean > 0 else np.inf for mean in means)
        return x, y

    @cached_property
    def stands_out(self) -> NDArray[np.bool_]:
        """Which of them stand out, shape (n,); with a handful of studies the rule says nothing."""
        if len(self.labels) <= _ALL_NAMED:
            return np.zeros(len(self.labels), dtype=bool)
        return np.asarray((self.places > np.array(self.cutoffs)).any(axis=1))

    @cached_property
    def named(self) -> tuple[int, ...]:
        """Places of those with names, the most conspicuous first."""
        if len(self.labels) <= _ALL_NAMED:
            return tuple(range(len(self.labels)))
        share = (self.places / np.array(self.cutoffs)).max(axis=1)
        order = np.argsort(-share, kind="stable")[:_MOST_NAMED]
        return tuple(int(i) for i in order if _TIMES * share[i] > 1)

    @cached_property
    def title(self) -> str:
        """Which study adds most, and which one moves the mean most."""
        result = self.result
        total = float(np.nansum(result.contribution))
        if not self.places.size or not total > 0:
            return "No study adds to the heterogeneity"
        most = int(np.nanargmax(result.contribution))
        share = format_number(100 * result.contribution[most] / total, 0)
        told = f"{one_line(result.labels[most])} adds most to the heterogeneity ({share}% of Q)"
        moves = int(np.argmax(np.where(np.isnan(result.influence), -1.0, result.influence)))
        if moves == most:
            return f"{told}, and moves the mean most"
        return f"{told}; {one_line(result.labels[moves])} moves the mean most"

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What has a name, and what is not drawn."""
        found = []
        if len(self.labels) > _ALL_NAMED and self.named:
            found.append(
                "Orange diamonds: more than twice the average of either axis (dashed lines). "
                f"Named: those above the average{_at_most(len(self.named))}."
            )
        lacking = [one_line(each) for each in np.array(self.result.labels)[~self.known]]
        if lacking:
            few = lacking[:_NAMED_IN_NOTE]
            if len(lacking) > len(few):
                few.append(f"{len(lacking) - len(few)} more")
            found.append(
                f"Not drawn, as the influence is not known or without bounds: {join_words(few)}."
            )
        found += [caution.message for caution in self.result.cautions]
        return tuple(found)


def _at_most(count: int) -> str:
    return f", the {count} farthest out" if count == _MOST_NAMED else ""


def baujat(result: BaujatResult, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw what each study adds to the heterogeneity, and how far it moves the mean.

    Parameters
    ----------
    result
        What `evidence.synthesis.sensitivity.baujat.baujat` returned.
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
    Baujat, Mahe, Pignon and Hill 2002.
    """
    if not isinstance(result, BaujatResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.synthesis.sensitivity.baujat.baujat() returns."
        )
    content = _Baujat(result)
    if not content.labels:
        return notice(" ".join(content.notes), ax, title=title or "Heterogeneity and influence")
    points = _points(content, title)
    chart = open_chart(ax, points)
    with plain():
        _marks(chart, content)
        chart.write()
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _points(content: _Baujat, title: str) -> Points:
    common = content.result.method.model == "common"
    q = "Cochran's Q" if common else "generalised Q at tau²"
    ends = []
    for axis in (0, 1):
        high = float(content.places[:, axis].max(initial=0.0))
        # Room below 0 for the marks that stand there.
        top = ends_of([0.0, high])[1] if high > 0 else 1.0
        ends.append((-0.03 * top, top))
    return Points(
        content.places,
        tuple((i, content.labels[i]) for i in content.named),
        x_ends=ends[0],
        y_ends=ends[1],
        radius=0.032 if len(content.labels) > _MANY else 0.045,
        title=title or content.title,
        notes=content.notes,
        x_label=f"Contribution to the heterogeneity (part of {q})",
        y_label="Influence on the mean (squared change without the study, in squared standard "
        "errors)",
    )


def _marks(chart: Chart, content: _Baujat) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    size = 144 * chart.layout.points.radius * scale
    out = content.stands_out
    if out.any():
        dashes: dict[str, Any] = {"color": GREY, "lw": 0.8 * scale, "ls": (0, (4, 3)), "zorder": 1}
        for cutoff, draw in zip(content.cutoffs, (plot.axvline, plot.axhline), strict=True):
            if np.isfinite(cutoff):
                draw(cutoff, **dashes)
    many = out.size > _MANY
    for chosen, color, marker in ((~out, BLUE, "o"), (out, ORANGE, "D")):
        plot.plot(
            *content.places[chosen].T, marker,
            ms=size * (0.9 if marker == "D" else 1.0), mfc=(color, 0.35) if many else color,
            mec=color if many else PAPER, mew=0.6 * scale, ls="none", zorder=3, clip_on=False,
        )  # fmt: skip


def _in_words(content: _Baujat, points: Points) -> str:
    """Return the alternative text."""
    result = content.result
    count = len(result.labels)
    out = int(content.stands_out.sum())
    first = [
        f"Baujat plot of {plural(count, 'study', 'studies')}: {one_line(points.title)}.",
        f"Across: {_lower(points.x_label)}. Upright: {_lower(points.y_label)}.",
    ]
    if count > _ALL_NAMED:
        verb = "lies" if out == 1 else "lie"
        first.append(f"{capital(plural(out, 'study', 'studies'))} {verb} beyond twice the average.")
    listed = [
        f"{one_line(content.labels[i])}: {_value(content.places[i, 0])} and "
        f"{_value(content.places[i, 1])}."
        for i in content.named
    ]
    last = [note for note in content.notes if note.startswith("Not drawn")]
    return within(first, listed, "And {} more.", last)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _value(number: float) -> str:
    return effect_text(number, 0.0, number)[0]
