"""Certainty of a body of evidence: suggestions for GRADE's five domains.

What is computed here is a suggestion with its reason, not a judgement: a reviewer decides.
Each domain has one rule; its reference says where the rule comes from.

References
----------
Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
of evidence. Journal of Clinical Epidemiology 64:401-406.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evidence.data import Review
from evidence.data.lookups import ASPECTS, match_of, overall_risk_of_bias
from evidence.display import Display, capital, html_table, join_words, plural
from evidence.synthesis.body import Scenario, Synthesis

__all__ = ["LEVELS", "Certainty", "Domain", "rate_certainty"]

#: GRADE's four levels, highest first.
LEVELS = ("high", "moderate", "low", "very low")

#: A domain counts as serious where trials with at least half of the weight are affected.
AFFECTED_WEIGHT = 0.5
#: GRADE guidelines 7: a low p value of the test of heterogeneity.
HETEROGENEITY_P = 0.10
#: GRADE guidelines 6: below about 400 people a continuous outcome is imprecise.
OPTIMAL_SIZE = 400
#: A third of the trials unusable is taken as evidence that is missing for a reason.
UNUSABLE_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Domain:
    """The suggestion for one domain.

    Attributes
    ----------
    name
        GRADE's name of the domain.
    levels
        How many levels to rate down: 0, 1 or 2.
    reason
        Why, in a sentence.
    reference
        Where the rule comes from.
    """

    name: str
    levels: int
    reason: str
    reference: str

    @property
    def word(self) -> str:
        """GRADE's word for the levels."""
        return ("not serious", "serious", "very serious")[self.levels]


@dataclass(frozen=True, slots=True)
class Certainty(Display):
    """The suggested certainty of one analysis under one reading.

    Attributes
    ----------
    domains
        The five domains with their reasons.
    """

    analysis_id: str
    reading: str
    domains: tuple[Domain, ...]

    @property
    def level(self) -> str:
        """``"high"``, ``"moderate"``, ``"low"`` or ``"very low"``; trials start high."""
        return LEVELS[min(sum(domain.levels for domain in self.domains), len(LEVELS) - 1)]

    def summary(self) -> str:
        """Return the level and what it was rated down for."""
        down = [domain for domain in self.domains if domain.levels]
        reasons = join_words(f"{d.name} ({d.word})" for d in down)
        text = f"Suggested certainty: {self.level}."
        return text + (f" Rated down for {reasons}." if down else " Nothing to rate down for.")

    def to_frame(self) -> pd.DataFrame:
        """Return one row per domain."""
        rows = [(d.name, d.word, -d.levels, d.reason, d.reference) for d in self.domains]
        return pd.DataFrame(rows, columns=["domain", "concern", "levels", "reason", "reference"])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "analysis": self.analysis_id,
            "reading": self.reading,
            "level": self.level,
            "domains": self.to_frame().to_dict("records"),
        }

    def _repr_html_(self) -> str:
        shown = self.to_frame()[["domain", "concern", "reason"]]
        return html_table(shown, caption=self.summary())


def rate_certainty(
    review: Review, synthesis: Synthesis, scenario: Scenario, threshold: float | None = None
) -> Certainty:
    """Suggest the certainty of one analysis under one reading.

    Parameters
    ----------
    review
        The review.
    synthesis, scenario
        The analysis and the reading.
    threshold
        The smallest difference that matters, without sign, on the scale of the result.

    Returns
    -------
    Certainty
    """
    shares = dict(
        zip(
            (reading.study_id for reading in scenario.readings),
            (float(weight) / 100 for weight in scenario.result.weights),
            strict=True,
        )
    )
    return Certainty(
        synthesis.analysis.id,
        scenario.name,
        (
            _risk_of_bias(review, synthesis, shares),
            _inconsistency(scenario),
            _indirectness(review, shares),
            _imprecision(synthesis, scenario, threshold),
            _missing_evidence(review, synthesis),
        ),
    )


def _share(share: float) -> str:
    return "all" if share > 0.995 else f"{100 * share:.0f}%"


def _risk_of_bias(review: Review, synthesis: Synthesis, shares: dict[str, float]) -> Domain:
    weights = {"low": 0.0, "some": 0.0, "high": 0.0, "none": 0.0}
    for study_id, share in shares.items():
        weights[overall_risk_of_bias(review, study_id)] += share
    contradictory = [c.label for c in synthesis.contradictory]
    clash = f"the reports of {join_words(contradictory)} contradict each other"
    if weights["high"] >= AFFECTED_WEIGHT:
        levels = 2
        parts = [f"trials at high risk of bias carry {_share(weights['high'])} of the weight"]
    elif weights["low"] > 1 - AFFECTED_WEIGHT and not contradictory:
        levels = 0
        parts = [f"trials at low risk of bias carry {_share(weights['low'])} of the weight"]
    else:
        levels, parts = 1, []
        concerning = weights["some"] + weights["high"]
        if concerning > 0:
            parts.append(
                f"trials with concerns about bias carry {_share(concerning)} of the weight"
            )
        if weights["none"] > 0:
            parts.append(
                f"trials never assessed for bias carry {_share(weights['none'])} of the weight"
            )
    if contradictory:
        parts.append(clash)
    return Domain(
        "risk of bias",
        levels,
        capital(join_words(parts)) + ".",
        "Guyatt et al. 2011, GRADE guidelines 4, J Clin Epidemiol 64:407-415",
    )


