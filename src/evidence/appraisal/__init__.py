"""How far to trust it: directness, certainty, what placebo did, what is not known.

Reviews and syntheses enter; appraisals with their reasons and references leave. Nothing
here decides what a result means for anybody.
"""

from evidence.appraisal.borrowed import (
    BorrowedEvidence,
    borrow_from_indirect,
)
from evidence.appraisal.certainty import (
    LEVELS,
    Certainty,
    Decision,
    Domain,
    Rule,
    people_for_risks,
    rate_certainty,
)
from evidence.appraisal.check import (
    Check,
)
from evidence.appraisal.directness import (
    Directness,
    appraise_directness,
)
from evidence.appraisal.dose.absorption import (
    AbsorptionStudies,
    absorption_studies,
)
from evidence.appraisal.dose.contents import (
    ContentChecks,
    check_carried,
    check_contents,
    mixture_share,
)
from evidence.appraisal.dose.stated_range import (
    StatedRange,
    ranges_in_claims,
    stated_range,
)
from evidence.appraisal.dose.tested import (
    Tested,
    what_was_tested,
)
from evidence.appraisal.dose.timing import (
    Timing,
    appraise_timing,
)
from evidence.appraisal.dose.trial_doses import (
    ElementalDose,
    ElementalDoses,
    elemental_doses,
)
from evidence.appraisal.evidence_age import EvidenceAge, evidence_age
from evidence.appraisal.gaps import (
    Gaps,
    list_gaps,
)
from evidence.appraisal.harms import (
    HarmsComparison,
    compare_harms,
)
from evidence.appraisal.harms_together import (
    HarmsTogether,
    harm_outcomes,
    pool_harms,
)
from evidence.appraisal.information_reached import (
    InformationReached,
    diversity,
    information_reached,
)
from evidence.appraisal.integrity import (
    BaselineVariable,
    IntegrityReport,
    PrintedSummary,
    Reconstruction,
    Scores,
    baseline_table,
    chance_of_match,
    check_integrity,
    correlation_needed,
    counts_against_p,
    counts_of_percentage,
    crossover_against_p,
    debit,
    estimate_against_t,
    f_against_t,
    grim,
    grimmer,
    interval_against_p,
    largest_sd,
    percentage_of,
    percentage_of_some,
    reconstruct,
    repeated_summaries,
    sd_against_range,
    sd_against_se,
    sd_on_scale,
    se_against_interval,
    smallest_sd,
    spread_against_interval,
    t_against_p,
)
from evidence.appraisal.missing_evidence import (
    Finding,
    MissingEvidence,
    missing_evidence,
)
from evidence.appraisal.p_evidence import (
    PValueEvidence,
    collect_p_values,
)
from evidence.appraisal.placebo import (
    PlaceboShare,
    placebo_share,
)
from evidence.appraisal.reporting import (
    Reporting,
    appraise_reporting,
)
from evidence.appraisal.risk_of_bias import (
    BearingFact,
    RiskOfBias,
    StudyBias,
    appraise_risk_of_bias,
)
from evidence.appraisal.selection.albatross import (
    Albatross,
    albatross,
)
from evidence.appraisal.selection.excess import (
    ExcessSignificance,
    excess_significance,
)
from evidence.appraisal.selection.fail_safe import (
    FailSafe,
    fail_safe_n,
)
from evidence.appraisal.selection.p_curve import (
    PCurve,
    p_curve,
)
from evidence.appraisal.selection.pet_peese import (
    PetPeese,
    pet_peese,
)
from evidence.appraisal.selection.selection_model import (
    SelectionModel,
    selection_model,
    three_parameter,
)
from evidence.appraisal.selection.waap import (
    AdequatelyPowered,
    adequately_powered,
)
from evidence.appraisal.selection.weight_functions import (
    BetaDensity,
    StepFunction,
)
from evidence.appraisal.selection.worst_case import (
    WorstCase,
    worst_case_selection,
)
from evidence.appraisal.selection.z_curve import (
    ZCurve,
    z_curve,
)
from evidence.appraisal.small_study.binary_tests import (
    deeks_test,
    harbord_test,
    peters_test,
)
from evidence.appraisal.small_study.doi_plot import (
    DoiPlot,
    doi_plot,
)
from evidence.appraisal.small_study.guard import (
    AsymmetryRule,
    SmallStudyCheck,
)
from evidence.appraisal.small_study.limit_meta_analysis import (
    LimitMetaAnalysis,
    limit_meta_analysis,
)
from evidence.appraisal.small_study.macaskill import (
    macaskill_test,
)
from evidence.appraisal.small_study.rank_test import (
    begg_mazumdar_test,
)
from evidence.appraisal.small_study.regression_tests import (
    egger_test,
    pustejovsky_rodgers_test,
    thompson_sharp_test,
)
from evidence.appraisal.small_study.trim_and_fill import (
    TrimAndFill,
    trim_and_fill,
)
from evidence.appraisal.trial.appraise import (
    appraise_trial,
)
from evidence.appraisal.trial.battery import (
    ImportantDifference,
    TrialOptions,
)
from evidence.appraisal.trial.bayes_factors import (
    BayesFactor,
    bayes_factor_bound,
    informed_bayes_factor,
    jzs_bayes_factor,
    unit_information_bayes_factor,
)
from evidence.appraisal.trial.confidence_curve import (
    ConfidenceCurve,
    compatibility,
    confidence_curve,
    s_value,
)
from evidence.appraisal.trial.credibility import (
    Credibility,
    ScepticalP,
    analyse_credibility,
    sceptical_p_value,
)
from evidence.appraisal.trial.e_value import (
    E_VALUE_MEASURES,
    EValue,
    e_value,
)
from evidence.appraisal.trial.equivalence import (
    EquivalenceTest,
    MinimalEffectTest,
    equivalence_test,
    minimal_effect_test,
)
from evidence.appraisal.trial.false_positive import (
    FalsePositiveRisk,
    false_positive_risk,
)
from evidence.appraisal.trial.fragility_counts import (
    TrialFragility,
    trial_fragility,
)
from evidence.appraisal.trial.fragility_means import (
    ContinuousFragility,
    continuous_fragility,
    continuous_fragility_from_values,
)
from evidence.appraisal.trial.fragility_splits import (
    FragilityOverSplits,
    fragility_of_report,
    fragility_over_splits,
    people_lost,
)
from evidence.appraisal.trial.line import (
    TrialLine,
)
from evidence.appraisal.trial.lost_counts import (
    LostCounts,
    lost_counts,
)
from evidence.appraisal.trial.lost_means import (
    LostMeans,
    SeenMeans,
    lost_means,
)
from evidence.appraisal.trial.responders import (
    ArmChange,
    Responders,
    responders,
    responders_from_smd,
)
from evidence.appraisal.trial.result import (
    TrialAppraisal,
)
from evidence.appraisal.trial.retrodesign import (
    DesignErrors,
    design_errors,
)
from evidence.appraisal.trial.shrinkage import (
    ShrunkenTrial,
    shrink_trial,
)
from evidence.appraisal.trial.single_person import (
    SinglePersonEffect,
    SinglePersonReport,
    single_person_effect,
    single_person_report,
)
from evidence.appraisal.trial.trial_size import (
    TrialSize,
    size_for_power,
    size_for_width,
    times_as_large,
)

