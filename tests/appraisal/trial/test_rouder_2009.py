"""Rouder et al. 2009, Psychon Bull Rev 16:225-237, and the other Bayes factors.

The paper's two examples are t(79) = 2.24 and 2.03, for which it gives Bayes factors for no effect
of 1.02 and 1.56 with a prior of scale 1; R's BayesFactor gives the same.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from evidence.appraisal import (
    bayes_factor_bound,
    informed_bayes_factor,
    jzs_bayes_factor,
    unit_information_bayes_factor,
)
from evidence.errors import InvalidArgumentError


@pytest.mark.parametrize(("t", "for_none"), [(2.24, 1.02), (2.03, 1.56)])
def test_the_examples_of_the_paper(t: float, for_none: float) -> None:
    assert round(1 / jzs_bayes_factor(t, 80, scale=1).factor, 2) == for_none


def test_one_integral_of_the_paper_as_it_stands() -> None:
    """Equation 1, over g, without logarithms."""
    t, n, df = 1.7, 30, 29

    def part(g: float) -> float:
        return (
            (1 + n * g) ** -0.5
            * (1 + t**2 / ((1 + n * g) * df)) ** (-(df + 1) / 2)
            * (2 * math.pi) ** -0.5
            * g**-1.5
            * math.exp(-1 / (2 * g))
        )

    area = quad(part, 0, 1, limit=300)[0] + quad(part, 1, np.inf, limit=300)[0]
    expected = area / (1 + t**2 / df) ** (-(df + 1) / 2)
    assert jzs_bayes_factor(t, n, scale=1).factor == pytest.approx(expected, rel=1e-7)


def test_a_cauchy_prior_is_a_t_prior_with_one_degree_of_freedom() -> None:
    """The default factor is a special case of the informed one (Gronau et al. 2020)."""
    for t in (-2.5, 0.0, 1.1, 4.0):
        default = jzs_bayes_factor(t, 40, 30, scale=0.7)
        root = math.sqrt(40 * 30 / 70)
        informed = informed_bayes_factor(t, location=0, scale=0.7 * root, prior_df=1, df=68)
        assert informed.log_factor == pytest.approx(default.log_factor, abs=1e-8)


def test_the_unit_information_prior_is_a_normal_one() -> None:
    for z in (0.0, 1.3, -2.6):
        unit = unit_information_bayes_factor(z, 50)
        informed = informed_bayes_factor(z, location=0, scale=math.sqrt(50))
        assert unit.log_factor == pytest.approx(informed.log_factor)
    by_hand = -0.5 * math.log(51) + 1.3**2 * 50 / 102
    assert unit_information_bayes_factor(1.3, 50).log_factor == pytest.approx(by_hand)
    two = unit_information_bayes_factor(1.3, 100, 100)
    assert two.log_factor == pytest.approx(unit_information_bayes_factor(1.3, 50).log_factor)


def test_a_normal_prior_by_hand() -> None:
    found = informed_bayes_factor(2.0, location=1.5, scale=0.5)
    expected = norm.pdf(2, 1.5, math.hypot(1, 0.5)) / norm.pdf(2)
    assert found.factor == pytest.approx(expected)
    both = informed_bayes_factor(2.0, location=1.5, scale=0.5, both_sides=True)
    other = informed_bayes_factor(2.0, location=-1.5, scale=0.5)
    assert both.factor == pytest.approx((expected + other.factor) / 2)


def test_many_degrees_of_freedom_are_normal() -> None:
    near = informed_bayes_factor(2.0, location=1.5, scale=0.5, df=1e6)
    assert near.factor == pytest.approx(
        informed_bayes_factor(2.0, location=1.5, scale=0.5).factor, rel=1e-4
    )


def test_more_people_with_t_at_zero_speak_more_for_none() -> None:
    factors = [jzs_bayes_factor(0.0, n, n).factor for n in (5, 20, 100, 1000, 100_000)]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] < 1


def test_a_huge_statistic_is_no_trouble() -> None:
    assert jzs_bayes_factor(60.0, 500, 500).log_factor > 500
    assert "more than 1,000 times" in jzs_bayes_factor(60.0, 500, 500).sentence()
    far = informed_bayes_factor(40.0, location=-30, scale=0.5, df=100)
    assert math.isfinite(far.log_factor)


def test_no_prior_beats_the_bound() -> None:
    """The bound holds for every prior under which p values are the likelier the smaller."""
    for z in (1.7, 2.0, 2.6, 3.3):
        p = 2 * norm.sf(z)
        bound = bayes_factor_bound(p).factor
        for n in (4, 20, 100, 1000):
            assert unit_information_bayes_factor(z, n).factor < bound


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: jzs_bayes_factor(math.nan, 20), "statistic is nan"),
        (lambda: jzs_bayes_factor(2, 1), "n_treatment is 1"),
        (lambda: jzs_bayes_factor(2, 20, 20, scale=0), "scale is 0"),
        (lambda: informed_bayes_factor(2, location=math.inf, scale=1), "location is inf"),
        (lambda: informed_bayes_factor(2, location=0, scale=1, df=-1), "df is -1"),
        (lambda: unit_information_bayes_factor(2, 20, math.inf), "n_control is inf"),
        (lambda: bayes_factor_bound(0), "p is 0"),
    ],
)
def test_what_cannot_be_used_is_named(call, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()
