"""The three reasons to rate up, for evidence that is not from randomised trials.

Reference
---------
Guyatt GH, Oxman AD, Sultan S, et al. (2011). GRADE guidelines: 9. Rating up the quality of
evidence. Journal of Clinical Epidemiology 64:1311-1316.
"""

from __future__ import annotations

import math

from evidence.appraisal.certainty.domain import Cut, Domain, Rule
from evidence.appraisal.certainty.information_size import control_risk
from evidence.data import Review
from evidence.display import format_number
from evidence.synthesis.body import Scenario

__all__ = [
    "LARGE_RATIO",
    "UPGRADES",
    "UPGRADE_RULES",
    "VERY_LARGE_RATIO",
    "rate_upgrades",
]

#: GRADE guidelines 9: at least a two-fold change of risk rates up one level.
LARGE_RATIO = 2.0
#: GRADE guidelines 9: at least a five-fold change of risk rates up two levels.
VERY_LARGE_RATIO = 5.0

#: The three reasons, in GRADE's order.
UPGRADES = ("large effect", "dose-response", "opposing confounding")

_REFERENCE = "Guyatt et al. 2011, GRADE guidelines 9, J Clin Epidemiol 64:1311-1316"
_BY_DECISION = "Nothing computed here can tell; it is for a reviewer to decide."

UPGRADE_RULES = {
    "large effect": Rule(
        "size of the relative risk",
        ("the pooled risk ratio",),
        "One level from a risk ratio of 2 (or 1/2), two from 5 (or 1/5). An odds ratio is turned "
        "into a risk ratio with the risk in the control groups first.",
        _REFERENCE,
        (
            Cut("large risk ratio", LARGE_RATIO, _REFERENCE),
            Cut("very large risk ratio", VERY_LARGE_RATIO, _REFERENCE),
        ),
    ),
    "dose-response": Rule("by decision only", (), _BY_DECISION, _REFERENCE),
    "opposing confounding": Rule("by decision only", (), _BY_DECISION, _REFERENCE),
}


def rate_upgrades(review: Review, scenario: Scenario, measure: str) -> tuple[Domain, ...]:
    """Return GRADE's three reasons to rate up, the large effect worked out where it can be.

    Whether they count is for the level to say: only where the evidence starts below high, and
    nothing rates it down.

    Parameters
    ----------
    review
        The review, for the risk in its control groups.
    scenario
        One reading of the analysis.
    measure
        Its measure.
    """
    facts = {"trials": scenario.result.k, "estimate": scenario.result.estimate}
    by_decision = (
        Domain(name, 0, _BY_DECISION, _REFERENCE, facts, UPGRADE_RULES[name], upgrade=True)
        for name in UPGRADES[1:]
    )
    return (_large_effect(review, scenario, measure), *by_decision)


def _large_effect(review: Review, scenario: Scenario, measure: str) -> Domain:
    name = UPGRADES[0]
    ratio = _risk_ratio(review, scenario, measure)
    if ratio is None:
        levels, reason = 0, f"A {measure} gives no relative risk to judge by."
        facts: dict[str, object] = {"measure": measure}
    else:
        fold = max(ratio, 1 / ratio)
        levels = (fold >= LARGE_RATIO) + (fold >= VERY_LARGE_RATIO)
        size = ("less than two-fold", "at least two-fold", "at least five-fold")[levels]
        reason = f"The risk changes {size} (risk ratio {format_number(ratio)})."
        facts = {"risk ratio": ratio}
    return Domain(name, levels, reason, _REFERENCE, facts, UPGRADE_RULES[name], upgrade=True)


def _risk_ratio(review: Review, scenario: Scenario, measure: str) -> float | None:
    """Return the pooled risk ratio; of an odds ratio with the control groups' risk."""
    if measure not in ("risk ratio", "odds ratio"):
        return None
    ratio = math.exp(scenario.result.estimate)
    if measure == "risk ratio":
        return ratio
    control = control_risk(review, scenario)
    if control is None:
        return None
    # RR = OR / (1 - p + p OR): Zhang and Yu 1998, JAMA 280:1690-1691, eq. on page 1690.
    return ratio / (1 - control.risk + control.risk * ratio)
