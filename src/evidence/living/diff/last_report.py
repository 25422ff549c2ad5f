"""The last good report: what a run keeps of it, and what changed since."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence.errors import EvidenceError, ReportError
from evidence.living.diff.changes import ConclusionsComparison
from evidence.living.diff.compare import compare_conclusions
from evidence.living.diff.sides import COMPUTED, CONCLUSIONS, DATA, Side, read_side
from evidence.living.earlier import EARLIER_VARIABLE

if TYPE_CHECKING:
    from evidence.data import Review
    from evidence.judgement.conclusions import Conclusions

__all__ = [
    "EARLIER",
    "earlier_files",
    "keep_last_report",
    "last_report",
    "what_changed",
]

#: Folder of a report with what was kept of the one before it that said something else.
EARLIER = "earlier"
_NOW = "now"


def what_changed(
    review: Review | Conclusions, report: str | Path | None = None
) -> ConclusionsComparison:
    """Say what changed since the last good report, and why.

    Where the last report says exactly what is said now, as it does when a run is repeated,
    the one before it counts that said something else: the answer stays what changed last.

    Parameters
    ----------
    review
        The review as it is now, or its conclusions.
    report
        Folder of the report; in a run the last good one, else the clone's
        ``reports/<review>/``.

    Returns
    -------
    ConclusionsComparison
        With a note and without changes where there is no earlier report, or none that can
        be read.
    """
    now = read_side(review, _NOW)
    try:
        old = _earlier(now, _folder(review) if report is None else Path(report))
        if old is not None:
            return compare_conclusions(old, now)
        note = "A report made by `evidence run` is what a later state is compared with."
    except ReportError as error:
        note = f"The earlier report cannot be read: {error}"
    return ConclusionsComparison("", _NOW, (), notes=(note,))


def last_report(review: Review) -> Path:
    """Return the folder of the last good report of a review.

    Parameters
    ----------
    review
        The review.

    Raises
    ------
    ReportError
        When there is none.
    """
    folder = _folder(review)
    if folder is None or not (folder / CONCLUSIONS).is_file():
        where = f" at {folder}" if folder else ""
        raise ReportError(
            f"There is no report of {review.name}{where} to compare with. Run `evidence run` "
            "first, or name two sides: evidence diff OLD NEW."
        )
    return folder


def keep_last_report(report: Path, to: Path) -> None:
    """Copy what a comparison needs of a report.

    Parameters
    ----------
    report
        The report's folder; nothing is copied where there is none.
    to
        Where to.
    """
    for name in (CONCLUSIONS, COMPUTED, DATA, EARLIER):
        source = report / name
        with suppress(OSError):  # what cannot be copied cannot be compared with
            if source.is_dir():
                shutil.copytree(source, to / name)
            elif source.is_file():
                shutil.copy2(source, to / name)


def earlier_files(now: object, kept: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files a new report keeps of the one it is compared with.

    Parameters
    ----------
    now
        The new conclusions.
    kept
        What was kept of the last report.
    """
    side = read_side(now, _NOW)
    with suppress(ReportError):
        folder = _differing(side, kept)
        if folder is None:
            return
        for name in (CONCLUSIONS, COMPUTED, DATA):
            path = folder / name
            found = sorted(path.rglob("*")) if path.is_dir() else [path]
            for file in found:
                if file.is_file():
                    yield f"{EARLIER}/{file.relative_to(folder).as_posix()}", file.read_bytes()


def _folder(review: Review | Conclusions) -> Path | None:
    from evidence.living.place import find_place

    given = os.environ.get(EARLIER_VARIABLE)
    if given:
        return Path(given)
    found: Any = getattr(review, "review", review)
    try:
        return find_place(found.folder).output
    except EvidenceError:
        return None


def _earlier(now: Side, report: Path | None) -> Side | None:
    folder = _differing(now, report) if report is not None else None
    if folder is None:
        return None
    side = read_side(folder)
    day = _day(side.computed)
    label = f"the report of {day}" if day else "the earlier report"
    return Side(label, side.content, side.files, day)


def _differing(now: Side, report: Path) -> Path | None:
    """Return the folder of the last report that says something else than is said now."""
    for folder in (report, report / EARLIER):
        if not (folder / CONCLUSIONS).is_file():
            continue
        if _said(read_side(folder).content) != _said(now.content):
            return folder
    return None


def _said(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != "code"}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""
