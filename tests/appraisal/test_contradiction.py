"""What would have to hold for contradictory reports to be right together."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from scipy.stats import nct, t

from evidence.appraisal.contradiction import Reconciliation, exact_interval, reconcile
from evidence.data import Review
from evidence.effects import derive
from evidence.effects.derivation.readings import Comparison
from evidence.effects.measures.continuous import hedges_correction
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError


@pytest.fixture(scope="module")
def comparison(review: Review) -> Comparison:
    return derive(review, "schuster2025", "isi", timepoint="week 4", measure="mean difference")


def test_the_worked_case(comparison: Comparison) -> None:
    found = reconcile(comparison, "points")
    # The sourced check: correlation about 0.61, SD 8.2 to 8.5 against 5.2, smallest d 0.32.
    assert found.correlation_needed == pytest.approx(0.61, abs=0.005)
    assert 8.2 <= found.sd_from_arms <= 8.5
    assert found.sd_from_difference == pytest.approx(5.2, abs=0.05)
    assert found.smallest_significant == pytest.approx(0.32, abs=0.005)
    n = 151
    assert found.smallest_significant == pytest.approx(t.ppf(0.975, n) * math.sqrt(4 / 153))
    text = found.summary()
    for number in ("8.3 points", "5.2", "0.61", "0.32"):
        assert number in text
    assert "move together with a correlation of about 0.61" in text


def test_the_correlation_reconciles_the_variances(comparison: Comparison) -> None:
    found = reconcile(comparison, "points")
    arms = next(r for r in comparison.readings if r.kind == "arms")
    difference = next(r for r in comparison.readings if r.kind == "interval")
    # The variance of a difference of two equally precise, correlated estimates.
    each = arms.standard_error**2 / 2
    together = 2 * each - 2 * found.correlation_needed * each
    assert together == pytest.approx(difference.standard_error**2)


def made(needed: float) -> str:
    return Reconciliation("Alpha", "points", needed, 8.0, 5.0, 0.3).summary()


def test_correlations_in_words() -> None:
    assert "move together with a correlation of about 0.50" in made(0.5)
    assert "move in opposite directions with a correlation of about −0.50" in made(-0.5)
    assert "move together with a correlation of about 0.00" in made(0.0)
    assert "move in opposite directions with a correlation of about −1.00" in made(-1.0)
    assert "No correlation between the estimates of the two groups would fit both." in made(-1.5)


def test_both_kinds_of_report_are_needed(comparison: Comparison) -> None:
    for kind in ("arms", "interval"):
        left = tuple(r for r in comparison.readings if r.kind != kind)
        with pytest.raises(InsufficientEvidenceError, match="Schuster 2025 does not report both"):
            reconcile(replace(comparison, readings=left), "points")


def test_reports_that_agree_need_no_reconciling(comparison: Comparison) -> None:
    arms = next(r for r in comparison.readings if r.kind == "arms")
    difference = next(r for r in comparison.readings if r.kind == "interval")
    fitting = replace(
        difference, statistic_low=arms.statistic_low, statistic_high=arms.statistic_high
    )
    with pytest.raises(InsufficientEvidenceError, match="agree within rounding"):
        reconcile(replace(comparison, readings=(arms, fitting)), "points")
    # Whatever else contradicts them, these two agree.
    other = next(r for r in comparison.readings if r.kind == "p")
    with pytest.raises(InsufficientEvidenceError, match="agree within rounding"):
        reconcile(replace(comparison, readings=(arms, fitting, other)), "points")


def test_only_means_have_standard_deviations(review: Review) -> None:
    comparison = derive(review, "schuster2025", "isi", timepoint="week 4")
    with pytest.raises(InvalidArgumentError, match="of the standardised mean difference"):
        reconcile(comparison, "points")


def test_faces(comparison: Comparison) -> None:
    found = reconcile(comparison, "points")
    assert found.to_frame().iloc[0].to_dict() == found.to_dict()
    assert found.to_dict()["unit"] == "points"


def test_the_exact_interval_against_the_noncentral_t_distribution(review: Review) -> None:
    comparison = derive(review, "schuster2025", "isi", timepoint="week 4")
    checked = 0
    for reading in comparison.readings:
        n1, n2 = reading.n_treatment, reading.n_control
        df, scale = n1 + n2 - 2, math.sqrt(1 / n1 + 1 / n2)
        statistic = reading.estimate / hedges_correction(df)[0] / scale
        low, high = exact_interval(reading)
        # Each end is the effect under which the observed t is at the edge of a tail.
        assert nct.sf(statistic, df, low / scale) == pytest.approx(0.025, abs=1e-9)
        assert nct.cdf(statistic, df, high / scale) == pytest.approx(0.025, abs=1e-9)
        assert low < reading.estimate < high
        checked += 1
    assert checked >= 4
