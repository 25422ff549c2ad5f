"""A review as it was at a git revision, read without touching the working tree."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from evidence.data.sections import FILE
from evidence.errors import InvalidArgumentError
from evidence.living.diff.sides import Side, conclude_files

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_revision", "read_revision"]


def is_revision(name: str, review: Path) -> bool:
    """Whether this names a commit in the repository a review lies in.

    Parameters
    ----------
    name
        Perhaps a revision.
    review
        The review's folder.
    """
    if not name or name.startswith("-"):
        return False
    try:
        _git(review, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except InvalidArgumentError:
        return False
    return True


def read_revision(name: str, review: Path) -> Side:
    """Return what a review says at a git revision, worked out by the code of now.

    Parameters
    ----------
    name
        The revision.
    review
        The review's folder; at the revision it is looked for at the same path.

    Raises
    ------
    InvalidArgumentError
        When git does not know the revision, or the review was not there yet, or this code
        cannot read it as it was.
    """
    if name.startswith("-"):
        raise InvalidArgumentError(f"{name!r} is no revision: it starts with a dash.")
    # The commit, so that nothing in a name is taken for a path or an option.
    commit = _git(review, "rev-parse", "--verify", f"{name}^{{commit}}").decode().strip()
    inside = _git(review, "rev-parse", "--show-prefix").decode().strip()
    top = Path(_git(review, "rev-parse", "--show-toplevel").decode().strip())
    files = _files(_archive(top, commit, inside, name), inside)
    if FILE not in files:
        raise InvalidArgumentError(
            f"At {name} there is no {inside}{FILE}: the review was added or renamed later."
        )
    conclusions = conclude_files(files, review.name)
    if conclusions is None:
        raise InvalidArgumentError(_why_not(name, review))
    return Side(name, conclusions.to_dict(), files)


def _why_not(name: str, review: Path) -> str:
    return (
        f"The review {review.name} as it was at {name} has problems for the code of now, whose "
        "tables may have other columns. Check out that revision elsewhere (git worktree add), "
        "run `evidence run` there, and compare the two reports."
    )


def _archive(top: Path, commit: str, inside: str, name: str) -> bytes:
    try:
        return _git(top, "archive", "--format=tar", commit, "--", inside or ".")
    except InvalidArgumentError as error:
        raise InvalidArgumentError(
            f"At {name} there is no folder {inside or top}: the review was added or renamed "
            f"later. ({error})"
        ) from error


def _files(archive: bytes, inside: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            name = member.name.removeprefix(inside)
            # Only what a review consists of: its files, and the tools it brings. Nothing is
            # unpacked, and no link is followed.
            parts = Path(name).parts
            wanted = len(parts) == 1 or (len(parts) == 2 and parts[0] == "tools")
            content = tar.extractfile(member) if member.isfile() and wanted else None
            if content is not None and Path(name).suffix in (".csv", ".toml"):
                found[name] = content.read()
    return found


def _git(folder: Path, *arguments: str) -> bytes:
    command: Sequence[str] = ("git", "-C", str(folder), *arguments)
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise InvalidArgumentError(
            "Revisions need git, which could not be started. Name two folders instead: "
            "evidence diff OLD NEW."
        ) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise InvalidArgumentError(f"git says of {folder}: {said[-1] if said else 'nothing'}")
    return done.stdout
