"""A difference between groups against the sizes that somebody called important."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evidence.data import Review, Threshold
from evidence.data.frames import each_row
from evidence.display import Display, format_number, html_table, join_words

__all__ = ["BETWEEN", "ThresholdComparison", "compare_with_thresholds", "smallest_threshold"]

#: The only kind of threshold that a difference between groups may be compared with.
BETWEEN = "difference between groups"

_MISUSE = {
    "change within a person": "for the change of one person, not for a difference between groups",
    "state": "marks a state, not a difference",
}


@dataclass(frozen=True, slots=True)
class ThresholdComparison(Display):
    """Where an effect and its interval lie beside each threshold of its outcome.

    Attributes
    ----------
    benefit, benefit_low, benefit_high
        The effect and its interval, positive where the treatment is better.
    unit
        Unit of the effect: the outcome's, or ``"SD"``.
    rows
        One per threshold: `threshold`, `applies`, `estimate_reaches`, `interval_reaches`.
    """

    benefit: float
    benefit_low: float
    benefit_high: float
    unit: str
    rows: pd.DataFrame

    @property
    def applicable(self) -> pd.DataFrame:
        """The thresholds for a difference between groups on this scale."""
        return self.rows[self.rows["applies"]]

    @property
    def smallest(self) -> float | None:
        """The smallest applicable threshold, or None."""
        values = self.applicable["value"]
        return None if values.empty else float(values.min())

    @property
    def depends(self) -> bool:
        """Whether the thresholds disagree on whether the estimate reaches them."""
        reaches = self.applicable["estimate_reaches"]
        return bool(reaches.any() and not reaches.all())

    def summary(self) -> str:
        """Return in a sentence or two what the effect reaches and what it does not."""
        rows = self.applicable
        if rows.empty:
            return "No threshold for a difference between groups is known on this scale."
        unit = self.unit
        values = sorted({float(value) for value in rows["value"]})
        named = join_words((format_number(v, _decimals(v)) for v in values), "and")
        effect = format_number(self.benefit, 2 if unit == "SD" else 1)
        reached = rows["estimate_reaches"]
        if not reached.any():
            text = (
                f"An effect of {effect} {unit} lies below "
                f"{'the threshold' if len(values) == 1 else 'every threshold'} found for a "
                f"difference between groups ({named} {unit})."
            )
        elif reached.all():
            text = (
                f"An effect of {effect} {unit} reaches "
                f"{'the threshold' if len(values) == 1 else 'every threshold'} found for a "
                f"difference between groups ({named} {unit})."
            )
        else:
            over = sorted({float(v) for v in rows.loc[reached, "value"]})
            text = (
                f"An effect of {effect} {unit} reaches "
                f"{join_words(format_number(v, _decimals(v)) for v in over)} {unit} but not every "
                f"threshold found for a difference between groups ({named} {unit})."
            )
        inside = rows["interval_reaches"]
        if inside.any() and not inside.all():
            over = sorted({float(v) for v in rows.loc[inside, "value"]})
            last = join_words(format_number(v, _decimals(v)) for v in over)
            text += f" Its interval reaches {last} {unit}, but not the others."
        elif not inside.any():
            none = "does not reach it" if len(values) == 1 else "reaches none of them"
            text += f" Its interval {none}."
        elif not reached.all():
            text += f" Its interval does not rule {'it' if len(values) == 1 else 'them'} out."
        return text

    def to_frame(self) -> pd.DataFrame:
        """Return one row per threshold, also those that do not apply."""
        return self.rows

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "benefit": self.benefit,
            "benefit_low": self.benefit_low,
            "benefit_high": self.benefit_high,
            "unit": self.unit,
            "thresholds": self.rows.to_dict("records"),
        }

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(
            {
                "threshold": [format_number(v, _decimals(v)) for v in self.rows["value"]],
                "unit": self.rows["unit"],
                "what it stands for": self.rows["label"],
                "the effect": [
                    ("reaches it" if row.estimate_reaches else "lies below it")
                    if row.applies
                    else f"not comparable: {row.why}"
                    for row in each_row(self.rows)
                ],
                "its interval": [
                    ("reaches it" if row.interval_reaches else "does not reach it")
                    if row.applies
                    else ""
                    for row in each_row(self.rows)
                ],
                "source": self.rows["source"],
            }
        )
        return html_table(shown, caption=self.summary())


def _decimals(value: float) -> int:
    return 0 if float(value).is_integer() else 1


def compare_with_thresholds(
    review: Review,
    outcome_id: str,
    *,
    estimate: float,
    ci_low: float,
    ci_high: float,
    scale: str = "outcome unit",
) -> ThresholdComparison:
    """Compare a difference between two groups with every threshold of its outcome.

    Thresholds for the change of one person, or for a state, are listed and marked as not
    comparable: a mean difference of 6 points and a person who changes by 6 points are
    different things.

    Parameters
    ----------
    review
        The review.
    outcome_id
        The outcome.
    estimate, ci_low, ci_high
        Treatment minus control, with its interval.
    scale
        ``"outcome unit"`` or ``"SMD"``; only thresholds on this scale apply.

    Returns
    -------
    ThresholdComparison
    """
    outcome = review.outcome(outcome_id)
    ends = sorted(outcome.benefit_sign * end for end in (ci_low, ci_high))
    benefit = outcome.benefit_sign * estimate
    unit = "SD" if scale == "SMD" else outcome.unit
    citations = dict(zip(review.sources["source_id"], review.sources["citation"], strict=True))
    rows = []
    for threshold in review.thresholds(outcome_id):
        why = _MISUSE.get(threshold.applies_to, "")
        if not why and threshold.scale != scale:
            why = f"on another scale ({threshold.scale})"
        rows.append(
            {
                "id": threshold.id,
                "value": threshold.value,
                "unit": "SD" if threshold.scale == "SMD" else outcome.unit,
                "label": threshold.label,
                "applies": not why,
                "why": why,
                # A size counts for harm as well as for benefit.
                "estimate_reaches": not why and abs(benefit) >= threshold.value,
                "interval_reaches": not why
                and (ends[1] >= threshold.value or ends[0] <= -threshold.value),
                "source": citations.get(threshold.source_id, threshold.source_id),
                "tier": threshold.tier,
            }
        )
    columns = ["id", "value", "unit", "label", "applies", "why"]
    columns += ["estimate_reaches", "interval_reaches", "source", "tier"]
    table = pd.DataFrame(rows, columns=columns).astype(
        {"applies": bool, "estimate_reaches": bool, "interval_reaches": bool}
    )
    table = table.sort_values("applies", ascending=False, kind="stable").reset_index(drop=True)
    return ThresholdComparison(benefit, ends[0], ends[1], unit, table)


def smallest_threshold(
    review: Review, outcome_ids: tuple[str, ...], scale: str
) -> Threshold | None:
    """Return the smallest threshold for a difference between groups, or None."""
    found = [
        threshold
        for outcome_id in outcome_ids
        for threshold in review.thresholds(outcome_id, BETWEEN)
        if threshold.scale == scale
    ]
    return min(found, key=lambda threshold: threshold.value) if found else None
