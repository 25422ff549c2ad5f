"""The columns that several tables share."""

from __future__ import annotations

from evidence.data.schema import TIERS, Column, Kind, Reference

__all__ = [
    "STUDY",
    "count_column",
    "number_column",
    "outcome_column",
    "provenance_columns",
    "study_column",
]

STUDY = Reference("studies", "study_id")
_OUTCOME = Reference("review.toml", "outcomes")


def study_column(description: str = "The study.") -> Column:
    """Return the column that names a study."""
    return Column("study_id", Kind.IDENTIFIER, description, required=True, reference=STUDY)


def outcome_column(*, required: bool = True) -> Column:
    """Return the column that names an outcome."""
    return Column(
        "outcome_id",
        Kind.IDENTIFIER,
        "The outcome, as named in `review.toml`.",
        required=required,
        reference=_OUTCOME,
    )


def number_column(name: str, description: str, **limits: float | bool) -> Column:
    """Return a column of numbers."""
    return Column(name, Kind.NUMBER, description, **limits)  # type: ignore[arg-type]


def count_column(name: str, description: str, minimum: int = 1) -> Column:
    """Return a column that counts people."""
    return Column(name, Kind.COUNT, description, minimum=minimum, unit="people")


def provenance_columns() -> tuple[Column, ...]:
    """Return the columns that say where a row's numbers come from."""
    return (
        Column(
            "source_id",
            Kind.IDENTIFIER,
            "The source the numbers were read in.",
            required=True,
            reference=Reference("sources", "source_id"),
        ),
        Column(
            "quote",
            Kind.QUOTE,
            "The words that carry the numbers, at most 25 of them.",
            required=True,
        ),
        Column("locator", Kind.TEXT, "Where in the source: page, table, figure, section."),
        Column(
            "tier",
            Kind.CHOICE,
            "How near to the study the numbers were read.",
            required=True,
            choices=TIERS,
        ),
        Column("note", Kind.TEXT, "Anything a reader of the row should know."),
    )
