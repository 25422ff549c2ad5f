"""What several layers ask of a review's tables: nearness to the question, overall bias."""

from __future__ import annotations

from evidence.data.review import Review

__all__ = ["ASPECTS", "match_of", "match_text", "overall_risk_of_bias"]

#: The aspects compared with the question, each a column of `studies.csv` and a key of `[target]`.
ASPECTS = ("form", "comparator", "population")

#: What a judgement amounts to, mildest first.
_CONCERN = {"low": "low", "some concerns": "some", "some concerns to high": "some", "high": "high"}


def match_text(found: str, wanted: str) -> str:
    """Return ``"same"``, ``"other"`` or ``"not stated"`` for an entry and what is asked for.

    An entry is the same when it starts with the target's words; an empty one or ``not stated``
    is not stated. Nothing is guessed from similar words.

    Parameters
    ----------
    found
        The study's entry.
    wanted
        The target's.
    """
    text = found.strip().lower()
    if text in ("", "not stated", "not reported"):
        return "not stated"
    return "same" if text.startswith(wanted.lower()) else "other"


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
    return match_text(str(review.study(study_id)[aspect]), getattr(review.plan.target, aspect))


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
