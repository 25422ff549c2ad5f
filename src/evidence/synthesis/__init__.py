"""From effects to what they come to together.

Arrays of effects and variances, or a review's planned analyses, enter; pooled results,
directions and their cautions leave. Nothing here says what a result means.
"""

from evidence.synthesis.batch import (
    bootstrap_pool,
    leave_one_out,
    pool_many,
    pool_subsets,
)
from evidence.synthesis.batch_result import (
    BatchResult,
    LeaveOneOut,
    StudyBootstrap,
)
from evidence.synthesis.bayes.empirical_priors import (
    EMPIRICAL_MEASURES,
    empirical_prior,
    list_empirical_priors,
)
from evidence.synthesis.bayes.fit import (
    pool_bayes,
    prior_sensitivity,
)
from evidence.synthesis.bayes.priors import (
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    LogNormal,
    LogStudentT,
    Normal,
    Uniform,
)
from evidence.synthesis.bayes.result import (
    BayesResult,
    PriorSensitivity,
)
from evidence.synthesis.bayes.tau_prior import (
    TauPrior,
)
from evidence.synthesis.body import (
    Scenario,
    Synthesis,
    synthesise,
)
from evidence.synthesis.borrowing.borrow import (
    borrow,
)
from evidence.synthesis.borrowing.result import (
    Borrowing,
    BorrowingChange,
    BorrowingMethod,
)
from evidence.synthesis.dependence.aggregate import (
    AggregatedEffects,
    aggregate_within,
)
from evidence.synthesis.dependence.caution import (
    dependence_caution,
)
from evidence.synthesis.dependence.correlated import (
    CorrelatedResult,
    pool_dependent,
)
from evidence.synthesis.dependence.covariance import (
    SamplingCovariance,
    covariance_from_correlation,
)
from evidence.synthesis.dependence.multilevel import (
    pool_multilevel,
)
from evidence.synthesis.dependence.multivariate import (
    pool_multivariate,
)
from evidence.synthesis.dependence.options import (
    DependenceOptions,
)
from evidence.synthesis.dependence.profile import (
    LikelihoodRatioTest,
)
from evidence.synthesis.dependence.result import (
    Component,
    DependentResult,
    likelihood_ratio_test,
)
from evidence.synthesis.dependence.robust import (
    RobustResult,
    RobustTest,
    cluster_robust,
)
from evidence.synthesis.dependence.shared_control import (
    shared_control_binary,
    shared_control_mean_difference,
    shared_control_smd,
)
from evidence.synthesis.dependence.weighted import (
    pool_robust,
)
from evidence.synthesis.direction import (
    DirectionSynthesis,
    synthesise_direction,
)
from evidence.synthesis.further.next_trial import next_trial
from evidence.synthesis.further.result import NextTrial
from evidence.synthesis.further.value import TrialValue, value_of_another_trial
from evidence.synthesis.intervals.mean_intervals import (
    MeanInterval,
    henmi_copas,
    profile_likelihood_mean,
)
from evidence.synthesis.intervals.prediction import (
    PredictionInterval,
    confidence_distribution_prediction,
    t_prediction,
)
from evidence.synthesis.intervals.share_beyond import (
    Bootstrap,
    ShareBeyond,
    calibrated_effects,
    share_beyond,
)
from evidence.synthesis.intervals.tau2_intervals import (
    Tau2Interval,
    tau2_generalised_q,
    tau2_profile_likelihood,
)
from evidence.synthesis.model_choice import (
    PRIOR_GRID,
    ModelComparison,
    ModelRow,
    compare_models,
)
from evidence.synthesis.model_words import (
    EffectWords,
)
from evidence.synthesis.p_values.combine import (
    combine_p_values,
)
from evidence.synthesis.p_values.result import (
    CombinedPValue,
)
from evidence.synthesis.pool import (
    pool,
)
from evidence.synthesis.regression.joint import (
    ContrastResult,
    JointTest,
)
from evidence.synthesis.regression.location_scale import (
    fit_location_scale,
)
from evidence.synthesis.regression.location_scale_result import (
    LocationScaleResult,
)
from evidence.synthesis.regression.method import (
    RegressionMethod,
)
from evidence.synthesis.regression.permutation import (
    PermutationResult,
)
from evidence.synthesis.regression.prediction import (
    Prediction,
)
from evidence.synthesis.regression.regress import (
    regress,
)
from evidence.synthesis.regression.result import (
    RegressionResult,
)
from evidence.synthesis.regression.subgroup_result import (
    SubgroupDifference,
    SubgroupResult,
)
from evidence.synthesis.regression.subgroups import (
    compare_subgroups,
)
from evidence.synthesis.result import (
    PooledResult,
    PoolingMethod,
)
from evidence.synthesis.sensitivity.baujat import (
    BaujatResult,
    baujat,
)
from evidence.synthesis.sensitivity.cumulative import (
    CumulativeResult,
    cumulate,
)
from evidence.synthesis.sensitivity.fragility import (
    Fragility,
    fragility_index,
)
from evidence.synthesis.sensitivity.influence import (
    INFLUENCE_RULES,
    InfluenceResult,
    InfluenceRule,
    influence,
)
from evidence.synthesis.sensitivity.likelihood_profile import (
    LikelihoodProfile,
    likelihood_profile,
)
from evidence.synthesis.sensitivity.permute import (
    MeanPermutation,
    permute_mean,
)
from evidence.synthesis.sensitivity.resample import (
    ParametricBootstrap,
    parametric_bootstrap,
)
from evidence.synthesis.sensitivity.shrinkage import (
    StudyPredictions,
    predict_studies,
)
from evidence.synthesis.sensitivity.subsets import (
    SubsetResult,
    all_subsets,
)
from evidence.synthesis.sensitivity.tipping_point import (
    TippingPoint,
    tipping_point,
)
from evidence.synthesis.sparse.advice import (
    SparseAdvice,
    SparseRule,
    advise_sparse,
)
from evidence.synthesis.sparse.advice_rates import (
    advise_sparse_rates,
)
from evidence.synthesis.sparse.beta_binomial import (
    BetaBinomialResult,
    pool_beta_binomial,
)
from evidence.synthesis.sparse.exact_odds import (
    pool_exact_odds_ratio,
)
from evidence.synthesis.sparse.mantel_haenszel import (
    pool_mantel_haenszel,
)
from evidence.synthesis.sparse.mantel_haenszel_rates import (
    pool_mantel_haenszel_rates,
)
from evidence.synthesis.sparse.mixed_logistic import (
    pool_mixed_logistic,
    pool_mixed_proportion,
)
from evidence.synthesis.sparse.mixed_rates import (
    pool_mixed_incidence,
    pool_mixed_rates,
)
from evidence.synthesis.sparse.mixed_result import (
    MixedOptions,
    MixedResult,
)
from evidence.synthesis.sparse.peto import (
    PETO_CONDITIONS,
    pool_peto,
)
from evidence.synthesis.sparse.result import (
    ChiSquareTest,
    SparseResult,
)
from evidence.synthesis.sparse.stratified_tests import (
    cochran_mantel_haenszel,
)
from evidence.synthesis.specifications.decisions import (
    Decision,
    Option,
)
from evidence.synthesis.specifications.multiverse import (
    multiverse,
)
from evidence.synthesis.specifications.result import (
    Multiverse,
)

