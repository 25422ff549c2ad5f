"""Every estimator of tau², and the fits that rest on it, equal R's (tau2.json; needs no R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.synthesis.batch import pool_many
from evidence.synthesis.pool import pool
from evidence.synthesis.tau2 import TAU2_METHODS, estimate_tau2, generalised_q

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7
ITERATED = {"ML", "REML", "EB", "PM"}

CASES = json.loads((Path(__file__).parent / "tau2.json").read_text(encoding="utf-8"))["cases"]
FITS = [
    pytest.param(case, fit, id=f"{case['id']}-{fit['method']}")
    for case in CASES
    for fit in case["fits"]
    if fit["method"] in TAU2_METHODS
]


def arrays(case) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    design = None if case["design"] is None else np.array(case["design"])
    return np.array(case["yi"]), np.array(case["vi"]), design


def test_every_estimator_is_compared() -> None:
    assert {fit["method"] for case in CASES for fit in case["fits"]} >= set(TAU2_METHODS)
    assert len(FITS) >= 150


@pytest.mark.parametrize(("case", "fit"), FITS)
def test_tau2(case, fit) -> None:
    effects, variances, design = arrays(case)
    ours = estimate_tau2(effects, variances, fit["method"], design)
    rtol = ITERATIVE if fit["method"] in ITERATED else CLOSED_FORM
    # What is cut at 0 is decided by a difference of numbers of the size of the variances.
    assert_allclose(ours, fit["tau2"], rtol=rtol, atol=rtol * variances.min())


# R gives tau² alone for the two-step estimators.
@pytest.mark.parametrize(("case", "fit"), [one for one in FITS if "beta" in one.values[1]])
def test_mean_and_heterogeneity(case, fit) -> None:
    effects, variances, design = arrays(case)
    if design is not None:
        q = generalised_q(effects, variances, 0.0, design)
        assert_allclose(q, fit["qe"], rtol=CLOSED_FORM)
        return
    ours = pool(effects, variances, tau2_method=fit["method"], ci_method="Wald")
    rtol = ITERATIVE if fit["method"] in ITERATED else CLOSED_FORM
    assert_allclose(ours.estimate, fit["beta"][0], rtol=rtol, atol=rtol * fit["se"][0])
    assert_allclose(ours.standard_error, fit["se"][0], rtol=rtol)
    assert_allclose(ours.q, fit["qe"], rtol=CLOSED_FORM)
    assert_allclose(ours.i2, fit["i2"], rtol=rtol, atol=100 * rtol)


INTERVALS = {"PM-t": "t", "PM-knha": "HKSJ", "PM-adhoc": "HKSJ-adhoc"}


@pytest.mark.parametrize(
    ("case", "fit"),
    [
        pytest.param(case, fit, id=f"{case['id']}-{fit['method']}")
        for case in CASES
        for fit in case["fits"]
        if fit["method"] in INTERVALS
    ],
)
def test_interval_and_p(case, fit) -> None:
    effects, variances, _ = arrays(case)
    ours = pool(effects, variances, tau2_method="PM", ci_method=INTERVALS[fit["method"]])
    rtol, size = ITERATIVE, fit["se"][0]
    assert_allclose(ours.standard_error, size, rtol=rtol)
    assert_allclose(ours.ci_low, fit["ci.lb"], rtol=rtol, atol=rtol * size)
    assert_allclose(ours.ci_high, fit["ci.ub"], rtol=rtol, atol=rtol * size)
    assert_allclose(ours.p_value, fit["pval"], rtol=1e-6)


@pytest.mark.parametrize("case", [case for case in CASES if case["fixed"]], ids=lambda c: c["id"])
def test_a_given_tau2(case) -> None:
    effects, variances, _ = arrays(case)
    fixed = case["fixed"]
    ours = pool(effects, variances, tau2_method=fixed["tau2"], ci_method="Wald")
    assert ours.tau2 == pytest.approx(fixed["tau2"], rel=1e-15)
    se = fixed["se"][0]
    assert_allclose(ours.estimate, fixed["estimate"], rtol=CLOSED_FORM, atol=CLOSED_FORM * se)
    assert_allclose(ours.standard_error, se, rtol=CLOSED_FORM)


def test_all_of_them_as_one_batch() -> None:
    plain = [case for case in CASES if case["design"] is None]
    widest = max(len(case["yi"]) for case in plain)
    effects = np.full((len(plain), widest), np.nan)
    variances = effects.copy()
    for row, case in enumerate(plain):
        effects[row, : len(case["yi"])] = case["yi"]
        variances[row, : len(case["vi"])] = case["vi"]
    ours = pool_many(effects, variances, tau2_method="REML", ci_method="Wald")
    theirs = [
        next(fit for fit in case["fits"] if fit["method"] == "REML")["beta"][0] for case in plain
    ]
    assert_allclose(ours.estimate, theirs, rtol=1e-7, atol=1e-8)
