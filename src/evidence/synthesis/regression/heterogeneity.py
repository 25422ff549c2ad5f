"""What the moderators leave unexplained: residual tau², its interval, and R².

References
----------
Viechtbauer W (2007). Confidence intervals for the amount of heterogeneity in meta-analysis.
Statistics in Medicine 26:37-52 (Q-profile, also with moderators).
Raudenbush SW (2009). Analyzing effect sizes: random-effects models. In: Cooper H, Hedges LV,
Valentine JC (editors), The Handbook of Research Synthesis and Meta-Analysis, 2nd edition,
295-315 (R²).
"""

from __future__ import annotations

import math

from evidence.effects.arguments import Floats
from evidence.synthesis.regression.design import Design
from evidence.synthesis.tau2 import estimate_tau2, q_profile

__all__ = ["explained", "residual_q_profile", "residual_tau2"]


def _columns(design: Design) -> Floats | None:
    """Return what tau² is estimated beside; nothing for a mean alone."""
    return None if design.p == 1 and design.constant is not None else design.basis


def residual_tau2(effects: Floats, variances: Floats, design: Design, method: str | float) -> float:
    """Return the residual tau².

    Parameters
    ----------
    effects, variances
        Shape (k,).
    design
        With k rows.
    method
        One of `TAU2_METHODS`, or tau² itself.
    """
    if not isinstance(method, str):
        return method
    return estimate_tau2(effects, variances, method, _columns(design))


def residual_q_profile(
    effects: Floats, variances: Floats, design: Design, level: float
) -> tuple[float, float]:
    """Return the Q-profile interval of the residual tau².

    Parameters
    ----------
    effects, variances
        Shape (k,).
    design
        With k rows.
    level
        Confidence level.
    """
    return q_profile(effects, variances, level, _columns(design))


def explained(tau2: float, tau2_alone: float) -> float:
    """Return Raudenbush's R² in percent, cut at 0; NaN where there was nothing to explain."""
    if not tau2_alone > 0:
        return math.nan
    return max(0.0, 100 * (tau2_alone - tau2) / tau2_alone)
