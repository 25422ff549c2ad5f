"""Numbers that are possible and unlike others: they are said to be looked up, and no more.

References
----------
Kadlec D, Sainani KL, Nimphius S (2023). With great power comes great responsibility: common
errors in meta-analyses and meta-regressions in strength & conditioning research. Sports
Medicine 53:313-325.
Gøtzsche PC, Hróbjartsson A, Marić K, Tendal B (2007). Data extraction errors in meta-analyses
that use standardized mean differences. JAMA 298:430-437.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence.appraisal.check import Check
from evidence.appraisal.integrity.baseline import BaselineVariable, baseline_table
from evidence.appraisal.integrity.found import (
    TRIALS,
    UNUSUAL,
    Place,
    Placed,
    Row,
    comparisons_of,
    derived,
    numbers_of,
    several_pairs,
    study_of,
)
from evidence.appraisal.integrity.printed import contradicted
from evidence.appraisal.integrity.repeated import PrintedSummary, repeated_summaries
from evidence.data import Review
from evidence.display import format_interval, format_number, plural
from evidence.effects.derivation.readings import Reading
from evidence.effects.measures.odd_spread import odd_spread_cautions
from evidence.effects.measures.plausibility import PLAUSIBILITY_LIMITS
from evidence.errors import InsufficientEvidenceError

__all__ = ["check_baseline", "check_repeats", "check_sizes", "check_spreads"]

_KADLEC = "Kadlec, Sainani and Nimphius 2023, Sports Medicine 53:313-325"
_GOTZSCHE = "Gøtzsche et al. 2007, JAMA 298:430-437"
_SMDS = ("standardised mean difference", "Hedges g", "Cohen d")
_SIZE = "effect beside its reference class"
#: Other treatments' effects on the same outcome that make a reference class.
FEWEST_IN_CLASS = 2


# ------------------------------------------------------------------ size of an effect


@dataclass(frozen=True, slots=True)
class _Other:
    """What another treatment does to an outcome, in standard deviations, without sign."""

    label: str
    size: float
    largest: float


def _reference_class(review: Review, outcome_id: str) -> list[_Other]:
    """Return the standardised effects of other treatments on an outcome."""
    found = []
    for row in numbers_of(review, "contrasts"):
        same = row.word("outcome_id") == outcome_id and row.word("measure") in _SMDS
        study = study_of(review, row.word("study_id"))
        if not same or study.role != "comparator":
            continue
        estimate = row["estimate"]
        if estimate is None:
            continue
        ends = [abs(end.value) for end in (row["ci_low"], row["ci_high"]) if end is not None]
        size = abs(estimate.value)
        found.append(_Other(str(study.label), size, max([size, *ends])))
    return found


def check_sizes(review: Review) -> Iterator[Placed]:
    """Yield the check of each trial's standardised effect against what is usual.

    Parameters
    ----------
    review
        The review.
    """
    for (study_id, outcome_id, timepoint), lines in comparisons_of(review).items():
        trial = study_of(review, study_id).role == "trial"
        if not trial or review.outcome(outcome_id).kind != "continuous":
            continue
        about = review.outcome(outcome_id).short + (f", {timepoint}" if timepoint else "")
        place = Place(review, study_id, lines, UNUSUAL, about)
        if several_pairs(review, lines):
            reason = "several pairs of groups are reported under one outcome"
            yield place.skip(_SIZE, reason, _KADLEC)
            continue
        try:
            comparison = derived(review, (study_id, outcome_id, timepoint), _SMDS[0])
        except InsufficientEvidenceError:
            yield place.skip(_SIZE, "no standardised effect follows from the reports", _KADLEC)
            continue
        # A size of unknown direction is a size.
        points = [r for r in comparison.readings if not r.bound and r.standard_error > 0]
        if not points:
            yield place.skip(_SIZE, "no standardised effect follows from the reports", _KADLEC)
            continue
        smallest = min(points, key=lambda reading: abs(reading.estimate))
        others = _reference_class(review, outcome_id)
        yield place.put(_size(smallest, others))


def _size(reading: Reading, others: list[_Other]) -> Check:
    limits = PLAUSIBILITY_LIMITS
    size = abs(reading.estimate)
    reach = 1.96 * reading.standard_error
    nearer = size - reach
    far = size > limits.largest_smd and nearer > limits.surely_smd
    known = len(others) >= FEWEST_IN_CLASS
    largest = max((other.largest for other in others), default=math.nan)
    beyond = known and nearer > largest
    what = (
        f"The effect is {format_number(size)} standard deviations "
        f"({format_interval(max(nearer, 0.0), size + reach)})"
    )
    compared = (
        f"the largest of {plural(len(others), 'other treatment')} on the same outcome reaches "
        f"{format_number(largest)}"
        if known
        else "there are too few other treatments on the same outcome to compare it with"
    )
    rows = [("this trial", size, size + reach)]
    rows += [(other.label, other.size, other.largest) for other in others]
    table = pd.DataFrame(rows, columns=["effect", "size", "upper_end"])
    return contradicted(
        _SIZE,
        far or beyond,
        fine=(f"{what}; {compared}."),
        wrong=(
            f"{what}, and {compared}. Effects as large mostly come from a standard error taken for "
            "an SD, from a change taken for a difference, or from an adjusted model: look it up "
            "in the report."
        ),
        table=table,
        reference=_KADLEC,
    )


# ------------------------------------------------------------------ SDs beside each other


def check_spreads(review: Review) -> Iterator[Placed]:
    """Yield the check of each outcome's SDs against each other, over all trials.

    Parameters
    ----------
    review
        The review.
    """
    name = "SD beside those of others"
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in numbers_of(review, "arms"):
        sd, n = row["sd"], row.count("n")
        if row["mean"] is not None and sd is not None and sd.value > 0 and n is not None:
            groups.setdefault((row.word("outcome_id"), row.word("kind")), []).append(row)
    for (outcome_id, kind), rows in groups.items():
        about = f"{review.outcome(outcome_id).short}, {kind} values"
        lines = tuple(("arms", row.line) for row in rows)
        place = Place(review, rows[0].word("study_id"), lines, UNUSUAL, about)
        fewest = PLAUSIBILITY_LIMITS.fewest_others + 1
        if len(rows) < fewest:
            yield place.skip(
                name, f"fewer than {fewest} groups report an SD and their people", _GOTZSCHE
            )
            continue
        labels = [f"{review.label(row.word('study_id'))}, {row.word('arm')}" for row in rows]
        found = odd_spread_cautions(
            mean=np.array([float(row.cells.mean) for row in rows]),
            sd=np.array([float(row.cells.sd) for row in rows]),
            n=np.array([float(row.cells.n) for row in rows]),
            labels=labels,
        )
        table = pd.DataFrame({"group": labels, "sd": [float(row.cells.sd) for row in rows]})
        yield place.put(
            contradicted(
                name,
                len(found) > 0,
                fine=(f"The SDs of {plural(len(rows), 'group')} are alike."),
                wrong=(" ".join(caution.message for caution in found)),
                table=table,
                reference=_GOTZSCHE,
            )
        )


# ------------------------------------------------------------------ the same twice, the start


def check_repeats(review: Review) -> Iterator[Placed]:
    """Yield the check of each trial's means and SDs for ones that are printed twice.

    Parameters
    ----------
    review
        The review.
    """
    found: dict[str, dict[tuple[str, ...], PrintedSummary]] = {}
    for row in numbers_of(review, "arms"):
        mean, sd, n = row["mean"], row["sd"], row.count("n")
        if mean is None or sd is None or n is None or row.design not in TRIALS:
            continue
        # What several sources tell of one thing is no repeat.
        names = ("outcome_id", "timepoint", "arm", "kind")
        key = tuple(row.word(name) for name in names)
        summary = PrintedSummary(row.place.about, row.word("arm"), mean, sd, n, row.line)
        found.setdefault(row.word("study_id"), {}).setdefault(key, summary)
    for study_id, summaries in found.items():
        lines = tuple(("arms", each.line) for each in summaries.values())
        place = Place(review, study_id, lines, UNUSUAL, "means and SDs")
        yield place.put(
            repeated_summaries(list(summaries.values())), "fewer than two means with SD and people"
        )


def check_baseline(review: Review) -> Iterator[Placed]:
    """Yield the check of each randomised trial's groups at the start.

    Parameters
    ----------
    review
        The review.
    """
    studies = review.tables["studies"]
    parallel = studies[
        (studies["design"] == "parallel trial") & (studies["status"] != "registered")
    ]
    rows: dict[str, dict[str, dict[str, Row]]] = {}
    for row in numbers_of(review, "arms"):
        complete = row["mean"] is not None and row["sd"] is not None and row.count("n") is not None
        if row.word("kind") == "baseline" and complete and row.word("role") != "all":
            mine = rows.setdefault(row.word("study_id"), {})
            mine.setdefault(row.word("outcome_id"), {}).setdefault(row.word("role"), row)
    for line, study_id in zip(parallel.index, parallel["study_id"], strict=True):
        variables = []
        lines: list[tuple[str, int]] = []
        for outcome_id, pair in rows.get(str(study_id), {}).items():
            if len(pair) == 2:
                variables.append(_variable(review.outcome(outcome_id).short, pair))
                lines += [("arms", row.line) for row in pair.values()]
        place = Place(
            review,
            str(study_id),
            tuple(lines) or (("studies", int(line)),),
            UNUSUAL,
            "the groups at the start",
        )
        yield place.put(baseline_table(variables), "too few variables of the start are reported")


def _variable(what: str, pair: dict[str, Row]) -> BaselineVariable:
    first, second = pair["treatment"], pair["control"]
    means, sds = (first["mean"], second["mean"]), (first["sd"], second["sd"])
    assert means[0] is not None
    assert means[1] is not None
    assert sds[0] is not None
    assert sds[1] is not None
    return BaselineVariable(
        what,
        (means[0], means[1]),
        (sds[0], sds[1]),
        (first.count("n") or 0, second.count("n") or 0),
    )
