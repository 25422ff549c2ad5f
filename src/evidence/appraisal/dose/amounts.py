"""A reported dose as milligrams a day, with what its printed digits leave open."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from evidence.data import Review
from evidence.data.formula import atomic_weight, charges

__all__ = ["Amount", "daily_amount", "milligrams"]

_MASSES = {"mg": 1.0, "g": 1000.0, "µg": 0.001, "μg": 0.001, "ug": 0.001, "mcg": 0.001}
_TIMES = {"once": 1, "twice": 2, "three times": 3, "four times": 4}
#: What a daily dose may be counted in; without a time, the item itself says that it is daily.
_UNIT = re.compile(
    r"(?P<unit>mg|g|µg|μg|ug|mcg|mmol|meq)"
    r"(?:\s*/\s*d(?:ay)?|\s+(?:a|per)\s+day|,?\s+(?P<times>once|twice|three times|four times)"
    r"\s+(?:a\s+day|daily))?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A dose in milligrams a day.

    Attributes
    ----------
    low, high
        Its ends as printed; equal where one number is printed.
    lowest, highest
        What the last printed digit leaves open.
    """

    low: float
    high: float
    lowest: float
    highest: float

    def times(self, factor: float, largest: float | None = None) -> Amount:
        """Return the amount multiplied by a factor, or by the two ends of one.

        Parameters
        ----------
        factor, largest
            The factor, or its smallest and largest value.
        """
        most = factor if largest is None else largest
        return Amount(
            self.low * factor, self.high * most, self.lowest * factor, self.highest * most
        )

    def meets(self, other: Amount) -> bool:
        """Whether both can be right as printed."""
        return self.lowest <= other.highest and other.lowest <= self.highest

    def joined(self, other: Amount) -> Amount:
        """Return the amount that spans both."""
        return Amount(
            min(self.low, other.low),
            max(self.high, other.high),
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
        )


def milligrams(unit: str, element: str = "") -> float:
    """Return how many milligrams a day one of a unit is; not a number where that is not known.

    Parameters
    ----------
    unit
        For example ``"mg/day"``, ``"mg, twice a day"`` or ``"mmol/day"``.
    element
        The element that moles and equivalents are of; without one they cannot be weighed.
    """
    found = _UNIT.fullmatch(unit.strip().replace("mEq", "meq"))
    if found is None:
        return math.nan
    times = _TIMES[found["times"]] if found["times"] else 1
    name = found["unit"]
    if name in _MASSES:
        return _MASSES[name] * times
    if not element:
        return math.nan
    weight = atomic_weight(element) * times
    if name == "mmol":
        return weight
    known = charges(element)
    return weight / known[0] if len(known) == 1 else math.nan


def daily_amount(review: Review, line: int, element: str = "") -> Amount | None:
    """Return the dose in a row of `study_facts.csv`, or None where it holds no weight a day.

    Parameters
    ----------
    review
        The review.
    line
        The row's line in the file.
    element
        The element that moles and equivalents are of.
    """
    row = review.tables["study_facts"].loc[line]
    factor = milligrams(str(row["unit"]), element)
    if math.isnan(factor):
        return None
    first, last = (review.number("study_facts", line, column) for column in ("low", "high"))
    if first is None or last is None:
        first = last = review.number("study_facts", line, "number")
    if first is None or last is None or first.value <= 0:
        return None
    return Amount(first.value, last.value, first.low, last.high).times(factor)
