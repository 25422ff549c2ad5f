"""Pooling: the BCG numbers, few studies by hand, invariants, every form of input, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar
from tests.effects.made_up import reading
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.effects import EffectSizes, log_risk_ratio
from evidence.errors import InvalidArgumentError
from evidence.synthesis import PooledResult, pool
from evidence.synthesis.pool import CI_METHODS, MODELS
from evidence.synthesis.result import OWN_TAU2
from evidence.synthesis.tau2 import TAU2_METHODS, generalised_q, log_likelihood

EXACT = 1e-12  # relative: closed forms
ALGEBRA = 1e-7  # relative: two ways through an iterative result
T1, T2 = 12.706204736, 4.302652730  # 97.5% quantiles of t on 1 and 2 degrees of freedom
Z = 1.959963984540054


# ------------------------------------------------------------------ the BCG trials


def test_the_bcg_trials() -> None:
    result = pool(log_risk_ratios(), labels=LABELS, ci_method="Wald")
    assert round(result.estimate, 4) == -0.7145
    assert round(result.standard_error, 4) == 0.1798
    assert round(result.tau2, 4) == 0.3132
    assert round(result.i2, 2) == 92.22
    assert (round(result.tau2_ci_low, 4), round(result.tau2_ci_high, 4)) == (0.1197, 1.1115)
    assert result.labels == LABELS
    assert result.k == 13


# ------------------------------------------------------------------ one, two, three studies


def test_one_study_is_its_own_result() -> None:
    result = pool([0.5], [0.04], labels=["Alpha"])
    assert not result.pooled
    assert (result.estimate, result.standard_error) == (0.5, 0.2)
    assert_allclose((result.ci_low, result.ci_high), (0.5 - 0.2 * Z, 0.5 + 0.2 * Z), rtol=EXACT)
    # 2 Φ(-2.5)
    assert_allclose(result.p_value, 0.012419330651552265, rtol=EXACT)
    assert result.weights.tolist() == [100]
    unknown = (result.tau2, result.tau2_ci_low, result.q, result.i2, result.h2)
    assert all(math.isnan(value) for value in unknown)
    assert not result.has_prediction
    assert [caution.code for caution in result.cautions] == ["one-study"]
    assert result.summary().splitlines()[0] == "One study, nothing to pool: Alpha"
    assert len(result.to_frame()) == 1


#: With equal variances the expectation of Q gives all of these the sample variance less v.
UNBIASED = ("REML", "DL", "PM", "EB", "HE", "DL2", "HE2")


@pytest.mark.parametrize("tau2_method", UNBIASED)
def test_two_studies_by_hand(tau2_method: str) -> None:
    # 0 and 2 with variance 1: mean 1, Q = 1 + 1 = 2 on 1 degree of freedom.
    # DL: (2 - 1) / (2 - 2/2) = 1. PM: Q(t) = 2 / (1 + t) is 1 at t = 1. REML: the sample
    # variance 2 less 1. So each study has variance 2, the mean 1, and the squared deviations
    # over 2 add up to 1: Hartung-Knapp's factor is 1.
    result = pool([0, 2], [1, 1], tau2_method=tau2_method)
    assert_allclose((result.tau2, result.q), (1, 2), rtol=1e-9)
    assert_allclose((result.estimate, result.standard_error), (1, 1), rtol=1e-9)
    assert_allclose((result.ci_low, result.ci_high), (1 - T1, 1 + T1), rtol=1e-8)
    # on 1 degree of freedom P(|T| > 1) = 1/2
    assert_allclose(result.p_value, 0.5, rtol=1e-9)
    # the typical variance is 1: I² = 1 / (1 + 1), H² = 2
    assert_allclose((result.i2, result.h2), (50, 2), rtol=1e-9)
    assert_allclose(result.weights, [50, 50], rtol=EXACT)
    # Q(t) = 2 / (1 + t) is 5.0239 for no t, and 0.000982069 at 2 / 0.000982069 - 1
    assert result.tau2_ci_low == 0
    assert_allclose(result.tau2_ci_high, 2 / 0.0009820691171752583 - 1, rtol=1e-8)
    assert not result.has_prediction
    assert "few-studies" in [caution.code for caution in result.cautions]


@pytest.mark.parametrize("tau2_method", UNBIASED)
def test_three_studies_by_hand(tau2_method: str) -> None:
    # 0, 3, 6 with variance 1: sample variance 9, tau² = 8, total variance 9 each, so
    # SE √(9/3) = √3 and (9 + 0 + 9) / 9 / 2 = 1; Q = 18; I² = 8/9.
    result = pool([0, 3, 6], [1, 1, 1], tau2_method=tau2_method)
    assert_allclose((result.tau2, result.q), (8, 18), rtol=1e-9)
    assert_allclose((result.estimate, result.standard_error), (3, math.sqrt(3)), rtol=1e-9)
    reach = T2 * math.sqrt(3)
    assert_allclose((result.ci_low, result.ci_high), (3 - reach, 3 + reach), rtol=1e-8)
    assert_allclose(result.i2, 800 / 9, rtol=1e-9)
    # t on k - 2 = 1 degree of freedom times √(8 + 3)
    reach = T1 * math.sqrt(11)
    assert_allclose(
        (result.prediction_low, result.prediction_high), (3 - reach, 3 + reach), rtol=1e-8
    )


def test_one_true_effect_for_all_predicts_nothing_else() -> None:
    assert not pool([0, 3, 6], [1, 1, 1], model="common").has_prediction


def test_common_effect_by_hand() -> None:
    # 1 and 4 with variances 1 and 2: weights 1 and 1/2, mean (1 + 2) / 1.5 = 2, variance 2/3;
    # Q = 1 + 4 / 2 = 3, I² = (3 - 1) / 3, H² = 3
    result = pool([1, 4], [1, 2], model="common", ci_method="Wald")
    assert_allclose((result.estimate, result.standard_error), (2, math.sqrt(2 / 3)), rtol=EXACT)
    assert_allclose(result.weights, [200 / 3, 100 / 3], rtol=EXACT)
    assert_allclose((result.q, result.i2, result.h2), (3, 200 / 3, 3), rtol=EXACT)
    assert result.tau2 == 0
    assert not result.has_prediction
    # P(χ² > 3) on 1 degree of freedom = 2 Φ(-√3)
    assert_allclose(result.q_p_value, math.erfc(math.sqrt(1.5)), rtol=EXACT)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_identical_effects(k: int) -> None:
    guarded = pool([0.3] * k, [0.04] * k)
    assert guarded.tau2 == guarded.q == guarded.i2 == 0
    assert_allclose(guarded.estimate, 0.3, rtol=EXACT)
    assert_allclose(guarded.standard_error, 0.2 / math.sqrt(k), rtol=EXACT)
    assert "tau2-zero" in [caution.code for caution in guarded.cautions]
    # Without the guard the method claims certainty.
    plain = pool([0.3] * k, [0.04] * k, ci_method="HKSJ")
    assert_allclose(plain.standard_error, 0, atol=1e-15)
    assert plain.p_value < 1e-10
    nothing = pool([0.0] * k, [0.04] * k, ci_method="HKSJ")
    assert (nothing.standard_error, nothing.p_value) == (0, 1)


def test_one_study_with_nearly_all_the_weight() -> None:
    # variances 1 and 99: weights 99% and 1%
    result = pool([0, 1], [1, 99], model="common", ci_method="Wald")
    assert_allclose(result.weights, [99, 1], rtol=EXACT)
    assert "one-dominates" in [caution.code for caution in result.cautions]
    assert_allclose(result.estimate, 0.01, rtol=EXACT)


@pytest.mark.parametrize("ratio", [1e6, 1e12, 1e20])
def test_one_study_that_dwarfs_the_others(ratio: float) -> None:
    # Weights w, 1, 1: Σw - Σw²/Σw = (4w + 2) / (w + 2), which is 4, must not cancel to 0.
    result = pool([0.0, 1.0, 2.0], [1 / ratio, 1.0, 1.0], tau2_method="DL")
    # Q is 1 + 4 = 5: (5 - 2) / 4
    assert_allclose(result.tau2, 0.75, rtol=10 / ratio + 1e-9)
    assert 0 < result.i2 < 100
    assert math.isfinite(result.h2)


# ------------------------------------------------------------------ brute force


@settings(max_examples=60)
@given(syntheses())
def test_reml_is_at_the_highest_point_of_the_likelihood(given) -> None:
    y, v = (np.array(values) for values in given)
    result = pool(y, v)
    heights = [
        log_likelihood(y, v, tau2)
        for tau2 in [0, *np.geomspace(1e-6 * v.min(), 10 * (y.var() * 4 + v.max()), 400)]
    ]
    best = log_likelihood(y, v, result.tau2)
    assert best >= max(heights) - 1e-9

    def low(tau2: float) -> float:
        return -log_likelihood(y, v, tau2)

    # Around the estimate nothing is higher, by a search of another kind.
    width = 0.1 * result.tau2 + 1e-3 * v.min()
    around = minimize_scalar(low, bounds=(max(result.tau2 - width, 0), result.tau2 + width))
    assert best >= -around.fun - 1e-9


def test_the_likelihood_is_that_of_the_contrasts() -> None:
    # Of 1 and 4 with variances 1 and 2 only the difference, 3, is free of the mean; its
    # variance is 3 + 2 tau². Up to a constant: -½ (log(3 + 2t) + 9 / (3 + 2t)).
    y, v = np.array([1.0, 4.0]), np.array([1.0, 2.0])

    def by_hand(tau2: float) -> float:
        return -0.5 * (math.log(3 + 2 * tau2) + 9 / (3 + 2 * tau2))

    base = log_likelihood(y, v, 0) - by_hand(0)
    for tau2 in (0.1, 1, 3, 50):
        assert_allclose(log_likelihood(y, v, tau2) - by_hand(tau2), base, atol=EXACT)
    # highest where 3 + 2t = 9
    assert_allclose(pool(y, v).tau2, 3, rtol=1e-9)


TWO_MAXIMA = {
    "the lower tau² is the higher": (
        [0.91, 0.46, -0.05, 1.37, 26.69, 0.46],
        [0.24, 0.0051, 0.046, 0.0036, 31, 0.28],
    ),
    "the higher tau² is the higher": (
        [-0.73, -1.46, 7.25, -0.21, -0.28],
        [0.035, 1, 4.2, 0.17, 0.21],
    ),
}


@pytest.mark.parametrize("name", TWO_MAXIMA)
def test_of_two_maxima_the_higher(name: str) -> None:
    y, v = (np.array(values) for values in TWO_MAXIMA[name])
    grid = np.geomspace(1e-3, 1e3, 4000)
    heights = np.array([log_likelihood(y, v, t) for t in grid])
    inner = (heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])
    first, second = np.flatnonzero(inner) + 1
    assert (heights[first] > heights[second]) is np.bool_(name.startswith("the lower"))
    result = pool(y, v)
    assert_allclose(result.tau2, grid[heights.argmax()], rtol=5e-3)
    assert log_likelihood(y, v, result.tau2) >= heights.max() - 1e-9


def test_a_maximum_inside_can_lie_below_the_one_at_zero() -> None:
    y, v = np.array([5.03, 0.1, 0.1, -0.36, 0.2]), np.array([1.7, 0.0096, 0.061, 0.12, 0.0099])
    inside = log_likelihood(y, v, 2.1945)
    assert inside > log_likelihood(y, v, 1.5)
    assert inside > log_likelihood(y, v, 3)
    assert inside < log_likelihood(y, v, 0)
    assert pool(y, v).tau2 == 0


@settings(max_examples=60)
@given(syntheses())
def test_the_mean_solves_the_weighted_least_squares(given) -> None:
    y, v = (np.array(values) for values in given)
    for tau2_method in TAU2_METHODS:
        result = pool(y, v, tau2_method=tau2_method, ci_method="Wald")
        weights = 1 / (v + result.tau2)
        assert_allclose(weights @ (y - result.estimate), 0, atol=1e-9 * weights.sum())
        assert_allclose(result.standard_error, weights.sum() ** -0.5, rtol=EXACT)
        assert y.min() - 1e-12 <= result.estimate <= y.max() + 1e-12
        assert_allclose(result.weights.sum(), 100, rtol=EXACT)
        assert_allclose(result.q, generalised_q(y, v, 0), rtol=1e-9, atol=1e-12)


# ------------------------------------------------------------------ invariants

NUMBERS = (
    "estimate",
    "standard_error",
    "ci_low",
    "ci_high",
    "p_value",
    "tau2",
    "tau2_ci_low",
    "tau2_ci_high",
    "q",
    "q_p_value",
    "i2",
    "h2",
    "prediction_low",
    "prediction_high",
)
#: How each number goes with the unit of the effects: as its power.
POWER = {
    **dict.fromkeys(("estimate", "standard_error", "ci_low", "ci_high"), 1),
    **dict.fromkeys(("prediction_low", "prediction_high"), 1),
    **dict.fromkeys(("tau2", "tau2_ci_low", "tau2_ci_high"), 2),
}


def same(new: PooledResult, old: PooledResult, unit: float = 1.0) -> None:
    """Check that every number is the same in another unit."""
    size = float(np.abs(old.effects).max() + old.standard_error + math.sqrt(old.variances.max()))
    for name in NUMBERS:
        factor = unit ** POWER.get(name, 0)
        slack = ALGEBRA * factor * (size ** POWER[name] if name in POWER else 1)
        assert_allclose(
            getattr(new, name), factor * getattr(old, name), rtol=ALGEBRA, atol=slack, err_msg=name
        )


methods = st.fixed_dictionaries(
    {
        "model": st.sampled_from(MODELS),
        "tau2_method": st.sampled_from(sorted(TAU2_METHODS)),
        "ci_method": st.sampled_from(CI_METHODS),
    }
).filter(lambda chosen: chosen["model"] == "random" or chosen["ci_method"] not in OWN_TAU2)


@settings(max_examples=50)
@given(syntheses(), methods, st.randoms(use_true_random=False))
def test_order_and_labels_change_nothing(given, chosen: dict, chance) -> None:
    y, v = given
    places = list(range(len(y)))
    chance.shuffle(places)
    old = pool(y, v, **chosen)
    new = pool(
        [y[i] for i in places], [v[i] for i in places], labels=[f"s{i}" for i in places], **chosen
    )
    same(new, old)
    assert_allclose(new.weights, old.weights[places], rtol=ALGEBRA)
    assert new.labels == tuple(f"s{i}" for i in places)


@settings(max_examples=50)
@given(syntheses(), methods, st.sampled_from([1e-8, 1 / 60, 1000.0, 1e8]))
def test_another_unit(given, chosen: dict, unit: float) -> None:
    y, v = (np.array(values) for values in given)
    old, new = pool(y, v, **chosen), pool(unit * y, unit**2 * v, **chosen)
    same(new, old, unit)


@pytest.mark.parametrize("unit", [1e-8, 1e8])
@pytest.mark.parametrize("tau2_method", TAU2_METHODS)
def test_bcg_in_another_unit(unit: float, tau2_method: str) -> None:
    trials = log_risk_ratios()
    old = pool(trials, tau2_method=tau2_method)
    new = pool(unit * trials.estimate, unit**2 * trials.variance, tau2_method=tau2_method)
    same(new, old, unit)


@settings(max_examples=50)
@given(syntheses(), methods)
def test_turning_the_sign(given, chosen: dict) -> None:
    y, v = (np.array(values) for values in given)
    old, new = pool(y, v, **chosen), pool(-y, v, **chosen)
    turned = replace(new, estimate=-new.estimate, ci_low=-new.ci_high, ci_high=-new.ci_low)
    same(turned, old)
    assert_allclose(new.prediction_low, -old.prediction_high, rtol=ALGEBRA, atol=ALGEBRA)


@settings(max_examples=50)
@given(syntheses(), methods, st.integers(-1000, 1000))
def test_another_zero(given, chosen: dict, shift: int) -> None:
    y, v = (np.array(values) for values in given)
    old, new = pool(y, v, **chosen), pool(y + shift, v, **chosen)
    for name in ("tau2", "q", "i2", "standard_error"):
        assert_allclose(getattr(new, name), getattr(old, name), rtol=1e-5, atol=1e-7)
    assert_allclose(new.estimate - shift, old.estimate, atol=1e-7)


@settings(max_examples=50)
@given(syntheses())
def test_a_study_told_twice_is_one_twice_as_large(given) -> None:
    # In the common-effect model; that is why retellings must not enter as studies.
    y, v = given
    twice = pool([*y, y[0]], [*v, v[0]], model="common", ci_method="Wald")
    larger = pool(y, [v[0] / 2, *v[1:]], model="common", ci_method="Wald")
    assert_allclose(twice.estimate, larger.estimate, rtol=1e-9, atol=1e-12)
    assert_allclose(twice.standard_error, larger.standard_error, rtol=EXACT)
    assert_allclose(twice.weights[0] + twice.weights[-1], larger.weights[0], rtol=EXACT)


@settings(max_examples=50)
@given(syntheses(), methods)
def test_every_study_twice_is_no_more_uncertain(given, chosen: dict) -> None:
    y, v = given
    once, twice = pool(y, v, **chosen), pool(y * 2, v * 2, **chosen)
    if chosen["ci_method"] == "Henmi-Copas":
        # Its weights do not follow tau², which doubling the studies can raise.
        return
    assert twice.ci_high - twice.ci_low <= (once.ci_high - once.ci_low) * (1 + 1e-9)
    if chosen["model"] == "common":
        assert_allclose(twice.estimate, once.estimate, rtol=1e-9, atol=1e-12)


@settings(max_examples=50)
@given(syntheses(), methods, st.floats(0.01, 0.99))
def test_a_higher_level_is_a_wider_interval(given, chosen: dict, level: float) -> None:
    y, v = given
    narrow, wide = (pool(y, v, level=one, **chosen) for one in (level, (1 + level) / 2))
    assert narrow.estimate == wide.estimate
    if narrow.standard_error > 0:
        assert wide.ci_low < narrow.ci_low
        assert narrow.ci_high < wide.ci_high
    assert wide.tau2_ci_low <= narrow.tau2_ci_low
    assert narrow.tau2_ci_high <= wide.tau2_ci_high


@settings(max_examples=80)
@given(syntheses(), st.sampled_from(sorted(TAU2_METHODS)), st.floats(0.05, 0.999))
def test_the_guard_is_never_narrower(given, tau2_method: str, level: float) -> None:
    y, v = given
    wald, plain, guarded = (
        pool(y, v, tau2_method=tau2_method, ci_method=method, level=level)
        for method in ("Wald", "HKSJ", "HKSJ-adhoc")
    )
    assert guarded.standard_error == max(wald.standard_error, plain.standard_error)
    for other in (wald, plain):
        assert guarded.ci_low <= other.ci_low
        assert guarded.ci_high >= other.ci_high
        assert guarded.p_value >= other.p_value * (1 - 1e-12)


@settings(max_examples=50)
@given(syntheses(least=3), methods, st.floats(0.05, 0.999))
def test_the_prediction_interval_holds_the_confidence_interval(
    given, chosen: dict, level: float
) -> None:
    result = pool(*given, **{**chosen, "model": "random"}, level=level)
    # An interval without a standard error has no prediction interval beside it.
    assert result.has_prediction == (chosen["ci_method"] not in OWN_TAU2)
    if not result.has_prediction:
        return
    slack = 1e-12 * (1 + abs(result.estimate))
    assert result.prediction_low <= result.ci_low + slack
    assert result.prediction_high >= result.ci_high - slack


def test_the_interval_and_the_p_value_agree() -> None:
    # Pooled at level 1 - p, the interval ends at 0.
    for ci_method in CI_METHODS:
        result = pool([0.2, 0.5, 0.9], [0.04, 0.09, 0.05], ci_method=ci_method)
        edge = pool(
            [0.2, 0.5, 0.9], [0.04, 0.09, 0.05], ci_method=ci_method, level=1 - result.p_value
        )
        assert_allclose(edge.ci_low, 0, atol=1e-9)


# ------------------------------------------------------------------ forms of input

Y, V = [0.1, 0.5, 0.9], [0.04, 0.09, 0.16]
SE = [0.2, 0.3, 0.4]
NAMES = ["a", "b", "c"]


def readings(**changes) -> list:
    return [
        reading(1, 2, estimate=y, standard_error=se, study_id=name, **changes)
        for y, se, name in zip(Y, SE, NAMES, strict=True)
    ]


FORMS = {
    "lists": lambda: pool(Y, V, labels=NAMES),
    "arrays": lambda: pool(np.array(Y), np.array(V), labels=np.array(NAMES)),
    "series": lambda: pool(pd.Series(Y, index=[7, 8, 9]), pd.Series(V), labels=NAMES),
    "standard errors": lambda: pool(Y, standard_errors=SE, labels=NAMES),
    "effect sizes": lambda: pool(EffectSizes("g", "f", np.array(Y), np.array(V)), labels=NAMES),
    "table with variance": lambda: pool(
        pd.DataFrame({"label": NAMES, "estimate": Y, "variance": V})
    ),
    "table with standard error": lambda: pool(
        pd.DataFrame({"standard_error": SE, "estimate": Y, "label": NAMES, "n": [1, 2, 3]})
    ),
    "table with labels beside it": lambda: pool(
        pd.DataFrame({"estimate": Y, "variance": V, "label": ["x", "y", "z"]}), labels=NAMES
    ),
    "table of nullable numbers": lambda: pool(
        pd.DataFrame({"label": NAMES, "estimate": Y, "variance": V}).convert_dtypes()
    ),
    "readings": lambda: pool(readings()),
    "a tuple of readings": lambda: pool(tuple(readings()), labels=NAMES),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same(form: str) -> None:
    expected, found = pool(Y, V, labels=NAMES), FORMS[form]()
    for name in NUMBERS:
        assert_allclose(getattr(found, name), getattr(expected, name), rtol=EXACT, err_msg=name)
    assert found.labels == ("a", "b", "c")


def test_without_labels_the_studies_are_numbered() -> None:
    assert pool(Y, V).labels == ("study 1", "study 2", "study 3")
    assert pool(Y, V, labels=[2001, 2002, 2003]).labels == ("2001", "2002", "2003")


def test_cautions_of_the_effects_come_along() -> None:
    effects = log_risk_ratio(
        events_treatment=[0, 3],
        total_treatment=[20, 30],
        events_control=[4, 5],
        total_control=[20, 30],
    )
    codes = [caution.code for caution in pool(effects).cautions]
    assert codes[0] == "continuity"


@pytest.mark.parametrize(
    "given",
    [
        ([0.1, None, 0.5, 0.9], [0.04, 0.2, 0.09, 0.16]),
        ([0.1, math.nan, 0.5, 0.9], [0.04, 0.2, 0.09, 0.16]),
        ([0.1, 0.3, 0.5, 0.9], [0.04, math.nan, 0.09, 0.16]),
        ([0.1, pd.NA, 0.5, 0.9], [0.04, pd.NA, 0.09, 0.16]),
    ],
)
def test_what_is_missing_is_left_out_by_name(given) -> None:
    found = pool(*given, labels=["a", "gone", "b", "c"])
    assert found.labels == ("a", "b", "c")
    assert found.estimate == pool(Y, V).estimate
    caution = found.cautions[0]
    assert caution.code == "missing"
    assert caution.message == "Left out for want of an effect or a variance: gone."


@pytest.mark.parametrize(
    "changes",
    [
        {"signed": False},
        {"bound": "at least", "bound_size": 0.5, "estimate": math.nan, "standard_error": math.nan},
    ],
)
def test_a_reading_that_cannot_be_used_is_left_out_by_name(changes: dict) -> None:
    unusable = reading(1, 2, **{"estimate": 0.7, "study_id": "gone", **changes})
    found = pool([unusable, *readings()])
    assert found.labels == ("a", "b", "c")
    assert "gone" in found.cautions[0].message


# ------------------------------------------------------------------ refusals

REFUSALS = {
    "Give either variances or standard_errors, and not both.": [
        lambda: pool(Y),
        lambda: pool(Y, V, standard_errors=SE),
    ],
    "cannot be given beside effect sizes, which carry them": [
        lambda: pool(EffectSizes("g", "f", np.array(Y), np.array(V)), V)
    ],
    "cannot be given beside a table": [
        lambda: pool(pd.DataFrame({"estimate": Y, "variance": V}), standard_errors=SE)
    ],
    "cannot be given beside readings": [lambda: pool(readings(), V)],
    "There are 3 effects and 2 variances": [lambda: pool(Y, V[:2])],
    "There are 3 effects and 2 labels": [lambda: pool(Y, V, labels=NAMES[:2])],
    "There are 3 effects and 0 labels": [lambda: pool(Y, V, labels=[])],
    "There is no study to pool": [lambda: pool([], [])],
    "No study has both an effect and a variance": [lambda: pool([math.nan, 1], [1, math.nan])],
    "effects must be finite; found b: inf": [
        lambda: pool([0.1, math.inf, 0.9], V, labels=NAMES),
    ],
    "variances must be finite; found c: inf": [
        lambda: pool(Y, [0.04, 0.09, math.inf], labels=NAMES),
    ],
    "standard_errors must be finite; found c: inf": [
        lambda: pool(Y, standard_errors=[0.2, 0.3, math.inf], labels=NAMES),
    ],
    "variances must be above 0; found a: 0, c: -1": [
        lambda: pool(Y, [0, 0.09, -1], labels=NAMES),
    ],
    "standard_errors must be above 0; found b: -0.3": [
        lambda: pool(Y, standard_errors=[0.2, -0.3, 0.4], labels=NAMES),
    ],
    "effects holds something that is not a number; found study 2: '0.5'": [
        lambda: pool([0.1, "0.5", 0.9], V),
    ],
    "variances holds something that is not a number; found study 1: 'x'": [
        lambda: pool(Y, ["x", 0.09, 0.16]),
    ],
    "effects has 2 dimensions": [lambda: pool([Y, Y], V)],
    "model 'fixed' is not known": [lambda: pool(Y, V, model="fixed")],
    "tau2_method 'REMLL' is not known. Did you mean 'REML'?": [
        lambda: pool(Y, V, tau2_method="REMLL")
    ],
    "Known are: DL, DL2, EB, HE, HE2, HS, HSk, ML, PM, REML, SJ.": [
        lambda: pool(Y, V, tau2_method="bayes")
    ],
    "ci_method 'knha' is not known. Known are: HKSJ, HKSJ-adhoc, Henmi-Copas, Wald": [
        lambda: pool(Y, V, ci_method="knha")
    ],
    "level is 95; it must lie between 0 and 1": [lambda: pool(Y, V, level=95)],
    "needs the columns 'estimate' and 'variance' (or 'standard_error'); this one has: yi, vi": [
        lambda: pool(pd.DataFrame({"yi": Y, "vi": V}))
    ],
    "of different measures and cannot be pooled: mean difference, risk ratio": [
        lambda: pool([*readings(), *readings(measure="risk ratio")])
    ],
    "effects mixes readings with something else; found study 1: 0.5": [
        lambda: pool([0.5, *readings()])
    ],
}


@pytest.mark.parametrize(
    ("words", "call"), [(words, call) for words, calls in REFUSALS.items() for call in calls]
)
def test_what_cannot_be_pooled(words: str, call) -> None:
    with pytest.raises(InvalidArgumentError) as refusal:
        call()
    assert words in str(refusal.value)


# ------------------------------------------------------------------ how it reads


def test_the_summary_by_hand() -> None:
    lines = pool([0, 3, 6], [1, 1, 1]).summary().splitlines()
    assert lines[0] == (
        "Three studies, random effects, tau² by REML, Hartung-Knapp-Sidik-Jonkman interval with "
        "the ad hoc guard"
    )
    # 3 ± 7.452; t = √3 on 2 degrees of freedom: p = 1 - √3 / √5 = 0.2254
    assert lines[1] == "estimate 3.00 (95% CI −4.45 to 10.45), p = 0.23"
    # 3 ± 42.14
    assert lines[3] == "95% prediction interval −39.14 to 45.14"


def test_the_table_has_the_studies_and_the_mean() -> None:
    frame = pool(Y, V, labels=NAMES).to_frame()
    assert frame["label"].tolist() == ["a", "b", "c", "pooled"]
    assert_allclose(frame["ci_low"].iloc[0], 0.1 - 0.2 * Z, rtol=EXACT)
    assert_allclose(frame["weight"].iloc[:3].sum(), frame["weight"].iloc[3], rtol=EXACT)
    plain = pool(Y, V, labels=NAMES).to_dict()
    assert [study["label"] for study in plain["studies"]] == NAMES
    assert plain["ci_method"] == "HKSJ-adhoc"


def test_names_are_escaped_on_their_way_to_a_page() -> None:
    page = pool(Y, V, labels=["<b>", "b", "c"])._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_wald_interval_with_few_studies_is_a_caution() -> None:
    codes = [caution.code for caution in pool(Y, V, ci_method="Wald").cautions]
    assert "wald-few" in codes
    assert "wald-few" not in [caution.code for caution in pool(Y, V).cautions]


@pytest.mark.parametrize(("ci_method", "own"), OWN_TAU2.items())
def test_an_interval_with_a_tau2_of_its_own_says_so(ci_method: str, own: str) -> None:
    trials = log_risk_ratios()
    result = pool(trials, ci_method=ci_method)
    assert result.method.tau2_method == own
    assert result.tau2 == pytest.approx(pool(trials, tau2_method=own).tau2, rel=1e-9)
    assert "own-tau2" in [caution.code for caution in result.cautions]
    asked = pool(trials, ci_method=ci_method, tau2_method=own)
    assert "own-tau2" not in [caution.code for caution in asked.cautions]
    assert (asked.ci_low, asked.ci_high) == (result.ci_low, result.ci_high)
    with pytest.raises(InvalidArgumentError, match="one of random effects"):
        pool(trials, model="common", ci_method=ci_method)


def test_henmi_and_copas_keep_the_weights_of_a_common_effect() -> None:
    trials = log_risk_ratios()
    common = pool(trials, model="common", ci_method="Wald")
    result = pool(trials, ci_method="Henmi-Copas")
    assert_allclose(result.estimate, common.estimate, rtol=1e-12)
    assert_allclose(result.weights, common.weights, rtol=1e-12)


def test_the_profile_likelihood_interval_ends_where_the_test_is_just_significant() -> None:
    trials = log_risk_ratios()
    result = pool(trials, ci_method="profile-likelihood")
    for end in (result.ci_low, result.ci_high):
        moved = pool(trials.estimate - end, trials.variance, ci_method="profile-likelihood")
        assert_allclose(moved.p_value, 0.05, rtol=1e-5)


def dependent(result: PooledResult) -> list[str]:
    return [each.message for each in result.cautions if each.code == "dependent-rows"]


def test_rows_of_one_study_are_never_pooled_without_a_word() -> None:
    y, v = [0.1, 0.4, 0.3], [0.1, 0.1, 0.1]
    assert "Ash 1999 (two rows)" in dependent(pool(y, v, labels=["Ash 1999", "Elm", "Ash 1999"]))[0]
    table = pd.DataFrame(
        {"estimate": y, "variance": v, "label": ["a", "b", "c"], "study_id": ["x", "x", "y"]}
    )
    assert "x (two rows)" in dependent(pool(table))[0]
    assert not dependent(pool(table.assign(study_id=["x", "y", "z"])))
    assert not dependent(pool(y, v))
    # Of two rows one is left out for want of an effect: one row is left.
    assert not dependent(pool([0.1, 0.4, None], v, labels=["Ash 1999", "Elm", "Ash 1999"]))
    readings = [reading(0.1, 0.2, study_id=name) for name in ("ash", "ash", "elm")]
    assert "ash (two rows)" in dependent(pool(readings))[0]
    assert "ash (two rows)" in dependent(pool(readings, labels=["first", "second", "third"]))[0]


def test_the_studies_of_a_result_can_be_pooled_another_way():
    first = pool([0.1, 0.4, 0.9, np.nan], [0.02, 0.03, 0.05, 0.1], labels=list("abcd"))
    again = pool(first, tau2_method="DL", ci_method="Wald")
    direct = pool([0.1, 0.4, 0.9], [0.02, 0.03, 0.05], tau2_method="DL", ci_method="Wald")
    assert again.labels == ("a", "b", "c")
    assert (again.estimate, again.ci_low, again.tau2) == (
        direct.estimate,
        direct.ci_low,
        direct.tau2,
    )
    # What was said of the studies stays said; what was said of the first pooling does not.
    assert [c.code for c in again.cautions].count("missing") == 1
    assert pool(first).to_dict() == first.to_dict()
