"""Comparing subgroups: by hand, through `pool`, at the edges, and in words."""

import math

import numpy as np
import pandas as pd
import pytest

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.regression.regress import regress
from evidence.synthesis.regression.subgroups import compare_subgroups

EFFECTS = np.array([0.1, 0.4, 0.2, 0.9, 0.6, 0.7, 1.3, 0.8])
VARIANCES = np.array([0.04, 0.09, 0.02, 0.16, 0.05, 0.08, 0.03, 0.11])
GROUPS = ["oral", "oral", "oral", "iv", "iv", "iv", "oral", "iv"]
ORAL = [0, 1, 2, 6]


def codes(result):
    return {caution.code for caution in result.cautions}


@pytest.mark.parametrize("ci_method", ["Wald", "HKSJ", "HKSJ-adhoc"])
def test_with_a_separate_tau2_each_subgroup_is_what_pool_gives(ci_method):
    result = compare_subgroups(
        EFFECTS, VARIANCES, groups=GROUPS, tau2="separate", ci_method=ci_method
    )
    own = pool(EFFECTS[ORAL], VARIANCES[ORAL], ci_method=ci_method)
    row = result.to_frame().set_index("subgroup").loc["oral"]
    for name in ("k", "estimate", "standard_error", "ci_low", "ci_high", "p_value", "tau2"):
        assert row[name] == getattr(own, name)
        assert getattr(result.pooled["oral"], name) == getattr(own, name)


def test_a_difference_with_separate_tau2_by_hand():
    result = compare_subgroups(EFFECTS, VARIANCES, groups=GROUPS, tau2="separate")
    a, b = result.pooled["oral"], result.pooled["iv"]
    found = result.difference("iv", "oral")
    error = math.hypot(a.standard_error, b.standard_error)
    assert found.estimate == pytest.approx(b.estimate - a.estimate)
    assert found.standard_error == pytest.approx(error)
    df = error**4 / ((a.standard_error**4 + b.standard_error**4) / 3)
    assert found.df == pytest.approx(df)
    # Of two subgroups Welch's F is the square of that t.
    assert result.between.statistic == pytest.approx((found.estimate / error) ** 2)
    assert result.between.denominator_df == pytest.approx(df)
    assert result.between.p_value == pytest.approx(found.p_value)
    back = result.difference("oral", "iv")
    assert (back.ci_low, back.ci_high) == (-found.ci_high, -found.ci_low)


def test_with_a_common_tau2_it_is_a_regression():
    result = compare_subgroups(EFFECTS, VARIANCES, groups=GROUPS)
    table = pd.DataFrame({"form": GROUPS})
    fit = regress(EFFECTS, VARIANCES, moderators=table, formula="~ C(form)")
    assert result.tau2 == "common"
    assert result.between.statistic == pytest.approx(fit.omnibus.statistic, rel=1e-10)
    assert result.between.p_value == pytest.approx(fit.omnibus.p_value, rel=1e-10)
    assert result.between.denominator_df == 6
    found = result.difference("oral", "iv")
    assert found.estimate == pytest.approx(fit.coefficients[1], rel=1e-10)
    assert (found.ci_low, found.ci_high) == pytest.approx((fit.ci_low[1], fit.ci_high[1]))
    assert set(result.to_frame()["tau2"]) == {fit.tau2} or np.allclose(
        result.to_frame()["tau2"], fit.tau2
    )


def test_a_common_effect_by_hand():
    result = compare_subgroups(EFFECTS, VARIANCES, groups=GROUPS, model="common", ci_method="Wald")
    w = 1 / VARIANCES
    oral = np.isin(range(8), ORAL)
    means = [w[g] @ EFFECTS[g] / w[g].sum() for g in (oral, ~oral)]
    weights = [w[g].sum() for g in (oral, ~oral)]
    centre = np.average(means, weights=weights)
    q = sum(each * (m - centre) ** 2 for each, m in zip(weights, means, strict=True))
    assert list(result.to_frame()["estimate"]) == pytest.approx(means)
    assert result.between.statistic == pytest.approx(q)
    assert result.between.denominator_df is None
    assert "no variation between studies within a subgroup" in result.summary()


