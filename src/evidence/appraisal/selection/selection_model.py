"""Selection models: the mean effect where results are reported according to their p values.

References
----------
Hedges LV (1992). Modeling publication selection effects in meta-analysis. Statistical Science
7:246-255.
Vevea JL, Hedges LV (1995). A general linear model for estimating effect size in the presence
of publication bias. Psychometrika 60:419-435.
Vevea JL, Woods CM (2005). Publication bias in research synthesis: sensitivity analysis using a
priori weight functions. Psychological Methods 10:428-443.
McShane BB, Böckenholt U, Hansen KT (2016). Adjusting for publication bias in meta-analysis: an
evaluation of selection methods and some cautionary notes. Perspectives on Psychological Science
11:730-749.
Citkowicz M, Vevea JL (2017). A parsimonious weight function for modeling publication bias.
Psychological Methods 22:28-41.
Carter EC, Schönbrodt FD, Gervais WM, Hilgard J (2019). Correcting for bias in psychology: a
comparison of meta-analytic methods. Advances in Methods and Practices in Psychological Science
2:115-144.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.selection.instead import instead
from evidence.appraisal.selection.selection_cautions import (
    FAVOURS,
    density_in_words,
    model_cautions,
    refusal,
)
from evidence.appraisal.selection.selection_likelihood import Maximum, SelectionLikelihood
from evidence.appraisal.selection.studies import FEWEST_STUDIES, read_studies
from evidence.appraisal.selection.weight_functions import BetaDensity, StepFunction
from evidence.display import capital, format_interval, format_number, format_p, plural
from evidence.effects.arguments import Floats, check_level, is_number
from evidence.effects.conversions.spread import quantile
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["SELECTION_LEVEL", "SelectionModel", "selection_model", "three_parameter"]

#: Level of the test of selection, as usual for tests of publication bias.
SELECTION_LEVEL = 0.10
MODELS = ("random", "common")
_COLUMNS = ("term", "p_low", "p_high", "studies", "estimate", "standard_error", "ci_low", "ci_high")
#: The check, as it stands in a sentence.
_NAME = "the selection model"


@dataclass(frozen=True, eq=False, kw_only=True)
class SelectionModel(Check):
    """A mean corrected for the reporting of results according to their p values.

    Its table has the mean, tau² and the weight of each interval of p (or the parameters of the
    beta density), with the number of studies in each interval. Intervals are Wald's; of weights
    and parameters on the log scale.

    Attributes
    ----------
    weight
        ``"step"`` or ``"beta"``.
    alternative
        The results that are favoured: ``"greater"``, ``"less"`` or ``"two-sided"``.
    cuts
        Cut-points of p; empty for a beta density.
    censored
        Of a beta density: p values nearer to 0 or 1 count as this near; 0 for steps.
    model
        ``"random"`` or ``"common"``.
    level
        Of the intervals.
    estimate, standard_error, ci_low, ci_high
        The corrected mean, with Wald's interval from the observed information; NaN where refused.
    tau2, tau2_standard_error
        Variance between studies before selection; the standard error is NaN where tau² is at 0
        or is not estimated.
    weights
        Relative likelihood of being reported in each interval, the first 1; of a beta density its
        a and b; empty where refused.
    log_likelihood
        At the maximum.
    selection_statistic, selection_df, selection_p_value
        Likelihood ratio test of selection; NaN and 0 where refused or the weights were set.
    heterogeneity_statistic, heterogeneity_p_value
        Likelihood ratio test of tau² = 0 on one degree of freedom.
    unadjusted
        The studies pooled without selection, by maximum likelihood; None for a single study.
    """

    weight: str
    alternative: str
    cuts: tuple[float, ...]
    censored: float
    model: str
    level: float
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    tau2: float
    tau2_standard_error: float
    weights: tuple[float, ...]
    log_likelihood: float
    selection_statistic: float
    selection_df: int
    selection_p_value: float
    heterogeneity_statistic: float
    heterogeneity_p_value: float
    unadjusted: PooledResult | None

    @cached_property
    def profile_interval(self) -> tuple[float, float]:
        """Profile likelihood interval of the corrected mean; NaN where refused.

        An end is infinite where the likelihood does not fall far enough.
        """
        if self.unadjusted is None or math.isnan(self.estimate):
            return math.nan, math.nan
        weight: StepFunction | BetaDensity
        given = None
        if self.weight == "step":
            weight = StepFunction(self.cuts, self.alternative)
            given = np.log(self.weights[1:]) if self.selection_df == 0 else None
        else:
            weight = BetaDensity(self.alternative, self.censored)
        likelihood = SelectionLikelihood(self.unadjusted.effects, self.unadjusted.variances, weight)
        drop = quantile(self.level) ** 2 / 2

        def excess(mean: float) -> float:
            fit = likelihood.maximise(random=self.model == "random", given=given, mean=mean)
            return self.log_likelihood - fit.log_likelihood - drop

        error = self.standard_error
        if math.isnan(error):
            error = self.unadjusted.standard_error
        low, high = (_crossing(excess, self.estimate, sign * error) for sign in (-1, 1))
        return low, high


def _crossing(excess: Any, centre: float, step: float) -> float:
    from scipy.optimize import brentq

    inner, outer = centre, centre + 2 * step
    for _ in range(12):
        if excess(outer) > 0:
            return float(brentq(excess, inner, outer, xtol=1e-9 * abs(step), rtol=1e-12))
        inner, outer = outer, outer + 2 * (outer - centre)
    return math.copysign(math.inf, step)


def three_parameter(
    effects: Any,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    alternative: str | None = None,
    level: float = 0.95,
    fewest: int = FEWEST_STUDIES,
) -> SelectionModel:
    """Fit the three-parameter selection model: a mean, tau², and one weight.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them; or a result of `pool`.
    alternative
        ``"greater"`` or ``"less"``: where results are reported more readily once their
        one-sided p is below 0.025; by default the sign of the random-effects mean (of maximum
        likelihood, as in the model).
    level
        Of the intervals.
    fewest
        Refused with fewer studies.

    Returns
    -------
    SelectionModel
        As of `selection_model`.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    data = read_studies(effects, variances, standard_errors, labels)
    if alternative is None:
        mean = data.estimate
        if data.k > 1:
            mean = pool(data.effects, data.variances, tau2_method="ML", ci_method="Wald").estimate
        alternative = "less" if mean < 0 else "greater"
    return selection_model(
        data, weight=StepFunction(0.025, alternative), level=level, fewest=fewest
    )


