"""Plans, dates of registration and reports held against each other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.data.small import add_row, read_rows, set_cell, set_cells, small_review, write_rows

from evidence.data import Problem, check_review
from evidence.data.registration import date_range

FACT = {"source_id": "alpha-article", "quote": "as registered", "tier": "primary"}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2024-02-29", (date(2024, 2, 29), date(2024, 2, 29))),
        (" 2024-02 ", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2023-12", (date(2023, 12, 1), date(2023, 12, 31))),
        ("2023", (date(2023, 1, 1), date(2023, 12, 31))),
        ("2023-02-29", None),
        ("2023-13", None),
        ("0000", None),
        ("23-01-01", None),
        ("2023-1-1", None),
        ("01/02/2023", None),
        ("", None),
    ],
)
def test_what_days_a_date_can_mean(text: str, days: tuple[date, date] | None) -> None:
    assert date_range(text) == days


def dated(folder: Path, **facts: str) -> list[Problem]:
    """Return what is wrong with the small review after facts on Alpha 2020 are added."""
    review = small_review(folder)
    for item, values in facts.items():
        for value in values.split(" or "):
            add_row(review, "study_facts", study_id="alpha2020", item=item, value=value, **FACT)
    return list(check_review(review))


@pytest.mark.parametrize(
    "facts",
    [
        {"registered_on": "2019-01-01", "started_on": "2019-01-01"},
        {"registered_on": "2019-01-01", "registration_timing": "retrospective"},
        {"started_on": "2019", "completed_on": "2019-03"},
        {"completed_on": "2019", "completion_planned": "2018"},
        # Within the same month nobody can tell.
        {
            "registered_on": "2019-01",
            "started_on": "2019-01-15",
            "registration_timing": "prospective",
        },
        # Of two dates that differ, nobody knows which is right.
        {
            "registered_on": "2019-06-01 or 2018-06-01",
            "started_on": "2019-01-01",
            "registration_timing": "prospective",
        },
        {"registration_timing": "prospective or retrospective"},
    ],
)
def test_dates_that_can_be_true_together(tmp_path: Path, facts: dict[str, str]) -> None:
    assert dated(tmp_path, **facts) == []


@pytest.mark.parametrize(
    ("registered", "timing", "right"),
    [("2019-02-01", "prospective", "retrospective"), ("2018", "retrospective", "prospective")],
)
def test_a_timing_that_the_dates_contradict(
    tmp_path: Path, registered: str, timing: str, right: str
) -> None:
    (problem,) = dated(
        tmp_path, registered_on=registered, started_on="2019-01-31", registration_timing=timing
    )
    assert (problem.file, problem.line, problem.column) == ("study_facts.csv", 8, "value")
    assert problem.message == (
        f"the dates say otherwise: registered {registered}, started 2019-01-31."
    )
    assert (problem.found, problem.accepted) == (timing, right)


def test_the_end_before_the_start(tmp_path: Path) -> None:
    (problem,) = dated(tmp_path, started_on="2019-03-01", completed_on="2019-02")
    assert problem.message == "the study was completed before it started."
    assert problem.found == "2019-02, started 2019-03-01"
    assert problem.accepted == "from 2019-03-01 on"


def test_a_study_without_results_has_no_fates_and_no_report(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cell(review, "studies", 2, "status", "registered")
    assert not check_review(review)
    set_cells(review, "registered_outcomes", 2, reported="as planned")
    (problem,) = check_review(review)
    assert problem.found == "as planned, study registered"
    assert problem.accepted == "results not public"
    set_cells(
        review,
        "registered_outcomes",
        2,
        reported="results not public",
        report_source_id="alpha-article",
    )
    (problem,) = check_review(review)
    assert problem.column == "report_source_id"
    assert problem.found == "alpha-article"
    set_cell(review, "registered_outcomes", 2, "report_source_id", "")
    assert not check_review(review)


@pytest.mark.parametrize(
    ("study", "outcome", "fate"),
    [
        # Only a bound on p, as typed.
        ("gamma2022", "nap-trouble", "without numbers"),
        ("alpha2020", "nap-minutes", "not reported"),
        # The outcome is not one of the review.
        ("alpha2020", "", "without numbers"),
        ("alpha2020", "nap-trouble", "other rank"),
        ("beta2021", "nap-minutes", "as planned"),
    ],
)
def test_fates_that_fit_the_tables(tmp_path: Path, study: str, outcome: str, fate: str) -> None:
    review = small_review(tmp_path)
    arms = read_rows(review, "arms")
    write_rows(review, "arms", [row for row in arms if row[0] != "gamma2022"])
    set_cells(
        review,
        "registered_outcomes",
        2,
        study_id=study,
        outcome_id=outcome,
        reported=fate,
        report_source_id="beta-article",
    )
    assert not check_review(review)


def test_a_test_of_several_groups_is_no_number_that_compares_two(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    fate = {"study_id": "beta2021", "outcome_id": "nap-minutes", "reported": "without numbers"}
    set_cells(review, "registered_outcomes", 2, **fate, report_source_id="beta-article")
    assert len(check_review(review)) == 1
    set_cells(
        review,
        "contrasts",
        3,
        measure="none",
        positive_means="",
        estimate="",
        se="",
        p_test="several groups",
    )
    assert not check_review(review)


def test_the_same_outcome_twice(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    head, row = read_rows(review, "registered_outcomes")
    write_rows(review, "registered_outcomes", [head, row, row])
    (problem,) = check_review(review)
    assert problem.message == "the row repeats line 2."
