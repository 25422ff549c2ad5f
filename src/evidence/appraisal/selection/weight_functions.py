"""How likely a result is to be reported, given its p value: steps, and a beta density.

Both are exponential families: the weight of a p value is ``exp(θ · t(p))``. A study's effect has
a normal density times that weight; what the density has to be divided by is a sum over ranges of
the effect in which t is constant, and over the nodes of a quadrature in between.

References
----------
Hedges LV (1992). Modeling publication selection effects in meta-analysis. Statistical Science
7:246-255.
Vevea JL, Hedges LV (1995). A general linear model for estimating effect size in the presence
of publication bias. Psychometrika 60:419-435.
Vevea JL, Woods CM (2005). Publication bias in research synthesis: sensitivity analysis using a
priori weight functions. Psychological Methods 10:428-443.
Citkowicz M, Vevea JL (2017). A parsimonious weight function for modeling publication bias.
Psychological Methods 22:28-41.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import erf, log_ndtr, ndtr, ndtri

from evidence.display import format_number
from evidence.effects.arguments import Floats, as_floats, is_number
from evidence.effects.measures.choices import check_choice
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALTERNATIVES", "BetaDensity", "Cells", "StepFunction", "WeightFunction"]

ALTERNATIVES = ("greater", "less", "two-sided")
#: p values nearer to 0 or 1 than this have the weight there: a beta density can be infinite at
#: its ends; Citkowicz and Vevea 2017.
CENSORED = 1e-5
#: Nodes of Gauss and Legendre in a panel, and the widths of panels in units of z and of log z:
#: the normal density, never narrower than 1 there, and the weight are then integrated to
#: rounding.
_NODES = 20
_WIDTH = 1.5
#: Below this |z| panels of a two-sided weight are laid along log z: log(1 - p) ends steeply.
_NEAR = 0.5


@dataclass(frozen=True, eq=False)
class Cells:
    """Where the weight is constant, and where it is integrated, in units of z.

    Attributes
    ----------
    lower, upper
        Ends of the ranges of constant weight, shape (r,).
    nodes, shares
        Places and weights of the quadrature between them, shape (n,).
    statistics
        t of each range and then of each node, shape (r + n, d).
    """

    lower: Floats
    upper: Floats
    nodes: Floats
    shares: Floats
    statistics: Floats


class WeightFunction:
    """What every weight function has: a side.

    Attributes
    ----------
    alternative
        The results that are favoured: ``"greater"`` (p values one-sided, small for large
        positive effects), ``"less"`` (the mirror image) or ``"two-sided"``.
    lowest
        The edge below which no θ can lie.
    """

    alternative: str
    lowest: ClassVar[float] = -math.inf

    def p_values(self, z: Floats) -> Floats:
        """Return the p values of effects over their standard errors."""
        if self.alternative == "two-sided":
            return np.asarray(2 * ndtr(-np.abs(z)))
        return np.asarray(ndtr(-z if self.alternative == "greater" else z))


@dataclass(frozen=True)
class StepFunction(WeightFunction):
    """Weights that are constant between cut-points of the p value.

    Attributes
    ----------
    cuts
        In (0, 1), ascending. One cut-point with a random-effects model makes the
        three-parameter selection model. They are one-sided unless `alternative` is
        ``"two-sided"``: 0.025 stands for the usual 0.05.
    alternative
        As in `WeightFunction`.
    weights
        Relative likelihoods of being reported, one for each interval and the first of them 1,
        where they are set and not estimated (Vevea and Woods 2005); None by default.
    """

    cuts: tuple[float, ...] = (0.025,)
    alternative: str = "greater"
    weights: tuple[float, ...] | None = None

    def __init__(
        self,
        cuts: float | Sequence[float] = (0.025,),
        alternative: str = "greater",
        weights: Sequence[float] | None = None,
    ) -> None:
        check_choice("alternative", alternative, ALTERNATIVES)
        values = as_floats("cuts", cuts)
        if values.size and values[-1] == 1:
            values = values[:-1]
        good = (values > 0) & (values < 1)
        if not values.size or not good.all() or (np.diff(values) <= 0).any():
            raise InvalidArgumentError(
                f"cuts is {cuts!r}; give p values between 0 and 1 in ascending order, each once, "
                "for example (0.025, 0.5)."
            )
        object.__setattr__(self, "cuts", tuple(values.tolist()))
        object.__setattr__(self, "alternative", alternative)
        object.__setattr__(self, "weights", _weights(weights, values.size + 1))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters: the intervals after the first."""
        return tuple(f"weight of p from {low:g} to {high:g}" for low, high in self.intervals[1:])

    @property
    def intervals(self) -> tuple[tuple[float, float], ...]:
        """Ends of the intervals of p; a p value at a cut-point belongs to the one below."""
        ends = (0.0, *self.cuts, 1.0)
        return tuple(pairwise(ends))

    @property
    def given(self) -> Floats | None:
        """Logarithms of weights that were set, without the first; None where estimated."""
        return None if self.weights is None else np.log(self.weights[1:])

    def interval_of(self, p: Floats) -> NDArray[np.int_]:
        """Return the interval of each p value, counted from 0."""
        return np.searchsorted(self.cuts, p, side="left")

    def of_studies(self, p: Floats) -> Floats:
        """Return t of p values, shape (k, d)."""
        return np.eye(len(self.cuts) + 1)[self.interval_of(p)][:, 1:]

    @cached_property
    def cells(self) -> Cells:
        """Ranges of z, from the most significant on."""
        tail = np.array(self.cuts) / (2 if self.alternative == "two-sided" else 1)
        inner = -ndtri(tail)
        order = list(range(len(self.cuts) + 1))
        if self.alternative == "two-sided":
            inner = np.r_[inner, -inner[::-1]]
            order += order[-2::-1]
        ends = np.r_[math.inf, inner, -math.inf]
        one = np.eye(len(self.cuts) + 1)[order][:, 1:]
        return Cells(ends[1:], ends[:-1], np.empty(0), np.empty(0), one)


