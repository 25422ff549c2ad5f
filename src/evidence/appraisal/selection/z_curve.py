"""The z-curve: how often the studies behind significant results would succeed again.

References
----------
Bartoš F, Schimmack U (2022). Z-curve 2.0: estimating replication rates and discovery rates.
Meta-Psychology 6:MP.2021.2720.
Brunner J, Schimmack U (2020). Estimating population mean power under conditions of heterogeneity
and selection for significance. Meta-Psychology 4:MP.2018.874.
Sorić B (1989). Statistical "discoveries" and effect-size estimation. Journal of the American
Statistical Association 84:608-610.
Schimmack U (2026). Frequently asked questions about z-curve. Replicability-Index (how many
results it needs).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtr

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK, Check
from evidence.appraisal.selection.mixture import fit_weights
from evidence.appraisal.selection.p_curve import FEWEST_SIGNIFICANT as ENOUGH_FOR_P_CURVE
from evidence.appraisal.selection.significant import ALPHA, Significant, read_significant
from evidence.appraisal.small_study.guard import check_force
from evidence.display import capital, format_interval, format_number, join_words, plural
from evidence.effects.arguments import Floats
from evidence.effects.conversions.spread import upper_quantiles
from evidence.errors import Caution, InvalidArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["FEWEST_SIGNIFICANT", "ZCurve", "z_curve"]

#: From how many significant results on the authors trust the expected discovery rate.
FEWEST_SIGNIFICANT = 50
#: Seven weights cannot be told apart by fewer.
FEWEST_AT_ALL = 10
#: Means of the components, and where the fit ends; beyond it power counts as 1.
MEANS = np.arange(7.0)
HIGHEST = 5.0
#: By how much bootstrap intervals are widened, as the authors' simulations ask for.
WIDER_REPLICATION, WIDER_DISCOVERY = 0.03, 0.05
#: Half of the 95% quantile of chi-square: log likelihoods so near are not told apart.
CLOSE_ENOUGH = 1.92
#: Shared means that are tried.
_SHARED = 301
#: Numbers held at once while bootstrapping.
_AT_ONCE = 2_000_000
_NAME = "the z-curve"
_PAPER = "Bartoš and Schimmack 2022, Meta-Psychology 6:MP.2021.2720"
_NEEDED = (
    "Bartoš and Schimmack 2022, Meta-Psychology 6:MP.2021.2720; Schimmack 2026, Frequently asked "
    "questions about z-curve"
)


@dataclass(frozen=True, eq=False, kw_only=True)
class ZCurve(Check):
    """What a mixture of studies fitted to significant z values says of all of them.

    Attributes
    ----------
    k, significant
        How many results there are, and how many are significant at 0.05.
    observed_discovery_rate
        The share that is significant.
    replication_rate, replication_low, replication_high
        The expected replication rate: how many of the significant studies, repeated exactly,
        would be significant in the same direction; NaN where refused.
    discovery_rate, discovery_low, discovery_high
        The expected discovery rate: how many of all studies that were made are significant.
    false_discovery_rate, false_discovery_low, false_discovery_high
        Sorić's maximum: the largest share of significant results that may be of studies without
        an effect.
    weights
        Of the components among significant results up to z = 5, in a table with their power.
    log_likelihood
        At these weights.
    one_power_high
        The highest power that all studies may share; NaN where one power does not fit nearly as
        well as the mixture.
    draws, seed
        Of the bootstrap.
    forced
        Whether it was computed from fewer results than it needs.
    """

    k: int
    significant: int
    observed_discovery_rate: float
    replication_rate: float = math.nan
    replication_low: float = math.nan
    replication_high: float = math.nan
    discovery_rate: float = math.nan
    discovery_low: float = math.nan
    discovery_high: float = math.nan
    false_discovery_rate: float = math.nan
    false_discovery_low: float = math.nan
    false_discovery_high: float = math.nan
    weights: pd.DataFrame | None = None
    log_likelihood: float = math.nan
    one_power_high: float = math.nan
    draws: int = 0
    seed: int = 0
    forced: bool = False


def z_curve(
    effects: Any = None,
    variances: ArrayLike | None = None,
    *,
    standard_errors: ArrayLike | None = None,
    p_values: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    draws: int = 1000,
    seed: int = 0,
    force: bool = False,
) -> ZCurve:
    """Estimate how often the studies behind significant results would succeed again.

    Parameters
    ----------
    effects, variances, standard_errors, labels
        As `pool` takes them, or a result of `pool`; their z values are used.
    p_values
        Two-sided p values of independent tests instead of effects, shape (k,).
    draws
        Bootstrap samples behind the 95% intervals.
    seed
        Of the bootstrap.
    force
        Whether to compute it from 10 to 49 significant results; the result is then marked.

    Returns
    -------
    ZCurve
        ``"contradiction"`` where more results are significant than the interval of the expected
        discovery rate holds (by the exact interval of the observed one), which is what selection
        makes of them; ``"cannot be tested"`` where one power that all studies share fits as well
        and would give as many.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.

    Notes
    -----
    Absolute z values from 1.96 to 5 are taken as a mixture of seven folded normal distributions
    with means 0 to 6, cut off at both ends; beyond 5 power is 1. The weights maximise the
    likelihood. With weights w of the components among all significant results and h the share
    beyond 5, the expected replication rate is Σ wⱼΦ(μⱼ - 1.96) + h, and the expected discovery
    rate 1/(Σ wⱼ/εⱼ + h), where εⱼ is the power in either direction. Percentile bootstrap
    intervals are widened by 3 and 5 percentage points.

    The authors climb to the maximum by expectation-maximisation, which ends shortly before it;
    here it is reached by an interior-point method. Of the papers the abstracts and the authors'
    reference pages were to be read; the two rates were checked by simulation. There the intervals
    cover where power varies, but miss the discovery rate too often where all studies share a power
    between two components (in a fifth of sets of 100 significant results, and more of larger
    ones), which would then be taken for selection. The comparison with one shared power, which is
    not the authors', is there for that.

    References
    ----------
    Bartoš and Schimmack 2022; Brunner and Schimmack 2020; Sorić 1989.
    """
    check_force(force)
    _check_whole("draws", draws, 100)
    _check_whole("seed", seed, 0)
    given = read_significant(effects, (variances, standard_errors), p_values, labels)
    z = given.z[given.significant]
    if z.size < (FEWEST_AT_ALL if force else FEWEST_SIGNIFICANT):
        return _refused(given)
    inside = z[z <= HIGHEST]
    densities = _densities(inside)
    counts = np.ones((1, inside.size))
    fitted = fit_weights(densities, counts)[0]
    share = np.array([1 - inside.size / z.size])
    point = _rates(fitted[None, :], share)[0]
    low, high = _intervals(z, draws, seed)
    observed = z.size / given.z.size
    few = z.size < FEWEST_SIGNIFICANT
    log_likelihood = float(np.log(densities @ fitted).sum())
    shared = _one_power(inside, log_likelihood)
    status, sentence = _verdict(given, (point, low, high), shared)
    if few:
        sentence = f"Computed although so few results decide little: {sentence}"
    names = ("expected replication rate", "expected discovery rate", "maximum false discovery rate")
    return ZCurve(
        name=_NAME,
        status=status,
        sentence=capital(sentence),
        table=pd.DataFrame({"rate": names, "estimate": point, "ci_low": low, "ci_high": high}),
        reference=_PAPER,
        cautions=(*given.cautions, *_cautions(given, few, shared)),
        k=given.z.size,
        significant=z.size,
        observed_discovery_rate=observed,
        replication_rate=float(point[0]),
        replication_low=float(low[0]),
        replication_high=float(high[0]),
        discovery_rate=float(point[1]),
        discovery_low=float(low[1]),
        discovery_high=float(high[1]),
        false_discovery_rate=float(point[2]),
        false_discovery_low=float(low[2]),
        false_discovery_high=float(high[2]),
        weights=pd.DataFrame({"mean": MEANS, "weight": fitted, "power": _power()}),
        log_likelihood=log_likelihood,
        one_power_high=shared,
        draws=int(draws),
        seed=int(seed),
        forced=few,
    )


def _check_whole(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InvalidArgumentError(
            f"{name} is {value!r}; it must be a whole number of at least {least}."
        )


# ------------------------------------------------------------------------------------- the numbers


def _critical() -> float:
    return float(upper_quantiles(ALPHA / 2, None))


def _beyond(z: float, means: Floats = MEANS) -> Floats:
    """Return the chance of each component of an absolute value above z."""
    return np.asarray(ndtr(means - z) + ndtr(-means - z))


def _power() -> Floats:
    return _beyond(_critical())


def _densities(z: Floats, means: Floats = MEANS) -> Floats:
    """Return the density of each component at each z, shape (n, components)."""
    apart = z[:, None]
    height = np.exp(-((apart - means) ** 2) / 2) + np.exp(-((apart + means) ** 2) / 2)
    between = _beyond(_critical(), means) - _beyond(HIGHEST, means)
    return np.asarray(height / math.sqrt(2 * math.pi) / between)


def _one_power(z: Floats, log_likelihood: float) -> float:
    """Return the highest power that all studies may share; NaN where they cannot share one.

    The mixture's components are a whole standard error apart. Studies that share a power between
    two of them look more mixed than they are, and the expected discovery rate comes out too low.
    """
    if z.size == 0:
        return 1.0
    means = np.linspace(MEANS[0], MEANS[-1], _SHARED)
    found = np.array([np.log(_densities(z, means[j : j + 1])).sum() for j in range(_SHARED)])
    if found.max() < log_likelihood - CLOSE_ENOUGH:
        return math.nan
    plausible = found >= found.max() - CLOSE_ENOUGH
    return float(_beyond(_critical(), means[plausible]).max())


def _rates(weights: Floats, beyond: Floats) -> Floats:
    """Return replication rate, discovery rate and Sorić's maximum, shape (samples, 3).

    Parameters
    ----------
    weights
        Of the components up to z = 5, shape (samples, 7).
    beyond
        The share of significant results beyond, shape (samples,).
    """
    of_all = weights * (1 - beyond)[:, None]
    replication = of_all @ ndtr(MEANS - _critical()) + beyond
    discovery = 1 / (of_all @ (1 / _power()) + beyond)
    return np.column_stack([replication, discovery, _soric(discovery)])


def _soric(discovery: Floats) -> Floats:
    return np.asarray((1 / discovery - 1) * ALPHA / (1 - ALPHA))


def _intervals(z: Floats, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Return the ends of the widened bootstrap intervals, shape (3,) each."""
    inside = z <= HIGHEST
    densities = _densities(z[inside])
    random = np.random.default_rng(seed)
    found = []
    at_once = max(1, _AT_ONCE // z.size)
    for start in range(0, draws, at_once):
        many = min(at_once, draws - start)
        counts = random.multinomial(z.size, np.full(z.size, 1 / z.size), size=many)
        beyond = 1 - counts[:, inside].sum(axis=1) / z.size
        found.append(_rates(fit_weights(densities, counts[:, inside]), beyond))
    ends = np.quantile(np.concatenate(found)[:, :2], [0.025, 0.975], axis=0)
    widened = ends + np.outer([-1, 1], [WIDER_REPLICATION, WIDER_DISCOVERY])
    # A study without an effect is significant in one direction with half of the level.
    low, high = np.clip(widened, [ALPHA / 2, ALPHA], 1.0)
    return np.append(low, _soric(high[1:])), np.append(high, _soric(low[1:]))


# --------------------------------------------------------------------------------------- the words


def _percent(value: float) -> str:
    return f"{format_number(100 * value, 0)}%"


def _verdict(
    given: Significant, rates: tuple[Floats, Floats, Floats], shared: float
) -> tuple[str, str]:
    point, low, high = rates
    n, k = int(given.significant.sum()), given.z.size
    ranges = [
        f"{_percent(middle)} (95% CI {format_interval(100 * first, 100 * last, 0)}%)"
        for middle, first, last in zip(point, low, high, strict=True)
    ]
    text = (
        f"The z-curve of {plural(n, 'significant result')} among {k}: repeated exactly, "
        f"{ranges[0]} of the studies behind them would be expected to be significant again; of "
        f"all the studies made, {ranges[1]} would be expected to be significant, where "
        f"{_percent(n / k)} of those given are; at most {ranges[2]} of the significant results "
        "are of studies without an effect. "
    )
    least = float(betaincinv(n, k - n + 1, 0.025))
    if least > high[1] and least <= shared:
        return CANNOT_BE_TESTED, (
            f"{text}More are significant than that; but if all studies shared one power, which "
            "fits as well, none need be missing: the z-curve cannot tell."
        )
    if least > high[1]:
        return CONTRADICTION, (
            f"{text}More are significant than all the studies made would give: others are missing."
        )
    return OK, f"{text}That does not show that studies are missing, nor that none are."


def _refused(given: Significant) -> ZCurve:
    n, k = int(given.significant.sum()), given.z.size
    said = "no significant result" if n == 0 else plural(n, "significant result")
    places = ["at registered trials without results", "at outcomes that were not reported"]
    # The p-curve asks for significant results too, and the worst case for both kinds.
    if 0 < n < k:
        places = ["at worst-case selection", places[0]]
    if n >= ENOUGH_FOR_P_CURVE:
        places.insert(0, "at the p-curve")
    row = {"check": _NAME, "results": k, "significant": n, "needed": FEWEST_SIGNIFICANT}
    return ZCurve(
        name=_NAME,
        status=CANNOT_BE_TESTED,
        sentence=capital(
            f"{said} among {k}: the z-curve can say nothing here; it is made for whole "
            f"literatures and needs about {FEWEST_SIGNIFICANT} of them. Look {join_words(places)} "
            "instead."
        ),
        table=pd.DataFrame([row]),
        reference=_NEEDED,
        cautions=given.cautions,
        k=k,
        significant=n,
        observed_discovery_rate=n / k,
    )


def _cautions(given: Significant, few: bool, shared: float) -> tuple[Caution, ...]:
    found = [
        Caution(
            "independent",
            "Results must be independent, one a study; and only whether they are significant may "
            "have decided whether they were reported.",
            _PAPER,
        ),
        Caution(
            "unseen",
            "The expected discovery rate is an extrapolation to results that nobody has seen.",
            _PAPER,
        ),
    ]
    if not math.isnan(shared):
        found.append(
            Caution(
                "one-power",
                "One power that all studies share fits as well as the mixture, as in studies of "
                "one question: the expected discovery rate may then be too low, and its interval "
                "too narrow.",
                _PAPER,
            )
        )
    if given.significant.all():
        found.append(
            Caution(
                "only-significant",
                "All results given are significant: if they were collected for that, the share "
                "that is significant says nothing.",
                _PAPER,
            )
        )
    if few:
        found.append(
            Caution(
                "forced",
                f"Below {FEWEST_SIGNIFICANT} significant results the expected discovery rate is "
                "hardly more than its interval.",
                _NEEDED,
            )
        )
    return tuple(found)
