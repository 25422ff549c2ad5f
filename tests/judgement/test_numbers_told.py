"""What the checks of numbers found, as the notebook tells it."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from tests.data.small import small_review

from evidence import check_integrity, load_review
from evidence.appraisal import IntegrityReport
from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION
from evidence.data import Review
from evidence.display import Table
from evidence.judgement import numbers_told


@pytest.fixture(scope="module")
def review() -> Review:
    return load_review("magnesium-sleep")


@pytest.fixture(scope="module")
def report(review: Review) -> IntegrityReport:
    return check_integrity(review)


def shown(report: IntegrityReport, review: Review, name: str) -> str:
    function = getattr(numbers_told, name)
    more = (review,) if "review" in inspect.signature(function).parameters else ()
    told = function(report, *more)
    tables = told if isinstance(told, list) else [told]
    return "\n".join(str(t.summary() if isinstance(t, Table) else t) for t in tables)


def test_contradictions_come_with_their_tables(report: IntegrityReport) -> None:
    first, second, third = numbers_told.numbers(report)
    assert first.caption.startswith("Schuster 2025, ISI, week 4: A standardised effect of 0.20")
    assert "contrasts.csv, line 3" in first.note
    assert list(first.frame.columns) == ["report", "what it implies"]
    assert list(second.frame["set"]) == [1, 1, 2, 2]
    assert "p = 0.37" in third.caption


def test_documents_and_dates(report: IntegrityReport) -> None:
    table = numbers_told.documents(report)
    assert len(table.frame) == len(report.of(CONTRADICTION, group="documents")) >= 10
    assert "more could not be made" in table.note
    assert table.frame["what they say"].str.contains("300 mg/day").sum() == 1


def test_what_fits_tells_of_the_crossover_and_of_percentages(
    report: IntegrityReport, review: Review
) -> None:
    words = " ".join(numbers_told.what_holds(report, review).frame["what fits"])
    assert "at least 0.88" in words
    assert "37 of 43" in words


def test_the_rest(report: IntegrityReport, review: Review) -> None:
    assert "Rondanelli 2011" in shown(report, review, "unusual")
    silent = len(report.of(CANNOT_BE_TESTED))
    assert f"{silent} checks cannot be made" in shown(report, review, "cannot_be_tested")
    assert "checks of the numbers of Schuster 2025, three could" in (
        shown(report, review, "headline_tested")
    )
    assert int(numbers_told.counts(report).frame["cannot be tested"].sum()) == silent


@pytest.mark.parametrize("name", numbers_told.__all__)
def test_every_part_is_told_of_any_review(name: str, tmp_path: Path) -> None:
    small = load_review(small_review(tmp_path))
    text = shown(check_integrity(small), small, name)
    assert text.strip()
    assert "nan" not in text
    assert "mores" not in text
