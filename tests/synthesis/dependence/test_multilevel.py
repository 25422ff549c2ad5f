"""The three-level model: algebra, maxima, edges, invariants, refusals."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.synthesis.dependence.made_up import (
    CLUSTER,
    EFFECTS,
    MODERATOR,
    SPREAD,
    VARIANCES,
    dense,
    dense_fit,
)

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.dependence.covariance import (
    SamplingCovariance,
    covariance_from_correlation,
)
from evidence.synthesis.dependence.multilevel import pool_multilevel
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.result import likelihood_ratio_test
from evidence.synthesis.pool import pool

ML = DependenceOptions(tau2_method="ML")


def codes(result):
    return [caution.code for caution in result.cautions]


def both(result):
    return result.variances["between clusters"], result.variances["within clusters"]


@pytest.mark.parametrize("correlation", [None, 0.6, -0.3])
def test_equal_to_plain_algebra_with_dense_matrices(correlation):
    known, variances = None, VARIANCES
    if correlation is not None:
        variances = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=correlation)
        known = np.diag(VARIANCES)
        for rows, block in zip(variances.rows, variances.blocks, strict=True):
            known[np.ix_(rows, rows)] = block
    design = np.column_stack([np.ones(12), MODERATOR])
    result = pool_multilevel(SPREAD, variances, cluster=CLUSTER, design=design)
    whole = dense(VARIANCES, CLUSTER, *both(result), known)
    beta, spread, value = dense_fit(SPREAD, design, whole)
    np.testing.assert_allclose(result.coefficients["estimate"], beta, rtol=1e-12)
    np.testing.assert_allclose(result.covariance, spread, rtol=1e-11)
    assert result.log_likelihood == pytest.approx(value, rel=1e-13)


def test_no_point_of_a_fine_grid_is_higher():
    result = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    top = max(
        dense_fit(SPREAD, np.ones((12, 1)), dense(VARIANCES, CLUSTER, b, w))[2]
        for b in np.geomspace(1e-4, 20, 40)
        for w in [0, *np.geomspace(1e-4, 20, 40)]
    )
    assert top <= result.log_likelihood + 1e-12


def test_the_higher_of_two_maxima():
    """Effects of very unequal precision: climbing from between rows' spread ends in the lower."""
    y, v = [0.2, 0.21, 1.5, -2, 0.6, 0.1], [1e-6, 1e-5, 4, 9, 0.01, 0.02]
    clusters = [1, 1, 2, 2, 3, 3]
    result = pool_multilevel(y, v, cluster=clusters)
    other = dense_fit(np.array(y), np.ones((6, 1)), dense(v, clusters, 0, 0.033425270623852))[2]
    assert result.log_likelihood > other + 0.2
    assert all(value > 0 for value in both(result))


def test_one_row_a_cluster_is_the_ordinary_model():
    result = pool_multilevel(EFFECTS, VARIANCES / 9, cluster=range(12))
    ordinary = pool(EFFECTS, VARIANCES / 9, ci_method="Wald")
    assert result.estimate == pytest.approx(ordinary.estimate, rel=1e-12)
    assert result.standard_error == pytest.approx(ordinary.standard_error, rel=1e-9)
    assert result.variances == {"between clusters": pytest.approx(ordinary.tau2, rel=1e-8)}
    assert result.prediction_low == pytest.approx(ordinary.prediction_low, rel=1e-9)
    assert "one-row-each" in codes(result)


def test_components_that_are_not_asked_for_are_0():
    full = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    cluster = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, components="cluster")
    row = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, components="row")
    none = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, components="none")
    assert list(cluster.variances) == ["between clusters"]
    assert list(row.variances) == ["within clusters"]
    assert none.variances == {}
    assert row.estimate == pytest.approx(pool(SPREAD, VARIANCES).estimate, rel=1e-12)
    assert none.estimate == pytest.approx(
        pool(SPREAD, VARIANCES, model="common").estimate, rel=1e-12
    )
    assert none.coefficients["df"].tolist() == [math.inf]
    assert math.isnan(none.prediction_low)
    assert full.log_likelihood >= max(cluster.log_likelihood, row.log_likelihood)
    test = likelihood_ratio_test(full, row)
    assert test.statistic == pytest.approx(full.component_tests[0].statistic, abs=1e-9)
    assert test.boundary_p_value == test.p_value / 2


