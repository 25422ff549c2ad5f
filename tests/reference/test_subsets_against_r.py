"""All subsets and permutation tests of the mean equal R's (subsets.json; needs no R)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.permute import permute_mean
from evidence.synthesis.sensitivity.permute_kernel import mean_statistics
from evidence.synthesis.sensitivity.subsets import all_subsets
from evidence.synthesis.tau2 import method_code

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7
ITERATED = {"ML", "REML", "EB", "PM"}
CI_METHODS = {"z": "Wald", "t": "t", "knha": "HKSJ", "adhoc": "HKSJ-adhoc"}
INTERVALS = {"z": 0, "t": 0, "knha": 1, "adhoc": 2}

CONTENT = json.loads((Path(__file__).parent / "subsets.json").read_text(encoding="utf-8"))
GOSH = [pytest.param(case, id=case["id"]) for case in CONTENT["gosh"]]
PERMUTED = [pytest.param(case, id=case["id"]) for case in CONTENT["permutest"] if "ci" not in case]
INTERVALS_KEPT = [
    pytest.param(case, id=case["id"]) for case in CONTENT["permutest"] if "ci" in case
]


def pooled(case, ci_method="Wald"):
    common = case["method"] == "EE"
    given = case.get("tau2")
    return pool(
        case["yi"],
        case["vi"],
        model="common" if common else "random",
        tau2_method="REML" if common else case["method"] if given is None else given,
        ci_method=ci_method,
        level=case.get("level", 0.95),
    )


def tolerance(case) -> float:
    return ITERATIVE if case["method"] in ITERATED and case.get("tau2") is None else CLOSED_FORM


def test_what_is_compared() -> None:
    assert len(GOSH) >= 45
    assert len(PERMUTED) >= 50
    ends = [end for case in INTERVALS_KEPT for end in case.values[0]["ci"]]
    assert len([end for end in ends if end is not None]) >= 6
    methods = {case["method"] for case in CONTENT["gosh"]}
    assert methods >= {"EE", "DL", "HE", "HS", "HSk", "SJ", *ITERATED}
    assert {case["test"] for case in CONTENT["permutest"]} == set(CI_METHODS)
    assert {len(case["yi"]) for case in CONTENT["permutest"]} >= set(range(3, 11))


@pytest.mark.parametrize("case", GOSH)
def test_all_subsets(case) -> None:
    found, theirs, rtol = all_subsets(pooled(case)), case["subsets"], tolerance(case)
    assert found.exact
    # Ours are in the order of their masks.
    assert sorted(case["masks"]) == list(range(1, len(found) + 1))
    place = np.array(case["masks"], dtype=int) - 1
    assert list(found.masks[place, 0]) == case["masks"]
    spread = np.sqrt(np.min(case["vi"]))
    assert_allclose(found.estimate[place], theirs["estimate"], rtol=rtol, atol=rtol * spread)
    several = found.size[place] > 1
    # R gives a single study a tau², an I² and a Q of 0; here they are not known.
    for ours, name, scale in (
        (found.tau2, "tau2", np.min(case["vi"])),
        (found.i2, "i2", 100.0),
        (found.q, "q", 1.0),
    ):
        assert np.isnan(ours[place][~several]).all()
        expected = np.array(theirs[name])[several]
        assert_allclose(ours[place][several], expected, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("case", PERMUTED)
def test_permutation_of_the_mean(case) -> None:
    found = permute_mean(pooled(case, CI_METHODS[case["test"]]))
    k = len(case["yi"])
    assert found.exact
    assert found.arrangements == 2**k
    assert_allclose(found.statistic, case["statistic"], rtol=tolerance(case))
    # Both are a count over 2^k.
    assert round(case["p"] * 2**k, 6) == found.p_value * 2**k


@pytest.mark.parametrize("case", [each for each in PERMUTED if "sizes" in each.values[0]])
def test_statistics_of_all_arrangements(case) -> None:
    k, common = len(case["yi"]), case["method"] == "EE"
    signs = 1.0 - 2.0 * ((np.arange(2**k)[:, np.newaxis] >> np.arange(k)) & 1)
    sizes = np.empty(2**k)
    mean_statistics(
        signs * np.array(case["yi"]),
        np.array([case["vi"]]),
        -1 if common else method_code(case["method"]),
        0.0,
        INTERVALS[case["test"]],
        sizes,
    )
    # A mean that is 0 but for rounding has a statistic that is.
    assert_allclose(np.sort(sizes), case["sizes"], rtol=tolerance(case), atol=1e-10)


@pytest.mark.parametrize("case", INTERVALS_KEPT)
def test_interval_of_the_permutation_test(case) -> None:
    found = permute_mean(pooled(case, CI_METHODS[case["test"]]), interval=True)
    # R gives no end where its search finds no change of sign.
    known = [end is not None for end in case["ci"]]
    theirs = np.array(case["ci"], dtype=float)[known]
    # The p value is a step there, placed by what counts as a tie: about 1e-8 of the statistic.
    ours = np.array([found.ci_low, found.ci_high])[known]
    assert_allclose(ours, theirs, atol=1e-6 * np.sqrt(np.max(case["vi"])))
