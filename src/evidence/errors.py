"""The errors of `evidence`: one small hierarchy, each also the matching built-in.

Every message names what was wrong and where, what is accepted, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "Caution",
    "EvidenceError",
    "InsufficientEvidenceError",
    "InvalidArgumentError",
    "InvalidReviewError",
    "ReportError",
    "ReviewNotFoundError",
    "UnknownNameError",
    "did_you_mean",
]


class EvidenceError(Exception):
    """Base of every error that `evidence` raises on purpose."""


class InvalidArgumentError(EvidenceError, ValueError):
    """An argument of a function has a value that cannot be used."""


class UnknownNameError(EvidenceError, LookupError):
    """A name (study, outcome, measure, method) is not known; the message lists what is."""


class InsufficientEvidenceError(EvidenceError, ValueError):
    """What was reported does not suffice for what was asked."""


class ReviewNotFoundError(EvidenceError, FileNotFoundError):
    """There is no review folder at the given path or under the given name."""


class InvalidReviewError(EvidenceError, ValueError):
    """A review folder has problems; `problems` holds all of them."""

    def __init__(self, message: str, problems: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class ReportError(EvidenceError, RuntimeError):
    """A report could not be made; the last good one is untouched."""


@dataclass(frozen=True, slots=True)
class Caution:
    """A statistical caution that travels with a result and is shown with it.

    Parameters
    ----------
    code
        A short stable name, for example ``"p-only"``.
    message
        One sentence for the reader.
    reference
        The paper or guideline behind it, if there is one.
    """

    code: str
    message: str
    reference: str = ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the nearest known name, or lists them all.

    Parameters
    ----------
    name
        What was given.
    known
        The names that are accepted.

    Returns
    -------
    str
        ``"Did you mean 'x'?"`` or ``"Known are: a, b, c."``.
    """
    names = sorted(known)
    # Capitals are no misspelling, so they do not count against a name.
    folded = {each.casefold(): each for each in reversed(names)}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {folded[near[0]]!r}?"
    return f"Known are: {', '.join(names)}." if names else "None are known."
