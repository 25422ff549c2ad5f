"""Macaskill's test: its line by hand, its guard, and its error rate."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.appraisal.small_study.macaskill import macaskill_test
from evidence.errors import InvalidArgumentError


def simulated(random, k=20, shift=0.0):
    total = np.round(np.exp(random.uniform(np.log(30), np.log(900), size=k)))
    odds = 0.35 / 0.65 * np.exp(shift * np.sqrt(50 / total))
    return {
        "events_treatment": random.binomial(total.astype(int), odds / (1 + odds)),
        "total_treatment": total,
        "events_control": random.binomial(total.astype(int), 0.35),
        "total_control": total,
    }


def test_by_hand():
    counts = simulated(np.random.default_rng(1))
    found = macaskill_test(**counts)
    a, c, n = (counts[name] for name in ("events_treatment", "events_control", "total_treatment"))
    y = np.log(a * (n - c) / (c * (n - a)))
    events = a + c
    w = events * (2 * n - events) / (2 * n)
    x = 2 * n - (w @ (2 * n)) / w.sum()
    slope = (w * x) @ y / ((w * x) @ x)
    assert found.estimate == pytest.approx(-slope, rel=1e-10)
    assert found.table["term"].tolist() == ["intercept", "−n"]
    assert found.df == 18


def test_level_and_power():
    random = np.random.default_rng(2)
    null = [macaskill_test(**simulated(random), force=True).p_value for _ in range(300)]
    assert np.mean(np.array(null) < 0.10) == pytest.approx(0.10, abs=0.055)
    shifted = [macaskill_test(**simulated(random, shift=1.0), force=True) for _ in range(100)]
    assert np.mean([found.status == "contradiction" for found in shifted]) > 0.5
    # Larger effects in smaller studies have a positive sign.
    assert np.mean([found.estimate > 0 for found in shifted]) > 0.95


def test_the_guard():
    few = macaskill_test(**simulated(np.random.default_rng(3), k=9))
    assert few.status == "cannot be tested"
    assert "Macaskill's test can say nothing here" in few.sentence
    assert math.isnan(few.p_value)
    names = simulated_names()
    equal = {name: np.full(12, n) for name, n in zip(names, (10, 50, 15, 50), strict=True)}
    assert "nearly one size" in macaskill_test(**equal).sentence
    forced = macaskill_test(**simulated(np.random.default_rng(3), k=9), force=True)
    assert forced.forced
    json.dumps(forced.to_dict(), allow_nan=False)


def simulated_names():
    return ("events_treatment", "total_treatment", "events_control", "total_control")


@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_studies_are_no_accident(k):
    found = macaskill_test(**simulated(np.random.default_rng(4), k=k), force=True)
    assert found.tested == (k == 3)
    assert found.sentence


def test_exchanging_the_groups_turns_the_sign():
    counts = simulated(np.random.default_rng(5))
    turned = {
        "events_treatment": counts["events_control"],
        "total_treatment": counts["total_control"],
        "events_control": counts["events_treatment"],
        "total_control": counts["total_treatment"],
    }
    first, second = macaskill_test(**counts), macaskill_test(**turned)
    assert second.estimate == pytest.approx(-first.estimate, rel=1e-9)
    assert second.p_value == pytest.approx(first.p_value, rel=1e-9)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"events_treatment": [-1] * 20}, "events_treatment"),
        ({"level": 2}, "level is 2"),
        ({"force": None}, "force is None"),
        ({"n": [1]}, "There is no argument 'n'"),
    ],
)
def test_refusals(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        macaskill_test(**{**simulated(np.random.default_rng(6)), **changed})


# ---- invariants


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_order_and_sign_do_not_matter(seed, chance):
    counts = {name: np.asarray(n) for name, n in simulated(np.random.default_rng(seed)).items()}
    first = macaskill_test(**counts)
    order = list(range(20))
    chance.shuffle(order)
    second = macaskill_test(**{name: n[order] for name, n in counts.items()})
    # Groups change places, or events and people without: the log odds ratios change their sign.
    swapped = dict(
        zip(counts, [*list(counts.values())[2:], *list(counts.values())[:2]], strict=True)
    )
    without = dict(counts)
    for group in ("treatment", "control"):
        total = counts[f"total_{group}"]
        without[f"events_{group}"] = total - counts[f"events_{group}"]
    for other, sign in (
        (second, 1),
        (macaskill_test(**swapped), -1),
        (macaskill_test(**without), -1),
    ):
        assert other.status == first.status
        assert sign * other.estimate == pytest.approx(first.estimate, rel=1e-8, abs=1e-15)
        assert other.p_value == pytest.approx(first.p_value, rel=1e-8)
