"""What the printed digits allow, for every measure: against fine grids of the whole box."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import evidence.effects as public
from evidence.data.reported import ReportedNumber
from evidence.effects.derivation.rounding import QUANTITIES, effect_envelope
from evidence.effects.measures.continuous import mean_difference, standardised_mean_difference
from evidence.effects.measures.within_person import difference_of_changes, mean_change
from evidence.effects.sizes import EffectSizes
from evidence.errors import InvalidArgumentError

#: What is printed for each argument a measure can have: an ordinary trial.
ORDINARY = {
    "mean": "5.2",
    "mean_treatment": "5.8",
    "mean_control": "5.2",
    "mean_before": "5.2",
    "mean_after": "5.9",
    "mean_difference": "1.3",
    "sd": "2.1",
    "sd_treatment": "2.1",
    "sd_control": "1.8",
    "sd_before": "2.1",
    "sd_after": "1.8",
    "n": 20,
    "n_treatment": 20,
    "n_control": 24,
    "events": 7,
    "events_treatment": 7,
    "events_control": 11,
    "total": 20,
    "total_treatment": 20,
    "total_control": 24,
    "time_treatment": "101.5",
    "time_control": "95.2",
    "person_time": "101.5",
    "correlation": "0.6",
    "t": "2.1",
    "p_value": "0.03",
    "smd": "0.42",
    "log_odds_ratio": "0.42",
    "variance": "0.04",
    "hazard_ratio": "0.71",
    "ci_low": "0.52",
    "ci_high": "0.97",
    "observed_minus_expected": "-4.1",
    "log_rank_variance": "9.3",
    "direction": -1,
}
#: Few digits, and an effect that can have either sign.
COARSE = ORDINARY | {
    "mean_treatment": "5.1",
    "mean_control": "5.1",
    "mean_before": "5.1",
    "mean_after": "5.1",
    "mean_difference": "1",
    "sd": "2",
    "sd_treatment": "2",
    "sd_control": "2",
    "sd_before": "2",
    "sd_after": "2",
    "time_treatment": "1e2",
    "time_control": "2e2",
    "correlation": "0.0",
    "smd": "0.0",
    "log_odds_ratio": "0.0",
    "t": "2",
    "variance": "0.1",
    "hazard_ratio": "1.0",
    "ci_low": "0.9",
    "ci_high": "1.1",
    "observed_minus_expected": "0",
    "log_rank_variance": "9",
}


def required(function: Callable[..., EffectSizes]) -> list[str]:
    """The arguments a measure cannot do without."""
    parameters = inspect.signature(function).parameters.values()
    return [
        each.name
        for each in parameters
        if each.default is each.empty and each.kind is not each.VAR_KEYWORD
    ]


def measures() -> dict[str, Callable[..., EffectSizes]]:
    """Every public function from arrays to `EffectSizes` whose arguments are known here."""
    found = {}
    for name in public.__all__:
        function = getattr(public, name)
        if not inspect.isfunction(function):
            continue
        returns = inspect.signature(function).return_annotation
        if returns == "EffectSizes" and set(required(function)) <= set(ORDINARY):
            found[name] = function
    return found


MEASURES = measures()
PRINTED = {"ordinary": ORDINARY, "coarse": COARSE}


def arguments_of(function: Callable[..., EffectSizes], printed: dict[str, Any]) -> dict[str, Any]:
    found = {name: printed[name] for name in required(function)}
    if set(found) == {"hazard_ratio", "p_value"} and printed is COARSE:
        # A ratio of 1 and its p value leave the standard error unknown.
        found["hazard_ratio"] = "0.9"
    return found


def test_no_measure_of_today_is_left_out() -> None:
    assert {
        "arcsine_difference",
        "fisher_z",
        "incidence_rate",
        "log_coefficient_of_variation_ratio",
        "log_hazard_ratio",
        "log_hazard_ratio_from_log_rank",
        "log_hazard_ratio_from_p",
        "log_odds_ratio",
        "log_odds_ratio_from_smd",
        "log_rate_ratio",
        "log_ratio_of_means",
        "log_risk_ratio",
        "log_variability_ratio",
        "mean_change",
        "mean_difference",
        "paired_difference",
        "paired_difference_from_p",
        "paired_difference_from_t",
        "peto_log_odds_ratio",
        "probability_of_superiority",
        "proportion",
        "rate_difference",
        "raw_correlation",
        "risk_difference",
        "single_mean",
        "smd_from_log_odds_ratio",
        "standardised_mean_change",
        "standardised_mean_change_from_t",
        "standardised_mean_difference",
    } <= set(MEASURES)


def grid_of(function: Callable[..., EffectSizes], arguments: dict[str, Any]) -> EffectSizes:
    """Return the measure on a grid over the whole box, its corners among it."""
    rounded = {
        key: ReportedNumber(text) for key, text in arguments.items() if isinstance(text, str)
    }
    steps = {1: 20001, 2: 201, 3: 41, 4: 17, 5: 11}[len(rounded)]
    axes = [np.linspace(number.low, number.high, steps) for number in rounded.values()]
    mesh = np.meshgrid(*axes, indexing="ij")
    points = {name: values.ravel() for name, values in zip(rounded, mesh, strict=True)}
    exact = {key: value for key, value in arguments.items() if key not in rounded}
    return function(**points, **exact)


ROUNDED = {
    name: function
    for name, function in MEASURES.items()
    if any(isinstance(value, str) for value in arguments_of(function, ORDINARY).values())
}
#: Measures of counts, which nobody rounds.
COUNTS = sorted(set(MEASURES) - set(ROUNDED))


@pytest.mark.parametrize("printed", PRINTED)
@pytest.mark.parametrize("name", sorted(ROUNDED))
def test_the_envelope_is_that_of_a_fine_grid(name: str, printed: str) -> None:
    arguments = arguments_of(ROUNDED[name], PRINTED[printed])
    found = effect_envelope(ROUNDED[name], **arguments)
    grid = grid_of(ROUNDED[name], arguments)
    assert found.cautions == found.effects.cautions
    for quantity in QUANTITIES:
        values = getattr(grid, quantity)
        low, high = float(found.low[quantity][0]), float(found.high[quantity][0])
        width = high - low
        slack = 1e-12 * max(abs(low), abs(high), 1e-300)
        # Nothing on the grid lies outside, and the grid comes near to both ends.
        assert low <= values.min() + slack
        assert high >= values.max() - slack
        assert values.min() - low <= 0.02 * width + slack
        assert high - values.max() <= 0.02 * width + slack
        printed_value = float(getattr(found.effects, quantity)[0])
        assert low - slack <= printed_value <= high + slack


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_exact(name: str) -> None:
    arguments = arguments_of(MEASURES[name], ORDINARY)
    text = {key: str(value) for key, value in arguments.items()}
    with pytest.raises(InvalidArgumentError, match="No number shows its digits"):
        effect_envelope(MEASURES[name], **text)


def test_by_hand() -> None:
    found = effect_envelope(
        mean_difference,
        mean_treatment="5.10",
        sd_treatment="2.0",
        n_treatment=16,
        mean_control="4.0",
        sd_control=1.5,
        n_control="25",
    )
    assert found.rounded == ("mean_treatment", "sd_treatment", "mean_control")
    # 5.095 to 5.105 less 3.95 to 4.05
    assert_allclose((found.low["estimate"], found.high["estimate"]), [[1.045], [1.155]])
    z = 1.959963984540054
    errors = [math.sqrt(sd**2 / 16 + 1.5**2 / 25) for sd in (1.95, 2.05)]
    assert_allclose(found.low["ci_low"], 1.045 - z * errors[1])
    assert_allclose(found.high["ci_low"], 1.155 - z * errors[0])
    assert_allclose(found.low["ci_high"], 1.045 + z * errors[0])
    assert_allclose(found.high["ci_high"], 1.155 + z * errors[1])
    assert "1.100 can be 1.045 to 1.155" in found.summary()
    frame = found.to_frame()
    assert list(frame["quantity"]) == list(QUANTITIES)
    assert found.to_dict()["rounded"] == ["mean_treatment", "sd_treatment", "mean_control"]


def test_an_effect_that_can_be_0_can_have_a_p_of_1() -> None:
    arguments = arguments_of(standardised_mean_difference, COARSE)
    found = effect_envelope(standardised_mean_difference, **arguments)
    assert found.low["estimate"][0] < 0 < found.high["estimate"][0]
    assert found.high["p_value"][0] == 1.0
    # no corner of the box shows it
    corners = [
        standardised_mean_difference(
            mean_treatment=a,
            sd_treatment=2.0,
            n_treatment=20,
            mean_control=b,
            sd_control=2.0,
            n_control=24,
        ).p_value[0]
        for a, b in product((5.04, 5.15), (5.05, 5.16))
    ]
    assert max(corners) < 0.99


def bent(x: np.ndarray, y: np.ndarray, variance: float = 1.0) -> EffectSizes:
    """A measure whose smallest estimate lies inside the box, on a slant."""
    estimate = (x - 1.013) ** 2 + (y - 2.021) ** 2 + 1.5 * (x - 1.013) * (y - 2.021) + 3
    return EffectSizes("bent", "made up", estimate, variance + 0 * estimate)


def test_an_extreme_inside_the_box_is_found() -> None:
    found = effect_envelope(bent, x="1.0", y="2.0")
    assert_allclose(found.low["estimate"], 3, rtol=1e-12)
    corners = [
        float(bent(np.array([x]), np.array([y])).estimate[0])
        for x in (0.95, 1.05)
        for y in (1.95, 2.05)
    ]
    assert_allclose(found.high["estimate"], max(corners))


texts = st.tuples(st.integers(-40, 40), st.integers(0, 2)).map(
    lambda v: f"{v[0] / 10 ** v[1]:.{v[1]}f}"
)
sds = st.tuples(st.integers(2, 60), st.integers(0, 1)).map(
    lambda v: f"{v[0] / 10 ** v[1]:.{v[1]}f}"
)


@settings(max_examples=40, deadline=None)
@given(texts, sds, texts, sds, st.integers(2, 60), st.integers(2, 60), st.data())
def test_no_unrounded_trial_falls_outside(
    m1: str, s1: str, m2: str, s2: str, n1: int, n2: int, data: st.DataObject
) -> None:
    printed = {"mean_treatment": m1, "sd_treatment": s1, "mean_control": m2, "sd_control": s2}
    people = {"n_treatment": n1, "n_control": n2}
    found = effect_envelope(standardised_mean_difference, **printed, **people)
    numbers = {name: ReportedNumber(text) for name, text in printed.items()}
    true = {
        name: data.draw(
            st.floats(max(number.low, 1e-3) if "sd" in name else number.low, number.high)
        )
        for name, number in numbers.items()
    }
    effects = standardised_mean_difference(**true, **people)
    for quantity in QUANTITIES:
        value = getattr(effects, quantity)[0]
        slack = 1e-9 * (1 + abs(value))
        assert found.low[quantity][0] - slack <= value <= found.high[quantity][0] + slack


def test_several_studies_are_each_their_own() -> None:
    several = {
        "mean_treatment": ["5.1", "40", 2.0],
        "sd_treatment": ["2.0", "11", "0.50"],
        "n_treatment": [20, 31, 40],
        "mean_control": ["4.4", "35.5", "1.8"],
        "sd_control": ["2.2", "12.0", 0.6],
        "n_control": np.array([21, 30, 38]),
    }
    found = effect_envelope(mean_difference, **several)
    for study in range(3):
        alone = effect_envelope(mean_difference, **{k: v[study] for k, v in several.items()})
        for quantity in QUANTITIES:
            assert_allclose(found.low[quantity][study], alone.low[quantity][0], rtol=1e-9)
            assert_allclose(found.high[quantity][study], alone.high[quantity][0], rtol=1e-9)


def test_options_are_handed_on_and_a_lambda_will_do() -> None:
    wide = effect_envelope(
        mean_difference,
        **arguments_of(mean_difference, ORDINARY),
        level=0.99,
        variance_formula="pooled",
    )
    assert wide.effects.level == 0.99
    assert wide.effects.formula == "pooled"

    def both(**values: Any) -> EffectSizes:
        arms = [
            mean_change(
                mean_before=values[f"before_{arm}"],
                sd_before=2.0,
                mean_after=values[f"after_{arm}"],
                sd_after=2.0,
                n=20,
                correlation=values["correlation"],
            )
            for arm in "tc"
        ]
        return difference_of_changes(*arms)

    found = effect_envelope(
        both, before_t="5.0", after_t="6.0", before_c="5.0", after_c="5.5", correlation="0.5"
    )
    assert_allclose((found.low["estimate"], found.high["estimate"]), [[0.3], [0.7]])


def test_what_cannot_be_is_left_out() -> None:
    # A correlation of 1.0 cannot have been above 1; with it, equal SDs are refused, and the box
    # has a corner of them.
    arguments = arguments_of(mean_change, ORDINARY) | {"correlation": "1.0", "sd_before": "1.9"}
    found = effect_envelope(mean_change, **arguments)
    assert np.isfinite(found.high["ci_high"]).all()
    assert [caution.code for caution in found.cautions] == ["rounding-impossible"]
    assert "study 1" in found.summary()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mean_treatment": ["5.1", "x"]}, "mean_treatment of study 2 is 'x'"),
        (
            {"mean_treatment": ["5.1", "5.2"], "n_control": [1, 2, 3]},
            "mean_treatment 2, n_control 3",
        ),
        ({"sd_treatment": "-2.0"}, "sd_treatment must be at least 0"),
        ({"mean_treatment": "abc"}, "mean_treatment holds something that is not a number"),
    ],
)
def test_refusals(changed: dict[str, Any], words: str) -> None:
    arguments = arguments_of(mean_difference, ORDINARY) | changed
    with pytest.raises(InvalidArgumentError, match=words):
        effect_envelope(mean_difference, **arguments)


def test_too_many_rounded_numbers() -> None:
    with pytest.raises(InvalidArgumentError, match="13 numbers are rounded; at most 12"):
        effect_envelope(lambda **_: None, **{f"x{i}": "1.0" for i in range(13)})
