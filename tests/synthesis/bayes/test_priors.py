"""Priors of tau are proper, their quantiles invert their probabilities, and scipy agrees."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from evidence.errors import InvalidArgumentError
from evidence.synthesis.bayes.priors import (
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    LogNormal,
    LogStudentT,
    Normal,
    Uniform,
)

PRIORS = {
    HalfNormal(0.5): stats.halfnorm(scale=0.5),
    HalfCauchy(2.0): stats.halfcauchy(scale=2.0),
    Uniform(3.0): stats.uniform(0, 3.0),
    LogNormal(-1.0, 0.8, of="tau"): stats.lognorm(0.8, scale=math.exp(-1.0)),
    LogNormal(-2.0, 1.5): stats.lognorm(0.75, scale=math.exp(-1.0)),
}
EVERY = [*PRIORS, HalfStudentT(0.7, 3.0), HalfStudentT(1.0, 0.7), LogStudentT(-3.0, 1.3, 5.0)]
PLACES = np.array([0.01, 0.2, 0.5, 1.0, 2.5])


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_density_probability_and_quantile_are_those_of_scipy(prior):
    known = PRIORS[prior]
    assert prior.density(PLACES) == pytest.approx(known.pdf(PLACES), rel=1e-12)
    assert prior.log_density(PLACES) == pytest.approx(known.logpdf(PLACES), rel=1e-12)
    assert prior.cdf(PLACES) == pytest.approx(known.cdf(PLACES), rel=1e-12)
    p = np.array([1e-12, 0.01, 0.5, 0.99])
    assert prior.quantile(p) == pytest.approx(known.ppf(p), rel=1e-10)


def test_half_t_and_log_t_are_those_of_student():
    prior = HalfStudentT(0.7, 3.0)
    assert prior.density(PLACES) == pytest.approx(2 * stats.t(3, scale=0.7).pdf(PLACES), rel=1e-12)
    log_t = LogStudentT(-3.0, 1.3, 5.0)
    expected = stats.t(5, -3.0, 1.3).pdf(np.log(PLACES**2)) * 2 / PLACES
    assert log_t.density(PLACES) == pytest.approx(expected, rel=1e-12)
    assert HalfStudentT(0.7, 1.0).cdf(PLACES) == pytest.approx(HalfCauchy(0.7).cdf(PLACES))


@pytest.mark.parametrize("prior", EVERY, ids=str)
def test_densities_integrate_to_one_and_quantiles_invert(prior):
    low, high = prior.log_range()
    edges = [max(low, -300), -8, -4, -2, 0, 2, 4, 8, min(high, 300)]
    edges = sorted({min(edge, high) for edge in edges})
    total = sum(
        quad(lambda z: math.exp(prior.log_density_of_log(np.array(z))), a, b, epsabs=1e-12)[0]
        for a, b in pairwise(edges)
    )
    assert total == pytest.approx(1, abs=1e-8)
    p = np.array([1e-8, 0.025, 0.3, 0.5, 0.8, 0.999])
    assert prior.cdf(prior.quantile(p)) == pytest.approx(p, rel=1e-11)
    assert prior.quantile(0.0) == 0
    assert prior.quantile(1.0) == prior.upper
    assert prior.density(-1.0) == 0
    assert prior.citation
    assert str(prior) == prior.name


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: HalfNormal(0), "HalfNormal: scale is 0"),
        (lambda: HalfCauchy(math.inf), "HalfCauchy: scale is inf"),
        (lambda: HalfStudentT(1, -2), "HalfStudentT: df is -2"),
        (lambda: Uniform("a"), "Uniform: upper_end is 'a'"),
        (lambda: LogNormal(math.nan, 1), "LogNormal: mean is nan"),
        (lambda: LogNormal(0, 1, of="sd"), "of is 'sd'"),
        (lambda: LogStudentT(0, 1, 0.5), "df is 0.5; it must be at least 1"),
        (lambda: Normal(0, -1), "Normal: sd is -1"),
        (lambda: HalfNormal(1).quantile(1.5), "probability is 1.5"),
    ],
)
def test_impossible_parameters_are_refused_by_name(make, words):
    with pytest.raises(InvalidArgumentError, match=words):
        make()


def test_the_normal_prior_is_that_of_scipy():
    known, prior = stats.norm(1, 2), Normal(1, 2)
    assert prior.density(PLACES) == pytest.approx(known.pdf(PLACES))
    assert prior.cdf(PLACES) == pytest.approx(known.cdf(PLACES))
    assert prior.quantile(0.3) == pytest.approx(known.ppf(0.3))
