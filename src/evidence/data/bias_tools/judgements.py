"""Every study's judgements: recorded, or computed from the answers to a tool's questions.

A recorded judgement is never overwritten: what the tool's rules come to stands beside it.
Where several people judged, or where several results of a study were judged, the gravest
word counts and the others are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from evidence.data.bias_tools.algorithm import judge_domain, judge_overall
from evidence.data.bias_tools.tool import NO_INFORMATION, OVERALL, BiasTool, Domain

if TYPE_CHECKING:
    from evidence.data.review import Review

__all__ = ["Judged", "StudyJudgements", "judgements_of", "unjudged"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One domain of one study (or the study as a whole), and who says what of it.

    Attributes
    ----------
    domain
        The domain.
    recorded, computed
        The word that a person recorded, and the one that the tool's rules come to; empty
        where there is none.
    who, when, support, tier, source_id
        Of the record, or else of the answers.
    others
        Further records that say something else, each as ``"who: word"``.
    missing
        Questions whose answers the tool's rules still need.
    """

    domain: Domain
    recorded: str = ""
    computed: str = ""
    who: str = ""
    when: str = ""
    support: str = ""
    tier: str = ""
    source_id: str = ""
    others: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The judgement that counts: recorded, else computed, else no information."""
        return self.recorded or self.computed or NO_INFORMATION

    @property
    def origin(self) -> str:
        """``"recorded"``, ``"computed"`` or ``"not judged"``."""
        if self.recorded:
            return "recorded"
        return "computed" if self.computed else "not judged"

    @property
    def differs(self) -> bool:
        """Whether the record says something else than the tool's rules."""
        return bool(self.recorded and self.computed) and self.recorded != self.computed


@dataclass(frozen=True, slots=True)
class StudyJudgements:
    """What is judged of one study with one tool.

    Attributes
    ----------
    study_id
        The study.
    tool
        The tool.
    domains
        Every domain of it, judged or not.
    overall
        The study as a whole.
    """

    study_id: str
    tool: BiasTool
    domains: tuple[Judged, ...]
    overall: Judged

    @property
    def concern(self) -> str:
        """What the overall judgement amounts to: a word of `CONCERNS`, or ``"none"``."""
        return self.tool.concern(self.overall.word)

    def of(self, domain: str) -> Judged:
        """Return a domain's judgement by its id; ``"overall"`` for that of the whole."""
        if domain == OVERALL:
            return self.overall
        return next(judged for judged in self.domains if judged.domain.id == domain)


def judgements_of(
    review: Review, study_id: str, outcomes: Sequence[str] | None = None
) -> tuple[StudyJudgements, ...]:
    """Return what is judged of a study, one entry for each tool that was used.

    Parameters
    ----------
    review
        The review.
    study_id
        The study.
    outcomes
        Only for these outcomes: what is said of one of them goes before what is said of the
        study as such. All by default.

    Returns
    -------
    tuple of StudyJudgements
        Empty where nobody judged or answered anything.
    """
    records = review.records("risk_of_bias", study_id)
    answers = review.records("signalling_answers", study_id)
    names = dict.fromkeys(str(row.tool) for row in (*records, *answers))
    return tuple(
        _with_tool(
            study_id,
            review.bias_tools[name],
            [row for row in records if row.tool == name],
            [row for row in answers if row.tool == name],
            outcomes,
        )
        for name in names
    )


def unjudged(study_id: str, tool: BiasTool) -> StudyJudgements:
    """Return the judgements of a study that nobody judged.

    Parameters
    ----------
    study_id
        The study.
    tool
        The tool that it would be judged with.
    """
    domains = tuple(map(Judged, tool.domains))
    return StudyJudgements(study_id, tool, domains, Judged(_whole()))


def _whole() -> Domain:
    return Domain(OVERALL, OVERALL, OVERALL)


def _with_tool(
    study_id: str,
    tool: BiasTool,
    records: list[Any],
    answers: list[Any],
    outcomes: Sequence[str] | None,
) -> StudyJudgements:
    domains = tuple(
        _judged(
            tool,
            domain,
            _about([row for row in records if row.domain == domain.id], outcomes),
            _about([row for row in answers if row.domain == domain.id], outcomes),
        )
        for domain in tool.domains
    )
    mine = [row for row in records if row.domain.lower() == OVERALL]
    whole = _judged(tool, _whole(), _about(mine, outcomes), [])
    found = judge_overall(tool, [one.word for one in domains if one.domain.about == "bias"])
    if found != NO_INFORMATION:
        whole = replace(whole, computed=found)
    return StudyJudgements(study_id, tool, domains, whole)


def _about(rows: list[Any], outcomes: Sequence[str] | None) -> list[Any]:
    """Return the rows about some outcomes, or else those about none in particular."""
    if outcomes is None:
        return rows
    mine = [row for row in rows if row.outcome_id in outcomes]
    return mine or [row for row in rows if not row.outcome_id]


def _judged(tool: BiasTool, domain: Domain, records: list[Any], answers: list[Any]) -> Judged:
    suggested, missing, behind = _computed(tool, domain, answers)
    if not records:
        return Judged(domain, computed=suggested, missing=missing, **behind)
    gravest = max(records, key=lambda row: tool.severity(row.judgement))
    word = str(gravest.judgement)
    return Judged(
        domain,
        recorded=word,
        computed=suggested,
        others=tuple(f"{row.who}: {row.judgement}" for row in records if row.judgement != word),
        missing=missing,
        **_source(gravest, str(gravest.support)),
    )


def _computed(
    tool: BiasTool, domain: Domain, answers: list[Any]
) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Return the gravest word that anybody's answers lead to, what is missing, and the source."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in answers:
        groups.setdefault((row.outcome_id, row.who), []).append(row)
    found: list[tuple[str, list[Any]]] = []
    missing: dict[str, None] = {}
    for group in groups.values():
        suggestion = judge_domain(tool, domain, {row.question: row.answer for row in group})
        missing.update(dict.fromkeys(suggestion.missing))
        if suggestion.word:
            found.append((suggestion.word, group))
    if not found:
        return "", tuple(missing), _source(answers[0], "") if answers else {}
    word, group = max(found, key=lambda one: tool.severity(one[0]))
    return word, (), _source(group[0], " ".join(_sentences(row.support for row in group)))


def _sentences(texts: Iterable[str]) -> list[str]:
    return [text if text.endswith(".") else f"{text}." for text in dict.fromkeys(texts) if text]


def _source(row: Any, support: str) -> dict[str, Any]:
    return {
        "who": str(row.who),
        "when": "" if pd.isna(row.when) else str(row.when.date()),
        "support": support,
        "tier": str(row.tier),
        "source_id": str(row.source_id),
    }
