"""What borrowing comes to at each setting of the dial, and where a conclusion changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, html_table, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.borrowing.discount import (
    power_prior_weights,
    weighted_means,
    widened_weights,
)

__all__ = ["Borrowing", "BorrowingChange", "BorrowingMethod"]

#: How each model is called in a sentence.
_MODELS = {
    "settings": "indirect effects around the direct one",
    "random": "random effects",
    "common": "common effect",
}
#: Halvings with which a change is found between two settings of the dial.
_HALVINGS = 50


@dataclass(frozen=True, slots=True)
class BorrowingMethod:
    """How indirect studies are discounted, kept with the result.

    Attributes
    ----------
    kind
        ``"power"`` (the power prior: the likelihood of an indirect study to a power) or
        ``"widened"`` (a variance is added to it for every step away).
    model
        Whose effects differ beyond chance: of ``"settings"`` those of the indirect studies from
        the one asked about, of ``"random"`` those of all, of ``"common"`` none.
    indirectness_sd
        Of ``"widened"``: how far one step away may shift an effect, as a standard deviation.
    tau2_method
        Of ``"settings"`` and ``"random"``: the estimator of tau² from all the studies in full,
        or tau² itself.
    level
        Level of the intervals.
    """

    kind: str = "power"
    model: str = "settings"
    indirectness_sd: float | None = None
    tau2_method: str | float = "REML"
    level: float = 0.95

    def in_words(self) -> str:
        """Return the choices as a clause."""
        if self.kind == "power":
            how = "power prior"
        else:
            how = f"variance widened by {self.indirectness_sd:g}² a step where half is borrowed"
        return f"{how}, {_MODELS[self.model]}"


@dataclass(frozen=True, slots=True)
class BorrowingChange:
    """A setting of the dial at which a conclusion changes, going up.

    Attributes
    ----------
    dial
        Where.
    what
        ``"estimate"`` or ``"interval"``.
    boundary
        What is crossed: 0, or the threshold with its sign.
    after
        Of an estimate, whether it is above the boundary afterwards; of an interval, whether it
        holds it afterwards.
    """

    dial: float
    what: str
    boundary: float
    after: bool

    def in_words(self, shown: str = "") -> str:
        """Return the change as a clause; `shown` in place of the boundary's number."""
        edge = shown or ("no effect" if self.boundary == 0 else format_number(self.boundary))
        if self.what == "interval":
            verb = "begins to hold" if self.after else "no longer holds"
            return f"from {format_number(self.dial)} the interval {verb} {edge}"
        side = "above" if self.after else "below"
        return f"from {format_number(self.dial)} the estimate lies {side} {edge}"


