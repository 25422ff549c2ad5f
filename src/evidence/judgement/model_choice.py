"""The choice of model of a review's main analysis, told in the units of its outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile

import pandas as pd

from evidence.data import Outcome
from evidence.display import Prose, Table, capital, plural
from evidence.effects.derivation.readings import LOG_MEASURES
from evidence.errors import InsufficientEvidenceError
from evidence.judgement.conclusions import Conclusions
from evidence.judgement.phrases import Scale, inside
from evidence.synthesis.body import Scenario
from evidence.synthesis.model_choice import ModelComparison, compare_models
from evidence.synthesis.model_words import EffectWords

__all__ = [
    "ModelsOfReading",
    "effect_words",
    "further_setting_told",
    "model_choice_table",
    "model_choice_told",
    "models_of_main",
    "readings_told",
    "told_readings",
]

#: Of more readings the one with the lowest and the one with the highest estimate stand for all.
_MOST_READINGS = 4
_LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class ModelsOfReading:
    """The models under one way of reading the trials.

    Attributes
    ----------
    name
        ``"reading A"`` as in the forest plot; empty where there is one reading.
    meaning
        Which reports that goes by; empty likewise.
    comparison
        The models.
    """

    name: str
    meaning: str
    comparison: ModelComparison


def models_of_main(conclusions: Conclusions) -> tuple[ModelsOfReading, ...]:
    """Compare the models of a review's main analysis, under each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.

    Raises
    ------
    InsufficientEvidenceError
        When nothing is pooled: with one trial or none there is no model to choose.
    """
    main = conclusions.main
    if main.synthesis is None:
        raise InsufficientEvidenceError(
            f"No trial of {inside(main.title)} could be used, so there is no model to choose."
        )
    if main.synthesis.k == 1:
        raise InsufficientEvidenceError(
            f"Only one trial of {inside(main.title)} can be used, so nothing is pooled and there "
            "is no model to choose."
        )
    measure = main.synthesis.analysis.measure
    return tuple(
        ModelsOfReading(name, scenario.name, compare_models(scenario.result, measure=measure))
        for name, scenario in told_readings(main.synthesis.scenarios)
    )


def told_readings(scenarios: tuple[Scenario, ...]) -> list[tuple[str, Scenario]]:
    """Return the readings that are told of, each with its name; empty where there is one.

    Parameters
    ----------
    scenarios
        Of a synthesis; of many the one with the lowest and the one with the highest estimate.
    """
    if len(scenarios) == 1:
        return [("", scenarios[0])]
    if len(scenarios) <= _MOST_READINGS:
        return [
            (f"reading {letter}", one) for letter, one in zip(_LETTERS, scenarios, strict=False)
        ]
    ranked = sorted(scenarios, key=lambda scenario: scenario.result.estimate)
    count = len(scenarios)
    return [(f"lowest of {count} readings", ranked[0]), (f"highest of {count}", ranked[-1])]


def effect_words(outcome: Outcome, measure: str) -> EffectWords:
    """Return how an effect reads in a sentence: as a benefit or a harm with its unit.

    Parameters
    ----------
    outcome
        The outcome.
    measure
        The measure of the analysis.
    """
    if measure in LOG_MEASURES:
        return EffectWords.ratios()
    scale = Scale.of(outcome, measure)
    return EffectWords(scale.difference, replace(scale, unit="").span, outcome.benefit_sign)


def _cells(outcome: Outcome, measure: str) -> EffectWords:
    """Return how an effect reads in a cell: as a number, positive for a benefit."""
    if measure in LOG_MEASURES:
        return EffectWords.ratios()
    scale = Scale.of(outcome, measure)
    return EffectWords.bare(outcome.benefit_sign, scale.decimals, scale.factor)


def _told(conclusions: Conclusions, *, further: bool) -> Prose:
    """Tell each reading's own sentences in one paragraph, and those of all readings once."""
    try:
        readings = models_of_main(conclusions)
    except InsufficientEvidenceError as error:
        nothing = "Nothing is pooled, so there is no prediction interval of a further setting."
        return Prose(nothing if further else str(error))
    outcome, measure = _outcome(conclusions)
    words = effect_words(outcome, measure)
    told = [
        one.comparison.prediction_sentences(words) if further else one.comparison.sentences(words)
        for one in readings
    ]
    shared = [text for text in told[0] if all(text in others for others in told)]
    before = list(takewhile(shared.__contains__, told[0]))
    own = [
        f"{capital(one.name)} ({one.meaning}). {' '.join(t for t in texts if t not in shared)}"
        for one, texts in zip(readings, told, strict=True)
        if any(text not in shared for text in texts)
    ]
    return Prose(*before, *own, *shared[len(before) :])


