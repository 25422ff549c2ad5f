"""One of GRADE's domains: how many levels, why, by which rule, and on which facts.

References
----------
Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
of evidence. Journal of Clinical Epidemiology 64:401-406.
Schünemann HJ, Neumann I, Hultcrantz M, et al. (2022). GRADE guidance 35: update on rating
imprecision for assessing contextualized certainty of evidence and making decisions. Journal of
Clinical Epidemiology 150:225-242 (three levels at once).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.data.certainty_facts import fingerprint_of, write_facts

__all__ = ["AFFECTED_WEIGHT", "LEVELS", "Cut", "Domain", "Rule", "share_in_words"]

#: GRADE's four levels, highest first.
LEVELS = ("high", "moderate", "low", "very low")

#: A domain counts as serious where trials with at least half of the weight are affected.
AFFECTED_WEIGHT = 0.5

_CONCERNS = ("not serious", "serious", "very serious", "extremely serious")
_GAINS = ("not given", "given", "very large")


@dataclass(frozen=True, slots=True)
class Cut:
    """A threshold of a rule.

    Attributes
    ----------
    name
        What it is a threshold of.
    value
        The value.
    reference
        Where it is from; of an own convention, what the guideline has instead.
    own
        Whether no guideline gives the figure.
    """

    name: str
    value: float
    reference: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """How a domain's suggestion is worked out.

    Attributes
    ----------
    name
        A short name.
    reads
        What it looks at.
    does
        The rule, in a sentence or two.
    reference
        The guideline it follows.
    cuts
        Its thresholds.
    """

    name: str
    reads: tuple[str, ...]
    does: str
    reference: str
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True)
class Domain:
    """The suggestion for one domain.

    Attributes
    ----------
    name
        GRADE's name of the domain.
    levels
        How many levels to rate down, 0 to 3; where `upgrade`, how many to rate up.
    reason
        Why, in a sentence.
    reference
        Where the rule comes from.
    facts
        What the rule read, by name: what a reviewer's decision rests on.
    rule
        The rule.
    upgrade
        Whether it rates up.
    """

    name: str
    levels: int
    reason: str
    reference: str
    facts: Mapping[str, object] | None = None
    rule: Rule | None = None
    upgrade: bool = False

    @property
    def word(self) -> str:
        """GRADE's word for the levels."""
        return self.word_for(self.levels)

    def word_for(self, levels: int) -> str:
        """Return GRADE's word for a number of levels.

        Parameters
        ----------
        levels
            0 to 3.
        """
        return _GAINS[min(levels, 2)] if self.upgrade else _CONCERNS[levels]

    @property
    def sign(self) -> int:
        """+1 where it rates up, -1 where it rates down."""
        return 1 if self.upgrade else -1

    @property
    def facts_text(self) -> str:
        """The facts as one line that a person can read and a diff can show.

        Numbers have three significant digits, so that what no rating hangs on changes nothing.
        """
        facts = self.facts
        if facts is None:
            facts = {"levels": self.levels, "found": self.reason}
        return write_facts(facts)

    @property
    def fingerprint(self) -> str:
        """A short hash of the facts; see `fingerprint_of`."""
        return fingerprint_of(self.facts_text)


def share_in_words(share: float) -> str:
    """Return a share of the weight in words.

    Parameters
    ----------
    share
        From 0 to 1.
    """
    return "all" if share > 0.995 else f"{100 * share:.0f}%"
