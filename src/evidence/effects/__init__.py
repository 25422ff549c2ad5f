"""From what was reported to an effect and its standard error.

Arrays of arm summaries, or the rows of a `Review`, enter; effects with intervals, their
path in words and their cautions leave. Nothing here pools studies.
"""

from evidence.effects.conversions.arms import (
    Groups,
    combine_counts,
    combine_groups,
    remove_group,
    split_shared_group,
)
from evidence.effects.conversions.change_sds import (
    BorrowedCorrelation,
    ImputedChangeSd,
    borrow_correlation,
    change_sd_from_borrowed_correlation,
)
from evidence.effects.conversions.five_numbers import (
    FiveNumberSummary,
    MeanAndSd,
    mean_and_sd_from_median,
)
from evidence.effects.conversions.instrument import (
    Instrument,
    InstrumentPoints,
    smd_in_points,
)
from evidence.effects.conversions.skewness import (
    SkewnessTest,
    skewness_test,
)
from evidence.effects.conversions.standard_deviations import (
    sd_from_difference_interval,
    sd_from_difference_standard_error,
    sd_from_f,
    sd_from_interval,
    sd_from_p,
    sd_from_range,
    sd_from_standard_error,
    sd_from_t,
)
from evidence.effects.conversions.tables import (
    Margins,
    tables_from_effect_and_standard_error,
    tables_from_margins,
    tables_that_print_as,
)
from evidence.effects.conversions.tests_to_effects import (
    correlation_from_chi_square,
    correlation_from_f,
    correlation_from_p,
    correlation_from_t,
    log_odds_ratio_from_chi_square,
    smd_from_f,
    smd_from_p,
    smd_from_t,
)
from evidence.effects.conversions.two_by_two import (
    Tables,
    table_statistic,
)
from evidence.effects.derivation.derive import (
    derive,
    derive_analysis,
)
from evidence.effects.derivation.readings import (
    Comparison,
    Reading,
)
from evidence.effects.derivation.rounding import (
    EffectEnvelope,
    effect_envelope,
)
from evidence.effects.exact.fisher import (
    ExactComparison,
    fisher_over_splits,
)
from evidence.effects.exact.intervals import (
    ExactInterval,
    exact_odds_ratio,
    miettinen_nurminen,
    proportion_interval,
)
from evidence.effects.measures.absolute import (
    AbsoluteEffects,
    NumberNeeded,
    absolute_effects,
    number_needed_to_treat,
)
from evidence.effects.measures.arcsine import (
    arcsine_difference,
    peto_log_odds_ratio,
)
from evidence.effects.measures.binary import (
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
)
from evidence.effects.measures.cluster import (
    design_effect,
    effective_sample_size,
    inflate_for_clustering,
)
from evidence.effects.measures.continuous import (
    mean_difference,
    noncentral_t_interval,
    standardised_mean_difference,
)
from evidence.effects.measures.correlation import (
    correlation_from_fisher_z,
    fisher_z,
    raw_correlation,
)
from evidence.effects.measures.crossover import (
    paired_difference,
    paired_difference_from_p,
    paired_difference_from_t,
)
from evidence.effects.measures.odd_spread import (
    odd_spread_cautions,
    odd_standard_error_cautions,
)
from evidence.effects.measures.one_group import (
    back_transform_proportion,
    back_transform_rate,
    incidence_rate,
    proportion,
    single_mean,
)
from evidence.effects.measures.plausibility import (
    PLAUSIBILITY_LIMITS,
    PlausibilityLimits,
    ratio_cautions,
    smd_cautions,
)
from evidence.effects.measures.pre_post_control import (
    BeforeAfter,
    standardised_difference_of_changes,
)
from evidence.effects.measures.rates import (
    log_rate_ratio,
    rate_difference,
)
from evidence.effects.measures.ratios import (
    log_coefficient_of_variation_ratio,
    log_ratio_of_means,
    log_variability_ratio,
)
from evidence.effects.measures.smd_scales import (
    log_odds_ratio_from_smd,
    probability_of_superiority,
    smd_from_log_odds_ratio,
)
from evidence.effects.measures.survival import (
    log_hazard_ratio,
    log_hazard_ratio_from_events,
    log_hazard_ratio_from_log_rank,
    log_hazard_ratio_from_p,
    log_hazard_ratio_from_ratio_and_p,
    log_rank_variance,
    log_rank_variance_from_events,
)
from evidence.effects.measures.unknown_correlation import (
    CorrelationSensitivity,
    over_correlations,
)
from evidence.effects.measures.within_person import (
    correlation_from_sds,
    difference_of_changes,
    mean_change,
    sd_of_difference,
    standardised_mean_change,
    standardised_mean_change_from_t,
)
from evidence.effects.sizes import (
    EffectSizes,
)

