"""What is said of when to take something, and what was tried: times in minutes before bed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import pandas as pd

from evidence.data import Review
from evidence.data.frames import each_row
from evidence.display import Display, Table, few_names, format_number, join_words, plural

__all__ = ["Timing", "appraise_timing", "read_minutes"]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MINUTES = {"minute": 1.0, "min": 1.0, "hour": 60.0, "h": 60.0}
_NUMBER = rf"(\d+(?:\.\d+)?|{'|'.join(_NUMBERS)})"
_SPAN = re.compile(
    rf"\b{_NUMBER}(?:\s*(?:-|\N{{EN DASH}}|to)\s*{_NUMBER})?\s*(minute|min|hour|h)s?\b",
    re.IGNORECASE,
)


#: Words of a comparator that is another time.
_WHEN = re.compile(
    r"\b(morning|noon|evening|bedtime|breakfast|dinner|meals?|minutes?|hours?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Timing(Display):
    """Times that claims name beside the times that studies used.

    Attributes
    ----------
    claims
        `claim_id`, `quote`, `low`, `high`: minutes; not a number where none are named.
    schedules
        `study_id`, `study`, `value`, `low`, `high`, `tier`: what studies did.
    silent
        Trials whose schedule is not told in what was read.
    compared
        Studies that have another time of taking as their comparator.
    """

    claims: pd.DataFrame
    schedules: pd.DataFrame
    silent: tuple[str, ...]
    compared: tuple[str, ...]

    @property
    def timed(self) -> pd.DataFrame:
        """The schedules that are in minutes."""
        return self.schedules[self.schedules["low"].notna()]

    def read(self) -> Table:
        """Return claims and schedules in one table to be read."""
        claimed = [
            ("claimed", row.claim_id, f"“{row.quote}”", _span(row.low, row.high))
            for row in each_row(self.claims)
        ]
        tried = [
            ("tried", row.study, row.value, _span(row.low, row.high))
            for row in each_row(self.schedules)
        ]
        frame = pd.DataFrame([*claimed, *tried], columns=["", "where", "in words", "minutes"])
        return Table(frame, caption=self.summary().splitlines()[0])

    def summary(self) -> str:
        """Return what was tried, how the claims lie to it, and that nothing was compared."""
        told = plural(self.schedules["study_id"].nunique(), "study", "studies")
        other = (
            f"another time of taking is what {join_words(self.compared)} compared with"
            if self.compared
            else "none of them, and no other study here, compares two times of taking"
        )
        lines = [(f"When it was taken is told of {told}; {other}.")]
        for row in each_row(self.timed):
            lines.append(f"{row.study}: {row.value}.")
            lines += [
                f"The claim {claim.claim_id} says {_span(claim.low, claim.high)} minutes: "
                f"{_against(claim.low, claim.high, row.low, row.high)} what {row.study} did "
                f"({_span(row.low, row.high)} minutes)."
                for claim in each_row(self.claims[self.claims["low"].notna()])
            ]
        lines += [
            f"{row.study}: {row.value}."
            for row in each_row(self.schedules[self.schedules["low"].isna()])
        ]
        if self.silent:
            lines.append(f"When it was taken is not told of {few_names(self.silent, 'trial')}.")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return the schedules."""
        return self.schedules.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not named."""
        return {
            name: table.astype(object).where(table.notna(), None).to_dict("records")
            for name, table in (("claims", self.claims), ("schedules", self.schedules))
        } | {"silent": list(self.silent), "compared": list(self.compared)}

    def _repr_html_(self) -> str:
        return self.read()._repr_html_()


def appraise_timing(review: Review) -> Timing:
    """Put what claims say of when to take something beside what studies did.

    Parameters
    ----------
    review
        The review: claims of the kind `timing`, and facts of studies on their `schedule`.

    References
    ----------
    Hoffmann TC, Glasziou PP, Boutron I, et al. (2014). Better reporting of interventions: template
    for intervention description and replication (TIDieR) checklist and guide. BMJ 348:g1687.
    """
    claims = review.claims
    mine = claims[claims["kind"].astype(str) == "timing"]
    claimed = [
        [str(row.claim_id), str(row.quote), *read_minutes(str(row.quote))] for row in each_row(mine)
    ]
    rows, silent = [], []
    for study in each_row(review.studies):
        study_id = str(study.study_id)
        facts = review.facts_of(study_id, "schedule", stage="")
        for row in each_row(facts):
            unit = str(row.unit).partition(" ")[0].rstrip("s")
            factor = _MINUTES.get(unit, math.nan)
            ends = (row.low, row.high) if not pd.isna(row.low) else (row.number, row.number)
            low, high = (float("nan") if pd.isna(end) else float(end) * factor for end in ends)
            rows.append([study_id, str(study.label), str(row.value), low, high, str(row.tier)])
        if facts.empty and str(study.role) == "trial" and str(study.status) != "registered":
            silent.append(str(study.label))
    return Timing(
        pd.DataFrame(claimed, columns=["claim_id", "quote", "low", "high"]),
        pd.DataFrame(rows, columns=["study_id", "study", "value", "low", "high", "tier"]),
        tuple(silent),
        tuple(
            str(study.label)
            for study in each_row(review.studies)
            if _WHEN.search(str(study.comparator)) and "placebo" not in str(study.comparator)
        ),
    )


def read_minutes(text: str) -> tuple[float, float]:
    """Return the first time in a text in minutes: ``one to two hours`` is 60 to 120.

    Parameters
    ----------
    text
        Words of a claim; without a time both are not a number.
    """
    found = _SPAN.search(text)
    if found is None:
        return math.nan, math.nan
    factor = _MINUTES[found[3].lower()]
    first = _value(found[1]) * factor
    return first, first if found[2] is None else _value(found[2]) * factor


def _value(word: str) -> float:
    return float(_NUMBERS.index(word.lower())) if word.lower() in _NUMBERS else float(word)


def _span(low: float, high: float) -> str:
    if math.isnan(low):
        return ""
    first, last = format_number(low, 0), format_number(high, 0)
    return first if first == last else f"{first} to {last}"


def _against(low: float, high: float, first: float, last: float) -> str:
    """Return where a claimed span lies to the one that was tried, as a sentence begins."""
    if low > last:
        return "earlier than"
    if high < first:
        return "later than"
    if low >= first and high <= last:
        return "within"
    if low == last or high == first:
        return "it shares one end with"
    return "it overlaps with"
