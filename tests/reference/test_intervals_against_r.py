"""Intervals equal R's: metafor's where it can be tightened, else another algorithm run in R.

`intervals.json` says for each case where its numbers come from; needs no R. A place on the axis
of effects is compared on the scale of the interval's own half width or standard error, tau2 on
that of tau2 plus the smallest sampling variance.
"""

import json
import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from evidence.synthesis.intervals.mean_intervals import (
    henmi_copas,
    profile_likelihood_mean,
)
from evidence.synthesis.intervals.prediction import t_prediction
from evidence.synthesis.intervals.share_beyond import calibrated_effects, share_beyond
from evidence.synthesis.intervals.tau2_intervals import (
    generalised_q_tails,
    tau2_generalised_q,
    tau2_profile_likelihood,
)
from evidence.synthesis.pool import pool

CLOSED_FORM_RTOL = 1e-10
ITERATIVE_RTOL = 1e-7
#: metafor's hc() integrates with a relative tolerance of 1.2e-4, which cannot be set.
METAFOR_HC_RTOL = 1e-5
FEWEST_CASES = 300

FOLDER = Path(__file__).parent
CONTENT = json.loads((FOLDER / "intervals.json").read_text(encoding="utf-8"))
CASES = CONTENT["cases"]
SETS = {
    case["id"]: case
    for case in (
        *json.loads((FOLDER / "pool.json").read_text(encoding="utf-8"))["cases"],
        *CONTENT["data"],
    )
}


def of_kind(kind):
    cases = [case for case in CASES if case["kind"] == kind]
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


@cache
def studies(name):
    return np.array(SETS[name]["yi"]), np.array(SETS[name]["vi"])


def assert_close(actual, expected, *, relative, scale=0.0):
    allowed = relative * max(abs(expected), scale)
    assert abs(actual - expected) <= allowed, f"{actual!r}, R says {expected!r}"


def test_the_fixture_is_whole():
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids)) >= FEWEST_CASES
    assert set(CONTENT["versions"]) == {"R", "metafor", "clubSandwich", "jsonlite"}
    assert all(re.fullmatch(r"\d+(\.\d+)+", text) for text in CONTENT["versions"].values())
    counts = {
        kind: sum(case["kind"] == kind for case in CASES) for kind in {c["kind"] for c in CASES}
    }
    assert len(counts) == 6
    assert min(counts.values()) >= 40


def test_most_profile_likelihood_bounds_are_metafors_own():
    cases = [case for case in CASES if case["kind"] == "profile tau2"]
    assert sum("metafor" in case for case in cases) >= 0.75 * len(cases)
    assert all(("metafor" in case) != bool(case["note"]) for case in cases)


@of_kind("generalised Q")
def test_generalised_q(case):
    effects, variances = studies(case["set"])
    found = tau2_generalised_q(effects, variances, weights=case["weights"], level=case["level"])
    assert found.empty == case["empty"]
    for actual, name in ((found.ci_low, "tau2.lb"), (found.ci_high, "tau2.ub")):
        assert_close(actual, case[name], relative=ITERATIVE_RTOL, scale=variances.min())
    lower, upper = generalised_q_tails(effects, variances, 0.0, weights=case["weights"])
    assert_close(lower, case["lower.tail.at.0"], relative=CLOSED_FORM_RTOL)
    assert lower + upper == pytest.approx(1, abs=1e-12)


@of_kind("profile tau2")
def test_profile_likelihood_of_tau2(case):
    effects, variances = studies(case["set"])
    found = tau2_profile_likelihood(effects, variances, method=case["method"], level=case["level"])
    scale = variances.min()
    for actual, name in ((found.ci_low, "tau2.lb"), (found.ci_high, "tau2.ub")):
        assert_close(actual, case[name], relative=ITERATIVE_RTOL, scale=scale)
    if "metafor" in case:
        for actual, wanted in zip((found.ci_low, found.ci_high), case["metafor"], strict=True):
            assert_close(actual, wanted, relative=ITERATIVE_RTOL, scale=scale)
    assert len(found.pieces) == len(case["pieces"])
    for piece, wanted in zip(found.pieces, case["pieces"], strict=True):
        for actual, expected in zip(piece, wanted, strict=True):
            assert_close(actual, expected, relative=ITERATIVE_RTOL, scale=scale)


