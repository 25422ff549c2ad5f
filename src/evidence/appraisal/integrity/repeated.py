"""Means and SDs that are printed twice, for two things that were measured apart.

That two samples agree in every printed digit happens by chance, too, and often where few
digits are printed. The chance is worked out as if both came from one population, which
makes it largest: the difference of two means has a standard deviation of SD √(1/n₁ + 1/n₂), that of
two SDs one of about SD √(1/2n₁ + 1/2n₂), and agreement to a unit u of the last digit a probability
of about u over √(2π) times that, at most 1. Of the same people measured twice it is taken for
more likely by a named factor. What is found is said only where as many pairs as were
compared would give less than one such match in a thousand studies.

References
----------
Bordewijk EM, Li W, van Eekelen R, et al. (2021). Methods to assess research misconduct in
health-related research: a scoping review. Journal of Clinical Epidemiology 136:189-202.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import contradicted, untestable
from evidence.data import ReportedNumber
from evidence.display import join_words, plural

__all__ = ["PrintedSummary", "chance_of_match", "repeated_summaries"]

_REFERENCE = "Bordewijk et al. 2021, Journal of Clinical Epidemiology 136:189-202"
_NAME = "the same mean and SD twice"
#: Matches by chance, among all pairs of a study, from which on nothing is said.
MOST_BY_CHANCE = 0.001
#: How much likelier a match is where the same people were measured twice: with a
#: correlation of 0.9 both differences are √(1 − 0.9) times as large or about 0.3, together a tenth.
SAME_PEOPLE = 10.0


@dataclass(frozen=True, slots=True)
class PrintedSummary:
    """A mean and an SD of one group, with what they are of.

    Attributes
    ----------
    what
        For a sentence: outcome, time and group.
    people
        Which people: summaries with the same name are of the same people.
    mean, sd
        As printed.
    n
        People behind it.
    line
        Where it stands.
    """

    what: str
    people: str
    mean: ReportedNumber
    sd: ReportedNumber
    n: int
    line: int = 0


def chance_of_match(first: PrintedSummary, second: PrintedSummary) -> float:
    """Return how likely two samples of one population print alike, in mean and SD.

    Parameters
    ----------
    first, second
        The two; the SD of the first stands for the population's.

    References
    ----------
    See `evidence.appraisal.integrity.repeated`.
    """
    sd = first.sd.value
    if sd <= 0 or min(first.n, second.n) < 2:
        return 1.0
    between = sd * math.sqrt(1 / first.n + 1 / second.n)
    spreads = sd * math.sqrt(1 / (2 * first.n) + 1 / (2 * second.n))
    units = 2 * first.mean.half_unit, 2 * first.sd.half_unit
    normal = math.sqrt(2 * math.pi)
    chance = min(units[0] / (normal * between), 1.0) * min(units[1] / (normal * spreads), 1.0)
    return min(chance * (SAME_PEOPLE if first.people == second.people else 1.0), 1.0)


def repeated_summaries(summaries: Sequence[PrintedSummary]) -> Check:
    """Look for means and SDs of one study that agree in every digit.

    Parameters
    ----------
    summaries
        Of one study, each of another outcome, time or group.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.repeated`.
    """
    pairs = list(combinations(summaries, 2))
    if not pairs:
        return untestable(
            _NAME,
            "Fewer than two means with an SD and a number of people are in what was read.",
            _REFERENCE,
        )
    rows = [
        (a.what, b.what, a.mean.text, a.sd.text, chance_of_match(a, b), a.line, b.line)
        for a, b in pairs
        if a.mean.text == b.mean.text and a.sd.text == b.sd.text
    ]
    table = pd.DataFrame(
        rows, columns=["one", "other", "mean", "sd", "chance", "line_one", "line_other"]
    )
    table["by_chance"] = (table["chance"] * len(pairs)).clip(upper=1.0)
    odd = table[table["by_chance"] < MOST_BY_CHANCE]
    compared = plural(len(pairs), "pair") + " of means and SDs"
    fine = f"{compared} {'was' if len(pairs) == 1 else 'were'} compared: none agrees in every digit"
    if len(table):
        fine = f"{compared} were compared: what agrees has so few digits that chance explains it"
    told = join_words(
        f"{one} and {other} ({mean}, SD {sd})"
        for one, other, mean, sd in zip(
            odd["one"], odd["other"], odd["mean"], odd["sd"], strict=True
        )
    )
    return contradicted(
        _NAME,
        len(odd) > 0,
        fine=(f"{fine[:1].upper()}{fine[1:]}."),
        wrong=(
            f"The same mean and SD are printed for {told}. Chance alone would do so in fewer than "
            "one of a thousand studies with as many numbers: was one of them copied?"
        ),
        table=table,
        reference=_REFERENCE,
    )
