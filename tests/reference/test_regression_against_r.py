"""Meta-regressions, subgroups and location-scale models equal R's (regression.json; needs no R).

tau² is compared on the scale of tau² plus the smallest sampling variance, a coefficient on that of
its standard error. Location-scale models are compared with the maximum that R's likelihood has,
and metafor's own, looser, numbers with less digits.
"""

import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evidence.synthesis.regression.location_scale import fit_location_scale
from evidence.synthesis.regression.regress import regress
from evidence.synthesis.regression.subgroups import _welch, compare_subgroups

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7
OPTIMISED = 1e-4  # what metafor's general optimisers and numerical derivatives leave
CLOSED = {"EE", "DL", "HE", "SJ", "HS"}
CI_METHODS = {"z": "Wald", "t": "t", "knha": "HKSJ", "adhoc": "HKSJ-adhoc"}

FIXTURE = json.loads((Path(__file__).parent / "regression.json").read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in FIXTURE["cases"]}
every_case = pytest.mark.parametrize("case_id", CASES)


def by_id(name):
    cases = FIXTURE[name]
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


def table(case):
    """The moderators; text that is missing is empty in the JSON."""
    columns = {
        name: [None if v == "" else v for v in values] for name, values in case["columns"].items()
    }
    return pd.DataFrame(columns, index=range(len(case["yi"])))


def choices(fit):
    chosen = {"ci_method": CI_METHODS[fit["test"]]}
    if fit["method"] == "EE":
        return {**chosen, "model": "common"}
    return {**chosen, "tau2_method": fit["method"]}


@cache
def fitted(case_id, index):
    case = CASES[case_id]
    fit = case["fits"][index]
    if case["by_matrix"]:
        return regress(case["yi"], case["vi"], moderators=case["X"], **choices(fit))
    if index >= 4:  # the same design, for another estimator
        first = fitted(case_id, 0)
        return regress(
            first.effects, first.variances, moderators=first.design.matrix, **choices(fit)
        )
    return regress(
        case["yi"], case["vi"], moderators=table(case), formula=case["formula"], **choices(fit)
    )


def tolerance(case_id, fit):
    if fit["method"] not in CLOSED:
        return ITERATIVE
    # Columns that are nearly combinations of each other: here R's closed forms are off by 3e-10,
    # ours by 2e-14, against exact rational arithmetic (test_linear.py).
    return 10 * CLOSED_FORM if case_id == "bcg_product" else CLOSED_FORM


def beside(ours, theirs, scale, rtol):
    """Equal on the scale of something, which may be an array."""
    ours, theirs, scale = (np.array(each, dtype=float) for each in (ours, theirs, scale))
    assert np.all(np.abs(ours - theirs) <= rtol * scale), (
        ours,
        theirs,
        np.abs(ours - theirs) / scale,
    )


def same_p(ours, theirs, statistics, rtol):
    """Equal p values; in the tail a statistic's relative error grows with its square."""
    for our, their, statistic in zip(
        np.atleast_1d(ours), np.atleast_1d(theirs), np.atleast_1d(statistics), strict=True
    ):
        limit = min(rtol * max(1.0, statistic**2), 1e-3)
        assert our == pytest.approx(their, rel=limit, abs=1e-14)


def test_the_fixture_holds_enough():
    assert len(CASES) >= 70
    assert sum(len(case["fits"]) for case in CASES.values()) >= 400
    kinds = ("permutations", "subgroups", "welch", "location_scale")
    assert sum(len(FIXTURE[kind]) for kind in kinds) >= 40


def test_the_designs_are_the_same():
    for case_id, case in CASES.items():
        ours = fitted(case_id, 0).design.matrix
        theirs = np.array(case["X"], dtype=float)
        # R's orthogonal polynomials have the other sign of some columns.
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(np.abs(ours), np.abs(theirs), rtol=1e-7, atol=1e-9)


