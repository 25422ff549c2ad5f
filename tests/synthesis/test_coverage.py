"""What justifies the default interval: `simulate_coverage`, run with few draws.

The measured tables stand in README.md; what is run here has to agree with them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.synthesis.simulate_coverage import (
    DRAWS,
    I2,
    INTERVALS,
    PREDICTED_I2,
    PREDICTED_STUDIES,
    PREDICTIONS,
    SIZES,
    STUDIES,
    Cell,
    coverage,
    prediction_coverage,
    table,
)

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
FEW = 150
SEED = 11
NOMINAL = 95.0
#: Standard errors that chance may take off; some hundred shares are compared.
MARGIN = 4.5
#: Wald's interval of two or three studies that differ.
FAR_BELOW = 85.0


def read_tables() -> list[pd.DataFrame]:
    """Return the tables of README.md that begin with the number of studies."""
    found: list[list[list[str]]] = []
    for line in README.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| studies |"):
            found.append([cells])
        elif found and line.startswith("| ") and len(cells) == len(found[-1][0]):
            found[-1].append(cells)
    tables = []
    for head, _, *rows in found:
        frame = pd.DataFrame(rows, columns=head)
        numbers = [name for name in head if name != "sizes"]
        tables.append(frame.astype(dict.fromkeys(numbers, float)))
    return tables


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    return coverage(FEW, SEED, studies=(2, 3, 10), i2=(0, 50, 90))


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    return read_tables()[0]


def joined(measured: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    keys = ["studies", "sizes", "I²"]
    both = measured.merge(printed, on=keys, suffixes=("", " printed"))
    assert len(both) == len(measured)
    return both


def test_the_table_is_whole(printed: pd.DataFrame) -> None:
    assert list(printed.columns[4:]) == list(INTERVALS)
    rows = set(zip(printed["studies"], printed["sizes"], printed["I²"], strict=True))
    assert rows == {(k, size, i2) for k in STUDIES for size in SIZES for i2 in I2}
    assert len(printed) == len(rows)
    assert f"{DRAWS:,} draws" in README


def test_the_table_is_what_comes_out(few: pd.DataFrame, printed: pd.DataFrame) -> None:
    both = joined(few, printed)
    assert both["tau²"].to_numpy() == pytest.approx(both["tau² printed"].to_numpy(), abs=6e-4)
    for name in INTERVALS:
        shares = both[name + " printed"].to_numpy() / 100
        # Of a share of 100% a few may be missing by chance.
        variance = np.maximum(shares * (1 - shares), 0.003)
        error = 100 * np.sqrt(variance * (1 / FEW + 1 / DRAWS))
        apart = np.abs(both[name] - both[name + " printed"])
        assert (apart <= MARGIN * error).all(), f"{name}\n{table(few)}"


def test_wald_holds_far_less_than_it_says(printed: pd.DataFrame) -> None:
    differ = printed[(printed["studies"] <= 3) & (printed["I²"] >= 50)]
    assert differ["Wald"].mean() < FAR_BELOW
    assert differ["Wald"].max() < NOMINAL


def test_the_default_holds_what_it_says_with_two_or_three_studies(printed: pd.DataFrame) -> None:
    default = printed.loc[printed["studies"] <= 3, "HKSJ-adhoc"]
    error = 100 * np.sqrt(0.95 * 0.05 / DRAWS)
    assert default.min() >= NOMINAL - 3 * error, table(printed)
    assert default.mean() >= NOMINAL


def test_no_other_interval_falls_less_short_at_its_worst(printed: pd.DataFrame) -> None:
    worst = printed[list(INTERVALS)].min()
    assert worst.idxmax() == "HKSJ-adhoc"
    assert worst["HKSJ-adhoc"] > NOMINAL - 4


def test_the_guard_and_the_t_quantile_only_add(few: pd.DataFrame, printed: pd.DataFrame) -> None:
    for found in (few, printed):
        assert (found["HKSJ-adhoc"] >= found["HKSJ"]).all()
        assert (found["HKSJ-adhoc"] >= found["t"]).all()
        assert (found["t"] >= found["Wald"]).all()


def test_without_the_guard_one_large_study_is_enough_to_fall_short(printed: pd.DataFrame) -> None:
    unequal = printed[(printed["sizes"] == "one 10 times as large") & (printed["I²"] >= 25)]
    assert unequal.loc[unequal["studies"] <= 5, "HKSJ"].mean() < NOMINAL - 1


def test_not_knowing_tau2_is_what_prediction_intervals_have_to_allow_for() -> None:
    printed = read_tables()[1]
    assert printed["confidence distribution"].between(92, 97).all()
    assert (printed[list(PREDICTIONS[:-1])].min() < 90).all()


def test_the_table_of_predictions() -> None:
    printed = read_tables()[1]
    assert list(printed.columns[4:]) == list(PREDICTIONS)
    assert len(printed) == len(PREDICTED_STUDIES) * len(PREDICTED_I2) * 2
    found = prediction_coverage(60, SEED, studies=(3, 10), i2=(50, 90), sizes=("equal",))
    both = joined(found, printed)
    for name in PREDICTIONS:
        apart = np.abs(both[name] - both[name + " printed"])
        assert (apart <= MARGIN * both["standard error"] + 1).all(), f"{name}\n{table(found)}"


def test_one_seed_is_one_table() -> None:
    first, second = (coverage(5, 3, studies=(2,), i2=(50,)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    text = table(first).splitlines()
    assert len(text) == 2 + len(SIZES)
    assert all(name in text[0] for name in INTERVALS)


def test_the_sampling_variances_and_tau2() -> None:
    cell = Cell(3, "one 10 times as large", 50, 1, np.random.SeedSequence(1))
    assert cell.variances.tolist() == [0.008, 0.08, 0.08]
    # w = 125, 12.5, 12.5: 2 * 150 / (150² - 15,937.5), at an I² of one half
    assert cell.tau2 == pytest.approx(300 / 6562.5)
    equal = Cell(5, "equal", 75, 1, np.random.SeedSequence(1))
    assert equal.tau2 == pytest.approx(3 * 0.08)
