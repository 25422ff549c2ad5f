"""Counts of events in two groups and their p value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import barnard_exact, chi2_contingency, fisher_exact
from tests.appraisal.integrity.honest import printed, ways

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import counts_against_p
from evidence.errors import InvalidArgumentError


def test_by_hand() -> None:
    # 2 of 77 against 7 of 78: chi-squared 0.0905, with Yates's correction 0.175, Fisher's 0.167.
    for p in ("0.09", "0.17", "0.18"):
        assert counts_against_p((2, 7), (77, 78), p).status == OK
    assert counts_against_p((2, 7), (77, 78), "0.009").status == CONTRADICTION
    assert counts_against_p((2, 7), (77, 78), "0.05", relation="<").status == OK  # one-sided
    assert counts_against_p((2, 17), (77, 78), "0.05", relation=">").status == CONTRADICTION
    assert counts_against_p((0, 0), (77, 78), "0.05").status == CANNOT_BE_TESTED


def test_more_events_than_people_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="80"):
        counts_against_p((80, 7), (77, 78), "0.05")


@given(st.integers(2, 80), st.integers(2, 80), st.data(), st.integers(2, 3), ways)
def test_honest_counts_are_not_accused(
    n1: int, n2: int, data: st.DataObject, decimals: int, how: str
) -> None:
    a, c = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    assume(0 < a + c < n1 + n2)
    table = np.array([[a, n1 - a], [c, n2 - c]])
    tests = [
        chi2_contingency(table, correction=False).pvalue,
        chi2_contingency(table, correction=True).pvalue,
        chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue,
        fisher_exact(table).pvalue,
        fisher_exact(table, alternative="greater").pvalue,
        fisher_exact(table, alternative="less").pvalue,
    ]
    for p in tests:
        found = counts_against_p((a, c), (n1, n2), printed(float(min(p, 1)), decimals, how))
        assert found.status != CONTRADICTION, found.sentence


def test_barnards_test_lies_between_the_others() -> None:
    for a, n1, c, n2 in ((2, 12, 7, 11), (1, 8, 6, 9), (3, 20, 9, 18)):
        p = barnard_exact(np.array([[a, n1 - a], [c, n2 - c]])).pvalue
        assert counts_against_p((a, c), (n1, n2), f"{p:.3f}").status == OK
