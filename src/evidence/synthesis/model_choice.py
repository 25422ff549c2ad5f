"""The same studies under every reasonable model: what hangs on the choice of one.

References
----------
Veroniki AA, Jackson D, Viechtbauer W, et al. (2016). Methods to estimate the between-study
variance and its uncertainty in meta-analysis. Research Synthesis Methods 7:55-79.
Veroniki AA, Jackson D, Bender R, et al. (2019). Methods to calculate uncertainty in the
estimated overall effect size from a random-effects meta-analysis. Research Synthesis Methods
10:23-43.
Friede T, Röver C, Wandel S, Neuenschwander B (2017). Meta-analysis of few small studies in
orphan diseases. Research Synthesis Methods 8:79-91 (half-normal priors of 0.5 and 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from evidence.display import Display, Table, capital, plural
from evidence.errors import EvidenceError, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.bayes.empirical_priors import (
    EMPIRICAL_MEASURES,
    EmpiricalLogNormal,
    EmpiricalLogStudentT,
    empirical_prior,
)
from evidence.synthesis.bayes.fit import DEFAULT_TAU_PRIOR, pool_bayes
from evidence.synthesis.bayes.priors import HalfNormal
from evidence.synthesis.bayes.tau_prior import TauPrior
from evidence.synthesis.model_words import (
    EffectWords,
    choice_in_words,
    is_ratio,
    plain_words,
    prediction_in_words,
    spread_of,
    times,
)
from evidence.synthesis.pool import OWN_TAU2, pool
from evidence.synthesis.regression.rounding import digits
from evidence.synthesis.result import CI_NAMES, PooledResult, PoolingMethod
from evidence.synthesis.tau2 import TAU2_METHODS, TAU2_NAMES, method_code

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "GROUPS",
    "PRIOR_GRID",
    "ModelComparison",
    "ModelRow",
    "compare_models",
    "default_priors",
]

#: What each group of models changes, in the order they are shown.
GROUPS = {
    "planned": "The planned model",
    "common": "Without differences between studies",
    "tau2": "Another estimate of how far studies differ (tau²)",
    "interval": "Another way to build the interval",
    "bayes": "With a prior for how far studies differ (credible interval)",
}
#: Priors of tau on the scales that have a default one.
PRIOR_GRID: tuple[TauPrior, ...] = (DEFAULT_TAU_PRIOR, HalfNormal(1.0))


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model and what it makes of the studies.

    Attributes
    ----------
    group
        What it changes, one of `GROUPS`.
    name, inside
        What it is called in a table, and inside a sentence.
    estimate, ci_low, ci_high
        Mean effect with its confidence interval; posterior median with its equal-tailed
        credible interval for a Bayesian model. Logarithms for ratios.
    tau
        Standard deviation of the true effects between studies; posterior median likewise.
    prediction_low, prediction_high
        Prediction interval; NaN where there is none.
    method
        How it pools; None for a Bayesian model.
    """

    group: str
    name: str
    inside: str
    estimate: float
    ci_low: float
    ci_high: float
    tau: float
    prediction_low: float = math.nan
    prediction_high: float = math.nan
    method: PoolingMethod | None = None

    @property
    def planned(self) -> bool:
        """Whether this is the planned model."""
        return self.group == "planned"

    @property
    def width(self) -> float:
        """Width of the interval of the mean."""
        return self.ci_high - self.ci_low

    @property
    def includes_no_effect(self) -> bool:
        """Whether the interval of the mean holds 0."""
        return self.ci_low <= 0 <= self.ci_high

    @property
    def has_prediction(self) -> bool:
        """Whether there is a prediction interval."""
        return math.isfinite(self.prediction_low) and math.isfinite(self.prediction_high)

    @property
    def predicts_no_effect(self) -> bool:
        """Whether the prediction interval holds 0; not where there is none."""
        return self.prediction_low <= 0 <= self.prediction_high


