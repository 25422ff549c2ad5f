"""Meta-regression by hand algebra and exact rational arithmetic, its edges and its invariants."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.effects.sizes import EffectSizes
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.regression.regress import regress

EFFECTS = np.array([0.1, 0.4, 0.2, 0.9, 0.6, 0.7, 1.3, 0.8])
VARIANCES = np.array([0.04, 0.09, 0.02, 0.16, 0.05, 0.08, 0.03, 0.11])
TABLE = pd.DataFrame(
    {
        "year": [1990, 1994, 1991, 2003, 2001, 2010, 2012, 2007],
        "dose": [1.0, 2.0, 1.5, 4.0, 2.5, 3.0, 6.0, 5.0],
        "form": ["oral", "oral", "oral", "iv", "iv", "iv", "oral", "iv"],
        "label": list("ABCDEFGH"),
    }
)
X = np.column_stack([np.ones(8), TABLE["dose"]])


def codes(result):
    return {caution.code for caution in result.cautions}


# ------------------------------------------------------------------------------- hand algebra


def test_a_common_effect_slope_by_hand():
    w = 1 / VARIANCES
    x = TABLE["dose"].to_numpy()
    centre = w @ x / w.sum()
    slope = w @ ((x - centre) * EFFECTS) / (w @ (x - centre) ** 2)
    intercept = w @ EFFECTS / w.sum() - slope * centre
    result = regress(EFFECTS, VARIANCES, moderators=X, model="common", ci_method="Wald")
    assert result.coefficients == pytest.approx([intercept, slope], rel=1e-13)
    assert result.standard_errors[1] == pytest.approx(1 / math.sqrt(w @ (x - centre) ** 2))
    residual = EFFECTS - intercept - slope * x
    assert result.qe == pytest.approx(w @ residual**2, rel=1e-12)
    assert result.qe_df == 6
    assert result.omnibus.statistic == pytest.approx(
        (slope / result.standard_errors[1]) ** 2, rel=1e-12
    )


def test_knapp_and_hartung_multiply_the_variance_by_the_weighted_mean_square():
    wald = regress(EFFECTS, VARIANCES, moderators=X, ci_method="Wald")
    knapp = regress(EFFECTS, VARIANCES, moderators=X, ci_method="HKSJ")
    guarded = regress(EFFECTS, VARIANCES, moderators=X)
    plain_t = regress(EFFECTS, VARIANCES, moderators=X, ci_method="t")
    weights = 1 / (VARIANCES + wald.tau2)
    factor = float(weights @ (EFFECTS - wald.fitted) ** 2) / 6
    assert knapp.covariance == pytest.approx(wald.covariance * factor, rel=1e-12)
    assert guarded.covariance == pytest.approx(wald.covariance * max(1, factor), rel=1e-12)
    assert plain_t.standard_errors == pytest.approx(wald.standard_errors)
    assert plain_t.p_values[1] > wald.p_values[1]
    assert wald.df is None
    assert knapp.df == guarded.df == plain_t.df == 6


def test_a_given_tau2():
    result = regress(EFFECTS, VARIANCES, moderators=X, tau2_method=0.2, ci_method="Wald")
    weights = 1 / (VARIANCES + 0.2)
    covariance = np.linalg.inv(X.T @ (weights[:, np.newaxis] * X))
    assert result.tau2 == 0.2
    assert result.covariance == pytest.approx(covariance, rel=1e-12)
    assert math.isnan(result.r2)
    assert "tau² given as 0.2" in result.summary()
    assert "R²" not in result.summary().split("Note")[0]
    none = regress(EFFECTS, VARIANCES, moderators=X, tau2_method=0, ci_method="Wald")
    common = regress(EFFECTS, VARIANCES, moderators=X, model="common", ci_method="Wald")
    assert none.coefficients == pytest.approx(common.coefficients)
    assert "tau2-zero" not in codes(none)
    weak = np.column_stack([np.ones(8), [1, -1, 1, 1, -1, 1, 0, -1]])
    p_values = [
        regress(EFFECTS, VARIANCES, moderators=weak, ci_method="Wald", **chosen)
        .permutation_test(999, seed=1)
        .p_values[1]
        for chosen in ({"tau2_method": 0}, {"model": "common"}, {"tau2_method": 0.2})
    ]
    assert p_values[0] == p_values[1] != p_values[2]


def exact(effects, variances, matrix):
    """QE and DerSimonian-Laird's tau² in rational arithmetic."""
    y = [Fraction(float(v)) for v in effects]
    w = [1 / Fraction(float(v)) for v in variances]
    x = [[Fraction(float(v)) for v in row] for row in matrix]
    k, p = len(y), len(x[0])

    def solve(left, right):
        rows = [[*a, *b] for a, b in zip(left, right, strict=True)]
        for i in range(p):
            pivot = next(j for j in range(i, p) if rows[j][i] != 0)
            rows[i], rows[pivot] = rows[pivot], rows[i]
            rows[i] = [value / rows[i][i] for value in rows[i]]
            for j in range(p):
                if j != i:
                    factor = rows[j][i]
                    rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
        return [row[p:] for row in rows]

    def cross(power):
        return [
            [sum(w[i] ** power * x[i][r] * x[i][s] for i in range(k)) for s in range(p)]
            for r in range(p)
        ]

    inside = solve(cross(1), cross(2))
    trace = sum(w) - sum(inside[i][i] for i in range(p))
    right = [[sum(w[i] * x[i][r] * y[i] for i in range(k))] for r in range(p)]
    beta = [row[0] for row in solve(cross(1), right)]
    left = [y[i] - sum(x[i][r] * beta[r] for r in range(p)) for i in range(k)]
    q = sum(w[i] * left[i] ** 2 for i in range(k))
    return float(q), max(0.0, float((q - (k - p)) / trace))


