"""Cluster-robust variances: hand algebra, invariants, cautions, refusals."""

import math

import numpy as np
import pytest
from tests.synthesis.dependence.made_up import (
    CLUSTER,
    EFFECTS,
    MODERATOR,
    SPREAD,
    VARIANCES,
    dense,
)

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.dependence.multilevel import pool_multilevel
from evidence.synthesis.dependence.robust import cluster_robust
from evidence.synthesis.dependence.weighted import pool_robust
from evidence.synthesis.pool import pool

DESIGN = np.column_stack([np.ones(12), MODERATOR])


def test_cr0_by_hand():
    """Three clusters of one row and equal variances: the squares of the residuals over m²."""
    fit = pool([0.0, 0.3, 0.9], [0.1, 0.1, 0.1], model="common")
    result = cluster_robust(fit, cluster=["a", "b", "c"], kind="CR0")
    assert result.standard_error**2 == pytest.approx((0.16 + 0.01 + 0.25) / 9)
    assert result.df == pytest.approx(2)
    # CR1 and CR2 are the usual standard error of a mean here.
    usual = math.sqrt(0.42 / 2 / 3)
    for kind in ("CR1", "CR2"):
        assert cluster_robust(fit, cluster=[1, 2, 3], kind=kind).standard_error == pytest.approx(
            usual
        )


def test_cr2_is_unbiased_under_the_working_model():
    """The mean of the estimator under the model is the model's own covariance."""
    fit = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=DESIGN)
    mean, _ = cluster_robust(fit).bread.moments(np.eye(2))
    np.testing.assert_allclose(mean, fit.covariance, rtol=1e-10)


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_degrees_of_freedom_by_the_sums_written_out(kind):
    """Satterthwaite's df from the k-by-k quadratic form itself."""
    fit = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=DESIGN)
    result = cluster_robust(fit, kind=kind)
    whole = dense(VARIANCES, CLUSTER, *fit.variances.values())
    weights = np.linalg.inv(whole)
    bread = np.linalg.inv(DESIGN.T @ weights @ DESIGN)
    rest = np.eye(12) - DESIGN @ bread @ DESIGN.T @ weights
    forms = []
    for rows in fit.working.rows:
        adjust = np.eye(rows.size)
        if kind == "CR2":
            lower = np.linalg.cholesky(whole[np.ix_(rows, rows)])
            variance = (rest @ whole @ rest.T)[np.ix_(rows, rows)]
            values, axes = np.linalg.eigh(lower.T @ variance @ lower)
            adjust = lower @ (axes / np.sqrt(values)) @ axes.T @ lower.T
        part = weights[np.ix_(rows, rows)] @ DESIGN[rows]
        forms.append(rest[rows].T @ adjust.T @ part @ bread)
    for j in (0, 1):
        form = sum(np.outer(f[:, j], f[:, j]) for f in forms)
        product = form @ whole
        df = np.trace(product) ** 2 / np.trace(product @ product)
        assert result.coefficients["df"].iloc[j] == pytest.approx(df, rel=1e-9)


def test_joint_test_of_one_contrast_is_the_square_of_t():
    fit = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=DESIGN)
    result = cluster_robust(fit)
    row = result.coefficients.iloc[1]
    for contrast in ("x2", [[0, 3]]):
        test = result.test(contrast)
        assert test.f == pytest.approx(row["statistic"] ** 2)
        assert test.df_denominator == pytest.approx(row["df"])
        assert test.p_value == pytest.approx(row["p_value"])
    assert "one contrast" in test.summary()


def test_joint_test_does_not_depend_on_how_the_contrasts_are_written():
    fit = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=DESIGN)
    result = cluster_robust(fit)
    plain, mixed = result.test(), result.test([[2, 1], [1, -5]])
    assert mixed.f == pytest.approx(plain.f)
    assert mixed.df_denominator == pytest.approx(plain.df_denominator)


def test_too_few_clusters_for_a_joint_test():
    design = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    fit = pool_multilevel(
        [0.1, 0.4, 0.8, 0.3], [0.1] * 4, cluster=list("abcc"), design=design, components="none"
    )
    test = cluster_robust(fit).test()
    assert math.isnan(test.f)
    assert "too few clusters" in test.summary()
    assert test.to_dict()["f"] is None
    assert len(test.to_frame()) == 1


