"""Peto's method: a common odds ratio from observed minus expected events.

References
----------
Yusuf S, Peto R, Lewis J, Collins R, Sleight P (1985). Beta blockade during and after
myocardial infarction: an overview of the randomized trials. Progress in Cardiovascular
Diseases 27:335-371.
Greenland S, Salvan A (1990). Bias in the one-step method for pooling study results.
Statistics in Medicine 9:247-252.
Bradburn MJ, Deeks JJ, Berlin JA, Localio AR (2007). Much ado about nothing: a comparison of
the performance of meta-analytical methods with rare events. Statistics in Medicine
26:53-77.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import format_number
from evidence.effects.arguments import Floats, check_level
from evidence.effects.measures.arcsine import hypergeometric_score
from evidence.errors import Caution
from evidence.synthesis.sparse.counts import Tables, read_tables
from evidence.synthesis.sparse.mantel_haenszel import refuse_without_contrast
from evidence.synthesis.sparse.result import Fit, SparseResult, finish
from evidence.synthesis.sparse.stratified_tests import association_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["PETO_CONDITIONS", "PetoConditions", "peto_cautions", "peto_estimate", "pool_peto"]


@dataclass(frozen=True, slots=True)
class PetoConditions:
    """When Peto's method can be relied on.

    Attributes
    ----------
    most_events
        Share of people with the event, at most: the Handbook (10.4.4.2) names rates
        below 1%.
    most_imbalance
        Larger group over smaller one, at most. The literature says "balanced" and gives no
        number; 2 is this module's choice.
    most_effect
        Odds ratio (or its inverse), at most. The literature says "not very large"; 3 is
        this module's choice: with equal groups and rare events Peto's log odds ratio tends
        to ``2 tanh(log(OR) / 2)``, which is 9% short at 3 and 17% short at 5.
    reference
        Where the conditions come from.
    """

    most_events: float = 0.01
    most_imbalance: float = 2.0
    most_effect: float = 3.0
    reference: str = (
        "Bradburn, Deeks, Berlin and Localio 2007, Statistics in Medicine 26:53-77; "
        "Cochrane Handbook, section 10.4.4"
    )


PETO_CONDITIONS = PetoConditions()


def pool_peto(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> SparseResult:
    """Pool counts of several studies by Peto's method.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    SparseResult
        On the log odds scale. Nothing is ever added to the counts; studies in which nobody
        or everybody had the event have weight 0 and are named in a caution. Where the
        conditions of the method (`PETO_CONDITIONS`) do not hold, a caution says which.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When in every study nobody, or everybody, had the event.
    """
    level = check_level(level)
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    refuse_without_contrast(tables)
    excess, weights = _score(tables)
    silent = tables.nobody | tables.everybody
    safe = np.where(silent, np.nan, weights)
    return finish(
        named=("Peto", "odds ratio", "inverse of the hypergeometric variance", level),
        names=tables.names,
        counts=tables.columns(),
        idle={"nobody had the event": tables.nobody, "everybody had it": tables.everybody},
        fit=Fit(
            peto_estimate(tables),
            1 / float(weights.sum()),
            weights,
            excess / safe,
            1 / safe,
        ),
        tests=(association_test(tables),),
        cautions=(*tables.cautions, *peto_cautions(tables)),
    )


def peto_estimate(tables: Tables) -> float:
    """Return Peto's log odds ratio of checked tables, at least one of them informative."""
    excess, variance = _score(tables)
    return float(excess.sum()) / float(variance.sum())


def _score(tables: Tables) -> tuple[Floats, Floats]:
    return hypergeometric_score(tables.a, tables.n1, tables.c, tables.n2)


def peto_cautions(
    tables: Tables, conditions: PetoConditions = PETO_CONDITIONS
) -> tuple[Caution, ...]:
    """Say which conditions of Peto's method do not hold.

    Parameters
    ----------
    tables
        At least one of them informative.
    conditions
        The bounds.

    Returns
    -------
    tuple of Caution
        Empty where all hold.
    """
    used = tables.take(~(tables.nobody | tables.everybody))
    found: list[Caution] = []
    rate = float(tables.events.sum() / tables.total.sum())
    if min(rate, 1 - rate) > conditions.most_events:
        found.append(
            Caution(
                "peto-common-events",
                f"{format_number(100 * rate, 1)}% of people had the event. Peto's method is meant "
                f"for rare events, up to about {100 * conditions.most_events:g}%; with frequent "
                "ones use the Mantel-Haenszel method.",
                conditions.reference,
            )
        )
    imbalance = np.maximum(used.n1 / used.n2, used.n2 / used.n1)
    if float(imbalance.max()) > conditions.most_imbalance:
        worst = int(np.argmax(imbalance))
        found.append(
            Caution(
                "peto-imbalance",
                f"The groups of {used.names[worst]} differ in size {imbalance[worst]:.2g}-fold. "
                "Peto's method is biased with unequal groups.",
                f"Greenland and Salvan 1990, Statistics in Medicine 9:247-252; "
                f"{conditions.reference}",
            )
        )
    effect = abs(peto_estimate(tables))
    if effect > math.log(conditions.most_effect):
        found.append(
            Caution(
                "peto-large-effect",
                "The estimated odds ratio is beyond "
                f"{conditions.most_effect:g} (or 1/{conditions.most_effect:g}). Peto's method "
                "draws large effects towards 1.",
                f"Greenland and Salvan 1990, Statistics in Medicine 9:247-252; "
                f"{conditions.reference}",
            )
        )
    return tuple(found)
