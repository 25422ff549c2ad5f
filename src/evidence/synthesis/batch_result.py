"""Many bodies of evidence pooled at once, and what they say together.

References
----------
Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. Chapman & Hall (percentile
intervals).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from evidence.display import (
    Display,
    capital,
    format_interval,
    format_number,
    join_words,
    plural,
)
from evidence.effects.arguments import Floats
from evidence.errors import Caution
from evidence.synthesis.result import PooledResult, PoolingMethod

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BatchResult", "LeaveOneOut", "StudyBootstrap"]

#: More studies than these are counted in a sentence, and not named.
_NAMED = 4


@dataclass(frozen=True)
class BatchResult(Display):
    """Pooled results of many bodies of evidence, one a row.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level.
    k
        Studies in each row, shape (m,). One study comes back as its own result; none is NaN.
    estimate, standard_error, ci_low, ci_high
        The mean effects, shape (m,).
    tau2, q, typical_variance
        Variance between studies, Cochran's Q, and the sampling variance that I² compares tau²
        with, shape (m,); NaN for one study.
    names
        What each row is, or the one word that is numbered.
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    k: NDArray[np.int64]
    estimate: Floats
    standard_error: Floats
    ci_low: Floats
    ci_high: Floats
    tau2: Floats
    q: Floats
    typical_variance: Floats
    names: tuple[str, ...] | str
    cautions: tuple[Caution, ...] = ()

    def __len__(self) -> int:
        return int(self.k.size)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What each row is."""
        if isinstance(self.names, str):
            return tuple([f"{self.names} {i + 1}" for i in range(len(self))])
        return self.names

    @cached_property
    def p_value(self) -> Floats:
        """Two-sided p values of the mean effects, shape (m,)."""
        several = self.k > 1
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = -np.abs(self.estimate) / self.standard_error
        tail = ndtr(distance)
        if self.method.ci_method != "Wald":
            tail[several] = stdtr(self.k[several] - 1.0, distance[several])
        # Identical effects without the guard: the method claims certainty, as in `pool`.
        certain = self.standard_error == 0
        return np.where(certain, np.where(self.estimate == 0, 1.0, 0.0), 2 * tail)

    @cached_property
    def i2(self) -> Floats:
        """I² in percent, shape (m,); NaN for one study."""
        if self.method.model == "common":
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.maximum(0.0, 100 * (self.q - (self.k - 1)) / self.q)
            return np.where(self.q == 0, 0.0, share)
        return 100 * self.tau2 / (self.tau2 + self.typical_variance)

    def summary(self) -> str:
        """Return how many were pooled, how, and the range of what came out."""
        known = self.estimate[np.isfinite(self.estimate)]
        lines = [capital(self._head())]
        if known.size:
            middle = format_number(float(np.median(known)))
            reach = format_interval(float(known.min()), float(known.max()))
            lines.append(f"estimates from {reach}, median {middle}")
        lines += self._in_words()
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def _head(self) -> str:
        return f"{plural(len(self), 'analysis', 'analyses')}, {self.method.in_words()}"

    def _in_words(self) -> list[str]:
        """Say what the analyses come to together."""
        return []

    def to_frame(self) -> pd.DataFrame:
        """Return one row per analysis, unrounded."""
        names = ("k", "estimate", "standard_error", "ci_low", "ci_high", "p_value")
        return pd.DataFrame(
            {
                "label": self.labels,
                **{name: getattr(self, name) for name in (*names, "tau2", "q", "i2")},
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            "analyses": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class LeaveOneOut(BatchResult):
    """A pooled result with each study left out in turn.

    Attributes
    ----------
    full
        The result of all studies.
    """

    full: PooledResult

    @property
    def same_sign(self) -> NDArray[np.bool_]:
        """Whether the estimate without each study has the sign of that of all, shape (k,)."""
        return np.asarray(np.sign(self.estimate) == np.sign(self.full.estimate))

    @property
    def same_interval(self) -> NDArray[np.bool_]:
        """Whether the interval without each study says of no effect what that of all says.

        That it excludes 0 (or 1 for ratios), or that it includes it, shape (k,).
        """
        excludes = (self.ci_low > 0) | (self.ci_high < 0)
        return np.asarray(excludes == self._excludes)

    @property
    def _excludes(self) -> bool:
        return self.full.ci_low > 0 or self.full.ci_high < 0

    def _head(self) -> str:
        count = plural(len(self), "study", "studies")
        return f"{count}, each left out in turn, {self.method.in_words()}"

    def _in_words(self) -> list[str]:
        """Say whether the sign and what the interval says survive each omission."""
        turned = [name for name, same in zip(self.labels, self.same_sign, strict=True) if not same]
        other = [
            name for name, same in zip(self.labels, self.same_interval, strict=True) if not same
        ]
        says, else_ = ("excludes", "includes") if self._excludes else ("includes", "excludes")
        whichever = f"whichever of {plural(len(self), 'study', 'studies')} is left out"
        if not turned and not other:
            both = f"the estimate keeps its sign and the interval {says} no effect"
            return [f"{capital(whichever)}, {both}."]
        sign = f"{whichever}, the estimate keeps its sign"
        if turned:
            sign = f"without {_named(turned, len(self))} the estimate changes its sign"
        interval = f"the interval {says} no effect whichever is left out"
        if other:
            interval = (
                f"the interval, which {says} no effect with all studies, {else_} it without "
                f"{_named(other, len(self))}"
            )
        return [f"{capital(sign)}; {interval}."]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study that was left out, unrounded."""
        return super().to_frame().assign(same_sign=self.same_sign, same_interval=self.same_interval)


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyBootstrap(BatchResult):
    """Pooled samples of the studies, drawn with replacement.

    Attributes
    ----------
    full
        The result of the studies themselves.
    """

    full: PooledResult

    @cached_property
    def percentile_interval(self) -> tuple[float, float]:
        """Where the middle of the samples' means lies, at the method's level."""
        tail = (1 - self.method.level) / 2
        low, high = np.quantile(self.estimate, [tail, 1 - tail])
        return float(low), float(high)

    def _head(self) -> str:
        studies = plural(self.full.k, "study", "studies")
        return (
            f"nonparametric bootstrap of {studies}, {plural(len(self), 'sample')}, "
            f"{self.method.in_words()}"
        )

    def _in_words(self) -> list[str]:
        level = f"{100 * self.method.level:g}%"
        reach = format_interval(*self.percentile_interval)
        return [
            f"estimate {format_number(self.full.estimate)} ({level} percentile interval {reach})"
        ]

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        low, high = self.percentile_interval
        found = super().to_dict()
        return {**found, "estimate": self.full.estimate, "percentile_interval": [low, high]}


def _named(names: Sequence[str], k: int) -> str:
    """Name a few studies, and count more."""
    if len(names) > _NAMED:
        return f"one or another of {len(names)} of the {k} studies"
    return join_words(names, "or")
