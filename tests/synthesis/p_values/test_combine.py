"""Combined p values: hand algebra, exact sums, bounds, refusals, invariants."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import InvalidArgumentError
from evidence.synthesis.p_values.combine import combine_p_values
from evidence.synthesis.p_values.tails import sum_of_uniforms

METHODS = ["fisher", "stouffer", "edgington"]


@pytest.mark.parametrize("method", METHODS)
def test_one_p_value_comes_back(method):
    found = combine_p_values([0.03], method=method, sided="one-sided")
    assert found.p_value == pytest.approx(0.03, rel=1e-13)
    assert found.status == "cannot be tested"
    assert "nothing to combine" in found.sentence


def test_two_by_hand():
    # Fisher: q (1 - ln q) with q the product; Edgington: s²/2.
    q, s = 0.04 * 0.2, 0.24
    fisher = combine_p_values([0.04, 0.2])
    assert fisher.p_value == pytest.approx(q * (1 - math.log(q)), rel=1e-13)
    assert combine_p_values([0.04, 0.2], method="edgington").p_value == pytest.approx(s * s / 2)


def exact(x, k):
    x = Fraction(x)
    terms = ((-1) ** j * math.comb(k, j) * (x - j) ** k for j in range(math.floor(x) + 1))
    return float(sum(terms) / math.factorial(k))


@pytest.mark.parametrize(
    ("x", "k"),
    [(0.3, 1), (1.0, 2), (1e-3, 7), (11.25, 40), (20.0, 40), (30.5, 40), (0.5, 60), (49.9, 100)],
)
def test_sum_of_uniforms_is_exact(x, k):
    assert sum_of_uniforms(x, k) == pytest.approx(exact(x, k), rel=1e-12)


def test_sum_of_uniforms_at_its_ends():
    assert (sum_of_uniforms(0.0, 3), sum_of_uniforms(3.0, 3)) == (0.0, 1.0)


def test_directions_turn_two_sided_into_one_sided():
    found = combine_p_values([0.04, 0.2], directions=["for", "against"])
    assert found.table["p_high"].tolist() == [0.02, 0.9]
    assert "in the direction asked about" in found.null
    one = combine_p_values([0.02, 0.9], sided="one-sided")
    assert found.p_value == pytest.approx(one.p_value, rel=1e-13)


def test_a_tiny_p_against_keeps_its_digits():
    found = combine_p_values([1e-40, 1e-40], method="stouffer", directions=["for", "against"])
    assert found.statistic == 0
    assert found.p_value == 0.5


@pytest.mark.parametrize("method", METHODS)
def test_a_bound_gives_a_range(method):
    found = combine_p_values([0.05, 0.2], relations=["<", "="], directions="for", method=method)
    at_bound = combine_p_values([0.05, 0.2], directions="for", method=method)
    assert found.p_value == at_bound.p_value
    assert found.p_low < found.p_value
    assert any(c.code == "bounds" and "trial 1" in c.message for c in found.cautions)
    json.dumps(found.to_dict(), allow_nan=False)


def test_bounds_that_leave_it_open():
    found = combine_p_values([0.05, 0.01], relations=[">", "="], directions="for")
    assert found.p_low < 0.05 < 0.1
    wide = combine_p_values([0.05, 0.05], relations=[">", "<"], directions=["for", "for"])
    assert wide.status == "cannot be tested"
    assert "both possible" in wide.sentence
    assert wide.p_low == 0


def test_a_bound_beside_a_p_of_one_is_no_nan():
    found = combine_p_values([0.05, 1.0], relations=["<", "="], method="stouffer")
    assert (found.p_low, found.p_value) == (1.0, 1.0)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["statistic"] is None


@pytest.mark.parametrize(
    ("p", "status", "word"),
    [([0.001, 0.01], "contradiction", "at least one trial"), ([0.5, 0.6], "ok", "does not show")],
)
def test_status_and_words(p, status, word):
    found = combine_p_values(p)
    assert found.status == status
    assert word in found.summary()
    assert found.summary().startswith("Null hypothesis: no trial has an effect")
    assert "size of an effect" in found.summary()
    assert "<table" in found._repr_html_()
    assert len(found.to_frame()) == found.k == 2


def test_missing_p_values_are_named():
    found = combine_p_values([0.01, None, 0.2], labels=["a", "b", "c"])
    assert found.k == 2
    assert any(c.code == "missing" and "b" in c.message for c in found.cautions)


@pytest.mark.parametrize(
    ("p", "choices", "message"),
    [
        ([0.0, 0.1], {}, "relation '<'"),
        ([1.2], {}, "at most 1"),
        ([-0.1], {}, "trial 1: -0.1"),
        ([math.inf], {}, "at most 1"),
        (["<0.05"], {}, r"relations=\['<'\]"),
        ("< 0.05", {}, r"relations=\['<'\]"),
        (["0.05"], {}, "not a number"),
        ([], {}, "empty"),
        ([math.nan], {}, "all are missing"),
        ([0.1], {"method": "fischer"}, "Did you mean 'fisher'"),
        ([0.1], {"sided": "both"}, "sided"),
        ([0.1], {"alpha": 1.0}, "alpha is 1.0"),
        ([0.1], {"alpha": "x"}, "alpha is 'x'"),
        ([0.1, 0.2], {"directions": ["for"]}, "2 p values and 1 directions"),
        ([0.1], {"directions": "up"}, "directions of trial 1"),
        ([0.1], {"relations": "~"}, "relations of trial 1"),
        ([0.1], {"directions": "for", "sided": "one-sided"}, "Leave directions out"),
        ([0.1], {"weights": [1]}, "method='stouffer'"),
        ([0.1], {"weights": [0], "method": "stouffer"}, "weights must be above 0"),
        ([0.1, 0.2], {"weights": [1], "method": "stouffer"}, "2 p values and 1 weights"),
        ([0.1], {"labels": ["a", "b"]}, "1 p values and 2 labels"),
    ],
)
def test_refusals_teach(p, choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        combine_p_values(p, **choices)


values = st.lists(st.floats(1e-12, 1.0), min_size=2, max_size=12)


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from(METHODS), st.randoms())
def test_order_does_not_matter(p, method, random):
    mixed = list(p)
    random.shuffle(mixed)
    first, second = combine_p_values(p, method=method), combine_p_values(mixed, method=method)
    assert second.p_value == pytest.approx(first.p_value, rel=1e-9, abs=1e-300)


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from(METHODS))
def test_smaller_p_values_combine_to_a_smaller_one(p, method):
    less = [p[0] / 2, *p[1:]]
    first, second = combine_p_values(p, method=method), combine_p_values(less, method=method)
    assert 0 <= second.p_value <= first.p_value * (1 + 1e-9) <= 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(values, st.sampled_from(["stouffer", "edgington"]))
def test_the_opposite_question_has_the_opposite_answer(p, method):
    one = combine_p_values(p, method=method, directions="for").p_value
    other = combine_p_values(p, method=method, directions="against").p_value
    assert one + other == pytest.approx(1, abs=1e-12)


def test_uniform_p_values_combine_to_uniform_ones():
    random = np.random.default_rng(5)
    for method in METHODS:
        found = [
            combine_p_values(random.uniform(size=5), method=method, sided="one-sided").p_value
            for _ in range(400)
        ]
        assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.06)
