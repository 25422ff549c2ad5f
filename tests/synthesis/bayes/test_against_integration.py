"""Posteriors equal those from plain integration of the joint density (see brute_force.py)."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from evidence.synthesis.bayes.fit import pool_bayes
from evidence.synthesis.bayes.priors import (
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    LogNormal,
    LogStudentT,
    Normal,
    Uniform,
)


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BODIES = _load("bodies").BODIES
joint = _load("brute_force").joint

ATOL = 1e-10
TAU_PRIORS = [
    HalfNormal(0.5),
    HalfStudentT(0.5, 4),
    Uniform(2.0),
    LogNormal(-2, 1.5),
]
#: A prior with tails as heavy as those of log-t costs the plain integral too much elsewhere.
CASES = [
    *(
        (body, prior)
        for prior in TAU_PRIORS
        for body in ("bcg", "one", "two", "three", "dominating")
    ),
    ("bcg", LogStudentT(-3, 1.2, 5, of="tau2")),
]


@pytest.mark.parametrize("mu_prior", [None, Normal(0.1, 1.0)], ids=str)
@pytest.mark.parametrize(("body", "tau_prior"), CASES, ids=str)
def test_every_summary_equals_plain_integration(body, tau_prior, mu_prior):
    y, v = BODIES[body]
    cut, scale = float(y.mean()) - 0.05, 0.37
    expected = joint(
        y,
        v,
        tau_prior.log_density,
        (lambda mu: 0.0 * mu) if mu_prior is None else mu_prior.log_density,
        cut=cut,
        scale=scale,
        upper=tau_prior.upper,
        mu_range=(-np.inf, np.inf) if mu_prior is None else (0.1 - 11.0, 0.1 + 11.0),
    )
    result = pool_bayes(y, v, tau_prior=tau_prior, mu_prior=mu_prior)
    studies = result.study_effects()
    found = {
        "mu_mean": result.mu.mean,
        "mu_below": result.mu.below(cut),
        "tau_below": result.tau.below(scale),
        "new_below": result.predictive.below(cut),
        "first": studies["mean"].iloc[0],
        "last": studies["mean"].iloc[-1],
    }
    tail = tau_prior.tail_power + y.size - (mu_prior is None)
    if tail > 4.5:
        found["mu_square"] = result.mu.sd**2 + result.mu.mean**2
        found["tau_mean"] = result.tau.mean
        if tail > 6:
            found["tau_square"] = result.tau.sd**2 + result.tau.mean**2
    assert found == pytest.approx({name: expected[name] for name in found}, abs=ATOL, rel=0)
    assert math.exp(result.model.log_evidence) == pytest.approx(expected["mass"], rel=ATOL)


@pytest.mark.parametrize("body", ["schools", "identical"])
def test_a_half_cauchy_prior_equals_plain_integration(body):
    y, v = BODIES[body]
    prior, mu_prior = HalfCauchy(0.3), None
    expected = joint(y, v, prior.log_density, lambda mu: 0.0 * mu, cut=0.11, scale=0.25)
    result = pool_bayes(y, v, tau_prior=prior, mu_prior=mu_prior)
    assert result.mu.below(0.11) == pytest.approx(expected["mu_below"], abs=1e-9)
    assert result.tau.below(0.25) == pytest.approx(expected["tau_below"], abs=1e-9)
    assert result.predictive.below(0.11) == pytest.approx(expected["new_below"], abs=1e-9)


@pytest.mark.parametrize("body", list(BODIES))
def test_the_bayes_factor_is_the_ratio_of_densities_of_savage_and_dickey(body):
    y, v = BODIES[body]
    prior = Normal(0.2, 1.5)
    result = pool_bayes(y, v, mu_prior=prior)
    for value in (0.0, float(y.mean()), 0.4):
        ratio = float(result.mu.density(value) / prior.density(value))
        assert result.bayes_factor_mu(value) == pytest.approx(ratio, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("mu_prior", [None, Normal(0, 1)], ids=str)
@pytest.mark.parametrize("body", list(BODIES))
def test_the_bayes_factor_of_tau_zero_is_the_ratio_of_densities_there(body, mu_prior):
    y, v = BODIES[body]
    prior = HalfNormal(0.5)
    result = pool_bayes(y, v, tau_prior=prior, mu_prior=mu_prior)
    ratio = float(result.tau.density(0.0) / prior.density(0.0))
    assert result.bayes_factor_tau_zero == pytest.approx(ratio, rel=1e-9)
