"""A borrowed correlation is visible: from whom, how it was chosen, what another would give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from evidence.effects.conversions.change_sds import (
    borrow_correlation,
    change_sd_from_borrowed_correlation,
)
from evidence.effects.measures.within_person import sd_of_difference
from evidence.errors import InvalidArgumentError

#: Handbook 6.5.2.8: baseline, final and change in the two arms of one trial.
HANDBOOK = {"sd_baseline": [6.4, 7.0], "sd_final": [7.1, 6.9], "sd_change": [4.5, 4.2]}
ARMS = ["intervention", "comparator"]


def test_the_handbook_example() -> None:
    lent = borrow_correlation(**HANDBOOK, labels=ARMS)
    assert_allclose(lent.correlations, [0.78, 0.82], atol=0.005)
    assert_allclose(lent.value, 0.80, atol=0.005)
    message = lent.cautions[0].message
    assert "0.80" in message
    assert "intervention (0.78) and comparator (0.82)" in message
    assert [caution.code for caution in lent.cautions] == ["correlation-borrowed"]


def test_an_imputed_sd_with_its_sensitivity() -> None:
    lent = borrow_correlation(**HANDBOOK, labels=ARMS)
    found = change_sd_from_borrowed_correlation(
        sd_baseline=[4.0, 5.0], sd_final=4.4, correlation=lent, labels=["A", "B"]
    )
    by_hand = math.sqrt(4.0**2 + 4.4**2 - 2 * lent.value * 4.0 * 4.4)
    assert_allclose(found.sd[0], by_hand, rtol=1e-14)
    ends = [
        sd_of_difference(sd_first=[4.0, 5.0], sd_second=4.4, correlation=r)
        for r in (lent.high, lent.low)
    ]
    assert_allclose((found.sd_low, found.sd_high), ends, rtol=1e-14)
    assert found.sensitivity().shape == (found.tried.size * 2, 3)
    assert "A: " in found.summary()
    assert "comparator (0.82)" in found.summary()
    assert list(found.to_frame()["label"]) == ["A", "B"]
    assert found.to_dict()["correlation"] == lent.value


def test_rules_of_choice() -> None:
    sds = {"sd_baseline": [1, 1, 1], "sd_final": [1, 1, 1], "sd_change": [0.5, 1.0, 1.2]}
    r = 1 - np.array([0.5, 1.0, 1.2]) ** 2 / 2
    by_rule = {
        rule: borrow_correlation(**sds, labels="abc", rule=rule)
        for rule in ("mean", "median", "lowest")
    }
    assert_allclose(by_rule["mean"].value, r.mean())
    assert_allclose(by_rule["median"].value, r[1])
    assert_allclose(by_rule["lowest"].value, r.min())
    weighted = borrow_correlation(**sds, labels="abc", n=[10, 20, 70])
    assert_allclose(weighted.value, r @ [0.1, 0.2, 0.7])
    assert weighted.rule == "mean weighted by people"
    assert list(weighted.to_frame()["n"]) == [10, 20, 70]


def test_a_low_correlation_is_a_caution() -> None:
    lent = borrow_correlation(sd_baseline=1, sd_final=1, sd_change=1.2, labels=["a"])
    assert [caution.code for caution in lent.cautions] == [
        "correlation-borrowed",
        "correlation-low",
    ]
    assert "below 0.5" in lent.summary()
    assert lent.to_dict()["rule"] == "mean"


def test_an_assumed_correlation_is_a_caution_too() -> None:
    found = change_sd_from_borrowed_correlation(sd_baseline=2, sd_final=2, correlation=0.9)
    assert found.cautions[0].code == "correlation-assumed"
    assert_allclose((found.tried.min(), found.tried.max()), (0.7, 1.0))
    assert_allclose(found.sd_low, 0, atol=1e-12)
    chosen = change_sd_from_borrowed_correlation(
        sd_baseline=2, sd_final=2, correlation=0.5, tried=(0.9, 0.1, 0.9)
    )
    assert_allclose(chosen.tried, [0.1, 0.9])


@given(st.floats(0.1, 50), st.floats(0.1, 50), st.floats(-0.99, 0.99))
def test_there_and_back(first: float, second: float, r: float) -> None:
    sd = sd_of_difference(sd_first=first, sd_second=second, correlation=r)
    lent = borrow_correlation(sd_baseline=first, sd_final=second, sd_change=sd, labels=["x"])
    assert_allclose(lent.value, r, atol=1e-9 * max(first / second, second / first))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: borrow_correlation(sd_baseline=1, sd_final=1, sd_change=5, labels=["a"]),
            "sd_difference of study 1 is 5",
        ),
        (lambda: borrow_correlation(**HANDBOOK, labels=["a"]), "labels has 1 names for 2"),
        (lambda: borrow_correlation(**HANDBOOK, labels=ARMS, rule="max"), "rule is 'max'"),
        (lambda: borrow_correlation(**HANDBOOK, labels=ARMS, n=[1, 5]), "n must be at least 2"),
        (
            lambda: change_sd_from_borrowed_correlation(sd_baseline=1, sd_final=1, correlation=2),
            "correlation must lie between -1 and 1",
        ),
        (
            lambda: change_sd_from_borrowed_correlation(
                sd_baseline=1, sd_final=1, correlation=0.5, tried=[0.5, 1.5]
            ),
            "tried must lie between -1 and 1",
        ),
        (
            lambda: change_sd_from_borrowed_correlation(
                sd_baseline=-1, sd_final=1, correlation=0.5
            ),
            "sd_first must be at least 0",
        ),
    ],
)
def test_refusals(call: object, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()
