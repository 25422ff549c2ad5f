"""A folder that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from evidence.errors import ReportError
from evidence.living.interruption import Interruption
from evidence.living.reads import hash_bytes

__all__ = ["GENERATOR", "ReportFolder"]

GENERATOR = '<meta name="generator" content="evidence">'
_INDEX = "index.html"


class ReportFolder:
    """Builds a report in a hidden sibling folder and swaps it in by renaming.

    Everything that could go wrong has gone wrong before the swap, so readers see the
    last good report until the moment they see the new one. A lock beside the report
    admits one run at a time; it is held by the operating system and so ends with its
    process, however that ends. What carries our name pattern while we hold the lock
    is therefore left over from a killed run, and is cleaned away.

    Parameters
    ----------
    target
        The report's folder: absent, empty, or an earlier report. Any other folder
        is refused, because it would be replaced.
    interruption
        Signals to hold off while the folders are swapped.
    """

    def __init__(self, target: Path, interruption: Interruption | None = None) -> None:
        self.target = target
        #: Hashes of what was written, by name.
        self.written: dict[str, str] = {}
        self._interruption = interruption
        self._prefix = f".{target.name}.evidence-"
        token = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._new = target.parent / f"{self._prefix}new-{token}"
        self._old = target.parent / f"{self._prefix}old-{token}"
        self._lock = _Lock(target.parent / f"{self._prefix}lock", target)

    def __enter__(self) -> Self:
        try:
            with self._explained():
                self.target.parent.mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
                self._clean()
                self._refuse_foreign_folder()
                # Not tempfile.mkdtemp: its folders are closed to everybody else,
                # also to the web server that shows the report.
                self._new.mkdir()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._new, ignore_errors=True)
        self._lock.release()

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file of the report; `name` may have folders in it."""
        path = self._new / name
        data = content.encode() if isinstance(content, str) else content
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.written[name] = hash_bytes(data)

    def publish(self) -> None:
        """Put the new report in the place of the last one."""
        quiet = self._interruption.deferred() if self._interruption else nullcontext()
        with quiet, self._explained():
            if self.target.exists():
                self.target.rename(self._old)
            try:
                self._new.rename(self.target)
            except OSError:
                if self._old.exists():
                    self._old.rename(self.target)
                raise
            shutil.rmtree(self._old, ignore_errors=True)

    def _clean(self) -> None:
        for path in list(self.target.parent.iterdir()):
            if not path.is_dir() or not path.name.startswith(self._prefix):
                continue
            if path.name.startswith(f"{self._prefix}old-") and not self.target.exists():
                # Killed between the two renames of a swap: this is the last good report.
                path.rename(self.target)
            else:
                shutil.rmtree(path, ignore_errors=True)

    def _refuse_foreign_folder(self) -> None:
        if not self.target.exists():
            return
        if not self.target.is_dir():
            raise ReportError(f"{self.target} is a file; name a folder: --output DIR.")
        index = self.target / _INDEX
        ours = index.is_file() and GENERATOR in index.read_text("utf-8", "replace")[:4000]
        if not ours and any(self.target.iterdir()):
            raise ReportError(
                f"{self.target} holds files that are not a report of evidence, and writing "
                "would replace it as a whole. Name a new or an empty folder: --output DIR."
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ReportError(
                f"The report cannot be written to {self.target}: {_reason(error)} "
                "The last report, if there is one, is untouched."
            ) from error


def _reason(error: OSError) -> str:
    advice = {
        errno.ENOSPC: "Free some space, or write to another disk with --output DIR.",
        errno.EDQUOT: "Free some space, or write to another disk with --output DIR.",
        errno.EROFS: "Write to another place with --output DIR.",
        errno.EACCES: "Write to a place of yours with --output DIR.",
        errno.EPERM: "Write to a place of yours with --output DIR.",
        errno.EBUSY: "Is it open in another program, or the root of a mount?",
    }
    text = (error.strerror or str(error)).rstrip(".").lower()
    return f"{text}. {advice.get(error.errno or 0, '')}".rstrip()


class _Lock:
    """An advisory lock on a file that names its holder, removed when released."""

    def __init__(self, path: Path, target: Path) -> None:
        self._path = path
        self._target = target
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        while True:
            file = self._path.open("a+", encoding="utf-8")
            try:
                _lock_file(file)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip()
                file.close()
                raise ReportError(
                    f"Another run is writing {self._target}{f' ({holder})' if holder else ''}. "
                    "Wait for it, or write elsewhere with --output DIR."
                ) from None
            # The holder before us removes the file when it leaves: a lock on a removed
            # file keeps nobody out, so the file must still be the one in the folder.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), self._path.stat()):
                    break
            file.close()
        self._file = file
        file.truncate(0)
        moment = datetime.now().astimezone()
        file.write(f"process {os.getpid()}, since {moment:%H:%M:%S}\n")
        file.flush()

    def release(self) -> None:
        if self._file is None:
            return
        # Windows does not remove open files; an unlocked file left there does no harm.
        with suppress(OSError):
            self._path.unlink()
        with suppress(OSError):  # closing flushes, and the disk may be full
            self._file.close()
        self._file = None


def _lock_file(file: IO[str]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        # Windows locks a range of bytes against reading too: take one far from the text.
        file.seek(1 << 20)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError as error:
            raise BlockingIOError from error
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