@pytest.mark.parametrize(
    ("heavy", "rtol"), [(1e-2, 1e-12), (1e-4, 1e-11), (1e-7, 1e-9), (1e-9, 1e-6)]
)
def test_one_study_with_nearly_all_the_weight(heavy, rtol):
    variances = VARIANCES.copy()
    variances[3] = heavy
    q, tau2 = exact(EFFECTS, variances, X)
    result = regress(EFFECTS, variances, moderators=X, tau2_method="DL")
    assert result.qe == pytest.approx(q, rel=1e-12)
    assert result.tau2 == pytest.approx(tau2, rel=rtol, abs=rtol * heavy)


def test_nearly_dependent_columns_keep_their_digits():
    dose, year = TABLE["dose"].to_numpy(), TABLE["year"].to_numpy()
    matrix = np.column_stack([np.ones(8), dose, year, dose * year])
    q, tau2 = exact(EFFECTS, VARIANCES, matrix)
    result = regress(EFFECTS, VARIANCES, moderators=matrix, tau2_method="DL")
    assert result.qe == pytest.approx(q, rel=1e-11)
    assert result.tau2 == pytest.approx(tau2, rel=1e-11, abs=1e-12)


def test_a_mean_alone_is_what_pool_gives():
    pooled = pool(EFFECTS, VARIANCES)
    result = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ 1")
    assert result.coefficients[0] == pytest.approx(pooled.estimate, rel=1e-14)
    assert result.standard_errors[0] == pytest.approx(pooled.standard_error, rel=1e-13)
    assert (result.tau2, result.qe) == pytest.approx((pooled.tau2, pooled.q), rel=1e-13)
    assert (result.i2, result.h2) == pytest.approx((pooled.i2, pooled.h2), rel=1e-12)
    assert result.tau2_ci_high == pytest.approx(pooled.tau2_ci_high, rel=1e-12)
    there = result.predict({"dose": 1})
    assert there.prediction_low[0] == pytest.approx(pooled.prediction_low, rel=1e-12)
    assert result.omnibus.df == 0
    assert math.isnan(result.r2)
    assert "observational" not in codes(result)


