"""Which trials enter an analysis under each decision, and with which effect.

For every trial a small table says which reading of it enters under each combination of the
decisions that concern its effect, and for every decision on trials which of them pass. All
combinations of decisions are then looked up at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from evidence.data import Analysis, Review
from evidence.display import join_words
from evidence.effects.derivation.derive import Derivation, LeftOut, derive_analysis
from evidence.effects.derivation.imputation import either_way, least_informative
from evidence.effects.derivation.readings import LOG_MEASURES, Comparison, Reading
from evidence.errors import InvalidArgumentError, UnknownNameError, did_you_mean
from evidence.synthesis.specifications.decisions import CORRELATIONS, Decision, Option
from evidence.synthesis.specifications.filters import ALL, Filter, filters_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Trials", "trials_of"]

#: The decisions on effects that all trials share: the axes of every trial's table.
_SHARED = (
    "outcomes",
    "measure",
    "exclusions",
    "direction",
    "imputation",
    "correlation",
    "tier",
)
#: Table and line of the rows behind a set of readings that agree.
_Reports = frozenset[tuple[str, int]]
#: Which outcomes, which measure and which correlation: places among the options.
_Place = tuple[int, int, int]
_CONTINUOUS = ("standardised mean difference", "mean difference")
_DICHOTOMOUS = ("risk ratio", "odds ratio", "risk difference")


@dataclass(frozen=True, slots=True)
class Trials:
    """The trials that can enter, and how each decision acts on them.

    Attributes
    ----------
    analyses
        The plan behind each option of the decision on outcomes; the first is the main one.
    measures
        The measure of each option of the decision on measures.
    study_ids, labels
        The trials.
    readings
        Every reading that can enter; its place stands for it.
    tables
        For each trial the place of the reading that enters, or -1: an axis for each decision of
        `_SHARED`, and one for the trial's own readings.
    filters
        Which trials pass, by decision.
    decisions
        Those that make a difference, in the order in which they are shown.
    idle
        Titles of those that make none.
    """

    analyses: tuple[Analysis, ...]
    measures: tuple[str, ...]
    study_ids: tuple[str, ...]
    labels: tuple[str, ...]
    readings: tuple[Reading, ...]
    tables: tuple[NDArray[np.int32], ...]
    filters: tuple[Filter, ...]
    decisions: tuple[Decision, ...]
    idle: tuple[str, ...]

    def entering(self, codes: NDArray[np.int16]) -> NDArray[np.int32]:
        """Return which reading of each trial enters, shape (m, trials); -1: none.

        Parameters
        ----------
        codes
            The option taken in each decision, shape (m, decisions).
        """
        column = {decision.id: place for place, decision in enumerate(self.decisions)}
        nothing = np.zeros(codes.shape[0], dtype=np.int16)

        def taken(name: str) -> NDArray[np.int16]:
            return codes[:, column[name]] if name in column else nothing

        shared = tuple(taken(name) for name in _SHARED)
        found = np.empty((codes.shape[0], len(self.labels)), dtype=np.int32)
        for place, table in enumerate(self.tables):
            found[:, place] = table[(*shared, taken(_reading_id(self.study_ids[place])))]
        for each in self.filters:
            found[~each.passes[taken(each.id)]] = -1
        return found


def _reading_id(study_id: str) -> str:
    """Return the id of the decision how a trial's contradictory reports are read."""
    # Two trials may have one label.
    return f"reading of {study_id}"


