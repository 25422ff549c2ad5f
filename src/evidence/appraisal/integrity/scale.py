"""Whether a standard deviation is possible between a lowest and a highest value.

Values between a and b with mean m have a variance of at most (b − m)(m − a) (Bhatia and Davis
2000), as a sample's times n/(n − 1). Two of n values that are a range w apart give a sample
variance of at least w² / (2 (n − 1)).

References
----------
Bhatia R, Davis C (2000). A better bound on the variance. American Mathematical Monthly
107:353-357.
Heathers JAJ, Anaya J, van der Zee T, Brown NJL (2018). Recovering data from summary statistics:
Sample Parameter Reconstruction via Iterative TEchniques (SPRITE). PeerJ Preprints 6:e26968v1.
"""

from __future__ import annotations

import math

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import (
    Printed,
    as_count,
    as_reported,
    contradicted,
    fits,
)
from evidence.display import format_number
from evidence.errors import InvalidArgumentError

__all__ = ["largest_sd", "sd_on_scale", "smallest_sd"]

_REFERENCE = "Bhatia and Davis 2000, American Mathematical Monthly 107:353-357"


def largest_sd(mean: float, minimum: float, maximum: float, n: int | None = None) -> float:
    """Return the largest standard deviation that values on a scale can have about a mean.

    Parameters
    ----------
    mean
        Their mean.
    minimum, maximum
        Ends of the scale.
    n
        How many there are; None where that is not known, which allows the most.

    References
    ----------
    See `evidence.appraisal.integrity.scale`.
    """
    factor = 2.0 if n is None else n / (n - 1)
    return math.sqrt(max((maximum - mean) * (mean - minimum), 0.0) * factor)


def smallest_sd(minimum: float, maximum: float, n: int) -> float:
    """Return the smallest standard deviation of n values of which two are a range apart.

    Parameters
    ----------
    minimum, maximum
        The smallest and the largest value.
    n
        How many there are.

    References
    ----------
    See `evidence.appraisal.integrity.scale`.
    """
    return (maximum - minimum) / math.sqrt(2 * (n - 1))


def sd_on_scale(
    mean: Printed,
    sd: Printed,
    *,
    minimum: float,
    maximum: float,
    n: int | None = None,
) -> Check:
    """Check whether an SD is possible about a mean on a bounded scale.

    Parameters
    ----------
    mean, sd
        As printed, as text.
    minimum, maximum
        Ends of the scale; of changes, how far a value can fall and rise.
    n
        People behind it, if known.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.scale`.
    """
    middle, spread = as_reported("mean", mean), as_reported("sd", sd)
    people = None if n is None else as_count("n", n, 2)
    if not (math.isfinite(minimum) and math.isfinite(maximum) and minimum < maximum):
        raise InvalidArgumentError(
            f"minimum is {minimum!r} and maximum {maximum!r}; give a finite minimum below a "
            "finite maximum."
        )
    low, high = fits(middle)
    # About the middle of the scale the most is possible.
    best = min(max((minimum + maximum) / 2, low), high)
    most = largest_sd(min(max(best, minimum), maximum), minimum, maximum, people)
    least = fits(spread, least=0)[0]
    table = pd.DataFrame({"mean": [middle.value], "sd": [spread.value], "largest_sd": [most]})
    shown = format_number(most, max(spread.decimals, 1))
    place = f"between {minimum:g} and {maximum:g} with a mean of {middle}"
    return contradicted(
        "SD that the scale allows",
        least > most * (1 + 1e-12),
        fine=(f"Values {place} can have an SD of {spread}: up to {shown} is possible."),
        wrong=(
            f"Values {place} have an SD of at most {shown}; {spread} is printed. Mean, SD and "
            "scale cannot all be right as printed."
        ),
        table=table,
        reference=_REFERENCE,
    )
