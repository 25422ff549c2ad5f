"""Every result in sentences: a grid of them kept as text that a person has read.

After a change of wording, renew the files with ``RENEW=1 pytest tests/judgement/test_narrate.py``
and read what changed.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.judgement.test_narration import WRONG

import evidence
from evidence.appraisal import compare_harms
from evidence.appraisal.harms_together import harm_outcomes
from evidence.display import Display, Prose
from evidence.errors import EvidenceError, InvalidArgumentError
from evidence.judgement import Conclusions, Topic
from evidence.judgement.language import english
from evidence.judgement.narrating import LEVELS, NARRATED, narrate
from evidence.synthesis import compare_subgroups, pool, pool_bayes

Altered = Callable[[str], Conclusions]
FOLDER = Path(__file__).parent / "snapshots"

POINTS = Topic("tea", "water", "nap trouble", "lower", "mean difference", "points")
MINUTES = Topic("tea", "water", "time asleep", "higher", "mean difference", "minutes")
SDS = Topic("tea", "water", "nap trouble", "lower", "standardised mean difference")
RISK = Topic("tea", "water", "falls", "lower", "risk difference", kind="dichotomous")
RATIO = Topic("tea", "water", "falls", "lower", "risk ratio", kind="dichotomous")
CURED = Topic("tea", "water", "recovery", "higher", "odds ratio", kind="dichotomous")
TOPICS = {
    "points": (POINTS, 1.5),
    "minutes": (MINUTES, 15.0),
    "standard-deviations": (SDS, 0.5),
    "risk-difference": (RISK, 0.05),
    "risk-ratio": (RATIO, math.log(1.25)),
    "odds-ratio": (CURED, math.log(1.25)),
}


def held(name: str, text: str) -> None:
    """Hold a text against the file of that name, or write it anew where asked to."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("RENEW"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{path.name}: read it, then RENEW=1"


def reads_well(prose: Prose) -> None:
    for paragraph in prose.paragraphs:
        for wrong in WRONG:
            assert not re.search(wrong, paragraph), (wrong, paragraph)
        assert paragraph.endswith("."), paragraph
        assert paragraph[:1] == paragraph[:1].upper(), paragraph
        assert paragraph.count("(") == paragraph.count(")"), paragraph
        assert "{" not in paragraph, paragraph


@pytest.mark.parametrize("name", TOPICS)
def test_effects_of_every_size_certainty_and_direction(name: str) -> None:
    """Direction x size x certainty x interval, for each measure, as a reader has it."""
    topic, matters = TOPICS[name]
    parts = []
    whole = name == "points"
    sizes = (-2.4, -1.2, -0.7, -0.2, 0.0, 0.2, 0.7, 1.2, 2.4) if whole else (-1.2, 0.0, 0.7, 2.4)
    levels = ("high", "moderate", "low", "very low", None) if whole else ("low", "very low")
    for times in sizes:
        effect = times * matters * topic.sign
        for certainty in levels:
            for spread in (0.1, 1.5):
                result = pool([effect], standard_errors=[spread * matters], labels=["Ash"])
                told = narrate(result, about=topic, thresholds=matters, certainty=certainty)
                reads_well(told)
                head = f"# {times:g} times what matters, certainty {certainty}, spread {spread:g}"
                parts.append(f"{head}\n{told}\n")
    held(f"effects-{name}", "\n".join(parts))


@pytest.mark.parametrize("level", LEVELS)
def test_one_study_two_and_many(level: str) -> None:
    """k = 1, 2 and many; no threshold, one and several; both levels."""
    parts = []
    for k in (1, 2, 3, 12):
        effects = [-2.0 - 0.3 * (place % 3) for place in range(k)]
        result = pool(effects, standard_errors=[0.5] * k)
        for thresholds in (None, 1.5, (1.5, 5.0), (5.0, 8.0)):
            told = narrate(result, level=level, about=POINTS, thresholds=thresholds)
            reads_well(told)
            parts.append(f"# k = {k}, thresholds {thresholds}\n{told}\n")
    held(f"studies-{level}", "\n".join(parts))


@pytest.mark.parametrize("level", LEVELS)
def test_the_worked_case(conclusions: Conclusions, level: str) -> None:
    """Contradictory readings, a trial, its appraisal, and everything said of the evidence."""
    review = conclusions.review
    assert conclusions.main.synthesis is not None
    results = [
        *conclusions.usable,
        conclusions.main.synthesis,
        conclusions.headline,
        conclusions.headline.thresholds[0] if conclusions.headline else None,
        conclusions.main.certainties[0],
        conclusions.directness,
        conclusions.direction,
        conclusions.gaps,
        evidence.verdict(conclusions.main),
        evidence.verdict(conclusions.main)[0],
        evidence.appraise_trial(review, "schuster2025", "isi"),
        compare_harms(review, "schuster2025", "adverse-events"),
        *(evidence.pool_harms(review, harm) for harm in harm_outcomes(review)),
        evidence.missing_evidence(conclusions.main.synthesis, review=review),
    ]
    parts = []
    for result in results:
        told = narrate(result, level=level, review=review)
        if level == "reader":
            reads_well(told)
        parts.append(f"# {type(result).__name__}\n{told}\n")
    held(f"worked-case-{level}", "\n".join(parts))


