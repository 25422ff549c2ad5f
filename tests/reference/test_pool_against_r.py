"""Pooled results equal those of R's metafor::rma, confint and weights (pool.json; needs no R).

`tau2` is compared on the scale of tau2 plus the typical sampling variance, and a place on the axis
of effects on the scale of the Wald standard error: a value that is 0 in exact arithmetic may come
out as a rounding error.
"""

import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from evidence.synthesis.pool import pool

CLOSED_FORM_RTOL = 1e-10  # common effect, DerSimonian-Laird, Q and what follows from them
ITERATIVE_RTOL = 1e-7  # REML, Paule-Mandel, Q-profile and what follows from them
P_VALUE_ATOL = 1e-14
LOOSEST_P_VALUE_RTOL = 1e-3  # far in the tail of t, where p is worth nothing but its order
ROUNDING = 1e-15

FOLDER = Path(__file__).parent
CASES = {
    case["id"]: case
    for case in json.loads((FOLDER / "pool.json").read_text(encoding="utf-8"))["cases"]
}
SINGLE = [case_id for case_id, case in CASES.items() if case["k"] == 1]
SEVERAL = [case_id for case_id, case in CASES.items() if case["k"] > 1]

COMMON = "common"
MODELS = {
    COMMON: "EE",
    "REML": "REML",
    "DL": "DL",
    "PM": "PM",
}
CI_METHODS = {"Wald": "z", "HKSJ": "knha", "HKSJ-adhoc": "adhoc"}

every_case = pytest.mark.parametrize("case_id", SEVERAL)
every_model = pytest.mark.parametrize("model", MODELS)
random_models = pytest.mark.parametrize("model", [model for model in MODELS if model != COMMON])
every_ci_method = pytest.mark.parametrize("ci_method", CI_METHODS)


@cache
def pooled(case_id, model, ci_method="Wald"):
    case = CASES[case_id]
    chosen = {"model": COMMON} if model == COMMON else {"model": "random", "tau2_method": model}
    return pool(
        np.array(case["yi"]),
        np.array(case["vi"]),
        labels=case["labels"],
        ci_method=ci_method,
        **chosen,
    )


def reference(case_id, model):
    return next(fit for fit in CASES[case_id]["fits"] if fit["method"] == MODELS[model])


def reference_test(case_id, model, ci_method):
    tests = reference(case_id, model)["tests"]
    return next(test for test in tests if test["test"] == CI_METHODS[ci_method])


def wald_standard_error(case_id, model):
    return reference_test(case_id, model, "Wald")["se"]


def rtol(model):
    return CLOSED_FORM_RTOL if model in {COMMON, "DL"} else ITERATIVE_RTOL


def typical_variance(case_id):
    weights = 1 / np.array(CASES[case_id]["vi"])
    return (len(weights) - 1) * weights.sum() / (weights.sum() ** 2 - (weights**2).sum())


def assert_close(name, actual, expected, *, relative, scale=0.0, absolute=0.0):
    """Equal to R's value, NaN where R has NA; `scale` is the smallest size that counts."""
    if expected is None:
        assert math.isnan(actual), f"{name}: {actual!r}, R has NA"
        return
    allowed = relative * max(abs(expected), scale) + absolute
    assert abs(actual - expected) <= allowed, f"{name}: {actual!r}, R says {expected!r}"


@every_ci_method
@every_model
@every_case
def test_estimate_and_interval(case_id, model, ci_method):
    result = pooled(case_id, model, ci_method)
    expected = reference_test(case_id, model, ci_method)
    scale = wald_standard_error(case_id, model)
    for name, column in {
        "estimate": "beta",
        "standard_error": "se",
        "ci_low": "ci.lb",
        "ci_high": "ci.ub",
    }.items():
        assert_close(
            name, getattr(result, name), expected[column], relative=rtol(model), scale=scale
        )


@every_ci_method
@every_model
@every_case
def test_p_value(case_id, model, ci_method):
    expected = reference_test(case_id, model, ci_method)
    # the further in the tail, the more a small error of the statistic weighs
    statistic = abs(expected["beta"]) / expected["se"] if expected["se"] else math.inf
    relative = min(LOOSEST_P_VALUE_RTOL, rtol(model) * (1 + statistic**2))
    assert_close(
        "p_value",
        pooled(case_id, model, ci_method).p_value,
        expected["pval"],
        relative=relative,
        absolute=P_VALUE_ATOL,
    )