def _inconsistency(scenario: Scenario) -> Domain:
    result = scenario.result
    if not result.pooled:
        levels, reason = (
            0,
            "With one trial nothing can be inconsistent; nothing confirms it either.",
        )
    elif result.q_p_value < HETEROGENEITY_P:
        levels = 1
        reason = f"The trials differ by more than chance explains (I² {result.i2:.0f}%)."
    else:
        levels = 0
        few = " With so few trials the test would miss a good deal." if result.k < 5 else ""
        reason = (
            f"The trials do not differ by more than chance explains (I² {result.i2:.0f}%).{few}"
        )
    return Domain(
        "inconsistency",
        levels,
        reason,
        "Guyatt et al. 2011, GRADE guidelines 7, J Clin Epidemiol 64:1294-1302",
    )


def _indirectness(review: Review, shares: dict[str, float]) -> Domain:
    parts: dict[str, list[str]] = {}
    for aspect in ASPECTS:
        matches = {study: match_of(review, study, aspect) for study in shares}
        share = sum(shares[study] for study, match in matches.items() if match != "same")
        if share >= AFFECTED_WEIGHT:
            silent = "not stated" in matches.values()
            what = f"another or an unstated {aspect}" if silent else f"another {aspect}"
            parts.setdefault(_share(share), []).append(what)
    apart_from = join_words(f"{part} comes from {join_words(a)}" for part, a in parts.items())
    return Domain(
        "indirectness",
        1 if parts else 0,
        f"Of the weight, {apart_from} than asked about."
        if parts
        else "Most of the weight comes from trials of what is asked about.",
        "Guyatt et al. 2011, GRADE guidelines 8, J Clin Epidemiol 64:1303-1310",
    )


def _imprecision(synthesis: Synthesis, scenario: Scenario, threshold: float | None) -> Domain:
    """Count the decision thresholds that the interval crosses.

    Where a smallest difference that matters is known, the verdict turns on it, on either
    side; otherwise on no effect at all.
    """
    low, high = scenario.result.ci_low, scenario.result.ci_high
    people = synthesis.participants
    if threshold is None:
        crossed = int(low <= 0 <= high)
    else:
        # An effect of exactly the threshold counts as one that would matter.
        crossed = (low <= -threshold < high) + (low < threshold <= high)
    levels = crossed
    if crossed == 2:
        reason = "The interval includes both a benefit and a harm that would matter."
    elif crossed and low <= 0 <= high:
        reason = "The interval includes no effect" + (
            "." if threshold is None else " as well as one that would matter."
        )
    elif crossed:
        reason = "The interval includes effects that would matter and effects that would not."
    elif people < OPTIMAL_SIZE:
        levels = 1
        reason = f"Only {people} people took part; about {OPTIMAL_SIZE} are wanted."
    elif threshold is None:
        reason = f"The interval excludes no effect, with {people} people."
    else:
        side = "matter" if low >= threshold or high <= -threshold else "be too small to matter"
        reason = f"Every effect in the interval would {side}, with {people} people."
    return Domain(
        "imprecision",
        levels,
        reason,
        "Guyatt et al. 2011, GRADE guidelines 6, J Clin Epidemiol 64:1283-1293; "
        "Zeng et al. 2022, GRADE guidelines 34, J Clin Epidemiol 150:216-224",
    )


def _silent(review: Review, outcomes: Sequence[str]) -> list[str]:
    """Return the registered trials without results that may have measured one of the outcomes.

    A trial whose planned outcomes are known counts only where one of these is among them.
    """
    studies, plans = review.studies, review.registered_outcomes
    registered = studies[(studies["role"] == "trial") & (studies["status"] == "registered")]
    planned = {
        study: set(plans.loc[plans["study_id"] == study, "outcome_id"])
        for study in registered["study_id"]
    }
    return [study for study, ids in planned.items() if not ids or ids & set(outcomes)]


def _missing_evidence(review: Review, synthesis: Synthesis) -> Domain:
    unusable = [out for out in synthesis.derivation.left_out if not out.by_decision]
    silent = _silent(review, synthesis.analysis.outcomes)
    eligible = synthesis.k + len(unusable) + len(silent)
    lost = len(unusable) + len(silent)
    parts = []
    if unusable:
        parts.append(
            f"{plural(len(unusable), 'trial')} measured this without reporting a usable number"
        )
    if len(silent):
        parts.append(f"{plural(len(silent), 'trial')} registered without results")
    serious = bool(lost) and lost / eligible >= UNUSABLE_SHARE
    reason = join_words(parts) or "no trial is known whose result is missing"
    return Domain(
        "missing evidence",
        int(serious),
        capital(reason) + ".",
        "Guyatt et al. 2011, GRADE guidelines 5, J Clin Epidemiol 64:1277-1282",
    )
