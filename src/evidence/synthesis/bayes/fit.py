"""Bayesian pooling: the normal-normal model by exact quadrature, with no random draws.

Effects y_i are normal about the true effects of their settings, which are normal about mu
with standard deviation tau. Given tau, mu is integrated analytically; tau is integrated on
panels refined until nothing changes.

References
----------
Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal
of Statistical Software 93(6).
Röver C, Bender R, Dias S, et al. (2021). On weakly informative prior distributions for the
heterogeneity parameter in Bayesian random-effects meta-analysis. Research Synthesis
Methods 12:448-474.
Gelman A (2006). Prior distributions for variance parameters in hierarchical models.
Bayesian Analysis 1:515-533.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import plural
from evidence.effects.arguments import check_level
from evidence.effects.derivation.readings import Reading
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.bayes.model import NormalModel
from evidence.synthesis.bayes.posterior import (
    NormalMixture,
    TauPosterior,
)
from evidence.synthesis.bayes.priors import HalfNormal, Normal
from evidence.synthesis.bayes.result import BayesResult, PriorSensitivity
from evidence.synthesis.bayes.tau_prior import TauPrior
from evidence.synthesis.inputs import complete_studies

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

__all__ = ["BayesResult", "PriorSensitivity", "pool_bayes", "prior_sensitivity"]

#: The prior of tau unless another is given: for log ratios and standardised differences.
DEFAULT_TAU_PRIOR = HalfNormal(0.5)
#: A prior whose 99% quantile is below this share of the smallest standard error leaves no
#: heterogeneity that data could show: its unit is probably not that of the effects.
NO_ROOM = 0.05
#: So few studies say next to nothing about tau.
FEW_STUDIES = 4
#: A uniform prior cuts the posterior where its density at the end is above this share of the
#: highest.
CUT = 0.01


def pool_bayes(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    tau_prior: TauPrior = DEFAULT_TAU_PRIOR,
    mu_prior: Normal | None = None,
    level: float = 0.95,
) -> BayesResult:
    """Pool the effects of independent studies with priors, by exact quadrature.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `evidence.synthesis.pool` takes them.
    tau_prior
        Prior of tau in the unit of the effects. The default, half-normal(0.5), is for log
        ratios and standardised mean differences.
    mu_prior
        `Normal(mean, sd)`, or None for a flat prior.
    level
        Probability of the intervals.

    Returns
    -------
    BayesResult
        Also for one study or two, where the prior of tau speaks louder than the data.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    if not isinstance(tau_prior, TauPrior):
        raise InvalidArgumentError(
            f"tau_prior is {tau_prior!r}; give one of the priors of "
            "evidence.synthesis.bayes.priors, for example HalfNormal(0.5)."
        )
    if mu_prior is not None and not isinstance(mu_prior, Normal):
        raise InvalidArgumentError(
            f"mu_prior is {mu_prior!r}; give Normal(mean, sd), or None for a flat prior."
        )
    level = check_level(level)
    estimates, spread, names, cautions = complete_studies(
        effects, variances, standard_errors, labels
    )
    model = NormalModel(estimates, spread, tau_prior, mu_prior)
    tau = model.tau_posterior()
    mu = model.mu_posterior()
    return BayesResult(
        labels=names,
        effects=estimates,
        variances=spread,
        tau_prior=tau_prior,
        mu_prior=mu_prior,
        level=level,
        mu=mu,
        tau=tau,
        predictive=model.predictive(),
        cautions=(*cautions, *_cautions(model, tau, mu)),
        model=model,
    )


def _cautions(model: NormalModel, tau: TauPosterior, mu: NormalMixture) -> list[Caution]:
    found: list[Caution] = []
    k, prior = model.effects.size, model.tau_prior
    if k == 1:
        found.append(
            Caution(
                "one-study",
                "There is one study: how far settings differ comes from the prior of tau alone.",
            )
        )
    elif k <= FEW_STUDIES:
        found.append(
            Caution(
                "few-studies",
                f"With {plural(k, 'study', 'studies')} the answer leans on the prior of tau; "
                "see what other priors say with prior_sensitivity.",
                "Röver et al. 2021, Research Synthesis Methods 12:448-474",
            )
        )
    smallest = math.sqrt(float(model.variances.min()))
    if float(prior.quantile(0.99)) < NO_ROOM * smallest:
        found.append(
            Caution(
                "prior-scale",
                f"The prior of tau, {prior.name}, leaves no room for differences that could be "
                f"seen beside standard errors of {smallest:g} and more: is it in the unit of the "
                "effects?",
            )
        )
    if math.isfinite(prior.upper):
        ends = tau.density(np.array([tau.mode, prior.upper]))
        if ends[1] > CUT * ends[0] and k > 1:
            found.append(
                Caution(
                    "prior-cuts",
                    f"The upper end of {prior.name} cuts off values of tau that the data allow.",
                    "Gelman 2006, Bayesian Analysis 1:515-533",
                )
            )
    if not (math.isfinite(mu.sd) and math.isfinite(tau.sd)):
        found.append(
            Caution(
                "heavy-tail",
                "The tail of the posterior is too heavy for every mean and standard deviation to "
                "exist; medians and intervals do.",
            )
        )
    return found


def prior_sensitivity(
    effects: ArrayLike | EffectSizes | pd.DataFrame | Sequence[Reading],
    variances: ArrayLike | None = None,
    *,
    priors: Sequence[TauPrior],
    standard_errors: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    mu_prior: Normal | None = None,
    level: float = 0.95,
) -> PriorSensitivity:
    """Pool the same studies under several priors of tau.

    Parameters
    ----------
    effects, variances, standard_errors, labels, mu_prior, level
        As `pool_bayes` takes them.
    priors
        The priors of tau, one row of the table each.

    Returns
    -------
    PriorSensitivity

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    """
    if isinstance(priors, TauPrior) or not len(priors):
        raise InvalidArgumentError(
            f"priors is {priors!r}; give a list of priors of tau, for example "
            "[HalfNormal(0.5), HalfNormal(1), HalfCauchy(0.5)]."
        )
    return PriorSensitivity(
        tuple(
            pool_bayes(
                effects,
                variances,
                standard_errors=standard_errors,
                labels=labels,
                tau_prior=prior,
                mu_prior=mu_prior,
                level=level,
            )
            for prior in priors
        )
    )
