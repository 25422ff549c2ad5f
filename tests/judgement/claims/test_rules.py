"""The rules of verdicts: each is reached, none is ambiguous, and the words agree."""

from __future__ import annotations

import pytest

from evidence.appraisal.certainty import LEVELS
from evidence.data.claim_tests import CLAIM_TESTS
from evidence.errors import UnknownNameError
from evidence.judgement.claims import RULES, VERDICTS, claim_rules, rules
from evidence.judgement.claims.evaluate import CARRIED_OUT
from evidence.judgement.claims.rules import rule_for, worst_of

EFFECT = {
    rules.MATTERS: "supported",
    rules.UNJUDGED: "supported",
    rules.SMALL: "supported but smaller than it sounds",
    rules.UNTOLD: "uncertain",
    rules.NOT_SHOWN: "uncertain",
    rules.DISAGREE: "uncertain",
    rules.NO_DIRECTION: "uncertain",
    rules.NO_SPREAD: "uncertain",
    rules.NO_IMPORTANT: "contradicted",
    rules.WORSE: "contradicted",
    rules.SILENT: "cannot be checked",
}
#: Every state that a test of a family can come to, and what follows; written by hand.
EXPECTED = {
    "effect": EFFECT,
    "body": EFFECT,
    "evidence": {
        rules.HOLDS: "supported",
        rules.ON_ONE: "supported but smaller than it sounds",
        rules.OPEN: "uncertain",
        rules.FAILS: "contradicted",
        rules.SILENT: "cannot be checked",
    },
    "source": {
        rules.HOLDS: "supported",
        rules.FAILS: "not what the source says",
        rules.UNNAMED: "not what the source says",
        rules.IN_WORDS: "uncertain",
        rules.DEPENDS: "uncertain",
        rules.SILENT: "cannot be checked",
    },
    "amount": {
        rules.HOLDS: "supported",
        rules.FAILS: "contradicted",
        rules.DEPENDS: "contradicted",
        rules.SILENT: "cannot be checked",
    },
    "none": {rules.SILENT: "cannot be checked"},
}
CASES = [(family, state, verdict) for family, states in EXPECTED.items()
         for state, verdict in states.items()]  # fmt: skip


@pytest.mark.parametrize(("family", "state", "verdict"), CASES)
@pytest.mark.parametrize("certainty", ["", "high", "moderate", "low"])
def test_each_state_has_its_verdict(
    family: str, state: str, verdict: str, certainty: str
) -> None:  # fmt: skip
    assert rule_for(family, state, certainty).verdict == verdict


def test_of_very_low_certainty_a_pooled_benefit_is_uncertain_and_a_studys_result_is_not() -> None:
    for state in (rules.MATTERS, rules.UNJUDGED, rules.SMALL):
        assert rule_for("body", state, "very low").verdict == "uncertain"
        assert rule_for("body", state, "very low").name == "very low certainty"
        assert rule_for("effect", state, "very low").verdict != "uncertain"
    # What is worse or contradicts itself stays so, however certain.
    assert rule_for("body", rules.WORSE, "very low").verdict == "contradicted"
    assert rule_for("body", rules.DISAGREE, "very low").name == "reports disagree"


def test_every_rule_is_reached() -> None:
    reached = {
        rule_for(family, state, certainty).name
        for family, state, _ in CASES
        for certainty in ("", *LEVELS)
    }
    assert reached == {rule.name for rule in RULES}


def test_every_state_of_a_rule_is_expected_of_its_families() -> None:
    for rule in RULES:
        for family in rule.families:
            assert set(rule.states) <= set(EXPECTED[family]), rule.name


def test_a_state_that_no_rule_is_for_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'amount'.*'not told of all'"):
        rule_for("amount", rules.OPEN)
    with pytest.raises(UnknownNameError, match="Did you mean 'holds'"):
        rule_for("source", "hold")


def test_the_rules_are_named_apart_and_give_a_reason() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        assert rule.verdict in VERDICTS
        assert rule.because.endswith(".")
        assert set(rule.certainty) <= set(LEVELS)


def test_of_several_tests_the_worst_verdict_decides() -> None:
    order = ["contradicted", "not what the source says", "uncertain", "cannot be checked",
             "supported but smaller than it sounds", "supported"]  # fmt: skip
    assert sorted(order) == sorted(VERDICTS)
    for place, verdict in enumerate(order):
        for better in order[place:]:
            assert worst_of((better, verdict)) == int(better != verdict)
            assert worst_of((verdict, better)) == 0


def test_every_test_is_carried_out_by_a_function_and_judged_by_rules() -> None:
    assert {*CARRIED_OUT, "all"} == set(CLAIM_TESTS)
    for test in CLAIM_TESTS.values():
        assert test.family in (*EXPECTED, "all")


def test_the_table_of_rules_shows_all_of_them() -> None:
    table = claim_rules()
    assert list(table.frame["rule"]) == [rule.name for rule in RULES]
    assert "first that fits" in table.summary()
    assert len({*VERDICTS.values()}) == len(VERDICTS)
