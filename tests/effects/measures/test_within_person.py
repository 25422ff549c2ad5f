"""The same people twice: changes, crossover differences, differences of changes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evidence.effects.measures.continuous import hedges_correction, mean_difference
from evidence.effects.measures.crossover import (
    paired_difference,
    paired_difference_from_p,
    paired_difference_from_t,
)
from evidence.effects.measures.unknown_correlation import over_correlations
from evidence.effects.measures.within_person import (
    correlation_from_sds,
    difference_of_changes,
    mean_change,
    sd_of_difference,
    standardised_mean_change,
    standardised_mean_change_from_t,
)
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

PAIRS = {
    "mean_before": 10.0,
    "sd_before": 3.0,
    "mean_after": 12.0,
    "sd_after": 4.0,
    "n": 20,
    "correlation": 0.6,
}
# SD of the change: 9 + 16 - 2·0.6·3·4 = 10.6
SD_CHANGE = math.sqrt(10.6)
rng = np.random.default_rng(7)
FIRST = rng.normal(10, 3, 25)
SECOND = FIRST * 0.6 + rng.normal(6, 2, 25)


def described(first, second):
    return {
        "mean_before": first.mean(),
        "sd_before": first.std(ddof=1),
        "mean_after": second.mean(),
        "sd_after": second.std(ddof=1),
        "n": len(first),
        "correlation": np.corrcoef(first, second)[0, 1],
    }


def test_mean_change_by_hand():
    result = mean_change(**PAIRS)
    assert result.estimate[0] == 2
    assert result.variance[0] == pytest.approx(10.6 / 20, rel=1e-14)


def test_summaries_give_what_the_people_themselves_give():
    """From 25 people's values: the paired t test of scipy."""
    result = mean_change(**described(FIRST, SECOND))
    t = stats.ttest_rel(SECOND, FIRST)
    assert result.estimate[0] / result.standard_error[0] == pytest.approx(t.statistic, rel=1e-10)
    standardised = standardised_mean_change(**described(FIRST, SECOND), standardiser="change")
    from_t = standardised_mean_change_from_t(t=t.statistic, n=25)
    assert from_t.estimate[0] == pytest.approx(standardised.estimate[0], rel=1e-10)
    assert from_t.variance[0] == pytest.approx(standardised.variance[0], rel=1e-10)
    assert from_t.measure == standardised.measure
    r = correlation_from_sds(
        sd_first=FIRST.std(ddof=1),
        sd_second=SECOND.std(ddof=1),
        sd_difference=(SECOND - FIRST).std(ddof=1),
    )
    assert r[0] == pytest.approx(np.corrcoef(FIRST, SECOND)[0, 1], rel=1e-12)


def test_crossover_from_t_and_p_is_that_from_the_people():
    people = described(FIRST, SECOND)
    whole = paired_difference(
        mean_treatment=people["mean_after"],
        sd_treatment=people["sd_after"],
        mean_control=people["mean_before"],
        sd_control=people["sd_before"],
        n=people["n"],
        correlation=people["correlation"],
    )
    assert whole.estimate[0] == pytest.approx((SECOND - FIRST).mean(), rel=1e-12)
    t = stats.ttest_rel(SECOND, FIRST)
    difference = whole.estimate[0]
    for result in (
        paired_difference_from_t(mean_difference=difference, t=t.statistic),
        paired_difference_from_t(mean_difference=difference, t=-t.statistic),
        paired_difference_from_p(mean_difference=difference, p_value=t.pvalue, n=25),
    ):
        assert result.estimate[0] == difference
        assert result.variance[0] == pytest.approx(whole.variance[0], rel=1e-9)
        assert result.measure == whole.measure == "paired mean difference"


def test_standardised_by_the_sd_before_by_hand():
    result = standardised_mean_change(**PAIRS)
    g = hedges_correction(19)[0] * 2 / 3
    assert result.estimate[0] == pytest.approx(g, rel=1e-14)
    assert result.variance[0] == pytest.approx(0.8 / 20 + g**2 / 40, rel=1e-14)


def test_standardised_by_the_sd_of_the_change_by_hand():
    result = standardised_mean_change(**PAIRS, standardiser="change", level=0.9)
    g = hedges_correction(19)[0] * 2 / SD_CHANGE
    assert result.estimate[0] == pytest.approx(g, rel=1e-14)
    assert result.variance[0] == pytest.approx(1 / 20 + g**2 / 40, rel=1e-14)
    assert result.level == 0.9
    assert result.measure != standardised_mean_change(**PAIRS).measure


