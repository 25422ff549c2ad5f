"""The answer in five sentences: change the data, and precisely the right ones change."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import change_text, copy_row, set_cell, set_cells
from tests.judgement.altered import ALTERATIONS

from evidence.data import load_review
from evidence.judgement import Conclusions, conclude, narration
from evidence.judgement.narration import cautions, describe_harms, said

Altered = Callable[[str], Conclusions]

FOUND, SIZE, SURE, BODY, TRUST = range(5)
#: Which of the five sentences each alteration changes; the others stay word for word.
CHANGES = {
    "as_it_is": (),
    "bigger_effect": (FOUND, SIZE, SURE, BODY, TRUST),
    "reversed_effect": (FOUND, SIZE, SURE, BODY),
    "no_difference": (FOUND, SIZE, SURE, BODY),
    "wider_interval": (SIZE, SURE, BODY),
    "no_contradiction": (SIZE, SURE, BODY),
    "clear_trial": (BODY, TRUST),
    "certain": (BODY, TRUST),
    "trial_removed": (BODY, TRUST),
    "one_trial": (SIZE, SURE, BODY, TRUST),
    "thresholds_lowered": (SIZE,),
    "thresholds_removed": (SIZE, TRUST),
    "threshold_added": (),
    "no_gaps": (TRUST,),
    "nothing_to_pool": (BODY, TRUST),
    "search_dated": (),
    "size_unknown": (FOUND,),
    "form_not_stated": (FOUND, TRUST),
    "read_first_hand": (FOUND,),
}
#: Without an effect of the headline trial, one sentence stands in place of the first three.
SHORT = ("headline_without_numbers", "nothing_at_all")


def alterations(*names: str) -> list[object]:
    """One parameter for each alteration; all tests of one share a worker, and its result."""
    return [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]


def sentences(conclusions: Conclusions) -> tuple[str, ...]:
    return conclusions.bottom_line.paragraphs


#: What no sentence may hold; a count may be none of several.
WRONG = (
    r"\bnan\b",
    r"\bNone\b(?! of )",
    r"\(\s*\)",
    r"  ",
    r"\.\.",
    r" [.,;:)]",
    r"\( ",
    r"\[\]",
)


def problems(text: str) -> list[str]:
    """Return what reads badly in a sentence."""
    found = [wrong for wrong in WRONG if re.search(wrong, text)]
    if not text.endswith("."):
        found.append("no full stop")
    if text[:1] != text[:1].upper():
        found.append("no capital")
    if re.search(r"[.?!] [A-Z]", text):
        found.append("more than one sentence")
    if text.count("(") != text.count(")"):
        found.append("a bracket without its twin")
    # Words carry directions, so nobody has to interpret a sign.
    if "\N{MINUS SIGN}" in text or re.search(r"-\d", text):
        found.append("a sign")
    return found


def test_every_alteration_is_told_here() -> None:
    assert {*CHANGES, *SHORT} == set(ALTERATIONS)


@pytest.mark.parametrize("name", alterations(*CHANGES))
def test_precisely_these_sentences_change(altered: Altered, name: str) -> None:
    before, after = sentences(altered("as_it_is")), sentences(altered(name))
    assert len(before) == len(after) == 5
    assert tuple(i for i in range(5) if before[i] != after[i]) == CHANGES[name]


@pytest.mark.parametrize("name", alterations(*ALTERATIONS))
def test_every_sentence_reads_properly(altered: Altered, name: str) -> None:
    for sentence in sentences(altered(name)):
        assert problems(sentence) == [], sentence


@pytest.mark.parametrize(
    "text",
    [
        "It is nan.",
        "It is None.",
        "It is ().",
        "Two  spaces.",
        "Twice..",
        "It is",
        "it is.",
        "One. Two.",
        "A −1.",
    ],
)
def test_the_check_of_sentences_can_fail(text: str) -> None:
    assert problems(text)


# ---------------------------------------------------------------- the worked case


@pytest.mark.xdist_group("as_it_is")
def test_the_answer_as_it_is_today(conclusions: Conclusions) -> None:
    found, size, sure, body, trust = sentences(conclusions)
    assert found == (
        "Schuster 2025 gave magnesium bisglycinate or placebo to 155 people: the Insomnia Severity "
        "Index (0 to 28, lower is better) came out 1.6 points better with magnesium than with "
        "placebo (known second-hand)."
    )
    assert size == (
        "A benefit of 1.6 points is smaller than every difference between groups that counts as "
        "important (2.8 and 4 points), though on every reading its uncertainty reaches the "
        "smallest of them."
    )
    assert sure == (
        "How sure that is depends on which of the trial's own numbers one goes by, because they "
        "contradict each other: by the summaries of the two groups it may be anything from 1.0 "
        "points worse to 4.2 points better (implied p = 0.23); by the difference and its "
        "confidence interval and the p value, from 0.0 to 3.3 points better (reported p = 0.049)."
    )
    # The pooled numbers are the affair of the synthesis; the words are checked here.
    assert re.fullmatch(
        r"The three trials of insomnia severity or global sleep quality that can be used \(258 "
        r"people\) come out 0\.\d\d standard deviations better \(95% CI 0\.\d\d worse to \d\.\d\d "
        r"better\) or 0\.\d\d standard deviations better \(95% CI 0\.\d\d worse to \d\.\d\d "
        r"better\) with magnesium, depending on how Schuster 2025 is read, so no difference at all "
        r"remains possible: the evidence is very uncertain about the effect of magnesium on "
        r"insomnia severity or global sleep quality\.",
        body,
    )
    assert trust.startswith(
        "One trial of 14 tested magnesium bisglycinate (1 of the 3 used here); the suggested "
        "certainty is very low (rated down for risk of bias, "
    )
    assert "; what would sharpen the answer most: per-arm number analysed" in trust


@pytest.mark.xdist_group("as_it_is")
def test_the_numbers_of_a_sentence_are_those_of_the_result(conclusions: Conclusions) -> None:
    main = conclusions.main
    assert main.synthesis is not None
    for verdict, scenario in zip(main.verdicts, main.synthesis.scenarios, strict=True):
        assert verdict.benefit == -scenario.result.estimate
        text = f"{verdict.benefit:.2f} standard deviations better (95% CI "
        text += f"{-verdict.benefit_low:.2f} worse to {verdict.benefit_high:.2f} better)"
        assert text in sentences(conclusions)[BODY]


# ---------------------------------------------------------------- the altered answers

PARTS = {
    "bigger_effect": {
        FOUND: ["came out 5.0 points better with magnesium than with placebo"],
        SIZE: [
            (
                "A benefit of 5.0 points is at least as large as every difference between groups "
                "that counts as important (2.8 and 4 points), though its uncertainty includes "
                "smaller differences."
            )
        ],
        SURE: ["from 2.4 to 7.6 points better", "from 3.4 to 6.7 points better"],
        BODY: ["which chance alone hardly explains: magnesium may improve"],
    },
    "reversed_effect": {
        FOUND: ["came out 1.6 points worse with magnesium than with placebo"],
        SIZE: ["A disadvantage of 1.6 points is smaller than every difference"],
        SURE: ["from 4.2 points worse to 1.0 points better", "from 0.0 to 3.3 points worse"],
    },
    "no_difference": {
        FOUND: ["came out the same with magnesium as with placebo (known second-hand)."],
        SIZE: [
            (
                "No difference was found, and so none that counts as important (2.8 and 4 points), "
                "and its uncertainty reaches none of them."
            )
        ],
        SURE: [
            "With its uncertainty it may be anything from 1.7 points worse to 1.7 points better",
            ", so no difference at all remains possible.",
        ],
    },
    "wider_interval": {
        SIZE: [", though its uncertainty reaches all of them."],
        SURE: [
            (
                "With its uncertainty it may be anything from 1.0 points worse to 4.2 points "
                "better (95% CI; reported p = 0.22), so no difference at all remains possible."
            )
        ],
    },
    "no_contradiction": {
        SIZE: [", though its uncertainty reaches 2.8 points, but not 4 points."],
        SURE: ["With its uncertainty it may be anything from ", "(95% CI; reported p = 0.049)"],
    },
    "clear_trial": {
        BODY: ["The four trials of insomnia", "(2,258 people)", "magnesium may improve"],
        TRUST: ["Two trials of 15 tested magnesium bisglycinate (2 of the 4 used here); "],
    },
    "certain": {
        BODY: [
            (
                "Only one trial of insomnia severity or global sleep quality can be used (2,000 "
                "people), so nothing is pooled; it comes out 1.20 standard deviations better (95% "
                "CI 1.10 to 1.29 better) with magnesium, which chance alone hardly explains: "
                "magnesium results in a large improvement in insomnia severity or global sleep "
                "quality."
            )
        ],
        TRUST: [
            (
                "Two trials of 15 tested magnesium bisglycinate (also the one used here); the "
                "suggested certainty is high (nothing rates it down); what would sharpen"
            )
        ],
    },
    "trial_removed": {
        BODY: ["The two trials of insomnia severity or global sleep quality", "(198 people)"],
        TRUST: ["One trial of 13 tested magnesium bisglycinate (1 of the 2 used here)"],
    },
    "one_trial": {
        BODY: ["Only one trial of insomnia", "so nothing is pooled; it comes out 0.3"],
        TRUST: ["(also the one used here); the suggested certainty is low"],
    },
    "thresholds_lowered": {
        SIZE: [
            (
                "A benefit of 1.6 points reaches the smaller of the differences between groups "
                "that count as important (1.5 points), but not the larger (4 points), and how far "
                "its uncertainty reaches depends on the reading."
            )
        ]
    },
    "thresholds_removed": {
        SIZE: [
            (
                "Which difference between groups counts as important is not known on this scale, "
                "so the size cannot be judged; the thresholds that are known measure other things."
            )
        ]
    },
    "nothing_to_pool": {
        BODY: [
            (
                "No trial of insomnia severity or global sleep quality could be used, so there is "
                "nothing to pool."
            )
        ],
        TRUST: ["One trial of 14 tested magnesium bisglycinate; what would sharpen"],
    },
    "size_unknown": {FOUND: ["Schuster 2025 gave magnesium bisglycinate or placebo: the Insomnia"]},
    "form_not_stated": {
        FOUND: ["Schuster 2025 gave magnesium or placebo to 155 people: "],
        TRUST: ["None of 14 trials tested magnesium bisglycinate; the suggested certainty is "],
    },
    "read_first_hand": {FOUND: ["1.6 points better with magnesium than with placebo."]},
}


@pytest.mark.parametrize("name", alterations(*PARTS))
def test_the_altered_answer(altered: Altered, name: str) -> None:
    answer = sentences(altered(name))
    for place, parts in PARTS[name].items():
        for part in parts:
            assert part in answer[place]


@pytest.mark.xdist_group("no_gaps")
def test_without_gaps_nothing_is_asked_for(altered: Altered) -> None:
    with_gaps, without = (sentences(altered(n))[TRUST] for n in ("as_it_is", "no_gaps"))
    assert without == with_gaps.split("; what would sharpen")[0] + "."


@pytest.mark.xdist_group("reversed_effect")
def test_nothing_is_called_better_that_came_out_worse(altered: Altered) -> None:
    found, size, *_ = sentences(altered("reversed_effect"))
    assert not re.search(r"\d points better|benefit|improve|less with", found + size)


@pytest.mark.xdist_group("headline_without_numbers")
def test_a_headline_without_numbers_is_one_sentence(altered: Altered) -> None:
    first, body, trust = sentences(altered("headline_without_numbers"))
    assert first == "From what is reported of Schuster 2025, no effect can be worked out."
    assert body.startswith("The two trials of insomnia severity or global sleep quality")
    assert trust.startswith(
        "One trial of 14 tested magnesium bisglycinate (none of the 2 used here)"
    )


@pytest.mark.xdist_group("nothing_at_all")
def test_with_nothing_at_all_the_answer_says_so(altered: Altered) -> None:
    assert sentences(altered("nothing_at_all")) == (
        "From what is reported of Schuster 2025, no effect can be worked out.",
        (
            "No trial of insomnia severity or global sleep quality could be used, so there is "
            "nothing to pool."
        ),
        "One trial of 14 tested magnesium bisglycinate.",
    )


@pytest.mark.xdist_group("search_dated")
def test_a_search_date_is_part_of_the_question(altered: Altered) -> None:
    before = altered("as_it_is").question.paragraphs
    after = altered("search_dated").question.paragraphs
    assert before[0] == after[0] == altered("as_it_is").review.plan.question
    assert before[1].startswith("No date of a search is recorded. ")
    assert after[1].startswith("Evidence searched for until 2026-10-01. ")


# ---------------------------------------------------------------- another question


@pytest.mark.parametrize("cell", ["", " ", "not stated", "Not reported", "nan"])
def test_an_empty_cell_says_nothing(cell: str) -> None:
    assert said(cell, "tea") == "tea"
    assert said("leaf", "tea") == "leaf"


def test_another_review_reads_as_well(small: Path) -> None:
    answer = sentences(conclude(load_review(small)))
    assert answer[:3] == (
        (
            "Alpha 2020 gave moonwort tea or hot water to 60 people: the Nap Trouble Scale (0 to "
            "20, lower is better) came out 2.2 points better with moonwort tea than with hot water."
        ),
        (
            "A benefit of 2.2 points reaches the smaller of the differences between groups that "
            "count as important (1.5 points), but not the larger (5 points), though its "
            "uncertainty includes smaller differences."
        ),
        (
            "With its uncertainty it may be anything from 0.1 to 4.3 points better (95% CI; "
            "reported p = 0.044)."
        ),
    )
    assert answer[3].startswith(
        "Only one trial of nap trouble can be used (59 people), so nothing is pooled; it comes out "
        "2.2 points better (95% CI 0.1 to 4.3 better) with moonwort tea, which chance alone hardly "
        "explains: moonwort tea may improve nap trouble"
    )
    assert answer[4].startswith("One trial of 3 tested moonwort leaf (also the one used here); ")
    for sentence in answer:
        assert problems(sentence) == []


def count_spills(small: Path) -> None:
    """Let the claim rest on how many spilled their tea."""
    before, after = (f'outcome_id = "{name}"\ntimepoint' for name in ("nap-trouble", "spills"))
    change_text(small, "review.toml", before, after)


def test_a_headline_that_counts_people(small: Path) -> None:
    count_spills(small)
    set_cell(small, "arms", 6, "events", "1")
    answer = sentences(conclude(load_review(small)))
    assert answer[0] == (
        "Alpha 2020 gave moonwort tea or hot water to 60 people: spilled tea, counted in 6.7 more "
        "people in 100 with moonwort tea than with hot water."
    )
    assert answer[1] == (
        "Which difference between groups counts as important is not known on this scale, so the "
        "size cannot be judged."
    )
    assert answer[2].startswith("With its uncertainty it may be anything from ")
    assert " more people in 100 to " in answer[2]
    for sentence in answer:
        assert problems(sentence) == []


def test_as_many_people_in_both_groups(small: Path) -> None:
    count_spills(small)
    set_cell(small, "arms", 6, "events", "3")
    answer = sentences(conclude(load_review(small)))
    assert answer[0].endswith(
        "spilled tea, counted in as many people with moonwort tea as with hot water."
    )


def test_a_ratio_is_told_as_a_ratio(small: Path) -> None:
    # Without a usable trial of nap trouble the answer rests on the spills.
    set_cell(small, "studies", 2, "role", "safety")
    for column, text in {"study_id": "gamma2022", "source_id": "gamma-account"}.items():
        for line in (5, 6):
            set_cells(small, "arms", line, **{column: text, "tier": "secondary"})
    for line in (5, 6):
        set_cells(small, "arms", line, total="20")
    conclusions = conclude(load_review(small))
    assert conclusions.main.analysis_id == "spilling"
    body = sentences(conclusions)[3]
    assert body.startswith(
        "Only one trial of spilled tea can be used (40 people), so nothing is pooled; it comes to "
        "a risk ratio of 7.00 (95% CI 0.38 to 127.32), where less than 1 means fewer with moonwort "
        "tea, so no difference at all remains possible: "
    )
    assert problems(body) == []


def test_trials_none_of_which_are_of_the_question(small: Path) -> None:
    for line in (2, 3, 4):
        set_cell(small, "studies", line, "role", "safety")
    answer = sentences(conclude(load_review(small)))
    assert answer[-1] == "No trial is listed, of moonwort leaf or of anything else."


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("moonwort leaf", "The only trial tested moonwort leaf"),
        ("moonwort root", "The only trial did not test moonwort leaf"),
    ],
)
def test_the_only_trial(small: Path, form: str, words: str) -> None:
    for line in (3, 4):
        set_cell(small, "studies", line, "role", "safety")
    set_cell(small, "studies", 2, "form", form)
    assert sentences(conclude(load_review(small)))[-1].startswith(f"{words}; ")


def test_readings_of_different_sizes_are_both_told(small: Path) -> None:
    cells = {"estimate": "-3.20", "ci_low": "-4.00", "ci_high": "-2.40", "p": ""}
    set_cells(small, "contrasts", 2, **cells)
    found, size, sure, body, _ = sentences(conclude(load_review(small)))
    assert "came out 2.2 points better or 3.2 points better with moonwort tea than" in found
    assert size == (
        "A benefit of 2.2 points reaches the smaller of the differences between groups that count "
        "as important (1.5 points), but not the larger (5 points); on another reading, a benefit "
        "of 3.2 points reaches the smaller of the differences between groups that count as "
        "important (1.5 points), but not the larger (5 points)."
    )
    assert "; by the difference and its confidence interval" in sure
    assert "2.2 points better (95% CI 0.1 to 4.3 better) or 3.2 points better (95% CI " in body
    assert ", depending on how Alpha 2020 is read, which chance alone hardly explains: " in body
    assert (
        ": on one reading, moonwort tea may improve nap trouble, but the evidence is very " in body
    )
    assert "uncertain; on another, moonwort tea probably results in a large improvement in " in body
    for sentence in (found, size, sure, body):
        assert problems(sentence) == []


def test_a_number_that_does_not_fit_is_not_passed_over(small: Path) -> None:
    # Only the standardised effect contradicts the rest: points cannot be worked out from it.
    copy_row(
        small,
        "contrasts",
        2,
        measure="Cohen d",
        positive_means="treatment better",
        estimate="1.90",
        ci_low="",
        ci_high="",
        p="",
    )
    _, _, sure, *_ = sentences(conclude(load_review(small)))
    assert sure == (
        "With its uncertainty it may be anything from 0.1 to 4.3 points better (95% CI; reported "
        "p = 0.044); another of the trial's own numbers does not fit that."
    )


def test_a_reading_of_no_difference_beside_another(small: Path) -> None:
    for line in (3, 4):
        set_cells(small, "arms", line, mean="11.30", sd="2.0")
    found, *_, body, _ = sentences(conclude(load_review(small)))
    assert "came out the same or 2.2 points better with moonwort tea than with hot water" in found
    assert "which also decides whether chance alone could explain it: on one reading, " in body
    assert "; on another, moonwort tea may " in body


def test_whether_the_uncertainty_reaches_may_depend_on_the_reading(small: Path) -> None:
    # Wide by the groups' own summaries, narrow by the difference.
    for line in (3, 4):
        set_cells(small, "arms", line, sd="9.9")
    set_cells(small, "arms", 3, mean="10.30")
    cells = {"estimate": "-1.00", "ci_low": "-1.40", "ci_high": "-0.60", "p": "0.0001"}
    set_cells(small, "contrasts", 2, **cells)
    _, size, *_ = sentences(conclude(load_review(small)))
    assert size.endswith(
        ", and whether its uncertainty reaches the smallest of them depends on the reading."
    )


@pytest.mark.xdist_group("as_it_is")
def test_of_many_readings_only_the_ends_are_told(
    conclusions: Conclusions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narration, "_MOST_TOLD", 1)
    body = narration.bottom_line(conclusions).paragraphs[BODY]
    low, high = sorted(verdict.benefit for verdict in conclusions.main.verdicts)
    assert (
        f"come out anywhere from {low:.2f} standard deviations better to {high:.2f} standard "
        "deviations better on 2 readings with magnesium, depending on how" in body
    )


# ---------------------------------------------------------------- cautions and harms


@pytest.mark.xdist_group("as_it_is")
def test_each_caution_is_told_once_with_its_reference(conclusions: Conclusions) -> None:
    lines = cautions(conclusions).paragraphs
    assert len(lines) == len(set(lines)) == len(conclusions.cautions) > 5
    assert any("Schuster 2025" in line for line in lines)
    assert any(line.endswith("(Röver, Knapp and Friede 2015)") for line in lines)


@pytest.mark.xdist_group("as_it_is")
def test_harms_of_the_worked_case(conclusions: Conclusions) -> None:
    text = describe_harms(conclusions, "schuster2025", "adverse-events")
    assert text == (
        "Adverse events: 2 with magnesium and 7 with placebo, among 153 people analysed (known "
        "second-hand). A difference like that can well be chance alone (Fisher's exact test: "
        "p = 0.098 to 0.17, depending on how they were divided into the groups, which is not "
        "reported)."
    )
    text = describe_harms(conclusions, "schuster2025", "completed-trial")
    assert text == (
        "Finished the trial: 69 of 77 people with magnesium and 65 of 78 with placebo (known "
        "second-hand). A difference like that can well be chance alone (Fisher's exact test: "
        "p = 0.35)."
    )
    # Counted for everybody together only: there is nothing to compare.
    text = describe_harms(conclusions, "schuster2025", "serious-adverse-events")
    assert text == (
        "Schuster 2025 does not report serious adverse events once for each of exactly two groups."
    )


def test_a_clear_harm_is_told_as_clear(small: Path) -> None:
    set_cell(small, "arms", 5, "events", "20")
    text = describe_harms(conclude(load_review(small)), "alpha2020", "spills")
    assert text == (
        "Spilled tea: 20 of 30 people with moonwort tea and 0 of 30 with hot water. That is more "
        "than chance alone easily explains (Fisher's exact test: p < 0.001)."
    )
