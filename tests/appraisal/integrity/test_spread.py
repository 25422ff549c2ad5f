"""SD, standard error, interval and range of one mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as t_distribution
from tests.appraisal.integrity.honest import means, people, printed, spreads, ways

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import sd_against_range, sd_against_se, spread_against_interval
from evidence.errors import EvidenceError


def test_by_hand() -> None:
    # 5.0 / √40 = 0.79; (5.05 / 0.785)² = 41.4 and (4.95 / 0.81)² = 37.3 people, cut off as well.
    assert sd_against_se("5.0", "0.79", 40).status == OK
    assert sd_against_se("5.0", "0.80", 39).status == OK
    wrong = sd_against_se("5.0", "1.20", 40)
    assert wrong.status == CONTRADICTION
    assert "40 people are printed" in wrong.sentence
    # Swapped, or one typed for the other.
    assert sd_against_se("0.79", "0.79", 40).status == CONTRADICTION
    # Of 40 randomised, 30 may be behind the mean: 5.0 / √30 = 0.91.
    assert sd_against_se("5.0", "0.88", 40).status == CONTRADICTION
    assert sd_against_se("5.0", "0.88", 40, fewest=30).status == OK
    assert sd_against_se("5.0", "0.0", 40).status == CANNOT_BE_TESTED


def test_an_interval_by_hand() -> None:
    # SD 4 in eight people: 4/√8 = 1.414; by t 2.3646 * 1.414 = 3.344, by z 2.772.
    for ends in (("6.656", "13.344"), ("7.228", "12.772")):
        found = spread_against_interval(ends, 8, sd="4.000", mean="10.000")
        assert found.status == OK, found.sentence
    assert spread_against_interval(("6.656", "13.344"), 8, se="1.414").status == OK
    # An SD that is a standard error makes an interval that is too narrow.
    wrong = spread_against_interval(("6.656", "13.344"), 8, sd="1.414", mean="10.000")
    assert wrong.status == CONTRADICTION
    assert wrong.sentence.startswith("An SD of 1.414 in 8 people")
    # Not centred: made in another way, so nothing is said.
    odd = spread_against_interval(("6.656", "14.344"), 8, sd="4.000", mean="10.000")
    assert odd.status == CANNOT_BE_TESTED
    # 90%: 1.8946 * 1.414 = 2.679.
    ends = ("7.321", "12.679")
    assert spread_against_interval(ends, 8, sd="4.000", level=0.9).status == OK
    assert spread_against_interval(ends, 8, sd="4.000").status == CONTRADICTION


def test_a_range_by_hand() -> None:
    assert sd_against_range("1.5", "1", "5", 20, "3.0").status == OK
    assert sd_against_range("9.0", "1", "5", 20, "3.0").status == CONTRADICTION
    # Twenty values of which one is 1 and one is 21: SD at least 20 / √38 = 3.24.
    assert sd_against_range("2.5", "1", "21", 20).status == CONTRADICTION
    assert sd_against_range("3.3", "1", "21", 20).status == OK


@pytest.mark.parametrize("call", [
    lambda: sd_against_se(5.0, "0.8", 40),
    lambda: sd_against_se("5.0", "0.8", 1),
    lambda: spread_against_interval(("1", "2"), 8),
    lambda: spread_against_interval(("1", "2"), 8, sd="1", se="1"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(call) -> None:
    with pytest.raises(EvidenceError):
        call()


@given(means, spreads, people, st.integers(0, 3), ways, st.booleans(), st.booleans())
def test_honest_summaries_are_not_accused(
    mean: float, sd: float, n: int, decimals: int, how: str, of_t: bool, over_n: bool
) -> None:
    error = sd / math.sqrt(n)
    reach = (t_distribution.ppf(0.975, n - 1) if of_t else norm.ppf(0.975)) * error
    told = sd * math.sqrt((n - 1) / n) if over_n else sd
    texts = [printed(x, decimals, how) for x in (mean, told, error, mean - reach, mean + reach)]
    assert sd_against_se(texts[1], texts[2], n).status != CONTRADICTION
    ends = texts[3], texts[4]
    assert spread_against_interval(ends, n, sd=texts[1], mean=texts[0]).status != CONTRADICTION
    assert spread_against_interval(ends, n, se=texts[2], mean=texts[0]).status != CONTRADICTION


@given(st.lists(st.floats(-20, 20), min_size=3, max_size=60), st.integers(0, 2), ways)
def test_honest_ranges_are_not_accused(data: list[float], decimals: int, how: str) -> None:
    values = np.array(data)
    assume(values.std() > 0)
    for ddof in (0, 1):
        texts = [
            printed(x, decimals, how)
            for x in (values.std(ddof=ddof), values.min(), values.max(), values.mean())
        ]
        found = sd_against_range(*texts[:3], len(data), texts[3])
        assert found.status == OK, found.sentence
