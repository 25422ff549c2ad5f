"""Certainty of a body of evidence: suggestions for GRADE's five domains.

What is computed here is a suggestion with its reason, not a judgement: a reviewer decides.
Each domain has one rule; its reference says where the rule comes from.

References
----------
Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
of evidence. Journal of Clinical Epidemiology 64:401-406.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evidence.appraisal.certainty.bias import rate_risk_of_bias
from evidence.appraisal.certainty.domain import LEVELS, Domain
from evidence.appraisal.certainty.imprecision import rate_imprecision
from evidence.appraisal.certainty.inconsistency import rate_inconsistency
from evidence.appraisal.certainty.indirectness import rate_indirectness
from evidence.appraisal.certainty.missing import rate_missing_evidence
from evidence.data import Review
from evidence.display import Display, html_table, join_words
from evidence.synthesis.body import Scenario, Synthesis

__all__ = ["Certainty", "rate_certainty"]


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
            rate_risk_of_bias(review, synthesis, shares),
            rate_inconsistency(scenario),
            rate_indirectness(review, shares, synthesis),
            rate_imprecision(synthesis, scenario, threshold),
            rate_missing_evidence(review, synthesis),
        ),
    )
