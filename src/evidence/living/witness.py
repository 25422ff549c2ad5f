"""Noting, inside a kernel, what its notebook reads.

Python tells every file that is opened, every folder that is listed and every program that
is started to whoever listens (PEP 578), and a review tells which of its tables are used
(`evidence.data.notice`). What is noted decides whether the notebook has to run again.
What this Python and its packages consist of is left out, and of the files of `evidence`
only the names are noted: a report keeps versions and hashes of all of them by themselves
(`evidence.living.inputs`).

A question that opens nothing stays unknown: whether a file exists, an environment
variable, the clock (but see `evidence.data.notice.today`).
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence.living.current import REVIEW_VARIABLE
from evidence.living.earlier import EARLIER_VARIABLE
from evidence.living.reads import Reads, hash_file, hash_listing, hash_modules

__all__ = ["LOG_VARIABLE", "Witness", "listen", "read_log"]

#: Where the kernel notes what it reads.
LOG_VARIABLE = "EVIDENCE_WITNESS"

_PACKAGE = Path(__file__).resolve().parents[1]
#: How the kernel is set up is decided there, in another process.
_EXECUTING = "living/notebook.py"
_WRITING = os.O_WRONLY | os.O_RDWR
_PROGRAMS = {"subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn"}
_METADATA = "importlib/metadata"
#: Programs that tell of the machine itself, asked for when a kernel starts.
_HARMLESS = {"uname"}
_EVERYTHING = "*"
_REVIEW_FILE = "review.toml"


class Witness:
    """Listens and notes, each thing once.

    Parameters
    ----------
    log
        The file to note in.
    """

    def __init__(self, log: Path) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        private = log.resolve().parent
        self._left_out = _left_out(private)
        self._package = _slashed(str(_PACKAGE))
        self._kept = _kept()
        self._temporary = _slashed(tempfile.gettempdir())
        self._noted: set[tuple[str, str]] = set()
        self._written: set[str] = set()
        self._loaded: dict[str, dict[str, str]] = {}
        self._thread = threading.local()
        handlers: dict[str, Callable[..., None]] = {
            "open": self._open,
            "os.listdir": self._list,
            "os.scandir": self._list,
            "socket.connect": self._connect,
            "sqlite3.connect": self._database,
            "evidence.loading": self._loading,
            "evidence.loaded": self._end_of_loading,
            "evidence.read": self._read,
            "evidence.day": self._day,
        }
        self._handlers = handlers

    def listen(self) -> None:
        """Listen from now on; there is no way to stop it."""
        for folder in (".", *sys.path):
            # Python may have looked around here already, and remembers what it saw.
            path = self._path(folder or ".")
            if path is not None:
                self._note("modules", path, hash_modules)
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == "evidence" and getattr(module, "__file__", None):
                self._path(module.__file__)  # loaded before anybody listened
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of an event."""
        handler = self._handlers.get(event)
        if handler is None and event not in _PROGRAMS:
            return
        if getattr(self._thread, "busy", False):
            return  # what we do ourselves
        self._thread.busy = True
        try:
            if handler is None:
                self._start(arguments[0])
            else:
                handler(*arguments)
        finally:
            self._thread.busy = False

    def _open(self, name: Any, _mode: Any, flags: Any) -> None:
        path = self._path(name)
        if path is None or path in self._written:
            return
        loading = getattr(self._thread, "loading", None)
        if (flags or 0) & _WRITING:
            if os.path.isdir(path):  # noqa: PTH112
                return  # a file without a name, as tempfile makes them
            if self._is_temporary(path):
                self._written.add(path)
                self._write("written", path, "")
            else:
                self._write("written", path, "")
                self._untraceable(f"it writes to a file ({Path(path).name})")
        elif loading is not None:
            self._loaded[loading].setdefault(path, hash_file(path))
        else:
            self._note("files", path, hash_file)

    def _list(self, name: Any) -> None:
        path = self._path("." if name is None else name)
        if path is None or path in self._written:
            return
        asking = sys._getframe(2).f_code  # noqa: SLF001 - there is no other way to know
        if asking.co_name == "_fill_cache":
            self._note("modules", path, hash_modules)  # an import looks around
        elif _METADATA in Path(asking.co_filename).as_posix():
            return  # which packages there are is kept with the report
        elif getattr(self._thread, "loading", None) != path:
            # Which tables a review has is known where they are used.
            self._note("listings", path, hash_listing)

    def _start(self, program: Any) -> None:
        if Path(_word(program)).name not in _HARMLESS:
            self._untraceable(f"it starts another program ({_word(program)})")

    def _connect(self, _socket: Any, address: Any) -> None:
        self._untraceable(f"it asks another program or machine ({_word(address)})")

    def _database(self, name: Any) -> None:
        if name != ":memory:" and self._path(name) is not None:
            self._untraceable(f"it uses a database ({_word(name)})")

    def _loading(self, folder: str) -> None:
        if self._is_left_out(_slashed(folder)):
            return
        self._thread.loading = folder
        self._loaded[folder] = {}

    def _end_of_loading(self, folder: str) -> None:
        self._thread.loading = None
        if self._is_left_out(_slashed(folder)):
            return
        # The plan and the tools are always there for the notebook to use; tables are told.
        for path, value in self._loaded[folder].items():
            if not path.endswith(".csv"):
                self._write("files", path, value)
        self._note("files", os.path.join(folder, _REVIEW_FILE), hash_file)  # noqa: PTH118

    def _read(self, folder: str, table: str) -> None:
        if self._is_left_out(_slashed(folder)):
            return
        if folder not in self._loaded:  # it came from another process
            self._loaded[folder] = {}
            self._untraceable("it was handed a review that was loaded elsewhere")
        loaded = self._loaded[folder]
        if table == _EVERYTHING:
            for path, value in loaded.items():
                self._write("files", path, value)
            self._note("listings", folder, hash_listing)
            return
        path = os.path.join(folder, f"{table}.csv")  # noqa: PTH118
        # A table without a file is empty, and stays so until the file is there.
        self._note("files", path, lambda _: loaded.get(path, ""))

    def _day(self) -> None:
        self._write("day", "", datetime.now().astimezone().date().isoformat())

    def _path(self, name: Any) -> str | None:
        """Return a whole path, or None where it needs no note."""
        if not isinstance(name, str | bytes | os.PathLike):
            return None  # a number: it was opened before, by its name
        path = os.path.abspath(os.fsdecode(name))  # noqa: PTH100 - links are not followed
        if "__pycache__" in path and path.endswith(".pyc"):
            try:
                path = importlib.util.source_from_cache(path)
            except (NotImplementedError, ValueError):
                return None
        if _slashed(path).startswith(self._package):
            self._use(path)
            return None
        return None if self._is_left_out(_slashed(path)) else path

    def _is_temporary(self, path: str) -> bool:
        ours = path.startswith(self._kept)
        return path.startswith(self._temporary) and not ours and not os.path.exists(path)  # noqa: PTH110

    def _use(self, path: str) -> None:
        """Note a file of this package; a report keeps the hash of each."""
        if "__pycache__" in path:
            return  # compiled from what is noted
        name = Path(path[len(self._package) :]).as_posix()
        if os.path.isdir(path):  # noqa: PTH112
            name = "" if name == "." else f"{name}/"
        self._write("code", name, "")

    def _is_left_out(self, path: str) -> bool:
        # The nearest folder decides: an environment in a clone, or a clone in /usr/src.
        out = max((len(folder) for folder in self._left_out if path.startswith(folder)), default=0)
        return out > max((len(f) for f in self._kept if path.startswith(f)), default=0)

    def _note(self, kind: str, path: str, compute: Callable[[str], str]) -> None:
        if (kind, path) not in self._noted:
            self._write(kind, path, compute(path))

    def _untraceable(self, what: str) -> None:
        self._write("untraceable", "", what)

    def _write(self, kind: str, path: str, value: str) -> None:
        if (kind, path) in self._noted:
            return
        self._noted.add((kind, path))
        os.write(self._log, (json.dumps([kind, path, value]) + "\n").encode())


