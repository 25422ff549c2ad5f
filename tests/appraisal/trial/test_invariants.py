"""What must not change the appraisal of a trial: the sign, the unit, and what is monotone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.appraisal import (
    analyse_credibility,
    appraise_trial,
    confidence_curve,
    design_errors,
    equivalence_test,
    minimal_effect_test,
    shrink_trial,
)

effects = st.floats(-5, 5).filter(lambda x: x == 0 or abs(x) > 1e-3)
errors = st.floats(0.05, 3)
freedoms = st.one_of(st.none(), st.integers(4, 400).map(float))
units = st.sampled_from([1e-6, 0.01, 3.0, 1e5])
quick = settings(max_examples=40, deadline=None)


def values(appraisal) -> dict[str, float]:
    frame = appraisal.to_frame()
    return dict(zip(frame["what"], frame["value"], strict=True))


@given(effects, errors, freedoms)
@quick
def test_the_other_sign_mirrors_everything(estimate: float, error: float, df: float | None) -> None:
    one, other = (confidence_curve(sign * estimate, error, df=df) for sign in (1, -1))
    assert one.p_none == other.p_none
    assert one.ci_low == pytest.approx(-other.ci_high)
    one, other = (shrink_trial(sign * estimate, error, df=df) for sign in (1, -1))
    assert one.estimate == pytest.approx(-other.estimate)
    assert (one.ci_low, one.ci_high) == pytest.approx((-other.ci_high, -other.ci_low))
    assert (one.right_sign, one.repeat) == (other.right_sign, other.repeat)
    one, other = (analyse_credibility(sign * estimate, error, df=df) for sign in (1, -1))
    assert one.p_intrinsic == other.p_intrinsic
    for test in (equivalence_test, minimal_effect_test):
        p = [test(sign * estimate, error, 0.7, df=df).p_value for sign in (1, -1)]
        assert p[0] == p[1]


@given(effects, errors, freedoms, units)
@quick
def test_the_unit_changes_no_probability(
    estimate: float, error: float, df: float | None, unit: float
) -> None:
    one = shrink_trial(estimate, error, df=df)
    other = shrink_trial(estimate * unit, error * unit, df=df)
    assert other.estimate == pytest.approx(one.estimate * unit)
    assert other.right_sign == pytest.approx(one.right_sign)
    for test in (equivalence_test, minimal_effect_test):
        small, large = (
            test(estimate, error, 0.7, df=df),
            test(estimate * unit, error * unit, 0.7 * unit, df=df),
        )
        assert large.p_value == pytest.approx(small.p_value, rel=1e-6, abs=1e-300)
    if estimate:
        small, large = (
            design_errors(estimate, error, df=df),
            design_errors(estimate * unit, error * unit, df=df),
        )
        assert large.type_m == pytest.approx(small.type_m)


@given(effects, errors, freedoms)
@quick
def test_what_holds_of_every_trial(estimate: float, error: float, df: float | None) -> None:
    shrunken = shrink_trial(estimate, error, df=df)
    assert abs(shrunken.estimate) <= abs(estimate)
    assert shrunken.estimate * estimate >= 0
    assert 0.5 - 1e-12 <= shrunken.right_sign <= 1
    assert shrunken.power_low <= shrunken.power_median <= shrunken.power_high
    assert shrunken.repeat_same_side <= shrunken.repeat <= 1
    assert shrunken.ci_low < shrunken.estimate < shrunken.ci_high
    found = analyse_credibility(estimate, error, df=df)
    assert found.excludes_none == math.isnan(found.advocacy_limit) or estimate == 0
    assert found.p_intrinsic >= confidence_curve(estimate, error, df=df).p_none - 1e-12


@given(st.floats(0.01, 4), st.floats(0.01, 4))
@quick
def test_the_further_from_none_the_surer(first: float, second: float) -> None:
    near, far = sorted((first, second))
    assert shrink_trial(near, 1).right_sign <= shrink_trial(far, 1).right_sign + 1e-12
    assert shrink_trial(near, 1).repeat <= shrink_trial(far, 1).repeat + 1e-12
    assert minimal_effect_test(near, 1, 1).p_value >= minimal_effect_test(far, 1, 1).p_value
    assert design_errors(near, 1).power <= design_errors(far, 1).power + 1e-12


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_a_whole_appraisal_in_another_unit(unit: float) -> None:
    def found(factor: float):
        return values(
            appraise_trial(
                estimate=-1.6 * factor,
                standard_error=0.8 * factor,
                n_treatment=60,
                n_control=58,
                measure="mean difference",
                threshold=1.0 * factor,
                better="lower",
            )
        )

    plain, other = found(1.0), found(unit)
    scaled = ("Which effect fits best?", "What is to be expected of the true effect?")
    for (what, value), (_, now) in zip(plain.items(), other.items(), strict=True):
        if math.isnan(value):
            assert math.isnan(now)
            continue
        factor = unit if what in scaled or what.startswith("Which advocate") else 1
        factor = unit if what.startswith("Which sceptic") else factor
        assert now == pytest.approx(value * factor, rel=1e-6), what


def test_a_whole_appraisal_turned_round() -> None:
    numbers = {"standard_error": 0.8, "n_treatment": 60, "n_control": 58, "threshold": 1.0}
    one = appraise_trial(estimate=-1.6, better="lower", measure="mean difference", **numbers)
    other = appraise_trial(estimate=1.6, better="higher", measure="mean difference", **numbers)
    for first, second in zip(one.lines, other.lines, strict=True):
        turned = replace(first, value=second.value, shown=second.shown)
        assert turned.sentence == second.sentence
        assert abs(first.value) == pytest.approx(abs(second.value), nan_ok=True)
