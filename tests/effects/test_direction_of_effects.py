"""Which way an effect points, and what only bounds its size."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from tests.effects.made_up import (
    EIGHT,
    J14,
    MD,
    MINUTES,
    SMD,
    SPILLS,
    STUDY,
    TROUBLE,
    arms,
    codes,
    contrast,
    load,
    only,
    refusal,
    spilled,
)

from evidence.effects import derive

EXACT = 1e-12  # relative


# ------------------------------------------------------------------ signs


@pytest.mark.parametrize("printed", ["3", "-3"])
@pytest.mark.parametrize("outcome", [MINUTES, TROUBLE])
@pytest.mark.parametrize("means", ["treatment higher", "treatment lower", "treatment better"])
@pytest.mark.parametrize("kind", ["interval", "standard error", "effect size", "p"])
def test_the_sign_is_that_of_treatment_minus_control(
    printed: str, outcome: str, means: str, kind: str, tmp_path: Path
) -> None:
    better = {MINUTES: 1, TROUBLE: -1}[outcome]
    sign = {"treatment higher": 1, "treatment lower": -1, "treatment better": better}[means]
    expected = sign * float(printed)
    cells = {
        "outcome_id": outcome,
        "estimate": printed,
        "positive_means": means,
        "direction": "treatment" if expected * better > 0 else "control",
        **EIGHT,
    }
    if kind == "interval":
        ends = {"ci_low": str(float(printed) - 4), "ci_high": str(float(printed) + 4)}
        row, measure = contrast(MD, **cells, **ends), MD
    elif kind == "standard error":
        row, measure = contrast(MD, **cells, se="2"), MD
    elif kind == "effect size":
        row, measure = contrast("Hedges g", **cells), SMD
    else:
        row, measure = contrast(MD, **cells, p="0.16"), MD
    reading = only(tmp_path, row, measure=measure, outcome=outcome)
    assert_allclose(reading.estimate, expected, rtol=EXACT)
    if kind == "interval":
        assert (reading.ci_low, reading.ci_high) == (expected - 4, expected + 4)


@pytest.mark.parametrize("direction", ["treatment", "control"])
@pytest.mark.parametrize("outcome", [MINUTES, TROUBLE])
@pytest.mark.parametrize("cells", [{"p": "0.16"}, {"t": "-1.5"}, {"t": "1.5"}, {"f": "2.25"}])
def test_a_test_takes_its_sign_from_the_direction(
    direction: str, outcome: str, cells: dict, tmp_path: Path
) -> None:
    better = {MINUTES: 1, TROUBLE: -1}[outcome]
    row = contrast(outcome_id=outcome, direction=direction, **cells, **EIGHT)
    reading = only(tmp_path, row, outcome=outcome)
    assert reading.signed
    assert math.copysign(1, reading.estimate) == better * (1 if direction == "treatment" else -1)


@pytest.mark.parametrize(
    ("means", "sign"), [("treatment higher", 1), ("treatment lower", -1), ("treatment better", -1)]
)
def test_the_sign_of_a_ratio(means: str, sign: int, tmp_path: Path) -> None:
    # Spills are better low, so a ratio of 2 that is better means half as many.
    row = spilled(
        "risk ratio",
        estimate="2",
        ci_low="1",
        ci_high="4",
        positive_means=means,
        direction="control" if sign > 0 else "treatment",
    )
    reading = only(tmp_path, row, outcome=SPILLS)
    assert_allclose(reading.estimate, sign * math.log(2), rtol=EXACT)


@pytest.mark.parametrize("outcome", [MINUTES, TROUBLE])
def test_arms_are_treatment_minus_control_whatever_is_better(outcome: str, tmp_path: Path) -> None:
    rows = arms({"mean": "13"}, {"mean": "10"}, n="8", sd="4", outcome_id=outcome)
    assert only(tmp_path, rows, measure=MD, outcome=outcome).estimate == 3


# ------------------------------------------------------------------ direction


def test_unsigned_stays_unsigned(tmp_path: Path) -> None:
    reading = only(tmp_path, contrast(p="0.16", direction="not reported", **EIGHT))
    assert not reading.signed
    assert not reading.usable
    assert reading.estimate > 0
    assert reading.summary().startswith("±0.7")


@pytest.mark.parametrize("cells", [{"p": "0.16"}, {"t": "1.5"}, {"f": "2.25"}])
def test_a_borrowed_direction_is_a_caution(cells: dict, tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast(direction="not reported", **cells, **EIGHT),
        contrast(direction="control", p_of="another test", significance="not significant"),
    )
    (reading,) = derive(review, STUDY, MINUTES).readings
    assert reading.signed
    assert reading.estimate < 0
    assert "direction-borrowed" in codes(reading)


def test_two_directions_lend_none(tmp_path: Path) -> None:
    review = load(
        tmp_path,
        contrast(direction="not reported", p="0.16", **EIGHT),
        contrast(direction="control", p_of="a", significance="not significant"),
        contrast(direction="treatment", p_of="b", significance="not significant"),
    )
    (reading,) = derive(review, STUDY, MINUTES).readings
    assert not reading.signed


# ------------------------------------------------------------------ bounds


@pytest.mark.parametrize(
    ("relation", "bound"), [("<", "at least"), ("<=", "at least"), (">", "at most")]
)
def test_a_bound_is_never_a_point(relation: str, bound: str, tmp_path: Path) -> None:
    # p = 0.05 on 14 degrees of freedom is t = 2.144787: g = J * 2.144787 / 2
    reading = only(tmp_path, contrast(p=".05", p_relation=relation, **EIGHT))
    assert reading.bound == bound
    assert_allclose(reading.bound_size, J14 * 2.144787 / 2, rtol=1e-6)
    assert math.isnan(reading.estimate)
    assert math.isnan(reading.standard_error)
    assert not reading.usable
    assert reading.path == f"p {relation} .05 with 16 people only bounds the size of the effect"
    assert reading.summary().startswith(f"size {bound} 1.01")


def test_a_bound_beside_reported_degrees_of_freedom_counts_people(tmp_path: Path) -> None:
    row = contrast(p="0.05", p_relation="<", df="40.5", **EIGHT)
    assert "with 16 people" in only(tmp_path, row).path


@pytest.mark.parametrize("relation", ["<", ">"])
def test_a_bound_gives_no_difference_in_minutes(relation: str, tmp_path: Path) -> None:
    row = contrast(MD, estimate="3", p="0.05", p_relation=relation, **EIGHT)
    assert "only bounds the size" in refusal(tmp_path, row, measure=MD)


def test_a_p_value_of_one_is_about_nothing(tmp_path: Path) -> None:
    assert "about nil" in refusal(tmp_path, contrast(p="1.00", **EIGHT))
