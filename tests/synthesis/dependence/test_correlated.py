"""One call for dependent rows, the caution for those who pool them apart, and aggregation."""

import math

import numpy as np
import pandas as pd
import pytest
from tests.synthesis.dependence.made_up import CLUSTER, EFFECTS, SPREAD, VARIANCES

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.dependence.aggregate import aggregate_within
from evidence.synthesis.dependence.caution import dependence_caution
from evidence.synthesis.dependence.correlated import CORRELATIONS, pool_dependent
from evidence.synthesis.dependence.covariance import covariance_from_correlation
from evidence.synthesis.dependence.multilevel import pool_multilevel
from evidence.synthesis.dependence.robust import cluster_robust
from evidence.synthesis.pool import pool


def test_it_is_the_three_level_model_with_imputed_covariances_and_robust_intervals():
    result = pool_dependent(SPREAD, VARIANCES, cluster=CLUSTER, correlation=0.6)
    known = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0.6)
    fit = pool_multilevel(SPREAD, known, cluster=CLUSTER)
    robust = cluster_robust(fit)
    assert result.estimate == fit.estimate
    assert result.standard_error == robust.standard_error
    assert (result.ci_low, result.ci_high) == (robust.ci_low, robust.ci_high)
    assert result.p_value == robust.p_value
    assert result.tau**2 == pytest.approx(fit.variances["between clusters"])
    assert result.omega**2 == pytest.approx(fit.variances["within clusters"])


def test_sensitivity_is_a_table_over_correlations():
    result = pool_dependent(SPREAD, VARIANCES, cluster=CLUSTER, correlation=0.7)
    table = result.sensitivity
    assert table["correlation"].tolist() == sorted({*CORRELATIONS, 0.7})
    own = table[table["correlation"] == 0.7].iloc[0]
    assert own["estimate"] == result.estimate
    assert own["tau"] == result.tau
    other = pool_dependent(SPREAD, VARIANCES, cluster=CLUSTER, correlation=0.2)
    row = table[table["correlation"] == 0.2].iloc[0]
    assert row["estimate"] == other.estimate
    assert row["ci_low"] == other.ci_low
    assert row["omega"] == other.omega
    assert "over correlations 0 to 0.95" in result.summary()
    assert len(result.to_dict()["sensitivity"]) == 7
    assert "<table" in result._repr_html_()
    assert len(result.to_frame()) == 1


def test_rows_of_different_studies_are_the_ordinary_model():
    result = pool_dependent(EFFECTS, VARIANCES / 9, cluster=range(12), correlation=0.6)
    ordinary = pool(EFFECTS, VARIANCES / 9)
    assert result.estimate == pytest.approx(ordinary.estimate, rel=1e-10)
    assert math.isnan(result.omega)
    assert "one-row-each" in [c.code for c in result.cautions]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"correlation": 1}, InvalidArgumentError, "at least 0 and below 1, for example 0.6"),
        ({"correlation": "0.6"}, InvalidArgumentError, "correlation is '0.6'"),
        ({"cluster": ["a"] * 12}, InsufficientEvidenceError, "aggregate_within"),
        ({"cluster": None}, InvalidArgumentError, "cluster is needed"),
    ],
)
def test_refusals(changes, error, message):
    given = {"cluster": CLUSTER, "correlation": 0.5, **changes}
    with pytest.raises(error, match=message):
        pool_dependent(EFFECTS, VARIANCES, **given)


def test_known_covariances_go_elsewhere():
    known = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0.6)
    with pytest.raises(InvalidArgumentError, match="use pool_multilevel"):
        pool_dependent(EFFECTS, known, cluster=CLUSTER, correlation=0.6)


# --------------------------------------------------------------------------------- the caution


def test_no_caution_where_every_study_has_one_row():
    assert dependence_caution(["a", "b", None, None, math.nan, math.nan]) is None
    assert dependence_caution([]) is None


