"""How far to trust it: directness, certainty, what placebo did, what is not known.

Reviews and syntheses enter; appraisals with their reasons and references leave. Nothing
here decides what a result means for anybody.
"""

from evidence.appraisal.certainty import LEVELS, Certainty, Domain, rate_certainty
from evidence.appraisal.directness import Directness, appraise_directness
from evidence.appraisal.gaps import Gaps, list_gaps
from evidence.appraisal.harms import HarmsComparison, compare_harms
from evidence.appraisal.placebo import PlaceboShare, placebo_share
from evidence.appraisal.selection.excess import ExcessSignificance, excess_significance
from evidence.appraisal.selection.fail_safe import FailSafe, fail_safe_n
from evidence.appraisal.selection.pet_peese import PetPeese, pet_peese
from evidence.appraisal.selection.worst_case import WorstCase, worst_case_selection
from evidence.appraisal.small_study.binary_tests import deeks_test, harbord_test, peters_test
from evidence.appraisal.small_study.guard import AsymmetryRule, SmallStudyCheck
from evidence.appraisal.small_study.rank_test import begg_mazumdar_test
from evidence.appraisal.small_study.regression_tests import (
    egger_test,
    pustejovsky_rodgers_test,
    thompson_sharp_test,
)
from evidence.appraisal.small_study.trim_and_fill import TrimAndFill, trim_and_fill

__all__ = [
    "LEVELS",
    "AsymmetryRule",
    "Certainty",
    "Directness",
    "Domain",
    "ExcessSignificance",
    "FailSafe",
    "Gaps",
    "HarmsComparison",
    "PetPeese",
    "PlaceboShare",
    "SmallStudyCheck",
    "TrimAndFill",
    "WorstCase",
    "appraise_directness",
    "begg_mazumdar_test",
    "compare_harms",
    "deeks_test",
    "egger_test",
    "excess_significance",
    "fail_safe_n",
    "harbord_test",
    "list_gaps",
    "pet_peese",
    "peters_test",
    "placebo_share",
    "pustejovsky_rodgers_test",
    "rate_certainty",
    "thompson_sharp_test",
    "trim_and_fill",
    "worst_case_selection",
]
