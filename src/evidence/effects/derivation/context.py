"""What a derivation needs to know around the rows: group sizes, direction, orientation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from evidence.data import Outcome, Review
from evidence.display import format_number
from evidence.effects.conversions.spread import same_p
from evidence.errors import Caution

__all__ = ["CAUTIONS", "CROSSOVER", "Context", "Sizes", "group_sizes"]

#: Why the two periods of a crossover are not compared like two groups.
CROSSOVER = (
    "it is a crossover: the effect and its standard error need the correlation within people, "
    "which is not reported"
)

CAUTIONS = {
    "second-hand": Caution(
        "second-hand",
        "The numbers come from someone else's account of the study; its own report was not read.",
    ),
    "p-only": Caution(
        "p-only",
        "The size of the effect was worked out from a p value, as if it came from a plain "
        "comparison of two groups; another test would give another size.",
        "Cochrane Handbook, section 6.5.2.3",
    ),
    "sd-from-difference": Caution(
        "sd-from-difference",
        "The standard deviation was worked out from the difference and its uncertainty; if the "
        "authors' model adjusted for baseline or other covariates, it is too small and the "
        "standardised effect too large.",
        "Cochrane Handbook, section 6.5.2.3",
    ),
    "crossover": Caution(
        "crossover",
        "Everybody received both treatments: the comparison is within people, and each of them "
        "is counted once.",
        "Cochrane Handbook, section 23.2",
    ),
    "correlation-assumed": Caution(
        "correlation-assumed",
        "The correlation between the periods of a crossover is not reported; one was assumed, and "
        "the standard error hangs on it.",
        "Cochrane Handbook, section 23.2.7",
    ),
    "randomised-n": Caution(
        "randomised-n",
        "The number analysed in each group is not reported; the number randomised stands in.",
    ),
    "direction-borrowed": Caution(
        "direction-borrowed",
        "The direction was taken from another report of the same comparison.",
    ),
}


#: How far the people analysed can be from what is known, when reports are held against
#: each other: two to one is the most unequal allocation in common use (Dumville et al. 2006,
#: Contemporary Clinical Trials 27:1-12), and more than 20% lost is where the loss threatens
#: the trial (Schulz and Grimes 2002, Lancet 359:781-785).
_MOST_UNEQUAL = 2 / 3
_FEWEST_ANALYSED = 0.8


@dataclass(frozen=True, slots=True)
class Sizes:
    """People in each group, and how that is known.

    Attributes
    ----------
    treatment, control
        People in each group; halves of the people in a crossover.
    cautions
        What was assumed.
    split_assumed
        Whether only the total is known.
    randomised
        Whether these are the people randomised, of whom fewer may have been analysed.
    paired
        Whether everybody is in both groups.
    correlation
        Of the two measurements of the same people, where everybody is in both groups and it is
        known or assumed.
    """

    treatment: float
    control: float
    cautions: tuple[Caution, ...] = ()
    split_assumed: bool = False
    randomised: bool = False
    paired: bool = False
    correlation: float | None = None

    @property
    def people(self) -> float:
        """Everybody."""
        return self.treatment + self.control

    @property
    def df(self) -> float:
        """Degrees of freedom of a comparison of two means."""
        return self.treatment + self.control - (1 if self.paired else 2)

    @property
    def scale(self) -> float:
        """The factor between a t statistic and Cohen's d (of a paired t: by the SD of values)."""
        if self.paired and self.correlation is not None:
            return float(np.sqrt(2 * (1 - self.correlation) / self.people))
        return float(np.sqrt(1 / self.treatment + 1 / self.control))

    @property
    def possible(self) -> tuple[tuple[float, float], ...]:
        """Group sizes that what is known allows; the ones taken come first."""
        total = self.treatment + self.control
        pairs = [(self.treatment, self.control)]
        if self.split_assumed:
            larger = _MOST_UNEQUAL * total
            pairs += [(larger, total - larger), (total - larger, larger)]
        shares = (1.0, _FEWEST_ANALYSED) if self.randomised else (1.0,)
        return tuple(
            (max(first * n_treatment, 2.0), max(second * n_control, 2.0))
            for n_treatment, n_control in pairs
            for first, second in product(shares, shares)
        )

    @property
    def freedoms(self) -> tuple[float | None, ...]:
        """Degrees of freedom that a test may have used: of t, of Welch's t at the least, of z."""
        if self.paired:
            return self.df, None
        return self.df, min(min(pair) for pair in self.possible) - 1, None

    def span(self, low: float, high: float) -> tuple[float, float]:
        """Return the range of t on `df` that a range of test statistics can stand for."""
        lows = [same_p(low, freedom, self.df) for freedom in self.freedoms]
        highs = [same_p(high, freedom, self.df) for freedom in self.freedoms]
        return min(lows), max(highs)


