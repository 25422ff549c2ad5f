"""From a paper's study table to the quantities that an analysis of it gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import p_from_t, se_from_interval
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.measures.correlation import fisher_z
from evidence.living.reproductions.paper import Analysis, StudyTable
from evidence.synthesis.bayes.fit import pool_bayes
from evidence.synthesis.bayes.priors import HalfCauchy, HalfNormal, Normal, Uniform
from evidence.synthesis.bayes.tau_prior import TauPrior
from evidence.synthesis.dependence.multilevel import pool_multilevel
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.pool import pool
from evidence.synthesis.sparse.mantel_haenszel import pool_mantel_haenszel
from evidence.synthesis.sparse.peto import pool_peto

__all__ = ["analyse", "effects_of", "on_scale"]

Quantities = dict[str, float]

_OF_COUNTS = {
    "odds ratio": log_odds_ratio,
    "risk ratio": log_risk_ratio,
    "risk difference": risk_difference,
}


def analyse(studies: StudyTable, analysis: Analysis) -> Quantities:
    """Analyse the studies of a paper as it says it did.

    Parameters
    ----------
    studies
        The study table.
    analysis
        How.

    Returns
    -------
    dict
        Quantities by name; see `tables.KINDS`. Ratios are logarithms.
    """
    computed = _ANALYSES[analysis.kind](studies, analysis)
    computed["studies"] = float(len(studies.labels))
    if studies.people is not None:
        computed["people"] = float(studies.people)
    return computed


def on_scale(value: float, scale: str) -> float:
    """Return a quantity as it was printed: a ratio, an excess in percent, a correlation.

    Parameters
    ----------
    value
        The quantity as analysed.
    scale
        One of `tables.SCALES`.

    Returns
    -------
    float
    """
    match scale:
        case "ratio":
            return math.exp(value)
        case "excess percent":
            return 100 * math.expm1(value)
        case "correlation":
            return math.tanh(value)
        case "percent":
            return 100 * value
        case "fraction":
            return value / 100
    return value


def effects_of(studies: StudyTable, measure: str) -> tuple[Floats, Floats]:
    """Return effects and variances of the studies, each of shape (k,).

    Parameters
    ----------
    studies
        The study table.
    measure
        Of two-by-two tables the measure; else that of the table. Ratios are logarithms.
    """
    columns: dict[str, Any] = {
        name: np.asarray(cells) for name, cells in studies.columns.items() if name != "cluster"
    }
    match studies.form:
        case "counts":
            found = _OF_COUNTS[measure](**columns)
            return found.estimate, found.variance
        case "ratios":
            logs = {name: np.log(cells) for name, cells in columns.items()}
            errors = [
                se_from_interval(low, high)
                for low, high in zip(logs["ci_low"], logs["ci_high"], strict=True)
            ]
            return logs["ratio"], np.square(errors)
        case "correlations":
            z = fisher_z(correlation=columns["correlation"], n=columns["people"])
            return z.estimate, z.variance
        case "errors":
            return columns["estimate"], columns["standard_error"] ** 2
    return columns["estimate"], columns["variance"]


def _pooled(studies: StudyTable, analysis: Analysis) -> Quantities:
    random = analysis.kind == "random effects"
    effects, variances = effects_of(studies, analysis.measure)
    result = pool(
        effects,
        variances,
        labels=studies.labels,
        model="random" if random else "common",
        tau2_method=analysis.tau2_method or "DL",
        ci_method=analysis.ci_method or "Wald",
    )
    names = ("estimate", "standard_error", "ci_low", "ci_high", "p_value", "q", "q_p_value", "i2")
    found = {name: float(getattr(result, name)) for name in names}
    found["z"] = result.estimate / result.standard_error
    if random:
        more = ("tau2", "tau2_ci_low", "tau2_ci_high", "h2", "prediction_low", "prediction_high")
        found |= {name: float(getattr(result, name)) for name in more}
        found["tau"] = math.sqrt(result.tau2)
    return found


def _counted(studies: StudyTable, analysis: Analysis) -> Quantities:
    counts: dict[str, Any] = {**studies.columns, "labels": studies.labels}
    if analysis.kind == "Peto":
        result = pool_peto(**counts)
    else:
        result = pool_mantel_haenszel(**counts, measure=analysis.measure)
    names = ("estimate", "standard_error", "ci_low", "ci_high", "p_value", "i2")
    return {
        **{name: float(getattr(result, name)) for name in names},
        "z": result.estimate / result.standard_error,
        "q": result.heterogeneity.statistic,
        "q_p_value": result.heterogeneity.p_value,
    }


def _tau_prior(analysis: Analysis) -> TauPrior:
    scale = float(analysis.tau_scale or math.nan)
    match analysis.tau_prior:
        case "half-Cauchy":
            return HalfCauchy(scale)
        case "uniform":
            return Uniform(scale)
    return HalfNormal(scale)


def _bayesian(studies: StudyTable, analysis: Analysis) -> Quantities:
    effects, variances = effects_of(studies, analysis.measure)
    flat = analysis.mu_mean is None or analysis.mu_sd is None
    result = pool_bayes(
        effects,
        variances,
        labels=studies.labels,
        tau_prior=_tau_prior(analysis),
        mu_prior=None if flat else Normal(analysis.mu_mean, analysis.mu_sd),  # type: ignore[arg-type]
    )
    found: Quantities = {}
    for who in ("mu", "tau", "predictive"):
        posterior: Any = getattr(result, who)
        low, high = posterior.shortest_interval(0.95)
        for what in ("mode", "median", "mean", "sd"):
            found[f"{who}_{what}"] = float(getattr(posterior, what))
        found |= {f"{who}_low": float(low), f"{who}_high": float(high)}
    found["mu_above_0"] = result.mu.above(0)
    found["tau_above_1"] = result.tau.above(1)
    found["tau_quantile_99"] = float(result.tau.quantile(0.99))
    return found


def _three_levels(studies: StudyTable, analysis: Analysis) -> Quantities:
    effects, variances = effects_of(studies, analysis.measure)
    result = pool_multilevel(
        effects,
        variances,
        cluster=studies.columns["cluster"],
        labels=studies.labels,
        options=DependenceOptions(tau2_method=analysis.tau2_method, ci_method="Wald"),
    )
    mean = result.coefficients.iloc[0]
    variance = {each.name: each.estimate for each in result.components}
    names = ("estimate", "standard_error", "ci_low", "ci_high", "p_value")
    return {
        **{name: float(mean[name]) for name in names},
        "z": float(mean["statistic"]),
        "q": result.q,
        "q_p_value": result.q_p_value,
        "tau2_between": variance["between clusters"],
        "tau2_within": variance["within clusters"],
    }


def _coherent(studies: StudyTable, analysis: Analysis) -> Quantities:
    """Return what a printed interval says of the effect and the p value printed beside it."""
    place = studies.labels.index(analysis.analysis_id)
    low, high = (float(studies.columns[name][place]) for name in ("ci_low", "ci_high"))
    z = float(studies.columns["estimate"][place]) / se_from_interval(low, high)
    return {"estimate": (low + high) / 2, "z": z, "p_value": p_from_t(z, None)}


_ANALYSES = {
    "random effects": _pooled,
    "common effect": _pooled,
    "Mantel-Haenszel": _counted,
    "Peto": _counted,
    "Bayesian": _bayesian,
    "three levels": _three_levels,
    "coherence": _coherent,
}