def trials_of(review: Review, outcome: str) -> Trials:
    """Collect every trial that some defensible analysis of an outcome can use.

    Parameters
    ----------
    review
        The review.
    outcome
        An outcome, or a planned analysis; empty for the main analysis.
    """
    analyses = _analyses(review, outcome)
    measures = _measures(review, analyses[0])
    contexts = _contexts(review, analyses, measures)
    book = _Book()
    # What each study gives under each choice, so that none is looked for among all the others.
    found: dict[str, dict[_Place, Comparison | LeftOut]] = {}
    for place, derivation in contexts.items():
        everything: tuple[Comparison | LeftOut, ...] = (
            *derivation.comparisons,
            *derivation.left_out,
        )
        for each in everything:
            found.setdefault(each.study_id, {})[place] = each
    counts = len(analyses), len(measures)
    tables, kept, readings = [], [], []
    for study_id, mine in found.items():
        table, options = _table_of(review, mine, contexts, counts, book)
        if (table >= 0).any():
            tables.append(table)
            kept.append(study_id)
            if len(options) > 1:
                readings.append(_reading_decision(study_id, review.label(study_id), options))
    labels = tuple(review.label(study_id) for study_id in kept)
    silent = _silent(tables, labels)
    shared, tables = _without_idle(_shared_decisions(analyses, measures, silent), tables)
    about = list(dict.fromkeys(name for analysis in analyses for name in analysis.outcomes))
    filters = filters_of(review, kept, about)
    rest = [each.decision for each in filters]
    decisions = (*shared[:3], *readings, *shared[3:-1], *rest[:2], shared[-1], *rest[2:])
    live = tuple(decision for decision in decisions if len(decision.options) > 1)
    return Trials(
        analyses,
        measures,
        tuple(kept),
        labels,
        tuple(book.readings),
        tuple(tables),
        filters,
        live,
        tuple(d.title for d in decisions if len(d.options) == 1),
    )


class _Book:
    """Readings by place, each once."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self._places: dict[object, int] = {}

    def place(self, reading: Reading) -> int:
        key = (reading.rows, reading.measure, reading.estimate, reading.standard_error)
        if key not in self._places:
            self._places[key] = len(self.readings)
            self.readings.append(reading)
        return self._places[key]


def _analyses(review: Review, outcome: str) -> tuple[Analysis, ...]:
    """Return the planned analyses of an outcome, each choice of outcomes once, the main first."""
    plans = review.plan.analyses
    if not outcome:
        first = next(iter(plans.values()))
    elif outcome in plans:
        first = plans[outcome]
    else:
        if outcome not in review.plan.outcomes:
            known = [*review.plan.outcomes, *plans]
            raise UnknownNameError(
                f"{review.name} has no outcome or analysis {outcome!r}. "
                f"{did_you_mean(outcome, known)}"
            )
        with_it = [plan for plan in plans.values() if outcome in plan.outcomes]
        if not with_it:
            raise InvalidArgumentError(
                f"No analysis of {outcome!r} is planned; the plan in review.toml says what the "
                f"others are compared with. Planned are: {', '.join(plans)}."
            )
        first = with_it[0]
    if len({review.outcome(each).better for each in first.outcomes}) > 1:
        raise InvalidArgumentError(
            f"The analysis {first.id!r} mixes outcomes that are better high and better low: "
            f"{', '.join(first.outcomes)}. Split it into two analyses."
        )
    shown = {first.outcomes: first}
    main = outcome if outcome in review.plan.outcomes else first.outcomes[0]
    for plan in plans.values():
        better = {review.outcome(each).better for each in (*plan.outcomes, *first.outcomes)}
        if main in plan.outcomes and len(better) == 1:
            shown.setdefault(plan.outcomes, plan)
    return tuple(shown.values())


def _measures(review: Review, plan: Analysis) -> tuple[str, ...]:
    kind = review.outcome(plan.outcomes[0]).kind
    known = _CONTINUOUS if kind == "continuous" else _DICHOTOMOUS
    return tuple(dict.fromkeys((plan.measure, *known)))


def _contexts(
    review: Review, analyses: tuple[Analysis, ...], measures: tuple[str, ...]
) -> dict[_Place, Derivation]:
    """Derive the trials' effects for each set of outcomes, measure and correlation."""
    correlations = CORRELATIONS if _has_crossover(review, analyses) else ()
    found = {}
    for (o, plan), (m, measure) in product(enumerate(analyses), enumerate(measures)):
        # Differences in the unit of one outcome are not to be pooled with those of another,
        # unless the plan itself does.
        unlike = len(plan.outcomes) > 1 and measure == "mean difference"
        if unlike and plan.measure != measure:
            continue
        variant = replace(plan, measure=measure)
        found[o, m, 0] = derive_analysis(review, variant, exclusions=False)
        for r, correlation in enumerate(correlations, start=1):
            found[o, m, r] = derive_analysis(
                review, variant, correlation=correlation, exclusions=False
            )
        for r in range(len(correlations) + 1, len(CORRELATIONS) + 1):
            found[o, m, r] = found[o, m, 0]
    return found


