"""The rules by which an effect gets its verdict: one table, each rule with its source.

A verdict has four parts. Its *size* holds the estimate against a threshold, the smallest
difference that matters. Its *direction* is the sign of the estimate. How it depends on the
*thresholds* is asked where there are several. Its *statement* is GRADE's wording for its size
and certainty. `evidence.judgement.verdict` applies the table and adds nothing to it.

References
----------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135.
Zeng L, Brignardello-Petersen R, Hultcrantz M, et al. (2021). GRADE guidelines 32: GRADE offers
guidance on choosing targets of GRADE certainty of evidence ratings. Journal of Clinical
Epidemiology 137:163-175.
Zeng L, Brignardello-Petersen R, Hultcrantz M, et al. (2022). GRADE guidance 34: update on rating
imprecision using a minimally contextualized approach. Journal of Clinical Epidemiology
150:216-224.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.display import Table

__all__ = ["LARGE_FACTOR", "RULES", "TRIVIAL_SHARE", "Rule", "rule", "rule_table"]

#: Up to which share of the threshold an effect is called trivial; from there to the threshold
#: it is below what matters. GRADE's statements treat both alike; half is this project's choice.
TRIVIAL_SHARE = 0.5
#: From how many times the threshold on an effect is called large. The source leaves the
#: cut to the user; the double keeps "large" for what no reader would call small.
LARGE_FACTOR = 2.0

_G26 = "GRADE guidelines 26 (Santesso et al. 2020)"
_G32 = "GRADE guidelines 32 (Zeng et al. 2021)"
_G34 = "GRADE guidance 34 (Zeng et al. 2022)"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what has to be so, and what follows.

    Attributes
    ----------
    id
        A short stable name.
    part
        ``"size"``, ``"direction"``, ``"thresholds"`` or ``"statement"``.
    when
        What has to be so, in words.
    gives
        What follows.
    reference
        Where it is from; empty for a convention of this project.
    own
        Whether a figure or a choice in it is this project's own.
    start
        Of a size: from how many times the threshold on.
    """

    id: str
    part: str
    when: str
    gives: str
    reference: str = ""
    own: bool = False
    start: float | None = None


RULES = (
    Rule("no-threshold", "size", "nobody said which difference matters", "unknown", _G32),
    Rule("no-difference", "size", "the estimate is no difference at all", "trivial", _G26),
    Rule(
        "trivial",
        "size",
        "it is smaller than half of what matters",
        "trivial",
        f"{_G26}: trivial, small unimportant or no effect; the cut is our own",
        own=True,
        start=0.0,
    ),
    Rule(
        "below-what-matters",
        "size",
        "it is at least half of what matters, and less than that",
        "below what matters",
        f"{_G26}: trivial, small unimportant or no effect; the cut is our own",
        own=True,
        start=TRIVIAL_SHARE,
    ),
    Rule("matters", "size", "it is at least what matters", "important", _G34, start=1.0),
    Rule(
        "large",
        "size",
        "it is at least twice what matters",
        "large",
        f"{_G26} has the word and leaves the cut to the user",
        own=True,
        start=LARGE_FACTOR,
    ),
    Rule("better", "direction", "the estimate favours the treatment", "benefit", _G26),
    Rule("worse", "direction", "the estimate favours the control", "harm", _G26),
    Rule("neither", "direction", "the estimate favours neither", "benefit", own=True),
    Rule("none-known", "thresholds", "there is no threshold", "the size is not judged", _G32),
    Rule("one", "thresholds", "there is one threshold", "the size is by that one", _G34),
    Rule(
        "agree",
        "thresholds",
        "all thresholds give the same size",
        "the size does not depend on which",
        own=True,
    ),
    Rule(
        "other-word",
        "thresholds",
        "by all thresholds it matters, or by none, but the words differ",
        "the size is by the smallest; whether it matters does not depend on which",
        own=True,
    ),
    Rule(
        "depends",
        "thresholds",
        "it matters by some thresholds and not by others",
        "the size is by the smallest; whether it matters depends on which",
        own=True,
    ),
    Rule("high", "statement", "certainty is high", "a plain statement", _G26),
    Rule("moderate", "statement", "certainty is moderate", "probably", _G26),
    Rule("low", "statement", "certainty is low", "may", _G26),
    Rule(
        "very-low",
        "statement",
        "certainty is very low and the interval leaves no effect out",
        "may, but the evidence is very uncertain",
        _G26,
    ),
    Rule(
        "very-low-open",
        "statement",
        "certainty is very low and the interval holds no effect",
        "the evidence is very uncertain",
        f"{_G26} offers both forms; which is taken when is our own",
        own=True,
    ),
    Rule(
        "not-rated",
        "statement",
        "nobody rated the certainty, and the interval leaves no effect out",
        "what was found, and that nobody rated it",
        own=True,
    ),
    Rule(
        "not-rated-open",
        "statement",
        "nobody rated the certainty, and the interval holds no effect",
        "the direction is open, and nobody rated it",
        own=True,
    ),
)


def rule(name: str) -> Rule:
    """Return a rule by its short name."""
    return next(one for one in RULES if one.id == name)


def rule_table(fired: tuple[Rule, ...] = RULES) -> Table:
    """Return rules as a table to be read.

    Parameters
    ----------
    fired
        Which ones; all of them unless said otherwise.
    """
    import pandas as pd

    rows = [(one.part, one.when, one.gives, one.reference or "our own convention") for one in fired]
    frame = pd.DataFrame(rows, columns=["part", "if", "then", "from"])
    return Table(frame, caption="The rules of a verdict")
