"""Missing evidence: what is known not to be known first, then what the numbers hint at.

References
----------
Guyatt GH, Oxman AD, Montori V, et al. (2011). GRADE guidelines: 5. Rating the quality of
evidence: publication bias. Journal of Clinical Epidemiology 64:1277-1282.
Page MJ, Sterne JAC, Boutron I, et al. (2023). ROB-ME: a tool for assessing risk of bias due to
missing evidence in systematic reviews with meta-analysis. BMJ 383:e076754.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evidence.appraisal.certainty.domain import Cut, Domain, Rule
from evidence.appraisal.check import CONTRADICTION
from evidence.appraisal.missing_evidence import MissingEvidence, missing_evidence
from evidence.data import Review
from evidence.display import capital, join_words, plural
from evidence.synthesis.body import Scenario, Synthesis

__all__ = ["MISSING_RULE", "UNUSABLE_SHARE", "rate_missing_evidence"]

#: A third of the trials unusable is taken as evidence that is missing for a reason.
UNUSABLE_SHARE = 1 / 3

#: The tests of the numbers that may rate down by themselves: one of publication by p value,
#: one of asymmetry. With more of them one would cry wolf too often.
_HEARD = (
    "models publication by p values",
    "asks whether small studies differ",
)
_REFERENCE = "Guyatt et al. 2011, GRADE guidelines 5, J Clin Epidemiol 64:1277-1282"

MISSING_RULE = Rule(
    "what is known to be missing, then the checks of the numbers",
    (
        "trials of the outcome without a usable result",
        "trials registered without results",
        "planned outcomes that were not reported as planned",
        "the selection model and the test of asymmetry",
    ),
    "One level, and never more, where at least a third of the trials that measured the outcome, "
    "or planned to, give no usable result; or where a check of the numbers finds something. A "
    "check that cannot speak changes nothing, and shows nothing.",
    f"{_REFERENCE}; Page et al. 2023, ROB-ME, BMJ 383:e076754",
    (Cut("share of the trials without a usable result", UNUSABLE_SHARE, _REFERENCE, own=True),),
)


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


def rate_missing_evidence(
    review: Review, synthesis: Synthesis, scenario: Scenario | None = None
) -> Domain:
    """Rate down where results are known to be missing, or the numbers say that some are.

    Parameters
    ----------
    review
        The review.
    synthesis
        The analysis.
    scenario
        The reading whose numbers are checked; the first by default.
    """
    one = replace(synthesis, scenarios=(scenario or synthesis.scenarios[0],))
    found = missing_evidence(one, review=review)
    unusable = [out for out in synthesis.derivation.left_out if not out.by_decision]
    silent = _silent(review, synthesis.analysis.outcomes)
    used = {comparison.study_id for comparison in synthesis.derivation.comparisons}
    lost = _lost(found, used | {out.study_id for out in unusable})
    missing = len(unusable) + len(silent) + len(lost)
    eligible = synthesis.k + missing
    parts = []
    if unusable:
        parts.append(
            f"{plural(len(unusable), 'trial')} measured this without reporting a usable number"
        )
    if silent:
        parts.append(f"{plural(len(silent), 'trial')} registered without results")
    if lost:
        parts.append(f"{plural(len(lost), 'trial')} planned this and did not report it as planned")
    hints = [
        finding.check.name
        for finding in found.numeric
        if finding.is_test
        and finding.check.status == CONTRADICTION
        and finding.trust.startswith(_HEARD)
    ]
    levels = int(missing / eligible >= UNUSABLE_SHARE or bool(hints))
    sentences = [capital(join_words(parts) or "no trial is known whose result is missing") + "."]
    if hints:
        sentences.append(f"Something was found by {join_words(hints)}.")
    elif found.numeric and len(found.silent) == len(found.numeric):
        sentences.append(
            f"With {plural(synthesis.k, 'trial')} no check of the numbers can say anything."
        )
    facts = {
        "usable": synthesis.k,
        "unusable": len(unusable),
        "registered without results": len(silent),
        "planned and not reported so": len(lost),
        "found in the numbers": tuple(hints),
    }
    return Domain("missing evidence", levels, " ".join(sentences), _REFERENCE, facts, MISSING_RULE)


def _lost(found: MissingEvidence, counted: set[str]) -> set[str]:
    """Return the studies with results that lost a planned outcome, and are not counted yet.

    What was looked for in an abstract or an account only may stand in the full report.
    """
    reporting = found.reporting
    if reporting is None:
        return set()
    rows = reporting.lost.drop(reporting.glimpsed.index)
    gone = rows[rows["reported"] != "other rank"]
    return set(gone["study_id"]) - counted
