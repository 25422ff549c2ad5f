"""Location-scale models: derivatives, limits, edges, and words."""

import math

import numpy as np
import pandas as pd
import pytest

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.regression.location_scale import fit_location_scale
from evidence.synthesis.regression.regress import regress

RNG = np.random.default_rng(11)
K = 30
TABLE = pd.DataFrame(
    {"x": RNG.normal(size=K).round(3), "z": RNG.uniform(0, 10, K).round(2), "g": list("abc") * 10}
)
VARIANCES = np.exp(RNG.uniform(-4, -1, K)).round(5)
EFFECTS = (
    0.3
    + 0.2 * TABLE["x"].to_numpy()
    + RNG.normal(size=K) * np.sqrt(VARIANCES + np.exp(-3 + 0.3 * TABLE["z"].to_numpy()))
).round(5)


def log_likelihood(alpha, x, z, *, restricted, effects=EFFECTS, variances=VARIANCES):
    """With dense matrices and all constants."""
    v = np.diag(variances + np.exp(z @ alpha))
    w = np.linalg.inv(v)
    a = x.T @ w @ x
    left = effects - x @ np.linalg.solve(a, x.T @ w @ effects)
    k = effects.size
    value = -0.5 * (k * math.log(2 * math.pi) + np.linalg.slogdet(v)[1] + float(left @ w @ left))
    if restricted:
        value += 0.5 * x.shape[1] * math.log(2 * math.pi)
        value += 0.5 * (np.linalg.slogdet(x.T @ x)[1] - np.linalg.slogdet(a)[1])
    return value


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_a_maximum_of_the_likelihood_with_its_curvature(method):
    result = fit_location_scale(
        EFFECTS, VARIANCES, moderators=TABLE, formula="~ x", scale="~ z", tau2_method=method
    )
    x, z = result.location_design.matrix, result.scale_design.matrix
    at = result.scale.estimate

    def value(alpha):
        return log_likelihood(alpha, x, z, restricted=method == "REML")

    assert result.log_likelihood == pytest.approx(value(at), abs=1e-10)
    step = 1e-3 * result.scale.standard_error
    information = np.empty((2, 2))
    for i in range(2):
        e = np.eye(2)[i] * step[i]
        assert (value(at + e) - value(at - e)) / 2e-3 == pytest.approx(0, abs=1e-5)
        for j in range(2):
            f = np.eye(2)[j] * step[j]
            mixed = value(at + e + f) - value(at + e - f) - value(at - e + f) + value(at - e - f)
            information[i, j] = -mixed / (4 * step[i] * step[j])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert result.scale.standard_error == pytest.approx(errors, rel=1e-4)
    rng = np.random.default_rng(1)
    for _ in range(200):
        assert value(at + rng.normal(size=2) * 3 * result.scale.standard_error) <= value(at)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_one_tau2_for_all_is_a_regression(method):
    result = fit_location_scale(
        EFFECTS, VARIANCES, moderators=TABLE, formula="~ x", tau2_method=method
    )
    plain = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ x", tau2_method=method)
    assert result.tau2 == pytest.approx(plain.tau2, rel=1e-9)
    assert result.location.estimate == pytest.approx(plain.coefficients, rel=1e-9)
    assert result.location.standard_error == pytest.approx(plain.standard_errors, rel=1e-9)
    assert result.likelihood_ratio.df == 0
    assert result.qe == pytest.approx(plain.qe)


def test_the_likelihood_ratio_by_hand():
    one = fit_location_scale(EFFECTS, VARIANCES, moderators=TABLE, formula="~ x")
    two = fit_location_scale(EFFECTS, VARIANCES, moderators=TABLE, formula="~ x", scale="~ z")
    expected = 2 * (two.log_likelihood - one.log_likelihood)
    assert two.likelihood_ratio.statistic == pytest.approx(expected, rel=1e-8)
    assert two.likelihood_ratio.df == 1


def test_a_factor_of_the_scale_is_a_tau2_for_each_level():
    dummies = np.column_stack([TABLE["g"] == level for level in "abc"]).astype(float)
    result = fit_location_scale(
        EFFECTS, VARIANCES, moderators=TABLE, formula="~ 0 + g", scale="~ 0 + g"
    )
    for level in range(3):
        inside = dummies[:, level] == 1
        own = regress(EFFECTS[inside], VARIANCES[inside], moderators=np.ones((10, 1)))
        assert result.tau2[inside] == pytest.approx(own.tau2, rel=1e-7)


