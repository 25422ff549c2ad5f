"""Pooling as studies are added: orders, edges, words, refusals."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.errors import InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.cumulative import cumulate
from evidence.synthesis.tau2 import TAU2_METHODS

NUMBERS = ("estimate", "standard_error", "ci_low", "ci_high", "p_value", "tau2", "q")
FOUR = pool([0.2, 0.9, 1.1, 3.0], [0.05, 0.1, 0.02, 0.4], labels=[*"abcd"])


@pytest.mark.parametrize("tau2_method", [*TAU2_METHODS, 0.2])
@pytest.mark.parametrize("ci_method", ["Wald", "HKSJ-adhoc"])
def test_each_step_is_what_pool_gives(tau2_method, ci_method) -> None:
    chosen = {"tau2_method": tau2_method, "ci_method": ci_method, "level": 0.9}
    trials = log_risk_ratios()
    found = cumulate(pool(trials, labels=LABELS, **chosen))
    assert found.added == LABELS
    for step in range(len(LABELS)):
        single = pool(trials.estimate[: step + 1], trials.variance[: step + 1], **chosen)
        assert found.steps.k[step] == step + 1
        for name in NUMBERS:
            assert_allclose(
                getattr(found.steps, name)[step], getattr(single, name), rtol=1e-9, atol=1e-12
            )


@settings(max_examples=30, deadline=None)
@given(syntheses())
def test_the_last_step_is_the_result_in_any_order(studies) -> None:
    result = pool(*studies)
    for by in (None, "precision", np.arange(result.k)[::-1]):
        last = cumulate(result, by=by).steps
        for name in ("estimate", "ci_low", "ci_high", "tau2", "q"):
            assert_allclose(getattr(last, name)[-1], getattr(result, name), rtol=1e-6, atol=1e-9)
        assert np.isnan(last.tau2[0])


@pytest.mark.parametrize(
    ("by", "descending", "added"),
    [
        (None, False, "abcd"),
        ([4, 3, 2, 1], False, "dcba"),
        ([4, 3, 2, 1], True, "abcd"),
        ([2, 1, 2, 1], False, "bdac"),
        ([2, 1, 2, 1], True, "acbd"),
        ((True, False, False, False), False, "bcda"),
        ("precision", False, "cabd"),
        ("precision", True, "dbac"),
        (["c", "a", "d", "b"], False, "cadb"),
        (pd.Series([3.5, 2, 1, 4]), False, "cbad"),
        ({"a": 3, "b": 9, "c": 1, "d": 2, "e": 0}, False, "cdab"),
        (pd.to_datetime(["2003", "2001", "2002", "2000"]), False, "dbca"),
        ([dt.date(2000 + each, 5, 1) for each in (3, 1, 2, 0)], False, "dbca"),
        (pd.to_datetime(["2003", "2001", "2002", "2000"]).tz_localize("UTC"), True, "acbd"),
    ],
)
def test_orders(by, descending, added) -> None:
    found = cumulate(FOUR, by=by, descending=descending)
    assert "".join(found.added) == added
    assert list(found.to_frame()["label"]) == [*added]
    first = "abcd".index(added[0])
    assert_allclose(found.steps.estimate[0], FOUR.effects[first])
    assert_allclose(found.steps.standard_error[0] ** 2, FOUR.variances[first])


def test_ties_and_looks_are_said() -> None:
    found = cumulate(FOUR, by=[2, 1, 2, 1])
    assert [caution.code for caution in found.cautions] == ["repeated-looks", "ties"]
    assert "equal values stand in the order of the result: b, d, a and c" in found.summary()
    assert [caution.code for caution in cumulate(FOUR).cautions] == ["repeated-looks"]
    assert list(found.to_frame()["by"]) == [1, 1, 2, 2]


def test_from_when_on_zero_is_excluded() -> None:
    wald = {"ci_method": "Wald", "model": "common"}
    settled = cumulate(pool([0.1, 1.0, 1.0, 1.0], [0.1] * 4, labels=[*"abcd"], **wald))
    assert settled.excludes_zero_from == 3 - 1
    assert "From two studies on (with b) every interval excludes 0." in settled.summary()
    last = cumulate(pool([0.1, 0.1, 3.0], [0.1, 0.1, 0.1], labels=[*"abc"], **wald))
    assert last.excludes_zero_from == 3
    assert "Only the last study, c, makes the interval exclude 0." in last.summary()
    assert cumulate(pool([1.0, 1.0], [0.01] * 2, **wald)).excludes_zero_from == 1
    never = cumulate(pool([1.0, -1.0], [0.01] * 2, **wald))
    assert never.excludes_zero_from is None
    assert "With all studies the interval contains 0." in never.summary()


def test_how_it_reads() -> None:
    found = cumulate(FOUR, by=[2004, 2001, 2003, 2002])
    words = found.summary()
    assert words.startswith("Cumulative pooling of four studies by value, the smallest first")
    assert "first, b alone: estimate 0.90 (95% CI 0.28 to 1.52)" in words
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["steps"][0]["by"] == 2001
    assert "<td" in found._repr_html_()


def test_dates_become_text_in_plain_values() -> None:
    dates = pd.to_datetime(["2003-02-01", "2001-01-01", "2002-01-01", "2000-01-01"])
    plain = json.loads(json.dumps(cumulate(FOUR, by=dates).to_dict()))
    assert plain["steps"][3]["by"].startswith("2003-02-01")


def test_where_all_values_agree_or_there_are_two_studies() -> None:
    found = cumulate(pool([0.3, 0.3], [0.1, 0.1], ci_method="HKSJ"))
    assert_allclose(found.steps.estimate, 0.3)
    assert found.steps.standard_error[1] == 0
    assert found.steps.p_value[1] == 0


REFUSALS = {
    "by is 'years'; it is 'precision'": {"by": "years"},
    "by has three values for the result's four studies": {"by": [1, 2, 3]},
    "it is not for b": {"by": [1, np.nan, 2, 3]},
    "it is not for a and c": {"by": [np.inf, 1, None, 3]},
    "it is not for d": {"by": pd.to_datetime(["2001", "2002", "2003", None])},
    "it is not for c.": {"by": pd.Series([1, 2, pd.NA, 4], dtype="Int64")},
    "for d.": {"by": [dt.date(2000, 1, 1), dt.date(2001, 1, 1), dt.date(2002, 1, 1), None]},
    "it is not for a, b, c and d": {"by": [None] * 4},
    "have to be numbers or dates": {"by": ["2001", "2002", "2003", "2004"]},
    "by must hold one number or date a": {"by": {"a": 1, "b": "x", "c": 2, "d": 3}},
    "by must hold one number or date a study,": {"by": [dt.date(2000, 1, 1), 2, 3, 4]},
    "all labels in order, or be 'precision'": {"by": 5},
    "by has no value for b and d": {"by": {"a": 1, "c": 2}},
    "by names 'x', which is no study of the result.": {"by": ["a", "b", "c", "x"]},
    "by must name each study once; found d missing": {"by": ["a", "b", "c", "c"]},
    "by must name each study once; found a label given twice": {"by": [*"abcdd"]},
    "by must hold one number or date a study": {"by": [1, "a", 2, 3]},
    "by must hold one number or date": {"by": [[1, 2], [3, 4]]},
    "by must hold one number or": {"by": [[1, 2], [3]]},
    "descending is for values": {"by": ["d", "c", "b", "a"], "descending": True},
    "descending is for values; turn": {"descending": True},
    "by has no values for the": {"by": []},
}


@pytest.mark.parametrize("words", REFUSALS)
def test_what_is_refused(words: str) -> None:
    with pytest.raises(InvalidArgumentError) as refusal:
        cumulate(FOUR, **REFUSALS[words])
    assert words in str(refusal.value)


def test_labels_that_several_studies_share_order_nothing() -> None:
    result = pool([0.1, 0.2, 0.3], [0.1] * 3, labels=["a", "a", "b"])
    for by in (["a", "a", "b"], {"a": 1, "b": 2}):
        with pytest.raises(InvalidArgumentError, match="have one label"):
            cumulate(result, by=by)
    assert cumulate(result, by=[3, 2, 1]).added == ("b", "a", "a")
