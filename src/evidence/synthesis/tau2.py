"""Estimators of the variance between studies, tau², and its Q-profile interval.

Every estimator serves a mean alone and a design with moderators. The searches are bracketed,
find the global optimum, and work in units of the smallest variance, so that nothing depends on
the unit of the effects; the compiled code is in `evidence.synthesis.kernels`.

References
----------
DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. Controlled Clinical
Trials 7:177-188 (DL).
Hedges LV (1983). A random effects model for effect sizes. Psychological Bulletin 93:388-395
(HE).
DerSimonian R, Kacker R (2007). Random-effects model for meta-analysis of clinical trials: an
update. Contemporary Clinical Trials 28:105-114 (the general method of moments; DL2, HE2).
Paule RC, Mandel J (1982). Consensus values and weighting factors. Journal of Research of
the National Bureau of Standards 87:377-385 (PM).
Morris CN (1983). Parametric empirical Bayes inference: theory and applications. Journal of the
American Statistical Association 78:47-55 (EB, whose equation has PM's root).
Sidik K, Jonkman JN (2005). Simple heterogeneity variance estimation for meta-analysis. Journal
of the Royal Statistical Society C 54:367-384 (SJ).
Schmidt FL, Hunter JE (2015). Methods of meta-analysis, 3rd edition. Sage (HS); Viechtbauer W,
Lopez-Lopez JA, Sanchez-Meca J, Marin-Martinez F (2015). A comparison of procedures to test for
moderators in mixed-effects meta-regression models. Psychological Methods 20:360-374 (HSk, its
small-sample correction).
Viechtbauer W (2005). Bias and efficiency of meta-analytic variance estimators in the
random-effects model. Journal of Educational and Behavioral Statistics 30:261-293 (ML, REML).
Veroniki AA, Jackson D, Viechtbauer W, et al. (2016). Methods to estimate the between-study
variance and its uncertainty in meta-analysis. Research Synthesis Methods 7:55-79 (all of them
side by side; REML or PM are recommended).
Viechtbauer W (2007). Confidence intervals for the amount of heterogeneity in
meta-analysis. Statistics in Medicine 26:37-52 (Q-profile).
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from scipy.special import chdtri, gammaincinv

from evidence.effects.arguments import Floats

__all__ = [
    "TAU2_METHODS",
    "TAU2_NAMES",
    "estimate_tau2",
    "generalised_q",
    "log_likelihood",
    "method_code",
    "q_profile",
    "weighted_mean",
]

#: What each estimator is called in full.
TAU2_NAMES = MappingProxyType(
    {
        "REML": "restricted maximum likelihood",
        "DL": "DerSimonian and Laird",
        "PM": "Paule and Mandel",
        "ML": "maximum likelihood",
        "EB": "empirical Bayes",
        "HE": "Hedges",
        "DL2": "DerSimonian and Laird in two steps",
        "HE2": "Hedges in two steps",
        "SJ": "Sidik and Jonkman",
        "HS": "Hunter and Schmidt",
        "HSk": "Hunter and Schmidt with a small-sample correction",
    }
)
TAU2_METHODS = tuple(TAU2_NAMES)


def method_code(method: str) -> int:
    """Return the kernels' number of an estimator.

    Parameters
    ----------
    method
        One of `TAU2_METHODS`.
    """
    from evidence.synthesis.kernels import estimators

    # The empirical Bayes equation, multiplied out, is Paule and Mandel's.
    return int(getattr(estimators, "PM" if method == "EB" else method.upper()))


def _of_design(
    effects: Floats, variances: Floats, design: Floats | None
) -> tuple[Floats, Floats, Floats | None]:
    """Return effects less their plain fit, variances, and a design with orthonormal columns."""
    y = np.ascontiguousarray(effects, dtype=np.float64)
    v = np.ascontiguousarray(variances, dtype=np.float64)
    if design is None:
        return y, v, None
    columns: Floats = np.linalg.qr(design)[0]
    if columns.shape[1] > 1:
        from scipy.linalg import qr

        # Turned so that the most precise study that the first column fits has 0 in all others,
        # and so on: where few studies carry nearly all the weight, sums over all of them then do
        # not bury those over the others.
        rows = columns / np.sqrt(v)[:, np.newaxis]
        columns = columns @ qr(rows.T, mode="full", pivoting=True)[0]
    # The rest is what every estimator depends on; large effects would cost it digits.
    for _ in range(2):
        y = y - columns @ (columns.T @ y)
    return y, v, np.ascontiguousarray(columns)


def _prepared(
    effects: Floats, variances: Floats, design: Floats | None
) -> tuple[Floats, Floats, Floats | None]:
    """Return what the kernels' sums take: for a mean alone the most precise study first, at 0."""
    y, v, x = _of_design(effects, variances, design)
    if design is not None:
        return y, v, x
    first = int(v.argmin())
    order = np.r_[first, 0:first, first + 1 : y.size]
    return y[order] - y[first], v[order], x


