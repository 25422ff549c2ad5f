"""Two groups measured before and after: the difference of changes in one pooled SD before.

References
----------
Morris SB (2008). Estimating effect sizes from pretest-posttest-control group designs.
Organizational Research Methods 11:364-386.
Becker BJ (1988). Synthesizing standardized mean-change measures. British Journal of
Mathematical and Statistical Psychology 41:257-278.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from evidence.effects.arguments import check_level, checked_views
from evidence.effects.measures.choices import check_choice, check_correlation, refuse_where
from evidence.effects.measures.hedges import hedges_correction
from evidence.effects.measures.inputs import pooled_variance
from evidence.effects.measures.plausibility import smd_cautions
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["BeforeAfter", "standardised_difference_of_changes"]

FORMULAS = ("large-sample", "morris")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeforeAfter:
    """One group of each study, measured before and after.

    Attributes
    ----------
    mean_before, sd_before, mean_after
        Summaries of the same people twice, each a number or shape (k,).
    n
        People with both measurements, at least two.
    """

    mean_before: ArrayLike
    sd_before: ArrayLike
    mean_after: ArrayLike
    n: ArrayLike


def standardised_difference_of_changes(
    treatment: BeforeAfter,
    control: BeforeAfter,
    *,
    correlation: ArrayLike,
    variance_formula: str = "large-sample",
    level: float = 0.95,
) -> EffectSizes:
    """Return the change under treatment minus that under control, in pooled SDs before.

    d_ppc2 of Morris (2008), with the exact correction on n_T + n_C - 2 degrees of freedom: the
    most precise of his three where both groups had one SD before, as randomised ones do. The
    SDs after do not enter, because the treatment may change them. Where the groups are not
    of one population, take `difference_of_changes` of two `standardised_mean_change`
    (Becker 1988; d_ppc1); it is on the same scale.

    Parameters
    ----------
    treatment, control
        The two groups, the studies in the same order.
    correlation
        Correlation r of the two measurements between people, the same in both groups; a
        number or shape (k,). See `over_correlations` where it is not known.
    variance_formula
        ``"large-sample"``: 2(1-r)(1/n_T + 1/n_C) + g²/(2(n_T + n_C)); ``"morris"``: the exact
        variance of Morris (2008) with g in the place of the true effect, from five people
        in all.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the group, the argument, the study and the value.
    """
    check_choice("variance_formula", variance_formula, FORMULAS)
    check_correlation(correlation)
    groups = {"treatment": treatment, "control": control}
    for role, group in groups.items():
        if not isinstance(group, BeforeAfter):
            raise InvalidArgumentError(
                f"{role} is a {type(group).__name__}; give BeforeAfter(mean_before=..., "
                "sd_before=..., mean_after=..., n=...)."
            )
    summaries: dict[str, ArrayLike] = {
        f"{role}.{field.name}": getattr(group, field.name)
        for role, group in groups.items()
        for field in fields(group)
    }
    given = checked_views(
        {"treatment.sd_before": 0, "treatment.n": 2, "control.sd_before": 0, "control.n": 2},
        **summaries,
        correlation=correlation,
    )
    b1, s1, a1, n1, b2, s2, a2, n2, r = given.values()
    refuse_where(
        (s1 == 0) & (s2 == 0),
        "sd_before of both groups of {study} is 0: there is nothing to standardise by. Is it "
        "missing?",
    )
    df = n1 + n2 - 2
    if variance_formula == "morris":
        refuse_where(
            df <= 2,
            "{study} has fewer than five people, for whom Morris's variance does not exist; use "
            'variance_formula="large-sample".',
        )
    correction = hedges_correction(df)
    g = correction * (((a1 - b1) - (a2 - b2)) / np.sqrt(pooled_variance(s1, n1, s2, n2)))
    of_changes = 2 * (1 - r) * (1 / n1 + 1 / n2)
    if variance_formula == "morris":
        # That of a noncentral t on `df`, as T times the root of `of_changes` is d.
        inflated = correction**2 * df / (df - 2)
        variance = inflated * of_changes + (inflated - 1) * g**2
    else:
        variance = of_changes + g**2 / (2 * (n1 + n2))
    refuse_where(
        variance == 0,
        "correlation of {study} is 1 and its changes do not differ: no variance is left.",
    )
    return EffectSizes(
        "difference of changes (standardised mean change, pooled SD before)",
        f"d_ppc2, Morris 2008, exact correction, {variance_formula} variance",
        g,
        variance,
        check_level(level),
        smd_cautions(smd=g, variance=variance),
    )
