"""A planned analysis under every combination of readings."""

from __future__ import annotations

from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from tests.data.small import change_text
from tests.effects.made_up import EIGHT, MD, TROUBLE, contrast, load, study

import evidence
from evidence.data import Review
from evidence.data.sections import SECTIONS
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError, UnknownNameError
from evidence.synthesis import pool, synthesise
from evidence.synthesis.pool import CI_METHODS
from evidence.synthesis.tau2 import TAU2_METHODS

EXACT = 1e-12  # relative


def difference(study_id: str, estimate: str, se: str, **cells: str) -> dict[str, str]:
    """Return a row with a difference in nap trouble, which is better low."""
    way = "treatment" if estimate.startswith("-") else "control"
    cells = {"estimate": estimate, "se": se, "direction": way, "outcome_id": TROUBLE, **cells}
    return contrast(MD, study_id=study_id, **cells, **EIGHT)


def contradictory(study_id: str) -> list[dict[str, str]]:
    """Return rows that imply t = 1.5 and t = 4.1."""
    return [
        difference(study_id, "-3.00", "2.00"),
        contrast(study_id=study_id, outcome_id=TROUBLE, p="0.0010", direction="treatment", **EIGHT),
    ]


def with_trials(tmp_path: Path, *rows, **more) -> Review:
    names = dict.fromkeys(
        row["study_id"] for item in rows for row in (item if isinstance(item, list) else [item])
    )
    return load(tmp_path, *rows, studies=[study(name) for name in names], **more)


def test_without_contradictions_there_is_one_scenario(tmp_path: Path) -> None:
    found = synthesise(with_trials(tmp_path, difference("delta", "-3.0", "2.0")), "trouble")
    (scenario,) = found.scenarios
    assert scenario.name == ""
    assert found.contradictory == ()
    assert [reading.study_id for reading in scenario.readings] == ["alpha2020", "delta"]
    assert found.k == 2
    # Alpha's 29 and 30, and 8 and 8
    assert found.participants == 75


def test_the_scenario_is_pooled_as_planned(tmp_path: Path) -> None:
    found = synthesise(with_trials(tmp_path, difference("delta", "-3.0", "2.0")), "trouble")
    result = found.scenarios[0].result
    # review.toml plans random effects, REML and HKSJ without guard
    assert (result.method.model, result.method.ci_method) == ("random", "HKSJ")
    assert result.labels == ("Alpha 2020", "Delta")
    # Alpha: 9.10 - 11.30, with SDs 4.0 of 29 and 4.2 of 30
    by_hand = pool([-2.2, -3.0], [16 / 29 + 17.64 / 30, 4.0], ci_method="HKSJ")
    assert_allclose(result.estimate, by_hand.estimate, rtol=EXACT)
    assert_allclose(result.ci_low, by_hand.ci_low, rtol=EXACT)


def test_one_contradictory_trial_gives_two_scenarios(tmp_path: Path) -> None:
    found = synthesise(with_trials(tmp_path, contradictory("delta")), "trouble")
    assert [scenario.name for scenario in found.scenarios] == [
        "Delta from the difference and its standard error",
        "Delta from the p value",
    ]
    assert [comparison.study_id for comparison in found.contradictory] == ["delta"]
    # The estimate is the same, 3.00; its standard error is 2, or 3 / 4.14.
    errors = [scenario.readings[1].standard_error for scenario in found.scenarios]
    assert errors[0] == 2
    assert 0.70 < errors[1] < 0.75
    frame = found.to_frame()
    assert frame["reading"].tolist() == [scenario.name for scenario in found.scenarios]
    assert frame["estimate"].tolist() == [s.result.estimate for s in found.scenarios]
    summary = found.summary()
    assert all(f"Reading {scenario.name}: " in summary for scenario in found.scenarios)


def test_scenarios_are_the_product_of_the_readings(tmp_path: Path) -> None:
    review = with_trials(tmp_path, contradictory("delta"), contradictory("eta"))
    found = synthesise(review, "trouble")
    kinds = [
        tuple(reading.kind for reading in scenario.readings[1:]) for scenario in found.scenarios
    ]
    assert kinds == [
        ("standard error", "standard error"),
        ("standard error", "p"),
        ("p", "standard error"),
        ("p", "p"),
    ]
    assert found.scenarios[1].name == (
        "Delta from the difference and its standard error and Eta from the p value"
    )
    results = [scenario.result.standard_error for scenario in found.scenarios]
    assert len(set(results)) > 2


def test_too_many_combinations_are_refused(tmp_path: Path) -> None:
    review = with_trials(tmp_path, *(contradictory(f"t{place}") for place in range(7)))
    with pytest.raises(InvalidArgumentError, match=r"combine in 128 ways; at most 64"):
        synthesise(review, "trouble")
    six = with_trials(tmp_path / "six", *(contradictory(f"t{place}") for place in range(6)))
    assert len(synthesise(six, "trouble").scenarios) == 64


