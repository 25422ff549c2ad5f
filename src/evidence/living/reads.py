"""What a notebook read while it ran, each with the hash it had at that moment."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Reads", "hash_bytes", "hash_file", "hash_listing", "hash_modules", "merged"]

#: Stands for what is not there, or cannot be read.
ABSENT = ""


def hash_bytes(data: bytes) -> str:
    """Return the hash that stands for a content."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: str | Path) -> str:
    """Return the hash of a file, of the names in a folder, or ``""`` for what is not there.

    Parameters
    ----------
    path
        The file.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - inside a hook, without building paths
        if stat.S_ISDIR(mode):
            return hash_listing(path)
        if not stat.S_ISREG(mode):
            return "special"  # a pipe would keep us waiting
        with open(path, "rb") as file:  # noqa: PTH123
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ABSENT


def hash_listing(path: str | Path) -> str:
    """Return the hash of the names in a folder; ``""`` where there is none.

    Parameters
    ----------
    path
        The folder.
    """
    try:
        return hash_bytes("\0".join(sorted(os.listdir(path))).encode("utf-8", "surrogateescape"))  # noqa: PTH208
    except OSError:
        return ABSENT


def hash_modules(path: str | Path) -> str:
    """Return the hash of the names in a folder that an import could find.

    Parameters
    ----------
    path
        The folder.
    """
    try:
        names = sorted(os.listdir(path))  # noqa: PTH208
    except OSError:
        return ABSENT
    # What Python finds is a module's file or a package's folder, and neither has other dots.
    found = [n for n in names if n.endswith((".py", ".so", ".pyd", ".pyc")) or "." not in n]
    return hash_bytes("\0".join(n for n in found if n != "__pycache__").encode())


_HASHES = {"files": hash_file, "listings": hash_listing, "modules": hash_modules}


@dataclass(frozen=True, slots=True)
class Reads:
    """What an output rests on, apart from what all outputs rest on.

    Attributes
    ----------
    files, listings, modules
        Hashes by path: of files, of the names in folders, of the names in folders that
        were searched for modules. ``""`` stands for what was not there.
    code
        The files of this package it used, by their paths in it; ``plots/`` stands for the
        names in that folder. Their hashes are kept once for all outputs.
    day
        The day it was told, where it asked for one.
    untraceable
        What it did whose outcome nobody can foresee; empty if nothing.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    listings: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    day: str = ""
    untraceable: str = ""

    def changed(self, known: dict[tuple[str, str], str]) -> list[str]:
        """Return the paths that are no longer what they were.

        Parameters
        ----------
        known
            Hashes by kind and path that were computed before; those computed here are added.
        """
        found: dict[str, None] = {}
        for kind, compute in _HASHES.items():
            for path, before in getattr(self, kind).items():
                key = (kind, path)
                if key not in known:
                    known[key] = compute(path)
                if known[key] != before:
                    found[path] = None
        return list(found)

    def seen_from(self, base: Path, *, back: bool = False) -> Reads:
        """Return the same with paths relative to a folder, or with whole paths again.

        Parameters
        ----------
        base
            The folder.
        back
            From relative paths to whole ones.
        """

        def move(paths: Mapping[str, str]) -> dict[str, str]:
            return {(whole if back else relative)(p, base): h for p, h in sorted(paths.items())}

        files, listings, modules = (move(getattr(self, kind)) for kind in _HASHES)
        return Reads(files, listings, modules, self.code, self.day, self.untraceable)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, without what is empty."""
        values = {kind: dict(getattr(self, kind)) for kind in _HASHES}
        kept: dict[str, Any] = {kind: paths for kind, paths in values.items() if paths}
        kept |= {n: getattr(self, n) for n in ("code", "day", "untraceable") if getattr(self, n)}
        return kept


def merged(reads: Iterable[Reads]) -> Reads:
    """Return everything that several outputs rest on.

    Parameters
    ----------
    reads
        What each rests on.
    """
    every = list(reads)
    files, listings, modules = (
        {path: value for one in every for path, value in getattr(one, kind).items()}
        for kind in _HASHES
    )
    days = [one.day for one in every if one.day]
    return Reads(files, listings, modules, day=days[0] if days else "")


def relative(path: str, base: Path) -> str:
    """Return a path as seen from a folder, with slashes."""
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # another drive of Windows
        return path


def whole(path: str, base: Path) -> str:
    """Return the whole path of what `relative` returned."""
    return os.path.normpath(base / path)
