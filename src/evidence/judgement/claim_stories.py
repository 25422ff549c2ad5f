"""The story of the claims, told from the computed audit; for the notebook on them."""

from __future__ import annotations

from evidence.display import Prose, Table, capital, join_words, plural
from evidence.judgement.claims.audit import AuditedClaim, ClaimAudit
from evidence.judgement.claims.rules import RULES, UNCHECKED, VERDICTS

__all__ = ["by_rule", "unchecked", "verdict_tables"]


def verdict_tables(audit: ClaimAudit) -> tuple[Table, ...]:
    """Return a table of the claims of each verdict, those that nothing can check left out.

    Parameters
    ----------
    audit
        The audit.
    """
    return tuple(
        audit.of_verdict(verdict)
        for verdict in VERDICTS
        if verdict != UNCHECKED and audit.of(verdict)
    )


def by_rule(audit: ClaimAudit) -> Prose:
    """Tell which rule judged which claims, and by which number, in the order of the rules.

    Parameters
    ----------
    audit
        The audit.
    """
    lines = []
    for rule in RULES:
        mine = [claim for claim in audit if claim.outcome.rule is rule]
        if not mine or rule.verdict == UNCHECKED:
            continue
        told: dict[str, list[AuditedClaim]] = {}
        for claim in mine:
            told.setdefault(claim.number, []).append(claim)
        cases = [
            f"{join_words(f'“{each.quote}” ({each.claim_id})' for each in same)}: {number}."
            for number, same in told.items()
        ]
        head = f"{capital(rule.verdict)}, by the rule “{rule.name}”: {rule.because}"
        lines.append(" ".join([head, *cases]))
    return Prose(*lines, style="list") if lines else Prose("No claim could be checked.")


def unchecked(audit: ClaimAudit) -> Prose:
    """Tell which claims nothing here can check, and why, those of one reason together.

    Parameters
    ----------
    audit
        The audit.
    """
    reasons: dict[str, list[AuditedClaim]] = {}
    for claim in audit.of(UNCHECKED):
        reasons.setdefault(claim.number, []).append(claim)
    if not reasons:
        return Prose("Every claim could be checked by something that is known here.")
    lines = []
    for reason, claims in reasons.items():
        quotes = join_words(f"“{claim.quote}” ({claim.claim_id})" for claim in claims)
        near = dict.fromkeys(claim.note for claim in claims if claim.note)
        lines.append(" ".join([f"{capital(reason)}: {quotes}.", *near]))
    count = plural(len(audit.of(UNCHECKED)), "claim")
    lines.insert(0, f"Of {len(audit)} claims, nothing that is known here can check {count}.")
    return Prose(*lines, style="list")
