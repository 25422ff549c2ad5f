"""What a crossover's printed means and SDs say of its p value, by the correlation they need.

The variance of a difference within people is SD₁² + SD₂² − 2 r SD₁ SD₂ (Elbourne et al. 2002),
so means, SDs and people fix t once the correlation r of a person's two measurements is known.
Turned round, a printed p value needs an r, and where none from −1 to 1 gives it, the
reports cannot be right together.

References
----------
Elbourne DR, Altman DG, Higgins JPT, Curtin F, Worthington HV, Vail A (2002). Meta-analyses
involving cross-over trials: methodological issues. International Journal of Epidemiology
31:140-149.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import (
    Printed,
    Span,
    as_count,
    as_reported,
    contradicted,
    fits,
    untestable,
)
from evidence.data import ReportedNumber
from evidence.display import format_interval, format_number
from evidence.effects.conversions.spread import t_from_p
from evidence.effects.derivation.rounding import envelope

__all__ = ["correlation_needed", "crossover_against_p"]

_REFERENCE = "Elbourne et al. 2002, International Journal of Epidemiology 31:140-149"
_NAME = "means and SDs of the periods against p"


def correlation_needed(difference: float, sds: tuple[float, float], n: int, p: float) -> float:
    """Return the correlation within people at which two periods differ with a p value.

    Parameters
    ----------
    difference
        Of the periods' means.
    sds
        Standard deviations of the periods.
    n
        People, each in both periods.
    p
        Two-sided, of a paired t test.

    References
    ----------
    See `evidence.appraisal.integrity.crossover`.
    """
    t = t_from_p(p, n - 1)
    variance = math.inf if t == 0 else n * (difference / t) ** 2
    product = 2 * sds[0] * sds[1]
    return (sds[0] ** 2 + sds[1] ** 2 - variance) / product if product > 0 else math.nan


@dataclass(frozen=True, slots=True)
class _Periods:
    """The printed summaries of two periods."""

    means: tuple[ReportedNumber, ReportedNumber]
    sds: tuple[ReportedNumber, ReportedNumber]
    n: int

    def needed(self, p: float) -> Span:
        """Return the correlations that a p value needs, over everything that rounding allows."""

        def formula(first: float, second: float, a: float, b: float) -> float:
            return correlation_needed(first - second, (max(a, 0.0), max(b, 0.0)), self.n, p)

        numbers = dict(zip(("first", "second", "a", "b"), (*self.means, *self.sds), strict=True))
        found = envelope(partial(formula), numbers)
        # Of means that can be equal the smallest difference, 0, lies inside the box.
        low, high = (self.means[0].low - self.means[1].high, self.means[0].high - self.means[1].low)
        return found if low * high > 0 else (found[0], 1.0 + (found[1] > 1))


def crossover_against_p(
    means: tuple[Printed, Printed],
    sds: tuple[Printed, Printed],
    n: int,
    p: Printed,
    *,
    relation: str = "=",
) -> Check:
    """Check whether a correlation within people makes a crossover's reports fit.

    Parameters
    ----------
    means, sds
        Of the two periods as printed, as text.
    n
        People, each in both periods.
    p
        As printed, as text.
    relation
        How p was printed: ``"="``, ``"<"``, ``"<="`` or ``">"``.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.crossover`.
    """
    stated, people = as_reported("p", p), as_count("n", n, 2)
    periods = _Periods(
        (as_reported("means", means[0]), as_reported("means", means[1])),
        (as_reported("sds", sds[0]), as_reported("sds", sds[1])),
        people,
    )
    if min(number.low for number in periods.sds) <= 0:
        return untestable(_NAME, "A period without spread has no correlation.", _REFERENCE)
    if stated.value <= 0 or stated.value >= 1:
        return untestable(_NAME, f"p {relation} {stated} bounds nothing here.", _REFERENCE)
    ends = fits(stated, least=0) if relation == "=" else (stated.value, stated.value)
    # A one-sided p value of half the size is allowed, as it is everywhere.
    smallest = periods.needed(min(2 * ends[1], 1.0) if relation != ">" else ends[0])
    exactly = periods.needed(ends[1])
    at_printed = correlation_needed(
        periods.means[0].value - periods.means[1].value,
        (periods.sds[0].value, periods.sds[1].value),
        people,
        stated.value,
    )
    # "=" may need more than 1 or less than -1; "<" at least so much, ">" at most.
    bad = smallest[1] < -1 if relation == ">" else smallest[0] > 1
    if relation == "=":
        bad = bad or periods.needed(max(ends[0], 1e-12))[1] < -1
    table = pd.DataFrame(
        {
            "correlation_needed": [at_printed],
            "least": [exactly[0]],
            "most": [exactly[1]],
            "n": [people],
        }
    )
    what = (
        f"Means of {means[0]} and {means[1]} with SDs of {sds[0]} and {sds[1]} in {people} people"
    )
    amount = {"=": "about", ">": "at most"}.get(relation, "at least")
    told = format_number(at_printed)
    fine = (
        f"{what} go with p {relation} {stated} if a person's two measurements correlate by "
        f"{amount} {told} (digits allow {format_interval(*exactly)})."
    )
    return contradicted(
        _NAME,
        bad,
        fine=(fine),
        wrong=(
            f"{what} would need a correlation {'below -1' if at_printed < 0 else 'above 1'} "
            f"between a person's two measurements for p {relation} {stated}, and there is none. "
            "These cannot all be right as printed."
        ),
        table=table,
        reference=_REFERENCE,
    )
