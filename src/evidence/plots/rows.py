"""What a forest plot shows, taken from a result: rows, columns, words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

from evidence.data.frames import each_row
from evidence.display import format_number, plural
from evidence.effects.derivation.readings import LOG_MEASURES, Comparison, Reading
from evidence.errors import InvalidArgumentError
from evidence.plots.numbers import column_decimals, effect_text
from evidence.synthesis.body import Scenario, Synthesis
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ForestRow", "ForestRows", "rows_of"]

#: With more ways of reading than this, the lowest and the highest result stand for all.
_MOST_LETTERS = 8
_LETTERS = "ABCDEFGH"
_STUDY = "Study"
_NUMBERS = {2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of a forest plot.

    Attributes
    ----------
    kind
        ``"study"``, ``"pooled"``, ``"prediction"`` or ``"heading"``.
    label
        What stands at the left.
    estimate, low, high
        Where it lies; a prediction interval has no estimate.
    people
        How many, as text.
    weights
        Percent of each pooled result it belongs to; one for each, NaN where it has none.
    tag
        Letters of the pooled results that this reading belongs to.
    indented
        Whether it is one of several readings of the study above.
    second_hand
        Whether the numbers are someone else's account.
    study
        The study that a heading opens the readings of.
    """

    kind: str
    label: str
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    people: str = ""
    weights: tuple[float, ...] = ()
    tag: str = ""
    indented: bool = False
    second_hand: bool = False
    study: str = ""

    @property
    def weight(self) -> float:
        """The first of its weights; NaN without any."""
        return next((w for w in self.weights if math.isfinite(w)), math.nan)


@dataclass(frozen=True, slots=True)
class ForestRows:
    """All rows of a forest plot with what they have in common.

    Attributes
    ----------
    log
        Whether the values are logarithms of ratios.
    level
        Level of the intervals.
    head
        Heading of the first column.
    people_head
        Heading of the column of counts.
    weight_heads
        Headings of the columns of weights: none, one for all, or one for each result.
    notes
        Sentences below the figure.
    """

    rows: tuple[ForestRow, ...]
    log: bool = False
    level: float = 0.95
    head: str = _STUDY
    people_head: str = "People"
    weight_heads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def studies(self) -> tuple[ForestRow, ...]:
        """The rows that are studies or readings of one."""
        return tuple(row for row in self.rows if row.kind == "study")

    @property
    def counted(self) -> str:
        """How many studies there are, or readings of one, in words."""
        if self.head != _STUDY:
            return plural(len(self.studies), "reading")
        headings = sum(row.kind == "heading" for row in self.rows)
        alone = sum(not row.indented for row in self.studies)
        return plural(headings + alone, "study", "studies")

    @property
    def pooled(self) -> tuple[ForestRow, ...]:
        """The rows that are pooled results."""
        return tuple(row for row in self.rows if row.kind == "pooled")

    @property
    def predictions(self) -> tuple[ForestRow, ...]:
        """The rows that are prediction intervals."""
        return tuple(row for row in self.rows if row.kind == "prediction")

    @property
    def interval_head(self) -> str:
        """Heading of the column of intervals."""
        return f"{100 * self.level:g}% CI"

    def numbers(self, row: ForestRow) -> tuple[str, str]:
        """Return a row's effect and its interval as text, on the scale people read."""
        if row.kind == "heading":
            return "", ""
        decimals = column_decimals(
            (r.estimate, r.low, r.high) for r in self.rows if r.kind != "prediction"
        )
        if row.kind == "prediction":
            # Its middle is not an estimate of anything; only the ends are told.
            return "", effect_text(0.0, row.low, row.high, decimals=decimals, log=self.log)[1]
        return effect_text(row.estimate, row.low, row.high, decimals=decimals, log=self.log)

    def number(self, row: ForestRow) -> str:
        """Return a row's effect and interval as one text."""
        estimate, interval = self.numbers(row)
        return f"{estimate} ({interval})" if estimate and interval else estimate or interval

    def weight_cells(self, row: ForestRow) -> tuple[str, ...]:
        """Return a row's weights as text, one for each column of weights."""
        if row.kind != "study" or not self.weight_heads:
            return ("",) * len(self.weight_heads)
        known = [w for w in row.weights if math.isfinite(w)]
        if len(self.weight_heads) > 1:
            return tuple(f"{w:.1f}%" if math.isfinite(w) else "" for w in row.weights)
        if not known:
            return ("",)
        ends = dict.fromkeys(f"{w:.1f}" for w in (min(known), max(known)))
        return ("–".join(ends) + "%",)