def test_variances_at_the_edge_are_0_and_said():
    result = pool_multilevel(EFFECTS, VARIANCES * 100, cluster=CLUSTER)
    assert both(result) == (0, 0)
    assert "variance-zero" in codes(result)
    assert result.estimate == pytest.approx(
        pool(EFFECTS, VARIANCES * 100, model="common").estimate, rel=1e-12
    )
    intervals = result.component_intervals
    assert intervals["ci_low"].tolist() == [0, 0]
    assert (intervals["ci_high"] > 0).all()


def test_profile_interval_ends_where_the_likelihood_has_dropped():
    result = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    for place, row in enumerate(result.component_intervals.to_dict("records")):
        profile = result.likelihood.profile_function(place)
        assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
        for end in (row["ci_low"], row["ci_high"]):
            if end > 0:
                drop = 2 * (result.log_likelihood - profile(end))
                assert drop == pytest.approx(3.841458820694124, rel=1e-8)


def test_containment():
    by_cluster = [ord(name) for name in CLUSTER]
    design = np.column_stack([np.ones(12), by_cluster, MODERATOR])
    result = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=design)
    assert result.coefficients["df"].tolist() == [3, 3, 9]
    residual = DependenceOptions(ci_method="t-residual")
    result = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=design, options=residual)
    assert result.coefficients["df"].tolist() == [9, 9, 9]


def test_joint_test_of_one_coefficient_is_the_square_of_its_t():
    design = pd.DataFrame({"intercept": 1.0, "dose": MODERATOR})
    result = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=design)
    f, numerator, denominator, p = result.test("dose")
    row = result.coefficients.iloc[1]
    assert row["term"] == "dose"
    assert f == pytest.approx(row["statistic"] ** 2)
    assert (numerator, denominator) == (1, row["df"])
    assert p == pytest.approx(row["p_value"])
    assert result.test()[1] == 2
    with pytest.raises(InvalidArgumentError, match="no coefficient 'size'; known are intercept"):
        result.test(["size"])
    with pytest.raises(InvalidArgumentError, match="no one estimate"):
        _ = result.estimate


def test_weights_are_shares():
    result = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    assert result.weights["mean effect"].sum() == pytest.approx(100)
    assert result.weights["rows"].tolist() == [3, 2, 2, 3, 1, 1]
    assert sum(result.i2.values()) < 100


def test_a_dominating_cluster_is_said():
    variances = VARIANCES.copy()
    variances[11] = 1e-9
    result = pool_multilevel(EFFECTS, variances, cluster=CLUSTER, components="none")
    assert "one-dominates" in codes(result)


def test_few_clusters_are_said():
    result = pool_multilevel([0.1, 0.4, 0.3], [0.1, 0.1, 0.2], cluster=["a", "a", "b"])
    assert "few-clusters" in codes(result)
    assert result.coefficients["df"].tolist() == [1]
    assert math.isnan(result.prediction_low)


def test_identical_effects():
    result = pool_multilevel([0.4] * 6, VARIANCES[:6], cluster=CLUSTER[:6])
    assert result.estimate == pytest.approx(0.4, rel=1e-15)
    assert both(result) == (0, 0)
    assert result.q == pytest.approx(0, abs=1e-25)


