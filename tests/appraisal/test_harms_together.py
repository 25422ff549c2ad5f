"""Harms over all trials: pooled where two groups are counted, bounded or told where not."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.data.small import copy_row, set_cells

from evidence.appraisal.harms_together import harm_outcomes, pool_harms
from evidence.data import Review
from evidence.effects.exact.intervals import proportion_interval
from evidence.errors import UnknownNameError
from evidence.synthesis.sparse.mantel_haenszel import pool_mantel_haenszel
from evidence.synthesis.sparse.peto import pool_peto

Changed = Callable[..., Review]


def spill(review: Path, study: str, counts: tuple[int, int, int, int]) -> None:
    """Count spills in both groups of another trial."""
    for line, (events, total) in ((5, counts[:2]), (6, counts[2:])):
        copy_row(review, "arms", line)
        last = len((review / "arms.csv").read_text("utf-8").splitlines())
        set_cells(review, "arms", last, study_id=study, events=str(events), total=str(total))


def test_the_outcomes_that_are_harms(review: Review) -> None:
    assert harm_outcomes(review) == (
        "adverse-events",
        "serious-adverse-events",
        "gi-adverse-events",
    )


def test_one_trial_is_nothing_to_pool_and_its_split_is_not_guessed(review: Review) -> None:
    found = pool_harms(review, "adverse-events")
    assert found.pooled is None
    assert found.single is not None
    assert found.single.exact.p_low == pytest.approx(0.098, abs=0.001)
    assert found.single.exact.p_high == pytest.approx(0.17, abs=0.005)
    assert "One trial is nothing to pool" in found.summary()


def test_no_event_is_a_bound_and_not_a_zero(review: Review) -> None:
    ((study, bound),) = pool_harms(review, "serious-adverse-events").bounds
    assert study == "Schuster 2025"
    # 1 - 0.025 ** (1 / n), the exact limit for no event.
    assert bound.ci_high == pytest.approx(1 - 0.025 ** (1 / 153))
    assert bound.ci_high == proportion_interval(events=0, total=153).ci_high
    text = pool_harms(review, "adverse-events").summary()
    assert "0 of 31 people" in text
    assert "11.2 in 100" in text


def test_words_and_others_pools_are_told_and_not_pooled(review: Review) -> None:
    found = pool_harms(review, "gi-adverse-events")
    why = dict(zip(found.table["study_id"], found.table["usable"], strict=True))
    assert "pooled by others" in why["dickinson2006"]
    assert "no counts by group" in why["supakatisant2015"]
    assert found.pooled is found.single is None
    assert "said to be not significant" in found.summary()
    for outcome_id in harm_outcomes(review):
        json.dumps(pool_harms(review, outcome_id).to_dict(), allow_nan=False)
        assert ">nan<" not in pool_harms(review, outcome_id)._repr_html_()


def test_two_trials_are_pooled_by_the_method_that_suits(changed: Changed) -> None:
    review = changed(partial(spill, study="gamma2022", counts=(6, 20, 2, 20)))
    found = pool_harms(review, "spills")
    assert found.usable == 2
    rows = review.arms[review.arms["outcome_id"] == "spills"]
    by_role = {role: rows[rows["role"] == role] for role in ("treatment", "control")}
    data = {
        f"{name}_{role}": list(by_role[role][column].astype(int))
        for role in by_role
        for name, column in (("events", "events"), ("total", "total"))
    }
    assert found.pooled is not None
    method = pool_peto if found.pooled.method == "Peto" else pool_mantel_haenszel
    assert found.pooled.estimate == pytest.approx(method(**data).estimate)
    assert "odds ratio" in found.summary()
    json.dumps(found.to_dict(), allow_nan=False)


def test_groups_of_the_same_people_are_not_pooled(changed: Changed) -> None:
    review = changed(partial(spill, study="beta2021", counts=(6, 20, 2, 20)))
    found = pool_harms(review, "spills")
    why = dict(zip(found.table["study_id"], found.table["usable"], strict=True))
    assert "the same people stand in both groups" in why["beta2021"]
    assert found.pooled is None


def test_where_nobody_had_an_event_nothing_is_pooled(changed: Changed) -> None:
    def nobody(folder: Path) -> None:
        set_cells(folder, "arms", 5, events="0")
        set_cells(folder, "arms", 6, events="0")
        spill(folder, "gamma2022", (0, 20, 0, 20))

    found = pool_harms(changed(nobody), "spills")
    assert found.pooled is None
    assert found.advice is not None
    assert "nothing pooled" in found.summary()


def test_an_outcome_that_is_not_there(review: Review) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        pool_harms(review, "adverse-event")