def signs(case_id):
    ours, theirs = fitted(case_id, 0).design.matrix, np.array(CASES[case_id]["X"], dtype=float)
    return np.sign((ours * theirs).sum(axis=0))


@every_case
def test_coefficients(case_id):
    for index in range(len(CASES[case_id]["fits"])):
        check_coefficients(case_id, index)


def check_coefficients(case_id, index):
    case, result = CASES[case_id], fitted(case_id, index)
    fit = case["fits"][index]
    sign, rtol = signs(case_id), tolerance(case_id, fit)
    natural = np.maximum(np.array(fit["se"]), 1e-9 * np.abs(fit["beta"]))
    if case_id == "exact_line" and fit["test"] == "knha" and result.tau2 == 0:
        # Nothing is left of the effects: a standard error is rounding.
        assert np.all(result.standard_errors < 1e-9)
        beside(result.coefficients, fit["beta"], 1.0, 1e-12)
        return
    assert result.k == case["k"]
    beside(sign * result.coefficients, fit["beta"], natural, max(rtol, CLOSED_FORM))
    beside(result.standard_errors, fit["se"], fit["se"], rtol)
    low = np.where(sign > 0, result.ci_low, -result.ci_high)
    high = np.where(sign > 0, result.ci_high, -result.ci_low)
    width = np.array(fit["ci.ub"]) - np.array(fit["ci.lb"])
    beside(low, fit["ci.lb"], width, rtol)
    beside(high, fit["ci.ub"], width, rtol)
    same_p(result.p_values, fit["pval"], np.array(fit["beta"]) / np.array(fit["se"]), rtol)


@every_case
def test_heterogeneity(case_id):
    for index in range(len(CASES[case_id]["fits"])):
        check_heterogeneity(case_id, index)


def check_heterogeneity(case_id, index):
    case, result = CASES[case_id], fitted(case_id, index)
    fit, rtol = case["fits"][index], tolerance(case_id, case["fits"][index])
    smallest = min(v for v in case["vi"] if v)
    beside(result.tau2, fit["tau2"], fit["tau2"] + smallest, rtol)
    assert result.qe_df == case["k"] - case["p"]
    closed = tolerance(case_id, {"method": "DL"})
    beside(result.qe, fit["QE"], max(fit["QE"], 1e-3), closed)
    if fit["QE"] > 1e-9:
        assert result.qe_p_value == pytest.approx(
            fit["QEp"], rel=closed * max(1, fit["QE"]), abs=1e-300
        )
    if fit["method"] != "EE":
        beside(result.i2, fit["I2"], max(fit["I2"], 1e-3), max(rtol, CLOSED_FORM))
        assert result.h2 == pytest.approx(fit["H2"], rel=max(rtol, CLOSED_FORM))


@every_case
def test_omnibus(case_id):
    for index in range(len(CASES[case_id]["fits"])):
        check_omnibus(case_id, index)


def check_omnibus(case_id, index):
    case, result = CASES[case_id], fitted(case_id, index)
    fit = case["fits"][index]
    if "QM" not in fit or (case_id == "exact_line" and fit["test"] == "knha"):
        assert result.omnibus.df == 0 or result.omnibus.statistic > 1e20
        return
    expected = len(fit["beta"]) - any(np.all(np.array(case["X"]) == 1, axis=0))
    if case["formula"].startswith("~ 0") and result.design.constant is not None:
        # R tests that all means are 0; ours, that they are equal.
        test = result.contrast(np.eye(result.p)).joint
        assert result.omnibus.df == result.p - 1
    else:
        test = result.omnibus
    assert test.df == expected
    rtol = tolerance(case_id, fit)
    assert test.statistic == pytest.approx(fit["QM"], rel=10 * rtol, abs=1e-7 * rtol)
    same_p(test.p_value, fit["QMp"], math.sqrt(fit["QM"] * test.df), 10 * rtol)


