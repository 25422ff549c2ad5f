"""A verdict by rule: every branch of size and direction, at its boundaries."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.data import Threshold
from evidence.errors import InvalidArgumentError, UnknownNameError
from evidence.judgement import Verdict, Yardstick, judge
from evidence.judgement.rules import RULES, TRIVIAL_SHARE, rule_table
from evidence.judgement.verdict import LARGE_FACTOR

HALF_LESS = math.nextafter(0.25, 0)
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
        (0.2, 0.5, "trivial", "benefit"),
        (-0.2, 0.5, "trivial", "harm"),
        (HALF_LESS, 0.5, "trivial", "benefit"),
        (0.25, 0.5, "below what matters", "benefit"),
        (-0.25, 0.5, "below what matters", "harm"),
        (JUST_BELOW, 0.5, "below what matters", "benefit"),
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
    assert verdict(0.3, benefit_low=0.3, benefit_high=0.4).size == "below what matters"
    assert verdict(0.3, benefit_low=0.2, benefit_high=0.3).size == "below what matters"


@pytest.mark.parametrize("threshold", [0.0, -0.5, math.nan, math.inf])
def test_a_threshold_is_above_0(threshold: float) -> None:
    with pytest.raises(InvalidArgumentError, match="must be above 0"):
        verdict(0.3, threshold=threshold)


def test_unknown_words_are_refused_at_once() -> None:
    with pytest.raises(UnknownNameError, match="certainty 'hihg'"):
        verdict(0.3, certainty="hihg")
    with pytest.raises(UnknownNameError, match="counted 'events'"):
        verdict(0.3, counted="events")


def test_the_rule_is_told_with_its_numbers() -> None:
    assert (TRIVIAL_SHARE, LARGE_FACTOR) == (0.5, 2)
    assert verdict(0.3).rule == (
        "trivial short of 0.25, below what matters short of 0.5, large enough to matter from 0.5 "
        "on, large from 1 on"
    )
    assert verdict(0.3, threshold=None).rule == ("no threshold is known, so the size is not judged")
    assert verdict(0.6).summary() == (
        "Tea probably improves naps. (Rule: trivial short of 0.25, below what matters short of "
        "0.5, large enough to matter from 0.5 on, large from 1 on; certainty: moderate.)\n"
        "What was found is large enough to matter, held against 0.5. Everything within its "
        "uncertainty is a benefit that matters."
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
    assert values["rules"] == ["matters", "better", "one", "moderate"]
    assert not values["depends_on_threshold"]
    assert found.inputs == {
        "benefit": 0.6,
        "benefit_low": 0.5,
        "benefit_high": 0.7,
        "thresholds": [{"value": 0.5, "label": "", "source": "", "id": ""}],
        "certainty": "moderate",
        "treatment": "tea",
        "outcome": "naps",
        "counted": "value",
    }
    row = found.to_frame().iloc[0]
    assert (row["threshold"], row["size"], row["rule"]) == (0.5, "important", "matters")
    assert len(verdict(0.6, threshold=None).to_frame()) == 1
    assert "tea probably" in found._repr_html_().lower()


# ---------------------------------------------------------------- several thresholds


@pytest.mark.parametrize(
    ("benefit", "thresholds", "size", "depends", "rule", "words"),
    [
        (0.1, (0.5, 0.8), "trivial", False, "agree", "is trivial, whichever threshold one takes"),
        (0.3, (0.5, 0.8), "below what matters", False, "other-word", "is smaller than what matte"),
        (0.6, (0.5, 0.8), "important", True, "depends", "it does by 0.5, and not by 0.8."),
        (-0.6, (0.8, 0.5), "important", True, "depends", "it does by 0.5, and not by 0.8."),
        (0.6, (0.4, 0.5, 0.9), "important", True, "depends", "by 0.4 and 0.5, and not by 0.9."),
        (1.1, (0.5, 0.8), "large", False, "other-word", "matters, whichever threshold one takes"),
        (9.0, (0.5, 0.8), "large", False, "agree", "is large, whichever threshold one takes (0.5"),
        (0.0, (0.5, 0.8), "trivial", False, "agree", "No difference was found"),
        # The same value twice is one threshold.
        (0.6, (0.5, 0.5), "important", False, "one", "held against 0.5."),
        (0.6, (), "unknown", False, "none-known", "its size is not judged."),
        (0.6, 0.5, "important", False, "one", "held against 0.5."),
    ],
)
def test_several_thresholds(
    benefit: float, thresholds: object, size: str, depends: bool, rule: str, words: str
) -> None:
    found = verdict(benefit, threshold=thresholds)
    assert (found.size, found.depends) == (size, depends)
    assert found.rules[2].id == rule
    assert words in found.size_sentence()
    # The smallest decides.
    sticks = [one.value for one in found.yardsticks]
    assert sticks == sorted(sticks)
    assert found.threshold == (sticks[0] if sticks else None)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-2.0, 2.0, "from a large harm to a large benefit."),
        (-0.6, 0.1, "from a harm that matters to a trivial benefit."),
        (-0.3, 0.3, "from a harm below what matters to a benefit below what matters."),
        (-0.1, 0.6, "from a trivial harm to a benefit that matters."),
        (0.0, 0.1, "Everything within its uncertainty is a trivial benefit."),
        (1.0, 3.0, "Everything within its uncertainty is a large benefit."),
    ],
)
def test_what_the_interval_leaves_open(low: float, high: float, words: str) -> None:
    found = verdict((low + high) / 2, benefit_low=low, benefit_high=high)
    assert found.within_sentence().endswith(words)
    assert verdict(0.3, threshold=None).within_sentence() == ""


def threshold(applies_to: str) -> Threshold:
    return Threshold("nts", "naps", 0.5, "outcome unit", applies_to, "somebody said", "s", "q", "t")


def test_a_threshold_keeps_its_name_and_source() -> None:
    found = verdict(0.6, threshold=threshold("difference between groups"))
    assert found.yardsticks == (Yardstick(0.5, "somebody said", "s", "nts"),)
    assert found.size_sentence() == (
        "What was found is large enough to matter, held against 0.5: somebody said."
    )


@pytest.mark.parametrize(
    ("use", "words"),
    [
        ("change within a person", "is for the change of one person, not for a difference betwe"),
        ("state", "marks a state, not a difference"),
    ],
)
def test_a_threshold_for_another_use_is_refused(use: str, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=rf"'nts' \(0.5: somebody said\) {words}"):
        verdict(0.6, threshold=threshold(use))


# ---------------------------------------------------------------- the table of rules


def test_every_rule_can_fire_and_none_fires_unlisted() -> None:
    """Over a grid of inputs each rule of the table is reached, and only these."""
    fired = set()
    for benefit in (-2.0, -0.6, -0.3, -0.1, 0.0, 0.1, 0.3, 0.6, 2.0):
        for certainty in ("high", "moderate", "low", "very low", "not rated"):
            for sticks in (None, 0.5, (0.5, 0.8), (0.05, 0.5)):
                for reach in (0.05, 3.0):
                    found = verdict(
                        benefit,
                        benefit_low=benefit - reach,
                        benefit_high=benefit + reach,
                        threshold=sticks,
                        certainty=certainty,
                    )
                    assert [one.part for one in found.rules] == [
                        "size", "direction", "thresholds", "statement",
                    ]  # fmt: skip
                    # What the rules give is what the verdict says.
                    assert found.rules[0].gives == found.size
                    assert found.rules[1].gives == found.direction
                    fired |= {one.id for one in found.rules}
    assert fired == {one.id for one in RULES}


def test_every_rule_has_a_source_or_is_marked_as_our_own() -> None:
    assert len({one.id for one in RULES}) == len(RULES)
    for one in RULES:
        assert one.reference or one.own, one.id
        assert "our own" not in one.reference or one.own, one.id
    shown = rule_table()
    assert len(shown.frame) == len(RULES)
    assert "our own convention" in set(shown.frame["from"])


def test_the_same_inputs_give_the_same_verdict() -> None:
    assert verdict(0.6, threshold=(0.8, 0.5)) == verdict(0.6, threshold=(0.5, 0.8))
    assert verdict(0.6).inputs == verdict(0.6).inputs


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0.15, "By these numbers alone, tea made little to no difference to naps; nobody has"),
        (0.6, "By these numbers alone, tea improved naps; nobody has rated how certain that is."),
        (-0.6, "By these numbers alone, tea worsened naps;"),
        (2.0, "By these numbers alone, tea brought a large improvement in naps;"),
    ],
)
def test_without_a_rating_it_says_so(size: float, words: str) -> None:
    assert verdict(size, certainty="not rated").sentence().startswith(words)


def test_without_a_rating_an_open_direction_is_left_open() -> None:
    found = verdict(0.6, certainty="not rated", benefit_low=-0.1, benefit_high=1.3)
    assert found.sentence() == (
        "These numbers leave open which way tea changes naps; nobody has rated how certain they "
        "are."
    )


def test_whether_it_matters() -> None:
    assert verdict(0.6).matters is True
    assert verdict(0.3).matters is False
    assert verdict(0.6, threshold=None).matters is None
