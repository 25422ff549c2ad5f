"""Defaults that are no argument and no constant, found by running the code they rest on."""

from __future__ import annotations

import math

import numpy as np

from evidence.data import ReportedNumber
from evidence.effects.derivation.readings import Reading, agreeing_sets
from evidence.effects.measures.continuous import standardised_mean_difference
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult
from evidence.synthesis.sensitivity.influence import INFLUENCE_RULES
from evidence.synthesis.tau2 import q_profile

__all__ = [
    "contradiction_tolerance",
    "few_studies_most",
    "half_units_of_rounding",
    "influence_cutoffs",
    "prediction_fewest",
    "smd_formula",
    "tau2_interval",
]


def _pooled(k: int) -> PooledResult:
    """Pool k made-up studies by the defaults."""
    return pool(np.arange(k) / 2, np.full(k, 0.04))


def half_units_of_rounding() -> float:
    """Return how many units of its last printed digit a number may be off by rounding."""
    return ReportedNumber("10").half_unit


def contradiction_tolerance() -> float:
    """Return how far apart the statistics of two reports may be and still agree.

    Each report allows a range of its test statistic, as wide as its rounding; this is the
    widest gap between two ranges that is let pass, of those tried.
    """

    def reported(low: float, high: float) -> Reading:
        return Reading(
            study_id="one", outcome_id="one", timepoint="", measure="mean difference",
            kind="p", estimate=1.0, standard_error=1.0, n_treatment=20, n_control=20,
            path="", tier="primary", rows=(), source_ids=(),
            statistic_low=low, statistic_high=high,
        )  # fmt: skip

    first = reported(1.0, 2.0)
    gaps = (0.0, *(10.0**power for power in range(-12, 1)))
    return max(
        gap for gap in gaps if len(agreeing_sets((first, reported(2.0 + gap, 3.0 + gap)))) == 1
    )


def smd_formula() -> str:
    """Return the formula that a standardised mean difference names by default."""
    return standardised_mean_difference(
        mean_treatment=1, sd_treatment=1, n_treatment=20,
        mean_control=0, sd_control=1, n_control=20,
    ).formula  # fmt: skip


def prediction_fewest() -> int:
    """Return from how many studies on a pooled result has a prediction interval."""
    return next(k for k in range(1, 100) if _pooled(k).has_prediction)


def few_studies_most() -> int:
    """Return up to how many studies a pooled result carries the caution that they are few."""
    codes = {k: {caution.code for caution in _pooled(k).cautions} for k in range(2, 100)}
    return max(k for k, found in codes.items() if "few-studies" in found)


def tau2_interval() -> str:
    """Return the name of the interval of tau² that a pooled result carries."""
    result = _pooled(5)
    ends = q_profile(result.effects, result.variances, result.method.level)
    same = all(
        math.isclose(ours, theirs) for ours, theirs in zip(result.tau2_interval, ends, strict=True)
    )
    return "Q-profile" if same else "another"


def influence_cutoffs() -> str:
    """Return beyond which value of each diagnostic one of ten studies stands out."""
    return ", ".join(f"{rule.in_words} {rule.cutoff(10):.3g}" for rule in INFLUENCE_RULES)
