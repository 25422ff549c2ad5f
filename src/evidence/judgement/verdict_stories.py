"""The verdicts of a review's answer, for its notebook: also where there is nothing to judge."""

from __future__ import annotations

from evidence.appraisal.certainty import Certainty
from evidence.display import Prose
from evidence.errors import EvidenceError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.verdicts import Verdicts, verdict

__all__ = ["certainty_of_answer", "verdict_of_answer", "verdict_of_trial"]


def certainty_of_answer(conclusions: Conclusions) -> Certainty | Prose:
    """Return the certainty of the main analysis: of several readings the least certain.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    main = conclusions.main
    if not main.certainties:
        return Prose(f"{main.title}: there is no result whose certainty could be rated.")
    return next(one for one in main.certainties if one.level == main.certainty)


def verdict_of_answer(conclusions: Conclusions) -> Verdicts | Prose:
    """Return the verdict on the main analysis with its rules; in words why there is none.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    try:
        return verdict(conclusions.main)
    except EvidenceError as error:
        return Prose(str(error))


def verdict_of_trial(conclusions: Conclusions) -> Verdicts | Prose:
    """Return the verdict on the trial behind the claim, by every threshold of its outcome.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    review = conclusions.review
    if conclusions.headline is None:
        label = review.label(review.plan.headline.study_id)
        return Prose(f"From what is reported of {label}, no effect can be worked out to judge.")
    return verdict(conclusions.headline, review=review)
