"""The variance between studies: defining equations of each estimator and of its interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import chi2
from tests.synthesis.strategies import syntheses

from evidence.synthesis.tau2 import (
    TAU2_METHODS,
    estimate_tau2,
    generalised_q,
    log_likelihood,
    q_profile,
    weighted_mean,
)

EXACT = 1e-12  # relative
DEFINING = 1e-8  # relative, of an equation that an estimate solves


def arrays(given) -> tuple[np.ndarray, np.ndarray]:
    return np.array(given[0]), np.array(given[1])


def test_dersimonian_and_laird_by_hand() -> None:
    # 1, 2, 6 with variances 1, 1/2, 1/2: weights 1, 2, 2; mean 17/5; Q = 5.76 + 3.92 + 13.52 =
    # 23.2; Σw - Σw²/Σw = 5 - 9/5 = 3.2; (23.2 - 2) / 3.2 = 6.625
    y, v = np.array([1.0, 2.0, 6.0]), np.array([1.0, 0.5, 0.5])
    assert_allclose(weighted_mean(y, v, 0), 3.4, rtol=EXACT)
    assert_allclose(generalised_q(y, v, 0), 23.2, rtol=EXACT)
    assert_allclose(estimate_tau2(y, v, "DL"), 6.625, rtol=EXACT)


def test_paule_and_mandel_by_hand() -> None:
    # Q(t) is 2 at the root; with weights 1/(1+t) and twice 1/(1/2+t): at t = 6.75 they are
    # 4/31, 4/29, 4/29, so the mean is (1/31 + 8/29) / (1/31 + 2/29).
    y, v = np.array([1.0, 2.0, 6.0]), np.array([1.0, 0.5, 0.5])
    mean = (1 / 31 + 8 / 29) / (1 / 31 + 2 / 29)
    assert_allclose(weighted_mean(y, v, 6.75), mean, rtol=EXACT)
    tau2 = estimate_tau2(y, v, "PM")
    assert_allclose(generalised_q(y, v, tau2), 2, rtol=DEFINING)


@pytest.mark.parametrize("method", ["REML", "DL", "PM", "EB", "HE", "DL2", "HE2"])
def test_two_studies_in_closed_form(method: str) -> None:
    # With k = 2 all of these solve (y₁ - y₂)² = v₁ + v₂ + 2 tau².
    y, v = np.array([0.2, 1.7]), np.array([0.1, 0.4])
    assert_allclose(estimate_tau2(y, v, method), (1.5**2 - 0.5) / 2, rtol=1e-9)
    assert estimate_tau2(np.array([0.2, 0.5]), v, method) == 0


@settings(max_examples=60)
@given(syntheses())
def test_paule_mandel_solves_its_equation(given) -> None:
    y, v = arrays(given)
    tau2 = estimate_tau2(y, v, "PM")
    if tau2 > 0:
        assert_allclose(generalised_q(y, v, tau2), len(y) - 1, rtol=DEFINING)
    else:
        assert generalised_q(y, v, 0) <= len(y) - 1


@settings(max_examples=60)
@given(syntheses())
def test_reml_solves_its_equation(given) -> None:
    # tau² = Σ w² ((y - mean)² - v) / Σ w² + 1 / Σ w, w = 1 / (v + tau²)
    y, v = arrays(given)
    tau2 = estimate_tau2(y, v, "REML")
    if tau2 > 0:
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        again = (w**2 @ ((y - mean) ** 2 - v)) / (w @ w) + 1 / w.sum()
        assert_allclose(again, tau2, rtol=1e-6, atol=1e-6 * v.min())


@settings(max_examples=60)
@given(syntheses(), st.floats(0.5, 0.999))
def test_the_q_profile_solves_its_equations(given, level: float) -> None:
    y, v = arrays(given)
    low, high = q_profile(y, v, level)
    df, tail = len(y) - 1, (1 - level) / 2
    assert 0 <= low <= high
    for end, quantile in ((low, chi2.isf(tail, df)), (high, chi2.ppf(tail, df))):
        if end > 0:
            assert_allclose(generalised_q(y, v, end), quantile, rtol=1e-7)
        else:
            assert generalised_q(y, v, 0) <= quantile * (1 + 1e-12)


@pytest.mark.parametrize("level", [0.999999, 1 - 1e-12, math.nextafter(1, 0)])
def test_an_extreme_level_ends(level: float) -> None:
    # 1 - tail rounds to 1 here, and the quantile of 1 - tail would be 0, which no tau² reaches.
    low, high = q_profile(np.array([0.0, 2.0]), np.array([1.0, 1.0]), level)
    assert low == 0
    assert math.isfinite(high)
    # Q(t) = 2 / (1 + t), and the lower quantile of χ² on 1 is about (tail)² π / 2
    tail = (1 - level) / 2
    assert_allclose(high, 2 / (tail**2 * math.pi / 2), rtol=1e-3)


def test_studies_that_agree_too_well_have_an_empty_interval() -> None:
    # Q = 0.0002 lies below the lower quantile of χ² on 1, 0.00098.
    assert q_profile(np.array([0.0, 0.02]), np.array([1.0, 1.0])) == (0, 0)


@settings(max_examples=60)
@given(syntheses(least=3), st.sampled_from(sorted(TAU2_METHODS)))
def test_an_outlier_further_out_means_more_variance(given, method: str) -> None:
    y, v = arrays(given)
    further = y.copy()
    further[0] = y[1:].max() + 20
    furthest = further.copy()
    furthest[0] += 5
    assert estimate_tau2(furthest, v, method) > estimate_tau2(further, v, method) > 0


def test_the_likelihood_falls_beyond_what_is_searched() -> None:
    # The bracket's top is four times the sum of squares and ten times the largest variance.
    y, v = np.array([-3.0, 0.5, 4.0]), np.array([0.2, 1.0, 0.3])
    centred = y - y.mean()
    top = 4 * float(centred @ centred) + 10 * float(v.max())
    heights = [log_likelihood(y, v, top * factor) for factor in (1, 2, 10, 1e3, 1e6)]
    assert (np.diff(heights) < 0).all()
