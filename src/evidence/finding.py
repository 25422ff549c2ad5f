"""Where a review lies: known without reading it, so that asking is quick."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evidence.errors import ReviewNotFoundError, did_you_mean

__all__ = ["REVIEW_FILE", "find_folder", "holds_any"]

#: The file that makes a folder a review.
REVIEW_FILE = "review.toml"


def find_folder(name: str | Path, files: Sequence[str] = (REVIEW_FILE,)) -> Path:
    """Find a review's folder by path or by name; see `evidence.data.find_review`.

    Parameters
    ----------
    name
        ``"magnesium-sleep"``, ``"data/magnesium-sleep"`` or any path.
    files
        Names of files of which a folder that is named by its path holds at least one.

    Raises
    ------
    ReviewNotFoundError
        With the reviews that were seen instead.
    """
    path = Path(name).expanduser()
    if holds_any(path, files):
        return path.resolve()
    here = Path.cwd()
    clone = Path(__file__).resolve().parents[2]
    bases = [here, *here.parents, clone]
    # "./name" and "/name" are meant exactly; a name, or "data/name", may stand further up.
    if not path.is_absolute() and not str(name).startswith("."):
        for base in bases:
            for candidate in (base / path, base / "data" / path):
                if (candidate / REVIEW_FILE).is_file():
                    return candidate.resolve()
    if path.is_dir():
        return path.resolve()
    seen = sorted(
        {p.parent.name for base in bases for p in (base / "data").glob(f"*/{REVIEW_FILE}")}
    )
    hint = did_you_mean(path.name, seen) if seen else "No review was found from here upwards."
    if path.is_file():
        raise ReviewNotFoundError(
            f"{str(name)!r} is a file: a review is the folder it stands in. "
            f"Try {str(path.parent)!r}."
        )
    raise ReviewNotFoundError(
        f"There is no review at {str(name)!r}: a review is a folder with a {REVIEW_FILE}. {hint}"
    )


def holds_any(path: Path, files: Sequence[str]) -> bool:
    """Tell whether a folder holds any of these files.

    Parameters
    ----------
    path
        The folder.
    files
        Their names.
    """
    return any((path / file).is_file() for file in files)
