"""Lakens 2017, Soc Psychol Personal Sci 8:355-362: equivalence, and the minimal effect.

The first example is the one of the paper and its software: a replication of Eskine 2013 by Moery
and Calin-Jageman 2016 (n 95, mean 5.25, SD 0.95; n 89, mean 5.22, SD 0.83), with bounds of d 0.43.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from evidence.appraisal import equivalence_test, minimal_effect_test
from evidence.errors import InvalidArgumentError

ERROR = math.sqrt(0.95**2 / 95 + 0.83**2 / 89)
BOUND = 0.43 * math.sqrt((0.95**2 + 0.83**2) / 2)


def test_the_example_of_the_paper() -> None:
    found = equivalence_test(5.25 - 5.22, ERROR, BOUND, df=182)
    # The paper's software prints t(182) = -2.69, p = .004 for the bound that decides.
    assert round(found.statistic_high, 2) == -2.69
    assert round(found.p_value, 3) == 0.004
    assert found.p_value == found.p_high
    assert round(found.statistic_low, 2) == 3.15
    assert "probably smaller" in found.sentence()


def test_two_one_sided_tests_by_hand() -> None:
    found = equivalence_test(0.1, 0.2, 0.5)
    assert found.p_low == pytest.approx(norm.sf(3))
    assert found.p_high == pytest.approx(norm.sf(2))
    assert found.p_value == found.p_high
    assert "does not rule out" in equivalence_test(0.4, 0.2, 0.5).sentence()


def test_equivalence_is_the_interval_of_one_less_twice_alpha_within_the_bounds() -> None:
    for estimate in np.linspace(-1, 1, 21):
        found = equivalence_test(estimate, 0.2, 0.5)
        reach = norm.isf(0.05) * 0.2
        inside = estimate - reach > -0.5 and estimate + reach < 0.5
        assert (found.p_value < 0.05) == inside


def test_the_minimal_effect_by_hand() -> None:
    found = minimal_effect_test(1.1, 0.2, 0.5)
    assert found.p_value == pytest.approx(norm.sf(3) + norm.sf(8))
    assert "probably is that large" in found.sentence()
    assert minimal_effect_test(0, 0.2, 0.5).p_value == pytest.approx(1)
    # At a threshold of nothing it is the usual p value.
    assert minimal_effect_test(0.4, 0.2, 1e-12).p_value == pytest.approx(2 * norm.sf(2))


def test_the_minimal_effect_test_keeps_its_level_at_the_edge() -> None:
    draws = np.random.default_rng(3).normal(0.5, 0.3, 20_000)
    p = np.array([minimal_effect_test(x, 0.3, 0.5).p_value for x in draws])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.006)
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.02)


def test_never_both() -> None:
    for estimate in np.linspace(-2, 2, 81):
        both = equivalence_test(estimate, 0.2, 0.5), minimal_effect_test(estimate, 0.2, 0.5)
        assert max(each.p_value for each in both) > 0.05


@pytest.mark.parametrize("threshold", [0, -1, math.inf, math.nan])
def test_a_threshold_is_above_zero(threshold: float) -> None:
    for test in (equivalence_test, minimal_effect_test):
        with pytest.raises(InvalidArgumentError, match="threshold is"):
            test(0.1, 0.2, threshold)
