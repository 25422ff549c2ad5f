"""Forests of pooled results: each study left out in turn, and studies added one by one."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.display import plural
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.plots.chart import measure_name
from evidence.plots.forest import forest
from evidence.plots.lettering import one_line
from evidence.plots.picture import describe
from evidence.plots.rows import ForestRow
from evidence.plots.steady_rows import SteadyRows
from evidence.plots.style import ORANGE, plain
from evidence.plots.wording import within
from evidence.synthesis.batch import leave_one_out
from evidence.synthesis.batch_result import BatchResult
from evidence.synthesis.model_words import is_ratio
from evidence.synthesis.result import PooledResult
from evidence.synthesis.sensitivity.cumulative import CumulativeResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["cumulative_forest", "leave_one_out_forest"]

#: With more studies than this, so many rows stand for all.
_MOST_ROWS = 30
#: Of a long leave-one-out forest so many rows are shown; further down they say the same.
_MOST_MOVING = 15
#: Of a long cumulative forest, the first steps are all shown: the mean moves most there.
_FIRST_STEPS = 6
#: So many studies are named in the title.
_NAMED = 3


def leave_one_out_forest(
    result: PooledResult,
    ax: Axes | None = None,
    *,
    measure: str = "",
    title: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
) -> Axes:
    """Draw the pooled result without each study in turn.

    The result of all studies is the diamond at the bottom, with dotted lines at the ends of
    its interval. With more than 30 studies the 15 rows are shown that move the mean most, in that
    order.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.
    ax
        Axes to fill; a figure of the right size is made without it.
    measure
        Name of the effect measure; the effects of ratios are logarithms.
    title
        In place of the one computed from the numbers.
    xlabel
        What the axis shows, with its unit.
    favours
        Words under the left and the right side of no effect.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `result` is no pooled result, or one whose interval has no standard error.
    InsufficientEvidenceError
        For one study.
    """
    if not isinstance(result, PooledResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what pool() returns, and "
            "leaves out each study itself."
        )
    if not result.pooled:
        raise InsufficientEvidenceError(
            "One study: leaving it out leaves nothing. Draw forest(result) instead."
        )
    without = leave_one_out(result)
    kept = _most_moving(np.abs(without.estimate - result.estimate))
    rows = [
        _step(without, i, f"without {one_line(result.labels[i])}", f"{result.k - 1}") for i in kept
    ]
    full = ForestRow(
        "pooled", "All studies", result.estimate, result.ci_low, result.ci_high, f"{result.k}"
    )
    notes = [_how(result.method.in_words())]
    if result.k == 2:
        notes.append("With one of two studies left out, the row is the other one alone.")
    content = _content((*rows, full), measure, result.method.level, "Left out", notes)
    if len(kept) < result.k:
        others = np.delete(np.arange(result.k), kept)
        content = replace(content, notes=(*content.notes, _others(content, without, others)))
    first = [
        (title or _title_without(result, without)) + ".",
        f"Forest plot of {plural(result.k, 'study', 'studies')} pooled with each left out in turn.",
        f"All studies: {_number(content, full)}.",
        _range(content, without, "Without any one of them the mean runs from {} to {}."),
    ]
    last = content.notes[-1:] if len(kept) < result.k else ()
    return _draw(content, ax, first, last, xlabel=xlabel or measure_name(measure), favours=favours)


def cumulative_forest(
    result: CumulativeResult,
    ax: Axes | None = None,
    *,
    measure: str = "",
    title: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
) -> Axes:
    """Draw the pooled result after each study that was added.

    The result of all studies is the diamond at the bottom, with dotted lines at the ends of
    its interval. With more than 30 studies some steps are left out, which the figure says.

    Parameters
    ----------
    result
        What `evidence.synthesis.sensitivity.cumulative.cumulate` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    measure
        Name of the effect measure; the effects of ratios are logarithms.
    title
        In place of the one computed from the numbers.
    xlabel
        What the axis shows, with its unit.
    favours
        Words under the left and the right side of no effect.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.

    Raises
    ------
    InvalidArgumentError
        Where `result` is something else.
    """
    if not isinstance(result, CumulativeResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; this figure takes what "
            "evidence.synthesis.sensitivity.cumulative.cumulate() returns."
        )
    steps, k = result.steps, len(result.added)
    kept = _spread_out(k)
    rows = [
        _step(steps, i, ("+ " if i else "") + _dated(result, i), f"{int(steps.k[i])}") for i in kept
    ]
    full = replace(_step(steps, k - 1, "All studies", f"{k}"), kind="pooled", weights=())
    notes = [
        _how(steps.method.in_words()),
        f"Order: {result.order}. Each row is the mean of its study and all above it.",
        *(_in_short(caution, k) for caution in result.cautions),
    ]
    if len(kept) < k:
        notes.append(
            f"{len(kept)} of {k} steps are shown; the mean of a row is of all studies up to there, "
            "also of those whose step is not shown."
        )
    content = _content((*rows, full), measure, steps.method.level, "Added", notes)
    first = [
        (title or _title_added(result)) + ".",
        f"Cumulative forest plot of {plural(k, 'study', 'studies')} {result.order}.",
        f"All studies: {_number(content, full)}.",
        _range(content, steps, "On the way the mean runs from {} to {}."),
    ]
    last = [content.notes[-1]] if len(kept) < k else []
    return _draw(content, ax, first, last, xlabel=xlabel or measure_name(measure), favours=favours)


# ---------------------------------------------------------------- rows


@dataclass(frozen=True, slots=True)
class _Rows(SteadyRows):
    """Rows of pooled results; the column of counts is of studies."""

    people_head: str = "Studies"


def _content(
    rows: tuple[ForestRow, ...], measure: str, level: float, head: str, notes: Sequence[str]
) -> _Rows:
    return _Rows(rows, log=is_ratio(measure), level=level, head=head, notes=tuple(notes))


def _step(batch: BatchResult, place: int, label: str, count: str) -> ForestRow:
    return ForestRow(
        "study",
        label,
        float(batch.estimate[place]),
        float(batch.ci_low[place]),
        float(batch.ci_high[place]),
        count,
    )


def _how(method: str) -> str:
    return f"Pooled by {method}. Dotted lines: the ends of the interval of all studies."


def _in_short(caution: Caution, k: int) -> str:
    """Return a caution; a long list of ties is told as one."""
    if caution.code == "ties" and k > _MOST_ROWS:
        return "Studies with equal values stand in the order of the result."
    # On an axis of ratios no effect is 1.
    return caution.message.replace(" excludes 0 ", " excludes no effect ")


def _most_moving(moves: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of the rows to show: all, or those that move the mean most, in order."""
    if moves.size <= _MOST_ROWS:
        return np.arange(moves.size)
    return np.argsort(-moves, kind="stable")[:_MOST_MOVING]


