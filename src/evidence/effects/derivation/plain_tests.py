"""What a report of two groups can have been tested with, where it does not say.

A p value, a t or an interval seldom comes with the name of its test. Reports contradict
each other only where no plain comparison of two groups fits them all, so a reading is
held against others over the tests in common use: Student's, Welch's and the normal one
for means; Wald's, the chi-squared and Fisher's for counts.

References
----------
Welch BL (1947). The generalization of "Student's" problem when several different
population variances are involved. Biometrika 34:28-35 (the degrees of freedom).
Yates F (1934). Contingency tables involving small numbers and the χ² test. Supplement to
the Journal of the Royal Statistical Society 1:217-235.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from evidence.effects.conversions.spread import same_p, t_from_p

__all__ = ["quotient", "t_values", "z_values"]


def quotient(difference: float, error: float) -> float:
    """Return difference over error, infinite where rounding hides the whole error."""
    if error > 0:
        return difference / error
    return math.copysign(math.inf, difference) if difference else 0.0


def t_values(
    difference: float,
    sds: tuple[float, float],
    people: tuple[float, float],
    reference: float,
) -> Iterator[float]:
    """Yield the t of a difference of two means under each test, with its sign.

    Parameters
    ----------
    difference
        Treatment minus control.
    sds, people
        Standard deviation and number of people of each group.
    reference
        Degrees of freedom on which all of them are told.
    """
    (n_treatment, n_control), squares = people, (sds[0] ** 2, sds[1] ** 2)
    df = n_treatment + n_control - 2
    common = ((n_treatment - 1) * squares[0] + (n_control - 1) * squares[1]) / df
    first, second = squares[0] / n_treatment, squares[1] / n_control
    spread = first**2 / (n_treatment - 1) + second**2 / (n_control - 1)
    welch_df = (first + second) ** 2 / spread if spread > 0 else df
    student = quotient(difference, math.sqrt(common * (1 / n_treatment + 1 / n_control)))
    welch = quotient(difference, math.sqrt(first + second))
    for t, freedom in ((student, df), (student, None), (welch, welch_df), (welch, None)):
        yield math.copysign(same_p(t, freedom, reference), t)


def z_values(a: float, n1: float, c: float, n2: float) -> Iterator[float]:
    """Yield the z of a comparison of two counts under each test, with its sign.

    The chi-squared test with and without Yates's correction, and Fisher's exact test;
    Wald's tests come with the measures.

    Parameters
    ----------
    a, n1, c, n2
        Events and people, treatment first.
    """
    from scipy.stats import fisher_exact

    gap, people = a / n1 - c / n2, n1 + n2
    error = math.sqrt((a + c) * (people - a - c) * (1 / n1 + 1 / n2)) / people
    correction = math.copysign(min((1 / n1 + 1 / n2) / 2, abs(gap)), gap)
    table = np.array([[round(a), round(n1 - a)], [round(c), round(n2 - c)]])
    exact = min(float(fisher_exact(table)[1]), 1.0)
    yield quotient(gap, error)
    yield quotient(gap - correction, error)
    yield math.copysign(t_from_p(exact), gap)
