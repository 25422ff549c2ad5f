"""Can the answer be pushed over: what holds whatever one does, and what hangs on one choice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from evidence.appraisal.missing_evidence import MissingEvidence, missing_evidence
from evidence.appraisal.p_evidence import PValueEvidence, collect_p_values
from evidence.appraisal.reporting import appraise_reporting
from evidence.data import Review
from evidence.display import (
    Prose,
    Table,
    capital,
    format_interval,
    format_number,
    join_words,
    plural,
)
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.model_choice import told_readings
from evidence.judgement.phrases import inside
from evidence.synthesis.batch import leave_one_out
from evidence.synthesis.body import Scenario
from evidence.synthesis.result import PooledResult
from evidence.synthesis.sensitivity.tipping_point import TippingPoint, tipping_point
from evidence.synthesis.specifications.multiverse import multiverse
from evidence.synthesis.specifications.result import SIDES, Multiverse, percent

__all__ = [
    "OneTrialMore",
    "decisions",
    "departures",
    "every_analysis",
    "missing_from",
    "one_trial_less",
    "one_trial_more",
    "one_trial_more_told",
    "p_values_alone",
    "pooled_readings",
    "what_holds",
]

_LETTERS = "ABCDEFGH"
#: What is said of an interval by its place in `SIDES`.
_SIDES_IN_WORDS = (
    "the interval excludes no effect, against {treatment}",
    "the interval includes no effect",
    "the interval excludes no effect, in favour of {treatment}",
)
#: What is said of an estimate by its sign, positive where it is better.
_DIRECTIONS_IN_WORDS = MappingProxyType(
    {1: "on the side of {treatment}", 0: "just no effect", -1: "against {treatment}"}
)
_SIZES_IN_WORDS = (
    "it shows an important harm",
    "it shows no important benefit",
    "whether the difference matters stays open",
    "it shows an important benefit",
    "",
)


def every_analysis(conclusions: Conclusions) -> Multiverse | None:
    """Run every defensible analysis of the main question; None where no trial can be used.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    try:
        return multiverse(conclusions.review)
    except InsufficientEvidenceError:
        return None