def selection_model(
    effects: Any,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    weight: StepFunction | BetaDensity | None = None,
    model: str = "random",
    level: float = 0.95,
    fewest: int = FEWEST_STUDIES,
) -> SelectionModel:
    """Correct a mean for results that are reported according to their p values.

    Effects are normal, with a variance between studies, and are seen with a relative likelihood
    that depends on their p value alone; the mean, tau² and that weight function are estimated
    together by maximum likelihood, at its global maximum.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them; or a result of `pool`.
    weight
        A `StepFunction` (by default with one cut-point, one-sided 0.025, for large effects) or a
        `BetaDensity`.
    model
        ``"random"`` or ``"common"`` (tau² is 0).
    level
        Of the intervals.
    fewest
        The model is refused with fewer studies, unless its weights were set.

    Returns
    -------
    SelectionModel
        ``"contradiction"`` where the likelihood ratio test sees selection (p < 0.10).

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    The log-likelihood is the sum of log w(p) + log φ((y - μ)/σ)/σ - log A with σ² = v + tau²
    and A the integral of w(p) times that density (Hedges 1992). For a fixed tau² it is concave in
    μ and the parameters of w together, so that only tau² has to be searched.
    """
    weight = StepFunction() if weight is None else weight
    if not isinstance(weight, StepFunction | BetaDensity):
        raise InvalidArgumentError(
            f"weight is {weight!r}; give a StepFunction, such as StepFunction((0.025, 0.5)), or a "
            "BetaDensity()."
        )
    check_choice("model", model, MODELS)
    level = check_level(level)
    if not is_number(fewest) or not fewest >= 2:
        raise InvalidArgumentError(f"fewest is {fewest!r}; it must be at least 2.")
    data = read_studies(effects, variances, standard_errors, labels)
    p_values = weight.p_values(data.effects / np.sqrt(data.variances))
    unadjusted = None
    if data.k > 1:
        how = {"model": "common"} if model == "common" else {"tau2_method": "ML"}
        unadjusted = pool(data, ci_method="Wald", level=level, **how)  # type: ignore[arg-type]
    random = model == "random"
    why = refusal(data, weight, random=random, fewest=int(fewest))
    fit = None
    if not why and unadjusted is not None:
        likelihood = SelectionLikelihood(data.effects, data.variances, weight)
        fit = likelihood.maximise(random=random, given=weight.given)
        if not fit.found:
            why = (
                "the likelihood has no maximum near these effects: it goes on growing with ever "
                "more selection or heterogeneity, so that they do not tell one from the other. "
                f"{instead(data, FAVOURS[weight.alternative])}"
            )
    if why or unadjusted is None or fit is None:
        return _refused(why, data, weight, model, level, unadjusted)
    baseline = math.nan
    if weight.given is None:
        tau2 = unadjusted.tau2 if random else 0.0
        baseline = likelihood.without_selection(unadjusted.estimate, tau2)
    return _fitted(fit, weight, unadjusted, data, p_values, baseline)


