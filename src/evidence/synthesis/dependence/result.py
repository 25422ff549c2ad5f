"""The result of a model with random effects for dependent effects, and how it reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from evidence.display import (
    Display,
    capital,
    format_interval,
    format_number,
    format_p,
    html_table,
    plural,
)
from evidence.effects.arguments import Floats
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.dependence.coefficients import (
    OnlyCoefficient,
    contrast_matrix,
    f_p_value,
    single_row,
)
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.profile import (
    LikelihoodRatioTest,
    likelihood_ratio,
    profile_interval,
)
from evidence.synthesis.dependence.stacks import WorkingModel, stacks

__all__ = ["Component", "DependentResult", "likelihood_ratio_test", "plain_rows"]


@dataclass(frozen=True, slots=True)
class Component:
    """A variance or correlation of the random effects.

    Attributes
    ----------
    name
        In words, for example ``"between clusters"``.
    kind
        ``"variance"`` or ``"correlation"``.
    estimate
        Variances in squared units of the effects; NaN for a correlation with an outcome
        whose variance is 0.
    place
        Its place in the model; -1 where it was not estimated.
    lowest
        The lower end of its range.
    """

    name: str
    kind: str
    estimate: float
    place: int
    lowest: float = 0.0


class Likelihood(Protocol):
    """What a result asks its model for, later."""

    def profile_function(self, which: int) -> Callable[[float], float]:
        """Return the profile log-likelihood of a component."""

    def scale(self, which: int) -> float:
        """Return a size on which a component is resolved."""


def plain_rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a table as plain values; None for what is not finite."""
    return [
        {
            str(name): (None if isinstance(value, float) and not math.isfinite(value) else value)
            for name, value in row.items()
        }
        for row in table.to_dict("records")
    ]


