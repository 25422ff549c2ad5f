"""The R fixtures are there, whole, and say what wrote them (an emptied file must fail)."""

import json
import math
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
EFFECTS = json.loads((FOLDER / "effects.json").read_text(encoding="utf-8"))
POOL = json.loads((FOLDER / "pool.json").read_text(encoding="utf-8"))

MEASURES = {("MD", "LS"), ("MD", "HO"), ("SMD", "LS"), ("SMD", "UB")} | {
    (measure, "LS") for measure in ("RR", "OR", "RD")
}
FEWEST_SITUATIONS = {"MD": 15, "SMD": 15, "RR": 21, "OR": 21, "RD": 21}
FEWEST_POOL_CASES = 47
METHODS = ["EE", "REML", "DL", "PM"]
TESTS = ["z", "knha", "adhoc"]
NEEDED_POOL_CASES = {
    "bcg",
    "k1",
    "k2",
    "k3",
    "identical_effects",
    "nearly_identical_effects",
    "tau2_huge",
    "one_study_99_percent",
    "tiny_scale",
    "huge_scale",
    "k60_simulated",
    "mixed_variances",
    "reml_zero_others_positive",
    "reml_two_maxima_zero",
    "reml_trap_far_above",
}
SIX_SIGNIFICANT_DIGITS = 1e-6


@pytest.mark.parametrize("content", [EFFECTS, POOL], ids=["effects", "pool"])
def test_versions_are_stated_in_the_json_and_in_the_readme(content):
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert set(content["versions"]) == {"R", "metafor", "metadat", "jsonlite"}
    for name, version in content["versions"].items():
        assert re.fullmatch(r"\d+(\.\d+)+", version), name
        assert f"{name} {version}" in readme


@pytest.mark.parametrize("content", [EFFECTS, POOL], ids=["effects", "pool"])
def test_case_ids_are_unique(content):
    ids = [case["id"] for case in content["cases"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("measure", "vtype"), sorted(MEASURES))
def test_effects_hold_every_situation(measure, vtype):
    cases = [c for c in EFFECTS["cases"] if (c["measure"], c["vtype"]) == (measure, vtype)]
    assert len(cases) >= FEWEST_SITUATIONS[measure]
    for case in cases:
        assert len(case["inputs"]) == (6 if measure in {"MD", "SMD"} else 4)
        assert case["vi"] > 0
        assert case["ci.lb"] <= case["yi"] <= case["ci.ub"]


def test_effects_hold_no_other_measures():
    assert {(c["measure"], c["vtype"]) for c in EFFECTS["cases"]} == MEASURES


def test_pool_holds_enough_cases():
    ids = {case["id"] for case in POOL["cases"]}
    assert ids >= NEEDED_POOL_CASES
    assert len(ids) >= FEWEST_POOL_CASES


@pytest.mark.parametrize("case", POOL["cases"], ids=lambda case: case["id"])
def test_each_pool_case_is_whole(case):
    assert case["k"] == len(case["yi"]) == len(case["vi"]) == len(case["labels"])
    if case["k"] == 1:
        assert set(case["single"]) == {"beta", "se", "ci.lb", "ci.ub"}
        return
    assert [fit["method"] for fit in case["fits"]] == METHODS
    for fit in case["fits"]:
        assert [test["test"] for test in fit["tests"]] == TESTS
        assert len(fit["weights"]) == case["k"]
        assert math.fsum(fit["weights"]) == pytest.approx(100)
        assert ("tau2.ub" in fit) == (fit["method"] != "EE")
        for test in fit["tests"]:
            assert test["ci.lb"] <= test["beta"] <= test["ci.ub"]
            assert ("prediction.lb" in test) == (fit["method"] != "EE" and case["k"] >= 3)


def test_units_do_not_change_what_r_says():
    by_id = {case["id"]: case for case in POOL["cases"]}
    for plain, scaled, unit in [
        ("ordinary", "tiny_scale", 1e-8),
        ("ordinary", "huge_scale", 1e8),
        ("bcg", "bcg_tiny_scale", 1e-8),
        ("bcg", "bcg_huge_scale", 1e8),
    ]:
        for fit, other in zip(by_id[plain]["fits"], by_id[scaled]["fits"], strict=True):
            assert other["tau2"] / unit**2 == pytest.approx(fit["tau2"], rel=SIX_SIGNIFICANT_DIGITS)
            assert other["I2"] == pytest.approx(fit["I2"], rel=SIX_SIGNIFICANT_DIGITS)


def test_published_values_of_the_bcg_example():
    bcg = next(case for case in POOL["cases"] if case["id"] == "bcg")
    reml = next(fit for fit in bcg["fits"] if fit["method"] == "REML")
    z = reml["tests"][0]
    assert round(z["beta"], 4) == -0.7145
    assert round(z["se"], 4) == 0.1798
    assert round(reml["tau2"], 4) == 0.3132
    assert round(reml["I2"], 2) == 92.22
    assert round(reml["tau2.lb"], 4) == 0.1197
    assert round(reml["tau2.ub"], 4) == 1.1115
