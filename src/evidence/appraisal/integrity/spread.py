"""SD, standard error and interval of one mean against each other, and the range of its values.

The standard error of a mean is SD/√n, and its interval the mean ± a quantile times that: of t
with at least n − 1 degrees of freedom, or of the normal distribution. Either way of dividing
the SD, by n − 1 or by n, is allowed.

References
----------
Altman DG, Bland JM (2005). Standard deviations and standard errors. BMJ 331:903.
Higgins JPT, Li T, Deeks JJ (editors). Choosing effect measures and computing estimates of
effect. Cochrane Handbook for Systematic Reviews of Interventions, sections 6.3 and 6.5.2.
"""

from __future__ import annotations

import math

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import (
    Printed,
    Span,
    as_count,
    as_reported,
    contradicted,
    fits,
    meet,
    untestable,
)
from evidence.appraisal.integrity.scale import largest_sd, smallest_sd
from evidence.data import ReportedNumber
from evidence.display import format_interval, format_number
from evidence.effects.conversions.spread import quantile
from evidence.errors import InvalidArgumentError

__all__ = ["sd_against_range", "sd_against_se", "spread_against_interval"]

_SD_AND_SE = "Altman and Bland 2005, BMJ 331:903"
_HANDBOOK = "Cochrane Handbook, section 6.5.2"
_LEVEL = 0.95


def sd_against_se(sd: Printed, se: Printed, n: int, fewest: int | None = None) -> Check:
    """Check whether an SD and a standard error fit the number of people.

    Parameters
    ----------
    sd, se
        As printed, as text.
    n
        People behind the mean.
    fewest
        The fewest that can be behind it, where `n` were randomised and some may be lost.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.spread`.
    """
    name = "SD against standard error"
    spread, error = as_reported("sd", sd), as_reported("se", se)
    most = as_count("n", n, 2)
    least = most if fewest is None else min(as_count("fewest", fewest, 2), most)
    sds, errors = fits(spread, least=0), fits(error, least=0)
    if errors[0] <= 0:
        return untestable(
            name, f"A standard error that prints as {error} may be next to nothing.", _SD_AND_SE
        )
    ratio = sds[0] / errors[1], sds[1] / errors[0]
    implied = ratio[0] ** 2, ratio[1] ** 2
    possible = math.sqrt(least - 1), math.sqrt(most)
    table = pd.DataFrame(
        {
            "sd": [spread.value],
            "se": [error.value],
            "n": [most],
            "se_from_sd": [spread.value / math.sqrt(most)],
        }
    )
    people = f"{most} people" if least == most else f"{least} to {most} people"
    return contradicted(
        name,
        not meet(ratio, possible),
        fine=(f"An SD of {spread} and a standard error of {error} fit {people}."),
        wrong=(
            f"An SD of {spread} and a standard error of {error} imply "
            f"{format_interval(*implied, 1)} people; {people} are printed. These cannot all be "
            "right as printed."
        ),
        table=table,
        reference=_SD_AND_SE,
    )


