"""Coherent reports are not said to contradict each other; see `simulate_reports`.

A false accusation is the worst error here. The range of each reading is built to hold the test
statistic that the trial had, whichever plain test it used, so coherent reports always have that
statistic in common. Where every group is known that holds by construction; beside a d it holds
as far as the SDs are not further apart than `from_contrasts` allows, and where people were
lost as far as no more than a fifth were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.effects.made_up import MD, MINUTES, STUDY, arms, contrast, load
from tests.effects.simulate_reports import KNOWN, TESTS, judge, printed, table

from evidence.effects import derive

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

TRIALS = 200
SEED = 7
#: Of 6,000 trials none was accused (README.md); one in 200 would be a change for the worse.
MOST_ACCUSED = 0
LEAST_FOUND = 0.5


@pytest.fixture(scope="module")
def coherent() -> pd.DataFrame:
    return judge(TRIALS, SEED)


def test_coherent_reports_are_not_accused(coherent: pd.DataFrame) -> None:
    assert len(coherent) > TRIALS / 2
    assert set(coherent["known"]) == set(KNOWN)
    assert set(coherent["test"]) == set(TESTS)
    assert coherent["contradiction"].sum() <= MOST_ACCUSED, table(coherent)


def test_no_reading_excludes_what_the_trial_found(coherent: pd.DataFrame) -> None:
    # Stronger than the last: it cannot be met by readings that are wrong alike.
    assert coherent["truth_excluded"].sum() <= MOST_ACCUSED, table(coherent)


def test_what_does_contradict_is_found() -> None:
    # The difference with half the standard error that it had.
    wrong = judge(TRIALS // 2, SEED, error=0.5)
    assert wrong["contradiction"].mean() > LEAST_FOUND


# ------------------------------------------------------------------ by name

# Each of these was once said to contradict itself.
COHERENT = {
    "means that round to either side of each other": [
        # 1.040 less 1.032 is 0.008, and t = 0.008 / 2
        *arms({"mean": "1.0"}, {"mean": "1.03"}, n="8", sd="4"),
        contrast(t="0.00", n_treatment="8", n_control="8"),
    ],
    "intervals of the groups by the normal quantile": [
        # SD 4 in eight people: 1.959964 * 4 / √8 = 2.771807; t = 1.5
        *arms(
            {"mean": "303.000", "ci_low": "300.228", "ci_high": "305.772"},
            {"mean": "300.000", "ci_low": "297.228", "ci_high": "302.772"},
            n="8",
        ),
        contrast(p="0.1558", n_treatment="8", n_control="8"),
    ],
    "an interval whose width is all rounding": [
        # 0.151 with a standard error of 0.0035: 0.144 to 0.158, t = 43.1
        contrast(
            MD, estimate="0.2", ci_low="0.1", ci_high="0.2", n_treatment="100", n_control="100"
        ),
        contrast(t="43.1", n_treatment="100", n_control="100"),
    ],
    "Welch's test of uneven groups": [
        # SD 2 in 10 and 6 in 40: √(4/10 + 36/40) = 1.140175, t = 2.631134 on 43.2 degrees of
        # freedom; one SD for both is √((9 * 4 + 39 * 36) / 48) = 5.477, d = 0.5477
        contrast("Cohen d", estimate="0.55", n_treatment="10", n_control="40"),
        contrast(p="0.012", n_treatment="10", n_control="40"),
    ],
    "groups of which only the total is known": [
        # 20 and 10: t = d √(20 * 10 / 30) = 2.582 d; halves would give 2.739 d
        contrast("Cohen d", estimate="1.000", n_total="30"),
        contrast(p="0.0153", n_total="30"),
    ],
    "an SMD that carries the correction, or does not": [
        # d = 0.75 in eight and eight people: t = 1.5, by Welch on 9 degrees of freedom
        contrast("standardised mean difference", estimate="0.750", n_treatment="8", n_control="8"),
        contrast(p="0.168", n_treatment="8", n_control="8"),
    ],
    "people randomised of whom a few were lost": [
        # 36 of 40 analysed in each group: t = 0.5 √18 = 2.1213, p = 0.0375 on 70
        *arms({"mean": "302.00"}, {"mean": "300.00"}, n="40", sd="4.00", n_basis="randomised"),
        contrast(p="0.0375", n_treatment="36", n_control="36"),
    ],
}


@pytest.mark.parametrize("name", COHERENT)
def test_a_coherent_report(name: str, tmp_path: Path) -> None:
    comparison = derive(load(tmp_path, COHERENT[name]), STUDY, MINUTES)
    assert len(comparison.readings) > 1
    assert not comparison.contradiction, comparison.summary()


def test_the_printing_is_that_of_a_paper() -> None:
    assert printed(-0.04, 1) == "0.0"
    assert printed(-1.25, 1) == "-1.2"
    assert printed(np.float64(3), 0) == "3"
