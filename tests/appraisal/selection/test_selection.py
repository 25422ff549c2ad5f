"""Fail-safe N, excess significance, PET-PEESE and worst-case selection: algebra, guards, words."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from evidence.appraisal.selection.excess import excess_significance, tail_of_successes
from evidence.appraisal.selection.fail_safe import fail_safe_n
from evidence.appraisal.selection.pet_peese import pet_peese
from evidence.appraisal.selection.reweighted import Reweighted, robust_variance
from evidence.appraisal.selection.selection_model import three_parameter
from evidence.appraisal.selection.waap import adequately_powered
from evidence.appraisal.selection.worst_case import worst_case_selection
from evidence.appraisal.small_study.guard import RULE
from evidence.appraisal.small_study.limit_meta_analysis import limit_meta_analysis
from evidence.errors import InvalidArgumentError
from evidence.synthesis.dependence.sandwich import sandwich
from evidence.synthesis.dependence.stacks import WorkingModel
from evidence.synthesis.pool import pool

CHECKS = [fail_safe_n, excess_significance, pet_peese, worst_case_selection]
every_check = pytest.mark.parametrize("check", CHECKS)

RANDOM = np.random.default_rng(11)
ERRORS = RANDOM.uniform(0.08, 0.5, size=14)
VARIANCES = ERRORS**2
EFFECTS = RANDOM.normal(0.3, np.sqrt(VARIANCES + 0.02))


# ------------------------------------------------------------------------------------- every check


@every_check
def test_a_check_has_one_shape(check):
    found = check(EFFECTS, VARIANCES)
    assert found.status in {"ok", "contradiction", "cannot be tested"}
    assert found.summary().splitlines()[0] == found.sentence
    assert found.reference
    assert "<table" in found._repr_html_()
    assert len(found.to_frame()) == len(found.table)
    json.dumps(found.to_dict(), allow_nan=False)


@every_check
def test_a_pooled_result_can_be_given(check):
    first, second = check(EFFECTS, VARIANCES), check(pool(EFFECTS, VARIANCES))
    assert first.to_dict() == second.to_dict()
    with pytest.raises(InvalidArgumentError, match="leave those arguments out"):
        check(pool(EFFECTS, VARIANCES), VARIANCES)


@every_check
def test_missing_studies_are_named(check):
    effects = EFFECTS.copy()
    effects[2] = math.nan
    found = check(effects, VARIANCES, labels=[f"s{i}" for i in range(14)])
    assert any(c.code == "missing" and "s2" in c.message for c in found.cautions)
    kept = np.arange(14) != 2
    again = check(effects[kept], VARIANCES[kept], labels=[f"s{i}" for i in range(14) if i != 2])
    assert found.sentence == again.sentence


@every_check
@pytest.mark.parametrize(
    ("effects", "variances", "message"),
    [
        ([0.1, 0.2], [0.1, -1], "variances must be above 0; found study 2: -1"),
        ([0.1, 0.2], [0.1, 0], "variances must be above 0"),
        ([0.1, math.inf], [0.1, 0.1], "effects must be finite"),
        ([0.1], [0.1, 0.1], "1 effects and 2 variances"),
        (["0.1"], [0.1], "not a number"),
        ([], [], "no study"),
        ([0.1], None, "Give either variances or standard_errors"),
    ],
)
def test_bad_studies_are_refused(check, effects, variances, message):
    with pytest.raises(InvalidArgumentError, match=message):
        check(effects, variances)


@every_check
@pytest.mark.parametrize("scale", [1e8, 1e-8])
def test_units_do_not_matter(check, scale):
    first, second = check(EFFECTS, VARIANCES), check(EFFECTS * scale, VARIANCES * scale**2)
    assert first.status == second.status
    for name in ("exact", "p_value", "ratio_estimate", "ratio_interval", "slope_p_value"):
        if hasattr(first, name):
            expected = getattr(first, name)
            assert getattr(second, name) == pytest.approx(expected, rel=1e-6, nan_ok=True)


@every_check
@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_studies_are_no_accident(check, k):
    found = check(EFFECTS[:k], VARIANCES[:k])
    assert found.sentence
    json.dumps(found.to_dict(), allow_nan=False)


# ------------------------------------------------------------------------------------- fail-safe N


def test_fail_safe_by_hand():
    # Four studies with z = 2: (8/1.6449)² - 4 = 19.65.
    found = fail_safe_n([0.2] * 4, [0.01] * 4)
    assert found.exact == pytest.approx((8 / norm.isf(0.05)) ** 2 - 4, rel=1e-13)
    assert found.studies == 20
    assert any(c.code == "fail-safe" for c in found.cautions)
    assert "Becker" in found.cautions[-1].reference


def test_that_many_studies_without_effect_bring_it_about():
    found = fail_safe_n(EFFECTS, VARIANCES)
    z = (EFFECTS / ERRORS).sum()
    assert norm.sf(z / math.sqrt(14 + found.studies)) >= 0.05
    assert norm.sf(z / math.sqrt(14 + found.studies - 1)) < 0.05
    orwin = fail_safe_n(EFFECTS, VARIANCES, method="Orwin", target=0.1)
    assert EFFECTS.sum() / (14 + orwin.studies) <= 0.1 < EFFECTS.sum() / (13 + orwin.studies)


def test_a_whole_number_is_not_rounded_up():
    assert fail_safe_n([0.3, 0.3, 0.3], [0.1] * 3, method="Orwin", target=0.1).studies == 6


def test_none_are_needed_where_nothing_is_significant():
    found = fail_safe_n([0.01, -0.02], [1, 1])
    assert found.studies == 0
    assert found.status == "cannot be tested"
    p = norm.sf(0.01 / math.sqrt(2))
    assert found.p_value == pytest.approx(p, rel=1e-12)
    assert "not significant to begin with (one-sided p = 0.50" in found.sentence
    assert "for effects below 0" in found.sentence
    two_sided = fail_safe_n([0.01, -0.02], [1, 1], method="Rosenberg")
    assert "not significant to begin with (two-sided p > 0.99" in two_sided.sentence
    small = fail_safe_n([0.01, -0.02], [1, 1], method="Orwin", target=0.1)
    assert small.status == "cannot be tested"
    assert "does not lie beyond −0.10 to begin with" in small.sentence


@pytest.mark.parametrize("effect", [0.01, 3.0])
@pytest.mark.parametrize("method", ["Rosenthal", "Rosenberg", "Orwin"])
def test_fail_safe_refuses_a_single_study(effect, method):
    target = {"target": 0.1} if method == "Orwin" else {}
    found = fail_safe_n([effect], [0.04], method=method, **target)
    assert (found.status, found.studies) == ("cannot be tested", None)
    assert math.isnan(found.exact)
    assert "can say nothing here; it needs two at least" in found.sentence


def test_fail_safe_says_which_side_its_p_is_for():
    found = fail_safe_n([-0.5, -0.4, -0.3], [0.04] * 3)
    assert found.status == "ok"
    assert "one-sided p value of Stouffer's method, for effects below 0, to rise to" in (
        found.sentence
    )


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"method": "rosental"}, "Did you mean 'Rosenthal'"),
        ({"alpha": 0.5}, "between 0 and 0.5"),
        ({"target": 0.1}, "belongs to Orwin"),
        ({"method": "Orwin"}, "needs target"),
        ({"method": "Orwin", "target": 0}, "other than 0"),
        ({"method": "Orwin", "target": math.nan}, "other than 0"),
    ],
)
def test_fail_safe_refusals(choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        fail_safe_n(EFFECTS, VARIANCES, **choices)


# ------------------------------------------------------------------------------ excess significance


@pytest.mark.parametrize("at_least", range(6))
def test_the_exact_tail_against_every_outcome(at_least):
    p = np.array([0.1, 0.9, 0.35, 0.02, 0.5])
    total = 0.0
    for outcome in itertools.product([0, 1], repeat=5):
        if sum(outcome) >= at_least:
            total += np.prod(np.where(outcome, p, 1 - p))
    assert tail_of_successes(p, at_least) == pytest.approx(total, rel=1e-13)


def test_an_excess_is_a_contradiction():
    found = excess_significance([0.41] * 12, [0.04] * 12)
    assert found.observed == 12
    power = norm.sf(1.959963984540054 - 2.05) + norm.cdf(-1.959963984540054 - 2.05)
    assert found.expected == pytest.approx(12 * power, rel=1e-12)
    assert found.p_value == pytest.approx(power**12, rel=1e-11)
    assert found.status == "contradiction"


def test_few_studies_get_no_p_value():
    found = excess_significance([*[0.41] * 8, 0.1], [0.04] * 9)
    assert found.status == "cannot be tested"
    assert math.isnan(found.p_value)
    assert "worst-case selection" in found.sentence
    assert "p =" not in found.sentence
    assert "p <" not in found.sentence


@pytest.mark.parametrize(
    ("effects", "begin"),
    [
        ([0.1], "The one study is not significant at 0.05; its power lets"),
        ([0.9], "The one study is significant at 0.05; its power lets"),
        ([0.1, 0.2, 0.1], "None of three studies is significant"),
        ([0.9, 0.2, 0.1], "One of three studies is significant"),
        ([0.9, 0.8, 0.1], "Two of three studies are significant"),
        ([0.9, 0.8, 0.7], "All of three studies are significant"),
    ],
)
def test_how_many_are_significant_is_a_sentence(effects, begin):
    assert excess_significance(effects, [0.04] * len(effects)).sentence.startswith(begin)


REFUSING = [excess_significance, adequately_powered, three_parameter]


@pytest.mark.parametrize("check", REFUSING)
@pytest.mark.parametrize("effects", [[0.1], [0.9], [0.1, 0.2], [0.1, 0.2, 0.15], [0.9, 0.8, 0.7]])
def test_a_refusal_sends_nobody_to_a_check_that_refuses_too(check, effects):
    variances = [0.04] * len(effects)
    assert not worst_case_selection(effects, variances).tested
    found = check(effects, variances)
    if not found.tested:
        assert "worst-case" not in found.sentence
        assert "known outside the numbers" in found.sentence
        assert ("the mean without each" in found.sentence) == (len(effects) > 2)


@pytest.mark.parametrize("check", [excess_significance, three_parameter])
def test_a_refusal_sends_to_the_worst_case_where_that_speaks(check):
    effects, variances = [0.9, 0.1, 0.2], [0.04] * 3
    assert worst_case_selection(effects, variances).tested
    assert "Look at worst-case selection" in check(effects, variances).sentence


def test_differences_between_studies_are_allowed_for():
    effects, variances = np.array([0.0, 1.0, 0.2] * 4), np.linspace(0.02, 0.2, 12)
    found = excess_significance(effects, variances)
    pooled = pool(effects, variances)
    assert found.tau2 == pytest.approx(pooled.tau2, rel=1e-9)
    assert found.effect == pytest.approx(pooled.estimate, rel=1e-9)
    assert "the tau² of" in found.sentence
    assert "REML" in found.sentence
    assert all(c.code != "heterogeneity" for c in found.cautions)
    given = excess_significance(effects, variances, tau2=pooled.tau2)
    assert given.p_value == pytest.approx(found.p_value, rel=1e-9)
    assert "REML" not in given.sentence


def test_the_papers_own_takes_no_difference_between_studies():
    found = excess_significance([0.0, 2.0] * 6, [0.04] * 12, tau2=0)
    assert (found.tau2, found.effect) == (0, pytest.approx(1))
    assert any(c.code == "heterogeneity" for c in found.cautions)
    # Around no effect, differences look like an excess.
    y = 0.5 * norm.ppf((np.arange(12) + 0.5) / 12)
    assert excess_significance(y, [0.04] * 12, tau2=0).status == "contradiction"
    assert excess_significance(y, [0.04] * 12).status == "ok"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"alpha": 0}, "alpha is 0"),
        ({"tau2": -1}, "at least 0"),
        ({"effect": math.inf}, "finite"),
        ({"tau2": "x"}, "finite"),
    ],
)
def test_excess_refusals(choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        excess_significance(EFFECTS, VARIANCES, **choices)


# ---------------------------------------------------------------------------------------- PET-PEESE


def test_an_exact_line_is_found():
    effects = 0.2 + 1.5 * ERRORS + 1e-6 * np.cos(np.arange(14))
    found = pet_peese(effects, VARIANCES, method="PET")
    assert found.estimate == pytest.approx(0.2, abs=1e-5)
    assert found.status == "contradiction"
    curve = pet_peese(0.2 + 1.5 * VARIANCES + 1e-6 * np.cos(np.arange(14)), VARIANCES)
    assert curve.method == "PEESE"
    assert curve.estimate == pytest.approx(0.2, abs=1e-5)


def test_pet_stays_where_its_effect_is_not_clear():
    noise = 0.3 * ERRORS * np.cos(7 * np.arange(14))
    assert pet_peese(1.5 * ERRORS + noise, VARIANCES).method == "PET"


@pytest.mark.parametrize("sign", [1, -1])
def test_the_sign_only_turns_it_round(sign):
    found = pet_peese(sign * EFFECTS, VARIANCES)
    assert sign * found.estimate == pytest.approx(pet_peese(EFFECTS, VARIANCES).estimate)


def test_equal_standard_errors_and_few_studies_are_refused():
    equal = pet_peese(EFFECTS, np.full(14, 0.04), force=True)
    assert equal.status == "cannot be tested"
    assert "equal standard errors" in equal.sentence
    few = pet_peese(EFFECTS[:9], VARIANCES[:9])
    assert "can say nothing here" in few.sentence
    assert math.isnan(few.estimate)
    for k in (1, 2):
        none = pet_peese(EFFECTS[:k], VARIANCES[:k], force=True)
        assert "no line below three" in none.sentence


def test_nearly_equal_sizes_are_refused_unless_forced():
    variances = np.linspace(0.04, 0.08, 14)
    refused = pet_peese(EFFECTS, variances)
    assert refused.status == "cannot be tested"
    assert "of nearly one size (the largest variance is 2.0 times" in refused.sentence
    assert "BMJ 343:d4002" in refused.reference
    assert math.isnan(refused.slope_p_value)
    forced = pet_peese(EFFECTS, variances, force=True)
    assert forced.tested
    assert forced.forced
    assert forced.sentence.startswith("Computed although it says nothing here: PE")
    assert "forced" in {c.code for c in forced.cautions}
    # What stands for the standard errors has to differ too.
    assert not pet_peese(EFFECTS, VARIANCES, predictor=np.sqrt(variances)).tested
    assert not pet_peese(EFFECTS, VARIANCES, force=True).forced


def test_heterogeneity_is_said_of_pet_peese():
    spread = np.array([0.3, -0.3] * 7)
    wide = pet_peese(EFFECTS + spread, VARIANCES)
    assert pool(EFFECTS + spread, VARIANCES).i2 > RULE.i2
    assert "heterogeneity" in {c.code for c in wide.cautions}
    alike = pet_peese(0.2 + 0.01 * spread, VARIANCES)
    assert "heterogeneity" not in {c.code for c in alike.cautions}


def test_the_trap_of_standardised_differences_is_said():
    found = pet_peese(EFFECTS, VARIANCES)
    assert any(c.code == "smd" for c in found.cautions)
    own = pet_peese(EFFECTS, VARIANCES, predictor=ERRORS)
    assert all(c.code != "smd" for c in own.cautions)
    assert own.estimate == pytest.approx(found.estimate, rel=1e-12)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"method": "PEES"}, "Did you mean 'PEESE'"),
        ({"level": 1}, "level is 1"),
        ({"force": "yes"}, "force is 'yes'"),
        ({"predictor": [1.0]}, "14 effects and 1 values"),
        ({"predictor": [0.0] * 14}, "predictor must be finite and above 0"),
    ],
)
def test_pet_refusals(choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        pet_peese(EFFECTS, VARIANCES, **choices)


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("check", [pet_peese, limit_meta_analysis])
def test_nothing_is_laid_through_identical_effects(check, force):
    for effect in (0.3, 0.0, 0.1 + 0.2):
        effects = np.full(14, effect)
        effects[3] *= 1 + 2e-16
        found = check(effects, VARIANCES, force=force)
        assert found.status == "cannot be tested"
        assert found.sentence.startswith("The effects of all 14 studies are identical")


def test_pet_says_nothing_of_effects_on_one_line():
    for effects in (0.2 + 0.5 * ERRORS, 0.2 - 3 * VARIANCES):
        found = pet_peese(effects, VARIANCES)
        assert found.status == "cannot be tested"
        assert "lie on one line" in found.sentence


# ----------------------------------------------------------------------------- worst-case selection


def corrected(effects, variances, ratio, tau2=0.0):
    """The corrected common-effect mean and its lower limit, written out."""
    weights = []
    for y, v in zip(effects, variances, strict=True):
        yes = y > 0 and 2 * norm.sf(y / math.sqrt(v)) < 0.05
        weights.append((1 if yes else ratio) / (v + tau2))
    w = np.array(weights)
    mean = float(w @ effects / w.sum())
    se = math.sqrt(float(w**2 @ (np.asarray(variances) + tau2))) / w.sum()
    return mean, mean - norm.isf(0.025) * se


def test_common_ratios_against_their_equation():
    effects, variances = np.array([0.9, 0.8, -0.1, -0.2]), np.array([0.04, 0.05, 0.06, 0.08])
    found = worst_case_selection(effects, variances, model="common")
    assert (found.affirmative, found.nonaffirmative) == (2, 2)
    by_hand = (0.9 / 0.04 + 0.8 / 0.05) / (0.1 / 0.06 + 0.2 / 0.08)
    assert found.ratio_estimate == pytest.approx(by_hand, rel=1e-13)
    assert corrected(effects, variances, found.ratio_estimate)[0] == pytest.approx(0, abs=1e-14)
    assert corrected(effects, variances, found.ratio_interval)[1] == pytest.approx(0, abs=1e-14)
    assert 1 < found.ratio_interval < found.ratio_estimate


def test_robust_ratio_is_where_the_limit_is_zero():
    effects = np.array([0.9, 0.8, 0.7, 0.75, 0.6, 0.85, 0.1, -0.2, 0.05, -0.3])
    variances = np.array([0.04, 0.05, 0.06, 0.02, 0.03, 0.05, 0.06, 0.08, 0.1, 0.09])
    found = worst_case_selection(effects, variances)
    assert 1 < found.ratio_interval < found.ratio_estimate < math.inf
    chosen = np.arange(10) < 6
    tau2 = pool(effects, variances).tau2
    mean, reach = Reweighted(effects, variances + tau2, chosen, robust=True).at(
        1 / found.ratio_interval, 0.95
    )
    assert mean == pytest.approx(reach, rel=1e-9)


def test_a_robust_interval_is_the_sandwichs():
    random = np.random.default_rng(3)
    for k in (2, 3, 9, 30):
        effects, variances = random.normal(0.2, 0.5, k), random.uniform(0.02, 0.4, k)
        weights = random.uniform(0.2, 1.0, k) / variances
        mean = float(weights @ effects / weights.sum())
        working = WorkingModel(
            effects=effects,
            design=np.ones((k, 1)),
            terms=("mean",),
            clusters=tuple(map(str, range(k))),
            rows=tuple(np.arange(k)[:, None]),
            covariance=tuple(variances[:, None, None]),
            weights=tuple(weights[:, None, None]),
            coefficients=np.array([mean]),
            bread=np.array([[1 / weights.sum()]]),
            labels=tuple(map(str, range(k))),
        )
        whole = sandwich(working, "CR2")
        variance, df = robust_variance(effects, variances, weights)
        assert variance == pytest.approx(whole.covariance[0, 0], rel=1e-11)
        assert df == pytest.approx(whole.degrees_of_freedom()[0], rel=1e-11)


#: The one nonaffirmative study gets nearly all the weight on the way to the worst case.
ONE_LEFT = (
    (0.504, 0.0268),
    (0.296, 0.0133),
    (0.370, 0.0313),
    (0.456, 0.0684),
    (0.404, 0.0119),
    (0.477, 0.0190),
    (0.814, 0.0129),
    (0.291, 0.0139),
    (0.802, 0.0309),
    (0.251, 0.0155),
)


def test_one_study_with_nearly_all_the_weight_keeps_its_interval():
    effects, variances = np.array(ONE_LEFT).T
    found = worst_case_selection(effects, variances, favours="positive")
    assert (found.affirmative, found.nonaffirmative) == (9, 1)
    assert found.ratio_estimate == math.inf
    assert math.isnan(found.ratio_interval)
    total = variances + pool(effects, variances, ci_method="Wald").tau2
    robust = Reweighted(effects, total, np.arange(10) != 3, robust=True)
    # In the limit the variance is v e²/Var(e) of the study that is left, on one degree of
    # freedom; with the others' mean m and weights w = 1/v, e²/Var(e) is (y - m)²/(v + 1/Σw).
    others = np.arange(10) != 3
    w = 1 / total[others]
    mean = w @ effects[others] / w.sum()
    rest = 1 / w.sum()
    error = abs(effects[3] - mean) * math.sqrt(total[3] / (total[3] + rest))
    for share in (1e-6, 1e-9, 1e-12):
        weights = np.where(others, share, 1.0) / total
        variance, df = robust_variance(effects, total, weights)
        assert df == pytest.approx(1, abs=1e-4)
        assert math.sqrt(variance) == pytest.approx(error, rel=1e-3)
        assert math.isfinite(robust.at(share, 0.95)[1])


@pytest.mark.parametrize("sign", [1, -1])
def test_the_direction_is_that_of_the_mean_that_is_tested(sign):
    # One study has 99% of the weight with one true effect, and points the other way.
    effects = sign * np.r_[-0.37, np.linspace(0.2, 0.6, 11)]
    variances = np.r_[5e-5, [0.04] * 11]
    names = {1: ("positive", "greater"), -1: ("negative", "less")}
    pooled = pool(effects, variances)
    assert sign * pooled.estimate > 0 > sign * pool(effects, variances, model="common").estimate
    for taken in ((effects, variances), (pooled,)):
        found = worst_case_selection(*taken)
        assert (found.favours, found.status) == (names[sign][0], "ok")
        assert sign * found.estimate > 0
        assert three_parameter(*taken).alternative == names[sign][1]
    common = worst_case_selection(effects, variances, model="common")
    assert common.favours == names[-sign][0]


def test_no_ratio_may_suffice():
    found = worst_case_selection([0.9, 0.8, 0.3, 0.2, 0.25], [0.04] * 5, model="common")
    assert found.ratio_estimate == math.inf
    assert "no ratio would suffice" in found.sentence
    assert found.to_dict()["ratio_estimate"] is None


def test_an_interval_that_includes_it_needs_no_selection():
    found = worst_case_selection([0.9, -0.4, -0.3], [0.04, 0.06, 0.06], model="common")
    assert found.ratio_interval == 1
    assert "without any selection" in found.sentence


def test_the_worst_case_is_the_rest_alone():
    found = worst_case_selection([0.9, 0.8, -0.1, -0.2], [0.04, 0.05, 0.06, 0.08], model="common")
    alone = pool([-0.1, -0.2], [0.06, 0.08], model="common", ci_method="Wald")
    assert found.worst_case.estimate == alone.estimate
    last = found.table.iloc[-1]
    assert last["selection_ratio"] == math.inf
    assert last["estimate"] == pytest.approx(alone.estimate, rel=1e-13)
    assert last["ci_low"] == pytest.approx(alone.ci_low, rel=1e-12)


@pytest.mark.parametrize("model", ["common", "robust"])
@pytest.mark.parametrize(
    ("effects", "message"),
    [
        ([0.1, 0.2, 0.15], "None of three studies is significant"),
        ([0.9, 0.8, 0.7], "All of three studies are significant"),
        ([0.9, -0.8, -0.7], "nothing to explain away"),
    ],
)
def test_what_cannot_be_asked(model, effects, message):
    found = worst_case_selection(effects, [0.04] * 3, model=model, favours="positive")
    assert found.status == "cannot be tested"
    assert message in found.sentence
    assert math.isnan(found.ratio_estimate)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"model": "robst"}, "Did you mean 'robust'"),
        ({"target": math.nan}, "target is nan"),
        ({"target": "0"}, "target is '0'"),
        ({"favours": "up"}, "favours is 'up'"),
        ({"level": 0}, "level is 0"),
    ],
)
def test_worst_case_refusals(choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        worst_case_selection(EFFECTS, VARIANCES, **choices)


studies = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=3, max_size=10)


@settings(max_examples=25, deadline=None)
@given(studies, st.sampled_from(["common", "robust"]))
def test_sign_order_and_the_ratio_itself(rows, model):
    effects, variances = (np.array(column) for column in zip(*rows, strict=True))
    found = worst_case_selection(effects, variances, model=model, favours="positive")
    turned = worst_case_selection(-effects[::-1], variances[::-1], model=model, favours="negative")
    for name in ("ratio_estimate", "ratio_interval"):
        one, other = getattr(found, name), getattr(turned, name)
        assert other == pytest.approx(one, rel=1e-6, nan_ok=True)
        assert not one < 1
    if model == "common" and 1 < found.ratio_estimate < 1e6:
        at = corrected(effects, variances, found.ratio_estimate)[0]
        assert at == pytest.approx(0, abs=1e-9)
