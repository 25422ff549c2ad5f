"""The standardised mean difference on other scales: probability of superiority, odds ratio.

References
----------
McGraw KO, Wong SP (1992). A common language effect size statistic. Psychological Bulletin
111:361-365.
Hasselblad V, Hedges LV (1995). Meta-analysis of screening and diagnostic tests. Psychological
Bulletin 117:167-178.
Chinn S (2000). A simple method for converting an odds ratio to effect size for use in
meta-analysis. Statistics in Medicine 19:3127-3131.
Sánchez-Meca J, Marín-Martínez F, Chacón-Moscoso S (2003). Effect-size indices for
dichotomized outcomes in meta-analysis. Psychological Methods 8:448-467.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from evidence.effects.arguments import Floats, check_level, checked_views
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["log_odds_ratio_from_smd", "probability_of_superiority", "smd_from_log_odds_ratio"]

#: One standard deviation in log odds: π/√3 if the outcome is logistic (Hasselblad and Hedges
#: 1995, Chinn 2000), 1.65 for Cox's index (Sánchez-Meca et al. 2003).
LOG_ODDS_OF_ONE_SD = {"logistic": math.pi / math.sqrt(3), "Cox": 1.65}


def probability_of_superiority(
    *, smd: ArrayLike, variance: ArrayLike, level: float = 0.95
) -> EffectSizes:
    """Return the probability that someone treated has a higher value than someone in control.

    Φ(d/√2) for two normal groups of one SD (McGraw and Wong 1992, the common language effect
    size); its variance by the delta method, φ(d/√2)² variance(d)/2. 0.5 is no difference. Far
    from 0.5 the normal interval can leave 0 to 1: then transform the ends of the interval
    of d.

    Parameters
    ----------
    smd, variance
        Standardised mean differences and their variances, each a number or shape (k,).
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        Probabilities; note that `p_value` tests against 0, which is not "no difference".

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = _effects("smd", smd, variance)
    z = given["smd"] / math.sqrt(2)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return EffectSizes(
        "probability of superiority",
        "Φ(d/√2), two normal groups of one SD, delta method",
        np.asarray(ndtr(z)),
        density**2 * given["variance"] / 2,
        check_level(level),
    )


def log_odds_ratio_from_smd(
    *,
    smd: ArrayLike,
    variance: ArrayLike,
    distribution: str = "logistic",
    level: float = 0.95,
) -> EffectSizes:
    """Return the log odds ratio of being above any one point of the scale.

    Parameters
    ----------
    smd, variance
        Standardised mean differences and their variances, each a number or shape (k,).
    distribution
        ``"logistic"``: d π/√3 (Hasselblad and Hedges 1995); ``"Cox"``: 1.65 d, near to it
        for normal outcomes (Sánchez-Meca et al. 2003).
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        Log odds ratios; the variance times the factor's square.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    factor = LOG_ODDS_OF_ONE_SD[
        check_choice("distribution", distribution, tuple(LOG_ODDS_OF_ONE_SD))
    ]
    given = _effects("smd", smd, variance)
    return EffectSizes(
        "log odds ratio",
        f"from a standardised mean difference, {distribution}",
        given["smd"] * factor,
        given["variance"] * factor**2,
        check_level(level),
    )


def smd_from_log_odds_ratio(
    *,
    log_odds_ratio: ArrayLike,
    variance: ArrayLike,
    distribution: str = "logistic",
    level: float = 0.95,
) -> EffectSizes:
    """Return the standardised mean difference behind a log odds ratio.

    Parameters
    ----------
    log_odds_ratio, variance
        Log odds ratios and their variances, each a number or shape (k,).
    distribution
        See `log_odds_ratio_from_smd`, of which this is the inverse.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        Standardised mean differences.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    factor = LOG_ODDS_OF_ONE_SD[
        check_choice("distribution", distribution, tuple(LOG_ODDS_OF_ONE_SD))
    ]
    given = _effects("log_odds_ratio", log_odds_ratio, variance)
    return EffectSizes(
        "standardised mean difference",
        f"from a log odds ratio, {distribution}",
        given["log_odds_ratio"] / factor,
        given["variance"] / factor**2,
        check_level(level),
    )


def _effects(name: str, values: ArrayLike, variance: ArrayLike) -> dict[str, Floats]:
    arrays: dict[str, Any] = {name: values, "variance": variance}
    return checked_views(None, {"variance": 0}, **arrays)
