"""The advice follows its rules, says why, and names what it rests on."""

import json
import re

import pytest

from evidence.errors import InvalidArgumentError
from evidence.synthesis.sparse.advice import SparseRule, advise_sparse
from evidence.synthesis.sparse.advice_rates import advise_sparse_rates

NAMES = ("events_treatment", "total_treatment", "events_control", "total_control")


def counts(*rows):
    return dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))


RARE = ((1, 500, 2, 510), (2, 450, 3, 440), (0, 300, 1, 305))
CASES = {
    "none": ((0, 10, 0, 12), (0, 30, 0, 28)),
    "exact": ((0, 10, 0, 12), (2, 30, 5, 28)),
    "exact-pooled": ((0, 20, 3, 20), (0, 30, 4, 30)),
    "conditional-logistic": ((20, 40, 4, 41), (2, 40, 18, 39), (0, 15, 1, 16)),
    "inverse-variance": ((20, 100, 25, 98), (30, 90, 33, 91)),
    "peto": RARE,
    "mantel-haenszel": ((0, 40, 3, 41), (3, 40, 5, 41)),
}
WHY = {
    "none": "nobody had the event.*40 treated",
    "exact": "Only study 2 had people with and without",
    "exact-pooled": "Mantel-Haenszel odds ratio is 0",
    "conditional-logistic": "Tarone: p < 0.001",
    "inverse-variance": "Nothing is sparse here",
    "peto": "Events are rare \\(0.36%.*balanced.*odds ratio 0.5",
    "mantel-haenszel": "6.8% of people had the event",
}


@pytest.mark.parametrize("method", CASES)
def test_the_method_and_its_reason(method):
    advice = advise_sparse(**counts(*CASES[method]))
    assert advice.method == method
    assert advice.references
    assert method not in advice.alternatives
    reasons = " ".join(advice.reasons)
    assert re.search(WHY[method], reasons)
    assert reasons.split(".")[0] in advice.summary()
    json.dumps(advice.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ((40, 500, 45, 500), "meant for rare events"),
        ((1, 300, 3, 900), "biased with unequal groups"),
        ((1, 400, 9, 410), "draws large effects"),
    ],
)
def test_one_broken_condition_turns_peto_into_mantel_haenszel(extra, reason):
    rows = (*RARE, extra) if "large" not in reason else (extra, (1, 400, 7, 410))
    advice = advise_sparse(**counts(*rows))
    assert advice.method == "mantel-haenszel"
    assert any(reason in each for each in advice.reasons)


def test_the_rule_can_be_changed():
    rows = counts(*CASES["inverse-variance"])
    assert advise_sparse(**rows, rule=SparseRule(fewest_expected=50)).method == "mantel-haenszel"
    rows = counts(*CASES["conditional-logistic"])
    assert advise_sparse(**rows, rule=SparseRule(heterogeneity_p=0)).method == "mantel-haenszel"


def test_facts_and_silent_studies():
    advice = advise_sparse(**counts(*RARE, (0, 100, 0, 150)))
    facts = dict(zip(advice.to_frame()["fact"], advice.to_frame()["value"], strict=True))
    assert facts["studies"] == 4
    assert facts["informative studies"] == 3
    assert facts["studies with an empty cell, but informative"] == 1
    assert facts["events"] == 9
    assert facts["people"] == 2755
    # the imbalance of the silent study does not count
    assert facts["largest imbalance of groups"] == pytest.approx(450 / 440)
    assert facts["smallest expected count"] == pytest.approx(300 / 605)
    assert advice.method == "peto"
    assert "One study with events in nobody or in everybody" in advice.reasons[-2]
    assert "Beta-binomial regression keeps them in" in advice.reasons[-1]
    assert advice.alternatives == ("mantel-haenszel", "beta-binomial")
    assert "pool_beta_binomial(...)" in advice.summary()


def test_bad_input_and_missing():
    with pytest.raises(InvalidArgumentError, match="B: 5 of 3"):
        advise_sparse(**counts((1, 4, 1, 4), (5, 3, 1, 4)), labels=["A", "B"])
    rows = counts(*RARE)
    rows["events_control"] = [2, 3, None]
    assert "study 3" in advise_sparse(**rows).summary()


def test_heterogeneous_counts_that_are_not_sparse_need_no_special_method():
    advice = advise_sparse(**counts((20, 40, 8, 41), (9, 40, 18, 39)))
    assert advice.method == "inverse-variance"


