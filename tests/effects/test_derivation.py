"""Every sufficient set of reported statistics gives its effect, its path and its cautions.

The trial worked by hand is that of `tests.effects.made_up`: eight people in each group, both
with SD 4, and a difference of 3.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from tests.effects.made_up import (
    EIGHT,
    G_ERROR,
    J14,
    MD,
    SMD,
    SPILLS,
    G,
    arms,
    codes,
    contrast,
    only,
    refusal,
    spilled,
)

PRINTED = 2e-4  # relative: what the digits of the made-up reports leave open
EXACT = 1e-12  # relative


# ------------------------------------------------------------------ sufficient sets, means

PAIR = {"n": "8"}
SETS = {
    "arm means with SD": (
        arms({"mean": "303", **PAIR}, {"mean": "300", **PAIR}, sd="4"),
        "means of the two groups' values with their SDs",
        ("arms", []),
    ),
    "arm means with SE": (
        # 4 / √8 = 1.414214
        arms({"mean": "303", **PAIR}, {"mean": "300", **PAIR}, se="1.414214"),
        "means of the two groups' values with their standard errors",
        ("arms", []),
    ),
    "arm means with CI": (
        # 1.414214 * 2.364624 = 3.344083
        arms(
            {"mean": "303", "ci_low": "299.655917", "ci_high": "306.344083", **PAIR},
            {"mean": "300", "ci_low": "296.655917", "ci_high": "303.344083", **PAIR},
        ),
        "means of the two groups' values with their 95% CIs",
        ("arms", []),
    ),
    "changes": (
        arms({"mean": "10", **PAIR}, {"mean": "7", **PAIR}, sd="4", kind="change"),
        "means of the two groups' changes from baseline with their SDs",
        ("arms", []),
    ),
    "one group with SD, one with SE": (
        [
            *arms({"mean": "303", "sd": "4", **PAIR}, {"mean": "300", "se": "1.414214", **PAIR}),
        ],
        "means of the two groups' values with their SDs and standard errors",
        ("arms", []),
    ),
    "difference with CI": (
        # 3 ± 2 * 2.144787
        contrast(MD, estimate="3", ci_low="-1.289574", ci_high="7.289574", **EIGHT),
        "SE from the 95% CI of the difference (t with 14 degrees of freedom)",
        ("interval", ["sd-from-difference"]),
    ),
    "difference with 90% CI": (
        # 3 ± 2 * 1.761310
        contrast(MD, estimate="3", ci_low="-0.522620", ci_high="6.522620", ci_level="90", **EIGHT),
        "SE from the 90% CI of the difference (t with 14 degrees of freedom)",
        ("interval", ["sd-from-difference"]),
    ),
    "difference with SE": (
        contrast(MD, estimate="3", se="2", **EIGHT),
        "SE of the difference as reported",
        ("standard error", ["sd-from-difference"]),
    ),
}


@pytest.mark.parametrize("name", SETS)
def test_sufficient_for_a_difference_of_means(name: str, tmp_path: Path) -> None:
    rows, path, (kind, _) = SETS[name]
    reading = only(tmp_path, rows, measure=MD)
    assert_allclose(reading.estimate, 3, rtol=EXACT)
    assert_allclose(reading.standard_error, 2, rtol=PRINTED)
    assert (reading.kind, reading.path) == (kind, path)
    assert (reading.n_treatment, reading.n_control) == (8, 8)
    assert reading.usable
    assert codes(reading) == []


@pytest.mark.parametrize("name", SETS)
def test_sufficient_for_a_standardised_difference(name: str, tmp_path: Path) -> None:
    rows, path, (kind, cautions) = SETS[name]
    reading = only(tmp_path, rows, measure=SMD)
    assert_allclose(reading.estimate, G, rtol=PRINTED)
    assert_allclose(reading.standard_error, G_ERROR, rtol=PRINTED)
    assert reading.kind == kind
    assert reading.path.startswith(path)
    assert codes(reading) == cautions
    # The range of the statistic holds the true t.
    assert reading.statistic_low <= 1.5 * (1 + PRINTED)
    assert reading.statistic_high >= 1.5 * (1 - PRINTED)


TESTS = {
    "t": ({"t": "1.5"}, "the t statistic"),
    "a negative t": ({"t": "-1.5"}, "the t statistic"),
    "F": ({"f": "2.25"}, "the F statistic"),
    # 2 P(T > 1.5) on 14 degrees of freedom
    "p": ({"p": "0.1558193"}, "p = 0.1558193"),
}


@pytest.mark.parametrize("name", TESTS)
def test_sufficient_tests(name: str, tmp_path: Path) -> None:
    cells, words = TESTS[name]
    reading = only(tmp_path, contrast(**cells, **EIGHT))
    assert_allclose(reading.estimate, G, rtol=PRINTED)
    assert_allclose(reading.standard_error, G_ERROR, rtol=PRINTED)
    assert reading.path == f"{words} and the group sizes, as a comparison of two groups"
    assert codes(reading) == (["p-only"] if name == "p" else [])


@pytest.mark.parametrize("name", TESTS)
def test_a_test_beside_a_difference(name: str, tmp_path: Path) -> None:
    cells, words = TESTS[name]
    reading = only(tmp_path, contrast(MD, estimate="3", **cells, **EIGHT), measure=MD)
    assert reading.estimate == 3
    assert_allclose(reading.standard_error, 2, rtol=PRINTED)
    assert reading.path == f"SE from the reported difference and {words}"


def test_an_exact_p_with_two_people_in_each_group(tmp_path: Path) -> None:
    # On 2 degrees of freedom t = 3 has p = 1 - 3 / √11; d = 3 √(1/2 + 1/2), and J(2) = 1 / √π.
    p = f"{1 - 3 / math.sqrt(11):.9f}"
    reading = only(tmp_path, contrast(p=p, n_treatment="2", n_control="2"))
    assert_allclose(reading.estimate, 3 / math.sqrt(math.pi), rtol=1e-7)


def test_a_reported_number_of_degrees_of_freedom_is_used(tmp_path: Path) -> None:
    # The same p on 2 degrees of freedom, though 14 would follow from the groups: t = 3.
    p = f"{1 - 3 / math.sqrt(11):.9f}"
    reading = only(tmp_path, contrast(p=p, df="2", **EIGHT))
    assert_allclose(reading.estimate, J14 * 3 / 2, rtol=1e-7)


@pytest.mark.parametrize(
    ("measure", "factor", "words"),
    [
        ("Cohen d", J14, "the reported Cohen's d"),
        ("Hedges g", 1, "the reported Hedges' g"),
        (SMD, 1, "the reported standardised mean difference"),
    ],
)
def test_reported_effect_sizes(measure: str, factor: float, words: str, tmp_path: Path) -> None:
    reading = only(tmp_path, contrast(measure, estimate="0.75", **EIGHT))
    g = 0.75 * factor
    assert_allclose(reading.estimate, g, rtol=EXACT)
    assert_allclose(reading.standard_error, math.sqrt(1 / 4 + g**2 / 32), rtol=EXACT)
    assert reading.path == f"{words}; SE from it and the group sizes"


@pytest.mark.parametrize(("measure", "factor"), [("Cohen d", J14), ("Hedges g", 1), (SMD, 1)])
def test_reported_effect_sizes_with_their_interval(
    measure: str, factor: float, tmp_path: Path
) -> None:
    row = contrast(measure, estimate="0.75", ci_low="0.10", ci_high="1.40", **EIGHT)
    reading = only(tmp_path, row)
    # 1.3 wide, 2 * 1.959964 standard errors
    assert_allclose(reading.standard_error, 1.3 / 3.919928 * factor, rtol=1e-6)
    assert reading.path.endswith("with its interval")


# ------------------------------------------------------------------ sufficient sets, counts


def counted(**cells: str) -> list[dict[str, str]]:
    return arms(
        {"events": "10", "total": "50"}, {"events": "20", "total": "40"}, outcome_id=SPILLS, **cells
    )


@pytest.mark.parametrize(
    ("measure", "estimate", "variance"),
    [
        # the working stands in test_binary.py
        ("risk ratio", math.log(2 / 5), 21 / 200),
        ("odds ratio", math.log(1 / 4), 9 / 40),
        ("risk difference", -3 / 10, 0.00945),
    ],
)
def test_events_and_totals(measure: str, estimate: float, variance: float, tmp_path: Path) -> None:
    reading = only(tmp_path, counted(), measure=measure, outcome=SPILLS)
    assert_allclose(reading.estimate, estimate, rtol=EXACT)
    assert_allclose(reading.standard_error**2, variance, rtol=EXACT)
    assert reading.path == "10 of 50 against 20 of 40"
    # z as of a normal effect, the way it is pooled
    z = abs(estimate) / math.sqrt(variance)
    assert_allclose(reading.p_value, math.erfc(z / math.sqrt(2)), rtol=1e-9)


@pytest.mark.parametrize("measure", ["risk ratio", "odds ratio"])
def test_a_ratio_with_its_interval(measure: str, tmp_path: Path) -> None:
    # log 1 - log 0.25 = 2 log 2 wide, 2 * 1.959964 standard errors; people are not needed
    row = spilled(measure, estimate="0.5", ci_low="0.25", ci_high="1.0")
    reading = only(tmp_path, row, measure=measure, outcome=SPILLS)
    assert_allclose(reading.estimate, -math.log(2), rtol=EXACT)
    assert_allclose(reading.standard_error, math.log(2) / 1.959964, rtol=1e-6)
    assert reading.path == f"SE from the 95% CI of the {measure}"
    assert_allclose(reading.p_value, 0.05, rtol=1e-6)
    low, high = reading.p_range
    assert low < 0.05 < high


def test_a_ratio_with_an_exact_p(tmp_path: Path) -> None:
    row = spilled("risk ratio", estimate="0.5", p="0.05")
    reading = only(tmp_path, row, outcome=SPILLS)
    assert_allclose(reading.estimate, -math.log(2), rtol=EXACT)
    assert_allclose(reading.standard_error, math.log(2) / 1.959964, rtol=1e-6)
    assert reading.path == "SE from the risk ratio and p = 0.05"
    assert codes(reading) == ["p-only"]


def test_a_risk_difference_with_its_interval(tmp_path: Path) -> None:
    row = spilled("risk difference", estimate="-0.10", ci_low="-0.30", ci_high="0.10")
    reading = only(tmp_path, row, measure="risk difference", outcome=SPILLS)
    assert_allclose(reading.estimate, -0.1, rtol=EXACT)
    assert_allclose(reading.standard_error, 0.4 / 3.919928, rtol=1e-6)


def test_a_crossed_ratio_is_not_made_into_another(tmp_path: Path) -> None:
    row = spilled("odds ratio", estimate="0.5", ci_low="0.25", ci_high="1.0")
    words = refusal(tmp_path, row, outcome=SPILLS)
    assert words == "the report gives an odds ratio and no risk ratio"


def test_a_ratio_alone_is_not_enough(tmp_path: Path) -> None:
    row = spilled("risk ratio", estimate="0.5", p="0.05", p_relation="<")
    words = refusal(tmp_path, row, outcome=SPILLS)
    assert words == "the risk ratio has neither an interval nor an exact p value"


@pytest.mark.parametrize("events", ["0", "40"])
def test_nobody_or_everybody_has_no_ratio(events: str, tmp_path: Path) -> None:
    rows = arms({"events": events}, {"events": events}, total="40", outcome_id=SPILLS)
    assert "nobody, or to everybody" in refusal(tmp_path, rows, outcome=SPILLS)