def listen() -> None:
    """Note from now on what this process reads, in the file that `LOG_VARIABLE` names."""
    Witness(Path(os.environ.pop(LOG_VARIABLE))).listen()


def read_log(log: Path) -> Reads:
    """Return what was noted.

    Parameters
    ----------
    log
        The file that a `Witness` noted in.
    """
    kinds: dict[str, dict[str, str]] = {"files": {}, "listings": {}, "modules": {}}
    others = {"day": "", "untraceable": ""}
    code = {_EXECUTING}
    try:
        lines = log.read_text("utf-8").splitlines()
        notes = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return Reads(untraceable="what it read could not be noted")
    own: set[str] = set()
    for kind, path, value in notes:
        if kind == "written":
            own |= {path, os.path.dirname(path)}  # noqa: PTH120
        elif kind == "code":
            code.add(path)
        elif kind in kinds:
            # A forked process notes for itself: the first note is the earliest.
            kinds[kind].setdefault(path, value)
        else:
            others[kind] = others[kind] or value
    # What it makes itself is no input: it would seem to change with each run.
    files, listings, modules = (
        {path: value for path, value in found.items() if path not in own}
        for found in kinds.values()
    )
    return Reads(files, listings, modules, tuple(sorted(code)), **others)


def _left_out(private: Path) -> tuple[str, ...]:
    folders = {
        *(sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix),
        str(private),
        *(os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)),
        # Fonts, time zones and the like: part of the machine, as the interpreter is.
        *("/usr", "/lib", "/etc", "/proc", "/sys", "/dev", "/System", "/Library"),
        # What matplotlib and others keep to be faster the next time.
        *(os.environ.get("MPLCONFIGDIR"), os.environ.get("XDG_CACHE_HOME")),
        *(str(Path(name).expanduser()) for name in ("~/.cache", "~/.matplotlib")),
        os.environ.get("NUMBA_CACHE_DIR"),
        # What changed since the last report follows from the data and the code of now.
        os.environ.get(EARLIER_VARIABLE),
    }
    return tuple({_slashed(folder) for folder in folders if folder and folder != "/"})


def _kept() -> tuple[str, ...]:
    here = Path.cwd()
    review = os.environ.get(REVIEW_VARIABLE)
    return tuple(_slashed(str(folder)) for folder in (here, here.parent, review) if folder)


def _slashed(path: str) -> str:
    return path if path.endswith(os.sep) else path + os.sep


def _word(value: Any) -> str:
    text = os.fsdecode(value) if isinstance(value, bytes | os.PathLike) else str(value)
    return text if len(text) <= 60 else text[:59] + "\N{HORIZONTAL ELLIPSIS}"