def _has_crossover(review: Review, analyses: tuple[Analysis, ...]) -> bool:
    """Return whether a crossover reports anything of the outcomes."""
    studies = review.studies
    trials = studies[(studies["role"] == "trial") & (studies["design"] == "crossover trial")]
    outcomes = {outcome for plan in analyses for outcome in plan.outcomes}
    return any(
        len(review.rows_of(table, study_id, outcome))
        for study_id in trials["study_id"]
        for outcome in outcomes
        for table in ("arms", "contrasts")
    )


def _table_of(
    review: Review,
    mine: Mapping[_Place, Comparison | LeftOut],
    contexts: Mapping[_Place, Derivation],
    counts: tuple[int, int],
    book: _Book,
) -> tuple[NDArray[np.int32], dict[_Reports, str]]:
    """Return one trial's table, and its contradictory readings in words by their reports."""
    ways: dict[_Reports, str] = {}
    for comparison in mine.values():
        if isinstance(comparison, Comparison) and len(comparison.usable) > 1 and not ways:
            ways = {
                _reports(comparison, reading): comparison.reading_in_words(reading)
                for reading in comparison.usable
            }
    keys = list(ways) or [frozenset()]
    shape = (*counts, 2, 3, 2, 1 + len(CORRELATIONS), 2, len(keys))
    table = np.full(shape, -1, dtype=np.int32)
    for (o, m, r), found in mine.items():
        if isinstance(found, Comparison):
            for w, key in enumerate(keys):
                group = _nearest(found, key)
                for tier, reading in enumerate((group[0], _first_hand(group))):
                    if reading is not None:
                        table[o, m, :, :, :, r, tier, w] = book.place(reading)
        else:
            part = table[o, m, ..., r, :, :]
            _impute(review, found, contexts[o, m, r].analysis, part, r, book)
        excluded = review.exclusions
        analysis_id = contexts[o, m, r].analysis.id
        decided = excluded["study_id"][excluded["analysis_id"] == analysis_id]
        if found.study_id in set(decided):
            table[o, m, 0, ..., r, :, :] = -1
    return table, ways


def _impute(
    review: Review,
    found: LeftOut,
    analysis: Analysis,
    table: NDArray[np.int32],
    r: int,
    book: _Book,
) -> None:
    """Fill in what could stand in for an effect.

    Axes: exclusions, direction, imputation, tier, way.
    """
    both = either_way(found)
    if both is not None:
        benefit = review.outcome(found.outcome_id).benefit_sign
        for place, reading in enumerate(both[::benefit], start=1):
            for tier in _tiers(reading):
                table[:, place, :, tier] = book.place(reading)
        return
    correlation = (None, *CORRELATIONS)[r]
    least = least_informative(review, found, analysis.measure, correlation)
    if least is not None:
        for tier in _tiers(least):
            table[:, :, 1, tier] = book.place(least)


def _reports(comparison: Comparison, reading: Reading) -> _Reports:
    """Return the rows behind the set of agreeing readings, which are the same for any measure."""
    group = next(group for group in comparison.sets if reading in group)
    return frozenset(row for each in group for row in each.rows)


def _nearest(comparison: Comparison, key: _Reports) -> tuple[Reading, ...]:
    """Return the usable readings of the set that shares most reports with `key`.

    The preferred one stands first; where none shares any, it is the preferred set.
    """
    first = max(comparison.usable, key=lambda reading: len(key & _reports(comparison, reading)))
    group = next(group for group in comparison.sets if first in group)
    return (first, *(each for each in group if each.usable and each is not first))


def _first_hand(group: tuple[Reading, ...]) -> Reading | None:
    """Return the first of the readings that agree which is nobody else's account."""
    return next((reading for reading in group if reading.tier == "primary"), None)