def pooled_readings(conclusions: Conclusions) -> list[tuple[str, PooledResult]]:
    """Return the main result under each reading that is told of, where trials are pooled.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    return [(name, scenario.result) for name, scenario in _scenarios(conclusions)]


def _scenarios(conclusions: Conclusions) -> list[tuple[str, Scenario]]:
    synthesis = conclusions.main.synthesis
    if synthesis is None:
        return []
    told = told_readings(synthesis.scenarios)
    return [(name, scenario) for name, scenario in told if scenario.result.pooled]


def _nothing(conclusions: Conclusions) -> str:
    main = conclusions.main
    what = "no trial" if main.synthesis is None else "one trial"
    return f"Of {inside(main.title)} {what} can be used, so there is nothing pooled to push."


def what_holds(conclusions: Conclusions, analyses: Multiverse | None) -> Prose:
    """Tell what holds in every analysis, and which single choice changes what.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    analyses
        What `every_analysis` returned.
    """
    if analyses is None:
        return Prose(_nothing(conclusions))
    treatment = conclusions.review.plan.target.treatment
    return Prose(
        _direction_told(analyses, treatment),
        _conclusion_told(analyses, treatment),
        _departures_told(analyses, treatment),
        _strongest_told(analyses),
    )


def _direction_told(analyses: Multiverse, treatment: str) -> str:
    better = float((analyses.direction > 0).mean())
    if len(analyses) == 1:
        side = _DIRECTIONS_IN_WORDS[int(analyses.direction[0])].format(treatment=treatment)
        return f"There is one way to analyse this; its estimate is {side}."
    count = f"{len(analyses):,} different analyses"
    if (analyses.direction == analyses.direction[0]).all():
        side = _DIRECTIONS_IN_WORDS[int(analyses.direction[0])].format(treatment=treatment)
        return f"Whatever one decides, the estimate is {side}: in all {count}."
    return (
        f"Which way the estimate points hangs on what one decides: in {percent(better)} of "
        f"{count} it is on the side of {treatment}."
    )


def _conclusion_told(analyses: Multiverse, treatment: str) -> str:
    """Say what the plan concludes, and in how many analyses that stays so."""
    if not analyses.has_plan:
        return "The analysis that was planned leaves no trial, so nothing is compared with it."
    planned = analyses.planned
    sides = sorted({int(side) for side in analyses.side[planned]})
    said = join_words((_SIDES_IN_WORDS[s].format(treatment=treatment) for s in sides), "or")
    text = (
        f"As planned {said}; that is so in {percent(analyses.share_as_planned('side'))} of the "
        "analyses."
    )
    sizes = {int(size) for size in analyses.size[planned]} - {len(_SIZES_IN_WORDS) - 1}
    if not sizes:
        return f"{text} Which difference matters is not known on this scale."
    said = join_words((_SIZES_IN_WORDS[size] for size in sorted(sizes)), "or")
    share = percent(analyses.share_as_planned("size"))
    # On some scales nobody may have said which difference matters.
    known = "them" if not np.isnan(analyses.threshold).any() else "those where it is known"
    return (
        f"{text} Held against the smallest difference that matters, {said}; that is so in {share} "
        f"of {known}."
    )


def _departures_told(analyses: Multiverse, treatment: str) -> str:
    """Say which single departures from the plan change what it concludes."""
    if not analyses.has_plan:
        return ""
    table = analyses.departures
    table = table[(table["decision"] != "") & (table["k"] > 0)]
    tried = table.drop_duplicates(["decision", "option"])
    readings = table["reading"].nunique()
    changing = table[table["changes"]].groupby(["decision", "option"], sort=False)
    count = plural(len(tried), "single departure")
    if not len(changing):
        return (
            f"No single choice changes that: of {count} from the plan none alters on which side "
            "of no effect, or of the smallest difference that matters, the interval lies."
        )
    named = []
    for _, rows in changing:
        first = rows.iloc[0]
        where = ""
        if len(rows) < readings:
            of = f"of {plural(readings, 'reading')}"
            where = f", under {plural(len(rows), of, of)},"
        thens = (_then(row, treatment) for _, row in rows.iterrows())
        named.append(
            f"{first['title']}, taken as “{first['option']}” ({first['reason']}): then{where} "
            f"{join_words(dict.fromkeys(thens), 'or')}"
        )
    some = plural(len(changing), "changes", "change")
    return f"Of {count} from the plan {some} what it concludes: {'; '.join(named)}."


def _then(row: pd.Series, treatment: str) -> str:
    side = _SIDES_IN_WORDS[int(row["side"])].format(treatment=treatment)
    size = _SIZES_IN_WORDS[int(row["size"])]
    return f"{side}, and {size}" if size else side


def _strongest_told(analyses: Multiverse) -> str:
    first = analyses.moves.iloc[0]
    share = float(first["share_changed"])
    if not share > 0:
        return "Whatever the other decisions are, no decision changes the side of the interval."
    return (
        f"Over all combinations most hangs on {first['title']}: with all other decisions held, it "
        f"changes on which side of no effect the interval lies in {percent(share)} of the cases in "
        "which it can be made more than one way."
    )


def departures(analyses: Multiverse | None) -> Table:
    """Return the analyses that depart from the plan in one decision, one row an option.

    Parameters
    ----------
    analyses
        What `every_analysis` returned.
    """
    if analyses is None or not analyses.has_plan:
        return Table(pd.DataFrame(), caption="The planned analysis leaves no trial.")
    found = analyses.departures
    readings = list(dict.fromkeys(found["reading"]))
    names = dict(zip(readings, _LETTERS, strict=False)) if len(readings) > 1 else {}
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for _, row in found.iterrows():
        cells = rows.setdefault(
            (str(row["title"]), str(row["option"])),
            {
                "decision": capital(str(row["title"])) or "The plan",
                "taken as": str(row["option"]),
                "why it can be defended": str(row["reason"]),
                "trials": str(row["k"]) if row["k"] else "none",
            },
        )
        letter = names.get(str(row["reading"]), "")
        cells[f"estimate (95% CI){', reading ' if letter else ''}{letter}"] = _cell(row)
        changed = "yes" if row["changes"] else ""
        cells["changes the conclusion"] = changed or cells.get("changes the conclusion", "")
    table = pd.DataFrame(list(rows.values())).fillna("")
    last = table.pop("changes the conclusion")
    table["changes the conclusion"] = last
    note = " ".join(f"Reading {letter}: {reading}." for reading, letter in names.items())
    return Table(table, caption="One decision at a time: what departs from the plan", note=note)


def _cell(row: pd.Series) -> str:
    if not row["k"]:
        return "\N{EN DASH}"
    values = [float(row[name]) for name in ("estimate", "ci_low", "ci_high")]
    if row["measure"] in LOG_MEASURES:
        values = [math.exp(value) for value in values]
    return f"{format_number(values[0])} ({format_interval(values[1], values[2])})"


def _scale(measure: str) -> str:
    """Name what moves and differences are given in."""
    return f"logarithm of the {measure}" if measure in LOG_MEASURES else measure


def decisions(analyses: Multiverse | None) -> Table:
    """Return what each decision does over all combinations, the most consequential first.

    Parameters
    ----------
    analyses
        What `every_analysis` returned.
    """
    if analyses is None:
        return Table(pd.DataFrame(), caption="No trial can be used, so there is nothing to decide.")
    by_id = {decision.id: decision for decision in analyses.decisions}
    rows = [
        {
            "decision": capital(str(row["title"])),
            "options": ", ".join(option.name for option in by_id[row["decision"]].options),
            "changes the side of the interval in": "\N{EN DASH}"
            if math.isnan(row["share_changed"])
            else percent(float(row["share_changed"])),
            "moves the estimate by, on average": format_number(float(row["mean_move"])),
            "at most": format_number(float(row["largest_move"])),
        }
        for _, row in analyses.moves.iterrows()
    ]
    note = ""
    if analyses.idle:
        note = f"{capital(join_words(analyses.idle))}: no difference here."
    return Table(
        pd.DataFrame(rows),
        caption=f"What each decision does ({_scale(analyses.planned_measure)})",
        note=note,
    )


def one_trial_less(conclusions: Conclusions) -> Prose:
    """Tell what is left of the main result without each of its trials.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    readings = pooled_readings(conclusions)
    if not readings:
        return Prose(_nothing(conclusions))
    sign = _sign(conclusions)
    treatment = conclusions.review.plan.target.treatment
    told: dict[str, list[str]] = {}
    for name, result in readings:
        try:
            told.setdefault(_without_each(result, sign, treatment), []).append(name)
        except InvalidArgumentError:
            text = _no_standard_error(result, "what is left without each trial")
            told.setdefault(text, []).append(name)
    return Prose(
        *(
            text if len(told) == 1 else f"{capital(join_words(names))}: {text}"
            for text, names in told.items()
        )
    )