@dataclass(frozen=True, slots=True)
class ModelComparison(Display):
    """The same studies under several models, the planned one first.

    Attributes
    ----------
    result
        The planned result.
    rows
        One for each model, in the order of `GROUPS`.
    measure
        Name of the effect measure; empty where it is not known.
    left_out
        Sentences on models that could not be computed.
    """

    result: PooledResult
    rows: tuple[ModelRow, ...]
    measure: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def planned(self) -> ModelRow:
        """The planned model."""
        return self.rows[0]

    @property
    def level(self) -> str:
        """Level of the intervals as text."""
        return f"{100 * self.result.method.level:.10g}%"

    def among(self, group: str) -> tuple[ModelRow, ...]:
        """Return the models that differ in one thing, with the one they are compared to.

        Parameters
        ----------
        group
            One of `GROUPS`.
        """
        method = self.result.method
        among = [_base(method)]
        if group == "interval" and method.model == "random":
            among.append(method)
        return tuple(row for row in self.rows if row.group == group or row.method in among)

    def widest_to_narrowest(self, group: str) -> float:
        """Return how many times as wide as the narrowest the widest interval of a group is.

        Parameters
        ----------
        group
            One of `GROUPS`.
        """
        return times([row.width for row in self.among(group)])

    def sentences(self, words: EffectWords | None = None) -> tuple[str, ...]:
        """Return in plain words how much hangs on the choice of model.

        Parameters
        ----------
        words
            How effects read; as numbers on the scale of the result if not given.
        """
        return choice_in_words(self, words or plain_words(self.result, self.measure))

    def prediction_sentences(self, words: EffectWords | None = None) -> tuple[str, ...]:
        """Return in plain words what the models say of one further setting.

        Parameters
        ----------
        words
            As for `sentences`.
        """
        return prediction_in_words(self, words or plain_words(self.result, self.measure))

    def table(self, words: EffectWords | None = None, *, caption: str = "") -> Table:
        """Return the models as a table to read.

        Parameters
        ----------
        words
            How effects read in a cell, without a unit.
        caption
            A line above the table.
        """
        import pandas as pd

        told = words or plain_words(self.result, self.measure)
        spread = spread_of(self.result)
        rows, group = [], ""
        for row in self.rows:
            span = told.between(row.ci_low, row.ci_high)
            rows.append(
                (
                    GROUPS[row.group] if row.group != group else "",
                    row.name,
                    f"{told.of(row.estimate)} ({span})",
                    digits(row.tau, spread),
                    told.between(row.prediction_low, row.prediction_high),
                )
            )
            group = row.group
        columns = [
            "what is changed",
            "model",
            f"estimate ({self.level} interval)",
            "tau",
            "prediction interval",
        ]
        scale = ", as a logarithm" if is_ratio(self.measure) else ""
        return Table(
            pd.DataFrame(rows, columns=columns),
            caption or f"{capital(plural(len(self.rows), 'model'))} of the same studies",
            "tau: by how much true effects differ between settings, as a standard "
            f"deviation{scale}. The planned model stays the answer.",
        )

    def summary(self) -> str:
        """Return the planned result and what hangs on the choice of model, in words."""
        return "\n".join([*self.sentences(), *self.prediction_sentences()])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per model, unrounded."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "group": row.group,
                    "model": row.name,
                    "planned": row.planned,
                    "estimate": row.estimate,
                    "ci_low": row.ci_low,
                    "ci_high": row.ci_high,
                    "interval": "credible" if row.group == "bayes" else "confidence",
                    "tau": row.tau,
                    "prediction_low": row.prediction_low,
                    "prediction_high": row.prediction_high,
                }
                for row in self.rows
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "measure": self.measure,
            "level": self.result.method.level,
            "k": self.result.k,
            "models": self.to_frame().to_dict("records"),
            "left_out": list(self.left_out),
        }

    def _repr_html_(self) -> str:
        lines = (*self.sentences(), *self.prediction_sentences())
        return self.table()._repr_html_() + "".join(f"<p>{escape(line)}</p>" for line in lines)


def compare_models(
    result: PooledResult,
    *,
    measure: str = "",
    tau_priors: Sequence[TauPrior] | None = None,
) -> ModelComparison:
    """Pool the studies of a result again under every reasonable model.

    One choice is changed at a time: the common effect instead of random ones; each other
    estimator of tau² with the planned interval; each other interval with the planned
    estimator; and Bayesian models. It is no licence to pick: the planned model stays the
    answer.

    Parameters
    ----------
    result
        The planned result, of at least two studies.
    measure
        Name of the effect measure, for example ``"standardised mean difference"``,
        ``"risk ratio"`` or ``"log odds ratio"``. Ratios are logarithms and shown as ratios.
    tau_priors
        Priors of tau in the unit of the effects. Without them those of `PRIOR_GRID` where the
        measure is a standardised mean difference or a ratio; in other units a prior has to be
        chosen for the question, so none is taken, and that is said.

    Returns
    -------
    ModelComparison

    Raises
    ------
    InsufficientEvidenceError
        When there is one study: nothing is pooled, so there is no model to choose.
    InvalidArgumentError
        When `result`, `measure` or a prior is not what is asked for.

    References
    ----------
    Veroniki AA, Jackson D, Viechtbauer W, et al. (2016). Research Synthesis Methods 7:55-79.
    Veroniki AA, Jackson D, Bender R, et al. (2019). Research Synthesis Methods 10:23-43.
    """
    if not isinstance(result, PooledResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__!s}; give what pool(...) returns, or the result of "
            "a scenario of synthesise(...)."
        )
    if not isinstance(measure, str):
        raise InvalidArgumentError(
            f"measure is {measure!r}; give its name, for example 'standardised mean difference'."
        )
    if not result.pooled:
        raise InsufficientEvidenceError(
            f"There is one study ({result.labels[0]}), so nothing is pooled and every model comes "
            "to its own result. Look at how far that one study can be trusted instead."
        )
    priors, left_out = _priors(measure, tau_priors)
    rows = [_row("planned", "Planned model", "the planned model", result)]
    for group, name, inside, method in _alternatives(result.method):
        try:
            other = pool(
                result.effects,
                result.variances,
                labels=result.labels,
                model=method.model,
                tau2_method=method.tau2_method,
                ci_method=method.ci_method,
                level=method.level,
            )
        except EvidenceError as error:
            left_out += (f"{name} is left out: {error}",)
            continue
        rows.append(_row(group, name, inside, other))
    rows += [_bayesian(result, prior) for prior in priors]
    return ModelComparison(result, tuple(rows), measure, left_out)