def _fitted(
    fit: Maximum,
    weight: StepFunction | BetaDensity,
    unadjusted: PooledResult,
    data: PooledResult,
    p_values: Floats,
    baseline: float,
) -> SelectionModel:
    d = fit.parameters.size
    model, level = unadjusted.method.model, unadjusted.method.level
    free = np.array(
        [0, *([1] if fit.tau2 > 0 else []), *(range(2, 2 + d) if weight.given is None else [])],
        dtype=np.intp,
    )
    covariance = fit.covariance(free)
    errors = np.sqrt(np.diag(covariance))
    table = _table(fit, weight, errors, p_values, level, model)
    statistic, df, p_value = math.nan, 0, math.nan
    if weight.given is None:
        statistic, df = max(0.0, 2 * (fit.log_likelihood - baseline)), d
        p_value = float(chdtrc(d, statistic))
    mixed, mixed_p = math.nan, math.nan
    if model == "random":
        mixed = max(0.0, 2 * (fit.log_likelihood - fit.log_likelihood_at_zero))
        mixed_p = float(chdtrc(1, mixed))
    estimate, low, high = (float(table[name].iloc[0]) for name in ("estimate", "ci_low", "ci_high"))
    weights = tuple(table["estimate"].iloc[1 + (model == "random") :].tolist())
    sentence = _in_words(weight, table, unadjusted, p_value, level)
    return SelectionModel(
        name=_NAME,
        status=CONTRADICTION if p_value < SELECTION_LEVEL else OK,
        sentence=capital(sentence),
        table=table,
        reference=_reference(weight),
        cautions=(*data.cautions, *model_cautions(table, weight, model=model, tau2=fit.tau2)),
        weight="step" if isinstance(weight, StepFunction) else "beta",
        alternative=weight.alternative,
        cuts=weight.cuts if isinstance(weight, StepFunction) else (),
        censored=weight.censored if isinstance(weight, BetaDensity) else 0.0,
        model=model,
        level=level,
        estimate=estimate,
        standard_error=float(errors[0]),
        ci_low=low,
        ci_high=high,
        tau2=fit.tau2,
        tau2_standard_error=float(errors[1]),
        weights=weights,
        log_likelihood=fit.log_likelihood,
        selection_statistic=statistic,
        selection_df=df,
        selection_p_value=p_value,
        heterogeneity_statistic=mixed,
        heterogeneity_p_value=mixed_p,
        unadjusted=unadjusted,
    )


