"""One notebook, executed in a kernel of this very Python."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellControlSignal,
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)

from evidence.errors import ReportError
from evidence.living.reads import Reads
from evidence.living.witness import LOG_VARIABLE, read_log

__all__ = ["Executed", "Listener", "NotebookError", "Stderr", "execute_notebook", "first_line"]

_CELL_FILE = re.compile(r"\S*ipykernel_\d+[/\\]\d+\.py:(?=\d+)")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-_])")
_LONGEST_LINE = 72
_LONGEST_SOCKET = 96  # paths of sockets end at 104 bytes on macOS and 108 on Linux

# The kernel gets the very package that runs this, wherever it lies, and nothing else of there.
_SOURCE = Path(__file__).resolve().parents[2]
_START = (
    "import runpy, sys; source = sys.argv.pop(1); sys.path.insert(0, source); "
    "from evidence.living.witness import listen; sys.path.remove(source); listen(); "
    "runpy.run_module('ipykernel_launcher', run_name='__main__', alter_sys=True)"
)

# What the clients log about kernels that fail or that we kill is said by us, once.
_QUIET = logging.getLogger("evidence.living.kernels")
_QUIET.setLevel(logging.CRITICAL)


class Listener(Protocol):
    """What wants to know how far the notebooks are; called from the executing thread."""

    def started(self, notebook: str, cells: int) -> None:
        """Note that a kernel is being started for `notebook`, which has `cells` code cells."""

    def running(self, notebook: str, cell: int, line: str) -> None:
        """Note that code cell number `cell` (from 1) begins; `line` is its first line."""

    def finished(self, notebook: str, seconds: float) -> None:
        """Note that the notebook is done."""

    def failed(self, notebook: str) -> None:
        """Note that the notebook failed; the error is raised elsewhere."""


@dataclass(frozen=True, slots=True)
class Stderr:
    """What a code cell wrote to stderr: warnings, as a rule."""

    notebook: str
    cell: int
    text: str


@dataclass(frozen=True, slots=True)
class Executed:
    """A notebook with its outputs, how long it took, and what it read."""

    path: Path
    content: nbformat.NotebookNode
    seconds: float
    reads: Reads = field(default_factory=Reads)


class NotebookError(ReportError):
    """A notebook could not be executed.

    Attributes
    ----------
    notebook
        Its name, without ``.ipynb``.
    cell
        Number of the code cell, as in JupyterLab's brackets; 0 for the notebook itself.
    details
        The traceback without colour codes; empty where there is none.
    stderr
        What the notebook had written to stderr by then.
    """

    def __init__(
        self,
        message: str,
        *,
        notebook: str,
        cell: int = 0,
        details: str = "",
        stderr: tuple[Stderr, ...] = (),
    ) -> None:
        super().__init__(message)
        self.notebook = notebook
        self.cell = cell
        self.details = details
        self.stderr = stderr


class _ThisPython(KernelSpecManager):
    """Knows one kernel: the interpreter that is running this.

    The installed kernelspecs may point to another environment, or be absent.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - nbclient's
        argv = [sys.executable, "-c", _START, str(_SOURCE), "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class _Progress:
    """Follows the client from cell to cell, to say where it is and where it failed."""

    def __init__(self, name: str, listener: Listener) -> None:
        self.name = name
        self.cell = 0
        self.line = ""
        self._listener = listener

    def begin(self, cell: nbformat.NotebookNode, cell_index: int) -> None:  # noqa: ARG002 - nbclient's
        if not _is_code(cell):
            return
        self.cell += 1
        self.line = first_line(cell.source)
        self._listener.running(self.name, self.cell, self.line)

    @property
    def place(self) -> str:
        return f'{self.name}.ipynb, code cell {self.cell} ("{self.line}")'


async def execute_notebook(
    path: Path,
    *,
    variables: Mapping[str, str],
    private: Path,
    listener: Listener,
    source: bytes | None = None,
) -> Executed:
    """Execute a notebook in its own folder and return it with outputs.

    The file is read and never written. The kernel is killed whatever happens here,
    also when the task is cancelled.

    Parameters
    ----------
    path
        The notebook.
    variables
        Environment variables to set for the kernel.
    private
        A folder of this run for the kernel's connection file and IPython's profile.
    listener
        Is told about the progress.
    source
        What the file held when it was read; else it is read here.

    Returns
    -------
    Executed

    Raises
    ------
    NotebookError
        When the file is no notebook, a cell fails, or the kernel dies.
    """
    content = read_source(path, source)
    log = private / f"{path.stem}.reads"
    began = time.monotonic()
    progress = _Progress(path.stem, listener)
    listener.started(path.stem, sum(1 for cell in content.cells if _is_code(cell)))
    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=_ThisPython(log=_QUIET),
        connection_file=str(private / f"{path.stem}.json"),
        log=_QUIET,
        **_transport(path, private),
    )
    client = NotebookClient(
        content,
        km=manager,
        timeout=None,
        # Under load a figure may arrive late. The default gives up after 4 seconds and
        # goes on without it; a report without its figure would not be whole.
        iopub_timeout=120,
        raise_on_iopub_timeout=True,
        coalesce_streams=True,
        record_timing=False,
        on_cell_start=progress.begin,
        log=_QUIET,
    )
    try:
        environment = _environment({**variables, LOG_VARIABLE: str(log)}, private)
        await client.async_execute(cwd=str(path.parent), env=environment)
    except CellTimeoutError as error:
        raise _error(f"{progress.place} gave no answer: {error}", progress, content) from error
    except DeadKernelError as error:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            # nbclient takes every cancelled wait for a reply for a dead kernel.
            raise asyncio.CancelledError from error
        message = f"{progress.place} ended its kernel. Was the memory full?"
        raise _error(message, progress, content) from error
    except CellExecutionError as error:
        message = f"{progress.place} failed: {_plain(f'{error.ename}: {error.evalue}')}"
        details = _plain(error.traceback)
        raise _error(message, progress, content, details=details) from error
    except (CellControlSignal, RuntimeError, OSError) as error:
        # `wait_for_ready` raises RuntimeError when a kernel does not come up.
        message = f"{path.name}: its kernel could not be used. {_plain(str(error))}"
        raise _error(message, progress, content) from error
    finally:
        await _to_the_end(_shut_down(manager, client))
    seconds = time.monotonic() - began
    listener.finished(path.stem, seconds)
    return Executed(path, content, seconds, read_log(log))


