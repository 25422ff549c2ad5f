"""Arm summaries as the measures take them: checked, of one length, by short names.

Written once here, so that the same mistake gets the same message from every measure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evidence.effects.arguments import Floats, checked_views
from evidence.effects.measures.choices import check_events, refuse_where

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "TwoArms",
    "TwoCounts",
    "blocks",
    "by_blocks",
    "pooled_variance",
    "read_arms",
    "read_counts",
]

#: Rows that are computed at a time: what lies between fits into a processor's cache.
BLOCK = 1 << 14


class TwoArms(NamedTuple):
    """Means, standard deviations and people of two arms, each of shape (k,); only read them.

    Attributes
    ----------
    m1, s1, n1
        Treatment.
    m2, s2, n2
        Control.
    """

    m1: Floats
    s1: Floats
    n1: Floats
    m2: Floats
    s2: Floats
    n2: Floats


class TwoCounts(NamedTuple):
    """Events and people of two arms, each of shape (k,); only read them.

    Attributes
    ----------
    a, n1
        Treatment.
    c, n2
        Control.
    """

    a: Floats
    n1: Floats
    c: Floats
    n2: Floats


def read_arms(*summaries: ArrayLike, fewest: int = 2, fewest_control: int = 2) -> TwoArms:
    """Check means, SDs and people of two arms.

    Parameters
    ----------
    summaries
        Mean, SD and people under treatment, then in the control group.
    fewest, fewest_control
        People at least, under treatment and in the control group.
    """
    minimum = {"sd_treatment": 0, "sd_control": 0}
    people = {"n_treatment": fewest, "n_control": fewest_control}
    names = (f"{what}_{arm}" for arm in ("treatment", "control") for what in ("mean", "sd", "n"))
    given = dict(zip(names, summaries, strict=True))
    arms = TwoArms(*checked_views({**minimum, **people}, **given).values())
    if min(arms.s1.min(), arms.s2.min()) == 0:
        refuse_where(
            (arms.s1 == 0) & (arms.s2 == 0),
            "Both standard deviations of {study} are 0, so the effect has no standard error. Is "
            "an SD missing, or rounded to 0?",
        )
    return arms


def read_counts(*counts: ArrayLike) -> TwoCounts:
    """Check events and people of two arms.

    Parameters
    ----------
    counts
        Events and people under treatment, then in the control group.
    """
    minimum = {"events_treatment": 0, "events_control": 0, "total_treatment": 1, "total_control": 1}
    names = (f"{what}_{arm}" for arm in ("treatment", "control") for what in ("events", "total"))
    given = dict(zip(names, counts, strict=True))
    tables = TwoCounts(*checked_views(minimum, **given).values())
    check_events(tables.a, tables.n1, "events_treatment", "total_treatment")
    check_events(tables.c, tables.n2, "events_control", "total_control")
    return tables


def pooled_variance(s1: Floats, n1: Floats, s2: Floats, n2: Floats) -> Floats:
    """Return the variance of two groups of one SD, on n₁ + n₂ - 2 degrees of freedom.

    Parameters
    ----------
    s1, n1, s2, n2
        Checked standard deviations and people of the two groups, each of shape (k,).

    Returns
    -------
    array, shape (k,)
    """
    df1, df2 = n1 - 1, n2 - 1
    return np.asarray((df1 * s1**2 + df2 * s2**2) / (df1 + df2))


def blocks(k: int) -> Iterator[slice]:
    """Return the rows of each block of some thousand, in order."""
    return (slice(start, start + BLOCK) for start in range(0, k, BLOCK))


def by_blocks(
    compute: Callable[..., tuple[Floats, ...]], columns: tuple[Floats, ...], results: int
) -> tuple[Floats, ...]:
    """Compute columns of results from columns of numbers, row by row, some thousand at a time.

    Parameters
    ----------
    compute
        From rows of `columns` to as many rows of each result; each row on its own.
    columns
        Each of shape (k,).
    results
        The number of results.

    Returns
    -------
    tuple of array, shape (k,)
    """
    k = columns[0].size
    if k <= BLOCK:
        return compute(*columns)
    whole = tuple(np.empty(k) for _ in range(results))
    for rows in blocks(k):
        parts = compute(*(column[rows] for column in columns))
        for result, part in zip(whole, parts, strict=True):
            result[rows] = part
    return whole
