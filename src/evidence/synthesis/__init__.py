"""From effects to what they come to together.

Arrays of effects and variances, or a review's planned analyses, enter; pooled results,
directions and their cautions leave. Nothing here says what a result means.
"""

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
from evidence.synthesis.direction import (
    DirectionSynthesis,
    synthesise_direction,
)
from evidence.synthesis.pool import (
    pool,
)
from evidence.synthesis.result import (
    PooledResult,
    PoolingMethod,
)
from evidence.synthesis.sparse.advice import (
    SparseAdvice,
    SparseRule,
    advise_sparse,
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
