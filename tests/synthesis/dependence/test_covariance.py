"""Blocks of covariances: what they hold, how they are imputed, what is refused."""

import numpy as np
import pandas as pd
import pytest

from evidence.errors import InvalidArgumentError
from evidence.synthesis.dependence.covariance import (
    SamplingCovariance,
    covariance_from_correlation,
)
from evidence.synthesis.dependence.shared_control import (
    shared_control_binary,
    shared_control_mean_difference,
    shared_control_smd,
)

VARIANCES = [0.04, 0.09, 0.01, 0.16]
CLUSTER = ["a", "b", "a", "a"]


def test_one_correlation_for_all_pairs():
    found = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0.5)
    assert found.clusters == ("a", "b")
    assert [rows.tolist() for rows in found.rows] == [[0, 2, 3], [1]]
    expected = [[0.04, 0.01, 0.04], [0.01, 0.01, 0.02], [0.04, 0.02, 0.16]]
    np.testing.assert_allclose(found.block("a"), expected, rtol=1e-15)
    np.testing.assert_array_equal(found.variances, VARIANCES)
    assert found.k == 4
    assert not found.independent
    assert found.codes.tolist() == [0, 1, 0, 0]


def test_no_correlation_is_independence():
    assert covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0).independent


def test_correlations_between_outcomes_by_name_in_any_order():
    table = {"x": {"x": 1, "y": 0.3}, "y": {"x": 0.3, "y": 1}}
    found = covariance_from_correlation(
        [1, 4], cluster=["s", "s"], correlation=table, outcome=["y", "x"]
    )
    np.testing.assert_allclose(found.block("s"), [[1, 0.6], [0.6, 4]])


def test_decay_with_time():
    found = covariance_from_correlation(
        [1, 1, 1], cluster=["s"] * 3, correlation=1, time=[0, 1, 3], autocorrelation=0.8
    )
    expected = [[1, 0.8, 0.512], [0.8, 1, 0.64], [0.512, 0.64, 1]]
    np.testing.assert_allclose(found.block("s"), expected)


def test_rows_that_are_kept_are_renumbered():
    found = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0.5)
    fewer = found.keep(np.array([True, False, False, True]))
    assert fewer.clusters == ("a",)
    assert fewer.rows[0].tolist() == [0, 1]
    np.testing.assert_allclose(fewer.block("a"), [[0.04, 0.04], [0.04, 0.16]])


def test_shown_as_pairs():
    found = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0.5)
    table = found.to_frame()
    assert table[["first", "second"]].to_numpy().tolist() == [[1, 3], [1, 4], [3, 4]]
    np.testing.assert_allclose(table["correlation"], 0.5)
    assert "4 effects in two clusters" in found.summary()
    assert found.to_dict()["clusters"][1] == {"cluster": "b", "rows": [2], "covariance": [[0.09]]}
    assert "cluster" in found._repr_html_()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"correlation": 1.0}, "must lie above -0.5 and below 1"),
        ({"correlation": -0.5}, "with three rows in cluster a it must lie above -0.5"),
        ({"correlation": float("nan")}, "correlation is nan"),
        ({"correlation": "half"}, "must be a number, or a table"),
        ({"correlation": pd.DataFrame([[1.0]], ["x"], ["x"])}, "needs outcome"),
        ({"cluster": ["a", "b"]}, "There are 4 rows and 2 labels in cluster"),
        ({"cluster": ["a", None, "a", "a"]}, "cluster is missing for row 2"),
        ({"cluster": "a"}, "give one label for each of the 4 rows"),
        ({"variances": [0.1, -0.2, 0.1, 0.1]}, "variances must be above 0; found study 2: -0.2"),
        ({"time": [1, 2, 3, 4]}, "time and autocorrelation belong together"),
        ({"time": [1, 2, 3], "autocorrelation": 0.5}, "There are 4 variances and 3 times"),
        ({"time": [1, 2, 3, 4], "autocorrelation": 1.2}, "autocorrelation is 1.2"),
        ({"time": [1, 2, 1, 4], "autocorrelation": 0.5, "correlation": 1}, "cluster a are not"),
    ],
)
def test_refusals(changes, message):
    given = {"variances": VARIANCES, "cluster": CLUSTER, "correlation": 0.5, **changes}
    with pytest.raises(InvalidArgumentError, match=message):
        covariance_from_correlation(given.pop("variances"), **given)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame([[1, 0.2], [0.3, 1]], ["x", "y"], ["x", "y"]), "must be symmetric"),
        (pd.DataFrame([[1, 0.2], [0.2, 2]], ["x", "y"], ["x", "y"]), "1 on its diagonal"),
        (pd.DataFrame([[1, 0.2], [0.2, 1]], ["x", "y"], ["y", "x"]), "the same names"),
        (pd.DataFrame([[1.0]], ["x"], ["x"]), "says nothing of the outcome 'y'"),
    ],
)
def test_refused_tables_of_correlations(table, message):
    with pytest.raises(InvalidArgumentError, match=message):
        covariance_from_correlation(
            [1, 1], cluster=["s", "s"], correlation=table, outcome=["x", "y"]
        )


