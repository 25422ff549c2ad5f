"""Numbers that look wrong are said, with the slip that explains them; ordinary ones are not."""

import csv
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio
from evidence.effects.measures.continuous import mean_difference, standardised_mean_difference
from evidence.effects.measures.odd_spread import odd_spread_cautions, odd_standard_error_cautions
from evidence.effects.measures.one_group import single_mean
from evidence.effects.measures.plausibility import (
    PLAUSIBILITY_LIMITS,
    PlausibilityLimits,
    ratio_cautions,
    smd_cautions,
)
from evidence.effects.measures.rates import log_rate_ratio
from evidence.effects.measures.ratios import log_ratio_of_means
from evidence.effects.measures.survival import log_hazard_ratio
from evidence.effects.measures.within_person import mean_change, standardised_mean_change

ROOT = Path(__file__).parents[3]

# Minutes of a kind; SDs of about 20, groups of 25 to 100.
ORDINARY = {
    "mean_treatment": [41.0, 38.5, 52.0, 47.2, 35.9],
    "sd_treatment": [18.0, 22.5, 25.1, 16.8, 20.3],
    "n_treatment": [25, 49, 100, 36, 64],
    "mean_control": [49.0, 44.0, 55.5, 58.0, 40.1],
    "sd_control": [20.5, 19.0, 27.3, 19.9, 17.6],
    "n_control": [25, 49, 100, 36, 64],
}
MEANS_AND_SDS = ("mean_treatment", "sd_treatment", "mean_control", "sd_control")


def changed(place, arms=ORDINARY, **factors):
    """The same studies with some numbers of one of them multiplied."""
    return {
        name: [v * factors.get(name, 1) if i == place else v for i, v in enumerate(values)]
        for name, values in arms.items()
    }


def codes(result):
    return [caution.code for caution in result.cautions]


# ------------------------------------------------------------------ ordinary data


def test_ordinary_arms_give_no_caution():
    for function in (mean_difference, standardised_mean_difference, log_ratio_of_means):
        assert function(**ORDINARY).cautions == ()


