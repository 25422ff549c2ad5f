"""Imprecision: what the interval leaves open."""

from __future__ import annotations

from evidence.appraisal.certainty.domain import Domain
from evidence.synthesis.body import Scenario, Synthesis

__all__ = ["OPTIMAL_SIZE", "rate_imprecision"]

#: GRADE guidelines 6: below about 400 people a continuous outcome is imprecise.
OPTIMAL_SIZE = 400


def rate_imprecision(synthesis: Synthesis, scenario: Scenario, threshold: float | None) -> Domain:
    """Count the decision thresholds that the interval crosses.

    Where a smallest difference that matters is known, the verdict turns on it, on either
    side; otherwise on no effect at all.

    Parameters
    ----------
    synthesis
        The analysis.
    scenario
        One reading of it.
    threshold
        The smallest difference that matters, on the scale of the result; None where unknown.
    """
    low, high = scenario.result.ci_low, scenario.result.ci_high
    people = synthesis.participants
    if threshold is None:
        crossed = int(low <= 0 <= high)
    else:
        # An effect of exactly the threshold counts as one that would matter.
        crossed = (low <= -threshold < high) + (low < threshold <= high)
    levels = crossed
    if crossed == 2:
        reason = "The interval includes both a benefit and a harm that would matter."
    elif crossed and low <= 0 <= high:
        reason = "The interval includes no effect" + (
            "." if threshold is None else " as well as one that would matter."
        )
    elif crossed:
        reason = "The interval includes effects that would matter and effects that would not."
    elif people < OPTIMAL_SIZE:
        levels = 1
        reason = f"Only {people} people took part; about {OPTIMAL_SIZE} are wanted."
    elif threshold is None:
        reason = f"The interval excludes no effect, with {people} people."
    else:
        side = "matter" if low >= threshold or high <= -threshold else "be too small to matter"
        reason = f"Every effect in the interval would {side}, with {people} people."
    return Domain(
        "imprecision",
        levels,
        reason,
        "Guyatt et al. 2011, GRADE guidelines 6, J Clin Epidemiol 64:1283-1293; "
        "Zeng et al. 2022, GRADE guidelines 34, J Clin Epidemiol 150:216-224",
    )