def test_units_and_the_origin_of_moderators_do_not_matter():
    one = fit_location_scale(EFFECTS, VARIANCES, moderators=TABLE, formula="~ x", scale="~ z")
    for unit in (1e-8, 1e8):
        moved = TABLE.assign(z=TABLE["z"] * 1e5 + 3e6)
        other = fit_location_scale(
            EFFECTS * unit, VARIANCES * unit**2, moderators=moved, formula="~ x", scale="~ z"
        )
        assert other.scale.estimate[1] * 1e5 == pytest.approx(one.scale.estimate[1], rel=1e-6)
        assert other.tau2 == pytest.approx(one.tau2 * unit**2, rel=1e-6)
        assert other.scale.p_value[1] == pytest.approx(one.scale.p_value[1], rel=1e-6)
        assert other.likelihood_ratio.statistic == pytest.approx(
            one.likelihood_ratio.statistic, rel=1e-6
        )


def test_where_all_of_tau2_is_zero():
    effects = 0.3 + 0.01 * TABLE["x"].to_numpy()
    result = fit_location_scale(effects, VARIANCES, moderators=TABLE, scale="~ z")
    caution = next(c for c in result.cautions if c.code == "scale-at-the-edge")
    assert "tau² = 0 in all studies" in caution.message
    assert np.isnan(result.scale.standard_error).any()
    assert np.all(result.tau2 < 1e-6 * VARIANCES)
    assert result.likelihood_ratio.statistic == pytest.approx(0, abs=1e-8)
    assert "no finite estimate" in result.summary()
    assert "no finite estimate" in fit_location_scale(effects, VARIANCES).summary()


def test_where_tau2_is_zero_for_one_level_alone():
    effects = EFFECTS.copy()
    quiet = (TABLE["g"] == "b").to_numpy()
    effects[quiet] = 0.3
    result = fit_location_scale(effects, VARIANCES, moderators=TABLE, scale="~ g")
    assert np.all(result.tau2[quiet] < 1e-6 * VARIANCES[quiet])
    assert np.all(result.tau2[~quiet] > 1e-3)
    errors = dict(zip(result.scale.names, result.scale.standard_error, strict=True))
    assert math.isnan(errors["g[b]"])
    assert math.isfinite(errors["intercept"])
    assert math.isfinite(errors["g[c]"])
    caution = next(c for c in result.cautions if c.code == "scale-at-the-edge")
    assert "g[b]" in caution.message
    assert math.isnan(result.scale.omnibus.statistic)
    there = result.tau2_at({"g": ["a", "b"]})
    assert math.isfinite(there.loc[0, "ci_low"])
    assert math.isnan(there.loc[1, "ci_low"])


def test_tau2_at_given_moderators():
    result = fit_location_scale(EFFECTS, VARIANCES, moderators=TABLE, scale="~ z")
    found = result.tau2_at(TABLE)
    assert list(found["tau2"]) == pytest.approx(list(result.tau2), rel=1e-9)
    assert (found["ci_low"] < found["tau2"]).all()
    assert (found["tau2"] < found["ci_high"]).all()


def test_without_a_constant_in_the_scale():
    result = fit_location_scale(EFFECTS, VARIANCES, moderators=TABLE, scale="~ 0 + z")
    assert result.likelihood_ratio.df == 0
    x, z = result.location_design.matrix, result.scale_design.matrix
    best = log_likelihood(result.scale.estimate, x, z, restricted=True)
    assert result.log_likelihood == pytest.approx(best, abs=1e-10)
    for alpha in np.linspace(-2, 2, 201):
        assert log_likelihood(np.array([alpha]), x, z, restricted=True) <= best + 1e-9


def test_missing_rows_and_words():
    table = TABLE.copy()
    table.loc[3, "z"] = np.nan
    result = fit_location_scale(EFFECTS, VARIANCES, moderators=table, formula="~ x", scale="~ z")
    assert result.k == K - 1
    assert "study 4" in result.cautions[0].message
    text = result.summary()
    assert "log tau² on ~ z" in text
    assert "likelihood ratio" in text
    frame = result.to_frame()
    assert list(frame["part"]) == ["location"] * 2 + ["scale"] * 2
    plain = result.to_dict()
    assert len(plain["coefficients"]) == 4
    assert len(plain["tau2"]) == K - 1
    assert "<p>" in result._repr_html_()


def test_refusals():
    with pytest.raises(InvalidArgumentError, match="tau2_method is 'DL'; known are REML, ML"):
        fit_location_scale(EFFECTS, VARIANCES, tau2_method="DL")
    with pytest.raises(InvalidArgumentError, match="model is 'random'"):
        fit_location_scale(EFFECTS, VARIANCES, model="common")
    with pytest.raises(InvalidArgumentError, match="moderators of the scale"):
        fit_location_scale(EFFECTS, VARIANCES, moderators=TABLE, scale="~ nope")
    with pytest.raises(InvalidArgumentError, match="cannot be told apart"):
        fit_location_scale(
            EFFECTS, VARIANCES, moderators=TABLE.assign(w=2 * TABLE["z"]), scale="~ z + w"
        )
    with pytest.raises(InsufficientEvidenceError, match="4 studies cannot carry 2 coefficients"):
        fit_location_scale(
            EFFECTS[:4], VARIANCES[:4], moderators=TABLE[:4], formula="~ x", scale="~ z"
        )
