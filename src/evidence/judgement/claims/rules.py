"""From what a test came to, to a verdict: every rule, in the order in which they are tried.

The first rule that fits counts. A rule fits where the test is of one of its families, came to one
of its states, and, if the rule asks for it, has this certainty. What one study found is judged by
its own numbers, and its certainty stands beside the verdict; where a claim is tested by a pooled
analysis, the certainty is part of the rule.

References
----------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135.
Altman DG, Bland JM (1995). Absence of evidence is not evidence of absence. BMJ 311:485.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evidence.display import Table
from evidence.errors import UnknownNameError, did_you_mean

__all__ = ["RULES", "VERDICTS", "Rule", "claim_rules", "rule_for", "worst_of"]

SUPPORTED = "supported"
SMALLER = "supported but smaller than it sounds"
UNCERTAIN = "uncertain"
NOT_SAID = "not what the source says"
CONTRADICTED = "contradicted"
UNCHECKED = "cannot be checked"

#: Every verdict with its sign, in the order in which they are shown.
VERDICTS = {
    SUPPORTED: "✓",
    SMALLER: "<",
    UNCERTAIN: "?",
    NOT_SAID: "≠",
    CONTRADICTED: "✗",
    UNCHECKED: "–",
}
#: Of several tests that must all hold, the one with the first of these verdicts decides.
_WORST = (CONTRADICTED, NOT_SAID, UNCERTAIN, UNCHECKED, SMALLER, SUPPORTED)

# What a test can come to. Of an effect:
MATTERS = "better, by an amount that matters"
SMALL = "better, by less than matters"
UNJUDGED = "better, with no threshold to judge the size by"
UNTOLD = "better, by an amount that is not told"
NOT_SHOWN = "no difference shown"
NO_IMPORTANT = "no difference that matters"
WORSE = "worse"
DISAGREE = "its reports disagree"
NO_DIRECTION = "a difference, without size or direction"
NO_SPREAD = "a size, without its uncertainty"
# Of anything else:
HOLDS = "holds"
ON_ONE = "holds, on one trial"
FAILS = "does not hold"
OPEN = "not told of all"
DEPENDS = "depends on how the words are read"
UNNAMED = "not named in the source"
IN_WORDS = "told by one study in words or as a p value"
SILENT = "nothing to test it by"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes
    ----------
    name
        Short, unique.
    families
        The families of tests that it is for.
    states
        What the test came to.
    certainty
        GRADE's levels for which it holds; empty for any, and for none at all.
    verdict
        What follows.
    because
        Why, in a sentence.
    """

    name: str
    families: tuple[str, ...]
    states: tuple[str, ...]
    verdict: str
    because: str
    certainty: tuple[str, ...] = ()

    def fits(self, family: str, state: str, certainty: str) -> bool:
        """Return whether the rule is for this.

        Parameters
        ----------
        family, state, certainty
            Of the test, and what it came to.
        """
        return (
            family in self.families
            and state in self.states
            and (not self.certainty or certainty in self.certainty)
        )


_EFFECTS = ("effect", "body")
_FACTS = ("evidence", "source", "amount")

