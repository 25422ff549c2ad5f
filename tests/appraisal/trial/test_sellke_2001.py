"""Sellke, Bayarri and Berger 2001, Am Stat 55:62-71: table 1, the calibration of p values."""

from __future__ import annotations

import math

import pytest

from evidence.appraisal import bayes_factor_bound

#: p, lower bound of the Bayes factor for no effect, and of its probability from even odds.
TABLE = [
    (0.05, 0.407, 0.289),
    (0.01, 0.125, 0.111),
    (0.005, 0.072, 0.067),
    (0.001, 0.0188, 0.0184),
]


@pytest.mark.parametrize(("p", "factor", "probability"), TABLE)
def test_table_1(p: float, factor: float, probability: float) -> None:
    for_none = 1 / bayes_factor_bound(p).factor
    assert for_none == pytest.approx(-math.e * p * math.log(p))
    assert for_none == pytest.approx(factor, abs=5.1e-4 if p > 0.001 else 6e-5)
    assert for_none / (1 + for_none) == pytest.approx(probability, abs=6e-4)


def test_above_one_over_e_there_is_nothing() -> None:
    for p in (1 / math.e, 0.5, 1.0):
        assert bayes_factor_bound(p).factor == pytest.approx(1)
    assert bayes_factor_bound(1 / math.e - 1e-9).factor == pytest.approx(1)
