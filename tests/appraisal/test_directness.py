"""Directness is data: what is the same as asked about, what is not, what nobody says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import add_row, set_cell, write_rows

from evidence.appraisal import appraise_directness
from evidence.data import Review, load_review
from evidence.data.lookups import ASPECTS, match_of
from evidence.data.tables import TABLES


@pytest.mark.parametrize(
    ("form", "match"),
    [
        ("moonwort leaf", "same"),
        ("Moonwort Leaf", "same"),
        ("moonwort leaf, dried", "same"),
        ("moonwort extract", "other"),
        # Nothing is guessed from similar words.
        ("dried moonwort leaf", "other"),
        ("moonwort", "other"),
        ("not stated", "not stated"),
        ("Not reported", "not stated"),
        ("", "not stated"),
    ],
)
def test_an_aspect_is_the_same_other_or_not_stated(small: Path, form: str, match: str) -> None:
    set_cell(small, "studies", 2, "form", form)
    review = load_review(small)
    directness = appraise_directness(review)
    assert directness.match("alpha2020", "form") == match
    assert directness.matches("alpha2020", "form") == (match == "same")
    assert match_of(review, "alpha2020", "form") == match


def test_every_aspect_of_every_trial(changed: Callable[..., Review]) -> None:
    directness = appraise_directness(changed())
    matches = {
        study: [directness.match(study, aspect) for aspect in ASPECTS]
        for study in ("alpha2020", "beta2021", "gamma2022")
    }
    assert ASPECTS == ("form", "comparator", "population")
    assert matches == {
        "alpha2020": ["same", "same", "same"],
        "beta2021": ["not stated", "same", "other"],
        "gamma2022": ["other", "same", "same"],
    }
    assert directness.match("nobody", "form") == "not stated"


def test_only_trials_of_the_question_count(small: Path) -> None:
    set_cell(small, "studies", 4, "role", "mechanism")
    directness = appraise_directness(load_review(small))
    assert list(directness.table["study_id"]) == ["alpha2020", "beta2021"]
    assert directness.summary() == "1 of 2 trials tested moonwort leaf."


def test_dose_and_size_are_shown_as_reported(small: Path) -> None:
    set_cell(small, "studies", 3, "n_randomised", "")
    table = appraise_directness(load_review(small)).table.set_index("study_id")
    assert table.loc["alpha2020", "dose"] == "2.50 g/day"
    assert table.loc["beta2021", "dose"] == ""
    assert table.loc["alpha2020", "n"] == 60
    assert table["n"].isna().to_dict() == {"alpha2020": False, "beta2021": True, "gamma2022": False}


def test_the_element_goes_before_the_compound(small: Path) -> None:
    add_row(
        small,
        "study_facts",
        study_id="alpha2020",
        item="dose_elemental",
        value="0.35",
        number="0.35",
        unit="g/day",
        source_id="alpha-article",
        quote="0.35 g of the essence",
        tier="primary",
    )
    table = appraise_directness(load_review(small)).table.set_index("study_id")
    assert table.loc["alpha2020", "dose"] == "0.35 g/day"


def test_one_trial_and_none(small: Path) -> None:
    for line in (3, 4):
        set_cell(small, "studies", line, "role", "safety")
    one = appraise_directness(load_review(small))
    assert one.summary() == "1 of 1 trial tested moonwort leaf."
    set_cell(small, "studies", 2, "role", "safety")
    none = appraise_directness(load_review(small))
    assert none.summary() == "There is no trial, of moonwort leaf or of anything else."
    assert none.same_form == 0
    assert none.to_dict() == {"form": "moonwort leaf", "same_form": 0, "trials": []}
    assert "<caption>There is no trial" in none._repr_html_()


def test_the_worked_case(review: Review) -> None:
    directness = appraise_directness(review)
    assert directness.summary() == "1 of 14 trials tested magnesium bisglycinate."
    assert [
        study for study in directness.table["study_id"] if directness.matches(study, "form")
    ] == ["schuster2025"]
    doses = directness.table.set_index("study_id")["dose"]
    assert "250 mg" in doses["schuster2025"]
    assert directness.matches("schuster2025", "population")
    assert directness.match("saba2022", "comparator") == "other"
    assert directness.match("breus2024", "form") == "not stated"


def test_an_empty_table_is_no_problem(small: Path) -> None:
    write_rows(small, "study_facts", [list(TABLES["study_facts"].names)])
    assert set(appraise_directness(load_review(small)).table["dose"]) == {""}
