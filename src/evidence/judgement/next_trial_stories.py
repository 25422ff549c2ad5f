"""What would change the answer: the next trial, the people so far, the worth of knowing more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence.appraisal.information_reached import YARDSTICK, information_reached
from evidence.appraisal.reporting import appraise_reporting
from evidence.display import Prose, Table, capital, format_number, join_words, plural
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.effects.importance import important_difference
from evidence.errors import EvidenceError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.model_choice import effect_words, told_readings
from evidence.judgement.phrases import Scale, inside
from evidence.judgement.trial_stories import headline_appraisal
from evidence.synthesis.body import Scenario
from evidence.synthesis.further.conclusions import REGIONS
from evidence.synthesis.further.next_trial import foresee, next_trial
from evidence.synthesis.further.result import NextTrial
from evidence.synthesis.further.value import TrialValue, value_of_another_trial

__all__ = [
    "FurtherTrial",
    "age_told",
    "chances_table",
    "further_told",
    "further_trials",
    "information_told",
    "planned_told",
    "smallest_table",
    "value_table",
    "value_told",
]


@dataclass(frozen=True, slots=True)
class FurtherTrial:
    """What one more trial of the main question could change, under one reading.

    Attributes
    ----------
    name
        ``"reading A"`` as in the forest plot; empty where there is one reading.
    meaning
        Which reports that goes by; empty likewise.
    trial
        What the next trial could change.
    value
        What it would be worth; None for ratios, whose logarithms are no gain that adds up.
    """

    name: str
    meaning: str
    trial: NextTrial
    value: TrialValue | None


def age_told(conclusions: Conclusions) -> Prose:
    """Tell when evidence was searched for, and the newest trial.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    return Prose(conclusions.age.told, conclusions.age.newest_told)


def further_trials(conclusions: Conclusions) -> tuple[FurtherTrial, ...]:
    """Work out what one more trial of the main question could change, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.

    Returns
    -------
    tuple
        Empty where no trial can be used, where people are not known, or where the planned
        interval is one that no trial can be added to.
    """
    found = []
    points = _points(conclusions)
    for name, scenario in _scenarios(conclusions):
        people = [r.n_treatment + r.n_control for r in scenario.readings if r.usable]
        if len(people) != scenario.result.k or not np.isfinite(people).all():
            continue
        try:
            found.append(_further(conclusions, (name, scenario), people, points))
        except EvidenceError:
            # The planned interval has no standard error to add a trial to.
            continue
    return tuple(found)


def _scenarios(conclusions: Conclusions) -> list[tuple[str, Scenario]]:
    synthesis = conclusions.main.synthesis
    return [] if synthesis is None else told_readings(synthesis.scenarios)


def _further(
    conclusions: Conclusions,
    reading: tuple[str, Scenario],
    people: list[float],
    points: dict[str, tuple[str, float]],
) -> FurtherTrial:
    name, scenario = reading
    review, synthesis = conclusions.review, conclusions.main.synthesis
    assert synthesis is not None
    analysis, result = synthesis.analysis, scenario.result
    outcome = review.outcome(analysis.outcomes[0])
    threshold = important_difference(review, analysis.outcomes, analysis.measure)
    silent = appraise_reporting(review).silent
    counted = silent[silent["people"].notna() & (silent["people"] > 0)]
    ratio = analysis.measure in LOG_MEASURES
    one = float(np.median(result.variances * np.asarray(people)))
    posterior = foresee(result, ratio=ratio, one=one)
    trial = next_trial(
        result,
        people=people,
        better=outcome.better,
        threshold=threshold,
        posterior=posterior,
        planned=dict(zip(counted["label"], counted["people"].astype(float), strict=True)),
        words=effect_words(outcome, analysis.measure),
    )
    value = None
    if not ratio:
        scale = Scale.of(outcome, analysis.measure)
        unit = "people in 100" if analysis.measure == "risk difference" else scale.unit
        tau = posterior.tau
        value = value_of_another_trial(
            outcome.benefit_sign * posterior.mu.mean,
            posterior.mu.sd,
            variance_of_one=one,
            threshold=threshold or 0.0,
            between=tau.mean**2 + tau.sd**2,
            units=((unit, scale.factor), *filter(None, (points.get(name),))),
        )
    return FurtherTrial(name, scenario.name if name else "", trial, value)


