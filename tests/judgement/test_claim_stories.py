"""The story of the claims: every claim is told once, with what decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import set_cell

from evidence.data import Review, load_review
from evidence.judgement import audit_claims, claim_stories
from evidence.judgement.claims import RULES, ClaimAudit

UNCHECKED = "cannot be checked"


@pytest.fixture(scope="module")
def audit(review: Review) -> ClaimAudit:
    return audit_claims(review)


def test_every_claim_is_told_once_with_its_number(audit: ClaimAudit) -> None:
    told = str(claim_stories.by_rule(audit))
    apart = str(claim_stories.unchecked(audit))
    for claim in audit:
        here, there = (apart, told) if claim.verdict == UNCHECKED else (told, apart)
        assert here.count(f"“{claim.quote}” ({claim.claim_id})") == 1
        assert f"({claim.claim_id})" not in there
        assert claim.number.casefold() in here.casefold()


def test_the_rules_come_in_their_order_with_their_reason(audit: ClaimAudit) -> None:
    paragraphs = claim_stories.by_rule(audit).paragraphs
    used = {claim.outcome.rule.name for claim in audit if claim.verdict != UNCHECKED}
    names = [rule.name for rule in RULES if rule.name in used]
    assert len(paragraphs) == len(names)
    for name, text in zip(names, paragraphs, strict=True):
        assert f"“{name}”" in text


def test_claims_with_one_reason_stand_together(audit: ClaimAudit) -> None:
    lines = claim_stories.unchecked(audit).paragraphs
    count = sum(claim.verdict == UNCHECKED for claim in audit)
    assert f"Of {len(audit)} claims" in lines[0]
    reasons = {claim.number for claim in audit.of(UNCHECKED)}
    assert len(lines) == 1 + len(reasons) < 1 + count
    assert any("(a02)" in line and "(b08)" in line for line in lines)


def test_the_tables_leave_out_what_cannot_be_checked(audit: ClaimAudit) -> None:
    tables = claim_stories.verdict_tables(audit)
    assert len(tables) == 5
    told = [name for table in tables for name in table.frame["claim"]]
    assert len(told) == len(audit) - len(audit.of(UNCHECKED))


def test_a_review_where_everything_or_nothing_can_be_checked(small: Path) -> None:
    audit = audit_claims(load_review(small))
    assert "Every claim could be checked" in str(claim_stories.unchecked(audit))
    set_cell(small, "claims", 2, "test", "none(reason='nobody looked')")
    audit = audit_claims(load_review(small))
    assert str(claim_stories.by_rule(audit)) == "No claim could be checked."
    assert claim_stories.verdict_tables(audit) == ()
    assert "Nobody looked: “Moonwort tea cures bad naps” (naps-better)." in str(
        claim_stories.unchecked(audit)
    )
