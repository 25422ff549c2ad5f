"""Selection checks and combined p values equal R's (selection.json; needs no R)."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from evidence.appraisal.selection.excess import excess_significance
from evidence.appraisal.selection.fail_safe import fail_safe_n
from evidence.appraisal.selection.pet_peese import pet_peese
from evidence.appraisal.selection.worst_case import worst_case_selection
from evidence.synthesis.p_values.combine import combine_p_values

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7

FIXTURE = json.loads((Path(__file__).parent / "selection.json").read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in FIXTURE["cases"]}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def near(value, expected, relative=CLOSED_FORM, absolute=0.0):
    assert value == pytest.approx(expected, rel=relative, abs=absolute)


def near_p(value, expected, digits=CLOSED_FORM):
    """A far tail magnifies the rounding of its statistic by about the square of z."""
    steep = max(1.0, -2 * math.log(expected)) if expected > 0 else 1.0
    near(value, expected, digits * steep, 1e-300)


@every_case
@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("rosenthal", {"method": "Rosenthal"}),
        ("rosenthal_01", {"method": "Rosenthal", "alpha": 0.01}),
        ("rosenberg", {"method": "Rosenberg"}),
        ("rosenberg_01", {"method": "Rosenberg", "alpha": 0.01}),
        ("orwin", {"method": "Orwin"}),
        ("orwin_weighted", {"method": "Orwin", "weighted": True}),
    ],
)
def test_fail_safe(case, name, choices):
    expected = case["fail_safe"][name]
    if choices["method"] == "Orwin":
        choices = {**choices, "target": case["fail_safe"]["target"]}
    found = fail_safe_n(case["yi"], case["vi"], **choices)
    assert found.studies == expected["studies"]
    if expected["mean"] is not None and choices["method"] != "Rosenthal":
        near(found.mean, expected["mean"])
    if expected["p_value"] is not None and choices["method"] != "Orwin":
        near_p(found.p_value, expected["p_value"])


@every_case
@pytest.mark.parametrize("name", ["plain", "alpha_10", "given", "spread"])
def test_excess_significance(case, name):
    excess = case["excess"]
    choices = {
        "plain": {"tau2": 0},
        "alpha_10": {"alpha": 0.1, "tau2": 0},
        "given": {"effect": excess["effect"], "tau2": 0},
        "spread": {"effect": excess["effect"], "tau2": excess["tau2"]},
    }[name]
    expected = excess[name]
    found = excess_significance(case["yi"], case["vi"], fewest=1, **choices)
    # With tau² R integrates the power, off by 2e-6; adaptive quadrature has the closed form.
    digits = 1e-5 if name == "spread" else CLOSED_FORM
    assert found.observed == expected["observed"]
    near(found.expected, expected["expected"], digits)
    near(found.effect, expected["effect"])
    near(found.table["power"].to_numpy(), np.array(expected["power"]), digits, 1e-14)
    near_p(found.p_chi_square, expected["p_chi_square"], 10 * digits)
    if expected["p_exact"] is not None:
        near(found.p_value, expected["p_exact"], 10 * digits, 1e-13)


@pytest.mark.parametrize(
    "case",
    [c for c in CASES.values() if c["lines"]],
    ids=[k for k, c in CASES.items() if c["lines"]],
)
@pytest.mark.parametrize("method", ["PET", "PEESE"])
def test_pet_and_peese(case, method):
    expected = case["lines"][method.lower()]
    found = pet_peese(case["yi"], case["vi"], method=method, force=True)
    rows = found.table[found.table["method"] == method]
    size = np.array(expected["standard_error"])
    for name in ("estimate", "standard_error", "ci_low", "ci_high"):
        off = np.abs(rows[name].to_numpy() - np.array(expected[name])) / size
        # One degree of freedom multiplies by 12.7.
        assert (off < CLOSED_FORM * (20 if len(case["yi"]) == 3 else 1)).all(), name
    near(rows["p_value"].to_numpy(), np.array(expected["p_value"]), 1e-9)


@every_case
@pytest.mark.parametrize("model", ["common", "robust"])
@pytest.mark.parametrize("which", [0, 1])
def test_worst_case(case, model, which):
    worst = case["worst_case"][which]
    found = worst_case_selection(case["yi"], case["vi"], model=model, target=worst["target"])
    assert (found.affirmative, found.nonaffirmative) == (
        worst["affirmative"],
        worst["nonaffirmative"],
    )
    expected = worst[model]
    if expected is None:
        assert model == "robust"
        return
    digits = CLOSED_FORM if model == "common" else ITERATIVE
    table = found.table.set_index("selection_ratio")
    size = float(np.sqrt(np.mean(case["vi"])))
    negative = found.favours == "negative"
    for name, ratio in (("at_1", 1.0), ("at_5", 5.0)):
        row = table.loc[ratio]
        mean, limit = expected[name]
        assert abs(row["estimate"] - mean) < digits * size
        if limit is not None:
            found_limit = row["ci_high"] if negative else row["ci_low"]
            assert abs(found_limit - limit) < 10 * digits * size
    for name in ("ratio_estimate", "ratio_interval"):
        ours = getattr(found, name)
        ratio = expected[name]
        if ratio is None:
            assert math.isnan(ours)
            assert found.status == "cannot be tested"
        else:
            near(ours, float(ratio), 1e-9)
    if expected["worst"] is None:
        assert found.worst_case is None
    else:
        for name in ("estimate", "ci_low", "ci_high"):
            off = abs(getattr(found.worst_case, name) - expected["worst"][name])
            assert off < digits * size * 10, name


@pytest.mark.parametrize("case", FIXTURE["p_values"], ids=lambda case: case["id"])
@pytest.mark.parametrize("method", ["fisher", "stouffer", "edgington"])
def test_combined_p_values(case, method):
    weights = case["weights"] if method == "stouffer" else None
    found = combine_p_values(np.array(case["p"]), method=method, sided="one-sided", weights=weights)
    expected = case[method]
    near(found.statistic, expected["statistic"], 1e-12, 1e-14)
    # The alternating sum loses digits: its terms are up to x^k/k! large.
    cancelled = 0.0
    if method == "edgington":
        k = len(case["p"])
        cancelled = 1e-14 * expected["statistic"] ** k / math.factorial(k) * k
    assert abs(found.p_value - expected["p_value"]) <= (
        2e-10 * max(1.0, -math.log(expected["p_value"])) * expected["p_value"] + cancelled
    )
    assert found.p_value == found.p_low
