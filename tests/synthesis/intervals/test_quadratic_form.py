"""The exact distribution of a generalised Q: closed forms, eigenvalues, far tails, large bodies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.synthesis.intervals.dense import cochran_q, form, mixture_cdf
from tests.synthesis.strategies import syntheses

from evidence.errors import InvalidArgumentError
from evidence.synthesis.intervals.kernels import tails
from evidence.synthesis.intervals.tau2_intervals import generalised_q_tails

CHANCES = [1e-12, 1e-6, 1e-3, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999, 1 - 1e-9]


@pytest.mark.parametrize("k", [2, 3, 5, 13, 60, 1000, 20_000])
def test_equal_variances_give_a_chi_square(k):
    for chance in CHANCES:
        q = stats.chi2.ppf(chance, k - 1)
        lower, upper = tails(1.7 * q, np.full(k, 2.0), np.full(k, 0.85))
        assert lower == pytest.approx(stats.chi2.cdf(q, k - 1), rel=1e-12)
        assert upper == pytest.approx(stats.chi2.sf(q, k - 1), rel=1e-12)


@pytest.mark.parametrize("tau2", [0.0, 1.0, 1e6])
@pytest.mark.parametrize("power", [1.0, 0.5, 0.0])
def test_two_studies_give_one_chi_square_also_where_one_dominates(tau2, power):
    variances = np.array([1e-6, 1e4])
    a = variances**-power
    shares, sizes = a / a.sum(), a * (variances + tau2)
    eigenvalue = shares[0] * sizes[1] + shares[1] * sizes[0]
    for chance in CHANCES:
        q = stats.chi2.ppf(chance, 1)
        lower, upper = tails(q * eigenvalue, a, variances + tau2)
        assert lower == pytest.approx(stats.chi2.cdf(q, 1), rel=1e-11)
        assert upper == pytest.approx(stats.chi2.sf(q, 1), rel=1e-11)


@pytest.mark.parametrize("power", [1.0, 0.5])
@pytest.mark.parametrize("tau2", [0.0, 0.04, 3.0])
def test_the_mixture_over_eigenvalues(power, tau2):
    variances = np.array([0.02, 0.5, 0.03, 0.3, 0.07, 0.04, 0.9])
    a = variances**-power
    eigenvalues = form(variances, a, tau2)
    for q in eigenvalues.sum() * np.array([0.05, 0.3, 0.9, 1.0, 1.5, 3.0]):
        expected = mixture_cdf(q, eigenvalues)
        lower, upper = tails(q, a, variances + tau2)
        assert lower == pytest.approx(expected, rel=1e-11)
        assert upper == pytest.approx(1 - expected, abs=1e-13)


@pytest.mark.parametrize("k", [30, 120, 400])
@pytest.mark.parametrize("tau2", [0.0, 0.01, 1.0])
def test_many_unequal_variances(k, tau2):
    rng = np.random.default_rng(k)
    variances = np.exp(rng.normal(-3, 0.8, k))
    a = 1 / variances
    eigenvalues = form(variances, a, tau2)
    sd = math.sqrt(2 * (eigenvalues**2).sum())
    for z in (-2.5, -1, -0.1, 0.1, 1, 2.5):
        q = eigenvalues.sum() + z * sd
        assert tails(q, a, variances + tau2)[0] == pytest.approx(
            mixture_cdf(q, eigenvalues), rel=1e-10
        )


@given(syntheses(most=6), st.sampled_from(["1/v", "1/sqrt(v)"]), st.floats(0, 2))
def test_any_few_studies(studies, weights, tau2):
    effects, variances = np.array(studies[0]), np.array(studies[1])
    a = variances ** -(1.0 if weights == "1/v" else 0.5)
    q = cochran_q(effects, a)
    lower, upper = generalised_q_tails(effects, variances, tau2, weights=weights)
    assert lower + upper == pytest.approx(1, abs=1e-12)
    eigenvalues = form(variances, a, tau2)
    if q / eigenvalues.min() < 2000:
        assert lower == pytest.approx(mixture_cdf(q, eigenvalues), rel=1e-8, abs=1e-12)


def test_the_order_of_studies_and_the_unit_do_not_matter():
    effects, variances = np.array([0.1, 0.9, -0.4, 0.3]), np.array([0.04, 0.2, 0.1, 0.03])
    first = generalised_q_tails(effects, variances, 0.1)
    for order in ([3, 2, 1, 0], [1, 0, 3, 2]):
        again = generalised_q_tails(effects[order], variances[order], 0.1)
        assert again == pytest.approx(first, rel=1e-12)
    for unit in (1e-8, 1e8):
        again = generalised_q_tails(effects * unit, variances * unit**2, 0.1 * unit**2)
        assert again == pytest.approx(first, rel=1e-12)


def test_weights_of_ones_own():
    effects, variances = [0.1, 0.9, -0.4, 0.3], [0.04, 0.2, 0.1, 0.03]
    by_name = generalised_q_tails(effects, variances, 0.1, weights="1/v")
    given_ = generalised_q_tails(effects, variances, 0.1, weights=[7 / v for v in variances])
    assert given_ == pytest.approx(by_name, rel=1e-12)


def test_identical_effects_have_no_lower_tail():
    assert generalised_q_tails([0.2, 0.2, 0.2], [0.1, 0.3, 0.2], 0.5) == (0.0, 1.0)


def test_the_mean_of_q_lies_where_it_should():
    rng = np.random.default_rng(4)
    variances = np.exp(rng.normal(-2, 1, 500))
    a = 1 / variances
    eigenvalues = form(variances, a, 0.1)
    mean, sd = eigenvalues.sum(), math.sqrt(2 * (eigenvalues**2).sum())
    below, above = (tails(mean + z * sd, a, variances + 0.1)[0] for z in (-0.1, 0.1))
    assert below < 0.5 < above


@pytest.mark.parametrize("tau2", [-0.1, math.nan, math.inf, [0.1, 0.2]])
def test_tau2_is_checked(tau2):
    with pytest.raises(InvalidArgumentError, match="tau2"):
        generalised_q_tails([0.1, 0.4], [0.1, 0.1], tau2)
