"""How far a run is: a live line for each notebook, or plain lines in a log."""

from __future__ import annotations

import re
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["RunProgress", "printable"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """Remove control characters: what comes from data must not steer the terminal."""
    return _CONTROL.sub("", text)


class RunProgress:
    """Shows the progress of a run on `console`; notebooks report from another thread.

    Parameters
    ----------
    console
        Where to print. On a terminal the lines are live, else one line for each event.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tasks: dict[str, TaskID] = {}
        self._cells: dict[str, int] = {}
        self._live: Progress | None = None
        if console.is_terminal:
            self._live = Progress(
                SpinnerColumn(finished_text="[green]✓[/]"),
                TextColumn("{task.fields[name]}", markup=False),
                BarColumn(bar_width=16),
                TextColumn(
                    "{task.fields[doing]}",
                    markup=False,
                    table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
                ),
                console=console,
            )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def expect(self, notebooks: list[str]) -> None:
        """Show the notebooks in reading order, before the first of them has begun."""
        width = max(map(len, notebooks))
        for name in notebooks:
            if self._live:
                self._tasks[name] = self._live.add_task(
                    "", total=None, start=False, name=name.ljust(width), doing="waiting"
                )

    def say(self, text: str, style: str = "") -> None:
        """Print a line above the live lines."""
        self._console.print(Text(printable(text), style=style), soft_wrap=True)

    def kept(self, notebook: str) -> None:
        """Show that a notebook need not run."""
        self._cells[notebook] = 1
        self._show(notebook, "unchanged, not run again", completed=1, begins=True)

    def because(self, notebook: str, reason: str) -> None:
        """Show why a notebook runs."""
        self.say(f"{notebook}: runs, because {reason}")

    def started(self, notebook: str, cells: int) -> None:
        """Show that a kernel is being started."""
        self._cells[notebook] = cells
        self._show(notebook, "starting", completed=0, begins=True)

    def running(self, notebook: str, cell: int, line: str) -> None:
        """Show the cell being run."""
        cells = self._cells[notebook]
        self._show(notebook, f"cell {cell} of {cells}: {printable(line)}", completed=cell - 1)

    def finished(self, notebook: str, seconds: float) -> None:
        """Show that a notebook is done."""
        self._show(notebook, f"done in {seconds:.1f} s", completed=self._cells[notebook])

    def failed(self, notebook: str) -> None:
        """Show that a notebook failed."""
        self._show(notebook, "failed")

    def _show(
        self, notebook: str, doing: str, *, completed: int | None = None, begins: bool = False
    ) -> None:
        if self._live is None:
            self.say(f"{notebook}: {doing}")
            return
        task = self._tasks[notebook]
        if begins:
            self._live.start_task(task)
            self._live.update(task, total=max(self._cells[notebook], 1))
        self._live.update(task, completed=completed, doing=doing)
