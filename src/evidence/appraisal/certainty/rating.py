"""Certainty of a body of evidence: suggestions for GRADE's domains, and reviewers' decisions.

What is computed here is a suggestion with its reason, not a judgement: a reviewer decides, and
the decision counts. Each domain has one rule; its reference says where the rule comes from.

References
----------
Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
of evidence. Journal of Clinical Epidemiology 64:401-406.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from evidence.appraisal.certainty.bias import rate_risk_of_bias
from evidence.appraisal.certainty.decisions import (
    Decision,
    csv_row,
    decisions_for,
    unmatched_decisions,
)
from evidence.appraisal.certainty.domain import LEVELS, Domain
from evidence.appraisal.certainty.imprecision import APPROACHES, rate_imprecision
from evidence.appraisal.certainty.inconsistency import rate_inconsistency
from evidence.appraisal.certainty.indirectness import rate_indirectness
from evidence.appraisal.certainty.information_size import information_size
from evidence.appraisal.certainty.missing import rate_missing_evidence
from evidence.appraisal.certainty.starting import START, starting_level
from evidence.appraisal.certainty.upgrading import rate_upgrades
from evidence.data import Review
from evidence.data.certainty_facts import fingerprint_of, write_facts
from evidence.data.notice import today
from evidence.display import Display, capital, html_table, join_words
from evidence.effects.importance import important_differences
from evidence.errors import InvalidArgumentError, UnknownNameError, did_you_mean
from evidence.synthesis.body import Scenario, Synthesis

__all__ = ["OVERALL", "Certainty", "rate_certainty"]

#: What a decision on the level as a whole is about.
OVERALL = "overall"
_NO_DECISION = "No reviewer's decision is recorded, so this is what the rules suggest."


@dataclass(frozen=True, slots=True)
class Certainty(Display):
    """The certainty of one analysis under one reading, as suggested and as decided.

    Attributes
    ----------
    domains
        The five domains with their reasons.
    start
        The starting level, as levels below high; None is high.
    upgrades
        The three reasons to rate up; they count only where the evidence starts below high and
        nothing rates it down.
    decisions
        What reviewers decided; a decision takes the place of its domain's suggestion.
    approach
        How imprecision was rated: minimally or partially contextualised.
    unmatched
        Decisions on readings that no longer exist, in words.
    """

    analysis_id: str
    reading: str
    domains: tuple[Domain, ...]
    start: Domain | None = None
    upgrades: tuple[Domain, ...] = ()
    decisions: tuple[Decision, ...] = ()
    approach: str = APPROACHES[0]
    unmatched: tuple[str, ...] = ()

    def decision(self, domain: str) -> Decision | None:
        """Return the decision on a domain, or None.

        Parameters
        ----------
        domain
            Its name, ``"starting level"`` or ``"overall"``.
        """
        return next((one for one in self.decisions if one.domain == domain), None)

    def levels_of(self, domain: Domain) -> int:
        """Return the levels that count for a domain: the decided ones, else the suggested.

        Parameters
        ----------
        domain
            One of `domains` or `upgrades`.
        """
        found = self.decision(domain.name)
        return domain.levels if found is None or found.levels is None else found.levels

    @property
    def suggested_level(self) -> str:
        """The level that the rules alone come to."""
        start = 0 if self.start is None else self.start.levels
        return _level(
            start, sum(d.levels for d in self.domains), sum(d.levels for d in self.upgrades)
        )

    @property
    def level(self) -> str:
        """``"high"``, ``"moderate"``, ``"low"`` or ``"very low"``, with decisions counted."""
        whole = self.decision(OVERALL)
        if whole is not None:
            return whole.level
        decided = self.decision(START)
        if decided is not None:
            start = LEVELS.index(decided.level)
        else:
            start = 0 if self.start is None else self.start.levels
        return _level(
            start,
            sum(self.levels_of(domain) for domain in self.domains),
            sum(self.levels_of(domain) for domain in self.upgrades),
        )

    @property
    def decided(self) -> bool:
        """Whether a reviewer decided anything of it."""
        return bool(self.decisions)

    @property
    def stale(self) -> tuple[Decision, ...]:
        """The decisions made on other facts than those of today."""
        return tuple(one for one in self.decisions if one.stale)

    @property
    def rated_down(self) -> tuple[Domain, ...]:
        """The domains that rate down, with decisions counted."""
        return tuple(domain for domain in self.domains if self.levels_of(domain))

    @property
    def rated_up(self) -> tuple[Domain, ...]:
        """The reasons to rate up that count."""
        start = self.decision(START)
        low = bool(LEVELS.index(start.level)) if start else bool(self.start and self.start.levels)
        if not low or self.rated_down:
            return ()
        return tuple(domain for domain in self.upgrades if self.levels_of(domain))

    def summary(self) -> str:
        """Return the level, what it was rated down for, and which decisions are stale."""
        text = f"Suggested certainty: {self.level}."
        if self.decided:
            people = join_words(dict.fromkeys(one.who for one in self.decisions))
            text = f"Certainty: {self.level}, with what {people} decided"
            text += (
                "."
                if self.level == self.suggested_level
                else (f"; the rules alone suggest {self.suggested_level}.")
            )
        if self.start is not None and self.start.levels and self.decision(START) is None:
            text += f" {self.start.reason}"
        down, up = self.rated_down, self.rated_up
        words = [f"{d.name} ({d.word_for(self.levels_of(d))})" for d in down]
        text += f" Rated down for {join_words(words)}." if down else " Nothing to rate down for."
        if up:
            text += f" Rated up for {join_words(domain.name for domain in up)}."
        notes = [
            f"The decision on {one.domain} is stale: {join_words(one.changes)}."
            for one in self.stale
        ]
        notes += [f"{capital(one)}." for one in self.unmatched]
        return " ".join([text, *notes])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per domain; `levels` is what counts, `suggested` what the rule says."""
        rows = []
        for domain in (*self.domains, *self.rated_up):
            found, levels = self.decision(domain.name), self.levels_of(domain)
            rows.append(
                {
                    "domain": domain.name,
                    "concern": domain.word_for(levels),
                    "levels": domain.sign * levels,
                    "reason": domain.reason if found is None else found.reason,
                    "reference": domain.reference,
                    "suggested": domain.sign * domain.levels,
                    "suggestion": domain.reason,
                    "decided by": "" if found is None else found.note,
                    "stale": found is not None and found.stale,
                    "facts": domain.facts_text,
                    "fingerprint": domain.fingerprint,
                }
            )
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "analysis": self.analysis_id,
            "reading": self.reading,
            "level": self.level,
            "suggested_level": self.suggested_level,
            "approach": self.approach,
            "start": LEVELS[0] if self.start is None else LEVELS[self.start.levels],
            "domains": self.to_frame().to_dict("records"),
            "decisions": [
                {
                    "domain": one.domain,
                    "levels": one.levels,
                    "level": one.level or None,
                    "reason": one.reason,
                    "who": one.who,
                    "when": one.when.isoformat(),
                    "stale": one.stale,
                    "changes": list(one.changes),
                }
                for one in self.decisions
            ],
            "unmatched": list(self.unmatched),
        }

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        suggested = [domain.word for domain in (*self.domains, *self.rated_up)]
        shown = pd.DataFrame(
            {
                "domain": [capital(name) for name in frame["domain"]],
                "suggestion": suggested,
                "why": frame["suggestion"],
            }
        )
        if self.decided:
            has = frame["decided by"] != ""
            shown["decision"] = frame["concern"].where(has, "")
            shown["by whom"] = frame["decided by"]
            shown["why so decided"] = frame["reason"].where(has, "")
        note = "" if self.decided else f"<p><small>{_NO_DECISION}</small></p>"
        return html_table(shown, caption=self.summary()) + note

    def facts_text(self, domain: str) -> str:
        """Return the line of facts that a decision on a domain is made on.

        Parameters
        ----------
        domain
            A domain, a reason to rate up, ``"starting level"`` or ``"overall"``; of the last it
            is the fingerprints of all the others.

        Raises
        ------
        UnknownNameError
            When there is no such domain.
        """
        parts = _parts(self.start, self.domains, self.upgrades)
        lines = _lines(parts)
        if domain not in lines:
            raise UnknownNameError(f"There is no domain {domain!r}. {did_you_mean(domain, lines)}")
        return lines[domain]

    def decision_row(
        self,
        domain: str,
        *,
        levels: int | None = None,
        level: str = "",
        reason: str,
        who: str,
        when: date | None = None,
        header: bool = False,
    ) -> str:
        """Return the line to paste into `certainty_decisions.csv` to record a decision.

        It carries the facts of today, so that the decision is shown as stale once they change.

        Parameters
        ----------
        domain
            What is decided: a domain, a reason to rate up, ``"starting level"`` or
            ``"overall"``.
        levels
            How many levels it rates down (a reason to rate up: up), 0 to 3; left out for
            ``"starting level"`` and ``"overall"``.
        level
            For those two: ``"high"``, ``"moderate"``, ``"low"`` or ``"very low"``.
        reason
            Why, in a sentence.
        who
            Who decides.
        when
            On which day; today by default.
        header
            Whether the line of column names goes before it, for a new file.

        Raises
        ------
        UnknownNameError
            When there is no such domain.
        InvalidArgumentError
            Naming the argument.
        """
        facts = self.facts_text(domain)
        _check_decision(domain, levels, level)
        for name, text in (("reason", reason), ("who", who)):
            if not text.strip():
                raise InvalidArgumentError(f"{name} is empty; a decision without it is none.")
        return csv_row(
            {
                "analysis_id": self.analysis_id,
                "reading": self.reading,
                "domain": domain,
                "levels": levels,
                "level": level,
                "reason": " ".join(reason.split()),
                "who": " ".join(who.split()),
                "when": (when or today()).isoformat(),
                "facts": facts,
                "fingerprint": fingerprint_of(facts),
            },
            header=header,
        )


