"""E-values: the published examples, what they solve, symmetry, refusals."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.appraisal import E_VALUE_MEASURES, EValue, e_value
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

RATIOS = st.floats(0.05, 20)


def of(measure: str, estimate: float, low: float | None = None, high: float | None = None, **how):
    return e_value(measure=measure, estimate=estimate, ci_low=low, ci_high=high, **how)


# ---------------------------------------------------------------- published numbers


def test_breastfeeding_and_infant_death() -> None:
    """VanderWeele and Ding 2017: RR 3.9 (1.8 to 8.7) has 7.26, and its limit 3.0."""
    found = of("risk ratio", 3.9, 1.8, 8.7)
    assert found.for_estimate == pytest.approx(7.26, abs=0.005)
    assert found.for_limit == pytest.approx(3.0, abs=0.005)


def test_smoking_and_lung_cancer() -> None:
    """The vignette of R's EValue: 10.73 (8.02 to 14.36) has 20.94777 and 15.52336."""
    found = of("risk ratio", 10.73, 8.02, 14.36)
    assert found.for_estimate == pytest.approx(20.94777, abs=5e-6)
    assert found.for_limit == pytest.approx(15.52336, abs=5e-6)


def test_leukaemia_a_protective_ratio() -> None:
    """VanderWeele and Ding 2017: RR 0.80 (0.71 to 0.91), 1.81 and 1.43; as 1.25 has."""
    found = of("risk ratio", 0.80, 0.71, 0.91)
    assert (round(found.for_estimate, 2), round(found.for_limit, 2)) == (1.81, 1.43)
    assert of("risk ratio", 1.25).for_estimate == pytest.approx(found.for_estimate)


# ---------------------------------------------------------------- what it is


def bias(exposure: float, outcome: float) -> float:
    """Ding and VanderWeele's bound: the most that a confounder can multiply a risk ratio by."""
    return exposure * outcome / (exposure + outcome - 1)


@given(RATIOS, RATIOS)
def test_a_confounder_of_that_strength_explains_the_ratio(ratio: float, true: float) -> None:
    found = of("risk ratio", ratio, true=true)
    size = found.for_estimate
    assert bias(size, size) == pytest.approx(max(ratio / true, true / ratio))


@given(RATIOS, st.sampled_from(["risk ratio", "odds ratio", "hazard ratio"]))
def test_turning_the_exposure_round_changes_nothing(ratio: float, measure: str) -> None:
    how = {"outcome": "common"}
    found, other = of(measure, ratio, **how), of(measure, 1 / ratio, **how)
    assert found.for_estimate == pytest.approx(other.for_estimate)


@given(RATIOS)
def test_a_common_outcome_needs_less_confounding_than_a_rare_one(ratio: float) -> None:
    for measure in ("odds ratio", "hazard ratio"):
        rare = of(measure, ratio, outcome="rare").for_estimate
        common = of(measure, ratio, outcome="common").for_estimate
        assert common <= rare * (1 + 1e-9)


def test_ratios_of_common_outcomes_by_hand() -> None:
    odds = of("odds ratio", 4.0, outcome="common")
    assert odds.ratio == pytest.approx(2.0)
    assert odds.for_estimate == pytest.approx(2 + math.sqrt(2))
    hazard = of("hazard ratio", 4.0, outcome="common")
    # Risks of three quarters and of 1 - sqrt(1/2) where the hazards are 4 to 1.
    assert hazard.ratio == pytest.approx(0.75 / (1 - math.sqrt(0.5)))
    assert of("hazard ratio", 4.0, outcome="rare").ratio == 4.0
    assert of("rate ratio", 4.0).for_estimate == of("risk ratio", 4.0).for_estimate


def test_a_standardised_difference_by_hand() -> None:
    found = of("standardised mean difference", -0.5, -0.8, -0.2)
    ratio = math.exp(0.91 * 0.5)
    assert found.ratio == pytest.approx(1 / ratio)
    assert found.for_estimate == pytest.approx(ratio + math.sqrt(ratio * (ratio - 1)))
    nearest = math.exp(0.91 * 0.2)
    assert found.for_limit == pytest.approx(nearest + math.sqrt(nearest * (nearest - 1)))


def test_the_nearest_limit_and_an_interval_that_holds_the_true_effect() -> None:
    assert of("risk ratio", 2.0, 0.9, 4.0).for_limit == 1.0
    assert "no confounding at all" in of("risk ratio", 2.0, 0.9, 4.0).sentence()
    # A true 3 lies above the estimate: the upper limit is the nearest.
    found = of("risk ratio", 1.5, 1.2, 2.0, true=3.0)
    assert found.for_limit == pytest.approx(of("risk ratio", 2.0, true=3.0).for_estimate)
    assert "where 3.00 is true" in found.sentence()
    assert math.isnan(of("risk ratio", 2.0).for_limit)
    nothing = of("risk ratio", 1.0, 0.8, 1.2)
    assert (nothing.for_estimate, nothing.for_limit) == (1.0, 1.0)
    assert "nothing to explain" in nothing.sentence()


# ---------------------------------------------------------------- refusals


def test_a_randomised_comparison_has_none() -> None:
    with pytest.raises(InsufficientEvidenceError, match="chance decided"):
        of("risk ratio", 2.0, randomised=True)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"measure": "mean difference"}, "measure is 'mean difference'"),
        ({"measure": "risk difference"}, "known are risk ratio"),
        ({"measure": "odds ratio"}, "E-value of an odds ratio needs it"),
        ({"measure": "hazard ratio"}, "E-value of a hazard ratio needs it"),
        ({"measure": "odds ratio", "outcome": "usual"}, "outcome is 'usual'"),
        ({"estimate": 0}, "a risk ratio is above 0. Give the ratio, not its logarithm"),
        ({"estimate": -0.3}, "estimate is -0.3"),
        ({"estimate": math.nan}, "estimate is nan"),
        ({"estimate": math.inf}, "estimate is inf"),
        ({"estimate": "2"}, "estimate is '2'"),
        ({"true": 0}, "true is 0"),
        ({"ci_low": 1.2}, "Only one end"),
        ({"ci_low": 2.5, "ci_high": 3}, "lies outside its interval 2.5 to 3"),
        ({"ci_low": -1, "ci_high": 3}, "ci_low is -1"),
    ],
)
def test_refusals_name_what_was_found(how: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        e_value(**{"measure": "risk ratio", "estimate": 2.0, **how})


@pytest.mark.parametrize("measure", E_VALUE_MEASURES)
def test_faces(measure: str) -> None:
    found: EValue = of(measure, 1.5, 1.1, 2.0, outcome="common")
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert list(found.to_frame()["e_value"]) == [found.for_estimate, found.for_limit]
    assert f"{found.for_estimate:.2f}" in found.sentence()
    assert found.sentence() in found.summary()
    assert len(found.assumptions) in (3, 4)
    alone = of(measure, 1.5, outcome="common")
    assert alone.to_dict()["for_limit"] is None
    assert len(alone.to_frame()) == 1
