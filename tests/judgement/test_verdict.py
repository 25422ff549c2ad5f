"""A verdict by rule: every branch of size and direction, at its boundaries."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import InvalidArgumentError, UnknownNameError
from evidence.judgement import Verdict, judge
from evidence.judgement.verdict import LARGE_FACTOR

JUST_BELOW = math.nextafter(0.5, 0)
TWICE_LESS = math.nextafter(1.0, 0)


def verdict(benefit: float, **more: object) -> Verdict:
    given = {
        "benefit": benefit,
        "benefit_low": benefit - 0.1,
        "benefit_high": benefit + 0.1,
        "threshold": 0.5,
        "certainty": "moderate",
        "treatment": "tea",
        "outcome": "naps",
        **more,
    }
    return judge(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("benefit", "threshold", "size", "direction"),
    [
        (0.0, 0.5, "trivial", "benefit"),
        (0.3, 0.5, "trivial", "benefit"),
        (-0.3, 0.5, "trivial", "harm"),
        (JUST_BELOW, 0.5, "trivial", "benefit"),
        (0.5, 0.5, "important", "benefit"),
        (-0.5, 0.5, "important", "harm"),
        (TWICE_LESS, 0.5, "important", "benefit"),
        (1.0, 0.5, "large", "benefit"),
        (-1.0, 0.5, "large", "harm"),
        (7.0, 0.5, "large", "benefit"),
        (7.0, None, "unknown", "benefit"),
        (-7.0, None, "unknown", "harm"),
        # No difference at all is small on every scale.
        (0.0, None, "trivial", "benefit"),
    ],
)
def test_size_and_direction(
    benefit: float, threshold: float | None, size: str, direction: str
) -> None:
    found = verdict(benefit, threshold=threshold)
    assert (found.size, found.direction) == (size, direction)


@pytest.mark.parametrize(
    ("low", "high", "excludes"),
    [(0.1, 0.9, True), (-0.9, -0.1, True), (0.0, 0.9, False), (-0.9, 0.0, False), (-1, 1, False)],
)
def test_whether_no_effect_is_excluded(low: float, high: float, excludes: bool) -> None:
    found = verdict((low + high) / 2, benefit_low=low, benefit_high=high, certainty="very low")
    assert found.excludes_no_effect is excludes
    assert ("uncertain about the effect" in found.sentence()) is not excludes


@given(st.floats(-10, 10), st.floats(0.01, 10), st.sampled_from(["high", "moderate", "low"]))
def test_harm_is_judged_as_strictly_as_benefit(
    benefit: float, threshold: float, certainty: str
) -> None:
    there = verdict(benefit, threshold=threshold, certainty=certainty)
    back = verdict(-benefit, threshold=threshold, certainty=certainty)
    assert there.size == back.size
    if benefit:
        assert {there.direction, back.direction} == {"benefit", "harm"}
    assert there.excludes_no_effect == back.excludes_no_effect


@pytest.mark.parametrize(
    ("low", "benefit", "high"),
    [(0.2, 0.1, 0.3), (0.0, 0.4, 0.3), (0.0, math.nan, 1.0), (math.nan, 0.5, 1.0), (1.0, 0.5, 0.0)],
)
def test_an_interval_holds_its_estimate(low: float, benefit: float, high: float) -> None:
    with pytest.raises(InvalidArgumentError, match="does not hold"):
        verdict(benefit, benefit_low=low, benefit_high=high)


def test_an_interval_may_end_at_its_estimate() -> None:
    assert verdict(0.3, benefit_low=0.3, benefit_high=0.4).size == "trivial"
    assert verdict(0.3, benefit_low=0.2, benefit_high=0.3).size == "trivial"


@pytest.mark.parametrize("threshold", [0.0, -0.5, math.nan])
def test_a_threshold_is_above_0(threshold: float) -> None:
    with pytest.raises(InvalidArgumentError, match="must be above 0"):
        verdict(0.3, threshold=threshold)


def test_unknown_words_are_refused_at_once() -> None:
    with pytest.raises(UnknownNameError, match="certainty 'hihg'"):
        verdict(0.3, certainty="hihg")
    with pytest.raises(UnknownNameError, match="counted 'events'"):
        verdict(0.3, counted="events")


def test_the_rule_is_told_with_its_numbers() -> None:
    assert LARGE_FACTOR == 2
    assert verdict(0.3).rule == "trivial below 0.5, important from there, large from 1"
    assert verdict(0.3, threshold=None).rule == ("no threshold is known, so the size is not judged")
    assert verdict(0.6).summary() == (
        "Tea probably improves naps. (Rule: trivial below 0.5, important from there, large from 1; "
        "certainty: moderate.)"
    )


def test_events_have_their_own_words() -> None:
    assert verdict(0.6, counted="unwanted events").sentence() == "Tea probably reduces naps."
    assert verdict(0.6, counted="wanted events").sentence() == "Tea probably increases naps."
    assert verdict(0.6).clause() == "tea probably improves naps"


def test_a_verdict_as_values_keeps_every_input() -> None:
    found = verdict(0.6)
    values = found.to_dict()
    assert (values["benefit"], values["threshold"], values["certainty"]) == (0.6, 0.5, "moderate")
    assert (values["benefit_low"], values["benefit_high"]) == (0.5, 0.7)
    assert values["sentence"] == found.sentence()
    assert found.to_frame().iloc[0].to_dict() == values
