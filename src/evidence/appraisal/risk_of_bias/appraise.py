"""Risk of bias of a review's studies: recorded, computed, or no information.

References
----------
Sterne JAC, Savović J, Page MJ, et al. (2019). RoB 2: a revised tool for assessing risk of
bias in randomised trials. BMJ 366:l4898.
Sterne JAC, Hernán MA, Reeves BC, et al. (2016). ROBINS-I: a tool for assessing risk of bias
in non-randomised studies of interventions. BMJ 355:i4919.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from evidence.appraisal.risk_of_bias.facts import BearingFact, bearing_facts, facts_on_interests
from evidence.appraisal.risk_of_bias.result import RiskOfBias, StudyBias
from evidence.data import Review
from evidence.data.bias_tools import OVERALL, StudyJudgements, judgements_of
from evidence.data.bias_tools.judgements import unjudged
from evidence.data.frames import each_row
from evidence.synthesis.body import Synthesis, synthesise

__all__ = ["TOOL_OF_DESIGN", "appraise_risk_of_bias"]

#: The tool that a study would be judged with, where nobody judged it.
TOOL_OF_DESIGN = {
    "parallel trial": "RoB 2",
    "crossover trial": "RoB 2 crossover",
    "trial, design not known": "RoB 2",
    "uncontrolled trial": "ROBINS-I",
    "cohort": "ROBINS-I",
}


def appraise_risk_of_bias(
    review: Review,
    analysis: str | Synthesis | None = None,
    *,
    shares: Mapping[str, float] | None = None,
) -> RiskOfBias:
    """Gather the risk of bias of every study, with what bears on it.

    A judgement is the one that a person recorded; where nobody did, the one that follows
    from the answers to the tool's questions by the rules of its file; else "no
    information". The same holds for a study as a whole.

    Parameters
    ----------
    review
        The review; its trials with results, and whatever else is judged in its tables.
    analysis
        Only the studies of this analysis, with the weight they carry: its id, or what
        `evidence.synthesise` returned. What is judged for one of its outcomes goes before
        what is judged of a study as such.
    shares
        Each study's share of the weight, by study, where it is another one than in the
        first reading of the analysis.

    Returns
    -------
    RiskOfBias

    Raises
    ------
    UnknownNameError
        When there is no such analysis.
    InsufficientEvidenceError
        When no study of the analysis can be used.

    References
    ----------
    Sterne et al. (2019), BMJ 366:l4898; Sterne et al. (2016), BMJ 355:i4919; Higgins et al.
    (2011), BMJ 343:d5928; Whiting et al. (2011), Annals of Internal Medicine 155:529-536.
    """
    if analysis is None:
        studies = [study for name in _public(review) for study in _study_bias(review, name)]
        return RiskOfBias(tuple(studies))
    synthesis = synthesise(review, analysis) if isinstance(analysis, str) else analysis
    weights = dict(shares) if shares is not None else synthesis.scenarios[0].shares
    outcomes = synthesis.analysis.outcomes
    names = dict.fromkeys(c.study_id for c in synthesis.derivation.comparisons)
    studies = [
        study
        for name in names
        for study in _study_bias(review, name, outcomes, weights.get(name, math.nan))
    ]
    return RiskOfBias(tuple(studies), synthesis.analysis.title)


def _public(review: Review) -> list[str]:
    """Return the trials with public results, and every study that somebody judged."""
    return [
        str(study.study_id)
        for study in each_row(review.studies)
        if (study.role == "trial" and study.status != "registered")
        or any(review.records(t, study.study_id) for t in ("risk_of_bias", "signalling_answers"))
    ]


def _study_bias(
    review: Review,
    study_id: str,
    outcomes: Sequence[str] | None = None,
    share: float = math.nan,
) -> list[StudyBias]:
    found = judgements_of(review, study_id, outcomes) or (_unjudged(review, study_id),)
    return [
        StudyBias(review.label(study_id), judgements, _facts(review, judgements), share)
        for judgements in found
    ]


def _unjudged(review: Review, study_id: str) -> StudyJudgements:
    design = str(review.study(study_id)["design"])
    return unjudged(study_id, review.bias_tools[TOOL_OF_DESIGN.get(design, "RoB 2")])


def _facts(review: Review, judgements: StudyJudgements) -> dict[str, tuple[BearingFact, ...]]:
    facts = {
        domain.id: found
        for domain in judgements.tool.domains
        if (found := bearing_facts(review, judgements.study_id, domain))
    }
    interests = facts_on_interests(review, judgements.study_id)
    return {**facts, OVERALL: interests} if interests else facts
