"""Effect sizes from arms equal those of R's metafor::escalc (effects.json; needs no R)."""

import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.measures.continuous import mean_difference, standardised_mean_difference

CLOSED_FORM_RTOL = 1e-10
# metafor computes Hedges' correction from a difference of log-gammas, so its error grows with n:
# it is at most about this many rounding errors of log-gamma (checked against 40-digit arithmetic).
LOG_GAMMA_ROUNDINGS = 2

# g, then its large-sample and its unbiased variance, in 40-digit arithmetic, where R runs out of it
EXACT_RTOL = 1e-11
EXACT = {
    "large_n": (0.087036003807615838, 0.00017440710393718075, 0.00017440713079145101),
    "million_per_arm": (0.086874415974658413, 2.0018867910377345e-6, 2.0018867945754742e-6),
}

FOLDER = Path(__file__).parent
CASES = json.loads((FOLDER / "effects.json").read_text(encoding="utf-8"))["cases"]

FUNCTIONS = {
    ("MD", "LS"): partial(mean_difference, variance_formula="unpooled"),
    ("MD", "HO"): partial(mean_difference, variance_formula="pooled"),
    ("SMD", "LS"): partial(standardised_mean_difference, variance_formula="large-sample"),
    ("SMD", "UB"): partial(standardised_mean_difference, variance_formula="unbiased"),
    ("RR", "LS"): log_risk_ratio,
    ("OR", "LS"): log_odds_ratio,
    ("RD", "LS"): risk_difference,
}
COLUMNS = {
    "estimate": "yi",
    "variance": "vi",
    "standard_error": "sei",
    "ci_low": "ci.lb",
    "ci_high": "ci.ub",
}


def tolerances(case):
    """Relative tolerance of the estimate and of the variance for one case."""
    if case["measure"] != "SMD":
        return CLOSED_FORM_RTOL, CLOSED_FORM_RTOL
    df = case["inputs"]["n_treatment"] + case["inputs"]["n_control"] - 2
    of_correction = LOG_GAMMA_ROUNDINGS * np.finfo(float).eps * abs(math.lgamma(df / 2))
    # (1 - (df - 2) / (df J^2)) g^2 is a small difference of nearly equal numbers
    share = 2 if case["vtype"] == "LS" else 2 * case["yi"] ** 2 / case["vi"]
    return (
        max(CLOSED_FORM_RTOL, of_correction),
        max(CLOSED_FORM_RTOL, share * of_correction),
    )


def allowance(case, name):
    """How far one number may lie from R's; an interval's ends are as exact as its width."""
    of_estimate, of_variance = tolerances(case)
    if name == "variance":
        return of_variance * case["vi"]
    if name == "standard_error":
        return of_variance * case["sei"]
    width = 0 if name == "estimate" else 2 * of_variance * case["sei"]
    return of_estimate * abs(case["yi"]) + width


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_one_study(case):
    inputs = {name: np.array([value]) for name, value in case["inputs"].items()}
    result = FUNCTIONS[case["measure"], case["vtype"]](**inputs)
    for name, column in COLUMNS.items():
        actual = getattr(result, name)
        assert actual.shape == (1,), name
        assert abs(actual[0] - case[column]) <= allowance(case, name), (
            f"{name}: {actual[0]!r}, R says {case[column]!r}"
        )


@pytest.mark.parametrize(("measure", "vtype"), FUNCTIONS, ids="-".join)
def test_all_studies_at_once(measure, vtype):
    """The studies of a measure in one call: each is treated on its own (zero cells too)."""
    cases = [c for c in CASES if (c["measure"], c["vtype"]) == (measure, vtype)]
    inputs = {
        name: np.array([case["inputs"][name] for case in cases]) for name in cases[0]["inputs"]
    }
    result = FUNCTIONS[measure, vtype](**inputs)
    for name, column in COLUMNS.items():
        actual = getattr(result, name)
        assert actual.shape == (len(cases),), name
        for value, case in zip(actual, cases, strict=True):
            assert abs(value - case[column]) <= allowance(case, name), (
                f"{case['id']} {name}: {value!r}, R says {case[column]!r}"
            )


@pytest.mark.parametrize("situation", EXACT)
def test_hedges_g_of_very_large_trials_is_more_exact_than_r(situation):
    inputs = next(c["inputs"] for c in CASES if c["id"] == f"SMD-LS-{situation}")
    inputs = {name: np.array([value]) for name, value in inputs.items()}
    estimate, large_sample, unbiased = EXACT[situation]
    for formula, variance in {"large-sample": large_sample, "unbiased": unbiased}.items():
        result = standardised_mean_difference(**inputs, variance_formula=formula)
        assert result.estimate[0] == pytest.approx(estimate, rel=EXACT_RTOL)
        assert result.variance[0] == pytest.approx(variance, rel=EXACT_RTOL)
