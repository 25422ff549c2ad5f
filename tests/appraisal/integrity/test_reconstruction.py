"""Scores behind a mean and an SD: each set counted, by listing them all."""

from __future__ import annotations

import itertools
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import Scores, grimmer, reconstruct
from evidence.appraisal.integrity.granularity import fitting_squares, possible_sums
from evidence.appraisal.integrity.printed import as_reported, span
from evidence.errors import InvalidArgumentError

FIVE = Scores(minimum=1, maximum=5)


def listed(mean: str, sd: str, n: int) -> int:
    """Count by listing: every multiset whose mean and SD the printed ones allow."""
    lows, highs = zip(span(as_reported("", mean)), span(as_reported("", sd)), strict=True)
    found = 0
    for data in itertools.combinations_with_replacement(range(1, 6), n):
        if not lows[0] - 1e-12 <= statistics.fmean(data) <= highs[0] + 1e-12:
            continue
        sds = statistics.stdev(data), statistics.pstdev(data)
        found += any(lows[1] - 1e-12 <= value <= highs[1] + 1e-12 for value in sds)
    return found


@pytest.mark.parametrize(
    ("mean", "sd", "n"),
    [
        ("3.00", "1.41", 5),
        ("2.4", "0.9", 7),
        ("3.40", "1.14", 10),
        ("4.25", "0.71", 8),
        ("3.40", "1.20", 10),
        ("1.00", "0.00", 6),
    ],
)
def test_the_count_is_that_of_a_list(mean: str, sd: str, n: int) -> None:
    found = reconstruct(mean, sd, n, FIVE)
    assert found.count == listed(mean, sd, n)
    assert found.status == (OK if found.count else CONTRADICTION)
    assert bool(found.data) == bool(found.count)


def test_by_hand() -> None:
    # Four scores from 1 to 5 with a mean of 3 and an SD of 2.31 = √(16/3): 1, 1, 5 and 5.
    found = reconstruct("3.00", "2.31", 4, FIVE)
    assert found.data == (1.0, 1.0, 5.0, 5.0)
    assert found.count == 1
    assert found.summary().endswith("2 at 1 and 2 at 5. It is the only one.")
    assert found.check().status == OK


def test_what_does_not_exist() -> None:
    found = reconstruct("3.00", "2.20", 4, FIVE)
    assert found.count == 0
    assert found.check().status == CONTRADICTION
    assert "cannot all be right as printed" in found.summary()


def test_a_larger_trial_is_found_and_not_counted() -> None:
    scale = Scores(minimum=0, maximum=28)
    found = reconstruct("14.23", "4.71", 61, scale)
    assert found.count is None
    assert len(found.data) == 61
    assert round(statistics.fmean(found.data), 2) == 14.23
    assert round(statistics.stdev(found.data), 2) == 4.71 or (
        round(statistics.pstdev(found.data), 2) == 4.71
    )
    assert found == reconstruct("14.23", "4.71", 61, scale)
    assert "not counted" in found.summary()


def test_a_scale_without_ends_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="minimum"):
        reconstruct("3.00", "1.00", 5, Scores())


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 28), min_size=2, max_size=45))
def test_honest_scores_are_found(data: list[int]) -> None:
    scale = Scores(minimum=0, maximum=28)
    mean, sd = f"{statistics.fmean(data):.2f}", f"{statistics.stdev(data):.2f}"
    found = reconstruct(mean, sd, len(data), scale)
    assert found.status != CONTRADICTION
    if found.data:
        total, n = round(sum(found.data)), len(data)
        assert total in possible_sums(*span(as_reported("", mean)), n, scale)
        lows = tuple(max(end, 0) ** 2 for end in span(as_reported("", sd)))
        squares = round(sum(x * x for x in found.data))
        assert squares in set(fitting_squares(total, n, lows, scale))


@settings(deadline=None, max_examples=100)
@given(
    st.integers(2, 8),
    st.integers(100, 500),
    st.integers(0, 230),
)
def test_what_is_refused_as_a_pair_has_no_scores(n: int, mean: int, sd: int) -> None:
    texts = f"{mean / 100:.2f}", f"{sd / 100:.2f}"
    pair = grimmer(*texts, n, FIVE)
    found = reconstruct(*texts, n, FIVE)
    if pair.status == CONTRADICTION:
        assert found.count == 0
    if found.data:
        assert pair.status != CONTRADICTION
    assert found.status != CANNOT_BE_TESTED
