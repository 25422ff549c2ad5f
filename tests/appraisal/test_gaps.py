"""What is not known, most telling first."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import add_row, read_rows, write_rows

from evidence.appraisal import list_gaps
from evidence.data import Review, load_review
from evidence.display import MINUS


@pytest.fixture
def three(small: Path) -> Review:
    for name, priority, study in (
        ("a", "medium", ""),
        ("b", "first", "alpha2020"),
        ("c", "first", ""),
    ):
        add_row(
            small,
            "missing",
            missing_id=name,
            study_id=study,
            what=f"thing {name}.",
            why=f"reason {name}.",
            where="a library.",
            priority=priority,
        )
    return load_review(small)


def test_first_things_come_first_and_ties_keep_their_order(three: Review) -> None:
    gaps = list_gaps(three)
    assert list(gaps.table["what"]) == [
        "thing b",
        "thing c",
        "The article of Gamma 2022",
        "thing a",
    ]
    assert list(gaps.table.columns) == ["priority", "study", "outcome", "what", "why", "where"]
    assert list(gaps.first["what"]) == ["thing b", "thing c"]
    assert list(gaps.table["priority"]) == ["first", "first", "high", "medium"]
    assert list(gaps.table["study"]) == ["Alpha 2020", "", "Gamma 2022", ""]
    assert list(gaps.table["outcome"]) == ["", "", "NTS", ""]


def test_gaps_in_words(three: Review) -> None:
    lines = list_gaps(three).summary().splitlines()
    assert lines[0] == "Four things that are not known would sharpen the answer."
    assert lines[1] == ("- Alpha 2020: thing b. reason b. Where it would be found: a library.")
    assert lines[2] == "- thing c. reason c. Where it would be found: a library."
    assert len(lines) == 5
    assert ".." not in list_gaps(three).summary()


@pytest.mark.parametrize(
    ("count", "shown", "note"),
    [
        (1, 1, "Three more stand in missing.csv."),
        (3, 3, "One more stands in missing.csv."),
        (4, 4, ""),
        (9, 4, ""),
        (0, 0, "Four more stand in missing.csv."),
        (-1, 0, "Four more stand in missing.csv."),
    ],
)
def test_the_foremost(three: Review, count: int, shown: int, note: str) -> None:
    table = list_gaps(three).foremost(count)
    assert list(table.frame.columns) == ["study", "what", "why", "where"]
    assert list(table.frame["what"]) == list(list_gaps(three).table["what"])[:shown]
    assert table.note == note
    assert table.caption == "Four things that are not known would sharpen the answer."


def test_nothing_missing(small: Path) -> None:
    write_rows(small, "missing", read_rows(small, "missing")[:1])
    gaps = list_gaps(load_review(small))
    assert gaps.summary() == "Nothing is listed as missing."
    assert gaps.first.empty
    assert gaps.foremost().note == ""
    assert gaps.foremost().summary() == "Nothing is listed as missing."
    assert gaps.to_dict() == {"gaps": []}
    assert "<caption>Nothing is listed as missing.</caption>" in gaps._repr_html_()


def test_one_missing(small: Path) -> None:
    gaps = list_gaps(load_review(small))
    head = "One thing that is not known would sharpen the answer."
    assert gaps.summary().splitlines()[0] == head


def test_the_worked_case_wants_the_trials_numbers_first(review: Review) -> None:
    gaps = list_gaps(review)
    assert len(gaps.table) == len(review.missing)
    assert set(gaps.table["what"]) == {str(what).rstrip(".") for what in review.missing["what"]}
    assert gaps.table.iloc[0]["study"] == "Schuster 2025"
    assert "per-arm" in gaps.table.iloc[0]["what"]
    assert MINUS not in gaps.table.iloc[0]["where"]
    assert len(gaps.foremost().frame) == 6
