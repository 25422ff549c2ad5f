"""What a regression predicts for given moderators, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence.display import Display, capital, format_interval, format_number
from evidence.effects.arguments import Floats
from evidence.errors import Caution

__all__ = ["Prediction"]


@dataclass(frozen=True, slots=True, eq=False)
class Prediction(Display):
    """Mean effects at given moderators.

    Attributes
    ----------
    labels
        What each row is.
    estimate, standard_error, ci_low, ci_high
        The mean effect there, shape (n,).
    prediction_low, prediction_high
        Where the true effect of a further study with these moderators may lie; NaN where too
        few studies are left.
    level
        Of the intervals.
    cautions
        What a reader should know.
    """

    labels: tuple[str, ...]
    estimate: Floats
    standard_error: Floats
    ci_low: Floats
    ci_high: Floats
    prediction_low: Floats
    prediction_high: Floats
    level: float
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return one line a row."""
        level = f"{100 * self.level:g}%"
        lines = []
        for i, label in enumerate(self.labels):
            interval = format_interval(self.ci_low[i], self.ci_high[i])
            line = f"{capital(label)}: {format_number(self.estimate[i])} ({level} CI {interval})"
            if np.isfinite(self.prediction_low[i]):
                reach = format_interval(self.prediction_low[i], self.prediction_high[i])
                line += f", {level} prediction interval {reach}"
            lines.append(line)
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row a prediction, unrounded."""
        return pd.DataFrame(
            {
                "label": self.labels,
                "estimate": self.estimate,
                "standard_error": self.standard_error,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "prediction_low": self.prediction_low,
                "prediction_high": self.prediction_high,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "level": self.level,
            "predictions": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }
