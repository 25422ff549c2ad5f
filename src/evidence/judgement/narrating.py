"""Any result as sentences: one door, two reading levels.

References
----------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from evidence.appraisal.certainty import Certainty
from evidence.data import Review
from evidence.display import Display, Prose, join_words
from evidence.errors import InvalidArgumentError
from evidence.judgement.language import english as words
from evidence.judgement.narrators.around import Around
from evidence.judgement.topic import Topic
from evidence.judgement.verdicts import Stick

__all__ = ["LEVELS", "NARRATED", "narrate"]

#: Whom a result can be told to.
LEVELS = ("reader", "analyst")
_EFFECTS = "evidence.judgement.narrators.effects"
_JUDGEMENTS = "evidence.judgement.narrators.judgements"

#: Which function tells which class. A class of another module is added with one line.
NARRATED = {
    "AnalysisConclusion": f"{_EFFECTS}:tell_analysis",
    "BayesResult": f"{_EFFECTS}:tell_bayes",
    "Certainty": f"{_JUDGEMENTS}:tell_certainty",
    "ClaimAudit": f"{_JUDGEMENTS}:tell_claims",
    "Conclusions": f"{_JUDGEMENTS}:tell_conclusions",
    "DirectionSynthesis": f"{_JUDGEMENTS}:tell_direction",
    "Directness": f"{_JUDGEMENTS}:tell_directness",
    "EffectSizes": f"{_EFFECTS}:tell_effects",
    "Gaps": f"{_JUDGEMENTS}:tell_gaps",
    "HarmsComparison": f"{_JUDGEMENTS}:tell_harms",
    "HarmsTogether": f"{_JUDGEMENTS}:tell_harms_together",
    "Headline": f"{_EFFECTS}:tell_headline",
    "MissingEvidence": f"{_JUDGEMENTS}:tell_missing",
    "Multiverse": f"{_JUDGEMENTS}:tell_multiverse",
    "PooledResult": f"{_EFFECTS}:tell_pooled",
    "Scenario": f"{_EFFECTS}:tell_scenario",
    "SubgroupResult": f"{_EFFECTS}:tell_subgroups",
    "Synthesis": f"{_EFFECTS}:tell_synthesis",
    "ThresholdComparison": f"{_EFFECTS}:tell_thresholds",
    "TrialAppraisal": f"{_JUDGEMENTS}:tell_trial",
    "Verdict": f"{_EFFECTS}:tell_verdict",
    "Verdicts": f"{_EFFECTS}:tell_verdicts",
}
#: Of these, analysts are told without a topic by the result's own summary.
_NEED_TOPIC = ("BayesResult", "EffectSizes", "PooledResult", "SubgroupResult", "Synthesis")


def narrate(
    result: object,
    *,
    level: str = "reader",
    about: Topic | None = None,
    review: Review | None = None,
    thresholds: Stick | Iterable[Stick] | None = None,
    certainty: str | Certainty | None = None,
) -> Prose:
    """Tell a result in sentences: GRADE's wording, units, direction, intervals in words.

    Parameters
    ----------
    result
        Any result: a pooled result, a planned analysis, the appraisal of a trial, a rating of
        certainty, harms, missing evidence and so on.
    level
        ``"reader"`` for everybody: no p values, no methods. ``"analyst"`` adds these, and can
        tell everything that has a `summary`.
    about
        What the numbers are about, where no review tells: names, measure, unit and which way
        is better.
    review
        The review it is of; names, thresholds and certainty are taken from it.
    thresholds, certainty
        As for `evidence.verdict`.

    Returns
    -------
    Prose
        Paragraphs; a notebook shows them as such.

    Raises
    ------
    InvalidArgumentError
        When the level is not known, when the result cannot be narrated (the message lists what
        can), or when nobody says which way is better.

    Examples
    --------
    >>> from evidence.judgement import Topic
    >>> from evidence.synthesis import pool
    >>> tea = Topic(treatment="tea", comparator="water", outcome="nap trouble", better="lower",
    ...             measure="mean difference", unit="points")
    >>> result = pool([-3.0, -4.0, -2.5], standard_errors=[0.5, 0.6, 0.4])
    >>> print(narrate(result, about=tea, thresholds=1.5, certainty="low").paragraphs[0])
    Tea may result in a large improvement in nap trouble.

    References
    ----------
    See `evidence.judgement.narrating`.
    """
    if level not in LEVELS:
        raise InvalidArgumentError(
            f"level is {level!r}; it must be {join_words(map(repr, LEVELS), 'or')}."
        )
    around = Around(level == "analyst", about, review, thresholds, certainty)
    name = type(result).__name__
    bare = around.analyst and about is None and review is None and name in _NEED_TOPIC
    if name in NARRATED and type(result).__module__.startswith("evidence.") and not bare:
        return Prose(*_teller(name)(result, around))
    if around.analyst and hasattr(result, "summary"):
        lines = str(result.summary()).splitlines()
        return Prose(*(line.strip() for line in lines if line.strip()))
    given = f"A result of type {name}" if isinstance(result, Display) else f"{name}"
    form = words.NO_NARRATION if hasattr(result, "summary") else words.NOT_A_RESULT
    raise InvalidArgumentError(form.format(given=given, known=", ".join(NARRATED)))


def _teller(name: str) -> Callable[[Any, Around], list[str]]:
    module, _, function = NARRATED[name].partition(":")
    found: Callable[[Any, Around], list[str]] = getattr(import_module(module), function)
    return found
