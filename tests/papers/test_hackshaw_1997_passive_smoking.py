"""Hackshaw, Law and Wald 1997, BMJ 315:980-988: passive smoking and lung cancer, 37 studies."""

from __future__ import annotations

from tests.papers.published import differing, ours, reproduction

RESULT = reproduction("hackshaw-1997-passive-smoking")


def test_the_abstract_is_as_printed() -> None:
    assert RESULT.holds
    assert differing(RESULT) == set()
    printed = {each.printed.quantity: each.printed_text for each in RESULT.comparisons}
    assert (printed["estimate"], printed["ci_low"], printed["ci_high"]) == ("24", "13", "36")


def test_the_excess_is_not_chance() -> None:
    assert ours(RESULT, "dl", "ci_low", "excess percent") > 0