def test_the_review_that_comes_along_gives_no_caution():
    """Every pair of arms of the example review whose numbers suffice for a measure."""
    with (ROOT / "data" / "magnesium-sleep" / "arms.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    arms, tables = defaultdict(dict), defaultdict(dict)
    for row in rows:
        key = (row["study_id"], row["outcome_id"], row["timepoint"], row["source_id"])
        if row["n"] and row["mean"] and row["sd"]:
            sd = float(row["sd"])
        elif row["n"] and row["mean"] and row["ci_low"] and row["ci_high"]:
            width = float(row["ci_high"]) - float(row["ci_low"])
            sd = width / 2 / 1.96 * math.sqrt(float(row["n"]))
        else:
            sd = None
        if sd is not None and row["kind"] != "baseline":
            arms[key][row["role"]] = (float(row["mean"]), sd, float(row["n"]))
        if row["events"] and row["total"]:
            tables[key][row["role"]] = (float(row["events"]), float(row["total"]))
    names = [f"{what}_{arm}" for arm in ("treatment", "control") for what in ("mean", "sd", "n")]
    pairs = [pair for pair in arms.values() if {"treatment", "control"} <= set(pair)]
    assert len(pairs) >= 2
    for pair in pairs:
        numbers = dict(zip(names, (*pair["treatment"], *pair["control"]), strict=True))
        assert mean_difference(**numbers).cautions == ()
        assert standardised_mean_difference(**numbers).cautions == ()
    counts = [pair for pair in tables.values() if {"treatment", "control"} <= set(pair)]
    assert len(counts) >= 3
    for pair in counts:
        (a, n1), (c, n2) = pair["treatment"], pair["control"]
        for function in (log_odds_ratio, log_risk_ratio):
            result = function(
                events_treatment=a, total_treatment=n1, events_control=c, total_control=n2
            )
            assert "implausible-effect" not in codes(result)


def simulated(rng, k=8):
    """Trials of one kind: SDs apart by a quarter, means by a tenth, small effects."""
    n1, n2 = rng.integers(15, 150, k), rng.integers(15, 150, k)
    sd, mean = 10 * np.exp(rng.normal(0, 0.25, k)), rng.normal(50, 5, k)
    noise = rng.normal(size=(2, k))
    return {
        "mean_treatment": mean + sd * (rng.normal(0.3, 0.2, k) + noise[0] / np.sqrt(n1)),
        "sd_treatment": sd * np.sqrt(rng.chisquare(n1 - 1) / (n1 - 1)),
        "n_treatment": n1,
        "mean_control": mean + sd * noise[1] / np.sqrt(n2),
        "sd_control": sd * np.sqrt(rng.chisquare(n2 - 1) / (n2 - 1)),
        "n_control": n2,
    }


def test_false_alarms_are_rare():
    rng = np.random.default_rng(20250101)
    alarms = sum(bool(mean_difference(**simulated(rng)).cautions) for _ in range(500))
    assert alarms <= 2


@pytest.mark.parametrize(
    ("factor", "code", "least"), [(60.0, "unit", 0.6), (1 / 60, "unit", 0.6), (None, "se", 0.8)]
)
def test_most_slips_are_found(factor, code, least):
    rng = np.random.default_rng(20250102)
    found = 0
    for _ in range(200):
        arms = simulated(rng)
        if factor:
            for name in MEANS_AND_SDS:
                arms[name] = np.where(np.arange(8) == 3, arms[name] * factor, arms[name])
        else:
            for arm in ("treatment", "control"):
                root = np.where(np.arange(8) == 3, np.sqrt(arms[f"n_{arm}"]), 1)
                arms[f"sd_{arm}"] = arms[f"sd_{arm}"] / root
        cautions = mean_difference(**arms).cautions
        wanted = {"unit"} if code == "unit" else {"se-as-sd", "implausible-effect"}
        found += any(c.code in wanted and "study 4" in c.message for c in cautions)
    assert found / 200 >= least


# ------------------------------------------------------------------ a standard error as an SD


def test_standard_errors_in_both_arms_are_seen_by_the_other_studies():
    root = math.sqrt(ORDINARY["n_treatment"][2])
    arms = changed(2, sd_treatment=1 / root, sd_control=1 / root)
    cautions = {c.code: c for c in mean_difference(**arms).cautions}
    assert set(cautions) == {"se-as-sd"}
    # pooled: √((2.51² + 2.73²) / 2) = 2.622
    assert "study 3: 2.62" in cautions["se-as-sd"].message
    assert "times √100 it would be 26.2" in cautions["se-as-sd"].message
    assert "Gøtzsche" in cautions["se-as-sd"].reference


def test_a_standard_error_in_one_arm_is_seen_by_the_other_arm():
    arms = changed(1, sd_control=1 / 7)
    for function in (mean_difference, standardised_mean_difference):
        cautions = {c.code: c.message for c in function(**arms).cautions}
        # 19 / 7 = 2.714
        assert (
            "study 2: 2.71 (control) against 22.5, while 2.71 times √49 is 19"
            in (cautions["se-as-sd"])
        )


def test_sds_that_differ_as_the_means_do_are_passed_over():
    arms = {
        "mean_treatment": 4.92,
        "sd_treatment": 6.05,
        "n_treatment": 35,
        "mean_control": 20.0,
        "sd_control": 26.3,
        "n_control": 36,
    }
    assert mean_difference(**arms).cautions == ()
    assert codes(mean_difference(**{**arms, "mean_treatment": 19.0})) == ["se-as-sd"]


def test_an_effect_beyond_three_sds_tells_what_standard_errors_would_make_of_it():
    # d = 8 / 2 = 4; with SDs of 2 · √100 it is 0.4. J is 0.9962.
    arms = {
        "mean_treatment": 18.0,
        "sd_treatment": 2.0,
        "n_treatment": 100,
        "mean_control": 10.0,
        "sd_control": 2.0,
        "n_control": 100,
    }
    for function in (
        mean_difference,
        standardised_mean_difference,
        lambda **a: standardised_mean_difference(**a, standardiser="average"),
        lambda **a: standardised_mean_difference(**a, standardiser="control"),
    ):
        (caution,) = function(**arms).cautions
        assert caution.code == "implausible-effect"
        assert "study 1: 3.9" in caution.message
        assert "or 0.4 if its SDs are standard errors" in caution.message
        assert "Kadlec" in caution.reference


def test_chance_in_a_tiny_trial_is_not_accused():
    # g = 0.798 · 4.5 = 3.6 with two people in a group and three in the other, SE 1.45
    arms = {**dict.fromkeys(("sd_treatment", "sd_control"), 1.0), "n_treatment": 2, "n_control": 3}
    result = standardised_mean_difference(**arms, mean_treatment=4.5, mean_control=0.0)
    assert result.estimate[0] > 3
    assert result.cautions == ()


def test_a_change_beyond_three_sds():
    result = standardised_mean_change(
        mean_before=10, sd_before=0.5, mean_after=14, sd_after=0.5, n=40, correlation=0.5
    )
    assert codes(result) == ["implausible-effect"]


# ------------------------------------------------------------------ another unit


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1 / 60, "times 60 it would fit: minutes and hours"),
        (60, "times 1/60 it would fit: minutes and hours"),
        (1 / 7, "times 7 it would fit: days and weeks"),
        (24, "times 1/24 it would fit: hours and days"),
        (10, "times 1/10 it would fit: a decimal place"),
        (1 / 1000, "times 1000 it would fit: milligrams and grams"),
    ],
)
def test_another_unit_is_named(factor, words):
    arms = changed(4, **dict.fromkeys(MEANS_AND_SDS, factor))
    cautions = [c for c in mean_difference(**arms).cautions if c.code == "unit"]
    assert len(cautions) == 1
    assert "study 5: SD" in cautions[0].message
    assert words in cautions[0].message
    # its standardised effect has no unit
    assert standardised_mean_difference(**arms).cautions == ()


