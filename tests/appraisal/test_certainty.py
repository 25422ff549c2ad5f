"""GRADE's five domains, each rule and each of its branches on constructed cases."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.data.small import add_row, set_cell, write_rows

from evidence.appraisal import LEVELS, Certainty, Domain, rate_certainty
from evidence.appraisal.certainty.imprecision import OPTIMAL_SIZE
from evidence.data import Analysis, Review, load_review
from evidence.data.tables import TABLES
from evidence.effects.derivation.derive import Derivation, LeftOut
from evidence.effects.derivation.readings import Comparison, Reading
from evidence.synthesis import pool
from evidence.synthesis.body import Scenario, Synthesis

ANALYSIS = Analysis("trouble", "Nap trouble", ("nap-trouble",), "mean difference", model="common")
NAMES = {"alpha2020": "Alpha 2020", "beta2021": "Beta 2021", "gamma2022": "Gamma 2022"}


def reading(study_id: str, estimate: float, variance: float, people: float, kind: str) -> Reading:
    return Reading(
        study_id=study_id,
        outcome_id="nap-trouble",
        timepoint="week 4",
        measure="mean difference",
        kind=kind,
        estimate=estimate,
        standard_error=math.sqrt(variance),
        n_treatment=people / 2,
        n_control=people / 2,
        path="made up",
        tier="primary",
        rows=(("arms", 2),),
        source_ids=("alpha-article",),
        statistic_low=abs(estimate) / math.sqrt(variance),
        statistic_high=abs(estimate) / math.sqrt(variance),
    )


def body(
    weights: dict[str, float],
    *,
    estimates: dict[str, float] | None = None,
    people: int = 1000,
    contradictory: tuple[str, ...] = (),
    left_out: tuple[LeftOut, ...] = (),
) -> Synthesis:
    """Build a body of evidence in which each trial has the weight it is given."""
    comparisons, chosen = [], []
    for study_id, weight in weights.items():
        estimate = (estimates or {}).get(study_id, -2.0)
        first = reading(study_id, estimate, 1 / weight, people / len(weights), "arms")
        found = [first]
        if study_id in contradictory:
            found.append(reading(study_id, 5 * estimate, 1 / weight, people, "p"))
        comparisons.append(
            Comparison(
                study_id, "nap-trouble", "week 4", "mean difference", NAMES[study_id], tuple(found)
            )
        )
        chosen.append(first)
    result = pool(chosen, labels=list(weights), model="common", ci_method="Wald")
    assert result.weights == pytest.approx(100 * np.array([*weights.values()]))
    derivation = Derivation(ANALYSIS, tuple(comparisons), left_out)
    return Synthesis(ANALYSIS, derivation, (Scenario("", tuple(chosen), result),))


def domain(
    review: Review, synthesis: Synthesis, name: str, threshold: float | None = 1.0
) -> Domain:
    rated = rate_certainty(review, synthesis, synthesis.scenarios[0], threshold)
    return next(one for one in rated.domains if one.name == name)


# ---------------------------------------------------------------- risk of bias


def judged(review: Path, **judgements: str) -> Review:
    """Judge the small review's trials overall; `a__b` is a second judgement of a."""
    write_rows(review, "risk_of_bias", [list(TABLES["risk_of_bias"].names)])
    for number, (name, judgement) in enumerate(judgements.items()):
        add_row(
            review,
            "risk_of_bias",
            study_id=name.split("__")[0],
            tool="RoB 2",
            domain="Overall" if number % 2 else "overall",
            judgement=judgement,
            support="So it seemed.",
            who=f"tester {number}",
            source_id="alpha-article",
            quote="so it seemed",
            tier="primary",
        )
    return load_review(review)


LOW_WORDS = "Trials at low risk of bias carry {} of the weight."
CONCERN = "Trials with concerns about bias carry {} of the weight"
NEVER = "rials never assessed for bias carry {} of the weight"