async def _to_the_end(work: Coroutine[object, object, None]) -> None:
    """Finish a piece of work also when the task is cancelled meanwhile, then be cancelled.

    A notebook that has just ended may be shutting its kernel down when another one
    fails; left half done, that would leave a process and open sockets behind.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled


async def _shut_down(manager: AsyncKernelManager, client: NotebookClient) -> None:
    # nbclient cleans up at exit what an interrupted start left; we do so here and now,
    # and its handler would stumble over what is already gone.
    atexit.unregister(client._cleanup_kernel)  # noqa: SLF001 - it has no public name
    if client.kc is not None:
        client.kc.stop_channels()
    if manager.has_kernel:
        # Nothing in the kernel is worth a farewell: kill it instead of asking it.
        with contextlib.suppress(asyncio.TimeoutError, ProcessLookupError):
            await asyncio.wait_for(manager.shutdown_kernel(now=True), timeout=10)
    # A kernel that never came up, died, or outlasted the wait left its sockets open.
    await manager.cleanup_resources()


def _transport(path: Path, private: Path) -> dict[str, str]:
    # Over TCP a kernel takes ports that were free a moment ago, and of many kernels
    # started at once on a busy machine one sometimes finds its port taken. Sockets in
    # our own folder cannot collide, nor can anybody else on the machine reach them.
    base = str(private / f"{path.stem}-ipc")
    if os.name == "posix" and len(os.fsencode(base)) < _LONGEST_SOCKET:
        return {"transport": "ipc", "ip": base}
    return {}


def _environment(variables: Mapping[str, str], private: Path) -> dict[str, str]:
    environment = {**os.environ, **variables}
    # What is set for this process (Agg, in a run) must not keep figures out of the notebook.
    environment.pop("MPLBACKEND", None)
    # The profile of the person who runs this may import, print or set what others lack,
    # and its history is a database that parallel kernels would contend for.
    environment["IPYTHONDIR"] = str(private / "ipython")
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    # A kernel must find the modules this process found, `PYTHONPATH` may be relative.
    if environment.get("PYTHONPATH"):
        parts = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(part).resolve()) for part in parts)
    return environment


def read_source(path: Path, source: bytes | None = None) -> nbformat.NotebookNode:
    """Return a notebook as it is to be executed: without outputs.

    Parameters
    ----------
    path
        Its file.
    source
        What the file held when it was read; else it is read here.
    """
    try:
        raw = path.read_bytes() if source is None else source
        with warnings.catch_warnings():
            # Notebooks from before nbformat 4.5 have no cell ids: no reader's concern.
            warnings.simplefilter("ignore")
            content: nbformat.NotebookNode = nbformat.reads(raw.decode("utf-8"), as_version=4)
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror}."
        raise NotebookError(message, notebook=path.stem) from error
    # nbformat raises what it happens to: ValueError, AttributeError, its own classes.
    except Exception as error:
        message = f"{path.name} is not a notebook: {_plain(str(error)) or type(error).__name__}"
        raise NotebookError(message, notebook=path.stem) from error
    for cell in content.cells:
        if cell.cell_type == "code":
            # What was saved with the file is not what this run computes.
            cell.outputs, cell.execution_count = [], None
    return content


def _is_code(cell: nbformat.NotebookNode) -> bool:
    tags = cell.metadata.get("tags", [])
    return bool(cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in tags)


def first_line(source: str) -> str:
    """Return the first line of a cell that is not blank, shortened."""
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    if len(line) <= _LONGEST_LINE:
        return line
    return line[: _LONGEST_LINE - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _plain(text: str) -> str:
    return _ANSI.sub("", text).strip()


def stderr_of(name: str, content: nbformat.NotebookNode) -> tuple[Stderr, ...]:
    """Return what the code cells of a notebook wrote to stderr."""
    return tuple(
        Stderr(name, cell.execution_count or 0, _CELL_FILE.sub("line ", _plain(output.text)))
        for cell in content.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )


def _error(
    message: str, progress: _Progress, content: nbformat.NotebookNode, **more: Any
) -> NotebookError:
    stderr = stderr_of(progress.name, content)
    return NotebookError(message, notebook=progress.name, cell=progress.cell, stderr=stderr, **more)