@of_kind("Henmi-Copas")
def test_henmi_copas(case):
    effects, variances = studies(case["set"])
    found = henmi_copas(effects, variances, level=case["level"])
    assert_close(found.estimate, case["beta"], relative=CLOSED_FORM_RTOL, scale=case["se"])
    assert_close(found.standard_error, case["se"], relative=CLOSED_FORM_RTOL)
    ends = ((found.ci_low, "ci.lb"), (found.ci_high, "ci.ub"))
    for actual, name in ends:
        assert_close(actual, case[name], relative=ITERATIVE_RTOL, scale=case["se"])
        if "metafor" in case:
            wanted = case["metafor"][name]
            assert_close(actual, wanted, relative=METAFOR_HC_RTOL, scale=case["se"])


@of_kind("profile mean")
def test_profile_likelihood_of_the_mean(case):
    effects, variances = studies(case["set"])
    found = profile_likelihood_mean(effects, variances, level=case["level"])
    half = (case["ci.ub"] - case["ci.lb"]) / 2
    assert_close(found.estimate, case["beta"], relative=ITERATIVE_RTOL, scale=half)
    assert_close(found.ci_low, case["ci.lb"], relative=ITERATIVE_RTOL, scale=half)
    assert_close(found.ci_high, case["ci.ub"], relative=ITERATIVE_RTOL, scale=half)


@of_kind("prediction")
def test_t_on_k_minus_1_for_the_mean(case):
    effects, variances = studies(case["set"])
    wanted = case["t"]
    found = pool(effects, variances, ci_method="t", tau2_method=case["tau2"], level=case["level"])
    for actual, name in (
        (found.estimate, "beta"),
        (found.standard_error, "se"),
        (found.ci_low, "ci.lb"),
        (found.ci_high, "ci.ub"),
    ):
        assert_close(actual, wanted[name], relative=CLOSED_FORM_RTOL, scale=wanted["se"])
    statistic = abs(wanted["beta"]) / wanted["se"]
    assert_close(found.p_value, wanted["pval"], relative=CLOSED_FORM_RTOL * (1 + statistic**2))


@of_kind("prediction")
def test_prediction(case):
    effects, variances = studies(case["set"])
    assert len(case["intervals"]) == 7
    for wanted in case["intervals"]:
        found = t_prediction(
            effects,
            variances,
            tau2=case["tau2"],
            variance=wanted["variance"],
            df=wanted["df"],
            level=case["level"],
        )
        scale = max(math.sqrt(case["tau2"]), case["t"]["se"])
        assert_close(found.low, wanted["pi.lb"], relative=CLOSED_FORM_RTOL, scale=scale)
        assert_close(found.high, wanted["pi.ub"], relative=CLOSED_FORM_RTOL, scale=scale)


@of_kind("share")
def test_share_beyond(case):
    effects, variances = studies(case["set"])
    calibrated = calibrated_effects(effects, variances)
    scale = math.sqrt(variances.min())
    for actual, wanted in zip(calibrated, case["calibrated"], strict=True):
        assert_close(actual, wanted, relative=ITERATIVE_RTOL, scale=scale)
    above = float((calibrated > case["threshold"]).mean())
    assert above == pytest.approx(case["share.above"])
    if "normal" not in case:
        return
    for direction, share in (("above", case["normal"]), ("below", 1 - case["normal"])):
        found = share_beyond(
            effects,
            variances,
            case["threshold"],
            method="normal",
            direction=direction,
            level=case["level"],
        )
        assert_close(found.estimate, share, relative=ITERATIVE_RTOL, scale=1)
        assert_close(found.standard_error, case["normal.se"], relative=ITERATIVE_RTOL, scale=1)
