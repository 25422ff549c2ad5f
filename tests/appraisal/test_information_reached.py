"""People so far against those wanted: D² by hand, and one number shared with imprecision."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.appraisal.certainty.information_size import InformationSize
from evidence.appraisal.information_reached import (
    YARDSTICK,
    InformationReached,
    diversity,
    information_reached,
)
from evidence.data import load_review
from evidence.errors import InvalidArgumentError
from evidence.judgement import conclude
from evidence.synthesis.pool import pool


def test_diversity_by_hand() -> None:
    """Alike variances: tau² / (v + tau²), which is I²; and one worked out with two weights."""
    assert_allclose(diversity([0.1, 0.1, 0.1], 0.3), 0.75)
    # V_F = 1 / (1 + 1/3) = 3/4; V_R = 1 / (1/2 + 1/4) = 4/3: D² = 1 - 9/16.
    assert_allclose(diversity([1.0, 3.0], 1.0), 7 / 16)
    assert diversity([1.0, 3.0], 0.0) == 0.0
    assert diversity([1.0, 3.0], math.inf) == 1.0


def test_diversity_is_at_least_i2() -> None:
    """As Wetterslev and others prove."""
    random = np.random.default_rng(5)
    for _ in range(50):
        result = pool(random.normal(0, 1, 6), random.uniform(0.05, 2, 6))
        assert diversity(result.variances, result.tau2) >= result.i2 / 100 - 1e-12


@pytest.mark.parametrize("tau2", [-0.1, math.nan, "a"])
def test_a_tau2_that_is_none_is_refused(tau2) -> None:
    with pytest.raises(InvalidArgumentError, match="tau2"):
        diversity([1.0], tau2)


def test_the_adjusted_size_by_hand() -> None:
    found = InformationReached(64, 4, InformationSize(128, "to show it"), 0.75, 0.0, 1.0)
    assert found.share == 0.5
    assert found.adjusted(0.75) == 512
    assert math.isinf(found.adjusted(1.0))
    assert "512 people wanted" in found.summary()
    assert "50% of it" in found.summary()
    assert "from 128 people without an upper end" in found.summary()
    assert found.summary().endswith(YARDSTICK)


def test_alike_trials_and_one_trial() -> None:
    size = InformationSize(128, "to show it")
    alike = InformationReached(300, 3, size, 0.0, 0.0, 0.5)
    assert "no proof" in alike.summary()
    assert "up to 256 people" in alike.summary()
    one = InformationReached(300, 1, size, math.nan, math.nan, math.nan)
    assert one.diversity_in_words == ""
    assert "D²" not in one.summary()


def test_one_number_with_the_rating_of_imprecision() -> None:
    """What is wanted here is what the domain of imprecision held the people against."""
    conclusions = conclude(load_review("magnesium-sleep"))
    for analysis in conclusions.usable:
        for scenario, certainty in zip(
            analysis.synthesis.scenarios, analysis.certainties, strict=True
        ):
            found = information_reached(conclusions.review, analysis.synthesis, scenario)
            facts = next(d for d in certainty.domains if d.name == "imprecision").facts
            assert (found.size.wanted, found.people) == (facts["wanted"], facts["people"])
            assert found.trials == scenario.result.k
            assert math.isnan(found.d2) is not scenario.result.pooled
