"""The audit of claims: each one's verdict, with what decides and where it stands."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evidence.data import Review
from evidence.data.claim_tests import parse_test
from evidence.data.frames import each_row
from evidence.display import Display, Prose, Table, capital, html_table, join_words, plural
from evidence.errors import UnknownNameError, did_you_mean
from evidence.judgement.claims.evaluate import Outcome, carry_out
from evidence.judgement.claims.finding import Bench
from evidence.judgement.claims.rules import VERDICTS
from evidence.judgement.conclusions import Conclusions

__all__ = ["AuditedClaim", "ClaimAudit", "audit_claims"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row that decides was read.

    Attributes
    ----------
    source_id, citation, tier
        As in the tables; the tier is that of the row.
    """

    source_id: str
    citation: str
    tier: str

    @property
    def text(self) -> str:
        """Its id, and whether it is second-hand."""
        return f"{self.source_id}{' (second-hand)' if self.tier == 'secondary' else ''}"


@dataclass(frozen=True, slots=True)
class AuditedClaim:
    """One claim with its verdict.

    Attributes
    ----------
    claim_id, quote, kind, note
        As in `claims.csv`.
    article_id, article
        The article: its source, and how it is called.
    outcome
        What its test came to, with the rule.
    sources
        Where the rows that decide were read.
    """

    claim_id: str
    article_id: str
    article: str
    quote: str
    kind: str
    note: str
    outcome: Outcome
    sources: tuple[Source, ...]

    @property
    def verdict(self) -> str:
        """The verdict, one of `VERDICTS`."""
        return self.outcome.verdict

    @property
    def number(self) -> str:
        """The number that decides, in words."""
        return self.outcome.finding.number

    @property
    def second_hand(self) -> bool:
        """Whether anything that decides was read second-hand."""
        return any(source.tier == "secondary" for source in self.sources)

    @property
    def certainty(self) -> str:
        """GRADE's level with whose rating it is; says where nothing is rated."""
        finding = self.outcome.finding
        return f"{finding.certainty} ({finding.rated})" if finding.certainty else "not rated"

    @property
    def why(self) -> str:
        """The rule with its reason."""
        return f"{self.outcome.rule.name}: {self.outcome.rule.because}"

    def summary(self) -> str:
        """Return the claim, its verdict and what decides, in a few sentences."""
        sources = "; ".join(source.text for source in self.sources)
        parts = [
            f"“{self.quote}” (claim {self.claim_id}): {self.verdict}.",
            f"{capital(self.number)}.",
            self.outcome.rule.because,
        ]
        if self.outcome.finding.certainty:
            parts.append(f"Certainty: {self.certainty}.")
        if sources:
            parts.append(f"Read in: {sources}.")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class ClaimAudit(Display):
    """Every claim of a review with its verdict.

    Attributes
    ----------
    claims
        In the order of `claims.csv`.
    """

    claims: tuple[AuditedClaim, ...]

    def __iter__(self) -> Iterator[AuditedClaim]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)

    def claim(self, claim_id: str) -> AuditedClaim:
        """Return one claim.

        Parameters
        ----------
        claim_id
            The claim.

        Raises
        ------
        UnknownNameError
            When there is no such claim.
        """
        for claim in self.claims:
            if claim.claim_id == claim_id:
                return claim
        hint = did_you_mean(claim_id, [claim.claim_id for claim in self.claims])
        raise UnknownNameError(f"There is no claim {claim_id!r}. {hint}")

    def of(self, verdict: str) -> tuple[AuditedClaim, ...]:
        """Return the claims with a verdict.

        Parameters
        ----------
        verdict
            One of `VERDICTS`.

        Raises
        ------
        UnknownNameError
            When there is no such verdict.
        """
        if verdict not in VERDICTS:
            hint = did_you_mean(verdict, VERDICTS)
            raise UnknownNameError(f"There is no verdict {verdict!r}. {hint}")
        return tuple(claim for claim in self.claims if claim.verdict == verdict)

    @property
    def articles(self) -> dict[str, str]:
        """The articles: how each is called, by its source."""
        return {claim.article_id: claim.article for claim in self.claims}

    def count(self, verdict: str, article_id: str = "") -> int:
        """Return how many claims have a verdict.

        Parameters
        ----------
        verdict
            One of `VERDICTS`.
        article_id
            Of this article only.
        """
        return sum(article_id in ("", claim.article_id) for claim in self.of(verdict))

    def by_article(self) -> Table:
        """Return how many claims of each article have each verdict."""
        frame = pd.DataFrame(
            [
                (name, *(self.count(verdict, article) for verdict in VERDICTS))
                for article, name in self.articles.items()
            ],
            columns=["article", *(f"{sign} {verdict}" for verdict, sign in VERDICTS.items())],
        )
        frame["all"] = frame.iloc[:, 1:].sum(axis=1) if len(frame) else []
        return Table(frame, caption="Claims by article and verdict")

    def of_verdict(self, verdict: str) -> Table:
        """Return the claims with a verdict as a table to be read.

        Parameters
        ----------
        verdict
            One of `VERDICTS`.
        """
        frame = pd.DataFrame(
            [
                (
                    claim.claim_id,
                    f"“{claim.quote}”",
                    claim.number,
                    claim.certainty,
                    claim.why,
                    "; ".join(source.text for source in claim.sources),
                )
                for claim in self.of(verdict)
            ],
            columns=["claim", "in its words", "what decides", "certainty", "rule", "read in"],
        )
        count = plural(len(frame), "claim")
        return Table(frame, caption=f"{capital(verdict)}: {count}")

    def paragraph(self) -> Prose:
        """Return what the audit comes to, by article, in sentences."""
        lines = []
        for article, name in self.articles.items():
            mine = [claim for claim in self.claims if claim.article_id == article]
            counts = Counter(claim.verdict for claim in mine)
            told = [f"{counts[v]} {v}" for v in VERDICTS if counts[v]]
            lines.append(f"{name}: of {plural(len(mine), 'claim')}, {join_words(told)}.")
        second = sum(claim.second_hand for claim in self.claims)
        if second:
            verb = "rests" if second == 1 else "rest"
            lines.append(
                f"What decides {plural(second, 'claim')} {verb} on something that was read "
                "second-hand."
            )
        return Prose(*lines) if lines else Prose("No claim is recorded.")

    def summary(self) -> str:
        """Return the counts by article, then each claim with its verdict."""
        lines = [*self.paragraph().paragraphs, ""]
        lines += [f"{claim.claim_id}: {claim.verdict}. {claim.number}." for claim in self.claims]
        return "\n".join(lines).rstrip()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per claim."""
        names = (
            "claim_id article kind quote verdict number certainty rated rule because test sources "
            "second_hand note"
        )
        rows = [
            (
                claim.claim_id,
                claim.article_id,
                claim.kind,
                claim.quote,
                claim.verdict,
                claim.number,
                claim.outcome.finding.certainty,
                claim.outcome.finding.rated,
                claim.outcome.rule.name,
                claim.outcome.rule.because,
                str(claim.outcome.test),
                "; ".join(source.text for source in claim.sources),
                claim.second_hand,
                claim.note,
            )
            for claim in self.claims
        ]
        return pd.DataFrame(rows, columns=names.split())

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "articles": [
                {
                    "article": article,
                    "verdicts": {verdict: self.count(verdict, article) for verdict in VERDICTS},
                }
                for article in self.articles
            ],
            "claims": [
                {
                    "claim_id": claim.claim_id,
                    "article": claim.article_id,
                    "verdict": claim.verdict,
                    "rule": claim.outcome.rule.name,
                    "state": claim.outcome.finding.state,
                    "number": claim.number,
                    "values": {
                        name: value if math.isfinite(value) else None
                        for name, value in claim.outcome.finding.values.items()
                    },
                    "certainty": claim.outcome.finding.certainty or None,
                    "test": str(claim.outcome.test),
                    "sources": [source.source_id for source in claim.sources],
                    "second_hand": claim.second_hand,
                }
                for claim in self.claims
            ],
        }

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        shown = pd.DataFrame(
            {
                "claim": frame["claim_id"],
                "in its words": [f"“{quote}”" for quote in frame["quote"]],
                "verdict": [f"{VERDICTS[verdict]} {verdict}" for verdict in frame["verdict"]],
                "what decides": frame["number"],
            }
        )
        return self.paragraph()._repr_html_() + html_table(shown)


def audit_claims(review: Review, *, conclusions: Conclusions | None = None) -> ClaimAudit:
    """Carry out the test of every claim of a review, and judge it by rule.

    Parameters
    ----------
    review
        The review with its table `claims`. A test that names what does not exist is a problem of
        the review, which cannot be loaded then.
    conclusions
        The review's conclusions, where they are known already; without them only the analyses
        that a test needs are carried out.

    Returns
    -------
    ClaimAudit
        The rules are in `evidence.judgement.claims.rules`.
    """
    bench = Bench(review, conclusions)
    citations = dict(zip(review.sources["source_id"], review.sources["citation"], strict=True))
    claims = []
    for row in each_row(review.claims):
        outcome = carry_out(bench, parse_test(str(row.test)))
        article_id = str(row.source_id)
        claims.append(
            AuditedClaim(
                claim_id=str(row.claim_id),
                article_id=article_id,
                article=str(citations.get(article_id, article_id)).partition(",")[0],
                quote=str(row.quote),
                kind=str(row.kind),
                note=str(row.note),
                outcome=outcome,
                sources=_sources(review, outcome, citations),
            )
        )
    return ClaimAudit(tuple(claims))


def _sources(review: Review, outcome: Outcome, citations: dict[str, str]) -> tuple[Source, ...]:
    """Return where the rows that decide were read, each source once and its worst tier."""
    found: dict[str, str] = {}
    for table, line in outcome.finding.rows:
        row = review.tables[table].loc[line]
        name, tier = str(row["source_id"]), str(row["tier"])
        found[name] = "secondary" if "secondary" in (tier, found.get(name)) else tier
    return tuple(Source(name, citations.get(name, name), tier) for name, tier in found.items())
