"""Beta-binomial regression for two groups: risks that vary between studies, no zero left out.

The events of every group are beta-binomial with the mean risk of treated or control groups and
one correlation within groups, common to all ("common-rho"): studies without any event take part.
The two groups of a study are taken as independent, so the model does not use that they were
randomised within it.

References
----------
Kuss O (2015). Statistical methods for meta-analyses including information from studies without
any events: add nothing to nothing and succeed nevertheless. Statistics in Medicine
34:1097-1116.
Felsch M, Beckmann L, Bender R, Kuss O, Skipka G, Mathes T (2022). Performance of several types
of beta-binomial models in comparison to standard approaches for meta-analyses with very few
studies. BMC Medical Research Methodology 22:319.
Griffiths DA (1973). Maximum likelihood estimation for the beta-binomial distribution and an
application to the household distribution of the total number of cases of a disease. Biometrics
29:637-648.
Self SG, Liang KY (1987). Asymptotic properties of maximum likelihood estimators and likelihood
ratio tests under nonstandard conditions. Journal of the American Statistical Association
82:605-610.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc, expit, gammaln, logit

from evidence.display import format_number, plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import p_from_t, quantile
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InsufficientEvidenceError
from evidence.synthesis.inputs import refuse
from evidence.synthesis.sparse.beta_binomial_sums import long_sum
from evidence.synthesis.sparse.counts import Tables, read_tables
from evidence.synthesis.sparse.mantel_haenszel import MH_MEASURES, refuse_without_contrast
from evidence.synthesis.sparse.mixed_logistic import own_effects
from evidence.synthesis.sparse.result import ChiSquareTest, SparseResult, plain

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["BetaBinomialResult", "pool_beta_binomial"]

#: Ratios phi = rho / (1 - rho) at which the likelihood is scanned.
_SCAN = tuple(10.0 ** (step / 2) for step in range(-10, 9))
#: Change of a logit below which its search ends: quadratic convergence does the rest.
_ROUGH, _FINE = 1e-3, 1e-9
_TIE = 1e-11

_KUSS = "Kuss 2015, Statistics in Medicine 34:1097-1116"
_FELSCH = (
    "Felsch, Beckmann, Bender, Kuss, Skipka and Mathes 2022, BMC Medical Research Methodology "
    "22:319"
)
_SELF = "Self and Liang 1987, Journal of the American Statistical Association 82:605-610"


@dataclass(frozen=True, slots=True, eq=False)
class BetaBinomialResult(SparseResult):
    """Counts of several studies pooled by beta-binomial regression.

    Attributes
    ----------
    correlation, correlation_standard_error
        Of two people in one group (intraclass correlation rho); its standard error is not a
        number at 0.
    risk_treatment, risk_control
        Mean risks of the groups.
    log_likelihood
        At the maximum, with all constants.

    Notes
    -----
    `weight` is each study's share of the information about the estimate; `heterogeneity` the
    likelihood ratio test of no correlation, that is of risks that do not vary between studies.
    """

    correlation: float = math.nan
    correlation_standard_error: float = math.nan
    risk_treatment: float = math.nan
    risk_control: float = math.nan
    log_likelihood: float = math.nan

    @property
    def i2(self) -> float:
        """Not a number: what varies is the risk, not the effect."""
        return math.nan

    def summary(self) -> str:
        """Return the result in words and rounded numbers."""
        head, line, *rest = SparseResult.summary(self).splitlines()
        rest = [each.removesuffix("; I² \N{EN DASH}%") for each in rest]
        more = (
            f"Mean risks {format_number(100 * self.risk_treatment)}% and "
            f"{format_number(100 * self.risk_control)}%, correlation within groups "
            f"{format_number(self.correlation, 4)}"
        )
        if math.isfinite(self.correlation_standard_error):
            more += f", standard error {format_number(self.correlation_standard_error, 4)}"
        return "\n".join([head, line, more, *rest])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite or not known."""
        found = SparseResult.to_dict(self)
        del found["i2"]
        names = (
            "correlation",
            "correlation_standard_error",
            "risk_treatment",
            "risk_control",
            "log_likelihood",
        )
        return found | {name: plain(getattr(self, name)) for name in names}


