"""What a cell that should hold a number holds instead, and what to write.

Nothing is converted: only a person can know whether ``1,234`` is one thousand or one.
"""

from __future__ import annotations

import re

from evidence.data.reported import ReportedNumber

__all__ = ["why_not_a_number"]

_DIGITS = r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_MINUSES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))
_MISSING = {
    *("", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "x", "nr", "n/r", "nd"),
    *("nk", "#n/a", "not reported", "not stated", "not available", "unknown", "missing"),
}
_RELATION = re.compile(rf"(?:p\s*)?([<>≤≥~≈=]=?)\s*({_DIGITS})", re.IGNORECASE)
#: 10-Sep, Sep-10, 9/10/2024, 2024-09-10: what spreadsheets make of 10-9 or 9/10.
_DATE = re.compile(
    r"[0-9]{1,2}[-./ ][A-Za-z]{3,9}([-./ ][0-9]{2,4})?|[A-Za-z]{3,9}[-./ ][0-9]{1,4}"
    r"|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
)


def why_not_a_number(text: str, *, is_p: bool = False) -> tuple[str, str]:
    """Say what is wrong with a text that is no number, and what to do.

    Parameters
    ----------
    text
        What the cell holds.
    is_p
        Whether it should hold a p value.

    Returns
    -------
    message, advice
    """
    plain = text.translate(_MINUSES)
    kinds = (_missing, _formula, _relation, _other_writing, _more_than_a_number)
    for explain in (_p_value, *kinds) if is_p else kinds:
        found = explain(plain)
        if found is not None:
            return found
    return "this is not a number.", "Write digits with a decimal point, for example 5.10."


def _missing(text: str) -> tuple[str, str] | None:
    word = text.lower().replace(".", "")
    if word in _MISSING:
        return "this is a sign for a missing value.", "Leave the cell empty."
    return None


def _formula(text: str) -> tuple[str, str] | None:
    if re.fullmatch(r"#[A-Z0-9/!?]+", text):
        return "this is an error of a spreadsheet.", "Write the number itself."
    if re.match(r"[=@]\s*[^\s0-9.-]|=.*[-+*/(|]", text):
        return "this is a formula.", "Write its result."
    if _DATE.fullmatch(text):
        advice = "Format the column as text in the spreadsheet, then type the number again."
        return "this is a date: a spreadsheet turns some numbers into dates.", advice
    return None


def _relation(text: str) -> tuple[str, str] | None:
    found = _RELATION.fullmatch(text)
    if found is None:
        return None
    if found[1] == "=":
        return "there is an equals sign before the number.", f"Write {found[2]!r}."
    advice = "Leave the cell empty and tell of the bound in the note."
    return "this is a bound or an approximation, not a number.", advice


def _p_value(text: str) -> tuple[str, str] | None:
    word = text.lower().replace(".", "")
    if word in {"ns", "not significant", "significant"}:
        said = "significant" if word == "significant" else "not significant"
        advice = f"Leave the cell empty and write {said!r} into the column significance."
        return "these are words, not a p value.", advice
    found = _RELATION.fullmatch(text)
    relation = {"≤": "<=", "≥": ">"}.get(found[1], found[1]) if found else ""
    if found and relation in {"<", "<=", ">", "="}:
        advice = f"Write {found[2]!r} here and {relation!r} into the column p_relation."
        return "the relation belongs into its own column.", advice
    return None


def _other_writing(text: str) -> tuple[str, str] | None:
    dot = "\N{MIDDLE DOT}"
    if re.fullmatch(r"-?[0-9]*,[0-9]+", text):
        decimal, thousands = text.replace(",", "."), text.replace(",", "")
        message = "the number has a decimal comma."
        advice = f"Write {decimal!r}."
        if re.fullmatch(r"-?[1-9][0-9]{0,2},[0-9]{3}", text):
            message = "the number has a comma, which can stand for decimals or for thousands."
            advice = f"Write {decimal!r} if it is a decimal comma, {thousands!r} if not."
        return message, advice
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", text):
        return "the number has thousands separators.", f"Write {text.replace(',', '')!r}."
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+", text):
        number = text.replace(".", "").replace(",", ".")
        return "the number has thousands separators and a decimal comma.", f"Write {number!r}."
    if re.fullmatch(r"-?[0-9]{1,3}([\s'’][0-9]{3})+(\.[0-9]*)?", text):
        number = re.sub(r"[\s'’]", "", text)
        return "the number has thousands separators.", f"Write {number!r}."
    if ReportedNumber.is_number(text):
        return "the minus is a typographic one.", f"Write {text!r} with a text hyphen."
    if re.fullmatch(rf"-?[0-9]*{dot}[0-9]+", text):
        return "the decimal point is a raised one.", f"Write {text.replace(dot, '.')!r}."
    if ReportedNumber.is_number(text.lstrip("+")):
        return "there is a plus sign before the number.", f"Write {text.lstrip('+')!r}."
    if re.fullmatch(r"-\s+" + _DIGITS.removeprefix("-?"), text):
        number = re.sub(r"\s", "", text)
        return "there is a space behind the minus.", f"Write {number!r}."
    return None


def _more_than_a_number(text: str) -> tuple[str, str] | None:
    percent = re.fullmatch(rf"({_DIGITS})\s*%", text)
    if percent:
        return "the number has a percent sign.", f"Write {percent[1]!r}."
    if re.fullmatch(rf"({_DIGITS})\s*(±|\+/-|\+-)\s*({_DIGITS})", text) or re.fullmatch(
        rf"({_DIGITS})\s*[(\[]\s*({_DIGITS})\s*[)\]]", text
    ):
        advice = "Put the mean and the SD (or the SE) into their own columns."
        return "these are two numbers.", advice
    between = r"\s*(?:to|-|,|;|\.\.+)\s*"
    if re.fullmatch(rf"[(\[]?\s*{_DIGITS}{between}{_DIGITS}\s*[)\]]?", text):
        advice = "Put the lower and the upper end into their own columns."
        return "this is a range.", advice
    unit = re.fullmatch(rf"({_DIGITS})\s*([^\s0-9.,_].*)", text)
    if unit:
        advice = f"Write {unit[1]!r}: units have their own place, remarks belong into the note."
        return "there is text behind the number.", advice
    return None
