"""Molloy, O'Carroll and Ferguson 2014, Annals of Behavioral Medicine 47:92-101, 16 studies."""

from __future__ import annotations

from tests.papers.published import differing, ours, reproduction

RESULT = reproduction("molloy-2014-adherence")


def test_only_the_count_of_people_differs() -> None:
    assert RESULT.holds
    assert differing(RESULT) == {("dl", "people", "3476")}


def test_both_estimators_of_tau2_give_the_printed_correlation() -> None:
    for analysis in ("dl", "reml"):
        found = [
            ours(RESULT, analysis, name, "correlation")
            for name in ("estimate", "ci_low", "ci_high")
        ]
        assert [round(each, 2) for each in found] == [0.15, 0.09, 0.21]
