"""Poisson models with random effects for events over person-time, in two groups or in one.

References
----------
Stijnen T, Hamza TH, Özdemir P (2010). Random effects meta-analysis of event outcome in the
framework of the generalized linear mixed model with applications in sparse data.
Statistics in Medicine 29:3046-3067.
Bagos PG, Nikolopoulos GK (2009). Mixed-effects Poisson regression models for meta-analysis of
follow-up studies with constant or varying durations. International Journal of Biostatistics
5:1-33.
Jackson D, Law M, Stijnen T, Viechtbauer W, White IR (2018). A comparison of seven
random-effects models for meta-analyses that estimate the summary odds ratio. Statistics in
Medicine 37:1059-1085.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import plural
from evidence.effects.arguments import check_level
from evidence.effects.measures.choices import check_choice
from evidence.effects.measures.one_group import incidence_rate
from evidence.effects.measures.rates import log_rate_ratio
from evidence.errors import Caution, InsufficientEvidenceError
from evidence.synthesis.sparse.counts import PersonTime, read_group, read_person_time
from evidence.synthesis.sparse.mixed_logistic import (
    check_options,
    coding_caution,
    continuity_caution,
)
from evidence.synthesis.sparse.mixed_result import MixedOptions, MixedResult, conclude

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evidence.synthesis.sparse.mixed_models import MixedFit

__all__ = ["RATE_MODELS", "pool_mixed_incidence", "pool_mixed_rates"]

#: What each model is called in a result.
RATE_MODELS = {
    "conditional": "conditional Poisson model (binomial-normal)",
    "fixed-studies": "Poisson model with fixed study effects",
    "random-studies": "Poisson model with random study effects",
}

_JACKSON = "Jackson, Law, Stijnen, Viechtbauer and White 2018, Statistics in Medicine 37:1059-1085"


def pool_mixed_rates(
    *,
    events_treatment: ArrayLike,
    time_treatment: ArrayLike,
    events_control: ArrayLike,
    time_control: ArrayLike,
    model: str = "conditional",
    options: MixedOptions | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> MixedResult:
    """Pool incidence rate ratios of several studies by a Poisson model with random effects.

    Parameters
    ----------
    events_treatment, time_treatment, events_control, time_control
        Events and person-time (in one unit for all studies), each a number or shape (k,).
    model
        ``"conditional"`` (treated events given all events of a study: binomial; here exact),
        ``"fixed-studies"`` (both groups Poisson, a baseline of its own for each study) or
        ``"random-studies"`` (baselines normally distributed over studies).
    options
        Random or common effect, coding, correlation, test and interval.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    MixedResult
        On the log scale, by maximum likelihood. Nothing is added to the counts. Studies
        without events take part only in the model with random study effects; a caution says
        so.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When the estimate or a variance has no finite value; the message says what to do.
    """
    check_choice("model", model, tuple(RATE_MODELS))
    options = check_options(options, model)
    level = check_level(level)
    rates = read_person_time(
        events_treatment=events_treatment,
        time_treatment=time_treatment,
        events_control=events_control,
        time_control=time_control,
        labels=labels,
    )
    _refuse_infinite(rates)
    silent = rates.nobody
    keeps = model == "random-studies"
    cautions = (*rates.cautions, *coding_caution(options))
    if keeps and silent.any():
        count = int(silent.sum())
        cautions += (
            Caution(
                "double-zero-kept",
                f"{plural(count, 'study', 'studies')} without events "
                f"{'is' if count == 1 else 'are'} part of this model: they tell of the baselines "
                "and their spread, and through these affect the rate ratio a little. The other "
                "models leave them out.",
                _JACKSON,
            ),
        )
    half = ~silent & ((rates.x1 == 0) | (rates.x2 == 0))
    if half.any():
        cautions += (continuity_caution(int(half.sum()), "count"),)
    effects, variances = np.full((2, silent.size), np.nan)
    columns = rates.columns()
    x1, t1, x2, t2 = (column[~silent] for column in columns.values())
    sizes = log_rate_ratio(
        events_treatment=x1, time_treatment=t1, events_control=x2, time_control=t2
    )
    effects[~silent], variances[~silent] = sizes.estimate, sizes.variance
    used = np.ones_like(silent) if keeps else ~silent
    return conclude(
        named=(RATE_MODELS[model], "incidence rate ratio", "observed information", level),
        names=rates.names,
        counts=columns,
        idle={} if keeps else {"no events": silent},
        own=(effects, variances),
        fit=_fit(rates, used, model, options),
        options=options,
        cautions=cautions,
    )


def _refuse_infinite(rates: PersonTime) -> None:
    if rates.nobody.all():
        raise InsufficientEvidenceError(
            "No study had an event, so no method can compare the groups. Report the person-time, "
            "and how high each rate may still be."
        )
    for events, none in ((rates.x1, "0"), (rates.x2, "infinite")):
        if not events.any():
            raise InsufficientEvidenceError(
                f"The incidence rate ratio of this model is {none} and has no standard error: all "
                "events were in one group. The incidence rate difference can be pooled: "
                'pool_mantel_haenszel_rates(..., measure="incidence rate difference").'
            )


def _fit(rates: PersonTime, used: NDArray[np.bool_], model: str, options: MixedOptions) -> MixedFit:
    from evidence.synthesis.sparse import mixed_models as models

    random = options.effects == "random"
    x1, t1, x2, t2 = (each[used] for each in (rates.x1, rates.t1, rates.x2, rates.t2))
    if model == "conditional":
        offset = np.asarray(np.log(t1) - np.log(t2))
        arms = models.binomial_arms(x1[:, None], (x1 + x2)[:, None], offset[:, None])
        return models.fit_one_record(arms, random=random)
    arms = models.poisson_arms(np.column_stack([x1, x2]), np.column_stack([t1, t2]))
    if model == "fixed-studies":
        return models.fit_fixed_studies(arms, random=random, coding=options.coding)
    return models.fit_random_studies(
        arms, random=random, coding=options.coding, correlated=options.correlated
    )


def pool_mixed_incidence(
    *,
    events: ArrayLike,
    time: ArrayLike,
    options: MixedOptions | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> MixedResult:
    """Pool incidence rates of one group in several studies: Poisson within, normal logs between.

    Parameters
    ----------
    events, time
        Events and person-time (in one unit for all studies), each a number or shape (k,).
    options
        Random or common rate, test and interval.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    MixedResult
        On the log scale; `on_scale` leads back (to the median rate, not the mean). Studies
        without events take part as they are.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When no study had an event, or the variance between studies has no finite value.
    """
    from evidence.synthesis.sparse import mixed_models as models

    options = check_options(options, "one group")
    level = check_level(level)
    group = read_group(events=events, time=time, labels=labels)
    x, t, names, cautions = group.events, group.size, group.names, group.cautions
    if not x.any():
        raise InsufficientEvidenceError(
            f"No study had an event (in {t.sum():,.6g} units of person-time), so the pooled log "
            "rate is infinite. Report the person-time, and how high the rate may still be."
        )
    sizes = incidence_rate(events=x, person_time=t)
    if (x == 0).any():
        cautions += (continuity_caution(int((x == 0).sum()), "count"),)
    arms = models.poisson_arms(x[:, None], t[:, None])
    return conclude(
        named=("Poisson-normal model", "incidence rate", "observed information", level),
        names=names,
        counts={"events_group": x, "time_group": t},
        idle={},
        own=(sizes.estimate, sizes.variance),
        fit=models.fit_one_record(arms, random=options.effects == "random"),
        options=options,
        cautions=cautions,
    )