def _no_standard_error(result: PooledResult, what: str) -> str:
    return (
        f"The planned interval ({result.method.ci_method}) is built without a standard error, so "
        f"{what} is not worked out here. Plan ci_method = 'HKSJ-adhoc' to see it."
    )


def _sign(conclusions: Conclusions) -> int:
    synthesis = conclusions.main.synthesis
    assert synthesis is not None
    return conclusions.review.outcome(synthesis.analysis.outcomes[0]).benefit_sign


def _without_each(result: PooledResult, sign: int, treatment: str) -> str:
    left = leave_one_out(result)
    turned = np.sign(left.estimate) != np.sign(result.estimate)
    sides = [_side(sign, low, high) for low, high in zip(left.ci_low, left.ci_high, strict=True)]
    before = _side(sign, result.ci_low, result.ci_high)
    labels = result.labels
    count = plural(result.k, "trial")
    parts = []
    if not turned.any():
        parts.append(f"whichever of {count} is left out, the estimate stays on the same side")
    else:
        names = [label for label, turns in zip(labels, turned, strict=True) if turns]
        parts.append(f"without {join_words(names, 'or')} the estimate changes sides")
    changed = [label for label, side in zip(labels, sides, strict=True) if side != before]
    stays = _SIDES_IN_WORDS[before].format(treatment=treatment)
    if not changed:
        parts.append(f"and {stays} each time")
    else:
        but = "and" if turned.any() else "but"
        parts.append(f"{but} it hangs on {join_words(changed)} that {stays}")
    return capital(f"{parts[0]}, {parts[1]}.")


