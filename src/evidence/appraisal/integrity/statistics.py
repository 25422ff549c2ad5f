"""Test statistics, p values, intervals and standard errors of one comparison against each other.

Estimate, interval and p value of one model share a t distribution (or the normal one), so an
interval and its level fix the p value once the degrees of freedom are known; where they are
not, every number from a least one on is allowed. A p value may be one-sided.

References
----------
Altman DG, Bland JM (2011). How to obtain the P value from a confidence interval. BMJ 343:d2304.
Nuijten MB, Hartgerink CHJ, van Assen MALM, Epskamp S, Wicherts JM (2016). The prevalence of
statistical reporting errors in psychology (1985-2013). Behavior Research Methods 48:1205-1226.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import (
    Printed,
    Span,
    as_reported,
    contradicted,
    fits,
    meet,
    untestable,
)
from evidence.appraisal.integrity.spread import half_width
from evidence.data import ReportedNumber
from evidence.display import format_interval, format_p_range
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.effects.derivation.rounding import magnitude
from evidence.errors import InvalidArgumentError

__all__ = [
    "compare_p",
    "estimate_against_t",
    "f_against_t",
    "interval_against_p",
    "se_against_interval",
    "t_against_p",
]

_ALTMAN = "Altman and Bland 2011, BMJ 343:d2304"
_NUIJTEN = "Nuijten et al. 2016, Behavior Research Methods 48:1205-1226"
_LEVEL = 0.95
_RELATIONS = ("=", "<", "<=", ">")


def _printed_p(p: ReportedNumber, relation: str) -> Span:
    """Return the p values that a printed one stands for."""
    if relation not in _RELATIONS:
        raise InvalidArgumentError(
            f"relation is {relation!r}; it must be one of {', '.join(_RELATIONS)}."
        )
    if not 0 <= p.value <= 1:
        raise InvalidArgumentError(f"p is {p}; it must lie between 0 and 1.")
    if relation == ">":
        return p.value, 1.0
    if relation != "=":
        return 0.0, p.value
    return fits(p, least=0)


def compare_p(
    name: str,
    found: Span,
    p: ReportedNumber,
    relation: str,
    words: str,
    reference: str,
    *,
    table: pd.DataFrame | None = None,
) -> Check:
    """Hold p values worked out, lowest first, against the printed one.

    Parameters
    ----------
    name, reference
        Of the check.
    found
        The lowest and the highest p value that the other numbers allow.
    p, relation
        As printed.
    words
        What they were worked out from, to begin the sentence.
    table
        The numbers behind it, if not the p values themselves.
    """
    stated = _printed_p(p, relation)
    one_sided = [(found[0] / 2, found[1] / 2), (1 - found[1] / 2, 1.0)]
    if relation != "=":
        # "not significant" would fit anything on the other side of a one-sided test.
        one_sided.pop()
    two = meet(found, stated)
    one = any(meet(half, stated) for half in one_sided)
    told = f"p {relation} {p}"
    implied = format_p_range(*found)
    rows = pd.DataFrame(
        {"p_from_the_others": [implied], "p_printed": [told], "low": [found[0]], "high": [found[1]]}
    )
    fine = f"{words} implies {implied}, and {told} is printed"
    return contradicted(
        name,
        not (two or one),
        fine=(f"{fine}." if two else f"{fine}: they fit if that p value is one-sided."),
        wrong=(
            f"{words} implies {implied}; {told} is printed. These cannot both be right as "
            "printed, if they are of one test of two sides and nothing was corrected for several "
            "tests."
        ),
        table=rows if table is None else table,
        reference=reference,
    )


def _freedoms(least: float | None) -> tuple[float | None, ...]:
    return (None,) if least is None else (least, None)


def t_against_p(
    t: Printed,
    p: Printed,
    df: Printed | float | None = None,
    *,
    relation: str = "=",
    squared: bool = False,
) -> Check:
    """Check whether a test statistic and its degrees of freedom give the p value printed.

    Parameters
    ----------
    t
        t (or z), or F with one numerator degree of freedom, as printed, as text.
    p
        As printed, as text.
    df
        Degrees of freedom, as printed or as a number; None where the statistic is normal.
    relation
        How p was printed: ``"="``, ``"<"``, ``"<="`` or ``">"``.
    squared
        Whether `t` is an F.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.statistics`.
    """
    statistic, stated = as_reported("t", t), as_reported("p", p)
    if squared and statistic.value < 0:
        raise InvalidArgumentError(f"F is {statistic}; it must be at least 0.")
    sizes = magnitude(*fits(statistic, least=0 if squared else None))
    if squared:
        sizes = math.sqrt(sizes[0]), math.sqrt(sizes[1])
    freedoms = _printed_freedoms(df)
    found = [p_from_t(size, freedom) for size in sizes for freedom in freedoms]
    letter = "F" if squared else "t"
    of = "" if df is None else f"(1, {df})" if squared else f"({df})"
    return compare_p(
        f"{letter} against p",
        (min(found), max(found)),
        stated,
        relation,
        f"{letter}{of} = {statistic}",
        _NUIJTEN,
    )


def _printed_freedoms(df: Printed | float | None) -> tuple[float | None, ...]:
    """Return the degrees of freedom that printed ones stand for: Welch's are rounded."""
    if df is None:
        return (None,)
    if isinstance(df, int | float):
        ends: Span = (float(df), float(df))
    else:
        number = as_reported("df", df)
        # Whole ones are rounded where they are Welch's, or cut off.
        ends = fits(number)
    if ends[1] <= 0:
        raise InvalidArgumentError(f"df is {df}; it must be above 0.")
    return max(ends[0], 0.1), ends[1]


def f_against_t(f: Printed, t: Printed) -> Check:
    """Check whether F with one numerator degree of freedom is the square of t.

    Parameters
    ----------
    f, t
        As printed, as text.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.statistics`.
    """
    big, small = as_reported("f", f), as_reported("t", t)
    squares = tuple(size**2 for size in magnitude(*fits(small)))
    found = squares[0], squares[1]
    return contradicted(
        "F against t",
        not meet(fits(big, least=0), found),
        fine=(f"F = {big} is the square of t = {small}."),
        wrong=(
            f"t = {small} has a square of {format_interval(*found, big.decimals + 1)}; F = {big} "
            "is printed. These cannot both be right as printed, if they are of one test."
        ),
        table=pd.DataFrame({"f": [big.value], "t_squared": [small.value**2]}),
        reference=_NUIJTEN,
    )


def estimate_against_t(estimate: Printed, se: Printed, t: Printed) -> Check:
    """Check whether an estimate over its standard error is the t that is printed.

    Parameters
    ----------
    estimate, se, t
        As printed, as text.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.statistics`.
    """
    name = "estimate over standard error against t"
    middle, error, stated = (
        as_reported(name, value) for name, value in (("estimate", estimate), ("se", se), ("t", t))
    )
    errors = fits(error, least=0)
    if errors[0] <= 0:
        return untestable(
            name, f"A standard error that prints as {error} may be next to nothing.", _NUIJTEN
        )
    sizes = magnitude(*fits(middle))
    found = sizes[0] / errors[1], sizes[1] / errors[0]
    return contradicted(
        name,
        not meet(magnitude(*fits(stated)), found),
        fine=(f"{middle} over {error} is the t of {stated} that is printed."),
        wrong=(
            f"{middle} over its standard error of {error} is "
            f"{format_interval(*found, stated.decimals + 1)}; t = {stated} is printed. These "
            "cannot all be right as printed, if they are of one test."
        ),
        table=pd.DataFrame({"estimate": [middle.value], "se": [error.value], "t": [stated.value]}),
        reference=_NUIJTEN,
    )


def se_against_interval(
    se: Printed,
    interval: tuple[Printed, Printed],
    *,
    least_df: float | None = 1,
    level: float = _LEVEL,
) -> Check:
    """Check whether a comparison's standard error and interval fit.

    Parameters
    ----------
    se
        As printed, as text.
    interval
        Its ends as printed, as text.
    least_df
        The fewest degrees of freedom it can have; None where it is normal.
    level
        Level of the interval.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.statistics`.
    """
    error = as_reported("se", se)
    ends = as_reported("interval", interval[0]), as_reported("interval", interval[1])
    errors, half = fits(error, least=0), half_width(ends)
    quantiles = [quantile(level, df) for df in _freedoms(least_df)]
    reach = errors[0] * min(quantiles), errors[1] * max(quantiles)
    decimals = max(ends[0].decimals, ends[1].decimals) + 1
    return contradicted(
        "standard error against interval",
        not meet(half, reach),
        fine=(f"The standard error of {error} and the interval from {ends[0]} to {ends[1]} fit."),
        wrong=(
            f"A standard error of {error} makes an interval that reaches "
            f"{format_interval(*reach, decimals)} to either side; the printed one, {ends[0]} to "
            f"{ends[1]}, reaches {format_interval(*half, decimals)}. These cannot both be right "
            "as printed."
        ),
        table=pd.DataFrame({"se": [error.value], "half_width": [sum(half) / 2]}),
        reference=_ALTMAN,
    )


def interval_against_p(
    numbers: tuple[Printed, Printed, Printed],
    p: Printed,
    *,
    relation: str = "=",
    ratio: bool = False,
    level: float = _LEVEL,
    least_df: float | None = 1,
) -> Check:
    """Check whether an estimate with its interval gives the p value that is printed.

    Parameters
    ----------
    numbers
        Estimate, lower and upper end as printed, as text.
    p
        As printed, as text.
    relation
        How p was printed.
    ratio
        Whether the estimate is a ratio, whose logarithm has the interval.
    level
        Level of the interval.
    least_df
        The fewest degrees of freedom the test can have; None where it is normal.

    Returns
    -------
    Check
        ``"cannot be tested"`` where the interval is not centred on its estimate: then it was
        made in another way.

    References
    ----------
    See `evidence.appraisal.integrity.statistics`.
    """
    name = "interval against p"
    middle, low, high = (as_reported("numbers", number) for number in numbers)
    stated = as_reported("p", p)
    spans = [fits(number) for number in (middle, low, high)]
    if ratio:
        if min(number.value for number in (middle, low, high)) <= 0:
            raise InvalidArgumentError("A ratio and its interval must lie above 0.")
        if any(ends[0] <= 0 for ends in spans):
            return untestable(name, "A ratio that may be 0 as printed has no logarithm.", _ALTMAN)
        spans = [(math.log(ends[0]), math.log(ends[1])) for ends in spans]
    about = (spans[1][0] + spans[2][0]) / 2, (spans[1][1] + spans[2][1]) / 2
    what = f"{middle} ({low} to {high})"
    unknown = "" if least_df is None else f", with {least_df:g} or more degrees of freedom,"
    if not meet(spans[0], about):
        return untestable(
            name,
            f"The interval of {what} is not centred on its estimate: it was made in another way, "
            "and gives no p value.",
            _ALTMAN,
        )
    sizes = magnitude(*spans[0])
    half = (spans[2][0] - spans[1][1]) / 2, (spans[2][1] - spans[1][0]) / 2
    if half[0] <= 0:
        return untestable(
            name, f"The width of the interval of {what} may be nothing but rounding.", _ALTMAN
        )
    ratios = sizes[0] / half[1], sizes[1] / half[0]
    found = list(_p_values(ratios, level, _freedoms(least_df)))
    return compare_p(name, (min(found), max(found)), stated, relation, what + unknown, _ALTMAN)


def _p_values(ratios: Span, level: float, freedoms: Iterable[float | None]) -> Iterable[float]:
    for freedom in freedoms:
        for size in ratios:
            yield p_from_t(size * quantile(level, freedom), freedom)
