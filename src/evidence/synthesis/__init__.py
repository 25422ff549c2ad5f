"""From effects to what they come to together.

Arrays of effects and variances, or a review's planned analyses, enter; pooled results,
directions and their cautions leave. Nothing here says what a result means.
"""

from evidence.synthesis.body import Scenario, Synthesis, synthesise
from evidence.synthesis.direction import DirectionSynthesis, synthesise_direction
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult, PoolingMethod

__all__ = [
    "DirectionSynthesis",
    "PooledResult",
    "PoolingMethod",
    "Scenario",
    "Synthesis",
    "pool",
    "synthesise",
    "synthesise_direction",
]
