"""The figures of a review's main answer under pressure, each with its words and units.

Where nothing is pooled, a sentence stands in place of each figure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from evidence.appraisal.p_evidence import collect_p_values
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.errors import EvidenceError, InsufficientEvidenceError
from evidence.judgement.fragility import one_trial_more, pooled_readings
from evidence.plots.albatross import albatross_plot
from evidence.plots.answer import axis_name, favours
from evidence.plots.funnel import funnel
from evidence.plots.notice import notice
from evidence.plots.sensitivity_forests import leave_one_out_forest
from evidence.plots.specification_curve import specification_curve
from evidence.plots.tipping_point import tipping_point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evidence.judgement.conclusions import Conclusions
    from evidence.synthesis.result import PooledResult
    from evidence.synthesis.specifications.result import Multiverse

__all__ = [
    "albatross_of",
    "funnels_of",
    "leave_one_out_of",
    "specification_curve_of",
    "tipping_points_of",
]

_NOTHING = "Fewer than two trials are pooled, so there is nothing to draw."


def specification_curve_of(conclusions: Conclusions, analyses: Multiverse | None) -> Axes:
    """Draw every defensible analysis of the main question.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    analyses
        What `evidence.judgement.fragility.every_analysis` returned.
    """
    if analyses is None:
        return notice("No trial can be used under any decision.", title=conclusions.main.title)
    plan = conclusions.review.analysis(conclusions.main.analysis_id)
    same = analyses.planned_measure == plan.measure
    return specification_curve(
        analyses,
        ylabel=axis_name(conclusions.review, plan) if same else "",
        favours=favours(conclusions.review, plan.outcomes[0]),
    )


def leave_one_out_of(conclusions: Conclusions) -> tuple[Axes, ...]:
    """Draw the main result without each trial in turn, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    return _each(conclusions, leave_one_out_forest)


def funnels_of(conclusions: Conclusions) -> tuple[Axes, ...]:
    """Draw the trials of the main result as a funnel, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    return _each(conclusions, funnel)


def _each(conclusions: Conclusions, draw: Callable[..., Axes]) -> tuple[Axes, ...]:
    title = conclusions.main.title
    readings = pooled_readings(conclusions)
    if not readings:
        return (notice(_NOTHING, title=title),)
    return tuple(_or_why(draw, result, conclusions, name) for name, result in readings)


def _or_why(
    draw: Callable[..., Axes], result: PooledResult, conclusions: Conclusions, name: str
) -> Axes:
    try:
        axes = draw(result, **_words(conclusions, name), measure=_plan(conclusions).measure)
    except EvidenceError as error:
        return notice(str(error), title=f"{conclusions.main.title}{', ' if name else ''}{name}")
    return axes


def _plan(conclusions: Conclusions) -> Any:
    return conclusions.review.analysis(conclusions.main.analysis_id)


def _words(conclusions: Conclusions, reading: str) -> dict[str, Any]:
    """Return the words of the axis; of several readings the figure's own stands there."""
    plan = _plan(conclusions)
    return {
        "xlabel": ", ".join(filter(None, (axis_name(conclusions.review, plan), reading))),
        "favours": favours(conclusions.review, plan.outcomes[0]),
    }


def tipping_points_of(conclusions: Conclusions) -> tuple[Axes, ...]:
    """Draw what one more trial would have to show, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    found = one_trial_more(conclusions)
    if not found:
        text = _NOTHING if not pooled_readings(conclusions) else "This interval has none."
        return (notice(text, title=f"{conclusions.main.title}: one more trial"),)
    log = _plan(conclusions).measure in LOG_MEASURES
    return tuple(
        tipping_point(each.point, **_words(conclusions, each.name), log=log) for each in found
    )


def albatross_of(conclusions: Conclusions) -> Axes:
    """Draw one p value for each trial over the number of its people.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    review = conclusions.review
    target = review.plan.target
    try:
        found = collect_p_values(review, analysis_id=conclusions.main.analysis_id)
        drawn = found.albatross
    except EvidenceError as error:
        if isinstance(error, InsufficientEvidenceError):
            return notice(str(error), title="p values")
        raise
    words = (f"← favours {target.comparator}", f"favours {target.treatment} →")
    return albatross_plot(drawn, favours=words)
