"""Selection models equal metafor's (selection_models.json; needs no R).

metafor climbs with numerical derivatives and stops short of the maximum by up to about 1e-5 of a
standard error, and takes standard errors from a numerical Hessian. So three things are asked:
that our likelihood at metafor's estimates is metafor's; that ours at our estimates is no lower;
and that estimates agree as far as metafor's are converged.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from evidence.appraisal.selection.selection_likelihood import SelectionLikelihood
from evidence.appraisal.selection.selection_model import selection_model
from evidence.appraisal.selection.weight_functions import BetaDensity, StepFunction

#: Of the log-likelihood: sums of closed forms, and R's integrals to 1e-8 each.
CLOSED_FORM, INTEGRATED = 1e-9, 1e-6
#: Of estimates, in standard errors; of standard errors, as a share.
ESTIMATE, ERROR = 1e-4, 2e-3
#: metafor does not reach a tau² of 0: it stops at numbers of this share of the variances.
NOUGHT = 1e-3

FIXTURE = json.loads((Path(__file__).parent / "selection_models.json").read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in FIXTURE["cases"]}
FITTED = [name for name, case in CASES.items() if case["found"]]
REFUSED = [name for name, case in CASES.items() if not case["found"]]


def weight_of(case):
    if case["type"] == "beta":
        return BetaDensity(case["alternative"])
    return StepFunction(case["cuts"], case["alternative"], case["weights"])


def studies(case):
    data = FIXTURE["data"][case["data"]]
    return np.array(data["yi"]), np.array(data["vi"])


def fitted(case):
    return selection_model(*studies(case), weight=weight_of(case), model=case["model"])


def test_there_are_enough_cases():
    assert len(FITTED) >= 30
    assert {CASES[name]["type"] for name in FITTED} == {"stepfun", "beta"}
    assert {CASES[name]["alternative"] for name in FITTED} == {"greater", "less", "two-sided"}


@pytest.mark.parametrize("name", FITTED)
def test_the_likelihood_is_metafors(name):
    case = CASES[name]
    expected = case["found"]
    likelihood = SelectionLikelihood(*studies(case), weight_of(case))
    delta = np.array(expected["delta"])
    theta = delta - 1 if case["type"] == "beta" else np.log(delta[1:])
    unit = likelihood.unit
    value = likelihood.evaluate(expected["estimate"] / unit, expected["tau2"] / unit**2, theta)[0]
    value -= likelihood.effects.size * np.log(abs(unit))
    digits = INTEGRATED if case["type"] == "beta" else CLOSED_FORM
    assert value == pytest.approx(expected["log_likelihood"], abs=digits)
    assert fitted(case).log_likelihood >= expected["log_likelihood"] - digits


@pytest.mark.parametrize("name", FITTED)
def test_estimates(name):
    case = CASES[name]
    expected, found = case["found"], fitted(case)
    loose = 20 if case["type"] == "beta" else 1
    assert found.status != "cannot be tested"
    digits = ESTIMATE * loose
    spread = float(np.mean(studies(case)[1]))
    at_zero = found.tau2 == 0 or expected["tau2"] < NOUGHT * spread
    assert abs(found.estimate - expected["estimate"]) < digits * found.standard_error * (
        10 if at_zero and case["model"] == "random" else 1
    )
    if at_zero:
        assert abs(found.tau2 - expected["tau2"]) < NOUGHT * spread
    else:
        assert abs(found.tau2 - expected["tau2"]) < digits * found.tau2_standard_error
        assert found.tau2_standard_error == pytest.approx(
            expected["tau2_standard_error"], rel=ERROR * loose
        )
        assert found.standard_error == pytest.approx(expected["standard_error"], rel=ERROR * loose)
    errors = found.table["standard_error"].to_numpy()[-len(found.weights) :]
    for weight, error, delta in zip(found.weights, errors, expected["delta"], strict=True):
        if np.isnan(error):
            assert weight == pytest.approx(delta, rel=1e-12)
        else:
            assert abs(weight - delta) < digits * error * (10 if at_zero else 1)
    if case["weights"] is None:
        # metafor is short of the maximum where its tau² has not reached 0, and a little so
        # where a parameter of a beta density stands at its bound of 1e-5.
        edge = case["type"] == "beta" and min(found.weights) == 0
        short = 1e-3 if at_zero else 5e-5 if edge else 2e-6
        assert -2e-6 < found.selection_statistic - expected["lrt"] < short
        if not at_zero and expected["lrt_tau2"] is not None:
            # There its fit without tau² stops short too, and so its statistic is too high.
            over = expected["lrt_tau2"] - found.heterogeneity_statistic
            assert -2e-6 < over < (1e-3 if edge else 2e-6)


AT_EDGE = [name for name, case in CASES.items() if case["data"].startswith("edge")]


@pytest.mark.parametrize("name", AT_EDGE)
def test_what_metafor_puts_at_its_bound_lies_at_the_edge(name):
    delta, found = CASES[name]["found"]["delta"], fitted(CASES[name])
    assert min(delta) < 2e-5
    assert [value == 0 for value in found.weights] == [value < 2e-5 for value in delta]
    assert "the edge of its range" in found.sentence


@pytest.mark.parametrize("name", ["near_both_beta", "near_a_beta", "inside_beta"])
def test_what_is_not_at_its_bound_does_not(name):
    assert min(fitted(CASES[name]).weights) > 0


@pytest.mark.parametrize("name", REFUSED)
def test_where_metafor_has_no_answer(name):
    case = CASES[name]
    effects, variances = studies(case)
    weight, found = weight_of(case), fitted(case)
    p_values = weight.p_values(effects / np.sqrt(variances))
    counts = np.bincount(weight.interval_of(p_values), minlength=len(weight.intervals))
    if not counts.all():
        assert found.status == "cannot be tested"
        assert "no study has" in found.sentence.lower()
        return
    # Its optimisers stop with an error; there is a maximum all the same.
    likelihood = SelectionLikelihood(effects, variances, weight)
    unit, theta = likelihood.unit, np.log(found.weights[1:])
    _, gradient, _ = likelihood.evaluate(found.estimate / unit, found.tau2 / unit**2, theta)
    assert np.abs(np.delete(gradient, 1)).max() < 1e-7
    assert gradient[1] < 1e-7
    assert found.tau2 == 0 or abs(gradient[1]) < 1e-7
