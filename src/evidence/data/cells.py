"""One cell against its column: what is wrong with it, and what was probably meant.

A cell is never mended here. A number that is written in another way than the schema
asks for is a problem with a suggestion, because only a person can know what it means.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from difflib import get_close_matches

from evidence.data.not_a_number import why_not_a_number
from evidence.data.problems import Problem
from evidence.data.reported import ReportedNumber
from evidence.data.schema import IDENTIFIER, QUOTE_WORDS, Column, Kind

__all__ = ["check_cell", "identifier_like"]

#: A cell longer than this is no cell (a lost quotation mark swallows the rest of a file).
CELL_LIMIT = 5_000
#: Above this a float no longer tells two neighbouring counts apart.
_COUNT_LIMIT = 2**53

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: Marks that turn the direction of writing around, so that a cell reads as what it is not.
_TURNED = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def check_cell(file: str, line: int, column: Column, text: str) -> Problem | None:
    """Check one cell against its column.

    Parameters
    ----------
    file, line
        Where the cell stands.
    column
        Its column.
    text
        What it holds.

    Returns
    -------
    Problem or None
        None when the cell is fine.
    """
    wrong = _whats_wrong(column, text)
    if wrong is None:
        return None
    message, advice = wrong
    return Problem(file, line, column.name, message, text, column.accepted, advice)


def identifier_like(text: str) -> str:
    """Return an identifier that resembles `text`, as a suggestion."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._-]+", "-", plain)[:40].strip("-._") or "name-1"


def _whats_wrong(column: Column, text: str) -> tuple[str, str] | None:
    if not text:
        advice = "Fill it; a row that cannot have it does not belong here."
        return ("the cell is empty and must not be.", advice) if column.required else None
    if len(text) > CELL_LIMIT:
        advice = "Look for a quotation mark that is not closed."
        return f"the cell is far too long: {len(text):,} characters.", advice
    if _CONTROL.search(text):
        return "the cell holds control characters.", "Type the cell again."
    if _TURNED.search(text):
        return "the cell holds marks that turn the writing around.", "Type the cell again."
    if "\N{REPLACEMENT CHARACTER}" in text:
        advice = "Go back to the original: a character was lost when the file was saved."
        return "the cell holds a replacement character.", advice
    return _wrong_kind(column, text)


def _wrong_kind(column: Column, text: str) -> tuple[str, str] | None:
    match column.kind:
        case Kind.CHOICE:
            return _check_choice(column, text)
        case Kind.COUNT | Kind.NUMBER:
            return _check_number(column, text)
        case Kind.DATE:
            return _check_date(text)
        case Kind.IDENTIFIER if column.reference is None:
            # Where the value must exist elsewhere, that check says more than this one could.
            return _check_identifier(text)
        case Kind.QUOTE:
            return _check_quote(text)
        case Kind.URL:
            return _check_url(text)
    return None


def _check_choice(column: Column, text: str) -> tuple[str, str] | None:
    if text in column.choices:
        return None
    if column.name == "tier" and text.lower() == "misreported":
        advice = "A number known to be misreported stays out of the tables; tell of it in a note."
        return "this tier never enters the tables.", advice
    near = get_close_matches(text.lower(), column.choices, n=1, cutoff=0.5)
    advice = f"Did you mean {near[0]!r}?" if near else ""
    return "the word is not one of the accepted ones.", advice


def _check_identifier(text: str) -> tuple[str, str] | None:
    if IDENTIFIER.fullmatch(text):
        return None
    return "this cannot be an identifier.", f"For example {identifier_like(text)!r}."


def _check_date(text: str) -> tuple[str, str] | None:
    message = "this is not a date."
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return message, "Write year, month, day: 2025-08-31."
    try:
        date.fromisoformat(text)
    except ValueError:
        return message, "The calendar has no such day."
    return None


def _check_quote(text: str) -> tuple[str, str] | None:
    words = len(text.split())
    if words <= QUOTE_WORDS:
        return None
    return f"the quote has {words} words.", "Keep the words that carry the number."


def _check_url(text: str) -> tuple[str, str] | None:
    if re.fullmatch(r"https?://[^\s\"'<>/]+[^\s\"'<>]*", text):
        return None
    return "this is not a web address.", "Leave it empty where there is none."


def _check_number(column: Column, text: str) -> tuple[str, str] | None:
    if not ReportedNumber.is_number(text):
        return why_not_a_number(text, is_p=column.name == "p")
    value = float(text)
    lost = value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]) is not None
    if math.isinf(value) or lost or (column.kind is Kind.COUNT and value > _COUNT_LIMIT):
        return "the number is beyond what can be computed with.", "Look for a slip of the pen."
    if column.kind is Kind.COUNT and not value.is_integer():
        return "a count has no decimals.", "Write the whole number."
    if column.kind is Kind.COUNT and not text.lstrip("-").isdigit():
        return "a count is written in digits only.", f"Write {value:.0f}."
    too_low = column.minimum is not None and (
        value <= column.minimum if column.above_minimum else value < column.minimum
    )
    if too_low or (column.maximum is not None and value > column.maximum):
        return "the number is out of range.", _range_advice(column, value)
    return None


def _range_advice(column: Column, value: float) -> str:
    if column.name == "p":
        return "A p value lies between 0 and 1."
    if column.name == "ci_level" and 0 < value < 1:
        return f"The level is in percent: {value * 100:g}."
    if column.name == "sd":
        return "A standard deviation is never negative: is this a mean or a change?"
    if column.name == "se":
        return "A standard error is never negative: is this a mean or a change?"
    if column.unit == "people" and column.minimum:
        return "People are counted from 1; leave the cell empty where the number is not known."
    return f"Write {column.accepted}."
