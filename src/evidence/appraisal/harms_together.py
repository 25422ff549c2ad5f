"""Harms over all trials: what each reports, what can be pooled, and why the rest cannot.

Counts of two groups are pooled without adding anything to empty cells, by the method that
suits how rare they are; where only one trial counts people in two groups there is nothing to
pool, and its exact test stands. Zero events in one group bound the risk, and do not make it
zero.

References
----------
Efthimiou O (2018). Practical guide to the meta-analysis of rare events. Evidence-Based Mental
Health 21:72-76.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evidence.appraisal.harms import HarmsComparison, compare_harms
from evidence.data import Outcome, ReportedNumber, Review
from evidence.data.frames import each_row
from evidence.display import (
    MINUS,
    Display,
    Table,
    capital,
    few_names,
    format_interval,
    format_number,
    format_p,
    plural,
)
from evidence.effects.exact.intervals import ExactInterval, proportion_interval
from evidence.errors import InsufficientEvidenceError
from evidence.synthesis.sparse.advice import SparseAdvice, advise_sparse
from evidence.synthesis.sparse.exact_odds import pool_exact_odds_ratio
from evidence.synthesis.sparse.mantel_haenszel import pool_mantel_haenszel
from evidence.synthesis.sparse.peto import pool_peto
from evidence.synthesis.sparse.result import SparseResult

__all__ = ["HarmsTogether", "harm_outcomes", "pool_harms"]

_COUNTED = "two groups counted"


@dataclass(frozen=True)
class HarmsTogether(Display):
    """One sort of harm over all studies that report anything of it.

    Attributes
    ----------
    outcome
        The outcome.
    table
        One row for each report: `study_id`, `study`, `design`, `role`, `said`, `usable`
        (empty, or why it cannot be pooled), `tier`, `note`.
    pooled
        The pooled odds ratio; None where fewer than two trials can be used.
    advice
        Why that method; None where nothing is pooled.
    single
        The one trial's exact comparison, where one can be used.
    bounds
        For each report of one group or of everybody together: `study` and the exact interval
        of the share with the event.
    silent
        Trials that report nothing of this harm in what was read.
    """

    outcome: Outcome
    table: pd.DataFrame
    pooled: SparseResult | None
    advice: SparseAdvice | None
    single: HarmsComparison | None
    bounds: tuple[tuple[str, ExactInterval], ...]
    silent: tuple[str, ...]

    @property
    def usable(self) -> int:
        """How many trials count people in two groups."""
        return int((self.table["usable"] == "").sum())

    def read(self) -> Table:
        """Return the reports as a table to be read."""
        frame = pd.DataFrame(
            {
                "study": self.table["study"],
                "design": self.table["design"],
                "what is reported": self.table["said"],
                "for pooling": self.table["usable"].replace("", _COUNTED),
                "tier": self.table["tier"],
                "note": self.table["note"],
            }
        )
        return Table(frame, caption=capital(self.outcome.name))

    def summary(self) -> str:
        """Return what can be pooled, what it comes to, and what is bounded or not reported."""
        name = self.outcome.name
        lines = []
        if self.pooled is not None:
            odds, low, high = (
                self.pooled.on_scale(value)
                for value in (self.pooled.estimate, self.pooled.ci_low, self.pooled.ci_high)
            )
            lines.append(
                f"{capital(name)}: {plural(self.usable, 'trial')} can be pooled "
                f"({self.pooled.method}): odds ratio {format_number(odds)} "
                f"({100 * self.pooled.level:g}% CI {format_interval(low, high)}), "
                f"{format_p(self.pooled.p_value)}."
            )
        elif self.advice is not None:
            why = " ".join(self.advice.reasons)
            lines.append(f"{capital(name)}: {plural(self.usable, 'trial')}, nothing pooled. {why}")
        elif self.single is not None:
            note = str(self.table.loc[self.table["usable"] == "", "note"].iloc[0])
            lines.append(
                f"{self.single.summary()} One trial is nothing to pool."
                + (f" Note: {note}" if note else "")
            )
        else:
            lines.append(
                f"{capital(name)}: no trial counts people in two groups, so nothing can be pooled."
            )
        for study, bound in self.bounds:
            events, total = (count for _, count in bound.counts)
            lines.append(
                f"{study}: {events} of {total} people; by that alone up to "
                f"{format_number(100 * bound.ci_high, 1)} in 100 are possible "
                f"({100 * bound.level:g}% CI {format_number(100 * bound.ci_low, 1)} to "
                f"{format_number(100 * bound.ci_high, 1)})."
            )
        said = self.table[(self.table["usable"] != "") & ~self.table["counted"]]
        lines += [f"{row.study}: {row.said}; {row.usable}." for row in each_row(said)]
        if self.silent:
            lines.append(f"Nothing of it was read in {few_names(self.silent, 'trial')}.")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each report."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "outcome": self.outcome.name,
            "reports": self.table.to_dict("records"),
            "pooled": self.pooled.to_dict() if self.pooled else None,
            "single": self.single.to_dict() if self.single else None,
            "bounds": [{"study": study, **bound.to_dict()} for study, bound in self.bounds],
            "silent": list(self.silent),
        }

    def _repr_html_(self) -> str:
        return super()._repr_html_() + self.read()._repr_html_()


def harm_outcomes(review: Review) -> tuple[str, ...]:
    """Return the outcomes of a review that are harms, in the order of `review.toml`.

    Parameters
    ----------
    review
        The review.
    """
    return tuple(o.id for o in review.plan.outcomes.values() if o.about == "harm")


def pool_harms(
    review: Review, outcome_id: str, *, roles: Sequence[str] = ("trial", "safety")
) -> HarmsTogether:
    """Collect one sort of harm over all studies, and pool what counts people in two groups.

    Parameters
    ----------
    review
        The review.
    outcome_id
        The harm; the outcome counts people.
    roles
        Roles of the studies that are asked about, as in `studies.csv`.

    Returns
    -------
    HarmsTogether
        Odds ratios by Peto's method where it is right, by the exact conditional distribution
        where one group never had an event, and else by that of Mantel and Haenszel. Groups of
        the same people (a crossover) are not pooled as if they were others.

    Raises
    ------
    UnknownNameError
        When there is no such outcome.
    """
    outcome = review.outcome(outcome_id)
    rows: list[dict[str, object]] = []
    bounds: list[tuple[str, ExactInterval]] = []
    silent, counts = [], []
    studies = review.studies
    for study in each_row(studies[studies["role"].astype(str).isin(list(roles))]):
        mine = _reports(review, study, outcome_id)
        rows += mine
        for row in each_row(_single_groups(review, str(study.study_id), outcome_id)):
            interval = proportion_interval(events=int(row.events), total=int(row.total))
            bounds.append((str(study.label), interval))
        if not mine and str(study.role) == "trial" and str(study.status) != "registered":
            silent.append(str(study.label))
        counts += [row["pair"] for row in mine if not row["usable"]]
    names = ["study_id", "study", "design", "role", "said", "usable", "counted", "tier", "note"]
    table = pd.DataFrame(rows, columns=names).astype({"counted": bool})
    pooled, advice = _pool(counts) if len(counts) > 1 else (None, None)
    single = None
    if len(counts) == 1:
        single = compare_harms(review, str(table.loc[table["usable"] == "", "study_id"].iloc[0]),
                               outcome_id)  # fmt: skip
    return HarmsTogether(outcome, table, pooled, advice, single, tuple(bounds), tuple(silent))


def _single_groups(review: Review, study_id: str, outcome_id: str) -> pd.DataFrame:
    """Return the counts of everybody together."""
    rows = review.rows_of("arms", study_id, outcome_id)
    return rows[rows["events"].notna() & rows["total"].notna() & (rows["role"] == "all")]


def _reports(review: Review, study: object, outcome_id: str) -> list[dict[str, object]]:
    study_id, design = str(getattr(study, "study_id", "")), str(getattr(study, "design", ""))
    base = {
        "study_id": study_id,
        "study": review.label(study_id),
        "design": design,
        "role": str(getattr(study, "role", "")),
    }
    arms = review.rows_of("arms", study_id, outcome_id)
    counted = arms[arms["events"].notna() & arms["total"].notna()]
    pair = [counted[counted["role"].astype(str) == role] for role in ("treatment", "control")]
    found: list[dict[str, object]] = []
    if not counted.empty:
        said = ", ".join(
            f"{int(row.events)} of {int(row.total)} {_who(row)}" for row in each_row(counted)
        )
        why, numbers = "", None
        if all(len(each) == 1 for each in pair):
            numbers = (review.label(study_id), *(
                int(each[name].iloc[0]) for each in pair for name in ("events", "total")
            ))  # fmt: skip
            if design == "crossover trial":
                why = "the same people stand in both groups, and how they overlap is not reported"
        elif any(len(each) for each in pair):
            why = "the two groups are not counted once each"
        else:
            why = "the groups are not counted apart"
        found.append(
            {
                **base,
                "said": said,
                "usable": why,
                "counted": True,
                "pair": numbers,
                "tier": _tier(counted),
                "note": str(counted["note"].iloc[0]),
            }
        )
    for row in each_row(review.rows_of("contrasts", study_id, outcome_id)):
        pooled = design in ("meta-analysis", "systematic review")
        found.append(
            {
                **base,
                "said": _contrast(review, row),
                "usable": "pooled by others, from trials that are not in this review"
                if pooled
                else "no counts by group were read",
                "counted": False,
                "pair": None,
                "tier": str(row.tier),
                "note": str(row.note),
            }
        )
    return found


def _who(row: object) -> str:
    role, arm = str(getattr(row, "role", "")), str(getattr(row, "arm", ""))
    return f"in {arm}" if role == "all" else f"with {arm}"


def _tier(rows: pd.DataFrame) -> str:
    return "secondary" if "secondary" in set(rows["tier"].astype(str)) else "primary"


def _contrast(review: Review, row: object) -> str:
    line = int(getattr(row, "Index", 0))
    estimate, low, high = (
        review.number("contrasts", line, column) for column in ("estimate", "ci_low", "ci_high")
    )
    between = f"{getattr(row, 'treatment', '')} against {getattr(row, 'comparator', '')}"
    if estimate is not None:
        interval = f" (95% CI {_shown(low)} to {_shown(high)})" if low and high else ""
        return f"{getattr(row, 'measure', '')} {_shown(estimate)}{interval}, {between}"
    significance = getattr(row, "significance", None)
    said = "no number" if pd.isna(significance) else f"said to be {significance}, no number"
    return f"{said}, {between}"


def _shown(number: ReportedNumber) -> str:
    return str(number).replace("-", MINUS)


def _pool(counts: Sequence[Any]) -> tuple[SparseResult | None, SparseAdvice]:
    columns = list(zip(*counts, strict=True))
    data: dict[str, Any] = {
        "labels": list(columns[0]),
        "events_treatment": list(columns[1]),
        "total_treatment": list(columns[2]),
        "events_control": list(columns[3]),
        "total_control": list(columns[4]),
    }
    advice = advise_sparse(**data)
    method = {"peto": pool_peto, "exact-pooled": pool_exact_odds_ratio}.get(
        advice.method, pool_mantel_haenszel
    )
    try:
        return method(**data), advice
    except InsufficientEvidenceError:  # nobody had an event, or everybody; the advice says so
        return None, advice