@every_model
@every_case
def test_tau2(case_id, model):
    assert_close(
        "tau2",
        pooled(case_id, model).tau2,
        reference(case_id, model)["tau2"],
        relative=rtol(model),
        scale=typical_variance(case_id),
    )


@random_models
@every_case
def test_tau2_interval_by_q_profile(case_id, model):
    """Where Q is too small for any tau2 (an empty interval), R and we say 0 to 0."""
    result, expected = pooled(case_id, model), reference(case_id, model)
    scale = typical_variance(case_id)
    for name, column in {"tau2_ci_low": "tau2.lb", "tau2_ci_high": "tau2.ub"}.items():
        actual = getattr(result, name)
        assert_close(name, actual, expected[column], relative=ITERATIVE_RTOL, scale=scale)


@every_model
@every_case
def test_q(case_id, model):
    result, expected = pooled(case_id, model), reference(case_id, model)
    effects, variances = np.array(CASES[case_id]["yi"]), np.array(CASES[case_id]["vi"])
    rounding = ROUNDING * np.abs(effects).max()
    q_rounding = (1 / variances).sum() * rounding * (np.ptp(effects) + rounding)
    assert_close("q", result.q, expected["QE"], relative=CLOSED_FORM_RTOL, absolute=q_rounding)
    relative = CLOSED_FORM_RTOL * (1 + expected["QE"])
    assert_close(
        "q_p_value",
        result.q_p_value,
        expected["QEp"],
        relative=min(LOOSEST_P_VALUE_RTOL, relative),
        absolute=P_VALUE_ATOL,
    )


@every_model
@every_case
def test_i2_and_h2(case_id, model):
    result, expected = pooled(case_id, model), reference(case_id, model)
    assert_close("i2", result.i2, expected["I2"], relative=rtol(model), scale=100)
    assert_close("h2", result.h2, expected["H2"], relative=rtol(model), scale=1)


@every_model
@every_case
def test_weights(case_id, model):
    weights = pooled(case_id, model).weights
    expected = reference(case_id, model)["weights"]
    assert weights.shape == (CASES[case_id]["k"],)
    assert weights.sum() == pytest.approx(100)
    for place, (actual, wanted) in enumerate(zip(weights, expected, strict=True)):
        assert_close(f"weight {place + 1}", actual, wanted, relative=rtol(model))


@every_ci_method
@random_models
@every_case
def test_prediction_interval(case_id, model, ci_method):
    """t on k - 2 degrees of freedom and the method's own standard error; NaN below 3 studies."""
    result = pooled(case_id, model, ci_method)
    expected = reference_test(case_id, model, ci_method)
    scale = wald_standard_error(case_id, model)
    for name in ("low", "high"):
        column = {"low": "prediction.lb", "high": "prediction.ub"}[name]
        actual = getattr(result, f"prediction_{name}")
        if CASES[case_id]["k"] < 3:
            assert column not in expected
            assert math.isnan(actual)
        else:
            assert_close(
                f"prediction_{name}", actual, expected[column], relative=rtol(model), scale=scale
            )


@every_model
@every_case
def test_k(case_id, model):
    assert pooled(case_id, model).k == CASES[case_id]["k"]


@pytest.mark.parametrize("case_id", SEVERAL)
def test_defaults_are_reml_with_the_guarded_hartung_knapp_interval(case_id):
    case = CASES[case_id]
    result = pool(np.array(case["yi"]), np.array(case["vi"]))
    expected = reference_test(case_id, "REML", "HKSJ-adhoc")
    scale = wald_standard_error(case_id, "REML")
    assert_close("ci_low", result.ci_low, expected["ci.lb"], relative=ITERATIVE_RTOL, scale=scale)
    assert_close("ci_high", result.ci_high, expected["ci.ub"], relative=ITERATIVE_RTOL, scale=scale)


@every_model
@pytest.mark.parametrize("case_id", SINGLE)
def test_one_study_is_reported_as_it_is(case_id, model):
    result = pooled(case_id, model)
    expected = CASES[case_id]["single"]
    for name, column in {
        "estimate": "beta",
        "standard_error": "se",
        "ci_low": "ci.lb",
        "ci_high": "ci.ub",
    }.items():
        actual = getattr(result, name)
        assert_close(
            name, actual, expected[column], relative=CLOSED_FORM_RTOL, scale=expected["se"]
        )
    # R says tau2 = 0, I2 = 0, H2 = 1, Q = 0; one study can say nothing about heterogeneity
    for name in ("tau2", "q", "i2", "h2", "prediction_low", "prediction_high"):
        assert math.isnan(getattr(result, name)), name
