"""The further measures equal those of R's metafor::escalc (measures.json; needs no R)."""

import json
import math
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from evidence.effects.measures.arcsine import arcsine_difference, peto_log_odds_ratio
from evidence.effects.measures.binary import log_odds_ratio
from evidence.effects.measures.correlation import fisher_z, raw_correlation
from evidence.effects.measures.one_group import (
    back_transform_proportion,
    incidence_rate,
    proportion,
    single_mean,
)
from evidence.effects.measures.rates import log_rate_ratio, rate_difference
from evidence.effects.measures.ratios import (
    log_coefficient_of_variation_ratio,
    log_ratio_of_means,
    log_variability_ratio,
)
from evidence.effects.measures.smd_scales import smd_from_log_odds_ratio
from evidence.effects.measures.within_person import mean_change, standardised_mean_change

RTOL = 1e-10
# of the standard error: what a difference of logarithms that is all but 0 is exact to (R's artanh
# of 1e-9 has an error of 8e-17)
ROUNDING = 4e-15

FOLDER = Path(__file__).parent
FIXTURE = json.loads((FOLDER / "measures.json").read_text(encoding="utf-8"))
CASES = FIXTURE["cases"]


def smd_by(distribution, **table):
    odds = log_odds_ratio(**table)
    return smd_from_log_odds_ratio(
        log_odds_ratio=odds.estimate, variance=odds.variance, distribution=distribution
    )


FUNCTIONS = {
    ("ROM", "LS"): log_ratio_of_means,
    ("ROM", "HO"): partial(log_ratio_of_means, variance_formula="pooled"),
    ("CVR", "LS"): log_coefficient_of_variation_ratio,
    ("VR", "LS"): log_variability_ratio,
    ("MC", "LS"): mean_change,
    ("SMCC", "LS"): partial(standardised_mean_change, standardiser="change"),
    ("SMCR", "LS"): partial(standardised_mean_change, standardiser="before"),
    ("PETO", "LS"): peto_log_odds_ratio,
    ("AS", "LS"): arcsine_difference,
    ("IRR", "LS"): log_rate_ratio,
    ("IRD", "LS"): rate_difference,
    ("PR", "LS"): partial(proportion, transformation="raw"),
    ("PLN", "LS"): partial(proportion, transformation="log"),
    ("PLO", "LS"): partial(proportion, transformation="logit"),
    ("PAS", "LS"): partial(proportion, transformation="arcsine"),
    ("PFT", "LS"): partial(proportion, transformation="freeman-tukey"),
    ("MN", "LS"): partial(single_mean, transformation="raw"),
    ("MNLN", "LS"): partial(single_mean, transformation="log"),
    ("IR", "LS"): partial(incidence_rate, transformation="raw"),
    ("IRLN", "LS"): partial(incidence_rate, transformation="log"),
    ("IRS", "LS"): partial(incidence_rate, transformation="square-root"),
    ("COR", "LS"): raw_correlation,
    ("ZCOR", "LS"): fisher_z,
    ("OR2DL", "LS"): partial(smd_by, "logistic"),
    ("OR2DN", "LS"): partial(smd_by, "Cox"),
}
FEWEST = {
    ("ROM", "LS"): 12,
    ("ROM", "HO"): 12,
    ("CVR", "LS"): 12,
    ("VR", "LS"): 12,
    ("MC", "LS"): 16,
    ("SMCC", "LS"): 15,
    ("SMCR", "LS"): 15,
    ("PETO", "LS"): 15,
    ("AS", "LS"): 17,
    ("IRR", "LS"): 10,
    ("IRD", "LS"): 10,
    **{(measure, "LS"): 9 for measure in ("PR", "PLN", "PLO", "PAS", "PFT")},
    ("MN", "LS"): 8,
    **{(measure, "LS"): 6 for measure in ("MNLN", "IR", "IRLN", "IRS")},
    **{(measure, "LS"): 7 for measure in ("COR", "ZCOR", "OR2DL", "OR2DN")},
}
COLUMNS = {
    "estimate": "yi",
    "variance": "vi",
    "standard_error": "sei",
    "ci_low": "ci.lb",
    "ci_high": "ci.ub",
}


def allowance(case, name):
    """How far one number may lie from R's; an interval's ends are as exact as its width."""
    if name in {"variance", "standard_error"}:
        return RTOL * case[COLUMNS[name]]
    share = ROUNDING if name == "estimate" else RTOL
    return RTOL * abs(case["yi"]) + share * case["sei"]


def test_the_fixture_is_whole_and_names_its_versions():
    found = Counter((case["measure"], case["variant"]) for case in CASES)
    assert set(found) == set(FUNCTIONS) == set(FEWEST)
    assert {key: count for key, count in found.items() if count < FEWEST[key]} == {}
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert set(FIXTURE["versions"]) == {"R", "metafor", "jsonlite"}
    assert len(FIXTURE["inverse"]) >= 45


def test_the_fixture_has_values_known_by_hand():
    """An arcsine of a half is a right angle's half, and 12 of 87 the logit of 12/75."""
    by_id = {case["id"]: case for case in CASES}
    assert by_id["PAS-LS-half"]["yi"] == pytest.approx(math.pi / 4, rel=1e-15)
    assert by_id["PLO-LS-ordinary"]["yi"] == pytest.approx(math.log(12 / 75), rel=1e-14)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_one_study(case):
    result = FUNCTIONS[case["measure"], case["variant"]](**case["inputs"])
    for name, column in COLUMNS.items():
        actual = getattr(result, name)
        assert actual.shape == (1,), name
        assert abs(actual[0] - case[column]) <= allowance(case, name), (
            f"{name}: {actual[0]!r}, R says {case[column]!r}"
        )


@pytest.mark.parametrize(("measure", "variant"), FUNCTIONS, ids="-".join)
def test_all_studies_at_once(measure, variant):
    """The studies of a measure in one call: each is treated on its own (zero cells too)."""
    cases = [c for c in CASES if (c["measure"], c["variant"]) == (measure, variant)]
    inputs = {
        name: np.array([case["inputs"][name] for case in cases]) for name in cases[0]["inputs"]
    }
    result = FUNCTIONS[measure, variant](**inputs)
    for name, column in COLUMNS.items():
        actual = getattr(result, name)
        assert actual.shape == (len(cases),), name
        for value, case in zip(actual, cases, strict=True):
            assert abs(value - case[column]) <= allowance(case, name), (
                f"{case['id']} {name}: {value!r}, R says {case[column]!r}"
            )


@pytest.mark.parametrize("case", FIXTURE["inverse"], ids=[c["id"] for c in FIXTURE["inverse"]])
def test_inverse_of_freeman_tukey(case):
    actual = back_transform_proportion(
        case["value"], transformation="freeman-tukey", total=case["total"]
    )
    assert actual[0] == pytest.approx(case["proportion"], rel=RTOL)