@pytest.mark.parametrize(
    ("judgements", "weights", "contradictory", "levels", "reason"),
    [
        ({"alpha2020": "low"}, (1.0,), (), 0, LOW_WORDS.format("all")),
        (
            {"alpha2020": "low", "beta2021": "some concerns"},
            (0.6, 0.4),
            (),
            0,
            LOW_WORDS.format("60%"),
        ),
        ({"alpha2020": "low", "beta2021": "high"}, (0.6, 0.4), (), 0, LOW_WORDS.format("60%")),
        # Exactly half is not most.
        (
            {"alpha2020": "low", "beta2021": "some concerns"},
            (0.5, 0.5),
            (),
            1,
            f"{CONCERN.format('50%')}.",
        ),
        (
            {"alpha2020": "low", "beta2021": "high"},
            (0.5, 0.5),
            (),
            2,
            "Trials at high risk of bias carry 50% of the weight.",
        ),
        (
            {"alpha2020": "some concerns to high", "beta2021": "high"},
            (0.6, 0.4),
            (),
            1,
            f"{CONCERN.format('all')}.",
        ),
        ({}, (1.0,), (), 1, f"T{NEVER.format('all')}."),
        ({"alpha2020": "no information"}, (1.0,), (), 1, f"T{NEVER.format('all')}."),
        (
            {"alpha2020": "some concerns"},
            (0.3, 0.7),
            (),
            1,
            f"{CONCERN.format('30%')} and t{NEVER.format('70%')}.",
        ),
        # The gravest of several judgements counts, whichever stands first.
        (
            {"alpha2020": "high", "alpha2020__2": "low"},
            (1.0,),
            (),
            2,
            "Trials at high risk of bias carry all of the weight.",
        ),
        (
            {"alpha2020": "low", "alpha2020__2": "some concerns"},
            (1.0,),
            (),
            1,
            f"{CONCERN.format('all')}.",
        ),
        # Reports that contradict each other are a concern by themselves.
        (
            {"alpha2020": "low"},
            (1.0,),
            ("alpha2020",),
            1,
            "The reports of Alpha 2020 contradict each other.",
        ),
        (
            {"alpha2020": "high"},
            (1.0,),
            ("alpha2020",),
            2,
            (
                "Trials at high risk of bias carry all of the weight and the reports of Alpha 2020 "
                "contradict each other."
            ),
        ),
        (
            {"alpha2020": "some concerns"},
            (0.4, 0.6),
            ("alpha2020", "beta2021"),
            1,
            (
                f"{CONCERN.format('40%')}, t{NEVER.format('60%')} and the reports of Alpha 2020 "
                "and Beta 2021 contradict each other."
            ),
        ),
    ],
)
def test_risk_of_bias(
    small: Path,
    judgements: dict[str, str],
    weights: tuple[float, ...],
    contradictory: tuple[str, ...],
    levels: int,
    reason: str,
) -> None:
    synthesis = body(dict(zip(NAMES, weights, strict=False)), contradictory=contradictory)
    found = domain(judged(small, **judgements), synthesis, "risk of bias")
    assert (found.levels, found.reason) == (levels, reason)


def test_only_overall_judgements_count(small: Path) -> None:
    review = judged(small, alpha2020="low")
    assert domain(review, body({"alpha2020": 1.0}), "risk of bias").levels == 0
    set_cell(small, "risk_of_bias", 2, "domain", "randomisation")
    review = load_review(small)
    assert domain(review, body({"alpha2020": 1.0}), "risk of bias").levels == 1


# ---------------------------------------------------------------- inconsistency


def many(estimates: list[float]) -> Synthesis:
    """A body of many trials of equal weight; only its result is looked at."""
    synthesis = body({"alpha2020": 1.0})
    result = pool(estimates, [1.0] * len(estimates), model="common", ci_method="Wald")
    return replace(synthesis, scenarios=(Scenario("", synthesis.scenarios[0].readings, result),))


@pytest.mark.parametrize(
    ("estimates", "levels", "reason"),
    [
        ([1.0], 0, "With one trial nothing can be inconsistent; nothing confirms it either."),
        ([0.0, 3.0], 1, "The trials differ by more than chance explains (I² 78%)."),
        (
            [1.0, 1.0, 1.0, 1.0],
            0,
            (
                "The trials do not differ by more than chance explains (I² 0%). With so few trials "
                "the test would miss a good deal."
            ),
        ),
        ([1.0] * 5, 0, "The trials do not differ by more than chance explains (I² 0%)."),
    ],
)
def test_inconsistency(small: Path, estimates: list[float], levels: int, reason: str) -> None:
    synthesis = many(estimates)
    scenario = synthesis.scenarios[0]
    # Weights of many trials and the one reading need not fit here.
    scenario = Scenario("", scenario.readings * len(estimates), scenario.result)
    rated = rate_certainty(load_review(small), synthesis, scenario, 1.0)
    found = next(one for one in rated.domains if one.name == "inconsistency")
    assert (found.levels, found.reason) == (levels, reason)


