"""Imprecision: what the interval leaves open, and whether enough people took part.

References
----------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 6. Rating the quality of
evidence: imprecision. Journal of Clinical Epidemiology 64:1283-1293.
Zeng L, Brignardello-Petersen R, Hultcrantz M, et al. (2022). GRADE guidance 34: update on
rating imprecision using a minimally contextualized approach. Journal of Clinical Epidemiology
150:216-224.
Schünemann HJ, Neumann I, Hultcrantz M, et al. (2022). GRADE guidance 35: update on rating
imprecision for assessing contextualized certainty of evidence and making decisions. Journal of
Clinical Epidemiology 150:225-242.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from evidence.appraisal.certainty.domain import Cut, Domain, Rule
from evidence.appraisal.certainty.information_size import (
    ALPHA,
    FALLBACK_PEOPLE,
    POWER,
    InformationSize,
)
from evidence.display import capital, plural
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.synthesis.body import Scenario, Synthesis
from evidence.synthesis.result import PooledResult

__all__ = [
    "APPROACHES",
    "FAR_BELOW",
    "IMPRECISION_RULE",
    "LARGE_LOG_RATIO",
    "MOST_LEVELS",
    "crossings",
    "rate_imprecision",
]

#: GRADE guidance 34 and 35: one threshold, or several.
APPROACHES = ("minimally contextualised", "partially contextualised")
#: GRADE guidance 34 speaks of "far less" than the optimal information size and of two levels;
#: half of it is our reading of that.
FAR_BELOW = 0.5
#: Core GRADE 2 (Guyatt et al. 2025): an effect is large, so that the size of the body of
#: evidence has to be asked for, from a relative risk reduction of 30%.
LARGE_LOG_RATIO = -math.log(0.7)
#: GRADE guidance 35: at most three levels, and those only where several thresholds are told
#: apart.
MOST_LEVELS = 3

_GUIDANCE = (
    "Guyatt et al. 2011, GRADE guidelines 6, J Clin Epidemiol 64:1283-1293; "
    "Zeng et al. 2022, GRADE guidance 34, J Clin Epidemiol 150:216-224"
)
_CONTEXTUALISED = "Schünemann et al. 2022, GRADE guidance 35, J Clin Epidemiol 150:225-242"

IMPRECISION_RULE = Rule(
    "interval against thresholds, then people against the optimal information size",
    ("the confidence interval", "the thresholds on both sides", "people", "their spread or risk"),
    "One level for each threshold that the interval crosses. Where an effect large enough to "
    "matter rests on fewer people than a trial of it would need, one level; on far fewer, two. "
    "The larger of the two counts.",
    f"{_GUIDANCE}; {_CONTEXTUALISED}",
    (
        Cut("two-sided error", ALPHA, "Core GRADE 2"),
        Cut("power", POWER, "Core GRADE 2"),
        Cut("far below the optimal information size", FAR_BELOW, "GRADE guidance 34", own=True),
        Cut("large relative effect, as a logarithm", LARGE_LOG_RATIO, "Core GRADE 2"),
        Cut("people where no size can be worked out", FALLBACK_PEOPLE, "GRADE guidelines 6"),
    ),
)


def crossings(low: float, high: float, thresholds: Sequence[float]) -> int:
    """Count the thresholds that an interval crosses, on both sides of no effect.

    An effect of exactly a threshold counts as one that would matter. Without thresholds the
    question is only whether there is an effect.

    Parameters
    ----------
    low, high
        The interval.
    thresholds
        Sizes without sign.
    """
    if not thresholds:
        return int(low <= 0 <= high)
    return sum((low <= -size < high) + (low < size <= high) for size in thresholds)


def _short_of(people: int, size: InformationSize) -> int:
    """Return the levels for a body of evidence that is smaller than one trial should be."""
    if people >= size.wanted:
        return 0
    # A rule of thumb is too rough to carry two levels.
    return 2 if size.worked_out and people < FAR_BELOW * size.wanted else 1


def _is_large(result: PooledResult, measure: str, smallest: float | None) -> bool:
    """Return whether an effect is large enough for the number of people to be asked for.

    GRADE guidance 34 asks only of large effects, because small trials that find one mostly
    found too much. A ratio is large from a relative reduction of 30%; of differences the
    guidance gives no figure, and one that would matter is taken as large.
    """
    if smallest is None:
        return not result.ci_low <= 0 <= result.ci_high
    if measure in LOG_MEASURES:
        return abs(result.estimate) >= LARGE_LOG_RATIO
    return abs(result.estimate) >= smallest


def rate_imprecision(
    synthesis: Synthesis,
    scenario: Scenario,
    thresholds: Sequence[float],
    size: InformationSize,
    approach: str = APPROACHES[0],
) -> Domain:
    """Count the decision thresholds that the interval crosses, and ask for enough people.

    Where a smallest difference that matters is known, the verdict turns on it, on either
    side; otherwise on no effect at all.

    Parameters
    ----------
    synthesis
        The analysis.
    scenario
        One reading of it.
    thresholds
        Sizes that matter, without sign, on the scale of the result, smallest first; empty where
        none is known.
    size
        The optimal information size.
    approach
        One of `APPROACHES`.
    """
    result = scenario.result
    low, high = result.ci_low, result.ci_high
    people = synthesis.participants
    smallest = thresholds[0] if thresholds else None
    crossed = crossings(low, high, thresholds)
    asked = _is_large(result, synthesis.analysis.measure, smallest)
    short = _short_of(people, size) if asked else 0
    levels = min(max(crossed, short), MOST_LEVELS)
    parts = []
    if crossed:
        parts.append(_open(low, high, smallest, crossed, len(thresholds)))
    elif not short:
        parts.append(_closed(low, high, smallest, people))
    if short:
        far = "far fewer than" if short > 1 else "fewer than"
        parts.append(
            f"{capital(plural(people, 'person', 'people'))} took part, {far} the "
            f"{size.wanted:,} wanted ({size.basis})."
        )
    facts = {
        "approach": approach,
        "estimate": result.estimate,
        "low": low,
        "high": high,
        "thresholds": tuple(float(one) for one in thresholds),
        "people": people,
        "wanted": size.wanted,
    }
    reference = _GUIDANCE if approach == APPROACHES[0] else f"{_GUIDANCE}; {_CONTEXTUALISED}"
    return Domain("imprecision", levels, " ".join(parts), reference, facts, IMPRECISION_RULE)


def _open(low: float, high: float, smallest: float | None, crossed: int, known: int) -> str:
    """Say what the interval leaves open."""
    if smallest is None:
        return "The interval includes no effect."
    if low <= -smallest and high >= smallest:
        return "The interval includes both a benefit and a harm that would matter."
    if known > 1:
        cut = plural(crossed, "threshold")
        also = " and includes no effect" if low <= 0 <= high else ""
        return f"The interval crosses {cut} between sizes of the effect{also}."
    if low <= 0 <= high:
        return "The interval includes no effect as well as one that would matter."
    return "The interval includes effects that would matter and effects that would not."


def _closed(low: float, high: float, smallest: float | None, people: int) -> str:
    """Say what the interval settles."""
    if smallest is None:
        return f"The interval excludes no effect, with {people} people."
    side = "matter" if low >= smallest or high <= -smallest else "be too small to matter"
    return f"Every effect in the interval would {side}, with {people} people."
