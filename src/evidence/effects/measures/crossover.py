"""Crossover and other paired trials: treatment minus control in the same people.

References
----------
Elbourne DR, Altman DG, Higgins JPT, Curtin F, Worthington HV, Vail A (2002). Meta-analyses
involving cross-over trials: methodological issues. International Journal of Epidemiology
31:140-149.
Cochrane Handbook for Systematic Reviews of Interventions, section 23.2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from evidence.effects.arguments import check_level, checked, checked_views
from evidence.effects.measures.choices import refuse_where
from evidence.effects.measures.within_person import mean_change
from evidence.effects.sizes import EffectSizes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["paired_difference", "paired_difference_from_p", "paired_difference_from_t"]

_MEASURE = "paired mean difference"


def paired_difference(
    *,
    mean_treatment: ArrayLike,
    sd_treatment: ArrayLike,
    mean_control: ArrayLike,
    sd_control: ArrayLike,
    n: ArrayLike,
    correlation: ArrayLike,
    level: float = 0.95,
) -> EffectSizes:
    """Return treatment minus control in the same people, in the outcome's unit.

    The variance is (SD_t² + SD_c² - 2 r SD_t SD_c) / n (Elbourne et al. 2002). A trial
    analysed as if its two periods were two groups has r = 0 and too wide an interval.

    Parameters
    ----------
    mean_treatment, sd_treatment, mean_control, sd_control
        Summaries of the same people under either condition, each a number or shape (k,).
    n
        People with both measurements, at least two.
    correlation
        Correlation r of the two measurements between people; see `over_correlations` where
        it is not known.
    level
        Confidence level of the intervals.

    Returns
    -------
    EffectSizes
        With `estimate` and `variance` of shape (k,).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    # Named here, so that a message speaks of the arguments the caller gave.
    arms = checked_views(
        {"sd_treatment": 0, "sd_control": 0, "n": 2},
        mean_treatment=mean_treatment,
        sd_treatment=sd_treatment,
        mean_control=mean_control,
        sd_control=sd_control,
        n=n,
    )
    change = mean_change(
        mean_before=arms["mean_control"],
        sd_before=arms["sd_control"],
        mean_after=arms["mean_treatment"],
        sd_after=arms["sd_treatment"],
        n=arms["n"],
        correlation=correlation,
        level=level,
    )
    return replace(change, measure=_MEASURE)


def paired_difference_from_t(
    *, mean_difference: ArrayLike, t: ArrayLike, level: float = 0.95
) -> EffectSizes:
    """Return a paired mean difference with the standard error that its t statistic implies.

    SE = |difference / t| (Handbook 23.2.7.1); no correlation is needed.

    Parameters
    ----------
    mean_difference
        Treatment minus control in the same people, a number or shape (k,); not 0.
    t
        The paired t statistic; its sign does not matter, papers differ in which way round
        they subtract.
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
    given = checked(mean_difference=mean_difference, t=t)
    for name, values in given.items():
        refuse_where(
            values == 0,
            f"{name} of {{study}} is 0, which leaves its standard error unknown: look for a "
            "confidence interval, or use paired_difference with the means, SDs and a correlation.",
        )
    return EffectSizes(
        _MEASURE,
        "from the paired t statistic",
        given["mean_difference"],
        (given["mean_difference"] / given["t"]) ** 2,
        check_level(level),
    )


def paired_difference_from_p(
    *, mean_difference: ArrayLike, p_value: ArrayLike, n: ArrayLike, level: float = 0.95
) -> EffectSizes:
    """Return a paired mean difference with the standard error that its p value implies.

    The t statistic with this two-sided p on n - 1 degrees of freedom, then SE = |difference
    / t| (Handbook 23.2.7.1). The p value has to be that of a paired analysis.

    Parameters
    ----------
    mean_difference
        Treatment minus control in the same people, a number or shape (k,); not 0.
    p_value
        Exact two-sided p value, above 0 and below 1.
    n
        People with both measurements, at least two.
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
    given = checked({"n": 2}, {"p_value": 0}, mean_difference=mean_difference, p_value=p_value, n=n)
    refuse_where(
        given["p_value"] >= 1,
        "p_value of {study} is not below 1, so it says nothing of the standard error.",
    )
    t = np.asarray(-stdtrit(given["n"] - 1, given["p_value"] / 2))
    result = paired_difference_from_t(mean_difference=given["mean_difference"], t=t, level=level)
    return replace(result, formula="from the paired p value, t on n - 1 degrees of freedom")