def test_missing_rows_are_left_out_and_named():
    effects = [*EFFECTS[:3], None, *EFFECTS[4:]]
    design = pd.DataFrame({"one": 1.0, "dose": [math.nan, *MODERATOR[1:]]})
    result = pool_multilevel(
        effects, VARIANCES, cluster=CLUSTER, design=design, labels=list("ABCDEFGHIJKL")
    )
    assert result.k == 10
    assert "two rows (A and D)" in next(c for c in result.cautions if c.code == "missing").message
    kept = [i for i in range(12) if i not in (0, 3)]
    again = pool_multilevel(
        EFFECTS[kept],
        VARIANCES[kept],
        cluster=[CLUSTER[i] for i in kept],
        design=design.iloc[kept],
    )
    assert again.log_likelihood == result.log_likelihood


def test_missing_rows_leave_the_covariances_too():
    known = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0.5)
    result = pool_multilevel([None, *SPREAD[1:]], known, cluster=CLUSTER)
    fewer = covariance_from_correlation(VARIANCES[1:], cluster=CLUSTER[1:], correlation=0.5)
    again = pool_multilevel(SPREAD[1:], fewer, cluster=CLUSTER[1:])
    assert again.log_likelihood == result.log_likelihood


def test_a_table_brings_its_clusters():
    table = pd.DataFrame(
        {"estimate": SPREAD, "variance": VARIANCES, "study_id": CLUSTER, "lab": list("xyz") * 4}
    )
    by_array = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    assert pool_multilevel(table).estimate == by_array.estimate
    assert pool_multilevel(table, cluster="study_id").estimate == by_array.estimate
    assert pool_multilevel(table, cluster="lab").clusters == ("x", "y", "z")
    with pytest.raises(InvalidArgumentError, match="'team' is no column of the table"):
        pool_multilevel(table, cluster="team")


def test_large_effects_keep_their_digits():
    near = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    far = pool_multilevel(SPREAD + 2.0**26, VARIANCES, cluster=CLUSTER)
    np.testing.assert_allclose(both(far), both(near), rtol=1e-6)
    assert far.estimate - 2.0**26 == pytest.approx(near.estimate, abs=1e-7)


rows = st.lists(
    st.tuples(st.integers(-200, 200), st.integers(5, 80), st.integers(0, 4)),
    min_size=4,
    max_size=14,
).filter(lambda each: 2 <= len({c for _, _, c in each}) < len(each))


def arrays(made):
    effects, errors, clusters = (np.array(part) for part in zip(*made, strict=True))
    return effects / 100, (errors / 100) ** 2, clusters.tolist()


@settings(max_examples=25)
@given(made=rows, power=st.sampled_from([-26, 27]), seed=st.integers(0, 99))
def test_order_units_and_sign_do_not_matter(made, power, seed):
    effects, variances, clusters = arrays(made)
    result = pool_multilevel(effects, variances, cluster=clusters)
    unit = 2.0**power
    scaled = pool_multilevel(effects * unit, variances * unit**2, cluster=clusters)
    np.testing.assert_allclose(
        np.array(both(scaled)) / unit**2, both(result), rtol=1e-12, atol=1e-14
    )
    turned = pool_multilevel(-effects, variances, cluster=clusters)
    np.testing.assert_allclose(both(turned), both(result), rtol=1e-9, atol=1e-12)
    assert turned.estimate == pytest.approx(-result.estimate, rel=1e-9, abs=1e-12)
    order = np.random.default_rng(seed).permutation(len(effects))
    shuffled = pool_multilevel(
        effects[order], variances[order], cluster=[clusters[i] for i in order]
    )
    assert shuffled.log_likelihood == pytest.approx(result.log_likelihood, abs=1e-9)
    assert shuffled.estimate == pytest.approx(result.estimate, rel=1e-6, abs=1e-8)


