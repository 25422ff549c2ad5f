"""Mean difference, Hedges' g and its exact interval: hand algebra, closed forms, invariants."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.stats import chi, nct, norm

from evidence.effects.measures.continuous import (
    MD_FORMULAS,
    SMD_FORMULAS,
    hedges_correction,
    mean_difference,
    noncentral_t_interval,
    smd_variance,
    standardised_mean_difference,
)
from evidence.errors import InvalidArgumentError

EXACT = 1e-14  # relative: a handful of roundings
ALGEBRA = 1e-9  # relative: two ways through a formula, over the whole range of inputs
TAIL = 1e-9  # absolute, of a tail probability of the noncentral t distribution
QUADRATURE = 1e-8  # relative, of an interval against another integration

# Three people with SD 5 and five with SD 1: (2 * 25 + 4 * 1) / 6 = 9, so the pooled SD is 3.
BY_HAND = {
    "mean_treatment": 10,
    "sd_treatment": 5,
    "n_treatment": 3,
    "mean_control": 7,
    "sd_control": 1,
    "n_control": 5,
}


# ------------------------------------------------------------------ by hand


def test_mean_difference_by_hand() -> None:
    # 10 - 7; 25 / 3 + 1 / 5 = 128 / 15
    effect = mean_difference(**BY_HAND)
    assert effect.estimate.tolist() == [3]
    assert_allclose(effect.variance, 128 / 15, rtol=EXACT)


def test_pooled_variance_by_hand() -> None:
    # 9 * (1 / 3 + 1 / 5) = 72 / 15
    effect = mean_difference(**BY_HAND, variance_formula="pooled")
    assert effect.estimate.tolist() == [3]
    assert_allclose(effect.variance, 72 / 15, rtol=EXACT)
    assert effect.formula == "pooled"


def test_the_two_variance_formulas_agree_with_equal_groups() -> None:
    equal = {**BY_HAND, "n_treatment": 4, "n_control": 4}
    # (25 + 1) / 4 = 6.5, and (3 * 25 + 3 * 1) / 6 = 13 times 1 / 4 + 1 / 4
    for formula in MD_FORMULAS:
        assert_allclose(mean_difference(**equal, variance_formula=formula).variance, 6.5)


def test_hedges_g_by_hand() -> None:
    # d = 3 / 3 = 1 on 6 degrees of freedom. Γ(3) = 2 and Γ(5/2) = 3√π / 4, so
    # g = J = 2 / (√3 * 3√π / 4) = 8 / (3 √(3π)); variance 1 / 3 + 1 / 5 + g² / 16.
    g = 8 / (3 * math.sqrt(3 * math.pi))
    effect = standardised_mean_difference(**BY_HAND)
    assert_allclose(effect.estimate, g, rtol=EXACT)
    assert_allclose(effect.variance, 8 / 15 + g**2 / 16, rtol=EXACT)
    assert effect.formula == "Hedges' g, exact correction, large-sample variance"


def test_the_unbiased_variance_by_hand() -> None:
    # With g = J d and d = 1: 1 / n + (1 - (6 - 2) / (6 J²)) J² = 8 / 15 + J² - 2 / 3
    g = 8 / (3 * math.sqrt(3 * math.pi))
    effect = standardised_mean_difference(**BY_HAND, variance_formula="unbiased")
    assert_allclose(effect.variance, 8 / 15 + g**2 - 2 / 3, rtol=EXACT)


def test_the_normal_interval_by_hand() -> None:
    # SE 2 exactly: 4² / 8 + 4² / 8 = 4; 3 ± 1.959964 * 2
    effect = mean_difference(
        mean_treatment=3,
        sd_treatment=4,
        n_treatment=8,
        mean_control=0,
        sd_control=4,
        n_control=8,
    )
    assert effect.standard_error.tolist() == [2]
    assert_allclose(effect.ci_low, 3 - 2 * 1.959963984540054, rtol=EXACT)
    assert_allclose(effect.ci_high, 3 + 2 * 1.959963984540054, rtol=EXACT)
    # 2 Φ(-1.5) = 0.1336144025377161
    assert_allclose(effect.p_value, 0.1336144025377161, rtol=EXACT)


# ------------------------------------------------------------------ the correction


@pytest.mark.parametrize(
    ("df", "closed"),
    [
        # Γ(1) / (√1 Γ(1/2)) = 1 / √π
        (2, 1 / math.sqrt(math.pi)),
        # Γ(3/2) / (√(3/2) Γ(1)) = (√π / 2) √(2/3)
        (3, math.sqrt(math.pi / 6)),
        # Γ(2) / (√2 Γ(3/2)) = 2 / (√2 √π)
        (4, math.sqrt(2 / math.pi)),
        # Γ(5/2) / (√(5/2) Γ(2)) = (3√π / 4) √(2/5)
        (5, 3 / 4 * math.sqrt(2 * math.pi / 5)),
    ],
)
def test_the_correction_in_closed_form(df: int, closed: float) -> None:
    assert_allclose(hedges_correction(df), closed, rtol=EXACT)


def _exact_correction(df: int) -> float:
    """Γ(k) / (√k Γ(k - 1/2)) for df = 2k in exact integers and 60 digits of √π."""
    getcontext().prec = 60
    pi = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
    k = df // 2
    # Γ(k - 1/2) = (2k - 2)! √π / (4^(k-1) (k-1)!)
    half = Decimal(math.factorial(2 * k - 2)) * pi.sqrt()
    whole = Decimal(math.factorial(k - 1) ** 2 * 4 ** (k - 1))
    return float(whole / half / Decimal(k).sqrt())


@pytest.mark.parametrize("df", [6, 20, 150, 198, 200, 202, 204, 1000, 4000])
def test_the_correction_to_sixty_digits(df: int) -> None:
    # The logarithms of the gamma functions lose about df * 1e-16.
    assert_allclose(hedges_correction(df), _exact_correction(df), rtol=2e-13)


@given(st.floats(1.5, 1e9))
def test_the_correction_of_neighbours(df: float) -> None:
    # Γ(m/2) / Γ((m-1)/2) * Γ((m+1)/2) / Γ(m/2) = (m-1)/2, so J(m) J(m+1) = (m-1) / √(m(m+1)),
    # also across the place where the series takes over.
    here, there = hedges_correction([df, df + 1])
    assert_allclose(here * there, (df - 1) / math.sqrt(df * (df + 1)), rtol=1e-12)


def test_the_correction_rises_to_one() -> None:
    values = hedges_correction(np.geomspace(1.01, 1e12, 500))
    assert (np.diff(values) >= 0).all()
    assert values[-1] <= 1
    assert_allclose(values[-1], 1, rtol=1e-11)


@pytest.mark.parametrize("df", [50, 200, 1000, 10_000])
def test_the_correction_is_near_the_usual_approximation(df: int) -> None:
    # Hedges's 1 - 3 / (4 m - 1) is good to about 1 / (m - 1)³
    assert_allclose(hedges_correction(df), 1 - 3 / (4 * df - 1), atol=(df - 1) ** -2.5)


@pytest.mark.parametrize("df", [1, 0.5, 0, -3, math.nan, math.inf])
def test_no_correction_without_degrees_of_freedom(df: float) -> None:
    with pytest.raises(InvalidArgumentError, match=r"df must be .* found study 1: "):
        hedges_correction(df)


# ------------------------------------------------------------------ the exact interval


@pytest.mark.parametrize("t", [-7.5, -2, -0.3, 0, 0.01, 1, 2.5, 9])
@pytest.mark.parametrize("people", [(2, 3), (5, 5), (4, 30), (76.5, 76.5), (400, 300)])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.999])
def test_the_interval_has_the_tails_it_says(
    t: float, people: tuple[float, float], level: float
) -> None:
    low, high = noncentral_t_interval(t, *people, level=level)
    root = math.sqrt(1 / people[0] + 1 / people[1])
    df = sum(people) - 2
    tail = (1 - level) / 2
    # scipy's own function is good to about 1e-7 with three degrees of freedom.
    slack = TAIL if df > 3 else 1e-6
    assert_allclose(nct.sf(t, df, low / root), tail, atol=slack)
    assert_allclose(nct.cdf(t, df, high / root), tail, atol=slack)


def _below(t: float, df: float, shift: float) -> float:
    """P(T <= t) by adaptive integration over the standard deviation."""
    centre = shift / t if t else 1.0
    parts = sorted({0.0, *(max(centre + step / abs(t or 1), 0) for step in (-8, -2, 2, 8)), 20.0})
    return sum(
        quad(
            lambda s: norm.cdf(t * s - shift) * chi.pdf(s * math.sqrt(df), df) * math.sqrt(df),
            low,
            high,
            epsabs=1e-13,
        )[0]
        for low, high in pairwise(parts)
    )


@pytest.mark.parametrize("t", [-30.0, 0.7, 4.0, 50.0])
def test_two_people_in_each_group(t: float) -> None:
    # scipy's nct gives NaN on the way to the ends for -30 and 50.
    low, high = noncentral_t_interval(t, 2, 2)
    assert low < high
    # The root of 1/2 + 1/2 is 1, so the ends are noncentralities themselves.
    assert_allclose(_below(t, 2, high), 0.025, atol=QUADRATURE)
    assert_allclose(1 - _below(t, 2, low), 0.025, atol=QUADRATURE)


@pytest.mark.parametrize("people", [(2, 2), (3, 9), (1000, 10)])
def test_no_difference_gives_the_normal_interval(people: tuple[int, int]) -> None:
    # At t = 0 the spread drops out: P(T <= 0) = Φ(-shift).
    reach = 1.959963984540054 * math.sqrt(1 / people[0] + 1 / people[1])
    assert_allclose(noncentral_t_interval(0, *people), (-reach, reach), rtol=1e-10)


@pytest.mark.parametrize("t", [1e3, 1e6, -1e6])
def test_a_huge_t_leaves_only_the_spread_uncertain(t: float) -> None:
    # T = shift / S almost surely, and 2 S² is chi-squared on 2: P(S <= s) = 1 - exp(-s²).
    ends = (abs(t) * math.sqrt(-math.log(0.975)), abs(t) * math.sqrt(-math.log(0.025)))
    expected = ends if t > 0 else (-ends[1], -ends[0])
    assert_allclose(noncentral_t_interval(t, 2, 2), expected, rtol=1e-4)


def test_many_people_give_the_normal_interval() -> None:
    reach = 1.959963984540054 * math.sqrt(2e-6)
    centre = 3 * math.sqrt(2e-6)
    found = noncentral_t_interval(3, 1e6, 1e6)
    assert_allclose(found, (centre - reach, centre + reach), rtol=1e-5)


@given(st.floats(-40, 40), st.integers(2, 300), st.integers(2, 300), st.floats(0.01, 0.999))
def test_the_interval_mirrors_and_grows(t: float, n1: int, n2: int, level: float) -> None:
    low, high = noncentral_t_interval(t, n1, n2, level)
    assert low < high
    slack = ALGEBRA * (1 + abs(t))
    assert_allclose(noncentral_t_interval(-t, n1, n2, level), (-high, -low), atol=slack)
    wider = noncentral_t_interval(t, n1, n2, (1 + level) / 2)
    assert wider[0] < low
    assert high < wider[1]
    moved = noncentral_t_interval(t + 0.5, n1, n2, level)
    assert low < moved[0]
    assert high < moved[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((math.nan, 5, 5), "t must be a finite number.*nan"),
        ((math.inf, 5, 5), "t must be a finite number.*inf"),
        (("2", 5, 5), "t holds something that is not a number; found '2'"),
        ((2, 1, 5), "n_treatment must be at least 2; found study 1: 1"),
        ((2, 5, 1.5), "n_control must be at least 2; found study 1: 1.5"),
        (([1, 2], 5, 5), "those of one trial"),
        ((2, 5, 5, 95), "level is 95; it must lie between 0 and 1, for example 0.95"),
    ],
)
def test_an_interval_that_cannot_be(arguments: tuple, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        noncentral_t_interval(*arguments)


# ------------------------------------------------------------------ invariants

means = st.floats(-1e3, 1e3).map(lambda x: round(x, 3))
sds = st.floats(0.1, 100).map(lambda x: round(x, 3))
counts = st.integers(2, 400)


@st.composite
def trials(draw: st.DrawFn, most: int = 6) -> dict[str, list[float]]:
    k = draw(st.integers(1, most))

    def column(values: st.SearchStrategy[float]) -> list[float]:
        return draw(st.lists(values, min_size=k, max_size=k))

    return {
        "mean_treatment": column(means),
        "sd_treatment": column(sds),
        "n_treatment": column(counts),
        "mean_control": column(means),
        "sd_control": column(sds),
        "n_control": column(counts),
    }


def swapped(arms: dict) -> dict:
    other = {"treatment": "control", "control": "treatment"}
    return {
        f"{what}_{other[role]}": value
        for (what, role), value in ((tuple(name.split("_")), value) for name, value in arms.items())
    }


MEASURES = [
    *((mean_difference, formula) for formula in MD_FORMULAS),
    *((standardised_mean_difference, formula) for formula in SMD_FORMULAS),
]
every_measure = pytest.mark.parametrize(("measure", "formula"), MEASURES)


@every_measure
@given(arms=trials())
def test_swapping_the_groups_turns_the_sign(measure, formula: str, arms: dict) -> None:
    there, back = (measure(**one, variance_formula=formula) for one in (arms, swapped(arms)))
    assert_allclose(back.estimate, -there.estimate, rtol=ALGEBRA)
    assert_allclose(back.variance, there.variance, rtol=ALGEBRA)
    assert_allclose(back.ci_low, -there.ci_high, rtol=ALGEBRA, atol=ALGEBRA)


@every_measure
@given(arms=trials(), factor=st.sampled_from([-2.5, 1e-3, 1 / 60, 1000.0]))
def test_another_unit(measure, formula: str, arms: dict, factor: float) -> None:
    scaled = {
        name: np.multiply(values, abs(factor) if name.startswith("sd") else factor)
        if not name.startswith("n_")
        else values
        for name, values in arms.items()
    }
    old = measure(**arms, variance_formula=formula)
    new = measure(**scaled, variance_formula=formula)
    if measure is mean_difference:
        assert_allclose(new.estimate, factor * old.estimate, rtol=ALGEBRA)
        assert_allclose(new.standard_error, abs(factor) * old.standard_error, rtol=ALGEBRA)
    else:
        assert_allclose(new.estimate, np.sign(factor) * old.estimate, rtol=ALGEBRA)
        assert_allclose(new.variance, old.variance, rtol=ALGEBRA)


@every_measure
@given(arms=trials(), shift=st.integers(-1000, 1000))
def test_another_zero(measure, formula: str, arms: dict, shift: int) -> None:
    moved = {
        name: np.add(values, shift) if name.startswith("mean") else values
        for name, values in arms.items()
    }
    old = measure(**arms, variance_formula=formula)
    new = measure(**moved, variance_formula=formula)
    # Means up to 2000 in units of an SD of 0.1 leave about eleven digits.
    assert_allclose(new.estimate, old.estimate, rtol=ALGEBRA, atol=1e-7)
    assert_allclose(new.standard_error, old.standard_error, rtol=1e-6)


@every_measure
@given(arms=trials())
def test_studies_do_not_touch_each_other(measure, formula: str, arms: dict) -> None:
    together = measure(**arms, variance_formula=formula)
    k = len(arms["n_control"])
    one_by_one = [
        measure(**{name: values[i] for name, values in arms.items()}, variance_formula=formula)
        for i in range(k)
    ]
    assert together.estimate.tolist() == [float(one.estimate[0]) for one in one_by_one]
    assert together.variance.tolist() == [float(one.variance[0]) for one in one_by_one]
    twice = measure(
        **{name: [*values, *values] for name, values in arms.items()}, variance_formula=formula
    )
    assert len(twice) == 2 * k
    assert twice.estimate.tolist() == together.estimate.tolist() * 2


@every_measure
def test_one_number_stands_for_every_study(measure, formula: str) -> None:
    shared = {**BY_HAND, "n_treatment": [3, 30], "n_control": [5, 50]}
    found = measure(**shared, variance_formula=formula)
    for place, (n_treatment, n_control) in enumerate([(3, 5), (30, 50)]):
        one = measure(
            **{**BY_HAND, "n_treatment": n_treatment, "n_control": n_control},
            variance_formula=formula,
        )
        assert found.estimate[place] == one.estimate[0]
        assert found.variance[place] == one.variance[0]


@given(arms=trials(), level=st.floats(0.05, 0.999))
def test_the_level_only_moves_the_ends(arms: dict, level: float) -> None:
    narrow, wide = (
        standardised_mean_difference(**arms, level=one) for one in (level, (1 + level) / 2)
    )
    assert narrow.estimate.tolist() == wide.estimate.tolist()
    assert (wide.ci_low < narrow.ci_low).all()
    assert (wide.ci_high > narrow.ci_high).all()


@given(st.floats(-3, 3), counts, counts)
def test_the_variances_of_g_meet_at_nothing(g: float, n1: int, n2: int) -> None:
    for formula in SMD_FORMULAS:
        assert_allclose(smd_variance(0, n1, n2, formula), 1 / n1 + 1 / n2, rtol=EXACT)
        assert smd_variance(g, n1, n2, formula) >= 1 / n1 + 1 / n2


# ------------------------------------------------------------------ bad input

THREE = {
    "mean_treatment": [1.0, 2.0, 3.0],
    "sd_treatment": [1.0, 1.0, 1.0],
    "n_treatment": [10, 10, 10],
    "mean_control": [0.0, 0.0, 0.0],
    "sd_control": [1.0, 1.0, 1.0],
    "n_control": [10, 10, 10],
}
FINITE = "must be a finite number; leave studies with missing values out"

REFUSALS = [
    ({"mean_treatment": [1, math.nan, 3]}, f"mean_treatment {FINITE}; found study 2: nan."),
    ({"mean_control": [1, 2, math.inf]}, f"mean_control {FINITE}; found study 3: inf."),
    ({"mean_control": [1, -math.inf, 3]}, f"mean_control {FINITE}; found study 2: -inf."),
    ({"sd_control": [1, None, 3]}, f"sd_control {FINITE}; found study 2: nan."),
    ({"mean_treatment": ["1", "2", "3"]}, "mean_treatment holds something that is not a number"),
    ({"mean_treatment": [1, "4,5", 3]}, "found study 2: '4,5'."),
    ({"sd_treatment": "one"}, "sd_treatment holds something that is not a number; found 'one'."),
    ({"mean_control": [1, 2j, 3]}, "mean_control holds something that is not a number"),
    ({"mean_control": [1, 10**400, 3]}, "found study 2: 1000000"),
    ({"n_control": [[10, 10, 10]]}, "n_control has 2 dimensions; give one value a study."),
    ({"n_treatment": []}, "n_treatment is empty; give at least one study."),
    (
        {"n_treatment": [10, 10]},
        "The arguments have different lengths: mean_treatment 3, sd_treatment 3, n_treatment 2",
    ),
    ({"n_treatment": [10, 1, 10]}, "n_treatment must be at least 2; found study 2: 1."),
    ({"n_control": [0, 10, -4]}, "n_control must be at least 2; found study 1: 0, study 3: -4."),
    ({"sd_treatment": [1, 1, -0.5]}, "sd_treatment must be at least 0; found study 3: -0.5."),
    (
        {"sd_treatment": [1, 0, 1], "sd_control": [0, 0, 1]},
        "Both standard deviations of study 2 are 0",
    ),
    ({"level": 0}, "level is 0; it must lie between 0 and 1"),
    ({"level": 1}, "level is 1; it must lie between 0 and 1"),
    ({"level": 95}, "level is 95; it must lie between 0 and 1, for example 0.95 for 95%."),
    ({"level": math.nan}, "level is nan"),
    ({"level": "0.95"}, "level is '0.95'"),
]


@pytest.mark.parametrize("measure", [mean_difference, standardised_mean_difference])
@pytest.mark.parametrize(("change", "words"), REFUSALS, ids=[words for _, words in REFUSALS])
def test_what_cannot_be_used_is_named(measure, change: dict, words: str) -> None:
    with pytest.raises(InvalidArgumentError) as refusal:
        measure(**{**THREE, **change})
    assert words in str(refusal.value)


def test_more_than_five_culprits_are_counted() -> None:
    with pytest.raises(InvalidArgumentError, match=r"study 5: nan and 3 more\.$"):
        mean_difference(**{**BY_HAND, "mean_control": [math.nan] * 8})


@pytest.mark.parametrize(
    ("measure", "known"),
    [(mean_difference, MD_FORMULAS), (standardised_mean_difference, SMD_FORMULAS)],
)
def test_an_unknown_formula_lists_the_known_ones(measure, known: tuple[str, ...]) -> None:
    with pytest.raises(InvalidArgumentError) as refusal:
        measure(**BY_HAND, variance_formula="borrowed")
    assert "variance_formula is 'borrowed'" in str(refusal.value)
    assert all(name in str(refusal.value) for name in known)


def test_one_group_may_have_no_spread() -> None:
    # Only both SDs at 0 leave the effect without a standard error: (0 + 4 * 1) / 6 = 2 / 3.
    effect = mean_difference(**{**BY_HAND, "sd_treatment": 0})
    assert_allclose(effect.variance, 1 / 5, rtol=EXACT)
    g = standardised_mean_difference(**{**BY_HAND, "sd_treatment": 0})
    assert_allclose(g.estimate, hedges_correction(6) * 3 / math.sqrt(2 / 3), rtol=EXACT)


# ------------------------------------------------------------------ the result


def test_the_table_and_the_summary_carry_every_study() -> None:
    effect = standardised_mean_difference(**THREE)
    frame = effect.to_frame()
    assert len(effect) == len(frame) == 3
    assert frame["estimate"].tolist() == effect.estimate.tolist()
    assert_allclose(frame["standard_error"] ** 2, frame["variance"], rtol=EXACT)
    lines = effect.summary().splitlines()
    assert lines[0].startswith("standardised mean difference, variance: Hedges' g")
    # J(18) * 1 = 0.9576, SE √(1/5 + 0.9576²/40) = 0.4722
    assert lines[1] == "1: 0.96 (0.03 to 1.88)"
    assert effect.to_dict()["effects"][2]["estimate"] == effect.estimate[2]
    assert "<td" in effect._repr_html_()
