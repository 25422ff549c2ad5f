"""The sections of `review.toml`: the question, its outcomes, thresholds and plan."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.data.schema import QUOTE_WORDS, TIERS, Reference

__all__ = ["APPLIES_TO", "FILE", "SCHEMA", "SECTIONS", "Key", "Section"]

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
        ),
        many=True,
    ),
)
