"""Stopping a notebook at any moment: its kernel and its sockets go with it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import standin

from evidence.living import notebook


class Silent:
    """Hears of the progress, and tells when a cell runs."""

    def __init__(self) -> None:
        self.in_cell = asyncio.Event()

    def started(self, *_: object) -> None: ...
    def finished(self, *_: object) -> None: ...
    def failed(self, *_: object) -> None: ...

    def running(self, *_: object) -> None:
        self.in_cell.set()


@pytest.fixture
def managers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every kernel manager that is made."""
    made: list[Any] = []
    real = notebook.AsyncKernelManager

    def make(**options: Any) -> Any:
        made.append(real(**options))
        return made[-1]

    monkeypatch.setattr(notebook, "AsyncKernelManager", make)
    return made


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run as the product does: another test's browser may hold this thread's event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def assert_nothing_left(managers: list[Any]) -> None:
    (manager,) = managers
    assert not manager.has_kernel
    assert manager.context.closed


def execute(path: Path, private: Path, listener: Silent) -> "asyncio.Task[Any]":
    return asyncio.ensure_future(
        notebook.execute_notebook(path, variables={}, private=private, listener=listener)
    )


def test_cancelled_while_the_kernel_is_shut_down(
    tmp_path: Path, managers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = standin.write_notebook(tmp_path / "short.ipynb", [("code", "1 + 1")])
    real = notebook._shut_down

    async def main() -> None:
        begun, cancels = asyncio.Event(), 3

        async def slowly(*args: Any) -> None:
            begun.set()
            await asyncio.sleep(0.2)
            await real(*args)

        monkeypatch.setattr(notebook, "_shut_down", slowly)
        task = execute(path, tmp_path, Silent())
        await begun.wait()
        for _ in range(cancels):  # also somebody impatient
            task.cancel()
            await asyncio.sleep(0.02)
        with pytest.raises(asyncio.CancelledError):
            await task

    in_a_thread(main())
    assert_nothing_left(managers)


def test_cancelled_in_a_cell_is_no_dead_kernel(tmp_path: Path, managers: list[Any]) -> None:
    path = standin.write_notebook(
        tmp_path / "long.ipynb", [("code", "import time\ntime.sleep(60)")]
    )

    async def main() -> None:
        listener = Silent()
        task = execute(path, tmp_path, listener)
        await listener.in_cell.wait()
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    in_a_thread(main())
    assert_nothing_left(managers)
