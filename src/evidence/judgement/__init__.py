"""What it means: results against thresholds, verdicts by rule, sentences computed from them.

Results and appraisals enter; verdicts, sentences and conclusions leave. Every word that
depends on a number is chosen here, by a rule that stands in one place.
"""

from evidence.judgement.certainty_stories import CertaintyComparison, compare_certainty
from evidence.judgement.claims import (
    CirculatingNumbers,
    ClaimAudit,
    audit_claims,
    circulating_numbers,
    claim_rules,
)
from evidence.judgement.conclusions import Conclusions, conclude
from evidence.judgement.summary_of_findings import SummaryOfFindings, summary_of_findings
from evidence.judgement.thresholds import ThresholdComparison, compare_with_thresholds
from evidence.judgement.topic import Topic
from evidence.judgement.verdict import Verdict, judge
from evidence.judgement.verdicts import Verdicts
from evidence.judgement.yardsticks import Yardstick

__all__ = [
    "CertaintyComparison",
    "CirculatingNumbers",
    "ClaimAudit",
    "Conclusions",
    "SummaryOfFindings",
    "ThresholdComparison",
    "Topic",
    "Verdict",
    "Verdicts",
    "Yardstick",
    "audit_claims",
    "circulating_numbers",
    "claim_rules",
    "compare_certainty",
    "compare_with_thresholds",
    "conclude",
    "judge",
    "summary_of_findings",
]
