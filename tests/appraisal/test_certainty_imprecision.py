"""Imprecision: published examples, every branch, and that a wider interval never helps."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail
from tests.appraisal.bodies import ANALYSIS, body

from evidence.appraisal import Domain, people_for_risks, rate_certainty, size_for_power
from evidence.appraisal.certainty.imprecision import APPROACHES, rate_imprecision
from evidence.appraisal.certainty.information_size import (
    FALLBACK_PEOPLE,
    InformationSize,
    control_risk,
    information_size,
)
from evidence.data import load_review
from evidence.effects.importance import APPRECIABLE_LOG_RATIO
from evidence.errors import InvalidArgumentError
from evidence.synthesis.body import Synthesis, synthesise

WANTED = InformationSize(786, "to show a difference of 1 with a standard deviation of 5")


def interval(
    low: float,
    high: float,
    *,
    people: int = 1000,
    estimate: float | None = None,
    measure: str = "mean difference",
) -> Synthesis:
    synthesis = body({"alpha2020": 1.0}, people=people)
    scenario = synthesis.scenarios[0]
    middle = (low + high) / 2 if estimate is None else estimate
    result = replace(scenario.result, estimate=middle, ci_low=low, ci_high=high)
    analysis = replace(ANALYSIS, measure=measure)
    return replace(synthesis, analysis=analysis, scenarios=(replace(scenario, result=result),))


def rated(
    synthesis: Synthesis,
    *thresholds: float,
    size: InformationSize = WANTED,
    approach: str = APPROACHES[0],
) -> Domain:
    return rate_imprecision(synthesis, synthesis.scenarios[0], thresholds, size, approach)


# ---------------------------------------------------------------- published examples


@pytest.mark.parametrize(("threshold", "levels"), [(0.5, 0), (1.0, 1)])
def test_the_stroke_example_of_grade_guidelines_6(threshold: float, levels: int) -> None:
    """Strokes reduced by 1.3 in 100 (95% CI 0.6 to 2.0), Guyatt et al. 2011, figure 1.

    With a drug that is harmless 0.5 in 100 would be enough, and precision is; of a toxic one
    at least 1 in 100 is asked, and the interval crosses that.
    """
    enough = InformationSize(100, "made up")
    synthesis = interval(-2.0, -0.6, estimate=-1.3, measure="risk difference")
    assert rated(synthesis, threshold, size=enough).levels == levels


@pytest.mark.parametrize(
    ("low", "high", "levels"),
    [
        # Wholly between 0.75 and 1.25: neither appreciable benefit nor harm is left open.
        (0.85, 1.10, 0),
        (0.70, 1.10, 1),
        (0.85, 1.30, 1),
        (0.70, 1.30, 2),
    ],
)
def test_the_rough_guide_of_grade_guidelines_6_for_ratios(
    low: float, high: float, levels: int
) -> None:
    """Guyatt et al. 2011, abstract: appreciable is a relative risk under 0.75 or over 1.25."""
    synthesis = interval(math.log(low), math.log(high), measure="risk ratio")
    assert rated(synthesis, APPRECIABLE_LOG_RATIO).levels == levels


def test_a_large_effect_on_few_people_is_imprecise_as_guidance_34_has_it() -> None:
    """Zeng et al. 2022: no threshold crossed, a large effect, a size far below the optimal."""
    large = interval(math.log(0.2), math.log(0.6), people=60, measure="risk ratio")
    size = InformationSize(2000, "made up")
    assert rated(large, APPRECIABLE_LOG_RATIO, size=size).levels == 2
    nearly = interval(math.log(0.2), math.log(0.6), people=1500, measure="risk ratio")
    assert rated(nearly, APPRECIABLE_LOG_RATIO, size=size).levels == 1
    enough = interval(math.log(0.2), math.log(0.6), people=2000, measure="risk ratio")
    assert rated(enough, APPRECIABLE_LOG_RATIO, size=size).levels == 0
    # A reduction of less than 30% is no large effect (Core GRADE): its size is not asked for.
    small = interval(math.log(0.76), math.log(0.79), people=60, measure="risk ratio")
    assert rated(small, 0.2, size=size).levels == 0


# ---------------------------------------------------------------- every branch

BOTH = "The interval includes both a benefit and a harm that would matter."
NONE_AND_MATTERS = "The interval includes no effect as well as one that would matter."
STRADDLES = "The interval includes effects that would matter and effects that would not."
MATTERS = "Every effect in the interval would matter, with {} people."
TOO_SMALL = "Every effect in the interval would be too small to matter, with {} people."
FEW = "{} people took part, fewer than the 786 wanted (" + WANTED.basis + ")."
FAR = "{} people took part, far fewer than the 786 wanted (" + WANTED.basis + ")."


@pytest.mark.parametrize(
    ("low", "high", "threshold", "people", "levels", "reason"),
    [
        (-1.1, 1.1, 1.0, 1000, 2, BOTH),
        (-1.0, 1.0, 1.0, 1000, 2, BOTH),
        (-0.9, 1.1, 1.0, 1000, 1, NONE_AND_MATTERS),
        (-1.1, 0.9, 1.0, 1000, 1, NONE_AND_MATTERS),
        (0.1, 1.1, 1.0, 1000, 1, STRADDLES),
        (-3.0, -0.9, 1.0, 1000, 1, STRADDLES),
        # An effect of exactly the threshold would matter.
        (-1.0, 0.5, 1.0, 1000, 1, NONE_AND_MATTERS),
        (-0.5, 1.0, 1.0, 1000, 1, NONE_AND_MATTERS),
        (-3.0, -1.0, 1.0, 1000, 0, MATTERS.format(1000)),
        # Wholly on one side of the threshold: nothing is left open, a null result included.
        (-0.9, 0.9, 1.0, 1000, 0, TOO_SMALL.format(1000)),
        (0.1, 0.9, 1.0, 1000, 0, TOO_SMALL.format(1000)),
        (1.0, 3.0, 1.0, 1000, 0, MATTERS.format(1000)),
        (-3.0, -1.1, 1.0, 786, 0, MATTERS.format(786)),
        # Of an effect too small to matter no size is asked: few people cannot have inflated it.
        (-0.9, 0.9, 1.0, 20, 0, TOO_SMALL.format(20)),
        (1.1, 3.0, 1.0, 784, 1, FEW.format(784)),
        (1.1, 3.0, 1.0, 394, 1, FEW.format(394)),
        (1.1, 3.0, 1.0, 392, 2, FAR.format(392)),
        # The larger of the two concerns counts, and both are told.
        (-3.0, -0.9, 1.0, 20, 2, f"{STRADDLES} {FAR.format(20)}"),
    ],
)  # fmt: skip
def test_one_threshold(
    low: float, high: float, threshold: float, people: int, levels: int, reason: str
) -> None:
    found = rated(interval(low, high, people=people), threshold)
    assert (found.levels, found.reason) == (levels, reason)


RULE_OF_THUMB = InformationSize(FALLBACK_PEOPLE, "a rule of thumb", worked_out=False)


@pytest.mark.parametrize(
    ("low", "high", "people", "levels", "reason"),
    [
        (-0.1, 5.0, 1000, 1, "The interval includes no effect."),
        (0.0, 5.0, 1000, 1, "The interval includes no effect."),
        (-5.0, 0.0, 1000, 1, "The interval includes no effect."),
        (-5.0, 0.5, 4, 1, "The interval includes no effect."),
        (0.1, 5.0, 400, 0, "The interval excludes no effect, with 400 people."),
        (
            -5.0, -0.1, 398, 1,
            "398 people took part, fewer than the 400 wanted (a rule of thumb).",
        ),
        # A rule of thumb never carries two levels.
        (-5.0, -0.1, 4, 1, "Four people took part, fewer than the 400 wanted (a rule of thumb)."),
    ],
)  # fmt: skip
def test_no_threshold(low: float, high: float, people: int, levels: int, reason: str) -> None:
    found = rated(interval(low, high, people=people), size=RULE_OF_THUMB)
    assert (found.levels, found.reason) == (levels, reason)


@pytest.mark.parametrize(
    ("low", "high", "levels"),
    [
        (-0.4, 0.4, 0),
        (0.6, 1.9, 0),
        (0.4, 1.9, 1),
        (0.4, 2.1, 2),
        (0.4, 3.1, 3),
        (-0.6, 2.1, 3),
        # More than three thresholds are no more than extremely serious.
        (-9.0, 9.0, 3),
    ],
)
def test_several_thresholds_as_guidance_35_has_it(low: float, high: float, levels: int) -> None:
    found = rated(interval(low, high, people=5000), 0.5, 2.0, 3.0, approach=APPROACHES[1])
    assert found.levels == levels
    assert "guidance 35" in found.reference
    if levels:
        assert "threshold" in found.reason or "both a benefit and a harm" in found.reason
    if levels == 3:
        assert found.word == "extremely serious"


def test_the_approach_is_the_plans_or_an_argument(small: Path) -> None:
    text = (small / "review.toml").read_text("utf-8")
    review = load_review(small)
    synthesis = synthesise(review, "trouble")
    scenario = synthesis.scenarios[0]
    plain = rate_certainty(review, synthesis, scenario, 1.5)
    assert plain.approach == "minimally contextualised"
    partial = rate_certainty(review, synthesis, scenario, 1.5, approach=APPROACHES[1])
    assert partial.approach == "partially contextualised"
    # -4.34 to -0.06 crosses 1.5; the outcome's other threshold, 5, is not reached.
    assert partial.domains[3].facts["thresholds"] == (1.5, 5.0)
    told = text.replace('ci_method = "HKSJ"', f'ci_method = "HKSJ"\napproach = "{APPROACHES[1]}"')
    (small / "review.toml").write_text(told, "utf-8")
    review = load_review(small)
    synthesis = synthesise(review, "trouble")
    assert rate_certainty(review, synthesis, scenario, 1.5).to_dict()["approach"] == APPROACHES[1]
    with pytest.raises(InvalidArgumentError, match="it must be one of minimally contextualised"):
        rate_certainty(review, synthesis, scenario, 1.5, approach="minimally")
    with pytest.raises(InvalidArgumentError, match="threshold is 0; it must be above 0"):
        rate_certainty(review, synthesis, scenario, 0)


# ---------------------------------------------------------------- invariants

sizes = st.integers(min_value=2, max_value=3000)
ends = st.floats(min_value=-10, max_value=10)
wider = st.floats(min_value=0, max_value=5)


@given(
    ends, ends, wider, wider, sizes, sizes, st.booleans(),
    st.lists(st.floats(min_value=0.1, max_value=5), max_size=4),
)  # fmt: skip
def test_a_wider_interval_never_raises_certainty(
    one: float, other: float, left: float, right: float, people: int, wanted: int,
    worked_out: bool, thresholds: list[float],
) -> None:  # fmt: skip
    low, high = sorted((one, other))
    cuts = sorted(set(thresholds))
    size = InformationSize(wanted, "made up", worked_out=bool(cuts) and worked_out)
    middle = (low + high) / 2
    narrow = rated(interval(low, high, people=people, estimate=middle), *cuts, size=size)
    wide = rated(
        interval(low - left, high + right, people=people, estimate=middle), *cuts, size=size
    )
    assert wide.levels >= narrow.levels
    assert 0 <= wide.levels <= 3


# ---------------------------------------------------------------- the optimal information size


def test_the_rule_of_thumb_is_the_size_for_an_smd_of_0_28() -> None:
    """GRADE guidelines 6 has 400 people in all; held against the size for one trial."""
    assert abs(2 * size_for_power(0.281, 1.0).per_arm - FALLBACK_PEOPLE) <= 4


@pytest.mark.parametrize(("control", "treatment"), [(0.2, 0.15), (0.5, 0.4), (0.09, 0.0675)])
def test_people_for_risks_against_statsmodels(control: float, treatment: float) -> None:
    # Its one-sided function with half the error; it pools the variance under no effect as well.
    per_group = samplesize_proportions_2indep_onetail(
        treatment - control, control, power=0.8, ratio=1, alpha=0.05, alternative="two-sided"
    )
    assert people_for_risks(control, treatment) == pytest.approx(2 * per_group, abs=2)


def test_people_for_risks_by_hand() -> None:
    # p = 0.2 and 0.15: (1.96 sqrt(2*.175*.825) + .8416 sqrt(.16+.1275))^2 / .05^2 = 905.3
    assert people_for_risks(0.2, 0.15) == 2 * 906


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: people_for_risks(0.1, 0.2, alpha=0.0), "alpha is 0.0; give a proportion"),
        (lambda: people_for_risks(0.1, 0.2, power=1.0), "power is 1.0"),
        (lambda: people_for_risks(0.0, 0.1), "control is 0.0; give a risk between 0 and 1"),
        (lambda: people_for_risks(0.1, 1.0), "treatment is 1.0"),
        (lambda: people_for_risks(0.1, 0.1), "the difference of the two risks is 0.0"),
    ],
)
def test_refusals_of_sizes(call: object, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        call()


def test_the_size_is_worked_out_from_what_the_trials_say(small: Path) -> None:
    review = load_review(small)
    trouble = synthesise(review, "trouble").scenarios[0]
    found = information_size(review, trouble, "mean difference", 1.5)
    # The only trial's SE implies its pooled SD of about 4.1.
    assert found.basis.startswith("to show a difference of 1.5 with a standard deviation of 4.")
    assert found.worked_out
    sd = trouble.readings[0].standard_error / math.sqrt(1 / 29 + 1 / 30)
    assert found.wanted == 2 * size_for_power(1.5, sd).per_arm
    assert information_size(review, trouble, "standardised mean difference", 0.5).wanted == 128
    tiny = information_size(review, trouble, "mean difference", 1e-7)
    assert tiny.basis == "a rule of thumb, as no trial could be so large as to show the threshold"
    nothing = information_size(review, trouble, "mean difference", None)
    assert (nothing.wanted, nothing.worked_out) == (FALLBACK_PEOPLE, False)


@pytest.mark.parametrize("measure", ["risk ratio", "odds ratio", "risk difference"])
def test_a_size_of_risks_needs_a_risk_without_treatment(
    small: Path, measure: str, changed: object
) -> None:
    from tests.data.small import set_cell

    review = load_review(small)
    spills = synthesise(review, "spilling").scenarios[0]
    assert control_risk(review, spills).risk == 0
    nothing = information_size(review, spills, measure, 0.2)
    assert nothing.basis == "a rule of thumb, as no control risk is known"
    set_cell(small, "arms", 6, "events", "9")
    review = load_review(small)
    spills = synthesise(review, "spilling").scenarios[0]
    assert control_risk(review, spills).risk == 0.3
    treated = {
        "risk ratio": 0.3 * math.exp(-0.2),
        "odds ratio": 1 / (1 + math.exp(0.2) * 7 / 3),
        "risk difference": 0.1,
    }[measure]
    found = information_size(review, spills, measure, 0.2)
    assert found.wanted == people_for_risks(0.3, treated)
    assert found.basis == f"to show {1000 * treated:.0f} against 300 events in 1,000 people"
