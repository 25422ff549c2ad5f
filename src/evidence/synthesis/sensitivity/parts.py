"""Long compiled work in parts: side by side in threads, with a bar once it takes long."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import numpy as np

from evidence.effects.arguments import is_number
from evidence.errors import InvalidArgumentError

__all__ = ["Progress", "check_count", "random_generator", "run_in_parts"]

#: True for a bar, False for none, or what is told (done, all) as rows are done.
Progress = bool | Callable[[int, int], object]

#: Below so many fits, threads cost more than they save.
_WORTH_THREADS = 2_000
#: Between two of these a bar can move and an interruption is heard.
_FITS_AT_ONCE = 50_000
#: Seconds before a bar is worth looking at.
_PATIENCE = 2.0


def check_count(name: str, value: Any, least: int, example: str) -> int:
    """Return a whole number once it is known to be one, and large enough.

    Parameters
    ----------
    name, value
        The argument and what was given.
    least
        The smallest that is accepted.
    example
        One that would be.

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    """
    # `%` of an infinity or NaN is NaN, which is not 0.
    if isinstance(value, bool) or not is_number(value) or value % 1 != 0 or value < least:
        raise InvalidArgumentError(
            f"{name} is {value!r}; give a whole number of at least {least}, for example {example}."
        )
    return int(value)


class _Bar:
    """A bar on a terminal or in a notebook, from the time that the work takes long."""

    def __init__(self, doing: str, total: int) -> None:
        self._doing = doing
        self._total = total
        self._began = time.monotonic()
        self._stack = ExitStack()
        self._move: Callable[[int], object] | None = None

    def __call__(self, done: int, _: int) -> None:
        if self._move is None:
            if time.monotonic() - self._began < _PATIENCE:
                return
            self._move = self._show()
        self._move(done)

    def _show(self) -> Callable[[int], object]:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        if console.is_jupyter:
            return self._tell_notebook()
        bar = Progress(console=console, transient=True, disable=not console.is_terminal)
        self._stack.enter_context(bar)
        task = bar.add_task(self._doing, total=self._total)
        return lambda done: bar.update(task, completed=done)

    def _tell_notebook(self) -> Callable[[int], object]:
        """Write the share into one output that goes again: a bar of rich's needs widgets."""
        from IPython.display import DisplayHandle

        def text(done: int) -> dict[str, str]:
            return {"text/plain": f"{self._doing}: {100 * done / self._total:.0f}%"}

        handle: Any = DisplayHandle()  # type: ignore[no-untyped-call]
        handle.display(text(0), raw=True)
        self._stack.callback(handle.update, {"text/plain": ""}, raw=True)
        return lambda done: handle.update(text(done), raw=True)

    def close(self) -> None:
        self._stack.close()


def run_in_parts(
    run: Callable[[slice], None],
    rows: int,
    *,
    doing: str,
    progress: Progress = False,
    cost: int = 1,
) -> None:
    """Run a kernel that lets go of the interpreter's lock over all rows, in parts.

    Parameters
    ----------
    run
        Does the rows of a slice.
    rows
        How many there are.
    doing
        What a bar says.
    progress
        Whether to show one after two seconds, or what to tell (done, all).
    cost
        How many fits a row stands for.
    """
    fits = rows * cost
    threads = min(os.cpu_count() or 1, 1 + fits // _WORTH_THREADS)
    # Several parts a thread: rows that differ in cost then keep all of them busy to the end.
    parts = 1 if threads == 1 else min(rows, max(4 * threads, -(-fits // _FITS_AT_ONCE)))
    ends = [rows * i // parts for i in range(parts + 1)]
    bar = _Bar(doing, rows) if progress is True else None
    tell = bar or (progress if callable(progress) else None)
    slices = [slice(a, b) for a, b in pairwise(ends)]
    try:
        if threads == 1:
            for part in slices:
                run(part)
        else:
            _in_threads(run, slices, threads, tell)
        if tell is not None:
            tell(rows, rows)
    finally:
        if bar is not None:
            bar.close()


def _in_threads(
    run: Callable[[slice], None],
    slices: list[slice],
    threads: int,
    tell: Callable[[int, int], object] | None,
) -> None:
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(threads) as executor:
        running = {executor.submit(run, part): part for part in slices}
        done = 0
        try:
            for future in as_completed(running):
                future.result()
                part = running[future]
                done += part.stop - part.start
                if tell is not None and done < slices[-1].stop:
                    tell(done, slices[-1].stop)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def random_generator(seed: Any, *parts: int) -> np.random.Generator:
    """Return the random numbers of a seed, and of a part of the work.

    Parameters
    ----------
    seed
        What a caller gave.
    parts
        Numbers of the part, so that it is the same whatever else was drawn before.
    """
    return np.random.default_rng([check_count("seed", seed, 0, "0"), *parts])
