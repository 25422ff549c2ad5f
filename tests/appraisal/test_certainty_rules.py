"""Inconsistency, missing evidence, starting level and rating up: each rule, each branch."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.appraisal.bodies import body, domain
from tests.data.small import add_row, set_cell

from evidence.appraisal import Certainty, Domain, rate_certainty
from evidence.appraisal.certainty import missing as missing_module
from evidence.appraisal.certainty.imprecision import IMPRECISION_RULE
from evidence.appraisal.certainty.inconsistency import (
    INCONSISTENCY_RULE,
    OTHER_SIDE_SHARE,
    rate_inconsistency,
)
from evidence.appraisal.certainty.missing import MISSING_RULE
from evidence.appraisal.certainty.starting import START_RULE, starting_level
from evidence.appraisal.certainty.upgrading import UPGRADE_RULES, UPGRADES, rate_upgrades
from evidence.data import Review, load_review
from evidence.effects.derivation.derive import LeftOut
from evidence.synthesis import pool
from evidence.synthesis.body import Scenario, synthesise

# ---------------------------------------------------------------- inconsistency


def inconsistency(
    effects: list[float], se: float = 0.1, threshold: float | None = 0.5, **options: str
) -> Domain:
    result = pool(effects, [se**2] * len(effects), **options)
    return rate_inconsistency(Scenario("", (), result), threshold)


def test_one_trial_cannot_be_inconsistent() -> None:
    found = inconsistency([1.0])
    assert found.levels == 0
    assert found.reason == "With one trial nothing can be inconsistent; nothing confirms it either."


def test_large_against_small_benefits_are_not_rated_down() -> None:
    """GRADE guidelines 7, abstract: rather not for "only large vs. small effects"."""
    found = inconsistency([-2.0, -2.6, -3.1, -2.2, -2.9, -3.3])
    assert found.facts["p of heterogeneity"] < 0.001
    assert found.facts["intervals overlap"] is False
    assert found.levels == 0
    assert "no setting lies on another side of what would matter than the mean" in found.reason


def test_benefit_against_no_effect_is_rated_down() -> None:
    """GRADE guidelines 7, abstract: some trials show substantial benefit, others no effect."""
    found = inconsistency([-2.0, -1.8, -1.9, -0.1, 0.0, 0.1])
    assert found.levels == 1
    assert "% of settings lie on another side of what would matter" in found.reason
    assert "no effect lies in the intervals of all of them" in found.reason


def test_benefit_against_harm_is_rated_down_twice() -> None:
    found = inconsistency([-2.0, -1.8, -1.9, 1.9, 2.0, 2.2])
    assert found.levels == 2
    # Against no effect there are only two sides, and one level.
    assert inconsistency([-2.0, -1.8, -1.9, 1.9, 2.0, 2.2], threshold=None).levels == 1


def test_a_high_i2_alone_is_not_inconsistency() -> None:
    """GRADE guidance 36: I² can be large where inconsistency is not important."""
    found = inconsistency([-2.0, -2.2, -2.5, -2.8], se=0.05)
    assert "(I² 98%)" in found.reason
    assert found.levels == 0


def test_scatter_that_chance_explains_is_imprecision() -> None:
    found = inconsistency([-0.8, -0.3, -0.6, -0.2], se=0.35)
    assert found.levels == 0
    assert found.facts["p of heterogeneity"] > 0.1


def test_scatter_about_the_threshold_that_chance_may_explain() -> None:
    found = inconsistency([-0.9, -0.1, -0.8, -0.1], se=0.4)
    assert found.levels == 0
    found = inconsistency([-1.1, 0.1, -0.9, 0.0], se=0.5)
    assert found.facts["p of heterogeneity"] > 0.1
    if found.facts["elsewhere in percent"] >= 100 * OTHER_SIDE_SHARE:
        assert "Chance alone could scatter them so" in found.reason


@pytest.mark.parametrize(
    ("effects", "se", "levels", "told"),
    [
        # Apart and on two sides.
        ([-1.0, 0.4], 0.2, 1, "One of them lies on another side of what would matter"),
        # Apart, and both of them matter.
        ([-1.0, -3.0], 0.2, 0, "All of them lie on the same side of what would matter."),
        # On two sides, but chance can do that.
        ([-0.8, -0.2], 0.3, 0, "Chance alone could scatter them so"),
    ],
)
def test_two_trials_stand_for_themselves(
    effects: list[float], se: float, levels: int, told: str
) -> None:
    found = inconsistency(effects, se)
    assert found.levels == levels
    assert told in found.reason
    assert ("hide a good deal" in found.reason) == (found.facts["p of heterogeneity"] >= 0.1)


def test_a_common_effect_has_no_settings_so_the_trials_are_counted() -> None:
    found = inconsistency([-2.0, -1.8, -0.1, 0.0], model="common", ci_method="Wald")
    assert found.levels == 1
    assert "of them lie on another side" in found.reason


def test_effects_of_exactly_the_threshold_would_matter() -> None:
    for effects in ([-0.5, -3.0], [0.5, 3.0]):
        assert "All of them lie on the same side" in inconsistency(effects).reason
    for effects in ([-0.499, -3.0], [0.499, 3.0]):
        assert inconsistency(effects).levels == 1


@given(
    st.lists(st.floats(min_value=-5, max_value=5), min_size=2, max_size=8),
    st.floats(min_value=0.05, max_value=2),
)
def test_turning_the_sign_changes_nothing_about_inconsistency(
    effects: list[float], se: float
) -> None:
    effects = [round(one, 3) + 0.0001 for one in effects]
    found = inconsistency(effects, se)
    turned = inconsistency([-one for one in effects], se)
    assert found.levels == turned.levels
    assert 0 <= found.levels <= 2


# ---------------------------------------------------------------- missing evidence


def gone(number: int, *, by_decision: bool = False) -> LeftOut:
    return LeftOut(f"gone{number}", f"Gone {number}", "nap-trouble", "no number", by_decision)


SILENT_CHECKS = " With two trials no check of the numbers can say anything."


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
    # That no check can speak is told, and neither rates down nor clears anything.
    assert (found.levels, found.reason) == (levels, reason + SILENT_CHECKS)


def test_a_quarter_missing_is_told_and_not_serious(small: Path) -> None:
    synthesis = body({"alpha2020": 0.4, "beta2021": 0.3, "gamma2022": 0.3}, left_out=(gone(1),))
    found = domain(load_review(small), synthesis, "missing evidence")
    assert found.levels == 0
    assert found.reason.startswith("One trial measured this without reporting a usable number.")


@pytest.mark.parametrize(("fate", "levels"), [("not reported", 1), ("as planned", 0)])
def test_a_planned_outcome_that_a_full_report_leaves_out_counts(
    small: Path, fate: str, levels: int
) -> None:
    add_row(
        small, "registered_outcomes", study_id="beta2021", outcome_id="nap-trouble",
        rank="primary", planned="nap trouble", planned_in="registry", reported=fate,
        report_source_id="alpha-article", source_id="beta-article", quote="so it was planned",
        tier="primary",
    )  # fmt: skip
    if fate == "as planned":
        add_row(
            small, "contrasts", study_id="beta2021", outcome_id="nap-trouble", timepoint="week 2",
            treatment="moonwort tea", comparator="hot water", measure="mean difference",
            positive_means="treatment higher", estimate="-1.0", se="1.0", direction="treatment",
            n_treatment="12", n_control="12", n_total="24", source_id="beta-article",
            quote="-1.0 (1.0)", tier="primary",
        )  # fmt: skip
    found = domain(load_review(small), body({"alpha2020": 1.0}), "missing evidence")
    assert found.levels == levels
    told = "one trial planned this and did not report it as planned"
    assert (told in found.reason.lower()) == bool(levels)


def test_a_check_that_finds_something_rates_down_once(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence.appraisal.check import CONTRADICTION

    real = missing_module.missing_evidence

    def found_something(*given: object, **named: object) -> object:
        found = real(*given, **named)
        changed = []
        for finding in found.findings:
            heard = finding.trust.startswith(missing_module._HEARD)
            check = replace(finding.check, status=CONTRADICTION) if heard else finding.check
            changed.append(replace(finding, check=check))
        return replace(found, findings=tuple(changed))

    monkeypatch.setattr(missing_module, "missing_evidence", found_something)
    found = domain(load_review(small), body({"alpha2020": 1.0}), "missing evidence")
    assert found.levels == 1
    assert "Something was found by" in found.reason


# ---------------------------------------------------------------- starting level, rating up


def observational(small: Path) -> Review:
    set_cell(small, "studies", 2, "design", "cohort")
    return load_review(small)


def test_randomised_trials_start_high(small: Path) -> None:
    review = load_review(small)
    found = starting_level(review, ["alpha2020", "beta2021"])
    assert (found.levels, found.reason) == (0, "Randomised trials start high.")
    set_cell(small, "studies", 2, "design", "trial, design not known")
    found = starting_level(load_review(small), ["alpha2020"])
    assert found.reason.endswith("The design of one trial is not known and taken as randomised.")


def test_a_study_that_did_not_randomise_starts_low(small: Path) -> None:
    found = starting_level(observational(small), ["alpha2020", "beta2021"])
    assert found.levels == 2
    assert found.reason == "Alpha 2020 did not allocate at random, so the evidence starts low."
    assert "guidelines 18" in found.reference


def test_robins_i_starts_high_and_leaves_the_rest_to_risk_of_bias(small: Path) -> None:
    add_row(
        small, "risk_of_bias", study_id="alpha2020", tool="ROBINS-I", domain="overall",
        judgement="serious", support="So it seemed.", who="tester", source_id="alpha-article",
        quote="so it seemed", tier="primary",
    )  # fmt: skip
    found = starting_level(observational(small), ["alpha2020"])
    assert found.levels == 0
    assert "judged with ROBINS-I" in found.reason


@pytest.mark.parametrize(
    ("ratio", "levels", "told"),
    [
        (1.99, 0, "less than two-fold"),
        (2.0, 1, "at least two-fold"),
        (0.5, 1, "at least two-fold"),
        # Gilbert et al. 2005, front against back sleeping before the advice changed: 2.95.
        (2.95, 1, "at least two-fold"),
        # And after it: 6.91, a very large effect by GRADE guidelines 9.
        (6.91, 2, "at least five-fold"),
        (0.2, 2, "at least five-fold"),
    ],
)
def test_the_large_effects_of_grade_guidelines_9(
    small: Path, ratio: float, levels: int, told: str
) -> None:
    result = pool([math.log(ratio)], [0.01], model="common", ci_method="Wald")
    review = load_review(small)
    found = rate_upgrades(review, Scenario("", (), result), "risk ratio")
    assert tuple(one.name for one in found) == UPGRADES
    assert [one.levels for one in found] == [levels, 0, 0]
    assert told in found[0].reason
    assert all(one.upgrade for one in found)
    # A difference says nothing of relative risk; an odds ratio needs the risk without treatment.
    for measure in ("mean difference", "odds ratio"):
        other = rate_upgrades(review, Scenario("", (), result), measure)[0]
        assert other.levels == 0


def test_an_odds_ratio_is_judged_as_a_risk_ratio(small: Path) -> None:
    set_cell(small, "arms", 6, "events", "15")
    review = load_review(small)
    spills = synthesise(review, "spilling").scenarios[0]
    result = replace(spills.result, estimate=math.log(3.0))
    found = rate_upgrades(review, replace(spills, result=result), "odds ratio")[0]
    # At a risk of one half an odds ratio of 3 is a risk ratio of 1.5.
    assert found.facts["risk ratio"] == pytest.approx(1.5)
    assert found.levels == 0


def certainty(down: int, up: int, start: int) -> Certainty:
    domains = (Domain("imprecision", down, "Why.", "Where."),)
    ups = (Domain("large effect", up, "Why.", "Where.", upgrade=True),)
    return Certainty("x", "", domains, Domain("starting level", start, "Why.", "Where."), ups)


@pytest.mark.parametrize(
    ("down", "up", "start", "level"),
    [
        (0, 1, 2, "moderate"),
        (0, 2, 2, "high"),
        (0, 0, 2, "low"),
        # Nothing is rated up that is rated down, and no trial above high.
        (1, 2, 2, "very low"),
        (0, 2, 0, "high"),
        (1, 2, 0, "moderate"),
    ],
)
def test_rating_up_is_for_observational_evidence_without_concerns(
    down: int, up: int, start: int, level: str
) -> None:
    found = certainty(down, up, start)
    assert found.level == found.suggested_level == level
    counted = bool(up and start and not down)
    assert ("Rated up for large effect." in found.summary()) == counted
    assert ("large effect" in list(found.to_frame()["domain"])) == counted


def test_an_observational_body_end_to_end(small: Path) -> None:
    review = observational(small)
    synthesis = synthesise(review, "trouble")
    found = rate_certainty(review, synthesis, synthesis.scenarios[0], 1.5)
    assert found.start.levels == 2
    assert found.level == "very low"
    assert "so the evidence starts low" in found.summary()
    assert found.to_dict()["start"] == "low"


# ---------------------------------------------------------------- the rules themselves


def test_every_rule_says_what_it_reads_and_where_it_is_from() -> None:
    rules = [IMPRECISION_RULE, INCONSISTENCY_RULE, MISSING_RULE, START_RULE]
    for rule in (*rules, *UPGRADE_RULES.values()):
        assert rule.does.endswith(".")
        assert "J Clin Epidemiol" in rule.reference
        for cut in rule.cuts:
            assert cut.reference
    own = {cut.name for rule in rules for cut in rule.cuts if cut.own}
    assert own == {
        "far below the optimal information size",
        "p of heterogeneity",
        "share of settings",
        "share of the trials without a usable result",
    }