__all__ = [
    "EMPIRICAL_MEASURES",
    "INFLUENCE_RULES",
    "PETO_CONDITIONS",
    "PRIOR_GRID",
    "AggregatedEffects",
    "BatchResult",
    "BaujatResult",
    "BayesResult",
    "BetaBinomialResult",
    "Bootstrap",
    "Borrowing",
    "BorrowingChange",
    "BorrowingMethod",
    "ChiSquareTest",
    "CombinedPValue",
    "Component",
    "ContrastResult",
    "CorrelatedResult",
    "CumulativeResult",
    "Decision",
    "DependenceOptions",
    "DependentResult",
    "DirectionSynthesis",
    "EffectWords",
    "Fragility",
    "HalfCauchy",
    "HalfNormal",
    "HalfStudentT",
    "InfluenceResult",
    "InfluenceRule",
    "JointTest",
    "LeaveOneOut",
    "LikelihoodProfile",
    "LikelihoodRatioTest",
    "LocationScaleResult",
    "LogNormal",
    "LogStudentT",
    "MeanInterval",
    "MeanPermutation",
    "MixedOptions",
    "MixedResult",
    "ModelComparison",
    "ModelRow",
    "Multiverse",
    "NextTrial",
    "Normal",
    "Option",
    "ParametricBootstrap",
    "PermutationResult",
    "PooledResult",
    "PoolingMethod",
    "Prediction",
    "PredictionInterval",
    "PriorSensitivity",
    "RegressionMethod",
    "RegressionResult",
    "RobustResult",
    "RobustTest",
    "SamplingCovariance",
    "Scenario",
    "ShareBeyond",
    "SparseAdvice",
    "SparseResult",
    "SparseRule",
    "StudyBootstrap",
    "StudyPredictions",
    "SubgroupDifference",
    "SubgroupResult",
    "SubsetResult",
    "Synthesis",
    "Tau2Interval",
    "TauPrior",
    "TippingPoint",
    "TrialValue",
    "Uniform",
    "advise_sparse",
    "advise_sparse_rates",
    "aggregate_within",
    "all_subsets",
    "baujat",
    "bootstrap_pool",
    "borrow",
    "calibrated_effects",
    "cluster_robust",
    "cochran_mantel_haenszel",
    "combine_p_values",
    "compare_models",
    "compare_subgroups",
    "confidence_distribution_prediction",
    "covariance_from_correlation",
    "cumulate",
    "dependence_caution",
    "empirical_prior",
    "fit_location_scale",
    "fragility_index",
    "henmi_copas",
    "influence",
    "leave_one_out",
    "likelihood_profile",
    "likelihood_ratio_test",
    "list_empirical_priors",
    "multiverse",
    "next_trial",
    "parametric_bootstrap",
    "permute_mean",
    "pool",
    "pool_bayes",
    "pool_beta_binomial",
    "pool_dependent",
    "pool_exact_odds_ratio",
    "pool_mantel_haenszel",
    "pool_mantel_haenszel_rates",
    "pool_many",
    "pool_mixed_incidence",
    "pool_mixed_logistic",
    "pool_mixed_proportion",
    "pool_mixed_rates",
    "pool_multilevel",
    "pool_multivariate",
    "pool_peto",
    "pool_robust",
    "pool_subsets",
    "predict_studies",
    "prior_sensitivity",
    "profile_likelihood_mean",
    "regress",
    "share_beyond",
    "shared_control_binary",
    "shared_control_mean_difference",
    "shared_control_smd",
    "synthesise",
    "synthesise_direction",
    "t_prediction",
    "tau2_generalised_q",
    "tau2_profile_likelihood",
    "tipping_point",
    "value_of_another_trial",
]
