"""What studies planned, held against what can be read of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import add_row, read_rows, set_cell, set_cells, write_rows

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.reporting import RESULTS_DUE_MONTHS, Reporting, appraise_reporting
from evidence.data import Review, load_review
from evidence.errors import InvalidArgumentError, UnknownNameError

Change = Callable[[Path], object]

NOT_COMPARED = (
    "No registry entry or other plan was compared with its report, so how many planned outcomes "
    "are missing cannot be said."
)


def fact(study: str, item: str, value: str, **more: str) -> Change:
    """Return a change that adds a fact about a study."""
    cells = {"source_id": "alpha-article", "tier": "primary", "quote": "as registered", **more}
    return lambda folder: add_row(
        folder, "study_facts", study_id=study, item=item, value=value, **cells
    )


def fate(planned: str, reported: str, **more: str) -> Change:
    """Return a change that adds a planned outcome of Alpha 2020, which no table holds."""
    cells = {
        "study_id": "alpha2020",
        "rank": "secondary",
        "planned_in": "registry",
        "report_source_id": "alpha-article",
        "source_id": "alpha-article",
        "tier": "primary",
        "quote": "as planned",
        **more,
    }
    return lambda folder: add_row(
        folder, "registered_outcomes", planned=planned, reported=reported, **cells
    )


def unpublished(study: str = "delta", **more: str) -> Change:
    """Return a change that adds a registered trial without results."""
    cells = {
        "label": study.capitalize(),
        "role": "trial",
        "status": "registered",
        "design": "parallel trial",
        "source_id": "alpha-article",
        "tier": "primary",
        "quote": "results pending",
        **more,
    }
    return lambda folder: add_row(folder, "studies", study_id=study, **cells)


def without(table: str) -> Change:
    """Return a change that empties a table."""
    return lambda folder: write_rows(folder, table, read_rows(folder, table)[:1])


def lines(reporting: Reporting, start: str) -> list[str]:
    """Return the lines of the summary that start so."""
    return [line for line in reporting.summary().splitlines() if line.startswith(start)]


def test_nothing_was_compared(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(changed(without("registered_outcomes"), without("study_facts")))
    assert reporting.summary().splitlines() == [
        (
            "No trial is listed as registered without results; that says little where "
            "registries were not searched."
        ),
        NOT_COMPARED,
        (
            "Three trials (124 of 124 people) have no registration that was found: Alpha 2020, "
            "Beta 2021 and Gamma 2022."
        ),
        "Who paid is known of none of three trials.",
        "Interests were declared or found in none of three trials.",
    ]
    check = reporting.check()
    assert (check.status, check.sentence) == (CANNOT_BE_TESTED, NOT_COMPARED)
    assert not check.tested
    assert "ROB-ME" in check.reference
    assert "Chan" in check.reference


def test_a_report_that_was_not_read_is_nothing_compared(small: Path) -> None:
    reporting = appraise_reporting(load_review(small))
    assert lines(reporting, "One planned") == [
        "One planned outcome of one trial with results: one of unknown fate."
    ]
    assert reporting.check().status == CANNOT_BE_TESTED
    assert reporting.check().sentence == NOT_COMPARED
    assert reporting.lost.empty


def test_everything_as_planned(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(
        changed(fate("naps", "as planned"), fate("yawns", "as planned", rank="primary"))
    )
    check = reporting.check()
    assert check.status == OK
    assert check.sentence == (
        "Two planned outcomes that were held against a report: reported as planned."
    )
    assert list(reporting.planned["rank"]) == ["primary", "primary", "secondary"]
    assert list(reporting.planned["held_against"]) == ["", "article", "article"]


def test_what_is_lost_is_named_primary_first(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(
        changed(
            fate("snores", "not reported"),
            fate("yawns", "without numbers", rank="primary"),
            fate("dreams", "other rank", rank="not stated"),
            fate("naps", "as planned"),
            fate("smoke", "not known", report_source_id=""),
        )
    )
    assert lines(reporting, "Six planned") == [
        (
            "Six planned outcomes of one trial with results: one reported as planned, one reported "
            "without numbers that compare the groups, one reported with another rank, one not "
            "reported and two of unknown fate."
        )
    ]
    assert lines(reporting, "Primary") == [
        (
            "Primary outcomes not reported as planned, in what was read: "
            "Alpha 2020 (yawns: without numbers)."
        )
    ]
    assert lines(reporting, "Other") == [
        (
            "Other outcomes not reported as planned, in what was read: "
            "Alpha 2020 (snores: not reported; dreams: other rank)."
        )
    ]
    check = reporting.check()
    assert check.status == CONTRADICTION
    assert check.sentence == (
        "Three planned outcomes of one trial, one of them primary, are not reported as planned "
        "in what was read."
    )


@pytest.mark.parametrize("kind", ["abstract", "account"])
def test_an_abstract_that_leaves_something_out_contradicts_nothing(
    changed: Callable[..., Review], kind: str
) -> None:
    def read(folder: Path) -> None:
        set_cell(folder, "sources", 2, "kind", kind)

    reporting = appraise_reporting(changed(read, fate("snores", "without numbers")))
    assert len(reporting.glimpsed) == 1
    check = reporting.check()
    assert check.status == CANNOT_BE_TESTED
    assert check.sentence == (
        "One planned outcome of one trial is not reported as planned in what was read (it was "
        "looked for in an abstract or an account only)."
    )
    assert lines(reporting, "It was") == [
        ("It was looked for in an abstract or an account only; the full report may hold more.")
    ]


def test_plans_known_at_second_hand_are_counted(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(changed(fate("naps", "as planned", tier="secondary")))
    (line,) = lines(reporting, "Two planned")
    assert line.endswith("One of them is known at second hand.")


def test_a_trial_that_ended_and_was_never_published(changed: Callable[..., Review]) -> None:
    # The source was read on 2024-03-01.
    reporting = appraise_reporting(
        changed(
            unpublished(n_randomised="36"),
            fact("delta", "completed_on", "2023-03-01"),
            fact("delta", "completion_planned", "2022-03-01"),
            fact("delta", "recruitment", "completed"),
        )
    )
    assert list(reporting.overdue["label"]) == ["Delta"]
    row = reporting.silent.iloc[0]
    assert (row["months"], row["end_is"], row["people_are"]) == (12, "completed", "taken in")
    assert reporting.summary().splitlines()[:2] == [
        (
            "One trial is registered without public results: Delta (36 people; completed on "
            "2023-03-01, 12 months before it was read; completed, says the entry)."
        ),
        (
            "Delta ended, or should have, at least 12 months before being looked up: results "
            "are due by then."
        ),
    ]
    check = reporting.check()
    assert check.status == CONTRADICTION
    assert check.sentence == (
        "One registered trial that ended, or should have, at least 12 months before being looked "
        "up has no public results."
    )
    assert RESULTS_DUE_MONTHS == 12


@pytest.mark.parametrize(
    ("ended", "months"),
    [
        ("2023-03-02", 11),
        ("2023-03", 11),
        ("2023-02", 12),
        ("2023", 2),
        ("2024-03-01", 0),
        ("2024-03-02", -1),
        ("2025", -22),
    ],
)
def test_the_months_are_whole_and_count_from_the_last_day_it_can_mean(
    changed: Callable[..., Review], ended: str, months: int
) -> None:
    reporting = appraise_reporting(
        changed(unpublished(), fact("delta", "completion_planned", ended))
    )
    assert list(reporting.unpublished["months"]) == [months]
    assert len(reporting.overdue) == (months >= 12)
    (line,) = lines(reporting, "One trial is")
    assert ("after it was read" in line) == (months < 0)
    assert ended in line


def test_what_is_not_known_of_an_unpublished_trial(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(
        changed(
            unpublished("delta", source_id="beta-article"),
            unpublished("eta"),
            fact("eta", "completed_on", "2020-01-01", source_id="beta-article"),
        )
    )
    (line,) = lines(reporting, "Two trials are registered")
    assert "Delta (number of people not known; its end not known)" in line
    assert (
        "Eta (number of people not known; completed on 2020-01-01, how long before it was read "
        "is not known)" in line
    )
    assert line.endswith("How many people they count is not known.")
    assert reporting.overdue.empty
    assert reporting.check().status == CANNOT_BE_TESTED


def test_planned_people_and_an_old_entry(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(
        changed(
            unpublished("delta"),
            unpublished("eta"),
            unpublished("theta", n_randomised="9"),
            fact("delta", "n_planned", "1 dragon", number="1", unit="people"),
            fact("delta", "completion_planned", "2024-02-01"),
            fact("delta", "entry_updated", "2023-05-05"),
        )
    )
    (line,) = lines(reporting, "Three trials are")
    assert (
        "Delta (one person planned; was to end on 2024-02-01, one month before it was read, in "
        "an entry last changed on 2023-05-05)" in line
    )
    assert line.endswith("Together they took in, or planned, 10 people, not counting Eta.")


def test_a_registered_study_that_is_no_trial_of_the_question(
    changed: Callable[..., Review],
) -> None:
    reporting = appraise_reporting(changed(unpublished(role="mechanism")))
    assert lines(reporting, "No trial is listed")
    assert lines(reporting, "One registered study") == [
        (
            "One registered study, no trial of the question, has no public results either: Delta "
            "(number of people not known; its end not known)."
        )
    ]
    assert reporting.silent.empty


def test_plans_of_unpublished_studies_are_no_lost_outcomes(
    changed: Callable[..., Review],
) -> None:
    reporting = appraise_reporting(
        changed(
            unpublished(),
            fate("naps", "results not public", study_id="delta", report_source_id=""),
        )
    )
    assert list(reporting.planned["public"]) == [True, False]
    assert reporting.lost.empty
    assert lines(reporting, "One planned outcome of one trial with results")


@pytest.mark.parametrize(
    ("facts", "timing"),
    [
        ({"registration_timing": "prospective"}, "prospective"),
        ({"registration_timing": "retrospective", "registration": "R1"}, "retrospective"),
        ({"registration": "R1"}, "timing not known"),
        ({"registration": "not registered"}, "not registered"),
        ({"registered_on": "2019-01-01", "started_on": "2019-01-01"}, "prospective"),
        ({"registered_on": "2019-01-02", "started_on": "2019-01-01"}, "retrospective"),
        ({"registered_on": "2019", "started_on": "2019-06-01"}, "not known"),
        (
            {"registration": "R1", "registered_on": "2019", "started_on": "2019-06-01"},
            "timing not known",
        ),
        ({}, "not known"),
    ],
)
def test_when_a_trial_was_registered(
    changed: Callable[..., Review], facts: dict[str, str], timing: str
) -> None:
    added = [fact("alpha2020", item, value) for item, value in facts.items()]
    table = appraise_reporting(changed(*added)).registration
    assert table.loc[table["study_id"] == "alpha2020", "timing"].item() == timing


def test_registration_in_words(changed: Callable[..., Review]) -> None:
    def nobody_counted(folder: Path) -> None:
        set_cell(folder, "studies", 3, "n_randomised", "")

    reporting = appraise_reporting(
        changed(
            nobody_counted,
            fact("alpha2020", "registration_timing", "prospective"),
            fact("gamma2022", "registration_timing", "prospective"),
            fact("gamma2022", "registration_timing", "retrospective"),
        )
    )
    assert reporting.summary().splitlines()[2:5] == [
        "One trial (60 of 100 people) was registered before it started: Alpha 2020.",
        (
            "One trial (40 of 100 people) is said to be registered both before and after it "
            "started: Gamma 2022."
        ),
        (
            "One trial has no registration that was found: Beta 2021. Not counted are "
            "the people of Beta 2021."
        ),
    ]


def test_who_paid(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(
        changed(fact("beta2021", "conflict_of_interest", "the first author sells tea"))
    )
    assert lines(reporting, "Who paid") == [
        "Who paid is known of one of three trials: Alpha 2020 (a tea house)."
    ]
    assert lines(reporting, "Interests") == [
        (
            "Interests were declared or found in one of three trials: Beta 2021 (the first author "
            "sells tea)."
        )
    ]


def test_trials_without_a_usable_effect(changed: Callable[..., Review]) -> None:
    def no_arms_of_gamma(folder: Path) -> None:
        rows = read_rows(folder, "arms")
        write_rows(folder, "arms", [row for row in rows if row[0] != "gamma2022"])

    review = changed(no_arms_of_gamma, without("exclusions"))
    reporting = appraise_reporting(review, analysis_id="trouble")
    assert list(reporting.unusable["label"]) == ["Gamma 2022"]
    (line,) = lines(reporting, "Nap trouble: one trial reports")
    assert "Gamma 2022 (" in line
    assert not lines(appraise_reporting(review), "Nap trouble")


def test_every_trial_is_usable_or_left_out_by_decision(small: Path) -> None:
    reporting = appraise_reporting(load_review(small), analysis_id="trouble")
    assert reporting.unusable.empty
    assert lines(reporting, "Nap trouble") == [
        (
            "Nap trouble: every trial that reports an outcome of this analysis gives a usable "
            "effect, or is left out by decision."
        )
    ]


def test_only_some_outcomes(changed: Callable[..., Review]) -> None:
    review = changed(fate("naps", "as planned", outcome_id="nap-minutes"), fate("x", "as planned"))
    assert len(appraise_reporting(review).planned) == 3
    assert list(appraise_reporting(review, outcomes=["nap-minutes"]).planned["planned"]) == ["naps"]
    assert appraise_reporting(review, outcomes=[]).planned.empty
    assert list(appraise_reporting(review).planned["outcome"]) == ["NTS", "minutes", ""]


def test_what_is_refused(small: Path) -> None:
    review = load_review(small)
    with pytest.raises(InvalidArgumentError, match=r"give a list of outcome ids, such as \['nap"):
        appraise_reporting(review, outcomes="nap-trouble")
    with pytest.raises(UnknownNameError, match="nap-trouble"):
        appraise_reporting(review, outcomes=["nap-trubble"])
    with pytest.raises(UnknownNameError, match="truble"):
        appraise_reporting(review, analysis_id="truble")


def test_no_trials_at_all(changed: Callable[..., Review]) -> None:
    def no_trials(folder: Path) -> None:
        for line in (2, 3, 4):
            set_cells(folder, "studies", line, role="mechanism")

    reporting = appraise_reporting(changed(no_trials), analysis_id="trouble")
    assert reporting.summary().splitlines()[1:3] == [
        NOT_COMPARED,
        "There is no trial with public results.",
    ]
    assert reporting.check().status == CANNOT_BE_TESTED


def test_its_faces(changed: Callable[..., Review]) -> None:
    reporting = appraise_reporting(
        changed(
            unpublished("delta", label="<b>Delta</b>"),
            fact("delta", "completed_on", "2020-01-01"),
            fate("snores", "not reported"),
        ),
        analysis_id="trouble",
    )
    frame = reporting.to_frame()
    assert list(frame.columns) == ["about", "study", "what", "found"]
    assert set(frame["about"]) == {
        "no public results",
        "planned outcome (primary)",
        "planned outcome (secondary)",
        "registration",
        "funding",
    }
    assert not frame.isna().any().any()
    values = json.loads(json.dumps(reporting.to_dict(), allow_nan=False))
    assert values["unpublished"][0]["months"] == 50
    assert values["unpublished"][0]["people"] is None
    assert values["planned"][0]["public"] is True
    json.dumps(reporting.check().to_dict(), allow_nan=False)
    page = reporting._repr_html_()
    assert "<b>Delta" not in page
    assert "&lt;b&gt;Delta" in page
    assert page.count("<table") == 1


def test_the_order_of_the_rows_changes_no_count(changed: Callable[..., Review]) -> None:
    review = changed(
        fate("a", "as planned"),
        fate("b", "not reported"),
        lambda folder: write_rows(
            folder,
            "registered_outcomes",
            [
                read_rows(folder, "registered_outcomes")[0],
                *read_rows(folder, "registered_outcomes")[:0:-1],
            ],
        ),
    )
    reporting = appraise_reporting(review)
    assert reporting.check().status == CONTRADICTION
    assert len(reporting.lost) == 1


def test_the_worked_case(review: Review) -> None:
    """Sentences and tables count the same rows, and every registered study is named."""
    reporting = appraise_reporting(review, analysis_id=next(iter(review.plan.analyses)))
    registered = review.studies[review.studies["status"] == "registered"]
    assert set(reporting.unpublished["study_id"]) == set(registered["study_id"])
    text = reporting.summary()
    assert all(label in text for label in registered["label"])
    assert all(label in text for label in reporting.lost["label"])
    assert all(reason in text for reason in reporting.unusable["reason"])
    trials = review.studies[(review.studies["role"] == "trial")]
    with_results = trials[trials["status"] != "registered"]
    assert list(reporting.registration["label"]) == list(with_results["label"])
    counted = reporting.registration["people"].sum()
    assert f"of {counted:,} people" in text
    assert reporting.check().status == CONTRADICTION
    assert len(reporting.planned) == len(review.registered_outcomes)


def test_every_date_and_timing_of_the_worked_case_has_been_read_as_one(review: Review) -> None:
    table = appraise_reporting(review).unpublished
    ended = table[table["ended_on"] != ""]
    assert len(ended) >= 3
    assert ended["months"].notna().all()
    assert (table["read_on"] != "").all()
