"""Conversions equal R's (conversions.json; needs no R). Differences are named here."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from evidence.effects.conversions.arms import combine_groups, remove_group
from evidence.effects.conversions.five_numbers import FiveNumberSummary, mean_and_sd_from_median
from evidence.effects.conversions.skewness import skewness_test
from evidence.effects.conversions.standard_deviations import (
    sd_from_difference_interval,
    sd_from_difference_standard_error,
    sd_from_f,
    sd_from_interval,
    sd_from_p,
    sd_from_range,
    sd_from_t,
)
from evidence.effects.conversions.tables import (
    Margins,
    tables_from_effect_and_standard_error,
    tables_from_margins,
)
from evidence.effects.conversions.tests_to_effects import (
    correlation_from_f,
    correlation_from_p,
    correlation_from_t,
    log_odds_ratio_from_chi_square,
    smd_from_f,
    smd_from_p,
    smd_from_t,
)
from evidence.effects.conversions.two_by_two import STATISTICS, table_statistic
from evidence.effects.measures.within_person import correlation_from_sds

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7

CASES = json.loads((Path(__file__).parent / "conversions.json").read_text(encoding="utf-8"))[
    "cases"
]


def of_kind(kind, wanted=lambda case: True):
    found = [case for case in CASES if case["kind"] == kind and wanted(case)]
    assert found
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def close(ours, theirs, rtol=CLOSED_FORM, atol=0.0):
    assert float(np.squeeze(ours)) == pytest.approx(theirs, rel=rtol, abs=atol)


def test_there_are_enough_cases():
    assert len(CASES) >= 60
    assert len({case["id"] for case in CASES}) == len(CASES)


@of_kind("interval")
def test_sd_from_the_interval_of_a_mean(case):
    given = case["inputs"]
    low, high = given["ci"]
    # The ends lie around a mean far from 0, so their difference has lost digits to it.
    lost = 1e-15 * max(abs(low), abs(high)) / (high - low)
    found = sd_from_interval(ci_low=low, ci_high=high, n=given["n"], ci_level=given["level"])
    close(found, case["expected"], CLOSED_FORM + 10 * lost)


def sizes(case):
    return {name: case["inputs"][name] for name in ("n_treatment", "n_control")}


@of_kind("two groups")
def test_sd_from_the_tests_of_a_difference(case):
    given, sd = case["inputs"], case["expected"]["sd"]
    n, difference = sizes(case), given["mean_difference"]
    close(sd_from_difference_standard_error(standard_error=given["se"], **n), sd)
    low, high = given["ci"]
    close(sd_from_difference_interval(ci_low=low, ci_high=high, **n), sd)
    close(sd_from_t(mean_difference=difference, t=given["t"], **n), sd)
    close(sd_from_f(mean_difference=difference, f=given["f"], **n), sd, 1e-9)
    close(sd_from_p(mean_difference=difference, p_value=given["p"], **n), sd, 1e-9)


@of_kind("two groups")
def test_smd_from_the_tests_of_a_difference(case):
    given, expected = case["inputs"], case["expected"]
    n, sign = sizes(case), math.copysign(1, given["t"])
    by_t = smd_from_t(t=given["t"], **n)
    close(by_t.estimate, expected["g"])
    close(by_t.variance, expected["variance"])
    if min(n.values()) > 2:
        unbiased = smd_from_t(t=given["t"], **n, variance_formula="unbiased")
        close(unbiased.variance, expected["variance_unbiased"])
    close(smd_from_f(f=given["f"], **n, direction=sign).estimate, expected["g"], 1e-9)
    close(smd_from_p(p_value=given["p"], **n, direction=sign).estimate, expected["g"], 1e-9)


@of_kind("combined")
def test_groups_combined_are_the_people_together(case):
    given, expected = case["inputs"], case["expected"]
    found = combine_groups(**given)
    close(found.n, expected["n"])
    close(found.mean, expected["mean"], atol=1e-15 * expected["sd"])
    close(found.sd, expected["sd"])
    first = {name: values[0] for name, values in given.items()}
    rest = remove_group(
        n_all=expected["n"],
        mean_all=expected["mean"],
        sd_all=expected["sd"],
        n_part=first["n"],
        mean_part=first["mean"],
        sd_part=first["sd"],
    )
    others = combine_groups(**{name: values[1:] for name, values in given.items()})
    close(rest.mean, float(others.mean[0]), 1e-9)
    close(rest.sd, float(others.sd[0]), 1e-9)


@of_kind("correlation")
def test_correlation_from_its_test(case):
    given, expected = case["inputs"], case["expected"]
    df, sign = given["df"], math.copysign(1, given["t"])
    close(correlation_from_t(t=given["t"], df=df), expected["r"])
    close(correlation_from_f(f=given["t"] ** 2, df=df, direction=sign), expected["r"])
    close(correlation_from_p(p_value=given["p"], df=df, direction=sign), expected["r"], 1e-9)
    found = correlation_from_sds(
        sd_first=expected["sd_before"],
        sd_second=expected["sd_after"],
        sd_difference=expected["sd_change"],
    )
    close(found, expected["r"])


@of_kind("range")
def test_sd_from_the_range(case):
    given, expected = case["inputs"], case["expected"]
    ends = {name: given[name] for name in ("minimum", "maximum", "n")}
    close(sd_from_range(**ends), expected["wan"])
    close(sd_from_range(**ends, method="expected range"), expected["expected"])
    close(sd_from_range(**ends, median=given["median"], method="Hozo"), expected["hozo"])


NAMES = ("minimum", "q1", "median", "q3", "maximum")
KNOWN = {"S1": (0, 2, 4), "S2": (1, 2, 3), "S3": range(5)}


def summary(case):
    given = case["inputs"]
    known = {NAMES[place]: given["values"][place] for place in KNOWN[given["scenario"]]}
    return {"n": given["n"], **known}


@of_kind("five numbers")
def test_mean_and_sd_from_the_median(case):
    given, expected = summary(case), case["expected"]
    reported = FiveNumberSummary(**given)
    best = mean_and_sd_from_median(reported)
    close(best.mean, expected["mean"])
    close(best.sd, expected["sd"])
    older = mean_and_sd_from_median(reported, method="Wan")
    close(older.mean, expected["mean_wan"])
    close(older.sd, expected["sd_wan"])
    test = skewness_test(**given)
    close(test.statistic, expected["test"], atol=1e-15)
    close(test.critical_value, expected["critical"])


@of_kind("five numbers")
def test_quantile_estimation(case):
    expected = case["expected"]["fits"]
    found = mean_and_sd_from_median(
        FiveNumberSummary(**summary(case)), method="quantile estimation"
    )
    (fits,) = found.fits
    assert {fit.distribution for fit in fits} == set(expected)
    size = max(case["inputs"]["values"])
    for fit in fits:
        theirs = expected[fit.distribution]
        close(fit.mean, theirs["mean"], ITERATIVE)
        close(fit.sd, theirs["sd"], ITERATIVE)
        close(fit.distance, theirs["distance"], ITERATIVE, atol=1e-20 * size**2)
    best = min(expected, key=lambda name: expected[name]["distance"])
    tied = math.isclose(fits[0].distance, expected[best]["distance"], rel_tol=ITERATIVE)
    assert fits[0].distribution == best or tied or expected[best]["distance"] < 1e-20 * size**2


def margins(case):
    given = case["inputs"]
    return Margins(given["n1"], given["n2"], given["a"] + given["c"])


@pytest.mark.parametrize("statistic", STATISTICS)
@of_kind("table")
def test_table_from_margins_and_a_statistic(case, statistic):
    given, value = case["inputs"], case["expected"][statistic]
    ours = table_statistic(
        statistic,
        events_treatment=given["a"],
        n_treatment=given["n1"],
        events_control=given["c"],
        n_control=given["n2"],
    )
    if value is None:
        assert math.isinf(ours[0])  # metafor records an infinite ratio as missing
        return
    close(ours, value, atol=1e-12)
    if statistic == "chi-square, Yates" and value < 1e-12:
        return  # nothing but "at most half an event from expectation"
    surplus = given["a"] * given["n2"] - given["c"] * given["n1"]
    squared = statistic.startswith("chi-square")
    sign = {"direction": math.copysign(1, surplus)} if squared else {}
    found = tables_from_margins(margins(case), statistic=statistic, value=value, **sign)
    close(found.events_treatment, given["a"], 1e-9)
    close(found.events_control, given["c"], 1e-9, atol=1e-9)


@of_kind("table", wanted=lambda case: case["expected"]["log_odds_ratio"])
def test_log_odds_ratio_from_chi_square(case):
    expected = case["expected"]
    sign = math.copysign(1, expected["log_odds_ratio"])
    found = log_odds_ratio_from_chi_square(
        margins(case), chi_square=expected["chi-square"], direction=sign
    )
    close(found.estimate, expected["log_odds_ratio"], 1e-9)
    close(found.variance, expected["variance"], 1e-9)


@pytest.mark.parametrize("measure", STATISTICS[:3])
@of_kind("table")
def test_table_from_an_effect_and_its_standard_error(case, measure):
    given, value = case["inputs"], case["expected"][measure]
    error = case["expected"]["standard_errors"][measure]
    if value is None:
        assert given["c"] == 0
        return
    found = tables_from_effect_and_standard_error(
        measure=measure,
        value=value,
        standard_error=error,
        n_treatment=given["n1"],
        n_control=given["n2"],
    )
    # Two tables can be near to one another, where the root of a difference of near squares has
    # half the digits.
    near = np.abs(found.events_treatment - given["a"]) + np.abs(found.events_control - given["c"])
    assert near.min() <= 1e-6 * (given["a"] + given["c"])
    np.testing.assert_allclose(found.implied, value, rtol=1e-8, atol=1e-12)
    a, n1, c, n2 = (
        getattr(found, f"{w}_{g}") for g in ("treatment", "control") for w in ("events", "n")
    )
    p, q = a / n1, c / n2
    variances = {
        "odds ratio": 1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c),
        "risk ratio": 1 / a - 1 / n1 + 1 / c - 1 / n2,
        "risk difference": p * (1 - p) / n1 + q * (1 - q) / n2,
    }
    np.testing.assert_allclose(np.sqrt(variances[measure]), error, rtol=1e-9)