def rows_of(
    result: Synthesis | PooledResult | Comparison | ForestRows | pd.DataFrame,
) -> ForestRows:
    """Return the rows that a forest plot of `result` shows.

    Parameters
    ----------
    result
        A `Synthesis` (several readings of one trial side by side, one pooled row a
        reading), a `PooledResult`, a `Comparison` (its readings), or a table with the
        columns `label`, `estimate`, `ci_low`, `ci_high` and optionally `people`, `weight`
        (percent) and `tier` (``"secondary"``: second-hand).

    Raises
    ------
    InvalidArgumentError
        When a table lacks a column, is empty, or has an interval the wrong way round.
    """
    if isinstance(result, ForestRows):
        return result
    if isinstance(result, Synthesis):
        return _of_synthesis(result)
    if isinstance(result, Comparison):
        return _of_comparison(result)
    if isinstance(result, PooledResult):
        return _of_pooled(result)
    return _of_table(result)


def _of_table(table: pd.DataFrame) -> ForestRows:
    needed = ["label", "estimate", "ci_low", "ci_high"]
    missing = [name for name in needed if name not in table]
    if missing:
        raise InvalidArgumentError(
            f"The table lacks the columns {', '.join(missing)}; a forest plot needs "
            f"{', '.join(needed)}."
        )
    if table.empty:
        raise InvalidArgumentError("The table has no rows, so there is nothing to draw.")
    rows = []
    for row in each_row(table):
        low, high = float(row.ci_low), float(row.ci_high)
        if low > high:
            raise InvalidArgumentError(
                f"The interval of {row.label!s} runs from {low:g} to {high:g}: ci_low has to be "
                "the lower end."
            )
        rows.append(
            ForestRow(
                "study",
                str(row.label),
                float(row.estimate),
                low,
                high,
                _people(getattr(row, "people", "")),
                (float(getattr(row, "weight", math.nan)),),
                second_hand=str(getattr(row, "tier", "")) == "secondary",
            )
        )
    weighted = any(math.isfinite(row.weight) for row in rows)
    return ForestRows(tuple(rows), weight_heads=("Weight",) if weighted else ())


def _people(count: Any) -> str:
    """Return a number of people as text; nothing where it is not known."""
    if isinstance(count, str):
        return count
    try:
        number = float(count)
    except (TypeError, ValueError):
        return ""
    return format_number(number, 0) if math.isfinite(number) else ""


def _of_pooled(result: PooledResult) -> ForestRows:
    table = result.to_frame()
    rows = [
        ForestRow("study", row.label, row.estimate, row.ci_low, row.ci_high, weights=(row.weight,))
        for row in each_row(table.iloc[: result.k])
    ]
    return ForestRows(
        (*rows, *_result_rows(result, _model(result))),
        level=result.method.level,
        weight_heads=("Weight",) if result.pooled else (),
        notes=_method(result, {"": result}),
    )


def _model(result: PooledResult) -> str:
    names = {"random": "Pooled, random effects", "common": "Pooled, common effect"}
    return names.get(result.method.model, "Pooled")


def _result_rows(
    result: PooledResult, label: str, people: str = "", tag: str = ""
) -> Iterator[ForestRow]:
    """Yield the row of a pooled result, and that of its prediction interval."""
    if not result.pooled:
        return
    yield ForestRow(
        "pooled", label, result.estimate, result.ci_low, result.ci_high, people, tag=tag
    )
    if result.has_prediction:
        yield ForestRow(
            "prediction",
            "Prediction interval",
            low=result.prediction_low,
            high=result.prediction_high,
            indented=True,
            tag=tag,
        )


def _method(result: PooledResult, named: dict[str, PooledResult]) -> tuple[str, ...]:
    """Return how was pooled, and how much the studies differ, as one note."""
    if not result.pooled:
        return ()
    parts = []
    for letter, found in named.items():
        differ = f"I² {format_number(found.i2, 0)}%" if math.isfinite(found.i2) else ""
        tau2 = f"tau² {format_number(found.tau2, 3)}" if math.isfinite(found.tau2) else ""
        text = ", ".join(filter(None, (differ, tau2)))
        if text:
            parts.append(f"{letter}: {text}" if letter else text)
    words = f"Pooled by {result.method.in_words()}."
    return (f"{words} Differences among the studies: {'; '.join(parts)}." if parts else words,)


