"""What becomes of claims: each one's test is carried out, and a rule gives the verdict.

The tests of `claims.csv` enter; a verdict for each, with the number that decides and the rule,
leaves. `rules` is the file to read: it holds every rule, in the order in which they are tried.
"""

from evidence.judgement.claims.audit import AuditedClaim, ClaimAudit, audit_claims
from evidence.judgement.claims.circulating import CirculatingNumbers, circulating_numbers
from evidence.judgement.claims.rules import RULES, VERDICTS, claim_rules

__all__ = [
    "RULES",
    "VERDICTS",
    "AuditedClaim",
    "CirculatingNumbers",
    "ClaimAudit",
    "audit_claims",
    "circulating_numbers",
    "claim_rules",
]
