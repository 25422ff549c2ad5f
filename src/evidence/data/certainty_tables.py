"""The tables on certainty: what reviewers decided, and what published reviews rated."""

from __future__ import annotations

from evidence.data.columns import outcome_column, provenance_columns, study_column
from evidence.data.schema import Column, Kind, Reference, Table

__all__ = ["CERTAINTY_DECISIONS", "CERTAINTY_LEVELS", "PUBLISHED_CERTAINTY", "WHOLE"]

#: What is decided as a level, and not as a number of levels.
WHOLE = ("starting level", "overall")

CERTAINTY_LEVELS = {
    "high": "the true effect lies close to the estimate",
    "moderate": "it probably lies close to it",
    "low": "it may be substantially different",
    "very low": "it is likely to be substantially different",
}

CERTAINTY_DECISIONS = Table(
    "certainty_decisions",
    "one reviewer's decision on the certainty of one analysis, in place of what a rule suggests; "
    "`certainty.decision_row(...)` writes the row",
    (
        Column(
            "analysis_id",
            Kind.IDENTIFIER,
            "The analysis, as named in `review.toml`.",
            required=True,
            reference=Reference("review.toml", "analyses"),
        ),
        Column(
            "reading",
            Kind.TEXT,
            "Which reading of contradictory reports it is about, as the tables name it; empty "
            "for all of them.",
        ),
        Column(
            "domain",
            Kind.CHOICE,
            "What is decided.",
            required=True,
            choices={
                "risk of bias": "rates down",
                "inconsistency": "rates down",
                "indirectness": "rates down",
                "imprecision": "rates down",
                "missing evidence": "rates down",
                "large effect": "rates up",
                "dose-response": "rates up",
                "opposing confounding": "rates up",
                "starting level": "where the evidence starts",
                "overall": "the level itself, whatever the domains come to",
            },
        ),
        Column(
            "levels",
            Kind.COUNT,
            "How many levels to rate down, or up; left empty for `starting level` and `overall`.",
            minimum=0,
            maximum=3,
        ),
        Column(
            "level",
            Kind.CHOICE,
            "The level, for `starting level` and `overall` only.",
            choices=CERTAINTY_LEVELS,
        ),
        Column("reason", Kind.TEXT, "Why, in a sentence a reader understands.", required=True),
        Column("who", Kind.TEXT, "Who decided.", required=True),
        Column("when", Kind.DATE, "On which day.", required=True),
        Column(
            "facts",
            Kind.TEXT,
            "The facts it was made on, as `name = value; name = value`; once they change, the "
            "decision is shown as stale.",
            required=True,
        ),
        Column(
            "fingerprint",
            Kind.TEXT,
            "The first eight digits of SHA-256 of `facts`: shows that nobody changed them by hand.",
            required=True,
        ),
    ),
    key=("analysis_id", "reading", "domain"),
)

PUBLISHED_CERTAINTY = Table(
    "published_certainty",
    "the certainty that a published review gave its evidence on one outcome",
    (
        study_column("The review, as in `studies.csv`."),
        outcome_column(),
        Column(
            "certainty",
            Kind.CHOICE,
            "The level it gave.",
            required=True,
            choices=CERTAINTY_LEVELS,
        ),
        *provenance_columns(),
    ),
    key=("study_id", "outcome_id", "source_id"),
)
