"""The conclusion with one more study, for every effect it may show and every size it may have.

The study is added and everything estimated again by the synthesis's own method, tau² included.
So a study can also be too far from the others to settle anything, and with few studies a size
alone never does: the interval rests on the scatter of the studies, and one more study is one more
degree of freedom, however large it is.

References
----------
Langan D, Higgins JPT, Gregory W, Sutton AJ (2012). Graphical augmentations to the funnel plot
assess the impact of additional evidence on a meta-analysis. Journal of Clinical Epidemiology
65:511-519 (the regions of an extended funnel plot).
Sutton AJ, Cooper NJ, Jones DR, et al. (2007). Evidence-based sample size calculations based
upon updated meta-analysis. Statistics in Medicine 26:2479-2500.
Ferreira ML, Herbert RD, Crowther MJ, Verhagen A, Sutton AJ (2012). When is a further clinical
trial justified? BMJ 345:e5913.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import plural
from evidence.effects.arguments import Floats, checked, is_number
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.bayes.fit import pool_bayes
from evidence.synthesis.bayes.priors import HalfNormal
from evidence.synthesis.bayes.result import BayesResult
from evidence.synthesis.further.chances import (
    POWER,
    Truth,
    chances_of,
    first_size,
)
from evidence.synthesis.further.conclusions import REGIONS, Updates, region_of
from evidence.synthesis.further.result import NextTrial, Planned, Showing
from evidence.synthesis.model_words import EffectWords
from evidence.synthesis.result import OWN_TAU2, PooledResult

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SIZES_SHOWN", "TAU_SCALE", "foresee", "next_trial", "variance_of_one"]

#: People in the further study for which chances are shown.
SIZES_SHOWN = (50, 100, 200, 500, 1000, 5000, 20_000)
#: Half-normal scale of the prior of tau, in standard deviations between people; of log ratios in
#: their own unit.
TAU_SCALE = 0.5
_ACROSS, _UP = 481, 161
#: The grid goes beyond the largest and the smallest standard error so far by this factor.
_BEYOND = 2.0
#: Effects that a planned study is tried with: near the others, and far out in their widths.
_NEAR, _FAR, _WIDEST = 2001, 200, 1e6
_HALVINGS = 50
#: Studies so far up to which the number of them alone keeps the interval wide.
_FEW = 5
#: A study with a standard error so many times the largest so far tells nothing.
_NOTHING = 1e4


def variance_of_one(result: PooledResult, people: ArrayLike) -> float:
    """Return the variance of a study of one person: the median of variance times people.

    Parameters
    ----------
    result
        What `pool` returned.
    people
        People in each study, shape (k,).
    """
    given = checked({"people": 0.0}, strict=True, people=people)["people"]
    if given.size != result.k:
        raise InvalidArgumentError(
            f"people has {given.size} values for {plural(result.k, 'study', 'studies')}; give one "
            "number a study, in their order."
        )
    return float(np.median(result.variances * given))


def foresee(result: PooledResult, *, ratio: bool, one: float) -> BayesResult:
    """Return the posterior that foretells a further study, with a half-normal prior of tau.

    Parameters
    ----------
    result
        What `pool` returned.
    ratio
        Whether the effects are logarithms of ratios.
    one
        Variance of a study of one person: with two equal groups it is four times the variance
        between people, so the prior's scale is in standard deviations between people.
    """
    scale = TAU_SCALE if ratio else TAU_SCALE * math.sqrt(one) / 2
    return pool_bayes(
        result.effects,
        result.variances,
        labels=result.labels,
        tau_prior=HalfNormal(scale),
        level=result.method.level,
    )


def next_trial(
    result: PooledResult,
    *,
    people: ArrayLike,
    better: str,
    threshold: float | None = None,
    posterior: BayesResult | None = None,
    planned: Mapping[str, float] | None = None,
    sizes: ArrayLike = SIZES_SHOWN,
    words: EffectWords | None = None,
) -> NextTrial:
    """Find what the synthesis would say with one more study, by its effect and its size.

    Parameters
    ----------
    result
        What `pool` returned, also of one study or two.
    people
        People in each study, shape (k,): they tell what standard error so many people make.
    better
        ``"higher"`` or ``"lower"`` effects.
    threshold
        The smallest difference that matters, without sign, on the scale of the effects
        (logarithms for ratios); None where none is known.
    posterior
        What `pool_bayes` returned of the same studies, to foretell the next; by default with a
        half-normal prior of tau of half a standard deviation between people. Give one for ratios.
    planned
        Names of studies that are planned or under way, with their people.
    sizes
        People in the further study for which chances are worked out.
    words
        How effects are written; numbers alone without.

    Returns
    -------
    NextTrial

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.

    References
    ----------
    Langan, Higgins, Gregory and Sutton (2012), Sutton and others (2007), Ferreira and others
    (2012): see the module.
    """
    _check(result, better, threshold)
    sign = 1 if better == "higher" else -1
    smallest = math.nan if threshold is None else float(threshold)
    one = variance_of_one(result, people)
    shown = checked({"sizes": 0.0}, strict=True, sizes=sizes)["sizes"]
    foretold = (posterior or foresee(result, ratio=False, one=one)).predictive
    updates = Updates(result, sign, smallest)
    now = _now(result, sign, smallest)
    truths = _truths(result, sign, smallest, foretold)
    errors = np.sqrt(one / shown)
    effects, grid = _grid(result, smallest)
    showing = tuple(_showing(updates, truth, one, now) for truth in truths[:-1])
    return NextTrial(
        result=result,
        sign=sign,
        threshold=smallest,
        now=now,
        variance_of_one=one,
        effects=effects,
        standard_errors=grid,
        regions=updates.region(effects, grid[:, np.newaxis]),
        truths=truths,
        people=shown,
        chances=np.stack([chances_of(updates, truth, errors) for truth in truths]),
        enough=tuple(_enough(updates, truth, one) for truth in truths),
        showing=showing,
        planned=_all_planned(updates, truths[-1], planned or {}, (one, now), effects),
        words=words or EffectWords.bare(),
        cautions=(*_cautions(result, updates, now), *_too_small(showing, people)),
    )


def _check(result: PooledResult, better: str, threshold: float | None) -> None:
    if not isinstance(result, PooledResult):
        raise InvalidArgumentError(
            f"result is {type(result).__name__}; next_trial takes what pool(...) returned."
        )
    if result.method.ci_method in OWN_TAU2:
        raise InvalidArgumentError(
            f"The result's ci_method is {result.method.ci_method!r}, to which no study is added "
            "here. Pool again with ci_method='HKSJ-adhoc', 'HKSJ', 't' or 'Wald'."
        )
    if better not in ("higher", "lower"):
        raise InvalidArgumentError(f"better is {better!r}; give 'higher' or 'lower'.")
    if threshold is not None and not (
        is_number(threshold) and math.isfinite(threshold) and threshold > 0
    ):
        raise InvalidArgumentError(
            f"threshold is {threshold!r}; give a finite number above 0 on the scale of the "
            "effects, or None where no difference is known to matter."
        )


def _now(result: PooledResult, sign: int, threshold: float) -> int:
    low, high = sorted((sign * result.ci_low, sign * result.ci_high))
    return int(region_of(low, high, threshold))


def _truths(
    result: PooledResult, sign: int, threshold: float, foretold: object
) -> tuple[Truth, ...]:
    """Return what may be true of the next study; the last is what the studies foretell."""
    known = not math.isnan(threshold)
    benefit = sign * result.estimate
    better = tuple(range(REGIONS.index("open") + 1, len(REGIONS)))
    found = [Truth("no effect", 0.0, None, (REGIONS.index("no important benefit"),) * known)]
    if known:
        name = "the smallest difference that matters"
        found.append(Truth(name, sign * threshold, None, better))
    right = better if benefit > 0 else (REGIONS.index("harm"),) if benefit < 0 else ()
    found.append(Truth("the pooled estimate", result.estimate, None, right))
    found.append(Truth("what the studies so far foretell", math.nan, foretold, ()))  # type: ignore[arg-type]
    return tuple(found)


def _grid(result: PooledResult, threshold: float) -> tuple[Floats, Floats]:
    errors = np.sqrt(result.variances)
    low, high = float(errors.min()) / _BEYOND, float(errors.max()) * _BEYOND
    typical = float(np.median(errors))
    places = [*result.effects, result.ci_low, result.ci_high, 0.0]
    if not math.isnan(threshold):
        places += [threshold, -threshold]
    # Twice a typical standard error beyond: a study that says otherwise has its place.
    ends = min(places) - 2 * typical, max(places) + 2 * typical
    return np.linspace(*ends, _ACROSS), np.geomspace(low, high, _UP)


def _enough(updates: Updates, truth: Truth, one: float) -> int | None:
    if not truth.right:
        return None
    right = list(truth.right)

    def enough(people: Floats) -> NDArray[np.bool_]:
        found = chances_of(updates, truth, np.sqrt(one / people))
        return np.asarray(found[:, right].sum(axis=1) >= POWER)

    return first_size(enough)


def _showing(updates: Updates, truth: Truth, one: float, now: int) -> Showing:
    effect = np.array([truth.effect])

    def changed(people: Floats) -> NDArray[np.bool_]:
        return np.asarray(updates.region(effect, np.sqrt(one / people)) != now)

    people = first_size(changed)
    then = None if people is None else int(updates.region(effect, np.sqrt([one / people]))[0])
    return Showing(truth.name, truth.effect, people, then)


def _planned(
    updates: Updates, study: tuple[str, float], one: float, count: int, effects: Floats
) -> Planned:
    """Return what `count` studies of so many people together bring by showing one effect."""
    name, people = study
    error = math.sqrt(one * count / people)
    width = float(effects[-1] - effects[0]) + 2 * error
    middle = (effects[0] + effects[-1]) / 2
    # Densely where studies may lie, thinly as far as no effect can be believed to.
    near = middle + np.linspace(-width, width, _NEAR)
    far = np.geomspace(width, _WIDEST * width, _FAR)
    places = np.concatenate([middle - far[::-1], near[1:-1], middle + far])
    regions = updates.region(places, np.full(places.size, error), count)
    ranges: list[tuple[int, float, float]] = []
    for region in map(int, np.unique(regions)):
        first, last = (int(end) for end in np.flatnonzero(regions == region)[[0, -1]])
        low, high = -math.inf, math.inf
        if first > 0:
            bracket = float(places[first - 1]), float(places[first])
            low = _edge(updates, (error, count), bracket, region)
        if last < places.size - 1:
            bracket = float(places[last + 1]), float(places[last])
            high = _edge(updates, (error, count), bracket, region)
        ranges.append((region, low, high))
    return Planned(name, people, count, error, tuple(ranges), math.nan)


def _edge(
    updates: Updates, study: tuple[float, int], bracket: tuple[float, float], region: int
) -> float:
    """Return where a region begins, between a place outside and one inside."""
    outside, inside = bracket
    for _ in range(_HALVINGS):
        middle = (outside + inside) / 2
        there = updates.region(np.array([middle]), np.array([study[0]]), study[1])[0] == region
        outside, inside = (outside, middle) if there else (middle, inside)
    return float(inside)


def _all_planned(
    updates: Updates,
    foretold: Truth,
    planned: Mapping[str, float],
    so_far: tuple[float, int],
    effects: Floats,
) -> tuple[Planned, ...]:
    one, now = so_far
    for name, people in planned.items():
        if not is_number(people) or not 0 < people < math.inf:
            raise InvalidArgumentError(
                f"planned says {people!r} people of {name}; give a number above 0, or leave it out."
            )
    found = []
    for name, people in planned.items():
        each = _planned(updates, (name, float(people)), one, 1, effects)
        chances = chances_of(updates, foretold, np.array([each.standard_error]))
        found.append(replace(each, chance=1 - float(chances[0, now])))
    if len(planned) > 1:
        together = ("all of them together", float(sum(planned.values())))
        found.append(_planned(updates, together, one, len(planned), effects))
    return tuple(found)


def _too_small(showing: tuple[Showing, ...], people: ArrayLike) -> tuple[Caution, ...]:
    fewest = float(np.min(np.asarray(people, dtype=np.float64)))
    if all(each.people is None or each.people >= fewest for each in showing):
        return ()
    return (
        Caution(
            "small-study-suffices",
            "That a study smaller than any so far would do is no reason to plan one: much of it "
            "comes from counting one study more, and a small one is just as easily turned by "
            "chance or by bias.",
            "Ferreira and others 2012, BMJ 345:e5913",
        ),
    )


def _cautions(result: PooledResult, updates: Updates, now: int) -> tuple[Caution, ...]:
    found = []
    method = result.method
    scatter = method.ci_method != "Wald"
    if scatter and result.k == 1:
        found.append(
            Caution(
                "one-becomes-two",
                "One study has an interval of its own; two are pooled with one degree of freedom, "
                "which makes the interval wide whatever the second one shows, unless it is large "
                "and agrees.",
                "Röver, Knapp and Friede 2015, BMC Medical Research Methodology 15:99",
            )
        )
    elif scatter and result.k < _FEW:
        found.append(
            Caution(
                "few-studies-more",
                f"With {plural(result.k, 'study', 'studies')} so far the interval rests on how "
                f"{plural(result.k + 1, 'study', 'studies')} would scatter, so the size of one "
                "more cannot settle what their number leaves open.",
                "Röver, Knapp and Friede 2015, BMC Medical Research Methodology 15:99",
            )
        )
    if method.ci_method == "HKSJ":
        found.append(
            Caution(
                "no-guard",
                "The interval has no guard: a study that shows just what the others do can shrink "
                "it to next to nothing. HKSJ-adhoc has one.",
                "Röver, Knapp and Friede 2015, BMC Medical Research Methodology 15:99",
            )
        )
    error = _NOTHING * math.sqrt(float(result.variances.max()))
    nothing = int(updates.region(np.array([result.estimate]), np.array([error]))[0])
    if nothing != now:
        found.append(
            Caution(
                "degree-of-freedom",
                "Even a study that tells nothing would change the conclusion here: it counts as "
                "one more degree of freedom. Such a change would be an artefact of the method.",
            )
        )
    if any(caution.code == "dependent-rows" for caution in result.cautions):
        found.append(
            Caution(
                "rows-not-studies",
                "Some studies have several rows, and one row is added as if it were one study.",
            )
        )
    return tuple(found)
