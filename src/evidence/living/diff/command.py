"""What `evidence diff` compares: names on the command line, turned into two sides."""

from __future__ import annotations

from pathlib import Path

from evidence.data import find_review, load_review
from evidence.errors import InvalidArgumentError
from evidence.living.diff.changes import ConclusionsComparison
from evidence.living.diff.compare import compare_conclusions
from evidence.living.diff.last_report import last_report
from evidence.living.diff.revisions import is_revision, read_revision
from evidence.living.diff.sides import Side, read_side

__all__ = ["compare_named"]

_RANGE = ".."
_NOW = "now"


def compare_named(old: str | None, new: str | None, review: str) -> ConclusionsComparison:
    """Compare what two names stand for.

    Parameters
    ----------
    old
        A folder, a file or a git revision; ``A..B`` is two revisions, ``A..`` one against
        the data now. Without it the last good report is meant.
    new
        The same; without it the review as it is now.
    review
        Which review.

    Raises
    ------
    InvalidArgumentError
        When a name stands for nothing.
    ReportError
        When there is no report.
    """
    folder = find_review(review)
    if old is not None and new is None and _RANGE in old and not Path(old).exists():
        old, _, end = old.partition(_RANGE)
        new = end.removeprefix(".") or None
        if not old:
            raise InvalidArgumentError(
                f"'..{end}' names no revision to begin with; write OLD..{end}, or OLD.. for a "
                "revision against the data now."
            )
    if old is None:
        # The review is loaded once, and its problems are told before anything else.
        now = load_review(folder)
        report = last_report(now)
        return compare_conclusions(report, now, labels=("the last report", _NOW))
    first = _side(old, folder)
    second = _side(new, folder) if new is not None else read_side(load_review(folder), _NOW)
    return compare_conclusions(first, second)


def _side(name: str, review: Path) -> Side:
    if Path(name).expanduser().exists():
        return read_side(name)
    if is_revision(name, review):
        return read_revision(name, review)
    raise InvalidArgumentError(
        f"{name!r} is neither a folder or file here nor a git revision of {review}. Name the "
        "folder of a report or of a review, a conclusions.json, or a commit, branch or tag."
    )
