"""What several layers ask of a review's tables: nearness to the question, overall bias."""

from __future__ import annotations

from evidence.data.nearness import ASPECTS, match_text, nearness_of
from evidence.data.review import Review

__all__ = ["ASPECTS", "match_of", "match_text", "overall_risk_of_bias"]

#: What a judgement amounts to, mildest first.
_CONCERN = {"low": "low", "some concerns": "some", "some concerns to high": "some", "high": "high"}


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


def overall_risk_of_bias(review: Review, study_id: str) -> str:
    """Return a study's gravest overall judgement: ``"low"``, ``"some"``, ``"high"`` or ``"none"``.

    Parameters
    ----------
    review
        The review.
    study_id
        The study; ``"none"`` where nobody judged it as a whole.
    """
    table = review.risk_of_bias
    mine = table[(table["study_id"] == study_id) & (table["domain"].str.lower() == "overall")]
    judged = set(mine["judgement"].astype(str))
    gravest = [kind for judgement, kind in _CONCERN.items() if judgement in judged]
    return gravest[-1] if gravest else "none"