def _level(start: int, down: int, up: int) -> str:
    """Return the level; what rates up counts only below high and where nothing rates down."""
    if start and not down:
        start = max(start - up, 0)
    return LEVELS[min(start + down, len(LEVELS) - 1)]


def _check_decision(domain: str, levels: int | None, level: str) -> None:
    if domain in (START, OVERALL):
        if level not in LEVELS or levels is not None:
            raise InvalidArgumentError(
                f"level is {level!r} and levels is {levels!r}; a decision on the {domain} gives "
                f"one of {', '.join(LEVELS)} as level, and no number of levels."
            )
    elif level or isinstance(levels, bool) or levels not in (0, 1, 2, 3):
        raise InvalidArgumentError(
            f"levels is {levels!r} and level is {level!r}; a decision on {domain} gives a number "
            "of levels from 0 to 3, and no level."
        )


def _parts(
    start: Domain | None, domains: tuple[Domain, ...], upgrades: tuple[Domain, ...]
) -> tuple[Domain, ...]:
    return (*(() if start is None else (start,)), *domains, *upgrades)


def _lines(parts: tuple[Domain, ...]) -> dict[str, str]:
    """Return each domain's line of facts, and of all together their fingerprints."""
    lines = {domain.name: domain.facts_text for domain in parts}
    lines[OVERALL] = write_facts({domain.name: domain.fingerprint for domain in parts})
    return lines