@every_case
def test_tau2_interval_and_explained_share(case_id):
    for index in range(len(CASES[case_id]["fits"])):
        check_tau2_interval_and_explained_share(case_id, index)


def check_tau2_interval_and_explained_share(case_id, index):
    case, result = CASES[case_id], fitted(case_id, index)
    fit = case["fits"][index]
    smallest = min(v for v in case["vi"] if v)
    if "tau2.lb" in fit:
        for ours, theirs in (
            (result.tau2_ci_low, fit["tau2.lb"]),
            (result.tau2_ci_high, fit["tau2.ub"]),
        ):
            beside(ours, theirs or 0.0, (theirs or 0.0) + smallest, ITERATIVE)
    alone = fit.get("tau2.without", 0.0)
    defined = result.design.constant is not None and result.omnibus.df > 0
    if not defined or alone < 1e-12 * smallest:
        assert math.isnan(result.r2)
    else:
        expected = max(0.0, 100 * (alone - fit["tau2"]) / alone)
        magnified = 1 + smallest / alone
        assert result.r2 == pytest.approx(expected, abs=300 * ITERATIVE * magnified)


PREDICTED = [case_id for case_id, case in CASES.items() if case["newdata"]]


@pytest.mark.parametrize("case_id", PREDICTED)
def test_predictions(case_id):
    for index, fit in enumerate(CASES[case_id]["fits"]):
        if "predicted" in fit:
            check_predictions(case_id, index)


def check_predictions(case_id, index):
    case, result = CASES[case_id], fitted(case_id, index)
    fit, expected = case["fits"][index], case["fits"][index]["predicted"]
    found = result.predict(pd.DataFrame(case["newdata"]))
    rtol, errors = tolerance(case_id, fit), np.array(expected["se"])
    beside(found.estimate, expected["pred"], errors, rtol)
    beside(found.standard_error, errors, errors, rtol)
    beside(found.ci_low, expected["ci.lb"], errors, 10 * rtol)
    beside(found.ci_high, expected["ci.ub"], errors, 10 * rtol)


CONTRASTED = [case_id for case_id, case in CASES.items() if case["contrast"]]


@pytest.mark.parametrize("case_id", CONTRASTED)
def test_contrasts(case_id):
    for index, fit in enumerate(CASES[case_id]["fits"]):
        if "contrasts" in fit:
            check_contrasts(case_id, index)


def check_contrasts(case_id, index):
    case, result = CASES[case_id], fitted(case_id, index)
    fit, expected = case["fits"][index], case["fits"][index]["contrasts"]
    found = result.contrast(np.array(case["contrast"]))
    rtol, errors = tolerance(case_id, fit), np.array(expected["se"])
    beside(found.estimate, expected["estimate"], errors, rtol)
    beside(found.standard_error, errors, errors, rtol)
    same_p(found.p_value, expected["pval"], np.array(expected["estimate"]) / errors, rtol)
    if expected["QM"] is not None:
        assert found.joint.statistic == pytest.approx(expected["QM"], rel=10 * rtol)
        same_p(found.joint.p_value, expected["QMp"], math.sqrt(expected["QM"] * 2), 10 * rtol)


@by_id("permutations")
def test_exact_permutation_tests(case):
    result = regress(
        case["yi"], case["vi"], moderators=table(case), formula=case["formula"], **choices(case)
    )
    found = result.permutation_test(10_000)
    assert found.exact
    assert found.permutations == case["permutations"]
    # Counts: equal or not. The intercept is not tested by permuting, though R prints a p value.
    np.testing.assert_allclose(found.p_values[1:], case["pval"][1:], rtol=1e-12)
    assert found.omnibus_p_value == pytest.approx(case["QMp"], rel=1e-12)


