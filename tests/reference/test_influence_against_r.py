"""Influence, Baujat, predictions, cumulative pooling equal R's (influence.json; needs no R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.synthesis.batch import leave_one_out
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.baujat import baujat
from evidence.synthesis.sensitivity.cumulative import cumulate
from evidence.synthesis.sensitivity.influence import influence
from evidence.synthesis.sensitivity.shrinkage import predict_studies

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7
ITERATED = {"ML", "REML", "EB", "PM"}
CI_METHODS = {"z": "Wald", "t": "t", "knha": "HKSJ", "adhoc": "HKSJ-adhoc"}

CASES = json.loads((Path(__file__).parent / "influence.json").read_text(encoding="utf-8"))["cases"]
ALL = pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])


def pooled(case):
    common = case["method"] == "EE"
    given = case["method"] if case["tau2"] is None else case["tau2"]
    return pool(
        case["yi"],
        case["vi"],
        model="common" if common else "random",
        tau2_method="REML" if common else given,
        ci_method=CI_METHODS[case["test"]],
    )


def tolerance(case) -> float:
    return ITERATIVE if case["method"] in ITERATED and case["tau2"] is None else CLOSED_FORM


def one_is_left(case) -> bool:
    """Whether R takes the tau² of a single study, which cannot be estimated, as 0."""
    return len(case["yi"]) == 2 and case["method"] != "EE" and case["tau2"] is None


def close(ours, theirs, rtol: float, scale: float = 0.0) -> None:
    """Compare to `rtol`, in relation to `scale` where a difference ends near 0."""
    theirs = np.array(theirs, dtype=float)
    assert ours.shape == theirs.shape
    assert np.isfinite(theirs).all()
    assert_allclose(ours, theirs, rtol=rtol, atol=rtol * scale)


def test_what_is_compared() -> None:
    assert len(CASES) >= 140
    assert {case["method"] for case in CASES} >= {"EE", "DL", "HE", "HS", "HSk", "SJ", *ITERATED}
    assert {case["test"] for case in CASES} == set(CI_METHODS)


@ALL
def test_influence(case) -> None:
    ours, theirs, rtol = influence(pooled(case)), case["influence"], tolerance(case)
    close(ours.hat, theirs["hat"], rtol)
    close(ours.weight, theirs["weight"], rtol)
    # A change of the mean is a difference of means, known to a share of their standard error.
    close(ours.cooks_distance, theirs["cooks"], rtol, scale=1.0)
    if one_is_left(case):
        assert np.isnan(ours.q_without).all()
        for name in ("standardised_residual", "dffits", "covariance_ratio", "dfbetas"):
            assert np.isnan(getattr(ours, name)).all()
        return
    close(ours.standardised_residual, theirs["rstudent"], rtol, scale=1.0)
    close(ours.dffits, theirs["dffits"], rtol, scale=1.0)
    close(ours.covariance_ratio, theirs["cov_ratio"], rtol)
    close(ours.dfbetas, theirs["dfbetas"], rtol, scale=1.0)
    close(ours.tau2_without, theirs["tau2_without"], rtol, scale=min(case["vi"]))
    assert list(ours.influential) == theirs["influential"]
    if len(case["yi"]) > 2:
        close(ours.q_without, theirs["q_without"], CLOSED_FORM, scale=1.0)


# A single study is its own result here, whatever tau² was given.
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["id"])
        for case in CASES
        if len(case["yi"]) > 2 or case["tau2"] is None
    ],
)
def test_leaving_one_out(case) -> None:
    ours, theirs, rtol = leave_one_out(pooled(case)), case["leave1out"], tolerance(case)
    close(ours.estimate, theirs["estimate"], rtol, scale=max(theirs["se"]))
    close(ours.standard_error, theirs["se"], rtol)
    reach = max(theirs["ci_high"]) - min(theirs["ci_low"])
    close(ours.ci_low, theirs["ci_low"], rtol, scale=reach)
    close(ours.ci_high, theirs["ci_high"], rtol, scale=reach)


@ALL
def test_baujat(case) -> None:
    ours, theirs, rtol = baujat(pooled(case)), case["baujat"], tolerance(case)
    close(ours.contribution, theirs["x"], rtol, scale=1.0)
    if one_is_left(case):
        assert np.isnan(ours.influence).all()
        return
    close(ours.influence, theirs["y"], rtol, scale=1.0)


@ALL
def test_predictions(case) -> None:
    ours, theirs, rtol = predict_studies(pooled(case)), case["blup"], tolerance(case)
    close(ours.estimate, theirs["pred"], rtol, scale=case["fit"]["se"])
    # Near a tau² of 0 the spread grows like its root.
    close(ours.standard_error, theirs["se"], rtol)
    close(ours.ci_low, theirs["low"], rtol, scale=case["fit"]["se"])
    close(ours.ci_high, theirs["high"], rtol, scale=case["fit"]["se"])


@ALL
def test_cumulative(case) -> None:
    ours = cumulate(pooled(case), by=case["by"]).steps
    theirs, rtol = case["cumul"], tolerance(case)
    # The first step is one study, whose interval is its own and whose heterogeneity is not known.
    first = 0 if case["tau2"] is None else 1
    for name, column in (("estimate", "estimate"), ("ci_low", "ci_low"), ("ci_high", "ci_high")):
        reach = max(theirs["se"])
        close(getattr(ours, name)[first:], theirs[column][first:], rtol, scale=reach)
    close(ours.standard_error[first:], theirs["se"][first:], rtol)
    assert np.isnan(ours.tau2[0])
    close(ours.tau2[1:], theirs["tau2"][1:], rtol, scale=min(case["vi"]))
    close(ours.q[1:], theirs["q"][1:], CLOSED_FORM, scale=1.0)
    close(ours.i2[1:], theirs["i2"][1:], rtol, scale=100.0)
    # A p value magnifies the error of its statistic by about the statistic.
    close(ours.p_value[first:], theirs["p"][first:], 1e3 * rtol)
