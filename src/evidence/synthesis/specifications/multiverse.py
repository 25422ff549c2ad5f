"""Run every combination of decisions.

Combinations that lead to the same trials, the same effects and the same method are one
analysis, which is carried out and counted once.

References
----------
Steegen S, Tuerlinckx F, Gelman A, Vanpaemel W (2016). Increasing transparency through a
multiverse analysis. Perspectives on Psychological Science 11:702-712.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice, product
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from evidence.data import Review
from evidence.effects.arguments import Floats
from evidence.effects.importance import important_difference
from evidence.errors import Caution, InsufficientEvidenceError
from evidence.synthesis.batch import BATCH_CI_METHODS, pool_many
from evidence.synthesis.pool import pool
from evidence.synthesis.result import OWN_TAU2
from evidence.synthesis.sensitivity.parts import check_count, random_generator
from evidence.synthesis.specifications.decisions import (
    Decision,
    interval_decision,
    model_of,
    tau2_decision,
)
from evidence.synthesis.specifications.grouping import group_rows
from evidence.synthesis.specifications.result import Multiverse, percent
from evidence.synthesis.specifications.trials import Trials, trials_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST", "multiverse"]

#: So many combinations are run one by one; of more a sample is drawn.
MOST = 200_000

#: What is kept of each analysis, in the order of the columns.
_KEPT = ("estimate", "ci_low", "ci_high", "p_value", "tau2")


def multiverse(review: Review, *, outcome: str = "", most: int = MOST, seed: int = 0) -> Multiverse:
    """Run every defensible analysis of an outcome, and see what holds in all of them.

    Parameters
    ----------
    review
        The review. The plan in its `review.toml` says which analysis is the planned one.
    outcome
        An outcome with a planned analysis, or such an analysis; left out for the main one.
    most
        How many combinations of decisions to run at most. Of more than that a random sample is
        taken, always with the planned ones; the result says so.
    seed
        Start of the random numbers; the same seed gives the same sample.

    Returns
    -------
    Multiverse

    Raises
    ------
    UnknownNameError
        When the outcome is not known.
    InvalidArgumentError
        When no analysis of it is planned, `most` is no whole number from 100, or `seed` none
        from 0.
    InsufficientEvidenceError
        When no trial gives an effect under any combination.

    Notes
    -----
    The decisions are those on the outcomes (as planned), the effect measure, trials left out by
    decision, how contradictory reports are read, what to do where a direction or an effect is
    not reported, the correlation within people of a crossover, which trials count (by design,
    publication, tier of the report, form, comparator, population, registration, risk of bias),
    how the variation between trials is estimated, and the interval of the mean. A decision that
    changes nothing here is named and left out.
    """
    most = check_count("most", most, 100, "200_000")
    generator = random_generator(seed)
    trials = trials_of(review, outcome)
    plan = trials.analyses[0]
    if not trials.labels:
        raise InsufficientEvidenceError(
            f"{plan.title}: no trial gives an effect under any combination of decisions."
        )
    methods = tau2_decision(plan), interval_decision(plan)
    decisions = (*trials.decisions, *methods)
    shape = tuple(len(decision.options) for decision in decisions)
    total = math.prod(shape)
    codes = _every(shape) if total <= most else _sample(decisions, most, generator)
    return _run(review, trials, decisions, codes, total)


def _every(shape: tuple[int, ...]) -> NDArray[np.int16]:
    """Return all combinations, the last decision running fastest."""
    grid = np.indices(shape, dtype=np.int16).reshape(len(shape), -1)
    return np.ascontiguousarray(grid.T)


def _sample(
    decisions: tuple[Decision, ...], most: int, generator: np.random.Generator
) -> NDArray[np.int16]:
    """Return random combinations, the planned ones, and all neighbours of these.

    Neighbours differ in one decision, so that what a decision does can be seen beside equals.
    """
    shape = np.array([len(decision.options) for decision in decisions])
    neighbours = int((shape - 1).sum())
    # Half of the sample at most is for the readings that the plan carries along.
    enough = max(most // (2 * (1 + neighbours)), 1)
    readings = islice(product(*(decision.planned for decision in decisions)), enough)
    planned = np.array(list(readings), np.int16)
    count = max(most // (1 + neighbours) - len(planned), 1)
    drawn = generator.integers(0, shape, (count, shape.size), dtype=np.int16)
    base = np.unique(np.vstack([planned, drawn]), axis=0)
    found = [base]
    for place, options in enumerate(shape):
        for option in range(options):
            varied = base[base[:, place] != option].copy()
            varied[:, place] = option
            found.append(varied)
    return np.unique(np.vstack(found), axis=0)


@dataclass(frozen=True, slots=True)
class _Bodies:
    """The different bodies of evidence, one a row, and which of them each combination has."""

    entering: NDArray[np.int32]
    of: NDArray[np.intp]
    k: NDArray[np.intp]


def _bodies(trials: Trials, codes: NDArray[np.int16]) -> _Bodies:
    data = len(trials.decisions)
    # The methods do not matter for which trials enter: look each choice of data up once.
    first, back = group_rows(codes[:, :data])
    rows = trials.entering(codes[first, :data])
    different, of = group_rows(rows)
    entering = rows[different]
    return _Bodies(entering, of[back], (entering >= 0).sum(axis=1))


def _run(
    review: Review,
    trials: Trials,
    decisions: tuple[Decision, ...],
    codes: NDArray[np.int16],
    total: int,
) -> Multiverse:
    bodies = _bodies(trials, codes)
    tau2, interval = decisions[-2:]
    own = np.array([option.name in OWN_TAU2 for option in interval.options])
    # Where an interval comes with an estimator of its own, the other choice does nothing.
    variation = np.where(own[codes[:, -1]], 0, codes[:, -2]).astype(np.intp)
    method = variation * len(interval.options) + codes[:, -1]
    # A single trial has nothing to estimate: its result is one analysis whatever the method.
    method[bodies.k[bodies.of] < 2] = 0
    methods = len(tau2.options) * len(interval.options)
    key = bodies.of * methods + method
    possible = bodies.k[bodies.of] > 0
    found, first, analysis, counts = np.unique(
        key[possible], return_index=True, return_inverse=True, return_counts=True
    )
    if found.size == 0:
        raise InsufficientEvidenceError(
            f"{trials.analyses[0].title}: no trial gives an effect under any combination."
        )
    of_combination = np.full(codes.shape[0], -1, dtype=np.intp)
    of_combination[possible] = analysis
    body, way = found // methods, found % methods
    numbers = _numbers(trials, bodies, (body, way), decisions[-2:])
    representative = codes[possible][first]
    readings = bodies.entering[body]
    measure = _measures(trials, readings)
    return Multiverse(
        title=trials.analyses[0].title,
        benefit_sign=review.outcome(trials.analyses[0].outcomes[0]).benefit_sign,
        decisions=decisions,
        idle=trials.idle,
        labels=trials.labels,
        readings=trials.readings,
        codes=codes,
        of_combination=of_combination,
        numbers=numbers,
        k=bodies.k[body],
        measure=measure,
        entering=readings,
        combinations=counts,
        threshold=_thresholds(review, trials, decisions, representative, measure),
        total=total,
        cautions=_cautions(codes.shape[0], total, bodies.k[body]),
    )


def _measures(trials: Trials, readings: NDArray[np.int32]) -> NDArray[np.object_]:
    """Return the measure of each analysis: that of its trials, which share one."""
    names = np.array([reading.measure for reading in trials.readings], dtype=object)
    found: NDArray[np.object_] = names[readings.max(axis=1)]
    return found


def _thresholds(
    review: Review,
    trials: Trials,
    decisions: tuple[Decision, ...],
    codes: NDArray[np.int16],
    measure: NDArray[np.object_],
) -> Floats:
    """Return the smallest important difference on each analysis's scale; NaN where unknown."""
    column = {decision.id: place for place, decision in enumerate(decisions)}
    which = codes[:, column["outcomes"]] if "outcomes" in column else np.zeros(len(codes), int)
    known: dict[tuple[int, str], float] = {}
    for place, name in set(zip(which.tolist(), measure.tolist(), strict=True)):
        value = important_difference(review, trials.analyses[place].outcomes, name)
        known[place, name] = math.nan if value is None else value
    pairs = zip(which.tolist(), measure.tolist(), strict=True)
    return np.array([known[pair] for pair in pairs])


