"""What a derivation needs to know around the rows: group sizes, direction, orientation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evidence.data import Outcome, Review
from evidence.display import format_number
from evidence.errors import Caution

__all__ = ["CAUTIONS", "Context", "Sizes", "group_sizes"]

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
    "randomised-n": Caution(
        "randomised-n",
        "The number analysed in each group is not reported; the number randomised stands in.",
    ),
    "direction-borrowed": Caution(
        "direction-borrowed",
        "The direction was taken from another report of the same comparison.",
    ),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """People in each group, and how that is known."""

    treatment: float
    control: float
    cautions: tuple[Caution, ...] = ()

    @property
    def df(self) -> float:
        """Degrees of freedom of a comparison of two means."""
        return self.treatment + self.control - 2

    @property
    def scale(self) -> float:
        """The factor between a t statistic and Cohen's d."""
        return float(np.sqrt(1 / self.treatment + 1 / self.control))


@dataclass(frozen=True, slots=True)
class Context:
    """One comparison: its rows, outcome and the measure asked for."""

    review: Review
    study_id: str
    outcome: Outcome
    timepoint: str
    measure: str
    contrasts: pd.DataFrame
    arms: pd.DataFrame

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
    if line is not None:
        row: Any = context.contrasts.loc[line]
        basis = (CAUTIONS["randomised-n"],) if row["n_basis"] == "randomised" else ()
        if _present(row["n_treatment"]) and _present(row["n_control"]):
            return Sizes(float(row["n_treatment"]), float(row["n_control"]), basis)
        if _present(row["n_total"]):
            return _halves(float(row["n_total"]), "analysed" if not basis else "randomised")
    sizes = {}
    for role in ("treatment", "control"):
        known: Any = context.arms.loc[context.arms["role"] == role, "n"].dropna()
        if not known.empty:
            sizes[role] = float(known.iloc[0])
    if len(sizes) == 2:
        return Sizes(sizes["treatment"], sizes["control"])
    facts: dict[str, Any] = {
        item: context.review.facts_of(context.study_id, item)["number"].dropna()
        for item in ("n_treatment", "n_control")
    }
    if all(not numbers.empty for numbers in facts.values()):
        return Sizes(float(facts["n_treatment"].iloc[0]), float(facts["n_control"].iloc[0]))
    randomised: Any = context.review.study(context.study_id)["n_randomised"]
    return _halves(float(randomised), "randomised") if _present(randomised) else None


def _halves(total: float, basis: str) -> Sizes | None:
    if total < 4:
        return None
    half = total / 2
    caution = Caution(
        "split-assumed",
        f"How the {format_number(total, 0)} people {basis} were divided is not reported; "
        "equal halves were assumed.",
    )
    return Sizes(half, half, (caution,))
