"""The next trial: each answer checked by adding that study and pooling again."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from tests.synthesis.strategies import syntheses

from evidence.errors import InvalidArgumentError
from evidence.synthesis.bayes.fit import pool_bayes
from evidence.synthesis.bayes.priors import HalfNormal
from evidence.synthesis.further.chances import (
    MOST_PEOPLE,
    PARTS,
    POWER,
    Truth,
    chances_of,
    first_size,
)
from evidence.synthesis.further.conclusions import REGIONS, Updates, region_of
from evidence.synthesis.further.next_trial import foresee, next_trial, variance_of_one
from evidence.synthesis.further.result import NextTrial
from evidence.synthesis.pool import pool

Y, V, N = [-0.19, -0.87, -0.96], [0.026, 0.102, 0.074], [155, 43, 60]
COMMON = {"model": "common", "ci_method": "Wald"}


def added(result, effect: float, error: float, count: int = 1):
    """Pool again with a study added, by `pool` itself."""
    method = result.method
    return pool(
        np.append(result.effects, [effect] * count),
        np.append(result.variances, [error**2] * count),
        model=method.model,
        tau2_method=method.tau2_method,
        ci_method=method.ci_method,
    )


def said(result, sign: int, threshold: float) -> int:
    low, high = sorted((sign * result.ci_low, sign * result.ci_high))
    return int(region_of(low, high, threshold))


@pytest.fixture(scope="module")
def three() -> NextTrial:
    return next_trial(
        pool(Y, V), people=N, better="lower", threshold=0.5, planned={"Elm": 100, "Oak": 40}
    )


@pytest.mark.parametrize(
    ("low", "high", "region"),
    [
        (-0.9, -0.1, "harm"),
        (-0.9, -0.7, "harm"),
        (-0.2, 0.4, "no important benefit"),
        (-0.2, 0.5, "open"),
        (-2.0, 2.0, "open"),
        (0.0, 0.8, "open"),
        (0.0, 0.4, "no important benefit"),
        (0.1, 0.4, "benefit too small to matter"),
        (0.1, 0.5, "benefit, size open"),
        (0.5, 0.9, "important benefit"),
    ],
)
def test_what_an_interval_says(low, high, region) -> None:
    assert REGIONS[int(region_of(low, high, 0.5))] == region


@pytest.mark.parametrize(
    ("low", "high", "region"),
    [(-1.0, -0.1, "harm"), (-1.0, 3.0, "open"), (0.1, 9.0, "benefit, size open")],
)
def test_without_a_threshold_only_the_side_is_told(low, high, region) -> None:
    assert REGIONS[int(region_of(low, high, math.nan))] == region


def test_two_alike_studies_by_hand() -> None:
    """Common effect, variances 1 and 1: the mean of three is a third of the sum, SE 1/sqrt(3)."""
    result = pool([0.0, 0.0], [1.0, 1.0], **COMMON)
    # The lower end is y / 3 - 1.96 / sqrt(3), above 0 from y = 1.96 sqrt(3).
    edge = stats.norm.ppf(0.975) * math.sqrt(3)
    updates = Updates(result, 1, math.nan)
    found = updates.region(np.array([edge - 1e-6, edge + 1e-6]), np.ones(2))
    assert [REGIONS[place] for place in found] == ["open", "benefit, size open"]


def test_chances_by_hand() -> None:
    """There the chance that N(2, 1) is beyond that edge."""
    result = pool([0.0, 0.0], [1.0, 1.0], **COMMON)
    updates = Updates(result, 1, math.nan)
    chances = chances_of(updates, Truth("two", 2.0, None, ()), np.ones(1))[0]
    edge = stats.norm.ppf(0.975) * math.sqrt(3)
    assert_allclose(chances[4], stats.norm.sf(edge - 2.0), atol=0.5 / PARTS + 1e-12)
    assert_allclose(chances.sum(), 1.0)


def test_a_size_by_hand() -> None:
    """A common effect with people as weights: the smallest whole number that takes 0 out."""
    # Ten people so far at 0.5, variance 4 / n; n in all: 0.5 > 1.96 * 2 / √n.
    result = pool([0.5], [0.4], **COMMON)
    found = next_trial(result, people=[10], better="higher")
    estimate = next(one for one in found.showing if one.name == "the pooled estimate")
    z = stats.norm.ppf(0.975)
    assert estimate.people == math.ceil((z * 2 / 0.5) ** 2 - 10)
    assert found.now == REGIONS.index("open")
    assert REGIONS[estimate.then] == "benefit, size open"


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("method", [{}, {"ci_method": "HKSJ"}, {"ci_method": "Wald"}, COMMON])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_grid_by_pooling_again(k, method, better) -> None:
    result = pool(Y[:k], V[:k], **method)
    found = next_trial(result, people=N[:k], better=better, threshold=0.5)
    sign = 1 if better == "higher" else -1
    assert found.now == said(result, sign, 0.5)
    for row in (0, 60, 160):
        for column in (3, 150, 300, 470):
            error = float(found.standard_errors[row])
            pooled = added(result, float(found.effects[column]), error)
            assert found.regions[row, column] == said(pooled, sign, 0.5)


def test_the_smallest_studies_by_pooling_again(three) -> None:
    result = three.result
    tried = 0
    for each in three.showing:
        if each.people is None:
            error = math.sqrt(three.variance_of_one / MOST_PEOPLE)
            assert said(added(result, each.effect, error), -1, 0.5) == three.now
            continue
        for people, changed in ((each.people, True), (each.people - 1, False)):
            pooled = added(result, each.effect, math.sqrt(three.variance_of_one / people))
            assert (said(pooled, -1, 0.5) != three.now) is changed
        tried += 1
    assert tried == 2


def test_power_by_drawing(three) -> None:
    """Drawn at random instead: the chance of the updated synthesis, Sutton and others' way."""
    random = np.random.default_rng(3)
    updates = Updates(three.result, -1, 0.5)
    error = math.sqrt(three.variance_of_one / 200)
    place = list(three.people).index(200)
    posterior = foresee(three.result, ratio=False, one=three.variance_of_one)
    settings_drawn = posterior.predictive.quantile(random.uniform(size=4000))
    for truth, effects in (
        (1, -0.5),
        (2, three.result.estimate),
        (3, settings_drawn),
    ):
        shown = effects + error * random.standard_normal(4000)
        regions = updates.region(shown, np.full(4000, error))
        for region in range(len(REGIONS)):
            expected = three.chances[truth, place, region]
            assert_allclose((regions == region).mean(), expected, atol=0.03)


