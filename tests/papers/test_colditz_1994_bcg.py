"""Colditz et al. 1994, JAMA 271:698-702: BCG vaccine against tuberculosis, 13 trials.

The abstract prints a risk ratio of 0.49 (95% CI 0.34 to 0.70) and a protective effect of 51%;
here by random effects (DerSimonian and Laird).
"""

from __future__ import annotations

import math

from tests.papers.bcg import LABELS, log_risk_ratios

from evidence.synthesis import pool


def test_the_printed_risk_ratio() -> None:
    result = pool(log_risk_ratios(), labels=LABELS, tau2_method="DL", ci_method="Wald")
    ratio, low, high = (math.exp(x) for x in (result.estimate, result.ci_low, result.ci_high))
    assert f"{ratio:.2f} ({low:.2f} to {high:.2f})" == "0.49 (0.34 to 0.70)"
    assert round(100 * (1 - ratio)) == 51
    assert result.k == 13


def test_today_the_interval_would_be_a_little_wider() -> None:
    result = pool(log_risk_ratios(), labels=LABELS)
    assert math.exp(result.ci_low) < 0.34
    assert math.exp(result.ci_high) > 0.70
