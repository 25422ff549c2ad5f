"""The parts of a review that are not tables: question, outcomes, thresholds, plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = [
    "Analysis",
    "DirectnessRule",
    "Headline",
    "Outcome",
    "Plan",
    "Target",
    "Threshold",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome: what it is called, its unit, and which way is better."""

    id: str
    name: str
    short: str
    domain: str
    kind: str
    unit: str
    better: str
    about: str = "benefit"
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None

    @property
    def benefit_sign(self) -> int:
        """+1 where higher values are better, -1 where lower values are."""
        return 1 if self.better == "higher" else -1


@dataclass(frozen=True, slots=True)
class Threshold:
    """A size that somebody called important, and what may be compared with it.

    Parameters
    ----------
    value
        The size, without sign.
    scale
        ``"outcome unit"`` or ``"SMD"``.
    applies_to
        ``"difference between groups"``, ``"change within a person"`` or ``"state"``.
    """

    id: str
    outcome_id: str
    value: float
    scale: str
    applies_to: str
    label: str
    source_id: str
    quote: str
    tier: str
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One planned synthesis."""

    id: str
    title: str
    outcomes: tuple[str, ...]
    measure: str
    model: str = "random"
    tau2_method: str = "REML"
    ci_method: str = "HKSJ-adhoc"
    approach: str = "minimally contextualised"


@dataclass(frozen=True, slots=True)
class Target:
    """What the question asks for exactly."""

    treatment: str
    form: str
    comparator: str
    population: str


@dataclass(frozen=True, slots=True)
class DirectnessRule:
    """What counts as direct, near or far in one aspect of the question, and why.

    Parameters
    ----------
    aspect
        One of `evidence.data.sections.RULED_ASPECTS`.
    distance
        ``"direct"``, ``"near"`` or ``"far"``.
    reason
        Why, in words.
    words
        Of population, form and comparator: an entry with one of them is meant.
    at_least, at_most, unit
        Of dose and duration: the range that is meant.
    outcomes, domains
        Of the outcome: ids, or what they measure.
    """

    aspect: str
    distance: str
    reason: str
    words: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    outcomes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Headline:
    """The comparison that the claim rests on."""

    study_id: str
    outcome_id: str
    timepoint: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything `review.toml` says."""

    title: str
    question: str
    pico: Mapping[str, str]
    target: Target
    headline: Headline
    outcomes: Mapping[str, Outcome]
    thresholds: tuple[Threshold, ...]
    analyses: Mapping[str, Analysis]
    directness: tuple[DirectnessRule, ...] = ()
    searched_until: date | None = None
    search_note: str = ""

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Plan:
        """Build the plan from the checked content of `review.toml`."""
        analyses = [
            Analysis(**{**entry, "outcomes": tuple(entry["outcomes"])})
            for entry in content["analyses"]
        ]
        return cls(
            title=content["title"],
            question=content["question"],
            pico=content["pico"],
            target=Target(**content["target"]),
            headline=Headline(**content["headline"]),
            outcomes={entry["id"]: Outcome(**entry) for entry in content["outcomes"]},
            thresholds=tuple(Threshold(**entry) for entry in content.get("thresholds", ())),
            analyses={analysis.id: analysis for analysis in analyses},
            directness=tuple(map(_rule, content.get("directness", ()))),
            searched_until=content.get("searched_until"),
            search_note=content.get("search_note", ""),
        )


def _rule(entry: Mapping[str, Any]) -> DirectnessRule:
    lists = {key: tuple(entry.get(key, ())) for key in ("words", "outcomes", "domains")}
    return DirectnessRule(**{**entry, **lists})
