"""The exact conditional odds ratio common to several studies.

References
----------
Gart JJ (1970). Point and interval estimation of the common odds ratio in the combination
of 2x2 tables with fixed marginals. Biometrika 57:471-475.
Mehta CR, Patel NR, Gray R (1985). Computing an exact confidence interval for the common
odds ratio in several 2x2 contingency tables. Journal of the American Statistical
Association 80:969-973.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import check_level
from evidence.effects.exact.conditional_odds import ConditionalDistribution
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.inputs import refuse
from evidence.synthesis.sparse.counts import read_tables
from evidence.synthesis.sparse.mantel_haenszel import refuse_without_contrast
from evidence.synthesis.sparse.result import Fit, SparseResult, finish
from evidence.synthesis.sparse.stratified_tests import hypergeometric_moments

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["MOST_EVENTS", "pool_exact_odds_ratio"]

#: Beyond this many events nothing is sparse, and the exact distribution takes long.
MOST_EVENTS = 20_000


def pool_exact_odds_ratio(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    mid_p: bool = False,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> SparseResult:
    """Pool counts of several studies exactly, given the margins of every study.

    The one method that also answers when all events were in one group: the estimate is then
    0 or infinite, and one end of the interval is still a number.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Whole counts, each a number or shape (k,).
    mid_p
        Whether only half the probability of what was observed counts: shorter intervals,
        which cover their level about on average instead of always.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    SparseResult
        The conditional maximum likelihood estimate on the log scale, without a standard
        error; the weights are the information at an odds ratio of 1.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When in every study nobody, or everybody, had the event.
    """
    level = check_level(level)
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    for name, counts in tables.columns().items():
        refuse(tables.names, counts != np.floor(counts), counts, name, "whole numbers of people")
    refuse_without_contrast(tables)
    silent = tables.nobody | tables.everybody
    used = tables.take(~silent)
    if float(used.events.sum()) > MOST_EVENTS:
        raise InvalidArgumentError(
            f"There are {used.events.sum():,.0f} events; the exact method is for sparse data, up "
            f"to {MOST_EVENTS:,}. Use pool_mantel_haenszel(...)."
        )
    conditional = ConditionalDistribution.of_tables(
        [
            (int(n1), int(n2), int(m))
            for n1, n2, m in zip(used.n1, used.n2, used.events, strict=True)
        ]
    )
    observed = int(used.a.sum())
    low, high = conditional.interval(observed, level, mid_p=mid_p)
    cautions = tables.cautions
    if math.isinf(low) or math.isinf(high):
        cautions += (
            Caution(
                "no-limit",
                "In every informative study one group had no events (or only events), always the "
                "same one: the interval has no "
                f"{'lower' if math.isinf(low) else 'upper'} end but that of the scale.",
                "Mehta, Patel and Gray 1985, JASA 80:969-973",
            ),
        )
    nothing = np.full(silent.size, math.nan)
    return finish(
        named=(
            "exact conditional",
            "odds ratio",
            f"exact{' mid-p' if mid_p else ''} interval",
            level,
        ),
        names=tables.names,
        counts=tables.columns(),
        idle={"nobody had the event": tables.nobody, "everybody had it": tables.everybody},
        fit=Fit(
            conditional.estimate(observed),
            math.nan,
            hypergeometric_moments(tables)[1],
            nothing,
            nothing,
            exact=(low, high, conditional.p_value(observed, mid_p=mid_p)),
        ),
        cautions=cautions,
    )
