"""What trials say by p values alone: one for each trial, whatever else it reports.

Where effects cannot be worked out, p values and directions are what is left. They say whether
anything is there, and not how much.

References
----------
McKenzie JE, Brennan SE. Synthesizing and presenting findings using other methods. Cochrane
Handbook for Systematic Reviews of Interventions, chapter 12.
Harrison S, Jones HE, Martin RM, Lewis SJ, Higgins JPT (2017). The albatross plot: a novel
graphical tool for presenting results of diversely reported studies in a systematic review.
Research Synthesis Methods 8:281-289.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from evidence.appraisal.selection.albatross import Albatross, albatross
from evidence.data import Review
from evidence.display import Display, capital, html_table, join_words, plural
from evidence.effects.derivation.context import group_sizes
from evidence.effects.derivation.derive import context_of
from evidence.errors import InsufficientEvidenceError
from evidence.synthesis.p_values.combine import combine_p_values
from evidence.synthesis.p_values.result import CombinedPValue

__all__ = ["PValueEvidence", "collect_p_values"]

_COLUMNS = ("study_id", "label", "outcome", "timepoint", "p", "relation", "n", "direction", "tier")
#: What is meant where a report says no more than this.
_SAID = {"significant": "<", "not significant": ">"}
_LEVEL = 0.05
_METHODS = ("fisher", "edgington")
_RELATIONS = {"<=": "\N{LESS-THAN OR EQUAL TO}", ">=": "\N{GREATER-THAN OR EQUAL TO}"}


@dataclass(frozen=True, eq=False)
class PValueEvidence(Display):
    """One p value for each trial that reports one.

    Attributes
    ----------
    table
        One row per trial: `study_id`, `label`, `outcome`, `timepoint`, `p`, `relation` (``"="``,
        ``"<"`` or ``">"``), `n` (people; NaN where not known), `direction` (``"for"`` or
        ``"against"`` the treatment, or ``"unknown"``), `tier`.
    silent
        Labels of the trials that report no p value of two groups.
    told
        Labels of those that only say whether a result was significant; 0.05 stands for it.
    excluded
        Labels of those that a decision leaves out of the analysis.
    """

    table: pd.DataFrame
    silent: tuple[str, ...]
    told: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    @cached_property
    def albatross(self) -> Albatross:
        """The trials by p value and number of people; those of unknown size are left out."""
        known = self.table[self.table["n"].notna()]
        return albatross(
            known["p"].to_numpy(float),
            known["n"].to_numpy(float),
            directions=list(known["direction"]),
            relations=list(known["relation"]),
            labels=list(known["label"]),
        )

    @cached_property
    def combined(self) -> tuple[CombinedPValue, ...]:
        """The p values combined by Fisher's and by Edgington's method, each with its null."""
        directions = list(self.table["direction"])
        return tuple(
            combine_p_values(
                self.table["p"].to_numpy(float),
                method=method,
                directions=None if "unknown" in directions else directions,
                relations=list(self.table["relation"]),
                labels=list(self.table["label"]),
            )
            for method in _METHODS
        )

    def summary(self) -> str:
        """Return how many there are, and what they come to together."""
        rows = self.table
        pointing = [
            plural(int((rows["direction"] == way).sum()), one, more)
            for way, one, more in (
                ("for", "points towards the treatment", "point towards the treatment"),
                ("against", "points away from it", "point away from it"),
                ("unknown", "does not say which way", "do not say which way"),
            )
            if (rows["direction"] == way).any()
        ]
        count = capital(plural(len(rows), "trial"))
        lines = [f"{count} with a p value: {join_words(pointing)}."]
        if self.told:
            lines.append(
                f"Of {join_words(self.told)} it is only said whether the result was significant; "
                f"a bound of {_LEVEL:g} stands for that."
            )
        lines += [combined.sentence for combined in self.combined]
        if self.silent:
            lines.append(f"No p value of two groups was found of {join_words(self.silent)}.")
        if self.excluded:
            lines.append(f"Left out by decision: {join_words(self.excluded)}.")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per trial."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not known."""
        return {
            "trials": [
                {name: None if pd.isna(value) else value for name, value in row.items()}
                for row in self.table.to_dict("records")
            ],
            "silent": list(self.silent),
            "told": list(self.told),
            "excluded": list(self.excluded),
            "combined": [combined.to_dict() for combined in self.combined],
        }

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(
            {
                "trial": self.table["label"],
                "outcome": self.table["outcome"],
                "p": [
                    f"{_RELATIONS.get(relation, relation)} {p:g}"
                    for relation, p in zip(self.table["relation"], self.table["p"], strict=True)
                ],
                "people": ["" if np.isnan(n) else f"{n:.0f}" for n in self.table["n"]],
                "direction": self.table["direction"].map(
                    {"for": "treatment better", "against": "treatment worse", "unknown": "not said"}
                ),
                "tier": self.table["tier"],
            }
        )
        text = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines())
        return html_table(shown, caption="One p value for each trial") + text


