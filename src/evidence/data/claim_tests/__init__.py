"""The tests that claims must pass: how they are written, which there are, and what must hold.

A cell of `claims.csv` enters; a parsed test, or problems with their place, leave. What a test
comes to is worked out elsewhere (`evidence.judgement.claims`).
"""

from evidence.data.claim_tests.grammar import Call, ClaimTestError, parse_test
from evidence.data.claim_tests.vocabulary import CLAIM_TESTS, LOOKUPS, Argument, ClaimTest

__all__ = [
    "CLAIM_TESTS",
    "LOOKUPS",
    "Argument",
    "Call",
    "ClaimTest",
    "ClaimTestError",
    "parse_test",
]
