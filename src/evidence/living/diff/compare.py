"""Comparing two sides, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence.errors import ReportError
from evidence.living.diff.analyses import analysis_changes
from evidence.living.diff.appraisals import appraisal_changes, claim_changes, threshold_changes
from evidence.living.diff.causes import CODE_CAUSE, Causes, code_changes
from evidence.living.diff.changes import LEVELS, Change, ConclusionsComparison
from evidence.living.diff.effects import effect_changes
from evidence.living.diff.older import OLD_LAYOUT, upgraded
from evidence.living.diff.rows import RowChange
from evidence.living.diff.sides import Side, conclude_files, read_side

__all__ = ["compare_conclusions"]

_MOST_CELL = 60


def compare_conclusions(
    old: object, new: object, *, labels: Sequence[str] = ("", "")
) -> ConclusionsComparison:
    """Say what changed from one state of a review to another, and why.

    Rows, effects, pooled results, certainty and verdicts are compared; each change names
    what under it changed. Where both the data and the code changed, the old data are
    worked out once more with the code of now, so that what either did can be told apart.

    Parameters
    ----------
    old, new
        Each the folder of a report or of a review, a conclusions file, a `Review`,
        `Conclusions`, or what their `to_dict` returns. Where both sides bring the tables
        (all but a lone file and plain values), every cell that changed is told.
    labels
        What to call the two sides; their names or paths if not given.

    Returns
    -------
    ConclusionsComparison
        Its `verdict_changed` tells whether more than numbers changed.

    Raises
    ------
    InvalidArgumentError
        When a side is none of these.
    ReportError
        When a conclusions file cannot be read, was damaged, or is newer than this code.
    """
    sides = [read_side(side, label) for side, label in zip((old, new), labels, strict=True)]
    notes: list[str] = []
    for number, side in enumerate(sides):
        if side.schema == OLD_LAYOUT:
            sides[number] = replace(side, content=upgraded(side.content))
            notes.append(
                f"{side.label} has schema {OLD_LAYOUT}, which records pooled results, certainty "
                "and verdicts by reading, and no rows, effects or code by name: these are not "
                "compared. Run `evidence run` once to have a report that can be."
            )
    try:
        return _compare(sides[0], sides[1], notes)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        read = [one.label for one, given in zip(sides, (old, new), strict=True) if _is_read(given)]
        if not read:
            raise
        raise ReportError(
            f"{' or '.join(read)} does not hold what a conclusions file of its schema holds "
            f"({type(error).__name__}: {error}). Was it edited? Run `evidence run --force` again."
        ) from error


def _is_read(side: object) -> bool:
    """Whether a side was written before, and may have been edited since."""
    return isinstance(side, Mapping | str | Path | Side)


def _compare(old: Side, new: Side, notes: Sequence[str] = ()) -> ConclusionsComparison:
    causes = Causes(old, new)
    names = [str(side.content.get("review", "")) for side in (old, new)]
    if names[0] != names[1]:
        notes = [*notes, f"The sides are of two reviews: {names[0]} and {names[1]}."]
    results, unchanged = _results(old.content, new.content, causes)
    code = code_changes(old.content, new.content)
    if code and results and causes.rows and old.files is not None and new.files is not None:
        results, more = _attributed(results, old, new)
        notes = [*notes, *more]
    rows = [_row(row) for row in causes.rows]
    rows += [Change("row", "changed", file) for file in causes.files]
    return ConclusionsComparison(
        old.label,
        new.label,
        (*rows, *code, *results),
        tuple(unchanged),
        (*notes, *causes.notes),
        old.computed,
    )


def _results(
    old: Mapping[str, Any], new: Mapping[str, Any], causes: Causes
) -> tuple[list[Change], list[str]]:
    older = old.get("older") or new.get("older")
    effects = [] if older else effect_changes(old, new, causes)
    outcomes = {**old.get("outcomes", {}), **new.get("outcomes", {})}
    found = [one.change for one in effects]
    found += threshold_changes(old, new, effects, causes)
    unchanged: list[str] = []
    for name in {**old["analyses"], **new["analyses"]}:
        compared = analysis_changes(
            name,
            old["analyses"].get(name),
            new["analyses"].get(name),
            outcomes=outcomes,
            effects=effects,
            causes=causes,
        )
        found += compared.changes
        unchanged += compared.unchanged
    found += appraisal_changes(old, new, causes)
    found += claim_changes(old, new, causes, found)
    order = list(LEVELS)
    return sorted(found, key=lambda change: order.index(change.level)), unchanged


def _attributed(results: Sequence[Change], old: Side, new: Side) -> tuple[list[Change], list[str]]:
    """Tell what the code did from what the data did, by the old data under the new code."""
    between = conclude_files(old.files or {}, str(old.content.get("review", "")))
    if between is None:
        note = (
            "The old data cannot be read by the code of now, so what the code changed and what "
            "the data changed cannot be told apart: a cause named may not be the only one."
        )
        return list(results), [note]
    middle = Side("between", between.to_dict(), old.files)
    by_code = {_name(one) for one in _of(old, middle)}
    by_data = {_name(one) for one in _of(middle, new)}
    found = []
    for change in results:
        causes = change.causes if _name(change) in by_data else ()
        if _name(change) in by_code or not causes:
            causes = tuple(dict.fromkeys((*causes, CODE_CAUSE)))
        found.append(replace(change, causes=causes))
    return found, []


def _of(old: Side, new: Side) -> Iterator[Change]:
    yield from _results(old.content, new.content, Causes(old, new))[0]


def _name(change: Change) -> tuple[str, str]:
    return change.level, change.what


def _row(row: RowChange) -> Change:
    what = f"{row.place} ({row.names[-1]})"
    if row.line_before and row.line_after and row.line_before != row.line_after:
        what = f"{row.place}, before line {row.line_before} ({row.names[-1]})"
    if row.kind != "changed":
        filled = [f"{column} {_cell(old or new)}" for column, old, new in row.cells if old or new]
        text = ", ".join(filled[:_MOST_FILLED])
        more = len(filled) - _MOST_FILLED
        text += f" and {more} more cells" if more > 0 else ""
        old, new = (text, "") if row.kind == "removed" else ("", text)
        return Change("row", row.kind, what, old, new)
    if not row.cells:
        return Change("row", "changed", what)
    before = ", ".join(f"{column} {_cell(old)}" for column, old, _ in row.cells)
    after = ", ".join(f"{column} {_cell(new)}" for column, _, new in row.cells)
    return Change("row", "changed", what, before, after)


_MOST_FILLED = 8


def _cell(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return "(empty)"
    return text if len(text) <= _MOST_CELL else f"{text[: _MOST_CELL - 1]}\N{HORIZONTAL ELLIPSIS}"
