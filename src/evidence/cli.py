"""The command line: `evidence run`, `watch`, `check`, `integrity`, `codebook`, `readme`.

Everything heavy is imported inside the commands, so that `--help` is there at once.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from evidence.errors import EvidenceError, InvalidReviewError
from evidence.living.current import DEFAULT_REVIEW, REVIEW_VARIABLE

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from evidence.data import Problem

__all__ = ["app", "main"]

_INTERRUPTED = 130
#: Exit status of `evidence diff` where a verdict changed. 1 is an error, 2 a wrong command.
_VERDICT_CHANGED = 3
_PIPED_WIDTH = 120
_NARROW = 60

_Parameters = ParamSpec("_Parameters")

app = typer.Typer(
    help="How strong is the evidence? Check a review's data and report what they say.",
    epilog="Examples:\n\n  evidence run\n\n  evidence check data/my-question\n\n"
    "  evidence run --help\n\nNot medical advice.",
    no_args_is_help=True,
    # An error of ours is one line; any other is a fault to be seen as Python shows it.
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)

_Review = Annotated[
    str,
    typer.Argument(
        metavar="REVIEW",
        envvar=REVIEW_VARIABLE,
        help="Path of a review folder, or its name in data/.",
    ),
]


def main() -> None:
    """Run the command line."""
    app()


def _friendly(command: Callable[_Parameters, None]) -> Callable[_Parameters, None]:
    """Print errors of ours without a traceback, and end with the right status."""

    @functools.wraps(command)
    def wrapped(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InvalidReviewError as error:
            _print_problems(error, _console(stderr=True))
            raise typer.Exit(1) from None
        except EvidenceError as error:
            details = getattr(error, "details", "")
            if details:
                _line(details, style="dim")
            _line(f"Error: {error}", style="bold red")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            _line("Stopped. Nothing was changed.", style="bold")
            raise typer.Exit(_INTERRUPTED) from None

    return wrapped


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"evidence {version('evidence')}")
        except PackageNotFoundError:
            typer.echo("evidence (not installed: run from its source)")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", help="Write here instead of reports/<review>/."),
]
_Notebooks = Annotated[
    Path | None,
    typer.Option("--notebooks", "-n", metavar="DIR", help="Execute these instead of notebooks/."),
]
_Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=1, help="Notebooks at once; as many as processors by default."
    ),
]


@app.command(
    help="Check the data, execute the notebooks, and write the report.\n\n"
    "What rests on nothing that changed since the last run is not run again.\n\n"
    "A report appears whole or not at all: when anything fails, or you press Ctrl-C, "
    "the last good report stays as it was.",
    epilog="Examples:\n\n"
    "  evidence run\n\n"
    "  evidence run data/my-question --output ~/my-report\n\n"
    "  evidence run magnesium-sleep data/my-question\n\n"
    "  evidence run magnesium-sleep --force --jobs 1",
)
@_friendly
def run(
    reviews: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REVIEW]...",
            help="Paths of review folders, or their names in data/. "
            f"[default: ${REVIEW_VARIABLE}, or {DEFAULT_REVIEW}]",
            show_default=False,
        ),
    ] = None,
    output: _Output = None,
    notebooks: _Notebooks = None,
    jobs: _Jobs = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Run every notebook, changed or not.")
    ] = False,
) -> None:
    """Check the data, execute the notebooks, and write the report."""
    names = list(dict.fromkeys(reviews or [os.environ.get(REVIEW_VARIABLE) or DEFAULT_REVIEW]))
    if len(names) == 1:
        _run_one(names[0], output, notebooks, jobs, force=force)
        return
    names = _each_once(names, output, notebooks)
    failed: list[str] = []
    for name in names:
        _line(f"{name}:", style="bold")
        try:
            _friendly(_run_one)(name, output, notebooks, jobs, force=force)
        except typer.Exit as end:
            if end.exit_code == _INTERRUPTED:
                raise
            failed.append(name)
    if failed:
        _line(f"Not done: {', '.join(failed)}. The other reports are written.", style="bold red")
        raise typer.Exit(1)


def _run_one(
    name: str, output: Path | None, notebooks: Path | None, jobs: int | None, *, force: bool
) -> None:
    from evidence.living.upkeep import current_report

    began = time.monotonic()
    current = None if force else current_report(name, output=output, notebooks=notebooks)
    if current is not None:
        typer.echo(
            f"Report: {_short(current)} ({time.monotonic() - began:.1f} s): nothing changed, "
            "so nothing was run; --force runs all."
        )
        return
    # Figures go to files; a window system, or its absence, must not matter.
    os.environ["MPLBACKEND"] = "Agg"
    from evidence.living.progress import RunProgress
    from evidence.living.run import run_report

    with RunProgress(_console(stderr=True)) as progress:
        index = run_report(
            name, progress=progress, output=output, notebooks=notebooks, jobs=jobs, force=force
        )
    typer.echo(f"Report: {_short(index)} ({time.monotonic() - began:.0f} s)")


def _each_once(names: list[str], output: Path | None, notebooks: Path | None) -> list[str]:
    """Leave out a review named twice, and refuse two reviews that share a report's folder."""
    from evidence.errors import ReportError
    from evidence.finding import find_folder
    from evidence.living.place import find_place

    if output is not None:
        raise ReportError(
            "--output names the folder of one report. Run one review at a time with it, or "
            "leave it out: each review has a folder of its own in reports/."
        )
    taken: dict[Path, tuple[Path, str]] = {}
    kept: list[str] = []
    for name in names:
        try:
            review = find_folder(name)
            report = find_place(review, notebooks=notebooks).output
        except EvidenceError:
            kept.append(name)  # said when its turn comes: the others are not kept from theirs
            continue
        other, other_name = taken.setdefault(report, (review, name))
        if other != review:
            raise ReportError(
                f"{other_name} and {name} would both be written to {report}. Run them one "
                "after the other, each with its own --output DIR."
            )
        if other_name == name:
            kept.append(name)
    return kept


