"""What several layers ask of a review's tables: nearness to the question, overall bias."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.data.bias_tools import judgements_of
from evidence.data.bias_tools.tool import CONCERNS
from evidence.data.nearness import ASPECTS, match_text, nearness_of
from evidence.data.review import Review

__all__ = ["ASPECTS", "match_of", "match_text", "overall_risk_of_bias"]


def match_of(review: Review, study_id: str, aspect: str) -> str:
    """Return ``"same"``, ``"other"`` or ``"not stated"`` for one study and aspect.

    Parameters
    ----------
    review
        The review.
    study_id
        The study.
    aspect
        One of `ASPECTS`.
    """
    return nearness_of(review, study_id, aspect).match


def overall_risk_of_bias(
    review: Review, study_id: str, outcomes: Sequence[str] | None = None
) -> str:
    """Return a study's gravest overall judgement: ``"low"``, ``"some"``, ``"high"`` or ``"none"``.

    The judgement is the one recorded for the study as a whole, or else the one that follows
    from its domains by the rule of the tool.

    Parameters
    ----------
    review
        The review.
    study_id
        The study; ``"none"`` where nothing says how it stands as a whole.
    outcomes
        Only for these outcomes; all by default.
    """
    found = [judged.concern for judged in judgements_of(review, study_id, outcomes)]
    return max(found, key=["none", *CONCERNS].index, default="none")
