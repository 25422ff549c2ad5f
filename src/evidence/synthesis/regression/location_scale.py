"""Location-scale models: moderators of the mean effect and of the heterogeneity itself.

References
----------
Viechtbauer W, López-López JA (2022). Location-scale models for meta-analysis. Research
Synthesis Methods 13:697-715.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc

from evidence.display import join_words
from evidence.effects.conversions.spread import quantile
from evidence.effects.derivation.readings import Reading
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.regression.design import Design
from evidence.synthesis.regression.heterogeneity import residual_tau2
from evidence.synthesis.regression.joint import JointTest, joint_test, p_of
from evidence.synthesis.regression.linear import fit_linear
from evidence.synthesis.regression.location_scale_result import (
    Coefficients,
    LocationScaleResult,
)
from evidence.synthesis.regression.method import Choices, RegressionMethod, read_method
from evidence.synthesis.regression.scale_fit import ScaleFit, fit_scale
from evidence.synthesis.regression.studies import Studies, read_studies
from evidence.synthesis.tau2 import log_likelihood

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["fit_location_scale"]

_STUDIES_PER_COEFFICIENT = 10
_VIECHTBAUER = "Viechtbauer and López-López 2022, Research Synthesis Methods 13:697-715"
#: tau² over the sampling variance below which it counts as 0.
_VANISHED = 1e-6


def fit_location_scale(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    moderators: Any = None,
    formula: str = "~ 1",
    scale: str = "~ 1",
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    **choices: Unpack[Choices],
) -> LocationScaleResult:
    """Fit moderators of the mean effect and of the logarithm of tau² at once.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `regress` takes them.
    moderators
        A table with one row a study and the columns that both formulas name.
    formula
        Moderators of the mean effect, as in `regress`.
    scale
        Moderators of log tau², likewise.
    **choices
        ``tau2_method``: ``"REML"`` (default) or ``"ML"``; ``ci_method`` and ``level`` as in
        `regress`. Coefficients of the scale have Wald's variance with t on k - q degrees of
        freedom, and the normal distribution under ``"Wald"``.

    Returns
    -------
    LocationScaleResult
        With Wald tests and a likelihood-ratio test of the scale.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        Where there are not more studies than coefficients.

    Notes
    -----
    The search starts from several places and keeps the highest maximum. tau² = exp(...) is
    above 0 always: where the data want 0 the coefficients run away, and come without errors.
    """
    method = read_method(choices)
    check_choice("tau2_method", method.tau2_method, ("REML", "ML"))
    if method.model != "random":
        raise InvalidArgumentError("A location-scale model has random effects; model is 'random'.")
    studies, (location, spread) = read_studies(
        effects,
        (variances, standard_errors),
        labels,
        {"moderators": (moderators, formula), "moderators of the scale": (moderators, scale)},
    )
    if studies.effects.size <= location.p + spread.p:
        raise InsufficientEvidenceError(
            f"{studies.effects.size} studies cannot carry {location.p} coefficients of the mean "
            f"and {spread.p} of the heterogeneity; use fewer moderators."
        )
    return _fit(studies, location, spread, method)


def _fit(
    studies: Studies, location: Design, scale: Design, method: RegressionMethod
) -> LocationScaleResult:
    effects, variances = studies.effects, studies.variances
    restricted = method.tau2_method == "REML"
    found = fit_scale(effects, variances, location, scale, restricted=restricted)
    linear = fit_linear(effects, variances + found.tau2, location)
    k, p, q = location.k, location.p, scale.p
    factor = 1.0
    if method.ci_method in {"HKSJ", "HKSJ-adhoc"}:
        factor = linear.q / (k - p)
        if method.ci_method == "HKSJ-adhoc":
            factor = max(1.0, factor)
    normal = method.ci_method == "Wald"
    mean = _coefficients(
        location, linear.coefficients, linear.covariance * factor, None if normal else k - p, method
    )
    spread = _coefficients(
        scale, found.coefficients, found.covariance, None if normal else k - q, method
    )
    at_zero = fit_linear(effects, variances, location)
    return LocationScaleResult(
        method=method,
        labels=studies.names,
        effects=effects,
        variances=variances,
        location_design=location,
        scale_design=scale,
        location=mean,
        scale=spread,
        tau2=found.tau2,
        log_likelihood=found.log_likelihood,
        likelihood_ratio=_likelihood_ratio(studies, location, scale, found, restricted=restricted),
        qe=at_zero.q,
        qe_p_value=float(chdtrc(k - p, at_zero.q)),
        cautions=(*studies.cautions, *_cautions(studies, location, scale, found)),
    )


def _coefficients(
    design: Design,
    estimates: Any,
    covariance: Any,
    df: float | None,
    method: RegressionMethod,
) -> Coefficients:
    errors = np.sqrt(np.diag(covariance))
    reach = quantile(method.level, df) * errors
    contrasts = design.moderator_contrasts
    values, spread = contrasts @ estimates, contrasts @ covariance @ contrasts.T
    known = bool(np.isfinite(spread).all())
    name = "All moderators together"
    test = (
        joint_test(name, values, spread, df)
        if known
        else JointTest(name, math.nan, contrasts.shape[0], df, math.nan)
    )
    return Coefficients(
        names=design.names,
        estimate=estimates,
        standard_error=errors,
        ci_low=estimates - reach,
        ci_high=estimates + reach,
        p_value=np.array(
            [
                p_of(float(b), float(s), df) if math.isfinite(s) else math.nan
                for b, s in zip(estimates, errors, strict=True)
            ]
        ),
        covariance=covariance,
        df=df,
        omnibus=test,
    )


def _likelihood_ratio(
    studies: Studies, location: Design, scale: Design, found: ScaleFit, *, restricted: bool
) -> JointTest:
    """Compare with one tau² for all; both have the same location, so REML may be compared."""
    name = "The same tau² in all studies (likelihood ratio)"
    df = scale.p - 1
    if scale.constant is None or df == 0:
        return JointTest(name, math.nan, 0, None, math.nan)
    effects, variances = studies.effects, studies.variances
    method = "REML" if restricted else "ML"
    tau2 = residual_tau2(effects, variances, location, method)
    # Both up to the same constant: that of the compiled likelihood and an orthonormal design.
    k, p = location.k, location.p if restricted else 0
    alone = log_likelihood(
        effects, variances, tau2, restricted=restricted, design=location.basis
    ) - 0.5 * (k - p) * math.log(2 * math.pi)
    statistic = max(0.0, 2 * (found.log_likelihood - alone))
    return JointTest(name, statistic, df, None, float(chdtrc(df, statistic)))


def _cautions(studies: Studies, location: Design, scale: Design, found: ScaleFit) -> list[Caution]:
    cautions = []
    drifting = [name for name, away in zip(scale.names, found.drifting, strict=True) if away]
    if drifting:
        gone = [
            name
            for name, tau2, variance in zip(
                studies.names, found.tau2, studies.variances, strict=True
            )
            if tau2 < _VANISHED * variance
        ]
        if len(gone) == len(studies.names):
            where = "in all studies"
        else:
            where = f"in {join_words(gone)}" if len(gone) <= 6 else f"in {len(gone)} studies"
        reason = (
            f"The data want tau² = 0 {where}, which the logarithm cannot reach: the likelihood "
            "keeps rising as"
            if gone
            else "The likelihood does not end as"
        )
        cautions.append(
            Caution(
                "scale-at-the-edge",
                f"{reason} the scale coefficient of {join_words(drifting)} grows without bound, "
                "so it has no finite estimate, standard error or Wald test. The tau² of each "
                "study and the likelihood are at their limit; the likelihood-ratio test is "
                "rough.",
                _VIECHTBAUER,
            )
        )
    elif not np.isfinite(found.covariance).all():
        cautions.append(
            Caution(
                "flat-likelihood",
                "The likelihood is flat about its maximum: the scale coefficients cannot be told "
                "apart, and come without standard errors.",
                _VIECHTBAUER,
            )
        )
    if location.k < _STUDIES_PER_COEFFICIENT * (location.p + scale.p - 1):
        cautions.append(
            Caution(
                "few-studies-per-moderator",
                f"{location.k} studies for {location.p + scale.p} coefficients: how much studies "
                "vary is hard to know, and what it goes with is harder.",
                _VIECHTBAUER,
            )
        )
    if location.moderator_contrasts.shape[0] + scale.moderator_contrasts.shape[0]:
        cautions.append(
            Caution(
                "observational",
                "A relation across studies is observational, even where each study is a "
                "randomised trial; a moderator that was not chosen in advance can only suggest.",
                "Thompson and Higgins 2002, Statistics in Medicine 21:1559-1573",
            )
        )
    return cautions