def test_enough_people_have_the_power(three) -> None:
    updates = Updates(three.result, -1, 0.5)
    checked = 0
    for truth, people in zip(three.truths, three.enough, strict=True):
        if people is None:
            continue
        for count, enough in ((people, True), (people - 1, False)):
            error = np.sqrt([three.variance_of_one / count])
            chance = chances_of(updates, truth, error)[0, list(truth.right)].sum()
            assert bool(chance >= POWER) is enough
        checked += 1
    assert checked == 2


def test_planned_studies_by_pooling_again(three) -> None:
    names = [each.name for each in three.planned]
    assert names == ["Elm", "Oak", "all of them together"]
    checked = 0
    for each in three.planned:
        assert_allclose(
            each.standard_error, math.sqrt(three.variance_of_one * each.studies / each.people)
        )
        for region, low, high in each.ranges:
            for end, step in ((low, 1e-6), (high, -1e-6)):
                if math.isinf(end):
                    continue
                inside = added(three.result, end + step, each.standard_error, each.studies)
                outside = added(three.result, end - step, each.standard_error, each.studies)
                assert said(inside, -1, 0.5) == region != said(outside, -1, 0.5)
                checked += 1
    assert checked >= 4


def test_a_planned_study_changes_it_as_often_as_foretold(three) -> None:
    elm = three.planned[0]
    place = list(three.people).index(100)
    assert_allclose(elm.chance, three.changes[place])


def test_variance_of_one_person() -> None:
    assert variance_of_one(pool(Y, V), N) == sorted(v * n for v, n in zip(V, N, strict=True))[1]


@pytest.mark.parametrize("k", [1, 2])
def test_few_studies_are_told_of(k) -> None:
    found = next_trial(pool(Y[:k], V[:k]), people=N[:k], better="lower", threshold=0.5)
    codes = {caution.code for caution in found.cautions}
    assert ("one-becomes-two" if k == 1 else "few-studies-more") in codes
    assert "degree" in found.summary() if k == 1 else "scatter" in found.summary()


def test_an_interval_without_its_guard_is_told_of() -> None:
    bare = next_trial(pool(Y, V, ci_method="HKSJ"), people=N, better="lower")
    guarded = next_trial(pool(Y, V), people=N, better="lower")
    assert "no-guard" in {caution.code for caution in bare.cautions}
    assert "no-guard" not in {caution.code for caution in guarded.cautions}


def test_with_two_studies_that_disagree_no_size_settles_it() -> None:
    found = next_trial(pool([-1.5, 1.0], [0.02, 0.02]), people=[200, 200], better="lower")
    assert all(each.people is None for each in found.showing)
    assert found.summary().count("No single study of up to 100,000 people") == 2