def test_a_subgroup_of_one_study():
    groups = ["single", *GROUPS[1:]]
    common = compare_subgroups(EFFECTS, VARIANCES, groups=groups)
    assert math.isfinite(common.between.p_value)
    assert common.to_frame().set_index("subgroup").loc["single", "k"] == 1
    assert "one-study-subgroup" in codes(common)
    separate = compare_subgroups(EFFECTS, VARIANCES, groups=groups, tau2="separate")
    assert math.isnan(separate.between.p_value)
    assert "cannot be tested" in separate.summary()
    assert math.isnan(separate.difference("single", "iv").p_value)
    assert math.isfinite(separate.difference("oral", "iv").p_value)
    assert "without an interval" in separate.difference("iv", "single").summary()
    caution = next(c for c in separate.cautions if c.code == "one-study-subgroup")
    assert "tau2='common'" in caution.message
    wald = compare_subgroups(EFFECTS, VARIANCES, groups=groups, tau2="separate", ci_method="Wald")
    assert math.isfinite(wald.between.p_value)
    assert wald.to_dict()["subgroups"][0]["tau2"] is None


def test_missing_groups_and_effects_are_named():
    effects = EFFECTS.copy()
    effects[2] = np.nan
    groups = [None, *GROUPS[1:]]
    result = compare_subgroups(effects, VARIANCES, groups=groups, labels=list("ABCDEFGH"))
    assert "A and C" in result.cautions[0].message
    assert result.to_frame()["k"].sum() == 6


def test_the_order_of_subgroups():
    assert compare_subgroups(EFFECTS, VARIANCES, groups=GROUPS).names == ("oral", "iv")
    ordered = pd.Categorical(GROUPS, categories=["iv", "none", "oral"])
    assert compare_subgroups(EFFECTS, VARIANCES, groups=ordered).names == ("iv", "oral")
    table = pd.DataFrame({"estimate": EFFECTS, "variance": VARIANCES, "form": GROUPS})
    assert compare_subgroups(table, groups="form").names == ("oral", "iv")
    numbered = compare_subgroups(EFFECTS, VARIANCES, groups=[1, 1, 1, 2, 2, 2, 1, 2])
    assert numbered.names == ("1", "2")


def test_reading_a_result():
    result = compare_subgroups(EFFECTS, VARIANCES, groups=GROUPS)
    text = result.summary()
    assert text.startswith("Eight studies in two subgroups: tau² common to the subgroups")
    assert "Subgroups differ (test of interaction): F" in text
    assert "Oral less iv:" in text
    credibility = [c for c in result.cautions if c.code == "credibility"]
    assert len(credibility) == 1
    assert "ICEMAN" in credibility[0].reference
    assert "<table" in result._repr_html_()
    plain = result.to_dict()
    assert plain["between"]["p_value"] == result.between.p_value
    assert len(plain["differences"]) == 1


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"groups": ["a"] * 8}, InvalidArgumentError, "There is one subgroup, 'a'"),
        ({"groups": list("abcdefgh")}, InsufficientEvidenceError, "Every subgroup is one study"),
        ({"groups": ["a", "b"]}, InvalidArgumentError, "8 effects and 2 groups"),
        ({"groups": 3}, InvalidArgumentError, "groups must give the subgroup of each study"),
        ({"groups": "form"}, InvalidArgumentError, "names the column 'form'"),
        ({"tau2": "shared"}, InvalidArgumentError, "tau2 is 'shared'; known are common"),
        ({"ci_method": "none"}, InvalidArgumentError, "ci_method is 'none'"),
    ],
)
def test_refusals(changes, error, message):
    with pytest.raises(error, match=message):
        compare_subgroups(EFFECTS, VARIANCES, **{"groups": GROUPS, **changes})


def test_unknown_subgroups():
    result = compare_subgroups(EFFECTS, VARIANCES, groups=GROUPS)
    with pytest.raises(InvalidArgumentError, match=r"no subgroup 'orale'\. Did you mean 'oral'"):
        result.difference("orale", "iv")
    with pytest.raises(InvalidArgumentError, match="no difference from itself"):
        result.difference("iv", "iv")


def test_units_do_not_matter():
    one = compare_subgroups(EFFECTS, VARIANCES, groups=GROUPS, tau2="separate")
    for unit in (1e-8, 1e8):
        other = compare_subgroups(
            EFFECTS * unit, VARIANCES * unit**2, groups=GROUPS, tau2="separate"
        )
        assert other.between.p_value == pytest.approx(one.between.p_value, rel=1e-7)