def _points(conclusions: Conclusions) -> dict[str, tuple[str, float]]:
    """Return for each reading the headline outcome's unit, and the standard deviation in it.

    Empty where effects are not standardised, or that outcome is none of the analysis.
    """
    synthesis = conclusions.main.synthesis
    wanted = conclusions.review.plan.headline.outcome_id
    if synthesis is None or wanted not in synthesis.analysis.outcomes:
        return {}
    found = headline_appraisal(conclusions)
    if found is None or not synthesis.analysis.measure.startswith("standardised"):
        return {}
    outcome = conclusions.review.outcome(wanted)
    unit = f"{outcome.unit} of the {outcome.short}".strip()
    names = [name for name, _ in _scenarios(conclusions)]
    # Readings of the trial and of the synthesis share their letters where both have them.
    readings = dict(zip(found.names, found.readings, strict=True))
    batteries = {
        name: readings.get(name.removeprefix("reading "), found.readings[0]) for name in names
    }
    return {name: (unit, float(battery.effect.sd)) for name, battery in batteries.items()}


def _nothing(conclusions: Conclusions) -> str:
    return (
        f"Of {inside(conclusions.main.title)} no result can be worked out that one more trial "
        "could be added to."
    )


def _head(each: FurtherTrial) -> str:
    return f"{capital(each.name)}: " if each.name else ""


def further_told(conclusions: Conclusions, trials: tuple[FurtherTrial, ...]) -> Prose:
    """Tell what the next trial would have to be and to show, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    trials
        What `further_trials` returned.
    """
    if not trials:
        return Prose(_nothing(conclusions))
    told: list[str] = []
    notes: dict[str, None] = {}
    for each in trials:
        found = each.trial
        name = f"{capital(each.name)} ({each.meaning}): " if each.name else ""
        told.append(f"{name}{found.now_in_words} {found.foretold_in_words}")
        notes |= dict.fromkeys(f"Note: {caution.message}" for caution in found.cautions)
    return Prose(*told, *notes)


def smallest_table(trials: tuple[FurtherTrial, ...]) -> Table:
    """Return the people that the next trial needs, by what is true of it, under each reading.

    Parameters
    ----------
    trials
        What `further_trials` returned.
    """
    rows = []
    for each in trials:
        found = each.trial
        for truth, showing, enough in zip(
            found.truths, (*found.showing, None), found.enough, strict=True
        ):
            if showing is None:
                continue
            rows.append(
                {
                    **({"reading": each.name.removeprefix("reading ")} if each.name else {}),
                    "if the effect is": found.truth_in_words(truth),
                    "the right answer": found.right_in_words(truth) or "not known",
                    "people for a trial that shows just that to change the conclusion": _people(
                        showing.people
                    ),
                    "people for an 80% chance of the right answer": _people(enough)
                    if truth.right
                    else "\N{EN DASH}",
                }
            )
    return Table(
        pd.DataFrame(rows),
        caption="How large the next trial would have to be",
        note="People in both groups together, with the spread between people that the trials so "
        "far had. The first number is for a trial that shows the effect exactly; real ones scatter "
        "around it, which the second counts in.",
    )


def _people(count: int | None) -> str:
    return "no size is enough" if count is None else f"{count:,}"


def chances_table(trials: tuple[FurtherTrial, ...]) -> Table:
    """Return what the next trial would bring the synthesis to, as the trials so far foretell.

    Parameters
    ----------
    trials
        What `further_trials` returned.
    """
    rows = []
    for each in trials:
        found = each.trial
        table = found.chances[found.foretold]
        for people, chances in zip(found.people, table, strict=True):
            rows.append(
                {
                    **({"reading": each.name.removeprefix("reading ")} if each.name else {}),
                    "people in the next trial": f"{people:,.0f}",
                    **{
                        name: f"{100 * chance:.0f}%"
                        for name, chance in zip(REGIONS, chances, strict=True)
                    },
                }
            )
    frame = pd.DataFrame(rows)
    empty = [name for name in REGIONS if name in frame and (frame[name] == "0%").all()]
    return Table(
        frame.drop(columns=empty),
        caption="What the synthesis would say after it, by chance",
        note="As the trials so far, with a weakly informative prior of how far settings differ, "
        "foretell what it shows.",
    )