@pytest.mark.parametrize(
    ("rows", "block", "message"),
    [
        ([0, 1], [[1, 2], [2, 1]], "cluster s are not positive definite"),
        ([0, 1], [[1, 0.2], [0.1, 1]], "cluster s must be symmetric"),
        ([0, 1], [[1, 0], [0, 0]], "variances above 0"),
        ([0, 1], [[1, np.nan], [np.nan, 1]], "finite entries"),
        ([0, 1], [[1]], "its 2 rows need"),
        ([0, 2], [[1, 0], [0, 1]], "every row from 0 on exactly once"),
    ],
)
def test_blocks_are_checked(rows, block, message):
    with pytest.raises(InvalidArgumentError, match=message):
        SamplingCovariance(("s",), (np.array(rows),), (np.array(block, dtype=float),))


def test_scale_does_not_decide_what_is_positive_definite():
    block = np.array([[1e-16, 0.5e-4 * 1e-8], [0.5e-4 * 1e-8, 1e-8]])
    found = SamplingCovariance(("s",), (np.array([0, 1]),), (block,))
    assert found.to_frame()["correlation"].iloc[0] == pytest.approx(0.5e-12 / 1e-12)


# ---------------------------------------------------------------- one control group, several arms


def test_mean_differences_share_the_variance_of_the_control_mean():
    found = shared_control_mean_difference(
        [2.0, 3.0, 5.0], cluster=["t", "t", "u"], sd_control=[4, 4, 6], n_control=[16, 16, 9]
    )
    np.testing.assert_allclose(found.block("t"), [[2, 1], [1, 3]])
    np.testing.assert_allclose(found.block("u"), [[5]])


@pytest.mark.parametrize(
    ("measure", "shared"),
    [
        ("odds ratio", 1 / 10 + 1 / 30),
        ("risk ratio", 1 / 10 - 1 / 40),
        ("risk difference", 10 * 30 / 40**3),
    ],
)
def test_binary_effects_share_the_term_of_the_control_group(measure, shared):
    found = shared_control_binary(
        [0.5, 0.6], cluster=["t", "t"], measure=measure, events_control=[10, 10], total_control=40
    )
    assert found.block("t")[0, 1] == pytest.approx(shared, rel=1e-14)


def test_empty_control_cell_gets_the_correction():
    given = {"cluster": ["t", "t"], "measure": "odds ratio", "events_control": 0}
    found = shared_control_binary([3, 4], total_control=20, **given)
    assert found.block("t")[0, 1] == pytest.approx(1 / 0.5 + 1 / 20.5)
    with pytest.raises(InvalidArgumentError, match="control group of row 1 has an empty cell"):
        shared_control_binary([3, 4], total_control=20, continuity=0, **given)


def test_smd_covariance_is_the_delta_method_of_its_parts():
    """From the variances of the three means and the three SDs, by numerical derivatives."""
    n = np.array([4000.0, 7000.0, 5000.0])  # two treatments and the control
    means, squares = np.array([0.7, -0.4, 0.0]), np.ones(3)

    def effects(values, pooled):
        mean, square = values[:3], values[3:]
        if pooled == "all arms":
            spread = [np.sqrt(n @ square / n.sum())] * 2
        else:
            spread = [
                np.sqrt((n[i] * square[i] + n[2] * square[2]) / (n[i] + n[2])) for i in (0, 1)
            ]
        return np.array([(mean[i] - mean[2]) / spread[i] for i in (0, 1)])

    at = np.concatenate([means, squares])
    spread = np.concatenate([1 / n, 2 / n])
    for pooled in ("pair", "all arms"):
        slopes = np.array(
            [(effects(at + s, pooled) - effects(at - s, pooled)) / 2e-5 for s in 1e-5 * np.eye(6)]
        ).T
        expected = (slopes * spread) @ slopes.T
        found = shared_control_smd(
            means[:2],
            np.diagonal(expected),
            cluster=["t", "t"],
            n_treatment=n[:2],
            n_control=n[2],
            standardiser=pooled,
        )
        np.testing.assert_allclose(found.block("t"), expected, rtol=1e-8)


def test_different_control_groups_in_one_cluster_are_refused():
    with pytest.raises(InvalidArgumentError, match="rows of cluster t have different control"):
        shared_control_mean_difference(
            [2, 3], cluster=["t", "t"], sd_control=[4, 5], n_control=[16, 16]
        )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: shared_control_smd(
                [1], [1], cluster=["t"], n_treatment=5, n_control=5, standardiser="pairs"
            ),
            "Did you mean 'pair'",
        ),
        (
            lambda: shared_control_binary(
                [1], cluster=["t"], measure="OR", events_control=1, total_control=5
            ),
            "measure is 'OR'; known are odds ratio",
        ),
        (
            lambda: shared_control_binary(
                [1], cluster=["t"], measure="odds ratio", events_control=6, total_control=5
            ),
            "events_control must be at most",
        ),
    ],
)
def test_refusals_of_shared_controls(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()
