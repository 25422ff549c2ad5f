"""Whether a median with quartiles or range says that the values are skewed.

References
----------
Shi J, Luo D, Wan X, Liu Y, Liu J, Bian Z, Tong T (2023). Detecting the skewness of data from the
five-number summary and its application in meta-analysis. Statistical Methods in Medical Research
32:1338-1360.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, join_words, plural
from evidence.effects.arguments import Floats, as_floats, checked
from evidence.effects.conversions.standard_deviations import check_below
from evidence.effects.measures.choices import first_study
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["SkewnessTest", "five_number_test", "five_numbers", "named_labels", "skewness_test"]

_ORDER = ("minimum", "q1", "median", "q3", "maximum")
_REFERENCE = "Shi et al. 2023, Statistical Methods in Medical Research 32:1338-1360"


@dataclass(frozen=True, slots=True)
class SkewnessTest(Display):
    """A test of symmetry for each of k groups, at the 5% level.

    Attributes
    ----------
    scenario
        ``"S1"``: median and range; ``"S2"``: median and quartiles; ``"S3"``: all five.
    statistic, critical_value
        Shape (k,); skewness is detected where the statistic is the larger.
    direction
        ``"right"`` where the longer tail is of high values, ``"left"``, or ``"none"``.
    labels
        What the groups are called.
    """

    scenario: tuple[str, ...]
    statistic: Floats
    critical_value: Floats
    direction: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def skewed(self) -> NDArray[np.bool_]:
        """Whether skewness is detected, shape (k,)."""
        return np.asarray(self.statistic > self.critical_value)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """A caution naming the skewed groups, if there are any."""
        places = np.flatnonzero(self.skewed)
        if not places.size:
            return ()
        named = join_words(f"{self.labels[i]} ({self.direction[i]})" for i in places[:8])
        more = "" if places.size <= 8 else f" and {places.size - 8} more"
        return (
            Caution(
                "skewed",
                f"The values of {plural(places.size, 'group')} are skewed by a test on the "
                f"summary itself: {named}{more}. A mean and SD worked out as if they were normal "
                "can be far off there; compare with the quantile estimation method, a log "
                "transformation, or a meta-analysis without them.",
                _REFERENCE,
            ),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group, unrounded."""
        return pd.DataFrame(
            {
                "label": self.labels,
                "scenario": self.scenario,
                "statistic": self.statistic,
                "critical_value": self.critical_value,
                "skewed": self.skewed,
                "direction": self.direction,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "tests": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a line per group and the cautions."""
        lines = [
            f"{label}: {'skewed' if skewed else 'no skewness detected'} (statistic "
            f"{format_number(statistic)}, critical value {format_number(critical)})"
            for label, skewed, statistic, critical in zip(
                self.labels, self.skewed, self.statistic, self.critical_value, strict=True
            )
        ]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def named_labels(labels: Sequence[str] | None, count: int) -> tuple[str, ...]:
    """Return labels for `count` groups, numbered from 1 where none are given.

    Parameters
    ----------
    labels
        Names, or None.
    count
        How many there have to be.
    """
    if labels is None:
        return tuple(f"study {place}" for place in range(1, count + 1))
    names = tuple(str(label) for label in labels)
    if len(names) != count:
        raise InvalidArgumentError(f"labels has {len(names)} names for {count} studies.")
    return names


def five_numbers(
    *,
    n: ArrayLike,
    median: ArrayLike,
    minimum: ArrayLike | None,
    q1: ArrayLike | None,
    q3: ArrayLike | None,
    maximum: ArrayLike | None,
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Check summaries of five numbers, of which range or quartiles may be missing.

    Parameters
    ----------
    n, median
        Each a number or shape (k,).
    minimum, q1, q3, maximum
        NaN or None where they are not reported; each pair goes together.

    Returns
    -------
    n : array, shape (k,)
    values : array, shape (k, 5)
        In rising order, NaN where not reported.
    scenario : tuple of str
        S1, S2 or S3 for each.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    optional = {"minimum": minimum, "q1": q1, "q3": q3, "maximum": maximum}
    columns = {
        name: np.array([np.nan]) if values is None else as_floats(name, values)
        for name, values in optional.items()
    }
    # `checked` refuses what is missing; here that is what tells the scenarios apart.
    filled: dict[str, Any] = {
        name: np.where(np.isnan(column), 0.0, column) for name, column in columns.items()
    }
    given = checked({"n": 2}, n=n, median=median, **filled)
    count = given["n"].size
    for name, column in columns.items():
        given[name] = np.where(np.isnan(np.broadcast_to(column, (count,))), np.nan, given[name])
    known = {name: ~np.isnan(given[name]) for name in columns}
    for low, high in (("minimum", "maximum"), ("q1", "q3")):
        lone = known[low] != known[high]
        if lone.any():
            place = first_study(lone)
            missing = high if known[low][place] else low
            raise InvalidArgumentError(
                f"{missing} of study {place + 1} is missing; {low} and {high} are used "
                "together. Give both, or neither."
            )
    neither = ~known["minimum"] & ~known["q1"]
    if neither.any():
        raise InvalidArgumentError(
            f"study {first_study(neither) + 1} has neither range nor quartiles: a median alone "
            "says nothing of the spread. Give minimum and maximum, or q1 and q3."
        )
    for low, high in (("minimum", "q1"), ("q1", "median"), ("median", "q3"), ("q3", "maximum")):
        _ordered(given, low, high)
    for low, high in (("minimum", "median"), ("median", "maximum")):
        _ordered(given, low, high)
    flat = np.where(
        known["minimum"], given["minimum"] == given["maximum"], given["q1"] == given["q3"]
    )
    if flat.any():
        raise InvalidArgumentError(
            f"study {first_study(flat) + 1} has no spread: its quartiles, or its smallest and "
            "largest value, are equal."
        )
    pairs = zip(known["minimum"], known["q1"], strict=True)
    scenario = tuple("S3" if both and q else "S1" if both else "S2" for both, q in pairs)
    return given["n"], np.column_stack([given[name] for name in _ORDER]), scenario


def _ordered(given: dict[str, Floats], low: str, high: str) -> None:
    both = ~np.isnan(given[low]) & ~np.isnan(given[high])
    # Comparisons with NaN are false, so what is missing is in order with everything.
    if both.any():
        check_below({low: given[low], high: given[high]}, low, high, equal=True)


def skewness_test(
    *,
    n: ArrayLike,
    median: ArrayLike,
    minimum: ArrayLike | None = None,
    q1: ArrayLike | None = None,
    q3: ArrayLike | None = None,
    maximum: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
) -> SkewnessTest:
    """Test whether a group whose five-number summary is reported can be normal.

    With a, q₁, m, q₃, b the five numbers (Shi et al. 2023): S1, |a + b - 2m|/(b - a) against
    1.01/ln(n + 9) + 2.43/(n + 1); S2, |q₁ + q₃ - 2m|/(q₃ - q₁) against 2.65/√n - 6/n²; S3, the
    larger of 2.65 ln(0.6 n)/√n times the first and of the second against 2.97/√n - 39.1/n³. The
    critical values are the authors' approximations for a level of 5%. Not detecting skewness
    in a small group is no proof that there is none.

    Parameters
    ----------
    n
        People in each group, at least two, a number or shape (k,).
    median
        Each a number or shape (k,).
    minimum, q1, q3, maximum
        What else is reported; None or NaN where it is not. Range or quartiles are needed.
    labels
        What the groups are called in messages.

    Returns
    -------
    SkewnessTest

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    people, values, scenario = five_numbers(
        n=n, median=median, minimum=minimum, q1=q1, q3=q3, maximum=maximum
    )
    return five_number_test(people, values, scenario, named_labels(labels, people.size))


def five_number_test(
    n: Floats, values: Floats, scenario: tuple[str, ...], labels: tuple[str, ...]
) -> SkewnessTest:
    """Return the test for numbers that `five_numbers` has checked.

    Parameters
    ----------
    n, values, scenario
        From `five_numbers`.
    labels
        What the groups are called, shape (k,).
    """
    low, q1, middle, q3, high = values.T
    of_range = (low + high - 2 * middle) / (high - low)
    # Equal quartiles leave the median no room, so there is nothing to be skewed between them.
    between = np.where(q3 == q1, 1.0, q3 - q1)
    of_quartiles = (q1 + q3 - 2 * middle) / between
    root = np.sqrt(n)
    scaled = 2.65 * np.log(0.6 * n) / root * of_range
    is_range, is_both = np.array(scenario) == "S1", np.array(scenario) == "S3"
    larger = np.where(np.abs(scaled) > np.abs(of_quartiles), scaled, of_quartiles)
    signed = np.where(is_range, of_range, np.where(is_both, larger, of_quartiles))
    critical = np.where(
        is_range,
        1.01 / np.log(n + 9) + 2.43 / (n + 1),
        np.where(is_both, 2.97 / root - 39.1 / n**3, 2.65 / root - 6 / n**2),
    )
    # For two or three people the approximations turn negative and would call anything skewed.
    critical = np.where(critical > 0, critical, np.inf)
    names = {1.0: "right", -1.0: "left", 0.0: "none"}
    direction = tuple(names[float(sign)] for sign in np.sign(signed))
    return SkewnessTest(scenario, np.abs(signed), critical, direction, labels)