@pytest.mark.parametrize(("p", "levels"), [(0.0999, 1), (0.10, 0), (0.1001, 0)])
def test_inconsistency_starts_below_its_p_value(small: Path, p: float, levels: int) -> None:
    synthesis = body({"alpha2020": 0.5, "beta2021": 0.5})
    scenario = synthesis.scenarios[0]
    scenario = replace(scenario, result=replace(scenario.result, q_p_value=p))
    rated = rate_certainty(load_review(small), synthesis, scenario, 1.0)
    assert rated.domains[1].levels == levels


# ---------------------------------------------------------------- indirectness

MOSTLY = "Most of the weight comes from trials of what is asked about."


@pytest.mark.parametrize(
    ("weights", "levels", "reason"),
    [
        ({"alpha2020": 1.0}, 0, MOSTLY),
        ({"alpha2020": 0.6, "gamma2022": 0.4}, 0, MOSTLY),
        (
            {"alpha2020": 0.5, "gamma2022": 0.5},
            1,
            "Of the weight, 50% comes from another form than asked about.",
        ),
        (
            {"beta2021": 1.0},
            1,
            (
                "Of the weight, all comes from another or an unstated form and another population "
                "than asked about."
            ),
        ),
        (
            {"alpha2020": 0.2, "beta2021": 0.5, "gamma2022": 0.3},
            1,
            (
                "Of the weight, 80% comes from another or an unstated form and 50% comes from "
                "another population than asked about."
            ),
        ),
    ],
)
def test_indirectness(small: Path, weights: dict[str, float], levels: int, reason: str) -> None:
    found = domain(load_review(small), body(weights), "indirectness")
    assert (found.levels, found.reason) == (levels, reason)


def test_another_comparator_is_indirect(small: Path) -> None:
    set_cell(small, "studies", 2, "comparator", "cold water")
    found = domain(load_review(small), body({"alpha2020": 1.0}), "indirectness")
    assert found.reason == "Of the weight, all comes from another comparator than asked about."


# ---------------------------------------------------------------- imprecision

BOTH = "The interval includes both a benefit and a harm that would matter."
NONE_AND_MATTERS = "The interval includes no effect as well as one that would matter."
STRADDLES = "The interval includes effects that would matter and effects that would not."
TOO_SMALL = "Every effect in the interval would be too small to matter, with {} people."
FEW = f"Only 399 people took part; about {OPTIMAL_SIZE} are wanted."


@pytest.mark.parametrize(
    ("low", "high", "threshold", "people", "levels", "reason"),
    [
        (-1.1, 1.1, 1.0, 1000, 2, BOTH),
        (-1.0, 1.0, 1.0, 1000, 2, BOTH),
        (-0.9, 1.1, 1.0, 1000, 1, NONE_AND_MATTERS),
        (-1.1, 0.9, 1.0, 1000, 1, NONE_AND_MATTERS),
        (0.1, 1.1, 1.0, 1000, 1, STRADDLES),
        (-3.0, -0.9, 1.0, 1000, 1, STRADDLES),
        # An effect of exactly the threshold would matter.
        (-1.0, 0.5, 1.0, 1000, 1, NONE_AND_MATTERS),
        (-0.5, 1.0, 1.0, 1000, 1, NONE_AND_MATTERS),
        (-3.0, -1.0, 1.0, 1000, 0, "Every effect in the interval would matter, with 1000 people."),
        # Wholly on one side of the threshold: nothing is left open, a null result included.
        (-0.9, 0.9, 1.0, 400, 0, TOO_SMALL.format(400)),
        (0.1, 0.9, 1.0, 1000, 0, TOO_SMALL.format(1000)),
        (1.0, 3.0, 1.0, 1000, 0, "Every effect in the interval would matter, with 1000 people."),
        (-3.0, -1.1, 1.0, 1000, 0, "Every effect in the interval would matter, with 1000 people."),
        (-0.9, 0.9, 1.0, 399, 1, FEW),
        (1.1, 3.0, 1.0, 399, 1, FEW),
        # Without a threshold the question is only whether there is an effect.
        (-0.1, 5.0, None, 1000, 1, "The interval includes no effect."),
        (0.0, 5.0, None, 1000, 1, "The interval includes no effect."),
        (-5.0, 0.0, None, 1000, 1, "The interval includes no effect."),
        (0.1, 5.0, None, 1000, 0, "The interval excludes no effect, with 1000 people."),
        (-5.0, -0.1, None, 399, 1, FEW),
    ],
)  # fmt: skip
def test_imprecision(
    small: Path,
    low: float,
    high: float,
    threshold: float | None,
    people: int,
    levels: int,
    reason: str,
) -> None:
    synthesis = body({"alpha2020": 1.0}, people=people)
    scenario = synthesis.scenarios[0]
    result = replace(scenario.result, estimate=(low + high) / 2, ci_low=low, ci_high=high)
    synthesis = replace(synthesis, scenarios=(replace(scenario, result=result),))
    found = domain(load_review(small), synthesis, "imprecision", threshold)
    assert (found.levels, found.reason) == (levels, reason)


