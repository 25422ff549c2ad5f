"""Whether counts of events in two groups give the p value that is printed with them.

Which test a p value of two counts comes from is seldom said, and they differ in small
samples. So it is held against all of them together: Pearson's chi-squared with and without Yates's
correction, the likelihood ratio test, Wald's tests of the three measures, Fisher's exact test,
the doubled one-sided exact test and the mid-p; and everything between the smallest and the
largest of these is allowed, as is half of the smallest, for a test of one side.

References
----------
Yates F (1934). Contingency tables involving small numbers and the χ² test. Supplement to the
Journal of the Royal Statistical Society 1:217-235.
Campbell I (2007). Chi-squared and Fisher-Irwin tests of two-by-two tables with small sample
recommendations. Statistics in Medicine 26:3661-3675.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.printed import (
    Printed,
    as_count,
    as_reported,
    untestable,
)
from evidence.appraisal.integrity.statistics import compare_p
from evidence.effects.conversions.spread import p_from_t
from evidence.effects.derivation.plain_tests import z_values
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.errors import InvalidArgumentError

__all__ = ["counts_against_p"]

_REFERENCE = "Campbell 2007, Statistics in Medicine 26:3661-3675"
_NAME = "counts of events against p"


def counts_against_p(
    events: tuple[int, int], people: tuple[int, int], p: Printed, *, relation: str = "="
) -> Check:
    """Check whether two counts of events can give the p value that is printed.

    Parameters
    ----------
    events, people
        In the two groups.
    p
        As printed, as text.
    relation
        How p was printed: ``"="``, ``"<"``, ``"<="`` or ``">"``.

    Returns
    -------
    Check

    References
    ----------
    See `evidence.appraisal.integrity.events`.
    """
    stated = as_reported("p", p)
    (a, c), (n1, n2) = (
        (as_count(name, pair[0], least), as_count(name, pair[1], least))
        for name, pair, least in (("events", events, 0), ("people", people, 1))
    )
    if a > n1 or c > n2:
        raise InvalidArgumentError(f"events are {events}; there can be no more than {people}.")
    if a + c in (0, n1 + n2):
        return untestable(
            _NAME, "The event happened to nobody, or to everybody, in both groups.", _REFERENCE
        )
    found = list(_p_values(a, n1, c, n2))
    return compare_p(
        _NAME,
        (min(found), max(found)),
        stated,
        relation,
        f"{a} of {n1} against {c} of {n2}, by any usual test,",
        _REFERENCE,
        table=pd.DataFrame({"events": [a, c], "people": [n1, n2]}),
    )


def _p_values(a: int, n1: int, c: int, n2: int) -> Iterator[float]:
    from scipy.stats import hypergeom

    for z in z_values(a, n1, c, n2):
        yield p_from_t(z, None)
    for measure in (risk_difference, log_risk_ratio, log_odds_ratio):
        effect = measure(events_treatment=a, total_treatment=n1, events_control=c, total_control=n2)
        yield p_from_t(float(effect.estimate[0] / effect.standard_error[0]), None)
    total, share = n1 + n2, (a + c) / (n1 + n2)
    cells = [(a, n1 * share), (c, n2 * share)]
    cells += [(n1 - a, n1 * (1 - share)), (n2 - c, n2 * (1 - share))]
    g = 2 * sum(seen * math.log(seen / expected) for seen, expected in cells if seen)
    yield p_from_t(math.sqrt(max(g, 0.0)), None)
    chance = hypergeom(total, a + c, n1)
    tails = float(chance.cdf(a)), float(chance.sf(a - 1))
    yield min(2 * min(tails), 1.0)
    yield min(2 * (min(tails) - float(chance.pmf(a)) / 2), 1.0)