def _spread_out(k: int) -> NDArray[np.int64]:
    """Return the steps to show: the first ones, and others at even distances to the last."""
    if k <= _MOST_ROWS:
        return np.arange(k)
    later = np.linspace(_FIRST_STEPS, k - 1, _MOST_ROWS - _FIRST_STEPS)
    return np.concatenate([np.arange(_FIRST_STEPS), np.rint(later).astype(np.int64)])


def _dated(result: CumulativeResult, place: int) -> str:
    """Return a study with what it is ordered by, unless its name has that already."""
    label = one_line(result.added[place])
    # Variances, by which precision orders, say nothing to a reader.
    if result.values is None or "precise" in result.order:
        return label
    text = _value(result.values[place])
    known = re.search(rf"\b{re.escape(text)}\b", label)
    return label if known else f"{label} ({text})"


def _value(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.0f}" if value == round(value) and abs(value) < 1e6 else f"{value:.4g}"
    return str(value)


# ---------------------------------------------------------------- words


def _excludes(low: Any, high: Any) -> NDArray[np.bool_]:
    return np.asarray((np.asarray(low) > 0) | (np.asarray(high) < 0))


def _title_without(result: PooledResult, without: BatchResult) -> str:
    """Say whether leaving out one study changes what the interval says of no effect."""
    full = bool(_excludes(result.ci_low, result.ci_high))
    other = np.flatnonzero(_excludes(without.ci_low, without.ci_high) != full)
    if not other.size:
        verb, which = "excludes" if full else "includes", plural(result.k, "study", "studies")
        return f"Whichever of {which} is left out, the interval {verb} no effect"
    verb = "includes" if full else "excludes"
    if other.size <= _NAMED:
        names = " or ".join(one_line(result.labels[i]) for i in other)
        return f"Without {names}, the interval {verb} no effect"
    return (
        f"Without one of {other.size} of the {plural(result.k, 'study', 'studies')}, the interval "
        f"{verb} no effect"
    )


