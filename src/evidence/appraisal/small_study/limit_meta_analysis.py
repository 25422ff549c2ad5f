"""Limit meta-analysis: the effect that remains as every study's precision grows without limit.

References
----------
Rücker G, Schwarzer G, Carpenter JR, Binder H, Schumacher M (2011). Treatment-effect estimates
adjusted for small-study effects via a limit meta-analysis. Biostatistics 12:122-142.
Rücker G, Carpenter JR, Schwarzer G (2011). Detecting and adjusting for small-study effects in
meta-analysis. Biometrical Journal 53:351-368 (the parts of Q).
Schwarzer G, Rücker G. metasens: statistical methods for sensitivity analysis in meta-analysis,
reference page of limitmeta (the model and the adjusted effect).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.appraisal.small_study.guard import (
    Asked,
    SmallStudyCheck,
    check_force,
    forced_cautions,
    heterogeneity_cautions,
    identical_effects,
    objections,
    read_effects,
    refusal,
    verdict,
)
from evidence.appraisal.small_study.own_error import own_error_cautions
from evidence.display import capital, format_interval, format_number
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.errors import Caution
from evidence.synthesis.pool import pool
from evidence.synthesis.regression.design import Design
from evidence.synthesis.regression.linear import LinearFit, fit_linear
from evidence.synthesis.regression.studies import Studies
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from evidence.effects.derivation.readings import Reading
    from evidence.effects.sizes import EffectSizes

__all__ = ["LimitMetaAnalysis", "limit_meta_analysis"]

RUECKER = "Rücker et al. 2011, Biostatistics 12:122-142"
_NAME = "limit meta-analysis"
#: A range of standard errors below this share of the largest is none.
_SAME = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class LimitMetaAnalysis(SmallStudyCheck):
    """A mean adjusted for small-study effects, and how much of the scatter they account for.

    Attributes
    ----------
    adjusted, adjusted_standard_error, ci_low, ci_high
        The mean effect of studies without sampling error; NaN where refused.
    unadjusted
        The random-effects mean; NaN where refused.
    tau2
        Variance between studies, of the model without small-study effects.
    q, q_small, q_residual
        Cochran's Q; what of it goes with the standard errors, on one degree of freedom; and the
        rest, on k - 2.
    q_small_p_value, q_residual_p_value
        Their p values.
    studies
        One row a study: its effect, and its limit effect, shrunken as sampling error vanishes.
    """

    adjusted: float = math.nan
    adjusted_standard_error: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    unadjusted: float = math.nan
    tau2: float = math.nan
    q: float = math.nan
    q_small: float = math.nan
    q_residual: float = math.nan
    q_small_p_value: float = math.nan
    q_residual_p_value: float = math.nan
    studies: pd.DataFrame = field(default_factory=pd.DataFrame)


def limit_meta_analysis(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading] | PooledResult,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    tau2_method: str | float = "REML",
    level: float = 0.95,
    force: bool = False,
) -> LimitMetaAnalysis:
    """Adjust a mean for small-study effects by letting every study's precision grow.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, shape (k,). Ratios enter as logarithms.
    tau2_method
        Estimator of the variance between studies, as `pool`, or the variance itself.
    level
        Of the intervals.
    force
        Whether to compute it below 10 studies, or where they are nearly of one size; the result
        is then marked.

    Returns
    -------
    LimitMetaAnalysis
        Its `estimate` is α, the shift of effects in units of their spread; the status says
        whether α differs from 0 (p < 0.10).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    The model is yᵢ = β + √(vᵢ + τ²)(εᵢ + α) with standard normal ε. With τ² of the usual
    random-effects model taken as known, α and β are the weighted least-squares (and maximum
    likelihood) estimates, and the effect of a study without sampling error is β + τα. Its
    standard error here is that of this sum, with the covariance of α and β; the limit effect of a
    study is β + τ(yᵢ - β)/√(vᵢ + τ²).

    The model and the adjusted effect were read on the reference page of the authors' own
    software, and checked by simulation; the papers themselves were not to be read. The statistic
    G² of the paper is left out for that reason.

    References
    ----------
    Rücker et al. 2011 (Biostatistics); Rücker, Carpenter and Schwarzer 2011 (parts of Q).
    """
    asked = Asked(_NAME, RUECKER, check_force(force))
    check_level(level)
    given, _ = read_effects(effects, (variances, standard_errors), labels)
    k = len(given.names)
    against = objections(asked.name, given.variances)
    if against and not asked.force:
        ratio = float(given.variances.max() / given.variances.min())
        more = {"variance_ratio": ratio}
        return LimitMetaAnalysis(**refusal(asked, k, against[0], given.cautions, **more))
    impossible = _why_not(given)
    if impossible:
        return LimitMetaAnalysis(**refusal(asked, k, impossible, given.cautions))
    pooled = pool(
        given.effects, given.variances, labels=given.names, tau2_method=tau2_method, level=level
    )
    return _computed(asked, given, pooled, against, own_error_cautions(effects))


def _why_not(given: Studies) -> str:
    k, spread = len(given.names), np.sqrt(given.variances)
    if k < 3:
        return f"{k} {'study' if k == 1 else 'studies'}: there is no line to lay below three."
    if np.ptp(spread) <= _SAME * spread.max():
        return f"The standard error is the same in all {k} studies: there is nothing to compare."
    return identical_effects(given.effects)


def _line(effects: Floats, variances: Floats) -> LinearFit:
    """Regress effects on the root of their variances, weighted by the inverse of them."""
    root = np.sqrt(variances)
    names = ("beta", "alpha")
    matrix = np.column_stack([np.ones(effects.size), root])
    return fit_linear(effects, variances, Design(matrix, names, (("beta", (0,)), ("alpha", (1,)))))


def _computed(
    asked: Asked,
    given: Studies,
    pooled: PooledResult,
    against: Sequence[str],
    own: tuple[Caution, ...],
) -> LimitMetaAnalysis:
    from scipy.special import chdtrc

    k, level, tau2 = len(given.names), pooled.method.level, pooled.tau2
    total = given.variances + tau2
    fit = _line(given.effects, total)
    beta, alpha = (float(value) for value in fit.coefficients)
    errors = np.sqrt(np.diag(fit.covariance))
    at_limit = np.array([1.0, math.sqrt(tau2)])
    adjusted = float(at_limit @ fit.coefficients)
    error = math.sqrt(float(at_limit @ fit.covariance @ at_limit))
    reach = quantile(level) * error
    low, high = adjusted - reach, adjusted + reach
    statistic = alpha / float(errors[1])
    p_value = p_from_t(statistic, None)
    cautions = (*given.cautions, *own, *_cautions(given, tau2), *forced_cautions(against))
    q_residual = min(pooled.q, _line(given.effects, given.variances).q)
    q_small = pooled.q - q_residual
    status, sentence = verdict(asked, k, alpha, p_value, against)
    sentence = capital(
        f"{sentence} Without sampling error the mean would be {format_number(adjusted)} "
        f"({100 * level:g}% CI {format_interval(low, high)}) instead of "
        f"{format_number(pooled.estimate)}, the random-effects mean."
    )
    rows = [
        ("limit effect", adjusted, error),
        ("beta", beta, float(errors[0])),
        ("alpha", alpha, float(errors[1])),
    ]
    width = quantile(level)
    table = pd.DataFrame(
        {
            "term": term,
            "estimate": value,
            "standard_error": spread,
            "ci_low": value - width * spread,
            "ci_high": value + width * spread,
            "p_value": p_from_t(value / spread, None),
        }
        for term, value, spread in rows
    )
    return LimitMetaAnalysis(
        name=asked.name,
        status=status,
        sentence=sentence,
        table=table,
        reference=asked.reference,
        cautions=cautions,
        k=k,
        estimate=alpha,
        statistic=statistic,
        p_value=p_value,
        forced=bool(against),
        adjusted=adjusted,
        adjusted_standard_error=error,
        ci_low=low,
        ci_high=high,
        unadjusted=pooled.estimate,
        tau2=tau2,
        q=pooled.q,
        q_small=q_small,
        q_residual=q_residual,
        q_small_p_value=float(chdtrc(1, q_small)),
        q_residual_p_value=float(chdtrc(k - 2, q_residual)),
        studies=pd.DataFrame(
            {
                "label": given.names,
                "estimate": given.effects,
                "standard_error": np.sqrt(given.variances),
                "limit_estimate": beta + math.sqrt(tau2) * (given.effects - beta) / np.sqrt(total),
            }
        ),
    )


def _cautions(given: Studies, tau2: float) -> tuple[Caution, ...]:
    smallest = math.sqrt(float(given.variances.min()))
    found = (
        Caution(
            "extrapolation",
            "The adjusted mean lies outside the data: the most precise study has a standard error "
            f"of {format_number(smallest, 3)}, not 0, and tau² is taken as known, so that its "
            "interval is somewhat narrow.",
            RUECKER,
        ),
        *heterogeneity_cautions(given.effects, given.variances),
    )
    if tau2 > 0:
        return found
    return (
        *found,
        Caution(
            "no-heterogeneity",
            "With tau² at 0 the adjusted mean is the constant of a regression on standard errors, "
            "as in PET.",
            RUECKER,
        ),
    )
