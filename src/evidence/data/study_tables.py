"""The tables that say what each study is and what it planned."""

from __future__ import annotations

from evidence.data.columns import (
    count_column,
    number_column,
    outcome_column,
    provenance_columns,
    study_column,
)
from evidence.data.schema import Column, Kind, Reference, Table

__all__ = ["REGISTERED_OUTCOMES", "STUDIES", "STUDY_FACTS"]

STUDIES = Table(
    "studies",
    "a study, review or other body of evidence",
    (
        Column("study_id", Kind.IDENTIFIER, "Short unique name, used everywhere.", required=True),
        Column("label", Kind.TEXT, "How figures and sentences name it.", required=True),
        Column("year", Kind.COUNT, "Year of publication.", minimum=1900, maximum=2100),
        Column(
            "role",
            Kind.CHOICE,
            "What it is for in this review.",
            required=True,
            choices={
                "trial": "a trial of the question's intervention, counted as evidence on it",
                "review": "a published review of the question",
                "comparator": "evidence on another treatment, for comparison",
                "placebo": "evidence on what placebo alone does",
                "mechanism": "absorption, dose and other evidence around the question",
                "safety": "evidence on harms",
                "measurement": "a study of an instrument or its thresholds",
                "observational": "people who chose, not people allocated",
                "single person": "a trial in one person",
            },
        ),
        Column(
            "status",
            Kind.CHOICE,
            "Whether its results are public.",
            required=True,
            choices={
                "published": "results are published",
                "registered": "registered, no results found",
                "company report": "results only on a company's page",
            },
        ),
        Column(
            "design",
            Kind.CHOICE,
            "How it was done.",
            required=True,
            choices={
                "parallel trial": "people randomised to groups",
                "crossover trial": "each person takes everything, in random order",
                "trial, design not known": "a trial whose design was not readable",
                "uncontrolled trial": "one group, before and after",
                "single-person trial": "one person, many periods",
                "cohort": "people followed, not allocated",
                "meta-analysis": "several studies pooled",
                "systematic review": "several studies, not pooled",
                "guideline": "a panel's recommendation",
                "measurement study": "a study of an instrument",
                "laboratory study": "chemistry, absorption and the like",
            },
        ),
        Column(
            "blinding",
            Kind.CHOICE,
            "Who did not know what was given.",
            choices={
                "double": "participants and staff",
                "single": "one of the two",
                "none": "nobody was blinded",
                "not reported": "not said in what was read",
            },
        ),
        Column("population", Kind.TEXT, "Who took part."),
        Column("intervention", Kind.TEXT, "What was given or studied."),
        Column(
            "form",
            Kind.TEXT,
            "The form of the active substance, in the words of `review.toml`'s target; "
            "`not stated` where no source says.",
        ),
        Column("comparator", Kind.TEXT, "What it was compared with."),
        count_column("n_randomised", "People randomised (or included)."),
        *provenance_columns(),
    ),
    key=("study_id",),
    required=True,
)

STUDY_FACTS = Table(
    "study_facts",
    "one further fact about a study, from one source",
    (
        study_column(),
        Column(
            "item",
            Kind.CHOICE,
            "What the fact is about.",
            required=True,
            choices={
                "n_planned": "people planned",
                "n_randomised": "people randomised",
                "n_analysed": "people analysed",
                "n_completed": "people who finished",
                "n_treatment": "people in the treatment group",
                "n_control": "people in the control group",
                "n_studies": "studies included (of a review)",
                "dose_elemental": "daily dose as the element",
                "dose_compound": "daily dose as the compound or product",
                "dose_other": "daily dose of something that came with it",
                "schedule": "when and how it was taken",
                "duration": "how long it was taken",
                "washout": "time between the periods of a crossover",
                "form": "what the product was",
                "comparator": "what the control group got",
                "age": "age of the participants",
                "women": "share of women",
                "baseline": "state of the participants at the start",
                "eligibility": "who was let in or kept out",
                "measurement": "how outcomes were measured",
                "adherence": "how much was taken",
                "registration": "registry number; `not registered` where a source says so",
                "registered_on": "date of registration",
                "registration_timing": "prospective or retrospective",
                "started_on": "date of first recruitment",
                "completed_on": "date of completion",
                "completion_planned": "date of completion, as planned",
                "entry_updated": "date on which the registry entry was last changed",
                "recruitment": "state of recruitment, as the registry says",
                "primary_outcome": "the outcome named as primary",
                "sponsor": "who is responsible for the study, as the registry says",
                "funding": "who paid",
                "conflict_of_interest": "interests declared or found",
                "identifier": "PMID, DOI and the like",
                "correction": "a published correction",
                "certainty": "certainty as rated by the study's authors",
                "conclusion": "what its authors conclude, or a result told only in words",
                "reliability": "how well an instrument measures",
            },
        ),
        Column(
            "stage",
            Kind.CHOICE,
            "Which document says so; empty means the published report.",
            choices={
                "published": "the published report, or an account of it",
                "registered": "the registry entry",
                "preprint": "a preprint or meeting abstract",
            },
        ),
        Column("value", Kind.TEXT, "The fact, as reported.", required=True),
        number_column("number", "The same as a number, where it is one."),
        number_column("low", "Lower end, where it is a range."),
        number_column("high", "Upper end, where it is a range."),
        Column("unit", Kind.TEXT, "Unit of the number, for example `mg/day`."),
        *provenance_columns(),
    ),
    key=("study_id", "item", "stage", "value", "source_id"),
)

REGISTERED_OUTCOMES = Table(
    "registered_outcomes",
    "one outcome that a study planned to measure, and what became of it",
    (
        study_column(),
        outcome_column(required=False),
        Column(
            "rank",
            Kind.CHOICE,
            "Its rank in the plan.",
            required=True,
            choices={
                "primary": "named as primary",
                "secondary": "named as secondary, or as any other",
                "not stated": "what was read of the plan does not say",
            },
        ),
        Column(
            "planned", Kind.TEXT, "The outcome, as near to the plan's words as fits.", required=True
        ),
        Column(
            "planned_in",
            Kind.CHOICE,
            "Where the plan was read.",
            required=True,
            choices={
                "registry": "the registry entry",
                "protocol": "a protocol or plan of analysis",
                "methods": "what the report itself says that it measured",
                "account": "someone's account of the plan",
            },
        ),
        Column(
            "reported",
            Kind.CHOICE,
            "What became of it, in what was read.",
            required=True,
            choices={
                "as planned": "reported with its rank, and with a number that compares the groups",
                "other rank": "reported, but promoted or demoted (switched)",
                "without numbers": "said to differ or not, or given a bound on p, "
                "with no number that compares the groups",
                "not reported": "not found in the report, read in full",
                "results not public": "the study has no public results",
                "not known": "the report was not read, or not the part that would say",
            },
        ),
        Column(
            "report_source_id",
            Kind.IDENTIFIER,
            "The report that was held against the plan; empty where none was.",
            reference=Reference("sources", "source_id"),
        ),
        *provenance_columns(),
    ),
    key=("study_id", "rank", "planned", "source_id"),
)