#: Every rule, in the order in which they are tried.
RULES = (
    Rule(
        "worse",
        _EFFECTS,
        (WORSE,),
        CONTRADICTED,
        "The difference is on the other side, beyond chance.",
    ),
    Rule(
        "no difference that matters",
        _EFFECTS,
        (NO_IMPORTANT,),
        CONTRADICTED,
        "What is uncertain about the difference leaves out every benefit that matters.",
    ),
    Rule(
        "reports disagree",
        _EFFECTS,
        (DISAGREE,),
        UNCERTAIN,
        "The reports of it contradict each other, and lead to different answers.",
    ),
    Rule(
        "not shown",
        _EFFECTS,
        (NOT_SHOWN,),
        UNCERTAIN,
        "Chance alone may have made it; that no difference is shown does not show that there is "
        "none.",
    ),
    Rule(
        "no size or direction",
        _EFFECTS,
        (NO_DIRECTION,),
        UNCERTAIN,
        "A bound on p says neither how much nor, by itself, which way.",
    ),
    Rule(
        "size without uncertainty",
        _EFFECTS,
        (NO_SPREAD,),
        UNCERTAIN,
        "Without an interval, nobody can tell the difference from chance.",
    ),
    Rule(
        "amount not told",
        _EFFECTS,
        (UNTOLD,),
        UNCERTAIN,
        "Said to be beyond chance; how large it is, and so whether it matters, is not told.",
    ),
    Rule(
        "very low certainty",
        ("body",),
        (MATTERS, SMALL, UNJUDGED),
        UNCERTAIN,
        "Of very low certainty GRADE says that the evidence is very uncertain.",
        ("very low",),
    ),
    Rule(
        "smaller than matters",
        _EFFECTS,
        (SMALL,),
        SMALLER,
        "Beyond chance, and smaller than the difference between groups that counts as important.",
    ),
    Rule(
        "effect shown",
        _EFFECTS,
        (MATTERS, UNJUDGED),
        SUPPORTED,
        "Beyond chance, and at least as large as the smallest difference that counts as important, "
        "where one is known.",
    ),
    Rule(
        "holds",
        _FACTS,
        (HOLDS,),
        SUPPORTED,
        "What would have to be true is true, as far as the sources here tell it.",
    ),
    Rule(
        "one trial is not many",
        ("evidence",),
        (ON_ONE,),
        SMALLER,
        "It holds, and what stands behind it is a single trial.",
    ),
    Rule(
        "evidence says otherwise",
        ("evidence",),
        (FAILS,),
        CONTRADICTED,
        "The evidence, counted or rated, is not what the claim says of it.",
    ),
    Rule(
        "not told of all",
        ("evidence",),
        (OPEN,),
        UNCERTAIN,
        "Not every result that it speaks of is told.",
    ),
    Rule(
        "source says otherwise",
        ("source",),
        (FAILS,),
        NOT_SAID,
        "The study did or says something else.",
    ),
    Rule(
        "source does not name it",
        ("source",),
        (UNNAMED,),
        NOT_SAID,
        "The study does not say that it did this; the claim adds it.",
    ),
    Rule(
        "one study, in words",
        ("source",),
        (IN_WORDS,),
        UNCERTAIN,
        "A sentence or a p value of one study is no result that could be judged.",
    ),
    Rule(
        "tested in one meaning only",
        ("source",),
        (DEPENDS,),
        UNCERTAIN,
        "The words can be read in two ways, and it was tested in one of them only.",
    ),
    Rule(
        "amount is another",
        ("amount",),
        (FAILS,),
        CONTRADICTED,
        "The amount, worked out or looked up, is not what the claim says.",
    ),
    Rule(
        "not safe in every meaning",
        ("amount",),
        (DEPENDS,),
        CONTRADICTED,
        "A limit has to hold however the words can be read; in one of the readings it does not.",
    ),
    Rule(
        "nothing to test it by",
        ("none", *_EFFECTS, *_FACTS),
        (SILENT,),
        UNCHECKED,
        "Nothing that is known here can check it.",
    ),
)


def rule_for(family: str, state: str, certainty: str = "") -> Rule:
    """Return the first rule that fits.

    Parameters
    ----------
    family
        Of the test.
    state
        What it came to.
    certainty
        GRADE's level; empty where none is rated.

    Raises
    ------
    UnknownNameError
        When no rule is for such a state of such a test.
    """
    for rule in RULES:
        if rule.fits(family, state, certainty):
            return rule
    known = {state for rule in RULES if family in rule.families for state in rule.states}
    raise UnknownNameError(
        f"No rule is for a test of the family {family!r} that comes to {state!r}. "
        f"{did_you_mean(state, known)}"
    )


def worst_of(verdicts: tuple[str, ...]) -> int:
    """Return the place of the verdict that decides where all of several tests must hold.

    Parameters
    ----------
    verdicts
        One for each test.
    """
    ranks = [_WORST.index(verdict) for verdict in verdicts]
    return ranks.index(min(ranks))


def claim_rules() -> Table:
    """Return every rule as a table to be read, in the order in which they are tried."""
    frame = pd.DataFrame(
        {
            "rule": [rule.name for rule in RULES],
            "tests of": [", ".join(rule.families) for rule in RULES],
            "where it is": ["; ".join(rule.states) for rule in RULES],
            "and the certainty": [", ".join(rule.certainty) or "any" for rule in RULES],
            "verdict": [rule.verdict for rule in RULES],
            "because": [rule.because for rule in RULES],
        }
    )
    return Table(
        frame,
        caption="The rules of verdicts on claims; the first that fits counts",
        note="Where several tests must all hold, the worst verdict decides, in this order: "
        f"{', '.join(_WORST)}.",
    )
