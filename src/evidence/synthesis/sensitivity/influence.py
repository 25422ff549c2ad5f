"""Which studies stand out, and which ones the pooled mean hangs on.

References
----------
Viechtbauer W, Cheung MWL (2010). Outlier and influence diagnostics for meta-analysis. Research
Synthesis Methods 1:112-125 (the diagnostics and the rules).
Belsley DA, Kuh E, Welsch RE (1980). Regression diagnostics. Wiley (DFFITS, DFBETAS, COVRATIO).
Cook RD, Weisberg S (1982). Residuals and influence in regression. Chapman and Hall.
Knapp G, Hartung J (2003). Improved tests for a random effects meta-regression with a single
covariate. Statistics in Medicine 22:2693-2710 (the factor on the variances).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtri

from evidence.display import Display, capital, format_number, html_table, join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import quantile
from evidence.errors import Caution
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult, PoolingMethod
from evidence.synthesis.sensitivity.left_out import fit_without_each, ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INFLUENCE_RULES", "InfluenceResult", "InfluenceRule", "influence"]

_SOURCE = "Viechtbauer and Cheung 2010"


@dataclass(frozen=True, slots=True)
class InfluenceRule:
    """A cut-off beyond which a study is said to stand out.

    Attributes
    ----------
    name
        The diagnostic, as `InfluenceResult` calls it; its size counts, not its sign.
    in_words
        What it is called in a sentence.
    cutoff
        The cut-off for k studies.
    outlier
        Whether the rule is about a study that does not fit, rather than one that weighs.
    reference
        Where the rule is from.
    """

    name: str
    in_words: str
    cutoff: Callable[[int], float]
    outlier: bool = False
    reference: str = _SOURCE


#: The rules; they are conventions, and say where to look rather than what to leave out.
INFLUENCE_RULES = (
    InfluenceRule("standardised_residual", "residual", lambda _: quantile(0.95), outlier=True),
    InfluenceRule("dffits", "DFFITS", lambda k: 3 * math.sqrt(1 / (k - 1))),
    # Half of chi-squared on one degree of freedom lies below this.
    InfluenceRule("cooks_distance", "Cook's distance", lambda _: float(chdtri(1, 0.5))),
    InfluenceRule("hat", "hat value", lambda k: 3 / k),
    InfluenceRule("dfbetas", "DFBETAS", lambda _: 1.0),
)

#: How many studies a sentence names; the table has them all.
_NAMED = 5

_COLUMNS = (
    "standardised_residual",
    "dffits",
    "cooks_distance",
    "covariance_ratio",
    "tau2_without",
    "q_without",
    "hat",
    "weight",
    "dfbetas",
    "estimate_without",
)


@dataclass(frozen=True)
class InfluenceResult(Display):
    """What each study does to a pooled result.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level.
    labels
        The studies.
    estimate, tau2
        The mean effect of all studies, and the variance between them.
    standardised_residual
        Effect less the mean of the other studies, over the standard deviation of that
        difference (externally standardised, or studentised deleted), shape (k,).
    dffits
        Change of the mean when the study enters, over a standard error of the fitted value
        that does not rest on the study, shape (k,).
    cooks_distance
        Squared change of the mean over its squared standard error, shape (k,).
    covariance_ratio
        Squared standard error without the study over that with all; below 1, the mean is
        more precise without it; shape (k,).
    tau2_without, q_without, estimate_without
        Variance between the other studies, their Cochran's Q and their mean, shape (k,).
    hat, weight
        Share in the mean as a proportion and in percent, shape (k,).
    dfbetas
        Change of the mean over its standard error at the tau² of the others, shape (k,).
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    labels: tuple[str, ...]
    estimate: float
    tau2: float
    standardised_residual: Floats
    dffits: Floats
    cooks_distance: Floats
    covariance_ratio: Floats
    tau2_without: Floats
    q_without: Floats
    estimate_without: Floats
    hat: Floats
    weight: Floats
    dfbetas: Floats
    cautions: tuple[Caution, ...] = ()

    @property
    def k(self) -> int:
        """How many studies."""
        return len(self.labels)

    @cached_property
    def crossed(self) -> dict[str, NDArray[np.bool_]]:
        """Whether each study is beyond each rule's cut-off, by the rule's name, shape (k,)."""
        return {
            rule.name: np.abs(getattr(self, rule.name)) > rule.cutoff(self.k)
            for rule in INFLUENCE_RULES
        }

    @property
    def outlier(self) -> NDArray[np.bool_]:
        """Whether a study is far from the mean of the others, shape (k,)."""
        return self._any(outlier=True)

    @property
    def influential(self) -> NDArray[np.bool_]:
        """Whether any rule on DFFITS, Cook's distance, hat or DFBETAS is met, shape (k,)."""
        return self._any(outlier=False)

    def _any(self, *, outlier: bool) -> NDArray[np.bool_]:
        chosen = [self.crossed[rule.name] for rule in INFLUENCE_RULES if rule.outlier == outlier]
        return functools.reduce(np.logical_or, chosen)

    def summary(self) -> str:
        """Return which studies stand out, by which rules, and what the mean hangs on most."""
        head = f"Influence of {plural(self.k, 'study', 'studies')}, {self.method.in_words()}"
        lines = [head, self._outliers_in_words(), self._influential_in_words()]
        if np.any(self.estimate_without != self.estimate):
            most = int(np.abs(self.estimate_without - self.estimate).argmax())
            without = self.estimate_without[most], self.tau2_without[most]
            line = (
                f"The mean moves most without {self.labels[most]}: from "
                f"{format_number(self.estimate)} to {format_number(without[0])}"
            )
            if self.method.model == "random" and not math.isnan(without[1]):
                both = format_number(self.tau2, 3), format_number(without[1], 3)
                line += f", with tau² from {both[0]} to {both[1]}"
            lines.append(f"{line}.")
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def _outliers_in_words(self) -> str:
        if np.isnan(self.standardised_residual).all():
            return "Whether a study is far from the mean of the others cannot be told."
        by_chance = f"by chance one study in 20 would ({_SOURCE})"
        cutoff = format_number(INFLUENCE_RULES[0].cutoff(self.k))
        places = np.flatnonzero(self.outlier)
        found = [
            f"{self.labels[i]} ({format_number(self.standardised_residual[i])})"
            for i in places[np.argsort(-np.abs(self.standardised_residual[places]), kind="stable")]
        ]
        if not found:
            return f"No study's residual from the mean of the others goes beyond {cutoff}."
        return f"The standardised residual goes beyond {cutoff} in {_few(found)}; {by_chance}."

    def _influential_in_words(self) -> str:
        rules = [rule for rule in INFLUENCE_RULES if not rule.outlier]
        found = []
        for i in np.flatnonzero(self.influential):
            met = [rule.in_words for rule in rules if self.crossed[rule.name][i]]
            found.append(f"{self.labels[i]} (by {join_words(met)})")
        if found:
            return f"Influential: {_few(found)} ({_SOURCE})."
        known = [rule for rule in rules if not np.isnan(getattr(self, rule.name)).all()]
        names = join_words([rule.in_words for rule in known], last="or")
        return f"No study is influential by {names} ({_SOURCE})."

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study, unrounded, with the rules that it meets."""
        met = [
            ", ".join(rule.name for rule in INFLUENCE_RULES if self.crossed[rule.name][i])
            for i in range(self.k)
        ]
        return pd.DataFrame(
            {
                "label": self.labels,
                **{name: getattr(self, name) for name in _COLUMNS},
                "outlier": self.outlier,
                "influential": self.influential,
                "rules": met,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values, with the rules' cut-offs."""
        return {
            "k": self.k,
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "estimate": self.estimate,
            "tau2": self.tau2,
            "studies": self.to_frame().to_dict("records"),
            "rules": [
                {"name": rule.name, "cutoff": rule.cutoff(self.k), "reference": rule.reference}
                for rule in INFLUENCE_RULES
            ],
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        table = self.to_frame()
        rounded = pd.DataFrame(
            {
                "study": table["label"],
                "residual": [format_number(v) for v in table["standardised_residual"]],
                "DFFITS": [format_number(v) for v in table["dffits"]],
                "Cook's distance": [format_number(v) for v in table["cooks_distance"]],
                "covariance ratio": [format_number(v) for v in table["covariance_ratio"]],
                "tau² without": [format_number(v, 3) for v in table["tau2_without"]],
                "weight %": [format_number(v, 1) for v in table["weight"]],
                "estimate without": [format_number(v) for v in table["estimate_without"]],
                "stands out": [
                    capital(
                        join_words([r.in_words for r in INFLUENCE_RULES if self.crossed[r.name][i]])
                    )
                    for i in range(self.k)
                ],
            }
        )
        return html_table(rounded) + super()._repr_html_()


def _few(found: list[str]) -> str:
    """Join the first few, and say how many more there are."""
    rest = len(found) - _NAMED
    return join_words(found if rest <= 0 else [*found[:_NAMED], f"{rest} more"])


def influence(result: PooledResult) -> InfluenceResult:
    """Find what each study does to a pooled result, by leaving it out.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.

    Returns
    -------
    InfluenceResult

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, or one whose interval has no standard error.
    InsufficientEvidenceError
        For one study.

    Notes
    -----
    With a Hartung-Knapp interval the sampling and between-study variances are taken as known up
    to that interval's factor, so it multiplies every variance, as an estimated residual variance
    does in ordinary regression; with its own estimate without the study where the diagnostic is
    an external one.

    References
    ----------
    Viechtbauer and Cheung (2010).
    """
    check_result(result, "influence")
    rest = fit_without_each(result)
    spread = result.variances + rest.tau2
    hat = result.weights / 100
    square = result.standard_error**2
    # The variance of the mean has the factor already; that of the study has not.
    apart = rest.dispersion * spread + rest.variance
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance_ratio = rest.variance / square
    cautions = rest.cautions
    if result.k <= 3:
        cautions = (
            *cautions,
            Caution(
                "hat-rule",
                f"With {plural(result.k, 'study', 'studies')} no share in the mean can be larger "
                "than the cut-off for hat values, so that rule says nothing.",
                _SOURCE,
            ),
        )
    return InfluenceResult(
        method=result.method,
        labels=result.labels,
        estimate=result.estimate,
        tau2=result.tau2,
        standardised_residual=ratio(rest.distance, np.sqrt(apart)),
        dffits=ratio(rest.change, np.sqrt(rest.dispersion * hat * spread)),
        cooks_distance=ratio(rest.change**2, np.full(result.k, square)),
        covariance_ratio=covariance_ratio,
        tau2_without=rest.tau2,
        q_without=rest.q,
        estimate_without=result.estimate - rest.change,
        hat=hat,
        weight=result.weights,
        dfbetas=ratio(rest.change, np.sqrt(rest.dispersion / rest.total)),
        cautions=cautions,
    )