def _of_synthesis(synthesis: Synthesis) -> ForestRows:
    scenarios = synthesis.scenarios
    pooled = scenarios[0].result.pooled
    several = pooled and len(scenarios) > 1
    letters = _LETTERS[: len(scenarios)] if several and len(scenarios) <= _MOST_LETTERS else ""
    rows: list[ForestRow] = []
    for place, comparison in enumerate(synthesis.derivation.comparisons):
        rows += _readings_of(comparison, place, scenarios, letters)
    notes: tuple[str, ...] = ()
    if letters:
        for letter, scenario in zip(letters, scenarios, strict=True):
            label = f"Pooled, reading {letter}"
            rows += _result_rows(scenario.result, label, _people_of(scenario.readings), letter)
        notes = ("Reports that contradict each other are pooled apart: " + _spoken(letters) + ".",)
    elif several:
        ranked = sorted(scenarios, key=lambda s: s.result.estimate)
        for scenario, which in ((ranked[0], "lowest"), (ranked[-1], "highest")):
            label = f"Pooled, {which} of {len(scenarios)} readings"
            rows += _result_rows(scenario.result, label, _people_of(scenario.readings))
    else:
        result = scenarios[0].result
        rows += _result_rows(result, _model(result), _people_of(scenarios[0].readings))
    named = dict(zip(letters, (s.result for s in scenarios), strict=False))
    if not several:
        named = {"": scenarios[0].result}
    return ForestRows(
        tuple(rows),
        log=synthesis.analysis.measure in LOG_MEASURES,
        level=scenarios[0].result.method.level,
        weight_heads=_weight_heads(letters, pooled),
        notes=(*notes, *_method(scenarios[0].result, named)),
    )


def _spoken(letters: str) -> str:
    names = " and ".join(letters) if len(letters) == 2 else f"{letters[0]} to {letters[-1]}"
    return f"{names} stand for the ways of reading them"


def _weight_heads(letters: str, pooled: bool) -> tuple[str, ...]:
    if not pooled:
        return ()
    return tuple(f"Weight {letter}" for letter in letters) if len(letters) == 2 else ("Weight",)


def _readings_of(
    comparison: Comparison, place: int, scenarios: tuple[Scenario, ...], letters: str
) -> Iterator[ForestRow]:
    """Yield one trial's row, or a heading and a row for each way of reading it."""
    usable = comparison.usable
    several = len(usable) > 1
    if several:
        ways = f"{_NUMBERS.get(len(usable), 'several')} ways"
        yield ForestRow("heading", f"{comparison.label}, read in {ways}", study=comparison.label)
    for reading in usable:
        taken = [scenario.readings[place] == reading for scenario in scenarios]
        weights = tuple(
            float(scenario.result.weights[place]) if here else math.nan
            for scenario, here in zip(scenarios, taken, strict=True)
        )
        yield ForestRow(
            "study",
            comparison.reading_in_words(reading) if several else comparison.label,
            reading.estimate,
            reading.ci_low,
            reading.ci_high,
            _people(reading.n_treatment + reading.n_control),
            weights if scenarios[0].result.pooled else (),
            tag="".join(compress(letters, taken)) if several else "",
            indented=several,
            second_hand=reading.tier == "secondary",
        )


def _people_of(readings: Iterable[Reading]) -> str:
    return _people(sum(r.n_treatment + r.n_control for r in readings))


def _of_comparison(comparison: Comparison) -> ForestRows:
    rows: list[ForestRow] = []
    for number, group in enumerate(comparison.sets, start=1):
        usable = [reading for reading in group if reading.usable]
        if comparison.contradiction and usable:
            what = "one report" if len(group) == 1 else "reports that agree"
            rows.append(ForestRow("heading", f"Set {number}: {what}"))
        rows += [
            ForestRow(
                "study",
                reading.path,
                reading.estimate,
                reading.ci_low,
                reading.ci_high,
                _people(reading.n_treatment + reading.n_control),
                indented=comparison.contradiction,
                second_hand=reading.tier == "secondary",
            )
            for reading in usable
        ]
    return ForestRows(tuple(rows), log=comparison.measure in LOG_MEASURES, head="Worked out from")
