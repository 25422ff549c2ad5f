"""From the bytes of a file to its text: UTF-8 or a problem that says what it is instead."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from evidence.data.problems import Problem

__all__ = ["decode"]

_ADVICE = "In a spreadsheet: save as 'CSV UTF-8 (comma delimited)'; in an editor: save as UTF-8."


def decode(raw: bytes, file: str, *, holds: str) -> tuple[str, list[Problem]]:
    """Decode a file as UTF-8.

    A byte order mark, which Excel writes, and Windows line ends carry no data: the mark is
    taken off, and every line ends with a line feed.

    Parameters
    ----------
    raw
        The content of the file.
    file
        Its name, for the problem.
    holds
        What the file should hold, for the problem of an empty one.

    Returns
    -------
    text, problems
        The text is empty exactly when there is a problem.
    """
    if not raw.removeprefix(BOM_UTF8).strip():
        return "", [Problem(file, 0, "", "the file is empty.", accepted=holds)]
    if raw.startswith(b"PK\x03\x04"):
        message = "this is a spreadsheet file (or a zip archive) under another name."
        return "", [Problem(file, 0, "", message, accepted="UTF-8 text", advice=_ADVICE)]
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        message = "the file is UTF-16 text."
        return "", [Problem(file, 1, "", message, accepted="UTF-8 text", advice=_ADVICE)]
    if b"\x00" in raw:
        at = raw.index(b"\x00")
        message = "there is a NUL byte, so this is no UTF-8 text."
        found = _line_around(raw, at)
        return "", [Problem(file, _line(raw, at), "", message, found, "UTF-8 text", _ADVICE)]
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        message = "the text is not UTF-8 (it looks like a Windows code page)."
        found = _line_around(raw, error.start)
        return "", [
            Problem(file, _line(raw, error.start), "", message, found, "UTF-8 text", _ADVICE)
        ]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def _line(raw: bytes, at: int) -> int:
    before = raw[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def _line_around(raw: bytes, at: int) -> str:
    """Return what stands around a byte in its line, as Windows would read it."""
    before = re.split(rb"[\r\n]", raw[max(0, at - 12) : at])[-1]
    after = re.split(rb"[\r\n]", raw[at : at + 12])[0]
    return (before + after).decode("cp1252", "replace").strip()
