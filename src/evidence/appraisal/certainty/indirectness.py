"""Indirectness: how much of the weight is about something else than asked.

Reference
---------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 8. Rating the quality of
evidence: indirectness. Journal of Clinical Epidemiology 64:1303-1310 (the aspects, and rating
down one level or two; by what share of the weight is this project's convention).
"""

from __future__ import annotations

from evidence.appraisal.certainty.domain import (
    AFFECTED_WEIGHT,
    Cut,
    Domain,
    Rule,
    share_in_words,
)
from evidence.appraisal.directness import Directness, appraise_directness
from evidence.data import Review
from evidence.display import join_words
from evidence.synthesis.body import Synthesis

__all__ = ["INDIRECTNESS_RULE", "rate_indirectness"]

_REFERENCE = "Guyatt et al. 2011, GRADE guidelines 8, J Clin Epidemiol 64:1303-1310"

INDIRECTNESS_RULE = Rule(
    "distance from the question by weight",
    ("each trial's nearness in every aspect of the question", "its weight"),
    "One level where trials that are not direct in an aspect carry at least half of the weight; "
    "two where trials that are far in one aspect do. The gravest aspect decides.",
    _REFERENCE,
    (Cut("share of the weight", AFFECTED_WEIGHT, _REFERENCE, own=True),),
)

#: Shares that differ by rounding alone are equal.
_ROUNDING = 1e-9


def rate_indirectness(
    review: Review, shares: dict[str, float], synthesis: Synthesis | None = None
) -> Domain:
    """Rate down where the weight comes from trials of something else than asked about.

    One level where trials that are not direct in an aspect (near, far or not stated) carry at
    least half of the weight; two where trials that are far in one aspect do. The gravest aspect
    decides: several of one level are one level.

    Parameters
    ----------
    review
        The review with its question and its rules of directness.
    shares
        Each study's share of the weight, by study; they sum to 1.
    synthesis
        The analysis, which says which outcome of a trial is used and what is asked about;
        without it the outcomes that each trial reports count.
    """
    directness = appraise_directness(review, synthesis=synthesis)
    grave: dict[str, list[str]] = {}
    serious: dict[str, list[str]] = {}
    facts: dict[str, object] = {}
    for aspect in directness.aspects:
        words = {study: _word(directness, study, aspect) for study in shares}
        away = sum(shares[study] for study, word in words.items() if word != "direct")
        far = sum(shares[study] for study, word in words.items() if word == "far")
        facts[f"{aspect} not direct in percent"] = round(100 * away)
        facts[f"{aspect} far in percent"] = round(100 * far)
        if far >= AFFECTED_WEIGHT - _ROUNDING:
            grave.setdefault(share_in_words(far), []).append(f"quite another {aspect}")
        elif away >= AFFECTED_WEIGHT - _ROUNDING:
            silent = "not stated" in words.values()
            what = f"another or an unstated {aspect}" if silent else f"another {aspect}"
            serious.setdefault(share_in_words(away), []).append(what)
    apart_from = [
        join_words(f"{share} comes from {join_words(what)}" for share, what in found.items())
        for found in (grave, serious)
        if found
    ]
    return Domain(
        "indirectness",
        2 if grave else 1 if serious else 0,
        f"Of the weight, {'; '.join(apart_from)} than asked about."
        if apart_from
        else "Most of the weight comes from trials of what is asked about.",
        _REFERENCE,
        facts,
        INDIRECTNESS_RULE,
    )


def _word(directness: Directness, study_id: str, aspect: str) -> str:
    found = directness.nearness(study_id, aspect)
    return "not stated" if found is None else found.word