def test_the_explained_share_is_cut_at_zero_and_says_so():
    unrelated = np.array([1, -1, 1, 1, -1, 1, 0, -1])
    result = regress(EFFECTS, VARIANCES, moderators=np.column_stack([np.ones(8), unrelated]))
    assert result.tau2 > result.tau2_without
    assert result.r2 == 0
    assert "cut at 0" in result.summary()


def test_nothing_to_explain_is_not_an_explained_share():
    result = regress(np.full(8, 0.3), VARIANCES, moderators=X)
    assert math.isnan(result.r2)
    assert "R² is not known" in result.summary()
    assert result.coefficients == pytest.approx([0.3, 0], abs=1e-14)


def test_an_exact_line_without_the_guard_claims_certainty():
    effects = 0.5 + 0.25 * np.arange(6)
    matrix = np.column_stack([np.ones(6), np.arange(6)])
    result = regress(effects, np.full(6, 0.1), moderators=matrix, ci_method="HKSJ")
    assert result.coefficients == pytest.approx([0.5, 0.25])
    assert np.all(result.standard_errors < 1e-12)
    assert result.p_values[1] < 1e-12
    guarded = regress(effects, np.full(6, 0.1), moderators=matrix)
    assert guarded.standard_errors[1] == pytest.approx(math.sqrt(0.1 / 17.5))


def test_one_degree_of_freedom():
    result = regress(EFFECTS[:3], VARIANCES[:3], moderators=X[:3])
    assert result.df == 1
    assert np.isfinite(result.ci_low).all()
    found = result.predict([[1, 2.0]])
    assert math.isnan(found.prediction_low[0])
    assert "prediction interval" not in found.summary()


def test_the_omnibus_test_does_not_depend_on_how_levels_are_coded():
    one = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ C(form) + dose")
    other = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ 0 + C(form) + dose")
    assert one.omnibus.df == other.omnibus.df == 2
    assert one.omnibus.statistic == pytest.approx(other.omnibus.statistic, rel=1e-10)
    assert one.r2 == pytest.approx(other.r2, abs=1e-9)


def test_without_a_constant():
    result = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ 0 + dose")
    w, x = 1 / VARIANCES, TABLE["dose"].to_numpy()
    slope = (w * x) @ EFFECTS / (w @ x**2)
    assert result.qe == pytest.approx(w @ (EFFECTS - slope * x) ** 2, rel=1e-12)
    assert math.isnan(result.r2)
    assert result.omnibus.df == 1
    assert "no-constant" in codes(result)


def test_a_term_of_several_columns_is_tested_as_one():
    table = TABLE.assign(group=list("aabbccab"))
    result = regress(EFFECTS, VARIANCES, moderators=table, formula="~ dose + C(group)")
    tests = {test.name: test for test in result.term_tests}
    assert tests["group"].df == 2
    pair = result.contrast([{"group[b]": 1}, {"group[c]": 1}])
    assert tests["group"].statistic == pytest.approx(pair.joint.statistic)
    assert tests["dose"].p_value == pytest.approx(result.p_values[1], rel=1e-9)


def test_a_contrast_by_hand():
    result = regress(EFFECTS, VARIANCES, moderators=X)
    found = result.contrast({"intercept": 1, "x2": 3})
    row = np.array([1.0, 3.0])
    assert found.estimate[0] == pytest.approx(row @ result.coefficients)
    assert found.standard_error[0] == pytest.approx(math.sqrt(row @ result.covariance @ row))
    assert found.names == ("intercept + 3 × x2",)
    assert found.joint.p_value == pytest.approx(found.p_value[0], rel=1e-10)


