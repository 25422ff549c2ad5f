"""Several notebooks at once, in the background of the process that wants them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.errors import ReportError
from evidence.living.notebook import Executed, Listener, NotebookError, execute_notebook

__all__ = ["Execution", "usable_processors"]


class Execution:
    """Executes notebooks from entering the `with` block; `results` waits for them.

    The kernels are processes of their own; one thread here talks to all of them. It
    is a thread and not the main one for two reasons: signals stay with the main
    thread (nbclient would take them over there), and the main thread can analyse and
    draw meanwhile. Leaving the block stops what still runs.

    Parameters
    ----------
    notebooks
        The notebooks, in reading order.
    variables
        Environment variables for the kernels.
    jobs
        How many kernels at once.
    listener
        Is told about the progress, from the other thread.
    sources
        What the notebooks' files held when they were read; else they are read when their
        turn comes.
    """

    def __init__(
        self,
        notebooks: Sequence[Path],
        *,
        variables: Mapping[str, str],
        jobs: int,
        listener: Listener,
        sources: Mapping[Path, bytes] | None = None,
    ) -> None:
        self._sources = dict(sources or {})
        self._notebooks = tuple(notebooks)
        self._variables = dict(variables)
        self._jobs = jobs
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name="notebooks", daemon=True)
        self._begun = threading.Event()
        self._done = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._results: tuple[Executed, ...] = ()
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        try:
            self._private = Path(tempfile.mkdtemp(prefix="evidence-"))
        except OSError as error:
            raise ReportError(
                f"There is no room for temporary files: {error.strerror or error}. "
                "Free some space in the temporary folder, or name another one in TMPDIR."
            ) from error
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._begun.wait()
        if not self._done.is_set() and self._loop is not None and self._task is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed just now
                self._loop.call_soon_threadsafe(self._task.cancel)
        # Shutting a kernel down is bounded (see `execute_notebook`), and so is this.
        self._thread.join(timeout=30)
        shutil.rmtree(self._private, ignore_errors=True)

    def results(self) -> tuple[Executed, ...]:
        """Wait for all notebooks and return them in the order they were given.

        Raises
        ------
        NotebookError
            For the first notebook that failed; the others are stopped.
        """
        # In steps, because Windows does not interrupt a wait without an end by Ctrl-C.
        while not self._done.wait(timeout=0.5):
            pass
        if self._error is not None:
            raise self._error
        return self._results

    def _run(self) -> None:
        try:
            self._results = asyncio.run(self._all())
        except BaseExceptionGroup as group:
            self._error = group.exceptions[0]
        except BaseException as error:  # noqa: BLE001 - `results` raises it
            self._error = error
        finally:
            self._begun.set()
            self._done.set()

    async def _all(self) -> tuple[Executed, ...]:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._begun.set()
        seats = asyncio.Semaphore(self._jobs)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(path, seats)) for path in self._notebooks]
        return tuple(task.result() for task in tasks)

    async def _one(self, path: Path, seats: asyncio.Semaphore) -> Executed:
        async with seats:
            try:
                return await execute_notebook(
                    path,
                    variables=self._variables,
                    private=self._private,
                    listener=self._listener,
                    source=self._sources.get(path),
                )
            except NotebookError:
                self._listener.failed(path.stem)
                raise


def usable_processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))  # a container is often given fewer than there are
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1
