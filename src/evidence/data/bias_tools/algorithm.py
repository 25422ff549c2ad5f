"""From answers to a domain's judgement, and from the domains to the overall one.

The rules are data, read from the tool's file; the first that holds counts. An answer that
is missing makes a rule neither true nor false, and then nothing is concluded that it could
change: the questions that are still to be answered are named instead.

References
----------
Kleene SC (1952). Introduction to metamathematics, for the logic with a third value.
Sterne JAC, Savović J, Page MJ, et al. (2019). RoB 2: a revised tool for assessing risk of
bias in randomised trials. BMJ 366:l4898, for judgements by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evidence.data.bias_tools.tool import NO_INFORMATION, BiasTool, Domain, OverallRule, Rule

__all__ = ["Suggestion", "judge_domain", "judge_overall"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the rules of a tool come to.

    Attributes
    ----------
    word
        The judgement; empty where none follows.
    missing
        Questions whose answers it hangs on.
    """

    word: str = ""
    missing: tuple[str, ...] = ()


def judge_domain(tool: BiasTool, domain: Domain, answers: Mapping[str, str]) -> Suggestion:
    """Return the judgement that follows from the answers to a domain's questions.

    Parameters
    ----------
    tool
        The tool.
    domain
        One of its domains.
    answers
        Codes by question.

    Returns
    -------
    Suggestion
        Without a word where an answer is missing, or where the tool has no rule.
    """
    parts = dict.fromkeys(rule.part for rule in domain.rules)
    found = [_first(_of_part(domain.rules, part), answers) for part in parts]
    if not found:
        return Suggestion()
    known = [one.word for one in found if one.word]
    gravest = tool.gravest(known) if known else ""
    worst = max((tool.severity(rule.judgement) for rule in domain.rules), default=-1)
    # Nothing that is missing could make it any graver.
    if known and (len(known) == len(found) or tool.severity(gravest) == worst):
        return Suggestion(gravest)
    missing = dict.fromkeys(question for one in found for question in one.missing)
    return Suggestion("", tuple(missing))


def _of_part(rules: Iterable[Rule], part: str) -> list[Rule]:
    return [rule for rule in rules if rule.part == part]


def _first(rules: Iterable[Rule], answers: Mapping[str, str]) -> Suggestion:
    for rule in rules:
        holds, missing = _holds(rule, answers)
        if holds:
            return Suggestion(rule.judgement)
        if holds is None:
            return Suggestion("", missing)
    return Suggestion()


def _holds(rule: Rule, answers: Mapping[str, str]) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether a rule holds, None where that is open, and the answers it hangs on."""
    every = _conditions(rule.every, answers)
    some = _conditions(rule.some, answers)
    if False in every.values() or (some and not any(v is not False for v in some.values())):
        return False, ()
    settled = True in some.values() or not some
    if settled and all(every.values()):
        return True, ()
    conditions = every if settled else {**some, **every}
    return None, tuple(name for name, value in conditions.items() if value is None)


def _conditions(
    wanted: Mapping[str, tuple[str, ...]], answers: Mapping[str, str]
) -> dict[str, bool | None]:
    return {
        question: answers[question] in accepted if answers.get(question) else None
        for question, accepted in wanted.items()
    }


def judge_overall(tool: BiasTool, words: Sequence[str]) -> str:
    """Return the overall judgement that follows from those of the domains.

    Parameters
    ----------
    tool
        The tool.
    words
        The judgement of every domain that counts.

    Returns
    -------
    str
        ``"no information"`` where no rule holds.
    """
    return next((rule.judgement for rule in tool.overall if _suits(rule, words)), NO_INFORMATION)


def _suits(rule: OverallRule, words: Sequence[str]) -> bool:
    if rule.every and not (words and all(word in rule.every for word in words)):
        return False
    return not rule.some or any(word in rule.some for word in words)
