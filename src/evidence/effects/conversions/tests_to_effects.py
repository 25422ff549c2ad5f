"""From a test statistic to an effect: t, F, p and chi-square to SMD, log odds ratio and r.

References
----------
Cochrane Handbook for Systematic Reviews of Interventions, section 6.5.2.3.
Lipsey MW, Wilson DB (2001). Practical meta-analysis. Sage, appendix B.
Rosenthal R (1991). Meta-analytic procedures for social research. Sage, section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evidence.effects.arguments import Floats, check_level, checked
from evidence.effects.conversions.standard_deviations import t_from_p_value
from evidence.effects.conversions.tables import Margins, tables_from_margins
from evidence.effects.measures.binary import log_odds_ratio
from evidence.effects.measures.choices import refuse_where
from evidence.effects.measures.continuous import hedges_correction, smd_variance
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = [
    "correlation_from_chi_square",
    "correlation_from_f",
    "correlation_from_p",
    "correlation_from_t",
    "log_odds_ratio_from_chi_square",
    "smd_from_f",
    "smd_from_p",
    "smd_from_t",
]

_PLAIN_TEST = Caution(
    "p-only",
    "The size of the effect was worked out from a p value, as if it came from a plain comparison "
    "of two groups; another test would give another size.",
    "Cochrane Handbook, section 6.5.2.3",
)


def _signs(direction: ArrayLike) -> Floats:
    sign = checked(direction=direction)["direction"]
    refuse_where(np.abs(sign) != 1, "direction of {study} is neither -1 nor 1.")
    return sign


def smd_from_t(
    *,
    t: ArrayLike,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    variance_formula: str = "large-sample",
    level: float = 0.95,
) -> EffectSizes:
    """Return Hedges' g from Student's t of two groups: t √(1/n₁ + 1/n₂), corrected.

    The same number as from the groups' means and SDs, for t is their difference in pooled SDs.
    Welch's t gives it only in groups of one size; an adjusted t does not give it at all.

    Parameters
    ----------
    t
        The t statistic with the sign of treatment minus control, a number or shape (k,).
    n_treatment, n_control
        People in each group, at least two.
    variance_formula
        See `smd_variance`.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"n_treatment": 2, "n_control": 2}, t=t, n_treatment=n_treatment, n_control=n_control
    )
    n1, n2 = given["n_treatment"], given["n_control"]
    g = hedges_correction(n1 + n2 - 2) * given["t"] * np.sqrt(1 / n1 + 1 / n2)
    return EffectSizes(
        "standardised mean difference",
        f"Hedges' g from t, exact correction, {variance_formula} variance",
        g,
        smd_variance(g, n1, n2, variance_formula),
        check_level(level),
    )


def smd_from_f(
    *,
    f: ArrayLike,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    direction: ArrayLike,
    variance_formula: str = "large-sample",
    level: float = 0.95,
) -> EffectSizes:
    """Return Hedges' g from the F of a comparison of two groups, which is t².

    Parameters
    ----------
    f
        F on 1 and n₁ + n₂ - 2 degrees of freedom, at least 0, a number or shape (k,). An F of
        three groups or more, or of an interaction, is no difference of two.
    n_treatment, n_control
        People in each group, at least two.
    direction
        1 where treatment has the higher mean, -1 where the lower: F does not say.
    variance_formula, level
        As in `smd_from_t`.

    Returns
    -------
    EffectSizes

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked({"f": 0}, f=f, direction=_signs(direction))
    return smd_from_t(
        t=given["direction"] * np.sqrt(given["f"]),
        n_treatment=n_treatment,
        n_control=n_control,
        variance_formula=variance_formula,
        level=level,
    )


def smd_from_p(
    *,
    p_value: ArrayLike,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    direction: ArrayLike,
    variance_formula: str = "large-sample",
    level: float = 0.95,
) -> EffectSizes:
    """Return Hedges' g from the two-sided p value of Student's t test of two groups.

    Parameters
    ----------
    p_value
        Exact, above 0 and below 1, a number or shape (k,).
    n_treatment, n_control
        People in each group, at least two.
    direction
        1 where treatment has the higher mean, -1 where the lower: p does not say.
    variance_formula, level
        As in `smd_from_t`.

    Returns
    -------
    EffectSizes
        With the caution that another test would give another size.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"n_treatment": 2, "n_control": 2},
        p_value=p_value,
        n_treatment=n_treatment,
        n_control=n_control,
        direction=_signs(direction),
    )
    n1, n2 = given["n_treatment"], given["n_control"]
    found = smd_from_t(
        t=given["direction"] * t_from_p_value(p_value=given["p_value"], df=n1 + n2 - 2),
        n_treatment=n1,
        n_control=n2,
        variance_formula=variance_formula,
        level=level,
    )
    return EffectSizes(
        found.measure, found.formula, found.estimate, found.variance, found.level, (_PLAIN_TEST,)
    )


