"""How many people took part, beside how many one trial of the question would need.

Trials that differ by more than chance carry less per person than one trial of the same size. The
usual adjustment divides the size by 1 - D², where D² is the share by which the variance of the
mean shrinks when differences between trials are left out. It is a rough guide: with few trials
nobody knows how much they differ, and more people in the same few settings do not make up for it.

References
----------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 6. Rating the quality of
evidence: imprecision. Journal of Clinical Epidemiology 64:1283-1293.
Wetterslev J, Thorlund K, Brok J, Gluud C (2009). Estimating required information size by
quantifying diversity in random-effects model meta-analyses. BMC Medical Research Methodology
9:86 (D² and the adjustment).
Thomas J, Askie LM, Berlin JA, et al. (2019). Prospective approaches to accumulating evidence.
Cochrane Handbook, chapter 22 (sequential methods are not for updated reviews).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.appraisal.certainty.information_size import InformationSize, information_size
from evidence.data import Review
from evidence.display import Display, capital, plural
from evidence.effects.arguments import checked, is_number
from evidence.effects.importance import important_difference
from evidence.errors import InvalidArgumentError
from evidence.synthesis.body import Scenario, Synthesis

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["YARDSTICK", "InformationReached", "diversity", "information_reached"]

#: What such a size is not for (Cochrane Handbook, chapter 22).
YARDSTICK = (
    "Such a size is a yardstick and no line to stop at: the Cochrane Handbook advises against "
    "sequential tests of ordinary updates (chapter 22), and none is done here."
)
#: Beyond so many times the size for alike trials, an adjusted size is no number to plan with.
_BOUNDLESS = 100.0


def diversity(variances: ArrayLike, tau2: float) -> float:
    """Return D²: the share of the variance of the mean that differences between trials make.

    (V_R - V_F) / V_R, with V_F = 1 / Σ 1/vᵢ and V_R = 1 / Σ 1/(vᵢ + tau²).

    Parameters
    ----------
    variances
        Of the trials, shape (k,).
    tau2
        Variance between them, from 0; infinite gives 1.

    References
    ----------
    Wetterslev and others (2009): see the module.
    """
    if not is_number(tau2) or not tau2 >= 0:
        raise InvalidArgumentError(f"tau2 is {tau2!r}; give a number from 0.")
    v = checked({"variances": 0.0}, strict=True, variances=variances)["variances"]
    common = 1 / float((1 / v).sum())
    weight = float((1 / (v + tau2)).sum())
    return 1 - common * weight


@dataclass(frozen=True, slots=True)
class InformationReached(Display):
    """People so far beside those that are wanted.

    Attributes
    ----------
    people
        In the trials of the analysis.
    trials
        How many they are.
    size
        The optimal information size, for trials that are alike.
    d2, d2_low, d2_high
        D², and what it is at the ends of the interval of tau²; NaN for one trial.
    """

    people: int
    trials: int
    size: InformationSize
    d2: float
    d2_low: float
    d2_high: float

    @property
    def share(self) -> float:
        """People so far as a share of those that are wanted."""
        return self.people / self.size.wanted

    def adjusted(self, d2: float) -> float:
        """Return the people wanted where trials differ by this D²; infinite at 1.

        Parameters
        ----------
        d2
            D², from 0 to 1.
        """
        return math.inf if d2 >= 1 else self.size.wanted / (1 - d2)

    @property
    def people_in_words(self) -> str:
        """People so far beside those wanted if the trials were alike."""
        took = capital(plural(self.people, "person", "people"))
        reached = f"{100 * self.share:.0f}% of it" if self.share < 1 else "enough"
        that_is = "That is" if self.trials == 1 else "If the trials were alike, that would be"
        return (
            f"{took} took part in {plural(self.trials, 'trial')}. A trial large enough for the "
            f"question has {self.size.wanted:,} ({self.size.basis}). {that_is} {reached}."
        )

    @property
    def diversity_in_words(self) -> str:
        """What differences between the trials make of it; empty for one trial."""
        if math.isnan(self.d2):
            return ""
        trials = plural(self.trials, "trial")
        if self.d2 == 0:
            return (
                "No differences between them were found beyond chance, so nothing is adjusted; "
                f"with {trials} that is no proof, and it may be {self._up_to(0)}."
            )
        return (
            f"They are not alike: {100 * self.d2:.0f}% of the variance of their mean is due to "
            f"differences between them (D²), which makes {math.ceil(self.adjusted(self.d2)):,} "
            f"people wanted. With {trials} nobody knows that share well: it may be "
            f"{self._up_to(math.ceil(self.adjusted(self.d2_low)))}."
        )

    def _up_to(self, low: int) -> str:
        high = self.adjusted(self.d2_high)
        start = f"anything from {low:,} people" if low else "any number of people"
        if high > _BOUNDLESS * self.size.wanted:
            return f"{start} without an upper end" if low else start
        return f"{start} to {math.ceil(high):,}" if low else f"up to {math.ceil(high):,} people"

    def summary(self) -> str:
        """Return how far the evidence has come, in words."""
        return "\n".join(filter(None, (self.people_in_words, self.diversity_in_words, YARDSTICK)))

    def to_frame(self) -> pd.DataFrame:
        """Return a table of one row, unrounded."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "people": self.people,
            "trials": self.trials,
            "wanted": self.size.wanted,
            "basis": self.size.basis,
            "worked_out": self.size.worked_out,
            "share": self.share,
            "d2": self.d2,
            "d2_low": self.d2_low,
            "d2_high": self.d2_high,
            "adjusted": self.adjusted(self.d2) if math.isfinite(self.d2) else math.nan,
        }


def information_reached(
    review: Review, synthesis: Synthesis, scenario: Scenario
) -> InformationReached:
    """Hold the people so far against the size one trial would need.

    Parameters
    ----------
    review
        The review.
    synthesis
        One of its analyses.
    scenario
        One reading of it.

    Returns
    -------
    InformationReached

    References
    ----------
    Guyatt and others (2011), Wetterslev and others (2009): see the module.
    """
    analysis, result = synthesis.analysis, scenario.result
    threshold = important_difference(review, analysis.outcomes, analysis.measure)
    size = information_size(review, scenario, analysis.measure, threshold)
    ends = (result.tau2, *result.tau2_interval)
    found = [diversity(result.variances, tau2) if np.isfinite(tau2) else math.nan for tau2 in ends]
    if result.pooled and math.isinf(result.tau2_ci_high):
        found[2] = 1.0
    return InformationReached(synthesis.participants, synthesis.k, size, *found)
