"""From what was reported to an effect and its standard error.

Arrays of arm summaries, or the rows of a `Review`, enter; effects with intervals, their
path in words and their cautions leave. Nothing here pools studies.
"""

from evidence.effects.derivation.derive import (
    derive,
    derive_analysis,
)
from evidence.effects.derivation.readings import (
    Comparison,
    Reading,
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
from evidence.effects.measures.one_group import (
    back_transform_proportion,
    back_transform_rate,
    incidence_rate,
    proportion,
    single_mean,
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
    log_hazard_ratio_from_log_rank,
    log_hazard_ratio_from_p,
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
    "AbsoluteEffects",
    "Comparison",
    "CorrelationSensitivity",
    "EffectSizes",
    "ExactComparison",
    "ExactInterval",
    "NumberNeeded",
    "Reading",
    "absolute_effects",
    "arcsine_difference",
    "back_transform_proportion",
    "back_transform_rate",
    "correlation_from_fisher_z",
    "correlation_from_sds",
    "derive",
    "derive_analysis",
    "design_effect",
    "difference_of_changes",
    "effective_sample_size",
    "exact_odds_ratio",
    "fisher_over_splits",
    "fisher_z",
    "incidence_rate",
    "inflate_for_clustering",
    "log_coefficient_of_variation_ratio",
    "log_hazard_ratio",
    "log_hazard_ratio_from_log_rank",
    "log_hazard_ratio_from_p",
    "log_odds_ratio",
    "log_odds_ratio_from_smd",
    "log_rank_variance",
    "log_rank_variance_from_events",
    "log_rate_ratio",
    "log_ratio_of_means",
    "log_risk_ratio",
    "log_variability_ratio",
    "mean_change",
    "mean_difference",
    "miettinen_nurminen",
    "noncentral_t_interval",
    "number_needed_to_treat",
    "over_correlations",
    "paired_difference",
    "paired_difference_from_p",
    "paired_difference_from_t",
    "peto_log_odds_ratio",
    "probability_of_superiority",
    "proportion",
    "proportion_interval",
    "rate_difference",
    "raw_correlation",
    "risk_difference",
    "sd_of_difference",
    "single_mean",
    "smd_from_log_odds_ratio",
    "standardised_mean_change",
    "standardised_mean_change_from_t",
    "standardised_mean_difference",
]
