"""The same studies under every model: each row is what pooling alone gives, each sentence true."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis import HalfCauchy, HalfNormal, pool, pool_bayes
from evidence.synthesis.model_choice import (
    GROUPS,
    PRIOR_GRID,
    ModelComparison,
    compare_models,
    default_priors,
)
from evidence.synthesis.model_words import EffectWords, factor, is_ratio, times
from evidence.synthesis.pool import CI_METHODS, OWN_TAU2
from evidence.synthesis.result import PoolingMethod
from evidence.synthesis.tau2 import TAU2_METHODS

EFFECTS = np.array([-0.9, -0.3, 0.1, -1.2, -0.4, -0.7])
VARIANCES = np.array([0.04, 0.1, 0.3, 0.2, 0.05, 0.15])
SMD = "standardised mean difference"


def compared(measure: str = SMD, **method: object) -> ModelComparison:
    return compare_models(pool(EFFECTS, VARIANCES, **method), measure=measure)


def groups(comparison: ModelComparison) -> dict[str, int]:
    return {name: sum(row.group == name for row in comparison.rows) for name in GROUPS}


def sentence(comparison: ModelComparison, start: str) -> str:
    (found,) = [text for text in comparison.sentences() if text.startswith(start)]
    return found


# ---------------------------------------------------------------- the models


@pytest.mark.parametrize(
    "method",
    [
        {},
        {"tau2_method": "EB", "ci_method": "Wald"},
        {"tau2_method": 0.1, "level": 0.9},
        {"ci_method": "Henmi-Copas"},
        {"ci_method": "profile-likelihood"},
        {"model": "common"},
        {"model": "common", "ci_method": "Wald"},
    ],
    ids=str,
)
def test_every_row_is_what_pooling_by_its_method_gives(method: dict) -> None:
    result = pool(EFFECTS, VARIANCES, **method)
    comparison = compare_models(result)
    first, *others = comparison.rows
    assert first.planned
    assert first.method == result.method
    assert not any(row.planned for row in others)
    for row in comparison.rows:
        assert row.method is not None
        again = pool(
            EFFECTS,
            VARIANCES,
            model=row.method.model,
            tau2_method=row.method.tau2_method,
            ci_method=row.method.ci_method,
            level=row.method.level,
        )
        assert (row.estimate, row.ci_low, row.ci_high) == (
            again.estimate,
            again.ci_low,
            again.ci_high,
        )
        assert row.tau == math.sqrt(again.tau2)
        assert row.method.level == result.method.level
    # No model stands there twice.
    assert len({row.method for row in comparison.rows}) == len(comparison.rows)
    assert len({row.name for row in comparison.rows}) == len(comparison.rows)


def test_every_estimator_and_every_interval_is_there_once() -> None:
    comparison = compared()
    names = " ".join(row.name for row in comparison.rows)
    for method in TAU2_METHODS:
        assert (f"({method})" in names) == (method != "REML")
    assert {row.method.ci_method for row in comparison.among("interval")} == set(CI_METHODS)
    # Empirical Bayes and Paule-Mandel are one number, and one row.
    assert groups(comparison) == {
        "planned": 1,
        "common": 1,
        "tau2": len(TAU2_METHODS) - 2,
        "interval": len(CI_METHODS) - 1,
        "bayes": len(default_priors(SMD)),
    }
    assert len(comparison.among("tau2")) == len(TAU2_METHODS) - 1


def test_an_interval_with_an_estimator_of_its_own_says_so() -> None:
    rows = {row.method.ci_method: row for row in compared().among("interval")}
    for method, own in OWN_TAU2.items():
        assert rows[method].name.endswith(f"(tau² by {own})")
    # Planned, it leaves nothing to compare the estimators with but the default.
    comparison = compared(ci_method="Henmi-Copas")
    assert {row.method.ci_method for row in comparison.among("tau2")} == {PoolingMethod().ci_method}
    assert comparison.planned in comparison.among("interval")
    assert len(comparison.among("interval")) == len(CI_METHODS)


def test_a_common_effect_is_compared_with_the_default_random_effects() -> None:
    comparison = compared(model="common", ci_method="Wald")
    assert groups(comparison)["common"] == 0
    assert {row.method.model for row in comparison.among("tau2")} == {"random"}
    assert comparison.planned not in comparison.among("interval")
    assert groups(compared(model="common"))["common"] == 1


def test_the_bayesian_rows_are_posterior_medians_with_their_intervals() -> None:
    comparison = compared(level=0.9)
    rows = [row for row in comparison.rows if row.group == "bayes"]
    for row, prior in zip(rows, default_priors(SMD), strict=True):
        found = pool_bayes(EFFECTS, VARIANCES, tau_prior=prior, level=0.9)
        assert (row.ci_low, row.ci_high) == found.mu.interval(0.9)
        assert row.estimate == found.mu.median
        assert row.tau == found.tau.median
        assert (row.prediction_low, row.prediction_high) == found.predictive.interval(0.9)
        assert row.method is None
        if prior in PRIOR_GRID:
            assert prior.name in row.inside
        else:
            assert "earlier Cochrane meta-analyses (Rhodes et al. 2015" in row.inside


@pytest.mark.parametrize("measure", [SMD, "risk ratio", "odds ratio", "log hazard ratio"])
def test_scales_with_a_default_prior_have_bayesian_models(measure: str) -> None:
    comparison = compared(measure)
    assert groups(comparison)["bayes"] == len(default_priors(measure))
    # The tables speak of standardised mean differences and of odds ratios.
    assert len(default_priors(measure)) == len(PRIOR_GRID) + (measure in {SMD, "odds ratio"})
    assert comparison.left_out == ()


@pytest.mark.parametrize("measure", ["mean difference", "risk difference", ""])
def test_other_scales_have_none_and_that_is_said(measure: str) -> None:
    comparison = compared(measure)
    assert groups(comparison)["bayes"] == 0
    (left_out,) = comparison.left_out
    assert left_out.startswith("Bayesian models are left out")
    assert (measure or "not named") in left_out
    assert left_out in comparison.summary()
    assert left_out in comparison.to_dict()["left_out"]


def test_priors_can_be_given_for_any_scale() -> None:
    result = pool(EFFECTS, VARIANCES)
    given = [HalfNormal(3.0), HalfCauchy(1.0)]
    comparison = compare_models(result, measure="mean difference", tau_priors=given)
    assert [row.inside for row in comparison.rows if row.group == "bayes"] == [
        f"the {prior.name} prior of tau" for prior in given
    ]
    assert groups(compare_models(result, tau_priors=[])) == {**groups(compared("")), "bayes": 0}
    assert groups(compare_models(result, tau_priors=HalfNormal(1.0)))["bayes"] == 1


# ---------------------------------------------------------------- refusals


def test_one_study_is_refused_with_what_to_look_at() -> None:
    with pytest.raises(InsufficientEvidenceError, match=r"one study \(Only 2020\).*trusted"):
        compare_models(pool([0.1], [0.2], labels=["Only 2020"]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.1, 0.2],), "result is list; give what pool"),
        ((pool(EFFECTS, VARIANCES), {"measure": 3}), "measure is 3; give its name"),
        ((pool(EFFECTS, VARIANCES), {"tau_priors": [0.5]}), "tau_priors holds 0.5"),
    ],
)
def test_what_is_no_result_measure_or_prior_is_named(arguments: tuple, words: str) -> None:
    result, *named = arguments
    with pytest.raises(InvalidArgumentError, match=words):
        compare_models(result, **(named[0] if named else {}))


# ---------------------------------------------------------------- the words


def test_the_sentences_say_what_the_rows_say() -> None:
    comparison = compared()
    rows = comparison.rows
    moves = sentence(comparison, "The estimate is")
    low, high = min(row.estimate for row in rows), max(row.estimate for row in rows)
    assert f"anywhere from −{-low:.2f} to −{-high:.2f}" in moves
    assert f"by the planned model −{-comparison.planned.estimate:.2f}" in moves
    widths = sentence(comparison, "The narrowest interval")
    narrow = min(rows, key=lambda row: row.width)
    wide = max(rows, key=lambda row: row.width)
    assert narrow.inside in widths.split(", the widest")[0]
    assert wide.inside in widths.split(", the widest")[1]
    assert f"{wide.width / narrow.width:.1f} times as wide" in widths
    assert comparison.sentences()[-1].startswith("The planned model stays the answer.")
    assert "pick the result" in comparison.sentences()[-1]


def test_no_effect_under_all_some_or_none() -> None:
    assert "excludes no effect under every one" in " ".join(
        compare_models(pool(EFFECTS - 3, VARIANCES)).sentences()
    )
    assert "includes no effect under every one" in " ".join(
        compare_models(pool([-0.3, 0.3, 0.0], [0.1, 0.1, 0.1])).sentences()
    )
    comparison = compare_models(pool([-0.9, -0.4, -0.8], [0.1, 0.1, 0.1]))
    text = sentence(comparison, "Whether the interval includes no effect hangs on the model")
    planned = "includes" if comparison.planned.includes_no_effect else "excludes"
    assert f"that of the planned model {planned} it" in text
    holding = [row for row in comparison.rows if row.includes_no_effect]
    others = [row for row in comparison.rows if not row.includes_no_effect]
    fewer = min(others, holding, key=len)
    assert f"{len(fewer)} of the {len(comparison.rows)}" in text
    assert (fewer[0].inside in text) == (len(fewer) <= 4)


def test_what_matters_more_follows_the_numbers() -> None:
    few = compare_models(pool([0.1, 1.2], [0.01, 0.3]), measure=SMD)
    assert few.widest_to_narrowest("interval") > few.widest_to_narrowest("tau2")
    assert "the way to build the interval matters more than the estimator of tau²" in few.summary()
    # With many studies of very unequal size it is the other way round.
    random = np.random.default_rng(5)
    variances = np.r_[np.full(60, 1.0), np.full(3, 0.0005)]
    effects = np.r_[random.normal(1.0, 1.0, 60), 0.0, 0.05, 0.3]
    many = compare_models(pool(effects, variances, ci_method="Wald"))
    if many.widest_to_narrowest("tau2") > many.widest_to_narrowest("interval"):
        assert "the estimator of tau² matters more than the way to build the" in many.summary()
    else:
        pytest.fail("these studies were made so that the estimator matters more")
    # Each number in the sentence is that of its own group.
    text = sentence(many, "With 63 studies")
    assert f"{factor(many.widest_to_narrowest('tau2'))} times as wide" in text
    assert f"{factor(many.widest_to_narrowest('interval'))} times over" in text
    assert f"over {len(many.among('tau2'))} estimators" in text


def test_alike_is_said_where_neither_matters_more() -> None:
    same = compare_models(pool([0.5, 0.5], [0.04, 0.04], tau2_method=0.0, ci_method="t"))
    ours = (same.widest_to_narrowest("interval"), same.widest_to_narrowest("tau2"))
    assert ("matter alike" in same.summary()) == (factor(ours[0]) == factor(ours[1]))


def test_identical_effects_leave_one_interval_without_width() -> None:
    comparison = compare_models(pool([0.5, 0.5, 0.5], [0.04, 0.04, 0.04]))
    assert comparison.widest_to_narrowest("interval") == math.inf
    text = comparison.summary()
    assert "The interval of the Hartung-Knapp-Sidik-Jonkman interval has no width at all" in text
    assert "over six ways to build it there are intervals with and without width" in text
    assert "∞" not in text
    assert "The estimate is 0.50 under every one of them" in text


def test_two_studies_predict_nothing_by_the_plan() -> None:
    (text,) = compare_models(pool([0.1, 0.4], [0.1, 0.1]), measure=SMD).prediction_sentences()
    assert text.startswith("Two studies cannot tell how far the true effect of a further setting")


def test_a_common_effect_predicts_itself() -> None:
    (text,) = compared(model="common").prediction_sentences()
    assert "the same in every setting" in text


def test_prediction_is_told_with_its_range_over_the_models() -> None:
    comparison = compared()
    meaning, planned, others = comparison.prediction_sentences()
    assert "where the average over settings lies" in meaning
    result = comparison.result
    low, high = result.prediction_interval
    assert f"−{-low:.2f} to {high:.2f} (95% prediction interval), which includes" in planned
    count = sum(row.has_prediction for row in comparison.rows)
    assert others.startswith(f"{count} models have such an interval")
    (narrow,) = compare_models(pool(EFFECTS - 9, VARIANCES)).prediction_sentences()[2:]
    assert "all exclude no effect" in narrow


def test_effects_can_be_told_as_benefits() -> None:
    comparison = compared()
    benefits = EffectWords.bare(sign=-1)
    text = " ".join(comparison.sentences(benefits))
    assert f"by the planned model {-comparison.planned.estimate:.2f} (95% CI" in text
    cells = comparison.table(benefits).frame
    assert cells.iloc[0, 2].startswith(f"{-comparison.planned.estimate:.2f} (")


def test_ratios_are_told_as_ratios() -> None:
    comparison = compared("risk ratio")
    assert f"{math.exp(comparison.planned.estimate):.2f}" in comparison.summary()
    assert "as a logarithm" in comparison.table().note
    wild = compare_models(pool([0.0, 30.0], [0.1, 0.1]), measure="odds ratio")
    assert "more than 1,000,000" in wild.summary()
    assert "less than 0.000001" in wild.summary()


def test_an_end_beside_no_effect_does_not_read_as_no_effect() -> None:
    words = EffectWords.bare()
    assert words.between(-1.3, -0.0012) == "−1.300 to −0.001"
    assert words.between(-1.3, 0.0) == "−1.30 to 0.00"
    assert words.between(math.nan, math.nan) == "–"
    assert EffectWords.ratios().between(math.log(0.9996), 0.0) == "0.9996 to 1.00"


def test_helpers() -> None:
    assert times([]) == times([2.0, 2.0]) == times([0.0, 0.0]) == 1.0
    assert times([2.0, 2.0 * (1 + 1e-12)]) == 1.0
    assert times([1.0, 3.0, 2.0]) == 3.0
    assert times([0.0, 1.0]) == math.inf
    assert (factor(2.25), factor(99.94), factor(1234.5)) == ("2.2", "99.9", "1234")
    assert is_ratio("risk ratio")
    assert is_ratio("log rate ratio")
    assert not is_ratio("risk difference")


# ---------------------------------------------------------------- faces


def test_the_table_has_a_row_for_each_model() -> None:
    comparison = compared()
    table = comparison.table(caption="Models")
    assert table.caption == "Models"
    assert list(table.frame["model"]) == [row.name for row in comparison.rows]
    heads = [text for text in table.frame["what is changed"] if text]
    assert heads == list(GROUPS.values())
    assert comparison.rows[0].name in comparison._repr_html_()
    frame = comparison.to_frame()
    assert list(frame["planned"]) == [row.planned for row in comparison.rows]
    assert set(frame.loc[frame["group"] == "bayes", "interval"]) == {"credible"}
    values = comparison.to_dict()
    assert values["k"] == EFFECTS.size
    assert len(values["models"]) == len(comparison.rows)


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e8])
def test_nothing_depends_on_the_unit_but_the_numbers(scale: float) -> None:
    # Without a prior, whose scale is a matter of the unit.
    ours = compared("")
    other = compare_models(pool(EFFECTS * scale, VARIANCES * scale**2))
    for row, scaled in zip(ours.rows, other.rows, strict=True):
        assert (row.name, row.includes_no_effect) == (scaled.name, scaled.includes_no_effect)
        assert scaled.estimate == pytest.approx(row.estimate * scale, rel=1e-7)
        assert scaled.width == pytest.approx(row.width * scale, rel=1e-6)
    for group in ("tau2", "interval"):
        assert other.widest_to_narrowest(group) == pytest.approx(
            ours.widest_to_narrowest(group), rel=1e-6
        )
    # Numbers are told with the digits that they need.
    assert "0.00 to 0.00" not in other.summary()


@given(syntheses())
def test_whatever_the_studies_the_words_hold(data: tuple) -> None:
    effects, variances = data
    comparison = compare_models(pool(effects, variances))
    rows = comparison.rows
    text = comparison.summary()
    assert "nan" not in text
    assert all(row.ci_low <= row.estimate <= row.ci_high for row in rows)
    excluding = sum(not row.includes_no_effect for row in rows)
    assert ("includes no effect under every one" in text) == (excluding == 0)
    assert ("excludes no effect under every one" in text) == (excluding == len(rows))
