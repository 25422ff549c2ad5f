"""Models for dependent effects equal R's (dependence.json; needs no R)."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evidence.synthesis.dependence.aggregate import aggregate_within
from evidence.synthesis.dependence.covariance import (
    SamplingCovariance,
    covariance_from_correlation,
)
from evidence.synthesis.dependence.multilevel import pool_multilevel
from evidence.synthesis.dependence.multivariate import pool_multivariate
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.robust import cluster_robust
from evidence.synthesis.dependence.weighted import pool_robust
from evidence.synthesis.pool import pool

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7
#: rma.mv reports a log-likelihood near 0 as a difference of larger terms.
LIKELIHOOD = 1e-9

WRITTEN = json.loads((Path(__file__).parent / "dependence.json").read_text(encoding="utf-8"))
MULTILEVEL = [case for case in WRITTEN["cases"] if case["kind"] == "multilevel"]
MULTIVARIATE = [case for case in WRITTEN["cases"] if case["kind"] == "multivariate"]
#: By which variances are estimated: between clusters, within clusters.
COMPONENTS = {(True, True): "cluster and row", (True, False): "cluster", (False, True): "row"}


def ids(cases):
    return [case["id"] for case in cases]


def numbers(values):
    return np.array([math.nan if v is None else v for v in values], dtype=float)


def close(ours, theirs, rtol, size=0.0):
    """Equal but for `rtol` of the number itself, or of the natural size of what it is part of."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    np.testing.assert_array_less(
        np.abs(ours - theirs), rtol * np.maximum(np.abs(theirs), size) + 1e-300
    )


def same_p(ours, theirs, statistic, rtol):
    """A tail magnifies the relative error of its statistic by about the statistic's square."""
    close(ours, theirs, rtol * max(1.0, float(np.max(np.abs(statistic))) ** 2), 1e-12)


def covariance(case, cluster):
    rows = {}
    for place, name in enumerate(cluster):
        rows.setdefault(name, []).append(place)
    return SamplingCovariance(
        tuple(rows),
        tuple(np.array(each) for each in rows.values()),
        tuple(
            np.array(block, dtype=float).reshape(len(each), len(each))
            for block, each in zip(case["blocks"], rows.values(), strict=True)
        ),
    )


def fit_multilevel(case, **changes):
    variances = numbers(case["vi"])
    if case["correlation"] is not None:
        variances = covariance_from_correlation(
            variances, cluster=case["cluster"], correlation=case["correlation"]
        )
    options = {"tau2_method": case["method"], **changes}
    return pool_multilevel(
        numbers(case["yi"]),
        variances,
        cluster=case["cluster"],
        design=None if case["X"] is None else np.array(case["X"], dtype=float),
        components=COMPONENTS.get(tuple(case["parts"]), "none"),
        options=DependenceOptions(**options),
    )


def fit_multivariate(case, **changes):
    return pool_multivariate(
        numbers(case["yi"]),
        covariance(case, case["study"]),
        cluster=case["study"],
        outcome=case["outcome"],
        design=None if case["X"] is None else np.array(case["X"], dtype=float),
        structure=case["structure"],
        options=DependenceOptions(tau2_method=case["method"], **changes),
    )


def check_fit(result, case, rtol=ITERATIVE):
    table = result.coefficients
    se = np.array(case["se"])
    close(table["estimate"], case["beta"], rtol, se)
    close(table["standard_error"], se, rtol)
    close(result.covariance, np.array(case["vcov"]), rtol, np.outer(se, se))
    close(result.log_likelihood, case["log_likelihood"], LIKELIHOOD, 10.0)
    assert result.log_likelihood >= case["log_likelihood_own"] - 1e-8
    close(result.q, case["QE"], CLOSED_FORM * 100, 1.0)
    close(result.q_p_value, case["QEp"], 1e-8 * max(1.0, case["QE"]), 1e-200)


