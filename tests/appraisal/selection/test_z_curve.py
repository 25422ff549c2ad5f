"""The z-curve: the mixture at its maximum, rates recovered in simulations, guards and words."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from evidence.appraisal.selection.mixture import fit_weights
from evidence.appraisal.selection.z_curve import z_curve
from evidence.errors import InvalidArgumentError

CRITICAL = norm.isf(0.025)


def studies(random, many, means):
    """Absolute z values of studies, with the rates that are to be found."""
    mean = random.choice(means, size=many)
    power = norm.sf(CRITICAL - mean) + norm.cdf(-CRITICAL - mean)
    again = (power * norm.sf(CRITICAL - mean)).sum() / power.sum()
    return np.abs(random.normal(mean, 1)), float(again), float(power.mean())


def of_z(z, **choices):
    return z_curve(z, np.ones(len(z)), **{"draws": 100, **choices})


# -------------------------------------------------------------------------------------- the mixture


def test_two_components_by_hand():
    # Densities that do not overlap: the weights are the shares.
    densities = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    weights = fit_weights(densities, np.array([[1, 1, 1], [0, 1, 3], [2, 0, 0], [0, 0, 0]]))
    assert weights[0] == pytest.approx([2 / 3, 1 / 3], rel=1e-10)
    assert weights[1] == pytest.approx([1 / 4, 3 / 4], rel=1e-10)
    assert weights[2] == pytest.approx([1, 0], abs=1e-10)
    assert weights[3] == pytest.approx([0.5, 0.5])


def test_the_maximum_is_a_maximum():
    random = np.random.default_rng(5)
    densities = random.uniform(0.01, 1, size=(60, 7))
    counts = random.multinomial(60, np.full(60, 1 / 60), size=40)
    weights = fit_weights(densities, counts)
    assert weights.sum(axis=1) == pytest.approx(np.ones(40))
    assert (weights >= 0).all()
    # Lindsay's condition: no component can raise the likelihood.
    slopes = (counts / (weights @ densities.T)) @ densities / 60
    assert slopes.max() < 1 + 1e-8


def test_expectation_maximisation_climbs_to_the_same():
    random = np.random.default_rng(6)
    densities = random.uniform(0.01, 1, size=(40, 3))
    ours = fit_weights(densities, np.ones((1, 40)))[0]
    weights = np.full(3, 1 / 3)
    for _ in range(5000):
        weights = weights * ((1 / (densities @ weights)) @ densities) / 40
    assert ours == pytest.approx(weights, abs=1e-6)


def test_how_often_is_a_weight():
    random = np.random.default_rng(7)
    densities = random.uniform(0.01, 1, size=(20, 4))
    counts = random.integers(0, 4, size=20)
    once = fit_weights(densities, counts[None, :])
    repeated = fit_weights(np.repeat(densities, counts, axis=0), np.ones((1, counts.sum())))
    assert once == pytest.approx(repeated, abs=1e-9)


# ---------------------------------------------------------------------------------------- the rates


@pytest.mark.parametrize("means", [[0.0, 2.0, 4.0], [2.0], [0.5, 3.5], [4.0]])
def test_rates_are_recovered(means):
    z, again, discovered = studies(np.random.default_rng(8), 20_000, means)
    found = of_z(z[z > CRITICAL])
    assert found.replication_rate == pytest.approx(again, abs=0.03)
    assert found.discovery_rate == pytest.approx(discovered, abs=0.10)
    assert found.replication_low <= again <= found.replication_high
    assert found.discovery_low <= discovered <= found.discovery_high


def test_one_power_between_components_is_not_taken_for_selection():
    """The discovery rate comes out too low, and would be far from what is significant."""
    z, again, discovered = studies(np.random.default_rng(8), 20_000, [2.5])
    found = of_z(z)
    assert found.replication_rate == pytest.approx(again, abs=0.04)
    assert found.discovery_high < discovered
    assert found.one_power_high == pytest.approx(discovered, abs=0.02)
    assert found.status == "cannot be tested"
    assert "one-power" in [caution.code for caution in found.cautions]
    selected = of_z(z[z > CRITICAL])
    assert selected.status == "contradiction"


def test_selection_is_not_seen_where_there_is_none():
    random = np.random.default_rng(14)
    for means in ([1.5], [2.5], [0.0, 1.0, 2.0, 3.0]):
        seen = [
            of_z(studies(random, 200, means)[0], seed=seed, force=True).status == "contradiction"
            for seed in range(20)
        ]
        assert np.mean(seen) <= 0.05, means


def test_intervals_cover():
    random = np.random.default_rng(9)
    inside = []
    for seed in range(60):
        z, again, discovered = studies(random, 250, [0.0, 1.0, 2.0, 3.0])
        found = of_z(z, seed=seed, force=True)
        inside.append(
            (
                found.replication_low <= again <= found.replication_high,
                found.discovery_low <= discovered <= found.discovery_high,
            )
        )
    assert (np.mean(inside, axis=0) > 0.88).all()


def test_selection_is_seen_and_its_absence_too():
    z, _, _ = studies(np.random.default_rng(10), 1500, [0.5, 1.5])
    assert of_z(z).status == "ok"
    kept = (z > CRITICAL) | (np.arange(z.size) % 10 == 0)
    found = of_z(z[kept])
    assert found.status == "contradiction"
    assert "others are missing" in found.sentence
    assert found.observed_discovery_rate > found.discovery_high


def test_without_any_effect():
    z, _, _ = studies(np.random.default_rng(11), 10_000, [0.0])
    found = of_z(z[z > CRITICAL])
    assert found.replication_rate == pytest.approx(0.025, abs=0.02)
    assert found.discovery_rate == pytest.approx(0.05, abs=0.03)
    assert found.false_discovery_high == pytest.approx(1.0)


def test_all_beyond_the_fit():
    found = of_z([7.0] * 60)
    assert (found.replication_rate, found.discovery_rate) == (1.0, 1.0)
    assert found.false_discovery_rate == 0
    json.dumps(found.to_dict(), allow_nan=False)


def test_soric_by_hand():
    found = of_z(np.linspace(1.97, 4.5, 60))
    rate = found.discovery_rate
    assert found.false_discovery_rate == pytest.approx((1 / rate - 1) / 19)
    assert found.false_discovery_low <= found.false_discovery_rate <= found.false_discovery_high


# ---------------------------------------------------------------------------------- guard and words


@pytest.mark.parametrize("many", [0, 1, 9, 49])
def test_few_significant_results_are_refused(many):
    found = of_z([0.3] + [2.5] * many)
    assert found.status == "cannot be tested"
    assert "needs about 50" in found.sentence
    assert math.isnan(found.discovery_rate)
    json.dumps(found.to_dict(), allow_nan=False)


def test_forced_is_marked_and_has_its_end():
    found = of_z(np.linspace(1.97, 4, 10), force=True)
    assert found.forced
    assert found.sentence.startswith("Computed although")
    assert of_z(np.linspace(1.97, 4, 9), force=True).status == "cannot be tested"


def test_a_seed_gives_the_same_again():
    z = np.linspace(1.97, 4.5, 60)
    assert of_z(z, seed=3).to_dict() == of_z(z, seed=3).to_dict()
    assert of_z(z, seed=3).discovery_low != of_z(z, seed=4).discovery_low
    json.dumps(of_z(z).to_dict(), allow_nan=False)


def test_p_values_and_effects_agree_and_units_do_not_matter():
    z = np.linspace(1.97, 4.5, 60)
    first = of_z(z)
    second = z_curve(p_values=2 * norm.sf(z), draws=100)
    third = z_curve(-1e-8 * z[::-1], np.full(60, 1e-16), draws=100)
    for name in ("replication_rate", "discovery_rate"):
        assert getattr(second, name) == pytest.approx(getattr(first, name), abs=1e-8)
        assert getattr(third, name) == pytest.approx(getattr(first, name), abs=1e-8)
    assert any(caution.code == "only-significant" for caution in first.cautions)
    assert "<table" in first._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"draws": 10}, "draws is 10; it must be a whole number of at least 100"),
        ({"draws": 1000.0}, "draws is 1000.0"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": True}, "seed is True"),
        ({"force": 1}, "force is 1"),
        ({"p_values": [2.0]}, "p_values must be above 0 and at most 1"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        z_curve(**{"p_values": [0.01] * 60, **arguments})


@pytest.mark.parametrize(
    ("significant", "others", "places"),
    [
        (0, 3, "Look at registered trials without results and at outcomes that were not reported"),
        (3, 0, "Look at registered trials without results and at outcomes that were not reported"),
        (3, 4, "Look at worst-case selection and at registered trials without results instead."),
        (20, 4, "Look at the p-curve, at worst-case selection and at registered trials without"),
    ],
)
def test_a_refusal_sends_to_what_can_speak(significant, others, places):
    found = of_z([3.0] * significant + [0.5] * others)
    assert found.status == "cannot be tested"
    assert places in found.sentence


# ---- invariants


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.integers(-30, 30), st.randoms(use_true_random=False))
def test_order_units_and_sign_do_not_matter(seed, power, chance):
    random = np.random.default_rng(seed)
    errors = random.uniform(0.05, 0.5, 120)
    effects = errors * random.normal(2, 1.3, 120)
    first = z_curve(effects, standard_errors=errors, draws=100, force=True)
    order = list(range(120))
    chance.shuffle(order)
    unit = 2.0**power
    again = z_curve(effects[order], standard_errors=errors[order], draws=100, force=True)
    turned = z_curve(-unit * effects, standard_errors=unit * errors, draws=100, force=True)
    # The same samples are drawn of the same z values; in another order they are others.
    assert turned.to_dict() == first.to_dict()
    for name in ("k", "significant", "observed_discovery_rate"):
        assert getattr(again, name) == getattr(first, name)
    for name in ("replication_rate", "discovery_rate"):
        assert getattr(again, name) == pytest.approx(getattr(first, name), abs=1e-4)
