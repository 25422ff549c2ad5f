"""The result of a location-scale model, and how it reads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evidence.display import Display, capital, format_interval, format_p, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution
from evidence.synthesis.regression.design import Design
from evidence.synthesis.regression.joint import JointTest
from evidence.synthesis.regression.method import RegressionMethod
from evidence.synthesis.regression.rounding import digits, interval

__all__ = ["Coefficients", "LocationScaleResult"]


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """One part of the model.

    Attributes
    ----------
    names, estimate, standard_error, ci_low, ci_high, p_value
        Of each coefficient, shape (p,); NaN where it has no finite estimate.
    covariance
        Shape (p, p).
    df
        Degrees of freedom of t; None: normal.
    omnibus
        Test that no moderator matters.
    """

    names: tuple[str, ...]
    estimate: Floats
    standard_error: Floats
    ci_low: Floats
    ci_high: Floats
    p_value: Floats
    covariance: Floats
    df: float | None
    omnibus: JointTest


@dataclass(frozen=True, slots=True, eq=False)
class LocationScaleResult(Display):
    """Moderators of the mean effect, and of how much true effects vary.

    Attributes
    ----------
    method
        Likelihood (``tau2_method``), intervals and level.
    labels, effects, variances
        The studies used, shape (k,).
    location_design, scale_design
        Their moderators of the mean and of log tau².
    location, scale
        Coefficients of both parts; those of the scale are of log tau².
    tau2
        Of each study, shape (k,).
    log_likelihood
        Restricted for REML.
    likelihood_ratio
        Test against one tau² for all studies.
    qe, qe_p_value
        Test of residual heterogeneity on k - p degrees of freedom.
    cautions
        What a reader should know.
    """

    method: RegressionMethod
    labels: tuple[str, ...]
    effects: Floats
    variances: Floats
    location_design: Design
    scale_design: Design
    location: Coefficients
    scale: Coefficients
    tau2: Floats
    log_likelihood: float
    likelihood_ratio: JointTest
    qe: float
    qe_p_value: float
    cautions: tuple[Caution, ...] = ()

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.labels)

    def tau2_at(self, new: Any) -> pd.DataFrame:
        """Return tau² for given moderators of the scale, with its Wald interval.

        Parameters
        ----------
        new
            A table or mapping with the columns of the scale's formula.

        Returns
        -------
        DataFrame
            Columns `label`, `tau2`, `ci_low`, `ci_high`; the interval is NaN where the scale
            has no finite estimate.
        """
        rows, labels, _ = self.scale_design.rows(new)
        centre = rows @ self.scale.estimate
        spread = np.empty(len(rows))
        for i, row in enumerate(rows):
            # A coefficient without a finite estimate matters only where it takes part.
            used = np.flatnonzero(row)
            spread[i] = row[used] @ self.scale.covariance[np.ix_(used, used)] @ row[used]
        reach = quantile(self.method.level, self.scale.df) * np.sqrt(spread)
        return pd.DataFrame(
            {
                "label": labels,
                "tau2": np.exp(centre),
                "ci_low": np.exp(centre - reach),
                "ci_high": np.exp(centre + reach),
            }
        )

    def _lines(self, part: Coefficients) -> list[str]:
        level = f"{100 * self.method.level:g}%"
        lines = []
        for j, name in enumerate(part.names):
            if math.isnan(part.standard_error[j]):
                lines.append(f"{name}: no finite estimate")
                continue
            spread = float(part.standard_error[j])
            reach = interval(part.ci_low[j], part.ci_high[j], spread)
            lines.append(
                f"{name}: {digits(part.estimate[j], spread)} ({level} CI {reach}), "
                f"{format_p(float(part.p_value[j]))}"
            )
        if part.omnibus.df and not math.isnan(part.omnibus.statistic):
            lines.append(part.omnibus.summary())
        return lines

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        count = capital(plural(self.k, "study", "studies"))
        mean, scale = self.location_design.formula, self.scale_design.formula
        low, high = float(self.tau2.min()), float(self.tau2.max())
        lines = [
            (
                f"{count}, location-scale model: mean effect on {mean}, log tau² on {scale}, by "
                f"{self.method.tau2_method}"
            ),
            "Mean effect:",
            *self._lines(self.location),
            "Logarithm of tau²:",
            *self._lines(self.scale),
        ]
        if self.likelihood_ratio.df:
            lines.append(self.likelihood_ratio.summary())
        lines.append(f"tau² of the studies: {format_interval(low, high, 3)}")
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient of both parts, unrounded."""
        parts = [("location", self.location), ("scale", self.scale)]
        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "part": name,
                        "term": part.names,
                        "estimate": part.estimate,
                        "standard_error": part.standard_error,
                        "ci_low": part.ci_low,
                        "ci_high": part.ci_high,
                        "p_value": part.p_value,
                    }
                )
                for name, part in parts
            ],
            ignore_index=True,
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not known."""
        rows = [
            {
                name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in row.items()
            }
            for row in self.to_frame().to_dict("records")
        ]
        return {
            "k": self.k,
            "formula": self.location_design.formula,
            "scale": self.scale_design.formula,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            "coefficients": rows,
            "location_omnibus": self.location.omnibus.to_dict(),
            "scale_omnibus": self.scale.omnibus.to_dict(),
            "likelihood_ratio": self.likelihood_ratio.to_dict(),
            "log_likelihood": self.log_likelihood,
            "tau2": dict(zip(self.labels, map(float, self.tau2), strict=True)),
            "qe": self.qe,
            "qe_p_value": self.qe_p_value,
            "cautions": [caution.message for caution in self.cautions],
        }