def _table(
    fit: Maximum,
    weight: StepFunction | BetaDensity,
    errors: Floats,
    p_values: Floats,
    level: float,
    model: str,
) -> pd.DataFrame:
    z = quantile(level)
    error = float(errors[0])
    nothing = math.nan
    rows: list[tuple[object, ...]] = [
        (
            *("mean effect", nothing, nothing, p_values.size),
            *(fit.mean, error, fit.mean - z * error, fit.mean + z * error),
        )
    ]
    if model == "random":
        spread = float(errors[1])
        low, high = max(0.0, fit.tau2 - z * spread), fit.tau2 + z * spread
        if math.isnan(spread):
            low = nothing
        rows.append(("tau²", nothing, nothing, p_values.size, fit.tau2, spread, low, high))
    if isinstance(weight, BetaDensity):
        for name, theta, se in zip(weight.names, fit.parameters, errors[2:], strict=True):
            value = 1 + float(theta)
            with np.errstate(over="ignore"):
                reach = float(np.exp(z * float(se) / value)) if value > 0 else nothing
            rows.append(
                (name, 0.0, 1.0, p_values.size, value, float(se), value / reach, value * reach)
            )
        return pd.DataFrame(rows, columns=list(_COLUMNS))
    counts = np.bincount(weight.interval_of(p_values), minlength=len(weight.intervals))
    logs = np.r_[0.0, fit.parameters]
    spreads = np.r_[math.nan, errors[2:]]
    for place, (low, high) in enumerate(weight.intervals):
        value, spread = math.exp(logs[place]), float(spreads[place])
        with np.errstate(over="ignore"):
            reach = float(np.exp(z * spread))
        rows.append(
            (
                *("weight", low, high, int(counts[place])),
                *(value, value * spread, value / reach, value * reach),
            )
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _in_words(
    weight: StepFunction | BetaDensity,
    table: pd.DataFrame,
    unadjusted: PooledResult,
    p_value: float,
    level: float,
) -> str:
    percent, more = f"{100 * level:g}% CI", ""
    last = table.iloc[-1]
    if weight.given is not None:
        head = "under the weights that were set"
    elif isinstance(weight, BetaDensity):
        head, more = density_in_words(weight, *table["estimate"].iloc[-2:])
    elif len(weight.cuts) == 1:
        side = "two-sided" if weight.alternative == "two-sided" else "one-sided"
        head = (
            f"where results with a {side} p above {weight.cuts[0]:g} are reported "
            f"{format_number(last['estimate'])} times as readily as the others ({percent} "
            f"{format_interval(last['ci_low'], last['ci_high'])})"
        )
    else:
        head = f"with one weight for each of {plural(len(weight.cuts) + 1, 'interval')} of p"
    mean = table.iloc[0]
    text = (
        f"{head}, the effect over {plural(unadjusted.k, 'study', 'studies')} would be "
        f"{format_number(mean['estimate'])} ({percent} "
        f"{format_interval(mean['ci_low'], mean['ci_high'])}) instead of "
        f"{format_number(unadjusted.estimate)} without selection"
    )
    if weight.given is not None:
        return f"{text}."
    if p_value < SELECTION_LEVEL:
        return (
            f"{text}; p values go with being reported (likelihood ratio test, {format_p(p_value)})."
            f"{more}"
        )
    return (
        f"{text}; the likelihood ratio test does not see selection ({format_p(p_value)}), which "
        f"is no sign that there is none.{more}"
    )


def _reference(weight: StepFunction | BetaDensity) -> str:
    if isinstance(weight, BetaDensity):
        return "Citkowicz and Vevea 2017, Psychological Methods 22:28-41"
    if weight.weights is not None:
        return "Vevea and Woods 2005, Psychological Methods 10:428-443"
    return (
        "Hedges 1992, Statistical Science 7:246-255; Vevea and Hedges 1995, Psychometrika "
        "60:419-435"
    )


def _refused(
    why: str,
    data: PooledResult,
    weight: StepFunction | BetaDensity,
    model: str,
    level: float,
    unadjusted: PooledResult | None,
) -> SelectionModel:
    nothing = math.nan
    cautions: tuple[Caution, ...] = data.cautions
    return SelectionModel(
        name=_NAME,
        status=CANNOT_BE_TESTED,
        sentence=capital(why),
        table=pd.DataFrame(columns=list(_COLUMNS)),
        reference=_reference(weight),
        cautions=cautions,
        weight="step" if isinstance(weight, StepFunction) else "beta",
        alternative=weight.alternative,
        cuts=weight.cuts if isinstance(weight, StepFunction) else (),
        censored=weight.censored if isinstance(weight, BetaDensity) else 0.0,
        model=model,
        level=level,
        estimate=nothing,
        standard_error=nothing,
        ci_low=nothing,
        ci_high=nothing,
        tau2=nothing,
        tau2_standard_error=nothing,
        weights=(),
        log_likelihood=nothing,
        selection_statistic=nothing,
        selection_df=0,
        selection_p_value=nothing,
        heterogeneity_statistic=nothing,
        heterogeneity_p_value=nothing,
        unadjusted=unadjusted,
    )
