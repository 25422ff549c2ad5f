"""What was reported: folders of CSV and TOML enter, a checked `Review` leaves.

Numbers keep the digits, the quote and the source they came with. Nothing here knows
what an effect is.
"""

from evidence.data.formula import element_share, molar_mass
from evidence.data.plan import Analysis, Outcome, Plan, Threshold
from evidence.data.problems import Problem, Problems
from evidence.data.reported import ReportedNumber
from evidence.data.review import Review, check_review, find_review, load_review
from evidence.data.tables import TABLES

__all__ = [
    "TABLES",
    "Analysis",
    "Outcome",
    "Plan",
    "Problem",
    "Problems",
    "ReportedNumber",
    "Review",
    "Threshold",
    "check_review",
    "element_share",
    "find_review",
    "load_review",
    "molar_mass",
]
