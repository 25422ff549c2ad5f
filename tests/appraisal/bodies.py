"""Bodies of evidence made up for the tests of certainty: each trial has the weight it is given."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evidence.appraisal import Domain, rate_certainty
from evidence.data import Analysis, Review
from evidence.effects.derivation.derive import Derivation, LeftOut
from evidence.effects.derivation.readings import Comparison, Reading
from evidence.synthesis import pool
from evidence.synthesis.body import Scenario, Synthesis

ANALYSIS = Analysis("trouble", "Nap trouble", ("nap-trouble",), "mean difference", model="common")
NAMES = {"alpha2020": "Alpha 2020", "beta2021": "Beta 2021", "gamma2022": "Gamma 2022"}


def reading(study_id: str, estimate: float, variance: float, people: float, kind: str) -> Reading:
    return Reading(
        study_id=study_id,
        outcome_id="nap-trouble",
        timepoint="week 4",
        measure="mean difference",
        kind=kind,
        estimate=estimate,
        standard_error=math.sqrt(variance),
        n_treatment=people / 2,
        n_control=people / 2,
        path="made up",
        tier="primary",
        rows=(("arms", 2),),
        source_ids=("alpha-article",),
        statistic_low=abs(estimate) / math.sqrt(variance),
        statistic_high=abs(estimate) / math.sqrt(variance),
    )


def body(
    weights: dict[str, float],
    *,
    estimates: dict[str, float] | None = None,
    people: int = 1000,
    contradictory: tuple[str, ...] = (),
    left_out: tuple[LeftOut, ...] = (),
) -> Synthesis:
    """Build a body of evidence in which each trial has the weight it is given."""
    comparisons, chosen = [], []
    for study_id, weight in weights.items():
        estimate = (estimates or {}).get(study_id, -2.0)
        first = reading(study_id, estimate, 1 / weight, people / len(weights), "arms")
        found = [first]
        if study_id in contradictory:
            found.append(reading(study_id, 5 * estimate, 1 / weight, people, "p"))
        comparisons.append(
            Comparison(
                study_id, "nap-trouble", "week 4", "mean difference", NAMES[study_id], tuple(found)
            )
        )
        chosen.append(first)
    result = pool(chosen, labels=list(weights), model="common", ci_method="Wald")
    assert result.weights == pytest.approx(100 * np.array([*weights.values()]))
    derivation = Derivation(ANALYSIS, tuple(comparisons), left_out)
    return Synthesis(ANALYSIS, derivation, (Scenario("", tuple(chosen), result),))


def domain(
    review: Review, synthesis: Synthesis, name: str, threshold: float | None = 1.0
) -> Domain:
    rated = rate_certainty(review, synthesis, synthesis.scenarios[0], threshold)
    return next(one for one in rated.domains if one.name == name)
