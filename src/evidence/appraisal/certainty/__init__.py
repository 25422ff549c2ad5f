"""Certainty of a body of evidence: GRADE's domains, a rule a file, and what they come to.

A synthesis with its review enters; suggestions with their reasons leave. A reviewer decides.
"""

from evidence.appraisal.certainty.domain import LEVELS, Domain
from evidence.appraisal.certainty.rating import Certainty, rate_certainty

__all__ = ["LEVELS", "Certainty", "Domain", "rate_certainty"]
