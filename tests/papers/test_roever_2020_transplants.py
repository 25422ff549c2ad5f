"""Röver 2020, Journal of Statistical Software 93(6): the six studies of Crins et al. 2014."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.papers.published import differing, ours, reproduction

from evidence.effects import log_odds_ratio

RESULT = reproduction("roever-2020-transplants")
#: Table 3 prints these log odds ratios and standard errors.
TABLE_3 = (
    ("-2.31", "-0.46", "-2.30", "-1.76", "-1.26", "-2.42"),
    ("0.60", "0.56", "0.88", "0.46", "0.64", "1.53"),
)


def test_what_the_text_says_is_as_printed() -> None:
    assert RESULT.holds
    in_text = [each for each in RESULT.comparisons if each.printed.locator == "p. 22, text"]
    assert len(in_text) == 3
    assert all(each.agrees for each in in_text)


def test_only_further_digits_and_one_end_of_the_prediction_differ() -> None:
    beyond_two = {each for each in differing(RESULT) if len(each[2].partition(".")[2]) > 2}
    assert differing(RESULT) - beyond_two == {("half-normal", "predictive_low", "-2.77")}
    for each in RESULT.differing:
        assert each.ours == pytest.approx(each.printed.number.value, rel=0.03)


def test_the_effects_are_those_of_table_3() -> None:
    effects = log_odds_ratio(**RESULT.paper.studies.columns)
    assert tuple(f"{each:.2f}" for each in effects.estimate) == TABLE_3[0]
    assert tuple(f"{each:.2f}" for each in effects.standard_error) == TABLE_3[1]


def test_where_paper_and_we_differ_a_plain_sum_over_tau_sides_with_us() -> None:
    effects = log_odds_ratio(**RESULT.paper.studies.columns)
    y, v = effects.estimate[:, None], effects.variance[:, None]
    tau = np.linspace(0, 6, 60_001)
    weights = 1 / (v + tau**2)
    precision = weights.sum(0) + 1 / 4**2
    mean = (weights * y).sum(0) / precision
    log = np.log(weights).sum(0) - np.log(precision) + precision * mean**2
    log -= (weights * y**2).sum(0) + (tau / 0.5) ** 2
    mass = np.exp((log - log.max()) / 2)
    mass[0] /= 2  # the trapezoidal rule
    mass /= mass.sum()
    below = mass @ stats.norm.cdf(0, mean, 1 / np.sqrt(precision))
    assert 1 - below == pytest.approx(ours(RESULT, "half-normal", "mu_above_0"), rel=1e-4)
    spread = np.sqrt(1 / precision + tau**2)
    ends = [ours(RESULT, "half-normal", f"predictive_{end}") for end in ("low", "high")]
    inside = np.diff([mass @ stats.norm.cdf(end, mean, spread) for end in ends])
    assert inside == pytest.approx(0.95, abs=1e-6)
