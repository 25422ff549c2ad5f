"""van Zwet, Schwab and Senn 2021, Stat Med 40:6107-6117, and van Zwet and Goodman 2022.

The abstracts give: a median achieved power of 0.13; an estimate just significant at 5% is too
large by a factor of 1.7; with p = 0.05 a probability of 93% of the right sign and less than 30% of
reaching significance again, with p = 0.005 99% and 50%.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student

from evidence.appraisal import shrink_trial
from evidence.appraisal.trial.shrinkage import SNR_SDS, SNR_WEIGHTS
from evidence.errors import InvalidArgumentError


def of_p(p: float):
    return shrink_trial(norm.isf(p / 2), 1)


def test_just_significant_is_too_large_by_1_7() -> None:
    assert round(of_p(0.05).exaggeration, 1) == 1.7


def test_sign_and_repeat() -> None:
    assert round(100 * of_p(0.05).right_sign) == 93
    assert of_p(0.05).repeat_same_side < 0.30
    assert round(100 * of_p(0.005).right_sign) == 99
    assert of_p(0.005).repeat_same_side == pytest.approx(0.50, abs=0.015)


def test_the_median_power_of_the_database() -> None:
    """The prior alone, without a trial."""
    weights, sds = np.array(SNR_WEIGHTS), np.array(SNR_SDS)
    assert weights.sum() == pytest.approx(1)
    median = brentq(lambda x: weights @ (2 * norm.cdf(x / sds) - 1) - 0.5, 0, 10)
    power = norm.cdf(median - 1.96) + norm.cdf(-median - 1.96)
    assert round(power, 2) == 0.13


def test_what_is_told_of_the_truth_is_so() -> None:
    """Draw truths from the mixture, trials from them, and look at those near one result."""
    random = np.random.default_rng(7)
    part = random.choice(4, 2_000_000, p=SNR_WEIGHTS)
    truth = np.array(SNR_SDS)[part] * random.standard_normal(part.size)
    z = truth + random.standard_normal(part.size)
    near = np.abs(z - 1.6) < 0.03
    mine, found = truth[near], shrink_trial(1.6, 1)
    assert near.sum() > 10_000
    assert found.estimate == pytest.approx(mine.mean(), abs=0.04)
    assert found.right_sign == pytest.approx((mine > 0).mean(), abs=0.01)
    assert found.exaggeration == pytest.approx(1.6 / np.median(np.abs(mine)), rel=0.04)
    inside = (mine > found.ci_low) & (mine < found.ci_high)
    assert inside.mean() == pytest.approx(0.95, abs=0.007)
    again = mine + random.standard_normal(mine.size)
    assert found.repeat == pytest.approx((np.abs(again) > 1.96).mean(), abs=0.012)


def test_the_estimate_shrinks_and_less_so_the_clearer_it_is() -> None:
    found = [shrink_trial(z, 1) for z in (0.5, 1, 2, 3, 5, 8)]
    shares = [one.estimate / one.observed for one in found]
    assert shares == sorted(shares)
    assert all(0 < share < 1 for share in shares)


def test_no_effect_seen_is_none_expected() -> None:
    found = shrink_trial(0.0, 2.0)
    assert found.estimate == 0
    assert found.right_sign == pytest.approx(0.5)
    assert found.ci_low == pytest.approx(-found.ci_high)
    assert "times as large" not in found.sentence()


def test_t_is_taken_at_its_p() -> None:
    """A t value counts as the z value with its p, and keeps its estimate."""
    few = shrink_trial(2.5, 1, df=6)
    z = norm.isf(student.sf(2.5, 6))
    same = shrink_trial(z, 1)
    assert few.z == pytest.approx(z)
    assert few.estimate / 2.5 == pytest.approx(same.estimate / z)
    assert shrink_trial(1e-5, 1, df=6).estimate == pytest.approx(
        shrink_trial(2e-4, 1, df=6).estimate / 20, rel=1e-4
    )


def test_a_standard_error_that_is_none_is_named() -> None:
    with pytest.raises(InvalidArgumentError, match="standard_error is 0"):
        shrink_trial(1.0, 0.0)
    with pytest.raises(InvalidArgumentError, match="too small for a number"):
        shrink_trial(1e6, 1.0, df=200)
    assert math.isfinite(shrink_trial(40, 1).estimate)
