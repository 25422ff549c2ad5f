"""Whether whole-number scores can have the mean and the SD that are printed.

With n scores in steps of u the sum of the scores is a multiple of u, so the mean is a multiple
of u/n (GRIM). In units of u, with scores kᵢ, sum S and sum of squares Q: Q is a whole number,
Q and S are both even or both odd (as k² and k are), Q is at least what scores as equal as
possible give and, on a bounded scale, at most what scores at the two ends give; and the SD
is √((Q − S²/n) / (n − 1)), or over n. Where no Q fits the printed SD for any S that fits the
printed mean, no such scores exist (GRIMMER). The conditions are necessary ones, so that no
possible pair is refused; exhaustive enumeration in the tests says so too.

References
----------
Brown NJL, Heathers JAJ (2017). The GRIM test: a simple technique detects numerous anomalies in
the reporting of results in psychology. Social Psychological and Personality Science 8:363-369.
Anaya J (2016). The GRIMMER test: a method for testing the validity of reported measures of
variability. PeerJ Preprints 4:e2400v1.
Heathers JAJ, Brown NJL (2019). DEBIT: a simple consistency test for binary data. OSF.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import (
    Printed,
    as_count,
    as_reported,
    contradicted,
    exact,
    rounded_span,
    span,
    untestable,
)
from evidence.data import ReportedNumber
from evidence.display import format_number, plural
from evidence.errors import InvalidArgumentError

__all__ = ["BINARY", "WHOLE", "Scores", "debit", "grim", "grimmer", "possible_sums", "square_sums"]

_GRIM = "Brown and Heathers 2017, Social Psychological and Personality Science 8:363-369"
_GRIMMER = "Anaya 2016, PeerJ Preprints 4:e2400v1"
_DEBIT = "Heathers and Brown 2019, DEBIT, OSF"
#: Sums that are tried: so many only fit where there is nothing to find.
_MOST_SUMS = 2000


@dataclass(frozen=True, slots=True)
class Scores:
    """What scores one person can have.

    Attributes
    ----------
    step
        From one possible answer to the next.
    items
        Answers that are averaged into a person's score; 1 where they are summed.
    minimum, maximum
        Lowest and highest score; None where there is no end.
    """

    step: float | str | Fraction = 1
    items: int = 1
    minimum: float | str | None = None
    maximum: float | str | None = None

    def __post_init__(self) -> None:
        as_count("items", self.items)
        if exact("step", self.step) <= 0:
            raise InvalidArgumentError(f"step is {self.step!r}; it must be above 0.")
        if self.most is not None and self.most < 1:
            raise InvalidArgumentError(
                f"A scale from {self.minimum} to {self.maximum} has no two scores that are "
                f"{self.step} apart. Give minimum below maximum, and a step between them."
            )

    @property
    def unit(self) -> Fraction:
        """From one possible score to the next."""
        return exact("step", self.step) / self.items

    @property
    def start(self) -> Fraction:
        """A score that is possible: the lowest, or 0."""
        return Fraction(0) if self.minimum is None else exact("minimum", self.minimum)

    @property
    def least(self) -> int | None:
        """The lowest score in units from `start`; None where there is no end."""
        return None if self.minimum is None else 0

    @property
    def most(self) -> int | None:
        """The highest score in units from `start`; None where there is no end."""
        if self.maximum is None:
            return None
        return math.floor((exact("maximum", self.maximum) - self.start) / self.unit)

    @property
    def words(self) -> str:
        """The kind of scores, for a sentence."""
        unit = format_number(float(self.unit), _decimals(self.unit))
        ends = ""
        if self.minimum is not None and self.maximum is not None:
            ends = f" from {self.minimum} to {self.maximum}"
        return f"scores in steps of {unit}{ends}"


#: Whole numbers without an end.
WHOLE = Scores()
#: No or yes.
BINARY = Scores(minimum=0, maximum=1)


def _decimals(value: Fraction) -> int:
    return next((d for d in range(4) if (value * 10**d).denominator == 1), 4)


def possible_sums(low: Fraction, high: Fraction, n: int, scores: Scores) -> range:
    """Return the sums of n scores, in units from `start`, whose mean lies in a range.

    Parameters
    ----------
    low, high
        The range, both ends included.
    n
        Number of scores.
    scores
        What they can be.
    """
    first = math.ceil((low - scores.start) * n / scores.unit)
    last = math.floor((high - scores.start) * n / scores.unit)
    if scores.least is not None:
        first = max(first, n * scores.least)
    if scores.most is not None:
        last = min(last, n * scores.most)
    return range(first, last + 1)


def grim(mean: Printed, n: int, scores: Scores = WHOLE) -> Check:
    """Check whether n such scores can have the mean that is printed.

    Parameters
    ----------
    mean
        As printed, as text.
    n
        People behind it, each with one score.
    scores
        What a person's score can be; whole numbers by default.

    Returns
    -------
    Check
        ``"cannot be tested"`` where so many people can have any mean of so few digits.

    References
    ----------
    See `evidence.appraisal.integrity.granularity`.
    """
    number, people = as_reported("mean", mean), as_count("n", n)
    low, high = rounded_span(number)
    apart = scores.unit / people
    table = _nearest(number, people, scores)
    if apart <= high - low:
        return untestable(
            "mean of whole scores",
            f"{plural(people, 'person', 'people')} with {scores.words} can have any mean of "
            f"{plural(number.decimals, 'decimal')}.",
            _GRIM,
            table,
        )
    found = possible_sums(low, high, people, scores)
    cut = not found and bool(possible_sums(*span(number), people, scores))
    near = " and ".join(format_number(mean, number.decimals + 2) for mean in table["mean"])
    allowed = f"{plural(people, 'person', 'people')} with {scores.words} can have a mean of"
    fine = f"{allowed} {number}" + (", if its digits were cut off, not rounded." if cut else ".")
    return contradicted(
        "mean of whole scores",
        not found and not cut,
        fine=(fine),
        wrong=(
            f"No {people} {scores.words} have a mean that prints as {number}; the nearest are "
            f"{near}. The mean and the number of people cannot both be right as printed."
        ),
        table=table,
        reference=_GRIM,
    )


def _nearest(number: ReportedNumber, n: int, scores: Scores) -> pd.DataFrame:
    """Return the possible means below and above the printed one."""
    printed = Fraction(number.text) if "e" not in number.text.lower() else exact("", number.text)
    place = (printed - scores.start) * n / scores.unit
    sums = sorted({math.floor(place), math.ceil(place)})
    rows = [(s, float(scores.start + s * scores.unit / n)) for s in sums]
    return pd.DataFrame(rows, columns=["sum_in_steps", "mean"])


def square_sums(total: int, n: int, scores: Scores) -> tuple[int, int | None]:
    """Return the smallest and the largest sum of squares of n scores with a sum, in units.

    Smallest where the scores are as equal as can be; largest where all but one are at the two
    ends of the scale; None where the scale has no end.

    Parameters
    ----------
    total
        Sum of the scores in units from `start`.
    n
        Number of scores.
    scores
        What they can be.
    """
    each, more = divmod(total, n)
    least = (n - more) * each**2 + more * (each + 1) ** 2
    if scores.least is None or scores.most is None:
        return least, None
    top, rest = divmod(total, scores.most)
    return least, top * scores.most**2 + rest**2


def fitting_squares(
    total: int, n: int, variance: tuple[Fraction, Fraction], scores: Scores
) -> Iterator[int]:
    """Yield the sums of squares, in units, that a sum and a range of the variance allow.

    Parameters
    ----------
    total, n, scores
        As `square_sums` takes them.
    variance
        The lowest and the highest variance, in the units of the scores, over n − 1 or over n.
    """
    least, most = square_sums(total, n, scores)
    centre = Fraction(total * total, n)
    seen: set[int] = set()
    for divisor in (n - 1, n):
        low, high = (centre + end * divisor / scores.unit**2 for end in variance)
        first = max(math.ceil(low), least)
        first += (first - total) % 2
        last = math.floor(high) if most is None else min(math.floor(high), most)
        for found in range(first, last + 1, 2):
            if found not in seen:
                seen.add(found)
                yield found


def grimmer(mean: Printed, sd: Printed, n: int, scores: Scores = WHOLE) -> Check:
    """Check whether n such scores can have the mean and the SD that are printed.

    The SD may be the sample's (over n − 1) or that of the scores themselves (over n).

    Parameters
    ----------
    mean, sd
        As printed, as text.
    n
        People behind them, each with one score.
    scores
        What a person's score can be; whole numbers by default.

    Returns
    -------
    Check
        ``"cannot be tested"`` where so many people can have any SD of so few digits.

    References
    ----------
    See `evidence.appraisal.integrity.granularity`.
    """
    name = "SD of whole scores"
    people = as_count("n", n)
    middle, spread = as_reported("mean", mean), as_reported("sd", sd)
    if spread.value < 0:
        raise InvalidArgumentError(f"sd is {spread}; a standard deviation is at least 0.")
    if people < 2:
        return untestable(name, "One person has no standard deviation.", _GRIMMER)
    low, high = (max(end, Fraction(0)) for end in span(spread))
    sums = possible_sums(*span(middle), people, scores)
    table = pd.DataFrame({"mean": [middle.value], "sd": [spread.value], "n": [people]})
    if not sums:
        return untestable(name, "No such scores have the printed mean to begin with.", _GRIM)
    # From one possible sum of squares to the next are 2 units.
    everything = (high**2 - low**2) * (people - 1) / scores.unit**2 >= 2
    squares = (low**2, high**2)
    tried = sums if len(sums) <= _MOST_SUMS else sums[:_MOST_SUMS]
    possible = any(
        next(fitting_squares(total, people, squares, scores), None) is not None for total in tried
    )
    if (possible and everything) or (not possible and len(tried) < len(sums)):
        return untestable(
            name,
            f"{plural(people, 'person', 'people')} with {scores.words} can have nearly any SD of "
            f"{plural(spread.decimals, 'decimal')} beside a mean of {middle}.",
            _GRIMMER,
            table,
        )
    return contradicted(
        name,
        not possible,
        fine=(
            f"{plural(people, 'person', 'people')} with {scores.words} can have a mean of "
            f"{middle} with an SD of {spread}."
        ),
        wrong=(
            f"No {people} {scores.words} have a mean that prints as {middle} and an SD that "
            f"prints as {spread}. These cannot all be right as printed."
        ),
        table=table,
        reference=_GRIMMER,
    )


def debit(mean: Printed, sd: Printed, n: int) -> Check:
    """Check whether n answers of no or yes can have the mean and the SD that are printed.

    With a share m of yes the SD is √(m (1 − m) n / (n − 1)), or without the last factor.

    Parameters
    ----------
    mean
        Share of yes as printed, as text, such as ``"0.35"``.
    sd
        As printed, as text.
    n
        People behind it.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.granularity`.
    """
    name = "SD of yes and no"
    middle, spread, people = as_reported("mean", mean), as_reported("sd", sd), as_count("n", n, 2)
    sums = possible_sums(*span(middle), people, BINARY)
    low, high = (float(max(end, Fraction(0))) for end in span(spread))
    rows = []
    for yes in sums:
        share = yes / people
        own = math.sqrt(share * (1 - share))
        rows.append((yes, share, own * math.sqrt(people / (people - 1)), own))
    table = pd.DataFrame(rows, columns=["yes", "mean", "sd", "sd_over_n"])
    slack = 1e-12
    bad = not any(low - slack <= value <= high + slack for row in rows for value in row[2:])
    what = f"{people} answers of no or yes"
    if not sums:
        why = f"No {what} have a mean that prints as {middle}."
    else:
        ends = sorted({format_number(row[2], spread.decimals + 1) for row in rows})
        told = ends[0] if len(ends) == 1 else f"{ends[0]} to {ends[-1]}"
        why = (
            f"{what.capitalize()} with a mean of {middle} have an SD of {told}; {spread} is "
            "printed. These cannot both be right as printed."
        )
    fine = f"{what.capitalize()} with a mean of {middle} can have an SD of {spread}."
    return contradicted(
        name,
        bad,
        fine=(fine),
        wrong=(why),
        table=table,
        reference=_DEBIT,
    )
