"""The phrases that verdicts are put into: GRADE's informative statements, in one place.

Reference
---------
Santesso N, Glenton C, Dahm P, et al. (2020). GRADE guidelines 26: informative statements to
communicate the findings of systematic reviews of interventions. Journal of Clinical
Epidemiology 119:126-135, table 2.
"""

from __future__ import annotations

from evidence.display import capital, format_interval, format_number
from evidence.errors import UnknownNameError, did_you_mean

__all__ = ["advantage", "statement"]

#: Third person for a plain statement, infinitive after "may" and "probably"'s verb.
_VERBS = {
    ("trivial", "benefit"): ("makes little to no difference to", "make little to no difference to"),
    ("trivial", "harm"): ("makes little to no difference to", "make little to no difference to"),
    ("important", "benefit"): ("improves", "improve"),
    ("important", "harm"): ("worsens", "worsen"),
    ("large", "benefit"): ("greatly improves", "greatly improve"),
    ("large", "harm"): ("greatly worsens", "greatly worsen"),
    ("unknown", "benefit"): ("improves", "improve"),
    ("unknown", "harm"): ("worsens", "worsen"),
}
#: The same for events that are counted, of which fewer are better.
_EVENT_VERBS = {
    ("trivial", "benefit"): ("makes little to no difference to", "make little to no difference to"),
    ("trivial", "harm"): ("makes little to no difference to", "make little to no difference to"),
    ("important", "benefit"): ("reduces", "reduce"),
    ("important", "harm"): ("increases", "increase"),
    ("large", "benefit"): ("greatly reduces", "greatly reduce"),
    ("large", "harm"): ("greatly increases", "greatly increase"),
    ("unknown", "benefit"): ("reduces", "reduce"),
    ("unknown", "harm"): ("increases", "increase"),
}

_TEMPLATES = {
    "high": "{treatment} {plain} {outcome}.",
    "moderate": "{treatment} probably {plain} {outcome}.",
    "low": "{treatment} may {infinitive} {outcome}.",
    "very low": "{treatment} may {infinitive} {outcome}, but the evidence is very uncertain.",
}


def statement(
    certainty: str,
    size: str,
    direction: str,
    treatment: str,
    outcome: str,
    *,
    events: bool = False,
    open_direction: bool = False,
) -> str:
    """Return the statement for one cell of GRADE's table.

    Parameters
    ----------
    certainty
        GRADE's level.
    size
        ``"trivial"``, ``"important"``, ``"large"`` or ``"unknown"``.
    direction
        ``"benefit"`` or ``"harm"``.
    treatment, outcome
        Names as they stand inside a sentence.
    events
        Whether the outcome is a count of events of which fewer are better.
    open_direction
        Whether the interval holds no effect. With very low certainty the statement then
        names no direction; GRADE's table offers both forms.
    """
    if certainty not in _TEMPLATES:
        hint = did_you_mean(certainty, _TEMPLATES)
        raise UnknownNameError(f"The certainty {certainty!r} is not known. {hint}")
    if (size, direction) not in _VERBS:
        known = sorted({name for name, _ in _VERBS})
        hint = did_you_mean(size, known)
        raise UnknownNameError(f"The size {size!r} with {direction!r} is not known. {hint}")
    if certainty == "very low" and open_direction:
        return f"The evidence is very uncertain about the effect of {treatment} on {outcome}."
    plain, infinitive = (_EVENT_VERBS if events else _VERBS)[size, direction]
    return _TEMPLATES[certainty].format(
        treatment=capital(treatment), plain=plain, infinitive=infinitive, outcome=outcome
    )


def advantage(
    benefit: float,
    low: float,
    high: float,
    *,
    unit: str,
    treatment: str,
    comparator: str,
    decimals: int = 1,
    level: float = 0.95,
) -> str:
    """Return an effect as a clause: how much better, with whom, and the interval.

    Parameters
    ----------
    benefit, low, high
        The effect with its interval, positive where the treatment is better.
    unit
        Unit as it stands after a number.
    treatment, comparator
        Names.
    decimals
        How many to show.
    level
        Level of the interval.
    """
    interval = f"{100 * level:g}% CI {format_interval(low, high, decimals)}"
    size = format_number(abs(benefit), decimals)
    if float(f"{benefit:.{decimals}f}") == 0:
        return f"no difference between {treatment} and {comparator} ({interval})"
    winner, other = (treatment, comparator) if benefit > 0 else (comparator, treatment)
    turned = "" if benefit > 0 else f", as the benefit of {treatment}"
    return f"{size} {unit} better with {winner} than with {other} ({interval}{turned})"
