"""What a forest plot shows, taken from a result: rows, columns, words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evidence.data.frames import each_row
from evidence.display import format_interval, format_number
from evidence.effects.readings import LOG_MEASURES, Comparison
from evidence.errors import InvalidArgumentError
from evidence.synthesis.body import Synthesis
from evidence.synthesis.result import PooledResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ForestRow", "ForestRows", "rows_of"]


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One line of a forest plot.

    Attributes
    ----------
    kind
        ``"study"``, ``"pooled"`` or ``"heading"``.
    label
        What stands at the left.
    indented
        Whether it is one of several readings of the study above.
    second_hand
        Whether the numbers are someone else's account.
    """

    kind: str
    label: str
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    people: str = ""
    weight: float = math.nan
    prediction: tuple[float, float] = (math.nan, math.nan)
    indented: bool = False
    second_hand: bool = False


@dataclass(frozen=True, slots=True)
class ForestRows:
    """All rows of a forest plot with what they have in common."""

    rows: tuple[ForestRow, ...]
    log: bool = False
    unit: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)

    def number(self, row: ForestRow) -> str:
        """Return a row's effect and interval as text, on the scale people read."""
        values = (row.estimate, row.low, row.high)
        if not math.isfinite(row.estimate):
            return ""
        if self.log:
            values = tuple(math.exp(v) for v in values)  # type: ignore[assignment]
        largest = max(abs(v) for v in values)
        decimals = 2 if largest < 10 else 1 if largest < 1000 else 0
        return f"{format_number(values[0], decimals)} ({format_interval(*values[1:], decimals)})"


def rows_of(result: Synthesis | PooledResult | Comparison | pd.DataFrame) -> ForestRows:
    """Return the rows that a forest plot of `result` shows.

    Parameters
    ----------
    result
        A `Synthesis` (several readings of one trial side by side, one pooled row a
        reading), a `PooledResult`, a `Comparison` (its readings), or a table with the
        columns `label`, `estimate`, `ci_low`, `ci_high` and optionally `people`.
    """
    if isinstance(result, Synthesis):
        return _of_synthesis(result)
    if isinstance(result, Comparison):
        return _of_comparison(result)
    if isinstance(result, PooledResult):
        return _of_pooled(result)
    missing = {"label", "estimate", "ci_low", "ci_high"} - set(result.columns)
    if missing:
        raise InvalidArgumentError(f"The table lacks the columns {', '.join(sorted(missing))}.")
    people = result["people"] if "people" in result else [""] * len(result)
    rows = [
        ForestRow("study", str(label), float(e), float(low), float(high), str(n))
        for label, e, low, high, n in zip(
            result["label"],
            result["estimate"],
            result["ci_low"],
            result["ci_high"],
            people,
            strict=True,
        )
    ]
    return ForestRows(tuple(rows))


def _of_pooled(result: PooledResult) -> ForestRows:
    table = result.to_frame()
    rows = [
        ForestRow("study", row.label, row.estimate, row.ci_low, row.ci_high, weight=row.weight)
        for row in each_row(table.iloc[: result.k])
    ]
    return ForestRows((*rows, *_pooled_rows(result, "")))


def _pooled_rows(result: PooledResult, name: str) -> tuple[ForestRow, ...]:
    if not result.pooled:
        return ()
    label = {"random": "Pooled, random effects", "common": "Pooled, common effect"}
    return (
        ForestRow(
            "pooled",
            f"Pooled, {name}" if name else label[result.method.model],
            result.estimate,
            result.ci_low,
            result.ci_high,
            weight=100.0,
            prediction=(result.prediction_low, result.prediction_high),
        ),
    )


def _of_synthesis(synthesis: Synthesis) -> ForestRows:
    weights: dict[int, float] = {}
    for scenario in synthesis.scenarios:
        for reading, weight in zip(scenario.readings, scenario.result.weights, strict=True):
            weights.setdefault(id(reading), float(weight))
    rows: list[ForestRow] = []
    for comparison in synthesis.derivation.comparisons:
        several = len(comparison.usable) > 1
        if several:
            rows.append(ForestRow("heading", f"{comparison.label}, read in two ways"
                        if len(comparison.usable) == 2
                        else f"{comparison.label}, read in several ways"))  # fmt: skip
        for reading in comparison.usable:
            people = reading.n_treatment + reading.n_control
            rows.append(
                ForestRow(
                    "study",
                    comparison.reading_in_words(reading) if several else comparison.label,
                    reading.estimate,
                    reading.ci_low,
                    reading.ci_high,
                    format_number(people, 0) if math.isfinite(people) else "",
                    weights.get(id(reading), math.nan),
                    indented=several,
                    second_hand=reading.tier == "secondary",
                )
            )
    for number, scenario in enumerate(synthesis.scenarios, start=1):
        several = len(synthesis.scenarios) > 1
        ordinal = {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
        rows += _pooled_rows(scenario.result, f"{ordinal} way of reading" if several else "")
    notes = []
    if len(synthesis.scenarios) > 1 and synthesis.k > 1:
        notes.append("Each way of reading has its own pooled result; weights belong to it.")
    log = synthesis.analysis.measure in LOG_MEASURES
    unit = "standard deviations" if synthesis.analysis.measure.startswith("standardised") else ""
    return ForestRows(tuple(rows), log=log, unit=unit, notes=tuple(notes))


def _of_comparison(comparison: Comparison) -> ForestRows:
    rows = []
    for number, group in enumerate(comparison.sets, start=1):
        if comparison.contradiction:
            rows.append(ForestRow("heading", f"Set {number} of reports that agree"))
        rows += [
            ForestRow(
                "study",
                reading.path,
                reading.estimate,
                reading.ci_low,
                reading.ci_high,
                format_number(reading.n_treatment + reading.n_control, 0),
                indented=comparison.contradiction,
                second_hand=reading.tier == "secondary",
            )
            for reading in group
            if reading.usable
        ]
    log = comparison.measure in LOG_MEASURES
    return ForestRows(tuple(rows), log=log)