@settings(max_examples=15)
@given(made=rows)
def test_no_start_leads_higher(made):
    effects, variances, clusters = arrays(made)
    result = pool_multilevel(effects, variances, cluster=clusters, options=ML)
    model = result.likelihood
    for between in (0, 1e-4, 0.01, 1, 30):
        for within in (0, 1e-4, 0.01, 1, 30):
            value = model._at(between, within)[0] + model.standard.constant
            assert value <= result.log_likelihood + 1e-10 * max(1, abs(value))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"cluster": ["a"] * 12}, InsufficientEvidenceError, "belong to one cluster"),
        ({"cluster": None}, InvalidArgumentError, "cluster is needed"),
        ({"components": "rows"}, InvalidArgumentError, "Did you mean 'row'"),
        ({"design": np.ones((11, 1))}, InvalidArgumentError, "12 rows need"),
        ({"design": np.ones((12, 2))}, InvalidArgumentError, "x2 of design follows from"),
        ({"design": np.zeros((12, 1))}, InvalidArgumentError, "x1 of design is 0 in every row"),
        ({"design": [["a"]] * 12}, InvalidArgumentError, "not a number"),
        ({"design": [math.inf] * 12}, InvalidArgumentError, "must be finite"),
        (
            {"design": np.random.default_rng(0).normal(size=(12, 6))},
            InsufficientEvidenceError,
            "six clusters cannot tell six coefficients",
        ),
        ({"variances": [-0.1, *VARIANCES[1:]]}, InvalidArgumentError, "row 1: -0.1"),
        ({"effects": [math.inf, *EFFECTS[1:]]}, InvalidArgumentError, "effects must be finite"),
        ({"effects": [math.nan] * 12}, InvalidArgumentError, "No row has an effect"),
        ({"effects": EFFECTS[:11]}, InvalidArgumentError, "11 effects and 12 variances"),
    ],
)
def test_refusals(changes, error, message):
    given = {"effects": EFFECTS, "variances": VARIANCES, "cluster": CLUSTER, **changes}
    with pytest.raises(error, match=message):
        pool_multilevel(given.pop("effects"), given.pop("variances"), **given)


def test_covariances_across_clusters_are_refused():
    known = SamplingCovariance(
        ("lab", "rest"),
        (np.array([0, 5]), np.array([i for i in range(12) if i not in (0, 5)])),
        (np.array([[0.02, 0.01], [0.01, 0.06]]), np.diag(np.delete(VARIANCES, [0, 5]))),
    )
    with pytest.raises(InvalidArgumentError, match=r"lab tie rows of different clusters.*a and c"):
        pool_multilevel(EFFECTS, known, cluster=CLUSTER)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau2_method": "DL"}, "tau2_method is 'DL'; known are REML, ML"),
        ({"ci_method": "t"}, "ci_method is 't'"),
        ({"level": 95}, "level is 95"),
    ],
)
def test_refused_options(options, message):
    with pytest.raises(InvalidArgumentError, match=message):
        DependenceOptions(**options)


def test_models_that_cannot_be_compared():
    full = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    design = np.column_stack([np.ones(12), MODERATOR])
    other = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=design)
    with pytest.raises(InvalidArgumentError, match="Restricted likelihoods of different designs"):
        likelihood_ratio_test(other, full)
    with pytest.raises(InvalidArgumentError, match="same rows by the same tau2_method"):
        likelihood_ratio_test(full, pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, options=ML))
    with pytest.raises(InvalidArgumentError, match="give the larger one first"):
        likelihood_ratio_test(full, full)
    by_ml = [
        pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=d, options=ML)
        for d in (design, None)
    ]
    test = likelihood_ratio_test(*by_ml)
    assert test.df == 1
    assert math.isnan(test.boundary_p_value)


def test_how_it_reads():
    result = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    text = result.summary()
    assert text.startswith("12 rows in six clusters, three-level random effects, variances by REML")
    assert "variance between clusters" in text
    assert "95% prediction interval" in text
    plain = result.to_dict()
    assert plain["k"] == 12
    assert plain["components"][0]["estimate"] == result.variances["between clusters"]
    assert len(result.to_frame()) == 13
    assert "<table" in result._repr_html_()
    assert "against 0" in result.component_tests[1].summary()
    assert len(result.component_tests[0].to_frame()) == 1
