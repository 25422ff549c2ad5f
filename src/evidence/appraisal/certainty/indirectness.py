"""Indirectness: how much of the weight is about something else than asked."""

from __future__ import annotations

from evidence.appraisal.certainty.domain import AFFECTED_WEIGHT, Domain, share_in_words
from evidence.data import Review
from evidence.data.lookups import ASPECTS, match_of
from evidence.display import join_words

__all__ = ["rate_indirectness"]


def rate_indirectness(review: Review, shares: dict[str, float]) -> Domain:
    """Rate down where the weight comes from trials of something else than asked about.

    Parameters
    ----------
    review
        The review with its question.
    shares
        Each study's share of the weight, by study; they sum to 1.
    """
    parts: dict[str, list[str]] = {}
    for aspect in ASPECTS:
        matches = {study: match_of(review, study, aspect) for study in shares}
        share = sum(shares[study] for study, match in matches.items() if match != "same")
        if share >= AFFECTED_WEIGHT:
            silent = "not stated" in matches.values()
            what = f"another or an unstated {aspect}" if silent else f"another {aspect}"
            parts.setdefault(share_in_words(share), []).append(what)
    apart_from = join_words(f"{part} comes from {join_words(a)}" for part, a in parts.items())
    return Domain(
        "indirectness",
        1 if parts else 0,
        f"Of the weight, {apart_from} than asked about."
        if parts
        else "Most of the weight comes from trials of what is asked about.",
        "Guyatt et al. 2011, GRADE guidelines 8, J Clin Epidemiol 64:1303-1310",
    )