@dataclass(frozen=True, eq=False)
class DependentResult(OnlyCoefficient, Display):
    """Effects that hang together within clusters, and what they come to.

    Attributes
    ----------
    model
        In words, for example ``"three-level random effects"``.
    options
        The choices behind it.
    coefficients
        One row a coefficient: `term`, `estimate`, `standard_error`, `statistic`, `df`,
        `ci_low`, `ci_high`, `p_value`, and for mean effects `prediction_low` and
        `prediction_high`, where the true effect of a further setting may lie.
    covariance
        Of the coefficients, shape (q, q).
    components
        Variances and correlations of the random effects.
    heterogeneity
        Their covariance as a table with names, for several outcomes; None otherwise.
    log_likelihood, parameters
        At the maximum, with every constant, and how many parameters the model has.
    q, q_df, q_p_value
        The test of any heterogeneity that the design leaves.
    working
        The fit cluster by cluster, for robust variances.
    known
        The same with the known covariances alone.
    cautions
        What a reader should know.
    """

    model: str
    options: DependenceOptions
    coefficients: pd.DataFrame
    covariance: Floats
    components: tuple[Component, ...]
    heterogeneity: pd.DataFrame | None
    log_likelihood: float
    parameters: int
    q: float
    q_df: int
    working: WorkingModel = field(repr=False)
    known: WorkingModel = field(repr=False)
    likelihood: Likelihood = field(repr=False)
    cautions: tuple[Caution, ...] = ()

    @property
    def k(self) -> int:
        """How many rows."""
        return self.working.effects.size

    @property
    def clusters(self) -> tuple[str, ...]:
        """Names of the clusters."""
        return self.working.clusters

    @property
    def prediction_low(self) -> float:
        """Lower end of the prediction interval of the only coefficient; NaN without one."""
        return single_row(self.coefficients, "prediction_low")

    @property
    def prediction_high(self) -> float:
        """Upper end of the prediction interval of the only coefficient; NaN without one."""
        return single_row(self.coefficients, "prediction_high")

    @property
    def q_p_value(self) -> float:
        """P value of `q` on `q_df` degrees of freedom."""
        return float(chdtrc(self.q_df, self.q))

    @property
    def variances(self) -> dict[str, float]:
        """The variances of the random effects by name."""
        return {c.name: c.estimate for c in self.components if c.kind == "variance"}

    @cached_property
    def component_intervals(self) -> pd.DataFrame:
        """Profile-likelihood intervals of the components, computed when asked for, once."""
        rows = []
        for each in self.components:
            low, high = math.nan, math.nan
            if each.place >= 0 and math.isfinite(each.estimate):
                low, high = profile_interval(
                    self.likelihood.profile_function(each.place),
                    each.estimate,
                    top=self.log_likelihood,
                    level=self.options.level,
                    scale=self.likelihood.scale(each.place),
                    bounds=(each.lowest, math.inf if each.kind == "variance" else 1.0),
                )
            rows.append(
                {
                    "component": each.name,
                    "kind": each.kind,
                    "estimate": each.estimate,
                    "ci_low": low,
                    "ci_high": high,
                }
            )
        return pd.DataFrame(rows, columns=["component", "kind", "estimate", "ci_low", "ci_high"])

    @cached_property
    def component_tests(self) -> tuple[LikelihoodRatioTest, ...]:
        """Likelihood-ratio tests of each variance against 0, where no correlation rests on it."""
        if self.heterogeneity is not None and any(
            each.kind == "correlation" for each in self.components
        ):
            return ()
        return tuple(
            likelihood_ratio(
                f"variance {each.name} against 0",
                self.log_likelihood,
                self.likelihood.profile_function(each.place)(0.0),
                1,
                boundary=True,
            )
            for each in self.components
            if each.place >= 0
        )

    @cached_property
    def i2(self) -> dict[str, float]:
        """Share of each variance in the whole, in percent.

        The sampling error stands in by its typical variance, (k - q)/tr(P) with P the
        projection of the known covariances; for several outcomes each outcome's own
        (Higgins and Thompson 2002; Nakagawa and Santos 2012, Evolutionary Ecology
        26:1253-1274; Jackson, White and Riley 2012, Statistics in Medicine 31:3805-3820).
        """
        traces, counts = self._projection()
        whole = sum(self.variances.values())
        if self.heterogeneity is None:
            total = whole + (self.k - self.known.design.shape[1]) / traces.sum()
            return {name: 100 * value / total for name, value in self.variances.items()}
        diagonal = np.diagonal(self.heterogeneity.to_numpy())
        found = {}
        for name, value, kind in zip(
            self.heterogeneity.index, diagonal, range(diagonal.size), strict=True
        ):
            mine = counts == kind
            own = int((np.abs(self.known.design[mine]).sum(axis=0) > 0).sum())
            typical = (mine.sum() - own) / traces[mine].sum()
            found[str(name)] = float(100 * value / (value + typical))
        return found

    def _projection(self) -> tuple[Floats, Floats]:
        """Return the diagonal of P by row, and each row's outcome."""
        model = self.known
        diagonal = np.empty(self.k)
        for stack in stacks(model):
            weighted = stack.weights @ stack.design
            lean = np.einsum("nsq,qr,nsr->ns", weighted, model.bread, weighted)
            for n, place in enumerate(stack.places):
                diagonal[model.rows[place]] = np.diagonal(stack.weights[n]) - lean[n]
        kinds = getattr(self.likelihood, "kind", np.zeros(self.k))
        return diagonal, np.asarray(kinds)

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Share of each cluster in each coefficient, in percent.

        From the share of each cluster's information in the variance of the coefficient;
        for a mean effect alone its share of the weight (Riley, Ensor, Jackson and Burke
        2018, Statistical Methods in Medical Research 27:2885-2905).
        """
        model = self.working
        shares = np.empty((len(model.rows), model.design.shape[1]))
        for stack in stacks(model):
            information = np.swapaxes(stack.design, 1, 2) @ stack.weights @ stack.design
            spread = model.bread @ information @ model.bread
            shares[stack.places] = np.diagonal(spread, axis1=1, axis2=2)
        shares = 100 * shares / np.diagonal(model.bread)
        table = pd.DataFrame(shares, columns=list(self.coefficients["term"]))
        table.insert(0, "cluster", list(model.clusters))
        table.insert(1, "rows", [rows.size for rows in model.rows])
        return table

    def test(self, contrasts: object = None) -> tuple[float, int, float, float]:
        """Test that several coefficients are 0 together.

        Parameters
        ----------
        contrasts
            Names of coefficients, or an array of shape (r, q); all of them by default.

        Returns
        -------
        f, df_numerator, df_denominator, p_value
            Wald's F; the denominator has the fewest degrees of freedom of the coefficients
            in it, infinite ones (chi-square) with ``ci_method="Wald"``.
        """
        matrix = contrast_matrix(tuple(self.coefficients["term"]), contrasts)
        values = matrix @ self.coefficients["estimate"].to_numpy()
        spread = matrix @ self.covariance @ matrix.T
        f = float(values @ np.linalg.solve(spread, values)) / matrix.shape[0]
        used = (matrix != 0).any(axis=0)
        df = float(self.coefficients["df"].to_numpy()[used].min())
        return f, matrix.shape[0], df, f_p_value(f, matrix.shape[0], df)

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        level = f"{100 * self.options.level:g}%"
        head = (
            f"{plural(self.k, 'row')} in {plural(len(self.clusters), 'cluster')}, {self.model}, "
            f"{self.options.in_words()}"
        )
        lines = [capital(head)]
        for row in self.coefficients.to_dict("records"):
            lines.append(
                f"{row['term']} {format_number(row['estimate'])} ({level} CI "
                f"{format_interval(row['ci_low'], row['ci_high'])}), {format_p(row['p_value'])}"
            )
            if math.isfinite(row["prediction_low"]):
                ends = format_interval(row["prediction_low"], row["prediction_high"])
                lines[-1] += f"; {level} prediction interval {ends}"
        for each in self.components:
            if each.kind == "variance":
                share = self.i2.get(each.name)
                lines.append(
                    f"variance {each.name} {format_number(each.estimate, 3)}"
                    + (f", I² {format_number(share, 0)}%" if share is not None else "")
                )
            else:
                lines.append(f"correlation {each.name} {format_number(each.estimate)}")
        lines.append(
            f"Q {format_number(self.q)} on {self.q_df} df, {format_p(self.q_p_value)}; "
            f"log-likelihood {format_number(self.log_likelihood)}"
        )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per effect and one per coefficient, unrounded."""
        model = self.working
        cluster = np.empty(self.k, dtype=object)
        variance = np.empty(self.k)
        for name, rows, block in zip(
            self.known.clusters, self.known.rows, self.known.covariance, strict=True
        ):
            cluster[rows] = name
            variance[rows] = np.diagonal(block)
        each = pd.DataFrame(
            {
                "label": model.labels,
                "cluster": cluster,
                "role": "row",
                "estimate": model.effects,
                "standard_error": np.sqrt(variance),
            }
        )
        found = pd.DataFrame(
            {
                "label": self.coefficients["term"],
                "cluster": "",
                "role": "coefficient",
                "estimate": self.coefficients["estimate"],
                "standard_error": self.coefficients["standard_error"],
            }
        )
        return pd.concat([each, found], ignore_index=True)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        return {
            "model": self.model,
            "tau2_method": self.options.tau2_method,
            "ci_method": self.options.ci_method,
            "level": self.options.level,
            "k": self.k,
            "clusters": len(self.clusters),
            "coefficients": plain_rows(self.coefficients),
            "components": [
                {
                    "name": each.name,
                    "kind": each.kind,
                    "estimate": each.estimate if math.isfinite(each.estimate) else None,
                }
                for each in self.components
            ],
            "i2": self.i2,
            "log_likelihood": self.log_likelihood,
            "q": self.q,
            "q_df": self.q_df,
            "q_p_value": self.q_p_value,
            "weights": plain_rows(self.weights),
            "rows": plain_rows(self.to_frame().iloc[: self.k]),
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        head, *rest = self.summary().splitlines()
        table = self.coefficients
        shown = pd.DataFrame(
            {
                "coefficient": table["term"],
                "estimate": [format_number(v) for v in table["estimate"]],
                f"{100 * self.options.level:g}% CI": [
                    format_interval(low, high)
                    for low, high in zip(table["ci_low"], table["ci_high"], strict=True)
                ],
                "p": [format_p(p) for p in table["p_value"]],
            }
        )
        tail = rest[len(table) :]
        return html_table(shown, caption=head, align_right=["estimate"]) + "".join(
            f"<p>{escape(line)}</p>" for line in tail
        )


def likelihood_ratio_test(full: DependentResult, reduced: DependentResult) -> LikelihoodRatioTest:
    """Test a model against a simpler one that is a special case of it.

    Parameters
    ----------
    full, reduced
        Fits of the same rows by the same method; restricted likelihoods only with the same
        design.

    Returns
    -------
    LikelihoodRatioTest

    Raises
    ------
    InvalidArgumentError
        Where their likelihoods cannot be compared.
    """
    same_rows = np.array_equal(full.working.effects, reduced.working.effects)
    if not same_rows or full.options.tau2_method != reduced.options.tau2_method:
        raise InvalidArgumentError(
            "The two models must be fits of the same rows by the same tau2_method."
        )
    same_design = full.working.design.shape == reduced.working.design.shape and np.allclose(
        full.working.design, reduced.working.design
    )
    if full.options.tau2_method == "REML" and not same_design:
        raise InvalidArgumentError(
            "Restricted likelihoods of different designs cannot be compared; fit both with "
            "tau2_method='ML'."
        )
    df = full.parameters - reduced.parameters
    if df < 1:
        raise InvalidArgumentError(
            f"The first model has {full.parameters} parameters and the second "
            f"{reduced.parameters}; give the larger one first."
        )
    edge = df == 1 and same_design and not any(c.kind == "correlation" for c in full.components)
    return likelihood_ratio(
        f"{full.model} against {reduced.model}",
        full.log_likelihood,
        reduced.log_likelihood,
        df,
        boundary=edge,
    )
