"""Where a run reads its notebooks and where it writes its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.errors import ReportError

__all__ = ["Place", "find_clone", "find_place"]

NOTEBOOKS = "notebooks"
REPORTS = "reports"


@dataclass(frozen=True, slots=True)
class Place:
    """The notebooks of a run in reading order, and the folder of its report."""

    notebooks: tuple[Path, ...]
    output: Path


def find_place(review: Path, *, notebooks: Path | None = None, output: Path | None = None) -> Place:
    """Find the notebooks to execute and the folder to write.

    Parameters
    ----------
    review
        The review's folder. Where it lies in a clone, that clone is meant; else the
        clone of the working directory; else the one this package is installed from.
    notebooks
        A folder of notebooks instead of the clone's ``notebooks/``.
    output
        A folder instead of the clone's ``reports/<review>/``.

    Returns
    -------
    Place

    Raises
    ------
    ReportError
        When no notebooks are found.
    """
    clone = find_clone(review)
    if notebooks is None:
        if clone is None:
            raise ReportError(
                f"No folder {NOTEBOOKS}/ with notebooks was found above {review} or above the "
                "working directory. Run this inside the clone, or name one: --notebooks DIR."
            )
        notebooks = clone / NOTEBOOKS
    found = _notebooks(notebooks)
    if not found:
        raise ReportError(f"There are no notebooks (*.ipynb) in {notebooks}.")
    if output is None:
        output = (clone or Path.cwd()) / REPORTS / review.name
    # A link is followed, so that the swap replaces the report and not the link to it.
    return Place(found, output.expanduser().resolve())


def find_clone(*starts: Path) -> Path | None:
    """Return the clone above `starts`, above the working directory, or of this package.

    A clone has notebooks and reviews. Notebooks alone would not do: a folder of that
    name in somebody's home holds notebooks that are not to be executed.
    """
    for start in (*starts, Path.cwd(), Path(__file__)):
        for folder in _upwards(start):
            if _notebooks(folder / NOTEBOOKS) and any(folder.glob("data/*/review.toml")):
                return folder
    return None


def _upwards(folder: Path) -> tuple[Path, ...]:
    here = folder.resolve()
    return (here, *here.parents)


def _notebooks(folder: Path) -> tuple[Path, ...]:
    # A name with a leading dot is an editor's or a sync tool's temporary copy.
    found = (path for path in folder.expanduser().glob("*.ipynb") if path.name[0] != ".")
    return tuple(sorted(path.resolve() for path in found))
