"""Run again on each save: `evidence watch`.

Each run is a process of its own. So code that was saved is the code that runs, nothing
that goes wrong in a run ends the watching, and whatever a run used is given back.

Files are looked at twice a second instead of asking the system to tell of changes: a
review, its notebooks and this package are some five hundred small files, looking takes
milliseconds, and it works on network drives and in containers, where systems do not tell.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from evidence.errors import EvidenceError
from evidence.finding import find_folder
from evidence.living.interruption import interruptible
from evidence.living.manifest import read_manifest
from evidence.living.place import find_place
from evidence.living.reads import hash_file, merged

__all__ = ["Watched", "watch"]

#: Seconds between two looks, and how long everything has to be quiet before a run: an
#: editor that saves three files, or one file in three steps, means one run.
EVERY = 0.5
QUIET = 0.3
_PACKAGE = Path(__file__).resolve().parents[1]
_MANY = 5

_Look = dict[str, tuple[int, int]]


@dataclass(slots=True)
class Watched:
    """What a report rests on, and how it looked when it was last looked at.

    Parameters
    ----------
    name
        Path or name of the review.
    output, notebooks
        As in `evidence.living.run.run_report`.
    """

    name: str
    output: Path | None = None
    notebooks: Path | None = None
    _seen: _Look = field(default_factory=dict)
    _hashes: dict[str, str] = field(default_factory=dict)
    _folder: Path | None = None

    def look(self) -> list[str]:
        """Look again, and return the files that are not as they were.

        A file that was saved with the same content is as it was.
        """
        now = _look(self._paths())
        touched = [path for path in {**self._seen, **now} if self._seen.get(path) != now.get(path)]
        first = not self._seen
        self._seen = now
        changed: list[str] = []
        for path in touched:
            value = hash_file(path)
            if self._hashes.get(path) != value:
                changed.append(path)
            self._hashes[path] = value
        return [] if first else changed

    def _paths(self) -> list[Path]:
        found = _files(_PACKAGE)
        try:
            self._folder = find_folder(self.name)
            place = find_place(self._folder, notebooks=self.notebooks, output=self.output)
        except EvidenceError:
            # The review, or its notebooks, are not there now; they may come back.
            return found + ([self._folder] if self._folder else [])
        earlier = read_manifest(place.output)
        if not isinstance(earlier, str):
            reads = [entry.reads for entry in earlier.entries.values()]
            every = merged([earlier.pages, *reads]).seen_from(place.output, back=True)
            found += [Path(path) for kind in (every.files, every.listings) for path in kind]
        tools = self._folder / "tools"
        return [*found, *place.notebooks, *_plain(self._folder), *_plain(tools)]


def watch(
    watched: Watched,
    command: Sequence[str],
    *,
    say: Callable[[str], None],
    every: float = EVERY,
) -> None:
    """Run a command now, and again whenever what it rests on was saved, until interrupted.

    Parameters
    ----------
    watched
        What to look at.
    command
        The program to run, with its arguments.
    say
        Prints a line.
    every
        Seconds between two looks.
    """
    try:
        with interruptible():
            watched.look()
            while True:
                began = time.monotonic()
                status = _run(command)
                seconds = time.monotonic() - began
                outcome = "Done" if status == 0 else "Not done, the last report stays"
                say(f"{outcome} ({seconds:.1f} s). Waiting for the next save; Ctrl-C ends this.")
                changed = _wait(watched, every)
                say(f"{datetime.now().astimezone():%H:%M:%S} saved: {_listed(changed)}")
    except KeyboardInterrupt:
        say("Stopped watching.")


def _wait(watched: Watched, every: float) -> list[str]:
    """Wait for a change and for the quiet after it; return the files that changed."""
    changed: dict[str, None] = {}
    while True:
        found = watched.look()
        changed |= dict.fromkeys(found)
        if changed and not found:
            return list(changed)
        time.sleep(QUIET if changed else every)


def _run(command: Sequence[str]) -> int:
    process = subprocess.Popen(command)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C reaches it as well, a signal to us alone does not; it hears only the first.
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        process.wait()
        raise


def _look(paths: Sequence[Path]) -> _Look:
    found: _Look = {}
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            continue
        found[str(path)] = (state.st_mtime_ns, state.st_size)
    return found


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and name[0] != "."]
        found += [Path(here, n) for n in names if n[0] != "." and not n.endswith((".pyc", "~"))]
    return found


def _plain(folder: Path) -> list[Path]:
    try:
        return [p for p in folder.iterdir() if p.suffix.lower() in (".csv", ".toml")]
    except OSError:
        return []


def _listed(paths: Sequence[str]) -> str:
    names = [Path(path).name for path in paths]
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return ", ".join(names[:_MANY]) + more