__all__ = [
    "PLAUSIBILITY_LIMITS",
    "AbsoluteEffects",
    "BeforeAfter",
    "BorrowedCorrelation",
    "Comparison",
    "CorrelationSensitivity",
    "EffectEnvelope",
    "EffectSizes",
    "ExactComparison",
    "ExactInterval",
    "FiveNumberSummary",
    "Groups",
    "ImputedChangeSd",
    "Instrument",
    "InstrumentPoints",
    "Margins",
    "MeanAndSd",
    "NumberNeeded",
    "PlausibilityLimits",
    "Reading",
    "SkewnessTest",
    "Tables",
    "absolute_effects",
    "arcsine_difference",
    "back_transform_proportion",
    "back_transform_rate",
    "borrow_correlation",
    "change_sd_from_borrowed_correlation",
    "combine_counts",
    "combine_groups",
    "correlation_from_chi_square",
    "correlation_from_f",
    "correlation_from_fisher_z",
    "correlation_from_p",
    "correlation_from_sds",
    "correlation_from_t",
    "derive",
    "derive_analysis",
    "design_effect",
    "difference_of_changes",
    "effect_envelope",
    "effective_sample_size",
    "exact_odds_ratio",
    "fisher_over_splits",
    "fisher_z",
    "incidence_rate",
    "inflate_for_clustering",
    "log_coefficient_of_variation_ratio",
    "log_hazard_ratio",
    "log_hazard_ratio_from_events",
    "log_hazard_ratio_from_log_rank",
    "log_hazard_ratio_from_p",
    "log_hazard_ratio_from_ratio_and_p",
    "log_odds_ratio",
    "log_odds_ratio_from_chi_square",
    "log_odds_ratio_from_smd",
    "log_rank_variance",
    "log_rank_variance_from_events",
    "log_rate_ratio",
    "log_ratio_of_means",
    "log_risk_ratio",
    "log_variability_ratio",
    "mean_and_sd_from_median",
    "mean_change",
    "mean_difference",
    "miettinen_nurminen",
    "noncentral_t_interval",
    "number_needed_to_treat",
    "odd_spread_cautions",
    "odd_standard_error_cautions",
    "over_correlations",
    "paired_difference",
    "paired_difference_from_p",
    "paired_difference_from_t",
    "peto_log_odds_ratio",
    "probability_of_superiority",
    "proportion",
    "proportion_interval",
    "rate_difference",
    "ratio_cautions",
    "raw_correlation",
    "remove_group",
    "risk_difference",
    "sd_from_difference_interval",
    "sd_from_difference_standard_error",
    "sd_from_f",
    "sd_from_interval",
    "sd_from_p",
    "sd_from_range",
    "sd_from_standard_error",
    "sd_from_t",
    "sd_of_difference",
    "single_mean",
    "skewness_test",
    "smd_cautions",
    "smd_from_f",
    "smd_from_log_odds_ratio",
    "smd_from_p",
    "smd_from_t",
    "smd_in_points",
    "split_shared_group",
    "standardised_difference_of_changes",
    "standardised_mean_change",
    "standardised_mean_change_from_t",
    "standardised_mean_difference",
    "table_statistic",
    "tables_from_effect_and_standard_error",
    "tables_from_margins",
    "tables_that_print_as",
]
