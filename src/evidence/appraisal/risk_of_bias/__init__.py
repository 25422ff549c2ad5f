"""Risk of bias: every study's judgements, what bears on them, and the weight they carry.

A review enters, with or without one of its analyses; judgements as recorded, or as the
rules of a tool's file give them, leave. Nothing is judged here: what nobody judged is "no
information", with the facts beside it that bear on it.
"""

from evidence.appraisal.risk_of_bias.appraise import appraise_risk_of_bias
from evidence.appraisal.risk_of_bias.facts import BearingFact
from evidence.appraisal.risk_of_bias.result import RiskOfBias, StudyBias

__all__ = ["BearingFact", "RiskOfBias", "StudyBias", "appraise_risk_of_bias"]
