"""Rows of one study are never taken for independent ones without a word, whatever pools them."""

from __future__ import annotations

import pandas as pd
import pytest

from evidence.synthesis import (
    compare_subgroups,
    pool,
    pool_bayes,
    pool_beta_binomial,
    pool_exact_odds_ratio,
    pool_mantel_haenszel,
    pool_mantel_haenszel_rates,
    pool_mixed_logistic,
    pool_mixed_rates,
    pool_peto,
    regress,
)

TWICE = ["Ash", "Elm", "Ash", "Fir", "Oak", "Yew"]
ONCE = ["Ash", "Elm", "Box", "Fir", "Oak", "Yew"]
EFFECTS, VARIANCES = [0.1, 0.4, 0.3, 0.6, 0.2, 0.5], [0.1, 0.2, 0.1, 0.15, 0.12, 0.09]
COUNTS = {
    "events_treatment": [3, 5, 2, 8, 4, 6],
    "total_treatment": [40, 50, 30, 60, 45, 52],
    "events_control": [6, 7, 5, 9, 8, 10],
    "total_control": [41, 48, 33, 62, 44, 50],
}
RATES = {
    "events_treatment": [3, 5, 2, 8, 4, 6],
    "time_treatment": [400, 500, 300, 600, 450, 520],
    "events_control": [6, 7, 5, 9, 8, 10],
    "time_control": [410, 480, 330, 620, 440, 500],
}
MODERATORS = pd.DataFrame({"year": [1990, 1995, 1997, 2003, 2008, 2015]})

WAYS = {
    "pool": lambda labels: pool(EFFECTS, VARIANCES, labels=labels),
    "pool_bayes": lambda labels: pool_bayes(EFFECTS, VARIANCES, labels=labels),
    "regress": lambda labels: regress(
        EFFECTS, VARIANCES, labels=labels, moderators=MODERATORS, formula="~ year"
    ),
    "compare_subgroups": lambda labels: compare_subgroups(
        EFFECTS, VARIANCES, labels=labels, groups=["a", "b", "b", "a", "a", "b"]
    ),
    "pool_mantel_haenszel": lambda labels: pool_mantel_haenszel(**COUNTS, labels=labels),
    "pool_mantel_haenszel_rates": lambda labels: pool_mantel_haenszel_rates(**RATES, labels=labels),
    "pool_peto": lambda labels: pool_peto(**COUNTS, labels=labels),
    "pool_exact_odds_ratio": lambda labels: pool_exact_odds_ratio(**COUNTS, labels=labels),
    "pool_mixed_logistic": lambda labels: pool_mixed_logistic(**COUNTS, labels=labels),
    "pool_mixed_rates": lambda labels: pool_mixed_rates(**RATES, labels=labels),
    "pool_beta_binomial": lambda labels: pool_beta_binomial(**COUNTS, labels=labels),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_study_with_two_rows_is_named(name: str) -> None:
    found = [each for each in WAYS[name](TWICE).cautions if each.code == "dependent-rows"]
    assert len(found) == 1
    assert "Ash (two rows)" in found[0].message
    assert not [each for each in WAYS[name](ONCE).cautions if each.code == "dependent-rows"]
