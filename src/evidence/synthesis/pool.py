"""Pooling effects: common and random effects, with intervals fit for few studies.

References
----------
Hartung J, Knapp G (2001). A refined method for the meta-analysis of controlled clinical
trials with binary outcome. Statistics in Medicine 20:3875-3889.
Sidik K, Jonkman JN (2002). A simple confidence interval for meta-analysis. Statistics in
Medicine 21:3153-3159.
Röver C, Knapp G, Friede T (2015). Hartung-Knapp-Sidik-Jonkman approach and its
modification for random-effects meta-analysis with few studies. BMC Medical Research
Methodology 15:99 (the ad hoc guard).
Henmi M, Copas JB (2010). Confidence intervals for random effects meta-analysis and robustness
to publication bias. Statistics in Medicine 29:2969-2983.
Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects.
Statistics in Medicine 15:619-629.
Follmann DA, Proschan MA (1999). Valid inference in random effects meta-analysis. Biometrics
55:732-737 (t quantiles).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

from evidence.display import plural
from evidence.effects.arguments import Floats, check_level, is_number
from evidence.effects.conversions.spread import quantile
from evidence.effects.derivation.readings import Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError, did_you_mean
from evidence.synthesis.inputs import complete_studies
from evidence.synthesis.result import CI_NAMES, OWN_TAU2, PooledResult, PoolingMethod
from evidence.synthesis.tau2 import TAU2_METHODS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["CI_METHODS", "OWN_TAU2", "check_choice", "pool", "read_tau2_method"]

CI_METHODS = tuple(CI_NAMES)
MODELS = ("random", "common")


def pool(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    model: str = "random",
    tau2_method: str | float = "REML",
    ci_method: str = "HKSJ-adhoc",
    level: float = 0.95,
) -> PooledResult:
    """Pool the effects of independent studies.

    Parameters
    ----------
    effects
        Effects, shape (k,); or an `EffectSizes`; or a table with the columns `estimate`
        and `variance` (or `standard_error`), and optionally `label`; or readings; or what
        `pool` returned, to pool its studies another way.
        Ratios enter as logarithms.
    variances, standard_errors
        Shape (k,); one of the two, unless `effects` carries them.
    labels
        Names of the studies.
    model
        ``"random"`` or ``"common"`` (one true effect for all).
    tau2_method
        ``"REML"`` (the default), ``"DL"``, ``"PM"``, ``"ML"``, ``"EB"``, ``"HE"``, ``"DL2"``,
        ``"HE2"``, ``"SJ"``, ``"HS"`` or ``"HSk"``, see `evidence.synthesis.tau2`; or tau² itself,
        a number known from elsewhere, in squared units of the effects.
    ci_method
        ``"HKSJ-adhoc"`` (the default: Hartung-Knapp-Sidik-Jonkman, never narrower than
        Wald's standard error; with few studies Wald intervals cover far less than they
        say), ``"HKSJ"`` without that guard, ``"Wald"``, ``"t"`` (Wald's standard error
        with quantiles of t on k - 1 degrees of freedom), ``"Henmi-Copas"`` (weights of a
        common effect, so that small studies gain none with tau²; tau² is DL's) or
        ``"profile-likelihood"`` (mean and tau² by maximum likelihood).
    level
        Level of the confidence and prediction intervals.

    Returns
    -------
    PooledResult
        One study comes back with its own normal interval, marked as not pooled. Two studies
        have no prediction interval.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    Studies with a missing effect or variance are left out; a caution names them. So are
    readings of unknown direction, and those that only bound the size of an effect. Rows of one
    study (by a reading's study, a table's column `cluster`, `study_id` or `study`, or equal
    labels) are pooled with a caution; `evidence.synthesis.dependence` has models for them.
    """
    estimates, spread, names, cautions = complete_studies(
        effects, variances, standard_errors, labels
    )
    check_choice("model", model, MODELS)
    tau2_method = read_tau2_method(tau2_method)
    check_choice("ci_method", ci_method, CI_METHODS)
    method = PoolingMethod(model, tau2_method, ci_method, check_level(level))
    if estimates.size == 1:
        return _single(estimates, spread, names, method, cautions)
    if ci_method in OWN_TAU2:
        return _with_own_tau2(estimates, spread, names, method, cautions)
    return _fit(estimates, spread, names, method, cautions)


def check_choice(name: str, value: str, known: Any) -> None:
    """Refuse a choice that is not known.

    Parameters
    ----------
    name, value
        The argument and what was given.
    known
        What is accepted.
    """
    if value not in known:
        raise InvalidArgumentError(f"{name} {value!r} is not known. {did_you_mean(value, known)}")


def read_tau2_method(tau2_method: str | float) -> str | float:
    """Return the name of an estimator of tau², or a given tau², once it is known to be one.

    Parameters
    ----------
    tau2_method
        What a caller gave.
    """
    if not isinstance(tau2_method, str) and is_number(tau2_method):
        if not (math.isfinite(tau2_method) and tau2_method >= 0):
            raise InvalidArgumentError(
                f"tau2_method is {tau2_method!r}; a given tau² must be a number from 0."
            )
        return float(tau2_method)
    check_choice("tau2_method", str(tau2_method), TAU2_METHODS)
    return str(tau2_method)


def _single(
    estimates: Floats,
    variances: Floats,
    names: tuple[str, ...],
    method: PoolingMethod,
    cautions: list[Caution],
) -> PooledResult:
    se = math.sqrt(variances[0])
    estimate = float(estimates[0])
    reach = quantile(method.level) * se
    only = Caution("one-study", "There is one study, so nothing is pooled: this is its own result.")
    return PooledResult(
        method=method,
        labels=names,
        effects=estimates,
        variances=variances,
        estimate=estimate,
        standard_error=se,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        p_value=_p_value(estimate, se, None),
        weights=np.array([100.0]),
        tau2=math.nan,
        q=math.nan,
        q_p_value=math.nan,
        typical_variance=math.nan,
        cautions=(*cautions, only),
    )


def _fit(
    effects: Floats,
    variances: Floats,
    names: tuple[str, ...],
    method: PoolingMethod,
    cautions: list[Caution],
) -> PooledResult:
    from evidence.synthesis.kernels.batches import fit_rows

    k = effects.size
    code, given = method.kernel_choice
    found = np.empty((1, 7))
    fit_rows(effects[np.newaxis], variances[np.newaxis], code, given, found)
    _, tau2, estimate, square, q_at_tau2, q, trace = found[0].tolist()
    se = math.sqrt(square)
    df: float | None = None if method.ci_method == "Wald" else k - 1
    if method.ci_method.startswith("HKSJ"):
        ratio = q_at_tau2 / (k - 1)
        if method.ci_method == "HKSJ-adhoc":
            ratio = max(1.0, ratio)
        se *= math.sqrt(max(0.0, ratio))
    reach = quantile(method.level, df) * se
    weights = 1 / (variances + tau2)
    shares = weights / weights.sum()
    return PooledResult(
        method=method,
        labels=names,
        effects=effects,
        variances=variances,
        estimate=estimate,
        standard_error=se,
        ci_low=estimate - reach,
        ci_high=estimate + reach,
        p_value=_p_value(estimate, se, df),
        weights=100 * shares,
        tau2=tau2,
        q=q,
        q_p_value=float(chdtrc(k - 1, q)),
        typical_variance=(k - 1) / trace,
        cautions=(*cautions, *_few(k, tau2, method, float(shares.max()))),
    )


def _with_own_tau2(
    effects: Floats,
    variances: Floats,
    names: tuple[str, ...],
    method: PoolingMethod,
    cautions: list[Caution],
) -> PooledResult:
    from evidence.synthesis.intervals.mean_intervals import henmi_copas, profile_likelihood_mean

    if method.model == "common":
        raise InvalidArgumentError(
            f"ci_method {method.ci_method!r} is one of random effects; with model='common' give "
            "'Wald'."
        )
    own = OWN_TAU2[method.ci_method]
    asked = method.tau2_method
    method = replace(method, tau2_method=own)
    copas = method.ci_method == "Henmi-Copas"
    found = (henmi_copas if copas else profile_likelihood_mean)(
        effects, variances, level=method.level
    )
    base = _fit(effects, variances, names, replace(method, ci_method="Wald"), [])
    if asked != own:
        cautions = [
            *cautions,
            Caution(
                "own-tau2",
                f"The {CI_NAMES[method.ci_method]} has an estimator of tau² of its own: {own} "
                f"in the place of {asked}.",
            ),
        ]
    weights = 1 / (variances + (0.0 if copas else found.tau2))
    shares = weights / weights.sum()
    few = _few(effects.size, found.tau2, method, float(shares.max()))
    return replace(
        base,
        method=method,
        estimate=found.estimate,
        standard_error=found.standard_error,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        p_value=found.p_value,
        tau2=found.tau2,
        weights=100 * shares,
        cautions=(*cautions, *found.cautions, *few),
    )


def _p_value(estimate: float, se: float, df: float | None) -> float:
    if se == 0:
        # Identical effects without the guard: the method claims certainty.
        return 0.0 if estimate else 1.0
    t = -abs(estimate) / se
    return 2 * float(ndtr(t) if df is None else stdtr(df, t))


def _few(k: int, tau2: float, method: PoolingMethod, largest: float) -> list[Caution]:
    found: list[Caution] = []
    if method.model == "random" and k <= 4:
        found.append(
            Caution(
                "few-studies",
                f"With {plural(k, 'study', 'studies')} the variation between studies cannot be "
                "told from the data, and the interval of the mean is wide because of it.",
                "Röver, Knapp and Friede 2015",
            )
        )
    if method.model == "random" and tau2 == 0 and isinstance(method.tau2_method, str):
        found.append(
            Caution(
                "tau2-zero",
                "The estimate of tau² is 0, the edge of its range; that is not evidence that the "
                "studies agree.",
                "Higgins, Thompson and Spiegelhalter 2009",
            )
        )
    if method.ci_method == "Wald" and k < 10 and method.model == "random":
        found.append(
            Caution(
                "wald-few",
                "A Wald interval treats tau² as known and is too narrow with few studies.",
                "IntHout, Ioannidis and Borm 2014, BMC Medical Research Methodology 14:25",
            )
        )
    if largest > 0.9:
        found.append(Caution("one-dominates", "One study carries over 90% of the weight."))
    return found
