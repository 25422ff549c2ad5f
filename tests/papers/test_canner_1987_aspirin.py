"""Canner 1987, Statistics in Medicine 6:255-263: aspirin after infarction, six trials."""

from __future__ import annotations

from tests.papers.published import differing, ours, reproduction

RESULT = reproduction("canner-1987-aspirin")


def test_the_p_values_are_as_printed() -> None:
    assert RESULT.holds
    assert differing(RESULT) == {
        ("peto", "people", "10703"),
        ("inverse-variance", "p_value", "0.110"),
    }
    assert len(RESULT.agreeing) == 6


def test_no_method_finds_an_effect_on_deaths_beyond_doubt() -> None:
    assert all(ours(RESULT, each, "p_value") > 0.05 for each in ("peto", "mh", "inverse-variance"))
