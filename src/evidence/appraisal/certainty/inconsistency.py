"""Inconsistency: whether the trials differ by more than chance."""

from __future__ import annotations

from evidence.appraisal.certainty.domain import Domain
from evidence.synthesis.body import Scenario

__all__ = ["HETEROGENEITY_P", "rate_inconsistency"]

#: GRADE guidelines 7: a low p value of the test of heterogeneity.
HETEROGENEITY_P = 0.10


def rate_inconsistency(scenario: Scenario) -> Domain:
    """Rate down where the trials differ by more than chance explains.

    Parameters
    ----------
    scenario
        One reading of the analysis.
    """
    result = scenario.result
    if not result.pooled:
        levels, reason = (
            0,
            "With one trial nothing can be inconsistent; nothing confirms it either.",
        )
    elif result.q_p_value < HETEROGENEITY_P:
        levels = 1
        reason = f"The trials differ by more than chance explains (I² {result.i2:.0f}%)."
    else:
        levels = 0
        few = " With so few trials the test would miss a good deal." if result.k < 5 else ""
        reason = (
            f"The trials do not differ by more than chance explains (I² {result.i2:.0f}%).{few}"
        )
    return Domain(
        "inconsistency",
        levels,
        reason,
        "Guyatt et al. 2011, GRADE guidelines 7, J Clin Epidemiol 64:1294-1302",
    )
