"""Percentages and the people they are of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.appraisal.integrity.honest import printed, ways

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import (
    counts_of_percentage,
    percentage_of,
    percentage_of_some,
)
from evidence.errors import InvalidArgumentError


def test_by_hand() -> None:
    # 26/43 = 60.47%, 37/43 = 86.05%; 35/41 = 85.37%, 36/41 = 87.80%.
    assert list(counts_of_percentage("60.5", 43)) == [26]
    assert list(counts_of_percentage("86.0", 43)) == [37]
    assert percentage_of("86.0", 43).sentence == "86.0% is 37 of 43."
    wrong = percentage_of("86.0", 41)
    assert wrong.status == CONTRADICTION
    assert "35 of 41 are 85.37% and 36 of 41 are 87.80%" in wrong.sentence
    assert percentage_of("86", 200).status == CANNOT_BE_TESTED
    assert list(counts_of_percentage("66.6", 3)) == [2]  # cut off
    assert list(counts_of_percentage("66.6", 3, cut_off=False)) == []


def test_a_count_beside_it() -> None:
    assert percentage_of("86.0", 43, 37).status == OK
    wrong = percentage_of("86.0", 43, 36)
    assert wrong.status == CONTRADICTION
    assert wrong.sentence.startswith("36 of 43 are 83.72%; 86.0% is printed.")


def test_of_whom_is_not_printed() -> None:
    found = percentage_of_some("86.0", {"those who finished": 41, "half of them": 43})
    assert found.status == OK
    assert found.sentence == (
        "86.0% can be 37 of 43 (half of them), and no count of 41 (those who finished)."
    )
    assert percentage_of_some("86.0", {"those who finished": 41}).status == CANNOT_BE_TESTED
    assert percentage_of_some("86", {"all": 400}).status == CANNOT_BE_TESTED
    assert percentage_of_some("86", {}).status == CANNOT_BE_TESTED


@pytest.mark.parametrize("percentage", ["101", "-1", "86%"])
def test_what_is_no_percentage_is_refused(percentage: str) -> None:
    with pytest.raises(InvalidArgumentError, match=percentage):
        percentage_of(percentage, 43)


def test_more_than_all_of_them_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="44"):
        percentage_of("86.0", 43, 44)


@given(st.integers(1, 500), st.data(), st.integers(0, 2), ways)
def test_honest_percentages_are_not_accused(
    n: int, data: st.DataObject, decimals: int, how: str
) -> None:
    count = data.draw(st.integers(0, n))
    told = printed(100 * count / n, decimals, how)
    assert count in counts_of_percentage(told, n)
    assert percentage_of(told, n).status != CONTRADICTION
    assert percentage_of(told, n, count).status == OK
