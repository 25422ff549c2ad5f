"""From what was reported to an effect and its standard error.

Arrays of arm summaries, or the rows of a `Review`, enter; effects with intervals, their
path in words and their cautions leave. Nothing here pools studies.
"""

from evidence.effects.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.continuous import (
    mean_difference,
    noncentral_t_interval,
    standardised_mean_difference,
)
from evidence.effects.derivation import derive, derive_analysis
from evidence.effects.exact import ExactComparison, fisher_over_splits
from evidence.effects.readings import Comparison, Reading
from evidence.effects.sizes import EffectSizes

__all__ = [
    "Comparison",
    "EffectSizes",
    "ExactComparison",
    "Reading",
    "derive",
    "derive_analysis",
    "fisher_over_splits",
    "log_odds_ratio",
    "log_risk_ratio",
    "mean_difference",
    "noncentral_t_interval",
    "risk_difference",
    "standardised_mean_difference",
]
