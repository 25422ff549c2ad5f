"""What justifies the default interval: `simulate_coverage`, run with few draws.

The measured table stands in README.md.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.synthesis.simulate_coverage import INTERVALS, SIZES, coverage, table, variances

DRAWS = 300
SEED = 11
NOMINAL = 95.0
#: Standard errors of a coverage of 95% that chance may take off.
MARGIN = 3 * 100 * np.sqrt(0.95 * 0.05 / DRAWS)
#: Wald's interval of two or three studies that differ holds the truth in 70% to 90%.
FAR_BELOW = 85.0


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    return coverage(DRAWS, SEED, studies=(2, 3), tau2=(0.08, 0.32))


def test_wald_holds_far_less_than_it_says(few: pd.DataFrame) -> None:
    assert few["Wald"].mean() < FAR_BELOW, table(few)
    assert few["Wald"].max() < NOMINAL, table(few)


def test_the_default_holds_what_it_says(few: pd.DataFrame) -> None:
    assert few["HKSJ-adhoc"].min() >= NOMINAL - MARGIN, table(few)
    assert few["HKSJ-adhoc"].mean() >= NOMINAL, table(few)


def test_the_guard_only_adds(few: pd.DataFrame) -> None:
    assert (few["HKSJ-adhoc"] >= few["HKSJ"]).all()
    assert (few["HKSJ-adhoc"] >= few["Wald"]).all()


def test_without_the_guard_one_large_study_is_enough_to_fall_short(few: pd.DataFrame) -> None:
    unequal = few[few["sizes"] == "one 10 times as large"]
    assert unequal["HKSJ"].mean() < NOMINAL - 1, table(few)


def test_one_seed_is_one_table() -> None:
    first, second = (coverage(5, 3, studies=(2,), tau2=(0.08,)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    text = table(first).splitlines()
    assert len(text) == 2 + len(SIZES)
    assert all(name in text[0] for name in INTERVALS)


def test_the_sampling_variances() -> None:
    # 4 / 500, 4 / 50, 4 / 50
    assert variances(3, 10).tolist() == [0.008, 0.08, 0.08]
