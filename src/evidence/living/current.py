"""Which review a notebook is about: the worked case, unless a run says otherwise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence.data import Review

__all__ = ["DEFAULT_REVIEW", "REVIEW_VARIABLE", "current_review"]

DEFAULT_REVIEW = "magnesium-sleep"
REVIEW_VARIABLE = "EVIDENCE_REVIEW"


def current_review() -> Review:
    """Load the review that this notebook is run on.

    Opened in JupyterLab a notebook is about ``magnesium-sleep``; `evidence run REVIEW`
    executes the same notebook on another review by setting ``EVIDENCE_REVIEW``.

    Returns
    -------
    Review
        The review named (or pathed) by the environment variable ``EVIDENCE_REVIEW``.

    Raises
    ------
    ReviewNotFoundError
        When there is no such folder.
    InvalidReviewError
        With all its problems.
    """
    from evidence.data import load_review

    # A variable that is set but empty is what `EVIDENCE_REVIEW= jupyter lab` leaves behind.
    return load_review(os.environ.get(REVIEW_VARIABLE) or DEFAULT_REVIEW)
