"""How few people's outcomes decide one trial's result that counts people.

References
----------
Walsh M, Srinathan SK, McAuley DF, et al. (2014). The statistical significance of randomized
controlled trial results is frequently fragile: a case for a Fragility Index. Journal of
Clinical Epidemiology 67:622-628.
Khan MS, Fonarow GC, Friede T, et al. (2020). Application of the reverse fragility index to
statistically nonsignificant randomized clinical trial results. JAMA Network Open 3:e2012469.
Lin L (2021). Factors that impact fragility index and their visualizations. Journal of
Evaluation in Clinical Practice 27:356-364 (changes in either group).
Carter RE, McKie PM, Storlie CB (2017). The Fragility Index: a P-value in sheep's clothing?
European Heart Journal 38:346-348.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from evidence.appraisal.trial.two_by_two import (
    TESTS,
    TableTest,
    check_counts,
    check_significance,
)
from evidence.display import Display, format_number, format_p, plural
from evidence.effects.exact.outcome_changes import change_outcomes, group_with_smaller_risk
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution
from evidence.synthesis.sensitivity.parts import check_count

__all__ = ["DIRECTIONS", "SIGNIFICANCE", "TrialFragility", "trial_fragility"]

#: The line that the papers on fragility count people to.
SIGNIFICANCE = 0.05
#: After how many changes a search gives up.
MOST_CHANGES = 500
DIRECTIONS = ("one group", "any")
#: How many people beyond the index, or from the start where there is none, the curve goes on.
_CURVE_BEYOND = 3


@dataclass(frozen=True, slots=True)
class TrialFragility(Display):
    """How many outcomes would have to be different for p to cross its line.

    Attributes
    ----------
    events_treatment, total_treatment, events_control, total_control
        The counts.
    test
        By which test p is computed.
    directions
        Which changes are allowed, see `trial_fragility`.
    significance
        The line that p has to cross.
    p_value
        As the counts are.
    index
        How many people's outcomes it takes; None where no allowed changes do it.
    change_treatment, change_control
        By how many events each group changes then; 0 where there is no index.
    p_changed
        The p value then; NaN where there is no index.
    lost
        People lost to follow-up; None where that is not known.
    curve
        One row for each number of events more or fewer in the group with the smaller risk:
        `change`, `events_treatment`, `events_control`, `p_value`.
    cautions
        What a reader should know.
    """

    events_treatment: int
    total_treatment: int
    events_control: int
    total_control: int
    test: str
    directions: str
    significance: float
    p_value: float
    index: int | None
    change_treatment: int
    change_control: int
    p_changed: float
    lost: int | None
    curve: pd.DataFrame
    cautions: tuple[Caution, ...] = ()

    reference: ClassVar[str] = (
        "Walsh et al. 2014, J Clin Epidemiol 67:622-628; Khan et al. 2020, JAMA Netw Open "
        "3:e2012469"
    )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the count takes for granted."""
        moves = (
            "One outcome after the other is changed in the group with the smaller risk, which in "
            "groups of one size has the fewest events"
            if self.directions == "one group"
            else "Outcomes of either group may change, either way"
        )
        return (f"{moves}.", f"p is that of {TESTS[self.test]}.", "The groups keep their sizes.")

    @property
    def turns(self) -> str:
        """``"loses"`` where p starts below its line, ``"gains"`` (reverse fragility) if not."""
        return "loses" if self.p_value < self.significance else "gains"

    @property
    def people(self) -> int:
        """People in both groups."""
        return self.total_treatment + self.total_control

    @property
    def quotient(self) -> float:
        """The index over all people; NaN where there is no index."""
        return math.nan if self.index is None else self.index / self.people

    @property
    def lost_suffice(self) -> bool | None:
        """Whether at least as many were lost as it takes; None where either is not known."""
        return None if self.lost is None or self.index is None else self.lost >= self.index

    def sentence(self) -> str:
        """Return the index in words, with the people lost beside it."""
        aim = "lose" if self.turns == "loses" else "reach"
        line = f"for p to {aim} the {self.significance:g} level"
        counts = (
            f"{self.events_treatment} of {self.total_treatment} against "
            f"{self.events_control} of {self.total_control} ({format_p(self.p_value)}, "
            f"{TESTS[self.test]})"
        )
        if self.index is None:
            return f"{counts}: no number of changed outcomes tried here suffices {line}."
        verb = "people" if self.index != 1 else "person"
        share = format_number(100 * self.quotient, 1)
        text = (
            f"{counts}: it takes {self.index} {verb} of {self.people:,} ({share}%) with another "
            f"outcome {line}"
        )
        if self.lost is None:
            return f"{text}."
        enough = "at least as many" if self.lost_suffice else "fewer than that"
        return f"{text}; {plural(self.lost, 'person was', 'people were')} lost, {enough}."

    def summary(self) -> str:
        """Return the sentence and the cautions."""
        return "\n".join([self.sentence(), *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return p for each number of events more or fewer in the group that changes."""
        return self.curve.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = (
            "events_treatment", "total_treatment", "events_control", "total_control", "test",
            "directions", "significance", "turns", "p_value", "index", "change_treatment",
            "change_control", "lost", "lost_suffice",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "quotient": None if self.index is None else self.quotient,
            "p_changed": None if self.index is None else self.p_changed,
            "curve": self.curve.to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def trial_fragility(
    *,
    events_treatment: int,
    total_treatment: int,
    events_control: int,
    total_control: int,
    test: str = "Fisher",
    directions: str = "one group",
    lost: int | None = None,
    significance: float = SIGNIFICANCE,
) -> TrialFragility:
    """Count the people whose outcome decides on which side of its line p lies.

    A significant result loses its significance (fragility index, Walsh and others 2014); one
    that is not significant becomes so (reverse fragility index, Khan and others 2020).

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, whole numbers.
    test
        ``"Fisher"``, ``"chi-square"`` (Pearson's, without correction) or ``"chi-square,
        Yates"`` (with the continuity correction).
    directions
        ``"one group"``: only the group with the smaller risk gains events (to lose
        significance) or loses them (to gain it; when it has none left, the other one gains).
        ``"any"``: the fewest changes over both groups and both ways (Lin 2021).
    lost
        People lost to follow-up, to stand beside the index.
    significance
        The line that p has to cross: a result is significant below it.

    Returns
    -------
    TrialFragility

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    Walsh and others (2014), Khan and others (2020), Lin L (2021): see the module.
    """
    counts = check_counts(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
    )
    check_choice("directions", directions, DIRECTIONS)
    line = check_significance(significance)
    gone = None if lost is None else check_count("lost", lost, 0, "21")
    tested = TableTest(test, counts[1], counts[3])
    start = tested.p(counts[0], counts[2])
    together = start < line
    walked = _one_group(tested, counts, line, together)
    found = walked
    if directions == "any":
        most = MOST_CHANGES if walked is None else abs(walked[0]) + abs(walked[1]) - 1
        found = _either(tested, counts, (line, together), most) or walked
    change = (0, 0) if found is None else found
    return TrialFragility(
        *counts,
        test,
        directions,
        line,
        start,
        None if found is None else abs(change[0]) + abs(change[1]),
        *change,
        math.nan if found is None else tested.p(counts[0] + change[0], counts[2] + change[1]),
        gone,
        _curve(tested, counts, (together, walked)),
        (RESTATES_P,),
    )


#: What the index is not.
RESTATES_P = Caution(
    "fragility-restates-p",
    "The index mostly restates the p value and the size of the trial: a result near the line is "
    "fragile by construction, and a large index is no sign of a sound trial.",
    "Carter, McKie and Storlie 2017, European Heart Journal 38:346-348",
)


def _one_group(
    tested: TableTest, counts: tuple[int, int, int, int], line: float, together: bool
) -> tuple[int, int] | None:
    """Return by how many events each group changes until p has crossed the line."""
    group = group_with_smaller_risk(counts)
    walk = change_outcomes(counts, group=group, together=together)
    for step, (_, _, now) in enumerate(walk, 1):
        if step > MOST_CHANGES:
            return None
        if (tested.p(now[0], now[2]) < line) != together:
            return now[0] - counts[0], now[2] - counts[2]
    return None


def _either(
    tested: TableTest,
    counts: tuple[int, int, int, int],
    aim: tuple[float, bool],
    most: int,
) -> tuple[int, int] | None:
    """Return the fewest changes over both groups and both ways, at most `most`."""
    a, n1, c, n2 = counts
    line, together = aim
    for total in range(1, min(most, n1 + n2) + 1):
        for first in range(-total, total + 1):
            rest = total - abs(first)
            for second in {rest, -rest}:
                events = a + first, c + second
                if not (0 <= events[0] <= n1 and 0 <= events[1] <= n2):
                    continue
                if (tested.p(*events) < line) != together:
                    return first, second
    return None


def _curve(
    tested: TableTest,
    counts: tuple[int, int, int, int],
    walked: tuple[bool, tuple[int, int] | None],
) -> pd.DataFrame:
    """Return p over the events of the group with the smaller risk, the index well inside."""
    a, n1, c, n2 = counts
    group = group_with_smaller_risk(counts)
    together, found = walked
    here = 0 if found is None else found[group]
    reach = max(abs(here), 1) + _CURVE_BEYOND
    low, high = (-_CURVE_BEYOND, reach) if together else (-reach, _CURVE_BEYOND)
    events, people = ((a, n1), (c, n2))[group]
    rows = []
    for change in range(max(low, -events), min(high, people - events) + 1):
        now = (a + change, c) if group == 0 else (a, c + change)
        rows.append((change, *now, tested.p(*now)))
    columns = ["change", "events_treatment", "events_control", "p_value"]
    return pd.DataFrame(rows, columns=columns)
