"""Tests of what the evidence is like: counted, and rated."""

from __future__ import annotations

import pandas as pd

from evidence.appraisal.certainty import LEVELS
from evidence.appraisal.dose.compounds import compounds_named, list_compounds
from evidence.data.claim_tests import Call
from evidence.data.frames import each_row
from evidence.display import few_names, join_words, plural
from evidence.judgement.claims import rules
from evidence.judgement.claims.finding import Bench, Finding, rating_of, silent, where
from evidence.judgement.claims.told import joint_state, told_of

__all__ = ["certainty_at_least", "direction_consistent", "is_form", "results_differ", "trials"]

_SHOWN = (rules.MATTERS, rules.SMALL, rules.UNJUDGED, rules.UNTOLD)
_NOT_SHOWN = (rules.NOT_SHOWN, rules.NO_IMPORTANT, rules.WORSE)


def is_form(bench: Bench, told: str, form: str) -> bool:
    """Return whether what a study says that it gave is a form, by any of its names.

    Parameters
    ----------
    bench
        The review.
    told, form
        What is told, and the form.
    """
    wanted = compounds_named(list_compounds(bench.review), form)
    return told.casefold() == form.casefold() or any(each.called(told) for each in wanted)


def trials(bench: Bench, call: Call) -> Finding:
    """Return how many trials of a form were published, against how many there should be.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    form = call.text("form") or bench.review.plan.target.form
    since = call.number("since") if "since" in call else float("-inf")
    mine = where(
        bench.review.studies,
        lambda row: (
            str(row.role) == "trial"
            and str(row.status) != "registered"
            and is_form(bench, str(row.form), form)
            and ("since" not in call or (pd.notna(row.year) and float(row.year) >= since))
        ),
    )
    count = len(mine)
    labels = list(map(str, mine["label"]))
    named = f": {few_names(labels, 'trial')}" if labels else ""
    when = f" since {call['since']}" if "since" in call else ""
    number = f"{plural(count, 'published trial')} of {form}{when}{named}"
    holds = ("at_least" not in call or count >= call.number("at_least")) and (
        "at_most" not in call or count <= call.number("at_most")
    )
    state = rules.HOLDS if holds else rules.FAILS
    if holds and "at_least" in call and count == 1:
        state = rules.ON_ONE
    return Finding(state, number, bench.places("studies", mine), {"trials": float(count)})


def direction_consistent(bench: Bench, call: Call) -> Finding:
    """Return whether every trial points towards the treatment.

    A trial that points the other way, is said to be the same in both groups, or points both ways
    contradicts it; one that states no direction leaves it open.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    cells = bench.direction.cells
    domain = call.text("domain")
    if domain:
        cells = cells[cells["domain"] == domain]
    groups: dict[str, list[str]] = {"for": [], "partly": [], "against": [], "silent": []}
    studies = []
    for study_id, group in cells.groupby("study_id", sort=False):
        stated = set(group["direction"])
        label = str(group["label"].iloc[0])
        studies.append(str(study_id))
        if stated & {"control", "none", "mixed"}:
            groups["against"].append(label)
        elif stated == {"treatment"}:
            groups["for"].append(label)
        else:
            groups["partly" if "treatment" in stated else "silent"].append(label)
    told = {
        "for": "towards the treatment in all that they report",
        "partly": "towards it in part, and not told in the rest",
        "against": "the same in both groups, both ways, or the other way",
        "silent": "no direction told",
    }
    counts = [f"{told[name]}: {join_words(each)}" for name, each in groups.items() if each]
    count = len(studies)
    about = f" with outcomes of the domain {domain}" if domain else ""
    if not count:
        return silent(f"no trial reports results{about}")
    refuted = cells.loc[cells["significant"] == "no", "label"]
    if len(refuted):
        counts.append(f"something not significant is told of {join_words(dict.fromkeys(refuted))}")
    if groups["against"]:
        state = rules.FAILS
    elif groups["silent"] or groups["partly"]:
        state = rules.OPEN
    else:
        state = rules.HOLDS if count > 1 else rules.ON_ONE
    outcomes = {
        name
        for name, outcome in bench.review.plan.outcomes.items()
        if outcome.about == "benefit" and domain in ("", outcome.domain)
    }
    contrasts = bench.review.contrasts
    mine = contrasts[contrasts["study_id"].isin(studies) & contrasts["outcome_id"].isin(outcomes)]
    values = {name: float(len(each)) for name, each in groups.items()}
    number = f"{plural(count, 'trial')}{about}; {'; '.join(counts)}"
    return Finding(state, number, bench.places("contrasts", mine), values)


def certainty_at_least(bench: Bench, call: Call) -> Finding:
    """Return whether an analysis is at least so certain, under every reading of its trials.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    concluded = bench.analysis(call["analysis"])
    if concluded.synthesis is None:
        return silent(f"{concluded.title}: {concluded.refusal}".rstrip("."))
    reached = LEVELS.index(concluded.certainty) <= LEVELS.index(call["level"])
    rows = [
        place
        for scenario in concluded.synthesis.scenarios
        for reading in scenario.readings
        for place in reading.rows
    ]
    return Finding(
        rules.HOLDS if reached else rules.FAILS,
        f"{concluded.title}: certainty {concluded.certainty}, where {call['level']} is wanted",
        tuple(dict.fromkeys(rows)),
        {"level": float(LEVELS.index(concluded.certainty))},
        concluded.certainty,
        rating_of(concluded),
    )


def results_differ(bench: Bench, call: Call) -> Finding:
    """Return whether some of several studies' results show a benefit and others none.

    Parameters
    ----------
    bench, call
        What is tested, and the test.
    """
    shown, not_shown = [], []
    places = []
    contrasts = bench.review.contrasts
    for study in call.many("studies"):
        mine = contrasts[contrasts["study_id"] == study]
        seen = set()
        for row in each_row(mine):
            key = (str(row.outcome_id), str(row.timepoint), str(row.treatment))
            if key in seen:
                continue
            seen.add(key)
            found = told_of(bench.review, study, key[0], timepoint=key[1], treatment=key[2])
            state = joint_state(found) if found else rules.SILENT
            name = f"{bench.review.label(study)} ({bench.review.outcome(key[0]).short})"
            if state in _SHOWN:
                shown.append(name)
            elif state in _NOT_SHOWN:
                not_shown.append(name)
            places += [place for each in found for place in each.rows]
    if not shown and not not_shown:
        return silent("none of these studies reports a result that could be judged")
    number = (
        f"a benefit is shown in {join_words(shown) or 'none'}; none is shown in "
        f"{join_words(not_shown) or 'none'}"
    )
    state = rules.HOLDS if shown and not_shown else rules.FAILS
    values = {"shown": float(len(shown)), "not_shown": float(len(not_shown))}
    return Finding(state, number, tuple(dict.fromkeys(places)), values)