def test_coarser_clusters():
    fit = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER)
    coarse = ["x" if c in "ab" else c for c in CLUSTER]
    result = cluster_robust(fit, cluster=coarse)
    assert result.clusters == ("x", "c", "d", "e", "f")
    with pytest.raises(InvalidArgumentError, match="cluster splits a, one cluster of the fit"):
        cluster_robust(fit, cluster=list("xyzbbccdddef"))


@pytest.mark.parametrize("power", [-27, 26])
def test_units_do_not_matter(power):
    unit = 2.0**power
    plain = cluster_robust(pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=DESIGN))
    scaled = cluster_robust(
        pool_multilevel(SPREAD * unit, VARIANCES * unit**2, cluster=CLUSTER, design=DESIGN)
    )
    np.testing.assert_allclose(
        scaled.coefficients["standard_error"] / unit, plain.coefficients["standard_error"], 1e-10
    )
    np.testing.assert_allclose(scaled.coefficients["df"], plain.coefficients["df"], rtol=1e-9)
    assert scaled.test().f == pytest.approx(plain.test().f)


def test_a_column_of_one_cluster_alone():
    """Its residual says nothing of its own coefficient: no error, and no degrees of freedom."""
    design = np.column_stack([np.ones(12), [c == "f" for c in CLUSTER]])
    fit = pool_multilevel(SPREAD, VARIANCES, cluster=CLUSTER, design=design)
    result = cluster_robust(fit)
    assert np.isfinite(result.coefficients["standard_error"]).all()
    assert "few-df" in [c.code for c in result.cautions]


def test_few_degrees_of_freedom_are_said():
    fit = pool_multilevel(EFFECTS[:5], VARIANCES[:5], cluster=["a", "a", "b", "c", "c"])
    result = cluster_robust(fit)
    assert result.df < 4
    caution = next(c for c in result.cautions if c.code == "few-df")
    assert "mean effect" in caution.message
    assert "Tipton 2015" in caution.reference


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: cluster_robust(pool(EFFECTS, VARIANCES)),
            InvalidArgumentError,
            "cluster is needed",
        ),
        (
            lambda: cluster_robust(pool(EFFECTS, VARIANCES), cluster=["a"] * 3),
            InvalidArgumentError,
            "12 rows and 3 labels",
        ),
        (
            lambda: cluster_robust(pool(EFFECTS, VARIANCES), cluster=["a"] * 12),
            InsufficientEvidenceError,
            "One cluster cannot give robust standard errors",
        ),
        (
            lambda: cluster_robust(pool(EFFECTS, VARIANCES), cluster=CLUSTER, kind="HC3"),
            InvalidArgumentError,
            "kind is 'HC3'; known are CR0",
        ),
        (
            lambda: cluster_robust(pool(EFFECTS, VARIANCES), cluster=CLUSTER, level=2),
            InvalidArgumentError,
            "level is 2",
        ),
        (lambda: cluster_robust("fit"), InvalidArgumentError, "fit is str"),
        (
            lambda: pool_robust(EFFECTS, VARIANCES, cluster=CLUSTER, weights="equal"),
            InvalidArgumentError,
            "weights is 'equal'; known are correlated, hierarchical",
        ),
        (
            lambda: pool_robust(EFFECTS, VARIANCES, cluster=CLUSTER, correlation=2),
            InvalidArgumentError,
            "correlation is 2",
        ),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_hierarchical_weights_need_rows_within_clusters():
    with pytest.raises(InsufficientEvidenceError, match="need clusters with several rows"):
        pool_robust(EFFECTS, VARIANCES, cluster=range(12), weights="hierarchical")
    result = pool_robust(EFFECTS, VARIANCES, cluster=range(12))
    assert len(result.clusters) == 12


def test_how_it_reads():
    result = pool_robust(SPREAD, VARIANCES, cluster=CLUSTER, weights="hierarchical")
    assert result.summary().startswith("Hierarchical weights, tau² ")
    assert "omega²" in result.summary()
    assert result.to_dict()["clusters"] == 6
    assert "<table" in result._repr_html_()
    assert list(result.to_frame()["term"]) == ["mean effect"]
    assert result.ci_low < result.estimate < result.ci_high
    assert 0 < result.p_value < 1
