"""Permutation tests against a plain loop, and their edges."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.regression.regress import regress

EFFECTS = np.array([0.1, 0.4, 0.2, 0.9, 0.6])
VARIANCES = np.array([0.04, 0.09, 0.02, 0.16, 0.05])
DOSE = np.array([1.0, 2.0, 1.5, 4.0, 2.5])
X = np.column_stack([np.ones(5), DOSE])


@pytest.mark.parametrize("ci_method", ["Wald", "HKSJ", "HKSJ-adhoc", "t"])
@pytest.mark.parametrize("tau2_method", ["REML", "DL", "PM", "SJ"])
def test_an_exact_test_is_a_loop_over_all_orders(ci_method, tau2_method):
    chosen = {"ci_method": ci_method, "tau2_method": tau2_method}
    result = regress(EFFECTS, VARIANCES, moderators=X, **chosen)
    found = result.permutation_test()
    observed = abs(result.coefficients[1] / result.standard_errors[1])
    reached = 0
    for order in itertools.permutations(range(5)):
        other = regress(EFFECTS, VARIANCES, moderators=X[list(order)], **chosen)
        statistic = abs(other.coefficients[1] / other.standard_errors[1])
        reached += statistic >= observed * (1 - 1e-8)
    assert found.exact
    assert found.permutations == 120
    assert found.p_values[1] == pytest.approx(reached / 120)
    assert found.omnibus_p_value == pytest.approx(reached / 120)
    assert math.isnan(found.p_values[0])
    assert found.monte_carlo_errors[1] == 0
    assert found.seed is None


def test_like_rows_are_dealt_out_once():
    effects = np.array([0.1, 0.4, 0.2, 0.9, 0.6, 0.7, 1.3, 0.8, 0.5])
    variances = np.linspace(0.02, 0.2, 9)
    table = pd.DataFrame({"group": list("abbabbaba")})
    result = regress(effects, variances, moderators=table, formula="~ group")
    found = result.permutation_test()
    assert found.exact
    assert found.permutations == math.comb(9, 4)
    means = []
    for chosen in itertools.combinations(range(9), 4):
        group = np.zeros(9)
        group[list(chosen)] = 1
        fit = regress(effects, variances, moderators=np.column_stack([np.ones(9), 1 - group]))
        means.append(abs(fit.coefficients[1] / fit.standard_errors[1]))
    observed = abs(result.coefficients[1] / result.standard_errors[1])
    share = np.mean(np.array(means) >= observed * (1 - 1e-8))
    assert found.p_values[1] == pytest.approx(share)


def test_a_random_test_agrees_with_the_exact_one_within_its_error():
    effects = np.array([0.1, 0.4, 0.2, 0.9, 0.6, 0.3, 1.1])
    variances = np.array([0.04, 0.09, 0.02, 0.16, 0.05, 0.1, 0.07])
    matrix = np.column_stack([np.ones(7), [1.0, 2, 1.5, 4, 2.5, 3, 3.5]])
    result = regress(effects, variances, moderators=matrix)
    exact = result.permutation_test(5040)
    random = result.permutation_test(4000, seed=5)
    assert exact.exact
    assert not random.exact
    error = random.monte_carlo_errors[1]
    p = random.p_values[1]
    assert error == pytest.approx(math.sqrt(p * (1 - p) / 4000))
    assert abs(p - exact.p_values[1]) < 4 * error + 1 / 4000
    assert random.to_dict()["seed"] == 5
    again = result.permutation_test(4000, seed=5)
    assert again.p_values[1] == p
    assert result.permutation_test(4000, seed=6).p_values[1] != p
    assert "random permutations" in random.summary()
    assert "give or take" in random.summary()


def test_a_random_p_value_is_never_zero():
    x = np.arange(12.0)
    matrix = np.column_stack([np.ones(12), x])
    result = regress(0.5 * x, np.full(12, 0.01), moderators=matrix)
    found = result.permutation_test(999)
    assert found.p_values[1] == pytest.approx(1 / 1000)


def test_units_change_no_count():
    result = regress(EFFECTS, VARIANCES, moderators=X)
    for unit in (1e-8, 1e8):
        other = regress(EFFECTS * unit + unit * 50, VARIANCES * unit**2, moderators=X * [1, 1e6])
        assert other.permutation_test().p_values[1] == result.permutation_test().p_values[1]


def test_few_permutations_are_said():
    result = regress(
        EFFECTS[:4], VARIANCES[:4], moderators=np.column_stack([np.ones(4), [0, 0, 1, 1]])
    )
    found = result.permutation_test()
    assert found.permutations == 6
    assert "no p value can be below 0.167" in found.summary()
    assert list(found.to_frame()["term"]) == ["intercept", "x2", "omnibus"]


def test_refusals():
    result = regress(EFFECTS, VARIANCES, moderators=X)
    with pytest.raises(InvalidArgumentError, match="permutations is 10"):
        result.permutation_test(10)
    with pytest.raises(InvalidArgumentError, match="permutations is '999'"):
        result.permutation_test("999")
    with pytest.raises(InvalidArgumentError, match="seed is -1"):
        result.permutation_test(seed=-1)
    mean = regress(EFFECTS, VARIANCES, moderators=np.ones((5, 1)))
    with pytest.raises(InsufficientEvidenceError, match="no moderator to permute"):
        mean.permutation_test()
