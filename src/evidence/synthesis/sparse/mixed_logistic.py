"""Logistic models with random effects for events in two groups, or in one.

References
----------
Turner RM, Omar RZ, Yang M, Goldstein H, Thompson SG (2000). A multilevel model framework for
meta-analysis of clinical trials with binary outcomes. Statistics in Medicine 19:3417-3432.
Stijnen T, Hamza TH, Özdemir P (2010). Random effects meta-analysis of event outcome in the
framework of the generalized linear mixed model with applications in sparse data.
Statistics in Medicine 29:3046-3067.
Simmonds MC, Higgins JPT (2016). A general framework for the use of logistic regression models
in meta-analysis. Statistical Methods in Medical Research 25:2858-2877.
Jackson D, Law M, Stijnen T, Viechtbauer W, White IR (2018). A comparison of seven
random-effects models for meta-analyses that estimate the summary odds ratio. Statistics in
Medicine 37:1059-1085.
Bakbergenuly I, Kulinskaya E (2018). Meta-analysis of binary outcomes via generalized linear
mixed models: a simulation study. BMC Medical Research Methodology 18:70.
Hamza TH, van Houwelingen HC, Stijnen T (2008). The binomial distribution of meta-analysis was
preferred to model within-study variability. Journal of Clinical Epidemiology 61:41-51.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import format_number, plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.measures.choices import check_choice
from evidence.effects.measures.one_group import proportion
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.inputs import refuse
from evidence.synthesis.sparse.counts import Tables, read_group, read_tables
from evidence.synthesis.sparse.mantel_haenszel import refuse_without_contrast
from evidence.synthesis.sparse.mixed_result import MixedOptions, MixedResult, conclude

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from evidence.synthesis.sparse.mixed_models import MixedFit

__all__ = [
    "LOGISTIC_MODELS",
    "MOST_APPROXIMATE_EVENTS",
    "MOST_TREATED_EVENTS",
    "pool_mixed_logistic",
    "pool_mixed_proportion",
]

#: What each model is called in a result.
LOGISTIC_MODELS = {
    "conditional": "conditional logistic model, exact likelihood (hypergeometric-normal)",
    "conditional-approximate": "conditional logistic model, binomial approximation",
    "fixed-studies": "logistic model with fixed study effects",
    "random-studies": "logistic model with random study effects",
}

#: Share of events up to which a binomial distribution stands for the hypergeometric one. The
#: literature says "rare" and gives no number; this is the choice of this module.
MOST_APPROXIMATE_EVENTS = 0.10

#: Possible values of the treated events over all studies up to which the exact conditional
#: likelihood is computed; beyond it nothing is sparse, and the other models agree with it.
MOST_TREATED_EVENTS = 1_000_000

_OWN: dict[str, Callable[..., EffectSizes]] = {
    "odds ratio": log_odds_ratio,
    "risk ratio": log_risk_ratio,
    "risk difference": risk_difference,
}

_STIJNEN = "Stijnen, Hamza and Özdemir 2010, Statistics in Medicine 29:3046-3067"
_JACKSON = "Jackson, Law, Stijnen, Viechtbauer and White 2018, Statistics in Medicine 37:1059-1085"


def pool_mixed_logistic(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    model: str = "conditional",
    options: MixedOptions | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> MixedResult:
    """Pool odds ratios of several studies by a logistic model with random effects.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,); whole numbers for the exact conditional model.
    model
        ``"conditional"`` (treated events given every margin: noncentral hypergeometric within
        studies), ``"conditional-approximate"`` (binomial within studies, for rare events),
        ``"fixed-studies"`` (both groups binomial, a baseline of its own for each study) or
        ``"random-studies"`` (baselines normally distributed over studies; with
        ``correlated=True`` the bivariate model of van Houwelingen and others).
    options
        Random or common effect, coding, correlation, test and interval.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    MixedResult
        On the log odds scale, by maximum likelihood, with standard errors from the observed
        information. Nothing is added to the counts. Studies in which nobody or everybody had
        the event take part only in the model with random study effects; a caution says so.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When the estimate or a variance has no finite value; the message says what to do.
    """
    check_choice("model", model, tuple(LOGISTIC_MODELS))
    options = check_options(options, model)
    level = check_level(level)
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    refuse_without_contrast(tables)
    silent: NDArray[np.bool_] = tables.nobody | tables.everybody
    keeps = model == "random-studies"
    used = tables if keeps else tables.take(~silent)
    _refuse_infinite(used, together=not keeps)
    cautions = (*tables.cautions, *_advice(used, model, options))
    if keeps and silent.any():
        cautions += (_kept(int(silent.sum())),)
    idle: dict[str, NDArray[np.bool_]] = {}
    if not keeps:
        idle = {"nobody had the event": tables.nobody, "everybody had it": tables.everybody}
    own, halves = own_effects(tables, "odds ratio")
    return conclude(
        named=(LOGISTIC_MODELS[model], "odds ratio", "observed information", level),
        names=tables.names,
        counts=tables.columns(),
        idle=idle,
        own=own,
        fit=_fit(used, model, options),
        options=options,
        cautions=(*cautions, *halves),
    )


def check_options(options: MixedOptions | None, model: str) -> MixedOptions:
    """Return the options, the defaults when left out, refusing what the model does not have."""
    options = MixedOptions() if options is None else options
    if not isinstance(options, MixedOptions):
        raise InvalidArgumentError(
            f"options is {options!r}; give MixedOptions(...), for example "
            'MixedOptions(effects="common").'
        )
    if options.correlated and model != "random-studies":
        raise InvalidArgumentError(
            'correlated=True needs model="random-studies": only there are both baselines and '
            "effects random."
        )
    if options.coding != "halves" and model not in {"fixed-studies", "random-studies"}:
        raise InvalidArgumentError(
            f'coding {options.coding!r} needs model="fixed-studies" or "random-studies": a '
            "conditional model holds the effect alone, and no groups to share it."
        )
    return options


def _fit(used: Tables, model: str, options: MixedOptions) -> MixedFit:
    from evidence.synthesis.sparse import mixed_models as models

    random = options.effects == "random"
    if model == "conditional":
        for name, counts in used.columns().items():
            refuse(
                used.names,
                counts != np.floor(counts),
                counts,
                name,
                'whole numbers of people for model="conditional" (the others take fractions)',
            )
        room = float(np.sum(np.minimum(np.minimum(used.n1, used.n2), used.events)))
        if room > MOST_TREATED_EVENTS:
            raise InvalidArgumentError(
                f"The treated events could take {room:,.0f} values given the margins; the exact "
                f'likelihood is for up to {MOST_TREATED_EVENTS:,}. Use model="fixed-studies", '
                "which agrees with it for counts this large."
            )
        arms = models.hypergeometric_record(used.a, used.n1, used.n2, used.events)
        return models.fit_one_record(arms, random=random)
    if model == "conditional-approximate":
        offset = np.log(used.n1) - np.log(used.n2)
        arms = models.binomial_arms(
            used.a[:, None], used.events[:, None], np.asarray(offset)[:, None]
        )
        return models.fit_one_record(arms, random=random)
    events = np.column_stack([used.a, used.c])
    totals = np.column_stack([used.n1, used.n2])
    arms = models.binomial_arms(events, totals, np.zeros_like(events))
    if model == "fixed-studies":
        return models.fit_fixed_studies(arms, random=random, coding=options.coding)
    return models.fit_random_studies(
        arms, random=random, coding=options.coding, correlated=options.correlated
    )


def _refuse_infinite(used: Tables, *, together: bool) -> None:
    """Refuse where the likelihood rises for ever with the odds ratio.

    Given the margins, where the treated events of every study are the fewest (or the most)
    possible; with the baselines of all studies modelled, where a group as a whole has only
    events or none.
    """
    if together:
        up = bool(np.all((used.b == 0) | (used.c == 0)))
        down = bool(np.all((used.a == 0) | (used.d == 0)))
    else:
        up = bool(used.b.sum() == 0 or used.c.sum() == 0)
        down = bool(used.a.sum() == 0 or used.d.sum() == 0)
    if up or down:
        raise InsufficientEvidenceError(
            f"The odds ratio of this model is {'infinite' if up else '0'} and has no standard "
            "error: in every informative study one group had no events (or only events), always "
            "the same one. pool_exact_odds_ratio(...) still bounds it on one side, and the "
            "cochran_mantel_haenszel(...) test holds."
        )


def _advice(used: Tables, model: str, options: MixedOptions) -> tuple[Caution, ...]:
    found: list[Caution] = []
    share = float((used.events / used.total).max())
    if model == "conditional-approximate" and share > MOST_APPROXIMATE_EVENTS:
        found.append(
            Caution(
                "approximate",
                f"In {used.names[int(np.argmax(used.events / used.total))]} "
                f"{format_number(100 * share, 0)}% of people had the event. The binomial "
                "approximation is meant for rare events (this module warns beyond "
                f"{100 * MOST_APPROXIMATE_EVENTS:g}%) and then draws odds ratios towards risk "
                'ratios; model="conditional" is exact.',
                _STIJNEN,
            )
        )
    return (*found, *coding_caution(options))


def coding_caution(options: MixedOptions) -> tuple[Caution, ...]:
    """Say that a one-sided coding depends on which group is called treatment."""
    if options.coding == "halves" or options.effects == "common":
        return ()
    return (
        Caution(
            "coding",
            f"All of the random effect goes to the {options.coding} group, which so is taken to "
            "vary more between studies than the other: the result depends on which group is "
            'called treatment. coding="halves" does not.',
            _JACKSON,
        ),
    )


def _kept(count: int) -> Caution:
    who = plural(count, "study", "studies")
    return Caution(
        "double-zero-kept",
        f"{who} in which nobody or everybody had the event {'is' if count == 1 else 'are'} part "
        "of this model: they tell of the baselines and their spread, and through these affect "
        "the odds ratio a little. The conditional models and those with fixed study effects "
        "leave them out.",
        _JACKSON,
    )


def own_effects(tables: Tables, measure: str) -> tuple[tuple[Floats, Floats], tuple[Caution, ...]]:
    """Return the studies' own effects and variances, a half added where a cell is empty."""
    silent = tables.nobody | tables.everybody
    effects, variances = np.full((2, silent.size), np.nan)
    sizes = _OWN[measure](**tables.take(~silent).columns())
    effects[~silent], variances[~silent] = sizes.estimate, sizes.variance
    count = int((tables.empty & ~silent).sum())
    return (effects, variances), (continuity_caution(count, "cell"),) if count else ()


