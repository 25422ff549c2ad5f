"""The claims of the worked case: what becomes of each, and what changes when the data change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.small import read_rows, set_cell
from tests.judgement.altered import copy_review, drop, edit

from evidence.data import Review, load_review
from evidence.data.claim_tests import parse_test
from evidence.data.claim_tests.vocabulary import ALL
from evidence.errors import InvalidReviewError, UnknownNameError
from evidence.judgement import audit_claims
from evidence.judgement.claims import VERDICTS, ClaimAudit
from evidence.judgement.claims.evaluate import Outcome, carry_out
from evidence.judgement.claims.finding import Bench

S, L, U, N, C, X = VERDICTS
#: What becomes of each claim; a change here is a change of what this project says.
EXPECTED = {
    "a01": X, "a02": X, "a03": U, "a04": X, "a05": U, "a06": U, "a07": S, "a08": X, "a09": X,
    "a10": X, "a11": X, "a12": X, "a13": L, "a14": S, "a15": U, "a16": X, "a17": U, "a18": U,
    "a19": U, "a20": N, "a21": U, "a22": C, "a23": S, "a24": N, "a25": X, "a26": S, "a27": C,
    "a28": S, "a29": X, "a30": X, "a31": X, "a32": X, "a33": X, "a34": X, "a35": C, "a36": C,
    "a37": X, "a38": U,
    "b01": U, "b02": N, "b03": C, "b04": U, "b05": U, "b06": X, "b07": X, "b08": X, "b09": U,
    "b10": X, "b11": S, "b12": S, "b13": X, "b14": S, "b15": U,
}  # fmt: skip


@pytest.fixture(scope="module")
def audit(review: Review) -> ClaimAudit:
    return audit_claims(review)


def test_every_claim_has_its_verdict(audit: ClaimAudit) -> None:
    assert {claim.claim_id: claim.verdict for claim in audit} == EXPECTED


def test_the_articles_are_covered(audit: ClaimAudit) -> None:
    assert sum(claim.article_id == "article-a" for claim in audit) >= 25
    assert sum(claim.article_id == "article-b" for claim in audit) >= 10
    # Every verdict occurs, so that none of them is only on paper.
    assert {claim.verdict for claim in audit} == set(VERDICTS)


def test_every_claim_says_what_decides_by_which_rule_and_where_it_stands(
    audit: ClaimAudit,
) -> None:
    for claim in audit:
        assert claim.number, claim.claim_id
        assert not {"nan", "None", "<NA>"} & set(claim.summary().split()), claim.claim_id
        assert claim.outcome.rule.because in claim.summary()
        assert bool(claim.sources) == (claim.verdict != X), claim.claim_id
        if claim.second_hand:
            assert "(second-hand)" in claim.summary()


#: What must come out, with a part of the number that decides.
CASES = {
    "a20": "Breus 2024 names no form",
    "a17": "2 against 7 events, exact test p = 0.098 to 0.17",
    "b03": "28 to 56 mg read as the compound or 200 to 400 mg read as the element, 7.1 times",
    "a06": "23.5 percent with magnesium diglycinate against 22.8 percent with magnesium oxide",
    "b11": "ISI 4.3 points better (95% CI 1.5 to 7.1)",
    "b15": "2.7 times as much; difference 2.7",
    "a22": "the same in both groups, both ways, or the other way: Nielsen 2010",
    "a15": "ISI 1.6 points better (95% CI 0.0 to 3.3); a difference matters from 2.8 and 4.0",
    "a26": "500 mg of magnesium bisglycinate hold 70.5 mg of magnesium",
    "a24": "30 to 60 minutes before; claimed are 60 to 120 minutes",
    "a28": "350 mg/day",
}


@pytest.mark.parametrize("claim_id", CASES)
def test_the_hard_cases_are_computed(audit: ClaimAudit, claim_id: str) -> None:
    assert CASES[claim_id] in audit.claim(claim_id).number


def test_the_numbers_behind_the_hard_cases(audit: ClaimAudit) -> None:
    events = audit.claim("a17").outcome.finding.values
    assert events["p_low"] == pytest.approx(0.098, abs=0.002)
    assert events["p_high"] == pytest.approx(0.17, abs=0.005)
    ranges = audit.claim("b03").outcome.finding.values
    assert ranges["factor"] == pytest.approx(172.42 / 24.305, rel=1e-3)
    assert ranges["as_element_high"] > 350 > ranges["lowest_limit"] > ranges["as_compound_high"]
    against = audit.claim("b15").outcome.finding.values
    assert against["ratio"] == pytest.approx(4.3 / 1.6)
    # SE of 4.3 (1.5 to 7.1) is 1.43, of 1.6 (0.0 to 3.3) 0.84: of the difference 1.66.
    assert against["low_2"] == pytest.approx(2.7 - 1.96 * 1.657, abs=0.01)
    readings = audit.claim("a15").outcome.finding.values
    assert readings["benefit"] == readings["benefit_2"] == pytest.approx(1.6)
    assert readings["low"] < 0 == readings["low_2"]


def test_certainty_is_shown_with_whose_it_is(audit: ClaimAudit) -> None:
    assert audit.claim("a15").certainty == "very low (suggested for Insomnia severity)"
    assert audit.claim("a20").certainty == "not rated"


def test_what_was_read_second_hand_is_said(audit: ClaimAudit) -> None:
    assert audit.claim("a15").second_hand
    assert not audit.claim("a06").second_hand


# ---------------------------------------------------------------- when the data change


def outcome_of(folder: Path, claim_id: str) -> Outcome:
    """Load a folder and carry out the test of one claim."""
    review = load_review(folder)
    claims = review.claims
    text = str(claims.loc[claims["claim_id"] == claim_id, "test"].iloc[0])
    return carry_out(Bench(review), parse_test(text))


def events(role: str, number: str) -> Callable[[Path], None]:
    where = {"study_id": "schuster2025", "outcome_id": "adverse-events", "role": role}
    return lambda folder: edit(folder, "arms", where, events=number)


def form(text: str) -> Callable[[Path], None]:
    return lambda folder: edit(folder, "studies", {"study_id": "breus2024"}, form=text)


def one_reading(folder: Path) -> None:
    """Take out what speaks for the wide interval."""
    drop(folder, "arms", study_id="schuster2025", outcome_id="isi")
    drop(folder, "contrasts", study_id="schuster2025", measure="Cohen d")


def larger_effect(folder: Path) -> None:
    one_reading(folder)
    where = {"study_id": "schuster2025", "outcome_id": "isi", "measure": "mean difference"}
    edit(folder, "contrasts", where, estimate="6.6")
    edit(folder, "contrasts", {**where, "ci_low": "0.0"}, ci_low="5.0", ci_high="8.3")
    drop(folder, "contrasts", study_id="schuster2025", measure="none", p="0.049")


def fact(name: str, value: str) -> Callable[[Path], None]:
    return lambda folder: edit(folder, "facts", {"fact_id": name}, value=value)


def nobody_dissents(folder: Path) -> None:
    where = {"study_id": "nielsen2010", "outcome_id": "psqi"}
    edit(folder, "contrasts", where, direction="treatment")


def schedule(folder: Path) -> None:
    where = {"study_id": "schuster2025", "item": "schedule"}
    edit(folder, "study_facts", where, low="60", high="90")


def people(number: str) -> Callable[[Path], None]:
    return lambda folder: edit(folder, "studies", {"study_id": "schuster2025"}, n_randomised=number)


def conclusion(folder: Path) -> None:
    where = {"study_id": "arab2023", "source_id": "arab2023-abstract", "item": "conclusion"}
    words = "a clear benefit in the randomised trials"
    edit(folder, "study_facts", where, value=words, quote=words)


def clearer(folder: Path) -> None:
    """Make the comparator's effect surely larger than magnesium's."""
    where = {"study_id": "seyffert2016", "outcome_id": "isi"}
    edit(folder, "contrasts", where, estimate="-12.3", ci_low="-13.1", ci_high="-11.5")


def smaller(folder: Path) -> None:
    where = {"study_id": "seyffert2016", "outcome_id": "isi"}
    edit(folder, "contrasts", where, estimate="-2.1", ci_low="-2.7", ci_high="-1.5")


CHANGES: list[tuple[str, Callable[[Path], None], str]] = [
    ("a17", events("control", "70"), S),
    ("a17", events("treatment", "40"), C),
    ("a18", events("control", "70"), S),
    ("a20", form("magnesium bisglycinate"), S),
    ("a20", form("magnesium diglycinate"), S),
    ("a20", form("magnesium chloride"), N),
    ("a13", form("magnesium bisglycinate"), S),
    ("a15", one_reading, L),
    ("a15", larger_effect, S),
    ("a22", nobody_dissents, U),
    ("a24", schedule, S),
    ("a14", people("154"), N),
    ("a28", fact("upper-limit-us", "400"), C),
    ("a27", fact("upper-limit-us", "500"), C),  # the other limit still holds
    ("a07", fact("absorption-oxide", "50"), C),
    ("b14", conclusion, N),
    ("b15", clearer, S),
    ("b11", smaller, L),
]


@pytest.mark.parametrize(
    ("claim_id", "change", "verdict"),
    CHANGES,
    ids=[f"{claim}-{number}" for number, (claim, _, _) in enumerate(CHANGES)],
)
def test_a_changed_cell_changes_the_verdict(
    tmp_path: Path, claim_id: str, change: Callable[[Path], None], verdict: str
) -> None:
    folder = copy_review(tmp_path)
    before = outcome_of(folder, claim_id)
    assert before.verdict == EXPECTED[claim_id]
    change(folder)
    after = outcome_of(folder, claim_id)
    assert after.verdict == verdict
    assert after.finding.number != before.finding.number


def test_with_both_limits_raised_the_range_is_within_them(tmp_path: Path) -> None:
    folder = copy_review(tmp_path)
    for name in ("upper-limit-us", "upper-limit-eu"):
        fact(name, "500")(folder)
    assert outcome_of(folder, "b03").verdict == S
    assert outcome_of(folder, "a27").verdict == S


def test_a_test_that_names_nothing_that_exists_stops_the_review(tmp_path: Path) -> None:
    folder = copy_review(tmp_path)
    rows = read_rows(folder, "claims")
    line = next(i for i, row in enumerate(rows, start=1) if row[0] == "a15")
    set_cell(folder, "claims", line, "test", "benefit(study=shuster2025, outcome=isi)")
    with pytest.raises(
        InvalidReviewError, match=r"no such study(?s:.*)Did you mean 'schuster2025'"
    ):
        load_review(folder)


# ---------------------------------------------------------------- the result


def test_a_review_without_claims_is_audited_too(small: Path) -> None:
    (small / "claims.csv").unlink()
    audit = audit_claims(load_review(small))
    assert len(audit) == 0
    assert audit.summary() == "No claim is recorded."
    assert audit.by_article().frame.empty
    assert audit.to_frame().empty
    assert "No claim" in audit._repr_html_()


def test_what_is_known_already_is_not_worked_out_again(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence.judgement import conclude
    from evidence.judgement.claims import finding

    review = load_review(small)
    conclusions = conclude(review)
    told = audit_claims(review)

    def refuse(*_: object) -> None:
        raise AssertionError("worked out again")

    monkeypatch.setattr(finding, "conclude_analysis", refuse)
    assert audit_claims(review, conclusions=conclusions).to_dict() == told.to_dict()


def test_the_summary_by_article_counts_every_claim_once(audit: ClaimAudit) -> None:
    frame = audit.by_article().frame
    assert list(frame["article"]) == ["Article A", "Article B"]
    assert list(frame["all"]) == [38, 15]
    for verdict, sign in VERDICTS.items():
        assert frame[f"{sign} {verdict}"].sum() == len(audit.of(verdict))
    paragraph = " ".join(audit.paragraph().paragraphs)
    assert "Article A: of 38 claims" in paragraph
    assert "second-hand" in paragraph


def test_the_tables_by_verdict_hold_every_claim_once(audit: ClaimAudit) -> None:
    shown = [name for verdict in VERDICTS for name in audit.of_verdict(verdict).frame["claim"]]
    assert sorted(shown) == sorted(EXPECTED)


def test_unknown_names_are_refused(audit: ClaimAudit) -> None:
    with pytest.raises(UnknownNameError, match="no claim 'a0l'"):
        audit.claim("a0l")
    with pytest.raises(UnknownNameError, match="'contradicted'"):
        audit.of("contradict")


def test_the_frame_and_the_values_agree(audit: ClaimAudit) -> None:
    frame, told = audit.to_frame(), audit.to_dict()
    claims = told["claims"]
    assert isinstance(claims, list)
    assert [one["verdict"] for one in claims] == list(frame["verdict"])
    json.dumps(told, allow_nan=False)
    for text in frame["test"]:
        assert str(parse_test(text)) == text


def test_the_tests_in_the_file_are_written_plainly(review: Review) -> None:
    for text in review.claims["test"]:
        call = parse_test(str(text))
        assert str(call) == text
        assert call.name == ALL or not call.parts