def information_told(conclusions: Conclusions) -> Prose:
    """Tell how many people took part, beside how many it takes.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    synthesis = conclusions.main.synthesis
    if synthesis is None:
        return Prose(_nothing(conclusions))
    told: dict[str, list[str]] = {}
    for name, scenario in _scenarios(conclusions):
        found = information_reached(conclusions.review, synthesis, scenario)
        for line in (found.people_in_words, found.diversity_in_words):
            told.setdefault(line, []).append(name)
    count = len(_scenarios(conclusions))
    return Prose(
        *(
            line if len(names) == count else f"{capital(join_words(names))}: {line}"
            for line, names in told.items()
        ),
        YARDSTICK,
    )


def value_told(conclusions: Conclusions, trials: tuple[FurtherTrial, ...]) -> Prose:
    """Tell what knowing more would be worth, under each reading, and what that takes for granted.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    trials
        What `further_trials` returned.
    """
    if not trials:
        return Prose(_nothing(conclusions))
    told = [
        _head(each) + " ".join(each.value.summary().splitlines())
        for each in trials
        if each.value is not None
    ]
    if not told:
        return Prose("The analysis measures ratios, which are no gain that could be added up.")
    line = trials[0].trial.threshold
    stands = (
        "No difference that matters is known, so any benefit at all would be enough to decide for "
        "it."
        if np.isnan(line)
        else "The line is the smallest difference that matters: it stands for everything that "
        "speaks against the treatment."
    )
    return Prose(
        *told,
        f"{stands} What is known is taken as a normal distribution around the mean over settings; "
        "costs and the people in the trial itself are not counted. For a whole population the "
        "worth is that per person times the people who have to decide.",
        "This is arithmetic for planning trials and no advice to anybody: it takes the trials at "
        "their word and knows nothing of their biases. The certainty of this evidence is "
        f"{conclusions.main.certainty}.",
    )


def value_table(trials: tuple[FurtherTrial, ...]) -> Table:
    """Return what a trial of each size would be worth per person, under each reading.

    Parameters
    ----------
    trials
        What `further_trials` returned.
    """
    rows: list[dict[str, str]] = []
    for each in trials:
        value = each.value
        if value is None:
            continue
        letter = {"reading": each.name.removeprefix("reading ")} if each.name else {}
        rows += [
            {
                **letter,
                "people in the next trial": f"{people:,.0f}",
                **{
                    f"worth per person ({unit})": format_number(worth * number, 3)
                    for unit, number in value.units
                },
                "share of knowing for certain": f"{100 * worth / value.perfect:.0f}%"
                if value.perfect > 0
                else "\N{EN DASH}",
            }
            for people, worth in zip(value.people, value.sample, strict=True)
        ]
    return Table(pd.DataFrame(rows), caption="What one more trial would be worth")


def planned_told(conclusions: Conclusions, trials: tuple[FurtherTrial, ...]) -> Prose:
    """Tell whether the trials that are registered without results could change the answer.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    trials
        What `further_trials` returned.
    """
    silent = appraise_reporting(conclusions.review).silent
    if silent.empty:
        return Prose("No trial of this question is registered without public results.")
    unknown = silent.loc[silent["people"].isna(), "label"]
    known = silent["people"].dropna()
    head = f"{capital(plural(len(silent), 'trial is', 'trials are'))} registered without results"
    if len(known):
        head += f"; those of known size count {plural(int(known.sum()), 'person', 'people')}"
    head += "."
    if len(unknown):
        head += f" Of unknown size, and so not tried: {join_words(unknown)}."
    told = [_head(each) + " ".join(each.trial.planned_in_words) for each in trials]
    return Prose(head, *filter(None, told))
