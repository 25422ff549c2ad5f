"""People: sums over groups, drop-out, and percentages of them.

References
----------
Schulz KF, Altman DG, Moher D (2010). CONSORT 2010 statement: updated guidelines for reporting
parallel group randomised trials. BMJ 340:c332.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.counts import percentage_of_some
from evidence.appraisal.integrity.found import (
    TRIALS,
    Place,
    Placed,
    facts_of,
    stage_of,
    study_of,
)
from evidence.appraisal.integrity.printed import contradicted
from evidence.data import Review
from evidence.display import capital, join_words, plural

__all__ = ["check_people", "check_percentages"]

_CONSORT = "Schulz, Altman and Moher 2010, CONSORT 2010, BMJ 340:c332"
_BROWN = "Brown and Heathers 2017, Social Psychological and Personality Science 8:363-369"
_NAME = "people over groups and drop-out"
#: Words that make a percentage no exact one.
_ROUGH = ("about", "approximately", "around", "nearly", "almost", "over", "more than", "less than")


class _People:
    """The numbers of people of a study in its published report, each with where it stands.

    Two numbers analysed, or in one group, can be of two analyses: such an item is left aside.
    """

    def __init__(self, review: Review, study_id: str) -> None:
        self.study_id = study_id
        self.found: dict[str, dict[int, list[tuple[str, int]]]] = {}
        study = study_of(review, study_id)
        if not pd.isna(study.n_randomised):
            self._add("n_randomised", int(study.n_randomised), ("studies", int(study.Index)))
        for fact in facts_of(review, study_id):
            counts = str(fact.item).startswith("n_") and not pd.isna(fact.number)
            if counts and stage_of(fact) == "published":
                self._add(str(fact.item), int(fact.number), ("study_facts", int(fact.Index)))

    def _add(self, item: str, count: int, line: tuple[str, int]) -> None:
        self.found.setdefault(item, {}).setdefault(count, []).append(line)

    def one(self, item: str) -> int | None:
        """Return the number where only one is reported."""
        counts = list(self.found.get(item, {}))
        return counts[0] if len(counts) == 1 else None

    def lines(self, *items: str) -> tuple[tuple[str, int], ...]:
        """Return where the numbers of these items stand."""
        return tuple(
            line for item in items for at in self.found.get(item, {}).values() for line in at
        )


def check_people(review: Review) -> Iterator[Placed]:
    """Yield the check of each trial's numbers of people against each other.

    Parameters
    ----------
    review
        The review.
    """
    studies = review.tables["studies"]
    for study_id, design in zip(studies["study_id"], studies["design"], strict=True):
        if str(design) in TRIALS:
            yield from _study(review, str(study_id), str(design))


def _study(review: Review, study_id: str, design: str) -> Iterator[Placed]:
    people = _People(review, study_id)
    items = ("n_randomised", "n_treatment", "n_control", "n_analysed", "n_completed")
    lines = people.lines(*items)
    place = Place(review, study_id, lines)
    if len(people.found.get("n_randomised", {})) > 1:
        yield place.put(_two_numbers(people, "n_randomised"))
        return
    known = {item: count for item in items if (count := people.one(item)) is not None}
    if len(known) < 2:
        why = "fewer than two numbers of people are reported"
        here = lines or (("studies", int(study_of(review, study_id).Index)),)
        yield Place(review, study_id, here).skip(_NAME, why, _CONSORT)
        return
    yield place.put(_sums(known, design))


def _two_numbers(people: _People, item: str) -> Check:
    counts = sorted(people.found[item])
    what = _WORDS[item]
    table = pd.DataFrame({"item": [item] * len(counts), "people": counts})
    told = join_words(map(str, counts))
    return contradicted(
        _NAME,
        True,
        fine=(""),
        wrong=(f"Two accounts of the published report give {told} {what}; not both can be right."),
        table=table,
        reference=_CONSORT,
    )


_WORDS = {
    "n_randomised": "randomised",
    "n_treatment": "in the treatment group",
    "n_control": "in the control group",
    "n_analysed": "analysed",
    "n_completed": "who finished",
}


def _sums(known: dict[str, int], design: str) -> Check:
    table = pd.DataFrame({"item": list(known), "people": list(known.values())})
    everybody = known.get("n_randomised")
    groups = known.get("n_treatment"), known.get("n_control")
    wrong: list[str] = []
    fine: list[str] = []
    if everybody is not None:
        for item in ("n_analysed", "n_completed", "n_treatment", "n_control"):
            count = known.get(item)
            if count is not None and count > everybody:
                wrong.append(f"{count} {_WORDS[item]} of {everybody} randomised")
            elif count is not None and item.endswith("ed"):
                fine.append(f"{count} of {everybody} {_WORDS[item]}")
    if groups[0] is not None and groups[1] is not None and design == "parallel trial":
        both = groups[0] + groups[1]
        told = f"{groups[0]} and {groups[1]} in the groups are {both}"
        if everybody is not None and both > everybody:
            wrong.append(f"{told}, of {everybody} randomised")
        else:
            match = [_WORDS[item] for item in known if item[2:] in _TOTALS and known[item] == both]
            fine.append(f"{told}, " + (f"as many as {match[0]}" if match else _fewer(both, known)))
    told = capital("; ".join(wrong or fine or [f"{plural(len(known), 'number')} of people"]))
    return contradicted(
        _NAME,
        bool(wrong),
        fine=(f"{told}: these fit."),
        wrong=(f"{told}. These cannot all be right as printed."),
        table=table,
        reference=_CONSORT,
    )


_TOTALS = ("randomised", "analysed", "completed")


def _fewer(both: int, known: dict[str, int]) -> str:
    everybody = known.get("n_randomised")
    if everybody is None:
        return "the number randomised not reported"
    return f"{everybody - both} fewer than randomised"


# ------------------------------------------------------------------ percentages


def check_percentages(review: Review) -> Iterator[Placed]:
    """Yield the check of each percentage of a trial's people that is reported.

    Parameters
    ----------
    review
        The review.
    """
    facts = review.tables["study_facts"]
    percents = facts[(facts["unit"] == "percent") & facts["number"].notna()]
    for fact in percents.itertuples():
        study_id = str(fact.study_id)
        if study_of(review, study_id).design not in TRIALS:
            continue
        line: Any = fact.Index
        place = Place(review, study_id, (("study_facts", int(line)),), about=str(fact.value))
        number = review.number("study_facts", int(line), "number")
        name = "percentage against people"
        if number is None or not 0 <= number.value <= 100:
            yield place.skip(name, "the percentage is not a share of people", _BROWN)
        elif str(fact.value).casefold().startswith(_ROUGH):
            yield place.skip(name, "the percentage is said to be a rough one", _BROWN)
        else:
            groups = _groups(review, study_id)
            reason = (
                "so many people can have nearly any such number"
                if groups
                else "of how many people the percentage is, is not reported"
            )
            yield place.put(percentage_of_some(number, groups), reason)


def _groups(review: Review, study_id: str) -> dict[str, int]:
    """Return the groups that a percentage of a study can be of, without doubles."""
    people = _People(review, study_id)
    found: dict[str, int] = {}
    for item, words in (
        ("n_treatment", "the treatment group"),
        ("n_control", "the control group"),
        ("n_completed", "those who finished"),
        ("n_analysed", "those analysed"),
        ("n_randomised", "those randomised"),
    ):
        count = people.one(item)
        if count is not None and count not in found.values():
            found[words] = count
    everybody = people.one("n_randomised")
    parallel = study_of(review, study_id).design == "parallel trial"
    if everybody is not None and everybody % 2 == 0 and parallel:
        half = everybody // 2
        if half not in found.values():
            found["half of those randomised"] = half
    return found
