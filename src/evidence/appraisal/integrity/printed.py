"""What a printed number can stand for, whichever way it was rounded."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.data import ReportedNumber
from evidence.display import MINUS
from evidence.errors import InvalidArgumentError

__all__ = [
    "ROUNDING",
    "Printed",
    "Span",
    "as_count",
    "as_reported",
    "contradicted",
    "exact",
    "fits",
    "meet",
    "rounded_span",
    "span",
    "typeset",
    "untestable",
]

#: A number with its digits: text, or a `ReportedNumber`.
Printed = str | ReportedNumber
#: Lowest and highest value, both included.
Span = tuple[float, float]
#: Said once for every check.
ROUNDING = "rounded half up, half to even, or cut off"
#: Of the size of a number: what floating point may lose, and no printed digit shows.
_LOST = 1e-9
_SIGN = re.compile(r"(?<![\w.)])-(?=[\d.])")


def typeset(text: str) -> str:
    """Return a sentence with its signs as they are typeset.

    Parameters
    ----------
    text
        With numbers as they were printed.
    """
    return _SIGN.sub(MINUS, text).replace("<= ", "\N{LESS-THAN OR EQUAL TO} ")


def as_reported(name: str, value: Printed) -> ReportedNumber:
    """Return a number with its digits, and refuse one that has lost them.

    Parameters
    ----------
    name
        Of the argument, for the message.
    value
        What was given.
    """
    if isinstance(value, ReportedNumber):
        return value
    if isinstance(value, str):
        return ReportedNumber(value.strip())
    raise InvalidArgumentError(
        f"{name} is {value!r}, a number without its digits. Give it as it was printed, as text: "
        "'5.10' is not '5.1'."
    )


def as_count(name: str, value: object, least: int = 1) -> int:
    """Return a count of people, refused where it is none.

    Parameters
    ----------
    name
        Of the argument, for the message.
    value
        What was given.
    least
        The smallest that makes sense.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        finite = math.isfinite(value)
        if finite and int(value) == value and value >= least:
            return int(value)
    raise InvalidArgumentError(f"{name} is {value!r}; it must be a whole number from {least} on.")


def exact(name: str, value: float | str | Fraction) -> Fraction:
    """Return a number without any loss; a float is taken as it is written.

    Parameters
    ----------
    name
        Of the argument, for the message.
    value
        What was given.
    """
    if isinstance(value, Fraction):
        return value
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite():
        raise InvalidArgumentError(f"{name} is {value!r}; it must be a finite number.")
    return Fraction(found)


def rounded_span(number: ReportedNumber) -> tuple[Fraction, Fraction]:
    """Return the lowest and the highest value that round to a printed number.

    Both ends are included: half up sends one of them here, half to even the other.

    Parameters
    ----------
    number
        As printed.
    """
    middle, half = Fraction(Decimal(number.text)), Fraction(Decimal(str(number.half_unit)))
    return middle - half, middle + half


def span(number: ReportedNumber) -> tuple[Fraction, Fraction]:
    """Return what a printed number can stand for, also where its digits were cut off.

    Cutting off takes away up to a whole unit of the last digit, towards zero.

    Parameters
    ----------
    number
        As printed.
    """
    low, high = rounded_span(number)
    half = (high - low) / 2
    if number.value >= 0:
        high += half
    if number.value <= 0:
        low -= half
    return low, high


def fits(number: ReportedNumber, *, least: float | None = None) -> Span:
    """Return `span` as floats.

    Parameters
    ----------
    number
        As printed.
    least
        What the number cannot be below, such as 0 for an SD.
    """
    low, high = (float(end) for end in span(number))
    return (low if least is None else max(low, min(least, number.value))), high


def meet(first: Span, second: Span) -> bool:
    """Whether two ranges have a value in common, but for what floating point loses.

    Parameters
    ----------
    first, second
        Ranges; an end may be infinite.
    """
    slack = _LOST * max(*(abs(end) for end in (*first, *second) if abs(end) < 1e300), 1e-300)
    return first[0] <= second[1] + slack and second[0] <= first[1] + slack


def untestable(name: str, why: str, reference: str, table: pd.DataFrame | None = None) -> Check:
    """Return a check that says why it says nothing.

    Parameters
    ----------
    name, why, reference
        Of the check.
    table
        The numbers behind it, if any.
    """
    rows = pd.DataFrame() if table is None else table
    return Check(
        name=name,
        status=CANNOT_BE_TESTED,
        sentence=typeset(why),
        table=rows,
        reference=reference,
    )


def contradicted(
    name: str,
    bad: bool,
    *,
    fine: str,
    wrong: str,
    table: pd.DataFrame,
    reference: str,
) -> Check:
    """Return a check with one of two sentences.

    Parameters
    ----------
    name, table, reference
        Of the check.
    bad
        Whether the reports cannot be right together.
    fine, wrong
        What to say where they can, and where they cannot.
    """
    return Check(
        name=name,
        status=CONTRADICTION if bad else OK,
        sentence=typeset(wrong if bad else fine),
        table=table,
        reference=reference,
    )
