"""What it would take for contradictory reports of one comparison to be right together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from evidence.display import Display, format_number
from evidence.effects.conversions.spread import t_from_p
from evidence.effects.derivation.readings import Comparison, Reading
from evidence.effects.measures.continuous import hedges_correction, noncentral_t_interval
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

__all__ = ["Reconciliation", "reconcile"]


@dataclass(frozen=True, slots=True)
class Reconciliation(Display):
    """The numbers that decide between two readings of a comparison of means.

    Attributes
    ----------
    label
        The study.
    correlation_needed
        Correlation between the two groups' estimates at which the groups' own errors would
        give the reported error of the difference.
    sd_from_arms, sd_from_difference
        Standard deviation between people that each reading implies.
    smallest_significant
        The smallest standardised difference that reaches p = 0.05 with this many people.
    unit
        Unit of the standard deviations.
    """

    label: str
    unit: str
    correlation_needed: float
    sd_from_arms: float
    sd_from_difference: float
    smallest_significant: float

    def summary(self) -> str:
        """Return what each reading implies, in words."""
        return (
            f"The groups' own intervals imply that people differ by a standard deviation of "
            f"{format_number(self.sd_from_arms, 1)} {self.unit}, the difference and its interval "
            f"that they differ by {format_number(self.sd_from_difference, 1)}. "
            f"{self._correlation_in_words()} "
            "With this many people the smallest standardised difference that reaches p = 0.05 is "
            f"{format_number(self.smallest_significant)}."
        )

    def _correlation_in_words(self) -> str:
        """Say what would have to hold for the groups' estimates, who are different people."""
        needed = self.correlation_needed
        if needed < -1:
            return "No correlation between the estimates of the two groups would fit both."
        together = "together" if needed >= 0 else "in opposite directions"
        return (
            "For both to hold, the estimates of the two groups, who are different people, would "
            f"have to move {together} with a correlation of about {format_number(needed)}."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a table of one row."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "label": self.label,
            "unit": self.unit,
            "correlation_needed": self.correlation_needed,
            "sd_from_arms": self.sd_from_arms,
            "sd_from_difference": self.sd_from_difference,
            "smallest_significant": self.smallest_significant,
        }


def _first(comparison: Comparison, kind: str) -> Reading | None:
    return next((r for r in comparison.readings if r.kind == kind and r.usable), None)


def reconcile(comparison: Comparison, unit: str) -> Reconciliation:
    """Ask what would have to hold for two contradictory readings to be right together.

    The variance of a difference of two estimates is the sum of their variances less twice
    their covariance. With equal variances, the correlation that turns the groups' error into
    the reported error of the difference is 1 - (reported / from groups)².

    Parameters
    ----------
    comparison
        Readings as mean differences, with one from the groups' summaries and one from the
        difference and its interval.
    unit
        The outcome's unit.

    Raises
    ------
    InsufficientEvidenceError
        When one of the two readings is not there, or they agree within rounding.
    InvalidArgumentError
        When the readings are no differences of means.
    """
    if comparison.measure != "mean difference":
        raise InvalidArgumentError(
            f"The readings are of the {comparison.measure}; standard deviations between people "
            "follow only from a mean difference."
        )
    arms, difference = _first(comparison, "arms"), _first(comparison, "interval")
    if arms is None or difference is None:
        raise InsufficientEvidenceError(
            f"{comparison.label} does not report both the groups' summaries and the difference "
            "with its interval, so there is nothing to reconcile."
        )
    if any(arms in group and difference in group for group in comparison.sets):
        raise InsufficientEvidenceError(
            f"The groups' summaries and the difference that {comparison.label} reports agree "
            "within rounding, so there is nothing to reconcile."
        )

    def scale(reading: Reading) -> float:
        return math.sqrt(1 / reading.n_treatment + 1 / reading.n_control)

    n = difference.n_treatment + difference.n_control
    return Reconciliation(
        label=comparison.label,
        unit=unit,
        correlation_needed=1 - (difference.standard_error / arms.standard_error) ** 2,
        sd_from_arms=arms.standard_error / scale(arms),
        sd_from_difference=difference.standard_error / scale(difference),
        smallest_significant=t_from_p(0.05, n - 2) * scale(difference),
    )


def exact_interval(reading: Reading) -> tuple[float, float]:
    """Return the noncentral-t interval of a reading's standardised mean difference.

    Parameters
    ----------
    reading
        A usable reading as standardised mean difference.
    """
    n1, n2 = reading.n_treatment, reading.n_control
    correction = float(hedges_correction(n1 + n2 - 2)[0])
    t = reading.estimate / correction / math.sqrt(1 / n1 + 1 / n2)
    return noncentral_t_interval(t, n1, n2)
