"""The files of a review folder, read once, so that what is checked is what is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from evidence.data.problems import Problem
from evidence.data.sections import FILE
from evidence.data.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FILES", "TOOLS", "Folder", "read_folder"]

#: Every file a review can have, in the order a person would read them.
FILES = (FILE, *(table.file for table in TABLES.values()))
#: Where a review keeps tools for risk of bias of its own, a TOML file each.
TOOLS = "tools"
_REQUIRED = (FILE, *(table.file for table in TABLES.values() if table.required))


@dataclass(frozen=True, slots=True)
class Folder:
    """The content of a review's files by name, and what is wrong with the folder itself.

    Attributes
    ----------
    path
        The folder.
    files
        Its files; `tools` holds the tools for risk of bias that it brings.
    problems
        What is wrong with it.
    """

    path: Path
    files: Mapping[str, bytes]
    tools: Mapping[str, bytes]
    problems: tuple[Problem, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the files: equal exactly when every byte of them is equal."""
        digest = hashlib.sha256()
        for file in FILES:
            if file in self.files:
                raw = self.files[file]
                digest.update(f"{file} {len(raw)}\n".encode() + raw)
        for file, raw in self.tools.items():
            digest.update(f"{file} {len(raw)}\n".encode() + raw)
        return digest.hexdigest()


def read_folder(path: Path) -> Folder:
    """Read the files of a review.

    A table that no file holds is empty; but a CSV file that is no table of a review is a
    problem, since its rows would be lost without a word (`Arms.csv`, `contrast.csv`).

    Parameters
    ----------
    path
        The folder.

    Returns
    -------
    Folder
    """
    names = sorted(p.name for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    problems: list[Problem] = []
    files = _read(path, [file for file in FILES if file in names], problems)
    own = sorted(p.name for p in (path / TOOLS).glob("*.toml") if not p.name.startswith("."))
    tools = _read(path, [f"{TOOLS}/{name}" for name in own], problems)
    others = [name for name in names if name not in FILES]
    for file in _REQUIRED:
        if file not in names:
            near = _nearest(file, others)
            if near:
                others.remove(near)
            advice = f"There is a file {near!r}: is this the one?" if near else "Add the file."
            holds = "the question, its outcomes and the plan of analysis"
            if file != FILE:
                table = TABLES[file.removesuffix(".csv")]
                holds = f"a CSV file with the columns {', '.join(table.names)}"
            message = "the file is missing."
            problems.append(Problem(file, 0, "", message, accepted=holds, advice=advice))
    for name in others:
        if name.lower().endswith(".csv"):
            near = _nearest(name, [file for file in FILES if file not in names])
            advice = (
                f"Did you mean {near!r}? Rename the file." if near else "Move it out of the folder."
            )
            message = "a review has no such table, so nobody would read these rows."
            accepted = ", ".join(table.file for table in TABLES.values())
            problems.append(Problem(name, 0, "", message, name, accepted, advice))
    return Folder(path, files, tools, tuple(problems))


def _read(path: Path, names: list[str], problems: list[Problem]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in names:
        try:
            found[name] = (path / name).read_bytes()
        except OSError as error:
            message = f"the file cannot be opened: {error.strerror}."
            problems.append(Problem(name, 0, "", message))
    return found


def _nearest(name: str, others: list[str]) -> str:
    plain = name.lower().replace("-", "_").replace(" ", "_")
    by_plain = {other.lower().replace("-", "_").replace(" ", "_"): other for other in others}
    near = get_close_matches(plain, by_plain, n=1, cutoff=0.75)
    return by_plain[near[0]] if near else ""
