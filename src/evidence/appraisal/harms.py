"""Counts of people with an event in a trial's two groups, with an exact test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.data import Review
from evidence.display import Display, format_p_range, plural
from evidence.effects.exact.fisher import ExactComparison, fisher_over_splits
from evidence.errors import InsufficientEvidenceError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HarmsComparison", "compare_harms"]

#: The level below which reports call a difference significant.
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class HarmsComparison(Display):
    """One outcome counted in people, compared exactly.

    Attributes
    ----------
    label, outcome
        Study and outcome.
    exact
        Fisher's test over every split of the total that the report allows.
    total_treatment, total_control
        People in each group as the tables have them.
    split_known
        Whether the groups' sizes in this analysis are reported.
    tier
        The least near tier of the rows.
    """

    label: str
    outcome: str
    exact: ExactComparison
    total_treatment: int
    total_control: int
    split_known: bool
    tier: str

    @property
    def shows_difference(self) -> bool:
        """Whether every possible split gives a p value below `SIGNIFICANT`."""
        return self.exact.p_high < SIGNIFICANT

    @property
    def may_show_difference(self) -> bool:
        """Whether some possible split does."""
        return self.exact.p_low < SIGNIFICANT

    def summary(self) -> str:
        """Return the comparison in words."""
        exact = self.exact
        p_values = format_p_range(exact.p_low, exact.p_high)
        if self.split_known:
            counts = (
                f"{exact.events_treatment} of {self.total_treatment} against "
                f"{exact.events_control} of {self.total_control} people"
            )
            return f"{self.label}, {self.outcome}: {counts}; Fisher's exact test {p_values}."
        total = int(exact.splits[["total_treatment", "total_control"]].iloc[0].sum())
        return (
            f"{self.label}, {self.outcome}: {exact.events_treatment} against "
            f"{exact.events_control} among {total} people; Fisher's exact test {p_values}, "
            f"over {plural(len(exact.splits), 'way', 'ways')} they can have been divided."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per possible split."""
        return self.exact.to_frame()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "label": self.label,
            "outcome": self.outcome,
            "tier": self.tier,
            "split_known": self.split_known,
            **self.exact.to_dict(),
        }


def compare_harms(review: Review, study_id: str, outcome_id: str) -> HarmsComparison:
    """Compare the people with an event in a trial's two groups.

    Where only the numbers randomised and the total analysed are known, every split of the
    total is tried, and the p value is a range.

    Parameters
    ----------
    review
        The review.
    study_id, outcome_id
        Which comparison; the outcome counts people.

    Raises
    ------
    InsufficientEvidenceError
        When the events of both groups are not reported.
    """
    arms = review.arms
    mine = arms[
        (arms["study_id"] == study_id) & (arms["outcome_id"] == outcome_id) & arms["events"].notna()
    ]
    rows = {role: mine[mine["role"] == role] for role in ("treatment", "control")}
    if any(len(found) != 1 for found in rows.values()):
        raise InsufficientEvidenceError(
            f"{review.label(study_id)} does not report {review.outcome(outcome_id).name} "
            "once for each of exactly two groups."
        )
    treated, control = rows["treatment"].iloc[0], rows["control"].iloc[0]
    total_treatment, total_control = int(treated["total"]), int(control["total"])
    analysed = review.facts_of(study_id, "n_analysed")["number"].dropna()
    by_randomised = "randomised" in {str(treated["n_basis"]), str(control["n_basis"])}
    total = total_treatment + total_control
    split_known = True
    if by_randomised and not analysed.empty and analysed.iloc[0] < total:
        total, split_known = int(analysed.iloc[0]), False
    exact = fisher_over_splits(
        events_treatment=int(treated["events"]),
        events_control=int(control["events"]),
        total=total,
        most_treatment=total_treatment,
        most_control=total_control,
    )
    tiers = {str(treated["tier"]), str(control["tier"])}
    return HarmsComparison(
        review.label(study_id),
        review.outcome(outcome_id).name,
        exact,
        total_treatment,
        total_control,
        split_known,
        "secondary" if "secondary" in tiers else "primary",
    )