@app.command(
    help="Run, and run again whenever data, notebooks or code are saved.\n\n"
    "Problems in the data are listed, and the next save is waited for. Ctrl-C ends it.",
    epilog="Examples:\n\n  evidence watch\n\n  evidence watch data/my-question --jobs 1",
)
@_friendly
def watch(
    review: _Review = DEFAULT_REVIEW,
    output: _Output = None,
    notebooks: _Notebooks = None,
    jobs: _Jobs = None,
) -> None:
    """Run, and run again whenever data, notebooks or code are saved."""
    import sys

    from evidence.finding import find_folder
    from evidence.living.watch import Watched, watch

    find_folder(review)  # a name that is none is said at once
    given = {"--output": output, "--notebooks": notebooks, "--jobs": jobs}
    options = [f"{name}={value}" for name, value in given.items() if value is not None]
    command = [sys.executable, "-m", "evidence.cli", "run", *options, "--", review]
    watch(Watched(review, output, notebooks), command, say=lambda text: _line(text, style="bold"))


@app.command(
    epilog="Examples:\n\n"
    "  evidence check\n\n"
    "  evidence check data/my-question\n\n"
    "  cd data/my-question && evidence check ."
)
@_friendly
def check(review: _Review = DEFAULT_REVIEW) -> None:
    """Check a review's data and list every problem with its place and its mend.

    The exit status is 1 where there is a problem, else 0.
    """
    from evidence.data import check_review

    problems = check_review(review)
    if problems:
        # Here the problems are what was asked for; elsewhere they go to stderr.
        _print_problems(InvalidReviewError(problems.summary(), problems), _console())
        raise typer.Exit(1)
    typer.echo(problems.summary())


@app.command(epilog="Examples:\n\n  evidence integrity\n\n  evidence integrity data/my-question")
@_friendly
def integrity(review: _Review = DEFAULT_REVIEW) -> None:
    """Ask of every reported number whether it can be true beside the others.

    Finding something is no error: the exit status is 0.
    """
    from evidence.appraisal import check_integrity
    from evidence.data import load_review
    from evidence.living.progress import printable

    report = check_integrity(load_review(review))
    typer.echo("\n".join(printable(line) for line in report.summary().splitlines()))


class _Format(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


@app.command(
    epilog="Examples:\n\n"
    "  evidence diff                       the last good report against the data now\n\n"
    "  evidence diff old-report new-report\n\n"
    "  evidence diff HEAD~1..              a git revision against the data now\n\n"
    "  evidence diff v1.0 v1.1 --format markdown"
)
@_friendly
def diff(
    old: Annotated[
        str | None,
        typer.Argument(
            metavar="[OLD]",
            help="A report, a review folder, a conclusions.json or a git revision; the last "
            "good report if not given.",
            show_default=False,
        ),
    ] = None,
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="[NEW]",
            help="The same; the review as it is now if not given.",
            show_default=False,
        ),
    ] = None,
    review: Annotated[
        str,
        typer.Option(
            "--review",
            "-r",
            metavar="REVIEW",
            envvar=REVIEW_VARIABLE,
            help="The review whose report or revisions are meant: a path, or a name in data/.",
        ),
    ] = DEFAULT_REVIEW,
    form: Annotated[
        _Format, typer.Option("--format", "-f", help="How to write it.")
    ] = _Format.TEXT,
) -> None:
    """Say what changed in the conclusions, and why, from the row up.

    The exit status is 3 where a verdict changed, 0 where nothing or only numbers did,
    and 1 where the two cannot be compared.
    """
    from evidence.living.diff.command import compare_named
    from evidence.living.page import conclusions_json
    from evidence.living.progress import printable

    found = compare_named(old, new, review)
    if form is _Format.JSON:
        typer.echo(conclusions_json(found.to_dict()), nl=False)
    else:
        text = found.summary() if form is _Format.TEXT else found.to_markdown()
        typer.echo(printable(text))
    if found.verdict_changed:
        raise typer.Exit(_VERDICT_CHANGED)