def test_every_form_of_input_gives_the_same():
    by_matrix = regress(EFFECTS, VARIANCES, moderators=X)
    full = TABLE.assign(estimate=EFFECTS, variance=VARIANCES)
    sizes = EffectSizes("mean difference", "made up", EFFECTS, VARIANCES)
    for other in (
        regress(full, formula="~ dose"),
        regress(sizes, moderators=TABLE, formula="~ dose"),
        regress(EFFECTS, standard_errors=np.sqrt(VARIANCES), moderators=TABLE, formula="dose"),
        regress(EFFECTS, VARIANCES, moderators={"dose": list(TABLE["dose"])}, formula="~dose"),
        regress(EFFECTS, VARIANCES, moderators=pd.DataFrame({"one": 1, "dose": X[:, 1]})),
    ):
        assert other.coefficients == pytest.approx(by_matrix.coefficients, rel=1e-13)
        assert other.p_values == pytest.approx(by_matrix.p_values, rel=1e-10)
    assert by_matrix.names == ("intercept", "x2")
    assert regress(full, formula="~ dose").labels == tuple("ABCDEFGH")


def test_readings_and_tables_without_moderators_are_told_what_is_missing():
    with pytest.raises(InvalidArgumentError, match="moderators is missing: give a table"):
        regress(EFFECTS, VARIANCES)
    with pytest.raises(InvalidArgumentError, match="which moderators does not have"):
        regress(pd.DataFrame({"estimate": EFFECTS, "variance": VARIANCES}), formula="~ dose")


# --------------------------------------------------------------------------------- missing rows


def test_missing_rows_are_left_out_and_named():
    table = TABLE.copy()
    table.loc[1, "dose"] = np.nan
    effects = EFFECTS.copy()
    effects[4] = np.nan
    result = regress(effects, VARIANCES, moderators=table, formula="~ dose + C(form)")
    assert result.labels == tuple("ACDFGH")
    caution = next(c for c in result.cautions if c.code == "missing")
    assert "Two studies left out" in caution.message
    assert "B and E" in caution.message
    kept = [0, 2, 3, 5, 6, 7]
    again = regress(
        EFFECTS[kept], VARIANCES[kept], moderators=TABLE.iloc[kept], formula="~ dose + C(form)"
    )
    assert result.coefficients == pytest.approx(again.coefficients, rel=1e-14)


def test_a_column_that_is_not_used_may_have_gaps():
    table = TABLE.assign(other=[None, *range(7)])
    result = regress(EFFECTS, VARIANCES, moderators=table, formula="~ dose")
    assert result.k == 8
    assert "missing" not in codes(result)


def test_a_level_that_only_missing_rows_have_is_gone():
    effects = EFFECTS.copy()
    table = TABLE.assign(group=pd.Categorical(list("aabbabac"), categories=list("cba")))
    effects[7] = np.nan
    result = regress(effects, VARIANCES, moderators=table, formula="~ C(group)")
    assert result.design.factors[0].levels == ("b", "a")
    assert result.names == ("intercept", "group[a]")


def test_no_study_left():
    with pytest.raises(InvalidArgumentError, match="No study has an effect, a variance and"):
        regress([np.nan, np.nan], [1, 1], moderators=[[1], [1]])


# -------------------------------------------------------------------------------------- cautions


def test_cautions():
    table = TABLE.assign(group=list("aabbbcbb"))
    result = regress(EFFECTS, VARIANCES, moderators=table, formula="~ C(group)")
    assert {"few-studies-per-moderator", "one-study-level", "observational"} <= codes(result)
    assert "high-leverage" in codes(result)
    by_code = {caution.code: caution for caution in result.cautions}
    assert "group 'c'" in by_code["one-study-level"].message
    assert "F" in by_code["high-leverage"].message
    assert by_code["few-studies-per-moderator"].reference.startswith("Cochrane Handbook")
    assert sum(caution.code == "observational" for caution in result.cautions) == 1
    assert "wald-few" in codes(regress(EFFECTS, VARIANCES, moderators=X, ci_method="Wald"))
    assert "common-effect" in codes(regress(EFFECTS, VARIANCES, moderators=X, model="common"))
    assert "tau2-zero" in codes(regress(np.full(8, 0.3), VARIANCES, moderators=X))


