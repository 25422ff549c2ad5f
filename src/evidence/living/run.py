"""A run: check, analyse, execute what has to be executed, publish the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import nbformat

from evidence.data import find_review, load_review
from evidence.data.notice import days_asked
from evidence.errors import ReportError
from evidence.living.current import REVIEW_VARIABLE
from evidence.living.earlier import Earlier
from evidence.living.execution import Execution, usable_processors
from evidence.living.inputs import Inputs, changes, read_inputs
from evidence.living.interruption import interruptible
from evidence.living.manifest import EXECUTED, MANIFEST, Entry, Manifest, read_manifest
from evidence.living.notebook import Executed, NotebookError, Stderr
from evidence.living.place import Place, find_place
from evidence.living.progress import RunProgress
from evidence.living.reads import Reads, hash_file, merged, relative, whole
from evidence.living.report_folder import ReportFolder
from evidence.living.upkeep import Plan, is_past, listed, place_hash, plan_run, today_here

if TYPE_CHECKING:
    from evidence.appraisal.evidence_age import EvidenceAge
    from evidence.data import Review
    from evidence.judgement.conclusions import Conclusions
    from evidence.living.reading import Reading
    from evidence.plots import Picture

__all__ = ["ChangedMeanwhileError", "run_report"]

_NO_REPORT = "there is no earlier report"
_IMAGE = re.compile(
    r"""!\[[^\]]*\]\(\s*<?([^)>\s]+)|<img\b[^>]*?\bsrc=["']([^"']+)""", re.IGNORECASE
)


class ChangedMeanwhileError(ReportError):
    """Data or code were saved while a report was being made from them."""


