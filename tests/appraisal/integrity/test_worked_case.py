"""The worked case: what its reports say, and what nobody may be told of them."""

from __future__ import annotations

import json

import pytest

from evidence import check_integrity, load_review
from evidence.appraisal import IntegrityReport
from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity.found import DOCUMENTS, GROUPS, NUMBERS, UNUSUAL


@pytest.fixture(scope="module")
def report() -> IntegrityReport:
    return check_integrity(load_review("magnesium-sleep"))


def sentences(report: IntegrityReport, group: str, study_id: str) -> str:
    return "\n".join(
        each.check.sentence for each in report.of(CONTRADICTION, group=group, study_id=study_id)
    )


def only(report: IntegrityReport, name: str, study_id: str, about: str = ""):
    (found,) = [
        each
        for each in report.of(study_id=study_id)
        if each.check.name == name and about in each.about
    ]
    return found


def test_the_headline_trial_reports_two_pairs(report: IntegrityReport) -> None:
    found = only(report, "reports of one comparison", "schuster2025", "ISI")
    assert found.check.status == CONTRADICTION
    sets = found.check.table.groupby("set")["report"].agg(list)
    assert len(sets) == 2
    first, second = ("; ".join(rows) for rows in sets)
    assert "means of the two groups" in first
    assert "Cohen's d" in first
    assert "difference" in second
    assert "p = 0.049" in second
    assert {line for _, line in found.lines} >= {2, 3}


def test_d_cannot_reach_the_p_value(report: IntegrityReport) -> None:
    found = only(report, "effect size against test", "schuster2025")
    assert found.check.status == CONTRADICTION
    # d = 0.20 with 76 and 77: t = 0.20 √38.25 = 1.24, p = 0.22; 1.985 / √38.25 = 0.32.
    assert "p = 0.21 to 0.23" in found.check.sentence
    assert "p = 0.049" in found.check.sentence
    assert "is 0.32" in found.check.sentence
    assert found.where == "contrasts.csv, line 3"


def test_two_accounts_of_one_p_value(report: IntegrityReport) -> None:
    words = sentences(report, NUMBERS, "abbasi2012")
    assert "p = 0.37" in words
    assert "p = 0.002" in words


def test_the_crossover_needs_a_high_correlation(report: IntegrityReport) -> None:
    found = only(report, "means and SDs of the periods against p", "held2002")
    assert found.check.status == OK
    assert "correlate by at least 0.88" in found.check.sentence


def test_whom_the_percentages_are_of(report: IntegrityReport) -> None:
    for about, count in (("86.0%", 37), ("60.5%", 26)):
        found = only(report, "percentage against people", "supakatisant2015", about)
        assert found.check.status == OK
        assert f"{count} of 43 (half of those randomised)" in found.check.sentence
        assert "no count of 41 (the treatment group)" in found.check.sentence


def test_two_harms_against_seven(report: IntegrityReport) -> None:
    found = only(report, "reports of one comparison", "schuster2025", "adverse events, 4")
    assert found.check.status == CANNOT_BE_TESTED
    assert "2 against 7 events have an exact p = 0.098 to 0.17" in found.check.sentence


@pytest.mark.parametrize(
    ("study_id", "both"),
    [
        ("nielsen2010", ("111 people", "100 people")),
        ("nielsen2010", ("320 mg/day", "300 mg/day")),
        ("nielsen2010", ("8 weeks", "7 weeks")),
        ("breus2024", ("1 week", "2 weeks")),
        ("breus2024", ("45.49 years", "46.01 years")),
        ("breus2024", ("registered after it had begun", "2023-11-09")),
        ("hausenblas2024", ("registered after it had begun", "2024-04-15")),
        ("nct03353636", ("registered after it was completed", "2017-02-06")),
    ],
)
def test_registry_against_paper(
    report: IntegrityReport, study_id: str, both: tuple[str, str]
) -> None:
    words = sentences(report, DOCUMENTS, study_id).splitlines()
    assert any(all(part in line for part in both) for line in words)


def test_a_duration_that_was_not_printed_is_said_to_be_none(report: IntegrityReport) -> None:
    found = only(report, "two documents of one study", "nielsen2010", "duration")
    assert "no duration is printed in what was read; its last result is of week 7" in (
        found.check.sentence
    )


def test_nobody_else_is_told_of_a_contradiction(report: IntegrityReport) -> None:
    told = {(each.group, each.study_id) for each in report.contradictions}
    assert told == {
        (NUMBERS, "schuster2025"),
        (NUMBERS, "abbasi2012"),
        *((DOCUMENTS, name) for name in ("breus2024", "nielsen2010", "hausenblas2024")),
        *((DOCUMENTS, name) for name in ("foodgrown2023", "nct03601169", "nct03353636")),
        (UNUSUAL, "rondanelli2011"),
    }


def test_every_check_names_its_place(report: IntegrityReport) -> None:
    review = load_review("magnesium-sleep")
    for each in report.found:
        assert each.group in GROUPS
        assert each.lines
        assert each.label == review.label(each.study_id)
        for table, line in each.lines:
            assert line in review.tables[table].index
        assert each.check.sentence.endswith(".")
        assert each.check.reference
        assert (each.check.status == CANNOT_BE_TESTED) == bool(each.reason)


def test_no_sentence_accuses(report: IntegrityReport) -> None:
    words = " ".join(each.check.sentence for each in report.found).casefold()
    for word in ("fraud", "fabricat", "fake", "manipulat", "misconduct", "suspicious", "wrong"):
        assert word not in words
    for each in report.of(CONTRADICTION, group=NUMBERS):
        assert "right as printed" in each.check.sentence


def test_the_faces_of_the_report(report: IntegrityReport) -> None:
    frame = report.to_frame()
    assert len(frame) == sum(len(each.lines) for each in report.found)
    assert set(frame["status"]) == {OK, CONTRADICTION, CANNOT_BE_TESTED}
    counts = report.counts
    assert int(counts[[OK, CONTRADICTION, CANNOT_BE_TESTED]].to_numpy().sum()) == len(report.found)
    assert int(report.reasons["times"].sum()) == len(report.of(CANNOT_BE_TESTED))
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False)) == report.to_dict()
    page = report._repr_html_()
    assert page.index("cannot all be right") < page.index("Every check, counted")
    assert "Two documents of one study that differ" in page
    summary = report.summary()
    assert summary.splitlines()[0] == report.verdict()
    assert "contrasts.csv, line 3" in summary
    # Numbers come first, then documents, then the unusual.
    order = [GROUPS.index(each.group) for each in report.contradictions]
    assert order == sorted(order)
