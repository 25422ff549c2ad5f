"""Changes of one analysis: pooled result, certainty domain by domain, and verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evidence.living.diff.causes import Causes
from evidence.living.diff.changes import Change
from evidence.living.diff.effects import EffectChange, numbers_of
from evidence.living.diff.numbers import differ, effect_texts

__all__ = ["AnalysisChanges", "analysis_changes"]

_POOLED = ("estimate", "ci_low", "ci_high", "tau2", "k", "prediction_low", "prediction_high")
_VERDICT = ("direction", "size", "certainty", "excludes_no_effect")
_STUDY = ("studies.csv", "study_facts.csv")
#: The files that a domain of certainty reads, besides the pooled result.
_DOMAIN_FILES = {
    "risk of bias": (
        "risk_of_bias.csv",
        "signalling_answers.csv",
        "studies.csv",
        "study_facts.csv",
    ),
    "inconsistency": (),
    "indirectness": (*_STUDY, "compounds.csv"),
    "imprecision": (),
    "missing evidence": (
        "studies.csv",
        "study_facts.csv",
        "registered_outcomes.csv",
        "arms.csv",
        "contrasts.csv",
    ),
}
_DOMAIN_ENTRIES = {
    "indirectness": ("target", "directness"),
    "imprecision": ("thresholds", "outcomes"),
}


@dataclass(frozen=True, slots=True)
class AnalysisChanges:
    """What changed in one analysis.

    Attributes
    ----------
    changes
        The changes.
    unchanged
        What stayed as it was although the pooled result moved.
    """

    changes: tuple[Change, ...]
    unchanged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pair:
    """One reading on both sides; an empty name where it is on one side only."""

    old: str
    new: str

    @property
    def name(self) -> str:
        return self.new or self.old


def analysis_changes(
    name: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    *,
    outcomes: Mapping[str, Any],
    effects: Sequence[EffectChange],
    causes: Causes,
) -> AnalysisChanges:
    """Compare one analysis on two sides.

    Parameters
    ----------
    name
        Its id.
    old, new
        The analysis as plain values; None where it is not there.
    outcomes
        The outcomes by id.
    effects
        The changes of effects.
    causes
        What changed under them.
    """
    sides = [side or _NOTHING for side in (old, new)]
    if old == new:
        return AnalysisChanges(())
    return _Analysis(name, sides, outcomes, effects, causes).compare()


_NOTHING: dict[str, Any] = {"refusal": None, "pooled": {}, "certainty": {}, "verdicts": {}}


class _Analysis:
    def __init__(
        self,
        name: str,
        sides: Sequence[Mapping[str, Any]],
        outcomes: Mapping[str, Any],
        effects: Sequence[EffectChange],
        causes: Causes,
    ) -> None:
        self.id = name
        self.old, self.new = sides
        last = self.new if "title" in self.new else self.old
        self.title = str(last["title"])
        self.measure = str(last["measure"])
        self.outcome = outcomes.get(last["outcomes"][0], {})
        self.effects = effects
        self.causes = causes

    def compare(self) -> AnalysisChanges:
        changes: list[Change] = []
        unchanged: list[str] = []
        for pair in self._pairs():
            title = self._title(pair)
            pooled = self._pooled(pair, title)
            certainty = list(self._certainty(pair, title, bool(pooled)))
            level_moved = self._value("certainty", pair, "level")
            verdict = self._verdict(pair, title, bool(pooled), level_moved)
            changes += [*pooled, *certainty, *verdict]
            if pooled and pair.old and pair.new:
                unchanged += self._same(pair, title, bool(verdict))
        return AnalysisChanges(tuple(changes), tuple(unchanged))

    def _pairs(self) -> list[_Pair]:
        before, after = self.old["pooled"], self.new["pooled"]
        pairs = [_Pair(name, name) for name in before if name in after]
        gone = [name for name in before if name not in after]
        new = [name for name in after if name not in before]
        # Readings are named by the reports they come from; where one report moves from one
        # reading to another both get new names, and the nearest number is the same reading.
        while gone and new:
            near = min(
                ((old, other) for old in gone for other in new),
                key=lambda two: _distance(before[two[0]], after[two[1]]),
            )
            pairs.append(_Pair(*near))
            gone.remove(near[0])
            new.remove(near[1])
        return [*pairs, *(_Pair(n, "") for n in gone), *(_Pair("", n) for n in new)]

    def _title(self, pair: _Pair) -> str:
        several = max(len(self.old["pooled"]), len(self.new["pooled"])) > 1
        return f"{self.title} ({pair.name})" if several else self.title

    def _both(self, part: str, pair: _Pair) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return self.old[part].get(pair.old, {}), self.new[part].get(pair.new, {})

    def _value(self, part: str, pair: _Pair, key: str) -> bool:
        old, new = self._both(part, pair)
        return differ(old.get(key), new.get(key))

    # ------------------------------------------------------------- pooled results

    def _pooled(self, pair: _Pair, title: str) -> list[Change]:
        old, new = self._both("pooled", pair)
        if not any(differ(old.get(key), new.get(key)) for key in _POOLED):
            return []
        texts = effect_texts(old, new, measure=self.measure, outcome=self.outcome)
        sides = zip(texts, (old, new), strict=True)
        counted = [f"{text}, k = {side.get('k')}" if side else "" for text, side in sides]
        kind = "changed" if old and new else "added" if new else "removed"
        why = self._why_pooled(old, new)
        return [Change("pooled", kind, title, counted[0], counted[1], causes=why)]

    def _why_pooled(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
        studies = [side.get("studies", {}) for side in (old, new)]
        moved = {
            label: tuple(numbers_of(side.get(label)) for side in studies)
            for label in {**studies[0], **studies[1]}
        }
        mine = [one for one in self.effects if self.id in one.analyses and one.label in moved]
        used = [one for one in mine if _is_used(one, moved[one.label])]
        if not used and not (old and new):
            used = mine  # a reading that came or went, whichever of its reports moved
        found = [one.cause for one in used]
        found += self._membership({one.study_id for one in used})
        found += [row.cause for row in self.causes.entries(f"analyses {self.id}")]
        if found:
            return tuple(dict.fromkeys(found))
        return self.causes.otherwise(("arms.csv", "contrasts.csv", "review.toml", "studies.csv"))

    def _membership(self, known: set[str]) -> Iterator[str]:
        """Yield trials that came into this analysis or left it while their effects stayed."""
        if not self.causes.complete:
            return
        before, after = (
            {c["study_id"]: str(c["label"]) for c in side.get("effects", {}).values()}
            for side in (self.old, self.new)
        )
        for study_id, label in {**before, **after}.items():
            if study_id in known or (study_id in before) == (study_id in after):
                continue
            rows = self.causes.about(("exclusions.csv",), "study_id", study_id)
            rows = tuple(row for row in rows if row.about("analysis_id", self.id))
            rows = rows or self.causes.about(
                ("studies.csv", "study_facts.csv"), "study_id", study_id
            )
            under = "; ".join(row.cause for row in rows)
            said = f"{label} came in" if study_id in after else f"{label} is no longer in"
            yield f"{said} ({under})" if under else said

    # ------------------------------------------------------------- certainty

    def _certainty(self, pair: _Pair, title: str, pooled: bool) -> Iterator[Change]:
        old, new = self._both("certainty", pair)
        if not old or not new:
            return
        moved: list[str] = []
        domains = old.get("domains", {}), new.get("domains", {})
        # A file of the first layout may tell the level alone.
        for domain in {**domains[0], **domains[1]} if all(domains) else {}:
            before, after = (side.get(domain, {}) for side in domains)
            texts = [_domain(one) for one in (before, after)]
            if texts[0] == texts[1]:
                continue
            if before.get("levels") != after.get("levels"):
                moved.append(domain)
            why = self._why_domain(domain, before, after, pooled)
            yield Change("certainty", "changed", f"{title}, {domain}", texts[0], texts[1], why)
        if old["level"] != new["level"]:
            why = tuple(f"{domain} changed" for domain in moved) or self._why_decision()
            yield Change("certainty", "changed", title, old["level"], new["level"], why)

    def _why_domain(
        self, domain: str, old: Mapping[str, Any], new: Mapping[str, Any], pooled: bool
    ) -> tuple[str, ...]:
        decided = self._decisions()
        if decided and old.get("facts") == new.get("facts"):
            return decided
        found = list(decided)
        studies = {
            c["study_id"] for s in (self.old, self.new) for c in s.get("effects", {}).values()
        }
        files = _DOMAIN_FILES.get(domain, ())
        rows = [
            row
            for row in self.causes.rows
            if row.file in files
            and (row.about("study_id", *studies) or domain == "missing evidence")
        ]
        rows += self.causes.entries(*_DOMAIN_ENTRIES.get(domain, ()))
        found += [row.cause for row in rows]
        if pooled:
            found.append("the pooled result changed")
        if found:
            return tuple(dict.fromkeys(found))
        return self.causes.otherwise((*files, "review.toml"))

    def _decisions(self) -> tuple[str, ...]:
        rows = self.causes.about(("certainty_decisions.csv",), "analysis_id", self.id)
        return tuple(row.cause for row in rows)

    def _why_decision(self) -> tuple[str, ...]:
        return self._decisions() or self.causes.otherwise(("certainty_decisions.csv",))

    # ------------------------------------------------------------- verdict

    def _verdict(self, pair: _Pair, title: str, pooled: bool, level: bool) -> list[Change]:
        old, new = self._both("verdicts", pair)
        if not any(differ(old.get(key), new.get(key)) for key in _VERDICT):
            return []
        why = []
        if pooled:
            why.append("the pooled result changed")
        if old and new and level:
            why.append("the certainty changed")
        if old and new and differ(old.get("threshold"), new.get("threshold")):
            rows = self.causes.entries("thresholds", f"analyses {self.id}")
            why.append("the threshold changed")
            why += [row.cause for row in rows]
        texts = [_verdict(one) for one in (old, new)]
        kind = "changed" if old and new else "added" if new else "removed"
        causes = tuple(dict.fromkeys(why)) or self.causes.otherwise(("review.toml",))
        # A reading that goes or comes changes what is said only where it said something else.
        says = [{_verdict(v) for v in side["verdicts"].values()} for side in (self.old, self.new)]
        return [Change("verdict", kind, title, texts[0], texts[1], causes, says[0] != says[1])]

    def _same(self, pair: _Pair, title: str, verdict: bool) -> Iterator[str]:
        rated = self.new["certainty"].get(pair.new, {})
        if rated and not self._value("certainty", pair, "level"):
            yield f"{title}: certainty unchanged ({rated['level']})."
        if not verdict and pair.new in self.new["verdicts"]:
            yield f"{title}: verdict unchanged ({_verdict(self.new['verdicts'][pair.new])})."


def _distance(old: Mapping[str, Any], new: Mapping[str, Any]) -> float:
    pairs = ((old.get(key), new.get(key)) for key in ("estimate", "ci_low", "ci_high"))
    return math.fsum(abs(a - b) for a, b in pairs if a is not None and b is not None)


def _is_used(effect: EffectChange, pooled: tuple[Any, ...]) -> bool:
    """Whether a pooled result holds this reading, as it was or as it is, and moved with it."""
    if not differ(pooled[0], pooled[1]):
        return False
    return any(
        mine is not None and theirs is not None and not any(map(differ, mine, theirs))
        for mine, theirs in zip(effect.numbers, pooled, strict=True)
    )


def _domain(domain: Mapping[str, Any]) -> str:
    if not domain:
        return "not rated"
    by = domain.get("decided by") or ""
    stale = ", decided on other facts" if domain.get("stale") else ""
    return f"{domain.get('concern', '')}{f', decided by {by}' if by else ''}{stale}"


def _verdict(verdict: Mapping[str, Any]) -> str:
    if not verdict:
        return ""
    excluded = f"no difference {'excluded' if verdict.get('excludes_no_effect') else 'possible'}"
    size, direction, sure = (verdict.get(key, "") for key in ("size", "direction", "certainty"))
    named = f"{direction} {size}" if size == "below what matters" else f"{size} {direction}"
    return f"{named}, {sure} certainty, {excluded}"
