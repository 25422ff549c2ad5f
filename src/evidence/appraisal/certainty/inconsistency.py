"""Inconsistency: whether settings differ so much that they fall on different sides.

What counts is not how much of the variation is heterogeneity (I²), but whether the true effects
of different settings lie on the same side of what matters. So the rule asks where most settings
lie, and whether chance alone could scatter the trials as they are.

References
----------
Guyatt GH, Oxman AD, Kunz R, et al. (2011). GRADE guidelines: 7. Rating the quality of
evidence: inconsistency. Journal of Clinical Epidemiology 64:1294-1302.
Guyatt G, Zhao Y, Mayer M, et al. (2023). GRADE guidance 36: updates to GRADE's approach to
addressing inconsistency. Journal of Clinical Epidemiology 158:70-83.
Guyatt G, Schandelmaier S, Brignardello-Petersen R, et al. (2025). Core GRADE 3: rating
certainty of evidence: assessing inconsistency. BMJ 389:e081905.
Mathur MB, VanderWeele TJ (2019). New metrics for meta-analyses of heterogeneous effects.
Statistics in Medicine 38:1336-1342 (the share of settings beyond a threshold).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evidence.appraisal.certainty.domain import Cut, Domain, Rule
from evidence.display import capital, format_interval, plural
from evidence.effects.conversions.spread import quantile
from evidence.synthesis.body import Scenario
from evidence.synthesis.intervals.share_beyond import share_beyond
from evidence.synthesis.result import PooledResult

__all__ = ["HETEROGENEITY_P", "INCONSISTENCY_RULE", "OTHER_SIDE_SHARE", "rate_inconsistency"]

#: GRADE guidelines 7: a low p value of the test of heterogeneity.
HETEROGENEITY_P = 0.10
#: GRADE guidance 36 asks where most settings lie and gives no figure; from a fifth of them on
#: another side of a threshold, "most" is no longer all that matters.
OTHER_SIDE_SHARE = 0.2
#: Below so many trials the test of heterogeneity hardly finds anything.
_FEW = 5

_REFERENCE = (
    "Guyatt et al. 2011, GRADE guidelines 7, J Clin Epidemiol 64:1294-1302; "
    "Guyatt et al. 2023, GRADE guidance 36, J Clin Epidemiol 158:70-83"
)

INCONSISTENCY_RULE = Rule(
    "where most settings lie, against the threshold",
    (
        "the prediction interval",
        "the share of settings on each side of the thresholds",
        "whether the trials' intervals overlap",
        "the test of heterogeneity; I² is told and decides nothing",
    ),
    "One level where the trials differ by more than chance and at least a fifth of settings lies "
    "on another side of a threshold than the mean; two where as many lie beyond it in benefit "
    "and in harm. With two trials, or a common effect, the trials' own effects stand for "
    "settings.",
    f"{_REFERENCE}; Guyatt et al. 2025, Core GRADE 3, BMJ 389:e081905",
    (
        Cut("p of heterogeneity", HETEROGENEITY_P, "GRADE guidelines 7", own=True),
        Cut("share of settings", OTHER_SIDE_SHARE, "GRADE guidance 36", own=True),
    ),
)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The share of settings below, between and above the thresholds."""

    shares: tuple[float, ...]
    home: int
    settings: bool

    @property
    def elsewhere(self) -> float:
        """The share on another side than the mean."""
        return 1 - self.shares[self.home]

    @property
    def both_ends(self) -> bool:
        """Whether many lie beyond the threshold in benefit and in harm."""
        return min(self.shares[0], self.shares[-1]) >= OTHER_SIDE_SHARE


def _place(effect: float, cuts: Sequence[float]) -> int:
    """Return the side that an effect lies on; exactly a threshold counts as beyond it."""
    return sum(effect >= cut if cut > 0 else effect > cut for cut in cuts)