@pytest.mark.parametrize("level", LEVELS)
def test_other_results(level: str) -> None:
    effects, errors = [-2.0, -1.0, -3.0, -0.5], [0.5, 0.4, 0.6, 0.5]
    results = [
        pool_bayes(effects, standard_errors=errors),
        compare_subgroups(effects, standard_errors=errors, groups=["old", "young"] * 2),
        evidence.mean_difference(
            mean_treatment=[1.0, 2.0],
            sd_treatment=[1.0, 1.0],
            n_treatment=[10, 20],
            mean_control=[2.0, 2.0],
            sd_control=[1.0, 1.0],
            n_control=[10, 20],
        ),
    ]
    parts = []
    for result in results:
        told = narrate(result, level=level, about=POINTS)
        if level == "reader":
            reads_well(told)
        parts.append(f"# {type(result).__name__}\n{told}\n")
    held(f"others-{level}", "\n".join(parts))


# ---------------------------------------------------------------- what readers are spared


def test_readers_meet_no_p_value_and_no_method() -> None:
    texts = [path.read_text("utf-8") for path in FOLDER.glob("*.txt") if "analyst" not in path.name]
    assert len(texts) > 6
    for text in texts:
        told = "\n".join(
            line for line in text.splitlines() if not line.startswith(("#", "Reading"))
        )
        assert not re.search(r"\bp [=<>]|tau²|I²|REML|significant", told)


def test_every_phrase_is_used() -> None:
    """A phrase that nothing fills in would be translated for nothing."""
    source = Path(evidence.__file__).parent / "judgement"
    code = "\n".join(path.read_text("utf-8") for path in source.rglob("*.py"))
    names = [name for name in vars(english) if name.isupper()]
    assert len(names) > 50
    unused = [name for name in names if f"words.{name}" not in code]
    assert unused == []


# ---------------------------------------------------------------- doors and refusals


@pytest.mark.xdist_group("as_it_is")
def test_everything_with_a_summary_can_be_told_to_analysts(altered: Altered) -> None:
    from tests.judgement.test_results import real_results

    for result in real_results(altered("as_it_is")):
        if isinstance(result, Display):
            assert narrate(result, level="analyst").paragraphs, type(result).__name__


def test_every_class_that_is_named_exists() -> None:
    from tests.judgement.test_results import result_classes

    known = {*result_classes(), "AnalysisConclusion", "Headline", "Scenario"}
    assert set(NARRATED) <= known


@pytest.mark.parametrize(
    ("result", "more", "words"),
    [
        (3.0, {}, "float is no result of evidence, so there is nothing to narrate. What can be na"),
        ("text", {"level": "analyst"}, "str is no result of evidence"),
        (pool([1.0], [0.1]), {"level": "expert"}, "level is 'expert'; it must be 'reader' or 'an"),
        (pool([1.0], [0.1]), {}, "Which way is better is not known of these numbers, so about is"),
        (pool([1.0, 2.0], [0.1, 0.1]).method, {}, "PoolingMethod is no result of evidence"),
    ],
)
def test_what_cannot_be_told_is_refused(result: object, more: dict, words: str) -> None:
    with pytest.raises(InvalidArgumentError) as error:
        narrate(result, **more)
    assert words in str(error.value)


def test_what_has_no_words_for_readers_lists_what_has(conclusions: Conclusions) -> None:
    assert conclusions.main.synthesis is not None
    with pytest.raises(EvidenceError) as error:
        narrate(conclusions.main.synthesis.derivation)
    assert "Derivation has no narration for readers. What can be narrated for them: " in str(
        error.value
    )
    assert "PooledResult" in str(error.value)


def test_a_synthesis_with_its_review_is_the_analysis(conclusions: Conclusions) -> None:
    told = narrate(conclusions.main.synthesis, review=conclusions.review)
    assert told.paragraphs == narrate(conclusions.main).paragraphs


def test_an_analysis_without_trials_says_so(altered: Altered) -> None:
    told = narrate(altered("nothing_to_pool").main)
    assert told.paragraphs == (
        "No trial could be used for this: Insomnia severity or global sleep quality.",
    )
