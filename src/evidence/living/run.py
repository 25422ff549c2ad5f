"""A run: check, analyse, execute the notebooks, publish the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from evidence.data import load_review
from evidence.living.current import REVIEW_VARIABLE
from evidence.living.execution import Execution, usable_processors
from evidence.living.interruption import interruptible
from evidence.living.notebook import NotebookError, Stderr
from evidence.living.place import find_place
from evidence.living.progress import RunProgress
from evidence.living.report_folder import ReportFolder

if TYPE_CHECKING:
    from evidence.data import Review
    from evidence.judgement.conclusions import Conclusions
    from evidence.living.reading import Reading
    from evidence.plots import Picture

__all__ = ["run_report"]


def run_report(
    name: str | Path,
    *,
    progress: RunProgress,
    output: Path | None = None,
    notebooks: Path | None = None,
    jobs: int | None = None,
) -> Path:
    """Check and analyse a review, execute the notebooks on it, and publish the report.

    The report appears whole or not at all: until everything is computed and written,
    and whenever anything fails or is interrupted, the last report stays as it was.

    Parameters
    ----------
    name
        Path or name of the review.
    progress
        Where to show how far it is.
    output
        Folder of the report instead of ``reports/<review>/`` in the clone.
    notebooks
        Folder of notebooks instead of the clone's.
    jobs
        How many notebooks at once; as many as there are processors if not given.

    Returns
    -------
    Path
        The report's first page.

    Raises
    ------
    InvalidReviewError
        With all problems of the review.
    NotebookError
        Names the notebook, the cell and the error.
    ReportError
        When the report cannot be written.
    KeyboardInterrupt
        On SIGINT, SIGTERM or SIGHUP, with everything cleaned up.
    """
    with interruptible() as interruption:
        review = load_review(name)
        place = find_place(review.folder, notebooks=notebooks, output=output)
        progress.expect([path.stem for path in place.notebooks])
        with ReportFolder(place.output, interruption) as folder:
            execution = Execution(
                place.notebooks,
                variables={REVIEW_VARIABLE: str(review.folder)},
                jobs=jobs or usable_processors(),
                listener=progress,
            )
            try:
                # The kernels start and work while this process analyses and draws.
                with execution:
                    # Also nbconvert, which takes a second to import, waits for this moment.
                    from evidence.living.page import Pages, conclusions_json
                    from evidence.living.reading import read_notebook

                    conclusions, picture = analyse(review)
                    # Drawing twice gives the same bytes no more surely than computing
                    # twice does: the page and the file show one drawing.
                    svg = picture.svg()
                    folder.write("figures/answer.svg", svg)
                    folder.write("figures/answer.png", picture.png())
                    folder.write("conclusions.json", conclusions_json(conclusions.to_dict()))
                    executed = execution.results()
            except NotebookError as error:
                _say_stderr(progress, error.stderr)
                raise
            readings = [read_notebook(notebook) for notebook in executed]
            pages = Pages(review, datetime.now().astimezone(), readings)
            for reading in readings:
                folder.write(f"notebooks/{reading.name}.html", pages.notebook(reading))
                for figure in reading.figures:
                    folder.write(f"figures/{figure.name}", figure.data)
                _say_stderr(progress, reading.stderr)
                _say_missing_alt(progress, reading)
            folder.write("index.html", pages.index(conclusions, svg, picture.alt))
            folder.publish()
    return place.output / "index.html"


def analyse(review: Review) -> tuple[Conclusions, Picture]:
    """Return what is concluded and its figure.

    Parameters
    ----------
    review
        The review.
    """
    from evidence.judgement.conclusions import conclude
    from evidence.plots import Picture, answer_figure

    conclusions = conclude(review)
    return conclusions, Picture(answer_figure(conclusions))


def _say_stderr(progress: RunProgress, texts: Iterable[Stderr]) -> None:
    counts = Counter(texts)
    for item, times in counts.items():
        again = f" ({times} times)" if times > 1 else ""
        progress.say(f"{item.notebook}, code cell {item.cell}{again}: {item.text}", style="dim")


def _say_missing_alt(progress: RunProgress, reading: Reading) -> None:
    for cell in reading.without_alt:
        progress.say(
            f"{reading.name}, code cell {cell}: a figure without a description for readers "
            "who do not see it; show it as evidence.plots.Picture(axes).",
            style="yellow",
        )
