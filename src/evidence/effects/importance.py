"""Which difference between groups counts as important, on the scale of a measure."""

from __future__ import annotations

import math

from evidence.data import Review, Threshold
from evidence.effects.derivation.readings import LOG_MEASURES

__all__ = [
    "APPRECIABLE_LOG_RATIO",
    "BETWEEN",
    "important_difference",
    "important_differences",
    "smallest_threshold",
    "thresholds_between",
]

#: The only kind of threshold that a difference between groups may be compared with.
BETWEEN = "difference between groups"

#: GRADE guidelines 6 (Guyatt et al. 2011, J Clin Epidemiol 64:1283-1293): a relative change
#: of 25% is taken as appreciable where no threshold of the outcome is known.
APPRECIABLE_LOG_RATIO = math.log(1.25)


def smallest_threshold(
    review: Review, outcome_ids: tuple[str, ...], scale: str
) -> Threshold | None:
    """Return the smallest threshold for a difference between groups, or None.

    Parameters
    ----------
    review
        The review.
    outcome_ids
        The outcomes it may belong to.
    scale
        ``"outcome unit"`` or ``"SMD"``.
    """
    found = [
        threshold
        for outcome_id in outcome_ids
        for threshold in review.thresholds(outcome_id, BETWEEN)
        if threshold.scale == scale
    ]
    return min(found, key=lambda threshold: threshold.value) if found else None


def important_difference(
    review: Review, outcome_ids: tuple[str, ...], measure: str
) -> float | None:
    """Return the smallest difference that counts as important, as the measure is pooled.

    Parameters
    ----------
    review
        The review.
    outcome_ids
        The outcomes of the analysis.
    measure
        Its measure. A ratio is taken as its logarithm, and needs no threshold of the outcome.

    Returns
    -------
    float or None
        Without sign; None where nobody said.
    """
    if measure in LOG_MEASURES:
        return APPRECIABLE_LOG_RATIO
    scale = "SMD" if measure.startswith("standardised") else "outcome unit"
    found = smallest_threshold(review, outcome_ids, scale)
    return None if found is None else found.value


def important_differences(
    review: Review, outcome_ids: tuple[str, ...], measure: str
) -> tuple[float, ...]:
    """Return every difference that counts as important, as the measure is pooled, smallest first.

    Parameters
    ----------
    review
        The review.
    outcome_ids
        The outcomes of the analysis.
    measure
        Its measure. A ratio is taken as its logarithm, and has one.

    Returns
    -------
    tuple of float
        Without sign; empty where nobody said.
    """
    if measure in LOG_MEASURES:
        return (APPRECIABLE_LOG_RATIO,)
    found = thresholds_between(review, outcome_ids, measure)
    return tuple(sorted({threshold.value for threshold in found}))


def thresholds_between(
    review: Review, outcome_ids: tuple[str, ...], measure: str
) -> tuple[Threshold, ...]:
    """Return the thresholds that a difference between groups may be held against.

    Parameters
    ----------
    review
        The review.
    outcome_ids
        The outcomes of the analysis.
    measure
        Its measure, which says on what scale the difference is.

    Returns
    -------
    tuple of Threshold
        Smallest first; empty where nobody said, and for a ratio.
    """
    scale = "SMD" if measure.startswith("standardised") else "outcome unit"
    found = (
        threshold
        for outcome_id in outcome_ids
        for threshold in review.thresholds(outcome_id, BETWEEN)
        if threshold.scale == scale and measure not in LOG_MEASURES
    )
    return tuple(sorted(found, key=lambda threshold: threshold.value))
