"""Standardisers, pre-post-control designs and hazard ratios equal R's (measures2.json; no R)."""

import json
import math
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.measures.continuous import mean_difference, standardised_mean_difference
from evidence.effects.measures.pre_post_control import (
    BeforeAfter,
    standardised_difference_of_changes,
)
from evidence.effects.measures.rates import log_rate_ratio
from evidence.effects.measures.ratios import log_ratio_of_means
from evidence.effects.measures.survival import log_hazard_ratio_from_ratio_and_p
from evidence.effects.measures.within_person import (
    difference_of_changes,
    mean_change,
    standardised_mean_change,
)

RTOL = 1e-10
# of the standard error: what an estimate of all but 0 is exact to
ROUNDING = 4e-15
# R computes Hedges' correction from a difference of log-gammas, so its error grows with n: at most
# about this many rounding errors of log-gamma (checked against 40-digit arithmetic).
LOG_GAMMA_ROUNDINGS = 2

FOLDER = Path(__file__).parent
FIXTURE = json.loads((FOLDER / "measures2.json").read_text(encoding="utf-8"))
CASES = FIXTURE["cases"]


def both_groups(function, **columns):
    """The change in each group, and the difference of the two."""
    correlation = columns.pop("correlation")
    changes = [
        function(
            **{name[:-2]: value for name, value in columns.items() if name.endswith(role)},
            correlation=correlation,
        )
        for role in ("_t", "_c")
    ]
    return difference_of_changes(*changes)


def ppc2(formula, **columns):
    groups = [
        BeforeAfter(
            **{f: columns[f"{f}{role}"] for f in ("mean_before", "sd_before", "mean_after", "n")}
        )
        for role in ("_t", "_c")
    ]
    return standardised_difference_of_changes(
        *groups, correlation=columns["correlation"], variance_formula=formula
    )


def by(standardiser, formula):
    function = standardised_mean_difference if standardiser != "before" else None
    if standardiser in {"before", "change"}:
        function = standardised_mean_change
    return partial(function, standardiser=standardiser, variance_formula=formula)


FUNCTIONS = {
    **{
        f"{standardiser}-{formula}": by(standardiser, formula)
        for standardiser, formula in (
            ("pooled", "borenstein"),
            ("control", "large-sample"),
            ("control", "unbiased"),
            ("control", "borenstein"),
            ("control", "unequal-variances"),
            ("control", "bonett"),
            ("average", "unequal-variances"),
            ("average", "bonett"),
            ("change", "borenstein"),
            ("before", "borenstein"),
            ("before", "unequal-variances"),
        )
    },
    "ppc2-large-sample": partial(ppc2, "large-sample"),
    "ppc2-morris": partial(ppc2, "morris"),
    "difference-MC": partial(both_groups, mean_change),
    "difference-SMCC": partial(both_groups, by("change", "large-sample")),
    "difference-SMCR": partial(both_groups, by("before", "large-sample")),
    "difference-SMCRH": partial(both_groups, by("before", "unequal-variances")),
    "hazard-ratio-p": log_hazard_ratio_from_ratio_and_p,
}
FEWEST = dict.fromkeys(FUNCTIONS, 13) | {"hazard-ratio-p": 6}


def tolerance(case):
    """Relative tolerance of one case: R's correction carries rounding errors of log-gamma."""
    people = sum(value for name, value in case["inputs"].items() if name.startswith("n"))
    of_correction = LOG_GAMMA_ROUNDINGS * np.finfo(float).eps * abs(math.lgamma(max(people, 2) / 2))
    # An "unbiased" variance is the small difference of two large numbers.
    share = 2 * (1 + case["yi"] ** 2 / case["vi"])
    return max(RTOL, share * of_correction)


def check(result, case, places=(0,)):
    estimates, variances = np.atleast_1d(case["yi"]), np.atleast_1d(case["vi"])
    for place, yi, vi in zip(places, estimates, variances, strict=True):
        rtol = tolerance(case) if len(estimates) == 1 else RTOL
        error = abs(result.estimate[place] - yi)
        assert error <= rtol * abs(yi) + ROUNDING * math.sqrt(vi), (result.estimate[place], yi)
        assert result.variance[place] == pytest.approx(vi, rel=rtol)


def test_the_fixture_is_whole_and_names_its_versions():
    found = Counter(case["what"] for case in CASES)
    assert set(found) == set(FUNCTIONS)
    assert {what: count for what, count in found.items() if count < FEWEST[what]} == {}
    assert len({case["id"] for case in CASES}) == len(CASES) >= 250
    assert Counter(case["by"] for case in CASES)["escalc"] >= 150
    assert set(FIXTURE["versions"]) == {"R", "metafor", "metadat", "jsonlite"}
    assert [one["id"] for one in FIXTURE["together"]] == ["pooled-averaged", "control-averaged"]
    assert len(FIXTURE["datasets"]) == 7


def test_the_fixture_has_the_printed_effects_of_morris():
    """Morris 2008, Table 5, column d_ppc2."""
    by_id = {case["id"]: case["yi"] for case in CASES}
    printed = [round(by_id[f"ppc2-morris-morris_{place}"], 2) for place in range(1, 6)]
    assert printed == [0.77, 0.80, 1.20, 1.05, 0.44]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_one_study(case):
    check(FUNCTIONS[case["what"]](**case["inputs"]), case)


@pytest.mark.parametrize("what", FUNCTIONS)
def test_all_studies_at_once(what):
    """The studies of a measure in one call: each is treated on its own."""
    cases = [case for case in CASES if case["what"] == what]
    inputs = {name: [case["inputs"][name] for case in cases] for name in cases[0]["inputs"]}
    result = FUNCTIONS[what](**inputs)
    assert len(result) == len(cases)
    for place, case in enumerate(cases):
        check(result, case, (place,))


@pytest.mark.parametrize("case", FIXTURE["together"], ids=lambda case: case["id"])
def test_the_averaged_variance(case):
    standardiser, formula = case["id"].split("-")
    result = standardised_mean_difference(
        **case["inputs"], standardiser=standardiser, variance_formula=formula
    )
    check(result, case, range(len(result)))


MEASURES = {
    "one unit": [mean_difference, standardised_mean_difference],
    "several units": [
        partial(standardised_mean_difference, standardiser=standardiser)
        for standardiser in ("pooled", "control", "average")
    ],
    "ratio of means": [log_ratio_of_means],
    "counts": [log_odds_ratio, log_risk_ratio, risk_difference],
    "rates": [log_rate_ratio],
}
LOOKS_WRONG = {
    "implausible-effect",
    "se-as-sd",
    "unit",
    "variance-as-se",
    "sd-as-se",
}


@pytest.mark.parametrize("data", FIXTURE["datasets"], ids=lambda data: data["id"])
def test_nothing_looks_wrong_in_published_data(data):
    for measure in MEASURES[data["kind"]]:
        result = measure(**data["inputs"])
        found = [c for c in result.cautions if c.code in LOOKS_WRONG]
        assert found == [], found
