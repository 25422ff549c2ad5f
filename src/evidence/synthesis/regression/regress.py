"""Mixed-effects meta-regression of independent studies.

References
----------
Thompson SG, Higgins JPT (2002). How should meta-regression analyses be undertaken and
interpreted? Statistics in Medicine 21:1559-1573.
Knapp G, Hartung J (2003). Improved tests for a random effects meta-regression with a single
covariate. Statistics in Medicine 22:2693-2710.
Viechtbauer W, López-López JA, Sánchez-Meca J, Marín-Martínez F (2015). A comparison of
procedures to test for moderators in mixed-effects meta-regression models. Psychological
Methods 20:360-374.
Raudenbush SW (2009). Analyzing effect sizes: random-effects models. In: Cooper H, Hedges LV,
Valentine JC (editors), The Handbook of Research Synthesis and Meta-Analysis, 2nd edition,
295-315 (R²).
Deeks JJ, Higgins JPT, Altman DG (editors). Analysing data and undertaking meta-analyses.
Cochrane Handbook for Systematic Reviews of Interventions, sections 10.11.4 to 10.11.6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc

from evidence.display import capital, join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.effects.derivation.readings import Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution
from evidence.synthesis.regression.design import Design
from evidence.synthesis.regression.heterogeneity import explained, residual_tau2
from evidence.synthesis.regression.joint import joint_test, p_of
from evidence.synthesis.regression.linear import LinearFit, fit_linear, inconsistency
from evidence.synthesis.regression.method import Choices, RegressionMethod, read_method
from evidence.synthesis.regression.result import RegressionResult
from evidence.synthesis.regression.studies import Studies, read_studies
from evidence.synthesis.tau2 import estimate_tau2

if TYPE_CHECKING:
    from typing import Unpack

    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["fit_regression", "regress"]

_STUDIES_PER_MODERATOR = 10
_HIGH_LEVERAGE = 0.9
_HANDBOOK = "Cochrane Handbook, section 10.11.5.1"
_THOMPSON = "Thompson and Higgins 2002, Statistics in Medicine 21:1559-1573"


def regress(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    moderators: Any = None,
    formula: str | None = None,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    **choices: Unpack[Choices],
) -> RegressionResult:
    """Regress the effects of independent studies on moderators.

    Parameters
    ----------
    effects
        Effects, shape (k,); or an `EffectSizes`; or a table with the columns `estimate` and
        `variance` (or `standard_error`), and optionally `label`; or readings. Ratios enter
        as logarithms.
    variances, standard_errors
        Shape (k,); one of the two, unless `effects` carries them.
    moderators
        A table with one row a study and the columns that `formula` names (left out where
        `effects` is a table that has them); or, without a formula, a design matrix of shape
        (k, p), which is used as it stands and needs a column of ones for a constant.
    formula
        For example ``"~ year + C(allocation)"``: names of columns, ``+ - : *`` and
        parentheses, ``0`` for no constant, ``C(column)`` for a factor (``C(column, 'level')``
        names its reference level), ``log(column)``, ``poly(column, degree)``. Columns of text
        are factors by themselves.
    labels
        Names of the studies; otherwise the table's `label` column or its index.
    **choices
        ``model``: ``"random"`` or ``"common"``; ``tau2_method``: as in `pool`, default
        ``"REML"``, or a given tau²; ``ci_method``: ``"HKSJ-adhoc"`` (default), ``"HKSJ"``,
        ``"t"`` or ``"Wald"``; ``level``: 0.95. See `RegressionMethod`.

    Returns
    -------
    RegressionResult
        With `contrast`, `predict` and `permutation_test`.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value; and where columns cannot be told apart.
    InsufficientEvidenceError
        Where there are not more studies than coefficients.

    Notes
    -----
    Studies without an effect, a variance or a moderator are left out; a caution names them.
    """
    method = read_method(choices)
    studies, (design,) = read_studies(
        effects, (variances, standard_errors), labels, {"moderators": (moderators, formula)}
    )
    return fit_regression(studies, design, method)


def fit_regression(studies: Studies, design: Design, method: RegressionMethod) -> RegressionResult:
    """Fit complete, checked studies.

    Parameters
    ----------
    studies
        Of k studies.
    design
        With k rows.
    method
        The choices.

    Returns
    -------
    RegressionResult
    """
    effects, variances = studies.effects, studies.variances
    k, p = design.k, design.p
    random = method.model == "random"
    tau2 = residual_tau2(effects, variances, design, method.tau2_method) if random else 0.0
    fit = fit_linear(effects, variances + tau2, design)
    df = None if method.ci_method == "Wald" else float(k - p)
    factor = 1.0
    if method.ci_method in {"HKSJ", "HKSJ-adhoc"}:
        factor = fit.q / (k - p)
        if method.ci_method == "HKSJ-adhoc":
            factor = max(1.0, factor)
    covariance = fit.covariance * factor
    errors = np.sqrt(np.diag(covariance))
    reach = quantile(method.level, df) * errors
    contrasts = design.moderator_contrasts
    omnibus = joint_test(
        "All moderators together",
        contrasts @ fit.coefficients,
        contrasts @ covariance @ contrasts.T,
        df,
    )
    at_zero = fit if tau2 == 0 else fit_linear(effects, variances, design)
    i2, h2 = _inconsistency(variances, tau2, at_zero, design, random=random)
    alone = _tau2_alone(studies, design, method, tau2)
    return RegressionResult(
        method=method,
        labels=studies.names,
        effects=effects,
        variances=variances,
        design=design,
        coefficients=fit.coefficients,
        standard_errors=errors,
        covariance=covariance,
        ci_low=fit.coefficients - reach,
        ci_high=fit.coefficients + reach,
        p_values=np.array(
            [p_of(float(b), float(s), df) for b, s in zip(fit.coefficients, errors, strict=True)]
        ),
        df=df,
        fitted=effects - fit.residuals,
        leverage=fit.leverage,
        tau2=tau2,
        tau2_without=alone,
        qe=at_zero.q,
        qe_p_value=float(chdtrc(k - p, at_zero.q)),
        i2=i2,
        h2=h2,
        r2=explained(tau2, alone) if omnibus.df else math.nan,
        omnibus=omnibus,
        cautions=(*studies.cautions, *_cautions(studies, design, method, fit, tau2)),
    )


def _tau2_alone(studies: Studies, design: Design, method: RegressionMethod, tau2: float) -> float:
    """Return tau² of the same studies without moderators; NaN without a constant to compare."""
    given = not isinstance(method.tau2_method, str)
    if method.model != "random" or given or design.constant is None:
        return math.nan
    if design.p == 1:
        return tau2
    return estimate_tau2(studies.effects, studies.variances, str(method.tau2_method))


def _inconsistency(
    variances: Floats, tau2: float, at_zero: LinearFit, design: Design, *, random: bool
) -> tuple[float, float]:
    if random:
        return inconsistency(variances, tau2, design, at_zero.leverage)
    q, df = at_zero.q, design.k - design.p
    return (max(0.0, 100 * (q - df) / q) if q > 0 else 0.0), q / df


# ------------------------------------------------------------------------------------- cautions


def _cautions(
    studies: Studies, design: Design, method: RegressionMethod, fit: LinearFit, tau2: float
) -> list[Caution]:
    moderators = design.moderator_contrasts.shape[0]
    found = [*_of_factors(design), *_of_leverage(studies.names, fit)]
    if design.constant is None:
        found.append(
            Caution(
                "no-constant",
                "The model has no constant: where all moderators are 0 the effect is taken to be "
                "0, and R² is not defined.",
            )
        )
    if moderators and design.k < _STUDIES_PER_MODERATOR * moderators:
        found.append(
            Caution(
                "few-studies-per-moderator",
                f"{capital(plural(design.k, 'study', 'studies'))} for "
                f"{plural(moderators, 'moderator coefficient')}: about ten a moderator are "
                "needed, and those may be too few where the moderator is spread unevenly. R² "
                "and the residual tau² are rough.",
                _HANDBOOK,
            )
        )
    if method.model == "random" and tau2 == 0 and isinstance(method.tau2_method, str):
        found.append(
            Caution(
                "tau2-zero",
                "The estimate of the residual tau² is 0, the edge of its range; that is not "
                "evidence that the moderators explain all differences.",
                _THOMPSON,
            )
        )
    if method.model == "common":
        found.append(
            Caution(
                "common-effect",
                "The model takes the moderators to explain all differences between studies; "
                "where they do not, its intervals are too narrow and its p values too small.",
                _THOMPSON,
            )
        )
    elif method.ci_method == "Wald" and design.k < 20:
        found.append(
            Caution(
                "wald-few",
                "A Wald interval treats tau² as known and is too narrow with few studies.",
                "Viechtbauer et al. 2015, Psychological Methods 20:360-374",
            )
        )
    if moderators:
        found.append(
            Caution(
                "observational",
                "A relation across studies is observational, even where each study is a "
                "randomised trial: studies differ in other ways too; what holds between study "
                "averages need not hold between people; and a moderator that was not chosen in "
                "advance can only suggest.",
                _THOMPSON,
            )
        )
    return found


def _of_factors(design: Design) -> list[Caution]:
    alone = [
        f"{factor.name} {level!r}"
        for factor in design.factors
        for level, count in zip(factor.levels, factor.counts, strict=True)
        if count == 1
    ]
    if not alone:
        return []
    return [
        Caution(
            "one-study-level",
            f"One study alone stands for {join_words(alone)}: what is said of it rests on that "
            "study, and on the others for how much studies vary.",
            _HANDBOOK,
        )
    ]


def _of_leverage(names: tuple[str, ...], fit: LinearFit) -> list[Caution]:
    high = [name for name, h in zip(names, fit.leverage, strict=True) if h > _HIGH_LEVERAGE]
    if not high:
        return []
    return [
        Caution(
            "high-leverage",
            f"The fit nearly runs through {join_words(high)}, whatever the others say: look at "
            "the result without.",
            "Viechtbauer and Cheung 2010, Research Synthesis Methods 1:112-125",
        )
    ]
