"""The figures of the next trial for a review's main question, with its words and units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.plots.answer import axis_name, favours
from evidence.plots.extended_funnel import extended_funnel
from evidence.plots.notice import notice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evidence.judgement.conclusions import Conclusions
    from evidence.judgement.next_trial_stories import FurtherTrial

__all__ = ["extended_funnels_of"]


def extended_funnels_of(
    conclusions: Conclusions, trials: tuple[FurtherTrial, ...]
) -> tuple[Axes, ...]:
    """Draw what one more trial would make of the main answer, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    trials
        What `evidence.judgement.next_trial_stories.further_trials` returned.
    """
    if not trials:
        text = "There is no result that one more trial could be added to."
        return (notice(text, title=conclusions.main.title),)
    review = conclusions.review
    plan = review.analysis(conclusions.main.analysis_id)
    return tuple(
        extended_funnel(
            each.trial,
            xlabel=", ".join(filter(None, (axis_name(review, plan), each.name))),
            favours=favours(review, plan.outcomes[0]),
            log=plan.measure in LOG_MEASURES,
        )
        for each in trials
    )
