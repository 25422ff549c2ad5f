"""From effects to what they come to together.

Arrays of effects and variances, or a review's planned analyses, enter; pooled results,
directions and their cautions leave. Nothing here says what a result means.
"""

from evidence.synthesis.bayes import (
    pool_bayes,
    prior_sensitivity,
)
from evidence.synthesis.bayes_result import (
    BayesResult,
    PriorSensitivity,
)
from evidence.synthesis.body import (
    Scenario,
    Synthesis,
    synthesise,
)
from evidence.synthesis.direction import (
    DirectionSynthesis,
    synthesise_direction,
)
from evidence.synthesis.exact_odds import (
    pool_exact_odds_ratio,
)
from evidence.synthesis.mantel_haenszel import (
    pool_mantel_haenszel,
)
from evidence.synthesis.mantel_haenszel_rates import (
    pool_mantel_haenszel_rates,
)
from evidence.synthesis.peto import (
    PETO_CONDITIONS,
    pool_peto,
)
from evidence.synthesis.pool import (
    pool,
)
from evidence.synthesis.priors import (
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    LogNormal,
    LogStudentT,
    Normal,
    Uniform,
)
from evidence.synthesis.result import (
    PooledResult,
    PoolingMethod,
)
from evidence.synthesis.sparse_advice import (
    SparseAdvice,
    SparseRule,
    advise_sparse,
)
from evidence.synthesis.sparse_result import (
    ChiSquareTest,
    SparseResult,
)
from evidence.synthesis.stratified_tests import (
    cochran_mantel_haenszel,
)
from evidence.synthesis.tau_prior import (
    TauPrior,
)

__all__ = [
    "PETO_CONDITIONS",
    "BayesResult",
    "ChiSquareTest",
    "DirectionSynthesis",
    "HalfCauchy",
    "HalfNormal",
    "HalfStudentT",
    "LogNormal",
    "LogStudentT",
    "Normal",
    "PooledResult",
    "PoolingMethod",
    "PriorSensitivity",
    "Scenario",
    "SparseAdvice",
    "SparseResult",
    "SparseRule",
    "Synthesis",
    "TauPrior",
    "Uniform",
    "advise_sparse",
    "cochran_mantel_haenszel",
    "pool",
    "pool_bayes",
    "pool_exact_odds_ratio",
    "pool_mantel_haenszel",
    "pool_mantel_haenszel_rates",
    "pool_peto",
    "prior_sensitivity",
    "synthesise",
    "synthesise_direction",
]
