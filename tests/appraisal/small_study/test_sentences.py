"""Small-study effects: what the checks say, and of what they warn."""

import math

import numpy as np
import pytest
from tests.appraisal.small_study.test_small_study import OF_COUNTS, V, Y, tables

from evidence.appraisal.small_study.guard import RULE
from evidence.appraisal.small_study.limit_meta_analysis import limit_meta_analysis
from evidence.appraisal.small_study.own_error import OWN_ERROR, own_error_cautions
from evidence.appraisal.small_study.regression_tests import egger_test, thompson_sharp_test
from evidence.appraisal.small_study.trim_and_fill import trim_and_fill
from evidence.effects.measures.binary import log_odds_ratio
from evidence.synthesis.pool import pool


def test_asymmetry_is_said_with_its_direction():
    y = [0.1 + 3 * math.sqrt(v) + 0.05 * (-1) ** i for i, v in enumerate(V)]
    up, down = egger_test(y, V), egger_test([-value for value in y], V)
    assert up.status == down.status == "contradiction"
    assert "higher effects in smaller studies" in up.sentence
    assert "lower effects in smaller studies" in down.sentence


def test_no_asymmetry_is_no_absence():
    found = egger_test([0.1, -0.1] * 6, V)
    assert found.status == "ok"
    assert "does not show that no study is missing: with up to 50 studies such" in found.sentence
    assert found.p_value >= RULE.level
    # What was simulated ends there.
    many = egger_test([0.1, -0.1] * 30, V * 5)
    assert many.status == "ok"
    assert many.sentence.endswith("does not show that no study is missing.")


@pytest.mark.parametrize("estimator", ["L0", "R0"])
def test_trim_and_fill_is_no_test(estimator):
    y = [0.1 + 3 * math.sqrt(v) + 0.05 * (-1) ** i for i, v in enumerate(V)]
    found = trim_and_fill(y, V, estimator=estimator)
    assert found.missing > 0
    assert found.status == "ok"
    assert "missing on the left; filled in, the mean goes from" in found.sentence
    (said,) = [caution for caution in found.cautions if caution.code == "not-a-correction"]
    assert "is no test" in said.message
    assert "about as often as not" in said.message


def test_names_of_variants():
    n = [round(4 / v) for v in V]
    found = egger_test(Y, V, model="mixed", predictor="inverse_sqrt_n", sample_sizes=n)
    assert found.name == "Egger's test with a mixed model on 1/√n"
    assert egger_test(Y, V, predictor="variance").name == "Egger's test on the variance"


@pytest.mark.parametrize("check", [egger_test, thompson_sharp_test, limit_meta_analysis])
def test_measures_with_an_artefact_are_told_apart(check):
    ratios = log_odds_ratio(**tables())
    (said,) = [caution for caution in check(ratios).cautions if caution.code == OWN_ERROR]
    assert "log odds ratio" in said.message
    for test in OF_COUNTS:
        assert test.__name__ in said.message
    plain = check(ratios.estimate, ratios.variance)
    assert OWN_ERROR not in {caution.code for caution in plain.cautions}


def test_which_measures_have_an_error_of_their_own():
    for measure in ("odds ratio", "risk ratio", "log risk ratio", "Peto's log odds ratio"):
        assert "peters_test" in own_error_cautions(measure)[0].message
    (smd,) = own_error_cautions("standardised mean difference")
    assert "pustejovsky_rodgers_test" in smd.message
    for measure in ("mean difference", "risk difference", "log hazard ratio", "", None, [1.0]):
        assert own_error_cautions(measure) == ()


def test_heterogeneity_is_said():
    y = [2.0 * (-1) ** i for i in range(12)]
    for check in (egger_test, thompson_sharp_test, limit_meta_analysis):
        assert "heterogeneous" in {c.code for c in check(y, V).cautions}


def test_heterogeneity_is_said_from_the_rule_on():
    y, v = np.array(Y), np.array(V)
    q = pool(y, v, model="common").q
    for factor, said in ((0.99, False), (1.01, True)):
        # I² is 100 (1 - df/Q), and Q falls as variances grow.
        aim = factor * RULE.i2
        wider = v * q * (1 - aim / 100) / 11
        assert pool(y, wider, model="common").i2 == pytest.approx(aim)
        codes = {caution.code for caution in egger_test(y, wider).cautions}
        assert ("heterogeneous" in codes) is said
