"""How far to trust it: directness, certainty, what placebo did, what is not known.

Reviews and syntheses enter; appraisals with their reasons and references leave. Nothing
here decides what a result means for anybody.
"""

from evidence.appraisal.certainty import LEVELS, Certainty, Domain, rate_certainty
from evidence.appraisal.directness import Directness, appraise_directness
from evidence.appraisal.gaps import Gaps, list_gaps
from evidence.appraisal.harms import HarmsComparison, compare_harms
from evidence.appraisal.placebo import PlaceboShare, placebo_share

__all__ = [
    "LEVELS",
    "Certainty",
    "Directness",
    "Domain",
    "Gaps",
    "HarmsComparison",
    "PlaceboShare",
    "appraise_directness",
    "compare_harms",
    "list_gaps",
    "placebo_share",
    "rate_certainty",
]
