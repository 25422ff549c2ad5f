"""The shape that everything said of one trial has: numbers, a sentence, a paper, assumptions."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import fields
from typing import Any, cast

import numpy as np
import pandas as pd

from evidence.appraisal.trial.words import Words
from evidence.display import Display

__all__ = ["TrialFinding"]


class TrialFinding(Display):
    """What one method says of one trial.

    A finding is a frozen dataclass with a `sentence`, the `reference` of its method and the
    `assumptions` that it rests on; `evidence.appraise_trial` gathers findings as lines.
    """

    __slots__ = ()

    @abstractmethod
    def sentence(self) -> str:
        """Return what it says, in words and rounded numbers."""

    @property
    @abstractmethod
    def reference(self) -> str:
        """The paper of the method."""

    @property
    @abstractmethod
    def assumptions(self) -> tuple[str, ...]:
        """What it takes for granted."""

    def summary(self) -> str:
        """Return the sentence, what it takes for granted, and where the method is from."""
        assumed = " ".join(self.assumptions)
        return f"{self.sentence()}\nAssumes: {assumed}\nReference: {self.reference}"

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers as a table of one row, unrounded."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return the numbers as plain values; None for what is not finite."""
        found = {
            each.name: _plain(getattr(self, each.name))
            for each in fields(cast("Any", self))
            if not isinstance(getattr(self, each.name), Words)
        }
        return {**found, "sentence": self.sentence()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(each) for each in value.tolist()]
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