def _side(sign: int, low: float, high: float) -> int:
    """Return the place in `SIDES` where an interval lies."""
    near, far = sorted((sign * low, sign * high))
    return SIDES.index("better" if near > 0 else "worse" if far < 0 else "either way")


@dataclass(frozen=True, slots=True)
class OneTrialMore:
    """What one more trial would have to show, under one reading.

    Attributes
    ----------
    name
        The reading; empty where there is one.
    point
        The tipping point.
    measure
        What the effects are measured by; ratios are held as logarithms.
    """

    name: str
    point: TippingPoint
    measure: str


def one_trial_more(conclusions: Conclusions) -> tuple[OneTrialMore, ...]:
    """Find what one more trial, or those known to be missing, would have to show.

    Parameters
    ----------
    conclusions
        The conclusions of a review.

    Returns
    -------
    tuple
        One for each reading that is told of; empty where nothing is pooled, or the planned
        interval is one that this cannot be worked out for. Of the registered trials without
        results those count whose number of people is known, and not none.
    """
    silent = appraise_reporting(conclusions.review).silent
    counted = silent["people"].dropna()
    counted = counted[counted > 0]
    found = []
    for name, scenario in _scenarios(conclusions):
        measure = scenario.readings[0].measure
        people = [r.n_treatment + r.n_control for r in scenario.readings if r.usable]
        known = len(people) == scenario.result.k and bool(np.isfinite(people).all())
        missing = len(counted) if known and len(counted) else None
        try:
            point = tipping_point(
                scenario.result,
                people=people if known else None,
                missing=missing,
                missing_people=float(counted.sum()) if missing else None,
            )
        except InvalidArgumentError:
            # The planned interval has no standard error to add a trial to.
            continue
        found.append(OneTrialMore(name, point, measure))
    return tuple(found)


def missing_from(conclusions: Conclusions) -> MissingEvidence | Prose:
    """Check what may be missing from the main result; a sentence where there is none.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    synthesis = conclusions.main.synthesis
    if synthesis is None:
        return Prose(_nothing(conclusions))
    return missing_evidence(synthesis, review=conclusions.review)


def p_values_alone(conclusions: Conclusions) -> PValueEvidence | Prose:
    """Take one p value from every trial; a sentence where none reports one.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    try:
        return collect_p_values(conclusions.review, analysis_id=conclusions.main.analysis_id)
    except InsufficientEvidenceError as error:
        return Prose(str(error))


def one_trial_more_told(conclusions: Conclusions) -> Prose:
    """Tell what one more trial would have to show, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    found = one_trial_more(conclusions)
    if not found:
        pooled = pooled_readings(conclusions)
        if not pooled:
            return Prose(_nothing(conclusions))
        what = "what one more trial would have to show"
        return Prose(_no_standard_error(pooled[0][1], what))
    return _one_trial_more_in_words(found, conclusions.review)


def _one_trial_more_in_words(found: tuple[OneTrialMore, ...], review: Review) -> Prose:
    told: list[str] = []
    notes: dict[str, None] = {}
    for each in found:
        # The first line names the method, which stands in the figure.
        lines = each.point.summary().splitlines()[1:]
        head = f"{capital(each.name)}: " if each.name else ""
        told.append(head + " ".join(line for line in lines if not line.startswith("Note: ")))
        notes |= dict.fromkeys(line for line in lines if line.startswith("Note: "))
    measure = found[0].measure
    if measure in LOG_MEASURES:
        notes[f"Note: Effects and standard errors are those of the {_scale(measure)}."] = None
    if any(each.point.missing for each in found):
        silent = appraise_reporting(review).silent
        unknown = silent.loc[silent["people"].isna(), "label"]
        if len(unknown):
            names = join_words(unknown)
            notes[f"Note: Not counted as missing are those of unknown size: {names}."] = None
    return Prose(*told, *notes)