def test_hours_among_minutes_in_one_group():
    means, sds = [420.0, 400, 7.1, 395, 410], [55.0, 60, 0.9, 48, 66]
    for transformation in ("raw", "log"):
        result = single_mean(mean=means, sd=sds, n=30, transformation=transformation)
        assert codes(result) == ["unit"]
        assert "study 3" in result.cautions[0].message


def test_a_standard_error_among_the_sds_of_changes():
    result = mean_change(
        mean_before=[50.0] * 5,
        sd_before=[10.0, 11, 9, 1.0, 10],
        mean_after=[47.0] * 5,
        sd_after=[10.0, 11, 9, 1.0, 10],
        n=100,
        correlation=0.5,
    )
    assert codes(result) == ["se-as-sd"]


def test_nothing_is_said_where_no_slip_would_explain_it():
    # an SD four times as small as the others', and groups of nine hundred: √900 = 30
    arms = changed(0, sd_treatment=1 / 4, sd_control=1 / 4, n_treatment=36, n_control=36)
    assert mean_difference(**arms).cautions == ()


def test_nothing_is_said_of_three_studies():
    few = {name: values[:3] for name, values in changed(2, sd_treatment=0.1).items()}
    odd = odd_spread_cautions(mean=few["mean_control"], sd=[2.0, 20, 20], n=100)
    assert odd == ()


def test_nothing_is_said_where_the_others_differ_among_themselves():
    assert odd_spread_cautions(mean=50, sd=[1.0, 3, 9, 27, 81], n=[81, 9, 9, 9, 9]) == ()


# ------------------------------------------------------------------ standard errors


def test_a_variance_typed_as_a_standard_error():
    errors, people = [0.20, 0.25, 0.16, 0.04, 0.18], [100, 64, 144, 100, 121]
    assert odd_standard_error_cautions(standard_error=[0.2, 0.25, 0.16, 0.2, 0.18], n=people) == ()
    (caution,) = odd_standard_error_cautions(standard_error=errors, n=people)
    assert caution.code == "variance-as-se"
    # the others' SE √n is about 2, so 0.2 is expected of a hundred people
    assert "study 4: 0.04 where the others let expect 0.2; its root would be 0.2" in caution.message