def _thresholds(
    review: Review, synthesis: Synthesis, threshold: float | Sequence[float] | None, approach: str
) -> tuple[float, ...]:
    """Return the sizes that matter, smallest first; one unless several are told apart."""
    if threshold is None:
        given: tuple[float, ...] = ()
    elif isinstance(threshold, Sequence):
        given = tuple(float(one) for one in threshold)
    else:
        given = (float(threshold),)
    if any(not one > 0 for one in given):
        raise InvalidArgumentError(f"threshold is {threshold!r}; it must be above 0.")
    if approach == APPROACHES[0]:
        return tuple(sorted(given)[:1])
    if len(given) < 2:
        analysis = synthesis.analysis
        given += important_differences(review, analysis.outcomes, analysis.measure)
    return tuple(sorted(set(given)))


def rate_certainty(
    review: Review,
    synthesis: Synthesis,
    scenario: Scenario,
    threshold: float | Sequence[float] | None = None,
    *,
    approach: str = "",
) -> Certainty:
    """Suggest the certainty of one analysis under one reading, and count what was decided.

    Parameters
    ----------
    review
        The review, with its decisions.
    synthesis, scenario
        The analysis and the reading.
    threshold
        The smallest difference that matters, without sign, on the scale of the result; several
        where small, moderate and large effects are told apart.
    approach
        ``"minimally contextualised"`` (one threshold, or no effect) or ``"partially
        contextualised"`` (several); the plan's when empty.

    Returns
    -------
    Certainty

    Raises
    ------
    InvalidArgumentError
        When the approach is none of these, or a threshold is not above 0.

    References
    ----------
    Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
    of evidence. Journal of Clinical Epidemiology 64:401-406.
    """
    analysis = synthesis.analysis
    approach = approach or analysis.approach
    if approach not in APPROACHES:
        raise InvalidArgumentError(
            f"approach is {approach!r}; it must be one of {', '.join(APPROACHES)}."
        )
    thresholds = _thresholds(review, synthesis, threshold, approach)
    smallest = thresholds[0] if thresholds else None
    shares = dict(
        zip(
            (reading.study_id for reading in scenario.readings),
            (float(weight) / 100 for weight in scenario.result.weights),
            strict=True,
        )
    )
    start = starting_level(review, shares)
    domains = (
        rate_risk_of_bias(review, synthesis, shares),
        rate_inconsistency(scenario, smallest),
        rate_indirectness(review, shares, synthesis),
        rate_imprecision(
            synthesis,
            scenario,
            thresholds,
            information_size(review, scenario, analysis.measure, smallest),
            approach,
        ),
        rate_missing_evidence(review, synthesis, scenario),
    )
    upgrades = rate_upgrades(review, scenario, analysis.measure)
    lines = _lines(_parts(start, domains, upgrades))
    readings = tuple(one.name for one in synthesis.scenarios)
    return Certainty(
        analysis.id,
        scenario.name,
        domains,
        start,
        upgrades,
        decisions_for(review, analysis.id, scenario.name, lines),
        approach,
        unmatched_decisions(review, analysis.id, readings),
    )
