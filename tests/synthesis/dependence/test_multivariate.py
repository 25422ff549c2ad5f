"""Several outcomes a study: structures, maxima, edges, refusals."""

import math

import numpy as np
import pandas as pd
import pytest
from tests.synthesis.dependence.made_up import dense_fit

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.dependence.covariance import covariance_from_correlation
from evidence.synthesis.dependence.multilevel import pool_multilevel
from evidence.synthesis.dependence.multivariate import pool_multivariate
from evidence.synthesis.dependence.options import DependenceOptions
from evidence.synthesis.dependence.result import likelihood_ratio_test
from evidence.synthesis.dependence.structures import STRUCTURES, Structure
from evidence.synthesis.pool import pool

STUDIES = 8
OUTCOME = ["pain", "sleep"] * STUDIES
STUDY = [f"s{i // 2}" for i in range(2 * STUDIES)]
EFFECTS = np.array(
    [0.5, 0.2, 0.1, -0.3, 0.9, 0.4, 0.35, 0.3, -0.2, -0.4, 0.7, 0.1, 0.2, 0.15, 1.1, 0.8]
)
VARIANCES = np.array([3, 2, 4, 5, 2, 3, 6, 4, 3, 2, 5, 4, 3, 3, 2, 2]) / 100


def known(r=0.5):
    return covariance_from_correlation(VARIANCES, cluster=STUDY, correlation=r)


def fit(structure="UN", **changes):
    return pool_multivariate(
        EFFECTS, known(), cluster=STUDY, outcome=OUTCOME, structure=structure, **changes
    )


def codes(result):
    return [caution.code for caution in result.cautions]


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_gradients_and_definiteness(name, size):
    structure = Structure(name, size)
    rng = np.random.default_rng(size)
    for _ in range(3):
        place = rng.normal(size=structure.parameters)
        slope = rng.normal(size=(size, size))
        exact = structure.gradient(place, slope)
        for i, step in enumerate(1e-6 * np.eye(structure.parameters)):
            ahead = (slope * structure.matrix(place + step)).sum()
            behind = (slope * structure.matrix(place - step)).sum()
            assert exact[i] == pytest.approx((ahead - behind) / 2e-6, abs=1e-7)
        assert np.linalg.eigvalsh(structure.matrix(place))[0] > -1e-12


@pytest.mark.parametrize("name", STRUCTURES)
def test_equal_to_plain_algebra_with_dense_matrices(name):
    result = fit(name)
    random = result.heterogeneity.to_numpy()
    kind = np.array([0, 1] * STUDIES)
    whole = np.zeros((16, 16))
    for rows, block in zip(known().rows, known().blocks, strict=True):
        whole[np.ix_(rows, rows)] = block + random[np.ix_(kind[rows], kind[rows])]
    design = np.eye(2)[kind]
    beta, spread, value = dense_fit(EFFECTS, design, whole)
    np.testing.assert_allclose(result.coefficients["estimate"], beta, rtol=1e-11)
    np.testing.assert_allclose(result.covariance, spread, rtol=1e-10)
    assert result.log_likelihood == pytest.approx(value, rel=1e-12)


def test_more_freedom_is_never_less_likely():
    values = {name: fit(name).log_likelihood for name in STRUCTURES}
    assert values["UN"] >= values["DIAG"] - 1e-10
    assert values["HCS"] >= values["CS"] - 1e-10
    assert values["CS"] >= values["ID"] - 1e-10
    # With two outcomes these are the same models.
    assert values["UN"] == pytest.approx(values["HCS"], abs=1e-10)
    assert values["HCS"] == pytest.approx(values["HAR"], abs=1e-10)
    assert values["CS"] == pytest.approx(values["AR"], abs=1e-10)


def test_uncorrelated_outcomes_are_pooled_apart():
    result = pool_multivariate(EFFECTS, known(0), cluster=STUDY, outcome=OUTCOME, structure="DIAG")
    for place in (0, 1):
        alone = pool(EFFECTS[place::2], VARIANCES[place::2], ci_method="Wald")
        row = result.coefficients.iloc[place]
        assert row["estimate"] == pytest.approx(alone.estimate, rel=1e-9)
        assert row["standard_error"] == pytest.approx(alone.standard_error, rel=1e-8)
        assert row["df"] == STUDIES - 1
        assert row["prediction_low"] == pytest.approx(alone.prediction_low, rel=1e-7)
        name = row["term"]
        assert result.variances[f"of {name}"] == pytest.approx(alone.tau2, rel=1e-7, abs=1e-12)
        assert result.i2[name] == pytest.approx(alone.i2, rel=1e-7, abs=1e-9)


def test_compound_symmetry_is_the_three_level_model():
    """One variance and one correlation: between clusters and within them."""
    flat = pool_multilevel(EFFECTS, known(), cluster=STUDY)
    design = pd.DataFrame({"mean effect": np.ones(16)})
    result = fit("CS", design=design)
    variance, correlation = (c.estimate for c in result.components)
    assert result.log_likelihood == pytest.approx(flat.log_likelihood, rel=1e-12)
    between, within = flat.variances.values()
    assert variance * correlation == pytest.approx(between, rel=1e-7)
    assert variance * (1 - correlation) == pytest.approx(within, rel=1e-6, abs=1e-12)