def test_an_sd_typed_as_a_standard_error():
    (caution,) = odd_standard_error_cautions(
        standard_error=[0.2, 0.25, 0.16, 2.1, 0.18], n=[100, 64, 144, 100, 121]
    )
    assert caution.code == "sd-as-se"
    assert "study 4: 2.1 " in caution.message
    assert "divided by √n it would be 0.21" in caution.message


# ------------------------------------------------------------------ ratios


def test_ratios_beyond_belief():
    counts = {"events_treatment": 90, "total_treatment": 100, "events_control": 5}
    for function in (log_odds_ratio, log_risk_ratio):
        result = function(**counts, total_control=100)
        assert codes(result) == ["implausible-effect"]
        assert "the risk ratio is beyond 10 or 1/10 (study 1: 18)" in result.cautions[0].message
    assert "Pereira" in result.cautions[0].reference
    rates = log_rate_ratio(
        events_treatment=[5, 600], time_treatment=100, events_control=[6, 10], time_control=100
    )
    assert "study 2: 60" in rates.cautions[0].message
    hazard = log_hazard_ratio(hazard_ratio=0.02, ci_low=0.01, ci_high=0.04)
    assert codes(hazard) == ["implausible-effect"]
    hours = log_ratio_of_means(**changed(4, mean_treatment=60, sd_treatment=60))
    assert "implausible-effect" in codes(hours)


def test_an_uncertain_large_ratio_is_not_accused():
    # 0 of 20 against 8 of 20: 0.036, with an interval of 0.002 to 0.68
    result = log_odds_ratio(
        events_treatment=0, total_treatment=20, events_control=8, total_control=20
    )
    assert codes(result) == ["continuity"]


def test_a_large_odds_ratio_of_frequent_events_is_not_accused():
    # 35 of 40 against 8 of 40: an odds ratio of 28, but a risk ratio of 4.4
    result = log_odds_ratio(
        events_treatment=35, total_treatment=40, events_control=8, total_control=40
    )
    assert result.cautions == ()


def test_a_ratio_too_large_to_be_printed():
    (caution,) = ratio_cautions(log_ratio=[0.1, 4000.0], variance=0.01)
    assert "study 2: more than a million-fold" in caution.message


# ------------------------------------------------------------------ limits and invariants


def test_limits_can_be_set():
    strict = PlausibilityLimits(largest_smd=1.0)
    assert smd_cautions(smd=1.5, variance=0.01) == ()
    assert len(smd_cautions(smd=1.5, variance=0.01, limits=strict)) == 1
    assert PlausibilityLimits() == PLAUSIBILITY_LIMITS


def test_more_than_five_studies_are_counted():
    (caution,) = smd_cautions(smd=[5.0] * 8, variance=0.01)
    assert caution.message.startswith("In eight studies")
    assert "study 5: 5; and 3 more" in caution.message


@given(
    unit=st.floats(1e-6, 1e6),
    order=st.permutations(range(5)),
    place=st.integers(0, 4),
    slip=st.sampled_from(["se", "unit", "none"]),
)
def test_the_unit_and_the_order_do_not_matter(unit, order, place, slip):
    if slip == "se":
        root = math.sqrt(ORDINARY["n_treatment"][place])
        arms = changed(place, sd_treatment=1 / root, sd_control=1 / root)
    else:
        factor = 60.0 if slip == "unit" else 1.0
        arms = changed(place, **dict.fromkeys(MEANS_AND_SDS, factor))
    other = {
        name: [values[i] * (unit if name in MEANS_AND_SDS else 1) for i in order]
        for name, values in arms.items()
    }
    found, again = mean_difference(**arms), mean_difference(**other)
    assert codes(found) == codes(again)
    assert bool(found.cautions) == (slip != "none")
    moved = f"study {order.index(place) + 1}"
    assert all(moved in caution.message for caution in again.cautions)
    # nothing is changed, only said
    assert again.estimate == pytest.approx(found.estimate[list(order)] * unit, rel=1e-12)


def test_a_caution_is_shown_wherever_the_effects_are():
    result = log_rate_ratio(
        events_treatment=600, time_treatment=100, events_control=10, time_control=100
    )
    message = result.cautions[0].message
    assert message in result.summary()
    assert result.to_dict()["cautions"] == [message]
    assert f"<p>Note: {message}</p>" in result._repr_html_()
