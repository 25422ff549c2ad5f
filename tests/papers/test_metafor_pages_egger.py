"""Egger's test of 15 trials of magnesium after a heart attack, as metafor's pages print it.

Read in docs/reference/regtest.html of the repository wviechtb/metafor (metafor 4.7), the section
Examples. The trials are those of Egger M, Davey Smith G, Altman DG (editors, 2001), Systematic
reviews in health care: meta-analysis in context, as R's metadat has them (dat.egger2001), all but
the large ISIS-4, which contradicted the others; the log odds ratios are printed on the same page.
"""

import numpy as np
import pytest

from evidence.appraisal import egger_test
from evidence.effects import log_odds_ratio
from evidence.synthesis import pool

#: Deaths and people, with magnesium and without, from Morton 1984 to Shechter 1995.
TRIALS = np.array(
    [
        *[(1, 40, 2, 36), (9, 135, 23, 135), (2, 200, 7, 200), (1, 48, 1, 46), (10, 150, 8, 148)],
        *[(1, 59, 9, 56), (1, 25, 3, 23), (0, 22, 1, 21), (6, 76, 11, 75), (1, 27, 7, 27)],
        *[(2, 89, 12, 80), (5, 23, 13, 33), (4, 130, 8, 122), (90, 1159, 118, 1157)],
        (4, 107, 17, 108),
    ]
)
PEOPLE = TRIALS[:, 1] + TRIALS[:, 3]
EFFECTS = log_odds_ratio(
    events_treatment=TRIALS[:, 0],
    total_treatment=TRIALS[:, 1],
    events_control=TRIALS[:, 2],
    total_control=TRIALS[:, 3],
)
#: As printed, with eight decimals.
PRINTED = (
    *("-0.83034830", "-1.05605267", "-1.27833981", "-0.04348511", "0.22314355"),
    *("-2.40751999", "-1.28093385", "-1.19170271", "-0.69574796", "-2.20827441"),
    *("-2.03815988", "-0.85015093", "-0.79323064", "-0.29933987", "-1.57078846"),
)


def printed(value, text):
    """The number rounds to what is printed."""
    assert f"{value:.{len(text.partition('.')[2])}f}" == text


def limit(found):
    """Estimate and interval of the effect of a study without error."""
    row = found.table[found.table["term"] == "limit effect"].iloc[0]
    return row["estimate"], row["ci_low"], row["ci_high"]


def test_the_log_odds_ratios():
    for effect, text in zip(EFFECTS.estimate, PRINTED, strict=True):
        printed(effect, text)


def test_the_mean():
    result = pool(EFFECTS, ci_method="Wald")
    printed(result.estimate, "-0.8745")
    printed(result.standard_error, "0.2080")
    printed(result.ci_low, "-1.2822")
    printed(result.ci_high, "-0.4669")
    printed(result.tau2, "0.1911")
    printed(result.q, "20.9184")
    printed(result.q_p_value, "0.1037")


@pytest.mark.parametrize(
    ("choices", "statistic", "p_value", "at_the_limit"),
    [
        ({}, "-3.1783", "0.0073", ("-0.1512", "-0.5130", "0.2106")),
        (
            {"model": "mixed", "ci_method": "Wald"},
            "-2.8062",
            "0.0050",
            ("-0.1639", "-0.5681", "0.2402"),
        ),
        ({"predictor": "inverse_n"}, "-2.3230", "0.0370", ("-0.3731", "-0.6872", "-0.0591")),
        (
            {"predictor": "inverse_n", "model": "mixed", "ci_method": "Wald"},
            "-1.4313",
            "0.1524",
            ("-0.5636", "-1.0712", "-0.0559"),
        ),
    ],
    ids=["weighted", "mixed", "weighted on 1/n", "mixed on 1/n"],
)
def test_egger(choices, statistic, p_value, at_the_limit):
    people = {"sample_sizes": PEOPLE} if "predictor" in choices else {}
    found = egger_test(EFFECTS, **people, **choices)
    printed(found.statistic, statistic)
    printed(found.p_value, p_value)
    for value, text in zip(limit(found), at_the_limit, strict=True):
        printed(value, text)
    assert found.df == (None if "model" in choices else 13)


def test_what_it_says():
    found = egger_test(EFFECTS)
    assert found.status == "contradiction"
    assert "finds lower effects in smaller studies" in found.sentence
    # Odds ratios and their errors go together by themselves, which a reader has to know.
    assert "own-error" in {caution.code for caution in found.cautions}
