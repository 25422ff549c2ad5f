"""Sidik and Jonkman 2007, Statistics in Medicine 26:1964-1981, table 1: tau² of 29 trials."""

from __future__ import annotations

from tests.papers.published import differing, ours, reproduction

RESULT = reproduction("sidik-jonkman-2007-hernia")


def test_each_estimator_is_as_printed() -> None:
    assert RESULT.holds
    assert differing(RESULT) == set()
    estimators = {each.analysis.tau2_method for each in RESULT.comparisons}
    assert estimators == {"DL", "REML", "PM", "HE", "ML", "SJ"}


def test_the_method_of_moments_is_the_lowest_and_the_variance_component_the_highest() -> None:
    found = {each.analysis.analysis_id: each.ours for each in RESULT.comparisons}
    assert min(found, key=lambda name: found[name]) == "mm"
    assert max(found, key=lambda name: found[name]) == "vc"
    assert ours(RESULT, "ml", "tau2") < ours(RESULT, "reml", "tau2")
