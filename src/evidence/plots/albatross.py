"""The albatross plot: p values against sizes of studies, with lines of equal effects.

References
----------
Harrison S, Jones HE, Martin RM, Lewis SJ, Higgins JPT (2017). The albatross plot: a novel
graphical tool for presenting results of diversely reported studies in a systematic review.
Research Synthesis Methods 8:281-289.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.appraisal.selection.albatross import DIRECTIONS, Albatross
from evidence.data.frames import each_row
from evidence.display import capital, format_number, format_p, join_words, plural
from evidence.effects.arguments import Floats
from evidence.errors import InvalidArgumentError
from evidence.plots.chart import Chart, Points, open_chart
from evidence.plots.labels import free_of
from evidence.plots.lettering import one_line, width
from evidence.plots.notice import notice
from evidence.plots.numbers import power_of_ten
from evidence.plots.picture import describe
from evidence.plots.style import BLUE, INK, ORANGE, PAPER, SMALL, plain
from evidence.plots.wording import within

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CONTOURS", "albatross_plot"]

#: Effects that lines are of unless others are given: Cohen's small, medium and large ones, and
#: odds ratios of about that size (Chinn 2000, Statistics in Medicine 19:3127-3131).
CONTOURS = {
    "standardised mean difference": (0.2, 0.5, 0.8),
    "correlation": (0.1, 0.3, 0.5),
    "odds ratio": (1.5, 2.5, 4.0),
}
_SIGNS = {"standardised mean difference": "d =", "correlation": "r =", "odds ratio": "OR"}
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.6)), (0, (4, 1.5, 1, 1.5)))
#: Up to so many studies, all have their names; of more, so many with the smallest p values.
_ALL_NAMED, _MOST_NAMED = 15, 6
_MANY = 50
#: The axis reaches this far at least (p = 0.03), and no further than the largest of: p = 0.0001,
#: three times the middle study, and nine of ten studies.
_LEAST, _FAR, _TIMES, _SHARE = 1.5, 4.0, 3.0, 0.9
#: Length of an arrow as a share of the axis.
_ARROW = 0.045
_NAME_HEIGHT = 0.125
_NAMED_IN_NOTE = 5
_SIZES = (1, 2, 5)


@dataclass(frozen=True)
class _Flight:
    """What an albatross plot shows."""

    result: Albatross
    lines: pd.DataFrame
    measure: str

    @cached_property
    def studies(self) -> pd.DataFrame:
        """The studies that have a place."""
        return self.result.placed.reset_index(drop=True)

    @cached_property
    def reach(self) -> float:
        """How far the axis of p values reaches at most."""
        size = np.abs(self.studies["x"].to_numpy(dtype=np.float64))
        most = float(np.quantile(size, _SHARE, method="lower"))
        return max(_FAR, _TIMES * float(np.median(size)), most)

    @cached_property
    def places(self) -> Floats:
        """Where the studies are drawn: those beyond the axis at its end, shape (n, 2)."""
        x = self.studies["x"].to_numpy(dtype=np.float64)
        y = self.studies["y"].to_numpy(dtype=np.float64)
        return np.column_stack([np.clip(x, -self.reach, self.reach), y])

    @cached_property
    def beyond(self) -> NDArray[np.bool_]:
        """Which of them lie beyond the axis, shape (n,)."""
        return np.asarray(np.abs(self.studies["x"].to_numpy(dtype=np.float64)) > self.reach)

    @cached_property
    def ways(self) -> NDArray[np.intp]:
        """Where a study's p value may lie: 0 where it is exact, else -1 left or 1 right of it."""
        x, low = (self.studies[name].to_numpy(dtype=np.float64) for name in ("x", "x_low"))
        exact = self.studies["exact"].to_numpy(dtype=bool)
        found = np.where(exact, 0, np.where(low < x, -1, 1))
        return np.where(self.beyond, np.sign(x).astype(np.intp), found)

    @cached_property
    def x_ends(self) -> tuple[float, float]:
        """Ends of the axis of p values, with room for arrows."""
        x = self.places[:, 0]
        low, high = min(float(x.min()), -_LEAST), max(float(x.max()), _LEAST)
        room = 0.08 * (high - low)
        return low - room, high + room

    @property
    def many(self) -> bool:
        """Whether there are so many studies that arrows would lie over one another."""
        return len(self.studies) > _MANY

    @cached_property
    def arrow(self) -> float:
        """Length of an arrow in units of the axis; of many studies a mark points without one."""
        return 0.0 if self.many else _ARROW * (self.x_ends[1] - self.x_ends[0])

    @cached_property
    def taken(self) -> Floats:
        """Middles of the marks and points along the arrows, the marks first."""
        ways = self.ways[:, None] * self.arrow * np.array([0.4, 0.7, 1.0, 1.25])
        open_ended = self.ways != 0
        x = (self.places[:, :1] + ways)[open_ended]
        y = np.broadcast_to(self.places[open_ended, 1:], x.shape)
        return np.vstack([self.places, np.column_stack([x.ravel(), y.ravel()])])

    @cached_property
    def y_ends(self) -> tuple[float, float]:
        """Ends of the axis of sizes."""
        n = self.studies["n"].to_numpy(dtype=np.float64)
        ends = np.log10([max(float(n.min()) / 1.6, 1.0), float(n.max()) * 1.6]) ** 2
        return float(ends[0]), float(ends[1])

    @cached_property
    def x_ticks(self) -> tuple[tuple[float, str], ...]:
        """Powers of ten as p values, the same on both sides."""
        low, high = self.x_ends
        step = max(1, round((high - low) / 9))
        last = int(max(-low, high))
        found = [
            (float(side * power), _p_text(power))
            for power in range(0, last + 1, step)
            for side in ((-1, 1) if power else (1,))
        ]
        return tuple(sorted(tick for tick in found if low <= tick[0] <= high))

    @cached_property
    def y_ticks(self) -> tuple[tuple[float, str], ...]:
        """Round numbers of people, where there is room for them."""
        low, high = self.y_ends
        sizes = [digit * 10**power for power in range(10) for digit in _SIZES]
        places = [(float(np.log10(size) ** 2), f"{size:,}") for size in sizes]
        found: list[tuple[float, str]] = []
        for place, text in places:
            if low <= place <= high and (not found or place - found[-1][0] > 0.045 * (high - low)):
                found.append((place, text))
        return tuple(found)

    @cached_property
    def named(self) -> tuple[int, ...]:
        """The studies that have their names: all of a few, of many the smallest p values."""
        if len(self.studies) <= _ALL_NAMED:
            return tuple(range(len(self.studies)))
        # Where many stand at the end of the axis, names would lie over other studies.
        return () if int((self.ways != 0).sum()) > _MOST_NAMED else self.smallest

    @cached_property
    def smallest(self) -> tuple[int, ...]:
        """The studies with the smallest p values."""
        far = np.argsort(-np.abs(self.studies["x"].to_numpy(dtype=np.float64)), kind="stable")
        return tuple(int(i) for i in far[:_MOST_NAMED])

    @cached_property
    def title(self) -> str:
        """How many point which way."""
        counts = self.result.studies["direction"].value_counts()
        towards, against, unknown = (int(counts.get(name, 0)) for name in DIRECTIONS)
        text = (
            f"{capital(plural(towards, 'study', 'studies'))} "
            f"{'points' if towards == 1 else 'point'} in the direction asked about, "
            f"{_few(against)} against it"
        )
        return f"{text}; of {_few(unknown)} it is not known" if unknown else text

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What lines and marks are, and which studies have no place."""
        found = [
            (
                f"Lines: studies of all sizes that find one {self.measure}. Studies along one "
                "line agree in their effect, whatever their p values."
            )
        ]
        if self.ways.any():
            how = "Triangle" if self.many else "Hollow, with an arrow"
            where = "it points in" if self.many else "of the arrow"
            found.append(
                f"{how}: only a bound of p is known, or it lies beyond the axis; it is somewhere "
                f"in the direction {where}."
            )
        if self.named and len(self.studies) > _ALL_NAMED:
            found.append(f"Named: the {_MOST_NAMED} studies with the smallest p values.")
        elif not self.named:
            names = [one_line(str(self.studies["label"][i])) for i in self.smallest]
            found.append(f"The smallest p values are those of {join_words(names)}.")
        kept = ("p-only", "missing")
        found += [c.message for c in self.result.cautions if c.code in kept]
        found.append(self.unknown)
        return tuple(found)

    @cached_property
    def unknown(self) -> str:
        """The studies whose direction is not known."""
        studies = self.result.studies
        names = [one_line(each) for each in studies["label"][studies["direction"] == "unknown"]]
        if not names:
            return ""
        few = names[:_NAMED_IN_NOTE]
        if len(names) > len(few):
            few.append(f"{len(names) - len(few)} more")
        return f"Without a place, as their direction is not known: {join_words(few)}."


def _few(count: int) -> str:
    return "none" if count == 0 else plural(count, "study").partition(" ")[0]


def _p_text(power: int) -> str:
    if power <= 3:
        return f"{10.0**-power:.{power}f}"
    return power_of_ten(-power).removeprefix("×")


def albatross_plot(
    result: Albatross,
    ax: Axes | None = None,
    *,
    measure: str = "standardised mean difference",
    effects: ArrayLike | None = None,
    ratio: float = 1.0,
    baseline_risk: float | None = None,
    favours: tuple[str, str] = ("", ""),
    title: str = "",
) -> Axes:
    """Draw each study by its p value, direction and size, with lines of equal effects.

    Parameters
    ----------
    result
        What `evidence.appraisal.selection.albatross.albatross` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    measure
        What the lines are of: see `Albatross.contours`.
    effects
        Sizes of the effects that have lines, on either side; small, medium and large ones by
        default. Sizes of odds ratios are above 1.
    ratio, baseline_risk
        See `Albatross.contours`; odds ratios need the risk in the control group.
    favours
        Words under the studies that point against, and under those that point for.
    title
        In place of the one computed from the numbers.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `result` is something else, or the lines cannot be drawn.

    References
    ----------
    Harrison et al. 2017.
    """
    if not isinstance(result, Albatross):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.appraisal.selection.albatross.albatross() returns."
        )
    if not len(result.placed):
        text = "No study says which way it points, so none has a place."
        return notice(text, ax, title=title or "P values and sizes of the studies")
    content = _flight(result, measure, effects, (ratio, baseline_risk))
    points = _points(content, favours, title)
    chart = open_chart(ax, points)
    with plain():
        _lines(chart, content)
        _marks(chart, content)
        chart.write()
        _name_lines(chart, content)
    axes: Axes = chart.sheet.axes
    describe(axes, _in_words(content, points))
    return axes


def _flight(
    result: Albatross,
    measure: str,
    effects: ArrayLike | None,
    design: tuple[float, float | None],
) -> _Flight:
    given = CONTOURS.get(measure, (1.5,)) if effects is None else effects
    sizes = np.unique(np.abs(np.atleast_1d(np.asarray(given, dtype=np.float64))))
    both = [1 / sizes, sizes] if measure == "odds ratio" else [-sizes, sizes]
    n = result.placed["n"].to_numpy(dtype=np.float64)
    people = np.geomspace(5.0, max(10.0, 2 * float(n.max())), 201)
    lines = result.contours(
        np.concatenate(both),
        measure=measure,
        ratio=design[0],
        baseline_risk=design[1],
        sizes=people,
    )
    return _Flight(result, lines, measure)


def _points(content: _Flight, favours: tuple[str, str], title: str) -> Points:
    finite = content.lines[np.isfinite(content.lines["x"])]
    labels = content.studies["label"]
    own = ("← against what is asked about", "as asked about →")
    middle = np.column_stack([np.zeros(200), np.linspace(*content.y_ends, 200)])
    return Points(
        content.taken,
        tuple((i, str(labels[i])) for i in content.named),
        content.x_ends,
        content.y_ends,
        radius=0.032 if len(labels) > _MANY else 0.05,
        lines=np.vstack([finite[["x", "y"]].to_numpy(dtype=np.float64), middle]),
        title=title or content.title,
        notes=content.notes,
        x_label="Two-sided p value, smaller further from the middle",
        y_label="People in the study",
        favours=favours if any(favours) else own,
        x_ticks=content.x_ticks,
        y_ticks=content.y_ticks,
    )


def _size(effect: float, measure: str) -> float:
    return max(effect, 1 / effect) if measure == "odds ratio" else abs(effect)


def _lines(chart: Chart, content: _Flight) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    plot.axvline(0, color=INK, lw=0.9 * scale, zorder=1)
    sizes = sorted({round(_size(e, content.measure), 12) for e in content.lines["effect"]})
    for effect, line in content.lines.groupby("effect"):
        place = sizes.index(round(_size(float(effect), content.measure), 12))  # type: ignore[arg-type]
        kept = line[np.isfinite(line["x"])]
        plot.plot(
            kept["x"], kept["y"],
            color=ORANGE, lw=1.1 * scale, ls=_DASHES[place % len(_DASHES)], zorder=1.5,
        )  # fmt: skip


def _marks(chart: Chart, content: _Flight) -> None:
    plot, scale = chart.plot, chart.sheet.scale
    size = 144 * chart.layout.points.radius * scale
    open_ended = content.ways != 0
    many = content.many
    look: dict[str, Any] = {"ms": size, "ls": "none", "clip_on": False, "zorder": 3}
    plot.plot(
        *content.places[~open_ended].T, "o",
        mfc=(BLUE, 0.35) if many else BLUE, mec=BLUE if many else PAPER, mew=0.6 * scale, **look,
    )  # fmt: skip
    if content.many:
        for way, marker in ((-1, "<"), (1, ">")):
            there = content.places[content.ways == way].T
            plot.plot(*there, marker, mfc=(PAPER, 0.6), mec=BLUE, mew=0.9 * scale, **look)
        return
    plot.plot(
        *content.places[open_ended].T, "o", mfc=PAPER, mec=BLUE, mew=1.2 * scale, **look
    )  # fmt: skip
    for (x, y), way in zip(content.places[open_ended], content.ways[open_ended], strict=True):
        plot.annotate(
            "",
            (x + way * 1.25 * content.arrow, y),
            (x, y),
            annotation_clip=False,
            zorder=2.9,
            arrowprops={
                "arrowstyle": "->",
                "color": BLUE,
                "lw": 1.2 * scale,
                "mutation_scale": 7 * scale,
                "shrinkA": size / 2,
                "shrinkB": 0,
            },
        )


def _name_lines(chart: Chart, content: _Flight) -> None:
    """Write its effect on each line, where no mark and no name is."""
    layout = chart.layout
    marks = layout.inches(content.taken)
    taken: list[tuple[float, float, float, float]] = list(chart.texts)
    for effect, line in content.lines.groupby("effect"):
        text = f"{_SIGNS[content.measure]} {_effect_text(float(effect))}"  # type: ignore[arg-type]
        size = width(text, SMALL), _NAME_HEIGHT
        kept = line[np.isfinite(line["x"])]
        along = layout.inches(kept[["x", "y"]].to_numpy(dtype=np.float64))
        box = _free_place(chart, along[::-1], size, marks, taken)
        if box is None:
            continue  # the lines of the other side have the same sizes
        taken.append(box)
        chart.sheet.write(
            layout.left + box[0], chart.bottom + box[1], text,
            size=SMALL, ha="center", zorder=8, color=INK,
            bbox={"fc": PAPER, "ec": "none", "pad": 0.5 * chart.sheet.scale},
        )  # fmt: skip


def _free_place(
    chart: Chart,
    along: Floats,
    size: tuple[float, float],
    marks: Floats,
    taken: Sequence[tuple[float, float, float, float]],
) -> tuple[float, float, float, float] | None:
    layout = chart.layout
    for x, y in along:
        box = float(x), float(y), *size
        inside = (
            size[0] / 2 + 0.02 < x < layout.plot_width - size[0] / 2
            and size[1] / 2 + 0.03 < y < layout.plot_height - size[1] / 2
        )
        if inside and free_of(box, marks, layout.points.radius, taken):
            return box
    return None


def _effect_text(effect: float) -> str:
    return format_number(effect, 2 if round(effect, 1) != round(effect, 6) else 1)


def _in_words(content: _Flight, points: Points) -> str:
    """Return the alternative text."""
    studies = content.studies
    n = studies["n"]
    sizes = sorted({_size(float(e), content.measure) for e in content.lines["effect"]})
    count = plural(len(content.result.studies), "study", "studies")
    first = [
        f"Albatross plot of {count}. {one_line(points.title)}.",
        f"P values across, people upright from {n.min():,.0f} to {n.max():,.0f}.",
        f"Lines of one {content.measure}: {join_words(_effect_text(size) for size in sizes)}.",
    ]
    listed = [
        f"{one_line(row.label)}: {row.n:,.0f} people, {_reported(row)}, {row.direction}."
        for row in each_row(studies.iloc[list(content.named or content.smallest)])
    ]
    return within(first, listed, "And {} more studies.", [content.unknown])


def _reported(row: Any) -> str:
    if row.exact:
        return format_p(float(row.p_high))
    return str(row.reported).replace("<=", "≤").replace(">=", "≥")
