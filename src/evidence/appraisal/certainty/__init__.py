"""How certain a body of evidence is, by GRADE: a suggestion for each domain, and decisions.

One file per domain, each with the rule, its thresholds and its reference; `rating` puts them
together with what reviewers decided (`decisions`). What is computed is a suggestion; a reviewer
decides.
"""

from evidence.appraisal.certainty.decisions import Decision
from evidence.appraisal.certainty.domain import LEVELS, Domain, Rule
from evidence.appraisal.certainty.information_size import people_for_risks
from evidence.appraisal.certainty.rating import Certainty, rate_certainty

__all__ = [
    "LEVELS",
    "Certainty",
    "Decision",
    "Domain",
    "Rule",
    "people_for_risks",
    "rate_certainty",
]
