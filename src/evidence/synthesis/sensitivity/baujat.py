"""Where heterogeneity comes from, beside what the mean hangs on.

References
----------
Baujat B, Mahe C, Pignon JP, Hill C (2002). A graphical method for exploring heterogeneity in
meta-analyses: application to a meta-analysis of 65 trials. Statistics in Medicine 21:2641-2652.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, plural
from evidence.effects.arguments import Floats
from evidence.errors import Caution
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult, PoolingMethod
from evidence.synthesis.sensitivity.left_out import fit_without_each, ratio

__all__ = ["BaujatResult", "baujat"]


@dataclass(frozen=True)
class BaujatResult(Display):
    """Coordinates of a Baujat plot, one point a study.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level.
    labels
        The studies.
    contribution
        Squared distance from the mean over the variance about it: what the study adds to Q,
        or, with random effects, to the generalised Q at tau²; shape (k,).
    influence
        Squared change of the mean without the study over its squared standard error without
        it, shape (k,).
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    labels: tuple[str, ...]
    contribution: Floats
    influence: Floats
    cautions: tuple[Caution, ...] = ()

    def summary(self) -> str:
        """Return which study adds most to the heterogeneity, and which one moves the mean most."""
        count = plural(len(self.labels), "study", "studies")
        lines = [f"Heterogeneity and influence of {count}, {self.method.in_words()}"]
        total = float(self.contribution.sum())
        if total > 0:
            most = int(self.contribution.argmax())
            share = format_number(100 * self.contribution[most] / total, 0)
            lines.append(f"{self.labels[most]} adds most to the heterogeneity, {share}% of Q.")
        if np.nanmax(self.influence, initial=0.0) > 0:
            most = int(np.nanargmax(self.influence))
            moved = format_number(float(np.sqrt(self.influence[most])))
            lines.append(
                f"{self.labels[most]} moves the mean most, by {moved} standard errors of the mean "
                "without it."
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study, unrounded."""
        return pd.DataFrame(
            {
                "label": self.labels,
                "contribution": self.contribution,
                "influence": self.influence,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "studies": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def baujat(result: PooledResult) -> BaujatResult:
    """Find what each study adds to the heterogeneity and how far it moves the mean.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies. Baujat and others use a common effect;
        with random effects the distances are over sampling variance plus tau².

    Returns
    -------
    BaujatResult

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, or one whose interval has no standard error.
    InsufficientEvidenceError
        For one study.

    References
    ----------
    Baujat, Mahe, Pignon and Hill (2002).
    """
    check_result(result, "baujat")
    rest = fit_without_each(result)
    away = rest.distance - rest.change
    return BaujatResult(
        method=result.method,
        labels=result.labels,
        contribution=away**2 / (result.variances + result.tau2),
        influence=ratio(rest.change**2, rest.variance),
        cautions=rest.cautions,
    )
