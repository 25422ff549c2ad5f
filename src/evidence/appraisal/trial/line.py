"""A line of the appraisal of one trial: what was asked, the answer, and why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from evidence.errors import EvidenceError

__all__ = ["Answer", "Findable", "TrialLine", "answered", "line_of", "refused"]


class Findable(Protocol):
    """What a line can be made of: any result with a sentence, a reference and assumptions."""

    @property
    def reference(self) -> str:
        """The paper of the method."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""

    def sentence(self) -> str:
        """Return what it says, in words."""


@dataclass(frozen=True)
class TrialLine:
    """One question put to one trial.

    Attributes
    ----------
    group
        The part of the appraisal that it belongs to.
    what
        What was asked.
    shown
        The answer in digits; ``"cannot be said"`` where there is none.
    value
        Its main number, unrounded; NaN where there is none.
    sentence
        The answer in words; of a refusal, the reason and what to do.
    reference
        The paper of the method.
    assumptions
        What it takes for granted.
    computed
        Whether there is an answer.
    reading
        The letter of the reading it is about, of lines that stand beside the readings.
    """

    group: str
    what: str
    shown: str
    value: float
    sentence: str
    reference: str
    assumptions: str = ""
    computed: bool = True
    reading: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer before it is a line.

    Attributes
    ----------
    finding
        The result behind it.
    shown
        It in digits.
    value
        Its main number.
    sentence
        In place of the finding's own.
    """

    finding: Findable
    shown: str
    value: float = math.nan
    sentence: str = ""


def line_of(
    group: str,
    what: str,
    make: Callable[[], Answer],
    reference: str,
    *,
    reading: str = "",
) -> TrialLine:
    """Return a line; where it cannot be computed, one that says why.

    Parameters
    ----------
    group, what
        Where it belongs, and what was asked.
    make
        Returns the answer, or raises one of the package's errors.
    reference
        The paper of the method, where it cannot be computed.
    reading
        The letter of the reading it is about.
    """
    try:
        found = answered(group, what, make())
    except EvidenceError as error:
        found = refused(group, what, str(error), reference)
    return replace(found, reading=reading)


def answered(group: str, what: str, answer: Answer) -> TrialLine:
    """Return the line of an answer.

    Parameters
    ----------
    group, what, answer
        As for `line_of`.
    """
    return TrialLine(
        group,
        what,
        answer.shown,
        answer.value,
        answer.sentence or answer.finding.sentence(),
        answer.finding.reference,
        " ".join(answer.finding.assumptions),
    )


def refused(group: str, what: str, why: str, reference: str) -> TrialLine:
    """Return a line that says why there is no answer.

    Parameters
    ----------
    group, what, reference
        As for `line_of`.
    why
        The reason, and what to do.
    """
    return TrialLine(group, what, "cannot be said", math.nan, why, reference, computed=False)