def test_heterogeneity_leads_to_models_that_are_there():
    advice = advise_sparse(**counts(*CASES["conditional-logistic"]))
    assert "pool_mixed_logistic(...)" in advice.summary()
    assert advice.alternatives == ("beta-binomial", "mantel-haenszel")
    assert any("Felsch" in each for each in advice.references)
    two = advise_sparse(**counts((20, 40, 0, 41), (2, 40, 18, 39)))
    assert two.method == "conditional-logistic"
    assert "With two studies that differ no method performed well" in two.reasons[-1]
    fractions = advise_sparse(**counts((20, 40, 0.5, 41), (2, 40, 18, 39), (0, 15, 1, 16)))
    assert "beta-binomial" not in fractions.alternatives
    assert 'model="fixed-studies"' in fractions.summary()


def test_beta_binomial_is_not_named_where_it_would_refuse():
    advice = advise_sparse(**counts((0, 20, 3, 20), (0, 30, 4, 30), (0, 12, 0, 11)))
    assert advice.method == "exact-pooled"
    assert "beta-binomial" not in advice.alternatives


RATES = {
    "none": ((0, 10, 0, 12), (0, 30, 0, 28)),
    "rate-difference": ((0, 10, 2, 12), (0, 30, 3, 28)),
    "inverse-variance": ((20, 100, 25, 98), (30, 90, 33, 91)),
    "conditional-poisson": ((14, 100, 4, 98), (2, 80, 12, 85), (0, 30, 3, 31)),
    "mantel-haenszel-rates": ((3, 100, 4, 98), (2, 80, 3, 85), (0, 30, 1, 31), (0, 5, 0, 6)),
}
WHY_RATES = {
    "none": "No study had an event.*40 treated and 40 in the control groups",
    "rate-difference": "All events were in the control groups: the rate ratio is 0",
    "inverse-variance": "Nothing is sparse here",
    "conditional-poisson": "differ between studies by more than chance",
    "mantel-haenszel-rates": "one rate ratio is compatible with all studies",
}


@pytest.mark.parametrize("method", RATES)
def test_rates(method):
    names = ("events_treatment", "time_treatment", "events_control", "time_control")
    rows = dict(zip(names, map(list, zip(*RATES[method], strict=True)), strict=True))
    advice = advise_sparse_rates(**rows)
    assert advice.method == method
    assert re.search(WHY_RATES[method], " ".join(advice.reasons))
    assert method not in advice.alternatives
    assert advice.references
    assert "pool" in advice.summary() or method == "none"
    silent = "without events can say nothing" in " ".join(advice.reasons)
    assert silent == (method == "mantel-haenszel-rates")
    json.dumps(advice.to_dict(), allow_nan=False)
    rows["events_control"][0] = None
    assert "study 1" in advise_sparse_rates(**rows).summary()


def test_the_rule_for_rates_can_be_changed():
    names = ("events_treatment", "time_treatment", "events_control", "time_control")
    rows = dict(zip(names, map(list, zip(*RATES["conditional-poisson"], strict=True)), strict=True))
    advice = advise_sparse_rates(**rows, rule=SparseRule(heterogeneity_p=0))
    assert advice.method == "mantel-haenszel-rates"
    with pytest.raises(InvalidArgumentError, match="B: 0"):
        advise_sparse_rates(**(rows | {"time_control": [98, 0, 31]}), labels=["A", "B", "C"])


def test_the_exact_method_is_only_named_where_it_can_be_run():
    row = (12_000, 30_000, 12_500, 30_000)
    assert advise_sparse(**counts(row, (0, 40, 1, 41))).alternatives == ()
    assert advise_sparse(**counts((0.5, 40, 3, 41), (3, 40, 5, 41))).alternatives == ()
    assert advise_sparse(**counts((1, 40, 3, 41), (3, 40, 5, 41))).alternatives == ("exact-pooled",)


def test_an_empty_cell_is_sparse_however_many_were_expected():
    full = ((8, 50, 14, 50), (20, 100, 25, 98))
    assert advise_sparse(**counts(*full)).method == "inverse-variance"
    with_empty = ((0, 50, 10, 50), *full)
    facts = advise_sparse(**counts(*with_empty), rule=SparseRule(heterogeneity_p=0))
    assert facts.method == "mantel-haenszel"
