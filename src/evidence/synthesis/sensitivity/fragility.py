"""How few people's outcomes would have to be different for a binary result to turn.

References
----------
Atal I, Porcher R, Boutron I, Ravaud P (2019). The statistical significance of meta-analyses is
frequently fragile: definition of a fragility index for meta-analyses. Journal of Clinical
Epidemiology 111:32-40.
Walsh M, Srinathan SK, McAuley DF, et al. (2014). The statistical significance of randomized
controlled trial results is frequently fragile: a case for a Fragility Index. Journal of
Clinical Epidemiology 67:622-628 (one trial).
Khan MS, Fonarow GC, Friede T, et al. (2020). Application of the reverse fragility index to
statistically nonsignificant randomized clinical trial results. JAMA Network Open 3:e2012469.
Carter RE, McKie PM, Storlie CB (2017). The Fragility Index: a P-value in sheep's clothing?
European Heart Journal 38:346-348.
Walter SD, Thabane L, Briel M (2020). The fragility of trial results involves more than
statistical significance alone. Journal of Clinical Epidemiology 124:34-41.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, format_p, join_words, plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.exact.fisher_margin import fisher_p
from evidence.effects.exact.outcome_changes import change_outcomes, group_with_smaller_risk
from evidence.effects.measures.binary import log_odds_ratio, log_risk_ratio, risk_difference
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.batch import BATCH_CI_METHODS, pool_many
from evidence.synthesis.batch_result import BatchResult
from evidence.synthesis.result import PoolingMethod
from evidence.synthesis.sensitivity.parts import check_count
from evidence.synthesis.sparse.counts import Tables, read_tables
from evidence.synthesis.sparse.mantel_haenszel import refuse_without_contrast

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["FRAGILITY_MEASURES", "Fragility", "fragility_index"]

_MEASURES = MappingProxyType(
    {
        "risk ratio": log_risk_ratio,
        "odds ratio": log_odds_ratio,
        "risk difference": risk_difference,
    }
)
FRAGILITY_MEASURES = tuple(_MEASURES)
#: Moves of one person that raise the effect: into the events of the treatment group, or out of
#: those of the control group. The opposite moves lower it.
_ARMS = ("treatment", "control")
#: With one move no search is needed; with two, no single one had done: fewer cannot be.
_CERTAIN = 2


@dataclass(frozen=True)
class Fragility(Display):
    """The changes of single outcomes after which a result turns.

    Attributes
    ----------
    measure
        The effect that is pooled; ``"Fisher's exact test"`` for one trial.
    method
        Model, estimator of tau², interval and level.
    labels
        The trials.
    people
        In all of them.
    index
        How many people's outcomes were changed; None where `most_changes` do not turn the result.
    turns
        ``"loses"`` where the result excluded no effect and comes to include it, ``"gains"`` the
        other way round.
    direction
        The side on which the effect comes to lie, or lay: ``"below"`` or ``"above"`` no effect.
    steps
        A row before any change and one for each of them: `label`, `arm`, `change` (+1 for one
        event more, -1 for one fewer), `estimate`, `ci_low`, `ci_high` (logarithms for ratios),
        `p_value`.
    most_changes
        How many were tried.
    cautions
        What a reader should know.
    """

    measure: str
    method: PoolingMethod
    labels: tuple[str, ...]
    people: int
    index: int | None
    turns: str
    direction: str
    steps: pd.DataFrame
    most_changes: int
    cautions: tuple[Caution, ...] = ()

    @property
    def quotient(self) -> float:
        """The index over all people; NaN where there is no index."""
        return math.nan if self.index is None else self.index / self.people

    @property
    def minimal(self) -> bool:
        """Whether no fewer changes of the same kind can do it: the search is one step at a time."""
        return self.index is not None and (self.index <= _CERTAIN or len(self.labels) == 1)

    @property
    def trials(self) -> tuple[str, ...]:
        """The trials in which outcomes were changed."""
        changed = set(self.steps["label"].iloc[1:])
        return tuple(label for label in self.labels if label in changed)

    def summary(self) -> str:
        """Return how many outcomes it takes, where, and out of how many people."""
        before = self.steps.iloc[0]
        level = f"{100 * self.method.level:g}%"
        verb = "includes" if self.turns == "gains" else "excludes"
        aim = "exclude" if self.turns == "gains" else "include"
        if len(self.labels) == 1:
            head = f"Fragility of one trial ({self.labels[0]}), Fisher's exact test"
            now = f"{format_p(before['p_value'])}."
            aim = "reach" if self.turns == "gains" else "lose"
            aim = f"for p to {aim} the {1 - self.method.level:.3g} level"
        else:
            count = plural(len(self.labels), "trial")
            article = "an" if self.measure == "odds ratio" else "a"
            head = f"Fragility of {article} {self.measure}, {count}, {self.method.in_words()}"
            now = f"The {level} interval ({self._interval(before)}) {verb} no effect."
            aim = f"for the interval to {aim} it"
        if self.index is None:
            tried = plural(len(self.steps) - 1, "change")
            result = f"{tried[0].upper()}{tried[1:]} of single outcomes did not suffice {aim}."
        else:
            bound = "" if self.minimal else "at most "
            people = "person" if self.index == 1 else "people"
            share = format_number(100 * self.quotient, 1 if self.quotient >= 0.001 else 3)
            result = (
                f"It takes {bound}{self.index} {people} of {self.people:,} ({share}%) with "
                f"another outcome {aim}"
            )
            if len(self.labels) > 1:
                named = join_words(self.trials[:5]) if len(self.trials) <= 5 else ""
                result += f", in {named or plural(len(self.trials), 'trial')}"
            result += "."
        return "\n".join([head, now, result, *(f"Note: {c.message}" for c in self.cautions)])

    def _interval(self, row: pd.Series) -> str:
        low, high = float(row["ci_low"]), float(row["ci_high"])
        none = 0.0
        if self.measure != "risk difference":
            # A hopeless interval of a logarithm has no ratio in floating point.
            low, high = (math.exp(max(-700.0, min(700.0, end))) for end in (low, high))
            none = 1.0
        # An end beside no effect does not read as no effect.
        texts = {format_number(none, d) for d in range(2, 6)}
        for decimals in range(2, 6):
            ends = [format_number(end, decimals) for end in (low, high)]
            if not texts.intersection(ends):
                break
        return format_interval(low, high, decimals)

    def to_frame(self) -> pd.DataFrame:
        """Return the result before any change and after each, unrounded."""
        return self.steps.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        names = ("measure", "people", "index", "quotient", "minimal", "turns", "direction")
        return {
            "k": len(self.labels),
            **{name: getattr(self, name) for name in names},
            "level": self.method.level,
            "trials": list(self.trials),
            "steps": self.steps.to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }


def fragility_index(
    *,
    events_treatment: ArrayLike,
    total_treatment: ArrayLike,
    events_control: ArrayLike,
    total_control: ArrayLike,
    labels: Sequence[str] | None = None,
    measure: str = "risk ratio",
    method: PoolingMethod | None = None,
    most_changes: int = 500,
) -> Fragility:
    """Count the people whose outcome would have to be another for a binary result to turn.

    One person's outcome at a time is changed, in the trial and group where that moves the end of
    the interval farthest towards turning, until it excludes no effect no longer, or does so for
    the first time (Atal and others 2019). For a result that includes no effect both directions
    are tried, and the shorter way is taken. For one trial p is Fisher's; outcomes are changed in
    the group with the smaller risk (Walsh and others 2014), which with groups of one size has the
    fewest events, and when it has none left in the other one.

    Parameters
    ----------
    events_treatment, total_treatment, events_control, total_control
        Counts, each a number or shape (k,); whole numbers.
    labels
        Names of the trials.
    measure
        ``"risk ratio"``, ``"odds ratio"`` or ``"risk difference"``; not used for one trial.
    method
        How to pool; by default random effects, REML and the Hartung-Knapp-Sidik-Jonkman
        interval with its guard at 95%. The papers had DerSimonian and Laird's estimator with
        Wald's interval: ``PoolingMethod(tau2_method="DL", ci_method="Wald")``.
    most_changes
        After how many changes to give up.

    Returns
    -------
    Fragility

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the study and the value.
    InsufficientEvidenceError
        When in every trial nobody, or everybody, had the event.

    Notes
    -----
    A half is added to all cells of a trial while it has an empty one; a trial in which nobody
    (for the odds ratio, or everybody) had the event says nothing of a ratio and is pooled only
    once a change gives it an event. Cautions say so.

    References
    ----------
    Atal and others (2019), Walsh and others (2014), Khan and others (2020): see the module.
    """
    check_choice("measure", measure, FRAGILITY_MEASURES)
    method = PoolingMethod() if method is None else method
    if not isinstance(method, PoolingMethod):
        raise InvalidArgumentError(
            f"method is {method!r}; give a PoolingMethod, for example "
            "PoolingMethod(tau2_method='DL', ci_method='Wald')."
        )
    check_choice("The method's ci_method", method.ci_method, BATCH_CI_METHODS)
    check_level(method.level)
    most = check_count("most_changes", most_changes, 1, "500")
    tables = read_tables(
        events_treatment=events_treatment,
        total_treatment=total_treatment,
        events_control=events_control,
        total_control=total_control,
        labels=labels,
    )
    _refuse_fractions(tables)
    refuse_without_contrast(tables)
    if len(tables.names) == 1:
        return _single(tables, method, most)
    return _pooled(tables, measure, method, most)


def _refuse_fractions(tables: Tables) -> None:
    cells = np.array([tables.a, tables.b, tables.c, tables.d])
    parts = np.flatnonzero((cells % 1 != 0).any(axis=0))
    if parts.size:
        place = int(parts[0])
        raise InvalidArgumentError(
            f"{tables.names[place]} has counts that are no whole numbers "
            f"({tables.a[place]:g} of {tables.n1[place]:g}, {tables.c[place]:g} of "
            f"{tables.n2[place]:g}); fragility counts people. Give the "
            "counts as they were observed."
        )


# ---------------------------------------------------------------- several trials


class _Pooling:
    """Pooled results of tables with single outcomes changed."""

    def __init__(self, measure: str, method: PoolingMethod) -> None:
        self._measure = measure
        self._method = method

    def effects(self, a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats]:
        """Return effects and variances, shape (k,); NaN where a trial says nothing of a ratio."""
        sizes = _MEASURES[self._measure](
            events_treatment=a, total_treatment=a + b, events_control=c, total_control=c + d
        )
        silent = np.zeros(a.size, dtype=bool)
        if self._measure != "risk difference":
            silent = a + c == 0
        if self._measure == "odds ratio":
            silent |= b + d == 0
        return np.where(silent, np.nan, sizes.estimate), np.where(silent, np.nan, sizes.variance)

    def pool(self, effects: Floats, variances: Floats) -> BatchResult:
        """Pool rows of studies."""
        method = self._method
        return pool_many(
            effects,
            variances,
            model=method.model,
            tau2_method=method.tau2_method,
            ci_method=method.ci_method,
            level=method.level,
        )

    def step(self, cells: Floats, up: bool) -> tuple[BatchResult, Floats]:
        """Return the results of every move of one person that raises (or lowers) the effect.

        Moves are those in the treatment groups of all trials, then those in the control groups;
        NaN where there is nobody to move.
        """
        k = cells.shape[1]
        moved = np.tile(cells, 2)
        sign = 1.0 if up else -1.0
        moved[0, :k] += sign
        moved[1, :k] -= sign
        moved[2, k:] -= sign
        moved[3, k:] += sign
        possible = (moved >= 0).all(axis=0)
        effect, variance = self.effects(*np.where(possible, moved, np.tile(cells, 2)))
        y, v = self.effects(*cells)
        effects, variances = np.tile(y, (2 * k, 1)), np.tile(v, (2 * k, 1))
        rows = np.arange(2 * k)
        effects[rows, rows % k], variances[rows, rows % k] = effect, variance
        effects[~possible] = np.nan
        return self.pool(effects, variances), moved


def _pooled(tables: Tables, measure: str, method: PoolingMethod, most: int) -> Fragility:
    pooling = _Pooling(measure, method)
    cells = np.array([tables.a, tables.b, tables.c, tables.d])
    effects, variances = pooling.effects(*cells)
    before = pooling.pool(effects, variances)
    turns = "gains"
    if before.ci_high[0] < 0 or before.ci_low[0] > 0:
        turns = "loses"
        # One way only: towards no effect.
        direction = "below" if before.ci_high[0] < 0 else "above"
        index, rows = _walk(pooling, tables, cells, (direction == "below", turns), most)
    else:
        # The side on which the estimate lies goes first, and wins where both take as many.
        nearer = "below" if before.estimate[0] < 0 else "above"
        direction, index, rows = nearer, None, []
        for side in (nearer, "above" if nearer == "below" else "below"):
            limit = most if index is None else index - 1
            found = (
                _walk(pooling, tables, cells, (side == "above", turns), limit) if limit else None
            )
            if found is not None and (found[0] is not None or not rows):
                direction, (index, rows) = side, found
    start = _row("", "", 0, before, 0)
    return Fragility(
        measure=measure,
        method=method,
        labels=tables.names,
        people=int(tables.total.sum()),
        index=index,
        turns=turns,
        direction=direction,
        steps=pd.DataFrame([start, *rows]),
        most_changes=most,
        cautions=(*tables.cautions, *_of_empty(tables, measure), *_criticism()),
    )


def _walk(
    pooling: _Pooling, tables: Tables, cells: Floats, how: tuple[bool, str], most: int
) -> tuple[int | None, list[dict[str, object]]]:
    """Change one outcome after the other; the number of changes, and a row for each."""
    up, turns = how
    k = cells.shape[1]
    rows: list[dict[str, object]] = []
    for count in range(1, most + 1):
        found, moved = pooling.step(cells, up)
        # Upwards a result below no effect ends with its high end, one above begins with its low.
        end = found.ci_high if up == (turns == "loses") else found.ci_low
        if np.isnan(end).all():
            break
        best = int(np.nanargmax(end if up else -end))
        cells = cells.copy()
        cells[:, best % k] = moved[:, best]
        arm = _ARMS[best // k]
        change = 1 if (arm == "treatment") == up else -1
        rows.append(_row(tables.names[best % k], arm, change, found, best))
        passed = end[best] if up else -end[best]
        # To lose a conclusion the end has to reach no effect, to gain one it has to pass it.
        if passed > 0 or (turns == "loses" and passed == 0):
            return count, rows
    return None, rows


def _row(label: str, arm: str, change: int, found: BatchResult, place: int) -> dict[str, object]:
    names = ("estimate", "ci_low", "ci_high", "p_value")
    numbers = {name: float(getattr(found, name)[place]) for name in names}
    return {"label": label, "arm": arm, "change": change, **numbers}


def _of_empty(tables: Tables, measure: str) -> list[Caution]:
    if not tables.empty.any():
        return []
    count = plural(int(tables.empty.sum()), "trial")
    found = [
        Caution(
            "continuity",
            f"A half is added to every cell of a trial while it has an empty one ({count} at the "
            "start); with rare events the count depends on that.",
            "Sweeting, Sutton and Lambert 2004, Statistics in Medicine 23:1351-1375",
        )
    ]
    silent = tables.nobody | (tables.everybody if measure == "odds ratio" else False)
    if measure != "risk difference" and silent.any():
        who = "nobody or everybody" if measure == "odds ratio" else "nobody"
        found.append(
            Caution(
                "double-zero",
                f"Trials in which {who} had the event ({int(silent.sum())} here) say nothing of "
                f"the {measure}; they take part only once a change gives them something to tell.",
                "Cochrane Handbook, section 10.4.4",
            )
        )
    return found


def _criticism() -> tuple[Caution, ...]:
    return (
        Caution(
            "fragility-restates-p",
            "The index mostly restates the p value and the size of the trials: a result near the "
            "line is fragile by construction, and a large index is no sign of a sound trial. Look "
            "at the interval, and at how many were lost to follow-up beside it.",
            "Carter, McKie and Storlie 2017; Walter, Thabane and Briel 2020",
        ),
    )


# ---------------------------------------------------------------- one trial


def _single(tables: Tables, method: PoolingMethod, most: int) -> Fragility:
    a, n1, c, n2 = (int(cell[0]) for cell in (tables.a, tables.n1, tables.c, tables.n2))
    counts = (a, n1, c, n2)
    alpha = 1 - method.level
    turns = "loses" if fisher_p(*counts) < alpha else "gains"
    low = group_with_smaller_risk(counts)
    steps = [_of_single(counts, "", "", 0)]
    label, index = tables.names[0], None
    for group, change, now in change_outcomes(counts, group=low, together=turns == "loses"):
        if len(steps) > most:
            break
        steps.append(_of_single(now, label, _ARMS[group], change))
        if (float(steps[-1]["p_value"]) < alpha) == (turns == "gains"):  # type: ignore[arg-type]
            index = len(steps) - 1
            break
    return Fragility(
        measure="Fisher's exact test",
        method=method,
        labels=tables.names,
        people=int(tables.total[0]),
        index=index,
        turns=turns,
        direction="below" if low == 0 else "above",
        steps=pd.DataFrame(steps),
        most_changes=most,
        cautions=(*tables.cautions, *_criticism()),
    )


def _of_single(
    counts: tuple[int, int, int, int], label: str, arm: str, change: int
) -> dict[str, object]:
    a, n1, c, n2 = counts
    empty = min(a, n1 - a, c, n2 - c) == 0
    ends = dict.fromkeys(("estimate", "ci_low", "ci_high"), math.nan)
    if not empty:
        sizes = log_odds_ratio(
            events_treatment=a, total_treatment=n1, events_control=c, total_control=n2
        )
        ends = {name: float(np.asarray(getattr(sizes, name))[0]) for name in ends}
    return {"label": label, "arm": arm, "change": change, **ends, "p_value": fisher_p(*counts)}
