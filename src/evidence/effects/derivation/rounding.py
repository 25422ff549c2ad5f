"""Carrying the rounding of printed digits through a formula, or through a whole measure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.data.reported import ReportedNumber
from evidence.display import Display, format_interval, format_number, join_words
from evidence.effects.arguments import Floats
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["EffectEnvelope", "effect_envelope", "envelope", "magnitude"]

QUANTITIES = ("estimate", "ci_low", "ci_high", "p_value")
#: Arguments that are counts: what is printed of them is not rounded.
_COUNTS = re.compile(r"n|n_\w+|events\w*|total\w*|direction")
#: What arguments cannot go beyond, by the beginning of their name; rounding can only hide what
#: is possible.
_DOMAINS = {
    "sd": (0.0, math.inf),
    "standard_error": (0.0, math.inf),
    "variance": (0.0, math.inf),
    "time": (0.0, math.inf),
    "person_time": (0.0, math.inf),
    "hazard_ratio": (0.0, math.inf),
    "design_effect": (1.0, math.inf),
    "cluster_size": (1.0, math.inf),
    "correlation": (-1.0, 1.0),
    "p_value": (0.0, 1.0),
}
#: Corners double with each rounded number: beyond this many the search would take too long.
_MOST_ROUNDED = 12
#: Points inside the box that the search can start from, beside its corners and centre.
_INSIDE = 96
#: The search ends with steps of this share of the box, or after this many.
_FINEST = 2.0**-44
_MOST_STEPS = 400


def envelope(
    formula: Callable[..., float], numbers: Mapping[str, ReportedNumber | None]
) -> tuple[float, float]:
    """Return the smallest and the largest value of `formula` that rounding allows.

    For formulas that are monotone in each number over a rounding interval, whatever the
    others: the extremes then lie at its corners; 2^m evaluations for m numbers. A size
    without sign is not monotone where the sign can change: take the envelope of the signed
    value, then its `magnitude`. For a whole measure with its interval and p value see
    `effect_envelope`, which needs nothing monotone.

    Parameters
    ----------
    formula
        Takes the numbers as keyword arguments and returns a float, also an infinite one; it
        may return NaN where a corner is impossible, and that corner is left out.
    numbers
        The numbers as reported; None ones are passed on as None.

    Returns
    -------
    low, high : float
    """
    names = list(numbers)
    ends = [(None,) if number is None else (number.low, number.high) for number in numbers.values()]
    values = [formula(**dict(zip(names, corner, strict=True))) for corner in product(*ends)]
    possible = [value for value in values if not math.isnan(value)]
    return (min(possible), max(possible)) if possible else (math.nan, math.nan)


def magnitude(low: float, high: float) -> tuple[float, float]:
    """Return the smallest and the largest absolute value between `low` and `high`."""
    sizes = sorted((abs(low), abs(high)))
    return (0.0 if low <= 0 <= high else sizes[0]), sizes[1]


@dataclass(frozen=True, slots=True)
class EffectEnvelope(Display):
    """Effects of k studies with what the printed digits leave open.

    Attributes
    ----------
    effects
        The effects from the numbers as printed.
    low, high
        Smallest and largest estimate, end of the interval and p value that unrounded numbers
        can have had, by name; each of shape (k,).
    rounded
        The arguments whose digits were carried through.
    cautions
        What a reader should know.
    """

    effects: EffectSizes
    low: dict[str, Floats]
    high: dict[str, Floats]
    rounded: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study and quantity, unrounded; studies counted from 1."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "study": study + 1,
                    "quantity": name,
                    "as_printed": float(getattr(self.effects, name)[study]),
                    "low": float(self.low[name][study]),
                    "high": float(self.high[name][study]),
                }
                for study in range(len(self.effects))
                for name in QUANTITIES
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "measure": self.effects.measure,
            "rounded": list(self.rounded),
            "envelopes": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a line per study and the cautions."""
        lines = [f"{self.effects.measure}: what the digits of {join_words(self.rounded)} allow"]
        for study in range(len(self.effects)):
            estimate, *ends = (
                format_interval(float(self.low[name][study]), float(self.high[name][study]), 3)
                for name in ("estimate", "ci_low", "ci_high", "p_value")
            )
            printed = format_number(float(self.effects.estimate[study]), 3)
            lines.append(
                f"{study + 1}: {printed} can be {estimate}; its interval begins at {ends[0]} and "
                f"ends at {ends[1]}; p {ends[2]}"
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def effect_envelope(measure: Callable[..., EffectSizes], /, **numbers: Any) -> EffectEnvelope:
    """Return the smallest and largest effect, interval end and p value that rounding allows.

    What was printed as ``5.10`` can have been anything from 5.095 to 5.105; several such
    numbers span a box. Where a quantity is monotone in each number its extremes lie at the
    corners of the box, which are all tried. Standard errors need not be monotone in means, nor
    p values where the sign can change, so the inside is searched too: from the best of corners,
    centre and points spread evenly (Halton 1960), by steps along the axes that halve until they
    vanish (compass search, Kolda, Lewis and Torczon 2003). Every extreme found is attained, and
    a p value of 1 where the effect can be 0.

    Parameters
    ----------
    measure
        Any function that takes arrays by name and returns `EffectSizes`, study by study, such
        as `standardised_mean_difference`; a lambda around several is fine.
    **numbers
        Its arguments. Text such as ``"5.10"``, a `ReportedNumber`, or a sequence of these with
        one a study carries the rounding of its digits; a float or an int is exact, and so are
        counts (``n``, ``events``, ``total`` and the like) however they are given. Other
        options, such as ``level``, are handed on.

    Returns
    -------
    EffectEnvelope

    Raises
    ------
    InvalidArgumentError
        Where nothing is rounded, too much is, or `measure` refuses the numbers as printed.

    References
    ----------
    Halton JH (1960). On the efficiency of certain quasi-random sequences of points in evaluating
    multi-dimensional integrals. Numerische Mathematik 2:84-90.
    Kolda TG, Lewis RM, Torczon V (2003). Optimization by direct search: new perspectives on some
    classical and modern methods. SIAM Review 45:385-482.
    """
    box = _Box.of(measure, numbers)
    effects = box.printed()
    points = _starting_points(box)
    values = box.values(points)
    places, found = _best(points, values)
    places, found = _compass_search(box, places, found)
    low = {name: found[:, row] for row, name in enumerate(QUANTITIES)}
    high = {name: -found[:, row + len(QUANTITIES)] for row, name in enumerate(QUANTITIES)}
    # Between an effect above 0 and one below it lies one of 0, whose p value is 1.
    crossing = (low["estimate"] < 0) & (high["estimate"] > 0)
    high["p_value"] = np.where(crossing, 1.0, high["p_value"])
    cautions = list(effects.cautions)
    impossible = np.asarray(np.isnan(values).all(axis=2)).any(axis=1)
    if impossible.any():
        named = join_words(f"study {place + 1}" for place in np.flatnonzero(impossible)[:8])
        cautions.append(
            Caution(
                "rounding-impossible",
                f"The digits of {named} also allow numbers that the measure refuses; those are "
                "left out, and close to them the effect may have no bound.",
            )
        )
    return EffectEnvelope(effects, low, high, box.names, tuple(cautions))


@dataclass(frozen=True, slots=True)
class _Box:
    """What the digits allow: ends of shape (k, d), and everything that is exact."""

    measure: Callable[..., EffectSizes]
    names: tuple[str, ...]
    low: Floats
    high: Floats
    middle: Floats
    exact: dict[str, Any]

    @classmethod
    def of(cls, measure: Callable[..., EffectSizes], numbers: Mapping[str, Any]) -> _Box:
        rounded: dict[str, list[ReportedNumber | float]] = {}
        exact: dict[str, Any] = {}
        for name, value in numbers.items():
            listed = _reported(name, value)
            if listed is None:
                exact[name] = value
            elif _COUNTS.fullmatch(name):
                exact[name] = [float(number) for number in listed]
            else:
                rounded[name] = listed
        if not rounded:
            raise InvalidArgumentError(
                "No number shows its digits; give at least one as text, for example "
                "mean_treatment='5.10'. A float is taken as exact."
            )
        if len(rounded) > _MOST_ROUNDED:
            raise InvalidArgumentError(
                f"{len(rounded)} numbers are rounded; at most {_MOST_ROUNDED} can be carried "
                "through."
            )
        sizes = {name: len(listed) for name, listed in rounded.items()}
        sizes |= {name: np.size(value) for name, value in exact.items() if _is_array(value)}
        lengths = {size for size in sizes.values() if size > 1}
        if len(lengths) > 1:
            named = ", ".join(f"{name} {size}" for name, size in sizes.items() if size > 1)
            raise InvalidArgumentError(f"The arguments have different lengths: {named}.")
        k = max(lengths, default=1)
        ends = [_ends(name, listed, k) for name, listed in rounded.items()]
        low, high, middle = (np.column_stack(columns) for columns in zip(*ends, strict=True))
        return cls(measure, tuple(rounded), low, high, middle, exact)

    def printed(self) -> EffectSizes:
        """Return the effects from the numbers as printed."""
        return self._call(self.middle, np.arange(len(self.low)))

    def _call(self, points: Floats, study: NDArray[np.intp]) -> EffectSizes:
        arguments: dict[str, Any] = {}
        for name, value in self.exact.items():
            array = np.asarray(value) if _is_array(value) else None
            arguments[name] = value if array is None or array.size == 1 else array[study]
        arguments |= {name: points[:, column] for column, name in enumerate(self.names)}
        return self.measure(**arguments)

    def values(self, points: Floats) -> Floats:
        """Return the quantities at points of shape (k, m, d), NaN where refused: (k, m, 4)."""
        k, m, d = points.shape
        study = np.repeat(np.arange(k), m)
        found = np.full((k * m, len(QUANTITIES)), np.nan)
        pending = [(points.reshape(k * m, d), study, np.arange(k * m))]
        while pending:
            part, of_study, rows = pending.pop()
            try:
                with np.errstate(all="ignore"):
                    effects = self._call(part, of_study)
            except InvalidArgumentError:
                # One bad point refuses all: halve until the good ones are apart from it.
                half = len(rows) // 2
                if half:
                    pending += [
                        (part[:half], of_study[:half], rows[:half]),
                        (part[half:], of_study[half:], rows[half:]),
                    ]
                continue
            columns = [np.broadcast_to(getattr(effects, name), rows.shape) for name in QUANTITIES]
            found[rows] = np.column_stack(columns)
        return found.reshape(k, m, len(QUANTITIES))


def _is_array(value: Any) -> bool:
    return not isinstance(value, str | bytes | bool) and np.ndim(value) == 1


def _reported(name: str, value: Any) -> list[ReportedNumber | float] | None:
    """Return the numbers of an argument that shows its digits, None for any other."""
    if isinstance(value, ReportedNumber):
        return [value]
    if isinstance(value, str):
        return [ReportedNumber(value)] if ReportedNumber.is_number(value) else None
    if not isinstance(value, Iterable) or isinstance(value, np.ndarray):
        return None
    listed = list(value)
    if not any(isinstance(item, str | ReportedNumber) for item in listed):
        return None
    numbers: list[ReportedNumber | float] = []
    for place, item in enumerate(listed):
        if isinstance(item, str) and not ReportedNumber.is_number(item):
            raise InvalidArgumentError(
                f"{name} of study {place + 1} is {item!r}, which is no number with a decimal "
                "point, like '5.10'."
            )
        numbers.append(ReportedNumber(item) if isinstance(item, str) else item)
    return numbers


def _ends(name: str, listed: list[ReportedNumber | float], k: int) -> tuple[Floats, Floats, Floats]:
    """Return the ends of what the digits allow, and the printed numbers, each of shape (k,)."""
    lows = [item.low if isinstance(item, ReportedNumber) else float(item) for item in listed]
    highs = [item.high if isinstance(item, ReportedNumber) else float(item) for item in listed]
    middle = np.broadcast_to(np.array([float(item) for item in listed]), (k,))
    least, most = next(
        (ends for start, ends in _DOMAINS.items() if name.startswith(start)), (-math.inf, math.inf)
    )
    # A number that is printed beyond its domain is left for the measure to refuse.
    low = np.maximum(np.broadcast_to(lows, (k,)), np.minimum(least, middle))
    high = np.minimum(np.broadcast_to(highs, (k,)), np.maximum(most, middle))
    return low, high, middle


def _starting_points(box: _Box) -> Floats:
    """Return corners, centre and inner points, shape (k, m, d)."""
    d = box.low.shape[1]
    corners = np.array(list(product((0.0, 1.0), repeat=d)))
    inner = np.column_stack([_halton(_INSIDE, base) for base in _PRIMES[:d]])
    shares = np.vstack([corners, inner])
    width = box.high - box.low
    inside = box.low[:, None, :] + shares[None] * width[:, None, :]
    # The ends themselves, not the ends but for rounding errors.
    inside = np.where(shares[None] == 1.0, box.high[:, None, :], inside)
    return np.concatenate([inside, box.middle[:, None, :]], axis=1)


_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


def _halton(count: int, base: int) -> Floats:
    numbers = np.arange(1, count + 1)
    result, share = np.zeros(count), 1.0
    while numbers.any():
        share /= base
        result += share * (numbers % base)
        numbers //= base
    return result


def _best(points: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the best points for each target, shape (k, 8, d), and their values, (k, 8).

    The targets are the four quantities to be minimised, then the four negated.
    """
    targets = np.concatenate([values, -values], axis=2)
    targets = np.where(np.isnan(targets), np.inf, targets)
    places = np.argmin(targets, axis=1)
    study = np.arange(len(points))[:, None]
    return points[study, places], np.min(targets, axis=1)


def _compass_search(box: _Box, places: Floats, found: Floats) -> tuple[Floats, Floats]:
    """Improve each target by steps along the axes, which halve where none helps."""
    k, targets, d = places.shape
    width = (box.high - box.low)[:, None, :]
    directions = np.concatenate([np.eye(d), -np.eye(d)])
    step = np.full((k, targets), 0.25)
    signs = np.repeat([1.0, -1.0], len(QUANTITIES))
    column = np.tile(np.arange(len(QUANTITIES)), 2)
    for _ in range(_MOST_STEPS):
        if not (step > _FINEST).any():
            break
        moves = step[:, :, None, None] * directions * width[:, :, None, :]
        tried = np.clip(
            places[:, :, None, :] + moves, box.low[:, None, None], box.high[:, None, None]
        )
        values = box.values(tried.reshape(k, targets * 2 * d, d)).reshape(
            k, targets, 2 * d, len(QUANTITIES)
        )
        own = np.take_along_axis(values, column[None, :, None, None], axis=3)[..., 0]
        own = np.where(np.isnan(own), np.inf, own * signs[None, :, None])
        choice = np.argmin(own, axis=2)
        best = np.take_along_axis(own, choice[..., None], axis=2)[..., 0]
        # What is better by rounding errors alone would keep the steps from shrinking.
        with np.errstate(invalid="ignore"):
            better = best < found - 1e-15 * np.abs(found)
        chosen = np.take_along_axis(tried, choice[:, :, None, None], axis=2)[:, :, 0]
        places = np.where(better[..., None], chosen, places)
        found = np.where(better, best, found)
        step = np.where(better, step, step / 2)
    return places, found