def test_a_study_that_tells_nothing_is_told_of_where_it_would_change_the_answer() -> None:
    # Two studies: an end just beyond 0; one more degree of freedom alone takes 0 out.
    result = pool([1.0, 1.0], [0.05, 0.05])
    assert result.ci_low < 0
    found = next_trial(result, people=[80, 80], better="higher")
    assert "degree-of-freedom" in {caution.code for caution in found.cautions}


def test_tau2_at_zero_and_one_study_with_all_the_weight() -> None:
    for effects, variances in (([0.3, 0.31, 0.29], [0.05, 0.1, 0.02]), ([0.2, 0.9], [1e-4, 0.5])):
        people = np.ones(len(effects)) * 50
        found = next_trial(pool(effects, variances), people=people, better="higher", threshold=0.2)
        assert np.isfinite(found.chances).all()
        assert_allclose(found.chances.sum(axis=2), 1.0)


@given(syntheses(most=5), st.floats(-3, 3))
@settings(max_examples=8, deadline=None)
def test_sides_swap_with_the_sign(bodies, threshold) -> None:
    effects, variances = bodies
    people = np.full(len(effects), 100.0)
    matters = max(abs(threshold), 0.1)
    upwards = next_trial(
        pool(effects, variances), people=people, better="higher", threshold=matters, sizes=[100]
    )
    mirrored = pool([-each for each in effects], variances)
    down = next_trial(mirrored, people=people, better="lower", threshold=matters, sizes=[100])
    assert upwards.now == down.now
    assert [one.people for one in upwards.showing] == [one.people for one in down.showing]
    # A place of the grid on the very line may fall to either side.
    assert (upwards.regions == down.regions[:, ::-1]).mean() > 0.995
    assert_allclose(upwards.chances, down.chances, atol=3 / PARTS)


def test_units_do_not_matter() -> None:
    usual = next_trial(pool(Y, V), people=N, better="lower", threshold=0.5)
    y, v = np.array(Y) * 100, np.array(V) * 1e4
    large = next_trial(pool(y, v), people=N, better="lower", threshold=50.0)
    assert [one.people for one in usual.showing] == [one.people for one in large.showing]
    assert usual.enough == large.enough
    # The default prior of tau goes with the spread between people.
    assert_allclose(usual.chances, large.chances, atol=2 / PARTS)


def test_a_posterior_can_be_given() -> None:
    result = pool(Y, V)
    tight = pool_bayes(Y, V, tau_prior=HalfNormal(0.001))
    one = next_trial(result, people=N, better="lower", threshold=0.5, posterior=tight)
    other = next_trial(result, people=N, better="lower", threshold=0.5)
    assert one.enough == other.enough
    assert np.abs(one.changes - other.changes).max() > 0.02


def test_the_first_size_is_found_to_the_person() -> None:
    assert first_size(lambda people: people >= 1234) == 1234
    assert first_size(lambda people: people >= 1) == 8
    assert first_size(lambda people: people < 0) is None
    assert first_size(lambda people: people >= MOST_PEOPLE) == MOST_PEOPLE


def test_how_it_reads(three) -> None:
    lines = three.summary().splitlines()
    assert lines[1].startswith("So far the synthesis leaves it open whether there is an effect")
    assert "Elm (100 people)" in three.summary()
    assert set(REGIONS) <= set(three.to_frame())
    assert three.to_dict()["now"] == "open"
    assert "What the synthesis would say, by chance" in three._repr_html_()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"better": "more"}, "better"),
        ({"threshold": 0.0}, "threshold"),
        ({"threshold": math.inf}, "threshold"),
        ({"people": [1, 2]}, "people"),
        ({"people": [1, 2, -3]}, "people"),
        ({"sizes": [0.0]}, "sizes"),
        ({"planned": {"Ash": 0}}, "planned"),
        ({"planned": {"Ash": math.nan}}, "planned"),
    ],
)
def test_what_cannot_be_used_is_refused(change, word) -> None:
    arguments = {"people": N, "better": "lower", "threshold": 0.5, **change}
    with pytest.raises(InvalidArgumentError, match=word):
        next_trial(pool(Y, V), **arguments)


def test_an_interval_of_its_own_and_no_result_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="ci_method"):
        next_trial(pool(Y, V, ci_method="Henmi-Copas"), people=N, better="lower")
    with pytest.raises(InvalidArgumentError, match="result is"):
        next_trial(Y, people=N, better="lower")