scale = st.floats(0.01, 100)
correlations = st.floats(-0.99, 0.99)
pairs = st.fixed_dictionaries(
    {
        "mean_before": st.floats(-100, 100),
        "sd_before": scale,
        "mean_after": st.floats(-100, 100),
        "sd_after": scale,
        "n": st.integers(3, 500),
        "correlation": correlations,
    }
)
CHANGES = [
    mean_change,
    standardised_mean_change,
    lambda **values: standardised_mean_change(**values, standardiser="change"),
]


@pytest.mark.parametrize("function", CHANGES)
@given(values=pairs)
def test_turning_the_scale_round_turns_the_sign(function, values):
    turned = {n: -v if n.startswith("mean") else v for n, v in values.items()}
    one, other = function(**values), function(**turned)
    assert other.estimate[0] == -one.estimate[0]
    assert other.variance[0] == one.variance[0]


@pytest.mark.parametrize("function", CHANGES)
@given(values=pairs, unit=st.floats(1e-6, 1e6))
def test_units(function, values, unit):
    """A raw change has the outcome's unit, a standardised one has none."""
    in_unit = {n: v * unit if n[:2] in {"me", "sd"} else v for n, v in values.items()}
    one, other = function(**values), function(**in_unit)
    factor = unit if function is mean_change else 1.0
    size = max(abs(values["mean_before"]), abs(values["mean_after"]), values["sd_before"])
    # A sum of two large means loses digits of a small difference.
    loss = 1e-10 * (
        size * factor if function is mean_change else size / min(values["sd_before"], 0.01)
    )
    assert other.estimate[0] == pytest.approx(one.estimate[0] * factor, rel=1e-9, abs=loss)
    assert other.standard_error[0] == pytest.approx(
        one.standard_error[0] * factor, rel=1e-8, abs=loss
    )


@given(values=pairs, step=st.floats(0.001, 0.5))
def test_a_higher_correlation_narrows_the_interval(values, step):
    higher = {**values, "correlation": min(values["correlation"] + step, 0.999)}
    assert mean_change(**higher).variance[0] < mean_change(**values).variance[0]


@given(first=scale, second=scale, r=correlations)
def test_correlation_and_sd_of_the_change_are_inverse(first, second, r):
    change = sd_of_difference(sd_first=first, sd_second=second, correlation=r)
    found = correlation_from_sds(sd_first=first, sd_second=second, sd_difference=change)
    # r is a small difference of squares when one SD is far larger than the other
    spread = max(first, second) / min(first, second)
    assert found[0] == pytest.approx(r, abs=1e-14 * spread + 1e-14)


def test_sd_of_the_change_keeps_its_digits_near_a_correlation_of_1():
    # 2 (1 - r) s² with 1 - r = 2^-40 exactly
    sd = sd_of_difference(sd_first=3.3, sd_second=3.3, correlation=1 - 2.0**-40)
    assert sd[0] == pytest.approx(3.3 * math.sqrt(2) * 2.0**-20, rel=1e-14)


def test_difference_of_changes_by_hand():
    treatment = mean_change(**PAIRS)
    control = mean_change(**{**PAIRS, "mean_after": 10.5, "n": 30})
    result = difference_of_changes(treatment, control)
    assert result.estimate[0] == 1.5
    assert result.variance[0] == pytest.approx(10.6 / 20 + 10.6 / 30, rel=1e-14)
    assert result.measure == "difference of changes (mean change)"


def test_difference_of_changes_is_the_mean_difference_of_change_scores():
    treatment, control = mean_change(**PAIRS), mean_change(**{**PAIRS, "n": 30})
    direct = mean_difference(
        mean_treatment=2.0,
        sd_treatment=SD_CHANGE,
        n_treatment=20,
        mean_control=2.0,
        sd_control=SD_CHANGE,
        n_control=30,
    )
    assert difference_of_changes(treatment, control).variance[0] == pytest.approx(
        direct.variance[0], rel=1e-14
    )


