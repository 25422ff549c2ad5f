"""Reading and checking `review.toml` by itself."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from evidence.data.cells import identifier_like
from evidence.data.problems import Problem
from evidence.data.schema import IDENTIFIER, IDENTIFIER_ACCEPTED, QUOTE_WORDS
from evidence.data.sections import FILE, SCHEMA, SECTIONS, Key, Section
from evidence.data.text_file import decode
from evidence.data.toml_lines import TomlLines

__all__ = ["ReviewFile", "finite", "read_review_file"]

Entry = Mapping[str, Any]
#: Says what is wrong with one value: message, accepted, advice.
Wrong = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """What was read from `review.toml`.

    Parameters
    ----------
    content
        The parsed content; empty when it cannot be parsed.
    problems
        Everything that is wrong with the file by itself.
    lines
        Where its keys stand.
    """

    content: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lines: TomlLines = field(default_factory=lambda: TomlLines(""))

    def entries(self, section: str) -> list[Entry]:
        """Return the entries of a section that are written as tables."""
        found = self.content.get(section, [])
        entries = found if isinstance(found, list) else [found]
        return [entry for entry in entries if isinstance(entry, dict)]

    def ids(self, section: str) -> set[str] | None:
        """Return the ids of a section, or None when it does not say all of them."""
        found = self.content.get(section)
        entries = self.entries(section)
        if not isinstance(found, list) or len(entries) < len(found):
            return None
        ids = [entry.get("id") for entry in entries]
        known = {name for name in ids if isinstance(name, str) and name}
        return known if known and len(known) == len(set(map(str, ids))) else None

    def place(self, section: Section, index: int, key: str) -> tuple[str, int, str]:
        """Return file, line and name of a key, for a problem."""
        return _place(self.lines, section, index, key)


def read_review_file(raw: bytes) -> ReviewFile:
    """Read and check `review.toml` by itself.

    Parameters
    ----------
    raw
        The content of the file.

    Returns
    -------
    ReviewFile
    """
    text, problems = decode(raw, FILE, holds="the question, its outcomes and the plan of analysis")
    if problems:
        return ReviewFile(problems=problems)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return ReviewFile(problems=[_toml_problem(text, str(error))])
    except (RecursionError, ValueError) as error:
        # Brackets nested by the thousand, or a number with thousands of digits.
        message = f"the file cannot be read as TOML: {error}."
        advice = "Look for brackets that are not closed, or a number with far too many digits."
        return ReviewFile(problems=[Problem(FILE, 0, "", message, advice=advice)])
    lines = TomlLines(text)
    names = [section.name for section in SECTIONS if section.name]
    problems = _check_keys(content, SECTIONS[0], lines, 0, sections=names)
    for section in SECTIONS[1:]:
        if section.name in content:
            problems += _check_section(content[section.name], section, lines)
    version = content.get("schema")
    if type(version) is int and version != SCHEMA:
        message = "the folder's layout has a version that this program does not read."
        place = (FILE, lines.of("schema"), "schema")
        problems.append(Problem(*place, message, str(version), str(SCHEMA)))
    return ReviewFile(content, problems, lines)


def _place(lines: TomlLines, section: Section, index: int, key: str) -> tuple[str, int, str]:
    name = f"{section.name}[{index + 1}]" if section.many else section.name
    full_name = ".".join(part for part in (name, key) if part)
    return FILE, lines.of(key, section.name, index), full_name


def _toml_problem(text: str, error: str) -> Problem:
    place = re.search(r"\(at line (\d+), column (\d+)\)", error)
    line = int(place[1]) if place else text.rstrip("\n").count("\n") + 1
    column = f"column {place[2]}" if place else "end of file"
    reason = re.sub(r"\s*\(at .*\)$", "", error).rstrip(".")
    advice = 'Texts stand in "quotation marks"; a section starts with [name] or [[name]].'
    message = f"the file cannot be read as TOML: {reason}."
    found = text.split("\n")[line - 1].strip()
    return Problem(FILE, line, column, message, found, "", advice)


def _check_section(found: object, section: Section, lines: TomlLines) -> list[Problem]:
    entries = found if section.many else [found]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        message = "this is not written as a section."
        line = lines.of("", section.name)
        kind = "a list of sections" if isinstance(found, list) else type(found).__name__
        found_text = {"dict": f"[{section.name}]", "a list of sections": f"[[{section.name}]]"}
        shown = found_text.get(kind, str(found))
        return [Problem(FILE, line, section.name, message, shown, section.head)]
    if not entries and section.required:
        message = "the section has no entry."
        return [Problem(FILE, lines.of("", section.name), section.name, message, "", section.head)]
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        problems += _check_keys(entry, section, lines, index)
        if section.name == "outcomes":
            problems += _check_outcome(entry, section, lines, index)
        name = entry.get("id")
        line = lines.of("id", section.name, index)
        if isinstance(name, str) and name in first:
            message = f"the id is used twice, first in line {first[name]}."
            advice = "Name each entry differently."
            place = _place(lines, section, index, "id")
            problems.append(Problem(*place, message, name, "ids that differ", advice))
        first.setdefault(str(name), line)
    return problems


def _check_keys(
    entry: Entry,
    section: Section,
    lines: TomlLines,
    index: int,
    sections: Sequence[str] = (),
) -> list[Problem]:
    """Check names and values of the keys of one entry (and the names of the sections)."""
    problems: list[Problem] = []
    keys = {key.name: key for key in section.keys}
    needed = {key.name for key in section.keys if key.required}
    needed |= {other.name for other in SECTIONS if other.name in sections and other.required}
    missing = [name for name in (*keys, *sections) if name not in entry]
    wrong: Wrong | None
    for name, value in entry.items():
        if name in sections:
            continue
        if name in keys:
            wrong = _whats_wrong(keys[name], value)
            found = str(value)
        else:
            near = get_close_matches(name.lower(), missing, n=1)
            if near:
                # One slip is one problem: the right name is not also reported as missing.
                missing.remove(near[0])
            advice = f"Did you mean {near[0]!r}?" if near else "Take it out."
            what = "key or section" if sections else "key in this section"
            wrong = (f"there is no such {what}.", ", ".join((*keys, *sections)), advice)
            found = name
        if wrong is not None:
            message, accepted, advice = wrong
            place = _place(lines, section, index, name)
            problems.append(Problem(*place, message, found, accepted, advice))
    for name in missing:
        if name in needed and name in sections:
            accepted = next(f"{s.head}: {s.description}" for s in SECTIONS if s.name == name)
            message, advice = "the section is missing.", "Add it."
            problems.append(Problem(FILE, 0, name, message, "", accepted, advice))
        elif name in needed:
            place = _place(lines, section, index, name)
            accepted, advice = keys[name].description, "Add it."
            problems.append(Problem(*place, "the key is missing.", "", accepted, advice))
    return problems


def _check_outcome(entry: Entry, section: Section, lines: TomlLines, index: int) -> list[Problem]:
    problems: list[Problem] = []

    def add(key: str, message: str, accepted: str) -> None:
        place = _place(lines, section, index, key)
        problems.append(Problem(*place, message, str(entry[key]), accepted))

    low, high, step = (finite(entry.get(name)) for name in ("minimum", "maximum", "step"))
    if low is not None and high is not None and low >= high:
        add("maximum", "the highest value is not above the lowest.", f"a number above {low:g}")
    if step is not None and step <= 0:
        add("step", "a step is above 0.", "a number above 0")
    return problems


def finite(value: object) -> float | None:
    """Return a number of a TOML file as a float, or None where it is none to compute with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _whats_wrong(key: Key, value: object) -> Wrong | None:
    if key.kind == "number":
        return _wrong_number(key, value)
    if key.kind == "list":
        return _wrong_list(value)
    if key.kind == "date":
        accepted = "a date without quotation marks: 2026-11-21"
        return None if type(value) is date else ("this is not a date.", accepted, "")
    return _wrong_text(key, value)


