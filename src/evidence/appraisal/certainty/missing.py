"""Missing evidence: trials and results that are known not to be known."""

from __future__ import annotations

from collections.abc import Sequence

from evidence.appraisal.certainty.domain import Domain
from evidence.data import Review
from evidence.display import capital, join_words, plural
from evidence.synthesis.body import Synthesis

__all__ = ["UNUSABLE_SHARE", "rate_missing_evidence"]

#: A third of the trials unusable is taken as evidence that is missing for a reason.
UNUSABLE_SHARE = 1 / 3


def _silent(review: Review, outcomes: Sequence[str]) -> list[str]:
    """Return the registered trials without results that may have measured one of the outcomes.

    A trial whose planned outcomes are known counts only where one of these is among them.
    """
    studies, plans = review.studies, review.registered_outcomes
    registered = studies[(studies["role"] == "trial") & (studies["status"] == "registered")]
    planned = {
        study: set(plans.loc[plans["study_id"] == study, "outcome_id"])
        for study in registered["study_id"]
    }
    return [study for study, ids in planned.items() if not ids or ids & set(outcomes)]


def rate_missing_evidence(review: Review, synthesis: Synthesis) -> Domain:
    """Rate down where results are known to be missing.

    Parameters
    ----------
    review
        The review.
    synthesis
        The analysis.
    """
    unusable = [out for out in synthesis.derivation.left_out if not out.by_decision]
    silent = _silent(review, synthesis.analysis.outcomes)
    eligible = synthesis.k + len(unusable) + len(silent)
    lost = len(unusable) + len(silent)
    parts = []
    if unusable:
        parts.append(
            f"{plural(len(unusable), 'trial')} measured this without reporting a usable number"
        )
    if len(silent):
        parts.append(f"{plural(len(silent), 'trial')} registered without results")
    serious = bool(lost) and lost / eligible >= UNUSABLE_SHARE
    reason = join_words(parts) or "no trial is known whose result is missing"
    return Domain(
        "missing evidence",
        int(serious),
        capital(reason) + ".",
        "Guyatt et al. 2011, GRADE guidelines 5, J Clin Epidemiol 64:1277-1282",
    )
