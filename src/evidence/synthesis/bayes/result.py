"""The result of Bayesian pooling, the table over priors, and how they read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, html_table, plural
from evidence.effects.arguments import Floats, is_number
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.bayes.model import NormalModel
from evidence.synthesis.bayes.posterior import NormalMixture, TauPosterior, mixture_quantiles
from evidence.synthesis.bayes.priors import Normal
from evidence.synthesis.bayes.tau_prior import TauPrior

__all__ = ["BayesResult", "PriorSensitivity"]

#: Studies whose shrunken effects are worked out together, which bounds the memory.
_TOGETHER = 128


@dataclass(frozen=True)
class BayesResult(Display):
    """Posterior distributions of the mean effect, the heterogeneity and a further setting.

    Attributes
    ----------
    labels, effects, variances
        The studies, shape (k,).
    tau_prior, mu_prior
        The priors; None is a flat one of mu.
    level
        Probability of the intervals.
    mu, tau, predictive
        Posterior of the mean effect, of the standard deviation between settings, and of the
        true effect of a further setting: each with `mean`, `median`, `mode`, `sd`, `density`,
        `cdf`, `quantile`, `interval`, `shortest_interval`, `below` and `above`.
    cautions
        What a reader should know.
    """

    labels: tuple[str, ...]
    effects: Floats
    variances: Floats
    tau_prior: TauPrior
    mu_prior: Normal | None
    level: float
    mu: NormalMixture
    tau: TauPosterior
    predictive: NormalMixture
    cautions: tuple[Caution, ...]
    model: NormalModel

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.labels)

    @property
    def log_marginal_likelihood(self) -> float:
        """Logarithm of the probability density of the effects under both priors."""
        self._need_mu_prior("A marginal likelihood")
        return self.model.log_evidence

    def log_bayes_factor_mu(self, value: float = 0.0) -> float:
        """Return the natural logarithm of `bayes_factor_mu`."""
        if not is_number(value) or not math.isfinite(value):
            raise InvalidArgumentError(f"value is {value!r}; it must be a finite number.")
        self._need_mu_prior("A Bayes factor for the mean effect")
        fixed = NormalModel(self.effects, self.variances, self.tau_prior, float(value))
        return fixed.log_evidence - self.model.log_evidence

    def bayes_factor_mu(self, value: float = 0.0) -> float:
        """Return how much better a mean effect of `value` foretells the data than its prior.

        Parameters
        ----------
        value
            The mean effect that is put to the test, 0 unless said otherwise.

        Returns
        -------
        float
            Above 1 the data speak for the value, below 1 against it.

        Raises
        ------
        InsufficientEvidenceError
            With a flat prior of mu.
        """
        return _exp(self.log_bayes_factor_mu(value))

    @cached_property
    def log_bayes_factor_tau_zero(self) -> float:
        """The natural logarithm of `bayes_factor_tau_zero`."""
        return self.model.log_evidence_at_zero - self.model.log_evidence

    @property
    def bayes_factor_tau_zero(self) -> float:
        """How much better one effect for all foretells the data than the prior of tau.

        A flat prior of mu stands on both sides, so it may be flat here.
        """
        return _exp(self.log_bayes_factor_tau_zero)

    def _need_mu_prior(self, what: str) -> None:
        if self.mu_prior is None:
            raise InsufficientEvidenceError(
                f"{what} needs a proper prior of mu, and mu_prior is flat (None): a flat prior "
                "foretells no data, so its factor could be anything. Give mu_prior=Normal(mean, "
                "sd) in the unit of the effects, for example Normal(0, 2) for log odds ratios; "
                "or look at mu.above(0) and mu.below(0), which need none."
            )

    @cached_property
    def _shrunken(self) -> tuple[Floats, Floats, Floats]:
        tail = (1 - self.level) / 2
        p = np.array([tail, 0.5, 1 - tail])
        means, sds, quantiles = [], [], []
        for start in range(0, self.k, _TOGETHER):
            mean, sd, mass = self.model.study_effects(slice(start, start + _TOGETHER))
            centre = mean @ mass
            means.append(centre)
            sds.append(np.sqrt((sd**2 + (mean - centre[:, None]) ** 2) @ mass))
            quantiles.append(mixture_quantiles(mean, sd, mass, p))
        origin, unit = self.model.origin, self.model.unit
        return (
            origin + unit * np.concatenate(means),
            unit * np.concatenate(sds),
            origin + unit * np.concatenate(quantiles),
        )

    def study_effects(self) -> pd.DataFrame:
        """Return each study's own effect, as observed and as the whole body shrinks it."""
        return pd.DataFrame(self._study_columns())

    def _study_columns(self) -> dict[str, Any]:
        means, sds, quantiles = self._shrunken
        return {
            "label": self.labels,
            "estimate": self.effects,
            "standard_error": np.sqrt(self.variances),
            "mean": means,
            "median": quantiles[:, 1],
            "sd": sds,
            "low": quantiles[:, 0],
            "high": quantiles[:, 2],
        }

    @cached_property
    def _rows(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for name in ("mu", "tau", "predictive"):
            posterior = getattr(self, name)
            tail = (1 - self.level) / 2
            low, median, high = posterior.tails(tail)
            shortest = posterior.shortest_interval(self.level)
            rows.append(
                {
                    "quantity": name,
                    "mean": posterior.mean,
                    "median": float(median),
                    "mode": posterior.mode,
                    "sd": posterior.sd,
                    "low": float(low),
                    "high": float(high),
                    "shortest_low": shortest[0],
                    "shortest_high": shortest[1],
                }
            )
        return rows

    @property
    def _level(self) -> str:
        return f"{100 * self.level:.10g}%"

    def _head(self) -> str:
        mu_prior = "flat" if self.mu_prior is None else self.mu_prior.name
        return (
            f"{plural(self.k, 'study', 'studies').capitalize()}, Bayesian random effects by "
            f"quadrature, tau ~ {self.tau_prior.name}, mu ~ {mu_prior}"
        )

    def summary(self) -> str:
        """Return the result as plain text, rounded."""
        mu, tau, further = self._rows
        names = ("mean effect", "tau", "further setting")
        lines = [self._head()]
        for name, row in zip(names, (mu, tau, further), strict=True):
            decimals = 3 if name == "tau" else 2
            centre = format_number(_number(row, "median"), decimals)
            interval = format_interval(_number(row, "low"), _number(row, "high"), decimals)
            lines.append(f"{name}: median {centre} ({self._level} interval {interval})")
        lines[1] += f", P(below 0) {_probability(self.mu.below(0))}"
        lines[3] += f", P(below 0) {_probability(self.predictive.below(0))}"
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row each for mu, tau and a further setting, unrounded."""
        return pd.DataFrame(self._rows)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; what is infinite or unknown becomes None."""
        proper = self.mu_prior is not None
        return {
            "k": self.k,
            "tau_prior": self.tau_prior.name,
            "tau_prior_citation": self.tau_prior.citation,
            "mu_prior": self.mu_prior.name if self.mu_prior else "flat",
            "level": self.level,
            **{str(row["quantity"]): _plain(row, "quantity") for row in self._rows},
            "p_mu_below_0": self.mu.below(0),
            "p_mu_above_0": self.mu.above(0),
            "p_predictive_below_0": self.predictive.below(0),
            "p_predictive_above_0": self.predictive.above(0),
            "log_marginal_likelihood": self.log_marginal_likelihood if proper else None,
            "log_bayes_factor_mu_zero": self.log_bayes_factor_mu() if proper else None,
            "log_bayes_factor_tau_zero": self.log_bayes_factor_tau_zero,
            "studies": _records(self._study_columns()),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        studies = self.study_effects()
        rounded = pd.DataFrame(
            {
                "study": studies["label"],
                "observed": [format_number(v) for v in studies["estimate"]],
                "shrunken": [format_number(v) for v in studies["median"]],
                f"{self._level} interval": [
                    format_interval(low, high)
                    for low, high in zip(studies["low"], studies["high"], strict=True)
                ],
            }
        )
        head, *lines = self.summary().splitlines()
        below = "".join(f"<p>{escape(line)}</p>" for line in lines)
        return (
            html_table(rounded, caption=head, align_right=[str(name) for name in rounded][1:])
            + below
        )


def _records(columns: dict[str, Any]) -> list[dict[str, object]]:
    plain = [
        list(values) if isinstance(values, tuple) else values.tolist()
        for values in columns.values()
    ]
    return [dict(zip(columns, row, strict=True)) for row in zip(*plain, strict=True)]


def _number(row: dict[str, object], name: str) -> float:
    return float(row[name])  # type: ignore[arg-type]


def _plain(row: dict[str, object], without: str) -> dict[str, object]:
    return {
        name: value if math.isfinite(_number(row, name)) else None
        for name, value in row.items()
        if name != without
    }


def _probability(value: float) -> str:
    """Write a probability; never as certain."""
    if value < 0.001:
        return "< 0.001"
    return "> 0.999" if value > 0.999 else format_number(value, 3)


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf


@dataclass(frozen=True)
class PriorSensitivity(Display):
    """The same studies under several priors of tau.

    Attributes
    ----------
    results
        One for each prior, in the order given.
    """

    results: tuple[BayesResult, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per prior, unrounded."""
        rows: list[dict[str, Any]] = []
        for result in self.results:
            row: dict[str, Any] = {"prior": result.tau_prior.name}
            for name in ("mu", "tau", "predictive"):
                posterior = getattr(result, name)
                tail = (1 - result.level) / 2
                low, median, high = posterior.tails(tail)
                row |= {
                    f"{name}_median": float(median),
                    f"{name}_low": float(low),
                    f"{name}_high": float(high),
                }
            row["p_mu_below_0"] = result.mu.below(0)
            row["bayes_factor_tau_zero"] = result.bayes_factor_tau_zero
            rows.append(row)
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, object]:
        """Return the rows as plain values."""
        return {"level": self.results[0].level, "rows": self.to_frame().to_dict("records")}

    def _shown(self) -> pd.DataFrame:
        table = self.to_frame()
        shown = {"prior of tau": table["prior"]}
        level = f"{100 * self.results[0].level:.10g}%"
        heads = {"mu": "mean effect", "tau": "tau", "predictive": "further setting"}
        for name, head in heads.items():
            columns = (table[f"{name}_{part}"] for part in ("median", "low", "high"))
            shown[f"{head} ({level} interval)"] = pd.Series(
                [
                    f"{format_number(median)} ({format_interval(low, high)})"
                    for median, low, high in zip(*columns, strict=True)
                ]
            )
        shown["P(mean below 0)"] = table["p_mu_below_0"].map(_probability)
        return pd.DataFrame(shown)

    def _caption(self) -> str:
        count = plural(self.results[0].k, "study", "studies")
        return f"{count.capitalize()} under {plural(len(self.results), 'prior')} of tau"

    def summary(self) -> str:
        """Return the table as aligned plain text, rounded."""
        return f"{self._caption()}\n{self._shown().to_string(index=False)}"

    def _repr_html_(self) -> str:
        shown = self._shown()
        return html_table(
            shown, caption=self._caption(), align_right=[str(name) for name in shown][1:]
        )