@dataclass(frozen=True)
class BetaDensity(WeightFunction):
    """Weights that follow a beta density: ``p**(a - 1) * (1 - p)**(b - 1)``, a and b above 0.

    θ is a - 1 and b - 1. A likelihood may go on growing as one of them falls to 0; with p values
    censored the weights are still finite there, and that edge is where it is largest.

    Attributes
    ----------
    alternative
        As in `WeightFunction`.
    censored
        p values nearer to 0 or 1 than this count as this near.
    lowest
        -1, where a or b is 0.
    """

    alternative: str = "greater"
    censored: float = CENSORED
    lowest: ClassVar[float] = -1.0

    def __post_init__(self) -> None:
        check_choice("alternative", self.alternative, ALTERNATIVES)
        if not is_number(self.censored) or not 1e-12 <= self.censored <= 0.01:
            raise InvalidArgumentError(
                f"censored is {self.censored!r}; it must lie between 1e-12 and 0.01."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters."""
        return ("a, of p", "b, of 1 - p")

    @property
    def given(self) -> Floats | None:
        """Nothing: both parameters are estimated."""
        return None

    def of_studies(self, p: Floats) -> Floats:
        """Return t of p values, shape (k, 2)."""
        near = np.clip(p, self.censored, 1 - self.censored)
        return np.column_stack([np.log(near), np.log1p(-near)])

    @cached_property
    def cells(self) -> Cells:
        """Tails where p is censored, and panels between them."""
        low, high = self.censored, 1 - self.censored
        ends = self.of_studies(np.array([low, high]))
        if self.alternative != "two-sided":
            limit = float(-ndtri(low))
            z, shares = _panels(-limit, limit)
            t = np.column_stack([log_ndtr(-z), log_ndtr(z)])
            tails = np.array([limit, -math.inf]), np.array([math.inf, -limit])
            return Cells(*tails, z, shares, np.vstack([ends, t]))
        inner, limit = (float(-ndtri(p / 2)) for p in (high, low))
        u, steep = _panels(math.log(inner), math.log(_NEAR))
        further, shares = _panels(_NEAR, limit)
        z, shares = np.r_[np.exp(u), further], np.r_[steep * np.exp(u), shares]
        t = np.column_stack([math.log(2) + log_ndtr(-z), np.log(erf(z / math.sqrt(2)))])
        tails = np.array([limit, -inner, -math.inf]), np.array([math.inf, inner, -limit])
        return Cells(*tails, np.r_[z, -z], np.r_[shares, shares], np.vstack([ends, ends[:1], t, t]))


def _panels(low: float, high: float) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss and Legendre over equal panels."""
    x, w = np.polynomial.legendre.leggauss(_NODES)
    edges = np.linspace(low, high, math.ceil((high - low) / _WIDTH) + 1)
    half = np.diff(edges)[:, np.newaxis] / 2
    middle = (edges[:-1] + edges[1:])[:, np.newaxis] / 2
    return (middle + half * x).ravel(), (half * w).ravel()


def _weights(weights: Sequence[float] | None, count: int) -> tuple[float, ...] | None:
    if weights is None:
        return None
    values = as_floats("weights", weights)
    good = np.isfinite(values) & (values > 0)
    if values.size != count or not good.all() or values[0] != 1:
        raise InvalidArgumentError(
            f"weights is {weights!r}; give {format_number(count, 0)} finite numbers above 0, one "
            "for each interval of p, the first of them 1."
        )
    return tuple(values.tolist())