def _wrong_number(key: Key, value: object) -> Wrong | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "this is not a number.", "a number without quotation marks", ""
    number = finite(value)
    if number is None:
        return "this is not a number to compute with.", "a finite number", ""
    if key.name == "value" and number <= 0:
        return "the size of a threshold is above 0.", "a number above 0", "Leave out the sign."
    return None


def _wrong_list(value: object) -> Wrong | None:
    wrong = ("this is not a list of names.", '["a", "b"]', "")
    if not isinstance(value, list) or not value:
        return wrong
    if not all(isinstance(item, str) and item for item in value):
        return wrong
    if len(set(value)) < len(value):
        return "the list names something twice.", "each name once", "Keep one of the two."
    return None


def _wrong_text(key: Key, value: object) -> Wrong | None:
    if not isinstance(value, str):
        return "this is not text.", 'text in "quotation marks"', ""
    if not value.strip():
        message = "the text is empty and must not be."
        return (message, key.description, "Fill it.") if key.required else None
    if key.choices and value not in key.choices:
        near = get_close_matches(value, key.choices, n=1, cutoff=0.5)
        advice = f"Did you mean {near[0]!r}?" if near else ""
        message = "the word is not one of the accepted ones."
        return message, ", ".join(key.choices), advice
    # Where the value must exist elsewhere, that check says more than this one could.
    free = key.kind == "identifier" and key.reference is None
    if free and not IDENTIFIER.fullmatch(value):
        advice = f"For example {identifier_like(value)!r}."
        return "this cannot be an identifier.", IDENTIFIER_ACCEPTED, advice
    words = len(value.split())
    if key.kind == "quote" and words > QUOTE_WORDS:
        advice = "Keep the words that carry the number."
        return f"the quote has {words} words.", f"at most {QUOTE_WORDS} words", advice
    return None