def test_difference_of_changes_keeps_cautions_once():
    note = Caution("x", "A note.")
    change = EffectSizes("mean change", "f", np.ones(1), np.ones(1), cautions=(note,))
    assert difference_of_changes(change, change).cautions == (note,)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (standardised_mean_change(**PAIRS), "differ in their measure"),
        (mean_change(**PAIRS, level=0.9), "differ in their level"),
        (mean_change(**{**PAIRS, "n": [20, 30]}), "treatment has 1 studies and control 2"),
    ],
)
def test_changes_that_do_not_match_are_refused(other, message):
    with pytest.raises(InvalidArgumentError, match=message):
        difference_of_changes(mean_change(**PAIRS), other)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"correlation": 1.2}, "correlation must lie between -1 and 1; study 1"),
        ({"correlation": [0.5, -1.2]}, "correlation must be at least -1; found study 2"),
        ({"n": 1}, "n must be at least 2"),
        ({"sd_before": -3}, "sd_before must be at least 0"),
        ({"mean_after": None}, "mean_after must be a finite number"),
        ({"sd_after": 3.0, "correlation": 1}, "SD of the change of study 1 is 0"),
    ],
)
def test_bad_input_is_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        mean_change(**{**PAIRS, **changed})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n": 2}, "n must be at least 3"),
        ({"sd_before": 0}, "sd_before of study 1 is 0"),
        ({"standardiser": "after"}, "known are before, change"),
        ({"correlation": 1, "mean_after": 10.0}, "correlation of study 1 is 1 and its change 0"),
    ],
)
def test_bad_standardised_input_is_named(changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        standardised_mean_change(**{**PAIRS, **changed})


def test_impossible_sds_are_refused_with_what_is_possible():
    with pytest.raises(InvalidArgumentError, match=r"must lie between 1 and 7\. Is one"):
        correlation_from_sds(sd_first=3, sd_second=4, sd_difference=0.9)
    assert correlation_from_sds(sd_first=3, sd_second=4, sd_difference=1.0)[0] == 1
    assert correlation_from_sds(sd_first=3, sd_second=4, sd_difference=7.0)[0] == -1


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (paired_difference_from_t, {"mean_difference": 0, "t": 1}, "mean_difference of study 1"),
        (paired_difference_from_t, {"mean_difference": [1, 1], "t": [2, 0]}, "t of study 2 is 0"),
        (
            paired_difference_from_p,
            {"mean_difference": 1, "p_value": 0, "n": 9},
            "p_value must be above 0",
        ),
        (
            paired_difference_from_p,
            {"mean_difference": 1, "p_value": 1, "n": 9},
            "p_value of study 1 is not below 1",
        ),
        (
            paired_difference_from_p,
            {"mean_difference": 1, "p_value": 0.1, "n": 1},
            "n must be at least 2",
        ),
        (
            paired_difference,
            {
                "mean_treatment": 1,
                "sd_treatment": -1,
                "mean_control": 1,
                "sd_control": 1,
                "n": 9,
                "correlation": 0.5,
            },
            "sd_treatment must be at least 0",
        ),
    ],
)
def test_bad_crossover_input_is_named(function, arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        function(**arguments)


def test_unknown_correlation_is_shown_with_what_it_decides():
    values = {**PAIRS, "mean_after": 11.5}
    values.pop("correlation")
    result = over_correlations(lambda r: mean_change(**values, correlation=r), [0.9, 0.0, 0.5])
    assert result.correlations == (0.0, 0.5, 0.9)
    frame = result.to_frame()
    assert frame["study"].tolist() == [1, 1, 1]
    variances = [(25 - 24 * r) / 20 for r in (0.0, 0.5, 0.9)]
    assert frame["variance"].tolist() == pytest.approx(variances, rel=1e-13)
    # ±1.96·√(25/20) = 2.19 and ±1.96·√(3.4/20) = 0.81 round 1.5; 1.58 with r = 0.5
    assert result.summary() == (
        "mean change for three correlations from 0.00 to 0.90\n"
        "1: widest \N{MINUS SIGN}0.69 to 3.69, narrowest 0.69 to 2.31; whether 0 is inside "
        "depends on it (outside for 0.90)"
    )
    assert "<p>" in result._repr_html_()
    assert len(result.to_dict()["effects"]) == 3


@pytest.mark.parametrize(("after", "words"), [(30.0, "outside for all"), (10.1, "inside for all")])
def test_a_correlation_that_decides_nothing_is_said_to(after, words):
    values = {**PAIRS, "mean_after": after}
    values.pop("correlation")
    assert words in over_correlations(lambda r: mean_change(**values, correlation=r)).summary()


def test_correlations_beyond_1_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"found 1\.5"):
        over_correlations(lambda r: mean_change(**PAIRS), [0.5, 1.5])