@pytest.mark.parametrize("case", MULTILEVEL, ids=ids(MULTILEVEL))
def test_multilevel(case):
    result = fit_multilevel(case)
    check_fit(result, case)
    size = np.median(numbers(case["vi"])[~np.isnan(numbers(case["vi"]))])
    ours = result.variances
    theirs = dict(zip(("between clusters", "within clusters"), case["sigma2"], strict=True))
    for name, value in ours.items():
        close(value, theirs[name], ITERATIVE, 1e-6 * size)
        assert (value == 0) == (theirs[name] == 0)
    for name, share in zip(("between clusters", "within clusters"), case["I2"], strict=True):
        close(result.i2.get(name, 0.0), share, ITERATIVE, 1e-4)
    shares = np.atleast_2d(np.array(case["share"], dtype=float))
    close(result.weights.iloc[:, 2:].to_numpy().T, 100 * shares, ITERATIVE, 1e-4)
    if case["weights"] is not None:
        close(result.weights["mean effect"], case["weights"], ITERATIVE, 1e-4)


WITH_T = [case for case in MULTILEVEL if all(case["parts"])]


@pytest.mark.parametrize("case", WITH_T, ids=ids(WITH_T))
def test_inference_by_containment(case):
    """rma.mv(dfs = "contain"); where a variance is held at 0 its levels still count there."""
    result = fit_multilevel(case)
    table = result.coefficients
    se = np.array(case["se"])
    assert table["df"].tolist() == case["ddf"]
    close(table["ci_low"], case["low"], ITERATIVE, se)
    close(table["ci_high"], case["high"], ITERATIVE, se)
    for ours, theirs, t in zip(table["p_value"], case["p"], table["statistic"], strict=True):
        same_p(ours, theirs, t, ITERATIVE)
    if case["prediction_se"] is not None and len(result.clusters) > 2:
        from scipy.special import stdtrit

        reach = stdtrit(len(result.clusters) - 2, 0.975) * case["prediction_se"]
        close(result.prediction_high - result.estimate, reach, ITERATIVE)


PROFILED = [case for case in MULTILEVEL if "intervals" in case]


@pytest.mark.parametrize("case", PROFILED, ids=ids(PROFILED))
def test_profile_likelihood_intervals(case):
    found = fit_multilevel(case).component_intervals
    size = np.median(numbers(case["vi"]))
    for (low, high), row in zip(case["intervals"], found.to_dict("records"), strict=True):
        close(row["ci_low"], low, 1e-6, 1e-3 * size)
        close(row["ci_high"], high, 1e-6)


def check_robust(result, expected, rtol):
    table = result.coefficients
    if max(expected["se"]) < 1e-12:  # residuals of 0 but for rounding, on either side
        assert table["standard_error"].max() < 1e-12
        return
    close(table["standard_error"], expected["se"], rtol)
    close(table["df"], expected["df"], 10 * rtol)
    se = np.array(expected["se"])
    close(table["ci_low"], expected["low"], 100 * rtol, se)
    close(table["ci_high"], expected["high"], 100 * rtol, se)
    for ours, theirs, t in zip(table["p_value"], expected["p"], table["statistic"], strict=True):
        same_p(ours, theirs, t, 10 * rtol)
    if expected["vcov"] is not None:
        close(result.covariance, np.array(expected["vcov"]), 10 * rtol, np.outer(se, se))
    joint = expected["htz"]
    if joint:
        ours = result.test()
        # Where the robust covariance has not full rank, R's F is rounding noise.
        if joint["df"] is None or joint["df"] <= 0 or joint["f"] is None or joint["f"] > 1e12:
            assert math.isnan(ours.f)
            return
        close(ours.df_denominator, joint["df"], 100 * rtol, 1.0)
        close(ours.f, joint["f"], 100 * rtol, 1e-3)
        close(ours.p_value, joint["p"], 1000 * rtol, 1e-3)


ALL_FITS = MULTILEVEL + [case for case in MULTIVARIATE if case["settled"]]


