"""What a mixed model of counts is asked for, and the result it gives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc, expit

from evidence.display import (
    capital,
    format_interval,
    format_number,
    format_p,
    join_words,
    plural,
)
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.sparse.result import ChiSquareTest, SparseResult, chi_square, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evidence.synthesis.sparse.mixed_models import MixedFit

__all__ = ["FEW_STUDIES", "MixedOptions", "MixedResult", "conclude"]

#: Below this many studies the variance between them is hardly known: the choice of this module.
FEW_STUDIES = 5

_JACKSON = "Jackson, Law, Stijnen, Viechtbauer and White 2018, Statistics in Medicine 37:1059-1085"
_BAKBERGENULY = "Bakbergenuly and Kulinskaya 2018, BMC Medical Research Methodology 18:70"
_SELF = "Self and Liang 1987, Journal of the American Statistical Association 82:605-610"


@dataclass(frozen=True, slots=True)
class MixedOptions:
    """Choices of a mixed model of counts.

    Attributes
    ----------
    effects
        ``"random"`` (normal over the studies) or ``"common"`` (one for all: no variance).
    coding
        How the random effect is shared by the groups, where both are modelled: ``"halves"``
        (half to each, with opposite signs: the same whichever group is called treatment),
        ``"treatment"`` or ``"control"`` (all of it to that group, whose log odds then vary
        more between studies than the other's).
    correlated
        Whether random study effects and random treatment effects are correlated.
    test
        ``"z"``, or ``"t"`` with one degree of freedom fewer than studies.
    interval
        ``"Wald"``, or ``"profile"`` for the profile likelihood interval and likelihood ratio
        p value.
    """

    effects: str = "random"
    coding: str = "halves"
    correlated: bool = False
    test: str = "z"
    interval: str = "Wald"

    def __post_init__(self) -> None:
        """Refuse what is not known, or does not go together."""
        check_choice("effects", self.effects, ("random", "common"))
        check_choice("coding", self.coding, ("halves", "treatment", "control"))
        check_choice("test", self.test, ("z", "t"))
        check_choice("interval", self.interval, ("Wald", "profile"))
        if self.test == "t" and self.interval == "profile":
            raise InvalidArgumentError(
                'test "t" goes with interval "Wald"; a profile likelihood interval rests on the '
                "chi-square distribution."
            )
        if self.correlated not in (True, False):
            raise InvalidArgumentError(
                f"correlated is {self.correlated!r}; it must be True or False."
            )


@dataclass(frozen=True, slots=True, eq=False)
class MixedResult(SparseResult):
    """Counts of several studies pooled by a model with random effects.

    Attributes
    ----------
    options
        What was asked for.
    tau2, tau2_standard_error
        Variance of the true effects between studies, on the scale of the estimate; its
        standard error is not a number at 0 and for a common effect.
    sigma2
        Variance of the studies' baselines, where the model has one; else not a number.
    correlation
        Of baselines and effects, where the model has one; else not a number.
    log_likelihood
        At the maximum, with all constants.
    df
        Degrees of freedom of interval and p value; None for the normal distribution.
    prediction_low, prediction_high
        Where the true effect of a similar new study lies (t with k - 2 degrees of freedom;
        Higgins, Thompson and Spiegelhalter 2009, Journal of the Royal Statistical Society A
        172:137-159); not a number below three studies and for a common effect.

    Notes
    -----
    `weight` is each study's share of the information about the estimate; `heterogeneity` the
    likelihood ratio test of one effect for all studies against one of its own for each. There
    is no I²: counts have no sampling variance apart from the effect.
    """

    options: MixedOptions = MixedOptions()
    tau2: float = 0.0
    tau2_standard_error: float = math.nan
    sigma2: float = math.nan
    correlation: float = math.nan
    log_likelihood: float = math.nan
    df: float | None = None
    prediction_low: float = math.nan
    prediction_high: float = math.nan

    @property
    def is_ratio(self) -> bool:
        """Whether estimate and interval are logarithms (of a ratio or of a rate)."""
        return self.measure.endswith(("ratio", "rate"))

    @property
    def i2(self) -> float:
        """Not a number: see the notes."""
        return math.nan

    @property
    def tau2_at_zero(self) -> bool:
        """Whether the variance between studies was estimated, and came out as 0."""
        return self.options.effects == "random" and self.tau2 == 0

    def on_scale(self, value: float) -> float:
        """Return a value as it is shown: ratio, rate or proportion for a logarithm or logit."""
        if self.measure == "proportion":
            return float(expit(value))
        return SparseResult.on_scale(self, value)

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        studies = ("informative study", "informative studies")
        if self.k == len(self.studies):
            studies = ("study", "studies")
        head = f"{capital(plural(self.k, *studies))}, {self.measure} by the {self.method}"
        if not self.pooled:
            head += ", nothing to pool"
        shown = f"{100 * self.level:g}% {'profile likelihood ' * self._profiled}CI"
        line = (
            f"{self.measure} {self._number(self.estimate)} ({shown} "
            f"{self._range(self.ci_low, self.ci_high)}), {self._p()}"
            f"{'logit' if self.measure == 'proportion' else 'logarithm'} "
            f"{format_number(self.estimate, 3)}, standard error "
            f"{format_number(self.standard_error, 3)}"
        )
        lines = [head, line]
        if self.options.effects == "random":
            spread = f"Variance between studies (tau²) {format_number(self.tau2, 3)}"
            if math.isfinite(self.tau2_standard_error):
                spread += f", standard error {format_number(self.tau2_standard_error, 3)}"
            if math.isfinite(self.prediction_low):
                spread += (
                    f"; {100 * self.level:g}% prediction interval "
                    f"{self._range(self.prediction_low, self.prediction_high)}"
                )
            lines.append(spread)
        if math.isfinite(self.sigma2):
            line = f"Variance of the baselines {format_number(self.sigma2, 3)}"
            if math.isfinite(self.correlation):
                line += f", correlation with the effects {format_number(self.correlation)}"
            lines.append(line)
        if self.heterogeneity.df > 0:
            lines.append(self.heterogeneity.summary())
        lines += [test.summary() for test in self.tests]
        return "\n".join([*lines, *(f"Note: {caution.message}" for caution in self.cautions)])

    @property
    def _profiled(self) -> bool:
        return self.options.interval == "profile"

    def _p(self) -> str:
        # The p value of one group's rate or proportion tests a log of 0: of no interest.
        return "" if not self.measure.endswith("ratio") else f"{format_p(self.p_value)}; "

    def _number(self, value: float) -> str:
        return format_number(self.on_scale(value), 2 if self.measure.endswith("ratio") else 4)

    def _range(self, low: float, high: float) -> str:
        decimals = 2 if self.measure.endswith("ratio") else 4
        return format_interval(self.on_scale(low), self.on_scale(high), decimals)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite or not known."""
        found = SparseResult.to_dict(self)
        del found["i2"]
        inherited = {each.name for each in fields(SparseResult)} | {"options", "df"}
        found |= {
            each.name: plain(getattr(self, each.name))
            for each in fields(self)
            if each.name not in inherited
        }
        options = {each.name: getattr(self.options, each.name) for each in fields(self.options)}
        return found | {"df": self.df, "options": options}


def conclude(
    *,
    named: tuple[str, str, str, float],
    names: tuple[str, ...],
    counts: Mapping[str, Floats],
    idle: Mapping[str, NDArray[np.bool_]],
    own: tuple[Floats, Floats],
    fit: MixedFit,
    options: MixedOptions,
    cautions: tuple[Caution, ...],
) -> MixedResult:
    """Put a result together from a fit.

    Parameters
    ----------
    named
        Model, measure, variance formula and level.
    names, counts
        The studies and their counts, also of those that took no part.
    idle
        Why a study takes no part in the fit, and which do not.
    own
        The studies' own effects and variances, shape (k,); NaN where there is none.
    fit
        The maximum, over the studies that took part.
    options
        What was asked for.
    cautions
        What is known before.

    Returns
    -------
    MixedResult

    Raises
    ------
    InsufficientEvidenceError
        When t is asked for with one study.
    """
    method, measure, formula, level = named
    role = np.full(len(names), "pooled", dtype=object)
    for reason, which in idle.items():
        role[which] = reason
    used = role == "pooled"
    k = int(used.sum())
    if options.test == "t" and k < 2:
        raise InsufficientEvidenceError(
            f'Test "t" has one degree of freedom fewer than studies, and only '
            f'{names[int(np.argmax(used))]} is informative. Use test "z", or an exact interval.'
        )
    weight = np.zeros(len(names))
    weight[used] = 100 * fit.weights / fit.weights.sum()
    se = math.sqrt(fit.variance)
    df = float(k - 1) if options.test == "t" else None
    reach = quantile(level, df) * se
    low, high, p_value = fit.estimate - reach, fit.estimate + reach, p_from_t(fit.estimate / se, df)
    if options.interval == "profile":
        low, high, p_value = fit.profile(level)
    prediction = math.nan
    if options.effects == "random" and k >= 3:
        prediction = quantile(level, k - 2) * math.sqrt(fit.tau2 + fit.variance)
    return MixedResult(
        method=method,
        measure=measure,
        formula=formula,
        level=level,
        studies=pd.DataFrame(
            {
                "label": list(names),
                **counts,
                "estimate": own[0],
                "variance": own[1],
                "weight": weight,
                "role": role,
            }
        ),
        estimate=fit.estimate,
        standard_error=se,
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        heterogeneity=chi_square(
            "One effect for all studies, likelihood ratio test",
            2 * max(0.0, fit.saturated - fit.common),
            k - 1,
            _JACKSON,
        ),
        tests=_tests(fit, options, k),
        cautions=(*cautions, *_idle(role, names, measure, idle), *_few(fit, options, k)),
        options=options,
        tau2=fit.tau2,
        tau2_standard_error=fit.tau2_standard_error,
        sigma2=fit.sigma2,
        correlation=fit.correlation,
        log_likelihood=fit.peak.value,
        df=df,
        prediction_low=fit.estimate - prediction,
        prediction_high=fit.estimate + prediction,
    )


def _tests(fit: MixedFit, options: MixedOptions, k: int) -> tuple[ChiSquareTest, ...]:
    found: list[ChiSquareTest] = []
    finite = fit.own[1] > 0
    if int(finite.sum()) > 1:
        effects, weights = fit.own[0][finite], 1 / fit.own[1][finite]
        mean = float(weights @ effects) / float(weights.sum())
        found.append(
            chi_square(
                "One effect for all studies, Wald test",
                float(weights @ (effects - mean) ** 2),
                effects.size - 1,
                _JACKSON,
            )
        )
    if options.effects == "random" and k > 1:
        statistic = max(0.0, 2 * (fit.peak.value - fit.common)) if fit.tau2 > 0 else 0.0
        # At the boundary half the probability (with a correlation: the rest too) is one df less.
        tail = float(chdtrc(1, statistic))
        p_value = 0.5 * tail
        if math.isfinite(fit.correlation) or options.correlated:
            p_value = 0.5 * (tail + float(chdtrc(2, statistic)))
        if statistic == 0:
            p_value = 1.0
        df = 1 + options.correlated
        name = "No variance between studies, likelihood ratio test (mixed chi-square)"
        found.append(ChiSquareTest(name, statistic, df, p_value, _SELF))
    return tuple(found)


def _idle(
    role: NDArray[np.object_],
    names: tuple[str, ...],
    measure: str,
    idle: Mapping[str, NDArray[np.bool_]],
) -> tuple[Caution, ...]:
    left_out = [name for name, each in zip(names, role, strict=True) if each != "pooled"]
    if not left_out:
        return ()
    reasons = join_words([reason for reason, which in idle.items() if which.any()], "or")
    return (
        Caution(
            "no-information",
            f"{capital(plural(len(left_out), 'study', 'studies'))} carried no information about "
            f"the {measure} in this model and took no part: {join_words(left_out)} ({reasons}).",
            _JACKSON,
        ),
    )


def _few(fit: MixedFit, options: MixedOptions, k: int) -> tuple[Caution, ...]:
    if k == 1:
        return (
            Caution(
                "one-study",
                "One study carries information, so nothing is pooled: this is its own result, "
                "and an exact interval serves it better.",
            ),
        )
    if options.effects == "common":
        return ()
    found: list[Caution] = []
    if fit.tau2 == 0:
        found.append(
            Caution(
                "tau2-zero",
                "The variance between studies is estimated as 0, the edge of what is possible: "
                "estimate and standard error are those of a common effect. That is no proof of "
                "homogeneity.",
                _SELF,
            )
        )
    if k < FEW_STUDIES:
        found.append(
            Caution(
                "few-studies",
                f"With {plural(k, 'study', 'studies')} the variance between them is hardly known "
                "and maximum likelihood tends to make it too small, so the interval is too "
                'narrow; test="t" widens it, and a Bayesian analysis can bring in what is known '
                "of such variances.",
                _BAKBERGENULY,
            )
        )
    return tuple(found)
