"""What the effect functions return: effects of several studies with their variances."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from evidence.display import Display, format_interval, format_number, html_table
from evidence.effects.arguments import Floats
from evidence.errors import Caution

__all__ = ["EffectSizes"]


@dataclass(frozen=True, slots=True)
class EffectSizes(Display):
    """Effects of k studies; logarithms for ratios.

    Attributes
    ----------
    measure
        Name of the measure, for example ``"standardised mean difference"``.
    formula
        The name of the variance formula.
    estimate, variance
        Arrays of shape (k,).
    level
        Confidence level of the intervals.
    cautions
        What a reader should know of how they were computed.
    """

    measure: str
    formula: str
    estimate: Floats
    variance: Floats
    level: float = 0.95
    cautions: tuple[Caution, ...] = ()

    @property
    def standard_error(self) -> Floats:
        """Square root of the variance, shape (k,)."""
        return np.sqrt(self.variance)

    @property
    def ci_low(self) -> Floats:
        """Lower ends of the normal confidence intervals, shape (k,)."""
        return self.estimate - float(ndtri(0.5 + self.level / 2)) * self.standard_error

    @property
    def ci_high(self) -> Floats:
        """Upper ends of the normal confidence intervals, shape (k,)."""
        return self.estimate + float(ndtri(0.5 + self.level / 2)) * self.standard_error

    @property
    def p_value(self) -> Floats:
        """Two-sided p values of the normal test against no effect, shape (k,)."""
        return np.asarray(2 * ndtr(-np.abs(self.estimate) / self.standard_error))

    def __len__(self) -> int:
        return int(self.estimate.size)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study, unrounded."""
        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "standard_error": self.standard_error,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "variance": self.variance,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "measure": self.measure,
            "formula": self.formula,
            "level": self.level,
            "effects": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return one line per study and the cautions."""
        lines = [f"{self.measure}, variance: {self.formula}"]
        lines += [
            f"{i + 1}: {format_number(e)} ({format_interval(low, high)})"
            for i, (e, low, high) in enumerate(
                zip(self.estimate, self.ci_low, self.ci_high, strict=True)
            )
        ]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def _repr_html_(self) -> str:
        table = html_table(self.to_frame(), caption=f"{self.measure} ({self.formula})")
        notes = (f"<p>Note: {escape(caution.message)}</p>" for caution in self.cautions)
        return "".join((table, *notes))
