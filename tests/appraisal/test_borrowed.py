"""Borrowing in a review: distances from its rules, every reading, words from the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import evidence
from evidence.appraisal import appraise_directness, borrow_from_indirect, rate_certainty
from evidence.appraisal.certainty.indirectness import rate_indirectness
from evidence.appraisal.dose.trial_doses import elemental_doses
from evidence.data import Review, load_review
from evidence.errors import InvalidArgumentError
from evidence.synthesis import BorrowingMethod, synthesise

MAIN = "insomnia-or-sleep-quality"


# ---------------------------------------------------------------- directness with an analysis


def test_the_trials_of_the_main_analysis(review: Review) -> None:
    found = appraise_directness(review, MAIN)
    overall = dict(zip(found.table["study_id"], found.table["overall"], strict=True))
    assert overall == {"schuster2025": "direct", "abbasi2012": "near", "saba2022": "far"}
    assert found.direct == ("schuster2025",)
    assert [found.discount_steps(study) for study in overall] == [0, 1, 2]
    assert len(found.weights) == 2
    for weights in found.weights.values():
        assert sum(weights) == pytest.approx(100)
    long = found.aspect_frame()
    assert len(long) == 3 * len(found.aspects) == 18
    # Each trial by the outcome it is used for; the analysis asks about that of its first.
    outcomes = long[long["aspect"] == "outcome"].set_index("study_id")["nearness"]
    assert outcomes.to_dict() == {
        "schuster2025": "direct", "abbasi2012": "direct", "saba2022": "near",
    }  # fmt: skip
    assert "Direct trials carry 40% to 43% of the weight" in str(found.paragraph())
    assert "Schuster 2025 is direct in every aspect" in str(found.paragraph())


def test_a_harm_that_an_analysis_asks_about_is_direct(review: Review) -> None:
    found = appraise_directness(review, "adverse-events")
    assert found.overall("schuster2025") == 0
    assert "is direct in every aspect" in str(found.paragraph())


def test_what_is_not_stated_is_not_called_direct(review: Review) -> None:
    found = appraise_directness(review)
    assert found.overall("foodgrown2023") is None
    assert found.discount_steps("foodgrown2023") == 1
    nearness = found.nearness("nielsen2010", "duration")
    assert nearness is not None
    assert nearness.word == "not stated"


def test_doses_of_the_worked_case(review: Review) -> None:
    found = appraise_directness(review)
    words = {}
    for study in found.entries:
        nearness = found.nearness(study, "dose")
        assert nearness is not None
        words[study] = nearness.word
    assert words["schuster2025"] == words["nielsen2010"] == "direct"
    assert words["abbasi2012"] == words["held2002"] == words["lopresti2026"] == "near"
    assert words["hausenblas2024"] == "far"
    assert words["breus2024"] == "not stated"


def test_doses_are_those_worked_out_from_the_compounds(review: Review) -> None:
    found = appraise_directness(review)
    doses = {dose.study_id: dose for dose in elemental_doses(review).doses}
    computed = found.nearness("jadidi2023", "dose")
    assert computed is not None
    assert (computed.word, doses["jadidi2023"].known) == ("near", "computed")
    assert doses["jadidi2023"].path in computed.reason
    # Read in two ways, of which one is within the range: the farther one counts.
    for study, word in (("saba2022", "near"), ("gorantla2024", "far")):
        nearness = found.nearness(study, "dose")
        assert nearness is not None
        assert doses[study].known == "read in two ways"
        assert nearness.word == word
        assert "the farther one counts" in nearness.reason


def test_the_analysis_is_named_once(review: Review) -> None:
    synthesis = synthesise(review, "insomnia-severity")
    same = appraise_directness(review, synthesis=synthesis)
    assert same.entries == appraise_directness(review, "insomnia-severity").entries
    for call in (appraise_directness, borrow_from_indirect):
        with pytest.raises(InvalidArgumentError, match="give one of the two"):
            call(review, MAIN, synthesis=synthesis)


# ---------------------------------------------------------------- certainty


@pytest.mark.parametrize(
    ("shares", "levels", "words"),
    [
        ({"schuster2025": 0.6, "saba2022": 0.4}, 0, "Most of the weight"),
        ({"schuster2025": 0.4, "abbasi2012": 0.6}, 1, "60% comes from another form"),
        ({"schuster2025": 0.5, "saba2022": 0.5}, 2, "50% comes from quite another population"),
        # Near and far together are not direct, and not most of them far.
        ({"schuster2025": 0.4, "abbasi2012": 0.3, "saba2022": 0.3}, 1, "another population"),
    ],
)
def test_levels_of_indirectness(
    review: Review, shares: dict[str, float], levels: int, words: str
) -> None:
    found = rate_indirectness(review, shares, synthesise(review, MAIN))
    assert found.levels == levels
    assert words in found.reason
    assert "GRADE guidelines 8" in found.reference


def test_the_suggestion_uses_the_outcome_of_the_analysis(review: Review) -> None:
    synthesis = synthesise(review, MAIN)
    domains = rate_certainty(review, synthesis, synthesis.scenarios[0]).domains
    (found,) = [one for one in domains if one.name == "indirectness"]
    assert found.levels == 1
    assert "outcome" not in found.reason


# ---------------------------------------------------------------- borrowing


def test_every_reading_from_its_direct_trial_to_all(review: Review) -> None:
    found = evidence.borrow_from_indirect(review)
    synthesis = synthesise(review, MAIN)
    assert [name for name, _ in found.scenarios] == [s.name for s in synthesis.scenarios]
    for (_, borrowed), scenario in zip(found.scenarios, synthesis.scenarios, strict=True):
        own = scenario.readings[0]
        assert_allclose(borrowed.at(0)[0], own.estimate)
        assert_allclose(borrowed.standard_error[0], own.standard_error)
        assert list(borrowed.distances) == [0, 1, 2]
        assert_allclose(borrowed.tau2, scenario.result.tau2)
        assert borrowed.threshold == 0.5
    first, second = (borrowed for _, borrowed in found.scenarios)
    assert first.changes[0].dial > second.changes[0].dial
    text = str(found.paragraph())
    assert "Schuster 2025 is direct, and Abbasi 2012 and Saba 2022 can only be borrowed" in text
    assert "the interval no longer holds no effect" in text
    for _, borrowed in found.scenarios:
        assert f"{borrowed.changes[0].dial:.2f}" in text
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["distances"]["saba2022"] == 2
    assert len(found.to_frame()) == 2 * first.dial.size
    assert "Schuster 2025" in found._repr_html_()


def test_in_full_the_planned_estimate_comes_back(review: Review) -> None:
    found = borrow_from_indirect(review, method=BorrowingMethod(model="random"))
    for (_, borrowed), planned in zip(found.scenarios, found.planned, strict=True):
        assert_allclose(borrowed.at(1)[0], planned.estimate)


def test_nothing_to_borrow_and_nothing_direct(review: Review) -> None:
    only = borrow_from_indirect(review, "adverse-events")
    assert "there is nothing to borrow" in str(only.paragraph())
    assert only.log
    assert f"risk ratio {np.exp(only.scenarios[0][1].at(0)[0]):.2f}" in str(only.paragraph())
    none = borrow_from_indirect(review, "falling-asleep")
    assert "No trial of the analysis" in str(none.paragraph())
    assert "nan" not in none.summary()


def test_a_review_without_rules(small: Path) -> None:
    review = load_review(small)
    found = borrow_from_indirect(review, "trouble")
    assert set(found.scenarios[0][1].distances) <= {0.0, 1.0}
    assert found.scenarios[0][1].threshold == 1.5
    assert borrow_from_indirect(review, "trouble", threshold=3.0).scenarios[0][1].threshold == 3.0
