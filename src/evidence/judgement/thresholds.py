"""A difference between groups against the sizes that somebody called important."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evidence.data import Review
from evidence.data.frames import each_row
from evidence.display import Display, capital, html_table, join_words
from evidence.errors import InvalidArgumentError
from evidence.judgement.language import english as words
from evidence.judgement.phrases import Scale
from evidence.judgement.yardsticks import MISUSE, named_thresholds

__all__ = ["ThresholdComparison", "compare_with_thresholds"]

#: The measure behind a difference, by the scale of the threshold and the outcome's kind.
_MEASURES = {
    ("SMD", "continuous"): "standardised mean difference",
    ("outcome unit", "continuous"): "mean difference",
    ("outcome unit", "dichotomous"): "risk difference",
}


@dataclass(frozen=True, slots=True)
class ThresholdComparison(Display):
    """Where an effect and its interval lie beside each threshold of its outcome.

    Attributes
    ----------
    benefit, benefit_low, benefit_high
        The effect and its interval, positive where the treatment is better.
    scale
        How the effect reads: in the outcome's unit, or in ``"SD"``.
    rows
        One per threshold: `id`, `value`, `unit`, `label`, `applies`, `why` (where it does not),
        `estimate_reaches`, `interval_reaches`, `source`, `tier`.
    """

    benefit: float
    benefit_low: float
    benefit_high: float
    scale: Scale
    rows: pd.DataFrame

    @property
    def unit(self) -> str:
        """Unit of the effect: the outcome's, or ``"SD"``."""
        return self.scale.unit

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

    @property
    def depends_in_words(self) -> str:
        """Whether it depends on the threshold if the effect matters: a sentence."""
        if self.applicable.empty:
            return words.SIZE_UNKNOWN
        reached, missed = (
            self._values("estimate_reaches"),
            self._values("estimate_reaches", no=True),
        )
        if self.depends:
            return words.SIZE_DEPENDS.format(
                reached=self._named(reached), missed=self._named(missed)
            )
        form = words.SIZE_MANY_REACHED if reached else words.SIZE_MANY_MISSED
        return form.format(sizes=self._named([*reached, *missed]))

    @property
    def size_in_words(self) -> str:
        """How the effect compares with what counts as important: a clause with a capital."""
        if self.applicable.empty:
            known = (
                "" if self.rows.empty else "; the thresholds that are known measure other things"
            )
            return (
                "Which difference between groups counts as important is not known on this scale, "
                f"so the size cannot be judged{known}"
            )
        reached, missed = (
            self._values("estimate_reaches"),
            self._values("estimate_reaches", no=True),
        )
        named = self._named([*reached, *missed])
        many = len(reached) + len(missed) > 1
        if self.benefit == 0:
            return f"No difference was found, and so none that counts as important ({named})"
        if reached and missed:
            return (
                f"{self._effect} reaches the smaller of the differences between groups that count "
                f"as important ({self._named(reached)}), but not the larger ({self._named(missed)})"
            )
        which = f"{'every' if many else 'the'} difference between groups that counts as important"
        verb = "is at least as large as" if reached else "is smaller than"
        return f"{self._effect} {verb} {which} ({named})"

    @property
    def reach_in_words(self) -> str:
        """How the uncertainty changes that: a clause; empty where there is no threshold."""
        if self.applicable.empty:
            return ""
        reached = self._values("estimate_reaches")
        more = [v for v in self._values("interval_reaches") if v not in reached]
        beyond = self._values("interval_reaches", no=True)
        if not reached:
            if not more:
                one = len(beyond) == 1
                return f"its uncertainty {'does not reach it' if one else 'reaches none of them'}"
            if beyond:
                return f"its uncertainty reaches {self._named(more)}, but not {self._named(beyond)}"
            return f"its uncertainty reaches {'it' if len(more) == 1 else 'all of them'}"
        parts = [f"reaches {self._named(more)} as well"] if more else []
        if self.benefit_low < 0 < self.benefit_high:
            parts.append("includes no difference at all")
        elif self.nearest < max(reached):
            parts.append("includes smaller differences")
        if not parts:
            return "the same holds for everything within its uncertainty"
        return f"its uncertainty {join_words(parts)}"

    @property
    def nearest(self) -> float:
        """The size within the interval that is nearest to no difference."""
        if self.benefit_low <= 0 <= self.benefit_high:
            return 0.0
        return min(abs(self.benefit_low), abs(self.benefit_high))

    @property
    def settled(self) -> bool:
        """Whether the uncertainty leaves the comparison as it is for every threshold."""
        rows = self.applicable
        if not rows["estimate_reaches"].any():
            return not rows["interval_reaches"].any()
        reached = self._values("estimate_reaches")
        same = bool((rows["interval_reaches"] == rows["estimate_reaches"]).all())
        return same and self.nearest >= max(reached)

    @property
    def _effect(self) -> str:
        size = abs(self.benefit)
        # A rounded effect must not lie on another side of a threshold than the effect.
        decimals = 2 if self.scale.unit == "SD" else 1
        values = [float(value) for value in self.applicable["value"]]
        while decimals < 6 and any(
            (size >= value) != (float(f"{size:.{decimals}f}") >= value) for value in values
        ):
            decimals += 1
        word = "benefit" if self.benefit > 0 else "disadvantage"
        return f"A {word} of {replace(self.scale, decimals=decimals).number(size)}"

    def _values(self, column: str, *, no: bool = False) -> list[float]:
        rows = self.applicable
        return sorted({float(value) for value in rows.loc[rows[column] != no, "value"]})

    def _named(self, values: list[float]) -> str:
        texts = (f"{value * self.scale.factor:.6g}" for value in values)
        return f"{join_words(texts)} {self.unit}".rstrip()

    def summary(self) -> str:
        """Return in a sentence or two what the effect reaches and what it does not."""
        texts = (self.size_in_words, capital(self.reach_in_words))
        return " ".join(f"{text}." for text in texts if text)

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
                "threshold": [f"{value:.6g}" for value in self.rows["value"]],
                "unit": self.rows["unit"],
                "what it stands for": self.rows["label"],
                "the effect": [
                    ("reaches it" if row.estimate_reaches else "is smaller")
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


def compare_with_thresholds(
    review: Review,
    outcome_id: str,
    *,
    estimate: float,
    ci_low: float,
    ci_high: float,
    scale: str = "outcome unit",
    only: Sequence[str] = (),
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
    only
        Ids of thresholds; every threshold of the outcome when empty.

    Returns
    -------
    ThresholdComparison

    Raises
    ------
    InvalidArgumentError
        When the outcome has no such scale, or a threshold asked for by its id is for another
        scale or not for a difference between groups; the message says what it is for.
    UnknownNameError
        When the outcome has no threshold of that id.
    """
    outcome = review.outcome(outcome_id)
    ends = sorted(outcome.benefit_sign * end for end in (ci_low, ci_high))
    benefit = outcome.benefit_sign * estimate
    if (scale, outcome.kind) not in _MEASURES:
        known = [name for name, kind in _MEASURES if kind == outcome.kind]
        raise InvalidArgumentError(
            f"scale is {scale!r}; for {outcome.short}, which is {outcome.kind}, it must be "
            f"{join_words(map(repr, known), 'or')}."
        )
    measure = _MEASURES[scale, outcome.kind]
    told = Scale.of(outcome, measure)
    if scale == "SMD" or outcome.kind == "dichotomous":
        told = replace(told, unit="SD" if scale == "SMD" else "people in 100")
    citations = dict(zip(review.sources["source_id"], review.sources["citation"], strict=True))
    rows = []
    chosen = named_thresholds(review, (outcome_id,), measure, only) if only else ()
    for threshold in chosen or review.thresholds(outcome_id):
        why = MISUSE.get(threshold.applies_to, "")
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
    return ThresholdComparison(benefit, ends[0], ends[1], told, table)
