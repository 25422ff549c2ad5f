"""Tests that name what does not exist: exactly that is reported, where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.broken import Case, Says, assert_says_exactly, parametrise
from tests.data.small import add_row, copy_row, set_cell, set_cells, small_review

from evidence.data import check_review
from evidence.data.claim_tests import CLAIM_TESTS, LOOKUPS
from evidence.data.codebook import codebook

_NTS = "study=alpha2020, outcome=nap-trouble"


def claim(name: str, test: str, message: str, found: str, do: str) -> Case:
    """Describe a case in which the test of the claim is overwritten."""
    says = Says("claims.csv", 2, "test", message, found, do)
    return Case(name, lambda review: set_cell(review, "claims", 2, "test", test), (says,))


def misreported(name: str, column: str, text: str, message: str, found: str, do: str) -> Case:
    """Describe a case in which one cell of the misreported figure is overwritten."""
    says = Says("misreported.csv", 2, column, message, found, do)
    return Case(name, lambda review: set_cell(review, "misreported", 2, column, text), (says,))


CASES = [
    # how a test is written
    claim("empty", "", "empty and must not be", "", "Fill it"),
    claim("free-text", "the analysis of naps", "has no parentheses", "analysis of naps", "sign 5"),
    claim("capitals", "Benefit(study=alpha2020)", "this is not a test",
          "Benefit(study=alpha2020)", "For example benefit(...)"),
    claim("open", "pooled_benefit(analysis=trouble", "separated by commas", "the end of the cell",
          ", or )"),
    claim("two", "none(reason=a); none(reason=b)", "behind the end of the test",
          "; none(reason=b)", "nothing more"),
    claim("python", "__import__('os').system('rm')", "this is not a test",
          "__import__('os').system('rm')", "For example"),
    claim("attribute", "benefit(study=alpha2020.__class__, outcome=nap-trouble)",
          "studies.csv has no such study", "alpha2020.__class__", "alpha2020"),
    # names of tests and arguments
    claim("unknown-test", f"benefits({_NTS})", "no such test", "benefits", "'benefit'?"),
    claim("unknown-test-far-off", "eval(x=1)", "no such test", "eval", "benefit"),
    claim("unknown-argument", f"benefit({_NTS}, tresholds=x)", "benefit has no such argument",
          "tresholds", "'threshold'?"),
    claim("misspelt-required", "benefit(study=alpha2020, outcom=nap-trouble)",
          "benefit has no such argument", "outcom", "'outcome'?"),
    claim("unknown-argument-far-off", f"benefit({_NTS}, zebra=x)", "no such argument", "zebra",
          "timepoint"),
    claim("missing-argument", "benefit(study=alpha2020)", "needs the argument 'outcome'",
          "benefit(study=alpha2020)", "outcome=outcome"),
    claim("list-for-one", "pooled_benefit(analysis=[trouble, spilling])", "one value, not a list",
          "trouble, spilling", "brackets"),
    claim("empty-value", "none(reason='')", "reason is empty", "''", "fill it"),
    claim("not-a-number", "trials(at_least=many)", "at_least is not a number", "many", "digits"),
    claim("not-finite", "fact_is(fact=leaf-share, value=1e999)", "value is out of range", "1e999",
          "decimals after a point"),
    claim("no-dose", "range_within_limits(low=0, high=400)", "low is out of range", "0",
          "a number above 0"),
    claim("no-trial", "trials(at_least=0)", "at_least is out of range", "0", "at least 1"),
    claim("number-in-words", "fact_is(fact=leaf-share, value=0,141)", "no name", "141)", "="),
    claim("not-a-choice", "certainty_at_least(analysis=trouble, level=moderately)",
          "no such choice", "moderately", "'moderate'?"),
    # names of things
    claim("unknown-study", "benefit(study=alpa2020, outcome=nap-trouble)", "no such study",
          "alpa2020", "'alpha2020'?"),
    claim("unknown-outcome", "benefit(study=alpha2020, outcome=nap-trubble)",
          "review.toml has no such outcome", "nap-trubble", "'nap-trouble'?"),
    claim("unknown-analysis", "pooled_benefit(analysis=truble)", "no such analysis", "truble",
          "'trouble'?"),
    claim("unknown-fact", "fact_is(fact=leaf-shares, value=1)", "facts.csv has no such fact",
          "leaf-shares", "'leaf-share'?"),
    claim("unknown-threshold", f"benefit({_NTS}, threshold=nts-smal)", "no such threshold",
          "nts-smal", "'nts-small'?"),
    claim("unknown-form", "same_form(study=alpha2020, form='moonwort leave')", "no such form",
          "moonwort leave", "'moonwort leaf'?"),
    claim("unknown-domain", "direction_consistent(domain=naps)", "review.toml has no such domain",
          "naps", "nap trouble"),
    claim("unknown-item", "says(study=alpha2020, item=conclusions, words=x)", "no such item",
          "conclusions", "'conclusion'?"),
    claim("in-a-list", "results_differ(studies=[alpha2020, beta202])", "no such study", "beta202",
          "'beta2021'?"),
    # names that exist, and not together
    claim("study-without-outcome", "benefit(study=beta2021, outcome=nap-trouble)",
          "contrasts.csv and arms.csv have no row", "beta2021 / nap-trouble", "Add the row"),
    claim("arms-without-outcome", "fewer_events(study=gamma2022, outcome=spills)",
          "arms.csv has no row", "gamma2022 / spills", "Add the row"),
    claim("than-without-outcome", f"more_effective({_NTS}, than=beta2021)", "have no row",
          "beta2021 / nap-trouble", "Add the row"),
    claim("unknown-timepoint", f"benefit({_NTS}, timepoint='week 5')", "has this timepoint",
          "week 5", "'week 4'?"),
    claim("unknown-treatment", f"benefit({_NTS}, treatment='moonwart tea')", "has this treatment",
          "moonwart tea", "'moonwort tea'?"),
    claim("unknown-arm", "mean_within(study=alpha2020, outcome=nap-trouble, timepoint='week 4', "
          "arm=tea, limit=leaf-share)", "has this arm", "tea", "hot water, moonwort tea"),
    claim("threshold-within-person", f"benefit({_NTS}, threshold=nts-change)",
          "for a change within a person, not between groups", "nts-change", "nts-large"),
    claim("threshold-of-another-outcome", "benefit(study=beta2021, outcome=nap-minutes, "
          "threshold=nts-small)", "belongs to another outcome", "nts-small", "Name one"),
    claim("item-not-told", "says(study=gamma2022, item=conclusion, words=x)",
          "no such item of this study", "gamma2022 / conclusion", "age"),
    claim("backwards", "range_within_limits(low=400, high=200)", "runs backwards", "400 to 200",
          "smaller number as low"),
    # joined tests
    claim("one-joined", "all(none(reason=a))", "at least two", "all(none(reason=a))", "inside it"),
    claim("joined-by-another", "pooled_benefit(none(reason=a))", "holds no other tests",
          "none(reason=a)", "Only all(...)"),
    claim("wrong-inside", "all(none(reason=a), pooled_benefit(analysis=truble))",
          "no such analysis", "truble", "'trouble'?"),
    claim("too-deep", "all(all(all(all())))", "too deep", "all())))", "up to 3 deep"),
    # misreported figures
    misreported("wrong-tier", "tier", "primary", "not one of the accepted", "primary",
                "misreported"),
    misreported("how-unknown", "wrong", "typo", "not one of the accepted", "typo", "invented"),
    misreported("names-a-site", "found", "14.1 grams, says teashop.com", "names a place",
                "teashop.com", "nobody is accused"),
    misreported("gives-an-address", "note", "See https://example.org", "names a place",
                "https://", "Take it out"),
    misreported("source-without-words", "quote", "", "cannot be checked", "", "Quote what"),
    misreported("unknown-source", "source_id", "nts-manua", "no such entry", "nts-manua",
                "'nts-manual'?"),
    misreported("unknown-lookup", "truth", "facts(fact=leaf-share)", "no such test", "facts",
                "'fact'?"),
    misreported("lookup-of-nothing", "truth", "fact(fact=leafs)", "no such fact", "leafs",
                "leaf-share"),
    misreported("lookup-not-a-test", "truth", "pooled_benefit(analysis=trouble)", "no such test",
                "pooled_benefit", "contrast"),
]  # fmt: skip


@parametrise(CASES)
def test_a_wrong_test_is_one_problem_with_its_mend(tmp_path: Path, case: Case) -> None:
    assert_says_exactly(tmp_path, case)


GOOD = [
    f"benefit({_NTS})",
    f"benefit({_NTS}, timepoint='week 4', treatment='moonwort tea', threshold=nts-small)",
    "fewer_events(study=alpha2020, outcome=spills)",
    f"more_effective({_NTS}, than=gamma2022)",
    "trials(form='dragon leaf', since=2020, at_least=1, at_most=3)",
    "direction_consistent()",
    "direction_consistent(domain='nap trouble')",
    "certainty_at_least(analysis=trouble, level='very low')",
    "results_differ(studies=[alpha2020, gamma2022])",
    "same_form(study=beta2021)",
    "described_as(study=alpha2020, people=60)",
    "says(study=alpha2020, item=funding, words='tea house')",
    "range_within_limits(low=200, high=200, meant=compound)",
    "all(none(reason='it''s unknown'), all(none(reason=a), none(reason=b)))",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_test_that_names_what_exists_is_fine(tmp_path: Path, text: str) -> None:
    review = small_review(tmp_path)
    set_cell(review, "claims", 2, "test", text)
    assert list(check_review(review)) == []


def test_each_slip_is_a_problem_of_its_own(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    text = "all(benefit(study=alpa2020, outcome=nap-trubble), pooled_benefit(analysis=truble))"
    set_cell(review, "claims", 2, "test", text)
    found = {problem.found for problem in check_review(review)}
    assert found == {"alpa2020", "nap-trubble", "truble"}


def test_a_slip_in_a_table_is_not_reported_of_the_test_too(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cell(review, "claims", 2, "test", f"benefit({_NTS}, timepoint='week 4')")
    set_cell(review, "contrasts", 2, "study_id", "alpa2020")
    (problem,) = check_review(review)
    assert problem.file == "contrasts.csv"


def test_a_broken_plan_is_not_reported_of_the_test_too(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cell(review, "claims", 2, "test", f"benefit({_NTS}, threshold=nts-small)")
    text = (review / "review.toml").read_text("utf-8").replace("value = 1.5", 'value = "1.5"')
    (review / "review.toml").write_text(text, "utf-8")
    (problem,) = check_review(review)
    assert problem.file == "review.toml"


def test_a_row_added_makes_the_test_right(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cell(review, "claims", 2, "test", "fewer_events(study=gamma2022, outcome=spills)")
    assert len(check_review(review)) == 1
    cells = {"study_id": "gamma2022", "outcome_id": "spills", "timepoint": "week 4", "total": "20",
             "source_id": "gamma-account", "quote": "1 of 20", "tier": "secondary"}  # fmt: skip
    add_row(review, "arms", **cells, arm="moonwort extract", role="treatment", events="1")
    assert not check_review(review)


def copies(review: Path, **cells: str) -> None:
    """Add the first comparison once more, with other cells."""
    copy_row(review, "contrasts", 2, **cells)


def test_of_several_times_one_has_to_be_named(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    copies(review, timepoint="week 8")
    set_cell(review, "claims", 2, "test", f"benefit({_NTS})")
    (problem,) = check_review(review)
    assert problem.message == "alpha2020 reports this outcome for several timepoints."
    assert problem.accepted == "week 4, week 8"
    set_cell(review, "claims", 2, "test", f"benefit({_NTS}, timepoint='week 8')")
    assert not check_review(review)


def test_of_several_treatments_one_has_to_be_named(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    copies(review, treatment="moonwort cake")
    set_cell(review, "claims", 2, "test", f"benefit({_NTS})")
    (problem,) = check_review(review)
    assert problem.accepted == "moonwort cake, moonwort tea"
    set_cell(review, "claims", 2, "test", f"benefit({_NTS}, treatment='moonwort cake')")
    assert not check_review(review)
    other = "more_effective(study=gamma2022, outcome=nap-trouble, than=alpha2020)"
    set_cell(review, "claims", 2, "test", other)
    (problem,) = check_review(review)
    assert "Name another study" in problem.advice


def test_a_misreported_figure_needs_no_source(tmp_path: Path) -> None:
    review = small_review(tmp_path)
    set_cells(review, "misreported", 2, wrong="invented", source_id="", quote="", truth="")
    assert not check_review(review)


def test_the_codebook_lists_every_test_and_argument() -> None:
    text = codebook()
    for test in (*CLAIM_TESTS.values(), *LOOKUPS.values()):
        (line,) = [one for one in text.splitlines() if one.startswith(f"| `{test.name}` |")
                   and test.asks in one]  # fmt: skip
        for argument in test.arguments:
            assert f"`{argument.name}` {argument.meaning}" in line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_review(tmp_path_factory.mktemp("fuzzed"))


_PIECES = [
    "benefit",
    "all",
    "none",
    "study",
    "outcome",
    "alpha2020",
    "nap-trouble",
    "low",
    "(",
    ")",
    "=",
    ",",
    "[",
    "]",
    "'",
    "1e999",
    "-",
    "high",
    "reason",
    "range_within_limits",
    "threshold",
    "nts-small",
    "than",
    "more_effective",
    "☃",
    "=HYPERLINK(1)",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join) | st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_a_cell_holds_is_fine_or_a_problem_of_the_cell(folder: Path, text: str) -> None:
    stays = " ".join(text.split()).encode("utf-8", "ignore").decode()
    set_cell(folder, "claims", 2, "test", stays)
    for problem in check_review(folder):
        assert (problem.file, problem.line, problem.column) == ("claims.csv", 2, "test")
        assert problem.accepted or problem.advice