def test_ten_studies_for_one_moderator_are_no_caution():
    rng = np.random.default_rng(1)
    result = regress(
        rng.normal(size=12),
        np.full(12, 0.1),
        moderators=np.column_stack([np.ones(12), rng.random(12)]),
    )
    assert codes(result) <= {"observational", "tau2-zero"}


# -------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.column_stack([X, 2 * X[:, 1] + 3]), "'x3' is 3 × 'intercept' .* 2 × 'x2' in every"),
        (np.column_stack([X, np.full(8, 5.0)]), "'x3' is 5.00 in every study"),
        (np.column_stack([X, np.zeros(8)]), "'x3' is 0 in every study"),
        (np.column_stack([X, X[:, 1] * 1e-9 + 1e-9]), "'x3' is .* in every study"),
    ],
)
def test_columns_that_cannot_be_told_apart(matrix, message):
    with pytest.raises(InvalidArgumentError, match=message):
        regress(EFFECTS, VARIANCES, moderators=matrix)


def test_dates_far_from_zero_are_no_combination_of_the_intercept():
    seconds = 1.5e9 + 86400 * np.array([3, 900, 44, 10, 512, 77, 690, 333])
    moved = np.column_stack([np.ones(8), seconds])
    small = np.column_stack([np.ones(8), (seconds - 1.5e9) / 86400])
    one = regress(EFFECTS, VARIANCES, moderators=moved)
    other = regress(EFFECTS, VARIANCES, moderators=small)
    assert one.p_values[1] == pytest.approx(other.p_values[1], rel=1e-6)
    assert one.coefficients[1] * 86400 == pytest.approx(other.coefficients[1], rel=1e-7)


def test_an_empty_cell_is_named():
    table = pd.DataFrame({"a": list("xxyyxxyy"), "b": list("ppqqppqq")})
    with pytest.raises(InvalidArgumentError, match=r"b\[q\]' is 1 × 'a\[y\]' in every study"):
        regress(EFFECTS, VARIANCES, moderators=table, formula="~ a + b")


def test_too_few_studies():
    with pytest.raises(InsufficientEvidenceError, match="Two studies cannot carry two coeff"):
        regress(EFFECTS[:2], VARIANCES[:2], moderators=X[:2])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variances": [-1.0, *VARIANCES[1:]]}, "variances must be above 0; found A: -1"),
        ({"variances": [0.0, *VARIANCES[1:]]}, "variances must be above 0"),
        ({"variances": [np.inf, *VARIANCES[1:]]}, "variances must be finite"),
        ({"effects": [np.inf, *EFFECTS[1:]]}, "effects must be finite; found A: inf"),
        ({"effects": ["0.1", *EFFECTS[1:]]}, "not a number; found study 1: '0.1'"),
        ({"effects": EFFECTS[:5]}, "5 effects and 8 variances"),
        ({"effects": [], "variances": []}, "no study"),
        ({"moderators": TABLE[:5]}, "8 effects and 5 rows of moderators"),
        ({"level": 95}, "between 0 and 1"),
        ({"ci_method": "KH"}, "ci_method is 'KH'; known are"),
        ({"tau2_method": "REM"}, "Did you mean 'REML'"),
        ({"tau2_method": -1.0}, "a given tau² must be a number from 0"),
        ({"model": "fixed"}, "model is 'fixed'"),
        ({"ci_methods": "t"}, "There is no argument 'ci_methods'. Did you mean 'ci_method'"),
        ({"formula": None}, "'form' is not numeric. Give a formula"),
        ({"formula": None, "moderators": np.full((8, 1), "a")}, "a matrix of numbers"),
        ({"formula": None, "moderators": np.empty((8, 0))}, "has no column"),
        ({"formula": None, "moderators": [[1.0, np.inf]] * 8}, "must be finite"),
        ({"moderators": X}, "A formula needs moderators as a table"),
        ({"moderators": TABLE.assign(dose=[np.inf] * 8)}, "'dose' must be finite; found"),
        ({"formula": "~ 0"}, "leaves no coefficient"),
        ({"moderators": pd.concat([TABLE, TABLE], axis=1)}, "more than one column 'dose'"),
    ],
)
def test_bad_input(changes, message):
    given_ = {
        "effects": EFFECTS,
        "variances": VARIANCES,
        "moderators": TABLE,
        "formula": "~ dose",
        **changes,
    }
    with pytest.raises(InvalidArgumentError, match=message):
        regress(given_.pop("effects"), given_.pop("variances"), **given_)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"nope": 1}, "no coefficient 'nope'"),
        ({"x2": 0}, "zeros alone"),
        ({"x2": "1"}, "give a number"),
        ([[1, 2, 3]], "2 columns|two columns"),
        ([[1, 2], [2, 4]], "depend on each other"),
        ([[np.nan, 1]], "not a finite number"),
        ("x2", "A contrast is a mapping"),
    ],
)
def test_bad_contrasts(weights, message):
    result = regress(EFFECTS, VARIANCES, moderators=X)
    with pytest.raises(InvalidArgumentError, match=message):
        result.contrast(weights)


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ({"dose": [1.0]}, "names 'form', which the table of new values does not have"),
        ({"dose": [1.0], "form": ["rectal"]}, "no level 'rectal' among the studies"),
        ({"dose": [None], "form": ["iv"]}, "must not be missing; row 1"),
        ({"dose": ["1"], "form": ["iv"]}, "not a number"),
        ([[1, 2, 3]], "must be a table or a mapping"),
    ],
)
def test_bad_new_values(new, message):
    result = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ dose + C(form)")
    with pytest.raises(InvalidArgumentError, match=message):
        result.predict(new)