def test_what_was_left_out_is_told(tmp_path: Path) -> None:
    found = synthesise(
        with_trials(
            tmp_path,
            contrast(study_id="silent", outcome_id=TROUBLE, significance="not significant"),
        ),
        "trouble",
    )
    assert "Gamma 2022 left out: Extract, not tea." in found.summary()
    assert "Silent left out: it is only said to be not significant." in found.summary()
    assert {out["study_id"] for out in found.to_dict()["left_out"]} == {"gamma2022", "silent"}


def test_one_trial_is_not_pooled(tmp_path: Path) -> None:
    found = synthesise(load(tmp_path), "trouble")
    assert found.k == 1
    assert not found.scenarios[0].result.pooled
    assert "one-study" in [caution.code for caution in found.cautions]


def test_cautions_are_told_once(tmp_path: Path) -> None:
    review = with_trials(tmp_path, contradictory("delta"), contradictory("eta"))
    found = synthesise(review, "trouble")
    messages = [caution.message for caution in found.cautions]
    assert len(messages) == len(set(messages))
    codes = {caution.code for caution in found.cautions}
    assert {"p-only", "few-studies"} <= codes


def test_when_nothing_can_be_used_every_reason_is_given(tmp_path: Path) -> None:
    def other_outcome(review: Path) -> None:
        change_text(review, "review.toml", 'outcomes = ["spills"]', 'outcomes = ["nap-minutes"]')
        change_text(review, "review.toml", 'measure = "risk ratio"', 'measure = "mean difference"')

    rows = [
        contrast(study_id="delta", p="0.05", p_relation="<", **EIGHT),
        contrast(study_id="eta", significance="not significant"),
    ]
    review = with_trials(
        tmp_path,
        rows,
        edit=other_outcome,
        exclusions=[
            {"analysis_id": "spilling", "study_id": "beta2021", "reason": "A crossover."},
        ],
    )
    with pytest.raises(InsufficientEvidenceError) as refusal:
        synthesise(review, "spilling")
    assert str(refusal.value) == (
        "Spilled tea: no trial gives an effect (Beta 2021: A crossover; Delta: a test says "
        "nothing of a difference in the outcome's unit; Eta: it is only said to be not "
        "significant)."
    )


def test_outcomes_that_point_different_ways_are_not_mixed(tmp_path: Path) -> None:
    def both(review: Path) -> None:
        change_text(
            review,
            "review.toml",
            'outcomes = ["nap-trouble"]',
            'outcomes = ["nap-trouble", "nap-minutes"]',
        )

    with pytest.raises(InvalidArgumentError) as refusal:
        synthesise(load(tmp_path, edit=both), "trouble")
    assert "better high and better low: nap-trouble, nap-minutes" in str(refusal.value)
    assert "Split it into two analyses" in str(refusal.value)


def test_an_unknown_analysis_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no analysis 'naps'"):
        synthesise(load(tmp_path), "naps")


def test_a_common_effect_is_pooled_as_planned(tmp_path: Path) -> None:
    found = synthesise(load(tmp_path), "spilling")
    result = found.scenarios[0].result
    assert result.method.model == "common"
    # 3.5/31 over 0.5/31
    assert_allclose(result.estimate, 1.9459101490553132, rtol=EXACT)
    assert "continuity" in [caution.code for caution in found.cautions]


# ------------------------------------------------------------------ the real review


@pytest.fixture(scope="module")
def review() -> Review:
    return evidence.load_review("magnesium-sleep")


def test_both_readings_of_the_headline_are_carried_through(review: Review) -> None:
    found = synthesise(review, "insomnia-severity")
    assert found.k == 2
    assert [scenario.name for scenario in found.scenarios] == [
        "Schuster 2025 from the summaries of the two groups and the reported standardised effect",
        "Schuster 2025 from the difference and its confidence interval and the p value",
    ]
    sizes = [round(-scenario.readings[0].estimate, 2) for scenario in found.scenarios]
    assert sizes == [0.19, 0.31]
    first, second = (scenario.result.estimate for scenario in found.scenarios)
    assert second < first < 0


def test_every_planned_analysis_gives_a_result(review: Review) -> None:
    scenarios = {name: len(synthesise(review, name).scenarios) for name in review.plan.analyses}
    assert scenarios == {
        "insomnia-severity": 2,
        "insomnia-or-sleep-quality": 2,
        "falling-asleep": 1,
        "sleep-duration": 2,
        "adverse-events": 1,
    }


def test_a_plan_can_name_every_estimator_and_interval_that_pool_knows() -> None:
    for section in SECTIONS:
        for key in section.keys:
            if key.name == "tau2_method":
                assert sorted(key.choices) == sorted(TAU2_METHODS)
            if key.name == "ci_method":
                assert sorted(key.choices) == sorted(CI_METHODS)
