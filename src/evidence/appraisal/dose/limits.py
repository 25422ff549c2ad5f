"""Upper limits and reference intakes, read from the facts of a review."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.appraisal.dose.amounts import milligrams
from evidence.data import Review
from evidence.data.frames import each_row

__all__ = ["Limit", "reference_intakes", "upper_limits"]


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit or reference intake, in milligrams of the element a day.

    Attributes
    ----------
    fact_id, quantity, subject
        As in `facts.csv`.
    value
        Milligrams a day.
    tier, source_id
        Where it was read.
    """

    fact_id: str
    quantity: str
    subject: str
    value: float
    tier: str
    source_id: str


def upper_limits(review: Review) -> tuple[Limit, ...]:
    """Return the upper limits of intake that a review knows, lowest first.

    Parameters
    ----------
    review
        The review; a limit is a fact whose quantity says `upper`, in a weight a day.
    """
    return _facts(review, "upper")


def reference_intakes(review: Review) -> tuple[Limit, ...]:
    """Return the recommended intakes from all sources that a review knows, lowest first.

    Parameters
    ----------
    review
        The review; one is a fact whose quantity says `dietary allowance` or
        `reference intake`, in a weight a day.
    """
    found = (*_facts(review, "dietary allowance"), *_facts(review, "reference intake"))
    return tuple(sorted(found, key=lambda limit: (limit.value, limit.fact_id)))


def _facts(review: Review, word: str) -> tuple[Limit, ...]:
    found = [
        Limit(
            str(row.fact_id),
            str(row.quantity),
            str(row.subject),
            float(row.value) * factor,
            str(row.tier),
            str(row.source_id),
        )
        for row in each_row(review.facts)
        if word in str(row.quantity).casefold()
        # "mg/day, all sources": what follows the comma says of which intake.
        and (factor := milligrams(str(row.unit).partition(",")[0])) == factor
        and row.value == row.value
    ]
    return tuple(sorted(found, key=lambda limit: (limit.value, limit.fact_id)))
