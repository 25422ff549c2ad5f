"""Times that claims name, and times that studies used."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial

import pytest
from tests.data.small import set_cells

from evidence.appraisal.dose.timing import appraise_timing, read_minutes
from evidence.data import Review

Changed = Callable[..., Review]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("take it one to two hours before bedtime", (60, 120)), ("about 1-2 hours before", (60, 120)),
     ("30 to 60 minutes before bedtime", (30, 60)), ("two hours before", (120, 120)),
     ("1.5\N{EN DASH}2 h before", (90, 120)), ("in the evening", (math.nan, math.nan)),
     ("hours before", (math.nan, math.nan)), ("someone to one hour", (60, 60))],
)  # fmt: skip
def test_times_are_read_from_words(text: str, minutes: tuple[float, float]) -> None:
    assert read_minutes(text) == pytest.approx(minutes, nan_ok=True)


def test_the_claimed_hours_share_one_end_with_what_was_tried(review: Review) -> None:
    timing = appraise_timing(review)
    assert set(timing.claims["claim_id"]) == {"a24", "b02"}
    assert set(timing.claims["low"]) == {60}
    schedule = timing.timed.set_index("study_id").loc["schuster2025"]
    assert (schedule["low"], schedule["high"]) == (30, 60)
    text = timing.summary()
    assert "shares one end with" in text
    assert "compares two times of taking" in text
    assert timing.compared == ()
    json.dumps(timing.to_dict(), allow_nan=False)
    assert ">nan<" not in timing._repr_html_()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [("10", "20", "earlier than"), ("150", "200", "later than"), ("60", "120", "within"),
     ("30", "90", "overlaps"), ("10", "60", "shares one end")],
)  # fmt: skip
def test_where_a_claim_lies(changed: Changed, low: str, high: str, words: str) -> None:
    change = (
        partial(set_cells, table="claims", line=2, kind="timing", quote="one to two hours before"),
        partial(set_cells, table="study_facts", line=2, item="schedule", value="timed", number="",
                low=low, high=high, unit="minutes before napping"),
    )  # fmt: skip
    assert words in appraise_timing(changed(*change)).summary()


def test_a_trial_of_two_times_would_be_told(changed: Changed) -> None:
    change = partial(set_cells, table="studies", line=2, comparator="the same tea in the morning")
    timing = appraise_timing(changed(change))
    assert timing.compared == ("Alpha 2020",)
    assert "is what Alpha 2020 compared with" in timing.summary()


def test_without_any_time_nothing_is_claimed(changed: Changed) -> None:
    timing = appraise_timing(changed())
    assert timing.schedules.empty
    assert timing.summary().startswith("When it was taken is told of no studies")