def run_report(
    name: str | Path,
    *,
    progress: RunProgress,
    output: Path | None = None,
    notebooks: Path | None = None,
    jobs: int | None = None,
    force: bool = False,
) -> Path:
    """Check and analyse a review, execute the notebooks on it, and publish the report.

    The report appears whole or not at all: until everything is computed and written,
    and whenever anything fails or is interrupted, the last report stays as it was.
    A notebook whose last execution rests on nothing that changed is not run again; its
    page is made from what was kept of it (see `evidence.living.upkeep`).

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
    force
        Run all notebooks, changed or not.

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
    ChangedMeanwhileError
        When data or code were changed during the run.
    ReportError
        When the report cannot be written.
    KeyboardInterrupt
        On SIGINT, SIGTERM or SIGHUP, with everything cleaned up.
    """
    with interruptible() as interruption:
        source = find_review(name)
        place = find_place(source, notebooks=notebooks, output=output)
        # Each notebook is read once: what is executed is what the manifest tells of.
        sources = _sources(place)
        # The review is loaded between two looks at its files that have to agree.
        inputs = read_inputs(source, place, sources)
        review = load_review(source)
        with (
            ReportFolder(place.output, interruption) as folder,
            Earlier(place.output) as last,
        ):
            earlier = read_manifest(place.output)
            _refuse_another_review(earlier, place, review)
            plan = plan_run(earlier, inputs, place, review.folder, force=force)
            kept = _kept(plan, place)
            _say_plan(progress, plan, earlier, inputs)
            execution = Execution(
                [path for path in place.notebooks if path.stem in plan.to_run],
                variables={REVIEW_VARIABLE: str(review.folder), **last.variables},
                jobs=jobs or usable_processors(),
                listener=progress,
                sources=sources,
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
                    moment = datetime.now().astimezone()
                    changed = last.compared(conclusions)
                    for file, data in last.files(review, conclusions, moment):
                        folder.write(file, data)
                    ran = execution.results()
            except NotebookError as error:
                # A file that was saved half-way is not the notebook's fault.
                _refuse_what_changed(place, review, inputs, [])
                _say_stderr(progress, error.stderr)
                raise
            by_name = {one.path.stem: one for one in (*ran, *kept)}
            executed = [by_name[path.stem] for path in place.notebooks]
            pictures = _pictures(executed)
            readings = [read_notebook(notebook) for notebook in executed]
            pages = Pages(review, moment, readings)
            for notebook, reading in zip(executed, readings, strict=True):
                folder.write(f"notebooks/{reading.name}.html", pages.notebook(reading))
                for figure in reading.figures:
                    folder.write(f"figures/{figure.name}", figure.data)
                folder.write(f"{EXECUTED}/{reading.name}.ipynb", nbformat.writes(notebook.content))
                if reading.name in plan.to_run:
                    _say_stderr(progress, reading.stderr)
                    _say_missing_alt(progress, reading)
            folder.write("index.html", pages.index(conclusions, svg, picture.alt, changed))
            manifest = _manifest(place, review, inputs, executed, pictures, folder.written)
            manifest = replace(manifest, until=_until(pages.age))
            folder.write(MANIFEST, manifest.to_json())
            _refuse_what_changed(place, review, inputs, [pictures, *(e.reads for e in executed)])
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


def _sources(place: Place) -> dict[Path, bytes]:
    found: dict[Path, bytes] = {}
    for path in place.notebooks:
        try:
            found[path] = path.read_bytes()
        except OSError as error:
            message = f"{path.name} cannot be read: {error.strerror}."
            raise NotebookError(message, notebook=path.stem) from error
    return found


def _refuse_another_review(earlier: Manifest | str, place: Place, review: Review) -> None:
    """Refuse to replace the report of another review that has the same name."""
    if isinstance(earlier, str):
        return
    other = Path(whole(earlier.review, place.output))
    if other != review.folder and (other / "review.toml").is_file():
        raise ReportError(
            f"{place.output} is the report of another review, {other}, which is still there. "
            f"Name another folder for the report of {review.folder}: --output DIR."
        )


def _kept(plan: Plan, place: Place) -> list[Executed]:
    """Return the executions that still hold, as they were kept."""
    earlier = read_manifest(place.output)
    if isinstance(earlier, str):
        return []
    found: list[Executed] = []
    for path in place.notebooks:
        if path.stem in plan.kept:
            kept = (place.output / EXECUTED / f"{path.stem}.ipynb").read_text("utf-8")
            entry = earlier.entries[path.stem]
            content = nbformat.reads(kept, as_version=4)
            reads = entry.reads.seen_from(place.output, back=True)
            found.append(Executed(path, content, entry.seconds, reads))
    return found


def _pictures(executed: Iterable[Executed]) -> Reads:
    """Return the images that the notebooks' prose shows: they become part of the pages."""
    found: dict[str, str] = {}
    for notebook in executed:
        for cell in notebook.content.cells:
            if cell.cell_type != "markdown":
                continue
            for names in _IMAGE.findall(cell.source):
                name = unquote("".join(names))
                if not re.match(r"[a-zA-Z][a-zA-Z+.-]+:", name):
                    path = whole(name, notebook.path.parent)
                    found[path] = hash_file(path)
    return Reads(files=found)


def _manifest(
    place: Place,
    review: Review,
    inputs: Inputs,
    executed: Sequence[Executed],
    pictures: Reads,
    outputs: Mapping[str, str],
) -> Manifest:
    entries = {
        one.path.stem: Entry(
            place=place_hash(one.path),
            source=inputs.notebooks[one.path.stem],
            seconds=one.seconds,
            reads=one.reads.seen_from(place.output),
        )
        for one in executed
    }
    # The first page says what notebooks say: if they depend on the day, it does.
    day = merged([one.reads for one in executed]).day or (today_here() if days_asked() else "")
    pages = Reads(files=pictures.files, day=day).seen_from(place.output)
    return Manifest(
        relative(str(review.folder), place.output), inputs, entries, pages, dict(outputs)
    )


def _until(age: EvidenceAge) -> str:
    """Return the first day on which the pages would say another age of the evidence."""
    if age.months is None or age.on is None:
        return ""
    day = age.on
    while replace(age, on=day).months == age.months:
        day += timedelta(days=1)
    return day.isoformat()


def _refuse_what_changed(
    place: Place, review: Review, inputs: Inputs, reads: Iterable[Reads]
) -> None:
    """Refuse a report in which pages could rest on different data, or on different code."""
    if not (review.folder / "review.toml").is_file():
        raise ChangedMeanwhileError(
            f"{review.folder} was moved or renamed while the report was being made, so nothing "
            "was written. Run it again with the new name."
        )
    changed = inputs.moved_on(read_inputs(review.folder, place))
    known: dict[tuple[str, str], str] = {}
    for one in reads:
        changed += [Path(path).name for path in one.changed(known)]
    if changed:
        raise ChangedMeanwhileError(
            f"{', '.join(dict.fromkeys(changed))} changed while the report was being made, so "
            "nothing was written: its pages would not have agreed. Run it again."
        )


def _say_plan(progress: RunProgress, plan: Plan, earlier: Manifest | str, inputs: Inputs) -> None:
    if plan.overall and plan.overall != _NO_REPORT:
        progress.say(f"All notebooks run: {plan.overall}.", style="dim")
    for name, reason in plan.to_run.items():
        if reason:
            progress.because(name, reason)
    if not plan.to_run and not isinstance(earlier, str):
        why = _why_pages(earlier, inputs)
        progress.say(f"No notebook has to run again; the pages are made anew ({why}).", style="dim")
    progress.expect([*plan.to_run, *plan.kept])
    for name in plan.kept:
        progress.kept(name)


def _why_pages(earlier: Manifest, inputs: Inputs) -> str:
    for kind in ("data", "code"):
        changed = changes(getattr(earlier.inputs, kind), getattr(inputs, kind))
        if changed:
            return f"{kind} changed: {listed(changed)}"
    if set(earlier.inputs.notebooks) - set(inputs.notebooks):
        return "a notebook was taken away"
    if is_past(earlier):
        return "the evidence is a month older"
    return "an image or a file of the report is not as it was"


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
