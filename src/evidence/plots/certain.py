"""The figures of how certain a review's main answer is: judged, near or far, and borrowed.

Where nothing can be used, a sentence stands in place of each figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.appraisal.borrowed import borrow_from_indirect
from evidence.appraisal.directness import appraise_directness
from evidence.appraisal.risk_of_bias import appraise_risk_of_bias
from evidence.errors import EvidenceError
from evidence.plots.answer import axis_name, favours
from evidence.plots.borrowing import borrowing
from evidence.plots.directness import directness_table
from evidence.plots.forest import forest
from evidence.plots.notice import notice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from evidence.judgement.conclusions import Conclusions

__all__ = ["borrowing_of", "directness_of", "judged_forest_of"]


def judged_forest_of(conclusions: Conclusions) -> Axes:
    """Draw the main analysis with each trial's judgements of bias beside it.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    main, review = conclusions.main, conclusions.review
    if main.synthesis is None:
        return notice(main.refusal, title=main.title)
    analysis = main.synthesis.analysis
    return forest(
        main.synthesis,
        title=f"{analysis.title}, with risk of bias",
        xlabel=axis_name(review, analysis),
        favours=favours(review, analysis.outcomes[0]),
        threshold=main.verdicts[0].threshold if main.verdicts else None,
        risk_of_bias=appraise_risk_of_bias(review, main.synthesis),
    )


def directness_of(conclusions: Conclusions) -> Axes:
    """Draw how far the trials of the main analysis are from the question.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    main = conclusions.main
    if main.synthesis is None:
        return notice(main.refusal, title=main.title)
    return directness_table(appraise_directness(conclusions.review, synthesis=main.synthesis))


def borrowing_of(conclusions: Conclusions) -> Axes:
    """Draw the main result as indirect trials count from not at all to in full.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    main = conclusions.main
    if main.synthesis is None:
        return notice(main.refusal, title=main.title)
    try:
        return borrowing(borrow_from_indirect(conclusions.review, synthesis=main.synthesis))
    except EvidenceError as error:
        return notice(str(error), title=main.title)
