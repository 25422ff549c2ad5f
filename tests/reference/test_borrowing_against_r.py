"""Means with discounted studies equal R's fits with scaled variances (borrowing.json; no R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.synthesis import BorrowingMethod, borrow

CONTENT = json.loads((Path(__file__).parent / "borrowing.json").read_text(encoding="utf-8"))
CASES = [pytest.param(case, id=case["id"]) for case in CONTENT["cases"]]
#: Without tau² all is arithmetic; with it, it is as exact as two iterations agree.
CLOSED_FORM, ITERATIVE = 1e-12, 1e-8


def test_what_is_compared() -> None:
    assert len(CASES) == 72
    assert {case["model"] for case in CONTENT["cases"]} == {"common", "settings", "random"}
    assert {case["kind"] for case in CONTENT["cases"]} == {"power", "widened"}


@pytest.mark.parametrize("case", CASES)
def test_discounted_studies(case) -> None:
    sd = 0.2 if case["kind"] == "widened" else None
    method = BorrowingMethod(case["kind"], case["model"], indirectness_sd=sd)
    found = borrow(case["yi"], case["vi"], distances=case["steps"], method=method)
    close = CLOSED_FORM if case["model"] == "common" else ITERATIVE
    dial = np.array([case["dial"]])
    estimate, error, low, high = (float(each[0]) for each in found.curves(dial))
    assert_allclose(found.tau2, case["tau2"], rtol=close, atol=close)
    assert_allclose([estimate, error], [case["estimate"], case["se"]], rtol=close)
    assert_allclose([low, high], case["ci"], rtol=close, atol=close)
    weights = found.precisions(dial)[0]
    assert_allclose(100 * weights / weights.sum(), case["weights"], rtol=close)
