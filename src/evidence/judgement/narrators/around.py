"""What a narration may know beside the result itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evidence.appraisal.certainty import Certainty
from evidence.data import Review
from evidence.errors import InvalidArgumentError
from evidence.judgement.topic import Topic
from evidence.judgement.verdicts import Stick

__all__ = ["Around"]


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a result when it is told.

    Attributes
    ----------
    analyst
        Whether it is told to analysts, with methods and p values.
    about, review, thresholds, certainty
        As for `evidence.verdict`.
    """

    analyst: bool
    about: Topic | None = None
    review: Review | None = None
    thresholds: Stick | Iterable[Stick] | None = None
    certainty: str | Certainty | None = None

    @property
    def topic(self) -> Topic:
        """What the numbers are about; refused where nobody said."""
        if self.about is None:
            raise InvalidArgumentError(
                "Which way is better is not known of these numbers, so about is needed: for "
                "example about=evidence.judgement.Topic(treatment='tea', outcome='nap trouble', "
                "better='lower', measure='mean difference', unit='points')."
            )
        return self.about
