"""Risk of bias, weighted by what each trial contributes."""

from __future__ import annotations

from evidence.appraisal.certainty.domain import (
    AFFECTED_WEIGHT,
    Cut,
    Domain,
    Rule,
    share_in_words,
)
from evidence.appraisal.risk_of_bias import appraise_risk_of_bias
from evidence.data import Review
from evidence.display import capital, join_words
from evidence.synthesis.body import Synthesis

__all__ = ["BIAS_RULE", "rate_risk_of_bias"]

_REFERENCE = "Guyatt et al. 2011, GRADE guidelines 4, J Clin Epidemiol 64:407-415"

BIAS_RULE = Rule(
    "overall judgements by weight",
    ("each trial's overall judgement", "its weight", "whether its reports contradict each other"),
    "Two levels where trials at high risk carry at least half of the weight; none where trials at "
    "low risk carry more than half and no reports contradict each other; otherwise one.",
    _REFERENCE,
    (Cut("share of the weight", AFFECTED_WEIGHT, _REFERENCE, own=True),),
)


def rate_risk_of_bias(review: Review, synthesis: Synthesis, shares: dict[str, float]) -> Domain:
    """Rate down for what may bias the trials that carry the weight.

    Parameters
    ----------
    review
        The review with its judgements.
    synthesis
        The analysis.
    shares
        Each study's share of the weight, by study; they sum to 1.
    """
    weights = appraise_risk_of_bias(review, synthesis, shares=shares).concern_shares()
    contradictory = [c.label for c in synthesis.contradictory]
    clash = f"the reports of {join_words(contradictory)} contradict each other"
    if weights["high"] >= AFFECTED_WEIGHT:
        levels = 2
        much = share_in_words(weights["high"])
        parts = [f"trials at high risk of bias carry {much} of the weight"]
    elif weights["low"] > 1 - AFFECTED_WEIGHT and not contradictory:
        levels = 0
        much = share_in_words(weights["low"])
        parts = [f"trials at low risk of bias carry {much} of the weight"]
    else:
        levels, parts = 1, []
        concerning = weights["some"] + weights["high"]
        if concerning > 0:
            parts.append(
                f"trials with concerns about bias carry {share_in_words(concerning)} of the weight"
            )
        if weights["none"] > 0:
            much = share_in_words(weights["none"])
            parts.append(f"trials never assessed for bias carry {much} of the weight")
    if contradictory:
        parts.append(clash)
    return Domain(
        "risk of bias",
        levels,
        capital(join_words(parts)) + ".",
        _REFERENCE,
        {
            **{f"{kind} in percent": round(100 * share) for kind, share in weights.items()},
            "contradictory": tuple(contradictory),
        },
        BIAS_RULE,
    )
