"""A crossover compared with an assumed correlation: by hand, and only when it is asked for."""

from __future__ import annotations

import math

import pytest
from tests.effects.made_up import MINUTES, SMD, STUDY, arms, contrast, load, spilled, study

from evidence.effects import derive, derive_analysis
from evidence.effects.measures.continuous import hedges_correction
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

MD = "mean difference"
CROSSOVER = [study(design="crossover trial", n_randomised="24")]
PERIODS = arms({"mean": "12.0", "sd": "4.0"}, {"mean": "10.0", "sd": "5.0"}, n="24", kind="period")


def only(tmp_path, *rows, r, measure=SMD, outcome=MINUTES):
    review = load(tmp_path, *rows, studies=CROSSOVER)
    (reading,) = derive(review, STUDY, outcome, measure=measure, correlation=r).readings
    return reading


def test_the_difference_of_two_periods(tmp_path):
    reading = only(tmp_path, PERIODS, r=0.6, measure=MD)
    assert reading.estimate == pytest.approx(2)
    variance = (16 + 25 - 2 * 0.6 * 4 * 5) / 24
    assert reading.standard_error == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert "taking a correlation of 0.6" in reading.path
    assert {"crossover", "correlation-assumed"} <= {caution.code for caution in reading.cautions}
    # Everybody is counted once.
    assert reading.n_treatment + reading.n_control == 24
    assert reading.statistic_low < 2 / math.sqrt(variance) < reading.statistic_high


def test_in_standard_deviations_of_the_control_period(tmp_path):
    reading = only(tmp_path, PERIODS, r=0.6)
    g = float(hedges_correction(23)[0]) * 2 / 5
    assert reading.estimate == pytest.approx(g, rel=1e-12)
    assert reading.standard_error == pytest.approx(math.sqrt(2 * 0.4 / 24 + g**2 / 48), rel=1e-12)


def test_from_a_paired_t(tmp_path):
    row = contrast(MD, estimate="2.0", t="2.5", df="23", n_total="24")
    reading = only(tmp_path, row, r=0.6)
    g = float(hedges_correction(23)[0]) * 2.5 * math.sqrt(2 * 0.4 / 24)
    assert reading.estimate == pytest.approx(g, rel=1e-12)
    assert reading.standard_error == pytest.approx(math.sqrt(2 * 0.4 / 24 + g**2 / 48), rel=1e-12)


@pytest.mark.parametrize("r", [-0.5, 0.0, 0.9])
def test_a_higher_correlation_makes_it_more_precise(tmp_path, r):
    lower = only(tmp_path / "a", PERIODS, r=r, measure=MD)
    higher = only(tmp_path / "b", PERIODS, r=r + 0.05, measure=MD)
    assert higher.standard_error < lower.standard_error
    assert higher.estimate == lower.estimate


def test_without_an_assumption_nothing_is_compared(tmp_path):
    review = load(tmp_path, PERIODS, studies=CROSSOVER)
    with pytest.raises(InsufficientEvidenceError, match="the correlation within people"):
        derive(review, STUDY, MINUTES)


@pytest.mark.parametrize("r", [1.0, 1.2, -1.1, math.nan, "0.5", True])
def test_a_correlation_is_a_number_below_1(tmp_path, r):
    review = load(tmp_path, PERIODS, studies=CROSSOVER)
    with pytest.raises(InvalidArgumentError, match="correlation is"):
        derive(review, STUDY, MINUTES, correlation=r)


@pytest.mark.parametrize(
    ("rows", "measure", "outcome", "reason"),
    [
        (
            arms({"mean": "12.0"}, {"mean": "10.0", "sd": "5.0"}, n="24", kind="period"),
            SMD,
            MINUTES,
            "means, standard deviations or people are not reported",
        ),
        (
            arms({"mean": "12.0", "sd": "0"}, {"mean": "10.0", "sd": "5.0"}, n="24", kind="period"),
            SMD,
            MINUTES,
            "without spread",
        ),
        ([contrast("Cohen d", estimate="0.4", n_total="24")], SMD, MINUTES, "by which SD"),
        (
            arms(
                {"events": "3", "total": "24"}, {"events": "6", "total": "24"}, outcome_id="spills"
            ),
            "risk ratio",
            "spills",
            "who had it in which period",
        ),
    ],
)
def test_what_an_assumption_does_not_help(tmp_path, rows, measure, outcome, reason):
    review = load(tmp_path, rows, studies=CROSSOVER)
    with pytest.raises(InsufficientEvidenceError, match=reason):
        derive(review, STUDY, outcome, measure=measure, correlation=0.5)


def test_an_analysis_can_be_made_from_the_plan(tmp_path):
    review = load(tmp_path, spilled("none", p="0.5", n_total="30"))
    plan = review.analysis("trouble")
    assert derive_analysis(review, plan).summary() == derive_analysis(review, "trouble").summary()
    # The small review leaves Gamma out by decision.
    every = derive_analysis(review, plan, exclusions=False)
    assert {c.study_id for c in every.comparisons} == {"alpha2020", "gamma2022"}
