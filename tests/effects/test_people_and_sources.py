"""Who was counted, who told it, and what was assumed."""

from __future__ import annotations

from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from tests.effects.made_up import (
    EIGHT,
    MD,
    MINUTES,
    STUDY,
    G,
    arms,
    codes,
    contrast,
    load,
    only,
    study,
)

from evidence.effects import derive

PRINTED = 2e-4  # relative: what the digits of the made-up reports leave open


# ------------------------------------------------------------------ who was counted


@pytest.mark.parametrize(
    ("cells", "people", "cautions"),
    [
        ({"n_treatment": "8", "n_control": "6"}, (8, 6), []),
        ({"n_treatment": "8", "n_control": "6", "n_total": "14"}, (8, 6), []),
        ({"n_treatment": "8", "n_total": "14"}, (8, 6), []),
        ({"n_control": "6", "n_total": "14"}, (8, 6), []),
        ({"n_total": "15"}, (7.5, 7.5), ["split-assumed"]),
        ({"n_total": "14", "n_basis": "randomised"}, (7, 7), ["split-assumed"]),
        (
            {"n_treatment": "8", "n_control": "6", "n_basis": "randomised"},
            (8, 6),
            ["randomised-n"],
        ),
        ({}, (10, 10), ["split-assumed"]),
    ],
)
def test_group_sizes_and_what_was_assumed(
    cells: dict, people: tuple[float, float], cautions: list[str], tmp_path: Path
) -> None:
    reading = only(tmp_path, contrast(p="0.16", **cells), studies=[study(n_randomised="20")])
    assert (reading.n_treatment, reading.n_control) == people
    assert codes(reading) == ["p-only", *cautions]


def test_what_was_assumed_is_said_in_words(tmp_path: Path) -> None:
    reading = only(tmp_path, contrast(p="0.16", n_total="15"))
    assert reading.cautions[-1].message == (
        "How the 15 people analysed were divided is not reported; equal halves were assumed."
    )


def test_group_sizes_from_the_arms(tmp_path: Path) -> None:
    rows = arms({"median": "303", "n": "9"}, {"median": "300", "n": "7"})
    reading = only(tmp_path, rows, contrast(p="0.16"))
    assert (reading.n_treatment, reading.n_control) == (9, 7)


@pytest.mark.parametrize(("randomised", "cautions"), [("16", ["randomised-n"]), ("20", [])])
def test_group_sizes_from_the_facts(randomised: str, cautions: list[str], tmp_path: Path) -> None:
    facts = [
        {
            "study_id": STUDY,
            "item": item,
            "value": number,
            "number": number,
            "source_id": "alpha-article",
            "quote": "as reported",
            "tier": "primary",
        }
        for item, number in (("n_treatment", "9"), ("n_control", "7"))
    ]
    reading = only(
        tmp_path,
        contrast(p="0.16"),
        studies=[study(n_randomised=randomised)],
        study_facts=facts,
    )
    assert (reading.n_treatment, reading.n_control) == (9, 7)
    assert codes(reading) == ["p-only", *cautions]


# ------------------------------------------------------------------ second-hand, retold


@pytest.mark.parametrize(
    "rows",
    [
        arms({"mean": "303"}, {"mean": "300"}, n="8", sd="4", tier="secondary"),
        contrast(p="0.16", tier="secondary", **EIGHT),
        contrast(MD, estimate="3", se="2", tier="secondary", **EIGHT),
        contrast("Cohen d", estimate="0.75", tier="secondary", **EIGHT),
    ],
)
def test_second_hand_is_a_tier_and_a_caution(rows, tmp_path: Path) -> None:
    reading = only(tmp_path, rows)
    assert reading.tier == "secondary"
    assert codes(reading)[0] == "second-hand"


def test_a_reading_is_as_near_as_the_furthest_of_its_rows(tmp_path: Path) -> None:
    # The p value is the trial's own; the difference it needs is told by somebody else.
    review = load(
        tmp_path,
        contrast(p="0.1558193", **EIGHT),
        contrast(MD, estimate="3", tier="secondary", **EIGHT),
    )
    (reading,) = derive(review, STUDY, MINUTES, measure=MD).readings
    assert_allclose(reading.standard_error, 2, rtol=PRINTED)
    assert reading.tier == "secondary"
    assert "second-hand" in codes(reading)
    assert reading.source_ids == ("alpha-article", "gamma-account")
    assert len(reading.rows) == 2


def test_a_retelling_is_merged_and_named(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast(p="0.05", tier="secondary", **EIGHT),
        contrast(p="0.049", **EIGHT),
    )
    (reading,) = derive(review, STUDY, MINUTES).readings
    # The trial's own report stands, not the rounded retelling.
    assert reading.path.startswith("p = 0.049")
    assert reading.tier == "primary"
    assert reading.also_reported_by == ("gamma-account",)


def test_the_digits_decide_between_two_reports_of_a_tier(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast(p="0.05", p_of="in the abstract", **EIGHT),
        contrast(p="0.0493", **EIGHT),
    )
    (reading,) = derive(review, STUDY, MINUTES).readings
    assert reading.path.startswith("p = 0.0493")


@pytest.mark.parametrize("cells", [{"p": "0.02", "p_relation": "<"}, {"p": "0.20"}])
def test_another_number_is_no_retelling(cells: dict, tmp_path: Path) -> None:
    review = load(
        tmp_path, contrast(p="0.049", **EIGHT), contrast(tier="secondary", **cells, **EIGHT)
    )
    assert len(derive(review, STUDY, MINUTES).readings) == 2


def test_the_same_size_the_other_way_is_no_retelling(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast("Cohen d", estimate="0.75", **EIGHT),
        contrast("Cohen d", estimate="-0.75", direction="control", tier="secondary", **EIGHT),
    )
    comparison = derive(review, STUDY, MINUTES)
    assert [round(reading.estimate, 3) for reading in comparison.readings] == [
        round(G, 3),
        -round(G, 3),
    ]
    assert comparison.contradiction


def test_a_report_without_direction_does_not_stand_for_one_with_it(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast(p="0.049", direction="not reported", **EIGHT),
        contrast(p="0.05", direction="treatment", p_of="a", tier="secondary", **EIGHT),
        contrast(direction="control", p_of="b", significance="not significant"),
    )
    (reading,) = derive(review, STUDY, MINUTES).readings
    assert reading.usable
    assert reading.also_reported_by == ("alpha-article",)


# ------------------------------------------------------------------ a lopsided interval


@pytest.mark.parametrize(("high", "cautioned"), [("7.3", False), ("7.4", True)])
def test_an_interval_off_its_estimate_is_a_caution(
    high: str, cautioned: bool, tmp_path: Path
) -> None:
    # -1.30 to 7.30 is centred on 3.00; to 7.40 the centre is 3.05, and rounding explains at
    # most 0.005 of the centre and 0.005 of the estimate.
    row = contrast(MD, estimate="3.00", ci_low="-1.30", ci_high=f"{high}0", **EIGHT)
    reading = only(tmp_path, row, measure=MD)
    assert ("lopsided-interval" in codes(reading)) is cautioned
