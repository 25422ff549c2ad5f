"""What must hold of the rules of directness in `review.toml`, beyond the type of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from evidence.data.problems import Problem
from evidence.data.review_file import ReviewFile, finite
from evidence.data.sections import RULED_ASPECTS, SECTIONS, UNITS

__all__ = ["check_directness"]

_SECTION = next(section for section in SECTIONS if section.name == "directness")
_LISTS = ("words", "outcomes", "domains")
_RANGE = ("at_least", "at_most", "unit")
#: What a rule may say of each aspect.
_KEYS = {
    aspect: _RANGE if aspect in UNITS else ("outcomes", "domains")
    if aspect == "outcome"
    else ("words",)
    for aspect in RULED_ASPECTS
}  # fmt: skip

Entry = Mapping[str, Any]


def check_directness(review: ReviewFile) -> list[Problem]:
    """Check that every rule says something of its aspect, and can ever apply.

    Parameters
    ----------
    review
        What was read from `review.toml`.

    Returns
    -------
    list of Problem
    """
    problems: list[Problem] = []
    rules = review.entries(_SECTION.name)
    outcomes = review.entries("outcomes")
    domains = sorted({str(each["domain"]) for each in outcomes if each.get("domain")})
    for index, rule in enumerate(rules):
        aspect = rule.get("aspect")
        if not isinstance(aspect, str) or aspect not in _KEYS:
            # Has its own problem.
            continue
        before = [other for other in rules[:index] if other.get("aspect") == aspect]
        found = [
            *_wrong_keys(rule, aspect),
            *_wrong_range(rule, aspect),
            *_wrong_domains(rule, domains),
            *_never_reached(rule, before),
        ]
        for key, *says in found:
            problems.append(Problem(*review.place(_SECTION, index, key), *says))
    return problems


#: Key, message, found, accepted, advice.
Found = tuple[str, str, str, str, str]


def _wrong_keys(rule: Entry, aspect: str) -> Iterator[Found]:
    fitting = _KEYS[aspect]
    for key in (*_LISTS, *_RANGE):
        if key in rule and key not in fitting:
            message = f"the key says nothing about the {aspect}."
            advice = "Take it out, or make it a rule of another aspect."
            yield key, message, key, ", ".join(fitting), advice


def _wrong_range(rule: Entry, aspect: str) -> Iterator[Found]:
    if aspect not in UNITS:
        return
    units = ", ".join(UNITS[aspect])
    unit = rule.get("unit")
    known = [each for units_of in UNITS.values() for each in units_of]
    low, high = finite(rule.get("at_least")), finite(rule.get("at_most"))
    ranged = "at_least" in rule or "at_most" in rule
    if ranged and "unit" not in rule:
        yield "unit", "a range has a unit.", "", units, "Add it."
    elif unit in known and unit not in UNITS[aspect]:
        yield "unit", f"this is no unit of a {aspect}.", str(unit), units, ""
    elif "unit" in rule and not ranged:
        accepted = "at_least, at_most"
        yield "unit", "there is a unit and no range.", str(unit), accepted, "Add one of the two."
    for key, value in (("at_least", low), ("at_most", high)):
        if value is not None and value < 0:
            yield key, f"a {aspect} is not below 0.", str(rule[key]), "a number from 0", ""
    if low is not None and high is not None and low > high:
        message = "the most is below the least."
        yield "at_most", message, str(rule["at_most"]), f"a number from {low:g}", ""


def _wrong_domains(rule: Entry, domains: Sequence[str]) -> Iterator[Found]:
    for domain in _listed(rule, "domains"):
        if domains and domain not in domains:
            near = get_close_matches(domain, domains, n=1)
            advice = f"Did you mean {near[0]!r}?" if near else "Write it as in [[outcomes]]."
            yield "domains", "no outcome has this domain.", domain, ", ".join(domains), advice


def _never_reached(rule: Entry, before: Sequence[Entry]) -> Iterator[Found]:
    aspect = rule["aspect"]
    if any(not any(key in other for key in _KEYS[aspect]) for other in before):
        message = "the rule never applies: one before it applies to everything."
        advice = "Move the rule without words, range, outcomes and domains behind this one."
        yield "aspect", message, aspect, "rules before the one for everything else", advice
        return
    for key in _LISTS:
        taken = {name.lower() for other in before for name in _listed(other, key)}
        for name in _listed(rule, key):
            if name.lower() in taken:
                message = f"an earlier rule of the {aspect} names this already."
                yield key, message, name, "each once", "Keep one of the two."


def _listed(rule: Entry, key: str) -> list[str]:
    found = rule.get(key)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
