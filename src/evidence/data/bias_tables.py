"""The tables that hold judgements of risk of bias, and the answers behind them."""

from __future__ import annotations

from evidence.data.columns import outcome_column, provenance_columns, study_column
from evidence.data.schema import Column, Kind, Table

__all__ = ["RISK_OF_BIAS", "SIGNALLING_ANSWERS"]

_TOOL = Column(
    "tool",
    Kind.TEXT,
    "Instrument: `RoB 2`, `RoB 2 adhering`, `RoB 2 cluster`, `RoB 2 crossover`, `RoB 1`, "
    "`ROBINS-I`, `QUADAS-2`, or the name in a `tools/*.toml` of the review.",
    required=True,
)
_WHO = Column("who", Kind.TEXT, "Who judged.", required=True)
_WHEN = Column("when", Kind.DATE, "When it was judged.")

RISK_OF_BIAS = Table(
    "risk_of_bias",
    "one judgement of one domain of bias",
    (
        study_column(),
        _TOOL,
        Column("domain", Kind.TEXT, "Domain of the tool, or `overall`.", required=True),
        Column(
            "judgement",
            Kind.TEXT,
            "The judgement in a word of the tool, or `no information` where there was nothing "
            "to judge by in what was read.",
            required=True,
        ),
        Column("support", Kind.TEXT, "Why, in a sentence.", required=True),
        _WHO,
        _WHEN,
        outcome_column(required=False),
        *provenance_columns(),
    ),
    key=("study_id", "tool", "domain", "outcome_id", "who"),
)

SIGNALLING_ANSWERS = Table(
    "signalling_answers",
    "one answer to one signalling question of a tool",
    (
        study_column(),
        _TOOL,
        outcome_column(required=False),
        Column("domain", Kind.TEXT, "Domain of the tool.", required=True),
        Column("question", Kind.TEXT, "Number of the question in the tool.", required=True),
        Column(
            "answer",
            Kind.TEXT,
            "Code of the answer, for example `PY`; from these, domains nobody judged are computed.",
            required=True,
        ),
        Column("support", Kind.TEXT, "Why, in a sentence."),
        _WHO,
        _WHEN,
        *provenance_columns(),
    ),
    key=("study_id", "tool", "outcome_id", "domain", "question", "who"),
)