def test_bad_new_rows_of_a_matrix():
    result = regress(EFFECTS, VARIANCES, moderators=X)
    with pytest.raises(InvalidArgumentError, match="two columns in the order intercept and x2"):
        result.predict([[1, 2, 3]])
    with pytest.raises(InvalidArgumentError, match="must be finite"):
        result.predict([[1, np.nan]])
    with pytest.raises(InvalidArgumentError, match="lacks the columns x2"):
        result.predict(pd.DataFrame({"intercept": [1]}))
    assert result.predict([1, 2.0]).estimate == pytest.approx(result.predict([[1, 2.0]]).estimate)


def test_predictions_beyond_the_studies_are_marked():
    result = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ dose")
    assert result.predict({"dose": [2, 3]}).cautions == ()
    found = result.predict({"dose": [2, 30]})
    assert "dose (1 to 6 in the studies)" in found.cautions[0].message
    assert found.labels == ("dose 2", "dose 30")
    own = result.predict()
    assert own.estimate == pytest.approx(result.fitted)


# ------------------------------------------------------------------------------------- display


def test_reading_a_result():
    result = regress(EFFECTS, VARIANCES, moderators=TABLE, formula="~ dose + C(form)")
    text = result.summary()
    assert text.startswith("Eight studies, meta-regression on ~ dose + C(form): mixed effects")
    assert "Form is compared with its level 'iv'" in text
    assert "All moderators together: F" in text
    assert "Residual tau²" in text
    html = result._repr_html_()
    assert "<table" in html
    assert "form[oral]" in html
    frame = result.to_frame()
    assert list(frame["term"]) == ["intercept", "dose", "form[oral]"]
    plain = result.to_dict()
    assert plain["factors"] == {"form": {"iv": 4, "oral": 4}}
    assert plain["coefficients"][1]["estimate"] == result.coefficients[1]
    studies = result.studies()
    assert (studies["fitted"] + studies["residual"]).to_list() == pytest.approx(list(EFFECTS))
    assert studies["leverage"].sum() == pytest.approx(3)


