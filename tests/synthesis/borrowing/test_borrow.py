"""Borrowing from indirect studies: hand algebra, both ends of the dial, edges, invariants."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.stats import norm

from evidence.errors import InvalidArgumentError
from evidence.synthesis import BorrowingMethod, borrow, pool
from evidence.synthesis.borrowing.discount import (
    power_prior_weights,
    weighted_means,
    widened_weights,
)

EFFECTS, VARIANCES, STEPS = [1.0, 0.2, 0.1], [0.04, 0.04, 0.09], [0, 1, 2]
COMMON = BorrowingMethod(model="common")


def codes(found: Any) -> set[str]:
    return {caution.code for caution in found.cautions}


# ---------------------------------------------------------------- by hand


def test_two_studies_by_hand() -> None:
    # Weights 1/0.25 = 4 and 0.5/0.5 = 1: (4 * 1 + 1 * 0) / 5, and 1/sqrt(5).
    found = borrow([1.0, 0.0], [0.25, 0.5], distances=[0, 1], method=COMMON, people=[40, 20])
    estimate, low, high = found.at(0.5)
    assert estimate == pytest.approx(0.8)
    assert (high - low) / 2 == pytest.approx(norm.ppf(0.975) / math.sqrt(5))
    assert found.indirect_weight[50] == pytest.approx(20.0)
    assert found.indirect_people is not None
    assert found.indirect_people[50] == pytest.approx(10.0)
    # With 4 and 2 in full: 4 / 6.
    assert found.estimate[-1] == pytest.approx(2 / 3)


def test_a_likelihood_to_a_power_is_what_the_weights_say() -> None:
    """The posterior under a flat prior, by integration of the likelihoods to their powers."""
    dial = 0.3
    powers = [dial**step for step in STEPS]

    def height(mean: float) -> float:
        return math.prod(
            norm.pdf(y, mean, math.sqrt(v)) ** a
            for y, v, a in zip(EFFECTS, VARIANCES, powers, strict=True)
        )

    total = quad(height, -4, 5)[0]
    mean = quad(lambda m: m * height(m), -4, 5)[0] / total
    square = quad(lambda m: (m - mean) ** 2 * height(m), -4, 5)[0] / total
    weights = power_prior_weights(np.array(VARIANCES), np.array(STEPS), np.array([dial]))
    estimate, error = weighted_means(np.array(EFFECTS), weights)
    assert_allclose([estimate[0], error[0] ** 2], [mean, square], rtol=1e-7)


def test_an_added_variance_by_hand() -> None:
    # At one half s² a step: 0.04 + 0.09, and 0.09 + 2 * 0.09.
    weights = widened_weights(np.array(VARIANCES), np.array(STEPS), np.array([0.0, 0.5, 1.0]), 0.3)
    assert_allclose(weights[1], [1 / 0.04, 1 / 0.13, 1 / 0.27])
    assert_allclose(weights[0], [1 / 0.04, 0, 0])
    assert_allclose(weights[2], [1 / v for v in VARIANCES])


def test_a_variance_widened_by_the_studys_own_is_the_power_prior() -> None:
    dial = np.linspace(0, 1, 11)
    variances, steps = np.array([0.04, 0.04]), np.array([0.0, 1.0])
    assert_allclose(
        widened_weights(variances, steps, dial, 0.2), power_prior_weights(variances, steps, dial)
    )


# ---------------------------------------------------------------- both ends


def test_in_full_a_common_effect_is_that_of_a_pool() -> None:
    found = borrow(EFFECTS, VARIANCES, distances=STEPS, method=COMMON)
    wanted = pool(EFFECTS, VARIANCES, model="common", ci_method="Wald")
    assert_allclose(found.at(1), [wanted.estimate, wanted.ci_low, wanted.ci_high])
    assert_allclose(found.weights[-1], wanted.weights)
    assert found.tau2 == 0


def test_in_full_random_effects_are_those_of_a_pool() -> None:
    found = borrow(EFFECTS, VARIANCES, distances=STEPS, method=BorrowingMethod(model="random"))
    wanted = pool(EFFECTS, VARIANCES, ci_method="Wald")
    assert wanted.tau2 > 0.1
    assert_allclose(found.at(1), [wanted.estimate, wanted.ci_low, wanted.ci_high])
    # Beside 0 it is the direct study with tau² on top; at 0 the study's own result.
    near = found.at(1e-9)
    assert near[2] - near[0] == pytest.approx(norm.ppf(0.975) * math.sqrt(0.04 + wanted.tau2))
    assert found.at(0) == pytest.approx((1.0, *(1 + norm.ppf([0.025, 0.975]) * 0.2)))


def test_by_default_tau2_is_between_the_indirect_and_the_direct() -> None:
    found = borrow(EFFECTS, VARIANCES, distances=STEPS)
    tau2 = pool(EFFECTS, VARIANCES).tau2
    weights = np.array([1 / 0.04, 1 / (0.04 + tau2), 1 / (0.09 + tau2)])
    assert found.at(1)[0] == pytest.approx(float(weights @ EFFECTS / weights.sum()))
    # So the interval does not jump beside 0.
    assert_allclose(found.at(1e-9), found.at(0), atol=1e-6)


@pytest.mark.parametrize("model", ["settings", "common"])
def test_at_0_several_direct_studies_are_pooled(model: str) -> None:
    found = borrow(
        [0.3, 0.5, 0.1, 2.0], [0.04, 0.09, 0.05, 0.1], distances=[0, 0, 1, 2],
        method=BorrowingMethod(model=model),
    )  # fmt: skip
    wanted = pool([0.3, 0.5], [0.04, 0.09], model="common", ci_method="Wald")
    assert_allclose(found.at(0), [wanted.estimate, wanted.ci_low, wanted.ci_high])


def test_one_direct_study_is_its_own_result() -> None:
    found = borrow(EFFECTS, VARIANCES, distances=STEPS)
    alone = pool([1.0], [0.04])
    assert_allclose(found.at(0), [alone.estimate, alone.ci_low, alone.ci_high])
    assert "one-direct-study" in codes(found)


# ---------------------------------------------------------------- changes


def test_where_conclusions_change_is_found_between_settings() -> None:
    found = borrow([1.0, 0.0], [0.25, 0.25], distances=[0, 1], method=COMMON, threshold=0.6)
    # The estimate is 1 / (1 + a): below 0.6 from a = 2/3. The lower end 1 / (1 + a) - z / (2
    # sqrt(1 + a)) is 0 where sqrt(1 + a) = 2 / z.
    z = norm.ppf(0.975)
    estimate = [c for c in found.changes if c.what == "estimate"]
    assert [(c.dial, c.boundary, c.after) for c in estimate] == [(pytest.approx(2 / 3), 0.6, False)]
    zero = [c for c in found.changes if c.what == "interval" and c.boundary == 0]
    assert [(c.dial, c.after) for c in zero] == [(pytest.approx((2 / z) ** 2 - 1), True)]
    assert "the interval begins to hold no effect" in zero[0].in_words()
    assert "lies below 0.60" in estimate[0].in_words()


def test_a_change_of_sign() -> None:
    found = borrow([0.3, -1.0], [0.1, 0.1], distances=[0, 1], method=COMMON)
    (sign,) = [c for c in found.changes if c.what == "estimate"]
    assert sign.dial == pytest.approx(0.3)
    assert not sign.after


def test_nothing_changes_where_nothing_crosses() -> None:
    assert borrow([1.0, 1.0], [0.01, 0.01], distances=[0, 1]).changes == ()


# ---------------------------------------------------------------- edges


def test_no_direct_study_leaves_nothing_at_0() -> None:
    found = borrow([0.5, 0.7], [0.1, 0.1], distances=[1, 2])
    assert math.isnan(found.at(0)[0])
    assert math.isfinite(found.at(0.01)[0])
    assert "no-direct-study" in codes(found)
    assert "direct studies only: nothing" in found.summary()
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["dial"][0]["estimate"] is None


def test_only_direct_studies_and_one_study() -> None:
    found = borrow([0.5, 0.7], [0.1, 0.1], distances=[0, 0])
    assert "nothing-to-borrow" in codes(found)
    assert np.ptp(found.estimate) == 0
    one = borrow([0.5], [0.1], distances=[0])
    assert one.at(0) == one.at(1)
    other = borrow([0.5], [0.1], distances=[1])
    assert other.at(1)[0] == pytest.approx(0.5)


def test_a_study_without_a_number_is_left_out_with_its_distance() -> None:
    found = borrow([1.0, math.nan, 0.1], [0.04, 0.1, 0.09], distances=[0, 0, 2], people=[9, 8, 7])
    assert found.labels == ("study 1", "study 3")
    assert list(found.distances) == [0, 2]
    assert found.people is not None
    assert list(found.people) == [9, 7]
    assert "missing" in codes(found)


def test_heterogeneity_is_cautioned_about() -> None:
    assert "heterogeneity" in codes(borrow(EFFECTS, VARIANCES, distances=STEPS, method=COMMON))
    settings_found = codes(borrow(EFFECTS, VARIANCES, distances=STEPS))
    assert "heterogeneity" not in settings_found
    assert "tau2-held" in settings_found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"distances": [0, 1]}, "There are 3 effects and 2 distances"),
        ({"distances": [0, 1, -1]}, "distances must be 0 or above; found study 3: -1"),
        ({"distances": [0, 1, math.inf]}, "distances must be 0 or above; found study 3"),
        ({"distances": [0, math.nan, 1]}, "distances must be 0 or above; found study 2"),
        ({"people": [1, 2]}, "There are 3 effects and 2 people"),
        ({"people": [1, 2, 0]}, "people must be above 0; found study 3"),
        ({"threshold": -0.5}, "threshold is -0.5"),
        ({"threshold": math.nan}, "threshold is nan"),
        ({"method": BorrowingMethod("powr")}, "Did you mean 'power'"),
        ({"method": BorrowingMethod(model="fixed")}, "model 'fixed' is not known"),
        ({"method": BorrowingMethod("widened")}, "indirectness_sd is None"),
        ({"method": BorrowingMethod("widened", indirectness_sd=0.0)}, "indirectness_sd is 0.0"),
        ({"method": BorrowingMethod(indirectness_sd=0.2)}, "has no use for it"),
        ({"method": BorrowingMethod(level=1.2)}, "level"),
        ({"effects": [1.0, math.inf, 0.1]}, "effects must be finite"),
        ({"variances": [0.04, 0.0, 0.09]}, "variances must be above 0"),
    ],
)
def test_refusals_name_the_argument(change: dict[str, Any], words: str) -> None:
    arguments = {"effects": EFFECTS, "variances": VARIANCES, "distances": STEPS, **change}
    with pytest.raises(InvalidArgumentError, match=words):
        borrow(arguments.pop("effects"), arguments.pop("variances"), **arguments)


@pytest.mark.parametrize("dial", [-0.1, 1.1, math.nan])
def test_a_dial_outside_its_ends_is_refused(dial: float) -> None:
    with pytest.raises(InvalidArgumentError, match="from 0 to 1"):
        borrow(EFFECTS, VARIANCES, distances=STEPS).at(dial)


# ---------------------------------------------------------------- invariants

STUDIES = st.lists(
    st.tuples(
        st.floats(-3, 3), st.floats(0.01, 2), st.integers(0, 2), st.integers(5, 500)
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip
METHODS = st.sampled_from(
    [
        BorrowingMethod(),
        COMMON,
        BorrowingMethod("widened", indirectness_sd=0.3),
        BorrowingMethod("widened", "common", indirectness_sd=0.3),
    ]
)


@given(STUDIES, METHODS)
@settings(deadline=None, max_examples=60)
def test_more_borrowing_is_never_less_precise(rows: Any, method: BorrowingMethod) -> None:
    effects, variances, steps, people = zip(*rows, strict=True)
    found = borrow(effects, variances, distances=steps, people=people, method=method)
    errors = found.standard_error[np.isfinite(found.standard_error)]
    assert (np.diff(errors) <= 1e-9 * errors[1:]).all()
    assert found.indirect_people is not None
    assert (np.diff(found.indirect_people) >= -1e-9).all()
    assert found.indirect_people[0] == 0
    indirect = sum(n for n, step in zip(people, steps, strict=True) if step)
    assert found.indirect_people[-1] == pytest.approx(indirect)


@given(STUDIES, METHODS, st.randoms())
@settings(deadline=None, max_examples=40)
def test_neither_order_nor_sign_nor_unit_matters(
    rows: Any, method: BorrowingMethod, random: Any
) -> None:
    effects, variances, steps, _ = map(np.array, zip(*rows, strict=True))
    found = borrow(effects, variances, distances=steps, method=method)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = borrow(effects[order], variances[order], distances=steps[order], method=method)
    assert_allclose(shuffled.estimate, found.estimate, rtol=1e-6, atol=1e-6)
    turned = borrow(-effects, variances, distances=steps, method=method)
    assert_allclose(turned.estimate, -found.estimate, rtol=1e-6, atol=1e-6)
    assert_allclose(turned.ci_low, -found.ci_high, rtol=1e-6, atol=1e-6)
    if method.kind == "power":
        larger = borrow(10 * effects, 100 * variances, distances=steps, method=method)
        assert_allclose(larger.estimate, 10 * found.estimate, rtol=1e-5, atol=1e-5)


# ---------------------------------------------------------------- how it reads


def test_every_face_shows_the_same_numbers() -> None:
    found = borrow(EFFECTS, VARIANCES, distances=STEPS, people=[50, 60, 30], threshold=0.5)
    frame = found.to_frame()
    assert list(frame["dial"].iloc[[0, -1]]) == [0, 1]
    assert_allclose(frame[["estimate", "ci_low", "ci_high"]].iloc[-1], found.at(1))
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["dial"][-1]["estimate"] == pytest.approx(found.at(1)[0])
    page = found._repr_html_()
    assert page.count("<tr>") == 12
    for change in found.changes:
        assert change.in_words() in page
