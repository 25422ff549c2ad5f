"""How people lost to follow-up would have to have fared for counts to say something else.

References
----------
Akl EA, Briel M, You JJ, et al. (2012). Potential impact on estimated treatment effects of
information lost to follow-up in randomised controlled trials (LOST-IT): systematic review. BMJ
344:e2809.
Hollis S, Campbell F (1999). What is meant by intention to treat analysis? Survey of published
randomised controlled trials. BMJ 319:670-674 (best and worst case).
Liublinska V, Rubin DB (2014). Sensitivity analysis for a partially missing binary outcome in a
two-arm randomized clinical trial. Statistics in Medicine 33:4170-4185 (every combination).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from evidence.appraisal.trial.fragility_counts import SIGNIFICANCE
from evidence.appraisal.trial.two_by_two import (
    TESTS,
    TableTest,
    check_counts,
    check_significance,
)
from evidence.display import Display, format_number, format_p
from evidence.effects.arguments import Floats
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.sensitivity.parts import check_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LostCounts", "lost_counts"]

_CONCLUSIONS = ("fewer events", "no difference shown", "more events")


@dataclass(frozen=True, slots=True)
class LostCounts(Display):
    """What counts come to for every way that the people lost can have fared.

    Attributes
    ----------
    seen_treatment, seen_control
        People with a known outcome.
    lost_treatment, lost_control
        People without.
    test, significance
        How a conclusion is drawn.
    p_seen
        The p value of the people seen.
    conclusion
        Of them: ``"fewer events"`` (with the treatment), ``"more events"`` or ``"no
        difference shown"``.
    grid
        One row for each number of events among the people lost: `lost_events_treatment`,
        `lost_events_control`, `risk_difference`, `p_value`, `conclusion`.
    as_seen
        Events among the people lost of each group, treatment first, had they fared as the
        people seen; not whole.
    cautions
        What a reader should know.
    """

    seen_treatment: int
    seen_control: int
    lost_treatment: int
    lost_control: int
    test: str
    significance: float
    p_seen: float
    conclusion: str
    grid: pd.DataFrame
    as_seen: tuple[float, float]
    cautions: tuple[Caution, ...] = ()

    reference: ClassVar[str] = (
        "Akl et al. 2012, BMJ 344:e2809; Liublinska and Rubin 2014, Stat Med 33:4170-4185"
    )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the answer takes for granted."""
        return (
            "Nothing: every way that the people lost can have fared is tried.",
            f"A difference is shown where p of {TESTS[self.test]} is below {self.significance:g}.",
        )

    @property
    def can_turn(self) -> bool:
        """Whether some way that the people lost fared gives another conclusion."""
        return bool((self.grid["conclusion"] != self.conclusion).any())

    @property
    def conclusions(self) -> tuple[str, ...]:
        """Every conclusion that is possible, from fewer to more events."""
        found = set(self.grid["conclusion"])
        return tuple(each for each in _CONCLUSIONS if each in found)

    @property
    def tipping(self) -> tuple[int, int] | None:
        """Events among the people lost, nearest to how the seen fared, that turn it; or None."""
        turned = self.grid[self.grid["conclusion"] != self.conclusion]
        if turned.empty:
            return None
        away = (turned["lost_events_treatment"] - self.as_seen[0]).abs() + (
            turned["lost_events_control"] - self.as_seen[1]
        ).abs()
        row = turned.iloc[int(away.to_numpy().argmin())]
        return int(row["lost_events_treatment"]), int(row["lost_events_control"])

    @property
    def all_had_it(self) -> pd.DataFrame:
        """The two extreme cases: all lost of one group had the event, none of the other."""
        grid = self.grid
        ends = [(self.lost_treatment, 0), (0, self.lost_control)]
        rows = [
            grid[(grid["lost_events_treatment"] == i) & (grid["lost_events_control"] == j)]
            for i, j in ends
        ]
        return pd.concat(rows).reset_index(drop=True)

    def sentence(self) -> str:
        """Return what the people lost could change, in words."""
        lost = self.lost_treatment + self.lost_control
        everyone = lost + self.seen_treatment + self.seen_control
        head = (
            f"{lost} of {everyone:,} people were lost; the others show "
            f"{_told(self.conclusion)} ({format_p(self.p_seen)})"
        )
        if lost == 0:
            return f"Nobody was lost; the people seen show {_told(self.conclusion)}."
        tipping = self.tipping
        if tipping is None:
            return f"{head}. However the people lost fared, that stands."
        return (
            f"{head}. That would turn with {tipping[0]} events among the {self.lost_treatment} "
            f"lost with the treatment and {tipping[1]} among the {self.lost_control} with the "
            f"control; had they fared as the others, {format_number(self.as_seen[0], 1)} and "
            f"{format_number(self.as_seen[1], 1)}."
        )

    def summary(self) -> str:
        """Return the sentence, the two extreme cases and the cautions."""
        lines = [self.sentence()]
        if self.lost_treatment + self.lost_control:
            p_values = [format_p(float(p)) for p in self.all_had_it["p_value"]]
            ends = list(self.all_had_it["conclusion"])
            lines.append(
                f"All lost with the treatment had the event and none with the control: "
                f"{_told(ends[0])} ({p_values[0]}); the other way round: {_told(ends[1])} "
                f"({p_values[1]})."
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each way that the people lost can have fared."""
        return self.grid.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values, without the whole grid."""
        names = (
            "seen_treatment", "seen_control", "lost_treatment", "lost_control", "test",
            "significance", "p_seen", "conclusion", "can_turn",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "conclusions": list(self.conclusions),
            "tipping": None if self.tipping is None else list(self.tipping),
            "as_seen": list(self.as_seen),
            "extremes": self.all_had_it.to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def _told(conclusion: str) -> str:
    if conclusion == "no difference shown":
        return "no significant difference"
    return f"significantly {conclusion} with the treatment"


def lost_counts(
    *,
    events_treatment: int,
    seen_treatment: int,
    events_control: int,
    seen_control: int,
    lost: tuple[int, int],
    test: str = "Fisher",
    significance: float = SIGNIFICANCE,
) -> LostCounts:
    """Try every way that the people lost to follow-up can have fared.

    Parameters
    ----------
    events_treatment, seen_treatment, events_control, seen_control
        Events and people with a known outcome in each group.
    lost
        People lost in the treatment group and in the control group.
    test
        As for `trial_fragility`.
    significance
        A difference is shown where p lies below it.

    Returns
    -------
    LostCounts

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    Akl and others (2012), Hollis and Campbell (1999), Liublinska and Rubin (2014): see the
    module.
    """
    a, n1, c, n2 = check_counts(
        events_treatment=events_treatment,
        total_treatment=seen_treatment,
        events_control=events_control,
        total_control=seen_control,
    )
    line = check_significance(significance)
    gone = check_pair("lost", lost, "(8, 13)")
    p_seen = TableTest(test, n1, n2).p(a, c)
    everyone = TableTest(test, n1 + gone[0], n2 + gone[1])
    lost_events = np.indices((gone[0] + 1, gone[1] + 1))
    difference = (a + lost_events[0]) / (n1 + gone[0]) - (c + lost_events[1]) / (n2 + gone[1])
    p_values = everyone.grid((a, c), gone)
    grid = pd.DataFrame(
        {
            "lost_events_treatment": lost_events[0].ravel(),
            "lost_events_control": lost_events[1].ravel(),
            "risk_difference": difference.ravel(),
            "p_value": p_values.ravel(),
            "conclusion": _conclude(difference, p_values, line).ravel(),
        }
    )
    return LostCounts(
        n1,
        n2,
        *gone,
        test,
        line,
        p_seen,
        str(_conclude(a / n1 - c / n2, p_seen, line)),
        grid,
        (gone[0] * a / n1, gone[1] * c / n2),
        _cautions(gone, n1, n2),
    )


def check_pair(name: str, value: object, example: str) -> tuple[int, int]:
    """Return two counts of people, treatment first.

    Parameters
    ----------
    name, value
        The argument and what was given.
    example
        What would be accepted.
    """
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise InvalidArgumentError(
            f"{name} is {value!r}; give two counts, treatment first, for example {example}."
        )
    first, second = (check_count(name, each, 0, "8") for each in value)
    return first, second


def _conclude(difference: Floats | float, p: Floats | float, line: float) -> NDArray[np.object_]:
    fewer, none, more = _CONCLUSIONS
    shown = np.where(np.less(difference, 0), fewer, more)
    return np.where(np.less(p, line), shown, none).astype(object)


#: Shares lost that part by more than this are said to: a fifth of the people of either group.
UNEQUAL_LOSS = 0.2


def _cautions(lost: tuple[int, int], seen_treatment: int, seen_control: int) -> tuple[Caution, ...]:
    shares = (
        lost[0] / (lost[0] + seen_treatment),
        lost[1] / (lost[1] + seen_control),
    )
    if math.fabs(shares[0] - shares[1]) <= UNEQUAL_LOSS:
        return ()
    return (
        Caution(
            "unequal-loss",
            f"{format_number(100 * shares[0], 0)}% were lost with the treatment and "
            f"{format_number(100 * shares[1], 0)}% with the control: why they left may itself be "
            "an effect.",
            "Akl et al. 2012, BMJ 344:e2809",
        ),
    )
