"""How strong is the evidence? Load trial summaries, compute, pool, appraise, judge.

The folders tell the way of the data: ``data -> effects -> synthesis -> appraisal ->
judgement``; ``plots`` draw results of any of them, ``living`` turns a review into a report.
Every public name can be had from here, and is loaded when it is first used, so that
``import evidence`` itself stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

#: Where each public name lives.
_HOMES = {
    "check_review": "data",
    "element_share": "data",
    "find_review": "data",
    "load_review": "data",
    "ReportedNumber": "data",
    "Review": "data",
    "derive": "effects",
    "derive_analysis": "effects",
    "fisher_over_splits": "effects",
    "log_odds_ratio": "effects",
    "log_risk_ratio": "effects",
    "mean_difference": "effects",
    "noncentral_t_interval": "effects",
    "risk_difference": "effects",
    "standardised_mean_difference": "effects",
    "pool": "synthesis",
    "next_trial": "synthesis",
    "value_of_another_trial": "synthesis",
    "multiverse": "synthesis",
    "compare_models": "synthesis",
    "compare_subgroups": "synthesis",
    "pool_bayes": "synthesis",
    "pool_dependent": "synthesis",
    "pool_many": "synthesis",
    "regress": "synthesis",
    "synthesise": "synthesis",
    "synthesise_direction": "synthesis",
    "absorption_studies": "appraisal",
    "appraise_directness": "appraisal",
    "check_integrity": "appraisal",
    "appraise_trial": "appraisal",
    "borrow_from_indirect": "appraisal",
    "appraise_risk_of_bias": "appraisal",
    "compare_harms": "appraisal",
    "elemental_doses": "appraisal",
    "evidence_age": "appraisal",
    "information_reached": "appraisal",
    "list_gaps": "appraisal",
    "missing_evidence": "appraisal",
    "placebo_share": "appraisal",
    "pool_harms": "appraisal",
    "rate_certainty": "appraisal",
    "stated_range": "appraisal",
    "what_was_tested": "appraisal",
    "audit_claims": "judgement",
    "circulating_numbers": "judgement",
    "compare_certainty": "judgement",
    "compare_with_thresholds": "judgement",
    "conclude": "judgement",
    "judge": "judgement",
    "summary_of_findings": "judgement",
    "narrate": "judgement.narrating",
    "verdict": "judgement.verdicts",
    "current_review": "living.current",
    "compare_conclusions": "living.diff",
    "demonstrate_change": "living.diff",
    "to_fhir_evidence": "living.fhir",
    "what_changed": "living.diff",
}

_FOLDERS = ("appraisal", "data", "effects", "judgement", "living", "plots", "synthesis")

__all__ = [
    "ReportedNumber",
    "Review",
    "__version__",
    "absorption_studies",
    "appraise_directness",
    "appraise_risk_of_bias",
    "appraise_trial",
    "audit_claims",
    "borrow_from_indirect",
    "check_integrity",
    "check_review",
    "circulating_numbers",
    "compare_certainty",
    "compare_conclusions",
    "compare_harms",
    "compare_models",
    "compare_subgroups",
    "compare_with_thresholds",
    "conclude",
    "current_review",
    "demonstrate_change",
    "derive",
    "derive_analysis",
    "element_share",
    "elemental_doses",
    "evidence_age",
    "find_review",
    "fisher_over_splits",
    "information_reached",
    "judge",
    "list_gaps",
    "load_review",
    "log_odds_ratio",
    "log_risk_ratio",
    "mean_difference",
    "missing_evidence",
    "multiverse",
    "narrate",
    "next_trial",
    "noncentral_t_interval",
    "placebo_share",
    "pool",
    "pool_bayes",
    "pool_dependent",
    "pool_harms",
    "pool_many",
    "rate_certainty",
    "regress",
    "risk_difference",
    "standardised_mean_difference",
    "stated_range",
    "summary_of_findings",
    "synthesise",
    "synthesise_direction",
    "to_fhir_evidence",
    "value_of_another_trial",
    "verdict",
    "what_changed",
    "what_was_tested",
]

if TYPE_CHECKING:
    from evidence.appraisal import (
        absorption_studies,
        appraise_directness,
        appraise_risk_of_bias,
        appraise_trial,
        borrow_from_indirect,
        check_integrity,
        compare_harms,
        elemental_doses,
        evidence_age,
        information_reached,
        list_gaps,
        missing_evidence,
        placebo_share,
        pool_harms,
        rate_certainty,
        stated_range,
        what_was_tested,
    )
    from evidence.data import (
        ReportedNumber,
        Review,
        check_review,
        element_share,
        find_review,
        load_review,
    )
    from evidence.effects import (
        derive,
        derive_analysis,
        fisher_over_splits,
        log_odds_ratio,
        log_risk_ratio,
        mean_difference,
        noncentral_t_interval,
        risk_difference,
        standardised_mean_difference,
    )
    from evidence.judgement import (
        audit_claims,
        circulating_numbers,
        compare_certainty,
        compare_with_thresholds,
        conclude,
        judge,
        summary_of_findings,
    )
    from evidence.judgement.narrating import narrate
    from evidence.judgement.verdicts import verdict
    from evidence.living.current import current_review
    from evidence.living.diff import compare_conclusions, demonstrate_change, what_changed
    from evidence.living.fhir import to_fhir_evidence
    from evidence.synthesis import (
        compare_models,
        compare_subgroups,
        multiverse,
        next_trial,
        pool,
        pool_bayes,
        pool_dependent,
        pool_many,
        regress,
        synthesise,
        synthesise_direction,
        value_of_another_trial,
    )


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"evidence.{_HOMES[name]}"), name)
    if name in _FOLDERS:
        return import_module(f"evidence.{name}")
    raise AttributeError(f"module 'evidence' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_FOLDERS])
