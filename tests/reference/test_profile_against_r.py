"""Profile likelihoods of tau² equal R's (profile.json; needs no R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.synthesis.intervals.profile import Profile
from evidence.synthesis.intervals.studies import read_studies
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.likelihood_profile import likelihood_profile

CASES = json.loads((Path(__file__).parent / "profile.json").read_text(encoding="utf-8"))["cases"]
ALL = pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
CLOSED_FORM = 1e-10
ITERATIVE = 1e-7


def profiled(case, **more):
    return likelihood_profile(pool(case["yi"], case["vi"], tau2_method=case["method"]), **more)


def test_what_is_compared() -> None:
    assert len(CASES) >= 16
    assert {case["method"] for case in CASES} == {"REML", "ML"}


@ALL
def test_the_maximum_and_the_interval(case) -> None:
    ours = profiled(case)
    size = min(case["vi"])
    assert_allclose(ours.estimate, case["tau2"], rtol=ITERATIVE, atol=1e-8 * size)
    assert_allclose(ours.ci_low, case["tau2_low"], rtol=ITERATIVE, atol=1e-8 * size)
    assert_allclose(ours.ci_high, case["tau2_high"], rtol=ITERATIVE)
    assert ours.unimodal
    assert ours.cautions == () or ours.cautions[0].code == "flat-likelihood"


@ALL
def test_the_curve(case) -> None:
    """At R's own values of tau²; the constant that R adds is the same at each of them."""
    studies = read_studies(case["yi"], case["vi"], least=2, what="", instead="")
    curve = Profile(studies, restricted=case["method"] == "REML")
    tau2 = np.array(case["profile_tau2"])
    heights, means, _ = curve.curves(tau2 / studies.scale)
    theirs = np.array(case["ll"])
    assert_allclose(heights - heights[0], theirs - theirs[0], rtol=CLOSED_FORM, atol=1e-10)
    # And below the highest: R's maximum is as near as its search comes, and flat there.
    fall = theirs - case["max_ll"]
    assert_allclose(heights - curve.top, fall, rtol=CLOSED_FORM, atol=1e-9)
    reach = np.sqrt(min(case["vi"]))
    assert_allclose(
        studies.origin + studies.unit * means, case["beta"], rtol=CLOSED_FORM, atol=1e-10 * reach
    )


@ALL
def test_the_curve_that_is_returned_runs_through_theirs(case) -> None:
    ours = profiled(case, points=2001)
    theirs = np.array(case["ll"]) - case["max_ll"]
    tau2 = np.array(case["profile_tau2"])
    inside = (tau2 >= ours.values[0]) & (tau2 <= ours.values[-1])
    assert inside.any()
    between = np.interp(tau2[inside], ours.values, ours.log_likelihood)
    # What is left is that of a straight line between two of its points.
    assert_allclose(between, theirs[inside], atol=2e-3)
