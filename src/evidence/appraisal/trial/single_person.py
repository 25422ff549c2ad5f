"""What a study in one person can and cannot say: several periods of a single life.

References
----------
Chen X, Chen P (2014). A comparison of four methods for the analysis of N-of-1 trials. PLoS ONE
9:e87752 (the paired t test).
Tang J, Landes RD (2020). Some t-tests for N-of-1 trials with serial correlation. PLoS ONE
15:e0228077.
Guyatt G, Sackett D, Taylor DW, et al. (1986). Determining optimal therapy: randomized trials in
individual patients. New England Journal of Medicine 314:889-892.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from evidence.data import Review
from evidence.display import Display, format_interval, format_number, format_p, plural
from evidence.effects.arguments import as_floats, check_level, checked
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError

__all__ = [
    "SinglePersonEffect",
    "SinglePersonReport",
    "single_person_effect",
    "single_person_report",
]

_ONLY = "It speaks of that person only"
#: Correlations of one cycle with the next that the interval is also shown for.
ASSUMED_CORRELATIONS = (0.0, 0.2, 0.4)
#: The role of such a study in a review.
_ROLE = "single person"


@dataclass(frozen=True, slots=True)
class SinglePersonEffect(Display):
    """The effect in one person, from periods with and without treatment.

    Attributes
    ----------
    pairs
        Cycles: a period with and one without treatment each.
    estimate
        Mean difference, treatment minus control.
    standard_error, ci_low, ci_high, p_value
        Of the paired t test over the cycles.
    level
        Confidence level.
    by_correlation
        One row for each correlation assumed between cycles that follow each other:
        `correlation`, `standard_error`, `ci_low`, `ci_high`.
    unit
        What the values are in.
    cautions
        What a reader should know.
    """

    pairs: int
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float
    level: float
    by_correlation: pd.DataFrame
    unit: str = ""
    cautions: tuple[Caution, ...] = ()

    reference: ClassVar[str] = (
        "Chen and Chen 2014, PLoS ONE 9:e87752; Tang and Landes 2020, PLoS ONE 15:e0228077"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "The cycles are independent of each other: no carry-over and no trend.",
        "Differences of the cycles are normally distributed.",
        "Which came first within a cycle was left to chance.",
    )

    def sentence(self) -> str:
        """Return the effect in words, and for whom it holds."""
        unit = f" {self.unit}" if self.unit else ""
        return (
            f"In one person, over {plural(self.pairs, 'cycle')}: "
            f"{format_number(self.estimate)}{unit} with the treatment minus without "
            f"({100 * self.level:g}% CI {format_interval(self.ci_low, self.ci_high)}, "
            f"{format_p(self.p_value)}). {_ONLY}."
        )

    def summary(self) -> str:
        """Return the sentence and the cautions."""
        return "\n".join([self.sentence(), *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return the interval under each correlation assumed, unrounded."""
        return self.by_correlation.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = (
            "pairs", "estimate", "standard_error", "ci_low", "ci_high", "p_value", "level", "unit",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "by_correlation": self.by_correlation.to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def single_person_effect(
    treatment: Sequence[float],
    control: Sequence[float],
    *,
    unit: str = "",
    level: float = 0.95,
) -> SinglePersonEffect:
    """Return the effect in one person from the means of paired periods.

    The paired t test over the cycles (Chen and Chen 2014). What is measured in one person is
    alike when it follows each other; so the interval is also given for cycles that correlate
    by r with the next one, r² with the one after, and so on.

    Parameters
    ----------
    treatment, control
        Means of the periods, one value a cycle, in the order that the cycles were.
    unit
        What the values are in.
    level
        Confidence level.

    Returns
    -------
    SinglePersonEffect

    Raises
    ------
    InsufficientEvidenceError
        With one cycle alone: nothing then tells an effect from a good week.
    InvalidArgumentError
        Naming the argument and the value.

    Notes
    -----
    With n differences of variance σ² and correlations r^k the variance of their mean is σ² f / n
    with f = 1 + 2 Σ (1 - k/n) r^k over k = 1 ... n - 1, and the usual s² has the expectation σ²
    (n - f) / (n - 1). So the error is s sqrt(f (n - 1) / (n (n - f))); t has n - 1 degrees of
    freedom, as in the test without correlation.

    References
    ----------
    Chen and Chen (2014), Tang and Landes (2020), Guyatt and others (1986): see the module.
    """
    first, second = as_floats("treatment", treatment), as_floats("control", control)
    if first.size != second.size:
        raise InvalidArgumentError(
            f"treatment has {first.size} periods and control {second.size}; give one of each for "
            "every cycle, in their order."
        )
    if first.size < 2:
        raise InsufficientEvidenceError(
            "One cycle tells no effect from a good week: at least two cycles are needed, and "
            "three or more are usual."
        )
    checked(treatment=first, control=second)
    differences = first - second
    n = differences.size
    estimate, sd = float(differences.mean()), float(differences.std(ddof=1))
    if sd == 0:
        raise InsufficientEvidenceError(
            "The difference is the same in every cycle, so nothing tells how much it varies. "
            "Give the means with more digits."
        )
    reach = quantile(check_level(level), n - 1)
    rows = []
    for correlation in ASSUMED_CORRELATIONS:
        error = sd * math.sqrt(_inflation(n, correlation) / n)
        rows.append((correlation, error, estimate - reach * error, estimate + reach * error))
    columns = ["correlation", "standard_error", "ci_low", "ci_high"]
    _, error, low, high = rows[0]
    return SinglePersonEffect(
        n,
        estimate,
        error,
        low,
        high,
        p_from_t(estimate / error, n - 1),
        level,
        pd.DataFrame(rows, columns=columns),
        unit,
        (_SERIAL,),
    )


def _inflation(n: int, correlation: float) -> float:
    """Return by how much the usual variance of a mean is multiplied under serial correlation."""
    factor = 1 + 2 * sum((1 - k / n) * correlation**k for k in range(1, n))
    return factor * (n - 1) / (n - factor)


_SERIAL = Caution(
    "serial-correlation",
    "Periods of one person that follow each other are alike; where they are, the usual interval "
    "is too narrow. The table has it for some correlations.",
    "Tang and Landes 2020, PLoS ONE 15:e0228077",
)


@dataclass(frozen=True, slots=True)
class SinglePersonReport(Display):
    """What a study in one person reports, as it reports it.

    Attributes
    ----------
    label
        The study.
    results
        One row for each comparison reported: `outcome`, `when`, `treatment`, `comparator`,
        `measure`, `direction`, `estimate`, `p_value`.
    tier
        The least near tier of the rows.
    """

    label: str
    results: pd.DataFrame
    tier: str

    reference: ClassVar[str] = "Tang and Landes 2020, PLoS ONE 15:e0228077"
    assumptions: ClassVar[tuple[str, ...]] = (
        "The numbers are the report's own; how many days they rest on is not checked.",
        "Whether the test allowed for days being alike that follow each other is not known.",
    )

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What a reader should know."""
        return (
            Caution(
                "one-person",
                "A standard deviation of one person is that between days, not between people: the "
                "numbers cannot be pooled with those of trials.",
                self.reference,
            ),
        )

    def sentence(self) -> str:
        """Return every result in words, and for whom they hold."""
        told = "; ".join(self._told(row) for _, row in self.results.iterrows())
        return f"{self.label} studied one person: {told}. {_ONLY}."

    def _told(self, row: pd.Series) -> str:
        way = {"treatment": "better with", "control": "worse with"}.get(
            str(row["direction"]), "no direction told for"
        )
        number = (
            ""
            if pd.isna(row["estimate"])
            else f" by {format_number(abs(float(row['estimate'])))} ({row['measure']})"
        )
        p = "" if pd.isna(row["p_value"]) else f", {format_p(float(row['p_value']))}"
        return f"{row['outcome']} {way} {row['treatment']} than with {row['comparator']}{number}{p}"

    def summary(self) -> str:
        """Return the sentence and the cautions."""
        return "\n".join([self.sentence(), *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each result."""
        return self.results.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not reported."""
        rows = self.results.astype(object).where(self.results.notna(), None)
        return {"label": self.label, "tier": self.tier, "results": rows.to_dict("records")}


def single_person_report(review: Review, study_id: str) -> SinglePersonReport:
    """Return what a study in one person reports.

    Parameters
    ----------
    review
        The review.
    study_id
        A study with the role ``"single person"``.

    Raises
    ------
    InvalidArgumentError
        When the study is of another kind.
    InsufficientEvidenceError
        When it reports no comparison.

    References
    ----------
    Tang and Landes (2020): see the module.
    """
    study = review.study(study_id)
    if str(study["role"]) != _ROLE:
        raise InvalidArgumentError(
            f"{review.label(study_id)} has the role {study['role']!r}; this reads studies with "
            f"the role {_ROLE!r}."
        )
    rows = review.contrasts[review.contrasts["study_id"] == study_id]
    if rows.empty:
        raise InsufficientEvidenceError(f"{review.label(study_id)} reports no comparison.")
    results = pd.DataFrame(
        {
            "outcome": [review.outcome(str(each)).name for each in rows["outcome_id"]],
            "when": list(rows["timepoint"]),
            "treatment": list(rows["treatment"]),
            "comparator": list(rows["comparator"]),
            "measure": list(rows["measure"]),
            "direction": list(rows["direction"]),
            "estimate": list(rows["estimate"]),
            "p_value": list(rows["p"]),
        }
    )
    tier = "secondary" if (rows["tier"] == "secondary").any() else "primary"
    return SinglePersonReport(review.label(study_id), results, tier)