def pool_beta_binomial(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    measure: str = "odds ratio",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> BetaBinomialResult:
    """Pool counts of several studies by beta-binomial regression.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Whole counts, each a number or shape (k,).
    measure
        ``"odds ratio"``, ``"risk ratio"`` or ``"risk difference"``, of the mean risks.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    BetaBinomialResult
        By maximum likelihood with the observed information; ratios on the log scale. Nothing
        is added to the counts, and studies in which nobody or everybody had the event take part.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When a mean risk is 0 or 1, or the correlation has no maximum below 1.

    Notes
    -----
    With two mean risks and no other covariate, links differ in the scale of the interval only:
    the three measures come from one fit, their standard errors by the delta method, which is
    exact for the observed information at an inner maximum.
    """
    check_choice("measure", measure, MH_MEASURES)
    level = check_level(level)
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    for name, counts in tables.columns().items():
        refuse(tables.names, counts != np.floor(counts), counts, name, "whole numbers of people")
    refuse_without_contrast(tables)
    _refuse_certain(tables)
    likelihood = _Likelihood(tables)
    fit = _maximise(likelihood)
    covariance = likelihood.covariance(fit)
    p1, p0 = expit(fit.logits)
    slope = {
        "odds ratio": (1.0, -1.0),
        "risk ratio": (1 - p1, p0 - 1),
        "risk difference": (p1 * (1 - p1), -p0 * (1 - p0)),
    }[measure]
    estimate = {
        "odds ratio": fit.logits[0] - fit.logits[1],
        "risk ratio": math.log(p1 / p0),
        "risk difference": p1 - p0,
    }[measure]
    contrast = np.array([*slope, 0.0])
    se = math.sqrt(float(contrast @ covariance @ contrast))
    reach = quantile(level) * se
    own, cautions = own_effects(tables, measure)
    studies = pd.DataFrame(
        {
            "label": list(tables.names),
            **tables.columns(),
            "estimate": own[0],
            "variance": own[1],
            "weight": 100 * likelihood.shares(fit, contrast),
            "role": "pooled",
        }
    )
    spread = math.nan
    if fit.phi > 0:
        spread = math.sqrt(float(covariance[2, 2])) / (1 + fit.phi) ** 2
    return BetaBinomialResult(
        method="beta-binomial",
        measure=measure,
        formula="observed information",
        level=level,
        studies=studies,
        estimate=float(estimate),
        standard_error=se,
        ci_low=float(estimate) - reach,
        ci_high=float(estimate) + reach,
        p_value=p_from_t(float(estimate) / se, None),
        heterogeneity=_no_correlation(fit),
        cautions=(*tables.cautions, *_cautions(tables, fit), *cautions),
        correlation=fit.phi / (1 + fit.phi),
        correlation_standard_error=spread,
        risk_treatment=float(p1),
        risk_control=float(p0),
        log_likelihood=fit.value,
    )


def _refuse_certain(tables: Tables) -> None:
    arms = {"treated": (tables.a, tables.b), "control": (tables.c, tables.d)}
    for name, (events, rest) in arms.items():
        if events.any() and rest.any():
            continue
        who = "everybody" if events.any() else "nobody"
        raise InsufficientEvidenceError(
            f"In the {name} groups of all studies {who} had the event "
            f"({int(events.sum() + rest.sum()):,} people): the mean risk is estimated as "
            f"{1 if events.any() else 0}, on the edge, and no measure has a standard error. "
            "pool_exact_odds_ratio(...) bounds the odds ratio on one side, and "
            'pool_mantel_haenszel(..., measure="risk difference") gives a difference.'
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    logits: Floats
    phi: float
    value: float
    binomial: float


class _Likelihood:
    """Beta-binomial log-likelihood in the two mean risks and phi = rho / (1 - rho).

    With p and phi, a group of n with y events has the log-likelihood (Griffiths 1973)

        sum_{r<y} log(p + phi r) + sum_{r<n-y} log(1 - p + phi r) - sum_{r<n} log(1 + phi r),

    which has no cancellation and reaches the binomial smoothly at phi = 0.
    """

    def __init__(self, tables: Tables) -> None:
        self.with_event = (long_sum(tables.a), long_sum(tables.c))
        self.without = (long_sum(tables.b), long_sum(tables.d))
        self.everybody = long_sum(np.concatenate([tables.n1, tables.n2]))
        self.k = len(tables.names)
        self.constant = float(
            sum(
                np.sum(gammaln(x + y + 1) - gammaln(x + 1) - gammaln(y + 1))
                for x, y in ((tables.a, tables.b), (tables.c, tables.d))
            )
        )
        self.crude = np.array([tables.a.sum() / tables.n1.sum(), tables.c.sum() / tables.n2.sum()])

    def value(self, logits: Floats, phi: float) -> float:
        """Return the log-likelihood."""
        total = self.constant - self.everybody.logs(1.0, phi)
        for arm, theta in enumerate(logits):
            total += self.with_event[arm].logs(float(expit(theta)), phi)
            total += self.without[arm].logs(float(expit(-theta)), phi)
        return total

    def profile(self, phi: float, start: Floats, enough: float = _FINE) -> Floats:
        """Return the logits of the mean risks that are likeliest for a phi."""
        return np.array([self._logit(arm, phi, float(start[arm]), enough) for arm in (0, 1)])

    def _logit(self, arm: int, phi: float, start: float, enough: float) -> float:
        """Find where the score is 0: it falls from + to - infinity with the risk."""
        low, high, theta = -745.0, 745.0, start
        for _ in range(200):
            p, q = float(expit(theta)), float(expit(-theta))
            up, up2 = self.with_event[arm].powers(p, phi)
            down, down2 = self.without[arm].powers(q, phi)
            score, bend = p * q * (up - down), -((p * q) ** 2) * (up2 + down2)
            bend += (q - p) * score
            if score > 0:
                low = theta
            else:
                high = theta
            step = -score / bend if bend < 0 else math.nan
            new = theta + step
            if not low <= new <= high:
                new = (max(low, theta - 8) + min(high, theta + 8)) / 2
            close = abs(new - theta) <= enough
            theta = new
            if close:
                break
        return theta

    def score(self, logits: Floats, phi: float) -> float:
        """Return the derivative with respect to phi."""
        total = -self.everybody.slopes(1.0, phi)[0]
        for arm, theta in enumerate(logits):
            total += self.with_event[arm].slopes(float(expit(theta)), phi)[0]
            total += self.without[arm].slopes(float(expit(-theta)), phi)[0]
        return total

    def covariance(self, fit: _Fit) -> Floats:
        """Return the covariance of both logits and phi; that of phi is 0 where phi is."""
        hessian = np.zeros((3, 3))
        hessian[2, 2] = self.everybody.slopes(1.0, fit.phi)[2]
        for arm, theta in enumerate(fit.logits):
            p, q = float(expit(theta)), float(expit(-theta))
            for sums, x, sign in ((self.with_event[arm], p, 1.0), (self.without[arm], q, -1.0)):
                _, cross, own = sums.slopes(x, fit.phi)
                hessian[arm, arm] -= (p * q) ** 2 * sums.powers(x, fit.phi)[1]
                hessian[arm, 2] -= sign * p * q * cross
                hessian[2, 2] -= own
            hessian[2, arm] = hessian[arm, 2]
        inside = [0, 1, 2] if fit.phi > 0 else [0, 1]
        result = np.zeros((3, 3))
        result[np.ix_(inside, inside)] = np.linalg.inv(-hessian[np.ix_(inside, inside)])
        return result

    def shares(self, fit: _Fit, contrast: Floats) -> Floats:
        """Return what each study adds to the information about a contrast of the logits."""
        parts = np.empty((2, self.k))
        for arm, theta in enumerate(fit.logits):
            p, q = float(expit(theta)), float(expit(-theta))
            parts[arm] = (p * q) ** 2 * (
                self.with_event[arm].each(p, fit.phi, self.k)
                + self.without[arm].each(q, fit.phi, self.k)
            )
        lean = contrast[:2] / parts.sum(axis=1)
        weights = lean**2 @ parts
        return np.asarray(weights / weights.sum())


def _maximise(likelihood: _Likelihood) -> _Fit:
    """Scan phi from 0 upwards, polish every maximum and return the highest."""
    from scipy.optimize import brentq

    binomial = logit(likelihood.crude)
    zero = likelihood.value(binomial, 0.0)
    places, logits, values = [0.0], [binomial], [zero]
    for phi in _SCAN:
        logits.append(likelihood.profile(phi, logits[-1], _ROUGH))
        places.append(phi)
        values.append(likelihood.value(logits[-1], phi))
    slopes = [likelihood.score(each, phi) for each, phi in zip(logits, places, strict=True)]
    best = _Fit(binomial, 0.0, zero, zero)
    near = binomial

    def profile_score(phi: float) -> float:
        return likelihood.score(likelihood.profile(phi, near), phi)

    if slopes[-1] > 0 and values[-1] > zero + _TIE * (1 + abs(zero)):
        raise InsufficientEvidenceError(
            "The likelihood rises without end as the correlation within groups tends to 1: in "
            "nearly every group nobody or everybody had the event. Use pool_exact_odds_ratio(...) "
            "or pool_mantel_haenszel(...)."
        )
    for i in range(len(places) - 1):
        if slopes[i] > 0 >= slopes[i + 1]:
            low, high, near = places[i], places[i + 1], logits[i + 1]
            phi = float(brentq(profile_score, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))
            at = likelihood.profile(phi, near)
            value = likelihood.value(at, phi)
            if value > best.value + _TIE * (1 + abs(zero)):
                best = _Fit(at, phi, value, zero)
    return best


def _no_correlation(fit: _Fit) -> ChiSquareTest:
    statistic = max(0.0, 2 * (fit.value - fit.binomial)) if fit.phi > 0 else 0.0
    # on the boundary the test statistic is 0 half the time
    p_value = 0.5 * float(chdtrc(1, statistic)) if statistic > 0 else 1.0
    name = "No correlation within groups, likelihood ratio test (mixed chi-square)"
    return ChiSquareTest(name, statistic, 1, p_value, _SELF)


def _cautions(tables: Tables, fit: _Fit) -> tuple[Caution, ...]:
    found = [
        Caution(
            "groups-apart",
            "The model takes the two groups of a study as independent, and so does not use that "
            "they were randomised within it: where studies differ in size ratio and in risk, the "
            "comparison is partly one between studies. Show a conditional model beside it.",
            _FELSCH,
        )
    ]
    silent = int(np.sum(tables.nobody | tables.everybody))
    if silent:
        found.append(
            Caution(
                "double-zero-kept",
                f"{plural(silent, 'study', 'studies')} in which nobody or everybody had the event "
                f"{'is' if silent == 1 else 'are'} part of this model as of no other for ratios.",
                _KUSS,
            )
        )
    if len(tables.names) == 1:
        found.append(
            Caution(
                "one-study",
                "There is one study, so nothing is pooled: this is its own result, and an exact "
                "interval serves it better.",
            )
        )
    elif fit.phi == 0:
        found.append(
            Caution(
                "correlation-zero",
                "The correlation within groups is estimated as 0, the edge of what is possible: "
                "all treated, and all control groups, then count as one group each.",
                _SELF,
            )
        )
    return tuple(found)
