"""Decisions on certainty and published ratings: what is refused, with what advice."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import add_row, set_cell, set_cells, small_review

from evidence.data import check_review, load_review
from evidence.data.certainty_facts import fingerprint_of

TABLE = "certainty_decisions"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_review(tmp_path)


@pytest.mark.parametrize(
    ("cells", "column", "message", "advice"),
    [
        ({"domain": "impression"}, "domain", "not one of the accepted", "imprecision"),
        ({"analysis_id": "troubles"}, "analysis_id", "no such entry", "trouble"),
        ({"levels": "4"}, "levels", "out of range", "from 0 to 3"),
        ({"levels": "-1"}, "levels", "out of range", "from 0 to 3"),
        ({"levels": "1.5"}, "levels", "no decimals", "whole number"),
        ({"levels": ""}, "levels", "needs a number of levels", "decision_row"),
        ({"level": "low"}, "level", "gives a number of levels, not a level", "Empty"),
        ({"domain": "overall", "levels": ""}, "level", "overall needs a level", "decision_row"),
        ({"domain": "overall", "level": "low"}, "levels", "a level, not a number", "Empty"),
        ({"domain": "starting level", "levels": ""}, "level", "needs a level", "decision_row"),
        ({"who": ""}, "who", "empty", "Fill it"),
        ({"reason": ""}, "reason", "empty", "Fill it"),
        ({"when": ""}, "when", "empty", "Fill it"),
        ({"when": "6 May 2024"}, "when", "not a date", "2025-08-31"),
        ({"fingerprint": ""}, "fingerprint", "empty", "Fill it"),
        (
            {"fingerprint": "12345678"},
            "fingerprint",
            "does not belong to the facts",
            "decision_row",
        ),
        ({"facts": "trials = 2; another population = no"}, "fingerprint", "not belong", "row"),
        ({"facts": "it seemed so"}, "facts", "no facts", "decision_row"),
        ({"facts": ""}, "facts", "empty", "Fill it"),
    ],
)
def test_a_decision_that_cannot_be_meant_is_a_problem(
    small: Path, cells: dict[str, str], column: str, message: str, advice: str
) -> None:
    set_cells(small, TABLE, 2, **cells)
    problems = [one for one in check_review(small) if one.column == column]
    assert len(problems) == 1
    assert (problems[0].file, problems[0].line) == ("certainty_decisions.csv", 2)
    told = str(problems[0]) + repr(problems[0])
    assert message in told
    assert advice in told


def test_the_same_decision_twice_is_a_problem(small: Path) -> None:
    facts = "trials = 1"
    add_row(
        small, TABLE, analysis_id="spilling", domain="indirectness", levels="1", reason="Again.",
        who="B. Dragon", when="2024-03-03", facts=facts, fingerprint=fingerprint_of(facts),
    )  # fmt: skip
    assert ["repeats line 2" in repr(one) for one in check_review(small)] == [True]
    set_cell(small, TABLE, 3, "reading", "another one")
    assert list(check_review(small)) == []


def test_without_the_column_a_row_is_not_said_to_lack_anything(small: Path) -> None:
    path = small / "certainty_decisions.csv"
    head, row = path.read_text("utf-8").splitlines()
    path.write_text(head.replace("levels", "level_s") + "\n" + row + "\n", "utf-8")
    assert not any("needs a number" in repr(one) for one in check_review(small))


def test_a_published_rating_needs_its_outcome_and_level(small: Path) -> None:
    set_cells(small, "published_certainty", 2, certainty="lowish", outcome_id="naps")
    found = {one.column for one in check_review(small)}
    assert {"certainty", "outcome_id"} <= found


def test_the_worked_cases_published_ratings() -> None:
    table = load_review("magnesium-sleep").published_certainty
    told = dict(zip(table["outcome_id"], table["certainty"].astype(str), strict=True))
    assert (told["sol"], told["tst"], told["slow-wave-sleep"]) == ("low", "low", "very low")