@dataclass(frozen=True, eq=False)
class Borrowing(Display):
    """Direct evidence with indirect evidence that counts from not at all to in full.

    Attributes
    ----------
    method
        How indirect studies are discounted.
    labels, effects, variances, distances
        The studies, shape (k,); a distance of 0 is direct.
    people
        People behind each effect, shape (k,); None where that was not given.
    tau2
        Variance between studies, as the model adds it; 0 for a common effect.
    threshold
        The smallest difference that matters, without sign; None where it was not given.
    dial
        Settings from 0 (only direct studies) to 1 (all in full), shape (m,).
    cautions
        What a reader should know.
    """

    method: BorrowingMethod
    labels: tuple[str, ...]
    effects: Floats
    variances: Floats
    distances: Floats
    people: Floats | None
    tau2: float
    threshold: float | None
    dial: Floats
    cautions: tuple[Caution, ...] = ()

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.labels)

    @property
    def k_direct(self) -> int:
        """How many of them are direct."""
        return int((self.distances == 0).sum())

    @cached_property
    def _spread(self) -> Floats:
        """The variance of each study around the mean, counted in full, shape (k,)."""
        if self.method.model == "settings":
            return self.variances + self.tau2 * (self.distances > 0)
        return self.variances + self.tau2

    def precisions(self, dial: Floats) -> Floats:
        """Return the precision with which each study counts, shape (m, k).

        Parameters
        ----------
        dial
            Settings, shape (m,).
        """
        variances = self._spread
        if self.method.kind == "power":
            found = power_prior_weights(variances, self.distances, dial)
        else:
            assert self.method.indirectness_sd is not None
            found = widened_weights(variances, self.distances, dial, self.method.indirectness_sd)
        if self.method.model == "random" and self.k_direct == 1:
            # One study by itself is not pooled: it keeps its own variance.
            alone = np.where(self.distances == 0, 1 / self.variances, 0.0)
            found = np.where((dial == 0)[:, np.newaxis], alone, found)
        return found

    def curves(self, dial: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return estimates, standard errors and both ends of the intervals, each of shape (m,).

        Parameters
        ----------
        dial
            Settings, shape (m,).
        """
        estimates, errors = weighted_means(self.effects, self.precisions(dial))
        reach = quantile(self.method.level) * errors
        return estimates, errors, estimates - reach, estimates + reach

    @cached_property
    def _curves(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.curves(self.dial)

    @property
    def estimate(self) -> Floats:
        """The mean effect, shape (m,); NaN where nothing counts."""
        return self._curves[0]

    @property
    def standard_error(self) -> Floats:
        """Its standard error, shape (m,)."""
        return self._curves[1]

    @property
    def ci_low(self) -> Floats:
        """Lower end of its interval, shape (m,)."""
        return self._curves[2]

    @property
    def ci_high(self) -> Floats:
        """Upper end of its interval, shape (m,)."""
        return self._curves[3]

    @cached_property
    def weights(self) -> Floats:
        """Share of each study in percent, shape (m, k); NaN where nothing counts."""
        precisions = self.precisions(self.dial)
        sums = precisions.sum(axis=1, keepdims=True)
        found: Floats = 100 * precisions / np.where(sums > 0, sums, np.nan)
        return found

    @property
    def indirect_weight(self) -> Floats:
        """Share of the indirect studies in percent, shape (m,)."""
        found: Floats = self.weights[:, self.distances > 0].sum(axis=1)
        return found

    @property
    def indirect_people(self) -> Floats | None:
        """How many people of indirect studies count, shape (m,): each study's by its discount."""
        if self.people is None:
            return None
        indirect = self.distances > 0
        discounts = self.precisions(self.dial)[:, indirect] * self._spread[indirect]
        found: Floats = discounts @ self.people[indirect]
        return found

    @cached_property
    def changes(self) -> tuple[BorrowingChange, ...]:
        """Where the estimate or an end of its interval crosses no effect or the threshold."""
        edges = [0.0] if self.threshold is None else [0.0, -self.threshold, self.threshold]
        found = [
            change
            for edge in edges
            for change in (
                *self._crossings(0, edge),
                *self._crossings(2, edge),
                *self._crossings(3, edge),
            )
        ]
        return tuple(sorted(found, key=lambda each: each.dial))

    def _crossings(self, curve: int, edge: float) -> Iterator[BorrowingChange]:
        """Yield where one of the curves (estimate, low or high end) crosses an edge."""
        values = self._curves[curve] - edge
        above = values >= 0
        for place in np.flatnonzero(above[1:] != above[:-1]):
            if not np.isfinite(values[place : place + 2]).all():
                continue
            dial = self._halved(
                lambda at: float(self.curves(np.array([at]))[curve][0]) - edge >= 0,
                float(self.dial[place]),
                float(self.dial[place + 1]),
            )
            rises = bool(above[place + 1])
            if curve == 0:
                yield BorrowingChange(dial, "estimate", edge, rises)
            else:
                # An interval holds the edge when its lower end is below and its upper end above.
                yield BorrowingChange(dial, "interval", edge, rises == (curve == 3))

    @staticmethod
    def _halved(above: Callable[[float], bool], low: float, high: float) -> float:
        start = above(low)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if above(middle) == start:
                low = middle
            else:
                high = middle
        return high

    def at(self, dial: float) -> tuple[float, float, float]:
        """Return estimate and interval at one setting of the dial.

        Parameters
        ----------
        dial
            From 0 to 1.
        """
        if not 0 <= dial <= 1:
            raise InvalidArgumentError(f"dial is {dial!r}; it must be a number from 0 to 1.")
        estimate, _, low, high = self.curves(np.array([float(dial)]))
        return float(estimate[0]), float(low[0]), float(high[0])

    def summary(self) -> str:
        """Return both ends of the dial, and where a conclusion changes on the way."""
        head = (
            f"{plural(self.k, 'study', 'studies')}, of which {self.k_direct} direct; "
            f"{self.method.in_words()}"
        )
        lines = [head[0].upper() + head[1:]]
        for dial, name in ((0.0, "direct studies only"), (1.0, "every study in full")):
            estimate, low, high = self.at(dial)
            told = (
                "nothing"
                if math.isnan(estimate)
                else f"{format_number(estimate)} ({100 * self.method.level:g}% CI "
                f"{format_interval(low, high)})"
            )
            lines.append(f"{name}: {told}")
        lines += [change.in_words() for change in self.changes]
        return "\n".join([*lines, *(f"Note: {caution.message}" for caution in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per setting of the dial, unrounded."""
        people = self.indirect_people
        return pd.DataFrame(
            {
                "dial": self.dial,
                "estimate": self.estimate,
                "standard_error": self.standard_error,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "indirect_weight": self.indirect_weight,
                "indirect_people": math.nan if people is None else people,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        frame = self.to_frame().astype(object)
        frame = frame.where(frame.map(math.isfinite), None)
        return {
            "kind": self.method.kind,
            "model": self.method.model,
            "level": self.method.level,
            "tau2": self.tau2,
            "threshold": self.threshold,
            "studies": [
                {"label": label, "distance": float(distance)}
                for label, distance in zip(self.labels, self.distances, strict=True)
            ],
            "dial": frame.to_dict("records"),
            "changes": [
                {"dial": c.dial, "what": c.what, "boundary": c.boundary, "after": c.after}
                for c in self.changes
            ],
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        frame = self.to_frame().iloc[:: max(1, (self.dial.size - 1) // 10)]
        shown = pd.DataFrame(
            {
                "dial": [format_number(each, 1) for each in frame["dial"]],
                "estimate": [format_number(each) for each in frame["estimate"]],
                f"{100 * self.method.level:g}% CI": [
                    format_interval(low, high)
                    for low, high in zip(frame["ci_low"], frame["ci_high"], strict=True)
                ],
                "weight of indirect %": [format_number(w, 0) for w in frame["indirect_weight"]],
                "people of indirect": [format_number(p, 0) for p in frame["indirect_people"]],
            }
        )
        lines = self.summary().splitlines()
        rest = "".join(f"<p>{escape(line)}</p>" for line in lines[1:])
        return html_table(shown, caption=lines[0]) + rest
