"""Fragility of two counts where the report does not say how many people each group had.

References
----------
Walsh M, Srinathan SK, McAuley DF, et al. (2014). The statistical significance of randomized
controlled trial results is frequently fragile: a case for a Fragility Index. Journal of
Clinical Epidemiology 67:622-628.
Khan MS, Fonarow GC, Friede T, et al. (2020). Application of the reverse fragility index to
statistically nonsignificant randomized clinical trial results. JAMA Network Open 3:e2012469.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from evidence.appraisal.harms import compare_harms
from evidence.appraisal.trial.fragility_counts import TrialFragility, trial_fragility
from evidence.appraisal.trial.two_by_two import TESTS
from evidence.data import Review
from evidence.display import Display, capital, format_p_range, plural
from evidence.effects.exact.fisher import ExactComparison, fisher_over_splits
from evidence.errors import Caution

__all__ = ["FragilityOverSplits", "fragility_of_report", "fragility_over_splits", "people_lost"]


@dataclass(frozen=True, slots=True)
class FragilityOverSplits(Display):
    """The fragility of every table that the report allows.

    Attributes
    ----------
    each
        One result for each way the people can have been divided, ordered by the size of the
        treatment group.
    """

    each: tuple[TrialFragility, ...]

    reference: ClassVar[str] = TrialFragility.reference

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the count takes for granted."""
        return (*self.each[0].assumptions, "Every split that the numbers allow is possible.")

    @property
    def p_low(self) -> float:
        """Smallest p value over the splits."""
        return min(one.p_value for one in self.each)

    @property
    def p_high(self) -> float:
        """Largest p value over the splits."""
        return max(one.p_value for one in self.each)

    @property
    def turns(self) -> str:
        """``"loses"`` or ``"gains"`` as for one table; ``"depends"`` where the splits differ."""
        found = {one.turns for one in self.each}
        return found.pop() if len(found) == 1 else "depends"

    @property
    def index_low(self) -> int | None:
        """The smallest index over the splits; None where none of them has one."""
        return min((one.index for one in self.each if one.index is not None), default=None)

    @property
    def index_high(self) -> int | None:
        """The largest index over the splits; None where any of them has none."""
        found = [one.index for one in self.each if one.index is not None]
        return max(found) if len(found) == len(self.each) else None

    @property
    def lost(self) -> int | None:
        """People lost to follow-up; None where that is not known."""
        return self.each[0].lost

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What a reader should know."""
        return self.each[0].cautions

    def sentence(self) -> str:
        """Return the range of the index in words."""
        first = self.each[0]
        if len(self.each) == 1:
            return first.sentence()
        head = (
            f"{first.events_treatment} against {first.events_control} among {first.people:,} "
            f"people, however they were divided ({plural(len(self.each), 'way')}; "
            f"{format_p_range(self.p_low, self.p_high)}, {TESTS[first.test]})"
        )
        line = f"the {first.significance:g} level"
        if self.turns == "depends":
            return f"{head}: on which side of {line} p lies depends on how they were divided."
        aim = "lose" if self.turns == "loses" else "reach"
        if self.index_low is None:
            return f"{head}: no number of changed outcomes tried here suffices to {aim} {line}."
        low, high = self.index_low, self.index_high
        count = str(low)
        if high is None:
            count = f"at least {low}"
        elif high != low:
            count = f"{low} to {high}"
        noun = "person" if count == "1" else "people"
        text = f"{head}: it takes {count} {noun} with another outcome for p to {aim} {line}"
        if self.lost is None:
            return f"{text}."
        return f"{text}. {capital(plural(self.lost, 'person was', 'people were'))} lost."

    def summary(self) -> str:
        """Return the sentence and the cautions."""
        return "\n".join([self.sentence(), *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each split."""
        names = ("total_treatment", "total_control", "p_value", "turns", "index", "p_changed")
        return pd.DataFrame([{name: getattr(one, name) for name in names} for one in self.each])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = ("p_low", "p_high", "turns", "index_low", "index_high", "lost")
        return {
            **{name: getattr(self, name) for name in names},
            "splits": [one.to_dict() for one in self.each],
        }


def fragility_over_splits(
    *,
    events_treatment: int,
    events_control: int,
    total: int,
    most_treatment: int,
    most_control: int,
    test: str = "Fisher",
    directions: str = "one group",
    lost: int | None = None,
) -> FragilityOverSplits:
    """Return the fragility of two counts for every way the total can have split.

    Parameters
    ----------
    events_treatment, events_control
        People with the event in each group.
    total
        People in both groups together.
    most_treatment, most_control
        The most each group can have had: the numbers randomised.
    test, directions, lost
        As for `trial_fragility`.

    Returns
    -------
    FragilityOverSplits

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value, or where no split is possible.

    References
    ----------
    See `evidence.appraisal.trial.fragility_splits`.
    """
    exact = fisher_over_splits(
        events_treatment=events_treatment,
        events_control=events_control,
        total=total,
        most_treatment=most_treatment,
        most_control=most_control,
    )
    return _over(exact, test, directions, lost)


def fragility_of_report(
    review: Review,
    study_id: str,
    outcome_id: str,
    *,
    test: str = "Fisher",
    directions: str = "one group",
) -> FragilityOverSplits:
    """Return the fragility of an outcome that a trial counts in people, as it is reported.

    One table where the groups' sizes are reported, and otherwise every split that is possible;
    with the people lost to follow-up beside it where they are known.

    Parameters
    ----------
    review
        The review.
    study_id, outcome_id
        Which comparison; the outcome counts people.
    test, directions
        As for `trial_fragility`.

    Returns
    -------
    FragilityOverSplits

    Raises
    ------
    InsufficientEvidenceError
        When the events of both groups are not reported.

    References
    ----------
    See `evidence.appraisal.trial.fragility_splits`.
    """
    exact = compare_harms(review, study_id, outcome_id).exact
    return _over(exact, test, directions, people_lost(review, study_id))


def people_lost(review: Review, study_id: str) -> int | None:
    """Return how many of those randomised did not finish; None where either is not reported.

    Parameters
    ----------
    review
        The review.
    study_id
        The trial.
    """
    randomised = review.study(study_id)["n_randomised"]
    finished = review.facts_of(study_id, "n_completed")["number"].dropna()
    if pd.isna(randomised) or finished.empty or finished.iloc[0] > randomised:
        return None
    return int(randomised - finished.iloc[0])


def _over(
    exact: ExactComparison, test: str, directions: str, lost: int | None
) -> FragilityOverSplits:
    sizes = exact.splits[["total_treatment", "total_control"]].astype(int)
    return FragilityOverSplits(
        tuple(
            trial_fragility(
                events_treatment=exact.events_treatment,
                total_treatment=int(n_treatment),
                events_control=exact.events_control,
                total_control=int(n_control),
                test=test,
                directions=directions,
                lost=lost,
            )
            for n_treatment, n_control in sizes.itertuples(index=False)
        )
    )