# ---------------------------------------------------------------- missing evidence


def gone(number: int, *, by_decision: bool = False) -> LeftOut:
    return LeftOut(f"gone{number}", f"Gone {number}", "nap-trouble", "no number", by_decision)


@pytest.mark.parametrize(
    ("left_out", "registered", "levels", "reason"),
    [
        ((), 0, 0, "No trial is known whose result is missing."),
        ((gone(1, by_decision=True),), 0, 0, "No trial is known whose result is missing."),
        # One of three is a third, one of four is not: here two trials are usable.
        ((gone(1),), 0, 1, "One trial measured this without reporting a usable number."),
        ((), 1, 1, "One trial registered without results."),
        (
            (gone(1), gone(2), gone(3, by_decision=True)),
            1,
            1,
            (
                "Two trials measured this without reporting a usable number and one trial "
                "registered without results."
            ),
        ),
    ],
)
def test_missing_evidence(
    small: Path, left_out: tuple[LeftOut, ...], registered: int, levels: int, reason: str
) -> None:
    if registered:
        set_cell(small, "studies", 4, "status", "registered")
    synthesis = body({"alpha2020": 0.5, "beta2021": 0.5}, left_out=left_out)
    found = domain(load_review(small), synthesis, "missing evidence")
    assert (found.levels, found.reason) == (levels, reason)


def test_a_quarter_missing_is_told_and_not_serious(small: Path) -> None:
    synthesis = body({"alpha2020": 0.4, "beta2021": 0.3, "gamma2022": 0.3}, left_out=(gone(1),))
    found = domain(load_review(small), synthesis, "missing evidence")
    assert found.levels == 0
    assert found.reason == "One trial measured this without reporting a usable number."


# ---------------------------------------------------------------- levels and faces


def certainty(*levels: int) -> Certainty:
    domains = tuple(Domain(f"domain {i}", n, "Why.", "Where.") for i, n in enumerate(levels))
    return Certainty("trouble", "", domains)


@pytest.mark.parametrize(
    ("levels", "level"),
    [
        ((0, 0, 0, 0, 0), "high"),
        ((1, 0, 0, 0, 0), "moderate"),
        ((0, 0, 0, 2, 0), "low"),
        ((1, 1, 0, 0, 0), "low"),
        ((1, 2, 0, 0, 0), "very low"),
        ((2, 1, 1, 2, 1), "very low"),
    ],
)
def test_levels_add_up_and_stop_at_very_low(levels: tuple[int, ...], level: str) -> None:
    assert certainty(*levels).level == level
    assert LEVELS == ("high", "moderate", "low", "very low")


def test_grades_words() -> None:
    words = [Domain("", levels, "", "").word for levels in (0, 1, 2)]
    assert words == ["not serious", "serious", "very serious"]


def test_a_certainty_in_words() -> None:
    assert certainty(0, 1, 2).summary() == (
        "Suggested certainty: very low. Rated down for domain 1 (serious) and domain 2 "
        "(very serious)."
    )
    assert certainty(0, 0).summary() == "Suggested certainty: high. Nothing to rate down for."


def test_a_certainty_as_values() -> None:
    found = certainty(0, 2)
    assert list(found.to_frame()["levels"]) == [0, -2]
    assert found.to_dict()["level"] == "low"
    assert "<td" in found._repr_html_()
    assert "Where." not in found._repr_html_()


def test_the_worked_case_is_rated_domain_by_domain(review: Review) -> None:
    from evidence.synthesis import synthesise

    synthesis = synthesise(review, "insomnia-or-sleep-quality")
    for scenario in synthesis.scenarios:
        found = rate_certainty(review, synthesis, scenario, 0.5)
        assert [one.name for one in found.domains] == [
            "risk of bias",
            "inconsistency",
            "indirectness",
            "imprecision",
            "missing evidence",
        ]
        for one in found.domains:
            # A journal with volume and pages, so that a reader finds it.
            assert "GRADE guidelines" in one.reference
            assert one.reference.count("J Clin Epidemiol") >= 1
            assert one.reason.endswith(".")
            assert ".." not in one.reason
            assert "nan" not in one.reason
        assert found.level == "very low"
        assert "Schuster 2025 contradict each other" in found.domains[0].reason
        assert found.domains[2].levels == 1
        assert "another form, another dose and another population" in found.domains[2].reason
