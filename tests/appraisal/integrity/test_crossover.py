"""The correlation within people that a crossover's reports need."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import t as t_distribution
from tests.appraisal.integrity.honest import printed, ways

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import correlation_needed, crossover_against_p


def test_by_hand() -> None:
    # t(11) at p = 0.05 is 2.201; 6.4 * √12 / 2.201 = 10.07 is the SD of the differences, and
    # (20.4² + 15.4² - 10.07²) / (2 * 20.4 * 15.4) = 0.878.
    assert correlation_needed(6.4, (20.4, 15.4), 12, 0.05) == pytest.approx(0.878, abs=0.0005)
    found = crossover_against_p(("16.5", "10.1"), ("20.4", "15.4"), 12, "0.05", relation="<=")
    assert found.status == OK
    assert "by at least 0.88" in found.sentence


def test_more_than_1_is_impossible() -> None:
    wrong = crossover_against_p(("16.5", "10.1"), ("20.4", "10.4"), 12, "0.001", relation="<")
    assert wrong.status == CONTRADICTION
    assert "above 1" in wrong.sentence
    # As far apart as no correlation allows for so large a p value.
    wrong = crossover_against_p(("16.5", "-10.1"), ("2.4", "1.4"), 12, "0.5", relation=">")
    assert wrong.status == CONTRADICTION
    assert "below \N{MINUS SIGN}1" in wrong.sentence


def test_what_cannot_be_asked() -> None:
    still = crossover_against_p(("16.5", "10.1"), ("0.0", "0.0"), 12, "0.05")
    assert still.status == CANNOT_BE_TESTED
    open_end = crossover_against_p(("16.5", "10.1"), ("2.0", "2.0"), 12, "1.0", relation="<")
    assert open_end.status == CANNOT_BE_TESTED


@given(
    st.floats(-10, 10),
    st.floats(1, 20),
    st.floats(1, 20),
    st.floats(-0.95, 0.99),
    st.integers(4, 60),
    st.integers(0, 2),
    ways,
)
def test_honest_crossovers_are_not_accused(
    gap: float, first: float, second: float, r: float, n: int, decimals: int, how: str
) -> None:
    error = math.sqrt((first**2 + second**2 - 2 * r * first * second) / n)
    p = 2 * t_distribution.sf(abs(gap) / error, n - 1)
    told = printed(p, 3, how)
    assume(0 < float(told) < 1)
    means = printed(20 + gap, decimals, how), printed(20, decimals, how)
    sds = printed(first, decimals, how), printed(second, decimals, how)
    for relation in ("=", "<" if p < float(told) else ">"):
        found = crossover_against_p(means, sds, n, told, relation=relation)
        assert found.status != CONTRADICTION, found.sentence
