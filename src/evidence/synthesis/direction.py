"""Synthesis where nothing can be pooled: which way each trial points.

References
----------
Boon MH, Thomson H (2021). The effect direction plot revisited: application of the 2019
Cochrane Handbook guidance on alternative synthesis methods. Research Synthesis Methods
12:29-33.
McKenzie JE, Brennan SE. Synthesizing and presenting findings using other methods.
Cochrane Handbook for Systematic Reviews of Interventions, chapter 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evidence.data import Review
from evidence.data.frames import each_row
from evidence.display import Display, format_p, html_table, plural
from evidence.errors import Caution

__all__ = ["DIRECTIONS", "DirectionSynthesis", "significance_of", "synthesise_direction"]

#: The words for a direction, from the reader's side.
DIRECTIONS = {
    "treatment": "favours the treatment",
    "control": "favours the comparator",
    "none": "said to be the same in both",
    "not reported": "direction not reported",
    "mixed": "points both ways",
}


@dataclass(frozen=True, slots=True)
class DirectionSynthesis(Display):
    """The direction of effect by trial and outcome domain, with a sign test.

    Attributes
    ----------
    cells
        One row per trial and domain: `study_id`, `label`, `domain`, `direction`,
        `significant` (``"yes"``, ``"no"`` or ``"not reported"``), `comparisons`, `n`, `tier`.
    favourable, unfavourable
        Trials whose stated directions all point one way.
    undirected
        Trials that state no direction, or both.
    p_value
        Two-sided exact sign test over the trials that point one way; NaN where there
        are none.
    """

    cells: pd.DataFrame
    favourable: int
    unfavourable: int
    undirected: int
    p_value: float
    cautions: tuple[Caution, ...] = ()

    @property
    def trials(self) -> int:
        """How many trials."""
        return self.favourable + self.unfavourable + self.undirected

    def summary(self) -> str:
        """Return the count and the sign test in words."""
        head = (
            f"Of {plural(self.trials, 'trial')}, {self.favourable} point towards the treatment, "
            f"{self.unfavourable} towards the comparator, and {self.undirected} state no direction "
            "or both."
        )
        if self.favourable + self.unfavourable:
            head += (
                f" If the treatment did nothing, each would be as likely to point either way: "
                f"sign test {format_p(self.p_value)}."
            )
        return "\n".join([head, *(caution.message for caution in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per trial and domain."""
        return self.cells

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "trials": self.trials,
            "favourable": self.favourable,
            "unfavourable": self.unfavourable,
            "undirected": self.undirected,
            "p_value": self.p_value,
            "cells": self.cells.to_dict("records"),
        }

    def _repr_html_(self) -> str:
        shown = self.cells[["label", "domain", "direction", "significant", "n"]]
        return html_table(shown, caption=self.summary().splitlines()[0])


def synthesise_direction(review: Review, exclude: tuple[str, ...] = ()) -> DirectionSynthesis:
    """Count which way the trials of a review point, whatever they measured.

    Parameters
    ----------
    review
        The review; trials are the studies with the role ``trial``. Only outcomes that are
        about the benefit asked for count.
    exclude
        Studies to leave out.

    Returns
    -------
    DirectionSynthesis
    """
    from scipy.stats import binomtest

    rows = _reported(review, exclude)
    cells = [
        _cell(review, str(study_id), str(domain), group)
        for (study_id, domain), group in rows.groupby(["study_id", "domain"], sort=False)
    ]
    columns = [
        "study_id",
        "label",
        "domain",
        "direction",
        "significant",
        "comparisons",
        "n",
        "tier",
    ]
    table = pd.DataFrame(cells, columns=columns)
    counts = {"treatment": 0, "control": 0, "": 0}
    for _, group in table.groupby("study_id", sort=False):
        stated = set(group["direction"]) & {"treatment", "control", "mixed", "none"}
        counts[stated.pop() if stated in ({"treatment"}, {"control"}) else ""] += 1
    favourable, unfavourable = counts["treatment"], counts["control"]
    directed = favourable + unfavourable
    p_value = float(binomtest(favourable, directed).pvalue) if directed else float("nan")
    silent = int((table["direction"] == "not reported").sum())
    cautions: tuple[Caution, ...] = (
        Caution(
            "vote",
            "A count of directions says nothing of size, and gives a small trial the vote of a "
            "large one.",
            "Cochrane Handbook, section 12.2.1",
        ),
    )
    if silent:
        cautions += (
            Caution(
                "silent",
                f"{plural(silent, 'result')} told only as not significant, or without direction, "
                "cannot be counted; directions are stated more readily when they are favourable.",
            ),
        )
    return DirectionSynthesis(table, favourable, unfavourable, counts[""], p_value, cautions)


