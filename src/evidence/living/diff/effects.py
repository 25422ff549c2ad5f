"""Changes of effects: each reading of each comparison, tied to the rows it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evidence.living.diff.causes import Causes
from evidence.living.diff.changes import Change
from evidence.living.diff.numbers import differ, effect_texts
from evidence.living.diff.rows import RowChange

__all__ = ["EffectChange", "effect_changes", "numbers_of"]

_REPORTS = ("arms.csv", "contrasts.csv")
_STUDY = ("studies.csv", "study_facts.csv")
_ALL = (*_REPORTS, *_STUDY, "exclusions.csv", "review.toml")
_NUMBERS = ("estimate", "standard_error", "ci_low", "ci_high", "bound_size")


Numbers = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class EffectChange:
    """A change of one reading, with what later levels need to know of it.

    Attributes
    ----------
    change
        The change.
    study_id, outcome_id, label
        Whose effect.
    analyses
        The analyses that use or used it; ``"headline"`` for the headline's.
    whole
        Whether the comparison as a whole came or went.
    numbers
        Estimate and standard error, before and after; None where there is none.
    """

    change: Change
    study_id: str
    outcome_id: str
    label: str
    analyses: frozenset[str]
    whole: bool
    numbers: tuple[Numbers | None, Numbers | None]

    @property
    def cause(self) -> str:
        """How a later level names it as a cause."""
        if not self.whole:
            said = f"the effect of {self.label} changed"
        elif self.change.kind == "added":
            said = f"{self.label} came in"
        else:
            said = f"{self.label} is no longer in"
        under = "; ".join(self.change.causes)
        return f"{said} ({under})" if under else said


@dataclass
class _Found:
    """One comparison on one side."""

    comparison: Mapping[str, Any]
    analyses: set[str] = field(default_factory=set)


_Key = tuple[str, str, str, str]


def effect_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], causes: Causes
) -> list[EffectChange]:
    """Return the readings that changed, came or went.

    Parameters
    ----------
    old, new
        Conclusions as plain values.
    causes
        What changed under them.
    """
    before, after = _comparisons(old), _comparisons(new)
    outcomes = {**old.get("outcomes", {}), **new.get("outcomes", {})}
    found: list[EffectChange] = []
    for key in {**before, **after}:
        found += _of_comparison(key, before.get(key), after.get(key), outcomes, causes)
    return found


def _comparisons(content: Mapping[str, Any]) -> dict[_Key, _Found]:
    found: dict[_Key, _Found] = {}

    def add(comparison: Mapping[str, Any], analysis: str) -> None:
        key = tuple(comparison[k] for k in ("study_id", "outcome_id", "timepoint", "measure"))
        found.setdefault(key, _Found(comparison)).analyses.add(analysis)

    if content.get("headline"):
        add(content["headline"], "headline")
    for name, analysis in content["analyses"].items():
        for comparison in analysis["effects"].values():
            add(comparison, name)
    return found


def _of_comparison(
    key: _Key,
    old: _Found | None,
    new: _Found | None,
    outcomes: Mapping[str, Any],
    causes: Causes,
) -> Iterator[EffectChange]:
    study_id, outcome_id, timepoint, measure = key
    outcome = outcomes.get(outcome_id, {})
    sides = [one for one in (old, new) if one is not None]
    label = str(sides[-1].comparison["label"])
    analyses = frozenset().union(*(one.analyses for one in sides))
    # An analysis that stopped or started to use it counts as its coming or going there.
    readings = [one.comparison["readings"] if one else {} for one in (old, new)]
    where = ", ".join(part for part in (label, outcome.get("short", outcome_id), timepoint) if part)
    for name in {**readings[0], **readings[1]}:
        before, after = readings[0].get(name, {}), readings[1].get(name, {})
        if before and after and not any(differ(before[k], after[k]) for k in _NUMBERS):
            continue
        rows = [*before.get("rows", ()), *after.get("rows", ())]
        texts = effect_texts(before, after, measure=measure, outcome=outcome)
        change = Change(
            "effect",
            "changed" if before and after else "added" if after else "removed",
            f"{where}, {measure} from {name}",
            texts[0],
            texts[1],
            _why(causes, rows, key, analyses),
        )
        whole = old is None or new is None
        numbers = numbers_of(before), numbers_of(after)
        yield EffectChange(change, study_id, outcome_id, label, analyses, whole, numbers)


def numbers_of(effect: Mapping[str, Any] | None) -> Numbers | None:
    """Return estimate and standard error of an effect, if there is one.

    Parameters
    ----------
    effect
        With ``estimate`` and ``standard_error``.
    """
    return (effect["estimate"], effect["standard_error"]) if effect else None


def _why(causes: Causes, rows: list[str], key: _Key, analyses: frozenset[str]) -> tuple[str, ...]:
    """Name the changed rows that an effect rests on; else those of the same study; else code."""
    study_id, outcome_id, _, _ = key
    excluded = [
        row
        for row in causes.about(("exclusions.csv",), "study_id", study_id)
        if row.about("analysis_id", *analyses)
    ]
    own = [*causes.of_rows(rows), *excluded]
    if own:
        return _told(own)
    same = [
        *(
            row
            for row in causes.about(_REPORTS, "study_id", study_id)
            if row.about("outcome_id", outcome_id)
        ),
        *causes.about(_STUDY, "study_id", study_id),
        *causes.entries(f"outcomes {outcome_id}", "headline"),
        *causes.entries(*(f"analyses {name}" for name in analyses)),
    ]
    if same:
        return _told(same)
    return causes.otherwise(_ALL)


def _told(rows: list[RowChange]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.cause for row in rows))
