"""Each study's own effect, once it borrows from the others.

References
----------
Morris CN (1983). Parametric empirical Bayes inference: theory and applications. Journal of the
American Statistical Association 78:47-55.
Raudenbush SW, Bryk AS (1985). Empirical Bayes meta-analysis. Journal of Educational Statistics
10:75-98.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, html_table, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult, PoolingMethod

__all__ = ["StudyPredictions", "predict_studies"]


@dataclass(frozen=True)
class StudyPredictions(Display):
    """Best linear unbiased predictions of the studies' own true effects.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level.
    labels, effects
        The studies, and what they observed, shape (k,).
    mean
        The pooled mean, towards which the effects are drawn.
    estimate, standard_error, ci_low, ci_high
        The predictions, shape (k,).
    shrinkage
        How far each was drawn to the mean: 0 not at all, 1 all the way; shape (k,).
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    labels: tuple[str, ...]
    effects: Floats
    mean: float
    estimate: Floats
    standard_error: Floats
    ci_low: Floats
    ci_high: Floats
    shrinkage: Floats
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return how far the effects are drawn together, in words and rounded numbers."""
        count = plural(len(self.labels), "study", "studies")
        least, most = (format_number(100 * f(self.shrinkage), 0) for f in (np.min, np.max))
        lines = [
            f"Predicted effects of {count}, {self.method.in_words()}",
            (
                f"observed from {format_interval(self.effects.min(), self.effects.max())}, "
                f"predicted from {format_interval(self.estimate.min(), self.estimate.max())}: "
                f"drawn to the mean {format_number(self.mean)} by "
                + (f"{least}%" if least == most else f"{least}% to {most}%")
            ),
        ]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study, unrounded."""
        return pd.DataFrame(
            {
                "label": self.labels,
                "observed": self.effects,
                "estimate": self.estimate,
                "standard_error": self.standard_error,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "shrinkage": self.shrinkage,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            "mean": self.mean,
            "studies": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.to_frame()
        rounded = pd.DataFrame(
            {
                "study": table["label"],
                "observed": [format_number(v) for v in table["observed"]],
                "predicted": [format_number(v) for v in table["estimate"]],
                "interval": [
                    format_interval(low, high)
                    for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
                ],
                "drawn to the mean %": [format_number(100 * v, 0) for v in table["shrinkage"]],
            }
        )
        return html_table(rounded) + super()._repr_html_()


def predict_studies(result: PooledResult) -> StudyPredictions:
    """Predict each study's own true effect, from what it observed and from the others.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.

    Returns
    -------
    StudyPredictions
        With intervals at the result's level, and quantiles of its interval's kind.

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, or one whose interval has no standard error.
    InsufficientEvidenceError
        For one study.

    Notes
    -----
    With B = v / (v + tau²) the prediction is (1 - B) y + B mean, of variance
    B tau² + B² se², where se is the mean's standard error. tau² counts as known.

    References
    ----------
    Morris (1983); Raudenbush and Bryk (1985).
    """
    check_result(result, "predict_studies")
    method = result.method
    total = result.variances + result.tau2
    shrinkage, kept = result.variances / total, result.tau2 / total
    estimate = result.estimate + kept * (result.effects - result.estimate)
    standard_error = np.hypot(np.sqrt(shrinkage * result.tau2), shrinkage * result.standard_error)
    reach = standard_error * quantile(
        method.level, None if method.ci_method == "Wald" else result.k - 1
    )
    return StudyPredictions(
        method=method,
        labels=result.labels,
        effects=result.effects,
        mean=result.estimate,
        estimate=estimate,
        standard_error=standard_error,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        shrinkage=shrinkage,
        cautions=_cautions(result),
    )


def _cautions(result: PooledResult) -> tuple[Caution, ...]:
    if result.method.model == "common":
        return (
            Caution(
                "common-effect",
                "A common effect leaves no room for effects of the studies' own: each prediction "
                "is the mean.",
            ),
        )
    if result.tau2 == 0:
        return (
            Caution(
                "tau2-zero",
                "tau² is 0, so each prediction is the mean with the mean's interval. As an "
                "estimate at the edge of its range, 0 is not evidence that the studies agree.",
                "Higgins, Thompson and Spiegelhalter 2009",
            ),
        )
    if isinstance(result.method.tau2_method, str):
        return (
            Caution(
                "tau2-as-known",
                "The intervals take the estimated tau² as known, so with few studies they are too "
                "narrow.",
                "Morris 1983",
            ),
        )
    return ()
