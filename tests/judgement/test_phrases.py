"""GRADE's statements, cell by cell, and differences in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.data import Outcome
from evidence.errors import UnknownNameError
from evidence.judgement.phrases import (
    COUNTED,
    DIRECTIONS,
    SIZES,
    Scale,
    clause,
    inside,
    outcome_in_words,
    statement,
)

#: GRADE guidelines 26, table 2: a statement for each certainty and size.
TABLE = {
    ("high", "trivial"): "Tea results in little to no difference in {outcome}.",
    ("high", "below what matters"): "Tea results in little to no difference in {outcome}.",
    ("high", "important"): "Tea {does} {outcome}.",
    ("high", "large"): "Tea results in a large {change} {outcome}.",
    ("high", "unknown"): "Tea {does} {outcome}.",
    ("moderate", "trivial"): "Tea probably results in little to no difference in {outcome}.",
    ("moderate", "below what matters"): (
        "Tea probably results in little to no difference in {outcome}."
    ),
    ("moderate", "important"): "Tea probably {does} {outcome}.",
    ("moderate", "large"): "Tea probably results in a large {change} {outcome}.",
    ("moderate", "unknown"): "Tea probably {does} {outcome}.",
    ("low", "trivial"): "Tea may result in little to no difference in {outcome}.",
    ("low", "below what matters"): "Tea may result in little to no difference in {outcome}.",
    ("low", "important"): "Tea may {do} {outcome}.",
    ("low", "large"): "Tea may result in a large {change} {outcome}.",
    ("low", "unknown"): "Tea may {do} {outcome}.",
    ("very low", "trivial"): (
        "Tea may have little to no effect on {outcome}, but the evidence is very uncertain."
    ),
    ("very low", "below what matters"): (
        "Tea may have little to no effect on {outcome}, but the evidence is very uncertain."
    ),
    ("very low", "important"): "Tea may {do} {outcome}, but the evidence is very uncertain.",
    ("very low", "large"): "Tea may {do} {outcome}, but the evidence is very uncertain.",
    ("very low", "unknown"): "Tea may {do} {outcome}, but the evidence is very uncertain.",
}
#: What is counted, and which way: third person, infinitive, noun of a large change.
WORDS = {
    ("value", "benefit"): ("naps", "improves", "improve", "improvement in"),
    ("value", "harm"): ("naps", "worsens", "worsen", "worsening of"),
    ("unwanted events", "benefit"): ("falls", "reduces", "reduce", "reduction in"),
    ("unwanted events", "harm"): ("falls", "increases", "increase", "increase in"),
    ("wanted events", "benefit"): ("recovery", "increases", "increase", "increase in"),
    ("wanted events", "harm"): ("recovery", "reduces", "reduce", "reduction in"),
}


def test_the_table_is_whole() -> None:
    levels = ("high", "moderate", "low", "very low")
    assert set(TABLE) == {(level, size) for level in levels for size in SIZES}
    assert set(WORDS) == {(counted, way) for counted in COUNTED for way in DIRECTIONS}


@pytest.mark.parametrize(("counted", "direction"), WORDS)
@pytest.mark.parametrize(("certainty", "size"), TABLE)
def test_every_cell(certainty: str, size: str, counted: str, direction: str) -> None:
    outcome, does, do, change = WORDS[counted, direction]
    expected = TABLE[certainty, size].format(outcome=outcome, does=does, do=do, change=change)
    assert statement(certainty, size, direction, "tea", outcome, counted=counted) == expected
    # Inside a sentence the same, without capital and full stop.
    inner = clause(certainty, size, direction, "tea", outcome, counted=counted)
    assert inner == "t" + expected[1:-1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_an_open_direction_is_not_named_where_certainty_is_very_low(
    size: str, direction: str
) -> None:
    text = statement("very low", size, direction, "tea", "naps", open_direction=True)
    assert text == "The evidence is very uncertain about the effect of tea on naps."
    # From low upwards imprecision has already taken its level.
    text = statement("low", "important", direction, "tea", "naps", open_direction=True)
    assert text == f"Tea may {WORDS['value', direction][2]} naps."


def test_names_keep_their_capitals() -> None:
    assert statement("low", "important", "benefit", "CBT-I", "the ISI") == (
        "CBT-I may improve the ISI."
    )
    assert clause("low", "important", "benefit", "CBT-I", "the ISI").startswith("CBT-I")


@pytest.mark.parametrize(
    ("words", "wrong", "hint"),
    [
        (("hgih", "large", "benefit", "value"), "certainty 'hgih'", "Did you mean 'high'?"),
        (("low", "trivia", "benefit", "value"), "size 'trivia'", "Did you mean 'trivial'?"),
        (("low", "large", "harmful", "value"), "direction 'harmful'", "Did you mean 'harm'?"),
        (("low", "large", "harm", "x"), "counted 'x'", "Known are: unwanted events, value,"),
        (("", "large", "harm", "value"), "certainty ''", "Known are: high, low, moderate,"),
    ],
)
def test_unknown_words_are_refused(words: tuple[str, str, str, str], wrong: str, hint: str) -> None:
    certainty, size, direction, counted = words
    with pytest.raises(UnknownNameError) as error:
        statement(certainty, size, direction, "tea", "naps", counted=counted)
    assert str(error.value).startswith(f"The {wrong} is not known. {hint}")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Insomnia severity", "insomnia severity"),
        ("ISI score", "ISI score"),
        ("x", "x"),
        ("A", "a"),
        ("", ""),
    ],
)
def test_a_title_inside_a_sentence(title: str, text: str) -> None:
    assert inside(title) == text


# ---------------------------------------------------------------- differences


def outcome(**more: str) -> Outcome:
    return Outcome(
        **{
            "id": "x",
            "name": "nap trouble",
            "short": "x",
            "domain": "naps",
            "kind": "continuous",
            "unit": "points",
            "better": "lower",
            **more,
        }
    )


def test_an_instruments_proper_name_takes_an_article() -> None:
    assert outcome_in_words(outcome(name="Nap Trouble Scale")) == "the Nap Trouble Scale"
    assert outcome_in_words(outcome(name="minutes napped")) == "minutes napped"


POINTS = Scale.of(outcome(), "mean difference")
SDS = Scale.of(outcome(), "standardised mean difference")
FALLS = Scale.of(outcome(kind="dichotomous", unit="people"), "risk difference")
CURED = Scale.of(outcome(kind="dichotomous", unit="people", better="higher"), "risk difference")
BARE = Scale.of(outcome(unit="as reported"), "mean difference")


@pytest.mark.parametrize(
    ("scale", "benefit", "words"),
    [
        (POINTS, 1.6, "1.6 points better"),
        (POINTS, -1.6, "1.6 points worse"),
        # Never rounded to nothing.
        (POINTS, 0.04, "0.04 points better"),
        (POINTS, -0.0004, "0.0004 points worse"),
        (POINTS, 0.00004, "0.0000 points better"),
        (POINTS, 17.36, "17.4 points better"),
        (SDS, 0.631, "0.63 standard deviations better"),
        (SDS, -1.2, "1.20 standard deviations worse"),
        (FALLS, 0.05, "5.0 fewer people in 100"),
        (FALLS, -0.121, "12.1 more people in 100"),
        (CURED, 0.05, "5.0 more people in 100"),
        (CURED, -0.05, "5.0 fewer people in 100"),
        (BARE, 0.5, "0.5 better"),
    ],
)
def test_a_difference_in_words(scale: Scale, benefit: float, words: str) -> None:
    assert scale.difference(benefit) == words


@pytest.mark.parametrize(
    ("scale", "low", "high", "words"),
    [
        (POINTS, 0.0, 3.3, "0.0 to 3.3 points better"),
        (POINTS, 1.0, 3.3, "1.0 to 3.3 points better"),
        (POINTS, -3.3, -1.0, "1.0 to 3.3 points worse"),
        (POINTS, -3.3, 0.0, "0.0 to 3.3 points worse"),
        (POINTS, -1.0, 4.2, "1.0 points worse to 4.2 points better"),
        (SDS, -0.5, 1.0, "0.50 standard deviations worse to 1.00 standard deviations better"),
        (FALLS, -0.01, 0.1, "1.0 more people in 100 to 10.0 fewer people in 100"),
        (BARE, -1.0, 2.0, "1.0 worse to 2.0 better"),
        (BARE, 1.0, 2.0, "1.0 to 2.0 better"),
    ],
)
def test_an_interval_in_words(scale: Scale, low: float, high: float, words: str) -> None:
    assert scale.span(low, high) == words


@given(st.floats(-20, 20), st.floats(0, 20))
def test_turning_an_effect_round_turns_the_words_round(low: float, width: float) -> None:
    high = low + width
    turned = {"better": "worse", "worse": "better"}
    there, back = POINTS.span(low, high), POINTS.span(-high, -low)
    if low < 0 < high:
        first, second = there.split(" to ")
        there = f"{second} to {first}"
    if low < 0 < high or (low, high) != (0, 0):
        swapped = " ".join(turned.get(word, word) for word in back.split())
        assert swapped == there
    # Words carry the direction, so no number has a sign.
    assert "−" not in there
