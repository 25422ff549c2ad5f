"""Published selection models, as printed on metafor's reference page of `selmodel`.

Read in docs/reference/selmodel.html of the repository wviechtb/metafor, the section Examples: a
step function for passive smoking and lung cancer (data: dat.hackshaw1998), the beta density of
Citkowicz and Vevea 2017, Psychological Methods 22:28-41 (data: dat.baskerville2012), and the
weights set in advance of Vevea and Woods 2005, Psychological Methods 10:428-443 (data:
dat.cohen1981, printed there). The first two sets of data are those of
tests/reference/selection_models.json.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from evidence.appraisal.selection.selection_model import selection_model
from evidence.appraisal.selection.weight_functions import BetaDensity, StepFunction

DATA = json.loads(
    (Path(__file__).parents[1] / "reference" / "selection_models.json").read_text(encoding="utf-8")
)["data"]

#: Correlations of ratings with achievement, and numbers of sections.
RATINGS = [
    *[(0.68, 10), (0.56, 20), (0.23, 13), (0.64, 22), (0.49, 28), (-0.04, 12), (0.49, 12)],
    *[(0.33, 36), (0.58, 19), (0.18, 12), (-0.11, 36), (0.27, 75), (0.26, 33), (0.40, 121)],
    *[(0.49, 37), (0.51, 14), (0.40, 40), (0.34, 16), (0.42, 14), (0.16, 20)],
]
CUTS = (0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995)
#: Vevea and Woods 2005, table 1, as the page has it.
MODERATE_ONE = (1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50)
SEVERE_ONE = (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10)
MODERATE_TWO = (1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99, 1.00)
SEVERE_TWO = (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99, 1.00)


def printed(value, text):
    """The number rounds to what is printed."""
    digits = len(text.partition(".")[2])
    assert f"{value:.{digits}f}" == text


def test_steps_for_passive_smoking():
    data = DATA["smoke"]
    found = selection_model(data["yi"], data["vi"], weight=StepFunction((0.025, 0.1, 0.5)))
    printed(found.unadjusted.estimate, "0.2171")
    printed(found.unadjusted.tau2, "0.0204")
    printed(found.estimate, "0.0020")
    printed(found.standard_error, "0.0889")
    printed(found.ci_low, "-0.1723")
    printed(found.ci_high, "0.1763")
    printed(found.tau2, "0.0096")
    printed(found.tau2_standard_error, "0.0128")
    printed(found.selection_statistic, "6.4020")
    printed(found.selection_p_value, "0.0936")
    printed(found.heterogeneity_statistic, "1.1374")
    printed(found.heterogeneity_p_value, "0.2862")
    assert found.selection_df == 3
    rows = found.table[found.table["term"] == "weight"]
    assert rows["studies"].tolist() == [7, 8, 16, 6]
    for weight, text in zip(found.weights, ("1.0000", "0.4946", "0.2136", "0.0618"), strict=True):
        printed(weight, text)
    errors = rows["standard_error"].tolist()[1:]
    for error, text in zip(errors, ("0.3152", "0.1687", "0.0689"), strict=True):
        printed(error, text)


def test_a_beta_density_for_practice_facilitation():
    data = DATA["facilitation"]
    found = selection_model(data["yi"], data["vi"], weight=BetaDensity())
    printed(found.estimate, "0.115")
    # Printed with tau² at a number just above 0, which adds to the standard error's last digit.
    assert found.standard_error == pytest.approx(0.166, abs=1.5e-3)
    printed(found.tau2, "0.000")
    printed(found.selection_statistic, "7.847")
    printed(found.selection_p_value, "0.020")
    printed(found.weights[0], "0.473")
    assert found.weights[1] == pytest.approx(4.461, abs=1.5e-3)
    assert found.status == "contradiction"


@pytest.mark.parametrize(
    ("weights", "estimate", "tau2"),
    [
        ((1.0,) * 14, "0.38", "0.001"),
        (MODERATE_ONE, "0.35", "0.005"),
        (SEVERE_ONE, "0.32", "0.010"),
        (MODERATE_TWO, "0.36", "0.003"),
        (SEVERE_TWO, "0.33", "0.006"),
    ],
)
def test_weights_set_in_advance_for_ratings(weights, estimate, tau2):
    r, n = (np.array(v) for v in zip(*RATINGS, strict=True))
    weight = StepFunction(CUTS, weights=weights)
    found = selection_model(np.arctanh(r), 1 / (n - 3), weight=weight)
    printed(found.estimate, estimate)
    printed(found.tau2, tau2)
    assert found.selection_df == 0