def collect_p_values(review: Review, *, analysis_id: str = "") -> PValueEvidence:
    """Take one p value from every trial, so that none has more than one say.

    Of each trial the first outcome counts that it reports a p value of: those of the analysis
    in their order, then its other outcomes about the benefit in the order of the tables, at the
    last time. Where reports of that outcome differ, the one that claims least is taken: the
    largest p value, or a bound that says it is larger still.

    Parameters
    ----------
    review
        The review; trials are the studies with the role ``trial`` and results.
    analysis_id
        An analysis, as named in `review.toml`; left out for the main one.

    Returns
    -------
    PValueEvidence

    Raises
    ------
    UnknownNameError
        When the analysis is not known.
    InsufficientEvidenceError
        When no trial reports a p value of two groups.
    """
    plan = review.analysis(analysis_id or next(iter(review.plan.analyses)))
    studies = review.studies
    trials = studies[(studies["role"] == "trial") & (studies["status"] != "registered")]
    excluded = review.exclusions
    decided = set(excluded["study_id"][excluded["analysis_id"] == plan.id])
    others = dict.fromkeys(map(str, review.contrasts["outcome_id"]))
    benefits = [name for name in others if review.outcome(name).about == "benefit"]
    outcomes = list(dict.fromkeys([*plan.outcomes, *benefits]))
    rows, silent, told = [], [], []
    for study_id in trials["study_id"]:
        if study_id in decided:
            continue
        found = next(_p_values(review, str(study_id), outcomes), None)
        if found is None:
            silent.append(review.label(study_id))
            continue
        only_told = found.pop("told")
        rows.append(found)
        told += [review.label(study_id)] if only_told else []
    if not rows:
        raise InsufficientEvidenceError(
            f"{plan.title}: no trial reports a p value of two groups, so there is none to combine "
            "or to draw. Look at the directions of effect instead."
        )
    return PValueEvidence(
        pd.DataFrame(rows, columns=list(_COLUMNS)),
        tuple(silent),
        tuple(told),
        tuple(review.label(study_id) for study_id in trials["study_id"] if study_id in decided),
    )


def _p_values(review: Review, study_id: str, outcomes: list[str]) -> Iterator[dict[str, Any]]:
    for outcome_id in outcomes:
        rows = review.rows_of("contrasts", study_id, outcome_id)
        rows = rows[(rows["p_test"] != "several groups") | rows["p_test"].isna()]
        rows = rows[rows["p"].notna() | rows["significance"].isin(list(_SAID))]
        if rows.empty:
            continue
        timepoint = str(rows["timepoint"].iloc[-1])
        rows = rows[rows["timepoint"] == timepoint]
        candidates = [_of_row(row) for _, row in rows.iterrows()]
        place = _claiming_least(candidates)
        p, relation, only_told = candidates[place]
        line = int(rows.index[place])
        context = context_of(
            review,
            study_id,
            outcome_id,
            timepoint=timepoint,
            measure="standardised mean difference",
        )
        sizes = group_sizes(context, line)
        sign, signed, _ = context.sign(line)
        better = sign == context.outcome.benefit_sign
        yield {
            "study_id": study_id,
            "label": review.label(study_id),
            "outcome": context.outcome.short,
            "timepoint": timepoint,
            "p": p,
            "relation": relation,
            "n": np.nan if sizes is None else sizes.people,
            "direction": ("for" if better else "against") if signed else "unknown",
            "tier": str(rows["tier"].iloc[place]),
            "told": only_told,
        }


def _claiming_least(candidates: list[tuple[float, str, bool]]) -> int:
    """Return the place of the report that claims least.

    Of exact p values the largest, unless another report says that p is above it; of bounds alone
    the highest that p lies above, else the highest that it lies below.
    """

    def largest(*relations: str) -> int | None:
        places = [i for i, (_, relation, _) in enumerate(candidates) if relation in relations]
        return max(places, key=lambda i: candidates[i][0], default=None)

    exact, above, below = largest("="), largest(">"), largest("<", "<=")
    if exact is not None and (above is None or candidates[above][0] < candidates[exact][0]):
        return exact
    found = below if above is None else above
    assert found is not None
    return found


def _of_row(row: Any) -> tuple[float, str, bool]:
    """Return p (never 0: the review refuses that), its relation, and whether it is only told."""
    if pd.isna(row["p"]):
        return _LEVEL, _SAID[str(row["significance"])], True
    relation = "=" if pd.isna(row["p_relation"]) else str(row["p_relation"])
    return float(row["p"]), relation, False
