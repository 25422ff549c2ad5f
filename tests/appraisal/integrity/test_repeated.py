"""Means and SDs that are printed twice."""

from __future__ import annotations

import numpy as np
import pytest

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import PrintedSummary, chance_of_match, repeated_summaries
from evidence.data import ReportedNumber


def summary(mean: str, sd: str, people: str = "tea", n: int = 40, what: str = "") -> PrintedSummary:
    what = what or f"naps, {people}"
    return PrintedSummary(what, people, ReportedNumber(mean), ReportedNumber(sd), n)


def test_a_copied_pair_is_told() -> None:
    found = repeated_summaries(
        [
            summary("31.47", "6.82", what="naps at week 4"),
            summary("30.11", "6.90", "water"),
            summary("31.47", "6.82", "water", what="naps at week 8"),
        ]
    )
    assert found.status == CONTRADICTION
    assert "naps at week 4 and naps at week 8 (31.47, SD 6.82)" in found.sentence
    assert "was one of them copied?" in found.sentence


def test_few_digits_match_by_chance() -> None:
    found = repeated_summaries([summary("31", "7"), summary("31", "7", "water")])
    assert found.status == OK
    assert "chance explains it" in found.sentence


def test_different_people_and_numbers() -> None:
    assert repeated_summaries([summary("31.47", "6.82")]).status == CANNOT_BE_TESTED
    found = repeated_summaries([summary("31.47", "6.82"), summary("31.48", "6.82", "water")])
    assert found.status == OK
    # An SD of 0 is no measure of chance.
    still = [summary("0.00", "0.00"), summary("0.00", "0.00", "water")]
    assert repeated_summaries(still).status == OK


def test_the_chance_is_that_of_a_simulation() -> None:
    # Forty and forty with an SD of 2, both printed to one decimal.
    rng = np.random.default_rng(5)
    x, y = rng.normal(10, 2, (2, 40_000, 40))
    same = (x.mean(1).round(1) == y.mean(1).round(1)) & (
        x.std(1, ddof=1).round(1) == y.std(1, ddof=1).round(1)
    )
    two = summary("10.0", "2.0"), summary("10.0", "2.0", "water")
    assert same.mean() == pytest.approx(chance_of_match(*two), rel=0.1)
    # The same people twice, with a correlation of 0.9.
    z = 0.9 * (x - 10) + np.sqrt(1 - 0.81) * (y - 10) + 10
    same = (x.mean(1).round(1) == z.mean(1).round(1)) & (
        x.std(1, ddof=1).round(1) == z.std(1, ddof=1).round(1)
    )
    assert same.mean() < 1.2 * chance_of_match(two[0], two[0])