def _reported(review: Review, exclude: tuple[str, ...]) -> pd.DataFrame:
    """Return one row per reported comparison of a trial: direction and significance."""
    for study_id in exclude:
        review.study(study_id)
    trials = set(review.studies.loc[review.studies["role"] == "trial", "study_id"]) - set(exclude)
    found = []
    seen = set()
    for row in each_row(review.contrasts):
        outcome = review.outcome(row.outcome_id)
        if row.study_id not in trials or outcome.about != "benefit":
            continue
        seen.add((row.study_id, row.outcome_id))
        found.append(
            (row.study_id, outcome.domain, str(row.direction), significance_of(row), str(row.tier))
        )
    arms = review.arms[review.arms["mean"].notna() & (review.arms["kind"] != "baseline")]
    # Means are compared within one time, kind and source, and never across.
    together = ["study_id", "outcome_id", "timepoint", "kind", "source_id"]
    for key, group in arms.groupby(together, sort=False, observed=True):
        study_id, outcome_id = str(key[0]), str(key[1])
        if study_id not in trials or (study_id, outcome_id) in seen:
            continue
        treated = group.loc[group["role"] == "treatment", "mean"]
        control = group.loc[group["role"] == "control", "mean"]
        if treated.empty or control.empty:
            continue
        outcome = review.outcome(outcome_id)
        if outcome.about != "benefit":
            continue
        gain = (float(treated.iloc[0]) - float(control.iloc[0])) * outcome.benefit_sign
        direction = "treatment" if gain > 0 else "control" if gain < 0 else "none"
        tier = "secondary" if (group["tier"] == "secondary").any() else "primary"
        found.append((study_id, outcome.domain, direction, "not reported", tier))
    columns = ["study_id", "domain", "direction", "significant", "tier"]
    table = pd.DataFrame(found, columns=columns)
    order = {study_id: i for i, study_id in enumerate(review.studies["study_id"])}
    return table.sort_values("study_id", key=lambda ids: ids.map(order), kind="stable")


#: The level at which reports call a result significant.
SIGNIFICANT = 0.05


def significance_of(row: object) -> str:
    """Return whether a reported comparison is significant: yes, no or not reported.

    Parameters
    ----------
    row
        A row of `contrasts`.
    """
    p, relation = getattr(row, "p", None), getattr(row, "p_relation", None)
    if str(getattr(row, "p_test", None)) == "several groups":
        return "not reported"  # of the treatment against its control
    if p is not None and not pd.isna(p):
        if relation == ">":
            return "no" if p >= SIGNIFICANT else "not reported"
        if p <= SIGNIFICANT:
            return "yes"
        # p < 0.1 says nothing of 0.05.
        return "not reported" if relation in ("<", "<=") else "no"
    stated = getattr(row, "significance", None)
    return {"significant": "yes", "not significant": "no"}.get(str(stated), "not reported")


def _cell(review: Review, study_id: str, domain: str, group: pd.DataFrame) -> tuple[object, ...]:
    stated = set(group["direction"]) - {"not reported"}
    direction = stated.pop() if len(stated) == 1 else "mixed" if stated else "not reported"
    significant = set(group["significant"])
    verdict = "yes" if significant == {"yes"} else "no" if "yes" not in significant else "some"
    if significant == {"not reported"}:
        verdict = "not reported"
    n = review.study(study_id)["n_randomised"]
    return (
        study_id,
        review.label(study_id),
        domain,
        direction,
        verdict,
        len(group),
        None if pd.isna(n) else int(n),
        "secondary" if (group["tier"] == "secondary").any() else "primary",
    )
