"""The real review: the headline trial's two readings, and the other trials' derivations."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose

import evidence
from evidence.data import Review
from evidence.effects import Comparison, Reading, derive, derive_analysis
from evidence.effects.measures.continuous import hedges_correction

MD, SMD = "mean difference", "standardised mean difference"
PRINTED = 5e-3  # half a unit of the second decimal


@pytest.fixture(scope="module")
def review() -> Review:
    return evidence.load_review("magnesium-sleep")


@pytest.fixture(scope="module", params=[MD, SMD])
def headline(review: Review, request: pytest.FixtureRequest) -> Comparison:
    return derive(review, "schuster2025", "isi", timepoint="week 4", measure=request.param)


def kinds(group: tuple[Reading, ...]) -> set[str]:
    return {reading.kind for reading in group}


def codes(reading: Reading) -> set[str]:
    return {caution.code for caution in reading.cautions}


def test_two_sets_that_contradict_each_other(headline: Comparison) -> None:
    first, second = headline.sets
    assert headline.contradiction
    assert kinds(second) == {"interval", "p"}
    assert kinds(first) == ({"arms"} if headline.measure == MD else {"arms", "effect size"})
    assert [reading.kind for reading in headline.usable] == ["arms", "interval"]


def p_span(group: tuple[Reading, ...]) -> tuple[float, float]:
    ends = [p for reading in group for p in reading.p_range]
    return min(ends), max(ends)


def test_what_each_set_implies(headline: Comparison) -> None:
    groups, difference = (p_span(group) for group in headline.sets)
    assert_allclose(groups, (0.19, 0.27), atol=PRINTED)
    assert groups[0] < 0.22 < 0.24 < groups[1]
    assert difference[0] < 0.049 < difference[1]
    assert difference[1] < 0.08
    words = headline.contradiction_in_words()
    assert "imply p = 0.19 to 0.27;" in words
    assert "the difference and its confidence interval and the p value imply p = 0.043 to" in words


def test_the_sets_stay_apart_under_every_plain_test(headline: Comparison) -> None:
    # Welch's test, z, an uneven division of the 153: none of it bridges the gap.
    groups, difference = headline.sets
    assert max(r.statistic_high for r in groups) < min(r.statistic_low for r in difference)


def test_the_implied_p_values_by_hand(review: Review) -> None:
    # Half-widths 1.9 and 1.85 over the quantiles of t on 76 and 77 degrees of freedom (1.9917,
    # 1.9913): standard errors 0.9540 and 0.9291. As one SD, 77 * 0.9540² and 78 * 0.9291² are
    # 70.08 and 67.33, pooled 68.69, so t = 1.6 / √(68.69 (1/77 + 1/78)) = 1.6 / 1.3314 = 1.2018,
    # and p = 0.231 on 153 degrees of freedom.
    comparison = derive(review, "schuster2025", "isi", timepoint="week 4", measure=SMD)
    arms = next(r for r in comparison.readings if r.kind == "arms")
    g = float(hedges_correction(153)[0]) * 1.2018 * (1 / 77 + 1 / 78) ** 0.5
    assert_allclose(-arms.estimate, g, rtol=5e-4)
    # d = 0.20: t = 0.2 √(153 / 4) = 1.2369, p = 0.218
    reported = next(r for r in comparison.readings if r.kind == "effect size")
    low, high = reported.p_range
    assert low < 0.218 < high


def test_the_sizes_of_the_effect(review: Review) -> None:
    comparison = derive(review, "schuster2025", "isi", timepoint="week 4", measure=SMD)
    sizes = {reading.kind: -reading.estimate for reading in comparison.readings}
    # 1.6 / (3.3 / (2 * 1.976)) = 1.916; times 2 / √153 and the correction of 0.995: 0.308
    assert_allclose(sizes["interval"], 0.31, atol=PRINTED)
    assert_allclose(sizes["arms"], 0.19, atol=PRINTED)
    assert_allclose(sizes["effect size"], 0.20, atol=PRINTED)
    assert_allclose(sizes["p"], 0.32, atol=PRINTED)


def test_the_difference_keeps_its_printed_interval(review: Review) -> None:
    comparison = derive(review, "schuster2025", "isi", timepoint="week 4", measure=MD)
    difference = next(r for r in comparison.readings if r.kind == "interval")
    # Printed as 1.6 (0.0 to 3.3) better, and lower is better.
    assert difference.estimate == -1.6
    assert (difference.ci_low, difference.ci_high) == (-3.3, 0.0)
    better = difference.flipped()
    assert (better.ci_low, better.ci_high) == (0.0, 3.3)


def test_retellings_are_named_and_not_counted_twice(headline: Comparison) -> None:
    p = next(reading for reading in headline.readings if reading.kind == "p")
    assert p.also_reported_by == ("schuster2025-account-droracle",)
    if headline.measure == SMD:
        d = next(reading for reading in headline.readings if reading.kind == "effect size")
        assert set(d.also_reported_by) == {"ultrahuman2026-page", "schuster2025-account-droracle"}


def test_everything_of_the_headline_is_second_hand(headline: Comparison) -> None:
    for reading in headline.readings:
        assert reading.tier == "secondary"
        assert "second-hand" in codes(reading)
    by_kind = {reading.kind: codes(reading) for reading in headline.readings}
    assert "randomised-n" in by_kind["arms"]
    assert "split-assumed" in by_kind["interval"]


def test_the_total_sleep_time_of_abbasi_is_told_twice(review: Review) -> None:
    comparison = derive(review, "abbasi2012", "tst")
    assert comparison.contradiction
    paths = [group[0].path.split(" and")[0] for group in comparison.sets]
    assert sorted(paths) == ["p = 0.002", "p = 0.37"]
    borrowed = next(r for r in comparison.readings if r.path.startswith("p = 0.37"))
    assert "direction-borrowed" in codes(borrowed)
    assert borrowed.estimate > 0


EXPECTED = {
    # analysis: trials used, trials left out by a person, trials that cannot be used
    "insomnia-severity": (
        {"schuster2025", "abbasi2012"},
        set(),
        {"hausenblas2024", "khalid2024"},
    ),
    "insomnia-or-sleep-quality": (
        {"schuster2025", "abbasi2012", "saba2022"},
        {"rondanelli2011"},
        {"nielsen2010", "hausenblas2024", "khalid2024", "jadidi2023"},
    ),
    "falling-asleep": ({"abbasi2012"}, set(), set()),
    "sleep-duration": ({"abbasi2012"}, {"rondanelli2011"}, {"breus2024"}),
    "adverse-events": ({"schuster2025"}, set(), set()),
}


@pytest.mark.parametrize("analysis", EXPECTED)
def test_who_is_in_each_analysis(review: Review, analysis: str) -> None:
    used, excluded, unusable = EXPECTED[analysis]
    found = derive_analysis(review, analysis)
    assert {comparison.study_id for comparison in found.comparisons} == used
    assert {out.study_id for out in found.left_out if out.by_decision} == excluded
    assert {out.study_id for out in found.left_out if not out.by_decision} == unusable
    for out in found.left_out:
        if out.by_decision:
            assert "cannot be credited to magnesium" in out.reason


@pytest.mark.parametrize(
    ("analysis", "study_id", "words"),
    [
        ("insomnia-severity", "hausenblas2024", "(about 0.19), but not its direction"),
        ("insomnia-severity", "khalid2024", "a test of several groups at once"),
        ("insomnia-or-sleep-quality", "nielsen2010", "only said to be not significant"),
        ("sleep-duration", "breus2024", "it is a crossover"),
    ],
)
def test_why_a_trial_cannot_be_used(
    review: Review, analysis: str, study_id: str, words: str
) -> None:
    found = derive_analysis(review, analysis)
    assert words in next(out.reason for out in found.left_out if out.study_id == study_id)


def test_only_the_known_contradictions_are_declared(review: Review) -> None:
    declared = {
        (analysis, comparison.study_id)
        for analysis in EXPECTED
        for comparison in derive_analysis(review, analysis).comparisons
        if comparison.contradiction
    }
    assert declared == {
        ("insomnia-severity", "schuster2025"),
        ("insomnia-or-sleep-quality", "schuster2025"),
        ("sleep-duration", "abbasi2012"),
    }
