"""Trim and fill, and the rank test, of the BCG trials, as metafor's documentation prints them.

Read in docs/reference/trimfill.html and docs/reference/ranktest.html of the repository
wviechtb/metafor (metafor 4.7), the sections Examples; the methods are those of Duval and Tweedie
2000, Biometrics 56:455-463, and of Begg and Mazumdar 1994, Biometrics 50:1088-1101.
"""

import pytest
from tests.papers.bcg import log_risk_ratios

from evidence.appraisal import begg_mazumdar_test, trim_and_fill
from evidence.synthesis import pool

COMMON = {"model": "common", "ci_method": "Wald"}
#: Effects and variances of the four that the common-effect model fills in.
FILLED = (
    ("0.78929282", "0.073024794"),
    ("0.85949921", "0.020010032"),
    ("1.00333667", "0.194581121"),
    ("1.03884624", "0.223017248"),
)


def printed(value, text):
    """The number rounds to what is printed."""
    assert f"{value:.{len(text.partition('.')[2])}f}" == text


@pytest.mark.parametrize(("estimator", "error"), [("L0", "2.3853"), ("R0", "3.1623")])
def test_common_effect(estimator, error):
    found = trim_and_fill(log_risk_ratios(), estimator=estimator, **COMMON)
    assert (found.missing, found.side, found.filled.k) == (4, "right", 17)
    printed(found.missing_standard_error, error)
    if estimator == "R0":
        # 1/32 lies in the middle between the digits; it is printed rounded to the even one.
        assert found.p_value == 1 / 32
        printed(found.p_value, "0.0312")
    printed(found.filled.estimate, "-0.2910")
    printed(found.filled.standard_error, "0.0383")
    printed(found.filled.ci_low, "-0.3660")
    printed(found.filled.ci_high, "-0.2160")
    printed(found.filled.q, "262.7316")


def test_the_studies_that_are_made_up():
    filled = trim_and_fill(log_risk_ratios(), **COMMON).filled
    made_up = sorted(zip(filled.effects[13:], filled.variances[13:], strict=True))
    for found, texts in zip(made_up, FILLED, strict=True):
        for value, text in zip(found, texts, strict=True):
            printed(value, text)
    # The page then pools all of them with random effects.
    result = pool(filled.effects, filled.variances, ci_method="Wald")
    printed(result.estimate, "-0.3422")
    printed(result.standard_error, "0.2223")
    printed(result.ci_low, "-0.7780")
    printed(result.ci_high, "0.0936")
    printed(result.tau2, "0.7164")


def test_random_effects():
    found = trim_and_fill(log_risk_ratios(), ci_method="Wald")
    assert (found.missing, found.side, found.filled.k) == (1, "right", 14)
    printed(found.missing_standard_error, "2.4528")
    printed(found.filled.estimate, "-0.6571")
    printed(found.filled.standard_error, "0.1785")
    printed(found.filled.ci_low, "-1.0070")
    printed(found.filled.ci_high, "-0.3072")
    printed(found.filled.tau2, "0.3313")
    printed(found.filled.q, "154.6750")


def test_the_rank_test():
    found = begg_mazumdar_test(log_risk_ratios())
    printed(found.estimate, "0.0256")
    printed(found.p_value, "0.9524")
    assert found.table["exact"].all()
