"""Carrying out a test: which function is behind each name, and how several become one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evidence.data.claim_tests import CLAIM_TESTS, Call
from evidence.data.claim_tests.vocabulary import ALL, NONE
from evidence.judgement.claims import amount_tests, effect_tests, evidence_tests, source_tests
from evidence.judgement.claims.finding import Bench, Finding, silent
from evidence.judgement.claims.rules import Rule, rule_for, worst_of

__all__ = ["CARRIED_OUT", "Outcome", "carry_out"]


_MODULES = (effect_tests, evidence_tests, source_tests, amount_tests)

#: The function behind each test, by its name: those of the table of tests, and no others.
CARRIED_OUT: dict[str, Callable[[Bench, Call], Finding]] = {
    NONE: lambda _, call: silent(call["reason"]),
    **{
        name: getattr(module, name)
        for name in CLAIM_TESTS
        for module in _MODULES
        if name in module.__all__
    },
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test carried out and judged.

    Attributes
    ----------
    test
        The test.
    finding
        What it came to; of several joined tests, what those that decide came to.
    rule
        The rule that gave the verdict.
    parts
        The tests that were joined, each judged.
    """

    test: Call
    finding: Finding
    rule: Rule
    parts: tuple[Outcome, ...] = ()

    @property
    def verdict(self) -> str:
        """The verdict."""
        return self.rule.verdict


def carry_out(bench: Bench, test: Call) -> Outcome:
    """Carry out a test and judge what it came to.

    Parameters
    ----------
    bench
        What it is carried out on.
    test
        The test.
    """
    if test.name == ALL:
        parts = tuple(carry_out(bench, part) for part in test.parts)
        first = parts[worst_of(tuple(part.verdict for part in parts))]
        return Outcome(test, _together(first, parts), first.rule, parts)
    finding = CARRIED_OUT[test.name](bench, test)
    rule = rule_for(CLAIM_TESTS[test.name].family, finding.state, finding.certainty)
    return Outcome(test, finding, rule)


def _together(first: Outcome, parts: tuple[Outcome, ...]) -> Finding:
    """Return what the first part that decides came to, with the others of the same verdict."""
    same = [part.finding for part in parts if part.verdict == first.verdict]
    return replace(
        first.finding,
        number="; ".join(dict.fromkeys(finding.number for finding in same)),
        rows=tuple(dict.fromkeys(place for finding in same for place in finding.rows)),
    )
