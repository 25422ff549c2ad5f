"""Each test on a small review: what holds, what does not, and what nothing can decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import add_row, set_cell, set_cells

from evidence.data import load_review
from evidence.data.claim_tests import parse_test
from evidence.judgement.claims import rules
from evidence.judgement.claims.evaluate import Outcome, carry_out
from evidence.judgement.claims.finding import Bench

Run = Callable[[str], Outcome]


@pytest.fixture
def run(small: Path) -> Run:
    """Write a test into the small review, load it, and carry it out."""

    def carried(text: str) -> Outcome:
        set_cell(small, "claims", 2, "test", text)
        review = load_review(small)
        test = parse_test(str(review.claims["test"].iloc[0]))
        return carry_out(Bench(review), test)

    return carried


def state(outcome: Outcome) -> str:
    return outcome.finding.state


_NTS = "study=alpha2020, outcome=nap-trouble"


def test_benefit(run: Run, small: Path) -> None:
    outcome = run(f"benefit({_NTS}, timepoint='week 4')")
    assert (state(outcome), outcome.verdict) == (rules.MATTERS, "supported")
    assert "2.2 points better" in outcome.finding.number
    assert "matters from 1.5 and 5.0 points" in outcome.finding.number
    assert outcome.finding.values["benefit"] == pytest.approx(2.2)
    assert ("contrasts", 2) in outcome.finding.rows
    assert outcome.finding.rated == "suggested for Nap trouble"
    small_one = run(f"benefit({_NTS}, timepoint='week 4', threshold=nts-large)")
    assert small_one.verdict == "supported but smaller than it sounds"
    assert state(run("benefit(study=beta2021, outcome=nap-minutes)")) == rules.NOT_SHOWN
    set_cells(small, "contrasts", 4, measure="none", p="0.20", p_relation="")
    assert "NTS" in run("benefit(study=gamma2022, outcome=nap-trouble)").finding.number


def test_benefit_by_a_threshold_that_is_on_another_scale(run: Run, small: Path) -> None:
    for line in (3, 4):
        set_cell(small, "arms", line, "mean", "")
        set_cell(small, "arms", line, "kind", "")
    cells = {"measure": "none", "estimate": "", "ci_low": "", "ci_high": "", "p": "0.001"}
    set_cells(small, "contrasts", 2, positive_means="", **cells)
    test = f"benefit({_NTS}, timepoint='week 4'"
    assert state(run(f"{test})")) == rules.UNJUDGED
    outcome = run(f"{test}, threshold=nts-small)")
    assert (state(outcome), outcome.verdict) == (rules.UNTOLD, "uncertain")
    assert "not on the scale of nts-small" in outcome.finding.number


def test_benefit_where_reports_contradict_each_other(run: Run, small: Path) -> None:
    set_cells(small, "contrasts", 2, estimate="-2.20", ci_low="-9.00", ci_high="4.60", p="")
    outcome = run(f"benefit({_NTS}, timepoint='week 4')")
    assert state(outcome) == rules.DISAGREE
    assert "; or NTS" in outcome.finding.number


@pytest.mark.parametrize(
    ("treated", "control", "expected", "verdict"),
    [
        (3, 0, rules.NOT_SHOWN, "uncertain"),
        (0, 0, rules.NOT_SHOWN, "uncertain"),
        (1, 12, rules.UNJUDGED, "supported"),
        (12, 1, rules.WORSE, "contradicted"),
    ],
)
def test_fewer_events(
    run: Run, small: Path, treated: int, control: int, expected: str, verdict: str
) -> None:
    set_cell(small, "arms", 5, "events", str(treated))
    set_cell(small, "arms", 6, "events", str(control))
    outcome = run("fewer_events(study=alpha2020, outcome=spills)")
    assert (state(outcome), outcome.verdict) == (expected, verdict)
    assert f"{treated} against {control} events" in outcome.finding.number


def test_fewer_events_where_only_some_divisions_of_the_people_show_it(
    run: Run, small: Path
) -> None:
    set_cells(small, "arms", 5, events="0", n_basis="randomised")
    set_cells(small, "arms", 6, events="5", n_basis="randomised")
    fact = {"study_id": "alpha2020", "item": "n_analysed", "value": "50 analysed", "number": "50",
            "unit": "people", "source_id": "alpha-article", "quote": "50",
            "tier": "primary"}  # fmt: skip
    add_row(small, "study_facts", **fact)
    outcome = run("fewer_events(study=alpha2020, outcome=spills)")
    assert state(outcome) == rules.DISAGREE
    assert "every way the people can have been divided" in outcome.finding.number


def test_fewer_events_where_one_group_is_not_told(run: Run, small: Path) -> None:
    set_cell(small, "arms", 6, "role", "all")
    outcome = run("fewer_events(study=alpha2020, outcome=spills)")
    assert outcome.verdict == "cannot be checked"
    assert outcome.finding.rows


def test_compare_arms(run: Run, small: Path) -> None:
    test = "compare_arms(study=alpha2020, outcome=nap-trouble, timepoint='week 4')"
    assert state(run(test)) == rules.MATTERS
    # Without spread, and without the contrast, the two means alone are left.
    for line in (3, 4):
        set_cell(small, "arms", line, "sd", "")
    set_cells(small, "contrasts", 2, timepoint="week 8")
    outcome = run(test)
    assert (state(outcome), outcome.verdict) == (rules.NO_SPREAD, "uncertain")
    assert "9.10 points with moonwort tea against 11.30 points" in outcome.finding.number
    assert outcome.finding.values["benefit"] == pytest.approx(2.2)
    set_cell(small, "arms", 4, "role", "all")
    assert state(run(test)) == rules.SILENT


def test_more_effective(run: Run, small: Path) -> None:
    outcome = run(f"more_effective({_NTS}, than=gamma2022)")
    # 2.2 (SE about 1.07) against 1.5 (SE about 1.16).
    assert state(outcome) == rules.NOT_SHOWN
    values = outcome.finding.values
    assert values["benefit"] == pytest.approx(0.7)
    assert values["ratio"] == pytest.approx(2.2 / 1.5)
    assert values["low"] < 0 < values["high"]
    assert "each against its own comparator" in outcome.finding.number
    set_cells(small, "arms", 7, mean="-9.1", ci_low="-9.11", ci_high="-9.09")
    set_cells(small, "arms", 8, mean="-0.1", ci_low="-0.11", ci_high="-0.09")
    worse = run(f"more_effective({_NTS}, than=gamma2022)")
    assert (state(worse), worse.verdict) == (rules.WORSE, "contradicted")
    other = run("more_effective(study=gamma2022, outcome=nap-trouble, than=alpha2020)")
    assert (state(other), other.verdict) == (rules.UNJUDGED, "supported")


def test_more_effective_without_a_common_scale(run: Run, small: Path) -> None:
    for line in (7, 8):
        set_cells(small, "arms", line, ci_low="", ci_high="")
    outcome = run(f"more_effective({_NTS}, than=gamma2022)")
    assert outcome.verdict == "cannot be checked"


def test_pooled_benefit(run: Run, small: Path) -> None:
    outcome = run("pooled_benefit(analysis=trouble)")
    assert state(outcome) == rules.MATTERS
    assert outcome.finding.certainty
    assert outcome.finding.rated == "suggested for Nap trouble"
    add_row(small, "exclusions", analysis_id="trouble", study_id="alpha2020", reason="No.")
    refused = run("pooled_benefit(analysis=trouble)")
    assert refused.verdict == "cannot be checked"
    assert refused.finding.number.startswith("Nap trouble: ")


def test_certainty_at_least(run: Run, small: Path) -> None:
    assert state(run("certainty_at_least(analysis=trouble, level='very low')")) == rules.HOLDS
    failing = run("certainty_at_least(analysis=trouble, level=high)")
    assert (state(failing), failing.verdict) == (rules.FAILS, "contradicted")
    assert "where high is wanted" in failing.finding.number
    add_row(small, "exclusions", analysis_id="trouble", study_id="alpha2020", reason="No.")
    assert state(run("certainty_at_least(analysis=trouble, level=high)")) == rules.SILENT


@pytest.mark.parametrize(
    ("arguments", "expected", "count"),
    [
        ("at_least=1", rules.ON_ONE, 1),
        ("at_least=2", rules.FAILS, 1),
        ("at_most=1", rules.HOLDS, 1),
        ("at_most=0", rules.FAILS, 1),
        ("form='dragon leaf', at_most=1", rules.HOLDS, 1),
        ("form='moonwort extract', at_least=1", rules.ON_ONE, 1),
        ("since=2021, at_least=1", rules.FAILS, 0),
        ("since=2020, at_most=1", rules.HOLDS, 1),
    ],
)
def test_trials(run: Run, arguments: str, expected: str, count: int) -> None:
    outcome = run(f"trials({arguments})")
    assert state(outcome) == expected
    assert outcome.finding.values["trials"] == count


def test_trials_of_several(run: Run, small: Path) -> None:
    set_cell(small, "studies", 3, "form", "tea leaf")
    assert state(run("trials(at_least=2)")) == rules.HOLDS
    set_cell(small, "studies", 3, "status", "registered")
    assert state(run("trials(at_least=2)")) == rules.FAILS


def test_direction_consistent(run: Run, small: Path) -> None:
    assert state(run("direction_consistent()")) == rules.HOLDS
    assert state(run("direction_consistent(domain='nap duration')")) == rules.ON_ONE
    set_cell(small, "contrasts", 4, "direction", "not reported")
    assert state(run("direction_consistent()")) == rules.OPEN
    set_cell(small, "contrasts", 4, "direction", "none")
    outcome = run("direction_consistent()")
    assert (state(outcome), outcome.verdict) == (rules.FAILS, "contradicted")
    assert "Gamma 2022" in outcome.finding.number
    assert state(run("direction_consistent(domain=harms)")) == rules.SILENT


def test_results_differ(run: Run, small: Path) -> None:
    outcome = run("results_differ(studies=[alpha2020, gamma2022])")
    assert state(outcome) == rules.HOLDS
    assert outcome.finding.values == {"shown": 1.0, "not_shown": 1.0}
    assert state(run("results_differ(studies=alpha2020)")) == rules.FAILS
    set_cells(small, "contrasts", 4, p="0.5", p_relation="<")
    for line in (7, 8):
        set_cells(small, "arms", line, ci_low="", ci_high="")
    assert state(run("results_differ(studies=[gamma2022])")) == rules.SILENT


def test_same_form(run: Run, small: Path) -> None:
    assert state(run("same_form(study=alpha2020)")) == rules.HOLDS
    assert state(run("same_form(study=alpha2020, form='dragon leaf')")) == rules.HOLDS
    other = run("same_form(study=gamma2022)")
    assert (state(other), other.verdict) == (rules.FAILS, "not what the source says")
    unnamed = run("same_form(study=beta2021)")
    assert (state(unnamed), unnamed.verdict) == (rules.UNNAMED, "not what the source says")
    add_row(small, "study_facts", study_id="beta2021", item="form", value="a secret",
            source_id="gamma-account", quote="a secret", tier="secondary")  # fmt: skip
    assert "a secret (second-hand)" in run("same_form(study=beta2021)").finding.number


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("people=60, year=2020, blinding=double", rules.HOLDS),
        ("people=61, year=2020", rules.FAILS),
        ("design='crossover trial'", rules.FAILS),
        ("comparator='Hot Water'", rules.HOLDS),
    ],
)
def test_described_as(run: Run, arguments: str, expected: str) -> None:
    assert state(run(f"described_as(study=alpha2020, {arguments})")) == expected


def test_described_as_where_it_is_not_told(run: Run) -> None:
    outcome = run("described_as(study=gamma2022, people=40, blinding=double)")
    assert state(outcome) == rules.HOLDS
    assert "blinding not told" in outcome.finding.number
    assert state(run("described_as(study=gamma2022, blinding=double)")) == rules.SILENT


def test_says(run: Run, small: Path) -> None:
    test = "says(study=alpha2020, item=funding, words='Tea House')"
    one = run(test)
    assert (state(one), one.verdict) == (rules.IN_WORDS, "uncertain")
    assert "(one study, of moonwort leaf)" in one.finding.number
    wrong = run("says(study=alpha2020, item=funding, words='coffee house')")
    assert (state(wrong), wrong.verdict) == (rules.FAILS, "not what the source says")
    # What a review says of its studies is what such a claim is about.
    set_cells(small, "studies", 2, role="review", design="systematic review")
    assert state(run(test)) == rules.HOLDS


def with_schedule(small: Path, low: str, high: str) -> None:
    add_row(small, "study_facts", study_id="alpha2020", item="schedule", value="before naps",
            low=low, high=high, unit="minutes before naps", source_id="alpha-article",
            quote="before naps", tier="primary")  # fmt: skip


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("low=30, high=60", rules.HOLDS),
        ("low=50, high=90", rules.HOLDS),
        ("low=60, high=120", rules.FAILS),  # one end in common is none
        ("low=0, high=30", rules.FAILS),
        ("low=0, high=600", rules.HOLDS),
    ],
)
def test_time_tested(run: Run, small: Path, span: str, expected: str) -> None:
    with_schedule(small, "30", "60")
    assert state(run(f"time_tested(study=alpha2020, {span})")) == expected


def test_time_tested_at_one_moment(run: Run, small: Path) -> None:
    with_schedule(small, "30", "30")
    assert state(run("time_tested(study=alpha2020, low=30, high=60)")) == rules.HOLDS
    assert state(run("time_tested(study=alpha2020, low=31, high=60)")) == rules.FAILS


def test_time_tested_where_nobody_tells(run: Run) -> None:
    assert state(run("time_tested(study=alpha2020, low=1, high=2)")) == rules.SILENT


# Moonwort leaf is CaCO3, of which 40.04% is calcium: 2.50 g hold 1,001 mg.
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("low=900, high=1100, meant=element", rules.HOLDS),
        ("low=900, high=1100, meant=compound", rules.FAILS),
        ("low=2400, high=2600, meant=compound", rules.HOLDS),
        ("low=900, high=1100", rules.DEPENDS),
        ("low=2400, high=2600", rules.DEPENDS),
        ("low=900, high=2600", rules.HOLDS),
        ("low=1, high=2", rules.FAILS),
    ],
)
def test_dose_tested(run: Run, arguments: str, expected: str) -> None:
    outcome = run(f"dose_tested({arguments})")
    assert state(outcome) == expected
    assert "1,001 mg" in outcome.finding.number


def with_limit(small: Path, value: str, fact_id: str = "limit") -> None:
    add_row(small, "facts", fact_id=fact_id, quantity="tolerable upper intake level",
            subject="calcium", value=value, unit="mg/day", source_id="nts-manual",
            quote="no more", tier="primary")  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "expected", "verdict"),
    [
        ("low=50, high=100", rules.HOLDS, "supported"),
        ("low=200, high=400", rules.DEPENDS, "contradicted"),
        ("low=200, high=400, meant=compound", rules.HOLDS, "supported"),
        ("low=200, high=400, meant=element", rules.FAILS, "contradicted"),
        ("low=2000, high=4000", rules.FAILS, "contradicted"),
    ],
)
def test_range_within_limits(
    run: Run, small: Path, arguments: str, expected: str, verdict: str
) -> None:
    with_limit(small, "300")
    outcome = run(f"range_within_limits({arguments})")
    assert (state(outcome), outcome.verdict) == (expected, verdict)
    assert ("compounds", 2) in outcome.finding.rows


def test_every_limit_counts_and_none_is_none(run: Run, small: Path) -> None:
    assert state(run("range_within_limits(low=50, high=100)")) == rules.SILENT
    with_limit(small, "300")
    with_limit(small, "30", "lower-limit")
    assert state(run("range_within_limits(low=50, high=100)")) == rules.FAILS


def test_a_range_of_a_form_without_a_formula_cannot_be_read(run: Run, small: Path) -> None:
    outcome = run("range_within_limits(low=1, high=2, form='not stated')")
    assert outcome.verdict == "cannot be checked"
    assert run("dose_tested(low=1, high=2, form='not stated')").verdict == "cannot be checked"
    assert run("element_in(form='not stated', amount=1, below=1)").verdict == "cannot be checked"


@pytest.mark.parametrize(
    ("below", "expected"), [("500", rules.HOLDS), ("200.3", rules.HOLDS), ("200", rules.FAILS)]
)
def test_element_in(run: Run, below: str, expected: str) -> None:
    outcome = run(f"element_in(amount=500, below={below})")
    assert state(outcome) == expected
    assert outcome.finding.values["element"] == pytest.approx(500 * 40.078 / 100.087, rel=1e-4)


def test_element_in_a_name_of_several_compounds(run: Run, small: Path) -> None:
    set_cell(small, "compounds", 3, "also_called", "moonwort leaf")
    # CaCl2·2H2O holds 27.3%.
    assert state(run("element_in(amount=500, below=150)")) == rules.DEPENDS


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.141", rules.HOLDS), ("0.1414", rules.HOLDS), ("0.1416", rules.FAILS)],
)
def test_fact_is(run: Run, value: str, expected: str) -> None:
    assert state(run(f"fact_is(fact=leaf-share, value={value})")) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"value": "0.2"}, rules.HOLDS),
        ({"value": "0.1"}, rules.FAILS),
        ({"low": "0.15", "high": "0.3"}, rules.HOLDS),
        ({"low": "0.1", "high": "0.3"}, rules.FAILS),
        ({"value": "0.2", "unit": "percent"}, rules.SILENT),
    ],
)
def test_fact_within(run: Run, small: Path, cells: dict[str, str], expected: str) -> None:
    row = {"fact_id": "other", "quantity": "share", "subject": "stones", "unit": "g/g",
           "source_id": "nts-manual", "quote": "stones", "tier": "primary", **cells}  # fmt: skip
    add_row(small, "facts", **row)
    assert state(run("fact_within(fact=leaf-share, limit=other)")) == expected


def test_a_range_that_reaches_over_a_limit_depends(run: Run, small: Path) -> None:
    set_cells(small, "facts", 2, value="", low="0.1", high="0.3")
    row = {"fact_id": "other", "quantity": "share", "subject": "stones", "unit": "g/g",
           "source_id": "nts-manual", "quote": "stones", "tier": "primary",
           "value": "0.2"}  # fmt: skip
    add_row(small, "facts", **row)
    assert state(run("fact_within(fact=leaf-share, limit=other)")) == rules.DEPENDS


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [("9.1", "points", rules.HOLDS), ("9.0", "points", rules.FAILS), ("9", "g", rules.SILENT)],
)
def test_mean_within(run: Run, small: Path, value: str, unit: str, expected: str) -> None:
    add_row(small, "facts", fact_id="bar", quantity="a bar", subject="naps", value=value,
            unit=unit, source_id="nts-manual", quote="a bar", tier="primary")  # fmt: skip
    test = f"mean_within({_NTS}, timepoint='week 4', arm='moonwort tea', limit=bar)"
    assert state(run(test)) == expected


def test_none(run: Run) -> None:
    outcome = run("none(reason='nobody looked')")
    assert (outcome.verdict, outcome.finding.number) == ("cannot be checked", "nobody looked")


def test_all(run: Run) -> None:
    good, bad = "same_form(study=alpha2020)", "same_form(study=gamma2022)"
    joined = run(f"all({good}, {bad}, none(reason=a))")
    assert joined.verdict == "not what the source says"
    assert joined.finding.number == joined.parts[1].finding.number
    assert len(joined.parts) == 3
    both = run(f"all({good}, trials(at_most=1))")
    assert both.verdict == "supported"
    # All that decide are told, with all their rows.
    for part in both.parts:
        assert part.finding.number in both.finding.number
        assert set(part.finding.rows) <= set(both.finding.rows)
