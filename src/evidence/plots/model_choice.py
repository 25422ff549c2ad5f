"""The choice of model as a figure: one row for each model, the planned one marked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from evidence.display import plural
from evidence.errors import InsufficientEvidenceError
from evidence.judgement.model_choice import models_of_main
from evidence.plots.answer import axis_name, favours
from evidence.plots.forest import forest
from evidence.plots.notice import notice
from evidence.plots.picture import describe
from evidence.plots.rows import ForestRow, ForestRows
from evidence.plots.steady_rows import SteadyRows
from evidence.plots.style import ORANGE, plain
from evidence.plots.wording import within
from evidence.synthesis.model_choice import GROUPS, ModelComparison
from evidence.synthesis.model_words import is_ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evidence.judgement.conclusions import Conclusions

__all__ = ["model_choice", "model_choices_of"]


def model_choice(
    comparison: ModelComparison,
    ax: Axes | None = None,
    *,
    title: str = "",
    xlabel: str = "",
    favours: tuple[str, str] = ("", ""),
) -> Axes:
    """Draw the interval of the same studies under every model.

    The planned model is the diamond at the top, with dotted lines at the ends of its
    interval down through the others.

    Parameters
    ----------
    comparison
        What `compare_models` returned.
    ax
        Axes to fill; a figure of the right size is made without it.
    title
        Title above the columns.
    xlabel
        What the axis shows, with its unit.
    favours
        Words under the left and the right side of no effect.

    Returns
    -------
    Axes
        `evidence.plots.alt_text` has its text.
    """
    content = _content(comparison)
    # What `rows_of` takes: rows of our own pass through it as they are.
    rows: Any = content
    axes = forest(
        rows,
        ax,
        title=title or "The choice of model",
        xlabel=xlabel or comparison.measure,
        favours=favours,
    )
    (plot,) = axes.child_axes
    _mark_planned(plot, comparison)
    describe(axes, _in_words(comparison, content, title))
    return axes


def _content(comparison: ModelComparison) -> ForestRows:
    rows: list[ForestRow] = []
    group = "planned"
    for row in comparison.rows:
        if row.group != group:
            rows.append(ForestRow("heading", GROUPS[row.group]))
            group = row.group
        rows.append(
            ForestRow(
                "pooled" if row.planned else "study",
                row.name,
                row.estimate,
                row.ci_low,
                row.ci_high,
                # Small marks, so that no interval hides behind its own.
                weights=(100.0 if row.planned else 1.0,),
                indented=not row.planned,
            )
        )
    method = comparison.result.method.in_words()
    notes = [
        f"Planned model: {method}. Dotted lines: the ends of its interval.",
        *comparison.left_out,
    ]
    return SteadyRows(
        tuple(rows),
        log=is_ratio(comparison.measure),
        level=comparison.result.method.level,
        head="Model",
        notes=tuple(notes),
    )


def _mark_planned(plot: Any, comparison: ModelComparison) -> None:
    """Draw the ends of the planned interval through the rows below it."""
    low, high = plot.get_xlim()
    planned = comparison.planned
    with plain():
        for end in (planned.ci_low, planned.ci_high):
            if math.isfinite(end) and low < end < high:
                plot.axvline(end, color=ORANGE, lw=0.9, ls=(0, (1, 2)), zorder=0.8)


def _in_words(comparison: ModelComparison, content: ForestRows, title: str) -> str:
    """Return the alternative text: the planned model, how far the others move, each of them."""
    count = plural(len(comparison.rows), "model")
    studies = plural(comparison.result.k, "study", "studies")
    shown = [row for row in content.rows if row.kind in {"pooled", "study"}]
    holding = sum(row.includes_no_effect for row in comparison.rows)
    first = [
        f"{title}." if title else "",
        f"Figure of {count} of the same {studies}, one row each with its interval.",
        f"Planned model: {_number(content, shown[0])}.",
        (
            f"The interval includes no effect in {holding} of {len(shown)} models; that of the "
            f"planned model {'includes' if comparison.planned.includes_no_effect else 'excludes'} "
            "it."
        ),
    ]
    listed = (f"{row.label}: {_number(content, row)}." for row in shown[1:])
    return within(first, listed, "And {} more models.", [])


def _number(content: ForestRows, row: ForestRow) -> str:
    estimate, interval = content.numbers(row)
    head = f"{content.interval_head} " if row.kind == "pooled" else ""
    return f"{estimate} ({head}{interval})"


def model_choices_of(conclusions: Conclusions) -> tuple[Axes, ...]:
    """Draw the choice of model for a review's main analysis, one figure for each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.

    Returns
    -------
    tuple of Axes
        One for each reading that is told of; one sentence in place of a figure where
        nothing is pooled.
    """
    main = conclusions.main
    try:
        readings = models_of_main(conclusions)
    except InsufficientEvidenceError as error:
        return (notice(str(error), title=main.title),)
    assert main.synthesis is not None
    analysis = main.synthesis.analysis
    return tuple(
        model_choice(
            one.comparison,
            title=f"{analysis.title}: the choice of model{', ' if one.name else ''}{one.name}",
            xlabel=axis_name(conclusions.review, analysis),
            favours=favours(conclusions.review, analysis.outcomes[0]),
        )
        for one in readings
    )
