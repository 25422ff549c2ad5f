"""How much of the treated group's change the control group showed as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from evidence.data import Review
from evidence.display import Display, capital, format_number
from evidence.errors import InsufficientEvidenceError

__all__ = ["PlaceboShare", "placebo_share"]


@dataclass(frozen=True, slots=True)
class PlaceboShare(Display):
    """Changes from baseline in the two groups, side by side.

    Attributes
    ----------
    change_treatment, change_control
        Mean changes from baseline, in the outcome's unit.
    unit
        The unit.
    """

    label: str
    outcome: str
    unit: str
    change_treatment: float
    change_control: float

    @property
    def share(self) -> float:
        """The control group's change over the treated group's; NaN where that is 0."""
        return (
            self.change_control / self.change_treatment if self.change_treatment else float("nan")
        )

    reference: ClassVar[str] = "Hróbjartsson and Gøtzsche 2010, Cochrane CD003974"
    assumptions: ClassVar[tuple[str, ...]] = (
        "The control group's change also holds time, regression to the mean and being in a trial.",
    )

    def sentence(self) -> str:
        """Return the comparison in one sentence, as `summary` does."""
        return self.summary()

    def summary(self) -> str:
        """Return the comparison in one sentence."""
        treated = format_number(self.change_treatment, 1)
        control = format_number(self.change_control, 1)
        text = (
            f"{capital(self.outcome)} changed by {treated} {self.unit} with the treatment and by "
            f"{control} with the control"
        )
        if 0 <= self.share <= 1:
            text += (
                f": {format_number(100 * self.share, 0)}% of the change came without the treatment"
            )
        elif self.share > 1:
            text += ": the whole change, and more, came without the treatment"
        return text + "."

    def to_frame(self) -> pd.DataFrame:
        """Return a table of one row."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "label": self.label,
            "outcome": self.outcome,
            "unit": self.unit,
            "change_treatment": self.change_treatment,
            "change_control": self.change_control,
            "share": self.share,
        }


def placebo_share(
    review: Review, study_id: str, outcome_id: str, timepoint: str = ""
) -> PlaceboShare:
    """Compare the changes from baseline of a trial's two groups.

    The share is a description, not an estimate of a placebo effect: the control group's
    change also holds time, regression to the mean and the care of being in a trial.

    Parameters
    ----------
    review
        The review.
    study_id, outcome_id, timepoint
        Which comparison; an empty timepoint takes the first.

    Raises
    ------
    InsufficientEvidenceError
        When the changes of both groups are not reported.
    """
    arms = review.arms
    mine = arms[
        (arms["study_id"] == study_id)
        & (arms["outcome_id"] == outcome_id)
        & (arms["kind"] == "change")
        & arms["mean"].notna()
    ]
    if not timepoint and not mine.empty:
        timepoint = str(mine["timepoint"].iloc[0])
    mine = mine[mine["timepoint"] == timepoint]
    means = {role: mine.loc[mine["role"] == role, "mean"] for role in ("treatment", "control")}
    if any(values.empty for values in means.values()):
        raise InsufficientEvidenceError(
            f"{review.label(study_id)} does not report the change from baseline of both groups."
        )
    outcome = review.outcome(outcome_id)
    return PlaceboShare(
        review.label(study_id),
        outcome.name,
        outcome.unit,
        float(means["treatment"].iloc[0]),
        float(means["control"].iloc[0]),
    )
