"""Directness: how far each trial is from the question, as data.

Reference
---------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 8. Rating the quality of
evidence: indirectness. Journal of Clinical Epidemiology 64:1303-1310.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evidence.data import ReportedNumber, Review
from evidence.data.frames import each_row
from evidence.data.lookups import ASPECTS, match_text
from evidence.display import Display, html_table

__all__ = ["Directness", "appraise_directness"]

_COLUMNS = (
    "study_id",
    "label",
    "design",
    "status",
    "n",
    "population",
    "form",
    "comparator",
    "dose",
    "outcomes",
)


@dataclass(frozen=True, slots=True)
class Directness(Display):
    """For each trial, whether form, comparator and population are those of the question.

    Attributes
    ----------
    table
        `study_id`, `label`, `design`, `status`, `n`, `population`, `form`, `comparator`,
        `dose`, `outcomes` (the domains it reports), and for each aspect
        `<aspect>_match`: ``"same"``, ``"other"`` or ``"not stated"``.
    """

    table: pd.DataFrame
    form: str

    @property
    def same_form(self) -> int:
        """How many trials tested the form asked about."""
        return int((self.table["form_match"] == "same").sum())

    def match(self, study_id: str, aspect: str) -> str:
        """Return ``"same"``, ``"other"`` or ``"not stated"`` for one trial and aspect."""
        found = self.table.loc[self.table["study_id"] == study_id, f"{aspect}_match"]
        return str(found.iloc[0]) if len(found) else "not stated"

    def matches(self, study_id: str, aspect: str) -> bool:
        """Return whether a trial is direct in an aspect."""
        return self.match(study_id, aspect) == "same"

    def summary(self) -> str:
        """Return how many trials tested what is asked about."""
        if self.table.empty:
            return f"There is no trial, of {self.form} or of anything else."
        trials = "1 trial" if len(self.table) == 1 else f"{len(self.table)} trials"
        return f"{self.same_form} of {trials} tested {self.form}."

    def to_frame(self) -> pd.DataFrame:
        """Return one row per trial."""
        return self.table

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "form": self.form,
            "same_form": self.same_form,
            "trials": self.table.to_dict("records"),
        }

    def _repr_html_(self) -> str:
        names = ["label", "design", "n", "population", "form", "comparator", "dose", "outcomes"]
        shown = self.table[names].copy()
        for aspect in ASPECTS:
            # What is asked about is marked in words, so that distance shows at a glance.
            same = self.table[f"{aspect}_match"] == "same"
            shown[aspect] = shown[aspect].where(~same, shown[aspect] + " ✓")
        note = "<p><small>✓: as the question asks.</small></p>"
        return html_table(shown, caption=self.summary()) + note


def appraise_directness(review: Review) -> Directness:
    """Compare every trial of a review with the target of its question.

    An aspect counts as the same when the study's entry starts with the target's words;
    an empty entry or ``not stated`` counts as not stated. Nothing is guessed from
    similar words.

    Parameters
    ----------
    review
        The review; trials are the studies with the role ``trial`` and public results: what
        is only registered has tested nothing that could be read.
    """
    target = review.plan.target
    studies = review.studies
    trials = studies[(studies["role"] == "trial") & (studies["status"] != "registered")]
    rows = []
    for trial in each_row(trials):
        row: dict[str, object] = {
            "study_id": trial.study_id,
            "label": trial.label,
            "design": str(trial.design),
            "status": str(trial.status),
            "n": None if pd.isna(trial.n_randomised) else int(trial.n_randomised),
            "population": trial.population,
            "form": trial.form,
            "comparator": trial.comparator,
            "dose": _dose(review, str(trial.study_id)),
            "outcomes": _domains(review, str(trial.study_id)),
        }
        for aspect in ASPECTS:
            entry, wanted = str(getattr(trial, aspect)), getattr(target, aspect)
            row[f"{aspect}_match"] = match_text(entry, wanted)
        rows.append(row)
    table = (
        pd.DataFrame(rows).astype({"n": "Int64"})
        if rows
        else pd.DataFrame(columns=[*_COLUMNS, *(f"{aspect}_match" for aspect in ASPECTS)])
    )
    return Directness(table, target.form)


def _domains(review: Review, study_id: str) -> str:
    """Return what a trial reports on, in plain words, in the order of its rows."""
    found: dict[str, None] = {}
    for name in ("contrasts", "arms"):
        table = review.tables[name]
        for outcome_id in table.loc[table["study_id"] == study_id, "outcome_id"]:
            found[review.outcome(str(outcome_id)).domain] = None
    return ", ".join(found)


def _dose(review: Review, study_id: str) -> str:
    for item in ("dose_elemental", "dose_compound"):
        facts = review.facts_of(study_id, item)
        if not facts.empty:
            value, unit = str(facts.iloc[0]["value"]), str(facts.iloc[0]["unit"])
            return f"{value} {unit}".strip() if ReportedNumber.is_number(value) else value
    return ""