@dataclass(frozen=True, slots=True)
class Context:
    """One comparison: its rows, outcome and the measure asked for.

    `crossover` is whether the same people are in both groups, `correlation` what is assumed
    of their two measurements; None where nothing is.
    """

    review: Review
    study_id: str
    outcome: Outcome
    timepoint: str
    measure: str
    contrasts: pd.DataFrame
    arms: pd.DataFrame
    crossover: bool = False
    correlation: float | None = None

    @property
    def direction(self) -> str:
        """The one direction that the rows report, or an empty text."""
        stated = set(self.contrasts["direction"].dropna()) & {"treatment", "control"}
        return stated.pop() if len(stated) == 1 else ""

    def sign(self, line: int) -> tuple[int, bool, tuple[Caution, ...]]:
        """Return the sign of treatment minus control, whether known, and cautions.

        Used for tests and p values, which carry no sign of their own.
        """
        own = str(self.contrasts.loc[line, "direction"])
        direction = own
        cautions: tuple[Caution, ...] = ()
        if own not in ("treatment", "control"):
            direction = self.direction
            if direction:
                cautions = (CAUTIONS["direction-borrowed"],)
        if direction not in ("treatment", "control"):
            return 1, False, ()
        benefit = self.outcome.benefit_sign
        return (benefit if direction == "treatment" else -benefit), True, cautions

    def orientation(self, line: int) -> int:
        """Return the factor that turns a printed estimate into treatment minus control."""
        means = self.contrasts.loc[line, "positive_means"]
        factors = {
            "treatment higher": 1,
            "treatment lower": -1,
            "treatment better": self.outcome.benefit_sign,
        }
        return factors[str(means)]


def _present(value: Any) -> bool:
    return not pd.isna(value)


def group_sizes(context: Context, line: int | None = None) -> Sizes | None:
    """Return the people in each group behind a contrast, or None where nothing is known.

    In this order: the row's own group sizes; its total in equal halves; the sizes in the
    arms' rows; the group sizes among the study's facts; the number randomised in equal
    halves. Whatever was assumed is a caution.

    Parameters
    ----------
    context
        The comparison.
    line
        Line of the contrast; None where the arms are asked about.
    """
    total: float | None = None
    if line is not None:
        row: Any = context.contrasts.loc[line]
        randomised = bool(row["n_basis"] == "randomised")
        treatment, control, total = (
            float(row[name]) if _present(row[name]) else None
            for name in ("n_treatment", "n_control", "n_total")
        )
        if context.crossover:
            known = total or max(treatment or 0, control or 0)
            return _everybody(context, known, randomised)
        if total is not None:
            treatment = total - control if treatment is None and control is not None else treatment
            control = total - treatment if control is None and treatment is not None else control
        if treatment and control:
            return _groups(treatment, control, randomised)
        if total is not None:
            return _halves(total, randomised)
    if context.crossover:
        return _everybody(context, 0.0, randomised=False)
    return _from_elsewhere(context)


def _from_elsewhere(context: Context) -> Sizes | None:
    arms = context.arms
    sizes, randomised = {}, False
    for role in ("treatment", "control"):
        known: Any = arms[(arms["role"] == role) & arms["n"].notna()]
        if not known.empty:
            sizes[role] = float(known["n"].iloc[0])
            randomised = randomised or known["n_basis"].iloc[0] == "randomised"
    if len(sizes) == 2:
        return _groups(sizes["treatment"], sizes["control"], randomised)
    facts: dict[str, Any] = {
        item: context.review.facts_of(context.study_id, item)["number"].dropna()
        for item in ("n_treatment", "n_control")
    }
    everybody: Any = context.review.study(context.study_id)["n_randomised"]
    if all(not numbers.empty for numbers in facts.values()):
        treatment, control = (float(facts[item].iloc[0]) for item in ("n_treatment", "n_control"))
        return _groups(
            treatment, control, _present(everybody) and treatment + control == float(everybody)
        )
    return _halves(float(everybody), randomised=True) if _present(everybody) else None


def _groups(treatment: float, control: float, randomised: object) -> Sizes:
    cautions = (CAUTIONS["randomised-n"],) if randomised else ()
    return Sizes(treatment, control, cautions, randomised=bool(randomised))


def _everybody(context: Context, people: float, randomised: bool) -> Sizes | None:
    if not people:
        known: Any = context.review.study(context.study_id)["n_randomised"]
        people, randomised = (float(known), True) if _present(known) else (0.0, False)
    if people < 2:
        return None
    cautions = (CAUTIONS["crossover"],) + ((CAUTIONS["randomised-n"],) if randomised else ())
    half = people / 2
    if context.correlation is not None:
        cautions = (*cautions, CAUTIONS["correlation-assumed"])
    return Sizes(
        half,
        half,
        cautions,
        randomised=randomised,
        paired=True,
        correlation=context.correlation,
    )


def _halves(total: float, randomised: bool) -> Sizes | None:
    if total < 4:
        return None
    half = total / 2
    basis = "randomised" if randomised else "analysed"
    caution = Caution(
        "split-assumed",
        f"How the {format_number(total, 0)} people {basis} were divided is not reported; "
        "equal halves were assumed.",
    )
    return Sizes(half, half, (caution,), split_assumed=True, randomised=randomised)