def _numbers(
    trials: Trials,
    bodies: _Bodies,
    analyses: tuple[NDArray[np.intp], NDArray[np.intp]],
    methods: tuple[Decision, ...],
) -> Mapping[str, Floats]:
    """Carry every analysis out; by column of `_KEPT`."""
    effects = np.array([*(reading.estimate for reading in trials.readings), math.nan])
    variances = np.array([*(reading.standard_error**2 for reading in trials.readings), math.nan])
    body, way = analyses
    tau2, interval = methods
    found = {name: np.full(body.size, math.nan) for name in _KEPT}
    for place in range(len(tau2.options) * len(interval.options)):
        mine = np.flatnonzero(way == place)
        if mine.size == 0:
            continue
        model, estimator = model_of(tau2.options[place // len(interval.options)].name)
        ci_method = interval.options[place % len(interval.options)].name
        rows = bodies.entering[body[mine]]
        if ci_method in BATCH_CI_METHODS:
            batch = pool_many(
                effects[rows],
                variances[rows],
                model=model,
                tau2_method=estimator,
                ci_method=ci_method,
            )
            for name in _KEPT:
                found[name][mine] = getattr(batch, name)
        else:
            for at, row in zip(mine, rows, strict=True):
                used = row[row >= 0]
                result = pool(
                    effects[used],
                    variances[used],
                    model=model,
                    tau2_method=OWN_TAU2[ci_method],
                    ci_method=ci_method,
                )
                for name in _KEPT:
                    found[name][at] = getattr(result, name)
    return MappingProxyType(found)


def _cautions(run: int, total: int, k: NDArray[np.intp]) -> tuple[Caution, ...]:
    found = [
        Caution(
            "not-a-vote",
            "The shares count analyses, and not how likely anything is: analyses share their "
            "trials, and not all of them are equally good.",
            "Steegen et al. 2016, Perspectives on Psychological Science 11:702-712",
        )
    ]
    if run < total:
        found.append(
            Caution(
                "sampled",
                f"Of {total:,} combinations of decisions {run:,} were drawn at random; shares are "
                "those of the sample.",
            )
        )
    single = float((k == 1).mean())
    if single > 0:
        found.append(
            Caution(
                "single-trials",
                f"In {percent(single)} of the analyses one trial is left, whose own interval "
                "knows nothing of how trials differ.",
            )
        )
    return tuple(found)
