"""Mah and Pitre 2021, BMC Complementary Medicine and Therapies 21:125: do its numbers fit?"""

from __future__ import annotations

from tests.papers.published import differing, ours, reproduction

from evidence.data import load_review

RESULT = reproduction("mah-pitre-2021-magnesium")


def test_each_difference_fits_its_interval_and_its_p_value() -> None:
    assert RESULT.holds
    assert differing(RESULT) == set()
    assert len(RESULT.agreeing) == 4


def test_only_the_time_to_fall_asleep_differs_beyond_chance() -> None:
    assert ours(RESULT, "sleep-onset", "p_value") < 0.05 < ours(RESULT, "sleep-time", "p_value")


def test_the_numbers_are_those_of_the_review() -> None:
    review = load_review("magnesium-sleep").reported["contrasts"]
    rows = review[(review["study_id"] == "mahpitre2021") & (review["ci_low"] != "")]
    names = ["estimate", "ci_low", "ci_high"]
    theirs = {tuple(map(float, row)) for row in rows[names].itertuples(index=False)}
    columns = RESULT.paper.studies.columns
    assert set(zip(*(columns[name] for name in names), strict=True)) == theirs
