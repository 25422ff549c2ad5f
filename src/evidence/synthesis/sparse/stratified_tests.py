"""Tests over several two-by-two tables: association, and sameness of the odds ratio.

References
----------
Cochran WG (1954). Some methods for strengthening the common chi-square tests. Biometrics
10:417-451.
Mantel N, Haenszel W (1959). Statistical aspects of the analysis of data from retrospective
studies of disease. Journal of the National Cancer Institute 22:719-748.
Breslow NE, Day NE (1980). Statistical Methods in Cancer Research I: The Analysis of
Case-Control Studies. Lyon: IARC.
Tarone RE (1985). On heterogeneity tests based on efficient scores. Biometrika 72:91-95.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import Floats
from evidence.effects.measures.arcsine import hypergeometric_score
from evidence.errors import InsufficientEvidenceError
from evidence.synthesis.sparse.counts import Tables, read_tables
from evidence.synthesis.sparse.result import ChiSquareTest, chi_square

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "association_test",
    "cochran_mantel_haenszel",
    "expected_events",
    "homogeneity_tests",
    "hypergeometric_moments",
]


def cochran_mantel_haenszel(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    labels: Sequence[str] | None = None,
    continuity_correction: bool = False,
) -> ChiSquareTest:
    """Test whether treatment and event are associated, study by study, in one direction.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,).
    labels
        Names of the studies, for messages.
    continuity_correction
        Whether to take a half off the summed difference (at most the difference itself), as
        Mantel and Haenszel (1959) did; without it this is Cochran's test but for N - 1.

    Returns
    -------
    ChiSquareTest
        On 1 degree of freedom.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When nobody, or everybody, had the event in every study.
    """
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    if bool(np.all(tables.nobody | tables.everybody)):
        raise InsufficientEvidenceError(
            "In every study nobody or everybody had the event, so nothing can be tested. Report "
            "the counts, and for each group an interval for its risk (Clopper-Pearson)."
        )
    return association_test(tables, continuity_correction=continuity_correction)


def hypergeometric_moments(tables: Tables) -> tuple[Floats, Floats]:
    """Return expectation and variance of the treated events given all margins.

    Parameters
    ----------
    tables
        The studies.

    Returns
    -------
    expected, variance
        Without an effect; shape (k,).
    """
    distance, variance = hypergeometric_score(tables.a, tables.n1, tables.c, tables.n2)
    return tables.a - distance, variance


def association_test(tables: Tables, *, continuity_correction: bool = False) -> ChiSquareTest:
    """Return the Cochran-Mantel-Haenszel test of checked tables.

    Parameters
    ----------
    tables
        At least one of them with and without events.
    continuity_correction
        Whether to take off a half.

    Returns
    -------
    ChiSquareTest
    """
    expected, variance = hypergeometric_moments(tables)
    distance = abs(float(np.sum(tables.a - expected)))
    name = "Association, Cochran-Mantel-Haenszel"
    if continuity_correction:
        distance = max(0.0, distance - 0.5)
        name += " with continuity correction"
    return chi_square(
        name,
        distance**2 / float(variance.sum()),
        1,
        "Mantel and Haenszel 1959, JNCI 22:719-748",
    )


def expected_events(tables: Tables, odds_ratio: float) -> Floats:
    """Return the treated events to be expected given the margins and an odds ratio.

    The root of ``A (n2 - m + A) = odds_ratio (m - A) (n1 - A)``, by whichever form of the
    quadratic's solution does not cancel.

    Parameters
    ----------
    tables
        The studies.
    odds_ratio
        Above 0 and finite.

    Returns
    -------
    array, shape (k,)
    """
    n1, n2, m = tables.n1, tables.n2, tables.events
    linear = (n2 - m) + odds_ratio * (n1 + m)
    square = 1 - odds_ratio
    constant = odds_ratio * n1 * m
    root = np.sqrt(linear**2 + 4 * square * constant)
    # `linear` is negative only for odds ratios below 1, where `square` is above 0.
    safe = np.where(linear > 0, linear + root, 1.0)
    return np.where(
        linear > 0, 2 * constant / safe, (root - linear) / (2 * square if square else 1.0)
    )


def homogeneity_tests(tables: Tables, odds_ratio: float) -> tuple[ChiSquareTest, ChiSquareTest]:
    """Return the tests of Breslow-Day and Tarone that one odds ratio fits all studies.

    Parameters
    ----------
    tables
        The studies; those in which nobody or everybody had the event say nothing here.
    odds_ratio
        The Mantel-Haenszel odds ratio, for which Tarone's correction is made.

    Returns
    -------
    breslow_day, tarone
        On one degree of freedom fewer than informative studies; neither adds anything to
        empty cells.
    """
    used = tables.take(~(tables.nobody | tables.everybody))
    a = expected_events(used, odds_ratio)
    b, c = used.n1 - a, used.events - a
    d = used.n2 - c
    variance = 1 / (1 / a + 1 / b + 1 / c + 1 / d)
    off = used.a - a
    breslow_day = float(np.sum(off**2 / variance))
    tarone = max(0.0, breslow_day - float(off.sum()) ** 2 / float(variance.sum()))
    df = a.size - 1
    return (
        chi_square(
            "Homogeneity of the odds ratio, Breslow-Day",
            breslow_day,
            df,
            "Breslow and Day 1980, Statistical Methods in Cancer Research I, IARC",
        ),
        chi_square(
            "Homogeneity of the odds ratio, Breslow-Day with Tarone's correction",
            tarone,
            df,
            "Tarone 1985, Biometrika 72:91-95",
        ),
    )