def test_the_caution_names_studies_and_what_to_do():
    caution = dependence_caution(CLUSTER)
    assert caution.code == "dependent-rows"
    assert caution.message.startswith("Four studies entered with several rows")
    assert "a (three rows), b (two rows), c (two rows) and d (three rows)" in caution.message
    assert "pool_dependent" in caution.message
    assert "aggregate_within" in caution.message
    many = dependence_caution([i // 2 for i in range(40)])
    assert "4 (two rows) and 15 more" in many.message
    assert dependence_caution(["a", "a"]).message.startswith("One study entered")


# ------------------------------------------------------------------------------ aggregation


def test_composite_by_hand():
    """Borenstein et al. 2009, 24.5: (v₁ + v₂ + 2r√(v₁v₂))/4."""
    found = aggregate_within([0.3, 0.1], [0.05, 0.05], cluster=["s", "s"], correlation=0.5)
    assert found.estimate.tolist() == pytest.approx([0.2])
    assert found.variance.tolist() == pytest.approx([0.0375])
    assert found.rows == (2,)


def test_equal_rows_weigh_alike_by_both_weightings():
    given = {"cluster": CLUSTER[:3], "correlation": 0.4}
    equal = aggregate_within([0.1, 0.2, 0.6], [0.1] * 3, **given)
    best = aggregate_within(
        [0.1, 0.2, 0.6], [0.1] * 3, weighting="generalised least squares", **given
    )
    assert best.estimate[0] == pytest.approx(equal.estimate[0])
    assert best.variance[0] == pytest.approx(equal.variance[0])


def test_result_is_a_table_for_pool():
    found = aggregate_within(EFFECTS, VARIANCES, cluster=CLUSTER, correlation=0.5)
    assert found.labels == ("a", "b", "c", "d", "e", "f")
    pooled = pool(found.to_frame())
    assert pooled.labels == found.labels
    assert pooled.k == len(found) == 6
    assert found.estimate[4] == EFFECTS[10]
    assert found.variance[4] == VARIANCES[10]
    caution = found.cautions[0]
    assert caution.code == "aggregated"
    assert "a (three rows)" in caution.message
    assert "e (" not in caution.message
    assert "one effect each" in found.summary()
    assert len(found.to_dict()["studies"]) == 6


def test_missing_rows_are_left_out_of_their_study():
    found = aggregate_within([0.3, None, 0.7], [0.1] * 3, cluster=["s", "s", "u"], correlation=0.5)
    assert found.rows == (1, 1)
    assert [c.code for c in found.cautions] == ["missing"]


def test_known_covariances_are_used():
    known = covariance_from_correlation(VARIANCES, cluster=CLUSTER, correlation=0.5)
    by_known = aggregate_within(EFFECTS, known, cluster=CLUSTER)
    by_r = aggregate_within(EFFECTS, VARIANCES, cluster=CLUSTER, correlation=0.5)
    np.testing.assert_allclose(by_known.variance, by_r.variance)
    missing = aggregate_within([None, *EFFECTS[1:]], known, cluster=CLUSTER)
    assert missing.rows[0] == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"correlation": None}, "Give the correlation"),
        ({"correlation": 1.5}, "must lie above -0.5 and below 1"),
        ({"weighting": "inverse"}, "weighting is 'inverse'; known are equal"),
        ({"level": 0}, "level is 0"),
        ({"effects": [math.nan] * 12}, "No row has both"),
        ({"variances": [0, *VARIANCES[1:]]}, "variances must be above 0; found row 1: 0"),
    ],
)
def test_refused_aggregation(changes, message):
    given = {"effects": EFFECTS, "variances": VARIANCES, "cluster": CLUSTER, "correlation": 0.5}
    given |= changes
    with pytest.raises(InvalidArgumentError, match=message):
        aggregate_within(given.pop("effects"), given.pop("variances"), **given)


def test_tables_bring_their_studies():
    table = pd.DataFrame({"estimate": EFFECTS, "variance": VARIANCES, "study_id": CLUSTER})
    found = aggregate_within(table, correlation=0.5)
    assert found.labels[0] == "a"
    assert pool_dependent(table, correlation=0.5).fit.clusters == found.labels
