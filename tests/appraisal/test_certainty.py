"""GRADE's five domains, each rule and each of its branches on constructed cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.appraisal.bodies import NAMES, body, domain
from tests.data.small import add_row, set_cell, write_rows

from evidence.appraisal import LEVELS, Certainty, Domain, rate_certainty
from evidence.data import Review, load_review
from evidence.data.tables import TABLES

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