def _outcome(conclusions: Conclusions) -> tuple[Outcome, str]:
    assert conclusions.main.synthesis is not None
    analysis = conclusions.main.synthesis.analysis
    return conclusions.review.outcome(analysis.outcomes[0]), analysis.measure


def model_choice_told(conclusions: Conclusions) -> Prose:
    """Tell how far the main result moves over the models, and what moves it most."""
    return _told(conclusions, further=False)


def further_setting_told(conclusions: Conclusions) -> Prose:
    """Tell what the models of the main analysis say of one further setting."""
    return _told(conclusions, further=True)


def model_choice_table(conclusions: Conclusions) -> Table:
    """Return the models of the main analysis, with columns for each reading.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    try:
        readings = models_of_main(conclusions)
    except InsufficientEvidenceError as error:
        return Table(pd.DataFrame(), caption=str(error))
    outcome, measure = _outcome(conclusions)
    tables = [one.comparison.table(_cells(outcome, measure)) for one in readings]
    kind = "ratio" if measure in LOG_MEASURES else "benefit"
    # A model that fails under one reading is left out of that reading alone.
    longest = max((table.frame for table in tables), key=len)
    frame = longest.iloc[:, :2].copy()
    for one, table in zip(readings, tables, strict=True):
        found = table.frame.set_index("model").iloc[:, 1:]
        for column in found.columns:
            shown = str(column).replace("estimate", kind)
            head = f"{one.name.removeprefix('reading ')}: {shown}" if one.name else shown
            frame[head] = frame["model"].map(found[column]).fillna("–")
    count = plural(len(frame), "model")
    unit = measure if measure in LOG_MEASURES else Scale.of(outcome, measure).unit
    unit = f" ({unit})" if unit else ""
    meanings = [f"{capital(one.name)}: {one.meaning}" for one in readings if one.name]
    return Table(
        frame,
        caption=f"{conclusions.main.title} under {count}{unit}",
        note=". ".join([*meanings, capital(tables[0].note)]),
    )


def readings_told(conclusions: Conclusions) -> Prose:
    """Tell what the main result is under each way of reading contradictory reports.

    Parameters
    ----------
    conclusions
        The conclusions of a review.
    """
    synthesis = conclusions.main.synthesis
    if synthesis is None:
        return Prose(f"No trial of {inside(conclusions.main.title)} could be used.")
    if len(synthesis.scenarios) == 1:
        return Prose("No trial's reports contradict each other, so there is one way to read them.")
    words = effect_words(*_outcome(conclusions))
    told = [
        f"{capital(name)} takes {scenario.name}: {words.of(scenario.result.estimate)} "
        f"({words.between(scenario.result.ci_low, scenario.result.ci_high)})."
        for name, scenario in told_readings(synthesis.scenarios)
    ]
    results = [scenario.result for scenario in synthesis.scenarios]
    includes = {result.ci_low <= 0 <= result.ci_high for result in results}
    signs = {result.estimate > 0 for result in results}
    if len(signs) > 1:
        same = "Which way the estimate points hangs on the reading."
    elif len(includes) > 1:
        same = "Whether the interval includes no effect hangs on the reading."
    else:
        said = "includes no effect" if includes.pop() else "excludes no effect"
        same = f"The interval {said} under every reading."
    return Prose(*told, same)
