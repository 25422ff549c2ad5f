"""The tables of a review: the schema, written once.

The reader, the checks and the codebook `data/README.md` all work from `TABLES`.
"""

from __future__ import annotations

from evidence.data.bias_tables import RISK_OF_BIAS, SIGNALLING_ANSWERS
from evidence.data.certainty_tables import CERTAINTY_DECISIONS, PUBLISHED_CERTAINTY
from evidence.data.columns import (
    STUDY,
    count_column,
    number_column,
    outcome_column,
    provenance_columns,
    study_column,
)
from evidence.data.compounds import COMPOUNDS
from evidence.data.misreported import MISREPORTED
from evidence.data.schema import TIERS, Column, Kind, Reference, Table
from evidence.data.study_tables import REGISTERED_OUTCOMES, STUDIES, STUDY_FACTS

__all__ = ["TABLES"]

_BASIS = {
    "analysed": "the people in this analysis",
    "randomised": "the people allocated, where the number analysed is not reported",
    "completed": "the people who finished",
}


_TIMEPOINT = Column(
    "timepoint", Kind.TEXT, "When it was measured, as reported, for example `4 weeks`."
)
_CI = (
    number_column("ci_low", "Lower end of the confidence interval."),
    number_column("ci_high", "Upper end of the confidence interval."),
    number_column(
        "ci_level",
        "Level of the confidence interval in percent; empty means 95.",
        minimum=50,
        maximum=99.99,
    ),
)

ARMS = Table(
    "arms",
    "one group's summary of one outcome at one time",
    (
        study_column(),
        outcome_column(),
        _TIMEPOINT,
        Column("arm", Kind.TEXT, "What the group was given, as reported.", required=True),
        Column(
            "role",
            Kind.CHOICE,
            "The group's part in the comparison.",
            required=True,
            choices={
                "treatment": "the intervention of the study",
                "control": "what it is compared with",
                "all": "everybody together",
            },
        ),
        Column(
            "kind",
            Kind.CHOICE,
            "What the mean is a mean of; empty for counts of events.",
            choices={
                "final": "values at the timepoint",
                "change": "changes from baseline",
                "baseline": "values at the start",
                "period": "values in a crossover period",
            },
        ),
        count_column("n", "People behind the mean."),
        Column("n_basis", Kind.CHOICE, "Which people `n` or `total` counts.", choices=_BASIS),
        number_column("mean", "Mean."),
        number_column("sd", "Standard deviation between people.", minimum=0),
        number_column("se", "Standard error of the mean.", minimum=0),
        *_CI,
        number_column("median", "Median."),
        number_column("q1", "Lower quartile."),
        number_column("q3", "Upper quartile."),
        number_column("minimum", "Smallest value."),
        number_column("maximum", "Largest value."),
        count_column("events", "People with the event.", minimum=0),
        count_column("total", "People who could have had it."),
        *provenance_columns(),
    ),
    key=("study_id", "outcome_id", "timepoint", "arm", "kind", "source_id"),
)

CONTRASTS = Table(
    "contrasts",
    "one reported comparison of two groups (or of before and after)",
    (
        study_column(),
        outcome_column(),
        _TIMEPOINT,
        Column("treatment", Kind.TEXT, "What was compared.", required=True),
        Column("comparator", Kind.TEXT, "With what.", required=True),
        Column(
            "measure",
            Kind.CHOICE,
            "What the estimate is an estimate of; `none` where only a test or a direction "
            "is reported.",
            required=True,
            choices={
                "mean difference": "difference of means, in the outcome's unit",
                "standardised mean difference": "difference in standard deviations, "
                "correction not said",
                "Hedges g": "the same with the small-sample correction",
                "Cohen d": "the same without the correction",
                "risk ratio": "ratio of risks",
                "odds ratio": "ratio of odds",
                "risk difference": "difference of risks, as a proportion",
                "none": "no estimate reported",
            },
        ),
        Column(
            "positive_means",
            Kind.CHOICE,
            "What a positive estimate (above 1 for a ratio) says; needed with every estimate.",
            choices={
                "treatment higher": "the outcome was higher with treatment",
                "treatment lower": "the outcome was lower with treatment",
                "treatment better": "the outcome was better with treatment",
            },
        ),
        number_column("estimate", "The estimate, with the digits and the sign as printed."),
        number_column("se", "Its standard error.", minimum=0, above_minimum=True),
        *_CI,
        number_column("p", "The p value, two-sided.", minimum=0, maximum=1),
        Column(
            "p_relation",
            Kind.CHOICE,
            "How the p value was printed; empty means `=`.",
            choices={
                "=": "exactly this",
                "<": "below this",
                "<=": "at most this",
                ">": "above this",
            },
        ),
        Column("p_of", Kind.TEXT, "Which test the p value belongs to, as reported."),
        Column(
            "p_test",
            Kind.CHOICE,
            "What the test compared; empty means two groups. No effect of two groups is "
            "worked out from a test of several.",
            choices={
                "two groups": "treatment against comparator",
                "group by time": "the difference in change between two groups",
                "several groups": "more than two groups at once",
            },
        ),
        number_column("t", "t statistic."),
        number_column("f", "F statistic with one numerator degree of freedom.", minimum=0),
        number_column("df", "(Denominator) degrees of freedom.", minimum=0, above_minimum=True),
        count_column("n_treatment", "People in the treatment group."),
        count_column("n_control", "People in the control group."),
        count_column("n_total", "People in both groups together (people, in a crossover)."),
        Column("n_basis", Kind.CHOICE, "Which people these numbers count.", choices=_BASIS),
        Column(
            "direction",
            Kind.CHOICE,
            "Which side the point estimate or the authors' words favour.",
            required=True,
            choices={
                "treatment": "favours the treatment",
                "control": "favours the comparator",
                "none": "said to be the same in both",
                "not reported": "not said in what was read",
            },
        ),
        Column(
            "significance",
            Kind.CHOICE,
            "What is said of significance where no p value is printed.",
            choices={"significant": "said to be", "not significant": "said not to be"},
        ),
        *provenance_columns(),
    ),
    key=(
        "study_id",
        "outcome_id",
        "timepoint",
        "treatment",
        "comparator",
        "measure",
        "source_id",
        "p_of",
    ),
)