def test_small_slopes_keep_two_digits_of_their_error():
    table = TABLE.assign(minutes=TABLE["dose"] * 1e4)
    result = regress(EFFECTS, VARIANCES, moderators=table, formula="~ minutes")
    line = next(line for line in result.summary().splitlines() if line.startswith("minutes"))
    assert "0.00 (" not in line
    assert result.coefficients[1] * 1e4 == pytest.approx(
        regress(EFFECTS, VARIANCES, moderators=X).coefficients[1]
    )


# ------------------------------------------------------------------------------------ invariants

numbers = st.integers(-300, 300).map(lambda n: n / 100)


@st.composite
def bodies(draw):
    k = draw(st.integers(4, 12))
    effects = draw(st.lists(numbers, min_size=k, max_size=k))
    variances = draw(st.lists(st.integers(1, 200).map(lambda n: n / 100), min_size=k, max_size=k))
    x = draw(
        st.lists(st.integers(-5, 5), min_size=k, max_size=k, unique=True)
        if k <= 10
        else st.permutations(list(range(k)))
    )
    return np.array(effects), np.array(variances), np.array(x, dtype=float)


def line(effects, variances, x, **choices):
    return regress(effects, variances, moderators=np.column_stack([np.ones(x.size), x]), **choices)


few_examples = settings(max_examples=40, deadline=None)


@few_examples
@given(bodies(), st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(body, random):
    order = list(range(body[0].size))
    random.shuffle(order)
    one, other = line(*body), line(*(part[order] for part in body))
    scale = one.standard_errors
    assert np.all(np.abs(one.coefficients - other.coefficients) <= 1e-9 * scale)
    assert one.tau2 == pytest.approx(other.tau2, rel=1e-8, abs=1e-9)


@few_examples
@given(bodies(), st.sampled_from([1e-8, 1e-3, 1e5, 1e8]), st.sampled_from([1e-6, 1.0, 1e6]))
def test_units_do_not_matter(body, unit, unit_of_moderator):
    effects, variances, x = body
    one = line(effects, variances, x)
    other = line(effects * unit, variances * unit**2, x * unit_of_moderator)
    factor = np.array([unit, unit / unit_of_moderator])
    assert other.coefficients == pytest.approx(
        one.coefficients * factor, rel=1e-7, abs=1e-9 * float((one.standard_errors * factor).min())
    )
    assert other.p_values == pytest.approx(one.p_values, rel=1e-6)
    assert other.tau2 == pytest.approx(one.tau2 * unit**2, rel=1e-7, abs=1e-9 * unit**2)


@few_examples
@given(bodies(), st.sampled_from([-1000.0, 3.0, 1e4]), st.sampled_from([-7.0, 100.0]))
def test_a_shift_of_effects_or_moderator_moves_the_intercept_alone(body, shift, move):
    effects, variances, x = body
    one = line(effects, variances, x)
    other = line(effects + shift, variances, x + move)
    scale = one.standard_errors
    assert abs(one.coefficients[1] - other.coefficients[1]) <= 1e-7 * scale[1]
    assert other.standard_errors[1] == pytest.approx(scale[1], rel=1e-6)


@few_examples
@given(bodies())
def test_a_change_of_sign_changes_signs(body):
    effects, variances, x = body
    one, other = line(effects, variances, x), line(-effects, variances, x)
    assert other.coefficients == pytest.approx(-one.coefficients, rel=1e-9, abs=1e-12)
    assert other.ci_low == pytest.approx(-one.ci_high, rel=1e-9, abs=1e-12)


@few_examples
@given(bodies())
def test_reml_is_no_worse_than_any_point_of_a_grid(body):
    from evidence.synthesis.tau2 import log_likelihood

    effects, variances, x = body
    result = line(effects, variances, x)
    design = result.design.matrix
    best = log_likelihood(effects, variances, result.tau2, design=design)
    for tau2 in (0.0, *np.geomspace(1e-4, 1e3, 60)):
        assert best >= log_likelihood(effects, variances, float(tau2), design=design) - 1e-9