def test_a_study_may_lack_an_outcome():
    kept = np.array([i not in (1, 6) for i in range(16)])
    result = pool_multivariate(
        EFFECTS[kept],
        known().keep(kept),
        cluster=[s for s, k in zip(STUDY, kept, strict=True) if k],
        outcome=[o for o, k in zip(OUTCOME, kept, strict=True) if k],
    )
    missing = EFFECTS.copy()
    missing[[1, 6]] = np.nan
    again = pool_multivariate(missing, known(), cluster=STUDY, outcome=OUTCOME)
    assert again.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-12)
    assert result.coefficients["df"].tolist() == [6, 6]
    assert "missing" in codes(again)


def test_units_of_the_outcomes_do_not_matter():
    unit = np.array([2.0**20, 2.0**-15] * STUDIES)
    scaled = covariance_from_correlation(VARIANCES * unit**2, cluster=STUDY, correlation=0.5)
    result, plain = (
        pool_multivariate(EFFECTS * unit, scaled, cluster=STUDY, outcome=OUTCOME),
        fit(),
    )
    assert result.components[2].estimate == pytest.approx(plain.components[2].estimate, rel=1e-9)
    np.testing.assert_allclose(
        result.coefficients["estimate"] / unit[:2], plain.coefficients["estimate"], rtol=1e-10
    )


def test_correlation_at_the_end_of_its_range_is_said():
    effects = np.repeat(np.linspace(-1, 1, STUDIES), 2)
    result = pool_multivariate(effects, VARIANCES, cluster=STUDY, outcome=OUTCOME)
    assert result.components[2].estimate == pytest.approx(1, abs=1e-6)
    assert "correlation-at-end" in codes(result)
    assert "errors-uncorrelated" in codes(result)


def test_variance_of_0_leaves_no_correlation():
    effects = EFFECTS.copy()
    effects[1::2] = 0.2
    result = pool_multivariate(effects, VARIANCES, cluster=STUDY, outcome=OUTCOME)
    assert result.variances["of sleep"] == 0
    assert math.isnan(result.components[2].estimate)
    assert "variance-zero" in codes(result)
    assert result.to_dict()["components"][2]["estimate"] is None
    interval = result.component_intervals.iloc[2]
    assert math.isnan(interval["ci_low"])


def test_profile_intervals():
    result = fit("CS")
    for place, row in enumerate(result.component_intervals.to_dict("records")):
        profile = result.likelihood.profile_function(place)
        assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
        for end in (row["ci_low"], row["ci_high"]):
            drop = 2 * (result.log_likelihood - profile(end))
            if 0 < end < 1:
                assert drop == pytest.approx(3.841458820694124, rel=1e-6)
            else:
                assert drop <= 3.8415


def test_models_are_compared():
    test = likelihood_ratio_test(fit("UN"), fit("DIAG"))
    assert test.df == 1
    assert math.isnan(test.boundary_p_value)
    assert 0 < test.p_value < 1


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"structure": "XX"}, InvalidArgumentError, "structure is 'XX'; known are UN"),
        ({"outcome": OUTCOME[:3]}, InvalidArgumentError, "2 labels|3 labels|16 rows|3 rows"),
        (
            {"outcome": ["pain"] * 15 + ["sleep"]},
            InsufficientEvidenceError,
            "sleep was measured in fewer than two studies",
        ),
        (
            {"cluster": [f"s{i}" for i in range(16)]},
            InsufficientEvidenceError,
            "No study measured pain and sleep together",
        ),
        (
            {"cluster": [f"s{i}" for i in range(16)], "structure": "CS"},
            InsufficientEvidenceError,
            "No study measured two outcomes",
        ),
    ],
)
def test_refusals(changes, error, message):
    given = {"cluster": STUDY, "outcome": OUTCOME, **changes}
    with pytest.raises(error, match=message):
        pool_multivariate(EFFECTS, VARIANCES, **given)


def test_more_parameters_than_studies_are_refused():
    outcomes = list("abcd") * 5
    studies = np.repeat(np.arange(5), 4).tolist()
    with pytest.raises(InsufficientEvidenceError, match=r"UN has 10 variances.*CS, DIAG, ID"):
        pool_multivariate(np.arange(20) / 10, np.full(20, 0.1), cluster=studies, outcome=outcomes)


def test_how_it_reads():
    table = pd.DataFrame(
        {"estimate": EFFECTS, "variance": VARIANCES, "study": STUDY, "outcome": OUTCOME}
    )
    result = pool_multivariate(
        table, outcome="outcome", options=DependenceOptions(ci_method="Wald", level=0.9)
    )
    text = result.summary()
    assert "structure UN" in text
    assert "correlation of pain and sleep" in text
    assert "90% CI" in text
    assert result.component_tests == ()
    assert "<table" in result._repr_html_()
    assert result.coefficients["df"].tolist() == [math.inf] * 2
