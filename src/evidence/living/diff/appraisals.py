"""Changes beside the planned analyses: thresholds of the headline, appraisals, claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evidence.living.diff.causes import Causes
from evidence.living.diff.changes import Change
from evidence.living.diff.effects import EffectChange

__all__ = ["appraisal_changes", "claim_changes", "threshold_changes"]

_BIAS = ("risk_of_bias.csv", "signalling_answers.csv")
_STUDY = ("studies.csv", "study_facts.csv")
_REPORTS = ("arms.csv", "contrasts.csv")


def threshold_changes(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    effects: Sequence[EffectChange],
    causes: Causes,
) -> Iterator[Change]:
    """Yield where the headline trial's effect reaches another threshold than before.

    Parameters
    ----------
    old, new
        Conclusions as plain values.
    effects
        The changes of effects.
    causes
        What changed under them.
    """
    before, after = old.get("headline") or {}, new.get("headline") or {}
    if old.get("older") or new.get("older") or not (before or after):
        return
    label = str((after or before)["label"])
    mine = [one.cause for one in effects if "headline" in one.analyses]
    plan = [row.cause for row in causes.entries("headline")]
    if not before or not after:
        kind = "added" if after else "removed"
        why = tuple(dict.fromkeys([*mine, *plan])) or causes.otherwise(_REPORTS)
        yield Change("threshold", kind, f"An effect of {label}", causes=why, verdict=True)
        return
    if before["contradiction"] != after["contradiction"]:
        told = [_agreement(side) for side in (before, after)]
        why = tuple(dict.fromkeys(mine)) or causes.otherwise(_REPORTS)
        what = f"The reports of {label}"
        yield Change("threshold", "changed", what, told[0], told[1], why, verdict=True)
    sides = before["thresholds"], after["thresholds"]
    for reading in sides[0]:
        for name in {**sides[0][reading], **sides[1].get(reading, {})}:
            pair = [side.get(reading, {}).get(name) for side in sides]
            if reading not in sides[1] or pair[0] == pair[1]:
                continue
            texts = [_reached(one) for one in pair]
            rows = [row.cause for row in causes.entries(f"thresholds {name}")]
            if texts[0] == texts[1]:
                continue
            why = tuple(dict.fromkeys([*rows, *(mine if all(pair) else ())]))
            shown = pair[1] or pair[0] or {}
            yield Change(
                "threshold",
                "changed" if all(pair) else "added" if pair[1] else "removed",
                f"{label}, {reading}, against {shown['value']:g} {shown['unit']} "
                f"({shown['label']})",
                texts[0],
                texts[1],
                why or causes.otherwise(("review.toml", *_REPORTS)),
                verdict=all(pair),
            )


def _agreement(headline: Mapping[str, Any]) -> str:
    return "contradict each other" if headline["contradiction"] else "agree"


def _reached(threshold: Mapping[str, Any] | None) -> str:
    if not threshold:
        return ""
    if threshold["estimate_reaches"]:
        return "reached by the estimate"
    return (
        "only within its interval" if threshold["interval_reaches"] else "not within its interval"
    )


def appraisal_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], causes: Causes
) -> Iterator[Change]:
    """Yield changes of risk of bias, directness, direction, evidence age and what is missing.

    Parameters
    ----------
    old, new
        Conclusions as plain values.
    causes
        What changed under them.
    """
    if old.get("older") or new.get("older"):
        return
    ages = [side.get("evidence_age") or {} for side in (old, new)]
    if ages[0].get("searched_until") != ages[1].get("searched_until"):
        texts = [str(age.get("searched_until") or "not recorded") for age in ages]
        why = tuple(row.cause for row in causes.entries("searched_until"))
        why = why or causes.otherwise(("review.toml",))
        yield Change("appraisal", "changed", "Searched until", texts[0], texts[1], why)
    counts = [_directions(side.get("direction") or {}) for side in (old, new)]
    if counts[0] != counts[1]:
        cells = [(side.get("direction") or {}).get("cells", {}) for side in (old, new)]
        moved = _differing(*cells)
        studies = {str((cells[1].get(n) or cells[0][n])["study_id"]) for n in moved}
        rows = causes.about((*_REPORTS, *_STUDY), "study_id", *studies)
        why = tuple(row.cause for row in rows) or causes.otherwise((*_REPORTS, *_STUDY))
        yield Change(
            "appraisal", "changed", "Which way the trials point", counts[0], counts[1], why
        )
    trials = [(side.get("directness") or {}).get("trials", {}) for side in (old, new)]
    bias, gaps = ([side.get(n) or {} for side in (old, new)] for n in ("risk_of_bias", "missing"))
    yield from _entries(_RISK_OF_BIAS, bias[0], bias[1], causes)
    yield from _entries(_DIRECTNESS, trials[0], trials[1], causes)
    yield from _entries(_MISSING, gaps[0], gaps[1], causes)


def _directions(direction: Mapping[str, Any]) -> str:
    keys = {"favourable": "for", "unfavourable": "against", "undirected": "without a direction"}
    return ", ".join(f"{direction.get(key, 0)} {word}" for key, word in keys.items())


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


@dataclass(frozen=True, slots=True)
class _Section:
    """A section of named entries: what to show of one, and where it comes from."""

    title: str
    shown: str
    files: tuple[str, ...]
    entries: tuple[str, ...] = ()
    by_study: bool = True


_RISK_OF_BIAS = _Section("Risk of bias of", "judgement", _BIAS)
_DIRECTNESS = _Section("Directness of", "overall", _STUDY, ("directness", "target"))
_MISSING = _Section("Not known:", "priority", ("missing.csv",), by_study=False)


def _entries(
    section: _Section, before: Mapping[str, Any], after: Mapping[str, Any], causes: Causes
) -> Iterator[Change]:
    for name in _differing(before, after):
        pair = [side.get(name) or {} for side in (before, after)]
        texts = [str(one.get(section.shown) or "none") if one else "" for one in pair]
        if texts[0] == texts[1]:
            continue
        if section.by_study:
            study = name.partition(",")[0]
            rows = causes.about(section.files, "study_id", study)
            rows = rows or causes.about(_STUDY, "study_id", study)
        else:
            rows = tuple(row for row in causes.rows if row.file in section.files)
        found = (*rows, *causes.entries(*section.entries))
        why = tuple(dict.fromkeys(row.cause for row in found))
        why = why or causes.otherwise((*section.files, *_STUDY, "review.toml"))
        kind = "changed" if all(pair) else "added" if pair[1] else "removed"
        yield Change("appraisal", kind, f"{section.title} {name}", texts[0], texts[1], why)


def claim_changes(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    causes: Causes,
    under: Sequence[Change],
) -> Iterator[Change]:
    """Yield the claims whose verdict or deciding number changed.

    Parameters
    ----------
    old, new
        Conclusions as plain values.
    causes
        What changed under them.
    under
        The changes of the levels below.
    """
    before, after = old.get("claims"), new.get("claims")
    if before is None or after is None:
        return
    for name in _differing(before, after):
        pair = [side.get(name) or {} for side in (before, after)]
        verdicts = [str(one.get("verdict", "")) for one in pair]
        numbers = [str(one.get("number", "")) for one in pair]
        if verdicts[0] == verdicts[1] and numbers[0] == numbers[1]:
            continue
        moved = verdicts[0] != verdicts[1]
        texts = verdicts if moved else numbers
        why = [row.cause for row in causes.about(("claims.csv",), "claim_id", name)]
        why += [row.cause for row in causes.of_rows(r for one in pair for r in one.get("rows", ()))]
        tests = " ".join(str(one.get("test", "")) for one in pair)
        names = _named_in(tests, old, new)
        rated = [
            one.what
            for one in under
            if one.level in ("pooled", "certainty", "effect") and one.what.startswith(names)
        ]
        kind = "changed" if all(pair) else "added" if pair[1] else "removed"
        if not why and rated:
            why = [f"{what} changed" for what in dict.fromkeys(rated)]
        yield Change(
            "claim",
            kind,
            f"Claim {name}",
            texts[0],
            texts[1],
            tuple(dict.fromkeys(why)) or causes.otherwise(("claims.csv",)),
            verdict=moved and bool(all(pair)),
        )


def _named_in(test: str, *sides: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the titles and labels of the analyses and studies that a test names."""
    found = {
        str(one["title"])
        for side in sides
        for name, one in side["analyses"].items()
        if f"analysis={name}" in test
    }
    for side in sides:
        for study_id, trial in (side.get("directness") or {}).get("trials", {}).items():
            if f"study={study_id}" in test:
                found.add(str(trial["label"]))
    return tuple(sorted(found))
