"""By which SD a difference is divided: hand algebra, limits, invariants, a million rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.effects.measures.continuous import (
    STANDARDISERS,
    hedges_correction,
    standardised_mean_difference,
)
from evidence.effects.measures.hedges import exact_correction
from evidence.effects.measures.within_person import STANDARDISERS as OF_CHANGES
from evidence.effects.measures.within_person import standardised_mean_change

# SDs 3 and 4: average variance 12.5; pooled (4·9 + 8·16)/12
BY_HAND = {
    "mean_treatment": 12.0,
    "sd_treatment": 3.0,
    "n_treatment": 5,
    "mean_control": 10.0,
    "sd_control": 4.0,
    "n_control": 9,
}
ALL = [(standardiser, f) for standardiser, formulas in STANDARDISERS.items() for f in formulas]


def test_glass_by_hand():
    """J(8) 2/4, and the people whose SD it is are the nine controls."""
    j = hedges_correction(8)[0]
    result = standardised_mean_difference(**BY_HAND, standardiser="control")
    assert result.estimate[0] == pytest.approx(j / 2, rel=1e-15)
    assert result.variance[0] == pytest.approx(1 / 5 + 1 / 9 + (j / 2) ** 2 / 18, rel=1e-14)
    assert result.measure == "standardised mean difference, SD of the control group"
    assert result.formula == "Glass's delta, exact correction, large-sample variance"


def test_glass_of_unequal_variances_by_hand():
    j = hedges_correction(8)[0]
    bonett = standardised_mean_difference(
        **BY_HAND, standardiser="control", variance_formula="bonett"
    )
    # d² / (2·8) + 9/16 / 4 + 1/8
    assert bonett.variance[0] == pytest.approx(j**2 * (0.25 / 16 + 9 / 64 + 1 / 8), rel=1e-14)
    other = standardised_mean_difference(
        **BY_HAND, standardiser="control", variance_formula="unequal-variances"
    )
    assert other.variance[0] == pytest.approx(9 / 80 + 1 / 9 + (j / 2) ** 2 / 18, rel=1e-14)


def test_the_average_by_hand():
    j = hedges_correction(12)[0]
    d = 2 / math.sqrt(12.5)
    result = standardised_mean_difference(
        **BY_HAND, standardiser="average", variance_formula="bonett"
    )
    assert result.estimate[0] == pytest.approx(j * d, rel=1e-15)
    # d² (81/4 + 256/8)/(8·156.25) + (9/4 + 16/8)/12.5
    by_hand = d**2 * 52.25 / 1250 + 4.25 / 12.5
    assert result.variance[0] == pytest.approx(j**2 * by_hand, rel=1e-14)


def test_the_averaged_variance_by_hand():
    arms = {name: [value] * 2 for name, value in BY_HAND.items()}
    arms["mean_treatment"] = [12.0, 8.0]
    arms["n_treatment"] = [5, 19]
    result = standardised_mean_difference(**arms, variance_formula="averaged")
    g = result.estimate
    mean = (14 * g[0] + 28 * g[1]) / 42
    expected = [1 / 5 + 1 / 9 + mean**2 / 28, 1 / 19 + 1 / 9 + mean**2 / 56]
    assert result.variance == pytest.approx(expected, rel=1e-14)


def test_one_sd_makes_the_standardisers_agree_but_for_the_correction():
    arms = {**BY_HAND, "sd_treatment": 4.0}
    found = {s: standardised_mean_difference(**arms, standardiser=s) for s in STANDARDISERS}
    j = {"pooled": hedges_correction(12), "control": hedges_correction(8)}
    for standardiser, effects in found.items():
        factor = j.get(standardiser, j["pooled"])
        assert effects.estimate / factor == pytest.approx(0.5, rel=1e-14)
    assert len({effects.measure for effects in found.values()}) == 3


@pytest.mark.parametrize(("standardiser", "formula"), ALL)
def test_the_formulas_meet_in_large_trials(standardiser, formula):
    """With a million people of one SD all are 4/N + d²/(2N), and d²/(2 n₂) for the control's."""
    n = 1_000_000
    arms = dict.fromkeys(("sd_treatment", "sd_control"), 2.0) | {"n_treatment": n, "n_control": n}
    result = standardised_mean_difference(
        **arms,
        mean_treatment=1.6,
        mean_control=0.0,
        standardiser=standardiser,
        variance_formula=formula,
    )
    whose = n if standardiser == "control" else 2 * n
    assert result.estimate[0] == pytest.approx(0.8, rel=1e-5)
    assert result.variance[0] == pytest.approx(2 / n + 0.64 / (2 * whose), rel=1e-5)


