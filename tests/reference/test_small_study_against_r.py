"""Tests of small-study effects equal R's (small_study.json; needs no R)."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from evidence.appraisal.small_study.binary_tests import deeks_test, harbord_test, peters_test
from evidence.appraisal.small_study.rank_test import begg_mazumdar_test
from evidence.appraisal.small_study.regression_tests import (
    egger_test,
    pustejovsky_rodgers_test,
    thompson_sharp_test,
)
from evidence.appraisal.small_study.trim_and_fill import trim_and_fill

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7

WRITTEN = json.loads((Path(__file__).parent / "small_study.json").read_text(encoding="utf-8"))
CASES, COUNTS, SMD = WRITTEN["cases"], WRITTEN["counts"], WRITTEN["smd"]
INTERVALS = {"z": "Wald", "t": "t", "knha": "HKSJ"}


def ids(cases):
    return [case["id"] for case in cases]


def fits_of(field):
    return [
        pytest.param(case, each, id=f"{case['id']}-{each['test'].replace(' ', '-')}")
        for case in CASES
        for each in case[field]
    ]


def same(ours, theirs, rtol, size=0.0):
    """Equal but for `rtol` of the number itself, or of the size of what it is part of."""
    return abs(ours - theirs) <= rtol * max(abs(theirs), size)


def same_p(ours, theirs, rtol, statistic):
    """The tail of a distribution magnifies the relative error of a statistic by its square."""
    return same(ours, theirs, rtol * max(1.0, statistic**2))


def conditioning(case):
    """How many digits a difference loses: effects beside their spread."""
    return max(1.0, float(np.abs(case["yi"]).max() / np.ptp(case["yi"])))


def test_there_are_enough_cases():
    assert len(CASES) + len(COUNTS) + len(SMD) >= 30
    assert sum(len(case["egger"]) + len(case["filled"]) + 1 for case in CASES) >= 500
    every = ids(CASES) + ids(COUNTS) + ids(SMD)
    assert len(every) == len(set(every))


@pytest.mark.parametrize(("case", "fit"), fits_of("egger"))
def test_egger(case, fit):
    mixed = fit["model"] == "rma"
    choices = {"tau2_method": fit["method"], "ci_method": INTERVALS[fit["ci"]]} if mixed else {}
    found = egger_test(
        case["yi"],
        case["vi"],
        sample_sizes=case["ni"],
        predictor=fit["predictor"],
        model="mixed" if mixed else "weighted",
        force=True,
        **choices,
    )
    rtol = (ITERATIVE if mixed else CLOSED_FORM) * conditioning(case)
    se = fit["se"]
    limit, slope = found.table.to_dict("records")
    assert same(found.estimate, fit["slope"], rtol, se)
    assert same(slope["standard_error"], se, rtol)
    assert same(found.statistic, fit["statistic"], rtol, 1.0)
    assert found.df == fit["df"]
    assert same_p(found.p_value, fit["p"], rtol, fit["statistic"])
    width = fit["limit.ub"] - fit["limit.lb"]
    assert same(limit["estimate"], fit["limit"], rtol, width)
    assert same(limit["ci_low"], fit["limit.lb"], rtol, width)
    assert same(limit["ci_high"], fit["limit.ub"], rtol, width)
    if mixed and (fit["method"], fit["ci"], fit["predictor"]) == ("DL", "z", "standard_error"):
        sharp = thompson_sharp_test(case["yi"], case["vi"], force=True)
        assert (sharp.estimate, sharp.p_value) == (found.estimate, found.p_value)


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_rank_correlation(case):
    found = begg_mazumdar_test(case["yi"], case["vi"], force=True)
    assert same(found.estimate, case["rank"]["tau"], CLOSED_FORM, 1.0)
    assert same(found.p_value, case["rank"]["p"], 1e-9)


@pytest.mark.parametrize(("case", "fit"), fits_of("filled"))
def test_trim_and_fill(case, fit):
    common = fit["method"] == "EE"
    choices = {"model": "common"} if common else {"tau2_method": fit["method"]}
    found = trim_and_fill(
        case["yi"],
        case["vi"],
        estimator=fit["estimator"],
        side=fit["asked"],
        ci_method="Wald",
        force=True,
        **choices,
    )
    assert found.tested
    rtol = (CLOSED_FORM if common else ITERATIVE) * conditioning(case)
    assert found.side == fit["side"]
    assert found.missing == fit["k0"]
    # R puts a negative estimate into the variance of L0; here it counts as 0 there too.
    n = found.k
    at_zero = 4 * math.sqrt(n * (n + 1) * (2 * n + 1) / 24) / (2 * n - 1)
    if fit["estimator"] == "R0" or found.missing or found.missing_standard_error != at_zero:
        assert same(found.missing_standard_error, fit["se.k0"], CLOSED_FORM)
    if fit["estimator"] == "R0" and found.missing:
        assert found.p_value == fit["p.k0"]
    pooled, se = found.filled, fit["se"]
    assert pooled.k == fit["k"]
    assert same(pooled.estimate, fit["beta"], rtol, se)
    assert same(pooled.standard_error, se, rtol)
    assert same(pooled.ci_low, fit["ci.lb"], rtol, se)
    assert same(pooled.ci_high, fit["ci.ub"], rtol, se)
    if not common:
        assert same(pooled.tau2, fit["tau2"], ITERATIVE, min(case["vi"]))
    made_up = sorted(zip(pooled.effects[found.k :], pooled.variances[found.k :], strict=True))
    size = float(np.ptp(case["yi"]))
    for (y, _), theirs in zip(made_up, fit["filled"], strict=True):
        assert same(y, theirs, rtol, size)
    assert sorted(pooled.variances[found.k :]) == pytest.approx(sorted(fit["filled.vi"]), rel=1e-15)


@pytest.mark.parametrize("case", COUNTS, ids=ids(COUNTS))
@pytest.mark.parametrize("name", ["harbord", "peters", "deeks"])
def test_counts(case, name):
    test = {"harbord": harbord_test, "peters": peters_test, "deeks": deeks_test}[name]
    found = test(
        events_treatment=case["a"],
        total_treatment=case["n1"],
        events_control=case["c"],
        total_control=case["n2"],
        force=True,
    )
    fit = case[name]
    limit, slope = found.table.to_dict("records")
    assert found.k == case["used"]
    assert found.df == fit["df"]
    assert same(found.estimate, fit["slope"], CLOSED_FORM, fit["se"])
    assert same(slope["standard_error"], fit["se"], CLOSED_FORM)
    assert same(found.statistic, fit["statistic"], CLOSED_FORM, 1.0)
    assert same_p(found.p_value, fit["p"], CLOSED_FORM, fit["statistic"])
    assert same(limit["estimate"], fit["limit"], CLOSED_FORM, fit["limit.se"])
    assert same(limit["standard_error"], fit["limit.se"], CLOSED_FORM)


@pytest.mark.parametrize("case", SMD, ids=ids(SMD))
@pytest.mark.parametrize("model", ["weighted", "mixed"])
def test_standardised_mean_differences(case, model):
    choices = {"ci_method": "Wald"} if model == "mixed" else {}
    found = pustejovsky_rodgers_test(
        case["yi"],
        n_treatment=case["n1"],
        n_control=case["n2"],
        model=model,
        force=True,
        **choices,
    )
    rtol = ITERATIVE if model == "mixed" else CLOSED_FORM
    fit = case[model]
    assert same(found.estimate, fit["slope"], rtol, fit["se"])
    assert same(found.statistic, fit["statistic"], rtol, 1.0)
    assert same_p(found.p_value, fit["p"], rtol, fit["statistic"])