@app.command(epilog="Example:\n\n  evidence codebook --write")
@_friendly
def codebook(
    write: Annotated[
        bool, typer.Option("--write", help="Write data/README.md instead of printing.")
    ] = False,
) -> None:
    """Print the codebook: every file of a review, every column and what it may hold."""
    from evidence.data.codebook import codebook as text

    if not write:
        typer.echo(text(), nl=False)
        return
    from evidence.errors import ReportError
    from evidence.living.place import find_clone

    clone = find_clone()
    if clone is None:
        raise ReportError("No clone was found from here upwards; run this inside one.")
    path = clone / "data" / "README.md"
    if path.is_file() and path.read_text("utf-8") == text():
        typer.echo(f"{_short(path)} is up to date.")
        return
    try:
        path.write_text(text(), "utf-8")
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}.") from error
    typer.echo(f"{_short(path)} is written.")


@app.command(epilog="Example:\n\n  evidence readme --write")
@_friendly
def readme(
    write: Annotated[
        bool, typer.Option("--write", help="Write README.md and its figure instead of printing.")
    ] = False,
) -> None:
    """Print what the README says of the worked case: the answer, the figure, the table."""
    from evidence.data import load_review
    from evidence.errors import ReportError
    from evidence.judgement import conclude
    from evidence.living.place import find_clone
    from evidence.living.readme import readme_block, write_readme

    os.environ["MPLBACKEND"] = "Agg"
    conclusions = conclude(load_review(DEFAULT_REVIEW))
    if not write:
        typer.echo(readme_block(conclusions))
        return
    clone = find_clone()
    if clone is None:
        raise ReportError("No clone was found from here upwards; run this inside one.")
    write_readme(conclusions, clone)
    typer.echo("README.md and its figure are written.")


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        # In a log or a pipe there is no width to fit: 80 would fold for nothing.
        console = Console(stderr=stderr, highlight=False, width=_PIPED_WIDTH)
    return console


def _line(text: str, style: str = "") -> None:
    from rich.text import Text

    from evidence.living.progress import printable

    _console(stderr=True).print(Text(printable(text), style=style), soft_wrap=True)


def _short(path: Path) -> str:
    """Return a path as a person here would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _print_problems(error: InvalidReviewError, console: Console) -> None:
    from evidence.data import Problem

    problems = [problem for problem in error.problems if isinstance(problem, Problem)]
    title, _, rest = str(error).partition("\n")
    console.print(title, style="bold red", markup=False)
    if not problems and rest:
        console.print(rest, markup=False)
    if not problems:
        return
    if console.width < _NARROW:
        _stack(console, problems)
    else:
        console.print(_table(problems))


def _mend(problem: Problem) -> str:
    accepted = f"Accepted: {problem.accepted}." if problem.accepted else ""
    return " ".join(part for part in (accepted, problem.advice) if part)


def _table(problems: list[Problem]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from evidence.living.progress import printable

    table = Table(box=box.SIMPLE_HEAD, leading=1, pad_edge=False)
    table.add_column("where", ratio=2, overflow="fold")
    table.add_column("what is wrong", ratio=3, overflow="fold")
    table.add_column("what to do", ratio=3, overflow="fold")
    for problem in problems:
        line = f"line {problem.line}" if problem.line else ""
        where = "\n".join(part for part in (problem.file, line, problem.column) if part)
        found = f" Found {problem.found!r}." if problem.found else ""
        cells = (where, problem.message + found, _mend(problem))
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def _stack(console: Console, problems: list[Problem]) -> None:
    """Print each problem as a paragraph: three columns on a phone's width help nobody."""
    from rich.text import Text

    from evidence.living.progress import printable

    for problem in problems:
        found = f" Found {problem.found!r}." if problem.found else ""
        console.print()
        console.print(Text(printable(problem.place), style="bold"))
        console.print(Text(printable(f"{problem.message}{found} {_mend(problem)}".rstrip())))


if __name__ == "__main__":
    main()
