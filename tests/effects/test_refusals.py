"""What no effect of two groups can be worked out from, and the reason given."""

from __future__ import annotations

from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from tests.effects.made_up import (
    EIGHT,
    MD,
    MINUTES,
    SMD,
    SPILLS,
    STUDY,
    arm,
    arms,
    codes,
    contrast,
    load,
    only,
    refusal,
    study,
)

from evidence.effects import derive
from evidence.effects.derivation.context import CROSSOVER
from evidence.errors import UnknownNameError

# ------------------------------------------------------------------ refusals


def test_a_test_of_several_groups_is_refused(tmp_path: Path) -> None:
    for place, cells in enumerate(
        [{"p": "0.01"}, {"f": "9.0"}, {"t": "3"}, {"p": "0.01", "f": "9"}]
    ):
        words = refusal(tmp_path / str(place), contrast(p_test="several groups", **cells, **EIGHT))
        assert words.endswith("belongs to a test of several groups at once")


@pytest.mark.parametrize("measure", [MD, SMD])
def test_periods_of_a_crossover_are_refused_with_the_reason(measure: str, tmp_path: Path) -> None:
    rows = arms({"mean": "303"}, {"mean": "300"}, n="8", sd="4", kind="period")
    words = refusal(tmp_path, rows, measure=measure)
    assert words == CROSSOVER
    assert words.startswith("it is a crossover")
    assert "correlation within people" in words


CROSSED = [study(design="crossover trial", n_randomised="9")]


@pytest.mark.parametrize(
    "rows",
    [
        contrast(p="0.01", n_total="8"),
        contrast(p="0.05", p_relation="<", n_total="8"),
        contrast(t="3", n_total="8"),
        contrast(MD, estimate="3", se="1", n_total="8"),
        contrast("Cohen d", estimate="0.5", n_total="8"),
        arms({"mean": "303"}, {"mean": "300"}, n="8", sd="4"),
    ],
)
def test_a_crossover_has_no_standardised_difference_of_two_groups(rows, tmp_path: Path) -> None:
    # The eight people are in both groups: as two groups of four they would give another effect.
    assert refusal(tmp_path, rows, studies=CROSSED) == CROSSOVER


def test_a_crossover_has_no_ratio_of_two_groups(tmp_path: Path) -> None:
    rows = arms({"events": "1"}, {"events": "4"}, total="8", outcome_id=SPILLS)
    words = refusal(tmp_path, rows, outcome=SPILLS, studies=CROSSED)
    assert words == CROSSOVER


@pytest.mark.parametrize(
    "people", [{"n_total": "8"}, {"n_treatment": "8", "n_control": "8", "n_total": "8"}]
)
def test_a_crossover_gives_its_own_difference(people: dict, tmp_path: Path) -> None:
    row = contrast(MD, estimate="3", ci_low="0", ci_high="6", **people)
    reading = only(tmp_path, row, measure=MD, studies=CROSSED)
    # Each of eight people once: 7 degrees of freedom, t = 2.364624
    assert reading.n_treatment + reading.n_control == 8
    assert_allclose(reading.standard_error, 3 / 2.364624, rtol=1e-6)
    assert codes(reading) == ["crossover"]
    p_low, p_high = reading.p_range
    assert p_low < 0.05 < p_high


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([arm("treatment", mean="303", sd="4", n="8")], "only one group is reported"),
        (
            [
                *arms({"mean": "303"}, {"mean": "300"}, sd="4", n="8"),
                arm("control", arm="warm milk", mean="300", sd="4", n="8"),
            ],
            "several groups share a role",
        ),
        (arms({"mean": "303"}, {"mean": "300"}, n="8"), "no spread (SD, SE or CI) is reported"),
        (arms({"mean": "303"}, {"mean": "300"}, sd="0", n="8"), "no spread (SD, SE or CI)"),
        (arms({"mean": "303"}, {"mean": "300"}, sd="4"), "means or sizes are not reported"),
        (arms({"median": "303"}, {"median": "300"}, n="8"), "means or sizes are not reported"),
        (arms({"mean": "303"}, {"mean": "300"}, sd="4", n="1"), "a group of one"),
        (contrast(p="0.01"), "the number of people is not reported"),
        (contrast(p="0.01", n_total="3"), "the number of people is not reported"),
        (contrast(significance="not significant"), "it is only said to be not significant"),
        (contrast(), "no number that an effect could be worked out from is reported"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_suffice(rows, words: str, tmp_path: Path) -> None:
    assert words in refusal(tmp_path, rows)


def test_a_test_alone_gives_no_difference_in_minutes(tmp_path: Path) -> None:
    words = refusal(tmp_path, contrast(p="0.16", **EIGHT), measure=MD)
    assert words == "a test says nothing of a difference in the outcome's unit"


def test_baseline_and_everybody_are_never_compared(tmp_path: Path) -> None:
    rows = [
        *arms({"mean": "303"}, {"mean": "300"}, sd="4", n="8", kind="baseline"),
        arm("all", mean="301", sd="4", n="16"),
    ]
    assert "reports no comparison" in refusal(tmp_path, rows)


def test_unknown_names_are_told(tmp_path: Path) -> None:
    rows = [contrast(p="0.16", **EIGHT), contrast(p="0.2", timepoint="week 8", **EIGHT)]
    review = load(tmp_path, rows)
    with pytest.raises(UnknownNameError, match=r"several timepoints.*week 4, week 8"):
        derive(review, STUDY, MINUTES)
    with pytest.raises(UnknownNameError, match=r"'weak 8'.*Did you mean 'week 8'\?"):
        derive(review, STUDY, MINUTES, timepoint="weak 8")
    with pytest.raises(UnknownNameError, match="'risk ratio' is not a measure for minutes"):
        derive(review, STUDY, MINUTES, timepoint="week 4", measure="risk ratio")
    with pytest.raises(UnknownNameError, match=r"no study 'delta2025'.*Did you mean 'delta2024'"):
        derive(review, "delta2025", MINUTES)
    with pytest.raises(UnknownNameError, match="no outcome 'nap-minute'"):
        derive(review, STUDY, "nap-minute")
