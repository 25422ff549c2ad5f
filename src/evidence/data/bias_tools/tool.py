"""What a tool for risk of bias consists of: words, domains, questions and rules.

References
----------
Sterne JAC, Savović J, Page MJ, et al. (2019). RoB 2: a revised tool for assessing risk of
bias in randomised trials. BMJ 366:l4898.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "CONCERNS",
    "FACT_KINDS",
    "NO_INFORMATION",
    "OVERALL",
    "BiasTool",
    "Domain",
    "Judgement",
    "OverallRule",
    "Question",
    "Rule",
]

#: What every tool may say, and what is said where nobody judged.
NO_INFORMATION = "no information"
#: The domain of a judgement of the study as a whole.
OVERALL = "overall"
#: What a judgement amounts to across tools, mildest first.
CONCERNS = ("low", "some", "high")

#: Kinds of facts of a review's tables that a domain may name as bearing on it.
FACT_KINDS = (
    "analysed",
    "blinding",
    "comparator",
    "completed",
    "funding",
    "measurement",
    "outcomes_planned",
    "registration",
    "washout",
)

_UNKNOWN_SIGN = "?"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One word that a tool judges with.

    Attributes
    ----------
    word, meaning
        The word, and what it says.
    severity
        Its rank among the tool's words; the mildest has the lowest.
    concern
        What it amounts to across tools, one of `CONCERNS`.
    sign
        One to three letters that stand for it in a figure.
    """

    word: str
    meaning: str
    severity: int
    concern: str
    sign: str


@dataclass(frozen=True, slots=True)
class Question:
    """A signalling question in few words, and the answers it takes."""

    id: str
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A judgement that follows when conditions hold.

    Attributes
    ----------
    judgement
        The word that follows.
    every
        Answers by question: each of them has to be among these.
    some
        Answers by question: at least one of them has to be.
    part
        Part of the domain it belongs to; the domain is as grave as its gravest part.
    """

    judgement: str
    every: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    some: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True, slots=True)
class OverallRule:
    """An overall judgement that follows from those of the domains.

    Attributes
    ----------
    judgement
        The word that follows.
    every
        Every domain has one of these; empty where that is not asked.
    some
        At least one domain has one of these; empty where that is not asked.
    """

    judgement: str
    every: tuple[str, ...] = ()
    some: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain of bias.

    Attributes
    ----------
    id, name, short
        As it stands in the tables, in sentences, and above a column of a figure.
    about
        ``"bias"`` or ``"applicability"``; only the first counts overall.
    facts
        Kinds of facts that bear on it, of `FACT_KINDS`.
    questions, rules
        Empty where the tool has none, or where none could be read.
    """

    id: str
    name: str
    short: str
    about: str = "bias"
    facts: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    rules: tuple[Rule, ...] = ()

    def question(self, id: str) -> Question | None:  # noqa: A002
        """Return a question by its id, or None."""
        return next((question for question in self.questions if question.id == id), None)


@dataclass(frozen=True, slots=True)
class BiasTool:
    """A tool for risk of bias, read from its file.

    Attributes
    ----------
    name, title, version, citation
        What it is, and where it is published.
    read_in
        What of it was read where, and what could not be.
    note
        What a user should know.
    answers
        Every answer's code with its meaning.
    judgements
        Its words, mildest first.
    domains
        In the order of the tool.
    overall
        Rules for the study as a whole, the first that holds counts.
    """

    name: str
    title: str
    version: str
    citation: str
    read_in: str
    note: str
    answers: Mapping[str, str]
    judgements: tuple[Judgement, ...]
    domains: tuple[Domain, ...]
    overall: tuple[OverallRule, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words it judges with, mildest first; ``"no information"`` last."""
        return (*(judgement.word for judgement in self.judgements), NO_INFORMATION)

    @property
    def bias_domains(self) -> tuple[Domain, ...]:
        """The domains that count overall."""
        return tuple(domain for domain in self.domains if domain.about == "bias")

    def domain(self, id: str) -> Domain | None:  # noqa: A002
        """Return a domain by its id, or None."""
        return next((domain for domain in self.domains if domain.id == id), None)

    def _word(self, word: str) -> Judgement | None:
        return next((one for one in self.judgements if one.word == word), None)

    def severity(self, word: str) -> int:
        """Return a word's rank; no information ranks below all."""
        found = self._word(word)
        return found.severity if found else -1

    def concern(self, word: str) -> str:
        """Return what a word amounts to across tools; ``"none"`` for no information."""
        found = self._word(word)
        return found.concern if found else "none"

    def sign(self, word: str) -> str:
        """Return the letters that stand for a word in a figure."""
        found = self._word(word)
        return found.sign if found else _UNKNOWN_SIGN

    def gravest(self, words: list[str] | tuple[str, ...]) -> str:
        """Return the gravest of some words; no information only where there is nothing else."""
        return max(words, key=self.severity, default=NO_INFORMATION)
