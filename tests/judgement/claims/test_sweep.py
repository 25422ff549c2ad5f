"""Every test that the worked case allows is carried out: none stumbles, each meets a rule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from evidence.data import Review
from evidence.data.claim_tests import CLAIM_TESTS, Call, parse_test
from evidence.data.frames import each_row
from evidence.judgement.claims import VERDICTS
from evidence.judgement.claims.evaluate import carry_out
from evidence.judgement.claims.finding import Bench


def call(name: str, **arguments: object) -> Call:
    return Call(name, tuple((key, str(value)) for key, value in arguments.items()))


def comparisons(review: Review) -> Iterator[Call]:
    for row in each_row(review.contrasts):
        which = {"study": row.study_id, "outcome": row.outcome_id, "timepoint": row.timepoint}
        which = {name: value for name, value in which.items() if value}
        yield call("benefit", **which)
        yield call("benefit", **which, treatment=row.treatment)
        for threshold in review.thresholds(str(row.outcome_id), "difference between groups"):
            yield call("benefit", **which, threshold=threshold.id)


def arms(review: Review) -> Iterator[Call]:
    for row in each_row(review.arms):
        which = {"study": row.study_id, "outcome": row.outcome_id}
        yield call("fewer_events", **which)
        yield call("compare_arms", **which, timepoint=row.timepoint)
        limit = "absorption-diet"
        yield call("mean_within", **which, timepoint=row.timepoint, arm=row.arm, limit=limit)


def pairs(review: Review) -> Iterator[Call]:
    contrasts = review.contrasts
    for outcome, group in contrasts.groupby("outcome_id", sort=False):
        studies = list(dict.fromkeys(group["study_id"]))
        for one, other in pairwise(studies):
            yield call("more_effective", study=one, outcome=outcome, than=other)


def studies(review: Review) -> Iterator[Call]:
    for row in each_row(review.studies):
        yield call("same_form", study=row.study_id)
        yield call("same_form", study=row.study_id, form="magnesium oxide")
        yield call("described_as", study=row.study_id, people=100, year=2020, blinding="double")
        yield call("time_tested", study=row.study_id, low=0, high=60)
        yield call("results_differ", studies=row.study_id)
    for row in each_row(review.study_facts):
        yield call("says", study=row.study_id, item=row.item, words="magnesium")


def others(review: Review) -> Iterator[Call]:
    for analysis in review.plan.analyses:
        yield call("pooled_benefit", analysis=analysis)
        yield call("certainty_at_least", analysis=analysis, level="low")
    for domain in {outcome.domain for outcome in review.plan.outcomes.values()}:
        yield call("direction_consistent", domain=domain)
    for row in each_row(review.facts):
        yield call("fact_is", fact=row.fact_id, value=10)
        for other in each_row(review.facts):
            yield call("fact_within", fact=row.fact_id, limit=other.fact_id)
    for form in dict.fromkeys(review.compounds["name"]):
        yield call("trials", form=form, at_least=1)
        yield call("element_in", form=form, amount=500, below=100)
        for meant in ("element", "compound"):
            yield call("range_within_limits", low=1, high=1000, form=form, meant=meant)
            yield call("dose_tested", low=1, high=1000, form=form, meant=meant)


@pytest.fixture(scope="module")
def bench(review: Review) -> Bench:
    return Bench(review)


@pytest.mark.parametrize("sort", [comparisons, arms, pairs, studies, others])
def test_every_test_comes_to_a_verdict_in_words(review: Review, bench: Bench, sort) -> None:
    seen = set()
    for test in sort(review):
        assert parse_test(str(test)) == test
        outcome = carry_out(bench, test)
        told = outcome.finding
        assert outcome.verdict in VERDICTS, str(test)
        assert told.number, str(test)
        assert told.number == told.number.strip()
        words = set(told.number.replace("(", " ").split())
        assert not {"nan", "None", "<NA>", "inf"} & words, f"{test}: {told.number}"
        for table, line in told.rows:
            assert line in review.tables[table].index
        seen.add(test.name)
    assert seen <= set(CLAIM_TESTS)
    assert seen
