"""How old evidence is: by hand, at the edges of a month, and where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.data.small import change_text, read_rows, small_review, write_rows

from evidence.appraisal.evidence_age import OLD_MONTHS, EvidenceAge, evidence_age
from evidence.data import Review, load_review
from evidence.data.registration import whole_months
from evidence.errors import InvalidArgumentError

SEARCHED = date(2022, 3, 15)


@pytest.mark.parametrize(
    ("end", "months"),
    [
        (date(2022, 3, 15), 0),
        (date(2022, 4, 14), 0),
        (date(2022, 4, 15), 1),
        (date(2023, 3, 14), 11),
        (date(2024, 3, 15), 24),
        (date(2022, 3, 14), -1),
        (date(2022, 2, 15), -1),
    ],
)
def test_months_are_whole_ones(end: date, months: int) -> None:
    assert whole_months(SEARCHED, end) == months


@pytest.mark.parametrize(
    ("on", "old"), [(date(2024, 3, 14), False), (date(2024, 3, 15), True), (None, None)]
)
def test_evidence_is_old_from_two_years_on(on: date | None, old: bool | None) -> None:
    assert OLD_MONTHS == 24
    age = EvidenceAge(SEARCHED, 2021, ("Ash 2021",), on)
    assert age.old is old
    assert age.told.startswith("Old evidence: ") is bool(old)
    assert "2022-03-15" in age.told


def test_what_is_said() -> None:
    age = EvidenceAge(SEARCHED, 2021, ("Ash 2021",), date(2022, 8, 20))
    assert age.summary() == (
        "Evidence searched for until 2022-03-15. That is five months before 2022-08-20. "
        "The newest trial with results is from 2021 (Ash 2021)."
    )
    old = replace(age, on=date(2025, 1, 1))
    assert old.told == (
        "Old evidence: it was searched for until 2022-03-15, 33 months before 2025-01-01. "
        "Newer trials may be missing."
    )
    assert "look whether the date is right" in replace(age, on=date(2022, 1, 1)).told
    later = replace(age, newest_year=2023)
    assert "after the search" in later.newest_told


def test_what_is_not_known_is_said() -> None:
    age = EvidenceAge(None, None, (), date(2025, 1, 1))
    assert age.old is None
    assert age.months is None
    assert age.summary() == (
        "No date of a search is recorded. How old this evidence is cannot be said. "
        "No year of a trial is recorded."
    )


def test_without_a_day_nothing_goes_with_the_clock(tmp_path: Path) -> None:
    review = load_review(small_review(tmp_path))
    content = evidence_age(review).to_dict()
    assert set(content) == {"searched_until", "newest_trial_year", "newest", "old_after_months"}
    dated = evidence_age(review, on=datetime(2026, 1, 2, 3, 4, tzinfo=UTC)).to_dict()
    assert dated["on"] == "2026-01-02"
    assert dated.items() >= {k: v for k, v in content.items() if k != "newest"}.items()


def test_a_date_in_the_review_is_read(tmp_path: Path) -> None:
    folder = small_review(tmp_path)
    change_text(folder, "review.toml", "searched_until = 2024-03-01", "searched_until = 2020-01-31")
    age = evidence_age(load_review(folder), on=date(2026, 1, 31))
    assert (age.months, age.old) == (72, True)


def test_registered_trials_and_other_roles_are_no_newest_trial() -> None:
    review = load_review("magnesium-sleep")
    age = evidence_age(review)
    studies = review.studies
    public = studies[(studies["role"] == "trial") & (studies["status"] != "registered")]
    assert age.newest_year == int(public["year"].max())
    assert set(age.newest) <= set(public["label"])
    assert len(age.newest) == int((public["year"] == age.newest_year).sum())


def test_trials_without_a_year_do_no_harm(tmp_path: Path) -> None:
    folder = small_review(tmp_path)
    head, *rows = read_rows(folder, "studies")
    for row in rows:
        row[head.index("year")] = ""
    write_rows(folder, "studies", [head, *rows])
    assert evidence_age(load_review(folder)).newest_year is None


@pytest.mark.parametrize("wrong", ["2026-01-01", 2026])
def test_a_day_that_is_no_date_is_refused(wrong: object, tmp_path: Path) -> None:
    review: Review = load_review(small_review(tmp_path))
    with pytest.raises(InvalidArgumentError, match="on is"):
        evidence_age(review, on=wrong)  # type: ignore[arg-type]