sizes = st.integers(3, 400)
spread = st.floats(0.1, 10)


@pytest.mark.parametrize(("standardiser", "formula"), ALL)
@given(
    difference=st.floats(-5, 5),
    s1=spread,
    s2=spread,
    n1=sizes,
    n2=sizes,
    unit=st.floats(1e-8, 1e8),
)
def test_unit_and_sign(standardiser, formula, difference, s1, s2, n1, n2, unit):
    def effect(sign, unit):
        return standardised_mean_difference(
            mean_treatment=sign * difference * unit,
            sd_treatment=s1 * unit,
            n_treatment=n1,
            mean_control=0.0,
            sd_control=s2 * unit,
            n_control=n2,
            standardiser=standardiser,
            variance_formula=formula,
        )

    one = effect(1, 1.0)
    assert one.variance[0] > 0
    turned = effect(-1, 1.0)
    assert turned.estimate[0] == -one.estimate[0]
    assert turned.variance[0] == one.variance[0]
    scaled = effect(1, unit)
    assert scaled.estimate[0] == pytest.approx(one.estimate[0], rel=1e-12)
    assert scaled.variance[0] == pytest.approx(one.variance[0], rel=1e-12)


@given(s1=spread, s2=spread, n1=sizes, n2=sizes, difference=st.floats(-5, 5))
def test_the_average_does_not_care_which_arm_is_which(s1, s2, n1, n2, difference):
    def effect(first, second, way):
        return standardised_mean_difference(
            mean_treatment=way * difference,
            sd_treatment=first[0],
            n_treatment=first[1],
            mean_control=0.0,
            sd_control=second[0],
            n_control=second[1],
            standardiser="average",
        )

    one, other = effect((s1, n1), (s2, n2), 1), effect((s2, n2), (s1, n1), -1)
    assert other.estimate[0] == pytest.approx(-one.estimate[0], rel=1e-13)
    assert other.variance[0] == pytest.approx(one.variance[0], rel=1e-13)


@pytest.mark.parametrize(
    ("standardiser", "formula"), [(s, f) for s, fs in OF_CHANGES.items() for f in fs]
)
def test_changes_meet_in_large_trials(standardiser, formula):
    n, r = 1_000_000, 0.7
    result = standardised_mean_change(
        mean_before=0.0,
        sd_before=2.0,
        mean_after=1.0,
        sd_after=2.0,
        n=n,
        correlation=r,
        standardiser=standardiser,
        variance_formula=formula,
    )
    if standardiser == "before":
        d, raw = 0.5, 2 * (1 - r)
    else:
        d, raw = 1 / math.sqrt(8 * (1 - r)), 1.0
    assert result.estimate[0] == pytest.approx(d, rel=1e-5)
    assert result.variance[0] == pytest.approx((raw + d**2 / 2) / n, rel=1e-5)


# ------------------------------------------------------------------ many rows


def many(k, most=300):
    rng = np.random.default_rng(1)
    return {
        "mean_treatment": rng.normal(0.3, 0.3, k),
        "sd_treatment": rng.uniform(0.8, 1.2, k),
        "n_treatment": rng.integers(5, most, k),
        "mean_control": rng.normal(0, 0.3, k),
        "sd_control": rng.uniform(0.8, 1.2, k),
        "n_control": rng.integers(5, most, k).astype(float),
    }


@pytest.mark.parametrize("most", [300, 40_000])
@pytest.mark.parametrize(("standardiser", "formula"), ALL)
def test_many_rows_are_what_each_row_is(standardiser, formula, most):
    """Beyond one block, and beyond the table of corrections."""
    arms = many(40_000, most)
    whole = standardised_mean_difference(
        **arms, standardiser=standardiser, variance_formula=formula
    )
    places = np.array([0, 1, 16_383, 16_384, 39_999])
    few = standardised_mean_difference(
        **{name: values[places] for name, values in arms.items()},
        standardiser=standardiser,
        variance_formula=formula,
    )
    assert whole.estimate[places] == pytest.approx(few.estimate, rel=1e-14)
    if formula != "averaged":
        assert whole.variance[places] == pytest.approx(few.variance, rel=1e-13)


def test_the_table_of_corrections_is_the_corrections():
    for df in (np.arange(2.0, 12_000), np.arange(2.0, 500), np.arange(2.0, 500) + 0.5):
        one_by_one = np.array([exact_correction(df[i : i + 1])[0] for i in range(0, df.size, 97)])
        assert exact_correction(df)[::97].tolist() == one_by_one.tolist()
