"""Everitt and Hothorn 2006, chapter 12: nicotine gum and BCG by Mantel-Haenszel and DL."""

from __future__ import annotations

from tests.papers.published import differing, ours, reproduction

GUM = reproduction("everitt-hothorn-2006-nicotine-gum")
BCG = reproduction("everitt-hothorn-2006-bcg")


def test_nicotine_gum_is_as_printed() -> None:
    assert GUM.holds
    assert differing(GUM) == set()
    assert len(GUM.agreeing) == 12


def test_both_models_say_that_gum_helps() -> None:
    assert ours(GUM, "mh", "ci_low", "ratio") > 1
    assert ours(GUM, "dl", "ci_low", "ratio") > 1


def test_the_random_effects_interval_of_the_gum_is_the_wider_one() -> None:
    width = {
        name: ours(GUM, name, "ci_high", "ratio") - ours(GUM, name, "ci_low", "ratio")
        for name in ("mh", "dl")
    }
    assert width["dl"] > width["mh"]


def test_bcg_is_as_printed() -> None:
    assert BCG.holds
    assert differing(BCG) == set()
    assert len(BCG.agreeing) == 9