def spread_against_interval(
    interval: tuple[Printed, Printed],
    n: int,
    *,
    sd: Printed | None = None,
    se: Printed | None = None,
    mean: Printed | None = None,
    level: float = _LEVEL,
    fewest: int | None = None,
) -> Check:
    """Check whether the interval of a mean fits its standard error, or its SD and n.

    Parameters
    ----------
    interval
        Its lower and upper end as printed, as text.
    n
        People behind the mean.
    sd, se
        One of the two, as printed.
    mean
        As printed; an interval that it is not the middle of was made in another way.
    level
        Level of the interval.
    fewest
        As `sd_against_se` takes it.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.spread`.
    """
    if (sd is None) == (se is None):
        raise InvalidArgumentError("Give either sd or se, as printed, and not both.")
    what = "SD" if se is None else "standard error"
    name = f"{what} against interval"
    spread = as_reported("sd" if se is None else "se", sd if se is None else se)  # type: ignore[arg-type]
    ends = as_reported("interval", interval[0]), as_reported("interval", interval[1])
    most = as_count("n", n, 2)
    least = most if fewest is None else min(as_count("fewest", fewest, 2), most)
    if mean is not None and not centred(as_reported("mean", mean), ends):
        return untestable(
            name,
            f"The interval from {ends[0]} to {ends[1]} is not centred on the mean of {mean}: it "
            "was made in another way.",
            _HANDBOOK,
        )
    half = half_width(ends)
    errors = fits(spread, least=0)
    if se is None:
        errors = errors[0] / math.sqrt(most), errors[1] / math.sqrt(least - 1)
    reach = quantile(level) * errors[0], quantile(level, least - 1) * errors[1]
    table = pd.DataFrame(
        {
            "printed": [spread.value],
            "n": [most],
            "half_width": [sum(half) / 2],
            "half_width_from_printed": [sum(reach) / 2],
        }
    )
    decimals = max(ends[0].decimals, ends[1].decimals) + 1
    with_people = f" in {most} people" if se is None else ""
    return contradicted(
        name,
        not meet(half, reach),
        fine=(
            f"The {what} of {spread}{with_people} and the interval from {ends[0]} to {ends[1]} fit."
        ),
        wrong=(
            f"{'An' if se is None else 'A'} {what} of {spread}{with_people} makes an interval "
            f"that reaches {format_interval(*reach, decimals)} to either side; the printed one, "
            f"{ends[0]} to {ends[1]}, reaches {format_interval(*half, decimals)}. These cannot "
            "both be right as printed, if the interval is that of the plain mean."
        ),
        table=table,
        reference=_HANDBOOK,
    )


def centred(middle: ReportedNumber, ends: tuple[ReportedNumber, ReportedNumber]) -> bool:
    """Whether rounding allows that a number is the middle of an interval.

    Parameters
    ----------
    middle, ends
        As printed.
    """
    low, high = fits(ends[0]), fits(ends[1])
    return meet(fits(middle), ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2))


def half_width(ends: tuple[ReportedNumber, ReportedNumber]) -> Span:
    """Return the half widths that rounding allows an interval.

    Parameters
    ----------
    ends
        As printed.
    """
    low, high = fits(ends[0]), fits(ends[1])
    return max((high[0] - low[1]) / 2, 0.0), (high[1] - low[0]) / 2


def sd_against_range(
    sd: Printed,
    minimum: Printed,
    maximum: Printed,
    n: int,
    mean: Printed | None = None,
    *,
    fewest: int | None = None,
) -> Check:
    """Check whether an SD fits the smallest and the largest value that are printed.

    Parameters
    ----------
    sd
        As printed, as text.
    minimum, maximum
        Smallest and largest value as printed, as text.
    n
        People behind it.
    mean
        As printed, if it is; it bounds the SD further.
    fewest
        As `sd_against_se` takes it.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.scale`.
    """
    spread = as_reported("sd", sd)
    ends = as_reported("minimum", minimum), as_reported("maximum", maximum)
    people = as_count("n", n, 2)
    low, high = fits(ends[0])[0], fits(ends[1])[1]
    middle = (low + high) / 2
    if mean is not None:
        span = fits(as_reported("mean", mean))
        middle = min(max(middle, span[0]), span[1])
    narrowest = max(fits(ends[1])[0] - fits(ends[0])[1], 0.0)
    # Over n the smallest SD is a little smaller than over n - 1.
    least = smallest_sd(0.0, narrowest, people) * math.sqrt((people - 1) / people)
    few = people if fewest is None else min(as_count("fewest", fewest, 2), people)
    possible = least, largest_sd(min(max(middle, low), high), low, high, few)
    decimals = max(spread.decimals, 1)
    return contradicted(
        "SD against range",
        not meet(fits(spread, least=0), possible),
        fine=(f"Values from {ends[0]} to {ends[1]} can have an SD of {spread}."),
        wrong=(
            f"{people} values from {ends[0]} to {ends[1]} have an SD of "
            f"{format_number(possible[0], decimals)} to {format_number(possible[1], decimals)}; "
            f"{spread} is printed. These cannot all be right as printed."
        ),
        table=pd.DataFrame(
            {
                "sd": [spread.value],
                "smallest_sd": [possible[0]],
                "largest_sd": [possible[1]],
                "n": [people],
            }
        ),
        reference="Bhatia and Davis 2000, American Mathematical Monthly 107:353-357",
    )
