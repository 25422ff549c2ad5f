"""Risk of bias of a review: recorded, computed or no information, and what bears on it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from timeit import timeit

import pytest
from tests.data.small import add_row, write_rows

from evidence import appraise_risk_of_bias, synthesise
from evidence.appraisal import RiskOfBias
from evidence.appraisal.risk_of_bias.facts import _KINDS
from evidence.data import TABLES, Review, load_review
from evidence.data.bias_tools.tool import FACT_KINDS
from evidence.data.lookups import overall_risk_of_bias
from evidence.errors import UnknownNameError
from evidence.synthesis.specifications.filters import filters_of

SOURCE = {"source_id": "alpha-article", "quote": "so it seemed", "tier": "primary"}
#: Answers that come to: low, low, high, some concerns, some concerns.
ANSWERS = {
    "randomisation": {"1.1": "Y", "1.2": "Y", "1.3": "N"},
    "deviations": {"2.1": "N", "2.2": "PN", "2.6": "Y"},
    "missing-data": {"3.1": "N", "3.2": "N", "3.3": "Y", "3.4": "NI"},
    "measurement": {"4.1": "N", "4.2": "NI", "4.3": "N"},
    "reported-result": {"5.1": "NI", "5.2": "N", "5.3": "N"},
}
COMPUTED = ("low", "low", "high", "some concerns", "some concerns")


def record(review: Path, domain: str, judgement: str, **more: str) -> None:
    add_row(
        review,
        "risk_of_bias",
        **{
            "study_id": "alpha2020", "tool": "RoB 2", "domain": domain, "judgement": judgement,
            "support": "So it seemed.", "who": "a tester", **SOURCE, **more,
        },
    )  # fmt: skip


def answer(review: Path, domain: str, answers: dict[str, str], **more: str) -> None:
    for question, code in answers.items():
        add_row(
            review,
            "signalling_answers",
            **{
                "study_id": "alpha2020", "tool": "RoB 2", "domain": domain, "question": question,
                "answer": code, "who": "a tester", **SOURCE, **more,
            },
        )  # fmt: skip


@pytest.fixture
def blank(small: Path) -> Path:
    """The small review, in which nobody judged anything."""
    for table in ("risk_of_bias", "signalling_answers"):
        write_rows(small, table, [list(TABLES[table].names)])
    return small


def words(appraisal: RiskOfBias, study: str = "alpha2020") -> tuple[str, ...]:
    return tuple(judged.word for judged in appraisal.of(study).judgements.domains)


def test_what_nobody_judged_is_no_information(blank: Path) -> None:
    appraisal = appraise_risk_of_bias(load_review(blank))
    assert set(words(appraisal)) == {"no information"}
    assert appraisal.of("alpha2020").judgements.overall.word == "no information"
    assert appraisal.of("alpha2020").concern == "none"
    assert "Nobody judged the risk of bias" in appraisal.summary()


def test_domains_are_computed_from_answers_and_the_whole_from_them(blank: Path) -> None:
    for domain, answers in ANSWERS.items():
        answer(blank, domain, answers, support="Told in the methods")
    review = load_review(blank)
    appraisal = appraise_risk_of_bias(review)
    assert words(appraisal) == COMPUTED
    judgements = appraisal.of("alpha2020").judgements
    assert {judged.origin for judged in judgements.domains} == {"computed"}
    assert judgements.overall.word == "high"
    assert judgements.of("deviations").who == "a tester"
    assert judgements.of("deviations").support == "Told in the methods."
    assert overall_risk_of_bias(review, "alpha2020") == "high"
    assert "are computed from answers" in appraisal.summary()


def test_a_record_is_never_overwritten(blank: Path) -> None:
    for domain, answers in ANSWERS.items():
        answer(blank, domain, answers)
    record(blank, "missing-data", "some concerns", support="Few were lost, and alike.")
    record(blank, "overall", "some concerns")
    appraisal = appraise_risk_of_bias(load_review(blank))
    missing = appraisal.of("alpha2020").judgements.of("missing-data")
    assert (missing.word, missing.computed, missing.differs) == ("some concerns", "high", True)
    assert words(appraisal)[2] == "some concerns"
    # The whole follows from what counts, so that with this record it does not differ.
    assert not appraisal.of("alpha2020").judgements.overall.differs
    assert "recorded as some concerns, where the rules of RoB 2 give high" in appraisal.summary()
    assert appraisal.differences().to_frame()["reason"].tolist() == ["Few were lost, and alike."]


def test_an_answer_that_is_missing_is_named(blank: Path) -> None:
    answer(blank, "missing-data", {"3.1": "N", "3.2": "N"})
    judged = appraise_risk_of_bias(load_review(blank)).of("alpha2020").judgements.of("missing-data")
    assert (judged.word, judged.origin, judged.missing) == (
        "no information",
        "not judged",
        ("3.3",),
    )


def test_what_is_said_of_the_outcome_goes_before_what_is_said_of_the_study(blank: Path) -> None:
    record(blank, "overall", "low")
    record(blank, "overall", "high", outcome_id="nap-trouble")
    record(blank, "overall", "some concerns", outcome_id="nap-minutes")
    review = load_review(blank)
    assert overall_risk_of_bias(review, "alpha2020") == "high"
    assert overall_risk_of_bias(review, "alpha2020", ["nap-minutes"]) == "some"
    assert overall_risk_of_bias(review, "alpha2020", ["spills"]) == "low"
    whole = appraise_risk_of_bias(review, "trouble").of("alpha2020")
    assert whole.judgements.overall.word == "high"


def test_a_judgement_of_another_outcome_bars_no_trial(blank: Path) -> None:
    record(blank, "overall", "high", outcome_id="nap-minutes")
    record(blank, "overall", "low")
    review = load_review(blank)
    for outcomes, passes in ((["nap-trouble"], True), (["nap-minutes"], False)):
        filters = {
            each.id: each for each in filters_of(review, ["alpha2020", "beta2021"], outcomes)
        }
        options = [option.name for option in filters["risk-of-bias"].decision.options]
        low = "low risk only" if passes else "none at high risk"
        row = filters["risk-of-bias"].passes[options.index(low)]
        assert row.tolist() == ([True, False] if passes else [False, True])


def test_two_people_who_disagree_are_both_named(blank: Path) -> None:
    record(blank, "overall", "low", who="the first")
    record(blank, "overall", "high", who="the second")
    judged = appraise_risk_of_bias(load_review(blank)).of("alpha2020").judgements.overall
    assert (judged.word, judged.who, judged.others) == ("high", "the second", ("the first: low",))
    text = appraise_risk_of_bias(load_review(blank)).summary()
    assert "Judged in more than one way, the gravest counts: Alpha 2020, overall" in text


def test_two_people_who_answer_are_not_mixed(blank: Path) -> None:
    answer(blank, "randomisation", {"1.1": "Y", "1.2": "Y", "1.3": "N"}, who="the first")
    answer(blank, "randomisation", {"1.2": "N"}, who="the second")
    judged = (
        appraise_risk_of_bias(load_review(blank)).of("alpha2020").judgements.of("randomisation")
    )
    assert (judged.word, judged.who) == ("high", "the second")


def test_of_two_tools_the_graver_counts_and_both_are_kept(blank: Path) -> None:
    record(blank, "overall", "low")
    record(blank, "overall", "critical", tool="ROBINS-I")
    review = load_review(blank)
    appraisal = appraise_risk_of_bias(review)
    mine = [study for study in appraisal.studies if study.study_id == "alpha2020"]
    assert [study.tool.name for study in mine] == ["RoB 2", "ROBINS-I"]
    assert appraisal.of("alpha2020").concern == "high" == overall_risk_of_bias(review, "alpha2020")


def test_shares_of_the_weight_sum_to_one(blank: Path) -> None:
    record(blank, "overall", "low")
    review = load_review(blank)
    appraisal = appraise_risk_of_bias(review, "trouble")
    shares = appraisal.concern_shares()
    assert sum(shares.values()) == pytest.approx(1)
    synthesis = synthesise(review, "trouble")
    first = synthesis.scenarios[0]
    weight = {
        r.study_id: w / 100 for r, w in zip(first.readings, first.result.weights, strict=True)
    }
    assert shares["low"] == pytest.approx(weight["alpha2020"])
    again = appraise_risk_of_bias(review, synthesis)
    assert again.concern_shares() == pytest.approx(shares)
    other = appraise_risk_of_bias(review, synthesis, shares=dict.fromkeys(weight, 0.5))
    assert other.of("alpha2020").share == 0.5
    table = appraisal.shares()
    for _, rows in table.groupby(["tool", "domain"]):
        assert rows["share"].sum() == pytest.approx(1)


def test_names_that_are_not_known_are_refused(blank: Path) -> None:
    review = load_review(blank)
    with pytest.raises(UnknownNameError, match="trouble"):
        appraise_risk_of_bias(review, "truble")
    with pytest.raises(UnknownNameError, match="alpha2020"):
        appraise_risk_of_bias(review).of("alfa2020")


# ---------------------------------------------------------------- facts that bear on a domain


def sentences(appraisal: RiskOfBias, study: str, domain: str) -> list[str]:
    return [fact.sentence for fact in appraisal.of(study).facts.get(domain, ())]


def test_facts_of_the_worked_case_stand_beside_empty_judgements(review: Review) -> None:
    appraisal = appraise_risk_of_bias(review)
    headline = appraisal.of("schuster2025")
    assert {judged.word for judged in headline.columns} == {"no information"}
    lost = sentences(appraisal, "schuster2025", "missing-data")
    assert any("69 of 77" in text and "65 of 78" in text for text in lost)
    assert any(text.endswith("lost 8 and 13.") for text in lost)
    assert {fact.tier for fact in headline.facts["missing-data"]} == {"secondary"}
    assert "Registered after it started." in sentences(appraisal, "breus2024", "reported-result")
    (washout,) = sentences(appraisal, "breus2024", "period-carryover")
    assert "two weeks (report)" in washout
    assert "one week (registry)" in washout
    assert "Called double-blind." in sentences(appraisal, "abbasi2012", "measurement")
    assert any("111" in text for text in sentences(appraisal, "nielsen2010", "missing-data"))
    assert "Paid by: Hermes Arzneimittel GmbH." in sentences(appraisal, "held2002", "overall")


def test_every_kind_of_fact_that_a_tool_may_name_is_looked_up() -> None:
    assert set(_KINDS) == set(FACT_KINDS)


def test_only_what_a_source_says_is_judged_in_the_worked_case(review: Review) -> None:
    table = appraise_risk_of_bias(review).to_frame()
    judged = table[table["origin"] != "not judged"]
    assert set(judged["study_id"]) == {"abbasi2012", "held2002"}
    assert set(judged["domain"]) == {"overall"}
    assert set(judged["judgement"]) == {"some concerns to high"}
    assert set(judged["who"]) == {"Mah and Pitre 2021"}


def test_every_face_of_the_result(review: Review) -> None:
    for appraisal in (
        appraise_risk_of_bias(review),
        appraise_risk_of_bias(review, "insomnia-severity"),
    ):
        told = json.dumps(appraisal.to_dict(), allow_nan=False)
        assert "Mah and Pitre 2021" in told
        html = appraisal._repr_html_()
        assert "<table" in html
        assert "S-H" not in html
        assert str(appraisal.facts())
    assert "Of the weight, 42% comes from studies with some concerns" in appraisal.summary()


def test_a_review_still_goes_to_other_processes(review: Review) -> None:
    appraise_risk_of_bias(review)
    assert pickle.loads(pickle.dumps(review)).bias_tools.keys() == review.bias_tools.keys()


def test_it_takes_no_time(review: Review) -> None:
    appraise_risk_of_bias(review)
    assert timeit(lambda: appraise_risk_of_bias(review), number=3) / 3 < 0.1
