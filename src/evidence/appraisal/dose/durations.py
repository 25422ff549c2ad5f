"""How long a study lasted, in days, from its facts or the times at which it measured."""

from __future__ import annotations

import math
import re

import pandas as pd

from evidence.data import Review
from evidence.data.frames import each_row

__all__ = ["days_in_words", "longest_days", "read_days"]

_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
_TIME = re.compile(
    r"(?:(?P<before>\d+(?:\.\d+)?)\s*-?\s*)?(?P<unit>day|week|month|year)s?\b"
    r"(?:\s*(?P<after>\d+(?:\.\d+)?))?",
    re.IGNORECASE,
)


def read_days(text: str) -> float:
    """Return a time such as ``4 weeks`` or ``week 4`` in days; not a number where it is none.

    Parameters
    ----------
    text
        The time, as reported. Of several the longest counts.
    """
    found = [
        float(number) * _DAYS[each["unit"].lower()]
        for each in _TIME.finditer(text)
        if (number := each["before"] or each["after"])
    ]
    return max(found, default=math.nan)


def longest_days(review: Review, study_id: str) -> float:
    """Return for how many days a study's treatment was taken; not a number where not known.

    Parameters
    ----------
    review
        The review.
    study_id
        The study. Its facts come first; without them the latest time it measured at counts.
    """
    facts = review.facts_of(study_id, "duration")
    found = [
        float(row.number) * _DAYS[unit]
        for row in each_row(facts)
        if not pd.isna(row.number) and (unit := str(row.unit).rstrip("s")) in _DAYS
    ]
    if not found:
        times = [
            str(time)
            for table in (review.arms, review.contrasts)
            for time in table.loc[table["study_id"] == study_id, "timepoint"]
        ]
        found = [days for time in times if not math.isnan(days := read_days(time))]
    return max(found, default=math.nan)


def days_in_words(days: float) -> str:
    """Return a number of days as it is said: ``5 days``, ``8 weeks``.

    Parameters
    ----------
    days
        The number; not a number gives ``"not known"``.
    """
    if math.isnan(days):
        return "not known"
    months = days / _DAYS["month"]
    if days > 45 and abs(months - round(months)) < 0.01:
        return f"{months:.0f} months"
    if days < 14:
        return f"{days:.0f} day{'' if round(days) == 1 else 's'}"
    weeks = days / 7
    return f"{weeks:.0f} weeks" if abs(weeks - round(weeks)) < 0.15 else f"{days:.0f} days"