CLAIMS = Table(
    "claims",
    "one checkable claim of an article",
    (
        Column("claim_id", Kind.IDENTIFIER, "Short unique name.", required=True),
        Column(
            "source_id",
            Kind.IDENTIFIER,
            "The article.",
            required=True,
            reference=Reference("sources", "source_id"),
        ),
        Column("quote", Kind.QUOTE, "Its words, at most 25 of them.", required=True),
        Column("locator", Kind.TEXT, "Section of the article."),
        Column(
            "kind",
            Kind.CHOICE,
            "What the claim is about.",
            required=True,
            choices={
                "efficacy": "that it works",
                "size": "how much it works",
                "onset": "how fast",
                "safety": "harms",
                "absorption": "uptake",
                "form": "one form against another",
                "mechanism": "how it works",
                "dose": "how much to take",
                "timing": "when to take it",
                "comparator": "another treatment",
                "evidence": "what the evidence is like",
            },
        ),
        Column("would_have_to_be_true", Kind.TEXT, "What would have to hold.", required=True),
        Column(
            "test",
            Kind.TEXT,
            "The test that checks it, see the table of tests below; `none(reason='...')` where "
            "nothing that is known can.",
            required=True,
        ),
        Column("note", Kind.TEXT, "Anything a reader of the row should know."),
    ),
    key=("claim_id",),
)

FACTS = Table(
    "facts",
    "one constant",
    (
        Column("fact_id", Kind.IDENTIFIER, "Short unique name.", required=True),
        Column(
            "quantity", Kind.TEXT, "What it is, for example `elemental fraction`.", required=True
        ),
        Column("subject", Kind.TEXT, "Of what or for whom.", required=True),
        number_column("value", "The value."),
        number_column("low", "Lower end, where it is a range."),
        number_column("high", "Upper end, where it is a range."),
        Column("unit", Kind.TEXT, "Its unit.", required=True),
        *provenance_columns(),
    ),
    key=("fact_id",),
)

SOURCES = Table(
    "sources",
    "one place that numbers were read in",
    (
        Column("source_id", Kind.IDENTIFIER, "Short unique name.", required=True),
        Column("citation", Kind.TEXT, "What it is, so that a person finds it.", required=True),
        Column(
            "kind",
            Kind.CHOICE,
            "What sort of source.",
            required=True,
            choices={
                "article": "a full article or one of its tables",
                "abstract": "an abstract, also on an index or mirror",
                "registry": "a trial registry entry",
                "guideline": "a guideline or reference table",
                "account": "someone else's account",
                "web page": "a page that is not a scientific report",
            },
        ),
        Column("doi", Kind.TEXT, "DOI, without address."),
        Column("pmid", Kind.TEXT, "PubMed number."),
        Column("url", Kind.URL, "Address."),
        Column("accessed", Kind.DATE, "When it was read; empty where not recorded."),
        Column(
            "tier",
            Kind.CHOICE,
            "The nearest tier a row read here can have.",
            required=True,
            choices=TIERS,
        ),
        Column("note", Kind.TEXT, "Anything a reader of the row should know."),
    ),
    key=("source_id",),
    required=True,
)

MISSING = Table(
    "missing",
    "one thing that is not known and would sharpen the answer",
    (
        Column("missing_id", Kind.IDENTIFIER, "Short unique name.", required=True),
        Column(
            "study_id",
            Kind.IDENTIFIER,
            "The study it belongs to, if one.",
            reference=STUDY,
        ),
        outcome_column(required=False),
        Column("what", Kind.TEXT, "What is missing.", required=True),
        Column("why", Kind.TEXT, "What it would settle.", required=True),
        Column("where", Kind.TEXT, "Where it would be found.", required=True),
        Column(
            "priority",
            Kind.CHOICE,
            "How much it would sharpen the answer.",
            required=True,
            choices={
                "first": "could change the answer by itself",
                "high": "would change how sure the answer is",
                "medium": "would fill a gap beside the answer",
            },
        ),
    ),
    key=("missing_id",),
)

EXCLUSIONS = Table(
    "exclusions",
    "one study left out of one analysis, with the reason",
    (
        Column(
            "analysis_id",
            Kind.IDENTIFIER,
            "The analysis, as named in `review.toml`.",
            required=True,
            reference=Reference("review.toml", "analyses"),
        ),
        study_column(),
        Column("reason", Kind.TEXT, "Why, in a sentence a reader understands.", required=True),
    ),
    key=("analysis_id", "study_id"),
)

#: Every table of a review by name, in the order a person would read them.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        STUDIES,
        STUDY_FACTS,
        REGISTERED_OUTCOMES,
        ARMS,
        CONTRASTS,
        RISK_OF_BIAS,
        SIGNALLING_ANSWERS,
        CLAIMS,
        FACTS,
        COMPOUNDS,
        SOURCES,
        MISSING,
        EXCLUSIONS,
        CERTAINTY_DECISIONS,
        PUBLISHED_CERTAINTY,
        MISREPORTED,
    )
}
