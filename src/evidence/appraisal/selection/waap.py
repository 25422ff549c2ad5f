"""WAAP: the weighted average of the adequately powered studies.

References
----------
Stanley TD, Doucouliagos H, Ioannidis JPA (2017). Finding the power to reduce publication bias.
Statistics in Medicine 36:1580-1598.
Stanley TD, Doucouliagos H (2015). Neither fixed nor random: weighted least squares meta-analysis.
Statistics in Medicine 34:2116-2127 (unrestricted weighted least squares).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from evidence.appraisal.check import CANNOT_BE_TESTED, OK, Check
from evidence.appraisal.selection.instead import instead
from evidence.appraisal.selection.studies import read_studies
from evidence.display import capital, format_interval, format_number, plural
from evidence.effects.arguments import check_level
from evidence.errors import Caution
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["POWERED", "AdequatelyPowered", "adequately_powered"]

#: Effect over standard error at which a two-sided test at 0.05 has 80% power, to one decimal as
#: Stanley, Doucouliagos and Ioannidis 2017 have it.
POWERED = round(float(ndtri(0.975) + ndtri(0.80)), 1)
#: An average takes two.
FEWEST_POWERED = 2
_PAPER = "Stanley, Doucouliagos and Ioannidis 2017, Statistics in Medicine 36:1580-1598"
_COLUMNS = ("method", "studies", "estimate", "standard_error", "ci_low", "ci_high")
#: The check, as it stands in a sentence.
_NAME = "the adequately powered studies"


@dataclass(frozen=True, eq=False, kw_only=True)
class AdequatelyPowered(Check):
    """What the studies that had the power to find the effect show together.

    Its table has one row for all studies and one for the adequately powered.

    Attributes
    ----------
    estimate, standard_error, ci_low, ci_high
        Of the adequately powered studies, by unrestricted weighted least squares; NaN where
        refused.
    powered
        How many they are.
    powered_labels
        Which they are.
    largest_standard_error
        What a study's standard error must not exceed.
    unadjusted
        All studies, by unrestricted weighted least squares: what WAAP-WLS takes where WAAP is
        refused; None for a single study.
    """

    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    powered: int
    powered_labels: tuple[str, ...]
    largest_standard_error: float
    unadjusted: PooledResult | None


def adequately_powered(
    effects: Any,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> AdequatelyPowered:
    """Average the studies that had 80% power to find the mean effect.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them; or a result of `pool`.
    level
        Of the intervals.

    Returns
    -------
    AdequatelyPowered
        Refused where fewer than two studies are adequately powered; the weighted average of all
        studies, which WAAP-WLS takes then, is in it all the same.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    Unrestricted weighted least squares has the inverse-variance weighted mean and the standard
    error √(Q/((k - 1) Σ 1/v)), with quantiles of t on k - 1 degrees of freedom. A study is
    adequately powered where its standard error is at most that mean over `POWERED`.
    """
    level = check_level(level)
    data = read_studies(effects, variances, standard_errors, labels)
    limit = abs(data.estimate) / POWERED
    chosen = np.sqrt(data.variances) <= limit
    names = tuple(name for name, taken in zip(data.labels, chosen, strict=True) if taken)
    every = None
    if data.k > 1:
        every = pool(
            data.effects,
            data.variances,
            labels=data.labels,
            model="common",
            ci_method="HKSJ",
            level=level,
        )
    average = None
    if len(names) >= FEWEST_POWERED:
        average = pool(
            data.effects[chosen],
            data.variances[chosen],
            labels=names,
            model="common",
            ci_method="HKSJ",
            level=level,
        )
    rows = [
        (name, found.k, found.estimate, found.standard_error, found.ci_low, found.ci_high)
        for name, found in (("WLS", every), ("WAAP", average))
        if found is not None
    ]
    nothing = math.nan
    return AdequatelyPowered(
        name=_NAME,
        status=OK if average else CANNOT_BE_TESTED,
        sentence=capital(_in_words(data, len(names), every, average, level)),
        table=pd.DataFrame(rows, columns=list(_COLUMNS)),
        reference=_PAPER,
        cautions=(*data.cautions, *_cautions(len(names), data.k)),
        estimate=average.estimate if average else nothing,
        standard_error=average.standard_error if average else nothing,
        ci_low=average.ci_low if average else nothing,
        ci_high=average.ci_high if average else nothing,
        powered=len(names),
        powered_labels=names,
        largest_standard_error=limit,
        unadjusted=every,
    )


def _in_words(
    data: PooledResult,
    powered: int,
    every: PooledResult | None,
    average: PooledResult | None,
    level: float,
) -> str:
    percent = f"{100 * level:g}% CI"
    if every is None:
        return f"one study: there is nothing to average. {instead(data)}"
    over_all = (
        f"{format_number(every.estimate)} ({percent} "
        f"{format_interval(every.ci_low, every.ci_high)})"
    )
    which = "none" if not powered else plural(powered, "study", "studies").split(" ")[0]
    head = (
        f"{which} of {plural(data.k, 'study', 'studies')} had 80% power for an effect of "
        f"{format_number(abs(data.estimate))}"
    )
    if average is None:
        return (
            f"{head}: an average of the adequately powered takes two. WAAP-WLS is then the "
            f"weighted average of all studies, {over_all}, with nothing done against selection. "
            f"{instead(data)}"
        )
    return (
        f"{head}: their weighted average is {format_number(average.estimate)} ({percent} "
        f"{format_interval(average.ci_low, average.ci_high)}) instead of {over_all}."
    )


def _cautions(powered: int, k: int) -> list[Caution]:
    if powered < FEWEST_POWERED:
        return []
    found = [
        Caution(
            "power-of-the-mean",
            "Power is taken for the mean of all studies: where selection inflates it, studies "
            "count as adequately powered that are not.",
            _PAPER,
        )
    ]
    if powered == k:
        found.append(
            Caution(
                "all-powered",
                "All studies are adequately powered: nothing is left out, and nothing corrected.",
            )
        )
    elif powered < 5:
        found.append(
            Caution(
                "few-powered",
                f"The average is over {plural(powered, 'study', 'studies')} only.",
            )
        )
    return found