def continuity_caution(count: int, what: str) -> Caution:
    """Say where a half was added, for display only."""
    return Caution(
        "continuity",
        "Nothing was added to the counts for the pooled effect. Only for the own effects shown "
        f"of {plural(count, 'study', 'studies')} with an empty {what}, a half was added.",
        "Sweeting, Sutton and Lambert 2004, Statistics in Medicine 23:1351-1375",
    )


def pool_mixed_proportion(
    *,
    events: ArrayLike,
    total: ArrayLike,
    options: MixedOptions | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> MixedResult:
    """Pool proportions of one group in several studies: binomial within, normal logits between.

    Parameters
    ----------
    events, total
        Counts, each a number or shape (k,).
    options
        Random or common proportion, test and interval.
    labels
        Names of the studies.
    level
        Confidence level.

    Returns
    -------
    MixedResult
        On the logit scale; `on_scale` leads back (to the median proportion, not the mean).
        Studies without events, or with nothing else, take part as they are.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When nobody or everybody had the event in every study, or the variance between studies
        has no finite value.

    References
    ----------
    Hamza TH, van Houwelingen HC, Stijnen T (2008). The binomial distribution of meta-analysis
    was preferred to model within-study variability. Journal of Clinical Epidemiology 61:41-51.
    """
    from evidence.synthesis.sparse import mixed_models as models

    options = check_options(options, "one group")
    level = check_level(level)
    group = read_group(events=events, total=total, labels=labels)
    x, n, names, cautions = group.events, group.size, group.names, group.cautions
    for nothing, who in ((x, "nobody"), (n - x, "everybody")):
        if not nothing.any():
            raise InsufficientEvidenceError(
                f"In every study {who} had the event ({n.sum():,.0f} people), so the pooled logit "
                "is infinite. proportion_interval(events=..., total=...) bounds the proportion "
                "on one side."
            )
    sizes = proportion(events=x, total=n)
    empty = (x == 0) | (x == n)
    if empty.any():
        cautions += (continuity_caution(int(empty.sum()), "count"),)
    arms = models.binomial_arms(x[:, None], n[:, None], np.zeros((x.size, 1)))
    return conclude(
        named=("binomial-normal model", "proportion", "observed information", level),
        names=names,
        counts={"events_group": x, "total_group": n},
        idle={},
        own=(sizes.estimate, sizes.variance),
        fit=models.fit_one_record(arms, random=options.effects == "random"),
        options=options,
        cautions=cautions,
    )
