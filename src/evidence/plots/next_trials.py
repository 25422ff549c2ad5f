"""The figures of the next trial for a review's main question, with its words and units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.plots.answer import axis_name, favours
from evidence.plots.extended_funnel import extended_funnel
from evidence.plots.next_trial_sizes import chances_over_size, value_over_size
from evidence.plots.notice import notice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evidence.judgement.conclusions import Conclusions
    from evidence.judgement.next_trial_stories import FurtherTrial

__all__ = ["chances_of_sizes", "extended_funnels_of", "values_of_sizes"]

_NOTHING = "There is no result that one more trial could be added to."


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
        return (notice(_NOTHING, title=conclusions.main.title),)
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


def chances_of_sizes(trials: tuple[FurtherTrial, ...]) -> tuple[Axes, ...]:
    """Draw the chances of an answer over the size of the next trial, under each reading.

    Parameters
    ----------
    trials
        What `evidence.judgement.next_trial_stories.further_trials` returned.
    """
    if not trials:
        return (notice(_NOTHING),)
    return tuple(chances_over_size(each.trial, xlabel=_across(each)) for each in trials)


def values_of_sizes(trials: tuple[FurtherTrial, ...]) -> tuple[Axes, ...]:
    """Draw what the next trial would be worth over its size, under each reading.

    Parameters
    ----------
    trials
        What `evidence.judgement.next_trial_stories.further_trials` returned.
    """
    found = [(each, each.value) for each in trials if each.value is not None]
    if not found:
        return (notice("No worth is worked out here."),)
    return tuple(value_over_size(value, xlabel=_across(each)) for each, value in found)


def _across(each: FurtherTrial) -> str:
    return ", ".join(filter(None, ("People in the next trial", each.name)))
