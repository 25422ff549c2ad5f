"""The level that a body of evidence starts from, by the design of its studies.

References
----------
Balshem H, Helfand M, Schünemann HJ, et al. (2011). GRADE guidelines: 3. Rating the quality
of evidence. Journal of Clinical Epidemiology 64:401-406.
Schünemann HJ, Cuello C, Akl EA, et al. (2019). GRADE guidelines: 18. How ROBINS-I and other
tools to assess risk of bias in nonrandomized studies should be used to rate the certainty of a
body of evidence. Journal of Clinical Epidemiology 111:105-114.
"""

from __future__ import annotations

from collections.abc import Iterable

from evidence.appraisal.certainty.domain import LEVELS, Domain, Rule
from evidence.data import Review
from evidence.display import join_words, plural

__all__ = ["RANDOMISED", "START", "START_RULE", "starting_level"]

#: What the domain of the starting level is called.
START = "starting level"
#: The designs that allocate people, or the periods of one person, at random.
RANDOMISED = (
    "parallel trial",
    "crossover trial",
    "trial, design not known",
    "single-person trial",
)
#: The tool that compares a study with a randomised trial of the same question.
_ROBINS = "robins-i"

_REFERENCE = (
    "Balshem et al. 2011, GRADE guidelines 3, J Clin Epidemiol 64:401-406; "
    "Schünemann et al. 2019, GRADE guidelines 18, J Clin Epidemiol 111:105-114"
)

START_RULE = Rule(
    "design of the studies",
    ("each study's design", "the tool of its risk of bias"),
    "Randomised studies start high. A body with studies that were not randomised starts low, "
    "unless each of those was judged with ROBINS-I: then it starts high, and lack of "
    "randomisation is rated under risk of bias, mostly by two levels or more.",
    _REFERENCE,
)


def starting_level(review: Review, study_ids: Iterable[str]) -> Domain:
    """Return the level that a body of evidence starts from, as levels below high.

    Parameters
    ----------
    review
        The review.
    study_ids
        The studies behind the result.
    """
    ids = list(dict.fromkeys(study_ids))
    designs = {study: str(review.study(study)["design"]) for study in ids}
    others = [study for study, design in designs.items() if design not in RANDOMISED]
    facts: dict[str, object] = {"not randomised": len(others)}
    if not others:
        unknown = sum(design == "trial, design not known" for design in designs.values())
        reason = "Randomised trials start high."
        if unknown:
            taken = plural(unknown, "trial", "trials")
            reason += f" The design of {taken} is not known and taken as randomised."
        return Domain(START, 0, reason, _REFERENCE, facts, START_RULE)
    table = review.risk_of_bias
    tools = table["tool"].str.lower().str.startswith(_ROBINS)
    judged = set(table.loc[tools, "study_id"])
    names = join_words(review.label(study) for study in others)
    facts["judged with ROBINS-I"] = sum(study in judged for study in others)
    if judged.issuperset(others):
        reason = (
            f"{names} did not allocate at random and were judged with ROBINS-I, so the evidence "
            "starts high and their design is rated under risk of bias."
        )
        return Domain(START, 0, reason, _REFERENCE, facts, START_RULE)
    reason = f"{names} did not allocate at random, so the evidence starts low."
    return Domain(START, LEVELS.index("low"), reason, _REFERENCE, facts, START_RULE)