def _sides(result: PooledResult, cuts: tuple[float, ...]) -> _Sides:
    home = _place(result.estimate, cuts)
    if not result.has_prediction:
        places = [_place(float(effect), cuts) for effect in result.effects]
        counts = np.bincount(places, minlength=len(cuts) + 1) / len(places)
        return _Sides(tuple(map(float, counts)), home, False)
    method = result.method.tau2_method
    below = [
        share_beyond(
            result.effects,
            result.variances,
            cut,
            direction="below",
            method="normal",
            tau2_method=method if method in ("REML", "ML") else "REML",
        ).estimate
        for cut in cuts
    ]
    if result.tau2 == 0:
        shares = [float(place == home) for place in range(len(cuts) + 1)]
    else:
        shares = [float(part) for part in np.diff([0.0, *below, 1.0])]
    return _Sides(tuple(shares), home, True)


def _overlap(result: PooledResult) -> bool:
    """Return whether one effect lies in the 95% intervals of all trials."""
    reach = quantile(0.95) * np.sqrt(result.variances)
    return bool(np.max(result.effects - reach) <= np.min(result.effects + reach))


def rate_inconsistency(scenario: Scenario, threshold: float | None = None) -> Domain:
    """Rate down where the settings lie on different sides of what matters.

    Parameters
    ----------
    scenario
        One reading of the analysis.
    threshold
        The smallest difference that matters, without sign, on the scale of the result; None:
        no effect at all.
    """
    result = scenario.result
    facts: dict[str, object] = {"trials": result.k}
    if not result.pooled:
        reason = "With one trial nothing can be inconsistent; nothing confirms it either."
        return Domain("inconsistency", 0, reason, _REFERENCE, facts, INCONSISTENCY_RULE)
    cuts = (0.0,) if threshold is None else (-threshold, threshold)
    sides, overlap = _sides(result, cuts), _overlap(result)
    apart = bool(result.q_p_value < HETEROGENEITY_P)
    split = sides.elsewhere >= OTHER_SIDE_SHARE
    levels = 0
    if apart and split:
        levels = 2 if len(cuts) > 1 and sides.both_ends else 1
    facts |= {
        "threshold": threshold,
        "p of heterogeneity": result.q_p_value,
        "intervals overlap": overlap,
        "elsewhere in percent": round(100 * sides.elsewhere),
    }
    parts = [_differ(result, apart, overlap), _where(result, sides, threshold, split)]
    if split and not apart:
        parts.append("Chance alone could scatter them so, which is counted as imprecision.")
    if not apart and result.k < _FEW:
        parts.append("So few trials would hide a good deal of inconsistency.")
    return Domain("inconsistency", levels, " ".join(parts), _REFERENCE, facts, INCONSISTENCY_RULE)


def _differ(result: PooledResult, apart: bool, overlap: bool) -> str:
    """Say whether the trials differ by more than chance."""
    verb = "differ" if apart else "do not differ"
    common = "some effect lies in" if overlap else "no effect lies in"
    return (
        f"The trials {verb} by more than chance explains (I² {result.i2:.0f}%), and {common} the "
        "intervals of all of them."
    )


def _where(result: PooledResult, sides: _Sides, threshold: float | None, split: bool) -> str:
    """Say where the settings, or the trials, lie."""
    what = "no effect" if threshold is None else "what would matter"
    if not sides.settings:
        there = round(sides.elsewhere * result.k)
        if not there:
            return f"All of them lie on the same side of {what}."
        lie = plural(there, "of them lies", "of them lie")
        return f"{capital(lie)} on another side of {what} than the mean."
    share = 100 * sides.elsewhere
    span = ""
    if math.isfinite(result.prediction_low):
        interval = format_interval(result.prediction_low, result.prediction_high)
        span = f" (a further one may have anything from {interval})"
    if split:
        much = f"{share:.0f}% of settings lie"
    else:
        much = "no setting lies" if share < 0.5 else f"only {share:.0f}% of settings lie"
    return f"By the estimate, {much} on another side of {what} than the mean{span}."