def weighted_mean(effects: Floats, variances: Floats, tau2: float) -> float:
    """Return the inverse-variance weighted mean at a given tau²."""
    weights = 1 / (variances + tau2)
    return float(weights @ effects / weights.sum())


def generalised_q(
    effects: Floats, variances: Floats, tau2: float, design: Floats | None = None
) -> float:
    """Return Q with weights 1/(v + tau²): the weighted sum of squared residuals.

    Parameters
    ----------
    effects, variances
        Shape (k,).
    tau2
        At least 0.
    design
        Shape (k, p), of full rank; nothing for a mean alone.
    """
    from evidence.synthesis.kernels.sums import moments

    y, v, x = _prepared(effects, variances, design)
    return float(moments(y, v, x, tau2)[1])


def log_likelihood(
    effects: Floats,
    variances: Floats,
    tau2: float,
    *,
    restricted: bool = True,
    design: Floats | None = None,
) -> float:
    """Return the log-likelihood of tau² with the mean at its best, up to a constant.

    Parameters
    ----------
    effects, variances
        Shape (k,).
    tau2
        At least 0.
    restricted
        Whether the restricted likelihood is wanted.
    design
        Shape (k, p), of full rank; nothing for a mean alone.
    """
    from evidence.synthesis.kernels.sums import log_likelihood as compiled

    y, v, x = _prepared(effects, variances, design)
    return float(compiled(y, v, x, tau2, restricted))


def estimate_tau2(
    effects: Floats, variances: Floats, method: str = "REML", design: Floats | None = None
) -> float:
    """Return the variance between studies.

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2 (more than the columns of `design`), variances above 0.
    method
        ``"REML"`` or ``"ML"`` ((restricted) maximum likelihood, at its global maximum),
        ``"DL"`` (DerSimonian-Laird), ``"HE"`` (Hedges), ``"DL2"`` and ``"HE2"`` (the same in two
        steps), ``"PM"`` (Paule-Mandel), ``"EB"`` (empirical Bayes, the same number as PM),
        ``"SJ"`` (Sidik-Jonkman, never 0 unless the effects are identical), ``"HS"``
        (Hunter-Schmidt) or ``"HSk"``. All are cut at 0.
    design
        Shape (k, p), of full rank, with a column of ones if there is to be an intercept;
        nothing for a mean alone.

    Returns
    -------
    float
        At least 0, in squared units of the effects.
    """
    from evidence.synthesis.kernels.estimators import estimate

    y, v, x = _of_design(effects, variances, design)
    if method == "SJ" and design is not None:
        # The rough value to start from is the variance about the plain mean, also here.
        rough = float(np.var(effects))
        df = effects.size - design.shape[1]
        return rough * generalised_q(effects, variances, rough, design) / df if rough else 0.0
    return float(estimate(y, v, x, method_code(method)))


def q_profile(
    effects: Floats, variances: Floats, level: float = 0.95, design: Floats | None = None
) -> tuple[float, float]:
    """Return the Q-profile confidence interval of tau².

    Parameters
    ----------
    effects, variances
        Shape (k,), k >= 2.
    level
        Confidence level.
    design
        Shape (k, p), of full rank; nothing for a mean alone.

    Returns
    -------
    low, high : float
        Both 0 when the effects agree more closely than even tau² = 0 would explain.
    """
    from evidence.synthesis.kernels.estimators import q_bound

    y, v, x = _of_design(effects, variances, design)
    df = effects.size - (1 if design is None else design.shape[1])
    tail = (1 - level) / 2
    # The lower quantile from its own tail: as the complement of the upper one it would be 0
    # at high levels, and no tau² fits a Q of 0.
    targets = float(chdtri(df, tail)), 2 * float(gammaincinv(df / 2, tail))
    low, high = (float(q_bound(y, v, x, target)) for target in targets)
    return low, high