@pytest.mark.parametrize("case", ALL_FITS, ids=ids(ALL_FITS))
def test_robust_variances_of_fits(case):
    result = fit_multilevel(case) if case["kind"] == "multilevel" else fit_multivariate(case)
    for expected in case["robust"]:
        check_robust(cluster_robust(result, kind=expected["kind"]), expected, ITERATIVE)


@pytest.mark.parametrize("case", WRITTEN["plain"], ids=ids(WRITTEN["plain"]))
def test_robust_variances_of_pooled_rows(case):
    model = "random" if case["method"] == "REML" else "common"
    result = pool(case["yi"], case["vi"], model=model)
    for expected in case["robust"]:
        robust = cluster_robust(result, cluster=case["cluster"], kind=expected["kind"])
        check_robust(robust, expected, ITERATIVE)
        close(robust.estimate, case["beta"], ITERATIVE)


SETTLED = [case for case in MULTIVARIATE if case["settled"]]


@pytest.mark.parametrize("case", SETTLED, ids=ids(SETTLED))
def test_multivariate(case):
    result = fit_multivariate(case)
    check_fit(result, case)
    size = np.median(result.working.covariance[0].diagonal())
    variances = [c.estimate for c in result.components if c.kind == "variance"]
    correlations = [c.estimate for c in result.components if c.kind == "correlation"]
    close(variances, case["tau2"], ITERATIVE, 1e-4 * size)
    close(correlations, case["rho"], ITERATIVE, 1.0)


@pytest.mark.parametrize("case", MULTIVARIATE, ids=ids(MULTIVARIATE))
def test_multivariate_likelihood_is_never_lower(case):
    result = fit_multivariate(case)
    assert result.log_likelihood >= case["log_likelihood_own"] - 1e-8


@pytest.mark.parametrize("case", WRITTEN["robu"], ids=ids(WRITTEN["robu"]))
def test_approximate_weights(case):
    design = None if case["X"] is None else np.array(case["X"], dtype=float)
    result = pool_robust(
        case["yi"],
        case["vi"],
        cluster=case["cluster"],
        design=design,
        weights={"CORR": "correlated", "HIER": "hierarchical"}[case["weights"]],
        correlation=case["rho"],
    )
    table = result.coefficients
    se = np.array(case["se"])
    close(table["estimate"], case["beta"], CLOSED_FORM * 100, se)
    close(table["standard_error"], se, CLOSED_FORM * 100)
    close(table["df"], case["df"], CLOSED_FORM * 100)
    close(table["ci_low"], case["low"], CLOSED_FORM * 1000, se)
    close(table["ci_high"], case["high"], CLOSED_FORM * 1000, se)


@pytest.mark.parametrize("case", WRITTEN["covariances"], ids=ids(WRITTEN["covariances"]))
def test_imputed_covariances(case):
    expected = covariance(case, case["cluster"])
    options = {name: case[name] for name in ("outcome", "time", "autocorrelation") if name in case}
    if "between" in case:
        names = ["verbal", "math"]
        values = [[1, case["between"]], [case["between"], 1]]
        options["correlation"] = pd.DataFrame(values, names, names)
    else:
        options["correlation"] = case["correlation"]
    ours = covariance_from_correlation(case["vi"], cluster=case["cluster"], **options)
    assert ours.clusters == expected.clusters
    for mine, theirs in zip(ours.blocks, expected.blocks, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=CLOSED_FORM, atol=1e-14)


@pytest.mark.parametrize("case", WRITTEN["aggregated"], ids=ids(WRITTEN["aggregated"]))
def test_aggregation(case):
    result = aggregate_within(
        case["yi"],
        case["vi"],
        cluster=case["cluster"],
        correlation=case["correlation"],
        weighting="generalised least squares" if case["weighted"] else "equal",
    )
    place = [result.labels.index(label) for label in case["label"]]
    close(result.estimate[place], case["estimate"], CLOSED_FORM, result.standard_error[place])
    close(result.variance[place], case["variance"], CLOSED_FORM)
