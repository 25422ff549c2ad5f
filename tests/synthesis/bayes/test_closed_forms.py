"""Where algebra gives the answer, the quadrature gives the same."""

import math

import numpy as np
import pytest
from scipy import stats

from evidence.errors import InsufficientEvidenceError
from evidence.synthesis.bayes.fit import pool_bayes
from evidence.synthesis.bayes.priors import (
    HalfCauchy,
    HalfNormal,
    LogNormal,
    LogStudentT,
    Normal,
    Uniform,
)
from evidence.synthesis.pool import pool

Y = np.array([0.5, -0.1, 0.3, 0.7])
V = np.array([0.09, 0.04, 0.2, 0.01])


def known_tau(tau):
    """Return a prior that leaves no doubt about tau."""
    return LogNormal(math.log(tau), 1e-7, of="tau")


def test_a_prior_close_to_zero_gives_the_common_effect():
    result, common = pool_bayes(Y, V, tau_prior=HalfNormal(1e-7)), pool(Y, V, model="common")
    expected = stats.norm(common.estimate, pooled_se())
    assert result.mu.mean == pytest.approx(common.estimate, abs=1e-12)
    assert result.mu.sd == pytest.approx(pooled_se(), rel=1e-11)
    assert result.mu.interval() == pytest.approx(expected.interval(0.95), abs=1e-11)
    assert result.mu.shortest_interval() == pytest.approx(expected.interval(0.95), abs=1e-7)
    assert result.bayes_factor_tau_zero == pytest.approx(1, rel=1e-9)
    assert "prior-scale" in [caution.code for caution in result.cautions]


def pooled_se():
    return 1 / math.sqrt((1 / V).sum())


def test_a_normal_prior_is_conjugate_when_tau_is_known():
    tau, prior = 0.4, Normal(1.0, 0.3)
    result = pool_bayes(Y, V, tau_prior=known_tau(tau), mu_prior=prior)
    weights = 1 / (V + tau**2)
    precision = weights.sum() + 1 / prior.sd**2
    mean = (weights @ Y + prior.mean / prior.sd**2) / precision
    assert result.mu.mean == pytest.approx(mean, abs=1e-10)
    assert result.mu.sd == pytest.approx(1 / math.sqrt(precision), rel=1e-10)
    assert result.mu.mode == pytest.approx(mean, abs=1e-8)
    assert result.predictive.sd == pytest.approx(math.sqrt(1 / precision + tau**2), rel=1e-10)
    covariance = np.diag(V + tau**2) + prior.sd**2
    marginal = stats.multivariate_normal([prior.mean] * 4, covariance).logpdf(Y)
    assert result.log_marginal_likelihood == pytest.approx(marginal, abs=1e-9)
    null = stats.norm(0, np.sqrt(V + tau**2)).logpdf(Y).sum()
    assert result.log_bayes_factor_mu() == pytest.approx(null - marginal, abs=1e-9)


def test_study_effects_are_shrunk_by_the_share_of_the_sampling_variance():
    tau, y, v = 0.3, np.array([0.0, 1.0]), np.array([0.04, 0.16])
    weights = 1 / (v + tau**2)
    mean, variance = weights @ y / weights.sum(), 1 / weights.sum()
    share = v / (v + tau**2)
    studies = pool_bayes(y, v, tau_prior=known_tau(tau)).study_effects()
    centre = share * mean + (1 - share) * y
    sd = np.sqrt((1 - share) * v + share**2 * variance)
    assert studies["mean"].to_numpy() == pytest.approx(centre, abs=1e-10)
    assert studies["sd"].to_numpy() == pytest.approx(sd, rel=1e-10)
    assert studies["low"].to_numpy() == pytest.approx(stats.norm.ppf(0.025, centre, sd), abs=1e-9)


@pytest.mark.parametrize(
    "prior",
    [HalfNormal(0.5), HalfCauchy(0.5), Uniform(3), LogNormal(-2, 1.5), LogStudentT(-3, 2.5, 5)],
    ids=str,
)
def test_with_one_study_and_a_flat_mu_the_posterior_of_tau_is_its_prior(prior):
    result = pool_bayes([0.3], [0.04], tau_prior=prior)
    p = np.array([1e-6, 0.025, 0.3, 0.5, 0.9, 0.975])
    assert result.tau.quantile(p) == pytest.approx(prior.quantile(p), rel=1e-9)
    assert result.mu.median == pytest.approx(0.3, abs=1e-12)
    assert result.bayes_factor_tau_zero == pytest.approx(1, rel=1e-10)
    assert "one-study" in [caution.code for caution in result.cautions]


def test_moments_that_do_not_exist_are_not_made_up():
    one = pool_bayes([0.3], [0.04], tau_prior=HalfCauchy(0.5))
    assert math.isinf(one.tau.mean)
    assert math.isnan(one.mu.mean)
    two = pool_bayes([0.3, 0.1], [0.04, 0.1], tau_prior=HalfCauchy(0.5))
    assert math.isfinite(two.tau.mean)
    assert math.isinf(two.tau.sd)
    assert math.isinf(two.mu.sd)
    assert "heavy-tail" in [caution.code for caution in two.cautions]
    three = pool_bayes(Y[:3], V[:3], tau_prior=HalfCauchy(0.5))
    assert math.isfinite(three.mu.sd)
    proper = pool_bayes([0.3], [0.04], tau_prior=HalfCauchy(0.5), mu_prior=Normal(0, 1))
    assert math.isfinite(proper.mu.sd)
    assert math.isinf(proper.predictive.sd)
    assert one.to_dict()["tau"]["mean"] is None


def test_the_mode_of_a_falling_density_is_zero_and_of_a_log_normal_its_own():
    assert pool_bayes([0.3], [0.04], tau_prior=HalfNormal(1)).tau.mode == 0
    assert pool_bayes([0.3], [0.04], tau_prior=HalfNormal(1)).tau.shortest_interval() == (
        pytest.approx((0, float(HalfNormal(1).quantile(0.95))), rel=1e-10)
    )
    result = pool_bayes([0.3], [0.04], tau_prior=LogNormal(-1, 0.5, of="tau"))
    assert result.tau.mode == pytest.approx(math.exp(-1.25), rel=1e-9)
    assert result.tau.mean == pytest.approx(math.exp(-1 + 0.125), rel=1e-11)


def test_marginal_likelihood_with_a_flat_prior_is_refused():
    result = pool_bayes(Y, V)
    with pytest.raises(InsufficientEvidenceError, match="mu_prior is flat"):
        result.bayes_factor_mu()
    with pytest.raises(InsufficientEvidenceError, match="Normal"):
        _ = result.log_marginal_likelihood
    assert result.bayes_factor_tau_zero > 0