def log_odds_ratio_from_chi_square(
    margins: Margins,
    *,
    chi_square: ArrayLike,
    direction: ArrayLike,
    yates: bool = False,
    level: float = 0.95,
) -> EffectSizes:
    """Return the log odds ratio of the table that has these margins and this chi-square.

    Parameters
    ----------
    margins
        People in each group and events in all.
    chi_square
        Of the 2x2 table, on one degree of freedom, a number or shape (k,).
    direction
        1 where treatment has the more events, -1 where it has fewer: chi-square does not say.
    yates
        Whether the statistic is the one with the continuity correction.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        From the cells as they come, not rounded to whole events.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    tables = tables_from_margins(
        margins,
        statistic="chi-square, Yates" if yates else "chi-square",
        value=chi_square,
        direction=direction,
    )
    counts: dict[str, Any] = {**tables.counts()}
    return log_odds_ratio(**counts, level=level)


def correlation_from_t(*, t: ArrayLike, df: ArrayLike) -> Floats:
    """Return the correlation whose test of zero is t: t/√(t² + df).

    Of two groups it is the point-biserial correlation. `raw_correlation` and `fisher_z` give its
    variance.

    Parameters
    ----------
    t
        A number or shape (k,); its sign is that of the correlation.
    df
        Degrees of freedom, above 0: pairs less two.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    checked({"df": 0}, strict=True, df=df)
    given = checked(t=t, df=df)
    return np.asarray(given["t"] / np.hypot(given["t"], np.sqrt(given["df"])))


def correlation_from_f(*, f: ArrayLike, df: ArrayLike, direction: ArrayLike) -> Floats:
    """Return the correlation behind an F with one numerator degree of freedom: √(F/(F + df)).

    Parameters
    ----------
    f
        At least 0, a number or shape (k,).
    df
        Denominator degrees of freedom, above 0.
    direction
        1 or -1, the sign of the correlation: F does not say.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked({"f": 0}, f=f, df=df, direction=_signs(direction))
    return correlation_from_t(t=given["direction"] * np.sqrt(given["f"]), df=given["df"])


def correlation_from_p(*, p_value: ArrayLike, df: ArrayLike, direction: ArrayLike) -> Floats:
    """Return the correlation whose two-sided test of zero has this p value.

    Parameters
    ----------
    p_value
        Exact, above 0 and below 1, a number or shape (k,).
    df
        Degrees of freedom, above 0: pairs less two.
    direction
        1 or -1, the sign of the correlation: p does not say.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(t=t_from_p_value(p_value=p_value, df=df), df=df, direction=_signs(direction))
    return correlation_from_t(t=given["direction"] * given["t"], df=given["df"])


def correlation_from_chi_square(
    *, chi_square: ArrayLike, total: ArrayLike, direction: ArrayLike
) -> Floats:
    """Return phi, the correlation of two yes-or-no variables: √(χ²/N).

    Parameters
    ----------
    chi_square
        On one degree of freedom, without continuity correction, at least 0 and at most `total`,
        a number or shape (k,).
    total
        People in the table.
    direction
        1 or -1, the sign of the correlation: chi-square does not say.

    Returns
    -------
    array, shape (k,)

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    given = checked(
        {"chi_square": 0, "total": 1},
        chi_square=chi_square,
        total=total,
        direction=_signs(direction),
    )
    refuse_where(
        given["chi_square"] > given["total"],
        "chi_square of {study} is above total, the most a 2x2 table can have. Does it have more "
        "degrees of freedom than one?",
    )
    return np.asarray(given["direction"] * np.sqrt(given["chi_square"] / given["total"]))
