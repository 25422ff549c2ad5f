"""The longer stories: told of whatever the data say, and checked against them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.data.small import set_cell, set_cells, write_rows
from tests.judgement.altered import ALTERATIONS, drop

from evidence.data import load_review
from evidence.data.tables import TABLES
from evidence.judgement import Conclusions, conclude, stories
from evidence.judgement.model_choice import models_of_main

Altered = Callable[[str], Conclusions]
STORIES = {name: getattr(stories, name) for name in stories.__all__}


def text_of(story: object) -> str:
    return str(story.summary() if hasattr(story, "summary") else story)  # type: ignore[attr-defined]


def test_every_story_is_told_here() -> None:
    public = {
        name
        for name, thing in vars(stories).items()
        if inspect.isfunction(thing)
        and thing.__module__ == stories.__name__
        and not name.startswith("_")
    }
    assert public == set(STORIES)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.xdist_group(n)) for n in ALTERATIONS]
)
def test_every_story_of_every_alteration_reads_properly(
    altered: Altered, name: str, story: str
) -> None:
    told = STORIES[story](altered(name))
    text = text_of(told)
    assert text.strip()
    for wrong in (
        r"\bnan\b",
        r"\bNone\b(?! of )",
        r"<NA>",
        r"\(\s*\)",
        r"\.\.",
        r"\w  \w",
        r" \.",
        r": \.",
    ):
        assert not re.search(wrong, text), f"{wrong}: {text}"
    for line in getattr(told, "paragraphs", ()):
        assert line == line.strip()
        assert line[:1] == line[:1].upper()
        assert line.endswith("."), line
    assert told._repr_html_().startswith("<")


# ---------------------------------------------------------------- the worked case

pytestmark = pytest.mark.xdist_group("as_it_is")


def test_the_trial_in_brief(conclusions: Conclusions) -> None:
    facts = conclusions.review.facts_of("schuster2025")
    assert stories.trial_in_brief(conclusions).paragraphs == (
        (
            "Schuster 2025: 155 adults with poor sleep were given magnesium bisglycinate or "
            "placebo (parallel trial)."
        ),
        f"Of {len(facts)} further facts known of it, {len(facts)} are second-hand.",
    )


def test_what_was_found_is_what_the_answer_says(conclusions: Conclusions) -> None:
    told = stories.headline_found(conclusions).paragraphs
    assert told == conclusions.bottom_line.paragraphs[:3]


def test_what_the_trial_does_not_say(conclusions: Conclusions) -> None:
    missing = conclusions.review.missing
    mine = missing[missing["study_id"] == "schuster2025"]
    told = stories.trial_silences(conclusions).paragraphs
    assert len(told) == len(mine) >= 8
    for row in mine.itertuples():
        line = next(one for one in told if str(row.where).rstrip(".") in one and
                    str(row.what).rstrip(".")[1:] in one)  # fmt: skip
        assert str(row.why).rstrip(".") in line


def test_both_readings_are_told_with_what_could_explain_them(conclusions: Conclusions) -> None:
    first, second, third = stories.contradiction(conclusions).paragraphs
    assert first.startswith("Schuster 2025: the summaries of the two groups and the reported ")
    assert "cannot all be right as printed" in first
    for number in ("8.3 points", "5.2", "0.61", "0.32"):
        assert number in second
    assert third.endswith("Both readings are carried through everything that follows.")
    assert "nothing read so far says which" in third
    assert "a slip in one of the retellings" in third


def test_placebo_alone(conclusions: Conclusions) -> None:
    first, second = stories.placebo_alone(conclusions).paragraphs
    assert first.endswith(": 59% of the change came without the treatment.")
    assert second.startswith("That share is not an effect of the placebo alone")


def test_harms_and_who_left(conclusions: Conclusions) -> None:
    told = stories.harms(conclusions).paragraphs
    arms = conclusions.review.arms
    counted = arms[(arms["study_id"] == "schuster2025") & arms["events"].notna()]
    assert len(told) == counted["outcome_id"].nunique() == 3
    assert told[0].startswith("Adverse events: 2 with magnesium and 7 with placebo, among 153")
    assert told[1] == "Serious adverse events: 0 of 153 people in all."
    assert told[2].startswith("Finished the trial: 69 of 77 people with magnesium and 65 of 78")
    # Another trial can be asked for.
    other = stories.harms(conclusions, "breus2024").paragraphs
    assert other == ("Adverse events: 0 of 31 people in all.",)
    assert stories.harms(conclusions, "saba2022").paragraphs == (
        "How many people had harms, or left, is not reported.",
    )


def test_published_pools_against_thresholds(conclusions: Conclusions) -> None:
    told = stories.published_against_thresholds(conclusions).paragraphs
    assert told == (
        (
            "Mah & Pitre 2021, sleep onset latency (95% CI 7.4 to 27.3 minutes better): A benefit "
            "of 17.4 minutes is smaller than the difference between groups that counts as "
            "important (20 minutes). Its uncertainty reaches it."
        ),
        (
            "Mah & Pitre 2021, total sleep time (95% CI 6.0 minutes worse to 38.1 minutes better): "
            "A benefit of 16.1 minutes is at least as large as the difference between groups that "
            "counts as important (15 minutes). Its uncertainty includes no difference at all."
        ),
    )


def test_all_the_trials(conclusions: Conclusions) -> None:
    told = stories.all_trials(conclusions).paragraphs
    studies = conclusions.review.studies
    trials = studies[(studies["role"] == "trial") & (studies["status"] != "registered")]
    people = int(trials["n_randomised"].sum())
    assert told[0].startswith(
        f"{len(trials)} trials with at least {people:,} people in all (two do not say how many): "
    )
    for form, count in trials["form"].value_counts().items():
        words = "whose form is not stated" if form == "not stated" else f"of {form}"
        assert f"{count} {words}" in told[0]
    assert told[1] == "1 of 14 trials tested magnesium bisglycinate."
    assert len(told) == 2 + len(conclusions.analyses)
    lines = {line.split(":")[0]: line for line in told[2:]}
    assert lines["Insomnia severity or global sleep quality"].split(". ")[0] == (
        "Insomnia severity or global sleep quality: three trials can be used, five more cannot"
    )
    # Where readings come to different statements, both are told.
    assert "On one reading, the evidence is very uncertain" in lines["Sleep duration"]
    assert "; on another, magnesium may improve sleep duration" in lines["Sleep duration"]


def test_pooled_results_are_told_one_by_one(conclusions: Conclusions) -> None:
    told = stories.pooled_in_words(conclusions).paragraphs
    verdicts = [verdict for one in conclusions.analyses for verdict in one.verdicts]
    assert len(told) == len(verdicts)
    for line, verdict in zip(told, verdicts, strict=True):
        assert verdict.sentence() in line
        assert "Suggested certainty: very low. Rated down for " in line


def test_directions(conclusions: Conclusions) -> None:
    found = conclusions.direction
    first, *rest = stories.directions(conclusions).paragraphs
    for number in (found.trials, found.favourable, found.unfavourable, found.undirected):
        assert re.search(rf"\b{number}\b", first)
    assert "sign test p = " in first
    assert any("says nothing of size" in line for line in rest)


def test_thresholds_of_the_headline(conclusions: Conclusions) -> None:
    assert conclusions.headline is not None
    assert stories.headline_thresholds(conclusions) is conclusions.headline.thresholds[0]


def test_the_choice_of_model_is_told_for_each_reading(conclusions: Conclusions) -> None:
    told = stories.model_choice(conclusions).paragraphs
    readings = models_of_main(conclusions)
    assert [one.name for one in readings] == ["reading A", "reading B"]
    models = len(readings[0].comparison.rows)
    assert told[0].startswith(f"The same three studies were pooled under {models} models.")
    synthesis = conclusions.main.synthesis
    assert synthesis is not None
    for one, scenario, verdict in zip(
        readings, synthesis.scenarios, conclusions.main.verdicts, strict=True
    ):
        assert one.comparison.result == scenario.result
        (line,) = [text for text in told if text.startswith(f"R{one.name[1:]} (")]
        assert f"({scenario.name})" in line
        # As a benefit, with the unit once.
        assert f"by the planned model {verdict.benefit:.2f} standard deviations better" in line
        low, high = verdict.benefit_low, verdict.benefit_high
        assert f"(95% CI {-low:.2f} worse to {high:.2f} better)" in line
    # What holds of every reading is told once.
    assert sum("The planned model stays the answer" in text for text in told) == 1
    assert told[-1].startswith("The planned model stays the answer")


def test_a_further_setting_is_told_for_each_reading(conclusions: Conclusions) -> None:
    told = stories.further_setting(conclusions).paragraphs
    assert told[0].startswith("The interval of the mean says where the average")
    readings = models_of_main(conclusions)
    assert len(told) == 1 + len(readings)
    for line, one in zip(told[1:], readings, strict=True):
        low, high = one.comparison.result.prediction_interval
        assert f"anywhere from {high:.2f} worse to {-low:.2f} better" in line


# ---------------------------------------------------------------- other data


def test_with_one_trial_or_none_there_is_no_model_to_choose(altered: Altered) -> None:
    one = text_of(stories.model_choice(altered("one_trial")))
    assert one.startswith("Only one trial of ")
    assert one.endswith("so nothing is pooled and there is no model to choose.")
    none = text_of(stories.model_choice(altered("nothing_at_all")))
    assert none.endswith("could be used, so there is no model to choose.")
    for name in ("one_trial", "nothing_at_all"):
        further = text_of(stories.further_setting(altered(name)))
        assert further == (
            "Nothing is pooled, so there is no prediction interval of a further setting."
        )


def test_without_a_contradiction_the_models_are_told_once(altered: Altered) -> None:
    told = stories.model_choice(altered("no_contradiction")).paragraphs
    assert not any("eading A" in line for line in told)
    (reading,) = models_of_main(altered("no_contradiction"))
    assert reading.name == reading.meaning == ""
    assert told[1].startswith("The estimate is ")


def test_of_many_readings_the_lowest_and_the_highest_are_told(conclusions: Conclusions) -> None:
    main = conclusions.main
    assert main.synthesis is not None
    first, second = main.synthesis.scenarios
    many = replace(main.synthesis, scenarios=(first, second, second, first, second))
    changed = replace(main, synthesis=many)
    others = tuple(changed if one is main else one for one in conclusions.analyses)
    readings = models_of_main(replace(conclusions, analyses=others))
    assert [one.name for one in readings] == ["lowest of 5 readings", "highest of 5"]
    estimates = [one.comparison.planned.estimate for one in readings]
    assert estimates == sorted([first.result.estimate, second.result.estimate])


@pytest.mark.parametrize(
    ("story", "words"),
    [
        ("headline_found", "From what is reported of Schuster 2025, no effect can be worked out."),
        ("headline_thresholds", "No effect can be worked out, so nothing is compared."),
        ("contradiction", "There is nothing to compare."),
        ("pooled_in_words", "No trial could be used in any of the planned analyses."),
        ("trial_silences", "Nothing is listed as missing of Schuster 2025."),
    ],
)
def test_with_nothing_at_all_a_story_says_so(altered: Altered, story: str, words: str) -> None:
    assert text_of(STORIES[story](altered("nothing_at_all"))) == words


def test_agreement_is_told_as_agreement(altered: Altered) -> None:
    told = str(stories.contradiction(altered("no_contradiction")))
    assert told == "Four readings of Schuster 2025 can be worked out, all in agreement."


def test_one_report_cannot_contradict_itself(small: Path) -> None:
    drop(small, "contrasts", study_id="alpha2020")
    told = str(stories.contradiction(conclude(load_review(small))))
    assert told == (
        "Alpha 2020 reports its result in one way only, so there is nothing that it could "
        "contradict."
    )


def test_a_slip_in_print_where_nothing_was_retold(small: Path) -> None:
    set_cell(small, "contrasts", 2, "p", "0.3")
    told = stories.contradiction(conclude(load_review(small))).paragraphs
    assert "a slip in print could each explain it" in told[-1]


def test_the_facts_of_a_trial_are_counted_properly(small: Path) -> None:
    def brief() -> tuple[str, ...]:
        return stories.trial_in_brief(conclude(load_review(small))).paragraphs

    assert brief() == (
        "Alpha 2020: 60 sleepy dragons were given moonwort tea or hot water (parallel trial).",
        "Of 2 further facts known of it, 0 are second-hand.",
    )
    drop(small, "study_facts", item="funding")
    assert brief()[1] == "The one further fact known of it is first-hand."
    set_cell(small, "study_facts", 2, "tier", "secondary")
    assert brief()[1] == "The one further fact known of it is second-hand."
    write_rows(small, "study_facts", [list(TABLES["study_facts"].names)])
    assert len(brief()) == 1
    set_cells(small, "studies", 2, n_randomised="", population="", comparator="not stated")
    assert brief() == ("Alpha 2020: people were given moonwort tea or hot water (parallel trial).",)


def test_counts_of_one_group_are_not_taken_for_all(small: Path) -> None:
    drop(small, "arms", outcome_id="spills", role="control")
    told = stories.harms(conclude(load_review(small))).paragraphs
    assert told == ("Spilled tea: 3 of 30 people with moonwort tea.",)


def test_no_published_pool(small: Path) -> None:
    told = str(stories.published_against_thresholds(conclude(load_review(small))))
    assert told == "No published review pooled anything."


def test_no_trials(small: Path) -> None:
    for line in (2, 3, 4):
        set_cell(small, "studies", line, "role", "safety")
    told = stories.all_trials(conclude(load_review(small))).paragraphs
    assert told == (
        "There is no trial, of moonwort leaf or of anything else.",
        "Nap trouble: no trial could be used.",
        "Spilled tea: no trial could be used.",
    )
