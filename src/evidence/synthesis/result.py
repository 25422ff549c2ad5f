"""The result of pooling, and how it reads.

References
----------
Higgins JPT, Thompson SG (2002). Quantifying heterogeneity in a meta-analysis. Statistics
in Medicine 21:1539-1558 (I², H²).
Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). A re-evaluation of random-effects
meta-analysis. Journal of the Royal Statistical Society A 172:137-159 (prediction).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from html import escape
from types import MappingProxyType

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, format_p, html_table, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution
from evidence.synthesis.tau2 import method_code, q_profile

__all__ = ["CI_NAMES", "OWN_TAU2", "PooledResult", "PoolingMethod"]


#: How each interval of the mean is called in a sentence.
CI_NAMES = MappingProxyType(
    {
        "HKSJ-adhoc": "Hartung-Knapp-Sidik-Jonkman interval with the ad hoc guard",
        "HKSJ": "Hartung-Knapp-Sidik-Jonkman interval",
        "Wald": "Wald interval",
        "t": "Wald interval with t quantiles",
        "Henmi-Copas": "Henmi-Copas interval around the common-effect mean",
        "profile-likelihood": "profile likelihood interval",
    }
)

#: Intervals that come with an estimator of tau² of their own.
OWN_TAU2 = MappingProxyType({"Henmi-Copas": "DL", "profile-likelihood": "ML"})


@dataclass(frozen=True, slots=True)
class PoolingMethod:
    """The choices behind a pooled result, kept with it."""

    model: str = "random"
    #: The name of an estimator, or tau² itself where it was given.
    tau2_method: str | float = "REML"
    ci_method: str = "HKSJ-adhoc"
    level: float = 0.95

    @property
    def kernel_choice(self) -> tuple[int, float]:
        """The estimator of tau² as the kernels number it, below 0 where tau² is given, and tau²."""
        if self.model == "common":
            return -1, 0.0
        if isinstance(self.tau2_method, str):
            return method_code(self.tau2_method), 0.0
        return -1, self.tau2_method

    def in_words(self) -> str:
        """Return the choices as a clause."""
        interval = CI_NAMES[self.ci_method]
        if self.model == "common":
            return f"common effect, {interval}"
        if isinstance(self.tau2_method, str):
            return f"random effects, tau² by {self.tau2_method}, {interval}"
        return f"random effects, tau² given as {self.tau2_method:g}, {interval}"


@dataclass(frozen=True)
class PooledResult(Display):
    """Effects of k studies and what they come to together.

    What is not needed at once (the interval of tau², I², H², the prediction interval) is
    computed when it is first asked for, and kept.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level.
    labels, effects, variances
        The studies that were pooled, shape (k,).
    estimate, standard_error, ci_low, ci_high, p_value
        The mean effect.
    weights
        Share of each study in percent, shape (k,).
    tau2
        Variance between studies; NaN for one study.
    q, q_p_value
        Cochran's Q and its p value on k - 1 degrees of freedom.
    typical_variance
        The typical sampling variance, which I² compares tau² with.
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    labels: tuple[str, ...]
    effects: Floats
    variances: Floats
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    p_value: float
    weights: Floats
    tau2: float
    q: float
    q_p_value: float
    typical_variance: float
    cautions: tuple[Caution, ...] = ()

    @cached_property
    def tau2_interval(self) -> tuple[float, float]:
        """Q-profile confidence interval of tau²; NaN for one study."""
        if not self.pooled:
            return math.nan, math.nan
        return q_profile(self.effects, self.variances, self.method.level)

    @property
    def tau2_ci_low(self) -> float:
        """Lower end of the interval of tau²."""
        return self.tau2_interval[0]

    @property
    def tau2_ci_high(self) -> float:
        """Upper end of the interval of tau²."""
        return self.tau2_interval[1]

    @property
    def i2(self) -> float:
        """Share of the variation that is due to heterogeneity, in percent."""
        if not self.pooled:
            return math.nan
        if self.method.model == "common":
            return max(0.0, 100 * (self.q - (self.k - 1)) / self.q) if self.q > 0 else 0.0
        return 100 * self.tau2 / (self.tau2 + self.typical_variance)

    @property
    def h2(self) -> float:
        """Total variance over the typical sampling variance."""
        if not self.pooled:
            return math.nan
        if self.method.model == "common":
            return self.q / (self.k - 1)
        return (self.tau2 + self.typical_variance) / self.typical_variance

    @cached_property
    def prediction_interval(self) -> tuple[float, float]:
        """Where the true effect of a further setting may lie.

        NaN below three studies, for a common effect, and for an interval of the mean that has
        no standard error to go with it; `evidence.synthesis.intervals` has other kinds.
        """
        if self.method.model == "common" or self.k < 3 or self.method.ci_method in OWN_TAU2:
            return math.nan, math.nan
        from evidence.synthesis.intervals.prediction import prediction_limits

        return prediction_limits(
            self.estimate, self.standard_error, self.tau2, self.k - 2, self.method.level
        )

    @property
    def prediction_low(self) -> float:
        """Lower end of the prediction interval."""
        return self.prediction_interval[0]

    @property
    def prediction_high(self) -> float:
        """Upper end of the prediction interval."""
        return self.prediction_interval[1]

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.labels)

    @property
    def pooled(self) -> bool:
        """Whether there was anything to pool."""
        return self.k > 1

    @property
    def has_prediction(self) -> bool:
        """Whether there is a prediction interval."""
        return bool(np.isfinite(self.prediction_low))

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        level = f"{100 * self.method.level:g}%"
        if not self.pooled:
            head = f"One study, nothing to pool: {self.labels[0]}"
        else:
            head = f"{plural(self.k, 'study', 'studies')}, {self.method.in_words()}"
        head = head[0].upper() + head[1:]
        interval = format_interval(self.ci_low, self.ci_high)
        lines = [
            head,
            (
                f"estimate {format_number(self.estimate)} "
                f"({level} CI {interval}), {format_p(self.p_value)}"
            ),
        ]
        if self.pooled:
            tau2_interval = format_interval(self.tau2_ci_low, self.tau2_ci_high, 3)
            lines.append(
                f"tau² {format_number(self.tau2, 3)} ({level} CI {tau2_interval}), "
                f"I² {format_number(self.i2, 0)}%, Q {format_number(self.q)} "
                f"on {self.k - 1} df, {format_p(self.q_p_value)}"
            )
        if self.has_prediction:
            interval = format_interval(self.prediction_low, self.prediction_high)
            lines.append(f"{level} prediction interval {interval}")
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study and one for the pooled effect, unrounded."""
        reach = quantile(self.method.level) * np.sqrt(self.variances)
        studies = pd.DataFrame(
            {
                "label": self.labels,
                "estimate": self.effects,
                "standard_error": np.sqrt(self.variances),
                "ci_low": self.effects - reach,
                "ci_high": self.effects + reach,
                "weight": self.weights,
            }
        )
        if not self.pooled:
            return studies
        pooled = pd.DataFrame(
            {
                "label": ["pooled"],
                "estimate": [self.estimate],
                "standard_error": [self.standard_error],
                "ci_low": [self.ci_low],
                "ci_high": [self.ci_high],
                "weight": [100.0],
            }
        )
        return pd.concat([studies, pooled], ignore_index=True)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = (
            "estimate",
            "standard_error",
            "ci_low",
            "ci_high",
            "p_value",
            "tau2",
            "tau2_ci_low",
            "tau2_ci_high",
            "q",
            "q_p_value",
            "i2",
            "h2",
            "prediction_low",
            "prediction_high",
        )
        return {
            "k": self.k,
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            **{name: getattr(self, name) for name in names},
            "studies": self.to_frame().iloc[: self.k].to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.to_frame()
        rounded = pd.DataFrame(
            {
                "study": table["label"],
                "estimate": [format_number(v) for v in table["estimate"]],
                "95% CI" if self.method.level == 0.95 else "CI": [
                    format_interval(low, high)
                    for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
                ],
                "weight %": [format_number(v, 1) for v in table["weight"]],
            }
        )
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.summary().splitlines()[1:])
        return html_table(rounded, caption=self.summary().splitlines()[0]) + lines
