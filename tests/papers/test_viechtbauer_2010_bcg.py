"""Viechtbauer 2010, Journal of Statistical Software 36(3): the 13 BCG trials of Colditz 1994."""

from __future__ import annotations

import math

import pytest
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.papers.published import comparison, differing, ours, reproduction

from evidence.synthesis import pool

RESULT = reproduction("viechtbauer-2010-bcg")


def test_everything_but_the_prediction_interval_is_as_printed() -> None:
    assert RESULT.holds
    assert differing(RESULT) == {
        ("reml", "prediction_low", "0.15"),
        ("reml", "prediction_high", "1.55"),
    }
    assert len(RESULT.agreeing) == 17


def test_the_printed_prediction_interval_is_the_normal_one() -> None:
    # The stated reason, checked: with the normal quantile the printed digits come out.
    mean = ours(RESULT, "reml", "estimate")
    half = 1.959963984540054 * math.sqrt(
        ours(RESULT, "reml", "tau2") + ours(RESULT, "reml", "standard_error") ** 2
    )
    for sign, quantity in ((-1, "prediction_low"), (1, "prediction_high")):
        printed = comparison(RESULT, "reml", quantity, "ratio").printed.number
        assert math.exp(mean + sign * half) == pytest.approx(printed.value, abs=printed.half_unit)


def test_the_risk_is_about_halved() -> None:
    assert ours(RESULT, "reml", "estimate", "ratio") == pytest.approx(0.5, abs=0.02)


def test_today_the_interval_would_be_a_little_wider() -> None:
    result = pool(log_risk_ratios(), labels=LABELS)
    assert math.exp(result.ci_low) < ours(RESULT, "reml", "ci_low", "ratio")
    assert math.exp(result.ci_high) > ours(RESULT, "reml", "ci_high", "ratio")
