"""The sections of `review.toml`: the question, its outcomes, thresholds and plan."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from evidence.data.schema import QUOTE_WORDS, TIERS, Reference

__all__ = [
    "APPLIES_TO",
    "DISTANCES",
    "FILE",
    "RULED_ASPECTS",
    "SCHEMA",
    "SECTIONS",
    "UNITS",
    "Key",
    "Section",
]

FILE = "review.toml"
#: The version of the folder's layout that this code reads.
SCHEMA = 1
MEASURES = (
    "mean difference",
    "standardised mean difference",
    "risk ratio",
    "odds ratio",
    "risk difference",
)
APPLIES_TO = ("difference between groups", "change within a person", "state")
#: How far a trial can be from the question; the place of a word is the distance as a number.
DISTANCES = ("direct", "near", "far")
#: The aspects that rules of directness may be about, in the order of a table: of what, against
#: what, in whom, on what.
RULED_ASPECTS = ("form", "dose", "duration", "comparator", "population", "outcome")
#: The units of a range, by aspect, each with its size in the first one of its aspect. A month is
#: a twelfth of a year of 365.25 days.
UNITS = MappingProxyType(
    {
        "dose": {"mg/day": 1.0, "g/day": 1000.0},
        "duration": {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12},
    }
)
_OUTCOME = Reference(FILE, "outcomes")
_STUDY = Reference("studies", "study_id")
_SOURCE = Reference("sources", "source_id")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section.

    Parameters
    ----------
    name
        The key.
    kind
        ``"text"``, ``"number"``, ``"list"``, ``"date"``, ``"identifier"`` or ``"quote"``.
    description
        What it means, for the codebook.
    required
        Whether it must be there.
    choices
        The accepted words; empty when any.
    reference
        Where the value (or each value of a list) must exist.
    """

    name: str
    kind: str
    description: str
    required: bool = False
    choices: tuple[str, ...] = ()
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One table of `review.toml`; a list of tables when `many`."""

    name: str
    description: str
    keys: tuple[Key, ...]
    many: bool = False
    required: bool = True

    @property
    def head(self) -> str:
        """How the section starts in the file."""
        return f"[[{self.name}]]" if self.many else f"[{self.name}]"


SECTIONS: tuple[Section, ...] = (
    Section(
        "",
        "The question.",
        (
            Key("schema", "number", "Version of this layout: 1.", required=True),
            Key("title", "text", "A short title.", required=True),
            Key("question", "text", "The question in one sentence.", required=True),
            Key("searched_until", "date", "Date of the last search; left out where not recorded."),
            Key("search_note", "text", "How studies were looked for."),
        ),
    ),
    Section(
        "pico",
        "Population, intervention, comparator, outcome.",
        tuple(
            Key(name, "text", f"The {name} asked about.", required=True)
            for name in ("population", "intervention", "comparator", "outcome")
        ),
    ),
    Section(
        "target",
        "What the question asks for exactly; distance from it is indirectness.",
        (
            Key("treatment", "text", "The treatment in a word, for sentences.", required=True),
            Key("form", "text", "The form asked about.", required=True),
            Key("comparator", "text", "The comparator asked about.", required=True),
            Key("population", "text", "The population asked about.", required=True),
        ),
    ),
    Section(
        "directness",
        "One rule of how far a trial is from the question in one aspect. Of the rules of an "
        "aspect the first that applies counts; one without words, range, outcomes and domains "
        "applies to everything that is stated. Where no rule applies, an entry that starts with "
        "the target's words is direct, and another one near. What nobody states is `not stated`, "
        "whatever the rules.",
        (
            Key(
                "aspect",
                "text",
                "What is compared: `population`, `form` and `comparator` as in `studies.csv`; "
                "`dose` of the element, as reported in `study_facts.csv` or computed from the "
                "compound (`compounds.csv`); `duration` as in `study_facts.csv`; "
                "`outcome`.",
                required=True,
                choices=RULED_ASPECTS,
            ),
            Key(
                "distance",
                "text",
                "`near` is a serious difference, `far` a very serious one.",
                required=True,
                choices=DISTANCES,
            ),
            Key("words", "list", "Of a text: entries that hold one of these (whole words)."),
            Key("at_least", "number", "Of dose and duration: the least, itself included."),
            Key("at_most", "number", "Of dose and duration: the most, itself included."),
            Key(
                "unit",
                "text",
                "Of a range.",
                choices=tuple(unit for units in UNITS.values() for unit in units),
            ),
            Key("outcomes", "list", "Of the outcome: outcome ids.", reference=_OUTCOME),
            Key("domains", "list", "Of the outcome: domains, as written in `[[outcomes]]`."),
            Key("reason", "text", "Why.", required=True),
        ),
        many=True,
        required=False,
    ),
    Section(
        "headline",
        "The trial and comparison that the claim rests on.",
        (
            Key("study_id", "identifier", "The study.", required=True, reference=_STUDY),
            Key("outcome_id", "identifier", "The outcome.", required=True, reference=_OUTCOME),
            Key("timepoint", "text", "The timepoint, as in the tables.", required=True),
        ),
    ),
    Section(
        "outcomes",
        "One outcome.",
        (
            Key("id", "identifier", "Short unique name.", required=True),
            Key("name", "text", "Full name.", required=True),
            Key("short", "text", "Short name for tables and figures.", required=True),
            Key("domain", "text", "What is measured, in plain words.", required=True),
            Key("kind", "text", "Kind.", required=True, choices=("continuous", "dichotomous")),
            Key("unit", "text", "Unit.", required=True),
            Key(
                "better", "text", "Which way is better.", required=True, choices=("lower", "higher")
            ),
            Key(
                "about",
                "text",
                "What it is evidence on: the `benefit` asked about (left out means this), a "
                "`harm`, or something `other` that is never counted as benefit.",
                choices=("benefit", "harm", "other"),
            ),
            Key("minimum", "number", "Lowest possible value of one person."),
            Key("maximum", "number", "Highest possible value of one person."),
            Key("step", "number", "Smallest step of one person's value."),
        ),
        many=True,
    ),
    Section(
        "thresholds",
        "One threshold, with its source.",
        (
            Key("id", "identifier", "Short unique name.", required=True),
            Key("outcome_id", "identifier", "The outcome.", required=True, reference=_OUTCOME),
            Key("value", "number", "The size, without sign.", required=True),
            Key("scale", "text", "Scale.", required=True, choices=("outcome unit", "SMD")),
            Key(
                "applies_to",
                "text",
                "What may be compared with it.",
                required=True,
                choices=APPLIES_TO,
            ),
            Key("label", "text", "What it stands for.", required=True),
            Key("source_id", "identifier", "Where it was read.", required=True, reference=_SOURCE),
            Key(
                "quote", "quote", f"The words that carry it, at most {QUOTE_WORDS}.", required=True
            ),
            Key("locator", "text", "Where in the source."),
            Key("tier", "text", "Tier.", required=True, choices=tuple(TIERS)),
        ),
        many=True,
        required=False,
    ),
    Section(
        "analyses",
        "One planned synthesis; the first is the main one, which the answer rests on.",
        (
            Key("id", "identifier", "Short unique name.", required=True),
            Key("title", "text", "Title.", required=True),
            Key(
                "outcomes",
                "list",
                "Outcome ids; the first a trial reports is used.",
                required=True,
                reference=_OUTCOME,
            ),
            Key("measure", "text", "Effect measure.", required=True, choices=MEASURES),
            Key("model", "text", "Model.", required=True, choices=("random", "common")),
            Key(
                "tau2_method",
                "text",
                "Estimator of tau².",
                choices=("REML", "PM", "DL", "ML", "EB", "HE", "DL2", "HE2", "SJ", "HS", "HSk"),
            ),
            Key(
                "ci_method",
                "text",
                "Confidence interval of the mean.",
                choices=("HKSJ-adhoc", "HKSJ", "Wald", "t", "Henmi-Copas", "profile-likelihood"),
            ),
            Key(
                "approach",
                "text",
                "How imprecision is rated: against one threshold, or no effect (left out means "
                "this), or against all thresholds for a difference between groups.",
                choices=("minimally contextualised", "partially contextualised"),
            ),
        ),
        many=True,
    ),
)