def _title_added(result: CumulativeResult) -> str:
    """Say from when on every interval excludes no effect."""
    start, k = result.excludes_zero_from, len(result.added)
    if start is None:
        earlier = int(_excludes(result.steps.ci_low, result.steps.ci_high).sum())
        some = f", as {earlier} earlier ones did not" if earlier else ""
        return f"With all studies added, the interval includes no effect{some}"
    name = one_line(result.added[start - 1])
    if start == k:
        return f"Only with the last study, {name}, does the interval exclude no effect"
    if start == 1:
        return "Every interval excludes no effect, from the first study on"
    studies = plural(start, "study", "studies")
    return f"From {studies} on (with {name}) every interval excludes no effect"


def _text(content: SteadyRows, value: float) -> str:
    """Write a mean as the column of effects does."""
    (full,) = content.pooled
    half = (full.high - full.low) / 2
    return content.numbers(ForestRow("study", "", value, value - half, value + half))[0]


def _range(content: SteadyRows, batch: BatchResult, sentence: str) -> str:
    known = batch.estimate[np.isfinite(batch.estimate)]
    return sentence.format(_text(content, float(known.min())), _text(content, float(known.max())))


def _others(content: SteadyRows, without: BatchResult, others: NDArray[np.int64]) -> str:
    estimates, count = without.estimate[others], len(others)
    ends = (_text(content, float(end)) for end in (estimates.min(), estimates.max()))
    outside = int(_excludes(without.ci_low[others], without.ci_high[others]).sum())
    verb = {0: "includes", count: "excludes"}.get(outside)
    interval = (
        f"the interval always {verb} no effect"
        if verb
        else f"the interval excludes no effect in {outside} of them"
    )
    return (
        f"Shown: the {len(without) - count} studies that move the mean most, the one that moves it "
        f"most first. Without one of the "
        f"other {count}, the mean is from {' to '.join(ends)}, and {interval}."
    )


def _number(content: SteadyRows, row: ForestRow) -> str:
    estimate, interval = content.numbers(row)
    head = f"{content.interval_head} " if row.kind == "pooled" else ""
    return f"{estimate} ({head}{interval})"


def _draw(
    content: _Rows,
    ax: Axes | None,
    first: Sequence[str],
    last: Sequence[str],
    **words: Any,
) -> Axes:
    """Draw the rows, with dotted lines at the ends of the full result's interval."""
    # What `rows_of` takes: rows of our own pass through it as they are.
    rows: Any = content
    axes = forest(rows, ax, title=first[0].removesuffix("."), **words)
    plot: Any = axes.child_axes[0]
    (full,) = content.pooled
    low, high = plot.get_xlim()
    with plain():
        for end in (full.low, full.high):
            if math.isfinite(end) and low < end < high:
                plot.axvline(end, color=ORANGE, lw=0.9, ls=(0, (1, 2)), zorder=0.8)
    listed = [f"{row.label}: {_number(content, row)}." for row in content.studies]
    describe(axes, within(first, listed, "And {} more.", last))
    return axes