__all__ = [
    "E_VALUE_MEASURES",
    "LEVELS",
    "AbsorptionStudies",
    "AdequatelyPowered",
    "Albatross",
    "ArmChange",
    "AsymmetryRule",
    "BaselineVariable",
    "BayesFactor",
    "BearingFact",
    "BetaDensity",
    "BorrowedEvidence",
    "Certainty",
    "Check",
    "ConfidenceCurve",
    "ContentChecks",
    "ContinuousFragility",
    "Credibility",
    "Decision",
    "DesignErrors",
    "Directness",
    "DoiPlot",
    "Domain",
    "EValue",
    "ElementalDose",
    "ElementalDoses",
    "EquivalenceTest",
    "EvidenceAge",
    "ExcessSignificance",
    "FailSafe",
    "FalsePositiveRisk",
    "Finding",
    "FragilityOverSplits",
    "Gaps",
    "HarmsComparison",
    "HarmsTogether",
    "ImportantDifference",
    "InformationReached",
    "IntegrityReport",
    "LimitMetaAnalysis",
    "LostCounts",
    "LostMeans",
    "MinimalEffectTest",
    "MissingEvidence",
    "PCurve",
    "PValueEvidence",
    "PetPeese",
    "PlaceboShare",
    "PrintedSummary",
    "Reconstruction",
    "Reporting",
    "Responders",
    "RiskOfBias",
    "Rule",
    "ScepticalP",
    "Scores",
    "SeenMeans",
    "SelectionModel",
    "ShrunkenTrial",
    "SinglePersonEffect",
    "SinglePersonReport",
    "SmallStudyCheck",
    "StatedRange",
    "StepFunction",
    "StudyBias",
    "Tested",
    "Timing",
    "TrialAppraisal",
    "TrialFragility",
    "TrialLine",
    "TrialOptions",
    "TrialSize",
    "TrimAndFill",
    "WorstCase",
    "ZCurve",
    "absorption_studies",
    "adequately_powered",
    "albatross",
    "analyse_credibility",
    "appraise_directness",
    "appraise_reporting",
    "appraise_risk_of_bias",
    "appraise_timing",
    "appraise_trial",
    "baseline_table",
    "bayes_factor_bound",
    "begg_mazumdar_test",
    "borrow_from_indirect",
    "chance_of_match",
    "check_carried",
    "check_contents",
    "check_integrity",
    "collect_p_values",
    "compare_harms",
    "compatibility",
    "confidence_curve",
    "continuous_fragility",
    "continuous_fragility_from_values",
    "correlation_needed",
    "counts_against_p",
    "counts_of_percentage",
    "crossover_against_p",
    "debit",
    "deeks_test",
    "design_errors",
    "diversity",
    "doi_plot",
    "e_value",
    "egger_test",
    "elemental_doses",
    "equivalence_test",
    "estimate_against_t",
    "evidence_age",
    "excess_significance",
    "f_against_t",
    "fail_safe_n",
    "false_positive_risk",
    "fragility_of_report",
    "fragility_over_splits",
    "grim",
    "grimmer",
    "harbord_test",
    "harm_outcomes",
    "information_reached",
    "informed_bayes_factor",
    "interval_against_p",
    "jzs_bayes_factor",
    "largest_sd",
    "limit_meta_analysis",
    "list_gaps",
    "lost_counts",
    "lost_means",
    "macaskill_test",
    "minimal_effect_test",
    "missing_evidence",
    "mixture_share",
    "p_curve",
    "people_for_risks",
    "people_lost",
    "percentage_of",
    "percentage_of_some",
    "pet_peese",
    "peters_test",
    "placebo_share",
    "pool_harms",
    "pustejovsky_rodgers_test",
    "ranges_in_claims",
    "rate_certainty",
    "reconstruct",
    "repeated_summaries",
    "responders",
    "responders_from_smd",
    "s_value",
    "sceptical_p_value",
    "sd_against_range",
    "sd_against_se",
    "sd_on_scale",
    "se_against_interval",
    "selection_model",
    "shrink_trial",
    "single_person_effect",
    "single_person_report",
    "size_for_power",
    "size_for_width",
    "smallest_sd",
    "spread_against_interval",
    "stated_range",
    "t_against_p",
    "thompson_sharp_test",
    "three_parameter",
    "times_as_large",
    "trial_fragility",
    "trim_and_fill",
    "unit_information_bayes_factor",
    "what_was_tested",
    "worst_case_selection",
    "z_curve",
]
