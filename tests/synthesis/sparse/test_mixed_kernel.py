"""The compiled integrals over random effects, against quadrature by scipy and differences."""

import math

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.stats import norm, poisson

from evidence.synthesis.sparse.mixed_kernel import BINOMIAL, POISSON, likelihoods


def kernel(family, records, design, dim, parameters):
    y, n, offset = (np.array([[record[i] for record in records]], dtype=float) for i in range(3))
    nothing = np.zeros(0), np.zeros(0), np.zeros(2, dtype=np.int64)
    shape = np.array(design, dtype=float), np.array(dim, dtype=np.int64)
    value, gradient, hessian = likelihoods(
        (family, y, n, offset), shape, np.array([parameters], dtype=float), nothing
    )
    return value[0], gradient[0], hessian[0]


@pytest.mark.parametrize("scale", [0.0, 0.3, 2.0, 6.0])
@pytest.mark.parametrize(("events", "total"), [(3, 20), (0, 15), (9, 9), (0, 1000), (400, 1000)])
def test_binomial_normal_integral(events, total, scale):
    value, _, _ = kernel(BINOMIAL, [(events, total, 0.2)], [[1, 1]], [0, 1], (-0.7, scale))

    def density(u):
        eta = -0.5 + scale * u
        log = events * eta - total * np.logaddexp(0, eta)
        return math.exp(log - best) * norm.pdf(u)

    grid = np.linspace(-12, 12, 4001)
    eta = -0.5 + scale * grid
    log = events * eta - total * np.logaddexp(0, eta) - grid**2 / 2
    best = float(log.max())
    top = float(grid[log.argmax()])
    whole, _ = quad(density, -14, 14, points=[top - 0.5, top, top + 0.5], epsrel=1e-12, limit=800)
    assert value == pytest.approx(best + math.log(whole), abs=3e-10)


def test_poisson_normal_integral_and_no_random_effect():
    value, _, _ = kernel(POISSON, [(4, 1, math.log(50))], [[1, 1]], [0, 1], (-3.0, 0.8))
    whole, _ = quad(
        lambda u: poisson.pmf(4, 50 * math.exp(-3 + 0.8 * u)) * norm.pdf(u), -9, 9, epsrel=1e-12
    )
    assert value - math.lgamma(5) == pytest.approx(math.log(whole), abs=1e-11)
    alone, score, bend = kernel(POISSON, [(4, 1, math.log(50))], [[1]], [0], (-3.0,))
    mean = 50 * math.exp(-3)
    assert alone == pytest.approx(4 * math.log(mean) - mean, rel=1e-14)
    assert score[0] == pytest.approx(4 - mean, rel=1e-13)
    assert bend[0, 0] == pytest.approx(-mean, rel=1e-13)


def test_integral_over_two_effects():
    records = [(2, 9, 0.0), (5, 11, 0.0)]
    design = [[1, 1, 1, 0.5, 0.5], [0, 1, 1, -0.5, -0.5]]
    beta, base, sigma, along, apart = parameters = (-0.4, -0.3, 1.1, 0.6, 0.9)
    value, _, _ = kernel(BINOMIAL, records, design, [0, 0, 1, 1, 2], parameters)

    def density(v, u):
        effect = along * u + apart * v
        p1 = 1 / (1 + math.exp(-(beta + base + sigma * u + effect / 2)))
        p2 = 1 / (1 + math.exp(-(base + sigma * u - effect / 2)))
        return p1**2 * (1 - p1) ** 7 * p2**5 * (1 - p2) ** 6 * math.exp(-(u * u + v * v) / 2)

    whole, _ = dblquad(density, -8.5, 8.5, -8.5, 8.5, epsabs=0, epsrel=1e-9)
    assert value == pytest.approx(math.log(whole / (2 * math.pi)), abs=1e-9)


@pytest.mark.parametrize("dim", [[0, 0, 1, 2], [0, 0, 1, 1], [0, 0, 0, 0]])
def test_derivatives_are_those_of_the_likelihood(dim):
    records = [(2, 9, 0.1), (5, 11, -0.2)]
    design = [[1, 1, 1, 0.5], [0, 1, 1, -0.5]]
    at = np.array([-0.4, -0.3, 1.1, 0.9])
    _, score, bend = kernel(BINOMIAL, records, design, dim, at)
    for place in range(4):
        move = np.zeros(4)
        move[place] = 1e-4
        up = kernel(BINOMIAL, records, design, dim, at + move)
        down = kernel(BINOMIAL, records, design, dim, at - move)
        assert score[place] == pytest.approx((up[0] - down[0]) / 2e-4, abs=1e-6)
        assert bend[place] == pytest.approx((up[1] - down[1]) / 2e-4, abs=1e-6)
    assert np.array_equal(bend, bend.T)
