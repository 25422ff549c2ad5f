"""With one more study added, the ends of the interval equal R's (next_trial.json; needs no R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.synthesis.further.conclusions import REGIONS, Updates, region_of
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.tipping_search import Refits

CASES = json.loads((Path(__file__).parent / "next_trial.json").read_text("utf-8"))["cases"]
CI_METHODS = {"adhoc": "HKSJ-adhoc", "z": "Wald"}
THRESHOLD = 0.2


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_updated_interval_is_that_of_r(case) -> None:
    result = pool(case["yi"], case["vi"], ci_method=CI_METHODS[case["test"]])
    fits = Refits(result, -result.estimate)
    new, error = np.array([case["effect"]]), np.array([case["error"]])
    over, under, mean = fits.margins(new - result.estimate, error)
    assert_allclose(
        [under[0], -over[0], mean[0]],
        [case["ci.lb"], case["ci.ub"], case["beta"]],
        rtol=1e-6,
        atol=1e-8,
    )
    for sign in (1, -1):
        low, high = sorted((sign * case["ci.lb"], sign * case["ci.ub"]))
        found = Updates(result, sign, THRESHOLD).region(new, error)
        assert REGIONS[found[0]] == REGIONS[int(region_of(low, high, THRESHOLD))]


def test_the_cases_hold_every_conclusion_but_the_rarest() -> None:
    seen = {
        REGIONS[int(region_of(*sorted((sign * c["ci.lb"], sign * c["ci.ub"])), THRESHOLD))]
        for c in CASES
        for sign in (1, -1)
    }
    assert seen == {*REGIONS} - {"benefit too small to matter"}