def _tiers(reading: Reading) -> tuple[int, ...]:
    """Return the options of the decision on tiers under which a reading may enter."""
    return (0, 1) if reading.tier == "primary" else (0,)


def _reading_decision(study_id: str, label: str, ways: Mapping[_Reports, str]) -> Decision:
    reason = "the reports contradict each other, and nothing read so far says which is right"
    options = tuple(Option(f"from {words}", reason, planned=True) for words in ways.values())
    return Decision(_reading_id(study_id), f"the reading of {label}", options)


def _silent(
    tables: list[NDArray[np.int32]], labels: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """Return the trials that need a direction, and those that need an imputed effect."""
    need: tuple[list[str], list[str]] = ([], [])
    for table, label in zip(tables, labels, strict=True):
        for axis, names in zip((3, 4), need, strict=True):
            first = np.take(table, [0], axis=axis)
            if (table != first).any():
                names.append(label)
    return need


def _shared_decisions(
    analyses: tuple[Analysis, ...],
    measures: tuple[str, ...],
    silent: tuple[list[str], list[str]],
) -> list[Decision]:
    """Return the decisions of `_SHARED`, with every option."""
    directions, effects = (f" ({join_words(names)})" if names else "" for names in silent)
    outcomes = [
        Option(plan.title, "planned as an analysis of its own", planned=place == 0)
        for place, plan in enumerate(analyses)
    ]
    scales = [
        Option(
            measure,
            "relative to what happens without treatment"
            if measure in LOG_MEASURES
            else _WHY[measure],
            planned=place == 0,
        )
        for place, measure in enumerate(measures)
    ]
    return [
        Decision("outcomes", "which outcomes count", tuple(outcomes)),
        Decision("measure", "the effect measure", tuple(scales)),
        Decision(
            "exclusions",
            "the trials left out by decision",
            (
                Option("left out", "for the reasons in exclusions.csv", planned=True),
                Option("brought back", "a reviewer may decide otherwise"),
            ),
        ),
        Decision(
            "direction",
            f"the direction that is not reported{directions}",
            (
                Option("left out", "a size without direction is no effect", planned=True),
                Option("better with treatment", "it may be so"),
                Option("worse with treatment", "it may be so"),
            ),
        ),
        Decision(
            "imputation",
            f"the effect that is not reported{effects}",
            (
                Option("left out", "nothing reported, nothing entered", planned=True),
                Option(
                    "the least it can be",
                    "leaving out what is only said to be not significant makes the rest look "
                    "better (Cochrane Handbook, sections 6.5.2.3 and 13.3)",
                ),
            ),
        ),
        Decision(
            "correlation",
            "the correlation within people of a crossover",
            (
                Option("left out", "none is reported", planned=True),
                *(
                    Option(f"r = {r:g}", "assumed (Cochrane Handbook, section 23.2.7.3)")
                    for r in CORRELATIONS
                ),
            ),
        ),
        Decision(
            "tier",
            "whose report the numbers come from",
            (ALL, Option("first-hand only", "nobody else's account stands in between")),
        ),
    ]


_WHY = {
    "ratio": "relative to what happens without treatment",
    "standardised mean difference": "brings different scales together",
    "mean difference": "in the unit that people know",
    "risk difference": "in people out of a hundred",
}


def _without_idle(
    decisions: list[Decision], tables: list[NDArray[np.int32]]
) -> tuple[list[Decision], list[NDArray[np.int32]]]:
    """Drop every option under which all trials enter as under an earlier one, or none does."""
    kept = []
    for axis, decision in enumerate(decisions):
        places: list[int] = []
        for place in range(len(decision.options)):
            slices = [np.take(table, place, axis=axis) for table in tables]
            empty = not any((each >= 0).any() for each in slices)
            if place and empty:
                continue
            if any(
                all(
                    np.array_equal(each, np.take(table, earlier, axis=axis))
                    for each, table in zip(slices, tables, strict=True)
                )
                for earlier in places
            ):
                continue
            places.append(place)
        kept.append(replace(decision, options=tuple(decision.options[i] for i in places)))
        tables = [np.ascontiguousarray(np.take(table, places, axis=axis)) for table in tables]
    return kept, tables