@by_id("subgroups")
def test_subgroups_with_a_tau2_of_their_own(case):
    result = compare_subgroups(
        case["yi"],
        case["vi"],
        groups=[str(g) for g in case["of"]],
        tau2="separate",
        tau2_method=case["method"],
        ci_method="Wald",
    )
    found = result.to_frame().set_index("subgroup").loc[case["groups"]]
    assert found["k"].to_list() == case["k"]
    beside(found["estimate"], case["estimate"], case["se"], ITERATIVE)
    beside(found["standard_error"], case["se"], case["se"], ITERATIVE)
    smallest = min(case["vi"])
    beside(found["tau2"], case["tau2"], np.array(case["tau2"]) + smallest, ITERATIVE)
    assert result.between.df == len(case["groups"]) - 1
    assert result.between.statistic == pytest.approx(case["QM"], rel=10 * ITERATIVE)
    assert result.between.p_value == pytest.approx(case["QMp"], rel=10 * ITERATIVE * case["QM"])
    guarded = compare_subgroups(
        case["yi"],
        case["vi"],
        groups=[str(g) for g in case["of"]],
        tau2="separate",
        tau2_method=case["method"],
        ci_method="HKSJ",
    )
    errors = guarded.to_frame().set_index("subgroup").loc[case["groups"]]["standard_error"]
    beside(errors, case["se.knha"], case["se.knha"], ITERATIVE)


@by_id("welch")
def test_welchs_test(case):
    found = _welch(*(np.array(case[name], dtype=float) for name in ("means", "se", "df")))
    assert found.statistic == pytest.approx(case["F"], rel=CLOSED_FORM)
    assert found.denominator_df == pytest.approx(case["denominator"], rel=CLOSED_FORM)
    assert found.p_value == pytest.approx(case["p"], rel=CLOSED_FORM)


@by_id("location_scale")
def test_location_scale(case):
    result = fit_location_scale(
        case["yi"],
        case["vi"],
        moderators=table(case),
        formula=case["formula"],
        scale=case["scale"],
        **choices(case),
    )
    polished = case["polished"]
    errors = np.array(polished["se"])
    beside(result.scale.estimate, polished["alpha"], errors, ITERATIVE)
    beside(result.scale.standard_error, errors, errors, ITERATIVE)
    assert result.log_likelihood == pytest.approx(polished["ll"], abs=1e-9)
    beside(result.tau2, polished["tau2"], np.array(polished["tau2"]), 10 * ITERATIVE)
    beside(result.location.estimate, polished["beta"], result.location.standard_error, ITERATIVE)
    if result.likelihood_ratio.df:
        assert result.likelihood_ratio.statistic == pytest.approx(polished["LRT"], abs=1e-8)


@by_id("location_scale")
def test_location_scale_as_metafor_ends(case):
    result = fit_location_scale(
        case["yi"],
        case["vi"],
        moderators=table(case),
        formula=case["formula"],
        scale=case["scale"],
        **choices(case),
    )
    metafor = case["metafor"]
    errors = np.array(metafor["se"])
    beside(result.location.estimate, metafor["beta"], errors, OPTIMISED)
    beside(result.location.standard_error, errors, errors, OPTIMISED)
    np.testing.assert_allclose(result.location.p_value, metafor["pval"], rtol=30 * OPTIMISED)
    # Second derivatives by differences of a likelihood: the third digit can be off.
    beside(result.scale.standard_error, metafor["se.alpha"], metafor["se.alpha"], 3e-3)
    moderators = slice(None) if case["unit"] == 1 else slice(1, None)  # log tau² has a unit
    np.testing.assert_allclose(
        result.scale.p_value[moderators],
        np.array(metafor["pval.alpha"])[moderators],
        rtol=100 * OPTIMISED,
        atol=1e-6,
    )
    assert result.log_likelihood >= metafor["ll"] - 1e-9
    if result.scale.omnibus.df == len(metafor["alpha"]) - 1 > 0 and "~ 0" not in case["scale"]:
        assert result.scale.omnibus.statistic == pytest.approx(metafor["QS"], rel=3e-3, abs=1e-5)
