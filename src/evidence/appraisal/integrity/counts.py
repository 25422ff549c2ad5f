"""Whether a percentage is one of so many people, and which count it stands for.

References
----------
Brown NJL, Heathers JAJ (2017). The GRIM test: a simple technique detects numerous anomalies in
the reporting of results in psychology. Social Psychological and Personality Science 8:363-369.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from evidence.appraisal.check import OK, Check
from evidence.appraisal.integrity.printed import (
    Printed,
    as_count,
    as_reported,
    contradicted,
    exact,
    rounded_span,
    span,
    untestable,
)
from evidence.display import format_number, join_words
from evidence.errors import InvalidArgumentError

__all__ = ["counts_of_percentage", "percentage_of", "percentage_of_some"]

_REFERENCE = "Brown and Heathers 2017, Social Psychological and Personality Science 8:363-369"
_NAME = "percentage against people"


def counts_of_percentage(percentage: Printed, n: int, *, cut_off: bool = True) -> range:
    """Return the counts among n people that print as a percentage.

    Parameters
    ----------
    percentage
        As printed, as text, without its sign.
    n
        How many people.
    cut_off
        Whether digits may have been cut off instead of rounded.

    References
    ----------
    See `evidence.appraisal.integrity.counts`.
    """
    number, people = as_reported("percentage", percentage), as_count("n", n)
    if not 0 <= number.value <= 100:
        raise InvalidArgumentError(f"percentage is {number}; it must lie between 0 and 100.")
    low, high = span(number) if cut_off else rounded_span(number)
    return range(
        max(math.ceil(low * people / 100), 0), min(math.floor(high * people / 100), people) + 1
    )


def percentage_of(percentage: Printed, n: int, count: int | None = None) -> Check:
    """Check whether a percentage is one of n people, or of the count that is printed beside it.

    Parameters
    ----------
    percentage
        As printed, as text, without its sign.
    n
        How many people it is said to be of.
    count
        How many of them, if that is printed too.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.counts`.
    """
    number, people = as_reported("percentage", percentage), as_count("n", n)
    counts = counts_of_percentage(number, people)
    table = _table(people, counts)
    if count is not None:
        given = as_count("count", count, 0)
        if given > people:
            raise InvalidArgumentError(f"count is {count}; it must be at most n, which is {n}.")
        decimals = number.decimals + 1
        share = format_number(100 * given / people, decimals)
        return contradicted(
            _NAME,
            given not in counts,
            fine=(f"{given} of {people} are {number}%."),
            wrong=(
                f"{given} of {people} are {share}%; {number}% is printed. These cannot all be "
                "right as printed."
            ),
            table=table,
            reference=_REFERENCE,
        )
    low, high = rounded_span(number)
    if exact("", "100") / people <= high - low:
        return untestable(
            _NAME,
            f"Among {people} people any percentage of {number.decimals} decimals can occur.",
            _REFERENCE,
            table,
        )
    place = exact("percentage", number.text) * people / 100
    near = sorted({math.floor(place), math.ceil(place)})
    told = " and ".join(
        f"{c} of {people} are {format_number(100 * c / people, number.decimals + 1)}%" for c in near
    )
    return contradicted(
        _NAME,
        not counts,
        fine=(f"{number}% {'is' if len(counts) == 1 else 'can be'} {_counts(counts)} of {people}."),
        wrong=(
            f"{number}% is no count of {people} people ({told}). These cannot both be right as "
            "printed."
        ),
        table=table,
        reference=_REFERENCE,
    )


def percentage_of_some(percentage: Printed, groups: Mapping[str, int]) -> Check:
    """Say of which group a percentage can be, where its own number of people is not printed.

    It is never called a contradiction: a percentage may be of people that nobody counted.

    Parameters
    ----------
    percentage
        As printed, as text, without its sign.
    groups
        Numbers of people that are printed, by what they are: ``{"of those who finished": 41}``.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.counts`.
    """
    number = as_reported("percentage", percentage)
    if not groups:
        return untestable(
            _NAME, f"{number}% of how many people is not in what was read.", _REFERENCE
        )
    found = {words: percentage_of(number, n) for words, n in groups.items()}
    fitting = [
        f"{_counts(counts_of_percentage(number, n))} of {n} ({words})"
        for words, n in groups.items()
        if found[words].status == OK
    ]
    wrong = [
        f"{n} ({words})" for words, n in groups.items() if len(counts_of_percentage(number, n)) == 0
    ]
    table = pd.concat(
        [each.table.assign(people=words) for words, each in found.items()], ignore_index=True
    )
    if not fitting:
        why = (
            f"{number}% is no count of {join_words(wrong, 'or')}; of how many people it is, is "
            "not printed."
            if wrong
            else f"Among {join_words(map(str, groups.values()))} people any percentage of "
            f"{number.decimals} decimals can occur."
        )
        return untestable(_NAME, why, _REFERENCE, table)
    but = f", and no count of {join_words(wrong, 'or')}" if wrong else ""
    return contradicted(
        _NAME,
        False,
        fine=(f"{number}% can be {join_words(fitting, 'or')}{but}."),
        wrong=(""),
        table=table,
        reference=_REFERENCE,
    )


def _counts(counts: range) -> str:
    if not counts:
        return "no count"
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def _table(n: int, counts: range) -> pd.DataFrame:
    rows = [(count, n, 100 * count / n) for count in counts]
    return pd.DataFrame(rows, columns=["count", "n", "percentage"])