def default_priors(measure: str) -> tuple[TauPrior, ...]:
    """Return the priors of tau that the models of a measure are compared under.

    Parameters
    ----------
    measure
        Name of the effect measure.

    Returns
    -------
    tuple of TauPrior
        Those of `PRIOR_GRID` for standardised mean differences and ratios, and beside them the
        spread over earlier Cochrane meta-analyses where there is a table of it; none in other
        units.
    """
    if not (is_ratio(measure) or measure.startswith("standardised mean")):
        return ()
    known = (name for name in EMPIRICAL_MEASURES if measure in (name, f"log {name}"))
    return (*PRIOR_GRID, *(empirical_prior(name) for name in known))


def _priors(measure: str, given: Any) -> tuple[tuple[TauPrior, ...], tuple[str, ...]]:
    if given is not None:
        priors = (given,) if isinstance(given, TauPrior) else tuple(given)
        wrong = next((prior for prior in priors if not isinstance(prior, TauPrior)), None)
        if wrong is not None:
            raise InvalidArgumentError(
                f"tau_priors holds {wrong!r}; give priors of tau, for example [HalfNormal(0.5)]."
            )
        return priors, ()
    priors = default_priors(measure)
    if priors:
        return priors, ()
    unit = f"of a {measure}" if measure else "of an effect whose measure is not named"
    text = (
        f"Bayesian models are left out: the unit {unit} has no default prior of tau, so one has "
        "to be chosen for the question."
    )
    return (), (text,)


def _base(planned: PoolingMethod) -> PoolingMethod:
    """Return what the other estimators and intervals are compared with.

    That is the planned model, unless it has no estimator of tau² to be changed.
    """
    if planned.model == "random" and planned.ci_method not in OWN_TAU2:
        return planned
    return PoolingMethod(level=planned.level)


def _estimators() -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield the estimators of tau²: their methods, name, and name inside a sentence.

    Two methods that are one number by definition are one estimator.
    """
    same: dict[int, list[str]] = {}
    for method in TAU2_METHODS:
        same.setdefault(method_code(method), []).append(method)
    for methods in same.values():
        name = ", the same number as ".join(f"{TAU2_NAMES[m]} ({m})" for m in methods)
        yield tuple(methods), capital(name), f"tau² by {methods[0]}"


def _alternatives(planned: PoolingMethod) -> Iterator[tuple[str, str, str, PoolingMethod]]:
    """Yield group, name, name inside a sentence and method of each other model."""
    common = replace(planned, model="common", ci_method="Wald")
    if common != planned:
        # With one true effect and known variances the Wald interval is the model's own.
        yield "common", "Common effect, Wald interval", "one true effect for all", common
    base = _base(planned)
    for methods, name, inside in _estimators():
        if base != planned or planned.tau2_method not in methods:
            yield "tau2", name, inside, replace(base, tau2_method=methods[0])
    for ci_method, name in CI_NAMES.items():
        same_as_planned = planned.model == "random" and ci_method == planned.ci_method
        if ci_method == base.ci_method or same_as_planned:
            continue
        own = f" (tau² by {OWN_TAU2[ci_method]})" if ci_method in OWN_TAU2 else ""
        method = replace(base, ci_method=ci_method)
        yield "interval", capital(f"{name}{own}"), f"the {name}", method


def _row(group: str, name: str, inside: str, result: PooledResult) -> ModelRow:
    return ModelRow(
        group=group,
        name=name,
        inside=inside,
        estimate=result.estimate,
        ci_low=result.ci_low,
        ci_high=result.ci_high,
        tau=math.sqrt(result.tau2),
        prediction_low=result.prediction_low,
        prediction_high=result.prediction_high,
        method=result.method,
    )


def _bayesian(result: PooledResult, prior: TauPrior) -> ModelRow:
    level = result.method.level
    found = pool_bayes(
        result.effects, result.variances, labels=result.labels, tau_prior=prior, level=level
    )
    low, high = found.mu.interval(level)
    further = found.predictive.interval(level)
    name, inside = f"{capital(prior.name)} prior of tau", f"the {prior.name} prior of tau"
    if isinstance(prior, EmpiricalLogNormal | EmpiricalLogStudentT):
        who = prior.citation.partition(",")[0]
        name = f"Tau as in earlier Cochrane meta-analyses ({who})"
        inside = f"the prior of tau from earlier Cochrane meta-analyses ({who})"
    return ModelRow(
        group="bayes",
        name=name,
        inside=inside,
        estimate=found.mu.median,
        ci_low=low,
        ci_high=high,
        tau=found.tau.median,
        prediction_low=further[0],
        prediction_high=further[1],
    )
